//! Amp's settings: rules in `amp.permissions`, tried in order, that hand the
//! decision on a tool to a program (`delegate`), and that program, which can
//! be given no words and so is a script beside them. Text in, text out.
//!
//! Amp has no answer that leaves a call to its other rules (0.0.1790142911, by
//! `amp permissions test`: 0 allows, 1 asks, 2 rejects with what is on standard
//! error, and so does a program that is not there). What holdpoint lets pass,
//! Amp asks about; so `--all` leaves Amp out.

use jsonc_parser::cst::{CstArray, CstNode};
use serde_json::{Value, json};

use super::merge::{Unfit, input, parse, settings, value};

/// Where the rules stand.
const KEY: &str = "amp.permissions";

/// The script's name, beside the settings.
pub const SCRIPT: &str = "holdpoint-amp";

/// The tools that act: Amp's shells, its editors, and other servers' tools, as
/// `amp permissions list --builtin` names them.
const TOOLS: &[&str] = &[
    "Bash",
    "shell_command",
    "async_shell_command",
    "apply_patch",
    "create_file",
    "delete_file",
    "edit_file",
    "mcp__*",
];

/// The script.
pub fn script(command: &str) -> String {
    format!("#!/bin/sh\nexec {command}\n")
}

/// The text with holdpoint's rules in front of all others.
pub fn with(text: &str, script: &str) -> Result<String, Unfit> {
    let text = without(text)?;
    let root = parse(&text)?;
    let otherwise = || Unfit::Otherwise(KEY.to_owned());
    let top = root.object_value_or_create().ok_or_else(otherwise)?;
    let rules = top.array_value_or_create(KEY).ok_or_else(otherwise)?;
    for (at, tool) in TOOLS.iter().enumerate() {
        rules.insert(at, input(&json!({"tool": tool, "action": "delegate", "to": script})));
    }
    Ok(root.to_string())
}

/// The text without them.
pub fn without(text: &str) -> Result<String, Unfit> {
    let root = parse(text)?;
    let rules = root.object_value().and_then(|top| top.array_value(KEY));
    let Some(rules) = rules.filter(|rules| ours(rules).next().is_some()) else {
        return Ok(text.to_owned());
    };
    for rule in ours(&rules).collect::<Vec<_>>() {
        rule.remove();
    }
    if rules.elements().is_empty()
        && let Some(property) = root.object_value().and_then(|top| top.get(KEY))
    {
        property.remove();
    }
    Ok(root.to_string())
}

/// The program that every rule of holdpoint's leads to, if they all are there.
pub fn program(text: &str) -> Option<String> {
    let settings = settings(text);
    let rules = settings.get(KEY)?.as_array()?;
    let mut program = None;
    for tool in TOOLS {
        let rule = rules.iter().find(|rule| rule.get("tool").is_some_and(|have| have == tool))?;
        program = Some(delegate(rule)?.to_owned());
    }
    program
}

fn ours(rules: &CstArray) -> impl Iterator<Item = CstNode> {
    rules
        .elements()
        .into_iter()
        .filter(|rule| value(rule).is_some_and(|rule| delegate(&rule).is_some()))
}

/// The script that a rule of holdpoint's leads to.
fn delegate(rule: &Value) -> Option<&str> {
    let to = rule.get("to")?.as_str()?;
    let ends = to.rsplit('/').next() == Some(SCRIPT);
    (ends && rule.get("action")? == "delegate").then_some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "/home/ana/.config/amp/holdpoint-amp";

    #[test]
    fn the_rules_come_first_and_go_again() {
        let before = "{\n  // mine\n  \"amp.permissions\": [\n    {\"tool\": \"Bash\", \"action\": \"allow\"}\n  ],\n  \"amp.x\": 1\n}\n";
        let after = with(before, AT).unwrap();
        assert_eq!(program(&after).as_deref(), Some(AT));
        assert!(after.contains("// mine") && after.contains("\"amp.x\": 1"), "{after}");
        let rules = &settings(&after)[KEY];
        assert_eq!(rules[0], json!({"tool": "Bash", "action": "delegate", "to": AT}));
        assert_eq!(rules[TOOLS.len()], json!({"tool": "Bash", "action": "allow"}));
        assert_eq!(with(&after, AT).unwrap(), after, "a second time changes nothing");
        assert_eq!(settings(&without(&after).unwrap()), settings(before));
        assert_eq!(settings(&without(&with("", AT).unwrap()).unwrap()), json!({}));
    }

    #[test]
    fn a_rule_of_somebodys_in_front_is_seen() {
        let after = with("{}", AT).unwrap();
        let mine = after.replacen("[", "[{\"tool\": \"mcp__*\", \"action\": \"allow\"},", 1);
        assert_eq!(program(&mine), None);
        assert_eq!(program("{}"), None);
        assert!(with("[]", AT).is_err() && with("{\"amp.permissions\": 1}", AT).is_err());
    }
}
