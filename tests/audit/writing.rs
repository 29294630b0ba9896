//! What is written, and what happens when it cannot be.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use holdpoint::audit::{AuditError, FILE, Outcome, Record};
use serde_json::Value;

use crate::{Account, text};

/// Where the processes of [`many_processes_write_one_chain`] write.
const HOME: &str = "HOLDPOINT_AUDIT_TEST_HOME";

/// How many records each of them writes.
const EACH: usize = 50;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_record_says_what_was_seen_and_decided() {
    let account = Account::new();
    let record = account.record(Outcome::Refused).with_input("standard input", b"drop table t;");
    let entry = account.log().append(&record).unwrap();
    let line: Value = serde_json::from_str(&account.lines()[0]).unwrap();
    let at = |pointer: &str| line.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!((entry.seq, at("/id"), at("/seq")), (1, entry.id.into(), 1.into()));
    assert_eq!(at("/prev"), "0".repeat(64));
    assert_eq!(at("/kind"), "decision");
    assert_eq!(at("/outcome"), "refused");
    assert_eq!(at("/saw/argv/2"), "drop table users");
    assert_eq!(at("/saw/cwd"), "/app");
    assert_eq!(at("/saw/inputs/0/bytes"), 13);
    assert_eq!(
        at("/saw/inputs/0/sha256"),
        "4b6687f4c735a6b31c8985084dc697dd9220b4a794ddcef6ce002f09e628ec74"
    );
    assert_eq!(at("/decided/verdict"), "refuse");
    assert_eq!(at("/decided/policy"), "builtin");
    assert_eq!(at("/decided/actor/signals/0"), "env CLAUDECODE");
    assert_eq!(at("/decided/actions/0/target/class"), "production");
    assert_eq!(at("/decided/actions/0/target/evidence/0/value"), "db.prod.acme.com");
    assert_eq!(at("/decided/request"), "ABCD-1234");
}

#[test]
fn a_result_belongs_to_its_decision() {
    let account = Account::new();
    let asked = account.log().append(&account.record(Outcome::Asked)).unwrap();
    let why = "wrong phrase".to_owned();
    let result = Record::result(&asked.id, Outcome::Declined(why), &account.world);
    account.log().append(&result).unwrap();
    let line: Value = serde_json::from_str(&account.lines()[1]).unwrap();
    assert_eq!(line["id"].as_str(), Some(asked.id.as_str()));
    assert_eq!((&line["kind"], &line["outcome"]), (&"result".into(), &"declined".into()));
    assert_eq!(line["why"], "wrong phrase");
    account.assert_intact();
}

#[test]
fn only_what_asks_or_refuses_waits_for_the_disk() {
    let account = Account::new();
    let durable = |outcome| account.record(outcome).is_durable();
    assert!(!durable(Outcome::Allowed));
    assert!(durable(Outcome::Asked) && durable(Outcome::Refused) && durable(Outcome::Confirmed));
}

#[test]
fn folder_and_files_are_the_accounts_alone() {
    let account = Account::new();
    account.fill(1);
    assert_eq!(mode(&account.folder()), 0o700);
    for name in [FILE, "audit.head", "audit.key"] {
        assert_eq!(mode(&account.folder().join(name)), 0o600, "{name}");
    }
    fs::set_permissions(account.folder(), Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(account.file(), Permissions::from_mode(0o644)).unwrap();
    account.fill(1);
    assert_eq!((mode(&account.folder()), mode(&account.file())), (0o700, 0o600));
}

#[test]
fn links_and_odd_files_are_refused() {
    let refused = |account: &Account| {
        let error = account.log().append(&account.record(Outcome::Allowed)).unwrap_err();
        assert!(matches!(error, AuditError::Unsafe(..) | AuditError::Io(..)), "{error}");
        error.to_string()
    };
    let account = Account::new();
    fs::create_dir_all(account.folder()).unwrap();
    let elsewhere = account.world.home.join("elsewhere");
    File::create(&elsewhere).unwrap();
    symlink(&elsewhere, account.file()).unwrap();
    assert!(refused(&account).contains("is a link"));
    assert_eq!(text(&elsewhere), "");

    let account = Account::new();
    fs::create_dir_all(account.file()).unwrap();
    refused(&account);

    let account = Account::new();
    fs::create_dir_all(account.folder().parent().unwrap()).unwrap();
    symlink("/tmp", account.folder()).unwrap();
    assert!(refused(&account).contains("is no folder"));

    let account = Account::new();
    fs::create_dir_all(account.folder()).unwrap();
    let made = Command::new("mkfifo").arg(account.file()).status().unwrap();
    assert!(made.success());
    assert!(refused(&account).contains("is no regular file"));

    let mut account = Account::new();
    account.fill(1);
    account.world.uid += 1;
    assert!(refused(&account).contains("belongs to somebody else"));
}

#[test]
fn a_lock_that_is_kept_is_waited_for_no_longer_than_two_seconds() {
    let account = Account::new();
    account.fill(1);
    let held = File::open(account.file()).unwrap();
    held.lock().unwrap();
    let started = Instant::now();
    let error = account.log().append(&account.record(Outcome::Allowed)).unwrap_err();
    assert_eq!(error, AuditError::Busy(account.file()));
    assert!((2..60).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
    drop(held);
    account.fill(1);
    assert_eq!(account.assert_intact().records, 2);
}

/// Writes into the folder that the variable names, as one of the processes of
/// the test below; by itself, into one of its own.
#[test]
fn one_process_writes_a_chain() {
    let shared = std::env::var_os(HOME);
    let account = shared.as_ref().map_or_else(Account::new, |home| Account::at(Path::new(home)));
    let entries = account.fill(EACH);
    assert!(entries.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    // A check keeps the file locked; among sixteen writers the test below does
    // it once, at the end.
    if shared.is_none() {
        account.assert_intact();
    }
}

#[test]
fn many_processes_write_one_chain() {
    let account = Account::new();
    let run = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writing::one_process_writes_a_chain"])
            .env(HOME, &account.world.home)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let processes: Vec<_> = (0..16).map(|_| run()).collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    let report = account.assert_intact();
    assert_eq!((report.records, report.last), (16 * EACH as u64, 16 * EACH as u64));
}

#[test]
fn a_torn_end_is_stated_and_the_chain_goes_on() {
    for torn in ["{\"v\":1,\"seq\":4,\"pre", "garbage\n", "\n\n", "\u{0}\u{0}\u{0}"] {
        let account = Account::new();
        account.fill(3);
        OpenOptions::new()
            .append(true)
            .open(account.file())
            .unwrap()
            .write_all(torn.as_bytes())
            .unwrap();
        assert_ne!(account.verify().problems, Vec::new(), "not yet stated");
        let seqs: Vec<u64> = account.fill(2).iter().map(|entry| entry.seq).collect();
        assert_eq!(seqs, [5, 6], "{torn:?}");
        let report = account.assert_intact();
        assert_eq!((report.records, report.repaired), (6, 1), "{torn:?}");
    }
}

#[test]
fn a_process_killed_at_any_byte_leaves_a_chain_that_goes_on() {
    let account = Account::new();
    account.fill(2);
    let whole = fs::read(account.file()).unwrap();
    let head = fs::read(account.folder().join("audit.head")).unwrap();
    account.fill(1);
    let longer = fs::read(account.file()).unwrap();
    for length in (whole.len()..=longer.len()).step_by(37) {
        fs::write(account.file(), &longer[..length]).unwrap();
        fs::write(account.folder().join("audit.head"), &head).unwrap();
        account.fill(1);
        account.assert_intact();
    }
}

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing_behind() {
    let account = Account::new();
    account.fill(3);
    let before = text(&account.file());
    // A limit on the size of files is a full disk that needs no disk: the
    // shell ignores the signal that would end the process, so that the write
    // itself fails.
    let blocks = before.len() / 1024 + 1;
    let filled = Command::new("bash")
        .args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "bash"])
        .arg(blocks.to_string())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "writing::one_process_writes_a_chain"])
        .env(HOME, &account.world.home)
        .output()
        .unwrap();
    assert!(!filled.status.success(), "the limit was never reached");
    let said = String::from_utf8_lossy(&filled.stdout);
    assert!(said.contains("FileTooLarge") || said.contains("file too large"), "{said}");
    let report = account.assert_intact();
    assert_eq!(report.repaired, 0);
    assert!(text(&account.file()).starts_with(&before));
    account.fill(1);
    account.assert_intact();
}

#[test]
fn a_disk_without_room_is_an_error_and_leaves_nothing_behind() {
    // A file system of 32 KiB in a mount namespace of the shell's own.
    let script = "mount -t tmpfs -o size=32k tmpfs \"$1\" && shift && \"$@\"; echo status $?; \
        tail -c 1 \"$HOLDPOINT_AUDIT_TEST_HOME\"/.local/state/holdpoint/audit.jsonl | od -An -c";
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new("unshare")
        .args(["--mount", "--map-root-user", "bash", "-c", script, "bash"])
        .arg(dir.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "writing::one_process_writes_a_chain"])
        .env(HOME, dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    // The write that does not fit is cut short, or fails outright.
    let full = ["no storage space", "No space left on device"].iter().any(|it| said.contains(it));
    assert!(full, "{said} {output:?}");
    assert!(said.contains("status 101"), "{said}");
    assert!(said.trim_end().ends_with("\\n"), "the file ends inside a line: {said}");
}

#[test]
fn a_large_file_is_put_aside_and_the_chain_goes_on() {
    let account = Account::new();
    for _ in 0..40 {
        let record = account.record(Outcome::Allowed);
        account.log().rotating_at(8 * 1024).append(&record).unwrap();
    }
    let report = account.assert_intact();
    assert!(report.files > 2, "{report:?}");
    assert_eq!(report.records, 40 + report.files as u64 - 1, "each rotation is a record");
    assert!(fs::metadata(account.file()).unwrap().len() < 16 * 1024);
    let mut names: Vec<String> = fs::read_dir(account.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("audit-"))
        .collect();
    names.sort();
    assert!(names[0].starts_with("audit-000000000001-"), "{names:?}");
    for name in names {
        assert_eq!(mode(&account.folder().join(name)), 0o600);
    }
}

#[test]
fn a_line_has_a_bound_whatever_it_is_of() {
    let account = Account::new();
    let words: Vec<String> = (0..5000).map(|n| format!("{n}\u{1b}").repeat(50)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let record = Record::new(
        &crate::invocation(&words),
        &crate::judgement(),
        Outcome::Allowed,
        &account.world,
    );
    account.log().append(&record).unwrap();
    let line = &account.lines()[0];
    assert!(line.len() <= 64 * 1024, "{}", line.len());
    assert!(line.contains("\"words\":5000"), "it says how many there were");
    account.assert_intact();
}

#[test]
fn waiting_is_no_busy_loop() {
    let account = Account::new();
    account.fill(1);
    let started = Instant::now();
    account.fill(200);
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}
