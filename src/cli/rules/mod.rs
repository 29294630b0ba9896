//! `holdpoint rules`: the rules compiled in and the user's own, listed, shown,
//! tested against their own examples, and begun.

mod coverage;
mod show;
mod stub;

use std::fmt::Write as _;
use std::path::Path;

use super::{complain, print};
use crate::rules::{self, Tool, contrast, examples, overlay, table};
use crate::text::visible;
use crate::world::World;
use crate::world::fake::FakeWorld;

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
    List {
        /// As the table in the README: how deeply, and checked against what.
        #[arg(long)]
        table: bool,
    },
    /// Show a program's grammar, its commands and what they do.
    Show {
        /// The program's name.
        program: String,
    },
    /// Run the examples that stand beside the rules.
    Test {
        /// Only those of this program, or of this rule file.
        #[arg(value_name = "PROGRAM|FILE")]
        of: Option<String>,
    },
    /// Print the beginning of a rule file, with the questions to answer.
    New {
        /// The program's name.
        program: String,
    },
}

/// Does it and gives the exit status.
pub fn run(args: &Args, world: &dyn World) -> i32 {
    match &args.action {
        Action::List { table: true } => print(&coverage::table()),
        Action::List { table: false } => print(&list(world)),
        Action::Show { program } => match rules::find(program, world) {
            Some(guard) => {
                let shown: Vec<String> = guard.tools().map(show::tool).collect();
                if let Some(error) = guard.error {
                    complain(&visible(&error, 500));
                }
                print(&shown.join("\n"))
            }
            None => {
                complain(&format!("no rule covers `{}`", visible(program, 80)));
                1
            }
        },
        Action::Test { of } => test(of.as_deref(), world),
        Action::New { program } => match stub::of(program) {
            Ok(text) => print(&text),
            Err(why) => {
                complain(&why);
                super::USAGE
            }
        },
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

/// What the examples are run on: the tools, and the world in which their
/// rules count.
type Tested = (Vec<&'static Tool>, FakeWorld);

fn test(of: Option<&str>, world: &dyn World) -> i32 {
    let tested = match of {
        None => Ok((table::all().iter().collect(), FakeWorld::new())),
        Some(of) if of.contains('/') || of.ends_with(".toml") => file(Path::new(of), world),
        Some(program) => covering(program, world),
    };
    let (tools, world) = match tested {
        Ok(tested) => tested,
        Err(why) => {
            complain(&visible(&why, 1000));
            return 1;
        }
    };
    let (mut passed, mut failed) = (0, 0);
    let places = contrast::with_places(world.clone());
    let mut count = |held: Result<(), String>| match held {
        Ok(()) => passed += 1,
        Err(why) => {
            failed += 1;
            complain(&visible(&why, 1000));
        }
    };
    for tool in tools {
        examples::of(tool).for_each(|example| count(examples::run_in(example, &world)));
        contrast::trials(tool.contrast).for_each(|trial| count(trial.run(&places)));
    }
    print(&format!("{passed} examples hold, {failed} do not\n"));
    i32::from(failed > 0)
}

/// The rules for a program, the user's own among them.
fn covering(program: &str, world: &dyn World) -> Result<Tested, String> {
    let guard = rules::find(program, world)
        .ok_or_else(|| format!("no rule covers `{program}`; for a file, give its path"))?;
    if let Some(error) = guard.error {
        return Err(error);
    }
    let own = guard.own.and_then(|_| overlay::path(program, world));
    let mut fake = FakeWorld::new();
    if let Some(path) = own
        && let Ok(text) = world.read(&path, overlay::MAX_FILE)
    {
        fake = overlaid(fake, program, &String::from_utf8_lossy(&text));
    }
    Ok((guard.tools().collect(), fake))
}

/// The rules of a file, as they would count in the user's rules folder.
fn file(path: &Path, world: &dyn World) -> Result<Tested, String> {
    let text = world
        .read(path, overlay::MAX_FILE)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let text = String::from_utf8_lossy(&text);
    let tool = overlay::compile(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let fake = overlaid(FakeWorld::new(), tool.name, &text);
    Ok((vec![tool], fake))
}

/// A test's world with a rule file of the user's own.
fn overlaid(world: FakeWorld, program: &str, text: &str) -> FakeWorld {
    let path = overlay::path(program, &world);
    match path.as_deref().and_then(Path::to_str) {
        Some(path) => world.with_file(path, text),
        None => world,
    }
}
