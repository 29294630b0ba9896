//! One statement's text, made ready for the full grammar.

use super::lex::{Kind, Lexer, Mode, Token};
use super::{Statement, body, name};

/// The text of one statement, as the grammar is to see it: the code in a
/// function's strings is judged by itself and left out here.
pub struct Source {
    /// Its text.
    pub text: String,
    /// Its tokens, as places in `text`.
    pub tokens: Vec<Token>,
    /// What the code in its strings does.
    pub code: Option<Statement>,
}

impl Source {
    /// The statement made of `tokens` in `text`; none if it has none.
    /// `backslashes` says that a backslash escapes in plain strings, which the
    /// grammar does not know: their contents are then blotted out.
    pub fn new(text: &[u8], tokens: &[Token], backslashes: bool) -> Option<Source> {
        let from = tokens.first()?.start;
        let slice = text.get(from..tokens.last()?.end)?;
        let definition = body::is_definition(text, tokens);
        let is_do = tokens.first().is_some_and(|token| token.is(text, "do"));
        if !definition && !is_do && !backslashes {
            let tokens = tokens.iter().map(|token| shifted(token, from)).collect();
            return Some(Source {
                text: String::from_utf8(slice.to_vec()).ok()?,
                tokens,
                code: None,
            });
        }
        let strings = if is_do {
            tokens.iter().filter(|token| is_string(token)).copied().collect()
        } else if definition {
            body::strings(text, tokens)
        } else {
            Vec::new()
        };
        let default = if is_do { "plpgsql" } else { "sql" };
        let code = body::judged(text, tokens, &strings, default);
        let mut out = Vec::with_capacity(slice.len());
        let mut at = from;
        for token in tokens {
            let blot = backslashes && token.kind == Kind::Text;
            if !blot && !strings.contains(token) {
                continue;
            }
            out.extend_from_slice(text.get(at..token.start)?);
            out.push(b'\'');
            if blot {
                out.resize(out.len() + (token.end - token.start).saturating_sub(2), b'x');
            }
            out.push(b'\'');
            at = token.end;
        }
        out.extend_from_slice(text.get(at..tokens.last()?.end)?);
        let tokens = Lexer::new(&out, 0, Mode::default()).collect();
        Some(Source { text: String::from_utf8(out).ok()?, tokens, code })
    }

    /// Its text as bytes.
    pub fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The names listed behind token `at`, joined.
    pub fn names(&self, at: usize) -> String {
        name::listed(self.bytes(), &self.tokens, at).join(", ")
    }

    /// The index of the first token at or behind byte `offset`.
    pub fn index(&self, offset: usize) -> usize {
        self.tokens.partition_point(|token| token.start < offset)
    }

    /// Whether `word` stands in it, unquoted.
    pub fn has(&self, word: &str) -> bool {
        self.tokens.iter().any(|token| token.is(self.bytes(), word))
    }

    /// Whether token `at` is `word`, unquoted.
    pub fn word_at(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(self.bytes(), word))
    }
}

fn shifted(token: &Token, from: usize) -> Token {
    Token { start: token.start - from, end: token.end - from, ..*token }
}

fn is_string(token: &Token) -> bool {
    matches!(token.kind, Kind::Text | Kind::EscapeText | Kind::UnicodeText | Kind::Dollar)
}
