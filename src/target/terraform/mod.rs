//! Where a Terraform or OpenTofu command lands: the workspace and the backend
//! that it would take (Terraform 1.11.4 and 1.15.5, by running them), the
//! places that its configuration's providers name, and the accounts that its
//! local state names. Directories and credentials' variables are hints: a
//! folder called `staging` bounds nothing while the state in it is another's.
//! Files of variables, and what the variables are worth that say which
//! environment it is, make it production and nothing else: `-var-file=
//! prod.tfvars` beside development's backend is production's, `staging.tfvars`
//! beside production's changes nothing.

pub mod configuration;
mod modules;
mod providers;
mod scope;
mod state;
pub mod terragrunt;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::invocation::{COMPUTED, Context};
use crate::target::names;
use crate::target::{Class, Evidence, Kind, Target};
use crate::world::ReadError;

use configuration::{Backend, Configuration};
use scope::{Scope, Sources};

pub use state::{State, accounts, state};

/// The longest backend file that is read, in bytes.
const MAX_BACKEND: usize = 1 << 20;

/// The most files of variables that Terraform takes by itself and that are
/// told.
const MAX_AUTO: usize = 20;

/// Variables that choose the credentials, whatever they are worth here.
const CREDENTIALS: &[(&str, Kind)] = &[
    ("AWS_PROFILE", Kind::Profile),
    ("GOOGLE_PROJECT", Kind::Project),
    ("GOOGLE_CLOUD_PROJECT", Kind::Project),
    ("CLOUDSDK_CORE_PROJECT", Kind::Project),
    ("ARM_SUBSCRIPTION_ID", Kind::Account),
    ("DIGITALOCEAN_PROJECT", Kind::Project),
    ("KUBE_CTX", Kind::Context),
];

/// Names of variables that say which environment a configuration is for.
const ENVIRONMENTS: &[&str] = &["env", "environment", "stage", "tier", "workspace", "env_name"];

/// What a command says of its place.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The directory of `-chdir`.
    pub chdir: Option<PathBuf>,
    /// The state file of `-state`.
    pub state: Option<PathBuf>,
    /// The workspace that it names itself (`workspace delete`).
    pub workspace: Option<String>,
    /// Variable files and `-var`s, as given.
    pub variables: Vec<Given>,
    /// Whether the configuration's own files are to be read: only where
    /// something could be destroyed.
    pub deep: bool,
    /// Whether the tool is OpenTofu.
    pub tofu: bool,
    /// Something that is computed at run time, and what.
    pub gap: Option<String>,
}

/// A variable or a file of variables on the command line.
#[derive(Clone, Debug)]
pub enum Given {
    /// `-var-file`'s value.
    File(String),
    /// `-var`'s value.
    Variable(String),
    /// One of both that is computed at run time.
    Computed,
}

/// Where it lands, and its local state's path if it has one.
pub struct Place {
    /// The target.
    pub target: Target,
    /// The local state's path, where the state is a file.
    pub state: Option<PathBuf>,
    /// Whether plans are made and carried out elsewhere.
    pub remote: bool,
    /// The configuration, where it was read.
    pub configuration: Option<Configuration>,
}

/// Works the place out.
pub fn resolve(context: &Context<'_>, wanted: &Wanted) -> Place {
    let mut target = Target::of("terraform");
    target.gap = wanted.gap.clone();
    let below = |path: &Path| match &wanted.chdir {
        Some(dir) => dir.join(path),
        None => path.to_owned(),
    };
    let data = match context.var("TF_DATA_DIR") {
        Some(value) if value == COMPUTED => {
            target.gap.get_or_insert("TF_DATA_DIR is computed at run time".to_owned());
            PathBuf::from(".terraform")
        }
        Some(value) if !value.is_empty() => PathBuf::from(value),
        _ => PathBuf::from(".terraform"),
    };
    let data = below(&data);
    let workspace = workspace(context, wanted, &data, &mut target);
    let dir = below(Path::new(""));
    let configuration = wanted.deep.then(|| configuration::read(context, &dir, wanted.tofu));
    let noted = backend(context, &data, &mut target);
    let written = configuration.as_ref().and_then(|it| it.backend.as_ref());
    let is_remote = |kind: &str| kind == "cloud" || kind == "remote";
    let kind = noted.as_ref().and_then(|it| it.get("type")).and_then(Value::as_str);
    let remote = kind.or(written.map(|it| it.kind.as_str())).is_some_and(is_remote);
    let scope = configuration.as_ref().map(|configuration| {
        let sources = Sources { dir: &dir, wanted, remote };
        let name = match target.gap {
            Some(_) => None,
            None => Some(workspace.clone().unwrap_or_else(|| "default".to_owned())),
        };
        Scope::new(context, configuration, &sources, name)
    });
    let (kind, config) = match (kind, written, &scope) {
        (Some(kind), ..) => {
            let config = noted.as_ref().and_then(|it| it.get("config")).cloned();
            let config = config.unwrap_or(Value::Null);
            settings(&mut target, kind, &texts(&config));
            (kind.to_owned(), config)
        }
        (None, Some(written), Some(scope)) => {
            let config = unnoted(context, written, scope, &mut target);
            (written.kind.clone(), config)
        }
        _ => ("local".to_owned(), Value::Null),
    };
    if remote {
        for (name, of) in [
            ("TF_CLOUD_ORGANIZATION", Kind::Account),
            ("TF_CLOUD_PROJECT", Kind::Project),
            ("TF_CLOUD_HOSTNAME", Kind::Host),
        ] {
            named(&mut target, of, name, context.text_var(name));
        }
    }
    if let (Some(configuration), Some(scope), false) = (&configuration, &scope, remote) {
        providers::evidence(context, (&dir, &data), configuration, scope, &mut target);
    }
    let state = (kind == "local").then(|| {
        let path = config.get("path").and_then(Value::as_str).unwrap_or("terraform.tfstate");
        let folder = config.get("workspace_dir").and_then(Value::as_str);
        let folder = Path::new(folder.unwrap_or("terraform.tfstate.d"));
        match (&wanted.state, &workspace) {
            (Some(path), _) => below(path),
            (None, Some(name)) => below(&folder.join(name).join("terraform.tfstate")),
            (None, None) => below(Path::new(path)),
        }
    });
    if let (Some(_), Some(path)) = (&state, &wanted.state) {
        named(&mut target, Kind::Path, "-state", path.to_str().map(str::to_owned));
    }
    if let (Some(configuration), Some(scope)) = (&configuration, &scope) {
        variables(context, &dir, configuration, scope, &mut target);
    }
    hints(context, wanted, &mut target);
    drop(scope);
    Place { target, state, remote, configuration }
}

/// Adds a name, if there is one; the first is what the place is called.
fn named(target: &mut Target, kind: Kind, from: &str, value: Option<String>) {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return };
    if value == COMPUTED {
        target.gap.get_or_insert_with(|| format!("{from} is computed at run time"));
        return;
    }
    if !matches!(kind, Kind::Region) {
        target.name.get_or_insert_with(|| value.clone());
    }
    target.evidence.push(Evidence::name(kind, from.to_owned(), value));
}

/// The workspace, unless it is the default one, which says nothing.
fn workspace(
    context: &Context<'_>,
    wanted: &Wanted,
    data: &Path,
    target: &mut Target,
) -> Option<String> {
    let file = data.join("environment");
    let (name, from) = if let Some(name) = &wanted.workspace {
        (name.clone(), Cow::Borrowed("argument"))
    } else if let Some(name) = context.text_var("TF_WORKSPACE") {
        (name, Cow::Borrowed("TF_WORKSPACE"))
    } else {
        let text = noted(context, &file, target)?;
        let name = String::from_utf8_lossy(&text).trim().to_owned();
        (name, Cow::Owned(file.display().to_string()))
    };
    if name.is_empty() || (name == "default" && wanted.workspace.is_none()) {
        return None;
    }
    named(target, Kind::Workspace, &from, Some(name.clone()));
    Some(name)
}

/// What Terraform wrote into a file of its own, if it is there. One that is and
/// cannot be read is a gap.
fn noted(context: &Context<'_>, file: &Path, target: &mut Target) -> Option<Vec<u8>> {
    match context.read(file, MAX_BACKEND) {
        Ok(text) => Some(text),
        Err(ReadError::Missing) => None,
        Err(why) => {
            target.gap.get_or_insert_with(|| format!("{}: {why}", file.display()));
            None
        }
    }
}

/// What the last `init` noted down of the backend; nothing where it is the
/// local one and was never configured, or where there was no `init` yet.
fn backend(context: &Context<'_>, data: &Path, target: &mut Target) -> Option<Value> {
    let file = data.join("terraform.tfstate");
    let text = noted(context, &file, target)?;
    match serde_json::from_slice::<Value>(&text) {
        Ok(mut noted) => noted.get_mut("backend").map(Value::take),
        Err(_) => {
            target.gap.get_or_insert_with(|| format!("{}: it is not JSON", file.display()));
            None
        }
    }
}

/// A backend that is written down and that no `init` took yet: what a `init`
/// in front of this command would take. Without one, Terraform stops at that.
fn unnoted(
    context: &Context<'_>,
    written: &Backend,
    scope: &Scope<'_>,
    target: &mut Target,
) -> Value {
    let mut config = serde_json::Map::new();
    let bodies = written.body.blocks.iter().map(|block| &block.body);
    for attribute in std::iter::once(&written.body).chain(bodies).flat_map(|it| &it.attributes) {
        match scope.text(&attribute.value) {
            Some(text) => {
                config.insert(attribute.name.clone(), Value::String(text));
            }
            None => {
                target.gap.get_or_insert_with(|| {
                    format!("the {} of the {} backend is not known", attribute.name, written.kind)
                });
            }
        }
    }
    let config = Value::Object(config);
    let known = target.evidence.len();
    settings(target, &format!("{}, {}", written.file, written.kind), &texts(&config));
    let given = ["TF_CLI_ARGS", "TF_CLI_ARGS_init"].iter().any(|name| {
        context.text_var(name).is_some_and(|it| it == COMPUTED || it.contains("backend-config"))
    });
    if given || (target.evidence.len() == known && written.kind != "local") {
        target.gap.get_or_insert_with(|| {
            format!("the {} backend is given its settings by init", written.kind)
        });
    }
    config
}

/// The texts in a backend's settings, each under its own key.
fn texts(config: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![(String::new(), config)];
    while let Some((name, value)) = waiting.pop() {
        match value {
            Value::Object(map) => {
                waiting.extend(map.iter().rev().map(|(key, value)| (key.clone(), value)));
            }
            Value::Array(list) => {
                waiting.extend(list.iter().rev().map(|value| (name.clone(), value)));
            }
            Value::String(text) => found.push((name, text.clone())),
            _ => {}
        }
    }
    found
}

/// Adds what a backend's settings name. Keys that are not listed here may be
/// secrets, and are not told.
pub fn settings(target: &mut Target, backend: &str, settings: &[(String, String)]) {
    // The most telling first: the first is what a person types.
    for (key, kind) in [
        ("name", Kind::Workspace),
        ("key", Kind::Path),
        ("prefix", Kind::Path),
        ("path", Kind::Path),
        ("bucket", Kind::Resource),
        ("container_name", Kind::Resource),
        ("storage_account_name", Kind::Resource),
        ("resource_group_name", Kind::Resource),
        ("secret_suffix", Kind::Resource),
        ("namespace", Kind::Namespace),
        ("config_context", Kind::Context),
        ("workspace_key_prefix", Kind::Path),
        ("schema_name", Kind::Database),
        ("organization", Kind::Account),
        ("project", Kind::Project),
        ("subscription_id", Kind::Account),
        ("tenancy_namespace", Kind::Account),
        ("role_arn", Kind::Account),
        ("profile", Kind::Profile),
        ("hostname", Kind::Host),
        ("region", Kind::Region),
    ] {
        // What lies beneath `client.tfstate` is a name like any other.
        for (_, value) in settings.iter().filter(|(name, _)| name == key).take(4) {
            named(target, kind, &format!("{backend} backend, {key}"), Some(value.clone()));
        }
    }
}

/// Evidence that may only raise, of what the tool really reads: a name where
/// it says production, else a hint.
fn raising(kind: Kind, from: impl Into<Cow<'static, str>>, value: String) -> Evidence {
    match names::word(kind, &value).map(|word| word.class) {
        Some(Class::Production) => Evidence::name(kind, from, value),
        _ => Evidence::hint(kind, from, value),
    }
}

/// Adds what the variables say of the environment, and the files of variables
/// that Terraform takes by itself.
fn variables(
    context: &Context<'_>,
    dir: &Path,
    configuration: &Configuration,
    scope: &Scope<'_>,
    target: &mut Target,
) {
    for name in configuration.variables.keys() {
        let plain = name.to_ascii_lowercase();
        let says = ENVIRONMENTS.contains(&plain.as_str()) || plain == "environment_name";
        if let Some(text) = scope.variable(name).filter(|_| says) {
            target.evidence.push(raising(Kind::Environment, format!("var.{name}"), text));
        }
    }
    let own = configuration::names_in(context, dir);
    let auto = own
        .iter()
        .filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"));
    for name in auto.take(MAX_AUTO) {
        target.evidence.push(raising(Kind::Path, "a file of variables", name.clone()));
    }
}

/// Adds what may only raise: directories, files of variables, credentials.
/// A place that nothing else names is called by its directory.
pub fn hints(context: &Context<'_>, wanted: &Wanted, target: &mut Target) {
    if target.name.is_none() {
        let own = wanted.chdir.clone().unwrap_or_default();
        let folder = context.cwd().unwrap_or_default().join(own);
        target.name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    }
    for given in wanted.variables.iter().take(20) {
        match given {
            Given::File(path) => {
                target.evidence.push(raising(Kind::Path, "-var-file", path.clone()));
            }
            Given::Variable(text) => {
                if let Some((name, value)) = text.split_once('=')
                    && ENVIRONMENTS.contains(&name.trim())
                {
                    target.evidence.push(raising(Kind::Environment, "-var", value.to_owned()));
                }
            }
            Given::Computed => {}
        }
    }
    let mut hint = |kind, from: &'static str, value: String| {
        target.evidence.push(Evidence::hint(kind, from, value));
    };
    for name in ENVIRONMENTS {
        if let Some(value) = context.text_var(&format!("TF_VAR_{name}")) {
            hint(Kind::Environment, "TF_VAR", value);
        }
    }
    for (name, kind) in CREDENTIALS {
        if let Some(value) = context.text_var(name) {
            hint(*kind, name, value);
        }
    }
    if let Some(dir) = &wanted.chdir {
        hint(Kind::Path, "-chdir", dir.display().to_string());
    }
    if let Some(cwd) = context.cwd() {
        hint(Kind::Path, "directory", cwd.display().to_string());
    }
}
