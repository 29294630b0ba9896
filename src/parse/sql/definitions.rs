//! What changes definitions or locks: CREATE, ALTER, DROP, TRUNCATE, LOCK, SET,
//! and the functions that are known to do more than read.

use std::borrow::Cow;

use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode, Stmt};

use super::shape::{self, Alteration};
use super::source::Source;
use super::{Role, Statement, functions, lex};
use crate::action::{Effect, Flag, Flags};

/// Whether a node of this type stands in the tree.
pub fn has_node<N: AstNode>(node: &SyntaxNode) -> bool {
    node.descendants().any(|node| N::can_cast(node.kind()))
}

/// What calling a listed function does.
pub fn called(source: &Source, function: &functions::Function) -> Statement {
    // lo_unlink(oid) from pg_largeobject: one call a row, and no bound on them.
    let each = function.name == "lo_unlink" && source.has("from") && !source.has("where");
    let effect = if each { Effect::Destroy } else { function.effect };
    let flags = if function.opaque { Flags::of(&[Flag::Opaque]) } else { Flags::NONE };
    let role = if function.opaque { Role::Barrier } else { Role::Plain };
    Statement {
        flags,
        role,
        object: Some(format!("function {}", function.name)),
        summary: format!("{}.", function.says),
        lasting: true,
        ..Statement::new(effect, function.name)
    }
}

/// A bounded change, named by its operation and what stands behind it.
pub fn wrote(source: &Source, operation: &'static str) -> Statement {
    wrote_to(source.names(operation.split(' ').count()), operation)
}

/// A bounded change of what `names` names.
pub fn wrote_to(names: String, operation: &'static str) -> Statement {
    let lasting = matches!(operation, "ALTER SYSTEM" | "CREATE DATABASE" | "CREATE TABLESPACE");
    let object = (!names.is_empty()).then(|| names.clone());
    let blank = if names.is_empty() { "" } else { " " };
    Statement {
        summary: format!("Runs {operation}{blank}{names}."),
        object,
        lasting,
        ..Statement::new(Effect::Write, operation)
    }
}

/// A change that keeps others out while it runs.
pub fn disrupts(source: &Source, operation: &'static str) -> Statement {
    let wrote = wrote(source, operation);
    let what = wrote.object.as_deref().unwrap_or("what it works on").to_owned();
    Statement {
        effect: Effect::Disrupt,
        summary: format!("Blocks others from using {what} while {operation} runs."),
        ..wrote
    }
}

/// A DROP.
pub fn dropped(source: &Source, operation: &'static str, noun: &'static str) -> Statement {
    let names = source.names(operation.split(' ').count());
    let cascade = source.has("cascade");
    let own = names.split(", ").all(|name| name.to_ascii_lowercase().starts_with("pg_temp."));
    if noun == "table" && own && !names.is_empty() && !cascade {
        return wrote(source, operation);
    }
    let with = match (noun, cascade) {
        ("database" | "tablespace", _) | ("schema", true) => " and everything in it",
        ("table" | "materialized view", true) => {
            " with its rows, and everything that depends on it"
        }
        (_, true) => " and everything that depends on it",
        ("table" | "materialized view", false) => " with its rows",
        _ => "",
    };
    let mut flags = Flags::NONE;
    if matches!(noun, "database" | "tablespace") || (noun == "schema" && cascade) {
        flags = flags.with(Flag::Irreversible);
    }
    if matches!(noun, "role" | "policy" | "user mapping") {
        flags = flags.with(Flag::Permission);
    }
    Statement {
        flags,
        summary: format!("Drops {noun} {names}{with}."),
        object: Some(format!("{noun} {names}")),
        instead: match noun {
            "table" => Some("Rename it first, and drop it once nothing has missed it."),
            "database" | "schema" => Some("Take a dump with pg_dump first, and keep it elsewhere."),
            _ => None,
        },
        lasting: matches!(noun, "database" | "tablespace" | "subscription"),
        ..Statement::new(Effect::Destroy, operation)
    }
}

/// What else an ALTER TABLE drops.
const NOT_COLUMNS: &[&str] = &["constraint", "default", "expression", "identity", "not"];

/// How many columns a sentence names.
const MAX_COLUMNS: usize = 5;

/// A DROP of a column or attribute.
pub fn column_dropped(source: &Source, operation: &'static str, noun: &str) -> Statement {
    let table = source.names(operation.split(' ').count());
    let text = source.bytes();
    let tokens = source.tokens.iter().enumerate();
    let drops = tokens.filter(|(_, token)| token.is(text, "drop")).map(|(at, _)| at);
    // Of `drop column a, drop column b`, a list of names would go on.
    let dropped = |drop: usize| {
        let skip = source.word_at(drop + 1, "column") || source.word_at(drop + 1, "attribute");
        let other = NOT_COLUMNS.iter().any(|word| source.word_at(drop + 1, word));
        let names = source.names(drop + 1 + usize::from(skip));
        (skip || !other).then(|| names.split(", ").next().unwrap_or_default().to_owned())
    };
    let columns: Vec<String> = drops.filter_map(dropped).take(MAX_COLUMNS).collect();
    let column = columns.join(", ");
    Statement {
        object: Some(format!("{noun} {column} of {table}")),
        summary: format!("Drops {noun} {column} of {table} with its values in every row."),
        instead: Some("Stop using the column first, and drop it once nothing has missed it."),
        ..Statement::new(
            Effect::Destroy,
            Cow::Owned(format!("{operation} DROP {}", noun.to_uppercase())),
        )
    }
}

/// An ALTER TABLE: the worst of its actions.
pub fn altered(source: &Source, stmt: &Stmt, operation: &'static str) -> Statement {
    let mut worst = wrote(source, operation);
    let actions = stmt.syntax().children().filter_map(ast::AlterTableAction::cast);
    for action in actions {
        let found = match shape::alteration(&action) {
            Alteration::Write => continue,
            Alteration::Permission => {
                Statement { flags: Flags::of(&[Flag::Permission]), ..wrote(source, operation) }
            }
            Alteration::Disrupt => disrupts(source, operation),
            Alteration::DropColumn => column_dropped(source, operation, "column"),
            Alteration::Column => {
                let using = action.syntax().descendants().find_map(ast::UsingExpr::cast);
                let blind = using.is_some_and(|using| !has_node::<ast::NameRef>(using.syntax()));
                if !blind {
                    continue;
                }
                Statement {
                    effect: Effect::Destroy,
                    summary: "Overwrites a column in every row with a value that does not come \
                              from it."
                        .to_owned(),
                    ..wrote(source, operation)
                }
            }
        };
        worst = worst.worse(found);
    }
    worst
}

/// An ALTER SYSTEM: archiving is what a recovery to a point in time lives on.
pub fn system_altered(source: &Source) -> Statement {
    let archives = source.word_at(3, "archive_mode") || source.word_at(3, "archive_command");
    let resets = source.word_at(2, "reset");
    let values = source.tokens.get(4..).unwrap_or_default();
    let off = values.iter().any(|token| {
        let value = token.bytes(source.bytes()).trim_ascii();
        [&b"off"[..], b"'off'", b"false", b"no", b"default", b"''", b"'/bin/true'", b"'true'"]
            .iter()
            .any(|off| value.eq_ignore_ascii_case(off))
    });
    let all = resets && source.word_at(3, "all");
    if !(all || archives && (resets || off)) {
        return wrote(source, "ALTER SYSTEM");
    }
    Statement {
        flags: Flags::of(&[Flag::Backups]),
        summary: "Stops the archiving of the write-ahead log, on which recovery to a point in \
                  time depends."
            .to_owned(),
        lasting: true,
        ..Statement::new(Effect::Destroy, "ALTER SYSTEM")
    }
}

/// A TRUNCATE.
pub fn truncated(source: &Source) -> Statement {
    let names = source.names(1);
    if names.split(", ").all(|name| name.to_ascii_lowercase().starts_with("pg_temp.")) {
        return wrote(source, "TRUNCATE");
    }
    let cascade = if source.has("cascade") { ", and of every table that refers to it" } else { "" };
    Statement {
        object: Some(format!("table {names}")),
        summary: format!("Removes every row of {names}{cascade}."),
        instead: Some("Delete the rows that have to go, by a WHERE clause."),
        ..Statement::new(Effect::Destroy, "TRUNCATE")
    }
}

/// A LOCK.
pub fn locked(source: &Source) -> Statement {
    let mild = source.has("row") || (source.has("access") && source.has("share"));
    if mild && !source.word_at(1, "row") { wrote(source, "LOCK") } else { disrupts(source, "LOCK") }
}

/// A SET.
pub fn set(source: &Source) -> Statement {
    if source.has("session_replication_role") {
        return Statement {
            flags: Flags::of(&[Flag::Permission]),
            summary: "Switches foreign keys and triggers off for the session.".to_owned(),
            ..Statement::new(Effect::Write, "SET session_replication_role")
        };
    }
    let encoding = source.has("client_encoding") || source.has("names");
    let text = if encoding { source.text.to_ascii_uppercase() } else { String::new() };
    if lex::BACKSLASH_HIDERS.iter().any(|name| text.contains(name)) {
        return Statement::opaque("SET client_encoding", "the encoding can hide a backslash");
    }
    Statement::new(Effect::Read, "SET")
}
