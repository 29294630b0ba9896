//! `git install` beside everything that calls hooks: the real husky 8 and 9,
//! lefthook, pre-commit, prek, plain folders wherever core.hooksPath leads,
//! and settings of a git that has them. In each, what destroys is stopped, the
//! hooks that were there run, `git status` finds every event live, and taking
//! holdpoint away leaves every byte as it was.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/git_rig.rs"]
mod git_rig;
#[path = "support/sandbox.rs"]
mod sandbox;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use git_rig::{OLD, Rig, installed, new_git};
use sandbox::{err, out};

/// Files that hold hooks and settings, with their texts and modes.
fn snapshot(rig: &Rig) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    fn below(folder: &Path, found: &mut BTreeMap<PathBuf, (u32, Vec<u8>)>) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_str().expect("text");
            let about = fs::symlink_metadata(&path).expect("it is there");
            if about.is_dir() {
                let in_git = folder.ends_with(".git");
                if !in_git || ["hooks", "worktrees"].contains(&name) {
                    below(&path, found);
                }
            } else if !folder.ends_with(".git") || name.starts_with("config") {
                let text = fs::read(&path).expect("readable");
                found.insert(path, (about.permissions().mode(), text));
            }
        }
    }
    let mut found = BTreeMap::new();
    below(&rig.sandbox.path("work/repo"), &mut found);
    let home = rig.sandbox.path("home/.gitconfig");
    found.insert(home.clone(), (0, fs::read(home).expect("it is there")));
    found
}

/// A line of shell that says that a hook ran, and with what.
fn noting(rig: &Rig) -> String {
    let mark = rig.sandbox.path("ran");
    format!("{{ echo ran \"$@\"; cat; }} >> '{}'", mark.display())
}

fn ran(rig: &Rig) -> String {
    fs::read_to_string(rig.sandbox.path("ran")).unwrap_or_default()
}

/// That what destroys is stopped and the rest is not, and the hook that was
/// there runs.
#[track_caller]
fn guards(rig: &Rig, deletions: bool) {
    rig.ok(&["push", "-q", "origin", "main"]);
    rig.stopped(&["push", "-f", "origin", "main~1:main"], "Replaces the history of branch main");
    let first = rig.ok(&["rev-list", "--max-parents=0", "main"]);
    let first = format!("+{}:release/1", first.trim());
    rig.stopped(&["push", "origin", &first], "branch release/1");
    if deletions {
        rig.stopped(&["push", "origin", ":main"], "Deletes branch main");
        rig.stopped(&["push", "origin", "main:new", ":release/1"], "Deletes branch release/1");
    }
    let before = ran(rig);
    rig.ok(&["push", "-q", "-f", "origin", "main~1:refs/heads/topic"]);
    rig.file("unpushed", "x\n");
    rig.commit("unpushed");
    rig.stopped(&["reset", "-q", "--hard", "HEAD~1"], "protected branch main");
    rig.ok(&["reset", "-q", "--hard", "HEAD"]);
    rig.ok(&["push", "-q", "origin", "main"]);
    let now = ran(rig);
    assert!(now.len() > before.len(), "the hook that was there ran: {now}");
}

/// Installs, tries everything, and takes it away again.
#[track_caller]
fn whole(rig: &Rig, words: &[&str]) -> String {
    let before = snapshot(rig);
    let install = [&["git", "install"], words].concat();
    let said = rig.holdpoint(&install);
    let once = snapshot(rig);
    rig.holdpoint(&install);
    assert_eq!(snapshot(rig), once, "twice is once");
    // A manager wants its settings to be the ones that are committed.
    rig.commit("settings");
    let live = rig.holdpoint(&["git", "status"]);
    assert!(!live.contains("DEAD"), "{live}");
    for event in ["pre-push", "reference-transaction"] {
        assert!(live.contains(&format!("live  {event}")), "{live}");
    }
    assert_eq!(ran(rig), "", "trying a hook runs nothing else: {}", ran(rig));
    guards(rig, true);
    let live = rig.holdpoint(&["git", "status"]);
    assert!(!live.contains("DEAD") && !live.contains("none"), "{live}");
    rig.holdpoint(&[&["git", "remove"], words].concat());
    let mut after = snapshot(rig);
    after.remove(&rig.sandbox.path("work/repo/unpushed"));
    let differs: Vec<&PathBuf> = before
        .keys()
        .chain(after.keys())
        .filter(|path| before.get(*path) != after.get(*path))
        .collect();
    assert!(differs.is_empty(), "{differs:?}");
    said
}

fn holdpoint_folder() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_holdpoint")).parent().expect("a folder").to_path_buf()
}

#[test]
fn plain_hooks_and_wherever_the_path_leads() {
    let rig = Rig::new(OLD);
    rig.script(".git/hooks/pre-push", &format!("#!/bin/sh\n{}\n", noting(&rig)));
    rig.script(".git/hooks/reference-transaction", "#!/bin/sh\ncat >/dev/null\n");
    let said = whole(&rig, &[]);
    assert!(said.contains("pre-push.before-holdpoint"), "{said}");
    for (file, words) in [
        ("work/repo/team/hooks", &["config", "core.hooksPath", "team/hooks"][..]),
        ("home/hooks", &["config", "--global", "core.hooksPath", "~/hooks"]),
        ("home/own", &["config", "--worktree", "core.hooksPath", "~/own"]),
    ] {
        let rig = Rig::new(OLD);
        rig.ok(&["config", "extensions.worktreeConfig", "true"]);
        rig.ok(words);
        rig.script(".git/hooks/pre-push", "#!/bin/sh\nexit 1\n");
        let hook = rig
            .sandbox
            .write(&format!("{file}/pre-push"), &format!("#!/bin/sh\n{}\n", noting(&rig)));
        fs::set_permissions(hook, fs::Permissions::from_mode(0o755)).expect("mode");
        whole(&rig, &[]);
    }
    // One that is switched off by having no path.
    let rig = Rig::new(OLD);
    rig.ok(&["config", "core.hooksPath", ""]);
    let output = rig.run(env!("CARGO_BIN_EXE_holdpoint"), &["git", "install"]);
    assert!(err(&output).contains("core.hooksPath is set to nothing"), "{}", err(&output));
}

#[test]
fn husky_of_both_kinds() {
    for version in ["8", "9"] {
        let program = installed(&format!("husky-{version}/node_modules/husky"));
        let bin = program.join(if version == "8" { "lib/bin.js" } else { "bin.js" });
        let rig = Rig::new(OLD);
        let install: &[&str] = if version == "8" { &["install"] } else { &[] };
        let husky = || {
            let words = [&[bin.to_str().expect("text")], install].concat();
            let output = rig.run("node", &words);
            assert!(output.status.success(), "{}", err(&output));
        };
        husky();
        let source = ". \"$(dirname -- \"$0\")/_/husky.sh\"\n";
        let front = if version == "8" { source } else { "" };
        rig.script(".husky/pre-push", &format!("#!/bin/sh\n{front}{}\n", noting(&rig)));
        whole(&rig, &[]);
        // husky written anew (npm install) leaves the hooks live.
        rig.holdpoint(&["git", "install"]);
        husky();
        guards(&rig, true);
        let live = rig.holdpoint(&["git", "status"]);
        assert!(live.contains("live  reference-transaction"), "{live}");
    }
}

#[test]
fn lefthook_by_its_settings() {
    let tools = installed("hook-managers/bin");
    let own = holdpoint_folder();
    for layout in [
        "# ours\npre-push:\n  # what runs\n  commands:\n    own: # here\n      run: sh note.sh {0}\n      use_stdin: true\n\n# the end\n",
        "pre-push:\n  jobs:\n    - name: own\n      run: sh note.sh {0}\n      use_stdin: true",
    ] {
        let fronts = [&[tools.as_path(), own.as_path()][..], &[tools.as_path()]];
        for front in fronts.into_iter().filter(|front| layout.starts_with('#') || front.len() == 1)
        {
            let rig = Rig::with(OLD, front);
            rig.file("lefthook.yml", layout);
            rig.file("note.sh", &format!("{}\n", noting(&rig)));
            assert!(rig.run("lefthook", &["install"]).status.success());
            rig.commit("lefthook");
            let said = whole(&rig, &[]);
            assert!(said.contains("lefthook.yml"), "{said}");
            rig.holdpoint(&["git", "install"]);
            let text = rig.read("lefthook.yml").expect("it is there");
            assert_eq!(text.contains("run: holdpoint git-hook"), front.len() == 2, "{text}");
        }
    }
    // A hook that lefthook has moved aside is called by lefthook afterwards.
    let rig = Rig::with(OLD, &[&tools, &own]);
    rig.holdpoint(&["git", "install"]);
    rig.file("lefthook.yml", "pre-push:\n  commands:\n    own:\n      run: sh note.sh\n");
    rig.file("note.sh", &format!("{}\n", noting(&rig)));
    assert!(rig.run("lefthook", &["install"]).status.success());
    let output = rig.run(env!("CARGO_BIN_EXE_holdpoint"), &["git", "status"]);
    assert!(out(&output).contains("none  pre-push"), "{}", out(&output));
    rig.holdpoint(&["git", "install"]);
    rig.commit("lefthook");
    guards(&rig, true);
    // One that is laid out otherwise is left alone.
    let rig = Rig::with(OLD, &[&tools]);
    let odd = "pre-push: {commands: {own: {run: true}}}\n";
    rig.file("lefthook.yml", odd);
    let output = rig.run(env!("CARGO_BIN_EXE_holdpoint"), &["git", "install"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("use_stdin: true"), "{}", err(&output));
    assert_eq!(rig.read("lefthook.yml").as_deref(), Some(odd));
}

/// Settings of pre-commit's with a hook that notes what it is told.
fn pre_commit_config(rig: &Rig) -> String {
    let mark = rig.sandbox.path("ran");
    format!(
        "# ours\nrepos:\n  - repo: local\n    hooks:\n      - id: own # noted\n        name: own\n        \
         entry: sh -c 'env >> {}'\n        language: system\n        stages: [pre-push]\n        \
         always_run: true\n        pass_filenames: false\n\n# the end\nfail_fast: true\n",
        mark.display()
    )
}

#[test]
fn pre_commit_and_prek_beside_their_own_hooks() {
    let tools = installed("hook-managers/bin");
    let own = holdpoint_folder();
    for program in ["pre-commit", "prek"] {
        let rig = Rig::with(OLD, &[&tools, &own]);
        rig.file(".pre-commit-config.yaml", &pre_commit_config(&rig));
        let install = || {
            let output = rig.run(program, &["install", "-t", "pre-push"]);
            assert!(output.status.success(), "{program}: {}", err(&output));
        };
        install();
        rig.commit("settings");
        whole(&rig, &[]);
        // Installed anew, it moves the hook in front of it aside and runs it.
        rig.holdpoint(&["git", "install"]);
        rig.commit("settings");
        install();
        guards(&rig, true);
        rig.holdpoint(&["git", "install"]);
        guards(&rig, true);
    }
}

/// Somebody of the team who has only the shared settings: holdpoint is told of
/// the push by variables.
#[test]
fn pre_commit_tells_of_a_push_by_variables() {
    let tools = installed("hook-managers/bin");
    let own = holdpoint_folder();
    for program in ["pre-commit", "prek"] {
        let rig = Rig::with(OLD, &[&tools, &own]);
        rig.file(".pre-commit-config.yaml", &pre_commit_config(&rig));
        rig.holdpoint(&["git", "install"]);
        fs::remove_dir_all(rig.sandbox.path("work/repo/.git/hooks")).expect("removed");
        let output = rig.run(program, &["install", "-t", "pre-push"]);
        assert!(output.status.success(), "{program}: {}", err(&output));
        rig.commit("settings");
        rig.ok(&["push", "-q", "origin", "main"]);
        rig.ok(&["commit", "-q", "--amend", "-m", "another"]);
        rig.stopped(&["push", "-f", "origin", "main"], "Replaces the history of branch main");
        rig.commit("new");
        rig.ok(&["push", "-q", "origin", "main:refs/heads/topic"]);
        rig.ok(&["commit", "-q", "--amend", "--allow-empty", "-m", "newer"]);
        rig.ok(&["push", "-q", "-f", "origin", "main:topic"]);
        assert!(ran(&rig).contains("PRE_COMMIT_REMOTE_BRANCH=refs/heads/topic"), "{}", ran(&rig));
    }
}

#[test]
fn the_hooks_that_this_repository_ships() {
    let tools = installed("hook-managers/bin");
    let own = holdpoint_folder();
    let rig = Rig::with(OLD, &[&tools, &own]);
    let shipped =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml"));
    let shipped = shipped.expect("it is shipped");
    rig.sandbox.write("work/shipped/.pre-commit-hooks.yaml", &shipped);
    for words in [&["init", "-q"][..], &["add", "-A"], &["commit", "-q", "-m", "x"]] {
        rig.ok(&[&["-C", "../shipped"], words].concat());
    }
    let tried = |from: &str, to: &str| {
        let words = [
            "try-repo",
            "../shipped",
            "holdpoint-pre-push",
            "--hook-stage",
            "pre-push",
            "--verbose",
            "--from-ref",
            from,
            "--to-ref",
            to,
            "--remote-branch",
            "refs/heads/main",
            "--local-branch",
            "refs/heads/main",
            "--remote-name",
            "origin",
            "--remote-url",
            "u",
        ];
        rig.run("pre-commit", &words)
    };
    let output = tried("main~1", "main");
    assert!(!output.status.success(), "names are no ids: {}", out(&output));
    let id = |name: &str| rig.ok(&["rev-parse", name]).trim().to_owned();
    let (first, second) = (id("main~1"), id("main"));
    let output = tried(&first, &second);
    assert!(output.status.success(), "{}", out(&output));
    let output = tried(&second, &first);
    assert!(out(&output).contains("Replaces the history"), "{}", out(&output));
    // The commit hooks: nothing staged, something harmless, something that is not.
    let message = rig.sandbox.write("work/message", "x\n").display().to_string();
    let stages: [(&str, &[&str]); 2] =
        [("pre-commit", &["--all-files"]), ("commit-msg", &["--commit-msg-filename", &message])];
    for (text, stopped) in [("SELECT 1;\n", false), ("DROP TABLE users;\n", true)] {
        rig.file("migrations/1.sql", text);
        rig.ok(&["add", "-A"]);
        for (stage, rest) in stages {
            let id = format!("holdpoint-{stage}");
            let front = ["try-repo", "../shipped", &id, "--hook-stage", stage];
            let output = rig.run("pre-commit", &[&front, rest].concat());
            let said = out(&output);
            assert_eq!(output.status.success(), !stopped, "{stage}: {said}");
            assert_eq!(said.contains("migration/drop-table"), stopped, "{stage}: {said}");
        }
    }
}

#[test]
fn settings_of_a_git_that_has_them() {
    let git = new_git();
    for scope in ["--config", "--global"] {
        let rig = Rig::new(&git);
        rig.script(".git/hooks/pre-push", &format!("#!/bin/sh\n{}\n", noting(&rig)));
        whole(&rig, &[scope]);
        // An event, or holdpoint's part of it, that is switched off is dead.
        rig.holdpoint(&["git", "install", scope]);
        for setting in ["hook.pre-push.enabled", "hook.holdpoint-pre-push.enabled"] {
            rig.ok(&["config", setting, "false"]);
            let output = rig.run(env!("CARGO_BIN_EXE_holdpoint"), &["git", "status"]);
            assert!(out(&output).contains("none  pre-push"), "{}", out(&output));
            rig.ok(&["push", "-q", "origin", "main", "main:other"]);
            rig.ok(&["config", "--unset", setting]);
        }
        rig.holdpoint(&["git", "status"]);
    }
    // Beside husky, whose folder it does not touch.
    let rig = Rig::new(&git);
    let bin = installed("husky-9/node_modules/husky/bin.js");
    assert!(rig.run("node", &[bin.to_str().expect("text")]).status.success());
    rig.script(".husky/pre-push", &format!("{}\n", noting(&rig)));
    whole(&rig, &["--global"]);
    // An older git has none, and is told so; what is there already is dead.
    let rig = Rig::new(OLD);
    let output = rig.run(env!("CARGO_BIN_EXE_holdpoint"), &["git", "install", "--global"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("git 2.54 and newer"), "{}", err(&output));
    rig.ok(&["config", "hook.holdpoint-pre-push.event", "pre-push"]);
    rig.ok(&["config", "hook.holdpoint-pre-push.command", "holdpoint git-hook pre-push"]);
    let output = rig.run(env!("CARGO_BIN_EXE_holdpoint"), &["git", "status"]);
    assert!(out(&output).contains("DEAD  pre-push"), "{}", out(&output));
}

#[test]
fn a_hook_that_git_would_not_run_is_found() {
    let rig = Rig::new(OLD);
    rig.holdpoint(&["git", "install"]);
    let dead = |why: &str| {
        let output = rig.run(env!("CARGO_BIN_EXE_holdpoint"), &["git", "status"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            out(&output).contains("DEAD  pre-push") && out(&output).contains(why),
            "{}",
            out(&output)
        );
        let doctor = out(&rig.run(env!("CARGO_BIN_EXE_holdpoint"), &["doctor"]));
        assert!(
            doctor.contains("pre-push") && doctor.contains("holdpoint git install"),
            "{doctor}"
        );
    };
    let hook = rig.sandbox.path("work/repo/.git/hooks/pre-push");
    let text = fs::read_to_string(&hook).expect("a hook");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).expect("mode");
    dead("not executable");
    let lost = text.replace("'\n[ -x", "-gone'\n[ -x");
    assert_ne!(lost, text);
    fs::write(&hook, &lost).expect("written");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).expect("mode");
    dead("did not call holdpoint");
    let always = text
        .replace("    exec ", "    ")
        .replace("\"$@\"\nfi\nlines", "\"$@\" || exit 0\nfi\nlines");
    assert_ne!(always, text);
    fs::write(&hook, always).expect("written");
    dead("went on all the same");
    rig.holdpoint(&["git", "install"]);
    let doctor = out(&rig.run(env!("CARGO_BIN_EXE_holdpoint"), &["doctor"]));
    assert!(doctor.contains("pre-push and reference-transaction are live"), "{doctor}");
}
