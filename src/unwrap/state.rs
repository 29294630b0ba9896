//! What a shell knows while a line runs: variables, directory, functions,
//! files written, standard input. Values are kept as templates, in which
//! [`HOLE`] stands for whatever is computed at run time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::invocation::{COMPUTED, HOLE, Stdin};
use crate::parse::shell::Command;
use crate::retarget::After;

/// Bytes in which [`HOLE`] stands for what is computed at run time.
pub(super) type Template = Vec<u8>;

/// A template of which nothing is known.
pub(super) fn unknown() -> Template {
    HOLE.as_bytes().to_vec()
}

/// Whether anything in a template is computed at run time.
pub(super) fn is_computed(template: &[u8]) -> bool {
    template.windows(HOLE.len()).any(|window| window == HOLE.as_bytes())
}

/// A shell variable.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Variable {
    /// Its value; none if unset.
    pub value: Option<Template>,
    /// Its elements, if it is an array whose elements are known.
    pub elements: Option<Vec<Template>>,
    /// A sample of its value, where that is computed and bounded.
    pub sample: Option<Template>,
    /// Whether commands get it in their environment.
    pub exported: bool,
}

/// A file that the line writes, and its text where that is known.
pub(super) type Written = (PathBuf, Option<Arc<[u8]>>);

/// A file, and what the line had written to it before.
pub(super) type Before = (PathBuf, Option<Option<Arc<[u8]>>>);

/// The state of a shell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    /// The variables that the text sets.
    pub vars: BTreeMap<String, Variable>,
    /// The directory, where the text changes it.
    pub cwd: Option<PathBuf>,
    /// The functions; more than one body where branches define several.
    pub functions: BTreeMap<String, Vec<Rc<Command>>>,
    /// The aliases.
    pub aliases: BTreeMap<String, Template>,
    /// `$0`.
    pub zero: Template,
    /// `$1` and on; none where they are not known.
    pub positional: Option<Vec<Template>>,
    /// Files that the text writes.
    pub written: Vec<Written>,
    /// The commands so far that may change where later ones land.
    pub after: Vec<After>,
    /// Whether a command that fails ends the shell (`set -e`).
    pub stops: bool,
    /// Whether every assignment exports (`set -a`).
    pub exports_all: bool,
    /// Whether IFS is no longer the usual one.
    pub odd_ifs: bool,
    /// Whether patterns are texts like others (`set -f`).
    pub no_patterns: bool,
    /// Whether they may mean something else than usual (`shopt -s nullglob`).
    pub odd_patterns: bool,
    /// What commands find on standard input.
    pub stdin: Stdin,
}

impl State {
    /// A fresh shell's state.
    pub fn new(stdin: Stdin) -> State {
        State {
            vars: BTreeMap::new(),
            cwd: None,
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            zero: b"bash".to_vec(),
            positional: None,
            written: Vec::new(),
            after: Vec::new(),
            stops: false,
            exports_all: false,
            odd_ifs: false,
            no_patterns: false,
            odd_patterns: false,
            stdin,
        }
    }

    /// About how many values it holds.
    pub fn size(&self) -> usize {
        let elements = self.vars.values().filter_map(|variable| variable.elements.as_ref());
        let words = self.positional.as_ref().map_or(0, Vec::len);
        10 + self.vars.len()
            + elements.map(Vec::len).sum::<usize>()
            + words
            + self.functions.len()
            + self.aliases.len()
            + self.written.len()
            + self.after.len()
    }

    /// Notes that a file is written.
    pub fn write(&mut self, path: PathBuf, text: Option<Arc<[u8]>>) {
        self.written.retain(|(file, _)| *file != path);
        self.written.push((path, text));
    }

    /// Makes a variable one whose value is computed at run time.
    pub fn forget(&mut self, name: &str) {
        let variable = self.vars.entry(name.to_owned()).or_default();
        variable.value = Some(unknown());
        variable.elements = None;
        variable.sample = None;
    }

    /// Makes the directory one that is computed at run time.
    pub fn lose_cwd(&mut self) {
        self.cwd = Some(PathBuf::from(COMPUTED));
    }

    /// What is known when either this or `other` may have come to be.
    pub fn merge(&mut self, other: State) {
        let names: BTreeSet<String> = self.vars.keys().chain(other.vars.keys()).cloned().collect();
        for name in names {
            let (here, there) = (self.vars.get(&name), other.vars.get(&name));
            if here == there {
                continue;
            }
            let exported = [here, there].into_iter().flatten().any(|variable| variable.exported);
            let value = |variable: Option<&Variable>| {
                variable.map(|it| (it.value.clone(), it.elements.clone(), it.sample.clone()))
            };
            let same = value(here) == value(there);
            if !same {
                self.forget(&name);
            }
            if let Some(variable) = self.vars.get_mut(&name) {
                variable.exported = exported;
            }
        }
        if self.cwd != other.cwd {
            self.lose_cwd();
        }
        for (name, bodies) in other.functions {
            let own = self.functions.entry(name).or_default();
            for body in bodies {
                if !own.contains(&body) {
                    own.push(body);
                }
            }
        }
        for (name, text) in other.aliases {
            self.aliases.entry(name).or_insert(text);
        }
        if self.positional != other.positional {
            self.positional = None;
        }
        for (path, text) in other.written {
            let own = self.file(&path).cloned();
            if own != Some(text) {
                self.write(path, None);
            }
        }
        self.stops &= other.stops;
        self.merge_after(other.after);
        self.exports_all |= other.exports_all;
        self.odd_ifs |= other.odd_ifs;
        self.odd_patterns |= other.odd_patterns || self.no_patterns != other.no_patterns;
        if self.stdin != other.stdin {
            self.stdin = Stdin::Opaque("what earlier commands leave of it".to_owned());
        }
    }

    /// Either these commands or the others have run.
    fn merge_after(&mut self, other: Vec<After>) {
        let (sure, mut others): (Vec<After>, Vec<After>) =
            other.into_iter().partition(|one| one.sure);
        for one in &mut self.after {
            one.sure &= sure.iter().any(|other| other.wake.is(&one.wake));
        }
        others.extend(sure);
        for one in others {
            if !self.after.iter().any(|own| own.wake.is(&one.wake)) {
                self.after.push(After { sure: false, ..one });
            }
        }
    }

    /// Any of the commands since the first `from` may have failed.
    pub fn doubt(&mut self, from: usize) {
        self.after.iter_mut().skip(from).for_each(|one| one.sure = false);
    }

    /// The text that the line wrote to a file, if it wrote to it.
    pub fn file(&self, path: &Path) -> Option<&Option<Arc<[u8]>>> {
        self.written.iter().rev().find(|(file, _)| file == path).map(|(_, text)| text)
    }
}
