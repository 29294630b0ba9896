//! A change to a file as the invocation of `edit-file` (rules/files.toml),
//! which stands for every agent's own editor: whether it touches what is
//! holdpoint's is decided where the same is decided for `tee` and `sed -i`.

use std::ffi::OsString;

use super::call::{Change, Edit};
use crate::invocation::{Context, Invocation, Stdin};
use crate::world::World;

/// The longest file that a change is worked out in, in bytes.
const MAX_FILE: usize = 1 << 20;

/// The most texts that give way in one change that is worked out.
const MAX_SWAPS: usize = 200;

/// The invocation. Its standard input is the file's content from then on,
/// where that can be told.
pub(super) fn invocation(edit: &Edit, surroundings: Invocation, world: &dyn World) -> Invocation {
    let content = content(edit, &surroundings, world);
    let mut argv: Vec<OsString> = vec!["edit-file".into()];
    argv.push(match (&edit.change, &content) {
        (Change::Remove, _) => "--remove".into(),
        (_, Some(_)) => "--write".into(),
        (Change::Write(_) | Change::Replace(_) | Change::Cut(_), None) => "--change".into(),
    });
    argv.push(edit.path.clone().into());
    match (&edit.change, &content) {
        (Change::Replace(swaps), None) => argv.extend(swaps.iter().map(|(old, _)| old.into())),
        (Change::Cut(lines), None) => argv.push(lines.into()),
        _ => {}
    }
    let stdin = match content {
        Some(text) => Stdin::Text(text.into_bytes().into()),
        None => Stdin::Text(Vec::new().into()),
    };
    Invocation { argv, stdin, ..surroundings }
}

/// What is in the file from then on.
fn content(edit: &Edit, surroundings: &Invocation, world: &dyn World) -> Option<String> {
    let swaps = match &edit.change {
        Change::Write(text) => return Some(text.clone()),
        Change::Replace(swaps) => swaps,
        Change::Cut(_) | Change::Remove => return None,
    };
    let context = Context { invocation: surroundings, world };
    let mut text = String::from_utf8(context.read(&edit.path, MAX_FILE).ok()?).ok()?;
    if swaps.len() > MAX_SWAPS {
        return None;
    }
    for (old, new) in swaps {
        let count = if old.is_empty() { 0 } else { text.matches(old.as_str()).count() };
        let grown = count.checked_mul(new.len())?.checked_add(text.len())?;
        if count == 0 || grown > 2 * MAX_FILE {
            return None;
        }
        text = text.replace(old.as_str(), new);
    }
    Some(text)
}
