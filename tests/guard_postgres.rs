//! psql behind its shim, with the real psql and a real server: an agent's
//! destroying command leaves every row where it was, a person's runs once the
//! phrase is typed, and everything harmless runs as before.

#[path = "support/postgres_server.rs"]
mod postgres_server;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;

use std::process::Command;

use postgres_server::PostgresServer;
use sandbox::{Sandbox, err, out, run_with};
use terminal::Login;

/// A sandbox in front of a server with one table of 1,000 rows in each of
/// three databases.
struct Guarded {
    server: PostgresServer,
    sandbox: Sandbox,
}

impl Guarded {
    fn new() -> Guarded {
        let server = PostgresServer::start();
        for database in ["shop_production", "shop_staging", "shop"] {
            server.sql("postgres", &format!("create database {database}"));
            server.sql(
                database,
                "create table users(id int primary key, name text);
                 insert into users select n, 'user ' || n from generate_series(1, 1000) n",
            );
        }
        Guarded { server, sandbox: Sandbox::new() }
    }

    fn rows(&self, database: &str) -> String {
        self.server.sql(database, "select count(*) from users")
    }

    /// The arguments that lead to a database of the server by its socket.
    fn to(&self, database: &str) -> Vec<String> {
        let socket = self.server.socket().display().to_string();
        let port = self.server.port().to_string();
        ["-X", "-U", "postgres", "-h", &socket, "-p", &port, "-d", database]
            .map(String::from)
            .into()
    }

    fn agent(&self, database: &str, args: &[&str]) -> Command {
        let to = self.to(database);
        let mut words: Vec<&str> = to.iter().map(String::as_str).collect();
        words.extend(args);
        self.sandbox.agent("psql", &words)
    }

    #[track_caller]
    fn refused(&self, command: &mut Command, input: Option<&str>) -> String {
        let output = match input {
            Some(input) => run_with(command, input),
            None => command.output().expect("it starts"),
        };
        assert_eq!(output.status.code(), Some(77), "{}{}", out(&output), err(&output));
        assert_eq!(out(&output), "");
        err(&output)
    }
}

#[test]
fn an_agent_cannot_destroy_production_in_any_spelling() {
    let guarded = Guarded::new();
    let file = guarded.sandbox.write("work/drop.sql", "select 1;\n/* tidy */ drop table users;\n");
    let file = file.to_str().unwrap();
    let spellings: &[&[&str]] = &[
        &["-c", "DROP TABLE users"],
        &["-cdrop table users"],
        &["--comm", "truncate users"],
        &["-Atc", "delete from users"],
        &["-c", "DELETE/**/FROM ONLY users WHERE true"],
        &["-c", "update users set name = null where 1 = 1"],
        &["-c", "with gone as (delete from users returning 1) select count(*) from gone"],
        &["-c", "explain analyze delete from users"],
        &["-c", "do $$ begin execute 'drop' || ' table users'; end $$"],
        &["-c", "select 1", "-c", "drop owned by postgres"],
        &["-f", file],
        &["--file", file],
        &["-c", "\\i drop.sql"],
        &["-c", "\\! psql -c 'drop table users' shop_production"],
    ];
    for spelling in spellings {
        let said = guarded.refused(&mut guarded.agent("shop_production", spelling), None);
        assert!(said.contains("production"), "{spelling:?}: {said}");
        assert!(said.contains("shop_production"), "{spelling:?}: {said}");
        assert_eq!(guarded.rows("shop_production"), "1000", "{spelling:?}");
    }
    for script in [
        "drop table users;",
        "select 'drop table users;' \\gexec\n",
        "\\set verb drop\n:verb table users;\n",
        "\\c shop\n\\c shop_production\ntruncate users;\n",
        "select 1 \\; drop table users;",
    ] {
        guarded.refused(&mut guarded.agent("shop_production", &[]), Some(script));
        guarded.refused(&mut guarded.agent("shop_production", &["-f", "-"]), Some(script));
        assert_eq!(guarded.rows("shop_production"), "1000", "{script}");
    }
}

#[test]
fn a_script_that_moves_to_production_is_judged_where_it_lands() {
    let guarded = Guarded::new();
    let script = "select 1;\n\\c shop_production\ndrop table users;\n";
    guarded.refused(&mut guarded.agent("shop", &[]), Some(script));
    guarded.refused(
        &mut guarded.agent("shop", &["-c", "\\c shop_production", "-c", "drop table users"]),
        None,
    );
    assert_eq!(guarded.rows("shop_production"), "1000");
    assert_eq!(guarded.rows("shop"), "1000");
}

#[test]
fn what_is_harmless_runs_as_before() {
    let guarded = Guarded::new();
    let output = guarded.agent("shop_production", &["-Atc", "select count(*) from users"]).output();
    let output = output.expect("it starts");
    assert_eq!((out(&output).as_str(), err(&output).as_str()), ("1000\n", ""));
    let output = run_with(
        &mut guarded.agent("shop_production", &["-At"]),
        "select 'drop table users';\nupdate users set name = 'x' where id = 7;\n",
    );
    assert_eq!(
        (out(&output).as_str(), err(&output).as_str()),
        ("drop table users\nUPDATE 1\n", "")
    );
    let failing = guarded.agent("shop_production", &["-c", "select 1/0"]).output();
    assert_eq!(failing.expect("it starts").status.code(), Some(1));
    assert_eq!(guarded.rows("shop_production"), "1000");
}

#[test]
fn a_local_reset_runs_without_a_question() {
    let guarded = Guarded::new();
    let output = guarded.agent("shop", &["-c", "truncate users"]).output().expect("it starts");
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(guarded.rows("shop"), "0");
    assert!(guarded.sandbox.trail().contains("TRUNCATE"), "{}", guarded.sandbox.trail());
}

#[test]
fn a_file_that_changes_while_it_is_judged_runs_as_it_was_judged() {
    let guarded = Guarded::new();
    let file = guarded.sandbox.write("work/a.sql", "select 'judged';\n");
    // The tool behind the shim swaps the file before psql reads it.
    guarded.sandbox.tool(
        "psql",
        &format!("echo 'drop table users;' > {}\nexec /usr/bin/psql \"$@\"", file.display()),
    );
    let output = guarded
        .agent("shop_production", &["-At", "-f", file.to_str().unwrap()])
        .output()
        .expect("it starts");
    assert_eq!(out(&output), "judged\n", "{}", err(&output));
    assert_eq!(guarded.rows("shop_production"), "1000");
}

#[test]
fn a_person_confirms_and_the_rows_go() {
    let guarded = Guarded::new();
    let mut login = Login::new();
    let terminal = &mut login.terminal;
    let line = format!(
        "cd {} && env -i TERM=xterm LC_ALL=C.UTF-8 PATH={} HOME={home} HOLDPOINT_TEST_HOME={home} psql {} -c 'DROP TABLE users'",
        guarded.sandbox.path("work").display(),
        guarded.sandbox.search_path(),
        guarded.to("shop_production").join(" "),
        home = guarded.sandbox.home().display(),
    );
    // ^D first: nothing runs.
    terminal.line(&line);
    let phrase = terminal.phrase();
    assert!(phrase.contains("shop_production"), "{phrase}");
    terminal.send("\u{4}");
    terminal.prompt();
    assert_eq!(guarded.rows("shop_production"), "1000");
    // Then the phrase, by hand.
    terminal.line(&line);
    let phrase = terminal.phrase();
    let said = terminal.confirm(&phrase);
    assert!(said.contains("DROP TABLE"), "{said}");
    let left = guarded.server.sql("shop_production", "select to_regclass('users') is null");
    assert_eq!(left, "t");
    let trail = guarded.sandbox.trail();
    for outcome in ["asked", "declined", "confirmed"] {
        assert!(trail.contains(&format!("\"outcome\":\"{outcome}\"")), "{trail}");
    }
}
