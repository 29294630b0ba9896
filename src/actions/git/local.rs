//! Commands that could lose what is only in this repository: for each, what
//! git is asked, and what is lost by its answer. A file that was deleted, a
//! commit that another ref or a reflog still holds, and what builds make anew
//! are no loss.

use std::ffi::OsString;

use super::lookup::{Changed, failed, several};
use super::{Here, is_on};
use crate::invocation::Input;
use crate::parse::argv::{Parsed, Word};
use crate::text::glob;

/// Ignored files and folders that a build, an installation or an editor makes
/// anew.
const MADE_ANEW: &[&str] = &[
    "node_modules",
    "bower_components",
    "target",
    "dist",
    "build",
    "out",
    "output",
    "bin",
    "obj",
    "lib64",
    "_build",
    "deps",
    "coverage",
    ".coverage",
    ".coverage.*",
    "htmlcov",
    ".nyc_output",
    "__pycache__",
    "*.pyc",
    "*.pyo",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
    ".nox",
    ".venv",
    "venv",
    "*.egg-info",
    ".eggs",
    ".hypothesis",
    ".next",
    ".nuxt",
    ".output",
    ".svelte-kit",
    ".turbo",
    ".cache",
    ".parcel-cache",
    ".vite",
    ".angular",
    ".gradle",
    ".terraform",
    ".dart_tool",
    "Pods",
    "DerivedData",
    "vendor",
    "elm-stuff",
    ".stack-work",
    "dist-newstyle",
    ".eslintcache",
    ".stylelintcache",
    "*.tsbuildinfo",
    "*.o",
    "*.a",
    "*.so",
    "*.d",
    "*.class",
    "*.gcda",
    "*.gcno",
    ".DS_Store",
    "Thumbs.db",
    "*.swp",
    "*.swo",
    "*~",
];

/// The most bytes of ref updates that are read.
pub(super) const MAX_UPDATES: usize = 1 << 20;

/// The most files that a commit is asked about by name.
const MAX_NAMES: usize = 500;

pub(super) type Lost = Result<Option<String>, String>;

impl Here<'_> {
    /// What the command would lose, in one sentence.
    pub(super) fn loses(&self, operation: &str, parsed: &Parsed<'_>) -> Lost {
        if !self.may_lose(operation, parsed) {
            return Ok(None);
        }
        match operation {
            "reset" if parsed.has("--merge") => {
                let staged = self.changed(&[])?.into_iter().filter(Changed::is_staged);
                Ok(files("Throws away what is staged in", staged))
            }
            "reset" => self.replaces(parsed.positionals.first(), &[], false),
            "checkout" => self.checkout(parsed),
            "restore" => self.restore(parsed),
            "switch" => {
                let start = parsed.positionals.first();
                self.replaces(start, &[], false)
            }
            "clean" => self.clean(parsed),
            "rm" => {
                let changed = self.changed(&self.paths(parsed, &parsed.positionals))?;
                let lost =
                    changed.into_iter().filter(|file| file.is_staged() || file.is_modified());
                Ok(files("Deletes", lost))
            }
            "read-tree" => self.replaces(parsed.positionals.first(), &[], false),
            "checkout-index" => {
                let paths = match parsed.has("--all") || parsed.has("--stdin") {
                    true => Vec::new(),
                    false => self.paths(parsed, &parsed.positionals),
                };
                let changed = self.changed(&paths)?;
                Ok(files("Overwrites", changed.into_iter().filter(Changed::is_modified)))
            }
            "branch" => self.branch_gone(parsed),
            "tag" => self.refs_gone("tag", &named("refs/tags/", &parsed.positionals)?),
            "update-ref" => self.update_ref(parsed),
            "stash drop" | "stash clear" => self.stash(operation, parsed),
            "worktree remove" => self.worktree(parsed),
            "submodule deinit" | "submodule update" => self.submodule(operation, parsed),
            "reflog expire" | "reflog delete" => self.only_in_reflogs(),
            "gc" | "prune" => self.prune(operation, parsed),
            // filter-branch, filter-repo
            _ => self.rewritten(),
        }
    }

    /// Whether the words could lose anything at all. Asks nobody.
    pub(super) fn may_lose(&self, operation: &str, parsed: &Parsed<'_>) -> bool {
        if is_on(parsed, "--dry-run", "--no-dry-run") || parsed.has("--help") {
            return false;
        }
        let force = is_on(parsed, "--force", "--no-force");
        let stdin = || self.call.context.stdin(MAX_UPDATES);
        // Whoever sees the question may say no to it; a pipe says what it holds.
        let asks = |on: bool| on && stdin() == Input::Terminal;
        match operation {
            "reset" => parsed.has("--hard") || parsed.has("--merge"),
            "checkout" if asks(is_on(parsed, "--patch", "--no-patch")) => false,
            "checkout" => {
                force
                    || parsed.has("--pathspec-from-file")
                    || parsed.before_dashes.is_some_and(|at| parsed.positionals.len() > at)
                    || parsed.positionals.len() > 1
                    || (parsed.positionals.first().is_some_and(|word| self.may_be_path(word))
                        && !["-b", "-B", "--orphan", "--detach"]
                            .iter()
                            .any(|name| parsed.has(name)))
                    || is_on(parsed, "--patch", "--no-patch")
            }
            "restore" if asks(is_on(parsed, "--patch", "--no-patch")) => false,
            "restore" => {
                !is_on(parsed, "--staged", "--no-staged")
                    || is_on(parsed, "--worktree", "--no-worktree")
            }
            "switch" => force || is_on(parsed, "--discard-changes", "--no-discard-changes"),
            "clean" => {
                let asked =
                    parsed.has("--interactive") || self.is_set("clean.requireforce", "false");
                (force || asked) && !asks(parsed.has("--interactive"))
            }
            "rm" => force && !is_on(parsed, "--cached", "--no-cached"),
            "read-tree" => is_on(parsed, "--reset", "--no-reset") && parsed.has("-u"),
            "checkout-index" => force && !parsed.has("--prefix") && !parsed.has("--temp"),
            "branch" => {
                let moves = parsed.has("-M")
                    || parsed.has("-C")
                    || (force && (parsed.has("--move") || parsed.has("--copy")));
                (parsed.has("-D") || moves || (force && parsed.has("--delete")))
                    && !parsed.has("--remotes")
            }
            "tag" => parsed.has("--delete"),
            "update-ref" => parsed.has("-d") || parsed.has("--stdin"),
            "worktree remove" | "submodule deinit" | "submodule update" => force,
            "reflog expire" => ["--expire", "--expire-unreachable"].iter().any(|name| {
                let value = parsed.value(name);
                value
                    .is_some_and(|value| !["never", "false"].iter().any(|word| value.text == *word))
            }),
            "gc" => {
                let given = parsed.value("--prune").map(|value| value.text.to_string_lossy());
                given.is_some_and(|value| is_now(&value))
                    || ["gc.pruneexpire", "gc.reflogexpire", "gc.reflogexpireunreachable"]
                        .iter()
                        .any(|name| self.settings_value(name).is_some_and(|value| is_now(&value)))
            }
            "filter-repo" => !parsed.has("--analyze"),
            _ => true,
        }
    }

    pub(super) fn settings_value(&self, name: &str) -> Option<String> {
        let settings = self.repository.settings(&self.call.context, &self.globals);
        settings.last(name).map(str::to_owned)
    }

    fn is_set(&self, name: &str, value: &str) -> bool {
        self.settings_value(name).is_some_and(|set| set.eq_ignore_ascii_case(value))
    }

    /// Whether `git checkout WORD` may be about a file: it is one on disk that
    /// no branch is named like, or a pattern. What is not there cannot be lost.
    fn may_be_path(&self, word: &Word<'_>) -> bool {
        let text = word.text.to_string_lossy();
        if word.dynamic {
            return false;
        }
        let pattern = text.starts_with(':') || text.contains(['*', '?', '[']);
        let on_disk = self.call.context.world.exists(&self.globals.dir.join(word.text));
        let branch = format!("refs/heads/{text}");
        (pattern || on_disk) && !self.repository.has_ref(&self.call.context, &branch)
    }

    /// The words as pathspecs; all of the work tree if one is computed or they
    /// stand in a file.
    fn paths(&self, parsed: &Parsed<'_>, words: &[Word<'_>]) -> Vec<OsString> {
        if parsed.has("--pathspec-from-file") || words.iter().any(|word| word.dynamic) {
            return Vec::new();
        }
        words.iter().map(|word| word.text.to_owned()).collect()
    }

    /// The files of `paths` become those of a commit: whatever differs from
    /// what is committed is lost, and so is an untracked file in the way.
    fn replaces(&self, revision: Option<&Word<'_>>, paths: &[OsString], overlay: bool) -> Lost {
        let changed = self.changed(paths)?;
        let lost = changed.into_iter().filter(|file| file.is_staged() || file.is_modified());
        let mut names: Vec<String> = lost.map(|file| file.path).collect();
        let name = match revision {
            Some(word) if word.dynamic => None,
            Some(word) => Some(word.text.to_string_lossy().into_owned()),
            None => Some("HEAD".to_owned()),
        };
        if let Some(name) = name {
            if overlay && (1..=MAX_NAMES).contains(&names.len()) {
                let words = ["ls-tree", "-r", "-z", "--full-tree", "--name-only", &name, "--"];
                let rest: Vec<OsString> = names.iter().map(OsString::from).collect();
                let answer = self.ask(&words, &rest)?;
                let there = String::from_utf8_lossy(&answer.out).into_owned();
                names.retain(|name| there.split('\0').any(|path| path == name));
            }
            names.extend(self.overwritten(&name, paths)?);
        }
        names.sort();
        names.dedup();
        Ok(sentence("Overwrites", &names))
    }

    fn checkout(&self, parsed: &Parsed<'_>) -> Lost {
        let words = parsed.positionals.as_slice();
        let (tree, paths) = match parsed.before_dashes {
            Some(at) => (words.first().filter(|_| at > 0), words.get(at..).unwrap_or_default()),
            None => match words.split_first() {
                // The branch to switch to, with --force.
                None => (None, words),
                Some((first, _)) if first.dynamic => {
                    (Some(first), words.get(1..).unwrap_or_default())
                }
                Some((first, rest)) => {
                    match self.is_revision(&format!("{}^{{tree}}", first.text.to_string_lossy()))? {
                        true => (Some(first), rest),
                        false => (None, words),
                    }
                }
            },
        };
        let from_file = parsed.has("--pathspec-from-file");
        let patch = is_on(parsed, "--patch", "--no-patch");
        match (paths.is_empty() && !from_file && !patch, tree) {
            (true, _) if !is_on(parsed, "--force", "--no-force") => Ok(None),
            (true, tree) => self.replaces(tree, &[], false),
            (false, Some(tree)) => {
                let overlay = !parsed.has("--no-overlay");
                self.replaces(Some(tree), &self.paths(parsed, paths), overlay)
            }
            (false, None) => self.index_over(parsed, &self.paths(parsed, paths)),
        }
    }

    fn restore(&self, parsed: &Parsed<'_>) -> Lost {
        let paths = self.paths(parsed, &parsed.positionals);
        let source = parsed.value("--source").map(|value| Word {
            index: value.index,
            text: value.text,
            dynamic: value.dynamic,
        });
        match source.is_some() || is_on(parsed, "--staged", "--no-staged") {
            true => {
                self.replaces(source.as_ref(), &paths, is_on(parsed, "--overlay", "--no-overlay"))
            }
            false => self.index_over(parsed, &paths),
        }
    }

    /// The files of `paths` become those of the index. One side of a merge may
    /// be taken without losing the other.
    fn index_over(&self, parsed: &Parsed<'_>, paths: &[OsString]) -> Lost {
        let sides = ["--ours", "--theirs", "--merge"].iter().any(|name| parsed.has(name));
        let changed = self.changed(paths)?;
        let lost =
            changed.into_iter().filter(|file| file.is_modified() && !(sides && file.is_unmerged()));
        Ok(files("Overwrites", lost))
    }

    /// git's own dry run, and of what is ignored only what nothing makes anew.
    fn clean(&self, parsed: &Parsed<'_>) -> Lost {
        let mut words = vec!["clean", "-n"];
        let forced = parsed.all("--force").count() > 1;
        let flags = [("-f", forced), ("-f", forced), ("-d", parsed.has("-d"))];
        words.extend(flags.into_iter().filter_map(|(flag, on)| on.then_some(flag)));
        let mut rest: Vec<OsString> = Vec::new();
        for value in parsed.all("--exclude").filter_map(|given| given.value) {
            rest.extend([OsString::from("-e"), value.text.to_owned()]);
        }
        rest.push("--".into());
        rest.extend(self.paths(parsed, &parsed.positionals));
        let removed = |ignored: Option<&'static str>| {
            let words: Vec<&str> = words.iter().copied().chain(ignored).collect();
            let answer = self.ask(&words, &rest)?;
            match answer.status {
                0 => Ok(String::from_utf8_lossy(&answer.out)
                    .lines()
                    .filter_map(|line| line.strip_prefix("Would remove "))
                    .map(str::to_owned)
                    .collect::<Vec<String>>()),
                128 if self.repository.git_dir.is_none() => Ok(Vec::new()),
                _ => Err(failed("clean -n", &answer)),
            }
        };
        let mut names = match parsed.has("-X") {
            true => Vec::new(),
            false => removed(None)?,
        };
        let ignored = parsed.last("-X").map(|_| "-X").or(parsed.last("-x").map(|_| "-x"));
        if ignored.is_some() {
            let more = removed(ignored)?.into_iter().filter(|name| !is_made_anew(name));
            let more: Vec<String> = more.filter(|name| !names.contains(name)).collect();
            names.extend(more);
        }
        names.retain(|name| !self.is_empty_dir(name));
        Ok(sentence("Deletes", &names))
    }

    fn is_empty_dir(&self, name: &str) -> bool {
        let path = self.globals.dir.join(name);
        let world = self.call.context.world;
        name.ends_with('/') && world.is_dir(&path) && world.list(&path).is_empty()
    }
}

/// Whether an expiry date is the present.
pub(super) fn is_now(value: &str) -> bool {
    matches!(value.trim(), "now" | "all" | "0")
        || glob("*.second*", value)
        || glob("*.minute*", value)
}

/// Whether an ignored path is one that is made anew.
pub(super) fn is_made_anew(path: &str) -> bool {
    path.trim_matches('"')
        .split('/')
        .any(|part| MADE_ANEW.iter().any(|pattern| glob(pattern, part)))
}

/// The names behind `front`; an error if one is computed.
pub(super) fn named(front: &str, words: &[Word<'_>]) -> Result<Vec<String>, String> {
    match words.iter().find(|word| word.dynamic) {
        Some(_) => Err("which one is computed at run time".to_owned()),
        None => {
            Ok(words.iter().map(|word| format!("{front}{}", word.text.to_string_lossy())).collect())
        }
    }
}

fn files(verb: &str, files: impl Iterator<Item = Changed>) -> Option<String> {
    let names: Vec<String> = files.map(|file| file.path).collect();
    sentence(verb, &names)
}

/// One sentence about these files; none if there are none.
pub(super) fn sentence(verb: &str, names: &[String]) -> Option<String> {
    let what = several(names, "file", "files");
    (!names.is_empty()).then(|| format!("{verb} {what} whose changes no commit holds."))
}
