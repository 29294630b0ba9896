//! The AWS CLI's shorthand: `commands=[a,"b c"],workingDirectory=/srv` → a
//! value as JSON has it. Text in, value out; never opens a file that the text
//! names (`key@=file://…` is an error here) and knows no parameter.
//!
//! Source: awscli 1.46.3's `shorthand.py`; tests/aws/code.rs compares what both
//! versions of the CLI send.

use serde_json::{Map, Value};

/// How deep lists and maps may hold one another.
const DEPTH: usize = 16;

/// The value that a shorthand text stands for.
///
/// # Errors
/// Says why there is none: a clause.
pub fn parse(text: &str) -> Result<Value, &'static str> {
    let mut parser = Parser { letters: text.chars().collect(), at: 0 };
    let mut map = Map::new();
    loop {
        let key = parser.key()?;
        let value = match parser.current() {
            None => Value::String(String::new()),
            Some('[') => parser.list(0)?,
            Some('{') => parser.map(0)?,
            Some(_) => parser.values()?,
        };
        if map.insert(key, value).is_some() {
            return Err("a key stands twice in it");
        }
        if parser.current().is_none() {
            return Ok(Value::Object(map));
        }
        parser.expect(',')?;
    }
}

struct Parser {
    letters: Vec<char>,
    at: usize,
}

impl Parser {
    fn current(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn skip_spaces(&mut self) {
        // Python's string.whitespace.
        let is_space = |letter: char| matches!(letter, '\t'..='\r' | ' ');
        while self.current().is_some_and(is_space) {
            self.at += 1;
        }
    }

    /// Takes a letter with the spaces around it.
    fn expect(&mut self, letter: char) -> Result<(), &'static str> {
        self.skip_spaces();
        if self.current() != Some(letter) {
            return Err("it is no shorthand");
        }
        self.at += 1;
        self.skip_spaces();
        Ok(())
    }

    fn take_while(&mut self, takes: impl Fn(char) -> bool) -> String {
        let rest = self.letters.get(self.at..).unwrap_or_default();
        let taken: String = rest.iter().copied().take_while(|letter| takes(*letter)).collect();
        self.at += taken.chars().count();
        taken
    }

    /// A key and the sign behind it.
    fn key(&mut self) -> Result<String, &'static str> {
        let key =
            self.take_while(|letter| letter.is_ascii_alphanumeric() || "-_.#/:".contains(letter));
        self.skip_spaces();
        if self.current() == Some('@') {
            return Err("a value in it is read from another file");
        }
        self.expect('=')?;
        Ok(key)
    }

    /// `a`, or `a,b,c` up to where the next key begins.
    fn values(&mut self) -> Result<Value, &'static str> {
        let first = self.first()?;
        self.skip_spaces();
        if self.current() != Some(',') {
            return Ok(Value::String(first));
        }
        let mut list = vec![first];
        loop {
            self.expect(',')?;
            match self.second() {
                None if self.current().is_none() => return Err("it ends in a comma"),
                None => {
                    self.back_to_comma();
                    break;
                }
                Some(value) => {
                    self.skip_spaces();
                    match self.current() {
                        None => {
                            list.push(value);
                            break;
                        }
                        Some(',') => list.push(value),
                        Some(_) => {
                            self.back_to_comma();
                            break;
                        }
                    }
                }
            }
        }
        Ok(match (list.len(), list.pop()) {
            (1, Some(only)) => Value::String(only),
            (_, last) => list.into_iter().chain(last).map(Value::String).collect(),
        })
    }

    /// What was taken for a value is a key's beginning: back to the comma in
    /// front of it, or, as the CLI has it, to one within it.
    fn back_to_comma(&mut self) {
        while self.at > 0 && self.current() != Some(',') {
            self.at -= 1;
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, &'static str> {
        self.expect('[')?;
        let mut list = Vec::new();
        while self.current() != Some(']') {
            list.push(self.inside(depth)?);
            self.skip_spaces();
            if self.current() != Some(']') {
                self.expect(',')?;
            }
        }
        self.at += 1;
        Ok(Value::Array(list))
    }

    fn map(&mut self, depth: usize) -> Result<Value, &'static str> {
        self.expect('{')?;
        let mut map = Map::new();
        while self.current() != Some('}') {
            let key = self.key()?;
            let value = self.inside(depth)?;
            map.insert(key, value);
            self.skip_spaces();
            if self.current() != Some('}') {
                self.expect(',')?;
            }
        }
        self.at += 1;
        Ok(Value::Object(map))
    }

    /// A value in a list or a map.
    fn inside(&mut self, depth: usize) -> Result<Value, &'static str> {
        match self.current() {
            None => Err("it ends in the middle of a value"),
            Some('[' | '{') if depth == DEPTH => Err("it is nested too deep"),
            Some('[') => self.list(depth + 1),
            Some('{') => self.map(depth + 1),
            Some(_) => self.first().map(Value::String),
        }
    }

    fn first(&mut self) -> Result<String, &'static str> {
        if let Some(quote @ ('"' | '\'')) = self.current() {
            return self.quoted(quote);
        }
        let follows =
            |letter: char| !matches!(letter, '"' | '\'' | ',' | ']' | '}') && is_plain(letter);
        Ok(self.word(follows).unwrap_or_default())
    }

    fn second(&mut self) -> Option<String> {
        if let Some(quote @ ('"' | '\'')) = self.current() {
            return self.quoted(quote).ok();
        }
        self.word(|letter| !matches!(letter, '"' | '\'' | ',' | '=') && is_plain(letter))
    }

    /// A value without quotes: `\,` is a comma in it.
    fn word(&mut self, follows: impl Fn(char) -> bool) -> Option<String> {
        let starts = |letter: char| {
            !matches!(letter, '"' | '\'' | ',' | '=' | '[' | '{')
                && letter >= '!'
                && is_plain(letter)
        };
        let mut word = String::new();
        loop {
            let next = self.letters.get(self.at + 1).copied();
            match self.current() {
                Some('\\') if next == Some(',') => {
                    word.push(',');
                    self.at += 2;
                }
                Some(letter) if if word.is_empty() { starts(letter) } else { follows(letter) } => {
                    word.push(letter);
                    self.at += 1;
                }
                _ => break,
            }
        }
        (!word.is_empty()).then(|| word.trim_end().to_owned())
    }

    /// A quoted value. It ends at the first quote without a backslash in front,
    /// or at the last one if each has one, as the CLI's expression backtracks.
    fn quoted(&mut self, quote: char) -> Result<String, &'static str> {
        let from = self.at + 1;
        let rest = self.letters.get(from..).unwrap_or_default();
        let before = |at: usize| at.checked_sub(1).and_then(|at| rest.get(at));
        let mut quotes = (0..rest.len()).filter(|at| rest.get(*at) == Some(&quote));
        let mut last = None;
        let end = loop {
            match quotes.next() {
                Some(at) if before(at) != Some(&'\\') => break at,
                Some(at) => last = Some(at),
                None => break last.ok_or("a quote is not closed")?,
            }
        };
        let text: String = rest.get(..end).unwrap_or_default().iter().collect();
        self.at = from + end + 1;
        Ok(text.replace(&format!("\\{quote}"), &quote.to_string()).replace("\\\\", "\\"))
    }
}

/// Whether a letter may stand in a value without quotes at all: no control
/// character, and nothing beyond the first plane.
fn is_plain(letter: char) -> bool {
    (letter.is_whitespace() || letter >= '!') && letter <= '\u{ffff}'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_the_cli_reads_it() {
        // What awscli 1.46.3's ShorthandParser makes of them.
        for (text, want) in [
            ("a=b", r#"{"a":"b"}"#),
            ("a=ls,reboot", r#"{"a":["ls","reboot"]}"#),
            ("a=b,c,d=e", r#"{"a":["b","c"],"d":"e"}"#),
            ("a=x y , z", r#"{"a":["x y","z"]}"#),
            ("a=b\\,c,d", r#"{"a":["b,c","d"]}"#),
            ("a=[ls -l,\"rm -rf /\"],w=/srv", r#"{"a":["ls -l","rm -rf /"],"w":"/srv"}"#),
            ("a=[]", r#"{"a":[]}"#),
            ("a=,b=c", r#"{"a":"","b":"c"}"#),
            ("a=x,,b=c", r#"{"a":"x","b":"c"}"#),
            (r#"a="x\\",b=1"#, r#"{"a":"x\\","b":"1"}"#),
            (r#"a="b\\"c""#, r#"{"a":"b\\\"c"}"#),
            ("a={b=c,d=[e]},f='g h'", r#"{"a":{"b":"c","d":["e"]},"f":"g h"}"#),
        ] {
            let value = parse(text).map(|value| value.to_string());
            assert_eq!(value.as_deref(), Ok(want), "{text}");
        }
        for text in ["a", "a=b,c d=e", "a=b\"c\"", "a=[b\"c,d]", "a=[b", "a=b,", "a=b,a=c", "a@=b"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&format!("a={}", "[".repeat(100_000))).is_err());
    }
}
