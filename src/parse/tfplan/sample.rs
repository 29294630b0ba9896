//! Plans made for tests, as Terraform lays them out.

use prost::Message;

use super::wire;

/// A plan file with these changes: an address, the action's number, and the
/// values before and after.
pub fn plan(
    changes: &[(&str, i32, &[&rmpv::Value])],
    backend: &str,
    config: &rmpv::Value,
    workspace: &str,
) -> Vec<u8> {
    let value = |value: &rmpv::Value| {
        let mut msgpack = Vec::new();
        rmpv::encode::write_value(&mut msgpack, value).unwrap();
        wire::DynamicValue { msgpack }
    };
    let message = wire::Plan {
        version: super::FORMAT,
        resource_changes: changes
            .iter()
            .map(|(address, action, values)| wire::ResourceInstanceChange {
                addr: (*address).to_owned(),
                change: Some(wire::Change {
                    action: *action,
                    values: values.iter().map(|it| value(it)).collect(),
                }),
            })
            .collect(),
        backend: Some(wire::Backend {
            r#type: backend.to_owned(),
            config: Some(value(config)),
            workspace: workspace.to_owned(),
        }),
        ..wire::Plan::default()
    };
    archive(&[("tfplan", &message.encode_to_vec())])
}

/// A map of texts, numbers and truth values.
pub fn map(pairs: &[(&str, rmpv::Value)]) -> rmpv::Value {
    let pairs = pairs.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    rmpv::Value::Map(pairs)
}

/// An archive of stored entries.
pub fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in entries {
        let start = out.len() as u32;
        let (size, length) =
            ((bytes.len() as u32).to_le_bytes(), (name.len() as u16).to_le_bytes());
        out.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0");
        out.extend([size, size].concat());
        out.extend(length);
        out.extend([0, 0]);
        out.extend(name.bytes());
        out.extend(*bytes);
        directory.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0");
        directory.extend([size, size].concat());
        directory.extend(length);
        directory.extend([0; 12]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.bytes());
    }
    let (start, size) = (out.len() as u32, directory.len() as u32);
    out.extend(&directory);
    let count = (entries.len() as u16).to_le_bytes();
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}
