//! find and fd: the commands behind `-exec` and its kin, with a hole for what
//! is found. What find deletes itself is the folder's, and no concern here.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use super::line::shell_action;
use super::state::unknown;
use super::wrapper::template;
use crate::actions::{Call, Reading};
use crate::invocation::{COMPUTED, Invocation};

/// The most commands of one call that are followed.
const MAX_COMMANDS: usize = 50;

/// What stands for a path that was found; the last four are fd's.
const MARKS: [&[u8]; 5] = [b"{/.}", b"{//}", b"{/}", b"{.}", b"{}"];

/// Reads a call.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let outer = call.context.invocation;
    let is_fd = outer.tool().starts_with("fd");
    let mut reading = Reading::default();
    let mut at = 1;
    while at < outer.argv.len() && reading.inner.len() < MAX_COMMANDS {
        let word = outer.argv.get(at).map(|word| word.as_bytes()).unwrap_or_default();
        at += 1;
        let runs = match is_fd {
            true => matches!(word, b"-x" | b"--exec" | b"-X" | b"--exec-batch"),
            false => matches!(word, b"-exec" | b"-execdir" | b"-ok" | b"-okdir"),
        };
        if !runs {
            continue;
        }
        let words = outer.argv.get(at..).unwrap_or_default();
        let ends = |from: usize, word: &OsString| {
            let text = word.as_bytes();
            let before = words.get(from.wrapping_sub(1)).map(|word| word.as_bytes());
            text == b";" || (!is_fd && text == b"+" && before == Some(b"{}"))
        };
        let count = words.iter().enumerate().position(|(from, word)| ends(from, word));
        let count = count.unwrap_or(words.len());
        let in_folder = word.ends_with(b"dir");
        reading.absorb(command(outer, at, count, in_folder, is_fd));
        at += count + 1;
    }
    reading
}

/// The command of `count` words from `from` on.
fn command(outer: &Invocation, from: usize, count: usize, in_folder: bool, is_fd: bool) -> Reading {
    if count == 0 {
        return Reading::default();
    }
    let mut inner = Invocation {
        argv: Vec::new(),
        dynamic: Vec::new(),
        templates: Vec::new(),
        ..outer.clone()
    };
    if in_folder {
        inner.cwd = Some(PathBuf::from(COMPUTED));
    }
    let mut marked = false;
    for index in from..from + count {
        let text = template(outer, index, 0);
        let (text, holes) = with_holes(&text);
        marked |= holes;
        if holes || outer.is_dynamic(index) {
            inner.dynamic.push(inner.argv.len());
            inner.templates.push((inner.argv.len(), OsString::from_vec(text)));
        }
        inner.argv.push(outer.argv.get(index).cloned().unwrap_or_default());
    }
    if is_fd && !marked {
        inner.dynamic.push(inner.argv.len());
        inner.templates.push((inner.argv.len(), OsString::from_vec(unknown())));
        inner.argv.push("{}".into());
    }
    if inner.is_dynamic(0) {
        return Reading::of(shell_action("find -exec", "find runs what it finds"));
    }
    Reading { inner: vec![inner], ..Reading::default() }
}

/// A word with a hole for each mark, and whether it has one.
fn with_holes(text: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut found = false;
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        match MARKS.iter().find_map(|mark| rest.strip_prefix(*mark)) {
            Some(after) => {
                out.extend(unknown());
                found = true;
                rest = after;
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    (out, found)
}
