//! A plain statement's values: names, literals, operators, and calls of
//! functions that are known to only read. Reads tokens; decides nothing.

use super::words::{CONSTANTS, TYPES};
use super::{DEPTH, Reader};
use crate::parse::sql::lex::{Kind, Token};
use crate::parse::sql::{functions, name};

impl Reader<'_> {
    pub(super) fn list(&mut self) -> Option<()> {
        loop {
            self.expression()?;
            if !self.takes(Kind::Comma) {
                return Some(());
            }
        }
    }

    pub(super) fn expression(&mut self) -> Option<()> {
        loop {
            while self.takes_word("not") {}
            self.value()?;
            if !self.takes_any(&["and", "or"]) {
                return Some(());
            }
        }
    }

    /// Operands and operators, up to AND, OR or the end.
    pub(super) fn value(&mut self) -> Option<()> {
        self.signed()?;
        loop {
            let negated = self.takes_word("not");
            if self.takes_word("between") {
                self.signed()?;
                self.takes_word("and").then_some(())?;
                self.signed()?;
            } else if self.takes_word("in") {
                self.parenthesis()?;
            } else if self.takes_any(&["like", "ilike"]) || (!negated && self.takes(Kind::Operator))
            {
                self.signed()?;
            } else {
                return (!negated).then_some(());
            }
        }
    }

    fn signed(&mut self) -> Option<()> {
        while self.takes_operator(b"-") || self.takes_operator(b"+") {}
        self.operand()?;
        self.suffixes()
    }

    /// `::type` and `IS [NOT] …` behind an operand.
    fn suffixes(&mut self) -> Option<()> {
        loop {
            if self.peek(0).is_some_and(|token| token.bytes(self.text) == b"::") {
                self.at += 1;
                self.name()?;
                if self.takes(Kind::Open) {
                    self.takes(Kind::Number).then_some(())?;
                    self.takes(Kind::Close).then_some(())?;
                }
            } else if self.takes_word("is") {
                let _ = self.takes_word("not");
                self.takes_any(&["null", "true", "false", "unknown"]).then_some(())?;
            } else {
                return Some(());
            }
        }
    }

    fn operand(&mut self) -> Option<()> {
        match self.kind()? {
            Kind::Number | Kind::Text => {
                self.at += 1;
                Some(())
            }
            Kind::Open => self.parenthesis(),
            Kind::Word if self.takes_any(CONSTANTS) => Some(()),
            Kind::Word | Kind::Quoted => self.named(),
            _ => None,
        }
    }

    fn parenthesis(&mut self) -> Option<()> {
        self.depth += 1;
        if self.depth > DEPTH || !self.takes(Kind::Open) {
            return None;
        }
        if self.peek(0)?.is(self.text, "select") {
            self.select()?;
        } else {
            self.list()?;
        }
        self.depth -= 1;
        self.takes(Kind::Close).then_some(())
    }

    /// Whether the name in front of a call may be that of a function which the
    /// text itself defines.
    fn is_own(&self, called: &Token) -> bool {
        let defined = |name: String| self.own.contains_key(&name.to_ascii_lowercase());
        !self.own.is_empty() && name::decoded(self.text, called).is_none_or(defined)
    }

    /// Whether the name in front of a call is that of a function which comes
    /// along with PostgreSQL.
    fn is_known(&self, called: &Token) -> bool {
        match called.kind {
            Kind::Word => functions::is_known(called.bytes(self.text)),
            _ => name::decoded(self.text, called)
                .is_some_and(|name| functions::is_known(name.as_bytes())),
        }
    }

    /// A column, a call of a function that only reads, or a typed literal.
    fn named(&mut self) -> Option<()> {
        self.qualified()?;
        match self.kind() {
            Some(Kind::Text) => {
                self.at += 1;
                Some(())
            }
            Some(Kind::Open) => {
                let called = self.at.checked_sub(1).and_then(|at| self.tokens.get(at))?;
                let is_type = TYPES.iter().any(|name| called.is(self.text, name));
                let does = functions::called(self.text, self.tokens, self.at).is_some();
                if is_type || does || self.is_own(called) || !self.is_known(called) {
                    return None;
                }
                if self.peek(1)?.kind == Kind::Close {
                    self.at += 2;
                    return Some(());
                }
                if self.peek(1)?.bytes(self.text) == b"*" {
                    self.at += 2;
                    return self.takes(Kind::Close).then_some(());
                }
                self.parenthesis()
            }
            _ => Some(()),
        }
    }
}
