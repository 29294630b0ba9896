//! The words that `xargs` puts into a command from its standard input, by
//! findutils' rules: behind the others, so many a command (`-n`), or in a
//! mark's place (`-I`). What is not known leaves a hole.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::sync::Arc;

use super::input_words;
use super::state::unknown;
use crate::invocation::{Invocation, Stdin};
use crate::parse::argv::{Given, Parsed};
use crate::rules::Wrapper;

/// The most commands that are followed one by one.
const MAX_COMMANDS: usize = 64;

/// What becomes of `inner` by the words on `stdin`, where the wrapper is one
/// that takes them: a command, or several.
pub(super) fn with_words(
    wrapper: Wrapper,
    parsed: &Parsed<'_>,
    inner: Invocation,
    stdin: &Stdin,
) -> Vec<Invocation> {
    if !wrapper.appends {
        return vec![inner];
    }
    let inner = Invocation { stdin: Stdin::Text(Arc::from(&b""[..])), ..inner };
    let replaces = |given: &&Given<'_>| wrapper.replaces.iter().any(|it| given.option.is(it));
    match parsed.options.iter().rev().find(replaces) {
        Some(given) => {
            let mark = given.value.map_or(&b"{}"[..], |value| value.text.as_bytes());
            let items = lines(parsed, stdin, wrapper).unwrap_or_default();
            match items.iter().map(|item| filled(&inner, mark, item)).collect() {
                Some(commands) if !items.is_empty() => commands,
                _ => vec![with_holes(inner, mark)],
            }
        }
        None => match groups(parsed, stdin) {
            Some(groups) => {
                let with = |words: Vec<Vec<u8>>| {
                    let mut inner = inner.clone();
                    inner.argv.extend(words.into_iter().map(OsString::from_vec));
                    inner
                };
                groups.into_iter().map(with).collect()
            }
            None => {
                let mut inner = inner;
                let at = inner.argv.len();
                inner.argv.push("…".into());
                inner.dynamic.push(at);
                inner.templates.push((at, OsString::from_vec(unknown())));
                vec![inner]
            }
        },
    }
}

/// The number that `-n` says, 0 for none; none where another option splits the
/// words differently.
fn count(parsed: &Parsed<'_>, also: &[&str]) -> Option<usize> {
    const PLAIN: [&str; 4] = ["-r", "-t", "-x", "-P"];
    let mut count = 0;
    for given in &parsed.options {
        if given.option.is("-n") {
            let value = given.value.filter(|value| !value.dynamic)?;
            count = value.text.to_str()?.parse().ok().filter(|count| *count > 0)?;
        } else if !PLAIN.iter().chain(also).any(|name| given.option.is(name)) {
            return None;
        }
    }
    Some(count)
}

/// The words of a known standard input, command by command.
fn groups(parsed: &Parsed<'_>, stdin: &Stdin) -> Option<Vec<Vec<Vec<u8>>>> {
    let Stdin::Text(text) = stdin else { return None };
    let count = count(parsed, &[])?;
    let words = input_words::split(text)?;
    if count == 0 || words.is_empty() {
        return Some(vec![words]);
    }
    let groups: Vec<_> = words.chunks(count).map(<[Vec<u8>]>::to_vec).collect();
    (groups.len() <= MAX_COMMANDS).then_some(groups)
}

/// The lines of a known standard input, each of which takes a mark's place;
/// none where quotes make something else of one.
fn lines(parsed: &Parsed<'_>, stdin: &Stdin, wrapper: Wrapper) -> Option<Vec<Vec<u8>>> {
    let Stdin::Text(text) = stdin else { return None };
    count(parsed, wrapper.replaces).filter(|count| *count == 0)?;
    if text.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'\\')) {
        return None;
    }
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start);
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect();
    (lines.len() <= MAX_COMMANDS).then_some(lines)
}

/// The command with `item` in each mark's place; none where a word that is
/// computed holds the mark.
fn filled(inner: &Invocation, mark: &[u8], item: &[u8]) -> Option<Invocation> {
    let mut out = inner.clone();
    for (at, word) in out.argv.iter_mut().enumerate() {
        if let Some(text) = replace(word.as_bytes(), mark, item) {
            if inner.dynamic.contains(&at) {
                return None;
            }
            *word = OsString::from_vec(text);
        }
    }
    Some(out)
}

/// The command with a hole in each mark's place.
fn with_holes(mut inner: Invocation, mark: &[u8]) -> Invocation {
    for at in 0..inner.argv.len() {
        let Some(word) = inner.argv.get(at) else { break };
        let text = inner
            .templates
            .iter()
            .find(|(index, _)| *index == at)
            .map_or_else(|| word.as_bytes().to_vec(), |(_, text)| text.as_bytes().to_vec());
        if let Some(text) = replace(&text, mark, &unknown()) {
            inner.templates.retain(|(index, _)| *index != at);
            inner.templates.push((at, OsString::from_vec(text)));
            if !inner.dynamic.contains(&at) {
                inner.dynamic.push(at);
            }
        }
    }
    inner
}

/// `text` with `item` for each `mark`; none if there is no mark in it.
fn replace(text: &[u8], mark: &[u8], item: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut found = false;
    while !rest.is_empty() {
        match rest.strip_prefix(mark) {
            Some(after) if !mark.is_empty() => {
                out.extend(item);
                rest = after;
                found = true;
            }
            _ => {
                let (first, after) = rest.split_at_checked(1)?;
                out.extend(first);
                rest = after;
            }
        }
    }
    found.then_some(out)
}
