//! redis-cli, word by word.

use super::*;
use crate::action::Flag;
use crate::invocation::{Context, Invocation};
use crate::rules::table;
use crate::world::fake::FakeWorld;

fn reading(argv: &[&str], stdin: Option<&str>) -> Reading {
    let world = FakeWorld::new();
    let world = if let Some(text) = stdin { world.with_stdin(text) } else { world };
    let invocation = Invocation::new(argv.iter().copied());
    let tool = table::find("redis-cli").expect("redis-cli has rules");
    read(&Call { tool, context: Context { invocation: &invocation, world: &world }, full: true })
}

fn judged(argv: &[&str], stdin: Option<&str>) -> (Effect, bool) {
    let actions = reading(argv, stdin).actions;
    let opaque = actions.iter().any(|action| action.flags.has(Flag::Opaque));
    (actions.iter().map(|action| action.effect).max().unwrap_or(Effect::Read), opaque)
}

#[test]
fn commands_are_found_wherever_they_stand() {
    for argv in [
        &["redis-cli", "flushall"][..],
        &["redis-cli", "-h", "db", "-p", "1", "FLUSHDB", "async"],
        &["redis-cli", "-u", "redis://x/3", "FlushAll"],
        &["redis-cli", "-r", "3", "flushall"],
        &["redis-cli", "-n", "2", "--raw", "flushdb"],
        &["redis-cli", "shutdown", "nosave"],
        &["redis-cli", "replicaof", "h", "1"],
        &["redis-cli", "--quoted-input", "\"\\x66lushall\""],
        &["redis-cli", "-x", "del"],
    ] {
        assert_eq!(judged(argv, None), (Effect::Destroy, false), "{argv:?}");
    }
    for line in [
        "flushall",
        "\"flushall\"",
        "\"\\x66lushall\"",
        "get a\n  'FLUSHALL'",
        "2 flushall",
        "select 3\nflushdb",
    ] {
        assert_eq!(judged(&["redis-cli"], Some(line)), (Effect::Destroy, false), "{line}");
    }
    let resp = "*1\r\n$8\r\nflushall\r\n";
    assert_eq!(judged(&["redis-cli", "--pipe"], Some(resp)), (Effect::Destroy, false));
    for argv in [
        &["redis-cli", "get", "flushall"][..],
        &["redis-cli", "-h", "flushall", "ping"],
        &["redis-cli", "get", "a", "-n", "3"],
        &["redis-cli", "--scan", "--pattern", "flushall"],
        &["redis-cli", "del", "a", "b"],
        &["redis-cli", "set", "flushall", "1"],
        &["redis-cli", "eval_ro", "return 1", "0"],
        &["redis-cli", "--version"],
    ] {
        let (effect, opaque) = judged(argv, None);
        assert!(effect <= Effect::Write && !opaque, "{argv:?}");
    }
    for argv in [
        &["redis-cli", "eval", "return 1", "0"][..],
        &["redis-cli", "--eval", "x.lua"],
        &["redis-cli", "frobnicate"],
        &["redis-cli", "--frobnicate"],
        &["redis-cli", "module", "load", "x.so"],
        &["redis-cli"],
    ] {
        assert!(judged(argv, None).1, "{argv:?}");
    }
    assert!(judged(&["redis-cli", "--pipe"], Some("*1\r\n$99\r\nx\r\n")).1);
}

#[test]
fn the_last_word_for_each_field_counts() {
    let place = |argv: &[&str]| {
        let argv: Vec<&str> =
            ["redis-cli"].iter().chain(argv).chain(&["flushdb"]).copied().collect();
        let target = reading(&argv, None).actions[0].target.clone();
        let database = target.evidence.iter().find(|it| it.kind == crate::target::Kind::Database);
        (target.name.unwrap_or_default(), database.map(|it| it.value.clone()).unwrap_or_default())
    };
    let is = |host: &str, database: &str| (host.to_owned(), database.to_owned());
    assert_eq!(place(&["-u", "redis://a/3", "-n", "0"]), is("a", "0"));
    assert_eq!(place(&["-n", "0", "-u", "redis://u:p@a:1/3"]), is("a", "3"));
    assert_eq!(place(&["-u", "redis://a:1", "-h", "b"]), is("b", ""));
    assert_eq!(place(&["-h", "b", "-u", "redis://a:1"]), is("a", ""));
    assert_eq!(place(&["-h", "b", "-s", "/tmp/s"]), is("/tmp/s", ""));
    assert_eq!(place(&[]), is("127.0.0.1", ""));
}
