//! A MariaDB server of the test's own: fresh data in a temporary folder, on a
//! socket and a free port of the loopback, gone when dropped.

// Each test uses its part of this.
#![allow(dead_code)]

// Other parts of a test take them in, too.
#[allow(clippy::duplicate_mod)]
#[path = "port.rs"]
mod port;
#[allow(clippy::duplicate_mod)]
#[path = "wait.rs"]
mod wait;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A running server.
pub struct MariadbServer {
    dir: TempDir,
    port: u16,
    child: Child,
}

impl MariadbServer {
    /// Makes the data and starts a server that lets everybody in and logs
    /// every statement. Root hands it to the account `mysql`, which Debian's
    /// package makes.
    pub fn start() -> MariadbServer {
        let dir = tempfile::tempdir().expect("a temporary folder");
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).expect("mode");
        let port = port::free();
        let root = nix::unistd::Uid::effective().is_root();
        let user = root.then_some("--user=mysql");
        let data = format!("--datadir={}/data", dir.path().display());
        let made = Command::new("/usr/bin/mysql_install_db")
            .args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"])
            .arg(&data)
            .arg(format!("--tmpdir={}", dir.path().display()))
            .args(user)
            .output()
            .expect("mysql_install_db starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let child = Command::new("/usr/sbin/mariadbd")
            .args(["--no-defaults", "--skip-grant-tables", "--general-log"])
            .args(["--innodb-flush-log-at-trx-commit=0", "--bind-address=127.0.0.1"])
            .arg(&data)
            .args(user)
            .arg(format!("--socket={}/socket", dir.path().display()))
            .arg(format!("--general-log-file={}/general.log", dir.path().display()))
            .arg(format!("--pid-file={}/pid", dir.path().display()))
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(fs::File::create(dir.path().join("errors")).expect("a file"))
            .spawn()
            .expect("mariadbd starts");
        let server = MariadbServer { dir, port, child };
        let answers =
            || server.client().args(["-e", "select 1"]).output().expect("mysql").status.success();
        let errors = || fs::read_to_string(server.dir.path().join("errors")).unwrap_or_default();
        assert!(wait::until(answers), "no server: {}", errors());
        server
    }

    /// The path of its socket.
    pub fn socket(&self) -> PathBuf {
        self.dir.path().join("socket")
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The real client, past every shim, at this server.
    pub fn client(&self) -> Command {
        let mut command = Command::new("/usr/bin/mysql");
        command
            .env_clear()
            .args(["--no-defaults", "-u", "root", "-N", "-B", "-S"])
            .arg(self.socket())
            .stdin(Stdio::null());
        command
    }

    /// Runs SQL past every shim, and gives what it printed.
    pub fn sql(&self, sql: &str) -> String {
        let output = self.client().args(["-e", sql]).output().expect("mysql starts");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The general log: everything that clients sent.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.dir.path().join("general.log")).expect("the log");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for MariadbServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
