//! What we call destroying destroys, and what we call a read leaves everything
//! as it was: each statement is run, and looked at.

use holdpoint::action::{Effect, Flag};
use holdpoint::parse::sql;

use crate::server::server;

/// What stands before each statement.
const FIXTURE: &str = "
    drop publication if exists pb; drop schema if exists d cascade; create schema d; set search_path = d;
    create table orders (id int primary key, note text, total int);
    insert into orders select g, 'n', g from generate_series(1, 10) g;
    create table lines (id int references orders);
    insert into lines values (1), (2);
    create view v as select id from orders;
    create materialized view m as select id from orders;
    create sequence s; create type e as (a int, b int); create domain dm as int;
    create table typed (x e); insert into typed values (row(1, 2));
    create function f() returns int language sql as 'select 1';
    create function tf() returns trigger language plpgsql as 'begin return new; end';
    create trigger tr before insert on orders for each row execute function tf();
    create policy po on orders; create rule ru as on insert to typed do also notify x;
    create publication pb for table orders;
    create statistics st on id, total from orders;
    create aggregate ag (int) (sfunc = int4pl, stype = int);
    create text search configuration tc (copy = simple);
    create collation co from \"C\";
";

/// What there is: rows, columns' values, objects.
const PROBE: &str = "
    select (select json_agg(t) from (select relname, relkind from pg_class c join pg_namespace n
              on n.oid = relnamespace where nspname = 'd' and relkind <> 'i' order by 1) t)::text
        || (select json_agg(t) from (select proname from pg_proc p join pg_namespace n
              on n.oid = pronamespace where nspname = 'd' order by 1) t)::text
        || (select json_agg(t) from (select typname from pg_type p join pg_namespace n
              on n.oid = typnamespace where nspname = 'd' order by 1) t)::text
        || (select json_agg(t) from (select tgname from pg_trigger where not tgisinternal) t)::text
        || (select coalesce(json_agg(t)::text, '') from (select polname from pg_policy) t)
        || (select json_agg(t) from (select rulename from pg_rewrite where oid > 16384 order by 1) t)::text
        || (select coalesce(json_agg(t)::text, '') from (select pubname from pg_publication) t)
        || (select coalesce(json_agg(t)::text, '') from (select stxname from pg_statistic_ext) t)
        || (select coalesce(json_agg(t)::text, '') from (select cfgname from pg_ts_config where oid > 16384) t)
        || (select coalesce(json_agg(t)::text, '') from (select collname from pg_collation where oid > 16384 and collnamespace = 'd'::regnamespace) t)
        || (select json_agg(t) from (select attrelid::regclass::text, attname from pg_attribute a join
              pg_class c on c.oid = attrelid where relnamespace = 'd'::regnamespace and attnum > 0
              and not attisdropped and relkind in ('r', 'c') order by 1, 2) t)::text
";
/// The rows, where the table still is.
const ROWS: &str =
    "select coalesce(query_to_xml('select * from d.orders order by id', true, true, '')::text, '')
    || coalesce(query_to_xml('select * from d.lines', true, true, '')::text, '')";

const DESTROYS: &[&str] = &[
    "drop table lines",
    "drop table orders cascade",
    "drop view v",
    "drop materialized view m",
    "drop sequence s",
    "drop type e cascade",
    "drop domain dm",
    "drop function f()",
    "drop routine f",
    "drop aggregate ag (int)",
    "drop trigger tr on orders",
    "drop policy po on orders",
    "drop rule ru on typed",
    "drop publication pb",
    "drop statistics st",
    "drop text search configuration tc",
    "drop collation co",
    "truncate lines",
    "truncate orders cascade",
    "delete from lines",
    "delete from lines where true",
    "delete from lines where 1=1",
    "delete from lines where not false",
    "delete from lines where 'a'='a'",
    "delete from lines where 1<>2",
    "delete from lines where id=id",
    "delete from lines where 't'",
    "delete from lines where 't'::boolean",
    "delete from lines where 1::bool",
    "delete from lines where exists (select 1)",
    "delete from lines where 1 in (1, 2)",
    "delete from lines where 1 between 0 and 2",
    "delete from lines where 2+2=4",
    "delete from lines where null is null",
    "delete from lines where coalesce(null, true)",
    "delete from lines where (select true)",
    "delete from lines where case when true then true end",
    "delete from lines where id is not distinct from id",
    "delete from lines where id = 99 or '1' = 1",
    "delete from lines using orders where true",
    "update orders set note = null",
    "update orders set note = 'x' where note like '%'",
    "update orders set total = 0 from lines",
    "with g as (delete from lines returning *) select count(*) from g",
    "with g as (update orders set total = 0 returning *) select count(*) from g",
    "with g as (select 1) delete from lines",
    "explain analyze delete from lines",
    "explain (analyze, costs off) update orders set note = ''",
    "explain analyse verbose delete from lines",
    "prepare p as delete from lines; execute p",
    "copy (delete from lines returning *) to stdout",
    "merge into lines using (select 1) q on true when matched then delete",
    "merge into orders using (select 1) q on 1=1 when matched then update set note = 'x'",
    "alter table orders drop column note",
    "alter table orders drop total",
    "alter table orders alter column total type int using 0",
    "alter type e drop attribute b cascade",
    "do $$ begin delete from d.lines; end $$",
    "create function g() returns void language sql as 'delete from d.lines'; select g()",
    "create procedure g() begin atomic delete from d.lines; end; call g()",
    "begin; delete from lines; commit; rollback",
    "begin; delete from lines; rollback and chain; delete from lines; commit",
    "begin; savepoint a; delete from lines; savepoint b; rollback to b; commit",
    "drop schema d cascade",
];

const KEEPS: &[&str] = &[
    "select 1; select * from orders; table lines; values (1)",
    "explain delete from lines",
    "explain (analyze off) delete from lines",
    "explain analyze select * from orders",
    "begin; delete from lines; drop table orders cascade; rollback",
    "begin; truncate orders cascade; abort",
    "start transaction; drop schema d cascade; rollback work",
    "select 'drop table orders', $$delete from lines$$",
    "/* drop table orders; */ select 1 -- ; delete from lines",
    "delete from lines where false",
    "delete from lines where id <> id",
    "update orders set note = 'x' where 1 = 2",
    "merge into lines using orders q on false when matched then delete",
    "prepare p as select * from orders; execute p",
    "begin; declare c cursor for select * from orders; fetch all from c; close c; commit",
    "copy orders to stdout",
    "set search_path = d; show all; reset all",
    "with g as (select * from orders) select count(*) from g",
];

fn worst(text: &str) -> (Effect, bool) {
    let found = sql::read(text.as_bytes());
    let effect = found.iter().map(|found| found.effect).max().unwrap();
    (effect, found.iter().any(|found| found.flags.has(Flag::Opaque)))
}

/// The state of the fixture; none once its schema is gone.
fn state(database: &str) -> String {
    let server = server();
    let there = server.sql(database, "select to_regnamespace('d') is not null");
    if there != "t" {
        return "gone".to_owned();
    }
    let objects = server.sql(database, PROBE);
    let orders = server.sql(database, "select count(*) from pg_class where relname in ('orders', 'lines') and relnamespace = 'd'::regnamespace");
    let rows = if orders == "2" { server.sql(database, ROWS) } else { String::new() };
    format!("{objects}{rows}")
}

fn changes(database: &str, text: &str) -> bool {
    let server = server();
    server.sql(database, FIXTURE);
    let before = state(database);
    let output = server
        .psql(database)
        .env("PGOPTIONS", "-c search_path=d")
        .args(["-v", "ON_ERROR_STOP=1", "-c", text])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}: {errors}");
    before != state(database)
}

#[test]
fn what_we_call_destroying_destroys() {
    server().sql("postgres", "create database destroying");
    for text in DESTROYS {
        assert!(changes("destroying", text), "nothing changed: {text}");
        assert_eq!(worst(text).0, Effect::Destroy, "{text}");
    }
}

#[test]
fn what_we_call_harmless_keeps_everything() {
    server().sql("postgres", "create database keeping");
    for text in KEEPS {
        assert!(!changes("keeping", text), "something changed: {text}");
        let (effect, opaque) = worst(text);
        assert!(effect <= Effect::Write && !opaque, "{text}");
    }
}

#[test]
fn dropped_databases_and_owned_objects_are_gone() {
    let server = server();
    server.sql("postgres", "create database victim");
    server.sql("postgres", "create role owner_of_things");
    server.sql("app", "create table owned (a int); alter table owned owner to owner_of_things");
    let there = |name: &str| {
        server
            .sql("postgres", &format!("select count(*) from pg_database where datname = '{name}'"))
    };
    assert_eq!(there("victim"), "1");
    server.sql("postgres", "drop database victim with (force)");
    assert_eq!(there("victim"), "0");
    server.sql("app", "drop owned by owner_of_things");
    assert_eq!(server.sql("app", "select to_regclass('owned') is null"), "t");
    for text in ["drop database victim with (force)", "drop owned by owner_of_things"] {
        let found = sql::read(text.as_bytes());
        assert!(found[0].flags.has(Flag::Irreversible), "{text}");
    }
}
