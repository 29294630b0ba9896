//! A cheap look at text that could not be read: whether it could run a
//! guarded tool at all.

use crate::rules::{self, Reader, Tool, table};
use crate::world::World;

/// Words that run or decode text of which nothing can be seen.
const HIDERS: &[&str] = &["eval", "base64", "base32", "xxd", "openssl", "uudecode"];

/// How many words are looked up among the user's own rule files too, each of
/// which asks the file system.
const LOOKED_UP: usize = 2_000;

/// What stands for a computed part of a word ([`crate::invocation::HOLE`]).
const HOLE_LETTER: char = '\u{FFFC}';

/// Whether a guarded tool's name stands in a script as a word. curl does not
/// count: it stands in every installer, and what it does needs more than its
/// name.
pub(super) fn names_a_tool(text: &str, world: &dyn World) -> bool {
    any_word(text, |word, index| word != "curl" && is_tool(word, index, world))
}

/// Whether any program with rules stands in a text as a word, or what could
/// be one.
pub(super) fn names_a_program(text: &str, world: &dyn World) -> bool {
    text.contains([HOLE_LETTER, '$', '`'])
        || any_word(text, |word, index| {
            table::find(word).is_some()
                || HIDERS.contains(&word)
                || (index < LOOKED_UP && rules::find(word, world).is_some())
        })
}

/// Whether text that does not parse could run a guarded tool: it names one,
/// decodes hidden text, or computes the name of a command.
pub(super) fn could_run(text: &str, world: &dyn World) -> bool {
    any_word(text, |word, index| is_tool(word, index, world) || HIDERS.contains(&word))
        || text
            .split(['\n', ';', '|', '&', '(', '{'])
            .any(|command| command.trim_start().trim_start_matches('"').starts_with(['$', '`']))
}

/// Whether a word is a guarded tool's name, or a path to it.
pub(super) fn is_program(word: &str, world: &dyn World) -> bool {
    let name = word.rsplit('/').next().filter(|_| word.starts_with('/')).unwrap_or(word);
    is_tool(name, LOOKED_UP, world)
}

/// Whether any word is such a one.
fn any_word(text: &str, is_one: impl Fn(&str, usize) -> bool) -> bool {
    text.split(|letter: char| !(letter.is_alphanumeric() || "._-+".contains(letter)))
        .filter(|word| !word.is_empty())
        .enumerate()
        .any(|(index, word)| is_one(word, index))
}

/// Whether a program is guarded for what it does itself, not as a wrapper.
fn is_tool(word: &str, index: usize, world: &dyn World) -> bool {
    let acts = |tool: &Tool| {
        tool.wrapper.is_none() && !tool.reader.is_wrapper() && tool.reader != Reader::Files
    };
    match table::find(word) {
        Some(tool) => acts(tool),
        None if index >= LOOKED_UP => false,
        None => rules::find(word, world)
            .is_some_and(|guard| guard.error.is_some() || guard.tools().any(acts)),
    }
}
