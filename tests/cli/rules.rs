//! `holdpoint rules`: those compiled in, and the user's own.

use super::{holdpoint, status};
use crate::sandbox::{Sandbox, err, out};

#[test]
fn rules_are_listed_shown_and_hold() {
    let sandbox = Sandbox::new();
    let output = holdpoint(&sandbox, &["rules", "list"]);
    for tool in ["psql", "railway", "aws", "curl", "sudo", "xargs"] {
        assert!(out(&output).lines().any(|line| line.split(' ').next() == Some(tool)), "{tool}");
    }
    let output = holdpoint(&sandbox, &["rules", "show", "railway"]);
    let shown = out(&output);
    let line = shown.lines().find(|line| line.trim_start().starts_with("volume|volumes delete"));
    let line = line.unwrap_or_else(|| panic!("{shown}"));
    assert!(line.contains("destroy irreversible backups"), "{line}");
    let output = holdpoint(&sandbox, &["rules", "show", "no-such-tool"]);
    assert_eq!((status(&output), out(&output).as_str()), (1, ""));
    let output = holdpoint(&sandbox, &["rules", "test", "psql"]);
    assert_eq!(status(&output), 0, "{}", err(&output));
    assert!(out(&output).ends_with(" examples hold, 0 do not\n"), "{}", out(&output));
}

#[test]
fn a_rule_file_is_begun_tested_and_its_failing_examples_are_told() {
    let sandbox = Sandbox::new();
    let begun = out(&holdpoint(&sandbox, &["rules", "new", "acmectl"]));
    let path = sandbox.write("home/acmectl.toml", &begun);
    let path = path.to_str().expect("text");
    let output = holdpoint(&sandbox, &["rules", "test", path]);
    assert_eq!((status(&output), out(&output).as_str()), (0, "16 examples hold, 0 do not\n"));
    sandbox
        .write("home/acmectl.toml", &begun.replace("acmectl app list --json", "acmectl app rm a"));
    let output = holdpoint(&sandbox, &["rules", "test", path]);
    assert_eq!((status(&output), out(&output).as_str()), (1, "15 examples hold, 1 do not\n"));
    let said = "`acmectl app rm a` is to be allowed and was: refuse";
    assert!(err(&output).contains(said), "{}", err(&output));
    sandbox.write("home/acmectl.toml", "tool = 1");
    let output = holdpoint(&sandbox, &["rules", "test", path]);
    assert_eq!(status(&output), 1);
    assert!(err(&output).contains("acmectl.toml: line 1, column 8"), "{}", err(&output));
    assert_eq!(status(&holdpoint(&sandbox, &["rules", "new", "../x"])), 2);
}

#[test]
fn a_users_own_rule_file_adds_a_tool_and_its_errors_are_told() {
    let sandbox = Sandbox::new();
    let rule = "tool = \"acmectl\"\nabout = \"Acme\"\nchecked = \"1\"\nstyle = \"clap\"\nplatform = \"acme\"\n\
        [[command]]\npath = \"app delete\"\neffect = \"destroy\"\nobject = { kind = \"app\", from = [\"#1\"] }\n\
        says = \"Deletes {object}.\"\ndestroys = [\"acmectl app delete shop\"]\n\
        harmless = [\"acmectl app list\"]\n";
    sandbox.write("home/.config/holdpoint/rules/acmectl.toml", rule);
    let args = ["check", "--as", "agent", "--", "acmectl", "app", "delete", "shop"];
    let output = holdpoint(&sandbox, &args);
    assert_eq!(status(&output), 4, "{}{}", out(&output), err(&output));
    let list = ["check", "--as", "agent", "--", "acmectl", "app", "list"];
    assert_eq!(status(&holdpoint(&sandbox, &list)), 0);
    sandbox.write("home/.config/holdpoint/rules/acmectl.toml", &rule.replace("effect", "efect"));
    let output = holdpoint(&sandbox, &args);
    assert_eq!(status(&output), 4, "a file that cannot be used does not loosen");
    let said = out(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("acmectl.toml: line 8, column 1: unknown field `efect`"), "{said}");
}
