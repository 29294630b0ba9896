//! Little languages that can run a command: awk's, sed's, the editors', Tcl's,
//! a crontab. Each text → the commands whose words it shows, with [`HOLE`] for
//! what is computed. Scanners, no grammars: whatever else a text does is
//! passed over. No I/O, and nothing is run.

pub mod awk;
mod awk_tokens;
pub mod consoles;
pub mod crontab;
pub mod ex;
pub mod lisp;
pub mod sed;
pub mod tcl;

use crate::invocation::HOLE;

/// The most commands that are taken from one text.
pub const MAX_STARTED: usize = 200;

/// The longest command that is put together of parts, in bytes.
const MAX_COMMAND: usize = 4 * 1024;

/// The longest command that is taken as it stands, in bytes.
const MAX_WHOLE: usize = 64 * 1024;

/// A command's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// A line for a shell.
    Line(String),
    /// The words themselves.
    List(Vec<String>),
}

/// What a command finds on its standard input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fed {
    /// What the program that starts it has.
    #[default]
    Inherited,
    /// This text, with [`HOLE`] for what is computed.
    Text(String),
    /// What the program computes.
    Computed,
}

/// A command that a text starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// Its words.
    pub words: Words,
    /// Its standard input.
    pub fed: Fed,
}

impl Started {
    /// A line for a shell that has the program's own input.
    pub fn line(text: impl Into<String>) -> Started {
        Started { words: Words::Line(text.into()), fed: Fed::Inherited }
    }
}

/// What was found in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The commands.
    pub started: Vec<Started>,
    /// Whether it starts one whose name is computed.
    pub computed: bool,
    /// Whether what it reads is run as commands, line by line.
    pub runs_input: bool,
}

impl Found {
    /// Adds a command, unless nothing of its name is known.
    fn add(&mut self, started: Started) {
        let text = match &started.words {
            Words::Line(text) => text.trim_start(),
            Words::List(words) => words.first().map_or("", String::as_str),
        };
        if text.is_empty() {
            return;
        }
        if text.starts_with(HOLE) {
            self.computed = true;
        }
        let fits = text.len() <= MAX_WHOLE && self.started.len() < MAX_STARTED;
        if fits && !self.started.contains(&started) {
            self.started.push(started);
        }
    }
}

/// Adds to a text, with one [`HOLE`] for several beside one another.
fn append(text: &mut String, more: &str) {
    if text.len() + more.len() <= MAX_COMMAND && !(more == HOLE && text.ends_with(HOLE)) {
        text.push_str(more);
    }
}
