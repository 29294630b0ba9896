//! The arguments of a backslash command: quotes, variables and backticks, up
//! to the end of the line or the next backslash.

use std::ops::Range;

use super::is_name;
use super::variables::{Lookup, Reference, Variables};

/// One argument.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arg {
    /// Its text; none if only a run would tell.
    pub text: Option<Vec<u8>>,
    /// Commands in backticks in it, which a shell runs: their text, or none if
    /// only a run would tell.
    pub runs: Vec<Option<Vec<u8>>>,
    /// Where it stands in the text that was read, quotes included; none if
    /// it does not stand there, but in the value of a variable.
    pub span: Option<Range<usize>>,
    /// How many bytes at its end stood outside of quotes and variables.
    bare: usize,
}

impl Arg {
    /// Its text for a command that drops semicolons at its end, as `\i` does.
    pub fn without_semicolons(&self) -> Option<Vec<u8>> {
        let mut text = self.text.clone()?;
        for _ in 0..self.bare {
            if text.last() != Some(&b';') {
                break;
            }
            text.pop();
        }
        Some(text)
    }
}

/// What stands behind a command's name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    /// The arguments, for commands that split their line.
    pub list: Vec<Arg>,
    /// The rest of the line, for commands that take it whole, and for a pipe
    /// (then without the `|`).
    pub line: Option<Vec<u8>>,
}

/// Bytes of one argument, values of variables put in.
const MAX_ARG: usize = 1 << 20;

/// Whether a byte is a blank between arguments.
pub fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// Commands that take the rest of the line as it stands.
const WHOLE: &[&str] = &["!", "ef", "ev", "sf", "sf+", "sv", "sv+", "h", "help"];
/// Commands whose argument is a file or, behind a bar, a shell command.
const PIPES: &[&str] = &["g", "gx", "o", "out", "w", "write"];

/// Reads the arguments of the command `name` at the beginning of `rest`. Gives
/// how many bytes of it are used up.
pub fn read(name: &str, rest: &[u8], variables: &Variables) -> (Args, usize) {
    let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
    let trimmed = rest.get(blanks..).unwrap_or_default();
    if WHOLE.contains(&name) || name.eq_ignore_ascii_case("copy") {
        return (Args { list: Vec::new(), line: Some(trimmed.to_vec()) }, rest.len());
    }
    let mut reader = Reader { rest, at: 0, variables };
    let mut list = Vec::new();
    loop {
        reader.blanks();
        match reader.byte() {
            None => break,
            Some(b'\\') => {
                // Two backslashes only separate.
                let two = rest.get(reader.at + 1) == Some(&b'\\');
                reader.at += if two { 2 } else { 0 };
                break;
            }
            Some(b'|') if PIPES.contains(&name) => {
                let line = rest.get(reader.at + 1..).unwrap_or_default();
                return (Args { list, line: Some(line.to_vec()) }, rest.len());
            }
            Some(_) => list.push(reader.arg()),
        }
    }
    (Args { list, line: None }, reader.at)
}

struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
    variables: &'a Variables,
}

impl Reader<'_> {
    fn byte(&self) -> Option<u8> {
        self.rest.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.byte().is_some_and(is_blank) {
            self.at += 1;
        }
    }

    fn arg(&mut self) -> Arg {
        let mut text = Some(Vec::new());
        let mut runs = Vec::new();
        let start = self.at;
        let mut bare = 0;
        while let Some(byte) = self.byte() {
            bare = match byte {
                b'\\' => break,
                byte if is_blank(byte) => break,
                b'\'' | b'"' | b'`' | b':' => 0,
                _ => bare + 1,
            };
            match byte {
                b'\'' => self.quoted(&mut text),
                b'"' => self.double_quoted(&mut text),
                b'`' => {
                    runs.push(self.backticks());
                    text = None;
                }
                b':' => self.variable(&mut text, false),
                other => {
                    add(&mut text, &[other]);
                    self.at += 1;
                }
            }
        }
        Arg { text, runs, span: Some(start..self.at), bare }
    }

    /// `'text'`, with C's escapes.
    fn quoted(&mut self, text: &mut Option<Vec<u8>>) {
        self.at += 1;
        while let Some(byte) = self.byte() {
            self.at += 1;
            match byte {
                b'\'' if self.byte() == Some(b'\'') => {
                    self.at += 1;
                    add(text, b"'");
                }
                b'\'' => return,
                b'\\' => self.escape(text),
                other => add(text, &[other]),
            }
        }
    }

    fn escape(&mut self, text: &mut Option<Vec<u8>>) {
        let Some(byte) = self.byte() else { return };
        self.at += 1;
        let decoded = match byte {
            b'n' => b'\n',
            b't' => b'\t',
            b'b' => 8,
            b'r' => b'\r',
            b'f' => 12,
            b'0'..=b'7' => self.number(8, 2, u32::from(byte - b'0')),
            b'x' => self.number(16, 2, 0),
            other => other,
        };
        add(text, &[decoded]);
    }

    fn number(&mut self, radix: u32, digits: usize, first: u32) -> u8 {
        let mut value = first;
        for _ in 0..digits {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(radix));
            let Some(digit) = digit else { break };
            self.at += 1;
            value = value * radix + digit;
        }
        value.to_le_bytes()[0]
    }

    /// `"text"`: the quotes stay, for the command to make sense of.
    fn double_quoted(&mut self, text: &mut Option<Vec<u8>>) {
        add(text, b"\"");
        self.at += 1;
        while let Some(byte) = self.byte() {
            self.at += 1;
            add(text, &[byte]);
            if byte == b'"' {
                return;
            }
        }
    }

    /// The text of a command in backticks, variables replaced.
    fn backticks(&mut self) -> Option<Vec<u8>> {
        let mut text = Some(Vec::new());
        self.at += 1;
        while let Some(byte) = self.byte() {
            match byte {
                b'`' => {
                    self.at += 1;
                    break;
                }
                b':' => self.variable(&mut text, true),
                other => {
                    add(&mut text, &[other]);
                    self.at += 1;
                }
            }
        }
        text
    }

    fn variable(&mut self, text: &mut Option<Vec<u8>>, shell: bool) {
        let rest = self.rest.get(self.at..).unwrap_or_default();
        let Some(length) = reference(rest) else {
            add(text, b":");
            self.at += 1;
            return;
        };
        let bytes = rest.get(..length).unwrap_or_default();
        self.at += length;
        if text.is_none() {
            return;
        }
        let reference = Reference::new(bytes);
        let found = match reference {
            // In backticks a quoted variable is quoted for the shell.
            Reference::Literal(name) if shell => match self.variables.get(name) {
                Lookup::Known(value) => Lookup::Known(shell_quoted(&value)),
                other => other,
            },
            Reference::Identifier(_) if shell => Lookup::Unset,
            Reference::Test(_) => reference.expand(self.variables),
            _ => match self.variables.get(reference.name()) {
                Lookup::Unknown => Lookup::Unknown,
                _ => reference.expand(self.variables),
            },
        };
        match found {
            Lookup::Unset => add(text, bytes),
            Lookup::Known(value) => add(text, &value),
            Lookup::Unknown => *text = None,
        }
    }
}

/// Adds to a text; one that grows beyond [`MAX_ARG`] is no longer known.
fn add(text: &mut Option<Vec<u8>>, bytes: &[u8]) {
    match text {
        Some(known) if known.len() + bytes.len() <= MAX_ARG => known.extend_from_slice(bytes),
        _ => *text = None,
    }
}

/// The length of the variable reference that `rest` begins with, if any.
fn reference(rest: &[u8]) -> Option<usize> {
    let name = |from: usize| -> Option<usize> {
        let length = rest.get(from..)?.iter().take_while(|byte| is_name(**byte)).count();
        (length > 0).then_some(from + length)
    };
    let closed = |end: usize, close: u8| (rest.get(end) == Some(&close)).then_some(end + 1);
    match rest.get(1)? {
        quote @ (b'\'' | b'"') => closed(name(2)?, *quote),
        b'{' if rest.get(2) == Some(&b'?') => closed(name(3)?, b'}'),
        _ => name(1),
    }
}

fn shell_quoted(value: &[u8]) -> Vec<u8> {
    let mut out = vec![b'\''];
    for byte in value {
        if *byte == b'\'' {
            out.extend_from_slice(b"'\"'\"'");
        } else {
            out.push(*byte);
        }
    }
    out.push(b'\'');
    out
}
