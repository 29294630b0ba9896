//! What an operation is done to, by the names in its parameters: the object
//! itself, what it is part of, and other names that stand beside it. Without
//! the operation's model, by the words in the parameters' names.

use crate::parse::argv::Value;
use crate::parse::shorthand;
use crate::target::aws::{Named, Role};

use super::params::Params;
use super::table;
use super::values::{DEPTH, json_values};

/// The most names of one command that are kept.
const MOST: usize = 10;

/// The endings of parameters that name something.
const ENDINGS: &[&str] = &[
    "-identifiers",
    "-identifier",
    "-names",
    "-name",
    "-ids",
    "-id",
    "-arns",
    "-arn",
    "-urls",
    "-url",
];

/// The noun in an operation's name, in kebab case: everything but its verb.
pub fn noun(operation: &str, verb: &str) -> String {
    let first = operation.split('-').next().unwrap_or_default();
    let words = operation.split('-').enumerate().filter(|(at, word)| {
        *word != verb && !(*at == 0 && *word == first) && !table::is_wrapper(word)
    });
    words.map(|(_, word)| word).collect::<Vec<_>>().join("-")
}

/// The names in an operation's parameters.
pub fn find(params: &Params<'_>, operation: &str, verb: &str) -> Vec<Named> {
    let noun = noun(operation, verb);
    let mut names: Vec<Named> = Vec::new();
    for param in &params.given {
        let source = || format!("--{}", param.name).into();
        if noun == "command" && param.name == "targets" {
            let texts = param.values.iter().filter(|value| !value.dynamic);
            let tags = texts.filter_map(|value| value.text.to_str()).flat_map(tagged);
            names.extend(tags.map(|text| Named { role: Role::Other, source: source(), text }));
        }
        let Some(role) = role(param.name, &noun) else { continue };
        for text in param.values.iter().filter_map(plain) {
            names.push(Named { role, source: source(), text });
        }
    }
    for (key, text) in params.input_strings() {
        let given = params.given.iter().any(|param| key.starts_with(param.name));
        if given {
            continue;
        }
        if let Some(role) = role(&key, &noun) {
            let source = format!("--cli-input → {key}").into();
            names.push(Named { role, source, text: text.to_owned() });
        }
    }
    names.truncate(MOST);
    names
}

/// The tags' values that choose the machines: `Key=tag:env,Values=prod`.
fn tagged(text: &str) -> Vec<String> {
    let json = match text.trim_start().starts_with(['{', '[']) {
        true => serde_json::from_str(text).ok(),
        false => shorthand::parse(text).ok(),
    };
    let mut values = Vec::new();
    if let Some(json) = json {
        json_values(&json, Some("Values"), &mut values, DEPTH);
    }
    values
}

/// A value that is a plain name.
fn plain(value: &Value<'_>) -> Option<String> {
    let text = value.text.to_str()?;
    let fits = !text.is_empty() && text.len() <= 2_048 && !text.starts_with(['{', '[']);
    (fits && !value.dynamic && !text.starts_with("file")).then(|| text.to_owned())
}

fn role(parameter: &str, noun: &str) -> Option<Role> {
    match noun {
        // The line that is run is no name of anything.
        "command" if noun.starts_with(parameter) => return None,
        "session" if parameter == "target" => return Some(Role::Object),
        _ => {}
    }
    let one = noun.strip_suffix('s').filter(|one| !one.ends_with('s')).unwrap_or(noun);
    let bare = ENDINGS.iter().find_map(|ending| parameter.strip_suffix(ending));
    let stem = bare.unwrap_or(parameter);
    let own = [one, noun].iter().any(|noun| {
        !noun.is_empty()
            && (stem == *noun
                || noun.strip_suffix(stem).is_some_and(|front| front.ends_with('-'))
                || (stem.len() > 3 && noun.starts_with(stem) && bare.is_none()))
    });
    let itself = matches!(
        parameter,
        "name" | "names" | "id" | "ids" | "arn" | "arns" | "identifier" | "identifiers"
    );
    if own || itself {
        return Some(Role::Object);
    }
    if table::is_container(parameter) {
        return Some(Role::Container);
    }
    bare.is_some().then_some(Role::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_are_what_is_left_without_the_verb() {
        assert_eq!(noun("delete-db-instance", "delete"), "db-instance");
        assert_eq!(noun("schedule-key-deletion", "deletion"), "key");
        assert_eq!(noun("batch-delete-image", "delete"), "image");
        assert_eq!(noun("", ""), "");
    }

    #[test]
    fn parameters_name_the_object_its_container_or_something_else() {
        let roles = [
            ("db-instance-identifier", "db-instance", Some(Role::Object)),
            ("db-instance", "db-instance", Some(Role::Object)),
            ("instance-ids", "instances", Some(Role::Object)),
            ("domain-name", "elasticsearch-domain", Some(Role::Object)),
            ("name", "cluster", Some(Role::Object)),
            ("bucket", "objects", Some(Role::Container)),
            ("cluster", "service", Some(Role::Container)),
            ("final-db-snapshot-identifier", "db-instance", Some(Role::Other)),
            ("pending-window-in-days", "key", None),
            ("description", "key", None),
        ];
        for (parameter, noun, want) in roles {
            assert_eq!(role(parameter, noun), want, "{parameter} of {noun}");
        }
    }
}
