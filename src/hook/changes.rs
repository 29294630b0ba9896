//! The arguments of an agent's own tool → the files that it changes, and how.
//! Knows the names under which agents put a path, a new content and a text
//! that gives way to another. No I/O.

use serde_json::{Map, Value};

use super::call::{COMMANDS, Change, Edit, plain, text};
use crate::parse::patch;

/// Where a file's path stands in them.
const PATHS: &[&str] = &[
    "file_path",
    "filePath",
    "path",
    "notebook_path",
    "target_file",
    "targetFile",
    "absolute_path",
    "TargetFile",
    "uri",
];

/// Where a file's new content stands in them.
const CONTENTS: &[&str] = &[
    "content",
    "contents",
    "file_text",
    "fileText",
    "CodeContent",
    "text",
    "new_source",
    "new_text",
];

/// Texts that give way, and what to, in the agents' spellings.
const SWAPS: &[(&str, &str)] = &[
    ("old_string", "new_string"),
    ("oldString", "newString"),
    ("old_str", "new_str"),
    ("oldStr", "newStr"),
    ("oldText", "newText"),
    ("old_text", "new_text"),
    ("TargetContent", "ReplacementContent"),
];

/// The files that the patch in a tool's arguments changes, if there is one.
pub(super) fn patched(arguments: &Map<String, Value>) -> Vec<Edit> {
    let mut texts = arguments.values().filter_map(Value::as_str);
    let files = texts.find(|text| patch::is_patch(text)).map(patch::files).unwrap_or_default();
    let change = |change| match change {
        patch::Change::Add(text) => Change::Write(text),
        patch::Change::Cut(lines) => Change::Cut(lines),
        patch::Change::Remove => Change::Remove,
    };
    files.into_iter().map(|file| Edit { path: file.path, change: change(file.change) }).collect()
}

/// The files that a tool's arguments change.
pub(super) fn edits(name: &str, arguments: &Map<String, Value>) -> Vec<Edit> {
    const READS: &[&str] =
        &["read", "view", "grep", "glob", "list", "search", "ls", "open", "fetch"];
    const TAKES: &[&str] = &["delete", "remove", "move", "rename", "unlink"];
    let Some(path) = text(arguments, PATHS) else { return Vec::new() };
    let edit = |change| Edit { path: path.to_owned(), change };
    // An editor's own word for what it does (`command: "create"`).
    let verb = text(arguments, COMMANDS).map(plain).unwrap_or_default();
    let reads = |word: &str| READS.iter().any(|read| word.starts_with(read));
    let mut swaps = swaps(arguments);
    for list in ["edits", "edit", "chunks", "ReplacementChunks"] {
        if let Some(Value::Array(list)) = arguments.get(list) {
            swaps.extend(list.iter().filter_map(Value::as_object).flat_map(self::swaps));
        }
    }
    let mut out = Vec::new();
    if !swaps.is_empty() {
        out.push(edit(Change::Replace(swaps)));
    } else if let Some(content) = text(arguments, CONTENTS).filter(|_| !reads(name)) {
        let between =
            name.contains("insert") || verb == "insert" || arguments.contains_key("insert_line");
        out.push(edit(match between {
            // What is put in between takes nothing away.
            true => Change::Replace(Vec::new()),
            false => Change::Write(content.to_owned()),
        }));
    } else if TAKES.iter().any(|take| name.contains(take) || verb.starts_with(take)) {
        out.push(edit(Change::Remove));
    } else if let Some(code) = text(arguments, &["code_edit", "code", "diff", "patch"]) {
        out.push(edit(Change::Cut(code.to_owned())));
    }
    out
}

fn swaps(arguments: &Map<String, Value>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (old, new) in SWAPS {
        if let Some(old) = text(arguments, &[old]) {
            let new = text(arguments, &[new]).unwrap_or_default();
            out.push((old.to_owned(), new.to_owned()));
        }
    }
    out
}
