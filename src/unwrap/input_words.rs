//! The standard input of `xargs` → the words that it appends, by findutils'
//! rules. Splits; runs nothing.

/// The most words that are followed one by one.
const MAX_WORDS: usize = 1_000;

/// The words of a text; none where quotes do not match (`xargs` refuses it) or
/// there are too many.
pub(super) fn split(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote: Option<u8> = None;
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match (byte, quote) {
            (b'\n', Some(_)) => return None,
            (byte, Some(open)) if byte == open => quote = None,
            (byte, Some(_)) => word.get_or_insert_default().push(byte),
            (b'\'' | b'"', None) => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            (b'\\', None) => word.get_or_insert_default().extend(bytes.next()),
            (b' ' | b'\t' | b'\n', None) => words.extend(word.take()),
            (byte, None) => word.get_or_insert_default().push(byte),
        }
        if words.len() > MAX_WORDS {
            return None;
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::*;

    /// The real xargs is the judge.
    fn xargs(text: &str) -> Option<Vec<Vec<u8>>> {
        let mut child = Command::new("xargs")
            .args(["sh", "-c", "printf '%s\\0' \"$@\"", "_"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let words = output.stdout.strip_suffix(b"\0")?;
        output
            .status
            .success()
            .then(|| words.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect())
    }

    #[test]
    fn words_are_what_xargs_makes_of_them() {
        for text in [
            "a b\tc\nd",
            "  a  \n\n b\n",
            "'a b' \"c d\" e\\ f",
            "'a'\"b\"c",
            "-c 'DROP TABLE users'",
            "a\\'b 'c\"d' \"e'f\"",
            "''",
            "a '' b",
            "a\\\nb",
        ] {
            assert_eq!(split(text.as_bytes()), xargs(text), "{text:?}");
        }
        for text in ["'a", "a \"b\nc\"", "it's"] {
            assert_eq!(split(text.as_bytes()), None, "{text:?}");
            assert_eq!(xargs(text), None, "{text:?}");
        }
        assert_eq!(split(&b"a ".repeat(5_000)), None);
    }
}
