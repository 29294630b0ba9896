//! Shell text → a tree of commands whose words keep what the shell would
//! still compute: quotes and escapes are decoded, expansions stay parts, and
//! the commands inside substitutions are trees of their own. Nothing is
//! expanded, looked up or judged here.
//!
//! [`lex`] takes characters apart (quotes, here-documents, substitutions, and
//! which words are reserved), and [`grammar`] hands its tokens to
//! brush-parser, whose grammar puts commands together. brush never sees the
//! text itself: its own tokenizer panics on long file descriptor numbers,
//! recurses without limit and cannot read a here-document with an unpaired
//! quote inside `"$(…)"` (brush-parser 0.4.0).

mod braces;
mod document;
pub mod escape;
mod grammar;
mod lex;
mod parameter;
mod reserved;
mod word;

pub use braces::expand as expand_braces;

use std::fmt;

/// The longest text that is read, in bytes.
pub const LIMIT: usize = 512 * 1024;

/// How deeply groups and substitutions may nest, all kinds together.
pub const DEPTH: usize = 40;

/// Why a text is no shell program that we can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It has more bytes than [`LIMIT`].
    TooLong(usize),
    /// It nests more deeply than [`DEPTH`].
    TooDeep,
    /// A quote or bracket is not closed, and which.
    Unterminated(&'static str),
    /// The grammar does not allow it, and near what.
    Syntax(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::TooLong(length) => {
                write!(f, "{length} bytes, more than the limit of {LIMIT}")
            }
            Error::TooDeep => write!(f, "nested more than {DEPTH} levels deep"),
            Error::Unterminated(what) => write!(f, "{what} is not closed"),
            Error::Syntax(near) => write!(f, "a syntax error {near}"),
        }
    }
}

/// A sequence of commands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// Its entries, in order.
    pub entries: Vec<Entry>,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The pipelines, each with what joins it to the one before.
    pub pipelines: Vec<(Join, Pipeline)>,
    /// Whether it ends in `&`.
    pub background: bool,
}

/// How a pipeline follows the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// It is the first.
    First,
    /// `&&`.
    And,
    /// `||`.
    Or,
}

/// Commands joined by `|`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// The commands, from the producer to the last consumer.
    pub commands: Vec<Command>,
    /// Whether it succeeds where it fails (`!`).
    pub negated: bool,
}

/// One command with its redirections.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// What it is.
    pub body: Body,
    /// Its redirections, in order.
    pub redirects: Vec<Redirect>,
}

/// The kinds of command.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Assignments and words.
    Simple(Simple),
    /// `{ …; }`.
    Group(List),
    /// `( … )`.
    Subshell(List),
    /// `if`: each condition with what follows it; an `else` has an empty one.
    If(Vec<(List, List)>),
    /// `while` and `until`.
    While {
        /// What is tested each time.
        condition: List,
        /// What is repeated.
        body: List,
    },
    /// `for` and `select`.
    For {
        /// The variable.
        name: String,
        /// Its values; none where they are the positional parameters.
        words: Option<Vec<Word>>,
        /// What is repeated.
        body: List,
    },
    /// `for ((…; …; …))`.
    Count {
        /// The three expressions.
        header: Vec<Word>,
        /// What is repeated.
        body: List,
    },
    /// `case`.
    Case {
        /// What is compared.
        word: Word,
        /// The arms: patterns and commands.
        arms: Vec<(Vec<Word>, List)>,
    },
    /// A function's definition.
    Function {
        /// Its name.
        name: Word,
        /// What it runs.
        body: Box<Command>,
    },
    /// `coproc`.
    Coprocess(Box<Command>),
}

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Simple {
    /// The assignments in front of it.
    pub assignments: Vec<Assignment>,
    /// Its words.
    pub words: Vec<Word>,
}

/// `name=value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// The parts of the index, where one element of an array is meant.
    pub index: Option<Vec<Part>>,
    /// Whether the value is appended (`+=`).
    pub append: bool,
    /// The value.
    pub value: Word,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq)]
pub struct Redirect {
    /// The file descriptor, where one is written.
    pub fd: Option<i32>,
    /// What is done with it.
    pub kind: RedirectKind,
}

/// What a redirection does.
#[derive(Clone, Debug, PartialEq)]
pub enum RedirectKind {
    /// `< file`.
    Read(Word),
    /// `> file`, `>| file`, `&> file`, `<> file`.
    Write(Word),
    /// `>> file`.
    Append(Word),
    /// `<& word`.
    DuplicateInput(Word),
    /// `>& word`.
    DuplicateOutput(Word),
    /// `<<` and `<<<`: the text itself.
    Text(Word),
}

/// A word, or anything else that is expanded like one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Word {
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// How the text spells it.
    pub raw: String,
}

/// A part of a word.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Characters that stand for themselves. Where not quoted, a shell may
    /// still see a pattern or braces in the marks beside them.
    Text {
        /// The bytes, quotes and escapes removed.
        bytes: Vec<u8>,
        /// Whether they were quoted.
        quoted: bool,
    },
    /// An unquoted `*`, `?`, `[`, `{`, `,` or `}`: itself unless the pattern
    /// or the braces are real ones.
    Mark(u8),
    /// `~` or `~name` where the shell would look for a home directory.
    Tilde(String),
    /// `$name`, `${name…}`, `$1`, `$@`.
    Parameter {
        /// The name, digits or special character.
        name: String,
        /// What is done with the value.
        modifier: Modifier,
        /// Whether it stands in double quotes.
        quoted: bool,
    },
    /// `$(…)` or backquotes.
    Command {
        /// The commands.
        list: List,
        /// Whether it stands in double quotes.
        quoted: bool,
    },
    /// `<(…)` or `>(…)`.
    Process {
        /// The commands.
        list: List,
        /// Whether it is written to.
        output: bool,
    },
    /// `$((…))`, `((…))` or `$[…]`, with the parts inside that expand.
    Arithmetic(Vec<Part>),
    /// The elements of `name=(…)`.
    Array(Vec<Word>),
}

/// What a parameter expansion does with the value.
#[derive(Clone, Debug, PartialEq)]
pub enum Modifier {
    /// Nothing.
    None,
    /// `${x:-word}`, `${x-word}`: the word where there is no value.
    Default {
        /// Whether an empty value counts as none.
        empty: bool,
        /// The word.
        word: Vec<Part>,
    },
    /// `${x:=word}`, `${x=word}`: the same, and it is assigned.
    Assign {
        /// Whether an empty value counts as none.
        empty: bool,
        /// The word.
        word: Vec<Part>,
    },
    /// `${x:+word}`, `${x+word}`: the word where there is a value.
    Alternative {
        /// Whether an empty value counts as none.
        empty: bool,
        /// The word.
        word: Vec<Part>,
    },
    /// `${x:?word}`, `${x?word}`: the value, or an end with a message.
    Required(Vec<Part>),
    /// Anything else (lengths, patterns, substrings, indirection), with the
    /// parts inside that expand.
    Other(Vec<Part>),
}

impl Word {
    /// The text of a word in which nothing is expanded or quoted.
    pub fn bare(&self) -> Option<&str> {
        let bare = |part: &Part| matches!(part, Part::Text { quoted: false, .. } | Part::Mark(_));
        (self.parts.iter().all(bare) && !self.raw.contains('\\')).then_some(self.raw.as_str())
    }

    /// The word taken as `name=value`, if it is written as an assignment.
    pub fn assignment(&self) -> Option<Assignment> {
        let Some(Part::Text { bytes, quoted: false }) = self.parts.first() else { return None };
        let named =
            bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let name = std::str::from_utf8(bytes.get(..named)?).ok()?.to_owned();
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let rest = bytes.get(named..)?;
        let mut index = None;
        let (parts, append) = match rest {
            [] => {
                // `name[index]=value`: the bracket is a mark of its own.
                let close = self.closing_subscript()?;
                index = self.parts.get(2..=close).map(<[Part]>::to_vec);
                let Some(Part::Text { bytes, quoted: false }) = self.parts.get(close) else {
                    return None;
                };
                let end = bytes.iter().position(|byte| *byte == b']')?;
                let (append, text) = after_equals(bytes.get(end + 1..)?)?;
                (self.value_parts(close, text), append)
            }
            _ => {
                let (append, text) = after_equals(rest)?;
                (self.value_parts(0, text), append)
            }
        };
        let raw = self.raw.split_once('=').map_or("", |(_, value)| value).to_owned();
        Some(Assignment { name, index, append, value: Word { parts, raw } })
    }

    fn closing_subscript(&self) -> Option<usize> {
        if self.parts.get(1) != Some(&Part::Mark(b'[')) {
            return None;
        }
        self.parts.iter().position(
            |part| matches!(part, Part::Text { bytes, quoted: false } if bytes.contains(&b']')),
        )
    }

    fn value_parts(&self, from: usize, text: &[u8]) -> Vec<Part> {
        let mut parts = Vec::new();
        let rest = self.parts.get(from + 1..).unwrap_or_default();
        match text.strip_prefix(b"~") {
            // A tilde right behind the equals sign stands for a home.
            Some(after) => {
                let named = after.iter().position(|byte| *byte == b'/').unwrap_or(after.len());
                let (name, tail) = after.split_at(named);
                parts.push(Part::Tilde(String::from_utf8_lossy(name).into_owned()));
                if !tail.is_empty() {
                    parts.push(Part::Text { bytes: tail.to_vec(), quoted: false });
                }
            }
            None if !text.is_empty() => {
                parts.push(Part::Text { bytes: text.to_vec(), quoted: false });
            }
            None => {}
        }
        parts.extend(rest.iter().cloned());
        parts
    }
}

fn after_equals(text: &[u8]) -> Option<(bool, &[u8])> {
    match text {
        [b'+', b'=', value @ ..] => Some((true, value)),
        [b'=', value @ ..] => Some((false, value)),
        _ => None,
    }
}

/// Reads a shell text.
///
/// # Errors
/// Says why it cannot be read.
pub fn parse(text: &str) -> Result<List, Error> {
    lex::parse(text, 0)
}

#[cfg(test)]
mod tests;
