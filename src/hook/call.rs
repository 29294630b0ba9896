//! A hook's payload → the calls it announces. Knows the shapes in which the
//! agents say it (one object of JSON; the names differ), and tells commands,
//! edits and other servers' tools apart. No I/O; anything may be in a payload.

use std::fmt;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::patch;

/// The most calls of one payload that are judged.
const MAX_CALLS: usize = 200;

/// What an agent is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// A line for a shell, and the directory that the call itself names.
    Line {
        /// The line.
        text: String,
        /// The directory.
        dir: Option<PathBuf>,
    },
    /// A command's words.
    Words {
        /// The words.
        words: Vec<String>,
        /// The directory.
        dir: Option<PathBuf>,
    },
    /// A change to a file.
    Edit(Edit),
    /// Any other tool: of an MCP server, or of the agent itself.
    Tool {
        /// The server's name, where it is told.
        server: String,
        /// The tool's name.
        tool: String,
        /// Its arguments, as JSON.
        arguments: String,
    },
}

/// A change to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Its path, as the agent has it.
    pub path: String,
    /// What happens to it.
    pub change: Change,
}

/// What happens to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// This is its content from then on.
    Write(String),
    /// Each of these texts gives way to the other.
    Replace(Vec<(String, String)>),
    /// These lines are taken out, and others may be put in.
    Cut(String),
    /// It is removed or moved away.
    Remove,
}

/// Why a payload cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is no JSON: what was wrong.
    NotJson(String),
    /// It is JSON, and no object.
    NotAnObject,
    /// It names no tool and no command.
    NoCall,
    /// A tool that runs commands comes without one.
    NoCommand(String),
    /// The arguments of a tool are no JSON.
    Arguments(String),
    /// More changes than are looked at.
    TooMany,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::NotJson(why) => write!(f, "the hook's input is not JSON ({why})"),
            Unreadable::NotAnObject => f.write_str("the hook's input is not an object"),
            Unreadable::NoCall => {
                f.write_str("the hook's input names neither a tool nor a command")
            }
            Unreadable::NoCommand(tool) => write!(f, "the tool {tool} comes without a command"),
            Unreadable::Arguments(tool) => {
                write!(f, "the arguments of the tool {tool} are not JSON")
            }
            Unreadable::TooMany => write!(f, "it changes more than {MAX_CALLS} files at once"),
        }
    }
}

impl std::error::Error for Unreadable {}

/// A payload, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// What is about to be called; empty for an event after which nothing is.
    pub calls: Vec<Call>,
    /// The directory that the agent works in.
    pub cwd: Option<PathBuf>,
    /// The session's id.
    pub session: Option<String>,
    /// The call's id.
    pub call: Option<String>,
}

/// Events before a call. Of any other, nothing follows.
const BEFORE: &[&str] = &[
    "beforemcpexecution",
    "beforereadfile",
    "beforeshellexecution",
    "beforetool",
    "permissionrequest",
    "premcptooluse",
    "prereadcode",
    "preruncommand",
    "pretooluse",
    "prewritecode",
    "toolexecutebefore",
];

/// Tools that run a command: without one, the call cannot be read.
const SHELLS: &[&str] = &[
    "bash",
    "execcommand",
    "execute",
    "executebash",
    "executecmd",
    "executecommand",
    "localshell",
    "powershell",
    "runcommand",
    "runinterminal",
    "runshellcommand",
    "shell",
    "terminal",
];

/// Where a command stands in a tool's arguments.
const COMMANDS: &[&str] = &["command", "command_line", "commandLine", "cmd", "CommandLine"];

/// Where a directory stands in them.
const DIRS: &[&str] =
    &["workdir", "dir_path", "directory", "cwd", "Cwd", "working_directory", "workingDirectory"];

/// Where a file's path stands in them.
const PATHS: &[&str] = &[
    "file_path",
    "filePath",
    "path",
    "notebook_path",
    "target_file",
    "targetFile",
    "absolute_path",
    "TargetFile",
    "uri",
];

/// Where a file's new content stands in them.
const CONTENTS: &[&str] =
    &["content", "contents", "file_text", "fileText", "CodeContent", "text", "new_source"];

/// Texts that give way, and what to, in the agents' spellings.
const SWAPS: &[(&str, &str)] = &[
    ("old_string", "new_string"),
    ("oldString", "newString"),
    ("old_str", "new_str"),
    ("oldStr", "newStr"),
    ("oldText", "newText"),
    ("TargetContent", "ReplacementContent"),
];

impl Payload {
    /// Reads one.
    ///
    /// # Errors
    /// It is malformed: what is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Payload, Unreadable> {
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| Unreadable::NotJson(error.to_string()))?;
        let Value::Object(top) = value else { return Err(Unreadable::NotAnObject) };
        let event =
            text(&top, &["hook_event_name", "hookEventName", "agent_action_name", "hookName"]);
        let mut payload = Payload {
            cwd: directory(&top),
            session: text(
                &top,
                &["session_id", "sessionId", "conversation_id", "trajectory_id", "taskId"],
            )
            .map(str::to_owned),
            call: text(
                &top,
                &["tool_use_id", "toolUseId", "toolCallId", "execution_id", "generation_id"],
            )
            .map(str::to_owned),
            calls: Vec::new(),
        };
        if event.is_some_and(|event| !BEFORE.contains(&plain(event).as_str())) {
            return Ok(payload);
        }
        payload.calls = calls(&top, event.map(plain).as_deref())?;
        if payload.calls.len() > MAX_CALLS {
            return Err(Unreadable::TooMany);
        }
        Ok(payload)
    }
}

/// The calls that a payload's top announces.
fn calls(top: &Map<String, Value>, event: Option<&str>) -> Result<Vec<Call>, Unreadable> {
    // Cline puts the call into an object of its own.
    if let Some(Value::Object(inner)) = top.get("preToolUse") {
        return calls(inner, event);
    }
    // Windsurf has no tools, but events of each kind.
    if let Some(Value::Object(info)) = top.get("tool_info") {
        return windsurf(info, event.unwrap_or_default());
    }
    let tool = text(top, &["tool_name", "toolName", "tool"]);
    let Some(tool) = tool else {
        return match command(top, directory_in(top)) {
            Some(call) => Ok(vec![call]),
            // A file that is read (Cursor's beforeReadFile) changes nothing.
            None if text(top, PATHS).is_some() => Ok(Vec::new()),
            None => Err(Unreadable::NoCall),
        };
    };
    let arguments = ["tool_input", "toolInput", "toolArgs", "tool_args", "args", "parameters"]
        .iter()
        .find_map(|name| top.get(*name));
    let parsed;
    let arguments = match arguments {
        Some(Value::String(text)) => {
            parsed = serde_json::from_str::<Value>(text)
                .map_err(|_| Unreadable::Arguments(tool.to_owned()))?;
            Some(&parsed)
        }
        other => other,
    };
    let empty = Map::new();
    let arguments = match arguments {
        Some(Value::Object(arguments)) => arguments,
        None | Some(Value::Null) => &empty,
        Some(_) => return Err(Unreadable::Arguments(tool.to_owned())),
    };
    if let Some((server, name)) = server_of(top, tool, event) {
        let arguments = Value::Object(arguments.clone()).to_string();
        return Ok(vec![Call::Tool { server, tool: name, arguments }]);
    }
    of_tool(tool, arguments)
}

/// The calls of an agent's own tool.
fn of_tool(tool: &str, arguments: &Map<String, Value>) -> Result<Vec<Call>, Unreadable> {
    let name = plain(tool);
    let texts = arguments.values().filter_map(Value::as_str);
    if let Some(patch) = texts.into_iter().find(|text| patch::is_patch(text)) {
        return Ok(patch::edits(patch).into_iter().map(Call::Edit).collect());
    }
    let edits = edits(&name, arguments);
    if !edits.is_empty() {
        return Ok(edits.into_iter().map(Call::Edit).collect());
    }
    let dir = directory_in(arguments);
    match command(arguments, dir) {
        Some(call) => Ok(vec![call]),
        None if SHELLS.contains(&name.as_str()) => Err(Unreadable::NoCommand(tool.to_owned())),
        None => Ok(vec![Call::Tool {
            server: String::new(),
            tool: tool.to_owned(),
            arguments: Value::Object(arguments.clone()).to_string(),
        }]),
    }
}

/// Windsurf's payloads.
fn windsurf(info: &Map<String, Value>, event: &str) -> Result<Vec<Call>, Unreadable> {
    if let Some(call) = command(info, directory_in(info)) {
        return Ok(vec![call]);
    }
    if let (Some(server), Some(tool)) =
        (text(info, &["mcp_server_name"]), text(info, &["mcp_tool_name"]))
    {
        let arguments = info.get("mcp_tool_arguments").cloned().unwrap_or_default().to_string();
        return Ok(vec![Call::Tool {
            server: server.to_owned(),
            tool: tool.to_owned(),
            arguments,
        }]);
    }
    match event {
        "preruncommand" => Err(Unreadable::NoCommand(event.to_owned())),
        "prewritecode" => Ok(edits("write", info).into_iter().map(Call::Edit).collect()),
        "prereadcode" => Ok(Vec::new()),
        _ => Err(Unreadable::NoCall),
    }
}

/// The command in a tool's arguments: a line, or words.
fn command(arguments: &Map<String, Value>, dir: Option<PathBuf>) -> Option<Call> {
    COMMANDS.iter().find_map(|name| match arguments.get(*name)? {
        Value::String(text) => Some(Call::Line { text: text.clone(), dir: dir.clone() }),
        Value::Array(words) => {
            let words: Option<Vec<String>> =
                words.iter().map(|word| word.as_str().map(str::to_owned)).collect();
            Some(Call::Words { words: words?, dir: dir.clone() })
        }
        _ => None,
    })
}

/// The files that a tool's arguments change.
fn edits(name: &str, arguments: &Map<String, Value>) -> Vec<Edit> {
    const READS: &[&str] =
        &["read", "view", "grep", "glob", "list", "search", "ls", "open", "fetch"];
    const TAKES: &[&str] = &["delete", "remove", "move", "rename", "unlink"];
    let Some(path) = text(arguments, PATHS) else { return Vec::new() };
    let edit = |change| Edit { path: path.to_owned(), change };
    // An editor's own word for what it does (`command: "create"`).
    let verb = text(arguments, COMMANDS).map(plain).unwrap_or_default();
    let reads = |word: &str| READS.iter().any(|read| word.starts_with(read));
    let mut swaps = swaps(arguments);
    for list in ["edits", "edit", "chunks", "ReplacementChunks"] {
        if let Some(Value::Array(list)) = arguments.get(list) {
            swaps.extend(list.iter().filter_map(Value::as_object).flat_map(self::swaps));
        }
    }
    let mut out = Vec::new();
    if !swaps.is_empty() {
        out.push(edit(Change::Replace(swaps)));
    } else if let Some(content) = text(arguments, CONTENTS).filter(|_| !reads(name)) {
        out.push(edit(match name.contains("insert") || verb == "insert" {
            // What is put in between takes nothing away.
            true => Change::Replace(Vec::new()),
            false => Change::Write(content.to_owned()),
        }));
    } else if TAKES.iter().any(|take| name.contains(take) || verb.starts_with(take)) {
        out.push(edit(Change::Remove));
    } else if let Some(code) = text(arguments, &["code_edit", "code", "diff", "patch"]) {
        out.push(edit(Change::Cut(code.to_owned())));
    }
    out
}

fn swaps(arguments: &Map<String, Value>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (old, new) in SWAPS {
        if let Some(old) = text(arguments, &[old]) {
            let new = text(arguments, &[new]).unwrap_or_default();
            out.push((old.to_owned(), new.to_owned()));
        }
    }
    out
}

/// The MCP server whose tool this is, and the tool's own name.
fn server_of(
    top: &Map<String, Value>,
    tool: &str,
    event: Option<&str>,
) -> Option<(String, String)> {
    // Gemini CLI says it apart.
    if let Some(Value::Object(context)) = top.get("mcp_context") {
        let server = text(context, &["server_name", "serverName"]).unwrap_or_default();
        let name = text(context, &["tool_name", "toolName"]).unwrap_or(tool);
        return Some((server.to_owned(), name.to_owned()));
    }
    let split = |rest: &str, by: &str| {
        let (server, name) = rest.split_once(by).unwrap_or(("", rest));
        Some((server.to_owned(), name.to_owned()))
    };
    if let Some(rest) = tool.strip_prefix("mcp__") {
        return split(rest, "__");
    }
    if let Some(rest) = tool.strip_prefix("MCP:") {
        return split(rest, ":");
    }
    if let Some(rest) = tool.strip_prefix('@') {
        return split(rest, "/");
    }
    if let Some(rest) = tool.strip_prefix("mcp_") {
        return split(rest, "_");
    }
    // Cursor says how the server is started, or where it is.
    if event == Some("beforemcpexecution") {
        let server = text(top, &["server_name", "server", "url", "command"]).unwrap_or_default();
        return Some((server.to_owned(), tool.to_owned()));
    }
    None
}

/// The agent's directory.
fn directory(top: &Map<String, Value>) -> Option<PathBuf> {
    let own = directory_in(top);
    let info = top.get("tool_info").and_then(Value::as_object).and_then(directory_in);
    let roots = ["workspace_roots", "workspaceRoots"].iter().find_map(|name| {
        let root = top.get(*name)?.as_array()?.first()?.as_str()?;
        Some(PathBuf::from(root))
    });
    own.or(info).or(roots).filter(|dir| dir.is_absolute())
}

fn directory_in(object: &Map<String, Value>) -> Option<PathBuf> {
    text(object, DIRS).filter(|dir| !dir.is_empty()).map(PathBuf::from)
}

/// The first of these fields that is a text.
fn text<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| object.get(*name)?.as_str())
}

/// A name without what its spellings differ in: `run_in_terminal`,
/// `runInTerminal`.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
