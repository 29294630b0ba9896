//! Which variables a piece of a program may change, so that nothing is taken
//! for known where a loop or a branch comes round again.

use std::collections::BTreeSet;

use super::line::MAX_DEPTH;
use super::state::State;
use crate::parse::shell::{Body, Command, List, Simple};

/// What a piece of a program may change.
#[derive(Default)]
pub(super) struct Assigned {
    /// The variables.
    pub names: BTreeSet<String>,
    /// Whether the directory changes.
    pub cwd: bool,
    /// Whether anything else may change too (`eval`, `source`).
    pub everything: bool,
    /// How many commands were looked at.
    pub steps: usize,
    called: BTreeSet<String>,
    depth: usize,
}

impl Assigned {
    /// What `list` may change, functions that it calls included.
    pub fn by(list: &List, state: &State) -> Assigned {
        let mut assigned = Assigned::default();
        assigned.list(list, state);
        assigned
    }

    fn list(&mut self, list: &List, state: &State) {
        let pipelines = list.entries.iter().flat_map(|entry| &entry.pipelines);
        for command in pipelines.flat_map(|(_, pipeline)| &pipeline.commands) {
            self.command(command, state);
        }
    }

    fn command(&mut self, command: &Command, state: &State) {
        self.steps += 1;
        match &command.body {
            Body::Simple(simple) => self.simple(simple, state),
            Body::Group(list) => self.list(list, state),
            Body::Subshell(_) => {}
            Body::If(branches) => {
                for (condition, list) in branches {
                    self.list(condition, state);
                    self.list(list, state);
                }
            }
            Body::While { condition, body } => {
                self.list(condition, state);
                self.list(body, state);
            }
            Body::For { name, body, .. } => {
                self.names.insert(name.clone());
                self.list(body, state);
            }
            Body::Count { header, body } => {
                self.names.extend(header.iter().flat_map(|word| identifiers(&word.raw)));
                self.list(body, state);
            }
            Body::Case { arms, .. } => {
                for (_, list) in arms {
                    self.list(list, state);
                }
            }
            Body::Function { body, .. } => self.command(body, state),
            Body::Coprocess(_) => {}
        }
    }

    fn simple(&mut self, simple: &Simple, state: &State) {
        self.names.extend(simple.assignments.iter().map(|assignment| assignment.name.clone()));
        for word in &simple.words {
            // `${x:=value}` assigns wherever it stands.
            if word.raw.contains('=') && word.raw.contains("${") {
                self.names.extend(identifiers(&word.raw));
            }
        }
        let mut words = simple.words.iter().map(|word| word.raw.as_str());
        let Some(mut name) = words.next() else { return };
        while matches!(name, "command" | "builtin") {
            let Some(next) = words.next() else { return };
            name = next;
        }
        match name {
            "cd" | "pushd" | "popd" => self.cwd = true,
            "eval" | "source" | "." => self.everything = true,
            "export" | "declare" | "typeset" | "local" | "readonly" | "unset" | "read"
            | "mapfile" | "readarray" | "getopts" | "printf" | "let" | "((" | "wait" => {
                self.names.extend(words.flat_map(identifiers));
            }
            other => {
                if let Some(bodies) = state.functions.get(other)
                    && self.called.insert(other.to_owned())
                {
                    if self.depth >= MAX_DEPTH {
                        self.everything = true;
                        return;
                    }
                    self.depth += 1;
                    for body in bodies.iter() {
                        self.command(body, state);
                    }
                    self.depth -= 1;
                }
            }
        }
    }
}

/// Everything in a text that could be a variable's name.
fn identifiers(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|letter: char| !(letter == '_' || letter.is_ascii_alphanumeric()))
        .filter(|word| word.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic()))
        .map(str::to_owned)
}
