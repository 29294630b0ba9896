//! Commands inside others: where the words and the descriptors go through, the
//! copies do too.

use crate::Swap;
use crate::sandbox::{err, out};

/// The line behind `holdpoint exec` where no shim stands in front of the tool.
fn inside(swap: &Swap, line: &str, input: &str) -> std::process::Output {
    let tools = swap.sandbox.path("tools");
    let path = format!("{}:/usr/bin:/bin", tools.display());
    let holdpoint = env!("CARGO_BIN_EXE_holdpoint");
    swap.run(&path, &format!("{holdpoint} exec -- {line}"), input)
}

fn started() -> Swap {
    let mut swap = Swap::new("sqlite3");
    swap.file("work/a.sql", ".read b.sql\n", "select 'swapped a';\n");
    swap.file("work/b.sql", "select 'judged';\n", "select 'swapped b';\n");
    swap
}

#[test]
fn plain_wrappers_hand_on_what_was_judged() {
    let swap = started();
    for wrapper in [
        "env X=1",
        "env -u X",
        "nice -n 1",
        "nohup",
        "timeout 5",
        "stdbuf -oL",
        "setsid -w",
        "ionice -c 3",
        "chrt -o 0",
        "taskset ffffffff",
        "env timeout -k 1 5 nice",
        "flock work.lock",
        "strace -o work.trace",
        "busybox env X=1",
    ] {
        let line = format!("{wrapper} sqlite3 -batch production.db '.read a.sql'");
        let output = inside(&swap, &line, "");
        assert_eq!(out(&output), "judged\n", "{line}: {}", err(&output));
    }
    // What xargs appends may be anything.
    let output = inside(&swap, "xargs -a /dev/null sqlite3 -batch dev.db '.read a.sql'", "");
    assert_eq!(out(&output), "judged\n", "{}", err(&output));
    let output = inside(&swap, "timeout 5 sqlite3 -batch production.db", ".read a.sql\n");
    assert_eq!(out(&output), "judged\n", "{}", err(&output));
}

/// Shells, and what closes descriptors, hand nothing on: the tool's own shim
/// judges again where PATH leads to it, and here it does not.
#[test]
fn other_wrappers_read_again() {
    let swap = started();
    for line in [
        "sh -c \"sqlite3 -batch production.db '.read a.sql'\"",
        "env -S \"sqlite3 -batch production.db '.read a.sql'\"",
        "sudo -n env PATH=\"$PATH\" sqlite3 -batch production.db '.read a.sql'",
    ] {
        let output = inside(&swap, line, "");
        assert_eq!(out(&output), "swapped a\n", "{line}: {}", err(&output));
    }
    // With the shim in PATH, what the shim judged is what runs.
    let output = swap.guarded("sh -c \"sqlite3 -batch production.db '.read a.sql'\"", "");
    assert_eq!(out(&output), "judged\n", "{}", err(&output));
}
