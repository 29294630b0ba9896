//! A saved plan of Terraform or OpenTofu, taken apart: what it does to which
//! resource, and the backend that it was made for. The file is an archive
//! whose entry `tfplan` is a protobuf message (`planfile.proto`, format 3;
//! the same in Terraform 1.8 to 1.15 and OpenTofu 1.6 to 1.10, by their
//! sources) with values in MessagePack. Text to structure only; what a change
//! means is [`crate::actions::terraform`]'s.

mod zip;

use prost::Message;
use rmpv::ValueRef;

/// The most bytes of an unpacked plan.
const MAX_PLAN: usize = 64 << 20;

/// The one version of the format.
const FORMAT: u64 = 3;

/// How deep values may nest.
const MAX_DEPTH: usize = 64;

/// What a plan does to one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Nothing, or it reads a data source.
    Nothing,
    /// It makes it.
    Create,
    /// It changes it in place.
    Update,
    /// It destroys it.
    Delete,
    /// It destroys it and makes another.
    Replace,
    /// Terraform forgets it, and it lives on.
    Forget,
}

/// A change of one resource.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its address: `module.db.aws_db_instance.main[0]`.
    pub address: String,
    /// What happens to it.
    pub kind: Kind,
    /// Its values before and after, as MessagePack.
    values: Vec<Vec<u8>>,
}

/// A saved plan.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Whether it was made to destroy everything (`plan -destroy`).
    pub destroys_all: bool,
    /// The changes of resources, those that change nothing left out.
    pub changes: Vec<Change>,
    /// How many actions of providers it runs (Terraform 1.14).
    pub invocations: usize,
    /// Whether it changes an output.
    pub outputs: bool,
    /// The backend's type: `s3`.
    pub backend: String,
    /// The backend's settings that are texts.
    pub settings: Vec<(String, String)>,
    /// The workspace.
    pub workspace: String,
}

/// Reads a plan file.
///
/// # Errors
/// A clause that says why it cannot be read.
pub fn read(file: &[u8]) -> Result<Plan, String> {
    let bytes = zip::entry(file, b"tfplan", MAX_PLAN)?;
    let plan =
        wire::Plan::decode(bytes.as_slice()).map_err(|_| "the plan in it is damaged".to_owned())?;
    if plan.version != FORMAT {
        return Err(format!("it is of format {}, which holdpoint does not know", plan.version));
    }
    if plan.state_store.is_some() {
        return Err("its state lies in a store that holdpoint does not know".to_owned());
    }
    let mut changes = Vec::new();
    let waiting = plan.deferred_changes.into_iter().filter_map(|deferred| deferred.change);
    for change in plan.resource_changes.into_iter().chain(waiting) {
        let wire::ResourceInstanceChange { addr: address, change, .. } = change;
        if address.is_empty() {
            return Err("it is of an old version of Terraform".to_owned());
        }
        let wire::Change { action, values } = change.unwrap_or_default();
        let kind = kind(action).ok_or_else(|| {
            format!("it does something to {address} that holdpoint does not know")
        })?;
        if kind != Kind::Nothing {
            let values = values.into_iter().map(|value| value.msgpack).collect();
            changes.push(Change { address, kind, values });
        }
    }
    let backend = plan.backend.unwrap_or_default();
    let settings = texts(&backend.config.unwrap_or_default().msgpack);
    let outputs = plan.output_changes.into_iter().filter_map(|output| output.change);
    Ok(Plan {
        destroys_all: plan.ui_mode == 1,
        changes,
        invocations: plan.action_invocations.len() + plan.deferred_action_invocations.len(),
        outputs: outputs.into_iter().any(|change| change.action != 0),
        backend: backend.r#type,
        settings,
        workspace: backend.workspace,
    })
}

fn kind(action: i32) -> Option<Kind> {
    Some(match action {
        0 | 2 => Kind::Nothing,
        1 => Kind::Create,
        3 => Kind::Update,
        5 => Kind::Delete,
        6 | 7 => Kind::Replace,
        // Forgotten, or made anew beside what is forgotten.
        8 | 9 => Kind::Forget,
        _ => return None,
    })
}

/// The texts of a map at its top level, and of maps in it, each under the
/// name of its own key.
fn texts(bytes: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut bytes = bytes;
    let Ok(value) = rmpv::decode::read_value_ref_with_max_depth(&mut bytes, MAX_DEPTH) else {
        return found;
    };
    let mut waiting = vec![(String::new(), value)];
    while let Some((name, value)) = waiting.pop() {
        match value {
            ValueRef::Map(pairs) => waiting.extend(
                pairs.into_iter().filter_map(|(key, value)| Some((text(&key)?.to_owned(), value))),
            ),
            ValueRef::Array(list) => {
                waiting.extend(list.into_iter().map(|value| (name.clone(), value)));
            }
            ValueRef::String(text) => {
                found.extend(text.as_str().map(|text| (name, text.to_owned())));
            }
            _ => {}
        }
    }
    found.reverse();
    found
}

fn text<'a>(value: &'a ValueRef<'_>) -> Option<&'a str> {
    match value {
        ValueRef::String(text) => text.as_str(),
        _ => None,
    }
}

/// A value that matters to recovery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Simple {
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Number(i64),
}

impl Change {
    /// The value before (`after` false) or after the change of an attribute
    /// at the top of the resource, if it is a truth value or a number.
    pub fn simple(&self, name: &str, after: bool) -> Option<Simple> {
        let mut bytes = self.values.get(usize::from(after))?.as_slice();
        let value = rmpv::decode::read_value_ref_with_max_depth(&mut bytes, MAX_DEPTH).ok()?;
        let ValueRef::Map(pairs) = value else { return None };
        let (_, value) = pairs.iter().find(|(key, _)| text(key) == Some(name))?;
        match value {
            ValueRef::Boolean(truth) => Some(Simple::Bool(*truth)),
            ValueRef::Integer(number) => number.as_i64().map(Simple::Number),
            _ => None,
        }
    }

    /// Everything that its values hold, as bytes.
    pub fn raw(&self) -> impl Iterator<Item = &[u8]> {
        self.values.iter().map(Vec::as_slice)
    }

    /// The resource's type: `aws_db_instance`.
    pub fn resource_type(&self) -> &str {
        resource_type(&self.address)
    }
}

/// The type in a resource's address: `aws_db_instance` in
/// `module.a["x.y"].aws_db_instance.main[0]`.
pub fn resource_type(address: &str) -> &str {
    let mut rest = address;
    loop {
        let Some((first, behind)) = step(rest) else { return rest };
        match first {
            // `module.NAME`, and the instance key behind the name.
            "module" => rest = step(behind).map_or("", |(_, behind)| behind),
            "data" | "ephemeral" => rest = behind,
            other => return other,
        }
    }
}

/// The text up to the next dot that stands in no brackets, and what follows.
fn step(text: &str) -> Option<(&str, &str)> {
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => inside = true,
            ']' if !quoted => inside = false,
            '.' if !inside && !quoted => return Some((text.get(..at)?, text.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

/// The parts of the message that matter, by `planfile.proto`'s numbers.
mod wire {
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Plan {
        #[prost(uint64, tag = "1")]
        pub version: u64,
        #[prost(int32, tag = "17")]
        pub ui_mode: i32,
        #[prost(message, repeated, tag = "3")]
        pub resource_changes: Vec<ResourceInstanceChange>,
        #[prost(message, repeated, tag = "27")]
        pub deferred_changes: Vec<Deferred>,
        #[prost(message, repeated, tag = "31")]
        pub deferred_action_invocations: Vec<Unread>,
        #[prost(message, repeated, tag = "4")]
        pub output_changes: Vec<OutputChange>,
        #[prost(message, repeated, tag = "30")]
        pub action_invocations: Vec<Unread>,
        #[prost(message, optional, tag = "13")]
        pub backend: Option<Backend>,
        #[prost(message, optional, tag = "29")]
        pub state_store: Option<Unread>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct ResourceInstanceChange {
        #[prost(string, tag = "13")]
        pub addr: String,
        #[prost(message, optional, tag = "9")]
        pub change: Option<Change>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Deferred {
        #[prost(message, optional, tag = "2")]
        pub change: Option<ResourceInstanceChange>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Change {
        #[prost(int32, tag = "1")]
        pub action: i32,
        #[prost(message, repeated, tag = "2")]
        pub values: Vec<DynamicValue>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct OutputChange {
        #[prost(message, optional, tag = "2")]
        pub change: Option<Change>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct DynamicValue {
        #[prost(bytes = "vec", tag = "1")]
        pub msgpack: Vec<u8>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Backend {
        #[prost(string, tag = "1")]
        pub r#type: String,
        #[prost(message, optional, tag = "2")]
        pub config: Option<DynamicValue>,
        #[prost(string, tag = "3")]
        pub workspace: String,
    }

    /// A message that is only counted.
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Unread {}
}

#[cfg(test)]
pub mod sample;
#[cfg(test)]
mod tests;
