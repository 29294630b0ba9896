//! Reads Ansible: the tasks of playbooks, the files and roles that they pull
//! in, and the one task of an ad-hoc command, each in the place of the hosts
//! that it would run on. A condition (`when`) that is not literally false
//! counts as met; a template that is not known is a hole. Runs nothing and asks
//! no host.

mod files;
mod modules;
mod removed;
mod tasks;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::{Call, Reading};
use crate::action::{Action, Effect, Scope as Reach};
use crate::invocation::Invocation;
use crate::parse::argv::{self, Parsed};
use crate::parse::playbook::{self, filled, shown, tags};
use crate::target::ansible::{Hosts, Settings};
use crate::target::place::Place;
use crate::target::{Class, Evidence, Kind, Target, ansible_variables, names};
use crate::text::visible;
use crate::unwrap;
use files::Folders;

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

struct Run<'a> {
    call: &'a Call<'a>,
    hosts: Hosts,
    folders: Folders,
    extra: BTreeMap<String, String>,
    /// What `-e` says of the place.
    said: Vec<Evidence>,
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
            said: Vec::new(),
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
                run.said.extend(files_of_production(text));
            }
        });
        let said = run.extra.iter();
        let said = said.filter_map(|(name, value)| ansible_variables::raising(name, value, "-e"));
        run.said.extend(said);
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
        self.hosts.tell(&self.call.context, &pattern, Path::new(""), &mut place);
        place.evidence.extend(self.said.iter().cloned());
        let scope = self.scope("the words", PathBuf::new(), Rc::new(place));
        self.places.push(Rc::clone(&scope.place));
        if !self.check {
            self.task(&task, &Map::new(), &scope);
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
                match self.tasks {
                    1 => format!("Runs one task of {names} on {hosts}."),
                    count => format!("Runs {count} tasks of {names} on {hosts}."),
                },
                Some(format!("playbook {names}")),
            ),
        };
        action.rule = format!("{}/run", self.call.tool.name).into();
        action.scope = Reach::Environment;
        self.reading.actions.push(action);
        self.reading
    }
}

/// `-e @vars/prod.yml`: a file whose path says production.
fn files_of_production(text: &str) -> Option<Evidence> {
    let path = text.strip_prefix('@')?;
    let word = names::word(Kind::Path, path)?;
    let evidence = Evidence::name(Kind::Path, "-e", visible(path, 200));
    (word.class == Class::Production).then_some(evidence)
}

/// A place as the target of what no command does there.
fn target(place: &Place) -> Target {
    let mut target = Target::of("ansible");
    target.name.clone_from(&place.name);
    target.gap.clone_from(&place.gap);
    target.evidence = place.evidence.clone();
    target
}

#[cfg(test)]
mod tests;
