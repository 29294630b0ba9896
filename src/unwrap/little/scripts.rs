//! awk's and sed's calls: where their programs stand, and what their input is
//! to the commands in them.

use super::Reader;
use crate::actions::Reading;
use crate::invocation::{Invocation, Stdin};
use crate::parse::little::{awk, sed};

/// The most files of sed's whose lines are taken for commands.
const MAX_FILES: usize = 20;

impl Reader<'_> {
    pub(super) fn awk(&self) -> Reading {
        if self.parsed.has("--sandbox") {
            return Reading::default();
        }
        let (text, taken) = self.program(&["-e"], &["-f", "-E", "-i"]);
        let assigned = self.parsed.all("-v").filter_map(|given| given.value.as_ref());
        let operands = self.parsed.positionals.iter().skip(taken);
        let pairs = assigned.map(|value| self.value(value));
        let pairs = pairs.chain(operands.map(|word| self.word(word)));
        let set: Vec<(String, String)> = pairs
            .filter_map(|pair| {
                pair.split_once('=').map(|(name, value)| (name.into(), value.into()))
            })
            .collect();
        self.found(&awk::read(&text.code, &set), &text)
    }

    pub(super) fn sed(&self) -> Reading {
        if self.parsed.has("--sandbox") {
            return Reading::default();
        }
        let (text, taken) = self.program(&["-e"], &["-f"]);
        let found = sed::read(&text.code);
        let mut reading = self.found(&found, &text);
        if !found.runs_input {
            return reading;
        }
        // Its lines are commands: what a shell would do with them.
        let outer = self.surroundings(&text.files);
        let shell = |words: &[&str]| Invocation {
            argv: words.iter().map(Into::into).collect(),
            dynamic: Vec::new(),
            templates: Vec::new(),
            ..outer.clone()
        };
        let files = self.parsed.positionals.iter().skip(taken).filter(|word| !word.dynamic);
        let files: Vec<&str> = files.filter_map(|word| word.text.to_str()).collect();
        // Of what is changed before it runs, only a known text says anything.
        let matters = found.started.is_empty() || !matches!(outer.stdin, Stdin::Opaque(_));
        if self.parsed.positionals.len() == taken && matters {
            reading.inner.push(shell(&["sh"]));
        }
        reading.inner.extend(files.into_iter().take(MAX_FILES).map(|path| shell(&["sh", path])));
        reading
    }
}
