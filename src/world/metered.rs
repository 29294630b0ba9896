//! A world that counts what is made of it: bytes read, directories listed,
//! programs asked. Gives exactly what the world behind it gives.

use std::cell::Cell;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::{Answer, Endpoint, Listener, Owner, Process, Question, ReadError, World};
use crate::invocation::Input;
use crate::work;

/// The world behind it, and the work so far.
pub struct Metered<'a> {
    world: &'a dyn World,
    work: Cell<usize>,
}

impl<'a> Metered<'a> {
    /// A meter at nothing.
    pub fn new(world: &'a dyn World) -> Metered<'a> {
        Metered { world, work: Cell::new(0) }
    }

    /// The work so far, as [`crate::work`] counts it.
    pub fn work(&self) -> usize {
        self.work.get()
    }

    fn looked(&self) -> &'a dyn World {
        self.spend(work::LOOK);
        self.world
    }

    fn bytes(&self, read: Result<Vec<u8>, ReadError>) -> Result<Vec<u8>, ReadError> {
        self.spend(work::LOOK + read.as_ref().map_or(0, |bytes| work::of_reading(bytes.len())));
        read
    }
}

impl World for Metered<'_> {
    fn spend(&self, work: usize) {
        self.work.set(self.work.get().saturating_add(work));
    }

    fn var(&self, name: &OsStr) -> Option<OsString> {
        self.world.var(name)
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        self.looked().vars()
    }

    fn cwd(&self) -> Option<PathBuf> {
        self.world.cwd()
    }

    fn account_home(&self) -> Option<PathBuf> {
        self.world.account_home()
    }

    fn account_name(&self) -> String {
        self.world.account_name()
    }

    fn hostname(&self) -> Option<String> {
        self.world.hostname()
    }

    fn uid(&self) -> u32 {
        self.world.uid()
    }

    fn owner(&self, path: &Path) -> Option<Owner> {
        self.looked().owner(path)
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
        self.bytes(self.world.read(path, limit))
    }

    fn read_start(&self, path: &Path, count: usize) -> Result<Vec<u8>, ReadError> {
        self.bytes(self.world.read_start(path, count))
    }

    fn exists(&self, path: &Path) -> bool {
        self.looked().exists(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.looked().is_dir(path)
    }

    fn list(&self, path: &Path) -> Vec<OsString> {
        let names = self.looked().list(path);
        self.spend(names.len().saturating_mul(work::LOOK));
        names
    }

    fn modified(&self, path: &Path) -> Option<SystemTime> {
        self.looked().modified(path)
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        self.looked().canonical(path)
    }

    fn stdin(&self, limit: usize) -> Input {
        let input = self.world.stdin(limit);
        if let Input::Text(text) = &input {
            self.spend(work::of_reading(text.len()));
        }
        input
    }

    fn ancestors(&self, limit: usize) -> Vec<Process> {
        self.looked().ancestors(limit)
    }

    fn has_terminal(&self) -> bool {
        self.looked().has_terminal()
    }

    fn now(&self) -> SystemTime {
        self.world.now()
    }

    fn random(&self) -> [u8; 16] {
        self.world.random()
    }

    fn processes(&self) -> Vec<Process> {
        self.spend(work::PROCESS);
        self.world.processes()
    }

    fn terminals_held_by(&self, pid: i32) -> Vec<i32> {
        self.looked().terminals_held_by(pid)
    }

    fn listeners(&self, at: &Endpoint) -> Result<Vec<Listener>, String> {
        self.spend(work::PROCESS);
        self.world.listeners(at)
    }

    fn is_protected(&self, process: &Process) -> bool {
        self.looked().is_protected(process)
    }

    fn ask_git(&self, question: &Question) -> Result<Answer, String> {
        self.spend(work::PROCESS);
        self.world.ask_git(question)
    }

    fn openssl(&self, options: &[&str]) -> Result<PathBuf, String> {
        self.spend(work::PROCESS);
        self.world.openssl(options)
    }

    fn stdin_so_far(&self) -> Option<Arc<[u8]>> {
        self.world.stdin_so_far()
    }

    fn takes_every_key(&self, terminal: i32) -> bool {
        self.looked().takes_every_key(terminal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::fake::FakeWorld;

    #[test]
    fn what_is_read_is_counted_and_given_as_it_is() {
        let world = FakeWorld::new().with_file("/app/x.sql", "select 1");
        let metered = Metered::new(&world);
        assert_eq!(metered.cwd(), world.cwd());
        assert_eq!(metered.work(), 0);
        assert_eq!(metered.read("/app/x.sql".as_ref(), 100), Ok(b"select 1".to_vec()));
        let once = metered.work();
        assert!(once >= work::of_reading(8), "{once}");
        assert_eq!(metered.read("/app/x.sql".as_ref(), 100), Ok(b"select 1".to_vec()));
        assert_eq!(metered.work(), 2 * once);
        assert!(metered.read("/app/y.sql".as_ref(), 100).is_err());
        metered.spend(usize::MAX);
        assert_eq!(metered.work(), usize::MAX);
    }
}
