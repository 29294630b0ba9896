//! How `rules/aws/operations.toml` is written, and the constants it becomes.
//! Used by `build.rs` alone, so it depends on nothing of holdpoint but the
//! words that rules are made of.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::operation_source::{Operation, effect, flags, verb_rows};

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    verbs: Verbs,
    operation: Vec<Operation>,
    parameter: Vec<Parameter>,
    names: Names,
    endpoints: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    containers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verbs {
    destroy: Vec<String>,
    disrupt: Vec<String>,
    read: Vec<String>,
    change: Vec<String>,
    wrappers: Vec<String>,
    starters: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    name: String,
    member: Option<String>,
    value: Vec<String>,
    operations: Vec<String>,
    effect: String,
    #[serde(default)]
    flags: Vec<String>,
    says: String,
}

/// The constants that `text` stands for, as Rust code.
///
/// # Errors
/// A sentence with TOML's line and column, or with the name that is wrong.
pub fn generate(text: &str) -> Result<String, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut out = String::new();
    write_verbs(&mut out, &file.verbs)?;
    file.operation.iter().try_for_each(|operation| has_reason(&file.verbs, operation))?;
    write_operations(&mut out, &file.operation)?;
    write_parameters(&mut out, &file.parameter)?;
    put(&mut out, format_args!("static CONTAINERS: &[&str] = &{:?};", file.names.containers));
    let endpoints: Vec<(&String, &String)> = file.endpoints.iter().collect();
    put(&mut out, format_args!("static ENDPOINTS: &[(&str, &str)] = &{endpoints:?};"));
    Ok(out)
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{line}");
}

fn write_verbs(out: &mut String, verbs: &Verbs) -> Result<(), String> {
    let rows = verb_rows(&[
        ("Destroy", &verbs.destroy),
        ("Disrupt", &verbs.disrupt),
        ("Read", &verbs.read),
        ("Change", &verbs.change),
    ])?;
    put(out, format_args!("static VERBS: &[(&str, Tier)] = &[{rows}];"));
    put(out, format_args!("static WRAPPERS: &[&str] = &{:?};", verbs.wrappers));
    put(out, format_args!("static STARTERS: &[&str] = &{:?};", verbs.starters));
    Ok(())
}

/// What removes by its name and is listed as less gives its reason.
fn has_reason(verbs: &Verbs, operation: &Operation) -> Result<(), String> {
    let less = operation.effect.as_deref().is_some_and(|effect| effect != "destroy");
    let removes = |word: &str| verbs.destroy.iter().any(|verb| verb == word);
    let named = |name: &&String| name.split(['-', ' ']).any(removes);
    match operation.names.iter().find(named) {
        Some(name) if less && operation.why.is_empty() => {
            Err(format!("`{name}` is less than its verb and does not say `why`"))
        }
        _ => Ok(()),
    }
}

fn write_operations(out: &mut String, operations: &[Operation]) -> Result<(), String> {
    let mut exact: BTreeMap<&str, usize> = BTreeMap::new();
    let mut patterns = Vec::new();
    let mut rules = Vec::new();
    for (at, operation) in operations.iter().enumerate() {
        for name in &operation.names {
            if !name.contains('*') {
                // A later entry refines an earlier one only by saying so.
                if exact.insert(name, at).is_some() {
                    return Err(format!("the operation `{name}` is listed twice"));
                }
                continue;
            }
            let (service, pattern) =
                name.split_once(' ').ok_or_else(|| format!("`{name}` names no service"))?;
            if pattern.starts_with(['*', '?']) {
                return Err(format!("`{name}` names no verb"));
            }
            patterns.push(format!("({service:?}, {pattern:?}, {at})"));
        }
        rules.push(operation.rule()?);
    }
    let exact: Vec<(&str, usize)> = exact.into_iter().collect();
    put(out, format_args!("static OPERATIONS: &[(&str, u16)] = &{exact:?};"));
    put(out, format_args!("static PATTERNS: &[(&str, &str, u16)] = &[{}];", patterns.join(", ")));
    put(out, format_args!("static RULES: &[Rule] = &[{}];", rules.join(", ")));
    Ok(())
}

fn write_parameters(out: &mut String, parameters: &[Parameter]) -> Result<(), String> {
    let mut rows = Vec::new();
    for parameter in parameters {
        rows.push(format!(
            "Parameter {{ name: {:?}, member: {:?}, values: &{:?}, operations: &{:?}, \
             effect: {}, flags: {}, says: {:?} }}",
            parameter.name,
            parameter.member,
            parameter.value,
            parameter.operations,
            effect(&parameter.effect)?,
            flags(&parameter.flags)?,
            parameter.says,
        ));
    }
    put(out, format_args!("static PARAMETERS: &[Parameter] = &[{}];", rows.join(", ")));
    Ok(())
}
