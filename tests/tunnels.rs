//! An address of this machine behind which another one is: real tunnels of ssh
//! and socat to a real PostgreSQL. What destroys is refused through them and
//! leaves every row where it was; the server's own port and socket stay free.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/postgres_server.rs"]
mod postgres_server;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;

use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its number").port()
}

#[track_caller]
fn wait(what: &str, mut is_there: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_there() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what} does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn wait_for_port(port: u16) {
    wait("the tunnel", || TcpStream::connect(("127.0.0.1", port)).is_ok());
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
    let (port, to) = (free_port(), guarded.server.port());
    let socket = guarded.sandbox.path("work/.s.PGSQL.5432");
    let forward = format!("{port}:127.0.0.1:{to}");
    let to_socket = format!("{}:127.0.0.1:{to}", socket.display());
    let words = sshd.client(&user, &["-N", "-L", &forward, "-L", &to_socket], "true");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let tunnel = Running::start(&words);
    wait_for_port(port);
    wait("the socket", || UnixStream::connect(&socket).is_ok());
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
    let (port, to) = (free_port(), guarded.server.port());
    let listen = format!("TCP-LISTEN:{port},fork,reuseaddr,bind=127.0.0.1");
    let there = format!("TCP:127.0.0.1:{to}");
    let _tunnel = Running::start(&["socat", &listen, &there]);
    let socket = guarded.sandbox.path("work/.s.PGSQL.5433");
    let listen = format!("UNIX-LISTEN:{},fork", socket.display());
    let _other = Running::start(&["socat", &listen, &there]);
    wait_for_port(port);
    wait("the socket", || UnixStream::connect(&socket).is_ok());
    guarded.is_held("127.0.0.1", port, "socat");
    let folder = socket.parent().and_then(Path::to_str).expect("text");
    guarded.is_held(folder, 5433, "socat");
    guarded.is_free("localhost", to);
}
