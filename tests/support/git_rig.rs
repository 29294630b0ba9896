//! A repository with a remote, and gits of several versions to work on it.

// Each test uses its part of this.
#![allow(dead_code)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[path = "installed.rs"]
mod installed;

pub use installed::installed;

use super::sandbox::{Sandbox, err, out};

/// Debian's git.
pub const OLD: &str = "/usr/bin";

/// A git that calls hooks by a setting.
pub fn new_git() -> String {
    installed("new-git/bin/git").parent().expect("a folder").display().to_string()
}

/// A repository `work/repo` on main, pushed to `work/remote.git`.
pub struct Rig {
    pub sandbox: Sandbox,
    /// The folder of the git that is used.
    git: String,
    /// Folders of PATH in front of git's.
    front: Vec<PathBuf>,
}

impl Rig {
    pub fn new(git: &str) -> Rig {
        let rig = Rig { sandbox: Sandbox::new(), git: git.to_owned(), front: Vec::new() };
        rig.sandbox.write("home/.gitconfig", "[user]\n\tname = a\n\temail = a@example.com\n");
        rig.ok(&["init", "-q", "--bare", "-b", "main", "../remote.git"]);
        rig.ok(&["init", "-q", "-b", "main"]);
        rig.ok(&["remote", "add", "origin", "../remote.git"]);
        rig.file("a", "1\n");
        rig.commit("one");
        rig.file("a", "2\n");
        rig.commit("two");
        rig.ok(&["push", "-q", "origin", "main", "main:release/1", "main:feature"]);
        rig
    }

    /// The same with programs of these folders on PATH.
    pub fn with(git: &str, front: &[&Path]) -> Rig {
        let mut rig = Rig::new(git);
        rig.front = front.iter().map(|folder| folder.to_path_buf()).collect();
        rig
    }

    /// Any program in the repository, as an agent runs it.
    pub fn command(&self, program: &str) -> Command {
        let mut search: Vec<PathBuf> = self.front.clone();
        search.push(PathBuf::from(&self.git));
        search.extend(["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from));
        let repo = self.sandbox.path("work/repo");
        fs::create_dir_all(&repo).expect("a folder");
        let search = std::env::join_paths(search).expect("a path");
        // The program itself is looked for on the PATH that it gets.
        let mut command = self.sandbox.command("/usr/bin/env");
        command.arg(program).current_dir(repo).env("PATH", search).env("CURSOR_AGENT", "1");
        command.env("GIT_TERMINAL_PROMPT", "0").env("PRE_COMMIT_HOME", self.sandbox.path("cache"));
        command.env("PREK_HOME", self.sandbox.path("prek"));
        command
    }

    pub fn run(&self, program: &str, words: &[&str]) -> Output {
        self.command(program).args(words).output().expect("it starts")
    }

    pub fn git(&self, words: &[&str]) -> Output {
        self.run("git", words)
    }

    #[track_caller]
    pub fn ok(&self, words: &[&str]) -> String {
        let output = self.git(words);
        assert!(output.status.success(), "git {words:?}: {}{}", err(&output), out(&output));
        out(&output)
    }

    /// That git does not do it, and says this.
    #[track_caller]
    pub fn stopped(&self, words: &[&str], says: &str) {
        let before = self.refs();
        let output = self.git(words);
        // A card breaks its lines where the window ends.
        let said = err(&output) + &out(&output);
        let said = said.split_whitespace().collect::<Vec<&str>>().join(" ");
        assert!(!output.status.success(), "git {words:?}: {said}");
        assert!(said.contains(says), "git {words:?}: {said}");
        assert_eq!(self.refs(), before, "git {words:?}");
    }

    /// holdpoint in the repository.
    #[track_caller]
    pub fn holdpoint(&self, words: &[&str]) -> String {
        let output = self.run(env!("CARGO_BIN_EXE_holdpoint"), words);
        assert!(output.status.success(), "{words:?}: {}{}", err(&output), out(&output));
        out(&output)
    }

    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        self.sandbox.write(&format!("work/repo/{name}"), text)
    }

    pub fn script(&self, name: &str, text: &str) {
        let path = self.file(name, text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("mode");
    }

    pub fn read(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.sandbox.path("work/repo").join(name)).ok()
    }

    #[track_caller]
    pub fn commit(&self, message: &str) {
        self.ok(&["add", "-A"]);
        self.ok(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// Every local branch and tag, and those of the remote.
    pub fn refs(&self) -> String {
        let show = |dir: &str| {
            let words = ["-C", dir, "for-each-ref", "refs/heads", "refs/tags"];
            out(&self.git(&words))
        };
        show(".") + &show("../remote.git")
    }
}
