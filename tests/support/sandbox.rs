//! A home of its own for one test: shims of the built binary, stubs of tools
//! that record what they are given, and nothing of the machine's environment.

// Each test uses its part of this.
#![allow(dead_code)]

#[cfg(not(feature = "test-home"))]
compile_error!("these tests need a home of their own: ./tests/run, or --features test-home");

#[path = "program.rs"]
mod program;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The folders of one test.
pub struct Sandbox {
    dir: TempDir,
}

impl Default for Sandbox {
    fn default() -> Sandbox {
        Sandbox::new()
    }
}

impl Sandbox {
    /// An empty home, an empty folder of tools, and shims for `psql`,
    /// `railway`, `aws` and `curl`.
    pub fn new() -> Sandbox {
        let sandbox = Sandbox { dir: tempfile::tempdir().expect("a temporary folder") };
        for folder in ["home", "tools", "shims", "work"] {
            fs::create_dir(sandbox.path(folder)).expect("a folder");
        }
        // Another user (PostgreSQL's own) may have to reach what is in here.
        fs::set_permissions(sandbox.dir.path(), fs::Permissions::from_mode(0o755)).expect("mode");
        for program in ["psql", "railway", "aws", "curl", "dropdb", "pg_restore"] {
            sandbox.shim(program);
        }
        sandbox
    }

    /// Puts a shim in front of a program, if there is none.
    pub fn shim(&self, program: &str) {
        let shim = self.shims().join(program);
        if !shim.exists() {
            symlink(env!("CARGO_BIN_EXE_holdpoint"), shim).expect("a shim");
        }
    }

    /// A path below the sandbox.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The home directory that holdpoint takes for the account's.
    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// The folder of shims.
    pub fn shims(&self) -> PathBuf {
        self.path("shims")
    }

    /// Writes a file below the sandbox.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(&path, text).expect("a file");
        path
    }

    /// Writes the user's policy.
    pub fn policy(&self, text: &str) {
        self.write("home/.config/holdpoint/policy.toml", text);
    }

    /// Puts a shell script into the folder of tools.
    pub fn tool(&self, name: &str, script: &str) {
        let path = self.path("tools").join(name);
        program::write(&path, 0o755, format!("#!/bin/sh\n{script}\n").as_bytes());
    }

    /// Puts a tool there that only writes into the file `ran` how it was called.
    pub fn recorder(&self, name: &str) {
        let ran = self.path("ran");
        self.tool(name, &format!("echo \"{name} $*\" >>'{}'", ran.display()));
    }

    /// The PATH in which shims come first, then the stubs, then the system.
    pub fn search_path(&self) -> String {
        format!(
            "{}:{}:/usr/local/bin:/usr/bin:/bin",
            self.shims().display(),
            self.path("tools").display()
        )
    }

    /// A command in the sandbox: the environment holds PATH, HOME and the
    /// test's home, nothing else.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", self.search_path())
            .env("HOME", self.home())
            .env("HOLDPOINT_TEST_HOME", self.home())
            .env("LC_ALL", "C.UTF-8")
            .current_dir(self.path("work"))
            .stdin(Stdio::null());
        command
    }

    /// The shim of a tool with these arguments, as an agent runs it.
    pub fn agent(&self, program: &str, args: &[&str]) -> Command {
        let mut command = self.command(self.shims().join(program));
        command.args(args).env("CLAUDECODE", "1");
        command
    }

    /// holdpoint itself with these arguments.
    pub fn holdpoint(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_holdpoint"));
        command.args(args);
        command
    }

    /// The audit trail's text; empty if there is none.
    pub fn trail(&self) -> String {
        let path = self.home().join(".local/state/holdpoint/audit.jsonl");
        fs::read_to_string(path).unwrap_or_default()
    }
}

/// Runs a command with `input` on its standard input.
pub fn run_with(command: &mut Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    // A command that is refused may close its input before it is all written.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

/// Standard output as text.
pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error as text.
pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
