//! Where sam, serverless and cdk land, by their settings files: samconfig.toml
//! (sam 1.170.0, by its source: `delete` takes what `deploy` was given),
//! serverless.yml (the Serverless Framework's documentation), cdk.json and
//! cdk.context.json (cdk's documentation). What is computed in them is not
//! worked out.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::invocation::{COMPUTED, Context};
use crate::parse::settings;
use crate::target::names;
use crate::target::{Class, Evidence, Kind, Target};

/// The longest settings file that is read, in bytes.
const MAX_FILE: usize = 1 << 20;

/// Keys of a context that say which environment it is.
const ENVIRONMENTS: &[&str] = &["env", "environment", "envname", "env_name", "stage"];

/// What a command says of its settings.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The environment or stage that it names.
    pub environment: Option<String>,
    /// The settings file that it names.
    pub file: Option<String>,
    /// `-c KEY=VALUE`.
    pub contexts: Vec<String>,
    /// Whether one of them is computed at run time.
    pub computed: bool,
}

/// Adds what the settings file of `tool` says, where the command's own words
/// do not say it.
pub fn extend(context: &Context<'_>, tool: &str, said: &Said, target: &mut Target) {
    if said.computed {
        target.gap.get_or_insert("the settings are chosen at run time".to_owned());
        return;
    }
    let problem = match tool {
        "sam" => sam(context, said, target),
        "serverless" => serverless(context, said, target),
        "cdk" => cdk(context, said, target),
        _ => Ok(()),
    };
    if let Err(why) = problem {
        target.gap.get_or_insert(why);
    }
}

/// The first of these files that is there, and what is in it.
///
/// # Errors
/// A clause: it is there and cannot be read.
fn first(context: &Context<'_>, names: &[&str]) -> Result<Option<(PathBuf, Value)>, String> {
    let cwd = context.cwd().unwrap_or_default();
    let Some(path) = names.iter().map(|name| cwd.join(name)).find(|it| context.world.exists(it))
    else {
        return Ok(None);
    };
    let why = |why: String| format!("{}: {why}", path.display());
    let text = context.read(&path, MAX_FILE).map_err(|error| why(error.to_string()))?;
    let tree = match path.extension().and_then(|ending| ending.to_str()) {
        Some("toml") => toml::from_str(&String::from_utf8_lossy(&text)).ok(),
        Some("json") => settings::json(&text),
        _ => settings::yaml(&text).ok(),
    };
    match tree {
        Some(tree) => Ok(Some((path, tree))),
        None => Err(why("it cannot be read".to_owned())),
    }
}

/// Adds a name, unless the command's own words have one of this kind.
fn add(target: &mut Target, kind: Kind, path: &Path, key: &str, value: &str) {
    // The tool's own settings win over a profile or region of the environment.
    if matches!(kind, Kind::Profile | Kind::Region) {
        target.evidence.retain(|it| it.kind != kind || it.source.starts_with('-'));
    }
    if !target.evidence.iter().any(|it| it.kind == kind) {
        target.name.get_or_insert_with(|| value.to_owned());
        let from = format!("{key} of {}", path.display());
        target.evidence.push(Evidence::name(kind, from, value));
    }
}

/// Adds a name that may only raise.
fn raise(target: &mut Target, kind: Kind, from: String, value: &str) {
    let evidence = match names::word(kind, value).map(|word| word.class) {
        Some(Class::Production) => Evidence::name(kind, from, value),
        _ => Evidence::hint(kind, from, value),
    };
    target.evidence.push(evidence);
}

fn sam(context: &Context<'_>, said: &Said, target: &mut Target) -> Result<(), String> {
    let own = said.file.as_deref();
    let names = ["samconfig.toml", "samconfig.yaml", "samconfig.yml"];
    let names: &[&str] = own.as_ref().map_or(&names, std::slice::from_ref);
    let Some((path, tree)) = first(context, names)? else { return Ok(()) };
    let name = said.environment.as_deref().unwrap_or("default");
    let Some(environment) = tree.get(name) else { return Ok(()) };
    for (key, kind) in
        [("stack_name", Kind::App), ("profile", Kind::Profile), ("region", Kind::Region)]
    {
        let value = ["deploy", "global"]
            .into_iter()
            .find_map(|command| environment.get(command)?.get("parameters")?.get(key)?.as_str());
        if let Some(value) = value {
            add(target, kind, &path, key, value);
        }
    }
    Ok(())
}

fn serverless(context: &Context<'_>, said: &Said, target: &mut Target) -> Result<(), String> {
    let own = said.file.as_deref();
    let names = ["serverless.yml", "serverless.yaml", "serverless.json"];
    let names: &[&str] = own.as_ref().map_or(&names, std::slice::from_ref);
    let Some((path, tree)) = first(context, names)? else { return Ok(()) };
    let provider = tree.get("provider");
    let setting = |key: &str| provider.and_then(|provider| provider.get(key)?.as_str());
    if !target.evidence.iter().any(|it| it.kind == Kind::Environment) {
        match setting("stage").map(default) {
            // The framework's own default.
            None => add(target, Kind::Environment, &path, "the default stage", "dev"),
            Some(Some(stage)) => add(target, Kind::Environment, &path, "provider.stage", stage),
            Some(None) => return Err(format!("provider.stage of {} is computed", path.display())),
        }
    }
    if let Some(profile) = setting("profile").filter(|it| !it.contains("${"))
        && !target.evidence.iter().any(|it| it.kind == Kind::Profile)
    {
        raise(target, Kind::Profile, format!("provider.profile of {}", path.display()), profile);
    }
    if let Some(service) = tree.get("service").and_then(Value::as_str) {
        raise(target, Kind::App, format!("service of {}", path.display()), service);
    }
    Ok(())
}

/// A plain text, or the one that `${opt:stage, 'dev'}` falls back to.
fn default(text: &str) -> Option<&str> {
    if !text.contains("${") {
        return Some(text);
    }
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    let (first, rest) = inner.split_once(',')?;
    let rest = rest.trim();
    let quoted = ['\'', '"'].into_iter().find_map(|quote| {
        rest.strip_prefix(quote)?.strip_suffix(quote).filter(|it| !it.contains(quote))
    });
    quoted.filter(|_| first.trim() == "opt:stage")
}

fn cdk(context: &Context<'_>, said: &Said, target: &mut Target) -> Result<(), String> {
    let given: Vec<(&str, &str)> =
        said.contexts.iter().filter_map(|context| context.split_once('=')).collect();
    let says = |key: &str| ENVIRONMENTS.contains(&key.to_ascii_lowercase().as_str());
    for (key, value) in given.iter().filter(|(key, value)| says(key) && *value != COMPUTED) {
        raise(target, Kind::Environment, format!("-c {key}"), value);
    }
    if let Some((path, tree)) = first(context, &["cdk.json"])? {
        if let Some(profile) = tree.get("profile").and_then(Value::as_str) {
            add(target, Kind::Profile, &path, "profile", profile);
        }
        let contexts = tree.get("context").and_then(Value::as_object);
        for (key, value) in contexts.into_iter().flatten().filter(|(key, _)| says(key)) {
            if let Some(value) = value.as_str()
                && !given.iter().any(|(name, _)| name == key)
            {
                let from = format!("context {key} of {}", path.display());
                raise(target, Kind::Environment, from, value);
            }
        }
    }
    // What cdk looked up, it looked up in the accounts that it deploys to.
    if let Some((path, tree)) = first(context, &["cdk.context.json"])? {
        let keys = tree.as_object().into_iter().flat_map(|all| all.keys());
        let mut accounts: Vec<&str> = keys
            .filter_map(|key| key.split(':').find_map(|part| part.strip_prefix("account=")))
            .collect();
        accounts.sort_unstable();
        accounts.dedup();
        if let [account] = accounts.as_slice() {
            let from = format!("accounts of {}", path.display());
            target.evidence.push(Evidence::hint(Kind::Account, from, *account));
        }
    }
    Ok(())
}
