//! The guard against a tool that finds holdpoint again instead of the real
//! one. exec keeps the process id, so a loop of execs comes by again and again
//! in one process; a loop of spawns nests ever deeper. Both are counted in one
//! variable, which goes along with the tool.
//!
//! The variable can be forged, and nothing is gained by it: it chooses between
//! tools that the caller could have named, and every one of them is judged.

use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;

/// The variable: `PROCESS:ROUNDS:SAME:DEPTH:TOOL`.
pub(super) const VARIABLE: &str = "HOLDPOINT_LOOP";

/// How often one process may come by. A wrapper that runs itself once more
/// comes by twice or three times.
const MAX_ROUNDS: u32 = 16;

/// How many processes, each started by the one before, may come by. Programs
/// that start each other to some purpose stay far below.
const MAX_DEPTH: u32 = 32;

/// How often one process came by before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rounds {
    rounds: u32,
    /// How many of the last rounds were for this same tool.
    same: u32,
    /// How many processes above this one came by.
    depth: u32,
}

impl Rounds {
    /// Reads the variable's value, for process `pid` called as `tool`. What is
    /// not well-formed counts as absent.
    pub fn read(value: Option<&OsStr>, pid: u32, tool: &OsStr) -> Rounds {
        value.and_then(|value| parse(value.as_bytes(), pid, tool.as_bytes())).unwrap_or_default()
    }

    /// How many tools on PATH to leave out. Whoever comes by a second time is
    /// given the same tool, which may be a script that runs itself once more;
    /// then it is another program's shim that looks past itself only, and
    /// would have found the next one if holdpoint were not there.
    pub fn past(self) -> usize {
        usize::try_from(self.same / 2).unwrap_or(usize::MAX)
    }

    /// Whether this has no end.
    pub fn is_endless(self) -> bool {
        self.rounds >= MAX_ROUNDS || self.depth >= MAX_DEPTH
    }

    /// The variable for the tool that this process becomes: `NAME=value`.
    pub fn onward(self, pid: u32, tool: &OsStr) -> Option<CString> {
        let Rounds { rounds, same, depth } = self;
        let mut text =
            format!("{VARIABLE}={pid}:{}:{}:{depth}:", rounds + 1, same + 1).into_bytes();
        text.extend_from_slice(tool.as_bytes());
        CString::new(text).ok()
    }
}

fn parse(value: &[u8], pid: u32, tool: &[u8]) -> Option<Rounds> {
    let mut fields = value.splitn(5, |byte| *byte == b':');
    let mut number = || std::str::from_utf8(fields.next()?).ok()?.parse::<u32>().ok();
    let (process, rounds, same, depth) = (number()?, number()?, number()?, number()?);
    if process != pid {
        return Some(Rounds { rounds: 0, same: 0, depth: depth.saturating_add(1) });
    }
    let same = if fields.next()? == tool { same } else { 0 };
    Some(Rounds { rounds: rounds.min(MAX_ROUNDS), same: same.min(MAX_ROUNDS), depth })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(rounds: Rounds, from: u32, to: u32, tool: &str) -> Rounds {
        let text = rounds.onward(from, "psql".as_ref()).unwrap().into_string().unwrap();
        let value = text.strip_prefix("HOLDPOINT_LOOP=").unwrap();
        Rounds::read(Some(value.as_ref()), to, tool.as_ref())
    }

    #[test]
    fn one_process_coming_by_again_moves_past_the_tool_and_ends() {
        let mut rounds = Rounds::read(None, 7, "psql".as_ref());
        let mut past = Vec::new();
        while !rounds.is_endless() {
            past.push(rounds.past());
            rounds = next(rounds, 7, 7, "psql");
        }
        assert_eq!(past[..6], [0, 0, 1, 1, 2, 2]);
        assert_eq!(past.len(), 16);
    }

    #[test]
    fn another_tool_in_the_same_process_starts_afresh_but_still_ends() {
        let mut rounds = next(Rounds::default(), 7, 7, "railway");
        assert_eq!(rounds.past(), 0);
        let mut count = 0;
        while !rounds.is_endless() {
            rounds = next(rounds, 7, 7, "railway");
            count += 1;
        }
        assert_eq!((count, rounds.past()), (15, 0));
    }

    #[test]
    fn nesting_is_no_loop_until_it_is_very_deep() {
        let mut rounds = Rounds::default();
        for pid in 1..=32 {
            assert!(!rounds.is_endless(), "{pid}");
            assert_eq!(rounds.past(), 0);
            rounds = next(rounds, pid, pid + 1, "psql");
        }
        assert!(rounds.is_endless());
    }

    #[test]
    fn what_is_not_well_formed_counts_as_absent() {
        for value in ["", "7", "7:1:1:1", "7:x:1:1:psql", "7:-1:1:1:psql", "7:99999999999:1:1:psql"]
        {
            assert_eq!(Rounds::read(Some(value.as_ref()), 7, "psql".as_ref()), Rounds::default());
        }
        let most = format!("7:{0}:{0}:{0}:psql", u32::MAX);
        let rounds = Rounds::read(Some(most.as_ref()), 7, "psql".as_ref());
        assert!(rounds.is_endless() && rounds.onward(7, "psql".as_ref()).is_some());
        let deep = Rounds::read(Some(most.as_ref()), 8, "psql".as_ref());
        assert!(deep.is_endless());
    }

    #[test]
    fn a_tool_of_any_name_is_kept_apart() {
        let odd = OsStr::from_bytes(b"a:b\xff");
        let text = Rounds::default().onward(7, odd).unwrap();
        let value = OsStr::from_bytes(text.as_bytes().strip_prefix(b"HOLDPOINT_LOOP=").unwrap());
        assert_eq!(Rounds::read(Some(value), 7, odd).same, 1);
        assert_eq!(Rounds::read(Some(value), 7, "a".as_ref()).same, 0);
    }
}
