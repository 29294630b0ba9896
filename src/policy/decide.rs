//! Action × class × caller → verdict. The built-in table comes first; then
//! each file in turn, the machine's, the account's, the projects'. A file's
//! `confirm` and `refuse` only raise the verdict, its `allow` lowers it to
//! what the floors above it leave, and only in a file whose owner may.

use super::Policy;
use super::classify::Classified;
use super::layer::Owned;
use super::rule::{Case, Say, allowed, problem, raise};
use super::source::Mode;
use super::table::{self, Cell};
use crate::action::{Action, Effect};
use crate::actor::ActorKind;
use crate::judgement::Verdict;
use crate::target::Class;
use crate::text;

/// The most characters of a summary or name in a note.
const NOTE_LIMIT: usize = 160;

/// The callers who are no person.
const OTHERS: [ActorKind; 3] = [ActorKind::Agent, ActorKind::Ci, ActorKind::Unknown];

/// What follows from an action, whoever asks.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Decision {
    /// The verdict if a person asks.
    pub human: Verdict,
    /// The strictest verdict for anybody else; [`Decision::verdict`] has each
    /// one's own.
    pub other: Verdict,
    /// Whether the audit trail gets a record even of an `allow`.
    pub record: bool,
    /// A line for standard error, if the action is allowed.
    pub note: Option<String>,
    /// Whether the phrase that a person types is the longer one.
    pub long_phrase: bool,
    /// What said so: `builtin: destroy on production`, `user policy, line 12`.
    pub decided_by: String,
    /// Why, one sentence each, the deciding one first. Empty if nothing weighs
    /// on anybody.
    pub why: Vec<String>,
    /// The verdicts for [`OTHERS`].
    others: [Verdict; 3],
}

impl Decision {
    /// The verdict for one kind of caller.
    pub const fn verdict(&self, actor: ActorKind) -> Verdict {
        let [agent, ci, unknown] = self.others;
        match actor {
            ActorKind::Human => self.human,
            ActorKind::Agent => agent,
            ActorKind::Ci => ci,
            ActorKind::Unknown => unknown,
        }
    }
}

impl Policy {
    /// What follows from `action` by `tool` on a target of the class
    /// `classified`.
    pub fn decide(&self, action: &Action, classified: &Classified, tool: &str) -> Decision {
        if action.is_harmless() {
            return harmless();
        }
        let say = |actor| self.say(action, classified, tool, actor);
        let human = say(ActorKind::Human);
        let (others, mut told) = if self.layers.is_empty() {
            let agent = say(ActorKind::Agent);
            ([agent.verdict; 3], agent)
        } else {
            let [agent, ci, unknown] = OTHERS.map(say);
            let others = [agent.verdict, ci.verdict, unknown.verdict];
            (others, agent.or(ci).or(unknown))
        };
        let (human_verdict, other) = (human.verdict, told.verdict);
        told.raise(human);
        if told.verdict > Verdict::Allow {
            // It counts as strict, which nobody wrote.
            let problems = self.layers.iter().filter_map(problem);
            let mut problems: Vec<String> =
                problems.filter(|why| !told.why.contains(why)).collect();
            told.why.append(&mut problems);
        }
        let cells = || classes(classified).flat_map(|class| cells(action, class, self.mode()));
        let kept = self.records_writes() && action.effect != Effect::Read;
        Decision {
            human: human_verdict,
            other,
            record: told.verdict > Verdict::Allow || kept || cells().any(|cell| cell.record),
            note: cells().any(|cell| cell.note).then(|| note(action, classified.class)),
            long_phrase: cells().any(|cell| cell.long),
            decided_by: told.by,
            why: told.why,
            others,
        }
    }

    /// The verdict for one caller: the strictest over the classes that the
    /// target may be of, and then the projects' own rules, which only raise.
    fn say(&self, action: &Action, classified: &Classified, tool: &str, actor: ActorKind) -> Say {
        let case = |class| Case { action, class, tool, actor };
        let mut say = self.say_outer(&case(classified.class));
        for class in &classified.otherwise {
            say.raise(self.say_outer(&case(*class)));
        }
        for layer in self.layers.iter().filter(|layer| layer.owned == Owned::Project) {
            classes(classified).for_each(|class| raise(&mut say, layer, &case(class), false));
        }
        if actor != ActorKind::Human && say.verdict == Verdict::Confirm {
            say.verdict = Verdict::Refuse;
        }
        say
    }

    /// The verdict by the table and the files of the machine and the account.
    fn say_outer(&self, case: &Case<'_>) -> Say {
        let mut say = builtin(case, self.mode());
        let mut floor = Say {
            verdict: table::floor(case.action, case.class, case.actor),
            by: format!("{}, which no file can allow", say.by),
            why: say.why.clone(),
        };
        for layer in self.layers.iter().filter(|layer| layer.owned != Owned::Project) {
            if let Some(allow) = allowed(layer, case) {
                say = if floor.verdict > Verdict::Allow { floor.clone() } else { allow };
            }
            raise(&mut say, layer, case, false);
            raise(&mut floor, layer, case, true);
        }
        say
    }
}

/// The class of a target and those that it may be of besides.
fn classes(classified: &Classified) -> impl Iterator<Item = Class> {
    std::iter::once(classified.class).chain(classified.otherwise.iter().copied())
}

/// The fields of the table that an action falls under.
fn cells(action: &Action, class: Class, mode: Mode) -> impl Iterator<Item = Cell> {
    table::rows(action, mode).map(move |row| row.cell(class))
}

/// What the built-in table says.
fn builtin(case: &Case<'_>, mode: Mode) -> Say {
    let mut say: Option<Say> = None;
    for row in table::rows(case.action, mode) {
        let verdict = row.cell(case.class).verdict(case.actor);
        let stops = verdict > Verdict::Allow;
        // What nobody can bring back, one more command does not either.
        let told = row.is_plain() && say.as_ref().is_some_and(|say| !say.why.is_empty());
        let why = if stops && !told { vec![row.why.to_owned()] } else { Vec::new() };
        match &mut say {
            Some(say) if !stops || say.verdict >= verdict => say.why.extend(why),
            _ => {
                say = Some(Say {
                    verdict,
                    by: format!("builtin: {} on {}", row.name, case.class),
                    why,
                })
            }
        }
    }
    say.unwrap_or_else(|| Say {
        verdict: Verdict::Allow,
        by: format!("builtin: {} on {}", case.action.effect, case.class),
        why: Vec::new(),
    })
}

/// What a plain read gets: no file is even asked.
fn harmless() -> Decision {
    Decision {
        human: Verdict::Allow,
        other: Verdict::Allow,
        record: false,
        note: None,
        long_phrase: false,
        decided_by: "builtin: read".to_owned(),
        why: Vec::new(),
        others: [Verdict::Allow; 3],
    }
}

/// The line for standard error about an action that is allowed.
fn note(action: &Action, class: Class) -> String {
    let summary = text::visible(&action.summary, NOTE_LIMIT);
    let what =
        if summary.is_empty() { text::visible(&action.operation, NOTE_LIMIT) } else { summary };
    match &action.target.name {
        Some(name) => format!("allowed on {class} `{}`: {what}", text::visible(name, NOTE_LIMIT)),
        None => format!("allowed on {class}: {what}"),
    }
}
