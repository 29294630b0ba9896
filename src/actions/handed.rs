//! Judged texts on their way to the tool: which word, input or variable leads
//! to one, and where in a text the names of further ones stand. Data only:
//! `exec::hand_over` makes the sealed copies, and puts their paths in.

use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::Arc;

/// A text that was judged. When the tool runs, the names in it give way to
/// the paths of sealed copies of what they named.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pinned {
    /// The bytes as they were judged.
    pub bytes: Arc<[u8]>,
    /// The names in them that give way, in order and apart.
    pub names: Vec<Name>,
}

/// A place in a text that holds a file's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// Where it stands, quotes included.
    pub span: Range<usize>,
    /// What takes its place.
    pub by: By,
}

/// What takes the place of a file's name.
#[derive(Clone, Debug, PartialEq)]
pub enum By {
    /// The path of a sealed copy of a text.
    Copy(Pinned),
    /// This, which leads to the file that the name did: for a name that is
    /// relative to a text which has moved.
    Text(Vec<u8>),
}

/// A judged text and where the tool finds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Handed {
    /// Where it stands.
    pub place: Place,
    /// What stands there from now on.
    pub text: Pinned,
}

/// Where the tool finds a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// A word of argv.
    Word(usize),
    /// A word that is put in behind word `behind`, with these in front of it.
    Added {
        /// The word behind which they go.
        behind: usize,
        /// The words in front of it.
        words: &'static [&'static str],
    },
    /// Standard input.
    Stdin,
    /// An environment variable.
    Variable(&'static str),
}

impl From<Vec<u8>> for Pinned {
    fn from(bytes: Vec<u8>) -> Pinned {
        Pinned { bytes: bytes.into(), names: Vec::new() }
    }
}

impl Pinned {
    /// The files in it and in those, each with its name as far as it is known.
    pub fn files(&self) -> Vec<(&[u8], &Pinned)> {
        let mut found = Vec::new();
        let mut waiting: Vec<&Pinned> = vec![self];
        while let Some(text) = waiting.pop() {
            for name in &text.names {
                let By::Copy(file) = &name.by else { continue };
                found.push((text.bytes.get(name.span.clone()).unwrap_or_default(), file));
                waiting.push(file);
            }
        }
        found
    }
}

#[cfg(test)]
impl Pinned {
    /// Its text, with those of copies in angle brackets.
    pub fn show(&self) -> String {
        let text = |span: Range<usize>| String::from_utf8_lossy(&self.bytes[span]).into_owned();
        let (mut out, mut at) = (String::new(), 0);
        for name in &self.names {
            out += &text(at..name.span.start);
            out += &match &name.by {
                By::Copy(file) => format!("<{}>", file.show()),
                By::Text(text) => String::from_utf8_lossy(text).into_owned(),
            };
            at = name.span.end;
        }
        out + &text(at..self.bytes.len())
    }

    /// Checks that what gives way are names, in order and apart: each is this
    /// one, once quotes, escapes and semicolons are taken off.
    pub fn check(&self, is: &str) {
        let mut at = 0;
        for name in &self.names {
            assert!(at <= name.span.start, "{self:?}");
            let bytes = &self.bytes[name.span.clone()];
            if let By::Copy(file) = &name.by {
                let bare = String::from_utf8_lossy(bytes).replace(['\'', '"', '\\', ';'], "");
                // Slashes at the end are nothing to the fake world.
                assert_eq!(bare.trim_end_matches('/'), is, "{self:?}");
                file.check(is);
            }
            at = name.span.end;
        }
        assert!(at <= self.bytes.len(), "{self:?}");
    }
}

/// A script made of pieces that have to do with includes, for properties.
#[cfg(test)]
pub fn script(
    pieces: &'static [&'static str],
) -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    proptest::collection::vec(proptest::sample::select(pieces), 0..25)
        .prop_map(|pieces| pieces.concat())
}

impl Handed {
    /// A file whose name is the end of word `index`, behind `before` (`@` of
    /// curl's `@body.json`, `--file=`).
    pub fn file(index: usize, before: OsString, file: impl Into<Pinned>) -> Handed {
        let before = before.into_vec();
        let end = before.len();
        let by = By::Copy(file.into());
        let names = vec![Name { span: end..end, by }];
        Handed { place: Place::Word(index), text: Pinned { bytes: before.into(), names } }
    }

    /// A file whose name stands in word `index`, behind `offset` bytes of it.
    pub fn part(
        index: usize,
        word: Option<&OsString>,
        offset: usize,
        file: impl Into<Pinned>,
    ) -> Option<Handed> {
        let before = word?.as_bytes().get(..offset)?;
        Some(Handed::file(index, OsString::from_vec(before.to_vec()), file))
    }

    /// A place whose text has names that give way; none if it has none.
    pub fn names(place: Place, bytes: &[u8], names: Vec<Name>) -> Option<Handed> {
        let text = Pinned { bytes: bytes.into(), names };
        (!text.names.is_empty()).then_some(Handed { place, text })
    }

    /// The word that it stands in, if it does.
    pub fn word(&self) -> Option<usize> {
        match self.place {
            Place::Word(index) => Some(index),
            _ => None,
        }
    }

    /// The same for a command whose words begin `count` words into another's
    /// argv, and which it starts with its own descriptors. None where the
    /// command may have other variables.
    pub fn within(self, count: usize) -> Option<Handed> {
        let place = match self.place {
            Place::Word(index) => Place::Word(index + count),
            Place::Added { behind, words } => Place::Added { behind: behind + count, words },
            Place::Variable(_) if count > 0 => return None,
            place => place,
        };
        Some(Handed { place, ..self })
    }
}
