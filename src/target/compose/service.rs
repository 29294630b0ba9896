//! The variables that a compose file gives a service's containers, by
//! compose-spec's merging, interpolation and precedence (from memory of it; not
//! compared with Compose itself: `environment` over `env_file`, a later file over an earlier one, the shell
//! over `.env`). Reads the files, never asks a daemon; what the image itself
//! sets cannot be seen from here.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{MAX_FILE, MAX_FILES, Said, Settings, found, split};
use crate::invocation::{COMPUTED, Context};
use crate::parse::settings;
use crate::target::dotenv::{self, Value as Setting};

/// How deep defaults stand in defaults, and services extend others.
const MAX_DEPTH: usize = 4;

/// The most variables of a service's.
const MAX_VARIABLES: usize = 1000;

/// The longest value that is put together, in bytes.
const MAX_VALUE: usize = 64 * 1024;

/// Names and values; a value that cannot be known is [`COMPUTED`].
type Variables = Vec<(String, String)>;

/// The variables of a service, the last of a name counting.
pub fn variables(call: &Context<'_>, said: &Said, service: &str) -> Variables {
    let Some((folder, files)) = located(call, said) else { return Vec::new() };
    let reader = Reader { call, outside: outside(call, said, &folder), folder: &folder };
    let mut from_files = Variables::new();
    let mut given = Variables::new();
    for file in files.iter().take(MAX_FILES) {
        reader.service(file, service, 0, &mut from_files, &mut given);
    }
    from_files.append(&mut given);
    from_files.truncate(MAX_VARIABLES);
    from_files
}

/// The project's directory and its files.
fn located(call: &Context<'_>, said: &Said) -> Option<(PathBuf, Vec<PathBuf>)> {
    let cwd = call.cwd()?;
    let known = |files: &[Option<String>]| -> Option<Vec<PathBuf>> {
        let file = |file: &'_ Option<String>| file.clone().filter(|file| !file.contains(COMPUTED));
        files.iter().map(|path| Some(cwd.join(file(path)?))).collect()
    };
    let mut files = known(&said.files)?;
    if files.is_empty() {
        files = match call.text_var("COMPOSE_FILE") {
            Some(list) if list == COMPUTED => return None,
            Some(list) => split(call, &list).map(|file| cwd.join(file)).collect(),
            None => Settings::of(call, &cwd).files.unwrap_or_default(),
        };
    }
    let chosen = match &said.directory {
        Some(folder) => Some(cwd.join(folder.as_deref().filter(|it| !it.contains(COMPUTED))?)),
        None => None,
    };
    if files.is_empty() {
        files = found(call, chosen.as_deref().unwrap_or(&cwd));
    }
    let folder = chosen.or_else(|| Some(files.first()?.parent()?.to_owned()))?;
    Some((folder, files))
}

/// What `--env-file`, or else the project's `.env`, says.
fn outside(call: &Context<'_>, said: &Said, folder: &Path) -> Vec<(String, Setting)> {
    let mut paths: Vec<PathBuf> = said
        .env_files
        .iter()
        .flatten()
        .map(|path| call.cwd().unwrap_or_default().join(path))
        .collect();
    if said.env_files.is_empty() {
        paths.push(folder.join(".env"));
    }
    let texts = paths.iter().take(MAX_FILES).filter_map(|path| call.read(path, MAX_FILE).ok());
    texts.flat_map(|text| dotenv::parse(&String::from_utf8_lossy(&text))).collect()
}

struct Reader<'a> {
    call: &'a Context<'a>,
    outside: Vec<(String, Setting)>,
    folder: &'a Path,
}

impl Reader<'_> {
    /// Adds what one file says of a service.
    fn service(
        &self,
        file: &Path,
        name: &str,
        depth: usize,
        from_files: &mut Variables,
        given: &mut Variables,
    ) {
        let Ok(text) = self.call.read(file, MAX_FILE) else { return };
        let Ok(tree) = settings::yaml(&text) else { return };
        let Some(service) = tree.get("services").and_then(|all| all.get(name)) else { return };
        if depth < MAX_DEPTH
            && let Some(base) = field(service, "extends")
        {
            let text = |key: &str| base.get(key).and_then(Value::as_str);
            let other = base.as_str().or_else(|| text("service"));
            let beside = text("file").map(|path| self.folder.join(path));
            if let Some(other) = other.filter(|other| beside.is_some() || *other != name) {
                let file = beside.as_deref().unwrap_or(file);
                self.service(file, other, depth + 1, from_files, given);
            }
        }
        match field(service, "env_file") {
            Some(Value::Array(files)) => files.iter().for_each(|it| self.file(it, from_files)),
            Some(one) => self.file(one, from_files),
            None => {}
        }
        if let Some(table) = field(service, "environment") {
            self.table(table, 0, given);
        }
    }

    /// A file of `env_file`: its path, or a table with one.
    fn file(&self, said: &Value, into: &mut Variables) {
        let Some(path) = said.as_str().or_else(|| said.get("path")?.as_str()) else { return };
        let path = self.filled(path, 0);
        if path == COMPUTED {
            return;
        }
        let Ok(text) = self.call.read(self.folder.join(path), MAX_FILE) else { return };
        let pairs = dotenv::parse(&String::from_utf8_lossy(&text));
        for (name, value) in pairs.into_iter().take(MAX_VARIABLES) {
            let value = match value {
                Setting::Text(text) => self.filled(&text, 0),
                Setting::Unclear(_) => COMPUTED.to_owned(),
            };
            into.push((name, value));
        }
    }

    /// `environment`, as a table or as a list of `NAME=VALUE`; a name without
    /// a value is passed on from outside.
    fn table(&self, said: &Value, depth: usize, into: &mut Variables) {
        match said {
            Value::Object(table) => {
                // YAML's merge key: the table's own entries win.
                match table.get("<<") {
                    Some(Value::Array(others)) if depth < MAX_DEPTH => {
                        others.iter().rev().for_each(|other| self.table(other, depth + 1, into));
                    }
                    Some(other) if depth < MAX_DEPTH => self.table(other, depth + 1, into),
                    _ => {}
                }
                for (name, value) in table.iter().filter(|(name, _)| *name != "<<") {
                    self.put(name, scalar(value).as_deref(), value.is_null(), into);
                }
            }
            Value::Array(list) => {
                for entry in list.iter().filter_map(Value::as_str).take(MAX_VARIABLES) {
                    match entry.split_once('=') {
                        Some((name, value)) => self.put(name, Some(value), false, into),
                        None => self.put(entry, None, true, into),
                    }
                }
            }
            _ => {}
        }
    }

    fn put(&self, name: &str, value: Option<&str>, passed: bool, into: &mut Variables) {
        if into.len() >= MAX_VARIABLES {
            return;
        }
        let value = match value {
            Some(text) => Some(self.filled(text, 0)),
            None if passed => self.value(name),
            None => Some(COMPUTED.to_owned()),
        };
        into.extend(value.map(|value| (name.to_owned(), value)));
    }

    /// A variable outside of the containers.
    fn value(&self, name: &str) -> Option<String> {
        if let Some(value) = self.call.var(name) {
            return Some(value.to_string_lossy().into_owned());
        }
        let (_, value) = self.outside.iter().rev().find(|(key, _)| key == name)?;
        Some(match value {
            Setting::Text(text) if !text.contains('$') => text.clone(),
            _ => COMPUTED.to_owned(),
        })
    }

    /// A text with `$NAME`, `${NAME}`, `${NAME:-other}` and the like filled
    /// in. One that is nowhere is empty.
    fn filled(&self, text: &str, depth: usize) -> String {
        let unknown = || COMPUTED.to_owned();
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            if out.len() > MAX_VALUE {
                return unknown();
            }
            if let Some(behind) = after.strip_prefix('$') {
                out.push('$');
                rest = behind;
            } else if let Some(inside) = after.strip_prefix('{') {
                let Some((expression, behind)) = braced(inside) else { return unknown() };
                match self.expression(expression, depth) {
                    Some(value) if value != COMPUTED => out.push_str(&value),
                    _ => return unknown(),
                }
                rest = behind;
            } else {
                let (name, behind) = word(after);
                match self.value(name).unwrap_or_default() {
                    _ if name.is_empty() => out.push('$'),
                    value if value == COMPUTED => return unknown(),
                    value => out.push_str(&value),
                }
                rest = behind;
            }
        }
        out.push_str(rest);
        if out.len() > MAX_VALUE { unknown() } else { out }
    }

    /// What `${…}` comes to; none where it cannot be told.
    fn expression(&self, text: &str, depth: usize) -> Option<String> {
        let (name, rest) = word(text);
        let value = self.value(name);
        if depth >= MAX_DEPTH {
            return None;
        }
        let (empty_too, rest) = match rest.strip_prefix(':') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let there = value.as_ref().is_some_and(|value| !empty_too || !value.is_empty());
        match rest.chars().next() {
            None if !empty_too => Some(value.unwrap_or_default()),
            Some('-') if !there => Some(self.filled(rest.get(1..)?, depth + 1)),
            Some('+') if there => Some(self.filled(rest.get(1..)?, depth + 1)),
            Some('+') => Some(String::new()),
            Some('-' | '?') => Some(value.unwrap_or_default()),
            _ => None,
        }
    }
}

/// A service's entry, its own or one that YAML's merge key brings.
fn field<'v>(service: &'v Value, key: &str) -> Option<&'v Value> {
    let merged = || match service.get("<<")? {
        Value::Array(others) => others.iter().find_map(|other| other.get(key)),
        other => other.get(key),
    };
    service.get(key).or_else(merged)
}

/// A value of `environment`, as Compose writes it.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The name that a text begins with, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let end = text.find(|letter| !part(letter)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// What stands up to the brace that closes, and what is behind it.
fn braced(text: &str) -> Option<(&str, &str)> {
    let mut open = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => open += 1,
            '}' if open == 0 => return Some((text.get(..at)?, text.get(at + 1..)?)),
            '}' => open -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::fake::FakeWorld;

    fn value(world: &FakeWorld, said: &Said, service: &str, name: &str) -> Option<String> {
        let invocation = Invocation::default();
        let all = variables(&Context { invocation: &invocation, world }, said, service);
        all.into_iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    #[test]
    fn a_service_has_its_variables_from_files_tables_lists_and_what_it_extends() {
        let text = "x-env: &env {A: shared, B: shared}\n\
            services:\n\
            \x20 web:\n\
            \x20   extends: base\n\
            \x20   env_file: [web.env, {path: more.env, required: false}]\n\
            \x20   environment: {<<: *env, B: own, C: 3, D: }\n\
            \x20 base: {environment: [\"E=base\", \"B=base\"]}\n";
        let world = FakeWorld::new()
            .with_file("/app/compose.yml", text)
            .with_file("/app/compose.override.yml", "services: {web: {environment: {E: over}}}\n")
            .with_file("/app/web.env", "F=file\nC=file\n")
            .with_file("/app/.env", "D=outside\n");
        let get = |name: &str| value(&world, &Said::default(), "web", name);
        for (name, wanted) in [
            ("A", "shared"),
            ("B", "own"),
            ("C", "3"),
            ("D", "outside"),
            ("E", "over"),
            ("F", "file"),
        ] {
            assert_eq!(get(name).as_deref(), Some(wanted), "{name}");
        }
        assert_eq!(value(&world, &Said::default(), "other", "A"), None);
        let alone = Said { files: vec![Some("compose.yml".to_owned())], ..Said::default() };
        assert_eq!(value(&world, &alone, "web", "E").as_deref(), Some("base"));
    }

    #[test]
    fn values_are_filled_in_from_the_shell_the_env_file_and_defaults() {
        let text = "services: {web: {environment: {A: \"${X}/$Y\", B: \"${N:-${X}}\", C: \"${N}\", \
            D: \"$$X\", E: \"${X:+set}\", F: \"${N:?must}\", G: \"${Z}\", H: \"${X\"}}}\n";
        let world = FakeWorld::new()
            .with_file("/app/compose.yml", text)
            .with_file("/app/.env", "X=file\nY=env\n")
            .with_file("/app/.env.prod", "X=prod\nY=p\n")
            .with_var("Z", COMPUTED);
        let get = |world: &FakeWorld, name: &str| {
            value(world, &Said::default(), "web", name).unwrap_or_default()
        };
        for (name, wanted) in [
            ("A", "file/env"),
            ("B", "file"),
            ("C", ""),
            ("D", "$X"),
            ("E", "set"),
            ("F", ""),
            ("G", COMPUTED),
            ("H", COMPUTED),
        ] {
            assert_eq!(get(&world, name), wanted, "{name}");
        }
        let said = Said { env_files: vec![Some(".env.prod".to_owned())], ..Said::default() };
        assert_eq!(value(&world, &said, "web", "A").as_deref(), Some("prod/p"));
        let world = world.with_var("X", "shell");
        assert_eq!(get(&world, "A"), "shell/env");
    }
}
