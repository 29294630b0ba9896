//! The shells of other databases: mongosh, duckdb, cqlsh, mycli and pgcli.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::mariadb_server::MariadbServer;
use crate::postgres_server::PostgresServer;
use crate::sandbox::{err, out};
use crate::{Swap, installed};

const DUCKDB: &str = "clients/lib/python3.11/site-packages/duckdb_cli/duckdb";

#[test]
fn a_script_of_mongosh_is_what_was_judged() {
    let mut swap = Swap::of("mongosh", &installed("mongosh/node_modules/.bin/mongosh"));
    for (name, judged) in [("work/a.js", "print('judged a')\n"), ("work/b.js", "print('judged b')")]
    {
        swap.file(name, judged, format!("print('swapped {name}')\n"));
    }
    for line in [
        "mongosh --nodb --norc --quiet --file=a.js b.js",
        "mongosh --norc --nodb --quiet -f b.js --file a.js",
    ] {
        let said = swap.runs_what_was_judged(line, "");
        assert!(said.contains("judged"), "{said}");
    }
    // As the first word, a copy's path would be an address: it becomes `--file`.
    let line = "mongosh --norc --quiet a.js";
    let said = out(&swap.guarded(line, ""));
    assert!(!said.contains("swapped"), "{said}");
    // What a script that asks for its own name does depends on it.
    swap.file("work/own.js", "print(__filename)\n", "print('swapped', __filename)\n");
    swap.runs_what_was_swapped("mongosh --nodb --norc --quiet own.js", "");
    // A file that another loads is opened again.
    swap.file("work/outer.js", "load('a.js')\n", "print('swapped outer')\n");
    let said = out(&swap.guarded("mongosh --nodb --norc --quiet outer.js", ""));
    assert_eq!(said, "swapped work/a.js\n");
}

#[test]
fn a_script_of_duckdb_is_what_was_judged() {
    let mut swap = Swap::of("duckdb", &installed(DUCKDB));
    for (name, judged) in [
        ("work/a.sql", ".read b.sql\nselect 'judged a';\n"),
        ("work/b.sql", "select 'judged b';\n"),
        ("work/c c.sql", ".print judged c\n.read \"b.sql\"\n"),
    ] {
        swap.file(name, judged, format!("select 'swapped {name}';\n"));
    }
    let duckdb = "duckdb -list -noheader";
    for (words, input) in [
        ("-f a.sql production.db", ""),
        ("-init a.sql production.db 'select 1'", ""),
        ("production.db '.read a.sql'", ""),
        ("-c \".read 'c c.sql'\" production.db", ""),
        ("production.db", ".read a.sql\n"),
    ] {
        let said = swap.runs_copies(&format!("{duckdb} {words}"), input);
        assert!(said.contains("judged b"), "{words}: {said}");
    }
    // What the script may have written is read as it is then.
    let mut new = Swap::of("duckdb", &installed(DUCKDB));
    new.file("work/old.sql", "select 'stale';\n", "select 'stale';\n");
    let input =
        "copy (select 'select ''new'';') to 'old.sql' (header false, quote '');\n.read old.sql\n";
    let output = new.guarded("duckdb -list -noheader dev.db", input);
    assert_eq!(out(&output), "new\n", "{}", err(&output));
    // A start-up file, too.
    let mut rc = Swap::of("duckdb", &installed(DUCKDB));
    rc.file("home/.duckdbrc", "select 'judged rc';\n", "select 'swapped rc';\n");
    let said = rc.runs_copies("duckdb -list -noheader production.db 'select 1'", "");
    assert!(said.contains("judged rc"), "{said}");
}

/// PyPI's duckdb is a launcher that closes every descriptor.
#[test]
fn a_launcher_reaches_the_copies() {
    let mut swap = Swap::of("duckdb", &installed("clients/bin/duckdb"));
    swap.file("work/a.sql", "select 'judged';\n", "select 'swapped';\n");
    let real = installed("clients/bin/duckdb");
    let tools = swap.sandbox.path("tools/duckdb");
    std::fs::remove_file(&tools).expect("removed");
    std::os::unix::fs::symlink(real, tools).expect("a link");
    let output = swap.guarded("duckdb -list -noheader -f a.sql dev.db", "");
    assert_eq!(out(&output), "judged\n", "{}", err(&output));
}

/// A stand-in for cqlsh, which reads no script before it has connected: it
/// shows what the real one would open.
#[test]
fn a_script_of_cqlsh_is_what_was_judged() {
    let swap = Swap::new("cqlsh");
    let shows = "for w; do case $p in -f|--file) cat \"$w\"; \
        sed -n \"s/^SOURCE '\\(.*\\)'.*/\\1/p\" \"$w\" | while read -r f; do cat \"$f\"; done;; esac; p=$w; done";
    swap.sandbox.tool("shows", shows);
    let mut swap = Swap::of("cqlsh", &swap.sandbox.path("tools/shows"));
    swap.file("work/a.cql", "SOURCE 'b.cql'\nSELECT judged FROM a;\n", "swapped a");
    swap.file("work/b.cql", "SELECT judged FROM b;\n", "swapped b");
    let said = out(&swap.guarded("cqlsh -f a.cql db.staging.acme.com", ""));
    assert!(said.contains("judged FROM a") && said.contains("judged FROM b"), "{said}");
    assert!(!said.contains("swapped"), "{said}");
    // The real one opens what it is handed.
    for (file, opens) in [("/dev/fd/9", true), ("/dev/fd/99", false)] {
        let line = format!(
            "exec 9<'{}'; exec '{}' -f {file} 127.0.0.1 1",
            swap.sandbox.path("work/a.cql").display(),
            installed("clients/bin/cqlsh").display()
        );
        let mut command = Command::new("/bin/sh");
        let output = command.args(["-c", &line]).stdin(Stdio::null()).output().expect("it runs");
        assert_eq!(!err(&output).contains("Can't open"), opens, "{}", err(&output));
    }
}

#[test]
fn scripts_of_mycli_and_pgcli_are_what_was_judged() {
    let server = MariadbServer::start();
    let mut swap = Swap::of("mycli", &installed("clis/bin/mycli"));
    swap.file("work/a.sql", "select 'judged a';\n", "select 'swapped a';\n");
    let line = format!("mycli -u root -S {} mysql --batch a.sql", server.socket().display());
    let said = out(&swap.guarded(&line, ""));
    assert!(said.contains("judged a") && !said.contains("swapped"), "{said}");
    let server = PostgresServer::start();
    let mut swap = Swap::of("pgcli", &installed("clis/bin/pgcli"));
    swap.file("work/a.sql", "select 'judged a';\n", "select 'swapped a';\n");
    let (host, port) = (server.socket(), server.port());
    let line = format!(
        "pgcli -h {} -p {port} -U postgres -d postgres -f a.sql",
        Path::new(&host).display()
    );
    let said = out(&swap.guarded(&line, ""));
    assert!(said.contains("judged a") && !said.contains("swapped"), "{said}");
}

/// Neither program is to be had here: a stand-in shows what it would read.
#[test]
fn scripts_of_sqlcmd_and_clickhouse_are_read_again() {
    for (tool, line) in [
        ("sqlcmd", "sqlcmd -S db.staging.acme.com -i a.sql"),
        ("clickhouse-client", "clickhouse-client -h db.staging.acme.com --queries-file a.sql"),
    ] {
        let swap = Swap::new(tool);
        swap.sandbox.tool("shows", "for w; do f=$w; done; cat \"$f\"");
        let mut swap = Swap::of(tool, &swap.sandbox.path("tools/shows"));
        swap.file("work/a.sql", "select 1;\n", "swapped\n");
        swap.runs_what_was_swapped(line, "");
    }
}
