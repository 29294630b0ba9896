//! Where a terragrunt unit lands, by terragrunt.hcl and the files above it
//! that it takes in (its documentation and source; it could not be run): the
//! settings of `remote_state`, the folder below the root, of which the key of
//! the state is mostly made, and what local values and inputs say of the
//! environment. Functions are not evaluated; a file that one looks for by a
//! literal name is looked for here too.

use std::path::{Path, PathBuf};

use crate::invocation::Context;
use crate::parse::hcl::{self, Body, Value};
use crate::target::{Evidence, Grade, Kind, Target, names};

use super::configuration::Configuration;
use super::scope::{Scope, Sources};
use super::{Wanted, raising, settings};

/// The longest file that is read, in bytes.
const MAX_FILE: usize = 1 << 18;

/// How many folders above a unit are looked through.
const MAX_ABOVE: usize = 32;

/// The most units below a folder, and how deep they may lie.
const MAX_UNITS: usize = 50;
const MAX_DEPTH: usize = 4;

/// The most folders that are looked into for units, and files for one unit.
const MAX_FOLDERS: usize = 500;
const MAX_FILES: usize = 10;

/// Keys that say which environment or account a unit is for.
const SAYS: &[&str] = &[
    "account_name",
    "aws_account_name",
    "aws_profile",
    "env",
    "env_name",
    "environment",
    "environment_name",
    "profile",
    "project_id",
    "stage",
];

/// A file of a unit's.
struct File {
    path: PathBuf,
    text: String,
    body: Body,
}

/// Adds what the unit in `folder` says, or with `several` every unit below it.
pub fn extend(context: &Context<'_>, folder: &Path, several: bool, target: &mut Target) {
    let mut folders = Vec::new();
    if several {
        units(context, folder, &mut folders);
    }
    if folders.is_empty() {
        folders.push(folder.to_owned());
    }
    let mut all = Vec::new();
    // Each of them has to say where it is before any lowers the class.
    let mut whole = folders.len() < MAX_UNITS;
    for folder in folders {
        let mut own = Target::of("terraform");
        let files = files(context, &folder, &mut own);
        unit(context, &folder, &files, &mut own);
        whole &= own.gap.is_none()
            && own
                .evidence
                .iter()
                .any(|it| it.grade > Grade::Hint && names::word(it.kind, &it.value).is_some());
        all.push(own);
    }
    for own in all {
        for mut evidence in own.evidence {
            if !whole && evidence.grade > Grade::Hint {
                evidence = raising(evidence.kind, evidence.source, evidence.value);
            }
            if !target.evidence.contains(&evidence) {
                target.evidence.push(evidence);
            }
        }
        target.name = target.name.take().or(own.name);
        target.gap = target.gap.take().or(own.gap);
    }
}

/// The folders below this one with a terragrunt.hcl.
fn units(context: &Context<'_>, folder: &Path, found: &mut Vec<PathBuf>) {
    let mut waiting = vec![(folder.to_owned(), 0)];
    let mut looked = 0;
    while let Some((folder, depth)) = waiting.pop() {
        looked += 1;
        if looked > MAX_FOLDERS || found.len() >= MAX_UNITS {
            return;
        }
        if context.world.exists(&folder.join("terragrunt.hcl")) {
            found.push(folder.clone());
        }
        if depth < MAX_DEPTH {
            let names = context.world.list(&folder);
            let plain = names.iter().filter(|name| !name.to_string_lossy().starts_with('.'));
            let below = plain.map(|name| folder.join(name));
            waiting.extend(below.filter(|it| context.world.is_dir(it)).map(|it| (it, depth + 1)));
        }
    }
}

/// The unit's own file, those that it includes, and those that any of them
/// looks for by name in the folders above.
fn files(context: &Context<'_>, folder: &Path, target: &mut Target) -> Vec<File> {
    let mut found: Vec<File> = Vec::new();
    let mut waiting = vec![folder.join("terragrunt.hcl")];
    while let Some(path) = waiting.pop() {
        if found.len() >= MAX_FILES || found.iter().any(|file| file.path == path) {
            continue;
        }
        let Ok(bytes) = context.read(&path, MAX_FILE) else { continue };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Ok(body) = hcl::native(&text) else {
            target.gap.get_or_insert(format!("{}: it cannot be read", path.display()));
            continue;
        };
        for block in body.blocks("include") {
            match block.body.value("path") {
                Some(Value::Text(given)) => waiting.push(folder.join(given)),
                // `find_in_parent_folders()`
                _ => waiting.extend(above(context, folder, "terragrunt.hcl")),
            }
        }
        for name in looked_for(&text) {
            waiting.extend(above(context, folder, name));
        }
        found.push(File { path, text, body });
    }
    found
}

/// The nearest file of this name in the folders above a unit.
fn above(context: &Context<'_>, folder: &Path, name: &str) -> Option<PathBuf> {
    let folders = folder.ancestors().skip(1).take(MAX_ABOVE);
    folders.map(|folder| folder.join(name)).find(|path| context.world.exists(path))
}

/// The names in a text's `find_in_parent_folders("…")`.
fn looked_for(text: &str) -> impl Iterator<Item = &str> {
    let calls = text.split("find_in_parent_folders(").skip(1).take(MAX_FILES);
    calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
}

fn unit(context: &Context<'_>, folder: &Path, files: &[File], target: &mut Target) {
    for file in files {
        let mut configuration = Configuration::default();
        let locals = file.body.blocks("locals").flat_map(|block| &block.body.attributes);
        for attribute in locals {
            configuration.locals.insert(attribute.name.clone(), attribute.value.clone());
        }
        let wanted = Wanted::default();
        let sources = Sources { dir: folder, wanted: &wanted, remote: true };
        let scope = Scope::new(context, &configuration, &sources, None);
        let shown = file.path.display().to_string();
        for name in SAYS {
            let local = configuration.locals.get(*name).and_then(|value| scope.text(value));
            let input =
                file.body.value("inputs").and_then(|inputs| scope.text(inputs.member(name)?));
            for value in local.into_iter().chain(input) {
                let kind = if name.contains("profile") { Kind::Profile } else { Kind::Environment };
                target.evidence.push(raising(kind, format!("{name} of {shown}"), value));
            }
        }
        state(folder, file, &scope, target);
    }
}

/// What `remote_state` says.
fn state(folder: &Path, file: &File, scope: &Scope<'_>, target: &mut Target) {
    let blocks = file.body.blocks("remote_state").map(|block| &block.body);
    for body in blocks.take(4) {
        let config = body.value("config").and_then(|config| scope.value(config, 0));
        let Some(Value::Map(entries)) = config else { continue };
        let texts =
            entries.iter().filter_map(|(key, value)| Some((key.clone(), scope.text(value)?)));
        let texts: Vec<(String, String)> = texts.collect();
        settings(target, &format!("{}, remote_state", file.path.display()), &texts);
        // `key = "${path_relative_to_include()}/terraform.tfstate"`
        let root = file.path.parent().unwrap_or(folder);
        if file.text.contains("path_relative_to_include(")
            && let Ok(below) = folder.strip_prefix(root)
            && !below.as_os_str().is_empty()
        {
            let below = below.display().to_string();
            target.name.get_or_insert_with(|| below.clone());
            let from = format!("{}, remote_state, path_relative_to_include", file.path.display());
            target.evidence.push(Evidence::name(Kind::Path, from, below));
        }
    }
}
