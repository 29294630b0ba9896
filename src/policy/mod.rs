//! Which targets are production, and what verdict follows: the built-in floor
//! and the policy files of the machine, the account and the project over it.
//! A file's text in, values out. [`load`] asks the world for the files; all
//! else is pure, nothing asks a person and nothing runs.

pub mod classify;
pub mod decide;
pub mod layer;
pub mod load;
pub mod names;
pub mod problem;
pub mod rule;
pub mod source;
pub mod table;
pub mod words;

use sha2::{Digest, Sha256};

pub use classify::Classified;
pub use decide::Decision;

use crate::actor::ActorPolicy;
use layer::{Layer, Owned};
use problem::Problem;
use source::{Mode, Source, TestSource};
use words::Globs;

/// Everything that says what follows from an action: the built-in rules, and
/// the files that are there, the outermost first.
#[derive(Debug, Default)]
pub struct Policy {
    layers: Vec<Layer>,
}

impl Policy {
    /// The policy of no file at all.
    pub const fn builtin() -> Policy {
        Policy { layers: Vec::new() }
    }

    /// The policy of these files. Their order among layers of one owner is
    /// kept; the owners are sorted outermost first.
    pub fn of(mut layers: Vec<Layer>) -> Policy {
        layers.sort_by_key(|layer| layer.owned);
        Policy { layers }
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

    /// What the files add to the markers of agents and CI jobs. Only the
    /// machine's and the account's say whether an IDE's terminal is a
    /// person's, and a `false` of the machine's is final.
    pub fn actors(&self) -> ActorPolicy {
        let mut out = ActorPolicy::default();
        let extend = |list: &mut Vec<String>, globs: &Globs| list.extend_from_slice(&globs.0);
        for (_, source) in self.sources() {
            extend(&mut out.extra_agent_env, &source.actors.agent_env);
            extend(&mut out.extra_agent_processes, &source.actors.agent_processes);
            extend(&mut out.extra_ci_env, &source.actors.ci_env);
        }
        let mut said = self
            .sources()
            .filter(|(layer, _)| layer.owned != Owned::Project)
            .filter_map(|(_, source)| source.actors.trust_ide_terminals.as_ref())
            .map(|trust| *trust.get_ref())
            .peekable();
        out.trust_ide_terminals = said.peek().is_some() && said.all(|trust| trust);
        out
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

    /// The files' paths and contents as one SHA-256 in hexadecimal, for the
    /// audit trail; `builtin` if there is no file.
    pub fn digest(&self) -> String {
        if self.layers.is_empty() {
            return "builtin".to_owned();
        }
        let mut hash = Sha256::new();
        for layer in &self.layers {
            hash.update(layer.path.as_os_str().as_encoded_bytes());
            hash.update([0]);
            hash.update((layer.bytes.len() as u64).to_le_bytes());
            hash.update(&layer.bytes);
        }
        format!("{:x}", hash.finalize())
    }
}
