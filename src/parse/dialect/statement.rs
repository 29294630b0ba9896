//! One statement's tokens → what it does: the words that destroy, and the
//! ones that carry another statement inside.

use std::borrow::Cow;

use super::lex::{Kind, Token};
use super::object::{Names, names};
use super::{Dialect, Found, always, clickhouse, cql, duckdb, other, table};
use crate::action::{Effect, Flag, Flags};
use crate::parse::sql::{Role, Statement};

/// How deep a statement may hold another.
const MAX_DEPTH: usize = 8;

/// Reads a statement.
pub fn read(tokens: &[Token<'_>], dialect: Dialect) -> Found {
    inner(tokens, dialect, 0)
}

/// A statement that cannot be read, for `why`: never less than its words say.
pub fn unread(tokens: &[Token<'_>], why: &str) -> Found {
    let first = tokens.first().map(|token| shown(token)).unwrap_or_default();
    let mut statement = Statement { lasting: true, ..Statement::opaque(first, why) };
    let destroys = |token: &Token<'_>| token.among(&["drop", "truncate", "delete", "purge"]);
    if tokens.iter().any(destroys) {
        statement.effect = Effect::Destroy;
        statement.summary =
            "Seems to destroy data, in a form that could not be read in full.".to_owned();
    }
    statement.into()
}

/// The first word, for a message.
fn shown(token: &Token<'_>) -> Cow<'static, str> {
    let bytes = token.bytes.get(..token.bytes.len().min(24)).unwrap_or_default();
    Cow::Owned(String::from_utf8_lossy(bytes).to_ascii_uppercase())
}

/// Reads a statement that stands `depth` statements deep.
pub fn inner(tokens: &[Token<'_>], dialect: Dialect, depth: usize) -> Found {
    let [first, rest @ ..] = tokens else {
        return Statement::new(Effect::Read, "").into();
    };
    if depth > MAX_DEPTH {
        return unread(tokens, "it is too deeply nested");
    }
    if first.kind == Kind::Open {
        return query(tokens, dialect);
    }
    if first.kind != Kind::Word {
        return unread(tokens, "its first word is not known");
    }
    let own = match dialect {
        Dialect::Clickhouse => clickhouse::read(tokens, depth),
        Dialect::Cql => cql::read(tokens, depth),
        Dialect::Duckdb => duckdb::read(tokens, depth),
        Dialect::Mysql | Dialect::Sqlite | Dialect::Tsql => None,
    };
    if let Some(found) = own {
        return found;
    }
    if first.among(&["select", "values", "with", "table", "do"]) {
        return query(tokens, dialect);
    }
    let word = first.bytes.to_ascii_lowercase();
    let listed = match dialect {
        Dialect::Clickhouse => table::CLICKHOUSE,
        Dialect::Cql => table::CQL,
        Dialect::Duckdb => table::DUCKDB,
        Dialect::Mysql => table::MYSQL,
        Dialect::Sqlite => table::SQLITE,
        // tsql.rs reads it.
        Dialect::Tsql => &[],
    };
    match (word.as_slice(), dialect) {
        (b"delete" | b"update", _) => change(tokens, dialect),
        (b"drop", _) => dropped(rest, dialect),
        (b"truncate", Dialect::Mysql) => truncated(rest),
        (b"alter", _) => other::alter(rest, dialect),
        (b"create", _) => other::create(rest, dialect, depth),
        (b"explain" | b"analyze", Dialect::Mysql) => other::explained(tokens, dialect, depth),
        (b"explain", Dialect::Sqlite | Dialect::Clickhouse) => {
            Statement::new(Effect::Read, "EXPLAIN").into()
        }
        (b"explain", Dialect::Duckdb) => duckdb::explained(tokens, depth),
        (b"begin" | b"start" | b"commit" | b"rollback" | b"end", _) => {
            other::transaction(tokens, dialect)
        }
        (b"pragma", Dialect::Sqlite) => other::pragma(rest).into(),
        (b"attach", Dialect::Sqlite) => other::attach(rest),
        (name, _) => {
            let known = listed.iter().find(|(word, ..)| word.as_bytes() == name);
            match known {
                Some(_)
                    if name == b"execute" && rest.first().is_some_and(|at| at.is("immediate")) =>
                {
                    other::prepared(rest, dialect, depth)
                }
                Some((word, effect, says)) => simple(word, *effect, says, rest),
                None if dialect == Dialect::Mysql => other::mysql(name, tokens, depth),
                None => unread(tokens, "its first word is not known"),
            }
        }
    }
}

/// A statement whose first word says it all.
pub fn simple(word: &'static str, effect: Effect, says: &str, rest: &[Token<'_>]) -> Found {
    let mut statement = Statement::new(effect, word.to_ascii_uppercase());
    says.clone_into(&mut statement.summary);
    if word == "use" {
        statement.object = rest.first().map(Token::unquoted);
    }
    if effect >= Effect::Disrupt {
        statement.lasting = true;
    }
    statement.into()
}

/// SELECT, VALUES, TABLE, DO and WITH: reads, unless what WITH introduces
/// changes rows, or a function in it runs code.
fn query(tokens: &[Token<'_>], dialect: Dialect) -> Found {
    let mut level = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => level += 1,
            Kind::Close => level = level.saturating_sub(1),
            Kind::Word if level == 0 && tokens.first().is_some_and(|first| first.is("with")) => {
                if token.among(&["delete", "update"]) {
                    return change(tokens.get(at..).unwrap_or_default(), dialect);
                }
                if token.among(&["insert", "replace"]) {
                    return simple("insert", Effect::Write, "Inserts rows.", &[]);
                }
                if token.among(&["select", "values", "table"]) {
                    break;
                }
            }
            _ => {}
        }
    }
    const RUNS: &[&str] = &[
        "sys_exec",
        "sys_eval",
        "sys_set",
        "load_extension",
        "edit",
        "fts3_tokenizer",
        "lib_mysqludf_sys_info",
    ];
    const WRITES: &[&str] = &["outfile", "dumpfile", "writefile"];
    for pair in tokens.windows(2) {
        let [name, next] = pair else { continue };
        if name.among(RUNS) && next.kind == Kind::Open {
            return unread(tokens, "one of its functions runs code");
        }
        if name.among(WRITES) && matches!(next.kind, Kind::Open | Kind::Text) {
            let summary = "Writes a file with the rows of a query.".to_owned();
            return Statement { summary, ..Statement::new(Effect::Write, "SELECT INTO") }.into();
        }
    }
    Statement::new(Effect::Read, "SELECT").into()
}

/// Whether a LIMIT or TOP without a WHERE leaves rows alone: any row may be
/// among those that go, and a great number is mostly all of them.
pub fn is_few(limit: &Token<'_>) -> bool {
    const FEW: u64 = 1_000;
    limit.kind != Kind::Number || limit.unquoted().parse::<u64>().is_ok_and(|it| it <= FEW)
}

/// DELETE and UPDATE: bounded by a WHERE that says something, or a small LIMIT.
pub fn change(tokens: &[Token<'_>], dialect: Dialect) -> Found {
    let [verb, rest @ ..] = tokens else { return unread(tokens, "it has no words") };
    let deletes = verb.is("delete");
    let found = match deletes {
        true => names(
            behind(rest, "from")
                .filter(|_| {
                    rest.first().is_some_and(|first| {
                        first.among(&["from", "low_priority", "quick", "ignore"])
                    })
                })
                .unwrap_or(rest),
        ),
        false => names(rest),
    };
    let clause = |word: &str| {
        let mut level = 0_usize;
        tokens.iter().enumerate().find_map(|(at, token)| {
            match token.kind {
                Kind::Open => level += 1,
                Kind::Close => level = level.saturating_sub(1),
                _ => {}
            }
            let dotted = at
                .checked_sub(1)
                .and_then(|at| tokens.get(at))
                .is_some_and(|last| last.kind == Kind::Dot);
            (level == 0 && !dotted && !token.versioned && token.is(word)).then_some(at)
        })
    };
    let limit = clause("limit");
    let bounded = clause("where").is_some_and(|at| {
        let end = ["order", "limit", "returning"].iter().filter_map(|word| clause(word)).min();
        let end = end.filter(|end| *end > at).unwrap_or(tokens.len());
        let condition = tokens.get(at + 1..end).unwrap_or_default();
        !condition.is_empty() && !always::holds(condition, dialect)
    });
    let operation = if deletes { "DELETE" } else { "UPDATE" };
    let few = limit.is_some_and(|at| tokens.get(at + 1).is_none_or(is_few));
    if bounded || few {
        let verb = if deletes { "Deletes" } else { "Changes" };
        let summary = format!("{verb} some rows of {}.", found.shown);
        let statement = Statement::new(Effect::Write, operation);
        return Found { statement: Statement { summary, ..statement }, databases: found.databases };
    }
    let what = if deletes { "Deletes every row of" } else { "Overwrites every row of" };
    destroys(operation, "table", found, |name| format!("{what} {name}."))
        .instead("Add a WHERE that names the rows.")
}

impl Found {
    /// The same with advice.
    pub fn instead(mut self, advice: &'static str) -> Found {
        self.statement.instead = Some(advice);
        self
    }

    /// The same, kept whatever a transaction around it does: MySQL commits in
    /// front of and behind it.
    pub fn committed(mut self, dialect: Dialect) -> Found {
        if dialect == Dialect::Mysql {
            self.statement.lasting = true;
            self.statement.role = Role::Commit;
        }
        self
    }

    /// The same with a flag.
    pub fn flagged(mut self, flag: Flag) -> Found {
        self.statement.flags = self.statement.flags.with(flag);
        self
    }
}

/// A statement that destroys what it names.
pub fn destroys(
    operation: impl Into<Cow<'static, str>>,
    kind: &str,
    names: Names,
    says: impl FnOnce(&str) -> String,
) -> Found {
    let object = format!("{kind} {}", names.shown);
    let statement = Statement {
        summary: says(object.trim()),
        object: Some(object.trim().to_owned()),
        ..Statement::new(Effect::Destroy, operation)
    };
    Found { statement, databases: names.databases }
}

fn truncated(rest: &[Token<'_>]) -> Found {
    destroys("TRUNCATE", "table", names(rest), |name| format!("Deletes every row of {name}."))
        .instead("Delete the rows that are meant with a WHERE.")
        .committed(Dialect::Mysql)
}

/// What stands behind the first bare `word`.
pub fn behind<'a, 'b>(tokens: &'b [Token<'a>], word: &str) -> Option<&'b [Token<'a>]> {
    let at = tokens.iter().position(|token| token.is(word))?;
    tokens.get(at + 1..)
}

/// Reads what stands behind DROP.
pub fn dropped(rest: &[Token<'_>], dialect: Dialect) -> Found {
    let kind_at = rest.iter().position(|token| {
        !token.among(&[
            "temporary",
            "temp",
            "if",
            "exists",
            "online",
            "offline",
            "undo",
            "aggregate",
        ])
    });
    let at = kind_at.unwrap_or(rest.len());
    let temporary = rest.first().is_some_and(|first| first.among(&["temporary", "temp"]));
    let kind = rest.get(at).map(|token| shown(token).to_ascii_lowercase()).unwrap_or_default();
    let found = names(rest.get(at + 1..).unwrap_or_default());
    match kind.as_str() {
        "database" | "schema" => {
            let databases = vec![found.shown.clone()];
            let found = Names { databases, ..found };
            destroys("DROP DATABASE", "database", found, |name| {
                format!("Drops {name} with everything in it.")
            })
            .flagged(Flag::Irreversible)
            .instead("Dump it and have the dump checked first.")
            .committed(dialect)
        }
        "table" | "tables" if temporary => {
            Statement::new(Effect::Read, "DROP TEMPORARY TABLE").into()
        }
        "table" | "tables" => {
            destroys("DROP TABLE", "table", found, |name| format!("Drops {name} with its rows."))
                .instead("Rename it first, and drop it once nothing has missed it.")
                .committed(dialect)
        }
        "index" => {
            let summary = format!("Drops the index {}.", found.shown);
            let statement = Statement::new(Effect::Disrupt, "DROP INDEX");
            Found { statement: Statement { summary, ..statement }, databases: found.databases }
                .committed(dialect)
        }
        "prepare" => Statement::new(Effect::Read, "DROP PREPARE").into(),
        "" => unread(rest, "it names nothing to drop"),
        kind => {
            let permission = matches!(kind, "user" | "role");
            let operation = format!("DROP {}", kind.to_ascii_uppercase());
            let found = destroys(operation, kind, found, |name| format!("Drops {name}."));
            let found = found.committed(dialect);
            if permission { found.flagged(Flag::Permission) } else { found }
        }
    }
}

/// A statement with flags and a sentence.
pub fn plain(
    effect: Effect,
    operation: impl Into<Cow<'static, str>>,
    flags: &[Flag],
    says: &str,
) -> Found {
    let statement = Statement::new(effect, operation);
    Statement { flags: Flags::of(flags), summary: says.to_owned(), ..statement }.into()
}
