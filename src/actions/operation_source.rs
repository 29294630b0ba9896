//! What the tables of operations that clouds have in common: how an operation
//! and the verbs are written under rules/, and the constants that they become.
//! Used by `build.rs` alone.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::source::{EFFECTS, FLAGS, SCOPES};

/// Operations that a table lists: by their names, or by globs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    pub names: Vec<String>,
    pub effect: Option<String>,
    #[serde(default)]
    flags: Vec<String>,
    scope: Option<String>,
    #[serde(default)]
    says: String,
    #[serde(default)]
    instead: String,
    /// Why it is less than its verb. Nobody is shown it: it is for whoever
    /// reads the file.
    #[serde(default)]
    pub why: String,
}

impl Operation {
    /// The rule as Rust code.
    ///
    /// # Errors
    /// A word is no effect, flag or scope.
    pub fn rule(&self) -> Result<String, String> {
        let own = match &self.effect {
            Some(word) => format!("Some({})", effect(word)?),
            None => "None".to_owned(),
        };
        Ok(format!(
            "Rule {{ effect: {own}, flags: {}, scope: {}, says: {:?}, instead: {:?} }}",
            flags(&self.flags)?,
            scope(self.scope.as_deref().unwrap_or("environment"))?,
            self.says,
            self.instead,
        ))
    }
}

/// The verbs of each tier as Rust code, sorted.
///
/// # Errors
/// A verb is listed twice.
pub fn verb_rows(tiers: &[(&str, &Vec<String>)]) -> Result<String, String> {
    let mut all: BTreeMap<&str, &str> = BTreeMap::new();
    for (tier, list) in tiers {
        for verb in *list {
            if all.insert(verb, tier).is_some() {
                return Err(format!("the verb `{verb}` is listed twice"));
            }
        }
    }
    let rows: Vec<String> =
        all.iter().map(|(verb, tier)| format!("({verb:?}, Tier::{tier})")).collect();
    Ok(rows.join(", "))
}

/// An effect as Rust code.
///
/// # Errors
/// The word is none.
pub fn effect(word: &str) -> Result<String, String> {
    if !EFFECTS.contains(&word) {
        return Err(format!("`{word}` is no effect"));
    }
    Ok(format!("Effect::{}", capital(word)))
}

/// A scope as Rust code.
///
/// # Errors
/// The word is none.
fn scope(word: &str) -> Result<String, String> {
    if !SCOPES.contains(&word) {
        return Err(format!("`{word}` is no scope"));
    }
    Ok(format!("Scope::{}", capital(word)))
}

/// Flags as Rust code.
///
/// # Errors
/// A word is none.
pub fn flags(list: &[String]) -> Result<String, String> {
    let mut words = Vec::new();
    for word in list {
        if !FLAGS.contains(&word.as_str()) {
            return Err(format!("`{word}` is no flag"));
        }
        words.push(format!("Flag::{}", capital(word)));
    }
    Ok(format!("Flags::of(&[{}])", words.join(", ")))
}

/// A word with a capital letter.
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
