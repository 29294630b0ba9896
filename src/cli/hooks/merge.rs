//! Puts holdpoint's entries into a file of settings that belongs to others,
//! and takes them out again: text in, text out. Everything else in the file,
//! its comments and its layout included, stays as it is.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstRootNode};
use serde_json::Value;

/// Whether a command is a call of holdpoint's hook.
pub fn is_ours(command: &str) -> bool {
    command.contains("holdpoint hook ") || command.contains("holdpoint' hook ")
}

/// Why a file is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is no JSON, comments allowed: what is wrong.
    NotJson(String),
    /// It has something else where the hooks stand.
    Otherwise(String),
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unfit::NotJson(why) => write!(f, "it is not JSON ({why})"),
            Unfit::Otherwise(name) => write!(f, "its {name:?} is not what hooks stand in"),
        }
    }
}

/// Where in a file the events stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Top {
    /// Under `hooks`.
    Hooks,
    /// Under `hooks`, with a `version` beside it.
    Versioned,
    /// They are the file's own keys.
    Bare,
}

/// The text with these entries, by event.
pub fn with(text: &str, entries: &[(&str, Value)], at: Top) -> Result<String, Unfit> {
    let otherwise = |name: &str| Unfit::Otherwise(name.to_owned());
    // Where an older holdpoint put them, nobody looks.
    let text = if at == Top::Bare { without(text, Top::Hooks)? } else { text.to_owned() };
    let root = parse(&text)?;
    let top = root.object_value_or_create().ok_or_else(|| otherwise("top"))?;
    if at == Top::Versioned && top.get("version").is_none() {
        top.append("version", CstInputValue::Number("1".to_owned()));
    }
    let hooks = match at {
        Top::Bare => top,
        _ => top.object_value_or_create("hooks").ok_or_else(|| otherwise("hooks"))?,
    };
    for (event, entry) in entries {
        let list = hooks.array_value_or_create(event).ok_or_else(|| otherwise(event))?;
        if list.elements().iter().any(|have| value(have).as_ref() == Some(entry)) {
            continue;
        }
        take_out(&list);
        list.append(input(entry));
    }
    Ok(root.to_string())
}

/// The text without any entry of holdpoint's.
pub fn without(text: &str, at: Top) -> Result<String, Unfit> {
    let root = parse(text)?;
    let top = root.object_value();
    let hooks = match at {
        Top::Bare => top,
        _ => top.and_then(|top| top.object_value("hooks")),
    };
    let Some(hooks) = hooks else { return Ok(text.to_owned()) };
    let mut found = false;
    for event in hooks.properties() {
        let Some(list) = event.array_value() else { continue };
        if take_out(&list) {
            found = true;
            if list.elements().is_empty() {
                event.remove();
            }
        }
    }
    if found
        && at != Top::Bare
        && hooks.properties().is_empty()
        && let Some(top) = root.object_value()
        && let Some(property) = top.get("hooks")
    {
        property.remove();
    }
    Ok(root.to_string())
}

/// A file of settings as plain JSON; null where it is none.
pub fn settings(text: &str) -> Value {
    parse(text).ok().and_then(|root| root.to_serde_value()).unwrap_or_default()
}

/// The commands by which a file's hooks call holdpoint, where its agent looks
/// for them.
pub fn commands(text: &str, at: Top) -> Vec<String> {
    let mut out = Vec::new();
    match (settings(text), at) {
        (Value::Object(mut top), Top::Bare) => {
            top.remove("hooks");
            collect(&Value::Object(top), &mut out);
        }
        (value, _) => collect(value.get("hooks").unwrap_or(&Value::Null), &mut out),
    }
    out.retain(|command| is_ours(command));
    out.dedup();
    out
}

fn collect(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        Value::Object(object) => object.values().for_each(|item| collect(item, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Takes holdpoint's entries out of a list, and out of the groups in it.
fn take_out(list: &CstArray) -> bool {
    let mut found = false;
    for element in list.elements() {
        let group = element.as_object().and_then(|object| object.array_value("hooks"));
        match group {
            Some(group) => {
                for hook in group.elements() {
                    if calls_us(&hook) {
                        hook.remove();
                        found = true;
                    }
                }
                if found && group.elements().is_empty() {
                    element.remove();
                }
            }
            None if calls_us(&element) => {
                element.remove();
                found = true;
            }
            None => {}
        }
    }
    found
}

fn calls_us(hook: &CstNode) -> bool {
    let command = value(hook).and_then(|hook| hook.get("command")?.as_str().map(str::to_owned));
    command.is_some_and(|command| is_ours(&command))
}

pub(super) fn value(node: &CstNode) -> Option<Value> {
    node.to_serde_value()
}

pub(super) fn parse(text: &str) -> Result<CstRootNode, Unfit> {
    CstRootNode::parse(text, &ParseOptions::default())
        .map_err(|error| Unfit::NotJson(error.to_string()))
}

pub(super) fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(object) => CstInputValue::Object(
            object.iter().map(|(name, value)| (name.clone(), input(value))).collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CALL: &str = "/opt/h/bin/holdpoint hook claude";

    fn entry() -> Vec<(&'static str, Value)> {
        vec![(
            "PreToolUse",
            json!({"matcher": "*", "hooks": [{"type": "command", "command": CALL}]}),
        )]
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        let before = "{\n  // mine\n  \"model\": \"x\", \"n\": 1e5,\n  \"hooks\": {\n    \"PreToolUse\": [\n      {\"matcher\": \"Bash\", \"hooks\": [{\"type\": \"command\", \"command\": \"./mine.sh\"}]}\n    ],\n    \"Stop\": []\n  }\n}\n";
        let after = with(before, &entry(), Top::Hooks).unwrap();
        assert!(after.contains("// mine") && after.contains("1e5") && after.contains("./mine.sh"));
        assert_eq!(commands(&after, Top::Hooks), [CALL]);
        assert_eq!(
            with(&after, &entry(), Top::Hooks).unwrap(),
            after,
            "a second time changes nothing"
        );
        let gone = without(&after, Top::Hooks).unwrap();
        assert_eq!(commands(&gone, Top::Hooks), Vec::<String>::new());
        assert!(
            gone.contains("// mine") && gone.contains("./mine.sh") && gone.contains("\"Stop\"")
        );
    }

    #[test]
    fn an_entry_that_leads_elsewhere_gives_way() {
        let old = r#"{"hooks":{"PreToolUse":[{"matcher":"Bash","hooks":[{"type":"command","command":"/old/holdpoint hook claude"},{"type":"command","command":"./mine.sh"}]}]}}"#;
        let after = with(old, &entry(), Top::Hooks).unwrap();
        assert_eq!(commands(&after, Top::Hooks), [CALL]);
        assert!(after.contains("./mine.sh"));
        // A hook of somebody else's that only mentions holdpoint stays.
        let other = r#"{"hooks":{"PreToolUse":[{"command":"echo holdpoint"}]}}"#;
        assert_eq!(without(other, Top::Hooks).unwrap(), other);
    }

    #[test]
    fn an_empty_file_and_one_of_only_ours_come_back() {
        let after = with("", &entry(), Top::Versioned).unwrap();
        assert_eq!(commands(&after, Top::Hooks), [CALL]);
        assert!(after.contains("\"version\": 1"));
        assert_eq!(commands(&without(&after, Top::Hooks).unwrap(), Top::Hooks).len(), 0);
        let bare = with("{}", &entry(), Top::Hooks).unwrap();
        assert!(!without(&bare, Top::Hooks).unwrap().contains("hooks"));
    }

    #[test]
    fn what_is_no_such_file_is_left_alone() {
        assert!(matches!(with("{", &entry(), Top::Hooks), Err(Unfit::NotJson(_))));
        assert!(matches!(with("[]", &entry(), Top::Hooks), Err(Unfit::Otherwise(_))));
        assert!(matches!(with(r#"{"hooks":[]}"#, &entry(), Top::Hooks), Err(Unfit::Otherwise(_))));
        let nested = "[".repeat(20_000);
        assert!(with(&nested, &entry(), Top::Hooks).is_err());
    }

    #[test]
    fn events_may_stand_at_the_top() {
        let old = r#"{"hooks":{"PreToolUse":[{"hooks":[{"command":"/old/holdpoint hook droid"}]}]},"Stop":[]}"#;
        let after = with(old, &entry(), Top::Bare).unwrap();
        let value: Value = serde_json::from_str(&after).unwrap();
        assert_eq!(value["PreToolUse"], json!([entry()[0].1]));
        assert!(value.get("hooks").is_none() && value["Stop"] == json!([]), "{after}");
        assert_eq!(without(&after, Top::Bare).unwrap().matches("holdpoint").count(), 0);
    }
}
