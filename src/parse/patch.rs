//! The patches of `apply_patch` (Codex, OpenCode, Copilot, Cline) → which
//! files they change and what they take out of them. Reads headers, removed
//! and added lines; applies nothing.

/// The line that such a patch begins with.
const BEGIN: &str = "*** Begin Patch";

/// What a patch does to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The file is new; this is its content.
    Add(String),
    /// The file stays; these lines are taken out of it.
    Cut(String),
    /// The file is removed, or moved away.
    Remove,
}

/// A file that a patch changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patched {
    /// Its path, as the patch has it.
    pub path: String,
    /// What is done to it.
    pub change: Change,
}

/// Whether a text is such a patch.
pub fn is_patch(text: &str) -> bool {
    text.trim_start().starts_with(BEGIN)
}

/// The changes of a patch, a file each.
pub fn files(text: &str) -> Vec<Patched> {
    let mut out: Vec<Patched> = Vec::new();
    for line in text.lines() {
        let header = line.trim().strip_prefix("*** ").and_then(|header| header.split_once(": "));
        if let Some((what, path)) = header {
            let change = match what {
                "Add File" => Change::Add(String::new()),
                "Update File" => Change::Cut(String::new()),
                "Delete File" => Change::Remove,
                "Move to" => {
                    // What was at the old path is gone, too.
                    if let Some(last) = out.last_mut() {
                        last.change = Change::Remove;
                    }
                    Change::Add(String::new())
                }
                _ => continue,
            };
            out.push(Patched { path: path.trim().to_owned(), change });
            continue;
        }
        let Some(last) = out.last_mut() else { continue };
        match (&mut last.change, line.strip_prefix('+'), line.strip_prefix('-')) {
            (Change::Add(text), Some(line), _) | (Change::Cut(text), _, Some(line)) => {
                text.push_str(line);
                text.push('\n');
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_is_a_file() {
        let text = "*** Begin Patch\n*** Add File: a\n+one\n+two\n*** Update File: b\n@@\n-old\n+new\n same\n\
                    *** Delete File: c\n*** Update File: d\n*** Move to: e\n*** End of File\n*** End Patch\n";
        assert!(is_patch(text) && is_patch(&format!("\n {text}")) && !is_patch("x"));
        let found: Vec<(String, Change)> =
            files(text).into_iter().map(|file| (file.path, file.change)).collect();
        let expected = [
            ("a", Change::Add("one\ntwo\n".into())),
            ("b", Change::Cut("old\n".into())),
            ("c", Change::Remove),
            ("d", Change::Remove),
            ("e", Change::Add(String::new())),
        ];
        assert_eq!(found, expected.map(|(path, change)| (path.to_owned(), change)));
    }

    #[test]
    fn what_is_no_patch_changes_nothing() {
        for text in ["", "x", "*** Begin Patch", "+a\n-b", "*** Add File a", "***"] {
            assert_eq!(files(text), [], "{text}");
        }
    }
}
