//! mysql behind its shim: an agent's destroying command leaves every row where
//! it was, and everything harmless runs as before.

use std::process::Command;

use crate::mariadb_server::MariadbServer;
use crate::sandbox::{Sandbox, err, out, run_with};

struct Guarded {
    server: MariadbServer,
    sandbox: Sandbox,
}

impl Guarded {
    fn new() -> Guarded {
        let server = MariadbServer::start();
        for database in ["shop_production", "shop"] {
            server.sql(&format!(
                "create database {database}; use {database};
                 create table users (id int primary key);
                 insert into users select seq from seq_1_to_1000"
            ));
        }
        let sandbox = Sandbox::new();
        for program in ["mysql", "mariadb", "mysqladmin", "mysqlimport"] {
            sandbox.shim(program);
        }
        Guarded { server, sandbox }
    }

    fn rows(&self, database: &str) -> String {
        self.server.sql(&format!("select count(*) from {database}.users"))
    }

    fn agent(&self, program: &str, args: &[&str]) -> Command {
        let socket = self.server.socket().display().to_string();
        let to = ["--no-defaults", "-u", "root", "-S", &socket];
        let words: Vec<&str> = to.iter().chain(args).copied().collect();
        self.sandbox.agent(program, &words)
    }

    #[track_caller]
    fn refused(&self, command: &mut Command, input: &str) -> String {
        let output = run_with(command, input);
        assert_eq!(output.status.code(), Some(77), "{}{}", out(&output), err(&output));
        assert_eq!(out(&output), "");
        err(&output)
    }
}

#[test]
fn an_agent_cannot_destroy_production_in_any_spelling() {
    let guarded = Guarded::new();
    guarded.sandbox.write("work/drop.sql", "select 1;\n/* tidy */ drop table users;\n");
    for words in [
        &["-e", "DROP TABLE users"][..],
        &["-edrop table users"],
        &["--exec", "truncate users"],
        &["-Nse", "delete from users"],
        &["-e", "DELETE/**/FROM users WHERE true"],
        &["-e", "/*!50000 drop table users */"],
        &["-e", "update users set id = id + 1 where 1 = 1"],
        &["-e", "analyze delete from users"],
        &["-e", "source drop.sql"],
        &["-e", "\\. drop.sql"],
        &["-e", "execute immediate concat('drop', ' table users')"],
        &["-e", "drop database shop_production"],
    ] {
        let args: Vec<&str> = ["shop_production"].iter().chain(words).copied().collect();
        let said = guarded.refused(&mut guarded.agent("mysql", &args), "");
        assert!(said.contains("shop_production"), "{words:?}: {said}");
        assert_eq!(guarded.rows("shop_production"), "1000", "{words:?}");
    }
    for script in [
        "use shop_production\ndrop table users;\n",
        "select 1; drop table shop_production.users;",
        "delimiter //\nselect 1; use shop_production; truncate users//\n",
        "connect shop_production\ndelete from users;\n",
    ] {
        guarded.refused(&mut guarded.agent("mysql", &["shop"]), script);
        guarded.refused(&mut guarded.agent("mariadb", &["shop"]), script);
        assert_eq!(guarded.rows("shop_production"), "1000", "{script}");
    }
    guarded.refused(&mut guarded.agent("mysqladmin", &["-f", "dr", "shop_production"]), "");
    let file = guarded.sandbox.write("work/users.txt", "1\n");
    let import = ["--delete", "--local", "shop_production", file.to_str().expect("text")];
    guarded.refused(&mut guarded.agent("mysqlimport", &import), "");
    assert_eq!(guarded.rows("shop_production"), "1000");
    assert_eq!(guarded.rows("shop"), "1000");
}

#[test]
fn what_is_harmless_runs_as_before_and_a_local_reset_too() {
    let guarded = Guarded::new();
    let output = guarded.agent("mysql", &["shop_production", "-Ne", "select count(*) from users"]);
    let output = run_with(&mut { output }, "");
    assert_eq!((out(&output).as_str(), err(&output).as_str()), ("1000\n", ""));
    let script = "select 'drop table users';\ndelete from users where id = 7;\n";
    let output = run_with(&mut guarded.agent("mysql", &["-N", "shop_production"]), script);
    assert_eq!(out(&output), "drop table users\n", "{}", err(&output));
    assert_eq!(guarded.rows("shop_production"), "999");
    let output = run_with(&mut guarded.agent("mysql", &["shop", "-e", "truncate users"]), "");
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(guarded.rows("shop"), "0");
    assert!(guarded.sandbox.trail().contains("TRUNCATE"), "{}", guarded.sandbox.trail());
    let output = run_with(&mut guarded.agent("mysqladmin", &["-f", "drop", "shop"]), "");
    assert!(output.status.success(), "{}", err(&output));
}
