//! Reads tools whose rule file says it all: the command words choose a
//! command, its options may change what it does, and its target is named by
//! an option or a variable.

use std::borrow::Cow;
use std::path::PathBuf;

use super::{Call, Reading};
use crate::action::{Action, Effect, Flags};
use crate::invocation::{self, Context};
use crate::parse::argv::{self, Given, Parsed};
use crate::parse::settings;
use crate::parse::url;
use crate::rules::{Arity, Case, Command, SettingsFile, Source, TargetSource, Tool};
use crate::target::{Class, Evidence, Kind, Target, machine};
use crate::text::glob;
use crate::world::ReadError;

/// Reads a call by its tool's command table.
pub fn read(call: &Call<'_>) -> Reading {
    let posixly = call.context.var("POSIXLY_CORRECT").is_some();
    let parsed = argv::parse(call.tool, call.context.invocation, posixly);
    let mut reading = Reading::default();
    let helps = |given: &Given<'_>| given.option.arity == Arity::Flag && !is_off(given);
    if parsed.last("--help").is_some_and(helps) {
        return reading;
    }
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
        // Where a plain read lands matters to nobody but `check`.
        let is_plain = action.effect == Effect::Read && action.flags == Flags::NONE;
        if call.full || !is_plain {
            action.target = target(call, &parsed);
            reading.actions.push(action);
        }
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
    let operation = match command.operation() {
        // A program without command words does what it is called.
        empty if empty.is_empty() => call.context.invocation.tool().to_owned(),
        operation => operation,
    };
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
    if case.option == "#*" {
        let given = parsed.positionals.iter().any(|word| {
            let text = word.text.to_string_lossy();
            case.values.is_empty() || case.values.iter().any(|pattern| glob(pattern, &text))
        });
        return given != case.absent;
    }
    let given = parsed.last(case.option).is_some_and(|given| match case.values {
        [] => !is_off(given),
        values => given.value.is_some_and(|value| {
            let text = value.text.to_string_lossy();
            values.iter().any(|pattern| glob(pattern, &text))
        }),
    });
    given != case.absent
}

/// Whether a case depends on a value that is computed at run time.
fn may_hold(case: &Case, parsed: &Parsed<'_>) -> bool {
    // The value of a flag (`--force=$X`) may switch it on.
    let depends = |given: &&Given<'_>| !case.values.is_empty() || given.option.arity == Arity::Flag;
    let value = parsed.last(case.option).filter(depends).and_then(|given| given.value);
    value.is_some_and(|value| value.dynamic)
}

/// Whether a flag is switched off, as Go's programs let theirs be:
/// `--dry-run=false`. One that is computed at run time is not known to be on.
fn is_off(given: &Given<'_>) -> bool {
    const OFF: [&str; 6] = ["0", "f", "F", "false", "FALSE", "False"];
    given.option.arity == Arity::Flag
        && given
            .value
            .is_some_and(|value| value.dynamic || OFF.iter().any(|off| value.text == *off))
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
        Source::File(_) | Source::Default(_) | Source::Hostname => false,
    }
}

/// The value at a source, a variable or a settings file included.
pub fn found(call: &Call<'_>, parsed: &Parsed<'_>, source: Source) -> Option<String> {
    match source {
        Source::Variable(name) => call.context.text_var(name),
        Source::File(file) => setting(call.context, file).ok().flatten().map(|(value, _)| value),
        Source::Hostname => call.context.world.hostname(),
        other => parsed.source(other),
    }
}

/// The longest settings file that is read, in bytes.
const MAX_FILE: usize = 1024 * 1024;

/// How many directories above the current one are looked through.
const MAX_ABOVE: usize = 64;

/// The value in a settings file and the file's path, if the file is there and
/// has it.
///
/// # Errors
/// A clause that says why it cannot be told.
fn setting(context: Context<'_>, file: &SettingsFile) -> Result<Option<(String, String)>, String> {
    let Some(path) = place(context, file.path)? else { return Ok(None) };
    let mut folders = vec![None];
    if file.above && path.is_relative() {
        let cwd = context.cwd().ok_or_else(|| format!("{}: no directory", file.path))?;
        folders = cwd.ancestors().take(MAX_ABOVE).map(|dir| Some(dir.to_owned())).collect();
    }
    for folder in folders {
        let whole = folder.map_or_else(|| path.clone(), |folder| folder.join(&path));
        let shown = || whole.display().to_string();
        match context.read(&whole, MAX_FILE) {
            Ok(text) => {
                let value = settings::find(&text, file.format, file.key)
                    .map_err(|why| format!("{}: {why}", shown()))?;
                return Ok(value.map(|value| (value, shown())));
            }
            Err(ReadError::Missing) => {}
            Err(why) => return Err(format!("{}: {why}", shown())),
        }
    }
    Ok(None)
}

/// A settings file's path with `~` and a leading variable replaced; nothing
/// where the variable is not set.
///
/// # Errors
/// A clause: the variable is computed at run time.
pub fn place(context: Context<'_>, path: &str) -> Result<Option<PathBuf>, String> {
    if let Some(rest) = path.strip_prefix("~/") {
        return Ok(context.home().map(|home| home.join(rest)));
    }
    let Some(rest) = path.strip_prefix('$') else { return Ok(Some(PathBuf::from(path))) };
    let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
    match context.var(name) {
        Some(value) if value == invocation::COMPUTED => {
            Err(format!("${name} is computed at run time"))
        }
        Some(value) if value.is_empty() => Ok(None),
        Some(value) if rest.is_empty() => Ok(Some(PathBuf::from(value))),
        Some(value) => Ok(Some(PathBuf::from(value).join(rest))),
        None => Ok(None),
    }
}

/// The target by the rule file's own list of places: of each kind of name,
/// the first that is there, as the tool's own precedence has it.
pub fn target(call: &Call<'_>, parsed: &Parsed<'_>) -> Target {
    let mut target = Target::of(call.tool.platform);
    let mut settled: Vec<Kind> = Vec::new();
    for source in call.tool.target {
        if settled.contains(&source.kind) {
            continue;
        }
        if is_computed(call, parsed, source.from) {
            settled.push(source.kind);
            target.gap.get_or_insert_with(|| {
                format!("{} is computed at run time", spelling(source.from))
            });
            continue;
        }
        let (value, shown): (_, Cow<'static, str>) = match source.from {
            Source::File(file) => match setting(call.context, file) {
                Ok(Some((value, path))) => (value, Cow::Owned(path)),
                Ok(None) => continue,
                Err(why) => {
                    target.gap.get_or_insert(why);
                    continue;
                }
            },
            other => match found(call, parsed, other) {
                Some(value) => (value, Cow::Borrowed(spelling(other))),
                None => continue,
            },
        };
        settled.push(source.kind);
        target.name.get_or_insert_with(|| value.clone());
        let local = matches!(source.kind, Kind::Host | Kind::Url) && is_local(&value);
        let evidence = match may_only_raise(call, parsed, source) {
            true => Evidence::hint(source.kind, shown, value),
            false => Evidence::name(source.kind, shown, value),
        };
        target.evidence.push(if local { evidence.asserting(Class::Local) } else { evidence });
        if source.from == Source::Hostname {
            target.evidence.extend(machine::reached(&call.context));
        }
    }
    target
}

/// Whether a name does not say where everything lands: one of several words,
/// or one that another variable's credentials take the place of.
fn may_only_raise(call: &Call<'_>, parsed: &Parsed<'_>, source: &TargetSource) -> bool {
    let replaced = !source.unless.is_empty()
        && call.context.var(source.unless).is_some_and(|value| !value.is_empty());
    replaced || (source.from == Source::Positionals && parsed.positionals.len() > 1)
}

/// Whether every address in a list (`http://127.0.0.1:2379,[::1]:2379`) is this
/// machine's.
fn is_local(value: &str) -> bool {
    value.split(',').all(|one| url::parse(one).is_some_and(|url| url::is_loopback(&url.host)))
}

/// What a source is called on a card.
fn spelling(source: Source) -> &'static str {
    match source {
        Source::Option(name) | Source::Variable(name) => name,
        Source::Positional(_) | Source::Positionals => "argument",
        Source::File(file) => file.path,
        Source::Default(_) => "default",
        Source::Hostname => "hostname",
    }
}

#[cfg(test)]
mod tests;
