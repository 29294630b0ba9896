use std::fs;
use std::os::unix::fs::symlink;

use super::folder::Change;
use super::*;
use crate::world::fake::FakeWorld;

fn place() -> (tempfile::TempDir, Shims) {
    let place = tempfile::tempdir().unwrap();
    let shims = Shims {
        dir: place.path().join("share/holdpoint/shims"),
        program: std::env::current_exe().unwrap(),
        guarded: guarded(&FakeWorld::new()),
    };
    (place, shims)
}

fn everything(shims: &Shims) -> Vec<(OsString, Option<PathBuf>)> {
    let mut all: Vec<_> = shims.names().unwrap().into_iter().collect();
    all.sort();
    all.into_iter().map(|name| (name.clone(), fs::read_link(shims.dir.join(name)).ok())).collect()
}

#[test]
fn one_link_a_guarded_program_and_one_for_holdpoint() {
    let (_place, shims) = place();
    let change = shims.install().unwrap();
    let wanted = shims.guarded.len() + 1;
    assert_eq!(change, Change { made: wanted, left: wanted, ..Change::default() });
    assert!(own::is_shim_folder(&shims.dir));
    let all = everything(&shims);
    assert_eq!(all.len(), wanted);
    assert!(all.iter().all(|(_, target)| target.as_ref() == Some(&shims.program)));
    assert_eq!(shims.state("holdpoint".as_ref()), State::Good);
}

#[test]
fn the_user_s_own_rules_get_shims_if_they_ask_for_them() {
    let rules = |shim: bool| {
        format!("tool = \"x\"\nabout = \"x\"\nchecked = \"x\"\nstyle = \"clap\"\nshim = {shim}\n")
    };
    let folder = "/home/ana/.config/holdpoint/rules";
    let world = FakeWorld::new()
        .with_file(&format!("{folder}/acmectl.toml"), &rules(true))
        .with_file(&format!("{folder}/quiet.toml"), &rules(false))
        .with_file(&format!("{folder}/broken.toml"), "?")
        .with_file(&format!("{folder}/notes.txt"), &rules(true));
    let more: Vec<String> =
        guarded(&world).difference(&guarded(&FakeWorld::new())).cloned().collect();
    assert_eq!(more, ["acmectl"]);
}

#[test]
fn installing_again_changes_nothing() {
    let (_place, shims) = place();
    shims.install().unwrap();
    let before = everything(&shims);
    let marked = fs::metadata(shims.dir.join(own::MARKER)).unwrap().modified().unwrap();
    let change = shims.install().unwrap();
    assert_eq!((change.made, change.removed), (0, 0));
    assert_eq!(everything(&shims), before);
    assert_eq!(fs::metadata(shims.dir.join(own::MARKER)).unwrap().modified().unwrap(), marked);
}

#[test]
fn old_links_are_mended_and_unguarded_ones_removed() {
    let (place, shims) = place();
    shims.install().unwrap();
    let copy = place.path().join("older");
    fs::copy(&shims.program, &copy).unwrap();
    fs::remove_file(shims.dir.join("holdpoint")).unwrap();
    symlink(&copy, shims.dir.join("holdpoint")).unwrap();
    symlink("/nonexistent/holdpoint", shims.dir.join("dangling")).unwrap();
    symlink(&shims.program, shims.dir.join("unguarded")).unwrap();
    symlink("/bin/true", shims.dir.join("users-link")).unwrap();
    fs::write(shims.dir.join("users-file"), "").unwrap();
    assert_eq!(shims.state("holdpoint".as_ref()), State::Stale);
    let change = shims.install().unwrap();
    assert_eq!((change.made, change.removed), (1, 2));
    assert_eq!(shims.state("holdpoint".as_ref()), State::Good);
    assert!(shims.dir.join("users-link").exists() && shims.dir.join("users-file").exists());
}

#[test]
fn removing_leaves_what_is_not_a_shim() {
    let (_place, shims) = place();
    shims.install().unwrap();
    fs::write(shims.dir.join("users-file"), "").unwrap();
    let change = shims.remove().unwrap();
    assert_eq!(change.foreign, ["users-file"]);
    assert_eq!(everything(&shims), [("users-file".into(), None)]);
    assert!(!own::is_shim_folder(&shims.dir));
}

#[test]
fn removing_takes_the_folder_away_and_twice_is_no_error() {
    let (_place, shims) = place();
    shims.install().unwrap();
    shims.remove().unwrap();
    assert!(!shims.dir.exists());
    assert_eq!(shims.remove().unwrap(), Change::default());
}

#[test]
fn a_folder_of_somebody_else_s_is_left_alone() {
    let (_place, shims) = place();
    fs::create_dir_all(&shims.dir).unwrap();
    fs::write(shims.dir.join("psql"), "mine").unwrap();
    assert!(shims.install().is_err());
    assert!(shims.remove().is_err());
    assert_eq!(everything(&shims), [("psql".into(), None)]);
}
