//! What only DuckDB's SQL has: ATTACH of other systems' databases, COPY, and
//! functions that send SQL to them. Gives nothing where the common reading
//! will do.

use super::lex::{Kind, Token};
use super::object::names;
use super::statement::{destroys, dropped, inner, plain, unread};
use super::{Dialect, Found};
use crate::action::Effect::{Read, Write};
use crate::action::Flag;
use crate::parse::sql::Statement;

/// Reads a statement, if it is DuckDB's own.
pub fn read(tokens: &[Token<'_>], depth: usize) -> Option<Found> {
    let [first, rest @ ..] = tokens else { return None };
    let second = |words: &[&str]| rest.first().is_some_and(|token| token.among(words));
    let sends = ["postgres_execute", "mysql_execute", "mssql_exec", "snowflake_execute"];
    if let Some(at) = tokens.iter().position(|token| token.among(&sends)) {
        let mut found = unread(tokens, "it sends SQL of its own to another database");
        let alias = tokens.iter().skip(at).find(|token| token.kind == Kind::Text);
        found.databases.extend(alias.map(Token::unquoted));
        return Some(found);
    }
    Some(match first.bytes.to_ascii_lowercase().as_slice() {
        b"attach" => attached(rest),
        b"use" => {
            let mut found: Found = Statement::new(Read, "USE").into();
            let named = names(rest);
            found.statement.object = Some(named.databases.first().cloned().unwrap_or(named.shown));
            found
        }
        b"load"
            if rest.first().is_some_and(|it| it.kind == Kind::Text && it.bytes.contains(&b'/')) =>
        {
            unread(tokens, "it loads native code")
        }
        b"load" => plain(Read, "LOAD", &[], ""),
        b"drop" if second(&["secret"]) || rest.get(1).is_some_and(|it| it.is("secret")) => {
            plain(Write, "DROP SECRET", &[Flag::Credential], "Deletes stored credentials.")
        }
        b"drop" if second(&["schema"]) => {
            let found = destroys("DROP SCHEMA", "schema", names(rest.get(1..)?), |name| {
                format!("Drops {name} with what is in it.")
            });
            let cascades = rest.iter().any(|token| token.is("cascade"));
            if cascades { found.flagged(Flag::Irreversible) } else { found }
        }
        b"drop" => dropped(rest, Dialect::Duckdb),
        b"truncate" => destroys("TRUNCATE", "table", names(rest), |name| {
            format!("Deletes every row of {name}.")
        })
        .instead("Delete the rows that are meant with a WHERE."),
        b"copy" if second(&["from"]) => plain(Write, "COPY DATABASE", &[], "Copies a database."),
        b"copy" => plain(Write, "COPY", &[], "Copies rows from or to a file."),
        b"create" if rest.iter().take(5).any(|token| token.is("secret")) => {
            plain(Write, "CREATE SECRET", &[Flag::Credential], "Stores credentials.")
        }
        b"create" if rest.iter().take(6).any(|token| token.among(&["macro", "type"])) => {
            plain(Write, "CREATE", &[], "Creates a definition.")
        }
        b"prepare" => match rest.iter().position(|token| token.is("as")) {
            Some(at) => inner(rest.get(at + 1..)?, Dialect::Duckdb, depth + 1),
            None => unread(tokens, "what it prepares is not known"),
        },
        b"execute" => plain(Write, "EXECUTE", &[], "Runs a statement prepared in the same text."),
        b"call" => plain(Write, "CALL", &[], "Calls a function."),
        b"abort" => Statement::new(Read, "transaction").into(),
        b"grant" | b"revoke" | b"do" => unread(tokens, "its first word is not known"),
        _ => return None,
    })
}

/// EXPLAIN; with ANALYZE, what it holds runs.
pub fn explained(tokens: &[Token<'_>], depth: usize) -> Found {
    match tokens.iter().take(6).position(|token| token.is("analyze")) {
        Some(at) => {
            let held = tokens.get(at + 1..).unwrap_or_default();
            let from = held.iter().position(|token| token.kind == Kind::Word).unwrap_or(0);
            inner(held.get(from..).unwrap_or_default(), Dialect::Duckdb, depth + 1)
        }
        None => Statement::new(Read, "EXPLAIN").into(),
    }
}

/// ATTACH: `databases` are the thing attached, with its kind in front
/// (`postgres:host=…`), and the name that it gets; the object says where it
/// can only be read.
fn attached(rest: &[Token<'_>]) -> Found {
    let filling = ["database", "if", "not", "exists", "or", "replace"];
    let first = rest.iter().position(|token| !token.among(&filling));
    let text = |at: &usize| rest.get(*at).is_some_and(|token| token.kind == Kind::Text);
    let Some(at) = first.filter(text) else {
        return unread(rest, "what it attaches is computed at run time");
    };
    let behind = rest.get(at + 1..).unwrap_or_default();
    let mut file = rest.get(at).map(Token::unquoted).unwrap_or_default();
    let value = |word: &str| {
        behind.windows(2).find_map(|pair| match pair {
            [name, value] if name.is(word) => Some(value.unquoted()),
            _ => None,
        })
    };
    if let Some(kind) = value("type").map(|kind| kind.to_ascii_lowercase())
        && !file.starts_with(&format!("{kind}:"))
        && kind != "duckdb"
    {
        file = format!("{kind}:{file}");
    }
    let alias = value("as").unwrap_or_else(|| {
        let last = file.rsplit(['/', ':']).next().unwrap_or_default();
        last.split(['.', '?']).next().unwrap_or_default().to_owned()
    });
    let read_only = behind.iter().any(|token| token.is("read_only"))
        && value("read_only").is_none_or(|value| !value.eq_ignore_ascii_case("false"));
    let mut found: Found = Statement::new(Read, "ATTACH").into();
    found.databases = vec![file, alias];
    found.statement.object = read_only.then(|| "read only".to_owned());
    found
}
