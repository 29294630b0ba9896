//! One word at a time: quotes, escapes and expansions → parts.

use super::escape::{self, Dialect};
use super::lex::Lexer;
use super::parameter::is_array;
use super::{DEPTH, Error, Modifier, Part, Word};

/// Parts being collected, neighbouring text joined.
#[derive(Default)]
pub(super) struct Parts(pub(super) Vec<Part>);

impl Parts {
    pub(super) fn text(&mut self, more: &[u8], quoted: bool) {
        if let Some(Part::Text { bytes, quoted: own }) = self.0.last_mut()
            && *own == quoted
        {
            bytes.extend(more);
            return;
        }
        self.0.push(Part::Text { bytes: more.to_vec(), quoted });
    }

    fn last_is(&self, ending: &[u8]) -> bool {
        matches!(self.0.last(), Some(Part::Text { bytes, quoted: false }) if bytes.ends_with(ending))
    }
}

impl Lexer<'_> {
    /// The text from `from` to here.
    pub(super) fn spelling(&self, from: usize) -> String {
        let bytes = self.bytes.get(from..self.at).unwrap_or_default();
        String::from_utf8_lossy(bytes).into_owned()
    }

    /// Reads a word, which must begin here.
    pub(super) fn word(&mut self) -> Result<Word, Error> {
        let from = self.at;
        let mut parts = Parts::default();
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' => break,
                b'<' | b'>' if self.peek(1) == Some(b'(') => {
                    self.at += 2;
                    let list = self.nested()?;
                    parts.0.push(Part::Process { list, output: byte == b'>' });
                }
                b'<' | b'>' => break,
                b'(' if is_array(&parts.0) => {
                    let elements = self.array()?;
                    parts.0.push(Part::Array(elements));
                }
                b'(' if self.at > from
                    && self
                        .bytes
                        .get(self.at - 1)
                        .is_some_and(|before| b"?*+@".contains(before)) =>
                {
                    self.extended_pattern(&mut parts)?;
                }
                b'(' => break,
                _ => self.piece(&mut parts, None)?,
            }
        }
        if self.at == from {
            return Err(match self.peek(0) {
                Some(byte) => Error::Syntax(format!("near `{}`", char::from(byte).escape_debug())),
                None => Error::Syntax("at the end".to_owned()),
            });
        }
        Ok(Word { parts: parts.0, raw: self.spelling(from) })
    }

    /// Reads one piece of unquoted text. Inside `${…}` (`inside`), patterns
    /// and braces mean nothing of their own.
    pub(super) fn piece(&mut self, parts: &mut Parts, inside: Option<u8>) -> Result<(), Error> {
        let Some(byte) = self.peek(0) else { return Ok(()) };
        match byte {
            b'\\' => {
                match self.peek(1) {
                    Some(b'\n') => {}
                    Some(next) => parts.text(&[next], true),
                    None => parts.text(b"\\", false),
                }
                self.at = (self.at + 2).min(self.bytes.len());
            }
            b'\'' => {
                self.at += 1;
                let text = self.up_to(b'\'', "a single quote")?;
                parts.text(text, true);
            }
            b'"' => {
                self.at += 1;
                self.double_quotes(parts)?;
            }
            b'$' | b'`' => self.expansion(parts, false)?,
            b'~' if inside.is_none()
                && (parts.0.is_empty() || parts.last_is(b":") || parts.last_is(b"=")) =>
            {
                // Behind `=` and `:` only an assignment has it expanded: text
                // there, and `Word::assignment` knows.
                if parts.0.is_empty() {
                    self.tilde(parts);
                } else {
                    self.at += 1;
                    parts.text(b"~", false);
                }
            }
            b'*' | b'?' | b'[' | b'{' | b',' | b'}' if inside.is_none() => {
                self.at += 1;
                parts.0.push(Part::Mark(byte));
            }
            _ => {
                self.at += 1;
                parts.text(&[byte], false);
            }
        }
        Ok(())
    }

    fn up_to(&mut self, close: u8, what: &'static str) -> Result<&[u8], Error> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length =
            rest.iter().position(|byte| *byte == close).ok_or(Error::Unterminated(what))?;
        self.at += length + 1;
        Ok(rest.get(..length).unwrap_or_default())
    }

    fn tilde(&mut self, parts: &mut Parts) {
        self.at += 1;
        let from = self.at;
        while self.peek(0).is_some_and(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.')
        }) {
            self.at += 1;
        }
        let name = self.spelling(from);
        let ends = matches!(
            self.peek(0),
            None | Some(
                b'/' | b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' | b':'
            )
        );
        if ends {
            parts.0.push(Part::Tilde(name));
        } else {
            parts.text(format!("~{name}").as_bytes(), false);
        }
    }

    /// The inside of double quotes, to and with the closing one.
    fn double_quotes(&mut self, parts: &mut Parts) -> Result<(), Error> {
        parts.text(b"", true);
        loop {
            match (self.peek(0), self.peek(1)) {
                (None, _) => return Err(Error::Unterminated("a double quote")),
                (Some(b'"'), _) => {
                    self.at += 1;
                    return Ok(());
                }
                (Some(b'\\'), Some(b'\n')) => self.at += 2,
                (Some(b'\\'), Some(next @ (b'$' | b'`' | b'"' | b'\\'))) => {
                    parts.text(&[next], true);
                    self.at += 2;
                }
                (Some(b'$' | b'`'), _) => self.expansion(parts, true)?,
                (Some(byte), _) => {
                    parts.text(&[byte], true);
                    self.at += 1;
                }
            }
        }
    }

    /// A here-document's body as parts.
    pub(super) fn document_parts(&mut self) -> Result<Vec<Part>, Error> {
        let mut parts = Parts::default();
        loop {
            match (self.peek(0), self.peek(1)) {
                (None, _) => return Ok(parts.0),
                (Some(b'\\'), Some(b'\n')) => self.at += 2,
                (Some(b'\\'), Some(next @ (b'$' | b'`' | b'\\'))) => {
                    parts.text(&[next], true);
                    self.at += 2;
                }
                (Some(b'$' | b'`'), _) => self.expansion(&mut parts, true)?,
                (Some(byte), _) => {
                    parts.text(&[byte], true);
                    self.at += 1;
                }
            }
        }
    }

    /// What a dollar sign or a backquote begins.
    pub(super) fn expansion(&mut self, parts: &mut Parts, quoted: bool) -> Result<(), Error> {
        if self.peek(0) == Some(b'`') {
            let list = self.backquotes(quoted)?;
            parts.0.push(Part::Command { list, quoted });
            return Ok(());
        }
        self.at += 1;
        match self.peek(0) {
            Some(b'(') if self.peek(1) == Some(b'(') && self.closes_twice(self.at + 2) => {
                self.at += 2;
                let part = self.arithmetic(b"))")?;
                parts.0.push(part);
            }
            Some(b'(') => {
                self.at += 1;
                let list = self.nested()?;
                parts.0.push(Part::Command { list, quoted });
            }
            Some(b'[') => {
                self.at += 1;
                let part = self.arithmetic(b"]")?;
                parts.0.push(part);
            }
            Some(b'{') => {
                self.at += 1;
                let part = self.deeper(|lexer| lexer.braced(quoted))?;
                parts.0.push(part);
            }
            Some(b'\'') if !quoted => {
                self.at += 1;
                let text = self.ansi_quotes()?;
                parts.text(&text, true);
            }
            Some(b'"') if !quoted => {
                self.at += 1;
                self.double_quotes(parts)?;
            }
            Some(b'_' | b'a'..=b'z' | b'A'..=b'Z') => {
                let name = self.name();
                parts.0.push(Part::Parameter { name, modifier: Modifier::None, quoted });
            }
            Some(byte @ (b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')) => {
                self.at += 1;
                let name = char::from(byte).to_string();
                parts.0.push(Part::Parameter { name, modifier: Modifier::None, quoted });
            }
            _ => parts.text(b"$", quoted),
        }
        Ok(())
    }

    /// Runs a reader one level deeper.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth >= DEPTH {
            return Err(Error::TooDeep);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(super) fn name(&mut self) -> String {
        let from = self.at;
        while self.peek(0).is_some_and(|byte| byte == b'_' || byte.is_ascii_alphanumeric()) {
            self.at += 1;
        }
        self.spelling(from)
    }

    fn ansi_quotes(&mut self) -> Result<Vec<u8>, Error> {
        let from = self.at;
        loop {
            match self.peek(0) {
                None => return Err(Error::Unterminated("a single quote")),
                Some(b'\\') => self.at += 2,
                Some(b'\'') => break,
                Some(_) => self.at += 1,
            }
        }
        let text = self.bytes.get(from..self.at).unwrap_or_default();
        self.at += 1;
        Ok(escape::decode(text, Dialect::Quote).0)
    }

    fn backquotes(&mut self, quoted: bool) -> Result<super::List, Error> {
        self.at += 1;
        let mut inner = Vec::new();
        loop {
            match (self.peek(0), self.peek(1)) {
                (None, _) => return Err(Error::Unterminated("a backquote")),
                (Some(b'`'), _) => break,
                (Some(b'\\'), Some(next))
                    if matches!(next, b'`' | b'\\' | b'$') || (quoted && next == b'"') =>
                {
                    inner.push(next);
                    self.at += 2;
                }
                (Some(byte), _) => {
                    inner.push(byte);
                    self.at += 1;
                }
            }
        }
        self.at += 1;
        let text = String::from_utf8_lossy(&inner).into_owned();
        self.deeper(|lexer| super::lex::parse(&text, lexer.depth))
    }

    /// An arithmetic expression, to and with `close`.
    pub(super) fn arithmetic(&mut self, close: &[u8]) -> Result<Part, Error> {
        self.deeper(|lexer| {
            let mut parts = Parts::default();
            let mut depth: usize = 0;
            loop {
                match lexer.peek(0) {
                    None => return Err(Error::Unterminated("an arithmetic expression")),
                    Some(_) if depth == 0 && lexer.starts_with(close) => {
                        lexer.at += close.len();
                        return Ok(Part::Arithmetic(parts.0));
                    }
                    Some(b'(' | b'[') => depth += 1,
                    Some(b')' | b']') => depth = depth.saturating_sub(1),
                    Some(b'$' | b'`') => {
                        lexer.expansion(&mut parts, true)?;
                        continue;
                    }
                    Some(b'\'' | b'"' | b'\\') => {
                        lexer.piece(&mut parts, Some(b')'))?;
                        continue;
                    }
                    Some(_) => {}
                }
                parts.text(&lexer.peek(0).map_or([b' '], |byte| [byte]), true);
                lexer.at += 1;
            }
        })
    }
}
