//! Code of scripting languages → words, texts and marks, for readers that look
//! for calls with literal arguments. Comments are left out; a here-document is
//! a text. No grammar: where only a real one could tell a quote from a regular
//! expression, what follows may be taken for the other. Nothing is run.

/// Tokens of one text beyond which the rest is not read.
const MAX_TOKENS: usize = 50_000;

/// How texts and comments are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Perl's.
    Perl,
    /// PHP's.
    Php,
    /// Python's.
    Python,
    /// Ruby's.
    Ruby,
    /// JavaScript's and TypeScript's.
    Script,
}

/// The tokens of a text.
pub fn tokens(text: &str, syntax: Syntax) -> Vec<Token> {
    Lexer::new(text, syntax).tokens()
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A name, keyword or number.
    Word(String),
    /// What stands in quotes or in a here-document.
    Text(String),
    /// Any other letter.
    Mark(char),
}

/// A piece of code.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// The blanks in front of its line's first letter.
    pub indent: usize,
    /// Its line.
    pub line: usize,
}

impl Token {
    /// Whether it is this mark.
    pub fn is_mark(&self, mark: char) -> bool {
        self.kind == Kind::Mark(mark)
    }

    /// The word that it is.
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }
}

struct Lexer<'a> {
    rest: &'a str,
    syntax: Syntax,
    line: usize,
    indent: usize,
    tokens: Vec<Token>,
    /// Words that end here-documents whose text begins with the next line.
    pending: Vec<String>,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, syntax: Syntax) -> Lexer<'a> {
        let indent = indent_of(text);
        Lexer { rest: text, syntax, line: 1, indent, tokens: Vec::new(), pending: Vec::new() }
    }

    fn tokens(mut self) -> Vec<Token> {
        while let Some(letter) = self.rest.chars().next() {
            if self.tokens.len() >= MAX_TOKENS {
                break;
            }
            self.step(letter);
        }
        self.tokens
    }

    fn step(&mut self, letter: char) {
        let hash =
            matches!(self.syntax, Syntax::Ruby | Syntax::Perl | Syntax::Python | Syntax::Php);
        let slashes = matches!(self.syntax, Syntax::Script | Syntax::Php);
        match letter {
            '\n' => {
                self.skip(1);
                self.documents();
            }
            '#' if hash && !self.rest.starts_with("#[") => self.skip_line(),
            '/' if slashes && self.rest.starts_with("//") => self.skip_line(),
            '/' if slashes && self.rest.starts_with("/*") => {
                let end = self.rest.find("*/").map_or(self.rest.len(), |at| at + 2);
                self.skip(end);
            }
            '<' if self.document() => {}
            '%' | 'q' if self.operator() => {}
            '`' if self.syntax != Syntax::Script => {
                // What stands in it is run.
                self.push(Kind::Word("qx".to_owned()));
                self.text(letter);
            }
            '"' | '\'' | '`' => self.text(letter),
            letter if is_word(letter) => {
                let end = self.rest.find(|next| !is_word(next)).unwrap_or(self.rest.len());
                let (word, _) = self.rest.split_at_checked(end).unwrap_or_default();
                self.push(Kind::Word(word.to_owned()));
                self.skip(end);
            }
            letter if letter.is_whitespace() => self.skip(letter.len_utf8()),
            letter => {
                self.push(Kind::Mark(letter));
                self.skip(letter.len_utf8());
            }
        }
    }

    fn push(&mut self, kind: Kind) {
        self.tokens.push(Token { kind, indent: self.indent, line: self.line });
    }

    /// Goes on behind `length` bytes, which must end at a letter.
    fn skip(&mut self, length: usize) {
        let (gone, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        let lines = gone.matches('\n').count();
        self.rest = rest;
        if lines > 0 {
            self.line += lines;
            let tail = gone.rsplit('\n').next().unwrap_or_default();
            self.indent = if tail.is_empty() { indent_of(rest) } else { indent_of(tail) };
        }
    }

    fn skip_line(&mut self) {
        self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
    }

    /// A text in quotes, Python's threefold ones included.
    fn text(&mut self, quote: char) {
        let three: String = std::iter::repeat_n(quote, 3).collect();
        let (open, close) = match self.syntax == Syntax::Python && self.rest.starts_with(&three) {
            true => (3, three),
            false => (1, quote.to_string()),
        };
        let long = open == 3 || quote == '`' || self.syntax != Syntax::Python;
        let body = self.rest.get(open..).unwrap_or_default();
        let mut value = String::new();
        let mut at = 0;
        while let Some(next) = body.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = body.get(at..).unwrap_or_default();
            if rest.starts_with(&close) || (next == '\n' && !long) {
                break;
            }
            at += next.len_utf8();
            if next == '\\' {
                let escaped = body.get(at..).and_then(|rest| rest.chars().next());
                at += escaped.map_or(0, char::len_utf8);
                value.push(match escaped {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some(other) => other,
                    None => break,
                });
            } else {
                value.push(next);
            }
        }
        self.push(Kind::Text(value));
        let end = (open + at + close.len()).min(self.rest.len());
        self.skip(end);
    }

    /// A text behind an operator, `%x(…)` or `qx{…}`, if it is one.
    fn operator(&mut self) -> bool {
        let operators: &[&'static str] = match self.syntax {
            Syntax::Ruby => &["%x", "%q", "%Q", "%w", "%W", "%i"],
            Syntax::Perl => &["qx", "qq", "qw", "q"],
            _ => return false,
        };
        let behind = |operator: &'static str| {
            let rest = self.rest.strip_prefix(operator)?;
            let open = rest.chars().next().filter(|it| "({[<|!/".contains(*it))?;
            Some((operator, open, rest.get(1..)?))
        };
        let Some((operator, open, body)) = operators.iter().find_map(|it| behind(it)) else {
            return false;
        };
        let close = match open {
            '(' => ')',
            '{' => '}',
            '[' => ']',
            '<' => '>',
            other => other,
        };
        let mut depth = 1_usize;
        let end = body.find(|letter| {
            match letter {
                _ if letter == close => depth -= 1,
                _ if letter == open => depth += 1,
                _ => {}
            }
            depth == 0
        });
        let Some(value) = end.and_then(|end| body.get(..end)) else { return false };
        let is_list = operator.ends_with(['w', 'W', 'i']);
        if operator.ends_with('x') {
            self.push(Kind::Word("qx".to_owned()));
        }
        if is_list {
            self.list(value, self.syntax == Syntax::Ruby);
        } else {
            self.push(Kind::Text(value.to_owned()));
        }
        self.skip(self.rest.len() - body.len() + value.len() + 1);
        true
    }

    /// The words of `%w[a b]` or `qw(a b)`, as if each stood in quotes.
    fn list(&mut self, words: &str, bracketed: bool) {
        if bracketed {
            self.push(Kind::Mark('['));
        }
        for (at, word) in words.split_whitespace().enumerate() {
            if at > 0 {
                self.push(Kind::Mark(','));
            }
            if self.tokens.len() < MAX_TOKENS {
                self.push(Kind::Text(word.to_owned()));
            }
        }
        if bracketed {
            self.push(Kind::Mark(']'));
        }
    }

    /// A here-document's beginning, `<<~SQL` or `<<<'SQL'`, if it is one.
    fn document(&mut self) -> bool {
        let marks: &[&str] = match self.syntax {
            Syntax::Perl | Syntax::Ruby => &["<<~", "<<-", "<<"],
            Syntax::Php => &["<<<"],
            _ => return false,
        };
        let Some(mark) = marks.iter().find(|mark| self.rest.starts_with(**mark)) else {
            return false;
        };
        let rest = self.rest.get(mark.len()..).unwrap_or_default();
        let word = rest.trim_start_matches(['"', '\'', ' ']);
        let length = word.find(|next| !is_word(next)).unwrap_or(word.len());
        let name = word.get(..length).unwrap_or_default();
        if !name.starts_with(|first: char| first.is_ascii_uppercase()) || self.pending.len() > 8 {
            return false;
        }
        self.pending.push(name.to_owned());
        // Its text is put in when its lines come.
        self.push(Kind::Text(String::new()));
        let quotes = rest.len() - word.len();
        let closed = word.get(length..).is_some_and(|rest| rest.starts_with(['"', '\'']));
        self.skip(mark.len() + quotes + length + usize::from(closed));
        true
    }

    /// Reads the here-documents that begin with this line.
    fn documents(&mut self) {
        for name in std::mem::take(&mut self.pending) {
            let mut value = String::new();
            let mut length = 0;
            for line in self.rest.split_inclusive('\n') {
                length += line.len();
                let end = line.trim();
                let ends = end.strip_prefix(name.as_str());
                if ends.is_some_and(|rest| !rest.starts_with(is_word)) {
                    // What follows PHP's end on its line is code again.
                    length -= line.len();
                    length += line.len() - line.trim_start().len() + name.len();
                    break;
                }
                value.push_str(line);
            }
            let empty = |token: &&mut Token| token.kind == Kind::Text(String::new());
            if let Some(token) = self.tokens.iter_mut().rev().find(empty) {
                token.kind = Kind::Text(value);
            }
            self.skip(length);
        }
    }
}

fn indent_of(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// Whether a letter belongs to words.
pub fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}
