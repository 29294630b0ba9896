//! What runs several of package.json's scripts at once: npm-run-all with its
//! patterns, concurrently with its lines, and deno's and Node's own way to run
//! one. Each script becomes the line that a shell would get; which commands
//! are in it is the shell's reader's to say.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{MAX_PACKAGE, append, line, nearest, package_lines};
use crate::actions::{Call, Reading};
use crate::invocation::{Context, HOLE, Invocation};
use crate::parse::argv;
use crate::text::glob;
use crate::unwrap::wrapper::template;

/// The most lines that one call comes to.
const MAX_LINES: usize = 500;

/// `run-s build 'db:*'`, `npm-run-all --parallel a b -- words`: scripts in a
/// row or beside one another (npm-run-all2 8.0.4, by its source).
pub(super) fn npm_run_all(context: Context<'_>) -> Reading {
    let invocation = context.invocation;
    let mut patterns = Vec::new();
    let mut at = 1;
    while at < invocation.argv.len() {
        let word = String::from_utf8_lossy(&template(invocation, at, 0)).into_owned();
        at += 1;
        match word.as_str() {
            "--" => break,
            "--max-parallel" | "--npm-path" => at += 1,
            // `--package:variable value`
            word if word.starts_with("--") && word.contains(':') => {
                at += usize::from(!word.contains('='));
            }
            word if word.starts_with('-') => {}
            _ => patterns.push(word),
        }
    }
    let rest = words_from(invocation, at);
    let mut reading = Reading::default();
    let Some((folder, package)) = nearest(context, &context.cwd().unwrap_or_default()) else {
        return reading;
    };
    for pattern in patterns {
        let pattern = placeholders(pattern.trim(), &rest);
        let (task, words) = pattern.split_once(' ').unwrap_or((&pattern, ""));
        // npm keeps the dashes in front of a script's words to itself.
        let words = words.trim_start();
        let words = format!(" {}", words.strip_prefix("-- ").unwrap_or(words));
        for name in names(&package).filter(|name| matches(task, name)) {
            let words = words.as_bytes();
            reading.inner.extend(package_lines(invocation, &folder, &package, name, words));
        }
    }
    reading.inner.truncate(MAX_LINES);
    reading
}

/// The names of a package's scripts.
fn names(package: &Value) -> impl Iterator<Item = &str> {
    let scripts = package.get("scripts").and_then(Value::as_object);
    scripts.into_iter().flat_map(|scripts| scripts.keys().map(String::as_str))
}

/// Whether a pattern of npm-run-all's means a script: `*` stands for what lies
/// between two colons, `**` for anything. What is computed, and a group in
/// braces, could be anything between two colons.
fn matches(pattern: &str, name: &str) -> bool {
    let mut plain = String::new();
    let mut depth = 0_usize;
    for letter in pattern.replace(HOLE, "*").chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => {
                depth -= 1;
                plain.push('*');
            }
            _ if depth > 0 => {}
            letter => plain.push(letter),
        }
    }
    if plain.contains("**") {
        return plain.strip_suffix(":**") == Some(name) || glob(&plain.replace("**", "*"), name);
    }
    let parts = |text: &str| text.split(':').map(str::to_owned).collect::<Vec<String>>();
    let (wanted, own) = (parts(&plain), parts(name));
    wanted.len() == own.len() && wanted.iter().zip(&own).all(|(wanted, own)| glob(wanted, own))
}

/// `{1}`, `{@}` and `{*}` in a text replaced by words; `{1:-x}` has a word for
/// the case that there is none.
fn placeholders(text: &str, words: &[String]) -> String {
    let quoted = |words: &[String]| {
        let all: Vec<String> =
            words.iter().map(|word| shell_words::quote(word).into_owned()).collect();
        all.join(" ")
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some((front, behind)) = rest.split_once('{') {
        out.push_str(front);
        let Some((inner, after)) = behind.split_once('}') else {
            out.push('{');
            rest = behind;
            continue;
        };
        let (id, default) = match inner.split_once(':') {
            Some((id, default)) => (id, default.get(1..).unwrap_or_default()),
            None => (inner, ""),
        };
        match (id, id.parse::<usize>()) {
            ("@", _) => out.push_str(&quoted(words)),
            ("*", _) => out.push_str(&quoted(&[words.join(" ")])),
            (_, Ok(number)) => match number.checked_sub(1).and_then(|at| words.get(at)) {
                Some(word) => out.push_str(&shell_words::quote(word)),
                None => out.push_str(default),
            },
            _ => {
                out.push('{');
                rest = behind;
                continue;
            }
        }
        rest = after;
    }
    out + rest
}

fn words_from(invocation: &Invocation, from: usize) -> Vec<String> {
    let all = from..invocation.argv.len();
    all.map(|at| String::from_utf8_lossy(&template(invocation, at, 0)).into_owned()).collect()
}

/// `concurrently 'npm:watch-*' 'next dev'`: each word is a shell line
/// (concurrently 9.2.5, by its source).
pub(super) fn concurrently(call: &Call<'_>) -> Reading {
    let context = call.context;
    let invocation = context.invocation;
    let parsed = argv::parse(call.tool, invocation, false);
    let mut lines = parsed.positionals.as_slice();
    let mut rest = Vec::new();
    if let (true, Some(before)) = (parsed.has("--passthrough-arguments"), parsed.before_dashes) {
        let (front, behind) = lines.split_at_checked(before).unwrap_or((lines, &[]));
        lines = front;
        let text = |at: usize| String::from_utf8_lossy(&template(invocation, at, 0)).into_owned();
        rest = behind.iter().map(|word| text(word.index)).collect();
    }
    let last = parsed.all("--teardown").filter_map(|given| given.value);
    let places = lines.iter().map(|word| (word.index, 0));
    let places = places.chain(last.map(|value| (value.index, value.offset)));
    let mut reading = Reading::default();
    for (index, offset) in places {
        let text = String::from_utf8_lossy(&template(invocation, index, offset)).into_owned();
        let text = match parsed.has("--passthrough-arguments") {
            true => placeholders(&text, &rest),
            false => text,
        };
        for text in wildcard(context, shortcut(text)) {
            reading.inner.push(line(invocation, text.into_bytes(), None));
        }
    }
    reading.inner.truncate(MAX_LINES);
    reading
}

/// `npm:build` is `npm run build`.
fn shortcut(text: String) -> String {
    let Some((tool, script)) = text.split_once(':') else { return text };
    let verb = match tool {
        "npm" | "yarn" | "pnpm" | "bun" => "run",
        "node" => "--run",
        "deno" => "task",
        _ => return text,
    };
    if script.starts_with(char::is_whitespace) {
        return text;
    }
    format!("{tool} {verb} {script}")
}

/// A line in which a script's name has a star, once for each script that it
/// means.
fn wildcard(context: Context<'_>, text: String) -> Vec<String> {
    const RUNS: &[&str] =
        &["npm run ", "yarn run ", "pnpm run ", "bun run ", "node --run ", "deno task "];
    let found = RUNS.iter().filter_map(|run| Some((text.find(run)?, *run))).min();
    let Some((at, run)) = found else { return vec![text] };
    let rest = text.get(at + run.len()..).unwrap_or_default();
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let Some((pattern, words)) = rest.split_at_checked(end).filter(|(it, _)| it.contains('*'))
    else {
        return vec![text];
    };
    let words = words.split('&').next().unwrap_or_default();
    let (front, behind) = pattern.split_once("(!").unwrap_or((pattern, ""));
    let (omitted, behind) = behind.split_once(')').unwrap_or(("", behind));
    let pattern = format!("{front}{behind}");
    let base = context.cwd().unwrap_or_default();
    let package = context.read(base.join("package.json"), MAX_PACKAGE).ok();
    let package = package.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let mut all: Vec<String> = package.iter().flat_map(names).map(str::to_owned).collect();
    if run == "deno task " {
        all.extend(deno_tasks(context, &base).into_iter().flat_map(|(_, tasks)| {
            tasks.as_object().into_iter().flat_map(|it| it.keys().cloned()).collect::<Vec<_>>()
        }));
    }
    let meant =
        |name: &&String| glob(&pattern, name) && (omitted.is_empty() || !name.contains(omitted));
    all.iter().filter(meant).map(|name| format!("{run}{name}{words}")).collect()
}

/// `node --run NAME` and whatever else runs one script of the nearest package.
pub(in crate::unwrap) fn one(context: Context<'_>, name: &str, from: usize) -> Reading {
    let mut reading = Reading::default();
    let Some((folder, package)) = nearest(context, &context.cwd().unwrap_or_default()) else {
        return reading;
    };
    let mut words = Vec::new();
    append(&mut words, context.invocation, from);
    let own = package.get("scripts").and_then(|scripts| scripts.get(name)?.as_str());
    // Neither Node nor deno runs those in front of it and behind it.
    if let Some(text) = own {
        let text = [text.as_bytes(), &words].concat();
        reading.inner.push(line(context.invocation, text, Some(&folder)));
    }
    reading
}

/// `deno task NAME`: a task of deno.json, else a script of package.json.
pub(in crate::unwrap) fn deno(context: Context<'_>, base: &Path, at: usize) -> Reading {
    let invocation = context.invocation;
    let mut reading = Reading::default();
    let Some(name) = invocation.argv.get(at).and_then(|word| word.to_str()) else { return reading };
    let Some((folder, tasks)) = deno_tasks(context, base) else {
        return one(context, name, at + 1);
    };
    let mut waiting = vec![name.to_owned()];
    let mut done = Vec::new();
    while let Some(name) = waiting.pop() {
        if done.contains(&name) || done.len() >= MAX_LINES {
            continue;
        }
        let task = tasks.get(&name);
        let text = task.and_then(|task| task.get("command").unwrap_or(task).as_str());
        let needed = task.and_then(|task| task.get("dependencies")?.as_array());
        waiting.extend(needed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        match text {
            Some(text) => {
                let mut text = text.as_bytes().to_vec();
                if done.is_empty() {
                    append(&mut text, invocation, at + 1);
                }
                reading.inner.push(line(invocation, text, Some(&folder)));
            }
            None if task.is_none() && done.is_empty() => return one(context, &name, at + 1),
            None => {}
        }
        done.push(name);
    }
    reading
}

/// The tasks of the nearest deno.json, and its folder.
fn deno_tasks(context: Context<'_>, base: &Path) -> Option<(PathBuf, Value)> {
    base.ancestors().take(32).find_map(|folder| {
        let file = ["deno.json", "deno.jsonc"]
            .into_iter()
            .find_map(|name| json(context, &folder.join(name)))?;
        Some((folder.to_owned(), file.get("tasks")?.clone()))
    })
}

/// A settings file in JSON, with or without comments.
pub(super) fn json(context: Context<'_>, path: &Path) -> Option<Value> {
    let bytes = context.read(path, MAX_PACKAGE).ok()?;
    crate::parse::settings::json(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_lies_between_colons() {
        for (pattern, name) in [
            ("build", "build"),
            ("db:*", "db:reset"),
            ("db:**", "db:a:b"),
            ("db:**", "db"),
            ("*:reset", "db:reset"),
            ("build:{a,b}", "build:a"),
            ("build:\u{FFFC}", "build:x"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("build", "build:a"), ("db:*", "db:a:b"), ("db:*", "db"), ("*", "db:reset")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn placeholders_are_words_of_the_call() {
        let words = ["a b".to_owned(), "c".to_owned()];
        assert_eq!(placeholders("x {1} {2} {3:-d} {3}", &words), "x 'a b' c d ");
        assert_eq!(placeholders("{@} {*}", &words), "'a b' c 'a b c'");
        assert_eq!(placeholders("awk '{print $1}' {", &words), "awk '{print $1}' {");
    }
}
