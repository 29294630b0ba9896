//! `git-hook pre-commit` and `git-hook commit-msg`. pre-commit lists what the
//! commit would do and has a person confirm it; commit-msg wants the same
//! person's reasons in the message. Reading and asking are done as for any
//! command; this only puts them in order and prints.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::actions::Call;
use crate::actions::git::{CHANGE, changes};
use crate::audit::confirmed::confirmed;
use crate::cli::complain;
use crate::findings::acknowledged::{TRAILER, allowed, open};
use crate::findings::{self, Finding};
use crate::gate;
use crate::invocation::{Context, Invocation};
use crate::rules::table;
use crate::text::visible;
use crate::world::World;
use crate::world::real::RealWorld;

/// How long a person's yes to one change stands: until the message is written.
const STANDS: Duration = Duration::from_secs(60 * 60);

/// The longest message that is read, in bytes.
const MESSAGE: usize = 1 << 20;

/// The most findings that are listed.
const LISTED: usize = 30;

/// The most characters of a line.
const LINE: usize = 500;

/// Judges a commit that is about to be made and gives the hook's status.
pub(super) fn run(event: &str, words: &[OsString], world: &RealWorld) -> i32 {
    let invocation = Invocation::new([OsString::from("git-hook"), OsString::from(event)]);
    let Some(tool) = table::find("git-hook") else { return 1 };
    let context = Context { invocation: &invocation, world };
    let Ok(changes) = changes::staged(&Call { tool, context, full: false }) else {
        // Why it cannot be read is on the card.
        return i32::from(!gate::permits(&invocation, world));
    };
    let found = findings::of_changes(&changes.files);
    if changes.left_out > 0 {
        complain(&format!("{} files of this commit were not looked at.", changes.left_out));
    }
    if found.is_empty() {
        return 0;
    }
    if !confirmed(["git-hook", CHANGE, &changes.digest], STANDS, world) {
        list(&found);
        let mut asked = invocation.clone();
        asked.argv.extend([OsString::from(CHANGE), OsString::from(&changes.digest)]);
        if !gate::permits(&asked, world) {
            return 1;
        }
    }
    match event {
        "commit-msg" => message(&found, words, world),
        _ => 0,
    }
}

fn list(found: &[Finding]) {
    for Finding { rule, path, line, says, .. } in found.iter().take(LISTED) {
        complain(&visible(&format!("{path}:{line}: {says} [{rule}]"), LINE));
    }
    if let Some(more) = found.len().checked_sub(LISTED).filter(|more| *more > 0) {
        complain(&format!("and {more} more"));
    }
}

/// Whether the message says why, for every rule.
fn message(found: &[Finding], words: &[OsString], world: &RealWorld) -> i32 {
    let Some(path) = words.first() else {
        complain("git-hook commit-msg: git gives it the message's file, and there is none.");
        return 1;
    };
    let text = match world.read(Path::new(path), MESSAGE) {
        Ok(text) => text,
        Err(error) => {
            complain(&format!("the message could not be read: {error}"));
            return 1;
        }
    };
    let missing = open(found, &allowed(&String::from_utf8_lossy(&text)));
    if missing.is_empty() {
        return 0;
    }
    complain("this commit was confirmed; its message has to say why. Nothing was committed.");
    complain("Add a line for each, with your reason, and commit again:");
    for rule in missing {
        complain(&format!("    {TRAILER}: {rule} REASON"));
    }
    let path = visible(&path.to_string_lossy(), LINE);
    complain(&format!("Your message is kept: git commit --edit --file={path}"));
    1
}
