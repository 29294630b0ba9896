//! The statements of a session with the place that each would go to, and the
//! actions that come of them: for the clients whose SQL is `parse/dialect`.

use std::rc::Rc;

use super::Reading;
use crate::action::{Action, Effect, Flag};
use crate::invocation::Invocation;
use crate::parse::dialect::Found;
use crate::parse::sql::{self, Statement};
use crate::target::Target;

/// Actions that a reading lists.
const MAX_ACTIONS: usize = 50;

/// What a session does, in order.
#[derive(Debug)]
pub struct Steps<P> {
    steps: Vec<(Found, Rc<P>)>,
    inner: Vec<Invocation>,
    tool: &'static str,
}

impl<P> Steps<P> {
    /// No steps yet; `tool` is the first part of the rules' ids.
    pub fn new(tool: &'static str) -> Steps<P> {
        Steps { steps: Vec::new(), inner: Vec::new(), tool }
    }

    /// Adds a statement that goes to `place`.
    pub fn push(&mut self, found: Found, place: &Rc<P>) {
        self.steps.push((found, Rc::clone(place)));
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
        let mut reading = Reading { inner: self.inner, ..Reading::default() };
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
        ..Action::new(statement.effect, statement.operation)
    }
}
