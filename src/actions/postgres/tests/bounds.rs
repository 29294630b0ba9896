//! Any script is read, and none makes the reading grow without bound.

use super::*;

#[test]
fn actions_are_bounded_and_the_worst_kept() {
    let text = format!("{}drop database d;", "drop table t;\n".repeat(500));
    let found = reading(&script(&text), &["psql"]);
    assert!(found.actions.len() <= 50);
    assert!(found.actions[0].flags.has(Flag::Irreversible));
    assert_eq!(found.notes.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_script_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut world = FakeWorld::new();
        world.stdin = Input::Text(bytes.into());
        let _ = reading(&world, &["psql"]);
    }

    #[test]
    fn any_script_like_text_is_read_without_a_panic(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "\\set", "x", ":x", ":'x'", ":\"x\"", ":{?x}", "`", "'", "\"", "\n", "\\g", "\\gset",
                "\\if", "\\else", "\\endif", "\\c", "\\i", "\\copy", "from", "stdin", "select", ";",
                "\\;", "$$", "(", ")", "--", "/*", "|", "\\\\", "\\q", "copy t", "\\.", "begin",
                "create function", "end",
            ]),
            0..50,
        ),
    ) {
        let mut world = FakeWorld::new();
        for text in [words.join(" "), words.concat()] {
            world.stdin = Input::Text(text.into_bytes().into());
            let _ = reading(&world, &["psql"]);
        }
    }

    #[test]
    fn what_stands_in_front_never_hides_a_drop(
        lines in proptest::collection::vec(
            proptest::sample::select(vec![
                "select 1;", "\\echo 'x", "\\x", "-- it's", "/* ' */", "select $a$;'$a$;", "\\d",
                "\\set a 'b'", "copy t from stdin;\n1\t'\n\\.", "select E'\\'';", "select '\\';",
                "\\pset null '(null)'", "select ':a';", "insert into t values (1, '--');",
                "select \"a'b\";", "\\if true\nselect 1;\n\\endif",
            ]),
            0..10,
        ),
    ) {
        let text = format!("{}\ndrop table t;\n", lines.join("\n"));
        prop_assert_eq!(judged(&script(&text), &["psql"]).0, Effect::Destroy, "{}", text);
    }
}

#[test]
fn a_script_cannot_make_the_reading_grow_without_bound() {
    let doubling = format!("\\set a xx\n{}select :a;", "\\set a :a:a\n".repeat(60));
    assert_eq!(judged(&script(&doubling), &["psql"]), (Effect::Write, OPAQUE));
    let argument = format!("\\set a {}\n\\set b {}\n:b;", "x".repeat(60_000), ":a".repeat(1_000));
    assert_eq!(judged(&script(&argument), &["psql"]), (Effect::Write, OPAQUE));
    let commands = "\\set a b\n".repeat(50_000) + "drop table t;";
    assert_eq!(judged(&script(&commands), &["psql"]).0, Effect::Destroy);
    let connects = "\\c a b c d\n".repeat(5_000) + "drop table t;";
    assert_eq!(judged(&script(&connects), &["psql"]).0, Effect::Destroy);
    let shells = "\\! true\n".repeat(5_000);
    let found = reading(&script(&shells), &["psql"]);
    assert!(found.inner.len() <= 500);
    assert!(worst(&found).flags.has(Flag::Opaque));
}
