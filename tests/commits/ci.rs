//! `holdpoint ci --base`: the same findings over a branch, for a CI job.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::installed::cache;
use crate::rig::{DROP, Rig, UUID, railway_token};
use crate::sandbox::{err, out};

fn ci(rig: &Rig, words: &[&str]) -> Output {
    let mut command = rig.sandbox.holdpoint(&[&["ci"], words].concat());
    command.current_dir(rig.path("")).env("CI", "true").output().expect("it runs")
}

/// A branch that drops a column and holds what is ordinary besides.
fn branch() -> Rig {
    let rig = Rig::new();
    rig.ok(&["branch", "base"]);
    rig.commit_unseen("migrations/2.sql", DROP);
    rig.commit_unseen("src/a b#.rs", "fn main() {}\n");
    rig
}

#[test]
fn a_branch_has_the_findings_of_its_commits() {
    let rig = branch();
    let output = ci(&rig, &["--base", "base"]);
    assert_eq!(output.status.code(), Some(4), "{}", err(&output));
    let said = out(&output);
    assert!(said.contains("migrations/2.sql:2: "), "{said}");
    assert!(said.contains("[migration/drop-column]"), "{said}");
    assert!(said.contains("1 found, 1 not acknowledged."), "{said}");
    // What the base has got meanwhile is not this branch's.
    rig.ok(&["checkout", "-q", "base"]);
    rig.commit_unseen("migrations/9.sql", "drop table users;\n");
    rig.ok(&["checkout", "-q", "main"]);
    assert_eq!(out(&ci(&rig, &["--base", "base"])), said);
    let output = ci(&rig, &["--base", "HEAD"]);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), "Nothing found.\n"));
}

#[test]
fn a_commit_of_the_branch_acknowledges_its_own_files() {
    let rig = branch();
    let allow = "why\n\nHoldpoint-Allow: migration/drop-column nothing reads it";
    rig.ok(&["commit", "-q", "--no-verify", "--allow-empty", "-m", allow]);
    assert_eq!(ci(&rig, &["--base", "base"]).status.code(), Some(4), "another commit's word");
    rig.write("migrations/2.sql", &format!("-- tidy\n{DROP}"));
    rig.ok(&["commit", "-qa", "--no-verify", "-m", allow]);
    let output = ci(&rig, &["--base", "base"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    assert!(out(&output).contains("Acknowledged in "), "{}", out(&output));
    assert!(out(&output).contains(": nothing reads it"), "{}", out(&output));
    let output = ci(&rig, &["--base", "base", "--json"]);
    let report: Value = serde_json::from_str(&out(&output)).expect("JSON");
    assert_eq!(report["version"], 1);
    assert_eq!(report["head"], rig.head().as_str());
    let finding = &report["findings"][0];
    assert_eq!(finding["rule"], "migration/drop-column");
    assert_eq!((&finding["line"], &finding["removed"]), (&Value::from(3), &Value::from(false)));
    assert_eq!(finding["acknowledged"]["commit"], rig.head().as_str());
    assert_eq!(finding["acknowledged"]["reason"], "nothing reads it");
    // What comes behind it is not covered by it.
    rig.commit_unseen("migrations/3.sql", "ALTER TABLE plans DROP COLUMN a;\n");
    assert_eq!(ci(&rig, &["--base", "base"]).status.code(), Some(4));
}

#[test]
fn a_credential_counts_though_a_later_commit_takes_it_out() {
    let rig = Rig::new();
    rig.ok(&["branch", "base"]);
    rig.commit_unseen("deploy.sh", &railway_token());
    rig.commit_unseen("deploy.sh", "RAILWAY_TOKEN=$1\n");
    let output = ci(&rig, &["--base", "base"]);
    assert_eq!(output.status.code(), Some(4), "{}", out(&output));
    assert!(out(&output).contains("deploy.sh:1: Commits a Railway token"), "{}", out(&output));
    assert!(!out(&output).contains(UUID));
    // What was there and goes is no finding.
    rig.ok(&["checkout", "-q", "-b", "later", "HEAD~1"]);
    rig.commit_unseen("deploy.sh", "RAILWAY_TOKEN=$1\n");
    assert_eq!(ci(&rig, &["--base", "main~1"]).status.code(), Some(0));
}

#[test]
fn without_a_base_nothing_is_told() {
    let rig = branch();
    rig.ok(&["checkout", "-q", "--orphan", "apart"]);
    rig.ok(&["commit", "-q", "--no-verify", "-m", "apart"]);
    for words in [&["--base", "nowhere"][..], &["--base", "-x"], &["--base", "main"], &[]] {
        let output = ci(&rig, words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", out(&output));
        assert_eq!(out(&output), "", "{words:?}");
    }
    let outside = rig.sandbox.holdpoint(&["ci", "--base", "main"]).output().expect("it runs");
    assert_eq!(outside.status.code(), Some(2));
}

/// The official schema, from a package that carries it, and a validator.
fn schema() -> (PathBuf, PathBuf) {
    let folder = cache().join("sarif");
    let python = folder.join("venv/bin/python");
    let schema = folder.join("package/lib/schemas/sarif-2.1.0-rtm.5.json");
    if !folder.join("complete").exists() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commits/sarif_schema");
        let done = Command::new(script).arg(&folder).status().expect("a shell");
        assert!(done.success(), "the schema of SARIF could not be fetched");
    }
    (python, schema)
}

#[test]
fn the_sarif_log_is_valid() {
    let (python, schema) = schema();
    let rig = branch();
    rig.commit_unseen("odd \u{fc}%.env", &railway_token());
    let path = rig.sandbox.path("log.sarif");
    let file = path.display().to_string();
    let validate = || {
        let code = "import json, sys, jsonschema\n\
            jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))";
        let mut command = Command::new(&python);
        command.args(["-c", code]).arg(&path).arg(&schema).output().expect("python")
    };
    for base in ["base", "HEAD"] {
        let output = ci(&rig, &["--base", base, "--sarif", &file]);
        assert_ne!(output.status.code(), Some(2), "{}", err(&output));
        let output = validate();
        assert!(output.status.success(), "{}", err(&output));
    }
    ci(&rig, &["--base", "base", "--sarif", &file]);
    let text = fs::read_to_string(&path).expect("a log");
    let log: Value = serde_json::from_str(&text).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let place = |at: usize| &results[at]["locations"][0]["physicalLocation"];
    assert_eq!(results[0]["ruleId"], "migration/drop-column");
    assert_eq!(place(0)["artifactLocation"]["uri"], "migrations/2.sql");
    assert_eq!(place(0)["region"]["startLine"], 2);
    assert_eq!(place(1)["artifactLocation"]["uri"], "odd%20%C3%BC%25.env");
    assert!(results[0].get("suppressions").is_none());
    // An acknowledged one is suppressed, and stays in the log.
    rig.write("migrations/2.sql", &format!("-- tidy\n{DROP}"));
    let allow = "why\n\nHoldpoint-Allow: migration/drop-column nothing reads it";
    rig.ok(&["commit", "-qa", "--no-verify", "-m", allow]);
    ci(&rig, &["--base", "base", "--sarif", &file]);
    assert!(validate().status.success());
    let log: Value =
        serde_json::from_str(&fs::read_to_string(&path).expect("a log")).expect("JSON");
    let suppression = &log["runs"][0]["results"][0]["suppressions"][0];
    assert!(suppression["justification"].as_str().is_some_and(|it| it.contains("nothing reads")));
    // The validator does say no.
    fs::write(&path, text.replace("\"2.1.0\"", "\"2.0.0\"")).expect("a log");
    assert!(!validate().status.success());
}
