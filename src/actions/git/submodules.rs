//! Work trees beside the command's own: submodules, and linked work trees that
//! are removed. Each is asked in its own directory.

use std::path::{Path, PathBuf};

use super::Here;
use super::history::commits;
use super::local::{is_made_anew, sentence};
use crate::parse::argv::Parsed;
use crate::parse::git_config;

/// The most submodules that are looked at.
const MAX_SUBMODULES: usize = 50;

/// The most bytes of `.gitmodules` that are read.
const MAX_SETTINGS: usize = 1 << 20;

impl Here<'_> {
    /// The submodules' paths, relative to the top of the work tree.
    pub(super) fn submodules(&self) -> Vec<PathBuf> {
        let Some(top) = &self.repository.top else { return Vec::new() };
        let text = self.call.context.read(top.join(".gitmodules"), MAX_SETTINGS);
        let text = text.unwrap_or_default();
        git_config::parse(&String::from_utf8_lossy(&text))
            .into_iter()
            .filter(|entry| entry.name.starts_with("submodule.") && entry.name.ends_with(".path"))
            .filter_map(|entry| entry.value.map(PathBuf::from))
            .take(MAX_SUBMODULES + 1)
            .collect()
    }

    pub(super) fn submodule(
        &self,
        operation: &str,
        parsed: &Parsed<'_>,
    ) -> Result<Option<String>, String> {
        let Some(top) = self.repository.top.clone() else {
            return match self.repository.git_dir {
                None => self.changed(&[]).map(|_| None),
                Some(_) => Ok(None),
            };
        };
        let dirs = self.submodules();
        if dirs.len() > MAX_SUBMODULES {
            return Err(format!("there are more than {MAX_SUBMODULES} submodules"));
        }
        let chosen: Vec<PathBuf> =
            parsed.positionals.iter().map(|word| self.globals.dir.join(word.text)).collect();
        let computed = parsed.positionals.iter().any(|word| word.dynamic);
        let world = self.call.context.world;
        let mut names = Vec::new();
        for dir in dirs.into_iter().map(|dir| top.join(dir)) {
            let named = chosen.iter().any(|path| *path == dir || dir.starts_with(path));
            if !(chosen.is_empty() || computed || named) || !world.exists(&dir.join(".git")) {
                continue;
            }
            // An update touches what is tracked, deinit takes all of it.
            names.extend(self.unsaved(&dir, operation == "submodule deinit")?);
        }
        Ok(sentence("Overwrites or deletes", &names))
    }

    pub(super) fn worktree(&self, parsed: &Parsed<'_>) -> Result<Option<String>, String> {
        let Some(word) = parsed.positionals.first() else { return Ok(None) };
        if word.dynamic {
            return Err("which work tree it removes is computed at run time".to_owned());
        }
        let mut dir = self.globals.dir.join(word.text);
        if !self.call.context.world.is_dir(&dir) {
            // git also takes the last parts of a work tree's path.
            let answer = self.ask(&["worktree", "list", "--porcelain", "-z"], &[])?;
            let text = String::from_utf8_lossy(&answer.out).into_owned();
            let trees = text.split('\0').filter_map(|line| line.strip_prefix("worktree "));
            let found = trees.map(PathBuf::from).find(|tree| tree.ends_with(Path::new(word.text)));
            let Some(tree) = found else {
                return if answer.status == 0 || self.repository.git_dir.is_none() {
                    Ok(None)
                } else {
                    Err("the work trees cannot be listed".to_owned())
                };
            };
            dir = tree;
        }
        let names = self.unsaved(&dir, true)?;
        if let Some(lost) = sentence("Deletes", &names) {
            return Ok(Some(lost));
        }
        // Commits on no branch are held by the work tree's own HEAD alone.
        let words = ["rev-list", "--count", "HEAD", "--not", "--glob=refs/*"];
        let answer = self.ask_at(&dir, &words)?;
        let count = String::from_utf8_lossy(&answer.out).trim().parse().unwrap_or(0);
        Ok((count > 0)
            .then(|| format!("Forgets {} that no branch, tag or remote has.", commits(count))))
    }

    /// What a work tree holds that no commit does.
    fn unsaved(&self, dir: &Path, all: bool) -> Result<Vec<String>, String> {
        let mut words =
            vec!["status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=dirty"];
        words.extend(match all {
            true => ["--untracked-files=all", "--ignored=traditional"].as_slice(),
            false => &["--untracked-files=no"],
        });
        let answer = self.ask_at(dir, &words)?;
        let changed = self.listed(&answer)?;
        let lost = changed.into_iter().filter(|file| match file.index {
            '?' => true,
            '!' => !is_made_anew(&file.path),
            _ => file.is_staged() || file.is_modified(),
        });
        Ok(lost.map(|file| file.path).collect())
    }
}
