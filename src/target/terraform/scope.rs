//! What a configuration's variables and local values are worth, as far as
//! that is written down: variables in Terraform's own order of precedence
//! (1.11.4, by running `terraform console`), templates, and steps into
//! objects. Calls, operators and whatever a plan would have to be made for
//! are unknown; nothing is guessed.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;

use crate::invocation::{COMPUTED, Context};
use crate::parse::hcl::{self, Body, Step, Value};

use super::configuration::{Configuration, names_in};
use super::{Given, Wanted};

/// How deep values may lie in one another.
const DEPTH: usize = 32;

/// How many values are looked at for one command.
const BUDGET: usize = 10_000;

/// The longest text that is put together.
const MAX_TEXT: usize = 1_024;

/// The longest file of variables, in bytes, and the most of them.
const MAX_FILE: usize = 1 << 18;
const MAX_FILES: usize = 50;

/// The values that a configuration would see.
pub struct Scope<'a> {
    configuration: &'a Configuration,
    /// Variables' values; none for one that is not known.
    variables: BTreeMap<&'a str, Option<Value>>,
    /// The workspace's name, if it is known.
    workspace: Option<String>,
    budget: Cell<usize>,
}

/// Where variables come from.
pub struct Sources<'a> {
    /// The directory of the configuration.
    pub dir: &'a Path,
    /// What the command line says.
    pub wanted: &'a Wanted,
    /// Whether it runs elsewhere, where more may be set.
    pub remote: bool,
}

impl<'a> Scope<'a> {
    /// Works the variables out.
    pub fn new(
        context: &Context<'_>,
        configuration: &'a Configuration,
        sources: &Sources<'_>,
        workspace: Option<String>,
    ) -> Scope<'a> {
        let known = configuration.variables.iter();
        let defaults = known.map(|(name, variable)| (name.as_str(), variable.default.clone()));
        let mut scope = Scope {
            configuration,
            variables: defaults.collect(),
            workspace: workspace.filter(|_| !sources.remote),
            budget: Cell::new(BUDGET),
        };
        if sources.remote {
            scope.forget_all();
        }
        for name in configuration.variables.keys() {
            if let Some(value) = context.text_var(&format!("TF_VAR_{name}")) {
                scope.set(name, &value);
            }
        }
        let names = names_in(context, sources.dir);
        let auto = names
            .iter()
            .filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"));
        let plain = ["terraform.tfvars", "terraform.tfvars.json"].into_iter();
        let plain = plain.filter(|name| names.contains(*name));
        for name in plain.chain(auto.map(String::as_str)).take(MAX_FILES) {
            scope.file(context, &sources.dir.join(name));
        }
        for given in &sources.wanted.variables {
            match given {
                Given::File(path) => scope.file(context, &sources.dir.join(path)),
                Given::Variable(text) => match text.split_once('=') {
                    Some((name, value)) => scope.set(name.trim(), value),
                    None => scope.forget_all(),
                },
                Given::Computed => scope.forget_all(),
            }
        }
        scope
    }

    fn forget_all(&mut self) {
        self.variables.values_mut().for_each(|value| *value = None);
    }

    /// Takes a value from the command line or the environment.
    fn set(&mut self, name: &str, text: &str) {
        let Some((name, variable)) = self.configuration.variables.get_key_value(name) else {
            return;
        };
        let value = match variable.textual {
            _ if text == COMPUTED => None,
            true => Some(Value::Text(text.to_owned())),
            false => hcl::expression(text).ok(),
        };
        self.variables.insert(name.as_str(), value);
    }

    /// Takes a file's values; one that cannot be read could set any.
    fn file(&mut self, context: &Context<'_>, path: &Path) {
        let body = context.read(path, MAX_FILE).ok().and_then(|bytes| {
            let text = String::from_utf8(bytes).ok()?;
            let json = path.extension().is_some_and(|ending| ending == "json");
            if json { hcl::json_values(&text) } else { hcl::native(&text) }.ok()
        });
        let Some(body) = body else { return self.forget_all() };
        for attribute in body.attributes {
            if let Some((name, _)) = self.configuration.variables.get_key_value(&attribute.name) {
                self.variables.insert(name.as_str(), Some(attribute.value));
            }
        }
    }

    /// The text that a value comes to.
    pub fn text(&self, value: &Value) -> Option<String> {
        text_of(&self.value(value, 0)?)
    }

    /// The text that a variable is worth, unless it may not be shown.
    pub fn variable(&self, name: &str) -> Option<String> {
        let hidden = self.configuration.variables.get(name).is_none_or(|it| it.sensitive);
        let value = self.variables.get(name).filter(|_| !hidden)?.as_ref()?;
        self.text(value)
    }

    /// The text of an attribute.
    pub fn attribute(&self, body: &Body, name: &str) -> Option<String> {
        body.value(name).and_then(|value| self.text(value))
    }

    /// The value that a value comes to; what lies inside an object or a list
    /// stays as it is written.
    pub fn value(&self, value: &Value, depth: usize) -> Option<Value> {
        let left = self.budget.get().checked_sub(1)?;
        self.budget.set(left);
        if depth > DEPTH {
            return None;
        }
        match value {
            Value::Template(parts) => {
                let mut whole = String::new();
                for part in parts {
                    whole.push_str(&text_of(&self.value(part, depth + 1)?)?);
                    if whole.len() > MAX_TEXT {
                        return None;
                    }
                }
                Some(Value::Text(whole))
            }
            Value::Reference(root, steps) => {
                let [Step::Name(name), rest @ ..] = steps.as_slice() else { return None };
                let found = match root.as_str() {
                    "var" => {
                        let sensitive =
                            self.configuration.variables.get(name).is_none_or(|it| it.sensitive);
                        let known = self.variables.get(name.as_str())?.as_ref();
                        self.value(known.filter(|_| !sensitive)?, depth + 1)?
                    }
                    "local" => self.value(self.configuration.locals.get(name)?, depth + 1)?,
                    "terraform" | "tofu" if name == "workspace" => {
                        Value::Text(self.workspace.clone()?)
                    }
                    _ => return None,
                };
                rest.iter().try_fold(found, |value, step| self.step(&value, step, depth))
            }
            Value::Unknown => None,
            known => Some(known.clone()),
        }
    }

    /// A step from a value into one that it holds.
    fn step(&self, value: &Value, step: &Step, depth: usize) -> Option<Value> {
        let key = match step {
            Step::Name(name) => name.clone(),
            Step::Key(key) => text_of(&self.value(key, depth + 1)?)?,
        };
        let inner = match value {
            // A key that is computed could be this one.
            Value::Map(entries) if entries.iter().any(|(name, _)| name.is_empty()) => None,
            Value::List(list) => list.get(key.parse::<usize>().ok()?),
            value => value.member(&key),
        };
        self.value(inner?, depth + 1)
    }
}

/// The text of a plain value, as a template has it.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) if text.len() <= MAX_TEXT => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        _ => None,
    }
}
