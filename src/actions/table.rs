//! Reads tools whose rule file says it all: the command words choose a
//! command, its options may change what it does, and its target is named by
//! an option or a variable.

use std::borrow::Cow;

use super::{Call, Reading};
use crate::action::Action;
use crate::invocation;
use crate::parse::argv::{self, Parsed};
use crate::rules::{Case, Command, Source, Tool};
use crate::target::{Evidence, Target};
use crate::text::glob;

/// Reads a call by its tool's command table.
pub fn read(call: &Call<'_>) -> Reading {
    let posixly = call.context.var("POSIXLY_CORRECT").is_some();
    let parsed = argv::parse(call.tool, call.context.invocation, posixly);
    let mut reading = Reading::default();
    if let Some(word) = parsed.positionals.first().filter(|word| word.dynamic)
        && goes_on(call.tool, &parsed)
    {
        let spelled = crate::text::visible(&word.text.to_string_lossy(), 40);
        let why = format!("the command word `{spelled}` is computed at run time");
        let action = Action::opaque("computed command", why);
        reading.actions.push(Action { target: target(call, &parsed), ..action });
    }
    if let Some(command) = parsed.command
        && let Some(mut action) = action(call, &parsed, command)
    {
        action.target = target(call, &parsed);
        reading.actions.push(action);
    }
    reading
}

/// Whether further command words may stand behind those that were given.
fn goes_on(tool: &Tool, parsed: &Parsed<'_>) -> bool {
    tool.commands.iter().any(|command| {
        command.path.len() > parsed.path.len()
            && command
                .path
                .iter()
                .zip(&parsed.path)
                .all(|(names, word)| names.iter().any(|name| word.text == *name))
    })
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
    // A condition on a value that is computed may hold: the worse counts.
    for case in command.cases.iter().filter(|case| may_hold(case, parsed)) {
        if case.effect.is_some_and(|other| other > effect) {
            effect = case.effect.unwrap_or(effect);
            says = case.says.unwrap_or(says);
        }
        flags = flags.union(case.flags.unwrap_or_default());
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
    // `#2`: the second positional.
    let place = case.option.strip_prefix('#').and_then(|place| place.parse::<usize>().ok());
    if let Some(word) = place.map(|place| parsed.positionals.get(place.wrapping_sub(1))) {
        let given = word.is_some_and(|word| {
            let text = word.text.to_string_lossy();
            case.values.is_empty() || case.values.iter().any(|pattern| glob(pattern, &text))
        });
        return given != case.absent;
    }
    let given = parsed.last(case.option).is_some_and(|given| {
        case.values.is_empty()
            || given.value.is_some_and(|value| {
                let text = value.text.to_string_lossy();
                case.values.iter().any(|pattern| glob(pattern, &text))
            })
    });
    given != case.absent
}

/// Whether a case depends on a value that is computed at run time.
fn may_hold(case: &Case, parsed: &Parsed<'_>) -> bool {
    let value = parsed.value(case.option);
    !case.values.is_empty() && value.is_some_and(|value| value.dynamic)
}

/// Whether what stands at a source is computed at run time.
fn is_computed(call: &Call<'_>, parsed: &Parsed<'_>, source: Source) -> bool {
    match source {
        Source::Option(name) => parsed.value(name).is_some_and(|value| value.dynamic),
        Source::Positional(number) => usize::from(number)
            .checked_sub(1)
            .and_then(|at| parsed.positionals.get(at))
            .is_some_and(|word| word.dynamic),
        Source::Positionals => parsed.positionals.iter().any(|word| word.dynamic),
        Source::Variable(name) => {
            call.context.var(name).is_some_and(|value| value == invocation::COMPUTED)
        }
    }
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
        if is_computed(call, parsed, source.from) {
            let gap = format!("{place} is computed at run time");
            target.gap.get_or_insert(gap);
            continue;
        }
        target.name.get_or_insert_with(|| value.clone());
        target.evidence.push(Evidence::name(source.kind, place, value));
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Effect, Flag, Flags, Scope};
    use crate::invocation::{COMPUTED, Context, Invocation};
    use crate::rules::{Arity, Object, Opt, Reader, Style, TargetSource};
    use crate::target::Kind;
    use crate::world::fake::FakeWorld;

    const REMOVE: Command = Command {
        path: &[&["app"], &["remove", "rm"]],
        options: &[Opt { names: &["--mode"], arity: Arity::Value }],
        effect: Some(Effect::Write),
        flags: Flags::NONE,
        scope: Scope::Project,
        object: Some(Object { kind: "app", from: &[Source::Positional(1)] }),
        says: "Removes {object}.",
        instead: "Rename it.",
        cases: &[
            Case {
                option: "--mode",
                values: &["full*"],
                absent: false,
                effect: Some(Effect::Destroy),
                flags: Some(Flags::of(&[Flag::Irreversible])),
                says: Some("Removes {object} and its data."),
            },
            Case {
                option: "--mode",
                values: &["look"],
                absent: false,
                effect: Some(Effect::Read),
                flags: None,
                says: None,
            },
        ],
        wrapper: None,
        destroys: &[],
        harmless: &[],
    };

    static TOOL: Tool = Tool {
        name: "x",
        programs: &["x"],
        about: "",
        checked: "",
        shim: false,
        style: Style::CLAP,
        reader: Reader::Table,
        platform: "x",
        target: &[
            TargetSource { kind: Kind::Environment, from: Source::Option("-e") },
            TargetSource { kind: Kind::Environment, from: Source::Variable("X_ENV") },
        ],
        options: &[Opt { names: &["-e", "--env"], arity: Arity::Value }],
        commands: &[REMOVE],
        wrapper: None,
        session: None,
        destroys: &[],
        harmless: &[],
    };

    fn reading(words: &[&str], dynamic: &[usize], env: Option<&str>) -> Reading {
        let mut invocation = Invocation::new(words.iter().copied());
        invocation.dynamic = dynamic.to_vec();
        if let Some(value) = env {
            invocation.env.push(("X_ENV".into(), Some(value.into())));
        }
        let world = FakeWorld::new();
        let context = Context { invocation: &invocation, world: &world };
        read(&Call { tool: &TOOL, context, full: true })
    }

    #[test]
    fn a_command_says_what_it_does_and_where() {
        let action =
            reading(&["x", "-e", "prod", "app", "rm", "shop"], &[], None).actions.remove(0);
        assert_eq!((action.effect, action.scope), (Effect::Write, Scope::Project));
        assert_eq!(action.summary, "Removes app shop.");
        assert_eq!(action.rule, "x/app remove");
        assert_eq!(action.target.name.as_deref(), Some("prod"));
        assert_eq!(action.target.gap, None);
    }

    #[test]
    fn the_first_case_that_holds_counts() {
        for (mode, effect) in
            [("fully", Effect::Destroy), ("look", Effect::Read), ("x", Effect::Write)]
        {
            let action =
                reading(&["x", "app", "remove", "a", "--mode", mode], &[], None).actions.remove(0);
            assert_eq!(action.effect, effect, "{mode}");
        }
    }

    #[test]
    fn what_is_computed_counts_for_the_worst() {
        let action =
            reading(&["x", "app", "remove", "a", "--mode", "look"], &[5], None).actions.remove(0);
        assert_eq!(action.effect, Effect::Destroy);
        assert!(action.flags.has(Flag::Irreversible));
        let action =
            reading(&["x", "app", "remove", "a", "-e", "dev"], &[5], None).actions.remove(0);
        assert!(action.target.gap.is_some() && action.target.evidence.is_empty());
        let action = reading(&["x", "app", "remove", "a"], &[], Some(COMPUTED)).actions.remove(0);
        assert!(action.target.gap.is_some() && action.target.name.is_none());
        for (words, dynamic) in [(&["x", "list"][..], 1), (&["x", "app", "remove"], 2)] {
            let action = reading(words, &[dynamic], None).actions.remove(0);
            assert!(action.flags.has(Flag::Opaque), "{words:?}");
        }
        let action = reading(&["x", "app", "remove", "$a"], &[3], None).actions.remove(0);
        assert_eq!((action.effect, action.flags), (Effect::Write, Flags::NONE));
        assert!(reading(&["x", "app"], &[], None).actions.is_empty());
    }
}
