//! The examples beside the rules: one test for each line, named after it, in
//! other spellings too, and that there are examples where there have to be.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/respell.rs"]
mod respell;

use holdpoint::action::Effect;
use holdpoint::rules::api::PLANES;
use holdpoint::rules::examples::{self, Example};
use holdpoint::rules::{Tool, table};
use libtest_mimic::{Arguments, Trial};

fn main() {
    let arguments = Arguments::from_args();
    let trials = table::all().iter().flat_map(|tool| {
        let coverage = Trial::test(format!("{}: has examples", tool.name), move || covered(tool));
        examples::of(tool).map(|example| trial(tool, example)).chain([coverage])
    });
    let planes = PLANES
        .iter()
        .flat_map(|plane| examples::of_plane(plane).map(|example| named(plane.name, example)));
    libtest_mimic::run(&arguments, trials.chain(planes).collect()).exit();
}

fn trial(tool: &'static Tool, example: Example) -> Trial {
    named(tool.name, example)
}

fn named(whose: &str, example: Example) -> Trial {
    let kind = if example.destroys { "destroys" } else { "harmless" };
    let name = format!("{whose}: {kind}: {}", example.line.replace('\n', "\\n"));
    Trial::test(name, move || {
        examples::run(example)?;
        for line in respell::spellings(example.line) {
            examples::run(Example { line: line.leak(), ..example })?;
        }
        Ok(())
    })
}

/// Programs of which no use destroys anything on another machine, or that do
/// something only to git hooks that are installed (tests/git_skips.rs).
const NEVER_DESTROY: &[&str] = &[
    "createdb",
    "createuser",
    "husky",
    "initdb",
    "lefthook",
    "mongodump",
    "mongoexport",
    "pg_basebackup",
    "pg_checksums",
    "pg_dump",
    "pg_dumpall",
    "pre-commit",
];

/// A tool with a shim has examples of both kinds; a command that destroys has
/// both itself.
fn covered(tool: &'static Tool) -> Result<(), libtest_mimic::Failed> {
    let (destroys, harmless): (Vec<Example>, Vec<Example>) =
        examples::of(tool).partition(|example| example.destroys);
    let never = NEVER_DESTROY.contains(&tool.name);
    if tool.shim && (destroys.is_empty() != never || harmless.is_empty()) {
        return Err(format!("{} destroy, {} do not", destroys.len(), harmless.len()).into());
    }
    for command in tool.commands {
        let destroying = command.effect == Some(Effect::Destroy);
        if destroying && (command.destroys.is_empty() || command.harmless.is_empty()) {
            return Err(format!("{:?} destroys and lacks examples", command.path).into());
        }
    }
    Ok(())
}
