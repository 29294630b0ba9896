//! A PostgreSQL server of the test's own: a fresh cluster in a temporary
//! folder, on a socket and a free port of the loopback, gone when dropped.

// Each test uses its part of this.
#![allow(dead_code)]

// Other parts of a test take it in, too.
#[allow(clippy::duplicate_mod)]
#[path = "port.rs"]
mod port;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A running server.
pub struct PostgresServer {
    dir: TempDir,
    port: u16,
}

impl PostgresServer {
    /// Makes a cluster and starts it. PostgreSQL refuses to run as root, so
    /// root hands it to the account `postgres`, which Debian's package makes.
    pub fn start() -> PostgresServer {
        let dir = tempfile::tempdir().expect("a temporary folder");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).expect("mode");
        let port = port::free();
        let server = PostgresServer { dir, port };
        let data = server.data();
        let data = data.to_str().expect("text");
        check(server.program("initdb").args(["-D", data, "-U", "postgres", "-A", "trust"]));
        let options = format!("-p {port} -k {} -c fsync=off", server.socket().display());
        let log = server.dir.path().join("log");
        check(
            server
                .program("pg_ctl")
                .args(["-D", data, "-w", "-o", &options, "-l"])
                .arg(log)
                .arg("start")
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        );
        server
    }

    /// The folder of its socket.
    pub fn socket(&self) -> &Path {
        self.dir.path()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs SQL as the superuser, past every shim, and gives what it printed.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let output = self.psql(database).args(["-Atqc", sql]).output().expect("psql starts");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn psql(&self, database: &str) -> Command {
        let mut command = Command::new("/usr/bin/psql");
        command.env_clear().args(["-X", "-U", "postgres", "-h"]).arg(self.socket()).args([
            "-p",
            &self.port.to_string(),
            "-d",
            database,
        ]);
        command
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// One of the server's programs, as an account that may run it.
    fn program(&self, name: &str) -> Command {
        let program = newest().join(name);
        if !nix::unistd::Uid::effective().is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
        command
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let data = self.data();
        let _ = self
            .program("pg_ctl")
            .args(["-m", "immediate", "stop", "-D"])
            .arg(data)
            .stdout(Stdio::null())
            .output();
    }
}

/// The folder of the newest server that is installed.
fn newest() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed");
    let mut versions: Vec<PathBuf> = versions.flatten().map(|entry| entry.path()).collect();
    versions.sort();
    versions.pop().expect("a version").join("bin")
}

fn check(command: &mut Command) -> Output {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
