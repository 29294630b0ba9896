//! A folder of shims: what stands in it, and how links are put in and taken
//! away. Every link is put in place by one rename, so that a shell that looks
//! at that moment finds the old one or the new one.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::exec::own;

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
pub(super) struct Change {
    pub made: usize,
    pub removed: usize,
    /// How many links there are now.
    pub left: usize,
    pub foreign: Vec<OsString>,
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

    pub(super) fn install(&self) -> io::Result<Change> {
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

    pub(super) fn remove(&self) -> io::Result<Change> {
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

    pub(super) fn list(&self) -> String {
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
    pub(super) fn names(&self) -> io::Result<Vec<OsString>> {
        let names = fs::read_dir(&self.dir)?.map(|entry| entry.map(|entry| entry.file_name()));
        names.filter(|name| !name.as_ref().is_ok_and(|name| name == own::MARKER)).collect()
    }

    pub(super) fn of_another(&self, other: &Path) -> io::Error {
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
    /// The lines for a person.
    pub(super) fn says(&self, shims: &Shims) -> String {
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
