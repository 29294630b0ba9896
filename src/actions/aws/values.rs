//! Values of parameters: what stands in JSON and in the CLI's shorthand. Pure;
//! knows no parameter.

use serde_json::Value as Json;

use crate::text::glob;

/// How deep a JSON value is searched.
pub const DEPTH: usize = 32;

/// Whether a value is one that hurts: the same number, or by pattern.
pub fn is(bad: &str, value: &str) -> bool {
    match (bad.parse::<i64>(), value.trim().parse::<i64>()) {
        (Ok(bad), Ok(value)) => bad == value,
        _ => glob(bad, value),
    }
}

/// The values in a text: JSON if it looks like it, else the CLI's shorthand.
///
/// # Errors
/// Says why they cannot be told: a clause.
pub fn text_values(text: &str, member: Option<&str>, out: &mut Vec<String>) -> Result<(), String> {
    let text = text.trim();
    if text.starts_with(['{', '[']) && member.is_some() {
        let json: Json =
            serde_json::from_str(text).map_err(|_| "a value is not JSON".to_owned())?;
        json_values(&json, member, out, DEPTH);
        return Ok(());
    }
    let Some(member) = member else {
        out.push(text.trim_matches(['"', '\'']).to_owned());
        return Ok(());
    };
    let separators = ['=', ',', '{', '}', '[', ']', '"', '\'', ' ', '\n', '\t'];
    let mut words = text.split(separators).filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        if word.strip_suffix('@') == Some(member) {
            return Err("a value is read from another file".to_owned());
        }
        if word == member {
            out.extend(words.next().map(str::to_owned));
        }
    }
    Ok(())
}

/// The plain values in a JSON value: all of its own, or those of `member` at
/// any depth.
pub fn json_values(json: &Json, member: Option<&str>, out: &mut Vec<String>, depth: usize) {
    if depth == 0 {
        return;
    }
    match (json, member) {
        (Json::Object(map), Some(name)) => {
            for (key, value) in map {
                if key == name {
                    json_values(value, None, out, depth - 1);
                }
                json_values(value, member, out, depth - 1);
            }
        }
        // Everything that the member holds.
        (Json::Object(map), None) => {
            map.values().for_each(|value| json_values(value, None, out, depth - 1));
        }
        (Json::Array(list), _) => {
            list.iter().for_each(|value| json_values(value, member, out, depth - 1));
        }
        (Json::String(text), None) => out.push(text.clone()),
        (Json::Bool(_) | Json::Number(_), None) => out.push(json.to_string()),
        _ => {}
    }
}
