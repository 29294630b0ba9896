//! A script of sed's → the commands that GNU sed's `e` runs: given with it, or
//! put together by `s///e`. Addresses and every other command are passed over,
//! by the grammar of GNU sed 4.9; nothing is run and no file is read.

use super::{Found, Started, append};
use crate::invocation::HOLE;

/// Reads a script.
pub fn read(script: &str) -> Found {
    let mut found = Found::default();
    let mut rest = Rest(script);
    while rest.command(&mut found).is_some() {}
    found
}

/// What is left of a script.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.0 = self.0.get(letter.len_utf8()..).unwrap_or_default();
        Some(letter)
    }

    /// Takes letters as long as they are such ones.
    fn take(&mut self, is_one: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|letter| !is_one(letter)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(end).unwrap_or_default();
        self.0 = rest;
        taken
    }

    fn blanks(&mut self) {
        self.take(|letter| letter != '\n' && letter.is_whitespace());
    }

    /// Text up to a newline that no backslash takes along.
    fn text(&mut self) {
        let mut escaped = false;
        while let Some(letter) = self.next() {
            match letter {
                '\n' if !escaped => return,
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
    }

    fn line(&mut self) -> &'a str {
        self.take(|letter| letter != '\n')
    }

    /// One command with its addresses; none at the end, and where it is no
    /// script of sed's.
    fn command(&mut self, found: &mut Found) -> Option<()> {
        self.take(|letter| letter == ';' || letter.is_whitespace());
        if self.address()? {
            self.blanks();
            if self.peek() == Some(',') {
                self.next();
                self.blanks();
                self.address()?;
            }
        }
        self.take(|letter| letter == '!' || (letter != '\n' && letter.is_whitespace()));
        match self.next()? {
            '#' => drop(self.line()),
            'a' | 'i' | 'c' => {
                // `a\` and a newline: the text is on the next line.
                self.blanks();
                if self.0.starts_with("\\\n") {
                    self.0 = self.0.get(2..).unwrap_or_default();
                }
                self.text();
            }
            ':' | 'r' | 'R' | 'w' | 'W' => drop(self.line()),
            'b' | 't' | 'T' | 'v' => drop(self.take(|letter| !"\n;}".contains(letter))),
            'q' | 'Q' | 'l' | 'L' => {
                self.blanks();
                self.take(|letter| letter.is_ascii_digit());
            }
            'e' => {
                self.blanks();
                match self.line() {
                    "" => found.runs_input = true,
                    line => found.add(Started::line(line)),
                }
            }
            's' => self.substitution(found)?,
            'y' => {
                let mark = self.next()?;
                self.delimited(mark, false)?;
                self.delimited(mark, false)?;
            }
            '{' | '}' | '=' | 'd' | 'D' | 'g' | 'G' | 'h' | 'H' | 'n' | 'N' | 'p' | 'P' | 'x'
            | 'z' | 'F' => {}
            _ => return None,
        }
        Some(())
    }

    /// Takes an address, if there is one.
    fn address(&mut self) -> Option<bool> {
        match self.peek() {
            Some('0'..='9' | '+' | '~') => {
                self.take(|letter| letter.is_ascii_digit() || "+~".contains(letter));
            }
            Some('$') => drop(self.next()),
            Some('/') => {
                self.next();
                self.delimited('/', true)?;
                self.take(|letter| letter == 'I' || letter == 'M');
            }
            Some('\\') => {
                self.next();
                let mark = self.next()?;
                self.delimited(mark, true)?;
                self.take(|letter| letter == 'I' || letter == 'M');
            }
            _ => return Some(false),
        }
        Some(true)
    }

    /// Takes what stands in front of the next such mark, and the mark. In a
    /// pattern, one in square brackets is a letter.
    fn delimited(&mut self, mark: char, is_pattern: bool) -> Option<&'a str> {
        let whole = self.0;
        let mut escaped = false;
        let mut class = 0;
        for (at, letter) in whole.char_indices() {
            if class > 0 && at < class {
                continue;
            }
            match letter {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                letter if letter == mark => {
                    self.0 = whole.get(at + letter.len_utf8()..).unwrap_or_default();
                    return whole.get(..at);
                }
                '[' if is_pattern => class = at + class_of(whole.get(at..).unwrap_or_default()),
                _ => {}
            }
        }
        None
    }

    /// `s/a/b/e`
    fn substitution(&mut self, found: &mut Found) -> Option<()> {
        let mark = self.next()?;
        let pattern = self.delimited(mark, true)?;
        let replacement = self.delimited(mark, false)?;
        let mut runs = false;
        loop {
            match self.peek() {
                Some('e') => runs = true,
                Some('g' | 'p' | 'i' | 'I' | 'm' | 'M' | '0'..='9') => {}
                Some('w') => {
                    self.line();
                    break;
                }
                _ => break,
            }
            self.next();
        }
        if !runs {
            return Some(());
        }
        // What is left of the line is run with it; a pattern that is bound to
        // neither end is taken for one that meets all of it.
        let (begins, ends) = (pattern.starts_with('^'), pattern.ends_with('$'));
        let whole = begins == ends || [".*$", "^.*"].contains(&pattern);
        let mut line = String::new();
        if !whole && !begins {
            line.push_str(HOLE);
        }
        let mut letters = replacement.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '&' => append(&mut line, HOLE),
                '\\' => match letters.next() {
                    Some('0'..='9') => append(&mut line, HOLE),
                    Some('n') => append(&mut line, "\n"),
                    Some('t') => append(&mut line, "\t"),
                    Some('L' | 'U' | 'l' | 'u' | 'E') | None => {}
                    Some(other) => append(&mut line, other.encode_utf8(&mut [0; 4])),
                },
                other => append(&mut line, other.encode_utf8(&mut [0; 4])),
            }
        }
        if !whole && !ends {
            append(&mut line, HOLE);
        }
        found.add(Started::line(line));
        // Where all of it is the line's own, the line is the command.
        found.runs_input |= replacement.contains('&') || !whole;
        Some(())
    }
}

/// How long the class of letters is that a text begins with, `[^]a[:b:]]`; 1
/// where nothing closes it.
fn class_of(text: &str) -> usize {
    let body = text.strip_prefix('[').unwrap_or(text);
    let body = body.strip_prefix('^').unwrap_or(body);
    let mut rest = body.strip_prefix(']').unwrap_or(body);
    loop {
        let Some(at) = rest.find([']', '[', '\n']) else { return 1 };
        let behind = rest.get(at..).unwrap_or_default();
        let named = ["[:", "[.", "[="].into_iter().find(|open| behind.starts_with(open));
        let close = match named.and_then(|open| open.get(1..)) {
            Some(mark) => {
                behind.get(2..).and_then(|it| it.find(&format!("{mark}]"))).map(|it| it + 4)
            }
            None if behind.starts_with(']') => return text.len() - behind.len() + 1,
            None if behind.starts_with('\n') => return 1,
            None => Some(1),
        };
        let Some(close) = close else { return 1 };
        rest = behind.get(close..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_e_runs_anything() {
        for (script, lines, input) in [
            ("e a b; c", &["a b; c"][..], false),
            ("1!e a", &["a"], false),
            ("$e a\np", &["a"], false),
            ("/x\\/y/I,+3{e a\n}", &["a"], false),
            ("\\,x,{p;e a\n}", &["a"], false),
            ("e", &[], true),
            ("1{e\n}", &[], true),
            ("s/.*/a b/e", &["a b"], false),
            ("s|^|a |ge", &["a \u{FFFC}"], true),
            ("s/x/a & b/Iew out", &["a \u{FFFC} b"], true),
            ("s/e/e/;s,e,e a,g;y/e/a/;be;p", &[], false),
            ("a e x\\\ne y\ns/a/e b/", &[], false),
            ("i\\\ne x", &[], false),
            ("r e\nw e\n:e\nbe\n# e a", &[], false),
            ("s/[0-9]\\+/e/g", &[], false),
            ("s/[]/]e a/x/;s/[[:alpha:]/]/y/;s/[^/]*/z/e", &["z"], false),
            ("no script e a", &[], false),
        ] {
            let found = read(script);
            let expected: Vec<Started> = lines.iter().map(|line| Started::line(*line)).collect();
            assert_eq!((found.started, found.runs_input), (expected, input), "{script}");
        }
    }
}
