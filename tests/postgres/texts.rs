//! What psql sends: the server's own log against our splitting of scripts, and
//! the tags of results against our splitting of one text.

use std::process::Command;

use holdpoint::parse::psql_script::{Item, Scanner, Variables};
use holdpoint::parse::sql;

use crate::server::server;

/// Scripts with everything that moves a boundary. Each must be free of
/// variables that only a run would tell.
const SCRIPTS: &[&str] = &[
    "select 1; select 2;select 3",
    "select 'a;b', \"x;y\" from (select 1 as \"x;y\") t; select $$;$$; select $a$ $$;$$ $a$;",
    "select 1 /* ; /* ; */ ; */ + 1; -- ; select\nselect 2 -- ;\n;",
    "select 1 \\; select 2 \\; select 3;",
    "select E'a\\';b'; select 'a\\'; select 'it''s;';",
    "select E'a'\n  'b\\';c'; select 'a'\n -- x ' ;\n 'b;';",
    "select U&'d\\0061t;a', U&\"d;\" from (select 1 as \"d;\") t; select B'1', X'1F';",
    "create temp table t (a int, b text default ';'); insert into t values (1, ')'), (2, '(');\nselect count(*) from t;",
    "create or replace function pg_temp.f() returns int language sql begin atomic select 1; select case when true then 2 end; end; select 3;",
    "create function pg_temp.g() returns int language plpgsql as $f$ begin return 1; end; $f$; select 4;",
    "create procedure pg_temp.p() begin atomic select 1; end; select 5;",
    "create temp table r (a int); create rule x as on insert to r do also (select 1; select 2); select 6;",
    "select (1\n;\n) from (select 2) t;",
    "\\echo a;b\nselect 1; \\echo 'x;' \"y;\" \\\\ select 2;",
    "select 1 \\g\nselect 2\\g\n\\g\nselect 3 \\gx\n",
    "select 1\n\\p\n+ 1;\nselect 2 \\r\nselect 3;",
    "\\set q 'select 7'\n:q;\n\\set two 'select 1; select 2;'\n:two\nselect :'q', ':q';",
    "\\set a 1\n\\set b :a '+' :a\nselect :b;\nselect :{?a}, :{?zz}, ':{?a}';\nselect '{1,2}'::int[];",
    "\\set t pg_class\nselect count(*) > 0 from :\"t\";\nselect :'t'::text;",
    "\\set x 'it''s'\nselect :'x';\n\\set y 'a\\\\b'\nselect :'y';",
    "\\set q 'select ''a'\n:q';\nselect 8;",
    "create temp table c (a text);\ncopy c from stdin;\nselect 1;\n\\echo x\n'\n\\.\nselect count(*) from c;",
    "create temp table c (a text);\ncopy c from stdin; select 9;\nx\n\\.\nselect 10;",
    "create temp table c (a text);\n\\copy c from stdin\nselect ';\n\\.\nselect 11;",
    "\\copy (select 1) to stdout\nselect 12;",
    "select 'multi\nline ; string';\nselect \"a\nb\" from (select 1 as \"a\nb\") t;",
    "\\if true\nselect 13;\n\\endif\nselect 14;",
    "select 1 as é, 2 as \"ü;\";\nselect 'ß;';",
    "select 1;;; ;\nselect 2;",
    "select 5-- x\n;select 4 --1;\n;",
    "select 1 \\gset p_\nselect 2;",
    "select $1$$ ; $$;\nselect 3;",
    "select 1 + /* x */ 2; /* whole\n; comment */\nselect 3;",
    "begin; select 1; rollback; select 2;",
    "\\x \\t \\a\nselect 1;\n\\pset null ';'\nselect 2;",
    "\\restrict key\nselect 1;\n\\unrestrict key\nselect 2;",
    "create function pg_temp.case_end() returns int language sql return 1; select 15;",
    "select 1 where exists (select 2 ; \n ) ; select 3;",
    "\\echo `echo ';'`\nselect 16;\n\\! true ; select\nselect 17;",
    "select 1 \\crosstabview a\nselect 2;",
    "\u{feff}select 18;",
    "select 'x' \\gdesc\nselect 19;",
];

/// The texts that psql would send for a script, by our scanner.
fn split(text: &str) -> Vec<String> {
    let mut variables = Variables::default();
    let mut scanner = Scanner::new(text.as_bytes().to_vec(), false);
    let mut found = Vec::new();
    while let Some(item) = scanner.next(&variables) {
        match item {
            Item::Query(query) => {
                assert_eq!(query.unknown, None, "{text}");
                // psql prepares it and asks for its columns.
                let described = query.by.as_ref().is_some_and(|by| by.name == "gdesc");
                if described {
                    continue;
                }
                let sent = String::from_utf8_lossy(&query.text).into_owned();
                let copies = sql::read(sent.as_bytes());
                let copies = copies.iter().filter(|found| found.role == sql::Role::CopyIn).count();
                for _ in 0..copies {
                    scanner.take_data();
                }
                found.push(sent);
            }
            Item::Command(command) => match command.name.as_str() {
                "set" => {
                    let mut parts = command.args.list.iter().map(|arg| arg.text.clone().unwrap());
                    let name = parts.next().unwrap();
                    variables.set(name, Some(parts.collect::<Vec<_>>().concat()));
                }
                "copy" => {
                    let line =
                        String::from_utf8_lossy(command.args.line.as_deref().unwrap()).into_owned();
                    if line.contains("from stdin") {
                        scanner.take_data();
                        found.push(format!("COPY  {}", line.replace("from stdin", "FROM STDIN ")));
                    } else {
                        found.push(format!("COPY  {}", line.replace("to stdout", "TO STDOUT ")));
                    }
                }
                _ => {}
            },
            Item::Unreadable(why) => panic!("{text}: {why}"),
        }
    }
    found
}

/// A text as the server sees it, comments and blanks aside.
pub fn bare(text: &str) -> String {
    let bytes = text.as_bytes();
    let tokens = sql::lex::Lexer::new(bytes, 0, sql::lex::Mode::default());
    let words = tokens
        .filter(|token| !(token.kind == sql::lex::Kind::Semicolon && token.end == bytes.len()));
    let words = words.map(|token| String::from_utf8_lossy(token.bytes(bytes)).into_owned());
    words.collect::<Vec<_>>().join(" ").trim_end_matches([' ', ';']).to_owned()
}

#[test]
fn the_server_is_sent_what_we_split() {
    let server = server();
    let mut wrong = Vec::new();
    for (number, script) in SCRIPTS.iter().enumerate() {
        let application = format!("texts-{number}");
        let mut command = server.psql("app");
        command.env("PGAPPNAME", &application);
        let mark = format!("\nselect 'the end of {number}';\n");
        let output = server.feed(command, format!("{script}\n;\n{mark}").as_bytes());
        // \gdesc asks for the types of columns in a query of its own.
        let own = |text: &String| text.is_empty() || text.starts_with("SELECT name AS \"Column\"");
        let sent = server.sent(&application);
        let sent: Vec<String> =
            sent.iter().map(|text| bare(text)).filter(|text| !own(text)).collect();
        let ours: Vec<String> =
            split(&format!("{script}\n;\n{mark}")).iter().map(|text| bare(text)).collect();
        if sent != ours {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            wrong.push(format!("{script}\n  server: {sent:?}\n  we:     {ours:?}\n  {errors}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_backslash_command_of_psql_is_known() {
    let server = server();
    let output = server.psql("app").args(["--help=commands"]).output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    let names: Vec<&str> = help
        .lines()
        .filter_map(|line| line.strip_prefix("  \\"))
        .filter_map(|line| line.split([' ', '[', '(']).next())
        .collect();
    assert!(names.len() > 90, "{names:?}");
    let world = |text: &str| holdpoint::world::fake::FakeWorld::new().with_stdin(text);
    for name in names {
        let name = name.trim_end_matches(['S', '+']);
        let world = world(&format!("select 1 \\{name}\n"));
        let invocation = holdpoint::invocation::Invocation::new(["psql"]);
        let context = holdpoint::invocation::Context { invocation: &invocation, world: &world };
        let tool = holdpoint::rules::table::find("psql").unwrap();
        let reading = holdpoint::actions::postgres::read(&holdpoint::actions::Call {
            tool,
            context,
            full: true,
        });
        let unknown = reading.actions.iter().any(|action| action.summary.contains("is not known"));
        assert!(!unknown, "\\{name}: {reading:?}");
    }
}

/// What psql prints for each statement of a text.
fn tags(output: &std::process::Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn one_text_is_split_as_the_server_splits_it() {
    let server = server();
    // Statements whose tags name them, or rows that are one word.
    let texts = [
        "begin; create table z (a int); insert into z values (1); delete from z; drop table z; rollback",
        "begin; savepoint a; release a; create view v as select 1; drop view v; rollback",
        "create temp table z (a text default ';'); insert into z values (')'); update z set a = '('",
        "begin; create function f() returns int language sql begin atomic select 1; select 2; end; drop function f(); rollback",
        "begin; create function f() returns int language sql as $$ select 1; select 2; $$; drop function f; rollback",
        "begin; do $$ begin perform 1; end; $$; notify x; listen y; unlisten *; rollback",
        "set a.b = ';'; reset a.b; discard plans; deallocate all",
        "begin; create temp table z (); create rule r as on insert to z do also (notify a; notify b); drop rule r on z; rollback",
        "begin; lock table pg_class in access share mode; comment on schema public is ';'; rollback",
        "begin /* ; */ ; -- ;\n set local a.b = 'x''; y'; commit",
        "begin; grant select on pg_class to bob; revoke select on pg_class from bob; rollback",
        "begin; create schema s create table t (a int) create index on t (a); drop schema s cascade; rollback",
    ];
    for text in texts {
        let mut command: Command = server.psql("app");
        let output = command.args(["-c", text]).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{text}: {errors}");
        let ours: Vec<String> =
            sql::read(text.as_bytes()).iter().map(|found| found.operation.to_string()).collect();
        let tags = tags(&output);
        assert_eq!(tags.len(), ours.len(), "{text}\n{tags:?}\n{ours:?}");
        for (tag, operation) in tags.iter().zip(&ours) {
            let first = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
            assert_eq!(first(tag), first(operation), "{text}\n{tags:?}\n{ours:?}");
        }
    }
}
