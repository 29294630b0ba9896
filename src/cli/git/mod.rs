//! `holdpoint git install|remove|status`: the hooks that judge what git is
//! about to do, where this repository's hooks are: in the folder where git
//! looks, in husky's, in lefthook's settings, beside pre-commit's, or in git's
//! own settings. A hook that is there already is kept and still runs; nothing
//! is replaced, and what is taken away leaves every file as it was.

mod lines;
mod plain;
mod setting;
pub(super) mod status;
mod yaml;

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Subcommand;

use super::{complain, print};
use crate::exec;
use crate::invocation::{Context, Invocation};
use crate::target::git::{Globals, Repository, Settings};
use crate::target::git_hooks::{
    ALL_EVENTS, EVENTS, Hooks, LEFTHOOK, MANAGED, PRE_COMMIT, SERVER_EVENTS, is_lefthook,
};
use crate::world::World;

/// Set by `git status` when it tries a hook: the hook then stops git, and
/// says so. It can only make a hook stricter.
pub(super) const CANARY: &str = "HOLDPOINT_CANARY";

/// The first git that calls hooks by a setting.
const SETTING_SINCE: (u32, u32) = (2, 54);

/// Arguments of `holdpoint git`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Put the hooks in place, beside those that are there.
    ///
    /// In the folder where git looks for hooks, or husky; in lefthook.yml; for
    /// the team in .pre-commit-config.yaml too, where that is used.
    Install(Which),
    /// Take them away, and put back what was there before.
    Remove(Which),
    /// Try each hook, and say which events are live.
    ///
    /// Exit status: 0 all of them are, 1 some are not.
    Status,
}

#[derive(Debug, clap::Args)]
struct Which {
    /// In a repository that others push to: pre-receive.
    #[arg(long, conflicts_with_all = ["config", "global"])]
    server: bool,
    /// By this repository's settings (git 2.54 and newer).
    #[arg(long)]
    config: bool,
    /// By the account's settings, for every repository (git 2.54 and newer).
    #[arg(long, conflicts_with = "config")]
    global: bool,
}

/// A repository, and where its hooks are.
pub(super) struct Place {
    repository: Repository,
    settings: Settings,
    hooks: Hooks,
}

impl Place {
    /// The repository around the current directory.
    pub(super) fn find(world: &dyn World) -> Result<Place, String> {
        let invocation = Invocation::default();
        let context = Context { invocation: &invocation, world };
        let dir = world.cwd().ok_or("there is no current directory")?;
        let globals = Globals { dir, ..Globals::default() };
        let globals = Globals {
            git_dir: context.var("GIT_DIR"),
            work_tree: context.var("GIT_WORK_TREE"),
            ..globals
        };
        let repository = Repository::find(&context, &globals);
        let settings = repository.settings(&context, &globals);
        let hooks = repository.hooks(&context, &settings).ok_or("this is no git repository")?;
        if hooks.path == Path::new("/") {
            return Err(
                "core.hooksPath is set to nothing, so that git calls no hooks here".to_owned()
            );
        }
        Ok(Place { repository, settings, hooks })
    }

    /// The first of these files that is there.
    fn file(&self, names: &[&str]) -> Option<PathBuf> {
        let top = self.repository.top.as_ref()?;
        names.iter().map(|name| top.join(name)).find(|file| file.is_file())
    }
}

/// Does it and gives the exit status.
pub fn run(args: &Args, world: &dyn World) -> i32 {
    let done = match &args.action {
        Action::Install(which) => install(which, world),
        Action::Remove(which) => remove(which, world),
        Action::Status => return status::run(world),
    };
    match done {
        Ok(said) => print(&said),
        Err(error) => {
            complain(&error);
            1
        }
    }
}

/// Whether this repository has a hook of holdpoint's own for an event.
pub(super) fn is_placed(event: &str, world: &dyn World) -> bool {
    Place::find(world).is_ok_and(|place| plain::is_placed(&place.hooks.file(event)))
}

fn install(which: &Which, world: &dyn World) -> Result<String, String> {
    let program = program()?;
    if let Some(file) = settings_file(which, world)? {
        let (version, text) = version(world)?;
        if version < SETTING_SINCE {
            return Err(format!(
                "git {text} calls no hooks by a setting, git {}.{} and newer do; without \
                 --config and --global, holdpoint git install puts them into this repository's \
                 folder of hooks",
                SETTING_SINCE.0, SETTING_SINCE.1
            ));
        }
        setting::install(&file, EVENTS, &program)?;
        return Ok(format!("{} has git call holdpoint: {}.\n", file.display(), EVENTS.join(", ")));
    }
    let place = Place::find(world)?;
    let mut said = String::new();
    let lefthook = if which.server { None } else { place.file(LEFTHOOK) };
    let events: &[&str] = if which.server { SERVER_EVENTS } else { EVENTS };
    for event in events {
        if lefthook.is_some() && MANAGED.contains(event) {
            continue;
        }
        let hook = place.hooks.file(event);
        let put = plain::install(&place.hooks, event, &program)?;
        let _ = writeln!(said, "{} judges {}.", hook.display(), what(event));
        if let plain::Put::Chained(kept) = put {
            let _ = writeln!(said, "The hook that was there runs behind it: {}", kept.display());
        }
    }
    let managed: Vec<&str> = events.iter().copied().filter(|it| MANAGED.contains(it)).collect();
    if let Some(file) = lefthook {
        said += &in_lefthook(&place, &file, &managed, world)?;
    }
    if let Some(file) = place.file(PRE_COMMIT).filter(|_| !which.server) {
        said += &match edit(&file, |text| yaml::pre_commit(text, &managed, &shared(world)?)) {
            Ok(()) => format!("{} has it called for the team too.\n", file.display()),
            Err(why) => format!("{} is left as it is: {why}.\n", file.display()),
        };
    }
    Ok(said)
}

/// What an event's hook judges.
fn what(event: &str) -> &'static str {
    match event {
        "pre-push" | "pre-receive" | "update" => "what is pushed",
        "reference-transaction" => "what becomes of protected branches",
        _ => "what is committed",
    }
}

/// Puts the events into lefthook's settings, which moves every other hook out
/// of its way, and has lefthook call them.
fn in_lefthook(
    place: &Place,
    file: &Path,
    events: &[&str],
    world: &dyn World,
) -> Result<String, String> {
    let program = shared(world)?;
    edit(file, |text| {
        events.iter().try_fold(text.to_owned(), |text, event| {
            let run = format!("{program} git-hook --shared {event} {{0}}");
            yaml::lefthook(&text, event, &run)
        })
    })
    .map_err(|why| {
        format!(
            "{}: {why}. Write into it, for each of {}: a command named holdpoint with `run: {program} \
             git-hook --shared EVENT {{0}}` and `use_stdin: true`",
            file.display(),
            events.join(", ")
        )
    })?;
    for event in events {
        plain::remove(&place.hooks, event)?;
    }
    let mut said = format!("{} has it called: {}.\n", file.display(), events.join(", "));
    said += &sync_lefthook(place, &[], world);
    Ok(said)
}

/// Has lefthook write its hooks by its settings. It leaves the hooks of events
/// that are in none of them any more, so those of `stale` are taken away first:
/// what other settings of its still name, it writes anew.
fn sync_lefthook(place: &Place, stale: &[&str], world: &dyn World) -> String {
    let own = place.repository.top.as_ref().map(|top| top.join("node_modules/.bin/lefthook"));
    let own = own.filter(|own| own.is_file());
    let found = exec::find(OsStr::new("lefthook"), world).ok().map(|found| found.file);
    let ran = own.or(found).and_then(|program| {
        for file in stale.iter().map(|event| place.hooks.file(event)) {
            if fs::read_to_string(&file).is_ok_and(|text| is_lefthook(&text)) {
                let _ = fs::remove_file(&file);
            }
        }
        let mut command = Command::new(program);
        command.arg("install").stdin(Stdio::null()).stdout(Stdio::null());
        command.current_dir(place.repository.top.as_ref()?).status().ok()
    });
    match ran {
        Some(status) if status.success() => String::new(),
        _ => "Now have lefthook write its hooks: lefthook install\n".to_owned(),
    }
}

/// Changes a file's text, holdpoint's own lines taken out first.
fn edit(file: &Path, change: impl Fn(&str) -> Result<String, String>) -> Result<(), String> {
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let new = change(&lines::without(&text))?;
    if new == text { Ok(()) } else { lines::write(file, &new) }
}

fn remove(which: &Which, world: &dyn World) -> Result<String, String> {
    if let Some(file) = settings_file(which, world)? {
        return Ok(match setting::remove(&file)? {
            true => format!("{} no longer has git call holdpoint.\n", file.display()),
            false => format!("{} has nothing of holdpoint's.\n", file.display()),
        });
    }
    let place = Place::find(world)?;
    let mut said = String::new();
    let on_server = |event: &str| ["pre-receive", "update"].contains(&event);
    for event in ALL_EVENTS.iter().filter(|event| on_server(event) == which.server) {
        if plain::remove(&place.hooks, event)? {
            let hook = place.hooks.file(event);
            let _ = writeln!(said, "{} no longer judges {}.", hook.display(), what(event));
        }
    }
    for names in [LEFTHOOK, PRE_COMMIT] {
        let Some(file) = place.file(names).filter(|_| !which.server) else { continue };
        let text = fs::read_to_string(&file).map_err(|error| error.to_string())?;
        let old = lines::without(&text);
        if old != text {
            lines::write(&file, &old)?;
            let _ = writeln!(said, "{} is as it was.", file.display());
            if names == LEFTHOOK {
                said += &sync_lefthook(&place, MANAGED, world);
            }
        }
    }
    if said.is_empty() {
        said = format!("{} holds none of holdpoint's.\n", place.hooks.path.display());
    }
    Ok(said)
}

/// The file of settings that is meant, if one is.
fn settings_file(which: &Which, world: &dyn World) -> Result<Option<PathBuf>, String> {
    if which.global {
        let home = world.account_home().ok_or("it is not known where home is")?;
        let named = |name: &str| world.var(OsStr::new(name)).map(PathBuf::from);
        let file = setting::global(&home, named("GIT_CONFIG_GLOBAL"), named("XDG_CONFIG_HOME"));
        return Ok(Some(file));
    }
    if !which.config {
        return Ok(None);
    }
    let place = Place::find(world)?;
    Ok(place.repository.common.map(|common| common.join("config")))
}

/// git's version, and how it writes it.
fn version(world: &dyn World) -> Result<((u32, u32), String), String> {
    let found = exec::find(OsStr::new("git"), world).map_err(|error| error.to_string())?;
    let output = Command::new(found.file).arg("version").stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("git: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let text = text.trim().trim_start_matches("git version ").to_owned();
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    Ok(((numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)), text))
}

/// This program's path, quoted for a shell.
fn program() -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| format!("holdpoint itself: {error}"))?;
    let text = program.to_str().ok_or("holdpoint's own path is no text")?;
    Ok(format!("'{}'", text.replace('\'', "'\\''")))
}

/// How a file that others share calls this program: by its name, where that
/// is enough here.
fn shared(world: &dyn World) -> Result<String, String> {
    let search = world.var(OsStr::new("PATH")).unwrap_or_default();
    let named = std::env::split_paths(&search).take(200).any(|dir| dir.join("holdpoint").is_file());
    if named {
        return Ok("holdpoint".to_owned());
    }
    let program = program()?;
    let plain = program.trim_matches('\'');
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._+-".contains(letter);
    match plain.chars().all(is_plain) {
        true => Ok(plain.to_owned()),
        false => Err(format!("put holdpoint on PATH first: {program} cannot stand in it")),
    }
}
