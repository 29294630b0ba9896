//! Patches: what a patch takes away, in each of its three languages.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use serde_json::Value;

use super::{Call, Parsed, Reading, files, kinds, place};
use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::{Handed, TEXT_LIMIT};
use crate::parse::settings;

/// What a patch may do beyond setting a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Harm {
    /// Takes the object out of service.
    Stops,
    /// Empties it.
    Empties,
    /// Takes off its finalizers.
    Finalizers,
    /// Lets data go with an object.
    Reclaims,
}

/// Reads `kubectl patch`.
pub fn read(call: &Call<'_>, parsed: &Parsed<'_>, mut action: Action) -> Reading {
    let mut reading = Reading::default();
    let (kind, object) = objects(call, parsed, &mut reading);
    let meaning = kinds::find(&kind);
    action.target = place(call, parsed, meaning.wide);
    action.summary = format!("Changes fields of {object}.");
    action.object = Some(object.clone());
    let type_json = parsed.value("--type").is_some_and(|value| value.text == "json");
    match text(call, parsed, &mut reading) {
        Ok(text) => match settings::yaml(&text) {
            Ok(tree) => {
                let harm = if type_json { operations(&tree) } else { merged(&tree) };
                apply(harm, &meaning, &object, &mut action);
            }
            Err(_) => unread(&meaning, "the patch cannot be read", &mut action),
        },
        Err(why) => unread(&meaning, &why, &mut action),
    }
    reading.actions.push(action);
    reading
}

fn unread(meaning: &kinds::Kind, why: &str, action: &mut Action) {
    // A patch of anything else is a write, whatever it says.
    if meaning.flags.has(Flag::Irreversible) {
        let opaque = Action::opaque("patch", why);
        (action.flags, action.summary) = (opaque.flags, opaque.summary);
    }
}

fn apply(harm: Option<Harm>, meaning: &kinds::Kind, object: &str, action: &mut Action) {
    let Some(harm) = harm else { return };
    let gone = Flags::of(&[Flag::Irreversible]);
    let (effect, flags, says, instead) = match harm {
        Harm::Stops => (
            Effect::Disrupt,
            Flags::NONE,
            format!("Takes {object} out of service."),
            "Leave one replica, or ask whoever depends on it.",
        ),
        Harm::Empties => (
            Effect::Destroy,
            Flags::NONE,
            format!("Empties {object}."),
            "Name the one key that is to change.",
        ),
        Harm::Finalizers => (
            Effect::Destroy,
            if meaning.flags.has(Flag::Irreversible) { gone } else { Flags::NONE },
            format!(
                "Takes the finalizers off {object}: what waits for them is deleted at once, \
                 before its parts are cleaned up."
            ),
            "Find out what the finalizers wait for.",
        ),
        Harm::Reclaims => (
            Effect::Destroy,
            Flags::of(&[Flag::Backups]),
            format!("Lets the data of {object} be deleted along with what claims it."),
            "Keep the policy at Retain.",
        ),
    };
    action.effect = effect;
    action.flags = flags;
    action.summary = says;
    action.instead = Some(instead.into());
}

/// The kind of what is patched, and how the command names it.
fn objects(call: &Call<'_>, parsed: &Parsed<'_>, reading: &mut Reading) -> (String, String) {
    let words = &parsed.positionals;
    if let Some(first) = words.first() {
        let text = first.text.to_string_lossy();
        let kind = text.split(['/', ',']).next().unwrap_or_default().to_owned();
        let all: Vec<_> = words.iter().take(20).map(|word| word.text.to_string_lossy()).collect();
        return (kind, crate::text::visible(&all.join(" "), 200));
    }
    let found = files::read(call, parsed);
    reading.handed.extend(found.handed);
    let worst = found.objects.iter().max_by_key(|object| {
        let meaning = kinds::find(&object.kind);
        (meaning.flags.has(Flag::Irreversible), meaning.one)
    });
    let kind = worst.map(|object| object.kind.clone()).unwrap_or_default();
    (kind, "the objects of its files".to_owned())
}

/// The patch itself.
fn text(call: &Call<'_>, parsed: &Parsed<'_>, reading: &mut Reading) -> Result<Vec<u8>, String> {
    if let Some(value) = parsed.value("--patch-file") {
        if value.dynamic {
            return Err("the patch's file is computed at run time".to_owned());
        }
        let shown = crate::text::visible(&value.text.to_string_lossy(), 100);
        let bytes = call.context.read(Path::new(value.text), TEXT_LIMIT);
        let bytes = bytes.map_err(|why| format!("{shown}: {why}"))?;
        let word = call.context.invocation.argv.get(value.index);
        let before = word.and_then(|word| word.as_bytes().get(..value.offset));
        let before = OsString::from_vec(before.unwrap_or_default().to_vec());
        reading.handed.push(Handed::file(value.index, before, bytes.clone()));
        return Ok(bytes);
    }
    match parsed.value("--patch") {
        Some(value) if value.dynamic => Err("the patch is computed at run time".to_owned()),
        Some(value) => Ok(value.text.as_bytes().to_vec()),
        None => Err("there is no patch".to_owned()),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Whether a patch directive clears what it stands in.
fn clears(tree: &Value, pointer: &str) -> bool {
    let directive = tree.pointer(pointer).and_then(|part| part.get("$patch")?.as_str());
    matches!(directive, Some("delete" | "replace"))
}

/// What a strategic or a merge patch does.
fn merged(tree: &Value) -> Option<Harm> {
    let is = |pointer: &str, value: &str| {
        tree.pointer(pointer).and_then(Value::as_str).is_some_and(|text| text == value)
    };
    let gone = |pointer: &str| tree.pointer(pointer).is_some_and(is_empty);
    let part = |pointer: &str, key: &str| {
        tree.pointer(pointer).is_some_and(|part| part.get(key).is_some())
    };
    let retention = "/spec/persistentVolumeClaimRetentionPolicy";
    if is("/spec/persistentVolumeReclaimPolicy", "Delete")
        || is(&format!("{retention}/whenDeleted"), "Delete")
        || is(&format!("{retention}/whenScaled"), "Delete")
    {
        return Some(Harm::Reclaims);
    }
    if gone("/metadata/finalizers")
        || gone("/spec/finalizers")
        || part("/metadata", "$deleteFromPrimitiveList/finalizers")
        || clears(tree, "/metadata")
        || tree.get("metadata").is_some_and(Value::is_null)
    {
        return Some(Harm::Finalizers);
    }
    let null = |key: &str| tree.get(key).is_some_and(Value::is_null);
    let fields = ["data", "stringData", "binaryData", "spec"];
    if fields.iter().any(|key| null(key) || clears(tree, &format!("/{key}"))) || clears(tree, "") {
        return Some(Harm::Empties);
    }
    let zero = tree.pointer("/spec/replicas").and_then(Value::as_f64) == Some(0.0);
    let shut = tree.pointer("/spec/unschedulable").and_then(Value::as_bool) == Some(true);
    (zero || shut).then_some(Harm::Stops)
}

/// What a list of JSON patch operations does.
fn operations(tree: &Value) -> Option<Harm> {
    let list = tree.as_array()?;
    list.iter().filter_map(operation).max()
}

fn operation(one: &Value) -> Option<Harm> {
    let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
    let op = text("op");
    if op == "test" || op == "copy" {
        return None;
    }
    let nothing = Value::Null;
    let value = one.get("value").unwrap_or(&nothing);
    // What moves is away from where it was.
    let removes = matches!(op, "remove" | "move");
    let path = if op == "move" { text("from") } else { text("path") };
    let path = path.trim_end_matches('/');
    let is_delete = value.as_str() == Some("Delete");
    match path {
        "/spec/persistentVolumeReclaimPolicy" if is_delete => Some(Harm::Reclaims),
        "/spec/persistentVolumeClaimRetentionPolicy/whenDeleted"
        | "/spec/persistentVolumeClaimRetentionPolicy/whenScaled"
            if is_delete =>
        {
            Some(Harm::Reclaims)
        }
        "/spec/persistentVolumeClaimRetentionPolicy" => {
            let deletes = |key: &str| value.get(key).and_then(Value::as_str) == Some("Delete");
            (deletes("whenDeleted") || deletes("whenScaled")).then_some(Harm::Reclaims)
        }
        "/metadata/finalizers" | "/spec/finalizers" | "/metadata" => {
            (removes || is_empty(value) || path == "/metadata").then_some(Harm::Finalizers)
        }
        path if path.starts_with("/metadata/finalizers/")
            || path.starts_with("/spec/finalizers/") =>
        {
            removes.then_some(Harm::Finalizers)
        }
        "" | "/data" | "/stringData" | "/binaryData" | "/spec" => Some(Harm::Empties),
        "/spec/replicas" if value.as_f64() == Some(0.0) => Some(Harm::Stops),
        "/spec/unschedulable" if value.as_bool() == Some(true) => Some(Harm::Stops),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn harm(text: &str) -> Option<Harm> {
        let tree = settings::yaml(text.as_bytes()).unwrap();
        if text.starts_with('[') { operations(&tree) } else { merged(&tree) }
    }

    #[test]
    fn what_a_patch_takes_away() {
        for (text, expected) in [
            ("metadata: {finalizers: null}", Some(Harm::Finalizers)),
            (r#"{"metadata":{"finalizers":[]}}"#, Some(Harm::Finalizers)),
            (r#"{"spec":{"finalizers":null}}"#, Some(Harm::Finalizers)),
            (
                r#"{"metadata":{"$deleteFromPrimitiveList/finalizers":["x"]}}"#,
                Some(Harm::Finalizers),
            ),
            (r#"{"metadata":{"finalizers":["x"]}}"#, None),
            (r#"{"metadata":{"labels":null}}"#, None),
            (r#"{"metadata":null}"#, Some(Harm::Finalizers)),
            (r#"{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}"#, Some(Harm::Reclaims)),
            (r#"{"spec":{"persistentVolumeReclaimPolicy":"Retain"}}"#, None),
            (
                r#"{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete"}}}"#,
                Some(Harm::Reclaims),
            ),
            (r#"{"spec":{"replicas":0}}"#, Some(Harm::Stops)),
            (r#"{"spec":{"replicas":1}}"#, None),
            (r#"{"spec":{"unschedulable":true}}"#, Some(Harm::Stops)),
            (r#"{"data":null}"#, Some(Harm::Empties)),
            (r#"{"data":{"a":null}}"#, None),
            (r#"{"data":{"$patch":"replace","a":"b"}}"#, Some(Harm::Empties)),
            (r#"[{"op":"remove","path":"/metadata/finalizers/0"}]"#, Some(Harm::Finalizers)),
            (
                r#"[{"op":"replace","path":"/metadata/finalizers","value":[]}]"#,
                Some(Harm::Finalizers),
            ),
            (r#"[{"op":"add","path":"/metadata/finalizers","value":["x"]}]"#, None),
            (
                r#"[{"op":"move","from":"/metadata/finalizers","path":"/x"}]"#,
                Some(Harm::Finalizers),
            ),
            (r#"[{"op":"test","path":"/a"},{"op":"remove","path":"/data"}]"#, Some(Harm::Empties)),
            (r#"[{"op":"remove","path":"/data/key"}]"#, None),
            (r#"[{"op":"replace","path":"/spec/replicas","value":0}]"#, Some(Harm::Stops)),
            ("3", None),
            ("", None),
        ] {
            assert_eq!(harm(text), expected, "{text}");
        }
    }
}
