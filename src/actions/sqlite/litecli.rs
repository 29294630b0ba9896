//! litecli's words: the database's file, `-e`, or standard input. Its texts
//! are read as sqlite3's, `use FILE` being `.open FILE`; what it adds to them
//! (favourites, `system`) cannot be read. Checked against litecli 1.17.1.

use super::{Place, session};
use crate::actions::{Call, Reading, TEXT_LIMIT};
use crate::invocation::Input;
use crate::parse::argv;

/// Reads a call of litecli.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    let word = parsed.positionals.first().map(|word| (word.text, word.dynamic, "argument"));
    let option = parsed.value("--database").map(|value| (value.text, value.dynamic, "--database"));
    let mut place = Place::memory();
    if let Some((text, dynamic, source)) = word.or(option) {
        place.file = (text.to_string_lossy().into_owned(), source);
        place.gap = dynamic.then(|| "which file it opens is computed at run time".to_owned());
    }
    let mut session = session(call, place);
    for unknown in &parsed.unknown {
        session.opaque(&format!("it has no option {}", unknown.text.to_string_lossy()));
    }
    match parsed.value("--execute") {
        Some(value) if value.dynamic => session.opaque("its text is computed at run time"),
        Some(value) => {
            session.script(&opened(value.text.as_encoded_bytes()));
        }
        None => match call.context.stdin(TEXT_LIMIT) {
            Input::Text(text) => {
                session.reads_stdin();
                session.script(&opened(&text));
            }
            _ => session.standard_input(),
        },
    }
    session.finish()
}

/// `use FILE` and `\u FILE` at the beginning of a line, as sqlite3 spells them.
fn opened(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let bare = line.trim_ascii_start();
        let is =
            |word: &[u8]| bare.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word));
        match [&b"use "[..], b"\\u "].iter().find(|word| is(word)) {
            Some(word) => {
                let rest = bare.get(word.len()..).unwrap_or_default();
                let end = rest.iter().position(|byte| *byte == b';').unwrap_or(rest.len());
                let (file, after) = rest.split_at_checked(end).unwrap_or((rest, b""));
                out.extend_from_slice(b".open ");
                out.extend_from_slice(file.trim_ascii());
                out.push(b'\n');
                out.extend_from_slice(after.get(1..).unwrap_or_default());
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}
