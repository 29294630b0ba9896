//! pgcli, mycli, litecli and pg_restore themselves, on servers of the tests'
//! own: what we call destroying destroys, what we do not leaves everything
//! where it was, and it lands where we say. Needs the programs of PyPI, which
//! the tests install, and Debian's servers.

#[path = "support/installed.rs"]
mod installed;
#[path = "support/mariadb_server.rs"]
mod mariadb_server;
#[path = "support/postgres_server.rs"]
mod postgres_server;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use mariadb_server::MariadbServer;
use postgres_server::PostgresServer;
use sandbox::{Sandbox, err, out, run_with};
use serde_json::Value;

/// The virtual environment with the clients, made if it is missing.
fn venv() -> &'static Path {
    static VENV: OnceLock<PathBuf> = OnceLock::new();
    VENV.get_or_init(|| {
        let packages = ["pgcli==4.7.1", "mycli==2.30.1", "litecli==1.17.1"];
        installed::venv("clis", &["bin/pgcli", "bin/mycli", "bin/litecli"], &packages)
    })
}

/// One way to start a client.
#[derive(Default)]
struct Start {
    words: Vec<String>,
    input: &'static str,
    vars: Vec<(&'static str, String)>,
}

fn start(words: &[&str]) -> Start {
    Start { words: words.iter().map(|word| (*word).to_owned()).collect(), ..Start::default() }
}

impl Start {
    fn input(self, input: &'static str) -> Start {
        Start { input, ..self }
    }

    fn var(mut self, name: &'static str, value: impl Into<String>) -> Start {
        self.vars.push((name, value.into()));
        self
    }
}

/// What holdpoint makes of a call: its worst action, and all that it says.
fn read(sandbox: &Sandbox, program: &str, start: &Start) -> Value {
    let mut command = sandbox.holdpoint(&["check", "--json", "--as", "agent", "--", program]);
    command.args(&start.words).envs(start.vars.iter().map(|(name, value)| (name, value)));
    let output = run_with(&mut command, start.input);
    serde_json::from_str(&out(&output)).unwrap_or_else(|_| panic!("{}", err(&output)))
}

fn destroys(reading: &Value) -> bool {
    let actions = reading["actions"].as_array().expect("actions");
    actions.iter().any(|action| action["effect"] == "destroy")
}

/// Runs the real client, and says what it wrote.
fn run(sandbox: &Sandbox, program: impl AsRef<Path>, start: &Start) -> String {
    let mut command = sandbox.command(program.as_ref());
    command.args(&start.words).envs(start.vars.iter().map(|(name, value)| (name, value)));
    let output = run_with(command.env("TERM", "dumb"), start.input);
    format!("{}{}", out(&output), err(&output))
}

const DROP: &str = "select 1;\ndrop table users;\n";

#[test]
fn pgcli_destroys_what_we_say_and_nothing_else() {
    let server = PostgresServer::start();
    server.sql("postgres", "create database app");
    let sandbox = Sandbox::new();
    let port = server.port().to_string();
    sandbox.write("work/drop.sql", DROP);
    sandbox.write(
        "home/.config/pgcli/config",
        &format!(
            "[main]\nkeyring = False\n[alias_dsn]\nit = postgresql://postgres@127.0.0.1:{port}/app\n"
        ),
    );
    sandbox.write(
        "work/init.conf",
        "[main]\nkeyring = False\n[init-commands]\nx = \"drop table users\"  # tidy\n",
    );
    let service = format!("[it]\nhost=127.0.0.1\nport={port}\ndbname=app\nuser=postgres\n");
    sandbox.write("home/.pg_service.conf", &service);
    let url = format!("postgresql://postgres@127.0.0.1:{port}/app");
    let to = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres", "-d", "app", "-y"];
    let with = |words: &[&str]| start(&[&to, words].concat());
    let cases = [
        (with(&["-c", "select 1; drop table users"]), true),
        (with(&["--less-chatty"]).input("drop table users;\n"), true),
        (with(&["-c", "\\i drop.sql"]), true),
        (with(&["-f", "drop.sql"]), true),
        (with(&["--init-command", "drop table users", "--ping"]), true),
        (with(&["--pgclirc", "init.conf", "-c", "select 1"]), true),
        (start(&["-y", "-D", "it", "-c", "drop table users"]), true),
        (start(&["-y", "-c", "drop table users"]).var("DSN", "it"), true),
        (start(&["-y", &url, "-h", "nowhere.invalid", "-c", "drop table users"]), true),
        (
            start(&["-y", "-h", "nowhere.invalid", "-c", "drop table users"])
                .var("PGSERVICE", "it"),
            true,
        ),
        (with(&["-c", "select 'drop table users'"]), false),
        (with(&["-c", "\\dt", "-c", "select 1 -- ; drop table users"]), false),
        (with(&["--list"]).input("drop table users;\n"), false),
    ];
    for (start, expected) in cases {
        server.sql("app", "drop table if exists users; create table users (id int)");
        let reading = read(&sandbox, "pgcli", &start);
        assert_eq!(destroys(&reading), expected, "{:?}: {reading}", start.words);
        let said = run(&sandbox, venv().join("bin/pgcli"), &start);
        let left = server.sql("app", "select to_regclass('users')");
        assert_eq!(left.is_empty(), expected, "{:?}: {said}", start.words);
        if expected {
            let place = reading["target"].to_string();
            assert!(place.contains("127.0.0.1") && place.contains("app"), "{place}");
            assert!(!place.contains("nowhere"), "{:?}: {place}", start.words);
        }
    }
}

#[test]
fn mycli_destroys_what_we_say_and_nothing_else() {
    let server = MariadbServer::start();
    server.sql("create database app");
    let sandbox = Sandbox::new();
    let port = server.port().to_string();
    sandbox.write("work/drop.sql", DROP);
    let url = format!("mysql://root@127.0.0.1:{port}/app");
    sandbox.write("home/.myclirc", &format!("[main]\n[alias_dsn]\nit = {url}\n"));
    sandbox.write("work/init.conf", "[main]\n[init-commands]\nx = \"drop table users\"\n");
    let to = ["-h", "127.0.0.1", "-P", &port, "-u", "root"];
    let with = |words: &[&str]| start(&[&to, words].concat());
    let cases = [
        (with(&["app", "-e", "select 1; drop table users"]), true),
        (with(&["-D", "app"]).input("drop table users;\n"), true),
        (with(&["app", "-e", "source drop.sql"]), true),
        (with(&["app", "--batch", "drop.sql"]), true),
        (with(&["app", "--myclirc", "init.conf", "-e", "select 1"]), true),
        (start(&[&url, "-e", "drop table users"]), true),
        (start(&["it", "-e", "drop table users"]), true),
        (start(&["-d", "it", "-e", "drop table users"]), true),
        (start(&["-e", "drop table users"]).var("MYSQL_DSN", url.clone()), true),
        (
            start(&["app", "-u", "root", "-e", "drop table users"])
                .var("MYSQL_HOST", "127.0.0.1")
                .var("MYSQL_TCP_PORT", port.clone()),
            true,
        ),
        (with(&["-p", "x", "app", "-e", "drop table users"]), true),
        (with(&["app", "-e", "select 'drop table users'"]), false),
        (with(&["app", "-e", "select 1"]).input("drop table users;\n"), false),
    ];
    for (start, expected) in cases {
        server.sql("use app; drop table if exists users; create table users (id int)");
        let reading = read(&sandbox, "mycli", &start);
        assert_eq!(destroys(&reading), expected, "{:?}: {reading}", start.words);
        let said = run(&sandbox, venv().join("bin/mycli"), &start);
        let left = server.sql("show tables in app");
        assert_eq!(left.is_empty(), expected, "{:?}: {said}", start.words);
        if expected {
            let place = reading["target"].to_string();
            assert!(place.contains("127.0.0.1") && place.contains("app"), "{place}");
        }
    }
}

#[test]
fn litecli_destroys_what_we_say_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.write("work/drop.sql", DROP);
    let cases = [
        (start(&["app.db", "-e", "select 1; drop table users"]), true),
        (start(&["-D", "app.db"]).input("drop table users;\n"), true),
        (start(&["app.db", "-e", ".read drop.sql"]), true),
        (start(&["other.db", "-e", "use app.db; drop table users"]), true),
        (start(&["other.db", "-e", ".open app.db\n; drop table users"]), true),
        (start(&["app.db", "-e", "select 'drop table users'"]), false),
        (start(&["app.db", "-e", ".tables"]).input("drop table users;\n"), false),
    ];
    let sqlite = |sql: &str| {
        let mut command = sandbox.command("/usr/bin/sqlite3");
        out(&command.args(["app.db", sql]).output().expect("sqlite3")).trim().to_owned()
    };
    for (start, expected) in cases {
        sqlite("drop table if exists users; create table users (id int)");
        let reading = read(&sandbox, "litecli", &start);
        assert_eq!(destroys(&reading), expected, "{:?}: {reading}", start.words);
        let said = run(&sandbox, venv().join("bin/litecli"), &start);
        let left = sqlite(".tables");
        assert_eq!(left.is_empty(), expected, "{:?}: {said}", start.words);
        if expected {
            assert!(reading["target"].to_string().contains("app.db"), "{reading}");
        }
    }
}

#[test]
fn pg_restore_drops_the_database_that_the_archive_names() {
    let server = PostgresServer::start();
    server.sql("postgres", "create database shop_prod");
    let sandbox = Sandbox::new();
    let socket = server.socket().display().to_string();
    let port = server.port().to_string();
    let to = ["-h", &socket, "-p", &port, "-U", "postgres"];
    for (format, file) in [("-Fc", "shop.dump"), ("-Fd", "shop.dir"), ("-Ft", "shop.tar")] {
        let dump = start(&[&to[..], &[format, "-f", file, "shop_prod"]].concat());
        let said = run(&sandbox, "/usr/bin/pg_dump", &dump);
        assert_eq!(said, "", "{format}");
        let restore = start(&[&to[..], &["-cC", "-d", "postgres", file]].concat());
        let reading = read(&sandbox, "pg_restore", &restore);
        let action = &reading["actions"][0];
        assert_eq!(action["object"], "database shop_prod", "{format}: {reading}");
        assert_eq!(reading["target"]["class"], "production", "{format}: {reading}");
        server.sql("shop_prod", "create table later (id int)");
        run(&sandbox, "/usr/bin/pg_restore", &restore);
        // It was dropped and made anew from the archive.
        assert_eq!(server.sql("shop_prod", "select to_regclass('later')"), "", "{format}");
        // Into a database that is named, nothing of the archive's name counts.
        let plain = start(&[&to[..], &["-d", "postgres", file]].concat());
        let reading = read(&sandbox, "pg_restore", &plain);
        assert_eq!(reading["target"]["class"], "local", "{format}: {reading}");
    }
}

/// The class and verdict for an agent.
fn judged(sandbox: &Sandbox, program: &str, start: &Start) -> (String, String) {
    let reading = read(sandbox, program, start);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&reading["target"]["class"]), text(&reading["verdict"]))
}

#[test]
fn the_same_command_on_production_unknown_staging_and_here() {
    let sandbox = Sandbox::new();
    let sql = "drop table users";
    let places = [
        ("db.prod.acme.com", "production", "refuse"),
        ("db.acme.com", "unknown", "refuse"),
        ("db.staging.acme.com", "staging", "allow"),
        ("127.0.0.1", "local", "allow"),
    ];
    for (host, class, verdict) in places {
        let postgres = format!("postgresql://u@{host}/app");
        let mysql = format!("mysql://u@{host}/app");
        for (program, words) in [
            ("pgcli", &["-h", host, "app", "-c", sql][..]),
            ("pgcli", &[&postgres, "-c", sql]),
            ("mycli", &["-h", host, "app", "-e", sql]),
            ("mycli", &[&mysql, "-e", sql]),
            ("cockroach", &["sql", "--host", host, "-e", sql]),
            ("cockroach", &["sql", "--url", &postgres, "-e", sql]),
            ("sqlcmd", &["-S", host, "-Q", sql]),
        ] {
            let found = judged(&sandbox, program, &start(words));
            assert_eq!(found, (class.to_owned(), verdict.to_owned()), "{program} {words:?}");
            // What only reads is free wherever it goes.
            let words: Vec<&str> =
                words.iter().map(|word| if *word == sql { "select 1" } else { word }).collect();
            assert_eq!(judged(&sandbox, program, &start(&words)).1, "allow", "{program} {words:?}");
        }
    }
}
