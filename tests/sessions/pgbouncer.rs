//! The real psql, opened on production by a person through the real PgBouncer:
//! what becomes of the start-up options that open it read-only.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::*;

/// A pooler in front of a server; it ends when dropped.
struct Pooler {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Pooler {
    /// Starts one with a line more in its settings.
    fn start(server: &PostgresServer, line: &str) -> Pooler {
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
        let port = port::free();
        let settings = format!(
            "[databases]\npostgres = host={} port={} user=postgres\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\n{line}\n",
            server.socket().display(),
            server.port(),
        );
        let path = folder.path().join("pgbouncer.ini");
        fs::write(&path, settings).expect("settings");
        // PgBouncer refuses to run as root.
        let mut command = match nix::unistd::geteuid().is_root() {
            true => Command::new("setpriv"),
            false => Command::new("env"),
        };
        if nix::unistd::geteuid().is_root() {
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        }
        let child = command
            .arg("/usr/sbin/pgbouncer")
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pgbouncer is installed");
        let pooler = Pooler { child, port, _folder: folder };
        assert!(wait::until(|| port::is_open(port)), "PgBouncer does not answer");
        pooler
    }

    fn psql(&self) -> String {
        format!(
            "psql -X -n -P pager=off \"host=db.prod.acme.com hostaddr=127.0.0.1 port={} \
             user=postgres dbname=postgres\"; echo status=$?",
            self.port
        )
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_pooler_refuses_the_options_or_was_told_to_ignore_them() {
    let server = PostgresServer::start();
    let mut person = Person::new();
    let strict = Pooler::start(&server, "");
    person.types("", &strict.psql());
    let text = person.terminal().expect("status=2");
    assert!(text.contains("unsupported startup parameter: options"), "{text}");
    person.terminal().prompt();
    let loose = Pooler::start(&server, "ignore_startup_parameters = options");
    person.types("", &loose.psql());
    let text = person.terminal().expect(PG);
    assert!(text.contains("holdpoint: psql is opened read-only"), "{text}");
    // A limit that README and the card tell.
    person.says("show default_transaction_read_only;", PG, " off");
    person.terminal().run("\\q");
}
