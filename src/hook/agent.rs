//! The agents whose hooks are answered, and in which form each of them is
//! refused a call. Data only.

/// How an agent is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Exit status 2 and the reason on standard error.
    Status,
    /// Claude Code's JSON, which others read too.
    Json,
    /// Cursor's JSON.
    Cursor,
    /// GitHub Copilot's JSON, flat; Claude Code's where the payload is that.
    Copilot,
    /// Cline's JSON.
    Cline,
    /// Amp's: 2 and the reason on standard error refuses, 1 leaves it to Amp
    /// to ask, 0 would permit.
    Amp,
}

/// An agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agent {
    /// The word for it on the command line.
    pub word: &'static str,
    /// Other words for it, and forks that speak as it does.
    pub aliases: &'static [&'static str],
    /// Its name.
    pub name: &'static str,
    /// What the trail calls it.
    pub actor: &'static str,
    /// How it is told.
    pub style: Style,
}

impl Agent {
    /// Whether a tool is the agent's own and touches only what the agent keeps
    /// for itself. Copilot CLI 1.0.102 offers `sql` on a database of its
    /// session's notes and `session_store_sql` on its past sessions; a tool of
    /// another server's is called `SERVER-TOOL` there.
    pub fn keeps(&self, tool: &str) -> bool {
        self.word == "copilot" && ["sql", "session_store_sql"].contains(&tool)
    }
}

const fn agent(
    word: &'static str,
    aliases: &'static [&'static str],
    name: &'static str,
    actor: &'static str,
    style: Style,
) -> Agent {
    Agent { word, aliases, name, actor, style }
}

/// The agents. Status 2 blocks in Claude Code, Codex, Gemini CLI, Windsurf,
/// Factory droid and Kiro: the one form that all six of them document, and
/// that no field beside it can undo (Codex ignores a JSON refusal beside which
/// `suppressOutput`, `continue` or `stopReason` stands). Checked in the source
/// of Codex (hooks/src/events/pre_tool_use.rs) and of Gemini CLI 0.61; the
/// others by their documentation.
pub const ALL: &[Agent] = &[
    agent("amp", &[], "Amp", "amp", Style::Amp),
    agent("claude", &["claude-code"], "Claude Code", "claude-code", Style::Status),
    agent("cline", &[], "Cline", "cline", Style::Cline),
    agent("codex", &[], "Codex", "codex", Style::Status),
    agent("copilot", &["copilot-cli"], "GitHub Copilot", "copilot", Style::Copilot),
    agent("cursor", &["cursor-agent"], "Cursor", "cursor", Style::Cursor),
    agent("droid", &["factory"], "Factory droid", "factory-droid", Style::Status),
    agent(
        "gemini",
        &["gemini-cli", "agy", "antigravity"],
        "Gemini CLI",
        "gemini-cli",
        Style::Status,
    ),
    agent("kilo", &["kilocode"], "Kilo Code", "kilo-code", Style::Status),
    agent("kiro", &[], "Kiro", "kiro", Style::Status),
    agent("opencode", &[], "OpenCode", "opencode", Style::Status),
    agent("qwen", &["qwen-code"], "Qwen Code", "qwen-code", Style::Status),
    agent("vscode", &["code"], "VS Code", "vscode", Style::Json),
    agent("windsurf", &["cascade"], "Windsurf", "windsurf", Style::Status),
];

/// The agent that a word names.
pub fn find(word: &str) -> Option<&'static Agent> {
    ALL.iter().find(|agent| agent.word == word || agent.aliases.contains(&word))
}

/// The agents' words, for messages.
pub fn words() -> String {
    ALL.iter().map(|agent| agent.word).collect::<Vec<_>>().join(", ")
}
