//! One root field of a mutation → what it would do, by the table of Railway's
//! mutations and the arguments it was given.

use std::borrow::Cow;

use super::{Via, patch, table};
use crate::action::{Action, Effect, Flag, Scope};
use crate::parse::graphql::Argument;
use crate::rules::api::{ApiCase, Condition, Inspects, Operation};
use crate::target::railway::api::Asked;
use crate::text::visible;

/// Where mutations of this API have the ids of a place.
const ENVIRONMENT: [&str; 2] = ["environmentId", "input.environmentId"];
const PROJECT: [&str; 2] = ["projectId", "input.projectId"];

/// Beginnings of words in a name that say that something goes away.
const DESTROYS: &[&str] = &[
    "delet", "remov", "destroy", "drop", "purg", "truncat", "reset", "wipe", "clear", "eras",
    "flush", "terminat", "prune", "nuke", "revert", "rollback",
];

/// What the mutation `name` would do with these arguments.
pub fn actions(name: &str, arguments: &Argument, via: &Via<'_>) -> Vec<Action> {
    let Some(operation) = table().and_then(|api| api.operation(name)) else {
        return vec![unlisted(name, arguments, via)];
    };
    let findings = match operation.inspects {
        Inspects::Nothing => return vec![listed(operation, arguments, via)],
        Inspects::Patch(path) => patch::environment_config(arguments.at(path)),
        Inspects::Changes(path) => patch::change_set(arguments.at(path)),
    };
    let mut actions = vec![listed(operation, arguments, via)];
    for finding in findings {
        let action = finding.action(operation.name);
        actions.push(via.place(action, &asked(operation, operation.scope, arguments)));
    }
    actions
}

fn listed(operation: &'static Operation, arguments: &Argument, via: &Via<'_>) -> Action {
    let mut scope = operation.scope;
    let mut action = Action::new(operation.effect, operation.name);
    let mut says = operation.says;
    action.flags = operation.flags;
    for case in operation.cases {
        match holds(case, arguments) {
            Some(true) => {
                if let Some(effect) = case.effect.filter(|effect| *effect > action.effect) {
                    action.effect = effect;
                    says = case.says;
                }
                action.flags = action.flags.union(case.flags);
                says = if says.is_empty() { case.says } else { says };
            }
            Some(false) => continue,
            None if case.effect.is_some() => {
                action.flags = action.flags.with(Flag::Opaque);
                says = "Runs {operation} with arguments that could not be read.";
            }
            None => {}
        }
        scope = scope.max(case.scope.unwrap_or(scope));
    }
    let name = operation.object.as_ref().and_then(|object| text(arguments, object.from));
    action.object = operation.object.as_ref().map(|object| match &name {
        Some(name) => format!("{} {name}", object.kind),
        None => object.kind.to_owned(),
    });
    let object = match (&action.object, &name) {
        (Some(object), Some(_)) => Cow::Borrowed(object.as_str()),
        (Some(kind), None) => Cow::Owned(format!("the {kind}")),
        (None, _) => Cow::Borrowed("it"),
    };
    action.summary = match says {
        "" => format!("Runs {} on Railway's API.", operation.name),
        says => says.replace("{object}", &object).replace("{operation}", operation.name),
    };
    let instead = (!operation.instead.is_empty()).then_some(Cow::Borrowed(operation.instead));
    action.instead = instead;
    via.place(action, &asked(operation, scope, arguments))
}

/// A mutation that the table does not have: its name decides.
fn unlisted(name: &str, arguments: &Argument, via: &Via<'_>) -> Action {
    let name = visible(name, 100);
    let (effect, says) = match says_destroy(&name) {
        true => (Effect::Destroy, "by its name takes something away"),
        false => (Effect::Write, "is not listed"),
    };
    let mut action = Action::new(effect, name.clone());
    action.summary = format!("Runs {name} on Railway's API, which {says}.");
    let asked = Asked {
        scope: Scope::Project,
        project: PROJECT.iter().find_map(|path| Some((*path, text(arguments, path)?))),
        environment: ENVIRONMENT.iter().find_map(|path| Some((*path, text(arguments, path)?))),
    };
    via.place(action, &asked)
}

/// Whether a name says that something goes away: one of its words (split at
/// capitals and underscores) begins so, or it holds one of the plainest.
pub fn says_destroy(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    if ["delete", "destroy", "truncate", "purge"].iter().any(|word| lower.contains(word)) {
        return true;
    }
    let mut words: Vec<String> = vec![String::new()];
    let mut before = '_';
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && !before.is_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.iter().any(|word| DESTROYS.iter().any(|front| word.starts_with(front)))
}

fn asked(operation: &'static Operation, scope: Scope, arguments: &Argument) -> Asked {
    let named = |path: &'static str| {
        (!path.is_empty()).then_some(path).and_then(|path| Some((path, text(arguments, path)?)))
    };
    Asked { scope, project: named(operation.project), environment: named(operation.environment) }
}

/// Whether a case holds; `None` where that cannot be known.
fn holds(case: &ApiCase, arguments: &Argument) -> Option<bool> {
    let value = arguments.at(case.argument);
    if value == Some(&Argument::Unknown) {
        return None;
    }
    Some(match (case.is, value) {
        (Condition::Null, None | Some(Argument::Null)) => true,
        (Condition::GivenNull, Some(Argument::Null)) => true,
        (Condition::Empty, Some(Argument::Null)) => true,
        (Condition::Empty, Some(Argument::List(items))) => items.is_empty(),
        (Condition::True, Some(Argument::Boolean(yes))) => *yes,
        (Condition::Is(word), Some(Argument::Text(text))) => same(word, text),
        _ => false,
    })
}

/// Whether two texts are the same word or the same number.
fn same(word: &str, text: &str) -> bool {
    word.eq_ignore_ascii_case(text)
        || match (word.parse::<f64>(), text.parse::<f64>()) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        }
}

/// The text at a path, fit to be shown.
fn text(arguments: &Argument, path: &str) -> Option<String> {
    let text = arguments.at(path)?.text()?;
    (!text.is_empty()).then(|| visible(text, 200))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_take_something_away_say_so() {
        for name in [
            "volumeDelete",
            "bulkDeleteVolumes",
            "removeService",
            "serviceRemoveAll",
            "wipe",
            "volumes_purge",
            "VOLUMEDELETE",
            "clearCache",
            "dropTables",
            "hardResetPlugin",
            "environmentWipeV2",
            "xdeletedx",
        ] {
            assert!(says_destroy(name), "{name}");
        }
        for name in ["presetCreate", "volumeCreate", "dashboardUpdate", "nuclearUpdate", "unclear"]
        {
            assert!(!says_destroy(name), "{name}");
        }
    }
}
