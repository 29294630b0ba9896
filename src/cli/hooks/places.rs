//! Where each agent is told of its hooks, and how that is written there. Data
//! and the values made of it; opens nothing.

use serde_json::{Value, json};

use super::merge::Top;
use crate::hook::agent::{self, Agent};

/// How long an agent waits for the answer, in seconds.
const SECONDS: u32 = 10;

/// Whose work the hook is for.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything that this account's agents do.
    User,
    /// This project, for everybody who works in it.
    Project,
}

impl Scope {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Scope::User => "user",
            Scope::Project => "project",
        }
    }
}

/// How an agent's file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Claude Code's: `hooks.EVENT[].hooks[]`, the time in seconds.
    Groups {
        /// The event before a call.
        event: &'static str,
        /// Whether it also understands `onFailure`.
        closes: bool,
        /// Whether `*` is written where every tool is meant.
        star: bool,
        /// How many of its units of time are a second.
        unit: u32,
        /// Whether the hook has a name.
        named: bool,
    },
    /// Factory droid's: Claude Code's, but the events are the file's own keys;
    /// a `hooks` around them is passed over in silence (0.215.0, by running it).
    Droid,
    /// Cursor's: `hooks.EVENT[]`, with `version`.
    Cursor,
    /// Amp's: rules, and a script beside them ([`super::amp`]).
    Amp,
    /// Windsurf's: `hooks.EVENT[]`.
    Windsurf,
    /// GitHub Copilot's, in a file of its own.
    Copilot,
    /// Kiro's, in a file of its own.
    Kiro,
    /// A script that is run.
    Script,
    /// A plugin of OpenCode's.
    Plugin,
}

/// An agent's places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The agent's word.
    pub agent: &'static str,
    /// The file below the account's home.
    pub user: &'static str,
    /// The file below the project's folder.
    pub project: &'static str,
    /// How it is written.
    pub shape: Shape,
}

const CLAUDE: Shape = groups("PreToolUse", true, true, 1, false);
const CODEX: Shape = groups("PreToolUse", false, false, 1, false);
const DROID: Shape = Shape::Droid;
const GEMINI: Shape = groups("BeforeTool", false, true, 1000, true);
const QWEN: Shape = groups("PreToolUse", false, true, 1, true);

const fn groups(event: &'static str, closes: bool, star: bool, unit: u32, named: bool) -> Shape {
    Shape::Groups { event, closes, star, unit, named }
}

/// Where they are. Tried by running the agent (tests/agents_live): Claude
/// Code, Codex, Copilot CLI, droid, Gemini CLI, Kilo, OpenCode, Qwen Code, Cline.
/// The others are by their documentation alone (docs/hooks.md).
pub const ALL: &[Place] = &[
    place("amp", ".config/amp/settings.json", ".amp/settings.json", Shape::Amp),
    place("claude", ".claude/settings.json", ".claude/settings.json", CLAUDE),
    place(
        "cline",
        "Documents/Cline/Hooks/PreToolUse",
        ".clinerules/hooks/PreToolUse",
        Shape::Script,
    ),
    place("codex", ".codex/hooks.json", ".codex/hooks.json", CODEX),
    place(
        "copilot",
        ".copilot/hooks/holdpoint.json",
        ".github/hooks/holdpoint.json",
        Shape::Copilot,
    ),
    place("cursor", ".cursor/hooks.json", ".cursor/hooks.json", Shape::Cursor),
    place("droid", ".factory/hooks.json", ".factory/hooks.json", DROID),
    place("gemini", ".gemini/settings.json", ".gemini/settings.json", GEMINI),
    place("kilo", ".config/kilo/plugins/holdpoint.js", ".kilo/plugins/holdpoint.js", Shape::Plugin),
    place("kiro", ".kiro/hooks/holdpoint.json", ".kiro/hooks/holdpoint.json", Shape::Kiro),
    place(
        "opencode",
        ".config/opencode/plugins/holdpoint.js",
        ".opencode/plugins/holdpoint.js",
        Shape::Plugin,
    ),
    place("qwen", ".qwen/settings.json", ".qwen/settings.json", QWEN),
    place("windsurf", ".codeium/windsurf/hooks.json", ".windsurf/hooks.json", Shape::Windsurf),
];

const fn place(
    agent: &'static str,
    user: &'static str,
    project: &'static str,
    shape: Shape,
) -> Place {
    Place { agent, user, project, shape }
}

/// The place of the agent that a word names. VS Code's agent reads Copilot's.
pub fn find(word: &str) -> Option<&'static Place> {
    let word = match agent::find(word)?.word {
        "vscode" => "copilot",
        word => word,
    };
    ALL.iter().find(|place| place.agent == word)
}

impl Place {
    /// The agent.
    pub fn about(&self) -> Option<&'static Agent> {
        agent::find(self.agent)
    }

    /// What stands behind the command for the case that it cannot be started:
    /// the refusal that these agents obey, who would otherwise go on (each
    /// tried with its hook's program gone). The others block by themselves, or
    /// are told to, or it is not known whether they have a shell run it.
    pub fn otherwise(&self) -> &'static str {
        match self.agent {
            "codex" | "droid" | "qwen" => " || exit 2",
            "cline" => r#" || echo '{"cancel":true,"errorMessage":"holdpoint did not answer"}'"#,
            _ => "",
        }
    }

    /// Where in the file the events stand.
    pub const fn top(&self) -> Top {
        match self.shape {
            Shape::Cursor => Top::Versioned,
            Shape::Droid => Top::Bare,
            _ => Top::Hooks,
        }
    }

    /// What stands there, by event, for a file that others write to,
    /// too: one entry each.
    pub fn entries(&self, command: &str) -> Vec<(&'static str, Value)> {
        match self.shape {
            Shape::Groups { event, closes, star, unit, named } => {
                let mut hook = serde_json::Map::new();
                hook.insert("type".to_owned(), json!("command"));
                hook.insert("command".to_owned(), json!(command));
                hook.insert("timeout".to_owned(), json!(SECONDS * unit));
                if closes {
                    hook.insert("onFailure".to_owned(), json!("block"));
                }
                if named {
                    hook.insert("name".to_owned(), json!("holdpoint"));
                }
                let group = match star {
                    true => json!({"matcher": "*", "hooks": [hook]}),
                    false => json!({"hooks": [hook]}),
                };
                vec![(event, group)]
            }
            Shape::Droid => vec![(
                "PreToolUse",
                json!({"matcher": "*", "hooks": [
                    {"type": "command", "command": command, "timeout": SECONDS}]}),
            )],
            Shape::Cursor => {
                let entry = json!({"command": command, "timeout": SECONDS, "failClosed": true});
                let edits = json!({"command": command, "timeout": SECONDS, "failClosed": true,
                    "matcher": "Write|Edit|MultiEdit|StrReplace|Delete|ApplyPatch"});
                vec![
                    ("beforeShellExecution", entry.clone()),
                    ("beforeMCPExecution", entry),
                    ("preToolUse", edits),
                ]
            }
            Shape::Windsurf => {
                let entry = json!({"command": command, "show_output": true});
                let events = ["pre_run_command", "pre_mcp_tool_use", "pre_write_code"];
                events.into_iter().map(|event| (event, entry.clone())).collect()
            }
            Shape::Amp | Shape::Copilot | Shape::Kiro | Shape::Script | Shape::Plugin => Vec::new(),
        }
    }

    /// The whole file, where it is holdpoint's alone. `program` is the
    /// program's path.
    pub fn whole(&self, program: &str, command: &str) -> Option<String> {
        let pretty =
            |value: Value| serde_json::to_string_pretty(&value).map(|text| text + "\n").ok();
        match self.shape {
            Shape::Copilot => pretty(json!({"version": 1, "hooks": {"preToolUse": [
                {"type": "command", "bash": command, "timeoutSec": SECONDS},
            ]}})),
            Shape::Kiro => pretty(json!({"version": "v1", "hooks": [{
                "name": "holdpoint",
                "trigger": "PreToolUse",
                "matcher": "execute_bash|shell",
                "action": {"type": "command", "command": command},
                "timeout": SECONDS,
            }]})),
            Shape::Script => Some(format!("#!/bin/sh\n{command}\n")),
            Shape::Plugin => {
                let template = include_str!("../../../shims/opencode.js");
                let template = template.replace("\"@PROGRAM@\"", &json!(program).to_string());
                Some(template.replace("@AGENT@", self.agent))
            }
            Shape::Groups { .. } | Shape::Amp | Shape::Cursor | Shape::Droid | Shape::Windsurf => {
                None
            }
        }
    }
}
