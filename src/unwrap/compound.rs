//! Commands that hold others: groups, branches, loops, functions. What may
//! have happened either way is known only where both ways agree.

use std::rc::Rc;

use super::assigned::Assigned;
use super::line::{Lines, MAX_TURNS};
use super::paths::MAX_FILES;
use super::state::{State, Template, is_computed};
use crate::invocation::Stdin;
use crate::parse::shell::{Body, Command, List, Word};

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
                    lines.list(condition);
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
                let start = self.state.clone();
                let mut end = start.clone();
                for (_, list) in arms {
                    self.state = start.clone();
                    self.list(list);
                    end.merge(std::mem::replace(&mut self.state, start.clone()));
                }
                self.state = end;
            }
            Body::Function { name, body } => {
                let body = Rc::new((**body).clone());
                self.called.retain(|called| *called != name.raw);
                self.state.functions.insert(name.raw.clone(), vec![body]);
            }
            Body::Coprocess(command) => self.aside(|lines| {
                lines.state.stdin = Stdin::Opaque("a coprocess's pipe".to_owned());
                lines.command(command);
            }),
        }
    }

    fn branches(&mut self, branches: &[(List, List)]) {
        let mut ends: Vec<State> = Vec::new();
        let mut complete = false;
        for (condition, list) in branches {
            complete |= condition.entries.is_empty();
            self.list(condition);
            let start = self.state.clone();
            self.list(list);
            ends.push(std::mem::replace(&mut self.state, start));
        }
        let mut ends = ends.into_iter();
        if complete && let Some(first) = ends.next() {
            self.state = first;
        }
        for end in ends {
            self.state.merge(end);
        }
    }

    /// Walks something that comes round any number of times.
    fn repeat(&mut self, lists: &[&List], walk: impl FnOnce(&mut Self)) {
        let forget = |lines: &mut Self| {
            for list in lists {
                let assigned = Assigned::by(list, &lines.state);
                let names = if assigned.everything {
                    lines.state.vars.keys().cloned().chain(assigned.names).collect()
                } else {
                    assigned.names
                };
                names.iter().for_each(|name| lines.state.forget(name));
                if assigned.cwd || assigned.everything {
                    lines.state.lose_cwd();
                }
            }
        };
        forget(self);
        walk(self);
        forget(self);
    }

    fn each(&mut self, name: &str, words: Option<&[Word]>, body: &List) {
        let values: Option<Vec<Template>> = match words {
            Some(words) => {
                words.iter().for_each(|word| self.substitutions(&word.parts));
                let fields = self.spread(words);
                Some(fields.into_iter().map(|field| field.text).collect())
            }
            None => self.state.positional.clone(),
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
                for value in values {
                    self.set(name, Some(value));
                    self.list(body);
                }
                self.turns -= 1;
                // A `break` may have ended it anywhere.
                let assigned = Assigned::by(body, &self.state);
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
