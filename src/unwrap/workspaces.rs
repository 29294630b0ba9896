//! The packages of a workspace: which folders package.json's `workspaces` or
//! pnpm-workspace.yaml name, and which of them an option means. Reads their
//! package.json files, and nothing else.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::invocation::Context;
use crate::parse::settings;
use crate::text::glob;

/// The most packages that are read.
const MAX_PACKAGES: usize = 200;

/// The longest file that is read, in bytes.
const MAX_FILE: usize = 1024 * 1024;

/// The packages that `wanted` names, by name, folder or glob; all of them
/// where it names none, and where a filter is more than a name (`...[main]`).
pub(super) fn find(
    context: Context<'_>,
    root: &Path,
    package: &Value,
    wanted: &[&OsStr],
) -> Vec<(PathBuf, Value)> {
    let all = packages(context, root, package);
    if wanted.is_empty() {
        return all;
    }
    let wanted: Vec<String> =
        wanted.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let plain = |name: &str| {
        !name.is_empty() && !name.contains("...") && !name.contains(['[', '{', '!', '^'])
    };
    if !wanted.iter().all(|name| plain(name)) {
        return all;
    }
    let meant = |(folder, package): &&(PathBuf, Value)| {
        let own = package.get("name").and_then(Value::as_str).unwrap_or_default();
        let short = own.rsplit('/').next().unwrap_or(own);
        wanted.iter().any(|name| {
            let path = name.strip_prefix("./").unwrap_or(name);
            let within = folder.strip_prefix(root).unwrap_or(folder).to_string_lossy();
            let below = path.contains('*') && glob(&path.replace("**", "*"), &within);
            glob(name, own) || glob(name, short) || folder.ends_with(path) || below
        })
    };
    all.iter().filter(meant).cloned().collect()
}

/// Every package, the root among them.
fn packages(context: Context<'_>, root: &Path, package: &Value) -> Vec<(PathBuf, Value)> {
    let mut found = vec![(root.to_owned(), package.clone())];
    let listed = package.get("workspaces");
    let listed = listed.and_then(|list| list.get("packages")).or(listed);
    let mut patterns: Vec<String> = listed
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|pattern| pattern.as_str().map(str::to_owned))
        .collect();
    if let Ok(bytes) = context.read(root.join("pnpm-workspace.yaml"), MAX_FILE) {
        let tree = settings::yaml(&bytes).unwrap_or_default();
        let items = tree.get("packages").and_then(Value::as_array).into_iter().flatten();
        patterns.extend(items.filter_map(|item| item.as_str().map(str::to_owned)));
    }
    for pattern in patterns {
        for folder in folders(context, root, &pattern) {
            if found.len() >= MAX_PACKAGES {
                return found;
            }
            let text = context.read(folder.join("package.json"), MAX_FILE).ok();
            if let Some(package) = text.and_then(|text| serde_json::from_slice(&text).ok()) {
                found.push((folder, package));
            }
        }
    }
    found
}

/// The folders that a pattern stands for: `apps/web`, `packages/*`, `libs/**`.
fn folders(context: Context<'_>, root: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![root.to_owned()];
    for part in pattern.trim_start_matches("./").split('/').filter(|part| !part.is_empty()) {
        found = found
            .into_iter()
            .flat_map(|folder| match part.contains('*') {
                true => context
                    .world
                    .list(&folder)
                    .into_iter()
                    .filter(|name| glob(part, &name.to_string_lossy()))
                    .map(|name| folder.join(name))
                    .take(MAX_PACKAGES)
                    .collect(),
                false => vec![folder.join(part)],
            })
            .take(MAX_PACKAGES)
            .collect();
    }
    found
}
