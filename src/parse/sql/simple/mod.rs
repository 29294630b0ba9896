//! The shape of the plainest statements, recognised from tokens alone at a
//! hundredth of the cost of a syntax tree: one SELECT over names, literals,
//! operators and function calls, a SHOW or a TABLE; and what scripts are full
//! of: rows inserted as values, rows changed where a column is compared with a
//! literal, grants, comments, a transaction's begin and end. A small grammar of its own: what it does not know is the full
//! grammar's to judge, and what it accepts, that would judge alike (tests.rs
//! compares them).

mod expression;
mod words;

use std::collections::BTreeMap;

use words::is_reserved;

use super::lex::{Kind, Token};
use super::{Role, Statement, changes, definitions, name};
use crate::action::{Effect, Flag, Flags};

/// How deep parentheses may nest.
const DEPTH: usize = 12;
/// What a plain statement (its tokens without the semicolon) does; none if it
/// is not plain. `own` are the functions that the text itself defines.
pub fn read(text: &[u8], tokens: &[Token], own: &BTreeMap<String, Statement>) -> Option<Statement> {
    let mut reader = Reader { text, tokens, at: 0, depth: 0, own };
    let names = |at| name::listed(text, tokens, at).join(", ");
    let found = if reader.takes_word("insert") {
        reader.insert()?;
        changes::inserted(names(2))
    } else if reader.takes_word("update") {
        reader.update()?;
        changes::updated(false, names(1))
    } else if reader.takes_word("delete") {
        reader.delete()?;
        changes::deleted(false, names(2))
    } else if reader.takes_word("grant") {
        reader.grant()?;
        let flags = Flags::of(&[Flag::Permission]);
        Statement { flags, ..definitions::wrote_to(names(1), "GRANT") }
    } else if reader.takes_word("comment") {
        reader.comment()?;
        definitions::wrote_to(names(2), "COMMENT ON")
    } else if reader.takes_word("begin") {
        Statement { role: Role::Begin, ..Statement::new(Effect::Read, "BEGIN") }
    } else if reader.takes_word("commit") {
        Statement { role: Role::Commit, ..Statement::new(Effect::Read, "COMMIT") }
    } else {
        reader.statement()?;
        Statement::new(Effect::Read, "SELECT")
    };
    (reader.at == tokens.len()).then_some(found)
}

struct Reader<'a> {
    text: &'a [u8],
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    own: &'a BTreeMap<String, Statement>,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    fn kind(&self) -> Option<Kind> {
        self.peek(0).map(|token| token.kind)
    }

    fn takes(&mut self, kind: Kind) -> bool {
        let here = self.kind() == Some(kind);
        self.at += usize::from(here);
        here
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let here = self.peek(0).is_some_and(|token| token.is(self.text, word));
        self.at += usize::from(here);
        here
    }

    fn takes_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.takes_word(word))
    }

    fn takes_operator(&mut self, operator: &[u8]) -> bool {
        let here = self.peek(0).is_some_and(|token| {
            token.kind == Kind::Operator && token.bytes(self.text) == operator
        });
        self.at += usize::from(here);
        here
    }

    /// A name that is no reserved word, or a quoted one.
    fn name(&mut self) -> Option<()> {
        let token = self.peek(0)?;
        let free = match token.kind {
            Kind::Word => !is_reserved(token.bytes(self.text)),
            kind => kind == Kind::Quoted,
        };
        self.at += usize::from(free);
        free.then_some(())
    }

    fn qualified(&mut self) -> Option<()> {
        self.name()?;
        while self.takes(Kind::Dot) {
            if self.takes_operator(b"*") {
                return Some(());
            }
            self.name()?;
        }
        Some(())
    }

    fn statement(&mut self) -> Option<()> {
        if self.takes_word("show") || self.takes_word("table") {
            return if self.takes_word("all") { Some(()) } else { self.qualified() };
        }
        self.select()
    }

    /// `INTO t (a, b) VALUES (1, DEFAULT), (2, 'x')`.
    fn insert(&mut self) -> Option<()> {
        self.takes_word("into").then_some(())?;
        self.qualified()?;
        if self.takes(Kind::Open) {
            self.name()?;
            while self.takes(Kind::Comma) {
                self.name()?;
            }
            self.takes(Kind::Close).then_some(())?;
        }
        self.takes_word("values").then_some(())?;
        loop {
            self.takes(Kind::Open).then_some(())?;
            loop {
                self.given()?;
                if !self.takes(Kind::Comma) {
                    break;
                }
            }
            self.takes(Kind::Close).then_some(())?;
            if !self.takes(Kind::Comma) {
                return Some(());
            }
        }
    }

    /// `t SET a = 1, b = DEFAULT WHERE …`.
    fn update(&mut self) -> Option<()> {
        self.qualified()?;
        self.takes_word("set").then_some(())?;
        loop {
            self.name()?;
            self.takes_operator(b"=").then_some(())?;
            self.given()?;
            if !self.takes(Kind::Comma) {
                break;
            }
        }
        self.bounded()
    }

    /// `FROM t WHERE …`.
    fn delete(&mut self) -> Option<()> {
        self.takes_word("from").then_some(())?;
        self.qualified()?;
        self.bounded()
    }

    /// `SELECT, INSERT ON TABLE t, u TO ana, bob`.
    fn grant(&mut self) -> Option<()> {
        const PRIVILEGES: &[&str] =
            &["select", "insert", "update", "delete", "usage", "execute", "all"];
        loop {
            self.takes_any(PRIVILEGES).then_some(())?;
            if !self.takes(Kind::Comma) {
                break;
            }
        }
        self.takes_word("on").then_some(())?;
        let _ = self.takes_any(&["table", "sequence", "schema"]);
        self.qualified()?;
        while self.takes(Kind::Comma) {
            self.qualified()?;
        }
        self.takes_word("to").then_some(())?;
        self.name()?;
        while self.takes(Kind::Comma) {
            self.name()?;
        }
        Some(())
    }

    /// `ON TABLE t IS 'text'`.
    fn comment(&mut self) -> Option<()> {
        self.takes_word("on").then_some(())?;
        self.takes_any(&["table", "column", "view", "index", "schema", "sequence"]).then_some(())?;
        self.qualified()?;
        self.takes_word("is").then_some(())?;
        (self.takes(Kind::Text) || self.takes_word("null")).then_some(())
    }

    /// A value for a column.
    fn given(&mut self) -> Option<()> {
        if self.takes_word("default") { Some(()) } else { self.expression() }
    }

    /// A WHERE of conditions that must all hold, of which one compares a column
    /// with a literal: whatever the others are, that is no constant.
    fn bounded(&mut self) -> Option<()> {
        self.takes_word("where").then_some(())?;
        let mut bounds = false;
        loop {
            bounds |= self.compares();
            while self.takes_word("not") {}
            self.value()?;
            if !self.takes_word("and") {
                return bounds.then_some(());
            }
        }
    }

    /// Whether `column = literal` comes next, up to AND or the end. What is more
    /// or less than a number may hold for every row (`id > 0`): the grammar's.
    fn compares(&mut self) -> bool {
        const COMPARISONS: &[&[u8]] = &[b"=", b"<", b">", b"<=", b">="];
        let from = self.at;
        let holds = self.qualified().is_some()
            && COMPARISONS.iter().any(|operator| {
                let any = matches!(*operator, b">" | b">=");
                let found = self.takes_operator(operator);
                found && (!any || self.kind() != Some(Kind::Number))
            })
            && (self.takes(Kind::Number) || self.takes(Kind::Text))
            && self.peek(0).is_none_or(|next| next.is(self.text, "and"));
        self.at = from;
        holds
    }

    fn select(&mut self) -> Option<()> {
        if !self.takes_word("select") {
            return None;
        }
        let _ = self.takes_any(&["distinct", "all"]);
        loop {
            self.item()?;
            if !self.takes(Kind::Comma) {
                break;
            }
        }
        if self.takes_word("from") {
            self.sources()?;
        }
        if self.takes_word("where") {
            self.expression()?;
        }
        if self.takes_word("group") {
            self.takes_word("by").then_some(())?;
            self.list()?;
        }
        if self.takes_word("having") {
            self.expression()?;
        }
        if self.takes_word("order") {
            self.takes_word("by").then_some(())?;
            self.order()?;
        }
        for word in ["limit", "offset"] {
            if self.takes_word(word) && !self.takes_word("all") {
                self.expression()?;
            }
        }
        Some(())
    }

    fn item(&mut self) -> Option<()> {
        if self.takes_operator(b"*") {
            return Some(());
        }
        self.expression()?;
        self.alias()
    }

    fn alias(&mut self) -> Option<()> {
        if self.takes_word("as") {
            return self.name();
        }
        let _ = self.name();
        Some(())
    }

    fn sources(&mut self) -> Option<()> {
        loop {
            self.source()?;
            while self.join() {
                self.source()?;
                if self.takes_word("on") {
                    self.expression()?;
                } else if self.takes_word("using") {
                    self.takes(Kind::Open).then_some(())?;
                    self.list()?;
                    self.takes(Kind::Close).then_some(())?;
                }
            }
            if !self.takes(Kind::Comma) {
                return Some(());
            }
        }
    }

    /// A relation's name and alias; functions and subqueries are not plain.
    fn source(&mut self) -> Option<()> {
        self.qualified()?;
        self.alias()
    }

    fn join(&mut self) -> bool {
        let from = self.at;
        if self.takes_any(&["left", "right", "full"]) {
            let _ = self.takes_word("outer");
        } else {
            let _ = self.takes_any(&["inner", "cross"]);
        }
        let joins = self.takes_word("join");
        if !joins {
            self.at = from;
        }
        joins
    }

    fn order(&mut self) -> Option<()> {
        loop {
            self.expression()?;
            let _ = self.takes_any(&["asc", "desc"]);
            if self.takes_word("nulls") {
                self.takes_any(&["first", "last"]).then_some(())?;
            }
            if !self.takes(Kind::Comma) {
                return Some(());
            }
        }
    }
}
