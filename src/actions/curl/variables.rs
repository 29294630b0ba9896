//! curl's variables (8.3 and newer): `--variable` sets one, `--expand-…`
//! fills them into a value. Texts that cannot be known make what they fill
//! unknown too.

use std::borrow::Cow;

use crate::parse::url::percent_encode;
use crate::text::find;

/// A variable's content, or why it cannot be known.
pub type Content = Result<Vec<u8>, String>;

/// The variables of one run, the newest of a name first.
#[derive(Clone, Debug, Default)]
pub struct Variables(Vec<(Vec<u8>, Content)>);

/// Where a variable's content comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// From an environment variable of this name, else from the other.
    Environment(String, Option<Box<Source>>),
    /// From the words themselves.
    Literal(Vec<u8>),
    /// From a file (`-` is standard input), this range of its bytes.
    File(Vec<u8>, Option<(usize, usize)>),
}

/// The longest name that curl takes.
const LONGEST_NAME: usize = 127;
/// The longest text that is filled in.
const LIMIT: usize = 1 << 20;

/// Takes `--variable`'s value apart: `name=content`, `name@file`, `%ENV`,
/// `%ENV=default`. Gives nothing for what curl skips.
pub fn parse(text: &[u8]) -> Option<(Vec<u8>, Source)> {
    let (from_environment, text) = match text.strip_prefix(b"%") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
        .unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    if name.is_empty() || name.len() > LONGEST_NAME {
        return None;
    }
    let given = match rest.split_first() {
        None => None,
        Some((b'=', content)) => Some(Source::Literal(content.to_vec())),
        Some((b'@', file)) => {
            let (file, range) = split_range(file);
            Some(Source::File(file.to_vec(), range))
        }
        Some(_) => return None,
    };
    let source = if from_environment {
        let name = String::from_utf8_lossy(name).into_owned();
        Source::Environment(name, given.map(Box::new))
    } else {
        given?
    };
    Some((name.to_vec(), source))
}

/// `file;[10-20]` → the file and the range.
fn split_range(text: &[u8]) -> (&[u8], Option<(usize, usize)>) {
    let split = || {
        let at = text.windows(2).position(|pair| pair == b";[")?;
        let (file, rest) = text.split_at_checked(at)?;
        let inner = rest.strip_prefix(b";[")?.strip_suffix(b"]")?;
        let (low, high) = str::from_utf8(inner).ok()?.split_once('-')?;
        let high = if high.is_empty() { usize::MAX } else { high.parse().ok()? };
        Some((file, (low.parse().ok()?, high)))
    };
    match split() {
        Some((file, range)) => (file, Some(range)),
        None => (text, None),
    }
}

impl Variables {
    /// Sets a variable.
    pub fn set(&mut self, name: Vec<u8>, content: Content) {
        self.0.insert(0, (name, content));
    }

    /// A text with every `{{name:function}}` filled in.
    ///
    /// # Errors
    /// Says why it cannot be known.
    pub fn expand<'a>(&self, text: &'a [u8]) -> Result<Cow<'a, [u8]>, String> {
        let mut out = Vec::new();
        let mut rest = text;
        let mut replaced = false;
        while let Some(at) = find(rest, b"{{") {
            let (before, opened) = rest.split_at_checked(at).unwrap_or((rest, b""));
            let inner = opened.get(2..).unwrap_or_default();
            if let Some(kept) = before.strip_suffix(b"\\") {
                out.extend_from_slice(kept);
                out.extend_from_slice(b"{{");
                rest = inner;
                continue;
            }
            let Some(close) = find(inner, b"}}") else { break };
            let (reference, after) = inner.split_at_checked(close).unwrap_or((inner, b""));
            out.extend_from_slice(before);
            match self.value(reference)? {
                Some(value) => {
                    out.extend_from_slice(&value);
                    replaced = true;
                }
                None => out.extend_from_slice(opened.get(..close + 4).unwrap_or(opened)),
            }
            rest = after.get(2..).unwrap_or_default();
            if out.len() > LIMIT {
                return Err("it grows past what holdpoint reads".to_owned());
            }
        }
        if !replaced {
            return Ok(Cow::Borrowed(text));
        }
        out.extend_from_slice(rest);
        Ok(Cow::Owned(out))
    }

    /// What `name:function:function` stands for; nothing if it is no proper
    /// name, which curl leaves as it is.
    fn value(&self, reference: &[u8]) -> Result<Option<Vec<u8>>, String> {
        let mut parts = reference.split(|byte| *byte == b':');
        let name = parts.next().unwrap_or_default();
        let proper = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        if name.is_empty() || name.len() > LONGEST_NAME || !proper {
            return Ok(None);
        }
        let mut value = match self.0.iter().find(|(have, _)| have == name) {
            None => Vec::new(),
            Some((_, content)) => content.clone()?,
        };
        for function in parts {
            value = match function {
                b"trim" => value.trim_ascii().to_vec(),
                b"url" => percent_encode(&value),
                b"json" => json(&value),
                other => {
                    let other = String::from_utf8_lossy(other);
                    return Err(format!("its function `{other}` is not followed"));
                }
            };
        }
        Ok(Some(value))
    }
}

/// A text as the inside of a JSON string.
fn json(text: &[u8]) -> Vec<u8> {
    let quoted = serde_json::to_string(&String::from_utf8_lossy(text)).unwrap_or_default();
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(&quoted).as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(variables: &Variables, text: &str) -> String {
        String::from_utf8(variables.expand(text.as_bytes()).unwrap().into_owned()).unwrap()
    }

    #[test]
    fn variables_are_filled_in() {
        let mut variables = Variables::default();
        variables.set(b"host".to_vec(), Ok(b" api.test ".to_vec()));
        variables.set(b"q".to_vec(), Ok(b"a \"b\"".to_vec()));
        assert_eq!(filled(&variables, "https://{{host:trim}}/x"), "https://api.test/x");
        assert_eq!(filled(&variables, "{\"q\":\"{{q:json}}\"}"), "{\"q\":\"a \\\"b\\\"\"}");
        assert_eq!(filled(&variables, "{{q:url}}"), "a%20%22b%22");
        assert_eq!(filled(&variables, "a{{none}}b"), "ab");
        assert_eq!(filled(&variables, "\\{{host}} {{q:trim}}"), "{{host}} a \"b\"");
        assert_eq!(filled(&variables, "{{no closing"), "{{no closing");
    }

    #[test]
    fn the_newest_of_a_name_counts_and_the_unknown_spreads() {
        let mut variables = Variables::default();
        variables.set(b"m".to_vec(), Ok(b"GET".to_vec()));
        variables.set(b"m".to_vec(), Ok(b"DELETE".to_vec()));
        assert_eq!(filled(&variables, "{{m}}"), "DELETE");
        variables.set(b"f".to_vec(), Err("it is a pipe".to_owned()));
        assert!(variables.expand(b"{{f}}").is_err());
        assert!(variables.expand(b"{{m:rot13}}").is_err());
    }

    #[test]
    fn every_form_of_setting_one() {
        assert_eq!(parse(b"a=b=c"), Some((b"a".to_vec(), Source::Literal(b"b=c".to_vec()))));
        assert_eq!(
            parse(b"a@f;[2-4]"),
            Some((b"a".to_vec(), Source::File(b"f".to_vec(), Some((2, 4)))))
        );
        assert_eq!(
            parse(b"%HOME"),
            Some((b"HOME".to_vec(), Source::Environment("HOME".to_owned(), None)))
        );
        assert!(matches!(parse(b"%M=GET"), Some((_, Source::Environment(_, Some(_))))));
        assert_eq!(parse(b"=x"), None);
        assert_eq!(parse(b"a"), None);
    }
}
