//! just: the recipes that a call names, with those that they need, as shell
//! lines. Variables and parameters are put in as far as they are plain text;
//! just itself is never run.

mod values;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::packages::line;
use super::{launcher, mention};
use crate::actions::{Call, Reading};
use crate::invocation::{COMPUTED, HOLE, Invocation};
use crate::parse::argv;
use crate::parse::justfile::{self, Expr, Fragment, Justfile, MAX_FILE, Recipe};
use crate::world::ReadError;

/// The most commands that one call comes to.
const MAX_LINES: usize = 500;

/// The most recipes that are followed, and how deep they may need one another.
const MAX_RECIPES: usize = 200;

/// The most files that one justfile takes in.
const MAX_FILES: usize = 16;

/// Options with which no recipe runs.
const RUNS_NOTHING: &[&str] = &[
    "--dry-run",
    "--list",
    "--summary",
    "--show",
    "--dump",
    "--evaluate",
    "--fmt",
    "--init",
    "--edit",
    "--completions",
    "--changelog",
    "--groups",
    "--usage",
    "--variables",
    "--version",
    "--help",
    "--man",
    "--request",
];

/// A value by its name, for the recipe at hand.
type Values = BTreeMap<String, String>;

/// Reads a call.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let mut reading = Reading { in_turn: true, ..Reading::default() };
    if RUNS_NOTHING.iter().any(|option| parsed.has(option)) {
        return reading;
    }
    let cwd = call.context.cwd().unwrap_or_default();
    let path = match parsed.value("--justfile") {
        Some(value) if value.dynamic => return reading,
        Some(value) => Some(cwd.join(value.text)),
        None => find(call, &cwd),
    };
    let Some(path) = path else { return reading };
    let folder = path.parent().map(PathBuf::from).unwrap_or_default();
    let mut just = Just::load(call, &path, &mut 0);
    just.folder = match parsed.value("--working-directory") {
        Some(value) => cwd.join(value.text),
        None => folder,
    };
    if let Some(given) = parsed.last("--command") {
        // `just --command CMD ARGS`: the words with the file's variables.
        let first = parsed.positionals.iter().find(|word| word.index > given.index);
        let inner = first.map(|word| call.context.invocation.tail(word.index));
        reading.inner.extend(inner.map(|inner| just.surroundings(inner)));
        return reading;
    }
    for given in parsed.all("--set") {
        if let (Some(name), Some(value)) = (given.value, given.more.first()) {
            let text = if value.dynamic { HOLE.into() } else { value.text.to_string_lossy() };
            just.given.insert(name.text.to_string_lossy().into_owned(), text.into_owned());
        }
    }
    let mut words: Vec<String> = Vec::new();
    for word in &parsed.positionals {
        let text = word.text.to_string_lossy().into_owned();
        match text.split_once('=').filter(|_| words.is_empty()) {
            Some((name, value)) => {
                let value = if word.dynamic { HOLE } else { value };
                just.given.insert(name.to_owned(), value.to_owned());
            }
            None if word.dynamic => words.push(HOLE.to_owned()),
            None => words.push(text),
        }
    }
    just.call(&words, &mut reading);
    reading
}

/// The justfile of a folder or of one above it.
fn find(call: &Call<'_>, from: &Path) -> Option<PathBuf> {
    from.ancestors().take(32).find_map(|folder| {
        ["justfile", ".justfile", "Justfile", "JUSTFILE"]
            .map(|name| folder.join(name))
            .into_iter()
            .find(|path| call.context.read(path, MAX_FILE) != Err(ReadError::Missing))
    })
}

/// A justfile with what it imports.
struct Just<'a> {
    call: &'a Call<'a>,
    file: Justfile,
    modules: Vec<(String, Just<'a>)>,
    /// Where its recipes run.
    folder: PathBuf,
    /// Variables that the call sets.
    given: Values,
}

impl<'a> Just<'a> {
    fn load(call: &'a Call<'a>, path: &Path, files: &mut usize) -> Just<'a> {
        *files += 1;
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        let bytes = call.context.read(path, MAX_FILE).unwrap_or_default();
        let mut file = justfile::parse(&String::from_utf8_lossy(&bytes));
        let mut modules = Vec::new();
        for import in std::mem::take(&mut file.imports) {
            if *files >= MAX_FILES {
                break;
            }
            let other = Just::load(call, &folder.join(import), files);
            file.recipes.extend(other.file.recipes);
            file.variables.extend(other.file.variables);
            file.aliases.extend(other.file.aliases);
            file.settings.extend(other.file.settings);
            modules.extend(other.modules);
        }
        for (name, path) in std::mem::take(&mut file.modules) {
            if *files >= MAX_FILES {
                break;
            }
            let places = match path {
                Some(path) => vec![folder.join(&path), folder.join(&path).join("mod.just")],
                None => ["NAME.just", "NAME/mod.just", "NAME/justfile", "NAME/.justfile"]
                    .map(|place| folder.join(place.replace("NAME", &name)))
                    .into(),
            };
            let is_file = |place: &&PathBuf| call.context.read(place, MAX_FILE).is_ok();
            if let Some(place) = places.iter().find(is_file) {
                modules.push((name, Just::load(call, place, files)));
            }
        }
        Just { call, file, modules, folder, given: Values::new() }
    }

    /// Runs the recipes that words name, with their arguments.
    fn call(&self, words: &[String], reading: &mut Reading) {
        let mut seen = Vec::new();
        let mut rest = words;
        if rest.is_empty() {
            let chosen = self
                .file
                .recipes
                .iter()
                .find(|recipe| recipe.attributes.iter().any(|a| a == "default"));
            if let Some(first) = chosen.or(self.file.recipes.first()) {
                self.run(&first.name, &[], &mut seen, reading);
            }
            return;
        }
        while let Some((name, after)) = rest.split_first() {
            if name == HOLE {
                // Any recipe may be the one.
                for recipe in &self.file.recipes {
                    self.run(&recipe.name, &[], &mut seen, reading);
                }
                return;
            }
            let mut path = name.clone();
            let mut arguments = after;
            let mut at = self;
            // `just module recipe` is `just module::recipe`.
            while let Some((_, module)) =
                at.modules.iter().find(|(own, _)| path.rsplit("::").next() == Some(own))
            {
                let Some((next, after)) = arguments.split_first() else { break };
                path = format!("{path}::{next}");
                arguments = after;
                at = module;
            }
            let count =
                at.found(path.rsplit("::").next().unwrap_or(&path)).first().map_or(0, |recipe| {
                    match recipe.parameters.iter().any(|parameter| parameter.rest) {
                        true => arguments.len(),
                        false => recipe.parameters.len().min(arguments.len()),
                    }
                });
            let (own, after) = arguments.split_at_checked(count).unwrap_or((arguments, &[]));
            self.run(&path, own, &mut seen, reading);
            rest = after;
        }
    }

    /// The recipes of a name, by itself or an alias: several where attributes
    /// choose one by the system.
    fn found(&self, name: &str) -> Vec<&Recipe> {
        let name =
            self.file.aliases.iter().find(|(alias, _)| alias == name).map_or(name, |(_, to)| to);
        self.file.recipes.iter().filter(|recipe| recipe.name == name).collect()
    }

    fn run(&self, path: &str, words: &[String], seen: &mut Vec<String>, reading: &mut Reading) {
        if let Some((module, rest)) = path.split_once("::") {
            if let Some((_, module)) = self.modules.iter().find(|(name, _)| name == module) {
                module.run(rest, words, seen, reading);
            }
            return;
        }
        let key = format!("{}\0{path}\0{}", self.folder.display(), words.join("\0"));
        if seen.contains(&key) || seen.len() >= MAX_RECIPES {
            return;
        }
        seen.push(key);
        for recipe in self.found(path) {
            let mut values = Values::new();
            let mut exported: Vec<String> = Vec::new();
            let mut rest = words;
            for parameter in &recipe.parameters {
                let value = if parameter.rest && !rest.is_empty() {
                    let all = rest.join(" ");
                    rest = &[];
                    all
                } else if let Some((word, after)) = rest.split_first() {
                    rest = after;
                    word.clone()
                } else if let Some(default) = &parameter.default {
                    self.value(default, &values, 0)
                } else if parameter.rest {
                    String::new()
                } else {
                    HOLE.to_owned()
                };
                if parameter.exported || self.is_set("export") {
                    exported.push(parameter.name.clone());
                }
                values.insert(parameter.name.clone(), value);
            }
            for need in &recipe.needs {
                let words: Vec<String> =
                    need.words.iter().map(|word| self.value(word, &values, 0)).collect();
                self.run(&need.name, &words, seen, reading);
            }
            self.lines(recipe, &values, &exported, words, reading);
        }
    }

    /// The commands of a recipe's own lines.
    fn lines(
        &self,
        recipe: &Recipe,
        values: &Values,
        exported: &[String],
        words: &[String],
        reading: &mut Reading,
    ) {
        let text = |fragments: &[Fragment]| -> String {
            let parts = fragments.iter().map(|fragment| match fragment {
                Fragment::Text(text) => text.clone(),
                Fragment::Value(value) => self.value(value, values, 0),
            });
            parts.collect()
        };
        let mut surroundings = self.surroundings(self.call.context.invocation.clone());
        for name in exported {
            let value = values.get(name).map(|value| set(value));
            surroundings.env.push((name.into(), value));
        }
        let attribute = |name: &str| {
            recipe.attributes.iter().find(|text| text.starts_with(name)).map(String::as_str)
        };
        let lines: Vec<String> = recipe.lines.iter().map(|line| text(line)).collect();
        let script = attribute("script").map(|text| text.trim_start_matches("script"));
        let interpreter = lines.first().and_then(|line| line.strip_prefix("#!")).or(script);
        if let Some(interpreter) = interpreter {
            let shells = ["sh", "bash", "zsh", "dash", "ksh"];
            let named = interpreter
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| shells.contains(&word));
            if named || script.is_some_and(|text| text.trim().is_empty()) {
                self.push(&surroundings, &lines.join("\n"), words, reading);
            }
            return;
        }
        let mut whole = String::new();
        for line in lines {
            match line.strip_suffix('\\') {
                Some(part) => whole.push_str(part),
                None => {
                    whole.push_str(&line);
                    reading.in_turn &= !whole.trim_start_matches(['@', ' ', '\t']).starts_with('-');
                    let line = whole.trim_start_matches(['@', '-', '?', ' ', '\t']).to_owned();
                    whole.clear();
                    self.push(&surroundings, &line, words, reading);
                }
            }
        }
    }

    fn push(&self, surroundings: &Invocation, text: &str, words: &[String], reading: &mut Reading) {
        if text.trim().is_empty() || reading.inner.len() >= MAX_LINES {
            return;
        }
        // What just computes matters where a guarded tool is near it.
        if text.contains(HOLE)
            && !mention::could_run(&text.replace(HOLE, " "), self.call.context.world)
        {
            return;
        }
        let mut inner = line(surroundings, text.as_bytes().to_vec(), Some(&self.folder));
        let shell = self.file.settings.iter().find(|(name, _)| name == "shell");
        if let Some((_, parts)) = shell {
            let parts: Vec<String> =
                parts.iter().map(|part| self.value(part, &Values::new(), 0)).collect();
            let own: Vec<OsString> = parts.iter().map(OsString::from).collect();
            let at = own.len();
            if at > 0 && !parts.iter().any(|part| part.contains(HOLE)) {
                inner.argv.splice(0..2, own);
                inner.dynamic.iter_mut().for_each(|index| *index = at);
                inner.templates.iter_mut().for_each(|(index, _)| *index = at);
            }
        }
        if self.is_set("positional-arguments") {
            inner.argv.push("just".into());
            for word in words {
                if word.contains(HOLE) {
                    inner.dynamic.push(inner.argv.len());
                    inner.templates.push((inner.argv.len(), word.into()));
                }
                inner.argv.push(word.into());
            }
        }
        reading.inner.push(inner);
    }

    /// The call's surroundings with what the justfile sets.
    fn surroundings(&self, mut inner: Invocation) -> Invocation {
        if self.is_set("dotenv-load")
            || self.is_set("dotenv-filename")
            || self.is_set("dotenv-path")
        {
            let named = self
                .file
                .settings
                .iter()
                .find(|(name, _)| name == "dotenv-filename" || name == "dotenv-path");
            let name = named
                .and_then(|(_, values)| values.first())
                .map_or_else(|| ".env".to_owned(), |value| self.value(value, &Values::new(), 0));
            launcher::load(self.call, &mut inner, self.folder.join(name).as_os_str(), false);
        }
        let all = self.is_set("export");
        for variable in self.file.variables.iter().filter(|variable| all || variable.exported) {
            let value = self.value(&Expr::Name(variable.name.clone()), &Values::new(), 0);
            inner.env.push((OsString::from(&variable.name), Some(set(&value))));
        }
        inner.cwd = Some(self.folder.clone());
        inner
    }

    fn is_set(&self, name: &str) -> bool {
        let off = Expr::Name("false".to_owned());
        self.file.settings.iter().any(|(own, values)| own == name && values.first() != Some(&off))
    }
}

/// A variable's value for a command.
fn set(value: &str) -> OsString {
    if value.contains(HOLE) { COMPUTED.into() } else { value.into() }
}
