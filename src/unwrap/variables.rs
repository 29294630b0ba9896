//! The shell's variables and its directory.

use std::path::PathBuf;

use rpds::Vector;

use super::expand::MAX_TEXT;
use super::line::Lines;
use super::state::{Template, Variable, is_computed, unknown};
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
        let variable = Variable { value, exported, ..Variable::default() };
        self.state.put(name, Some(variable));
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
            let old = self.state.vars.get(name).filter(|_| assignment.append);
            let mut elements = match old {
                Some(Variable { elements: Some(elements), .. }) => elements.clone(),
                Some(variable) => variable.value.iter().cloned().collect(),
                None if assignment.append => [unknown()].into_iter().collect(),
                None => Vector::new(),
            };
            fields.into_iter().for_each(|field| elements.push_back_mut(field.text));
            let exported = self.is_exported(name);
            let elements = Some(elements);
            let variable = Variable { elements, exported, ..Variable::default() };
            return self.state.put(name, Some(variable));
        }
        let parts = &assignment.value.parts;
        let mut value = self.text(parts);
        let loose = is_computed(&value) && !self.samples && self.outputs == 0;
        let sample = loose.then(|| self.sampled(|lines| lines.text(parts)));
        let mut sample = sample.filter(|sample| !is_computed(sample));
        if assignment.append {
            if self.append(name, &value, loose, sample.as_deref()) {
                return;
            }
            let before = self.value(name).unwrap_or_default();
            sample = sample.filter(|_| !is_computed(&before));
            sample = sample.map(|sample| [before.as_slice(), &sample].concat());
            value = [before, value].concat();
        }
        self.set(name, Some(value));
        if sample.is_some()
            && let Some(variable) = self.state.change(name)
        {
            variable.sample = sample;
        }
    }

    /// Appends to a value in its place, as far as one is followed; false where
    /// there is none. `sample` stands for what is appended, where that is
    /// `loose`: computed.
    fn append(&mut self, name: &str, more: &[u8], loose: bool, sample: Option<&[u8]>) -> bool {
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
            let plain = (loose && !is_computed(value)).then(|| value.clone());
            let before = variable.sample.take().or(plain);
            let more_of_it = if loose { sample } else { Some(more) };
            variable.sample = before.zip(more_of_it).map(|(before, more)| [&before, more].concat());
            value.extend(more);
            variable.exported = exported;
        }
        true
    }
}
