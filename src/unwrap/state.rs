//! What a shell knows while a line runs: variables, directory, functions,
//! files written, standard input. Values are kept as templates, in which
//! [`HOLE`] stands for whatever is computed at run time. A copy costs nothing,
//! and what branches made of one are put together by what they changed.

use std::ffi::OsString;
use std::ops::Deref;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use rpds::Vector;

use crate::invocation::{COMPUTED, Env, HOLE, Invocation, Stdin, Written};
use crate::parse::shell::Command;
use crate::retarget::After;
use crate::tracked::Tracked;

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
    pub elements: Option<Vector<Template>>,
    /// A sample of its value, where that is computed and bounded.
    pub sample: Option<Template>,
    /// Whether commands get it in their environment.
    pub exported: bool,
}

/// What a function may run: more than one where branches define several.
pub(super) type Bodies = Rc<[Rc<Command>]>;

/// `$1` and on.
#[derive(Clone, Debug)]
pub(super) struct Words {
    all: Rc<[Template]>,
    from: usize,
}

impl Words {
    /// What is left of them when the first `count` are shifted away.
    pub fn shifted(&self, count: usize) -> Option<Words> {
        let from = self.from.checked_add(count).filter(|from| *from <= self.all.len())?;
        Some(Words { all: self.all.clone(), from })
    }
}

impl Deref for Words {
    type Target = [Template];

    fn deref(&self) -> &[Template] {
        self.all.get(self.from..).unwrap_or_default()
    }
}

impl From<Vec<Template>> for Words {
    fn from(words: Vec<Template>) -> Words {
        Words { all: words.into(), from: 0 }
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Words) -> bool {
        (Rc::ptr_eq(&self.all, &other.all) && self.from == other.from) || **self == **other
    }
}

/// A file, and what the line had written to it before.
pub(super) type Before = (PathBuf, Option<Option<Arc<[u8]>>>);

/// The state of a shell.
#[derive(Clone, Debug)]
pub(super) struct State {
    /// The variables that the text sets.
    pub vars: Tracked<Rc<str>, Variable>,
    /// The environment as it was after so many changes of the variables.
    env: (Env, usize),
    /// The directory, where the text changes it.
    pub cwd: Option<PathBuf>,
    /// The functions.
    pub functions: Tracked<Rc<str>, Bodies>,
    /// The aliases.
    pub aliases: Tracked<Rc<str>, Rc<[u8]>>,
    /// `$0`.
    pub zero: Rc<[u8]>,
    /// `$1` and on; none where they are not known.
    pub positional: Option<Words>,
    /// Files that the text writes.
    pub written: Written,
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
    /// The state of a fresh shell, started in these surroundings.
    pub fn new(surroundings: &Invocation) -> State {
        State {
            vars: Tracked::default(),
            env: (surroundings.env.clone(), 0),
            cwd: None,
            functions: Tracked::default(),
            aliases: Tracked::default(),
            zero: Rc::from(&b"bash"[..]),
            positional: None,
            written: surroundings.written.clone(),
            after: Vec::new(),
            stops: false,
            exports_all: false,
            odd_ifs: false,
            no_patterns: false,
            odd_patterns: false,
            stdin: surroundings.stdin.clone(),
        }
    }

    /// Gives a variable a value, or none at all.
    pub fn put(&mut self, name: &str, variable: Option<Variable>) {
        match variable {
            Some(variable) => self.vars.push((name.into(), variable)),
            None => self.vars.remove(name),
        }
    }

    /// A variable, to be changed; an unset one if there was none.
    pub fn change(&mut self, name: &str) -> Option<&mut Variable> {
        if !self.vars.contains_key(name) {
            self.vars.push((name.into(), Variable::default()));
        }
        self.vars.change(name)
    }

    /// Makes a variable one whose value is computed at run time.
    pub fn forget(&mut self, name: &str) {
        let exported = self.vars.get(name).is_some_and(|variable| variable.exported);
        let value = Some(unknown());
        self.put(name, Some(Variable { value, exported, ..Variable::default() }));
    }

    /// What a command finds in its environment, over `outer`, and how many
    /// bytes had to be copied for that.
    pub fn environment(&mut self, outer: &Env) -> (Env, usize) {
        let (env, seen) = &mut self.env;
        let mut copied = 0;
        if *seen < self.vars.changes() {
            for name in self.vars.changed_after(*seen) {
                let key = OsString::from(&*name);
                match self.vars.get(&name).filter(|variable| variable.exported) {
                    Some(variable) => {
                        let value = variable.value.as_ref().map(|value| {
                            if is_computed(value) {
                                OsString::from(COMPUTED)
                            } else {
                                OsString::from_vec(value.clone())
                            }
                        });
                        copied += value.as_ref().map_or(0, |value| value.len());
                        env.push((key, value));
                    }
                    None => match outer.get(&key).cloned() {
                        Some(value) => env.push((key, value)),
                        None => env.remove(&key),
                    },
                }
            }
            *seen = self.vars.changes();
        }
        (env.clone(), copied)
    }

    /// Notes that a file is written.
    pub fn write(&mut self, path: PathBuf, text: Option<Arc<[u8]>>) {
        self.written.push((path, text));
    }

    /// The text that the line wrote to a file, if it wrote to it.
    pub fn file(&self, path: &Path) -> Option<&Option<Arc<[u8]>>> {
        self.written.get(path)
    }

    /// Makes the directory one that is computed at run time.
    pub fn lose_cwd(&mut self) {
        self.cwd = Some(PathBuf::from(COMPUTED));
    }

    /// Either these commands or the others have run.
    pub fn join_after(&mut self, mut other: Vec<After>) {
        let same =
            |(own, other): &(&After, &After)| own.wake.is(&other.wake) && own.sure == other.sure;
        let same = self.after.iter().zip(&other).take_while(same).count();
        let (sure, mut others): (Vec<After>, Vec<After>) =
            other.drain(same..).partition(|one| one.sure);
        for one in self.after.iter_mut().skip(same) {
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
}
