//! Commands that a git command runs: what an alias stands for, programs that
//! settings on the line name, and the commands of `rebase --exec`, `bisect
//! run` and `submodule foreach`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::Here;
use crate::actions::Reading;
use crate::invocation::{COMPUTED, Context, Invocation};
use crate::parse::argv::Parsed;
use crate::parse::git_config;

/// Settings whose value is a shell line.
const LINES: &[&str] = &[
    "core.askpass",
    "core.editor",
    "core.fsmonitor",
    "core.gitproxy",
    "core.pager",
    "core.sshcommand",
    "credential.helper",
    "diff.external",
    "gpg.program",
    "interactive.difffilter",
    "sendemail.sendmailcmd",
    "sequence.editor",
];

/// Variables whose value is one.
const VARIABLES: &[&str] = &[
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH_COMMAND",
];

/// The most values of one alias that are followed.
const MAX_VALUES: usize = 8;

/// The programs that settings and variables on the line itself name.
pub(super) fn settings(context: &Context<'_>) -> Vec<Invocation> {
    let invocation = context.invocation;
    let mut lines: Vec<String> = Vec::new();
    for pair in invocation.argv.windows(2).take(100) {
        let [option, value] = pair else { continue };
        let value = value.to_string_lossy();
        let Some((name, value)) = value.split_once('=').filter(|_| option == "-c") else {
            continue;
        };
        let name = git_config::canonical(name);
        let is_line = LINES.contains(&name.as_str())
            || name.starts_with("pager.")
            || [".cmd", ".textconv", ".command", ".clean", ".smudge", ".process"]
                .iter()
                .any(|end| name.ends_with(end) && !name.starts_with("alias."));
        if is_line {
            lines.push(value.trim_start_matches('!').to_owned());
        }
    }
    for (name, value) in invocation.env.iter() {
        let value = value.as_ref().filter(|value| *value != COMPUTED);
        if let Some(value) = value.filter(|_| VARIABLES.iter().any(|known| name == *known)) {
            lines.push(value.to_string_lossy().into_owned());
        }
    }
    lines.retain(|line| !line.is_empty());
    lines.iter().map(|line| words(invocation, ["sh", "-c", line], usize::MAX)).collect()
}

/// An invocation of `front`, followed by the words of `from` from `skip` on.
fn words<S: AsRef<OsStr>>(
    from: &Invocation,
    front: impl IntoIterator<Item = S>,
    skip: usize,
) -> Invocation {
    let mut argv: Vec<OsString> = front.into_iter().map(|word| word.as_ref().to_owned()).collect();
    let base = argv.len();
    let moved = |at: usize| at.checked_sub(skip).map(|place| place + base);
    argv.extend(from.argv.iter().skip(skip).cloned());
    Invocation {
        argv,
        dynamic: from.dynamic.iter().filter_map(|at| moved(*at)).collect(),
        templates: from
            .templates
            .iter()
            .filter_map(|(at, text)| Some((moved(*at)?, text.clone())))
            .collect(),
        ..from.clone()
    }
}

impl Here<'_> {
    /// What a word that is no command of git's stands for: an alias, or a
    /// program called `git-WORD`. `at` is where it stands in the call's words.
    pub(super) fn alias(&self, name: &str, at: usize) -> Reading {
        let context = &self.call.context;
        let settings = self.repository.settings(context, &self.globals);
        let lower = name.to_ascii_lowercase();
        let (short, long) = (format!("alias.{lower}"), format!("alias.{name}.command"));
        let mut values: Vec<&str> = settings.all(&short).chain(settings.all(&long)).collect();
        values.sort_unstable();
        values.dedup();
        let outer = context.invocation;
        let mut reading = Reading::default();
        for value in values.into_iter().take(MAX_VALUES) {
            if let Some(line) = value.strip_prefix('!') {
                reading.inner.push(self.shell_alias(line));
            } else if let Some(found) = git_config::alias_words(value) {
                let globals = outer.argv.get(..at).unwrap_or_default().iter().cloned();
                let front = globals.chain(found.into_iter().map(OsString::from));
                let mut inner = words(outer, front, at + 1);
                // What is computed in front of the command stays so.
                inner.dynamic.extend(outer.dynamic.iter().filter(|place| **place < at));
                reading.inner.push(inner);
            }
        }
        let program = format!("git-{name}");
        reading.inner.push(words(&self.inner, [program.as_str()], 2));
        reading
    }

    /// `!line`: a shell runs it at the top of the work tree.
    fn shell_alias(&self, line: &str) -> Invocation {
        let mut inner = match self.inner.argv.len() > 2 {
            true => words(&self.inner, ["sh", "-c", &format!("{line} \"$@\""), line], 2),
            false => words(&self.inner, ["sh", "-c", line], usize::MAX),
        };
        inner.cwd = Some(match (&self.repository.top, &self.globals.git_dir) {
            (Some(top), None) => top.clone(),
            _ => self.globals.dir.clone(),
        });
        let dir = |name: &OsString| Some(self.globals.dir.join(Path::new(name)).into_os_string());
        if let Some(git_dir) = &self.globals.git_dir {
            inner.env.push(("GIT_DIR".into(), dir(git_dir)));
        }
        if let Some(work_tree) = &self.globals.work_tree {
            inner.env.push(("GIT_WORK_TREE".into(), dir(work_tree)));
        }
        let quote = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
        let settings: Vec<String> = self
            .globals
            .settings
            .iter()
            .map(|entry| {
                let value = entry.value.as_deref().map(&quote).unwrap_or_default();
                format!("{}={value}", quote(&entry.name))
            })
            .collect();
        if !settings.is_empty() {
            inner.env.push(("GIT_CONFIG_COUNT".into(), None));
            inner.env.push(("GIT_CONFIG_PARAMETERS".into(), Some(settings.join(" ").into())));
        }
        inner
    }

    /// The commands that `rebase --exec`, `bisect run` and `submodule foreach`
    /// run.
    pub(super) fn inside(&self, operation: &str, parsed: &Parsed<'_>) -> Vec<Invocation> {
        let mut inner = match operation {
            "rebase" => parsed
                .all("--exec")
                .filter_map(|given| given.value)
                .map(|value| {
                    words(&self.inner, [OsStr::new("sh"), OsStr::new("-c"), value.text], usize::MAX)
                })
                .collect(),
            _ => {
                let Some(first) = parsed.positionals.first() else { return Vec::new() };
                match (operation, parsed.positionals.len()) {
                    ("submodule foreach", 1) => vec![words(
                        &self.inner,
                        [OsStr::new("sh"), OsStr::new("-c"), first.text],
                        usize::MAX,
                    )],
                    _ => vec![self.inner.tail(first.index)],
                }
            }
        };
        let top = self.repository.top.clone().unwrap_or_else(|| self.globals.dir.clone());
        if operation != "submodule foreach" {
            for one in &mut inner {
                one.cwd = Some(top.clone());
            }
            return inner;
        }
        let dirs = self.submodules();
        let each = dirs.iter().flat_map(|dir| {
            let cwd = Some(top.join(dir));
            inner.iter().map(move |one| Invocation { cwd: cwd.clone(), ..one.clone() })
        });
        each.collect()
    }
}
