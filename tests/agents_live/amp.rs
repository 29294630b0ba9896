//! Amp, whose threads run on its own servers: no model can stand in for them.
//! Its rules can be tried without a thread (`amp permissions test`), and run
//! the program that they delegate to as a thread's call would.

use std::process::Command;

use serde_json::Value;

use crate::rig;
use crate::sandbox::{Sandbox, err, out};
use crate::{DROP, SELECT};

/// What Amp decides on a tool with these arguments.
fn decides(sandbox: &Sandbox, tool: &str, arguments: &[(&str, &str)]) -> (String, String) {
    let mut command: Command = sandbox.command(rig::installed("amp", ".bin/amp"));
    command.args(["permissions", "test", tool, "--json"]);
    for (name, value) in arguments {
        command.args([format!("--{name}"), (*value).to_owned()]);
    }
    command.env("AMP_SKIP_UPDATE_CHECK", "1").env("AMP_URL", "http://127.0.0.1:9");
    let output = command.output().expect("it starts");
    let said: Value = serde_json::from_str(&out(&output))
        .unwrap_or_else(|_| panic!("{tool}: {}{}", out(&output), err(&output)));
    let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    (text("action"), text("error"))
}

/// What the hook refuses is rejected for its reason; about the rest Amp asks.
pub fn delegates() {
    let sandbox = Sandbox::new();
    let install = |what| {
        let done = sandbox.holdpoint(&["hooks", what, "amp"]).output().expect("it runs");
        assert!(done.status.success(), "{done:?}");
    };
    install("install");
    let policy = sandbox.home().join(".config/holdpoint/policy.toml").display().to_string();
    for (tool, arguments, refused) in [
        ("Bash", vec![("cmd", DROP)], "psql was refused"),
        ("shell_command", vec![("command", DROP)], "psql was refused"),
        ("create_file", vec![("path", policy.as_str()), ("content", "x")], "edit was refused"),
        ("mcp__postgres__query", vec![("sql", "drop table users")], "query was refused"),
    ] {
        let (action, why) = decides(&sandbox, tool, &arguments);
        assert_eq!(action, "reject", "{tool}: {why}");
        assert!(why.contains(refused) && why.contains("Instead"), "{tool}: {why}");
    }
    for (tool, arguments) in [
        ("Bash", vec![("cmd", SELECT)]),
        ("create_file", vec![("path", "/tmp/x"), ("content", "x")]),
        ("mcp__postgres__query", vec![("sql", "select 1")]),
    ] {
        assert_eq!(
            decides(&sandbox, tool, &arguments),
            ("ask".to_owned(), String::new()),
            "{tool}"
        );
    }
    // What only reads is Amp's own business.
    assert_eq!(decides(&sandbox, "Read", &[("path", &policy)]).0, "allow");
    // A program that is not there rejects.
    std::fs::remove_file(sandbox.home().join(".config/amp/holdpoint-amp")).expect("the script");
    assert_eq!(decides(&sandbox, "Bash", &[("cmd", SELECT)]).0, "reject");
}
