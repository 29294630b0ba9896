//! The text of `rules/actors/markers.toml` as plain values, checked. Compiled
//! into build.rs, which turns it into constants; nothing here is used at run
//! time.

use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkersSource {
    /// Coding agents.
    pub agent: Vec<CallerSource>,
    /// Continuous-integration systems.
    pub ci: Vec<CallerSource>,
    /// Programs whose terminals a person and an agent share.
    pub shared: Vec<CallerSource>,
    /// Who owns a person's terminal.
    pub terminals: TerminalsSource,
}

/// One caller and what gives it away.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallerSource {
    /// Its name; `$VARIABLE` for the value of one.
    pub name: String,
    /// Conditions on the environment, any of which is enough.
    #[serde(default)]
    pub env: Vec<String>,
    /// Names of processes.
    #[serde(default)]
    pub processes: Vec<String>,
    /// Parts of script paths.
    #[serde(default)]
    pub scripts: Vec<String>,
    /// Files that exist only there.
    #[serde(default)]
    pub paths: Vec<String>,
}

/// The owners of terminals.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalsSource {
    /// Those that have root's rights.
    pub login: Vec<String>,
    /// Those that run as the person.
    pub emulators: Vec<String>,
    /// Those that people attach to.
    pub multiplexers: Vec<String>,
    /// Those that pass a person's terminal on.
    pub relays: Vec<String>,
}

/// Reads the file's text.
///
/// # Errors
/// Says what is wrong and where.
pub fn parse(text: &str) -> Result<MarkersSource, String> {
    let source: MarkersSource = toml::from_str(text).map_err(|error| error.to_string())?;
    for caller in source.agent.iter().chain(&source.ci).chain(&source.shared) {
        if caller.env.is_empty() && caller.processes.is_empty() && caller.scripts.is_empty() {
            return Err(format!("`{}` has no marker", caller.name));
        }
        if let Some(empty) =
            caller.env.iter().flat_map(|text| clauses(text)).find(|c| c.1.is_empty())
        {
            return Err(format!("`{}` has a condition without a name: {empty:?}", caller.name));
        }
    }
    Ok(source)
}

/// The clauses of a condition: how each compares, its variable, its value.
pub fn clauses(condition: &str) -> Vec<(&'static str, &str, &str)> {
    condition
        .split(" + ")
        .map(|clause| {
            let mark = clause.find(['=', '~', '*']).unwrap_or(clause.len());
            let (name, rest) = clause.split_at(mark);
            match rest.split_at_checked(1) {
                Some(("=", value)) => ("Is", name, value),
                Some(("~", value)) => ("Contains", name, value),
                Some(_) => ("Begins", name, ""),
                None => ("Present", name, ""),
            }
        })
        .collect()
}
