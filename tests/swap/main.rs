//! What was judged is what runs: behind each shim stands a tool that swaps
//! every judged file for another before the real tool opens it. The judged
//! text must run and the other must not, against real servers.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "../support/http_server.rs"]
mod http_server;
#[path = "../support/installed.rs"]
mod installed;
#[path = "../support/mariadb_server.rs"]
mod mariadb_server;
#[path = "../support/postgres_server.rs"]
mod postgres_server;
#[path = "../support/sandbox.rs"]
mod sandbox;

mod curl;
mod mysql;
mod psql;
mod shells;
mod sqlite;
mod wrapped;

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;

use installed::installed;
use sandbox::{Sandbox, run_with};

/// A sandbox in which the real tool is reached through one that swaps files.
struct Swap {
    sandbox: Sandbox,
    /// The files: name below the sandbox, what is judged, what it becomes.
    files: Vec<(String, String, String)>,
    /// Where the real tool lies.
    real: String,
}

impl Swap {
    fn new(tool: &str) -> Swap {
        Swap::of(tool, Path::new(&format!("/usr/bin/{tool}")))
    }

    /// The same for a tool that is another program.
    fn of(tool: &str, program: &Path) -> Swap {
        let sandbox = Sandbox::new();
        let root = sandbox.path("");
        let real = sandbox.path("real");
        std::fs::create_dir(&real).expect("a folder");
        symlink(program, real.join(tool)).expect("a link");
        let script = format!(
            "cd '{root}'\nfind home work -name '*.swapped' | while IFS= read -r f; do\n\
             cp \"$f\" \"${{f%.swapped}}\"; done\ncd \"$OLDPWD\"\nexec {program} \"$@\"",
            root = root.display(),
            program = program.display()
        );
        sandbox.tool(tool, &script);
        sandbox.shim(tool);
        Swap { sandbox, files: Vec::new(), real: real.display().to_string() }
    }

    /// A file that is swapped between judging and running.
    fn file(&mut self, name: &str, judged: impl Into<String>, other: impl Into<String>) {
        self.files.push((name.to_owned(), judged.into(), other.into()));
    }

    fn restore(&self) {
        for (name, judged, other) in &self.files {
            self.sandbox.write(name, judged);
            self.sandbox.write(&format!("{name}.swapped"), other);
        }
    }

    fn run(&self, path: &str, line: &str, input: &str) -> Output {
        self.restore();
        let mut command = self.sandbox.command("/bin/bash");
        command.args(["-c", line]).env("CLAUDECODE", "1").env("PATH", path);
        run_with(&mut command, input)
    }

    /// The line as an agent runs it behind the shims.
    fn guarded(&self, line: &str, input: &str) -> Output {
        self.run(&self.sandbox.search_path(), line, input)
    }

    /// The line with the tool that swaps and no shim.
    fn unguarded(&self, line: &str, input: &str) -> Output {
        let tools = self.sandbox.path("tools");
        self.run(&format!("{}:/usr/bin:/bin", tools.display()), line, input)
    }

    /// The line with the real tool alone.
    fn bare(&self, line: &str, input: &str) -> Output {
        self.run(&format!("{}:/usr/bin:/bin", self.real), line, input)
    }

    /// The line prints behind its shim what it prints when nobody swaps, and
    /// something else when somebody does and nobody guards.
    #[track_caller]
    fn runs_what_was_judged(&self, line: &str, input: &str) -> String {
        let [guarded, unguarded, bare] =
            [self.guarded(line, input), self.unguarded(line, input), self.bare(line, input)];
        let said = |output: &Output| format!("{}{}", sandbox::out(output), sandbox::err(output));
        assert_eq!(said(&guarded), said(&bare), "{line}");
        assert_ne!(said(&unguarded), said(&bare), "nothing was swapped: {line}");
        assert!(!said(&guarded).contains("swapped"), "{line}");
        said(&guarded)
    }

    /// The same for a tool that says the names of the files that it reads:
    /// what it prints on standard output counts.
    #[track_caller]
    fn runs_copies(&self, line: &str, input: &str) -> String {
        let said = |output: Output| sandbox::out(&output);
        let (guarded, bare) = (said(self.guarded(line, input)), said(self.bare(line, input)));
        assert_eq!(guarded, bare, "{line}");
        assert_ne!(said(self.unguarded(line, input)), bare, "nothing was swapped: {line}");
        guarded
    }

    /// A limit: the swapped text runs.
    #[track_caller]
    fn runs_what_was_swapped(&self, line: &str, input: &str) {
        let output = self.guarded(line, input);
        let said = format!("{}{}", sandbox::out(&output), sandbox::err(&output));
        assert!(said.contains("swapped"), "{line}: {said}");
    }
}
