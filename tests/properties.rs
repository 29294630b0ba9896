//! What holds for every command, whatever is around it: the whole pipeline on
//! random wrappers, lines, policies, words and bytes.

#![allow(clippy::indexing_slicing)]

#[path = "support/wrapping.rs"]
mod wrapping;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use holdpoint::actor::ActorKind;
use holdpoint::invocation::{Input, Invocation};
use holdpoint::judgement::Verdict;
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::report;
use holdpoint::world::fake::FakeWorld;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use wrapping::{AROUND, Layers, layers, line, wrap};

/// Commands that are refused for an agent, by words.
const DESTROYS: &[&[&str]] = &[
    &["psql", "-h", "db.prod.acme.com", "-c", "DROP TABLE users"],
    &["psql", "postgres://app@10.0.0.4/shop", "-c", "select 1", "-c", "truncate \"a b\""],
    &["psql", "-h", "db.prod.acme.com", "-f", "/app/drop.sql"],
    &["aws", "--profile", "prod", "rds", "delete-db-instance", "--db-instance-identifier", "x"],
    &["aws", "s3", "rb", "s3://shop", "--force"],
    &["railway", "volume", "-e", "staging", "delete", "-v", "data", "--yes"],
    &["curl", "-X", "DELETE", "-H", "Authorization: Bearer x", "https://api.acme.com/servers/1"],
    &[
        "curl",
        "https://backboard.railway.app/graphql/v2",
        "-HAuthorization: x",
        "-d",
        "{\"query\":\"mutation { volumeDelete(volumeId: \\\"3\\\") }\"}",
    ],
    &["dropdb", "-h", "db.prod.acme.com", "shop"],
];

/// Commands that are allowed for an agent.
const HARMLESS: &[&[&str]] = &[
    &["psql", "-h", "db.prod.acme.com", "-c", "select 'drop table users'"],
    &["psql", "-h", "db.prod.acme.com", "-f", "/app/look.sql"],
    &["psql", "-h", "localhost", "-c", "DROP TABLE users"],
    &["aws", "--profile", "prod", "s3", "ls"],
    &["railway", "status", "--json"],
    &["curl", "-fsS", "https://example.com/?drop=table"],
    &["git", "commit", "-m", "psql -c \"drop table users\"; railway volume delete"],
];

/// Commands beside it that have nothing to do with it.
const BESIDE: &[&str] = &[
    "true",
    "ls -la",
    "echo 'done'",
    "cd /tmp",
    "A=b",
    "export LANG=C",
    "psql -h localhost -c 'select 1'",
    "aws s3 ls",
    "git commit -m 'it is \"harmless\"'",
    "grep -r 'drop table' . | head",
    "# --dry-run --help",
    ": \"$(date)\"",
    "cat <<'X' >/dev/null\n--help\nX\n",
    "echo \"$UNKNOWN\"",
    "alias x=y",
    "set -e",
    "unset UNKNOWN",
];

fn world() -> FakeWorld {
    FakeWorld::new()
        .with_file("drop.sql", "select 1;\nDROP TABLE users;\n")
        .with_file("look.sql", "select 1;\n")
}

fn verdict(subject: Subject<'_>, world: &FakeWorld, actor: ActorKind) -> Verdict {
    let options = Options { actor: Some(actor), full: false };
    pipeline::judge(subject, world, options).judgement.verdict
}

fn of_line(line: &str, world: &FakeWorld) -> Verdict {
    verdict(Subject::Line(line, &Invocation::default()), world, ActorKind::Agent)
}

fn of_words(words: &[String], world: &FakeWorld) -> Verdict {
    verdict(Subject::Command(&Invocation::new(words)), world, ActorKind::Agent)
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Wrappers, shells and paths around a command.
fn wrapped(command: &[&str], path: bool, layers: &Layers) -> Vec<String> {
    let mut words = owned(command);
    if path {
        words[0] = format!("/usr/local/../bin/{}", words[0]);
    }
    wrap(words, layers)
}

/// Pieces of which policies are made, some of them right.
fn any_policy() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "version = 1\n",
        "mode = \"strict\"\n",
        "mode = \"balanced\"\n",
        "mode = \"off\"\n",
        "[[environment]]\nclass = \"local\"\nhost = \"*\"\n",
        "[[environment]]\nclass = \"development\"\nids = [\"db.prod.acme.com\", \"prod\"]\n",
        "[[environment]]\nclass = \"production\"\nhost = [\"*.acme.com\", \"localhost\"]\n",
        "[[rule]]\nverdict = \"allow\"\nwhen = { effect = \"destroy\" }\n",
        "[[rule]]\nverdict = \"allow\"\nwhen = {}\n",
        "[[rule]]\nverdict = \"refuse\"\nwhen = { tool = \"psql\" }\n",
        "[[rule]]\nverdict = \"confirm\"\nwhen = { actor = \"human\" }\n",
        "[actors]\ntrust_ide_terminals = true\n",
        "[actors]\nagent_env = [\"X\"]\n",
        "[audit]\nwrites = true\n",
        "[[protect]]\nobject = \"*\"\n",
        "enabled = false\n",
        "[[",
        "\u{0}",
        "\n",
    ]);
    prop_oneof![
        4 => prop::collection::vec(piece, 0..6).prop_map(|pieces| "version = 1\n".to_owned() + &pieces.concat()),
        1 => any::<String>(),
    ]
}

/// A word that one of the readers might stumble over.
fn any_word() -> impl Strategy<Value = OsString> {
    let known = select(vec![
        "psql",
        "aws",
        "curl",
        "railway",
        "sudo",
        "env",
        "xargs",
        "bash",
        "sh",
        "dropdb",
        "su",
        "eval",
        "watch",
        "time",
        "pg_restore",
        "-c",
        "-f",
        "-",
        "--",
        "-h",
        "-d",
        "-K",
        "-X",
        "DELETE",
        "-i",
        "-S",
        "--json",
        "--next",
        "-e",
        "volume",
        "delete",
        "api",
        "run",
        "s3",
        "rm",
        "rds",
        "--cli-input-json",
        "file:///dev/zero",
        "@-",
        "@body",
        "drop.sql",
        "=",
        "A=b",
        "$(",
        "`",
        "'",
        "\"",
        "\\",
        "{a,b}",
        "{}",
        "drop table x",
        "mutation { volumeDelete }",
        "{\"query\":",
        "postgres://[::1",
        "%",
        "%zz",
        "\\c",
        "\\!",
        "https://backboard.railway.app/graphql/v2",
        "Authorization: x",
        "-H",
        "<<EOF",
        "((",
        "$'\\x",
        "",
    ]);
    prop_oneof![
        6 => known.prop_map(OsString::from),
        1 => prop::collection::vec(any::<u8>().prop_filter("no NUL", |b| *b != 0), 0..20)
            .prop_map(OsString::from_vec),
        1 => "\\PC{0,20}".prop_map(OsString::from),
    ]
}

const VARIABLES: &[&str] = &[
    "PGHOST",
    "PGSERVICE",
    "PGSERVICEFILE",
    "PGOPTIONS",
    "PGDATABASE",
    "AWS_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_ENDPOINT_URL",
    "RAILWAY_TOKEN",
    "RAILWAY_ENVIRONMENT",
    "HOME",
    "CURL_HOME",
    "http_proxy",
    "PSQLRC",
    "PATH",
    "BASH_ENV",
    "POSIXLY_CORRECT",
    "IFS",
];

/// Files that readers open.
const FILES: &[&str] = &[
    "/app/drop.sql",
    "/app/body",
    "/home/ana/.curlrc",
    "/home/ana/.pg_service.conf",
    "/home/ana/.aws/config",
    "/home/ana/.aws/credentials",
    "/home/ana/.railway/config.json",
    "/home/ana/.config/holdpoint/policy.toml",
    "/home/ana/.config/holdpoint/rules/psql.toml",
    "/app/.holdpoint.toml",
    "/home/ana/.aws/cli/alias",
    "/home/ana/.psqlrc",
];

fn text(bytes: &[u8]) -> Input {
    Input::Text(bytes.into())
}

#[test]
fn the_commands_are_what_they_are_said_to_be() {
    for command in DESTROYS {
        assert_eq!(of_words(&owned(command), &world()), Verdict::Refuse, "{command:?}");
    }
    for command in HARMLESS {
        assert_eq!(of_words(&owned(command), &world()), Verdict::Allow, "{command:?}");
    }
    for line in BESIDE {
        assert_eq!(of_line(line, &world()), Verdict::Allow, "{line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What destroys is refused in every wrapping, what is harmless allowed.
    #[test]
    fn wrapping_changes_no_verdict(
        at in any::<Index>(),
        path in any::<bool>(),
        layers in layers(),
        style in any::<u8>(),
        around in any::<Index>(),
    ) {
        let world = world();
        for (commands, expected) in [(DESTROYS, Verdict::Refuse), (HARMLESS, Verdict::Allow)] {
            let words = wrapped(at.get::<&[&str]>(commands), path, &layers);
            prop_assert_eq!(of_words(&words, &world), expected, "{:?}", words);
            let (before, after) = around.get(AROUND);
            let text = format!("{before}{}{after}", line(&words, style));
            prop_assert_eq!(of_line(&text, &world), expected, "{}", text);
        }
    }

    /// Commands beside it that have nothing to do with it change nothing.
    #[test]
    fn a_harmless_command_beside_it_changes_no_verdict(
        at in any::<Index>(),
        style in any::<u8>(),
        before in prop::collection::vec((any::<Index>(), select(vec!["; ", "\n", " && ", " || ", " & "])), 0..5),
        after in prop::collection::vec((select(vec!["; ", "\n", " && ", " || ", " | ", " & "]), any::<Index>()), 0..5),
    ) {
        let world = world();
        for (commands, expected) in [(DESTROYS, Verdict::Refuse), (HARMLESS, Verdict::Allow)] {
            let mut text = String::new();
            for (beside, join) in &before {
                let beside = beside.get(BESIDE);
                // A comment and a here-document end with their line.
                let join = if beside.ends_with('\n') || beside.starts_with('#') { "\n" } else { join };
                text.push_str(beside);
                text.push_str(join);
            }
            text.push_str(&line(&owned(at.get::<&[&str]>(commands)), style));
            for (join, beside) in &after {
                let beside = beside.get(BESIDE);
                // Nothing to join behind a comment, and nothing that a comment joins to.
                let join = if text.ends_with("--help") || text.ends_with("X\n") || beside.starts_with('#') { "\n" } else { join };
                text.push_str(join);
                text.push_str(beside);
            }
            prop_assert_eq!(of_line(&text, &world), expected, "{}", text);
        }
    }

    /// Whatever a project's file says, nobody gets a looser verdict.
    #[test]
    fn a_projects_policy_never_loosens(policy in any_policy(), at in any::<Index>()) {
        let plain = world();
        let with = world().with_file("/app/.holdpoint.toml", &policy);
        for commands in [DESTROYS, HARMLESS] {
            let invocation = Invocation::new(at.get::<&[&str]>(commands).iter().copied());
            for actor in [ActorKind::Human, ActorKind::Agent, ActorKind::Ci, ActorKind::Unknown] {
                let before = verdict(Subject::Command(&invocation), &plain, actor);
                let after = verdict(Subject::Command(&invocation), &with, actor);
                prop_assert!(after >= before, "{:?} {:?}: {} to {}", invocation.argv, actor, before, after);
            }
        }
    }

    /// No words, variables, files or input make the pipeline panic, and the
    /// report of it is JSON.
    #[test]
    fn nothing_panics(
        words in prop::collection::vec(any_word(), 0..9),
        variables in prop::collection::vec((select(VARIABLES), "\\PC{0,12}"), 0..4),
        files in prop::collection::vec((select(FILES), prop::collection::vec(any::<u8>(), 0..80)), 0..4),
        input in prop::option::of(prop::collection::vec(any::<u8>(), 0..80)),
        full in any::<bool>(),
    ) {
        let mut world = FakeWorld::new();
        for (name, value) in variables {
            world = world.with_var(name, &value);
        }
        world.files.extend(files.into_iter().map(|(path, bytes)| (PathBuf::from(path), bytes)));
        if let Some(input) = input {
            world.stdin = text(&input);
        }
        let joined: Vec<String> = words.iter().map(|w| w.to_string_lossy().into_owned()).collect();
        let invocation = Invocation::new(words);
        let options = Options { actor: None, full };
        for subject in [Subject::Command(&invocation), Subject::Line(&joined.join(" "), &Invocation::default())] {
            let judgement = pipeline::judge(subject, &world, options).judgement;
            let json = report::json(&judgement);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{}", json);
            prop_assert!(!json.contains('\n'));
        }
    }
}
