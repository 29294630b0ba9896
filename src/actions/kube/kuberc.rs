//! kuberc: a person's own aliases and defaults for kubectl's options, which it
//! reads by itself from 1.34 on (1.33 where KUBECTL_KUBERC says so; aliases and
//! defaults were tried with 1.35.2). An older kubectl does not, so that a
//! default only ever adds to what a call does.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;

use super::{Call, Parsed, Reading, own};
use crate::invocation::Invocation;
use crate::parse::argv;

/// The longest file that is read, in bytes.
const MAX_FILE: usize = 256 * 1024;

/// The most documents, entries and words of one that are taken over.
const MAX_ENTRIES: usize = 256;

/// What a call does beyond its own words, by the defaults of its options.
pub fn defaults(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let Some(documents) = documents(call, parsed) else { return Reading::default() };
    let path: Vec<String> =
        parsed.path.iter().map(|word| word.text.to_string_lossy().into_owned()).collect();
    let path = path.join(" ");
    let mut words = Vec::new();
    for entry in listed(&documents, &["overrides", "defaults"]) {
        if text(entry, "command") == path {
            words.extend(options(entry, |name| parsed.has(name)));
        }
    }
    if words.is_empty() {
        return Reading::default();
    }
    let mut invocation = call.context.invocation.clone();
    // In front of what belongs to a command inside.
    let dashes = invocation.argv.iter().position(|word| word == "--");
    let at = dashes.unwrap_or(invocation.argv.len());
    let count = words.len();
    invocation.argv.splice(at..at, words);
    invocation.dynamic.iter_mut().filter(|index| **index >= at).for_each(|index| *index += count);
    let mut context = call.context;
    context.invocation = &invocation;
    let call = Call { context, ..*call };
    let parsed = argv::parse(call.tool, &invocation, false);
    let mut reading =
        parsed.command.map_or_else(Reading::default, |command| own(&call, &parsed, command));
    // The words' places are not those of the real call.
    reading.handed.clear();
    reading.inner.clear();
    reading
}

/// What an alias stands for.
pub fn alias(call: &Call<'_>, parsed: &Parsed<'_>, name: &str) -> Option<Invocation> {
    let documents = documents(call, parsed)?;
    let mut aliases = listed(&documents, &["aliases"]);
    let entry = aliases.find(|entry| text(entry, "name") == name)?;
    let invocation = call.context.invocation;
    let mut inner = invocation.clone();
    let mut front: Vec<OsString> =
        text(entry, "command").split_whitespace().take(MAX_ENTRIES).map(OsString::from).collect();
    front.extend(strings(entry, "prependArgs"));
    let grows = front.len();
    if inner.argv.len() < 2 {
        return None;
    }
    inner.argv.splice(1..2, front);
    let moved = |at: usize| if at > 1 { at + grows - 1 } else { at };
    inner.dynamic.iter_mut().for_each(|at| *at = moved(*at));
    inner.templates.iter_mut().for_each(|(at, _)| *at = moved(*at));
    let words: Vec<OsString> = strings(entry, "appendArgs").collect();
    inner.argv.extend(words);
    inner.argv.extend(options(entry, |name| parsed.has(name)));
    Some(inner)
}

/// The documents of the file, if there is one that can be read.
fn documents(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<Vec<Value>> {
    let context = call.context;
    if context.text_var("KUBECTL_KUBERC").is_some_and(|value| super::is_false(&value)) {
        return None;
    }
    let path = match (parsed.value("--kuberc"), context.text_var("KUBERC")) {
        (Some(value), _) => PathBuf::from(value.text),
        (None, Some(value)) if value == "off" => return None,
        (None, Some(value)) => PathBuf::from(value),
        (None, None) => context.home()?.join(".kube/kuberc"),
    };
    let bytes = context.read(path, MAX_FILE).ok()?;
    let documents = serde_yaml_ng::Deserializer::from_slice(&bytes).take(MAX_ENTRIES);
    Some(documents.filter_map(|document| Value::deserialize(document).ok()).collect())
}

/// The entries of the lists of these names.
fn listed<'a>(
    documents: &'a [Value],
    names: &'a [&'a str],
) -> impl Iterator<Item = &'a Value> + 'a {
    let lists = documents.iter().flat_map(move |one| names.iter().filter_map(|name| one.get(name)));
    lists.filter_map(Value::as_array).flatten().take(MAX_ENTRIES)
}

fn text<'a>(entry: &'a Value, key: &str) -> &'a str {
    entry.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn strings<'a>(entry: &'a Value, key: &str) -> impl Iterator<Item = OsString> + 'a {
    let list = entry.get(key).and_then(Value::as_array);
    list.into_iter().flatten().take(MAX_ENTRIES).filter_map(Value::as_str).map(OsString::from)
}

/// An entry's options as words, but for those that are given.
fn options(entry: &Value, is_given: impl Fn(&str) -> bool) -> Vec<OsString> {
    let lists = ["flags", "options"].into_iter().filter_map(|key| entry.get(key)?.as_array());
    let options = lists.flatten().take(MAX_ENTRIES);
    let named = options.map(|one| (format!("--{}", text(one, "name")), text(one, "default")));
    let new = named.filter(|(name, _)| name.len() > 2 && !is_given(name));
    new.map(|(name, value)| OsString::from(format!("{name}={value}"))).collect()
}
