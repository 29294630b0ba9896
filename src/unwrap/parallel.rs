//! GNU parallel: its words, joined by blanks, are a shell line for each of its
//! arguments, which are put in quoted; without words, the arguments are lines
//! themselves. Arguments from files and from several sources leave holes.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::line::shell_action;
use super::packages::line;
use super::state::unknown;
use super::wrapper::template;
use crate::actions::{Call, Reading};
use crate::invocation::{HOLE, Input};
use crate::parse::argv;

/// The most arguments that are followed one by one.
const MAX_ARGUMENTS: usize = 100;

/// The longest standard input that is read for lines.
const MAX_INPUT: usize = 256 * 1024;

/// Reads a call.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let outer = call.context.invocation;
    let parsed = argv::parse(call.tool, outer, false);
    if ["--dry-run", "--help", "--version", "--citation"].iter().any(|o| parsed.has(o)) {
        return Reading::default();
    }
    let is_source = |text: &OsStr| matches!(text.as_bytes(), b":::" | b"::::" | b":::+" | b"::::+");
    let words = &parsed.positionals;
    let end = words.iter().position(|word| is_source(word.text)).unwrap_or(words.len());
    let (command, sources) = words.split_at_checked(end).unwrap_or_default();
    let one = sources.iter().filter(|word| is_source(word.text)).count() == 1
        && sources.first().is_some_and(|word| word.text == ":::");
    let known: Option<Vec<Vec<u8>>> = match (sources.is_empty(), one) {
        (false, true) => {
            Some(sources.iter().skip(1).map(|word| template(outer, word.index, 0)).collect())
        }
        (false, false) => None,
        (true, _) if command.is_empty() => match call.context.stdin(MAX_INPUT) {
            Input::Text(text) => {
                Some(text.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect())
            }
            Input::Terminal => Some(Vec::new()),
            Input::Opaque(why) => {
                return Reading::of(shell_action("parallel", &format!("it runs {why}")));
            }
        },
        (true, _) => None,
    };
    let joined: Vec<Vec<u8>> = command.iter().map(|word| template(outer, word.index, 0)).collect();
    let joined = joined.join(&b' ');
    let known = known.filter(|arguments| arguments.len() <= MAX_ARGUMENTS);
    let mut reading = Reading::default();
    let mut add = |text: Vec<u8>| {
        let mut inner = line(outer, text, None);
        inner.stdin = crate::invocation::Stdin::Text(std::sync::Arc::from(&b""[..]));
        reading.inner.push(inner);
    };
    match known {
        Some(arguments) if command.is_empty() => {
            arguments.into_iter().filter(|line| !line.is_empty()).for_each(add);
        }
        Some(arguments) => {
            for argument in arguments {
                add(filled(&joined, &quoted(&argument)));
            }
        }
        None if command.is_empty() => {
            return Reading::of(shell_action("parallel", "it runs lines from a file"));
        }
        None => add(filled(&joined, &unknown())),
    }
    reading
}

/// The line with the argument in place of each `{…}`, or behind it.
fn filled(text: &[u8], argument: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut found = false;
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let close = rest.iter().take(16).position(|byte| *byte == b'}');
        let inside = close.and_then(|at| rest.get(1..at));
        let is_mark = *first == b'{'
            && inside.is_some_and(|inside| {
                inside.iter().all(|byte| byte.is_ascii_digit() || b"./#%-+".contains(byte))
            });
        match close.filter(|_| is_mark) {
            Some(at) => {
                // Only `{}` and `{1}` are the argument as it is.
                let whole = inside.is_some_and(|inside| matches!(inside, b"" | b"1"));
                out.extend(if whole { argument } else { HOLE.as_bytes() });
                found = true;
                rest = rest.get(at + 1..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    if !found {
        out.push(b' ');
        out.extend(argument);
    }
    out
}

fn quoted(word: &[u8]) -> Vec<u8> {
    let hole = word.windows(HOLE.len()).any(|window| window == HOLE.as_bytes());
    match std::str::from_utf8(word) {
        Ok(word) if !hole => shell_words::quote(word).into_owned().into_bytes(),
        _ => word.to_vec(),
    }
}
