//! From a playbook to its tasks: plays, blocks, included files and roles, each
//! with the tags, place and environment that surround it. Opens files only.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::{MAX_DEPTH, MAX_FILES, Run, files};
use crate::invocation::{COMPUTED, HOLE};
use crate::parse::playbook::{self, runs, shown, tags};
use crate::target::place::Place;
use crate::text::visible;

/// What surrounds a task.
#[derive(Clone)]
pub(super) struct Scope {
    /// The file that it stands in, for messages.
    pub(super) file: String,
    /// The folder of that file.
    pub(super) folder: PathBuf,
    /// The role that it belongs to.
    pub(super) role: Option<PathBuf>,
    pub(super) tags: Vec<String>,
    pub(super) place: Rc<Place>,
    pub(super) env: Vec<(OsString, Option<OsString>)>,
    /// Whether `check_mode: false` makes it run whatever `--check` says.
    pub(super) always: bool,
    pub(super) depth: usize,
}

impl Run<'_> {
    pub(super) fn scope(&self, file: &str, folder: PathBuf, place: Rc<Place>) -> Scope {
        Scope {
            file: file.to_owned(),
            folder,
            role: None,
            tags: Vec::new(),
            place,
            env: Vec::new(),
            always: false,
            depth: 0,
        }
    }

    /// A file's value; what cannot be read is code that nobody has seen, unless
    /// Ansible would not find it either.
    fn file(&mut self, path: &Path, place: Option<&Rc<Place>>) -> Option<Value> {
        self.files += 1;
        if self.files > MAX_FILES {
            if self.files == MAX_FILES + 1 {
                self.opaque("it pulls in more files than are followed", place);
            }
            return None;
        }
        let shown = visible(&path.to_string_lossy(), 100);
        match files::read(&self.call.context, path) {
            Ok(value) => value,
            Err(why) => {
                self.opaque(&format!("{shown}: {why}"), place);
                None
            }
        }
    }

    pub(super) fn playbook(&mut self, path: &Path, depth: usize) {
        if depth > MAX_DEPTH {
            return self.opaque("playbooks import one another too deep", None);
        }
        let Some(Value::Array(plays)) = self.file(path, None) else { return };
        let folder = path.parent().map(PathBuf::from).unwrap_or_default();
        for play in plays.iter().filter_map(Value::as_object) {
            let import = ["import_playbook", "ansible.builtin.import_playbook"]
                .iter()
                .find_map(|key| play.get(*key).and_then(shown));
            match import.map(|text| self.fill(&text)) {
                Some(text) if text.contains(HOLE) => {
                    self.opaque("the name of a playbook is a variable", None);
                }
                Some(text) => self.playbook(&folder.join(text), depth + 1),
                None => self.play(play, path, &folder),
            }
        }
    }

    fn play(&mut self, play: &Map<String, Value>, path: &Path, folder: &Path) {
        let pattern = match play.get("hosts") {
            Some(Value::Array(list)) => list.iter().filter_map(shown).collect::<Vec<_>>().join(","),
            Some(other) => shown(other).unwrap_or_default(),
            None => return,
        };
        let pattern = self.fill(&pattern);
        let file = visible(&path.to_string_lossy(), 80);
        let connection = play.get("connection").and_then(shown);
        let local = self.local || connection.as_deref() == Some("local");
        let known = pattern.replace(HOLE, "");
        let mut place = self.hosts.place(&known, &format!("hosts in {file}"), local);
        if pattern.contains(HOLE) {
            place.gap.get_or_insert_with(|| format!("the hosts in {file} are a variable"));
        }
        self.hosts.tell(&self.call.context, &known, folder, &mut place);
        place.evidence.extend(self.said.iter().cloned());
        let mut scope = self.scope(&file, folder.to_owned(), Rc::new(place));
        self.places.push(Rc::clone(&scope.place));
        scope.tags = tags(play.get("tags"));
        scope.env = self.environment(play);
        scope.always = is_off(play.get("check_mode"));
        self.folders.playbook = folder.to_owned();
        for key in ["pre_tasks", "roles", "tasks", "post_tasks", "handlers"] {
            let Some(list) = play.get(key).and_then(Value::as_array) else { continue };
            match key {
                "roles" => list.iter().for_each(|role| self.role(role, &scope)),
                _ => self.items(list, &scope),
            }
        }
    }

    fn environment(&self, map: &Map<String, Value>) -> Vec<(OsString, Option<OsString>)> {
        let maps: Vec<&Map<String, Value>> = match map.get("environment") {
            Some(Value::Object(map)) => vec![map],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_object).collect(),
            _ => Vec::new(),
        };
        let pairs = maps.into_iter().flatten().take(100).filter_map(|(key, value)| {
            let text = self.fill(&shown(value)?);
            let value = if text.contains(HOLE) { COMPUTED.to_owned() } else { text };
            Some((OsString::from(key), Some(OsString::from(value))))
        });
        pairs.collect()
    }

    fn items(&mut self, list: &[Value], scope: &Scope) {
        if scope.depth > MAX_DEPTH {
            return self.opaque("tasks hold one another too deep", Some(&scope.place));
        }
        for item in list.iter().filter_map(Value::as_object) {
            self.item(item, scope);
        }
    }

    fn item(&mut self, item: &Map<String, Value>, outer: &Scope) {
        if is_off(item.get("when")) {
            return;
        }
        let mut scope = outer.clone();
        scope.depth += 1;
        scope.tags.extend(tags(item.get("tags")));
        scope.env.extend(self.environment(item));
        if let Some(value) = item.get("check_mode") {
            scope.always = is_off(Some(value));
        }
        if let Some(host) = item.get("delegate_to").and_then(shown) {
            scope.place = self.delegated(&host, &scope);
        }
        if item.contains_key("block") {
            for key in ["block", "rescue", "always"] {
                if let Some(list) = item.get(key).and_then(Value::as_array) {
                    self.items(list, &scope);
                }
            }
            return;
        }
        let Some(mut task) = playbook::task(item) else { return };
        match task.module.as_str() {
            "include_tasks" | "import_tasks" | "include" => {
                let name = task.args.get("file").and_then(shown).unwrap_or(task.free);
                let name = self.fill(name.split_whitespace().next().unwrap_or_default());
                self.include(&name, &scope);
            }
            "include_role" | "import_role" => self.role(&Value::Object(task.args), &scope),
            _ => {
                if task.local || item.get("connection").and_then(shown).as_deref() == Some("local")
                {
                    scope.place = self.delegated("localhost", &scope);
                }
                task.local = false;
                if runs(&scope.tags, &self.only, &self.skip) && (!self.check || scope.always) {
                    self.task(&task, item, &scope);
                }
            }
        }
    }

    fn delegated(&self, host: &str, scope: &Scope) -> Rc<Place> {
        let host = self.fill(host);
        if host.contains(HOLE) {
            // Another of the same inventory, as a rule.
            return Rc::clone(&scope.place);
        }
        Rc::new(self.hosts.delegate(&host, &format!("delegate_to in {}", scope.file)))
    }

    fn include(&mut self, name: &str, scope: &Scope) {
        if name.is_empty() {
            return;
        }
        for path in
            self.folders.included(&self.call.context, name, &scope.folder, scope.role.as_deref())
        {
            let key = (path.clone(), scope.tags.join(","));
            if !self.seen.insert(key) {
                continue;
            }
            if let Some(Value::Array(list)) = self.file(&path, Some(&scope.place)) {
                let mut inside = scope.clone();
                inside.file = visible(&path.to_string_lossy(), 80);
                inside.folder = path.parent().map(PathBuf::from).unwrap_or_default();
                self.items(&list, &inside);
            }
        }
    }

    /// A role as a play, a task or another role names it.
    fn role(&mut self, value: &Value, outer: &Scope) {
        let map = value.as_object();
        let text = |key: &str| map.and_then(|map| map.get(key)).and_then(shown);
        let Some(name) = shown(value).or_else(|| text("role")).or_else(|| text("name")) else {
            return;
        };
        let name = self.fill(&name);
        if map.is_some_and(|map| is_off(map.get("when"))) || outer.depth > MAX_DEPTH {
            return;
        }
        let Some(role) = self.folders.role(&self.call.context, &name, outer.role.as_deref()) else {
            return;
        };
        let mut scope = outer.clone();
        scope.depth += 1;
        scope.tags.extend(tags(map.and_then(|map| map.get("tags"))));
        scope.role = Some(role.clone());
        let from = text("tasks_from").unwrap_or_else(|| "main".to_owned());
        for (part, name) in [("meta", "main"), ("tasks", from.as_str()), ("handlers", "main")] {
            let Some(path) = files::part(&self.call.context, &role, part, name) else { continue };
            if !self.seen.insert((path.clone(), scope.tags.join(","))) {
                continue;
            }
            let Some(value) = self.file(&path, Some(&scope.place)) else { continue };
            scope.file = visible(&path.to_string_lossy(), 80);
            scope.folder = role.join(part);
            match value {
                Value::Array(list) => self.items(&list, &scope),
                Value::Object(meta) => {
                    let needed = meta.get("dependencies").and_then(Value::as_array);
                    needed.into_iter().flatten().for_each(|role| self.role(role, &scope));
                }
                _ => {}
            }
        }
    }
}

/// Whether a value is literally false.
fn is_off(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(truth)) => !truth,
        Some(Value::String(text)) => ["false", "no"].contains(&text.trim().to_lowercase().as_str()),
        _ => false,
    }
}
