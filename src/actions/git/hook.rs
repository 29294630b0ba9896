//! Reads what git tells a hook: the refs that a push is about to change, by
//! their object names and not by anybody's flags. `git-hook EVENT …` stands
//! for the event; its standard input is the hook's. Formats from githooks(5)
//! of git 2.47.3.

use super::push::{Change, Remote};
use super::{Here, commit, globals};
use crate::action::{Action, Effect};
use crate::actions::{Call, Reading};
use crate::invocation::{Context, Input, Invocation};
use crate::target::git::Repository;

/// The most bytes of ref updates that are read.
const MAX_INPUT: usize = 4 << 20;

/// The most updates that are asked about one by one.
const MAX_UPDATES: usize = 500;

const INSTEAD: &str =
    "Push to a branch of your own and open a pull request; undo a commit with git revert.";

/// One ref that is about to change.
struct Update {
    name: String,
    old: String,
    new: String,
}

impl Update {
    /// From fields in the order of their names.
    fn of(name: Option<&str>, old: Option<&str>, new: Option<&str>) -> Option<Update> {
        let is_id = |id: &str| id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (old, new) = (old.filter(|id| is_id(id))?, new.filter(|id| is_id(id))?);
        Some(Update { name: name?.to_owned(), old: old.to_owned(), new: new.to_owned() })
    }
}

fn is_zero(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

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
        "pre-push" => {
            let name = word(2).unwrap_or_else(|| "the remote".to_owned());
            let url = word(3).unwrap_or_default();
            // local ref, local id, remote ref, remote id
            (lines(&call.context, |[_, new, name, old]| Update::of(name, old, new)), name, url)
        }
        "pre-receive" => {
            let found = lines(&call.context, |[old, new, name, _]| Update::of(name, old, new));
            (found, "this repository".to_owned(), String::new())
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
        reading.actions.extend(change.map(|change| remote.action(change, &branch)));
    }
    if reading.actions.is_empty() && call.full {
        let summary = "Changes no ref but by adding commits to it.".to_owned();
        reading.actions.push(Action { summary, ..Action::new(Effect::Write, event) });
    }
    reading
}

impl Update {
    /// The branch, or `tags/NAME`; other refs are nobody's history.
    fn branch(&self) -> Option<String> {
        match self.name.strip_prefix("refs/heads/") {
            Some(branch) => Some(branch.to_owned()),
            None => Some(self.name.strip_prefix("refs/")?.to_owned())
                .filter(|name| name.starts_with("tags/")),
        }
    }
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

    /// Whether the new commit has the old one behind it. An old one that is
    /// not here has not been seen, and cannot be behind anything.
    fn is_ahead(&self, update: &Update) -> bool {
        let words = ["merge-base", "--is-ancestor", &update.old, &update.new];
        self.ask(&words, &[]).is_ok_and(|answer| answer.status == 0)
    }
}

/// The updates on standard input, one a line.
fn lines(
    context: &Context<'_>,
    read: impl Fn([Option<&str>; 4]) -> Option<Update>,
) -> Result<Vec<Update>, String> {
    let text = match context.stdin(MAX_INPUT) {
        Input::Text(text) => text,
        Input::Terminal => return Err("its standard input is a terminal".to_owned()),
        Input::Opaque(why) => return Err(why),
    };
    let text = String::from_utf8_lossy(&text).into_owned();
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            // A ref's name holds no blanks; what a person pushes (`HEAD~1`,
            // `:/fix bug`) may, and stands first in a push's lines.
            let mut fields: Vec<&str> = line.rsplitn(4, ' ').collect();
            fields.reverse();
            let field = |place: usize| fields.get(place).copied();
            read([field(0), field(1), field(2), field(3)])
                .ok_or_else(|| "a line that names no update of a ref".to_owned())
        })
        .collect()
}
