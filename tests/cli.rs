//! holdpoint's own command line as programs and people meet it: the JSON and
//! the exit statuses are a public interface, and the texts are what was read
//! and found good.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

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
fn the_object_of_a_refusal() {
    let mut found = check_json(&["--as", "agent"], &INCIDENT);
    let request = found["request"].take();
    assert_eq!(request.as_str().map(str::len), Some(14), "{request}");
    let target = json!({
        "platform": "railway",
        "class": "unknown",
        "name": null,
        "gap": "it reaches every environment of the project, whichever is named",
        "evidence": [
            {"grade": "name", "kind": "host", "source": "url", "value": "backboard.railway.app"},
        ],
    });
    let reasons = found["reasons"].take();
    assert!(reasons.as_array().is_some_and(|reasons| reasons.len() >= 2), "{reasons}");
    assert!(reasons.as_array().is_some_and(|all| all.iter().all(Json::is_string)), "{reasons}");
    assert_eq!(
        found,
        json!({
            "version": 1,
            "verdict": "refuse",
            "actor": "agent",
            "tool": "curl",
            "actions": [{
                "effect": "destroy",
                "flags": ["irreversible", "backups"],
                "operation": "volumeDelete",
                "object": "volume 3d2c42fb",
                "scope": "project",
                "summary": "Deletes volume 3d2c42fb and every backup stored on it, in every \
                            environment that shares it.",
                "rule": "railway-api/volumeDelete",
                "verdict": "refuse",
            }],
            "target": target,
            "targets": [target],
            "reasons": null,
            "phrase": null,
            "request": null,
        })
    );
}

#[test]
fn the_object_of_a_confirmation() {
    let found = check_json(&["--as", "human"], &DROP);
    assert_eq!((&found["verdict"], &found["actor"]), (&json!("confirm"), &json!("human")));
    let phrase = found["phrase"].as_str().expect("the form of the phrase");
    assert!(phrase.len() <= 35 && phrase.is_ascii(), "{phrase}");
    assert_eq!(found["request"], Json::Null);
    assert_eq!(found["target"]["class"], "production");
    assert_eq!(found["target"]["name"], "shop@db.prod.acme.com");
}

#[test]
fn the_object_of_what_no_rule_covers() {
    for command in [&["frobnicate", "--hard"][..], &["ls"], &["/no/such/tool"]] {
        let found = check_json(&["--as", "agent"], command);
        let tool = command[0].rsplit('/').next();
        assert_eq!(
            found,
            json!({
                "version": 1, "verdict": "allow", "actor": "agent", "tool": tool,
                "actions": [], "target": null, "targets": [], "reasons": [],
                "phrase": null, "request": null,
            })
        );
    }
}

/// Every key has its type, whatever the command.
#[test]
fn the_objects_types() {
    let sandbox = Sandbox::new();
    for line in [
        "psql -h a -c 'drop table x'; aws s3 rb s3://b --force; railway volume delete -v c",
        "psql -c 'select 1'",
        "aws s3 ls",
        "echo",
        "",
        "psql -h db.staging.acme.com -c 'create role r'",
        "$x",
    ] {
        for who in ["human", "agent", "ci"] {
            let output = holdpoint(&sandbox, &["check", "--json", "--as", who, "--line", line]);
            let found: Json = serde_json::from_slice(&output.stdout).expect("JSON");
            let object = found.as_object().expect("an object");
            let keys: Vec<&str> = object.keys().map(String::as_str).collect();
            let mut expected = vec![
                "version", "verdict", "actor", "tool", "actions", "target", "targets", "reasons",
                "phrase", "request",
            ];
            expected.sort_unstable();
            let mut keys = keys;
            keys.sort_unstable();
            assert_eq!(keys, expected, "{line}");
            assert_eq!(found["version"], 1);
            assert_eq!(found["actor"], who);
            let verdict = found["verdict"].as_str().expect("a word");
            let expected = ["allow", "confirm", "refuse"].iter().position(|word| *word == verdict);
            assert_eq!([0, 3, 4][expected.expect("a verdict")], status(&output), "{line}");
            assert_eq!(found["phrase"].is_string(), verdict == "confirm", "{line}");
            assert_eq!(found["request"].is_string(), verdict == "refuse", "{line}");
            assert!(found["tool"].is_string() || found["tool"].is_null());
            for action in found["actions"].as_array().expect("a list") {
                for key in ["effect", "operation", "scope", "summary", "rule", "verdict"] {
                    assert!(action[key].is_string(), "{key}: {action}");
                }
                assert!(action["flags"].as_array().is_some_and(|f| f.iter().all(Json::is_string)));
                assert!(action["object"].is_string() || action["object"].is_null());
            }
            let targets = found["targets"].as_array().expect("a list");
            for target in targets.iter().chain(Some(&found["target"]).filter(|t| !t.is_null())) {
                for key in ["platform", "class"] {
                    assert!(target[key].is_string(), "{key}: {target}");
                }
                for evidence in target["evidence"].as_array().expect("a list") {
                    for key in ["grade", "kind", "source", "value"] {
                        assert!(evidence[key].is_string(), "{key}: {evidence}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_worst_of_a_line_comes_first_and_all_targets_are_listed() {
    let sandbox = Sandbox::new();
    let line = "aws s3 ls; psql -h db.staging.acme.com -c 'delete from a'; \
                psql -h db.prod.acme.com -c 'drop database shop'";
    let output = holdpoint(&sandbox, &["check", "--json", "--as", "agent", "--line", line]);
    let found: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(status(&output), 4);
    assert_eq!((&found["tool"], &found["verdict"]), (&json!("psql"), &json!("refuse")));
    assert_eq!(found["actions"][0]["operation"], "DROP DATABASE");
    assert_eq!(found["target"]["class"], "production");
    let verdicts: Vec<&Json> =
        found["actions"].as_array().expect("a list").iter().map(|a| &a["verdict"]).collect();
    assert_eq!(verdicts[0], "refuse");
    assert!(verdicts[1..].iter().all(|verdict| *verdict == "allow"), "{found}");
    let classes: Vec<&Json> =
        found["targets"].as_array().expect("a list").iter().map(|t| &t["class"]).collect();
    for class in ["production", "staging"] {
        assert!(classes.contains(&&json!(class)), "{class} in {classes:?}");
    }
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
fn rules_are_listed_shown_and_hold() {
    let sandbox = Sandbox::new();
    let output = holdpoint(&sandbox, &["rules", "list"]);
    for tool in ["psql", "railway", "aws", "curl", "sudo", "xargs"] {
        assert!(out(&output).lines().any(|line| line.split(' ').next() == Some(tool)), "{tool}");
    }
    let output = holdpoint(&sandbox, &["rules", "show", "railway"]);
    let shown = out(&output);
    let line = shown.lines().find(|line| line.trim_start().starts_with("volume|volumes delete"));
    let line = line.unwrap_or_else(|| panic!("{shown}"));
    assert!(line.contains("destroy irreversible backups"), "{line}");
    let output = holdpoint(&sandbox, &["rules", "show", "no-such-tool"]);
    assert_eq!((status(&output), out(&output).as_str()), (1, ""));
    let output = holdpoint(&sandbox, &["rules", "test", "psql"]);
    assert_eq!(status(&output), 0, "{}", err(&output));
    assert!(out(&output).ends_with(" examples hold, 0 do not\n"), "{}", out(&output));
}

#[test]
fn a_rule_file_is_begun_tested_and_its_failing_examples_are_told() {
    let sandbox = Sandbox::new();
    let begun = out(&holdpoint(&sandbox, &["rules", "new", "acmectl"]));
    let path = sandbox.write("home/acmectl.toml", &begun);
    let path = path.to_str().expect("text");
    let output = holdpoint(&sandbox, &["rules", "test", path]);
    assert_eq!((status(&output), out(&output).as_str()), (0, "16 examples hold, 0 do not\n"));
    sandbox
        .write("home/acmectl.toml", &begun.replace("acmectl app list --json", "acmectl app rm a"));
    let output = holdpoint(&sandbox, &["rules", "test", path]);
    assert_eq!((status(&output), out(&output).as_str()), (1, "15 examples hold, 1 do not\n"));
    let said = "`acmectl app rm a` is to be allowed and was: refuse";
    assert!(err(&output).contains(said), "{}", err(&output));
    sandbox.write("home/acmectl.toml", "tool = 1");
    let output = holdpoint(&sandbox, &["rules", "test", path]);
    assert_eq!(status(&output), 1);
    assert!(err(&output).contains("acmectl.toml: line 1, column 8"), "{}", err(&output));
    assert_eq!(status(&holdpoint(&sandbox, &["rules", "new", "../x"])), 2);
}

#[test]
fn a_users_own_rule_file_adds_a_tool_and_its_errors_are_told() {
    let sandbox = Sandbox::new();
    let rule = "tool = \"acmectl\"\nabout = \"Acme\"\nchecked = \"1\"\nstyle = \"clap\"\nplatform = \"acme\"\n\
        [[command]]\npath = \"app delete\"\neffect = \"destroy\"\nobject = { kind = \"app\", from = [\"#1\"] }\n\
        says = \"Deletes {object}.\"\ndestroys = [\"acmectl app delete shop\"]\n\
        harmless = [\"acmectl app list\"]\n";
    sandbox.write("home/.config/holdpoint/rules/acmectl.toml", rule);
    let args = ["check", "--as", "agent", "--", "acmectl", "app", "delete", "shop"];
    let output = holdpoint(&sandbox, &args);
    assert_eq!(status(&output), 4, "{}{}", out(&output), err(&output));
    let list = ["check", "--as", "agent", "--", "acmectl", "app", "list"];
    assert_eq!(status(&holdpoint(&sandbox, &list)), 0);
    sandbox.write("home/.config/holdpoint/rules/acmectl.toml", &rule.replace("effect", "efect"));
    let output = holdpoint(&sandbox, &args);
    assert_eq!(status(&output), 4, "a file that cannot be used does not loosen");
    let said = out(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("acmectl.toml: line 8, column 1: unknown field `efect`"), "{said}");
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
