//! The hooks that `git install` writes, called by the real git in real pushes:
//! what rewrites or deletes a protected branch does not reach the remote,
//! whatever flags said so and whether or not the shim saw it. The pushes here
//! run git by its own path, which no shim sees.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Output;

use sandbox::{Sandbox, err, out};

struct Rig {
    sandbox: Sandbox,
}

impl Rig {
    /// A repository with three commits on main and a branch, pushed.
    fn new() -> Rig {
        let rig = Rig { sandbox: Sandbox::new() };
        rig.ok("work", &["init", "-q", "--bare", "-b", "main", "remote.git"]);
        rig.ok("work", &["init", "-q", "-b", "main", "repo"]);
        rig.ok("work/repo", &["remote", "add", "origin", "../remote.git"]);
        for message in ["one", "two", "three"] {
            rig.ok("work/repo", &["commit", "-q", "--allow-empty", "-m", message]);
        }
        rig.ok("work/repo", &["tag", "v1"]);
        rig.ok(
            "work/repo",
            &["push", "-q", "origin", "main", "main:feature", "main:release/1", "v1"],
        );
        rig
    }

    fn git(&self, dir: &str, words: &[&str]) -> Output {
        let mut command = self.sandbox.command("/usr/bin/git");
        command.current_dir(self.sandbox.path(dir)).args(words).env("CURSOR_AGENT", "1");
        command.envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.com")]);
        command.envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.com")]);
        command.output().expect("git is installed")
    }

    #[track_caller]
    fn ok(&self, dir: &str, words: &[&str]) {
        let output = self.git(dir, words);
        assert!(output.status.success(), "git {words:?}: {}", err(&output));
    }

    #[track_caller]
    fn holdpoint(&self, dir: &str, words: &[&str]) -> String {
        let mut command = self.sandbox.holdpoint(words);
        let output = command.current_dir(self.sandbox.path(dir)).output().expect("it runs");
        assert!(output.status.success(), "{words:?}: {}", err(&output));
        out(&output)
    }

    fn refs(&self) -> String {
        out(&self.git("work/remote.git", &["show-ref"]))
    }

    fn hook(&self, name: &str) -> PathBuf {
        self.sandbox.path("work/repo/.git/hooks").join(name)
    }

    /// Writes a hook that says that it ran, and with what.
    fn write_hook(&self, path: &str, status: i32) {
        let mark = self.sandbox.path("ran");
        let text =
            format!("#!/bin/sh\necho \"$1\" >>'{0}'\ncat >>'{0}'\nexit {status}\n", mark.display());
        let path = self.sandbox.write(path, &text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("mode");
    }

    fn ran(&self) -> String {
        fs::read_to_string(self.sandbox.path("ran")).unwrap_or_default()
    }

    /// That what destroys is stopped and the rest is not.
    #[track_caller]
    fn guards(&self) {
        self.ok("work/repo", &["fetch", "-q"]);
        let before = self.refs();
        self.ok("work/repo", &["reset", "-q", "--hard", "HEAD~1"]);
        for words in [
            &["push", "-f", "origin", "main"][..],
            &["push", "origin", "+HEAD:main"],
            &["push", "--force-with-lease", "origin", "HEAD:release/1"],
            &["push", "origin", ":main"],
            &["push", "--delete", "origin", "release/1"],
            &["push", "--mirror", "origin"],
            &["push", "-f", "origin", "HEAD:feature", "HEAD:main"],
            &["push", "../remote.git", "+HEAD~1:main"],
            &["-c", "remote.origin.push=+HEAD:refs/heads/main", "push", "origin"],
        ] {
            let output = self.git("work/repo", words);
            assert_eq!(output.status.code(), Some(1), "git {words:?}: {}", err(&output));
            assert!(err(&output).contains("production"), "git {words:?}: {}", err(&output));
            assert_eq!(self.refs(), before, "git {words:?}");
        }
        self.ok("work/repo", &["reset", "-q", "--hard", "origin/main"]);
        self.ok("work/repo", &["commit", "-q", "--allow-empty", "-m", "more"]);
        for words in [
            &["push", "-q", "origin", "main"][..],
            &["push", "-q", "-f", "origin", "main~2:feature"],
            &["push", "-q", "-f", "origin", "main"],
            &["push", "-q", "origin", "main:new", "main~1:refs/tags/v2"],
            &["push", "-q", "origin", ":new", ":feature"],
            &["push", "-q", "origin", "main:feature"],
        ] {
            let output = self.git("work/repo", words);
            assert!(output.status.success(), "git {words:?}: {}", err(&output));
        }
    }
}

#[test]
fn a_push_is_judged_by_the_refs_that_it_changes() {
    let rig = Rig::new();
    rig.holdpoint("work/repo", &["git", "install"]);
    rig.guards();
    assert!(rig.sandbox.trail().contains("git-hook"));
}

#[test]
fn a_server_judges_what_it_receives() {
    let rig = Rig::new();
    rig.holdpoint("work/remote.git", &["git", "install", "--server"]);
    rig.guards();
}

#[test]
fn a_hook_that_was_there_still_runs_and_comes_back() {
    let rig = Rig::new();
    rig.write_hook("work/repo/.git/hooks/pre-push", 0);
    let own = fs::read_to_string(rig.hook("pre-push")).expect("a hook");
    let said = rig.holdpoint("work/repo", &["git", "install"]);
    assert!(said.contains("pre-push.before-holdpoint"), "{said}");
    // Once more changes nothing.
    rig.holdpoint("work/repo", &["git", "install"]);
    rig.ok("work/repo", &["push", "-q", "origin", "main:feature2"]);
    assert!(rig.ran().starts_with("origin\n"), "{}", rig.ran());
    assert!(rig.ran().contains("refs/heads/feature2"), "{}", rig.ran());
    // Nor does it after a tool has written its own hook over it again.
    fs::copy(rig.hook("pre-push.before-holdpoint"), rig.hook("pre-push")).expect("copied");
    rig.holdpoint("work/repo", &["git", "install"]);
    let before = rig.ran();
    assert!(!rig.git("work/repo", &["push", "origin", ":main"]).status.success());
    assert_eq!(rig.ran(), before, "it runs behind a push that was stopped");
    // Its own no still counts.
    rig.write_hook("work/repo/.git/hooks/pre-push.before-holdpoint", 1);
    assert!(!rig.git("work/repo", &["push", "origin", "main:feature3"]).status.success());
    fs::write(rig.hook("pre-push.before-holdpoint"), &own).expect("written");
    rig.holdpoint("work/repo", &["git", "remove"]);
    assert_eq!(fs::read_to_string(rig.hook("pre-push")).expect("a hook"), own);
    assert!(!rig.hook("pre-push.before-holdpoint").exists());
    let said = rig.holdpoint("work/repo", &["git", "remove"]);
    assert!(said.contains("none of holdpoint's"), "{said}");
    assert_eq!(fs::read_to_string(rig.hook("pre-push")).expect("a hook"), own);
}

#[test]
fn hooks_lie_where_the_settings_say() {
    let rig = Rig::new();
    rig.ok("work/repo", &["config", "core.hooksPath", "team/hooks"]);
    rig.holdpoint("work/repo", &["git", "install"]);
    assert!(rig.sandbox.path("work/repo/team/hooks/pre-push").exists());
    assert!(!rig.hook("pre-push").exists());
    rig.guards();
    // As husky 9 lays them out: what it generates runs the file above it.
    let rig = Rig::new();
    rig.ok("work/repo", &["config", "core.hooksPath", ".husky/_"]);
    let generated =
        "#!/usr/bin/env sh\nd=$(dirname \"$0\")\nexec sh -e \"$d/../$(basename \"$0\")\" \"$@\"\n";
    let path = rig.sandbox.write("work/repo/.husky/_/pre-push", generated);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("mode");
    rig.write_hook("work/repo/.husky/pre-push", 0);
    rig.holdpoint("work/repo", &["git", "install"]);
    rig.guards();
    assert!(rig.ran().contains("refs/heads/feature"), "{}", rig.ran());
}
