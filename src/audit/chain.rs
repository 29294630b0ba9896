//! How lines hang together: each holds its number and the hash of the line
//! before it. Works out from the end of a file where the chain stands, and
//! what has to be said first if the end is damaged. No I/O.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The `prev` of the very first line.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The hash of a line, without its line end.
pub fn hash(line: &[u8]) -> String {
    format!("{:x}", Sha256::digest(line))
}

/// What every line has.
#[derive(Debug, Deserialize)]
pub struct Link {
    /// Its number, from 1.
    pub seq: u64,
    /// The hash of the line before it.
    pub prev: String,
    /// What was found broken when it was written.
    pub torn: Option<Torn>,
    /// What was found missing when it was written.
    pub missing: Option<Missing>,
}

impl Link {
    /// The link of a line, if it is one of ours.
    pub fn of(line: &[u8]) -> Option<Link> {
        serde_json::from_slice::<Link>(line).ok().filter(|link| link.prev.len() == GENESIS.len())
    }
}

/// Bytes behind the last whole line that are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Torn {
    /// How many.
    pub bytes: u64,
    /// Their hash.
    pub sha256: String,
}

/// Records that had been written and are not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The number of the last record that had been written.
    pub seq: u64,
    /// Its hash.
    pub sha256: String,
}

/// A line about the trail itself.
#[derive(Serialize)]
struct Remark<'a> {
    v: u8,
    seq: u64,
    prev: &'a str,
    ts: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    torn: Option<&'a Torn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a Missing>,
}

/// Where a chain stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The number of the last line; 0 before the first.
    pub seq: u64,
    /// Its hash.
    pub hash: String,
    /// Whether the file ends inside a line.
    pub open: bool,
    /// What stands behind the last whole line.
    pub torn: Option<Torn>,
    /// What the receipt says and the file does not hold.
    pub missing: Option<Missing>,
}

impl State {
    /// Where a chain stands whose last line is this.
    pub fn at(seq: u64, hash: String) -> State {
        State { seq, hash, open: false, torn: None, missing: None }
    }

    /// Where the chain stands by the last bytes of its file. `whole` says
    /// that `tail` is all of it; where no line of a whole file is whole, the
    /// chain stands where it stood `before` the file. None if the last whole
    /// line begins before `tail`.
    pub fn of(tail: &[u8], whole: bool, before: &State) -> Option<State> {
        let mut lines: Vec<&[u8]> = tail.split_inclusive(|byte| *byte == b'\n').collect();
        let mut behind = 0;
        let first = if whole { 0 } else { 1 };
        let mut found = None;
        while found.is_none() && lines.len() > first {
            let Some(line) = lines.pop() else { break };
            let whole = line.strip_suffix(b"\n");
            found = whole.and_then(|line| Some(State::at(Link::of(line)?.seq, hash(line))));
            if found.is_none() {
                behind += line.len();
            }
        }
        let mut state = match found {
            Some(state) => state,
            None if whole => before.clone(),
            None => return None,
        };
        if behind > 0 {
            let bytes = tail.get(tail.len() - behind..).unwrap_or(tail);
            state.torn = Some(Torn { bytes: behind as u64, sha256: hash(bytes) });
            state.open = !bytes.ends_with(b"\n");
        }
        Some(state)
    }

    /// Takes the receipt of the last write into account: if that record is not
    /// there, it is missing, and its number is not used again.
    pub fn heed(&mut self, receipt: Option<State>) {
        let Some(receipt) = receipt else { return };
        if receipt.seq > self.seq || (receipt.seq == self.seq && receipt.hash != self.hash) {
            self.seq = receipt.seq;
            self.missing = Some(Missing { seq: receipt.seq, sha256: receipt.hash });
        }
    }

    /// What must be written before the next record: the end of an open line,
    /// and a remark on what was torn or is missing. Empty if all is well.
    pub fn mend(&mut self, now: SystemTime) -> String {
        let mut text = String::new();
        if std::mem::take(&mut self.open) {
            text.push('\n');
        }
        let (torn, missing) = (self.torn.take(), self.missing.take());
        if torn.is_some() || missing.is_some() {
            let line = self.remark("torn", now, torn.as_ref(), missing.as_ref());
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    /// A remark that says where the chain goes on when the file is put aside.
    pub fn rotation(&mut self, now: SystemTime) -> String {
        self.remark("rotate", now, None, None) + "\n"
    }

    fn remark(
        &mut self,
        kind: &'static str,
        now: SystemTime,
        torn: Option<&Torn>,
        missing: Option<&Missing>,
    ) -> String {
        let ts = humantime::format_rfc3339_micros(now).to_string();
        let remark = Remark { v: 1, seq: self.seq + 1, prev: &self.hash, ts, kind, torn, missing };
        let line = serde_json::to_string(&remark).unwrap_or_default();
        self.follow(&line);
        line
    }

    /// Goes on to `line`, which has the next number.
    pub fn follow(&mut self, line: &str) {
        self.seq += 1;
        self.hash = hash(line.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: u64, prev: &str) -> String {
        format!("{{\"seq\":{seq},\"prev\":\"{prev}\",\"kind\":\"decision\"}}\n")
    }

    fn start() -> State {
        State::at(0, GENESIS.to_owned())
    }

    #[test]
    fn the_last_whole_line_counts() {
        let first = line(1, GENESIS);
        let second = line(2, &hash(first.trim_end().as_bytes()));
        let both = format!("{first}{second}");
        let state = State::of(both.as_bytes(), true, &start());
        assert_eq!(state, Some(State::at(2, hash(second.trim_end().as_bytes()))));
        assert_eq!(State::of(b"", true, &start()), Some(start()));
    }

    #[test]
    fn what_is_torn_is_stated_with_its_length_and_hash() {
        let first = line(1, GENESIS);
        for (behind, open) in [("{\"seq\":2,\"pre", true), ("garbage\n", false), ("a\nb", true)] {
            let text = format!("{first}{behind}");
            let mut state = State::of(text.as_bytes(), true, &start()).unwrap();
            let torn = Torn { bytes: behind.len() as u64, sha256: hash(behind.as_bytes()) };
            assert_eq!((state.seq, state.open, state.torn.clone()), (1, open, Some(torn.clone())));
            let mended = state.mend(SystemTime::UNIX_EPOCH);
            assert_eq!(mended.starts_with('\n'), open);
            let link = Link::of(mended.trim().as_bytes()).unwrap();
            assert_eq!((link.seq, link.torn), (2, Some(torn)));
            assert_eq!(link.prev, hash(first.trim_end().as_bytes()));
            assert_eq!((state.seq, state.mend(SystemTime::UNIX_EPOCH)), (2, String::new()));
        }
    }

    #[test]
    fn a_line_that_the_window_cuts_is_no_line() {
        let text = line(7, GENESIS);
        assert_eq!(State::of(text.as_bytes(), false, &start()), None);
        assert_eq!(State::of(b"", false, &start()), None);
    }

    #[test]
    fn a_receipt_for_what_is_not_there_is_heeded() {
        let mut state = State::at(3, hash(b"three"));
        state.heed(Some(State::at(3, hash(b"three"))));
        assert_eq!(state.missing, None);
        state.heed(Some(State::at(2, hash(b"two"))));
        assert_eq!((state.seq, state.missing.is_some()), (3, false), "an older receipt");
        state.heed(Some(State::at(5, hash(b"five"))));
        assert_eq!((state.seq, state.missing.clone().map(|missing| missing.seq)), (5, Some(5)));
        let link = Link::of(state.mend(SystemTime::UNIX_EPOCH).trim().as_bytes()).unwrap();
        assert_eq!((link.seq, link.prev), (6, hash(b"three")));
    }
}
