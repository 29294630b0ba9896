//! The tokens of JavaScript, as far as a reader of calls needs them: comments,
//! strings, templates and regular expressions are told from code.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or keyword.
    Word,
    /// A string, or a template without code in it: its contents.
    Text,
    /// A template with simple names in its holes.
    Template,
    /// A number.
    Number,
    /// A regular expression.
    Regex,
    /// A sign: one of `=>`, `...`, `?.`, `==`-like ones, or a letter.
    Sign,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its text; a string's contents, decoded where that is simple.
    pub text: String,
    /// Whether a line ended in front of it.
    pub fresh: bool,
}

impl Token {
    /// Whether it is this sign or word.
    pub fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Sign | Kind::Word) && self.text == text
    }
}

/// The tokens of a text.
#[derive(Debug, Default)]
pub struct Lexed {
    /// The tokens.
    pub tokens: Vec<Token>,
    /// Why it cannot be read in full, if it cannot.
    pub problem: Option<String>,
}

/// Signs of more than one letter that must not be taken apart.
const LONG: &[&str] = &[
    "...", "===", "!==", "**=", "=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "++", "--",
    "+=", "-=", "*=", "/=",
];

/// Splits a text into tokens, at most `limit` of them.
pub fn tokens(text: &str, limit: usize) -> Lexed {
    let mut lexed = Lexed::default();
    let mut rest = text;
    let mut fresh = true;
    while let Some(first) = rest.chars().next() {
        if lexed.tokens.len() >= limit {
            lexed.problem = Some("it is too large".to_owned());
            return lexed;
        }
        let length = first.len_utf8();
        if first.is_whitespace() || first == '\u{feff}' {
            fresh |= matches!(first, '\n' | '\r' | '\u{2028}' | '\u{2029}');
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        if rest.starts_with("//") || (rest.starts_with("#!") && lexed.tokens.is_empty()) {
            rest = rest.get(rest.find('\n').unwrap_or(rest.len())..).unwrap_or_default();
            continue;
        }
        if let Some(body) = rest.strip_prefix("/*") {
            let Some((comment, behind)) = body.split_once("*/") else {
                lexed.problem = Some("a comment in it is not closed".to_owned());
                return lexed;
            };
            fresh |= comment.contains('\n');
            rest = behind;
            continue;
        }
        let regex = first == '/' && regex_may_begin(lexed.tokens.last());
        let found = match first {
            '\'' | '"' => string(rest, first).map(|(text, used)| (Kind::Text, text, used)),
            '`' => template(rest),
            '/' if regex => regular(rest).map(|used| (Kind::Regex, String::new(), used)),
            '0'..='9' => {
                let used = rest
                    .find(|letter: char| {
                        !letter.is_alphanumeric() && letter != '.' && letter != '_'
                    })
                    .unwrap_or(rest.len());
                Some((Kind::Number, rest.get(..used).unwrap_or_default().to_owned(), used))
            }
            _ if is_name(first) => {
                let used = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
                Some((Kind::Word, rest.get(..used).unwrap_or_default().to_owned(), used))
            }
            _ => {
                let long = LONG.iter().find(|sign| rest.starts_with(**sign));
                let used = long.map_or(length, |sign| sign.len());
                Some((Kind::Sign, rest.get(..used).unwrap_or_default().to_owned(), used))
            }
        };
        let Some((kind, text, used)) = found else {
            lexed.problem =
                Some("a string or template in it is not closed, or holds code".to_owned());
            return lexed;
        };
        if kind == Kind::Sign && text == "/" && may_hide(rest) {
            lexed.problem = Some("it cannot be told whether a slash in it divides".to_owned());
        }
        if rest.starts_with("<!--") || (fresh && rest.starts_with("-->")) {
            lexed.problem = Some("it holds a comment of HTML".to_owned());
        }
        // A name written with escapes.
        if kind == Kind::Sign && text == "\\" {
            lexed.problem = Some("a name in it is written with escapes".to_owned());
        }
        lexed.tokens.push(Token { kind, text, fresh });
        fresh = false;
        rest = rest.get(used..).unwrap_or_default();
    }
    lexed
}

/// Whether a line that goes on with this slash has a quote in front of another
/// slash: then the first might begin a regular expression.
fn may_hide(rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or_default();
    let line = line.get(1..line.len().min(4096)).unwrap_or(line);
    line.rfind('/').and_then(|end| line.get(..end)).is_some_and(|it| it.contains(['"', '\'', '`']))
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$')
}

/// Whether a slash behind this token begins a regular expression.
fn regex_may_begin(last: Option<&Token>) -> bool {
    last.is_none_or(|last| match last.kind {
        Kind::Word => {
            matches!(last.text.as_str(), "return" | "typeof" | "case" | "in" | "of" | "await")
        }
        Kind::Sign => !matches!(last.text.as_str(), ")" | "]" | "}" | "++" | "--"),
        _ => false,
    })
}

/// A string's contents and length.
fn string(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            letter if letter == quote => return Some((out, at + 1)),
            '\n' => return None,
            '\\' => match letters.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                '\n' => {}
                // Decoding these would take more; no name that counts looks so.
                'x' | 'u' | '0'..='7' => return None,
                other => out.push(other),
            },
            other => out.push(other),
        }
    }
    None
}

/// A template whose holes hold names alone.
fn template(rest: &str) -> Option<(Kind, String, usize)> {
    let mut kind = Kind::Text;
    let mut out = String::new();
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '`' => return Some((kind, out, at + 1)),
            '\\' => {
                letters.next()?;
                kind = Kind::Template;
            }
            '$' if letters.peek().is_some_and(|(_, next)| *next == '{') => {
                kind = Kind::Template;
                letters.next();
                loop {
                    match letters.next()?.1 {
                        '}' => break,
                        letter if is_name(letter) || matches!(letter, '.' | ' ') => {}
                        _ => return None,
                    }
                }
            }
            other => out.push(other),
        }
    }
    None
}

/// The length of a regular expression.
fn regular(rest: &str) -> Option<usize> {
    let mut class = false;
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\n' => return None,
            '\\' => {
                letters.next()?;
            }
            '[' => class = true,
            ']' => class = false,
            '/' if !class => {
                let flags = rest.get(at + 1..)?;
                let count = flags.find(|letter: char| !letter.is_alphabetic());
                return Some(at + 1 + count.unwrap_or(flags.len()));
            }
            _ => {}
        }
    }
    None
}
