//! `holdpoint shims install|remove|list`: the links that make a tool's name
//! lead here.

mod folder;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::PathBuf;

pub use folder::{Shims, State};

use crate::exec::own;
use crate::gate;
use crate::invocation::Invocation;
use crate::paths;
use crate::rules::{overlay, table};
use crate::world::World;
use crate::world::real::RealWorld;

/// Install, remove or list the shims.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Make a link for every guarded program, and take away those that are
    /// guarded no more.
    Install {
        #[command(flatten)]
        folder: Folder,
        /// Also where the shims lead to another copy of holdpoint: from then
        /// on they lead to this one.
        #[arg(long)]
        relink: bool,
    },
    /// Take the links away.
    Remove(Folder),
    /// Show which links there are.
    List(Folder),
}

#[derive(clap::Args, Debug)]
struct Folder {
    /// The folder, if it is not the usual one.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Does what is asked. Returns the exit status.
pub fn run(args: Args, world: &RealWorld) -> i32 {
    let (Action::Install { folder, .. } | Action::Remove(folder) | Action::List(folder)) =
        &args.action;
    let done = locate(folder.dir.clone()).and_then(|shims| match args.action {
        Action::Install { relink, .. } => match shims.led_elsewhere() {
            Some(other) if !relink => Err(shims.of_another(&other)),
            Some(_) if !permits(&["install", "--relink"], &shims, world) => Ok(None),
            _ => shims.install().map(|change| Some(change.says(&shims))),
        },
        Action::Remove(_) => {
            // Where there are no shims, nothing is taken away from anybody.
            if own::is_shim_folder(&shims.dir) && !permits(&["remove"], &shims, world) {
                return Ok(None);
            }
            shims.remove().map(|change| Some(change.says(&shims)))
        }
        Action::List(_) => Ok(Some(shims.list())),
    });
    match done {
        Ok(Some(said)) => i32::from(io::stdout().write_all(said.as_bytes()).is_err()),
        Ok(None) => gate::STOPPED,
        Err(error) => {
            let _ = writeln!(io::stderr(), "holdpoint: {error}");
            1
        }
    }
}

/// Whether `holdpoint shims WORDS --dir DIR` may be carried out: judged, asked
/// and recorded as any command. The words are put together here, so that what
/// is judged is what was understood.
fn permits(words: &[&str], shims: &Shims, world: &RealWorld) -> bool {
    let words = ["holdpoint", "shims"].iter().chain(words).map(OsString::from);
    let folder = [OsString::from("--dir"), shims.dir.clone().into_os_string()];
    gate::permits(&Invocation::new(words.chain(folder)), world)
}

fn locate(dir: Option<PathBuf>) -> io::Result<Shims> {
    let program = std::env::current_exe()?;
    let world = RealWorld::new();
    let usual = || paths::shims(&world, Some(&program));
    let dir = match dir {
        Some(dir) => std::path::absolute(dir)?,
        None => usual().ok_or_else(|| io::Error::other(paths::NO_HOME))?,
    };
    Ok(Shims { dir, program, guarded: guarded(&world) })
}

/// The name of every program that gets a shim: those of the compiled-in rules
/// and of the user's own rule files that ask for one.
pub fn guarded(world: &dyn World) -> BTreeSet<String> {
    let compiled = table::all().iter().filter(|tool| tool.shim);
    let mut names: BTreeSet<String> =
        compiled.flat_map(|tool| tool.programs).map(|name| (*name).to_owned()).collect();
    let own = overlay::folder(world).map(|folder| world.list(&folder)).unwrap_or_default();
    for file in own {
        let Some(name) = file.to_str().and_then(|file| file.strip_suffix(".toml")) else {
            continue;
        };
        if let Ok(Some(tool)) = overlay::find(name, world)
            && tool.shim
        {
            names.insert(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests;
