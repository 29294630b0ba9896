//! The real sqlite3 as the oracle: what we call destroying takes rows away,
//! and behind its shim a database called production keeps them. Needs
//! Debian's sqlite3.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::path::Path;
use std::process::Command;

use holdpoint::action::Effect;
use holdpoint::actions::{Call, sqlite};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::table;
use holdpoint::world::real::RealWorld;
use sandbox::{Sandbox, err, out, run_with};

fn fill(path: &Path) {
    let _ = std::fs::remove_file(path);
    let sql =
        "create table t (id int); insert into t values (1),(2),(3),(4),(5),(6),(7),(8),(9),(10)";
    let output = Command::new("/usr/bin/sqlite3").arg(path).arg(sql).output().expect("sqlite3");
    assert!(output.status.success(), "{}", err(&output));
}

fn rows(path: &Path) -> usize {
    let output = Command::new("/usr/bin/sqlite3")
        .arg(path)
        .arg("select count(*) from t")
        .output()
        .expect("sqlite3 starts");
    out(&output).trim().parse().unwrap_or(0)
}

#[test]
fn what_takes_rows_away_is_what_we_call_destroying() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("a.db");
    std::fs::write(dir.path().join("drop.sql"), "select 1;\n.echo off\ndelete from t;\n")
        .expect("written");
    let file = path.to_str().expect("text");
    let mut taken = 0;
    for words in [
        &["delete from t"][..],
        &["drop table t"],
        &["delete from t where 1=1"],
        &["delete/**/from [t] where id = id"],
        &["select 'a\\'; delete from t; --'"],
        &["select 'a\\''; delete from t; --'"],
        &["select 1;", "drop table t"],
        &["-cmd", "delete from t", "select 1"],
        &[".read drop.sql"],
        &[".rea drop.sql"],
        &[".shell true", "delete from t"],
        &["begin; delete from t; rollback"],
        &["begin; delete from t; commit"],
        &["explain delete from t"],
        &["delete from t where id = 3"],
        &["delete from t where 0"],
        &["select \"delete from t\""],
        &["create trigger g after insert on t begin delete from t; end"],
        &["-bail", "update t set id = 1 where id = 2"],
        &[".tables"],
        &[".schema"],
        &["with x as (select 1) delete from t"],
        &["with x as (select 1) select * from x"],
    ] {
        fill(&path);
        let argv: Vec<&str> = ["sqlite3", file].iter().chain(words).copied().collect();
        let mut invocation = Invocation::new(argv.iter().copied());
        invocation.cwd = Some(dir.path().to_owned());
        let world = RealWorld::new();
        let tool = table::find("sqlite3").expect("rules");
        let context = Context { invocation: &invocation, world: &world };
        let reading = sqlite::read(&Call { tool, context, full: false });
        let destroys = reading.actions.iter().any(|action| action.effect == Effect::Destroy);
        run_with(Command::new("/usr/bin/sqlite3").args(&argv[1..]).current_dir(dir.path()), "");
        assert_eq!(rows(&path) < 9, destroys, "{words:?}");
        taken += usize::from(destroys);
    }
    assert!(taken > 8, "{taken}");
}

#[test]
fn an_agent_cannot_empty_a_production_file() {
    let sandbox = Sandbox::new();
    sandbox.shim("sqlite3");
    let production = sandbox.path("work/production.db");
    let local = sandbox.path("work/scratch.db");
    fill(&production);
    fill(&local);
    for words in [
        &["production.db", "drop table t"][..],
        &["-batch", "production.db", "DELETE/**/FROM t"],
        &["scratch.db", ".open production.db", "delete from t"],
        &["scratch.db", "attach 'production.db' as p; delete from p.t"],
        &["production.db", ".restore scratch.db"],
        &["scratch.db", ".backup production.db"],
        &["scratch.db", ".sh sqlite3 production.db 'drop table t'"],
    ] {
        let output = sandbox.agent("sqlite3", words).output().expect("it starts");
        assert_eq!(output.status.code(), Some(77), "{words:?}: {}{}", out(&output), err(&output));
        assert_eq!((rows(&production), rows(&local)), (10, 10), "{words:?}");
    }
    for script in
        ["delete from t;\n", ".mode csv\nselect 1;\ndrop table t;", "select 1\n/\ndelete from t"]
    {
        let output = run_with(&mut sandbox.agent("sqlite3", &["production.db"]), script);
        assert_eq!(output.status.code(), Some(77), "{script}: {}", err(&output));
        assert_eq!(rows(&production), 10, "{script}");
    }
    let script = "select count(*) from t;\ndelete from t where id = 1;\n";
    let output = run_with(&mut sandbox.agent("sqlite3", &["production.db"]), script);
    assert_eq!((out(&output).as_str(), err(&output).as_str()), ("10\n", ""));
    assert_eq!(rows(&production), 9);
    let output = run_with(&mut sandbox.agent("sqlite3", &["scratch.db", "delete from t"]), "");
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(rows(&local), 0);
}
