//! `holdpoint git-hook EVENT`: what git is about to do, told by its hook,
//! through the guard. Only puts the event's words together; reading, asking
//! and recording are done as for any command.

mod commit;
mod protected;

use std::ffi::OsString;

use super::git::{CANARY, is_placed};
use crate::gate;
use crate::invocation::Invocation;
use crate::world::real::RealWorld;

/// Arguments of `holdpoint git-hook`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "holdpoint git-hook [--shared] EVENT [ARG]...",
    after_help = "EVENT is pre-commit, commit-msg, pre-push, reference-transaction, pre-receive or update; the rest of the words and standard input \
        are those that git gives the hook.\n\
        Exit status: 0 if git may go on, 1 if not."
)]
pub struct Args {
    /// Called by a manager whose settings others share: where this repository
    /// has a hook of holdpoint's own for the event, that one has judged.
    #[arg(long)]
    shared: bool,
    /// The hook's name.
    #[arg(value_parser = ["pre-commit", "commit-msg", "pre-push", "pre-receive", "reference-transaction", "update"])]
    event: String,
    /// What git gives the hook.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARG")]
    words: Vec<OsString>,
}

/// Judges the event and gives the hook's exit status.
pub fn run(args: Args, world: &RealWorld) -> i32 {
    if std::env::var_os(CANARY).is_some() {
        // `git status` wants to see that a hook is called and stops git.
        super::complain(&format!("the canary arrived at {}", args.event));
        return 1;
    }
    if args.shared && is_placed(&args.event, world) {
        return 0;
    }
    if matches!(args.event.as_str(), "pre-commit" | "commit-msg") {
        return commit::run(&args.event, &args.words, world);
    }
    let mut words = args.words;
    if args.event == "reference-transaction" {
        match words.first().is_some_and(|state| state == "prepared") {
            true => words.extend(protected::refs(world)),
            false => return 0,
        }
    }
    let front = [OsString::from("git-hook"), OsString::from(args.event)];
    let invocation = Invocation::new(front.into_iter().chain(words));
    i32::from(!gate::permits(&invocation, world))
}
