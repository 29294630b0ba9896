//! curl's config files (`-K`, `~/.curlrc`) → options with their values, one
//! a line. Bytes in, pairs out; the reader applies them.

/// One line: the option as written, and its value if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// With or without dashes.
    pub option: Vec<u8>,
    /// Unquoted.
    pub value: Option<Vec<u8>>,
}

/// The lines of a config file that say something.
pub fn lines(text: &[u8]) -> impl Iterator<Item = Line> + '_ {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    text.split(|byte| *byte == b'\n').filter_map(line)
}

fn line(text: &[u8]) -> Option<Line> {
    let text = text.trim_ascii_start();
    match text.first() {
        None | Some(b'#' | b'/' | b'*' | 0) => return None,
        Some(_) => {}
    }
    // An option with dashes ends at white space alone; without, at `=` or `:`.
    let dashed = text.first() == Some(&b'-');
    let separates = |byte: &u8| is_blank(*byte) || (!dashed && matches!(byte, b'=' | b':'));
    let end = text.iter().position(separates).unwrap_or(text.len());
    let (option, rest) = text.split_at_checked(end)?;
    let start = rest.iter().position(|byte| !separates(byte)).unwrap_or(rest.len());
    let rest = rest.get(start..)?;
    let value = match rest.split_first() {
        None => None,
        Some((b'"', quoted)) => Some(unquote(quoted)),
        Some(_) => {
            let end = rest.iter().position(|byte| is_blank(*byte)).unwrap_or(rest.len());
            rest.get(..end).map(<[u8]>::to_vec)
        }
    };
    Some(Line { option: option.to_vec(), value })
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// A quoted value: to the closing quote or the end of the line, with
/// backslashes taken out.
fn unquote(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            b'\\' => match bytes.next() {
                Some(b't') => out.push(b'\t'),
                Some(b'n') => out.push(b'\n'),
                Some(b'r') => out.push(b'\r'),
                Some(b'v') => out.push(0x0b),
                Some(other) => out.push(*other),
                None => {}
            },
            other => out.push(*other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, Option<String>)> {
        let show = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        lines(text.as_bytes()).map(|line| (show(line.option), line.value.map(show))).collect()
    }

    fn pair(option: &str, value: Option<&str>) -> (String, Option<String>) {
        (option.to_owned(), value.map(str::to_owned))
    }

    #[test]
    fn every_separator() {
        let text = "request = DELETE\nrequest: DELETE\nrequest DELETE\n-X DELETE\n--request DELETE\n  request=\"DELETE\" # why\n";
        let values: Vec<_> = pairs(text).into_iter().map(|(_, value)| value.unwrap()).collect();
        assert_eq!(values, ["DELETE"; 6]);
    }

    #[test]
    fn dashed_options_are_not_split_at_equals() {
        assert_eq!(pairs("--request=DELETE"), [pair("--request=DELETE", None)]);
        assert_eq!(pairs("-X:POST"), [pair("-X:POST", None)]);
    }

    #[test]
    fn comments_blanks_and_flags() {
        assert_eq!(pairs("# a\n\n \r\n/x\n* y\nsilent\r\n"), [pair("silent", None)]);
    }

    #[test]
    fn quotes_and_escapes() {
        assert_eq!(pairs(r#"data = "{\"a\": 1}\n\q""#), [pair("data", Some("{\"a\": 1}\nq"))]);
        assert_eq!(pairs("url = \"a b"), [pair("url", Some("a b"))]);
        assert_eq!(pairs("url = a b"), [pair("url", Some("a"))]);
        assert_eq!(pairs(r#"user-agent """#), [pair("user-agent", Some(""))]);
    }
}
