//! A call that must be refused, sent through an installed hook as its agent
//! would send it: the command as it is written in the agent's settings, run by
//! `/bin/sh -c` with the payload on standard input. What comes back says
//! whether the agent would be stopped.

use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::hook::agent::{Agent, Style};
use crate::text::visible;

/// The command that nobody runs and every hook refuses (rules/holdpoint.toml).
const LINE: &str = "holdpoint canary";

/// What every card says in its first line.
const REFUSED: &str = " was refused. Nothing was run.";

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The most of an answer that is read, in bytes.
const LIMIT: u64 = 64 * 1024;

/// Sends it.
///
/// # Errors
/// The agent would not be stopped: why.
pub fn send(agent: &Agent, command: &str) -> Result<(), String> {
    let started = |error: io::Error| format!("it cannot be started: {error}");
    // All of it fits into the pipe, and is in it before anybody could end
    // without having read it: a write to nobody would be the doctor's end.
    let (reader, mut writer) = io::pipe().map_err(started)?;
    writer.write_all(payload(agent).to_string().as_bytes()).map_err(started)?;
    drop(writer);
    let mut child = Command::new("/bin/sh")
        .args(["-c", command])
        .stdin(reader)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(started)?;
    let status = wait(&mut child)?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    match stops(agent.style, status, &stdout, &stderr) {
        true => Ok(()),
        false => {
            let said = [stderr.trim(), stdout.trim()].into_iter().find(|text| !text.is_empty());
            let said = said.map(|text| format!(", and it said {:?}", visible(text, 200)));
            let ended = status.map_or("a signal".to_owned(), |code| format!("status {code}"));
            Err(format!("it ended with {ended}{}", said.unwrap_or_default()))
        }
    }
}

/// What the agent sends.
pub fn payload(agent: &Agent) -> Value {
    let cwd = std::env::current_dir().unwrap_or_default().display().to_string();
    match agent.word {
        "amp" => json!({"cmd": LINE}),
        "cursor" => json!({"hook_event_name": "beforeShellExecution", "command": LINE, "cwd": cwd,
            "conversation_id": "doctor"}),
        "copilot" => json!({"sessionId": "doctor", "timestamp": 0, "cwd": cwd,
            "toolName": "bash", "toolArgs": {"command": LINE}}),
        "cline" => json!({"hookName": "tool_call", "taskId": "doctor", "workspaceRoots": [cwd],
            "tool_call": {"id": "doctor", "name": "run_commands", "input": {"commands": [LINE]}},
            "preToolUse": {"toolName": "run_commands",
                "parameters": {"commands": json!([LINE]).to_string()}}}),
        "windsurf" => json!({"agent_action_name": "pre_run_command", "trajectory_id": "doctor",
            "tool_info": {"command_line": LINE, "cwd": cwd}}),
        "gemini" => json!({"session_id": "doctor", "cwd": cwd, "hook_event_name": "BeforeTool",
            "tool_name": "run_shell_command", "tool_input": {"command": LINE}}),
        _ => {
            let tool = match agent.word {
                "droid" => "Execute",
                "kiro" => "execute_bash",
                "kilo" | "opencode" => "bash",
                "qwen" => "run_shell_command",
                _ => "Bash",
            };
            json!({"session_id": "doctor", "cwd": cwd, "hook_event_name": "PreToolUse",
                "tool_name": tool, "tool_input": {"command": LINE}})
        }
    }
}

/// Whether the agent obeys this as a refusal.
fn stops(style: Style, status: Option<i32>, stdout: &str, stderr: &str) -> bool {
    let object: Value = serde_json::from_str(stdout).unwrap_or_default();
    let says = |path: &str, want: Value| object.pointer(path) == Some(&want);
    // What refuses because holdpoint is gone says nothing of the canary.
    if !stdout.contains(REFUSED) && !stderr.contains(REFUSED) {
        return false;
    }
    match style {
        Style::Status | Style::Amp => status == Some(2),
        _ if status != Some(0) => false,
        Style::Json => says("/hookSpecificOutput/permissionDecision", json!("deny")),
        Style::Cursor => says("/permission", json!("deny")),
        Style::Copilot => says("/permissionDecision", json!("deny")),
        Style::Cline => says("/cancel", json!(true)),
    }
}

/// Waits for the end, but not for ever.
pub(in crate::cli) fn wait(child: &mut Child) -> Result<Option<i32>, String> {
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.code()),
            Ok(None) if start.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(5)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it gave no answer within {} s", PATIENCE.as_secs()));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

pub(in crate::cli) fn drain(from: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        let _ = from.take(LIMIT).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
