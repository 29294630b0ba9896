//! Files by which git's hooks call holdpoint, as `holdpoint git install`
//! leaves them: hooks, settings of lefthook and pre-commit, settings of git.
//! Says whether what is done to a path has them call it no more.

use std::path::{Path, PathBuf};

use super::own::{MAX_START_UP, Own, Touch};
use crate::invocation::Context;
use crate::target::git_hooks::{ALL_EVENTS, LEFTHOOK, PRE_COMMIT, is_ours};

/// Folders of hooks, below which one of holdpoint's may be.
const FOLDERS: &[&str] = &["hooks", ".husky", ".husky/_"];

/// git's own files of settings.
const SETTINGS: &[&str] = &[".gitconfig", ".git/config", ".git/config.worktree", "git/config"];

/// A file that would call holdpoint no more.
pub(super) fn hit(context: &Context<'_>, path: &Path, touch: Touch<'_>) -> Option<Own> {
    let own = |path: PathBuf| Own { noun: "hook", path, is_folder: false };
    let read = |path: &Path| {
        let text = context.world.read(path, MAX_START_UP).ok()?;
        Some(String::from_utf8_lossy(&text).into_owned())
    };
    let hook = |path: PathBuf| read(&path).is_some_and(|text| is_ours(&text)).then(|| own(path));
    let name = path.file_name()?.to_str()?;
    if ALL_EVENTS.contains(&name) {
        let loses = match touch {
            Touch::Append => false,
            Touch::Edit { .. } | Touch::Remove { .. } | Touch::Replace(None) => true,
            Touch::Replace(Some(text)) => !is_ours(&String::from_utf8_lossy(text)),
        };
        return if loses { hook(path.to_owned()) } else { None };
    }
    let list = [LEFTHOOK, PRE_COMMIT, SETTINGS].concat();
    if list.iter().any(|file| path.ends_with(file)) {
        let there = read(path).filter(|text| calls(text) > 0)?;
        let loses = match touch {
            Touch::Append => false,
            Touch::Edit { named } => named,
            Touch::Remove { .. } | Touch::Replace(None) => true,
            Touch::Replace(Some(text)) => calls(&String::from_utf8_lossy(text)) < calls(&there),
        };
        return loses.then(|| own(path.to_owned()));
    }
    // A folder that goes with everything in it.
    let Touch::Remove { deep: true } = touch else { return None };
    let folders: Vec<PathBuf> = match name {
        ".git" => vec![path.join("hooks")],
        ".husky" => vec![path.to_owned(), path.join("_")],
        _ if FOLDERS.iter().any(|folder| path.ends_with(folder)) => vec![path.to_owned()],
        _ => return None,
    };
    let files = folders.iter().flat_map(|folder| ALL_EVENTS.iter().map(|name| folder.join(name)));
    files.into_iter().find_map(hook)
}

/// How often a text has holdpoint called by a hook.
fn calls(text: &str) -> usize {
    let line = |line: &&str| line.contains("holdpoint") && line.contains("git-hook");
    text.lines().filter(line).count()
}
