//! The language of the mysql client around its SQL: statements up to the
//! delimiter, `\x` commands anywhere on a line, long commands where a
//! statement begins. Follows `add_line` and `find_command` of the client
//! (MariaDB 10.11). Bytes in, items out; nothing is run.

use std::ops::Range;

/// What the client does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// Sends a text to the server.
    Text(Vec<u8>),
    /// Runs a command of its own.
    Command {
        /// The letter of its short form: `!` of `\!` and `system`.
        letter: u8,
        /// What stands behind it.
        rest: Vec<u8>,
        /// Where in the script that stands, blanks around it left out; none
        /// where a comment or the end of a line is in it.
        at: Option<Range<usize>>,
    },
    /// More commands on one line than are read: each takes the line to its
    /// end, so many of them are as much text as their number squared.
    Unread,
}

/// How many bytes commands may take together, beside twice the script's own.
const MOST: usize = 1 << 16;

/// Long names, the letter of the short form, and whether words may follow.
const COMMANDS: &[(&[u8], u8, bool)] = &[
    (b"?", b'h', true),
    (b"charset", b'C', true),
    (b"clear", b'c', false),
    (b"connect", b'r', true),
    (b"delimiter", b'd', true),
    (b"edit", b'e', false),
    (b"ego", b'G', false),
    (b"exit", b'q', false),
    (b"go", b'g', false),
    (b"help", b'h', true),
    (b"nopager", b'n', false),
    (b"notee", b't', false),
    (b"nowarning", b'w', false),
    (b"pager", b'P', true),
    (b"print", b'p', false),
    (b"prompt", b'R', true),
    (b"quit", b'q', false),
    (b"rehash", b'#', false),
    (b"sandbox", b'-', false),
    (b"source", b'.', true),
    (b"status", b's', false),
    (b"system", b'!', true),
    (b"tee", b'T', true),
    (b"use", b'u', true),
    (b"warnings", b'W', false),
];

/// Takes a script apart.
#[derive(Clone, Debug)]
pub struct Scanner {
    delimiter: Vec<u8>,
    buffer: Vec<u8>,
    quote: Option<u8>,
    comment: bool,
    /// Where the line that is being read begins.
    from: usize,
    items: Vec<Item>,
    /// How many bytes commands may still take.
    left: usize,
}

impl Scanner {
    /// A scanner whose statements end at `delimiter`; an empty one is `;`.
    pub fn new(delimiter: &[u8]) -> Scanner {
        let delimiter = if delimiter.is_empty() { b";".to_vec() } else { delimiter.to_vec() };
        Scanner {
            delimiter,
            buffer: Vec::new(),
            quote: None,
            comment: false,
            from: 0,
            items: Vec::new(),
            left: 0,
        }
    }

    /// Every item of a script, in order.
    pub fn scan(mut self, text: &[u8]) -> Vec<Item> {
        let mut next = 0;
        self.left = text.len().saturating_mul(2).saturating_add(MOST);
        for line in text.split(|byte| *byte == b'\n') {
            (self.from, next) = (next, next + line.len() + 1);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let fresh = self.buffer.is_empty() && self.quote.is_none();
            if fresh
                && !self.comment
                && let Some((letter, rest)) = self.long(line, true)
            {
                self.command(letter, rest.to_vec(), self.place(line, rest));
                continue;
            }
            self.line(line);
        }
        self.send();
        self.items
    }

    /// Adds a byte to the statement; none begins with a blank.
    fn push(&mut self, byte: u8) {
        if !self.buffer.is_empty() || !byte.is_ascii_whitespace() {
            self.buffer.push(byte);
        }
    }

    fn send(&mut self) {
        let text = std::mem::take(&mut self.buffer);
        if !text.trim_ascii().is_empty() {
            self.items.push(Item::Text(text));
        }
    }

    /// Where `rest` stands, if `line`, as far as it is read, ends in it.
    fn place(&self, line: &[u8], rest: &[u8]) -> Option<Range<usize>> {
        let (line, rest) = (line.trim_ascii_end(), rest.trim_ascii());
        let start = self.from + line.strip_suffix(rest)?.len();
        Some(start..start + rest.len())
    }

    fn command(&mut self, letter: u8, rest: Vec<u8>, at: Option<Range<usize>>) {
        match letter {
            b'd' => {
                let word = rest.split(u8::is_ascii_whitespace).find(|word| !word.is_empty());
                let word = word.filter(|word| !word.contains(&b'\\'));
                if let Some(word) = word {
                    self.delimiter =
                        word.iter().filter(|b| !b"'\"`".contains(b)).copied().collect();
                }
                if self.delimiter.is_empty() {
                    self.delimiter = b";".to_vec();
                }
            }
            b'g' | b'G' => self.send(),
            b'c' => self.buffer.clear(),
            _ => match self.left.checked_sub(rest.len()) {
                Some(left) => {
                    self.left = left;
                    self.items.push(Item::Command { letter, rest, at });
                }
                None if self.items.last() == Some(&Item::Unread) => {}
                None => self.items.push(Item::Unread),
            },
        }
    }

    /// The long command that a text begins with, and what follows its name.
    /// `whole` says that the text is a line, in which a delimiter means that
    /// it is not only a command.
    fn long<'t>(&self, text: &'t [u8], whole: bool) -> Option<(u8, &'t [u8])> {
        let text = text.trim_ascii_start();
        let end = text.iter().position(|byte| matches!(byte, b' ' | b'\t'));
        let word = text.get(..end.unwrap_or(text.len()))?.trim_ascii_end();
        let (_, letter, params) =
            COMMANDS.iter().find(|(name, ..)| word.eq_ignore_ascii_case(name))?;
        let rest = end.and_then(|end| text.get(end + 1..)).unwrap_or_default();
        let bare = rest.trim_ascii().is_empty();
        let sends =
            whole && *letter != b'd' && (contains(text, &self.delimiter) || contains(text, b"\\g"));
        (!sends && (*params || bare)).then_some((*letter, rest))
    }

    fn line(&mut self, line: &[u8]) {
        let mut at = 0;
        while let Some(byte) = line.get(at).copied() {
            let rest = line.get(at..).unwrap_or_default();
            if self.comment {
                at += 1;
                if rest.starts_with(b"*/") {
                    self.comment = false;
                    self.push(b' ');
                    at += 1;
                }
                continue;
            }
            if byte == b'\\' && self.quote != Some(b'`') {
                at = self.backslash(line, at);
                continue;
            }
            if let Some(quote) = self.quote {
                if byte == quote {
                    self.quote = None;
                }
                self.push(byte);
                at += 1;
                continue;
            }
            match rest {
                _ if rest.starts_with(&self.delimiter) => {
                    self.end(line.get(..at).unwrap_or_default());
                    at += self.delimiter.len();
                }
                [b'#', ..] => return self.push(b'\n'),
                [b'-', b'-', after @ ..] if after.first().is_none_or(|next| *next <= b' ') => {
                    return self.push(b'\n');
                }
                [b'/', b'*', after @ ..]
                    if !matches!(after, [b'!' | b'+', ..] | [b'M', b'!', ..]) =>
                {
                    self.comment = true;
                    at += 2;
                }
                _ => {
                    if matches!(byte, b'\'' | b'"' | b'`') {
                        self.quote = Some(byte);
                    }
                    self.push(byte);
                    at += 1;
                }
            }
        }
        if !self.comment {
            self.push(b'\n');
        }
    }

    /// At a delimiter: what stands in front of it is a command or a statement.
    fn end(&mut self, line: &[u8]) {
        let text = std::mem::take(&mut self.buffer);
        match self.long(&text, false) {
            Some((letter, rest)) => {
                self.command(letter, rest.to_vec(), self.place(line, rest));
            }
            None => {
                self.buffer = text;
                self.send();
            }
        }
    }

    /// At a backslash: an escape in a string, else a short command. Gives the
    /// place behind it.
    fn backslash(&mut self, line: &[u8], at: usize) -> usize {
        let Some(letter) = line.get(at + 1).copied() else {
            self.push(b'\\');
            return at + 1;
        };
        if self.quote.is_some() || letter == b'N' {
            self.buffer.extend([b'\\', letter]);
            return at + 2;
        }
        let rest = line.get(at + 2..).unwrap_or_default();
        let Some((.., params)) = COMMANDS.iter().find(|(_, short, _)| *short == letter) else {
            return at + 2;
        };
        // Only a command that takes words has use for what stands behind it.
        let (words, place) = match params {
            true => (rest.to_vec(), self.place(line, rest)),
            false => (Vec::new(), None),
        };
        self.command(letter, words, place);
        if !params {
            return at + 2;
        }
        // The command takes the line to its end, and the client goes on with
        // the statement behind the next delimiter.
        match find(rest, &self.delimiter) {
            Some(place) => at + 2 + place + self.delimiter.len(),
            None => line.len(),
        }
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len().max(1)).position(|window| window == part)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    find(text, part).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(text: &str) -> Vec<String> {
        let shown = |item: &Item| match item {
            Item::Text(text) => String::from_utf8_lossy(text).trim().to_owned(),
            Item::Command { letter, rest, .. } => {
                let rest = String::from_utf8_lossy(rest);
                format!("\\{} {}", char::from(*letter), rest.trim())
            }
            Item::Unread => "unread".to_owned(),
        };
        Scanner::new(b"").scan(text.as_bytes()).iter().map(shown).collect()
    }

    #[test]
    fn statements_end_at_the_delimiter() {
        assert_eq!(
            items("select 1; select ';';select\n2"),
            ["select 1", "select ';'", "select\n2"]
        );
        assert_eq!(
            items("delimiter //\nselect 1; select 2//\nselect 3"),
            ["select 1; select 2", "select 3"]
        );
        assert_eq!(items("select 1\\g select 2 \\G"), ["select 1", "select 2"]);
        assert_eq!(items("select 1 \\c select 2;"), ["select 2"]);
        assert_eq!(items("select 1 # ;\n;select 2 -- ;\n;"), ["select 1", "select 2"]);
        assert_eq!(
            items("select /* ;\n; */ 1; select /*! 2 */;"),
            ["select   1", "select /*! 2 */"]
        );
        assert_eq!(items("select 'a\n;b'; select 2"), ["select 'a\n;b'", "select 2"]);
    }

    #[test]
    fn commands_are_found_where_the_client_finds_them() {
        assert_eq!(items("\\! rm -rf x"), ["\\! rm -rf x"]);
        assert_eq!(items("system ls; drop"), ["\\! ls", "drop"]);
        assert_eq!(
            items("select 1; \\! ls; drop table t;"),
            ["select 1", "\\! ls; drop table t;", "drop table t"]
        );
        assert_eq!(items("source a.sql"), ["\\. a.sql"]);
        assert_eq!(items("SOURCE a.sql;"), ["\\. a.sql"]);
        assert_eq!(items("use shop\ndrop table t"), ["\\u shop", "drop table t"]);
        assert_eq!(items("select 1 use x"), ["select 1 use x"]);
        assert_eq!(items("select '\\! ls'"), ["select '\\! ls'"]);
        assert_eq!(items("select\nsystem ls;"), ["select\nsystem ls"]);
        assert_eq!(items("connect db host"), ["\\r db host"]);
    }

    #[test]
    fn what_stands_behind_a_command_is_found_in_the_script() {
        for (text, found) in [
            ("source a.sql", Some("a.sql")),
            ("select 1;\r\n  SOURCE  a b.sql \r\n", Some("a b.sql")),
            ("select 1; source a.sql;", Some("a.sql")),
            ("delimiter //\nsource /*x*/ a.sql //", Some("a.sql")),
            ("select 1; \\. a.sql", Some("a.sql")),
            ("select 1 \\. a.sql; select 2;", Some("a.sql; select 2;")),
            ("source a.sql /* a.sql */;", None),
            ("source a.sql -- a.sql\n;", Some("a.sql -- a.sql")),
            ("source a.sql # ;\n;", None),
            ("select 1; source\na.sql\n;", None),
        ] {
            let items = Scanner::new(b"").scan(text.as_bytes());
            let at = items.into_iter().find_map(|item| match item {
                Item::Command { letter: b'.', at, .. } => at,
                _ => None,
            });
            assert_eq!(at.map(|at| &text[at]), found, "{text}");
        }
    }

    /// Found by fuzzing: each command took the rest of its line along, so a
    /// line of a megabyte came to a hundred gigabytes.
    #[test]
    fn many_commands_on_one_line_are_not_the_square_of_it() {
        let items = Scanner::new(b"").scan("\\! x;".repeat(50_000).as_bytes());
        let bytes = |item: &Item| match item {
            Item::Text(text) => text.len(),
            Item::Command { rest, .. } => rest.len(),
            Item::Unread => 0,
        };
        assert!(items.iter().map(bytes).sum::<usize>() < 700_000);
        assert_eq!(items.last(), Some(&Item::Unread));
        assert!(items.len() < 10);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(text in proptest::collection::vec(any::<u8>(), 0..300)) {
            Scanner::new(b"").scan(&text);
            Scanner::new(b"//").scan(&text);
        }
    }
}
