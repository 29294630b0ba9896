//! Reads the CLI's own s3 commands (`aws s3 rm`, `sync` …). One object is a
//! write; what goes by a prefix, a whole bucket or whatever the source lacks
//! is not. `sync` lands where it writes, `mv` where it takes away.

use std::borrow::Cow;

use crate::action::{Action, Effect, Flag};
use crate::actions::Reading;
use crate::parse::argv::{Given, Word};
use crate::rules::{Arity, Command};
use crate::target::aws::{Named, Role};
use crate::target::{Class, Evidence, Kind, Target};

use super::grammar::{self, Line};
use super::{Reader, operation, rule_id};

/// What `aws s3 COMMAND …` would do.
pub fn read(reader: &Reader<'_>, line: &Line<'_>, name: &str) -> Reading {
    let listed = reader.call.tool.commands.iter().find(|command| command.path == [["s3"], [name]]);
    let Some(command) = listed else { return operation::read(reader, line, "s3", name) };
    let helped = matches!(line.rest.as_slice(), [word] if word.text == "help" && !word.dynamic);
    let effect = command.effect.unwrap_or(Effect::Write);
    let given = S3Words::split(command, &line.rest);
    if helped || effect == Effect::Read || given.has("--dryrun") {
        return reader.harmless(line, "s3", name);
    }
    let mut found = Found { effect: Effect::Write, whole: false, at: given.paths.first().copied() };
    match name {
        "rm" if given.has("--recursive") => {
            found.effect = Effect::Destroy;
            found.whole = !given.has("--exclude") && given.key(0).is_some_and(str::is_empty);
        }
        "rb" => {
            found.effect = Effect::Destroy;
            found.whole = given.has("--force");
        }
        "sync" => {
            found.at = given.paths.get(1).copied();
            if given.has("--delete") {
                found.effect = Effect::Destroy;
            }
        }
        "mv" if given.has("--recursive") && given.key(0).is_some() => {
            found.effect = Effect::Destroy;
        }
        "mv" if given.key(0).is_some() => {}
        "cp" | "mv" => found.at = given.paths.get(1).copied(),
        _ => {}
    }
    let takes = matches!(name, "rm" | "rb" | "mv") || found.effect == Effect::Destroy;
    if takes && given.unsure {
        return reader.opaque(
            line,
            format!("s3 {name}"),
            "what it works on is computed at run time",
        );
    }
    Reading::of(found.action(reader, line, command, name))
}

/// What a command takes away or writes, and where.
struct Found<'a> {
    effect: Effect,
    /// Whether a whole bucket's contents go.
    whole: bool,
    at: Option<Word<'a>>,
}

impl Found<'_> {
    fn action(
        &self,
        reader: &Reader<'_>,
        line: &Line<'_>,
        command: &'static Command,
        name: &str,
    ) -> Action {
        let place = self.at.map(|word| word.text.to_string_lossy().into_owned());
        let place = place.filter(|_| self.at.is_some_and(|word| !word.dynamic));
        let mut action = Action::new(self.effect, format!("s3 {name}"));
        let object = match (&place, name) {
            (Some(place), "rb") => format!("bucket {}", place.trim_start_matches("s3://")),
            (Some(place), _) => place.clone(),
            (None, _) => "a place computed at run time".to_owned(),
        };
        action.summary = if self.effect == Effect::Destroy {
            command.says.replace("{object}", &object)
        } else {
            match name {
                "rm" => format!("Deletes the object {object}."),
                "mv" => format!("Moves {object}."),
                _ => format!("Writes to {object}."),
            }
        };
        if self.whole {
            action.flags = action.flags.with(Flag::Irreversible);
            if name == "rb" {
                action.summary = format!("Deletes the {object} and every object in it.");
            }
        }
        if self.effect == Effect::Destroy && !command.instead.is_empty() {
            action.instead = Some(Cow::Borrowed(command.instead));
        }
        action.object = Some(object);
        action.rule = rule_id(&action.operation);
        action.target = match place.as_deref().map(|place| (place, split_uri(place))) {
            Some((_, Some((bucket, key)))) => reader.target(line, "s3api", &named(bucket, key)),
            Some((path, None)) => local(path),
            None => reader.target(line, "s3api", &[]),
        };
        action
    }
}

/// The bucket as what the object is in; the key as a name beside it, which
/// may raise the class and never lower it.
fn named(bucket: &str, key: &str) -> Vec<Named> {
    let source = || Cow::Borrowed("s3://");
    let mut names =
        vec![Named { role: Role::Container, source: source(), text: bucket.to_owned() }];
    if !key.is_empty() {
        names.push(Named { role: Role::Other, source: source(), text: key.to_owned() });
    }
    names
}

/// A path on this machine.
fn local(path: &str) -> Target {
    let mut target = Target::of("file");
    target.name = Some(path.to_owned());
    target.evidence.push(Evidence::name(Kind::Path, "argument", path).asserting(Class::Local));
    target
}

/// The bucket (or access point) and the key in an s3 URI.
fn split_uri(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("s3://")?;
    if rest.starts_with("arn:") {
        // …:accesspoint/NAME/KEY: the second slash ends the name.
        let cut = rest.match_indices('/').nth(1).map_or(rest.len(), |(at, _)| at);
        let (bucket, key) = rest.split_at_checked(cut)?;
        return Some((bucket, key.trim_start_matches('/')));
    }
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

/// An s3 command's own words, told apart.
struct S3Words<'a> {
    options: Vec<Given<'a>>,
    paths: Vec<Word<'a>>,
    /// Whether a word computed at run time may be another option.
    unsure: bool,
}

impl<'a> S3Words<'a> {
    fn split(command: &'static Command, rest: &[Word<'a>]) -> S3Words<'a> {
        let mut given = S3Words { options: Vec::new(), paths: Vec::new(), unsure: false };
        let mut words = rest.iter().copied().peekable();
        let mut ended = false;
        while let Some(word) = words.next() {
            let bytes = word.text.as_encoded_bytes();
            if bytes == b"--" && !ended {
                ended = true;
                continue;
            }
            let option = if ended { None } else { grammar::find(command.options, bytes) };
            let Some((option, attached)) = option else {
                given.unsure |= word.dynamic && !bytes.starts_with(b"s3://");
                if ended || grammar::is_plain(bytes) {
                    given.paths.push(word);
                }
                continue;
            };
            let value = attached.and_then(|at| grammar::part(word, at));
            let more = match (value, option.arity) {
                (Some(_), _) | (_, Arity::Flag) => 0,
                (_, Arity::Words(count)) => count,
                _ => 1,
            };
            let mut values = Vec::new();
            for _ in 0..more {
                let plain = |word: &Word<'_>| {
                    let bytes = word.text.as_encoded_bytes();
                    grammar::is_plain(bytes) && grammar::find(command.options, bytes).is_none()
                };
                let next = words.next_if(plain);
                values.extend(next.and_then(|word| grammar::part(word, 0)));
            }
            let value = value.or_else(|| values.first().copied());
            given.options.push(Given { option, value, more: Vec::new(), index: word.index });
        }
        given
    }

    fn has(&self, name: &str) -> bool {
        self.options.iter().any(|given| given.option.is(name))
    }

    /// The key in the path of this place, if that is an s3 URI.
    fn key(&self, at: usize) -> Option<&'a str> {
        split_uri(self.paths.get(at)?.text.to_str()?).map(|(_, key)| key)
    }
}
