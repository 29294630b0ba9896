//! Redis: lines as redis-cli splits them, and the protocol that `--pipe`
//! sends. Bytes in, words out.

pub mod commands;
pub mod reads;

/// Words of one command that are kept: what decides stands in front.
const MAX_WORDS: usize = 100_000;

/// The words of a line, quotes decoded as redis-cli 7 decodes them; none if
/// it would refuse the line.
pub fn words(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let mut at = 0;
    loop {
        while line.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        if at >= line.len() || found.len() >= MAX_WORDS {
            return Some(found);
        }
        let mut word = Vec::new();
        let mut quote = None;
        loop {
            let byte = line.get(at).copied();
            at += 1;
            match (quote, byte) {
                (Some(_), None) => return None,
                (None, None) => break,
                (Some(b'"'), Some(b'\\')) => {
                    let (decoded, used) = escape(line.get(at..).unwrap_or_default())?;
                    word.push(decoded);
                    at += used;
                }
                (Some(b'\''), Some(b'\\')) if line.get(at) == Some(&b'\'') => {
                    word.push(b'\'');
                    at += 1;
                }
                (Some(open), Some(byte)) if byte == open => {
                    // A closing quote must be followed by a blank.
                    if line.get(at).is_some_and(|next| !next.is_ascii_whitespace()) {
                        return None;
                    }
                    break;
                }
                (None, Some(byte @ (b'"' | b'\''))) => quote = Some(byte),
                (None, Some(byte)) if byte.is_ascii_whitespace() || byte == 0 => break,
                (_, Some(byte)) => word.push(byte),
            }
        }
        found.push(word);
    }
}

/// What stands behind a backslash in double quotes, and its length.
fn escape(rest: &[u8]) -> Option<(u8, usize)> {
    let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    Some(match rest {
        [b'x', high, low, ..] if hex(*high).is_some() && hex(*low).is_some() => {
            (hex(*high)? << 4 | hex(*low)?, 3)
        }
        [b'n', ..] => (b'\n', 1),
        [b'r', ..] => (b'\r', 1),
        [b't', ..] => (b'\t', 1),
        [b'b', ..] => (8, 1),
        [b'a', ..] => (7, 1),
        [other, ..] => (*other, 1),
        [] => return None,
    })
}

/// The commands in a stream of the protocol: `*2\r\n$3\r\nDEL…` or lines.
/// None if it is not well-formed.
pub fn protocol(stream: &[u8]) -> Option<Vec<Vec<Vec<u8>>>> {
    let mut found = Vec::new();
    let mut rest = stream;
    while !rest.is_empty() {
        let (line, after) = split_line(rest)?;
        rest = after;
        let Some(count) = line.strip_prefix(b"*") else {
            let words = words(line)?;
            if !words.is_empty() {
                found.push(words);
            }
            continue;
        };
        let mut command = Vec::new();
        for _ in 0..number(count)? {
            let (line, after) = split_line(rest)?;
            let length = number(line.strip_prefix(b"$")?)?;
            command.push(after.get(..length)?.to_vec());
            rest = after.get(length..)?.strip_prefix(b"\r\n")?;
        }
        if !command.is_empty() {
            found.push(command);
        }
    }
    Some(found)
}

fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let line = text.get(..end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), text.get(end + 1..)?))
}

fn number(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.parse().ok().filter(|number| *number <= 64 << 20)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(text: &str) -> Option<Vec<String>> {
        let lossy = |word: &Vec<u8>| String::from_utf8_lossy(word).into_owned();
        words(text.as_bytes()).map(|words| words.iter().map(lossy).collect())
    }

    #[test]
    fn quotes_are_decoded() {
        assert_eq!(line("\"\\x66lushall\"").unwrap(), ["flushall"]);
        assert_eq!(line("  set a 'b \\' c' ").unwrap(), ["set", "a", "b ' c"]);
        assert_eq!(line("a\"b c\"").unwrap(), ["ab c"]);
        assert_eq!(line("'flush'all"), None);
        assert_eq!(line("\"open"), None);
        assert_eq!(line("").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn the_protocol_is_read() {
        let found = protocol(b"*2\r\n$3\r\nDEL\r\n$1\r\na\r\nflushall\r\n").unwrap();
        assert_eq!(found, [vec![b"DEL".to_vec(), b"a".to_vec()], vec![b"flushall".to_vec()]]);
        assert_eq!(protocol(b"*1\r\n$99\r\nDEL\r\n"), None);
        assert_eq!(protocol(b"*1\r\n"), None);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = words(&text);
            let _ = protocol(&text);
            commands::read(&words(&text).unwrap_or_default(), false);
        }
    }
}
