//! The lines of each rule file's `[contrast]` on production, where nobody can
//! name the place, on staging, on development and on this machine, for an
//! agent and for a person: the verdicts are those of the default policy's
//! table in DESIGN.md. On production and on development, each line is tried in
//! other spellings too, made from the options that the rule file knows.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/respell.rs"]
mod respell;

use holdpoint::rules::api::PLANES;
use holdpoint::rules::contrast::{self, Contrast, Trial as Line};
use holdpoint::rules::table;
use holdpoint::world::fake::FakeWorld;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() {
    let tools = table::all().iter().map(|tool| (tool.name.to_owned(), tool.contrast));
    let planes = PLANES.iter().map(|plane| (format!("api/{}", plane.name), plane.contrast));
    let files: Vec<(String, &'static Contrast)> = tools.chain(planes).collect();
    let mut trials = Vec::new();
    for (name, contrast) in files {
        trials.push(Trial::test(format!("{name}: has lines"), move || {
            match contrast.rows.is_empty() && contrast.none.is_empty() {
                true => Err("neither lines nor a reason why there are none".into()),
                false => Ok(()),
            }
        }));
        trials.extend(contrast::trials(contrast).map(|line| {
            let title = format!("{name}: {}: {}", line.place.word, line.line.replace('\n', "\\n"));
            Trial::test(title, move || judged(&line))
        }));
    }
    assert!(trials.len() > 1000, "only {} trials", trials.len());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn judged(line: &Line) -> Result<(), Failed> {
    let world = contrast::with_places(FakeWorld::new());
    line.run(&world)?;
    if ["production", "development"].contains(&line.place.word) {
        for spelling in respell::spellings(&line.line) {
            line.run_as(&spelling, &world)?;
        }
    }
    Ok(())
}
