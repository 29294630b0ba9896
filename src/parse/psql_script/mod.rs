//! The language of psql scripts (`-f`, standard input), as psql 15's lexers
//! (psqlscan.l, psqlscanslash.l) read it: queries, backslash commands, and the
//! variables in both. What `-c` takes is another language: plain SQL, or one
//! backslash command ([`command`]).

mod args;
mod variables;

pub use args::{Arg, Args};
pub use variables::{Lookup, Variables};

use crate::parse::sql::lex::{self, Kind, Lexer, Mode, Token};

/// Bytes of text that expanding variables may move before the rest counts as
/// unreadable.
const MAX_MOVED: usize = 1 << 30;

/// Bytes of a script, values of variables put in, beyond which the rest counts
/// as unreadable.
const MAX_TEXT: usize = 256 << 20;

/// One step of a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A text sent to the server.
    Query(Query),
    /// A backslash command that sends nothing.
    Command(Command),
    /// The rest cannot be read, and why.
    Unreadable(&'static str),
}

/// A text sent to the server as one query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// The text, variables replaced.
    pub text: Vec<u8>,
    /// A variable in it, outside quotes, whose value is not known.
    pub unknown: Option<String>,
    /// The backslash command that sent it, if it was none of `;` and the end.
    pub by: Option<Command>,
}

/// The data behind a COPY FROM STDIN.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data {
    /// The lines.
    pub bytes: Vec<u8>,
    /// Whether a line of `\.` ends them; if none does, all that follows is data.
    pub closed: bool,
}

/// A backslash command.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Command {
    /// Its name, without the backslash.
    pub name: String,
    /// Its arguments.
    pub args: Args,
    /// Whether a query was begun in front of it and not yet sent.
    pub pending: bool,
}

/// Commands that send what was begun, or the last query again, and those of
/// psql 18 that send something else and forget what was begun; an older psql,
/// which does not know them, would keep it.
const SENDERS: &[&str] = &[
    "g",
    "gx",
    "gset",
    "gexec",
    "gdesc",
    "crosstabview",
    "watch",
    "parse",
    "sendpipeline",
    "close_prepared",
    "startpipeline",
    "syncpipeline",
    "endpipeline",
    "flush",
    "flushrequest",
];

/// Reads a script step by step.
#[derive(Clone, Debug)]
pub struct Scanner {
    text: Vec<u8>,
    at: usize,
    mode: Mode,
    /// What was begun and not yet sent.
    buffer: Query,
    previous: Query,
    parens: usize,
    /// The first words of the query, and the blocks of a function's body.
    heading: Heading,
    /// Variables being expanded: name, and how much text stands behind them.
    expanding: Vec<(Vec<u8>, usize)>,
    moved: usize,
    /// Bytes of the script as it was given.
    length: usize,
    /// Data that were taken out from behind the line that is being read: how
    /// much text stood behind them, and how much they were.
    taken: Vec<(usize, usize)>,
    tricky: bool,
    done: bool,
    single_line: bool,
    /// Whether what is in the buffer is known to be more than blanks.
    begun: bool,
    /// The line in which the last command stood: from, to, and how long the
    /// text was then.
    line: Option<(usize, usize, usize)>,
}

impl Scanner {
    /// A scanner of a whole script. `backslashes` reads it as psql does when
    /// the server's standard_conforming_strings is off.
    pub fn new(text: Vec<u8>, backslashes: bool) -> Scanner {
        let length = text.len();
        let text = match text.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => rest.to_vec(),
            None => text,
        };
        Scanner {
            text,
            at: 0,
            mode: Mode { backslashes, psql: true },
            buffer: Query::default(),
            previous: Query::default(),
            parens: 0,
            heading: Heading::default(),
            expanding: Vec::new(),
            moved: 0,
            length,
            taken: Vec::new(),
            tricky: false,
            done: false,
            single_line: false,
            begun: false,
            line: None,
        }
    }

    /// The same scanner, for which the end of a line sends a query (`-S`).
    #[must_use]
    pub fn single_line(self, on: bool) -> Scanner {
        Scanner { single_line: on, ..self }
    }

    /// Whether a plain string with a backslash was met, so that the other
    /// setting of standard_conforming_strings may end strings elsewhere.
    pub fn is_tricky(&self) -> bool {
        self.tricky
    }

    /// Passes over the data of a COPY FROM STDIN: the lines behind this one,
    /// up to a line of `\.`, which psql feeds to it. Gives them.
    pub fn take_data(&mut self) -> Data {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(line) = rest.iter().position(|byte| *byte == b'\n') else {
            return Data::default();
        };
        let from = self.at + line + 1;
        let mut end = from;
        let mut stop = self.text.len();
        let mut closed = false;
        while let Some(rest) = self.text.get(end..).filter(|rest| !rest.is_empty()) {
            let length =
                rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1);
            let line = rest.get(..length).unwrap_or_default().trim_ascii_end();
            if line == b"\\." {
                stop = end + length;
                closed = true;
                break;
            }
            end += length;
        }
        let bytes = self.text.get(from..end).unwrap_or_default().to_vec();
        let blank = self.text.get(self.at..from).is_none_or(|rest| rest.trim_ascii().is_empty());
        if blank {
            self.at = stop;
        } else {
            let behind = self.text.len() - stop;
            self.moved = self.moved.saturating_add(behind);
            let unread = self.text.len() - self.at;
            self.taken.retain(|(limit, _)| unread > *limit);
            self.taken.push((behind, stop - from));
            for (_, rest) in self.expanding.iter_mut().filter(|(_, rest)| *rest > behind) {
                *rest = rest.saturating_sub(stop - from);
            }
            self.text.drain(from..stop);
        }
        Data { bytes, closed }
    }

    /// The next step.
    pub fn next(&mut self, variables: &Variables) -> Option<Item> {
        while !self.done {
            if self.moved > MAX_MOVED || self.text.len() > MAX_TEXT {
                self.done = true;
                return Some(Item::Unreadable("it expands variables too often"));
            }
            let from = self.at;
            let mut lexer = Lexer::new(&self.text, from, self.mode);
            let Some(token) = lexer.next() else {
                self.done = true;
                return self.send(None).map(Item::Query);
            };
            let place = lexer.place();
            self.tricky |= token.kind == Kind::Text && token.bytes(&self.text).contains(&b'\\');
            let gap = self.text.get(from..token.start).unwrap_or_default();
            if self.single_line && gap.contains(&b'\n') && self.parens + self.heading.blocks == 0 {
                self.at = token.start;
                if let Some(query) = self.send(None) {
                    return Some(Item::Query(query));
                }
                continue;
            }
            self.buffer.text.extend_from_slice(gap);
            match token.kind {
                Kind::Semicolon if self.parens == 0 && self.heading.blocks == 0 => {
                    self.at = place;
                    if let Some(query) = self.send(None) {
                        return Some(Item::Query(query));
                    }
                }
                Kind::Backslash => {
                    if let Some(item) = self.backslash(token, variables) {
                        return Some(item);
                    }
                }
                Kind::Variable => self.variable(token, variables),
                _ => {
                    self.keep(token);
                    self.at = place;
                }
            }
        }
        None
    }

    /// Adds a token to the query.
    fn keep(&mut self, token: Token) {
        let bytes = token.bytes(&self.text);
        self.buffer.text.extend_from_slice(bytes);
        match token.kind {
            Kind::Open => self.parens += 1,
            Kind::Close => self.parens = self.parens.saturating_sub(1),
            Kind::Word => self.heading.word(bytes, self.parens),
            _ => {}
        }
    }

    /// Sends what was begun; nothing if it is blank.
    fn send(&mut self, by: Option<Command>) -> Option<Query> {
        let begun = std::mem::take(&mut self.buffer);
        self.begun = false;
        self.heading = Heading::default();
        self.parens = 0;
        let blank = Lexer::new(&begun.text, 0, self.mode).next().is_none();
        if !blank {
            self.previous = begun;
        } else if by.is_none() {
            return None;
        }
        Some(Query { by, ..self.previous.clone() })
    }

    fn backslash(&mut self, token: Token, variables: &Variables) -> Option<Item> {
        if let Some(forced @ (b';' | b':')) = self.text.get(token.end) {
            self.buffer.text.push(*forced);
            self.at = token.end + 1;
            if *forced == b';' {
                self.heading = Heading { blocks: self.heading.blocks, ..Heading::default() };
            }
            return None;
        }
        let end = self.line_end(token.end);
        let line = self.text.get(token.end..end).unwrap_or_default();
        let (mut command, taken) = command(line, variables);
        self.place(&mut command, token.end);
        self.at = token.end + taken;
        // What was begun once is so until it is sent.
        self.begun = self.begun || Lexer::new(&self.buffer.text, 0, self.mode).next().is_some();
        command.pending = self.begun;
        if !command.pending {
            // Or every command would look through the blank lines in front of all
            // that came before it.
            self.buffer.text.clear();
        }
        if SENDERS.contains(&command.name.as_str()) {
            return self.send(Some(command)).map(Item::Query);
        }
        if matches!(command.name.as_str(), "r" | "reset") {
            self.buffer = Query::default();
            self.begun = false;
            self.heading = Heading::default();
            self.parens = 0;
        }
        Some(Item::Command(command))
    }

    /// Says where in the script as it was given the arguments of a command
    /// stand that were read from `from` on. Expanding variables changes only
    /// what stands in front, so that the end is what places are counted from.
    fn place(&self, command: &mut Command, from: usize) {
        let expanded = self.expanding.iter().any(|(_, rest)| *rest < self.text.len() - from);
        for arg in &mut command.args.list {
            let original = |at: usize| {
                let behind = self.text.len().checked_sub(from + at)?;
                let add = |behind, (limit, count): &(usize, usize)| match behind > *limit {
                    true => behind + count,
                    false => behind,
                };
                self.length.checked_sub(self.taken.iter().rev().fold(behind, add))
            };
            let span = arg.span.take().filter(|_| !expanded);
            arg.span = span.and_then(|span| Some(original(span.start)?..original(span.end)?));
        }
    }

    /// Where the line ends that `at` stands in. Looked for once a line, not
    /// once a command.
    fn line_end(&mut self, at: usize) -> usize {
        let length = self.text.len();
        match self.line {
            Some((from, end, known)) if known == length && (from..=end).contains(&at) => end,
            _ => {
                let rest = self.text.get(at..).unwrap_or_default();
                let end = rest.iter().position(|byte| *byte == b'\n').map_or(length, |to| at + to);
                self.line = Some((at, end, length));
                end
            }
        }
    }

    fn variable(&mut self, token: Token, variables: &Variables) {
        let behind = self.text.len() - token.end;
        self.expanding.retain(|(_, rest)| *rest < self.text.len() - token.start);
        let bytes = token.bytes(&self.text).to_vec();
        let variable = variables::Reference::new(&bytes);
        let within = self.expanding.iter().any(|(name, _)| *name == variable.name());
        if within || self.expanding.len() > 100 {
            self.keep(Token { kind: Kind::Other, ..token });
            self.at = token.end;
            return;
        }
        let value = match variable.expand(variables) {
            Lookup::Unset => {
                self.keep(Token { kind: Kind::Other, ..token });
                self.at = token.end;
                return;
            }
            Lookup::Unknown => {
                self.buffer.unknown = Some(String::from_utf8_lossy(variable.name()).into_owned());
                b" NULL ".to_vec()
            }
            Lookup::Known(value) => value,
        };
        self.moved = self.moved.saturating_add(behind + value.len());
        self.expanding.push((variable.name().to_vec(), behind));
        self.text.splice(token.start..token.end, value);
        self.line = None;
        self.at = token.start;
    }
}

/// Reads one backslash command behind its backslash, in a line of text. Gives
/// how many bytes of the line it takes.
pub fn command(line: &[u8], variables: &Variables) -> (Command, usize) {
    let length =
        line.iter().position(|byte| args::is_blank(*byte) || *byte == b'\\').unwrap_or(line.len());
    let name = line.get(..length).unwrap_or_default();
    let name = String::from_utf8_lossy(name).into_owned();
    let rest = line.get(length..).unwrap_or_default();
    let (mut args, taken) = args::read(&name, rest, variables);
    for span in args.list.iter_mut().filter_map(|arg| arg.span.as_mut()) {
        *span = span.start + length..span.end + length;
    }
    (Command { name, args, pending: false }, length + taken)
}

/// psql's own guess at whether a query is CREATE FUNCTION or PROCEDURE, whose
/// body in BEGIN … END holds semicolons.
#[derive(Clone, Debug, Default)]
struct Heading {
    count: usize,
    letters: [u8; 4],
    blocks: usize,
}

impl Heading {
    fn word(&mut self, word: &[u8], parens: usize) {
        const HEADS: &[&str] = &["create", "function", "procedure", "or", "replace"];
        let is = |other: &&str| word.eq_ignore_ascii_case(other.as_bytes());
        if let (Some(head), Some(letter)) =
            (HEADS.iter().find(|head| is(head)), self.letters.get_mut(self.count))
        {
            *letter = head.bytes().next().unwrap_or(0);
        }
        self.count += 1;
        let defines =
            matches!(self.letters, [b'c', b'f' | b'p', ..] | [b'c', b'o', b'r', b'f' | b'p']);
        if !defines || parens > 0 {
            return;
        }
        if is(&"begin") || (is(&"case") && self.blocks > 0) {
            self.blocks += 1;
        } else if is(&"end") {
            self.blocks = self.blocks.saturating_sub(1);
        }
    }
}

/// Whether a byte may stand in a variable's name.
pub fn is_name(byte: u8) -> bool {
    lex::is_variable(byte)
}
