//! cqlsh, word by word.

use super::*;
use crate::target::Class;
use crate::testing::placed;
use crate::world::fake::FakeWorld;

#[test]
fn one_truncate_in_every_place() {
    let rc = "[authentication]\nkeyspace = live\n[connection]\nhostname = db.acme.com\n";
    let plain = FakeWorld::new();
    let configured = FakeWorld::new().with_file("/home/ana/.cassandra/cqlshrc", rc);
    let named = FakeWorld::new().with_var("CQLSH_HOST", "db.staging.acme.com");
    for (world, words, class) in [
        (&plain, &["-e", "truncate shop.a"][..], Class::Local),
        (&plain, &["db.prod.acme.com", "-e", "truncate shop.a"], Class::Production),
        (&plain, &["-e", "use live; truncate a"], Class::Production),
        (&plain, &["-e", "truncate live.a"], Class::Production),
        (&plain, &["-k", "live", "-e", "truncate a"], Class::Production),
        (&plain, &["db.acme.com", "-e", "truncate shop.a"], Class::Unknown),
        (&named, &["-e", "truncate shop.a"], Class::Staging),
        (&named, &["127.0.0.1", "-e", "truncate shop.a"], Class::Local),
        (&configured, &["-e", "truncate shop.a"], Class::Production),
    ] {
        let argv: Vec<&str> = ["cqlsh"].iter().chain(words).copied().collect();
        assert_eq!(placed(world, &argv), (Effect::Destroy, false, class), "{argv:?}");
    }
}

#[test]
fn statements_and_commands() {
    let world = FakeWorld::new().with_file("a.cql", "DESCRIBE TABLES\nDROP KEYSPACE shop;\n");
    let effect = |text: &str| {
        let (effect, opaque, _) = placed(&world, &["cqlsh", "-e", text]);
        assert!(!opaque, "{text}");
        effect
    };
    for text in [
        "SOURCE 'a.cql'",
        "drop table a.b",
        "drop materialized view a.b",
        "truncate table a.b",
        "alter table a.b drop c",
        "alter table a.b drop (c, d)",
        "select 1; // x\ndrop type a.t",
        "begin batch\n delete from a.b where c = 1; apply batch; drop table a.b",
    ] {
        assert_eq!(effect(text), Effect::Destroy, "{text}");
    }
    for text in [
        "delete from a.b where c = 1",
        "update a.b set c = 1 where d = 2",
        "begin unlogged batch insert into a.b (c) values (1); apply batch",
        "insert into a.b json '{\"c\": \"; drop table a.b\"}'",
        "create table a.b (c int primary key)",
        "alter table a.b add c int",
        "create function a.f (x int) returns null on null input returns int language java as $$ drop; $$",
    ] {
        assert_eq!(effect(text), Effect::Write, "{text}");
    }
    for text in ["select * from a.b", "describe keyspace a", "-- drop table a.b\nlist roles"] {
        assert_eq!(effect(text), Effect::Read, "{text}");
    }
    assert_eq!(effect("drop index a.i"), Effect::Disrupt);
    assert!(placed(&world, &["cqlsh", "-e", "source 'missing'"]).1);
    assert!(placed(&world, &["cqlsh", "-e", "frob x"]).1);
}
