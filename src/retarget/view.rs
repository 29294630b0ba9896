//! The states in which a command may find its settings: after everything
//! before it, and, where some of that may have failed, without it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::{After, Change, Earlier, File, Left};
use crate::action::Otherwise;
use crate::actions::Reading;
use crate::invocation::{COMPUTED, Invocation};
use crate::parse::url;
use crate::target::{Kind, Target};

/// How deep commands inside others are followed.
const MAX_DEPTH: usize = 40;
/// The most changes that are gathered.
const MAX_GATHERED: usize = 2_000;
/// The most that still count then and are worked out.
const MAX_CHANGES: usize = 64;
/// With so many that may have failed, every combination is looked at.
const EVERY: usize = 3;
/// The most that may have failed and are looked at one by one.
const MAX_UNSURE: usize = 6;

/// The changes that commands before one make, in order, and whether each is
/// certain.
pub struct Views {
    changes: Vec<Made>,
    /// Whether there are more than are followed: then no file that they write
    /// can be read.
    lost: bool,
}

/// A change and its command.
#[derive(Clone)]
struct Made {
    change: Arc<Change>,
    /// Whether it is certain.
    sure: bool,
    /// Which command makes it: all of its changes are made, or none.
    command: usize,
}

impl Views {
    /// None if nothing before the command changes anything. A command alone is
    /// not kept waiting.
    #[inline]
    pub fn of(invocation: &Invocation) -> Option<Views> {
        if invocation.after.is_empty() { None } else { Views::after(invocation) }
    }

    fn after(invocation: &Invocation) -> Option<Views> {
        let mut changes: Vec<Made> = Vec::new();
        collect(&invocation.after, true, 0, &mut changes);
        changes.retain(|Made { change, .. }| {
            // What the line itself writes later hides the change.
            let last = invocation.written.get(&change.path);
            change.place == invocation.place && (change.whole || last == change.before.as_ref())
        });
        // What is certainly set anew does not matter any more.
        let lost = changes.len() >= MAX_GATHERED;
        let mut settled: BTreeSet<(PathBuf, Vec<String>)> = BTreeSet::new();
        let mut kept: Vec<Made> = Vec::with_capacity(changes.len());
        for made in changes.into_iter().rev() {
            let key = (made.change.path.clone(), made.change.key.clone());
            if settled.contains(&key) {
                continue;
            }
            if made.sure && made.change.value.is_some() {
                settled.insert(key);
            }
            kept.push(made);
        }
        kept.reverse();
        let lost = lost || kept.len() > MAX_CHANGES;
        (!kept.is_empty()).then_some(Views { changes: kept, lost })
    }

    /// The state in which everything before succeeded.
    pub fn all(&self) -> Arc<Earlier> {
        if self.lost {
            return self.unknown();
        }
        self.state(&vec![true; self.changes.len()])
    }

    /// The other states that the command may find, with the reason of each:
    /// only files that it looked at matter.
    pub fn others(&self, seen: &Earlier) -> Vec<(Arc<Earlier>, String)> {
        let looked_at = |change: &Change| {
            let file = seen.files.iter().find(|file| file.path == change.path);
            file.is_some_and(|file| file.seen.load(Ordering::Relaxed))
        };
        let unsure = self.changes.iter().filter(|made| !made.sure && looked_at(&made.change));
        let mut unsure: Vec<usize> = unsure.map(|made| made.command).collect();
        unsure.dedup();
        let mut out = Vec::new();
        if self.lost {
            return out;
        }
        let mut add = |fails: &dyn Fn(usize) -> bool| {
            let failed = |made: &Made| unsure.contains(&made.command) && fails(made.command);
            let holds: Vec<bool> = self.changes.iter().map(|made| !failed(made)).collect();
            let last = self.changes.iter().rev().find(|made| failed(made));
            let by = last.map_or("", |made| &made.change.by);
            let why = format!("`{by}`, earlier in this line, may fail, and this runs all the same");
            out.push((self.state(&holds), why));
        };
        match unsure.len() {
            0 => {}
            count @ ..=EVERY => {
                for set in 1..1_usize << count {
                    add(&|at| {
                        unsure
                            .iter()
                            .position(|one| *one == at)
                            .is_some_and(|at| set >> at & 1 == 1)
                    });
                }
            }
            // Of several that set the same, the last that did not fail counts.
            count => {
                add(&|_| true);
                for only in unsure.iter().rev().take(MAX_UNSURE) {
                    add(&|at| at != *only);
                }
                if count > MAX_UNSURE {
                    let why = "more commands before this one change where it lands than \
                               holdpoint follows";
                    out.push((self.unknown(), why.to_owned()));
                }
            }
        }
        out
    }

    fn state(&self, holds: &[bool]) -> Arc<Earlier> {
        let mut files: Vec<File> = Vec::new();
        for (Made { change, .. }, holds) in self.changes.iter().zip(holds) {
            let at = files.iter().position(|file| file.path == change.path);
            let at = at.unwrap_or_else(|| {
                files.push(File {
                    path: change.path.clone(),
                    before: None,
                    changes: Vec::new(),
                    seen: AtomicBool::new(false),
                    text: OnceLock::new(),
                });
                files.len() - 1
            });
            let Some(file) = files.get_mut(at) else { continue };
            match (change.whole, holds) {
                (true, true) => file.before = None,
                // Of several that failed in a row, what was there at first.
                (true, false) => {
                    file.before.get_or_insert_with(|| change.before.clone());
                }
                (false, true) => file.changes.push(change.clone()),
                (false, false) => {}
            }
        }
        Arc::new(Earlier { files })
    }

    /// The state in which no file can be read.
    fn unknown(&self) -> Arc<Earlier> {
        let state = self.state(&vec![true; self.changes.len()]);
        for file in &state.files {
            let why = "too many commands before this one write it".to_owned();
            let _ = file.text.set(Err(crate::world::ReadError::Failed(why)));
        }
        state
    }
}

fn collect(after: &[After], sure: bool, depth: usize, out: &mut Vec<Made>) {
    for one in after {
        let command = out.last().map_or(0, |made| made.command + 1);
        if depth > MAX_DEPTH || out.len() >= MAX_GATHERED {
            return;
        }
        for left in one.wake.left() {
            match left {
                Left::Change(change) => {
                    let sure = sure && one.sure && change.sure;
                    out.push(Made { change, sure, command });
                }
                Left::Inner(inner) => {
                    collect(std::slice::from_ref(&inner), sure && one.sure, depth + 1, out);
                }
            }
        }
    }
}

impl Earlier {
    /// Says of each piece of evidence which earlier command made it so, and
    /// that nobody knows what is computed.
    pub fn explain(&self, target: &mut Target) {
        let seen = self.files.iter().filter(|file| file.seen.load(Ordering::Relaxed));
        let changes: Vec<&Arc<Change>> = seen.flat_map(|file| &file.changes).collect();
        for evidence in &mut target.evidence {
            let made = changes.iter().rev().find(|change| {
                let own = format!("={}]", evidence.value);
                let value = change.value.as_deref().unwrap_or_default();
                // Of an address, the host is the evidence.
                let host = || url::parse(value).is_some_and(|url| url.host == evidence.value);
                value == evidence.value
                    || (evidence.kind == Kind::Host && host())
                    || change.key.iter().any(|step| step.starts_with('[') && step.ends_with(&own))
            });
            let Some(change) = made else { continue };
            evidence.source = format!("`{}`, earlier in this line", change.by).into();
            if evidence.value.contains(COMPUTED) {
                let why =
                    format!("`{}`, earlier in this line, sets it to what is computed", change.by);
                target.gap.get_or_insert(why);
            }
        }
    }
}

/// Adds what the command would do in another state to what it would do in
/// the first.
pub fn join(reading: &mut Reading, other: Reading, why: &str) {
    for (at, action) in other.actions.into_iter().enumerate() {
        // What reads the same stands in the same place, most of the time.
        let same = match reading.actions.get(at).is_some_and(|one| one.is_like(&action)) {
            true => Some(at),
            false => reading.actions.iter().position(|one| one.is_like(&action)),
        };
        let Some(one) = same.and_then(|at| reading.actions.get_mut(at)) else {
            // Only there: then it is one of what may happen.
            reading.actions.push(action);
            continue;
        };
        let known = one.otherwise.iter().any(|it| it.target == action.target);
        if action.target != one.target && !known {
            one.otherwise.push(Otherwise { target: action.target, why: why.to_owned() });
        }
    }
    for inner in other.inner {
        if !reading.inner.contains(&inner) {
            reading.inner.push(inner);
        }
    }
}
