//! Reads what git tells a hook: the refs that a push is about to change, by
//! their object names and not by anybody's flags. `git-hook EVENT …` stands
//! for the event; its standard input is the hook's. Formats from githooks(5)
//! of git 2.47.3; what pre-commit says instead of a push's lines, from its
//! commands/hook_impl.py of version 4.7.0.

use super::push::{Change, Remote};
use super::{Here, commit, globals, transaction};
use crate::action::{Action, Effect};
use crate::actions::{Call, Reading};
use crate::invocation::{Context, Input, Invocation};
use crate::parse::ref_updates::{self, Order, Update, is_zero};
use crate::target::git::Repository;

/// The most bytes of ref updates that are read.
const MAX_INPUT: usize = 4 << 20;

/// The most updates that are asked about one by one.
const MAX_UPDATES: usize = 500;

const INSTEAD: &str =
    "Push to a branch of your own and open a pull request; undo a commit with git revert.";

/// Reads a hook's event.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let invocation = call.context.invocation;
    let word =
        |place: usize| invocation.argv.get(place).map(|word| word.to_string_lossy().into_owned());
    let event = word(1).unwrap_or_default();
    if matches!(event.as_str(), "pre-commit" | "commit-msg") {
        return commit::read(call, &event);
    }
    let (updates, name, url) = match event.as_str() {
        "pre-push" if word(2).is_none() => by_variables(&call.context),
        "pre-push" => {
            let (name, url) = (word(2).unwrap_or_default(), word(3).unwrap_or_default());
            (lines(&call.context, Order::Push), name, url)
        }
        "pre-receive" => {
            (lines(&call.context, Order::Change), "this repository".to_owned(), String::new())
        }
        "reference-transaction" if word(2).as_deref() != Some("prepared") => {
            return Reading::default();
        }
        "reference-transaction" => {
            (lines(&call.context, Order::Change), String::new(), String::new())
        }
        "update" => {
            let (name, old, new) = (word(2), word(3), word(4));
            let update = Update::of(name.as_deref(), old.as_deref(), new.as_deref());
            let found = update.map(|update| vec![update]).ok_or("its words name no ref".to_owned());
            (found, "this repository".to_owned(), String::new())
        }
        _ => return Reading::default(),
    };
    let Some(here) = Here::of_hook(call) else { return Reading::default() };
    let server = event != "pre-push";
    let default = match server {
        true => here.repository.branch(&call.context),
        false => here.repository.default_branch(&call.context, &name),
    };
    let remote = Remote {
        name: &name,
        url: &url,
        default: default.as_deref(),
        source: "what git is about to change",
        rule: "git-hook/push",
        instead: INSTEAD,
    };
    let updates = match updates {
        Ok(updates) => updates,
        Err(why) => {
            let action = Action::opaque(event, format_args!("what git told the hook: {why}"));
            return Reading::of(action);
        }
    };
    let updates = match event == "pre-push" && word(2).is_none() {
        true => updates.into_iter().map(|update| here.tracked(update, &name)).collect(),
        false => updates,
    };
    if event == "reference-transaction" {
        let named = invocation.argv.get(3..).unwrap_or_default();
        return transaction::read(&here, &updates, named);
    }
    let mut reading = Reading::default();
    for (place, update) in updates.iter().enumerate() {
        let Some(branch) = update.branch() else { continue };
        let change = match (is_zero(&update.old), is_zero(&update.new)) {
            (true, _) => None,
            (false, true) => Some(Change::Delete),
            (false, false) if update.old == update.new => None,
            // A tag that names something else is moved, ahead or back.
            (false, false) if branch.starts_with("tags/") => Some(Change::Force),
            (false, false) if place >= MAX_UPDATES => Some(Change::Force),
            (false, false) => (!here.is_ahead(update)).then_some(Change::Force),
        };
        reading.actions.extend(change.map(|change| remote.action(change, branch)));
    }
    if reading.actions.is_empty() && call.full {
        let summary = "Changes no ref but by adding commits to it.".to_owned();
        reading.actions.push(Action { summary, ..Action::new(Effect::Write, event) });
    }
    reading
}

impl<'a> Here<'a> {
    /// The repository that git calls a hook in.
    pub(super) fn of_hook(call: &'a Call<'a>) -> Option<Here<'a>> {
        let argv = vec!["git".into()];
        let invocation = Invocation { argv, ..call.context.invocation.clone() };
        let (globals, _) = globals::read(&Context { invocation: &invocation, ..call.context })?;
        let repository = Repository::find(&call.context, &globals);
        Some(Here { call, globals, repository, inner: Invocation::default() })
    }

    /// An update that pre-commit or prek tells of, from what the remote's
    /// branch was when it was last seen: prek (0.5.11) names the commits to be
    /// checked, and nothing of what is overwritten.
    fn tracked(&self, update: Update, remote: &str) -> Update {
        let Some(branch) = update.name.strip_prefix("refs/heads/") else { return update };
        let name = format!("refs/remotes/{remote}/{branch}");
        let words = ["rev-parse", "-q", "--verify", "--end-of-options", &name];
        let answer = self.ask(&words, &[]).ok().filter(|answer| answer.status == 0);
        let id = answer.map(|answer| String::from_utf8_lossy(&answer.out).trim().to_owned());
        match id.and_then(|id| Update::of(Some(&update.name), Some(&id), Some(&update.new))) {
            Some(seen) if is_zero(&update.old) || self.is_ahead(&update) => seen,
            _ => update,
        }
    }

    /// Whether the new commit has the old one behind it. An old one that is
    /// not here has not been seen, and cannot be behind anything.
    fn is_ahead(&self, update: &Update) -> bool {
        let words = ["merge-base", "--is-ancestor", &update.old, &update.new];
        self.ask(&words, &[]).is_ok_and(|answer| answer.status == 0)
    }
}

/// The updates on standard input, one a line.
pub(super) fn lines(context: &Context<'_>, order: Order) -> Result<Vec<Update>, String> {
    let text = match context.stdin(MAX_INPUT) {
        Input::Text(text) => text,
        Input::Terminal => return Err("its standard input is a terminal".to_owned()),
        Input::Opaque(why) => return Err(why),
    };
    ref_updates::parse(&String::from_utf8_lossy(&text), order)
}

/// A push as pre-commit and prek tell it to the hooks that they run: without
/// git's words and lines. They name one branch of a push and no deletion.
fn by_variables(context: &Context<'_>) -> (Result<Vec<Update>, String>, String, String) {
    let var = |name: &str| context.text_var(name);
    let name = var("PRE_COMMIT_REMOTE_NAME").unwrap_or_else(|| "the remote".to_owned());
    let url = var("PRE_COMMIT_REMOTE_URL").unwrap_or_default();
    let Some(branch) = var("PRE_COMMIT_REMOTE_BRANCH") else {
        // Nor is anything said of a run by hand, which pushes nothing.
        return (lines(context, Order::Push), name, url);
    };
    let zero = "0".repeat(40);
    let old = var("PRE_COMMIT_FROM_REF").unwrap_or_else(|| zero.clone());
    // Of a first push to an empty remote, it says no commits either.
    let update = match var("PRE_COMMIT_TO_REF") {
        Some(new) => Update::of(Some(&branch), Some(&old), Some(&new)),
        None => return (Ok(Vec::new()), name, url),
    };
    let found = update.map(|update| vec![update]);
    (found.ok_or_else(|| "variables that name no update of a ref".to_owned()), name, url)
}
