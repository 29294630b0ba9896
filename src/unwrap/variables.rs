//! The shell's variables and its directory.

use std::path::PathBuf;

use rpds::Vector;

use super::expand::MAX_TEXT;
use super::line::Lines;
use super::state::{Template, Variable, unknown};
use crate::parse::shell::{Assignment, Part};
use crate::work;

impl Lines<'_> {
    /// The directory at this place.
    pub(super) fn cwd(&self) -> Option<PathBuf> {
        match (&self.state.cwd, self.context.cwd()) {
            (Some(dir), Some(own)) => Some(own.join(dir)),
            (Some(dir), None) => Some(dir.clone()),
            (None, own) => own,
        }
    }

    /// Assigns a variable of the shell.
    pub(super) fn set(&mut self, name: &str, value: Option<Template>) {
        let exported = self.is_exported(name);
        self.state.put(name, Some(Variable { value, elements: None, exported }));
        self.state.odd_ifs |= name == "IFS";
    }

    fn is_exported(&self, name: &str) -> bool {
        match self.state.vars.get(name) {
            Some(variable) => variable.exported || self.state.exports_all,
            None => self.state.exports_all || self.context.var(name).is_some(),
        }
    }

    /// Performs an assignment of the text.
    pub(super) fn assign(&mut self, assignment: &Assignment) {
        let name = assignment.name.as_str();
        if assignment.index.is_some() {
            self.state.forget(name);
            return;
        }
        if let [Part::Array(words)] = assignment.value.parts.as_slice() {
            let fields = self.fields(words);
            let old = self.state.vars.get(name).filter(|_| assignment.append);
            let mut elements = match old {
                Some(Variable { elements: Some(elements), .. }) => elements.clone(),
                Some(variable) => variable.value.iter().cloned().collect(),
                None if assignment.append => [unknown()].into_iter().collect(),
                None => Vector::new(),
            };
            fields.into_iter().for_each(|field| elements.push_back_mut(field.text));
            let elements = Some(elements);
            let exported = self.is_exported(name);
            return self.state.put(name, Some(Variable { value: None, elements, exported }));
        }
        let mut value = self.text(&assignment.value.parts);
        if assignment.append {
            if self.append(name, &value) {
                return;
            }
            let mut whole = self.value(name).unwrap_or_default();
            whole.append(&mut value);
            value = whole;
        }
        self.set(name, Some(value));
    }

    /// Appends to a value in its place, as far as one is followed; false where
    /// there is none.
    fn append(&mut self, name: &str, more: &[u8]) -> bool {
        let exported = self.is_exported(name);
        let plain = |variable: &Variable| variable.elements.is_none();
        let length = match self.state.vars.get(name).filter(|variable| plain(variable)) {
            Some(Variable { value: Some(value), .. }) => value.len().saturating_add(more.len()),
            _ => return false,
        };
        self.spend(work::of_copying(length));
        if length > MAX_TEXT {
            self.set(name, Some(unknown()));
        } else if let Some(variable) = self.state.change(name)
            && let Some(value) = &mut variable.value
        {
            value.extend(more);
            variable.exported = exported;
        }
        true
    }
}
