//! Redis's protocol as somebody between client and server sees it: requests
//! one after another, and where in the stream of replies one ends and the next
//! begins (RESP2 and RESP3, as the protocol's description has them). Bytes in,
//! structure out; nothing is sent.
//!
//! The crates there are give whole replies. A reply may be half a gigabyte:
//! here it goes by in whatever pieces it comes, and only its end is found.

use super::redis;

/// The most bytes of a request: what a person types is far below.
const MAX_REQUEST: usize = 1 << 20;
/// The most bytes of a request that is a line, as Redis has it.
const MAX_LINE: usize = 64 << 10;
/// The most words of a request.
const MAX_WORDS: usize = 64 << 10;
/// The most bytes of a line that holds a number.
const MAX_NUMBER: usize = 24;
/// How deep a reply's values may lie in one another.
const MAX_DEPTH: usize = 1_000;
/// The most bytes of a reply's beginning that are kept.
const HEAD: usize = 24;
/// The most bytes or values that a reply may announce.
const MAX_LENGTH: i64 = 1 << 40;

/// Why a stream is not the protocol, in the words of Redis where it has some.
pub type Malformed = &'static str;

/// Requests as they come, in pieces.
#[derive(Debug, Default)]
pub struct Requests {
    buffer: Vec<u8>,
    /// Where what is not read yet begins.
    at: usize,
    /// How far the search for a line's end has come.
    searched: usize,
    /// Words that the request still lacks; none where a request begins.
    lacks: Option<usize>,
    /// The length of the word that comes.
    length: Option<usize>,
    words: Vec<Vec<u8>>,
    /// Bytes of the request so far.
    size: usize,
}

impl Requests {
    /// Takes the next piece.
    pub fn push(&mut self, piece: &[u8]) {
        self.buffer.drain(..self.at);
        self.searched = self.searched.saturating_sub(self.at);
        self.at = 0;
        self.buffer.extend_from_slice(piece);
    }

    /// The words of the next request that is whole; none if there is none yet.
    ///
    /// # Errors
    /// It is not the protocol, or is longer than what is read.
    pub fn next_request(&mut self) -> Result<Option<Vec<Vec<u8>>>, Malformed> {
        loop {
            if let Some(length) = self.length {
                let Some(word) = self.word(length)? else { return Ok(None) };
                self.words.push(word);
                self.length = None;
                self.lacks = self.lacks.map(|lacks| lacks.saturating_sub(1));
            }
            if self.lacks == Some(0) {
                self.lacks = None;
                self.size = 0;
                return Ok(Some(std::mem::take(&mut self.words)));
            }
            let Some(line) = self.line()? else { return Ok(None) };
            match (self.lacks, line.split_first()) {
                (None, Some((b'*', count))) => {
                    let count = match count {
                        b"-1" => 0,
                        count => number(count).ok_or("invalid multibulk length")?,
                    };
                    if count > MAX_WORDS {
                        return Err("invalid multibulk length");
                    }
                    // Redis answers an empty one with nothing.
                    self.lacks = (count > 0).then_some(count);
                }
                (None, _) => {
                    let words = redis::words(&line).ok_or("unbalanced quotes in request")?;
                    self.size = 0;
                    if !words.is_empty() {
                        return Ok(Some(words));
                    }
                }
                (Some(_), Some((b'$', length))) => {
                    self.length = Some(number(length).ok_or("invalid bulk length")?);
                }
                (Some(_), _) => return Err("expected '$'"),
            }
        }
    }

    /// The next line without its end.
    fn line(&mut self) -> Result<Option<Vec<u8>>, Malformed> {
        let from = self.searched.max(self.at);
        let rest = self.buffer.get(from..).unwrap_or_default();
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.buffer.len();
            return match self.buffer.len() - self.at > MAX_LINE {
                true => Err("too big inline request"),
                false => Ok(None),
            };
        };
        let end = from + end;
        let line = self.buffer.get(self.at..end).unwrap_or_default();
        if line.len() > MAX_LINE {
            return Err("too big inline request");
        }
        // What a word's length is told by ends in both.
        let whole = line.strip_suffix(b"\r");
        let counts = self.lacks.is_some() || line.first() == Some(&b'*');
        let line = match (whole, counts) {
            (Some(line), _) => line.to_vec(),
            (None, true) => return Err("expected a line's end"),
            (None, false) => line.to_vec(),
        };
        self.at = end + 1;
        self.searched = self.at;
        Ok(Some(line))
    }

    /// The next word, of this many bytes.
    fn word(&mut self, length: usize) -> Result<Option<Vec<u8>>, Malformed> {
        if length > MAX_REQUEST || self.size + length > MAX_REQUEST {
            return Err("invalid bulk length");
        }
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let Some(behind) = rest.get(length..length + 2) else { return Ok(None) };
        if behind != b"\r\n" {
            return Err("expected a line's end");
        }
        let word = rest.get(..length).unwrap_or_default().to_vec();
        self.size += length;
        self.at += length + 2;
        self.searched = self.at;
        Ok(Some(word))
    }
}

/// A request in the protocol's plain form, behind what `out` holds.
pub fn write_request(words: &[Vec<u8>], out: &mut Vec<u8>) {
    out.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        out.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
}

/// A number as every reader of the protocol reads it: digits alone.
fn number(text: &[u8]) -> Option<usize> {
    let plain = text.iter().all(u8::is_ascii_digit) && !(text.len() > 1 && text.starts_with(b"0"));
    let text = std::str::from_utf8(text).ok().filter(|_| plain)?;
    text.parse().ok().filter(|number| *number <= 512 << 20)
}

/// What is known of a reply that has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The first byte, which says what it is.
    pub kind: u8,
    /// The beginning of its text, or of its first value's if that is one.
    pub head: Vec<u8>,
    /// The last whole number in it.
    pub number: Option<i64>,
}

/// A value that holds others.
#[derive(Clone, Copy, Debug)]
struct Level {
    /// The values that it lacks.
    lacks: u64,
    /// Whether it stands in front of the value that it belongs to.
    attribute: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Next {
    /// The first byte of a value.
    #[default]
    Kind,
    /// The rest of a line.
    Line(u8),
    /// So many bytes of a text, its line's end among them.
    Text(u64),
}

/// Replies as they go by, in pieces.
#[derive(Debug, Default)]
pub struct Replies {
    next: Next,
    levels: Vec<Level>,
    line: Vec<u8>,
    reply: Reply,
    /// How many of the reply's values have begun, itself among them.
    begun: u8,
    /// Whether a text's bytes belong to the reply's head.
    at_head: bool,
}

impl Replies {
    /// Whether the next byte begins a reply.
    pub fn is_between(&self) -> bool {
        self.begun == 0
    }

    /// Reads on to the end of a reply, or of the piece: gives how many bytes
    /// that were, and the reply if one has ended.
    ///
    /// # Errors
    /// It is not the protocol.
    pub fn read(&mut self, piece: &[u8]) -> Result<(usize, Option<Reply>), Malformed> {
        let mut at = 0;
        while let Some(rest) = piece.get(at..).filter(|rest| !rest.is_empty()) {
            let ended = match self.next {
                Next::Kind => {
                    at += 1;
                    self.begin(rest.first().copied().unwrap_or_default())?;
                    false
                }
                Next::Line(kind) => {
                    let end = rest.iter().position(|byte| *byte == b'\n');
                    let part = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
                    at += part.len() + usize::from(end.is_some());
                    self.keep(kind, part)?;
                    end.is_some() && self.line_ended(kind)?
                }
                Next::Text(left) => {
                    let count = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    at += count;
                    let left = left - count as u64;
                    if self.at_head {
                        let room = HEAD.saturating_sub(self.reply.head.len());
                        self.reply.head.extend(rest.iter().take(count.min(room)));
                    }
                    self.next = Next::Text(left);
                    left == 0 && self.value_ended()
                }
            };
            if ended {
                self.begun = 0;
                self.at_head = false;
                let mut reply = std::mem::take(&mut self.reply);
                while reply.head.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
                    reply.head.pop();
                }
                return Ok((at, Some(reply)));
            }
        }
        Ok((at, None))
    }

    fn begin(&mut self, kind: u8) -> Result<(), Malformed> {
        if !b"+-:_#,($=!*~>%|".contains(&kind) {
            return Err("a kind of reply that is not known");
        }
        if self.begun == 0 {
            self.reply.kind = kind;
        }
        // The reply itself, or the first value in it.
        self.at_head = self.begun < 2 && b"+-$=!".contains(&kind);
        self.begun = self.begun.saturating_add(1);
        self.line.clear();
        self.next = Next::Line(kind);
        Ok(())
    }

    /// Keeps what matters of a line's part.
    fn keep(&mut self, kind: u8, part: &[u8]) -> Result<(), Malformed> {
        if b"+-".contains(&kind) && self.at_head {
            let room = HEAD.saturating_sub(self.reply.head.len());
            self.reply.head.extend(part.iter().take(room));
        }
        if b":$=!*~>%|".contains(&kind) {
            if self.line.len() + part.len() > MAX_NUMBER {
                return Err("a number that is too long");
            }
            self.line.extend_from_slice(part);
        }
        Ok(())
    }

    /// What a line's end makes of it; says whether the reply has ended.
    fn line_ended(&mut self, kind: u8) -> Result<bool, Malformed> {
        self.next = Next::Kind;
        if !b":$=!*~>%|".contains(&kind) {
            return Ok(self.value_ended());
        }
        let text = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
        let number = number.ok_or("a number that is none")?;
        if kind == b':' {
            self.reply.number = Some(number);
            return Ok(self.value_ended());
        }
        if !(-1..=MAX_LENGTH).contains(&number) {
            return Err("a length that is none");
        }
        let Ok(length) = u64::try_from(number) else { return Ok(self.value_ended()) };
        if b"$=!".contains(&kind) {
            self.next = Next::Text(length + 2);
            return Ok(false);
        }
        let attribute = kind == b'|';
        let lacks = if matches!(kind, b'%' | b'|') { length * 2 } else { length };
        if lacks == 0 {
            return Ok(!attribute && self.value_ended());
        }
        if self.levels.len() >= MAX_DEPTH {
            return Err("values too deep in one another");
        }
        self.levels.push(Level { lacks, attribute });
        Ok(false)
    }

    /// A value has ended, and with it perhaps those that it lies in; says
    /// whether the reply has.
    fn value_ended(&mut self) -> bool {
        self.next = Next::Kind;
        while let Some(level) = self.levels.last_mut() {
            level.lacks = level.lacks.saturating_sub(1);
            if level.lacks > 0 {
                return false;
            }
            let attribute = level.attribute;
            self.levels.pop();
            if attribute {
                // What it belongs to comes now.
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests;
