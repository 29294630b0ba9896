//! The scripts of sqlcmd → batches and commands: GO, `:r`, `:connect`, `!!`,
//! `:setvar`, `$(variables)`. Text in, items out; nothing is opened. By the
//! sources of go-sqlcmd (pkg/sqlcmd) and the manual of the ODBC edition; no
//! SQL Server was at hand.

use std::collections::BTreeMap;

/// Variables that one script may set.
const MAX_VARIABLES: usize = 10_000;
/// How much longer than its script a batch may become by its variables.
const MAX_GROWTH: usize = 1 << 20;

/// A piece of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// What is sent at once, variables replaced.
    Batch(Vec<u8>),
    /// A command of sqlcmd: its name in lower case, and the rest of its line
    /// with variables replaced.
    Command(String, Vec<u8>),
    /// What cannot be read, and why.
    Unreadable(String),
}

/// The variables of a session, by their names in lower case.
pub type Variables = BTreeMap<String, Vec<u8>>;

/// Reads a script. `variable` gives what the session's surroundings say of a
/// name that the script does not set; `terminator` ends a batch (`GO`).
pub fn scan(
    text: &[u8],
    variables: &mut Variables,
    variable: impl Fn(&str) -> Option<Vec<u8>>,
    terminator: &str,
) -> Vec<Item> {
    let mut items = Vec::new();
    let mut batch: Vec<u8> = Vec::new();
    let mut inside = Inside::default();
    let mut replaced = Replace { grown: 0, variable: &variable };
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let bare = line.trim_ascii();
        let command = if inside.is_plain() { command(bare, terminator) } else { None };
        let Some((name, rest)) = command else {
            inside.take(line);
            match replaced.all(line, variables) {
                Ok(line) => batch.extend_from_slice(&line),
                Err(why) => items.push(Item::Unreadable(why)),
            }
            continue;
        };
        match name.as_str() {
            "go" => flush(&mut batch, &mut items),
            // EXIT(query) runs the batch and the query; both forms end it.
            "exit" => {
                let query =
                    rest.trim_ascii().strip_prefix(b"(").and_then(|it| it.strip_suffix(b")"));
                if let Some(query) = query {
                    batch.push(b'\n');
                    batch.extend_from_slice(query);
                    flush(&mut batch, &mut items);
                }
                // Whether a version ends here or not, nothing is missed.
            }
            "reset" => batch.clear(),
            "setvar" => {
                let rest = rest.trim_ascii();
                let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
                let (name, value) = rest.split_at_checked(end).unwrap_or((rest, b""));
                if variables.len() < MAX_VARIABLES {
                    let value = unquoted(value.trim_ascii()).to_vec();
                    variables.insert(String::from_utf8_lossy(name).to_ascii_lowercase(), value);
                }
            }
            _ => match replaced.all(&rest, variables) {
                // What is included or connected to comes in front of what is
                // still gathered, and moves it too.
                Ok(rest) => {
                    if matches!(name.as_str(), "connect" | "r") {
                        flush(&mut batch, &mut items);
                    }
                    items.push(Item::Command(name, rest));
                }
                Err(why) => items.push(Item::Unreadable(why)),
            },
        }
    }
    flush(&mut batch, &mut items);
    items
}

fn flush(batch: &mut Vec<u8>, items: &mut Vec<Item>) {
    let text = std::mem::take(batch);
    if !text.trim_ascii().is_empty() {
        items.push(Item::Batch(text));
    }
}

/// Names without a colon in front, and with one.
const BARE: &[&str] = &["exit", "quit", "ed", "reset"];
const COLON: &[&str] = &[
    "connect",
    "ed",
    "error",
    "exit",
    "help",
    "list",
    "listvar",
    "on",
    "out",
    "perftrace",
    "quit",
    "r",
    "reset",
    "serverlist",
    "setvar",
    "xml",
];

/// The command that a line is, and the rest of the line.
fn command(line: &[u8], terminator: &str) -> Option<(String, Vec<u8>)> {
    let colon = line.first() == Some(&b':');
    let bare = line.strip_prefix(b":").unwrap_or(line);
    if let Some(rest) = bare.strip_prefix(b"!!") {
        return Some(("!!".to_owned(), rest.to_vec()));
    }
    let end = bare.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let (name, rest) = bare.split_at_checked(end.unwrap_or(bare.len()))?;
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    if !colon && name.eq_ignore_ascii_case(terminator) {
        // `GO 5`, `GO -- x`: what else stands there is no SQL.
        return Some(("go".to_owned(), rest.to_vec()));
    }
    let known = if colon { COLON } else { BARE };
    let known = known.contains(&name.as_str())
        && rest.first().is_none_or(|next| next.is_ascii_whitespace() || *next == b'(');
    known.then(|| (name, rest.to_vec()))
}

/// A text without the quotes around it.
pub fn unquoted(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text)
}

/// Whether a line begins inside a quote or a comment.
#[derive(Default)]
struct Inside {
    quote: Option<u8>,
    comments: usize,
}

impl Inside {
    fn is_plain(&self) -> bool {
        self.quote.is_none() && self.comments == 0
    }

    fn take(&mut self, line: &[u8]) {
        let mut at = 0;
        while let Some(byte) = line.get(at) {
            let pair = line.get(at..at + 2);
            match (self.quote, self.comments, byte) {
                (None, _, _) if pair == Some(b"/*") => {
                    self.comments += 1;
                    at += 1;
                }
                (None, 1.., _) if pair == Some(b"*/") => {
                    self.comments -= 1;
                    at += 1;
                }
                (None, 0, _) if pair == Some(b"--") => return,
                (None, 0, b'\'' | b'"') => self.quote = Some(*byte),
                (None, 0, b'[') => self.quote = Some(b']'),
                (Some(quote), _, byte) if quote == *byte => self.quote = None,
                _ => {}
            }
            at += 1;
        }
    }
}

struct Replace<'a, F> {
    grown: usize,
    variable: &'a F,
}

impl<F: Fn(&str) -> Option<Vec<u8>>> Replace<'_, F> {
    /// A text with every `$(name)` replaced.
    fn all(&mut self, text: &[u8], variables: &Variables) -> Result<Vec<u8>, String> {
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.windows(2).position(|pair| pair == b"$(") {
            let (before, after) = rest.split_at_checked(at).unwrap_or((rest, b""));
            out.extend_from_slice(before);
            let after = after.get(2..).unwrap_or_default();
            let Some(end) = after.iter().position(|byte| *byte == b')') else {
                out.extend_from_slice(b"$(");
                rest = after;
                continue;
            };
            let (name, behind) = after.split_at_checked(end).unwrap_or((after, b""));
            let name = String::from_utf8_lossy(name).into_owned();
            let value = variables.get(&name.to_ascii_lowercase()).cloned();
            let Some(value) = value.or_else(|| (self.variable)(&name)) else {
                let shown = crate::text::visible(&name, 60);
                return Err(format!("the value of its variable {shown} is not known"));
            };
            self.grown += value.len();
            if self.grown > MAX_GROWTH {
                return Err("its variables make it too long".to_owned());
            }
            out.extend_from_slice(&value);
            rest = behind.get(1..).unwrap_or_default();
        }
        out.extend_from_slice(rest);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<Item> {
        let env = |name: &str| (name == "ENV").then(|| b"env".to_vec());
        scan(text.as_bytes(), &mut Variables::new(), env, "GO")
    }

    fn batch(text: &str) -> Item {
        Item::Batch(text.as_bytes().to_vec())
    }

    fn command(name: &str, rest: &str) -> Item {
        Item::Command(name.to_owned(), rest.as_bytes().to_vec())
    }

    #[test]
    fn go_ends_a_batch_and_commands_stand_on_lines_of_their_own() {
        assert_eq!(
            items("select 1\n go 5\n:r x.sql\n!! rm x\n:CONNECT db,1 -U sa\nselect 2"),
            [
                batch("select 1\n"),
                command("r", " x.sql"),
                command("!!", " rm x"),
                command("connect", " db,1 -U sa"),
                batch("select 2"),
            ]
        );
        assert_eq!(items("goods\ngone"), [batch("goods\ngone")]);
    }

    #[test]
    fn quotes_and_comments_hide_commands() {
        for text in ["select '\ngo\n'", "/* /* */\n:r x\n*/ select 1", "select [\n!! rm\n]"] {
            assert_eq!(items(text), [batch(text)], "{text}");
        }
        assert_eq!(items("-- it's\ngo\nselect 1"), [batch("-- it's\n"), batch("select 1")]);
    }

    #[test]
    fn variables_are_replaced() {
        assert_eq!(
            items(":setvar T orders\ndrop table $(t) -- $(ENV)\n"),
            [batch("drop table orders -- env\n")]
        );
        assert!(matches!(items("drop table $(x)").as_slice(), [Item::Unreadable(_)]));
    }

    #[test]
    fn exit_runs_its_query() {
        assert_eq!(items("exit(drop table t)"), [batch("\ndrop table t")]);
        assert_eq!(items("select 1\n:reset\nselect 2"), [batch("select 2")]);
    }
}
