//! Programs that run scripts of package.json, several lines at once or a file
//! that a word names, against the programs themselves: the tables that really
//! would have been dropped are those that holdpoint finds in the line. Needs
//! node, npm, python3, ruby and perl, and what ./tests/run puts into
//! `task-runners` of the tests' cache.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/installed.rs"]
mod installed;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/wait.rs"]
mod wait;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::world::fake::FakeWorld;
use sandbox::Sandbox;

const PACKAGE: &str = r#"{
  "name": "shop", "private": true,
  "scripts": {
    "one": "psql -c 'drop table one'",
    "preone": "psql -c 'drop table before'",
    "db:a": "psql -c 'drop table a'",
    "db:b": "psql -c 'drop table b'",
    "db:c:d": "psql -c 'drop table d'",
    "say": "psql -c",
    "build": "true"
  }
}"#;

const FILES: &[(&str, &str)] = &[
    ("package.json", PACKAGE),
    ("x.sh", "psql -c 'drop table sh'\n"),
    ("bin/wipe", "#!/bin/sh\npsql -c 'drop table own'\n"),
    ("x.py", "import os\nos.system(\"psql -c 'drop table py'\")\n"),
    (
        "x.js",
        "require('child_process').execSync(\"psql -c 'drop table js'\", { stdio: 'ignore' })\n",
    ),
    ("x.rb", "system(\"psql -c 'drop table rb'\")\n"),
    ("x.pl", "system(\"psql -c 'drop table pl'\");\n"),
    ("web/package.json", r#"{"main": "main.js"}"#),
    (
        "web/main.js",
        "require('child_process').execSync(\"psql -c 'drop table web'\", { stdio: 'ignore' })\n",
    ),
];

fn installed() -> PathBuf {
    installed::installed("task-runners/node_modules/.bin")
}

/// A folder with the files, and a psql that writes down the table that each
/// statement would drop.
fn project() -> Sandbox {
    let sandbox = Sandbox::new();
    for (name, text) in FILES {
        sandbox.write(&format!("work/{name}"), text);
    }
    let bin = sandbox.path("work/bin/wipe");
    fs::set_permissions(bin, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("a mode");
    let log = sandbox.path("log");
    sandbox.tool("psql", &format!("echo \"${{2##* }}\" >> '{}'", log.display()));
    sandbox
}

fn start(sandbox: &Sandbox, line: &str) -> Child {
    let path = format!(
        "{}:{}:{}",
        sandbox.path("tools").display(),
        installed().display(),
        std::env::var("PATH").expect("a PATH"),
    );
    let mut command = Command::new("setsid");
    command.args(["bash", "-c", line]).current_dir(sandbox.path("work")).env("PATH", path);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("bash starts")
}

fn dropped(sandbox: &Sandbox) -> BTreeSet<String> {
    let log = fs::read_to_string(sandbox.path("log")).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

/// The tables that holdpoint says would be dropped.
fn found(line: &str) -> BTreeSet<String> {
    let world = FakeWorld::new().with_var("PGHOST", "db.prod.acme.com");
    let mut world = world.with_var("PATH", "/usr/bin:/bin");
    for (name, text) in FILES {
        world = world.with_file(&format!("/app/{name}"), text);
    }
    let options = Options { actor: Some(ActorKind::Agent), full: false };
    let subject = Subject::Line(line, &Invocation::default());
    let judgement = pipeline::judge(subject, &world, options).judgement;
    let tables = judgement.actions.iter().filter_map(|judged| judged.action.object.as_deref());
    tables.map(|table| table.rsplit(' ').next().unwrap_or(table).to_owned()).collect()
}

/// Each line, with how many tables it drops.
#[track_caller]
fn compare(lines: &[(&str, usize)]) {
    let mut failures = Vec::new();
    for batch in lines.chunks(4) {
        let mut running: Vec<(&str, usize, Sandbox, Child)> = Vec::new();
        for (line, count) in batch {
            let sandbox = project();
            let child = start(&sandbox, line);
            running.push((line, *count, sandbox, child));
        }
        for (line, count, sandbox, mut child) in running {
            child.wait().expect("it ends");
            let (ran, read) = (dropped(&sandbox), found(line));
            if ran.len() != count || ran != read {
                failures.push(format!("{line}\n  dropped {ran:?}\n  read {read:?}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn concurrently_runs_the_lines_that_are_read() {
    compare(&[
        ("concurrently \"psql -c 'drop table z'\" npm:one", 3),
        ("concurrently 'npm:db:*'", 3),
        ("concurrently -g -n x,y 'npm run db:*' true", 3),
        ("concurrently 'npm:db:*(!c)'", 2),
        ("concurrently --names a -- \"psql -c 'drop table z'\" \"psql -c 'drop table y'\"", 2),
        ("concurrently -P \"psql -c {1}\" -- 'drop table z'", 1),
        ("concurrently --teardown \"psql -c 'drop table z'\" true", 1),
        ("concurrently -c red \"echo psql -c 'drop table z'\"", 0),
    ]);
}

#[test]
fn npm_run_all_runs_the_scripts_that_are_read() {
    compare(&[
        ("run-s build one", 2),
        ("run-s 'db:*'", 2),
        ("run-p -l 'db:**'", 3),
        ("npm-run-all build -p db:a db:b -s one", 4),
        ("run-p --max-parallel 2 db:a", 1),
        ("run-s 'say -- {1}' -- 'drop table z'", 1),
        ("run-s build", 0),
    ]);
}

#[test]
fn nodemon_starts_the_command_that_is_read() {
    for (line, table) in [
        ("nodemon x.js", "js"),
        ("nodemon x", "js"),
        ("nodemon -w bin -e js,json --exec 'psql -c' -- 'drop table z'", "z"),
        ("nodemon -x \"psql -c 'drop table z'\"", "z"),
        ("nodemon --exec 'bash -x' x.sh", "sh"),
        ("nodemon -q x.py", "py"),
        ("nodemon --cwd web", "web"),
    ] {
        let sandbox = project();
        let mut child = start(&sandbox, line);
        let ran = wait::until(|| !dropped(&sandbox).is_empty());
        let group = format!("-{}", child.id());
        Command::new("kill").args(["-KILL", "--", &group]).status().expect("kill");
        child.wait().expect("it ends");
        assert!(ran, "{line} runs nothing");
        assert_eq!(dropped(&sandbox), BTreeSet::from([table.to_owned()]), "{line}");
        assert_eq!(found(line), BTreeSet::from([table.to_owned()]), "{line}");
    }
}

#[test]
fn code_of_a_line_loads_the_files_that_are_read() {
    compare(&[
        ("python3 -c \"exec(open('x.py').read())\"", 1),
        ("python3 -c \"exec(compile(open('x.py').read(), 'x.py', 'exec'))\"", 1),
        ("python3 -c \"import runpy; runpy.run_path('x.py')\"", 1),
        ("python3 -c \"import runpy; runpy.run_module('x')\"", 1),
        ("python3 -c \"print(open('x.py').read())\"", 0),
        ("node -e \"require('./x')\"", 1),
        ("node -e \"import('./x.js')\"", 1),
        ("node --input-type=module -e \"import './x.js'\"", 1),
        ("node -e \"require('./web')\"", 1),
        ("node web", 1),
        ("node -r ./x.js -e 1", 1),
        ("node --import ./x.js -e 1", 1),
        ("node -e \"require('fs').readFileSync('./x.js')\"", 0),
        ("ruby -e 'load \"x.rb\"'", 1),
        ("ruby -e 'require \"./x\"'", 1),
        ("perl -e 'do \"./x.pl\"'", 1),
        ("perl -e 'require \"./x.pl\"'", 1),
    ]);
}

#[test]
fn a_script_is_found_by_a_path_of_the_lines_own() {
    compare(&[
        ("PATH=$PWD/bin:$PATH wipe", 1),
        ("export PATH=\"$PWD/bin:$PATH\"; wipe", 1),
        ("PATH=bin:$PATH; wipe", 1),
        ("env PATH=$PWD/bin:$PATH wipe", 1),
        ("PATH=./bin:$PATH bash -c wipe", 1),
        ("PATH=$PWD/web:$PATH true", 0),
    ]);
}
