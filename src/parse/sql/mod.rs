//! PostgreSQL's SQL → what each statement does. Two layers: a lexer of our own
//! that never fails and splits statements as the server does, and the full
//! grammar (squawk) within caps that keep it from running deep or long. A
//! statement is never less than its words say once the grammar rejects it, and
//! a text that does not parse never counts as a read.

mod body;
mod changes;
mod definitions;
mod fold;
mod functions;
pub mod holes;
mod keyword;
pub mod lex;
mod name;
mod shape;
mod simple;
mod source;
mod temporary;
pub mod token;
mod transaction;
mod tree;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::action::{Effect, Flag, Flags};
use lex::{Kind, Lexer, Mode, Token};
use temporary::Temporary;
pub use transaction::settle;

/// Tokens of one statement beyond which only its words count.
const MAX_TOKENS: usize = 200_000;
/// Bytes of one statement beyond which only its words count.
const MAX_BYTES: usize = 4 << 20;
/// How deep brackets, CASE and prefix operators may nest for the grammar,
/// which recurses (8 KiB of stack a level, measured on squawk 2.68 unoptimised).
const MAX_DEPTH: usize = 128;
/// Tokens between two commas beyond which the grammar, quadratic in a chain of
/// operators, is not asked.
const MAX_CHAIN: usize = 2_000;
/// Bare words in a row beyond which it is not asked either.
const MAX_WORDS: usize = 128;

/// What a statement means for the text around it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Role {
    /// Nothing.
    #[default]
    Plain,
    /// Opens a transaction.
    Begin,
    /// Ends it and keeps its changes, or chains a new one to it.
    Commit,
    /// Ends it and takes its changes back.
    Rollback,
    /// Breaks what could be proved about the transaction around it.
    Barrier,
    /// Takes its data from standard input (`COPY … FROM STDIN`).
    CopyIn,
}

/// One statement, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// How much it takes away.
    pub effect: Effect,
    /// What else matters about it.
    pub flags: Flags,
    /// What SQL calls it: `DROP TABLE`.
    pub operation: Cow<'static, str>,
    /// What it is done to: `table orders`.
    pub object: Option<String>,
    /// One sentence; empty for a read.
    pub summary: String,
    /// What to do instead.
    pub instead: Option<&'static str>,
    /// What it means for the text around it.
    pub role: Role,
    /// Whether a ROLLBACK does not take it back.
    pub lasting: bool,
    /// A function that it calls and that comes neither with PostgreSQL nor
    /// with an extension that we know, if it does.
    pub unknown_function: Option<String>,
}

impl Statement {
    /// A statement with nothing to say but its effect.
    pub fn new(effect: Effect, operation: impl Into<Cow<'static, str>>) -> Statement {
        Statement {
            effect,
            flags: Flags::NONE,
            operation: operation.into(),
            object: None,
            summary: String::new(),
            instead: None,
            role: Role::Plain,
            lasting: false,
            unknown_function: None,
        }
    }

    /// A statement that runs code which cannot be read, for `why` (a clause
    /// that completes "could not be read: …").
    pub fn opaque(operation: impl Into<Cow<'static, str>>, why: &str) -> Statement {
        Statement {
            flags: Flags::of(&[Flag::Opaque]),
            summary: format!("Runs code that could not be read: {why}."),
            role: Role::Barrier,
            ..Statement::new(Effect::Write, operation)
        }
    }

    /// What stands between statements and makes a ROLLBACK behind it prove
    /// nothing.
    pub fn barrier() -> Statement {
        Statement { role: Role::Barrier, ..Statement::new(Effect::Read, "") }
    }

    /// Whether it can never need a question.
    pub fn is_harmless(&self) -> bool {
        self.effect == Effect::Read && self.flags.is_empty() && self.unknown_function.is_none()
    }

    /// Orders statements by danger: destroying and opaque ones last.
    fn weight(&self) -> (Effect, bool, bool) {
        (self.effect, self.flags.has(Flag::Opaque), self.flags.has(Flag::Irreversible))
    }

    /// The worse of two readings of one statement.
    fn worse(self, other: Statement) -> Statement {
        let flags = self.flags.union(other.flags);
        let lasting = self.lasting || other.lasting;
        let unknown_function = self.unknown_function.clone().or(other.unknown_function.clone());
        let worse = if other.weight() > self.weight() { other } else { self };
        Statement { flags, lasting, unknown_function, ..worse }
    }
}

/// Reads the texts of one session in their order: what an earlier one defines,
/// a later one may call.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// What calling a function of that name (without schema, lower case) does.
    functions: BTreeMap<String, Statement>,
    /// The names of prepared statements, lower case.
    prepared: BTreeSet<String>,
}

/// Reads one text by itself.
pub fn read(text: &[u8]) -> Vec<Statement> {
    let mut statements = Reader::default().read(text);
    settle(&mut statements);
    statements
}

/// Whether a text begins as a statement that may destroy, by its first word, or
/// as one that takes data.
pub fn may_destroy(text: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "alter", "copy", "delete", "do", "drop", "explain", "merge", "select", "truncate",
        "update", "with",
    ];
    let first = Lexer::new(text, 0, Mode::default()).next();
    first.is_some_and(|first| WORDS.iter().any(|word| first.is(text, word)))
}

impl Reader {
    /// The statements that the server would run for `text` as one query.
    pub fn read(&mut self, text: &[u8]) -> Vec<Statement> {
        let decoded = String::from_utf8_lossy(text);
        let bytes = decoded.as_bytes();
        let mut found = Vec::new();
        let tricky = self.pass(bytes, Mode::default(), &mut found);
        if tricky {
            // standard_conforming_strings may be off on this server.
            let mut other = Vec::new();
            let mode = Mode { backslashes: true, psql: false };
            self.clone().pass(bytes, mode, &mut other);
            other.retain(|statement| !statement.is_harmless() && !found.contains(statement));
            found.append(&mut other);
        }
        let unreadable = matches!(decoded, Cow::Owned(_)) && text.contains(&b'\\');
        if unreadable || text.contains(&0) {
            found.push(Statement::opaque("text", "it is not UTF-8"));
        }
        found
    }

    /// Reads `text` in one mode. Says whether a plain string holds a backslash.
    fn pass(&mut self, text: &[u8], mode: Mode, found: &mut Vec<Statement>) -> bool {
        let mut lexer = Lexer::new(text, 0, mode);
        let mut tricky = false;
        let mut piece = Piece::default();
        let mut temporary = Temporary::default();
        loop {
            let token = lexer.next();
            match token {
                Some(token) if !piece.ends_at(text, &token) => {
                    tricky |= token.kind == Kind::Text && token.bytes(text).contains(&b'\\');
                    piece.take(text, token);
                }
                end => {
                    let cut = mode.backslashes && piece.open;
                    if !piece.is_empty() && !cut {
                        let mut statement = self.statement(text, &piece, mode);
                        temporary.settle(text, &piece.tokens, &mut statement);
                        found.push(statement);
                    }
                    if end.is_none() {
                        return tricky;
                    }
                    piece.clear();
                }
            }
        }
    }

    fn statement(&mut self, text: &[u8], piece: &Piece, mode: Mode) -> Statement {
        let plain = !piece.open && !piece.capped();
        if plain && let Some(found) = simple::read(text, &piece.tokens, &self.functions) {
            return found;
        }
        let floor = || {
            let operation = piece.first_word(text).to_ascii_uppercase();
            let mut statement = Statement::opaque(operation, piece.why());
            statement.effect = statement.effect.max(piece.words.effect());
            statement.lasting = true;
            if statement.effect == Effect::Destroy {
                statement.summary = "Seems to destroy data, in a form that could not be read in \
                                     full."
                    .to_owned();
                if piece.drops_a_container(text) {
                    statement.flags = statement.flags.with(Flag::Irreversible);
                }
            }
            statement
        };
        if !plain {
            return floor();
        }
        let source = source::Source::new(text, &piece.tokens, mode.backslashes);
        source.and_then(|source| self.parsed(&source)).unwrap_or_else(floor)
    }
}

/// The tokens of one statement as they come, with the measures that decide
/// whether the grammar may be asked.
#[derive(Debug, Default)]
struct Piece {
    tokens: Vec<Token>,
    words: keyword::Scan,
    open: bool,
    depth: usize,
    /// Open BEGIN ATOMIC and CASE blocks of a function's body.
    blocks: usize,
    nested: usize,
    deepest: usize,
    chain: usize,
    longest: usize,
    run: usize,
    longest_run: usize,
    prefixes: usize,
    bytes: usize,
    over: bool,
}

impl Piece {
    fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    fn clear(&mut self) {
        let mut tokens = std::mem::take(&mut self.tokens);
        tokens.clear();
        *self = Piece { tokens, ..Piece::default() };
    }

    /// Whether the statement ends in front of this token.
    fn ends_at(&self, _text: &[u8], token: &Token) -> bool {
        token.kind == Kind::Semicolon && self.depth == 0 && self.blocks == 0
    }

    fn take(&mut self, text: &[u8], token: Token) {
        self.open |= token.open;
        self.bytes += token.end - token.start;
        self.measure(text, &token);
        match token.kind {
            Kind::Word => self.words.word(token.bytes(text)),
            Kind::Quoted | Kind::UnicodeQuoted => self.words.name(),
            _ => {}
        }
        if token.kind == Kind::Word {
            self.block(text, &token);
        }
        if self.tokens.len() < MAX_TOKENS && self.bytes < MAX_BYTES {
            self.tokens.push(token);
        } else {
            self.over = true;
        }
    }

    /// Follows BEGIN ATOMIC … END in the body of a CREATE FUNCTION.
    fn block(&mut self, text: &[u8], token: &Token) {
        if token.is(text, "atomic") {
            let begun = self.tokens.last().is_some_and(|last| last.is(text, "begin"));
            self.blocks += usize::from(begun && body::is_definition(text, &self.tokens));
        } else if self.blocks > 0 && token.is(text, "case") {
            self.blocks += 1;
        } else if self.blocks > 0 && token.is(text, "end") {
            self.blocks -= 1;
        }
    }

    fn measure(&mut self, text: &[u8], token: &Token) {
        match token.kind {
            Kind::Open => self.depth += 1,
            Kind::Close => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        match token.kind {
            Kind::Open | Kind::OpenSquare => self.nested += 1,
            Kind::Close | Kind::CloseSquare => self.nested = self.nested.saturating_sub(1),
            Kind::Word if token.is(text, "case") => self.nested += 1,
            Kind::Word if token.is(text, "end") => self.nested = self.nested.saturating_sub(1),
            _ => {}
        }
        let prefix = token.kind == Kind::Operator || token.is(text, "not");
        self.prefixes = if prefix { self.prefixes + 1 } else { 0 };
        self.deepest = self.deepest.max(self.nested + self.prefixes);
        const LINKS: &[&str] = &["and", "or", "union", "join", "when"];
        let link = token.kind == Kind::Word && LINKS.iter().any(|word| token.is(text, word));
        let breaks = link || matches!(token.kind, Kind::Comma | Kind::Semicolon);
        self.chain = if breaks { 0 } else { self.chain + 1 };
        self.longest = self.longest.max(self.chain);
        self.run = if token.kind == Kind::Word && !link { self.run + 1 } else { 0 };
        self.longest_run = self.longest_run.max(self.run);
    }

    fn capped(&self) -> bool {
        self.over
            || self.deepest > MAX_DEPTH
            || self.longest > MAX_CHAIN
            || self.longest_run > MAX_WORDS
    }

    fn why(&self) -> &'static str {
        if self.open {
            "a quote or comment in it is not closed"
        } else if self.capped() {
            "it is too large or too deeply nested"
        } else {
            "it does not follow PostgreSQL's grammar"
        }
    }

    fn first_word(&self, text: &[u8]) -> String {
        self.words_of(text).next().unwrap_or_default()
    }

    /// Its words, each as far as a keyword could go.
    fn words_of(&self, text: &[u8]) -> impl Iterator<Item = String> {
        let words = self.tokens.iter().filter(|token| token.kind == Kind::Word);
        words.map(|word| {
            let bytes = word.bytes(text);
            let short = bytes.get(..bytes.len().min(24)).unwrap_or_default();
            String::from_utf8_lossy(short).into_owned()
        })
    }

    /// Whether it begins as what takes away a whole container of data.
    fn drops_a_container(&self, text: &[u8]) -> bool {
        let mut words = self.words_of(text);
        let is = |word: Option<String>, known: &[&str]| {
            word.is_some_and(|word| known.iter().any(|it| word.eq_ignore_ascii_case(it)))
        };
        is(words.next(), &["drop"])
            && is(words.next(), &["database", "keyspace", "owned", "tablespace"])
    }
}

#[cfg(test)]
mod tests;
