//! psql: scripts, what they include, `-c`, standard input, psqlrc.

use crate::Swap;
use crate::postgres_server::PostgresServer;
use crate::sandbox::{err, out};

/// Files that say which of the two they are.
fn files(swap: &mut Swap) {
    for (name, judged) in [
        ("work/a.sql", "\\i b.sql\nselect 'judged a';\n"),
        ("work/b.sql", "select 'judged b';"),
        ("work/sub/c.sql", "\\ir 'd d'.sql;\n\\ir ../sub/e.sql \\\\ \\i b.sql\n\\ir none.sql\n"),
        ("work/sub/d d.sql", "\\set name sub/e.sql\n\\i :name\nselect 'judged d';\n"),
        ("work/sub/e.sql", "\\if true\n\\i b.sql \\\\ \\i b.sql\n\\else\n\\i b.sql\n\\endif\n"),
        (
            "work/f.sql",
            "create temp table t (x text);\ncopy t from stdin; \\i b.sql\n\\i b.sql\n\\.\n\
             \\i b.sql\nselect x from t;\n",
        ),
    ] {
        swap.file(name, judged, format!("select 'swapped {name}';\ndrop table users;\n"));
    }
}

fn started() -> (PostgresServer, Swap, String) {
    let server = PostgresServer::start();
    server.sql("postgres", "create database shop_production");
    server.sql("shop_production", "create table users (id int); insert into users values (1)");
    let mut swap = Swap::new("psql");
    files(&mut swap);
    let to = format!(
        "-At -U postgres -h {} -p {} -d shop_production",
        server.socket().display(),
        server.port()
    );
    (server, swap, to)
}

/// `drop table` in the files that were swapped in leaves its trace when nobody
/// guards, so the table is made anew.
fn again(server: &PostgresServer) {
    server.sql("shop_production", "create table if not exists users (id int)");
}

#[test]
fn what_a_script_includes_is_what_was_judged() {
    let (server, mut swap, to) = started();
    let psql = format!("psql -X {to}");
    for (words, input) in [
        ("-f b.sql", ""),
        ("--file=a.sql", ""),
        ("-Xfa.sql -f b.sql", ""),
        ("-c '\\i a.sql' -c 'select 1'", ""),
        ("-c '\\include b.sql'", ""),
        ("-f f.sql", ""),
        ("", "\\i a.sql\n"),
        ("", "\\set f b.sql\nselect 1; \\i :f\n\\i 'b.sql';\n"),
        ("-f -", "\\i sub/../a.sql\n"),
        ("", "\\cd sub\n\\ir ../b.sql\n\\cd ..\n\\i b.sql\n"),
        ("< a.sql", ""),
        ("-v f=a.sql", "\\i :f\n"),
    ] {
        again(&server);
        swap.runs_what_was_judged(&format!("{psql} {words}"), input);
    }
    // A file that is not there stays so, by its own name.
    let said = swap.guarded(&format!("{psql} -f sub/c.sql"), "");
    assert_eq!(said.status.code(), Some(77), "{}", err(&said));
    swap.sandbox.write("work/sub/none.sql", "select 'found';");
    let psql_said = swap.runs_what_was_judged(&format!("{psql} -f sub/c.sql"), "");
    assert_eq!(psql_said.matches("judged b").count(), 5, "{psql_said}");
    assert_eq!(psql_said.matches("judged d").count(), 1, "{psql_said}");
    assert!(psql_said.contains("found"), "{psql_said}");
    // An error names the copy.
    swap.file("work/g.sql", "\\i h.sql\n", "");
    swap.file("work/h.sql", "\nselect nothing;\n", "");
    let said = err(&swap.guarded(&format!("{psql} -f g.sql"), ""));
    assert!(said.starts_with("psql:/dev/fd/") && said.contains(":2: ERROR"), "{said}");
}

#[test]
fn a_psqlrc_is_what_was_judged() {
    let (_server, mut swap, to) = started();
    swap.file("home/.psqlrc", "\\i b.sql\n\\set who `echo judged rc`\n", "select 'swapped rc';\n");
    let said = swap.runs_what_was_judged(&format!("psql {to}"), "select :'who';\n");
    assert!(said.contains("judged b\njudged rc"), "{said}");
    swap.file("work/rc", "select 'judged own';", "select 'swapped own'");
    swap.runs_what_was_judged(&format!("PSQLRC=rc psql {to} -c 'select 1'"), "");
    // Which of two counts is for psql's version to say.
    swap.file("home/.psqlrc-15", "select 'judged 15';", "select 'swapped 15';");
    swap.file("home/.psqlrc-16", "select 'judged 16';", "select 'swapped 16';");
    swap.file("home/.psqlrc-17", "select 'judged 17';", "select 'swapped 17';");
    swap.file("home/.psqlrc-18", "select 'judged 18';", "select 'swapped 18';");
    swap.runs_what_was_swapped(&format!("psql {to} -c 'select 1'"), "");
}

#[test]
fn what_a_script_may_have_written_is_read_as_it_is_then() {
    let (_server, mut swap, to) = started();
    let to = to.replace("shop_production", "postgres");
    swap.file("work/old.sql", "select 'stale';", "select 'swapped';");
    swap.runs_what_was_swapped(&format!("psql -X {to}"), "\\! true\n\\i old.sql\n");
    let mut new = Swap::new("psql");
    new.file("work/old.sql", "select 'stale';\n", "select 'stale';\n");
    for input in [
        "\\o old.sql\nselect 'select ''new'';';\n\\o\n\\i old.sql\n",
        "select 'select ''new'';' \\g old.sql\n\\i old.sql\n",
        "\\copy (select 'select ''new'';') to old.sql\n\\i old.sql\n",
        "\\! echo \"select 'new';\" > old.sql\n\\i old.sql\n",
    ] {
        // An agent may do that only where it may do anything.
        let output = new.guarded(&format!("psql -X {to}"), input);
        assert_eq!(out(&output).lines().last(), Some("new"), "{input}: {}", err(&output));
    }
}

#[test]
fn a_file_that_says_where_a_command_goes_is_read_again() {
    let (server, mut swap, to) = started();
    let host = server.socket().display().to_string();
    let service = |database: &str| {
        format!("[x]\nhost={host}\nport={}\nuser=postgres\ndbname={database}\n", server.port())
    };
    swap.file("home/.pg_service.conf", service("postgres"), service("shop_production"));
    drop(to);
    let output = swap.guarded("PGSERVICE=x psql -XAtc 'select current_database()'", "");
    assert_eq!(out(&output), "shop_production\n", "{}", err(&output));
}

#[test]
fn a_start_up_file_that_appears_is_read() {
    let (_server, swap, to) = started();
    swap.sandbox.write("home/.psqlrc.swapped", "select 'swapped';\n");
    let output = swap.guarded(&format!("psql {to} -c 'select 1'"), "");
    assert_eq!(out(&output), "swapped\n1\n", "{}", err(&output));
}
