//! What a change to a repository's files would do once it is applied or
//! pushed: texts before and after in, findings out. One file a family. Only
//! what the change adds or takes away counts. Pure: nothing here asks git,
//! reads a file or decides what becomes of a finding.

pub mod acknowledged;
mod compose;
mod credentials;
mod hooks;
mod kubernetes;
mod migration;
mod owners;
mod policy;
mod railway;
mod terraform;

use crate::text::visible;

/// The most characters of a name that a sentence shows.
const NAME: usize = 80;

/// The most findings of one change.
const MAX_FINDINGS: usize = 500;

/// One thing that a change adds or takes away and that a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id: `migration/drop-column`.
    pub rule: &'static str,
    /// The file's path in the repository.
    pub path: String,
    /// The line, from 1: of the text after the change, or, of what was
    /// removed, of the text before.
    pub line: usize,
    /// Whether it is about something that was removed.
    pub removed: bool,
    /// What would happen, in one plain sentence.
    pub says: String,
    /// What to do instead.
    pub instead: &'static str,
}

/// What makes the findings about one file, which all have the same way out.
fn about(
    path: &str,
    instead: &'static str,
) -> impl Fn(&'static str, usize, bool, String) -> Finding + use<> {
    let path = path.to_owned();
    move |rule, line, removed, says| Finding {
        rule,
        path: path.clone(),
        line,
        removed,
        says,
        instead,
    }
}

/// A file before and after.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Its path before; the same as `path` but for what was renamed.
    pub old_path: String,
    /// Its path.
    pub path: String,
    /// Its text before; none for no text file.
    pub before: Option<String>,
    /// Its text after; none for no text file.
    pub after: Option<String>,
    /// Whether it is a text that is too long to be read.
    pub unread: bool,
}

/// Findings about one file at a time.
struct Family {
    /// Whether a path is its business.
    concerns: fn(path: &str) -> bool,
    /// What a change from one text to another does; none stands for no file.
    find: fn(path: &str, before: Option<&str>, after: Option<&str>) -> Vec<Finding>,
}

/// The families that look at one file.
const FAMILIES: &[Family] = &[
    Family { concerns: compose::concerns, find: compose::compose },
    Family { concerns: migration::concerns, find: migration::migration },
    Family { concerns: owners::concerns, find: owners::owners },
    Family { concerns: policy::concerns, find: policy::policy },
    Family { concerns: railway::concerns, find: railway::railway },
];

/// Every finding of a change to several files, in the files' order.
pub fn of_changes(changes: &[Change]) -> Vec<Finding> {
    let mut found = Vec::new();
    for change in changes {
        for Family { concerns, find } in FAMILIES {
            // A file that is renamed into a family's folder is new there, and
            // one that is renamed out of it is gone from there.
            let before = change.before.as_deref().filter(|_| concerns(&change.old_path));
            let after = change.after.as_deref().filter(|_| concerns(&change.path));
            if before == after {
                continue;
            }
            let path = if after.is_some() { &change.path } else { &change.old_path };
            found.extend(find(path, before, after));
        }
        if change.unread && migration::concerns(&change.path) {
            found.push(migration::unread(&change.path));
        }
    }
    found.extend(kubernetes::kubernetes(changes));
    found.extend(terraform::of_changes(changes));
    found.extend(credentials::credentials(changes));
    let place = |path: &str| changes.iter().position(|it| it.path == path || it.old_path == path);
    found.sort_by_cached_key(|finding| (place(&finding.path), finding.line));
    found.dedup();
    found.truncate(MAX_FINDINGS);
    found
}

/// Whether a path is the business of a family, so that it is read before
/// others.
pub fn is_pressing(path: &str) -> bool {
    FAMILIES.iter().any(|family| (family.concerns)(path))
}

/// The findings that a commit cannot take back: what was published once, later
/// commits do not make unpublished.
pub fn lasting(changes: &[Change]) -> Vec<Finding> {
    credentials::credentials(changes)
}

/// The number of the first line that `is` holds for, from `from` on, counted
/// from 1; `from` itself where there is none.
fn line_where(text: &str, from: usize, is: impl Fn(&str) -> bool) -> usize {
    let mut lines = text.lines().enumerate().skip(from.saturating_sub(1));
    lines.find(|(_, line)| is(line)).map_or(from.max(1), |(at, _)| at + 1)
}

/// The number of the line that holds the byte at `at`, from 1.
fn line_at(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// A name from a file, safe to show.
fn shown(name: &str) -> String {
    visible(name, NAME)
}

/// The parts of a path, in small letters.
fn parts(path: &str) -> Vec<String> {
    path.split('/').map(str::to_ascii_lowercase).collect()
}

/// Whether a path lies where tests and examples keep what is made up.
fn is_made_up(path: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "test",
        "tests",
        "__tests__",
        "testing",
        "spec",
        "specs",
        "fixture",
        "fixtures",
        "__fixtures__",
        "testdata",
        "test-data",
        "mock",
        "mocks",
        "__mocks__",
        "example",
        "examples",
        "sample",
        "samples",
        "snapshots",
        "__snapshots__",
        "e2e",
        "cypress",
        "node_modules",
        "vendor",
        "third_party",
    ];
    let parts = parts(path);
    let Some((name, folders)) = parts.split_last() else { return false };
    let words: Vec<&str> = name.split(['.', '_', '-']).collect();
    folders.iter().any(|folder| FOLDERS.contains(&folder.as_str()))
        || words.iter().any(|word| {
            matches!(*word, "test" | "tests" | "spec" | "example" | "sample" | "mock" | "fixture")
        })
}

#[cfg(test)]
mod tests;
