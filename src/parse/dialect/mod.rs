//! The SQL of MySQL, MariaDB, SQLite, ClickHouse, DuckDB and SQL Server, and
//! Cassandra's CQL → what each statement does: a lexer
//! of our own and a table of first words. What the table does not know is
//! opaque, never a read. PostgreSQL's SQL is `parse/sql`.

mod always;
mod clickhouse;
mod cql;
mod duckdb;
pub mod lex;
mod object;
mod other;
mod statement;
mod table;
mod tsql;

use crate::action::{Effect, Flag};
use crate::parse::sql::Statement;
use lex::{Kind, Lexer, Mode, Token};

/// Tokens of one statement beyond which it is not read.
const MAX_TOKENS: usize = 200_000;

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// ClickHouse's.
    Clickhouse,
    /// Cassandra's CQL.
    Cql,
    /// DuckDB's.
    Duckdb,
    /// MySQL's and MariaDB's.
    Mysql,
    /// SQLite's.
    Sqlite,
    /// SQL Server's: one batch, without GO.
    Tsql,
}

impl Dialect {
    /// Whether a backslash in a string stands for something else, unless a
    /// server's settings say otherwise.
    pub const fn escapes(self) -> bool {
        matches!(self, Dialect::Mysql | Dialect::Clickhouse)
    }

    /// Whether `$$ … $$` and `$tag$ … $tag$` are strings.
    pub const fn has_dollars(self) -> bool {
        matches!(self, Dialect::Clickhouse | Dialect::Cql | Dialect::Duckdb)
    }

    /// Whether `"x"` is a name.
    pub const fn has_quoted_names(self) -> bool {
        !matches!(self, Dialect::Mysql)
    }

    /// Whether no ROLLBACK takes anything back.
    pub const fn keeps(self) -> bool {
        matches!(self, Dialect::Clickhouse | Dialect::Cql)
    }
}

/// A statement, and the databases that its objects' names name.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What it does.
    pub statement: Statement,
    /// `shop` of `DROP TABLE shop.users`; the file of an ATTACH.
    pub databases: Vec<String>,
}

impl From<Statement> for Found {
    fn from(statement: Statement) -> Found {
        Found { statement, databases: Vec::new() }
    }
}

/// The statements that a server runs for `text`.
///
/// Where a server's settings or version decide how it is read, each reading
/// that destroys counts.
pub fn read(text: &[u8], dialect: Dialect) -> Vec<Found> {
    if dialect == Dialect::Tsql {
        return tsql::read(text, 0);
    }
    let mut found = Vec::new();
    let usual = Mode { dialect, backslashes: true, versioned: true };
    let (backslash, versioned) = pass(text, usual, &mut found);
    let mut others = Vec::new();
    if backslash && dialect == Dialect::Mysql {
        pass(text, Mode { backslashes: false, ..usual }, &mut others);
    }
    if versioned {
        pass(text, Mode { versioned: false, ..usual }, &mut others);
    }
    others.retain(|other: &Found| {
        let statement = &other.statement;
        statement.effect >= Effect::Disrupt
            && !statement.flags.has(Flag::Opaque)
            && !found.contains(other)
    });
    found.append(&mut others);
    if text.contains(&0) {
        found.push(Statement::opaque("text", "it holds a NUL byte").into());
    }
    found
}

/// Reads `text` in one mode. Says whether it holds strings with backslashes,
/// and code that only some servers see.
fn pass(text: &[u8], mode: Mode, found: &mut Vec<Found>) -> (bool, bool) {
    let mut lexer = Lexer::new(text, mode);
    let mut piece: Vec<Token<'_>> = Vec::new();
    let mut blocks = Blocks::default();
    let mut over = false;
    loop {
        let token = lexer.next();
        let ends =
            token.as_ref().is_none_or(|token| token.kind == Kind::Semicolon && blocks.depth == 0);
        if !ends {
            if let Some(token) = token {
                blocks.take(&piece, &token, mode.dialect);
                over |= piece.len() >= MAX_TOKENS;
                if !over {
                    piece.push(token);
                }
            }
            continue;
        }
        if !piece.is_empty() {
            let open =
                piece.last().is_some_and(|last| last.open) || token.is_none() && lexer.open_comment;
            let unclosed = blocks.depth > 0;
            found.push(match (over, open, unclosed) {
                (true, ..) => statement::unread(&piece, "it is too large"),
                (_, true, _) => statement::unread(&piece, "a quote or comment in it is not closed"),
                (.., true) => statement::unread(&piece, "a block in it is not closed"),
                _ => statement::read(&piece, mode.dialect),
            });
            if mode.dialect.keeps()
                && let Some(last) = found.last_mut()
            {
                last.statement.lasting = true;
            }
        }
        if token.is_none() {
            return (lexer.saw_backslash, lexer.saw_versioned);
        }
        piece.clear();
        blocks = Blocks::default();
        over = false;
    }
}

/// Follows BEGIN … END in the bodies of stored programs, in which semicolons
/// do not end the statement.
#[derive(Debug, Default)]
struct Blocks {
    depth: usize,
    has_body: Option<bool>,
}

impl Blocks {
    fn take(&mut self, before: &[Token<'_>], token: &Token<'_>, dialect: Dialect) {
        if token.kind != Kind::Word || before.last().is_some_and(|last| last.kind == Kind::Dot) {
            return;
        }
        if self.has_body != Some(true) && before.len() < 40 {
            self.has_body = Some(has_body(before, token, dialect));
        }
        if self.has_body != Some(true) {
            return;
        }
        let last = before.last();
        let after_end = last.is_some_and(|last| last.is("end"));
        let starts = last.is_none_or(|last| {
            last.kind == Kind::Semicolon
                || last.bytes == b":"
                || last.among(&["begin", "then", "else", "do", "loop", "repeat", "atomic"])
        });
        if token.is("end") {
            self.depth = self.depth.saturating_sub(1);
        } else if token.among(&["begin", "case"]) && !after_end
            || starts && token.among(&["if", "loop", "while", "repeat", "for"])
        {
            self.depth += 1;
        }
    }
}

/// Whether these are the first words of a statement with a body.
fn has_body(before: &[Token<'_>], token: &Token<'_>, dialect: Dialect) -> bool {
    let Some(first) = before.first() else {
        return dialect == Dialect::Mysql
            && token.among(&["if", "case", "loop", "while", "repeat", "for"]);
    };
    let defines = match dialect {
        Dialect::Sqlite => &["trigger"][..],
        Dialect::Tsql => &[],
        Dialect::Mysql => &["procedure", "function", "trigger", "event", "package"],
        Dialect::Clickhouse | Dialect::Cql | Dialect::Duckdb => return false,
    };
    first.among(&["create", "alter"]) && token.among(defines)
        || dialect == Dialect::Mysql && first.is("begin") && token.is("atomic")
}

#[cfg(test)]
mod tests;
