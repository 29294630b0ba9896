//! Ways to have git not call holdpoint's hook: `push --no-verify`, another
//! `core.hooksPath`, `HUSKY=0`. They disarm only where the hook is installed;
//! elsewhere they are nobody's business.

use super::{Here, is_on};
use crate::action::{Action, Effect, Flag, Flags};
use crate::invocation::Context;
use crate::parse::argv;
use crate::target::git::{Globals, local as local_target};

/// Whether the words, or settings and variables on the line, may keep a hook
/// from being called. Reads no file.
pub(super) fn may_skip(context: &Context<'_>, globals: &Globals, name: &str) -> bool {
    match name {
        "push" => {
            let words = context.invocation.argv.iter();
            words.skip(1).any(|word| word.to_string_lossy().starts_with("--no-v"))
                || sets_path(globals)
                || context.text_var("HUSKY").is_some_and(|value| value == "0")
        }
        "config" => writes_path(context),
        _ => false,
    }
}

fn sets_path(globals: &Globals) -> bool {
    globals.settings.iter().any(|entry| entry.name == "core.hookspath")
}

/// Whether `git config` sets or unsets core.hooksPath.
fn writes_path(context: &Context<'_>) -> bool {
    let words: Vec<String> =
        context.invocation.argv.iter().map(|word| word.to_string_lossy().to_lowercase()).collect();
    let Some(at) = words.iter().position(|word| word == "core.hookspath") else { return false };
    let reads = ["get", "--get", "--get-all", "--get-regexp", "list", "--list", "-l"];
    let unsets = ["unset", "--unset", "--unset-all"];
    let front = words.get(..at).unwrap_or_default();
    let has = |list: &[&str]| front.iter().any(|word| list.contains(&word.as_str()));
    !has(&reads) && (has(&unsets) || words.len() > at + 1)
}

impl Here<'_> {
    /// What a command does that keeps holdpoint's hook from being called.
    pub(super) fn skipped(&self, name: &str) -> Option<Action> {
        let context = &self.call.context;
        // Where the hook lies by the files, whatever the line says.
        let without = Globals { settings: Vec::new(), ..self.globals.clone() };
        let settings = self.repository.settings(context, &without);
        let hooks = self.repository.hooks(context, &settings)?;
        if !hooks.judge(context, "pre-push") {
            return None;
        }
        let summary = if name == "config" {
            "Has git look for hooks elsewhere, so that holdpoint no longer judges what is pushed."
        } else {
            let parsed = argv::parse(self.call.tool, &self.inner, false);
            let husky = hooks.husky && context.text_var("HUSKY").is_some_and(|value| value == "0");
            if is_on(&parsed, "--dry-run", "--no-dry-run")
                || !(is_on(&parsed, "--no-verify", "--verify") || husky || sets_path(&self.globals))
            {
                return None;
            }
            "Pushes past the hook by which holdpoint judges what is pushed."
        };
        Some(Action {
            flags: Flags::of(&[Flag::Disarm]),
            summary: summary.to_owned(),
            rule: "git/hooks".into(),
            instead: Some("Push with the hook in place: it stops only what rewrites or deletes a protected branch.".into()),
            target: local_target(self.repository.top.as_deref(), &self.globals.dir),
            ..Action::new(Effect::Write, if name == "config" { "config core.hooksPath" } else { "push --no-verify" })
        })
    }
}
