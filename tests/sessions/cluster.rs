//! The real `redis-cli -c`, opened on production by a person, in a cluster of
//! real servers, and in front of servers that lead it about.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use holdpoint::parse::resp::Requests;

use crate::port;
use crate::redis::{PROMPT, open, person, until, words_of_client};
use crate::redis_server::{RedisCluster, RedisServer};
use crate::redis_tls::Certificates;

/// Whether a server has run a command.
fn ran(node: &RedisServer, command: &str, login: &[&str]) -> bool {
    let stats = node.run(&[login, &["info", "commandstats"]].concat());
    stats.contains(&format!("cmdstat_{command}:"))
}

#[test]
fn a_session_in_a_cluster_reads_from_every_node_and_writes_to_none() {
    let mut cluster = RedisCluster::start();
    let login = ["--no-auth-warning", "-a", "s3cret"];
    let (first, second) = (cluster.id(0), cluster.id(1));
    let port = cluster.nodes[1].port();
    let set = [(0, "b", "on the first"), (1, "c", "on the second"), (2, "a", "on the third")];
    for (node, key, value) in set {
        assert_eq!(cluster.nodes[node].run(&["set", key, value]), "OK");
    }
    // A slot on its way from the first node to the second, one of its keys
    // there already.
    cluster.nodes[0].run(&["set", "{b}x", "on its way"]);
    cluster.nodes[1].run(&["cluster", "setslot", "3300", "importing", &first]);
    cluster.nodes[0].run(&["cluster", "setslot", "3300", "migrating", &second]);
    assert_eq!(cluster.nodes[0].run(&["migrate", "127.0.0.1", &port, "{b}x", "0", "9000"]), "OK");
    for node in &cluster.nodes {
        assert_eq!(node.run(&["config", "set", "requirepass", "s3cret"]), "OK");
        assert_eq!(node.run(&[&login[..], &["config", "resetstat"]].concat()), "OK");
    }
    let mut person = person();
    let command = format!("redis-cli -c -p {} -c", cluster.nodes[0].port());
    let socket = open(&mut person, "REDISCLI_AUTH=s3cret", &format!("{command}; echo status=$?"));
    // It would leave the socket itself.
    let wanted = format!("redis-cli -p {} -s {}", cluster.nodes[0].port(), socket.display());
    assert_eq!(words_of_client(&socket), wanted);
    let mut says = |statement: &str, wanted: &str| person.says(statement, PROMPT, wanted);
    for _ in 0..2 {
        for (_, key, value) in set {
            says(&format!("get {key}"), value);
            for write in ["set", "append", "getset"] {
                says(&format!("{write} {key} 9"), "READONLY holdpoint opened this session");
            }
        }
    }
    for write in ["del a", "del b", "flushall", "eval 'return 1' 1 c", "asking", "config set a b"] {
        let asks = write == "asking";
        says(write, if asks { "OK" } else { "READONLY holdpoint opened this session" });
    }
    says("get {b}x", "on its way");
    says("get b", "on the first");
    says("mget a b", "CROSSSLOT");
    // Typed, a login is taken along; so is the protocol.
    says("auth wrong", "WRONGPASS");
    says("auth default s3cret", "OK");
    says("hello 3", "\"proto\" => (integer) 3");
    says("get c", "on the second");
    says("hgetall a", "WRONGTYPE");
    says("config get maxmemory", "1# \"maxmemory\" =>");
    // A transaction keeps to its node.
    says("get a", "on the third");
    person.says("multi", "(TX)> ", "OK");
    person.says("get a", "(TX)> ", "QUEUED");
    person.says("get b", "(TX)> ", "MOVED 3300 127.0.0.1:");
    person.says("exec", PROMPT, "EXECABORT");
    person.says("multi", "(TX)> ", "OK");
    person.says("get a", "(TX)> ", "QUEUED");
    person.says("exec", PROMPT, "1) \"on the third\"");
    // Messages, those of one slot's channels, and what a monitor sees.
    for (subscribes, channel, publishes, node) in
        [("subscribe", "news", "publish", 2), ("ssubscribe", "c", "spublish", 1)]
    {
        person.terminal().line(&format!("{subscribes} {channel}"));
        person.terminal().expect("Reading messages");
        let message = [&login[..], &[publishes, channel, "hi"]].concat();
        until("a subscriber", || cluster.nodes[node].run(&message) == "1");
        person.terminal().expect("\"hi\"");
        person.terminal().send("\u{3}");
        person.terminal().expect(PROMPT);
    }
    person.says("get c", PROMPT, "on the second");
    person.terminal().line("monitor");
    person.terminal().expect("OK");
    cluster.nodes[1].run(&[&login[..], &["get", "c"]].concat());
    person.terminal().expect("\"get\" \"c\"");
    person.terminal().send("\u{3}");
    person.terminal().expect(PROMPT);
    person.says("get a", PROMPT, "on the third");
    for node in &cluster.nodes {
        for written in ["set", "append", "getset", "del", "flushall", "eval"] {
            assert!(!ran(node, written, &login), "{written}");
        }
        assert!(ran(node, "get", &login));
    }
    // A node that is down is named, and the session goes on without it.
    cluster.nodes.remove(1);
    person.says(
        "get c",
        PROMPT,
        &format!("ERR holdpoint: could not connect to 127.0.0.1:{port}: "),
    );
    person.says("get a", PROMPT, "on the third");
    person.says("get b", PROMPT, "on the first");
    person.terminal().line("quit");
    person.terminal().expect("status=0");
    person.terminal().prompt();
    until("the socket goes with the session", || !socket.exists());

    // With write access: asked for, confirmed, and redis-cli's own.
    let prompt = format!("127.0.0.1:{}> ", cluster.nodes[0].port());
    let written = format!("holdpoint exec --write -- {command} -a s3cret --no-auth-warning");
    person.confirms(&written, &prompt);
    let prompt = format!("127.0.0.1:{}> ", cluster.nodes[1].port());
    person.says("set a 9", &prompt, "-> Redirected to slot [15495]");
    person.terminal().run("quit");
    person.opens_none_as_an_agent(&command, "as redis-cli's own words");
}

/// The next node is spoken to as the first.
#[test]
fn a_cluster_through_tls_is_followed_through_tls() {
    let made = Certificates::make();
    let ports = [(); 3].map(|()| port::free().to_string());
    let words = ports.each_ref().map(|port| {
        let cluster = ["--tls-cluster", "yes"].map(str::to_owned);
        [made.words(port), cluster.to_vec()].concat()
    });
    let mut cluster = RedisCluster::start_with(&words);
    let set = [(0, "b", "on the first"), (1, "c", "on the second"), (2, "a", "on the third")];
    for (node, key, value) in set {
        assert_eq!(cluster.nodes[node].run(&["set", key, value]), "OK");
    }
    let mut person = person();
    let ca = made.at("ca.crt");
    let command = format!("redis-cli -c --tls -p {} --cacert {ca}", ports[0]);
    let socket = open(&mut person, "", &command);
    let wanted = format!("redis-cli -p {} --cacert {ca} -s {}", ports[0], socket.display());
    assert_eq!(words_of_client(&socket), wanted);
    for (_, key, value) in set {
        person.says(&format!("get {key}"), PROMPT, value);
        person.says(&format!("set {key} 9"), PROMPT, "READONLY holdpoint opened this session");
    }
    cluster.nodes.remove(1);
    let down = format!("ERR holdpoint: could not connect to 127.0.0.1:{}: ", ports[1]);
    person.says("get c", PROMPT, &down);
    person.says("get b", PROMPT, "on the first");
    person.terminal().run("quit");
}

/// A server that says what it is told to, and writes down what it is asked.
struct Fake {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    fn start(answer: impl Fn(&str, u16) -> String + Send + Sync + 'static) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its number").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (asked.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (log, answer) = (log.clone(), answer.clone());
                std::thread::spawn(move || serve(client, port, &log, &*answer));
            }
        });
        Fake { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        let all = self.asked.lock().expect("the log").clone();
        all.into_iter().filter(|it| !it.starts_with("COMMAND")).collect()
    }
}

/// Answers one connection's requests to its end.
fn serve(
    mut client: TcpStream,
    port: u16,
    log: &Mutex<Vec<String>>,
    answer: &dyn Fn(&str, u16) -> String,
) {
    let mut requests = Requests::default();
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = client.read(&mut chunk) {
        requests.push(&chunk[..count]);
        while let Some(words) = requests.next_request().expect("the protocol") {
            let request = String::from_utf8_lossy(&words.join(&b' ')).into_owned();
            let reply = answer(&request, port);
            log.lock().expect("the log").push(request);
            if client.write_all(reply.as_bytes()).is_err() {
                return;
            }
        }
    }
}

#[test]
fn nodes_that_lead_about_are_followed_only_so_far() {
    let other = Fake::start(|request, _| match request {
        "get e" => "+there\r\n".to_owned(),
        "get k" => "+there, too\r\n".to_owned(),
        "auth s3cret" => "-WRONGPASS not here\r\n".to_owned(),
        _ => "+OK\r\n".to_owned(),
    });
    let there = other.port;
    let first = Fake::start(move |request, port| match request {
        "get l" => format!("-MOVED 1 127.0.0.1:{port}\r\n"),
        "get e" => format!("-MOVED 1 :{there}\r\n"),
        "get 6" => "-MOVED 1 ::1:1\r\n".to_owned(),
        "get q" => "-MOVED 1 nowhere\r\n".to_owned(),
        "get k" => "+here\r\n".to_owned(),
        _ => "+OK\r\n".to_owned(),
    });
    let mut person = person();
    let command = format!("redis-cli -c -p {}", first.port);
    open(&mut person, "", &command);
    let far = "ERR holdpoint: 16 nodes in turn said that another has the answer";
    person.says("get l", PROMPT, far);
    let loops = |fake: &Fake| fake.asked().iter().filter(|it| *it == "get l").count();
    assert_eq!(loops(&first), 17);
    person.says("get 6", PROMPT, "ERR holdpoint: could not connect to ::1:1: ");
    person.says("get q", PROMPT, "MOVED 1 nowhere");
    person.says("get k", PROMPT, "here");
    // On the same host, where none is named.
    person.says("get e", PROMPT, "there");
    person.says("get k", PROMPT, "there, too");
    person.terminal().run("quit");
    assert_eq!(other.asked(), ["get e", "get k"]);
    // A node with another password: the reason is said, and no half session
    // is left behind.
    open(&mut person, "", &command);
    person.says("auth s3cret", PROMPT, "OK");
    person.says("get e", PROMPT, "refuses what this session has set elsewhere: WRONGPASS not here");
    person.says("get k", "not connected> ", "Error: ");
    person.says("get k", PROMPT, "here");
    person.terminal().run("quit");
}
