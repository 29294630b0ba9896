//! Whether a WHERE holds for every row, as far as its text tells: literals,
//! comparisons of literals and of a thing with itself, joined by AND and OR.

use super::Dialect;
use super::lex::{Kind, Token};

/// How deep brackets are looked into.
const MAX_DEPTH: usize = 24;

/// Whether a condition surely holds, or is made of constants alone and not
/// surely false.
pub fn holds(tokens: &[Token<'_>], dialect: Dialect) -> bool {
    truth(tokens, dialect, 0).unwrap_or_else(|| !tokens.is_empty() && is_constant(tokens))
}

/// What a condition is for every row, if its text tells.
fn truth(tokens: &[Token<'_>], dialect: Dialect, depth: usize) -> Option<bool> {
    if depth > MAX_DEPTH {
        return None;
    }
    let tokens = unwrapped(tokens);
    let or =
        |token: &Token<'_>| token.is("or") || dialect == Dialect::Mysql && token.bytes == b"||";
    if let Some(parts) = split(tokens, or) {
        let each: Vec<Option<bool>> =
            parts.iter().map(|part| operand(part, dialect, depth + 1)).collect();
        if each.contains(&Some(true)) {
            return Some(true);
        }
        return each.iter().all(|part| *part == Some(false)).then_some(false);
    }
    let between = tokens.iter().any(|token| token.is("between"));
    let and = |token: &Token<'_>| token.is("and") || token.bytes == b"&&";
    if let Some(parts) = split(tokens, and).filter(|_| !between) {
        let each: Vec<Option<bool>> =
            parts.iter().map(|part| operand(part, dialect, depth + 1)).collect();
        if each.contains(&Some(false)) {
            return Some(false);
        }
        return each.iter().all(|part| *part == Some(true)).then_some(true);
    }
    if let [first, rest @ ..] = tokens
        && (first.is("not") || first.bytes == b"!")
    {
        return truth(rest, dialect, depth + 1).map(|value| !value);
    }
    match tokens {
        [one] => literal(one),
        _ => comparison(tokens),
    }
}

/// A part of a condition; one of constants alone that cannot be worked out
/// counts as true.
fn operand(tokens: &[Token<'_>], dialect: Dialect, depth: usize) -> Option<bool> {
    truth(tokens, dialect, depth).or_else(|| is_constant(tokens).then_some(true))
}

fn is_constant(tokens: &[Token<'_>]) -> bool {
    const WORDS: &[&str] = &[
        "true", "false", "null", "not", "and", "or", "xor", "is", "like", "in", "between", "div",
        "mod",
    ];
    tokens.iter().all(|token| match token.kind {
        Kind::Word => token.among(WORDS),
        Kind::Name | Kind::Variable | Kind::Dot => false,
        _ => true,
    })
}

/// A literal as a condition.
fn literal(token: &Token<'_>) -> Option<bool> {
    match token.kind {
        Kind::Word if token.is("true") => Some(true),
        Kind::Word if token.is("false") || token.is("null") => Some(false),
        Kind::Number | Kind::Text => Some(number(token) != Some(0.0)),
        _ => None,
    }
}

fn number(token: &Token<'_>) -> Option<f64> {
    match token.kind {
        Kind::Number => token.unquoted().parse().ok(),
        Kind::Text => Some(token.unquoted().trim().parse().unwrap_or(0.0)),
        _ => None,
    }
}

/// Columns that every row has a value in, by what they are or are called.
const KEYS: &[&str] = &["id", "_id", "rowid", "_rowid_", "oid", "uuid"];

/// Whether these tokens are a column that every row has a value in.
fn is_key(tokens: &[Token<'_>]) -> bool {
    let name = match tokens {
        [name] => name,
        [_, dot, name] if dot.kind == Kind::Dot => name,
        _ => return false,
    };
    let text = name.unquoted().to_ascii_lowercase();
    matches!(name.kind, Kind::Word | Kind::Name) && KEYS.contains(&text.as_str())
}

/// Whether every key is so: `id > 0`, `id <> -1`.
fn above_all(sign: &[u8], right: &[Token<'_>]) -> Option<bool> {
    let number = match right {
        [number] if number.kind == Kind::Number => number.unquoted().parse::<f64>().ok()?,
        [minus, number] if minus.bytes == b"-" => -number.unquoted().parse::<f64>().ok()?,
        _ => return None,
    };
    let all = match sign {
        b">" | b"<>" | b"!=" => number <= 0.0,
        b">=" => number <= 1.0,
        _ => false,
    };
    all.then_some(true)
}

fn comparison(tokens: &[Token<'_>]) -> Option<bool> {
    if let [column @ .., is, not, null] = tokens
        && is.is("is")
        && not.is("not")
        && null.is("null")
    {
        return is_key(column).then_some(true);
    }
    const SIGNS: &[&[u8]] = &[b"=", b"==", b"<=>", b"<>", b"!=", b"<", b">", b"<=", b">="];
    let is_sign = |token: &Token<'_>| {
        token.kind == Kind::Symbol && SIGNS.contains(&token.bytes) || token.is("like")
    };
    let parts = split(tokens, is_sign)?;
    let [left, right] = parts.as_slice() else { return None };
    let sign = tokens.get(left.len())?;
    let equal = matches!(sign.bytes, b"=" | b"==" | b"<=>" | b"<=" | b">=") || sign.is("like");
    let (left, right) = (unwrapped(left), unwrapped(right));
    if sign.is("like") && matches!(right, [one] if one.bytes == b"'%'" || one.bytes == b"\"%\"") {
        return Some(true);
    }
    let same = !left.is_empty()
        && left.len() == right.len()
        && left.iter().zip(right).all(|(left, right)| {
            left.bytes == right.bytes
                || left.kind == Kind::Word && left.bytes.eq_ignore_ascii_case(right.bytes)
        });
    // `t.id = id`: were it another table's, it would be ambiguous.
    let ends = |long: &[Token<'_>], short: &[Token<'_>]| match (long, short) {
        ([_, dot, long], [short]) => {
            dot.kind == Kind::Dot
                && short.kind != Kind::Text
                && long.bytes.eq_ignore_ascii_case(short.bytes)
        }
        _ => false,
    };
    let same = same || ends(left, right) || ends(right, left);
    // What is called twice may differ, and what is compared with itself may
    // be NULL: few rows either way.
    if same {
        return Some(equal);
    }
    if is_key(left) {
        return above_all(sign.bytes, right);
    }
    let ([left], [right]) = (left, right) else { return None };
    if left.kind == Kind::Text && right.kind == Kind::Text {
        return match sign.bytes {
            b"=" | b"==" | b"<=>" => Some(false),
            b"<>" | b"!=" => Some(true),
            _ => None,
        };
    }
    let (left, right) = (number(left)?, number(right)?);
    Some(match sign.bytes {
        b"=" | b"==" | b"<=>" => left == right,
        b"<>" | b"!=" => left != right,
        b"<" => left < right,
        b">" => left > right,
        b"<=" => left <= right,
        b">=" => left >= right,
        _ => return None,
    })
}

/// A condition without the brackets around the whole of it.
fn unwrapped<'a, 'b>(mut tokens: &'b [Token<'a>]) -> &'b [Token<'a>] {
    for _ in 0..MAX_DEPTH {
        let [first, inner @ .., last] = tokens else { return tokens };
        if first.kind != Kind::Open || last.kind != Kind::Close {
            return tokens;
        }
        let mut depth = 1_usize;
        for token in inner {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return tokens;
            }
        }
        tokens = inner;
    }
    tokens
}

/// The parts between separators outside brackets; nothing if there is none.
fn split<'a, 'b>(
    tokens: &'b [Token<'a>],
    separates: impl Fn(&Token<'a>) -> bool,
) -> Option<Vec<&'b [Token<'a>]>> {
    let mut depth = 0_usize;
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ if depth == 0 && separates(token) => {
                parts.push(tokens.get(from..at)?);
                from = at + 1;
            }
            _ => {}
        }
    }
    if parts.is_empty() {
        return None;
    }
    parts.push(tokens.get(from..)?);
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::super::lex::{Lexer, Mode};
    use super::*;

    fn always(text: &str) -> bool {
        let mode = Mode { dialect: Dialect::Mysql, backslashes: true, versioned: true };
        let tokens: Vec<Token<'_>> = Lexer::new(text.as_bytes(), mode).collect();
        holds(&tokens, Dialect::Mysql)
    }

    #[test]
    fn what_holds_for_every_row_is_seen() {
        for text in [
            "1",
            "true",
            "1=1",
            "(1 = 1)",
            "'a'='a'",
            "id = id",
            "t.id = t.id",
            "ID <=> id",
            "2 > 1",
            "not 0",
            "not (1=2)",
            "id = 5 or 1=1",
            "id = 5 || true",
            "1 and 2 and 'x'='x'",
            "1+1",
            "1 in (1, 2)",
            "3 between 1 and 4",
            "name like '%'",
            "((1))",
            "'1'",
            "! 0",
            "not false",
            "1=1 -- x",
            "id=1 or not 0",
            "1 <> 2",
            "0 or 1",
            "id > 0",
            "u.id >= 1",
            "`id` <> -1",
            "id is not null",
            "t.name = name",
            "name = 'x' or id is not null",
        ] {
            assert!(always(text), "{text}");
        }
        for text in [
            "id = 5",
            "0",
            "false",
            "1=0",
            "id = 5 and 1=1",
            "name = 'x' or id = 2",
            "id > 100",
            "id >= 2",
            "id < 0",
            "age > 0",
            "name is not null",
            "a.id = b.id",
            "name like 'a%'",
            "exists (select 1 from t where t.id = u.id)",
            "id in (1,2)",
            "null",
            "id between 1 and 4",
            "'a' = 'b'",
            "2 < 1",
            "1=1 and id=3",
            "",
            "id = @x",
            "not 1",
        ] {
            assert!(!always(text), "{text}");
        }
    }
}
