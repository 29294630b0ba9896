//! Reads tools whose rule file says it all: the command words choose a
//! command, its options may change what it does, and its target is named by
//! an option or a variable.

use std::borrow::Cow;

use super::{Call, Reading};
use crate::action::Action;
use crate::parse::argv::{self, Parsed};
use crate::rules::{Case, Command, Source};
use crate::target::{Evidence, Target};
use crate::text::glob;

/// Reads a call by its tool's command table.
pub fn read(call: &Call<'_>) -> Reading {
    let posixly = call.context.var("POSIXLY_CORRECT").is_some();
    let parsed = argv::parse(call.tool, call.context.invocation, posixly);
    let mut reading = Reading::default();
    if let Some(command) = parsed.command {
        if let Some(mut action) = action(call, &parsed, command) {
            action.target = target(call, &parsed);
            reading.actions.push(action);
        }
    }
    reading
}

/// What `command` would do with these words, without its target; nothing for
/// a group or a wrapper.
pub fn action(call: &Call<'_>, parsed: &Parsed<'_>, command: &'static Command) -> Option<Action> {
    let mut effect = command.effect?;
    let mut flags = command.flags;
    let mut says = command.says;
    if let Some(case) = command.cases.iter().find(|case| holds(case, parsed)) {
        effect = case.effect.unwrap_or(effect);
        flags = case.flags.unwrap_or(flags);
        says = case.says.unwrap_or(says);
    }
    let object = command.object.as_ref().map(|object| {
        let name = object.from.iter().find_map(|from| found(call, parsed, *from));
        match name {
            Some(name) => format!("{} {name}", object.kind),
            None => object.kind.to_owned(),
        }
    });
    let operation = command.operation();
    let summary = says.replace("{object}", object.as_deref().unwrap_or(&operation));
    Some(Action {
        flags,
        object,
        scope: command.scope,
        summary,
        rule: Cow::Owned(format!("{}/{operation}", call.tool.name)),
        instead: (!command.instead.is_empty()).then_some(Cow::Borrowed(command.instead)),
        ..Action::new(effect, operation)
    })
}

/// Whether a case's condition holds for the options given.
pub fn holds(case: &Case, parsed: &Parsed<'_>) -> bool {
    let given = parsed.last(case.option).is_some_and(|given| {
        case.values.is_empty()
            || given.value.is_some_and(|value| {
                let text = value.text.to_string_lossy();
                case.values.iter().any(|pattern| glob(pattern, &text))
            })
    });
    given != case.absent
}

/// The value at a source, a variable included.
pub fn found(call: &Call<'_>, parsed: &Parsed<'_>, source: Source) -> Option<String> {
    match source {
        Source::Variable(name) => call.context.text_var(name),
        other => parsed.source(other),
    }
}

/// The target by the rule file's own list of places.
pub fn target(call: &Call<'_>, parsed: &Parsed<'_>) -> Target {
    let mut target = Target::of(call.tool.platform);
    for source in call.tool.target {
        let Some(value) = found(call, parsed, source.from) else { continue };
        let place = match source.from {
            Source::Option(name) | Source::Variable(name) => name,
            Source::Positional(_) | Source::Positionals => "argument",
        };
        target.name.get_or_insert_with(|| value.clone());
        target.evidence.push(Evidence::name(source.kind, place, value));
    }
    target
}
