//! Commands one behind the other: lists, `&&` and `||`, pipes, `&`. Each is
//! walked with what those in front of it leave behind; where one may have
//! failed, what it changed is in doubt. Runs nothing.

use super::line::Lines;
use super::outcome::{leaves_shell, succeeds};
use super::state::State;
use crate::parse::shell::{Entry, Join, List, Pipeline};

impl Lines<'_> {
    /// Walks commands in this shell, one behind the other.
    pub(super) fn list(&mut self, list: &List) {
        let start = self.state.after.len();
        for (index, entry) in list.entries.iter().enumerate() {
            let from = self.state.after.len();
            match entry.background {
                true => self.aside(|lines| lines.entry(entry)),
                false => self.entry(entry),
            }
            // Only what comes behind knows that the last one did not fail.
            let goes_on = index + 1 < list.entries.len();
            if entry.background || (goes_on && !self.ends_where_it_fails(entry)) {
                self.state.doubt(if entry.background { from } else { start });
            }
        }
    }

    fn entry(&mut self, entry: &Entry) {
        let mut certain = true;
        let mut before: Option<State> = None;
        // The directory in front of the command before.
        let mut start = self.state.cwd.clone();
        let from = self.state.after.len();
        for (index, (join, pipeline)) in entry.pipelines.iter().enumerate() {
            let runs = *join == Join::First || (*join == Join::And && certain);
            if !runs && before.is_none() {
                before = Some(self.copy());
            }
            let reached = self.state.cwd.clone();
            let failed = *join == Join::Or;
            if failed && !leaves_shell(pipeline) {
                self.state.doubt(from);
            }
            if failed {
                // What came before has failed: where it was to go, nobody is.
                self.state.cwd.clone_from(&start);
            }
            let is_last = index + 1 == entry.pipelines.len();
            self.tested += usize::from(!is_last);
            self.pipeline(pipeline);
            self.tested -= usize::from(!is_last);
            if failed && self.state.cwd == start {
                self.state.cwd.clone_from(&reached);
            }
            start = reached;
            certain &= *join != Join::Or && succeeds(pipeline);
        }
        if let Some(before) = before {
            // If all of it succeeded, all of it ran.
            let left = self.state.after.clone();
            let after = self.state.clone();
            self.join(&before.clone(), vec![after, before]);
            self.state.after = left;
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        let from = self.state.after.len();
        self.tested += usize::from(pipeline.negated);
        self.commands(pipeline);
        self.tested -= usize::from(pipeline.negated);
        if pipeline.negated {
            self.state.doubt(from);
        }
    }

    fn commands(&mut self, pipeline: &Pipeline) {
        if let [command] = pipeline.commands.as_slice() {
            return self.command(command);
        }
        let mut stdin = self.state.stdin.clone();
        let count = pipeline.commands.len();
        for (index, command) in pipeline.commands.iter().enumerate() {
            let own = stdin.clone();
            if index + 1 < count {
                stdin = self.piped(command, &own);
            }
            let from = self.state.after.len();
            self.aside(|lines| {
                lines.state.stdin = own;
                lines.command(command);
            });
            if index + 1 < count {
                self.state.doubt(from);
            }
        }
    }
}
