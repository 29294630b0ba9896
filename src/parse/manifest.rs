//! Kubernetes manifests: YAML or JSON text of one or more documents in, the
//! kinds and names of its objects out, and of a kustomization the files that
//! it takes them from. Knows nothing of what an object is worth.

use serde::Deserialize;
use serde_json::Value;

/// The most objects of a text that are taken over.
pub const MAX_OBJECTS: usize = 2_000;

/// How deep lists may stand in lists.
const MAX_DEPTH: usize = 8;

/// An object of a manifest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// Its kind, as it is written: `PersistentVolumeClaim`.
    pub kind: String,
    /// The group of its API; empty for the core's.
    pub group: String,
    /// Its name.
    pub name: String,
    /// Its namespace; empty if it names none.
    pub namespace: String,
    /// Whether its volumes' claims go with it.
    pub takes_claims: bool,
}

/// The objects of a text; those of lists in place of the lists.
///
/// # Errors
/// A clause that says why it cannot be read, or not to its end.
pub fn objects(text: &[u8]) -> Result<Vec<Object>, String> {
    let mut found = Vec::new();
    for document in serde_yaml_ng::Deserializer::from_slice(text) {
        let tree = Value::deserialize(document).map_err(|_| "it is not YAML".to_owned())?;
        collect(&tree, &mut found, 0)?;
    }
    Ok(found)
}

fn collect(tree: &Value, found: &mut Vec<Object>, depth: usize) -> Result<(), String> {
    if tree.is_null() {
        return Ok(());
    }
    if found.len() >= MAX_OBJECTS || depth > MAX_DEPTH {
        return Err("it holds more objects than are read".to_owned());
    }
    let Some(kind) = tree.get("kind").and_then(Value::as_str) else {
        return Err("a document of it has no kind".to_owned());
    };
    if let Some(items) = tree.get("items").and_then(Value::as_array)
        && kind.ends_with("List")
    {
        return items.iter().try_for_each(|item| collect(item, found, depth + 1));
    }
    let version = text(tree, "/apiVersion");
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let retention = text(tree, "/spec/persistentVolumeClaimRetentionPolicy/whenDeleted");
    found.push(Object {
        kind: kind.to_owned(),
        group: group.to_owned(),
        name: text(tree, "/metadata/name").to_owned(),
        namespace: text(tree, "/metadata/namespace").to_owned(),
        takes_claims: retention == "Delete",
    });
    Ok(())
}

fn text<'a>(tree: &'a Value, pointer: &str) -> &'a str {
    tree.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Keys of a kustomization that add no objects.
const ADDS_NOTHING: &[&str] = &[
    "apiVersion",
    "buildMetadata",
    "commonAnnotations",
    "commonLabels",
    "configurations",
    "crds",
    "generatorOptions",
    "images",
    "kind",
    "labels",
    "metadata",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "openapi",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "replicas",
    "sortOptions",
    "vars",
];

/// The files and folders that a kustomization takes objects from.
///
/// # Errors
/// A clause that says why not all its objects can be known from them.
pub fn kustomization(text: &[u8]) -> Result<Vec<String>, String> {
    let tree = super::settings::yaml(text)?;
    let Value::Object(map) = &tree else { return Err("it is no kustomization".to_owned()) };
    let mut found = Vec::new();
    for (key, value) in map {
        match key.as_str() {
            "resources" | "bases" => {
                for entry in value.as_array().into_iter().flatten() {
                    let entry = entry.as_str().ok_or("a resource of it is no name")?;
                    found.push(entry.to_owned());
                }
            }
            // Their objects are a secret or a set of settings.
            "configMapGenerator" | "secretGenerator" => {}
            key if ADDS_NOTHING.contains(&key) => {}
            key => {
                return Err(format!("what `{}` adds is not read", crate::text::visible(key, 40)));
            }
        }
    }
    match found.len() > MAX_OBJECTS {
        true => Err("it names more files than are read".to_owned()),
        false => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_and_list_counts() {
        let text = "kind: Namespace\nmetadata: {name: a}\n---\n# nothing\n---\napiVersion: v1\n\
            kind: List\nitems:\n- apiVersion: apps/v1\n  kind: StatefulSet\n  metadata: {name: b, \
            namespace: c}\n  spec: {persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}}\n";
        let found = objects(text.as_bytes()).unwrap();
        let kinds: Vec<&str> = found.iter().map(|object| object.kind.as_str()).collect();
        assert_eq!(kinds, ["Namespace", "StatefulSet"]);
        assert_eq!((found[1].group.as_str(), found[1].takes_claims), ("apps", true));
        let json = br#"{"kind": "Pod", "metadata": {"name": "x"}}"#;
        assert_eq!(objects(json).unwrap()[0].name, "x");
    }

    #[test]
    fn what_cannot_be_read_to_its_end_is_an_error() {
        for text in ["a: [", "a: b", "kind: 3", "- kind: Pod", "kind: Pod\n---\n{"] {
            assert!(objects(text.as_bytes()).is_err(), "{text}");
        }
        let many = "kind: Pod\n---\n".repeat(MAX_OBJECTS + 1);
        assert!(objects(many.as_bytes()).is_err());
        let mut deep = "{\"kind\": \"Pod\"}".to_owned();
        for _ in 0..20 {
            deep = format!("{{\"kind\": \"List\", \"items\": [{deep}]}}");
        }
        assert!(objects(deep.as_bytes()).is_err());
        assert_eq!(objects(b""), Ok(Vec::new()));
    }

    #[test]
    fn a_kustomization_names_its_files() {
        let text = b"namespace: x\nresources:\n- a.yaml\n- ../base\nimages: []\n";
        assert_eq!(kustomization(text), Ok(vec!["a.yaml".to_owned(), "../base".to_owned()]));
        assert!(kustomization(b"helmCharts: []\n").is_err());
        assert!(kustomization(b"resources: [{}]\n").is_err());
    }
}
