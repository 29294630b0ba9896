//! What only CQL has: keyspaces, batches. Gives nothing where the common
//! reading will do.

use super::lex::Token;
use super::object::names;
use super::statement::{behind, destroys, dropped, inner, plain, unread};
use super::{Dialect, Found};
use crate::action::Effect::{Disrupt, Write};
use crate::action::Flag;
use crate::parse::sql::Statement;

/// Reads a statement, if it is CQL's own.
pub fn read(tokens: &[Token<'_>], depth: usize) -> Option<Found> {
    let [first, rest @ ..] = tokens else { return None };
    let second = |words: &[&str]| rest.first().is_some_and(|token| token.among(words));
    Some(match first.bytes.to_ascii_lowercase().as_slice() {
        b"drop" if second(&["keyspace"]) => {
            let mut named = names(rest.get(1..)?);
            named.databases = vec![named.shown.clone()];
            destroys("DROP KEYSPACE", "keyspace", named, |name| {
                format!("Drops {name} with every table in it.")
            })
            .flagged(Flag::Irreversible)
            .instead("Take a snapshot (nodetool snapshot) and have it checked first.")
        }
        b"drop" if second(&["columnfamily"]) => {
            destroys("DROP TABLE", "table", names(rest.get(1..)?), |name| {
                format!("Drops {name} with its rows.")
            })
        }
        b"drop" => dropped(rest, Dialect::Cql),
        b"truncate" => {
            let at = usize::from(second(&["table", "columnfamily"]));
            destroys("TRUNCATE", "table", names(rest.get(at..)?), |name| {
                format!("Deletes every row of {name} on every node.")
            })
            .instead("Delete the rows that are meant by their keys.")
        }
        // The server wants a partition key in every WHERE.
        b"delete" => bounded("DELETE", "Deletes rows", behind(rest, "from").unwrap_or_default()),
        b"update" => bounded("UPDATE", "Changes rows", rest),
        // A batch's other statements end with semicolons of their own.
        b"begin" => match rest.iter().position(|token| token.among(&["batch"])) {
            Some(at) => {
                let held = rest.get(at + 1..)?;
                const VERBS: &[&str] = &["insert", "update", "delete", "apply"];
                match held.iter().position(|token| token.among(VERBS)) {
                    Some(at) => inner(held.get(at..)?, Dialect::Cql, depth + 1),
                    None if held.is_empty() => Statement::new(Write, "BATCH").into(),
                    None => unread(tokens, "what its batch does is not known"),
                }
            }
            None => unread(tokens, "its first word is not known"),
        },
        b"copy" => {
            let says = "Copies a table's rows from or to a file.";
            let mut found = plain(Write, "COPY", &[], says);
            found.databases = names(rest).databases;
            found
        }
        b"alter" if second(&["table", "columnfamily"]) => {
            let named = names(rest.get(1..)?);
            // DROP behind the table's name, or of compact storage.
            let at = rest.iter().skip(2).position(|token| token.is("drop"));
            let compact = at.is_some_and(|at| rest.get(at + 3).is_some_and(|it| it.is("compact")));
            match at {
                Some(_) if !compact => destroys("ALTER TABLE DROP", "table", named, |name| {
                    format!("Drops columns of {name} with what is in them.")
                }),
                _ => plain(Write, "ALTER TABLE", &[], "Changes a table's definition."),
            }
        }
        b"alter" if second(&["keyspace"]) => {
            let mut found = plain(
                Disrupt,
                "ALTER KEYSPACE",
                &[],
                "Changes where a keyspace's copies are kept.",
            );
            found.databases.push(names(rest.get(1..)?).shown);
            found
        }
        b"alter" if second(&["role", "user"]) => {
            plain(Write, "ALTER ROLE", &[Flag::Permission], "Changes an account.")
        }
        b"alter" => plain(Write, "ALTER", &[], "Changes a definition."),
        b"create" if second(&["role", "user"]) => {
            plain(Write, "CREATE ROLE", &[Flag::Permission], "Creates an account.")
        }
        b"create" => plain(Write, "CREATE", &[], "Creates a definition."),
        b"grant" | b"revoke" => {
            plain(Write, "GRANT", &[Flag::Permission], "Changes who may do what.")
        }
        b"with" | b"values" | b"table" | b"do" | b"explain" | b"start" | b"commit"
        | b"rollback" | b"end" => unread(tokens, "its first word is not known"),
        _ => return None,
    })
}

fn bounded(operation: &'static str, says: &str, rest: &[Token<'_>]) -> Found {
    let named = names(rest);
    let mut found = plain(Write, operation, &[], &format!("{says} of {}.", named.shown));
    found.databases = named.databases;
    found
}
