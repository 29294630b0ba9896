//! clickhouse-client, word by word.

use crate::action::Effect;
use crate::target::Class;
use crate::testing::placed;
use crate::world::fake::FakeWorld;

#[test]
fn one_truncate_in_every_place() {
    let xml = "<config><host>db.staging.acme.com</host><connections_credentials><connection>\
               <name>main</name><hostname>db.prod.acme.com</hostname></connection>\
               </connections_credentials></config>";
    let plain = FakeWorld::new();
    let configured = FakeWorld::new().with_file("/home/ana/.clickhouse-client/config.xml", xml);
    let here = FakeWorld::new()
        .with_file("/home/ana/.clickhouse-client/config.xml", xml)
        .with_file("clickhouse-client.xml", "<c><host>localhost</host></c>");
    for (world, words, class) in [
        (&plain, &["clickhouse-client"][..], Class::Local),
        (&plain, &["clickhouse-client", "-hdb.prod.acme.com"], Class::Production),
        (
            &plain,
            &["clickhouse-client", "--max_threads", "4", "--host=db.acme.com"],
            Class::Unknown,
        ),
        (&plain, &["clickhouse", "client", "-h", "qa.acme.com"], Class::Staging),
        (
            &plain,
            &["clickhouse-client", "-h", "localhost", "-h", "db.prod.acme.com"],
            Class::Production,
        ),
        (&plain, &["clickhouse-client", "clickhouse://db.acme.com/live"], Class::Production),
        (&plain, &["clickhouse-client", "-d", "live"], Class::Production),
        (&plain, &["clickhouse", "local"], Class::Local),
        (&plain, &["clickhouse-client", "--connection", "main"], Class::Unknown),
        (&configured, &["clickhouse-client"], Class::Staging),
        (&configured, &["clickhouse-client", "--connection", "main"], Class::Production),
        (&configured, &["clickhouse-client", "-h", "localhost"], Class::Local),
        (&here, &["clickhouse-client"], Class::Local),
    ] {
        let argv: Vec<&str> = words.iter().chain(&["-q", "truncate t"]).copied().collect();
        assert_eq!(placed(world, &argv), (Effect::Destroy, false, class), "{argv:?}");
    }
}

/// What ClickHouse 25.8 (chDB 3.7.2) was seen to do with a table of ten rows.
#[test]
fn statements() {
    let world = FakeWorld::new();
    let effect = |text: &str| {
        let (effect, opaque, _) = placed(&world, &["clickhouse-client", "-q", text]);
        assert!(!opaque, "{text}");
        effect
    };
    for text in [
        "alter table d.t delete where 1",
        "alter table d.t (delete where 1)",
        "alter table d.t (drop partition 1), (drop partition 0)",
        "delete from d.t where 1",
        "alter table d.t drop partition 1",
        "truncate d.t",
        "truncate all tables from d",
        "truncate database d",
        "drop\ttable/**/d.t",
        "drop table `d`.`t`",
        "replace table d.t (a Int8) engine=Memory",
        "create or replace table d.t (a Int8) engine=Memory",
        "alter table d.t modify ttl toDate('2001-01-01') + interval i day",
        "alter table d.t add column z Int32, drop column i",
        "alter table d.t on cluster c update i = 0 where 1",
        "drop database d on cluster c sync",
        "alter table d.t clear column z in partition 1",
        "begin transaction; truncate t; rollback",
    ] {
        assert_eq!(effect(text), Effect::Destroy, "{text}");
    }
    for text in [
        "alter table d.t delete where i = 3",
        "delete from d.t where i = 3",
        "alter table t update a = 1 where b = 2",
        "alter table t add column drop_it Int8",
        "rename table d.t to d.u",
        "insert into t values (1)",
        "system flush logs",
        "alter table t freeze",
    ] {
        assert_eq!(effect(text), Effect::Write, "{text}");
    }
    for text in [
        "optimize table d.t final",
        "exchange tables d.t and d.u",
        "detach table d.t permanently",
        "kill query where 1",
        "system stop merges",
        "alter table t detach partition 1",
        "alter table t drop index i",
    ] {
        assert_eq!(effect(text), Effect::Disrupt, "{text}");
    }
    for text in [
        "select 'a\\'; drop table d.t; --'",
        "select 1 # drop table d.t",
        "select $$; drop table d.t$$",
        "from d.t select count()",
        "with 1 as x select x",
        "set max_threads = 1; show tables",
    ] {
        assert_eq!(effect(text), Effect::Read, "{text}");
    }
    for text in ["/* /* */ ' */ drop table t; -- '", "frob", "create function f soname 'x'"] {
        let (_, opaque, _) = placed(&world, &["clickhouse-client", "-q", text]);
        assert!(opaque, "{text}");
    }
}
