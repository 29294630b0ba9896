//! Emacs Lisp → the commands that its calls start with literal words. By the
//! manual of Emacs, from memory; nothing is run.

use super::{Fed, Found, Started, Words, append};
use crate::invocation::HOLE;

/// Tokens beyond which the rest is not read.
const MAX_TOKENS: usize = 20_000;

/// How deep brackets are followed in an argument.
const MAX_DEPTH: usize = 8;

/// How many tokens of one call are looked at.
const MAX_CALL: usize = 400;

/// Functions, which of their arguments is the command, and whether the rest
/// are its words.
const FUNCTIONS: &[(&str, usize, bool)] = &[
    ("async-shell-command", 0, false),
    ("call-process", 0, true),
    ("call-process-region", 2, true),
    ("call-process-shell-command", 0, false),
    ("compile", 0, false),
    ("process-file", 0, true),
    ("process-file-shell-command", 0, false),
    ("process-lines", 0, true),
    ("shell-command", 0, false),
    ("shell-command-on-region", 2, false),
    ("shell-command-to-string", 0, false),
    ("start-file-process", 2, true),
    ("start-process", 2, true),
    ("start-process-shell-command", 2, false),
];

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Text(String),
    Symbol(String),
}

/// Reads a text.
pub fn read(text: &str) -> Found {
    let tokens = tokens(text);
    let mut found = Found::default();
    for pair in tokens.windows(2).enumerate() {
        let (at, [Token::Open, Token::Symbol(name)]) = pair else { continue };
        let Some((_, place, words)) = FUNCTIONS.iter().find(|(known, ..)| known == name) else {
            continue;
        };
        let given = arguments(tokens.get(at + 2..).unwrap_or_default(), 0);
        let Some(first) = given.get(*place).cloned() else { continue };
        let words = match words {
            false => Words::Line(first),
            true => {
                // Where input and output go stands between program and words.
                let skip = match name.as_str() {
                    "call-process" | "process-file" | "call-process-region" => 4,
                    _ => place + 1,
                };
                let skip = if *place == 2 && skip == 4 { 6 } else { skip };
                let rest = given.into_iter().skip(skip);
                Words::List(std::iter::once(first).chain(rest).collect())
            }
        };
        found.add(Started { words, fed: Fed::Inherited });
    }
    found
}

/// The arguments of a call, with holes for what is computed.
fn arguments(tokens: &[Token], depth: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at).filter(|_| at < MAX_CALL) {
        at += 1;
        match token {
            Token::Close => break,
            Token::Text(text) => out.push(text.clone()),
            Token::Symbol(_) => out.push(HOLE.to_owned()),
            Token::Open => {
                let rest = tokens.get(at..).unwrap_or_default();
                let joins = matches!(rest.first(), Some(Token::Symbol(name)) if name == "concat");
                let mut text = String::new();
                if joins && depth < MAX_DEPTH {
                    let parts = arguments(rest.get(1..).unwrap_or_default(), depth + 1);
                    parts.iter().for_each(|part| append(&mut text, part));
                } else {
                    text.push_str(HOLE);
                }
                out.push(text);
                let mut level = 1_usize;
                let close = rest.iter().take(MAX_CALL).position(|token| {
                    match token {
                        Token::Open => level += 1,
                        Token::Close => level -= 1,
                        _ => {}
                    }
                    level == 0
                });
                at += close.map_or(rest.len(), |close| close + 1);
            }
        }
    }
    out
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if out.len() >= MAX_TOKENS {
            break;
        }
        match letter {
            '(' | '[' => out.push(Token::Open),
            ')' | ']' => out.push(Token::Close),
            ';' => while letters.next_if(|next| *next != '\n').is_some() {},
            '"' => {
                let mut value = String::new();
                while let Some(letter) = letters.next() {
                    match letter {
                        '"' => break,
                        '\\' => match letters.next() {
                            Some('n') => value.push('\n'),
                            Some('t') => value.push('\t'),
                            Some('\n') | None => {}
                            Some(other) => value.push(other),
                        },
                        other => value.push(other),
                    }
                }
                out.push(Token::Text(value));
            }
            // `?"` is a letter.
            '?' => {
                letters.next_if_eq(&'\\');
                letters.next();
            }
            letter if letter.is_whitespace() || letter == '\'' || letter == '`' => {}
            letter => {
                let mut name = String::from(letter);
                while let Some(next) =
                    letters.next_if(|next| !next.is_whitespace() && !"()[]\";".contains(*next))
                {
                    name.push(next);
                }
                out.push(Token::Symbol(name));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_where_emacs_runs_them() {
        for (text, expected) in [
            ("(shell-command \"a \\\"b\\\"\")", &["a \"b\""][..]),
            (
                "(progn (message (shell-command-to-string (concat \"a \" x \" b\"))))",
                &["a \u{FFFC} b"],
            ),
            ("(call-process \"a\" nil t nil \"b c\" d)", &["a+b c+\u{FFFC}"]),
            ("(start-process \"n\" nil \"a\" \"b\")", &["a+b"]),
            ("(process-lines \"a\" \"b\")", &["a+b"]),
            ("; (shell-command \"a\")\n(message \"(shell-command b)\") ?\" (insert \"x\")", &[]),
        ] {
            let line = |one: Started| match one.words {
                Words::Line(line) => line,
                Words::List(words) => words.join("+"),
            };
            let found: Vec<String> = read(text).started.into_iter().map(line).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
