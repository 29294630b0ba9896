//! A justfile's tokens. Reads text; knows no items.

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Text(String),
    Unknown,
    Sign(&'static str),
}

const SIGNS: &[&str] = &[
    ":=", "&&", "||", "==", "!=", "=~", "{{", "}}", "::", ":", "=", "+", "/", "*", "$", "@", "(",
    ")", "[", "]", "{", "}", ",", "?", "!",
];

pub(super) struct Reader<'a> {
    pub(super) rest: &'a str,
}

impl Reader<'_> {
    pub(super) fn skip_line(&mut self) {
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
    }

    /// The tokens up to the end of the line, past line ends in brackets.
    pub(super) fn header(&mut self) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut open = 0_usize;
        while let Some(letter) = self.rest.chars().next() {
            match letter {
                '\n' if open == 0 => {
                    self.skip_line();
                    break;
                }
                '#' => {
                    self.rest =
                        self.rest.find('\n').and_then(|at| self.rest.get(at..)).unwrap_or("")
                }
                _ => match self.token() {
                    Some(token) => {
                        match token {
                            Token::Sign("(" | "[" | "{") => open += 1,
                            Token::Sign(")" | "]" | "}") => open = open.saturating_sub(1),
                            _ => {}
                        }
                        tokens.push(token);
                    }
                    None => self.advance(letter.len_utf8()),
                },
            }
        }
        tokens
    }

    pub(super) fn advance(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or("");
    }

    /// The next token; none at white space and at what is no token.
    pub(super) fn token(&mut self) -> Option<Token> {
        for (mark, cooked) in [("'''", false), ("\"\"\"", true), ("'", false), ("\"", true)] {
            if let Some(after) = self.rest.strip_prefix(mark) {
                return Some(self.string(after, mark, cooked));
            }
        }
        if self.rest.starts_with('`') {
            let mark = if self.rest.starts_with("```") { "```" } else { "`" };
            let after = self.rest.get(mark.len()..).unwrap_or("");
            self.rest = after.split_once(mark).map_or("", |(_, rest)| rest);
            return Some(Token::Unknown);
        }
        let length = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(self.rest.len());
        let name = self.rest.get(..length).unwrap_or("");
        if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            self.advance(length);
            // `x'…'` and `f'…'` are strings that are expanded.
            if matches!(name, "x" | "f") && self.rest.starts_with(['\'', '"']) {
                let _ = self.token();
                return Some(Token::Unknown);
            }
            return Some(Token::Name(name.to_owned()));
        }
        let sign = SIGNS.iter().find(|sign| self.rest.starts_with(**sign))?;
        self.advance(sign.len());
        Some(Token::Sign(sign))
    }

    fn string(&mut self, after: &str, mark: &str, cooked: bool) -> Token {
        let mut text = String::new();
        let mut letters = after.char_indices();
        let mut end = after.len();
        while let Some((at, letter)) = letters.next() {
            if after.get(at..).is_some_and(|rest| rest.starts_with(mark)) {
                end = at + mark.len();
                break;
            }
            if letter != '\\' || !cooked {
                text.push(letter);
                continue;
            }
            match letters.next().map(|(_, letter)| letter) {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('\n') | None => {}
                Some(other) => text.push(other),
            }
        }
        let start = self.rest.len() - after.len();
        self.advance(start + end);
        if mark.len() == 3 {
            return Token::Text(unindented(text.strip_prefix('\n').unwrap_or(&text)));
        }
        Token::Text(text)
    }
}

/// A text without the indentation that its lines share.
fn unindented(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let lines: Vec<&str> = text.split('\n').collect();
    let shared = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| indent(line)).min();
    let lines: Vec<&str> =
        lines.iter().map(|line| line.get(shared.unwrap_or(0)..).unwrap_or("")).collect();
    lines.join("\n")
}
