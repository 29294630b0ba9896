//! Evidence × policy → class. Every name that the tool resolved has a voice:
//! the files' patterns, what its resolver knows, and the words in it. The
//! most dangerous voice wins, and the others are told beside it.
//!
//! Hints (users, settings such as NODE_ENV, whatever a resolver grades so)
//! can only make `unknown` production. An id pinned by the machine's or the
//! account's policy silences the words and the resolver's knowledge of that
//! very value, and of no other.

use super::Policy;
use super::layer::{Layer, Owned};
use super::source::{EnvironmentSource, Mode};
use crate::target::names;
use crate::target::{Class, Evidence, Grade, Kind, Target};
use crate::text;

/// The most characters of a value that a reason shows.
const SHOWN: usize = 80;

/// The most voices that are told as reasons.
const REASONS: usize = 16;

/// The class of a target, and why.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Classified {
    /// The class.
    pub class: Class,
    /// What else it would be without the projects' files or without strict
    /// mode. The decision looks at all of them, so that whoever raises a class
    /// never slips out of a stricter rule for the lower one.
    pub otherwise: Vec<Class>,
    /// One clause a source, the most dangerous first.
    pub reasons: Vec<String>,
    /// Whether the sources disagree.
    pub conflict: bool,
}

impl Classified {
    /// A class that nothing disputes.
    pub fn of(class: Class) -> Classified {
        Classified { class, otherwise: Vec::new(), reasons: Vec::new(), conflict: false }
    }
}

/// What one source says of the class.
struct Voice {
    class: Class,
    /// Whether it is a hint, which only raises `unknown`.
    hint: bool,
    /// Whether it rests on an id.
    identity: bool,
    /// Whether a project's file says it.
    project: bool,
    reason: String,
}

impl Policy {
    /// The class of a target.
    pub fn classify(&self, target: &Target) -> Classified {
        let mut voices = Vec::new();
        for evidence in &target.evidence {
            self.hear(target, evidence, &mut voices);
        }
        let gap = target.gap.is_some();
        let mode = self.mode();
        let class = settle(voices.iter(), gap, mode);
        let outer = || voices.iter().filter(|voice| !voice.project);
        let mut otherwise = vec![
            settle(voices.iter(), gap, Mode::Balanced),
            settle(outer(), gap, mode),
            settle(outer(), gap, Mode::Balanced),
        ];
        otherwise.retain(|other| *other != class);
        otherwise.sort();
        otherwise.dedup();

        voices.retain(|voice| !voice.hint || (class == Class::Production && class == voice.class));
        voices.sort_by_key(|voice| std::cmp::Reverse(voice.class));
        let conflict = voices
            .first()
            .is_some_and(|first| voices.iter().any(|voice| voice.class != first.class));
        let mut reasons = Vec::new();
        if let Some(gap) = &target.gap {
            let gap = text::visible(gap, 2 * SHOWN);
            reasons.push(format!("where it lands is not known: {gap}"));
        }
        let doubted = class == Class::Unknown
            && voices.first().is_some_and(|voice| voice.class == Class::Staging)
            && !gap;
        if doubted {
            reasons.push("strict mode believes in staging only on a pinned id".to_owned());
        }
        if voices.is_empty() && !gap {
            reasons.push("nothing says what it is".to_owned());
        }
        for voice in voices.into_iter().take(REASONS) {
            if !reasons.contains(&voice.reason) {
                reasons.push(voice.reason);
            }
        }
        Classified { class, otherwise, reasons, conflict }
    }

    /// Adds what is said of one piece of evidence.
    fn hear(&self, target: &Target, evidence: &Evidence, voices: &mut Vec<Voice>) {
        let Evidence { kind, value, .. } = evidence;
        let hint = evidence.grade == Grade::Hint || matches!(kind, Kind::User | Kind::Setting);
        let what = || format!("the {} `{}`", kind.word(), text::visible(value, SHOWN));
        let mut pinned = false;
        for (layer, environment) in self.environments(&target.platform) {
            let class = environment.class.get_ref().0;
            let by = layer.owned.word();
            let (identity, reason) = if is_pin(environment, *kind, value) {
                (true, format!("{} is pinned as {class} by the {by} policy", what()))
            } else if let Some(glob) = pattern(environment, *kind, value) {
                let glob = text::visible(glob, SHOWN);
                (false, format!("{} matches `{glob}`, {class} by the {by} policy", what()))
            } else {
                continue;
            };
            let project = layer.owned == Owned::Project;
            if hint && class != Class::Production {
                continue;
            }
            pinned |= identity && !hint && !project;
            voices.push(Voice { class, hint: false, identity, project, reason });
        }
        if pinned {
            return;
        }
        let identity = evidence.grade == Grade::Identity;
        let word = names::word(*kind, value);
        if let Some(word) = word {
            let reason = format!("{} says \"{}\"", what(), word.text);
            voices.push(Voice { class: word.class, hint, identity, project: false, reason });
        }
        if let Some(class) = evidence.asserts
            && word.is_none_or(|word| word.class != class)
        {
            let reason = format!("{} is {class}", what());
            voices.push(Voice { class, hint, identity, project: false, reason });
        }
    }

    /// The environments that files describe for a platform.
    fn environments(&self, platform: &str) -> impl Iterator<Item = (&Layer, &EnvironmentSource)> {
        self.sources().flat_map(move |(layer, source)| {
            let admitted = source.environment.iter().map(|entry| entry.get_ref());
            admitted.filter(move |entry| entry.platform.admit(platform)).map(move |e| (layer, e))
        })
    }
}

/// Whether `value` is one of an environment's ids. Ports, regions and settings
/// have none.
fn is_pin(environment: &EnvironmentSource, kind: Kind, value: &str) -> bool {
    !matches!(kind, Kind::Port | Kind::Region | Kind::Setting)
        && environment.ids.0.iter().any(|id| id.eq_ignore_ascii_case(value))
}

/// The pattern of an environment that matches `value`.
fn pattern<'a>(environment: &'a EnvironmentSource, kind: Kind, value: &str) -> Option<&'a str> {
    let of_kind = environment.patterns.iter().filter(|(of, _)| *of == kind);
    of_kind.filter_map(|(_, globs)| globs.matching(value)).next()
}

/// The class that voices and a gap come to.
fn settle<'a>(voices: impl Iterator<Item = &'a Voice> + Clone, gap: bool, mode: Mode) -> Class {
    let named = voices.clone().filter(|voice| !voice.hint).map(|voice| voice.class).max();
    let mut class = named.unwrap_or(Class::Unknown);
    if gap {
        class = class.max(Class::Unknown);
    }
    let mut staging = voices.clone().filter(|voice| voice.class == Class::Staging && !voice.hint);
    if mode == Mode::Strict && class == Class::Staging && !staging.any(|voice| voice.identity) {
        class = Class::Unknown;
    }
    let mut hints = voices.filter(|voice| voice.hint);
    if class == Class::Unknown && hints.any(|voice| voice.class == Class::Production) {
        class = Class::Production;
    }
    class
}
