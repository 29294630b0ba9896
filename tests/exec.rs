//! A shim is not there: what the tool gets, and what the caller gets back, is
//! what it would be without. One test a trap, on the built program; the tool
//! is called `probe`, which no rule knows, so that nothing is judged.

#[path = "exec/finding.rs"]
mod finding;
#[path = "exec/inherited.rs"]
mod inherited;
#[path = "support/place.rs"]
mod place;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Stdio;

use nix::sys::signal::Signal;
use place::{Place, run, stdout};

// The name and the words

#[test]
fn a_changed_first_word_goes_on_unchanged() {
    let place = Place::with_real("/bin/bash");
    for first in ["zzz", "-probe", "holdpoint", "", "/usr/bin/psql"] {
        let mut command = place.probe();
        assert_eq!(
            stdout(command.arg0(first).args(["-c", "echo \"<$0>\""])),
            format!("<{first}>\n")
        );
    }
    assert_eq!(stdout(&mut place.bash("exec -a zzz probe -c 'echo $0'")), "zzz\n");
    assert_eq!(stdout(&mut place.bash("exec -l probe -c 'echo $0'")), "-probe\n");
}

#[test]
fn a_shim_as_a_script_s_interpreter() {
    let place = Place::with_real("/bin/cat");
    let script = format!("#!{}\ntext\n", place.at("shims/probe").display());
    place.file("script", 0o755, &script);
    assert_eq!(stdout(&mut place.bash("./script")), script);
}

#[test]
fn bytes_that_are_not_utf_8() {
    let place = Place::with_real("/bin/cat");
    let word = OsStr::from_bytes(b"\xff\xfe a\n\x80");
    let mut command = place.probe();
    command.arg0(OsStr::from_bytes(b"\xc3probe")).arg("/proc/self/cmdline").arg("--").arg(word);
    let output = run(command.env(OsStr::from_bytes(b"ODD\xff"), word));
    assert_eq!(output.stdout, b"\xc3probe\0/proc/self/cmdline\0--\0\xff\xfe a\n\x80\0");
    let output =
        run(place.probe().arg("/proc/self/environ").env(OsStr::from_bytes(b"ODD\xff"), word));
    let entry = b"ODD\xff=\xff\xfe a\n\x80\0";
    assert!(output.stdout.windows(entry.len()).any(|found| found == entry));
}

#[test]
fn thirty_two_thousand_arguments() {
    let place = Place::with_real("/bin/bash");
    let words = (0..32_000).map(|number| format!("word-{number}"));
    let script = "echo $# ${!#}";
    let said = stdout(place.probe().args(["-c", script, "probe"]).args(words));
    assert_eq!(said, "32000 word-31999\n");
}

#[test]
fn a_call_as_large_as_the_system_allows() {
    // The two paths are of one length, since the system counts them too.
    let place = Place::new();
    place.link("tools/probe", "/bin/true");
    let filled = |program: &str, size: usize| {
        let mut command = place.shim(program, &["shims", "tools"]);
        // One string may be 128 KiB at most.
        command.args((0..size / 1000).map(|_| "x".repeat(999))).arg("x".repeat(size % 1000));
        command.status().map(|status| status.code())
    };
    let (mut fits, mut fails) = (100_000, 8_000_000);
    while fails - fits > 1 {
        let size = (fits + fails) / 2;
        match filled("tools/probe", size) {
            Ok(_) => fits = size,
            Err(error) if error.kind() == std::io::ErrorKind::ArgumentListTooLong => fails = size,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(filled("shims/probe", fits).unwrap(), Some(0));
}

// What the caller gets back

#[test]
fn the_exit_status_is_the_tool_s() {
    let place = Place::with_real("/bin/bash");
    for status in [0, 1, 2, 77, 126, 127, 128, 255] {
        let output = run(place.probe().args(["-c", &format!("exit {status}")]));
        assert_eq!(output.status.code(), Some(status));
    }
}

#[test]
fn death_by_a_signal_is_the_tool_s() {
    let place = Place::with_real("/bin/bash");
    for signal in [libc::SIGTERM, libc::SIGKILL, libc::SIGUSR1, libc::SIGPIPE] {
        let output = run(place.probe().args(["-c", &format!("kill -{signal} $$; sleep 5")]));
        assert_eq!(output.status.signal(), Some(signal));
    }
}

#[test]
fn a_signal_to_the_shim_reaches_the_tool() {
    let place = Place::with_real("/bin/bash");
    let script = "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.05; done";
    let mut child = place.probe().args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut ready = [0; 6];
    out.read_exact(&mut ready).unwrap();
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(id, Signal::SIGTERM).unwrap();
    let mut said = String::new();
    out.read_to_string(&mut said).unwrap();
    assert_eq!((said.as_str(), child.wait().unwrap().code()), ("caught\n", Some(3)));
}

#[test]
fn standard_input_is_left_to_the_tool() {
    let place = Place::with_real("/bin/cat");
    let mut child = place.probe().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let text = vec![b'\xff'; 300_000];
    let mut input = child.stdin.take().unwrap();
    let given = text.clone();
    let writer = std::thread::spawn(move || input.write_all(&given).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.stdout == text);
    // Line by line: nothing reads ahead of the tool.
    let said = stdout(&mut place.bash("printf '1\\n2\\n3\\n' | { read a; probe | tail -1; }"));
    assert_eq!(said, "3\n");
    fs::remove_file(place.at("real/probe")).unwrap();
    place.link("real/probe", "/usr/bin/head");
    let said = stdout(&mut place.bash("printf '1\\n2\\n' > f; { probe -n1; cat; } < f"));
    assert_eq!(said, "1\n2\n");
}

#[test]
fn words_of_any_length() {
    let place = Place::with_real("/bin/bash");
    let long = OsString::from_vec(vec![b'x'; 100_000]);
    let said = stdout(place.probe().args(["-c", "echo ${#1}", "probe"]).arg(long));
    assert_eq!(said, "100000\n");
}
