//! Names as statements write them: unquoted, `"quoted"` and `U&"\0065scaped"`
//! ones decoded to what a person reads.

use super::lex::{Kind, Token};

/// Names given in messages; a longer list ends in "…".
const SHOWN: usize = 20;

/// What a name token stands for, as written but without its quotes; none for
/// any other token. Unquoted names keep their case.
pub fn decoded(text: &[u8], token: &Token) -> Option<String> {
    let bytes = token.bytes(text);
    match token.kind {
        Kind::Word => Some(String::from_utf8_lossy(bytes).into_owned()),
        Kind::Quoted => {
            let inner = bytes.get(1..bytes.len().checked_sub(1)?)?;
            Some(String::from_utf8_lossy(inner).replace("\"\"", "\""))
        }
        Kind::UnicodeQuoted => {
            let inner = bytes.get(3..bytes.len().checked_sub(1)?)?;
            Some(unescaped(&String::from_utf8_lossy(inner).replace("\"\"", "\"")))
        }
        _ => None,
    }
}

/// `\XXXX` and `\+XXXXXX` decoded; what is no such escape stays as it is.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(plain);
        let (skipped, digits) = if escape.starts_with("\\+") { (2, 6) } else { (1, 4) };
        let hex = escape.get(skipped..skipped + digits);
        let letter = hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        let taken = match letter {
            Some(letter) => {
                out.push(letter);
                skipped + digits
            }
            None => {
                out.push('\\');
                if escape.starts_with("\\\\") { 2 } else { 1 }
            }
        };
        rest = escape.get(taken..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The possibly qualified name at token `at`, and the index behind it.
pub fn qualified(text: &[u8], tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let mut name = decoded(text, tokens.get(at)?)?;
    let mut next = at + 1;
    while tokens.get(next).is_some_and(|token| token.kind == Kind::Dot) {
        let Some(part) = tokens.get(next + 1).and_then(|token| decoded(text, token)) else { break };
        name.push('.');
        name.push_str(&part);
        next += 2;
    }
    Some((name, next))
}

/// The list of names at token `at`: those in front of them that only qualify
/// the verb (ONLY, IF EXISTS, CONCURRENTLY …) are passed over.
pub fn listed(text: &[u8], tokens: &[Token], mut at: usize) -> Vec<String> {
    const PASSED: &[&str] = &["only", "if", "exists", "concurrently", "not", "table"];
    let mut names = Vec::new();
    loop {
        while tokens.get(at).is_some_and(|token| PASSED.iter().any(|word| token.is(text, word))) {
            at += 1;
        }
        let Some((name, next)) = qualified(text, tokens, at) else { return names };
        if names.len() == SHOWN {
            names.push("…".to_owned());
            return names;
        }
        names.push(name);
        at = behind_item(tokens, next);
        if tokens.get(at).is_none_or(|token| token.kind != Kind::Comma) {
            return names;
        }
        at += 1;
    }
}

/// The index behind a name's `(argument types)` or `*`.
fn behind_item(tokens: &[Token], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(token) = tokens.get(at) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close if depth == 0 => return at,
            Kind::Close => depth -= 1,
            Kind::Operator if depth == 0 => {}
            _ if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    at
}
