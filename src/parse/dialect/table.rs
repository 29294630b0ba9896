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
