//! A repository whose hooks call holdpoint, and an agent that commits in it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Output;

use crate::sandbox::{Sandbox, err, out};

/// A migration that drops a column, in its second line.
pub const DROP: &str =
    "ALTER TABLE users ADD COLUMN plan int;\nALTER TABLE users DROP COLUMN email;\n";

/// A made-up token of Railway's.
pub const UUID: &str = "7c1e4f02-9b3a-4d86-a1f5-0e2d8c6b9a47";

/// The token in an assignment.
pub fn railway_token() -> String {
    format!("RAILWAY_TOKEN={UUID}\n")
}

pub struct Rig {
    pub sandbox: Sandbox,
}

impl Rig {
    /// A repository with a commit, and the hooks.
    pub fn new() -> Rig {
        let rig = Rig::empty();
        rig.write("migrations/1.sql", "CREATE TABLE users (id int, email text);\n");
        rig.ok(&["add", "."]);
        rig.ok(&["commit", "-qm", "first"]);
        rig
    }

    /// A repository without a commit, and the hooks.
    pub fn empty() -> Rig {
        let rig = Rig { sandbox: Sandbox::new() };
        fs::create_dir(rig.path("")).expect("a folder");
        rig.ok(&["init", "-q", "-b", "main"]);
        for event in ["pre-commit", "commit-msg"] {
            let program = env!("CARGO_BIN_EXE_holdpoint");
            let text = format!("#!/bin/sh\nexec '{program}' git-hook {event} \"$@\"\n");
            fs::create_dir_all(rig.path(".git/hooks")).expect("a folder");
            fs::write(rig.hook(event), text).expect("a hook");
            let mode = fs::Permissions::from_mode(0o755);
            fs::set_permissions(rig.hook(event), mode).expect("its mode");
        }
        rig
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.sandbox.path("work/repo").join(name)
    }

    pub fn hook(&self, event: &str) -> PathBuf {
        self.path(".git/hooks").join(event)
    }

    pub fn write(&self, name: &str, text: &str) {
        self.sandbox.write(&format!("work/repo/{name}"), text);
    }

    pub fn git_in(&self, dir: &str, words: &[&str]) -> Output {
        let mut command = self.sandbox.command("/usr/bin/git");
        command.current_dir(self.sandbox.path(dir)).args(words).env("CURSOR_AGENT", "1");
        command.envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.com")]);
        command.envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.com")]);
        command.output().expect("git is installed")
    }

    pub fn git(&self, words: &[&str]) -> Output {
        self.git_in("work/repo", words)
    }

    #[track_caller]
    pub fn ok(&self, words: &[&str]) -> String {
        let output = self.git(words);
        assert!(output.status.success(), "git {words:?}: {}", err(&output));
        out(&output)
    }

    /// What a commit that is stopped says.
    #[track_caller]
    pub fn refused(&self, words: &[&str]) -> String {
        self.refused_in("work/repo", words)
    }

    #[track_caller]
    pub fn refused_in(&self, dir: &str, words: &[&str]) -> String {
        let before = self.head();
        let output = self.git_in(dir, words);
        assert_eq!(output.status.code(), Some(1), "git {words:?}: {}", err(&output));
        assert_eq!(self.head(), before, "git {words:?}");
        err(&output)
    }

    pub fn head(&self) -> String {
        out(&self.git(&["rev-parse", "-q", "--verify", "HEAD"])).trim().to_owned()
    }

    /// Commits a file past the hooks.
    #[track_caller]
    pub fn commit_unseen(&self, path: &str, text: &str) {
        self.write(path, text);
        self.ok(&["add", path]);
        self.ok(&["commit", "-q", "--no-verify", "-m", "unseen", "--", path]);
    }
}
