//! curl's config files (`-K`, `~/.curlrc`) → options with their values, one
//! a line. Bytes in, pairs out; the reader applies them.

use std::ops::Range;

/// One line: the option as written, and its value if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// With or without dashes.
    pub option: Vec<u8>,
    /// Unquoted.
    pub value: Option<Vec<u8>>,
    /// Where the value begins in the file, at its quote if it has one.
    pub start: usize,
}

/// The lines of a config file that say something.
pub fn lines(text: &[u8]) -> impl Iterator<Item = Line> + '_ {
    let bare = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut next = text.len() - bare.len();
    bare.split(|byte| *byte == b'\n').filter_map(move |text| {
        let from = next;
        next += text.len() + 1;
        let mut line = line(text)?;
        line.start += from;
        Some(line)
    })
}

/// Where in a file the bytes `span` of a value stand that begins at `start`.
pub fn place(text: &[u8], start: usize, span: Range<usize>) -> Option<Range<usize>> {
    let raw = text.get(start..)?;
    if raw.first() != Some(&b'"') {
        return Some(start + span.start..start + span.end);
    }
    let (mut at, mut count, mut first) = (1, 0, None);
    while count < span.end {
        if count == span.start {
            first = first.or(Some(at));
        }
        at += if raw.get(at)? == &b'\\' { 2 } else { 1 };
        count += 1;
    }
    Some(start + first.unwrap_or(at)..start + at)
}

fn line(text: &[u8]) -> Option<Line> {
    let whole = text.len();
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
    let start = whole - rest.len();
    let value = match rest.split_first() {
        None => None,
        Some((b'"', quoted)) => Some(unquote(quoted)),
        Some(_) => {
            let end = rest.iter().position(|byte| is_blank(*byte)).unwrap_or(rest.len());
            rest.get(..end).map(<[u8]>::to_vec)
        }
    };
    Some(Line { option: option.to_vec(), value, start })
}

/// A text as it is spelled in the value that begins at `start`.
pub fn quoted(file: &[u8], start: usize, text: &[u8]) -> Vec<u8> {
    if file.get(start) != Some(&b'"') {
        return text.to_vec();
    }
    let escaped = text.iter().flat_map(|byte| match byte {
        b'"' | b'\\' => vec![b'\\', *byte],
        byte => vec![*byte],
    });
    escaped.collect()
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
    fn a_part_of_a_value_is_found_where_it_stands() {
        let text = b"\xef\xbb\xbf# x\ndata = @a.json\nform = \"n\\\"=@b c;type=x\"\n";
        let found: Vec<Line> = lines(text).collect();
        let at = |line: &Line, span| {
            String::from_utf8(text[place(text, line.start, span).unwrap()].to_vec()).unwrap()
        };
        assert_eq!(at(&found[0], 1..7), "a.json");
        assert_eq!(found[1].value.as_deref(), Some(&b"n\"=@b c;type=x"[..]));
        assert_eq!(at(&found[1], 0..4), "n\\\"=@");
        assert_eq!(at(&found[1], 4..7), "b c");
        assert_eq!(at(&found[1], 7..7), "");
        assert_eq!(place(text, found[1].start, 7..99), None);
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
