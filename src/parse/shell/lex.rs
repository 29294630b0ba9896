//! Characters → tokens: operators, words, here-document bodies, and which
//! words are reserved where they stand. Substitutions are parsed on the way,
//! each by a lexer loop of its own, so that an end is found by grammar and not
//! by counting brackets.

use super::document::Document;
use super::reserved::reserved;
use super::{DEPTH, Error, LIMIT, List, Part, Word, grammar};

/// What the grammar sees.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// `;`, `&&`, `<<`, a newline …
    Operator(&'static str),
    /// A reserved word that stands where it counts.
    Reserved(&'static str),
    /// A file descriptor glued to the redirection behind it.
    Number(i32),
    /// A word.
    Word(Word),
    /// A word in front of a command that assigns.
    Assignment(Word),
}

/// Where a run of tokens ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    Text,
    Paren,
}

/// What is open around the current token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    Paren,
    Brace,
    If,
    /// A loop whose `do` has not come yet.
    Head {
        counts: bool,
    },
    Loop,
    /// A case in front of a pattern, or in an arm.
    Patterns,
    Arm,
}

/// Operators, the longest first.
const OPERATORS: &[&str] = &[
    ";;&", "&>>", "<<<", "<<-", "&&", "||", ";;", ";&", "|&", "&>", "<<", "<&", "<>", ">>", ">&",
    ">|", ";", "&", "|", "<", ">", "(", ")", "\n",
];

/// How many tokens the grammar gets at once, about.
const PIECE: usize = 1_000;

/// How many `case`s may nest: brush's grammar reads a last arm twice.
const CASES: usize = 6;

pub(super) struct Lexer<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// How deeply this lexer's text is nested in others.
    pub(super) depth: usize,
    pub(super) tokens: Vec<Token>,
    pub(super) open: Vec<Open>,
    pub(super) documents: Vec<Document>,
    /// Whether a reserved word would be one here.
    pub(super) start: bool,
    /// Whether an assignment would be one here.
    pub(super) prefix: bool,
}

/// Reads `text`, which stands `depth` levels deep in another.
pub(super) fn parse(text: &str, depth: usize) -> Result<List, Error> {
    if text.len() > LIMIT {
        return Err(Error::TooLong(text.len()));
    }
    let mut lexer = Lexer::new(text.as_bytes(), 0, depth);
    lexer.list(Until::Text)
}

impl<'a> Lexer<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, depth: usize) -> Lexer<'a> {
        Lexer {
            bytes,
            at,
            depth,
            tokens: Vec::new(),
            open: Vec::new(),
            documents: Vec::new(),
            start: true,
            prefix: true,
        }
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    pub(super) fn starts_with(&self, text: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(text))
    }

    /// The commands of a substitution whose opening bracket has been read, up
    /// to and with its closing one.
    pub(super) fn nested(&mut self) -> Result<List, Error> {
        if self.depth + self.open.len() >= DEPTH {
            return Err(Error::TooDeep);
        }
        let mut inner = Lexer::new(self.bytes, self.at, self.depth + self.open.len() + 1);
        let list = inner.list(Until::Paren)?;
        self.at = inner.at;
        Ok(list)
    }

    fn list(&mut self, until: Until) -> Result<List, Error> {
        let mut list = List::default();
        while self.token(until)? {
            if self.ends_a_piece() {
                list.entries.extend(grammar::tree(std::mem::take(&mut self.tokens))?.entries);
            }
        }
        if until == Until::Text {
            self.fill_all()?;
        }
        match self.open.last() {
            _ if !self.documents.is_empty() => Err(Error::Unterminated("a here-document")),
            Some(Open::Paren) => Err(Error::Unterminated("`(`")),
            Some(Open::Brace) => Err(Error::Unterminated("`{`")),
            Some(Open::If) => Err(Error::Unterminated("`if`")),
            Some(Open::Head { .. } | Open::Loop) => Err(Error::Unterminated("a loop")),
            Some(Open::Patterns | Open::Arm) => Err(Error::Unterminated("`case`")),
            None => {
                list.entries.extend(grammar::tree(std::mem::take(&mut self.tokens))?.entries);
                Ok(list)
            }
        }
    }

    /// Whether the tokens so far are commands of their own, and enough of them
    /// to be put together before the rest is read: a long script is never in
    /// memory as tokens. Where a newline might not end a command, it does not.
    fn ends_a_piece(&self) -> bool {
        if self.tokens.len() < PIECE || !self.open.is_empty() {
            return false;
        }
        let [.., last, Token::Operator("\n")] = self.tokens.as_slice() else { return false };
        match last {
            Token::Word(_) | Token::Assignment(_) => true,
            Token::Operator(operator) => matches!(*operator, ";" | "&" | ")"),
            Token::Reserved(word) => matches!(*word, "}" | "fi" | "done" | "esac"),
            Token::Number(_) => false,
        }
    }

    /// Reads one token; false at the end.
    fn token(&mut self, until: Until) -> Result<bool, Error> {
        self.blanks();
        if self.open.last() == Some(&Open::Patterns) {
            return self.pattern().map(|()| true);
        }
        match self.peek(0) {
            None if until == Until::Paren => return Err(Error::Unterminated("a substitution")),
            None => return Ok(false),
            Some(b')') if until == Until::Paren && self.open.is_empty() => {
                self.at += 1;
                return Ok(false);
            }
            Some(_) => {}
        }
        match self.operator() {
            Some(operator) => self.take_operator(operator)?,
            None => self.take_word()?,
        }
        Ok(true)
    }

    /// Skips blanks, line continuations and comments.
    pub(super) fn blanks(&mut self) {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b' ' | b'\t'), _) => self.at += 1,
                (Some(b'\\'), Some(b'\n')) => self.at += 2,
                (Some(b'#'), _) => {
                    while self.peek(0).is_some_and(|byte| byte != b'\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    pub(super) fn blank_lines(&mut self) -> Result<(), Error> {
        self.blanks();
        while self.peek(0) == Some(b'\n') {
            self.at += 1;
            self.fill_all()?;
            self.blanks();
        }
        Ok(())
    }

    /// The operator at this place. `<(` and `>(` begin words.
    pub(super) fn operator(&self) -> Option<&'static str> {
        if matches!(self.peek(0), Some(b'<' | b'>')) && self.peek(1) == Some(b'(') {
            return None;
        }
        OPERATORS.iter().find(|operator| self.starts_with(operator.as_bytes())).copied()
    }

    pub(super) fn push_open(&mut self, open: Open) -> Result<(), Error> {
        let cases = self.open.iter().filter(|open| **open == Open::Arm).count();
        if self.depth + self.open.len() >= DEPTH || (open == Open::Patterns && cases >= CASES) {
            return Err(Error::TooDeep);
        }
        self.open.push(open);
        Ok(())
    }

    pub(super) fn close(&mut self, open: Open, word: &'static str) -> Result<(), Error> {
        if self.open.last() != Some(&open) {
            return Err(Error::Syntax(format!("near `{word}`")));
        }
        self.open.pop();
        Ok(())
    }

    /// Lets a command begin at the next token.
    pub(super) fn begin(&mut self) {
        self.start = true;
        self.prefix = true;
    }

    fn take_operator(&mut self, operator: &'static str) -> Result<(), Error> {
        self.at += operator.len();
        match operator {
            "(" => return self.parenthesis(),
            ")" => {
                self.close(Open::Paren, ")")?;
                self.tokens.push(Token::Operator(operator));
                self.begin();
            }
            "\n" => {
                self.tokens.push(Token::Operator(operator));
                self.fill_all()?;
                self.begin();
            }
            ";;" | ";&" | ";;&" => {
                self.close(Open::Arm, operator)?;
                self.open.push(Open::Patterns);
                self.tokens.push(Token::Operator(operator));
            }
            ";" | "&" | "&&" | "||" | "|" | "|&" => {
                let operator = if operator == "|&" { "|" } else { operator };
                self.tokens.push(Token::Operator(operator));
                self.begin();
            }
            "<<" | "<<-" => self.document(operator == "<<-")?,
            _ => {
                let operator = match operator {
                    "&>" => ">",
                    "&>>" => ">>",
                    other => other,
                };
                self.tokens.push(Token::Operator(operator));
                self.blanks();
                let target = self.word()?;
                self.tokens.push(Token::Word(target));
                self.start = false;
            }
        }
        Ok(())
    }

    fn parenthesis(&mut self) -> Result<(), Error> {
        let after_word = !self.start && matches!(self.tokens.last(), Some(Token::Word(_)));
        if after_word {
            // Only a function's definition has one behind a word.
            self.blanks();
            if self.peek(0) != Some(b')') {
                return Err(Error::Syntax("near `(`".to_owned()));
            }
            self.at += 1;
            self.tokens.extend([Token::Operator("("), Token::Operator(")")]);
            self.blank_lines()?;
            self.begin();
            return Ok(());
        }
        if self.peek(0) == Some(b'(') && self.closes_twice(self.at + 1) {
            self.at += 1;
            let word = self.expression()?;
            self.tokens.extend([Token::Word(plain("((")), Token::Word(word)]);
            self.start = false;
            return Ok(());
        }
        // brush reads `( (` as arithmetic, so nothing-done stands between.
        if self.tokens.last() == Some(&Token::Operator("(")) {
            self.tokens.extend([Token::Word(plain(":")), Token::Operator(";")]);
        }
        self.push_open(Open::Paren)?;
        self.tokens.push(Token::Operator("("));
        self.begin();
        Ok(())
    }

    /// An arithmetic expression up to and with its two closing parentheses.
    pub(super) fn expression(&mut self) -> Result<Word, Error> {
        let from = self.at;
        let parts = vec![self.arithmetic(b"))")?];
        Ok(Word { parts, raw: self.spelling(from) })
    }

    /// Whether the text at `from`, behind two opening parentheses, runs to
    /// two closing ones side by side: how bash tells `((` from `( (`.
    pub(super) fn closes_twice(&self, from: usize) -> bool {
        let mut depth = 2;
        let mut at = from;
        while let Some(byte) = self.bytes.get(at) {
            at += 1;
            match byte {
                b'\\' => at += 1,
                b'\'' | b'"' => {
                    while let Some(inside) = self.bytes.get(at) {
                        at += 1;
                        if inside == byte {
                            break;
                        }
                        if *inside == b'\\' && *byte == b'"' {
                            at += 1;
                        }
                    }
                }
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 1 {
                        return self.bytes.get(at) == Some(&b')');
                    }
                }
                _ => {}
            }
        }
        false
    }

    fn take_word(&mut self) -> Result<(), Error> {
        let word = self.word()?;
        if matches!(self.peek(0), Some(b'<' | b'>')) && self.peek(1) != Some(b'(') {
            if let Some(number) = descriptor(&word) {
                self.tokens.push(Token::Number(number));
                return Ok(());
            }
            // `{name}> file`: the shell picks the number.
            if word.raw.starts_with('{') && word.raw.ends_with('}') && word.raw.len() > 2 {
                return Ok(());
            }
        }
        if self.start
            && let Some(reserved) = word.bare().and_then(reserved)
        {
            return self.take_reserved(reserved);
        }
        self.start = false;
        if self.prefix && word.assignment().is_some() {
            self.tokens.push(Token::Assignment(word));
        } else {
            self.prefix = false;
            self.tokens.push(Token::Word(word));
        }
        Ok(())
    }
}

/// A word that is written out.
pub(super) fn plain(text: &str) -> Word {
    let bytes = text.as_bytes().to_vec();
    Word { parts: vec![Part::Text { bytes, quoted: false }], raw: text.to_owned() }
}

fn descriptor(word: &Word) -> Option<i32> {
    let text = word.bare()?;
    (text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}
