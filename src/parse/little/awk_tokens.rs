//! A program of awk's → its tokens, with texts without their escapes. Comments
//! are left out. Nothing says what they mean.

/// Tokens beyond which the rest is not read.
const MAX_TOKENS: usize = 20_000;

/// Words behind which a slash begins a pattern, and in front of which an
/// expression ends.
const KEYWORDS: &[&str] = &[
    "case", "default", "delete", "do", "else", "for", "getline", "if", "in", "print", "printf",
    "return", "while",
];

/// A piece of a program.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A text, without its escapes.
    Text(String),
    /// What stands between slashes.
    Pattern,
    /// A name or keyword.
    Name(String),
    /// A number.
    Number(String),
    /// An operator of which only that it is one matters.
    Operator,
    /// Any other letter.
    Mark(char),
    /// The end of a line.
    End,
}

impl Token {
    /// Whether it is this mark.
    pub(super) fn is(&self, mark: char) -> bool {
        *self == Token::Mark(mark)
    }

    /// Whether it is this name.
    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(self, Token::Name(own) if own == name)
    }

    fn is_keyword(&self) -> bool {
        matches!(self, Token::Name(name) if KEYWORDS.contains(&name.as_str()))
    }

    /// Whether an operand ends with it, so that a slash behind it divides.
    fn ends_operand(&self) -> bool {
        match self {
            Token::Text(_) | Token::Number(_) | Token::Pattern => true,
            Token::Name(_) => !self.is_keyword(),
            Token::Mark(mark) => matches!(mark, ')' | ']' | '$'),
            Token::Operator | Token::End => false,
        }
    }

    /// Whether an expression cannot go on over it.
    pub(super) fn bounds(&self) -> bool {
        match self {
            Token::End | Token::Operator => true,
            Token::Mark(mark) => {
                matches!(mark, ';' | '{' | '}' | ',' | '=' | '!' | '<' | '>' | '|')
            }
            _ => self.is_keyword(),
        }
    }
}

/// The tokens of a program.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let mut rest = text;
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    while let Some(letter) = rest.chars().next() {
        if out.len() >= MAX_TOKENS {
            break;
        }
        let mut length = letter.len_utf8();
        match letter {
            '\n' => out.push(Token::End),
            '#' => length = rest.find('\n').unwrap_or(rest.len()),
            '\\' => length += rest.get(1..).map_or(0, |next| usize::from(next.starts_with('\n'))),
            '"' => {
                let (text, used) = quoted(rest.get(1..).unwrap_or_default(), Some('"'));
                out.push(Token::Text(text));
                length = used + 1;
            }
            '/' if !out.last().is_some_and(Token::ends_operand) => {
                length = pattern(rest);
                out.push(Token::Pattern);
            }
            letter if letter.is_ascii_digit() => {
                let number = |next: char| !(next.is_ascii_alphanumeric() || next == '.');
                length = rest.find(number).unwrap_or(rest.len());
                out.push(Token::Number(rest.get(..length).unwrap_or_default().to_owned()));
            }
            letter if is_word(letter) => {
                length = rest.find(|next| !is_word(next)).unwrap_or(rest.len());
                out.push(Token::Name(rest.get(..length).unwrap_or_default().to_owned()));
            }
            letter if letter.is_whitespace() => {}
            _ => {
                let two = rest.get(..2).unwrap_or_default();
                let operators = [
                    "||", "&&", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", "^=", "++",
                    "--", "!~",
                ];
                if operators.contains(&two) {
                    length = 2;
                    out.push(Token::Operator);
                } else if two == "|&" || two == ">>" {
                    length = 2;
                    out.push(Token::Mark(letter));
                } else {
                    out.push(if letter == '~' { Token::Operator } else { Token::Mark(letter) });
                }
            }
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

/// How long the pattern is that begins with the slash in front.
fn pattern(text: &str) -> usize {
    let mut escaped = false;
    let mut class = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '/' if !class => return at + 1,
            _ => {}
        }
    }
    // A bracket that nothing closes is a letter.
    if class && let Some(at) = text.get(1..).and_then(|rest| rest.find('/')) {
        return at + 2;
    }
    text.len()
}

/// A text up to its closing quote, without its escapes, and its length with
/// the quote.
pub(super) fn quoted(text: &str, quote: Option<char>) -> (String, usize) {
    let mut out = String::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if Some(letter) == quote {
            return (out, at + 1);
        }
        if letter == '\n' && quote.is_some() {
            return (out, at);
        }
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next().map(|(_, next)| next) {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a' | 'b' | 'f' | 'v') => out.push(' '),
            Some('\n') | None => {}
            Some(first @ '0'..='7') => {
                let mut value = first.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(digit) = letters.peek().and_then(|(_, next)| next.to_digit(8)) else {
                        break;
                    };
                    value = value * 8 + digit;
                    letters.next();
                }
                out.extend(char::from_u32(value & 0xFF));
            }
            Some('x') => {
                let mut value = 0;
                for _ in 0..2 {
                    let Some(digit) = letters.peek().and_then(|(_, next)| next.to_digit(16)) else {
                        break;
                    };
                    value = value * 16 + digit;
                    letters.next();
                }
                out.extend(char::from_u32(value));
            }
            Some(other) => out.push(other),
        }
    }
    (out, text.len())
}
