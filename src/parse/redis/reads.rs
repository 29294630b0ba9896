//! Which commands a read-only session may send: lists of what is known to
//! read, so that a command of a newer server is left out until somebody looks
//! at it. By the flags and subcommands of Redis 7.0.15's COMMAND
//! (tests/redis.rs), and the manual for newer ones and for modules.

/// Commands without subcommands that change no key, no setting and nobody
/// else's connection. Not among them, though they change no key either: what
/// hands the connection over to replication (SYNC, PSYNC, REPLCONF), and
/// PUBLISH, which others act on.
const COMMANDS: &[&str] = &[
    "asking",
    "auth",
    "bf.card",
    "bf.exists",
    "bf.info",
    "bf.mexists",
    "bitcount",
    "bitfield_ro",
    "bitpos",
    "dbsize",
    "discard",
    "dump",
    "echo",
    "eval_ro",
    "evalsha_ro",
    "exec",
    "exists",
    "expiretime",
    "fcall_ro",
    "ft._list",
    "ft.aggregate",
    "ft.info",
    "ft.search",
    "geodist",
    "geohash",
    "geopos",
    "georadius_ro",
    "georadiusbymember_ro",
    "geosearch",
    "get",
    "getbit",
    "getrange",
    "hello",
    "hexists",
    "hexpiretime",
    "hget",
    "hgetall",
    "hkeys",
    "hlen",
    "hmget",
    "hpexpiretime",
    "hpttl",
    "hrandfield",
    "hscan",
    "hstrlen",
    "httl",
    "hvals",
    "info",
    "json.arrindex",
    "json.arrlen",
    "json.get",
    "json.mget",
    "json.objkeys",
    "json.objlen",
    "json.strlen",
    "json.type",
    "keys",
    "lastsave",
    "lcs",
    "lindex",
    "llen",
    "lolwut",
    "lpos",
    "lrange",
    "mget",
    "monitor",
    "multi",
    "pexpiretime",
    "pfcount",
    "ping",
    "psubscribe",
    "pttl",
    "punsubscribe",
    "quit",
    "randomkey",
    "readonly",
    "readwrite",
    "reset",
    "role",
    "scan",
    "scard",
    "sdiff",
    "select",
    "sinter",
    "sintercard",
    "sismember",
    "smembers",
    "smismember",
    "sort_ro",
    "srandmember",
    "sscan",
    "ssubscribe",
    "strlen",
    "subscribe",
    "substr",
    "sunion",
    "sunsubscribe",
    "time",
    "touch",
    "ts.get",
    "ts.info",
    "ts.mget",
    "ts.mrange",
    "ts.mrevrange",
    "ts.queryindex",
    "ts.range",
    "ts.revrange",
    "ttl",
    "type",
    "unsubscribe",
    "unwatch",
    "wait",
    "waitaof",
    "watch",
    "xlen",
    "xpending",
    "xrange",
    "xread",
    "xrevrange",
    "zcard",
    "zcount",
    "zdiff",
    "zinter",
    "zintercard",
    "zlexcount",
    "zmscore",
    "zrandmember",
    "zrange",
    "zrangebylex",
    "zrangebyscore",
    "zrank",
    "zrevrange",
    "zrevrangebylex",
    "zrevrangebyscore",
    "zrevrank",
    "zscan",
    "zscore",
    "zunion",
];

/// Commands with subcommands, and which of those read. An empty word stands
/// for the command without any. CLIENT REPLY is left out though it changes
/// nothing: after it, answers cannot be told apart.
const CONTAINERS: &[(&str, &[&str])] = &[
    ("acl", &["cat", "dryrun", "genpass", "getuser", "help", "list", "users", "whoami"]),
    (
        "client",
        &[
            "caching",
            "capa",
            "getname",
            "getredir",
            "help",
            "id",
            "info",
            "list",
            "no-touch",
            "setinfo",
            "setname",
            "tracking",
            "trackinginfo",
        ],
    ),
    (
        "cluster",
        &[
            "count-failure-reports",
            "countkeysinslot",
            "getkeysinslot",
            "help",
            "info",
            "keyslot",
            "links",
            "myid",
            "myshardid",
            "nodes",
            "replicas",
            "shards",
            "slaves",
            "slot-stats",
            "slots",
        ],
    ),
    ("command", &["", "count", "docs", "getkeys", "getkeysandflags", "help", "info", "list"]),
    ("config", &["get", "help"]),
    ("function", &["dump", "help", "list", "stats"]),
    ("latency", &["doctor", "graph", "help", "histogram", "history", "latest"]),
    ("memory", &["doctor", "help", "malloc-stats", "stats", "usage"]),
    ("module", &["help", "list"]),
    ("object", &["encoding", "freq", "help", "idletime", "refcount"]),
    ("pubsub", &["channels", "help", "numpat", "numsub", "shardchannels", "shardnumsub"]),
    ("script", &["exists", "help"]),
    (
        "sentinel",
        &[
            "ckquorum",
            "get-master-addr-by-name",
            "get-primary-addr-by-name",
            "help",
            "info-cache",
            "master",
            "masters",
            "myid",
            "primaries",
            "primary",
            "replicas",
            "sentinels",
            "slaves",
        ],
    ),
    ("slowlog", &["get", "help", "len"]),
    ("xinfo", &["consumers", "groups", "help", "stream"]),
];

/// Words longer than this name no command.
const LONGEST: usize = 40;

/// Whether a command of this name, in small letters, reads whatever follows.
pub fn is_plain(name: &str) -> bool {
    COMMANDS.contains(&name)
}

/// Whether a command is known to do no more than read.
pub fn only(words: &[Vec<u8>]) -> bool {
    let lower = |at: usize| {
        let word = words.get(at).filter(|word| word.len() <= LONGEST)?;
        Some(std::str::from_utf8(word).ok()?.to_ascii_lowercase())
    };
    let Some(name) = lower(0) else { return false };
    if is_plain(&name) {
        return true;
    }
    let Some((_, inside)) = CONTAINERS.iter().find(|(container, _)| *container == name) else {
        return false;
    };
    let first = if words.len() > 1 { lower(1) } else { Some(String::new()) };
    first.is_some_and(|first| inside.contains(&first.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::parse::redis::words;

    #[test]
    fn what_is_not_listed_does_not_pass() {
        let only = |line: &str| super::only(&words(line.as_bytes()).expect("words"));
        for line in [
            "get a",
            "GeT a",
            "command",
            "COMMAND docs",
            "config get *",
            "client setname x",
            "eval_ro 'return 1' 0",
            "multi",
            "subscribe a b",
        ] {
            assert!(only(line), "{line}");
        }
        for line in [
            "set a 1",
            "",
            "client",
            "config",
            "config set a b",
            "client kill id 7",
            "client reply off",
            "client no-evict on",
            "acl log reset",
            "debug object a",
            "eval 'return 1' 0",
            "sort a store b",
            "georadius a 1 2 3 km",
            "getex a",
            "script load x",
            "frobnicate",
            "psync ? -1",
            "publish a b",
        ] {
            assert!(!only(line), "{line}");
        }
        assert!(!super::only(&[b"\xffget".to_vec()]));
    }
}
