//! What a commit is stopped for, by the real git in real repositories: by the
//! index and the objects, whatever the work tree and the flags say; who may let
//! it through; and the same over a branch, for CI.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "commits/ci.rs"]
mod ci;
#[path = "support/installed.rs"]
mod installed;
#[path = "commits/ordinary.rs"]
mod ordinary;
#[path = "commits/person.rs"]
mod person;
#[path = "commits/rig.rs"]
mod rig;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use rig::{DROP, Rig};
use sandbox::err;

const CREATE: &str = "CREATE TABLE plans (id int primary key);\n";

#[test]
fn a_destroying_migration_is_stopped_for_an_agent() {
    let rig = Rig::new();
    let before = rig.head();
    rig.write("migrations/2.sql", DROP);
    rig.ok(&["add", "."]);
    let said = rig.refused(&["commit", "-qm", "tidy"]);
    assert!(said.contains("migrations/2.sql:2: "), "{said}");
    assert!(said.contains("[migration/drop-column]"), "{said}");
    assert!(said.contains("Drops column email of users"), "{said}");
    assert!(said.contains("A person must run this command"), "{said}");
    // Writing the acknowledgement oneself is none.
    let trailer = "tidy\n\nHoldpoint-Allow: migration/drop-column nothing reads it";
    let said = rig.refused(&["commit", "-qm", trailer]);
    assert!(!said.contains("Holdpoint-Allow"), "{said}");
    assert_eq!(rig.head(), before);
    let trail = rig.sandbox.trail();
    assert!(trail.contains("\"outcome\":\"refused\"") && trail.contains("pre-commit"), "{trail}");
}

#[test]
fn commit_msg_alone_stops_it_too() {
    let rig = Rig::new();
    fs::remove_file(rig.hook("pre-commit")).expect("a hook");
    rig.write("migrations/2.sql", DROP);
    rig.ok(&["add", "."]);
    let trailer = "tidy\n\nHoldpoint-Allow: migration/drop-column nothing reads it";
    let said = rig.refused(&["commit", "-qm", trailer]);
    assert!(said.contains("[migration/drop-column]"), "{said}");
}

#[test]
fn what_comes_in_behind_pre_commit_is_seen_by_commit_msg() {
    let rig = Rig::new();
    let hook = fs::read_to_string(rig.hook("pre-commit")).expect("a hook");
    let hook = hook.replace("exec ", "");
    let drop = DROP.replace('\n', "\\n");
    let more = format!("printf '{drop}' >migrations/2.sql && git add migrations\n");
    fs::write(rig.hook("pre-commit"), hook + &more).expect("a hook");
    rig.write("a.txt", "x\n");
    rig.ok(&["add", "."]);
    let said = rig.refused(&["commit", "-qm", "x"]);
    assert!(said.contains("[migration/drop-column]"), "{said}");
}

#[test]
fn objects_that_git_shows_in_others_places_hide_nothing() {
    let rig = Rig::new();
    rig.write("migrations/2.sql", CREATE);
    rig.write("migrations/3.sql", DROP);
    let id = |file: &str| rig.ok(&["hash-object", "-w", file]).trim().to_owned();
    let (good, bad) = (id("migrations/2.sql"), id("migrations/3.sql"));
    rig.ok(&["replace", &bad, &good]);
    rig.ok(&["add", "."]);
    let said = rig.refused(&["-c", "diff.relative=true", "commit", "-qm", "x"]);
    assert!(said.contains("migrations/3.sql:2: "), "{said}");
}

#[test]
fn the_index_counts_and_not_the_work_tree() {
    let rig = Rig::new();
    rig.write("migrations/2.sql", DROP);
    rig.ok(&["add", "."]);
    rig.write("migrations/2.sql", CREATE);
    rig.refused(&["commit", "-qm", "x"]);
    // And the other way round.
    rig.ok(&["add", "."]);
    rig.write("migrations/2.sql", DROP);
    rig.ok(&["commit", "-qm", "x"]);
    // All of it, and one file of it.
    rig.refused(&["commit", "-qam", "x"]);
    rig.write("other.txt", "x\n");
    rig.ok(&["add", "."]);
    rig.ok(&["commit", "-qm", "only this", "--", "other.txt"]);
    rig.refused(&["commit", "-qm", "only this", "--", "migrations/2.sql"]);
    rig.refused(&["commit", "-qm", "the index"]);
    // From a folder below, and with the repository named.
    rig.refused_in("work/repo/migrations", &["commit", "-qm", "x"]);
    rig.refused_in("work", &["-C", "repo", "commit", "-qm", "x"]);
    rig.refused_in("work", &["--git-dir=repo/.git", "--work-tree=repo", "commit", "-qm", "x"]);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let rig = Rig::empty();
    rig.write("migrations/1.sql", CREATE);
    rig.write("migrations/2.sql", DROP);
    rig.ok(&["add", "."]);
    let said = rig.refused(&["commit", "-qm", "first"]);
    assert!(said.contains("migrations/2.sql:2: "), "{said}");
    rig.ok(&["rm", "-q", "--cached", "migrations/2.sql"]);
    rig.ok(&["commit", "-qm", "first"]);
}

#[test]
fn renames_links_modules_binaries_and_odd_names() {
    let rig = Rig::new();
    rig.commit_unseen("migrations/2.sql", DROP);
    rig.ok(&["mv", "migrations/2.sql", "migrations/0002_tidy.sql"]);
    rig.ok(&["commit", "-qm", "a better name"]);
    symlink("migrations", rig.path("link")).expect("a link");
    fs::write(rig.path("logo.sql"), b"\x89PNG\0\0drop table users;").expect("a file");
    let head = rig.head();
    rig.ok(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},module")]);
    let odd = rig.path("").join(OsStr::from_bytes(b"migrations/\xff\n\t3.sql"));
    fs::write(&odd, CREATE).expect("a file");
    rig.ok(&["add", "-A", "--", "link", "logo.sql", "migrations"]);
    rig.ok(&["commit", "-qm", "ordinary things"]);
    fs::write(&odd, DROP).expect("a file");
    let said = rig.refused(&["commit", "-qam", "x"]);
    assert!(said.contains("3.sql:2: ") && !said.contains("\n\t3.sql"), "{said:?}");
    // A policy that becomes a link is gone.
    rig.ok(&["checkout", "-q", "-f", "HEAD"]);
    rig.commit_unseen(".holdpoint.toml", "version = 1\n[[protect]]\nobject = \"x\"\n");
    fs::remove_file(rig.path(".holdpoint.toml")).expect("a file");
    symlink("/dev/null", rig.path(".holdpoint.toml")).expect("a link");
    rig.ok(&["add", ".holdpoint.toml"]);
    let said = rig.refused(&["commit", "-qm", "x"]);
    assert!(said.contains("[policy/removed]"), "{said}");
}

#[test]
fn a_long_migration_counts_as_one_and_other_long_files_do_not() {
    let rig = Rig::new();
    let long = "-- nothing\n".repeat(300_000);
    rig.write("data/dump.sql", &long);
    rig.ok(&["add", "."]);
    rig.ok(&["commit", "-qm", "data"]);
    rig.write("migrations/2.sql", &long);
    rig.ok(&["add", "."]);
    let said = rig.refused(&["commit", "-qm", "x"]);
    assert!(said.contains("[migration/unread]"), "{said}");
}

#[test]
fn a_merge_is_judged_by_what_neither_side_has() {
    let rig = Rig::new();
    rig.write("a.txt", "one\n");
    rig.ok(&["add", "."]);
    rig.ok(&["commit", "-qm", "a"]);
    rig.ok(&["checkout", "-qb", "side"]);
    rig.write("a.txt", "two\n");
    rig.commit_unseen("migrations/2.sql", DROP);
    rig.ok(&["commit", "-qam", "side"]);
    rig.ok(&["checkout", "-q", "main"]);
    rig.write("b.txt", "x\n");
    rig.ok(&["add", "."]);
    rig.ok(&["commit", "-qm", "b"]);
    // Without a conflict: only commit-msg is called.
    rig.ok(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    rig.ok(&["reset", "-q", "--hard", "HEAD~1"]);
    rig.write("a.txt", "three\n");
    rig.ok(&["commit", "-qam", "c"]);
    assert!(!rig.git(&["merge", "-q", "side"]).status.success(), "a conflict");
    rig.write("a.txt", "four\n");
    rig.ok(&["add", "."]);
    rig.ok(&["commit", "-qm", "merge"]);
    // What is put into a merge by hand counts.
    rig.ok(&["reset", "-q", "--hard", "HEAD~1"]);
    assert!(!rig.git(&["merge", "-q", "side"]).status.success(), "a conflict");
    rig.write("a.txt", "four\n");
    rig.write("migrations/3.sql", "drop table users;\n");
    rig.ok(&["add", "."]);
    let said = rig.refused(&["commit", "-qm", "merge"]);
    assert!(said.contains("migrations/3.sql:1") && !said.contains("2.sql"), "{said}");
}

#[test]
fn each_family_is_stopped() {
    let rig = Rig::new();
    let compose = "services:\n  db:\n    volumes: ['data:/data']\nvolumes:\n  data:\n";
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\n";
    let hooks = "pre-push:\n  jobs:\n    - run: holdpoint git-hook pre-push {0}\n";
    let flow = "jobs:\n  a:\n    steps:\n      - run: holdpoint ci --base origin/main\n";
    for (path, text) in [
        ("compose.yml", compose),
        ("k8s/claim.yaml", claim),
        ("lefthook.yml", hooks),
        (".github/workflows/ci.yml", flow),
        (".holdpoint.toml", "version = 1\nmode = \"strict\"\n"),
    ] {
        rig.commit_unseen(path, text);
    }
    for (path, text, rule) in [
        ("compose.yml", "services: {}\n", "compose/volume-removed"),
        ("k8s/claim.yaml", "# gone\n", "kubernetes/object-removed"),
        ("lefthook.yml", "{}\n", "hooks/removed"),
        (".github/workflows/ci.yml", "jobs: {}\n", "ci/removed"),
        (".holdpoint.toml", "version = 1\n", "policy/loosened"),
        (".env", &rig::railway_token(), "credentials/railway"),
    ] {
        rig.write(path, text);
        rig.ok(&["add", "."]);
        let said = rig.refused(&["commit", "-qm", "x"]);
        assert!(said.contains(&format!("[{rule}]")), "{path}: {said}");
        assert!(!said.contains(rig::UUID), "{said}");
        rig.ok(&["reset", "-q", "--hard"]);
    }
    assert!(!rig.sandbox.trail().contains(rig::UUID));
}

#[test]
fn a_usual_commit_takes_no_time() {
    let rig = Rig::new();
    for number in 0..40 {
        rig.write(&format!("src/{number}.rs"), &"fn main() {}\n".repeat(200));
    }
    rig.write("migrations/2.sql", CREATE);
    rig.ok(&["add", "."]);
    let times: Vec<Duration> = (0..5)
        .map(|_| {
            let start = Instant::now();
            let mut command = rig.sandbox.holdpoint(&["git-hook", "pre-commit"]);
            let output = command.current_dir(rig.path("")).output().expect("it runs");
            assert!(output.status.success(), "{}", err(&output));
            start.elapsed()
        })
        .collect();
    // 200 ms are promised; this is a build without optimisation, and all but the
    // fastest may have been disturbed.
    assert!(times.iter().min() < Some(&Duration::from_secs(2)), "{times:?}");
}

/// What SECURITY.md says is not read.
#[test]
fn what_is_not_read_of_a_commit() {
    let rig = Rig::new();
    let code = "exports.up = (knex) => knex.schema[['drop', 'Table'].join('')]('users');\n";
    rig.write("migrations/2.js", code);
    rig.write(
        "charts/a/templates/claim.yaml",
        "{{ if .x }}\nkind: PersistentVolumeClaim\n{{ end }}\n",
    );
    rig.write("changes/2.sql", DROP);
    rig.write("secret.b64", "UkFJTFdBWV9UT0tFTj03YzFlNGYwMi05YjNhLTRkODY=\n");
    rig.ok(&["add", "."]);
    rig.ok(&["commit", "-qm", "x"]);
    rig.ok(&["rm", "-q", "charts/a/templates/claim.yaml"]);
    rig.ok(&["commit", "-qm", "x"]);
}
