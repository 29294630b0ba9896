//! The command lines in the arguments of an MCP tool: a whole line, a list of
//! words, or the words behind a program that the server's name stands for.
//! Gives invocations; what they would do is judged where every command is.

use std::ffi::OsString;

use serde_json::{Map, Value};

use super::McpCall;
use crate::invocation::Invocation;
use crate::rules;

/// Keys under which a command line or its words stand, in the words' order.
const LINES: &[&str] =
    &["clicommand", "commandline", "command", "cmd", "verb", "subcommand", "args", "arguments"];

/// The most words of a list that are looked at.
const MAX_WORDS: usize = 500;

/// Words of a tool that runs a command in a pod.
const EXECUTES: &[&str] = &["exec", "execute"];

/// What would be run.
pub(super) fn inner(call: &McpCall<'_>, arguments: &Map<String, Value>) -> Vec<Invocation> {
    let lists = lists(arguments);
    let run = |words: &[String]| {
        let argv: Vec<OsString> = words.iter().map(Into::into).collect();
        Invocation { argv, ..call.invocation.clone() }
    };
    if let Some(argv) = exact(call, arguments, &lists) {
        return vec![run(&argv)];
    }
    let mut out = Vec::new();
    for list in &lists {
        match list.as_slice() {
            // One text is a line for a shell, as far as it is a line of a
            // known program.
            [line] => {
                let words = shell_words::split(line).unwrap_or_default();
                if words.iter().any(|word| is_guarded(word)) {
                    out.push(run(&["sh".to_owned(), "-c".to_owned(), line.clone()]));
                }
            }
            words if words.first().is_some_and(|word| is_guarded(word)) => out.push(run(words)),
            _ => {}
        }
    }
    out
}

/// The command that a tool puts together from its arguments.
fn exact(
    call: &McpCall<'_>,
    arguments: &Map<String, Value>,
    lists: &[Vec<String>],
) -> Option<Vec<String>> {
    let text = |keys: &[&'static str]| call.under(keys).next().map(str::to_owned);
    let program = call.platform.map_or("", |platform| platform.program);
    let words: Vec<String> = match lists {
        [one] => match one.as_slice() {
            [line] => shell_words::split(line).ok()?,
            words => words.to_vec(),
        },
        lists => lists.concat(),
    };
    let first = words.first().and_then(|word| word.split(' ').next()).unwrap_or_default();
    let named = |list: &[&str]| call.named.iter().any(|word| list.contains(&word.as_str()));
    let on = |out: &mut Vec<String>| {
        for (option, keys) in
            [("--context", ["context", "contextname"]), ("--namespace", ["namespace", "ns"])]
        {
            if let Some(value) = call.under(&keys).next() {
                out.push(format!("{option}={value}"));
            }
        }
    };
    if call.is("prisma") && call.named == ["migrate", "reset"] {
        return Some(["prisma", "migrate", "reset", "--force"].map(str::to_owned).to_vec());
    }
    // A server for ssh: the host is an argument, or the server is the host's.
    if call.server_named("ssh") && !words.is_empty() {
        let host = text(&["host", "hostname", "server", "connectionname", "target"]);
        let host = host.unwrap_or_else(|| call.server.clone());
        return Some(vec!["ssh".to_owned(), "--".to_owned(), host, words.join(" ")]);
    }
    if call.is("kubernetes") && named(EXECUTES) && !words.is_empty() && first != "kubectl" {
        let pod = text(&["name", "pod", "podname"]).unwrap_or_else(|| "pod".to_owned());
        let mut out = vec!["kubectl".to_owned(), "exec".to_owned()];
        on(&mut out);
        out.extend([pod, "--".to_owned()]);
        // A line of one text is a shell's there, too.
        match lists {
            [one] if one.len() == 1 => {
                out.extend(["sh".to_owned(), "-c".to_owned()]);
                out.extend(one.iter().cloned());
            }
            _ => out.extend(words),
        }
        return Some(out);
    }
    let scales = call.is("kubernetes") && named(&["scale"]);
    if scales && arguments.get("replicas").is_some_and(is_zero) {
        let name = text(&["name"])?;
        let kind = text(&["resourcetype", "kind"]).unwrap_or_else(|| "deployment".to_owned());
        let mut out = ["kubectl", "scale", "--replicas=0"].map(str::to_owned).to_vec();
        on(&mut out);
        out.extend([kind, name]);
        return Some(out);
    }
    if program.is_empty() || words.is_empty() || is_guarded(first) {
        return None;
    }
    let mut out = vec![program.to_owned()];
    out.extend(words);
    if program == "kubectl" {
        out.extend(text(&["resourcetype", "kind"]));
        out.extend(text(&["name", "resourcename"]));
        on(&mut out);
    }
    Some(out)
}

fn is_zero(value: &Value) -> bool {
    value.as_u64() == Some(0) || value.as_str() == Some("0")
}

/// The words under the keys of command lines: each a line of its own, or a
/// list of words.
fn lists(arguments: &Map<String, Value>) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for line in LINES {
        let at = arguments.iter().find(|(key, _)| {
            let letters = key.chars().filter(|letter| letter.is_alphanumeric());
            letters.flat_map(char::to_lowercase).eq(line.chars())
        });
        match at.map(|(_, value)| value) {
            Some(Value::String(line)) => out.push(vec![line.clone()]),
            Some(Value::Array(items)) => {
                let items = items.iter().filter_map(|item| item.as_str().map(str::to_owned));
                let words: Vec<String> = items.take(MAX_WORDS).collect();
                // A list of whole lines, or one line's words.
                let lines = words
                    .iter()
                    .all(|word| word.split_once(' ').is_some_and(|(first, _)| is_guarded(first)));
                match lines {
                    true => out.extend(words.into_iter().map(|line| vec![line])),
                    false => out.push(words),
                }
            }
            _ => {}
        }
    }
    out.retain(|words| words.iter().any(|word| !word.is_empty()));
    out
}

/// Whether a word names a program that shims stand in front of.
fn is_guarded(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    rules::table::find(name).is_some_and(|tool| tool.shim)
}
