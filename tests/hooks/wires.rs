//! What each agent sends before it runs a command, and what it obeys. The
//! line stands where `@LINE@` does; where the arguments are a text themselves,
//! `@ARGS@` does, and `@LIST@` where a list of lines is one.
//!
//! Those of Claude Code, Codex, Gemini CLI, Copilot CLI, OpenCode, Kilo, droid,
//! Cline and Qwen Code are what the agent itself sent, with other ids and
//! paths: tests/agents_live compares them with what it sends now. The others
//! are by documentation.

/// A wire.
// Each test uses its part of this.
#[allow(dead_code)]
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

impl Wire {
    /// What is sent for a line.
    pub fn payload(&self, line: &str) -> String {
        let text = |value: serde_json::Value| serde_json::json!(value.to_string()).to_string();
        self.payload
            .replace("\"@LINE@\"", &serde_json::json!(line).to_string())
            .replace("\"@ARGS@\"", &text(serde_json::json!({"command": line})))
            .replace("\"@LIST@\"", &text(serde_json::json!([line])))
    }
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
        r#"{"session_id":"7f2eded3-97eb-48fa-9b80-982181c17f3a","transcript_path":"/home/ana/.claude/projects/-tmp/7f2eded3.jsonl","cwd":"/tmp","prompt_id":"46f7c139-3484-45ab-954a-6fbd4556eace","permission_mode":"bypassPermissions","effort":{"level":"high"},"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"@LINE@","description":"x"},"tool_use_id":"toolu_0"}"#,
    ),
    status(
        "Codex",
        "codex",
        r#"{"session_id":"01a20298-e2ba-7122-8ad0-9977f1a372d2","turn_id":"01a20298-e2d5-7b71-91f5-52faf9cf96a9","transcript_path":"/home/ana/.codex/sessions/2026/11/22/rollout.jsonl","cwd":"/tmp","hook_event_name":"PreToolUse","model":"fake","permission_mode":"bypassPermissions","tool_name":"Bash","tool_input":{"command":"@LINE@"},"tool_use_id":"call_0"}"#,
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
        r#"{"session_id":"eeca5346-7004-4abb-aa44-6d11cd75caa6","transcript_path":"/home/ana/.gemini/tmp/shop/chats/session.jsonl","cwd":"/tmp","hook_event_name":"BeforeTool","timestamp":"2026-11-22T09:31:49.221Z","tool_name":"run_shell_command","tool_input":{"command":"@LINE@"}}"#,
    ),
    Wire {
        name: "GitHub Copilot CLI",
        agent: "copilot",
        payload: r#"{"sessionId":"48dba0f4-24f7-445e-9e22-4ab345894ca8","timestamp":1795339964691,"cwd":"/tmp","toolName":"bash","toolArgs":{"command":"@LINE@","description":"x"}}"#,
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
        r#"{"hook_event_name":"tool.execute.before","session_id":"ses_dfd665b51ffe2Zs51v2egPbdic","tool_use_id":"call_0","cwd":"/tmp","tool_name":"bash","tool_input":{"command":"@LINE@","description":"x"}}"#,
    ),
    status(
        "Windsurf",
        "windsurf",
        r#"{"agent_action_name":"pre_run_command","trajectory_id":"t","execution_id":"e","timestamp":"2026-11-22T00:00:00Z","tool_info":{"command_line":"@LINE@","cwd":"/tmp"}}"#,
    ),
    status(
        "Factory droid",
        "droid",
        r#"{"session_id":"9727ab01-c54b-401a-80da-968804e33241","transcript_path":"/home/ana/.factory/sessions/-tmp/9727ab01.jsonl","cwd":"/tmp","permission_mode":"auto-low","hook_event_name":"PreToolUse","tool_name":"Execute","tool_input":{"command":"@LINE@","riskLevel":"low","riskLevelReason":"x"}}"#,
    ),
    status(
        "Kiro",
        "kiro",
        r#"{"hook_event_name":"preToolUse","cwd":"/tmp","session_id":"s","tool_name":"execute_bash","tool_input":{"command":"@LINE@"}}"#,
    ),
    Wire {
        name: "Cline",
        agent: "cline",
        payload: r#"{"clineVersion":"","timestamp":"2026-11-22T09:32:53.916Z","taskId":"conv_1795339973633_qbwbbk3","sessionContext":{"rootSessionId":"1795339973461_zl1ix"},"workspaceRoots":["/tmp"],"workspaceInfo":{"rootPath":"/tmp","hint":"work"},"userId":"unknown","agent_id":"agent_1795339973617_1xmj2i","parent_agent_id":null,"hookName":"tool_call","iteration":1,"tool_call":{"id":"call_0","name":"run_commands","input":{"commands":["@LINE@"]}},"preToolUse":{"toolName":"run_commands","parameters":{"commands":"@LIST@"}}}"#,
        deny: r#"{"cancel":true,"errorMessage":"@REASON@"}"#,
        deny_unread: None,
        pass: "{\"cancel\":false}\n",
    },
    Wire {
        name: "GitHub Copilot CLI, by its documentation",
        agent: "copilot",
        payload: r#"{"timestamp":1704614600000,"cwd":"/tmp","toolName":"bash","toolArgs":"@ARGS@"}"#,
        deny: COPILOT_JSON,
        deny_unread: None,
        pass: "",
    },
    Wire {
        name: "Cline's extension, by its documentation",
        agent: "cline",
        payload: r#"{"clineVersion":"3","hookName":"PreToolUse","taskId":"t","workspaceRoots":["/tmp"],"preToolUse":{"toolName":"execute_command","parameters":{"command":"@LINE@"}}}"#,
        deny: r#"{"cancel":true,"errorMessage":"@REASON@"}"#,
        deny_unread: None,
        pass: "{\"cancel\":false}\n",
    },
    status(
        "Kilo Code's plugin",
        "kilo",
        r#"{"hook_event_name":"tool.execute.before","session_id":"ses_dfd65ca48ffeOdSMMO1Z5aCUD6","tool_use_id":"call_0","cwd":"/tmp","tool_name":"bash","tool_input":{"command":"@LINE@","description":"x"}}"#,
    ),
    status(
        "Qwen Code",
        "qwen",
        r#"{"session_id":"6bafea91-96d2-47bf-adef-1cb72ebc3e37","transcript_path":"/home/ana/.qwen/projects/-tmp/chats/6bafea91.jsonl","cwd":"/tmp","hook_event_name":"PreToolUse","timestamp":"2026-11-22T09:31:57.411Z","permission_mode":"yolo","prompt_id":"6bafea91-96d2-47bf-adef-1cb72ebc3e37########0","tool_name":"run_shell_command","tool_input":{"command":"@LINE@"},"tool_use_id":"toolu_1795339917411_ugeznu9hp","tool_call_id":"call_0"}"#,
    ),
    status("Amp's delegate", "amp", r#"{"cmd":"@LINE@","cwd":"/tmp"}"#),
];
