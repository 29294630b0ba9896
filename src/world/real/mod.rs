//! The real world: system calls behind the [`World`] trait. Nothing is looked
//! up before it is asked for, what is expensive is remembered, and nothing is
//! ever written. Every descriptor opened here closes itself on exec.

mod account;
mod child;
mod git;
pub mod listeners;
pub mod lsof;
mod openssl;
mod processes;
mod programs;
mod stdin;

use std::cell::{OnceCell, RefCell};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

pub use stdin::TakenStdin;

use super::{Answer, Endpoint, Listener, Owner, Process, Question, ReadError, World};
use crate::invocation::Input;
use crate::system;
use account::Account;
use stdin::Stream;

/// How many names [`World::list`] gives at most.
const MAX_NAMES: usize = 10_000;

/// This process's own world.
#[derive(Debug, Default)]
pub struct RealWorld {
    account: OnceCell<Account>,
    stdin: RefCell<Option<Stream>>,
}

impl RealWorld {
    /// A world in which nothing has been looked up yet.
    pub fn new() -> RealWorld {
        RealWorld::default()
    }

    /// What was read from standard input, to be handed on to the tool by
    /// [`crate::exec::become_tool`]. `None` if nothing was, so that the tool
    /// can have the descriptor as it is.
    pub fn taken_stdin(&self) -> Option<TakenStdin> {
        self.stdin.borrow().as_ref().and_then(Stream::taken)
    }

    fn account(&self) -> &Account {
        self.account.get_or_init(Account::of_this_process)
    }
}

impl World for RealWorld {
    fn var(&self, name: &OsStr) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn vars(&self) -> Vec<(OsString, OsString)> {
        std::env::vars_os().collect()
    }

    fn cwd(&self) -> Option<PathBuf> {
        std::env::current_dir().ok()
    }

    fn account_home(&self) -> Option<PathBuf> {
        #[cfg(feature = "test-home")]
        if let Some(home) = std::env::var_os("HOLDPOINT_TEST_HOME") {
            return Some(PathBuf::from(home));
        }
        self.account().home.clone()
    }

    fn account_name(&self) -> String {
        self.account().name.clone()
    }

    fn hostname(&self) -> Option<String> {
        nix::unistd::gethostname().ok()?.into_string().ok().filter(|name| !name.is_empty())
    }

    fn uid(&self) -> u32 {
        nix::unistd::Uid::current().as_raw()
    }

    fn owner(&self, path: &Path) -> Option<Owner> {
        let found = fs::metadata(path).ok()?;
        Some(Owner { uid: found.uid(), mode: found.mode() })
    }

    fn modified(&self, path: &Path) -> Option<SystemTime> {
        fs::metadata(path).and_then(|found| found.modified()).ok()
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
        // Looked at before it is opened: to open a FIFO and close it again
        // would break whoever waits to write into it.
        if !fs::metadata(path).map_err(read_error)?.is_file() {
            return Err(ReadError::NotRegular);
        }
        let file = open(path).map_err(read_error)?;
        let found = file.metadata().map_err(read_error)?;
        if !found.is_file() {
            return Err(ReadError::NotRegular);
        }
        let size = usize::try_from(found.len()).unwrap_or(usize::MAX);
        if size > limit {
            return Err(ReadError::TooLarge(limit));
        }
        let mut bytes = Vec::with_capacity(size.saturating_add(1));
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        file.take(most).read_to_end(&mut bytes).map_err(read_error)?;
        if bytes.len() > limit { Err(ReadError::TooLarge(limit)) } else { Ok(bytes) }
    }

    fn read_start(&self, path: &Path, count: usize) -> Result<Vec<u8>, ReadError> {
        // As above: a FIFO is not to be opened.
        if !fs::metadata(path).map_err(read_error)?.is_file() {
            return Err(ReadError::NotRegular);
        }
        let file = open(path).map_err(read_error)?;
        if !file.metadata().map_err(read_error)?.is_file() {
            return Err(ReadError::NotRegular);
        }
        let mut bytes = Vec::with_capacity(count);
        let most = u64::try_from(count).unwrap_or(u64::MAX);
        file.take(most).read_to_end(&mut bytes).map_err(read_error)?;
        Ok(bytes)
    }

    fn exists(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok()
    }

    fn is_dir(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|found| found.is_dir())
    }

    fn list(&self, path: &Path) -> Vec<OsString> {
        let Ok(entries) = fs::read_dir(path) else { return Vec::new() };
        let mut names: Vec<OsString> =
            entries.take(MAX_NAMES).flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        names
    }

    fn canonical(&self, path: &Path) -> Option<PathBuf> {
        fs::canonicalize(path).ok()
    }

    fn stdin(&self, limit: usize) -> Input {
        self.stdin.borrow_mut().get_or_insert_with(Stream::standard_input).read(limit)
    }

    fn ancestors(&self, limit: usize) -> Vec<Process> {
        processes::ancestors(limit)
    }

    fn processes(&self) -> Vec<Process> {
        processes::all()
    }

    fn terminals_held_by(&self, pid: i32) -> Vec<i32> {
        processes::terminals_held_by(pid)
    }

    fn listeners(&self, at: &Endpoint) -> Result<Vec<Listener>, String> {
        if cfg!(target_os = "linux") { listeners::at(at) } else { lsof::at(at) }
    }

    fn is_protected(&self, process: &Process) -> bool {
        programs::is_protected(process)
    }

    fn ask_git(&self, question: &Question) -> Result<Answer, String> {
        git::ask(question, self)
    }

    fn openssl(&self, options: &[&str]) -> Result<PathBuf, String> {
        openssl::find(options, self)
    }

    fn stdin_so_far(&self) -> Option<Arc<[u8]>> {
        self.taken_stdin().map(|taken| taken.bytes)
    }

    fn takes_every_key(&self, terminal: i32) -> bool {
        processes::takes_every_key(terminal)
    }

    fn has_terminal(&self) -> bool {
        let mut options = OpenOptions::new();
        options.read(true).write(true).custom_flags(libc::O_NOCTTY);
        options.open("/dev/tty").is_ok()
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        let filled = system::random(&mut bytes)
            || File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).is_ok();
        if !filled {
            // A guessable phrase or id would be worse than stopping here.
            std::process::abort();
        }
        bytes
    }
}

/// Opens for reading without blocking on what turns out not to be a file.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

fn read_error(error: io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::Missing,
        _ => ReadError::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    fn fifo(path: &Path) {
        nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    }

    #[test]
    fn reads_a_file_up_to_the_limit_and_not_beyond() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, b"12345").unwrap();
        let world = RealWorld::new();
        assert_eq!(world.read(&path, 5), Ok(b"12345".to_vec()));
        assert_eq!(world.read(&path, 4), Err(ReadError::TooLarge(4)));
        assert_eq!(world.read(&path, usize::MAX), Ok(b"12345".to_vec()));
        assert_eq!(world.read(&dir.path().join("g"), 5), Err(ReadError::Missing));
        assert_eq!(world.read(&path.join("below"), 5), Err(ReadError::Missing));
        assert_eq!(world.read(dir.path(), 5), Err(ReadError::NotRegular));
        assert_eq!(world.read_start(&path, 2), Ok(b"12".to_vec()));
        assert_eq!(world.read_start(&path, 9), Ok(b"12345".to_vec()));
        assert_eq!(world.read_start(dir.path(), 2), Err(ReadError::NotRegular));
    }

    #[test]
    fn a_file_whose_size_is_not_told_is_bounded_all_the_same() {
        let world = RealWorld::new();
        let own = world.read(Path::new("/proc/self/status"), 1 << 20).unwrap();
        assert!(own.starts_with(b"Name:"));
        assert_eq!(world.read(Path::new("/proc/self/status"), 9), Err(ReadError::TooLarge(9)));
    }

    #[test]
    fn a_device_is_not_read() {
        let world = RealWorld::new();
        assert_eq!(world.read(Path::new("/dev/zero"), 5), Err(ReadError::NotRegular));
    }

    #[test]
    fn a_fifo_neither_blocks_nor_loses_its_writer() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pipe");
        fifo(&path);
        let to = path.clone();
        let writer = std::thread::spawn(move || fs::write(to, b"kept").is_ok());
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert_eq!(RealWorld::new().read(&path, 100), Err(ReadError::NotRegular));
        assert_eq!(fs::read(&path).unwrap(), b"kept");
        assert!(writer.join().unwrap());
    }

    #[test]
    fn lists_names_in_order_whatever_their_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let odd = OsStr::from_bytes(b"z\xff");
        for name in [OsStr::new("b"), OsStr::new("a"), odd] {
            fs::write(dir.path().join(name), b"").unwrap();
        }
        let names = RealWorld::new().list(dir.path());
        assert_eq!(names, [OsStr::new("a"), OsStr::new("b"), odd]);
        assert!(RealWorld::new().list(&dir.path().join("none")).is_empty());
    }

    #[test]
    fn random_bytes_differ() {
        let world = RealWorld::new();
        assert_ne!(world.random(), world.random());
    }
}
