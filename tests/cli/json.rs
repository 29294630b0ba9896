//! The object that `check --json` prints, a public interface.

use serde_json::{Value as Json, json};

use super::{DROP, INCIDENT, check_json, holdpoint, status};
use crate::sandbox::Sandbox;

#[test]
fn the_object_of_a_refusal() {
    let mut found = check_json(&["--as", "agent"], &INCIDENT);
    let request = found["request"].take();
    assert_eq!(request.as_str().map(str::len), Some(14), "{request}");
    let target = json!({
        "platform": "railway",
        "class": "unknown",
        "name": null,
        "gap": "it reaches every environment of the project, whichever is named",
        "evidence": [
            {"grade": "name", "kind": "host", "source": "url", "value": "backboard.railway.app"},
        ],
    });
    let reasons = found["reasons"].take();
    assert!(reasons.as_array().is_some_and(|reasons| reasons.len() >= 2), "{reasons}");
    assert!(reasons.as_array().is_some_and(|all| all.iter().all(Json::is_string)), "{reasons}");
    assert_eq!(
        found,
        json!({
            "version": 1,
            "verdict": "refuse",
            "actor": "agent",
            "tool": "curl",
            "actions": [{
                "effect": "destroy",
                "flags": ["irreversible", "backups"],
                "operation": "volumeDelete",
                "object": "volume 3d2c42fb",
                "scope": "project",
                "summary": "Deletes volume 3d2c42fb and every backup stored on it, in every \
                            environment that shares it.",
                "rule": "railway-api/volumeDelete",
                "verdict": "refuse",
            }],
            "target": target,
            "targets": [target],
            "reasons": null,
            "phrase": null,
            "request": null,
        })
    );
}

#[test]
fn the_object_of_a_confirmation() {
    let found = check_json(&["--as", "human"], &DROP);
    assert_eq!((&found["verdict"], &found["actor"]), (&json!("confirm"), &json!("human")));
    let phrase = found["phrase"].as_str().expect("the form of the phrase");
    assert!(phrase.len() <= 35 && phrase.is_ascii(), "{phrase}");
    assert_eq!(found["request"], Json::Null);
    assert_eq!(found["target"]["class"], "production");
    assert_eq!(found["target"]["name"], "shop@db.prod.acme.com");
}

#[test]
fn the_object_of_what_no_rule_covers() {
    for command in [&["frobnicate", "--hard"][..], &["ls"], &["/no/such/tool"]] {
        let found = check_json(&["--as", "agent"], command);
        let tool = command[0].rsplit('/').next();
        assert_eq!(
            found,
            json!({
                "version": 1, "verdict": "allow", "actor": "agent", "tool": tool,
                "actions": [], "target": null, "targets": [], "reasons": [],
                "phrase": null, "request": null,
            })
        );
    }
}

/// Every key has its type, whatever the command.
#[test]
fn the_objects_types() {
    let sandbox = Sandbox::new();
    for line in [
        "psql -h a -c 'drop table x'; aws s3 rb s3://b --force; railway volume delete -v c",
        "psql -c 'select 1'",
        "aws s3 ls",
        "echo",
        "",
        "psql -h db.staging.acme.com -c 'create role r'",
        "$x",
    ] {
        for who in ["human", "agent", "ci"] {
            let output = holdpoint(&sandbox, &["check", "--json", "--as", who, "--line", line]);
            let found: Json = serde_json::from_slice(&output.stdout).expect("JSON");
            let object = found.as_object().expect("an object");
            let keys: Vec<&str> = object.keys().map(String::as_str).collect();
            let mut expected = vec![
                "version", "verdict", "actor", "tool", "actions", "target", "targets", "reasons",
                "phrase", "request",
            ];
            expected.sort_unstable();
            let mut keys = keys;
            keys.sort_unstable();
            assert_eq!(keys, expected, "{line}");
            assert_eq!(found["version"], 1);
            assert_eq!(found["actor"], who);
            let verdict = found["verdict"].as_str().expect("a word");
            let expected = ["allow", "confirm", "refuse"].iter().position(|word| *word == verdict);
            assert_eq!([0, 3, 4][expected.expect("a verdict")], status(&output), "{line}");
            assert_eq!(found["phrase"].is_string(), verdict == "confirm", "{line}");
            assert_eq!(found["request"].is_string(), verdict == "refuse", "{line}");
            assert!(found["tool"].is_string() || found["tool"].is_null());
            for action in found["actions"].as_array().expect("a list") {
                for key in ["effect", "operation", "scope", "summary", "rule", "verdict"] {
                    assert!(action[key].is_string(), "{key}: {action}");
                }
                assert!(action["flags"].as_array().is_some_and(|f| f.iter().all(Json::is_string)));
                assert!(action["object"].is_string() || action["object"].is_null());
            }
            let targets = found["targets"].as_array().expect("a list");
            for target in targets.iter().chain(Some(&found["target"]).filter(|t| !t.is_null())) {
                for key in ["platform", "class"] {
                    assert!(target[key].is_string(), "{key}: {target}");
                }
                for evidence in target["evidence"].as_array().expect("a list") {
                    for key in ["grade", "kind", "source", "value"] {
                        assert!(evidence[key].is_string(), "{key}: {evidence}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_worst_of_a_line_comes_first_and_all_targets_are_listed() {
    let sandbox = Sandbox::new();
    let line = "aws s3 ls; psql -h db.staging.acme.com -c 'delete from a'; \
                psql -h db.prod.acme.com -c 'drop database shop'";
    let output = holdpoint(&sandbox, &["check", "--json", "--as", "agent", "--line", line]);
    let found: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(status(&output), 4);
    assert_eq!((&found["tool"], &found["verdict"]), (&json!("psql"), &json!("refuse")));
    assert_eq!(found["actions"][0]["operation"], "DROP DATABASE");
    assert_eq!(found["target"]["class"], "production");
    let verdicts: Vec<&Json> =
        found["actions"].as_array().expect("a list").iter().map(|a| &a["verdict"]).collect();
    assert_eq!(verdicts[0], "refuse");
    assert!(verdicts[1..].iter().all(|verdict| *verdict == "allow"), "{found}");
    let classes: Vec<&Json> =
        found["targets"].as_array().expect("a list").iter().map(|t| &t["class"]).collect();
    for class in ["production", "staging"] {
        assert!(classes.contains(&&json!(class)), "{class} in {classes:?}");
    }
}
