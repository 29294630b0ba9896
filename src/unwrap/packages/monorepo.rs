//! turbo and lerna, and what nx shares with them: which scripts of which packages a call
//! runs, with those that they depend on, as shell lines. Reads the workspace's
//! own files; works out no cache and no graph, so that a task counts wherever
//! a package has it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::tasks::json;
use super::{append, nearest, nx, package_lines};
use crate::actions::{Call, Reading};
use crate::invocation::{Context, Invocation};
use crate::parse::argv::{self, Parsed, Word};
use crate::unwrap::workspaces;

/// The most lines that one call comes to, and the most tasks that are followed.
const MAX_LINES: usize = 500;
const MAX_TASKS: usize = 50;

/// A package's folder and its package.json.
pub(super) type Package = (PathBuf, Value);

/// Commands of turbo's that run no task (turbo 2, by its --help).
const TURBO: &[&str] = &[
    "bin",
    "completion",
    "config",
    "daemon",
    "devtools",
    "docs",
    "g",
    "gen",
    "generate",
    "get-mfe-port",
    "hook",
    "info",
    "link",
    "login",
    "logout",
    "ls",
    "prune",
    "query",
    "scan",
    "setup",
    "telemetry",
    "unlink",
];

/// Reads a call.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let mut reading = match call.tool.name {
        "turbo" => turbo(call, &parsed),
        "nx" => nx::read(call, &parsed),
        _ => lerna(call, &parsed),
    };
    reading.inner.truncate(MAX_LINES);
    reading
}

pub(super) fn base(call: &Call<'_>, parsed: &Parsed<'_>) -> PathBuf {
    let own = call.context.cwd().unwrap_or_default();
    parsed.value("--cwd").map_or_else(|| own.clone(), |dir| own.join(dir.text))
}

/// The words in front of `--`, and where the words behind it begin.
pub(super) fn split<'a>(call: &Call<'_>, parsed: &'a Parsed<'a>) -> (Vec<&'a Word<'a>>, usize) {
    let end = parsed.before_dashes.unwrap_or(parsed.positionals.len());
    let behind = parsed.positionals.get(end).map(|word| word.index);
    let from = behind.unwrap_or(call.context.invocation.argv.len());
    (parsed.positionals.iter().take(end).collect(), from)
}

pub(super) fn text<'a>(word: &Word<'a>) -> Option<&'a str> {
    word.text.to_str().filter(|_| !word.dynamic)
}

/// The packages of a workspace without its root, which runs its own scripts
/// only by name; the root alone where there are no others.
fn members(context: Context<'_>, root: &Path, package: &Value) -> Vec<Package> {
    let mut found = workspaces::find(context, root, package, &[]);
    if found.len() > 1 {
        found.retain(|(folder, _)| folder != root);
    }
    found
}

/// Those of the packages that `wanted` means; all of them where it is empty.
fn chosen(
    context: Context<'_>,
    (root, package): (&Path, &Value),
    all: &[Package],
    wanted: &[&OsStr],
) -> Vec<Package> {
    if wanted.is_empty() {
        return all.to_vec();
    }
    let mut found = workspaces::find(context, root, package, wanted);
    found.retain(|(folder, _)| all.iter().any(|(known, _)| known == folder));
    found
}

/// A package's script, unless it is the one that starts this tool.
pub(super) fn script(
    invocation: &Invocation,
    (folder, package): &Package,
    name: &str,
    words: &[u8],
) -> Vec<Invocation> {
    let tool = invocation.tool();
    let own = package.get("scripts").and_then(|scripts| scripts.get(name)?.as_str());
    match own {
        Some(text) if !text.split_whitespace().any(|word| word == tool) => {
            package_lines(invocation, folder, package, name, words)
        }
        _ => Vec::new(),
    }
}

fn turbo(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let mut reading = Reading::default();
    let (words, from) = split(call, parsed);
    let mut tasks: Vec<&str> = words.iter().filter_map(|word| text(word)).collect();
    match tasks.first() {
        Some(&("run" | "watch")) => {
            tasks.remove(0);
        }
        Some(verb) if TURBO.contains(verb) => return reading,
        _ => {}
    }
    if ["--dry-run", "--graph"].iter().any(|option| parsed.has(option)) {
        return reading;
    }
    let context = call.context;
    let Some((root, package)) = root(context, &base(call, parsed), "turbo.json") else {
        return reading;
    };
    let config = json(context, &root.join("turbo.json")).unwrap_or_default();
    let known = config.get("tasks").or_else(|| config.get("pipeline"));
    let mut arguments = Vec::new();
    append(&mut arguments, context.invocation, from);
    let filters: Vec<&OsStr> =
        parsed.all("--filter").filter_map(|given| Some(given.value?.text)).collect();
    let all = members(context, &root, &package);
    let chosen = chosen(context, (&root, &package), &all, &filters);
    let asked = tasks.len();
    let mut tasks: Vec<String> = tasks.into_iter().map(str::to_owned).collect();
    let mut at = 0;
    while let Some(task) = tasks.get(at).cloned() {
        let (owner, name) = task.split_once('#').unwrap_or(("", &task));
        let words = if at < asked { arguments.as_slice() } else { &[] };
        if owner == "//" {
            let root = (root.clone(), package.clone());
            reading.inner.extend(script(context.invocation, &root, name, words));
        }
        let own = |(_, package): &&Package| {
            let called = package.get("name").and_then(Value::as_str).unwrap_or_default();
            owner.is_empty() || owner == called
        };
        let from = if at < asked { &chosen } else { &all };
        for package in from.iter().filter(own) {
            reading.inner.extend(script(context.invocation, package, name, words));
            if let Some(needed) = known.filter(|_| !parsed.has("--only")) {
                let called = package.1.get("name").and_then(Value::as_str).unwrap_or_default();
                let entry = needed.get(format!("{called}#{name}")).or_else(|| needed.get(name));
                depend(&mut tasks, entry.and_then(|entry| entry.get("dependsOn")));
            }
        }
        at += 1;
    }
    reading
}

/// Adds the tasks that one depends on, once each.
pub(super) fn depend(tasks: &mut Vec<String>, needed: Option<&Value>) {
    for task in needed.and_then(Value::as_array).into_iter().flatten() {
        let name = task.as_str().or_else(|| task.get("target")?.as_str()).unwrap_or_default();
        let name = name.trim_start_matches('^');
        let variable = name.is_empty() || name.starts_with('$');
        if !variable && tasks.len() < MAX_TASKS && !tasks.iter().any(|known| known == name) {
            tasks.push(name.to_owned());
        }
    }
}

/// The workspace's root: the nearest folder with this file, else the nearest
/// package.
pub(super) fn root(context: Context<'_>, base: &Path, file: &str) -> Option<Package> {
    let marked = base.ancestors().take(32).find(|it| context.world.exists(&it.join(file)));
    let from = marked.unwrap_or(base);
    match nearest(context, from) {
        Some((folder, package)) if folder == from || marked.is_none() => Some((folder, package)),
        _ => marked.map(|folder| (folder.to_owned(), Value::Null)),
    }
}

/// A command behind `--`.
pub(super) fn rest(invocation: &Invocation, from: usize) -> Vec<Invocation> {
    let inner = invocation.tail(from);
    if inner.argv.is_empty() { Vec::new() } else { vec![inner] }
}

fn lerna(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let context = call.context;
    let (words, from) = split(call, parsed);
    let words: Vec<&&Word<'_>> = words.iter().collect();
    let verb = words.first().and_then(|word| text(word));
    let second = words.get(1);
    match (verb, second) {
        (Some("exec"), Some(word)) => {
            Reading { inner: rest(context.invocation, word.index), ..Reading::default() }
        }
        (Some("exec"), None) => {
            Reading { inner: rest(context.invocation, from), ..Reading::default() }
        }
        (Some("run"), Some(word)) => {
            let mut reading = Reading::default();
            let Some((root, mut package)) = root(context, &base(call, parsed), "lerna.json") else {
                return reading;
            };
            let own = json(context, &root.join("lerna.json"));
            if let (Some(list), Some(map)) =
                (own.and_then(|own| own.get("packages").cloned()), package.as_object_mut())
            {
                map.insert("workspaces".to_owned(), list);
            }
            let scopes: Vec<&OsStr> =
                parsed.all("--scope").filter_map(|given| Some(given.value?.text)).collect();
            let mut arguments = Vec::new();
            append(&mut arguments, context.invocation, from);
            let all = members(context, &root, &package);
            for name in text(word).unwrap_or_default().split(',') {
                for package in chosen(context, (&root, &package), &all, &scopes) {
                    reading.inner.extend(script(context.invocation, &package, name, &arguments));
                }
            }
            reading
        }
        _ => Reading::default(),
    }
}

#[cfg(test)]
mod tests {
    use crate::actor::ActorKind;
    use crate::invocation::Invocation;
    use crate::judgement::Verdict;
    use crate::pipeline::{self, Options, Subject};
    use crate::world::fake::FakeWorld;

    const DROP: &str = "psql -h db.prod.acme.com -c 'drop table a'";

    /// What real turbo 2.11.11 and nx 24.0.6 did in such a workspace is what is
    /// expected here.
    fn verdict(line: &str) -> Verdict {
        let scripts = format!(
            r#"{{"name":"a","scripts":{{"prewipe":"{DROP}","wipe":"true","build":"tsc"}}}}"#
        );
        let target = format!(
            r#"{{"name":"shop","targets":{{
                "wipe":{{"executor":"nx:run-commands","options":{{"commands":["ls",{{"command":"{DROP}"}}]}}}},
                "clean":{{"command":"true","dependsOn":["wipe"]}},
                "build":{{"executor":"@nx/js:tsc"}}}}}}"#
        );
        let root = format!(
            r#"{{"workspaces":["pkg/*"],"scripts":{{"build":"turbo run build","dev":"{DROP}"}}}}"#
        );
        let world = FakeWorld::new()
            .with_file("/app/package.json", &root)
            .with_file("/app/pkg/a/package.json", &scripts)
            .with_file("/app/pkg/b/package.json", r#"{"name":"@acme/b","scripts":{"build":"tsc"}}"#)
            .with_file(
                "/app/turbo.json",
                "{ // tasks\n\"tasks\":{\"deploy\":{\"dependsOn\":[\"^wipe\"]},\"a#test\":{\"dependsOn\":[\"wipe\"]}},}",
            )
            .with_file("/app/nx.json", r#"{"targetDefaults":{"e2e":{"dependsOn":["wipe"]}}}"#)
            .with_file("/app/apps/shop/project.json", &target);
        let options = Options { actor: Some(ActorKind::Agent), full: false };
        let subject = Subject::Line(line, &Invocation::default());
        pipeline::judge(subject, &world, options).judgement.verdict
    }

    #[test]
    fn tasks_are_followed_into_the_packages_that_have_them() {
        for line in [
            "turbo run wipe",
            "turbo wipe --filter=a",
            "npx turbo run build wipe --no-cache",
            "turbo run wipe -F './pkg/a'",
            "turbo run a#wipe",
            "turbo watch wipe",
            "cd pkg/b && turbo run wipe",
            "turbo run //#dev",
            "nx wipe a",
            "nx run a:wipe",
            "nx run shop:wipe:production",
            "nx run-many -t build wipe",
            "nx run-many --target=wipe --projects=shop,b",
            "nx affected -t wipe",
            "nx clean shop",
            "lerna run wipe",
            "lerna run wipe --scope a",
        ] {
            assert_eq!(verdict(line), Verdict::Refuse, "{line}");
        }
        for line in [
            "turbo run build",
            "turbo run dev",
            "turbo wipe --filter=@acme/b",
            "turbo run wipe --dry-run=json",
            "turbo run b#wipe",
            "turbo ls wipe",
            "nx build shop",
            "nx wipe b",
            "nx run-many -t build",
            "nx reset",
            "nx show project shop",
            "lerna run build",
            "lerna run wipe --scope b",
        ] {
            assert_eq!(verdict(line), Verdict::Allow, "{line}");
        }
    }
}
