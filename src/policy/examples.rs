//! The examples in policy files: whether what they expect is what the policy
//! brings about. Prints nothing; a shell line is judged by whoever asks.

use super::source::{TargetSource, TestSource};
use super::{Classified, Policy};
use crate::action::{Action, Effect, Flags};
use crate::actor::ActorKind;
use crate::judgement::Judgement;
use crate::target::{Class, Evidence, Kind, Target};
use crate::text::visible;

/// The most characters of the reasons that are told.
const SHOWN: usize = 400;

/// Judges a shell line as if a kind of caller asked: the pipeline.
pub type Judge<'a> = &'a dyn Fn(&str, ActorKind) -> Judgement;

/// Whether an example holds.
///
/// # Errors
/// Says what was expected and what was found.
pub fn outcome(test: &TestSource, policy: &Policy, judge: Judge<'_>) -> Result<(), String> {
    let actor = test.actor.map_or(ActorKind::Agent, |word| word.0);
    let (verdict, class, reasons) = match (&test.command, &test.target) {
        (Some(line), _) => {
            let judgement = judge(line, actor);
            let class = judgement.worst().map(|worst| worst.class);
            (judgement.verdict, class, judgement.reasons)
        }
        (None, target) => {
            let (action, classified) = stand_in(test, target.as_ref().map(named), policy);
            let decision = policy.decide(&action, &classified, "");
            let reasons = [decision.why.clone(), classified.reasons].concat();
            (decision.verdict(actor), Some(classified.class), reasons)
        }
    };
    let because = || visible(&reasons.join(" "), SHOWN);
    match (test.verdict, test.class) {
        (Some(expected), _) if expected.0 != verdict => {
            let (expected, actor) = (expected.0, actor.word());
            Err(format!("{expected} expected, {verdict} found for {actor}: {}", because()))
        }
        (_, Some(expected)) if Some(expected.0) != class => {
            let found = class.map_or("no target", Class::word);
            Err(format!("{} expected, {found} found: {}", expected.0, because()))
        }
        _ => Ok(()),
    }
}

/// The action that a test without a command is about, with its target's class.
fn stand_in(test: &TestSource, target: Option<Target>, policy: &Policy) -> (Action, Classified) {
    let effect = test.effect.map_or(Effect::Destroy, |word| word.0);
    let flags = test.flag.0.iter().fold(Flags::NONE, |flags, word| flags.with(word.0));
    let target = target.unwrap_or_default();
    let classified = policy.classify(&target);
    (Action { flags, target, ..Action::new(effect, "test") }, classified)
}

/// The target that a test names.
fn named(source: &TargetSource) -> Target {
    let evidence = |(kind, value): &(Kind, String)| Evidence::name(*kind, "test", value.clone());
    Target {
        evidence: source.names.iter().map(evidence).collect(),
        ..Target::of(source.platform.clone())
    }
}
