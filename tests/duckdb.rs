//! The real DuckDB as the oracle: what we call destroying takes rows away,
//! and behind its shim a database called production keeps them. Needs PyPI's
//! duckdb-cli.

#[path = "support/installed.rs"]
mod installed;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::path::{Path, PathBuf};
use std::process::Command;

use holdpoint::action::{Effect, Flag};
use holdpoint::actions::{Call, duckdb};
use holdpoint::invocation::{Context, Invocation, Stdin};
use holdpoint::rules::table;
use holdpoint::world::real::RealWorld;
use installed::installed;
use sandbox::{Sandbox, err, out, run_with};

fn real() -> PathBuf {
    installed("clients/bin/duckdb")
}

fn duck(args: &[&str], dir: &Path, input: &str) -> String {
    let mut command = Command::new(real());
    let output = run_with(command.args(args).current_dir(dir), input);
    out(&output)
}

fn fill(dir: &Path) {
    let sql = "create or replace table t as select range as id from range(10)";
    duck(&["a.db", sql], dir, "");
}

fn rows(dir: &Path) -> usize {
    let words = ["-readonly", "-list", "-noheader", "a.db", "select count(*) from t"];
    duck(&words, dir, "").trim().parse().unwrap_or(0)
}

#[test]
fn what_takes_rows_away_is_what_we_call_destroying() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path();
    std::fs::write(dir.join("drop.sql"), "select 1;\ndelete from t;\n").expect("written");
    let mut taken = 0;
    for (words, input) in [
        (&["a.db", "delete from t"][..], ""),
        (&["-c", "drop table t", "a.db"], ""),
        (&["a.db", "-s", "select 1", "-c", "delete from t"], ""),
        (&["--cmd", "delete from t", "a.db", "select 1"], ""),
        (&["-f", "drop.sql", "a.db"], ""),
        (&["-init", "drop.sql", "a.db", "select 1"], ""),
        (&["a.db", ".rea drop.sql"], ""),
        (&["a.db", "select 'a\\'; delete from t; --'"], ""),
        (&["a.db", "select E'a\\'; delete from t; --'"], ""),
        (&["a.db", "select $$; delete from t; $$"], ""),
        (&["a.db", "select $x$; delete from t; $$ $x$"], ""),
        (&["a.db", "/* /* */ delete from t; */ select 1"], ""),
        (&["a.db", "select 1 -- ; delete from t"], ""),
        (&["a.db", "truncate t"], ""),
        (&["a.db", "with x as (select 1) delete from t"], ""),
        (&["a.db", "explain delete from t"], ""),
        (&["a.db", "explain analyze delete from t"], ""),
        (&["a.db", "prepare p as delete from t; execute p"], ""),
        (&["a.db", "begin; delete from t; rollback"], ""),
        (&["a.db", "begin; delete from t; commit"], ""),
        (&["-c", "attach 'a.db' as x; delete from x.t"], ""),
        (&["-c", "attach 'a.db'; use a; delete from t"], ""),
        (&["a.db", "delete from t where id = 3"], ""),
        (&["a.db", "delete from t where id = id or true"], ""),
        (&["a.db", "create or replace table t as select 1 as id"], ""),
        (&["a.db", "select \"id\" as \"delete from t\" from t"], ""),
        (&["a.db", ".tables"], ""),
        (&["a.db", "copy t to 'out.csv'"], ""),
        (&["a.db"], "delete from t;\n"),
        (&["a.db", "-c", "select 1"], "delete from t;\n"),
        (&["-cmd", "select 1", "a.db"], "delete from t;\n"),
    ] {
        fill(dir);
        let mut invocation = Invocation::new(["duckdb"].iter().chain(words).copied());
        invocation.cwd = Some(dir.to_owned());
        invocation.stdin = Stdin::Text(input.as_bytes().into());
        let world = RealWorld::new();
        let tool = table::find("duckdb").expect("rules");
        let context = Context { invocation: &invocation, world: &world };
        let actions = duckdb::read(&Call { tool, context, full: false }).actions;
        let destroys = actions.iter().any(|action| action.effect == Effect::Destroy);
        assert!(!actions.iter().any(|it| it.flags.has(Flag::Opaque)), "{words:?}: {actions:?}");
        duck(words, dir, input);
        assert_eq!(rows(dir) < 9, destroys, "{words:?} {input}");
        taken += usize::from(destroys);
    }
    assert!(taken > 15, "{taken}");
}

#[test]
fn an_agent_cannot_empty_a_production_file() {
    let sandbox = Sandbox::new();
    sandbox.shim("duckdb");
    sandbox.tool("duckdb", &format!("exec '{}' \"$@\"", real().display()));
    let dir = sandbox.path("work");
    fill(&dir);
    std::fs::rename(dir.join("a.db"), dir.join("production.db")).expect("renamed");
    let count = || {
        let words = ["-readonly", "-list", "-noheader", "production.db", "select count(*) from t"];
        duck(&words, &dir, "").trim().to_owned()
    };
    for words in [
        &["production.db", "drop table t"][..],
        &["-c", "attach 'production.db' as p; delete from p.t"],
        &["-c", "attach 'production.db' as p; use p; delete from t"],
        &["scratch.db", ".open production.db", "delete from t"],
        &["scratch.db", ".sh duckdb production.db 'drop table t'"],
    ] {
        let output = sandbox.agent("duckdb", words).output().expect("it starts");
        assert_eq!(output.status.code(), Some(77), "{words:?}: {}{}", out(&output), err(&output));
        assert_eq!(count(), "10", "{words:?}");
    }
    let output = run_with(&mut sandbox.agent("duckdb", &["production.db"]), "delete from t;");
    assert_eq!(output.status.code(), Some(77), "{}", err(&output));
    // What is attached beside it for reading stops nothing.
    let sql = "attach 'production.db' as p (read_only); create table t as from p.t; drop table t";
    let output = run_with(&mut sandbox.agent("duckdb", &["-c", sql]), "");
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(count(), "10");
}
