//! What a statement's bare words alone say it could do: the floor under a
//! text that the grammar does not accept or that is too large for it, and
//! under the bodies of code in other languages. A word at a time, so that no
//! length matters.

use crate::action::Effect;

/// The words of a text, as far as they have been seen.
#[derive(Clone, Debug)]
pub struct Scan {
    worst: Effect,
    /// What the word in front makes of the next one.
    verb: Verb,
    /// Whether an UPDATE waits for its SET.
    update: bool,
    /// A DELETE or UPDATE that no WHERE has bounded yet.
    unbounded: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    None,
    Drop,
    Delete,
}

impl Default for Scan {
    fn default() -> Scan {
        Scan { worst: Effect::Read, verb: Verb::None, update: false, unbounded: false }
    }
}

/// Words behind DROP that take a part of a definition away, not data.
const PARTS: &[&str] =
    &["constraint", "default", "not", "identity", "expression", "value", "mapping"];
/// Words that change something bounded, or could.
const WRITES: &[&str] = &[
    "alter", "analyze", "call", "cluster", "comment", "copy", "create", "delete", "do", "drop",
    "execute", "grant", "import", "insert", "into", "load", "lock", "merge", "notify", "reassign",
    "refresh", "reindex", "revoke", "security", "set", "update", "vacuum",
];

impl Scan {
    /// Takes the next bare word.
    pub fn word(&mut self, word: &[u8]) {
        let is = |other: &str| word.eq_ignore_ascii_case(other.as_bytes());
        let before = std::mem::replace(&mut self.verb, Verb::None);
        if before == Verb::Drop {
            if is("if") || is("exists") || is("concurrently") {
                self.verb = Verb::Drop;
            } else if is("index") {
                self.raise(Effect::Disrupt);
            } else if !PARTS.iter().any(|part| is(part)) {
                self.raise(Effect::Destroy);
            }
        } else if before == Verb::Delete && is("from") {
            self.unbounded = true;
        } else if is("drop") {
            self.verb = Verb::Drop;
        } else if is("delete") {
            self.verb = Verb::Delete;
        } else if is("truncate") {
            self.raise(Effect::Destroy);
        } else if is("update") {
            self.update = true;
        } else if is("set") && self.update {
            self.unbounded = true;
        } else if is("where") {
            self.update = false;
            self.unbounded = false;
        }
        if WRITES.iter().any(|write| is(write)) {
            self.raise(Effect::Write);
        }
    }

    /// Takes a quoted name: DROP "name" in an ALTER TABLE drops a column.
    pub fn name(&mut self) {
        if std::mem::replace(&mut self.verb, Verb::None) == Verb::Drop {
            self.raise(Effect::Destroy);
        }
    }

    /// A statement ends here, as in the body of a function.
    pub fn boundary(&mut self) {
        *self = Scan { worst: self.effect(), ..Scan::default() };
    }

    fn raise(&mut self, effect: Effect) {
        self.worst = self.worst.max(effect);
    }

    /// What the words say.
    pub fn effect(&self) -> Effect {
        if self.unbounded { Effect::Destroy } else { self.worst }
    }
}
