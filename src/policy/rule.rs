//! What one policy file says of a case: which of its rules and protected
//! objects apply, and what follows where the file cannot be used. Pure; how
//! files weigh against each other is [`super::decide`]'s.

use super::layer::{Layer, Owned};
use super::source::{ProtectSource, RuleSource, WhenSource};
use super::words::Globs;
use crate::action::{Action, Effect, Flag, Flags};
use crate::actor::ActorKind;
use crate::judgement::Verdict;
use crate::target::{Class, Evidence, Grade, Kind};

/// The flags that an `allow` must name before it covers an action with them.
const GRAVE: Flags = Flags::of(&[
    Flag::Irreversible,
    Flag::Backups,
    Flag::Irreplaceable,
    Flag::Opaque,
    Flag::Disarm,
]);

/// A verdict with what said so.
#[derive(Clone)]
pub struct Say {
    /// The verdict.
    pub verdict: Verdict,
    /// What said so.
    pub by: String,
    /// Why, one sentence each.
    pub why: Vec<String>,
}

impl Say {
    /// Raises the verdict to another's; the reasons of both stay as far as
    /// they stop anything, the deciding one first.
    pub fn raise(&mut self, mut other: Say) {
        if other.verdict > self.verdict {
            std::mem::swap(self, &mut other);
        }
        if other.verdict > Verdict::Allow {
            other.why.retain(|why| !self.why.contains(why));
            self.why.append(&mut other.why);
        }
    }

    /// The stricter of two.
    pub fn or(mut self, other: Say) -> Say {
        self.raise(other);
        self
    }
}

/// One action on a class by a caller: what the table and the rules look at.
pub struct Case<'a> {
    /// What would happen.
    pub action: &'a Action,
    /// On what kind of place.
    pub class: Class,
    /// By which tool.
    pub tool: &'a str,
    /// By whom.
    pub actor: ActorKind,
}

/// The first rule of a file that allows the case.
pub fn allowed(layer: &Layer, case: &Case<'_>) -> Option<Say> {
    let source = layer.content.as_ref().ok()?;
    let allows = |rule: &RuleSource| {
        rule.verdict.get_ref().0 == Verdict::Allow
            && applies(rule.when.get_ref(), case, Grade::Name)
            && names_flags(rule.when.get_ref(), case.action.flags)
    };
    let entry = source.rule.iter().find(|entry| allows(entry.get_ref()))?;
    let by = layer.entry(entry.get_ref().name.as_deref(), entry.span());
    Some(Say { verdict: Verdict::Allow, by, why: Vec::new() })
}

/// Raises `say` to what a file's rules (only the floors, if `floors`) and
/// protected objects say of the case.
pub fn raise(say: &mut Say, layer: &Layer, case: &Case<'_>, floors: bool) {
    let source = match &layer.content {
        Ok(source) => source,
        Err(_) => return unusable(say, layer, case),
    };
    for entry in &source.rule {
        let rule = entry.get_ref();
        let verdict = rule.verdict.get_ref().0;
        let counts = verdict > Verdict::Allow && (rule.floor || !floors);
        if counts && applies(rule.when.get_ref(), case, Grade::Hint) {
            let by = layer.entry(rule.name.as_deref(), entry.span());
            say.raise(stop(verdict, by, rule.why.as_deref()));
        }
    }
    for entry in &source.protect {
        let protect = entry.get_ref();
        if protects(protect, case) {
            let verdict = protect.verdict.as_ref().map_or(Verdict::Refuse, |word| word.get_ref().0);
            let by = layer.entry(protect.name.as_deref(), entry.span());
            say.raise(stop(verdict, by, protect.why.as_deref()));
        }
    }
}

fn stop(verdict: Verdict, by: String, why: Option<&str>) -> Say {
    let why = why.map_or_else(|| format!("It is stopped by the {by}."), str::to_owned);
    Say { verdict, by, why: vec![why] }
}

/// What follows from a file that cannot be used: nobody takes anything away
/// anywhere but on this machine; where it is a project's file, a person may.
fn unusable(say: &mut Say, layer: &Layer, case: &Case<'_>) {
    let project = layer.owned == Owned::Project;
    let disrupts = project && case.action.effect == Effect::Disrupt;
    if case.class == Class::Local || !(takes_away(case.action) || disrupts) {
        return;
    }
    say.raise(Say {
        verdict: if project { Verdict::Confirm } else { Verdict::Refuse },
        by: format!("{} policy, which cannot be used", layer.owned.word()),
        why: problem(layer).into_iter().collect(),
    });
}

/// What is wrong with a file that cannot be used, as a reason.
pub fn problem(layer: &Layer) -> Option<String> {
    let problem = layer.content.as_ref().err()?.first()?;
    Some(format!("The {} policy cannot be used: {problem}.", layer.owned.word()))
}

/// Whether an action destroys, or may.
fn takes_away(action: &Action) -> bool {
    const LOSES: Flags = Flags::of(&[Flag::Irreversible, Flag::Backups]);
    action.effect == Effect::Destroy
        || action.flags.has(Flag::Opaque)
        || (action.effect != Effect::Read && action.flags.any(LOSES))
}

/// Whether every condition of a rule holds. The target is matched by evidence
/// of at least `grade`.
fn applies(when: &WhenSource, case: &Case<'_>, grade: Grade) -> bool {
    let action = case.action;
    when.class.admit(case.class)
        && when.effect.admit(action.effect)
        && (when.flag.is_empty() || action.flags.iter().any(|flag| when.flag.has(flag)))
        && when.actor.admit(case.actor)
        && when.tool.admit(case.tool)
        && when.platform.admit(&action.target.platform)
        && when.operation.admit(&action.operation)
        && (when.target.is_empty() || named(&when.target, action, grade))
}

/// Whether a rule names every grave flag of an action.
fn names_flags(when: &WhenSource, flags: Flags) -> bool {
    flags.iter().all(|flag| !GRAVE.has(flag) || when.flag.has(flag))
}

/// Whether a glob matches the target's name or evidence of at least `grade`.
fn named(globs: &Globs, action: &Action, grade: Grade) -> bool {
    let is_hint = |evidence: &Evidence| {
        evidence.grade == Grade::Hint || matches!(evidence.kind, Kind::User | Kind::Setting)
    };
    let mut evidence =
        action.target.evidence.iter().filter(|found| grade == Grade::Hint || !is_hint(found));
    action.target.name.as_deref().is_some_and(|name| globs.matching(name).is_some())
        || evidence.any(|found| globs.matching(&found.value).is_some())
}

/// Whether a protected object is what the action would take away or out of
/// service.
fn protects(protect: &ProtectSource, case: &Case<'_>) -> bool {
    let action = case.action;
    let is_grave = action.effect == Effect::Disrupt || takes_away(action);
    is_grave
        && protect.platform.admit(&action.target.platform)
        && (protect.target.is_empty() || named(&protect.target, action, Grade::Hint))
        && (protect.object.is_empty() || is_object(&protect.object, action))
}

/// Whether a glob matches the object of an action, one of its words, or a
/// resource among the evidence.
fn is_object(globs: &Globs, action: &Action) -> bool {
    let matches = |text: &str| globs.matching(text).is_some();
    let object = action.object.as_deref().unwrap_or_default();
    let mut words = object.split_whitespace().map(|word| word.trim_matches(['`', '"', '\'', ',']));
    let resources = action.target.evidence.iter().filter(|found| found.kind == Kind::Resource);
    matches(object) || words.any(matches) || resources.map(|found| &*found.value).any(matches)
}
