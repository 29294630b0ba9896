//! npm, pnpm, yarn and bun, and their npx: what `run` finds in package.json's
//! scripts with those around it, and what `exec` and `dlx` start. The words
//! alone tell the commands that run nothing; only for the others a file is
//! read.

mod monorepo;
mod nodemon;
mod nx;
pub(super) mod tasks;
mod words;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde_json::Value;

use words::{Words, is_everywhere, is_script_name, words};

use super::wrapper::template;
use super::{launcher, workspaces};
use crate::actions::{Call, Reading};
use crate::invocation::{Context, HOLE, Invocation};
use crate::text::glob;

/// The longest package.json that is read, in bytes.
const MAX_PACKAGE: usize = 1024 * 1024;

/// What a call's words come to.
#[derive(Debug, PartialEq)]
enum Wish {
    /// Nothing that matters.
    Nothing,
    /// Run a script (`run`), or a program of that name where there is none.
    Script { at: usize, or_program: bool },
    /// Start a program (`exec`, `dlx`, npx).
    Program(usize),
    /// A shell line (`npx -c`), as a value at this place and offset.
    Line(usize, usize),
    /// Scripts that a command of the tool's own runs.
    Lifecycle(&'static [&'static str]),
}

/// Reads a call.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let invocation = call.context.invocation;
    match call.tool.name {
        "concurrently" => return tasks::concurrently(call),
        "lerna" | "nx" | "turbo" => return monorepo::read(call),
        "nodemon" => return nodemon::read(call),
        _ => {}
    }
    let tool = invocation.tool();
    if matches!(tool, "run-s" | "run-p" | "npm-run-all" | "npm-run-all2") {
        return tasks::npm_run_all(call.context);
    }
    if tool == "bun"
        && let Some(inner) = code(invocation)
    {
        return Reading { inner: vec![inner], ..Reading::default() };
    }
    let words = words(invocation, tool);
    let mut reading = wished(call, tool, &words);
    // npm, pnpm and yarn have no such option: it is node's there.
    for path in words.env_files.iter().filter(|_| matches!(tool, "bun" | "bunx")) {
        for inner in &mut reading.inner {
            launcher::load(call, inner, path, false);
        }
    }
    reading
}

fn wished(call: &Call<'_>, tool: &str, words: &Words<'_>) -> Reading {
    let invocation = call.context.invocation;
    match wish(invocation, tool, words) {
        Wish::Nothing => Reading::default(),
        Wish::Program(at) => program(call.context, tool, words, at),
        Wish::Line(index, offset) => {
            let text = template(invocation, index, offset);
            Reading { inner: vec![line(invocation, text, None)], ..Reading::default() }
        }
        Wish::Lifecycle(names) => lifecycle(call.context, words, names),
        Wish::Script { at, or_program } => {
            let found = script(call.context, tool, words, at);
            match found {
                Some(reading) => reading,
                None if or_program => program(call.context, tool, words, at),
                None => Reading::default(),
            }
        }
    }
}

/// `bun -e CODE`, `bun x.ts`, `bun run x.ts`: what node would make of it.
fn code(invocation: &Invocation) -> Option<Invocation> {
    let text = |at: usize| invocation.argv.get(at).and_then(|word| word.to_str());
    let is_file = |word: &str| {
        let ends = word.rsplit_once('.').map_or("", |(_, end)| end);
        matches!(ends, "cjs" | "cts" | "js" | "jsx" | "mjs" | "mts" | "ts" | "tsx")
    };
    // `bun --watch x.ts`, `bun --hot run x.ts`
    let flags = invocation.argv.iter().skip(1).take_while(|word| {
        let code = ["-e", "--eval", "-p", "--print"];
        word.as_bytes().starts_with(b"-") && !code.iter().any(|option| word == option)
    });
    let first = 1 + flags.count();
    let from = match text(first)? {
        "-e" | "--eval" | "-p" | "--print" => first - 1,
        "run" if is_file(text(first + 1)?) => first,
        word if is_file(word) => first - 1,
        _ => return None,
    };
    let mut inner = invocation.tail(from);
    *inner.argv.first_mut()? = "node".into();
    Some(inner)
}

fn wish(invocation: &Invocation, tool: &str, words: &Words<'_>) -> Wish {
    if let Some((index, offset)) = words.line.filter(|_| words.executes) {
        return Wish::Line(index, offset);
    }
    let Some(first) = words.positionals.first().copied() else {
        return match tool {
            "yarn" | "yarnpkg" => own_scripts(invocation, "install", true),
            _ => Wish::Nothing,
        };
    };
    if matches!(tool, "npx" | "pnpx" | "bunx") {
        return Wish::Program(first);
    }
    let verb = invocation.argv.get(first).and_then(|word| word.to_str()).unwrap_or_default();
    let second = words.positionals.get(1).copied();
    match (tool, verb) {
        (_, "exec" | "x" | "dlx") => second.map_or(Wish::Nothing, Wish::Program),
        (_, "run" | "run-script") | ("npm", "rum" | "urn") => {
            second.map_or(Wish::Nothing, |at| Wish::Script { at, or_program: tool != "npm" })
        }
        ("npm", "test" | "t" | "tst" | "start" | "stop" | "restart") => {
            Wish::Script { at: first, or_program: false }
        }
        ("yarn" | "yarnpkg", "workspace") => match words.positionals.get(2).copied() {
            Some(at) if invocation.argv.get(at).is_some_and(|word| word == "run") => {
                let next = words.positionals.get(3).copied();
                next.map_or(Wish::Nothing, |at| Wish::Script { at, or_program: true })
            }
            Some(at) => Wish::Script { at, or_program: true },
            None => Wish::Nothing,
        },
        (tool, verb) if is_everywhere(tool, verb) => everywhere(invocation, first + 1),
        _ if is_script_name(tool, verb) => Wish::Script { at: first, or_program: true },
        _ => own_scripts(invocation, verb, second.is_none()),
    }
}

/// What stands behind `yarn workspaces foreach -A`, `yarn workspaces` and `pnpm
/// recursive`: a script's name behind `run`, a program's words behind `exec`.
fn everywhere(invocation: &Invocation, from: usize) -> Wish {
    let mut rest = invocation.argv.iter().enumerate().skip(from);
    let verb = rest.find(|(_, word)| *word == "run" || *word == "exec");
    match verb {
        Some((at, _)) if at + 1 >= invocation.argv.len() => Wish::Nothing,
        Some((at, verb)) if verb == "run" => Wish::Script { at: at + 1, or_program: false },
        Some((at, _)) => Wish::Program(at + 1),
        None => Wish::Nothing,
    }
}

/// The scripts of the package itself that a command runs on its way, by
/// running npm 11.19.1 with each of them; the others are taken to do the same.
/// Those of its dependencies are not followed.
fn own_scripts(invocation: &Invocation, verb: &str, alone: bool) -> Wish {
    const INSTALL: &[&str] = &[
        "preinstall",
        "install",
        "postinstall",
        "prepublish",
        "preprepare",
        "prepare",
        "postprepare",
    ];
    let ignored = invocation.argv.iter().any(|word| {
        word == "--ignore-scripts" || word == "--ignore-scripts=true" || word == "--help"
    });
    Wish::Lifecycle(match verb {
        _ if ignored => return Wish::Nothing,
        "install" | "i" | "in" | "ci" | "clean-install" | "ic" | "install-clean"
        | "install-test" | "it" | "link" | "ln"
            if alone =>
        {
            INSTALL
        }
        "install" | "i" | "add" | "a" | "uninstall" | "remove" | "rm" | "un" => &["dependencies"],
        "rebuild" | "rb" if alone => &["preinstall", "install", "postinstall"],
        "pack" => &["prepack", "prepare", "postpack"],
        "publish" => {
            &["prepublishOnly", "prepack", "prepare", "postpack", "publish", "postpublish"]
        }
        "version" if !alone => &["preversion", "version", "postversion"],
        _ => return Wish::Nothing,
    })
}

/// Scripts of the nearest package, each as it stands.
fn lifecycle(context: Context<'_>, words: &Words<'_>, names: &[&str]) -> Reading {
    let mut reading = Reading::default();
    let base = context.cwd().unwrap_or_default();
    let base = words.dir.map_or_else(|| base.clone(), |dir| base.join(dir));
    let Some((folder, package)) = nearest(context, &base) else { return reading };
    let scripts = package.get("scripts").and_then(Value::as_object);
    for name in names {
        let text = scripts.and_then(|scripts| scripts.get(*name)?.as_str());
        reading.inner.extend(
            text.map(|text| line(context.invocation, text.as_bytes().to_vec(), Some(&folder))),
        );
    }
    reading
}

/// A program by its package's name: `prisma@6`, `@acme/cli@1.2`.
fn program(context: Context<'_>, tool: &str, words: &Words<'_>, at: usize) -> Reading {
    let mut reading = one_program(context, tool, words, at);
    if !words.all && words.workspaces.is_empty() {
        return reading;
    }
    // `pnpm --filter db exec`: in the folder of each package that is meant.
    let own = context.cwd().unwrap_or_default();
    let base = words.dir.map_or_else(|| own.clone(), |dir| own.join(dir));
    let found = nearest(context, &base)
        .map(|(folder, package)| workspaces::find(context, &folder, &package, &words.workspaces));
    let folders: Vec<PathBuf> =
        found.unwrap_or_default().into_iter().map(|(folder, _)| folder).collect();
    if !folders.is_empty() {
        let inner = std::mem::take(&mut reading.inner);
        reading.inner = inner
            .iter()
            .flat_map(|inner| {
                let into =
                    |folder: &PathBuf| Invocation { cwd: Some(folder.clone()), ..inner.clone() };
                folders.iter().map(into)
            })
            .collect();
    }
    reading
}

fn one_program(context: Context<'_>, tool: &str, words: &Words<'_>, at: usize) -> Reading {
    let invocation = context.invocation;
    let mut inner = invocation.tail(at);
    if tool != "npm" {
        set_dir(&mut inner, context, words.dir);
    }
    if !inner.is_dynamic(0) {
        let name = inner.argv.first().map(|word| word.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        if let Some(first) = inner.argv.first_mut() {
            *first = OsString::from(bin_name(&name));
        }
        drop_dashes(&mut inner);
        return Reading { inner: vec![inner], ..Reading::default() };
    }
    // env with a computed command is read as such.
    inner.argv.insert(0, "env".into());
    inner.dynamic.iter_mut().for_each(|at| *at += 1);
    inner.templates.iter_mut().for_each(|(at, _)| *at += 1);
    Reading { inner: vec![inner], ..Reading::default() }
}

/// The program that a package's name stands for (npm's `bin` of each).
fn bin_name(package: &str) -> &str {
    let name = match package.get(1..).and_then(|rest| rest.find('@')) {
        Some(at) => package.get(..=at).unwrap_or(package),
        None => package,
    };
    match name {
        "@aws-amplify/cli" => "amplify",
        "@dotenvx/dotenvx" => "dotenvx",
        "@medusajs/cli" => "medusa",
        "@mikro-orm/cli" => "mikro-orm",
        "@railway/cli" => "railway",
        "@sanity/cli" => "sanity",
        "@upstash/cli" => "upstash",
        "appwrite-cli" => "appwrite",
        "aws-cdk" => "cdk",
        "cdktf-cli" => "cdktf",
        "dotenv-cli" => "dotenv",
        "firebase-tools" => "firebase",
        "hasura-cli" => "hasura",
        "netlify-cli" => "netlify",
        "osls" => "serverless",
        name if name.starts_with('@') => name.rsplit('/').next().unwrap_or(name),
        name => name,
    }
}

/// Takes out the `--` that npm keeps to itself: `npm exec prisma -- db push`.
fn drop_dashes(inner: &mut Invocation) {
    if inner.argv.get(1).is_some_and(|word| word == "--") {
        inner.argv.remove(1);
        inner.dynamic.iter_mut().filter(|at| **at > 1).for_each(|at| *at -= 1);
        inner.templates.iter_mut().filter(|(at, _)| *at > 1).for_each(|(at, _)| *at -= 1);
    }
}

fn set_dir(inner: &mut Invocation, context: Context<'_>, dir: Option<&OsStr>) {
    if let Some(dir) = dir {
        let base = context.cwd().unwrap_or_default();
        inner.cwd = Some(base.join(dir));
    }
}

/// The script at `at`, in every package that is meant; none where no package
/// has it.
fn script(context: Context<'_>, tool: &str, words: &Words<'_>, at: usize) -> Option<Reading> {
    let invocation = context.invocation;
    let dynamic = invocation.is_dynamic(at);
    let name = invocation.argv.get(at)?.to_str()?;
    let name = match name {
        "t" | "tst" => "test",
        name => name,
    };
    let mut base = context.cwd().unwrap_or_default();
    if let Some(dir) = words.dir {
        base = base.join(dir);
    }
    let (folder, package) = nearest(context, &base)?;
    let named = match tool {
        "yarn" | "yarnpkg" => {
            words.positionals.iter().position(|place| *place == at).and_then(|place| {
                let verb = invocation.argv.get(*words.positionals.first()?)?;
                let name =
                    words.positionals.get(1).and_then(|place| invocation.argv.get(*place))?;
                (place > 1 && verb == "workspace").then_some(name.as_os_str())
            })
        }
        _ => None,
    };
    let wanted: Vec<&OsStr> = words.workspaces.iter().copied().chain(named).collect();
    let packages = match words.all || !wanted.is_empty() {
        true => workspaces::find(context, &folder, &package, &wanted),
        false => vec![(folder, package)],
    };
    let mut reading = Reading { in_turn: !dynamic, ..Reading::default() };
    let mut found = false;
    for (folder, package) in packages {
        let Some(scripts) = package.get("scripts").and_then(Value::as_object) else { continue };
        if dynamic {
            // Any of them may be the one.
            let pattern = String::from_utf8_lossy(&template(invocation, at, 0)).replace(HOLE, "*");
            let meant = scripts.iter().filter(|(key, _)| glob(&pattern, key));
            for text in meant.filter_map(|(_, text)| text.as_str()) {
                found = true;
                reading.inner.push(line(invocation, text.as_bytes().to_vec(), Some(&folder)));
            }
            continue;
        }
        found |= scripts.contains_key(name);
        let mut words = Vec::new();
        append(&mut words, invocation, at + 1);
        reading.inner.extend(package_lines(invocation, &folder, &package, name, &words));
    }
    found.then_some(reading)
}

/// A script of a package with those around it, `words` behind its own.
fn package_lines(
    invocation: &Invocation,
    folder: &Path,
    package: &Value,
    name: &str,
    words: &[u8],
) -> Vec<Invocation> {
    let Some(scripts) = package.get("scripts").and_then(Value::as_object) else {
        return Vec::new();
    };
    let around = [format!("pre{name}"), name.to_owned(), format!("post{name}")];
    let texts = around.iter().filter_map(|key| Some((key, scripts.get(key)?.as_str()?)));
    let lines = texts.map(|(key, text)| {
        let words = if key == name { words } else { &[] };
        line(invocation, [text.as_bytes(), words].concat(), Some(folder))
    });
    lines.collect()
}

/// The nearest package.json from a folder upwards.
fn nearest(context: Context<'_>, base: &Path) -> Option<(PathBuf, Value)> {
    base.ancestors().take(32).find_map(|folder| {
        let bytes = context.read(folder.join("package.json"), MAX_PACKAGE).ok()?;
        Some((folder.to_owned(), serde_json::from_slice(&bytes).ok()?))
    })
}

/// Appends words as the tools do, quoted for the shell.
fn append(text: &mut Vec<u8>, invocation: &Invocation, from: usize) {
    for index in from..invocation.argv.len() {
        let word = template(invocation, index, 0);
        if word == b"--" {
            continue;
        }
        let hole = word.windows(HOLE.len()).any(|window| window == HOLE.as_bytes());
        text.push(b' ');
        match std::str::from_utf8(&word) {
            Ok(word) if !hole => text.extend(shell_words::quote(word).bytes()),
            _ => text.extend(word),
        }
    }
}

/// A shell with a text, in a folder.
pub(super) fn line(outer: &Invocation, text: Vec<u8>, folder: Option<&Path>) -> Invocation {
    let computed = text.windows(HOLE.len()).any(|window| window == HOLE.as_bytes());
    let mut inner = Invocation {
        dynamic: Vec::new(),
        templates: Vec::new(),
        argv: vec!["sh".into(), "-c".into(), OsString::from_vec(text.clone())],
        ..outer.clone()
    };
    if computed {
        inner.dynamic.push(2);
        inner.templates.push((2, OsString::from_vec(text)));
    }
    if let Some(folder) = folder {
        inner.cwd = Some(folder.to_owned());
    }
    inner
}
