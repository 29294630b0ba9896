//! Statements that need a second look: ALTER, CREATE, transactions, those
//! that hold another statement, and the server's own administration.

use super::lex::{Kind, Lexer, Mode, Token};
use super::object::{Names, names};
use super::statement::{behind, destroys, inner, plain, unread};
use super::{Dialect, Found};
use crate::action::Effect::{Destroy, Disrupt, Read, Write};
use crate::action::Flag;
use crate::parse::sql::{Role, Statement};

/// Reads what stands behind ALTER.
pub fn alter(rest: &[Token<'_>], dialect: Dialect) -> Found {
    let kind = rest.iter().find(|token| !token.among(&["online", "ignore", "offline"]));
    let Some(kind) = kind else { return unread(rest, "it names nothing to alter") };
    if kind.among(&["user", "role"]) {
        return plain(Write, "ALTER USER", &[Flag::Permission], "Changes an account.")
            .committed(dialect);
    }
    if !kind.is("table") {
        return plain(Write, "ALTER", &[], "Changes a definition.").committed(dialect);
    }
    let named = behind(rest, "table").map(names).unwrap_or_default();
    let takes = |operation: &'static str, says: &'static str, named: Names| {
        destroys(operation, "table", named, |name| says.replace("{}", name)).committed(dialect)
    };
    let mut disrupts = false;
    for (at, token) in rest.iter().enumerate() {
        let next = |place: usize| rest.get(at + place);
        let is = |place: usize, words: &[&str]| next(place).is_some_and(|it| it.among(words));
        if at.checked_sub(1).and_then(|at| rest.get(at)).is_some_and(|it| it.kind == Kind::Dot) {
            continue;
        }
        if token.is("drop") {
            match () {
                () if is(1, &["index", "key", "primary"]) => {
                    disrupts = true;
                }
                // A rule for rows, and no rows.
                () if is(1, &["check", "constraint", "default", "foreign", "period"]) => {}
                () if is(1, &["partition"]) => {
                    return takes(
                        "ALTER TABLE DROP PARTITION",
                        "Drops partitions of {} with their rows.",
                        named,
                    );
                }
                () if is(1, &["system"]) => {
                    return takes(
                        "ALTER TABLE DROP SYSTEM VERSIONING",
                        "Drops the history of {}.",
                        named,
                    );
                }
                () if next(1).is_some() => {
                    return takes(
                        "ALTER TABLE DROP COLUMN",
                        "Drops columns of {} with what is in them.",
                        named,
                    );
                }
                () => {}
            }
        }
        if token.among(&["truncate", "exchange"]) && is(1, &["partition"]) {
            return takes(
                "ALTER TABLE TRUNCATE PARTITION",
                "Takes the rows out of partitions of {}.",
                named,
            );
        }
        if token.is("discard") && (is(1, &["tablespace", "partition"])) {
            return takes("ALTER TABLE DISCARD TABLESPACE", "Deletes the file of {}.", named);
        }
        disrupts |= token.among(&["engine", "force", "copy", "exclusive", "shared"])
            && is(1, &[]) | next(1).is_none_or(|it| it.kind != Kind::Open);
    }
    let summary = format!("Changes the table {}.", named.shown);
    let effect = if disrupts { Disrupt } else { Write };
    let statement = Statement { summary, ..Statement::new(effect, "ALTER TABLE") };
    Found { statement, databases: named.databases }.committed(dialect)
}

/// Reads what stands behind CREATE.
pub fn create(rest: &[Token<'_>], dialect: Dialect, depth: usize) -> Found {
    let head = rest.get(..rest.len().min(40)).unwrap_or(rest);
    let replaces = matches!(rest, [or, replace, ..] if or.is("or") && replace.is("replace"));
    const KINDS: &[&str] = &[
        "table",
        "database",
        "schema",
        "index",
        "view",
        "procedure",
        "function",
        "trigger",
        "event",
        "user",
        "role",
        "package",
        "sequence",
        "server",
        "tablespace",
        "logfile",
        "resource",
        "spatial",
        "unique",
        "fulltext",
        "virtual",
    ];
    let at = head.iter().position(|token| token.among(KINDS));
    let (Some(kind), Some(at)) = (at.and_then(|at| head.get(at)), at) else {
        return unread(rest, "what it creates is not known");
    };
    let behind_kind = rest.get(at + 1..).unwrap_or_default();
    if replaces && kind.among(&["table", "database", "schema", "sequence"]) {
        let word = String::from_utf8_lossy(kind.bytes).to_ascii_lowercase();
        let found = destroys(
            format!("CREATE OR REPLACE {}", word.to_ascii_uppercase()),
            &word,
            names(behind_kind),
            |name| format!("Drops {name} with what is in it, and makes it anew."),
        );
        let found = found.committed(dialect);
        return if word == "table" { found } else { found.flagged(Flag::Irreversible) };
    }
    if kind.among(&["user", "role"]) {
        return plain(Write, "CREATE USER", &[Flag::Permission], "Creates an account.")
            .committed(dialect);
    }
    if kind.is("function") && rest.iter().any(|token| token.is("soname")) {
        return unread(rest, "it loads native code into the server");
    }
    if kind.is("event") {
        let body = behind(rest, "do").unwrap_or_default();
        let worse = inner(body, dialect, depth + 1);
        if worse.statement.effect > Write {
            return worse;
        }
    }
    let locks = kind.among(&["index", "unique", "fulltext", "spatial"])
        && (kind.among(&["fulltext", "spatial"])
            || rest.iter().any(|token| token.among(&["shared", "exclusive", "copy"])));
    if locks {
        return plain(Disrupt, "CREATE INDEX", &[], "Builds an index under a lock.")
            .committed(dialect);
    }
    let word = String::from_utf8_lossy(kind.bytes).to_ascii_uppercase();
    let temporary = head.first().is_some_and(|first| first.among(&["temporary", "temp"]));
    let found = plain(Write, format!("CREATE {word}"), &[], "Creates a definition.");
    if temporary { found } else { found.committed(dialect) }
}

/// EXPLAIN and ANALYZE: what they hold runs where ANALYZE stands.
pub fn explained(tokens: &[Token<'_>], dialect: Dialect, depth: usize) -> Found {
    let [first, rest @ ..] = tokens else { return unread(tokens, "it has no words") };
    let runs = first.is("analyze") || rest.first().is_some_and(|next| next.is("analyze"));
    if !runs {
        return Statement::new(Read, "EXPLAIN").into();
    }
    if rest.first().is_some_and(|next| {
        next.among(&["table", "tables", "local", "no_write_to_binlog"]) && first.is("analyze")
    }) {
        return plain(Write, "ANALYZE TABLE", &[], "Gathers statistics.").committed(dialect);
    }
    const VERBS: &[&str] =
        &["select", "delete", "update", "insert", "replace", "with", "table", "values"];
    match rest.iter().position(|token| token.among(VERBS)) {
        Some(at) => inner(rest.get(at..).unwrap_or_default(), dialect, depth + 1),
        None => unread(tokens, "what it runs is not known"),
    }
}

/// BEGIN, START, COMMIT, ROLLBACK and END.
pub fn transaction(tokens: &[Token<'_>], dialect: Dialect) -> Found {
    let [first, rest @ ..] = tokens else { return unread(tokens, "it has no words") };
    let second = |word: &str| rest.first().is_some_and(|token| token.is(word));
    let role = match () {
        () if first.is("start") && !second("transaction") => {
            return plain(Write, "START", &[], "Starts replication.");
        }
        () if first.is("begin") && second("not") => {
            return unread(tokens, "it is a block of code");
        }
        () if first.among(&["begin", "start"]) => Role::Begin,
        () if first.is("rollback") && rest.iter().any(|token| token.is("to")) => Role::Plain,
        () if first.is("rollback") && rest.iter().any(|token| token.is("chain")) => Role::Barrier,
        () if first.is("rollback") => Role::Rollback,
        () if first.is("end") && dialect == Dialect::Mysql => {
            return unread(tokens, "its first word is not known");
        }
        () => Role::Commit,
    };
    Statement { role, ..Statement::new(Read, "transaction") }.into()
}

/// A statement in a string: PREPARE … FROM, EXECUTE IMMEDIATE.
pub fn prepared(rest: &[Token<'_>], dialect: Dialect, depth: usize) -> Found {
    let text = rest.iter().find(|token| matches!(token.kind, Kind::Text | Kind::Variable));
    let alone = rest.last().is_some_and(|last| text.is_some_and(|text| last == text))
        || rest.iter().any(|token| token.is("using"));
    let Some(text) = text.filter(|text| text.kind == Kind::Text && alone) else {
        return unread(rest, "the statement that it prepares is computed at run time");
    };
    let text = text.unquoted().replace("\\'", "'").replace("\\\"", "\"");
    if text.contains('\\') {
        return unread(rest, "the statement that it prepares is written with escapes");
    }
    let mode = Mode { dialect, backslashes: true, versioned: true };
    let tokens: Vec<Token<'_>> = Lexer::new(text.as_bytes(), mode).collect();
    inner(&tokens, dialect, depth + 1)
}

/// Reads what stands behind PRAGMA.
pub fn pragma(rest: &[Token<'_>]) -> Statement {
    let sets = rest.iter().any(|token| token.bytes == b"=" || token.kind == Kind::Open);
    if rest.iter().any(|token| token.is("writable_schema")) && sets {
        return unread(rest, "it lets rows of the schema be changed by hand").statement;
    }
    Statement::new(if sets { Write } else { Read }, "PRAGMA")
}

/// Reads what stands behind ATTACH: the file is where later names may lead.
pub fn attach(rest: &[Token<'_>]) -> Found {
    let file = rest.iter().find(|token| matches!(token.kind, Kind::Text | Kind::Name));
    match file {
        Some(file) => {
            Found { statement: Statement::new(Read, "ATTACH"), databases: vec![file.unquoted()] }
        }
        None => unread(rest, "which file it attaches is computed at run time"),
    }
}

/// MySQL's statements whose first word does not tell what they do.
pub fn mysql(name: &[u8], tokens: &[Token<'_>], depth: usize) -> Found {
    let rest = tokens.get(1..).unwrap_or_default();
    let second = |words: &[&str]| rest.first().is_some_and(|token| token.among(words));
    let has = |word: &str| rest.iter().any(|token| token.is(word));
    let dialect = Dialect::Mysql;
    match name {
        b"set" if second(&["statement"]) => match behind(rest, "for") {
            Some(rest) => inner(rest, dialect, depth + 1),
            None => unread(tokens, "it is not complete"),
        },
        b"set" if second(&["password"]) => {
            plain(Write, "SET PASSWORD", &[Flag::Permission], "Sets an account's password.")
        }
        b"set" => set(rest),
        b"grant" | b"revoke" => {
            let word = if name == b"grant" { "GRANT" } else { "REVOKE" };
            plain(Write, word, &[Flag::Permission], "Changes who may do what.").committed(dialect)
        }
        b"rename" if second(&["user"]) => {
            plain(Write, "RENAME USER", &[Flag::Permission], "Renames an account.")
        }
        b"rename" => plain(Write, "RENAME TABLE", &[], "Renames tables.").committed(dialect),
        b"load" if second(&["data", "xml"]) => {
            plain(Write, "LOAD DATA", &[], "Loads rows from a file.")
        }
        b"load" if second(&["index"]) => plain(Read, "LOAD INDEX", &[], ""),
        b"prepare" => prepared(rest, dialect, depth),
        b"flush" if has("lock") || has("export") => {
            plain(Disrupt, "FLUSH TABLES WITH READ LOCK", &[], "Locks tables against writes.")
        }
        b"flush" => plain(Write, "FLUSH", &[], "Flushes the server's caches or logs."),
        b"purge" => purged(
            "PURGE BINARY LOGS",
            "Deletes binary logs, without which no point in time can be restored.",
            &[Flag::Backups],
        ),
        b"reset" if second(&["master", "binary"]) => purged(
            "RESET MASTER",
            "Deletes every binary log, without which no point in time can be restored.",
            &[Flag::Backups, Flag::Irreversible],
        ),
        b"reset" if second(&["persist"]) => plain(Write, "RESET PERSIST", &[], "Resets settings."),
        b"reset" => plain(Disrupt, "RESET", &[], "Resets replication or a cache."),
        b"install" => unread(tokens, "it loads native code into the server"),
        b"binlog" => unread(tokens, "it is a change in binary form"),
        b"call" => unread(tokens, "a procedure's code is on the server"),
        b"clone" if second(&["instance"]) => purged(
            "CLONE INSTANCE",
            "Replaces everything on the server by a copy of another.",
            &[Flag::Irreversible],
        ),
        b"clone" => plain(Write, "CLONE", &[], "Copies the server's data to a directory."),
        b"if" | b"case" | b"loop" | b"while" | b"repeat" | b"for" => {
            unread(tokens, "it is a block of code")
        }
        _ => unread(tokens, "its first word is not known"),
    }
}

fn purged(operation: &'static str, says: &'static str, flags: &[Flag]) -> Found {
    plain(Destroy, operation, flags, says).committed(Dialect::Mysql)
}

/// SET: for the session alone, or for every one.
fn set(rest: &[Token<'_>]) -> Found {
    let global = |token: &Token<'_>| {
        token.among(&["global", "persist", "persist_only"])
            || token.kind == Kind::Variable
                && [&b"@@global."[..], b"@@persist"].iter().any(|start| {
                    token.bytes.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start))
                })
    };
    if !rest.iter().any(global) {
        return Statement::new(Read, "SET").into();
    }
    let stops = rest.iter().any(|token| {
        let text = String::from_utf8_lossy(token.bytes).to_ascii_lowercase();
        ["read_only", "offline_mode", "max_connections"].iter().any(|name| text.ends_with(name))
    });
    let effect = if stops { Disrupt } else { Write };
    plain(effect, "SET GLOBAL", &[], "Changes a setting of the whole server.")
}
