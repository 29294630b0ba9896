//! `git-hook reference-transaction prepared`: local branches that are about to
//! go or to name another commit, whoever moves them. Of a protected branch,
//! what counts is whether commits are lost that nothing else holds; of every
//! other ref, nothing is asked. Adding commits, creating a branch, renaming
//! it, packing refs, amending the last commit, a rebase, and undoing commits
//! while their changes stay in the work tree lose nothing here. What git says
//! and which files it has while it waits for the hook was seen with git
//! 2.39.5, 2.47.3 and 2.55.0 (tests/git_transactions.rs).

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;

use super::Here;
use super::history::commits;
use super::local::Lost;
use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::Reading;
use crate::parse::ref_updates::{Update, is_zero};
use crate::target::git::{is_protected, local as local_target};
use crate::text::visible;

/// The most protected refs that are asked about in one transaction.
const MAX_ASKED: usize = 50;

/// The most other refs of a transaction that count as keeping commits.
const MAX_KEEPING: usize = 200;

/// How far up the git that waits for the hook may be.
const MAX_ANCESTORS: usize = 8;

/// The most bytes of a file of refs.
const MAX_REFS: usize = 16 << 20;

/// Reads a transaction that git has prepared. `named` are the refs that a
/// policy protects.
pub(super) fn read(here: &Here<'_>, updates: &[Update], named: &[OsString]) -> Reading {
    let mut reading = Reading::default();
    let mut default = None;
    let mut asked = 0;
    let mut updates = updates.to_vec();
    // HEAD goes along where it names the branch.
    let renamed = updates.iter().find(|update| update.name.starts_with("refs/heads/"));
    if let Some(update) = renamed.and_then(|update| here.overwritten_by(update)) {
        updates.push(update);
    }
    for update in &updates {
        let Some(branch) = update.branch() else { continue };
        let protected = is_protected(branch)
            || named.iter().any(|name| name.to_str() == Some(&update.name))
            || default
                .get_or_insert_with(|| here.repository.default_branch(&here.call.context, "origin"))
                .as_deref()
                == Some(branch);
        if !protected {
            continue;
        }
        asked += 1;
        let lost = match asked > MAX_ASKED {
            true => Err(format!("more than {MAX_ASKED} protected branches change at once")),
            false => here.moved(update, &updates),
        };
        reading.actions.extend(here.moves(branch, update, lost));
    }
    reading
}

impl Here<'_> {
    /// The action of a protected branch that changes.
    fn moves(&self, branch: &str, update: &Update, lost: Lost) -> Option<Action> {
        let shown = visible(branch, 80);
        let does = if update.deletes() { "Deletes" } else { "Moves" };
        let (effect, summary) = match lost {
            Ok(None) if !self.call.full => return None,
            Ok(None) => (Effect::Write, format!("{does} branch {shown} and loses no commit.")),
            Ok(Some(summary)) => (Effect::Destroy, summary),
            Err(why) => (
                Effect::Destroy,
                format!(
                    "{does} protected branch {shown}; whether commits are lost is not known: {why}."
                ),
            ),
        };
        let destroys = effect == Effect::Destroy;
        let target = local_target(self.repository.top.as_deref(), &self.globals.dir);
        let instead =
            "Keep the commits first: push them, or put a branch on them (git branch KEEP COMMIT).";
        Some(Action {
            flags: if destroys { Flags::of(&[Flag::Irreplaceable]) } else { Flags::NONE },
            object: Some(format!("branch {shown}")),
            summary,
            rule: "git-hook/reference-transaction".into(),
            instead: destroys.then(|| instead.into()),
            target,
            ..Action::new(effect, if update.deletes() { "delete branch" } else { "move branch" })
        })
    }

    /// What a protected branch loses by going, or by naming another commit.
    fn moved(&self, update: &Update, all: &[Update]) -> Lost {
        let Some(old) = self.current(update)? else { return Ok(None) };
        let deletes = update.deletes();
        let new = match update.new.strip_prefix("ref:") {
            Some(name) => name,
            None => update.new.as_str(),
        };
        if old == new || (deletes && (self.is_pruned(update) || self.is_renamed(update))) {
            return Ok(None);
        }
        if !deletes && self.ask(&["merge-base", "--is-ancestor", &old, new], &[])?.status == 0 {
            return Ok(None);
        }
        let count = self.held_nowhere(&old, (!deletes).then_some(new), all)?;
        if count == 0 {
            return Ok(None);
        }
        let kept = match deletes {
            true => false,
            false => {
                self.is_unfinished(&update.name, &old, new)
                    || (count == 1 && self.is_amended(&old, new, all)?)
                    || self.is_rewritten(&old, new)
                    || self.is_in_work_tree(update, &old, new)
            }
        };
        let branch = visible(update.branch().unwrap_or_default(), 80);
        let does = if deletes { "Deletes" } else { "Moves" };
        Ok((!kept).then(|| {
            format!(
                "{does} protected branch {branch} and with that drops {} that no other branch, tag \
                 or remote has.",
                commits(count)
            )
        }))
    }

    /// What the branch names now. git says it only where the command did.
    fn current(&self, update: &Update) -> Result<Option<String>, String> {
        if !is_zero(&update.old) && !update.old.starts_with("ref:") {
            return Ok(Some(update.old.clone()));
        }
        let Some(common) = self.repository.common.as_ref() else { return Ok(None) };
        let world = self.call.context.world;
        let file = common.join(&update.name);
        if !world.exists(&common.join("reftable")) && !world.exists(&file) {
            return Ok(self.packed(&update.name));
        }
        let loose = self.line(file);
        if let Some(id) = loose.filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            return Ok(Some(id));
        }
        let words = ["rev-parse", "-q", "--verify", "--end-of-options", &update.name];
        let answer = self.ask(&words, &[])?;
        let id = String::from_utf8_lossy(&answer.out).trim().to_owned();
        Ok((answer.status == 0 && !id.is_empty()).then_some(id))
    }

    /// What a packed ref names.
    fn packed(&self, name: &str) -> Option<String> {
        let path = self.repository.common.as_ref()?.join("packed-refs");
        let text = self.call.context.read(path, MAX_REFS).ok()?;
        let line = text.split(|byte| *byte == b'\n').find(|line| {
            line.strip_suffix(name.as_bytes()).is_some_and(|front| front.ends_with(b" "))
        })?;
        let id = line.split(|byte| *byte == b' ').next()?;
        Some(String::from_utf8_lossy(id).into_owned())
    }

    /// Whether only the file of a ref goes that has been packed: what packing
    /// does last. Who deletes a ref holds the packed ones locked meanwhile.
    fn is_pruned(&self, update: &Update) -> bool {
        let Some(common) = &self.repository.common else { return false };
        !is_zero(&update.old)
            && !self.call.context.world.exists(&common.join("packed-refs.lock"))
            && self.packed(&update.name).as_deref() == Some(&update.old)
    }

    /// Whether a branch is being renamed: its reflog waits under another name
    /// for the new one. git first deletes the old name, then the new one if it
    /// is there; a no to that would leave it with neither, so that all of it
    /// is judged at the first. (The waiting reflog alone says little: it stays
    /// where a rename was stopped.)
    fn is_renamed(&self, update: &Update) -> bool {
        let Some(common) = &self.repository.common else { return false };
        let exists = |path: PathBuf| self.call.context.world.exists(&path);
        exists(common.join("logs/refs/.tmp-renamed-log"))
            && (!exists(common.join("logs").join(&update.name)) || self.new_name().is_some())
    }

    /// The branch that a rename is about to overwrite, as it would be then.
    fn overwritten_by(&self, update: &Update) -> Option<Update> {
        let log = self.repository.common.as_ref()?.join("logs").join(&update.name);
        let first = update.deletes() && !self.call.context.world.exists(&log);
        if !first || !self.is_renamed(update) {
            return None;
        }
        Some(Update {
            name: format!("refs/heads/{}", self.new_name()?.trim_start_matches("refs/heads/")),
            old: "0".repeat(update.old.len()),
            new: update.old.clone(),
        })
    }

    /// The new name in the words of the `git branch --move` that waits for the
    /// hook, which git does not tell.
    fn new_name(&self) -> Option<String> {
        let waiting = self.call.context.world.ancestors(MAX_ANCESTORS);
        waiting.iter().find_map(|process| {
            let at = process.cmdline.iter().position(|word| word == "branch")?;
            let (front, words) = (process.cmdline.get(..at)?, process.cmdline.get(at + 1..)?);
            let moves = |word: &String| {
                let short = word.starts_with('-') && !word.starts_with("--");
                word == "--move" || short && word.contains(['m', 'M'])
            };
            let is_git = front.iter().any(|word| word.ends_with("git")) && words.iter().any(moves);
            let last = words.iter().rfind(|word| !word.starts_with('-'));
            last.filter(|_| is_git).cloned()
        })
    }

    /// How many commits of `old` nothing else holds: no other ref, and none
    /// that this transaction sets.
    fn held_nowhere(&self, old: &str, new: Option<&str>, all: &[Update]) -> Result<u64, String> {
        let mut words = vec!["rev-list".to_owned(), "--count".to_owned(), old.to_owned()];
        words.push("--not".to_owned());
        words.extend(new.map(str::to_owned));
        words.extend(self.other_refs(all, true));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.count(&words)
    }

    /// What stands for every ref that stays, behind `--not`.
    fn other_refs(&self, all: &[Update], with_new: bool) -> Vec<String> {
        let changed = all.iter().filter(|update| update.name.starts_with("refs/"));
        let mut words: Vec<String> =
            changed.clone().take(MAX_KEEPING).map(|it| format!("--exclude={}", it.name)).collect();
        words.push("--glob=refs/*".to_owned());
        if with_new {
            let new = changed.filter(|it| !it.deletes() && !it.new.starts_with("ref:"));
            words.extend(new.take(MAX_KEEPING).map(|it| it.new.clone()));
        }
        if self.repository.branch(&self.call.context).is_none() {
            words.push("HEAD".to_owned());
        }
        words
    }

    /// Whether git is finishing a rebase of this branch, or takes back what a
    /// cherry-pick, a revert or `git am` did before it stopped.
    fn is_unfinished(&self, name: &str, old: &str, new: &str) -> bool {
        let own = |file: &str| self.line(self.repository.git_dir.as_ref()?.join(file));
        let rebased = ["rebase-merge/head-name", "rebase-apply/head-name"];
        let origin = own("ORIG_HEAD");
        rebased.iter().any(|file| own(file).as_deref() == Some(name))
            // By patches, and without a stop, it leaves no such file: HEAD is at
            // what it made, and no branch yet.
            || (origin.as_deref() == Some(old) && own("HEAD").as_deref() == Some(new))
            || own("sequencer/head").as_deref() == Some(new)
            || (own("rebase-apply/applying").is_some() && origin.as_deref() == Some(new))
    }

    /// Whether the one commit that goes is replaced by one that nothing else
    /// has, on the same parents: `git commit --amend`.
    fn is_amended(&self, old: &str, new: &str, all: &[Update]) -> Result<bool, String> {
        let parents = |commit: &str| -> Result<Vec<String>, String> {
            let answer = self.ask(&["rev-list", "--parents", "-n", "1", commit], &[])?;
            let text = String::from_utf8_lossy(&answer.out).into_owned();
            Ok(text.split_whitespace().skip(1).map(str::to_owned).collect())
        };
        if parents(old)? != parents(new)? {
            return Ok(false);
        }
        let mut words = vec!["rev-list".to_owned(), "--count".to_owned(), new.to_owned()];
        words.extend(["--not".to_owned(), old.to_owned()]);
        words.extend(self.other_refs(all, false));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        Ok(self.count(&words)? == 1)
    }

    /// Whether the new commits hold the same changes as the old ones.
    fn is_rewritten(&self, old: &str, new: &str) -> bool {
        let range = format!("{old}...{new}");
        let words = ["rev-list", "--count", "--cherry-pick", "--left-only", "--no-merges", &range];
        let merges = ["rev-list", "--count", "--left-only", "--merges", &range];
        self.count(&words).is_ok_and(|count| count == 0)
            && self.count(&merges).is_ok_and(|count| count == 0)
    }

    /// Whether what the commits changed is still changed in the work tree, as
    /// after `reset --soft` and a plain `reset`.
    fn is_in_work_tree(&self, update: &Update, old: &str, new: &str) -> bool {
        let context = &self.call.context;
        let here = self.repository.branch(context);
        let Some(top) = self.repository.top.as_ref().filter(|_| here.as_deref() == update.branch())
        else {
            return false;
        };
        let list = |words: &[&str]| {
            let answer = self.ask(words, &[]).ok().filter(|answer| answer.status == 0)?;
            let text = String::from_utf8_lossy(&answer.out).into_owned();
            Some(text.split('\0').map(str::to_owned).collect::<Vec<String>>())
        };
        let diff = ["diff", "--no-ext-diff", "--no-textconv", "--no-renames", "-z"];
        let ask = |rest: &[&str]| list(&[&diff, rest].concat());
        let Some(done) = ask(&["--name-status", new, old, "--"]) else { return false };
        let Some(now) = ask(&["--name-only", new, "--"]) else { return false };
        let now: HashSet<String> = now.into_iter().collect();
        let mut pairs = done.chunks_exact(2).peekable();
        pairs.peek().is_some()
            && pairs.all(|pair| match pair {
                [status, path] if status == "A" => context.world.exists(&top.join(path)),
                [_, path] => now.contains(path),
                _ => false,
            })
    }

    /// The only line of a file.
    fn line(&self, path: PathBuf) -> Option<String> {
        let text = self.call.context.read(path, 4096).ok()?;
        Some(String::from_utf8_lossy(&text).trim().to_owned())
    }
}
