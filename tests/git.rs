//! The real git as the oracle. In repositories made at random, each command is
//! judged in a copy and then run there; what was lost is counted from git's
//! own objects and the files on disk, and has to agree with the verdict. Also
//! our reading of settings files against `git config --list`, and that a look
//! never runs what a repository names.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/sandbox.rs"]
mod sandbox;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::Verdict;
use holdpoint::parse::git_config;
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::world::real::RealWorld;
use sandbox::{Sandbox, err};

const GIT: &str = "/usr/bin/git";

fn run(dir: &Path, words: &[&str]) -> Output {
    Command::new(GIT)
        .current_dir(dir)
        .args(words)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", "/nowhere")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_EDITOR", "true")
        .envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@example.com")])
        .envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@example.com")])
        .output()
        .expect("git is installed")
}

fn git(dir: &Path, words: &[&str]) -> String {
    let output = run(dir, words);
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// As an agent has a command judged.
fn judged(dir: &Path, words: &[&str]) -> (Verdict, String) {
    let mut invocation = Invocation::new(std::iter::once(&"git").chain(words));
    invocation.cwd = Some(dir.to_owned());
    let options = Options { actor: Some(ActorKind::Agent), full: false };
    let world = RealWorld::new();
    let judgement = pipeline::judge(Subject::Command(&invocation), &world, options).judgement;
    let summary = judgement.actions.first().map(|judged| judged.action.summary.clone());
    (judgement.verdict, summary.unwrap_or_default())
}

/// Numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn often(&mut self) -> bool {
        self.next().is_multiple_of(3)
    }
}

/// A repository with two branches, a tag, a remote and, by chance, unsaved
/// work of every kind.
fn make(dir: &Path, seed: u64) {
    let mut chance = Chance(seed);
    let mut count = 0;
    let mut write = |name: &str| {
        count += 1;
        let path = dir.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, format!("{name} {seed} {count}\n")).expect("written");
    };
    git(dir, &["init", "-q", "-b", "main"]);
    git(dir, &["config", "core.autocrlf", "false"]);
    fs::write(dir.join(".gitignore"), ".env\n*.log\nnode_modules/\n").expect("written");
    for name in ["a", "b", "c", "d/e"] {
        write(name);
    }
    git(dir, &["add", "."]);
    git(dir, &["commit", "-qm", "one"]);
    git(dir, &["switch", "-qc", "feature"]);
    write("a");
    write("only-feature");
    git(dir, &["add", "."]);
    git(dir, &["commit", "-qm", "two"]);
    git(dir, &["update-ref", "refs/remotes/origin/feature", "feature"]);
    git(dir, &["switch", "-q", "main"]);
    if chance.often() {
        // A topic that nothing else has, whose name is also a folder's.
        git(dir, &["switch", "-qc", "topic"]);
        write("b");
        git(dir, &["commit", "-qam", "three"]);
        if chance.often() {
            git(dir, &["tag", "t1"]);
        }
        git(dir, &["switch", "-q", "main"]);
    } else {
        git(dir, &["branch", "topic"]);
    }
    if chance.often() {
        write("c");
        git(dir, &["commit", "-qam", "four"]);
        git(dir, &["reset", "-q", "--hard", "HEAD~1"]);
    }
    if chance.often() {
        write("c");
        git(dir, &["stash", "-q"]);
        if chance.often() {
            git(dir, &["stash", "drop", "-q"]);
        }
    }
    if chance.often() {
        write("b");
        git(dir, &["add", "b"]);
        if chance.often() {
            write("b");
        }
    }
    if chance.often() {
        write("a");
    }
    if chance.often() {
        fs::remove_file(dir.join("c")).expect("removed");
    }
    if chance.often() {
        write("new");
        git(dir, &["add", "new"]);
    }
    if chance.often() {
        write("intended");
        git(dir, &["add", "-N", "intended"]);
    }
    for name in ["only-feature", "notes/x", ".env", "a.log", "node_modules/m/index.js"] {
        if chance.often() {
            write(name);
        }
    }
    if chance.often() {
        git(dir, &["rm", "-q", "--cached", "d/e"]);
        write("d/e");
    }
    if chance.often() {
        fs::create_dir_all(dir.join("empty")).expect("made");
    }
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        if path.ends_with(".git") || path.ends_with("node_modules") {
            continue;
        }
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// What a repository keeps.
struct Kept {
    /// Objects: of files on disk, of refs and reflogs.
    contents: BTreeSet<String>,
    /// Objects that only the index has.
    index: BTreeSet<String>,
    /// Commits of refs.
    refs: BTreeSet<String>,
    /// Every commit that is still there.
    commits: BTreeSet<String>,
}

fn kept(dir: &Path) -> Kept {
    let lines = |text: String| -> BTreeSet<String> {
        text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    };
    let mut found = Vec::new();
    files(dir, &mut found);
    let blobs = ["--filter=object:type=blob", "--filter-provided-objects", "--all", "--reflog"];
    let mut contents = lines(git(dir, &[&["rev-list", "--objects"], blobs.as_slice()].concat()));
    let paths: Vec<&str> = found.iter().map(|path| path.to_str().expect("text")).collect();
    contents.extend(lines(git(dir, &[&["hash-object", "--"], paths.as_slice()].concat())));
    let staged = git(dir, &["ls-files", "-s"]);
    let empty = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    let index =
        staged.lines().filter_map(|line| line.split(' ').nth(1)).filter(|oid| *oid != empty);
    let objects = git(dir, &["cat-file", "--batch-all-objects", "--batch-check"]);
    let commits = objects.lines().filter(|line| line.contains(" commit "));
    Kept {
        contents,
        index: index.map(str::to_owned).collect(),
        refs: lines(git(dir, &["rev-list", "--all"])),
        commits: lines(commits.collect::<Vec<_>>().join("\n")),
    }
}

/// The commands, and what of a repository they are about: `files` on disk, the
/// `index` with them, `refs`, `commits`.
const COMMANDS: &[(&str, &str)] = &[
    ("reset --hard", "index"),
    ("reset --hard HEAD~0", "index"),
    ("reset --hard feature", "index"),
    ("reset -q", "files"),
    ("reset --merge", "index"),
    ("checkout -- a", "index"),
    ("checkout a", "index"),
    ("checkout .", "index"),
    ("checkout HEAD -- .", "index"),
    ("checkout feature -- .", "index"),
    ("checkout feature a", "index"),
    ("checkout -f feature", "index"),
    ("checkout topic", "index"),
    ("restore .", "index"),
    ("restore --staged .", "files"),
    ("restore -SW .", "index"),
    ("restore -s feature a", "index"),
    ("switch -f feature", "index"),
    ("switch feature", "index"),
    ("clean -fd", "index"),
    ("clean -f", "index"),
    ("clean -fdx", "index"),
    ("clean -fdX", "index"),
    ("clean -d", "index"),
    ("rm -rfq .", "index"),
    ("rm -f a", "index"),
    ("rm -f --cached a", "files"),
    ("read-tree --reset -u HEAD", "index"),
    ("checkout-index -f -a", "index"),
    ("branch -D topic", "refs"),
    ("branch -D feature", "refs"),
    ("branch -d topic", "refs"),
    ("branch -M feature topic", "refs"),
    ("tag -d t1", "refs"),
    ("update-ref -d refs/heads/topic", "refs"),
    ("update-ref -d refs/heads/main", "refs"),
    ("stash drop", "index"),
    ("stash clear", "index"),
    ("stash pop", "index"),
    ("reflog expire --expire=now --expire-unreachable=now --all", "index"),
    ("gc -q --prune=now", "commits"),
    ("prune", "commits"),
    ("gc -q", "commits"),
];

#[test]
fn what_is_lost_is_what_is_stopped() {
    let room = tempfile::tempdir().expect("a folder");
    let seeds = std::env::var("HOLDPOINT_GIT_SEEDS").ok().and_then(|count| count.parse().ok());
    let room = room.path();
    let found: Vec<(Verdict, Option<String>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..seeds.unwrap_or(3u64))
            .map(|seed| scope.spawn(move || compared(&room.join(format!("r{seed}")), seed)))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("it ends")).collect()
    });
    let wrong: Vec<&String> = found.iter().filter_map(|(_, wrong)| wrong.as_ref()).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{wrong:#?}", wrong.len());
    let passed = found.iter().filter(|(verdict, _)| *verdict == Verdict::Allow).count();
    assert!(passed > 40 && found.len() - passed > 40, "{passed} of {} passed", found.len());
}

/// The verdict on each command in one repository, and how it is wrong.
fn compared(origin: &Path, seed: u64) -> Vec<(Verdict, Option<String>)> {
    fs::create_dir(origin).expect("made");
    make(origin, seed + 1);
    let before = kept(origin);
    let mut found = Vec::new();
    for (place, (line, about)) in COMMANDS.iter().enumerate() {
        let copy = origin.with_extension(place.to_string());
        let status = Command::new("cp").arg("-a").args([origin, &copy]).status();
        assert!(status.expect("cp starts").success());
        let words: Vec<&str> = line.split(' ').collect();
        let (verdict, summary) = judged(&copy, &words);
        // The copies have other inodes than the index says.
        run(&copy, &["update-index", "-q", "--refresh"]);
        let output = run(&copy, &words);
        let after = kept(&copy);
        let all = |kept: &Kept| -> BTreeSet<String> {
            let index = kept.index.iter().filter(|_| *about != "files");
            kept.contents.iter().chain(index).cloned().collect()
        };
        let lost: Vec<String> = match *about {
            "refs" => before.refs.difference(&after.refs).cloned().collect(),
            "commits" => before.commits.difference(&after.commits).cloned().collect(),
            _ => all(&before).difference(&all(&after)).cloned().collect(),
        };
        // Where git itself refuses, a refusal in front of it takes nothing.
        let refused = !output.status.success() && lost.is_empty();
        let wrong = !refused && lost.is_empty() != (verdict == Verdict::Allow);
        found.push((
            verdict,
            wrong.then(|| {
                let state = git(origin, &["status", "--short", "--ignored"]);
                format!("{seed}: git {line}: {verdict}, {lost:?} lost ({summary})\n{state}")
            }),
        ));
        fs::remove_dir_all(&copy).expect("removed");
    }
    found
}

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
fn work_trees_and_submodules_are_looked_into() {
    let dir = tempfile::tempdir().expect("a folder");
    let repo = dir.path().join("repo");
    fs::create_dir(&repo).expect("made");
    make(&repo, 1);
    git(&repo, &["reset", "-q", "--hard"]);
    let tree = dir.path().join("tree");
    git(&repo, &["worktree", "add", "-q", tree.to_str().expect("text"), "feature"]);
    let remove = ["worktree", "remove", "--force", "../tree"];
    assert_eq!(judged(&repo, &remove).0, Verdict::Allow);
    fs::create_dir_all(tree.join("node_modules")).expect("made");
    fs::write(tree.join("node_modules/x"), "").expect("written");
    assert_eq!(judged(&repo, &remove).0, Verdict::Allow);
    fs::write(tree.join(".env"), "KEY=1").expect("written");
    assert_eq!(judged(&repo, &remove).0, Verdict::Refuse);
    // Its last part names it, too.
    assert_eq!(judged(&repo, &["worktree", "remove", "-f", "tree"]).0, Verdict::Refuse);
    fs::remove_file(tree.join(".env")).expect("removed");
    fs::write(tree.join("code.rs"), "").expect("written");
    let (verdict, summary) = judged(&repo, &remove);
    assert_eq!((verdict, summary.contains("code.rs")), (Verdict::Refuse, true), "{summary}");
    // Inside the linked work tree, its own files count.
    assert_eq!(judged(&tree, &["clean", "-fd"]).0, Verdict::Refuse);
    git(&tree, &["add", "."]);
    git(&tree, &["checkout", "-q", "--detach"]);
    git(&tree, &["commit", "-qm", "on no branch"]);
    let (verdict, summary) = judged(&repo, &remove);
    assert_eq!((verdict, summary.contains("1 commit")), (Verdict::Refuse, true), "{summary}");

    let outer = dir.path().join("outer");
    fs::create_dir(&outer).expect("made");
    make(&outer, 2);
    git(&outer, &["reset", "-q", "--hard"]);
    let inner = repo.to_str().expect("text");
    git(
        &outer,
        &["-c", "protocol.file.allow=always", "submodule", "add", "-q", inner, "libs/inner"],
    );
    git(&outer, &["commit", "-qm", "with a submodule"]);
    for words in
        [["submodule", "deinit", "-f", "libs/inner"], ["submodule", "update", "--init", "-f"]]
    {
        assert_eq!(judged(&outer, &words).0, Verdict::Allow, "{words:?}");
    }
    fs::write(outer.join("libs/inner/a"), "changed").expect("written");
    for words in
        [["submodule", "deinit", "-f", "libs/inner"], ["submodule", "update", "--init", "-f"]]
    {
        assert_eq!(judged(&outer, &words).0, Verdict::Refuse, "{words:?}");
    }
    assert_eq!(judged(&outer, &["submodule", "foreach", "git reset --hard"]).0, Verdict::Refuse);
    assert_eq!(judged(&outer, &["submodule", "foreach", "git", "status"]).0, Verdict::Allow);
}

#[test]
fn a_branch_whose_commits_main_has_in_another_form_is_free() {
    let dir = tempfile::tempdir().expect("a folder");
    let repo = dir.path();
    make(repo, 1);
    git(repo, &["reset", "-q", "--hard"]);
    git(repo, &["switch", "-qc", "fix"]);
    fs::write(repo.join("fix"), "1\n").expect("written");
    git(repo, &["add", "fix"]);
    git(repo, &["commit", "-qm", "fix"]);
    git(repo, &["switch", "-q", "main"]);
    assert_eq!(judged(repo, &["branch", "-D", "fix"]).0, Verdict::Refuse);
    git(repo, &["merge", "-q", "--squash", "fix"]);
    git(repo, &["commit", "-qm", "squashed"]);
    assert_eq!(judged(repo, &["branch", "-D", "fix"]).0, Verdict::Allow);
    git(repo, &["switch", "-q", "fix"]);
    fs::write(repo.join("fix"), "2\n").expect("written");
    git(repo, &["commit", "-qam", "more"]);
    git(repo, &["switch", "-q", "main"]);
    assert_eq!(judged(repo, &["branch", "-D", "fix"]).0, Verdict::Refuse);
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

/// A folder with a shim for git in front of the real one, and repositories
/// below it.
fn shimmed() -> Sandbox {
    let sandbox = Sandbox::new();
    let shim = sandbox.shims().join("git");
    let _ = fs::remove_file(&shim);
    symlink(env!("CARGO_BIN_EXE_holdpoint"), shim).expect("linked");
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
