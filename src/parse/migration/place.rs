//! Where in an SQL text the statements stand that were found to destroy. The
//! grammar's reading has no places; the words that a statement is made of are
//! looked for in the text's own order. Never says what a statement does.

use super::last_name;
use crate::parse::sql::Statement;
use crate::parse::sql::lex::{Kind, Lexer, Mode};

/// How many words behind its verb a statement's object is looked for.
const NEAR: usize = 8;

/// How many statements are looked for; those behind them get the last's line.
const MOST: usize = 200;

/// A word of a statement and its line.
struct Word {
    text: String,
    line: usize,
}

/// The line of each statement, counted from 1.
pub(super) fn lines(text: &str, found: &[Statement]) -> Vec<usize> {
    let pieces = pieces(text);
    let mut from = 0;
    let mut used = 0;
    let mut out = Vec::with_capacity(found.len());
    for statement in found {
        let verb = verb(&statement.operation);
        let name = statement.object.as_deref().map(last_object).unwrap_or_default();
        let mut place = None;
        let searched = if out.len() < MOST { pieces.len() } else { 0 };
        for (at, piece) in pieces.iter().enumerate().take(searched).skip(from) {
            let skip = if at == from { used } else { 0 };
            if let Some(word) = stands(piece, skip, verb, &name) {
                place = Some((at, word));
                break;
            }
        }
        match place.and_then(|(at, word)| Some((at, word, pieces.get(at)?.get(word)?.line))) {
            Some((at, word, line)) => {
                (from, used) = (at, word + 1);
                out.push(line);
            }
            // The words alone do not tell: the last place that is known.
            None => out.push(out.last().copied().unwrap_or(1)),
        }
    }
    out
}

/// The word that an operation is known by.
fn verb(operation: &str) -> &'static str {
    const VERBS: &[&str] = &["drop", "truncate", "delete", "update"];
    let small = operation.to_ascii_lowercase();
    VERBS.iter().find(|verb| small.contains(**verb)).copied().unwrap_or("")
}

/// `note` of `column note, b of orders`, `users` of `table public.users`.
fn last_object(object: &str) -> String {
    last_name(
        object
            .strip_prefix("column ")
            .and_then(|rest| rest.split([' ', ',']).next())
            .unwrap_or(object),
    )
}

/// Where in a statement its verb stands with the name behind it; else where
/// the verb stands, if the name is anywhere.
fn stands(piece: &[Word], skip: usize, verb: &str, name: &str) -> Option<usize> {
    let verbs = || {
        let words = piece.iter().enumerate().skip(skip);
        words.filter(|(_, word)| word.text == verb || verb.is_empty()).map(|(at, _)| at)
    };
    let near = |at: &usize| {
        name.is_empty() || piece.iter().skip(at + 1).take(NEAR).any(|word| word.text == name)
    };
    let anywhere = || piece.iter().any(|word| word.text == name);
    verbs().find(near).or_else(|| verbs().next().filter(|_| anywhere()))
}

/// The statements' words, each with its line.
fn pieces(text: &str) -> Vec<Vec<Word>> {
    let bytes = text.as_bytes();
    let mut pieces = vec![Vec::new()];
    let (mut line, mut at) = (1, 0);
    for token in Lexer::new(bytes, 0, Mode::default()) {
        let gone = bytes.get(at..token.start).unwrap_or_default();
        line += gone.iter().filter(|byte| **byte == b'\n').count();
        at = token.start;
        if token.kind == Kind::Semicolon {
            pieces.push(Vec::new());
            continue;
        }
        let word = super::bare(&String::from_utf8_lossy(token.bytes(bytes)));
        if let Some(piece) = pieces.last_mut() {
            piece.push(Word { text: word, line });
        }
    }
    pieces
}
