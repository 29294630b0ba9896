//! What a command says about its place: which of its options clap would hand
//! to it, and which of its words name an environment.

use crate::parse::argv::{Parsed, Value, Word};
use crate::rules::Command;
use crate::target::railway::{Given, Wanted};

/// Commands that never act on the linked project.
const IGNORE_LINK: &[&str] = &["delete", "project delete", "link", "project link", "init"];

/// Commands whose first positional names the environment.
const ENVIRONMENT_FIRST: &[&str] = &["environment", "environment link", "environment delete"];

/// The place that a command's words name.
pub fn wanted(parsed: &Parsed<'_>, command: &'static Command, name: &str) -> Wanted {
    let mut environments = given(parsed, command, "--environment");
    let first = ENVIRONMENT_FIRST.contains(&name);
    if let Some(word) = parsed.positionals.first().filter(|_| first) {
        environments.push(positional(word));
    }
    let instance = name == "ssh" && parsed.has("--deployment-instance");
    Wanted {
        scope: command.scope,
        projects: given(parsed, command, "--project"),
        environments,
        service: given(parsed, command, "--service").pop(),
        ignores_link: IGNORE_LINK.contains(&name),
        asks: first,
        gap: instance
            .then_some("which environment a deployment instance is in is known only to Railway"),
    }
}

/// The values of an option that reach the command. An option of a group that
/// the command has itself is another option to clap: `railway variable -e
/// staging set A=1` sets it in the linked environment (railwayapp 5.71.0).
fn given(parsed: &Parsed<'_>, command: &'static Command, option: &'static str) -> Vec<Given> {
    let own = command.options.iter().any(|one| one.is(option));
    let starts = parsed.path.last().map_or(0, |word| word.index);
    parsed
        .all(option)
        .filter(|one| !own || one.index > starts)
        .filter_map(|one| one.value)
        .map(|value| of_value(option, value))
        .collect()
}

fn of_value(option: &'static str, value: Value<'_>) -> Given {
    Given {
        source: option.into(),
        value: value.text.to_string_lossy().into_owned(),
        dynamic: value.dynamic,
    }
}

fn positional(word: &Word<'_>) -> Given {
    Given {
        source: "argument".into(),
        value: word.text.to_string_lossy().into_owned(),
        dynamic: word.dynamic,
    }
}
