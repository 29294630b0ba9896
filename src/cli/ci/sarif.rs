//! Findings as a SARIF 2.1.0 log (OASIS standard), as code scanning of forges
//! takes it. Shapes values; writes nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Told;
use crate::findings::Finding;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The log of one run.
pub(super) fn log(told: &[Told]) -> Value {
    let mut rules: BTreeMap<&str, &'static str> = BTreeMap::new();
    for Told { finding, .. } in told {
        rules.insert(finding.rule, finding.instead);
    }
    let ids: Vec<&str> = rules.keys().copied().collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|(id, instead)| {
            json!({
                "id": id,
                "shortDescription": {"text": id},
                "help": {"text": instead},
                "defaultConfiguration": {"level": "error"},
            })
        })
        .collect();
    let results: Vec<Value> = told.iter().map(|it| result(it, &ids)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "holdpoint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(told: &Told, ids: &[&str]) -> Value {
    let Finding { rule, path, line, says, instead, .. } = &told.finding;
    let mut result = json!({
        "ruleId": rule,
        "ruleIndex": ids.iter().position(|id| id == rule),
        "level": "error",
        "message": {"text": format!("{says} {instead}")},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(path), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": (*line).max(1)},
        }}],
    });
    if let (Some((commit, reason)), Some(table)) = (&told.allowed, result.as_object_mut()) {
        let by = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": format!("{reason} ({commit})"),
        }]);
        table.insert("suppressions".to_owned(), by);
    }
    result
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
