//! A shell's own call: its options, then the text that it would run, from
//! `-c`, a script file or standard input.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::MAX_SCRIPT;
use super::line::{self, Arguments, Keep, Origin, shell_action};
use super::state::Template;
use super::wrapper::template;
use crate::actions::{Call, Reading};
use crate::invocation::{Context, HOLE, Input, Invocation};
use crate::world::ReadError;

/// Long options that take the next word, by bash's and zsh's manuals.
const LONG_VALUES: &[&str] = &["rcfile", "init-file", "emulate"];

/// Long options with which a shell runs nothing.
const RUNS_NOTHING: &[&str] = &["version", "help", "dump-strings", "dump-po-strings"];

/// A shell's words, told apart.
#[derive(Default)]
struct Words {
    /// Whether `-c` was given.
    command: bool,
    /// Whether `-s` was given.
    stdin: bool,
    /// Whether it only checks the text (`-n`) or prints about itself.
    runs_nothing: bool,
    /// A file that an interactive shell reads first.
    startup: Option<usize>,
    /// Whether `-i` was given.
    interactive: bool,
    /// Whether a command that fails ends it (`-e`).
    stops: bool,
    /// Whether every assignment exports (`-a`).
    exports: bool,
    /// Where the words behind the options begin.
    rest: usize,
    /// Whether an option is computed, so that nothing here is certain.
    computed: bool,
}

fn words(invocation: &Invocation) -> Words {
    let mut out = Words::default();
    let mut at = 1;
    while let Some(word) = invocation.argv.get(at) {
        let text = word.as_bytes();
        if invocation.is_dynamic(at) {
            // Where an option may stand, a computed word may be one; behind
            // `-c` it is the text.
            let form = template(invocation, at, 0);
            out.computed |=
                !out.command && (form.starts_with(HOLE.as_bytes()) || form.starts_with(b"-"));
            break;
        }
        match text {
            b"-" | b"--" => {
                at += 1;
                break;
            }
            [b'-', b'-', name @ ..] => {
                let name = String::from_utf8_lossy(name).into_owned();
                let (name, attached) = match name.split_once('=') {
                    Some((name, _)) => (name, true),
                    None => (name.as_str(), false),
                };
                out.runs_nothing |= RUNS_NOTHING.contains(&name);
                if LONG_VALUES.contains(&name) && !attached {
                    at += 1;
                    if name != "emulate" {
                        out.startup = Some(at);
                    }
                }
            }
            // bash takes its long options with one dash too.
            b"-rcfile" | b"-init-file" => {
                at += 1;
                out.startup = Some(at);
            }
            b"-norc" | b"-noprofile" | b"-login" | b"-posix" | b"-restricted" | b"-verbose"
            | b"-noediting" => {}
            [sign @ (b'-' | b'+'), letters @ ..] if !letters.is_empty() => {
                for letter in letters {
                    let on = *sign == b'-';
                    match letter {
                        b'c' if on => out.command = true,
                        b's' if on => out.stdin = true,
                        b'i' if on => out.interactive = true,
                        b'e' => out.stops = on,
                        b'a' => out.exports = on,
                        b'n' | b'D' if on => out.runs_nothing = true,
                        // `-o NAME` and `-O NAME`
                        b'o' | b'O' => {
                            at += 1;
                            let noexec =
                                invocation.argv.get(at).is_some_and(|name| name == "noexec");
                            out.runs_nothing |= on && *letter == b'o' && noexec;
                            let errexit =
                                invocation.argv.get(at).is_some_and(|name| name == "errexit");
                            if *letter == b'o' && errexit {
                                out.stops = on;
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => break,
        }
        at += 1;
    }
    out.rest = at;
    // An interactive shell runs its commands whatever `-n` says.
    out.runs_nothing &= !out.interactive;
    out
}

/// Reads a shell's call.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let invocation = call.context.invocation;
    let words = words(invocation);
    if words.runs_nothing {
        return Reading::default();
    }
    let first = invocation.dynamic.iter().min();
    if words.computed && first.is_some_and(|index| is_fetched(invocation, *index)) {
        return Reading::default();
    }
    if words.computed {
        return Reading::of(shell_action(
            "shell",
            "an option of the shell is computed at run time",
        ));
    }
    let mut reading = startup(call.context, &words);
    let parameter = |from: usize| -> Vec<Template> {
        (from..invocation.argv.len()).map(|index| template(invocation, index, 0)).collect()
    };
    let zero = invocation.argv.first().map_or_else(Template::new, |word| word.as_bytes().to_vec());
    if words.command {
        if words.rest >= invocation.argv.len() {
            return reading;
        }
        let text = template(invocation, words.rest, 0);
        if text.trim_ascii() == HOLE.as_bytes() && is_fetched(invocation, words.rest) {
            return reading;
        }
        if text.trim_ascii() == HOLE.as_bytes() {
            reading.absorb(Reading::of(shell_action(
                "shell -c",
                "the text that a shell runs is computed at run time",
            )));
            return reading;
        }
        let mut rest = parameter(words.rest + 1).into_iter();
        let zero = rest.next().unwrap_or(zero);
        let arguments =
            Arguments { zero, words: rest.collect(), stops: words.stops, exports: words.exports };
        reading.absorb(run(&text, call.context, Origin::Line, arguments));
        return reading;
    }
    let script = invocation.argv.get(words.rest).filter(|_| !words.stdin);
    match script {
        Some(_) if is_fetched(invocation, words.rest) => {}
        Some(_) if invocation.is_dynamic(words.rest) => {
            reading.absorb(Reading::of(shell_action(
                "shell script",
                "the name of the script is computed at run time",
            )));
        }
        Some(path) if path != "/dev/stdin" && path != "/proc/self/fd/0" => {
            let arguments = Arguments {
                zero: path.as_bytes().to_vec(),
                words: parameter(words.rest + 1),
                stops: words.stops,
                exports: words.exports,
            };
            reading.absorb(file(path, call.context, arguments));
        }
        script => {
            let from = words.rest + usize::from(script.is_some());
            let arguments = Arguments {
                zero,
                words: parameter(from),
                stops: words.stops,
                exports: words.exports,
            };
            match call.context.stdin(MAX_SCRIPT) {
                // Whoever sits at it writes the commands, and each is a
                // command of its own.
                Input::Terminal => {}
                Input::Text(text) => {
                    reading.absorb(run(&text, call.context, Origin::Line, arguments));
                }
                // What an installer does is seen when its commands run.
                Input::Opaque(why) if FETCHED.contains(&why.as_str()) => {}
                Input::Opaque(why) => {
                    reading.absorb(Reading::of(shell_action("shell", &format!("it runs {why}"))));
                }
            }
        }
    }
    reading
}

/// Outputs of programs that fetch: a shell that runs one is an installer at
/// work, and nothing says that a guarded tool is in it.
const FETCHED: &[&str] = &["the output of curl", "the output of wget"];

/// Whether word `index` is nothing but the output of a program that fetches.
fn is_fetched(invocation: &Invocation, index: usize) -> bool {
    let Some(word) = invocation.argv.get(index).map(|word| word.to_string_lossy()) else {
        return false;
    };
    let inner = word.strip_prefix("$(").or_else(|| word.strip_prefix("<("));
    let inner = inner.and_then(|inner| inner.strip_suffix(')'));
    invocation.is_dynamic(index)
        && inner.is_some_and(|inner| {
            let fetches =
                ["curl ", "wget "].iter().any(|tool| inner.trim_start().starts_with(tool));
            fetches && !inner.contains(['|', ';', '&', '\n', '(', '`'])
        })
}

/// What a shell runs before anything else, where the words or the variables
/// around the call say so.
fn startup(context: Context<'_>, words: &Words) -> Reading {
    let mut reading = Reading::default();
    let invocation = context.invocation;
    let none =
        || Arguments { zero: Template::new(), words: Vec::new(), stops: false, exports: false };
    if let Some(path) = words.startup.and_then(|at| invocation.argv.get(at)) {
        reading.absorb(file(path, context, none()));
    }
    // The account's own BASH_ENV is its own business; one set for this call
    // is part of it.
    let name = if words.interactive { "ENV" } else { "BASH_ENV" };
    if let Some(Some(path)) = invocation.env.get(OsStr::new(name))
        && !path.is_empty()
    {
        reading.absorb(file(path, context, none()));
    }
    reading
}

fn run(text: &[u8], context: Context<'_>, origin: Origin, arguments: Arguments) -> Reading {
    let text = String::from_utf8_lossy(text);
    line::read(&text, context, origin, Keep::Guarded, Some(arguments))
}

fn file(path: &OsStr, context: Context<'_>, arguments: Arguments) -> Reading {
    let whole = context.resolve(path);
    if context.invocation.scripts.contains(&whole) {
        return Reading::default();
    }
    let mut own = context.invocation.clone();
    own.scripts.push(whole);
    let context = Context { invocation: &own, ..context };
    match context.read(Path::new(path), MAX_SCRIPT) {
        Ok(bytes) if is_program(&bytes) => Reading::default(),
        Ok(bytes) => run(&bytes, context, Origin::File, arguments),
        // The shell would find nothing to run either.
        Err(ReadError::Missing) => Reading::default(),
        Err(error) => {
            let name = crate::text::visible(&path.to_string_lossy(), 60);
            Reading::of(shell_action("shell script", &format!("{name} ({error})")))
        }
    }
}

/// A shell refuses to run what is plainly no text.
fn is_program(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7fELF")
}
