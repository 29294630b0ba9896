//! Small text tools that more than one step needs: globs, and making
//! untrusted text safe to show. No I/O.

/// Whether `text` matches `pattern`, in which `*` stands for any run of
/// characters and `?` for one. ASCII letters match in either case.
pub fn glob(pattern: &str, text: &str) -> bool {
    matches(pattern, text, |want, have| want.eq_ignore_ascii_case(&have))
}

/// The same with every letter as it is, as a shell matches the names of files.
pub fn glob_exact(pattern: &str, text: &str) -> bool {
    matches(pattern, text, |want, have| want == have)
}

fn matches(pattern: &str, text: &str, same: impl Fn(char, char) -> bool) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match (pattern.get(p), text.get(t)) {
            (Some('*'), _) => {
                star = Some((p, t));
                p += 1;
            }
            (Some(want), Some(have)) if *want == '?' || same(*want, *have) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|letter| *letter == '*'))
}

/// A number of bytes as a person says it: `16 MiB`.
pub fn size(bytes: usize) -> String {
    match bytes {
        bytes if bytes >= 1 << 20 && bytes % (1 << 20) == 0 => format!("{} MiB", bytes >> 20),
        bytes if bytes >= 1 << 10 && bytes % (1 << 10) == 0 => format!("{} KiB", bytes >> 10),
        bytes => format!("{bytes} bytes"),
    }
}

/// `text` with every control character, bidirectional override and invisible
/// format character replaced by a visible escape, and cut to `limit`
/// characters: safe to show on a terminal, on one line.
pub fn visible(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit));
    for (count, letter) in text.chars().enumerate() {
        if count == limit {
            out.push('…');
            break;
        }
        if letter.is_control() || is_format(letter) {
            out.extend(letter.escape_unicode());
        } else {
            out.push(letter);
        }
    }
    out
}

/// Where `needle` begins in `text`.
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let at = from + rest.iter().position(|byte| *byte == first)?;
        if text.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Characters that change how others are shown without showing themselves.
fn is_format(letter: char) -> bool {
    matches!(letter,
        '\u{00AD}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_texts() {
        assert!(glob("*prod*", "acme-PROD-1"));
        assert!(glob("a?c", "abc"));
        assert!(glob("*", ""));
        assert!(!glob("prod", "prod-1"));
        assert!(!glob("a*b", "acbc"));
        assert!(glob_exact("a*.sql", "a1.sql") && !glob_exact("a*.sql", "A1.sql"));
    }

    #[test]
    fn escape_codes_become_visible() {
        assert_eq!(visible("a\u{1b}[2Jb", 80), "a\\u{1b}[2Jb");
        assert_eq!(visible("a\u{202e}b\n", 80), "a\\u{202e}b\\u{a}");
        assert_eq!(visible("abcdef", 3), "abc…");
    }
}
