//! Data directories: what the server's own programs do to one in use and to
//! one that is not, and what we know of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use holdpoint::action::{Effect, Flag};
use holdpoint::actions::{self, Call, Reading};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::table;
use holdpoint::target::Kind;
use holdpoint::world::real::RealWorld;

use crate::server::{BIN, start};

/// One of the server's programs as the account that the directory belongs to.
fn run(words: &[&str]) -> Output {
    let mut command = match nix::unistd::geteuid().is_root() {
        true => Command::new("setpriv"),
        false => Command::new("env"),
    };
    if nix::unistd::geteuid().is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.args(words).current_dir("/").output().expect("it starts")
}

fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

fn reading(words: &[&str], vars: &[(&str, &str)]) -> Reading {
    let mut invocation = Invocation::new(words.iter().copied());
    for (name, value) in vars {
        invocation.env.push((name.into(), Some(value.into())));
    }
    let tool = table::find(words[0]).or_else(|| table::find_files(words[0])).expect("rules");
    let world = RealWorld::new();
    let context = Context { invocation: &invocation, world: &world };
    actions::read(&Call { tool, context, full: true })
}

/// Names of a kind in the evidence of the first action.
fn names(reading: &Reading, kind: Kind) -> Vec<String> {
    let evidence = reading.actions[0].target.evidence.iter();
    evidence.filter(|one| one.kind == kind).map(|one| one.value.clone()).collect()
}

#[test]
fn a_directory_in_use_is_known_and_its_programs_leave_it() {
    let server = start();
    let data = server.dir.join("pg/data");
    let data = data.to_str().expect("text");
    server.sql("postgres", "alter system set cluster_name = 'orders-prod'");
    let reset = ["pg_resetwal", "-f", "-D", data];
    let found = reading(&reset, &[]);
    assert_eq!(names(&found, Kind::Cluster), ["orders-prod"]);
    assert_eq!(names(&found, Kind::Port), [server.port.to_string()]);
    assert!(found.actions[0].flags.has(Flag::Irreversible));
    let by_variable = reading(&["pg_resetwal", "-f"], &[("PGDATA", data)]);
    assert_eq!(names(&by_variable, Kind::Cluster), ["orders-prod"]);
    let stop = reading(&["pg_ctl", "stop", "-D", data], &[]);
    assert_eq!(
        (stop.actions[0].effect, &*names(&stop, Kind::Cluster)[0]),
        (Effect::Disrupt, "orders-prod")
    );
    // The programs themselves: none of them touches what is in use or full.
    let output = run(&[&format!("{BIN}/pg_resetwal"), "-f", "-D", data]);
    assert!(
        !output.status.success() && said(&output).contains("postmaster.pid"),
        "{}",
        said(&output)
    );
    for words in [&["initdb", "-D", data][..], &["pg_ctl", "init", "-D", data]] {
        let program = format!("{BIN}/{}", words[0]);
        let output = run(&[&[program.as_str()], &words[1..]].concat());
        assert!(
            !output.status.success() && said(&output).contains("not empty"),
            "{}",
            said(&output)
        );
        assert_eq!(reading(words, &[]).actions[0].effect, Effect::Write);
    }
    assert_eq!(server.sql("postgres", "select 1"), "1");
    // Removing it, while the server runs and afterwards.
    let summary = || reading(&["rm", "-rf", data], &[]).actions[0].summary.clone();
    assert!(summary().contains("PostgreSQL server, on which its server runs"), "{}", summary());
    let output = run(&[&format!("{BIN}/pg_ctl"), "stop", "-w", "-m", "fast", "-D", data]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(
        !summary().contains("runs") && summary().contains("PostgreSQL server: "),
        "{}",
        summary()
    );
    let output = run(&[&format!("{BIN}/pg_resetwal"), "-f", "-D", data]);
    assert!(output.status.success() && said(&output).contains("reset"), "{}", said(&output));
    // What lies in it is its data, but for settings and logs.
    let mut beside = Vec::new();
    for entry in fs::read_dir(data).expect("a folder") {
        let name = entry.expect("an entry").file_name().into_string().expect("text");
        let path = format!("{data}/{name}");
        let found = reading(&["rm", "-rf", &path], &[]).actions.pop();
        match found {
            Some(action) => assert!(action.summary.contains("hold data of a PostgreSQL"), "{name}"),
            None => beside.push(name),
        }
    }
    beside.sort();
    beside.retain(|name| !["log", "logfile", "server.log"].contains(&name.as_str()));
    let settings = [
        "current_logfiles",
        "pg_hba.conf",
        "pg_ident.conf",
        "pg_stat_tmp",
        "postgresql.auto.conf",
        "postgresql.conf",
        "postmaster.opts",
    ];
    assert_eq!(beside, settings);
}

#[test]
fn a_cluster_of_debians_goes_with_everything_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let text = |path: &Path| path.to_str().expect("text").to_owned();
    for name in ["", "etc"] {
        use std::os::unix::fs::PermissionsExt;
        fs::create_dir_all(path(name)).expect("a folder");
        fs::set_permissions(path(name), fs::Permissions::from_mode(0o777)).expect("a mode");
    }
    let (etc, data) = (text(&path("etc")), text(&path("data")));
    let debian = |words: &[&str]| {
        let mut command = Command::new(words[0]);
        let output = command.args(&words[1..]).env("PG_CLUSTER_CONF_ROOT", &etc).current_dir("/");
        let output = output.output().expect("postgresql-common is installed");
        assert!(output.status.success(), "{words:?}: {}", said(&output));
    };
    let (socket, log) = (text(&path("socket")), text(&path("log")));
    debian(&["pg_createcluster", "-d", &data, "-s", &socket, "-l", &log, "15", "holdpoint-test"]);
    let drop = ["pg_dropcluster", "15", "holdpoint-test"];
    let found = reading(&drop, &[("PG_CLUSTER_CONF_ROOT", &etc)]);
    assert_eq!(found.actions[0].effect, Effect::Destroy);
    assert_eq!(names(&found, Kind::Path), [data.as_str()]);
    assert!(path("data/PG_VERSION").exists());
    debian(&drop);
    assert!(!path("data").exists());
}
