//! sqlite3: `.read`, `-init`, `~/.sqliterc`.

use crate::Swap;
use crate::sandbox::{err, out};

#[test]
fn what_a_script_includes_is_what_was_judged() {
    let mut swap = Swap::new("sqlite3");
    for (name, judged) in [
        ("work/a.sql", ".read 'b b.sql'\nselect 'judged a';\n"),
        ("work/b b.sql", "select 'judged b';\n.read c.sql  \n"),
        ("work/c.sql", "select 'judged c';\n"),
    ] {
        swap.file(name, judged, format!("select 'swapped {name}';\n"));
    }
    for (words, input) in [
        ("'.read a.sql'", ""),
        ("-cmd '.rea \"b b.sql\"' 'select 1'", ""),
        ("-batch -init c.sql", "select 2;"),
        ("-batch", "select 3;\n.read a.sql\n"),
    ] {
        let said = swap.runs_what_was_judged(&format!("sqlite3 production.db {words}"), input);
        assert!(said.contains("judged c"), "{said}");
    }
    swap.file("home/.sqliterc", ".read c.sql\n.mode csv\n", "select 'swapped rc';\n");
    // sqlite3 looks for it where the user database says, which is not here.
    for (line, input) in [("'select 1, 2'", ""), ("", "select 1, 2;")] {
        let output = swap.guarded(&format!("sqlite3 -batch production.db {line}"), input);
        let given = format!("sqlite3 -batch -init ../home/.sqliterc production.db {line}");
        assert_eq!(out(&output), out(&swap.bare(&given, input)), "{}", err(&output));
        assert_eq!(out(&output), "judged c\n1,2\r\n");
    }
    // What the script may have written is read as it is then.
    let mut new = Swap::new("sqlite3");
    new.file("work/old.sql", "select 'stale';\n", "select 'stale';\n");
    new.sandbox.write("work/sub/old.sql", "select 'new';\n");
    for input in [
        ".shell echo \"select 'new';\" > old.sql\n.read old.sql\n",
        ".once old.sql\nselect 'select ''new'';';\n.read old.sql\n",
        "select writefile('old.sql', 'select ''new'';') > 99;\n.read old.sql\n",
        ".cd sub\n.read old.sql\n",
    ] {
        let output = new.guarded("sqlite3 -batch dev.db", input);
        let said = out(&output);
        assert_eq!(said.lines().last(), Some("new"), "{input}: {said}{}", err(&output));
    }
}
