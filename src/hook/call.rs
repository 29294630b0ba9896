//! A hook's payload → the calls it announces. Knows the shapes in which the
//! agents say it (one object of JSON; the names differ), and tells commands,
//! edits and other servers' tools apart. No I/O; anything may be in a payload.

use std::fmt;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::{changes, others};
use crate::parse::patch;

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
    "toolcall",
    "toolexecutebefore",
];

/// Where a tool's name stands.
const TOOL: &[&str] = &["tool_name", "toolName", "tool"];

/// Tools that run a command: without one, the call cannot be read.
const SHELLS: &[&str] = &[
    "asyncshellcommand",
    "bash",
    "execcommand",
    "execute",
    "executebash",
    "executecmd",
    "executecommand",
    "localshell",
    "powershell",
    "runcommand",
    "runcommands",
    "runinterminal",
    "runshellcommand",
    "shell",
    "shellcommand",
    "terminal",
];

/// Where a command stands in a tool's arguments.
pub(super) const COMMANDS: &[&str] =
    &["command", "command_line", "commandLine", "cmd", "CommandLine"];

/// Where several lines stand in them (Cline).
const LINES: &str = "commands";

/// Where a directory stands in them.
const DIRS: &[&str] =
    &["workdir", "dir_path", "directory", "cwd", "Cwd", "working_directory", "workingDirectory"];

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
            .or_else(|| text(top.get("tool_call")?.as_object()?, &["id"]))
            .map(str::to_owned),
            calls: Vec::new(),
        };
        if event.is_some_and(|event| !BEFORE.contains(&plain(event).as_str())) {
            return Ok(payload);
        }
        payload.calls = calls(&top, event.map(plain).as_deref(), TOOL)?;
        if payload.calls.len() > MAX_CALLS {
            return Err(Unreadable::TooMany);
        }
        Ok(payload)
    }
}

/// The calls that a payload's top announces.
fn calls(
    top: &Map<String, Value>,
    event: Option<&str>,
    names: &[&str],
) -> Result<Vec<Call>, Unreadable> {
    // Cline puts the call into an object of its own: as its tools have it, and
    // in older versions only with every argument made a text.
    if let Some(Value::Object(inner)) = top.get("tool_call").or_else(|| top.get("preToolUse")) {
        return match inner.contains_key("tool_call") || inner.contains_key("preToolUse") {
            true => Err(Unreadable::NoCall),
            false => calls(inner, event, &["name", "toolName"]),
        };
    }
    // Windsurf has no tools, but events of each kind.
    if let Some(Value::Object(info)) = top.get("tool_info") {
        return windsurf(info, event.unwrap_or_default());
    }
    let tool = text(top, names);
    let Some(tool) = tool else {
        return match commands(top)? {
            // A file that is read (Cursor's beforeReadFile) changes nothing.
            none if none.is_empty() && event == Some("beforereadfile") => Ok(Vec::new()),
            none if none.is_empty() => Err(Unreadable::NoCall),
            some => Ok(some),
        };
    };
    let arguments =
        ["tool_input", "toolInput", "toolArgs", "tool_args", "args", "parameters", "input"]
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
        let mut calls = others::of_server(&name, arguments);
        let arguments = Value::Object(arguments.clone()).to_string();
        calls.push(Call::Tool { server, tool: name, arguments });
        return Ok(calls);
    }
    of_tool(tool, arguments)
}

/// The calls of an agent's own tool.
fn of_tool(tool: &str, arguments: &Map<String, Value>) -> Result<Vec<Call>, Unreadable> {
    let name = plain(tool);
    let commands = commands(arguments)?;
    // Whatever else its arguments hold, this is what a shell gets.
    if SHELLS.contains(&name.as_str()) {
        return match commands.is_empty() {
            true => Err(Unreadable::NoCommand(tool.to_owned())),
            false => Ok(commands),
        };
    }
    let mut edits = changes::patched(arguments);
    if edits.is_empty() {
        edits = changes::edits(&name, arguments);
    }
    let is_patch = |call: &Call| matches!(call, Call::Line { text, .. } if patch::is_patch(text));
    let mut out: Vec<Call> = edits.into_iter().map(Call::Edit).collect();
    out.extend(commands.into_iter().filter(|call| !is_patch(call)));
    out.extend(others::typed(&name, arguments));
    out.extend(others::aws(&name, arguments));
    if out.is_empty() {
        out.push(Call::Tool {
            server: String::new(),
            tool: tool.to_owned(),
            arguments: Value::Object(arguments.clone()).to_string(),
        });
    }
    Ok(out)
}

/// Windsurf's payloads.
fn windsurf(info: &Map<String, Value>, event: &str) -> Result<Vec<Call>, Unreadable> {
    if let (Some(server), Some(tool)) =
        (text(info, &["mcp_server_name"]), text(info, &["mcp_tool_name"]))
    {
        let arguments = info.get("mcp_tool_arguments").cloned().unwrap_or_default();
        let mut calls = command(info, directory_in(info).as_ref());
        calls.extend(
            arguments.as_object().map(|given| others::of_server(tool, given)).unwrap_or_default(),
        );
        let (server, tool) = (server.to_owned(), tool.to_owned());
        calls.push(Call::Tool { server, tool, arguments: arguments.to_string() });
        return Ok(calls);
    }
    let calls = command(info, directory_in(info).as_ref());
    if !calls.is_empty() {
        return Ok(calls);
    }
    match event {
        "preruncommand" => Err(Unreadable::NoCommand(event.to_owned())),
        "prewritecode" => Ok(changes::edits("write", info).into_iter().map(Call::Edit).collect()),
        "prereadcode" => Ok(Vec::new()),
        _ => Err(Unreadable::NoCall),
    }
}

/// The commands in a tool's arguments: a line, words, or several lines.
pub(super) fn commands(arguments: &Map<String, Value>) -> Result<Vec<Call>, Unreadable> {
    let dir = directory_in(arguments);
    let unreadable = || Unreadable::NoCommand(LINES.to_owned());
    if let Some(lines) = arguments.get(LINES) {
        // Cline's older form: the list as a text.
        let listed = lines.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let lines = match listed.as_ref().unwrap_or(lines) {
            Value::Array(lines) => lines.as_slice(),
            line @ Value::String(_) => std::slice::from_ref(line),
            _ => return Err(unreadable()),
        };
        let line = |line: &Value| match line {
            Value::String(text) => Some(Call::Line { text: text.clone(), dir: dir.clone() }),
            Value::Object(parts) => parts_of(parts, dir.as_ref()),
            _ => None,
        };
        return lines.iter().map(|value| line(value).ok_or_else(unreadable)).collect();
    }
    Ok(command(arguments, dir.as_ref()))
}

/// A command that is an object: its program, and its arguments beside it.
pub(super) fn parts_of(parts: &Map<String, Value>, dir: Option<&PathBuf>) -> Option<Call> {
    let program = text(parts, COMMANDS)?;
    let Some(Value::Array(rest)) = parts.get("args") else {
        return command(parts, dir).into_iter().next();
    };
    let rest = rest.iter().map(|word| word.as_str().map(str::to_owned));
    let words: Option<Vec<String>> =
        std::iter::once(Some(program.to_owned())).chain(rest).collect();
    Some(Call::Words { words: words?, dir: dir.cloned() })
}

/// The command in a tool's arguments: a line, or words. Where there is one
/// under more than one name, nobody can tell which of them runs.
fn command(arguments: &Map<String, Value>, dir: Option<&PathBuf>) -> Vec<Call> {
    let at = |name: &&str| match arguments.get(*name)? {
        Value::String(text) => Some(Call::Line { text: text.clone(), dir: dir.cloned() }),
        Value::Array(words) => {
            let words: Option<Vec<String>> =
                words.iter().map(|word| word.as_str().map(str::to_owned)).collect();
            Some(Call::Words { words: words?, dir: dir.cloned() })
        }
        _ => None,
    };
    COMMANDS.iter().filter_map(at).collect()
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
pub(super) fn text<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| object.get(*name)?.as_str())
}

/// A name without what its spellings differ in: `run_in_terminal`,
/// `runInTerminal`.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
