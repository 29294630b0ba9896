//! The shell's variables and its directory.

use std::path::PathBuf;

use super::line::Lines;
use super::state::{Template, Variable, is_computed, unknown};
use crate::parse::shell::{Assignment, Part};

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
        let variable = self.state.vars.entry(name.to_owned()).or_default();
        *variable = Variable { value, elements: None, sample: None, exported };
        self.state.odd_ifs |= name == "IFS";
        self.state.odd_patterns |= name == "GLOBIGNORE";
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
            let mut elements: Vec<Template> = match self.state.vars.get(name) {
                Some(variable) if assignment.append => match &variable.elements {
                    Some(elements) => elements.clone(),
                    None => variable.value.iter().cloned().collect(),
                },
                None if assignment.append => vec![unknown()],
                _ => Vec::new(),
            };
            elements.extend(fields.into_iter().map(|field| field.text));
            self.set(name, None);
            if let Some(variable) = self.state.vars.get_mut(name) {
                variable.elements = Some(elements);
            }
            return;
        }
        let value = self.assigned(assignment);
        let loose = is_computed(&value) && !self.samples && self.outputs == 0;
        let sample = loose.then(|| self.sampled(|lines| lines.assigned(assignment)));
        self.set(name, Some(value));
        if let Some(variable) = self.state.vars.get_mut(name) {
            variable.sample = sample.filter(|sample| !is_computed(sample));
        }
    }

    /// The value that an assignment gives.
    fn assigned(&mut self, assignment: &Assignment) -> Template {
        let mut value = self.text(&assignment.value.parts);
        if assignment.append {
            let mut whole = self.value(&assignment.name).unwrap_or_default();
            whole.append(&mut value);
            value = whole;
        }
        value
    }
}
