//! Where an az invocation lands: the subscription by the sources and in the
//! order in which the Azure CLI looks for them (azure-cli 2.91: option, the
//! default in `azureProfile.json`), the default resource group, and the names
//! in the command. Gives evidence, never a class; never asks Azure; never
//! shows a credential.

use std::path::PathBuf;

use serde_json::Value as Json;

use super::gcloud::Named;
use super::{Evidence, Kind, Target};
use crate::invocation::{COMPUTED, Context};
use crate::parse::argv::Value;
use crate::parse::ini;
use crate::world::ReadError;

/// The most bytes of a file that are read.
const LIMIT: usize = 1 << 20;
/// The most directories above the current one that are looked through.
const MAX_ABOVE: usize = 64;

/// A subscription as the profile has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Subscription {
    id: String,
    name: String,
    default: bool,
}

/// Where a command lands. `bounded` says whether the subscription says so,
/// and not the names in the command alone.
pub fn resolve(
    context: Context<'_>,
    asked: Option<Value<'_>>,
    named: &[Named],
    bounded: bool,
) -> Target {
    let mut target = Target::of("azure");
    let mut own = false;
    for name in named {
        own |= ids(&mut target, name);
        let source = name.source.clone();
        target.evidence.push(match name.sure {
            true => Evidence::name(name.kind, source, name.text.clone()),
            false => Evidence::hint(name.kind, source, name.text.clone()),
        });
    }
    let group = named.iter().any(|name| name.source == "--resource-group");
    if !group
        && !own
        && bounded
        && let Some((source, name)) = default_group(context, &mut target)
    {
        target.evidence.push(Evidence::name(Kind::Resource, source, name));
    }
    let mut objects = named.iter().filter(|name| name.sure);
    let only = |name: &&Named| name.source == "--resource-group" || name.source == "--name";
    target.name = objects.find(only).map(|name| name.text.clone());
    let counts = bounded && !own;
    subscription(context, asked, counts, &mut target);
    target
}

/// Takes a full id apart (`/subscriptions/x/resourceGroups/y/…`). Says whether
/// it is one.
fn ids(target: &mut Target, name: &Named) -> bool {
    let mut parts = name.text.split('/');
    if parts.next() != Some("") || !parts.next().is_some_and(|word| is(word, "subscriptions")) {
        return false;
    }
    if let Some(id) = parts.next() {
        target.evidence.push(Evidence::name(Kind::Account, name.source.clone(), id));
    }
    if parts.next().is_some_and(|word| is(word, "resourceGroups"))
        && let Some(group) = parts.next()
    {
        target.evidence.push(Evidence::name(Kind::Resource, name.source.clone(), group));
    }
    true
}

fn is(word: &str, other: &str) -> bool {
    word.eq_ignore_ascii_case(other)
}

fn subscription(context: Context<'_>, asked: Option<Value<'_>>, counts: bool, target: &mut Target) {
    if let Some(value) = asked
        && (value.dynamic || value.text == COMPUTED)
    {
        target.gap.get_or_insert_with(|| "the subscription is computed at run time".to_owned());
        return;
    }
    let asked = asked.map(|value| value.text.to_string_lossy().into_owned());
    let known = match profile(context) {
        Ok(known) => known,
        Err(why) => {
            target.gap.get_or_insert(why);
            Vec::new()
        }
    };
    let found = match &asked {
        Some(asked) => known.iter().find(|one| is(&one.id, asked) || is(&one.name, asked)),
        None => known.iter().find(|one| one.default),
    };
    let source = match asked {
        Some(_) => "--subscription",
        None => "default subscription in azureProfile.json",
    };
    let mut add = |text: &str| {
        target.evidence.push(match counts {
            true => Evidence::name(Kind::Account, source, text),
            false => Evidence::hint(Kind::Account, source, text),
        });
    };
    match (found, &asked) {
        (Some(found), _) => {
            add(&found.name);
            add(&found.id);
        }
        (None, Some(asked)) => add(asked),
        (None, None) => {}
    }
    if target.name.is_none() && counts {
        target.name = found.map(|found| found.name.clone()).or(asked);
    }
}

/// The folder of az's configuration.
fn folder(context: Context<'_>) -> Option<PathBuf> {
    match context.text_var("AZURE_CONFIG_DIR") {
        Some(folder) => Some(PathBuf::from(folder)),
        None => context.home().map(|home| home.join(".azure")),
    }
}

fn profile(context: Context<'_>) -> Result<Vec<Subscription>, String> {
    let Some(folder) = folder(context) else { return Ok(Vec::new()) };
    let broken = |why: &str| format!("azureProfile.json cannot be read: {why}");
    let bytes = match context.read(folder.join("azureProfile.json"), LIMIT) {
        Ok(bytes) => bytes,
        Err(ReadError::Missing) => return Ok(Vec::new()),
        Err(error) => return Err(broken(&error.to_string())),
    };
    // az writes a byte-order mark in front.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let tree: Json = serde_json::from_slice(text).map_err(|_| broken("it is not JSON"))?;
    let list = tree.get("subscriptions").and_then(Json::as_array).cloned().unwrap_or_default();
    let text =
        |one: &Json, key: &str| one.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let default = |one: &Json| one.get("isDefault").and_then(Json::as_bool).unwrap_or(false);
    Ok(list
        .iter()
        .map(|one| Subscription {
            id: text(one, "id"),
            name: text(one, "name"),
            default: default(one),
        })
        .collect())
}

/// The resource group that commands without one use: a variable, the nearest
/// local configuration, the person's own.
fn default_group(context: Context<'_>, target: &mut Target) -> Option<(String, String)> {
    let variable = "AZURE_DEFAULTS_GROUP";
    if let Some(group) = context.text_var(variable) {
        if group == COMPUTED {
            target.gap.get_or_insert_with(|| format!("${variable} is computed at run time"));
            return None;
        }
        return Some((variable.to_owned(), group));
    }
    let mut files = Vec::new();
    if let Some(cwd) = context.cwd() {
        files.extend(cwd.ancestors().take(MAX_ABOVE).map(|dir| dir.join(".azure/config")));
    }
    files.extend(folder(context).map(|folder| folder.join("config")));
    files.iter().find_map(|file| {
        let bytes = context.read(file, LIMIT).ok()?;
        let text = ini::parse(&String::from_utf8_lossy(&bytes)).ok()?;
        let group = text.section("defaults")?.get("group").filter(|group| !group.is_empty())?;
        Some((format!("group in {}", file.display()), group.to_owned()))
    })
}
