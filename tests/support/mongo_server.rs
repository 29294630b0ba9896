//! A MongoDB server of the test's own that only writes down what it is asked
//! (tests/mongo/server.py), and the real mongosh. Needs npm's mongosh and
//! PyPI's pymongo.

// Each test uses its part of this.
#![allow(dead_code)]

#[path = "installed.rs"]
mod installed;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use installed::installed;
use serde_json::Value;

/// The real mongosh.
pub fn mongosh() -> PathBuf {
    installed("mongosh/node_modules/.bin/mongosh")
}

/// The server, its port and its log.
pub struct MongoServer {
    child: Child,
    port: u16,
    log: PathBuf,
    home: tempfile::TempDir,
}

impl Drop for MongoServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl MongoServer {
    /// Starts it on a free port.
    pub fn start() -> MongoServer {
        let home = tempfile::tempdir().expect("a folder");
        let log = home.path().join("log");
        let mut child = Command::new(installed("clients/bin/python"))
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mongo/server.py"))
            .arg(&log)
            .stdout(Stdio::piped())
            .spawn()
            .expect("./tests/run installs pymongo");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a port");
        let port = line.trim().parse().expect("a port");
        MongoServer { child, port, log, home }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Every command that it was asked, in order.
    pub fn asked(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// mongosh in a home of its own.
    pub fn command(&self) -> Command {
        let mut command = Command::new(mongosh());
        command.env("HOME", self.home.path()).stdin(Stdio::null());
        command
    }
}
