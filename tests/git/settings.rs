//! Settings files are read as `git config --list` reads them, and a look never
//! runs what they name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use holdpoint::judgement::Verdict;
use holdpoint::parse::git_config;

use crate::{Chance, git, judged, run};

/// A repository every setting of which would leave a mark if git ran it.
fn booby_trapped(dir: &Path) -> PathBuf {
    let mark = dir.join("ran");
    let repo = dir.join("repo");
    fs::create_dir(&repo).expect("made");
    git(&repo, &["init", "-q", "-b", "main"]);
    fs::write(repo.join("a"), "1\n").expect("written");
    git(&repo, &["add", "."]);
    git(&repo, &["commit", "-qm", "one"]);
    let trap = dir.join("trap");
    fs::write(&trap, format!("#!/bin/sh\necho \"$0 $*\" >>'{}'\ncat\n", mark.display()))
        .expect("written");
    Command::new("chmod").arg("+x").arg(&trap).status().expect("chmod starts");
    let trap = trap.to_str().expect("text");
    for key in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "diff.external",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.e=v.il.clean",
        "filter.p.process",
        "diff.evil.textconv",
        "diff.evil.command",
        "core.alternateRefsCommand",
        "pager.status",
        "credential.helper",
        "gpg.program",
        "core.askPass",
    ] {
        git(&repo, &["config", key, trap]);
    }
    git(&repo, &["config", "filter.p.required", "true"]);
    let hooks = repo.join(".git/hooks");
    for hook in ["post-index-change", "post-checkout", "pre-commit", "reference-transaction"] {
        fs::copy(trap, hooks.join(hook)).expect("copied");
    }
    let attributes = "a filter=evil diff=evil\nb filter=e=v.il\nc filter=p\n";
    fs::write(repo.join(".git/info/attributes"), attributes).expect("written");
    fs::write(repo.join("a"), "2\n").expect("written");
    fs::write(repo.join("b"), "2\n").expect("written");
    repo
}

#[test]
fn a_look_runs_nothing_that_the_repository_names() {
    let dir = tempfile::tempdir().expect("a folder");
    let repo = booby_trapped(dir.path());
    let _ = fs::remove_file(dir.path().join("ran"));
    for line in [
        "reset --hard",
        "checkout -- a",
        "restore .",
        "clean -fdx",
        "rm -f a",
        "branch -D main",
        "stash drop",
        "gc --prune=now",
        "reflog expire --expire=now --all",
        "worktree remove -f .",
    ] {
        let _ = judged(&repo, &line.split(' ').collect::<Vec<_>>());
    }
    let ran = fs::read_to_string(dir.path().join("ran")).unwrap_or_default();
    assert_eq!(ran, "");
    assert_eq!(judged(&repo, &["reset", "--hard"]).0, Verdict::Refuse);
    // The trap works: git itself runs it.
    run(&repo, &["status"]);
    assert!(fs::read_to_string(dir.path().join("ran")).is_ok());
}

#[test]
fn settings_files_are_read_as_git_reads_them() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("config");
    let pieces = [
        "[a]",
        "[A \"B c\"]",
        "[a.B]",
        "[ a]",
        "[a  \"x\\\"y\"]",
        "\n",
        "\n",
        "\n",
        "k",
        "Key-1",
        " = ",
        "=",
        "v",
        " w ",
        "\"",
        "\\n",
        "\\\n",
        "\\\\",
        "\\\"",
        "\\x",
        "#c",
        ";",
        "\t",
        "\r\n",
        "é",
        "yes",
        "\u{c}",
    ];
    let mut chance = Chance(7);
    let mut read = 0;
    for _ in 0..600 {
        let mut text = String::from("[a]\n");
        for _ in 0..chance.next() % 14 {
            let piece = usize::try_from(chance.next()).expect("small") % pieces.len();
            text.push_str(pieces[piece]);
        }
        fs::write(&path, &text).expect("written");
        let output =
            run(dir.path(), &["config", "-z", "--list", "--file", path.to_str().expect("text")]);
        if !output.status.success() {
            continue;
        }
        read += 1;
        let theirs = String::from_utf8_lossy(&output.stdout).into_owned();
        let ours: String = git_config::parse(&text)
            .into_iter()
            .map(|entry| match entry.value {
                Some(value) => format!("{}\n{value}\0", entry.name),
                None => format!("{}\0", entry.name),
            })
            .collect();
        assert_eq!(ours, theirs, "{text:?}");
    }
    assert!(read > 100, "{read}");
}
