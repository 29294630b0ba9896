//! Reads git: what stands in front of the command, aliases, the commands that
//! other commands run, and those that could lose work or somebody else's
//! history. Whether work would be lost is asked of git itself, and only for a
//! command that could; nothing that the repository names is run for it.

mod aliases;
pub mod changes;
mod commit;
mod globals;
mod history;
mod hook;
mod local;
mod lookup;
mod push;
mod skip;
mod submodules;
mod transaction;

use std::ffi::OsString;

pub use commit::CHANGE;

use super::{Call, Reading};
use crate::action::{Action, Effect, Flag, Flags};
use crate::invocation::Invocation;
use crate::parse::argv::{self, Parsed};
use crate::rules::Command;
use crate::target::git::{Globals, Repository, local as local_target};

/// git's own commands that lose nothing, whatever their words: no alias can
/// stand for one of them. From `git --list-cmds=main` of git 2.47.3, without
/// those that the rule file names, that run other commands, or that a git of
/// ten years ago or a smaller package may lack.
const HARMLESS: &[&str] = &[
    "add",
    "am",
    "annotate",
    "apply",
    "archive",
    "blame",
    "bundle",
    "cat-file",
    "check-attr",
    "check-ignore",
    "check-mailmap",
    "check-ref-format",
    "cherry",
    "cherry-pick",
    "clone",
    "column",
    "commit",
    "commit-graph",
    "commit-tree",
    "count-objects",
    "credential",
    "credential-store",
    "describe",
    "diff",
    "diff-files",
    "diff-index",
    "diff-tree",
    "fast-export",
    "fast-import",
    "fetch",
    "fetch-pack",
    "fmt-merge-msg",
    "for-each-ref",
    "format-patch",
    "fsck",
    "fsck-objects",
    "get-tar-commit-id",
    "grep",
    "hash-object",
    "help",
    "index-pack",
    "init",
    "init-db",
    "interpret-trailers",
    "log",
    "ls-files",
    "ls-remote",
    "ls-tree",
    "mailinfo",
    "mailsplit",
    "merge",
    "merge-base",
    "merge-file",
    "merge-tree",
    "mktag",
    "mktree",
    "multi-pack-index",
    "mv",
    "name-rev",
    "notes",
    "pack-objects",
    "pack-refs",
    "patch-id",
    "prune-packed",
    "pull",
    "range-diff",
    "receive-pack",
    "remote",
    "repack",
    "replace",
    "rerere",
    "rev-list",
    "rev-parse",
    "revert",
    "shortlog",
    "show",
    "show-branch",
    "show-index",
    "show-ref",
    "sparse-checkout",
    "stage",
    "status",
    "stripspace",
    "symbolic-ref",
    "unpack-file",
    "unpack-objects",
    "update-index",
    "update-server-info",
    "upload-archive",
    "upload-pack",
    "var",
    "verify-commit",
    "verify-pack",
    "verify-tag",
    "version",
    "write-tree",
];

/// A git command at the place where it works.
struct Here<'a> {
    call: &'a Call<'a>,
    globals: Globals,
    repository: Repository,
    /// The command and its words, `git` in front of them.
    inner: Invocation,
}

/// Reads a call of git.
pub fn read(call: &Call<'_>) -> Reading {
    match call.tool.name {
        "git-hook" => return hook::read(call),
        "git" => {}
        _ => return skip::manager(call),
    }
    let invocation = call.context.invocation;
    let Some((globals, at)) = globals::read(&call.context) else { return Reading::default() };
    let mut reading = Reading { inner: aliases::settings(&call.context), ..Reading::default() };
    let Some(word) = invocation.argv.get(at) else { return reading };
    if invocation.is_dynamic(at) {
        let spelled = crate::text::visible(&word.to_string_lossy(), 40);
        let why = format!("the git command `{spelled}` is computed at run time");
        reading.actions.push(Action::opaque("computed command", why));
        return reading;
    }
    let name = word.to_string_lossy();
    let skips = skip::may_skip(&call.context, &globals, &name);
    if HARMLESS.binary_search(&name.as_ref()).is_ok() && !skips {
        return reading;
    }
    let mut inner = invocation.tail(at.saturating_sub(1));
    if let Some(first) = inner.argv.first_mut() {
        *first = OsString::from("git");
    }
    let repository = Repository::find(&call.context, &globals);
    let here = Here { call, globals, repository, inner };
    if skips {
        reading.actions.extend(here.skipped(&name));
    }
    let parsed = argv::parse(call.tool, &here.inner, false);
    match parsed.command {
        None if name == "config" || HARMLESS.contains(&name.as_ref()) => {}
        Some(command) => reading.absorb(here.command(&parsed, command)),
        None => reading.absorb(here.alias(&name, at)),
    }
    reading
}

impl Here<'_> {
    fn command(&self, parsed: &Parsed<'_>, command: &'static Command) -> Reading {
        let operation = command.operation();
        match operation.as_str() {
            "push" | "send-pack" => {
                Reading { actions: self.push(parsed, command), ..Reading::default() }
            }
            "am" | "commit" | "merge" | "pull" => Reading::default(),
            "rebase" | "bisect run" | "submodule foreach" => {
                Reading { inner: self.inside(&operation, parsed), ..Reading::default() }
            }
            _ => self.lookup(&operation, parsed, command),
        }
    }

    /// A command that loses what is only here: asks whether there is any.
    fn lookup(&self, operation: &str, parsed: &Parsed<'_>, command: &'static Command) -> Reading {
        let lost = match &self.globals.gap {
            Some(gap) if self.may_lose(operation, parsed) => Err(gap.clone()),
            Some(_) => Ok(None),
            None => self.loses(operation, parsed),
        };
        let (effect, summary) = match lost {
            Ok(None) if !self.call.full => return Reading::default(),
            Ok(None) => (Effect::Write, "Loses nothing that is not kept elsewhere.".to_owned()),
            Ok(Some(summary)) => (Effect::Destroy, summary),
            Err(why) => {
                (Effect::Destroy, format!("{} Whether it would is not known: {why}.", command.says))
            }
        };
        let destroys = effect == Effect::Destroy;
        let target = local_target(self.repository.top.as_deref(), &self.globals.dir);
        Reading::of(Action {
            flags: if destroys { Flags::of(&[Flag::Irreplaceable]) } else { Flags::NONE },
            summary,
            rule: format!("git/{operation}").into(),
            instead: (destroys && !command.instead.is_empty()).then(|| command.instead.into()),
            target,
            ..Action::new(effect, operation.to_owned())
        })
    }
}

/// Whether a switch is on: of its two spellings, the last counts.
fn is_on(parsed: &Parsed<'_>, yes: &str, no: &str) -> bool {
    let last =
        parsed.options.iter().rev().find(|given| given.option.is(yes) || given.option.is(no));
    last.is_some_and(|given| given.option.is(yes))
}

#[cfg(test)]
mod tests;
