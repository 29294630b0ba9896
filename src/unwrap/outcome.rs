//! What is certain about a command's success: whether the line goes on where
//! it fails, and whether it could fail at all. Runs nothing.

use super::line::Lines;
use crate::parse::shell::{Body, Command, Entry, Join, Pipeline};

impl Lines<'_> {
    /// Whether the shell ends if this fails.
    pub(super) fn ends_where_it_fails(&self, entry: &Entry) -> bool {
        match entry.pipelines.as_slice() {
            [(_, pipeline)] => self.state.stops && self.tested == 0 && !pipeline.negated,
            [.., (Join::Or, last)] => leaves_shell(last),
            _ => false,
        }
    }
}

/// Whether a pipeline ends the shell: `exit 1`, `{ echo no; exit 1; }`.
pub(super) fn leaves_shell(pipeline: &Pipeline) -> bool {
    let [command] = pipeline.commands.as_slice() else { return false };
    match &command.body {
        Body::Simple(simple) => {
            simple.words.first().is_some_and(|name| matches!(name.raw.as_str(), "exit" | "return"))
        }
        Body::Group(list) => list.entries.last().is_some_and(|entry| {
            !entry.background
                && matches!(entry.pipelines.as_slice(), [(_, last)] if leaves_shell(last))
        }),
        _ => false,
    }
}

/// Whether a pipeline is one that does not fail for reasons that matter here.
pub(super) fn succeeds(pipeline: &Pipeline) -> bool {
    let [Command { body: Body::Simple(simple), .. }] = pipeline.commands.as_slice() else {
        return false;
    };
    match simple.words.first() {
        None => true,
        Some(name) => matches!(
            name.raw.as_str(),
            "cd" | "export"
                | "echo"
                | "printf"
                | "set"
                | "true"
                | ":"
                | "unset"
                | "declare"
                | "local"
                | "readonly"
                | "alias"
                | "umask"
                | "shopt"
                | "typeset"
                | "source"
                | "."
        ),
    }
}
