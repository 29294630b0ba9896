//! The trail and the policy as the built program writes, shows and obeys them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::sandbox::{Sandbox, err, out};

/// A sandbox whose psql says that it ran.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.tool("psql", "echo ran");
    sandbox
}

fn status(sandbox: &Sandbox, args: &[&str]) -> (Option<i32>, String, String) {
    let output = sandbox.holdpoint(args).output().unwrap();
    (output.status.code(), out(&output), err(&output))
}

const DROP: [&str; 4] = ["-h", "db.prod.acme.com", "-c", "drop table users"];

#[test]
fn a_refusal_is_recorded_shown_and_verified() {
    let sandbox = sandbox();
    let refused = sandbox.agent("psql", &DROP).env("PGPASSWORD", "Hunter2Zx9").output().unwrap();
    assert_eq!((refused.status.code(), out(&refused)), (Some(77), String::new()));
    assert!(!sandbox.trail().contains("Hunter2Zx9"));
    let (code, listed, _) = status(&sandbox, &["log"]);
    assert_eq!(code, Some(0));
    let fields: Vec<&str> = listed.split_whitespace().collect();
    assert_eq!((fields[2], fields[4], fields[5]), ("refused", "agent", "production"), "{listed}");
    let (code, story, _) = status(&sandbox, &["log", "show", fields[3]]);
    assert_eq!(code, Some(0));
    for part in ["'drop table users'", "env CLAUDECODE", "destroy on production", "policy builtin"]
    {
        assert!(story.contains(part), "{part}: {story}");
    }
    let (code, json, _) = status(&sandbox, &["log", "--json"]);
    assert_eq!((code, json.as_str()), (Some(0), sandbox.trail().as_str()));
    assert_eq!(status(&sandbox, &["log", "--since", "1h", "-n", "0"]).1, "");
    assert_eq!(status(&sandbox, &["log", "show", "zzzz"]).0, Some(1));
    assert_eq!(status(&sandbox, &["log", "verify"]).0, Some(0));
    let edited = sandbox.trail().replace("users", "nobody");
    sandbox.write("home/.local/state/holdpoint/audit.jsonl", &edited);
    let (code, said, _) = status(&sandbox, &["log", "verify"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("audit.jsonl:1: it was changed"), "{said}");
    fs::remove_file(sandbox.path("home/.local/state/holdpoint/audit.jsonl")).unwrap();
    fs::create_dir(sandbox.path("home/.local/state/holdpoint/audit.jsonl")).unwrap();
    assert_eq!(status(&sandbox, &["log", "verify"]).0, Some(2));
}

#[test]
fn a_trail_that_cannot_be_written_warns_once_and_stops_what_destroys_production() {
    let sandbox = sandbox();
    sandbox.write("home/.local/state/holdpoint", "no folder");
    let local = ["-h", "127.0.0.1", "-d", "dev", "-c", "drop table users"];
    let ran = sandbox.agent("psql", &local).output().unwrap();
    assert_eq!((ran.status.code(), out(&ran).as_str()), (Some(0), "ran\n"));
    assert_eq!(err(&ran).matches("audit trail could not be written").count(), 1, "{}", err(&ran));
    let read =
        sandbox.agent("psql", &["-h", "db.prod.acme.com", "-c", "select 1"]).output().unwrap();
    assert_eq!((out(&read).as_str(), err(&read).as_str()), ("ran\n", ""));
    let refused = sandbox.agent("psql", &DROP).output().unwrap();
    assert_eq!((refused.status.code(), out(&refused)), (Some(77), String::new()));
}

#[test]
fn files_decide_what_the_program_does() {
    let sandbox = sandbox();
    let drop = |host: &str| {
        let words = ["-h", host, "-c", "drop table users"];
        sandbox.agent("psql", &words).output().unwrap().status.code()
    };
    assert_eq!((drop("db1.acme.com"), drop("db-dev.acme.com")), (Some(77), Some(0)));
    sandbox.policy(
        "version = 1\n[[environment]]\nclass = 'development'\nhost = 'db1.*'\n\
         [[test]]\ncommand = 'psql -h db1.acme.com -c \"drop table t\"'\nverdict = 'allow'\n",
    );
    assert_eq!(drop("db1.acme.com"), Some(0));
    assert_eq!(status(&sandbox, &["policy", "test"]).0, Some(0));
    sandbox.write("work/.holdpoint.toml", "version = 1\n[[protect]]\nobject = 'users'\n");
    assert_eq!((drop("db1.acme.com"), drop("db-dev.acme.com")), (Some(77), Some(77)));
    sandbox.write(
        "work/.holdpoint.toml",
        "version = 1\n[[environment]]\nclass = 'production'\nhost = 'db1.*'\n",
    );
    assert_eq!((drop("db1.acme.com"), drop("db-dev.acme.com")), (Some(77), Some(0)));
    let (code, said, _) = status(&sandbox, &["policy", "test"]);
    assert_eq!(code, Some(1), "the project's file changes what the example expects: {said}");
    sandbox.write("work/.holdpoint.toml", "version = 1\nmoed = 'x'\n");
    assert_eq!(drop("db-dev.acme.com"), Some(77), "a file that cannot be used");
    let (code, said, _) = status(&sandbox, &["policy", "check"]);
    assert_eq!(code, Some(1));
    assert!(said.contains(".holdpoint.toml:2:1: unknown field `moed`"), "{said}");
}

#[test]
fn another_home_brings_no_kinder_policy() {
    let sandbox = sandbox();
    let kind = "version = 1\n[[environment]]\nclass = 'development'\nhost = 'db1.*'\n";
    sandbox.write("kind/.config/holdpoint/policy.toml", kind);
    let output = sandbox
        .agent("psql", &["-h", "db1.acme.com", "-c", "drop table users"])
        .env("HOME", sandbox.path("kind"))
        .env("XDG_CONFIG_HOME", sandbox.path("kind/.config"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(77));
    assert!(sandbox.trail().contains("\"policy\":\"builtin\""));
}

#[test]
fn a_users_file_that_anybody_may_write_is_not_believed() {
    let sandbox = sandbox();
    sandbox.policy("version = 1\n[[environment]]\nclass = 'development'\nhost = 'db1.*'\n");
    let path = sandbox.path("home/.config/holdpoint/policy.toml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let words = ["-h", "db1.acme.com", "-c", "drop table users"];
    let output = sandbox.agent("psql", &words).output().unwrap();
    assert_eq!(output.status.code(), Some(77));
    // The card wraps its lines.
    let said = err(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("others may write this file (mode 666)"), "{said}");
}

#[test]
fn init_asks_nothing_where_nobody_is() {
    let sandbox = sandbox();
    let (code, said, _) = status(&sandbox, &["policy", "init"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, _, said) = status(&sandbox, &["policy", "init"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("already there"), "{said}");
    let (code, _, _) = status(&sandbox, &["policy", "init", "--project"]);
    assert_eq!(code, Some(0));
    assert!(sandbox.path("work/.holdpoint.toml").exists());
    assert_eq!(status(&sandbox, &["policy", "check"]).0, Some(0));
    let (_, shown, _) = status(&sandbox, &["policy", "show"]);
    assert!(shown.contains("in force: balanced"), "{shown}");
}
