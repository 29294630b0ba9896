//! Questions to git, and its answers taken apart. Each question is one of
//! git's own commands that only looks; a failing one is an error, unless its
//! status says something itself.

use std::ffi::OsString;
use std::path::Path;

use super::Here;
use crate::target::git::Globals;
use crate::text::visible;
use crate::world::{Answer, Question};

/// Variables that say which repository and settings are meant, and how
/// pathspecs are read.
const VARIABLES: &[&str] = &[
    "HOME",
    "XDG_CONFIG_HOME",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
];

/// How many names a sentence lists.
const SHOWN: usize = 5;

/// A file that git's status lists: what differs between the last commit and
/// the index, and between the index and the work tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub index: char,
    pub tree: char,
    pub path: String,
}

impl Changed {
    /// Whether both sides of a merge stand there.
    pub fn is_unmerged(&self) -> bool {
        self.index == 'U'
            || self.tree == 'U'
            || matches!((self.index, self.tree), ('A', 'A') | ('D', 'D'))
    }

    /// Whether the index holds what no commit does.
    pub fn is_staged(&self) -> bool {
        self.is_unmerged() || matches!(self.index, 'M' | 'A' | 'T' | 'C' | 'R')
    }

    /// Whether the file holds what the index does not. One that was deleted
    /// holds nothing.
    pub fn is_modified(&self) -> bool {
        self.is_unmerged() || matches!(self.tree, 'M' | 'T' | 'A')
    }
}

impl Here<'_> {
    /// Asks git in the repository of this command.
    pub(super) fn ask(&self, words: &[&str], rest: &[OsString]) -> Result<Answer, String> {
        self.ask_in(&self.globals, words, rest, Vec::new())
    }

    /// The same with a standard input.
    pub(super) fn ask_with(&self, words: &[&str], input: Vec<u8>) -> Result<Answer, String> {
        self.ask_in(&self.globals, words, &[], input)
    }

    /// Asks git in another directory, whose repository git finds itself.
    pub(super) fn ask_at(&self, dir: &Path, words: &[&str]) -> Result<Answer, String> {
        let globals = Globals {
            dir: dir.to_owned(),
            settings: self.globals.settings.clone(),
            ..Globals::default()
        };
        self.ask_in(&globals, words, &[], Vec::new())
    }

    fn ask_in(
        &self,
        globals: &Globals,
        words: &[&str],
        rest: &[OsString],
        input: Vec<u8>,
    ) -> Result<Answer, String> {
        let context = &self.call.context;
        let mut front = globals.pathspec.clone();
        for (name, value) in [("--git-dir", &globals.git_dir), ("--work-tree", &globals.work_tree)]
        {
            if let Some(value) = value {
                front.extend([OsString::from(name), value.clone()]);
            }
        }
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "true".to_owned());
        let settings =
            globals.settings.iter().map(|entry| (entry.name.clone(), value(&entry.value)));
        let named =
            VARIABLES.iter().filter_map(|name| Some((OsString::from(name), context.var(name)?)));
        // The user database says where home is, where no variable does.
        let home = context.home().map(|home| (OsString::from("HOME"), home.into_os_string()));
        let question = Question {
            dir: globals.dir.clone(),
            globals: front,
            settings: settings.collect(),
            vars: home.into_iter().chain(named).collect(),
            words: words.iter().map(OsString::from).chain(rest.iter().cloned()).collect(),
            input,
        };
        let asked = context.world.ask_git(&question);
        match asked {
            Err(_) if self.is_yet_to_come(&question.dir) => {
                Ok(Answer { status: 128, ..Answer::default() })
            }
            asked => asked,
        }
    }

    /// Whether a folder is not there: `git clone URL x && cd x && git reset
    /// --hard`. A new one holds nothing that is nowhere else, unless an earlier
    /// command put it there.
    fn is_yet_to_come(&self, dir: &Path) -> bool {
        let context = &self.call.context;
        let dir = context.cwd().map_or_else(|| dir.to_owned(), |cwd| cwd.join(dir));
        let moved = |(file, _): (&std::path::PathBuf, _)| dir.starts_with(file);
        let world = context.world;
        // Where this process stands is there, and so is what holds a new one.
        let new = world.cwd().is_none_or(|cwd| cwd != dir) && !world.exists(&dir);
        let held = dir.parent().is_some_and(|parent| world.exists(parent));
        new && held && !context.invocation.written.iter().any(moved)
    }

    /// The tracked files with changes among `paths`, all if there are none.
    pub(super) fn changed(&self, paths: &[OsString]) -> Result<Vec<Changed>, String> {
        let words = [
            "status",
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--untracked-files=no",
            "--ignore-submodules=dirty",
            "--",
        ];
        let answer = self.ask(&words, paths)?;
        self.listed(&answer)
    }

    /// What a status printed.
    pub(super) fn listed(&self, answer: &Answer) -> Result<Vec<Changed>, String> {
        if answer.status != 0 {
            // Outside a repository, git does nothing at all.
            let outside =
                self.repository.git_dir.is_none() || self.is_yet_to_come(&self.globals.dir);
            let nowhere = answer.status == 128 && outside;
            return if nowhere { Ok(Vec::new()) } else { Err(failed("status", answer)) };
        }
        let text = String::from_utf8_lossy(&answer.out);
        let entry = |entry: &str| {
            let mut letters = entry.chars();
            let (index, tree) = (letters.next()?, letters.next()?);
            let path = letters.as_str().strip_prefix(' ')?.to_owned();
            Some(Changed { index, tree, path })
        };
        Ok(text.split('\0').filter_map(entry).collect())
    }

    /// How many commits a question counts.
    pub(super) fn count(&self, words: &[&str]) -> Result<u64, String> {
        let answer = self.ask(words, &[])?;
        let text = String::from_utf8_lossy(&answer.out);
        match text.trim().parse() {
            Ok(count) if answer.status == 0 => Ok(count),
            _ => Err(failed("rev-list", &answer)),
        }
    }

    /// Whether a name stands for a commit or another object.
    pub(super) fn is_revision(&self, name: &str) -> Result<bool, String> {
        let answer = self.ask(&["rev-parse", "-q", "--verify", "--end-of-options", name], &[])?;
        Ok(answer.status == 0)
    }

    /// Files on disk that are not in the index and that `revision` (one of
    /// git's trees) would be written over, among `paths`.
    pub(super) fn overwritten(
        &self,
        revision: &str,
        paths: &[OsString],
    ) -> Result<Vec<String>, String> {
        let words = [
            "diff-index",
            "--cached",
            "--name-only",
            "--no-renames",
            "-z",
            "--diff-filter=D",
            "--end-of-options",
            revision,
            "--",
        ];
        let answer = self.ask(&words, paths)?;
        if answer.status != 0 {
            // No such revision: git will say so.
            return Ok(Vec::new());
        }
        let Some(top) = &self.repository.top else { return Ok(Vec::new()) };
        let world = self.call.context.world;
        let is_there = |path: &&str| {
            let whole = top.join(path);
            let blocks = |above: &Path| world.exists(above) && !world.is_dir(above);
            world.exists(&whole)
                || whole.ancestors().skip(1).take_while(|above| *above != top).any(blocks)
        };
        let text = String::from_utf8_lossy(&answer.out);
        Ok(text
            .split('\0')
            .filter(|path| !path.is_empty())
            .filter(is_there)
            .map(str::to_owned)
            .collect())
    }
}

/// Why a question has no answer.
pub(super) fn failed(what: &str, answer: &Answer) -> String {
    format!("`git {what}` ended with status {}", answer.status)
}

/// `3 files (a, b, c)`: how many and which.
pub(super) fn several(names: &[String], one: &str, many: &str) -> String {
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| visible(name, 80)).collect();
    let more = if names.len() > SHOWN { ", …" } else { "" };
    let noun = if names.len() == 1 { one } else { many };
    format!("{} {noun} ({}{more})", names.len(), shown.join(", "))
}
