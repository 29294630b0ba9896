//! The world as a command sees it that runs in a container or on another
//! machine: nothing of this one but standard input, which is passed on, and
//! holdpoint's own files. Never guesses what lies over there: configuration
//! that a tool would only look for counts as not there, a file that the words
//! name as one that cannot be read.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::{Owner, Process, ReadError, World};
use crate::invocation::Input;
use crate::paths;
use crate::target::place::{self, Place};

/// Another place, reached from this world.
#[derive(Clone, Copy)]
pub struct Away<'a> {
    /// This world.
    pub world: &'a dyn World,
    /// The other place.
    pub place: &'a Place,
}

impl Away<'_> {
    /// Whether a path is holdpoint's own on this machine.
    fn is_own(&self, path: &Path) -> bool {
        paths::config(self.world).is_some_and(|folder| path.starts_with(folder))
    }
}

/// Whether a tool looks for it without being told to: hidden files, and the
/// system's.
fn is_looked_for(path: &Path) -> bool {
    let hidden = |part: Component<'_>| match part {
        Component::Normal(name) => name.as_encoded_bytes().starts_with(b"."),
        _ => false,
    };
    path.components().any(hidden) || path.starts_with("/etc") || path.starts_with("/usr")
}

impl World for Away<'_> {
    fn var(&self, _name: &OsStr) -> Option<OsString> {
        None
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        Vec::new()
    }

    fn cwd(&self) -> Option<PathBuf> {
        None
    }

    fn account_home(&self) -> Option<PathBuf> {
        self.world.account_home()
    }

    fn account_name(&self) -> String {
        self.world.account_name()
    }

    fn uid(&self) -> u32 {
        self.world.uid()
    }

    fn owner(&self, path: &Path) -> Option<Owner> {
        if self.is_own(path) { self.world.owner(path) } else { None }
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
        if self.is_own(path) {
            return self.world.read(path, limit);
        }
        if is_looked_for(path) {
            return Err(ReadError::Missing);
        }
        Err(ReadError::Failed(place::out_of_reach(&self.place.what)))
    }

    fn read_start(&self, path: &Path, count: usize) -> Result<Vec<u8>, ReadError> {
        if self.is_own(path) {
            return self.world.read_start(path, count);
        }
        // The same answer as for the whole file.
        self.read(path, count)
    }

    fn exists(&self, path: &Path) -> bool {
        self.is_own(path) && self.world.exists(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.is_own(path) && self.world.is_dir(path)
    }

    fn list(&self, path: &Path) -> Vec<OsString> {
        if self.is_own(path) { self.world.list(path) } else { Vec::new() }
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        if self.is_own(path) { self.world.canonical(path) } else { None }
    }

    fn stdin(&self, limit: usize) -> Input {
        self.world.stdin(limit)
    }

    fn ancestors(&self, limit: usize) -> Vec<Process> {
        self.world.ancestors(limit)
    }

    fn has_terminal(&self) -> bool {
        self.world.has_terminal()
    }

    fn now(&self) -> SystemTime {
        self.world.now()
    }

    fn random(&self) -> [u8; 16] {
        self.world.random()
    }

    fn spend(&self, work: usize) {
        self.world.spend(work);
    }

    fn stdin_so_far(&self) -> Option<Arc<[u8]>> {
        self.world.stdin_so_far()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::fake::FakeWorld;

    #[test]
    fn nothing_of_this_machine_counts_over_there() {
        let world = FakeWorld::new()
            .with_var("PGHOST", "localhost")
            .with_file("/app/x.sql", "select 1")
            .with_file("/home/ana/.psqlrc", "\\! ls")
            .with_file("/home/ana/.config/holdpoint/rules/x.toml", "x");
        let place = Place { what: "the container db".to_owned(), ..Place::default() };
        let away = Away { world: &world, place: &place };
        assert_eq!(away.var(OsStr::new("PGHOST")), None);
        let said = away.read(Path::new("/app/x.sql"), 99).unwrap_err().to_string();
        assert_eq!(said, "it lies in the container db");
        assert_eq!(away.read(Path::new("/home/ana/.psqlrc"), 99), Err(ReadError::Missing));
        assert!(away.read(Path::new("/home/ana/.config/holdpoint/rules/x.toml"), 99).is_ok());
    }
}
