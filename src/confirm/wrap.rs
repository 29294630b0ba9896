//! Breaking plain text into lines that a terminal shows whole. The text holds
//! no escape codes: colours are put on afterwards.

use console::measure_text_width;

/// `text` in lines at most `columns` wide: broken at spaces, and inside a word
/// only where it is wider than a line.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wide = measure_text_width(word);
        let gap = usize::from(used > 0);
        if used + gap + wide <= columns {
            append(&mut lines, " ", gap);
            append(&mut lines, word, 1);
            used += gap + wide;
            continue;
        }
        if wide <= columns {
            lines.push(word.to_owned());
            used = wide;
            continue;
        }
        // A name that no line can hold starts where it stands, so that the
        // word before it is not left alone.
        if used + gap + 1 < columns {
            append(&mut lines, " ", gap);
            used += gap;
        } else {
            lines.push(String::new());
            used = 0;
        }
        for letter in word.chars() {
            let wide = measure_text_width(letter.encode_utf8(&mut [0; 4]));
            if used + wide > columns {
                lines.push(String::new());
                used = 0;
            }
            append(&mut lines, letter.encode_utf8(&mut [0; 4]), 1);
            used += wide;
        }
    }
    lines
}

fn append(lines: &mut [String], text: &str, times: usize) {
    if let Some(line) = lines.last_mut() {
        (0..times).for_each(|_| line.push_str(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
        assert_eq!(wrap("  a   b ", 7), ["a b"]);
    }

    #[test]
    fn a_word_wider_than_a_line_is_broken() {
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("x abcdefghij y", 4), ["x ab", "cdef", "ghij", "y"]);
    }

    #[test]
    fn wide_letters_count_twice() {
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        for line in wrap(&"語x".repeat(40), 9) {
            assert!(measure_text_width(&line) <= 9);
        }
    }
}
