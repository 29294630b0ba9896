//! curl's words: which option a spelling stands for, and a value with the
//! place where it stands. By curl 7.88.1's and 8.x's own rules: `--no-` in
//! front of a flag, `--expand-` in front of a value, unique prefixes (which
//! 8.x no longer takes), clusters, no `--long=value`.

use std::borrow::Cow;
use std::ops::Range;

use crate::rules::{Arity, Opt, Tool};

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: variables are filled into it.
    Nowhere,
    /// In this word of argv.
    Word(usize),
    /// In a config file, from this byte on, in quotes or not.
    Line {
        /// Which of those that were read.
        config: usize,
        /// The first byte of the value, or the quote in front of it.
        start: usize,
    },
}

/// A word, or the part of one that is an option's value.
#[derive(Clone, Debug)]
pub struct Arg<'a> {
    /// Its text.
    pub text: Cow<'a, [u8]>,
    /// The word or value that it is a part of.
    pub origin: Origin,
    /// How many bytes of that word or value precede it.
    pub offset: usize,
    /// Whether it is computed at run time.
    pub dynamic: bool,
}

impl<'a> Arg<'a> {
    /// A text that stands nowhere.
    pub fn loose(text: impl Into<Cow<'a, [u8]>>) -> Arg<'a> {
        Arg { text: text.into(), origin: Origin::Nowhere, offset: 0, dynamic: false }
    }

    /// The part of it behind its first `count` bytes.
    pub fn behind(&self, count: usize) -> Arg<'a> {
        let text = match &self.text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(count..).unwrap_or_default()),
            Cow::Owned(text) => Cow::Owned(text.get(count..).unwrap_or_default().to_vec()),
        };
        Arg { text, origin: self.origin, offset: self.offset + count, dynamic: self.dynamic }
    }

    /// Its first `count` bytes.
    pub fn first(&self, count: usize) -> Arg<'a> {
        let text = self.text.get(..count).unwrap_or(&self.text).to_vec();
        Arg { text: Cow::Owned(text), ..self.clone() }
    }

    /// Which bytes of the word or value it is.
    pub fn span(&self) -> Range<usize> {
        self.offset..self.offset + self.text.len()
    }

    /// Its text, with what is not UTF-8 replaced.
    pub fn lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.text)
    }
}

/// What a long option's spelling stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Long {
    /// The option.
    pub option: &'static Opt,
    /// Whether it is switched on (`--no-` switches off).
    pub on: bool,
    /// Whether variables are filled into its value (`--expand-`).
    pub expand: bool,
    /// Whether it was spelled out in full.
    pub exact: bool,
}

/// Finds a long option by its spelling without dashes. An ambiguous prefix,
/// which some version may take and others reject, stands for the first of
/// its options.
pub fn long(tool: &'static Tool, word: &[u8]) -> Option<Long> {
    let plain = |(option, exact)| Long { option, on: true, expand: false, exact };
    let negated = word.strip_prefix(b"no-").and_then(|name| by_name(tool, name));
    if let Some((option, exact)) = negated {
        return (option.arity == Arity::Flag)
            .then_some(Long { on: false, ..plain((option, exact)) });
    }
    if let Some(name) = word.strip_prefix(b"expand-") {
        let (option, exact) = by_name(tool, name)?;
        return Some(Long { expand: true, ..plain((option, exact)) });
    }
    by_name(tool, word).map(plain)
}

/// An option by its long name or the beginning of it, and whether it was the
/// whole name.
fn by_name(tool: &'static Tool, name: &[u8]) -> Option<(&'static Opt, bool)> {
    let mut prefixed = None;
    let (first, _) = name.split_first()?;
    for option in tool.options {
        for spelling in option.names {
            let [b'-', b'-', spelling @ ..] = spelling.as_bytes() else { continue };
            // The first letter alone tells nearly all of them apart.
            if spelling.first() != Some(first) || !spelling.starts_with(name) {
                continue;
            }
            if spelling.len() == name.len() {
                return Some((option, true));
            }
            prefixed = prefixed.or(Some((option, false)));
        }
    }
    prefixed
}

/// Finds a short option by its letter.
pub fn short(tool: &'static Tool, letter: u8) -> Option<&'static Opt> {
    tool.options.iter().find(|option| {
        option
            .names
            .first()
            .is_some_and(|name| matches!(name.as_bytes(), [b'-', have] if *have == letter))
    })
}

/// The long name of an option, by which the reader knows it.
pub fn name(option: &Opt) -> &'static str {
    option.names.last().copied().unwrap_or_default()
}
