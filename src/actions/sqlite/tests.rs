//! sqlite3, word by word.

use proptest::prelude::*;

use super::*;
use crate::testing::{judged, reading};
use crate::world::fake::FakeWorld;

#[test]
fn a_text_is_found_wherever_the_words_put_it() {
    let world =
        FakeWorld::new().with_file("drop.sql", "select 1;\ndrop table t;").with_file("old.db", "");
    for argv in [
        &["sqlite3", "a.db", "drop table t"][..],
        &["sqlite3", "-batch", "a.db", "select 1", "drop table t"],
        &["sqlite3", "--cmd", "drop table t", "a.db", "select 1"],
        &["sqlite3", "a.db", "-cmd", "drop table t", "select 1"],
        &["sqlite3", "-init", "drop.sql", "a.db", "select 1"],
        &["sqlite3", "a.db", ".read drop.sql"],
        &["sqlite3", "a.db", ".rea drop.sql"],
        &["sqlite3", "a.db", ".restore x.db"],
        &["sqlite3", "a.db", ".open --new old.db"],
        &["sqlite3", "a.db", ".backup old.db"],
        &["sqlite3", "a.db", ".save old.db"],
    ] {
        assert_eq!(judged(&world, argv), (Effect::Destroy, false), "{argv:?}");
    }
    for argv in [
        &["sqlite3", "drop table t", "select 1"][..],
        &["sqlite3", "a.db", ".tables"],
        &["sqlite3", "a.db", ".sc"],
        &["sqlite3", "a.db", "select 'drop table t'"],
        &["sqlite3", "-separator", "drop table t", "a.db", "select 1"],
        &["sqlite3", "a.db", ".backup new.db"],
        &["sqlite3", "-version"],
    ] {
        let (effect, opaque) = judged(&world, argv);
        assert!(effect <= Effect::Write && !opaque, "{argv:?}");
    }
    for argv in [
        &["sqlite3", "a.db", ".load x"][..],
        &["sqlite3", "a.db", ".frob"],
        &["sqlite3", "a.db", ".read missing.sql"],
        &["sqlite3", "a.db", ".read |x"],
        &["sqlite3", "a.db"],
        &["sqlite3", "-frob", "a.db", "select 1"],
    ] {
        assert!(judged(&world, argv).1, "{argv:?}");
    }
}

#[test]
fn shells_are_followed_and_files_move_the_target() {
    let inner = reading(&FakeWorld::new(), &["sqlite3", "a.db", ".sh rm -rf x"]).inner;
    assert_eq!(inner[0].argv[2], "rm -rf x");
    for script in [".open prod.db\ndrop table t;", "attach 'prod.db' as p; drop table p.t;"] {
        let world = FakeWorld::new().with_stdin(script);
        let action = &reading(&world, &["sqlite3", "a.db"]).actions[0];
        assert_eq!(action.effect, Effect::Destroy, "{script}");
        assert!(action.target.evidence.iter().any(|it| it.value == "prod.db"), "{script}");
    }
}

#[test]
fn files_that_include_themselves_come_to_an_end() {
    let world = FakeWorld::new().with_file("a.sql", &".read a.sql\n".repeat(10));
    assert!(judged(&world, &["sqlite3", "a.db", ".read a.sql"]).1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_names_give_way(script in crate::actions::handed::script(&[
        ".read /a.sql", ".read '/a.sql'\n", ".rea \"/a.sql\" \r\n", "\n", ";", "'", "/*", "*/", "-- ", "#",
        "go\n", "/\n", "select 1", " ", "é", ".once x\n", "\u{feff}", ".", "\"",
    ])) {
        let world = FakeWorld::new().with_file("/a.sql", "select 1;").with_stdin(&script);
        for argv in [&["sqlite3", "a.db"][..], &["sqlite3", "a.db", &script], &["sqlite3", "-cmd", &script]] {
            for handed in reading(&world, argv).handed {
                handed.text.check("/a.sql");
            }
        }
    }
}
