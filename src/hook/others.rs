//! What stands in the arguments of a tool that is no shell and no editor by
//! its name, and reaches one all the same: another server's tool that runs a
//! command or writes a file, what is typed into a program that runs already,
//! Kiro's own tool for AWS. No I/O.

use serde_json::{Map, Value};

use super::call::{Call, Change, Edit, commands, parts_of, plain, text};
use super::changes;
use crate::actions::aws::kebab;
use crate::parse::shell;

/// Tools that type into a program that was started before (Codex, Copilot,
/// Desktop Commander).
const TYPES: &[&str] = &[
    "interactwithprocess",
    "sendinput",
    "sendkeys",
    "sendterminalinput",
    "writebash",
    "writepowershell",
    "writestdin",
    "writetoterminal",
];

/// Where what they type stands.
const TYPED: &[&str] = &["chars", "input", "text", "keys"];

/// Where two files' paths stand in what moves one over the other.
const MOVES: &[&str] =
    &["source", "source_path", "sourcePath", "from", "destination", "destination_path", "to"];

/// What another server's tool would give to a shell, and the files that it
/// would change. Only absolute paths count: a relative one is as often a
/// path in a repository on some forge.
pub(super) fn of_server(name: &str, arguments: &Map<String, Value>) -> Vec<Call> {
    let name = plain(name);
    let mut edits = changes::patched(arguments);
    if edits.is_empty() {
        edits = changes::edits(&name, arguments);
    }
    if name.contains("move") || name.contains("rename") {
        let paths = MOVES.iter().filter_map(|key| text(arguments, &[key]));
        edits.extend(paths.map(|path| Edit { path: path.to_owned(), change: Change::Remove }));
    }
    let here = |edit: &Edit| edit.path.starts_with(['/', '~']) || edit.path.starts_with("file:");
    let mut out: Vec<Call> = edits.into_iter().filter(here).map(Call::Edit).collect();
    // What is no command line is no shell's.
    match arguments.get("args") {
        Some(Value::Array(_)) => out.extend(parts_of(arguments, None)),
        _ => out.extend(commands(arguments).unwrap_or_default()),
    }
    out.extend(typed(&name, arguments));
    out
}

/// What is typed into a program that may be a shell: judged as if it were one,
/// where a shell could read it.
pub(super) fn typed(name: &str, arguments: &Map<String, Value>) -> Option<Call> {
    if !TYPES.contains(&name) {
        return None;
    }
    let typed = text(arguments, TYPED)?;
    let typed = typed.replace("{enter}", "\n");
    shell::parse(&typed).ok()?;
    Some(Call::Line { text: typed, dir: None })
}

/// Kiro's and Amazon Q's tool for AWS: it starts `aws SERVICE OPERATION` with
/// the parameters as options in kebab case, an empty one without a value
/// (use_aws.rs of amazon-q-developer-cli).
pub(super) fn aws(name: &str, arguments: &Map<String, Value>) -> Option<Call> {
    if !matches!(name, "useaws" | "aws") {
        return None;
    }
    let service = text(arguments, &["service_name"])?;
    let operation = text(arguments, &["operation_name"])?;
    let mut words = vec!["aws".to_owned()];
    for (option, key) in [("--region", "region"), ("--profile", "profile_name")] {
        if let Some(value) = text(arguments, &[key]) {
            words.extend([option.to_owned(), value.to_owned()]);
        }
    }
    words.extend([service.to_owned(), operation.to_owned()]);
    if let Some(Value::Object(parameters)) = arguments.get("parameters") {
        for (name, value) in parameters {
            words.push(format!("--{}", kebab(name.trim_start_matches("--")).replace('_', "-")));
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if !value.is_empty() {
                words.push(value);
            }
        }
    }
    Some(Call::Words { words, dir: None })
}
