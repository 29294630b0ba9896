//! Which compose project a command is about, whether that is the project in
//! the current directory, and which volumes the project declares: from the
//! options, the variables, `.env` and the compose file itself, in the order
//! of Compose's own source (docker/compose, cmd/compose/compose.go and
//! compose-go). Reads files, never asks a daemon.

mod service;

pub use service::variables;

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::dotenv::{self, Value as Setting};
use crate::invocation::{COMPUTED, Context};
use crate::parse::argv::{Parsed, Value as Given};
use crate::parse::settings;

/// The longest compose file that is read, in bytes.
const MAX_FILE: usize = 1024 * 1024;

/// How many directories above the current one are looked through.
const MAX_ABOVE: usize = 64;

/// How many of a project's files are read.
const MAX_FILES: usize = 32;

/// How many of a project's volumes are looked at.
const MAX_VOLUMES: usize = 1000;

/// The names of compose files, the first that is there counting.
const FILES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The names of files that are read on top of those.
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// What a command's options say of its project; a value that is computed at
/// run time is none.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `-p`.
    pub name: Option<Option<String>>,
    /// `-f`, in order.
    pub files: Vec<Option<String>>,
    /// `--project-directory`.
    pub directory: Option<Option<String>>,
    /// `--env-file`, in order.
    pub env_files: Vec<Option<String>>,
}

impl Said {
    /// What a parsed command says.
    pub fn of(parsed: &Parsed<'_>) -> Said {
        let text =
            |value: Given<'_>| (!value.dynamic).then(|| value.text.to_string_lossy().into_owned());
        let all = |name: &str| -> Vec<Option<String>> {
            parsed.all(name).filter_map(|given| given.value).map(text).collect()
        };
        Said {
            name: parsed.value("--project-name").map(text),
            files: all("--file"),
            directory: parsed.value("--project-directory").map(text),
            env_files: all("--env-file"),
        }
    }
}

/// A compose project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// Its name, if it is known.
    pub name: Option<String>,
    /// What says the name: an option, a variable or a file; empty where only
    /// the directory's name does.
    pub source: &'static str,
    /// Whether it is the project in the current directory.
    pub own: bool,
    /// Its volumes that are named after it, by their keys.
    keys: Vec<String>,
    /// Its volumes with names of their own.
    given: Vec<String>,
    /// The files that options and variables name.
    pub files: Vec<String>,
}

/// The project in the current directory, as Compose finds it without options.
pub fn own(call: &Context<'_>) -> Project {
    let Some(cwd) = call.cwd() else { return Project::default() };
    let settings = Settings::of(call, &cwd);
    let files = settings.files.clone().unwrap_or_else(|| found(call, &cwd));
    let root = files.first().and_then(|file| file.parent()).unwrap_or(&cwd).to_owned();
    let mut project = declared(call, &root, &files);
    if let Some(name) = settings.name {
        project.name = Some(name);
        project.source = ".env";
    }
    Project { own: true, ..project }
}

/// The project that a command is about.
pub fn resolve(call: &Context<'_>, said: &Said) -> Project {
    let own = own(call);
    let Some(cwd) = call.cwd() else { return Project::default() };
    let mut project = own.clone();
    let mut files: Vec<Option<String>> = said.files.clone();
    if files.is_empty()
        && let Some(list) = call.text_var("COMPOSE_FILE")
    {
        files = match list == COMPUTED {
            true => vec![None],
            false => split(call, &list).map(|file| Some(file.to_owned())).collect(),
        };
    }
    if !files.is_empty() || said.directory.is_some() {
        let known: Option<Vec<PathBuf>> =
            files.iter().map(|file| within(&cwd, file.as_deref()?)).collect();
        let folder = match &said.directory {
            Some(folder) => folder.as_deref().and_then(|folder| within(&cwd, folder)),
            None => known.as_ref().and_then(|files| Some(files.first()?.parent()?.to_owned())),
        };
        project = match (known, folder) {
            (Some(files), Some(folder)) => {
                let files = if files.is_empty() { found(call, &folder) } else { files };
                Project { own: true, ..declared(call, &folder, &files) }
            }
            // Files elsewhere, on standard input, or computed at run time.
            _ => Project::default(),
        };
        project.files = files.into_iter().flatten().collect();
    }
    let named = said.name.clone().map(|name| (name, "-p")).or_else(|| {
        let name = call.text_var("COMPOSE_PROJECT_NAME")?;
        Some(((name != COMPUTED).then_some(name), "COMPOSE_PROJECT_NAME"))
    });
    if let Some((name, source)) = named {
        let same = name.is_some() && (name == project.name || name == own.name);
        project.name = name;
        project.source = source;
        project.own &= same;
    }
    project
}

impl Project {
    /// Whether it declares the volume of this full name, and does not take it
    /// from elsewhere.
    pub fn declares(&self, volume: &str) -> bool {
        let after = self.name.as_deref().and_then(|name| volume.strip_prefix(name));
        let key = after.and_then(|rest| rest.strip_prefix('_'));
        key.is_some_and(|key| self.keys.iter().any(|known| known == key))
            || self.given.iter().any(|known| known == volume)
    }
}

/// What a project's `.env` says of Compose itself.
struct Settings {
    name: Option<String>,
    files: Option<Vec<PathBuf>>,
}

impl Settings {
    fn of(call: &Context<'_>, folder: &Path) -> Settings {
        let text = call.read(folder.join(".env"), MAX_FILE).unwrap_or_default();
        let pairs = dotenv::parse(&String::from_utf8_lossy(&text));
        let value = |name: &str| {
            pairs.iter().rev().find_map(|(key, value)| match value {
                Setting::Text(text) if key == name && !text.is_empty() => Some(text.clone()),
                _ => None,
            })
        };
        let files = value("COMPOSE_FILE")
            .map(|list| split(call, &list).map(|file| folder.join(file)).collect());
        Settings { name: value("COMPOSE_PROJECT_NAME"), files }
    }
}

/// The files of a list in `COMPOSE_FILE`.
fn split<'l>(call: &Context<'_>, list: &'l str) -> impl Iterator<Item = &'l str> + use<'l> {
    let separator = call.text_var("COMPOSE_PATH_SEPARATOR").unwrap_or_else(|| ":".to_owned());
    let parts: Vec<&str> = list.split(separator.as_str()).collect();
    parts.into_iter().filter(|file| !file.is_empty())
}

/// The compose file of a directory or of the nearest one above it, and what is
/// read on top of it.
fn found(call: &Context<'_>, folder: &Path) -> Vec<PathBuf> {
    for folder in folder.ancestors().take(MAX_ABOVE) {
        let there = |name: &&str| call.read(folder.join(name), MAX_FILE).is_ok();
        if let Some(name) = FILES.iter().find(|name| there(name)) {
            let over = OVERRIDES.iter().find(|name| there(name));
            return over.into_iter().fold(vec![folder.join(name)], |mut files, name| {
                files.push(folder.join(name));
                files
            });
        }
    }
    Vec::new()
}

/// What compose files in `folder` declare.
fn declared(call: &Context<'_>, folder: &Path, files: &[PathBuf]) -> Project {
    let texts = files.iter().take(MAX_FILES).filter_map(|file| call.read(file, MAX_FILE).ok());
    let trees: Vec<Value> = texts.filter_map(|text| settings::yaml(&text).ok()).collect();
    let text = |tree: &Value, key: &str| match tree.get(key) {
        Some(Value::String(text)) if !text.is_empty() && !text.contains('$') => Some(text.clone()),
        _ => None,
    };
    let written = trees.iter().rev().any(|tree| tree.get("name").is_some());
    let name = match trees.iter().rev().find_map(|tree| text(tree, "name")) {
        Some(name) => Some(name),
        None if written => None,
        None => folder.file_name().map(|name| normal(&name.to_string_lossy())),
    };
    let (mut keys, mut given) = (Vec::new(), Vec::new());
    let tables = trees.iter().filter_map(|tree| tree.get("volumes")?.as_object());
    for (key, volume) in tables.flatten().take(MAX_VOLUMES) {
        let external = volume.get("external");
        if external.is_some_and(|external| *external != Value::Bool(false)) {
            continue;
        }
        match volume.get("name") {
            Some(_) => given.extend(text(volume, "name")),
            None => keys.push(key.clone()),
        }
    }
    let source = if written { "name in the compose file" } else { "" };
    Project {
        name: name.filter(|name| !name.is_empty()),
        source,
        keys,
        given,
        ..Project::default()
    }
}

/// A directory's name as a project's: lower case, and only letters, digits,
/// dashes and underscores, a letter or digit first.
fn normal(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept = lower.chars().filter(|letter| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '_' | '-')
    });
    let text: String = kept.collect();
    text.trim_start_matches(['_', '-']).to_owned()
}

/// A path under `cwd`, whole and without dots; none where it leads elsewhere.
fn within(cwd: &Path, path: &str) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in cwd.join(path).components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    (path != "-" && !path.contains(COMPUTED) && out.starts_with(cwd)).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::fake::FakeWorld;

    fn world() -> FakeWorld {
        let text = "volumes: {data: {}, cache: , old: {external: true}, \
            given: {name: shared}, computed: {name: \"${X}\"}}\n";
        FakeWorld::new().with_file("/app/compose.yml", text)
    }

    fn project(world: &FakeWorld, said: &Said) -> Project {
        let invocation = Invocation::default();
        resolve(&Context { invocation: &invocation, world }, said)
    }

    fn said(name: Option<&str>, files: &[&str]) -> Said {
        Said {
            name: name.map(|name| Some(name.to_owned())),
            files: files.iter().map(|file| Some((*file).to_owned())).collect(),
            ..Said::default()
        }
    }

    #[test]
    fn a_project_is_named_by_option_variable_settings_file_and_directory() {
        let name = |world: &FakeWorld, said: &Said| {
            let project = project(world, said);
            (project.name.unwrap_or_default(), project.own)
        };
        let plain = said(None, &[]);
        let world = world();
        assert_eq!(name(&world, &plain), ("app".to_owned(), true));
        assert_eq!(name(&world, &said(Some("other"), &[])), ("other".to_owned(), false));
        assert_eq!(name(&world, &said(Some("app"), &[])), ("app".to_owned(), true));
        let named = world.with_file("/app/compose.yml", "name: shop\n");
        assert_eq!(name(&named, &plain), ("shop".to_owned(), true));
        let settings = named.with_file("/app/.env", "COMPOSE_PROJECT_NAME=set\n");
        assert_eq!(name(&settings, &plain), ("set".to_owned(), true));
        let variable = settings.with_var("COMPOSE_PROJECT_NAME", "elsewhere");
        assert_eq!(name(&variable, &plain), ("elsewhere".to_owned(), false));
        assert_eq!(name(&variable, &said(Some("set"), &[])), ("set".to_owned(), true));
    }

    #[test]
    fn files_under_the_directory_are_its_own_and_others_are_not() {
        let world = world()
            .with_file("/app/docker/dev.yml", "services: {}\n")
            .with_file("/other/compose.yml", "services: {}\n");
        let own = |files: &[&str]| project(&world, &said(None, files)).own;
        assert!(own(&["docker/dev.yml"]) && own(&["./compose.yml", "docker/../docker/dev.yml"]));
        assert!(!own(&["../other/compose.yml"]) && !own(&["/other/compose.yml"]) && !own(&["-"]));
        assert!(!own(&["compose.yml", "../other/compose.yml"]));
        let computed = Said { files: vec![None], ..Said::default() };
        assert!(!project(&world, &computed).own);
        let folder = Said { directory: Some(Some("../other".to_owned())), ..Said::default() };
        assert!(!project(&world, &folder).own);
        let away = world.clone().with_var("COMPOSE_FILE", "/other/compose.yml");
        assert!(!project(&away, &Said::default()).own);
        let named = project(&world, &said(None, &["docker/dev.yml"]));
        assert_eq!(named.name.as_deref(), Some("docker"));
    }

    #[test]
    fn a_project_has_the_volumes_that_it_declares() {
        let world = world();
        let has = |world: &FakeWorld, name: &str| project(world, &Said::default()).declares(name);
        for name in ["app_cache", "app_data", "shared"] {
            assert!(has(&world, name), "{name}");
        }
        for name in ["data", "app_old", "app_shared", "app_given", "app", "app_", "computed"] {
            assert!(!has(&world, name), "{name}");
        }
        let settings = world.with_file("/app/.env", "COMPOSE_PROJECT_NAME=set\n");
        assert!(has(&settings, "set_data") && has(&settings, "shared"));
        assert!(!has(&settings, "app_data"));
        let over = "volumes: {more: {}}\n";
        let world = settings.with_file("/app/compose.override.yml", over);
        assert!(has(&world, "set_more") && has(&world, "set_data"));
        assert_eq!(normal("_My.Shop 2"), "myshop2");
    }
}
