//! What each Redis command does, by its words. Checked against the flags that
//! a Redis 7.0 server gives in COMMAND. An unknown command is opaque.

use super::reads;
use crate::action::{Action, Effect, Flag, Flags};

/// Commands that change nothing that stays and have no place in a read-only
/// session ([`reads`] lists the others): what speaks to other clients or to
/// replicas, and what depends on a subcommand.
const READS: &[&str] = &[
    "client",
    "cluster",
    "command",
    "latency",
    "memory",
    "object",
    "pfselftest",
    "psync",
    "publish",
    "pubsub",
    "replconf",
    "slowlog",
    "spublish",
    "sync",
    "xinfo",
    "help",
    "clear",
    "exit",
    "script",
    "function",
    "sentinel",
    "config",
    "acl",
    "module",
    "debug",
];

/// Commands that change one key, or a few that they name.
const WRITES: &[&str] = &[
    "append",
    "bitfield",
    "bitop",
    "blmove",
    "blmpop",
    "blpop",
    "brpop",
    "brpoplpush",
    "bzmpop",
    "bzpopmax",
    "bzpopmin",
    "copy",
    "decr",
    "decrby",
    "del",
    "expire",
    "expireat",
    "geoadd",
    "georadius",
    "georadiusbymember",
    "geosearchstore",
    "getdel",
    "getex",
    "getset",
    "hdel",
    "hexpire",
    "hincrby",
    "hincrbyfloat",
    "hmset",
    "hset",
    "hsetnx",
    "incr",
    "incrby",
    "incrbyfloat",
    "linsert",
    "lmove",
    "lmpop",
    "lpop",
    "lpush",
    "lpushx",
    "lrem",
    "lset",
    "ltrim",
    "migrate",
    "move",
    "mset",
    "msetnx",
    "persist",
    "pexpire",
    "pexpireat",
    "pfadd",
    "pfdebug",
    "pfmerge",
    "psetex",
    "rename",
    "renamenx",
    "restore",
    "restore-asking",
    "rpop",
    "rpoplpush",
    "rpush",
    "rpushx",
    "sadd",
    "sdiffstore",
    "set",
    "setbit",
    "setex",
    "setnx",
    "setrange",
    "sinterstore",
    "smove",
    "sort",
    "spop",
    "srem",
    "sunionstore",
    "unlink",
    "xack",
    "xadd",
    "xautoclaim",
    "xclaim",
    "xdel",
    "xgroup",
    "xreadgroup",
    "xsetid",
    "xtrim",
    "zadd",
    "zdiffstore",
    "zincrby",
    "zinterstore",
    "zmpop",
    "zpopmax",
    "zpopmin",
    "zrangestore",
    "zrem",
    "zremrangebylex",
    "zremrangebyrank",
    "zremrangebyscore",
    "zunionstore",
    "bgsave",
    "bgrewriteaof",
    "json.set",
    "ft.create",
    "ts.add",
    "bf.add",
];

/// Commands by name and first argument that do more than the lists say.
const SPECIAL: &[(&str, &str, Effect, &[Flag], &str)] = &[
    (
        "flushall",
        "",
        Effect::Destroy,
        &[Flag::Irreversible],
        "Deletes every key of every database.",
    ),
    ("flushdb", "", Effect::Destroy, &[Flag::Irreversible], "Deletes every key of the database."),
    (
        "replicaof",
        "",
        Effect::Destroy,
        &[Flag::Irreversible],
        "Replaces every key by another server's.",
    ),
    (
        "slaveof",
        "",
        Effect::Destroy,
        &[Flag::Irreversible],
        "Replaces every key by another server's.",
    ),
    ("function", "flush", Effect::Destroy, &[], "Deletes every function library."),
    ("function", "delete", Effect::Destroy, &[], "Deletes a function library."),
    ("function", "restore", Effect::Write, &[], "Loads function libraries."),
    ("function", "load", Effect::Write, &[], "Loads a function library."),
    ("function", "kill", Effect::Disrupt, &[], "Ends a running function."),
    ("xgroup", "destroy", Effect::Destroy, &[], "Deletes a consumer group with its state."),
    ("ft.dropindex", "", Effect::Destroy, &[], "Deletes a search index."),
    ("graph.delete", "", Effect::Destroy, &[], "Deletes a graph."),
    ("shutdown", "", Effect::Disrupt, &[], "Stops the server."),
    (
        "shutdown",
        "nosave",
        Effect::Destroy,
        &[Flag::Irreversible],
        "Stops the server without saving what has changed.",
    ),
    ("swapdb", "", Effect::Disrupt, &[], "Swaps two databases under their clients."),
    ("save", "", Effect::Disrupt, &[], "Saves while nobody is served."),
    ("failover", "", Effect::Disrupt, &[], "Hands over to a replica."),
    ("debug", "", Effect::Disrupt, &[], "Interferes with the running server."),
    ("client", "kill", Effect::Disrupt, &[], "Ends connections of other clients."),
    ("client", "pause", Effect::Disrupt, &[], "Holds every client."),
    ("cluster", "reset", Effect::Destroy, &[], "Makes the node forget the cluster."),
    ("cluster", "failover", Effect::Disrupt, &[], "Hands over to a replica."),
    ("cluster", "forget", Effect::Disrupt, &[], "Makes the node forget another."),
    ("cluster", "flushslots", Effect::Disrupt, &[], "Takes every slot from the node."),
    ("cluster", "delslots", Effect::Disrupt, &[], "Takes slots from the node."),
    ("cluster", "delslotsrange", Effect::Disrupt, &[], "Takes slots from the node."),
    ("cluster", "setslot", Effect::Disrupt, &[], "Moves a slot between nodes."),
    ("cluster", "replicate", Effect::Disrupt, &[], "Makes the node a replica."),
    ("cluster", "addslots", Effect::Write, &[], "Gives slots to the node."),
    ("cluster", "addslotsrange", Effect::Write, &[], "Gives slots to the node."),
    ("cluster", "bumpepoch", Effect::Write, &[], "Advances the cluster's epoch."),
    ("cluster", "meet", Effect::Write, &[], "Joins nodes."),
    ("config", "set", Effect::Write, &[], "Changes a setting of the server."),
    ("config", "rewrite", Effect::Write, &[], "Rewrites the server's configuration file."),
    ("config", "resetstat", Effect::Write, &[], "Resets statistics."),
    ("script", "flush", Effect::Disrupt, &[], "Empties the cache of scripts."),
    ("script", "kill", Effect::Disrupt, &[], "Ends a running script."),
    ("script", "load", Effect::Write, &[], "Loads a script."),
    ("acl", "setuser", Effect::Write, &[Flag::Permission], "Changes an account."),
    ("acl", "deluser", Effect::Write, &[Flag::Permission], "Deletes an account."),
    ("acl", "load", Effect::Write, &[Flag::Permission], "Reloads the accounts."),
    ("acl", "save", Effect::Write, &[Flag::Permission], "Saves the accounts."),
    ("module", "load", Effect::Write, &[Flag::Opaque], "Loads native code into the server."),
    ("module", "loadex", Effect::Write, &[Flag::Opaque], "Loads native code into the server."),
    ("module", "unload", Effect::Disrupt, &[], "Removes a module."),
    ("latency", "reset", Effect::Write, &[], "Resets statistics."),
    ("slowlog", "reset", Effect::Write, &[], "Empties the slow log."),
    ("memory", "purge", Effect::Write, &[], "Gives memory back."),
    ("sentinel", "failover", Effect::Disrupt, &[], "Hands over to a replica."),
    ("sentinel", "remove", Effect::Disrupt, &[], "Stops watching a server."),
    ("sentinel", "reset", Effect::Disrupt, &[], "Forgets what is known of servers."),
    ("sentinel", "set", Effect::Write, &[], "Changes how a server is watched."),
    ("sentinel", "monitor", Effect::Write, &[], "Watches a server."),
    ("eval", "", Effect::Write, &[Flag::Opaque], "Runs code that could not be read: a Lua script."),
    (
        "evalsha",
        "",
        Effect::Write,
        &[Flag::Opaque],
        "Runs code that could not be read: a Lua script.",
    ),
    ("fcall", "", Effect::Write, &[Flag::Opaque], "Runs code that could not be read: a function."),
];

/// What a command does. `computed` says that some of its arguments are known
/// only at run time, so that they may be any number of keys.
pub fn read(words: &[Vec<u8>], computed: bool) -> Action {
    let lower = |at: usize| {
        let word = words.get(at).map(Vec::as_slice).unwrap_or_default();
        String::from_utf8_lossy(word.get(..word.len().min(40)).unwrap_or(word)).to_ascii_lowercase()
    };
    let (name, first) = (lower(0), lower(1));
    let found = SPECIAL
        .iter()
        .filter(|(known, argument, ..)| {
            *known == name && (argument.is_empty() || *argument == first)
        })
        .max_by_key(|(_, argument, ..)| argument.len());
    let ends = matches!(name.as_str(), "replicaof" | "slaveof") && first == "no";
    let operation = name.to_ascii_uppercase();
    if (name.as_str(), first.as_str()) == ("config", "set") && stops_saving(words) {
        return Action {
            flags: Flags::of(&[Flag::Backups]),
            summary: "Stops saving to disk: at the next restart, what is in memory is lost.".into(),
            instead: Some("Leave the snapshots on, and change when they are made.".into()),
            ..Action::new(Effect::Destroy, "CONFIG SET")
        };
    }
    if let Some((known, argument, effect, flags, says)) = found.filter(|_| !ends) {
        let operation = match argument.is_empty() {
            true => operation,
            false => format!("{operation} {}", argument.to_ascii_uppercase()),
        };
        return Action {
            flags: Flags::of(flags),
            summary: (*says).to_owned(),
            instead: (*effect == Effect::Destroy).then(|| advice(known).into()),
            ..Action::new(*effect, operation)
        };
    }
    if ends {
        let summary = "Makes the replica a server of its own.".to_owned();
        return Action { summary, ..Action::new(Effect::Disrupt, operation) };
    }
    if matches!(name.as_str(), "del" | "unlink") && computed {
        return Action {
            object: Some("keys computed at run time".to_owned()),
            summary: "Deletes as many keys as are found at run time.".to_owned(),
            instead: Some("Delete the keys that are meant by their names.".into()),
            ..Action::new(Effect::Destroy, operation)
        };
    }
    let key = words.get(1).map(|word| crate::text::visible(&String::from_utf8_lossy(word), 60));
    if WRITES.contains(&name.as_str()) {
        return Action {
            object: key.clone().map(|key| format!("key {key}")),
            summary: format!("Runs {operation} on {}.", key.unwrap_or_default()),
            ..Action::new(Effect::Write, operation)
        };
    }
    if READS.contains(&name.as_str()) || reads::is_plain(&name) {
        return Action::new(Effect::Read, operation);
    }
    Action::opaque(operation, "it is no command that is known")
}
/// What is better than a command that destroys.
fn advice(name: &str) -> &'static str {
    match name {
        "cluster" => "Move its slots away and take it out with CLUSTER FORGET on the others.",
        "ft.dropindex" => "Make the new index first, and leave the documents: no DD.",
        "function" => "Keep a copy (FUNCTION DUMP), and load over it: FUNCTION LOAD REPLACE.",
        "replicaof" | "slaveof" => "Make an empty server the replica.",
        "shutdown" => "Save what has changed first: SHUTDOWN SAVE.",
        "xgroup" => "Remove the consumer that is no longer needed: XGROUP DELCONSUMER.",
        _ => "Delete the keys that are meant by their names.",
    }
}

/// Whether `CONFIG SET` switches snapshots or the append-only file off.
fn stops_saving(words: &[Vec<u8>]) -> bool {
    let pairs = words.get(2..).unwrap_or_default().chunks(2);
    pairs.into_iter().any(|pair| {
        let [name, value] = pair else { return false };
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        is("save") && value.is_empty() || is("appendonly") && value.eq_ignore_ascii_case(b"no")
    })
}
