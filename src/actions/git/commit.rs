//! `git-hook pre-commit` and `commit-msg`: what is about to be committed, as
//! actions that a person has to say yes to. What counts is
//! [`crate::findings`]'s business.

use super::changes;
use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::{Call, Reading};
use crate::findings::{self, Finding};
use crate::target::Target;
use crate::target::git::local;
use crate::text::visible;

/// The most findings that become actions.
const MOST: usize = 100;

/// The word in front of the digest of the change that is meant.
pub const CHANGE: &str = "--change";

/// Reads the event.
pub(super) fn read(call: &Call<'_>, event: &str) -> Reading {
    let changes = match changes::staged(call) {
        Ok(changes) => changes,
        Err(why) => {
            let why = format!("what is about to be committed: {why}");
            return Reading::of(Action::opaque(event.to_owned(), why));
        }
    };
    let argv = &call.context.invocation.argv;
    let mut words = argv.iter().map(|word| word.to_string_lossy());
    let meant = words.find(|word| word == CHANGE).and_then(|_| words.next());
    if meant.is_some_and(|meant| meant != changes.digest) {
        let why = "the index changed while it was looked at";
        return Reading::of(Action::opaque(event.to_owned(), why));
    }
    let found = findings::of_changes(&changes.files);
    let target = target(call);
    let mut actions: Vec<Action> =
        found.iter().take(MOST).map(|finding| action(finding, &target)).collect();
    if actions.is_empty() && call.full {
        let summary = "Commits nothing that a person should know of first.".to_owned();
        actions.push(Action { summary, ..Action::new(Effect::Write, event.to_owned()) });
    }
    Reading { actions, ..Reading::default() }
}

/// Where it lands is decided by whoever applies what is committed.
fn target(call: &Call<'_>) -> Target {
    let dir = call.context.cwd().unwrap_or_default();
    Target {
        name: local(None, &dir).name,
        gap: Some("a commit does not say where it will be applied".to_owned()),
        ..Target::of("git")
    }
}

fn action(finding: &Finding, target: &Target) -> Action {
    let path = visible(&finding.path, 200);
    let (effect, flags) = match finding.rule.split('/').next() {
        Some("policy" | "hooks" | "ci") => (Effect::Write, Flags::of(&[Flag::Disarm])),
        // A secret that others have read is none any more.
        Some("credentials") => (Effect::Destroy, Flags::of(&[Flag::Credential])),
        _ => (Effect::Destroy, Flags::NONE),
    };
    Action {
        flags,
        object: Some(format!("{path}:{}", finding.line)),
        summary: format!("{} ({path}:{})", finding.says, finding.line),
        rule: format!("git-hook/{}", finding.rule).into(),
        instead: Some(finding.instead.into()),
        target: target.clone(),
        ..Action::new(effect, finding.rule)
    }
}
