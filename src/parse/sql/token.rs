//! The tokens of PostgreSQL's SQL and of psql's language around it. Data only;
//! [`super::lex`] finds them.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A keyword or unquoted name.
    Word,
    /// `"name"`.
    Quoted,
    /// `U&"name"`.
    UnicodeQuoted,
    /// `'text'`.
    Text,
    /// `E'text'`.
    EscapeText,
    /// `U&'text'`.
    UnicodeText,
    /// `B'…'` or `X'…'`.
    Bits,
    /// `$tag$text$tag$`.
    Dollar,
    /// A number.
    Number,
    /// `$1`.
    Param,
    /// A run of operator characters.
    Operator,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `;`
    Semicolon,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[`
    OpenSquare,
    /// `]`
    CloseSquare,
    /// `:`, `::` or `:=`.
    Colon,
    /// A backslash: psql's meta-commands begin so; the server knows none.
    Backslash,
    /// `:name`, `:'name'`, `:"name"` or `:{?name}`, in psql's language only.
    Variable,
    /// Any other byte.
    Other,
}

/// A token's place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
    /// Whether a quote, comment or dollar quote in it ran to the end of the
    /// text without being closed.
    pub open: bool,
}

impl Token {
    /// Its bytes in `text`.
    pub fn bytes<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Whether it is the unquoted word `word` (lower case), in any case.
    pub fn is(&self, text: &[u8], word: &str) -> bool {
        self.kind == Kind::Word && self.bytes(text).eq_ignore_ascii_case(word.as_bytes())
    }
}
