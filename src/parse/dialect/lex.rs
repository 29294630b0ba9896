//! The words of MySQL's and SQLite's SQL: quotes, comments, numbers, names.
//! Never fails: what is not closed is marked so.

use super::Dialect;

/// How a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Whose SQL it is.
    pub dialect: Dialect,
    /// Whether a backslash in a string stands for something else
    /// (NO_BACKSLASH_ESCAPES is off).
    pub backslashes: bool,
    /// Whether what stands in `/*!50701 … */` and `/*M! … */` is code: that
    /// depends on the server's version.
    pub versioned: bool,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A bare word.
    Word,
    /// A quoted name.
    Name,
    /// A string.
    Text,
    /// A number.
    Number,
    /// `@x`, `@@global.x`.
    Variable,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `;`
    Semicolon,
    /// An operator, or a byte that means nothing.
    Symbol,
}

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its bytes, quotes included.
    pub bytes: &'a [u8],
    /// Whether only some servers see it.
    pub versioned: bool,
    /// Whether its quote is not closed.
    pub open: bool,
}

impl Token<'_> {
    /// Whether it is this bare word.
    pub fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.bytes.eq_ignore_ascii_case(word.as_bytes())
    }

    /// Whether it is one of these bare words.
    pub fn among(&self, words: &[&str]) -> bool {
        self.kind == Kind::Word
            && words.iter().any(|word| self.bytes.eq_ignore_ascii_case(word.as_bytes()))
    }

    /// A name, or a string's contents, without its quotes. Escapes other than
    /// doubled quotes stay.
    pub fn unquoted(&self) -> String {
        let text = String::from_utf8_lossy(self.bytes);
        let mut letters = text.chars();
        let quote = match letters.next() {
            Some('[') => ']',
            Some(quote @ ('\'' | '"' | '`')) => quote,
            _ => return text.into_owned(),
        };
        let inner = letters.as_str();
        let inner = inner.strip_suffix(quote).unwrap_or(inner);
        match inner.contains(quote) {
            true => inner.replace(&format!("{quote}{quote}"), &quote.to_string()),
            false => inner.to_owned(),
        }
    }
}

/// Splits a text into tokens.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    mode: Mode,
    /// In a comment that is code; whether only some servers see it.
    inside: Option<bool>,
    /// Whether a string with a backslash was seen.
    pub saw_backslash: bool,
    /// Whether code that only some servers see was seen.
    pub saw_versioned: bool,
    /// Whether a comment is not closed.
    pub open_comment: bool,
}

impl<'a> Lexer<'a> {
    /// A lexer at the beginning of a text.
    pub fn new(text: &'a [u8], mode: Mode) -> Lexer<'a> {
        Lexer {
            text,
            at: 0,
            mode,
            inside: None,
            saw_backslash: false,
            saw_versioned: false,
            open_comment: false,
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self) {
        loop {
            match self.rest() {
                [byte, ..] if *byte <= b' ' => self.at += 1,
                [b'#', ..] if self.mode.dialect == Dialect::Mysql => self.line(),
                // ClickHouse wants a blank or a ! behind it.
                [b'#', b' ' | b'!', ..] if self.mode.dialect == Dialect::Clickhouse => self.line(),
                [b'/', b'/', ..] if self.mode.dialect == Dialect::Cql => self.line(),
                [b'-', b'-', after @ ..] if self.is_comment(after) => self.line(),
                [b'*', b'/', ..] if self.inside.is_some() => {
                    self.inside = None;
                    self.at += 2;
                }
                [b'/', b'*', after @ ..] => {
                    if !self.conditional(after) {
                        self.comment();
                    }
                }
                _ => return,
            }
        }
    }

    /// MySQL wants a blank behind the dashes: `5--1` is 6.
    fn is_comment(&self, after: &[u8]) -> bool {
        self.mode.dialect != Dialect::Mysql || after.first().is_none_or(|byte| *byte <= b' ')
    }

    fn line(&mut self) {
        let rest = self.rest();
        self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }

    /// Goes into a comment that is code; says whether it was one.
    fn conditional(&mut self, after: &[u8]) -> bool {
        let (own, digits) = match (self.mode.dialect, after) {
            (Dialect::Mysql, [b'!', digits @ ..]) => (false, digits),
            (Dialect::Mysql, [b'M', b'!', digits @ ..]) => (true, digits),
            _ => return false,
        };
        let count = digits.iter().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        let count = if count >= 5 { count } else { 0 };
        let versioned = own || count > 0;
        self.saw_versioned |= versioned;
        if versioned && !self.mode.versioned {
            return false;
        }
        self.inside = Some(versioned);
        self.at += 3 + usize::from(own) + count;
        true
    }

    fn comment(&mut self) {
        let body = self.text.get(self.at + 2..).unwrap_or_default();
        if matches!(self.mode.dialect, Dialect::Duckdb | Dialect::Tsql) {
            return self.nested(body);
        }
        match body.windows(2).position(|pair| pair == b"*/") {
            Some(end) => self.at += end + 4,
            None => {
                self.open_comment |= self.mode.dialect != Dialect::Sqlite;
                self.at = self.text.len();
            }
        }
    }

    /// A comment in which comments may stand.
    fn nested(&mut self, body: &[u8]) {
        let (mut depth, mut at) = (1_usize, 0);
        while depth > 0 {
            match body.get(at..at + 2) {
                Some(b"*/") => (depth, at) = (depth - 1, at + 2),
                Some(b"/*") => (depth, at) = (depth + 1, at + 2),
                Some(_) => at += 1,
                None => {
                    self.open_comment = true;
                    self.at = self.text.len();
                    return;
                }
            }
        }
        self.at += 2 + at;
    }

    /// Where in the text the next token is looked for.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The length of `$tag$ … $tag$`, and whether it is closed; none where no
    /// such string begins.
    fn dollars(&self) -> Option<(usize, bool)> {
        let rest = self.rest();
        let name = rest.get(1..)?.iter().take(64).position(|byte| *byte == b'$')?;
        let tag = rest.get(..name + 2)?;
        let inner = tag.get(1..tag.len() - 1)?;
        if !inner.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            return None;
        }
        let body = rest.get(tag.len()..)?;
        let mut from = 0;
        while let Some(next) = body.get(from..)?.iter().position(|byte| *byte == b'$') {
            from += next;
            if body.get(from..)?.starts_with(tag) {
                return Some((from + 2 * tag.len(), true));
            }
            from += 1;
        }
        Some((rest.len(), false))
    }

    /// The end of a quoted text that begins here, and whether it is closed.
    fn quoted(&mut self, quote: u8, escapes: bool) -> (usize, bool) {
        let rest = self.rest();
        let mut at = 1;
        while let Some(byte) = rest.get(at) {
            if *byte == b'\\' && quote != b'`' {
                self.saw_backslash = true;
                if escapes {
                    at += 2;
                    continue;
                }
            }
            at += 1;
            if *byte == quote {
                let doubles = quote != b']' || self.mode.dialect == Dialect::Tsql;
                if rest.get(at) != Some(&quote) || !doubles {
                    return (at, true);
                }
                at += 1;
            }
        }
        (rest.len(), false)
    }

    fn word(&self, from: usize, extra: &[u8]) -> usize {
        let rest = self.rest().get(from..).unwrap_or_default();
        let is_word = |byte: &u8| {
            byte.is_ascii_alphanumeric()
                || *byte >= 0x80
                || matches!(byte, b'_' | b'$')
                || extra.contains(byte)
        };
        from + rest.iter().take_while(|byte| is_word(byte)).count()
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip();
        let rest = self.rest();
        let first = *rest.first()?;
        let escapes = self.mode.backslashes && self.mode.dialect.escapes();
        let mut open = false;
        let (kind, length) = match first {
            b'\'' | b'"' => {
                let (length, closed) = self.quoted(first, escapes);
                open = !closed;
                let name = first == b'"' && self.mode.dialect.has_quoted_names();
                (if name { Kind::Name } else { Kind::Text }, length)
            }
            b'e' | b'E' if self.mode.dialect == Dialect::Duckdb && rest.get(1) == Some(&b'\'') => {
                self.at += 1;
                let (length, closed) = self.quoted(b'\'', true);
                self.at -= 1;
                open = !closed;
                (Kind::Text, length + 1)
            }
            b'$' if self.mode.dialect.has_dollars() && self.dollars().is_some() => {
                let (length, closed) = self.dollars().unwrap_or((1, false));
                open = !closed;
                (Kind::Text, length)
            }
            b'`' => {
                let (length, closed) = self.quoted(b'`', self.mode.dialect == Dialect::Clickhouse);
                open = !closed;
                (Kind::Name, length)
            }
            b'[' if self.mode.dialect != Dialect::Mysql => {
                let (length, closed) = self.quoted(b']', false);
                open = !closed;
                (Kind::Name, length)
            }
            b'(' => (Kind::Open, 1),
            b')' => (Kind::Close, 1),
            b',' => (Kind::Comma, 1),
            b';' => (Kind::Semicolon, 1),
            b'@' | b':' | b'?' if rest.get(1).is_some_and(u8::is_ascii_alphanumeric) => {
                (Kind::Variable, self.word(1, b"."))
            }
            b'@' | b'#' if self.mode.dialect == Dialect::Tsql => {
                let kind = if first == b'@' { Kind::Variable } else { Kind::Word };
                (kind, self.word(1, b"@#"))
            }
            b'@' if rest.get(1) == Some(&b'@') => (Kind::Variable, self.word(2, b".")),
            b'0'..=b'9' => (Kind::Number, self.word(1, b".")),
            b'.' if rest.get(1).is_some_and(u8::is_ascii_digit) => {
                (Kind::Number, self.word(1, b""))
            }
            b'.' => (Kind::Dot, 1),
            byte if byte.is_ascii_alphabetic() || byte >= 0x80 || matches!(byte, b'_' | b'$') => {
                (Kind::Word, self.word(1, b""))
            }
            _ => (Kind::Symbol, operator(rest)),
        };
        let bytes = rest.get(..length).unwrap_or(rest);
        self.at += bytes.len().max(1);
        Some(Token { kind, bytes, versioned: self.inside == Some(true), open })
    }
}

fn operator(rest: &[u8]) -> usize {
    const LONG: &[&[u8]] =
        &[b"<=>", b"<=", b">=", b"<>", b"!=", b"==", b"||", b"&&", b":=", b"->", b"<<", b">>"];
    LONG.iter().find(|symbol| rest.starts_with(symbol)).map_or(1, |symbol| symbol.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, dialect: Dialect) -> Vec<String> {
        let mode = Mode { dialect, backslashes: true, versioned: true };
        Lexer::new(text.as_bytes(), mode)
            .map(|token| String::from_utf8_lossy(token.bytes).into_owned())
            .collect()
    }

    #[test]
    fn comments_are_blanks_and_conditional_ones_are_code() {
        for text in [
            "drop/**/table t",
            "drop -- x\ntable t # y",
            "drop --\n table\u{b}t",
            "/*!50001 drop */ table t",
            "/*! drop table */ t",
            "/*M!100100 drop*/table t",
            "/*!drop /* x */ table*/ t",
        ] {
            assert_eq!(words(text, Dialect::Mysql), ["drop", "table", "t"], "{text}");
        }
        assert_eq!(words("5--1", Dialect::Mysql), ["5", "-", "-", "1"]);
        assert_eq!(words("5--1", Dialect::Sqlite), ["5"]);
        assert_eq!(words("a /*! b */ c", Dialect::Sqlite), ["a", "c"]);
    }

    #[test]
    fn quotes_hide_everything() {
        assert_eq!(words(r"'a\'; x' b", Dialect::Mysql), [r"'a\'; x'", "b"]);
        assert_eq!(words(r"'a\'; x' b", Dialect::Sqlite), [r"'a\'", ";", "x", "' b"]);
        assert_eq!(words("`a``;` [b;]", Dialect::Sqlite), ["`a``;`", "[b;]"]);
        assert_eq!(words("'it''s' \"q\"\"\"", Dialect::Mysql), ["'it''s'", "\"q\"\"\""]);
    }

    #[test]
    fn a_name_loses_its_quotes() {
        let mode = Mode { dialect: Dialect::Mysql, backslashes: true, versioned: true };
        let token = Lexer::new(b"`a``b`", mode).next().unwrap();
        assert_eq!(token.unquoted(), "a`b");
        assert!(Lexer::new(b"'open", mode).next().unwrap().open);
    }
}
