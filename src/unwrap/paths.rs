//! Patterns in a shell's words → the files that they match in the directories
//! as they are now, as bash sorts out `*` and `?` by its usual options. Lists
//! directories, never reads a file.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::expand::Field;
use super::line::Lines;
use super::state::Template;
use crate::invocation::{COMPUTED, HOLE};
use crate::parse::shell::Word;
use crate::text::{glob, glob_exact};

/// The most files that a pattern is taken to mean one by one, and the most
/// directories that are listed for it.
pub(super) const MAX_FILES: usize = 64;

impl Lines<'_> {
    /// Where a pattern begins, if that is known.
    fn pattern_root(&self, pattern: &str) -> Option<PathBuf> {
        match (pattern.starts_with('/'), self.cwd()) {
            (true, _) => Some(PathBuf::from("/")),
            (false, Some(cwd)) if !cwd.to_string_lossy().contains(COMPUTED) => Some(cwd),
            _ => None,
        }
    }

    /// Whether a pattern could match a file that is there.
    pub(super) fn could_match(&self, pattern: &str) -> bool {
        let Some(mut dir) = self.pattern_root(pattern) else { return true };
        for component in pattern.split('/').filter(|component| !component.is_empty()) {
            if component.contains(['*', '?']) {
                let front = component.split(['*', '?']).next().unwrap_or_default();
                let begins = |name: &str| {
                    name.get(..front.len()).is_some_and(|it| it.eq_ignore_ascii_case(front))
                };
                return self.names(&dir).iter().any(|name| {
                    (component.starts_with('.') || !name.starts_with('.'))
                        && begins(name)
                        && glob(component, name)
                });
            }
            dir.push(component);
        }
        true
    }

    /// The files that a pattern matches, sorted, where that can be told: none
    /// where the shell may take it otherwise.
    pub(super) fn matches(&self, pattern: &[u8]) -> Option<Vec<Template>> {
        let pattern = std::str::from_utf8(pattern).ok()?;
        if self.state.odd_patterns || pattern.contains(['[', '(', '\\']) || pattern.contains(HOLE) {
            return None;
        }
        let last = pattern.rsplit('/').next().unwrap_or_default();
        if !self.spreads && last.trim_matches('*').is_empty() {
            return None;
        }
        let root = self.pattern_root(pattern)?;
        let (mut found, relative) = match pattern.strip_prefix('/') {
            Some(rest) => (vec!["/".to_owned()], rest),
            None => (vec![String::new()], pattern),
        };
        let mut listed = 0;
        let mut components = relative.split('/').peekable();
        while let Some(component) = components.next() {
            let last = components.peek().is_none();
            if component.is_empty() {
                return None;
            }
            let mut next = Vec::new();
            for front in &found {
                if !component.contains(['*', '?']) {
                    next.push(format!("{front}{component}"));
                    continue;
                }
                listed += 1;
                let hidden = component.starts_with('.');
                let names = self.names(&root.join(front));
                let fits = |name: &&String| {
                    (hidden || !name.starts_with('.')) && glob_exact(component, name)
                };
                next.extend(names.iter().filter(fits).map(|name| format!("{front}{name}")));
                if next.len() > MAX_FILES || listed > MAX_FILES {
                    return None;
                }
            }
            if last {
                next.retain(|path| {
                    component.contains(['*', '?']) || self.is_there(&root.join(path))
                });
            } else {
                next.retain(|path| self.context.world.is_dir(&root.join(path)));
                next.iter_mut().for_each(|path| path.push('/'));
            }
            found = next;
        }
        let odd =
            |path: &String| path.contains([char::REPLACEMENT_CHARACTER]) || path.contains(HOLE);
        found.sort();
        (!found.iter().any(odd)).then(|| found.into_iter().map(String::into_bytes).collect())
    }

    /// The fields of words, what is in a folder file by file.
    pub(super) fn spread(&mut self, words: &[Word]) -> Vec<Field> {
        let before = std::mem::replace(&mut self.spreads, true);
        let fields = self.fields(words);
        self.spreads = before;
        fields
    }

    /// What `ls` prints of these words: files as they are named, and the names
    /// in one directory.
    pub(super) fn listed(&self, words: &[Template]) -> Option<Template> {
        let words = match words {
            [option, rest @ ..] if option == b"-1" => rest,
            words => words,
        };
        let mut out = Vec::new();
        for word in words {
            let word = std::str::from_utf8(word).ok()?;
            let path = self.cwd()?.join(word);
            let lost = word.starts_with('-') || path.to_string_lossy().contains(COMPUTED);
            if lost || word.contains(HOLE) {
                return None;
            }
            match self.context.world.is_dir(&path) {
                true if words.len() == 1 => {
                    let names = self.names(&path);
                    out.extend(names.iter().filter(|name| !name.starts_with('.')).cloned());
                }
                false if self.is_there(&path) => out.push(word.to_owned()),
                _ => return None,
            }
        }
        out.sort();
        let odd = |name: &String| name.contains(['\n', char::REPLACEMENT_CHARACTER]);
        if out.len() > MAX_FILES || out.is_empty() || out.iter().any(odd) {
            return None;
        }
        Some(out.into_iter().flat_map(|name| format!("{name}\n").into_bytes()).collect())
    }

    /// The names in a directory, those that the text writes among them.
    fn names(&self, dir: &Path) -> Rc<[String]> {
        let listed = self.folders.names_in(dir.to_owned(), self);
        let written = self.state.written.iter().map(|(path, _)| path.as_path());
        let own = written.filter(|path| path.parent() == Some(dir)).filter_map(Path::file_name);
        let own: Vec<String> = own.map(|name| name.to_string_lossy().into_owned()).collect();
        // Each is compared with a pattern.
        self.folders.pay(listed.len() + self.state.written.len());
        if own.is_empty() {
            return listed;
        }
        let new = own.into_iter().filter(|name| !listed.contains(name));
        listed.iter().cloned().chain(new).collect()
    }

    fn is_there(&self, path: &Path) -> bool {
        self.context.world.exists(path) || self.state.file(path).is_some()
    }
}
