//! A Redis server of the test's own, on a free port of the loopback, gone when
//! dropped.

// Each test uses its part of this.
#![allow(dead_code)]

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running server.
pub struct RedisServer {
    dir: TempDir,
    port: u16,
    child: Child,
}

impl RedisServer {
    /// Starts a server that saves nothing.
    pub fn start() -> RedisServer {
        RedisServer::start_with(&[])
    }

    /// The same with more words.
    pub fn start_with(words: &[String]) -> RedisServer {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("its number").port();
        drop(free);
        let child = Command::new("/usr/bin/redis-server")
            .args(["--save", "", "--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"])
            .arg(dir.path())
            .arg("--unixsocket")
            .arg(dir.path().join("redis.sock"))
            .args(words)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server starts");
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "no server");
            sleep(Duration::from_millis(30));
        }
        RedisServer { dir, port, child }
    }

    /// The path of its socket.
    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("redis.sock")
    }

    /// Its port, as text.
    pub fn port(&self) -> String {
        self.port.to_string()
    }

    /// Runs a command past every shim, and gives what it printed.
    pub fn run(&self, words: &[&str]) -> String {
        let output = Command::new("/usr/bin/redis-cli")
            .env_clear()
            .args(["-p", &self.port()])
            .args(words)
            .stdin(Stdio::null())
            .output()
            .expect("redis-cli starts");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
