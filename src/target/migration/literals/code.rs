//! The literals of a program's text, by the tokens that the languages of
//! configurations have in common.

use super::{MAX_DEPTH, MAX_PAIRS, Pair, Said, is_getter, is_name, text_said};

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

/// Splits a program's text into words, texts and marks; comments are left
/// out. `hash` says whether `#` begins one.
fn tokens(text: &str, hash: bool) -> Vec<Token> {
    let mut out = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\'' | '`' => {
                let mut inside = String::new();
                while let Some(next) = letters.next() {
                    match next {
                        '\\' => inside.extend(letters.next()),
                        next if next == letter => break,
                        // A quote that is not closed ends with its line.
                        '\n' if letter != '`' => break,
                        next => inside.push(next),
                    }
                }
                out.push(Token::Text(inside));
            }
            '#' if hash => while letters.next_if(|next| *next != '\n').is_some() {},
            '/' if letters.peek() == Some(&'/') => {
                while letters.next_if(|next| *next != '\n').is_some() {}
            }
            '/' if letters.peek() == Some(&'*') => {
                letters.next();
                let mut last = ' ';
                for next in letters.by_ref() {
                    if last == '*' && next == '/' {
                        break;
                    }
                    last = next;
                }
            }
            letter if is_word(letter) => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|next| is_word(*next) || *next == '.') {
                    word.push(next);
                }
                out.push(Token::Word(word));
            }
            letter if letter.is_whitespace() => {}
            letter => out.push(Token::Mark(letter)),
        }
    }
    out
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

/// What the text of a program says. `hash` says whether `#` begins a comment.
pub fn of_code(text: &str, hash: bool) -> Vec<Pair> {
    let tokens = tokens(text, hash);
    let mut out: Vec<Pair> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if out.len() >= MAX_PAIRS {
            break;
        }
        match token {
            Token::Mark('{' | '[') => {
                if path.len() < MAX_DEPTH {
                    path.push(block_name(&tokens, at));
                }
            }
            Token::Mark('}' | ']') => {
                path.pop();
            }
            Token::Word(_) | Token::Text(_) => {
                let (said, length) = said_at(&tokens, at);
                // A text in front of a colon is a key itself.
                let is_key = matches!(tokens.get(at + 1), Some(Token::Mark(':' | '=')))
                    && matches!(token, Token::Text(_));
                if let Some(said) = said.filter(|_| !is_key) {
                    out.push(Pair { path: path.clone(), key: key_before(&tokens, at), said });
                    at += length;
                    continue;
                }
            }
            Token::Mark(_) => {}
        }
        at += 1;
    }
    out
}

/// The words in front of an opening bracket: `production: {`, `datasource db {`.
fn block_name(tokens: &[Token], at: usize) -> String {
    let mut back = tokens
        .get(..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .filter(|token| !matches!(token, Token::Mark(':' | '=' | '>' | '(')));
    match (back.next(), back.next()) {
        (Some(Token::Text(name) | Token::Word(name)), Some(Token::Word(kind)))
            if matches!(kind.as_str(), "datasource" | "env" | "generator") =>
        {
            format!("{kind} {name}")
        }
        (Some(Token::Text(name) | Token::Word(name)), _) => name.clone(),
        _ => String::new(),
    }
}

/// The key that the value at `at` belongs to, in lower case.
fn key_before(tokens: &[Token], at: usize) -> String {
    let mut back = tokens.get(..at).unwrap_or_default().iter().rev().peekable();
    let mut marks = 0;
    while matches!(back.peek(), Some(Token::Mark(':' | '=' | '>' | '(' | '?' | '|' | '!')))
        && marks < 4
    {
        back.next();
        marks += 1;
    }
    match back.next() {
        Some(Token::Word(key)) if marks > 0 => {
            key.rsplit('.').next().unwrap_or_default().to_lowercase()
        }
        Some(Token::Text(key)) if marks > 0 && key.len() < 64 => key.to_lowercase(),
        _ => String::new(),
    }
}

/// What is said at `at`, and how many tokens it takes.
fn said_at(tokens: &[Token], at: usize) -> (Option<Said>, usize) {
    match tokens.get(at) {
        Some(Token::Text(text)) => (Some(text_said(text)), 1),
        Some(Token::Word(word)) => {
            for prefix in ["process.env.", "import.meta.env.", "Bun.env."] {
                if let Some(name) = word.strip_prefix(prefix) {
                    return (Some(Said::Variable(name.to_owned())), 1);
                }
            }
            // `settings.DATABASE_URL`: a settings object that is filled from
            // the variable of that name.
            if let Some((_, name)) = word.rsplit_once('.') {
                let url = ["URL", "URI", "DSN"].iter().any(|ending| name.ends_with(ending));
                if url && is_name(name) {
                    return (Some(Said::Variable(name.to_owned())), 1);
                }
            }
            // Elixir's `System.fetch_env!(`.
            let at = at + usize::from(matches!(tokens.get(at + 1), Some(Token::Mark('!'))));
            let call = matches!(tokens.get(at + 1), Some(Token::Mark('(' | '[')));
            match tokens.get(at + 2) {
                Some(Token::Text(name)) if call && is_getter(word) && is_name(name) => {
                    // The bracket behind it is no block's end.
                    let bracket = matches!(tokens.get(at + 1), Some(Token::Mark('[')));
                    (Some(Said::Variable(name.clone())), if bracket { 4 } else { 3 })
                }
                _ => (None, 1),
            }
        }
        _ => (None, 1),
    }
}
