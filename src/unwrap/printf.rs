//! What `echo` and `printf` print for known words, as bash's builtins do.
//! Where shells differ, or a format is not a plain one, nothing is known.

use crate::parse::shell::escape::{Dialect, decode};

/// The longest output that is followed, in bytes.
const MAX_TEXT: usize = 1024 * 1024;

/// What `echo` prints for its arguments; none if shells would differ.
pub(super) fn echo(words: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut newline = true;
    let mut escapes = None;
    let mut words = words.iter().peekable();
    while let Some(word) = words.peek() {
        let Some(letters) = word.strip_prefix(b"-") else { break };
        if letters.is_empty() || !letters.iter().all(|letter| b"neE".contains(letter)) {
            break;
        }
        for letter in letters {
            match letter {
                b'n' => newline = false,
                b'e' => escapes = Some(true),
                _ => escapes = Some(false),
            }
        }
        words.next();
    }
    let words: Vec<&[u8]> = words.map(Vec::as_slice).collect();
    let plain = words.join(&b' ');
    let (decoded, ended) = decode(&plain, Dialect::Echo);
    let (mut text, ended) = match escapes {
        Some(true) => (decoded, ended),
        Some(false) => (plain, false),
        // sh and zsh decode escapes without being asked.
        None if decoded == plain => (plain, false),
        None => return None,
    };
    if newline && !ended {
        text.push(b'\n');
    }
    Some(text)
}

/// What `printf` prints for its arguments; none for formats beyond `%s`,
/// `%b`, `%d`, `%i`, `%c` and `%%`.
pub(super) fn printf(words: &[Vec<u8>]) -> Option<Vec<u8>> {
    let words = match words {
        [dashes, rest @ ..] if dashes == b"--" => rest,
        [option, ..] if option.starts_with(b"-") => return None,
        words => words,
    };
    let (format, arguments) = words.split_first()?;
    let mut arguments = arguments.iter();
    let mut out = Vec::new();
    loop {
        let before = arguments.len();
        let mut rest = format.as_slice();
        while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
            let (text, ended) = decode(rest.get(..at)?, Dialect::Format);
            out.extend(text);
            if ended {
                return Some(out);
            }
            let verb = rest.get(at + 1)?;
            rest = rest.get(at + 2..)?;
            if *verb == b'%' {
                out.push(b'%');
                continue;
            }
            let value = arguments.next().map_or(&b""[..], Vec::as_slice);
            match verb {
                b's' => out.extend(value),
                b'b' => {
                    let (text, ended) = decode(value, Dialect::Echo);
                    out.extend(text);
                    if ended {
                        return Some(out);
                    }
                }
                b'c' => out.extend(value.iter().take(1)),
                b'd' | b'i' => {
                    let number: i64 = match value {
                        b"" => 0,
                        value => std::str::from_utf8(value).ok()?.parse().ok()?,
                    };
                    out.extend(number.to_string().bytes());
                }
                _ => return None,
            }
        }
        let (text, ended) = decode(rest, Dialect::Format);
        out.extend(text);
        if out.len() > MAX_TEXT {
            return None;
        }
        let left = arguments.len();
        if ended || left == 0 || left == before {
            return Some(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    fn bash(name: &str, words: &[&str]) -> Vec<u8> {
        let words: Vec<String> =
            words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect();
        let script = format!("{name} {}", words.join(" "));
        std::process::Command::new("bash").arg("-c").arg(&script).output().unwrap().stdout
    }

    fn bytes(words: &[&str]) -> Vec<Vec<u8>> {
        words.iter().map(|word| std::ffi::OsStr::new(word).as_bytes().to_vec()).collect()
    }

    #[test]
    fn echo_prints_what_bash_prints() {
        for words in [
            &["a", "b"][..],
            &[],
            &["-n", "x"],
            &["-e", "a\\tb\\nc"],
            &["-en", "a\\cb"],
            &["-E", "a\\tb"],
            &["-x", "a"],
            &["-", "a"],
            &["--", "a"],
            &["-ne", "\\0101\\x41"],
        ] {
            assert_eq!(echo(&bytes(words)), Some(bash("echo", words)), "{words:?}");
        }
        assert_eq!(echo(&bytes(&["a\\nb"])), None, "shells differ");
    }

    #[test]
    fn printf_prints_what_bash_prints() {
        for words in [
            &["a\\nb\\n"][..],
            &["%s\\n", "a", "b"],
            &["%s-%s;", "a", "b", "c"],
            &["%d%%", "7"],
            &["%b", "a\\tb"],
            &["x%sy"],
            &["%c%c", "ab", "cd"],
            &["--", "%s", "x"],
            &["a", "b"],
            &["\\101\\x41"],
            &["%b%s", "a\\c", "b"],
        ] {
            assert_eq!(printf(&bytes(words)), Some(bash("printf", words)), "{words:?}");
        }
        for words in [&["%5s", "a"][..], &["%d", "x"], &["-v", "x", "a"], &["%"], &[]] {
            assert_eq!(printf(&bytes(words)), None, "{words:?}");
        }
    }
}
