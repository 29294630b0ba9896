//! The patches of `apply_patch` (Codex, OpenCode, Copilot) → which files they
//! change and what they take out of them. Reads headers and removed lines;
//! applies nothing.

use super::call::{Change, Edit};

const BEGIN: &str = "*** Begin Patch";

/// Whether a text is such a patch.
pub(super) fn is_patch(text: &str) -> bool {
    text.trim_start().starts_with(BEGIN)
}

/// The changes of a patch, a file each.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut out: Vec<Edit> = Vec::new();
    for line in text.lines() {
        let header = line.strip_prefix("*** ").and_then(|header| header.split_once(": "));
        if let Some((what, path)) = header {
            let change = match what {
                "Add File" => Change::Write(String::new()),
                "Update File" => Change::Cut(String::new()),
                "Delete File" => Change::Remove,
                "Move to" => {
                    // What was at the old path is gone, too.
                    if let Some(last) = out.last_mut() {
                        last.change = Change::Remove;
                    }
                    Change::Write(String::new())
                }
                _ => continue,
            };
            out.push(Edit { path: path.trim().to_owned(), change });
            continue;
        }
        let Some(last) = out.last_mut() else { continue };
        match (&mut last.change, line.strip_prefix('+'), line.strip_prefix('-')) {
            (Change::Write(text), Some(line), _) | (Change::Cut(text), _, Some(line)) => {
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    out
}
