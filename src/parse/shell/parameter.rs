//! `${…}`, the elements of arrays, and patterns in parentheses.

use super::lex::Lexer;
use super::word::Parts;
use super::{Error, Modifier, Part, Word};

impl Lexer<'_> {
    /// `${…}` behind its opening brace.
    pub(super) fn braced(&mut self, quoted: bool) -> Result<Part, Error> {
        let from = self.at;
        let indirect = self.peek(0) == Some(b'!') && self.peek(1) != Some(b'}');
        let length =
            self.peek(0) == Some(b'#') && !matches!(self.peek(1), Some(b'}' | b':' | b'-'));
        if indirect || length {
            self.at += 1;
        }
        let mut name = self.name();
        if name.is_empty()
            && let Some(byte @ (b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')) = self.peek(0)
        {
            self.at += 1;
            name = char::from(byte).to_string();
        }
        let mut other = indirect || length || name.is_empty();
        if self.peek(0) == Some(b'[') {
            other |= !(self.starts_with(b"[@]") || self.starts_with(b"[*]"));
            if !other {
                // The whole array: a list of words, like `$@`.
                name.push_str("[@]");
            }
        }
        let empty = self.peek(0) == Some(b':');
        let sign = self.peek(usize::from(empty));
        let modifier = match sign {
            Some(b'}') if !other && !empty => {
                self.at += 1;
                return Ok(Part::Parameter { name, modifier: Modifier::None, quoted });
            }
            Some(sign @ (b'-' | b'=' | b'+' | b'?')) if !other => {
                self.at += usize::from(empty) + 1;
                let word = self.rest_of_braces(quoted)?;
                match sign {
                    b'-' => Modifier::Default { empty, word },
                    b'=' => Modifier::Assign { empty, word },
                    b'+' => Modifier::Alternative { empty, word },
                    _ => Modifier::Required(word),
                }
            }
            _ => {
                let whole =
                    name.ends_with("[@]") && self.starts_with(b"[@]}") || self.starts_with(b"[*]}");
                let rest = self.rest_of_braces(quoted)?;
                if whole && !indirect && !length {
                    return Ok(Part::Parameter { name, modifier: Modifier::None, quoted });
                }
                Modifier::Other(rest)
            }
        };
        if name.is_empty() && self.at <= from {
            return Err(Error::Syntax("in `${`".to_owned()));
        }
        Ok(Part::Parameter { name, modifier, quoted })
    }

    /// The word behind an operator in `${…}`, to and with the closing brace.
    fn rest_of_braces(&mut self, quoted: bool) -> Result<Vec<Part>, Error> {
        let mut parts = Parts::default();
        loop {
            match self.peek(0) {
                None => return Err(Error::Unterminated("`${`")),
                Some(b'}') => {
                    self.at += 1;
                    return Ok(parts.0);
                }
                // In double quotes a single quote stands for itself here.
                Some(b'\'') if quoted => {
                    parts.text(b"'", true);
                    self.at += 1;
                }
                Some(b'$' | b'`') => self.expansion(&mut parts, quoted)?,
                Some(_) => self.piece(&mut parts, Some(b'}'))?,
            }
        }
    }

    /// The elements of `name=(…)`.
    pub(super) fn array(&mut self) -> Result<Vec<Word>, Error> {
        self.at += 1;
        self.deeper(|lexer| {
            let mut elements = Vec::new();
            loop {
                lexer.blanks();
                match lexer.peek(0) {
                    None => return Err(Error::Unterminated("`(`")),
                    Some(b'\n') => lexer.at += 1,
                    Some(b')') => {
                        lexer.at += 1;
                        return Ok(elements);
                    }
                    Some(_) => elements.push(lexer.word()?),
                }
            }
        })
    }

    /// `@(…)` and its kin: a pattern, in which expansions still happen.
    pub(super) fn extended_pattern(&mut self, parts: &mut Parts) -> Result<(), Error> {
        self.deeper(|lexer| {
            let mut depth: usize = 0;
            loop {
                match lexer.peek(0) {
                    None => return Err(Error::Unterminated("`(`")),
                    Some(b'(') => depth += 1,
                    Some(b')') => depth = depth.saturating_sub(1),
                    Some(_) => {
                        lexer.piece(parts, None)?;
                        continue;
                    }
                }
                parts.text(&lexer.peek(0).map_or([b')'], |byte| [byte]), false);
                lexer.at += 1;
                if depth == 0 {
                    parts.0.push(Part::Mark(b'*'));
                    return Ok(());
                }
            }
        })
    }
}

/// Whether what was read so far is `name=`, `name+=` or `name[…]=`.
pub(super) fn is_array(parts: &[Part]) -> bool {
    let Some(Part::Text { bytes, quoted: false }) = parts.last() else { return false };
    if !bytes.ends_with(b"=") {
        return false;
    }
    let word = Word { parts: parts.to_vec(), raw: String::new() };
    word.assignment().is_some_and(|assignment| assignment.value.parts.is_empty())
}
