//! A line as it is typed: bytes and their times in, a typed line out. Tells
//! typing from pasting. No I/O.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::text::visible;

/// What a terminal sends before pasted text once asked to mark it.
const PASTE_BEGINS: &[u8] = b"\x1b[200~";

/// And behind it.
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// More characters than this within [`BURST_TIME`] are no person's typing.
const BURST_LENGTH: usize = 8;

/// See [`BURST_LENGTH`]. The fastest typists need 60 ms a character.
const BURST_TIME: Duration = Duration::from_millis(30);

/// The longest line that is kept; a longer one is wrong whatever it says.
const LINE_LIMIT: usize = 256;

/// The control characters that the terminal is set to (`stty -a`).
#[derive(Clone, Copy, Debug)]
pub struct Controls {
    /// Ends the input: ^D.
    pub end: u8,
    /// Takes one character back: ^? and ^H.
    pub erase: u8,
    /// Takes the line back: ^U.
    pub kill: u8,
}

/// What became of a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The line goes on.
    Going,
    /// The line is finished: take it.
    Submitted,
    /// The end of the input.
    End,
    /// Not typed by hand: everything so far is to be forgotten.
    Pasted,
}

/// The line so far.
#[derive(Debug)]
pub struct Line {
    controls: Controls,
    bytes: Vec<u8>,
    recent: VecDeque<u8>,
    times: VecDeque<Instant>,
    began: Option<Instant>,
    pasting: bool,
}

impl Line {
    /// An empty line.
    pub fn new(controls: Controls) -> Line {
        Line {
            controls,
            bytes: Vec::new(),
            recent: VecDeque::new(),
            times: VecDeque::new(),
            began: None,
            pasting: false,
        }
    }

    /// Takes one byte that came at `now`.
    pub fn feed(&mut self, byte: u8, now: Instant) -> Event {
        self.remember(byte, now);
        if self.pasting {
            self.pasting = !self.ends_with(PASTE_ENDS);
            return if self.pasting { Event::Going } else { Event::Pasted };
        }
        if self.ends_with(PASTE_BEGINS) {
            self.pasting = true;
            return Event::Going;
        }
        let fast = |since: Option<&Instant>| {
            since.is_some_and(|then| now.saturating_duration_since(*then) < BURST_TIME)
        };
        if self.times.len() > BURST_LENGTH && fast(self.times.front()) {
            return Event::Pasted;
        }
        match byte {
            // A short phrase in one go is no typing either.
            b'\n' | b'\r' if self.bytes.len() > 3 && fast(self.began.as_ref()) => Event::Pasted,
            b'\n' | b'\r' => Event::Submitted,
            _ if byte == self.controls.end => Event::End,
            _ => {
                self.edit(byte);
                Event::Going
            }
        }
    }

    /// Whether what was typed is exactly `phrase`.
    pub fn is(&self, phrase: &str) -> bool {
        self.bytes == phrase.as_bytes()
    }

    /// The last `columns` columns of the line, safe to show.
    pub fn shown(&self, columns: usize) -> String {
        let text = visible(&String::from_utf8_lossy(&self.bytes), LINE_LIMIT * 8);
        let letters: Vec<char> = text.chars().collect();
        letters.iter().skip(letters.len().saturating_sub(columns)).collect()
    }

    fn edit(&mut self, byte: u8) {
        const BACKSPACES: [u8; 2] = [0x08, 0x7f];
        if byte == self.controls.erase || BACKSPACES.contains(&byte) {
            // A letter of several bytes goes whole.
            while self.bytes.pop().is_some_and(|last| last & 0xc0 == 0x80) {}
        } else if byte == self.controls.kill {
            self.bytes.clear();
        } else if self.bytes.len() <= LINE_LIMIT {
            self.began = self.began.or_else(|| self.times.back().copied());
            self.bytes.push(byte);
        }
        if self.bytes.is_empty() {
            self.began = None;
        }
    }

    fn remember(&mut self, byte: u8, now: Instant) {
        self.times.push_back(now);
        if self.times.len() > BURST_LENGTH + 1 {
            self.times.pop_front();
        }
        self.recent.push_back(byte);
        if self.recent.len() > PASTE_BEGINS.len() {
            self.recent.pop_front();
        }
    }

    fn ends_with(&self, mark: &[u8]) -> bool {
        self.recent.len() == mark.len() && self.recent.iter().eq(mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTROLS: Controls = Controls { end: 4, erase: 0x7f, kill: 0x15 };

    /// Types each byte `gap` milliseconds after the one before; the first
    /// event that is not `Going`, and the line.
    fn typed(bytes: &[u8], gap: u64) -> (Event, Line) {
        let (mut line, mut now) = (Line::new(CONTROLS), Instant::now());
        for byte in bytes {
            now += Duration::from_millis(gap);
            let event = line.feed(*byte, now);
            if event != Event::Going {
                return (event, line);
            }
        }
        (Event::Going, line)
    }

    #[test]
    fn a_typed_line_is_compared_exactly() {
        let (event, line) = typed(b"acme-prod-7QK2\r", 60);
        assert_eq!(event, Event::Submitted);
        assert!(line.is("acme-prod-7QK2"));
        for wrong in ["acme-prod-7qk2", "acme-prod-7QK2 ", " acme-prod-7QK2", "acme-prod-7QK", ""] {
            assert!(!line.is(wrong));
        }
    }

    #[test]
    fn a_burst_is_no_typing() {
        assert_eq!(typed(b"acme-prod-7QK2\n", 0).0, Event::Pasted);
        assert_eq!(typed(b"acme-prod-7QK2\n", 3).0, Event::Pasted);
        assert_eq!(typed(b"x-7QK2\n", 1).0, Event::Pasted, "shorter than a burst");
        assert_eq!(typed(b"acme-prod-7QK2\n", 4).0, Event::Submitted);
        assert_eq!(typed(b"x\n", 0).0, Event::Submitted);
    }

    #[test]
    fn a_marked_paste_is_no_typing_however_slow() {
        assert_eq!(typed(b"\x1b[200~acme\nprod\n\x1b[201~", 60).0, Event::Pasted);
        let (event, line) = typed(b"acme\x1b[200~", 60);
        assert_eq!(event, Event::Going);
        assert!(line.pasting);
    }

    #[test]
    fn typing_can_be_taken_back() {
        assert!(typed("acmé\u{7f}e\r".as_bytes(), 60).1.is("acme"));
        assert!(typed(b"wrong\x15right\r", 60).1.is("right"));
        assert!(typed(b"\x7f\x7fa\x08b\r", 60).1.is("b"));
        assert!(typed(b"x\x15\r", 60).1.is(""));
    }

    #[test]
    fn control_characters_are_kept_and_shown_as_what_they_are() {
        let (_, line) = typed(b"\x1b[Aac\x07me\r", 60);
        assert!(!line.is("acme"));
        assert_eq!(line.shown(80), "\\u{1b}[Aac\\u{7}me");
        assert_eq!(line.shown(2), "me");
        assert_eq!(typed(b"\xff\xfe", 60).1.shown(80), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn the_end_of_the_input_is_told() {
        assert_eq!(typed(b"\x04", 60).0, Event::End);
        assert_eq!(typed(b"acme\x04", 60).0, Event::End);
    }

    #[test]
    fn an_endless_line_is_bounded() {
        let (event, line) = typed(&[b'x'; 5000], 60);
        assert_eq!(event, Event::Going);
        assert!(line.bytes.len() <= LINE_LIMIT + 1);
    }
}
