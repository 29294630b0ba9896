//! Which targets are production, and what verdict follows: the built-in floor
//! and the policy files of the machine, the account and the project over it.
//! A file's text in, values out. [`load`] asks the world for the files; all
//! else is pure, nothing asks a person and nothing runs.

pub mod classify;
pub mod decide;
pub mod examples;
pub mod layer;
pub mod load;
pub mod problem;
pub mod rule;
pub mod source;
pub mod table;
pub mod words;

pub use classify::Classified;
pub use decide::Decision;

use crate::actor::ActorPolicy;
use layer::Layer;
use problem::Problem;
use source::{Mode, Source, TestSource};

/// Everything that says what follows from an action: the built-in rules, and
/// the files that are there, the outermost first.
#[derive(Debug, Default)]
pub struct Policy {
    layers: Vec<Layer>,
    actors: ActorPolicy,
}

impl Policy {
    /// The policy of no file at all.
    pub fn builtin() -> Policy {
        Policy::default()
    }

    /// The policy of these files. Their order among layers of one owner is
    /// kept; the owners are sorted outermost first.
    pub fn of(mut layers: Vec<Layer>) -> Policy {
        layers.sort_by_key(|layer| layer.owned);
        let actors = actors(&layers);
        Policy { layers, actors }
    }

    /// The files, the outermost first.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// What is wrong with the files.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.layers.iter().filter_map(|layer| layer.content.as_ref().err()).flatten()
    }

    /// How strict the built-in table is: the strictest that any file says; a
    /// file that cannot be used counts as strict.
    pub fn mode(&self) -> Mode {
        let modes = self.layers.iter().map(|layer| {
            let said = layer.content.as_ref().map(|source| source.mode.as_ref());
            said.map_or(Mode::Strict, |mode| mode.map_or(Mode::Balanced, |mode| mode.get_ref().0))
        });
        modes.max().unwrap_or_default()
    }

    /// The files that can be used, each with what it says.
    fn sources(&self) -> impl Iterator<Item = (&Layer, &Source)> {
        self.layers.iter().filter_map(|layer| layer.content.as_ref().ok().map(|said| (layer, said)))
    }

    /// What the files add to the markers of agents, CI jobs and terminals.
    pub fn actors(&self) -> &ActorPolicy {
        &self.actors
    }

    /// Whether every write is recorded, on whatever class.
    pub fn records_writes(&self) -> bool {
        self.sources()
            .filter_map(|(_, source)| source.audit.writes.as_ref())
            .any(|writes| *writes.get_ref())
    }

    /// The examples that the files hold, with the file's path and the line at
    /// which each begins.
    pub fn tests(&self) -> impl Iterator<Item = (Problem, &TestSource)> {
        self.sources().flat_map(|(layer, source)| {
            source.test.iter().map(|test| {
                let text = String::from_utf8_lossy(&layer.bytes);
                (Problem::at(&layer.path, &text, test.span(), ""), test.get_ref())
            })
        })
    }
}

/// What files add to the markers. Whatever makes more callers people, only the
/// machine's and the account's files say ([`layer`] sees to it), and a
/// machine's `trust_ide_terminals = false` is final.
fn actors(layers: &[Layer]) -> ActorPolicy {
    let mut out = ActorPolicy::default();
    let mut trust = None;
    for source in layers.iter().filter_map(|layer| layer.content.as_ref().ok()) {
        let said = &source.actors;
        out.extra_agent_env.extend_from_slice(&said.agent_env.0);
        out.extra_agent_processes.extend_from_slice(&said.agent_processes.0);
        out.extra_ci_env.extend_from_slice(&said.ci_env.0);
        if let Some(terminals) = &said.trusted_terminals {
            out.trusted_terminals.extend_from_slice(&terminals.get_ref().0);
        }
        if let Some(said) = &said.trust_ide_terminals {
            trust = Some(trust.unwrap_or(true) && *said.get_ref());
        }
    }
    out.trust_ide_terminals = trust.unwrap_or(false);
    out
}
