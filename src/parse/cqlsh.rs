//! cqlsh's language around its CQL: commands that end with their line, and
//! the statements between them. Bytes in, items out.

use super::dialect::Dialect;
use super::dialect::lex::{Kind, Lexer, Mode};

/// What the shell does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Sends CQL.
    Text(Vec<u8>),
    /// Runs a command of its own.
    Command {
        /// Its name in lower case.
        name: String,
        /// The rest of its line.
        rest: Vec<u8>,
        /// Where in the script that begins.
        at: usize,
    },
}

/// The shell's own commands, which end with their line (cqlsh 6.2's
/// `my_commands_ending_with_newline`); COPY ends with a semicolon.
const COMMANDS: &[&str] = &[
    "capture",
    "clear",
    "cls",
    "consistency",
    "debug",
    "desc",
    "describe",
    "elapsed",
    "exit",
    "expand",
    "help",
    "history",
    "login",
    "paging",
    "quit",
    "serial",
    "show",
    "source",
    "tracing",
    "unicode",
];

/// The items of a script, in order.
pub fn scan(text: &[u8]) -> Vec<Item> {
    let mode = Mode { dialect: Dialect::Cql, backslashes: false, versioned: false };
    let mut items = Vec::new();
    let mut from = 0;
    let mut fresh = true;
    let mut base = 0;
    let mut lexer = Lexer::new(text, mode);
    while let Some(token) = lexer.next() {
        let end = base + lexer.position();
        if token.kind == Kind::Semicolon {
            fresh = true;
            continue;
        }
        let known = fresh.then(|| COMMANDS.iter().find(|name| token.is(name))).flatten();
        fresh = false;
        let Some(name) = known else { continue };
        let start = end - token.bytes.len();
        push(&mut items, text.get(from..start));
        let rest = text.get(end..).unwrap_or_default();
        let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let semicolon = rest.iter().position(|byte| *byte == b';').unwrap_or(rest.len());
        let length = line.min(semicolon);
        let line = rest.get(..length).unwrap_or_default();
        let at = end + line.len() - line.trim_ascii_start().len();
        let rest = line.trim_ascii().to_vec();
        items.push(Item::Command { name: (*name).to_owned(), rest, at });
        base = (end + length + 1).min(text.len());
        from = base;
        fresh = true;
        lexer = Lexer::new(text.get(base..).unwrap_or_default(), mode);
    }
    push(&mut items, text.get(from..));
    items
}

fn push(items: &mut Vec<Item>, text: Option<&[u8]>) {
    if let Some(text) = text.filter(|text| !text.trim_ascii().is_empty()) {
        items.push(Item::Text(text.to_vec()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_end_with_their_line() {
        let text = b"DESCRIBE TABLES\nDROP TABLE a.b; -- x\nsource  'x.cql';select 1; show host";
        let items = scan(text);
        let names: Vec<&str> = items
            .iter()
            .map(|item| match item {
                Item::Text(_) => "text",
                Item::Command { name, .. } => name,
            })
            .collect();
        assert_eq!(names, ["describe", "text", "source", "text", "show"]);
        let Item::Command { rest, at, .. } = &items[2] else { panic!("{items:?}") };
        assert_eq!(rest, b"'x.cql'");
        assert!(text[*at..].starts_with(b"'x.cql'"));
        assert_eq!(scan(b"select source from t where desc = 1").len(), 1);
    }
}
