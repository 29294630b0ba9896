//! Reported incidents that show what a hook is for, each through Claude Code's
//! hook, through Cursor's, which says it in another place and obeys another
//! answer, and through the shim: I13's interpreter by its path, which no shim
//! sees, and the commands of git that lose what nobody has a copy of.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::sandbox::{Sandbox, err, out};

/// The real git, past every shim.
fn git(dir: &Path, words: &[&str]) -> String {
    let output = Command::new("/usr/bin/git")
        .current_dir(dir)
        .args(words)
        .env_clear()
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([("HOME", "/nowhere"), ("PATH", "/usr/bin:/bin")])
        .envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.com")])
        .envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.com")])
        .output()
        .expect("git is installed");
    assert!(output.status.success(), "git {words:?}: {}", err(&output));
    out(&output)
}

/// A clone with one commit on its remote's main, and shims for git and alembic.
fn cloned() -> Sandbox {
    let sandbox = Sandbox::new();
    for program in ["git", "alembic"] {
        sandbox.shim(program);
    }
    let work = sandbox.path("work");
    git(&work, &["init", "-q", "--bare", "-b", "main", "remote.git"]);
    git(&work, &["clone", "-q", "remote.git", "repo"]);
    let repo = work.join("repo");
    git(&repo, &["switch", "-qc", "main"]);
    fs::write(repo.join("f"), "1\n").expect("written");
    git(&repo, &["add", "."]);
    git(&repo, &["commit", "-qm", "one"]);
    git(&repo, &["push", "-q", "-u", "origin", "main"]);
    sandbox
}

/// What the hooks say of a line in the repository.
fn hooks(sandbox: &Sandbox, line: &str) -> [Option<String>; 2] {
    let cwd = sandbox.path("work/repo");
    let claude = json!({"hook_event_name": "PreToolUse", "cwd": cwd, "tool_name": "Bash",
        "tool_input": {"command": line}});
    let claude = super::hook(sandbox, "claude", &claude.to_string());
    let cursor = json!({"hook_event_name": "beforeShellExecution", "cwd": cwd, "command": line,
        "workspace_roots": [cwd]});
    let cursor = super::hook(sandbox, "cursor", &cursor.to_string());
    assert_eq!(cursor.status.code(), Some(0), "{line}");
    let said: Value = serde_json::from_str(&out(&cursor)).expect("JSON");
    let denied = said["permission"] == "deny";
    [
        (claude.status.code() == Some(2)).then(|| err(&claude)),
        denied.then(|| said["agent_message"].as_str().unwrap_or_default().to_owned()),
    ]
}

fn shim(sandbox: &Sandbox, line: &str) -> Output {
    let mut command = sandbox.command("/bin/bash");
    command.args(["-c", line]).current_dir(sandbox.path("work/repo")).env("CLAUDECODE", "1");
    command.envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.com")]);
    command.envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.com")]);
    command.output().expect("bash is installed")
}

/// The hooks refuse it, each saying `what`.
#[track_caller]
fn hooks_refuse(sandbox: &Sandbox, line: &str, what: &str) {
    for card in hooks(sandbox, line) {
        let card = card.unwrap_or_else(|| panic!("{line}: it passed"));
        assert!(card.contains(what), "{line}: {what}: {card}");
        assert!(card.contains("Do not try it"), "{line}: {card}");
    }
}

/// So does the shim, when the line runs.
#[track_caller]
fn refused(sandbox: &Sandbox, line: &str, what: &str) {
    hooks_refuse(sandbox, line, what);
    let output = shim(sandbox, line);
    assert_eq!(output.status.code(), Some(77), "{line}: {}", err(&output));
    assert!(err(&output).contains(what), "{line}: {what}: {}", err(&output));
}

#[track_caller]
fn passes(sandbox: &Sandbox, line: &str) {
    assert_eq!(hooks(sandbox, line), [None, None], "{line}");
    let output = shim(sandbox, line);
    assert!(output.status.success(), "{line}: {}", err(&output));
}

#[test]
fn i13_an_interpreter_by_its_path() {
    let sandbox = cloned();
    sandbox.write("work/repo/alembic.ini", "[alembic]\nscript_location = alembic\n");
    sandbox.write("work/repo/alembic/env.py", "url = settings.DATABASE_URL\n");
    let env = |host: &str| format!("DATABASE_URL=postgresql://u:p@{host}:5432/shop\n");
    sandbox.write("work/repo/.env", &env("db.prod.acme.com"));
    let root = sandbox.path("work/repo").display().to_string();
    // What runs if nobody stops it.
    let mark = sandbox.path("ran");
    for program in ["alembic", "python"] {
        sandbox.tool(program, &format!("echo \"$*\" >> {}", mark.display()));
    }
    fs::create_dir_all(sandbox.path("work/repo/.venv/bin")).expect("a folder");
    let python = sandbox.path("work/repo/.venv/bin/python");
    fs::copy(sandbox.path("tools/python"), python).expect("a copy");
    for python in [".venv/bin/python".to_owned(), format!("{root}/.venv/bin/python")] {
        let line =
            format!("{python} -m alembic downgrade base && {python} -m alembic upgrade head");
        hooks_refuse(&sandbox, &line, "production: postgres shop@db.prod.acme.com");
        // The shims are first on PATH, and are not asked.
        let output = shim(&sandbox, &line);
        assert!(output.status.success(), "{}", err(&output));
    }
    assert_eq!(fs::read_to_string(&mark).expect("it ran").lines().count(), 4);
    refused(&sandbox, "alembic downgrade base", "production: postgres shop@db.prod.acme.com");
    sandbox.write("work/repo/.env", &env("localhost"));
    assert_eq!(hooks(&sandbox, ".venv/bin/python -m alembic downgrade base"), [None, None]);
}

/// I19 (a fresh repository's main over the remote's), I20 (the same with
/// histories that have nothing in common), I21 (harder after the remote said
/// no).
#[test]
fn i19_to_i21_a_main_branch_overwritten() {
    let sandbox = cloned();
    let remote = sandbox.path("work/remote.git");
    let before = git(&remote, &["rev-parse", "main"]);
    for line in [
        "git push --force origin main",
        "git push --force-with-lease origin main || git push --force origin main",
        "git init -q -b main ../fresh && cd ../fresh && git commit -q --allow-empty -m new && \
         git remote add origin ../remote.git && git push --force origin main",
    ] {
        refused(&sandbox, line, "production");
        assert_eq!(git(&remote, &["rev-parse", "main"]), before, "{line}");
    }
    passes(&sandbox, "git push -q --force origin HEAD:refs/heads/feature/x");
}

#[test]
fn i22_a_reset_over_days_of_work() {
    let sandbox = cloned();
    passes(&sandbox, "git reset -q --hard origin/main");
    let file = sandbox.write("work/repo/f", "two days of work\n");
    refused(&sandbox, "git reset --hard origin/main", "git stash push -u");
    assert_eq!(fs::read_to_string(file).expect("there"), "two days of work\n");
    passes(&sandbox, "git stash push -q -u");
}

#[test]
fn i23_a_clean_of_untracked_files() {
    let sandbox = cloned();
    passes(&sandbox, "git clean -fdq");
    let file = sandbox.write("work/repo/notes/new.md", "never committed\n");
    refused(&sandbox, "git clean -fd", "notes/");
    assert!(file.exists());
}

#[test]
fn i30_a_stash_that_would_not_pop_is_dropped() {
    let sandbox = cloned();
    sandbox.write("work/repo/f", "work in progress\n");
    passes(&sandbox, "git stash -q");
    sandbox.write("work/repo/f", "something else\n");
    refused(&sandbox, "git stash pop -q 2>/dev/null || git stash drop", "the last stash");
    let repo = sandbox.path("work/repo");
    assert_eq!(git(&repo, &["stash", "list"]).lines().count(), 1);
}
