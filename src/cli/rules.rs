//! `holdpoint rules`: the rules compiled in and the user's own, listed, shown
//! and tested against their own examples.

use std::fmt::Write as _;

use super::{complain, print};
use crate::rules::{self, Command, Tool, examples, overlay, table};
use crate::text::visible;
use crate::world::World;

/// Arguments of `holdpoint rules`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

/// What to do with the rules.
#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the tools that holdpoint reads.
    List,
    /// Show a program's commands and what they do.
    Show {
        /// The program's name.
        program: String,
    },
    /// Run the examples that stand beside the rules.
    Test {
        /// Only this program's.
        program: Option<String>,
    },
}

/// Does it and gives the exit status.
pub fn run(args: &Args, world: &dyn World) -> i32 {
    match &args.action {
        Action::List => print(&list(world)),
        Action::Show { program } => match rules::find(program, world) {
            Some(guard) => {
                let shown: String = guard.tools().map(show).collect();
                if let Some(error) = guard.error {
                    complain(&visible(&error, 500));
                }
                print(&shown)
            }
            None => {
                complain(&format!("no rule covers `{}`", visible(program, 80)));
                1
            }
        },
        Action::Test { program } => test(program.as_deref(), world),
    }
}

fn list(world: &dyn World) -> String {
    let mut out = String::new();
    for tool in table::all() {
        let _ = writeln!(out, "{:<12} {}", tool.name, tool.about);
    }
    let own = overlay::folder(world).map(|folder| world.list(&folder)).unwrap_or_default();
    for name in own {
        let _ = writeln!(out, "{:<12} your own rule file", visible(&name.to_string_lossy(), 80));
    }
    out
}

fn show(tool: &'static Tool) -> String {
    let mut out = format!("{}: {}\nchecked against {}\n", tool.name, tool.about, tool.checked);
    let _ = writeln!(out, "programs: {}", tool.programs.join(", "));
    let width = tool.commands.iter().map(|command| words(command).len()).max().unwrap_or(0);
    for command in tool.commands {
        if let Some(effect) = command.effect {
            let mut line = format!("  {:<width$}  {effect}", words(command));
            for flag in command.flags.iter() {
                line.push(' ');
                line.push_str(flag.word());
            }
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

fn words(command: &Command) -> String {
    let words: Vec<String> = command.path.iter().map(|names| names.join("|")).collect();
    words.join(" ")
}

fn test(program: Option<&str>, world: &dyn World) -> i32 {
    let mut tools: Vec<&'static Tool> = Vec::new();
    match program {
        Some(program) => {
            tools.extend(rules::find(program, world).iter().flat_map(rules::Guard::tools))
        }
        None => tools.extend(table::all()),
    }
    let (mut passed, mut failed) = (0, 0);
    for example in tools.into_iter().flat_map(examples::of) {
        match examples::run(example) {
            Ok(()) => passed += 1,
            Err(why) => {
                failed += 1;
                complain(&visible(&why, 1000));
            }
        }
    }
    print(&format!("{passed} examples hold, {failed} do not\n"));
    i32::from(failed > 0)
}
