//! `holdpoint git install|remove`: the hook that judges a push, in the folder
//! where git looks for this repository's hooks. A hook that is there already
//! is kept beside it and still runs; nothing is replaced.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use clap::Subcommand;

use super::{complain, print};
use crate::invocation::{Context, Invocation};
use crate::target::git::{Globals, HOOK_MARK, Hooks, Repository};
use crate::world::World;

/// Arguments of `holdpoint git`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Put the hook in place: pre-push, or pre-receive on a server.
    Install(Which),
    /// Take it away, and put back what was there before.
    Remove(Which),
}

#[derive(Debug, clap::Args)]
struct Which {
    /// In a repository that others push to: pre-receive.
    #[arg(long)]
    server: bool,
}

impl Which {
    fn event(&self) -> &'static str {
        if self.server { "pre-receive" } else { "pre-push" }
    }
}

/// Behind the name of a hook that was there before.
const BEFORE: &str = ".before-holdpoint";

/// Does it and gives the exit status.
pub fn run(args: &Args, world: &dyn World) -> i32 {
    let done = folder(world).and_then(|folder| match &args.action {
        Action::Install(which) => install(&folder, which.event()),
        Action::Remove(which) => remove(&folder, which.event()),
    });
    match done {
        Ok(said) => print(&said),
        Err(error) => {
            complain(&error);
            1
        }
    }
}

/// The folder of this repository's hooks.
fn folder(world: &dyn World) -> Result<Hooks, String> {
    let invocation = Invocation::default();
    let context = Context { invocation: &invocation, world };
    let dir = world.cwd().ok_or("there is no current directory")?;
    let globals = Globals { dir, ..Globals::default() };
    let repository = Repository::find(&context, &globals);
    let settings = repository.settings(&context, &globals);
    repository.hooks(&context, &settings).ok_or_else(|| "this is no git repository".to_owned())
}

fn failed(path: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

fn install(folder: &Hooks, event: &str) -> Result<String, String> {
    let hook = folder.path.join(event);
    let before = folder.path.join(format!("{event}{BEFORE}"));
    fs::create_dir_all(&folder.path).map_err(failed(&folder.path))?;
    let there = hook.symlink_metadata().is_ok();
    let chained = there && !is_ours(&hook);
    if chained {
        // Who wrote the same hook over ours again loses nothing by it.
        let same = fs::read(&before).ok().is_some_and(|kept| fs::read(&hook).ok() == Some(kept));
        if before.symlink_metadata().is_ok() && !same {
            return Err(format!("{} is there already, and would be lost", before.display()));
        }
        fs::rename(&hook, &before).map_err(failed(&hook))?;
    }
    let written = write(&hook, &script(event, folder.husky)?);
    if written.is_err() && chained {
        let _ = fs::rename(&before, &hook);
    }
    written.map_err(failed(&hook))?;
    let kept = if before.symlink_metadata().is_ok() {
        format!("The hook that was there runs behind it: {}\n", before.display())
    } else {
        String::new()
    };
    Ok(format!("{} judges what is pushed.\n{kept}", hook.display()))
}

fn remove(folder: &Hooks, event: &str) -> Result<String, String> {
    let hook = folder.path.join(event);
    if !is_ours(&hook) {
        return Ok(format!("{} is none of holdpoint's.\n", hook.display()));
    }
    let before = folder.path.join(format!("{event}{BEFORE}"));
    match before.symlink_metadata() {
        Ok(_) => fs::rename(&before, &hook).map_err(failed(&before))?,
        Err(_) => fs::remove_file(&hook).map_err(failed(&hook))?,
    }
    Ok(format!("{} no longer judges what is pushed.\n", hook.display()))
}

fn is_ours(hook: &Path) -> bool {
    fs::read_to_string(hook).is_ok_and(|text| text.lines().nth(1) == Some(HOOK_MARK))
}

/// Writes a hook in one step, so that git never finds half of one.
fn write(hook: &Path, text: &str) -> io::Result<()> {
    let new = hook.with_extension(format!("new-{}", std::process::id()));
    fs::write(&new, text)?;
    fs::set_permissions(&new, Permissions::from_mode(0o755))?;
    fs::rename(&new, hook)
}

fn script(event: &str, husky: bool) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| format!("holdpoint itself: {error}"))?;
    let program = program.into_os_string();
    let quoted = quote(&program).ok_or("holdpoint's own path is no text")?;
    // husky's own scripts need not be executable, and stop at a failure.
    let (test, run) = if husky { ("-f", "sh -e ") } else { ("-x", "") };
    Ok(format!(
        "#!/bin/sh\n{HOOK_MARK}\n# A hook that was here before is {event}{BEFORE}, and still runs.\n\
         holdpoint={quoted}\nbefore=\"$(dirname -- \"$0\")/{event}{BEFORE}\"\n\
         if ! [ {test} \"$before\" ]; then\n    exec \"$holdpoint\" git-hook {event} \"$@\"\nfi\n\
         lines=$(cat)\n\
         printf '%s\\n' \"$lines\" | \"$holdpoint\" git-hook {event} \"$@\" || exit 1\n\
         printf '%s\\n' \"$lines\" | {run}\"$before\" \"$@\"\n"
    ))
}

/// The path in single quotes, as a shell reads it.
fn quote(path: &OsString) -> Option<String> {
    Some(format!("'{}'", path.to_str()?.replace('\'', "'\\''")))
}
