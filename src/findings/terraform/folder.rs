//! The files of one folder, before or after a change: its resources and
//! modules by address, and what its `moved` and `removed` blocks say.

use std::collections::BTreeMap;

use crate::actions::terraform::kinds;
use crate::parse::hcl::{self, Block, Body, Step, Value};

/// How the names of a configuration's files end.
pub const ENDINGS: &[&str] = &[".tf", ".tofu", ".tf.json", ".tofu.json"];

/// How deep blocks of a resource are looked into.
const DEPTH: usize = 4;

/// Words in the name or the source of a module that holds data.
const DATA_WORDS: &[&str] = &[
    "aurora",
    "backup",
    "bigquery",
    "bucket",
    "buckets",
    "cloudsql",
    "database",
    "databases",
    "db",
    "dynamodb",
    "ebs",
    "efs",
    "elasticache",
    "kafka",
    "mariadb",
    "mongo",
    "mongodb",
    "msk",
    "mysql",
    "opensearch",
    "postgres",
    "postgresql",
    "rds",
    "redis",
    "redshift",
    "s3",
    "spanner",
    "sql",
    "storage",
    "vault",
    "volume",
    "volumes",
];

/// A resource or a module, and where it stands.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// The file's path.
    pub path: &'a str,
    /// The line of its block.
    pub line: usize,
    /// The resource's type; `module` for a module.
    pub kind: String,
    /// Its attributes, and those of its blocks under dotted names.
    pub settings: BTreeMap<String, (Value, usize)>,
    /// Whether it holds data.
    pub holds_data: bool,
}

impl Item<'_> {
    /// The value of a setting.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.settings.get(name).map(|(value, _)| value)
    }
}

/// A `removed` block.
#[derive(Clone, Debug)]
pub struct Removed<'a> {
    /// The address that it is about.
    pub from: String,
    /// Whether what it is about is destroyed.
    pub destroys: bool,
    /// The file's path.
    pub path: &'a str,
    /// Its line.
    pub line: usize,
}

/// What a folder's files hold.
#[derive(Clone, Debug, Default)]
pub struct Folder<'a> {
    /// Resources and modules, by address.
    pub items: BTreeMap<String, Item<'a>>,
    /// What moved, from where to where.
    pub moved: Vec<(String, String)>,
    /// What was taken out on purpose.
    pub removed: Vec<Removed<'a>>,
}

impl<'a> Folder<'a> {
    /// Adds a file.
    ///
    /// # Errors
    /// Says why it cannot be read.
    pub fn add(&mut self, path: &'a str, text: &str) -> Result<(), String> {
        let body = if path.ends_with(".json") { hcl::json(text)? } else { hcl::native(text)? };
        for block in &body.blocks {
            match (block.kind.as_str(), block.labels.as_slice()) {
                ("resource", [kind, name]) => {
                    let holds = kinds::of(kind) == kinds::Kind::Data;
                    self.item(path, block, kind, format!("{kind}.{name}"), holds);
                }
                ("module", [name]) => {
                    let source = block.body.value("source").and_then(Value::text);
                    let words = [name.as_str(), source.unwrap_or_default()];
                    let holds = words.iter().any(|text| names_data(text));
                    self.item(path, block, "module", format!("module.{name}"), holds);
                }
                ("moved", []) => {
                    let place = |name| block.body.value(name).and_then(address);
                    if let (Some(from), Some(to)) = (place("from"), place("to")) {
                        self.moved.push((from, to));
                    }
                }
                ("removed", []) => {
                    let Some(from) = block.body.value("from").and_then(address) else { continue };
                    let keeps = block
                        .body
                        .blocks("lifecycle")
                        .any(|it| it.body.value("destroy").and_then(Value::truth) == Some(false));
                    self.removed.push(Removed { from, destroys: !keeps, path, line: block.line });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn item(&mut self, path: &'a str, block: &Block, kind: &str, address: String, holds: bool) {
        let mut settings = BTreeMap::new();
        flatten("", &block.body, 0, &mut settings);
        let kind = kind.to_owned();
        let item = Item { path, line: block.line, kind, settings, holds_data: holds };
        self.items.insert(address, item);
    }

    /// Takes another file's content over.
    pub fn absorb(&mut self, other: Folder<'a>) {
        self.items.extend(other.items);
        self.moved.extend(other.moved);
        self.removed.extend(other.removed);
    }

    /// Whether something in it could be lost.
    pub fn has_stake(&self) -> bool {
        self.items.values().any(|item| item.holds_data)
    }
}

/// Brings the settings of blocks within blocks under dotted names; of several
/// blocks of one kind, the first counts.
fn flatten(front: &str, body: &Body, depth: usize, found: &mut BTreeMap<String, (Value, usize)>) {
    for attribute in &body.attributes {
        let name = format!("{front}{}", attribute.name);
        found.entry(name).or_insert((attribute.value.clone(), attribute.line));
    }
    if depth < DEPTH {
        for block in body.blocks.iter().filter(|block| block.labels.is_empty()) {
            flatten(&format!("{front}{}.", block.kind), &block.body, depth + 1, found);
        }
    }
}

/// The address that a `from` or a `to` names, without keys of instances.
fn address(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => {
            let mut address = String::new();
            for part in text.split('[') {
                address.push_str(part.split_once(']').map_or(part, |(_, rest)| rest));
            }
            Some(address)
        }
        Value::Reference(first, steps) => {
            let names = steps.iter().filter_map(|step| match step {
                Step::Name(name) => Some(name.as_str()),
                Step::Key(_) => None,
            });
            Some(std::iter::once(first.as_str()).chain(names).collect::<Vec<_>>().join("."))
        }
        _ => None,
    }
}

/// Whether a module's name or source says that it holds data.
fn names_data(text: &str) -> bool {
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.any(|word| DATA_WORDS.contains(&word.to_ascii_lowercase().as_str()))
}
