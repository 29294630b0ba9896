//! Reads MongoDB's clients: the shells (mongosh, and mongo before it) and the
//! tools that dump, restore, import and export.

mod shell;
mod tools;

use super::{Call, Reading, TEXT_LIMIT};
use crate::parse::argv::{self, Parsed};
use crate::target::mongo::Place;

/// Reads a call of a MongoDB client.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    match call.tool.name {
        "mongosh" | "mongo" => shell::read(call, &parsed),
        _ => tools::read(call, &parsed),
    }
}

/// Where the words lead; `address` is the connection string or address.
fn place(parsed: &Parsed<'_>, address: Option<(&str, &'static str)>) -> Place {
    let hosts: Vec<String> = parsed
        .all("--host")
        .filter_map(|given| given.value)
        .map(|value| value.text.to_string_lossy().into_owned())
        .collect();
    let port = parsed.value("--port").map(|value| value.text.to_string_lossy().into_owned());
    let mut place = Place::new(address, &hosts, port.as_deref());
    let computed = ["--host", "--port", "--uri"]
        .iter()
        .find(|name| parsed.all(name).filter_map(|given| given.value).any(|value| value.dynamic));
    if let Some(name) = computed {
        place.server.gap = Some(format!("the value of {name} is computed at run time"));
    }
    place
}

#[cfg(test)]
mod tests;
