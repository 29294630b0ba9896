//! psql and its siblings, word by word, in worlds that the tests write down.

mod bounds;
mod programs;
mod script;

use proptest::prelude::*;

use super::*;
use crate::action::{Action, Effect, Flag};
use crate::invocation::{Context, Input, Invocation, Stdin};
use crate::rules::table;
use crate::target::{Class, Kind};
use crate::testing::{judged, reading, reading_of};
use crate::world::fake::FakeWorld;

const PROD: &str = "db.prod.acme.com";

fn worst(reading: &Reading) -> Action {
    let key = |action: &&Action| (action.effect, action.flags.has(Flag::Opaque));
    reading.actions.iter().max_by_key(key).cloned().expect("an action")
}

fn name(world: &FakeWorld, argv: &[&str]) -> String {
    worst(&reading(world, argv)).target.name.unwrap_or_default()
}

fn script(text: &str) -> FakeWorld {
    FakeWorld::new().with_stdin(text)
}

const CLEAR: bool = false;
const OPAQUE: bool = true;

#[test]
fn a_text_is_found_wherever_the_words_put_it() {
    let world = FakeWorld::new().with_file("/drop.sql", "drop table t;");
    for argv in [
        &["psql", "-c", "drop table t"][..],
        &["psql", "-h", PROD, "app", "-Atc", "drop table t", "-U", "u"],
        &["psql", "-Atcdrop table t"],
        &["psql", "--comm=drop table t"],
        &["psql", "--command", "drop table t"],
        &["psql", "-c", "select 1", "-c", "drop table t"],
        &["psql", "-f", "/drop.sql"],
        &["psql", "-Xqf/drop.sql"],
        &["psql", "--file=/drop.sql"],
        &["psql", "-c", "select 1", "--fil", "/drop.sql"],
        &["/usr/bin/psql", "-c", "drop table t"],
        &["psql", "-c", "\\i /drop.sql"],
        &["psql", "-1", "-c", "drop table t"],
    ] {
        assert_eq!(judged(&world, argv), (Effect::Destroy, CLEAR), "{argv:?}");
    }
    for argv in [
        &["psql", "--", "-c", "drop table t"][..],
        &["psql", "-h", "-c", "drop table t"],
        &["psql", "-l", "-c", "drop table t"],
        &["psql", "-c", "select 'drop table t'"],
    ] {
        let world = script("select 1");
        assert_eq!(judged(&world, argv), (Effect::Read, CLEAR), "{argv:?}");
    }
    for argv in [
        &["psql", "--help"][..],
        &["psql", "-?"],
        &["psql", "-V", "-c", "drop table t"],
        &["psql", "--help=commands"],
        &["dropdb", "--vers", "x"],
    ] {
        assert_eq!(reading(&FakeWorld::new(), argv).actions, [], "{argv:?}");
    }
}

#[test]
fn posixly_correct_ends_the_options_at_the_first_positional() {
    let argv = ["psql", "app", "-c", "drop table t"];
    assert_eq!(judged(&script("select 1"), &argv), (Effect::Destroy, CLEAR));
    let world = script("select 1").with_var("POSIXLY_CORRECT", "");
    assert_eq!(judged(&world, &argv), (Effect::Read, CLEAR));
    let world = script("delete from t").with_var("POSIXLY_CORRECT", "1");
    assert_eq!(judged(&world, &argv), (Effect::Destroy, CLEAR));
}

#[test]
fn standard_input_is_read_only_when_psql_reads_it() {
    let world = script("drop table t");
    assert_eq!(judged(&world, &["psql", "-c", "select 1"]), (Effect::Read, CLEAR));
    assert_eq!(world.stdin_reads.get(), 0);
    for argv in [
        &["psql"][..],
        &["psql", "-f", "-"],
        &["psql", "--file=-"],
        &["psql", "-f", "/dev/stdin"],
        &["psql", "-c", "\\i -"],
    ] {
        assert_eq!(judged(&world, argv), (Effect::Destroy, CLEAR), "{argv:?}");
    }
    let mut world = FakeWorld::new();
    world.stdin = Input::Opaque("the output of ./generate".to_owned());
    assert_eq!(judged(&world, &["psql"]), (Effect::Write, OPAQUE));
    world.stdin = Input::Terminal;
    let action = worst(&reading(&world, &["psql"]));
    assert_eq!(action.operation, "interactive session");
    assert!(action.flags.has(Flag::Opaque));
    let mut invocation = Invocation::new(["psql"]);
    invocation.stdin = Stdin::Text(b"truncate t".as_slice().into());
    assert_eq!(worst(&reading_of(&world, &invocation)).effect, Effect::Destroy);
}

#[test]
fn words_computed_at_run_time_are_never_their_spelling() {
    let world = script("select 1");
    let at = |argv: &[&str], dynamic: usize| {
        let mut invocation = Invocation::new(argv.iter().copied());
        invocation.dynamic = vec![dynamic];
        let action = worst(&reading_of(&world, &invocation));
        (action.effect, action.flags.has(Flag::Opaque), action.target.gap.is_some())
    };
    assert_eq!(at(&["psql", "-c", "$SQL"], 2), (Effect::Write, true, false));
    assert_eq!(at(&["psql", "-f", "$FILE"], 2), (Effect::Write, true, false));
    assert_eq!(at(&["psql", "$URL", "-c", "select 1"], 1), (Effect::Read, false, true));
    assert_eq!(at(&["psql", "-h", "$H", "-c", "select 1"], 2), (Effect::Read, false, true));
    assert_eq!(at(&["psql", "-d", "$D", "-c", "drop table t"], 2), (Effect::Destroy, false, true));
    assert_eq!(at(&["dropdb", "$D"], 1), (Effect::Destroy, false, true));
    assert_eq!(at(&["psql", "-v", "id=$ID", "-c", "select 1"], 2), (Effect::Read, false, false));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_names_give_way(script in crate::actions::handed::script(&[
        "\\i /a.sql", "\\i /a.sql\n", "\\ir '/a.sql'", "\\i /a.sql;\n", "\\include /a.sql \\\\ ",
        "select '", "';", "'", "\n", "copy t from stdin;", "copy t from stdin \\g\n", "\\.\n", ":x",
        "\\set x 'y z'\n", "\\set x '\\\\i /a.sql'\n", "\"", "$$", "--", "/*", "*/", "\\\\", " ", "é",
        "\\if true\n", "\\endif\n", "(", ")", ";", "\\o b\n", "'\\'", "\u{feff}", "\\r\n",
    ])) {
        let world = FakeWorld::new().with_file("/s.sql", &script).with_file("/a.sql", "select 1;");
        for handed in reading(&world, &["psql", "-f", "/s.sql"]).handed {
            for (_, file) in handed.text.files() {
                file.check("/a.sql");
            }
        }
        let world = world.with_stdin(&script);
        for handed in reading(&world, &["psql"]).handed {
            handed.text.check("/a.sql");
        }
    }
}

#[test]
fn what_was_read_is_what_is_handed_on() {
    let world = FakeWorld::new()
        .with_file("/a.sql", "select 1;")
        .with_file("/b.sql", "\\ir a.sql")
        .with_file("/c.sql", "\\i /a.sql")
        .with_file("/sub/d.sql", "\\ir e.sql\n\\ir 'm'.sql;\n\\ir none.sql\n\\ir /a.sql")
        .with_file("/sub/e.sql", "-- :x\n\\set f /a.sql\n\\if :y\n\\i :f \\\\ \\i /a.sql\n\\endif")
        .with_file("/sub/m.sql", "select 2;")
        .with_file("/sub/f.sql", "select 1 \\gset x\n\\ir :xfile\n\\i /a.sql")
        .with_file("/sub/g.sql", "\\ir f.sql\n\\i /a.sql")
        .with_file("/h.sql", "copy t from stdin; \\i /a.sql\n\\i /x\n\\.\n\\i /a.sql\n")
        .with_file("/i.sql", "\\o /a.sql\nselect 1;\n\\o\n\\i /a.sql\n\\i /c.sql")
        .with_file("/j.sql", "\\i /c.sql\n\\! ./generate\n\\i /a.sql")
        .with_file("/k.sql", "\\set go '\\\\i /a.sql'\n:go\n\\i /a.sql")
        .with_file("/l.sql", "select 'a\\';\n\\i /a.sql\nselect ';\n\\i /c.sql\n';");
    let handed = |argv: &[&str]| {
        let handed = reading(&world, argv).handed;
        let shown = handed.into_iter().map(|handed| (handed.word().unwrap(), handed.text.show()));
        shown.collect::<Vec<_>>()
    };
    let at = |index: usize, text: &str| vec![(index, text.to_owned())];
    let file = |path: &str, text: &str| {
        assert_eq!(handed(&["psql", "-f", path]), at(2, &format!("<{text}>")), "{path}");
    };
    file("/a.sql", "select 1;");
    assert_eq!(handed(&["psql", "--file=/a.sql"]), at(1, "--file=<select 1;>"));
    assert_eq!(handed(&["psql", "-Xf/a.sql"]), at(1, "-Xf<select 1;>"));
    assert_eq!(handed(&["psql", "-c", "\\i /a.sql", "-c", "select 1"]), at(2, "\\i <select 1;>"));
    file("/b.sql", "\\ir <select 1;>");
    file("/c.sql", "\\i <select 1;>");
    file(
        "/sub/d.sql",
        "\\ir <-- :x\n\\set f /a.sql\n\\if :y\n\\i <select 1;> \\\\ \\i <select 1;>\n\\endif>\n\
         \\ir <select 2;>\n\\ir '/sub/none.sql'\n\\ir <select 1;>",
    );
    // Where the name is not known, the text stays where it is.
    assert_eq!(handed(&["psql", "-f", "/sub/f.sql"]), []);
    file("/sub/g.sql", "\\ir '/sub/f.sql'\n\\i <select 1;>");
    file("/h.sql", "copy t from stdin; \\i <select 1;>\n\\i /x\n\\.\n\\i <select 1;>\n");
    // What the script writes is not what is there now.
    file("/i.sql", "\\o /a.sql\nselect 1;\n\\o\n\\i /a.sql\n\\i <\\i /a.sql>");
    assert_eq!(judged(&world, &["psql", "-f", "/i.sql"]), (Effect::Write, OPAQUE));
    file("/j.sql", "\\i <\\i <select 1;>>\n\\! ./generate\n\\i /a.sql");
    assert_eq!(handed(&["psql", "-f", "/j.sql", "-f", "/a.sql"]).len(), 1);
    file("/k.sql", "\\set go '\\\\i /a.sql'\n:go\n\\i <select 1;>");
    assert_eq!(judged(&world, &["psql", "-f", "/k.sql"]), (Effect::Write, OPAQUE));
    file("/l.sql", "select 'a\\';\n\\i /a.sql\nselect ';\n\\i /c.sql\n';");
    assert_eq!(judged(&world, &["psql", "-f", "/l.sql"]), (Effect::Write, OPAQUE));
    assert_eq!(judged(&world, &["psql", "-f", "/b.sql"]), (Effect::Read, CLEAR));
    assert_eq!(judged(&world, &["psql", "-f", "/none.sql"]), (Effect::Write, OPAQUE));
}

#[test]
fn harmless_calls_resolve_nothing_for_a_shim() {
    let quiet = |world: &FakeWorld, argv: &[&str]| {
        let invocation = Invocation::new(argv.iter().copied());
        let context = Context { invocation: &invocation, world };
        let tool = table::find("psql").expect("psql has rules");
        read(&Call { tool, context, full: false })
    };
    let world = FakeWorld::new().with_var("PGSERVICE", "nowhere");
    assert_eq!(quiet(&world, &["psql", "-c", "select 1"]).actions, []);
    assert_eq!(quiet(&world, &["psql", "-l"]).actions, []);
    let found = quiet(&world, &["psql", "-c", "drop table t"]);
    assert!(worst(&found).target.gap.is_some());
}

#[test]
fn the_name_of_a_cluster_of_this_machine_counts() {
    let world = FakeWorld::new().with_file("/usr/share/postgresql-common/pg_wrapper", "");
    let clusters = |world: &FakeWorld, argv: &[&str]| -> Vec<String> {
        let evidence = worst(&reading(world, argv)).target.evidence;
        let named = evidence.into_iter().filter(|found| found.kind == Kind::Cluster);
        named.map(|found| found.value).collect()
    };
    let drop = ["-c", "drop table t"];
    assert_eq!(
        clusters(&world, &[&["psql", "--cluster", "15/prod"], &drop[..]].concat()),
        ["prod"]
    );
    let other = world.clone().with_var("PGCLUSTER", "15/prod");
    assert_eq!(clusters(&other, &[&["psql"], &drop[..]].concat()), ["prod"]);
    assert!(clusters(&other, &[&["psql", "-h", "localhost"], &drop[..]].concat()).is_empty());
    let network = ["psql", "--cluster", "15/db.acme.com:5432"];
    assert!(clusters(&world, &[&network, &drop[..]].concat()).is_empty());
}
