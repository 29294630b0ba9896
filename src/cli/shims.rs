//! `holdpoint shims install|remove|list`: the links that make a tool's name
//! lead here. Every link is put in place by one rename, so that a shell that
//! looks at that moment finds the old one or the new one.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

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

/// A folder of shims, and the program that they lead to.
#[derive(Clone, Debug)]
pub struct Shims {
    /// The folder.
    pub dir: PathBuf,
    /// The program.
    pub program: PathBuf,
    /// The programs that there should be a shim for.
    pub guarded: BTreeSet<String>,
}

/// What stands in the place of a shim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A link to the program.
    Good,
    /// Nothing.
    Missing,
    /// A link that leads nowhere, or to another copy of holdpoint.
    Stale,
    /// Something that holdpoint did not make.
    Foreign,
}

/// What changed in the folder.
#[derive(Debug, Default, PartialEq, Eq)]
struct Change {
    made: usize,
    removed: usize,
    /// How many links there are now.
    left: usize,
    foreign: Vec<OsString>,
}

impl Shims {
    /// What stands in the place of `name`'s shim.
    pub fn state(&self, name: &OsStr) -> State {
        let path = self.dir.join(name);
        match fs::read_link(&path) {
            Ok(target) if target == self.program => State::Good,
            Ok(_) if own::carries_note(&path) || !path.exists() => State::Stale,
            Ok(_) => State::Foreign,
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::Missing,
            Err(_) if own::carries_note(&path) => State::Stale,
            Err(_) => State::Foreign,
        }
    }

    /// Another copy of holdpoint, still there, to which the folder's own link
    /// leads.
    pub fn led_elsewhere(&self) -> Option<PathBuf> {
        let target = fs::read_link(self.dir.join("holdpoint")).ok()?;
        (target != self.program && own::carries_note(&target)).then_some(target)
    }

    fn install(&self) -> io::Result<Change> {
        self.claim()?;
        let mut wanted: BTreeSet<&OsStr> = self.guarded.iter().map(OsStr::new).collect();
        // The program itself is found through the same folder.
        wanted.insert(OsStr::new("holdpoint"));
        let mut change = Change::default();
        for name in &wanted {
            match self.state(name) {
                State::Good => change.left += 1,
                State::Missing | State::Stale => {
                    self.link(name)?;
                    change.made += 1;
                    change.left += 1;
                }
                State::Foreign => change.foreign.push((*name).to_owned()),
            }
        }
        for name in self.names()? {
            let ours = matches!(self.state(&name), State::Good | State::Stale);
            if ours && !wanted.contains(name.as_os_str()) {
                fs::remove_file(self.dir.join(&name))?;
                change.removed += 1;
            }
        }
        Ok(change)
    }

    fn remove(&self) -> io::Result<Change> {
        let mut change = Change::default();
        if !own::is_shim_folder(&self.dir) {
            return match self.dir.exists() {
                true => Err(self.not_ours()),
                false => Ok(change),
            };
        }
        for name in self.names()? {
            match self.state(&name) {
                State::Good | State::Stale => {
                    fs::remove_file(self.dir.join(&name))?;
                    change.removed += 1;
                }
                State::Missing => {}
                State::Foreign => change.foreign.push(name),
            }
        }
        // The mark goes last: until then the folder is known for what it is.
        fs::remove_file(self.dir.join(own::MARKER))?;
        if change.foreign.is_empty() {
            fs::remove_dir(&self.dir)?;
        }
        Ok(change)
    }

    fn list(&self) -> String {
        let mut text = format!("{}\n", self.dir.display());
        for name in &self.guarded {
            let said = match self.state(OsStr::new(name)) {
                State::Good => "",
                State::Missing => "  (missing)",
                State::Stale => "  (leads elsewhere)",
                State::Foreign => "  (not a shim)",
            };
            let _ = writeln!(text, "  {name}{said}");
        }
        text
    }

    /// Makes the folder and marks it, with where the program is.
    fn claim(&self) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        if !own::is_shim_folder(&self.dir) && fs::read_dir(&self.dir)?.next().is_some() {
            return Err(self.not_ours());
        }
        let marker = self.dir.join(own::MARKER);
        let text = format!(
            "# This folder holds holdpoint's shims. Nothing else belongs in it.\nprogram = {:?}\n",
            self.program.display().to_string()
        );
        if fs::read(&marker).ok().as_deref() == Some(text.as_bytes()) {
            return Ok(());
        }
        let draft = self.draft(OsStr::new("marker"));
        fs::write(&draft, text)?;
        fs::rename(draft, marker)
    }

    fn link(&self, name: &OsStr) -> io::Result<()> {
        let draft = self.draft(name);
        symlink(&self.program, &draft)?;
        fs::rename(&draft, self.dir.join(name))
    }

    /// A path that no other process writes to.
    fn draft(&self, name: &OsStr) -> PathBuf {
        let mut draft = OsString::from(format!(".{}.", std::process::id()));
        draft.push(name);
        let draft = self.dir.join(draft);
        // Left over by a process of the same id that was ended half-way.
        let _ = fs::remove_file(&draft);
        draft
    }

    /// Everything in the folder but the mark.
    fn names(&self) -> io::Result<Vec<OsString>> {
        let names = fs::read_dir(&self.dir)?.map(|entry| entry.map(|entry| entry.file_name()));
        names.filter(|name| !name.as_ref().is_ok_and(|name| name == own::MARKER)).collect()
    }

    fn of_another(&self, other: &Path) -> io::Error {
        io::Error::other(format!(
            "the shims in {} lead to {}; run that one, or say --relink to have them lead to {}",
            self.dir.display(),
            other.display(),
            self.program.display()
        ))
    }

    fn not_ours(&self) -> io::Error {
        io::Error::other(format!(
            "{} holds something else than shims; name an empty folder with --dir",
            self.dir.display()
        ))
    }
}

impl Change {
    fn says(&self, shims: &Shims) -> String {
        let mut text = format!(
            "{}: {} shims ({} made, {} removed)\n",
            shims.dir.display(),
            self.left,
            self.made,
            self.removed
        );
        for name in &self.foreign {
            let path = shims.dir.join(name);
            let _ = writeln!(text, "left alone, since it is no shim: {}", path.display());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::fake::FakeWorld;

    fn place() -> (tempfile::TempDir, Shims) {
        let place = tempfile::tempdir().unwrap();
        let shims = Shims {
            dir: place.path().join("share/holdpoint/shims"),
            program: std::env::current_exe().unwrap(),
            guarded: guarded(&FakeWorld::new()),
        };
        (place, shims)
    }

    fn everything(shims: &Shims) -> Vec<(OsString, Option<PathBuf>)> {
        let mut all: Vec<_> = shims.names().unwrap().into_iter().collect();
        all.sort();
        all.into_iter()
            .map(|name| (name.clone(), fs::read_link(shims.dir.join(name)).ok()))
            .collect()
    }

    #[test]
    fn one_link_a_guarded_program_and_one_for_holdpoint() {
        let (_place, shims) = place();
        let change = shims.install().unwrap();
        let wanted = shims.guarded.len() + 1;
        assert_eq!(change, Change { made: wanted, left: wanted, ..Change::default() });
        assert!(own::is_shim_folder(&shims.dir));
        let all = everything(&shims);
        assert_eq!(all.len(), wanted);
        assert!(all.iter().all(|(_, target)| target.as_ref() == Some(&shims.program)));
        assert_eq!(shims.state("holdpoint".as_ref()), State::Good);
    }

    #[test]
    fn the_user_s_own_rules_get_shims_if_they_ask_for_them() {
        let rules = |shim: bool| {
            format!(
                "tool = \"x\"\nabout = \"x\"\nchecked = \"x\"\nstyle = \"clap\"\nshim = {shim}\n"
            )
        };
        let folder = "/home/ana/.config/holdpoint/rules";
        let world = FakeWorld::new()
            .with_file(&format!("{folder}/acmectl.toml"), &rules(true))
            .with_file(&format!("{folder}/quiet.toml"), &rules(false))
            .with_file(&format!("{folder}/broken.toml"), "?")
            .with_file(&format!("{folder}/notes.txt"), &rules(true));
        let more: Vec<String> =
            guarded(&world).difference(&guarded(&FakeWorld::new())).cloned().collect();
        assert_eq!(more, ["acmectl"]);
    }

    #[test]
    fn installing_again_changes_nothing() {
        let (_place, shims) = place();
        shims.install().unwrap();
        let before = everything(&shims);
        let marked = fs::metadata(shims.dir.join(own::MARKER)).unwrap().modified().unwrap();
        let change = shims.install().unwrap();
        assert_eq!((change.made, change.removed), (0, 0));
        assert_eq!(everything(&shims), before);
        assert_eq!(fs::metadata(shims.dir.join(own::MARKER)).unwrap().modified().unwrap(), marked);
    }

    #[test]
    fn old_links_are_mended_and_unguarded_ones_removed() {
        let (place, shims) = place();
        shims.install().unwrap();
        let copy = place.path().join("older");
        fs::copy(&shims.program, &copy).unwrap();
        fs::remove_file(shims.dir.join("holdpoint")).unwrap();
        symlink(&copy, shims.dir.join("holdpoint")).unwrap();
        symlink("/nonexistent/holdpoint", shims.dir.join("dangling")).unwrap();
        symlink(&shims.program, shims.dir.join("unguarded")).unwrap();
        symlink("/bin/true", shims.dir.join("users-link")).unwrap();
        fs::write(shims.dir.join("users-file"), "").unwrap();
        assert_eq!(shims.state("holdpoint".as_ref()), State::Stale);
        let change = shims.install().unwrap();
        assert_eq!((change.made, change.removed), (1, 2));
        assert_eq!(shims.state("holdpoint".as_ref()), State::Good);
        assert!(shims.dir.join("users-link").exists() && shims.dir.join("users-file").exists());
    }

    #[test]
    fn removing_leaves_what_is_not_a_shim() {
        let (_place, shims) = place();
        shims.install().unwrap();
        fs::write(shims.dir.join("users-file"), "").unwrap();
        let change = shims.remove().unwrap();
        assert_eq!(change.foreign, ["users-file"]);
        assert_eq!(everything(&shims), [("users-file".into(), None)]);
        assert!(!own::is_shim_folder(&shims.dir));
    }

    #[test]
    fn removing_takes_the_folder_away_and_twice_is_no_error() {
        let (_place, shims) = place();
        shims.install().unwrap();
        shims.remove().unwrap();
        assert!(!shims.dir.exists());
        assert_eq!(shims.remove().unwrap(), Change::default());
    }

    #[test]
    fn a_folder_of_somebody_else_s_is_left_alone() {
        let (_place, shims) = place();
        fs::create_dir_all(&shims.dir).unwrap();
        fs::write(shims.dir.join("psql"), "mine").unwrap();
        assert!(shims.install().is_err());
        assert!(shims.remove().is_err());
        assert_eq!(everything(&shims), [("psql".into(), None)]);
    }
}
