//! `holdpoint exec`: a command through the guard, without a shim.

use std::ffi::OsString;

use super::{USAGE, complain};
use crate::gate;
use crate::invocation::Invocation;
use crate::world::real::RealWorld;

/// Arguments of `holdpoint exec`.
#[derive(Debug, clap::Args)]
#[command(override_usage = "holdpoint exec [--write] -- CMD [ARG]...")]
pub struct Args {
    /// Open a database client's interactive session on production with write
    /// access, once a person has confirmed it, and not read-only.
    #[arg(long)]
    write: bool,
    /// The command and its arguments.
    #[arg(trailing_var_arg = true, value_name = "CMD")]
    command: Vec<OsString>,
}

/// Judges the command and becomes it if it may run; else gives the exit
/// status.
pub fn run(args: Args, world: &RealWorld) -> i32 {
    let Some(name) = args.command.first().cloned() else {
        complain("exec needs a command behind `--`");
        return USAGE;
    };
    let invocation = Invocation { writes: args.write, ..Invocation::new(args.command) };
    gate::pass(invocation, &name, world)
}
