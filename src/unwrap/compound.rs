//! Commands that hold others: groups, branches, loops, functions. What may
//! have happened either way is known only where both ways agree.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::assigned::Assigned;
use super::line::{Lines, MAX_TURNS};
use super::paths::MAX_FILES;
use super::state::{State, Template, is_computed};
use crate::invocation::Stdin;
use crate::parse::shell::{Body, Command, List, Word};

/// What it costs to see what a command assigns.
const LOOKED_AT: usize = 20;

impl Lines<'_> {
    pub(super) fn body(&mut self, command: &Command) {
        match &command.body {
            Body::Simple(simple) => self.simple(simple),
            Body::Group(list) => self.list(list),
            Body::Subshell(list) => self.aside(|lines| lines.list(list)),
            Body::If(branches) => self.branches(branches),
            Body::While { condition, body } => {
                let both = [condition, body];
                self.repeat(&both, |lines| {
                    lines.tested += 1;
                    lines.list(condition);
                    lines.tested -= 1;
                    lines.list(body);
                });
            }
            Body::Count { header, body } => {
                for word in header {
                    self.substitutions(&word.parts);
                    for name in word.raw.split(|c: char| !(c == '_' || c.is_ascii_alphanumeric())) {
                        self.state.forget(name);
                    }
                }
                self.repeat(&[body], |lines| lines.list(body));
            }
            Body::For { name, words, body } => self.each(name, words.as_deref(), body),
            Body::Case { word, arms } => {
                self.substitutions(&word.parts);
                for pattern in arms.iter().flat_map(|(patterns, _)| patterns) {
                    self.substitutions(&pattern.parts);
                }
                let start = self.copy();
                let mut ends = vec![start.clone()];
                for (_, list) in arms {
                    self.list(list);
                    ends.push(std::mem::replace(&mut self.state, start.clone()));
                }
                self.join(&start, ends);
            }
            Body::Function { name, body } => {
                self.called.remove(&name.raw);
                self.state.functions.push((name.raw.as_str().into(), Rc::new([body.clone()])));
            }
            Body::Coprocess(command) => self.aside(|lines| {
                lines.state.stdin = Stdin::Opaque("a coprocess's pipe".to_owned());
                lines.command(command);
            }),
        }
    }

    fn branches(&mut self, branches: &[(List, List)]) {
        let base = self.copy();
        let mut ends: Vec<State> = Vec::new();
        let mut complete = false;
        for (condition, list) in branches {
            complete |= condition.entries.is_empty();
            let from = self.state.after.len();
            self.tested += 1;
            self.list(condition);
            self.tested -= 1;
            let start = self.copy();
            self.list(list);
            ends.push(std::mem::replace(&mut self.state, start));
            // Whatever comes next, this condition does not hold there.
            self.state.doubt(from);
        }
        if !complete {
            ends.insert(0, self.state.clone());
        }
        self.join(&base, ends);
    }

    /// What a list may change.
    fn assigned(&mut self, list: &List) -> Assigned {
        let assigned = Assigned::by(list, &self.state);
        self.spend(assigned.steps.saturating_mul(LOOKED_AT));
        assigned
    }

    /// Walks something that comes round any number of times.
    fn repeat(&mut self, lists: &[&List], walk: impl FnOnce(&mut Self)) {
        let forget = |lines: &mut Self| {
            for list in lists {
                let assigned = lines.assigned(list);
                let names: BTreeSet<String> = if assigned.everything {
                    let set = lines.state.vars.iter().map(|(name, _)| name.to_string());
                    set.chain(assigned.names).collect()
                } else {
                    assigned.names
                };
                lines.spend(names.len());
                names.iter().for_each(|name| lines.state.forget(name));
                if assigned.cwd || assigned.everything {
                    lines.state.lose_cwd();
                }
            }
        };
        forget(self);
        let from = self.state.after.len();
        walk(self);
        self.state.doubt(from);
        forget(self);
    }

    fn each(&mut self, name: &str, words: Option<&[Word]>, body: &List) {
        let values: Option<Vec<Template>> = match words {
            Some(words) => {
                words.iter().for_each(|word| self.substitutions(&word.parts));
                let fields = self.spread(words);
                Some(fields.into_iter().map(|field| field.text).collect())
            }
            None => self.state.positional.as_deref().map(<[Template]>::to_vec),
        };
        // The files of a folder may be many; what is done with each is little.
        let small = self.turns == 0 && body.entries.len() <= MAX_TURNS;
        let most = |count: usize| match words {
            Some(words) if small && words.len() < count => MAX_FILES,
            _ => MAX_TURNS,
        };
        let known = values.filter(|values| {
            values.len() <= most(values.len()) && !values.iter().any(|value| is_computed(value))
        });
        match known {
            Some(values) if self.turns < 2 => {
                self.turns += 1;
                let from = self.state.after.len();
                for value in values {
                    self.set(name, Some(value));
                    self.list(body);
                }
                self.turns -= 1;
                self.state.doubt(from);
                // A `break` may have ended it anywhere.
                let assigned = self.assigned(body);
                assigned.names.iter().for_each(|name| self.state.forget(name));
                if assigned.cwd || assigned.everything {
                    self.state.lose_cwd();
                }
                self.state.forget(name);
            }
            _ => {
                self.state.forget(name);
                self.repeat(&[body], |lines| {
                    lines.state.forget(name);
                    lines.list(body);
                });
            }
        }
    }
}
