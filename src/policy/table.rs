//! The built-in table: what follows from an action on a class when no file
//! says anything, and the floor under everything that files may allow. Data
//! and look-ups; the files come in [`super::decide`].

use super::source::Mode;
use crate::action::{Action, Effect, Flag, Flags};
use crate::actor::ActorKind;
use crate::judgement::Verdict;
use crate::target::Class;

/// What one field of the table says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Whether a person confirms it and everybody else is refused.
    pub stops: bool,
    /// Whether the audit trail gets a record.
    pub record: bool,
    /// Whether standard error gets one line.
    pub note: bool,
    /// Whether the phrase that a person types is the longer one.
    pub long: bool,
}

impl Cell {
    /// The verdict for a caller.
    pub const fn verdict(self, actor: ActorKind) -> Verdict {
        match (self.stops, actor) {
            (false, _) => Verdict::Allow,
            (true, ActorKind::Human) => Verdict::Confirm,
            (true, _) => Verdict::Refuse,
        }
    }
}

const ALLOW: Cell = Cell { stops: false, record: false, note: false, long: false };
const RECORD: Cell = Cell { record: true, ..ALLOW };
const NOTE: Cell = Cell { note: true, ..RECORD };
const STOP: Cell = Cell { stops: true, ..RECORD };
const LONG: Cell = Cell { long: true, ..STOP };

/// One row of the table: a kind of action.
#[derive(Debug)]
pub struct Row {
    /// What it is called in `decided_by`.
    pub name: &'static str,
    /// Why it stops, for the card: one sentence.
    pub why: &'static str,
    /// local, development, staging, unknown, production.
    cells: [Cell; 5],
}

impl Row {
    /// Whether it is the row of everything that destroys, which says nothing
    /// beside a graver one.
    pub fn is_plain(&self) -> bool {
        std::ptr::eq(self, &raw const DESTROY)
    }

    /// The field for a class.
    pub const fn cell(&self, class: Class) -> Cell {
        let [local, development, staging, unknown, production] = self.cells;
        match class {
            Class::Local => local,
            Class::Development => development,
            Class::Staging => staging,
            Class::Unknown => unknown,
            Class::Production => production,
        }
    }
}

static WRITE: Row = Row { name: "write", why: "", cells: [ALLOW, ALLOW, ALLOW, ALLOW, RECORD] };
static STRICT_WRITE: Row = Row {
    name: "strict write",
    why: "Strict mode has writes on production confirmed.",
    cells: [ALLOW, ALLOW, ALLOW, ALLOW, STOP],
};
static DISRUPT: Row = Row {
    name: "disrupt",
    why: "It takes something out of service.",
    cells: [ALLOW, ALLOW, RECORD, NOTE, STOP],
};
static DESTROY: Row = Row {
    name: "destroy",
    why: "It destroys what one more command does not bring back.",
    cells: [RECORD, RECORD, NOTE, STOP, STOP],
};
static IRREVERSIBLE: Row = Row {
    name: "irreversible destroy",
    why: "Nobody can bring back what it destroys, unless a copy is kept elsewhere.",
    cells: [RECORD, RECORD, STOP, LONG, LONG],
};
static BACKUPS: Row = Row {
    name: "destroy with backups",
    why: "It takes a way of recovering with it.",
    cells: [RECORD, RECORD, STOP, LONG, LONG],
};
static OPAQUE: Row = Row {
    name: "opaque",
    why: "What cannot be read may destroy anything there.",
    cells: [ALLOW, ALLOW, RECORD, STOP, STOP],
};
static IRREPLACEABLE: Row = Row {
    name: "irreplaceable",
    why: "It would lose what exists nowhere else.",
    cells: [STOP, STOP, STOP, STOP, STOP],
};
static DISARM: Row = Row {
    name: "disarm",
    why: "It weakens holdpoint itself.",
    cells: [STOP, STOP, STOP, STOP, STOP],
};
static SENSITIVE: Row = Row {
    name: "credential or permission",
    why: "",
    cells: [RECORD, RECORD, RECORD, RECORD, RECORD],
};
static STRICT_PERMISSION: Row = Row {
    name: "strict permission",
    why: "Strict mode has permission changes on production confirmed.",
    cells: [RECORD, RECORD, RECORD, RECORD, STOP],
};
static RETARGET: Row =
    Row { name: "retarget", why: "", cells: [RECORD, RECORD, RECORD, RECORD, NOTE] };

/// The rows that an action falls under, the gravest first. `irreversible` and
/// `backups` count for whatever is more than a read.
pub fn rows(action: &Action, mode: Mode) -> impl Iterator<Item = &'static Row> {
    let has = |flag| action.flags.has(flag);
    let changes = action.effect != Effect::Read;
    let strict = mode == Mode::Strict;
    [
        (has(Flag::Disarm), &DISARM),
        (has(Flag::Irreplaceable), &IRREPLACEABLE),
        (changes && has(Flag::Irreversible), &IRREVERSIBLE),
        (changes && has(Flag::Backups), &BACKUPS),
        (action.effect == Effect::Destroy, &DESTROY),
        (has(Flag::Opaque), &OPAQUE),
        (action.effect == Effect::Disrupt, &DISRUPT),
        (strict && has(Flag::Permission), &STRICT_PERMISSION),
        (strict && changes, &STRICT_WRITE),
        (has(Flag::Retarget), &RETARGET),
        (has(Flag::Credential) || has(Flag::Permission), &SENSITIVE),
        (action.effect == Effect::Write, &WRITE),
    ]
    .into_iter()
    .filter_map(|(applies, row)| applies.then_some(row))
}

/// The least verdict that files may bring about by allowing. On production
/// and on what nothing says is not production: whoever is no person destroys
/// nothing and runs nothing unread, and a person confirms what cannot be
/// brought back. Weakening holdpoint itself is never allowed unasked.
pub fn floor(action: &Action, class: Class, actor: ActorKind) -> Verdict {
    const GRAVE: Flags = Flags::of(&[Flag::Irreversible, Flag::Backups]);
    let changes = action.effect != Effect::Read;
    let grave = changes && action.flags.any(GRAVE);
    let destroys = action.effect == Effect::Destroy || action.flags.has(Flag::Opaque) || grave;
    let serious = class >= Class::Unknown;
    let disarms = action.flags.has(Flag::Disarm);
    match actor {
        ActorKind::Human if disarms || (serious && grave) => Verdict::Confirm,
        ActorKind::Human => Verdict::Allow,
        _ if disarms || (serious && destroys) => Verdict::Refuse,
        _ => Verdict::Allow,
    }
}
