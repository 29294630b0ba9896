//! What mysql sends: the server's own log against our splitting of scripts,
//! and row counts against our judgement of statements.

use std::process::Command;

use holdpoint::action::Effect;
use holdpoint::parse::dialect::{self, Dialect};
use holdpoint::parse::mysql::{Item, Scanner};
use holdpoint::parse::sql;

use crate::mariadb_server::MariadbServer;

/// Scripts with everything that moves a boundary.
const SCRIPTS: &[&str] = &[
    "select 1; select 2;select 3",
    "select 'a;b', \"x;y\", 1 as `x;y`; select 2;",
    "select 1 /* ; \n ; */ + 1; -- ; select\nselect 2 -- ;\n;",
    "select 3 # ; x\n; select 4 --1;\n;",
    "select /*! 5 */; select /*!50000 6 */; select /*M!100000 7 */;",
    "select 'a\\';b'; select 'it''s;';",
    "select \"a\\\";b\"; select 8\\g select 9 \\G",
    "delimiter //\nselect 10; select 11//\ndelimiter ;\nselect 12;",
    "select 13 \\c select 14;",
    "select 15\n\n;\n  select 16;;;\n;",
    "use mysql\nselect 17;\nuse information_schema;\nselect 18;",
    "select 'multi\nline ; string';\nselect 19;",
    "select 20;delimiter $$\nselect 21$$ select 22$$",
    "select 24 as 'x\\\\'; select 25;",
    "create temporary table mysql.zz (a int); drop temporary table mysql.zz;",
    "select `a``;b` from (select 1 as `a``;b`) t;",
    "select 26\\p;\nselect 27 /* a\nb */;",
    "DELIMITER ;;\nselect 28;;\nDELIMITER ;\nselect 29;",
    "select 1 -- 'x\n; select 30;",
    "select '\\\\'; select 31;",
    "select\nuse;\nselect 32;",
];

/// The texts that the client would send, in one form.
fn split(script: &str) -> Vec<String> {
    let items = Scanner::new(b"").scan(script.as_bytes());
    items
        .iter()
        .filter_map(|item| match item {
            Item::Text(text) => Some(squeezed(&String::from_utf8_lossy(text))),
            Item::Command { .. } | Item::Unread => None,
        })
        .collect()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// The texts of `Query` lines in a part of the general log. Text that is
/// continued on further lines belongs to the entry above.
fn logged(log: &str) -> Vec<String> {
    let mut found: Vec<(bool, String)> = Vec::new();
    for line in log.lines() {
        // "\t\t   12 Query\ttext", or with the time in front.
        let head = line.rsplit_once('\t').map_or("", |(head, _)| head);
        let mark = |kind: &str| head.trim_end().ends_with(kind);
        if ["Query", "Init DB", "Connect", "Quit"].iter().any(|kind| mark(kind))
            || line.trim_end().ends_with("Quit")
        {
            let text = line.rsplit_once('\t').map_or("", |(_, text)| text);
            found.push((mark("Query"), text.to_owned()));
        } else if let Some((_, text)) = found.last_mut() {
            text.push('\n');
            text.push_str(line);
        }
    }
    found.into_iter().filter(|(query, _)| *query).map(|(_, text)| squeezed(&text)).collect()
}

fn run(server: &MariadbServer, script: &str) {
    let mut child: Command = server.client();
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), script).expect("written");
    child.arg("--force").stdin(std::fs::File::open(file.path()).expect("open"));
    child.output().expect("mysql runs");
}

#[test]
fn what_the_client_sends_is_what_we_split() {
    let server = MariadbServer::start();
    for (number, script) in SCRIPTS.iter().enumerate() {
        server.sql(&format!("select 'mark {number}'"));
        run(&server, script);
        let log = server.log();
        let (_, after) = log.rsplit_once(&format!("select 'mark {number}'")).expect("the mark");
        // Without what the client asks by itself.
        let sent: Vec<String> = logged(after)
            .into_iter()
            .filter(|text| {
                text != "select @@version_comment limit 1" && text != "SELECT DATABASE()"
            })
            .filter(|text| !text.starts_with("select USER()") && !text.contains("mark "))
            .collect();
        let ours: Vec<String> = split(script).iter().map(|text| text.replace(' ', "")).collect();
        let sent = sent.iter().map(|text| text.replace(' ', "")).collect::<Vec<_>>();
        assert_eq!(ours.join(";"), sent.join(";"), "{script}\n{after}");
    }
}

/// What happens to 10 rows in each of two tables, and whether we see it.
#[test]
fn what_takes_rows_away_is_what_we_call_destroying() {
    let server = MariadbServer::start();
    let reset = "create or replace database d; use d;
        create table t (id int, name varchar(9)); insert into t select seq, 'x' from seq_1_to_10;
        create table u (id int); insert into u select seq from seq_1_to_10";
    for text in [
        "delete from t",
        "delete from t where 1=1",
        "delete from t where id = id",
        "delete t from t join u on t.id = u.id",
        "delete from t /*!99999 where id = 1 */",
        "delete from t where id = 1 /*! or 1 */",
        "with x as (select 1) select * from x; truncate t",
        "drop table t",
        "analyze delete from t",
        "set statement max_statement_time = 1 for delete from t",
        "prepare s from 'delete from t'; execute s",
        "execute immediate 'drop table t'",
        "/*!50000 drop */ /*M!100000 table */ t",
        "create or replace table t (id int)",
        "begin; truncate t; rollback",
        "create procedure p() begin if 1 then select 1; end if; end",
        "delete from t where id = 5",
        "delete from t limit 1",
        "select 'delete from t'",
        "begin; delete from t; rollback",
        "explain delete from t",
        "delete from t where 0",
        "update t set name = 'y' where id = 3",
        "insert into t values (11, 'it\\'s')",
    ] {
        server.sql(reset);
        let mut found: Vec<sql::Statement> = dialect::read(text.as_bytes(), Dialect::Mysql)
            .into_iter()
            .map(|it| it.statement)
            .collect();
        sql::settle(&mut found);
        let destroys = found.iter().any(|statement| statement.effect == Effect::Destroy);
        // A body in one text needs another delimiter.
        let script = format!("delimiter //\n{text} //\n");
        run_in(&server, &script);
        let rows = server
            .client()
            .args(["d", "-e", "select count(*) from t"])
            .output()
            .expect("mysql runs");
        let left: usize = String::from_utf8_lossy(&rows.stdout).trim().parse().unwrap_or(0);
        assert_eq!(left < 9, destroys, "{text}: {left} rows left, {found:?}");
    }
}

fn run_in(server: &MariadbServer, script: &str) {
    run(server, &format!("use d\n{script}"));
}
