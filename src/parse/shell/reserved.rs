//! Reserved words, and what the lexer must know of the commands that they
//! make: headers of loops and cases, patterns, and `[[`.

use super::Error;
use super::lex::{Lexer, Open, Token, plain};

impl Lexer<'_> {
    pub(super) fn take_reserved(&mut self, word: &'static str) -> Result<(), Error> {
        self.begin();
        match word {
            "if" => self.push_open(Open::If)?,
            "then" | "elif" | "else" if self.open.last() != Some(&Open::If) => {
                return Err(Error::Syntax(format!("near `{word}`")));
            }
            "fi" => self.close(Open::If, word)?,
            "while" | "until" => self.push_open(Open::Head { counts: false })?,
            "for" | "select" => return self.for_header(),
            "do" => {
                if !matches!(self.open.last(), Some(Open::Head { .. })) {
                    return Err(Error::Syntax("near `do`".to_owned()));
                }
                self.open.pop();
                self.open.push(Open::Loop);
            }
            "done" => self.close(Open::Loop, word)?,
            "{" => {
                // `for ((…)) { … }`
                if self.open.last() == Some(&Open::Head { counts: true }) {
                    self.open.pop();
                }
                self.push_open(Open::Brace)?;
            }
            "}" => self.close(Open::Brace, word)?,
            "case" => return self.case_header(),
            "esac" => {
                self.close(Open::Arm, word)?;
                self.end_case();
                return Ok(());
            }
            "function" => {
                self.tokens.push(Token::Reserved(word));
                self.blanks();
                let name = self.word()?;
                self.tokens.push(Token::Word(name));
                self.blanks();
                if self.peek(0) == Some(b'(') {
                    self.start = false;
                    return Ok(());
                }
                return self.blank_lines();
            }
            "[[" => return self.test(),
            "time" => return self.time(),
            "coproc" => {
                self.tokens.push(Token::Reserved(word));
                self.coprocess_name();
                return Ok(());
            }
            _ => {}
        }
        self.tokens.push(Token::Reserved(word));
        Ok(())
    }

    /// `time`, `time -p`. With any other option, bash looks for a command of
    /// that name, and sh for a program `time`: that is what it is read as.
    fn time(&mut self) -> Result<(), Error> {
        self.blanks();
        let before = self.at;
        let portable = self.starts_with(b"-p") && self.peek(2).is_none_or(|byte| byte <= b' ');
        if portable {
            self.at += 2;
            self.blanks();
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let unquoted = rest.strip_prefix(b"$'").or(rest.strip_prefix(b"$\"")).unwrap_or(rest);
        let quotes = unquoted.iter().take_while(|byte| b"'\"\\".contains(byte)).count();
        if unquoted.get(quotes) == Some(&b'-') {
            self.at = before;
            self.tokens.push(Token::Word(plain("time")));
            self.start = false;
            self.prefix = false;
            return Ok(());
        }
        self.tokens.push(Token::Reserved("time"));
        if portable {
            self.tokens.push(Token::Reserved("-p"));
        }
        Ok(())
    }

    /// `coproc NAME {`: the name is one only in front of a group.
    fn coprocess_name(&mut self) {
        self.blanks();
        let before = self.at;
        let name = self.name();
        self.blanks();
        let group = self.peek(0) == Some(b'(') || self.looking_at(b"{");
        if !name.is_empty() && reserved(&name).is_none() && group {
            self.tokens.push(Token::Word(plain("name")));
        } else {
            self.at = before;
        }
    }

    /// Whether the word here is this one, unquoted. No word is read for it:
    /// reading one twice would double the work at each level of nesting.
    fn looking_at(&self, word: &[u8]) -> bool {
        let ends = |byte: u8| b" \t\n;&|<>()".contains(&byte);
        self.starts_with(word) && self.peek(word.len()).is_none_or(ends)
    }

    fn for_header(&mut self) -> Result<(), Error> {
        self.tokens.push(Token::Reserved("for"));
        self.blanks();
        if self.starts_with(b"((") {
            self.at += 2;
            self.push_open(Open::Head { counts: true })?;
            let word = self.expression()?;
            self.tokens.extend([
                Token::Operator("("),
                Token::Operator("("),
                Token::Word(word),
                Token::Operator(";"),
                Token::Operator(";"),
                Token::Operator(")"),
                Token::Operator(")"),
            ]);
            self.begin();
            return Ok(());
        }
        self.push_open(Open::Head { counts: false })?;
        let name = self.word()?;
        self.tokens.push(Token::Word(name));
        self.blank_lines()?;
        if self.looking_at(b"in") {
            self.at += 2;
            self.tokens.push(Token::Reserved("in"));
            self.start = false;
            self.prefix = false;
            return Ok(());
        }
        self.begin();
        Ok(())
    }

    fn case_header(&mut self) -> Result<(), Error> {
        self.tokens.push(Token::Reserved("case"));
        self.blanks();
        let word = self.word()?;
        self.tokens.push(Token::Word(word));
        self.blank_lines()?;
        if self.word()?.bare() != Some("in") {
            return Err(Error::Syntax("near `case`".to_owned()));
        }
        self.tokens.push(Token::Reserved("in"));
        self.push_open(Open::Patterns)
    }

    /// Reads an arm's patterns up to the closing parenthesis, or the `esac`.
    pub(super) fn pattern(&mut self) -> Result<(), Error> {
        self.blank_lines()?;
        if self.looking_at(b"esac") {
            self.at += 4;
            self.open.pop();
            self.end_case();
            return Ok(());
        }
        if self.peek(0) == Some(b'(') {
            self.at += 1;
        }
        loop {
            self.blanks();
            let word = self.word()?;
            self.tokens.push(Token::Word(word));
            self.blanks();
            match self.peek(0) {
                Some(b'|') => self.tokens.push(Token::Operator("|")),
                Some(b')') => self.tokens.push(Token::Operator(")")),
                _ => return Err(Error::Syntax("in a pattern of `case`".to_owned())),
            }
            self.at += 1;
            if self.tokens.last() == Some(&Token::Operator(")")) {
                break;
            }
        }
        self.open.pop();
        self.open.push(Open::Arm);
        self.begin();
        Ok(())
    }

    /// Closes the last arm in front of `esac`: without that, brush reads it
    /// twice, and so on for each case inside.
    fn end_case(&mut self) {
        let ended = matches!(
            self.tokens.last(),
            Some(Token::Operator(";;" | ";&" | ";;&") | Token::Reserved("in"))
        );
        if !ended {
            self.tokens.push(Token::Operator(";;"));
        }
        self.tokens.push(Token::Reserved("esac"));
        self.begin();
    }

    /// `[[ … ]]`, handed on as a simple command: its operators compare.
    fn test(&mut self) -> Result<(), Error> {
        self.tokens.push(Token::Word(plain("[[")));
        loop {
            self.blank_lines()?;
            match self.operator() {
                Some("\n") | None if self.at >= self.bytes.len() => {
                    return Err(Error::Unterminated("`[[`"));
                }
                Some(operator) => self.at += operator.len(),
                None => {
                    let word = self.word()?;
                    let end = word.bare() == Some("]]");
                    self.tokens.push(Token::Word(word));
                    if end {
                        self.start = false;
                        self.prefix = false;
                        return Ok(());
                    }
                }
            }
        }
    }
}

pub(super) fn reserved(text: &str) -> Option<&'static str> {
    [
        "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "then",
        "until", "while", "[[", "function", "select", "coproc", "time",
    ]
    .into_iter()
    .find(|word| *word == text)
}
