//! The shape of the plainest statements, recognised from tokens alone at a
//! hundredth of the cost of a syntax tree: one SELECT over names, literals,
//! operators and function calls, a SHOW or a TABLE; and what scripts are full
//! of: rows inserted as values, rows changed where a column is compared with a
//! literal, grants, comments, a transaction's begin and end. A small grammar of its own: what it does not know is the full
//! grammar's to judge, and what it accepts, that would judge alike (tests.rs
//! compares them).

use std::collections::BTreeMap;

use super::lex::{Kind, Token};
use super::{Role, Statement, changes, definitions, functions, name};
use crate::action::{Effect, Flag, Flags};

/// How deep parentheses may nest.
const DEPTH: usize = 12;

/// PostgreSQL's reserved words, sorted: none of them is a name or an alias.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

/// Reserved words that are values.
const CONSTANTS: &[&str] = &[
    "null",
    "true",
    "false",
    "current_date",
    "current_timestamp",
    "current_user",
    "session_user",
    "localtime",
    "localtimestamp",
    "current_role",
    "current_catalog",
    "current_time",
    "user",
];

/// Names of types that PostgreSQL's grammar does not take for a function's.
const TYPES: &[&str] = &[
    "bigint",
    "bit",
    "boolean",
    "char",
    "character",
    "dec",
    "decimal",
    "float",
    "int",
    "integer",
    "interval",
    "national",
    "nchar",
    "none",
    "numeric",
    "precision",
    "real",
    "row",
    "setof",
    "smallint",
    "time",
    "timestamp",
    "values",
    "varchar",
];

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

    /// Whether `column = literal` comes next, up to AND or the end.
    fn compares(&mut self) -> bool {
        const COMPARISONS: &[&[u8]] = &[b"=", b"<", b">", b"<=", b">="];
        let from = self.at;
        let holds = self.qualified().is_some()
            && COMPARISONS.iter().any(|operator| self.takes_operator(operator))
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

    fn list(&mut self) -> Option<()> {
        loop {
            self.expression()?;
            if !self.takes(Kind::Comma) {
                return Some(());
            }
        }
    }

    fn expression(&mut self) -> Option<()> {
        loop {
            while self.takes_word("not") {}
            self.value()?;
            if !self.takes_any(&["and", "or"]) {
                return Some(());
            }
        }
    }

    /// Operands and operators, up to AND, OR or the end.
    fn value(&mut self) -> Option<()> {
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

fn is_reserved(word: &[u8]) -> bool {
    let lower = |byte: &u8| byte.to_ascii_lowercase();
    RESERVED.binary_search_by(|entry| entry.bytes().cmp(word.iter().map(lower))).is_ok()
}
