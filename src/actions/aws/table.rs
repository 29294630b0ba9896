//! What the operations of the AWS API mean: `rules/aws/operations.toml`
//! compiled in, and the look-ups on it. An operation that nothing lists is
//! judged by the first word of its name, so that a service that is newer
//! than this table is judged too.

use std::borrow::Cow;

use crate::action::{Effect, Flag, Flags, Scope};
use crate::text::glob;

include!(concat!(env!("OUT_DIR"), "/aws.rs"));

/// What the first word of an operation's name says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Looks.
    Read,
    /// Creates, starts, publishes, or does what no list knows.
    Other,
    /// Changes what is there.
    Change,
    /// Takes out of service, or takes access away.
    Disrupt,
    /// Removes.
    Destroy,
}

impl Tier {
    /// The effect of an operation of this tier.
    pub const fn effect(self) -> Effect {
        match self {
            Tier::Read => Effect::Read,
            Tier::Other | Tier::Change => Effect::Write,
            Tier::Disrupt => Effect::Disrupt,
            Tier::Destroy => Effect::Destroy,
        }
    }
}

/// What is known of an operation beside its verb.
#[derive(Debug)]
pub struct Rule {
    /// Its effect, where it is not its verb's.
    pub effect: Option<Effect>,
    /// Its flags.
    pub flags: Flags,
    /// How far its object reaches.
    pub scope: Scope,
    /// The sentence about it; empty: made from its name.
    pub says: &'static str,
    /// What to do instead; empty: nothing.
    pub instead: &'static str,
}

/// A parameter that makes operations worse.
#[derive(Debug)]
pub struct Parameter {
    /// Its name, without dashes in front.
    pub name: &'static str,
    /// The key inside its JSON or shorthand value that counts.
    pub member: Option<&'static str>,
    /// The values that count, in any case; `*` is any.
    pub values: &'static [&'static str],
    /// The operations it counts for: `service operation`, as globs.
    operations: &'static [&'static str],
    /// The least effect then.
    pub effect: Effect,
    /// The flags that it adds.
    pub flags: Flags,
    /// The sentence that it adds.
    pub says: &'static str,
}

/// What an operation's name says, and which of its words is the verb.
pub fn tier(operation: &str) -> (Tier, &str) {
    let mut words = operation.split('-');
    let first = words.next().unwrap_or_default();
    let wrapper = is_wrapper(first);
    if wrapper || STARTERS.contains(&first) {
        let mut near = words.clone().take(2).filter(|word| verb_tier(word) == Tier::Destroy);
        let mut any = words.clone().filter(|word| is_removal(word));
        if let Some(verb) = near.next().or_else(|| any.next()) {
            return (Tier::Destroy, verb);
        }
        if wrapper && let Some(verb) = words.next() {
            return (verb_tier(verb), verb);
        }
    }
    (verb_tier(first), first)
}

/// Whether a verb only stands in front of the one that counts: `batch`.
pub fn is_wrapper(word: &str) -> bool {
    WRAPPERS.contains(&word)
}

/// Whether a noun says that something goes: `schedule-key-deletion`.
fn is_removal(word: &str) -> bool {
    word.starts_with("deletion") || word.starts_with("termination")
}

fn verb_tier(verb: &str) -> Tier {
    match VERBS.binary_search_by(|(name, _)| (*name).cmp(verb)) {
        Ok(at) => VERBS.get(at).map_or(Tier::Other, |(_, tier)| *tier),
        Err(_) => Tier::Other,
    }
}

/// The rule for an operation of a service, if one is listed.
pub fn rule(service: &str, operation: &str) -> Option<&'static Rule> {
    let exact = OPERATIONS.binary_search_by(|(name, _)| compare(name, service, operation));
    let at = match exact {
        Ok(at) => OPERATIONS.get(at)?.1,
        Err(_) => pattern(service, operation)?,
    };
    RULES.get(usize::from(at))
}

/// Orders a listed `service operation` against the two words, without joining
/// them.
fn compare(name: &str, service: &str, operation: &str) -> std::cmp::Ordering {
    let words = service.bytes().chain(*b" ").chain(operation.bytes());
    // A name that is a service alone is listed without a blank.
    if operation.is_empty() { name.cmp(service) } else { name.bytes().cmp(words) }
}

fn pattern(service: &str, operation: &str) -> Option<u16> {
    let first = operation.as_bytes().first();
    let found = PATTERNS.iter().find(|(of, pattern, _)| {
        // Most end here: this runs for every operation that is not listed.
        if pattern.as_bytes().first() != first {
            return false;
        }
        let verb = pattern.split(['-', '*']).next().unwrap_or_default();
        (*of == "*" || *of == service) && operation.starts_with(verb) && glob(pattern, operation)
    });
    found.map(|(_, _, at)| *at)
}

/// The parameters that make this operation worse.
pub fn parameters(service: &str, operation: &str) -> impl Iterator<Item = &'static Parameter> {
    let matches = move |listed: &&str| {
        listed
            .split_once(' ')
            .is_some_and(|(of, pattern)| of == service && glob(pattern, operation))
    };
    PARAMETERS.iter().filter(move |parameter| parameter.operations.iter().any(&matches))
}

/// Whether a parameter names what an operation's object is part of.
pub fn is_container(parameter: &str) -> bool {
    CONTAINERS.contains(&parameter)
}

/// The name that variables and config files use for a service.
pub fn endpoint_name(service: &str) -> Cow<'static, str> {
    match ENDPOINTS.binary_search_by(|(name, _)| (*name).cmp(service)) {
        Ok(at) => ENDPOINTS.get(at).map_or("", |(_, name)| *name).into(),
        Err(_) => service.replace('-', "_").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_decides() {
        let tiers = [
            ("delete-volume", Tier::Destroy),
            ("terminate-instances", Tier::Destroy),
            ("stop-instances", Tier::Disrupt),
            ("modify-db-instance", Tier::Change),
            ("describe-instances", Tier::Read),
            ("create-bucket", Tier::Other),
            ("frobnicate-widget", Tier::Other),
            ("", Tier::Other),
        ];
        for (operation, want) in tiers {
            assert_eq!(tier(operation).0, want, "{operation}");
        }
    }

    #[test]
    fn a_verb_behind_a_wrapper_decides() {
        let tiers = [
            ("batch-delete-image", Tier::Destroy),
            ("batch-get-item", Tier::Read),
            ("admin-delete-user", Tier::Destroy),
            ("admin-disable-user", Tier::Disrupt),
            ("schedule-key-deletion", Tier::Destroy),
            ("start-active-approval-team-deletion", Tier::Destroy),
            ("start-batch-delete-configuration-task", Tier::Destroy),
            ("create-data-deletion-job", Tier::Destroy),
            ("start-instances", Tier::Other),
            ("batch", Tier::Other),
        ];
        for (operation, want) in tiers {
            assert_eq!(tier(operation).0, want, "{operation}");
        }
    }

    #[test]
    fn listed_operations_are_found_exactly_then_by_pattern() {
        assert_eq!(rule("dynamodb", "delete-item").unwrap().effect, Some(Effect::Write));
        assert!(rule("dynamodb", "delete-table").unwrap().flags.has(Flag::Irreversible));
        assert!(rule("neweservice", "delete-db-snapshot").unwrap().flags.has(Flag::Backups));
        assert!(rule("ec2", "delete-snapshot").unwrap().flags.has(Flag::Backups));
        assert!(rule("redshift", "delete-snapshot-copy-grant").is_none());
        assert!(rule("ec2", "describe-instances").is_none());
        assert_eq!(rule("organizations", "close-account").unwrap().scope, Scope::Account);
        // A verb that only looks, and yet takes a node out of service.
        assert_eq!(rule("elasticache", "test-failover").unwrap().effect, Some(Effect::Disrupt));
        assert_eq!(rule("login", "").unwrap().effect, Some(Effect::Write));
    }

    #[test]
    fn tables_are_sorted() {
        assert!(VERBS.is_sorted_by_key(|(name, _)| *name));
        assert!(OPERATIONS.is_sorted_by_key(|(name, _)| *name));
        assert!(ENDPOINTS.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn parameters_count_for_their_operations_only() {
        let names = |service, operation| -> Vec<&str> {
            parameters(service, operation).map(|parameter| parameter.name).collect()
        };
        assert!(names("rds", "modify-db-instance").contains(&"deletion-protection"));
        assert!(!names("rds", "create-db-instance").contains(&"deletion-protection"));
        assert!(names("ec2", "run-instances").is_empty());
    }
}
