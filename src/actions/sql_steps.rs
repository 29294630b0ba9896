//! The statements of a session with the place that each would go to, and the
//! actions that come of them: for the clients whose SQL is `parse/dialect`.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{Handed, Reading};
use crate::action::{Action, Effect, Flag};
use crate::invocation::Invocation;
use crate::parse::dialect::Found;
use crate::parse::sql::{self, Role, Statement};
use crate::target::Target;

/// Steps beyond which a session is not followed: what is kept of a script is
/// bounded, however long it is.
const MAX_STEPS: usize = 20_000;
/// Steps among which a write that says the same is looked for.
const MAX_COMPARED: usize = 200;
/// Actions that a reading lists.
const MAX_ACTIONS: usize = 50;

/// Files written that are kept apart.
const MAX_WRITTEN: usize = 1_000;

/// Whether a text holds one of these words, in any case.
pub fn names_any(text: &[u8], words: &[&[u8]]) -> bool {
    let holds =
        |word: &[u8]| text.windows(word.len().max(1)).any(|have| have.eq_ignore_ascii_case(word));
    words.iter().any(|word| holds(word))
}

/// The SQL in a word that is partly computed at run time, from byte `offset`
/// on, with stand-ins for what is computed; none where that could be more than
/// a value or a name.
pub fn filled(invocation: &Invocation, index: usize, offset: usize) -> Option<Vec<u8>> {
    let (_, template) = invocation.templates.iter().find(|(at, _)| *at == index)?;
    let (template, word) = (template.as_bytes(), invocation.argv.get(index)?.as_bytes());
    // What is in front, an option's name, is no part of what is computed.
    if template.get(..offset)? != word.get(..offset)? {
        return None;
    }
    sql::holes::fill(template.get(offset..)?)
}

/// What a session does, in order.
#[derive(Debug)]
pub struct Steps<P> {
    steps: Vec<(Found, Rc<P>)>,
    inner: Vec<Invocation>,
    /// What is to be handed on.
    pub handed: Vec<Handed>,
    /// What it has written so far.
    pub written: Written,
    tool: &'static str,
}

/// The files that a session may have written on this machine: what it includes
/// from them is not what is in them now.
#[derive(Debug, Default)]
pub struct Written {
    files: Vec<PathBuf>,
    /// Whether any file may be among them.
    pub any: bool,
}

impl Written {
    /// Adds a file, by its absolute path.
    pub fn add(&mut self, path: PathBuf) {
        match self.files.len() < MAX_WRITTEN {
            true => self.files.push(path),
            false => self.any = true,
        }
    }

    /// Whether it has written this file.
    pub fn has(&self, path: &Path) -> bool {
        self.files.iter().any(|have| have == path)
    }
}

impl<P> Steps<P> {
    /// No steps yet; `tool` is the first part of the rules' ids.
    pub fn new(tool: &'static str) -> Steps<P> {
        Steps {
            steps: Vec::new(),
            inner: Vec::new(),
            handed: Vec::new(),
            written: Written::default(),
            tool,
        }
    }

    /// Adds a statement that goes to `place`, if it can make a difference: of
    /// plain writes to one place, one stands for all.
    pub fn push(&mut self, found: Found, place: &Rc<P>) {
        let statement = &found.statement;
        let plain = statement.role == Role::Plain && statement.flags.is_empty();
        if plain && statement.effect == Effect::Read {
            return;
        }
        if plain && statement.effect == Effect::Write {
            let alike = |(have, at): &(Found, Rc<P>)| {
                have.statement.operation == statement.operation
                    && have.statement.role == Role::Plain
                    && have.statement.effect == Effect::Write
                    && have.statement.flags.is_empty()
                    && have.databases == found.databases
                    && Rc::ptr_eq(at, place)
            };
            if self.steps.iter().rev().take(MAX_COMPARED).any(alike) {
                return;
            }
        }
        if self.steps.len() == MAX_STEPS {
            let why = "it has more statements than holdpoint lists";
            let rest = Statement { lasting: true, ..Statement::opaque(self.tool, why) };
            self.steps.push((rest.into(), Rc::clone(place)));
        } else if self.steps.len() < MAX_STEPS {
            self.steps.push((found, Rc::clone(place)));
        }
    }

    /// Adds something that cannot be read.
    pub fn opaque(&mut self, why: &str, place: &Rc<P>) {
        let statement = Statement { lasting: true, ..Statement::opaque(self.tool, why) };
        self.push(statement.into(), place);
    }

    /// Adds a session that will be typed; `operation` says of which kind.
    pub fn interactive(&mut self, operation: &'static str, place: &Rc<P>) {
        self.push(Statement::opaque(operation, "it will be typed").into(), place);
    }

    /// Adds a command that the client runs.
    pub fn run(&mut self, invocation: Invocation) {
        self.written.any = true;
        self.inner.push(invocation);
    }

    /// The actions, the worst first. `target` says where a place leads, given
    /// the databases that a statement itself names; `last` is where a session
    /// without anything to say leads, if that is wanted.
    pub fn finish(self, target: impl Fn(&P, &[String]) -> Target, last: Option<&Rc<P>>) -> Reading {
        let (found, places): (Vec<Found>, Vec<Rc<P>>) = self.steps.into_iter().unzip();
        let databases: Vec<Vec<String>> = found.iter().map(|it| it.databases.clone()).collect();
        let mut statements: Vec<Statement> = found.into_iter().map(|it| it.statement).collect();
        sql::settle(&mut statements);
        let mut steps: Vec<(Statement, Rc<P>, Vec<String>)> = statements
            .into_iter()
            .zip(places)
            .zip(databases)
            .map(|((statement, place), databases)| (statement, place, databases))
            .filter(|(statement, ..)| !statement.is_harmless())
            .collect();
        steps.sort_by_key(|(statement, ..)| {
            let flags = statement.flags;
            let weight = (statement.effect, flags.has(Flag::Opaque), flags.has(Flag::Irreversible));
            std::cmp::Reverse(weight)
        });
        if let Some(place) = last.filter(|_| steps.is_empty()) {
            steps.push((Statement::new(Effect::Read, "SELECT"), Rc::clone(place), Vec::new()));
        }
        let (inner, handed) = (self.inner, self.handed);
        let mut reading = Reading { inner, handed, ..Reading::default() };
        // Of writes to one place, one stands for all.
        let mut writes: Vec<(String, Rc<P>, Vec<String>)> = Vec::new();
        let mut left_out = 0_usize;
        for (statement, place, databases) in steps {
            if statement.effect == Effect::Write && statement.flags.is_empty() {
                let alike = |(operation, at, names): &(String, Rc<P>, Vec<String>)| {
                    *operation == statement.operation
                        && Rc::ptr_eq(at, &place)
                        && *names == databases
                };
                if writes.iter().any(alike) {
                    continue;
                }
                let operation = statement.operation.to_string();
                writes.push((operation, Rc::clone(&place), databases.clone()));
            }
            if reading.actions.len() == MAX_ACTIONS {
                left_out += 1;
                continue;
            }
            reading.actions.push(action(self.tool, statement, target(&place, &databases)));
        }
        if left_out > 0 {
            let note = format!("holdpoint: {left_out} more statements of this kind follow.");
            reading.notes.push(note);
        }
        reading
    }
}

fn action(tool: &str, statement: Statement, target: Target) -> Action {
    let rule = match statement.effect {
        Effect::Read if statement.flags.is_empty() => format!("{tool}/read"),
        _ => format!("{tool}/{}", statement.operation),
    };
    Action {
        flags: statement.flags,
        object: statement.object,
        summary: statement.summary,
        rule: rule.into(),
        instead: statement.instead.map(Into::into),
        target,
        unknown_function: statement.unknown_function,
        ..Action::new(statement.effect, statement.operation)
    }
}
