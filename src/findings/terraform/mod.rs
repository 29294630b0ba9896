//! What a change to a Terraform or OpenTofu configuration takes away once it
//! is applied: a brake (`prevent_destroy`, deletion protection), a way back
//! (backups, versions, a final snapshot), or a resource that holds data.
//! Files of one folder are one configuration, so they are compared together:
//! what moves to another file, or moves by a `moved` block, is not gone.
//! Says nothing of what needs the state or a provider to be known, such as
//! which change of an attribute makes a resource anew.

mod compare;
mod folder;

use std::collections::BTreeMap;

use super::{Change, Finding, is_made_up};
use folder::Folder;

/// Whether a path is that of a configuration's file.
pub fn concerns(path: &str) -> bool {
    folder::ENDINGS.iter().any(|ending| path.ends_with(ending)) && !is_made_up(path)
}

/// Every finding of a change to one file.
#[cfg(test)]
fn terraform(path: &str, before: Option<&str>, after: Option<&str>) -> Vec<Finding> {
    of_changes(&[Change {
        old_path: path.to_owned(),
        path: path.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
        unread: false,
    }])
}

/// Every finding of a change to several files.
pub fn of_changes(changes: &[Change]) -> Vec<Finding> {
    let mut folders: BTreeMap<&str, (Folder<'_>, Folder<'_>)> = BTreeMap::new();
    let mut found = Vec::new();
    for change in changes {
        let before = change.before.as_deref().filter(|_| concerns(&change.old_path));
        let after = change.after.as_deref().filter(|_| concerns(&change.path));
        let (old, new) = (parent(&change.old_path), parent(&change.path));
        if (before == after && old == new) || change.unread {
            continue;
        }
        // A folder that gets another name keeps its state; a file that goes
        // into a folder of its own below becomes another module.
        let from = if after.is_some() && !is_below(new, old) { new } else { old };
        let mut read = Folder::default();
        let was_read = before.is_none_or(|text| read.add(&change.old_path, text).is_ok());
        if let Some(text) = after {
            let entry = folders.entry(new).or_default();
            if let Err(why) = entry.1.add(&change.path, text) {
                if was_read && read.has_stake() {
                    found.push(compare::unread(&change.path, &why));
                }
                continue;
            }
        }
        folders.entry(from).or_default().0.absorb(read);
    }
    for (before, after) in folders.values() {
        compare::folders(before, after, &mut found);
    }
    found
}

/// The folder of a file.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a folder lies below another one.
fn is_below(folder: &str, other: &str) -> bool {
    folder != other
        && (other.is_empty()
            || folder.strip_prefix(other).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests;
