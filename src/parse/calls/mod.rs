//! A program in a scripting language → the calls in it with the arguments that
//! its text shows, the texts in it that are not only printed, and its words.
//! JavaScript by its grammar, the others by their tokens. What a name stands
//! for is not looked up, and nothing is run.

mod script;
mod tokens;

use std::collections::BTreeSet;

use super::code::{self, Syntax};
use super::javascript::{self, Dialect};

/// The most calls and texts that are kept.
const MAX_FOUND: usize = 5_000;
/// How deep lists may hold one another.
const MAX_DEPTH: usize = 4;

/// Functions whose texts people read.
const PRINTING: &[&str] = &[
    "add_argument",
    "alert",
    "argumentparser",
    "assert",
    "confirm",
    "critical",
    "debug",
    "description",
    "die",
    "echo",
    "error",
    "exception",
    "fatal",
    "fail",
    "info",
    "input",
    "log",
    "pp",
    "print",
    "printf",
    "prompt",
    "puts",
    "raise",
    "say",
    "throw",
    "trace",
    "warn",
    "warning",
];

/// What stands in an argument's place.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// A text, with [`HOLE`] for each part that is computed.
    Text(String),
    /// A list.
    List(Vec<Argument>),
    /// An argument or entry with a name.
    Named(String, Box<Argument>),
    /// `{ … }`
    Entries(Vec<Argument>),
    /// A number or `true` and its like.
    Word(String),
    /// Anything else.
    Computed,
}

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// What stands in front of the name, the nearest first: `run` of
    /// `a.subprocess.run` is called on `subprocess` and `a`.
    pub on: Vec<String>,
    /// The function's own name.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

/// What was seen of a program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// The calls in it.
    pub calls: Vec<Called>,
    /// The texts in it that are not only printed.
    pub texts: Vec<String>,
    /// Its words outside of comments, those of its texts included.
    pub words: BTreeSet<String>,
}

/// Reads a program.
pub fn read(text: &str, syntax: Syntax) -> Program {
    let mut program = Program::default();
    if syntax == Syntax::Script {
        let read = javascript::parse(text, Dialect::Program);
        if read.problem.is_none() {
            read.body.iter().for_each(|expr| program.expr(expr, false));
            return program;
        }
    }
    program.tokens(&code::tokens(text, syntax), syntax);
    program
}

impl Program {
    fn word(&mut self, word: &str) {
        if self.words.len() < MAX_FOUND && !self.words.contains(word) {
            self.words.insert(word.to_owned());
        }
    }

    fn text(&mut self, text: &str, printed: bool) {
        if text.len() < 2_000 {
            let part = |letter: char| letter.is_alphanumeric() || "_@./-".contains(letter);
            for word in text.split(|letter| !part(letter)).filter(|word| !word.is_empty()) {
                self.word(word);
            }
        }
        if !printed && self.texts.len() < MAX_FOUND {
            self.texts.push(text.to_owned());
        }
    }

    fn called(&mut self, on: Vec<String>, name: &str, arguments: Vec<Argument>) {
        if self.calls.len() < MAX_FOUND {
            self.calls.push(Called { on, name: name.to_owned(), arguments });
        }
    }
}
