//! First words whose statements always do the same, with one sentence each.

use crate::action::Effect::{self, Disrupt, Read, Write};

/// Statements of MySQL and MariaDB.
pub const MYSQL: &[(&str, Effect, &str)] = &[
    ("show", Read, ""),
    ("desc", Read, ""),
    ("describe", Read, ""),
    ("help", Read, ""),
    ("use", Read, ""),
    ("handler", Read, ""),
    ("check", Read, ""),
    ("checksum", Read, ""),
    ("deallocate", Read, ""),
    ("savepoint", Read, ""),
    ("release", Read, ""),
    ("unlock", Read, ""),
    ("signal", Read, ""),
    ("resignal", Read, ""),
    ("get", Read, ""),
    ("insert", Write, "Inserts rows."),
    ("replace", Write, "Inserts rows and replaces those with the same key."),
    ("cache", Write, "Assigns indexes to a key cache."),
    ("import", Write, "Imports tables."),
    ("execute", Write, "Runs a statement prepared in the same session."),
    ("xa", Write, "Steps a distributed transaction."),
    ("comment", Write, "Sets a comment."),
    ("repair", Disrupt, "Repairs a table under a lock."),
    ("optimize", Disrupt, "Rebuilds a table under a lock."),
    ("kill", Disrupt, "Ends a connection or its statement."),
    ("shutdown", Disrupt, "Stops the database server."),
    ("restart", Disrupt, "Restarts the database server."),
    ("stop", Disrupt, "Stops replication."),
    ("change", Disrupt, "Changes where the server replicates from."),
    ("lock", Disrupt, "Locks tables against everyone else."),
    ("uninstall", Disrupt, "Removes a plugin from the server."),
];

/// Statements of SQLite.
pub const SQLITE: &[(&str, Effect, &str)] = &[
    ("savepoint", Read, ""),
    ("release", Read, ""),
    ("detach", Read, ""),
    ("insert", Write, "Inserts rows."),
    ("replace", Write, "Inserts rows and replaces those with the same key."),
    ("analyze", Write, "Gathers statistics."),
    ("vacuum", Write, "Rebuilds the database's file."),
    ("attach", Read, ""),
    ("reindex", Disrupt, "Rebuilds indexes under a lock."),
];

/// Statements of ClickHouse.
pub const CLICKHOUSE: &[(&str, Effect, &str)] = &[
    ("show", Read, ""),
    ("desc", Read, ""),
    ("describe", Read, ""),
    ("exists", Read, ""),
    ("use", Read, ""),
    ("set", Read, ""),
    ("check", Read, ""),
    ("watch", Read, ""),
    ("from", Read, ""),
    ("attach", Write, "Attaches a table or database again."),
    ("backup", Write, "Writes a backup."),
    ("insert", Write, "Inserts rows."),
    ("rename", Write, "Renames tables or databases."),
    ("undrop", Write, "Brings a dropped table back."),
    ("kill", Disrupt, "Ends queries or mutations."),
    ("detach", Disrupt, "Takes a table or database out of service, without deleting its data."),
    ("exchange", Disrupt, "Swaps two tables under their names."),
];

/// Statements of CQL.
pub const CQL: &[(&str, Effect, &str)] = &[
    ("use", Read, ""),
    ("list", Read, ""),
    ("apply", Read, ""),
    ("describe", Read, ""),
    ("desc", Read, ""),
    ("insert", Write, "Inserts a row, or replaces the one with the same key."),
];

/// Statements of DuckDB.
pub const DUCKDB: &[(&str, Effect, &str)] = &[
    ("show", Read, ""),
    ("desc", Read, ""),
    ("describe", Read, ""),
    ("summarize", Read, ""),
    ("from", Read, ""),
    ("pivot", Read, ""),
    ("unpivot", Read, ""),
    ("set", Read, ""),
    ("reset", Read, ""),
    ("pragma", Read, ""),
    ("use", Read, ""),
    ("detach", Read, ""),
    ("install", Read, ""),
    ("deallocate", Read, ""),
    ("checkpoint", Write, "Writes the log into the database's file."),
    ("analyze", Write, "Gathers statistics."),
    ("vacuum", Write, "Gathers statistics."),
    ("comment", Write, "Sets a comment."),
    ("export", Write, "Writes the database to files."),
    ("import", Write, "Runs the statements of an exported database."),
    ("insert", Write, "Inserts rows."),
];
