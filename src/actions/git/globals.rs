//! What stands between `git` and its command: where it works, and settings.
//! git accepts no abbreviations here.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::invocation::{COMPUTED, Context};
use crate::parse::git_config::Entry;
use crate::target::git::{Globals, environment};

/// Options that take the next word, or a value behind `=`.
const VALUES: &[&str] =
    &["--git-dir", "--work-tree", "--namespace", "--super-prefix", "--config-env", "--attr-source"];

/// Options that change how pathspecs are read.
const PATHSPECS: &[&str] =
    &["--literal-pathspecs", "--glob-pathspecs", "--noglob-pathspecs", "--icase-pathspecs"];

/// Where the command works, and where in argv it stands; nothing if git only
/// prints something about itself.
pub(super) fn read(context: &Context<'_>) -> Option<(Globals, usize)> {
    let invocation = context.invocation;
    let mut globals = Globals {
        dir: context.cwd().unwrap_or_default(),
        git_dir: context.var("GIT_DIR"),
        work_tree: context.var("GIT_WORK_TREE"),
        settings: environment(context),
        ..Globals::default()
    };
    for dir in [&globals.git_dir, &globals.work_tree].into_iter().flatten() {
        if dir == COMPUTED {
            globals.gap = Some("which repository it works on is computed at run time".to_owned());
        }
    }
    if globals.dir.to_string_lossy().contains(COMPUTED) {
        globals.gap = Some("its directory is computed at run time".to_owned());
    }
    let mut at = 1;
    while let Some(word) = invocation.argv.get(at) {
        let text = word.to_string_lossy();
        if !text.starts_with('-') {
            break;
        }
        let named = VALUES.iter().find_map(|name| {
            let rest = text.strip_prefix(name)?;
            match rest.strip_prefix('=') {
                Some(value) => Some((*name, Some(OsString::from(value)), at)),
                None if rest.is_empty() => {
                    Some((*name, invocation.argv.get(at + 1).cloned(), at + 1))
                }
                None => None,
            }
        });
        let named = named.or_else(|| {
            let name = ["-C", "-c"].into_iter().find(|name| text == *name)?;
            Some((name, invocation.argv.get(at + 1).cloned(), at + 1))
        });
        match named {
            Some((name, value, place)) => {
                let value = value?;
                if invocation.is_dynamic(place) && name != "-c" {
                    let what = "which repository it works on is computed at run time";
                    globals.gap = Some(what.to_owned());
                }
                apply(context, &mut globals, name, value);
                at = place;
            }
            None if matches!(
                text.as_ref(),
                "-v" | "--version"
                    | "-h"
                    | "--help"
                    | "--exec-path"
                    | "--html-path"
                    | "--man-path"
                    | "--info-path"
            ) || text.starts_with("--list-cmds") =>
            {
                return None;
            }
            None if PATHSPECS.contains(&text.as_ref()) => globals.pathspec.push(word.clone()),
            None => {}
        }
        at += 1;
    }
    Some((globals, at))
}

fn apply(context: &Context<'_>, globals: &mut Globals, name: &str, value: OsString) {
    match name {
        "-C" => globals.dir = globals.dir.join(PathBuf::from(value)),
        "--git-dir" => globals.git_dir = Some(value),
        "--work-tree" => globals.work_tree = Some(value),
        "-c" => {
            let text = value.to_string_lossy();
            let entry = match text.split_once('=') {
                Some((name, value)) => Entry::new(name, Some(value)),
                None => Entry::new(&text, None),
            };
            globals.settings.push(entry);
        }
        "--config-env" => {
            let text = value.to_string_lossy();
            let Some((name, variable)) = text.rsplit_once('=') else { return };
            let value = context.var(variable).unwrap_or_default();
            globals.settings.push(Entry::new(name, Some(&value.to_string_lossy())));
        }
        _ => {}
    }
}
