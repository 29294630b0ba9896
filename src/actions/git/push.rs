//! `git push` and `send-pack`: which refs of the remote would be deleted or
//! overwritten, by flags, refspecs and settings. Nothing is asked of anybody:
//! what the remote holds now is not known here, so a forced update of a
//! protected branch counts as one that loses something. Modelled on git
//! 2.47.3's builtin/push.c, refspec.c and remote.c.

use super::{Here, is_on};
use crate::action::{Action, Effect, Flag, Flags};
use crate::invocation::HOLE;
use crate::parse::argv::{Parsed, Word};
use crate::rules::Command;
use crate::target::git::{Settings, is_protected, push_url};
use crate::target::{Class, Evidence, Kind, Target};
use crate::text::visible;

/// What happens to refs of the remote.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Delete,
    Force,
    Mirror,
    Prune,
}

/// A push's own settings.
struct Push<'a> {
    settings: Settings,
    remote: String,
    url: String,
    /// The branch that HEAD names.
    current: Option<String>,
    /// The remote's own main branch.
    default: Option<String>,
    force: bool,
    command: &'a Command,
}

impl Here<'_> {
    pub(super) fn push(&self, parsed: &Parsed<'_>, command: &'static Command) -> Vec<Action> {
        if is_on(parsed, "--dry-run", "--no-dry-run") {
            return Vec::new();
        }
        let context = &self.call.context;
        let settings = self.repository.settings(context, &self.globals);
        let current = self.repository.branch(context);
        let named = parsed.positionals.first().map(|word| word.text.to_string_lossy().into_owned());
        let named = named.or_else(|| Some(parsed.value("--repo")?.text.to_string_lossy().into()));
        let remote = named.unwrap_or_else(|| default_remote(&settings, current.as_deref()));
        let push = Push {
            url: push_url(&settings, &remote),
            default: self.repository.default_branch(context, &remote),
            force: is_on(parsed, "--force", "--no-force")
                || is_on(parsed, "--force-with-lease", "--no-force-with-lease"),
            settings,
            remote,
            current,
            command,
        };
        let mut changes = self.changes(parsed, &push);
        changes.dedup_by(|a, b| a.0 == b.0 && a.1 == b.1);
        changes.iter().take(50).map(|(change, branch)| push.action(*change, branch)).collect()
    }

    /// What would be deleted or overwritten: a branch's name or a pattern.
    fn changes(&self, parsed: &Parsed<'_>, push: &Push<'_>) -> Vec<(Change, String)> {
        let every = "*".to_owned();
        let specs = parsed.positionals.get(1..).unwrap_or_default();
        let mirror = format!("remote.{}.mirror", push.remote);
        if is_on(parsed, "--mirror", "--no-mirror")
            || (push.settings.is_on(&mirror) && specs.is_empty())
        {
            return vec![(Change::Mirror, every)];
        }
        let mut out = Vec::new();
        let all =
            is_on(parsed, "--all", "--no-all") || is_on(parsed, "--branches", "--no-branches");
        let prune = is_on(parsed, "--prune", "--no-prune");
        let mut texts: Vec<String> = Vec::new();
        let mut words = specs.iter();
        while let Some(word) = words.next() {
            let text = self.spec(word);
            // `tag NAME` is a tag, which no branch loses by.
            if text == "tag" && specs.len() > 1 {
                words.next();
                continue;
            }
            texts.push(match text.contains(':') {
                true => text,
                false => push.mapped(text),
            });
        }
        if is_on(parsed, "--delete", "--no-delete") {
            let branches = texts.iter().filter_map(|text| self.branch(text, push));
            return branches.map(|branch| (Change::Delete, branch)).collect();
        }
        if specs.is_empty() {
            if all {
                texts.push("refs/heads/*:refs/heads/*".to_owned());
            } else if !is_on(parsed, "--tags", "--no-tags") {
                texts.extend(push.defaults());
            }
        }
        for text in &texts {
            let (text, plus) = match text.strip_prefix('+') {
                Some(rest) => (rest, true),
                None => (text.as_str(), false),
            };
            if text.starts_with('^') {
                continue;
            }
            let (from, to) = text.rsplit_once(':').unwrap_or((text, text));
            // `:` alone: every branch that both sides have.
            let to = if from.is_empty() && to.is_empty() { "*" } else { to };
            let Some(branch) = self.branch(to, push) else { continue };
            let gone = from.is_empty() && to != "*";
            if gone {
                out.push((Change::Delete, branch.clone()));
            } else if plus || push.force {
                out.push((Change::Force, branch.clone()));
            }
            if prune && branch.contains('*') {
                out.push((Change::Prune, branch));
            }
        }
        out
    }

    /// A refspec's text, with a star for what is computed at run time.
    fn spec(&self, word: &Word<'_>) -> String {
        let template = self.inner.templates.iter().find(|(at, _)| *at == word.index);
        let text = match (template, word.dynamic) {
            (Some((_, text)), true) => text.to_string_lossy().replace(HOLE, "*"),
            (None, true) => "*".to_owned(),
            _ => word.text.to_string_lossy().into_owned(),
        };
        text.replace("**", "*")
    }

    /// The branch of the remote that the right side of a refspec names; none
    /// if it is no branch, or if git would refuse.
    fn branch(&self, name: &str, push: &Push<'_>) -> Option<String> {
        if matches!(name, "HEAD" | "@") {
            return Some(push.current.clone().unwrap_or_else(|| "*".to_owned()));
        }
        if let Some(branch) =
            name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("heads/"))
        {
            return Some(branch.to_owned());
        }
        if name.starts_with("refs/") || name.starts_with("tags/") {
            return name.starts_with("refs/*").then(|| "*".to_owned());
        }
        let context = &self.call.context;
        let is_tag = self.repository.has_ref(context, &format!("refs/tags/{name}"))
            && !self.repository.has_ref(context, &format!("refs/heads/{name}"));
        (!is_tag).then(|| name.to_owned())
    }
}

/// The remote that a push without one goes to.
fn default_remote(settings: &Settings, branch: Option<&str>) -> String {
    let branch = branch.unwrap_or_default();
    let own = format!("branch.{branch}.pushremote");
    let upstream = format!("branch.{branch}.remote");
    let named = settings.last(&own).or_else(|| settings.last("remote.pushdefault"));
    if let Some(name) = named.or_else(|| settings.last(&upstream)) {
        return name.to_owned();
    }
    let mut remotes: Vec<&str> = settings.middles("remote", "url").map(|(name, _)| name).collect();
    remotes.sort_unstable();
    remotes.dedup();
    match remotes.as_slice() {
        [only] => (*only).to_owned(),
        _ => "origin".to_owned(),
    }
}

impl Push<'_> {
    /// The refspecs of a push that names none.
    fn defaults(&self) -> Vec<String> {
        let own = format!("remote.{}.push", self.remote);
        let configured: Vec<String> = self.settings.all(&own).map(str::to_owned).collect();
        if !configured.is_empty() {
            return configured;
        }
        let every = || "*:*".to_owned();
        match self.settings.last("push.default").unwrap_or("simple") {
            "nothing" => Vec::new(),
            "matching" => vec![":".to_owned()],
            "upstream" | "tracking" => vec![self.upstream().unwrap_or_else(every)],
            _ => vec![
                self.current.as_ref().map_or_else(every, |branch| format!("{branch}:{branch}")),
            ],
        }
    }

    /// `current:upstream`.
    fn upstream(&self) -> Option<String> {
        let branch = self.current.as_ref()?;
        let merge = format!("branch.{branch}.merge");
        Some(format!("{branch}:{}", self.settings.last(&merge)?))
    }

    /// A refspec without a colon, as `remote.X.push` or push.default sends it
    /// elsewhere.
    fn mapped(&self, text: String) -> String {
        let (name, plus) = match text.strip_prefix('+') {
            Some(rest) => (rest, "+"),
            None => (text.as_str(), ""),
        };
        let name = match (name, &self.current) {
            ("HEAD" | "@", Some(branch)) => branch.as_str(),
            _ => name,
        };
        let own = format!("remote.{}.push", self.remote);
        for spec in self.settings.all(&own) {
            let (spec, own_plus) = match spec.strip_prefix('+') {
                Some(rest) => (rest, "+"),
                None => (spec, plus),
            };
            let Some((from, to)) = spec.split_once(':') else { continue };
            let full = format!("refs/heads/{}", name.trim_start_matches("refs/heads/"));
            if from == full || from == name {
                return format!("{own_plus}{name}:{to}");
            }
            let stem = from.split_once('*').and_then(|(before, after)| {
                full.strip_prefix(before).and_then(|rest| rest.strip_suffix(after))
            });
            if let Some(stem) = stem {
                return format!("{own_plus}{name}:{}", to.replacen('*', stem, 1));
            }
        }
        let upstream = self.settings.last("push.default") == Some("upstream");
        match self.upstream().filter(|_| upstream && self.current.as_deref() == Some(name)) {
            Some(spec) => format!("{plus}{spec}"),
            None => format!("{plus}{name}"),
        }
    }

    fn action(&self, change: Change, branch: &str) -> Action {
        let remote = Remote {
            name: &self.remote,
            url: &self.url,
            default: self.default.as_deref(),
            source: "refspec",
            rule: "git/push",
            instead: self.command.instead,
        };
        remote.action(change, branch)
    }
}

/// The repository whose refs change.
pub(super) struct Remote<'a> {
    pub name: &'a str,
    pub url: &'a str,
    /// Its own main branch.
    pub default: Option<&'a str>,
    /// Where the branch is named.
    pub source: &'static str,
    pub rule: &'static str,
    pub instead: &'static str,
}

impl Remote<'_> {
    /// What a change of a branch, or of those that fit a pattern, would do.
    pub(super) fn action(&self, change: Change, branch: &str) -> Action {
        let shown = visible(branch, 80);
        let place = visible(&without_user(self.url), 120);
        let place = match place == self.name {
            true => place,
            false => format!("{} ({place})", visible(self.name, 60)),
        };
        let every = branch.contains('*');
        let what = if every {
            format!("every branch that fits {shown}")
        } else {
            format!("branch {shown}")
        };
        let what = if branch == "*" { "every branch".to_owned() } else { what };
        let (operation, summary) = match change {
            Change::Delete => ("push --delete", format!("Deletes {what} of {place}.")),
            Change::Force => (
                "push --force",
                format!(
                    "Replaces the history of {what} of {place} by another one; commits that are \
                     only there are lost."
                ),
            ),
            Change::Mirror => (
                "push --mirror",
                format!(
                    "Makes {place} the mirror of this repository: every branch and tag that is \
                     not here is deleted, every other one overwritten."
                ),
            ),
            Change::Prune => {
                ("push --prune", format!("Deletes {what} of {place} that is not here."))
            }
        };
        let protected = match every {
            true => may_be_protected(branch, self.default),
            false => is_protected(branch) || self.default == Some(branch),
        };
        let class = if protected { Class::Production } else { Class::Development };
        let source =
            if self.default == Some(branch) { "the remote's main branch" } else { self.source };
        let mut target = Target::of("git");
        target.name = Some(match branch {
            "*" => self.name.to_owned(),
            _ => format!("{}/{branch}", self.name),
        });
        target.evidence = vec![
            Evidence::name(Kind::Branch, source, branch).asserting(class),
            Evidence::hint(Kind::Url, format!("remote {}", self.name), without_user(self.url)),
        ];
        let irreversible = change == Change::Mirror || (change == Change::Prune && branch == "*");
        Action {
            flags: if irreversible { Flags::of(&[Flag::Irreversible]) } else { Flags::NONE },
            object: Some(format!("branch {shown}")),
            summary,
            rule: self.rule.into(),
            instead: (!self.instead.is_empty()).then(|| self.instead.into()),
            target,
            ..Action::new(Effect::Destroy, operation)
        }
    }
}

/// Whether a pattern, or a name of which a part is computed, may stand for a
/// protected branch.
fn may_be_protected(pattern: &str, default: Option<&str>) -> bool {
    let before = pattern.split('*').next().unwrap_or_default();
    let names =
        ["main", "master", "trunk", "production", "prod", "live", "stable", "release", "gh-pages"];
    names.into_iter().chain(default).any(|name| name.starts_with(before))
        || is_protected(&format!("{before}x"))
}

/// A URL without a user and a password.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}
