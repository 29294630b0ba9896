//! sqlcmd and bcp, word by word, and batches of Transact-SQL, in worlds that
//! the tests write down.

use proptest::prelude::*;

use crate::action::Effect;
use crate::policy::Policy;
use crate::target::Class;
use crate::testing::{judged, reading};
use crate::world::fake::FakeWorld;

fn of(sql: &str) -> (Effect, bool) {
    judged(&FakeWorld::new(), &["sqlcmd", "-Q", sql])
}

#[test]
fn what_destroys_is_seen_without_semicolons() {
    for sql in [
        "drop table orders",
        "select 1 drop table orders",
        "declare @x int = 1 delete from orders",
        "DELETE orders",
        "delete o from orders o",
        "delete top (50) percent from orders",
        "truncate table shop.dbo.orders",
        "update orders set total = 0",
        "update o set o.total = 0 from orders o",
        "with t as (select * from orders) delete from t",
        "if exists (select 1 from t) drop table orders",
        "if 1=1 begin drop table orders end",
        "begin try drop table orders end try begin catch print 'x' end catch",
        "alter table orders drop column total",
        "alter table orders add x int drop table orders",
        "alter table orders drop constraint c drop table orders",
        "alter table orders drop constraint c, column total",
        "drop database shop",
        "drop procedure p",
        "restore database shop from disk = 'x'",
        "alter database shop set recovery simple",
        "exec('drop table orders')",
        "exec sp_executesql N'delete from orders'",
        "exec sp_MSforeachtable 'truncate table ?'",
        "exec xp_delete_file 0, 'x'",
        "merge into t using s on t.id = s.id when not matched by source then delete;",
        "insert into log select * from (delete from orders output deleted.*) as d",
        "/* /* x */ */ drop table orders",
        "select case when 1 = 1 then 2 else 3 end drop table orders",
        "grant select on t to u drop table orders",
        "dbcc checkdb (shop, repair_allow_data_loss)",
        "select 1 from [a]]b] drop table [orders]",
        "delete from orders where 1 = 1",
        "create table t (id int) drop table orders",
    ] {
        assert_eq!(of(sql), (Effect::Destroy, false), "{sql}");
    }
}

#[test]
fn ordinary_work_is_not_taken_for_destroying() {
    for sql in [
        "select * from orders",
        "select top 5 * from orders where name = 'drop table x'",
        "delete from orders where id = 5",
        "delete top (10) from orders",
        "update orders set total = 0 where id = @id",
        "insert into t values (1)",
        "create table t (id int references o on delete cascade on update no action)",
        "create trigger x on t after delete, update as begin delete from t end",
        "create procedure p as begin truncate table t; drop table t end",
        "create or alter view v as select 1 as x",
        "grant delete, update, execute on t to u with grant option",
        "merge t using s on t.id = s.id when matched then delete;",
        "merge t using s on t.id = s.id when matched then update set t.x = s.x when not matched then insert (x) values (s.x);",
        "alter table t drop constraint c",
        "alter table t alter column x int",
        "delete from #scratch",
        "delete from @rows",
        "drop table #scratch",
        "backup database shop to disk = 'x'",
        "restore headeronly from disk = 'x'",
        "exec sp_who2",
        "sp_helptext 'p'",
        "exec('select 1')",
        "exec sp_executesql N'select * from t where id = @id', N'@id int', @id = 5",
        "update statistics orders",
        "declare c cursor for select id from t for update of x",
        "select a from t inner merge join s on t.id = s.id",
        "begin tran; delete from orders; rollback",
        "select * from orders order by id offset 0 rows fetch next 5 rows only",
        "set nocount on; use shop; print 'drop'",
        "if not exists (select 1) create table t (id int)",
        "execute as user = 'x'; select 1; revert",
        "-- drop table orders\nselect 1",
        "select 'a' as [drop table x]",
    ] {
        let (effect, opaque) = of(sql);
        assert!(effect <= Effect::Write && !opaque, "{sql}: {effect:?} {opaque}");
    }
}

#[test]
fn what_takes_away_the_service_disrupts() {
    for sql in [
        "alter database shop set offline with rollback immediate",
        "alter database shop set single_user",
        "shutdown with nowait",
        "kill 53",
        "drop index i on t",
        "alter index all on t rebuild",
        "dbcc shrinkdatabase (shop)",
        "exec sp_detach_db 'shop'",
    ] {
        assert_eq!(of(sql), (Effect::Disrupt, false), "{sql}");
    }
}

#[test]
fn what_cannot_be_read_is_opaque() {
    for sql in [
        "exec wipe",
        "wipe",
        "exec xp_cmdshell 'dir'",
        "exec master..xp_cmdshell 'dir'",
        "exec(@sql)",
        "exec('select ' + @x)",
        "exec sp_executesql @sql",
        "select * from openquery(remote, 'x')",
        "select 'open",
        "/* open",
        "drop",
    ] {
        assert!(of(sql).1, "{sql}");
    }
    let world = FakeWorld::new();
    for argv in [
        &["sqlcmd", "-i", "missing.sql"][..],
        &["sqlcmd", "-Q", "drop table $(x)"],
        &["sqlcmd", "-Q", "select 1\n:ed"],
        &["sqlcmd"],
        &["sqlcmd", "--frobnicate", "-Q", "select 1"],
    ] {
        assert!(judged(&world, argv).1, "{argv:?}");
    }
}

#[test]
fn a_text_is_found_wherever_the_words_put_it() {
    let world = FakeWorld::new()
        .with_file("/drop.sql", "select 1\ngo\ndrop table t\ngo\n")
        .with_file("/incl.sql", ":r /drop.sql\n")
        .with_stdin("drop table t\ngo\n");
    for argv in [
        &["sqlcmd", "-Q", "drop table t"][..],
        &["sqlcmd", "-Qdrop table t"],
        &["sqlcmd", "-q", "drop table t"],
        &["sqlcmd", "-S", "db", "-d", "shop", "-E", "-Q", "select 1;\nGO\ndrop table t"],
        &["sqlcmd", "-i", "/drop.sql"],
        &["sqlcmd", "-i/incl.sql"],
        &["sqlcmd", "-i", "/none.sql,/drop.sql"],
        &["sqlcmd", "-i", "/incl.sql", "/drop.sql"],
        &["sqlcmd", "--query", "drop table t"],
        &["sqlcmd", "query", "drop table t"],
        &["sqlcmd", "-v", "what=drop table t", "-Q", "$(what)"],
        &["sqlcmd", "-v", "a=1", "what=drop table t", "-Q", "$(what)"],
        &["sqlcmd", "-S", "db"],
        &["bcp", "drop table t", "queryout", "x.txt", "-S", "db"],
    ] {
        assert_eq!(judged(&world, argv).0, Effect::Destroy, "{argv:?}");
    }
    for argv in [
        &["sqlcmd", "-?"][..],
        &["sqlcmd", "--version"],
        &["sqlcmd", "-L"],
        &["sqlcmd", "-x", "-Q", "select '$(x)'"],
        &["bcp", "shop.dbo.orders", "out", "x.txt", "-S", "db"],
        &["bcp", "shop.dbo.orders", "in", "x.txt", "-S", "db"],
    ] {
        let (effect, opaque) = judged(&world, argv);
        assert!(effect <= Effect::Write && !opaque, "{argv:?}");
    }
}

#[test]
fn where_it_goes() {
    let class = |world: &FakeWorld, argv: &[&str]| {
        let reading = reading(world, argv);
        let worst = reading.actions.iter().max_by_key(|action| action.effect).expect("an action");
        Policy::builtin().classify(&worst.target).class
    };
    let world = FakeWorld::new();
    let drop = ["-Q", "drop table t"];
    let with = |words: &[&'static str]| -> Vec<&str> {
        ["sqlcmd"].iter().chain(words).chain(&drop).copied().collect()
    };
    assert_eq!(class(&world, &with(&["-S", "db.prod.acme.com"])), Class::Production);
    assert_eq!(class(&world, &with(&["-S", "db.acme.com"])), Class::Unknown);
    assert_eq!(class(&world, &with(&["-S", "db.acme.com", "-d", "shop_stg"])), Class::Staging);
    assert_eq!(class(&world, &with(&[])), Class::Local);
    assert_eq!(class(&world, &with(&["-S", "localhost,1433"])), Class::Local);
    let vars = world.clone().with_var("SQLCMDSERVER", "db.prod.acme.com");
    assert_eq!(class(&vars, &with(&[])), Class::Production);
    assert_eq!(class(&vars, &with(&["-S", "localhost"])), Class::Local);
    for sql in [
        "use shop_production drop table t",
        "drop table shop_production.dbo.t",
        "drop database shop_production",
        "select 1\n:connect db.prod.acme.com\ndrop table t",
        "alter database shop_prod set recovery simple",
    ] {
        assert_eq!(class(&world, &["sqlcmd", "-Q", sql]), Class::Production, "{sql}");
    }
    let contexts = world.with_file("/home/ana/.sqlcmd/sqlconfig", "x");
    assert_eq!(class(&contexts, &with(&[])), Class::Unknown);
}

#[test]
fn shell_commands_are_handed_on() {
    let reading = reading(&FakeWorld::new(), &["sqlcmd", "-Q", "!! rm -rf x\n:!! touch y"]);
    let inner: Vec<_> =
        reading.inner.iter().map(|inner| inner.argv[2].to_string_lossy().into_owned()).collect();
    assert_eq!(inner, ["rm -rf x", "touch y"]);
}

proptest! {
    #[test]
    fn arbitrary_texts_never_panic(
        words in proptest::collection::vec("[-a-zSQidv=,\\\\: ]{0,10}", 0..5),
        text in "(?s)[-a-z'\"\\[\\]()@#$;:!/* \n]{0,120}",
    ) {
        let world = FakeWorld::new().with_stdin(&text).with_file("/x", &text);
        for program in ["sqlcmd", "bcp"] {
            let argv: Vec<&str> = std::iter::once(program)
                .chain(words.iter().map(String::as_str))
                .chain(["-Q", text.as_str()])
                .collect();
            reading(&world, &argv);
        }
    }
}
