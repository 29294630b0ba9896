//! What a change to a repository's files would do once it is applied or
//! pushed: texts before and after in, findings out. One file a family. Only
//! what the change adds or takes away counts. Pure: nothing here asks git,
//! reads a file or decides what becomes of a finding.

pub mod terraform;

use crate::text::visible;

/// The most characters of a name that a sentence shows.
const NAME: usize = 80;

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
