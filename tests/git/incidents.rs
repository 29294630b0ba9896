//! The incidents with git, behind its shim.

use std::fs;
use std::process::Output;

use crate::git;
use crate::sandbox::{Sandbox, err};

/// A folder with a shim for git in front of the real one, and repositories
/// below it.
fn shimmed() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.shim("git");
    let work = sandbox.path("work");
    git(&work, &["init", "-q", "--bare", "-b", "main", "remote.git"]);
    git(&work, &["clone", "-q", "remote.git", "repo"]);
    let repo = work.join("repo");
    git(&repo, &["switch", "-qc", "main"]);
    for number in 0..12 {
        fs::write(repo.join(format!("f{number}")), "1\n").expect("written");
    }
    git(&repo, &["add", "."]);
    git(&repo, &["commit", "-qm", "one"]);
    git(&repo, &["push", "-q", "-u", "origin", "main"]);
    sandbox
}

/// Runs a line in the repository as an agent's.
fn agent(sandbox: &Sandbox, line: &str) -> Output {
    let mut command = sandbox.command("/bin/bash");
    command.args(["-c", line]).current_dir(sandbox.path("work/repo")).env("CURSOR_AGENT", "1");
    command.envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.com")]);
    command.envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.com")]);
    command.output().expect("bash is installed")
}

#[track_caller]
fn refused(sandbox: &Sandbox, line: &str) -> String {
    let output = agent(sandbox, line);
    assert_eq!(output.status.code(), Some(77), "{line}: {}", err(&output));
    err(&output)
}

#[track_caller]
fn runs(sandbox: &Sandbox, line: &str) {
    let output = agent(sandbox, line);
    assert!(output.status.success(), "{line}: {}", err(&output));
    assert_eq!(err(&output), "", "{line}");
}

#[test]
fn incident_22_a_reset_over_two_days_of_work() {
    let sandbox = shimmed();
    runs(&sandbox, "git reset -q --hard origin/main");
    let file = |number: usize| sandbox.path(&format!("work/repo/f{number}"));
    for number in 0..12 {
        fs::write(file(number), "two days of work\n").expect("written");
    }
    let card = refused(&sandbox, "git reset --hard origin/main");
    assert!(card.contains("12 files (f0, f1,"), "{card}");
    assert!(card.contains("git stash push -u"), "{card}");
    assert_eq!(fs::read_to_string(file(11)).expect("there"), "two days of work\n");
    runs(&sandbox, "git stash push -q -u");
    runs(&sandbox, "git reset -q --hard origin/main");
}

#[test]
fn incident_23_a_clean_of_untracked_files() {
    let sandbox = shimmed();
    runs(&sandbox, "git clean -fdq");
    let file = sandbox.write("work/repo/notes/new.md", "never committed\n");
    let card = refused(&sandbox, "git clean -fd");
    assert!(card.contains("notes/"), "{card}");
    assert!(file.exists());
}

#[test]
fn incident_30_a_stash_that_would_not_pop_is_dropped() {
    let sandbox = shimmed();
    let file = sandbox.path("work/repo/f0");
    fs::write(&file, "work in progress\n").expect("written");
    runs(&sandbox, "git stash -q");
    fs::write(&file, "something else\n").expect("written");
    let card = refused(&sandbox, "git stash pop -q 2>/dev/null || git stash drop");
    assert!(card.contains("the last stash"), "{card}");
    assert_eq!(git(&sandbox.path("work/repo"), &["stash", "list"]).lines().count(), 1);
}

#[test]
fn incidents_19_to_21_a_main_branch_overwritten() {
    let sandbox = shimmed();
    let remote = sandbox.path("work/remote.git");
    let before = git(&remote, &["rev-parse", "main"]);
    for line in [
        "rm -rf .git; git init -q -b main; git add .; git commit -qm new; \
         git remote add origin ../remote.git; git push --force origin main",
        "git push --force",
        "git push --force-with-lease origin main || git push --force origin main",
        "git push origin +HEAD:main",
        "git push -f ../remote.git HEAD:refs/heads/main",
        "git config alias.yolo 'push --force origin'; git yolo main",
        "git config remote.origin.mirror true; git push",
    ] {
        let card = refused(&sandbox, line);
        assert!(card.contains("production"), "{line}: {card}");
        assert_eq!(git(&remote, &["rev-parse", "main"]), before, "{line}");
    }
    runs(
        &sandbox,
        "git config --unset remote.origin.mirror; git push -q --force origin HEAD:feature/x",
    );
}

#[test]
fn incident_31_a_work_tree_removed_by_force() {
    let sandbox = shimmed();
    runs(&sandbox, "git worktree add -q ../tree -b topic");
    let file = sandbox.write("work/tree/code.rs", "never committed\n");
    refused(&sandbox, "git worktree remove --force ../tree");
    assert!(file.exists());
    fs::remove_file(file).expect("removed");
    runs(&sandbox, "git worktree remove --force ../tree");
}
