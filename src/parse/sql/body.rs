//! The bodies of functions, procedures and DO blocks: code in a string. SQL
//! is read; in any other language only the words count, and it stays opaque.

use super::lex::{Kind, Lexer, Mode, Token};
use super::{Reader, Statement, keyword, name};
use crate::action::Effect;

/// Whether the tokens begin a CREATE FUNCTION or PROCEDURE.
pub fn is_definition(text: &[u8], tokens: &[Token]) -> bool {
    let word = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(text, word));
    let at = if word(1, "or") && word(2, "replace") { 3 } else { 1 };
    word(0, "create") && (word(at, "function") || word(at, "procedure"))
}

/// The strings that hold a definition's code: those behind AS.
pub fn strings(text: &[u8], tokens: &[Token]) -> Vec<Token> {
    let mut found = Vec::new();
    let mut behind_as = false;
    for token in tokens {
        let string =
            matches!(token.kind, Kind::Text | Kind::EscapeText | Kind::UnicodeText | Kind::Dollar);
        if string && behind_as {
            found.push(*token);
        } else {
            behind_as = token.is(text, "as") || (behind_as && token.kind == Kind::Comma);
        }
    }
    found
}

/// What running the code in a string token does, in the language that the
/// statement names; none for a body that only reads.
pub fn judged(
    text: &[u8],
    tokens: &[Token],
    strings: &[Token],
    default: &str,
) -> Option<Statement> {
    let language = language(text, tokens).unwrap_or_else(|| default.to_owned());
    let mut worst: Option<Statement> = None;
    for token in strings {
        let code = content(text, token);
        let found = if language == "sql" {
            super::tree::nested(Reader::default().read(&code))
        } else {
            Some(words(&code, &language))
        };
        worst = match (worst, found) {
            (Some(worst), Some(found)) => Some(worst.worse(found)),
            (worst, found) => worst.or(found),
        };
    }
    worst
}

/// What the words of code in another language say; opaque at least.
fn words(code: &[u8], language: &str) -> Statement {
    let mut scan = keyword::Scan::default();
    for token in Lexer::new(code, 0, Mode::default()) {
        match token.kind {
            Kind::Word => scan.word(token.bytes(code)),
            Kind::Quoted => scan.name(),
            Kind::Semicolon => scan.boundary(),
            _ => {}
        }
    }
    let why = format!("its body is {}", language.chars().take(20).collect::<String>());
    let mut statement = Statement::opaque("code", &why);
    statement.effect = statement.effect.max(scan.effect());
    if statement.effect == Effect::Destroy {
        statement.summary = "Runs code whose words say that it destroys data.".to_owned();
    }
    statement
}

/// The language that a statement names, lower case.
fn language(text: &[u8], tokens: &[Token]) -> Option<String> {
    let at = tokens.iter().position(|token| token.is(text, "language"))?;
    let token = tokens.get(at + 1)?;
    let named = match token.kind {
        Kind::Text => String::from_utf8_lossy(&content(text, token)).into_owned(),
        _ => name::decoded(text, token)?,
    };
    Some(named.to_ascii_lowercase())
}

/// What a string token stands for. Escapes that could hide code are decoded
/// as far as quotes go; code is rarely written with others.
fn content(text: &[u8], token: &Token) -> Vec<u8> {
    let bytes = token.bytes(text);
    let inner = |from: usize| {
        let end = bytes.len().saturating_sub(1);
        bytes.get(from..end).unwrap_or_default()
    };
    match token.kind {
        Kind::Dollar => {
            let name = bytes.get(1..).unwrap_or_default();
            let tag = name.iter().position(|byte| *byte == b'$').map_or(0, |at| at + 2);
            bytes.get(tag..bytes.len().saturating_sub(tag)).unwrap_or_default().to_vec()
        }
        Kind::EscapeText => unescaped(inner(2)),
        Kind::UnicodeText => undoubled(inner(3)),
        _ => undoubled(inner(1)),
    }
}

fn undoubled(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().peekable();
    while let Some(byte) = rest.next() {
        out.push(*byte);
        if *byte == b'\'' && rest.peek() == Some(&&b'\'') {
            rest.next();
        }
    }
    out
}

fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match (byte, rest.peek().copied()) {
            (b'\'', Some(b'\'')) => {
                rest.next();
                out.push(b'\'');
            }
            (b'\\', Some(next)) => {
                rest.next();
                match next {
                    b'n' => out.push(b'\n'),
                    b't' => out.push(b'\t'),
                    b'r' => out.push(b'\r'),
                    b'x' => out.push(number(&mut rest, 16, 2, 0)),
                    b'0'..=b'7' => out.push(number(&mut rest, 8, 2, u32::from(next - b'0'))),
                    other => out.push(other),
                }
            }
            _ => out.push(byte),
        }
    }
    out
}

/// A byte in at most `digits` more digits of `radix`.
fn number(
    rest: &mut std::iter::Peekable<impl Iterator<Item = u8>>,
    radix: u32,
    digits: usize,
    first: u32,
) -> u8 {
    let mut value = first;
    for _ in 0..digits {
        let Some(digit) = rest.peek().and_then(|byte| char::from(*byte).to_digit(radix)) else {
            break;
        };
        rest.next();
        value = value * radix + digit;
    }
    value.to_le_bytes()[0]
}
