//! The commands that a program in a scripting language starts with literal
//! words, as invocations in the surroundings that they would see. The program
//! is not followed: what it computes is left to the shims.

use std::ffi::OsString;
use std::sync::Arc;

use super::little::call_of;
use super::packages::line;
use super::{inline, mention};
use crate::invocation::{HOLE, Invocation, Stdin};
use crate::parse::calls::{Argument, Called, Program};
use crate::parse::code::Syntax;
use crate::rules;
use crate::world::World;

/// The most commands that are taken from one program.
const MAX_COMMANDS: usize = 200;

/// Python's functions that put a program in the place of this one, or start it
/// beside it, whose first word is only a name.
const REPLACING: &[&str] = &[
    "execl",
    "execle",
    "execlp",
    "execlpe",
    "execv",
    "execve",
    "execvp",
    "execvpe",
    "posix_spawn",
    "posix_spawnp",
    "spawnl",
    "spawnle",
    "spawnlp",
    "spawnlpe",
    "spawnv",
    "spawnve",
    "spawnvp",
    "spawnvpe",
];

/// The most files of one program's that are followed.
const MAX_LOADED: usize = 10;

/// The commands that it starts with words that its text shows.
pub(super) fn commands(
    program: &Program,
    outer: &Invocation,
    world: &dyn World,
) -> Vec<Invocation> {
    let calls = program.calls.iter().filter(|call| starts(call, program));
    calls.filter_map(|call| command(call, outer, world)).take(MAX_COMMANDS).collect()
}

/// The files of one's own that code on a command line runs or loads by a
/// literal name: `runpy.run_path('x.py')`, `exec(open('x.py').read())`,
/// `require('./x')`. What Python imports is not among them: of that, only what
/// runs on import counts, and what the code calls.
pub(super) fn loads(program: &Program, syntax: Syntax) -> Vec<String> {
    let runs =
        |name: &str| program.calls.iter().any(|call| call.name == name && call.on.is_empty());
    let runs_text = runs("exec") || runs("execfile") || runs("eval") || runs("instance_eval");
    let meant = |call: &Called| {
        let Some(Argument::Text(path)) = call.arguments.first() else { return None };
        let whole = !path.is_empty() && !path.contains(HOLE);
        let on = |name: &str| call.on.first().is_some_and(|it| it == name);
        let loads = match (syntax, call.name.as_str()) {
            (Syntax::Python, "run_path" | "execfile") => true,
            (Syntax::Python, "open" | "Path") => runs_text,
            (Syntax::Python, "run_module") => {
                return whole.then(|| format!("{}.py", path.replace('.', "/")));
            }
            (Syntax::Script, "require" | "import") => inline::is_path(path),
            (Syntax::Script, "readFileSync") => runs_text,
            (Syntax::Ruby, "load" | "require_relative") => true,
            (Syntax::Ruby, "require") => inline::is_path(path),
            (Syntax::Ruby, "read") => runs_text && on("File"),
            (Syntax::Perl, "do") => true,
            (Syntax::Perl, "require") => path.contains('/'),
            (Syntax::Php, "include" | "include_once" | "require" | "require_once") => true,
            _ => false,
        };
        (loads && whole).then(|| path.clone())
    };
    let mut found: Vec<String> = Vec::new();
    for path in program.calls.iter().filter_map(meant) {
        let ruby = syntax == Syntax::Ruby && !path.ends_with(".rb") && !path.ends_with(".ru");
        let path = if ruby { format!("{path}.rb") } else { path };
        if !found.contains(&path) && found.len() < MAX_LOADED {
            found.push(path);
        }
    }
    found
}

/// Whether a call starts a program.
fn starts(call: &Called, program: &Program) -> bool {
    let on = |names: &[&str]| call.on.first().is_some_and(|it| names.contains(&it.as_str()));
    let uses = |names: &[&str]| names.iter().any(|name| program.words.contains(*name));
    match call.name.as_str() {
        "system" | "exec" | "popen" => {
            call.on.is_empty()
                || on(&["os", "IO", "Kernel", "subprocess", "child_process", "cp", "shell"])
                || on(&["require"]) && uses(&["child_process", "node:child_process"])
        }
        "run" | "call" | "Popen" => {
            on(&["subprocess", "sp"])
                || uses(&["subprocess"]) && call.on.is_empty()
                || uses(&["invoke", "fabric"])
        }
        "execSync" | "spawn" | "spawnSync" | "execFile" | "execFileSync" => {
            uses(&["child_process", "node:child_process", "Process", "spawn", "Bun"])
        }
        name if REPLACING.contains(&name) => on(&["os"]) || uses(&["os"]) && call.on.is_empty(),
        // Perl's `open(F, "-|", "psql", …)` and `open(F, "psql … |")`.
        "open" => call.on.is_empty() && piped(call).is_some(),
        "check_call"
        | "check_output"
        | "getoutput"
        | "getstatusoutput"
        | "create_subprocess_shell"
        | "create_subprocess_exec"
        | "execa"
        | "execaSync"
        | "execaCommand"
        | "$"
        | "qx"
        | "shell_exec"
        | "passthru"
        | "pcntl_exec"
        | "proc_open"
        | "capture2"
        | "capture2e"
        | "capture3" => true,
        _ => false,
    }
}

/// What Perl's `open` runs: the words behind a pipe's mark, or the line beside
/// it.
fn piped(call: &Called) -> Option<Vec<Argument>> {
    let [_, mark, words @ ..] = call.arguments.as_slice() else { return None };
    let Argument::Text(mark) = mark else { return None };
    let mark = mark.trim();
    if matches!(mark, "-|" | "|-") {
        return Some(words.to_vec());
    }
    let line = mark.strip_prefix('|').or_else(|| mark.strip_suffix('|'))?;
    (words.is_empty() && !line.is_empty()).then(|| vec![Argument::Text(line.to_owned())])
}

/// Python's `execvp(file, words)` and `execlp(file, word…)`: the first of the
/// words is only a name. `spawnlp` has a mode in front.
fn replaced(call: &Called) -> Option<Vec<Argument>> {
    let given = call.arguments.as_slice();
    let given = match call.name.starts_with("spawn") {
        true => given.get(1..)?,
        false => given,
    };
    let (file, rest) = given.split_first()?;
    let words = match rest.first() {
        Some(Argument::List(words)) => words.get(1..).unwrap_or_default(),
        _ => rest.get(1..).unwrap_or_default(),
    };
    Some(std::iter::once(file).chain(words).cloned().collect())
}

/// The arguments of a call that hold the command.
fn given(call: &Called) -> Vec<Argument> {
    let words = match call.name.as_str() {
        "open" => piped(call),
        // What is behind it says how it is opened.
        "popen" => call.arguments.first().map(|first| vec![first.clone()]),
        name if REPLACING.contains(&name) => replaced(call),
        _ => None,
    };
    words.unwrap_or_else(|| call.arguments.clone())
}

/// The command that a call starts.
fn command(call: &Called, outer: &Invocation, world: &dyn World) -> Option<Invocation> {
    let mut words: Vec<&Argument> = Vec::new();
    let mut list = false;
    let given = given(call);
    for argument in &given {
        match argument {
            Argument::Text(_) | Argument::Computed if !list => words.push(argument),
            Argument::List(parts) => {
                words.extend(parts);
                list = true;
            }
            _ => break,
        }
    }
    let Some(Argument::Text(first)) = words.first() else { return None };
    // PHP's `exec("psql …", $out)`: what is behind the line is no word of it.
    let is_line = words.len() == 1 || first.trim().contains(char::is_whitespace);
    let mut inner = match is_line && !list {
        true => {
            let plain = first.replace(HOLE, " ");
            if first.contains(HOLE) && !mention::names_a_tool(&plain, world) {
                return None;
            }
            line(outer, first.as_bytes().to_vec(), None)
        }
        false => {
            let known = Invocation::new([OsString::from(first)]);
            rules::find(known.tool(), world)?;
            let texts = words.iter().map(|word| match word {
                Argument::Text(text) | Argument::Word(text) => text.as_str(),
                _ => HOLE,
            });
            call_of(texts, outer)
        }
    };
    for argument in &call.arguments {
        settle(argument, &mut inner);
    }
    // Perl's `open(F, "|psql")`: what is printed to F.
    let written = matches!(call.arguments.get(1), Some(Argument::Text(mark))
        if mark.trim_start().starts_with('|'));
    if call.name == "open" && written {
        inner.stdin = Stdin::Opaque("what the program hands it".to_owned());
    }
    Some(inner)
}

/// What an option of the call says about the command's surroundings.
fn settle(argument: &Argument, inner: &mut Invocation) {
    match argument {
        Argument::Entries(entries) => entries.iter().for_each(|entry| settle(entry, inner)),
        Argument::Named(name, value) => match (name.as_str(), &**value) {
            ("cwd", Argument::Text(folder)) if !folder.contains(HOLE) => {
                inner.cwd = Some(folder.into());
            }
            ("input", Argument::Text(text)) if !text.contains(HOLE) => {
                inner.stdin = Stdin::Text(Arc::from(text.as_bytes()));
            }
            ("input" | "stdin" | "stdin_data", Argument::Text(_) | Argument::Computed) => {
                inner.stdin = Stdin::Opaque("what the program hands it".to_owned());
            }
            ("env", _) => inner.env_unknown = true,
            _ => {}
        },
        _ => {}
    }
}
