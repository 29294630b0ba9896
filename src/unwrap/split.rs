//! `env -S`: one string → words, by the rules of coreutils' env.

use super::state::Template;
use crate::invocation::{Context, HOLE};

/// The words of an `env -S` string; none if env would refuse it.
pub(super) fn split(text: &[u8], context: Context<'_>) -> Option<Vec<Template>> {
    let mut words = Vec::new();
    let mut word: Option<Template> = None;
    let mut quote: Option<u8> = None;
    let mut at = 0;
    while let Some(byte) = text.get(at).copied() {
        at += 1;
        match (byte, quote) {
            (b'\'', None) | (b'"', None) => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            (b'\'', Some(b'\'')) | (b'"', Some(b'"')) => quote = None,
            (b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b'\r', None) => words.extend(word.take()),
            (b'#', None) if word.is_none() => break,
            (b'\\', Some(b'\'')) => {
                let next = text.get(at).copied();
                match next {
                    Some(next @ (b'\\' | b'\'')) => {
                        at += 1;
                        word.get_or_insert_default().push(next);
                    }
                    _ => word.get_or_insert_default().push(b'\\'),
                }
            }
            (b'\\', _) => {
                let next = text.get(at).copied()?;
                at += 1;
                let plain = match next {
                    b'_' if quote.is_none() => {
                        words.extend(word.take());
                        continue;
                    }
                    b'_' => b' ',
                    b'c' if quote.is_none() => break,
                    b'f' => b'\x0c',
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'v' => b'\x0b',
                    b'"' | b'#' | b'$' | b'\'' | b'\\' => next,
                    _ => return None,
                };
                word.get_or_insert_default().push(plain);
            }
            (b'$', None | Some(b'"')) => {
                let rest = text.get(at..)?.strip_prefix(b"{")?;
                let length = rest.iter().position(|byte| *byte == b'}')?;
                let name = std::str::from_utf8(rest.get(..length)?).ok()?;
                at += length + 2;
                match context.var(name) {
                    Some(value) => word
                        .get_or_insert_default()
                        .extend(std::os::unix::ffi::OsStrExt::as_bytes(value.as_os_str())),
                    None => word.get_or_insert_default().extend(HOLE.bytes()),
                }
            }
            (byte, _) => word.get_or_insert_default().push(byte),
        }
    }
    if quote.is_some() {
        return None;
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::fake::FakeWorld;

    #[test]
    fn strings_are_split_as_env_does() {
        let world = FakeWorld::new().with_var("WHO", "a b");
        let invocation = Invocation::default();
        let context = Context { invocation: &invocation, world: &world };
        for text in [
            "printf %s\\n a b",
            "printf '%s\\n' 'a b' \"c d\"",
            "printf %s a\\_b \"c\\_d\"",
            "printf %s 'it\\'s'",
            "printf %s a#b #c",
            "printf %s a\\cb c",
            "printf %s \"${WHO}\"",
            "printf %s \\x",
            "printf %s 'open",
            "printf %s $WHO",
            "printf %s a''b ''",
        ] {
            let ours = split(text.as_bytes(), context);
            let real = std::process::Command::new("env")
                .env("WHO", "a b")
                .args(["-S", &format!("python3 -c 'import sys;print(sys.argv[1:])' {text}")])
                .output()
                .unwrap();
            let words: Option<Vec<String>> = ours.map(|words| {
                words.into_iter().map(|word| String::from_utf8(word).unwrap()).collect()
            });
            match words {
                None => assert!(!real.status.success(), "{text}"),
                Some(words) => {
                    let quoted: Vec<String> = words
                        .iter()
                        .map(|word| {
                            let quote = if word.contains('\'') { '"' } else { '\'' };
                            format!(
                                "{quote}{}{quote}",
                                word.replace('\\', "\\\\").replace('\n', "\\n")
                            )
                        })
                        .collect();
                    let printed = String::from_utf8(real.stdout).unwrap();
                    assert_eq!(format!("[{}]\n", quoted.join(", ")), printed, "{text}");
                }
            }
        }
    }
}
