//! curl's URL globs → the URLs that they stand for: `{a,b}`, `[1-3]`,
//! `[001-100:5]`, `[a-z]`, and 8.x's names (`{<n>a,b}`). Bounded.

/// The most URLs that one pattern is expanded to.
pub const MOST: usize = 200;

/// What a pattern stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expanded {
    /// All of it.
    All(Vec<String>),
    /// The first [`MOST`] of more.
    Some(Vec<String>),
    /// It is malformed: curl sends nothing.
    Malformed,
}

/// Expands a pattern.
pub fn expand(pattern: &str) -> Expanded {
    if !pattern.bytes().any(|byte| matches!(byte, b'{' | b'[' | b'}' | b']' | b'\\')) {
        return Expanded::All(vec![pattern.to_owned()]);
    }
    let mut urls = vec![String::new()];
    let mut cut = false;
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let tail = rest.get(letter.len_utf8()..).unwrap_or_default();
        let choices = match letter {
            '\\' if tail.starts_with(['{', '[', '}', ']']) => {
                let (escaped, after) = tail.split_at_checked(1).unwrap_or((tail, ""));
                rest = after;
                append(&mut urls, escaped);
                continue;
            }
            '[' if literal_brackets(rest) > 0 => {
                let end = literal_brackets(rest);
                let (text, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                rest = after;
                append(&mut urls, text);
                continue;
            }
            '{' => set(without_name(tail)),
            '[' => range(without_name(tail)),
            '}' | ']' => None,
            _ => {
                let end = rest.find(['\\', '{', '[', '}', ']']).unwrap_or(rest.len());
                let end = end.max(letter.len_utf8());
                let (text, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                rest = after;
                append(&mut urls, text);
                continue;
            }
        };
        let Some((choices, after)) = choices else { return Expanded::Malformed };
        rest = after;
        let mut next = Vec::new();
        for url in &urls {
            for choice in &choices {
                if next.len() == MOST {
                    cut = true;
                    break;
                }
                next.push(format!("{url}{choice}"));
            }
        }
        // A range is cut where it is made, at one more than fits.
        cut |= choices.len() > MOST;
        urls = next;
    }
    if cut { Expanded::Some(urls) } else { Expanded::All(urls) }
}

fn append(urls: &mut [String], text: &str) {
    for url in urls {
        url.push_str(text);
    }
}

/// How many bytes of a text that begins with `[` are no range: an IPv6
/// address, or `[]`.
fn literal_brackets(text: &str) -> usize {
    let Some(end) = text.find(']') else { return 0 };
    let inner = text.get(1..end).unwrap_or_default();
    let colons = inner.bytes().filter(|byte| *byte == b':').count();
    if inner.is_empty() || (colons >= 2 && !inner.contains('-')) { end + 1 } else { 0 }
}

/// The text behind a glob's name, if it has one.
fn without_name(text: &str) -> &str {
    let named = text.strip_prefix('<').and_then(|rest| rest.split_once('>'));
    match named {
        Some((name, rest)) if name.len() <= 64 => rest,
        _ => text,
    }
}

/// `a,b}` → its elements, and what follows.
fn set(text: &str) -> Option<(Vec<String>, &str)> {
    let mut elements = vec![String::new()];
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '}' if at == 0 => return None,
            '}' => return Some((elements, text.get(at + 1..)?)),
            '{' | '[' | ']' => return None,
            ',' if elements.len() <= MOST => elements.push(String::new()),
            ',' => {}
            '\\' => {
                let escaped = letters.clone().next().map(|(_, escaped)| escaped);
                if escaped.is_some() {
                    letters.next();
                }
                elements.last_mut()?.push(escaped.unwrap_or('\\'));
            }
            other => elements.last_mut()?.push(other),
        }
    }
    None
}

/// `1-3]`, `a-z:2]` → its elements, and what follows.
fn range(text: &str) -> Option<(Vec<String>, &str)> {
    let (inner, after) = text.split_once(']')?;
    let (bounds, step) = match inner.split_once(':') {
        Some((bounds, step)) => (bounds, step.parse::<u64>().ok().filter(|step| *step > 0)?),
        None => (inner, 1),
    };
    let (low, high) = bounds.split_once('-')?;
    let fits = |low: u64, high: u64| {
        if low == high { step == 1 } else { low < high && step <= high - low }
    };
    let mut elements = Vec::new();
    if let ([low @ (b'a'..=b'z' | b'A'..=b'Z')], [high]) = (low.as_bytes(), high.as_bytes()) {
        if !fits(u64::from(*low), u64::from(*high)) || high - low > b'z' - b'a' {
            return None;
        }
        let letters = (*low..=*high).step_by(usize::try_from(step).ok()?);
        return Some((letters.map(|byte| char::from(byte).to_string()).collect(), after));
    }
    let width = if low.starts_with('0') { low.len() } else { 0 };
    let high = high.trim_start_matches([' ', '\t']);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number = |text: &str| if digits(text) { text.parse::<u64>().ok() } else { None };
    let (low, high) = (number(low)?, number(high)?);
    if !fits(low, high) || width > 64 {
        return None;
    }
    let mut value = low;
    while value <= high && elements.len() <= MOST {
        elements.push(format!("{value:0width$}"));
        let Some(next) = value.checked_add(step) else { break };
        value = next;
    }
    Some((elements, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pattern: &str) -> Vec<String> {
        match expand(pattern) {
            Expanded::All(urls) => urls,
            other => panic!("{pattern}: {other:?}"),
        }
    }

    #[test]
    fn sets_and_ranges() {
        assert_eq!(all("h/{a,b}[1-3:2]"), ["h/a1", "h/a3", "h/b1", "h/b3"]);
        assert_eq!(all("h/[001-003]"), ["h/001", "h/002", "h/003"]);
        assert_eq!(all("h/[a-c]"), ["h/a", "h/b", "h/c"]);
        assert_eq!(all("h/{<n>x,y}"), ["h/x", "h/y"]);
        assert_eq!(all("{a,}/x"), ["a/x", "/x"]);
    }

    #[test]
    fn what_is_no_glob_stays() {
        assert_eq!(all("http://[::1]:80/x"), ["http://[::1]:80/x"]);
        assert_eq!(all("h/[]"), ["h/[]"]);
        assert_eq!(all("h/\\{a\\}"), ["h/{a}"]);
        assert_eq!(all("h\\x"), ["h\\x"]);
    }

    #[test]
    fn malformed_patterns_send_nothing() {
        for pattern in ["h/{a", "h/{}", "h/}", "h/]", "h/[3-1]", "h/[1-2", "h/{a,{b}}", "h/[1-9:0]"]
        {
            assert_eq!(expand(pattern), Expanded::Malformed, "{pattern}");
        }
    }

    #[test]
    fn expansion_is_bounded() {
        for pattern in ["h/[1-100000]", "h/[0-99][0-99][0-99][0-99]", "h/[1-18446744073709551615]"]
        {
            let Expanded::Some(urls) = expand(pattern) else { panic!("{pattern}") };
            assert!(urls.len() <= MOST);
        }
        assert_eq!(all("h/[1-200]").len(), 200);
    }
}
