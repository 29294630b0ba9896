//! Guards that said "blocked" and let it run, or broke what they let run: what
//! is said here is what happens.

use super::sandbox::{err, out};
use super::{DROP, Guarded};

#[test]
fn a_refusal_has_its_status_and_stops_what_depends_on_it() {
    let guarded = Guarded::new();
    let (ran, output) = guarded.run(&format!("{DROP} && aws s3 ls"));
    assert_eq!((ran.len(), output.status.code()), (0, Some(77)));
    assert_eq!(out(&output), "");
    let (ran, output) = guarded.run(&format!("set -e; {DROP}; aws s3 ls"));
    assert_eq!((ran.len(), output.status.code()), (0, Some(77)));
    let (ran, output) = guarded.run(&format!("{DROP} | cat; echo ${{PIPESTATUS[0]}}"));
    assert_eq!((ran.len(), out(&output).as_str()), (0, "77\n"));
}

#[test]
fn without_a_terminal_nothing_proceeds() {
    let guarded = Guarded::new();
    for line in [
        format!("setsid -w {DROP}"),
        format!("setsid -w {DROP} </dev/null 2>err; status=$?; cat err >&2; exit $status"),
        format!("nohup {DROP}"),
    ] {
        let output = guarded.bash(&line).env_remove("CLAUDECODE").output().expect("bash");
        assert_eq!(output.status.code(), Some(77), "{line}: {}", err(&output));
        assert!(!guarded.sandbox.path("ran").exists(), "{line}");
    }
}

#[test]
fn a_policy_that_does_not_parse_is_not_no_policy() {
    let guarded = Guarded::new();
    let strict = "version = 1\nmode = \"strict\"\n";
    let write = "psql -h db.prod.acme.com -c 'update users set name = 1 where id = 2'";
    guarded.passes(write, &["psql -h db.prod.acme.com -c update users set name = 1 where id = 2"]);
    guarded.sandbox.policy(strict);
    guarded.stops(write);
    for broken in ["version = 1\nmode = \"strct\"\n", "version = 1\nmode = \"strict\n", "\u{0}"] {
        guarded.sandbox.policy(broken);
        guarded.stops(DROP);
        let (ran, output) = guarded.run(write);
        assert_eq!(ran, [""; 0], "{broken:?}: {}", err(&output));
        assert!(err(&output).contains("policy.toml"), "it says which file: {}", err(&output));
    }
}

#[test]
fn an_odd_environment_is_no_way_around() {
    let guarded = Guarded::new();
    for line in [
        format!("unset HOME USER TERM LC_ALL; {DROP}"),
        format!("mkdir gone; cd gone; rmdir ../gone; {DROP}"),
        format!("exec 3>&1 0<&-; {DROP}"),
        format!("ulimit -n 4; {DROP}"),
        format!("umask 777; {DROP}"),
        format!("trap '' HUP INT TERM PIPE; {DROP}"),
        format!("LD_LIBRARY_PATH=/nowhere {DROP}"),
        "exec -a aws psql -h db.prod.acme.com -c 'DROP TABLE users'".to_owned(),
    ] {
        let (ran, output) = guarded.run(&line);
        assert_eq!(ran, [""; 0], "{line}: {}", err(&output));
        assert_ne!(output.status.code(), Some(0), "{line}");
    }
    let (ran, _) = guarded.run(&format!("{DROP} 0<&- 1>&- 2>&-"));
    assert_eq!(ran, [""; 0]);
}

/// A trail that cannot be written stops what destroys production and nothing
/// that is harmless.
#[test]
fn a_trail_that_cannot_be_written_stops_what_destroys_only() {
    let guarded = Guarded::new();
    guarded.sandbox.write("home/.local/state", "a file in the place of the folder");
    guarded.stops(DROP);
    guarded.passes(
        "psql -h db.prod.acme.com -c 'select 1'",
        &["psql -h db.prod.acme.com -c select 1"],
    );
    let line = "psql -h localhost -c 'DROP TABLE users'";
    let (ran, output) = guarded.run(line);
    assert_eq!(ran, ["psql -h localhost -c DROP TABLE users"], "{}", err(&output));
    assert_eq!(err(&output).matches("could not be written").count(), 1, "{}", err(&output));
}

#[test]
fn no_secret_reaches_the_log_or_the_card() {
    let guarded = Guarded::new();
    let secrets = ["hunter2-hunter2", "s3cr3t-t0ken-0123456789", "p4ssw0rd-in-url"];
    for line in [
        "PGPASSWORD=hunter2-hunter2 psql -h db.prod.acme.com -c 'DROP TABLE users'",
        "curl -X DELETE -H 'Authorization: Bearer s3cr3t-t0ken-0123456789' https://api.acme.com/a/1",
        "psql postgres://shop:p4ssw0rd-in-url@db.prod.acme.com/shop -c 'DROP TABLE users'",
        "curl -u admin:hunter2-hunter2 -X DELETE https://api.acme.com/a/1",
    ] {
        let (_, output) = guarded.run(line);
        assert_eq!(output.status.code(), Some(77), "{line}");
        for secret in secrets {
            assert!(!err(&output).contains(secret), "{line}: {}", err(&output));
        }
    }
    let trail = guarded.sandbox.trail();
    assert_eq!(trail.lines().count(), 4, "{trail}");
    for secret in secrets {
        assert!(!trail.contains(secret), "{secret} in {trail}");
    }
}
