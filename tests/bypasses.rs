//! Every shape that is known to have got past a guard of this kind, by name:
//! the line is run by a real bash as an agent's, with shims in front of stubs
//! that record that they ran, and `check --line` reads it as a hook would.
//! Whatever SECURITY.md says about a bypass, one of these tests shows, and the
//! limits are shown to be limits.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/sandbox.rs"]
mod sandbox;

#[path = "bypasses/answering.rs"]
mod answering;
#[path = "bypasses/behind.rs"]
mod behind;
#[path = "bypasses/hidden.rs"]
mod hidden;
#[path = "bypasses/limits.rs"]
mod limits;
#[path = "bypasses/pass.rs"]
mod pass;
#[path = "bypasses/promises.rs"]
mod promises;
#[path = "bypasses/stopped.rs"]
mod stopped;
#[path = "bypasses/table.rs"]
mod table;
#[path = "bypasses/texts.rs"]
mod texts;

use std::fs;
use std::process::{Command, Output};

use sandbox::{Sandbox, err, out};

/// The tools whose stubs say that they ran.
const TOOLS: [&str; 4] = ["psql", "railway", "aws", "curl"];

/// What `check` exits with.
const ALLOW: i32 = 0;
const REFUSE: i32 = 4;

/// The incident's mutation.
const MUTATION: &str = r#"{"query":"mutation { volumeDelete(volumeId: \"3d2c42fb\") }"}"#;

/// A command that destroys production.
const DROP: &str = "psql -h db.prod.acme.com -c 'DROP TABLE users'";

/// A sandbox with stubs of the four tools and files that destroy.
struct Guarded {
    sandbox: Sandbox,
}

impl Guarded {
    fn new() -> Guarded {
        let sandbox = Sandbox::new();
        for tool in TOOLS {
            sandbox.recorder(tool);
        }
        sandbox.write("work/drop.sql", "DROP TABLE users;\n");
        sandbox.write("work/look.sql", "select 1;\n");
        sandbox.write("work/body.json", MUTATION);
        sandbox.write("work/deploy.sh", &format!("{DROP}\n"));
        sandbox.write(
            "work/.env",
            "DATABASE_URL=postgres://shop@db.prod.acme.com/shop\nPGHOST=db.prod.acme.com\n",
        );
        Guarded { sandbox }
    }

    /// A shell line as an agent runs it.
    fn bash(&self, line: &str) -> Command {
        let mut command = self.sandbox.command("/bin/bash");
        command.args(["-c", line]).env("CLAUDECODE", "1");
        command
    }

    /// Runs a line and gives what ran and how it ended.
    fn run(&self, line: &str) -> (Vec<String>, Output) {
        let output = self.bash(line).output().expect("bash is installed");
        let ran = fs::read_to_string(self.sandbox.path("ran")).unwrap_or_default();
        let _ = fs::remove_file(self.sandbox.path("ran"));
        (ran.lines().map(str::to_owned).collect(), output)
    }

    /// What `check --line` exits with for an agent.
    fn check(&self, line: &str) -> i32 {
        let mut command = self.sandbox.holdpoint(&["check", "--as", "agent", "--line", line]);
        let output = command.output().expect("it starts");
        output.status.code().expect("it exits")
    }

    /// The line is refused by whoever reads it, and when it runs anyway the
    /// shim refuses what destroys: only `ran` ran.
    #[track_caller]
    fn stops_all_but(&self, line: &str, ran: &[&str]) {
        assert_eq!(self.check(line), REFUSE, "check --line: {line}");
        self.shims_stop_all_but(line, ran);
    }

    /// When the line runs, the shim refuses what destroys: only `ran` ran.
    #[track_caller]
    fn shims_stop_all_but(&self, line: &str, ran: &[&str]) {
        let (found, output) = self.run(line);
        assert_eq!(found, ran, "{line}\n{}{}", out(&output), err(&output));
        assert!(err(&output).contains("was refused. Nothing was run."), "{line}\n{}", err(&output));
    }

    #[track_caller]
    fn stops(&self, line: &str) {
        self.stops_all_but(line, &[]);
    }

    /// Nobody stops the line, and it runs as if nobody had looked.
    #[track_caller]
    fn passes(&self, line: &str, ran: &[&str]) {
        assert_eq!(self.check(line), ALLOW, "check --line: {line}");
        let (found, output) = self.run(line);
        assert_eq!(found, ran, "{line}\n{}{}", out(&output), err(&output));
        assert!(!err(&output).contains("holdpoint"), "{line}\n{}", err(&output));
    }

    /// A limit: the shim does not see it, and it runs. A hook that reads the
    /// line first does see it, or does not either.
    #[track_caller]
    fn gets_past_the_shims(&self, line: &str, ran: &[&str], check: i32) {
        let (found, output) = self.run(line);
        assert_eq!(found, ran, "{line}\n{}{}", out(&output), err(&output));
        assert_eq!(self.check(line), check, "check --line: {line}");
    }

    /// Puts a text into a file of the work folder and gives its name.
    fn file(&self, name: &str, text: &str) -> String {
        self.sandbox.write(&format!("work/{name}"), text);
        name.to_owned()
    }
}
