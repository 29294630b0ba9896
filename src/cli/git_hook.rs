//! `holdpoint git-hook EVENT`: what git is about to do, told by its hook,
//! through the guard. Only puts the event's words together; reading, asking
//! and recording are done as for any command.

mod commit;

use std::ffi::OsString;

use crate::gate;
use crate::invocation::Invocation;
use crate::world::real::RealWorld;

/// Arguments of `holdpoint git-hook`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "holdpoint git-hook EVENT [ARG]...",
    after_help = "EVENT is pre-commit, commit-msg, pre-push, pre-receive or update; the rest of the words and standard input \
        are those that git gives the hook.\n\
        Exit status: 0 if git may go on, 1 if not."
)]
pub struct Args {
    /// The hook's name.
    #[arg(value_parser = ["pre-commit", "commit-msg", "pre-push", "pre-receive", "update"])]
    event: String,
    /// What git gives the hook.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARG")]
    words: Vec<OsString>,
}

/// Judges the event and gives the hook's exit status.
pub fn run(args: Args, world: &RealWorld) -> i32 {
    if matches!(args.event.as_str(), "pre-commit" | "commit-msg") {
        return commit::run(&args.event, &args.words, world);
    }
    let front = [OsString::from("git-hook"), OsString::from(args.event)];
    let invocation = Invocation::new(front.into_iter().chain(args.words));
    i32::from(!gate::permits(&invocation, world))
}
