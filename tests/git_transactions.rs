//! `git-hook reference-transaction`, called by real gits: a protected branch
//! neither goes nor moves where commits would be lost, and ordinary work with
//! branches is never stopped.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/git_rig.rs"]
mod git_rig;
#[path = "support/sandbox.rs"]
mod sandbox;

use git_rig::{OLD, Rig, new_git};
use sandbox::{err, run_with};

fn gits() -> Vec<String> {
    vec![OLD.to_owned(), new_git()]
}

/// A rig with the hook, and one commit on main that is nowhere else.
fn unpushed(git: &str) -> Rig {
    let rig = Rig::new(git);
    rig.holdpoint(&["git", "install"]);
    rig.ok(&["branch", "other"]);
    rig.file("b", "3\n");
    rig.commit("three");
    rig
}

#[test]
fn a_protected_branch_keeps_what_is_nowhere_else() {
    for git in gits() {
        let rig = unpushed(&git);
        for words in [
            &["reset", "-q", "--hard", "HEAD~1"][..],
            &["reset", "-q", "--hard", "origin/main"],
            &["update-ref", "-d", "refs/heads/main"],
            &["checkout", "-q", "-B", "main", "other"],
        ] {
            rig.stopped(words, "drops 1 commit that no other branch, tag or remote has");
            // The refusal comes after git has changed files.
            rig.ok(&["checkout", "-q", "-f", "main"]);
        }
        rig.ok(&["checkout", "-q", "other"]);
        for words in [
            &["branch", "-D", "main"][..],
            &["branch", "-f", "main", "other"],
            &["update-ref", "refs/heads/main", "other"],
            &["fetch", "-q", "origin", "+main:main"],
            &["branch", "-M", "other", "main"],
            &["switch", "-q", "-C", "main"],
        ] {
            rig.stopped(words, "protected branch main");
        }
        let mut command = rig.command("git");
        let delete = run_with(command.args(["update-ref", "--stdin"]), "delete refs/heads/main\n");
        assert!(!delete.status.success() && err(&delete).contains("protected"), "{}", err(&delete));
        assert_eq!(rig.ok(&["rev-parse", "other"]), rig.ok(&["rev-parse", "origin/main"]));
        // Packed, it is no other branch.
        rig.ok(&["pack-refs", "--all"]);
        rig.stopped(&["branch", "-D", "main"], "protected branch main");
        assert!(rig.sandbox.trail().contains("reference-transaction"));
    }
}

#[test]
fn ordinary_work_with_branches_is_free() {
    for git in gits() {
        let rig = unpushed(&git);
        let ok = |words: &[&str]| drop(rig.ok(words));
        let upstream = || rig.commit("another");
        // What replaces commits by others.
        ok(&["commit", "-q", "--amend", "-m", "three, said better"]);
        ok(&["commit", "-q", "--amend", "--reset-author", "--no-edit"]);
        upstream();
        ok(&["commit", "-q", "--allow-empty", "--fixup", "HEAD"]);
        ok(&["-c", "sequence.editor=true", "rebase", "-q", "-i", "--autosquash", "HEAD~2"]);
        ok(&["rebase", "-q", "--force-rebase", "HEAD~2"]);
        rig.file("e", "4\n");
        rig.commit("not empty");
        ok(&["rebase", "-q", "--apply", "--force-rebase", "HEAD~1"]);
        // What takes commits back, and keeps what they changed.
        rig.file("a", "4\n");
        rig.file("c/d", "5\n");
        rig.commit("four");
        ok(&["reset", "-q", "--soft", "HEAD~1"]);
        rig.commit("four again");
        ok(&["reset", "-q", "HEAD~1"]);
        rig.commit("four once more");
        // What loses nothing: it is on another branch, or on the remote.
        ok(&["branch", "keep"]);
        ok(&["reset", "-q", "--hard", "origin/main"]);
        ok(&["merge", "-q", "keep"]);
        ok(&["push", "-q", "origin", "main"]);
        ok(&["reset", "-q", "--hard", "HEAD~1"]);
        ok(&["pull", "-q", "--ff-only", "origin", "main"]);
        ok(&["branch", "-D", "keep"]);
        // Renamed, created, packed, fetched, deleted where nothing goes.
        upstream();
        ok(&["branch", "-m", "main", "trunk"]);
        ok(&["branch", "-m", "trunk", "main"]);
        ok(&["branch", "release/2"]);
        ok(&["branch", "-D", "release/2"]);
        for _ in 0..2 {
            ok(&["pack-refs", "--all", "--prune"]);
            ok(&["gc", "-q", "--prune=now"]);
            upstream();
        }
        ok(&["fetch", "-q", "--prune", "origin"]);
        ok(&["fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
        ok(&["worktree", "add", "-q", "-b", "side", "../side"]);
        ok(&["stash", "list"]);
        ok(&["checkout", "-q", "-b", "topic"]);
        upstream();
        ok(&["reset", "-q", "--hard", "HEAD~1"]);
        ok(&["checkout", "-q", "main"]);
        ok(&["branch", "-D", "topic"]);
        ok(&["tag", "v1"]);
        ok(&["tag", "-d", "v1"]);
        ok(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
    }
}

#[test]
fn an_unfinished_pick_is_taken_back() {
    let rig = unpushed(OLD);
    rig.ok(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    rig.file("c", "side\n");
    rig.commit("fits");
    rig.file("b", "side\n");
    rig.commit("does not fit");
    rig.ok(&["checkout", "-q", "main"]);
    assert!(!rig.git(&["cherry-pick", "side~1", "side"]).status.success());
    rig.ok(&["cherry-pick", "--abort"]);
    let patches = rig.ok(&["format-patch", "-q", "-2", "-o", "../patches", "side"]);
    assert_eq!(patches, "");
    let patch = |name: &str| rig.sandbox.path("work/patches").join(name).display().to_string();
    let (first, second) = (patch("0001-fits.patch"), patch("0002-does-not-fit.patch"));
    assert!(!rig.git(&["am", "-q", &first, &second]).status.success());
    rig.ok(&["am", "--abort"]);
    assert_eq!(rig.ok(&["log", "-1", "--format=%s"]), "three\n");
}

#[test]
fn a_policy_and_the_remote_s_main_branch_protect_more() {
    let rig = Rig::new(OLD);
    rig.holdpoint(&["git", "install"]);
    for name in ["develop", "team/x", "mine"] {
        rig.ok(&["checkout", "-q", "-b", name, "main"]);
        rig.file(&format!("of-{}", name.replace('/', "-")), "x\n");
        rig.commit(name);
    }
    rig.ok(&["checkout", "-q", "main"]);
    rig.sandbox.policy(
        "version = 1\n[[environment]]\nclass = \"production\"\nplatform = \"git\"\nbranch = [\"team/*\"]\n",
    );
    rig.stopped(&["branch", "-D", "team/x"], "protected branch team/x");
    rig.ok(&["branch", "-D", "mine"]);
    rig.ok(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop"]);
    rig.stopped(&["branch", "-D", "develop"], "protected branch develop");
}

/// Of refs that nobody protects, nothing is asked: git is not started. The
/// git that would be is a trap.
#[test]
fn no_git_is_started_for_refs_that_are_not_protected() {
    let rig = unpushed(OLD);
    let trap = rig.sandbox.path("trap");
    let ran = rig.sandbox.path("trap/ran");
    let text = format!("#!/bin/sh\necho \"$@\" >>'{}'\nexit 1\n", ran.display());
    rig.sandbox.write("trap/git", &text);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(trap.join("git"), mode).expect("mode");
    let hook = |line: &str| {
        let mut command = rig.command(env!("CARGO_BIN_EXE_holdpoint"));
        command.env("PATH", format!("{}:/usr/bin:/bin", trap.display()));
        command.args(["git-hook", "reference-transaction", "prepared"]);
        run_with(&mut command, line)
    };
    let (a, b) = ("1".repeat(40), "2".repeat(40));
    let zero = "0".repeat(40);
    for line in [
        format!("{a} {b} refs/heads/feature\n"),
        format!("{a} {zero} refs/heads/feature\n"),
        format!("{a} {b} refs/remotes/origin/main\n{a} {zero} refs/stash\n{a} {b} HEAD\n"),
        format!("{zero} {b} refs/heads/release/9\n"),
        format!("{zero} ref:refs/heads/x HEAD\n"),
    ] {
        let output = hook(&line);
        assert!(output.status.success(), "{line}: {}", err(&output));
        assert!(!ran.exists(), "{line}");
    }
    let output = hook(&format!("{a} {b} refs/heads/main\n"));
    assert!(!output.status.success() && ran.exists(), "{}", err(&output));
}
