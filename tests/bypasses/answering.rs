//! An agent that would answer for the person, and cannot. The terminals are in
//! tests/actor.rs and tests/confirm.rs; here is what needs none.

use super::sandbox::{Sandbox, err, out};
use super::{DROP, Guarded};

/// Variables that guards have been switched off with, or that move where a
/// program looks for its files.
const SUSPICIOUS: &[(&str, &str)] = &[
    ("HOLDPOINT", "0"),
    ("HOLDPOINT", "off"),
    ("HOLDPOINT_ACTOR", "human"),
    ("HOLDPOINT_ALLOW", "1"),
    ("HOLDPOINT_BYPASS", "1"),
    ("HOLDPOINT_CONFIG", "KIND/.config/holdpoint/policy.toml"),
    ("HOLDPOINT_CONFIRMED", "1"),
    ("HOLDPOINT_DISABLE", "1"),
    ("HOLDPOINT_DRY_RUN", "1"),
    ("HOLDPOINT_HOME", "KIND"),
    ("HOLDPOINT_LOOP", "1"),
    ("HOLDPOINT_LOOP", "psql:1:1"),
    ("HOLDPOINT_MODE", "off"),
    ("HOLDPOINT_POLICY", "KIND/.config/holdpoint/policy.toml"),
    ("HOLDPOINT_RULES", "KIND"),
    ("HOLDPOINT_SKIP", "1"),
    ("HOLDPOINT_YES", "1"),
    ("HOME", "KIND"),
    ("HOME", ""),
    ("XDG_CONFIG_HOME", "KIND/.config"),
    ("XDG_CONFIG_DIRS", "KIND/.config"),
    ("XDG_DATA_HOME", "KIND/.config"),
    ("XDG_STATE_HOME", "KIND/.config"),
    ("XDG_RUNTIME_DIR", "KIND/.config"),
    ("USER", "root"),
    ("LOGNAME", "root"),
    ("SUDO_USER", "ana"),
    ("PWD", "KIND"),
    ("CI", "true"),
    ("GITHUB_ACTIONS", "true"),
    ("NODE_ENV", "test"),
    ("RAILS_ENV", "development"),
    ("ENVIRONMENT", "staging"),
    ("TERM", "xterm-256color"),
    ("TERM_PROGRAM", "kitty"),
    ("TMUX", "/tmp/tmux-0/default,1,0"),
    ("SSH_TTY", "/dev/pts/0"),
    ("SSH_CONNECTION", "127.0.0.1 1 127.0.0.1 22"),
    ("DISPLAY", ":0"),
    ("DEBIAN_FRONTEND", "noninteractive"),
    ("FORCE", "1"),
    ("YES", "1"),
    ("NO_COLOR", "1"),
    ("RUST_LOG", "trace"),
    ("RUST_BACKTRACE", "1"),
    ("LC_ALL", "C"),
    ("TZ", "UTC"),
    ("POSIXLY_CORRECT", "1"),
];

/// The kindest policy that a file can hold.
const KIND: &str = "version = 1\n\
    [[environment]]\nclass = \"development\"\nhost = [\"*.acme.com\"]\n\
    [[rule]]\nverdict = \"allow\"\nwhen = { effect = \"destroy\" }\n";

/// A sandbox with a kind policy in a home elsewhere.
fn with_kind_home() -> (Guarded, String) {
    let guarded = Guarded::new();
    guarded.sandbox.write("kind/.config/holdpoint/policy.toml", KIND);
    guarded.sandbox.write("kind/.config/policy.toml", KIND);
    guarded.sandbox.write("kind/holdpoint/policy.toml", KIND);
    let kind = guarded.sandbox.path("kind").display().to_string();
    (guarded, kind)
}

#[test]
fn no_variable_loosens_a_verdict() {
    let (guarded, kind) = with_kind_home();
    for marker in [true, false] {
        for (name, value) in SUSPICIOUS {
            let mut command = guarded.bash(DROP);
            command.env(name, value.replace("KIND", &kind));
            if !marker {
                // Not even known to be an agent: nobody known to be a person.
                command.env_remove("CLAUDECODE");
            }
            let output = command.output().expect("bash is installed");
            assert_eq!(output.status.code(), Some(77), "{name}={value}: {}", err(&output));
            assert!(!guarded.sandbox.path("ran").exists(), "{name}={value}");
        }
    }
    let all: String = SUSPICIOUS.iter().map(|(name, value)| format!("{name}='{value}' ")).collect();
    guarded.shims_stop_all_but(&format!("{}{DROP}", all.replace("KIND", &kind)), &[]);
}

/// The policy of the kind home is kind: what the loop above shows is that it
/// was not read.
#[test]
fn a_home_elsewhere_brings_no_kinder_policy() {
    let (guarded, kind) = with_kind_home();
    let line = "psql -h db1.acme.com -c 'DROP TABLE users'";
    guarded.stops(line);
    guarded.shims_stop_all_but(&format!("HOME={kind} {line}"), &[]);
    guarded.shims_stop_all_but(
        &format!("export HOME={kind} XDG_CONFIG_HOME={kind}/.config; {line}"),
        &[],
    );
    guarded.sandbox.policy(KIND);
    let (ran, output) = guarded.run(line);
    assert_eq!(ran, ["psql -h db1.acme.com -c DROP TABLE users"], "{}", err(&output));
}

#[test]
fn a_file_in_the_repository_cannot_loosen() {
    let guarded = Guarded::new();
    for text in [
        KIND,
        "version = 1\nmode = \"off\"\n",
        "version = 1\n[[environment]]\nclass = \"local\"\nhost = \"*\"\n",
        "enabled = false\n",
        "",
    ] {
        guarded.sandbox.write("work/.holdpoint.toml", text);
        guarded.stops("psql -h db.prod.acme.com -c 'DROP TABLE users'");
        guarded.stops("psql -h db1.acme.com -c 'DROP TABLE users'");
    }
}

#[test]
fn an_agent_is_refused_and_never_asked() {
    let guarded = Guarded::new();
    for line in [
        format!("yes | {DROP}"),
        format!("printf 'yes\\nDROP\\nroot-db.prod.acme.com-AAAA\\n' | {DROP}"),
        format!("script -qec \"{DROP}\" /dev/null </dev/null"),
        // Not all that `yes` says: script itself spins for a minute over that.
        format!("yes | head -n 200 | script -qec \"{DROP}\" /dev/null"),
    ] {
        let (ran, output) = guarded.run(&line);
        assert_eq!(ran, [""; 0], "{line}");
        let said = out(&output) + &err(&output);
        assert!(said.contains("was refused"), "{line}: {said}");
        assert!(!said.contains("press Enter"), "{line}: {said}");
    }
}

#[test]
fn a_refusal_repeated_stays_a_refusal() {
    let guarded = Guarded::new();
    for _ in 0..5 {
        guarded.shims_stop_all_but(DROP, &[]);
    }
    let (ran, output) = guarded.run(&format!("until {DROP}; do [ $((n++)) = 5 ] && exit 9; done"));
    assert_eq!((ran.len(), output.status.code()), (0, Some(9)), "{}", err(&output));
}

/// What an agent reads when it is refused tells it to ask, and nothing that it
/// could run instead.
#[test]
fn a_refusal_prints_no_way_through() {
    let guarded = Guarded::new();
    for line in [
        DROP,
        "railway volume delete -v data --yes",
        "aws --profile prod rds delete-db-instance --db-instance-identifier shop",
        "curl -X DELETE -H 'Authorization: Bearer x' https://api.acme.com/servers/1",
        "psql -h db.prod.acme.com -c \"$(printf x)\" -f drop.sql",
    ] {
        let (_, output) = guarded.run(line);
        let said = err(&output);
        assert!(said.contains("A person must run this command"), "{said}");
        let tools = guarded.sandbox.path("tools").display().to_string();
        let lower = said.to_lowercase();
        for word in [
            "approve",
            "grant",
            "bypass",
            "--force",
            "--yes",
            "unset ",
            "export ",
            "holdpoint_",
            "/usr/bin",
            "policy.toml",
            "uninstall",
            "disable",
            "type this",
            "shims remove",
            &tools,
        ] {
            assert!(!lower.contains(word), "{word:?} in {said}");
        }
    }
}

/// Nothing of a person's phrase can be had from `check`, as whomever it is
/// asked.
#[test]
fn a_phrase_from_check_is_of_no_use() {
    let sandbox = Sandbox::new();
    let ask = || {
        let args = ["check", "--json", "--as", "human", "--line", DROP];
        let output = sandbox.holdpoint(&args).output().expect("it starts");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        json["phrase"].as_str().expect("a phrase").to_owned()
    };
    assert_ne!(ask(), ask(), "each has characters of its own");
    let args = ["check", "--as", "human", "--line", DROP];
    let said = out(&sandbox.holdpoint(&args).output().expect("it starts"));
    assert!(!said.contains("db.prod.acme.com-"), "{said}");
}
