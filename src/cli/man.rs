//! `holdpoint man`: the manual page, from the command line's own definition.

use clap::CommandFactory;

use super::{Cli, complain, print};

/// Arguments of `holdpoint man`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The subcommand whose page to print; holdpoint's own page if absent.
    subcommand: Option<String>,
}

/// Prints the page in roff and gives the exit status.
pub fn run(args: &Args) -> i32 {
    let mut command = Cli::command();
    if let Some(name) = &args.subcommand {
        let Some(found) = command.find_subcommand(name) else {
            complain("no such subcommand");
            return super::USAGE;
        };
        command = found.clone().name(format!("holdpoint-{name}"));
    }
    let mut page = Vec::new();
    if clap_mangen::Man::new(command).render(&mut page).is_err() {
        return 1;
    }
    print(&String::from_utf8_lossy(&page))
}
