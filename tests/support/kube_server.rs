//! A Kubernetes API server that holds nothing and writes down what it is
//! asked (`kube_server.py`), and the real clients in front of it.

// Each test uses its part of this.
#![allow(dead_code)]

#[path = "installed.rs"]
mod installed;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use installed::installed;
use tempfile::TempDir;

/// Three servers in one process.
pub struct KubeServer {
    process: Child,
    dir: TempDir,
    ports: Vec<u16>,
}

/// A request: the port that it came to, and its method and path.
pub type Request = (u16, String);

impl KubeServer {
    pub fn start() -> KubeServer {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/kube_server.py");
        let mut process = Command::new("python3")
            .arg(script)
            .arg(dir.path().join("log"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts");
        let mut line = String::new();
        let out = process.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("its ports");
        let ports = line.split_whitespace().map(|port| port.parse().expect("a port")).collect();
        KubeServer { process, dir, ports }
    }

    /// The folder in which clients run, and which is their home.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn port(&self, index: usize) -> u16 {
        self.ports[index]
    }

    /// What was asked since the last time.
    pub fn requests(&self) -> Vec<Request> {
        let log = self.dir.path().join("log");
        let text = fs::read_to_string(&log).unwrap_or_default();
        fs::write(&log, "").expect("an empty log");
        let split = text.lines().filter_map(|line| line.split_once(' '));
        split.map(|(port, rest)| (port.parse().expect("a port"), rest.to_owned())).collect()
    }

    /// A client in the folder, with nothing of this machine's in its way.
    pub fn client(&self, program: &str) -> Command {
        let mut command = Command::new(tool(program));
        command
            .env_clear()
            .env("HOME", self.dir())
            .env("PATH", "/usr/bin:/bin")
            .current_dir(self.dir())
            .stdin(Stdio::null());
        command
    }
}

impl Drop for KubeServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The program that ./tests/run installed.
pub fn tool(program: &str) -> PathBuf {
    installed(&format!("kube/{program}"))
}
