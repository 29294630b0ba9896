//! A psql session's scripts: each read as psql's scanner takes it apart, under
//! both settings of standard_conforming_strings where they differ, and the data
//! behind a COPY. Nothing is run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::session::{MAX_COMPARED, Places, Session};
use crate::action::{Effect, Flag};
use crate::actions::Pinned;
use crate::parse::psql_script::{Data, Item, Query, Scanner, Variables};
use crate::parse::sql::{self, Role, Statement};

/// How deep files may include each other.
const MAX_DEPTH: usize = 16;

impl Session<'_> {
    /// A script in psql's language, from a file in `dir`. Gives it as it is
    /// to be handed on; none if a copy elsewhere would mean something else.
    pub fn script(&mut self, bytes: Arc<[u8]>, dir: Option<PathBuf>) -> Option<Pinned> {
        if self.depth >= MAX_DEPTH {
            self.opaque("it includes files too deeply".to_owned());
            return Some(Pinned { bytes, names: Vec::new() });
        }
        let text = bytes.to_vec();
        let outer = std::mem::take(&mut self.sites);
        self.depth += 1;
        let saved = (self.variables.clone(), self.places.clone(), self.sql.clone());
        let (from, inner, branches) = (self.steps.len(), self.inner.len(), self.branches);
        let tricky = self.scan(Scanner::new(text.clone(), false), dir.as_deref());
        if tricky {
            self.read_other_way(text, dir.as_deref(), saved, from, inner, branches);
        }
        self.depth -= 1;
        self.branches = branches;
        let found = std::mem::replace(&mut self.sites, outer);
        (!found.stays).then_some(Pinned { bytes, names: found.names })
    }

    /// Reads a script as psql does with standard_conforming_strings off, and
    /// adds what that finds.
    fn read_other_way(
        &mut self,
        text: Vec<u8>,
        dir: Option<&Path>,
        saved: (Variables, Places, sql::Reader),
        from: usize,
        inner: usize,
        branches: usize,
    ) {
        let now = (
            std::mem::replace(&mut self.variables, saved.0),
            std::mem::replace(&mut self.places, saved.1),
            std::mem::replace(&mut self.sql, saved.2),
        );
        let sites = std::mem::take(&mut self.sites);
        let first = self.steps.split_off(from);
        let commands = self.inner.split_off(inner);
        self.branches = branches;
        self.scan(Scanner::new(text, true), dir);
        let other_sites = std::mem::replace(&mut self.sites, sites);
        self.sites.stays |= other_sites.stays;
        if self.sites.names != other_sites.names {
            // What is a name to one is a string to the other.
            self.sites.names.retain(|name| other_sites.names.contains(name));
            self.opaque("which files it includes depends on the server".to_owned());
        }
        let mut other = self.steps.split_off(from);
        other.retain(|(statement, places)| {
            !statement.is_harmless()
                && !first
                    .iter()
                    .take(MAX_COMPARED)
                    .any(|(have, at)| have == statement && at == places)
        });
        let mut runs = self.inner.split_off(inner);
        runs.retain(|run| !commands.contains(run));
        self.steps.extend(first);
        self.steps.extend(other);
        self.inner.extend(commands);
        self.inner.extend(runs);
        (self.variables, self.places, self.sql) = now;
    }

    pub(super) fn scan(&mut self, scanner: Scanner, dir: Option<&Path>) -> bool {
        let mut scanner = scanner.single_line(self.single_line);
        while let Some(item) = scanner.next(&self.variables) {
            match item {
                Item::Query(query) => {
                    let before = self.copies;
                    self.query(query);
                    for _ in before..self.copies {
                        let data = scanner.take_data();
                        self.data(data);
                    }
                }
                Item::Command(command) => {
                    let quits = matches!(command.name.as_str(), "q" | "quit");
                    if quits && self.branches == 0 {
                        break;
                    }
                    self.command(&command, dir, Some(&mut scanner));
                }
                Item::Unreadable(why) => self.opaque(why.to_owned()),
            }
        }
        scanner.is_tricky()
    }

    /// The data of a COPY. If the server refuses the COPY, psql goes on to run
    /// it as a script; so where no `\.` ends it, or another COPY stands in it,
    /// it may be one, and what destroys in it counts if it is SQL in full.
    fn data(&mut self, data: Data) {
        let mut scanner = Scanner::new(data.bytes, false);
        let mut script = !data.closed;
        let mut found = Vec::new();
        while let Some(item) = scanner.next(&self.variables) {
            let Item::Query(Query { text, .. }) = item else { continue };
            if !sql::may_destroy(&text) {
                continue;
            }
            for statement in self.sql.clone().read(&text) {
                script |= statement.role == Role::CopyIn;
                if statement.effect == Effect::Destroy && !statement.flags.has(Flag::Opaque) {
                    found.push(statement);
                }
            }
        }
        for statement in found.into_iter().filter(|_| script) {
            const WHERE: &str = "Stands behind a COPY, and is run if the server refuses that: ";
            let summary = format!("{WHERE}{}", statement.summary);
            self.push(Statement { summary, ..statement });
        }
    }
}
