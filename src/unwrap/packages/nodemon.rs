//! nodemon: the command that it starts, as the shell line that it makes of its
//! words, nodemon.json and package.json (nodemon 3.1.14, by its source).

use serde_json::Value;

use super::tasks::json;
use super::{append, line};
use crate::actions::{Call, Reading};
use crate::invocation::{Context, Invocation};
use crate::unwrap::wrapper::template;

/// Options that take the next word.
const VALUES: &[&str] = &[
    "--config",
    "--cwd",
    "--delay",
    "--exec",
    "--ext",
    "--ignore",
    "--polling-interval",
    "--signal",
    "--watch",
    "-P",
    "-d",
    "-e",
    "-i",
    "-s",
    "-w",
    "-x",
];

/// Options that take nothing.
const FLAGS: &[&str] = &[
    "--exitcrash",
    "--js",
    "--legacy-watch",
    "--no-colors",
    "--no-colours",
    "--no-stdin",
    "--no-update-notifier",
    "--on-change-only",
    "--quiet",
    "--spawn",
    "--verbose",
    "-C",
    "-I",
    "-L",
    "-V",
    "-q",
];

/// What runs a file, by its ending.
const RUNNERS: &[(&str, &str)] = &[("py", "python"), ("rb", "ruby"), ("ts", "ts-node")];

/// A call's words, told apart.
#[derive(Default)]
struct Words {
    exec: Option<Vec<u8>>,
    config: Option<String>,
    /// The words in front of the script, the script, and those behind it.
    front: Vec<usize>,
    script: Option<usize>,
    behind: Vec<usize>,
}

/// Reads a call.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let mut own = call.context.invocation.clone();
    let help = ["--help", "-h", "-?", "--version", "-v", "--dump"];
    let mut front = own.argv.iter().skip(1).take_while(|word| *word != "--");
    if front.any(|word| help.iter().any(|it| word == it)) {
        return Reading::default();
    }
    let folder = own.argv.windows(2).find(|pair| matches!(pair, [option, _] if option == "--cwd"));
    if let Some([_, folder]) = folder {
        own.cwd = Some(call.context.cwd().unwrap_or_default().join(folder));
    }
    let context = Context { invocation: &own, ..call.context };
    let words = words(context);
    let base = context.cwd().unwrap_or_default();
    let package = json(context, &base.join("package.json")).unwrap_or_default();
    let config = words.config.clone().unwrap_or_else(|| "nodemon.json".to_owned());
    let config = json(context, &base.join(config));
    let config = config.or_else(|| package.get("nodemonConfig").cloned()).unwrap_or_default();
    let setting = |name: &str| config.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut exec = words.exec.clone().or_else(|| setting("exec").map(String::into_bytes));
    let mut script = match words.script {
        Some(at) => Some(quoted(&own, at)),
        None => setting("script").map(String::into_bytes),
    };
    if exec.is_none() && script.is_none() {
        let main = package.get("main").and_then(Value::as_str);
        let start = package.get("scripts").and_then(|scripts| scripts.get("start")?.as_str());
        match (main, start) {
            (Some(main), _) => script = Some(main.as_bytes().to_vec()),
            _ if context.world.exists(&base.join("index.js")) => {
                script = Some(b"index.js".to_vec());
            }
            (None, Some(start)) if !start.split(' ').any(|word| word == "nodemon") => {
                exec = Some(start.as_bytes().to_vec());
            }
            _ => return Reading::default(),
        }
    }
    let exec = exec.unwrap_or_else(|| runner(&config, script.as_deref().unwrap_or_default()));
    let mut reading = Reading::default();
    reading.inner.push(line(&own, command(&own, exec, script, &words), None));
    // Lines that it runs when it starts, stops and starts anew.
    let events = config.get("events").and_then(Value::as_object);
    for text in events.into_iter().flat_map(|events| events.values()).filter_map(Value::as_str) {
        reading.inner.push(line(&own, text.as_bytes().to_vec(), None));
    }
    reading
}

fn words(context: Context<'_>) -> Words {
    let invocation = context.invocation;
    let mut out = Words::default();
    let mut own = true;
    let mut at = 1;
    while let Some(word) = invocation.argv.get(at) {
        let here = at;
        at += 1;
        let text = word.to_str().unwrap_or_default();
        // What is there is the script, wherever it stands.
        if out.script.is_none() && (text == "." || context.world.exists(&context.resolve(word))) {
            out.script = Some(here);
            continue;
        }
        if own && text == "--" {
            own = false;
        } else if own && VALUES.contains(&text) {
            if matches!(text, "--exec" | "-x") && at < invocation.argv.len() {
                out.exec = Some(template(invocation, at, 0));
            }
            if text == "--config" {
                out.config = invocation.argv.get(at).and_then(|it| it.to_str()).map(str::to_owned);
            }
            at += 1;
        } else if own && FLAGS.contains(&text) {
        } else if out.script.is_none() && own {
            out.front.push(here);
        } else {
            out.behind.push(here);
        }
    }
    // `nodemon server` is `nodemon server.js`.
    if out.script.is_none()
        && let Some(first) = out.front.first().copied()
        && let Some(text) = invocation.argv.get(first).and_then(|word| word.to_str())
        && context.world.exists(&context.resolve(format!("{text}.js")))
    {
        out.script = Some(first);
        out.front.remove(0);
        out.behind.splice(0..0, out.front.drain(..));
    }
    out
}

fn quoted(invocation: &Invocation, at: usize) -> Vec<u8> {
    let mut alone = invocation.clone();
    alone.argv.truncate(at + 1);
    let mut text = Vec::new();
    append(&mut text, &alone, at);
    text.trim_ascii().to_vec()
}

/// What runs a script: by the settings, by its ending, or Node.
fn runner(config: &Value, script: &[u8]) -> Vec<u8> {
    let script = String::from_utf8_lossy(script);
    let ending = script.trim_matches(['\'', '"']).rsplit_once('.').map_or("", |(_, end)| end);
    let own = config.get("execMap").and_then(|map| map.get(ending)?.as_str());
    let known = RUNNERS.iter().find(|(of, _)| *of == ending).map(|(_, runner)| *runner);
    own.or(known).unwrap_or("node").as_bytes().to_vec()
}

/// The line: the program, the words in front, the script, the words behind.
fn command(
    invocation: &Invocation,
    exec: Vec<u8>,
    script: Option<Vec<u8>>,
    words: &Words,
) -> Vec<u8> {
    const NAME: &str = "{{filename}}";
    let mut text = exec;
    let mut script = script;
    if let Some(at) = text.windows(NAME.len()).position(|part| part == NAME.as_bytes()) {
        let name = script.take().unwrap_or_default();
        text.splice(at..at + NAME.len(), name);
    }
    let mut add = |word: &[u8]| {
        text.push(b' ');
        text.extend_from_slice(word);
    };
    words.front.iter().for_each(|at| add(&quoted(invocation, *at)));
    script.iter().for_each(|script| add(script));
    words.behind.iter().for_each(|at| add(&quoted(invocation, *at)));
    text
}
