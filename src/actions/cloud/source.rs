//! How `rules/cloud/*.toml` is written, and the constants it becomes. Used by
//! `build.rs` alone, so it depends on nothing of holdpoint but the words that
//! rules are made of.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::operation_source::{Operation, capital, effect, flags, verb_rows};
use crate::source::KINDS;

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    groups: Vec<String>,
    unbounded: Vec<String>,
    verbs: Verbs,
    operation: Vec<Operation>,
    option: Vec<OptionRule>,
    names: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verbs {
    destroy: Vec<String>,
    disrupt: Vec<String>,
    read: Vec<String>,
    change: Vec<String>,
    other: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionRule {
    names: Vec<String>,
    #[serde(default)]
    values: Vec<String>,
    operations: Vec<String>,
    effect: String,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    says: String,
}

/// The constant of this name that `text` stands for, as Rust code.
///
/// # Errors
/// A sentence with TOML's line and column, or with the name that is wrong.
pub fn generate(name: &str, text: &str) -> Result<String, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut groups = file.groups;
    groups.sort();
    let (exact, patterns, rules) = operations(&file.operation)?;
    let mut options = Vec::new();
    for option in &file.option {
        options.push(format!(
            "Modifier {{ names: &{:?}, values: &{:?}, operations: &{:?}, effect: {}, flags: {}, \
             says: {:?} }}",
            option.names,
            option.values,
            option.operations,
            effect(&option.effect)?,
            flags(&option.flags)?,
            option.says,
        ));
    }
    let mut names = Vec::new();
    for (kind, list) in &file.names {
        if !KINDS.contains(&kind.as_str()) {
            return Err(format!("`{kind}` is no kind of name"));
        }
        let kind = capital(kind);
        names.extend(list.iter().map(|option| format!("({option:?}, Kind::{kind})")));
    }
    Ok(format!(
        "/// What `rules/cloud/{}.toml` says.\npub static {name}: Table = Table {{ groups: &{groups:?}, \
         unbounded: &{:?}, verbs: &[{}], exact: &{exact:?}, patterns: &{patterns:?}, rules: &[{}], \
         modifiers: &[{}], names: &[{}] }};\n",
        name.to_lowercase(),
        file.unbounded,
        verb_rows(&[
            ("Destroy", &file.verbs.destroy),
            ("Disrupt", &file.verbs.disrupt),
            ("Read", &file.verbs.read),
            ("Change", &file.verbs.change),
            ("Other", &file.verbs.other),
        ])?,
        rules.join(", "),
        options.join(", "),
        names.join(", "),
    ))
}

/// The names that are listed whole, the globs, and the rules both lead to.
type Operations<'a> = (Vec<(&'a str, usize)>, Vec<(&'a str, usize)>, Vec<String>);

fn operations(operations: &[Operation]) -> Result<Operations<'_>, String> {
    let mut exact: BTreeMap<&str, usize> = BTreeMap::new();
    let mut patterns = Vec::new();
    let mut rules = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        for name in &operation.names {
            if name.contains('*') {
                patterns.push((name.as_str(), at));
            } else if exact.insert(name, at).is_some() {
                return Err(format!("the operation `{name}` is listed twice"));
            }
        }
        rules.push(operation.rule()?);
    }
    Ok((exact.into_iter().collect(), patterns, rules))
}
