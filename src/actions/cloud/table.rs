//! What the commands of gcloud and az mean: `rules/cloud/*.toml` compiled in,
//! and the look-ups on it. A command that nothing lists is judged by its last
//! command word, so that one that is newer than the tables is judged too.

use crate::action::{Effect, Flags};
use crate::action::{Flag, Scope};
pub use crate::actions::aws::table::{Rule, Tier};
use crate::target::Kind;
use crate::text::glob;

include!(concat!(env!("OUT_DIR"), "/clouds.rs"));

/// A cloud's commands.
#[derive(Debug)]
pub struct Table {
    /// Groups whose last word would be taken for a command's, sorted.
    groups: &'static [&'static str],
    /// Commands that the configured project or subscription does not bound.
    unbounded: &'static [&'static str],
    /// First parts of last command words, sorted.
    verbs: &'static [(&'static str, Tier)],
    exact: &'static [(&'static str, u16)],
    patterns: &'static [(&'static str, u16)],
    rules: &'static [Rule],
    modifiers: &'static [Modifier],
    /// Options that name something, and what kind of name it is.
    pub names: &'static [(&'static str, Kind)],
}

/// An option that makes commands worse, or keeps them from doing anything.
#[derive(Debug)]
pub struct Modifier {
    /// Its spellings: any of these options.
    pub names: &'static [&'static str],
    /// The values that count, as globs; empty: any, or none.
    pub values: &'static [&'static str],
    operations: &'static [&'static str],
    /// The least effect then; `read`: nothing happens.
    pub effect: Effect,
    /// The flags that it adds.
    pub flags: Flags,
    /// The sentence that it adds.
    pub says: &'static str,
}

impl Table {
    /// What a word says if it is a command's last: by the part in front of
    /// its first dash, and by the next if that is `bulk` or `batch`.
    pub fn tier(&self, word: &str) -> Option<Tier> {
        let mut parts = word.split('-');
        let first = parts.next().unwrap_or_default();
        if matches!(first, "bulk" | "batch" | "force")
            && let Some(tier) = parts.next().and_then(|verb| self.verb(verb))
        {
            return Some(tier);
        }
        self.verb(first)
    }

    fn verb(&self, verb: &str) -> Option<Tier> {
        let at = self.verbs.binary_search_by(|(name, _)| (*name).cmp(verb)).ok()?;
        self.verbs.get(at).map(|(_, tier)| *tier)
    }

    /// Whether further command words stand behind these.
    pub fn is_group(&self, path: &str) -> bool {
        self.groups.binary_search(&path).is_ok()
    }

    /// Whether this is a command's whole path, though its last word is no
    /// verb that is known.
    pub fn is_command(&self, path: &str) -> bool {
        self.exact.binary_search_by(|(name, _)| (*name).cmp(path)).is_ok()
    }

    /// The rule for a command, if one is listed.
    pub fn rule(&self, operation: &str) -> Option<&'static Rule> {
        let at = match self.exact.binary_search_by(|(name, _)| (*name).cmp(operation)) {
            Ok(at) => self.exact.get(at)?.1,
            Err(_) => self.patterns.iter().find(|(name, _)| listed(name, operation))?.1,
        };
        self.rules.get(usize::from(at))
    }

    /// The options that change what a command does.
    pub fn modifiers(&self, operation: &str) -> impl Iterator<Item = &'static Modifier> {
        let counts = move |name: &&str| listed(name, operation);
        self.modifiers.iter().filter(move |one| one.operations.iter().any(counts))
    }

    /// Whether the configured project or subscription says nothing about
    /// where a command lands.
    pub fn is_unbounded(&self, operation: &str) -> bool {
        self.unbounded.iter().any(|name| listed(name, operation))
    }
}

/// Whether a name, which may be a glob, is an operation's. Ends are compared
/// first: globbing costs more.
fn listed(name: &str, operation: &str) -> bool {
    if !name.contains('*') {
        return name == operation;
    }
    let end = name.rsplit('*').next().unwrap_or_default();
    let start = name.split('*').next().unwrap_or_default();
    operation.starts_with(start) && operation.ends_with(end) && glob(name, operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        for table in [&GCLOUD, &AZ] {
            assert!(table.verbs.is_sorted_by_key(|(name, _)| *name));
            assert!(table.groups.is_sorted());
            assert!(table.exact.is_sorted_by_key(|(name, _)| *name));
        }
    }

    #[test]
    fn a_word_is_a_verb_by_its_first_part() {
        assert_eq!(GCLOUD.tier("delete"), Some(Tier::Destroy));
        assert_eq!(GCLOUD.tier("delete-instances"), Some(Tier::Destroy));
        assert_eq!(GCLOUD.tier("bulk-delete"), Some(Tier::Destroy));
        assert_eq!(GCLOUD.tier("list"), Some(Tier::Read));
        assert_eq!(GCLOUD.tier("instances"), None);
        assert!(GCLOUD.is_group("sql import"));
    }
}
