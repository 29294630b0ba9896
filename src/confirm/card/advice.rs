//! What is better than an action whose own rule says nothing of that. Text
//! alone; never a way around.

use crate::action::{Action, Effect, Flag};

/// Platforms that hold rows, keys or documents.
const DATABASES: &[&str] = &[
    "cassandra",
    "clickhouse",
    "cockroach",
    "database",
    "duckdb",
    "hive",
    "mongodb",
    "mysql",
    "oracle",
    "postgres",
    "redis",
    "snowflake",
    "sqlite",
    "sqlserver",
    "trino",
];

/// What to do instead of an action of this kind.
pub(super) fn general(action: &Action) -> Option<&'static str> {
    let has = |flag| action.flags.has(flag);
    if has(Flag::Disarm) || has(Flag::Irreplaceable) {
        return None;
    }
    if has(Flag::Backups) {
        return Some("Keep what recovery needs until a restore from something newer has worked.");
    }
    if action.effect < Effect::Destroy && has(Flag::Opaque) {
        return Some(
            "Put what it would run into the command, or into a file that can be read here: \
             each part is then judged by itself.",
        );
    }
    match action.effect {
        Effect::Destroy if DATABASES.contains(&action.target.platform.as_ref()) => Some(
            "Take a copy of what would go first, keep it elsewhere, and try the command out on \
             a copy of the database.",
        ),
        Effect::Destroy => Some("Take a copy of what would go first, and keep it elsewhere."),
        Effect::Disrupt => {
            Some("Do it when nobody is served by it, and try it out on staging first.")
        }
        Effect::Read | Effect::Write => None,
    }
}
