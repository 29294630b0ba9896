//! The real git as the oracle: what its commands lose is what is stopped, its
//! settings are read as it reads them, and the incidents end well behind its
//! shim.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "git/incidents.rs"]
mod incidents;
#[path = "git/losses.rs"]
mod losses;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "git/settings.rs"]
mod settings;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::Verdict;
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::world::real::RealWorld;

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
