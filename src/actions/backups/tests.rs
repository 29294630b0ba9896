//! The programs for backups, word by word, in worlds that the tests write
//! down.

use proptest::prelude::*;

use super::*;
use crate::invocation::{Context, Invocation};
use crate::policy::Policy;
use crate::rules::table;
use crate::target::Class;
use crate::world::fake::FakeWorld;

fn reading(world: &FakeWorld, line: &str) -> Reading {
    let mut words: Vec<&str> = line.split(' ').collect();
    let mut env = crate::invocation::Env::default();
    while let Some((name, value)) = words.first().and_then(|word| word.split_once('=')) {
        env.push((name.into(), Some(value.into())));
        words.remove(0);
    }
    let invocation = Invocation { env, ..Invocation::new(words.iter().copied()) };
    let tool = table::find(invocation.tool()).expect("the program has rules");
    read(&Call { tool, context: Context { invocation: &invocation, world }, full: true })
}

/// The worst action's effect, and the class of where it lands.
fn judged(world: &FakeWorld, line: &str) -> (Effect, Class) {
    let reading = reading(world, line);
    let worst = reading.actions.iter().max_by_key(|action| action.effect).expect("an action");
    (worst.effect, Policy::builtin().classify(&worst.target).class)
}

#[test]
fn the_same_command_on_production_unknown_staging_and_here() {
    let world = FakeWorld::new();
    for (line, places) in [
        (
            "restic -r {} forget --keep-last 1",
            ["b2:acme-prod:db", "b2:acme:db", "b2:acme-staging:db", "/srv/repo"],
        ),
        (
            "borg delete {}::monday",
            ["ssh://u@db.prod.acme.com/./r", "u@h.acme.com:r", "u@stg.acme.com:r", "/srv/repo"],
        ),
        (
            "rclone purge {}",
            [":s3:acme-prod/db", ":s3:acme/db", ":s3:acme-staging/db", "/srv/copy"],
        ),
        (
            "WALG_S3_PREFIX={} wal-g delete everything --confirm",
            ["s3://prod-wal/db", "s3://wal/db", "s3://staging-wal/db", "file:///srv/wal"],
        ),
    ] {
        let classes = [Class::Production, Class::Unknown, Class::Staging, Class::Local];
        for (place, class) in places.iter().zip(classes) {
            let line = line.replace("{}", place);
            assert_eq!(judged(&world, &line), (Effect::Destroy, class), "{line}");
        }
    }
}

#[test]
fn a_stanza_is_where_its_configuration_says() {
    let config = "[global]\nrepo1-path=/var/lib/pgbackrest\nrepo1-host=backup.acme.com\n\
                  [main]\npg1-path=/data\npg1-host=db.prod.acme.com\n[other]\npg1-path=/x\n";
    let world = FakeWorld::new().with_file("/etc/pgbackrest.conf", config);
    let line = |stanza: &str| format!("pgbackrest --stanza {stanza} stanza-delete");
    assert_eq!(judged(&world, &line("main")), (Effect::Destroy, Class::Production));
    assert_eq!(judged(&world, &line("other")), (Effect::Destroy, Class::Unknown));
    assert_eq!(judged(&FakeWorld::new(), &line("main")), (Effect::Destroy, Class::Unknown));
    assert_eq!(judged(&FakeWorld::new(), &line("staging")), (Effect::Destroy, Class::Staging));
    let typed = "pgbackrest --stanza main --repo1-s3-bucket acme-prod expire";
    assert_eq!(judged(&FakeWorld::new(), typed), (Effect::Destroy, Class::Production));
    let other = FakeWorld::new().with_file("/x.conf", config);
    let named = "pgbackrest --config=/x.conf --stanza main stanza-delete";
    assert_eq!(judged(&other, named), (Effect::Destroy, Class::Production));
}

#[test]
fn a_server_of_barman_is_where_its_configuration_says() {
    let world = FakeWorld::new()
        .with_file("/etc/barman.conf", "[barman]\nconfiguration_files_directory = /etc/barman.d\n")
        .with_file(
            "/etc/barman.d/main.conf",
            "[main]\nconninfo = host=db.prod.acme.com user=barman\n[dev]\nconninfo = host=h user=b\n",
        );
    assert_eq!(judged(&world, "barman delete main oldest"), (Effect::Destroy, Class::Production));
    assert_eq!(judged(&world, "barman delete dev oldest"), (Effect::Destroy, Class::Development));
    assert_eq!(judged(&world, "barman delete x oldest"), (Effect::Destroy, Class::Unknown));
}

#[test]
fn barman_recovers_over_what_is_there() {
    let world = FakeWorld::new().with_file("/data/PG_VERSION", "15");
    let effect = |line: &str| judged(&world, line).0;
    assert_eq!(effect("barman recover main latest /data"), Effect::Destroy);
    assert_eq!(effect("barman recover main latest /new"), Effect::Write);
    let remote = "barman recover --remote-ssh-command=ssh main latest /new";
    assert_eq!(effect(remote), Effect::Destroy);
}

#[test]
fn a_remote_of_rclone_is_what_its_configuration_describes() {
    let config = "[backups]\ntype = s3\nendpoint = https://s3.prod.acme.com\n\
                  [here]\ntype = local\n[crypt]\ntype = crypt\nremote = backups:secret\n\
                  [loop]\ntype = alias\nremote = loop:x\n";
    let world = FakeWorld::new().with_file("/home/ana/.config/rclone/rclone.conf", config);
    let class = |place: &str| judged(&world, &format!("rclone purge {place}")).1;
    assert_eq!(class("backups:db"), Class::Production);
    assert_eq!(class("crypt:db"), Class::Production);
    assert_eq!(class("here:/srv/x"), Class::Local);
    assert_eq!(class("loop:x"), Class::Unknown);
    assert_eq!(class("other:x"), Class::Unknown);
    assert_eq!(judged(&world, "rclone sync backups:db /srv/x").1, Class::Local);
    assert_eq!(judged(&world, "rclone sync /srv/x backups:db").1, Class::Production);
}

#[test]
fn wal_g_finds_its_prefix_in_a_file_of_any_format() {
    for (path, text) in [
        ("/w.json", "{\"WALG_S3_PREFIX\": \"s3://acme-prod/wal\"}"),
        ("/w.yaml", "walg_compression_method: brotli\nWALG_S3_PREFIX: \"s3://acme-prod/wal\"\n"),
        ("/w.env", "WALG_S3_PREFIX=s3://acme-prod/wal\n"),
    ] {
        let world = FakeWorld::new().with_file(path, text);
        let line = format!("wal-g --config {path} delete everything --confirm");
        assert_eq!(judged(&world, &line), (Effect::Destroy, Class::Production), "{path}");
    }
    let world =
        FakeWorld::new().with_file("/home/ana/.walg.json", "{\"WALG_S3_PREFIX\":\"s3://prod\"}");
    assert_eq!(judged(&world, "wal-g delete garbage --confirm").1, Class::Production);
    let line = "WALG_S3_PREFIX=s3://acme wal-g delete garbage --confirm";
    assert_eq!(judged(&world, line).1, Class::Unknown);
}

#[test]
fn a_whole_repository_of_borg_is_more_than_an_archive() {
    let flags = |line: &str| reading(&FakeWorld::new(), line).actions[0].flags;
    assert!(flags("borg delete u@h:r").has(Flag::Irreversible));
    assert!(flags("BORG_REPO=u@h:r borg delete").has(Flag::Irreversible));
    assert!(!flags("borg delete u@h:r::a").has(Flag::Irreversible));
    assert!(!flags("borg delete u@h:r a b").has(Flag::Irreversible));
    assert!(flags("borg delete u@h:r::a").has(Flag::Backups));
}

#[test]
fn options_that_are_not_known_hide_no_command() {
    let world = FakeWorld::new();
    for line in [
        "rclone --new-option x purge b2:acme",
        "rclone --new-option purge b2:acme",
        "rclone --new-option 1 --other 2 purge b2:acme",
        "wal-g --walg-upload-queue 3 delete everything --confirm",
        "pgbackrest --stanza main --repo2-cipher-type none stanza-delete",
        "restic --new x -r b2:acme:db forget 4f3a",
    ] {
        assert_eq!(judged(&world, line).0, Effect::Destroy, "{line}");
    }
}

#[test]
fn passwords_are_never_kept() {
    for line in [
        "restic -r rest:https://u:hunter2@h.acme.com/x forget a",
        "restic -r rest:https://u:hun@ter2hunter2@h.acme.com/x forget a",
        "rclone purge :webdav,pass=hunter2:x",
    ] {
        let reading = reading(&FakeWorld::new(), line);
        let targets: Vec<_> = reading.actions.iter().map(|action| &action.target).collect();
        assert!(!format!("{targets:?}").contains("hunter2"), "{line}: {targets:?}");
    }
}

proptest! {
    #[test]
    fn arbitrary_words_and_files_never_panic(
        words in proptest::collection::vec("[-a-z0-9=/_:@.,\\[\\] ]{0,12}", 0..6),
        file in "(?s).{0,80}",
    ) {
        let world = FakeWorld::new()
            .with_file("/etc/barman.conf", &file)
            .with_file("/etc/pgbackrest.conf", &file)
            .with_file("/home/ana/.walg.json", &file)
            .with_file("/home/ana/.config/rclone/rclone.conf", &file);
        for program in ["wal-g", "pgbackrest", "barman", "restic", "borg", "rclone"] {
            let argv: Vec<&str> =
                std::iter::once(program).chain(words.iter().map(String::as_str)).collect();
            let invocation = Invocation::new(argv);
            let tool = table::find(program).expect("rules");
            read(&Call { tool, context: Context { invocation: &invocation, world: &world }, full: true });
        }
    }
}
