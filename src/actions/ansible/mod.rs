//! Reads Ansible: the tasks of playbooks, the files and roles that they pull
//! in, and the one task of an ad-hoc command, each in the place of the hosts
//! that it would run on. A condition (`when`) that is not literally false
//! counts as met; a template that is not known is a hole. Runs nothing and asks
//! no host.

mod files;
mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Call, Reading};
use crate::action::{Action, Effect, Scope as Reach};
use crate::invocation::{COMPUTED, HOLE, Invocation, Stdin};
use crate::parse::argv::{self, Parsed};
use crate::parse::playbook::{self, Task, filled, runs, shown, tags};
use crate::target::Target;
use crate::target::ansible::{Hosts, Settings};
use crate::target::place::Place;
use crate::text::visible;
use crate::unwrap;
use files::Folders;
use modules::{Doing, Given};

/// The most tasks that are read.
const MAX_TASKS: usize = 5_000;

/// The most files that are read.
const MAX_FILES: usize = 300;

/// How deep blocks, includes and roles may hold one another.
const MAX_DEPTH: usize = 25;

/// The most commands that the tasks come to.
const MAX_LINES: usize = 300;

/// The most literal items of a loop that are followed.
const MAX_ITEMS: usize = 50;

/// Options with which nothing is changed.
const LOOKS: &[&str] =
    &["--help", "--list-hosts", "--list-tags", "--list-tasks", "--syntax-check", "--version"];

/// Reads a call of `ansible` or `ansible-playbook`.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if LOOKS.iter().any(|option| parsed.has(option)) || parsed.positionals.is_empty() {
        return Reading::default();
    }
    let mut run = Run::new(call, &parsed);
    match call.tool.name {
        "ansible" => run.ad_hoc(&parsed),
        _ => run.playbooks(&parsed),
    }
    run.finish(&parsed)
}

/// What surrounds a task.
#[derive(Clone)]
struct Scope {
    /// The file that it stands in, for messages.
    file: String,
    /// The folder of that file.
    folder: PathBuf,
    /// The role that it belongs to.
    role: Option<PathBuf>,
    tags: Vec<String>,
    place: Rc<Place>,
    env: Vec<(OsString, Option<OsString>)>,
    /// Whether `check_mode: false` makes it run whatever `--check` says.
    always: bool,
    depth: usize,
}

struct Run<'a> {
    call: &'a Call<'a>,
    hosts: Hosts,
    folders: Folders,
    extra: BTreeMap<String, String>,
    only: Vec<String>,
    skip: Vec<String>,
    check: bool,
    local: bool,
    files: usize,
    tasks: usize,
    seen: BTreeSet<(PathBuf, String)>,
    places: Vec<Rc<Place>>,
    started: BTreeSet<String>,
    stopped: Vec<(String, Invocation)>,
    reading: Reading,
}

impl<'a> Run<'a> {
    fn new(call: &'a Call<'a>, parsed: &Parsed<'_>) -> Run<'a> {
        let context = &call.context;
        let settings = Settings::load(context);
        let values = |name: &str| -> Vec<(String, bool)> {
            let values = parsed.all(name).filter_map(|given| given.value);
            values.map(|value| (value.text.to_string_lossy().into_owned(), value.dynamic)).collect()
        };
        let list = |name: &str| -> Vec<String> {
            let known = values(name).into_iter().map(|(text, computed)| match computed {
                true => "{{ }}".to_owned(),
                false => text,
            });
            tags(Some(&known.collect()))
        };
        let only = list("--tags");
        let mut run = Run {
            call,
            hosts: Hosts::load(
                context,
                &settings,
                &values("--inventory-file"),
                values("--limit").pop(),
            ),
            folders: Folders::new(context, &settings),
            extra: BTreeMap::new(),
            // What is computed may name any tag.
            only: if only.iter().any(|tag| tag.contains("{{")) { Vec::new() } else { only },
            skip: list("--skip-tags").into_iter().filter(|tag| !tag.contains("{{")).collect(),
            check: parsed.has("--check"),
            local: values("--connection").pop().is_some_and(|(text, _)| text == "local"),
            files: 0,
            tasks: 0,
            seen: BTreeSet::new(),
            places: Vec::new(),
            started: BTreeSet::new(),
            stopped: Vec::new(),
            reading: Reading::default(),
        };
        values("--extra-vars").iter().for_each(|(text, computed)| {
            if !computed {
                run.set(text);
            }
        });
        run
    }

    /// What `-e` sets: `a=b c=d`, JSON or YAML, or a file of it.
    fn set(&mut self, text: &str) {
        let value = match text.strip_prefix('@') {
            Some(path) => self.call.context.read(path, files::MAX_FILE).ok(),
            None if text.trim_start().starts_with(['{', '[']) => Some(text.as_bytes().to_vec()),
            None => {
                let (args, _) = playbook::words(text, false);
                let pairs =
                    args.iter().filter_map(|(key, value)| Some((key.clone(), shown(value)?)));
                self.extra.extend(pairs);
                None
            }
        };
        let map = value.and_then(|bytes| playbook::read(&bytes).ok());
        for (key, value) in map.as_ref().and_then(Value::as_object).into_iter().flatten() {
            self.extra.extend(shown(value).map(|value| (key.clone(), value)));
        }
    }

    fn known(&self, name: &str) -> Option<String> {
        self.extra.get(name).filter(|value| !value.contains("{{")).cloned()
    }

    fn fill(&self, text: &str) -> String {
        filled(text, &|name| self.known(name))
    }

    /// The one task of `ansible HOSTS -m MODULE -a ARGS`.
    fn ad_hoc(&mut self, parsed: &Parsed<'_>) {
        let Some(word) = parsed.positionals.first() else { return };
        let text = |name: &str| match parsed.value(name) {
            Some(value) if value.dynamic => {
                let template =
                    unwrap::template(self.call.context.invocation, value.index, value.offset);
                Some(String::from_utf8_lossy(&template).into_owned())
            }
            value => value.map(|value| value.text.to_string_lossy().into_owned()),
        };
        let module = text("--module-name").unwrap_or_else(|| "command".to_owned());
        let args = text("--args").unwrap_or_default();
        let args = match args.trim_start().starts_with('{') {
            true => serde_json::from_str(&args).unwrap_or(Value::String(args)),
            false => Value::String(args),
        };
        let Some(task) = playbook::task(&Map::from_iter([(module, args)])) else { return };
        let pattern = word.text.to_string_lossy().into_owned();
        let mut place = self.hosts.place(&pattern, "argument", self.local);
        if word.dynamic {
            place.gap.get_or_insert_with(|| "the hosts are computed at run time".to_owned());
        }
        let scope = self.scope("the words", PathBuf::new(), Rc::new(place));
        self.places.push(Rc::clone(&scope.place));
        if !self.check {
            self.task(&task, &Map::new(), &scope);
        }
    }

    fn scope(&self, file: &str, folder: PathBuf, place: Rc<Place>) -> Scope {
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

    fn playbooks(&mut self, parsed: &Parsed<'_>) {
        for word in &parsed.positionals {
            if word.dynamic {
                self.opaque("the playbook's name is computed at run time", None);
                continue;
            }
            self.playbook(Path::new(word.text), 0);
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

    fn playbook(&mut self, path: &Path, depth: usize) {
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

    /// What one task does, once for each literal item of its loop.
    fn task(&mut self, task: &Task, item: &Map<String, Value>, scope: &Scope) {
        self.tasks += 1;
        if self.tasks > MAX_TASKS {
            if self.tasks == MAX_TASKS + 1 {
                self.opaque("it has more tasks than are read", Some(&scope.place));
            }
            return;
        }
        let list =
            ["loop", "with_items", "with_list"].iter().find_map(|key| item.get(*key)?.as_array());
        let items: Vec<Option<&Value>> = match list {
            Some(list) => list.iter().take(MAX_ITEMS).map(Some).collect(),
            None => vec![None],
        };
        let mut all: Vec<Doing> = Vec::new();
        for one in items {
            let known = |name: &str| match (one, name.strip_prefix("item.")) {
                (Some(value), None) if name == "item" => {
                    shown(value).filter(|text| !text.contains("{{"))
                }
                (Some(value), Some(key)) => {
                    shown(value.get(key)?).filter(|text| !text.contains("{{"))
                }
                _ => self.known(name),
            };
            let found = modules::read(&Given { task, known: &known });
            found.into_iter().for_each(|doing| {
                if !all.contains(&doing) {
                    all.push(doing);
                }
            });
        }
        all.into_iter().for_each(|doing| self.doing(doing, task, scope));
    }

    fn doing(&mut self, doing: Doing, task: &Task, scope: &Scope) {
        match doing {
            Doing::Line(line) => self.line(line, scope),
            Doing::Script(words) => self.script(&words, scope),
            Doing::Starts(name) => {
                self.started.insert(name);
            }
            Doing::Stops(name) => {
                let line = format!("systemctl stop {}", shell_words::quote(&name));
                let inner = self.inner(line, scope);
                self.stopped.push((name, inner));
            }
            Doing::Does { effect, flags, object, says } => {
                let operation = format!("ansible {}", visible(&task.module, 60));
                let mut action = Action::new(effect, operation);
                action.flags = flags;
                action.summary = visible(&says.replace(HOLE, "…"), 300);
                action.object = Some(visible(&object.replace(HOLE, "…"), 200));
                action.rule = format!("ansible/{}", visible(&task.module, 60)).into();
                action.target = target(&scope.place);
                self.reading.actions.push(action);
            }
            Doing::Unsure(why) => {
                self.opaque(&format!("{}: {why}", scope.file), Some(&scope.place));
            }
        }
    }

    fn line(&mut self, line: String, scope: &Scope) {
        let inner = self.inner(line, scope);
        if self.reading.inner.len() >= MAX_LINES {
            if self.reading.inner.len() == MAX_LINES {
                self.opaque("it runs more commands than are followed", Some(&scope.place));
            }
            return;
        }
        if !self.reading.inner.contains(&inner) {
            self.reading.inner.push(inner);
        }
    }

    fn inner(&self, line: String, scope: &Scope) -> Invocation {
        let outer = self.call.context.invocation;
        let mut inner = match scope.place.local && outer.place.is_none() {
            true => {
                let computed = line.contains(HOLE);
                let text = OsString::from(line);
                Invocation {
                    argv: vec!["sh".into(), "-c".into(), text.clone()],
                    dynamic: computed.then_some(2).into_iter().collect(),
                    templates: computed.then_some((2, text)).into_iter().collect(),
                    ..outer.clone()
                }
            }
            false => unwrap::line_at(line, (*scope.place).clone(), outer),
        };
        inner.stdin = Stdin::Text(Arc::from(&b""[..]));
        inner.env.extend(scope.env.iter().cloned());
        inner
    }

    /// A script of this machine's, which is copied to the hosts and run there.
    fn script(&mut self, words: &str, scope: &Scope) {
        let Some(name) = words.split_whitespace().next() else { return };
        let context = &self.call.context;
        let path = self.folders.file(context, name, &scope.folder, scope.role.as_deref());
        let Some(bytes) = path.and_then(|path| context.read(&path, files::MAX_FILE).ok()) else {
            return;
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let first = text.lines().next().unwrap_or_default();
        let shell = !first.starts_with("#!")
            || first.trim_end().split([' ', '-']).any(|word| word.ends_with("sh"));
        if shell {
            self.line(text, scope);
        }
    }

    fn opaque(&mut self, why: &str, place: Option<&Rc<Place>>) {
        let mut action = Action::opaque("ansible", visible(why, 300));
        action.rule = "ansible/unread".into();
        action.instead =
            Some("See which tasks and hosts it has first: --list-tasks, --list-hosts.".into());
        action.target = match place {
            Some(place) => target(place),
            None => self.everywhere(),
        };
        self.reading.actions.push(action);
    }

    /// All places of the plays so far.
    fn everywhere(&self) -> Target {
        let mut all: Option<Target> = None;
        for place in &self.places {
            let more = target(place);
            match &mut all {
                None => all = Some(more),
                Some(target) => {
                    for evidence in more.evidence {
                        if !target.evidence.contains(&evidence) && target.evidence.len() < 400 {
                            target.evidence.push(evidence);
                        }
                    }
                    target.gap = target.gap.take().or(more.gap);
                }
            }
        }
        all.unwrap_or_else(|| target(&self.hosts.place("", "-i", false)))
    }

    fn finish(mut self, parsed: &Parsed<'_>) -> Reading {
        for (name, inner) in std::mem::take(&mut self.stopped) {
            // What the same run starts again is restarted.
            if !self.started.contains(&name) {
                self.reading.inner.push(inner);
            }
        }
        if self.check {
            return self.reading;
        }
        let names: Vec<String> = parsed
            .positionals
            .iter()
            .map(|word| word.text.to_string_lossy().into_owned())
            .collect();
        let names = visible(&names.join(", "), 200);
        let mut action = Action::new(Effect::Write, self.call.tool.name);
        action.target = self.everywhere();
        let hosts = action.target.name.clone().unwrap_or_default();
        (action.summary, action.object) = match self.call.tool.name {
            "ansible" => (format!("Runs a module on {hosts}."), None),
            _ => (
                format!("Runs the {} tasks of {names} that were found on {hosts}.", self.tasks),
                Some(format!("playbook {names}")),
            ),
        };
        action.rule = format!("{}/run", self.call.tool.name).into();
        action.scope = Reach::Environment;
        self.reading.actions.push(action);
        self.reading
    }
}

/// A place as the target of what no command does there.
fn target(place: &Place) -> Target {
    let mut target = Target::of("ansible");
    target.name.clone_from(&place.name);
    target.gap.clone_from(&place.gap);
    target.evidence = place.evidence.clone();
    target
}

/// Whether a value is literally false.
fn is_off(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(truth)) => !truth,
        Some(Value::String(text)) => ["false", "no"].contains(&text.trim().to_lowercase().as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
