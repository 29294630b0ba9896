//! Who is asking: a person, an agent, CI, or nobody knows.

use std::fmt;

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
    /// path; those whose path the system hides, by their name.
    pub trusted_terminals: Vec<String>,
}

pub fn identify(_: &dyn crate::world::World, _: &ActorPolicy) -> Actor {
    unimplemented!()
}
