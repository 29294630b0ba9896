//! The agents themselves, from their own packages, with holdpoint's hook in
//! their settings and a model on loopback that asks for what must not run.
//! What each of them sends its hook, and that it obeys the answer, is what
//! these tests see; nothing of it is taken from a document.
//!
//! `HOLDPOINT_TEST_AGENTS` names the agents (`./tests/run --all` the four of
//! which CI runs each change, `./tests/run --agents` all of them). One that is
//! named and not installed fails.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod agents;
mod amp;
#[path = "../support/installed.rs"]
mod installed;
mod rig;
#[path = "../support/sandbox.rs"]
mod sandbox;
#[path = "../support/wait.rs"]
mod wait;
#[path = "../hooks/wires.rs"]
mod wires;

use std::panic;
use std::path::Path;
use std::process::ExitCode;

use agents::Agent;
use libtest_mimic::{Arguments, Failed, Trial};
use rig::Rig;
use serde_json::Value;

/// What must not run, and what must.
const DROP: &str = "psql -h db.prod.acme.com -c 'drop table users'";
const SELECT: &str = "psql -h db.prod.acme.com -c 'select 1'";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let named = std::env::var("HOLDPOINT_TEST_AGENTS").unwrap_or_default();
    if named.is_empty() {
        println!("no agent is named: ./tests/run --all and ./tests/run --agents run them");
    }
    let mut trials = Vec::new();
    for word in named.split_whitespace() {
        if word == "amp" {
            let test = || told(amp::delegates);
            trials.push(Trial::test("amp: its rules reject what the hook refuses", test));
            continue;
        }
        let agent = agents::ALL.iter().find(|agent| agent.word == word);
        let trial = |what: &str, test: fn(&'static Agent)| {
            let test = move || {
                let agent = agent.ok_or_else(|| Failed::from("no such agent"))?;
                told(|| test(agent))
            };
            Trial::test(format!("{word}: {what}"), test)
        };
        trials.push(match agent.is_some_and(|agent| agent.ends) {
            true => trial("what the hook refuses does not run, and ends its work", ends),
            false => trial("what the hook refuses does not run, and the model hears why", obeys),
        });
        if word == "codex" {
            trials.push(trial("a hook that nobody has looked at is not run", unseen));
        }
        trials.push(trial("a hook that is gone blocks", gone));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A test that panics, as one that fails.
fn told(test: impl FnOnce() + panic::UnwindSafe) -> Result<(), Failed> {
    panic::catch_unwind(test).map_err(|why| {
        let why = why.downcast_ref::<String>().cloned();
        Failed::from(why.unwrap_or_else(|| "it panicked".to_owned()))
    })
}

/// Every kind of call that the agent makes, one after the other.
fn obeys(agent: &'static Agent) {
    let rig = Rig::new(agent);
    let policy = rig.sandbox.home().join(".config/holdpoint/policy.toml");
    let other = rig.sandbox.path("work/ok.txt");
    let mut calls = vec![(agent.shell)(DROP), (agent.shell)(SELECT)];
    let mut expected = vec!["psql was refused", "psql ran"];
    if let Some(write) = agent.write {
        calls.extend([write(&policy.display().to_string()), write(&other.display().to_string())]);
        // What the agent itself says of a file that it has written differs.
        expected.extend(["was refused", ""]);
    }
    if let Some(query) = agent.query {
        calls.extend([query("drop table users"), query("select 1")]);
        expected.extend(["query was refused", "mcp ran"]);
    }
    let results = rig.run(&calls);
    for (result, expected) in results.iter().zip(&expected) {
        assert!(result.contains(expected), "{}: {expected}: {results:#?}", agent.word);
        let refused = expected.contains("was refused");
        // The whole of the reason comes back, its last lines included.
        for part in ["Nothing was run", "Instead", "another way: ask"] {
            assert_eq!(result.contains(part), refused, "{}: {part}: {result}", agent.word);
        }
    }
    assert_eq!(
        rig.marks(),
        ["-h db.prod.acme.com -c select 1", "mcp select 1"]
            [..1 + usize::from(agent.query.is_some())],
        "{}",
        agent.word
    );
    assert!(!policy.exists(), "{}", agent.word);
    assert_eq!(other.exists(), agent.write.is_some(), "{}: {results:#?}", agent.word);
    let trail = rig.sandbox.trail();
    let refused = trail.lines().filter(|line| line.contains("\"outcome\":\"refused\""));
    let named = format!("\"name\":\"{}\"", agent.actor);
    assert_eq!(
        refused.filter(|line| line.contains(&named)).count(),
        expected.iter().filter(|text| text.contains("refused")).count(),
        "{trail}"
    );
    as_recorded(&rig);
}

/// Calls up to the first that is refused.
fn ends(agent: &'static Agent) {
    let rig = Rig::new(agent);
    let write = agent.write.expect("an editor");
    let policy = rig.sandbox.home().join(".config/holdpoint/policy.toml").display().to_string();
    let other = rig.sandbox.path("work/ok.txt");
    let select = (agent.shell)(SELECT);
    let (results, said) = rig.run_as_far(&[(agent.shell)(DROP), select.clone()]);
    assert_eq!((results.len(), rig.marks().len()), (0, 0), "{said}");
    let calls = [select.clone(), write(&other.display().to_string()), write(&policy), select];
    let (results, said) = rig.run_as_far(&calls);
    assert_eq!(results.len(), 2, "{said}");
    assert_eq!(rig.marks(), ["-h db.prod.acme.com -c select 1"]);
    assert!(other.exists() && !Path::new(&policy).exists());
    as_recorded(&rig);
}

/// The wire of tests/hooks/wires.rs is what the agent sent now, but for values
/// that differ from run to run.
fn as_recorded(rig: &Rig) {
    let payloads = rig.payloads();
    let sent = payloads.first().expect("the hook was called");
    let wire = wires::WIRES.iter().find(|wire| wire.agent == rig.agent.word).expect("a wire");
    assert!(sent.to_string().contains(DROP), "{sent}");
    let recorded: Value = serde_json::from_str(&wire.payload(DROP)).expect("JSON");
    assert_eq!(shape(sent), shape(&recorded), "{}: {sent:#}", rig.agent.word);
}

/// A value's names and kinds.
fn shape(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Array(items) => format!("[{}]", items.first().map(shape).unwrap_or_default()),
        Value::Object(object) => {
            let named = object.iter().map(|(name, value)| format!("{name}: {}", shape(value)));
            format!("{{{}}}", named.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Codex passes over a hook without the hash of what somebody has looked at,
/// and the doctor says so.
fn unseen(agent: &'static Agent) {
    let rig = Rig::new(agent);
    let doctor = || {
        let output = rig.sandbox.holdpoint(&["doctor"]).output().expect("it runs");
        sandbox::out(&output)
    };
    let before = doctor();
    assert!(before.contains("Codex: registered but not firing"), "{before}");
    rig.run(&[(agent.shell)(SELECT)]);
    assert_eq!(rig.payloads().len(), 1);
    let seen = doctor();
    assert!(seen.contains("Codex: configured and live"), "{seen}");
    // The same hook with one second more is another.
    let text = rig.home_file(agent.hook).replace("\"timeout\": 10", "\"timeout\": 11");
    let config = rig.home_file(".codex/config.toml");
    rig.sandbox.write("home/.codex/hooks.json", &text);
    let changed = doctor();
    assert!(changed.contains("Codex: registered but not firing"), "{changed}");
    let mut command = (agent.start)(&rig);
    rig.sandbox.write("home/.codex/config.toml", &config);
    assert!(command.output().expect("it runs").status.success());
    assert_eq!(rig.payloads().len(), 1, "the hook was not called again");
}

/// Where the hook's program is not there, nothing runs.
fn gone(agent: &'static Agent) {
    let rig = Rig::new(agent);
    std::fs::remove_file(rig.sandbox.path("tools/holdpoint")).expect("the recorder");
    let (results, said) = rig.run_as_far(&[(agent.shell)(SELECT)]);
    assert_eq!(rig.marks(), [""; 0], "{said}");
    assert_eq!(results.len(), usize::from(!agent.ends), "{said}");
    assert!(results.iter().all(|result| !result.contains("psql ran")), "{results:?}");
}
