//! The agents that are run: which program of which package, which file holds
//! the hook, what its tools are called, and how it is pointed at the model.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::rig::Rig;

pub struct Agent {
    /// The word behind `holdpoint hook`.
    pub word: &'static str,
    /// Its program below `node_modules`.
    pub program: &'static str,
    /// The file below the home that `hooks install` writes.
    pub hook: &'static str,
    /// What the trail calls it.
    pub actor: &'static str,
    /// Whether a refusal ends its work, the reason unheard (Cline's CLI).
    pub ends: bool,
    /// The call of its shell with a line.
    pub shell: fn(&str) -> Value,
    /// The call that writes a file, if it has an editor of its own.
    pub write: Option<fn(&str) -> Value>,
    /// The call of the MCP server's tool, if it is given the server.
    pub query: Option<fn(&str) -> Value>,
    /// What starts it, with everything that it may do approved beforehand.
    pub start: fn(&Rig) -> Command,
}

pub const ALL: &[Agent] = &[
    Agent {
        word: "claude",
        program: ".bin/claude",
        hook: ".claude/settings.json",
        actor: "claude-code",
        ends: false,
        shell: |line| tool("Bash", json!({"command": line, "description": "x"})),
        write: Some(|path| tool("Write", json!({"file_path": path, "content": "x"}))),
        query: Some(|sql| tool("mcp__postgres__query", json!({"sql": sql}))),
        start: claude,
    },
    Agent {
        word: "codex",
        program: ".bin/codex",
        hook: ".codex/hooks.json",
        actor: "codex",
        ends: false,
        shell: |line| tool("exec_command", json!({"cmd": line})),
        // Models that it has no data on get its editor as a word of the shell.
        write: Some(|path| {
            let patch = format!("*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch");
            tool("exec_command", json!({"cmd": format!("apply_patch <<'X'\n{patch}\nX")}))
        }),
        query: Some(
            |sql| json!({"name": "query", "namespace": "mcp__postgres", "arguments": {"sql": sql}}),
        ),
        start: codex,
    },
    Agent {
        word: "copilot",
        program: ".bin/copilot",
        hook: ".copilot/hooks/holdpoint.json",
        actor: "copilot",
        ends: false,
        shell: |line| tool("bash", json!({"command": line, "description": "x"})),
        write: Some(|path| tool("create", json!({"path": path, "file_text": "x"}))),
        query: Some(|sql| tool("postgres-query", json!({"sql": sql}))),
        start: copilot,
    },
    Agent {
        word: "cline",
        program: ".bin/cline",
        hook: "Documents/Cline/Hooks/PreToolUse",
        actor: "cline",
        ends: true,
        shell: |line| tool("run_commands", json!({"commands": ["true", line]})),
        write: Some(|path| tool("editor", json!({"path": path, "new_text": "x"}))),
        query: None,
        start: cline,
    },
    Agent {
        word: "droid",
        program: ".bin/droid",
        hook: ".factory/hooks.json",
        actor: "factory-droid",
        ends: false,
        shell: |line| {
            let risk = json!({"command": line, "riskLevel": "low", "riskLevelReason": "x"});
            tool("Execute", risk)
        },
        write: Some(|path| tool("Create", json!({"file_path": path, "content": "x"}))),
        query: None,
        start: droid,
    },
    Agent {
        word: "gemini",
        program: ".bin/gemini",
        hook: ".gemini/settings.json",
        actor: "gemini-cli",
        ends: false,
        shell: |line| tool("run_shell_command", json!({"command": line})),
        write: Some(|path| tool("write_file", json!({"file_path": path, "content": "x"}))),
        query: Some(|sql| tool("mcp_postgres_query", json!({"sql": sql}))),
        start: gemini,
    },
    Agent {
        word: "kilo",
        program: "@kilocode/cli-linux-x64/bin/kilo",
        hook: ".config/kilo/plugins/holdpoint.js",
        actor: "kilo-code",
        ends: false,
        shell: |line| tool("bash", json!({"command": line, "description": "x"})),
        write: Some(|path| tool("write", json!({"filePath": path, "content": "x"}))),
        query: Some(|sql| tool("postgres_query", json!({"sql": sql}))),
        start: |rig| opencode(rig, "kilo"),
    },
    Agent {
        word: "opencode",
        program: ".bin/opencode",
        hook: ".config/opencode/plugins/holdpoint.js",
        actor: "opencode",
        ends: false,
        shell: |line| tool("bash", json!({"command": line, "description": "x"})),
        write: Some(|path| tool("write", json!({"filePath": path, "content": "x"}))),
        query: Some(|sql| tool("postgres_query", json!({"sql": sql}))),
        start: |rig| opencode(rig, "opencode"),
    },
    Agent {
        word: "qwen",
        program: ".bin/qwen",
        hook: ".qwen/settings.json",
        actor: "qwen-code",
        ends: false,
        shell: |line| tool("run_shell_command", json!({"command": line})),
        write: Some(|path| tool("write_file", json!({"file_path": path, "content": "x"}))),
        query: Some(|sql| {
            let inner = json!({"name": "mcp__postgres__query", "arguments": {"sql": sql}});
            tool("tool_call", inner)
        }),
        start: qwen,
    },
];

fn tool(name: &str, arguments: Value) -> Value {
    json!({"name": name, "arguments": arguments})
}

/// Adds to a file of settings in the home.
fn add(rig: &Rig, name: &str, more: Value) {
    let mut settings: Value = serde_json::from_str(&rig.home_file(name)).unwrap_or(json!({}));
    let Value::Object(more) = more else { return };
    for (key, value) in more {
        settings[key] = value;
    }
    rig.sandbox.write(&format!("home/{name}"), &settings.to_string());
}

fn claude(rig: &Rig) -> Command {
    let servers = json!({"mcpServers": {"postgres": rig.mcp_json()}}).to_string();
    let mut command = rig.command(rig.program());
    command
        .args(["-p", "go on", "--dangerously-skip-permissions", "--model", "claude-sonnet-5"])
        .args(["--mcp-config", &servers])
        // It refuses that mode to root outside of a sandbox.
        .env("IS_SANDBOX", "1")
        .env("ANTHROPIC_BASE_URL", rig.url())
        .env("ANTHROPIC_API_KEY", "none")
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
    command
}

/// Codex, in whose settings somebody has looked at the hook: it is started
/// without the option that runs hooks unseen.
fn codex(rig: &Rig) -> Command {
    let (program, args) = rig.mcp();
    let hooks = rig.sandbox.home().join(".codex/hooks.json");
    let config = format!(
        "model = \"fake\"\nmodel_provider = \"fake\"\n[analytics]\nenabled = false\n\
         [model_providers.fake]\nname = \"fake\"\nbase_url = \"{}/v1\"\nwire_api = \"responses\"\n\
         request_max_retries = 0\nstream_max_retries = 0\n\
         [mcp_servers.postgres]\ncommand = \"{program}\"\nargs = {}\n\
         [hooks.state.\"{}:pre_tool_use:0:0\"]\ntrusted_hash = \"{}\"\n",
        rig.url(),
        json!(args),
        hooks.display(),
        trusted(rig),
    );
    rig.sandbox.write("home/.codex/config.toml", &config);
    let mut command = rig.command(rig.program());
    command.args([
        "exec",
        "--dangerously-bypass-approvals-and-sandbox",
        "--skip-git-repo-check",
        "go on",
    ]);
    command
}

/// The hash by which Codex knows the hook.
fn trusted(rig: &Rig) -> String {
    let settings: Value = serde_json::from_str(&rig.home_file(".codex/hooks.json")).expect("JSON");
    let hook = &settings["hooks"]["PreToolUse"][0]["hooks"][0];
    let identity = json!({"event_name": "pre_tool_use", "hooks": [{"async": false,
        "command": hook["command"], "timeout": hook["timeout"], "type": "command"}]});
    format!("sha256:{:x}", Sha256::digest(identity.to_string().as_bytes()))
}

fn copilot(rig: &Rig) -> Command {
    let mut server = rig.mcp_json();
    server["type"] = json!("local");
    server["tools"] = json!(["*"]);
    let servers = json!({"mcpServers": {"postgres": server}}).to_string();
    let mut command = rig.command(rig.program());
    command
        .args(["--allow-all-tools", "--allow-all-paths", "-p", "go on"])
        .args(["--additional-mcp-config", &servers])
        .env("COPILOT_PROVIDER_BASE_URL", format!("{}/v1", rig.url()))
        .env("COPILOT_MODEL", "fake")
        .env("COPILOT_OFFLINE", "true");
    command
}

fn cline(rig: &Rig) -> Command {
    let mut auth = rig.command(rig.program());
    let url = format!("{}/v1", rig.url());
    auth.args(["auth", "-p", "openai", "-k", "none", "-b", &url, "-m", "fake"]);
    auth.env("CLINE_TELEMETRY_DISABLED", "1");
    let done = auth.output().expect("it starts");
    assert!(done.status.success(), "{done:?}");
    let mut command = rig.command(rig.program());
    command.args(["--auto-approve", "true", "go on"]).env("CLINE_TELEMETRY_DISABLED", "1");
    command
}

fn droid(rig: &Rig) -> Command {
    let model = json!({"model": "fake", "displayName": "fake", "apiKey": "none",
        "baseUrl": format!("{}/v1", rig.url()), "provider": "generic-chat-completion-api",
        "maxOutputTokens": 1000});
    add(rig, ".factory/settings.json", json!({"customModels": [model], "cloudSessionSync": false}));
    let mut command = rig.command(rig.program());
    command
        .args(["exec", "--skip-permissions-unsafe", "-m", "custom:fake-0", "go on"])
        .env("FACTORY_API_KEY", "fk-none")
        .env("FACTORY_API_BASE_URL", rig.url());
    command
}

fn gemini(rig: &Rig) -> Command {
    let more = json!({"mcpServers": {"postgres": rig.mcp_json()},
        "security": {"auth": {"selectedType": "gemini-api-key"}},
        "privacy": {"usageStatisticsEnabled": false}});
    add(rig, ".gemini/settings.json", more);
    let mut command = rig.command(rig.program());
    command
        .args(["--yolo", "-m", "gemini-2.5-flash", "-p", "go on"])
        // Its editor stays below its own folders.
        .args(["--include-directories", &rig.sandbox.home().display().to_string()])
        .env("GEMINI_API_KEY", "none")
        .env("GOOGLE_GEMINI_BASE_URL", rig.url())
        .env("GEMINI_CLI_TRUST_WORKSPACE", "true");
    command
}

fn opencode(rig: &Rig, word: &str) -> Command {
    let (program, args) = rig.mcp();
    let server: Vec<String> = std::iter::once(program.to_owned()).chain(args).collect();
    let config = json!({
        "model": "fake/fake", "small_model": "fake/fake", "autoupdate": false, "share": "disabled",
        "provider": {"fake": {"npm": "@ai-sdk/openai-compatible", "name": "fake",
            "options": {"baseURL": format!("{}/v1", rig.url()), "apiKey": "none"},
            "models": {"fake": {"name": "fake", "tool_call": true}}}},
        "permission": {"*": "allow"},
        "mcp": {"postgres": {"type": "local", "command": server, "enabled": true}},
    });
    let folder = rig.sandbox.home().join(".config").join(word);
    fs::write(folder.join(format!("{word}.json")), config.to_string()).expect("settings");
    let mut command = rig.command(rig.program());
    command.args(["run", "go on"]);
    for name in ["AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD"] {
        command.env(format!("OPENCODE_DISABLE_{name}"), "1");
        command.env(format!("KILO_DISABLE_{name}"), "1");
    }
    // The packages that they look for at their start are refused at once.
    command.env("npm_config_fetch_retries", "0");
    for name in ["HTTP_PROXY", "HTTPS_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    command.env("NO_PROXY", "127.0.0.1,localhost").env("KILO_TELEMETRY_LEVEL", "off");
    command
}

fn qwen(rig: &Rig) -> Command {
    let more = json!({"mcpServers": {"postgres": rig.mcp_json()},
        "security": {"auth": {"selectedType": "openai"}},
        "privacy": {"usageStatisticsEnabled": false}});
    add(rig, ".qwen/settings.json", more);
    let mut command = rig.command(rig.program());
    command
        .args(["--yolo", "-p", "go on"])
        .env("OPENAI_API_KEY", "none")
        .env("OPENAI_BASE_URL", format!("{}/v1", rig.url()))
        .env("OPENAI_MODEL", "fake");
    command
}
