//! The lexical level of PostgreSQL's SQL, as its server (scan.l, version 15)
//! and psql (psqlscan.l) see it: where words, strings, comments and statements
//! end. Linear in the text, never recursive, and total: any bytes are tokens.

pub use super::token::{Kind, Token};
use crate::text::find;

/// How to read a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// `standard_conforming_strings` is off: a backslash escapes in `'…'`.
    pub backslashes: bool,
    /// psql's language: `:name` is a variable.
    pub psql: bool,
}

/// Beginnings of the names of client encodings in which a byte that looks like
/// a backslash may be the second half of a letter.
pub const BACKSLASH_HIDERS: &[&str] = &[
    "SJIS",
    "SHIFT_JIS",
    "MSKANJI",
    "BIG5",
    "GBK",
    "GB18030",
    "JOHAB",
    "UHC",
    "WIN932",
    "WIN936",
    "WIN949",
    "WIN950",
    "WINDOWS932",
    "WINDOWS936",
    "WINDOWS949",
    "WINDOWS950",
];

/// Gives the tokens of a text, comments and blanks left out.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    mode: Mode,
}

impl<'a> Lexer<'a> {
    /// Begins at byte `at` of `text`, which must not be inside a token.
    pub fn new(text: &'a [u8], at: usize, mode: Mode) -> Lexer<'a> {
        Lexer { text, at, mode }
    }

    /// The place of the next token, comments and blanks skipped.
    pub fn place(&self) -> usize {
        self.at
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn run(&mut self, holds: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&holds) {
            self.at += 1;
        }
    }

    /// Skips blanks and comments; says whether a block comment was left open.
    fn skip(&mut self) -> bool {
        loop {
            match (self.byte(0), self.byte(1)) {
                (Some(b' ' | b'\t' | b'\n' | b'\r' | b'\x0c'), _) => self.at += 1,
                (Some(b'-'), Some(b'-')) => self.run(|byte| byte != b'\n' && byte != b'\r'),
                (Some(b'/'), Some(b'*')) => {
                    if !self.block_comment() {
                        return true;
                    }
                }
                _ => return false,
            }
        }
    }

    fn block_comment(&mut self) -> bool {
        self.at += 2;
        let mut depth = 1_usize;
        while let Some(byte) = self.byte(0) {
            match (byte, self.byte(1)) {
                (b'/', Some(b'*')) => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', Some(b'/')) => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return true;
                    }
                }
                _ => self.at += 1,
            }
        }
        false
    }

    /// Runs to behind the closing `quote`, of which two stand for one.
    /// Says whether it was found.
    fn quoted(&mut self, quote: u8, backslashes: bool) -> bool {
        while let Some(byte) = self.byte(0) {
            if byte == quote {
                self.at += 1;
                if self.byte(0) != Some(quote) {
                    return true;
                }
            } else if byte == b'\\' && backslashes {
                self.at += 1;
            }
            self.at += 1;
        }
        self.at = self.text.len();
        false
    }

    /// A string behind its opening quote, with the pieces that blanks and
    /// comments holding a line break continue it by. psql reads a line at a
    /// time and takes each piece for a string of its own.
    fn string(&mut self, backslashes: bool) -> bool {
        loop {
            if !self.quoted(b'\'', backslashes) {
                return false;
            }
            let end = self.at;
            if self.mode.psql || !self.continues() {
                self.at = end;
                return true;
            }
            self.at += 1;
        }
    }

    /// Whether a quote follows behind blanks and `--` comments with a line
    /// break among them; then it is the next byte.
    fn continues(&mut self) -> bool {
        let mut broken = false;
        loop {
            match (self.byte(0), self.byte(1)) {
                (Some(b'\n' | b'\r'), _) => {
                    broken = true;
                    self.at += 1;
                }
                (Some(b' ' | b'\t' | b'\x0c'), _) => self.at += 1,
                (Some(b'-'), Some(b'-')) => self.run(|byte| byte != b'\n' && byte != b'\r'),
                (Some(b'\''), _) => return broken,
                _ => return false,
            }
        }
    }

    /// A dollar quote at `$`, if one begins here.
    fn dollar(&mut self) -> Option<bool> {
        let rest = self.text.get(self.at..)?;
        let name = rest.get(1..)?;
        let length = name.iter().take_while(|byte| is_inside(**byte)).count();
        let named = name.first().is_some_and(|first| length == 0 || is_start(*first));
        if !named || name.get(length) != Some(&b'$') {
            return None;
        }
        let tag = length + 2;
        let delimiter = rest.get(..tag)?;
        let body = rest.get(tag..)?;
        match find(body, delimiter) {
            Some(at) => {
                self.at += tag + at + tag;
                Some(true)
            }
            None => {
                self.at = self.text.len();
                Some(false)
            }
        }
    }

    fn number(&mut self) {
        self.run(|byte| byte.is_ascii_digit());
        if self.byte(0) == Some(b'.') && self.byte(1) != Some(b'.') {
            self.at += 1;
            self.run(|byte| byte.is_ascii_digit());
        }
        if matches!(self.byte(0), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.byte(1), Some(b'+' | b'-')));
            if self.byte(1 + sign).is_some_and(|byte| byte.is_ascii_digit()) {
                self.at += 1 + sign;
                self.run(|byte| byte.is_ascii_digit());
            }
        }
    }

    /// Operator characters up to where a comment begins among them.
    fn operator(&mut self) {
        while let Some(byte) = self.byte(0) {
            let comment = matches!((byte, self.byte(1)), (b'-', Some(b'-')) | (b'/', Some(b'*')));
            if comment || !is_operator(byte) {
                return;
            }
            self.at += 1;
        }
    }

    /// psql's variable at a colon, if one is there.
    fn variable(&mut self) -> bool {
        let length = match self.byte(1) {
            Some(quote @ (b'\'' | b'"')) => self.variable_end(2, quote),
            Some(b'{') if self.byte(2) == Some(b'?') => self.variable_end(3, b'}'),
            Some(byte) if is_variable(byte) => {
                let name = self.text.get(self.at + 1..).unwrap_or_default();
                Some(1 + name.iter().take_while(|byte| is_variable(**byte)).count())
            }
            _ => None,
        };
        self.at += length.unwrap_or(0);
        length.is_some()
    }

    fn variable_end(&self, from: usize, close: u8) -> Option<usize> {
        let name = self.text.get(self.at + from..)?;
        let length = name.iter().take_while(|byte| is_variable(**byte)).count();
        (length > 0 && name.get(length) == Some(&close)).then_some(from + length + 1)
    }

    /// A word, or a string or name with a letter in front of its quote.
    fn word(&mut self) -> (Kind, bool) {
        match (self.byte(0), self.byte(1), self.byte(2)) {
            (Some(b'e' | b'E'), Some(b'\''), _) => {
                self.at += 2;
                return (Kind::EscapeText, !self.string(true));
            }
            (Some(b'b' | b'B' | b'x' | b'X'), Some(b'\''), _) => {
                self.at += 2;
                return (Kind::Bits, !self.string(false));
            }
            (Some(b'u' | b'U'), Some(b'&'), Some(b'\'')) => {
                self.at += 3;
                return (Kind::UnicodeText, !self.string(false));
            }
            (Some(b'u' | b'U'), Some(b'&'), Some(b'"')) => {
                self.at += 3;
                return (Kind::UnicodeQuoted, !self.quoted(b'"', false));
            }
            _ => {}
        }
        self.run(|byte| is_inside(byte) || byte == b'$');
        (Kind::Word, false)
    }

    fn token(&mut self, first: u8) -> (Kind, bool) {
        let single = |kind| (kind, 1);
        let (kind, length) = match first {
            byte if is_start(byte) => return self.word(),
            byte if byte.is_ascii_digit() => {
                self.number();
                return (Kind::Number, false);
            }
            b'.' if self.byte(1).is_some_and(|byte| byte.is_ascii_digit()) => {
                self.number();
                return (Kind::Number, false);
            }
            b'\'' => {
                self.at += 1;
                return (Kind::Text, !self.string(self.mode.backslashes));
            }
            b'"' => {
                self.at += 1;
                return (Kind::Quoted, !self.quoted(b'"', false));
            }
            b'$' if self.byte(1).is_some_and(|byte| byte.is_ascii_digit()) => {
                self.at += 1;
                self.run(|byte| byte.is_ascii_digit());
                return (Kind::Param, false);
            }
            b'$' => match self.dollar() {
                Some(closed) => return (Kind::Dollar, !closed),
                None => single(Kind::Other),
            },
            b':' => match self.byte(1) {
                Some(b':' | b'=') => (Kind::Colon, 2),
                _ if self.mode.psql && self.variable() => return (Kind::Variable, false),
                _ => single(Kind::Colon),
            },
            b',' => single(Kind::Comma),
            b'.' => single(Kind::Dot),
            b';' => single(Kind::Semicolon),
            b'(' => single(Kind::Open),
            b')' => single(Kind::Close),
            b'[' => single(Kind::OpenSquare),
            b']' => single(Kind::CloseSquare),
            b'\\' => single(Kind::Backslash),
            byte if is_operator(byte) => {
                self.operator();
                return (Kind::Operator, false);
            }
            _ => single(Kind::Other),
        };
        self.at += length;
        (kind, false)
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let from = self.at;
        if self.skip() {
            return Some(Token {
                kind: Kind::Other,
                start: from,
                end: self.text.len(),
                open: true,
            });
        }
        let start = self.at;
        let first = self.byte(0)?;
        let (kind, open) = self.token(first);
        self.at = self.at.clamp(start + 1, self.text.len());
        Some(Token { kind, start, end: self.at, open })
    }
}

/// Whether a byte begins an unquoted name. Every byte of a non-ASCII letter
/// does, no-break spaces and zero-width characters included.
fn is_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_inside(byte: u8) -> bool {
    is_start(byte) || byte.is_ascii_digit()
}

/// Whether a byte may stand in the name of a psql variable.
pub fn is_variable(byte: u8) -> bool {
    is_inside(byte)
}

fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'~' | b'!'
            | b'@'
            | b'#'
            | b'^'
            | b'&'
            | b'|'
            | b'`'
            | b'?'
            | b'+'
            | b'-'
            | b'*'
            | b'/'
            | b'%'
            | b'<'
            | b'>'
            | b'='
    )
}
