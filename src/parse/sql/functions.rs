//! Functions of PostgreSQL and its common extensions: those that do more than
//! read, and the names of all that come with them. What is in neither list is
//! a function of the user's own: it cannot be seen from here, and counts as a
//! read that is marked as unknown.

use super::lex::{Kind, Token};
use super::name;
use crate::action::Effect;

/// What calling a function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name, lower case.
    pub name: &'static str,
    /// The effect of a call.
    pub effect: Effect,
    /// Whether it runs text as code, so that the call says nothing.
    pub opaque: bool,
    /// What a call does: a clause that completes a sentence.
    pub says: &'static str,
}

const fn write(name: &'static str, says: &'static str) -> Function {
    Function { name, effect: Effect::Write, opaque: false, says }
}

const fn disrupt(name: &'static str, says: &'static str) -> Function {
    Function { name, effect: Effect::Disrupt, opaque: false, says }
}

const fn destroy(name: &'static str, says: &'static str) -> Function {
    Function { name, effect: Effect::Destroy, opaque: false, says }
}

const fn runs(name: &'static str, says: &'static str) -> Function {
    Function { name, effect: Effect::Write, opaque: true, says }
}

/// The list, sorted by name.
pub static FUNCTIONS: &[Function] = &[
    destroy("add_retention_policy", "Has chunks of a hypertable dropped from now on"),
    destroy("citus_drop_all_shards", "Drops every shard of a distributed table"),
    write("create_hypertable", "Turns a table into a hypertable"),
    write("cron.alter_job", "Changes a scheduled job"),
    runs("cron.schedule", "Schedules SQL to be run later"),
    runs("cron.schedule_in_database", "Schedules SQL to be run later"),
    write("cron.unschedule", "Removes a scheduled job"),
    write("crosstab", "Runs a query that is given as text"),
    runs("dblink", "Runs SQL on another database"),
    runs("dblink_exec", "Runs SQL on another database"),
    runs("dblink_open", "Runs SQL on another database"),
    runs("dblink_send_query", "Runs SQL on another database"),
    disrupt("decompress_chunk", "Rewrites a chunk of a hypertable"),
    destroy("drop_chunks", "Drops chunks of a hypertable with their rows"),
    destroy("dropgeometrycolumn", "Drops a geometry column with its values"),
    destroy("dropgeometrytable", "Drops a table with its rows"),
    destroy("droptopology", "Drops a topology schema with its tables"),
    destroy("heap_force_freeze", "Rewrites tuples of a table in place"),
    destroy("heap_force_kill", "Removes tuples from a table in place"),
    write("http_delete", "Sends an HTTP request from the database host"),
    write("http_post", "Sends an HTTP request from the database host"),
    write("http_put", "Sends an HTTP request from the database host"),
    write("lo_creat", "Creates a large object"),
    write("lo_create", "Creates a large object"),
    write("lo_export", "Writes a file on the database host"),
    write("lo_from_bytea", "Creates a large object"),
    write("lo_import", "Reads a file of the database host into a large object"),
    write("lo_put", "Overwrites part of a large object"),
    write("lo_truncate", "Truncates a large object"),
    write("lo_truncate64", "Truncates a large object"),
    write("lo_unlink", "Deletes a large object"),
    write("lowrite", "Overwrites part of a large object"),
    destroy("master_drop_all_shards", "Drops every shard of a distributed table"),
    write("nextval", "Advances a sequence"),
    write("pg_advisory_lock", "Takes an advisory lock"),
    write("pg_backup_start", "Starts a backup"),
    write("pg_backup_stop", "Ends a backup"),
    disrupt("pg_cancel_backend", "Cancels another session's query"),
    write("pg_copy_logical_replication_slot", "Creates a replication slot"),
    write("pg_copy_physical_replication_slot", "Creates a replication slot"),
    write("pg_create_logical_replication_slot", "Creates a replication slot"),
    write("pg_create_physical_replication_slot", "Creates a replication slot"),
    write("pg_create_restore_point", "Creates a restore point"),
    destroy(
        "pg_drop_replication_slot",
        "Drops a replication slot and what its reader had not read",
    ),
    write("pg_file_rename", "Renames a file on the database host"),
    destroy("pg_file_unlink", "Deletes a file on the database host"),
    write("pg_file_write", "Writes a file on the database host"),
    write("pg_import_system_collations", "Adds collations"),
    write("pg_log_backend_memory_contexts", "Writes to the server's log"),
    write("pg_logical_emit_message", "Writes to the write-ahead log"),
    write("pg_logical_slot_get_binary_changes", "Consumes changes of a replication slot"),
    write("pg_logical_slot_get_changes", "Consumes changes of a replication slot"),
    write("pg_notify", "Sends a notification"),
    disrupt("pg_promote", "Promotes a standby, for good"),
    write("pg_read_binary_file", "Reads a file of the database host"),
    write("pg_read_file", "Reads a file of the database host"),
    write("pg_reload_conf", "Reloads the server's configuration"),
    write("pg_replication_origin_create", "Creates a replication origin"),
    destroy("pg_replication_origin_drop", "Drops a replication origin"),
    write("pg_replication_slot_advance", "Skips changes of a replication slot"),
    write("pg_rotate_logfile", "Rotates the server's log"),
    write("pg_stat_reset", "Resets statistics counters"),
    write("pg_stat_reset_shared", "Resets statistics counters"),
    write("pg_stat_statements_reset", "Resets statistics counters"),
    write("pg_switch_wal", "Switches to a new write-ahead log file"),
    disrupt("pg_terminate_backend", "Ends another session"),
    destroy("pg_truncate_visibility_map", "Truncates a visibility map"),
    disrupt("pg_wal_replay_pause", "Pauses a standby's replay"),
    write("pg_wal_replay_resume", "Resumes a standby's replay"),
    write("query_to_xml", "Runs a query that is given as text"),
    write("query_to_xml_and_xmlschema", "Runs a query that is given as text"),
    write("run_maintenance", "Maintains partitions"),
    write("setval", "Sets a sequence"),
    write("table_import_from_s3", "Adds rows from S3"),
    destroy("truncate_local_data_after_distributing_table", "Truncates a table's local rows"),
    write("ts_stat", "Runs a query that is given as text"),
    disrupt("undistribute_table", "Rewrites a distributed table"),
];

// Every function of PostgreSQL 15 and of the 46 extensions that Debian's
// server package brings, from its own catalog.
include!(concat!(env!("OUT_DIR"), "/functions.rs"));

/// Whether a function of this name (without schema, in any case) comes with
/// PostgreSQL or with a common extension.
pub fn is_known(name: &[u8]) -> bool {
    let lower = || name.iter().map(u8::to_ascii_lowercase);
    let postgis = name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"st_"));
    postgis || COMES_ALONG.binary_search_by(|known| known.bytes().cmp(lower())).is_ok()
}

impl Function {
    /// Whether it runs a query that is given as text, in which the server
    /// refuses changes, but not calls of functions that do more than read.
    pub fn takes_query(&self) -> bool {
        matches!(self.name, "crosstab" | "query_to_xml" | "query_to_xml_and_xmlschema" | "ts_stat")
    }
}

/// The listed function that is called at token `open`, a parenthesis, by the
/// name in front of it.
pub fn called(text: &[u8], tokens: &[Token], open: usize) -> Option<&'static Function> {
    let name = tokens.get(open.checked_sub(1)?)?;
    let found = match name.kind {
        Kind::Word => find(None, name.bytes(text)),
        Kind::Quoted | Kind::UnicodeQuoted => find(None, name::decoded(text, name)?.as_bytes()),
        _ => return None,
    };
    let dot = open.checked_sub(2).and_then(|at| tokens.get(at));
    if found.is_some() || dot.is_none_or(|dot| dot.kind != Kind::Dot) {
        return found;
    }
    let schema = name::decoded(text, tokens.get(open.checked_sub(3)?)?)?;
    find(Some(&schema), name::decoded(text, name)?.as_bytes())
}

/// The listed function of a name, with its schema where the list has one, in
/// any case.
fn find(schema: Option<&str>, name: &[u8]) -> Option<&'static Function> {
    let schema = schema.map(|schema| schema.bytes().chain([b'.'])).into_iter().flatten();
    let full = || schema.clone().chain(name.iter().copied()).map(|byte| byte.to_ascii_lowercase());
    let at = FUNCTIONS.binary_search_by(|entry| entry.name.bytes().cmp(full())).ok()?;
    FUNCTIONS.get(at)
}

#[cfg(test)]
mod tests {
    use super::super::lex::{Lexer, Mode};
    use super::*;

    fn call(text: &str) -> Option<&'static str> {
        let tokens: Vec<Token> = Lexer::new(text.as_bytes(), 0, Mode::default()).collect();
        let open = tokens.iter().position(|token| token.kind == Kind::Open)?;
        called(text.as_bytes(), &tokens, open).map(|function| function.name)
    }

    #[test]
    fn the_list_is_sorted_so_that_everything_in_it_is_found() {
        for pair in FUNCTIONS.windows(2) {
            assert!(pair[0].name < pair[1].name, "{} / {}", pair[0].name, pair[1].name);
        }
        for function in FUNCTIONS {
            assert_eq!(call(&format!("{}(1)", function.name.to_uppercase())), Some(function.name));
        }
    }

    #[test]
    fn what_comes_along_is_known() {
        for name in ["now", "COUNT", "jsonb_agg", "gen_random_uuid", "ST_Area", "similarity"] {
            assert!(is_known(name.as_bytes()), "{name}");
        }
        for name in ["", "my_function", "drop_everything", "st"] {
            assert!(!is_known(name.as_bytes()), "{name}");
        }
        assert!(COMES_ALONG.is_sorted());
    }

    #[test]
    fn names_are_decoded_and_schemas_looked_past() {
        assert_eq!(call("pg_catalog . setval ('a', 1)"), Some("setval"));
        assert_eq!(call(r#"U&"\0073etval"('a')"#), Some("setval"));
        assert_eq!(call("schedule(1)"), None);
        assert_eq!(call(r#""cron"."schedule"(1)"#), Some("cron.schedule"));
        assert_eq!(call("now()"), None);
    }
}
