//! Code → tokens, strictly: what could be read in two ways (a regular
//! expression, a here-document, a character literal, a backtick) is not read
//! at all, so that no quote or comment hides code.

use super::Language;

/// Tokens beyond which code is not read.
const MAX_TOKENS: usize = 20_000;
/// How deep code may stand in texts that stand in code.
const MAX_DEPTH: usize = 6;

/// A piece of code.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or keyword.
    Name(String),
    /// PHP's `$name`.
    Variable,
    /// A name of which nothing is called: Ruby's `:name`.
    Symbol,
    /// Ruby's `name:`, which begins an entry or argument.
    Key,
    Number,
    /// A text; none where parts of it are computed.
    Text(Option<String>),
    /// A mark, or several that belong together.
    Op(&'static str),
    /// The end of a line or statement.
    Line,
}

/// Marks, the longest first.
const OPS: &[&str] = &[
    "===", "!==", "<=>", "...", "?->", "==", "!=", "<=", ">=", "=>", "->", "::", "&.", "&&", "||",
    "..", "+=", "-=", "**", "//", "??", "<<", ">>", "(", ")", "[", "]", "{", "}", ".", ",", ":",
    "=", "<", ">", "+", "-", "*", "/", "%", "&", "|", "!", "~",
];

/// The tokens; none where the code holds what is not read.
pub(super) fn tokens(code: &str, language: Language) -> Option<Vec<Token>> {
    let mut lexer = Lexer { rest: code, before: None, language, tokens: Vec::new() };
    lexer.run(0, None)?;
    Some(lexer.tokens)
}

struct Lexer<'a> {
    rest: &'a str,
    /// The character in front of the rest.
    before: Option<char>,
    language: Language,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn peek(&self, at: usize) -> Option<char> {
        self.rest.chars().nth(at)
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        let (gone, rest) = self.rest.split_at_checked(length)?;
        self.before = gone.chars().next_back().or(self.before);
        self.rest = rest;
        Some(())
    }

    fn op(&mut self, op: &'static str) {
        self.tokens.push(Token::Op(op));
    }

    /// Reads on, to a closing brace if code stands in a text.
    fn run(&mut self, depth: usize, close: Option<char>) -> Option<()> {
        let ruby = self.language == Language::Ruby;
        let php = self.language == Language::Php;
        let mut braces = 0_usize;
        while let Some(letter) = self.peek(0) {
            if self.tokens.len() > MAX_TOKENS {
                return None;
            }
            let next = self.peek(1);
            match letter {
                '}' if close.is_some() && braces == 0 => {
                    self.skip(1)?;
                    return Some(());
                }
                // A format behind a value of Python's: `{total:,.2f}`.
                ':' | '!'
                    if close.is_some() && self.language == Language::Python && braces == 0 =>
                {
                    let end = self.rest.find('}')?;
                    let format = self.rest.get(1..end)?;
                    let plain = |it: char| it.is_ascii_alphanumeric() || ",.%:<>^+-= ".contains(it);
                    if !format.chars().all(plain) {
                        return None;
                    }
                    self.skip(end)?;
                }
                '\n' if php => self.skip(1)?,
                '\n' | ';' => {
                    self.tokens.push(Token::Line);
                    self.skip(1)?;
                }
                ' ' | '\t' | '\r' => self.skip(1)?,
                '#' if next == Some('[') && php => return None,
                '#' if close.is_none() => {
                    let end = self.rest.find('\n').unwrap_or(self.rest.len());
                    let comment = self.rest.get(..end)?;
                    if comment.contains("?>") {
                        return None;
                    }
                    self.skip(end)?;
                }
                '"' | '\'' => self.text(letter, depth, false)?,
                '$' if php => {
                    self.skip(1)?;
                    self.name()?;
                    self.tokens.push(Token::Variable);
                }
                '%' if ruby => self.words()?,
                ':' if ruby && self.begins_symbol(next) => {
                    self.skip(1)?;
                    match next {
                        Some('"' | '\'') => self.text(next?, depth, false)?,
                        _ => {
                            let called = self.tokens.last() == Some(&Token::Op("&"));
                            let name = self.name()?;
                            self.tokens.push(if called {
                                Token::Name(name)
                            } else {
                                Token::Symbol
                            });
                        }
                    }
                }
                letter if letter.is_ascii_digit() => self.number()?,
                letter if letter.is_ascii_alphabetic() || letter == '_' => self.word(depth)?,
                '\\' if php => self.word(depth)?,
                '/' if ruby || php => return None,
                letter if letter.is_whitespace() => return None,
                _ => {
                    let op = OPS.iter().find(|op| self.rest.starts_with(**op))?;
                    match *op {
                        "{" => braces += 1,
                        "}" => braces = braces.checked_sub(1)?,
                        _ => {}
                    }
                    self.op(op);
                    self.skip(op.len())?;
                }
            }
        }
        close.is_none().then_some(())
    }

    fn begins_symbol(&self, next: Option<char>) -> bool {
        let begins = next.is_some_and(|it| it.is_ascii_alphabetic() || "_\"'".contains(it));
        begins && self.before.is_none_or(|it| it.is_whitespace() || "([{,&=>!|".contains(it))
    }

    /// The letters of a name.
    fn name(&mut self) -> Option<String> {
        let php = self.language == Language::Php;
        let part = |it: char| it.is_ascii_alphanumeric() || it == '_' || (php && it == '\\');
        let end = self.rest.find(|it| !part(it)).unwrap_or(self.rest.len());
        let name = self.rest.get(..end)?.to_owned();
        let begins = name.trim_start_matches('\\').starts_with(|it: char| !it.is_ascii_digit());
        self.skip(end)?;
        begins.then_some(name)
    }

    fn word(&mut self, depth: usize) -> Option<()> {
        let mut name = self.name()?;
        let (next, after) = (self.peek(0), self.peek(1));
        match self.language {
            Language::Python if matches!(next, Some('"' | '\'')) => {
                let kind = name.to_ascii_lowercase();
                return match kind.as_str() {
                    "f" | "rf" | "fr" => self.text(next?, depth, true),
                    "r" | "b" | "u" | "br" | "rb" => self.text(next?, depth, false),
                    _ => None,
                };
            }
            Language::Ruby => match (next, after) {
                // `a!` and `a=`; not `a != b`.
                (Some('!'), after) if after != Some('=') => return None,
                (Some('?'), after) => {
                    // `a?(b)`, `a?.b`, `a? b`; not `a ?b`.
                    let ends =
                        after.is_none_or(|it| it.is_whitespace() || "().,;]}&|".contains(it));
                    if !ends {
                        return None;
                    }
                    name.push('?');
                    self.skip(1)?;
                }
                (Some(':'), after) if after != Some(':') => {
                    self.skip(1)?;
                    self.tokens.push(Token::Key);
                    return Some(());
                }
                _ => {}
            },
            _ => {}
        }
        self.tokens.push(Token::Name(name));
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let mut letters = self.rest.char_indices().peekable();
        let mut end = 0;
        while let Some((at, letter)) = letters.next() {
            let digit = |it: Option<&(usize, char)>| it.is_some_and(|(_, it)| it.is_ascii_digit());
            let part = letter.is_ascii_digit()
                || (letter == '_' || letter == '.') && digit(letters.peek());
            if !part {
                break;
            }
            end = at + 1;
        }
        self.skip(end)?;
        self.tokens.push(Token::Number);
        (!self.peek(0).is_some_and(|it| it.is_ascii_alphabetic())).then_some(())
    }

    /// `%w[a b]` and `%i[a b]` where no value stands in front, which would be
    /// divided; nothing else that begins so.
    fn words(&mut self) -> Option<()> {
        let begins = match self.tokens.last() {
            None | Some(Token::Line | Token::Key) => true,
            Some(Token::Op(op)) => !matches!(*op, ")" | "]" | "}"),
            Some(_) => false,
        };
        if !begins {
            return None;
        }
        let body = self.rest.strip_prefix("%w").or_else(|| self.rest.strip_prefix("%i"))?;
        let close = match body.chars().next()? {
            '[' => ']',
            '(' => ')',
            _ => return None,
        };
        let end = body.find(close)?;
        let inside = body.get(1..end)?;
        if inside.contains(['[', '(', '\\', '#']) {
            return None;
        }
        self.tokens.push(Token::Text(Some(inside.to_owned())));
        self.skip(2 + end + 1)
    }

    /// A text; `formed` says that braces hold code (Python's `f"…"`).
    fn text(&mut self, quote: char, depth: usize, formed: bool) -> Option<()> {
        let three: String = std::iter::repeat_n(quote, 3).collect();
        let python = self.language == Language::Python;
        let close = if python && self.rest.starts_with(&three) { three } else { quote.to_string() };
        self.skip(close.len())?;
        let mut value = Some(String::new());
        let mut inner = 0;
        loop {
            if self.rest.starts_with(&close) {
                self.skip(close.len())?;
                break;
            }
            let letter = self.peek(0)?;
            let next = self.peek(1);
            match (self.language, letter, next) {
                (Language::Python, '\n', _) if close.len() == 1 => return None,
                (_, '\\', Some('n' | 't' | '\\' | '"' | '\'')) => {
                    if let Some(value) = &mut value {
                        value.push(if next == Some('n') { '\n' } else { next? });
                    }
                    self.skip(2)?;
                }
                // What it means depends on the language and the quotes.
                (_, '\\', _) => return None,
                (Language::Ruby, '#', Some('{')) if quote == '"' => {
                    self.skip(2)?;
                    self.code(depth, &mut inner)?;
                    value = None;
                }
                (Language::Python, '{', Some('{')) if formed => self.skip(2)?,
                (Language::Python, '{', _) if formed => {
                    self.skip(1)?;
                    self.code(depth, &mut inner)?;
                    value = None;
                }
                (Language::Php, '{', Some('$')) | (Language::Php, '$', Some('{'))
                    if quote == '"' =>
                {
                    return None;
                }
                (Language::Php, '$', _) if quote == '"' => {
                    value = None;
                    self.skip(1)?;
                }
                _ => {
                    if let Some(value) = &mut value {
                        value.push(letter);
                    }
                    self.skip(letter.len_utf8())?;
                }
            }
        }
        if inner > 0 {
            self.op(")");
        }
        self.tokens.push(Token::Text(value));
        Some(())
    }

    /// Code in a text, as an argument of its own in front of the text.
    fn code(&mut self, depth: usize, inner: &mut usize) -> Option<()> {
        if depth >= MAX_DEPTH {
            return None;
        }
        self.op(if *inner == 0 { "(" } else { "," });
        *inner += 1;
        let close = Some('}');
        self.run(depth + 1, close)
    }
}
