//! Interactive sessions on production, typed by a person at a real terminal
//! into the real clients: they open read-only, say so, and what that stops and
//! does not stop is the server's own answer.

#![allow(clippy::expect_used, clippy::panic)]

#[path = "sessions/cluster.rs"]
mod cluster;
#[path = "support/mariadb_server.rs"]
mod mariadb_server;
#[path = "support/mongo_server.rs"]
mod mongo_server;
#[path = "sessions/mongosh.rs"]
mod mongosh;
#[path = "sessions/pgbouncer.rs"]
mod pgbouncer;
#[path = "support/port.rs"]
mod port;
#[path = "support/postgres_server.rs"]
mod postgres_server;
#[path = "sessions/redis.rs"]
mod redis;
#[path = "support/redis_server.rs"]
mod redis_server;
#[path = "sessions/redis_tls.rs"]
mod redis_tls;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/wait.rs"]
mod wait;

use mariadb_server::MariadbServer;
use postgres_server::PostgresServer;
use sandbox::Sandbox;
use terminal::{Login, Terminal};

/// A person at a terminal, with shims in front of the real clients.
struct Person {
    sandbox: Sandbox,
    login: Login,
}

impl Person {
    fn new() -> Person {
        let sandbox = Sandbox::new();
        for program in ["mysql", "redis-cli", "mongosh", "holdpoint"] {
            sandbox.shim(program);
        }
        Person { sandbox, login: Login::with_columns(200) }
    }

    fn terminal(&mut self) -> &mut Terminal {
        &mut self.login.terminal
    }

    /// Types a command; `variables` are set in front of it.
    fn types(&mut self, variables: &str, command: &str) {
        let line = format!(
            "env TERM=dumb HOME={home} HOLDPOINT_TEST_HOME={home} PATH={path} {variables} {command}",
            home = self.sandbox.home().display(),
            path = self.sandbox.search_path(),
        );
        self.terminal().line(&line);
    }

    /// Types a command that asks, and its phrase; what follows comes next.
    fn confirms(&mut self, command: &str, next: &str) {
        self.types("", command);
        let phrase = self.terminal().phrase();
        self.terminal().confirm_by(&format!("{phrase}\r"), next);
    }

    /// An agent at the same terminal opens no session, of either kind, and is
    /// told what to do.
    fn opens_none_as_an_agent(&mut self, command: &str, told: &str) {
        for command in [command.to_owned(), format!("holdpoint exec --write -- {command}")] {
            self.types("CLAUDECODE=1", &format!("{command}; echo status=$?"));
            let text = self.terminal().expect("status=77");
            assert!(text.contains("was refused") && text.contains(told), "{text}");
            self.terminal().prompt();
        }
    }

    /// A statement in an open session, and what the client says to it.
    #[track_caller]
    fn says(&mut self, statement: &str, prompt: &str, wanted: &str) {
        self.terminal().line(statement);
        let text = self.terminal().expect(prompt);
        assert!(text.contains(wanted), "{statement}: {text}");
    }
}

const PG: &str = "postgres=# ";

#[test]
fn psql_opens_read_only_on_production_and_writes_once_confirmed() {
    let server = PostgresServer::start();
    server.sql("postgres", "create table t (id int primary key)");
    server.sql("postgres", "insert into t values (1), (2), (3)");
    let at = |host: &str| {
        let port = server.port();
        format!(
            "psql -X -n -P pager=off \"host={host} hostaddr=127.0.0.1 port={port} \
             user=postgres dbname=postgres\""
        )
    };
    let mut person = Person::new();
    person.types("PGOPTIONS='-c work_mem=7MB'", &at("db.prod.acme.com"));
    let text = person.terminal().expect(PG);
    assert!(text.contains("holdpoint: psql is opened read-only on production."), "{text}");
    assert!(text.contains("holdpoint exec --write -- psql …"), "{text}");
    let mut says = |statement: &str, wanted: &str| person.says(statement, PG, wanted);
    says("show default_transaction_read_only;", " on");
    // What PGOPTIONS said before still counts.
    says("show work_mem;", " 7MB");
    for (statement, what) in [
        ("delete from t where id = 1;", "DELETE"),
        ("update t set id = 9;", "UPDATE"),
        ("truncate t;", "TRUNCATE TABLE"),
        ("drop table t;", "DROP TABLE"),
        ("create table u (id int);", "CREATE TABLE"),
        ("drop database template0;", "DROP DATABASE"),
        ("do $$ begin delete from t; end $$;", "DELETE"),
    ] {
        says(statement, &format!("cannot execute {what} in a read-only transaction"));
    }
    // A new connection of the same session.
    says("\\c postgres", "You are now connected");
    says("delete from t where id = 1;", "cannot execute DELETE");
    // The limits that the card tells.
    says("vacuum t;", "VACUUM");
    says("reindex table t;", "REINDEX");
    says("cluster t using t_pkey;", "CLUSTER");
    says("alter system set work_mem = '5MB';", "ALTER SYSTEM");
    says("copy (select 1) to program 'cat >/dev/null';", "COPY 1");
    says("select pg_terminate_backend(999999999);", "not a PostgreSQL");
    says("\\! echo from a shell", "from a shell");
    says("begin read write; delete from t where id = 3; commit;", "DELETE 1");
    says("set default_transaction_read_only = off; delete from t where id = 2;", "DELETE 1");
    person.terminal().run("\\q");

    // With write access: asked for, and confirmed.
    person.confirms(&format!("holdpoint exec --write -- {}", at("db.prod.acme.com")), PG);
    person.says("show default_transaction_read_only;", PG, " off");
    person.says("delete from t where id = 1;", PG, "DELETE 1");
    person.terminal().run("\\q");
    assert_eq!(server.sql("postgres", "select count(*) from t"), "0");

    // Options of the connection's own hide PGOPTIONS: ours are added to them.
    let at_prod = at("db.prod.acme.com");
    let service = format!(
        "[live]\nhost=db.prod.acme.com\nhostaddr=127.0.0.1\nport={}\nuser=postgres\n\
         options=-c work_mem=6MB\n",
        server.port()
    );
    let services = person.sandbox.write("pg_service.conf", &service);
    let named = format!("PGSERVICEFILE={} PGSERVICE=live", services.display());
    let url = format!(
        "'postgresql://postgres@db.prod.acme.com:{}/postgres?hostaddr=127.0.0.1&\
         options=-cwork_mem%3D6MB'",
        server.port()
    );
    for (variables, command) in [
        ("", at_prod.replace("dbname=", "options='-c work_mem=6MB' dbname=")),
        ("", format!("psql -X -n -P pager=off {url}")),
        (named.as_str(), "psql -X -n -P pager=off postgres".to_owned()),
        (named.as_str(), "psql -X -n -P pager=off -d service=live\\ dbname=postgres".to_owned()),
        (&format!("{named} PGDATABASE=postgres"), "psql -X -n -P pager=off".to_owned()),
    ] {
        person.types(variables, &command);
        let text = person.terminal().expect(PG);
        assert!(text.contains("holdpoint: psql is opened read-only"), "{command}: {text}");
        for (setting, wanted) in [("default_transaction_read_only", " on"), ("work_mem", " 6MB")] {
            person.says(&format!("show {setting};"), PG, wanted);
        }
        // They outlive a new connection.
        let (_, string) = at_prod.split_once('"').expect("a connection string");
        person.says("\\c -", PG, "You are now connected");
        person.says("show default_transaction_read_only;", PG, " on");
        person.says(&format!("\\c -reuse-previous=off \"{string}"), PG, "You are now connected");
        // A limit that the card tells: what names options of its own.
        let kept = if variables.is_empty() { " on" } else { " off" };
        person.says("show default_transaction_read_only;", PG, kept);
        person.terminal().run("\\q");
    }

    // Elsewhere nothing changes and nothing is said.
    person.types("", &at("db.dev.acme.com"));
    let text = person.terminal().expect(PG);
    assert!(!text.contains("holdpoint:"), "{text}");
    person.says("show default_transaction_read_only;", PG, " off");
    person.terminal().run("\\q");

    person.opens_none_as_an_agent(&at("db.prod.acme.com"), "with -c");
}

const MY: &str = "[shop_production]> ";

#[test]
fn mysql_opens_read_only_on_production_and_writes_once_confirmed() {
    let server = MariadbServer::start();
    server.sql("create database shop_production");
    server.sql("create table shop_production.t (id int primary key) engine=innodb");
    server.sql("create table shop_production.m (id int) engine=myisam");
    server.sql("insert into shop_production.t values (1), (2), (3)");
    let mut person = Person::new();
    let options = person.sandbox.write("my.cnf", "[client]\ninit-command=set @kept = 7;;\n");
    let client = |first: &str| {
        format!("mysql {first} -u root -S {} shop_production", server.socket().display())
    };
    // An init command of the option file is kept, and one that is no statement
    // (the second `;`) does not keep ours from counting.
    person.types("", &client(&format!("--defaults-file={}", options.display())));
    let text = person.terminal().expect(MY);
    assert!(text.contains("holdpoint: mysql is opened read-only on production."), "{text}");
    let mut says = |statement: &str, wanted: &str| person.says(statement, MY, wanted);
    says("select @@tx_read_only, @kept;", "|              1 |     7 |");
    for statement in [
        "delete from t where id = 1;",
        "delete from m;",
        "drop table t;",
        "truncate m;",
        "alter table t add column b int;",
        "drop database shop_production;",
        "create user a;",
        "optimize table t;",
    ] {
        says(statement, "Cannot execute statement in a READ ONLY transaction");
    }
    // A new connection of the same session.
    says("connect shop_production;", "Current database: shop_production");
    says("delete from t where id = 1;", "READ ONLY");
    // The limits that the card tells.
    says("kill 999999;", "Unknown thread id");
    says("set global max_connections = 100;", "Query OK");
    says("flush tables;", "Query OK");
    says("lock tables t write; unlock tables;", "Query OK");
    says("purge binary logs before '2000-01-01';", "Query OK");
    says("select 1 into outfile 'holdpoint-test';", "Query OK");
    says("system echo from a shell", "from a shell");
    says("start transaction read write; delete from t where id = 3; commit;", "1 row affected");
    says("set session transaction read write; delete from t where id = 2;", "1 row affected");
    person.terminal().run("\\q");

    person.confirms(&format!("holdpoint exec --write -- {}", client("--no-defaults")), MY);
    person.says("delete from t where id = 1;", MY, "1 row affected");
    person.terminal().run("\\q");
    assert_eq!(server.sql("select count(*) from shop_production.t"), "0");

    person.opens_none_as_an_agent(&client("--no-defaults"), "with -e");
}

#[test]
fn write_access_is_for_sessions_only() {
    let mut person = Person::new();
    person.sandbox.tool("psql", "echo ran");
    for command in ["psql -h db.prod.acme.com -c 'select 1'", "ls", "psql --help"] {
        person.types("", &format!("holdpoint exec --write -- {command}; echo status=$?"));
        let text = person.terminal().expect("status=2");
        assert!(text.contains("--write is for the interactive session"), "{text}");
        person.terminal().prompt();
    }
}
