//! nx: the commands of the targets that a call runs, and of those that they
//! depend on, as shell lines. Reads the workspace's own files; what its
//! plug-ins infer is not known here.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::monorepo::{Package, base, depend, rest, root, script, split, text};
use super::tasks::json;
use super::{append, line};
use crate::actions::{Call, Reading};
use crate::invocation::{Context, Invocation};
use crate::parse::argv::Parsed;
use crate::text::glob;
use crate::unwrap::workspaces;

/// The most folders that are looked into for a project of nx's.
const MAX_PROJECTS: usize = 200;

/// Commands of nx's that run no target (nx 24, by its --help).
const NX: &[&str] = &[
    "add",
    "connect",
    "configure-ai-agents",
    "daemon",
    "dep-graph",
    "fix-ci",
    "format",
    "g",
    "generate",
    "graph",
    "import",
    "init",
    "list",
    "login",
    "logout",
    "mcp",
    "migrate",
    "new",
    "polygraph",
    "print-affected",
    "record",
    "register",
    "release",
    "repair",
    "report",
    "reset",
    "show",
    "start-ci-run",
    "sync",
    "view-logs",
    "watch",
];

/// Reads a call.
pub(super) fn read(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let context = call.context;
    let (words, from) = split(call, parsed);
    let mut words: Vec<&str> = words.iter().filter_map(|word| text(word)).collect();
    let verb = words.first().copied().unwrap_or_default();
    if verb == "exec" {
        return Reading { inner: rest(context.invocation, from), ..Reading::default() };
    }
    if NX.contains(&verb) || verb.starts_with("format:") || parsed.has("--graph") {
        return Reading::default();
    }
    let given = |names: &[&str]| -> Vec<String> {
        let values = names.iter().flat_map(|name| parsed.all(name)).filter_map(|it| it.value);
        let values = values.filter_map(|value| value.text.to_str());
        values.flat_map(|value| value.split(',')).map(str::to_owned).collect()
    };
    let mut targets = given(&["--target"]);
    let mut projects = given(&["--projects"]);
    match verb {
        "run-many" | "affected" | "run" => {
            words.remove(0);
        }
        _ => {}
    }
    match verb {
        // `-t build test`: a list may go on in the words behind it.
        "run-many" | "affected" => targets.extend(words.iter().map(|word| (*word).to_owned())),
        // `nx run shop:build:production`, `nx build shop`
        _ => {
            let (first, second) = (words.first().copied(), words.get(1).copied());
            match first.unwrap_or_default().split_once(':') {
                Some((project, rest)) => {
                    projects.push(project.to_owned());
                    targets.push(rest.split(':').next().unwrap_or(rest).to_owned());
                }
                None => {
                    targets.extend(first.map(str::to_owned));
                    projects.extend(second.map(str::to_owned));
                }
            }
        }
    }
    let Some((root, package)) = root(context, &base(call, parsed), "nx.json") else {
        return Reading::default();
    };
    let defaults = json(context, &root.join("nx.json")).unwrap_or_default();
    let mut arguments = Vec::new();
    append(&mut arguments, context.invocation, from);
    let mut reading = Reading::default();
    let all = nx_projects(context, &root, &package);
    let asked = targets.len();
    let mut at = 0;
    while let Some(name) = targets.get(at).cloned() {
        let words = if at < asked { arguments.as_slice() } else { &[] };
        let default = defaults.get("targetDefaults").and_then(|all| all.get(&name));
        for project in &all {
            let meant = at >= asked
                || projects.is_empty()
                || projects.iter().any(|wanted| project.is_called(wanted));
            if !meant {
                continue;
            }
            reading.inner.extend(project.lines(context.invocation, &root, &name, words));
            let own = project.target(&name).and_then(|target| target.get("dependsOn"));
            depend(&mut targets, own.or_else(|| default?.get("dependsOn")));
        }
        at += 1;
    }
    reading
}

/// A project of nx's.
struct Project {
    folder: PathBuf,
    package: Value,
    own: Value,
}

impl Project {
    fn is_called(&self, wanted: &str) -> bool {
        let names = [self.own.get("name"), self.package.get("name")];
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        let folder = self.folder.file_name().and_then(OsStr::to_str);
        names.chain(folder).any(|name| {
            let short = name.rsplit('/').next().unwrap_or(name);
            glob(wanted, name) || glob(wanted, short)
        }) || wanted.starts_with("tag:")
            || wanted.contains('/') && self.folder.ends_with(wanted.trim_end_matches("/*"))
    }

    fn target(&self, name: &str) -> Option<&Value> {
        let own = self.own.get("targets").and_then(|targets| targets.get(name));
        own.or_else(|| self.package.get("nx")?.get("targets")?.get(name))
    }

    /// The lines of a target: commands of its own, else a script.
    fn lines(
        &self,
        invocation: &Invocation,
        root: &Path,
        name: &str,
        words: &[u8],
    ) -> Vec<Invocation> {
        let package = (self.folder.clone(), self.package.clone());
        let Some(target) = self.target(name) else {
            return script(invocation, &package, name, words);
        };
        let mut lines = Vec::new();
        let variants = target.get("configurations").and_then(Value::as_object);
        let variants = variants.into_iter().flat_map(|all| all.values());
        for options in target.get("options").into_iter().chain(variants).chain([target]) {
            let folder = options.get("cwd").and_then(Value::as_str);
            let folder = folder.map_or_else(|| root.to_owned(), |cwd| root.join(cwd));
            let several = options.get("commands").and_then(Value::as_array);
            let texts = options.get("command").into_iter().chain(several.into_iter().flatten());
            for text in texts.filter_map(|it| it.get("command").unwrap_or(it).as_str()) {
                let text = text.replace("{projectRoot}", &self.folder.to_string_lossy());
                let text = [text.as_bytes(), words].concat();
                lines.push(line(invocation, text, Some(&folder)));
            }
            if let Some(name) = options.get("script").and_then(Value::as_str) {
                lines.extend(script(invocation, &package, name, words));
            }
        }
        lines
    }
}

/// Every project: the workspace's packages, and folders with a project.json
/// where nx's own layouts put them.
fn nx_projects(context: Context<'_>, root: &Path, package: &Value) -> Vec<Project> {
    let mut folders: Vec<Package> = workspaces::find(context, root, package, &[]);
    for below in ["apps", "libs", "packages"] {
        let names = context.world.list(&root.join(below)).into_iter().take(MAX_PROJECTS);
        for folder in names.map(|name| root.join(below).join(name)) {
            let known = folders.iter().any(|(known, _)| *known == folder);
            if !known && context.world.exists(&folder.join("project.json")) {
                folders.push((folder, Value::Null));
            }
        }
    }
    let project = |(folder, package): Package| {
        let own = json(context, &folder.join("project.json")).unwrap_or_default();
        Project { folder, package, own }
    };
    folders.into_iter().take(MAX_PROJECTS).map(project).collect()
}
