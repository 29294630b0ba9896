//! The sqlite3 shell's language around its SQL: dot-commands at the beginning
//! of a line, and the lines of SQL between them. Bytes in, items out.

use std::ops::Range;

/// What the shell does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Runs SQL.
    Text(Vec<u8>),
    /// Runs a dot-command.
    Dot {
        /// The line behind the dot.
        line: Vec<u8>,
        /// Where in the script that begins.
        at: usize,
    },
}

/// The items of a script, in order.
pub fn scan(text: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    let mut sql: Vec<u8> = Vec::new();
    let mut state = State::default();
    let mut next = 0;
    for line in text.split(|byte| *byte == b'\n') {
        let from = next;
        next += line.len() + 1;
        let fresh = state.quote.is_none() && !state.comment && !state.pending;
        let bare = line.trim_ascii();
        if fresh && line.first() == Some(&b'.') {
            if !sql.is_empty() {
                items.push(Item::Text(std::mem::take(&mut sql)));
            }
            let line = line.get(1..).unwrap_or_default().to_vec();
            items.push(Item::Dot { line, at: from + 1 });
            continue;
        }
        if fresh && line.first() == Some(&b'#') {
            continue;
        }
        let closed = state.quote.is_none() && !state.comment;
        if closed && (bare == b"/" || bare.eq_ignore_ascii_case(b"go")) {
            sql.extend_from_slice(b";\n");
            state.pending = false;
            continue;
        }
        state.take(line);
        sql.extend_from_slice(line);
        sql.push(b'\n');
    }
    if !sql.trim_ascii().is_empty() {
        items.push(Item::Text(sql));
    }
    items
}

/// Where a script stands between two lines.
#[derive(Debug, Default)]
struct State {
    quote: Option<u8>,
    comment: bool,
    /// Whether a statement is begun and not ended.
    pending: bool,
}

impl State {
    fn take(&mut self, line: &[u8]) {
        let mut at = 0;
        while let Some(byte) = line.get(at).copied() {
            let next = line.get(at + 1).copied();
            at += 1;
            match (self.comment, self.quote, byte) {
                (true, _, b'*') if next == Some(b'/') => {
                    self.comment = false;
                    at += 1;
                }
                (true, ..) => {}
                (_, Some(quote), byte) if byte == quote => self.quote = None,
                (_, Some(_), _) => {}
                (_, _, b'-') if next == Some(b'-') => return,
                (_, _, b'/') if next == Some(b'*') => {
                    self.comment = true;
                    at += 1;
                }
                (_, _, b';') => self.pending = false,
                (_, _, b'[') => (self.quote, self.pending) = (Some(b']'), true),
                (_, _, b'\'' | b'"' | b'`') => (self.quote, self.pending) = (Some(byte), true),
                (_, _, byte) if byte > b' ' => self.pending = true,
                _ => {}
            }
        }
    }
}

/// A dot-command, taken apart.
#[derive(Clone, Debug)]
pub struct Dot<'a> {
    /// The words behind its name, quotes taken off, and where in the line each
    /// stands.
    args: Vec<(String, Range<usize>)>,
    /// Its name, which may be cut short.
    name: String,
    /// What stands behind its name.
    pub rest: &'a [u8],
}

impl<'a> Dot<'a> {
    /// Takes the line behind the dot apart; none if nothing stands there.
    pub fn of(line: &'a [u8]) -> Option<Dot<'a>> {
        let mut args = spans(line);
        if args.is_empty() {
            return None;
        }
        let (name, _) = args.remove(0);
        let rest = line.trim_ascii_start().get(name.len()..).unwrap_or_default();
        Some(Dot { args, name, rest })
    }

    /// The command that its name means: the one of that name, else the first
    /// that begins so.
    pub fn command(&self, known: &[&[&'static str]]) -> Option<&'static str> {
        let mut known = known.iter().copied().flatten().copied();
        let whole = known.clone().find(|known| *known == self.name);
        whole.or_else(|| known.find(|known| known.starts_with(&self.name)))
    }

    /// Its words, options among them.
    pub fn args(&self) -> impl Iterator<Item = &str> {
        self.args.iter().map(|(word, _)| word.as_str())
    }

    /// Its words but the options, and where in the line each stands.
    pub fn files(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        let files = self.args.iter().filter(|(word, _)| !word.starts_with('-'));
        files.map(|(word, span)| (word.as_str(), span.clone()))
    }

    /// Whether it has this option, with one dash or two.
    pub fn has(&self, option: &str) -> bool {
        self.args().any(|word| word.trim_start_matches('-') == option)
    }

    /// The shell command that it pipes into or reads from in a file's place.
    pub fn piped(&self) -> Option<&'a [u8]> {
        self.files().next().filter(|(file, _)| file.starts_with('|'))?;
        let from = self.rest.iter().position(|byte| *byte == b'|').unwrap_or(self.rest.len());
        Some(self.rest.get(from + 1..).unwrap_or_default())
    }
}

/// The words of a dot-command, quotes taken off, and where in the line each
/// stands.
fn spans(line: &[u8]) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let mut word = Vec::new();
        let start = line.len() - bytes.len() - 1;
        match byte {
            byte if byte.is_ascii_whitespace() => continue,
            b'\'' | b'"' => {
                while let Some(next) = bytes.next().filter(|next| *next != byte) {
                    word.push(match (byte, next) {
                        (b'"', b'\\') => bytes.next().unwrap_or(b'\\'),
                        _ => next,
                    });
                }
            }
            byte => {
                word.push(byte);
                while let Some(next) = bytes.next_if(|next| !next.is_ascii_whitespace()) {
                    word.push(next);
                }
            }
        }
        let end = line.len() - bytes.len();
        found.push((String::from_utf8_lossy(&word).into_owned(), start..end));
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dots(text: &str) -> Vec<String> {
        scan(text.as_bytes())
            .into_iter()
            .filter_map(|item| match item {
                Item::Dot { line, .. } => Some(String::from_utf8_lossy(&line).into_owned()),
                Item::Text(_) => None,
            })
            .collect()
    }

    #[test]
    fn dot_commands_stand_where_a_statement_begins() {
        assert_eq!(dots(".tables\nselect 1;\n.shell ls\n"), ["tables", "shell ls"]);
        assert_eq!(dots("select '\n.shell ls\n';"), Vec::<String>::new());
        assert_eq!(dots("select 1\n.x\n;"), Vec::<String>::new());
        assert_eq!(dots("/*\n.x\n*/\n.y"), ["y"]);
        assert_eq!(dots("-- x\n.y\nselect 1 -- ;\n.z\n"), ["y"]);
        assert_eq!(dots("select 1\ngo\n.y"), ["y"]);
        let dot = Dot::of(b"import --csv 'a b' \"c\\\"d\" e").expect("a command");
        assert_eq!(dot.files().map(|(file, _)| file).collect::<Vec<_>>(), ["a b", "c\"d", "e"]);
        assert_eq!(dot.command(&[&["once", "imp"], &["import"]]), Some("import"));
        assert_eq!(Dot::of(b"im x").and_then(|dot| dot.command(&[&["once", "imp"]])), Some("imp"));
        assert_eq!(Dot::of(b"once '| a | b'").and_then(|dot| dot.piped()), Some(&b" a | b'"[..]));
        assert!(Dot::of(b"once a '|b'").is_some_and(|dot| dot.piped().is_none()));
        assert!(Dot::of(b"  ").is_none());
    }

    #[test]
    fn words_are_found_where_they_stand() {
        let text = "select 1;\n.read  'a b.sql'  \r\n";
        let [_, Item::Dot { line, at }, ..] = &scan(text.as_bytes())[..] else { panic!() };
        let found = spans(line);
        assert_eq!(found[1].0, "a b.sql");
        assert_eq!(&text[at + found[1].1.start..at + found[1].1.end], "'a b.sql'");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            scan(&text);
            Dot::of(&text).map(|dot| (dot.piped().is_some(), dot.files().count()));
        }
    }
}
