//! holdpoint's own command line: one file or folder a subcommand, collected here.
//! What a subcommand is about (links, hooks, agents' settings) it changes itself;
//! whether a command may run is never decided here.

pub mod activate;
pub mod check;
pub mod ci;
pub mod completions;
pub mod demo;
pub mod doctor;
pub mod exec;
pub mod git;
pub mod git_hook;
pub mod hook;
pub mod hooks;
pub mod log;
pub mod man;
pub mod policy;
pub mod rules;
pub mod shims;
pub mod where_;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::{Parser, Subcommand};

use crate::gate;
use crate::invocation::Invocation;
use crate::pipeline::{self, Options, Subject};
use crate::world::real::RealWorld;

/// What `--version` says. A build for benches/breadth knows few tools, and says
/// so.
const VERSION: &str = if cfg!(feature = "quarter-of-rules") {
    concat!(env!("CARGO_PKG_VERSION"), " with a quarter of its rules: for a benchmark only")
} else {
    env!("CARGO_PKG_VERSION")
};

/// Reads each command with its own tool's grammar, works out which environment
/// it points at, and holds what would destroy production until a person has
/// typed its name.
#[derive(Debug, Parser)]
#[command(name = "holdpoint", version = VERSION, about, long_about = None, max_term_width = 100,
    after_help = "A command that was refused or declined exits with status 77 and has not run.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge a command without running it.
    Check(check::Args),
    /// Run a command through the guard, without a shim.
    Exec(exec::Args),
    /// Show where a command points, and on what evidence.
    Where(where_::Args),
    /// Judge what a git hook is about: called by the hooks that `git install`
    /// writes.
    GitHook(git_hook::Args),
    /// Install or remove git hooks.
    Git(git::Args),
    /// Tell what the commits of a branch would do, for CI.
    Ci(ci::Args),
    /// Install, remove or list the shims.
    Shims(shims::Args),
    /// Print what puts the shims first on PATH in a shell.
    Activate(activate::Args),
    /// Check that commands pass holdpoint.
    Doctor(doctor::Args),
    /// List, show or test the rules.
    Rules(rules::Args),
    /// Replay the incident against a fake control plane on this machine.
    Demo(demo::Args),
    /// Show or check the audit trail.
    Log(log::Args),
    /// Write, show, check or test the policy.
    Policy(policy::Args),
    /// Answer an agent's hook.
    Hook(hook::Args),
    /// Put the hook into agents' settings, take it out, or list it.
    Hooks(hooks::Args),
    /// Print a shell's completions.
    Completions(completions::Args),
    /// Print the manual page.
    Man(man::Args),
}

/// The exit status of a usage error.
pub const USAGE: i32 = 2;

/// Runs holdpoint's own command line and gives the exit status.
pub fn main(args: Vec<OsString>) -> i32 {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return error.exit_code();
        }
    };
    let world = RealWorld::new();
    match cli.command {
        Command::Check(args) => check::run(&args, &world),
        Command::Exec(args) => exec::run(args, &world),
        Command::Where(args) => where_::run(&args, &world),
        Command::Shims(args) => shims::run(args, &world),
        Command::GitHook(args) => git_hook::run(args, &world),
        Command::Git(args) => git::run(&args, &world),
        Command::Ci(args) => ci::run(&args, &world),
        Command::Activate(args) => activate::run(args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Rules(args) => rules::run(&args, &world),
        Command::Demo(args) => demo::run(&args),
        Command::Log(args) => log::run(&args, &world),
        Command::Policy(args) => policy::run(&args, &world, &|line, actor| {
            let options = Options { actor: Some(actor), full: true };
            let surroundings = Invocation::default();
            pipeline::judge(Subject::Line(line, &surroundings), &world, options).judgement
        }),
        Command::Hook(args) => hook::run(&args, &world),
        Command::Hooks(args) => hooks::run(&args, &world),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

/// Runs a shim: judges the command `name` with these words and, if it may run,
/// becomes it. Gives an exit status only if it did not.
pub fn shim(args: Vec<OsString>, name: OsString) -> i32 {
    let world = RealWorld::new();
    gate::pass(Invocation::new(args), &name, &world)
}

/// Prints to standard output; a reader that has gone away is no error.
pub(crate) fn print(text: &str) -> i32 {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => 1,
        _ => 0,
    }
}

/// Prints a line to standard error; failure to is no error.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "holdpoint: {text}");
}
