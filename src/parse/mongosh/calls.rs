//! The calls of a script, one by one, and what each does.

use super::lex::{Kind, Token};
use super::tables;
use super::value::{Value, arguments};
use super::{Step, done};
use crate::action::{Effect, Flag};
use crate::parse::sql::Statement;

/// Steps that one script may have.
const MAX_STEPS: usize = 5_000;
/// How deep brackets may stand in each other.
const MAX_DEPTH: usize = 64;
/// Tokens in front of a call that are looked at for what it is called on.
const MAX_HEAD: usize = 500;

/// Words in front of a bracket that call nothing.
const KEYWORDS: &[&str] = &[
    "if", "for", "while", "switch", "catch", "return", "typeof", "await", "in", "of", "function",
    "async", "void", "else", "do", "case",
];

/// Reads a script's tokens.
pub struct Reader<'a> {
    tokens: &'a [Token],
    /// Where the bracket that opens at a token closes.
    closing: Vec<Option<usize>>,
    /// Where the bracket that closes at a token opens.
    opening: Vec<Option<usize>>,
    /// Whether a stage that writes stands somewhere in the text.
    pub(super) stages: (bool, bool),
    /// Whether the text has loops or functions, in which one call may run
    /// many times.
    repeats: bool,
    /// What was found.
    pub steps: Vec<Step>,
    /// Why some of it could not be read.
    pub problem: Option<String>,
}

impl<'a> Reader<'a> {
    /// A reader at the beginning.
    pub fn new(tokens: &'a [Token]) -> Reader<'a> {
        const REPEATING: &[&str] = &["=>", "function", "for", "while", "do", "class"];
        let repeats = tokens.iter().any(|token| REPEATING.iter().any(|word| token.is(word)));
        let mut closing = vec![None; tokens.len()];
        let mut opening = closing.clone();
        let mut open = Vec::new();
        let mut problem = None;
        for (at, token) in tokens.iter().enumerate() {
            if token.is("(") || token.is("[") || token.is("{") {
                open.push(at);
                if open.len() > MAX_DEPTH {
                    problem = Some("it is too deeply nested".to_owned());
                    break;
                }
            } else if (token.is(")") || token.is("]") || token.is("}"))
                && let Some(from) = open.pop()
            {
                if let Some(slot) = closing.get_mut(from) {
                    *slot = Some(at);
                }
                if let Some(slot) = opening.get_mut(at) {
                    *slot = Some(from);
                }
            }
        }
        let has = |name: &str| {
            tokens
                .iter()
                .any(|token| matches!(token.kind, Kind::Word | Kind::Text) && token.text == name)
        };
        let stages = (has("$out"), has("$merge"));
        Reader { tokens, closing, opening, stages, repeats, steps: Vec::new(), problem }
    }

    fn at(&self, index: Option<usize>) -> Option<&'a Token> {
        self.tokens.get(index?)
    }

    pub(super) fn unread(&mut self, why: impl Into<String>) {
        self.problem.get_or_insert(why.into());
    }

    /// Reads every call.
    pub fn run(&mut self) {
        let tokens = self.tokens;
        if self.problem.is_some() {
            return;
        }
        for (at, token) in tokens.iter().enumerate() {
            let before = self.at(at.checked_sub(1));
            let next = tokens.get(at + 1);
            let calls = next.is_some_and(|next| next.is("("));
            if token.kind == Kind::Word {
                if tables::HIDING.contains(&token.text.as_str()) {
                    self.unread(format!("it uses {}", token.text));
                } else if next.is_some_and(|next| matches!(next.kind, Kind::Template | Kind::Text))
                    && !KEYWORDS.contains(&token.text.as_str())
                    && next.is_some_and(|next| !next.fresh)
                {
                    self.unread("it hands a template to a function");
                } else if calls && !KEYWORDS.contains(&token.text.as_str()) {
                    self.call(at);
                } else if tables::DESTROYING.contains(&token.text.as_str())
                    && before.is_some_and(|before| before.is(".") || before.is("?."))
                {
                    self.unread(format!("it uses {} without calling it", token.text));
                }
            } else if calls && token.kind != Kind::Sign
                || (token.is(")") || token.is("]") || token.is("?."))
                    && next.is_some_and(|next| next.is("(") && !next.fresh)
                    && !self.is_condition(at)
            {
                self.unread("it calls what it computes");
            }
            if self.steps.len() > MAX_STEPS {
                return self.unread("it has too many calls");
            }
        }
    }

    /// Whether the bracket that closes at `at` is the head of an `if` and its
    /// like, so that what stands behind it is no call.
    fn is_condition(&self, at: usize) -> bool {
        let open = self.opening.get(at).copied().flatten();
        let before = open.and_then(|open| self.at(open.checked_sub(1)));
        before.is_some_and(|before| {
            ["if", "for", "while", "switch", "catch"].iter().any(|word| before.is(word))
        })
    }

    /// The call of the name at `at`.
    fn call(&mut self, at: usize) {
        let Some(token) = self.tokens.get(at) else { return };
        let name = token.text.as_str();
        let Some(end) = self.closing.get(at + 1).copied().flatten() else {
            return self.unread("a bracket in it is not closed");
        };
        let inner = self.tokens.get(at + 2..end).unwrap_or_default();
        let reads = tables::READS.contains(&name) && !tables::CALLING.contains(&name);
        let looks = reads && !matches!(name, "getSiblingDB" | "getDB");
        if looks && !self.at(at.checked_sub(2)).is_some_and(|it| it.is("rs") || it.is("sh")) {
            return;
        }
        let values = arguments(inner);
        let method = self.at(at.checked_sub(1)).is_some_and(|it| it.is(".") || it.is("?."));
        let owner = at.checked_sub(2).and_then(|at| self.tokens.get(at)).filter(|_| method);
        let text = |place: usize| match values.get(place) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        match name {
            "getSiblingDB" | "getDB" => self.retarget(at, text(0)),
            "connect" | "Mongo" if !method => {
                // The address itself is taken from the text's strings.
                if !text(0).is_some_and(|address| address.contains("://")) {
                    self.unread("it connects to a server of its own");
                }
            }
            "load" if !method => match text(0) {
                Some(file) => self.steps.push(Step::Load(file)),
                None => self.unread("which file it loads is computed at run time"),
            },
            "use" if !method => match text(0) {
                Some(name) => self.steps.push(Step::Use(name)),
                None => self.unread("which database it uses is computed at run time"),
            },
            _ if owner.is_some_and(|it| it.is("rs") || it.is("sh")) => {
                if !tables::READS.contains(&name) {
                    self.push(at, Effect::Disrupt, name, "Changes the replica set or cluster.");
                }
            }
            _ if tables::CALLING.contains(&name) && !harmless_callback(inner) => {
                self.unread("it hands a function that it computes to another");
            }
            "aggregate" => self.aggregate(at),
            _ if tables::READS.contains(&name) => {}
            _ => self.change(at, name, &values),
        }
    }

    /// `getSiblingDB`: for the statement that it stands in, or from here on
    /// where it is given to `db`.
    fn retarget(&mut self, at: usize, name: Option<String>) {
        let Some(name) = name else { return };
        let start = self.statement(at);
        let head = self.tokens.get(start..at).unwrap_or_default();
        if matches!(head, [db, equals, ..] if db.is("db") && equals.is("=")) || !self.is_chain(at) {
            self.steps.push(Step::Use(name));
        }
    }

    /// Whether the call at `at` is followed by another of its result.
    fn is_chain(&self, at: usize) -> bool {
        let end = self.closing.get(at + 1).copied().flatten();
        let next = end.and_then(|end| self.tokens.get(end + 1));
        next.is_some_and(|next| next.is(".") || next.is("[") || next.is("?."))
            && !self
                .tokens
                .get(self.statement(at)..at)
                .unwrap_or_default()
                .iter()
                .any(|it| it.is("="))
    }

    /// Where the statement begins in which a token stands.
    fn statement(&self, at: usize) -> usize {
        let floor = at.saturating_sub(MAX_HEAD);
        let ends = |token: &Token| token.is(";") || token.is("{") || token.is("}");
        let closes = |token: &Token| {
            token.kind != Kind::Sign || token.is(")") || token.is("]") || token.is("}")
        };
        let begins = |place: &usize| {
            let token = self.tokens.get(*place);
            let last = self.at(place.checked_sub(1));
            last.is_none_or(ends)
                || token.is_some_and(|it| it.fresh && !it.is(".") && !it.is("?."))
                    && last.is_some_and(closes)
        };
        (floor..=at).rev().find(begins).unwrap_or(floor)
    }

    /// The database that the statement names in which a call stands.
    fn database(&self, at: usize) -> Option<String> {
        let head = self.tokens.get(self.statement(at)..at)?;
        head.windows(3).rev().find_map(|window| match window {
            [name, open, text]
                if (name.is("getSiblingDB") || name.is("getDB"))
                    && open.is("(")
                    && text.kind == Kind::Text =>
            {
                Some(text.text.clone())
            }
            _ => None,
        })
    }

    /// The collection that a method is called on: `db.orders.drop`.
    fn object(&self, at: usize) -> Option<String> {
        let head = self.tokens.get(self.statement(at)..at)?;
        match head {
            [.., get, open, text, close, dot]
                if get.is("getCollection") && open.is("(") && close.is(")") && dot.is(".") =>
            {
                Some(text.text.clone())
            }
            [.., open, text, close, dot]
                if open.is("[") && close.is("]") && dot.is(".") && text.kind == Kind::Text =>
            {
                Some(text.text.clone())
            }
            [.., dot, name, last] if dot.is(".") && last.is(".") && name.kind == Kind::Word => {
                Some(name.text.clone())
            }
            _ => None,
        }
    }

    pub(super) fn push(&mut self, at: usize, effect: Effect, name: &str, says: &str) {
        self.add(at, done(effect, name.to_owned(), says.to_owned()));
    }

    pub(super) fn flagged(
        &mut self,
        at: usize,
        effect: Effect,
        name: &str,
        says: &str,
        flag: Flag,
    ) {
        let mut statement = done(effect, name.to_owned(), says.to_owned());
        statement.flags = statement.flags.with(flag);
        self.add(at, statement);
    }

    fn add(&mut self, at: usize, mut statement: Statement) {
        if self.repeats && statement.effect < Effect::Destroy {
            self.unread("it changes documents in a loop or function");
        }
        if let Some(name) = self.object(at) {
            statement.object = Some(format!("collection {name}"));
            let sentence = statement.summary.trim_end_matches('.').to_owned();
            statement.summary = format!("{sentence} ({name}).");
        }
        let database = self.database(at);
        self.steps.push(Step::Run(statement, database));
    }
}

/// Whether what is handed to a function that calls it is written there, or
/// only prints.
fn harmless_callback(inner: &[Token]) -> bool {
    let Some(first) = inner.first() else { return true };
    match first.kind {
        Kind::Word => {
            let written = ["function", "async"].iter().any(|word| first.is(word))
                || inner.get(1).is_some_and(|next| next.is("=>"));
            let value = inner.iter().all(|token| !token.is("."));
            written || tables::HANDED.contains(&first.text.as_str()) || value && inner.len() == 1
        }
        Kind::Sign if first.is("(") => inner
            .iter()
            .position(|token| token.is(")"))
            .and_then(|end| inner.get(end + 1))
            .is_some_and(|next| next.is("=>")),
        _ => true,
    }
}
