//! Words in another order than the rule file has them: a plugin's name, an
//! alias, a command word behind an option that took the word in front of it.

use std::ffi::OsString;

use super::{Call, Parsed, Reading, kuberc, place};
use crate::action::Action;
use crate::invocation::Invocation;
use crate::rules;

/// The most words of a plugin's name.
const MAX_PARTS: usize = 8;

/// Reads a call whose first word is none of kubectl's commands.
pub fn unknown(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let Some(first) = parsed.positionals.first() else { return Reading::default() };
    let spelled = crate::text::visible(&first.text.to_string_lossy(), 40);
    if first.dynamic {
        let why = format!("the command word `{spelled}` is computed at run time");
        let action = Action::opaque("computed command", why);
        return Reading::of(Action { target: place(call, parsed, true), ..action });
    }
    // kubectl looks for its command word as if every option in front of it had
    // a value, and gives that word to the command all the same.
    let invocation = call.context.invocation;
    if first.index > 1 {
        let verb = parsed.positionals.iter().skip(1).find(|word| {
            let is_first = |names: Option<&&[&str]>| {
                names.is_some_and(|names| names.iter().any(|name| word.text == *name))
            };
            call.tool.commands.iter().any(|command| is_first(command.path.first()))
        });
        return match verb {
            Some(verb) => {
                let mut inner = invocation.clone();
                let from = verb.index;
                if inner.argv.len() <= from {
                    return Reading::default();
                }
                let word = inner.argv.remove(from);
                inner.argv.insert(1, word);
                let moved = |at: usize| if at >= 1 && at < from { at + 1 } else { at };
                inner.dynamic.iter_mut().for_each(|at| *at = moved(*at));
                inner.templates.iter_mut().for_each(|(at, _)| *at = moved(*at));
                Reading { inner: vec![inner], ..Reading::default() }
            }
            // A plugin's name stands in front of every option.
            None => Reading::default(),
        };
    }
    if let Some(inner) = kuberc::alias(call, parsed, &first.text.to_string_lossy()) {
        return Reading { inner: vec![inner], ..Reading::default() };
    }
    plugin(call)
        .map_or_else(Reading::default, |inner| Reading { inner: vec![inner], ..Reading::default() })
}

/// The program of a plugin, if there are rules for it: the longest name that
/// the words up to the first option make.
fn plugin(call: &Call<'_>) -> Option<Invocation> {
    let invocation = call.context.invocation;
    let words = invocation.argv.iter().skip(1).take(MAX_PARTS);
    let parts: Vec<String> = words
        .map_while(|word| word.to_str().filter(|word| !word.starts_with('-')))
        .map(|word| word.replace('-', "_"))
        .collect();
    (1..=parts.len()).rev().find_map(|count| {
        let name = format!("kubectl-{}", parts.get(..count)?.join("-"));
        rules::find(&name, call.context.world)?;
        let mut inner = invocation.tail(count);
        *inner.argv.first_mut()? = OsString::from(name);
        Some(inner)
    })
}

/// `exec POD COMMAND` without dashes, which kubectl took until 1.30.
pub fn without_dashes(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let at = if parsed.has("--filename") { 0 } else { 1 };
    let Some(first) = parsed.positionals.get(at) else { return Reading::default() };
    if parsed.before_dashes.is_some() {
        return Reading::default();
    }
    let mut inner = call.context.invocation.clone();
    let from = first.index;
    if inner.argv.len() < from {
        return Reading::default();
    }
    inner.argv.insert(from, OsString::from("--"));
    inner.dynamic.iter_mut().filter(|at| **at >= from).for_each(|at| *at += 1);
    inner.templates.iter_mut().filter(|(at, _)| *at >= from).for_each(|(at, _)| *at += 1);
    Reading { inner: vec![inner], ..Reading::default() }
}
