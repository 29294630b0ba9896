//! make: the recipes of the targets that a call names, with those that they
//! need first, as shell lines. Variables are put in as far as they are plain
//! text; make itself is never run.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::line::shell_action;
use super::mention;
use super::packages::line;
use crate::actions::{Call, Reading};
use crate::invocation::{HOLE, Input};
use crate::parse::argv;

/// The longest Makefile that is read, in bytes.
const MAX_FILE: usize = 512 * 1024;

/// The most recipe lines that are followed.
const MAX_LINES: usize = 500;

/// The most files that a Makefile may take in.
const MAX_FILES: usize = 16;

/// Names of standard input.
const STDIN: &[&str] = &["-", "/dev/stdin", "/dev/fd/0"];

/// A target's rule.
#[derive(Clone, Debug, Default)]
struct Rule {
    needs: Vec<String>,
    recipe: Vec<String>,
}

/// What a Makefile says.
#[derive(Default)]
struct Makefile {
    variables: BTreeMap<String, String>,
    exported: Vec<String>,
    exports_all: bool,
    rules: BTreeMap<String, Rule>,
    first: Option<String>,
    files: usize,
}

/// Reads a call.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let mut reading = Reading::default();
    if ["--just-print", "--question", "--touch", "--help", "--version"]
        .iter()
        .any(|o| parsed.has(o))
    {
        return reading;
    }
    let mut folder = call.context.cwd().unwrap_or_default();
    for given in parsed.all("--directory") {
        folder.extend(given.value.map(|value| value.text));
    }
    let mut makefile = Makefile::default();
    let named: Vec<PathBuf> =
        parsed.all("--makefile").filter_map(|given| Some(folder.join(given.value?.text))).collect();
    let standard = ["GNUmakefile", "makefile", "Makefile"].map(|name| folder.join(name));
    let mut found = false;
    for path in &named {
        found |= match STDIN.iter().any(|name| folder.join(name) == *path) {
            false => makefile.load(call, path),
            true => match call.context.stdin(MAX_FILE) {
                Input::Text(text) => {
                    makefile.take(call, &String::from_utf8_lossy(&text), &folder);
                    true
                }
                Input::Terminal => false,
                Input::Opaque(why) => {
                    reading.actions.push(shell_action("make", &format!("it runs {why}")));
                    false
                }
            },
        };
    }
    if named.is_empty() {
        found = standard.iter().any(|path| makefile.load(call, path));
    }
    if !found {
        return reading;
    }
    let mut surroundings = call.context.invocation.clone();
    let mut targets = Vec::new();
    for word in &parsed.positionals {
        let text = word.text.to_string_lossy().into_owned();
        match text.split_once('=') {
            Some((name, value)) => {
                let value = if word.dynamic { HOLE } else { value };
                let name = name.trim_end_matches([':', '?', '+']);
                makefile.variables.insert(name.to_owned(), value.to_owned());
                makefile.exported.push(name.to_owned());
            }
            None if word.dynamic => targets.extend(makefile.rules.keys().cloned()),
            None => targets.push(text),
        }
    }
    if targets.is_empty() {
        targets.extend(makefile.first.clone());
    }
    for (name, value) in &makefile.variables {
        if makefile.exports_all || makefile.exported.contains(name) {
            let value = makefile.expanded(call, value, 0);
            let value =
                if value.contains(HOLE) { crate::invocation::COMPUTED.to_owned() } else { value };
            surroundings.env.push((OsString::from(name), Some(OsString::from(value))));
        }
    }
    let mut seen: Vec<String> = Vec::new();
    // What a target needs is made before it.
    let mut steps: Vec<(String, bool)> = targets.into_iter().rev().map(|it| (it, false)).collect();
    reading.in_turn = true;
    while let Some((target, ready)) = steps.pop() {
        let Some(rule) = makefile.rules.get(&target) else { continue };
        if !ready {
            if !seen.contains(&target) && seen.len() <= MAX_LINES {
                seen.push(target.clone());
                steps.push((target, true));
                steps.extend(rule.needs.iter().rev().map(|need| (need.clone(), false)));
            }
            continue;
        }
        for text in &rule.recipe {
            if reading.inner.len() >= MAX_LINES {
                break;
            }
            let text = makefile.expanded(call, &text.replace("$@", &target), 0);
            let text = text.trim_start_matches(['@', '+', ' ', '\t']);
            // What fails behind a minus sign stops nothing.
            reading.in_turn &= !text.starts_with('-');
            let text = text.trim_start_matches(['@', '-', '+', ' ', '\t']);
            // What make computes matters where a guarded tool is near it.
            let plain = text.replace(HOLE, " ");
            if text.contains(HOLE) && !mention::could_run(&plain, call.context.world) {
                continue;
            }
            reading.inner.push(line(&surroundings, text.as_bytes().to_vec(), Some(&folder)));
        }
    }
    reading
}

impl Makefile {
    /// Takes a file in; whether it is there.
    fn load(&mut self, call: &Call<'_>, path: &std::path::Path) -> bool {
        self.files += 1;
        if self.files > MAX_FILES {
            return false;
        }
        let Ok(bytes) = call.context.read(path, MAX_FILE) else { return false };
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        self.take(call, &String::from_utf8_lossy(&bytes), &folder);
        true
    }

    /// Takes a text in; what it includes is looked for from the folder on.
    fn take(&mut self, call: &Call<'_>, text: &str, folder: &Path) {
        let text = text.replace("\\\r\n", " ").replace("\\\n", " ");
        let mut current: Vec<String> = Vec::new();
        for raw in text.lines() {
            if let Some(recipe) = raw.strip_prefix('\t') {
                self.recipe(&current, recipe);
                continue;
            }
            let body = raw.split(" #").next().unwrap_or_default().trim();
            if body.is_empty() || body.starts_with('#') {
                continue;
            }
            let include = ["include ", "-include ", "sinclude "]
                .iter()
                .find_map(|word| body.strip_prefix(word));
            if let Some(names) = include {
                for name in self.expanded(call, names, 0).split_whitespace() {
                    self.load(call, &folder.join(name));
                }
                continue;
            }
            let (body, export) = match body.strip_prefix("export") {
                Some("") => {
                    self.exports_all = true;
                    continue;
                }
                Some(rest) if rest.starts_with(' ') => (rest.trim(), true),
                _ => (body.strip_prefix("override ").unwrap_or(body), false),
            };
            if self.assignment(call, body, export) || export {
                continue;
            }
            if let Some((targets, rest)) = body.split_once(':') {
                let (needs, recipe) =
                    rest.trim_start_matches(':').split_once(';').unwrap_or((rest, ""));
                let needs = self.expanded(call, needs, 0);
                current =
                    self.expanded(call, targets, 0).split_whitespace().map(str::to_owned).collect();
                for target in &current {
                    let rule = self.rules.entry(target.clone()).or_default();
                    rule.needs
                        .extend(needs.split_whitespace().filter(|n| *n != "|").map(str::to_owned));
                    if !target.starts_with('.') {
                        self.first.get_or_insert_with(|| target.clone());
                    }
                }
                if !recipe.is_empty() {
                    self.recipe(&current.clone(), recipe);
                }
            }
        }
    }

    fn recipe(&mut self, targets: &[String], text: &str) {
        for target in targets {
            if let Some(rule) = self.rules.get_mut(target) {
                rule.recipe.push(text.to_owned());
            }
        }
    }

    /// `NAME = value` and its kin; whether it was one.
    fn assignment(&mut self, call: &Call<'_>, body: &str, export: bool) -> bool {
        let Some((name, value)) = body.split_once('=') else {
            if export {
                self.exported.extend(body.split_whitespace().map(str::to_owned));
            }
            return false;
        };
        let kind = name.chars().next_back();
        let name = name.trim_end_matches([':', '?', '+', '!']).trim();
        if name.is_empty() || name.contains([' ', ':', '\t']) {
            return false;
        }
        let set = self.variables.contains_key(name) || call.context.var(name).is_some();
        if kind == Some('?') && set {
            return true;
        }
        // A shell's output is computed; an `=` inside an `if` counts as taken.
        let value = if kind == Some('!') { HOLE } else { value.trim() };
        let value = match (kind, self.variables.get(name)) {
            (Some('+'), Some(old)) => format!("{old} {value}"),
            _ => value.to_owned(),
        };
        self.variables.insert(name.to_owned(), value);
        if export {
            self.exported.push(name.to_owned());
        }
        true
    }

    /// A text with make's variables put in; functions leave holes.
    fn expanded(&self, call: &Call<'_>, text: &str, depth: usize) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let close = match after.chars().next() {
                Some('(') => ')',
                Some('{') => '}',
                Some('$') => {
                    out.push('$');
                    rest = after.get(1..).unwrap_or_default();
                    continue;
                }
                _ => {
                    out.push_str(HOLE);
                    let length = after.chars().next().map_or(0, char::len_utf8);
                    rest = after.get(length..).unwrap_or_default();
                    continue;
                }
            };
            let inside = after.get(1..).unwrap_or_default();
            let (name, behind) = inside.split_once(close).unwrap_or((inside, ""));
            if name.contains([' ', '$', ':', ',']) || depth >= 8 || out.len() > MAX_FILE {
                out.push_str(HOLE);
            } else if let Some(value) = self.variables.get(name) {
                out.push_str(&self.expanded(call, value, depth + 1));
            } else {
                out.push_str(&call.context.text_var(name).unwrap_or_default());
            }
            rest = behind;
        }
        out.push_str(rest);
        out
    }
}
