//! A program of awk's → the commands in it: `system(…)`, what `getline` reads
//! from and what `print` is piped into. Texts are put together as far as they
//! are literal; a variable stands for every text that is ever assigned to it.
//! The dialects of gawk, mawk and POSIX; nothing is run and no file is read.

use std::collections::BTreeMap;

use super::awk_tokens::{Token, quoted, tokens};
use super::{Fed, Found, Started, Words, append};
use crate::invocation::HOLE;

/// How many tokens of one expression are looked at.
const MAX_EXPRESSION: usize = 200;

/// The most texts that one expression or variable may stand for.
const MAX_TEXTS: usize = 4;

/// How deep brackets are followed.
const MAX_DEPTH: usize = 8;

/// What variables may hold.
type Variables = BTreeMap<String, Vec<String>>;

/// Reads a program. `set` are variables that options set.
pub fn read(text: &str, set: &[(String, String)]) -> Found {
    let tokens = tokens(text);
    let mut variables = Variables::new();
    for (name, value) in set {
        let unescaped = quoted(value, None).0;
        variables.entry(name.clone()).or_default().push(unescaped);
    }
    for (at, token) in tokens.iter().enumerate() {
        if let Token::Name(name) = token
            && tokens.get(at + 1).is_some_and(|next| next.is('='))
        {
            let values = texts(ahead(&tokens, at + 2), &variables, 0);
            let known = variables.entry(name.clone()).or_default();
            for value in values {
                if known.len() < MAX_TEXTS && !known.contains(&value) {
                    known.push(value);
                }
            }
        }
    }
    let mut found = Found::default();
    for (at, token) in tokens.iter().enumerate() {
        let next = tokens.get(at + 1);
        if token.is_name("system") && next.is_some_and(|next| next.is('(')) {
            for line in texts(group(&tokens, at + 1), &variables, 0) {
                found.add(Started::line(line));
            }
        } else if token.is('|') && next.is_some_and(|next| next.is_name("getline")) {
            for line in texts(behind(&tokens, at), &variables, 0) {
                found.add(Started::line(line));
            }
        } else if token.is('|') {
            let fed = printed(&tokens, at, &variables);
            for line in texts(ahead(&tokens, at + 1), &variables, 0) {
                found.add(Started { words: Words::Line(line), fed: fed.clone() });
            }
        }
    }
    found
}

/// The tokens of the expression that begins at `from`.
fn ahead(tokens: &[Token], from: usize) -> &[Token] {
    let rest = tokens.get(from..).unwrap_or_default();
    let mut depth = 0_usize;
    let end = rest.iter().take(MAX_EXPRESSION).position(|token| {
        match token {
            Token::Mark('(' | '[') => depth += 1,
            Token::Mark(')' | ']') if depth == 0 => return true,
            Token::Mark(')' | ']') => depth -= 1,
            _ => {}
        }
        // A choice's parts are all taken.
        depth == 0 && token.bounds() && !token.is('|')
    });
    rest.get(..end.unwrap_or(rest.len().min(MAX_EXPRESSION))).unwrap_or_default()
}

/// The tokens of the expression that ends in front of `to`.
fn behind(tokens: &[Token], to: usize) -> &[Token] {
    let front = tokens.get(..to).unwrap_or_default();
    let mut depth = 0_usize;
    let begin = front.iter().rev().take(MAX_EXPRESSION).position(|token| {
        match token {
            Token::Mark(')' | ']') => depth += 1,
            Token::Mark('(' | '[') if depth == 0 => return true,
            Token::Mark('(' | '[') => depth -= 1,
            _ => {}
        }
        depth == 0 && token.bounds()
    });
    let count = begin.unwrap_or(front.len().min(MAX_EXPRESSION));
    front.get(front.len() - count..).unwrap_or_default()
}

/// What stands in the brackets that open at `open`.
fn group(tokens: &[Token], open: usize) -> &[Token] {
    let rest = tokens.get(open..).unwrap_or_default();
    let mut depth = 0_usize;
    let close = rest.iter().take(MAX_EXPRESSION).position(|token| {
        match token {
            Token::Mark('(' | '[') => depth += 1,
            Token::Mark(')' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    rest.get(1..close.unwrap_or(rest.len().min(MAX_EXPRESSION))).unwrap_or_default()
}

/// What the `print` in front of the `|` at `to` prints.
fn printed(tokens: &[Token], to: usize, variables: &Variables) -> Fed {
    let front = tokens.get(to.saturating_sub(MAX_EXPRESSION)..to).unwrap_or_default();
    let prints = |token: &Token| token.is_name("print") || token.is_name("printf");
    let Some(at) = front.iter().rposition(prints) else { return Fed::Computed };
    let formats = front.get(at).is_some_and(|token| token.is_name("printf"));
    let mut words = front.get(at + 1..).unwrap_or_default();
    if words.first().is_some_and(|token| token.is('(')) && group(words, 0).len() + 2 == words.len()
    {
        words = group(words, 0);
    }
    let mut depth = 0_usize;
    let parts = words.split(|token| {
        match token {
            Token::Mark('(' | '[') => depth += 1,
            Token::Mark(')' | ']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is(',')
    });
    let one = |part: &[Token]| texts(part, variables, 0).into_iter().next();
    let texts: Vec<String> = parts.map(|part| one(part).unwrap_or_else(|| HOLE.into())).collect();
    let text = match formats {
        true => texts.first().map(|format| formatted(format)).unwrap_or_default(),
        false => texts.join(" ") + "\n",
    };
    match words.is_empty() || text.trim() == HOLE {
        true => Fed::Computed,
        false => Fed::Text(text),
    }
}

/// The texts that an expression may stand for.
fn texts(tokens: &[Token], variables: &Variables, depth: usize) -> Vec<String> {
    let mut level = 0_usize;
    let parts = tokens.split(|token| {
        match token {
            Token::Mark('(' | '[') => level += 1,
            Token::Mark(')' | ']') => level = level.saturating_sub(1),
            _ => {}
        }
        let splits =
            matches!(token, Token::Operator | Token::Mark('?' | ':' | '|' | '=' | '<' | '>'));
        level == 0 && splits
    });
    let all: Vec<Vec<String>> = parts.map(|part| joined(part, variables, depth)).collect();
    let several = all.len() > 1;
    let mut out: Vec<String> = Vec::new();
    for text in all.into_iter().flatten() {
        // A choice's condition is no text.
        if out.len() < MAX_TEXTS && !out.contains(&text) && !(several && text == HOLE) {
            out.push(text);
        }
    }
    out
}

/// The texts that operands beside one another may come to.
fn joined(tokens: &[Token], variables: &Variables, depth: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut at = 0;
    let unknown = || vec![HOLE.to_owned()];
    while let Some(token) = tokens.get(at) {
        at += 1;
        let opens = |mark: char| tokens.get(at).is_some_and(|next| next.is(mark));
        let more = match token {
            Token::Text(text) | Token::Number(text) => vec![text.clone()],
            Token::Name(name) if opens('(') => {
                let inside = group(tokens, at);
                at += inside.len() + 2;
                match (name.as_str(), inside.first()) {
                    ("sprintf", Some(Token::Text(format))) => vec![formatted(format)],
                    _ => unknown(),
                }
            }
            Token::Name(_) if opens('[') => {
                at += group(tokens, at).len() + 2;
                unknown()
            }
            Token::Name(name) => match variables.get(name) {
                Some(values) if !values.is_empty() => values.clone(),
                _ => unknown(),
            },
            Token::Mark('(') => {
                let inside = group(tokens, at - 1);
                at += inside.len() + 1;
                match depth < MAX_DEPTH {
                    true => texts(inside, variables, depth + 1),
                    false => unknown(),
                }
            }
            Token::Mark('$') => {
                at += match opens('(') {
                    true => group(tokens, at).len() + 2,
                    false => 1,
                };
                unknown()
            }
            _ => unknown(),
        };
        let mut next = Vec::new();
        for text in &out {
            for more in more.iter().take(MAX_TEXTS) {
                let mut text = text.clone();
                append(&mut text, more);
                if next.len() < MAX_TEXTS {
                    next.push(text);
                }
            }
        }
        if !next.is_empty() {
            out = next;
        }
    }
    out
}

/// A format with holes for what is put in.
fn formatted(format: &str) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some((front, after)) = rest.split_once('%') {
        append(&mut out, front);
        if let Some(behind) = after.strip_prefix('%') {
            append(&mut out, "%");
            rest = behind;
            continue;
        }
        let letter = after.find(|letter: char| letter.is_ascii_alphabetic());
        append(&mut out, HOLE);
        rest = letter.and_then(|at| after.get(at + 1..)).unwrap_or_default();
    }
    append(&mut out, rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(program: &str) -> Vec<String> {
        let started = read(program, &[]).started;
        let line = |one: Started| match one.words {
            Words::Line(line) => line,
            Words::List(words) => words.join(" "),
        };
        started.into_iter().map(line).collect()
    }

    #[test]
    fn commands_are_found_where_awk_runs_them() {
        for (program, expected) in [
            ("BEGIN { system(\"a b\") }", &["a b"][..]),
            ("{ \"a\" | getline x; close(\"a\") }", &["a"]),
            ("{ while ((\"a \" \"b\" | getline line) > 0) n++ }", &["a b"]),
            ("{ print $1 | \"a -b\" } END { close(\"a -b\") }", &["a -b"]),
            ("{ print \"x\" |& \"a\"; \"a\" |& getline }", &["a", "a"]),
            ("{ cmd = \"a \" $1 \" b\"; system(cmd) }", &["a \u{FFFC} b"]),
            ("{ cmd = \"a\"; cmd = cmd \" b\"; cmd | getline }", &["a", "a b"]),
            ("{ system(x ? \"a\" : \"b\") }", &["a", "b"]),
            ("{ system(sprintf(\"a %5s %%\", $2)) }", &["a \u{FFFC} %"]),
            ("/\"[/]/ { system(\"a\\x20b\\\"\\074\") }", &["a b\"<"]),
            ("BEGIN { x = 4 / 2; system(\"a\") / 3 }", &["a"]),
            ("# system(\"a\")\n/system(\"b\")/ { print \"system(c)\" }", &[]),
            ("a || b { print > \"file\" }", &[]),
        ] {
            assert_eq!(lines(program), expected, "{program}");
        }
    }

    #[test]
    fn what_is_printed_into_a_command_is_its_input() {
        let fed = |program| read(program, &[]).started.into_iter().next().expect("one").fed;
        assert_eq!(fed("{ print \"a\", \"b\" | \"c\" }"), Fed::Text("a b\n".into()));
        assert_eq!(fed("{ print(\"a\" $1) | \"c\" }"), Fed::Text("a\u{FFFC}\n".into()));
        assert_eq!(fed("{ printf \"a\\n\" | \"c\" }"), Fed::Text("a\n".into()));
        assert_eq!(fed("{ print | \"c\" }"), Fed::Computed);
        assert_eq!(fed("{ print $0 | \"c\" }"), Fed::Computed);
    }
}
