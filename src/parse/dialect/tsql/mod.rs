//! The statements of a batch of SQL Server. No semicolon has to stand between
//! them, so that a batch is cut where a word can only begin a statement; what
//! is cut too often is read as harmless pieces, and what a table below does
//! not know is opaque, never a read. By Transact-SQL's reference; no SQL
//! Server was at hand.

mod calls;
mod definitions;

use calls::called;
use definitions::{altered, console, created, dropped, restored};

use super::lex::{Kind, Lexer, Mode, Token};
use super::object::names;
use super::statement::{destroys, is_few, plain, unread};
use super::{Dialect, Found, MAX_TOKENS, always};
use crate::action::Effect::{Disrupt, Read, Write};
use crate::action::Flag;
use crate::parse::sql::{Role, Statement};

/// How deep a statement may hold another in a string.
const MAX_DEPTH: usize = 6;

/// Words that begin a statement wherever they stand outside brackets.
const STARTS: &[&str] = &[
    "alter",
    "backup",
    "begin",
    "bulk",
    "checkpoint",
    "close",
    "commit",
    "create",
    "dbcc",
    "deallocate",
    "declare",
    "delete",
    "deny",
    "drop",
    "else",
    "end",
    "exec",
    "execute",
    "fetch",
    "grant",
    "if",
    "insert",
    "kill",
    "merge",
    "open",
    "print",
    "raiserror",
    "reconfigure",
    "restore",
    "return",
    "revert",
    "revoke",
    "rollback",
    "save",
    "select",
    "set",
    "shutdown",
    "truncate",
    "update",
    "use",
    "waitfor",
    "while",
    "with",
];

/// Statements that do nothing to data or server.
const READS: &[&str] = &[
    "select",
    "with",
    "set",
    "declare",
    "print",
    "if",
    "while",
    "else",
    "return",
    "waitfor",
    "raiserror",
    "throw",
    "open",
    "fetch",
    "close",
    "deallocate",
    "save",
    "goto",
    "revert",
    "checkpoint",
    "break",
    "continue",
    "values",
];

/// Reads a batch that stands `depth` strings deep.
pub fn read(text: &[u8], depth: usize) -> Vec<Found> {
    let mode = Mode { dialect: Dialect::Tsql, backslashes: false, versioned: true };
    let mut lexer = Lexer::new(text, mode);
    let tokens: Vec<Token<'_>> = lexer.by_ref().take(MAX_TOKENS).collect();
    if lexer.next().is_some() {
        return vec![unread(&tokens, "it is too large")];
    }
    if lexer.open_comment || tokens.last().is_some_and(|last| last.open) {
        return vec![unread(&tokens, "a quote or comment in it is not closed")];
    }
    let mut found: Vec<Found> = Vec::new();
    for piece in pieces(&tokens) {
        let first = found.is_empty();
        found.push(statement(piece, first, depth));
        found.extend(nested(piece));
    }
    if text.contains(&0) {
        found.push(Statement::opaque("text", "it holds a NUL byte").into());
    }
    found
}

/// Cuts a batch into statements.
fn pieces<'a, 'b>(tokens: &'b [Token<'a>]) -> Vec<&'b [Token<'a>]> {
    let mut out = Vec::new();
    let (mut from, mut level, mut cases) = (0, 0_usize, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        let piece = tokens.get(from..at).unwrap_or_default();
        match token.kind {
            Kind::Open => level += 1,
            Kind::Close => level = level.saturating_sub(1),
            Kind::Semicolon => {
                // A module's body goes to the end of its batch.
                if is_module(piece) {
                    break;
                }
                if !piece.is_empty() {
                    out.push(piece);
                }
                (from, level, cases) = (at + 1, 0, 0);
            }
            Kind::Word if level == 0 => {
                if token.is("case") {
                    cases += 1;
                } else if token.is("end") && cases > 0 {
                    cases -= 1;
                } else if is_module(piece) {
                    break;
                } else if !piece.is_empty() && starts(piece, token, tokens.get(at + 1)) {
                    out.push(piece);
                    (from, cases) = (at, 0);
                }
            }
            _ => {}
        }
    }
    out.push(tokens.get(from..).unwrap_or_default());
    out.retain(|piece| !piece.is_empty());
    out
}

/// CREATE or ALTER of a procedure, function, trigger or view.
fn is_module(piece: &[Token<'_>]) -> bool {
    let [first, rest @ ..] = piece else { return false };
    let skipped = rest.iter().position(|token| !token.among(&["or", "alter"])).unwrap_or(0);
    let kind = rest.get(skipped);
    first.among(&["create", "alter"])
        && kind.is_some_and(|it| it.among(&["proc", "procedure", "function", "trigger", "view"]))
}

/// Whether `token` begins a new statement behind `piece`.
fn starts(piece: &[Token<'_>], token: &Token<'_>, next: Option<&Token<'_>>) -> bool {
    if !token.among(STARTS) {
        return false;
    }
    let (Some(first), Some(last)) = (piece.first(), piece.last()) else { return false };
    let then = |words: &[&str]| next.is_some_and(|next| next.among(words));
    if last.kind == Kind::Dot || last.kind == Kind::Comma {
        return false;
    }
    match () {
        // ON DELETE CASCADE, FOR UPDATE, WHEN MATCHED THEN DELETE.
        () if last.among(&["on", "for", "after", "of"]) => false,
        () if last.is("then") && first.is("merge") => false,
        // GRANT DELETE ON t TO u: its permissions are words like these.
        () if first.among(&["grant", "deny", "revoke"])
            && !piece.iter().any(|token| token.among(&["to", "from"])) =>
        {
            false
        }
        () if token.is("with") => first.is("insert") || last.kind == Kind::Semicolon,
        () if token.is("grant") => !last.is("with") && !last.is("revoke"),
        () if token.is("set") => !first.among(&["update", "merge", "alter", "with"]),
        () if token.is("merge") => !then(&["join"]),
        () if token.is("if") => !first.among(&["drop", "alter"]),
        () if token.is("insert") => !last.is("bulk"),
        () if token.is("else") || token.is("end") => true,
        () if token.is("fetch") => !last.among(&["row", "rows"]),
        () if first.is("alter") && token.is("alter") => !then(&["column"]),
        () if first.is("alter") && token.is("drop") => then(KINDS),
        () if first.is("alter") && token.is("create") => !then(&["file"]),
        () if token.among(&["exec", "execute"]) => !last.is("with"),
        () => true,
    }
}

/// What a DROP of its own drops, as against ALTER TABLE … DROP.
const KINDS: &[&str] = &[
    "aggregate",
    "assembly",
    "asymmetric",
    "availability",
    "certificate",
    "credential",
    "database",
    "default",
    "event",
    "external",
    "function",
    "index",
    "login",
    "master",
    "proc",
    "procedure",
    "queue",
    "role",
    "rule",
    "schema",
    "sequence",
    "service",
    "statistics",
    "symmetric",
    "synonym",
    "table",
    "trigger",
    "type",
    "user",
    "view",
];

/// DELETE, UPDATE and MERGE in brackets: `FROM (DELETE … OUTPUT …) AS d`.
fn nested(piece: &[Token<'_>]) -> Vec<Found> {
    let mut out = Vec::new();
    for (at, pair) in piece.windows(2).enumerate() {
        let [open, verb] = pair else { continue };
        if open.kind != Kind::Open || !verb.among(&["delete", "update", "merge"]) {
            continue;
        }
        let inner = piece.get(at + 1..).unwrap_or_default();
        let mut level = 0_usize;
        let end = inner.iter().position(|token| {
            match token.kind {
                Kind::Open => level += 1,
                Kind::Close if level == 0 => return true,
                Kind::Close => level -= 1,
                _ => {}
            }
            false
        });
        // `UPDATE(column)` in a trigger has no words behind it.
        let inner = inner.get(..end.unwrap_or(inner.len())).unwrap_or_default();
        if inner.len() > 1 && out.len() < 20 {
            out.push(statement(inner, false, MAX_DEPTH));
        }
    }
    out
}

fn statement(tokens: &[Token<'_>], first_of_batch: bool, depth: usize) -> Found {
    let [first, rest @ ..] = tokens else { return Statement::new(Read, "").into() };
    let second = |words: &[&str]| rest.first().is_some_and(|token| token.among(words));
    let has = |word: &str| tokens.iter().any(|token| token.is(word));
    if !matches!(first.kind, Kind::Word | Kind::Name) {
        // `(select 1)` and `@x` alone are no statements.
        return match first.kind == Kind::Open && second(&["select"]) {
            true => Statement::new(Read, "SELECT").into(),
            false => unread(tokens, "its first word is not known"),
        };
    }
    let word = String::from_utf8_lossy(first.bytes).to_ascii_lowercase();
    match word.as_str() {
        "select" if ["openrowset", "openquery", "opendatasource"].iter().any(|name| has(name)) => {
            unread(tokens, "it runs a text on another server")
        }
        "select" if has("into") => plain(Write, "SELECT INTO", &[], "Creates a table of rows."),
        "use" => {
            let object = rest.first().map(Token::unquoted);
            Statement { object, ..Statement::new(Read, "USE") }.into()
        }
        "begin" if second(&["tran", "transaction"]) => role(Role::Begin),
        "begin" | "end" | "if" | "while" | "else" | "goto" => role(Role::Barrier),
        "commit" => role(Role::Commit),
        // To a savepoint or of a named one: what it takes back is not told.
        "rollback" => role(match rest {
            [] => Role::Rollback,
            [word] if word.among(&["tran", "transaction", "work"]) => Role::Rollback,
            _ => Role::Plain,
        }),
        word if READS.contains(&word) => Statement::new(Read, "SELECT").into(),
        "insert" => plain(Write, "INSERT", &[], "Inserts rows."),
        "bulk" => plain(Write, "BULK INSERT", &[], "Inserts the rows of a file."),
        "update" if second(&["statistics"]) => {
            plain(Write, "UPDATE STATISTICS", &[], "Gathers statistics.")
        }
        "delete" | "update" => change(tokens, word == "delete"),
        "merge" => merge(tokens),
        "truncate" => {
            let found = names(rest);
            destroys("TRUNCATE TABLE", "table", found, |name| {
                format!("Deletes every row of {name}.")
            })
        }
        "drop" => dropped(rest),
        "alter" => altered(tokens, rest),
        "create" => created(rest),
        "backup" => plain(Write, "BACKUP", &[], "Takes a backup."),
        "restore" => restored(rest),
        "kill" => lasting(plain(Disrupt, "KILL", &[], "Ends a connection and its work.")),
        "shutdown" => lasting(plain(Disrupt, "SHUTDOWN", &[], "Stops the database server.")),
        "reconfigure" => {
            lasting(plain(Write, "RECONFIGURE", &[], "Changes the server's settings."))
        }
        "dbcc" => lasting(console(rest)),
        "grant" | "revoke" | "deny" => {
            let name = word.to_ascii_uppercase();
            plain(Write, name, &[Flag::Permission], "Changes who may do what.")
        }
        "enable" | "disable" if second(&["trigger"]) => {
            plain(Write, "TRIGGER", &[], "Switches a trigger on or off.")
        }
        "exec" | "execute" => called(rest, depth),
        "send" | "receive" | "get" | "move" => plain(Write, "message", &[], "Moves messages."),
        // At the beginning of a batch, a name alone calls a procedure.
        _ if first_of_batch => called(tokens, depth),
        _ => unread(tokens, "its first word is not known"),
    }
}

fn role(role: Role) -> Found {
    Statement { role, ..Statement::new(Read, "transaction") }.into()
}

fn lasting(mut found: Found) -> Found {
    found.statement.lasting = true;
    found
}

/// Where a clause of this statement begins, outside brackets.
fn clause(tokens: &[Token<'_>], word: &str) -> Option<usize> {
    let mut level = 0_usize;
    tokens.iter().position(|token| {
        match token.kind {
            Kind::Open => level += 1,
            Kind::Close => level = level.saturating_sub(1),
            _ => {}
        }
        level == 0 && token.is(word)
    })
}

/// DELETE and UPDATE: bounded by a WHERE that says something, or by a small TOP.
fn change(tokens: &[Token<'_>], deletes: bool) -> Found {
    let rest = tokens.get(1..).unwrap_or_default();
    // TOP (10), but not TOP (10) PERCENT.
    let top = rest.first().is_some_and(|token| token.is("top"));
    let close = rest.iter().position(|token| token.kind == Kind::Close);
    let percent = rest.iter().take(6).any(|token| token.is("percent"));
    let most = rest.iter().skip(1).find(|token| token.kind != Kind::Open);
    let few = top && !percent && most.is_none_or(is_few);
    let rest =
        if top { rest.get(close.map_or(2, |at| at + 1)..).unwrap_or_default() } else { rest };
    let found = names(rest);
    let bounded = clause(tokens, "where").is_some_and(|at| {
        let end = clause(tokens, "option").filter(|end| *end > at).unwrap_or(tokens.len());
        let condition = tokens.get(at + 1..end).unwrap_or_default();
        !condition.is_empty() && !always::holds(condition, Dialect::Tsql)
    });
    let operation = if deletes { "DELETE" } else { "UPDATE" };
    // Rows of a temporary table or a table variable are the session's own.
    let own = found.shown.starts_with('#')
        || rest.iter().find(|it| !it.is("from")).is_some_and(|it| it.kind == Kind::Variable);
    if own || bounded || few {
        let verb = if deletes { "Deletes" } else { "Changes" };
        let summary = format!("{verb} some rows of {}.", found.shown);
        let statement = Statement { summary, ..Statement::new(Write, operation) };
        return Found { statement, databases: found.databases };
    }
    let what = if deletes { "Deletes every row of" } else { "Overwrites every row of" };
    let mut found = destroys(operation, "table", found, |name| format!("{what} {name}."));
    found.statement.instead = Some("Add a WHERE that names the rows.");
    found
}

/// MERGE: what it deletes by its source is not bounded by any condition.
fn merge(tokens: &[Token<'_>]) -> Found {
    let text: Vec<String> = tokens
        .iter()
        .filter(|token| token.kind == Kind::Word)
        .map(|token| String::from_utf8_lossy(token.bytes).to_ascii_lowercase())
        .collect();
    let deletes = text.windows(4).any(|words| words == ["by", "source", "then", "delete"]);
    let found = names(
        tokens
            .get(1..)
            .unwrap_or_default()
            .split_at_checked(usize::from(tokens.get(1).is_some_and(|token| token.is("into"))))
            .map_or(&[][..], |(_, rest)| rest),
    );
    if deletes {
        return destroys("MERGE", "table", found, |name| {
            format!("Deletes every row of {name} that the source does not have.")
        });
    }
    let summary = format!("Inserts, changes or deletes the rows of {} that match.", found.shown);
    Found {
        statement: Statement { summary, ..Statement::new(Write, "MERGE") },
        databases: found.databases,
    }
}
