//! The vocabulary of what a command would do: effects, flags, scopes and
//! actions. Plain values; nothing here reads, decides or prints.

use std::borrow::Cow;
use std::fmt;

use crate::target::Target;

/// How much an action takes away, ordered from harmless to destroying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Looks, changes nothing that stays.
    Read,
    /// Changes something bounded that one more command puts right.
    Write,
    /// Takes something out of service without losing data.
    Disrupt,
    /// Removes or overwrites data, or what holds data or serves users.
    Destroy,
}

impl Effect {
    /// The word for it in JSON, rules and policy.
    pub const fn word(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::Write => "write",
            Effect::Disrupt => "disrupt",
            Effect::Destroy => "destroy",
        }
    }

    /// The effect a word stands for, if any.
    pub fn from_word(word: &str) -> Option<Effect> {
        [Effect::Read, Effect::Write, Effect::Disrupt, Effect::Destroy]
            .into_iter()
            .find(|effect| effect.word() == word)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A property of an action that matters beside its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Flag {
    /// A whole container of data goes, which nobody can bring back.
    Irreversible = 1 << 0,
    /// A recovery path goes with it.
    Backups = 1 << 1,
    /// Local state that exists nowhere else.
    Irreplaceable = 1 << 2,
    /// Runs code that could not be read.
    Opaque = 1 << 3,
    /// Weakens holdpoint itself.
    Disarm = 1 << 4,
    /// Mints, reads or stores a secret.
    Credential = 1 << 5,
    /// Changes who may do what.
    Permission = 1 << 6,
    /// Changes where later commands point.
    Retarget = 1 << 7,
}

impl Flag {
    /// Every flag, in the order in which messages list them.
    pub const ALL: [Flag; 8] = [
        Flag::Irreversible,
        Flag::Backups,
        Flag::Irreplaceable,
        Flag::Opaque,
        Flag::Disarm,
        Flag::Credential,
        Flag::Permission,
        Flag::Retarget,
    ];

    /// The word for it in JSON, rules and policy.
    pub const fn word(self) -> &'static str {
        match self {
            Flag::Irreversible => "irreversible",
            Flag::Backups => "backups",
            Flag::Irreplaceable => "irreplaceable",
            Flag::Opaque => "opaque",
            Flag::Disarm => "disarm",
            Flag::Credential => "credential",
            Flag::Permission => "permission",
            Flag::Retarget => "retarget",
        }
    }

    /// The flag a word stands for, if any.
    pub fn from_word(word: &str) -> Option<Flag> {
        Flag::ALL.into_iter().find(|flag| flag.word() == word)
    }
}

/// A set of [`Flag`]s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(u8);

impl Flags {
    /// No flag.
    pub const NONE: Flags = Flags(0);

    /// The set of the given flags.
    pub const fn of(flags: &[Flag]) -> Flags {
        let mut bits = 0;
        let mut rest = flags;
        while let [first, tail @ ..] = rest {
            bits |= *first as u8;
            rest = tail;
        }
        Flags(bits)
    }

    /// Whether `flag` is in the set.
    pub const fn has(self, flag: Flag) -> bool {
        self.0 & flag as u8 != 0
    }

    /// Whether any flag of `other` is in the set.
    pub const fn any(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }

    /// The set with `flag` added.
    #[must_use]
    pub const fn with(self, flag: Flag) -> Flags {
        Flags(self.0 | flag as u8)
    }

    /// The set with `flag` taken out.
    #[must_use]
    pub const fn without(self, flag: Flag) -> Flags {
        Flags(self.0 & !(flag as u8))
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The flags of the set, in [`Flag::ALL`]'s order.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.has(*flag))
    }
}

/// How far the object of an action reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// One environment of a project, or one database or server.
    #[default]
    Environment,
    /// Every environment of a project.
    Project,
    /// Everything the account holds.
    Account,
    /// The machine itself.
    Host,
}

impl Scope {
    /// The word for it in JSON, rules and policy.
    pub const fn word(self) -> &'static str {
        match self {
            Scope::Environment => "environment",
            Scope::Project => "project",
            Scope::Account => "account",
            Scope::Host => "host",
        }
    }

    /// The scope a word stands for, if any.
    pub fn from_word(word: &str) -> Option<Scope> {
        [Scope::Environment, Scope::Project, Scope::Account, Scope::Host]
            .into_iter()
            .find(|scope| scope.word() == word)
    }
}

/// One thing that an invocation would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// How much it takes away.
    pub effect: Effect,
    /// What else matters about it.
    pub flags: Flags,
    /// What the tool or its API calls it: `volumeDelete`, `DROP TABLE`,
    /// `rds delete-db-instance`.
    pub operation: Cow<'static, str>,
    /// What it is done to, as the command names it: `volume 3d2c42fb`.
    pub object: Option<String>,
    /// How far the object reaches.
    pub scope: Scope,
    /// One plain sentence: what would happen.
    pub summary: String,
    /// The rule that says so: `railway-api/volumeDelete`.
    pub rule: Cow<'static, str>,
    /// One sentence: what to do instead. Never a way around.
    pub instead: Option<Cow<'static, str>>,
    /// Where it lands.
    pub target: Target,
    /// Where else it may land, by what became of the commands before it.
    pub otherwise: Vec<Otherwise>,
    /// A function that it calls and that nobody here knows, if it does: a read
    /// otherwise. Matters in strict mode only.
    pub unknown_function: Option<String>,
}

/// Another place where an action may land.
#[derive(Clone, Debug, PartialEq)]
pub struct Otherwise {
    /// The place.
    pub target: Target,
    /// When: a clause.
    pub why: String,
}

impl Action {
    /// A harmless action of `operation`, to be filled in by its maker.
    pub fn new(effect: Effect, operation: impl Into<Cow<'static, str>>) -> Action {
        Action {
            effect,
            flags: Flags::NONE,
            operation: operation.into(),
            object: None,
            scope: Scope::Environment,
            summary: String::new(),
            rule: Cow::Borrowed(""),
            instead: None,
            target: Target::default(),
            otherwise: Vec::new(),
            unknown_function: None,
        }
    }

    /// Whether another one is the same but for where it lands.
    pub fn is_like(&self, other: &Action) -> bool {
        self.effect == other.effect
            && self.flags == other.flags
            && self.operation == other.operation
            && self.object == other.object
            && self.scope == other.scope
            && self.summary == other.summary
            && self.rule == other.rule
            && self.unknown_function == other.unknown_function
    }

    /// An action that runs code which could not be read, for `why` (a clause
    /// that completes "could not be read: …").
    pub fn opaque(operation: impl Into<Cow<'static, str>>, why: impl fmt::Display) -> Action {
        let operation = operation.into();
        Action {
            flags: Flags::of(&[Flag::Opaque]),
            summary: format!("Runs code that could not be read: {why}."),
            ..Action::new(Effect::Write, operation)
        }
    }

    /// Whether nothing about this action can ever need a question: a plain
    /// read without flags.
    pub fn is_harmless(&self) -> bool {
        self.effect == Effect::Read && self.flags.is_empty() && self.unknown_function.is_none()
    }

    /// The same action where what nobody knows counts as code that cannot be
    /// read (strict mode).
    #[must_use]
    pub fn doubted(self) -> Action {
        let Some(name) = self.unknown_function else { return self };
        let name = crate::text::visible(&name, 60);
        Action {
            flags: self.flags.with(Flag::Opaque),
            summary: format!("Calls the function {name}, which holdpoint does not know."),
            instead: Some(Cow::Borrowed("Read what the function does first: \\sf shows it.")),
            unknown_function: None,
            ..self
        }
    }
}
