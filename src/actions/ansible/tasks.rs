//! What a task does, as commands in the place of its hosts, or as an action
//! where there is no such command.

use std::ffi::OsString;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::modules::{self, Doing, Given};
use super::walk::Scope;
use super::{MAX_ITEMS, MAX_LINES, MAX_TASKS, Run, files, target};
use crate::action::Action;
use crate::invocation::{HOLE, Invocation, Stdin};
use crate::parse::playbook::{Task, shown};
use crate::text::visible;
use crate::unwrap;

impl Run<'_> {
    /// What one task does, once for each literal item of its loop.
    pub(super) fn task(&mut self, task: &Task, item: &Map<String, Value>, scope: &Scope) {
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
            Doing::Stops(name, line) => {
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
}
