//! What group_vars and host_vars say of the hosts of a play: files beside the
//! inventory and beside the playbook whose values name an environment or an
//! address. They make a place production and nothing else, for which of
//! Ansible's twenty-odd places of variables counts in the end is not worked
//! out here. What a vault keeps stays unknown.
//!
//! Source: ansible-core 2.19.14 (`vars/host_group_vars.py`).

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::place::Place;
use super::{Class, Evidence, Kind, names};
use crate::invocation::Context;
use crate::parse::playbook::{self, shown};
use crate::text::visible;

/// The longest file that is read, in bytes, and the most files of a play.
const MAX_FILE: usize = 1 << 18;
const MAX_FILES: usize = 60;

/// The most groups and hosts whose files are looked for.
const MAX_NAMES: usize = 100;

/// How a file of variables may end.
const ENDINGS: &[&str] = &["", ".yml", ".yaml", ".json"];

/// Variables that say which environment it is.
const ENVIRONMENTS: &[&str] = &[
    "app_environment",
    "deploy_env",
    "deploy_environment",
    "deployment_environment",
    "env",
    "env_name",
    "environment_name",
    "stage",
    "target_env",
    "target_environment",
];

/// Variables that say where a host is.
const ADDRESSES: &[&str] = &["ansible_host", "ansible_ssh_host"];

/// What a variable of this name says of the place, where it says production.
pub fn raising(name: &str, value: &str, source: &str) -> Option<Evidence> {
    let name = name.to_ascii_lowercase();
    let kind = match name.as_str() {
        name if ENVIRONMENTS.contains(&name) => Kind::Environment,
        name if ADDRESSES.contains(&name) => Kind::Host,
        _ => return None,
    };
    let word = names::word(kind, value)?;
    let evidence = Evidence::name(kind, format!("{name} in {source}"), visible(value, 200));
    (word.class == Class::Production && !value.contains("{{")).then_some(evidence)
}

/// Adds what the files in these folders say of these groups and hosts.
pub fn tell(
    context: &Context<'_>,
    folders: &[PathBuf],
    (groups, hosts): (&[String], &[String]),
    place: &mut Place,
) {
    let mut left = MAX_FILES;
    let all = [("group_vars", groups), ("host_vars", hosts)];
    for folder in folders {
        for (below, names) in all {
            let below = folder.join(below);
            if !context.world.is_dir(&context.resolve(&below)) {
                continue;
            }
            for name in names.iter().take(MAX_NAMES).filter(|name| is_plain(name)) {
                for path in files(context, &below.join(name)) {
                    let Some(rest) = left.checked_sub(1) else { return };
                    left = rest;
                    file(context, &path, place);
                }
            }
        }
    }
}

/// A name that is a path of its own is none of a file here.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains('/') && name != ".." && name != "."
}

/// The files of a group or host: one with an ending or none, or those of a
/// folder.
fn files(context: &Context<'_>, path: &Path) -> Vec<PathBuf> {
    let whole = context.resolve(path);
    if context.world.is_dir(&whole) {
        let names = context.world.list(&whole).into_iter().take(MAX_FILES);
        let fits = |name: &std::ffi::OsString| {
            let text = name.to_string_lossy();
            ENDINGS.iter().skip(1).any(|ending| text.ends_with(ending)) && !text.starts_with('.')
        };
        return names.filter(fits).map(|name| path.join(name)).collect();
    }
    let text = path.to_string_lossy();
    let named = ENDINGS.iter().map(|ending| PathBuf::from(format!("{text}{ending}")));
    named.filter(|path| context.world.exists(&context.resolve(path))).collect()
}

fn file(context: &Context<'_>, path: &Path, place: &mut Place) {
    let Ok(bytes) = context.read(path, MAX_FILE) else { return };
    let Ok(Value::Object(map)) = playbook::read(&bytes) else { return };
    let source = visible(&path.to_string_lossy(), 100);
    for (name, value) in &map {
        let found = shown(value).and_then(|value| raising(name, &value, &source));
        place.evidence.extend(found.filter(|found| !place.evidence.contains(found)));
    }
}
