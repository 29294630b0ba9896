//! An address of this machine behind which another one is: real tunnels of ssh
//! and socat to a real PostgreSQL. What destroys is refused through them and
//! leaves every row where it was; the server's own port and socket stay free.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/port.rs"]
mod port;
#[path = "support/postgres_server.rs"]
mod postgres_server;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/wait.rs"]
mod wait;

use std::net::IpAddr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use holdpoint::world::real::{listeners, lsof};
use holdpoint::world::{Endpoint, Listener};
use postgres_server::PostgresServer;
use sandbox::{Sandbox, err, out};

/// A program that ends with the test.
struct Running(Child);

impl Running {
    fn start(words: &[&str]) -> Running {
        let (program, rest) = words.split_first().expect("a program");
        let mut command = Command::new(program);
        command.args(rest).stdin(Stdio::null()).stdout(Stdio::null());
        Running(command.spawn().expect("it starts"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[track_caller]
fn wait_for_port(port: u16) {
    assert!(wait::until(|| port::is_open(port)), "the tunnel does not answer");
}

#[track_caller]
fn wait_for_socket(socket: &Path) {
    assert!(wait::until(|| UnixStream::connect(socket).is_ok()), "the socket does not answer");
}

/// Waits for a listener without reaching it: what it passes on goes nowhere.
#[track_caller]
fn wait_for_listener(place: &Endpoint) {
    let listens = || listeners::at(place).is_ok_and(|found| !found.is_empty());
    assert!(wait::until(listens), "nobody listens at {place:?}");
}

/// A server with a table of 1,000 rows, and shims in front of psql.
struct Guarded {
    server: PostgresServer,
    sandbox: Sandbox,
}

impl Guarded {
    fn new() -> Guarded {
        let server = PostgresServer::start();
        server.sql("postgres", "create database shop");
        let table = "create table users as select generate_series(1, 1000) as id; create table t()";
        server.sql("shop", table);
        Guarded { server, sandbox: Sandbox::new() }
    }

    /// psql behind its shim as an agent: its status and what it said.
    fn psql(&self, host: &str, port: u16, sql: &str) -> (Option<i32>, String) {
        let port = port.to_string();
        let words = ["-X", "-U", "postgres", "-d", "shop", "-h", host, "-p", &port, "-c", sql];
        let output = self.sandbox.agent("psql", &words).output().expect("it starts");
        (output.status.code(), format!("{}{}", out(&output), err(&output)))
    }

    /// What destroys is refused there and the rows stay; what reads runs.
    #[track_caller]
    fn is_held(&self, host: &str, port: u16, by: &str) {
        let (status, said) = self.psql(host, port, "drop table users");
        assert_eq!(status, Some(77), "{host} {port}: {said}");
        assert!(said.contains("tunnel") && said.contains(by), "{said}");
        assert_eq!(self.server.sql("shop", "select count(*) from users"), "1000");
        let (status, said) = self.psql(host, port, "select count(*) from users");
        assert_eq!(status, Some(0), "{host} {port}: {said}");
        assert!(said.contains("1000"), "{said}");
    }

    /// What destroys runs there.
    #[track_caller]
    fn is_free(&self, host: &str, port: u16) {
        let (status, said) = self.psql(host, port, "drop table t");
        assert_eq!(status, Some(0), "{host} {port}: {said}");
        self.server.sql("shop", "create table t()");
    }
}

#[test]
fn an_ssh_tunnel_is_not_this_machine() {
    let guarded = Guarded::new();
    let sshd = terminal::Server::start();
    let account = Command::new("id").arg("-un").output().expect("id");
    let user = out(&account).trim().to_owned();
    let (port, to) = (port::free(), guarded.server.port());
    let socket = guarded.sandbox.path("work/.s.PGSQL.5432");
    let forward = format!("{port}:127.0.0.1:{to}");
    let to_socket = format!("{}:127.0.0.1:{to}", socket.display());
    let words = sshd.client(&user, &["-N", "-L", &forward, "-L", &to_socket], "true");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let tunnel = Running::start(&words);
    wait_for_port(port);
    wait_for_socket(&socket);
    guarded.is_held("127.0.0.1", port, "ssh");
    guarded.is_held("localhost", port, "ssh");
    let folder = socket.parent().and_then(Path::to_str).expect("text");
    guarded.is_held(folder, 5432, "ssh");
    guarded.is_free("127.0.0.1", to);
    guarded.is_free(guarded.server.socket().to_str().expect("text"), to);
    drop(tunnel);
}

#[test]
fn a_socat_tunnel_is_not_this_machine() {
    let guarded = Guarded::new();
    let (port, to) = (port::free(), guarded.server.port());
    let listen = format!("TCP-LISTEN:{port},fork,reuseaddr,bind=127.0.0.1");
    let there = format!("TCP:127.0.0.1:{to}");
    let _tunnel = Running::start(&["socat", &listen, &there]);
    let socket = guarded.sandbox.path("work/.s.PGSQL.5433");
    let listen = format!("UNIX-LISTEN:{},fork", socket.display());
    let _other = Running::start(&["socat", &listen, &there]);
    wait_for_port(port);
    wait_for_socket(&socket);
    guarded.is_held("127.0.0.1", port, "socat");
    let folder = socket.parent().and_then(Path::to_str).expect("text");
    guarded.is_held(folder, 5433, "socat");
    guarded.is_free("localhost", to);
}

/// Who listens: address, account, process, words.
type Told = (Option<IpAddr>, u32, i32, String);

fn told(listeners: Vec<Listener>) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for listener in listeners {
        let of = |process: &holdpoint::world::Process| {
            (listener.address, listener.uid, process.pid, process.cmdline.join(" "))
        };
        all.extend(listener.processes.iter().map(of));
    }
    all.sort();
    all
}

/// /proc and lsof name the same listener, and it is this one.
#[track_caller]
fn is_told_alike(place: &Endpoint, words: &str, address: Option<&str>) {
    let ours = told(listeners::at(place).expect("/proc"));
    let theirs = told(lsof::at(place).expect("lsof"));
    assert_eq!(ours, theirs, "{place:?}");
    let [(bound, _, _, said)] = ours.as_slice() else { panic!("{place:?}: {ours:?}") };
    assert!(said.contains(words), "{said}");
    assert_eq!(*bound, address.map(|it| it.parse().expect("an address")));
}

/// What macOS would be asked, beside what Linux is.
#[test]
fn lsof_names_whom_proc_names() {
    let sandbox = Sandbox::new();
    let sshd = terminal::Server::start();
    let account = Command::new("id").arg("-un").output().expect("id");
    let user = out(&account).trim().to_owned();
    let path = |name: &str| sandbox.path(name).display().to_string();
    let [four, six, any, all, web, webs] = [0; 6].map(|_| port::free());
    let (ssh, socat, python) =
        (path("work/ssh.sock"), path("work/socat.sock"), path("work/py.sock"));
    let forwards =
        [format!("127.0.0.1:{four}:h:1"), format!("[::1]:{six}:h:1"), format!("{ssh}:h:1")];
    let mut options = vec!["-N"];
    forwards.iter().for_each(|forward| options.extend(["-L", forward]));
    let words = sshd.client(&user, &options, "true");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let _ssh = Running::start(&words);
    let to = "TCP:127.0.0.1:1";
    let _any = Running::start(&["socat", &format!("TCP4-LISTEN:{any},fork"), to]);
    let _all = Running::start(&["socat", &format!("TCP6-LISTEN:{all},fork,ipv6only"), to]);
    let _unix = Running::start(&["socat", &format!("UNIX-LISTEN:{socat},fork"), to]);
    let serve = |port: u16, bind: &str| {
        Running::start(&["python3", "-m", "http.server", &port.to_string(), "--bind", bind])
    };
    let (_web, _webs) = (serve(web, "127.0.0.1"), serve(webs, "::1"));
    let script =
        format!("import socketserver as s; s.UnixStreamServer('{python}', None).serve_forever()");
    let _python = Running::start(&["python3", "-c", &script]);
    for (port, words, address) in [
        (four, "ssh", "127.0.0.1"),
        (six, "ssh", "::1"),
        (any, "socat", "0.0.0.0"),
        (all, "socat", "::"),
        (web, "http.server", "127.0.0.1"),
        (webs, "http.server", "::1"),
    ] {
        let place = Endpoint::Port(port);
        wait_for_listener(&place);
        is_told_alike(&place, words, Some(address));
    }
    for (socket, words) in [(ssh, "ssh"), (socat, "socat"), (python, "python3")] {
        let place = Endpoint::Socket(socket.clone().into());
        wait_for_listener(&place);
        is_told_alike(&place, words, None);
        // By another name of its folder.
        let link = sandbox.path("linked");
        let _ = std::os::unix::fs::symlink(sandbox.path("work"), &link);
        let name = Path::new(&socket).file_name().expect("a name");
        is_told_alike(&Endpoint::Socket(link.join(name)), words, None);
    }
}
