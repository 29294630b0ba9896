//! What only ClickHouse's SQL has: mutations, partitions, SYSTEM, ON CLUSTER.
//! Gives nothing where the common reading will do.

use super::lex::{Kind, Token};
use super::object::names;
use super::statement::{behind, change, destroys, dropped, inner, plain, unread};
use super::{Dialect, Found, always};
use crate::action::Effect::{Destroy, Disrupt, Read, Write};
use crate::action::Flag;

/// Clauses of an ALTER TABLE that one statement may hold.
const MAX_CLAUSES: usize = 1_000;

/// Reads a statement, if it is ClickHouse's own.
pub fn read(tokens: &[Token<'_>], depth: usize) -> Option<Found> {
    let [first, rest @ ..] = tokens else { return None };
    let second = |words: &[&str]| rest.first().is_some_and(|token| token.among(words));
    let has = |word: &str| rest.iter().any(|token| token.is(word));
    let found = match first.bytes.to_ascii_lowercase().as_slice() {
        b"drop" => dropped(rest, Dialect::Clickhouse),
        b"truncate" if second(&["database", "all"]) => {
            let named = behind(rest, "from").or_else(|| behind(rest, "database"));
            let named = names(named.unwrap_or(rest));
            destroys("TRUNCATE DATABASE", "database", named, |name| {
                format!("Deletes every row of every table of {name}.")
            })
            .flagged(Flag::Irreversible)
        }
        b"truncate" => destroys("TRUNCATE", "table", names(rest), |name| {
            format!("Deletes every row of {name}.")
        })
        .instead("Delete the rows that are meant with a WHERE."),
        b"alter" if second(&["table"]) => altered(rest.get(1..).unwrap_or_default()),
        b"replace" if second(&["table", "dictionary"]) => {
            destroys("REPLACE TABLE", "table", names(rest), |name| {
                format!("Drops {name} with what is in it, and makes it anew.")
            })
        }
        b"optimize" if has("deduplicate") => {
            destroys("OPTIMIZE DEDUPLICATE", "table", names(rest), |name| {
                format!("Deletes the rows of {name} that it takes for duplicates.")
            })
        }
        b"optimize" => plain(Disrupt, "OPTIMIZE", &[], "Merges a table's parts, which costs much."),
        b"system" => system(rest),
        b"restore" => plain(Write, "RESTORE", &[], "Restores a backup."),
        b"grant" | b"revoke" => {
            plain(Write, "GRANT", &[Flag::Permission], "Changes who may do what.")
        }
        b"explain" => plain(Read, "EXPLAIN", &[], ""),
        b"execute" => unread(tokens, "it runs as somebody else"),
        b"with" if has("insert") => plain(Write, "INSERT", &[], "Inserts rows."),
        b"parallel" if second(&["with"]) => inner(rest.get(1..)?, Dialect::Clickhouse, depth + 1),
        b"delete" => change(tokens, Dialect::Clickhouse),
        _ => return None,
    };
    Some(on_cluster(found, tokens))
}

/// Says which cluster's nodes a statement reaches.
fn on_cluster(mut found: Found, tokens: &[Token<'_>]) -> Found {
    let cluster = tokens.windows(3).find_map(|window| match window {
        [on, cluster, name] if on.is("on") && cluster.is("cluster") => Some(name.unquoted()),
        _ => None,
    });
    if let Some(cluster) = cluster {
        if found.statement.effect >= Disrupt {
            found.statement.summary.push_str(" On every node of the cluster ");
            found.statement.summary.push_str(&cluster);
            found.statement.summary.push('.');
        }
        found.databases.push(cluster);
    }
    found
}

/// ALTER TABLE: the worst of its clauses.
fn altered(rest: &[Token<'_>]) -> Found {
    let named = names(rest);
    let mut clauses: Vec<&[Token<'_>]> = Vec::new();
    let (mut level, mut from) = (0_usize, 0);
    for (at, token) in rest.iter().enumerate() {
        match token.kind {
            Kind::Open => level += 1,
            Kind::Close => level = level.saturating_sub(1),
            Kind::Comma if level == 0 => {
                clauses.extend(rest.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
        if clauses.len() > MAX_CLAUSES {
            return unread(rest, "it has too many clauses");
        }
    }
    clauses.extend(rest.get(from..));
    let mut worst: Option<Found> = None;
    for clause in clauses {
        let found = altered_by(clause, &named.shown);
        let weight = |found: &Found| (found.statement.effect, found.statement.flags.iter().count());
        if worst.as_ref().is_none_or(|worst| weight(&found) > weight(worst)) {
            worst = Some(found);
        }
    }
    let mut found = worst.unwrap_or_else(|| unread(rest, "it names nothing to alter"));
    found.statement.object = Some(format!("table {}", named.shown));
    found.databases = named.databases;
    found
}

/// First words of clauses.
const VERBS: &[&str] = &[
    "add",
    "apply",
    "attach",
    "clear",
    "comment",
    "delete",
    "detach",
    "drop",
    "fetch",
    "forget",
    "freeze",
    "materialize",
    "modify",
    "move",
    "remove",
    "rename",
    "replace",
    "reset",
    "unfreeze",
    "update",
    "alter",
];

/// One clause; the first has the table's name in front.
fn altered_by(clause: &[Token<'_>], table: &str) -> Found {
    // Newer servers write each clause in brackets.
    let open = clause.iter().position(|token| token.kind == Kind::Open);
    let clause = match (open, clause.last()) {
        (Some(at), Some(last))
            if last.kind == Kind::Close
                && clause.get(at + 1).is_some_and(|it| it.among(VERBS))
                && !clause.get(..at).unwrap_or_default().iter().any(|it| it.among(VERBS)) =>
        {
            clause.get(at + 1..clause.len() - 1).unwrap_or(clause)
        }
        _ => clause,
    };
    let verb = clause.iter().enumerate().position(|(at, token)| {
        let dotted =
            at.checked_sub(1).and_then(|at| clause.get(at)).is_some_and(|it| it.kind == Kind::Dot);
        token.among(VERBS) && !dotted
    });
    let Some(at) = verb else { return unread(clause, "what it alters is not known") };
    let rest = clause.get(at + 1..).unwrap_or_default();
    let next = |words: &[&str]| rest.first().is_some_and(|token| token.among(words));
    let destroy = |operation: &'static str, says: String| plain(Destroy, operation, &[], &says);
    let word = clause.get(at).map(|token| token.bytes.to_ascii_lowercase()).unwrap_or_default();
    match word.as_slice() {
        b"delete" | b"update" => mutation(&word, rest, table),
        b"drop" if next(&["index", "projection", "constraint", "statistics"]) => {
            plain(Disrupt, "ALTER TABLE DROP INDEX", &[], "Drops an index or projection.")
        }
        b"drop" if next(&["partition", "part", "detached"]) => destroy(
            "ALTER TABLE DROP PARTITION",
            format!("Drops a partition of {table} with its rows."),
        ),
        b"drop" => destroy(
            "ALTER TABLE DROP COLUMN",
            format!("Drops a column of {table} with what is in it."),
        ),
        b"clear" if next(&["index", "projection", "statistics"]) => {
            plain(Disrupt, "ALTER TABLE CLEAR INDEX", &[], "Deletes an index's data.")
        }
        b"clear" => destroy(
            "ALTER TABLE CLEAR COLUMN",
            format!("Resets every value of a column of {table}."),
        ),
        b"replace" => destroy(
            "ALTER TABLE REPLACE PARTITION",
            format!("Overwrites a partition of {table} with another table's."),
        ),
        b"modify" if next(&["ttl"]) || rest.iter().any(|token| token.is("ttl")) => destroy(
            "ALTER TABLE MODIFY TTL",
            format!("Lets the server delete rows or values of {table} by their age."),
        ),
        b"unfreeze" => plain(
            Destroy,
            "ALTER TABLE UNFREEZE",
            &[Flag::Backups],
            "Deletes a frozen copy of a table.",
        ),
        b"forget" => destroy("ALTER TABLE FORGET", format!("Forgets a partition of {table}.")),
        b"detach" => plain(
            Disrupt,
            "ALTER TABLE DETACH PARTITION",
            &[],
            "Takes a partition out of service, without deleting its data.",
        ),
        _ => plain(Write, "ALTER TABLE", &[], &format!("Changes the table {table}.")),
    }
}

/// `DELETE WHERE` and `UPDATE … WHERE` of an ALTER TABLE.
fn mutation(verb: &[u8], rest: &[Token<'_>], table: &str) -> Found {
    let deletes = verb == b"delete";
    let operation = if deletes { "ALTER TABLE DELETE" } else { "ALTER TABLE UPDATE" };
    let condition = behind(rest, "where").unwrap_or_default();
    if condition.is_empty() || always::holds(condition, Dialect::Clickhouse) {
        let what = if deletes { "Deletes every row of" } else { "Overwrites every row of" };
        return plain(Destroy, operation, &[], &format!("{what} {table}."))
            .instead("Add a WHERE that names the rows.");
    }
    let what = if deletes { "Deletes" } else { "Changes" };
    plain(Write, operation, &[], &format!("{what} some rows of {table}."))
}

/// What stands behind SYSTEM.
fn system(rest: &[Token<'_>]) -> Found {
    let is = |at: usize, words: &[&str]| rest.get(at).is_some_and(|token| token.among(words));
    let has = |word: &str| rest.iter().any(|token| token.is(word));
    let cache = rest.iter().any(|token| {
        let word = token.bytes.to_ascii_lowercase();
        word.ends_with(b"cache") || word.ends_with(b"caches")
    });
    match () {
        () if is(0, &["drop", "clear"]) && has("replica") => plain(
            Destroy,
            "SYSTEM DROP REPLICA",
            &[],
            "Takes a replica out of the cluster's memory.",
        ),
        () if is(0, &["drop", "clear"]) && cache => {
            plain(Disrupt, "SYSTEM DROP CACHE", &[], "Empties a cache.")
        }
        () if is(0, &["unfreeze"]) => {
            plain(Destroy, "SYSTEM UNFREEZE", &[Flag::Backups], "Deletes a frozen copy.")
        }
        () if is(0, &["flush", "reload", "sync", "start", "wait", "load", "refresh", "enable"]) => {
            plain(Write, "SYSTEM", &[], "Tells the server to do its housekeeping.")
        }
        () if is(0, &["drop"]) => unread(rest, "what it drops is not known"),
        () => plain(Disrupt, "SYSTEM", &[], "Stops or restarts a part of the server."),
    }
}
