//! `holdpoint completions`: a shell's completion script, from the command
//! line's own definition.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, print};

/// Arguments of `holdpoint completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell.
    shell: Shell,
}

/// Prints the script and gives the exit status.
pub fn run(args: &Args) -> i32 {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "holdpoint", &mut script);
    print(&String::from_utf8_lossy(&script))
}
