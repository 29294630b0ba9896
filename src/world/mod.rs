//! The one reader of the world: variables, directory, files, standard input,
//! processes, terminals, clock. Everything else takes a [`World`] and stays
//! pure; tests give it a [`fake::FakeWorld`]. Never writes, never decides.

pub mod away;
pub mod fake;
pub mod metered;
pub mod real;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::invocation::Input;
use crate::text::size;

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is none.
    Missing,
    /// It is over the caller's limit (in bytes).
    TooLarge(usize),
    /// It is a pipe, a device or a directory: reading it might block, or eat
    /// what the tool is to read.
    NotRegular,
    /// The system refused, and what it said.
    Failed(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Missing => f.write_str("no such file"),
            ReadError::TooLarge(limit) => {
                write!(f, "longer than the {} that are read", size(*limit))
            }
            ReadError::NotRegular => f.write_str("not a regular file"),
            ReadError::Failed(said) => f.write_str(said),
        }
    }
}

/// A process among the ancestors of this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: i32,
    /// Its parent's id.
    pub ppid: i32,
    /// Its session's id.
    pub session: i32,
    /// The device number of its controlling terminal, 0 for none.
    pub tty: i32,
    /// The kernel's short name (15 bytes at most).
    pub comm: String,
    /// The real user id that it runs as.
    pub uid: u32,
    /// Its command line's words, as far as readable (bounded).
    pub cmdline: Vec<String>,
    /// The path of its executable, where readable.
    pub exe: Option<PathBuf>,
}

/// A place of this machine at which programs listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A TCP port.
    Port(u16),
    /// A unix socket's path.
    Socket(PathBuf),
}

/// A socket that somebody listens on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listener {
    /// The address that it is bound to; none for a unix socket.
    pub address: Option<IpAddr>,
    /// The user id of whoever opened it.
    pub uid: u32,
    /// The processes that hold it, as far as they can be seen.
    pub processes: Vec<Process>,
}

/// Who owns a file, and who else may change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The owner's user id.
    pub uid: u32,
    /// The permission bits, `0o644`.
    pub mode: u32,
}

impl Process {
    /// The path of its controlling terminal, where that can be told.
    pub fn terminal(&self) -> Option<PathBuf> {
        terminal_path(self.tty)
    }
}

/// The path of the terminal of a device number, as [`Process::tty`] has it:
/// Linux's numbers, 136 for pseudo-terminals and 4 for consoles and lines.
pub fn terminal_path(number: i32) -> Option<PathBuf> {
    let number = u32::from_ne_bytes(number.to_ne_bytes());
    let (major, minor) = ((number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xf_ff00));
    match major {
        136 => Some(PathBuf::from(format!("/dev/pts/{minor}"))),
        4 if minor < 64 => Some(PathBuf::from(format!("/dev/tty{minor}"))),
        4 => Some(PathBuf::from(format!("/dev/ttyS{}", minor - 64))),
        _ => None,
    }
}

/// A question to git about a repository: one of git's own commands that only
/// looks. [`World::ask_git`] sees to it that nothing that the repository or
/// the settings name is run for it.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// The directory to ask in.
    pub dir: PathBuf,
    /// Words in front of the command: `--git-dir=…`.
    pub globals: Vec<OsString>,
    /// Settings from the command line and the environment, in order.
    pub settings: Vec<(String, String)>,
    /// Variables that choose the repository and the settings' files.
    pub vars: Vec<(OsString, OsString)>,
    /// The command and its words.
    pub words: Vec<OsString>,
    /// What its standard input says.
    pub input: Vec<u8>,
}

/// What git answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its exit status.
    pub status: i32,
    /// Its standard output.
    pub out: Vec<u8>,
}

/// What holdpoint can see. Look-ups are bounded and never block, but for
/// standard input, which is read to its end.
pub trait World {
    /// A variable of this process.
    fn var(&self, name: &OsStr) -> Option<OsString>;
    /// All variables of this process.
    fn vars(&self) -> Vec<(OsString, OsString)>;
    /// This process's directory.
    fn cwd(&self) -> Option<PathBuf>;
    /// The account's home directory by the user database: no variable
    /// changes it.
    fn account_home(&self) -> Option<PathBuf>;
    /// The account's user name by the user database, else its number.
    fn account_name(&self) -> String;
    /// The machine's own name, where it has one.
    fn hostname(&self) -> Option<String> {
        None
    }
    /// The user id that this process acts as.
    fn uid(&self) -> u32;
    /// Who owns what is at `path` (links followed).
    fn owner(&self, path: &Path) -> Option<Owner>;
    /// The bytes of a regular file, at most `limit`.
    ///
    /// # Errors
    /// Says why it cannot be read.
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError>;
    /// The first bytes of a regular file, at most `count`.
    ///
    /// # Errors
    /// Says why it cannot be read.
    fn read_start(&self, path: &Path, count: usize) -> Result<Vec<u8>, ReadError>;
    /// Whether something exists at `path` (links followed).
    fn exists(&self, path: &Path) -> bool;
    /// Whether a directory is at `path` (links followed).
    fn is_dir(&self, path: &Path) -> bool;
    /// The names in a directory, sorted, at most 10,000.
    fn list(&self, path: &Path) -> Vec<OsString>;
    /// When the file at `path` was last changed, by its own time stamp; none if
    /// that cannot be told.
    fn modified(&self, _path: &Path) -> Option<SystemTime> {
        None
    }
    /// `path` with every link resolved.
    fn canonical(&self, path: &Path) -> Option<PathBuf>;
    /// Standard input, read once and remembered.
    fn stdin(&self, limit: usize) -> Input;
    /// This process's ancestors, nearest first, this process included, at
    /// most `limit`.
    fn ancestors(&self, limit: usize) -> Vec<Process>;
    /// Whether this process has a controlling terminal that can be opened.
    fn has_terminal(&self) -> bool;
    /// The wall clock.
    fn now(&self) -> SystemTime;
    /// Bytes from the system's random source.
    fn random(&self) -> [u8; 16];
    /// Every process that can be seen, in no order, at most 10,000. For the
    /// question who is attached to a multiplexer; never on the allow path.
    fn processes(&self) -> Vec<Process> {
        Vec::new()
    }
    /// The device numbers of the terminals that a process holds open, in
    /// [`Process::tty`]'s encoding; none if they cannot be seen.
    fn terminals_held_by(&self, _pid: i32) -> Vec<i32> {
        Vec::new()
    }
    /// Who listens at a place of this machine. For the question whether a
    /// tunnel does; never on the allow path of what is harmless.
    ///
    /// # Errors
    /// Says why that cannot be told: that nobody is seen is then no proof that
    /// nobody is there.
    fn listeners(&self, _at: &Endpoint) -> Result<Vec<Listener>, String> {
        Ok(Vec::new())
    }
    /// Whether this account could not have written the program that a process
    /// runs: the file and every directory above it belong to another account
    /// (to root, for root itself) and are not writable.
    fn is_protected(&self, _process: &Process) -> bool {
        false
    }
    /// What git says of a repository. Starts a process: never on the way of
    /// what could lose nothing.
    ///
    /// # Errors
    /// Says why there is no answer.
    fn ask_git(&self, _question: &Question) -> Result<Answer, String> {
        Err("git cannot be asked here".to_owned())
    }
    /// The `openssl` that would run, where its `s_client` knows these options.
    /// Starts a process: never on the way of what needs no such program.
    ///
    /// # Errors
    /// Says why there is none: a clause.
    fn openssl(&self, _options: &[&str]) -> Result<PathBuf, String> {
        Err("there is no openssl here".to_owned())
    }
    /// What has been read of standard input so far, if anything was: looking
    /// never reads.
    fn stdin_so_far(&self) -> Option<Arc<[u8]>> {
        None
    }
    /// Notes work that was done on what this world gave, as [`crate::work`]
    /// counts it: text that was in hand already and is read once more.
    fn spend(&self, _work: usize) {}
    /// Whether a program reads the terminal of that number key by key, as a
    /// shell's prompt and a full-screen program do, and not line by line.
    fn takes_every_key(&self, _terminal: i32) -> bool {
        false
    }
}
