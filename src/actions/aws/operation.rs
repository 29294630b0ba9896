//! Reads an operation of the AWS API: its verb, what the tables say of it,
//! and the parameters that make it worse or keep it from happening.

use std::borrow::Cow;
use std::sync::Arc;

use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::Reading;
use crate::invocation::{Context, Invocation, Stdin};
use crate::target::aws::{Named, Role};
use crate::target::place::Place;
use crate::target::{Class, Evidence, Target};
use crate::unwrap;

use super::grammar::Line;
use super::params::Params;
use super::remote::{self, Remote};
use super::table::{self, Rule};
use super::{Reader, names, query, rule_id};

/// What `aws SERVICE OPERATION …` would do.
pub fn read(reader: &Reader<'_>, line: &Line<'_>, service: &str, operation: &str) -> Reading {
    let rule = table::rule(service, operation);
    let (tier, verb) = table::tier(operation);
    let mut effect = rule.and_then(|rule| rule.effect).unwrap_or(tier.effect());
    let mut flags = rule.map(|rule| rule.flags).unwrap_or_default();
    let helped = line.rest.first().is_some_and(|word| word.text == "help" && !word.dynamic);
    if helped || (effect == Effect::Read && flags.is_empty()) {
        return reader.harmless(line, service, operation);
    }
    let mut params = Params::read(&line.rest, reader.context);
    let mut code = None;
    // The names must be long enough to be no other parameter's beginning.
    if params.has("generate-cli-skeleton", 4) || params.is_on("dry-run", 3) {
        return reader.harmless(line, service, operation);
    }
    if flags.has(Flag::Opaque) || (service, operation) == ("ecs", "run-task") {
        code = Code::read(&mut params, service, operation, reader.context);
        if let Some(code) = &code {
            if code.effect == Effect::Read && code.flags.is_empty() {
                // A file that was judged harmless is the one that runs.
                let reading = reader.harmless(line, service, operation);
                return Reading { handed: params.handed, ..reading };
            }
            (effect, flags) = (code.effect, code.flags);
        }
    }
    let mut sentences = String::new();
    for parameter in table::parameters(service, operation) {
        match params.hurts(parameter, reader.context) {
            Ok(false) => {}
            Ok(true) => {
                effect = effect.max(parameter.effect);
                flags = flags.union(parameter.flags);
                sentences.push(' ');
                sentences.push_str(parameter.says);
            }
            Err(why)
                if (parameter.effect > effect || parameter.flags.has(Flag::Opaque))
                    && !flags.has(Flag::Opaque) =>
            {
                flags = flags.with(Flag::Opaque);
                sentences.push_str(&format!(" Not everything about it could be read: {why}."));
            }
            Err(_) => {}
        }
    }
    if effect != Effect::Read && reader.prompts(line) {
        flags = flags.with(Flag::Opaque);
        sentences.push_str(" The command can still be changed at a prompt.");
    }
    let named = names::find(&params, operation, verb);
    let mut action = Action::new(effect, format!("{service} {operation}"));
    action.rule = rule_id(&action.operation);
    action.flags = flags;
    action.scope = rule.map(|rule| rule.scope).unwrap_or_default();
    let object = object(operation, verb, &named);
    let says = code.as_ref().map(|code| &code.says).filter(|says| !says.is_empty());
    action.summary = match says {
        Some(says) => format!("{says} ({}).", action.operation),
        None => summary(rule, service, operation, verb, &object),
    } + &sentences;
    action.object = Some(object).filter(|object| !object.is_empty());
    action.instead =
        rule.map(|rule| rule.instead).filter(|instead| !instead.is_empty()).map(Cow::Borrowed);
    if code.as_ref().is_some_and(|code| code.session) {
        action.operation = reader.call.session(false).into();
    }
    action.target = reader.target(line, service, &named);
    let inner = code.and_then(|code| code.inner(&action.target, reader.context.invocation));
    let inner = inner.into_iter().collect();
    Reading { handed: params.handed, inner, ..Reading::of(action) }
}

/// What is known of the code that an operation runs.
pub struct Code {
    /// How much it takes away.
    pub effect: Effect,
    /// What else matters about it.
    pub flags: Flags,
    /// A sentence without its full stop; empty: nothing to say.
    pub says: String,
    /// Whether it is a session that somebody types in.
    session: bool,
    /// The line that a machine's shell gets, and whether the caller's standard
    /// input reaches it.
    line: Option<(String, bool)>,
}

impl Code {
    /// The command that its line is, run on the machines of `target`.
    pub fn inner(self, target: &Target, outer: &Invocation) -> Option<Invocation> {
        let (text, typed) = self.line?;
        let here = |evidence: &Evidence| evidence.asserts == Some(Class::Local);
        let place = Place {
            what: "a machine of the account".to_owned(),
            name: target.name.clone(),
            local: target.evidence.iter().any(here),
            evidence: target.evidence.clone(),
            gap: target.gap.clone(),
        };
        let mut inner = unwrap::line_at(text, place, outer);
        if !typed {
            inner.stdin = Stdin::Text(Arc::from(&b""[..]));
        }
        Some(inner)
    }

    /// What is known of an operation's code; none if nothing is.
    pub fn read(
        params: &mut Params<'_>,
        service: &str,
        operation: &str,
        context: Context<'_>,
    ) -> Option<Code> {
        if let Some(query) = query::read(params, service, operation, context) {
            let query::Query { effect, flags, says } = query;
            return Some(Code { effect, flags, says, session: false, line: None });
        }
        let mut line = None;
        let mut flags = Flags::NONE;
        let (says, session) = match remote::read(params, service, operation, context)? {
            Remote::Tunnel => ("Passes a port through to a machine", false),
            Remote::Upkeep => ("Runs one of AWS's own documents for upkeep", false),
            Remote::Line { text, typed, known } => {
                line = Some((text, typed));
                match known {
                    true => ("Runs a line on a machine", false),
                    false => {
                        flags = Flags::of(&[Flag::Opaque]);
                        ("Runs programs on a machine of which nothing is known here", false)
                    }
                }
            }
            Remote::Session => {
                flags = Flags::of(&[Flag::Opaque]);
                ("Opens a session on a machine: what is typed there is not read first", true)
            }
        };
        Some(Code { effect: Effect::Write, flags, says: says.to_owned(), session, line })
    }
}

/// What it is done to: `db instance main`, `objects in data`.
fn object(operation: &str, verb: &str, named: &[Named]) -> String {
    let mut noun = names::noun(operation, verb).replace('-', " ");
    let own: Vec<&str> = named
        .iter()
        .filter(|name| name.role == Role::Object)
        .map(|name| name.text.as_str())
        .collect();
    if own.len() == 1 && noun.ends_with('s') && !noun.ends_with("ss") {
        noun.pop();
    }
    if !own.is_empty() {
        return format!("{noun} {}", own.join(", "));
    }
    match named.iter().find(|name| name.role == Role::Container) {
        Some(container) => format!("{noun} in {}", container.text),
        None => noun,
    }
}

fn summary(
    rule: Option<&Rule>,
    service: &str,
    operation: &str,
    verb: &str,
    object: &str,
) -> String {
    let full = || format!("{service} {operation}");
    match rule.map(|rule| rule.says).filter(|says| !says.is_empty()) {
        Some(says) => says.replace("{object}", object).replace("{operation}", &full()),
        None if object.is_empty() => format!("Does {}.", full()),
        None => format!("{} the {object} ({}).", third_person(verb), full()),
    }
}

/// `delete` → `Deletes`.
pub fn third_person(verb: &str) -> String {
    let mut letters = verb.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase()).unwrap_or_default();
    let mut word = format!("{first}{}", letters.as_str());
    let hissing = ["s", "sh", "ch", "x", "z"].iter().any(|ending| word.ends_with(ending));
    let vowel = ["ay", "ey", "oy", "uy"].iter().any(|ending| word.ends_with(ending));
    if word.ends_with('y') && !vowel {
        word.pop();
        word.push_str("ies");
    } else {
        word.push_str(if hissing { "es" } else { "s" });
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_said_in_the_third_person() {
        let words = [
            ("delete", "Deletes"),
            ("modify", "Modifies"),
            ("destroy", "Destroys"),
            ("flush", "Flushes"),
            ("deregister", "Deregisters"),
        ];
        for (verb, want) in words {
            assert_eq!(third_person(verb), want);
        }
    }
}
