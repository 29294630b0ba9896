//! `holdpoint check`: the verdict on a command and why, with nothing run.

use std::ffi::OsString;

use super::{USAGE, complain, print};
use crate::actor::ActorKind;
use crate::confirm::card;
use crate::invocation::Invocation;
use crate::judgement::{Judgement, Verdict};
use crate::pipeline::{self, Options, Subject};
use crate::report;
use crate::world::World;

/// The exit status of each verdict.
const ALLOW: i32 = 0;
const CONFIRM: i32 = 3;
const REFUSE: i32 = 4;

/// Arguments of `holdpoint check`.
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "holdpoint check [OPTIONS] -- CMD [ARG]...\n       \
        holdpoint check [OPTIONS] --line 'SHELL TEXT'",
    after_help = "Nothing is run and nobody is asked.\n\
        Exit status: 0 allow, 3 confirm (a person would be asked), 4 refuse, 2 usage.\n\
        Its own standard input, when that is no terminal, is judged as the command's."
)]
pub struct Args {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Judge as if this kind of caller asked: human, agent or ci.
    #[arg(long = "as", value_name = "WHO", value_parser = ["human", "agent", "ci"],
        hide_possible_values = true)]
    actor: Option<String>,
    /// Judge a shell line instead of a command.
    #[arg(long, value_name = "SHELL TEXT", conflicts_with = "command")]
    line: Option<String>,
    /// The command and its arguments.
    #[arg(trailing_var_arg = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Judges, prints and gives the exit status.
pub fn run(args: &Args, world: &dyn World) -> i32 {
    let actor = args.actor.as_deref().and_then(ActorKind::from_word);
    let options = Options { actor, full: true };
    let invocation = Invocation::new(args.command.iter().cloned());
    let subject = match &args.line {
        Some(line) => Subject::Line(line, &invocation),
        None if args.command.is_empty() => {
            complain("check needs a command behind `--`, or `--line 'SHELL TEXT'`");
            return USAGE;
        }
        None => Subject::Command(&invocation),
    };
    let judgement = pipeline::judge(subject, world, options).judgement;
    let text = match args.json {
        true => report::json(&judgement) + "\n",
        false => describe(&judgement),
    };
    print(&text);
    match judgement.verdict {
        Verdict::Allow => ALLOW,
        Verdict::Confirm => CONFIRM,
        Verdict::Refuse => REFUSE,
    }
}

/// The judgement in words, for a person.
fn describe(judgement: &Judgement) -> String {
    card::preview(judgement, card::Width::of_stdout(), card::Color::of_stdout())
}
