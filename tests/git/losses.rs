//! In repositories made at random, each command is judged in a copy and then
//! run there: what was lost is counted from git's own objects and the files on
//! disk, and has to agree with the verdict.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use holdpoint::judgement::Verdict;

use crate::{git, judged, make, run};

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
