//! Who is asking: a person, an agent, CI, or nobody knows. Only positive
//! evidence makes a person: a terminal that a person's program owns
//! ([`terminal`]), no agent among the ancestors ([`ancestry`]) and no marker in
//! the environment ([`environment`]), which can only take standing away. Looks
//! at the world through [`World`] alone; decides nothing about the command.

pub mod ancestry;
pub mod environment;
pub mod markers;
pub mod terminal;

use std::fmt;

use environment::Environment;
use markers::{AGENTS, CI, SHARED};
use terminal::Owner;

use crate::text;
use crate::world::{Process, World};

/// How many ancestors are looked at. A chain that is longer hides its end, and
/// does not speak for a person.
pub(crate) const MAX_ANCESTORS: usize = 64;

/// How the signal ends that says that an IDE and its agents type into the same
/// terminal.
pub const SHARED_TERMINAL: &str = "shares its terminals with its agents";

/// The kinds of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// A person at a terminal, by positive evidence.
    Human,
    /// A coding agent.
    Agent,
    /// A continuous-integration job.
    Ci,
    /// No evidence either way; treated as an agent.
    Unknown,
}

impl ActorKind {
    /// The word for it in JSON, policy and `--as`.
    pub const fn word(self) -> &'static str {
        match self {
            ActorKind::Human => "human",
            ActorKind::Agent => "agent",
            ActorKind::Ci => "ci",
            ActorKind::Unknown => "unknown",
        }
    }

    /// The kind a word stands for, if any.
    pub fn from_word(word: &str) -> Option<ActorKind> {
        [ActorKind::Human, ActorKind::Agent, ActorKind::Ci, ActorKind::Unknown]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

impl fmt::Display for ActorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Who is asking, and what said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The kind.
    pub kind: ActorKind,
    /// The agent's or CI system's name, or the terminal's: `claude-code`.
    pub name: Option<String>,
    /// What said so: `env CLAUDECODE`, `ancestor claude (pid 812)`.
    pub signals: Vec<String>,
}

/// What policy adds to the table of markers. It may only extend it: the first
/// three take standing away and may come from any layer; the last two give it
/// and may come from the user's own or the system's policy only, never from a
/// project's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActorPolicy {
    /// More variables whose presence makes an agent (globs).
    pub extra_agent_env: Vec<String>,
    /// More names of agents' processes (globs).
    pub extra_agent_processes: Vec<String>,
    /// More variables whose presence makes a CI job (globs).
    pub extra_ci_env: Vec<String>,
    /// Whether a terminal inside an IDE counts as a person's although the
    /// IDE's agents can type into it.
    pub trust_ide_terminals: bool,
    /// Terminal programs in places that the account can write, by their full
    /// path (globs); those whose path the system hides, by their name.
    pub trusted_terminals: Vec<String>,
}

/// Says who is asking. Looks at the environment, the ancestors and the
/// terminal; only called where a verdict depends on the answer.
pub fn identify(world: &dyn World, policy: &ActorPolicy) -> Actor {
    let environment = Environment::of(world);
    let chain = world.ancestors(MAX_ANCESTORS);
    agent(&environment, &chain, world, policy)
        .or_else(|| ci(&environment, policy))
        .unwrap_or_else(|| by_terminal(&environment, &chain, world, policy))
}

/// The agent that a marker, an ancestor or a file gives away.
fn agent(
    environment: &Environment,
    chain: &[Process],
    world: &dyn World,
    policy: &ActorPolicy,
) -> Option<Actor> {
    let mut found: Vec<(String, String)> = environment
        .sightings(AGENTS)
        .into_iter()
        .map(|sighting| (sighting.name, sighting.signal))
        .collect();
    if let Some(variable) = environment.matching(&policy.extra_agent_env) {
        found.push(("an agent".to_owned(), format!("env {variable}, by policy")));
    }
    for process in chain.iter().filter(|process| terminal::is_agent(process, policy)) {
        let name = ancestry::find(process, AGENTS).map_or(process.comm.as_str(), |a| a.name);
        let name = text::visible(name, 40);
        found.push((name.clone(), format!("ancestor {name} (pid {})", process.pid)));
    }
    for caller in AGENTS {
        let path = caller.paths.iter().find(|path| world.exists(path.as_ref()));
        found.extend(path.map(|path| (caller.name.to_owned(), format!("file {path}"))));
    }
    let (name, _) = found.first()?;
    Some(Actor {
        kind: ActorKind::Agent,
        name: Some(name.clone()),
        signals: found.iter().map(|(_, signal)| signal.clone()).collect(),
    })
}

/// The CI system that a marker gives away.
fn ci(environment: &Environment, policy: &ActorPolicy) -> Option<Actor> {
    let found = environment.sightings(CI);
    let mut signals: Vec<String> = found.iter().map(|sighting| sighting.signal.clone()).collect();
    if let Some(variable) = environment.matching(&policy.extra_ci_env) {
        signals.push(format!("env {variable}, by policy"));
    }
    let name = found.into_iter().next().map(|sighting| sighting.name);
    (!signals.is_empty()).then_some(Actor { kind: ActorKind::Ci, name, signals })
}

/// A person, if the terminal speaks for one.
fn by_terminal(
    environment: &Environment,
    chain: &[Process],
    world: &dyn World,
    policy: &ActorPolicy,
) -> Actor {
    let unknown = |why: String| Actor { kind: ActorKind::Unknown, name: None, signals: vec![why] };
    if !world.has_terminal() {
        return unknown("no terminal".to_owned());
    }
    if chain.last().is_none_or(|last| last.pid != 1 && last.ppid != 0) {
        return unknown("ancestors that cannot be seen to the end".to_owned());
    }
    let shared = environment.sightings(SHARED).into_iter().next();
    match (terminal::owner(chain, world, policy), shared) {
        (Owner::Person(signal), None) => {
            Actor { kind: ActorKind::Human, name: None, signals: vec![signal] }
        }
        (Owner::Person(signal), Some(ide)) if policy.trust_ide_terminals => Actor {
            kind: ActorKind::Human,
            name: None,
            signals: vec![signal, format!("{}, trusted by policy", ide.signal)],
        },
        (Owner::Shared(_, signal), _) if policy.trust_ide_terminals => Actor {
            kind: ActorKind::Human,
            name: None,
            signals: vec![format!("{signal}, trusted by policy")],
        },
        (Owner::Person(_), Some(ide)) => in_ide(&ide.name, ide.signal),
        (Owner::Shared(ide, signal), _) => in_ide(ide, signal),
        (Owner::Nobody(why), _) => unknown(why),
    }
}

/// A caller in a terminal that an IDE shares with its agents.
fn in_ide(ide: &str, signal: String) -> Actor {
    Actor {
        kind: ActorKind::Unknown,
        name: None,
        signals: vec![signal, format!("{ide} {SHARED_TERMINAL}")],
    }
}

#[cfg(test)]
mod tests;
