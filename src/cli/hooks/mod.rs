//! `holdpoint hooks install|uninstall|list`: agents' settings in which the
//! hook stands. Writes each file by one rename, keeps what was there before
//! beside it, and touches nothing in it but holdpoint's own entries.

pub mod amp;
pub mod asleep;
pub mod canary;
pub mod merge;
pub mod places;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::USAGE;
use crate::gate;
use crate::invocation::Invocation;
use crate::paths;
use crate::text::visible;
use crate::world::World;
use crate::world::real::RealWorld;
use places::{Place, Scope, Shape};

/// The largest file of settings that is changed, in bytes.
const LIMIT: usize = 1 << 20;

/// What is added to a file's name for what was there before.
const BACKUP: &str = ".before-holdpoint";

/// Put holdpoint's hook into agents' settings, take it out, or list it.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Have an agent ask holdpoint before it calls a tool.
    Install(Which),
    /// Take holdpoint's hook out of an agent's settings.
    Uninstall(Which),
    /// Show which agents' settings have the hook.
    List,
}

#[derive(clap::Args, Debug)]
struct Which {
    /// The agent: claude, codex, cursor, gemini …
    #[arg(value_name = "AGENT", required_unless_present = "all")]
    agent: Option<String>,
    /// Every agent that this account has settings of.
    #[arg(long, conflicts_with = "agent")]
    all: bool,
    /// Whose work it is for.
    #[arg(long, value_enum, default_value = "user")]
    scope: Scope,
}

/// Does what is asked. Returns the exit status.
pub fn run(args: &Args, world: &RealWorld) -> i32 {
    let (which, install) = match &args.action {
        Action::Install(which) => (which, true),
        Action::Uninstall(which) => (which, false),
        Action::List => return say(&list(world)),
    };
    let places = match chosen(which, install, world) {
        Ok(places) => places,
        Err(why) => {
            complain(&why);
            return USAGE;
        }
    };
    let mut status = 0;
    for place in places {
        let Some(path) = path(place, which.scope, world) else {
            complain(paths::NO_HOME);
            return 1;
        };
        if !install
            && !commands(place, &path, world).is_empty()
            && !permits(place, which.scope, world)
        {
            return gate::STOPPED;
        }
        let done = match install {
            true => put(place, &path, world),
            false => take(place, &path, world),
        };
        match done {
            Ok(said) => status = status.max(say(&said)),
            Err(error) => {
                complain(&format!("{}: {error}", path.display()));
                status = 1;
            }
        }
    }
    status
}

/// The places that are meant.
fn chosen(which: &Which, install: bool, world: &dyn World) -> Result<Vec<&'static Place>, String> {
    let Some(word) = &which.agent else {
        let used = |place: &&Place| match install {
            // What it lets pass is asked about: for those who name it.
            true => place.shape != Shape::Amp && is_used(place, which.scope, world),
            false => path(place, which.scope, world).is_some_and(|path| world.exists(&path)),
        };
        return Ok(places::ALL.iter().filter(used).collect());
    };
    let known: Vec<&str> = places::ALL.iter().map(|place| place.agent).collect();
    let place = places::find(word).ok_or_else(|| {
        format!(
            "nothing is known of hooks of {:?}; known are {}",
            visible(word, 40),
            known.join(", ")
        )
    })?;
    Ok(vec![place])
}

/// Whether there are settings of that agent.
pub fn is_used(place: &Place, scope: Scope, world: &dyn World) -> bool {
    let file = match scope {
        Scope::User => place.user,
        Scope::Project => place.project,
    };
    let first = match file.strip_prefix(".config/").or_else(|| file.strip_prefix("Documents/")) {
        Some(rest) => {
            let folder = rest.split('/').next().unwrap_or_default();
            format!("{}{folder}", file.get(..file.len() - rest.len()).unwrap_or_default())
        }
        None => file.split('/').next().unwrap_or_default().to_owned(),
    };
    base(scope, world).is_some_and(|base| world.is_dir(&base.join(first)))
}

fn base(scope: Scope, world: &dyn World) -> Option<PathBuf> {
    match scope {
        Scope::User => world.account_home(),
        Scope::Project => world.cwd(),
    }
}

/// The file of an agent's hooks.
pub fn path(place: &Place, scope: Scope, world: &dyn World) -> Option<PathBuf> {
    let file = match scope {
        Scope::User => place.user,
        Scope::Project => place.project,
    };
    Some(base(scope, world)?.join(file))
}

/// The commands by which the hooks in a file call holdpoint.
pub fn commands(place: &Place, path: &Path, world: &dyn World) -> Vec<String> {
    let Ok(bytes) = world.read(path, LIMIT) else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes);
    match place.shape {
        Shape::Script => {
            let lines = text.lines().filter(|line| merge::is_ours(line));
            lines.map(|line| line.strip_prefix("exec ").unwrap_or(line).to_owned()).collect()
        }
        Shape::Plugin => {
            let program = text.lines().find_map(|line| line.strip_prefix("const PROGRAM = "));
            let program = program.and_then(|text| serde_json::from_str::<String>(text).ok());
            program.map(|program| command(Path::new(&program), place)).into_iter().collect()
        }
        // As Amp runs it: the program, without words.
        Shape::Amp => amp::program(&text)
            .map(|path| shell_words::quote(&path).into_owned())
            .into_iter()
            .collect(),
        _ => merge::commands(&text, place.top()),
    }
}

/// The command that an agent is to run.
fn command(program: &Path, place: &Place) -> String {
    let program = program.display().to_string();
    format!("{} hook {}{}", shell_words::quote(&program), place.agent, place.otherwise())
}

/// Whether the hook may be taken out: judged, asked and recorded as any
/// command that weakens holdpoint.
fn permits(place: &Place, scope: Scope, world: &RealWorld) -> bool {
    let words = ["holdpoint", "hooks", "uninstall", place.agent, "--scope", scope.word()];
    gate::permits(&Invocation::new(words.map(OsString::from)), world)
}

fn put(place: &Place, path: &Path, world: &dyn World) -> io::Result<String> {
    let program = std::env::current_exe()?;
    let command = command(&program, place);
    let before = read(path, world)?;
    let after = match place.whole(&program.display().to_string(), &command) {
        Some(text) => {
            let foreign = before.as_ref().is_some_and(|_| commands(place, path, world).is_empty());
            if foreign {
                return Err(io::Error::other("there is one of somebody else's; it was left alone"));
            }
            text
        }
        None => {
            let text = before.as_deref().unwrap_or_default();
            let done = match place.shape {
                Shape::Amp => {
                    let script = path.with_file_name(amp::SCRIPT);
                    write(&script, &amp::script(&command), true)?;
                    amp::with(text, &script.display().to_string())
                }
                _ => merge::with(text, &place.entries(&command), place.top()),
            };
            done.map_err(|why| {
                io::Error::other(format!(
                    "{why}; it was left alone. The hook's command is: {command}"
                ))
            })?
        }
    };
    let name = place.about().map_or(place.agent, |agent| agent.name);
    if before.as_deref() == Some(after.as_str()) {
        return Ok(format!("{name}: the hook is in {} already\n", path.display()));
    }
    if let Some(before) = &before {
        keep(path, before)?;
    }
    write(path, &after, place.shape == Shape::Script)?;
    let mut said = format!("{name}: the hook is in {}\n", path.display());
    if place.agent == "codex" {
        said.push_str(
            "  Codex skips a hook that is new or changed until you have looked at it: /hooks\n",
        );
    }
    if place.shape == Shape::Droid && before.is_none() {
        let beside = read(&path.with_file_name("settings.json"), world)?.unwrap_or_default();
        if merge::settings(&beside).pointer("/hooks/PreToolUse").is_some() {
            // Its own merge is by event, and hooks.json wins (0.215.0, by its source).
            said.push_str(
                "  droid now reads PreToolUse there alone: move what settings.json has of it\n",
            );
        }
    }
    if place.shape == Shape::Amp {
        said.push_str(
            "  Amp now asks about every command and edit that holdpoint does not refuse\n",
        );
    }
    Ok(said)
}

fn take(place: &Place, path: &Path, world: &dyn World) -> io::Result<String> {
    let name = place.about().map_or(place.agent, |agent| agent.name);
    let Some(before) = read(path, world)?.filter(|_| !commands(place, path, world).is_empty())
    else {
        return Ok(format!("{name}: no hook in {}\n", path.display()));
    };
    if place.whole("", "").is_some() {
        fs::remove_file(path)?;
    } else {
        let after = match place.shape {
            Shape::Amp => amp::without(&before),
            _ => merge::without(&before, place.top()),
        };
        write(path, &after.map_err(|why| io::Error::other(why.to_string()))?, false)?;
        if place.shape == Shape::Amp {
            fs::remove_file(path.with_file_name(amp::SCRIPT))?;
        }
    }
    Ok(format!("{name}: the hook is gone from {}\n", path.display()))
}

/// A file's text; none if there is no file.
fn read(path: &Path, world: &dyn World) -> io::Result<Option<String>> {
    use crate::world::ReadError;
    match world.read(path, LIMIT) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(io::Error::other),
        Err(ReadError::Missing) => Ok(None),
        Err(error) => Err(io::Error::other(error.to_string())),
    }
}

/// Keeps what was there before holdpoint first wrote to it.
fn keep(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(BACKUP);
    let backup = path.with_file_name(name);
    match fs::OpenOptions::new().write(true).create_new(true).open(&backup) {
        Ok(mut file) => {
            file.set_permissions(fs::metadata(path)?.permissions())?;
            file.write_all(text.as_bytes())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// Puts a text in the place of a file, which a link may lead to.
fn write(path: &Path, text: &str, runs: bool) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".holdpoint.{}", std::process::id()));
    let mode = fs::metadata(&path).map(|about| about.permissions().mode() & 0o7777).ok();
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).open(&draft)?;
    file.write_all(text.as_bytes())?;
    if let Some(mode) = mode.or(runs.then_some(0o755)) {
        file.set_permissions(fs::Permissions::from_mode(mode))?;
    }
    drop(file);
    fs::rename(draft, path)
}

fn list(world: &dyn World) -> String {
    let mut text = String::new();
    for place in places::ALL {
        for scope in [Scope::User, Scope::Project] {
            let Some(path) = path(place, scope, world) else { continue };
            let found = commands(place, &path, world);
            if found.is_empty() && (scope == Scope::Project || !is_used(place, scope, world)) {
                continue;
            }
            let said = if found.is_empty() { "not configured" } else { "configured" };
            let _ = writeln!(
                text,
                "{:<9} {:<8} {said:<15} {}",
                place.agent,
                scope.word(),
                path.display()
            );
        }
    }
    if text.is_empty() {
        text.push_str("no settings of any agent that holdpoint knows hooks of\n");
    }
    text
}

fn say(text: &str) -> i32 {
    i32::from(io::stdout().write_all(text.as_bytes()).is_err())
}

fn complain(text: &str) {
    super::complain(&visible(text, 2_000));
}
