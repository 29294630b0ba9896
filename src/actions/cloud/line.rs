//! The words of a gcloud or az command, told apart: the path that ends in a
//! verb, and the names behind it. Pure.

use std::borrow::Cow;
use std::ffi::OsStr;

use crate::parse::argv::{Parsed, Word};
use crate::target::Kind;
use crate::target::gcloud::Named;

use super::table::{Table, Tier};

/// The most command words that are looked at.
const MAX_PATH: usize = 12;

/// A command's words.
#[derive(Debug, Default)]
pub struct Line<'a> {
    /// The command words, joined by blanks, without `alpha` and `beta`.
    pub operation: String,
    /// The last of them.
    pub verb: String,
    /// What that says; none if no list has it.
    pub tier: Option<Tier>,
    /// The words behind the path.
    pub rest: Vec<Word<'a>>,
    /// Whether a command word is computed at run time.
    pub computed: bool,
    /// The place in argv of the last command word.
    pub end: usize,
}

impl<'a> Line<'a> {
    /// Walks the command words of `parsed`.
    pub fn of(table: &Table, parsed: &Parsed<'a>, is_az: bool) -> Line<'a> {
        let mut line = Line::default();
        let end = parsed.before_dashes.unwrap_or(parsed.positionals.len());
        let behind = parsed.positionals.get(..end).unwrap_or_default();
        let words: Vec<Word<'a>> = parsed.path.iter().chain(behind).copied().collect();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            if at >= MAX_PATH {
                break;
            }
            if word.dynamic {
                line.computed = true;
                return line;
            }
            let Some(text) = word.text.to_str() else { break };
            at += 1;
            line.end = word.index;
            let track = !is_az && line.operation.is_empty();
            if track && matches!(text, "alpha" | "beta" | "preview") {
                continue;
            }
            if !line.operation.is_empty() {
                line.operation.push(' ');
            }
            line.operation.push_str(text);
            text.clone_into(&mut line.verb);
            if table.is_group(&line.operation) {
                continue;
            }
            line.tier = table.tier(text);
            if table.is_command(&line.operation) {
                break;
            }
            let next = words.get(at).and_then(|word| word.text.to_str());
            let more = matches!(line.tier, Some(Tier::Change | Tier::Other))
                && next.is_some_and(|next| matches!(next, "delete" | "destroy" | "purge"));
            if line.tier.is_some() && !more {
                break;
            }
        }
        line.rest = words.get(at..).unwrap_or_default().to_vec();
        line
    }

    /// What the command is about: `compute instance`.
    pub fn noun(&self) -> String {
        let path = self.operation.rsplit_once(' ').map_or("", |(path, _)| path);
        let one = |suffix, by| path.strip_suffix(suffix).map(|stem| format!("{stem}{by}"));
        one("ies", "y")
            .or_else(|| one("sses", "ss"))
            .or_else(|| one("xes", "x"))
            .or_else(|| path.ends_with("ss").then(|| path.to_owned()))
            .or_else(|| one("s", ""))
            .unwrap_or_else(|| path.to_owned())
    }

    /// The names in the command: those of options that name something, and
    /// the words behind the path.
    pub fn named(&self, table: &Table, parsed: &Parsed<'_>, is_az: bool) -> Vec<Named> {
        let mut named = Vec::new();
        for given in &parsed.options {
            let kind = table.names.iter().find(|(name, _)| given.option.is(name));
            let value = given.value.filter(|value| !value.dynamic);
            if let (Some((name, kind)), Some(value)) = (kind, value) {
                named.push(Named {
                    kind: *kind,
                    source: Cow::Borrowed(name),
                    text: lossy(value.text),
                    sure: true,
                });
            }
        }
        for word in self.rest.iter().filter(|word| !word.dynamic) {
            let option = parsed.unknown.iter().find(|option| option.index + 1 == word.index);
            let option = option.map(|option| lossy(option.text)).filter(|text| !text.contains('='));
            let text = lossy(word.text);
            // az has no arguments of its own: what stands behind an option
            // that nobody knows is that option's value.
            let (source, sure) = match option {
                Some(option) if is_az && option.ends_with("-name") => (option, true),
                Some(option) => (option, false),
                None => ("argument".to_owned(), !is_az || text.starts_with("/subscriptions/")),
            };
            named.push(Named { kind: Kind::Resource, source: source.into(), text, sure });
        }
        for option in parsed.unknown.iter().filter(|_| is_az) {
            let text = option.text.to_string_lossy();
            if let Some((name, value)) = text.split_once('=')
                && name.ends_with("-name")
            {
                named.push(Named {
                    kind: Kind::Resource,
                    source: name.to_owned().into(),
                    text: value.to_owned(),
                    sure: true,
                });
            }
        }
        named
    }
}

fn lossy(text: &OsStr) -> String {
    text.to_string_lossy().into_owned()
}
