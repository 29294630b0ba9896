//! Where clap finds Railway's command words: in one case elsewhere than the
//! common argv reader does, and in some nowhere that can be known.

use super::is_verb_of_loss;
use crate::action::Action;
use crate::actions::{Call, Reading};
use crate::invocation::Invocation;
use crate::parse::argv::Parsed;
use crate::rules::{Command, Tool};
use crate::target::railway::{Wanted, resolve};

/// Clap still looks for subcommands behind a command's own positionals:
/// `railway environment staging delete production` deletes production (seen
/// with railwayapp 5.71.0). Gives the words without those positionals, fewer
/// each time, if there are any to leave out.
pub fn reorder(
    tool: &'static Tool,
    parsed: &Parsed<'_>,
    invocation: &Invocation,
) -> Option<Invocation> {
    let drop = misplaced(tool, parsed)?;
    let mut next = invocation.clone();
    let kept = |index: &usize| !drop.contains(index);
    let argv = (0..invocation.argv.len()).filter(kept);
    next.argv = argv.filter_map(|index| invocation.argv.get(index).cloned()).collect();
    let moved = |index: usize| index - drop.iter().filter(|at| **at < index).count();
    next.dynamic = invocation.dynamic.iter().copied().filter(kept).map(moved).collect();
    Some(next)
}

/// The places of the positionals in front of a subcommand.
fn misplaced(tool: &'static Tool, parsed: &Parsed<'_>) -> Option<Vec<usize>> {
    let limit = parsed.before_dashes.unwrap_or(parsed.positionals.len());
    if limit < 2 || parsed.command.is_some_and(|command| command.wrapper.is_some()) {
        return None;
    }
    let at = parsed.positionals.iter().take(limit).position(|word| {
        !word.dynamic && children(tool, parsed).any(|child| names(child, parsed, word.text))
    })?;
    let front = parsed.positionals.iter().take(at);
    if front.clone().any(|word| word.text == "help") {
        return None;
    }
    let front: Vec<usize> = front.map(|word| word.index).collect();
    (!front.is_empty()).then_some(front)
}

/// The commands directly below the one found.
fn children(tool: &'static Tool, parsed: &Parsed<'_>) -> impl Iterator<Item = &'static Command> {
    let here = parsed.command.map_or(&[][..], |command| command.path);
    tool.commands
        .iter()
        .filter(move |one| one.path.len() == here.len() + 1 && one.path.starts_with(here))
}

fn names(child: &Command, parsed: &Parsed<'_>, word: &std::ffi::OsStr) -> bool {
    let depth = parsed.command.map_or(0, |command| command.path.len());
    child.path.get(depth).is_some_and(|names| names.iter().any(|name| word == *name))
}

/// What is to be said where the command words lead nowhere that is known: a
/// word computed at run time in the place of a command, or an unknown command
/// that by its words takes something away. `help` asks for help anywhere.
pub fn unread(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<Reading> {
    if parsed.command.is_some_and(|command| command.path.first() == Some(&&["help"][..])) {
        return Some(Reading::default());
    }
    // Before the commands are looked through, which is not for nothing.
    let first = parsed.positionals.first()?;
    children(call.tool, parsed).next()?;
    let stops_here = parsed.command.is_none_or(|command| command.effect.is_none());
    if parsed.before_dashes != Some(0) && first.text == "help" {
        return Some(Reading::default());
    }
    let reads_it = parsed.command.is_some_and(|command| {
        command.wrapper.is_some() || command.path.first() == Some(&&["api"][..])
    });
    let why = if first.dynamic && !reads_it {
        "the command is computed at run time"
    } else if stops_here && parsed.positionals.iter().any(|word| is_verb_of_loss(word.text)) {
        "it is no command of Railway's that is known here"
    } else if stops_here {
        return Some(Reading::default());
    } else {
        return None;
    };
    let mut action = Action::opaque("railway", why);
    action.rule = "railway".into();
    action.scope = crate::action::Scope::Project;
    let wanted = Wanted { scope: action.scope, ..Wanted::default() };
    action.target = resolve(&call.context, &wanted);
    Some(Reading::of(action))
}
