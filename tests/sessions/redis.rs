//! The real redis-cli, opened on production by a person, and what goes
//! through the filter's socket when it is spoken to by hand.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use super::*;
use crate::redis_server::RedisServer;

/// The end of the socket's path in the prompt.
const END: &str = ".read-only";
/// The end of the prompt.
pub const PROMPT: &str = ".read-only> ";

/// A person whose policy says that this machine's Redis is production's.
pub fn person() -> Person {
    let person = Person::new();
    person.sandbox.policy(
        "version = 1\n[[environment]]\nname = \"cache\"\nclass = \"production\"\n\
         host = [\"127.0.0.1\"]\n",
    );
    person
}

/// Opens a session and gives the path of its socket.
pub fn open(person: &mut Person, variables: &str, command: &str) -> PathBuf {
    person.types(variables, command);
    let text = person.terminal().expect(END);
    assert!(text.contains("holdpoint: redis-cli is opened read-only on production."), "{text}");
    assert!(text.contains("holdpoint exec --write -- redis-cli …"), "{text}");
    let path = PathBuf::from(format!("/{}", text.rsplit("redis /").next().expect("a prompt")));
    assert!(path.exists(), "{text}");
    person.terminal().expect("> ");
    path
}

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, is: impl Fn() -> bool) {
    assert!(wait::until(is), "in vain: {what}");
}

#[test]
fn redis_cli_opens_read_only_on_production_and_writes_once_confirmed() {
    let server = RedisServer::start();
    server.run(&["mset", "a", "1", "b", "2"]);
    server.run(&["-n", "3", "set", "c", "3"]);
    server.run(&["config", "set", "requirepass", "s3cret"]);
    let ask =
        |words: &[&str]| server.run(&[&["--no-auth-warning", "-a", "s3cret"], words].concat());
    let command = format!("redis-cli -p {}", server.port());
    let mut person = person();
    let socket =
        open(&mut person, "REDISCLI_AUTH=s3cret", &format!("{command} -n 3; echo status=$?"));
    let name = format!("127.0.0.1:{}.read-only", server.port());
    assert_eq!(socket.file_name().and_then(|it| it.to_str()), Some(&*name));
    assert_eq!(words_of_client(&socket), format!("{command} -n 3 -s {}", socket.display()));
    person.says("get c", "[3]> ", "\"3\"");
    let mut says = |statement: &str, wanted: &str| person.says(statement, PROMPT, wanted);
    says("select 0", "OK");
    says("get a", "\"1\"");
    says("config get maxmemory", "maxmemory");
    says("eval_ro 'return 7' 0", "(integer) 7");
    says("hello 3", "\"proto\" => (integer) 3");
    for statement in [
        "set a 9",
        "del a",
        "flushall",
        "FlushDB async",
        "eval 'return redis.call(\"flushall\")' 0",
        "config set requirepass x",
        "acl setuser x",
        "script flush",
        "debug sleep 0",
        "client kill type normal",
        "shutdown nosave",
        "replicaof no one",
        "rename a z",
        "sort a store z",
        "2 incr a",
    ] {
        says(statement, "READONLY holdpoint opened this session read-only");
    }
    // A transaction with one of those in it is given up, as a replica does.
    person.says("multi", "(TX)> ", "OK");
    person.says("get a", "(TX)> ", "QUEUED");
    person.says("set a 9", "(TX)> ", "READONLY");
    person.says("exec", PROMPT, "EXECABORT");
    person.says("multi", "(TX)> ", "OK");
    person.says("get a", "(TX)> ", "QUEUED");
    person.says("exec", PROMPT, "1) \"1\"");
    // Messages and what a monitor sees come through; Ctrl-C ends both.
    person.terminal().line("subscribe news");
    person.terminal().expect("Reading messages");
    until("a subscriber", || ask(&["publish", "news", "hi"]) == "1");
    person.terminal().expect("\"hi\"");
    person.terminal().send("\u{3}");
    person.terminal().expect(PROMPT);
    person.says("get b", PROMPT, "\"2\"");
    person.terminal().line("monitor");
    person.terminal().expect("OK");
    ask(&["get", "seen"]);
    person.terminal().expect("\"get\" \"seen\"");
    person.terminal().send("\u{3}");
    person.terminal().expect(PROMPT);
    person.says("get b", PROMPT, "\"2\"");
    // The limit that the card tells: another name leads nowhere else.
    person.terminal().line("connect 127.0.0.1 1");
    person.terminal().expect(PROMPT);
    person.says("get a", PROMPT, "\"1\"");
    person.terminal().line("quit");
    person.terminal().expect("status=0");
    person.terminal().prompt();
    until("the socket goes with the session", || !socket.parent().expect("a folder").exists());
    assert_eq!(ask(&["mget", "a", "b"]), "1\n2");
    assert_eq!(ask(&["dbsize"]), "2");
    assert_eq!(ask(&["config", "get", "requirepass"]), "requirepass\ns3cret");

    // With write access: asked for, and confirmed; without a filter.
    let prompt = format!("127.0.0.1:{}> ", server.port());
    person.confirms(
        &format!("holdpoint exec --write -- {command} -a s3cret --no-auth-warning"),
        &prompt,
    );
    person.says("del a", &prompt, "(integer) 1");
    person.terminal().run("quit");
    assert_eq!(ask(&["exists", "a"]), "0");

    person.opens_none_as_an_agent(&command, "as redis-cli's own words");
    // One command is judged by itself, and goes no way round.
    person.types("", &format!("{command} -a s3cret --no-auth-warning set b 5; echo status=$?"));
    let text = person.terminal().expect("status=0");
    assert!(!text.contains("read-only"), "{text}");
}

/// A server behind a socket of its own; and a folder for ours that the
/// account names.
#[test]
fn a_session_through_a_socket_is_read_only_too() {
    let server = RedisServer::start();
    server.run(&["-n", "3", "set", "c", "3"]);
    let mut person = Person::new();
    person.sandbox.policy(
        "version = 1\n[[environment]]\nname = \"cache\"\nclass = \"production\"\n\
         database = [\"3\"]\n",
    );
    let folder = person.sandbox.path("run");
    std::fs::create_dir(&folder).expect("a folder");
    let variables = format!("XDG_RUNTIME_DIR={}", folder.display());
    let command = format!("redis-cli -s {} -n 3", server.socket().display());
    let path = open(&mut person, &variables, &command);
    assert!(path.starts_with(&folder), "{path:?}");
    person.says("get c", "> ", "\"3\"");
    person.says("del c", "> ", "READONLY");
    person.terminal().run("quit");
    until("the folder is empty", || std::fs::read_dir(&folder).expect("it").next().is_none());
    assert_eq!(server.run(&["-n", "3", "get", "c"]), "3");
}

/// The words of the client that was led to a socket.
pub fn words_of_client(socket: &Path) -> String {
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    let all = processes.filter_map(|it| std::fs::read_to_string(it.path().join("cmdline")).ok());
    let mut words = all.map(|it| it.trim_end_matches('\0').replace('\0', " "));
    let is = |line: &String| line.ends_with(&format!(" -s {}", socket.display()));
    words.find(is).expect("a client")
}

/// Types a command that asks whether the session may write, declines, and
/// gives what the card said, in one line.
pub fn asked(person: &mut Person, variables: &str, command: &str) -> String {
    person.types(variables, command);
    let text = person.terminal().expect("press Enter:").replace("\r\n", " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("interactive session with write access"), "{text}");
    person.terminal().send("\u{3}");
    assert!(person.terminal().prompt().contains("not confirmed"));
    text
}

/// Sends bytes and reads until the answer ends with `last`.
#[track_caller]
pub fn exchange(socket: &mut UnixStream, bytes: &[u8], last: &str) -> String {
    socket.write_all(bytes).expect("sent");
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while !String::from_utf8_lossy(&answer).ends_with(last) {
        let count = socket.read(&mut chunk);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let count = count.unwrap_or_else(|error| panic!("{error} after {text:?}"));
        assert!(count > 0, "the end after {text:?}");
        answer.extend_from_slice(&chunk[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_filter_keeps_the_order_and_its_bounds() {
    let server = RedisServer::start();
    server.run(&["mset", "a", "1", "b", "2"]);
    let big = "x".repeat(5 << 20);
    let mut direct =
        std::net::TcpStream::connect(format!("127.0.0.1:{}", server.port())).expect("");
    write!(direct, "*3\r\n$3\r\nset\r\n$3\r\nbig\r\n${}\r\n{big}\r\n", big.len()).expect("sent");
    direct.read_exact(&mut [0; 5]).expect("answered");
    let mut person = person();
    let path = open(&mut person, "", &format!("redis-cli -p {}", server.port()));
    let connect = || {
        let socket = UnixStream::connect(&path).expect("it listens");
        socket.set_read_timeout(Some(wait::PATIENCE)).expect("set");
        socket
    };
    // Pipelined, in lines and in the protocol.
    let mut socket = connect();
    let all =
        b"get a\r\nset a 9\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\nflushall\r\n\r\n*0\r\nget \"\\x61\"\r\ntime x\r\n";
    let answer = exchange(&mut socket, all, "'time' command\r\n");
    let kinds: Vec<&str> =
        answer.lines().map(|line| line.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(kinds, ["$1", "1", "-READONLY", "$1", "2", "-READONLY", "$1", "1", "-ERR"]);
    // Many at once, with a great answer among them.
    let mut many = Vec::new();
    for _ in 0..3_000 {
        many.extend_from_slice(b"get a\r\nset a 9\r\n");
    }
    many.extend_from_slice(b"get big\r\nping\r\n");
    let mut writer = socket.try_clone().expect("a descriptor");
    let sender = std::thread::spawn(move || writer.write_all(&many));
    let answer = exchange(&mut socket, b"", "+PONG\r\n");
    sender.join().expect("sent").expect("sent");
    assert_eq!(answer.matches("$1\r\n1\r\n-READONLY ").count(), 3_000);
    assert!(answer.contains(&big));
    // Messages among answers.
    let text = exchange(&mut socket, b"subscribe x\r\nping\r\nset a 9\r\nget a\r\n", "context\r\n");
    let order = ["subscribe", "pong", "-READONLY", "-ERR Can't execute 'get'"];
    let places: Vec<usize> = order.iter().map(|it| text.find(it).expect("there")).collect();
    assert!(places.is_sorted(), "{text}");
    // What is too long, or none at all, ends with an error of Redis's own.
    for (bytes, why) in [
        (&b"*2\r\n$3\r\nset\r\n$536870912\r\n"[..], "invalid bulk length"),
        (b"*99999999\r\n", "invalid multibulk length"),
        (b"*1\r\n$-5\r\n", "invalid bulk length"),
        (b"set \"a\r\n", "unbalanced quotes in request"),
    ] {
        let mut socket = connect();
        let answer = exchange(&mut socket, bytes, "\r\n");
        assert_eq!(answer, format!("-ERR Protocol error: {why}\r\n"));
        assert_eq!(socket.read(&mut [0; 9]).expect("the end"), 0);
    }
    assert_eq!(server.run(&["mget", "a", "b"]), "1\n2");
    assert_eq!(server.run(&["dbsize"]), "3");

    // The server goes in the middle: the session says so, and goes on.
    let place = format!("127.0.0.1:{}", server.port());
    drop(server);
    assert_eq!(socket.read(&mut [0; 9]).expect("the end"), 0);
    // The client notices with one command, and connects anew for the next.
    person.says("get a", "not connected> ", "Error: ");
    person.says("get a", "> ", &format!("holdpoint: could not connect to {place}"));
    // Ctrl-C ends the client as it does without holdpoint, and the filter
    // with it.
    person.terminal().send("\u{3}");
    person.terminal().prompt();
    until("the socket goes with the session", || !path.exists());
    assert!(UnixStream::connect(&path).is_err());
}

/// However the client ends, its status is the caller's and the filter ends.
#[test]
fn a_client_ends_as_it_does_without_a_filter() {
    let server = RedisServer::start();
    let mut person = person();
    for key in ["\u{3}", "\u{4}"] {
        let statuses = ["/usr/bin/redis-cli", "redis-cli"].map(|program| {
            person.types("", &format!("{program} -p {}; echo status=$?.", server.port()));
            person.terminal().expect("> ");
            person.terminal().send(key);
            let text = person.terminal().expect("status=");
            assert!(!text.contains("rror"), "{text}");
            let status = person.terminal().expect(".");
            person.terminal().prompt();
            status
        });
        assert_eq!(statuses[0], statuses[1], "{key:?}");
    }
    // Killed from outside.
    let path = open(&mut person, "", &format!("redis-cli -p {}; echo status=$?", server.port()));
    let needle = path.display().to_string();
    let client = std::fs::read_dir("/proc").expect("processes").flatten().find(|it| {
        let words = std::fs::read_to_string(it.path().join("cmdline")).unwrap_or_default();
        words.contains(&format!("-s\0{needle}"))
    });
    let number = client.expect("a client").file_name().into_string().expect("a number");
    let number = nix::unistd::Pid::from_raw(number.parse().expect("a number"));
    nix::sys::signal::kill(number, nix::sys::signal::Signal::SIGKILL).expect("killed");
    person.terminal().expect("status=137");
    until("the socket goes with the client", || !path.exists());
}
