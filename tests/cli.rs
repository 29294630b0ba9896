//! holdpoint's own command line as programs and people meet it: the JSON and
//! the exit statuses are a public interface, and the texts are what was read
//! and found good.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "cli/json.rs"]
mod json;
#[path = "cli/rules.rs"]
mod rules;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use sandbox::{Sandbox, err, out, run_with};
use serde_json::{Value as Json, json};

const DROP: [&str; 9] =
    ["psql", "-h", "db.prod.acme.com", "-U", "app", "-d", "shop", "-c", "DROP TABLE users"];
const INCIDENT: [&str; 9] = [
    "curl",
    "-X",
    "POST",
    "https://backboard.railway.app/graphql/v2",
    "-H",
    "Authorization: Bearer 1f0c0000-0000-4000-8000-000000000000",
    "-d",
    r#"{"query":"mutation { volumeDelete(volumeId: \"3d2c42fb\") }"}"#,
    "-sS",
];

fn holdpoint(sandbox: &Sandbox, args: &[&str]) -> Output {
    sandbox.holdpoint(args).output().expect("it starts")
}

/// `check` with these options on a command.
fn check(options: &[&str], command: &[&str]) -> Output {
    let sandbox = Sandbox::new();
    let args: Vec<&str> =
        [&["check"], options, &["--"], command].into_iter().flatten().copied().collect();
    holdpoint(&sandbox, &args)
}

fn check_json(options: &[&str], command: &[&str]) -> Json {
    let options: Vec<&str> = options.iter().chain(&["--json"]).copied().collect();
    let output = check(&options, command);
    let text = out(&output);
    assert_eq!(text.lines().count(), 1, "one object on one line: {text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}{}", err(&output)))
}

fn status(output: &Output) -> i32 {
    output.status.code().expect("it exits")
}

/// A text in which ids that differ from run to run are blanked.
fn steady(text: &str) -> String {
    let lines = text.lines().map(|line| match line.strip_prefix("Request  ") {
        Some(id) => {
            assert_eq!(id.len(), 14, "{id}");
            "Request  XXXX-XXXX-XXXX"
        }
        None => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_exit_status_of_check_is_the_verdict() {
    assert_eq!(status(&check(&[], &["true"])), 0);
    assert_eq!(status(&check(&["--as", "human"], &DROP)), 3);
    assert_eq!(status(&check(&["--as", "agent"], &DROP)), 4);
    assert_eq!(status(&check(&["--as", "ci"], &DROP)), 4);
    // Without --as it is whoever really asks: here nobody known.
    assert_eq!(status(&check(&[], &DROP)), 4);
    assert_eq!(check_json(&[], &DROP)["actor"], "unknown");
}

#[test]
fn usage_errors_exit_with_2_and_say_nothing_on_stdout() {
    let sandbox = Sandbox::new();
    for args in [
        &["check"][..],
        &["check", "--json"],
        &["check", "--as", "nobody", "--", "ls"],
        &["check", "--line", "ls", "--", "ls"],
        &["check", "--line"],
        &["check", "--no-such-option", "--", "ls"],
        &["exec"],
        &["exec", "--as", "human", "--", "ls"],
        &["exec", "--force", "ls"],
        &["where"],
        &["no-such-command"],
        &["rules"],
        &["completions", "tcsh-not"],
        &["--no-such-option"],
        &[],
    ] {
        let output = holdpoint(&sandbox, args);
        assert_eq!(status(&output), 2, "{args:?}: {}", err(&output));
        assert_eq!(out(&output), "", "{args:?}");
        assert_ne!(err(&output), "", "{args:?}");
    }
}

#[test]
fn the_commands_standard_input_is_checks() {
    let sandbox = Sandbox::new();
    let args = ["check", "--as", "agent", "--", "psql", "-h", "db.prod.acme.com"];
    let judge = |args: &[&str], input: &str| status(&run_with(&mut sandbox.holdpoint(args), input));
    assert_eq!(judge(&args, "DROP TABLE users;"), 4);
    assert_eq!(judge(&args, "select 1;"), 0);
    assert_eq!(judge(&args, ""), 0);
    let line = ["check", "--as", "agent", "--line", "cat | psql -h db.prod.acme.com"];
    assert_eq!(judge(&line, "DROP TABLE users;"), 4);
    assert_eq!(judge(&line, "select 1;"), 0);
    let none = ["check", "--as", "agent", "--line", "psql -h db.prod.acme.com <<< 'select 1'"];
    assert_eq!(judge(&none, "DROP TABLE users;"), 0);
    // What is not for the command is left alone.
    let other =
        ["check", "--as", "agent", "--", "psql", "-h", "db.prod.acme.com", "-c", "select 1"];
    assert_eq!(judge(&other, "DROP TABLE users;"), 0);
}

#[test]
fn exec_runs_what_may_run_as_it_is() {
    let sandbox = Sandbox::new();
    sandbox.tool("psql", "cat; echo \"$0 $*\"; exit 9");
    let output = run_with(
        &mut sandbox.holdpoint(&["exec", "--", "psql", "-h", "db.prod.acme.com", "-c", "select 1"]),
        "input\n",
    );
    let expected = format!(
        "input\n{}/psql -h db.prod.acme.com -c select 1\n",
        sandbox.path("tools").display()
    );
    assert_eq!((status(&output), out(&output), err(&output)), (9, expected, String::new()));
    // Also through a shell and a wrapper, and what no rule covers.
    let output = holdpoint(&sandbox, &["exec", "--", "sh", "-c", "echo \"$@\"", "_", "a  b"]);
    assert_eq!((status(&output), out(&output).as_str()), (0, "a  b\n"));
}

#[test]
fn exec_stops_with_77_and_nothing_on_stdout() {
    let sandbox = Sandbox::new();
    sandbox.tool("psql", "echo ran");
    for words in [
        DROP.to_vec(),
        vec!["env", "A=b", "psql", "-h", "db.prod.acme.com", "-c", "DROP TABLE users"],
        vec!["bash", "-c", "psql -h db.prod.acme.com -c 'DROP TABLE users'"],
        vec!["nice", "psql", "-h", "db.prod.acme.com", "-c", "TRUNCATE users"],
    ] {
        let args: Vec<&str> = ["exec", "--"].into_iter().chain(words.iter().copied()).collect();
        let output = holdpoint(&sandbox, &args);
        assert_eq!((status(&output), out(&output).as_str()), (77, ""), "{words:?}");
        assert!(err(&output).starts_with("holdpoint: "), "{}", err(&output));
        assert!(err(&output).contains("was refused. Nothing was run."), "{}", err(&output));
    }
}

#[test]
fn exec_of_what_is_not_there_is_127_and_of_what_cannot_run_126() {
    let sandbox = Sandbox::new();
    let output = holdpoint(&sandbox, &["exec", "--", "no-such-tool"]);
    assert_eq!((status(&output), out(&output).as_str()), (127, ""));
    assert!(err(&output).contains("no-such-tool"), "{}", err(&output));
    let file = sandbox.write("tools/plain", "text");
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).expect("a mode");
    let output = holdpoint(&sandbox, &["exec", "--", "plain"]);
    assert_eq!((status(&output), out(&output).as_str()), (126, ""), "{}", err(&output));
}

#[test]
fn where_shows_targets_and_their_evidence() {
    let sandbox = Sandbox::new();
    sandbox
        .write("home/.pg_service.conf", "[shop]\nhost=db.prod.acme.com\nuser=app\ndbname=shop\n");
    let output = holdpoint(&sandbox, &["where", "--", "psql", "service=shop"]);
    assert_eq!((status(&output), err(&output).as_str()), (0, ""));
    insta::assert_snapshot!(out(&output).replace(&*sandbox.home().to_string_lossy(), "HOME"));
    let output = holdpoint(&sandbox, &["where", "--json", "--", "psql", "service=shop"]);
    let found: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found[0]["class"], "production");
    let values: Vec<&Json> =
        found[0]["evidence"].as_array().expect("a list").iter().map(|e| &e["value"]).collect();
    assert!(values.contains(&&json!("db.prod.acme.com")), "{values:?}");
    let output = holdpoint(&sandbox, &["where", "--json", "--", "ls"]);
    assert_eq!(out(&output), "[]\n");
}

#[test]
fn completions_are_read_by_the_shells() {
    let sandbox = Sandbox::new();
    for (shell, flag) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let output = holdpoint(&sandbox, &["completions", shell]);
        assert_eq!(status(&output), 0);
        for word in ["check", "exec", "where", "doctor", "policy", "--json"] {
            assert!(out(&output).contains(word.trim_start_matches('-')), "{shell}: {word}");
        }
        let script = sandbox.write(&format!("completions.{shell}"), &out(&output));
        let read = Command::new(shell).arg(flag).arg(script).output();
        let read = read.unwrap_or_else(|error| panic!("{shell} is not installed: {error}"));
        assert!(read.status.success() && read.stderr.is_empty(), "{shell}: {}", err(&read));
    }
    // And bash completes with it.
    let line = format!(
        "source '{}'; COMP_WORDS=(holdpoint che); COMP_CWORD=1; _holdpoint holdpoint che holdpoint; \
         echo \"${{COMPREPLY[@]}}\"",
        sandbox.path("completions.bash").display()
    );
    let output = Command::new("bash").args(["-c", &line]).output().expect("bash is installed");
    assert_eq!(out(&output), "check\n", "{}", err(&output));
}

#[test]
fn the_manual_page_is_well_formed() {
    let sandbox = Sandbox::new();
    for args in [&["man"][..], &["man", "check"], &["man", "policy"]] {
        let page = holdpoint(&sandbox, args);
        assert_eq!(status(&page), 0, "{args:?}");
        let mut groff = Command::new("groff");
        let rendered = run_with(groff.args(["-man", "-ww", "-Tutf8", "-P-cbou"]), &out(&page));
        assert!(rendered.status.success(), "{args:?}: {}", err(&rendered));
        assert_eq!(err(&rendered), "", "{args:?}");
        for section in ["NAME", "SYNOPSIS"] {
            assert!(out(&rendered).contains(section), "{args:?}: {}", out(&rendered));
        }
    }
    assert_eq!(status(&holdpoint(&sandbox, &["man", "no-such-command"])), 2);
}

#[test]
fn the_demo_tells_the_story_and_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("tmp")).expect("a folder");
    sandbox.write("home/.curlrc", "output = \"caught\"\n");
    let output = sandbox
        .holdpoint(&["demo"])
        .env("TMPDIR", sandbox.path("tmp"))
        .output()
        .expect("it starts");
    assert_eq!((status(&output), err(&output).as_str()), (0, ""), "{}", out(&output));
    let said = out(&output);
    for text in [
        "curl was refused. Nothing was run.",
        "{\"data\":{\"volumeDelete\":true}}",
        "The chain holds.",
    ] {
        assert!(said.contains(text), "{text:?} in {said}");
    }
    assert!(!said.contains("1f0c0000"), "no token is shown");
    assert_eq!(listing(&sandbox.path("tmp")), [""; 0]);
    assert_eq!(listing(&sandbox.path("work")), [""; 0]);
    assert_eq!(listing(&sandbox.home()), [".curlrc"]);
}

fn listing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// A reader that goes away early is no error and no panic.
#[test]
fn a_closed_pipe_is_no_error() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .holdpoint(&["rules", "show", "railway"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(!err(&output).contains("panic"), "{}", err(&output));
}

#[test]
fn the_help_is_good() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!("help", out(&holdpoint(&sandbox, &["--help"])));
    insta::assert_snapshot!("help_check", out(&holdpoint(&sandbox, &["check", "--help"])));
    insta::assert_snapshot!("help_exec", out(&holdpoint(&sandbox, &["exec", "--help"])));
    insta::assert_snapshot!("help_where", out(&holdpoint(&sandbox, &["where", "--help"])));
    insta::assert_snapshot!("help_rules", out(&holdpoint(&sandbox, &["rules", "--help"])));
    insta::assert_snapshot!("help_man", out(&holdpoint(&sandbox, &["man", "--help"])));
    // Every subcommand has a help of its own.
    for line in out(&holdpoint(&sandbox, &["--help"])).lines().skip_while(|l| *l != "Commands:") {
        let Some(name) = line.strip_prefix("  ").and_then(|line| line.split(' ').next()) else {
            continue;
        };
        if name.chars().all(|letter| letter.is_ascii_lowercase())
            && !name.is_empty()
            && name != "help"
        {
            let output = holdpoint(&sandbox, &[name, "--help"]);
            assert_eq!(status(&output), 0, "{name}");
            assert!(out(&output).contains("Usage: holdpoint"), "{name}");
        }
    }
}

#[test]
fn what_an_agent_reads() {
    let sandbox = Sandbox::new();
    sandbox.tool("psql", "echo ran");
    let refused = |program: &str, args: &[&str]| {
        sandbox.tool(program, "echo ran");
        let output = sandbox.agent(program, args).output().expect("it starts");
        assert_eq!((status(&output), out(&output).as_str()), (77, ""), "{args:?}");
        steady(&err(&output))
    };
    insta::assert_snapshot!("card_psql", refused("psql", &DROP[1..]));
    insta::assert_snapshot!("card_curl", refused("curl", &INCIDENT[1..]));
    insta::assert_snapshot!(
        "card_aws",
        refused(
            "aws",
            &["--profile", "prod", "rds", "delete-db-instance", "--db-instance-identifier", "shop"]
        )
    );
    insta::assert_snapshot!(
        "card_railway",
        refused("railway", &["volume", "-e", "staging", "delete", "-v", "data", "--yes"])
    );
    insta::assert_snapshot!(
        "card_opaque",
        refused(
            "psql",
            &["-h", "db.prod.acme.com", "-U", "app", "-d", "shop", "-f", "missing.sql"]
        )
    );
}

/// The card in the README is the one that its command gets.
#[test]
fn the_readme_shows_what_happens() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).expect("the README");
    let recording = readme.split("    $ curl -X POST").nth(1).expect("the command");
    let (command, rest) = recording.split_once("\n    holdpoint: ").expect("the card");
    let shown = rest.split("\n    $ echo $?\n    77\n").next().expect("the status");
    let shown: Vec<&str> = shown.lines().map(str::trim_start).collect();

    let sandbox = Sandbox::new();
    sandbox.tool("curl", "echo ran");
    let mut bash = sandbox.command("bash");
    bash.args(["-c", &format!("curl -X POST{command}")]).env("CLAUDECODE", "1");
    let output = bash.output().expect("bash is installed");
    assert_eq!((status(&output), out(&output).as_str()), (77, ""));
    let said = err(&output);
    let said: Vec<&str> = said.lines().map(str::trim_start).collect();
    assert_eq!(said[0].strip_prefix("holdpoint: "), Some(shown[0]));
    assert_eq!(said[1..said.len() - 1], shown[1..shown.len() - 1]);
}

#[test]
fn what_a_person_reads_from_check() {
    insta::assert_snapshot!("check_confirm", out(&check(&["--as", "human"], &DROP)));
    insta::assert_snapshot!("check_refuse", steady(&out(&check(&["--as", "agent"], &INCIDENT))));
    let update = [
        "psql",
        "-h",
        "db.prod.acme.com",
        "-U",
        "app",
        "-d",
        "shop",
        "-c",
        "update a set b = 1 where id = 2",
    ];
    insta::assert_snapshot!("check_allow", out(&check(&["--as", "agent"], &update)));
    assert_eq!(out(&check(&["--as", "agent"], &["ls"])), "holdpoint: ls may run.\n");
}
