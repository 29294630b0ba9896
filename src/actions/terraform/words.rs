//! The words that Terraform really takes: those of `TF_CLI_ARGS` and
//! `TF_CLI_ARGS_<command>` stand right behind the command word, the second
//! in front of the first (main.go's `mergeEnvArgs`; Terraform 1.11.4, by
//! running it). A variable may even bring the command word itself.

use std::ffi::OsString;

use crate::actions::Call;
use crate::invocation::{COMPUTED, Invocation};
use crate::parse::argv::{self, Given, Parsed, Word};

/// The most words that a variable brings.
const MAX_WORDS: usize = 1_000;

/// A call's words after the variables have had their say.
pub struct Words {
    /// The invocation with all words.
    pub invocation: Invocation,
    /// Where the variables' words begin, and how many there are.
    added: (usize, usize),
    /// The variables that brought words.
    pub spent: Vec<OsString>,
    /// The variable that is computed at run time, if one is.
    pub computed: Option<String>,
}

impl Words {
    /// The words of a call.
    pub fn of(call: &Call<'_>) -> Words {
        let own = call.context.invocation;
        let mut words =
            Words { invocation: own.clone(), added: (0, 0), spent: Vec::new(), computed: None };
        let parsed = argv::parse(call.tool, own, false);
        let name: Vec<String> =
            parsed.path.iter().map(|word| word.text.to_string_lossy().replace('-', "_")).collect();
        let behind = parsed.path.last().map_or_else(|| front(&parsed), |word| word.index + 1);
        let mut names = vec!["TF_CLI_ARGS".to_owned()];
        if !name.is_empty() {
            names.insert(0, format!("TF_CLI_ARGS_{}", name.join("_")));
        }
        let mut added = Vec::new();
        for name in names {
            let Some(value) = call.context.text_var(&name) else { continue };
            if value == COMPUTED {
                words.computed = Some(name);
                continue;
            }
            // What cannot be split, Terraform refuses.
            let split = shell_words::split(&value).unwrap_or_default();
            added.extend(split.into_iter().take(MAX_WORDS).map(OsString::from));
            words.spent.push(name.into());
        }
        if added.is_empty() {
            return words;
        }
        words.added = (behind, added.len());
        let count = added.len();
        let moved = |at: usize| if at >= behind { at + count } else { at };
        words.invocation.argv.splice(behind..behind, added);
        for at in &mut words.invocation.dynamic {
            *at = moved(*at);
        }
        for (at, _) in &mut words.invocation.templates {
            *at = moved(*at);
        }
        words
    }

    /// The place in the call's own argv of word `index`; none if a variable
    /// brought it.
    pub fn own_place(&self, index: usize) -> Option<usize> {
        let (from, count) = self.added;
        if index < from {
            return Some(index);
        }
        index.checked_sub(count).filter(|place| *place >= from)
    }

    /// Whether they only ask for help: `-help` anywhere in front of `--`.
    pub fn ask_for_help(&self) -> bool {
        let words = self.invocation.argv.iter().skip(1);
        let mut options = words.take_while(|word| *word != "--");
        options.any(|word| word == "-help" || word == "--help" || word == "-h")
    }
}

/// Where words stand that come in front of every other: behind `-chdir`.
fn front(parsed: &Parsed<'_>) -> usize {
    let last = parsed.all("-chdir").last();
    last.map_or(1, |given| given.value.map_or(given.index, |value| value.index) + 1)
}

/// Whether a truth value is given and true, as Go's flag package reads it.
pub fn is_on(parsed: &Parsed<'_>, name: &str) -> bool {
    parsed.last(name).is_some_and(|given| match given.value {
        Some(value) => {
            !["0", "f", "F", "false", "FALSE", "False"].iter().any(|no| value.text == *no)
        }
        None => true,
    })
}

/// An option as one word: `-name=value`.
pub fn spelled(given: &Given<'_>) -> OsString {
    let name = given.option.names.last().copied().unwrap_or_default();
    let mut word = OsString::from(name);
    if let Some(value) = given.value {
        word.push("=");
        word.push(value.text);
    }
    word
}

/// The first word that is computed at run time, as it is spelled.
pub fn computed<'a>(parsed: &'a Parsed<'_>) -> Option<&'a Word<'a>> {
    parsed.positionals.iter().find(|word| word.dynamic)
}
