//! What gets through, shown to get through: the honest limits. Where a hook
//! that reads the line before the shell does would still see it, `check
//! --line` refuses the line.

#[path = "../support/http_server.rs"]
mod http_server;

use super::sandbox::{err, out};
use super::{ALLOW, DROP, Guarded, REFUSE};

const RAN: &[&str] = &["psql -h db.prod.acme.com -c DROP TABLE users"];

/// The words behind `psql`.
const WORDS: &str = "-h db.prod.acme.com -c 'DROP TABLE users'";

/// A real program behind every shim, by what it says.
#[track_caller]
fn reaches_the_system(guarded: &Guarded, line: &str) {
    let (ran, output) = guarded.run(line);
    assert_eq!(ran, [""; 0], "{line}");
    assert!(out(&output).starts_with("curl "), "{line}: {}{}", out(&output), err(&output));
}

#[test]
fn an_absolute_path_gets_past_the_shims() {
    let guarded = Guarded::new();
    let tools = guarded.sandbox.path("tools").display().to_string();
    guarded.gets_past_the_shims(&format!("{tools}/psql {WORDS}"), RAN, REFUSE);
    guarded.gets_past_the_shims(&format!("cd {tools} && ./psql {WORDS}"), RAN, REFUSE);
}

#[test]
fn command_p_gets_past_the_shims() {
    let guarded = Guarded::new();
    reaches_the_system(&guarded, "command -p curl --version");
    assert_eq!(guarded.check(&format!("command -p {DROP}")), REFUSE);
}

#[test]
fn an_emptied_environment_gets_past_the_shims() {
    let guarded = Guarded::new();
    reaches_the_system(&guarded, "env -i curl --version");
    assert_eq!(guarded.check(&format!("env -i {DROP}")), REFUSE);
}

#[test]
fn another_path_gets_past_the_shims() {
    let guarded = Guarded::new();
    let tools = guarded.sandbox.path("tools").display().to_string();
    guarded.gets_past_the_shims(&format!("PATH={tools}:$PATH {DROP}"), RAN, REFUSE);
    guarded.gets_past_the_shims(&format!("export PATH={tools}:$PATH; {DROP}"), RAN, REFUSE);
    guarded.gets_past_the_shims(&format!("hash -p {tools}/psql psql; {DROP}"), RAN, REFUSE);
    let function = format!("psql() {{ {tools}/psql \"$@\"; }}; {DROP}");
    guarded.gets_past_the_shims(&function, RAN, REFUSE);
}

#[test]
fn a_login_shell_with_a_path_of_its_own_gets_past_the_shims() {
    let guarded = Guarded::new();
    let tools = guarded.sandbox.path("tools").display().to_string();
    guarded.sandbox.write("home/.bash_profile", &format!("PATH={tools}:/usr/bin:/bin\n"));
    guarded.gets_past_the_shims(&format!("bash -lc \"{DROP}\""), RAN, REFUSE);
}

#[test]
fn sudo_with_a_path_of_its_own_gets_past_the_shims() {
    let guarded = Guarded::new();
    reaches_the_system(&guarded, "sudo -n curl --version");
    assert_eq!(guarded.check(&format!("sudo -n {DROP}")), REFUSE);
}

/// npx, npm, venv and bundle put a folder of their own in front of PATH.
#[test]
fn a_launchers_own_folder_gets_past_the_shims() {
    let guarded = Guarded::new();
    let line = format!(
        "mkdir -p node_modules/.bin; cp ../tools/psql node_modules/.bin; \
         PATH=$PWD/node_modules/.bin:$PATH {DROP}; rm -r node_modules"
    );
    guarded.gets_past_the_shims(&line, RAN, REFUSE);
}

#[test]
fn a_copied_binary_is_seen_by_nobody() {
    let guarded = Guarded::new();
    let line = format!("cp ../tools/psql mine; ./mine {WORDS}");
    guarded.gets_past_the_shims(&line, RAN, ALLOW);
}

#[test]
fn an_sdk_is_seen_by_nobody() {
    let guarded = Guarded::new();
    let server = http_server::Server::start();
    let line = format!(
        "python3 -c 'import urllib.request as r; \
         r.urlopen(r.Request(\"http://{}/volumes/1\", method=\"DELETE\"))'",
        server.address()
    );
    guarded.gets_past_the_shims(&line, &[], ALLOW);
    assert!(server.take().iter().any(|request| request.method == "DELETE"));
}

/// What says nothing of a tool in words of its own is not read.
#[test]
fn tools_that_no_rule_covers_are_not_read() {
    let guarded = Guarded::new();
    for line in ["julia tidy.jl", &format!("acme-run --task \"{DROP}\"")] {
        assert_eq!(guarded.check(line), ALLOW, "{line}");
    }
}

/// The same user may remove what the same user installed: no shim stands in
/// front of rm. Whoever reads the line first sees what it is about.
#[test]
fn whoever_removes_the_shims_is_past_them() {
    let guarded = Guarded::new();
    guarded.sandbox.write("shims/.holdpoint-shims", "");
    guarded.sandbox.policy("version = 1\n");
    let shims = guarded.sandbox.shims().display().to_string();
    guarded.stops(DROP);
    let trail = guarded.sandbox.home().join(".local/state/holdpoint/audit.jsonl");
    guarded.gets_past_the_shims(&format!(": > {}", trail.display()), &[], REFUSE);
    guarded.gets_past_the_shims("rm ~/.config/holdpoint/policy.toml", &[], REFUSE);
    guarded.gets_past_the_shims(&format!("cd / && rm {shims}/psql"), &[], REFUSE);
    guarded.gets_past_the_shims(DROP, RAN, REFUSE);
    // A program that removes files itself is seen by nobody.
    let python = format!("python3 -c 'import os; os.remove(\"{shims}/aws\")'");
    guarded.gets_past_the_shims(&python, &[], ALLOW);
}

/// The user's own policy is the user's, whoever writes it as the user. It does
/// not reach below the floor, but it says what is production.
#[test]
fn a_user_policy_that_calls_production_development_is_believed() {
    let guarded = Guarded::new();
    guarded
        .sandbox
        .policy("version = 1\n[[rule]]\nverdict = \"allow\"\nwhen = { effect = \"destroy\" }\n");
    guarded.stops(DROP);
    guarded.sandbox.policy(
        "version = 1\n[[environment]]\nclass = \"development\"\nids = [\"db.prod.acme.com\"]\n",
    );
    guarded.gets_past_the_shims(DROP, RAN, ALLOW);
}

/// Names are believed: nothing is asked of the network.
#[test]
fn a_misleading_name_is_believed() {
    let guarded = Guarded::new();
    for to in ["-h dev-replica.acme.com", "service=shop-dev"] {
        guarded.sandbox.write("home/.pg_service.conf", "[shop-dev]\nhost=10.0.0.4\n");
        assert_eq!(guarded.check(&format!("psql {to} -c 'DROP TABLE users'")), ALLOW, "{to}");
    }
}

/// Only constants, and what every key is, are taken for true; what else the
/// rows hold is not known.
#[test]
fn a_condition_that_every_row_meets_is_believed() {
    let guarded = Guarded::new();
    for sql in ["DELETE FROM users WHERE age >= 0", "DELETE FROM users WHERE name IS NOT NULL"] {
        assert_eq!(guarded.check(&format!("psql -h db.prod.acme.com -c '{sql}'")), ALLOW, "{sql}");
    }
}

/// What a function of the database does is not in the text.
#[test]
fn a_function_that_destroys_is_called_unread() {
    let guarded = Guarded::new();
    let line = "psql -h db.prod.acme.com -c 'select purge_everything()'";
    guarded.gets_past_the_shims(
        line,
        &["psql -h db.prod.acme.com -c select purge_everything()"],
        ALLOW,
    );
}
