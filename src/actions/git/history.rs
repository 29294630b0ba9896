//! Refs, stashes and reflogs that commands delete: whether a commit goes with
//! them that nothing else holds.

use super::Here;
use super::local::{Lost, MAX_UPDATES, is_now, named};
use super::lookup::{failed, several};
use crate::invocation::Input;
use crate::parse::argv::Parsed;

impl Here<'_> {
    pub(super) fn branch_gone(&self, parsed: &Parsed<'_>) -> Lost {
        let words = parsed.positionals.as_slice();
        if parsed.has("-D") || parsed.has("--delete") {
            return self.refs_gone("branch", &named("refs/heads/", words)?);
        }
        // A branch of the new name is overwritten, its reflog with it.
        let last = words.len().checked_sub(1).and_then(|at| words.get(at..)).unwrap_or_default();
        self.refs_gone("branch", &named("refs/heads/", last)?)
    }

    /// Whether commits of these refs are on no other.
    pub(super) fn refs_gone(&self, kind: &str, names: &[String]) -> Lost {
        let mut there = Vec::new();
        for name in names.iter().take(200) {
            if self.is_revision(name)? {
                there.push(name);
            }
        }
        if there.is_empty() {
            return Ok(None);
        }
        let mut words = vec!["rev-list".to_owned(), "--count".to_owned()];
        words.extend(there.iter().map(|name| (*name).clone()));
        words.push("--not".to_owned());
        words.extend(there.iter().map(|name| format!("--exclude={name}")));
        words.push("--glob=refs/*".to_owned());
        if self.repository.branch(&self.call.context).is_none() {
            words.push("HEAD".to_owned());
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let count = self.count(&words)?;
        if count > 0 && there.iter().all(|name| self.is_picked(name)) {
            return Ok(None);
        }
        let short = |name: &&String| {
            let name = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/"));
            name.unwrap_or("ref").to_owned()
        };
        let shown: Vec<String> = there.iter().map(short).collect();
        Ok((count > 0).then(|| {
            let plural = if kind == "branch" { "branches" } else { "refs" };
            format!(
                "Deletes {} with {} that no other branch, tag or remote has.",
                several(&shown, kind, plural),
                commits(count)
            )
        }))
    }

    /// Whether the main branch has the same change as each commit of a ref, as
    /// after a rebase, or after a branch of one commit was squashed.
    fn is_picked(&self, name: &str) -> bool {
        let own = self.repository.default_branch(&self.call.context, "origin");
        let bases = own.into_iter().chain(["main".to_owned(), "master".to_owned()]);
        let bases = bases
            .flat_map(|base| [format!("refs/remotes/origin/{base}"), format!("refs/heads/{base}")]);
        bases.filter(|base| *base != name).any(|base| {
            let range = format!("{base}...{name}");
            let words = ["rev-list", "--count", "--cherry-pick", "--right-only", range.as_str()];
            self.count(&words).is_ok_and(|count| count == 0)
        })
    }

    pub(super) fn update_ref(&self, parsed: &Parsed<'_>) -> Lost {
        if !parsed.has("--stdin") {
            return self
                .refs_gone("ref", &named("", parsed.positionals.get(..1).unwrap_or_default())?);
        }
        let text = match self.call.context.stdin(MAX_UPDATES) {
            Input::Terminal => return Ok(None),
            Input::Opaque(why) => return Err(format!("which refs it deletes is {why}")),
            Input::Text(text) => text,
        };
        let lines = text.split(|byte| matches!(byte, b'\n' | 0));
        let names: Vec<String> = lines
            .filter_map(|line| line.strip_prefix(b"delete "))
            .map(|rest| String::from_utf8_lossy(rest).trim().to_owned())
            .filter_map(|rest| rest.split(' ').next().map(str::to_owned))
            .collect();
        self.refs_gone("ref", &names)
    }

    pub(super) fn stash(&self, operation: &str, parsed: &Parsed<'_>) -> Lost {
        let word = parsed.positionals.first().filter(|_| operation == "stash drop");
        let name = match word {
            Some(word) if word.dynamic => "refs/stash".to_owned(),
            Some(word) => {
                let text = word.text.to_string_lossy();
                match text.parse::<u32>() {
                    Ok(number) => format!("stash@{{{number}}}"),
                    Err(_) => text.into_owned(),
                }
            }
            None => "refs/stash".to_owned(),
        };
        if !self.is_revision(&name)? {
            return Ok(None);
        }
        Ok(Some(match operation {
            "stash clear" => "Drops every stash; no branch has what is in them.".to_owned(),
            _ => format!(
                "Drops {}; no branch has what is in it.",
                if name == "refs/stash" { "the last stash" } else { &name }
            ),
        }))
    }

    pub(super) fn only_in_reflogs(&self) -> Lost {
        let count = self.count(&["rev-list", "--count", "--reflog", "--not", "--all"])?;
        Ok((count > 0)
            .then(|| format!("Forgets {} that only the reflog still holds.", commits(count))))
    }

    pub(super) fn prune(&self, operation: &str, parsed: &Parsed<'_>) -> Lost {
        let given = if operation == "gc" { "--prune" } else { "--expire" };
        let value = parsed.value(given).map(|value| value.text.to_string_lossy().into_owned());
        let value = match operation {
            "gc" => value.or_else(|| self.settings_value("gc.pruneexpire")),
            _ => value,
        };
        let expires = ["gc.reflogexpire", "gc.reflogexpireunreachable"].iter();
        let mut expires = expires.filter_map(|name| self.settings_value(name));
        if operation == "gc"
            && expires.any(|value| is_now(&value))
            && let Some(lost) = self.only_in_reflogs()?
        {
            return Ok(Some(lost));
        }
        let value = value
            .unwrap_or_else(|| if operation == "gc" { "2.weeks.ago" } else { "now" }.to_owned());
        let expire = format!("--expire={value}");
        let answer = self.ask(&["prune", "-n", &expire], &[])?;
        if answer.status != 0 {
            return if self.repository.git_dir.is_none() {
                Ok(None)
            } else {
                Err(failed("prune -n", &answer))
            };
        }
        let text = String::from_utf8_lossy(&answer.out);
        let count = text.lines().filter(|line| line.ends_with(" commit")).count();
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        Ok((count > 0).then(|| {
            format!(
                "Deletes {} for good that no branch, tag or reflog holds any more, such as dropped \
                 stashes and deleted branches.",
                commits(count)
            )
        }))
    }

    /// Commits that filter-branch or filter-repo rewrites and no remote has.
    pub(super) fn rewritten(&self) -> Lost {
        let words = ["rev-list", "--count", "--branches", "--tags", "--not", "--remotes"];
        let count = match self.count(&words) {
            Ok(count) => count,
            Err(_) if self.repository.git_dir.is_none() && self.changed(&[])?.is_empty() => 0,
            Err(error) => return Err(error),
        };
        Ok((count > 0).then(|| {
            format!("Rewrites {} that no remote has, and forgets what they were.", commits(count))
        }))
    }
}

/// `1 commit`, `3 commits`.
pub(super) fn commits(count: u64) -> String {
    if count == 1 { "1 commit".to_owned() } else { format!("{count} commits") }
}
