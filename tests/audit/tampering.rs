//! What is changed, removed, moved or cut off is found, at its place.

use std::fs;

use holdpoint::audit::Outcome;

use crate::Account;

/// The first problem after `change` was made to the lines of ten records: its
/// line and message.
fn first_bad(change: impl Fn(&mut Vec<String>)) -> (u64, String) {
    let account = Account::new();
    account.fill(10);
    assert_eq!(account.assert_intact().records, 10);
    let mut lines = account.lines();
    change(&mut lines);
    fs::write(account.file(), lines.join("\n") + "\n").unwrap();
    let report = account.verify();
    let first = report.problems.first().expect("it is found");
    assert_eq!(first.path, account.file());
    (first.line, first.message.clone())
}

#[test]
fn an_edited_line_is_found() {
    for index in [0, 4, 9] {
        let (line, message) = first_bad(|lines| {
            lines[index] = lines[index].replace("users", "nobody");
        });
        assert_eq!(line, index as u64 + 1);
        assert!(message.contains("changed"), "{message}");
    }
}

#[test]
fn a_removed_line_is_found() {
    let (line, message) = first_bad(|lines| drop(lines.remove(4)));
    assert_eq!((line, message.as_str()), (5, "records 5 to 5 are missing before it"));
    let (line, message) = first_bad(|lines| drop(lines.drain(..3)));
    assert_eq!((line, message.as_str()), (1, "records 1 to 3 are missing before it"));
}

#[test]
fn moved_and_doubled_lines_are_found() {
    let (line, _) = first_bad(|lines| lines.swap(4, 5));
    assert_eq!(line, 5);
    let (line, message) = first_bad(|lines| lines.insert(5, lines[4].clone()));
    assert_eq!((line, message.as_str()), (6, "record 5 stands where 6 should"));
}

#[test]
fn a_cut_end_is_found() {
    let (line, message) = first_bad(|lines| lines.truncate(7));
    assert_eq!((line, message.as_str()), (7, "records 8 to 10 are missing behind it"));
    let account = Account::new();
    account.fill(3);
    fs::write(account.file(), "").unwrap();
    assert_eq!(account.verify().problems[0].message, "records 1 to 3 are missing behind it");
    fs::remove_file(account.file()).unwrap();
    assert_eq!(account.verify().problems[0].message, "records 1 to 3 are missing behind it");
}

#[test]
fn a_cut_end_stays_found_when_more_is_written() {
    let account = Account::new();
    account.fill(10);
    let lines = account.lines();
    fs::write(account.file(), lines[..7].join("\n") + "\n").unwrap();
    let entry = account.log().append(&account.record(Outcome::Allowed)).unwrap();
    assert_eq!(entry.seq, 12, "no number is used twice");
    let problems = account.verify().problems;
    assert_eq!(problems[0].line, 8);
    assert!(problems[0].message.contains("record 10 was already gone"), "{problems:?}");
}

#[test]
fn a_cut_line_is_found() {
    let (line, _) = first_bad(|lines| {
        let half = lines[4].len() / 2;
        lines[4].truncate(half);
    });
    assert_eq!(line, 5);
    let account = Account::new();
    account.fill(3);
    let whole = fs::read(account.file()).unwrap();
    fs::write(account.file(), &whole[..whole.len() - 10]).unwrap();
    let problems = account.verify().problems;
    assert_eq!(problems[0].line, 3);
}

#[test]
fn a_forged_line_is_found() {
    let (_, message) = first_bad(|lines| {
        let last = lines[9].replace("\"seq\":10", "\"seq\":11");
        lines.push(last);
    });
    assert!(message.contains("changed"), "{message}");
    let (line, _) = first_bad(|lines| lines.insert(3, "hello".to_owned()));
    assert_eq!(line, 4);
}

#[test]
fn a_false_remark_on_torn_bytes_is_found() {
    let account = Account::new();
    account.fill(2);
    let torn = account.lines()[0].clone();
    fs::write(account.file(), format!("{torn}\ngarb")).unwrap();
    account.fill(1);
    let text = fs::read_to_string(account.file()).unwrap();
    assert!(text.contains("\ngarb\n"), "what is torn stays");
    fs::write(account.file(), text.replace("\ngarb\n", "\nbarg\n")).unwrap();
    let problems = account.verify().problems;
    assert!(problems[0].message.contains("torn"), "{problems:?}");
}

#[test]
fn a_file_that_was_put_aside_is_checked_and_missed() {
    let account = Account::new();
    for _ in 0..40 {
        let record = account.record(Outcome::Allowed);
        account.log().rotating_at(8 * 1024).append(&record).unwrap();
    }
    let mut aside: Vec<_> = fs::read_dir(account.folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("audit-"))
        .collect();
    aside.sort();
    let text = fs::read_to_string(&aside[1]).unwrap();
    fs::write(&aside[1], text.replacen("users", "nobody", 1)).unwrap();
    let problems = account.verify().problems;
    assert_eq!((&problems[0].path, problems[0].line), (&aside[1], 1));
    fs::write(&aside[1], text).unwrap();
    account.assert_intact();
    fs::remove_file(&aside[1]).unwrap();
    assert!(account.verify().problems[0].message.contains("missing before it"));
}

#[test]
fn no_trail_at_all_is_intact() {
    let account = Account::new();
    assert_eq!(account.assert_intact().records, 0);
    let error = holdpoint::audit::verify::verify(&account.world.home.join("none"));
    assert_eq!(error.unwrap().files, 0);
}
