//! `holdpoint doctor`: whether holdpoint is where commands pass, and what to
//! do where it is not. Looks and starts shells to see what they would find;
//! changes nothing.

mod files;
mod git;
mod hooks;
mod path;
mod probe;
mod shells;

use std::fmt::Write as _;
use std::io::{self, Write as _};

use serde::Serialize;

use super::shims::{self, Shims};
use crate::paths;
use crate::text::visible;
use crate::world::World;
use crate::world::real::RealWorld;

/// Check that commands pass holdpoint.
///
/// Each finding comes with its fix. Exit status: 0 all is well, 1 findings.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// How much of a sentence is printed: a hundred guarded names fit in.
const MAX_SENTENCE: usize = 4000;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    /// As it should be.
    Fine,
    /// Worth knowing; nothing has to be done.
    Note,
    /// Something has to be done.
    Finding,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Check {
    /// What was looked at: `path`.
    check: &'static str,
    status: Status,
    /// What was found, in one sentence.
    says: String,
    /// What to do about it.
    fix: Option<String>,
}

impl Check {
    fn fine(check: &'static str, says: impl Into<String>) -> Check {
        Check { check, status: Status::Fine, says: says.into(), fix: None }
    }

    fn note(check: &'static str, says: impl Into<String>) -> Check {
        Check { check, status: Status::Note, says: says.into(), fix: None }
    }

    fn finding(check: &'static str, says: impl Into<String>, fix: impl Into<String>) -> Check {
        Check { check, status: Status::Finding, says: says.into(), fix: Some(fix.into()) }
    }
}

/// Looks at everything and prints what it found. Returns the exit status.
pub fn run(args: &Args) -> i32 {
    let world = RealWorld::new();
    let checks = look(&world);
    let fine = checks.iter().all(|check| check.status != Status::Finding);
    let text = if args.json { json(&checks, fine) } else { plain(&checks) };
    let _ = io::stdout().write_all(text.as_bytes());
    i32::from(!fine)
}

fn look(world: &dyn World) -> Vec<Check> {
    let mut checks = files::account(world);
    let Ok(program) = std::env::current_exe() else {
        checks.push(Check::finding(
            "program",
            "it cannot be seen which file this program is",
            "Mount /proc.",
        ));
        return checks;
    };
    checks.push(Check::fine(
        "program",
        format!("{} {}", program.display(), env!("CARGO_PKG_VERSION")),
    ));
    if let Some(dir) = paths::shims(world, Some(&program)) {
        let shims = Shims { dir, program, guarded: shims::guarded(world) };
        checks.push(path::shims(&shims));
        checks.extend(path::order(&shims, world));
        checks.extend(path::tools(&shims, world));
        checks.extend(shells::new_shells(&shims, world));
        checks.push(files::completions(&shims.program, world));
    }
    checks.extend(hooks::agents(world));
    checks.extend(git::hooks(world));
    checks.extend(files::policy(world));
    checks.push(files::state(world));
    checks
}

/// One line a check, the fix below it.
fn plain(checks: &[Check]) -> String {
    let mut text = String::new();
    for check in checks {
        let mark = match check.status {
            Status::Fine => "ok  ",
            Status::Note => "note",
            Status::Finding => "FIX ",
        };
        let _ =
            writeln!(text, "{mark}  {:<12} {}", check.check, visible(&check.says, MAX_SENTENCE));
        if let Some(fix) = &check.fix {
            let _ = writeln!(text, "      {:<12} → {}", "", visible(fix, MAX_SENTENCE));
        }
    }
    let findings = checks.iter().filter(|check| check.status == Status::Finding).count();
    let _ = match findings {
        0 => writeln!(text, "\nAll is well."),
        1 => writeln!(text, "\n1 finding."),
        more => writeln!(text, "\n{more} findings."),
    };
    text
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    fine: bool,
    checks: &'a [Check],
}

fn json(checks: &[Check], fine: bool) -> String {
    let report = Report { version: 1, fine, checks };
    serde_json::to_string(&report).map(|text| text + "\n").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_counted_and_told_with_their_fix() {
        let checks = [
            Check::fine("program", "here"),
            Check::note("tools", "none"),
            Check::finding("path", "psql is elsewhere\u{1b}[2J", "Do this."),
        ];
        insta::assert_snapshot!(plain(&checks), @r"
        ok    program      here
        note  tools        none
        FIX   path         psql is elsewhere\u{1b}[2J
                           → Do this.

        1 finding.
        ");
        assert_eq!(plain(&checks[..2]).lines().last(), Some("All is well."));
    }

    #[test]
    fn the_same_as_json() {
        let checks = [Check::finding("path", "a \"b\"", "c")];
        let text = json(&checks, false);
        let expected = r#"{"version":1,"fine":false,"checks":[{"check":"path","status":"finding","says":"a \"b\"","fix":"c"}]}"#;
        assert_eq!(text.trim_end(), expected);
    }
}
