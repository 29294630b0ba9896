//! Agents' hooks as agents run them: `/bin/sh -c` with the payload of each
//! agent's documentation on standard input, and the bytes of the answer; what
//! `hooks install` writes, what `uninstall` asks, what the doctor says.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/sandbox.rs"]
mod sandbox;

#[path = "hooks/incidents.rs"]
mod incidents;
#[path = "hooks/wires.rs"]
mod wires;

use std::fs;
use std::process::{Command, Output};

use sandbox::{Sandbox, err, out, run_with};
use serde_json::{Value, json};
use wires::{WIRES, Wire};

const HOLDPOINT: &str = env!("CARGO_BIN_EXE_holdpoint");

/// What the incident's agent could have run.
const DELETE: &str = "railway volume delete -v 3d2c42fb --yes";

/// The hook as an agent starts it: nothing of a shell's start-up files, and
/// not even the shims on PATH.
fn hook(sandbox: &Sandbox, agent: &str, payload: &str) -> Output {
    let mut command = sandbox.command("/bin/sh");
    command.args(["-c", &format!("{HOLDPOINT} hook {agent}")]).env("PATH", "/usr/bin:/bin");
    run_with(&mut command, payload)
}

fn bash(line: &str) -> String {
    json!({"session_id": "abc", "cwd": "/tmp", "hook_event_name": "PreToolUse",
        "tool_name": "Bash", "tool_input": {"command": line}, "tool_use_id": "toolu_1"})
    .to_string()
}

/// The reason in an answer, which must have this form and no other.
fn reason(wire: &Wire, output: &Output) -> String {
    let (stdout, stderr) = (out(output), err(output));
    if wire.deny.is_empty() {
        assert_eq!(
            (output.status.code(), stdout.as_str()),
            (Some(2), ""),
            "{}: {stderr}",
            wire.name
        );
        return stderr;
    }
    assert_eq!((output.status.code(), stderr.as_str()), (Some(0), ""), "{}", wire.name);
    let said: Value = serde_json::from_str(&stdout).expect("JSON");
    let mut reason = String::new();
    let blank = blanked(&said, &mut reason);
    let expected: Value = serde_json::from_str(wire.deny).expect("JSON");
    assert_eq!(blank, expected, "{}", wire.name);
    reason
}

/// The same with every text of more than one line blanked.
fn blanked(value: &Value, reason: &mut String) -> Value {
    match value {
        Value::String(text) if text.contains('\n') => {
            reason.clone_from(text);
            json!("@REASON@")
        }
        Value::Object(object) => {
            object.iter().map(|(name, value)| (name.clone(), blanked(value, reason))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn every_agent_is_refused_in_its_own_form() {
    for wire in WIRES {
        let sandbox = Sandbox::new();
        let output = hook(&sandbox, wire.agent, &wire.payload(DELETE));
        let reason = reason(wire, &output);
        for text in ["Deletes volume 3d2c42fb", "Instead", "Do not try it"] {
            assert!(reason.contains(text), "{}: {text} in {reason}", wire.name);
        }
        assert!(!reason.contains('\u{1b}'), "{}", wire.name);
        assert!(sandbox.trail().contains("\"outcome\":\"refused\""), "{}", wire.name);
    }
}

#[test]
fn what_may_run_gets_no_answer() {
    for wire in WIRES {
        let sandbox = Sandbox::new();
        for line in ["git status", "psql -h db.prod.acme.com -c 'select 1'", "railway status"] {
            let output = hook(&sandbox, wire.agent, &wire.payload(line));
            assert_eq!(out(&output), wire.pass, "{}: {line}", wire.name);
            assert_eq!(err(&output), "", "{}: {line}", wire.name);
            assert_eq!(output.status.code(), Some(i32::from(wire.agent == "amp")), "{line}");
        }
        assert_eq!(sandbox.trail(), "", "{}", wire.name);
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_a_reason() {
    for wire in WIRES {
        for bad in ["", "{", "[]", "\"x\"", "{}", "{\"tool_name\":\"Bash\",\"tool_input\":[]}"] {
            let output = hook(&Sandbox::new(), wire.agent, bad);
            // The payload's own shape cannot be told.
            let form = Wire { deny: wire.deny_unread.unwrap_or(wire.deny), ..*wire };
            let reason = reason(&form, &output);
            assert!(reason.contains("could not be read"), "{} {bad}: {reason}", wire.name);
        }
    }
    let long = bash(&"x".repeat(9 << 20));
    let output = hook(&Sandbox::new(), "claude", &long);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("longer than the 8 MiB"), "{}", err(&output));
}

#[test]
fn a_hook_that_is_misspelt_blocks() {
    let output = hook(&Sandbox::new(), "claud", &bash("ls"));
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("claude, cline, codex"), "{}", err(&output));
}

/// I13 and I1 in words that no shim sees.
#[test]
fn what_goes_past_every_shim_is_seen() {
    for line in [
        "/usr/bin/psql -h db.prod.acme.com -c 'drop table users'",
        "command -p psql -h db.prod.acme.com -c 'drop table users'",
        "env -i PATH=/usr/bin psql -h db.prod.acme.com -c 'drop table users'",
        "bash -lc \"psql -h db.prod.acme.com -c 'drop table users'\"",
        "unset PATH; /usr/bin/psql -h db.prod.acme.com -c 'drop table users'",
        ".venv/bin/python -m alembic downgrade base",
        "cd api && .venv/bin/python -m alembic downgrade base && .venv/bin/python -m alembic upgrade head",
        "/usr/bin/curl -X POST https://backboard.railway.app/graphql/v2 -H 'Authorization: Bearer t' \
         -d '{\"query\":\"mutation { volumeDelete(volumeId: \\\"3d2c42fb\\\") }\"}'",
        "rm -rf ~/.config/holdpoint",
        "apply_patch <<'X'\n*** Begin Patch\n*** Delete File: /etc/holdpoint/policy.toml\n*** End Patch\nX",
    ] {
        let sandbox = Sandbox::new();
        let output = hook(&sandbox, "claude", &bash(line));
        assert_eq!(output.status.code(), Some(2), "{line}: {}", err(&output));
    }
}

#[test]
fn the_trail_says_who_asked_and_keeps_no_secret() {
    let sandbox = Sandbox::new();
    let line = "PGPASSWORD=hunter2hunter2 psql -h db.prod.acme.com -c 'drop table users'";
    hook(&sandbox, "claude", &bash(line));
    let trail = sandbox.trail();
    let record: Value = serde_json::from_str(trail.lines().last().expect("a line")).expect("JSON");
    assert_eq!(record["decided"]["actor"]["name"], "claude-code");
    assert_eq!(
        record["decided"]["actor"]["signals"],
        json!(["hook of Claude Code", "session abc", "call toolu_1"])
    );
    assert_eq!(record["saw"]["cwd"], "/tmp");
    assert_eq!(record["saw"]["gate"], "hook");
    let listed = out(&run(&sandbox, &["log"]));
    assert!(listed.trim_end().ends_with("(hook)"), "{listed}");
    assert!(!trail.contains("hunter2"), "{trail}");
}

/// What a hook lets pass, a shim sees, too: both are on the trail, and each
/// says where.
#[test]
fn what_is_seen_twice_is_recorded_as_such() {
    let sandbox = Sandbox::new();
    sandbox.tool("psql", "true");
    let line = "psql -h db.prod.acme.com -c \"insert into a values (1)\"";
    assert_eq!(hook(&sandbox, "claude", &bash(line)).status.code(), Some(0));
    let words = ["-h", "db.prod.acme.com", "-c", "insert into a values (1)"];
    assert!(sandbox.agent("psql", &words).output().expect("it starts").status.success());
    let gates: Vec<String> = sandbox
        .trail()
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .map(|record| record["saw"]["gate"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(gates, ["hook", "command"]);
}

/// What takes the processor for a line grows with the line, up to 256 KiB.
#[test]
fn long_lines_take_no_longer_than_their_length() {
    let sandbox = Sandbox::new();
    for (name, piece) in [("words", "src/file.rs "), ("text", "some words here\n")] {
        let line = |size: usize| match name {
            "words" => format!("git add {}", piece.repeat(size / piece.len())),
            _ => format!("cat > notes <<'EOF'\n{}EOF\n", piece.repeat(size / piece.len())),
        };
        // The fastest of three: what it takes where nothing else runs.
        let took = |size: usize| {
            let time = |_| {
                let began = std::time::Instant::now();
                let output = hook(&sandbox, "claude", &bash(&line(size)));
                assert_eq!(output.status.code(), Some(0), "{name} {size}: {}", err(&output));
                began.elapsed()
            };
            (0..3).map(time).min().expect("three")
        };
        let (short, long) = (took(32 << 10), took(256 << 10));
        // Eight times the length; the square would be sixty-four.
        assert!(
            long < short * 24 + std::time::Duration::from_millis(200),
            "{name}: {short:?} {long:?}"
        );
    }
}

/// A sandbox with folders of these agents' settings.
fn with_agents(folders: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    for folder in folders {
        fs::create_dir_all(sandbox.home().join(folder)).expect("a folder");
    }
    sandbox
}

fn run(sandbox: &Sandbox, args: &[&str]) -> Output {
    sandbox.holdpoint(args).output().expect("it starts")
}

const ALL: &[&str] = &[
    "amp", "claude", "cline", "codex", "copilot", "cursor", "droid", "gemini", "kilo", "kiro",
    "opencode", "qwen", "windsurf",
];

#[test]
fn every_agents_hook_installs_once_and_is_live() {
    for scope in ["user", "project"] {
        let sandbox = Sandbox::new();
        for agent in ALL {
            let args = ["hooks", "install", agent, "--scope", scope];
            let first = run(&sandbox, &args);
            assert!(out(&first).contains("the hook is in "), "{agent}: {}", err(&first));
            let again = run(&sandbox, &args);
            assert!(out(&again).contains(" already"), "{agent}: {}", out(&again));
        }
        let listed = out(&run(&sandbox, &["hooks", "list"]));
        assert_eq!(listed.matches(" configured ").count(), ALL.len(), "{listed}");
        let said = out(&run(&sandbox, &["doctor"]));
        // All but one are live; nobody has looked at Codex's.
        assert_eq!(said.matches("configured and live").count(), ALL.len() - 1, "{said}");
        assert_eq!(said.matches("not firing").count(), 1, "{said}");
        assert!(said.contains("Codex: registered but not firing"), "{said}");
    }
}

#[test]
fn what_droid_would_no_longer_read_is_told() {
    let sandbox = with_agents(&[]);
    let mine = r#"{"hooks":{"PreToolUse":[{"hooks":[{"type":"command","command":"./mine"}]}]}}"#;
    sandbox.write("home/.factory/settings.json", mine);
    let said = out(&run(&sandbox, &["hooks", "install", "droid"]));
    assert!(said.contains("move what settings.json has of it"), "{said}");
    let file = fs::read_to_string(sandbox.home().join(".factory/hooks.json")).expect("hooks");
    let hooks: Value = serde_json::from_str(&file).expect("JSON");
    // droid passes over a `hooks` around the events.
    assert!(hooks["PreToolUse"][0]["hooks"][0]["command"].is_string(), "{file}");
}

#[test]
fn settings_of_others_stay_as_they_are() {
    let sandbox = with_agents(&[".claude"]);
    let before = "{\n  // mine\n  \"model\": \"opus\",\n  \"permissions\": {\"deny\": [\"Read(.env)\"]}\n}\n";
    let file = sandbox.write("home/.claude/settings.json", before);
    let output = run(&sandbox, &["hooks", "install", "--all"]);
    assert_eq!(out(&output).lines().count(), 1, "{}", out(&output));
    let after = fs::read_to_string(&file).expect("settings");
    for line in ["// mine", "\"model\": \"opus\"", "\"deny\": [\"Read(.env)\"]"] {
        assert!(after.contains(line), "{after}");
    }
    assert!(after.contains("\"onFailure\": \"block\""), "{after}");
    let kept = fs::read_to_string(file.with_file_name("settings.json.before-holdpoint"));
    assert_eq!(kept.expect("a backup"), before);
}

#[test]
fn a_file_that_cannot_be_understood_is_left_alone() {
    let sandbox = with_agents(&[]);
    let file = sandbox.write("home/.gemini/settings.json", "{ not json");
    let output = run(&sandbox, &["hooks", "install", "gemini"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("hook gemini"), "it says what to add: {}", err(&output));
    assert_eq!(fs::read_to_string(file).expect("settings"), "{ not json");
    let script = sandbox.write("home/Documents/Cline/Hooks/PreToolUse", "#!/bin/sh\n./mine\n");
    let output = run(&sandbox, &["hooks", "install", "cline"]);
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    assert_eq!(fs::read_to_string(script).expect("a script"), "#!/bin/sh\n./mine\n");
}

#[test]
fn nobody_but_a_person_takes_a_hook_out() {
    let sandbox = with_agents(&[]);
    run(&sandbox, &["hooks", "install", "claude"]);
    let mut command = sandbox.holdpoint(&["hooks", "uninstall", "claude"]);
    let output = command.env("CLAUDECODE", "1").output().expect("it starts");
    assert_eq!(output.status.code(), Some(77), "{}", err(&output));
    assert!(out(&run(&sandbox, &["hooks", "list"])).contains(" configured "));
    // Where there is none, there is nothing to ask.
    assert_eq!(run(&sandbox, &["hooks", "uninstall", "codex"]).status.code(), Some(0));
}

#[test]
fn the_doctor_sees_a_hook_that_does_not_stop() {
    let cases = [
        ("/nowhere/holdpoint hook claude", "status 127"),
        ("true # holdpoint hook claude", "status 0"),
        ("exit 1 # holdpoint hook claude", "status 1"),
        ("exit 2 # holdpoint hook claude", "status 2"),
        ("/nowhere/holdpoint hook claude || exit 2", "not found"),
    ];
    for (command, why) in cases {
        let sandbox = with_agents(&[]);
        let settings = json!({"hooks": {"PreToolUse": [{"hooks": [{"type": "command", "command": command}]}]}});
        sandbox.write("home/.claude/settings.json", &settings.to_string());
        let output = run(&sandbox, &["doctor"]);
        let said = out(&output);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said.contains("registered but not firing") && said.contains(why),
            "{command}: {said}"
        );
    }
    let sandbox = with_agents(&[".codex"]);
    run(&sandbox, &["hooks", "install", "claude"]);
    let file = sandbox.home().join(".claude/settings.json");
    let text = fs::read_to_string(&file).expect("settings");
    fs::write(&file, text.replacen('{', "{\"disableAllHooks\": true,", 1)).expect("settings");
    let said = out(&run(&sandbox, &["doctor"]));
    assert!(said.contains("switches all hooks off"), "{said}");
    assert!(said.contains("Codex: not configured"), "{said}");
}

/// OpenCode's plugin in the real node, called as OpenCode calls it.
#[test]
fn the_plugin_throws_what_the_hook_refuses() {
    let sandbox = with_agents(&[]);
    run(&sandbox, &["hooks", "install", "opencode"]);
    let plugin = sandbox.home().join(".config/opencode/plugins/holdpoint.js");
    let script = "const { Holdpoint } = await import(process.argv[2]);\n\
        const hooks = await Holdpoint({ directory: '/tmp' });\n\
        const call = hooks['tool.execute.before'];\n\
        await call({ tool: 'bash', sessionID: 's', callID: 'c' }, { args: { command: 'git status' } });\n\
        console.log('passed');\n\
        try {\n\
          await call({ tool: 'bash', sessionID: 's', callID: 'c' }, { args: { command: process.argv[3] } });\n\
          console.log('not stopped');\n\
        } catch (error) { console.log('stopped: ' + error.message); }\n";
    let run = sandbox.write("work/run.mjs", script);
    fs::copy(&plugin, sandbox.path("work/plugin.mjs")).expect("a copy");
    let mut command: Command = sandbox.command("node");
    command.arg(run).arg(sandbox.path("work/plugin.mjs")).arg(DELETE);
    let output = command.output().expect("node is installed");
    let said = out(&output);
    assert!(
        said.starts_with("passed\nstopped: holdpoint: railway was refused."),
        "{said}{}",
        err(&output)
    );
}
