//! The MySQL clients, word by word, in worlds that the tests write down.

use proptest::prelude::*;

use super::*;
use crate::action::Flag;
use crate::invocation::Invocation;
use crate::target::Class;
use crate::testing::{judged, reading, reading_of};
use crate::world::fake::FakeWorld;

const PROD: &str = "db.prod.acme.com";

fn name(world: &FakeWorld, argv: &[&str]) -> String {
    let reading = reading(world, argv);
    let worst = reading.actions.iter().max_by_key(|action| action.effect).expect("an action");
    worst.target.name.clone().unwrap_or_default()
}

#[test]
fn a_text_is_found_wherever_the_words_put_it() {
    let world = FakeWorld::new().with_file("/drop.sql", "select 1;\ndrop table t;");
    for argv in [
        &["mysql", "-e", "drop table t"][..],
        &["mysql", "-edrop table t"],
        &["mysql", "-Nsedrop table t"],
        &["mariadb", "--exec=drop table t"],
        &["mysql", "--execute", "drop table t", "shop"],
        &["mysql", "-h", PROD, "shop", "-e", "drop table t"],
        &["mysql", "-p", "shop", "-e", "drop table t"],
        &["mysql", "-e", "select 1;", "-e", "drop table t"],
        &["mysql", "-e", "drop", "-e", "table t"],
        &["mysql", "-e", "source /drop.sql"],
        &["mysql", "-e", "\\. /drop.sql"],
        &["mysql", "--init-command=drop table t", "-e", "select 1"],
        &["mysql", "--init_command=drop table t", "-e", "select 1"],
        &["mysql", "--loose-init-command=drop table t", "-e", "select 1"],
        &["mysql", "--delimiter=//", "-e", "select 1; drop table t//"],
        &["mysqladmin", "-f", "dr", "t"],
        &["mysqladmin", "ping", "create", "a", "drop", "b"],
        &["mysqlimport", "--del", "shop", "t.txt"],
        &["mysqldump", "-A", "--delete-master-logs"],
        &["mariadb-dump", "-A", "--delete_source_logs"],
    ] {
        assert_eq!(judged(&world, argv), (Effect::Destroy, false), "{argv:?}");
    }
    for argv in [
        &["mysql", "-h", "-e", "drop table t"][..],
        &["mysql", "-e", "select 'drop table t'"],
        &["mysql", "--help", "-e", "drop table t"],
        &["mysqladmin", "ping"],
        &["mysqldump", "shop", "--skip-add-locks"],
        &["mysqladmin", "create", "drop"],
    ] {
        let world = FakeWorld::new().with_stdin("select 1");
        let (effect, opaque) = judged(&world, argv);
        assert!(effect <= Effect::Write && !opaque, "{argv:?}");
    }
}

#[test]
fn what_cannot_be_read_is_opaque() {
    let world = FakeWorld::new();
    for argv in [
        &["mysql"][..],
        &["mysql", "-e", "source missing.sql"],
        &["mysql", "--frobnicate", "-e", "select 1"],
        &["mysql", "-e", "edit"],
        &["mysql", "-e", "call p()"],
        &["mysql", "--default-character-set=gbk", "-e", "select 1"],
        &["mysqladmin", "frobnicate"],
    ] {
        assert!(judged(&world, argv).1, "{argv:?}");
    }
    let mut invocation = Invocation::new(["mysql", "-e", "$SQL"]);
    invocation.dynamic = vec![2];
    assert!(reading_of(&world, &invocation).actions[0].flags.has(Flag::Opaque));
}

#[test]
fn shell_commands_are_handed_on() {
    let world = FakeWorld::new().with_stdin("select 1;\nsystem rm -rf x\n\\! touch y; z\n");
    let inner: Vec<String> = reading(&world, &["mysql"])
        .inner
        .iter()
        .map(|inner| inner.argv[2].to_string_lossy().into_owned())
        .collect();
    assert_eq!(inner, ["rm -rf x", "touch y; z"]);
}

#[test]
fn where_it_goes_is_resolved_as_the_client_does() {
    let drop = ["-e", "drop table t"];
    let case = |world: &FakeWorld, words: &[&str]| {
        let argv: Vec<&str> = ["mysql"].iter().chain(words).chain(&drop).copied().collect();
        name(world, &argv)
    };
    let world = FakeWorld::new();
    assert_eq!(case(&world, &["-h", PROD, "shop"]), "shop@db.prod.acme.com");
    assert_eq!(case(&world, &["-D", "a", "b"]), "b");
    assert_eq!(case(&world, &["-hlocalhost", "-P", "3307", "b"]), "b");
    assert_eq!(case(&world, &["-h127.0.0.1", "b"]), "b@127.0.0.1");
    let world = world.with_var("MYSQL_HOST", "envhost");
    assert_eq!(case(&world, &["b"]), "b@envhost");
    let world = world
        .with_file("/home/ana/.my.cnf", "[client]\nhost = \"db1\" # x\n[mysqldump]\nhost=no\n")
        .with_file("/etc/mysql/my.cnf", "[mysql]\nhost=etc\ndatabase=d\n");
    assert_eq!(case(&world, &[]), "d@db1");
    assert_eq!(case(&world, &["-h", PROD, "b"]), "b@db.prod.acme.com");
    let world = world.with_file("x.cnf", "[clientprod]\nhost=db.prod\n!include /inc.cnf\n");
    let world = world.with_file("/inc.cnf", "[client]\nport=1\ndatabase=inc\n");
    let extra = ["--defaults-extra-file=x.cnf", "--defaults-group-suffix=prod"];
    assert_eq!(case(&world, &extra), "inc@db1");
    let only = ["--defaults-file=x.cnf", "--defaults-group-suffix=prod"];
    assert_eq!(case(&world, &only), "inc@db.prod");
    assert_eq!(case(&world, &["--no-defaults", "b"]), "b@envhost");
    let suffixed = world.clone().with_var("MYSQL_GROUP_SUFFIX", "prod");
    assert_eq!(case(&suffixed, &["--defaults-file=x.cnf"]), "inc@db.prod");
}

#[test]
fn use_and_connect_move_the_statements_behind_them() {
    for script in [
        "use live_shop\ndrop table t;",
        "use live_shop;drop table t;",
        "\\u live_shop\ndrop table t;",
        "connect live_shop\ndrop table t;",
        "drop table live_shop.t;",
        "delimiter //\nselect 1; use live_shop; drop table t//",
        "drop database live_shop;",
    ] {
        let world = FakeWorld::new().with_stdin(script);
        let reading = reading(&world, &["mysql"]);
        let action = reading.actions.first().expect("an action");
        assert_eq!(action.effect, Effect::Destroy, "{script}");
        let evidence = &action.target.evidence;
        let named = evidence.iter().any(|it| it.kind == Kind::Database && it.value == "live_shop");
        assert!(named, "{script}: {evidence:?}");
    }
    let world = FakeWorld::new().with_stdin("connect shop db9.prod.acme.com\ndrop table t;");
    assert_eq!(name(&world, &["mysql"]), "shop@db9.prod.acme.com");
}

#[test]
fn sockets_and_loopbacks_are_this_machine() {
    let local = |argv: &[&str]| {
        let reading = reading(&FakeWorld::new(), argv);
        let target = &reading.actions[0].target;
        target.evidence.iter().any(|evidence| evidence.asserts == Some(Class::Local))
    };
    assert!(local(&["mysql", "-e", "drop table t"]));
    assert!(local(&["mysql", "-S", "/tmp/x.sock", "-e", "drop table t"]));
    assert!(local(&["mysql", "-h", "127.0.0.1", "-e", "drop table t"]));
    assert!(!local(&["mysql", "-h", "db1", "-S", "/tmp/x.sock", "-e", "drop table t"]));
}

#[test]
fn an_encoded_login_file_leaves_the_target_open() {
    let world = FakeWorld::new().with_file("/home/ana/.mylogin.cnf", "x");
    let gap = |argv: &[&str]| reading(&world, argv).actions[0].target.gap.is_some();
    assert!(gap(&["mysql", "-e", "drop table t"]));
    assert!(gap(&["mysql", "--login-path=prod", "-h", "x", "-e", "drop table t"]));
    assert!(!gap(&["mysql", "-h", "127.0.0.1", "-e", "drop table t"]));
}

proptest! {
    #[test]
    fn arbitrary_words_and_files_never_panic(
        words in proptest::collection::vec("[-a-z=/_ ;\\\\']{0,12}", 0..6),
        file in "(?s).{0,80}",
        input in "(?s).{0,80}",
    ) {
        let world =
            FakeWorld::new().with_file("/home/ana/.my.cnf", &file).with_stdin(&input);
        for program in ["mysql", "mysqladmin", "mysqlimport", "mysqldump"] {
            let argv: Vec<&str> =
                std::iter::once(program).chain(words.iter().map(String::as_str)).collect();
            reading(&world, &argv);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_names_give_way(script in crate::actions::handed::script(&[
        "source /a.sql", "source /a.sql;", "\\. /a.sql\n", "SOURCE  /a.sql \r\n", "\n", ";", "'", "/*", "*/",
        "# ", "-- ", "delimiter //\n", "//", "select 1", "select '\\'", " ", "\\c", "\\x", "é", "`", "\u{feff}",
    ])) {
        let world = FakeWorld::new().with_file("/a.sql", "select 1;\nsource /b.sql").with_stdin(&script);
        for handed in reading(&world, &["mysql"]).handed {
            handed.text.check("/a.sql");
        }
        for handed in reading(&world, &["mysql", "-e", &script, "-ve", "source /a.sql"]).handed {
            handed.text.check("/a.sql");
        }
    }
}
