//! The names of what a statement acts on.

use super::lex::{Kind, Token};

/// Names that one sentence lists.
const MAX_NAMES: usize = 5;

/// The objects that a statement names, and the databases in their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// `users, shop.orders`.
    pub shown: String,
    /// `shop`.
    pub databases: Vec<String>,
}

/// Reads a list of names: `a, b.c, "d"`; words like IF EXISTS in front of it
/// are skipped.
pub fn names(tokens: &[Token<'_>]) -> Names {
    const FILLING: &[&str] = &[
        "if",
        "not",
        "exists",
        "table",
        "tables",
        "only",
        "low_priority",
        "quick",
        "ignore",
        "from",
        "concurrently",
        "wait",
        "nowait",
        "or",
        "fail",
        "abort",
        "rollback",
    ];
    let start = tokens.iter().position(|token| !token.among(FILLING)).unwrap_or(tokens.len());
    let mut found = Names::default();
    let mut rest = tokens.get(start..).unwrap_or_default();
    for count in 0.. {
        let Some((name, database, used)) = name(rest) else { break };
        if count < MAX_NAMES {
            if count > 0 {
                found.shown.push_str(", ");
            }
            found.shown.push_str(&name);
        }
        found.databases.extend(database);
        rest = rest.get(used..).unwrap_or_default();
        // An alias, or the form `t.*` of a DELETE.
        while rest.first().is_some_and(|token| matches!(token.bytes, b"." | b"*")) {
            rest = rest.get(1..).unwrap_or_default();
        }
        match rest {
            [comma, after @ ..] if comma.kind == Kind::Comma => rest = after,
            _ => break,
        }
    }
    found.databases.dedup();
    found.databases.truncate(MAX_NAMES);
    found
}

/// One name: as shown, the database in it, and how many tokens it takes.
fn name(tokens: &[Token<'_>]) -> Option<(String, Option<String>, usize)> {
    let is_name = |token: &Token<'_>| matches!(token.kind, Kind::Word | Kind::Name | Kind::Text);
    match tokens {
        [first, dot, second, ..] if is_name(first) && dot.kind == Kind::Dot && is_name(second) => {
            let (first, second) = (first.unquoted(), second.unquoted());
            Some((format!("{first}.{second}"), Some(first), 3))
        }
        [first, ..] if is_name(first) => Some((first.unquoted(), None, 1)),
        _ => None,
    }
}
