//! The values of a policy file: globs, and the words of holdpoint's own
//! vocabulary, each alone or in a list. Reads and matches them; knows nothing
//! of where they stand.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

use super::source::Mode;
use crate::action::{Effect, Flag};
use crate::actor::ActorKind;
use crate::judgement::Verdict;
use crate::target::Class;

/// The longest glob, in bytes: matching takes time in proportion to it.
const GLOB_LIMIT: usize = 1024;

/// One glob or a list of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Globs(pub Vec<String>);

impl Globs {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first glob that matches `text`.
    pub fn matching(&self, text: &str) -> Option<&str> {
        self.0.iter().map(String::as_str).find(|glob| crate::text::glob(glob, text))
    }

    /// Whether there is none, or one matches `text`.
    pub fn admit(&self, text: &str) -> bool {
        self.is_empty() || self.matching(text).is_some()
    }
}

impl<'de> Deserialize<'de> for Globs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Globs, D::Error> {
        let list = deserializer.deserialize_any(OneOrMore::<String>::default())?;
        if list.iter().any(String::is_empty) {
            return Err(de::Error::custom("an empty pattern matches nothing"));
        }
        if list.iter().any(|glob| glob.len() > GLOB_LIMIT) {
            return Err(de::Error::custom(format!("a pattern is over {GLOB_LIMIT} bytes long")));
        }
        Ok(Globs(list))
    }
}

/// A word of holdpoint's vocabulary.
pub trait Vocabulary: Copy {
    /// The words, for messages.
    const WORDS: &'static str;

    /// What the word stands for.
    fn of_word(word: &str) -> Option<Self>;
}

impl Vocabulary for Class {
    const WORDS: &'static str = "local, development, staging, unknown, production";

    fn of_word(word: &str) -> Option<Class> {
        Class::from_word(word)
    }
}

impl Vocabulary for Effect {
    const WORDS: &'static str = "read, write, disrupt, destroy";

    fn of_word(word: &str) -> Option<Effect> {
        Effect::from_word(word)
    }
}

impl Vocabulary for Flag {
    const WORDS: &'static str = "irreversible, backups, irreplaceable, opaque, disarm, \
        credential, permission, retarget";

    fn of_word(word: &str) -> Option<Flag> {
        Flag::from_word(word)
    }
}

impl Vocabulary for ActorKind {
    const WORDS: &'static str = "human, agent, ci, unknown";

    fn of_word(word: &str) -> Option<ActorKind> {
        ActorKind::from_word(word)
    }
}

impl Vocabulary for Verdict {
    const WORDS: &'static str = "allow, confirm, refuse";

    fn of_word(word: &str) -> Option<Verdict> {
        Verdict::from_word(word)
    }
}

impl Vocabulary for Mode {
    const WORDS: &'static str = "balanced, strict";

    fn of_word(word: &str) -> Option<Mode> {
        [Mode::Balanced, Mode::Strict].into_iter().find(|mode| mode.word() == word)
    }
}

/// One word of the vocabulary `T`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Word<T>(pub T);

impl<'de, T: Vocabulary> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Word<T>, D::Error> {
        let word = String::deserialize(deserializer)?;
        T::of_word(&word).map(Word).ok_or_else(|| {
            de::Error::custom(format!("unknown word `{word}`, expected one of: {}", T::WORDS))
        })
    }
}

/// One word of the vocabulary `T`, or a list of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Words<T>(pub Vec<Word<T>>);

impl<T> Default for Words<T> {
    fn default() -> Words<T> {
        Words(Vec::new())
    }
}

impl<T: PartialEq + Copy> Words<T> {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `value` is among them.
    pub fn has(&self, value: T) -> bool {
        self.0.contains(&Word(value))
    }

    /// Whether there is none, or `value` is among them.
    pub fn admit(&self, value: T) -> bool {
        self.is_empty() || self.has(value)
    }
}

impl<'de, T: Vocabulary> Deserialize<'de> for Words<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Words<T>, D::Error> {
        deserializer.deserialize_any(OneOrMore::<Word<T>>::default()).map(Words)
    }
}

/// Reads a string, or a list of strings, as a list of `T`s.
struct OneOrMore<T>(PhantomData<T>);

impl<T> Default for OneOrMore<T> {
    fn default() -> OneOrMore<T> {
        OneOrMore(PhantomData)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMore<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Vec<T>, E> {
        T::deserialize(StrDeserializer::new(word)).map(|one| vec![one])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut out = Vec::new();
        while let Some(one) = list.next_element()? {
            out.push(one);
        }
        Ok(out)
    }
}
