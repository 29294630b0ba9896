//! A throwaway PostgreSQL on a temporary directory, for the whole test run.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::{port, wait};

/// Where Debian keeps the programs.
pub const BIN: &str = "/usr/lib/postgresql/15/bin";

/// A running server.
pub struct Server {
    /// The directory of everything, its socket included.
    pub dir: PathBuf,
    /// Its port.
    pub port: u16,
}

/// The server, started at first use. It stops, and its directory goes, when
/// the pipe to its keeper closes: at the end of the test process.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(start)
}

/// Starts a server of one's own, for what would disturb other tests.
pub fn start() -> Server {
    assert!(
        Path::new(BIN).join("initdb").exists(),
        "PostgreSQL 15 is missing: apt-get install postgresql"
    );
    let dir = tempfile::Builder::new().prefix("holdpoint-pg").tempdir().unwrap().keep();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).unwrap();
    let port = port::free();
    // PostgreSQL does not run as root.
    let root = nix::unistd::geteuid().is_root();
    let user = if root { "setpriv --reuid=postgres --regid=postgres --clear-groups" } else { "" };
    let script = format!(
        "umask 022; cd {dir}; {user} mkdir {dir}/pg
         {user} {BIN}/initdb -D pg/data -U postgres -A trust --no-sync -E UTF8 --locale=C >init.log
         {user} {BIN}/postgres -D pg/data -k {dir} -p {port} -c listen_addresses=127.0.0.1 \
            -c fsync=off -c log_statement=all -c log_destination=jsonlog -c logging_collector=on \
            -c log_directory={dir}/pg -c log_filename=log -c log_file_mode=0644 \
            -c log_rotation_age=0 -c log_rotation_size=0 -c max_connections=50 \
            </dev/null >server.out 2>&1 &
         read end; kill -INT $!; wait $!; cd /; rm -rf {dir}",
        dir = dir.display(),
    );
    let mut keeper = Command::new("bash");
    let child = keeper.args(["-c", &script]).stdin(Stdio::piped()).spawn().expect("bash runs");
    // Kept open for as long as this process lives.
    Box::leak(Box::new(child));
    let server = Server { dir, port };
    assert!(wait::until(|| server.answers()), "PostgreSQL did not start");
    server.sql("postgres", "create role alice superuser login; create role bob superuser login");
    for database in ["app", "other", "\"d b\"", "alice", "bob", "root"] {
        server.sql("postgres", &format!("create database {database}"));
    }
    server
}

impl Server {
    fn answers(&self) -> bool {
        let output = self.psql("postgres").args(["-c", "select 1"]).output();
        output.is_ok_and(|output| output.status.success())
    }

    /// psql as the superuser on a database, with an environment of its own.
    pub fn psql(&self, database: &str) -> Command {
        let mut command = Command::new(format!("{BIN}/psql"));
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
        command.env("PGHOST", &self.dir).env("PGPORT", self.port.to_string());
        command.env("PGUSER", "postgres").env("PGDATABASE", database).env("PGOPTIONS", "");
        command.args(["-X", "-At"]).stdin(Stdio::null());
        command
    }

    /// What SQL prints; it must succeed.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let output = self.psql(database).args(["-qc", sql]).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{sql}: {errors}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Runs psql with a text on its standard input.
    pub fn feed(&self, mut command: Command, text: &[u8]) -> Output {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(text).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The texts that the server was sent by the session of this application
    /// name, in order, those with syntax errors included. The last of them must
    /// be a mark, `the end of …`.
    pub fn sent(&self, application: &str) -> Vec<String> {
        let mut sent = Vec::new();
        let ended = wait::until(|| {
            sent = self.log().remove(application).unwrap_or_default();
            sent.last().is_some_and(|last| last.contains("the end of"))
        });
        assert!(ended, "no end in the log of {application}: {sent:?}");
        sent
    }

    /// The texts that the server was sent so far, by application name.
    pub fn log(&self) -> BTreeMap<String, Vec<String>> {
        let log = fs::read(self.dir.join("pg/log.json")).unwrap_or_default();
        let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
        // What was logged last of a session, as long as no error followed.
        let mut fresh: BTreeMap<String, String> = BTreeMap::new();
        for line in String::from_utf8_lossy(&log).lines() {
            let Ok(entry) = serde_json::from_str::<serde_json::Value>(line) else { continue };
            // A parallel worker repeats its leader's errors.
            if entry["backend_type"] != "client backend" {
                continue;
            }
            let field = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            let (application, session) = (field("application_name"), field("session_id"));
            if let Some(text) = field("message").strip_prefix("statement: ") {
                sent.entry(application).or_default().push(text.to_owned());
                fresh.insert(session, text.to_owned());
            } else if matches!(entry["error_severity"].as_str(), Some("ERROR" | "FATAL"))
                && let Some(text) = entry["statement"].as_str()
                && fresh.remove(&session).as_deref() != Some(text)
            {
                // A text that the grammar rejects is not logged as a statement.
                sent.entry(application).or_default().push(text.to_owned());
            }
        }
        sent
    }
}
