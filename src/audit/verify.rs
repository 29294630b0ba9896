//! Checks the trail: that every line follows the one before it, that no number
//! is missing, and that the last record is the one of the last receipt. Finds
//! what was edited, removed, moved, cut off or torn; repairs nothing.

use std::path::{Path, PathBuf};

use super::chain::{GENESIS, Link, State, Torn, hash};
use super::file::{lock_to_read, open_to_read, put_aside, receipt};
use super::read::{Line, Lines};
use super::{AuditError, FILE};

/// The most problems that are told one by one.
const TOLD: usize = 50;

/// The most bytes of broken lines that are compared with a remark on them.
const TORN_LIMIT: usize = 256 * 1024;

/// Something wrong with the trail, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// What is wrong: a clause without full stop.
    pub message: String,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many records there are.
    pub records: u64,
    /// How many files hold them.
    pub files: usize,
    /// The number of the last record.
    pub last: u64,
    /// How often a torn end was found and stated by the next record: what a
    /// crash leaves.
    pub repaired: u64,
    /// What is wrong, in the order of the trail; the first is the first bad
    /// line.
    pub problems: Vec<Problem>,
    /// How many more problems there are.
    pub more: u64,
}

/// Checks the whole trail.
///
/// # Errors
/// A file cannot be read.
pub fn verify(folder: &Path) -> Result<Report, AuditError> {
    let mut check = Check::default();
    if !folder.exists() {
        return Ok(check.report);
    }
    let mut aside = put_aside(folder)?;
    for path in &aside {
        check.file(Lines::open(path)?, path)?;
    }
    let current = folder.join(FILE);
    if current.exists() {
        let file = open_to_read(&current)?;
        // While this is held nothing is appended, so that the receipt fits.
        lock_to_read(&file, &current)?;
        let before = aside.len();
        aside = put_aside(folder)?;
        for path in aside.iter().skip(before) {
            check.file(Lines::open(path)?, path)?;
        }
        check.file(Lines::of(file, &current), &current)?;
        check.end(receipt(folder));
    } else {
        check.path = current;
        check.end(receipt(folder));
    }
    Ok(check.report)
}

/// A check on its way through the trail.
struct Check {
    report: Report,
    path: PathBuf,
    /// The number and hash of the last whole line.
    seq: u64,
    hash: String,
    /// Where that line is.
    line: u64,
    /// Broken lines since then, with their ends, and the first one's number.
    broken: Vec<u8>,
    broken_at: u64,
}

impl Default for Check {
    fn default() -> Check {
        Check {
            report: Report::default(),
            path: PathBuf::new(),
            seq: 0,
            hash: GENESIS.to_owned(),
            line: 0,
            broken: Vec::new(),
            broken_at: 0,
        }
    }
}

impl Check {
    fn file(&mut self, lines: Lines, path: &Path) -> Result<(), AuditError> {
        self.flush();
        path.clone_into(&mut self.path);
        self.line = 1;
        self.report.files += 1;
        for line in lines {
            self.line(&line?);
        }
        Ok(())
    }

    fn line(&mut self, line: &Line) {
        let Some(link) = Link::of(&line.bytes).filter(|_| line.whole) else {
            if self.broken.is_empty() {
                self.broken_at = line.number;
            }
            if self.broken.len() < TORN_LIMIT {
                self.broken.extend_from_slice(&line.bytes);
                self.broken.extend(line.whole.then_some(b'\n'));
            }
            return;
        };
        self.torn(&link, line.number);
        self.follows(&link, line.number);
        self.report.records += 1;
        self.seq = link.seq;
        self.hash = hash(&line.bytes);
        self.line = line.number;
        self.report.last = self.seq;
    }

    /// Compares broken lines with what the next record says of them.
    fn torn(&mut self, link: &Link, number: u64) {
        let broken = std::mem::take(&mut self.broken);
        let is = |torn: &Torn, bytes: &[u8]| {
            torn.bytes == bytes.len() as u64 && torn.sha256 == hash(bytes)
        };
        match &link.torn {
            None if broken.is_empty() => {}
            None => self.say(self.broken_at, "this is no record"),
            Some(torn) => {
                let open = broken.strip_suffix(b"\n").unwrap_or(&broken);
                if !broken.is_empty() && (is(torn, &broken) || is(torn, open)) {
                    self.report.repaired += 1;
                } else {
                    self.say(number, "it states torn bytes other than those in front of it");
                }
            }
        }
    }

    /// Checks that a record follows the one before it.
    fn follows(&mut self, link: &Link, number: u64) {
        if let Some(missing) = &link.missing {
            let message = format!("when it was written, record {} was already gone", missing.seq);
            self.say(number, &message);
            self.seq = missing.seq.max(self.seq);
        }
        let expected = self.seq + 1;
        if link.seq > expected {
            let message = format!("records {expected} to {} are missing before it", link.seq - 1);
            self.say(number, &message);
        } else if link.seq < expected {
            let message = format!("record {} stands where {expected} should", link.seq);
            self.say(number, &message);
        } else if link.prev != self.hash {
            self.say(self.line, "it was changed: the record after it does not follow it");
        }
    }

    /// Broken lines that no record followed.
    fn flush(&mut self) {
        if !std::mem::take(&mut self.broken).is_empty() {
            self.say(self.broken_at, "this is no whole record, and none after it says so");
        }
    }

    /// Compares the last record with the receipt.
    fn end(&mut self, receipt: Option<State>) {
        self.flush();
        let line = self.line;
        match receipt {
            None if self.seq == 0 => {}
            None => self.say(line, "the receipt of the last record cannot be read"),
            Some(receipt) if receipt.seq > self.seq => {
                let (from, to) = (self.seq + 1, receipt.seq);
                self.say(line, &format!("records {from} to {to} are missing behind it"));
            }
            Some(receipt) if receipt.seq < self.seq => {
                self.say(line, &format!("the last receipt is of record {}", receipt.seq));
            }
            Some(receipt) if receipt.hash != self.hash => {
                self.say(line, "it was changed: its receipt is of another text");
            }
            Some(_) => {}
        }
    }

    fn say(&mut self, line: u64, message: &str) {
        if self.report.problems.len() < TOLD {
            let path = self.path.clone();
            self.report.problems.push(Problem { path, line, message: message.to_owned() });
        } else {
            self.report.more += 1;
        }
    }
}
