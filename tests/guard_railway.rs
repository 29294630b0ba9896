//! railway behind its shim, with the real command line (a debug build, the
//! only kind that can be pointed at a local server): an agent's destroying
//! command sends nothing but questions, a person's sends its mutation once
//! the phrase is typed, and what only looks runs as before.

#[path = "support/railway_rig.rs"]
mod railway_rig;
#[path = "support/railway_server.rs"]
mod railway_server;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;

use std::os::unix::fs::symlink;
use std::process::{Command, Output};

use railway_rig::program;
use railway_server::{API, PRODUCTION, PROJECT, Received, STAGING, Server, VOLUME};
use sandbox::{Sandbox, err, out, run_with};
use terminal::Login;

/// A sandbox in front of the server, its directory linked to staging.
struct Guarded {
    server: Server,
    sandbox: Sandbox,
}

impl Guarded {
    fn new() -> Guarded {
        let guarded = Guarded { server: Server::start(), sandbox: Sandbox::new() };
        symlink(program(), guarded.sandbox.path("tools/railway")).expect("a link");
        guarded.link();
        guarded
    }

    /// Links the directory, which commands undo.
    fn link(&self) {
        let work = self.sandbox.path("work");
        let config = serde_json::json!({
            "projects": { work.to_str().expect("text"): {
                "projectPath": work, "name": "acme", "project": PROJECT,
                "environment": STAGING, "environmentName": "staging", "service": API,
            }},
            "user": { "token": null },
        });
        self.sandbox.write("home/.railway/config.json", &config.to_string());
    }

    /// The variables that lead the real command line to the server.
    fn vars(&self) -> [(&'static str, String); 4] {
        [
            ("RAILWAY_BACKBOARD_URL", self.server.url()),
            ("RAILWAY_API_TOKEN", "secret-token".to_owned()),
            ("DO_NOT_TRACK", "1".to_owned()),
            ("RAILWAY_NO_AUTO_UPDATE", "1".to_owned()),
        ]
    }

    /// Runs the shim as an agent does: its output, and what arrived.
    fn agent(&self, words: &[&str], input: &str) -> (Output, Vec<Received>) {
        self.run(self.sandbox.agent("railway", words), input)
    }

    /// Runs the command line itself in the same surroundings.
    fn bare(&self, words: &[&str], input: &str) -> (Output, Vec<Received>) {
        let mut command = self.sandbox.command(program());
        command.args(words).env("CLAUDECODE", "1");
        self.run(command, input)
    }

    fn run(&self, mut command: Command, input: &str) -> (Output, Vec<Received>) {
        self.link();
        self.server.take();
        let output = run_with(command.envs(self.vars()), input);
        (output, self.server.take())
    }
}

/// The root fields of the mutations among these.
fn mutations(received: &[Received]) -> Vec<&str> {
    let changes = received.iter().filter(|one| one.is_mutation);
    changes.flat_map(|one| &one.fields).map(String::as_str).collect()
}

const DROP: &str = "mutation { volumeDelete(volumeId: \"3d2c42fb-6c1e-4f0b-9d0a-52a1d6f8c7e4\") }";

/// What stands on standard input of `environment edit`.
fn patch() -> String {
    format!(r#"{{"volumes":{{"{VOLUME}":{{"isDeleted":true}}}}}}"#)
}

/// Commands with what stands on standard input, and the mutation that each
/// sends.
fn destroys() -> Vec<(Vec<&'static str>, String, &'static str)> {
    let plain = |line: &'static str, mutation| (line.split(' ').collect(), String::new(), mutation);
    vec![
        plain("volume delete -v data --yes", "volumeDelete"),
        plain("volume -e staging delete -v data --yes", "volumeDelete"),
        plain("volume --environment=production rm -yv data", "volumeDelete"),
        plain("environment delete production --yes", "environmentDelete"),
        plain("env rm PRODUCTION -y", "environmentDelete"),
        plain("environment staging delete production -y", "environmentDelete"),
        plain("service delete -s api -e production -y", "serviceDelete"),
        plain("service other delete -s api -eproduction -y", "serviceDelete"),
        plain("delete -p acme --yes", "projectScheduleDelete"),
        plain("bucket -e production rm -b uploads -y", "environmentPatchCommit"),
        (vec!["api", DROP], String::new(), "volumeDelete"),
        (vec!["api"], DROP.to_owned(), "volumeDelete"),
        (vec!["api", "-f", "drop.graphql", "--compact"], String::new(), "volumeDelete"),
        (
            vec!["environment", "edit", "-e", "production", "--json"],
            patch(),
            "environmentPatchCommit",
        ),
        (
            vec!["run", "-s", "api", "railway", "volume", "delete", "-v", "data", "-y"],
            String::new(),
            "volumeDelete",
        ),
    ]
}

#[test]
fn an_agent_destroys_nothing() {
    let guarded = Guarded::new();
    guarded.sandbox.write("work/drop.graphql", DROP);
    for (words, input, mutation) in destroys() {
        let (output, received) = guarded.agent(&words, &input);
        assert_eq!(output.status.code(), Some(77), "{words:?}: {}{}", out(&output), err(&output));
        assert_eq!(out(&output), "", "{words:?}");
        assert!(err(&output).contains("was refused"), "{words:?}: {}", err(&output));
        assert_eq!(received.len(), 0, "{words:?}: {received:?}");
        // The same words, past every shim, do destroy.
        let (output, received) = if words[0] == "run" {
            let mut command = guarded.sandbox.command(program());
            let tools = guarded.sandbox.path("tools");
            command.args(&words).env("PATH", tools);
            guarded.run(command, &input)
        } else {
            guarded.bare(&words, &input)
        };
        let said = format!("{}{}", out(&output), err(&output));
        assert_eq!(mutations(&received), [mutation], "{words:?}: {said}");
    }
    assert!(!guarded.sandbox.trail().contains("secret-token"));
}

#[test]
fn a_person_confirms_and_the_mutation_arrives() {
    let guarded = Guarded::new();
    let mut login = Login::new();
    let terminal = &mut login.terminal;
    let vars = guarded.vars().map(|(name, value)| format!("{name}={value}")).join(" ");
    let railway = format!(
        "env -i TERM=xterm LC_ALL=C.UTF-8 PATH={} HOME={home} HOLDPOINT_TEST_HOME={home} {vars} railway",
        guarded.sandbox.search_path(),
        home = guarded.sandbox.home().display(),
    );
    terminal.run(&format!("cd {}", guarded.sandbox.path("work").display()));
    let delete = format!("{railway} volume delete -v data --yes");
    terminal.line(&delete);
    terminal.phrase();
    terminal.send("\u{3}");
    terminal.prompt();
    assert_eq!(guarded.server.take().len(), 0);
    let edit = format!("printf %s '{}' | {railway} environment edit -e production --json", patch());
    for (line, mutation, holds) in [
        (delete, "volumeDelete", VOLUME),
        (format!("{railway} environment delete production --yes"), "environmentDelete", PRODUCTION),
        (format!("{railway} service delete -s api -e production -y"), "serviceDelete", API),
        (edit, "environmentPatchCommit", VOLUME),
    ] {
        guarded.link();
        terminal.line(&line);
        let phrase = terminal.phrase();
        assert_eq!(guarded.server.take().len(), 0, "{line}");
        let said = terminal.confirm(&phrase);
        let received = guarded.server.take();
        assert_eq!(mutations(&received), [mutation], "{line}: {said}");
        let sent = received.iter().find(|one| one.is_mutation).expect("there is one");
        assert!(sent.variables.to_string().contains(holds), "{line}: {}", sent.variables);
    }
}

#[test]
fn what_only_looks_runs_as_before() {
    let guarded = Guarded::new();
    // It speaks to each agent once of its tooling for agents.
    guarded.bare(&["status"], "");
    for (line, input) in [
        ("status", ""),
        ("status --json", ""),
        ("list", ""),
        ("volume list --json", ""),
        ("volume -e production list", ""),
        ("environment list --json", ""),
        ("variable list -s api -e production --kv", ""),
        ("domain list -s api", ""),
        ("deployment list -s api --json", ""),
        ("whoami", ""),
        ("logs -s api -e production --lines 1", ""),
        ("api", "query { project(id: \"p\") { name } }"),
        ("volume delete --help", ""),
        ("volume dele -v data", ""),
        ("--version", ""),
        ("run -s api printenv RAILWAY_ENVIRONMENT_NAME", ""),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let (theirs, asked) = guarded.bare(&words, input);
        let (ours, arrived) = guarded.agent(&words, input);
        let said = |output: &Output| (output.status.code(), out(output), err(output));
        assert_eq!(said(&ours), said(&theirs), "{line}");
        // It asks for several things at once, in whichever order.
        let bodies = |received: &[Received]| {
            let texts = received.iter().map(|one| String::from_utf8_lossy(&one.body).into_owned());
            let mut texts: Vec<String> = texts.collect();
            texts.sort();
            texts
        };
        assert_eq!(bodies(&arrived), bodies(&asked), "{line}");
        assert_eq!(mutations(&arrived), [""; 0], "{line}");
    }
}

#[test]
fn a_file_that_changes_while_it_is_judged_is_sent_as_it_was_judged() {
    let guarded = Guarded::new();
    let look = "query { project(id: \"p\") { name } }";
    let file = guarded.sandbox.write("work/look.graphql", look);
    std::fs::remove_file(guarded.sandbox.path("tools/railway")).expect("a link");
    guarded.sandbox.tool(
        "railway",
        &format!("echo '{DROP}' > {}\nexec {} \"$@\"", file.display(), program().display()),
    );
    for words in [["api", "--file", "look.graphql"], ["api", "-f", "look.graphql"]] {
        guarded.sandbox.write("work/look.graphql", look);
        let (output, received) = guarded.agent(&words, "");
        assert!(output.status.success(), "{words:?}: {}", err(&output));
        assert_eq!(received.len(), 1, "{words:?}");
        let body: serde_json::Value = serde_json::from_slice(&received[0].body).expect("JSON");
        assert_eq!(body["query"], look, "{words:?}");
        let (output, received) = guarded.agent(&words, "");
        assert_eq!(output.status.code(), Some(77), "{words:?}: {}", out(&output));
        assert_eq!(received.len(), 0, "{words:?}");
    }
}
