//! Becomes real programs in a forked copy of the test process, with judged
//! text in the place of files and of standard input.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, dup2_stdin, dup2_stdout, fork, pipe2};

use super::*;
use crate::world::fake::FakeWorld;

/// The status that the copy ends with if it could not become the tool.
const FAILED: i32 = 99;

struct Running {
    pid: Pid,
    out: File,
}

impl Running {
    /// Forks, and becomes `plan`'s tool in the copy.
    fn start(plan: Plan, input: impl AsFd) -> Running {
        let (out, tools_out) = pipe2(OFlag::O_CLOEXEC).unwrap();
        // SAFETY: the copy goes straight on to system calls and memory, which
        // glibc and musl allow after a fork.
        match unsafe { fork() }.unwrap() {
            ForkResult::Parent { child } => Running { pid: child, out: out.into() },
            ForkResult::Child => {
                let _ = dup2_stdin(input).and_then(|()| dup2_stdout(tools_out));
                let error = become_tool(plan);
                let _ = writeln!(std::io::stderr(), "{error}");
                // SAFETY: ends the copy without the test harness's handlers.
                unsafe { libc::_exit(FAILED) }
            }
        }
    }

    fn end(mut self) -> (String, i32) {
        let mut said = String::new();
        self.out.read_to_string(&mut said).unwrap();
        match waitpid(self.pid, None).unwrap() {
            WaitStatus::Exited(_, status) => (said, status),
            other => panic!("{other:?}"),
        }
    }
}

/// What `look` finds in a forked copy of the test process.
fn in_a_copy(look: impl FnOnce() -> String) -> String {
    let (out, copys_out) = pipe2(OFlag::O_CLOEXEC).unwrap();
    // SAFETY: as above.
    match unsafe { fork() }.unwrap() {
        ForkResult::Parent { child } => {
            drop(copys_out);
            Running { pid: child, out: out.into() }.end().0
        }
        ForkResult::Child => {
            let _ = File::from(copys_out).write_all(look().as_bytes());
            // SAFETY: as above.
            unsafe { libc::_exit(0) }
        }
    }
}

fn pipe() -> (OwnedFd, File) {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC).unwrap();
    (reader, writer.into())
}

fn nothing() -> OwnedFd {
    File::open("/dev/null").unwrap().into()
}

fn plan(words: &[&str]) -> Plan {
    let world = FakeWorld::new().with_var("PATH", "/usr/bin:/bin");
    let found = find(words[0].as_ref(), &world).unwrap();
    Plan::new(found, words.iter().map(OsString::from).collect())
}

fn handed(index: usize, before: &str, bytes: &[u8]) -> Handed {
    Handed::file(index, before.into(), bytes.to_vec())
}

fn taken(bytes: &[u8], complete: bool) -> Option<TakenStdin> {
    Some(TakenStdin { bytes: Arc::from(bytes), complete })
}

#[test]
fn judged_files_are_the_copies() {
    let mut plan = plan(&["cat", "first.sql", "-n", "second.sql"]);
    plan.handed = vec![handed(1, "", b"select 1;\n"), handed(3, "", b"")];
    assert_eq!(Running::start(plan, nothing()).end(), ("     1\tselect 1;\n".into(), 0));
}

#[test]
fn what_stands_in_front_of_the_name_stays() {
    let mut plan = plan(&["sh", "-c", "echo ${1%%/dev/fd/*}; cat ${1#@}", "sh", "@body.json"]);
    plan.handed = vec![handed(4, "@", b"{}")];
    assert_eq!(Running::start(plan, nothing()).end(), ("@\n{}".into(), 0));
}

#[test]
fn a_judged_copy_cannot_be_changed() {
    let script = "echo more >> $1; echo less > $1; truncate -s 0 $1; cat $1";
    let mut plan = plan(&["sh", "-c", script, "sh", "x"]);
    plan.handed = vec![handed(4, "", b"judged")];
    assert_eq!(Running::start(plan, nothing()).end(), ("judged".into(), 0));
}

#[test]
fn only_the_copies_are_left_open() {
    let mut plan = plan(&["sh", "-c", "ls -l /proc/$$/fd | grep -c memfd:", "sh", "x", "y"]);
    plan.handed = vec![handed(4, "", b"1"), handed(5, "", b"2")];
    plan.stdin = taken(b"3", true);
    assert_eq!(Running::start(plan, nothing()).end(), ("3\n".into(), 0));
}

#[test]
fn a_copy_for_a_word_that_is_not_there_runs_nothing() {
    let mut plan = plan(&["echo", "x"]);
    plan.handed = vec![handed(2, "", b"judged")];
    assert_eq!(Running::start(plan, nothing()).end(), (String::new(), FAILED));
}

#[test]
fn standard_input_that_ended_is_the_copy() {
    let text = "x".repeat(300_000);
    let (reader, writer) = pipe();
    drop(writer);
    let mut plan = plan(&["cat"]);
    plan.stdin = taken(text.as_bytes(), true);
    assert_eq!(Running::start(plan, reader).end(), (text, 0));
}

#[test]
fn standard_input_that_goes_on_follows_what_was_taken() {
    let (reader, mut writer) = pipe();
    let mut plan = plan(&["cat"]);
    let begun = "b".repeat(200_000);
    plan.stdin = taken(begun.as_bytes(), false);
    let running = Running::start(plan, reader);
    let rest = "r".repeat(200_000);
    let given = rest.clone();
    let producer = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        writer.write_all(given.as_bytes()).unwrap();
    });
    let (said, status) = running.end();
    producer.join().unwrap();
    assert!(said == begun + &rest);
    assert_eq!(status, 0);
}

#[test]
fn the_producer_learns_that_the_tool_has_ended() {
    let (reader, mut writer) = pipe();
    let mut plan = plan(&["head", "-c1"]);
    plan.stdin = taken(b"begun", false);
    // The reader's end is moved, so that only the feeder holds it.
    let running = Running::start(plan, &reader);
    drop(reader);
    assert_eq!(running.end(), ("b".into(), 0));
    let start = Instant::now();
    // The feeder reads nothing more and goes away: writing fails soon.
    while writer.write_all(b"more").is_ok() {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_tool_has_no_child_that_it_did_not_start() {
    let (reader, _writer) = pipe();
    let mut plan =
        plan(&["sh", "-c", "cat /proc/$$/task/$$/children; echo; read line; echo $line"]);
    plan.stdin = taken(b"begun\n", false);
    let (said, status) = Running::start(plan, reader).end();
    // The one child is `cat`.
    let children: Vec<&str> = said.lines().next().unwrap_or_default().split(' ').collect();
    assert_eq!(children.iter().filter(|child| !child.is_empty()).count(), 1, "{said}");
    assert!(said.ends_with("begun\n") && status == 0, "{said}");
}

#[test]
fn variables_and_directory_of_the_plan() {
    let mut plan = plan(&["sh", "-c", "pwd; env"]);
    plan.cwd = Some("/usr".into());
    plan.env = vec![
        ("HOLDPOINT_TEST_SET".into(), Some("a=b".into())),
        ("PATH".into(), Some("/bin".into())),
        ("HOME".into(), None),
    ];
    let (said, status) = Running::start(plan, nothing()).end();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!((lines[0], status), ("/usr", 0));
    assert!(lines.contains(&"HOLDPOINT_TEST_SET=a=b"));
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("PATH=")).collect::<Vec<_>>(),
        [&"PATH=/bin"]
    );
    assert!(!lines.iter().any(|line| line.starts_with("HOME=")));
}

#[test]
fn a_nul_in_a_word_runs_nothing() {
    let mut plan = plan(&["echo", "x"]);
    plan.argv.push("a\0b".into());
    assert_eq!(Running::start(plan, nothing()).end(), (String::new(), FAILED));
}

#[test]
fn nothing_is_opened_in_the_place_of_a_closed_descriptor() {
    let closed = [&[0][..], &[1], &[2], &[0, 1], &[1, 2], &[0, 2], &[0, 1, 2]];
    for closed in closed {
        let found = in_a_copy(|| {
            for fd in closed {
                // SAFETY: the copy uses nothing that is on it.
                unsafe { libc::close(*fd) };
            }
            // SAFETY: no words at all are given.
            let start = unsafe { Start::from_libc(0, std::ptr::null()) };
            let opened = File::open("/dev/null").unwrap();
            // The stand-ins, and only they, go away on exec.
            let going: Vec<i32> =
                // SAFETY: asks for a flag of whatever is there.
                (0..3).filter(|fd| unsafe { libc::fcntl(*fd, libc::F_GETFD) } == 1).collect();
            format!("{} {} {going:?}", start.argv.len(), opened.as_raw_fd() > 2)
        });
        assert_eq!(found, format!("0 true {closed:?}"));
    }
}
