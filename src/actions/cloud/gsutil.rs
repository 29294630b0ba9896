//! Reads gsutil: one object is a write; what goes by a prefix, a wildcard, a
//! whole bucket or whatever the source lacks is not. Buckets belong to
//! whoever made them, so a project says nothing about where a command lands.

use crate::action::{Action, Effect, Flag};
use crate::actions::{Call, Reading, table};
use crate::parse::argv::{self, Word};
use crate::target::gcloud::{self as target, Asked, Named};
use crate::target::{Class, Evidence, Kind, Target};

use super::google::{is_many, is_whole};

/// The most places of one command that are judged each by itself.
const MAX_PLACES: usize = 20;

/// What `gsutil COMMAND …` would do.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let mut reading = Reading::default();
    let Some(command) = parsed.command else {
        if parsed.positionals.first().is_some_and(|word| word.dynamic) {
            reading.actions.push(opaque(call, "the command word is computed at run time"));
        }
        return reading;
    };
    let Some(base) = table::action(call, &parsed, command) else { return reading };
    let operation = base.operation.to_string();
    let words = parsed.positionals.as_slice();
    let text = |word: &Word<'_>| word.text.to_string_lossy().into_owned();
    let places = match operation.as_str() {
        "mv" => words.split_last().map(|(_, from)| from).unwrap_or_default(),
        "cp" | "rsync" => {
            words.split_last().map(|(last, _)| std::slice::from_ref(last)).unwrap_or_default()
        }
        // `versioning set off gs://…`: what is set stands in front.
        "versioning set" | "lifecycle set" => words.get(1..).unwrap_or_default(),
        _ => words,
    };
    let computed = places.iter().any(|word| word.dynamic);
    let mut all: Vec<(String, Effect, bool)> = Vec::new();
    for word in places.iter().filter(|word| !word.dynamic) {
        let place = text(word);
        let many = is_many(&place) || parsed.has("-r") || parsed.has("-a");
        let effect = match operation.as_str() {
            "rm" | "mv" if many && place.starts_with("gs://") => Effect::Destroy,
            _ => base.effect,
        };
        let whole = operation == "rm" && many && is_whole(&place);
        all.push((place, effect, whole));
    }
    let typed = matches!(operation.as_str(), "rm" | "mv") && parsed.has("-I");
    if (computed || typed) && matches!(operation.as_str(), "rm" | "mv" | "rb") {
        reading.actions.push(opaque(call, "what it works on is computed at run time"));
    }
    if base.effect == Effect::Read && !call.full {
        return reading;
    }
    let crowd = all.len() > MAX_PLACES;
    for (place, effect, whole) in all {
        let mut action = Action { effect, ..base.clone() };
        action.summary = match (effect, operation.as_str()) {
            (Effect::Destroy, "rm") if parsed.has("-a") => {
                format!("Deletes {place} with every version of it.")
            }
            (Effect::Destroy, "rm") => format!("Deletes everything under {place}."),
            (Effect::Destroy, "mv") => format!("Moves everything under {place} away."),
            (Effect::Destroy, _) => action.summary,
            (_, _) => format!("Does {operation} on {place}."),
        };
        if whole {
            action.flags = action.flags.with(Flag::Irreversible);
        }
        if effect == Effect::Destroy && operation == "rm" && parsed.has("-a") {
            action.flags = action.flags.with(Flag::Backups);
        }
        action.object = Some(place.clone());
        action.target = place_of(call, &place, !crowd);
        reading.actions.push(action);
    }
    if reading.actions.is_empty() && base.effect != Effect::Read {
        reading.actions.push(Action { target: place_of(call, "", false), ..base });
    }
    reading
}

fn opaque(call: &Call<'_>, why: &str) -> Action {
    Action { target: place_of(call, "", false), ..Action::opaque("gsutil", why) }
}

fn place_of(call: &Call<'_>, place: &str, sure: bool) -> Target {
    if !place.is_empty() && !place.contains("://") {
        let mut target = Target::of("file");
        target.name = Some(place.to_owned());
        target.evidence.push(Evidence::name(Kind::Path, "argument", place).asserting(Class::Local));
        return target;
    }
    let named =
        Named { kind: Kind::Resource, source: "argument".into(), text: place.to_owned(), sure };
    let named = if place.is_empty() { Vec::new() } else { vec![named] };
    target::resolve(call.context, &Asked { named: &named, ..Asked::default() })
}
