//! One record: what was seen, what was decided and what came of it. Holds the
//! values as they are; [`super::line`] makes the JSON line of them, redacted
//! and bounded.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::invocation::Invocation;
use crate::judgement::Judgement;
use crate::policy::load;
use crate::world::World;

/// What came of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It runs, unasked.
    Allowed,
    /// A person is about to be asked.
    Asked,
    /// A person said yes: it runs.
    Confirmed,
    /// Nobody said yes, and why.
    Declined(String),
    /// It does not run.
    Refused,
}

impl Outcome {
    /// The word for it in the trail.
    pub const fn word(&self) -> &'static str {
        match self {
            Outcome::Allowed => "allowed",
            Outcome::Asked => "asked",
            Outcome::Confirmed => "confirmed",
            Outcome::Declined(_) => "declined",
            Outcome::Refused => "refused",
        }
    }

    /// `decision` before anything was asked, `result` after.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Outcome::Allowed | Outcome::Asked | Outcome::Refused => "decision",
            Outcome::Confirmed | Outcome::Declined(_) => "result",
        }
    }
}

/// Where something was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gate {
    /// As it was about to run, and with its own words.
    #[default]
    Command,
    /// Announced by an agent, before any shell had it. What is let pass here
    /// and then meets a shim is seen, and where it is recorded recorded, twice.
    Hook,
}

impl Gate {
    /// The word for it in the trail.
    pub const fn word(self) -> &'static str {
        match self {
            Gate::Command => "command",
            Gate::Hook => "hook",
        }
    }
}

/// A text that was judged, by its hash.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Digested {
    pub(super) name: String,
    pub(super) bytes: usize,
    pub(super) sha256: String,
}

/// What was seen and decided.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) gate: Gate,
    pub(super) argv: Vec<OsString>,
    pub(super) cwd: Option<PathBuf>,
    pub(super) inputs: Vec<Digested>,
    pub(super) judgement: Judgement,
    pub(super) policy: String,
}

/// One record of the trail.
#[derive(Clone, Debug)]
pub struct Record {
    /// The id that all records of one invocation share.
    pub id: String,
    /// When it was made.
    pub time: SystemTime,
    pub(super) outcome: Outcome,
    pub(super) user: String,
    pub(super) uid: u32,
    pub(super) pid: u32,
    pub(super) story: Option<Story>,
}

impl Record {
    /// The record of a judgement: what is about to happen, or does not. What
    /// was read of standard input is among the texts that were judged.
    pub fn new(
        invocation: &Invocation,
        judgement: &Judgement,
        outcome: Outcome,
        world: &dyn World,
    ) -> Record {
        let story = Story {
            gate: Gate::Command,
            argv: invocation.argv.clone(),
            cwd: match &invocation.cwd {
                Some(cwd) => world.cwd().map(|own| own.join(cwd)),
                None => world.cwd(),
            },
            inputs: Vec::new(),
            judgement: judgement.clone(),
            policy: load::digest(world),
        };
        let id = new_id(world);
        let record = Record { story: Some(story), ..Record::result(&id, outcome, world) };
        match world.stdin_so_far() {
            Some(bytes) => record.with_input("standard input", &bytes),
            None => record,
        }
    }

    /// The record of what came of the invocation whose first record has `id`.
    pub fn result(id: &str, outcome: Outcome, world: &dyn World) -> Record {
        Record {
            id: id.to_owned(),
            time: world.now(),
            outcome,
            user: world.account_name(),
            uid: world.uid(),
            pid: std::process::id(),
            story: None,
        }
    }

    /// The same, seen at another gate.
    #[must_use]
    pub fn at(mut self, gate: Gate) -> Record {
        if let Some(story) = &mut self.story {
            story.gate = gate;
        }
        self
    }

    /// The same with a text that was judged: its name, length and hash are
    /// recorded, nothing of what it says.
    #[must_use]
    pub fn with_input(mut self, name: &str, bytes: &[u8]) -> Record {
        if let Some(story) = &mut self.story {
            let sha256 = format!("{:x}", Sha256::digest(bytes));
            story.inputs.push(Digested { name: name.to_owned(), bytes: bytes.len(), sha256 });
        }
        self
    }

    /// Whether it must be on the disk before anything goes on: whatever asks
    /// or refuses.
    pub fn is_durable(&self) -> bool {
        self.outcome != Outcome::Allowed
    }
}

/// A new id: the time and chance in base 32, so that ids sort as they were
/// made.
pub fn new_id(world: &dyn World) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let since = world.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let time = (since.as_millis() & ((1 << 45) - 1)) << 35;
    let chance = u128::from_le_bytes(world.random()) & ((1 << 35) - 1);
    let number = time | chance;
    let digit = |place: u32| (number >> (place * 5)) & 31;
    let digits = (0..16).rev().map(digit);
    digits
        .filter_map(|digit| LETTERS.get(usize::try_from(digit).ok()?))
        .map(|letter| char::from(*letter))
        .collect()
}
