//! What each agent sends before it runs a command, and what it obeys. The
//! line stands where `@LINE@` does; where the arguments are a text themselves,
//! `@ARGS@` does.

/// A wire.
#[derive(Clone, Copy)]
pub struct Wire {
    /// What it is.
    pub name: &'static str,
    /// The word behind `holdpoint hook`.
    pub agent: &'static str,
    /// What is sent.
    pub payload: &'static str,
    /// The refusal; empty for status 2 and the reason on standard error.
    pub deny: &'static str,
    /// The refusal of a payload that cannot be read, where it differs.
    pub deny_unread: Option<&'static str>,
    /// What passing says.
    pub pass: &'static str,
}

const fn status(name: &'static str, agent: &'static str, payload: &'static str) -> Wire {
    Wire { name, agent, payload, deny: "", deny_unread: None, pass: "" }
}

const CLAUDE_JSON: &str = r#"{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"deny","permissionDecisionReason":"@REASON@"}}"#;
const COPILOT_JSON: &str = r#"{"permissionDecision":"deny","permissionDecisionReason":"@REASON@"}"#;

pub const WIRES: &[Wire] = &[
    status(
        "Claude Code",
        "claude",
        r#"{"session_id":"abc","transcript_path":"/tmp/t.jsonl","cwd":"/tmp","permission_mode":"default","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"@LINE@","description":"x"},"tool_use_id":"toolu_1"}"#,
    ),
    status(
        "Codex",
        "codex",
        r#"{"session_id":"abc","turn_id":"1","transcript_path":null,"cwd":"/tmp","hook_event_name":"PreToolUse","model":"m","permission_mode":"default","tool_name":"Bash","tool_input":{"command":"@LINE@"},"tool_use_id":"call_1"}"#,
    ),
    Wire {
        name: "Cursor",
        agent: "cursor",
        payload: r#"{"conversation_id":"a","generation_id":"b","model":"m","hook_event_name":"beforeShellExecution","cursor_version":"3.24","workspace_roots":["/tmp"],"user_email":null,"command":"@LINE@","cwd":"","sandbox":false}"#,
        deny: r#"{"permission":"deny","user_message":"@REASON@","agent_message":"@REASON@"}"#,
        deny_unread: None,
        pass: "{}\n",
    },
    status(
        "Gemini CLI",
        "gemini",
        r#"{"session_id":"abc","transcript_path":"/tmp/t.json","cwd":"/tmp","hook_event_name":"BeforeTool","timestamp":"2026-11-22T00:00:00Z","tool_name":"run_shell_command","tool_input":{"command":"@LINE@","description":"x"}}"#,
    ),
    Wire {
        name: "GitHub Copilot CLI",
        agent: "copilot",
        payload: r#"{"timestamp":1704614600000,"cwd":"/tmp","toolName":"bash","toolArgs":"@ARGS@"}"#,
        deny: COPILOT_JSON,
        deny_unread: None,
        pass: "",
    },
    Wire {
        name: "VS Code's agent with Copilot's hooks",
        agent: "copilot",
        payload: r#"{"timestamp":"2026-11-22T00:00:00Z","cwd":"/tmp","sessionId":"s","hook_event_name":"PreToolUse","tool_name":"run_in_terminal","tool_input":{"command":"@LINE@"},"tool_use_id":"1"}"#,
        deny: CLAUDE_JSON,
        deny_unread: Some(COPILOT_JSON),
        pass: "",
    },
    Wire {
        name: "VS Code's agent",
        agent: "vscode",
        payload: r#"{"cwd":"/tmp","sessionId":"s","hookEventName":"PreToolUse","tool_name":"runInTerminal","tool_input":{"command":"@LINE@"}}"#,
        deny: CLAUDE_JSON,
        deny_unread: None,
        pass: "",
    },
    status(
        "OpenCode's plugin",
        "opencode",
        r#"{"hook_event_name":"tool.execute.before","session_id":"s","tool_use_id":"c","cwd":"/tmp","tool_name":"bash","tool_input":{"command":"@LINE@"}}"#,
    ),
    status(
        "Windsurf",
        "windsurf",
        r#"{"agent_action_name":"pre_run_command","trajectory_id":"t","execution_id":"e","timestamp":"2026-11-22T00:00:00Z","tool_info":{"command_line":"@LINE@","cwd":"/tmp"}}"#,
    ),
    status(
        "Factory droid",
        "droid",
        r#"{"session_id":"abc","cwd":"/tmp","hook_event_name":"PreToolUse","tool_name":"Execute","tool_input":{"command":"@LINE@"}}"#,
    ),
    status(
        "Kiro",
        "kiro",
        r#"{"hook_event_name":"preToolUse","cwd":"/tmp","session_id":"s","tool_name":"execute_bash","tool_input":{"command":"@LINE@"}}"#,
    ),
    Wire {
        name: "Cline",
        agent: "cline",
        payload: r#"{"clineVersion":"3","hookName":"PreToolUse","taskId":"t","workspaceRoots":["/tmp"],"preToolUse":{"toolName":"execute_command","parameters":{"command":"@LINE@"}}}"#,
        deny: r#"{"cancel":true,"errorMessage":"@REASON@"}"#,
        deny_unread: None,
        pass: "{\"cancel\":false}\n",
    },
    status("Amp's delegate", "amp", r#"{"cmd":"@LINE@","cwd":"/tmp"}"#),
];
