//! The commands inside Railway's: `railway run CMD` runs one here with the
//! variables of a linked environment, which only Railway knows; `railway ssh`
//! and its like run one inside a container of it.

use std::ffi::OsStr;
use std::path::Path;

use super::Found;
use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::{Call, Reading, read as read_any};
use crate::invocation::{Context, Invocation, Stdin};
use crate::parse::argv;
use crate::rules::{self, Inner, Reader, Tool};
use crate::target::Target;

/// Wrappers inside wrappers deeper than this are not followed.
const DEPTH: usize = 8;

/// Programs that run whatever they are given, beside those with rules.
const INTERPRETERS: &[&str] = &[
    "ash",
    "bash",
    "bun",
    "dash",
    "deno",
    "fish",
    "irb",
    "ksh",
    "lua",
    "mariadb",
    "mongo",
    "mongosh",
    "mysql",
    "node",
    "perl",
    "php",
    "psql",
    "python",
    "python3",
    "rails",
    "redis-cli",
    "ruby",
    "sh",
    "sqlite3",
    "zsh",
];

/// Programs that overwrite or remove what they are given.
const REMOVERS: &[&str] = &["dd", "rm", "rmdir", "shred", "truncate", "unlink", "wipefs"];

/// `railway run`: the inner command, and, where it takes its target from
/// variables, the same at the place whose variables it gets.
pub fn run(found: &Found<'_>) -> Reading {
    let Some(first) = found.parsed.positionals.first() else { return Reading::default() };
    let mut reading =
        Reading { actions: found.action().into_iter().collect(), ..Reading::default() };
    let inner = found.call.context.invocation.tail(first.index);
    if inner.is_dynamic(0) {
        reading.actions.push(found.opaque("the command is computed at run time"));
        return reading;
    }
    let Some((tool, peeled)) = peel(inner.clone(), first.index) else {
        reading.inner.push(inner);
        return reading;
    };
    let context = Context { invocation: &peeled.invocation, world: found.call.context.world };
    if tool.reader == Reader::Shell || tool.wrapper.is_some() {
        reading.actions.push(found.opaque("its shell may use the variables of that environment"));
        reading.inner.push(inner);
        return reading;
    }
    let mut own = read_any(&Call { tool, context, full: found.call.full });
    let place = found.target();
    for action in own.actions.iter_mut().filter(|action| !action.is_harmless()) {
        action.target = both(&action.target, &place);
    }
    if !own.inner.is_empty() {
        reading
            .actions
            .push(found.opaque("what it runs may use the variables of that environment"));
    }
    for handed in &mut own.handed {
        handed.index += peeled.from;
    }
    reading.absorb(own);
    reading
}

/// `railway ssh` and its like: the command that runs there, as far as it is
/// one plain command; a session without one is opaque.
pub fn ssh(found: &Found<'_>) -> Reading {
    let skip = usize::from(found.command.wrapper.map_or(0, |wrapper| wrapper.skip));
    let words = found.parsed.positionals.get(skip..).unwrap_or_default();
    let mut reading =
        Reading { actions: found.action().into_iter().collect(), ..Reading::default() };
    if words.is_empty() {
        let session = found.opaque("it opens a session");
        reading.actions.push(Action { operation: found.session_name(), ..session });
        return reading;
    }
    if words.iter().any(|word| word.dynamic) {
        reading.actions.push(found.opaque("the command is computed at run time"));
        return reading;
    }
    let line: Vec<&str> = words.iter().filter_map(|word| word.text.to_str()).collect();
    let line = line.join(" ");
    if line.contains(|letter: char| !is_plain(letter)) {
        reading.actions.push(found.opaque("the remote shell's line is not one plain command"));
        return reading;
    }
    let there: Vec<&str> = line.split_ascii_whitespace().collect();
    let name = there.first().map_or("", |word| base_name(OsStr::new(word)));
    if REMOVERS.contains(&name) || name.starts_with("mkfs") {
        reading.actions.push(remover(found, name, &there));
    } else if INTERPRETERS.contains(&name) || rules::table::find(name).is_some() {
        reading.actions.extend(remote(found, name, &there));
    }
    reading
}

/// What a guarded program would do in the container, whose files and
/// variables cannot be seen from here.
fn remote(found: &Found<'_>, name: &str, words: &[&str]) -> Vec<Action> {
    let opaque = || vec![found.opaque(format_args!("{name} runs there, out of sight"))];
    let mut invocation = Invocation::new(words.iter().copied());
    invocation.env_cleared = true;
    invocation.stdin = Stdin::Opaque("the session's standard input".to_owned());
    let Some(tool) = rules::table::find(name) else { return opaque() };
    if tool.reader == Reader::Shell || tool.wrapper.is_some() {
        return opaque();
    }
    let context = Context { invocation: &invocation, world: found.call.context.world };
    let reading = read_any(&Call { tool, context, full: found.call.full });
    if !reading.handed.is_empty() || !reading.inner.is_empty() {
        return opaque();
    }
    let place = found.target();
    let mut actions = reading.actions;
    for action in &mut actions {
        action.target = both(&action.target, &place);
    }
    actions
}

fn remover(found: &Found<'_>, name: &str, words: &[&str]) -> Action {
    let mut action = Action::new(Effect::Destroy, format!("{} {name}", found.name));
    let paths: Vec<&str> =
        words.iter().skip(1).copied().filter(|word| !word.starts_with('-')).take(5).collect();
    action.summary = format!("Runs {name} on {} inside the container.", paths.join(", "));
    action.object = Some(format!("path {}", paths.join(", ")));
    if words.iter().any(|word| word.starts_with("-r") || word.starts_with("-fr")) {
        action.flags = Flags::of(&[Flag::Irreversible]);
    }
    found.place(action)
}

/// Both targets as one, so that the more dangerous counts.
fn both(own: &Target, place: &Target) -> Target {
    let mut target = own.clone();
    target.evidence.extend(place.evidence.iter().cloned());
    target.gap = target.gap.or_else(|| place.gap.clone());
    target.name = match (&own.name, &place.name) {
        (_, Some(place)) => Some(place.clone()),
        (own, None) => own.clone(),
    };
    target
}

/// An inner command found behind plain wrappers.
struct Peeled {
    invocation: Invocation,
    /// Where its words begin in the outer argv.
    from: usize,
}

/// The guarded tool that a command runs, behind plain wrappers such as
/// `nice`; nothing if what it runs has no rules.
fn peel(mut invocation: Invocation, mut from: usize) -> Option<(&'static Tool, Peeled)> {
    for _ in 0..DEPTH {
        let tool = rules::table::find(base_name(invocation.argv.first()?))?;
        let plain = tool.wrapper.filter(|one| one.inner == Inner::Words);
        let Some(wrapper) = plain else { return Some((tool, Peeled { invocation, from })) };
        let parsed = argv::parse(tool, &invocation, false);
        if wrapper.splits.iter().any(|option| parsed.has(option)) {
            return Some((tool, Peeled { invocation, from }));
        }
        let inner = parsed
            .positionals
            .iter()
            .skip(usize::from(wrapper.skip))
            .find(|word| !(wrapper.assignments && word.text.to_string_lossy().contains('=')))?;
        let index = inner.index;
        from += index;
        invocation = invocation.tail(index);
    }
    let tool = rules::table::find(base_name(invocation.argv.first()?))?;
    Some((tool, Peeled { invocation, from }))
}

fn base_name(word: &OsStr) -> &str {
    Path::new(word).file_name().and_then(OsStr::to_str).unwrap_or("")
}

/// Letters that mean nothing to a shell.
fn is_plain(letter: char) -> bool {
    letter.is_alphanumeric() || " -_./:=,@%+".contains(letter)
}
