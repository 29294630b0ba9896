//! Files of other tools that call holdpoint (agents' settings, hook managers,
//! CI) and lose that call, or keep it where it no longer counts. A call is
//! known by its words from `holdpoint` on; where it stands counts by its
//! event, its matcher and what narrows it. Everything else in these files is
//! nobody's business here.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::CstRootNode;
use serde_json::Value;

use super::{Finding, about, line_where, parts, shown};
use crate::audit::redact;
use crate::parse::settings;

const INSTEAD: &str = "Leave holdpoint's entry as it is, or have a person take it out with \
                       `holdpoint hooks uninstall` or `holdpoint git remove`.";

/// Files with these names, wherever they lie.
const NAMES: &[&str] = &[
    ".envrc",
    ".gitlab-ci.yml",
    ".lefthook.json",
    ".lefthook.toml",
    ".lefthook.yaml",
    ".lefthook.yml",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    "azure-pipelines.yaml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "jenkinsfile",
    "lefthook-local.yml",
    "lefthook.json",
    "lefthook.toml",
    "lefthook.yaml",
    "lefthook.yml",
    "package.json",
];

/// Folders whose files count, however deep.
const FOLDERS: &[&str] = &[
    ".amp",
    ".buildkite",
    ".circleci",
    ".claude",
    ".cline",
    ".clinerules",
    ".codex",
    ".cursor",
    ".factory",
    ".forgejo",
    ".gemini",
    ".gitea",
    ".githooks",
    ".github",
    ".husky",
    ".kiro",
    ".opencode",
    ".qwen",
    ".vscode",
    ".windsurf",
];

/// Git's hooks, which lie wherever core.hooksPath says.
const EVENTS: &[&str] = &[
    "applypatch-msg",
    "commit-msg",
    "post-checkout",
    "post-merge",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "reference-transaction",
    "update",
];

/// What makes less of an entry when it stands beside it or above it.
const NARROWS: &[&str] = &[
    "allow_failure",
    "branches",
    "continue-on-error",
    "disabled",
    "enabled",
    "exclude",
    "fail_text",
    "file_types",
    "files",
    "glob",
    "if",
    "only",
    "skip",
    "when",
];

/// How deep a file's tree is looked into.
const DEEP: usize = 32;

/// The most calls of a file.
const MOST: usize = 200;

/// A call of holdpoint in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// Its words, from `holdpoint` on.
    call: String,
    /// The event that it answers to; empty where there is none.
    event: String,
    /// What it is limited to, one word each.
    matchers: Vec<String>,
    /// What narrows it.
    narrowed: Vec<String>,
}

/// Whether a path may hold a call of holdpoint.
pub(super) fn concerns(path: &str) -> bool {
    let parts = parts(path);
    let Some((name, folders)) = parts.split_last() else { return false };
    let named = NAMES.contains(&name.as_str()) || EVENTS.contains(&name.as_str());
    named || folders.iter().any(|it| FOLDERS.contains(&it.as_str()))
}

/// What a change takes away of holdpoint's entries.
pub(super) fn hooks(path: &str, before: Option<&str>, after: Option<&str>) -> Vec<Finding> {
    let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
    let finding = about(path, INSTEAD);
    let mut found = Vec::new();
    if !is_off(before) && is_off(after) {
        let line = line_where(after, 1, |line| line.contains("disableAllHooks"));
        let says = "Every hook of the agent is switched off, holdpoint's among them.".to_owned();
        found.push(finding("hooks/switched-off", line, false, says));
    }
    if !before.contains("holdpoint") {
        return found;
    }
    let old = entries(path, before);
    let new = entries(path, after);
    for entry in old {
        if new.iter().any(|other| other.covers(&entry)) {
            continue;
        }
        let at = |text: &str| {
            let exact = text
                .lines()
                .position(|line| call(line).is_some_and(|call| call.starts_with(&entry.call)));
            let any = || text.lines().position(|line| line.contains("holdpoint"));
            exact.or_else(any).map_or(1, |at| at + 1)
        };
        let changed = new.iter().any(|other| other.call == entry.call);
        let rule =
            if entry.call.starts_with("holdpoint ci") { "ci/removed" } else { "hooks/removed" };
        let called = shown(&redact::text(&entry.call));
        let says = match changed {
            true => format!("`{called}` is called for less than before."),
            false => format!("`{called}` is no longer called."),
        };
        found.push(finding(rule, at(if changed { after } else { before }), !changed, says));
    }
    found
}

impl Entry {
    /// Whether this one does all that `other` did.
    fn covers(&self, other: &Entry) -> bool {
        let wide = |words: &[String]| {
            words.is_empty() || words.iter().any(|it| it.is_empty() || it == "*" || it == ".*")
        };
        let matched = wide(&self.matchers)
            || (!wide(&other.matchers)
                && other.matchers.iter().all(|it| self.matchers.contains(it)));
        self.call == other.call
            && self.event == other.event
            && matched
            && self.narrowed.iter().all(|it| other.narrowed.contains(it))
    }
}

/// Whether a file of settings switches all hooks off.
fn is_off(text: &str) -> bool {
    text.contains("disableAllHooks")
        && json(text).is_some_and(|tree| tree.get("disableAllHooks") == Some(&Value::Bool(true)))
}

fn json(text: &str) -> Option<Value> {
    CstRootNode::parse(text, &ParseOptions::default()).ok()?.to_serde_value()
}

/// The calls in a file: by its tree where it has one, else by its lines.
fn entries(path: &str, text: &str) -> Vec<Entry> {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let tree = match ending {
        "json" | "jsonc" => json(text),
        "yml" | "yaml" => settings::yaml(text.as_bytes()).ok(),
        "toml" => toml::from_str(text).ok(),
        _ => None,
    };
    let mut found = Vec::new();
    match tree {
        Some(tree) => walk(&tree, &mut Vec::new(), &mut found),
        None => {
            let calls = text.lines().filter_map(call);
            found.extend(calls.map(|call| Entry {
                call,
                event: String::new(),
                matchers: Vec::new(),
                narrowed: Vec::new(),
            }));
        }
    }
    found.truncate(MOST);
    found
}

/// A step from the root of a tree: its key, and the table it leads out of.
type Step<'a> = (&'a str, &'a Value);

fn walk<'a>(tree: &'a Value, above: &mut Vec<Step<'a>>, found: &mut Vec<Entry>) {
    if above.len() > DEEP || found.len() > MOST {
        return;
    }
    match tree {
        Value::String(text) => {
            let calls = text.lines().filter_map(call);
            found.extend(calls.map(|call| entry(call, above)));
        }
        Value::Array(items) => items.iter().for_each(|item| {
            above.push(("", tree));
            walk(item, above, found);
            above.pop();
        }),
        Value::Object(table) => {
            for (key, value) in table {
                above.push((key, tree));
                walk(value, above, found);
                above.pop();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn entry(call: String, above: &[Step<'_>]) -> Entry {
    let keys: Vec<&str> = above.iter().map(|(key, _)| *key).filter(|key| !key.is_empty()).collect();
    let event = match keys.as_slice() {
        ["hooks", event, ..] => *event,
        // Of lefthook; elsewhere, what a job is called does not matter.
        [event, "commands" | "jobs" | "scripts", ..] => *event,
        _ => "",
    };
    let mut matchers = Vec::new();
    let mut narrowed = Vec::new();
    for (_, table) in above {
        let Some(table) = table.as_object() else { continue };
        if let Some(Value::String(words)) = table.get("matcher") {
            matchers.extend(words.split('|').map(|word| word.trim().to_owned()));
        }
        // The stages of pre-commit: fewer of them is less, as with matchers.
        for stage in table.get("stages").and_then(Value::as_array).into_iter().flatten() {
            matchers.extend(stage.as_str().map(str::to_owned));
        }
        let narrow = |name: &&str| Some(format!("{name}={}", table.get(*name)?));
        narrowed.extend(NARROWS.iter().filter_map(narrow).filter(|it| !is_usual(it)));
    }
    Entry { call, event: event.to_owned(), matchers, narrowed }
}

/// What narrows nothing.
fn is_usual(narrow: &str) -> bool {
    const USUAL: &[&str] = &[
        "allow_failure=false",
        "continue-on-error=false",
        "disabled=false",
        "enabled=true",
        "if=\"always()\"",
        "if=true",
        "skip=false",
        "skip=[]",
        "when=\"always\"",
    ];
    USUAL.contains(&narrow)
}

/// The call in a line, from `holdpoint` to its end; none in a comment.
fn call(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with('#') || line.starts_with("//") {
        return None;
    }
    let at = line.find("holdpoint")?;
    let call = line.get(at..)?;
    // The path in front, and the quotes around a path, are spelling.
    let call = call.replace(['\'', '"'], "");
    let mut words = call.split_whitespace();
    // Another version of it is still it: `holdpoint@1.2`, `holdpoint:latest`.
    let program = words.next()?.split(['@', ':']).next()?;
    Some(std::iter::once(program).chain(words).collect::<Vec<_>>().join(" "))
}
