//! Answers in the form that each agent obeys: exit status, standard output
//! and standard error. There is no form that permits: passing is silence, or
//! the empty object where silence would be an error. Makes text; prints
//! nothing.

use serde_json::{Value, json};

use super::agent::{Agent, Style};

/// The status with which most agents are refused a call.
const BLOCK: i32 = 2;

/// Amp's status for "ask the person".
const AMP_ASKS: i32 = 1;

/// What the hook's process says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// The form of an answer to one payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form(Style);

impl Form {
    /// The form that `agent` obeys for what it sent.
    pub fn of(agent: &Agent, payload: &[u8]) -> Form {
        let says = |part: &[u8]| payload.windows(part.len()).any(|have| have == part);
        Form(match agent.style {
            // VS Code runs Copilot's hooks with Claude Code's payload.
            Style::Copilot if says(b"\"hook_event_name\"") || says(b"\"hookEventName\"") => {
                Style::Json
            }
            style => style,
        })
    }

    /// The call does not run, for this reason.
    pub fn deny(self, reason: &str) -> Answer {
        let reason = reason.trim_end();
        let object = |value: Value| Answer { stdout: format!("{value}\n"), ..Answer::default() };
        match self.0 {
            Style::Status | Style::Amp => {
                Answer { status: BLOCK, stderr: format!("{reason}\n"), ..Answer::default() }
            }
            Style::Json => object(json!({"hookSpecificOutput": {
                "hookEventName": "PreToolUse",
                "permissionDecision": "deny",
                "permissionDecisionReason": reason,
            }})),
            Style::Cursor => object(json!({
                "permission": "deny",
                "user_message": reason,
                "agent_message": reason,
            })),
            Style::Copilot => object(json!({
                "permissionDecision": "deny",
                "permissionDecisionReason": reason,
            })),
            Style::Cline => object(json!({"cancel": true, "errorMessage": reason})),
        }
    }

    /// The agent goes on as if it had not asked.
    pub fn pass(self) -> Answer {
        match self.0 {
            Style::Status | Style::Json | Style::Copilot => Answer::default(),
            // A hook that must not fail may not be silent.
            Style::Cursor => Answer { stdout: "{}\n".to_owned(), ..Answer::default() },
            Style::Cline => {
                Answer { stdout: "{\"cancel\":false}\n".to_owned(), ..Answer::default() }
            }
            Style::Amp => Answer { status: AMP_ASKS, ..Answer::default() },
        }
    }
}
