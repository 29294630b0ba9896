//! Here-documents: the delimiter where the operator stands, and the body on
//! the lines below.

use super::lex::{Lexer, Token, plain};
use super::{DEPTH, Error, Part, Word};

/// A here-document whose body begins on the next line.
pub(super) struct Document {
    /// The token that gets the body.
    token: usize,
    delimiter: Vec<u8>,
    quoted: bool,
    tabs: bool,
}

impl Lexer<'_> {
    pub(super) fn document(&mut self, tabs: bool) -> Result<(), Error> {
        self.blanks();
        let from = self.at;
        let tag = self.word()?;
        let mut delimiter = Vec::new();
        let mut quoted = false;
        for part in &tag.parts {
            match part {
                Part::Text { bytes, quoted: own } => {
                    delimiter.extend(bytes);
                    quoted |= own;
                }
                Part::Mark(byte) => delimiter.push(*byte),
                // Nothing expands in a delimiter: it is what is written.
                _ => {
                    delimiter = self.bytes.get(from..self.at).unwrap_or_default().to_vec();
                    break;
                }
            }
        }
        self.documents.push(Document { token: self.tokens.len() + 2, delimiter, quoted, tabs });
        self.tokens.extend([
            Token::Operator("<<"),
            Token::Word(plain("tag")),
            Token::Word(Word::default()),
            Token::Word(plain("tag")),
        ]);
        self.start = false;
        Ok(())
    }

    /// Reads the bodies of the here-documents of the line that just ended.
    pub(super) fn fill_all(&mut self) -> Result<(), Error> {
        for document in std::mem::take(&mut self.documents) {
            self.fill(&document)?;
        }
        Ok(())
    }

    /// Reads a here-document's body at this place.
    fn fill(&mut self, document: &Document) -> Result<(), Error> {
        let mut body = Vec::new();
        while self.at < self.bytes.len() {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let length = rest.iter().position(|byte| *byte == b'\n');
            let line = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
            self.at += line.len() + usize::from(length.is_some());
            let kept = if document.tabs {
                let indent = line.iter().take_while(|byte| **byte == b'\t').count();
                line.get(indent..).unwrap_or_default()
            } else {
                line
            };
            if kept == document.delimiter {
                break;
            }
            body.extend(kept);
            body.push(b'\n');
        }
        let parts = if document.quoted {
            vec![Part::Text { bytes: body, quoted: true }]
        } else {
            let mut inner = Lexer::new(&body, 0, self.depth + self.open.len() + 1);
            if inner.depth >= DEPTH {
                return Err(Error::TooDeep);
            }
            inner.document_parts()?
        };
        if let Some(Token::Word(word)) = self.tokens.get_mut(document.token) {
            *word = Word { parts, raw: "<<…".to_owned() };
        }
        Ok(())
    }
}
