//! `holdpoint git status`: which events are live. Each hook is run as git
//! would run it, with a variable that makes holdpoint stop there and say so;
//! what runs behind holdpoint's hook does not run. Changes nothing.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{CANARY, Place};
use crate::cli::hooks::canary;
use crate::cli::{complain, print};
use crate::exec;
use crate::invocation::{Context, Invocation};
use crate::target::git_hooks::{ALL_EVENTS, By, EVENTS, SERVER_EVENTS, armed};
use crate::text::visible;
use crate::world::World;

/// One event, and whether holdpoint is called for it.
pub(in crate::cli) struct Event {
    pub event: &'static str,
    /// Who has it called, in words.
    pub by: String,
    /// Why it is not live, if it is not.
    pub dead: Option<String>,
}

/// Prints what it finds and gives the exit status.
pub(super) fn run(world: &dyn World) -> i32 {
    let events = match events(world) {
        Ok(events) => events,
        Err(error) => {
            complain(&error);
            return 1;
        }
    };
    let mut text = String::new();
    for event in &events {
        let _ = match &event.dead {
            None => writeln!(text, "live  {:<22} {}", event.event, event.by),
            Some(why) => {
                writeln!(text, "DEAD  {:<22} {}: {}", event.event, event.by, visible(why, 400))
            }
        };
    }
    let found = |event: &&&str| events.iter().any(|have| have.event == **event);
    let server = SERVER_EVENTS.iter().any(|event| found(&event));
    let missing: Vec<&str> =
        EVENTS.iter().filter(|event| !server && !found(event)).copied().collect();
    for event in &missing {
        let _ = writeln!(text, "none  {event:<22} holdpoint git install puts it in place");
    }
    print(&text);
    i32::from(!missing.is_empty() || events.iter().any(|event| event.dead.is_some()))
}

/// The events for which holdpoint is called here, each tried.
pub(in crate::cli) fn events(world: &dyn World) -> Result<Vec<Event>, String> {
    let place = Place::find(world)?;
    let invocation = Invocation::default();
    let context = Context { invocation: &invocation, world };
    let mut events = Vec::new();
    for event in ALL_EVENTS {
        let all = armed(&context, &place.repository, &place.settings, event);
        // Where holdpoint's own hook is in front, the team's entry leaves it
        // to that.
        let own = all.iter().any(|by| matches!(by, By::Folder | By::Husky));
        for by in all.iter().filter(|by| !(own && matches!(by, By::PreCommit | By::Lefthook))) {
            let (said, tried) = match by {
                By::Setting => ("a setting of git's".to_owned(), setting(&place, event, world)),
                By::Folder | By::Husky => folder(&place, event, &[], world),
                // lefthook skips a pre-commit of no files, which this is, unless
                // forced; what its settings skip stays skipped.
                By::Lefthook if *event == "pre-commit" => {
                    folder(&place, event, &["--job", "holdpoint", "--force"], world)
                }
                By::Lefthook => folder(&place, event, &["--job", "holdpoint"], world),
                By::PreCommit => (
                    "the settings of pre-commit".to_owned(),
                    Err("holdpoint git install has to put a hook in front".to_owned()),
                ),
            };
            events.push(Event { event, by: said, dead: tried.err() });
        }
    }
    Ok(events)
}

/// What git runs from its folder of hooks, with what git would tell it; the
/// rest is for the manager's own program, to run nothing but holdpoint.
fn folder(
    place: &Place,
    event: &'static str,
    rest: &[&str],
    world: &dyn World,
) -> (String, Result<(), String>) {
    let file = match hook_path(place, event, world) {
        Ok(file) => file,
        Err(why) => return ("the folder of hooks".to_owned(), Err(why)),
    };
    let mut command = Command::new(&file);
    command.args(match event {
        "pre-push" => &["holdpoint-canary", "holdpoint-canary"][..],
        "reference-transaction" => &["prepared"],
        "commit-msg" => &["/dev/null"],
        _ => &[],
    });
    command.args(rest);
    let tried = match fs::metadata(&file) {
        Ok(about) if !is_executable(&about) => {
            Err("git ignores a hook that is not executable".to_owned())
        }
        _ => arrives(command, place, event),
    };
    (file.display().to_string(), tried)
}

fn is_executable(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o111 != 0
}

/// Where git itself looks for the hook.
fn hook_path(place: &Place, event: &str, world: &dyn World) -> Result<PathBuf, String> {
    let name = format!("hooks/{event}");
    let mut command = git(place, world)?;
    let output = command.args(["rev-parse", "--git-path", &name]).output();
    let output = output.map_err(|error| format!("git: {error}"))?;
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    match output.status.success() {
        true => Ok(root(place).join(path)),
        false => Err("git does not say where its hooks are".to_owned()),
    }
}

/// The command that a setting of git's names, if this git calls it.
fn setting(place: &Place, event: &str, world: &dyn World) -> Result<(), String> {
    let output = git(place, world)?.args(["hook", "list", event]).output();
    let output = output.map_err(|error| format!("git: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let name = format!("holdpoint-{event}");
    if !text.lines().any(|line| line.trim() == name) {
        return Err("this git does not list it: git 2.54 and newer do".to_owned());
    }
    let line = place.settings.last(&format!("hook.{name}.command")).unwrap_or_default();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &format!("{line} \"$@\""), line, "prepared"]);
    arrives(command, place, event)
}

fn git(place: &Place, world: &dyn World) -> Result<Command, String> {
    let found = exec::find(OsStr::new("git"), world).map_err(|error| error.to_string())?;
    let mut command = Command::new(found.file);
    command.current_dir(root(place)).stdin(Stdio::null()).stderr(Stdio::null());
    Ok(command)
}

/// Where git runs hooks: at the top of the work tree, or in the repository.
fn root(place: &Place) -> &Path {
    let repository = &place.repository;
    repository.top.as_deref().or(repository.git_dir.as_deref()).unwrap_or(Path::new("."))
}

/// Runs a hook and sees whether holdpoint stops git.
fn arrives(mut command: Command, place: &Place, event: &str) -> Result<(), String> {
    let started = |error: io::Error| format!("it cannot be started: {error}");
    command.current_dir(root(place)).env(CANARY, "1").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(started)?;
    let status = canary::wait(&mut child)?;
    let said = canary::drain(child.stderr.take()) + &canary::drain(child.stdout.take());
    if !said.contains(&format!("the canary arrived at {event}")) {
        return Err("it was run and did not call holdpoint".to_owned());
    }
    match status {
        Some(0) => Err("it called holdpoint and went on all the same".to_owned()),
        _ => Ok(()),
    }
}
