//! A Redis server of the test's own, on a free port of the loopback, gone when
//! dropped.

// Each test uses its part of this.
#![allow(dead_code)]

// Other parts of a test take them in, too.
#[allow(clippy::duplicate_mod)]
#[path = "port.rs"]
mod port;
#[allow(clippy::duplicate_mod)]
#[path = "wait.rs"]
mod wait;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

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
        let port = port::free();
        let child = Command::new("/usr/bin/redis-server")
            .args(["--save", "", "--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"])
            .arg(dir.path())
            .arg("--unixsocket")
            .arg(dir.path().join("redis.sock"))
            .args(words)
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server starts");
        assert!(wait::until(|| port::is_open(port)), "no server");
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

/// A cluster of three servers: the key `b` lies on the first, `c` on the
/// second, `a` on the third.
pub struct RedisCluster {
    pub nodes: Vec<RedisServer>,
    buses: Vec<String>,
}

impl RedisCluster {
    /// Starts them, and waits until each serves its third of the slots.
    pub fn start() -> RedisCluster {
        RedisCluster::start_with(&[])
    }

    /// The same with more words, for each of the three those of its place.
    pub fn start_with(more: &[Vec<String>]) -> RedisCluster {
        let buses: Vec<String> = (0..3).map(|_| port::free().to_string()).collect();
        let start = |(place, bus): (usize, &String)| {
            let words = ["--cluster-enabled", "yes", "--cluster-require-full-coverage", "no"];
            let words = words.into_iter().chain(["--cluster-port", bus]).map(str::to_owned);
            let more = more.get(place).cloned().unwrap_or_default();
            RedisServer::start_with(&words.chain(more).collect::<Vec<_>>())
        };
        let nodes: Vec<RedisServer> = buses.iter().enumerate().map(start).collect();
        let cluster = RedisCluster { nodes, buses };
        let thirds = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];
        for (place, (first, last)) in thirds.iter().enumerate() {
            let node = &cluster.nodes[place];
            assert_eq!(node.run(&["cluster", "addslotsrange", first, last]), "OK");
            let epoch = (place + 1).to_string();
            assert_eq!(node.run(&["cluster", "set-config-epoch", &epoch]), "OK");
            let met = ["cluster", "meet", "127.0.0.1", &cluster.nodes[0].port(), &cluster.buses[0]];
            assert!(place == 0 || node.run(&met) == "OK");
        }
        let serves = |node: &RedisServer| {
            let info = node.run(&["cluster", "info"]);
            info.contains("cluster_state:ok") && info.contains("cluster_slots_assigned:16384")
        };
        assert!(wait::until(|| cluster.nodes.iter().all(serves)), "no cluster");
        cluster
    }

    /// The name of a node in the cluster.
    pub fn id(&self, place: usize) -> String {
        self.nodes[place].run(&["cluster", "myid"])
    }
}
