//! Kubernetes manifests that lose data: a claim, volume, namespace or
//! definition that is no longer there, and brakes that are taken off (reclaim
//! and retention policies, Helm's "keep"). An object that another file of the
//! same change has is moved, not lost. Templates, which are no YAML before
//! they are filled in, are not read.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{Change, Finding, is_made_up, line_where, shown};

const INSTEAD: &str = "Keep the object in the manifests, or first set its volume's reclaim policy \
                       to Retain and take a snapshot.";

const INSTEAD_BRAKE: &str =
    "Leave it as it is: it is what keeps the data when the object that uses it goes.";

/// The most objects of a file that are compared.
const MOST: usize = 2_000;

/// The most objects of a file that are told of.
const TOLD: usize = 50;

/// The most lines of a file in which an object's place is looked for.
const MAX_LINES: usize = 20_000;

/// How many lines behind its kind an object's name is looked for.
const NEAR: usize = 8;

/// How deep lists may stand in lists.
const DEEP: usize = 4;

/// Kinds whose objects take data along.
const KINDS: &[(&str, &str)] = &[
    ("PersistentVolumeClaim", "its volume, unless that is retained"),
    ("PersistentVolume", "what says where its data is"),
    ("Namespace", "everything in it, claims included"),
    ("CustomResourceDefinition", "every object of its kind"),
    ("VolumeSnapshot", "the snapshot"),
];

/// Words without which a file is not worth parsing.
const WORDS: &[&str] = &[
    "PersistentVolume",
    "Namespace",
    "CustomResourceDefinition",
    "VolumeSnapshot",
    "eclaimPolicy",
    "persistentVolumeClaimRetentionPolicy",
    "volumeClaimTemplates",
    "helm.sh/resource-policy",
    "deletionPolicy",
];

/// What an object is called: kind, namespace, name.
type Name = (String, String, String);

fn is_manifest(path: &str) -> bool {
    let ends = [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end));
    ends && !is_made_up(path)
}

/// What a change takes away from manifests.
pub(super) fn kubernetes(changes: &[Change]) -> Vec<Finding> {
    let read = |path: &str, text: &Option<String>| {
        let text = text.as_deref().filter(|_| is_manifest(path))?;
        let worth = WORDS.iter().any(|word| text.contains(word));
        worth.then(|| objects(text)).flatten()
    };
    let pairs: Vec<_> = changes
        .iter()
        .map(|it| (it, read(&it.old_path, &it.before), read(&it.path, &it.after)))
        .collect();
    let kept: BTreeSet<&Name> =
        pairs.iter().filter_map(|it| it.2.as_ref()).flat_map(|it| it.keys()).collect();
    let mut found = Vec::new();
    for (change, before, after) in &pairs {
        let (Some(before), Some(text)) = (before, &change.before) else { continue };
        // A file that can no longer be read is a template now, or a mistake
        // that applies nothing.
        let unread = change.after.is_some() && after.is_none() && !is_emptied(change);
        if unread {
            continue;
        }
        let most = found.len() + TOLD;
        for (name, object) in before {
            if found.len() >= most {
                break;
            }
            let new = after.as_ref().and_then(|objects| objects.get(name));
            match new {
                Some(new) => found.extend(loosened(change, name, object, new)),
                None if kept.contains(name) => {}
                None => found.extend(removed(change, text, name)),
            }
        }
    }
    found
}

/// Whether what is left of a file holds none of the words that make it worth
/// reading: then it has none of the objects any more.
fn is_emptied(change: &Change) -> bool {
    let text = change.after.as_deref().unwrap_or_default();
    !text.contains("{{") && !WORDS.iter().any(|word| text.contains(word))
}

fn removed(change: &Change, text: &str, name: &Name) -> Option<Finding> {
    let (kind, _, own) = name;
    let (_, takes) = KINDS.iter().find(|(one, _)| one == kind)?;
    Some(Finding {
        rule: "kubernetes/object-removed",
        path: change.old_path.clone(),
        line: line_of(text, kind, own),
        removed: true,
        says: format!(
            "The {kind} `{}` is gone from the manifests: what prunes (GitOps, `apply --prune`) \
             deletes it, and with it {takes}.",
            shown(own)
        ),
        instead: INSTEAD,
    })
}

/// The brakes of an object: the place of each and the value that keeps data.
const BRAKES: &[(&str, &str, &str)] = &[
    ("/spec/persistentVolumeReclaimPolicy", "Retain", "its data goes when its claim goes"),
    ("/reclaimPolicy", "Retain", "the data of its volumes goes when their claims go"),
    ("/deletionPolicy", "Retain", "snapshots go with the objects that stand for them"),
    ("/metadata/annotations/helm.sh~1resource-policy", "keep", "`helm uninstall` deletes it"),
];

/// The policies of a StatefulSet, where absent means that claims are kept.
const RETENTION: &[&str] = &[
    "/spec/persistentVolumeClaimRetentionPolicy/whenDeleted",
    "/spec/persistentVolumeClaimRetentionPolicy/whenScaled",
];

/// What an object that stays no longer keeps.
fn loosened(change: &Change, name: &Name, old: &Value, new: &Value) -> Vec<Finding> {
    let after = change.after.as_deref().unwrap_or_default();
    let (kind, _, own) = name;
    let text = |tree: &Value, pointer: &str| {
        tree.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut found = Vec::new();
    let mut add = |rule, key: &str, says: String| {
        let from = line_of(after, kind, own);
        let line = line_where(after, from, |line| line.contains(key));
        found.push(Finding {
            rule,
            path: change.path.clone(),
            line,
            removed: false,
            says: format!("The {kind} `{}`: {says}.", shown(own)),
            instead: INSTEAD_BRAKE,
        });
    };
    for (pointer, keeps, then) in BRAKES {
        // A persistent volume that says nothing is retained.
        let (was, is) = (text(old, pointer), text(new, pointer));
        let by_default = pointer.starts_with("/spec/") && is.is_empty();
        if was == *keeps && is != *keeps && !by_default {
            let key = pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/");
            add("kubernetes/brake-removed", &key, format!("{key} is no longer {keeps}: {then}"));
        }
    }
    for pointer in RETENTION {
        if text(new, pointer) == "Delete" && text(old, pointer) != "Delete" {
            let key = pointer.rsplit('/').next().unwrap_or_default();
            add(
                "kubernetes/brake-removed",
                key,
                format!("{key} is Delete from now on: its claims go, and their data with them"),
            );
        }
    }
    found
}

/// The line of an object: where its name stands behind its kind.
fn line_of(text: &str, kind: &str, name: &str) -> usize {
    let is_name = |line: &str| {
        let value = line.split_once("name").map_or("", |(_, rest)| rest);
        value.trim_matches(['"', '\'', ' ', ':', ',', '}', '{']) == name
    };
    let lines: Vec<&str> = text.lines().take(MAX_LINES).collect();
    let of_kind = || lines.iter().enumerate().filter(|(_, line)| line.contains(kind));
    let named = |(at, _): &(usize, &&str)| lines.iter().skip(*at).take(NEAR).any(|it| is_name(it));
    of_kind().find(named).or_else(|| of_kind().next()).map_or(1, |(at, _)| at + 1)
}

/// The objects of a text; none if it cannot be read.
fn objects(text: &str) -> Option<BTreeMap<Name, Value>> {
    let mut found = BTreeMap::new();
    for document in serde_yaml_ng::Deserializer::from_slice(text.as_bytes()) {
        collect(Value::deserialize(document).ok()?, &mut found, 0)?;
    }
    Some(found)
}

fn collect(tree: Value, found: &mut BTreeMap<Name, Value>, depth: usize) -> Option<()> {
    if found.len() >= MOST || depth > DEEP {
        return None;
    }
    let text = |pointer: &str| {
        tree.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    if kind.ends_with("List") && tree.get("items").is_some() {
        let items = tree.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        return items.into_iter().try_for_each(|item| collect(item, found, depth + 1));
    }
    if tree.get("apiVersion").is_some() && !name.is_empty() {
        found.insert((kind, text("/metadata/namespace"), name), tree);
    }
    Some(())
}
