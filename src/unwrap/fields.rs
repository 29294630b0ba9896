//! One word's parts → the fields that the shell splits them into, with the files
//! that a pattern in them stands for. What the parts are worth is `expand`'s.

use super::line::Lines;
use super::state::{Template, unknown};

/// Fields being put together from the parts of one word.
#[derive(Default)]
pub(super) struct Fields {
    /// Those that have ended.
    pub(super) done: Vec<Template>,
    /// The one that is being put together.
    pub(super) text: Template,
    /// The text as a pattern, in which quoted characters match themselves.
    pattern: String,
    is_pattern: bool,
    started: bool,
    /// The text with [`HOLE`] in front of each wildcard, for a pattern that
    /// could match files.
    template: Template,
    in_bracket: bool,
    /// Whether a wildcard stands in quotes, and so for itself.
    quotes_marks: bool,
}

impl Fields {
    pub(super) fn push(&mut self, bytes: &[u8], quoted: bool) {
        self.started |= quoted || !bytes.is_empty();
        self.text.extend(bytes);
        self.quotes_marks |= bytes.iter().any(|byte| b"*?".contains(byte));
        // What a bracket expression holds is part of its one wildcard.
        let closed = bytes.iter().position(|byte| *byte == b']').map_or(bytes.len(), |at| at + 1);
        let behind = match self.in_bracket {
            true => bytes.get(closed..).unwrap_or_default(),
            false => bytes,
        };
        self.in_bracket &= !bytes.contains(&b']');
        self.pattern.push_str(&literal(behind));
        self.template.extend(behind);
    }

    pub(super) fn mark(&mut self, byte: u8) {
        self.started = true;
        self.text.push(byte);
        let wildcard = match byte {
            _ if self.in_bracket => return,
            b'?' => '?',
            b'*' | b'[' => '*',
            other => {
                self.pattern.push(char::from(other));
                return self.template.push(other);
            }
        };
        self.is_pattern = true;
        self.in_bracket = byte == b'[';
        self.pattern.push(wildcard);
        self.template.extend(unknown());
        self.template.extend(wildcard.to_string().bytes());
    }

    /// Ends a field; a pattern that could match a file is not known.
    pub(super) fn end(&mut self, lines: &Lines<'_>) {
        let text = std::mem::take(&mut self.text);
        let pattern = std::mem::take(&mut self.pattern);
        let template = std::mem::take(&mut self.template);
        self.in_bracket = false;
        let bracket = text.contains(&b'[') && !text.contains(&b']');
        let lone_bracket = bracket && !text.iter().any(|byte| matches!(byte, b'*' | b'?'));
        if std::mem::take(&mut self.started) {
            let is_pattern = self.is_pattern && !lone_bracket && !lines.state.no_patterns;
            let matches = is_pattern && (lines.state.odd_patterns || lines.could_match(&pattern));
            let quoted = std::mem::take(&mut self.quotes_marks);
            match matches.then(|| lines.matches(&text).filter(|_| !quoted)) {
                None => self.done.push(text),
                Some(None) => self.done.push(template),
                Some(Some(files)) if files.is_empty() => self.done.push(text),
                Some(Some(files)) => self.done.extend(files),
            }
        }
        self.is_pattern = false;
    }

    /// Adds an unquoted value, split at blanks.
    pub(super) fn split(&mut self, value: &[u8], lines: &Lines<'_>) {
        for piece in value.split_inclusive(|byte| b" \t\n*?[".contains(byte)) {
            match piece {
                [plain @ .., b' ' | b'\t' | b'\n'] => {
                    self.push(plain, false);
                    self.end(lines);
                }
                [plain @ .., byte @ (b'*' | b'?' | b'[')] => {
                    self.push(plain, false);
                    self.mark(*byte);
                }
                plain => self.push(plain, false),
            }
        }
    }
}

/// Bytes as part of a pattern that matches at least them.
fn literal(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace(['*', '?', '\u{FFFD}', '\u{FFFC}'], "*")
}
