//! A cheap look at text that could not be read: whether it could run a
//! guarded tool at all.

use crate::rules::{self, Reader};
use crate::world::World;

/// Words that run or decode text of which nothing can be seen.
const HIDERS: &[&str] = &["eval", "base64", "base32", "xxd", "openssl", "uudecode"];

/// The most words that are looked up.
const WORDS: usize = 20_000;

/// Whether a guarded tool's name stands in a script as a word. curl does not
/// count: it stands in every installer, and what it does needs more than its
/// name.
pub(super) fn names_a_tool(text: &str, world: &dyn World) -> bool {
    any_word(text, |word| word != "curl" && is_tool(word, world))
}

/// Whether text that does not parse could run a guarded tool: it names one,
/// decodes hidden text, or computes the name of a command.
pub(super) fn could_run(text: &str, world: &dyn World) -> bool {
    any_word(text, |word| is_tool(word, world) || HIDERS.contains(&word))
        || text
            .split(['\n', ';', '|', '&', '(', '{'])
            .any(|command| command.trim_start().trim_start_matches('"').starts_with(['$', '`']))
}

/// Whether any word is such a one; a text of too many words is taken to have
/// one.
fn any_word(text: &str, is_one: impl Fn(&str) -> bool) -> bool {
    let mut words = text
        .split(|letter: char| !(letter.is_alphanumeric() || "._-+".contains(letter)))
        .filter(|word| !word.is_empty());
    words.by_ref().take(WORDS).any(is_one) || words.next().is_some()
}

/// Whether a program is guarded for what it does itself, not as a wrapper.
fn is_tool(word: &str, world: &dyn World) -> bool {
    rules::find(word, world).is_some_and(|guard| {
        guard.error.is_some()
            || guard.tools().any(|tool| tool.wrapper.is_none() && tool.reader != Reader::Shell)
    })
}
