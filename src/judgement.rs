//! What the pipeline made of an invocation: the verdict, with everything that
//! a card, the JSON and the audit trail say about it. Plain values.

use std::fmt;

use crate::action::Action;
use crate::actor::Actor;
use crate::target::Class;

/// What happens to an invocation, ordered from loose to strict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[must_use]
pub enum Verdict {
    /// It runs.
    Allow,
    /// A person types a phrase first.
    Confirm,
    /// It does not run.
    Refuse,
}

impl Verdict {
    /// The word for it in JSON and policy.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Allow => "allow",
            Verdict::Confirm => "confirm",
            Verdict::Refuse => "refuse",
        }
    }

    /// The verdict a word stands for, if any.
    pub fn from_word(word: &str) -> Option<Verdict> {
        [Verdict::Allow, Verdict::Confirm, Verdict::Refuse]
            .into_iter()
            .find(|verdict| verdict.word() == word)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// An action with the class of its target and the verdict on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What would happen.
    pub action: Action,
    /// What kind of place it would happen to.
    pub class: Class,
    /// Why the target is of that class, one clause a source, the most
    /// dangerous first: ``the host `db.prod.acme.com` says "prod"``.
    pub class_reasons: Vec<String>,
    /// The verdict on this action alone.
    pub verdict: Verdict,
    /// Whether the audit trail gets a record of it.
    pub record: bool,
    /// Whether the confirmation phrase is the longer one.
    pub long_phrase: bool,
    /// Which policy rule said so: `builtin: destroy on production`.
    pub decided_by: String,
}

/// The whole judgement on an invocation.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The tool's name; empty if there was no command.
    pub tool: String,
    /// The verdict: the strictest of the actions'.
    pub verdict: Verdict,
    /// Who asks. Looked up only if the verdict depends on it.
    pub actor: Option<Actor>,
    /// The actions, the worst first.
    pub actions: Vec<Judged>,
    /// Why the verdict is what it is: one sentence each.
    pub reasons: Vec<String>,
    /// Lines for stderr whatever the verdict.
    pub notes: Vec<String>,
    /// What a person has to type, where the verdict is `confirm`.
    pub phrase: Option<String>,
    /// The id of the request, where the verdict is `refuse`.
    pub request: Option<String>,
}

impl Judgement {
    /// The worst action, if there is any.
    pub fn worst(&self) -> Option<&Judged> {
        self.actions.first()
    }

    /// Whether anything about it goes into the audit trail.
    pub fn is_recorded(&self) -> bool {
        self.verdict != Verdict::Allow || self.actions.iter().any(|judged| judged.record)
    }
}
