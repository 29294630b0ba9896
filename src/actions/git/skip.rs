//! Ways to have git not call holdpoint's hooks: `--no-verify`, another
//! `core.hooksPath`, `hook.NAME.enabled`, a variable of the manager's, taking
//! the manager's hooks away, a push by plumbing. They disarm only where
//! holdpoint is called by a hook; elsewhere they are nobody's business.

use super::{Here, is_on};
use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::{Call, Reading};
use crate::invocation::{Context, Invocation};
use crate::parse::argv::{self, Parsed};
use crate::parse::git_config::{Entry, canonical};
use crate::target::git::{Globals, Repository, local as local_target};
use crate::target::git_hooks::{ALL_EVENTS, By, MANAGED, armed};

/// Commands in the course of which git calls one of our hooks.
const HOOKED: &[&str] = &[
    "am",
    "branch",
    "checkout",
    "cherry-pick",
    "commit",
    "fetch",
    "merge",
    "pull",
    "push",
    "rebase",
    "reset",
    "revert",
    "switch",
    "update-ref",
];

/// Variables by which git would read other settings than its own files.
const SETTINGS: &[&str] = &["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"];

/// Those by which it finds the account's.
const HOMES: &[&str] = &["HOME", "XDG_CONFIG_HOME"];

/// Variables by which a manager calls no hooks, or others.
const MANAGERS: &[&str] = &[
    "HUSKY",
    "HUSKY_SKIP_HOOKS",
    "LEFTHOOK",
    "LEFTHOOK_BIN",
    "LEFTHOOK_CONFIG",
    "LEFTHOOK_EXCLUDE",
    "PREK_ALLOW_NO_CONFIG",
    "PREK_SKIP",
    "PRE_COMMIT_ALLOW_NO_CONFIG",
    "SKIP",
];

/// Whether the words, or settings and variables on the line, may keep a hook
/// from being called. Reads no file.
pub(super) fn may_skip(context: &Context<'_>, globals: &Globals, name: &str) -> bool {
    match name {
        "config" => written(context).is_some(),
        "send-pack" => true,
        _ if !HOOKED.contains(&name) => false,
        _ => {
            let words = || context.invocation.argv.iter().skip(1);
            let is_set = |names: &[&str]| names.iter().any(|name| context.text_var(name).is_some());
            let moved =
                |name: &&str| context.invocation.env.contains_key(std::ffi::OsStr::new(name));
            words().any(|word| {
                let word = word.to_string_lossy();
                // `-n`, perhaps among other letters.
                let short = matches!(name, "am" | "commit") && !word.starts_with("--");
                word.starts_with("--no-v") || short && word.starts_with('-') && word.contains('n')
            }) || globals.settings.iter().any(|entry| matters(&entry.name))
                || is_set(SETTINGS)
                || is_set(MANAGERS)
                || HOMES.iter().any(moved)
        }
    }
}

/// Whether a setting may have git call other hooks.
fn matters(name: &str) -> bool {
    name == "core.hookspath" || name == "include.path" || name.starts_with("hook.")
}

/// What `git config` writes: the name of the setting, or of a section, and
/// the value where there is one.
fn written(context: &Context<'_>) -> Option<(String, Option<String>)> {
    let words: Vec<String> =
        context.invocation.argv.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if has(&["get", "--get", "--get-all", "--get-regexp", "--get-urlmatch", "list", "--list", "-l"])
    {
        return None;
    }
    let unsets = has(&["unset", "--unset", "--unset-all", "--replace-all"]);
    let sections = ["remove-section", "--remove-section", "rename-section", "--rename-section"];
    let section = has(&sections);
    let names = |word: &String| {
        let name = canonical(word);
        match section {
            true => name == "core" || name.starts_with("hook."),
            false => matters(&name) && name != "include.path",
        }
    };
    let at = words.iter().position(names)?;
    let value = words.get(at + 1).cloned();
    (unsets || section || value.is_some()).then(|| {
        let name = words.get(at).map(|word| canonical(word)).unwrap_or_default();
        (name, value.filter(|_| !section && !has(&["unset", "--unset", "--unset-all"])))
    })
}

/// An event, and who has holdpoint called for it.
type Armed = Vec<(&'static str, Vec<By>)>;

/// The events for which holdpoint is called.
fn events(context: &Context<'_>, repository: &Repository, globals: &Globals) -> Armed {
    let settings = repository.settings(context, globals);
    let all = ALL_EVENTS.iter().map(|event| (*event, armed(context, repository, &settings, event)));
    all.filter(|(_, by)| !by.is_empty()).collect()
}

/// The same, whatever the line says: by the account's own files, or by those
/// that the surroundings name.
fn events_here(context: &Context<'_>, repository: &Repository, globals: &Globals) -> Armed {
    let without = Globals { settings: Vec::new(), ..globals.clone() };
    let plain = Invocation { env: crate::invocation::Env::default(), ..context.invocation.clone() };
    let mut own = plain.clone();
    own.env.extend(SETTINGS.iter().chain(HOMES).map(|name| (name.into(), None)));
    let mut found = events(&Context { invocation: &own, ..*context }, repository, &without);
    for (event, by) in events(&Context { invocation: &plain, ..*context }, repository, &without) {
        match found.iter_mut().find(|(have, _)| *have == event) {
            Some((_, have)) => have.extend(by),
            None => found.push((event, by)),
        }
    }
    found
}

impl Here<'_> {
    /// What a command does that keeps holdpoint's hooks from being called.
    pub(super) fn skipped(&self, name: &str) -> Option<Action> {
        let context = &self.call.context;
        let here = events_here(context, &self.repository, &self.globals);
        if here.is_empty() {
            return None;
        }
        let parsed = argv::parse(self.call.tool, &self.inner, false);
        let dry = is_on(&parsed, "--dry-run", "--no-dry-run");
        let (operation, summary) = match name {
            "config" => ("config".to_owned(), self.configures(&here)?),
            _ if dry => return None,
            "send-pack" => {
                here.iter().find(|(event, _)| *event == "pre-push")?;
                let says = "Pushes by plumbing, which calls no pre-push hook: holdpoint does not \
                            judge what is pushed.";
                (name.to_owned(), says.to_owned())
            }
            _ => self.passes_by(name, &parsed, &here)?,
        };
        Some(disarms(
            operation,
            summary,
            local_target(self.repository.top.as_deref(), &self.globals.dir),
        ))
    }

    /// What `git config` changes so that holdpoint is called less.
    fn configures(&self, here: &Armed) -> Option<String> {
        let (name, value) = written(&self.call.context)?;
        let kept = value.map(|value| Globals {
            settings: vec![Entry { name: name.clone(), value: Some(value) }],
            ..self.globals.clone()
        });
        // What an event's setting would be besides is not known from here.
        let list = name.starts_with("hook.holdpoint") && name.ends_with(".event");
        if let Some(globals) = kept.filter(|_| !list) {
            lost(here, &events(&self.call.context, &self.repository, &globals))?;
        } else if name.starts_with("hook.") && !name.starts_with("hook.holdpoint") {
            return None;
        }
        Some(format!(
            "Changes {} so that git no longer calls holdpoint.",
            crate::text::visible(&name, 80)
        ))
    }

    /// What a command passes by, and how.
    fn passes_by(&self, name: &str, parsed: &Parsed<'_>, here: &Armed) -> Option<(String, String)> {
        let context = &self.call.context;
        let has = |events: &[&str]| here.iter().any(|(event, _)| events.contains(event));
        // A commit passes by what is committed, a push by what is pushed.
        let skips: &[&str] = match name {
            "push" => &["pre-push"],
            "commit" | "merge" | "pull" | "am" | "rebase" => &["pre-commit", "commit-msg"],
            _ => &[],
        };
        let does = if name == "push" { "Pushes" } else { "Works" };
        if is_on(parsed, "--no-verify", "--verify") && has(skips) {
            let says = match name {
                "push" => "Pushes past the hook by which holdpoint judges what is pushed.",
                _ => "Commits past the hooks by which holdpoint judges what is committed.",
            };
            return Some((format!("{name} --no-verify"), says.to_owned()));
        }
        let now = events(context, &self.repository, &self.globals);
        if let Some(event) = lost(here, &now) {
            let says = format!(
                "{does} with settings under which git does not call holdpoint for {event}."
            );
            return Some((format!("{name} with other hooks"), says));
        }
        let variable = here.iter().flat_map(|(_, by)| by).find_map(|by| set(context, *by))?;
        let says = format!("{does} past holdpoint's hooks: {variable} has them left out.");
        Some((format!("{name} with {variable}"), says))
    }
}

/// An event for which holdpoint is called here, and would not be then.
fn lost(here: &Armed, then: &Armed) -> Option<&'static str> {
    let missing =
        |(event, _): &&(&'static str, Vec<By>)| !then.iter().any(|(have, _)| have == event);
    here.iter().find(missing).map(|(event, _)| *event)
}

/// A variable that has this manager leave hooks out.
fn set(context: &Context<'_>, by: By) -> Option<&'static str> {
    let is = |name: &str, values: &[&str]| {
        context.text_var(name).is_some_and(|value| values.contains(&value.as_str()))
    };
    let names = |name: &str| context.text_var(name).is_some_and(|list| list.contains("holdpoint"));
    let found = |name: &'static str, is: bool| is.then_some(name);
    match by {
        By::Folder | By::Setting => None,
        By::Husky => found("HUSKY", is("HUSKY", &["0"]))
            .or_else(|| found("HUSKY_SKIP_HOOKS", is("HUSKY_SKIP_HOOKS", &["1", "true"]))),
        By::Lefthook => found("LEFTHOOK", is("LEFTHOOK", &["0", "false"])).or_else(|| {
            let others = ["LEFTHOOK_BIN", "LEFTHOOK_CONFIG"];
            let other = others.into_iter().find(|name| context.text_var(name).is_some());
            other.or_else(|| found("LEFTHOOK_EXCLUDE", names("LEFTHOOK_EXCLUDE")))
        }),
        By::PreCommit => {
            let lists = ["SKIP", "PREK_SKIP"];
            let flags = ["PRE_COMMIT_ALLOW_NO_CONFIG", "PREK_ALLOW_NO_CONFIG"];
            let listed = lists.into_iter().find(|name| names(name));
            listed.or_else(|| flags.into_iter().find(|name| context.text_var(name).is_some()))
        }
    }
}

fn disarms(operation: String, summary: String, target: crate::target::Target) -> Action {
    Action {
        flags: Flags::of(&[Flag::Disarm]),
        summary,
        rule: "git/hooks".into(),
        instead: Some("Leave the hooks in place: they stop only what destroys. holdpoint git status tells what they do.".into()),
        target,
        ..Action::new(Effect::Write, operation)
    }
}

/// Reads a call of a manager's own program: whether it takes its hooks away.
pub(super) fn manager(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let Some(command) = parsed.command.filter(|_| !parsed.has("--help")) else {
        return Reading::default();
    };
    let Some(dir) = call.context.cwd() else { return Reading::default() };
    let globals = Globals { dir, ..Globals::default() };
    let repository = Repository::find(&call.context, &globals);
    let own = |by: &By| match call.tool.name {
        "husky" => *by == By::Husky,
        "lefthook" => *by == By::Lefthook,
        _ => *by == By::PreCommit,
    };
    let here = events_here(&call.context, &repository, &globals);
    let managed = |(event, by): &(&str, Vec<By>)| MANAGED.contains(event) && by.iter().any(own);
    if !here.iter().any(managed) {
        return Reading::default();
    }
    let target = local_target(repository.top.as_deref(), &globals.dir);
    let operation = format!("{} {}", call.tool.name, command.operation());
    let action = disarms(operation, command.says.to_owned(), target);
    Reading::of(Action { instead: Some(command.instead.into()), ..action })
}
