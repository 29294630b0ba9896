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
    command.build();
    let page_of = match &args.subcommand {
        None => clap_mangen::Man::new(command),
        Some(name) => {
            let Some(found) = command.find_subcommand(name) else {
                complain("no such subcommand");
                return super::USAGE;
            };
            clap_mangen::Man::new(found.clone()).title(format!("holdpoint-{name}"))
        }
    };
    let mut page = Vec::new();
    if page_of.render(&mut page).is_err() {
        return 1;
    }
    // What stands behind the options is called "extra" by the library.
    print(&String::from_utf8_lossy(&page).replace(".SH EXTRA\n", ".SH NOTES\n"))
}
