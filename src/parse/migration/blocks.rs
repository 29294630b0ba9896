//! The code of DO blocks in a migration, which runs with it: the statements in
//! it that could destroy are put in the block's place, on their lines, and all
//! else of it is left empty. Nothing says whether a condition around them
//! holds. What the block puts together as text at run time is not seen.

use crate::parse::sql::lex::{Kind, Lexer, Mode, Token};

/// What the statements that are kept begin with.
const VERBS: &[&str] = &["alter", "delete", "drop", "truncate", "update"];

/// Words behind which a statement begins, beside a semicolon.
const OPENERS: &[&str] = &["begin", "else", "loop", "then"];

/// The text with its DO blocks opened; every line keeps its number.
pub(super) fn opened(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out: Option<Vec<u8>> = None;
    let mut fresh = true;
    // The start of a block, and where its code begins and ends.
    let mut block: Option<(usize, Option<(usize, usize)>)> = None;
    for token in Lexer::new(bytes, 0, Mode::default()) {
        let end = token.kind == Kind::Semicolon;
        match &mut block {
            Some((_, code @ None)) if matches!(token.kind, Kind::Dollar | Kind::Text) => {
                *code = inside(bytes, &token);
            }
            Some((start, code)) if end => {
                if let Some(code) = code {
                    let out = out.get_or_insert_with(|| bytes.to_vec());
                    blank(out, *start, token.start);
                    statements(bytes, *code, out);
                }
                block = None;
            }
            Some(_) => {}
            None if fresh && token.is(bytes, "do") => block = Some((token.start, None)),
            None => {}
        }
        fresh = end;
    }
    // The last statement needs no semicolon.
    if let Some((start, Some(code))) = block {
        let out = out.get_or_insert_with(|| bytes.to_vec());
        blank(out, start, bytes.len());
        statements(bytes, code, out);
    }
    out.map_or_else(|| text.to_owned(), |out| String::from_utf8_lossy(&out).into_owned())
}

/// Where the code in a string token begins and ends.
fn inside(bytes: &[u8], token: &Token) -> Option<(usize, usize)> {
    let text = token.bytes(bytes);
    let mark = match token.kind {
        Kind::Dollar => text.iter().skip(1).position(|byte| *byte == b'$')? + 2,
        _ => 1,
    };
    let end = (token.start + text.len()).checked_sub(mark)?;
    (token.start + mark <= end).then_some((token.start + mark, end))
}

fn blank(out: &mut [u8], from: usize, to: usize) {
    let range = out.get_mut(from..to).into_iter().flatten();
    range.filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}

/// Writes the statements of a block's code that are kept to their places.
fn statements(bytes: &[u8], (from, to): (usize, usize), out: &mut [u8]) {
    let code = bytes.get(..to).unwrap_or_default();
    let mut fresh = true;
    let mut kept: Option<usize> = None;
    let mut keep = |start: usize, end: usize| {
        let (Some(to), Some(from)) = (out.get_mut(start..end), code.get(start..end)) else {
            return;
        };
        to.copy_from_slice(from);
        if let Some(behind) = out.get_mut(end) {
            *behind = b';';
        }
    };
    for token in Lexer::new(code, from, Mode::default()) {
        let is = |words: &[&str]| words.iter().any(|word| token.is(code, word));
        if token.kind == Kind::Semicolon {
            if let Some(start) = kept.take() {
                keep(start, token.start);
            }
            fresh = true;
        } else if kept.is_none() {
            if fresh && is(VERBS) {
                kept = Some(token.start);
            }
            fresh = is(OPENERS);
        }
    }
    if let Some(start) = kept {
        keep(start, to);
    }
}
