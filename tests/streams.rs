//! Scripts that are too long to be judged: never held in memory, run where
//! nothing needs to be judged, stopped with the reason where it does. The
//! streams come from a program, and the longest file has no blocks on disk.

#[path = "support/sandbox.rs"]
mod sandbox;

use std::fs::{self, File};
use std::process::{Output, Stdio};

use sandbox::{Sandbox, err, out};

/// Over twice what is read of a script.
const LENGTH: usize = 40_000_000;

/// The address space that the shim and all that it starts may have, in KiB:
/// not enough to hold the stream beside the (debug) program itself.
const MEMORY: usize = 140_000;

const LINE: &str = "INSERT INTO orders VALUES (1, 'a');";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for name in ["psql", "mysql"] {
        sandbox.tool(name, "wc -c");
    }
    sandbox.shim("mysql");
    sandbox
}

/// Runs `command`, fed by a program that writes `length` bytes of SQL, within
/// MEMORY.
fn fed(sandbox: &Sandbox, command: &str, length: usize) -> Output {
    let line = format!("yes \"{LINE}\" | head -c {length} | (ulimit -v {MEMORY}; exec {command})");
    sandbox.command("sh").args(["-c", &line]).env("CLAUDECODE", "1").output().expect("sh runs")
}

#[test]
fn a_long_stream_reaches_a_local_server_whole() {
    let sandbox = sandbox();
    for command in ["psql -h db.staging.acme.com shop", "mysql shop"] {
        let output = fed(&sandbox, command, LENGTH);
        assert!(output.status.success(), "{command}: {output:?}");
        assert_eq!(out(&output).trim(), LENGTH.to_string(), "{command}");
    }
}

#[test]
fn a_long_stream_to_production_is_refused_with_the_reason() {
    let sandbox = sandbox();
    for command in ["psql -h db.acme.com shop", "mysql -h db.prod.acme.com"] {
        let output = fed(&sandbox, command, LENGTH);
        assert_eq!(output.status.code(), Some(77), "{command}: {output:?}");
        assert_eq!(out(&output), "", "{command}");
        let said = err(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("longer than the 16 MiB"), "{command}: {said}");
        assert!(said.contains("shorter parts are judged"), "{command}: {said}");
    }
}

#[test]
fn a_stream_that_can_be_read_runs_on_production() {
    let sandbox = sandbox();
    let length = LINE.len() + 1;
    let output = fed(&sandbox, "psql -h db.prod.acme.com shop", length * 1_000);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(out(&output).trim(), (length * 1_000).to_string());
}

#[test]
fn a_file_of_a_gibibyte_is_handed_on_as_it_is_or_refused() {
    let sandbox = sandbox();
    let path = sandbox.write("dump.sql", "SELECT 1;\n");
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(1 << 30).unwrap();
    // Its offset, and the file itself: nothing was read or copied.
    sandbox.tool("psql", "readlink /proc/self/fd/0; sed -n 's/^pos:\\s*//p' /proc/$$/fdinfo/0");
    let run = |host: &str| {
        let mut command = sandbox.agent("psql", &["-h", host]);
        command.stdin(Stdio::from(File::open(&path).unwrap())).output().unwrap()
    };
    let local = run("localhost");
    assert!(local.status.success(), "{local:?}");
    assert_eq!(out(&local), format!("{}\n0\n", path.display()));
    let production = run("db.prod.acme.com");
    assert_eq!(production.status.code(), Some(77), "{production:?}");
    assert!(err(&production).contains("16 MiB"), "{production:?}");
}
