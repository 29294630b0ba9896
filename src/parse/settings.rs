//! One value out of a tool's own settings file: JSON, TOML, YAML, INI, git's or
//! a bare word, and the key that leads to it. Text in, value out; which file is
//! read and what the value means is the rule file's business.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::CstRootNode;
use serde_json::Value;

use super::{git_config, ini};

/// How a settings file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// TOML.
    Toml,
    /// YAML: the first document of the file.
    Yaml,
    /// INI, as Python's `RawConfigParser` reads it.
    Ini,
    /// The file's first line is the value.
    Text,
    /// git's own settings.
    Git,
}

impl Format {
    /// The format that a word or a file's ending stands for, if any.
    pub fn from_word(word: &str) -> Option<Format> {
        Some(match word {
            "json" => Format::Json,
            "toml" => Format::Toml,
            "yaml" | "yml" => Format::Yaml,
            "ini" | "cfg" => Format::Ini,
            "text" => Format::Text,
            "git" => Format::Git,
            _ => return None,
        })
    }
}

/// The most characters of a value that are taken over.
const MAX_VALUE: usize = 4096;

/// The value that `key` leads to, if there is one: a text, a number or a
/// truth value, as text. A step of the key that is a number takes that
/// element of a list, and `*` the only entry of a list or a table.
///
/// # Errors
/// A clause that says why the text cannot be read in this format.
pub fn find(text: &[u8], format: Format, key: &[&str]) -> Result<Option<String>, String> {
    let tree: Value = match format {
        Format::Json => serde_json::from_slice(text).map_err(|_| "it is not JSON".to_owned())?,
        Format::Toml => toml::from_str(&String::from_utf8_lossy(text))
            .map_err(|_| "it is not TOML".to_owned())?,
        Format::Yaml => yaml(text)?,
        Format::Ini => return section(text, key),
        Format::Git => {
            let name = git_config::canonical(&key.join("."));
            let entries = git_config::parse(&String::from_utf8_lossy(text));
            let last = entries.into_iter().rev().find(|entry| entry.name == name);
            let value = last.and_then(|entry| entry.value).filter(|value| !value.is_empty());
            return Ok(value.map(|value| clip(&value)));
        }
        Format::Text => {
            let text = String::from_utf8_lossy(text);
            let line = text.lines().next().unwrap_or_default().trim();
            return Ok((!line.is_empty()).then(|| clip(line)));
        }
    };
    let mut at = &tree;
    for step in key {
        let next = match at {
            Value::Object(map) if *step == "*" => map.values().next().filter(|_| map.len() == 1),
            Value::Object(map) => map.get(*step),
            Value::Array(list) if *step == "*" => list.first().filter(|_| list.len() == 1),
            Value::Array(list) => step.parse::<usize>().ok().and_then(|place| list.get(place)),
            _ => None,
        };
        let Some(next) = next else { return Ok(None) };
        at = next;
    }
    Ok(match at {
        Value::String(text) if !text.is_empty() => Some(clip(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    })
}

/// JSON, with or without comments and commas behind the last entry, as
/// `turbo.json` and `deno.jsonc` may be written. Nesting is bounded by the
/// libraries.
pub fn json(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok().or_else(|| {
        let text = std::str::from_utf8(text).ok()?;
        CstRootNode::parse(text, &ParseOptions::default()).ok()?.to_serde_value()
    })
}

/// A YAML text's first document.
///
/// # Errors
/// A clause that says why it cannot be read; nesting and aliases are bounded
/// by the library.
pub fn yaml(text: &[u8]) -> Result<Value, String> {
    use serde::Deserialize;
    let mut documents = serde_yaml_ng::Deserializer::from_slice(text);
    let Some(first) = documents.next() else { return Ok(Value::Null) };
    Value::deserialize(first).map_err(|_| "it is not YAML".to_owned())
}

fn section(text: &[u8], key: &[&str]) -> Result<Option<String>, String> {
    let [name, key] = key else { return Ok(None) };
    let text = String::from_utf8_lossy(text);
    let file = ini::parse(&text).map_err(|error| error.to_string())?;
    let section = match *name {
        ini::DEFAULTS => Some(file.defaults()),
        name => file.section(name),
    };
    let value = section.and_then(|section| section.get(&key.to_lowercase()));
    Ok(value.filter(|value| !value.is_empty()).map(clip))
}

fn clip(text: &str) -> String {
    text.chars().take(MAX_VALUE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, format: &str, key: &[&str]) -> Result<Option<String>, String> {
        find(text.as_bytes(), Format::from_word(format).unwrap(), key)
    }

    #[test]
    fn a_key_leads_to_its_value_in_each_format() {
        for (text, format, key) in [
            (r#"{"a": {"b": "x"}}"#, "json", &["a", "b"][..]),
            (r#"{"a": [{"b": "x"}]}"#, "json", &["a", "0", "b"]),
            (r#"{"a": {"only": {"b": "x"}}}"#, "json", &["a", "*", "b"]),
            ("[a]\nb = \"x\"\n", "toml", &["a", "b"]),
            ("a:\n  b: x\n---\na:\n  b: y\n", "yaml", &["a", "b"]),
            ("[a]\nB = x\n", "ini", &["a", "B"]),
            ("[DEFAULT]\nb = x\n[a]\nb = y\n", "ini", &["DEFAULT", "b"]),
            ("[a]\n\tb = y\n[a]\n\tb = x\n", "git", &["a", "b"]),
            ("x\ny\n", "text", &[]),
        ] {
            assert_eq!(value(text, format, key), Ok(Some("x".to_owned())), "{format} {text}");
        }
    }

    #[test]
    fn what_is_not_there_is_no_error_and_what_is_broken_is() {
        for (text, format) in
            [("{}", "json"), ("", "toml"), ("", "yaml"), ("", "ini"), ("", "text")]
        {
            assert_eq!(value(text, format, &["a", "b"]), Ok(None), "{format}");
        }
        for (text, format) in [("{", "json"), ("a", "toml"), ("a: [", "yaml"), ("a", "ini")] {
            assert!(value(text, format, &["a", "b"]).is_err(), "{format}");
        }
        assert_eq!(value(r#"{"a": {"x": 1, "y": 2}}"#, "json", &["a", "*"]), Ok(None));
        assert_eq!(value(r#"{"a": []}"#, "json", &["a"]), Ok(None));
    }

    #[test]
    fn nesting_and_aliases_are_bounded() {
        let deep = "[".repeat(100_000);
        assert!(value(&deep, "json", &["a"]).is_err());
        assert!(value(&deep, "yaml", &["a"]).is_err());
        assert!(json(deep.as_bytes()).is_none());
        assert!(value(&format!("a = {deep}"), "toml", &["a"]).is_err());
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let alias = format!("*a{}, ", level - 1).repeat(10);
            laughs.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
        }
        assert!(value(&laughs, "yaml", &["a"]).is_err());
    }
}
