//! Statements in many spellings, and what each does.

use proptest::prelude::*;

use super::*;
use crate::parse::sql::{self, Role};

fn mysql(text: &str) -> Vec<Statement> {
    all(text, Dialect::Mysql)
}

fn all(text: &str, dialect: Dialect) -> Vec<Statement> {
    let mut found: Vec<Statement> =
        read(text.as_bytes(), dialect).into_iter().map(|found| found.statement).collect();
    sql::settle(&mut found);
    found
}

/// The worst effect, and whether anything is opaque.
fn worst(text: &str, dialect: Dialect) -> (Effect, bool) {
    let found = all(text, dialect);
    let effect = found.iter().map(|found| found.effect).max().unwrap_or(Effect::Read);
    (effect, found.iter().any(|found| found.flags.has(Flag::Opaque)))
}

const DESTROYS: &[&str] = &[
    "drop table t",
    "DROP TABLE IF EXISTS `t`, u",
    "dRoP/**/tAbLe t",
    "drop database shop",
    "drop schema if exists shop",
    "/*!50000 drop table t */",
    "/*! drop */ table t",
    "/*M!100000 drop table t*/",
    "# x\ndrop table t",
    "-- x\ndrop table t",
    "truncate t",
    "truncate table t",
    "delete from t",
    "delete from t where 1=1",
    "delete from t where true",
    "delete from t /*!99999 where id = 1 */",
    "delete from t /*M!100000 where id = 1 */",
    "delete from t where id = 1 /*!50000 or 1 */",
    "delete from t # where id = 1",
    "delete a, b from a join b",
    "update t set a = 1",
    "update t set a = (select 1 from u where u.id = 2)",
    "update t, u set t.a = 1 where 1",
    "with x as (select 1) delete from t",
    "with x as (select 1 where 1) update t set a = 1",
    "explain analyze delete from t",
    "analyze format=json delete from t",
    "analyze update t set a = 1",
    "set statement max_statement_time=1 for delete from t",
    "select 1; drop table t",
    "select ';'; drop table t",
    "select 'a\\'; drop table t; -- '",
    "select 'a\\\\'; drop table t; -- '",
    "alter table t drop column a",
    "alter table t drop a",
    "alter table t add b int, drop if exists a",
    "alter table t drop partition p1",
    "alter table t truncate partition all",
    "alter table t discard tablespace",
    "alter table t drop system versioning",
    "create or replace table t (a int)",
    "create or replace database shop",
    "drop view v",
    "drop user bob",
    "drop procedure p",
    "purge binary logs before now()",
    "reset master",
    "reset binary logs and gtids",
    "clone instance from a@b:1 identified by 'x'",
    "begin; drop table t; rollback",
    "prepare s from 'drop table t'",
    "execute immediate 'drop table t'",
    "create procedure p() begin select 1; end; drop table t",
    "create procedure p() select 1; drop table t",
    "create procedure p() begin if a then select 1; end if; end; drop table t",
    "create procedure p() begin case when a then select 1; end case; end; drop table t",
    "create procedure p() begin select case a when 1 then 2 end; end; drop table t",
    "create procedure p() begin while a do select 1; end while; end; drop table t",
    "create procedure p() begin l: loop select 1; end loop; end; drop table t",
    "create procedure p() begin repeat select 1; until a end repeat; end; drop table t",
    "create event e on schedule every 1 day do delete from t",
    "set @a = 1; truncate t",
    "delete from t limit 1000000",
    "update t set a = 1 order by id limit 10000",
    "delete from t where id > 0",
];

const HARMLESS: &[&str] = &[
    "select 'drop table t'",
    "select `drop table t` from t",
    "select 1 -- ; drop table t",
    "select 1 # ; drop table t",
    "select /* ; drop table t */ 1",
    "select \"; drop table t; \"",
    "show create table t",
    "delete from t where id = 5",
    "delete from t where a = 'x\\'y' and id = 2",
    "delete from t limit 10",
    "delete from t where a = 1 limit 100000",
    "delete from t order by id limit 1",
    "update t set a = 1 where id in (1,2)",
    "update shop.t set a = 1 where t.id = 3",
    "insert into t values ('it\\'s'), ('; x')",
    "insert into t select * from u",
    "replace into t values (1)",
    "alter table t add column a int",
    "alter table t drop foreign key fk, drop check c, drop constraint d",
    "alter table t alter column a drop default",
    "create table t (a int)",
    "create procedure p() begin delete from t; end",
    "create trigger g before insert on t for each row begin delete from u; end",
    "create procedure p() begin if x then drop table t; end if; end",
    "drop temporary table t",
    "explain delete from t",
    "describe t",
    "set names utf8",
    "set @x = 'drop table t'",
    "start transaction; delete from t; rollback",
    "begin; update t set a = 1; rollback",
    "grant select on shop.* to bob",
    "load data local infile 'x' into table t",
    "prepare s from 'select 1'; execute s",
    "select t.delete, u.drop from t",
    "with x as (select 1) select * from x",
    "(select 1) union (select 2)",
    "do sleep(1)",
    "use shop",
    "select if(a, b, c) from t; select repeat('a', 3)",
    "select 5--1",
    ";;; ",
    "",
];

#[test]
fn what_destroys_is_seen_in_every_spelling() {
    for text in DESTROYS {
        let found = worst(text, Dialect::Mysql);
        assert_eq!(found.0, Effect::Destroy, "{text}: {:?}", mysql(text));
    }
}

#[test]
fn what_is_harmless_stays_so() {
    for text in HARMLESS {
        let (effect, opaque) = worst(text, Dialect::Mysql);
        assert!(effect <= Effect::Write && !opaque, "{text}: {:?}", mysql(text));
    }
}

#[test]
fn what_cannot_be_read_is_opaque() {
    for text in [
        "call p()",
        "frobnicate t",
        "prepare s from @x",
        "execute immediate concat('drop', ' table t')",
        "begin not atomic select 1; end",
        "if 1 then select 1; end if",
        "install plugin x soname 'y'",
        "create function f returns int soname 'udf.so'",
        "select sys_exec('x')",
        "binlog 'x'",
        "select 'open",
        "select 1 /* open",
        "create procedure p() begin select 1;",
        "123",
        "prepare s from 'd\\x72op'",
        "select 1\0",
    ] {
        assert!(worst(text, Dialect::Mysql).1, "{text}: {:?}", mysql(text));
    }
}

#[test]
fn what_disrupts_is_no_loss() {
    for text in [
        "kill 5",
        "shutdown",
        "drop index i on t",
        "alter table t drop index i",
        "lock tables t write",
        "flush tables with read lock",
        "optimize table t",
        "stop slave",
        "stop replica",
        "set global read_only = 1",
        "alter table t engine=innodb",
    ] {
        assert_eq!(worst(text, Dialect::Mysql), (Effect::Disrupt, false), "{text}");
    }
}

#[test]
fn sqlite_is_read_by_its_own_rules() {
    for text in [
        "drop table t",
        "delete from [t]",
        "delete from t where 1",
        "delete from t--x\n",
        "update t set a = 'x\\'; drop table t; --'",
        "alter table t drop column a",
        "attach 'x.db' as x; drop table x.t",
        "create trigger g after insert on t begin delete from u; end; drop table t",
        "explain select 1; drop table t",
    ] {
        assert_eq!(worst(text, Dialect::Sqlite).0, Effect::Destroy, "{text}");
    }
    for text in [
        "begin; drop table t; rollback",
        "select 'x\\' || '; drop table t'",
        "select [; drop table t]",
        "create trigger g after insert on t begin delete from u; select case when 1 then 2 end; end",
        "explain drop table t",
        "pragma table_info(t)",
        "vacuum",
        "delete from t where id = 'a' || 'b'",
        "insert or replace into t values (1)",
    ] {
        let (effect, opaque) = worst(text, Dialect::Sqlite);
        assert!(effect <= Effect::Write && !opaque, "{text}");
    }
    for text in
        ["select load_extension('x')", "pragma writable_schema=1", "call x()", "reset master"]
    {
        assert!(worst(text, Dialect::Sqlite).1, "{text}");
    }
}

#[test]
fn names_in_other_databases_are_reported() {
    let databases = |text: &str| -> Vec<String> {
        read(text.as_bytes(), Dialect::Mysql)
            .into_iter()
            .flat_map(|found| found.databases)
            .collect()
    };
    assert_eq!(databases("drop table shop.users, `live`.`x`"), ["shop", "live"]);
    assert_eq!(databases("drop database `shop_production`"), ["shop_production"]);
    assert_eq!(databases("delete from shop.users"), ["shop"]);
    assert_eq!(databases("delete from users where users.id = 1"), Vec::<String>::new());
    assert_eq!(databases("truncate table shop.users"), ["shop"]);
    assert_eq!(databases("update shop.users set a = 1"), ["shop"]);
    assert_eq!(databases("alter table shop.users drop a"), ["shop"]);
}

#[test]
fn mysqls_ddl_commits_the_transaction_around_it() {
    let found = mysql("begin; delete from t; create table u (a int); rollback");
    assert!(found.iter().any(|found| found.effect == Effect::Destroy), "{found:?}");
    assert!(found.iter().any(|found| found.role == Role::Commit));
}

/// A statement with comments and cases that change nothing.
fn disguised(statement: &str, fillings: &[usize], upper: &[bool]) -> String {
    const FILLING: &[&str] = &[
        " ",
        "\n",
        "/**/",
        " /* ; drop */ ",
        "\t",
        " -- '\n",
        " # \"\n",
        "/*! */",
        " /*!40000 */ ",
    ];
    let mut out = String::new();
    for (at, word) in statement.split(' ').enumerate() {
        if at > 0 {
            out.push_str(FILLING[fillings[at % fillings.len()] % FILLING.len()]);
        }
        match upper[at % upper.len()] {
            true => out.push_str(&word.to_uppercase()),
            false => out.push_str(word),
        }
    }
    out
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        for dialect in [Dialect::Mysql, Dialect::Sqlite] {
            read(&text, dialect);
        }
    }

    #[test]
    fn words_in_any_order_never_panic(words in proptest::collection::vec(
        prop::sample::select(vec!["drop", "table", "(", ")", ";", "begin", "end", "if", "case",
            "delete", "where", "1", "=", "or", "'", "`", "/*!", "*/", "create", "procedure", "with",
            "prepare", "from", ",", ".", "explain", "analyze", "set", "statement", "for", "--"]),
        0..40)) {
        read(words.join(" ").as_bytes(), Dialect::Mysql);
        read(words.join("").as_bytes(), Dialect::Sqlite);
    }

    #[test]
    fn a_disguise_changes_no_verdict(
        which in 0..DESTROYS.len(),
        fillings in proptest::collection::vec(0_usize..9, 1..8),
        upper in proptest::collection::vec(any::<bool>(), 1..8),
    ) {
        let plain = ["drop table t", "truncate table t", "delete from t", "update t set a = 1",
            "drop database shop", "alter table t drop column a", "reset master"];
        let statement = plain[which % plain.len()];
        let text = disguised(statement, &fillings, &upper);
        prop_assert_eq!(worst(&text, Dialect::Mysql).0, Effect::Destroy, "{}", text);
        let hidden = format!("select 1; {text}; select 2");
        prop_assert_eq!(worst(&hidden, Dialect::Mysql).0, Effect::Destroy, "{}", hidden);
    }
}
