//! Reads Railway's command line (railwayapp 5.71.0): the command table for
//! most of it, GraphQL for `api`, configuration patches for `environment
//! edit`, and the commands inside `run` and `ssh`. Words, files and standard
//! input in, actions out; nothing is asked and nothing run.

mod api;
mod edit;
mod inner;
mod place;
mod walk;

use std::borrow::Cow;
use std::ffi::OsStr;

use super::{Call, INTERACTIVE, Reading, table};
use crate::action::{Action, Effect, Flag};
use crate::invocation::{Context, Input};
use crate::parse::argv::{self, Parsed};
use crate::rules::Command;
use crate::target::railway::{self as target, Wanted};

/// Commands that open a session, or a screen of their own, in which anything
/// can be done.
const SESSIONS: &[&str] =
    &["shell", "connect", "service files browse", "volume browse", "volume files browse"];

/// The most bytes of a session's standard input that are looked at.
const INPUT: usize = 1 << 16;

/// A command that was found, with everything that its readers need.
struct Found<'a> {
    call: Call<'a>,
    parsed: Parsed<'a>,
    command: &'static Command,
    /// Its words without aliases: `volume delete`.
    name: String,
    wanted: Wanted,
}

/// Reads a call of Railway's command line.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    match walk::reorder(call.tool, &parsed, call.context.invocation) {
        Some(reordered) => {
            let context = Context { invocation: &reordered, world: call.context.world };
            read(&Call { context, ..*call })
        }
        None => read_parsed(*call, parsed),
    }
}

fn read_parsed(call: Call<'_>, parsed: Parsed<'_>) -> Reading {
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    if let Some(unread) = walk::unread(&call, &parsed) {
        return unread;
    }
    let Some(command) = parsed.command.filter(|command| command.effect.is_some()) else {
        return Reading::default();
    };
    let name = command.operation();
    let wanted = place::wanted(&parsed, command, &name);
    Found { call, parsed, command, name, wanted }.read()
}

impl Found<'_> {
    fn read(&self) -> Reading {
        match self.name.as_str() {
            "api" => api::read(self),
            "environment edit" => edit::read(self),
            "run" => inner::run(self),
            "ssh" | "sandbox ssh" | "sandbox exec" | "ca ssh" => inner::ssh(self),
            "scale" | "service scale" => Reading::of(self.scale()),
            name if SESSIONS.contains(&name) => self.session(),
            _ => self.listed(),
        }
    }

    /// What the command table says; a harmless look only where it is wanted,
    /// for to resolve its place takes time.
    fn listed(&self) -> Reading {
        let reads = self.command.effect == Some(Effect::Read) && self.command.flags.is_empty();
        if reads && self.command.cases.is_empty() && !self.call.full {
            return Reading::default();
        }
        Reading { actions: self.action().into_iter().collect(), ..Reading::default() }
    }

    /// A session that the command table calls opaque.
    fn session(&self) -> Reading {
        let mut reading = self.listed();
        let actions = reading.actions.iter_mut();
        for action in actions.filter(|action| action.flags.has(Flag::Opaque)) {
            action.operation = self.session_name();
        }
        reading
    }

    /// What a session is called: a person's own is one at a terminal.
    fn session_name(&self) -> Cow<'static, str> {
        match self.call.context.stdin(INPUT) {
            Input::Terminal => Cow::Borrowed(INTERACTIVE),
            _ => Cow::Owned(self.name.clone()),
        }
    }

    /// Where it lands.
    fn target(&self) -> crate::target::Target {
        target::resolve(&self.call.context, &self.wanted)
    }

    /// The action by the command table.
    fn action(&self) -> Option<Action> {
        let command = self.command;
        let mut action = Action::new(command.effect?, self.name.clone());
        action.flags = command.flags;
        let mut says = command.says;
        let case = command.cases.iter().find(|case| table::holds(case, &self.parsed));
        if let Some(case) = case {
            action.effect = case.effect.unwrap_or(action.effect);
            action.flags = case.flags.unwrap_or(action.flags);
            says = case.says.unwrap_or(says);
        }
        action.scope = self.wanted.scope;
        let kind = command.object.as_ref().map(|object| object.kind);
        let name = command.object.as_ref().and_then(|object| {
            object.from.iter().find_map(|from| table::found(&self.call, &self.parsed, *from))
        });
        action.object = kind.map(|kind| match &name {
            Some(name) => format!("{kind} {name}"),
            None => kind.to_owned(),
        });
        let object = match (kind, &action.object, &name) {
            (_, Some(object), Some(_)) => Cow::Borrowed(object.as_str()),
            (Some("service" | "sandbox"), _, _) => Cow::Owned(format!("the linked {}", kind?)),
            (Some(kind), _, _) => Cow::Owned(format!("the {kind}")),
            (None, _, _) => Cow::Borrowed(self.name.as_str()),
        };
        action.summary = match says {
            "" => format!("Runs railway {}.", self.name),
            says => says.replace("{object}", &object),
        };
        action.instead = (!command.instead.is_empty()).then_some(Cow::Borrowed(command.instead));
        Some(self.place(action))
    }

    /// The action with its rule and place filled in.
    fn place(&self, action: Action) -> Action {
        let scope = self.wanted.scope;
        Action { scope, rule: Cow::Owned(self.rule()), target: self.target(), ..action }
    }

    /// Something that could not be read, for `why`, at this command's place.
    fn opaque(&self, why: impl std::fmt::Display) -> Action {
        self.place(Action::opaque(self.name.clone(), why))
    }

    fn rule(&self) -> String {
        format!("railway/{}", self.name)
    }

    /// `scale`: replicas by region, of which zero stops it. Its words may be
    /// `eu-west=0`, and `--eu-west 0` as earlier versions had it.
    fn scale(&self) -> Action {
        let ends_so = |text: &OsStr| text.to_string_lossy().ends_with("=0");
        let older = !self.parsed.unknown.is_empty();
        let stops = self.parsed.unknown.iter().any(|one| ends_so(one.text))
            || self
                .parsed
                .positionals
                .iter()
                .any(|one| ends_so(one.text) || (older && one.text == "0") || one.dynamic);
        let mut action = Action::new(Effect::Write, self.name.clone());
        action.summary = "Changes how many replicas a service has.".to_owned();
        if stops {
            action.effect = Effect::Disrupt;
            action.summary = "Stops a service in a region by scaling it to zero.".to_owned();
        }
        self.place(action)
    }
}

/// Whether a word is one that takes something away, in any of these commands.
fn is_verb_of_loss(word: &OsStr) -> bool {
    const VERBS: &[&str] = &["delete", "remove", "rm", "destroy", "down", "purge", "reset", "wipe"];
    VERBS.iter().any(|verb| word == *verb)
}

#[cfg(test)]
mod tests;
