//! mysql: what `source` and `\.` include.

use crate::Swap;
use crate::mariadb_server::MariadbServer;
use crate::sandbox::{err, out};

#[test]
fn what_a_script_includes_is_what_was_judged() {
    let server = MariadbServer::start();
    server.sql("create database shop_production");
    let mut swap = Swap::new("mysql");
    for (name, judged) in [
        ("work/a.sql", "source b.sql;\nselect 'judged a';\n"),
        ("work/b.sql", "select 'judged b';"),
        ("work/c c.sql", "delimiter //\nselect 1// \\. b.sql\nsource b.sql//\nselect 2//\n"),
        ("home/d.sql", "SOURCE  b.sql \nselect 3; source b.sql;\n"),
    ] {
        swap.file(name, judged, format!("select 'swapped {name}';\n"));
    }
    let socket = server.socket().display().to_string();
    let mysql = format!("mysql --no-defaults -N -B -u root -S {socket} shop_production");
    for (words, input) in [
        ("-e 'source a.sql'", ""),
        ("-e 'select 5; source a.sql; select 6'", ""),
        ("-e'select 4;' --loose-execute='select 6; source b.sql;' -e '\\. c c.sql'", ""),
        ("", "source a.sql\nselect 8;\n"),
        ("", "source c c.sql\n"),
        ("", "source ~/d.sql;\n"),
    ] {
        let said = swap.runs_what_was_judged(&format!("{mysql} {words}"), input);
        assert!(said.contains("judged b"), "{said}");
    }
    // A name that is broken up cannot lead to the copy.
    let output = swap.guarded(&mysql, "source a.sql # ;\n;");
    assert_eq!(output.status.code(), Some(77), "{}", err(&output));
    // What the script may have written is read as it is then.
    let mysql = mysql.replace("shop_production", "test_of_ours");
    server.sql("create database test_of_ours");
    swap.runs_what_was_swapped(&mysql, "system true\nsource b.sql\n");
    let mut new = Swap::new("mysql");
    new.file("work/old.sql", "select 'stale';\n", "select 'stale';\n");
    let input = "system echo \"select 'new'\" > old.sql\nsource old.sql\n";
    let output = new.guarded(&mysql, input);
    assert_eq!(out(&output), "new\n", "{}", err(&output));
}
