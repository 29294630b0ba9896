//! Whether the modules that `init` put in place bring providers, or places of
//! resources, of their own. Only looked at where the root's providers all name
//! theirs; bounded in files and bytes, and what cannot be read counts as one
//! that brings some.

use std::path::Path;

use serde_json::Value;

use crate::invocation::Context;
use crate::parse::hcl::{self, Body};

use super::configuration::{Resource, names_in};

/// The longest list of modules that is read, in bytes, and the most modules.
const MAX_LIST: usize = 1 << 20;
const MAX_MODULES: usize = 200;

/// The most bytes of all their files together.
const MAX_BYTES: usize = 4 << 20;

/// Whether no module brings any. `data` is the directory that `init` writes to
/// (`.terraform/modules/modules.json`, as 1.11.4 writes it; folders in it are
/// relative to the configuration's).
pub fn bring_none(context: &Context<'_>, dir: &Path, data: &Path) -> bool {
    let list = context.read(data.join("modules/modules.json"), MAX_LIST).ok();
    let list: Option<Value> = list.and_then(|text| serde_json::from_slice(&text).ok());
    let Some(modules) = list.as_ref().and_then(|list| list.get("Modules")?.as_array()) else {
        return false;
    };
    let text = |module: &Value, key: &str| module.get(key)?.as_str().map(str::to_owned);
    let mut left = MAX_BYTES;
    modules.len() <= MAX_MODULES
        && modules.iter().all(|module| match (text(module, "Key"), text(module, "Dir")) {
            (Some(key), Some(_)) if key.is_empty() => true,
            (Some(_), Some(own)) => is_plain(context, &dir.join(own), &mut left),
            _ => false,
        })
}

/// Whether a module's files have none.
fn is_plain(context: &Context<'_>, dir: &Path, left: &mut usize) -> bool {
    let names = names_in(context, dir);
    let mut files = names.iter().filter(|name| {
        let endings = [".tf", ".tf.json", ".tofu", ".tofu.json"];
        endings.iter().any(|ending| name.ends_with(ending))
    });
    !names.is_empty()
        && files.all(|name| {
            let Ok(bytes) = context.read(dir.join(name), *left) else { return false };
            *left = left.saturating_sub(bytes.len());
            let Ok(text) = String::from_utf8(bytes) else { return false };
            // Most files have neither word, and need not be taken apart.
            if !has_word(&text, "provider") && !has_word(&text, "project") {
                return true;
            }
            let body = match name.ends_with(".json") {
                true => hcl::json(&text),
                false => hcl::native(&text),
            };
            body.is_ok_and(|body| brings_none(&body))
        })
}

fn brings_none(body: &Body) -> bool {
    let mut resources = body
        .blocks("resource")
        .filter(|it| it.labels.first().is_some_and(|kind| Resource::may_name_project(kind)));
    body.blocks("provider").next().is_none()
        && resources.all(|it| it.body.value("project").is_none())
}

/// Whether a text has a word that stands alone.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    text.match_indices(word).any(|(at, _)| {
        let front = text.get(..at).and_then(|front| front.chars().next_back());
        let behind = text.get(at + word.len()..).and_then(|rest| rest.chars().next());
        !front.is_some_and(is_part) && !behind.is_some_and(is_part)
    })
}
