//! The real redis-cli and a real Redis as oracles: every command that the
//! server has is one that we know, what we call destroying empties it, and
//! behind the shim nothing of it happens. Needs Debian's redis-server.

#[path = "support/redis_server.rs"]
mod redis_server;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::process::{Command, Stdio};

use holdpoint::action::{Effect, Flag};
use holdpoint::parse::redis::{commands, reads, words};
use redis_server::RedisServer;
use sandbox::{Sandbox, err, out, run_with};

#[test]
fn every_command_of_the_server_is_known_and_no_write_is_a_read() {
    let server = RedisServer::start();
    let said = server.run(&["command", "list"]);
    let names: Vec<&str> = said.lines().collect();
    assert!(names.len() > 200, "{said}");
    let mut subcommands = 0;
    for name in names {
        let info = server.run(&["command", "info", name]);
        let inside = format!("{name}|");
        let parts: Vec<&str> =
            info.lines().map(str::trim).filter(|line| line.starts_with(&inside)).collect();
        subcommands += parts.len();
        if parts.is_empty() {
            agrees(&server, name);
        }
        parts.iter().for_each(|part| agrees(&server, part));
    }
    assert!(subcommands > 50, "{subcommands}");
}

/// A command or `command|subcommand` by the server's flags and by ours.
#[track_caller]
fn agrees(server: &RedisServer, name: &str) {
    let words: Vec<Vec<u8>> = name.split('|').map(|word| word.as_bytes().to_vec()).collect();
    let action = commands::read(&words, false);
    let code = ["eval", "evalsha", "fcall", "module|load", "module|loadex"].contains(&name);
    assert_eq!(action.flags.has(Flag::Opaque), code, "{name}");
    let info = server.run(&["command", "info", name]);
    let flag = |flag: &str| info.lines().any(|line| line.trim() == flag);
    assert!(!flag("write") || action.effect > Effect::Read, "{name} writes");
    assert!(!flag("readonly") || action.effect == Effect::Read, "{name} only reads");
}

/// What passes in a read-only session, by the flags that the server gives.
#[test]
fn what_passes_in_a_read_only_session_only_reads() {
    let server = RedisServer::start();
    let said = server.run(&["command", "list"]);
    let (mut passed, mut kept) = (0, Vec::new());
    for name in said.lines() {
        let info = server.run(&["command", "info", name]);
        let inside = format!("{name}|");
        let parts = info.lines().map(str::trim).filter(|line| line.starts_with(&inside));
        let mut all: Vec<String> = parts.map(str::to_owned).collect();
        if all.is_empty() {
            all.push(name.to_owned());
        }
        for name in all {
            let words: Vec<Vec<u8>> = name.split('|').map(|it| it.as_bytes().to_vec()).collect();
            let info = server.run(&["command", "info", &name]);
            let flag = |flag: &str| info.lines().any(|line| line.trim() == flag);
            let only = reads::only(&words);
            passed += usize::from(only);
            assert!(!only || !flag("write"), "{name} writes");
            assert!(!only || commands::read(&words, false).is_harmless(), "{name} as we read it");
            if flag("readonly") && !only {
                kept.push(name);
            }
        }
    }
    assert!(passed > 150, "{passed}");
    assert_eq!(kept, Vec::<String>::new());
}

/// A shim in front of a server with ten keys in each of two databases.
struct Guarded {
    server: RedisServer,
    sandbox: Sandbox,
}

impl Guarded {
    fn new() -> Guarded {
        let server = RedisServer::start();
        for database in ["0", "3"] {
            for key in 0..10 {
                server.run(&["-n", database, "set", &format!("key:{key}"), "x"]);
            }
        }
        let sandbox = Sandbox::new();
        sandbox.shim("redis-cli");
        Guarded { server, sandbox }
    }

    fn keys(&self) -> (String, String) {
        (self.server.run(&["dbsize"]), self.server.run(&["-n", "3", "dbsize"]))
    }

    /// redis-cli as an agent runs it, by a name of this machine that says
    /// production.
    fn agent(&self, words: &[&str]) -> Command {
        let mut command = self.sandbox.agent("redis-cli", &["-h", "production.localhost", "-p"]);
        command.arg(self.server.port()).args(words).stdin(Stdio::null());
        command
    }
}

#[test]
fn an_agent_cannot_empty_production_in_any_spelling() {
    let guarded = Guarded::new();
    let full = ("10".to_owned(), "10".to_owned());
    for words in [
        &["flushall"][..],
        &["FlushAll", "ASYNC"],
        &["-n", "3", "flushdb"],
        &["-r", "2", "flushdb"],
        &["eval", "return redis.call('flush'..'db')", "0"],
        &["shutdown", "nosave"],
        &["replicaof", "127.0.0.1", "1"],
        &["debug", "reload"],
        &["--quoted-input", "\"\\x66lushall\""],
    ] {
        let output = guarded.agent(words).output().expect("it starts");
        assert_eq!(output.status.code(), Some(77), "{words:?}: {}", err(&output));
        assert_eq!(guarded.keys(), full, "{words:?}");
    }
    for (words, input) in [
        (&[][..], "flushall\n"),
        (&[], "\"\\x66lushall\"\n"),
        (&[], "ping\nselect 3\n  FLUSHDB\n"),
        (&[], "2 flushall\n"),
        (&["--pipe"], "*1\r\n$8\r\nflushall\r\n"),
    ] {
        let output = run_with(&mut guarded.agent(words), input);
        assert_eq!(output.status.code(), Some(77), "{input:?}: {}", err(&output));
        assert_eq!(guarded.keys(), full, "{input:?}");
    }
}

#[test]
fn what_is_harmless_runs_and_a_local_reset_too() {
    let guarded = Guarded::new();
    let output = run_with(
        &mut guarded.sandbox.agent("redis-cli", &["-p", &guarded.server.port()]),
        "get key:1\ndel key:2\ndbsize\n",
    );
    assert_eq!(out(&output), "x\n1\n9\n", "{}", err(&output));
    let words = ["-p", &guarded.server.port(), "-n", "3", "flushdb"];
    let output = run_with(&mut guarded.sandbox.agent("redis-cli", &words), "");
    assert_eq!(out(&output), "OK\n", "{}", err(&output));
    assert_eq!(guarded.keys(), ("9".to_owned(), "0".to_owned()));
}

/// Lines are decoded as the client decodes them: ECHO says what it got.
#[test]
fn lines_are_split_as_redis_cli_splits_them() {
    let server = RedisServer::start();
    for line in [
        "echo \"\\x41\\x62c\"",
        "echo 'a \\' b'",
        "echo \"a\\tb\\\"c\"",
        "echo a\"b c\"",
        "  ECHO   plain  ",
        "echo \"\\q\\\\\"",
        "'echo' x",
    ] {
        let ours = words(line.as_bytes()).expect("it is a line");
        let mut command = Command::new("/usr/bin/redis-cli");
        command.env_clear().args(["-p", &server.port(), "--raw"]);
        let said = run_with(&mut command, &format!("{line}\n"));
        let ours = String::from_utf8_lossy(&ours[1]).into_owned();
        assert_eq!(out(&said), format!("{ours}\n"), "{line}");
    }
    for line in ["echo 'a'b", "echo \"open"] {
        assert_eq!(words(line.as_bytes()), None, "{line}");
        let mut command = Command::new("/usr/bin/redis-cli");
        command.env_clear().args(["-p", &server.port(), "--raw"]);
        let said = run_with(&mut command, &format!("{line}\n"));
        assert!(out(&said).contains("Invalid argument"), "{line}: {}", out(&said));
    }
}
