//! Hooks as files in the folder where git, or husky, looks for them. A hook
//! that is there already is kept beside and runs behind holdpoint's.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::target::git_hooks::{HOOK_MARK, Hooks, MANAGED, before, is_ours};

/// What `install` found.
pub(super) enum Put {
    /// Nothing was in its place.
    New,
    /// What was there is kept here.
    Chained(PathBuf),
}

fn failed(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

/// Puts the hook of an event in place.
pub(super) fn install(hooks: &Hooks, event: &str, program: &str) -> Result<Put, String> {
    let hook = hooks.file(event);
    let kept = before(&hook);
    if let Some(folder) = hook.parent() {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    let there = hook.symlink_metadata().is_ok();
    let chained = there && !is_placed(&hook);
    if chained {
        // Who wrote the same hook over ours again loses nothing by it.
        let same = fs::read(&kept).ok().is_some_and(|kept| fs::read(&hook).ok() == Some(kept));
        if kept.symlink_metadata().is_ok() && !same {
            return Err(format!("{} is there already, and would be lost", kept.display()));
        }
        fs::rename(&hook, &kept).map_err(failed(&hook))?;
    }
    let husky = hooks.husky && MANAGED.contains(&event);
    let written = write(&hook, &script(event, husky, program));
    if written.is_err() && chained {
        let _ = fs::rename(&kept, &hook);
    }
    written.map_err(failed(&hook))?;
    Ok(if kept.symlink_metadata().is_ok() { Put::Chained(kept) } else { Put::New })
}

/// Takes the hook of an event away and puts back what was there before. Says
/// whether it was holdpoint's.
pub(super) fn remove(hooks: &Hooks, event: &str) -> Result<bool, String> {
    let hook = hooks.file(event);
    if !is_placed(&hook) {
        return Ok(false);
    }
    let kept = before(&hook);
    match kept.symlink_metadata() {
        Ok(_) => fs::rename(&kept, &hook).map_err(failed(&kept))?,
        Err(_) => fs::remove_file(&hook).map_err(failed(&hook))?,
    }
    Ok(true)
}

/// Whether the file is a hook that holdpoint wrote.
pub(super) fn is_placed(hook: &Path) -> bool {
    fs::read_to_string(hook).is_ok_and(|text| is_ours(&text))
}

/// Writes a hook in one step, so that git never finds half of one.
fn write(hook: &Path, text: &str) -> io::Result<()> {
    let new = hook.with_extension(format!("new-{}", std::process::id()));
    fs::write(&new, text)?;
    fs::set_permissions(&new, Permissions::from_mode(0o755))?;
    fs::rename(&new, hook)
}

/// Keeps standard input for two readers.
const LINES: &str = "lines=$(cat)\ntold() { [ -z \"$lines\" ] || printf '%s\\n' \"$lines\"; }\n";

/// The hook's text. `program` is quoted for a shell.
fn script(event: &str, husky: bool, program: &str) -> String {
    // husky's own scripts need not be executable, and stop at a failure.
    let (test, run) = if husky { ("-f", "sh -e ") } else { ("-x", "") };
    let judge = format!("\"$holdpoint\" git-hook {event} \"$@\"");
    let mut text = format!(
        "#!/bin/sh\n{HOOK_MARK}\n# A hook that was here before is {event}.before-holdpoint, and still \
         runs.\nholdpoint={program}\n[ -x \"$holdpoint\" ] || holdpoint=holdpoint\n\
         before=\"$(dirname -- \"$0\")/{event}.before-holdpoint\"\n"
    );
    // pre-commit moves a hook that is not its own to this name and runs it,
    // which would run pre-commit once more.
    let alone =
        format!("case $0 in *.legacy) before= ;; esac\nif ! [ {test} \"$before\" ]; then\n");
    match event {
        "pre-commit" | "commit-msg" => {
            text += &format!(
                "{alone}    exec {judge}\nfi\n{judge} || exit 1\nexec {run}\"$before\" \"$@\"\n"
            );
        }
        "reference-transaction" => {
            text += &format!(
                "if [ \"$1\" != prepared ] && ! [ {test} \"$before\" ]; then\n    exit 0\nfi\n\
                 {alone}    exec {judge}\nfi\n{LINES}\
                 if [ \"$1\" = prepared ]; then\n    told | {judge} || exit 1\nfi\n\
                 told | {run}\"$before\" \"$@\"\n"
            );
        }
        _ => {
            text += &format!(
                "{alone}    exec {judge}\nfi\n{LINES}told | {judge} || exit 1\n\
                 told | {run}\"$before\" \"$@\"\n"
            );
        }
    }
    text
}
