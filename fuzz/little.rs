//! Little languages that can run a command, and Python's imports: what stands
//! in front of any text is found whatever follows.

use std::collections::BTreeSet;

use holdpoint::parse::imports;
use holdpoint::parse::little::ex::Editor;
use holdpoint::parse::little::{Found, Words, awk, consoles, crontab, ex, lisp, sed, tcl};

use super::text;

/// A command in front of anything is never lost.
pub fn little(data: &[u8]) {
    let text = text(data);
    let whole = |front: &str| format!("{front}{text}");
    let found = [
        awk::read(&whole("BEGIN { system(\"psql -c x\") }\n"), &[]),
        sed::read(&whole("1e psql -c x\n")),
        ex::read(&whole("!psql -c x\n"), Editor::Vim),
        ex::read(&whole("!psql -c x\n"), Editor::Ed),
        lisp::read(&whole("(shell-command \"psql -c x\")\n")),
        consoles::gdb(&whole("shell psql -c x\n")),
        consoles::gnuplot(&whole("!psql -c x\n")),
        tcl::read(&whole("system psql -c x\n")),
        Found {
            started: crontab::read(&whole("* * * * * psql -c x\n"))
                .into_iter()
                .map(|job| job.started)
                .collect(),
            ..Found::default()
        },
    ];
    for (at, found) in found.iter().enumerate() {
        let is_first = |words: &Words| *words == Words::Line("psql -c x".to_owned());
        assert!(
            found.started.first().is_some_and(|one| is_first(&one.words)),
            "scanner {at}: a command in front of {text:?} is lost: {found:?}"
        );
    }
    assert!(imports::modules(&whole("import tidy\n")).contains(&"tidy".to_owned()));
    assert!(imports::reached(&whole("start\n"), &BTreeSet::new()).starts_with("start"));
}
