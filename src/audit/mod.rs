//! The audit trail: one file of JSON lines below the account's state folder,
//! each line bound to the one before it by a hash, written before a question
//! is asked and again with the answer. It alone writes there. Secrets are
//! redacted before anything is hashed or stored ([`redact`]). The chain finds
//! accidents and clumsy edits; it does not bind somebody who may write the
//! file and hashes anew.

mod chain;
pub mod confirmed;
mod file;
pub mod line;
pub mod read;
pub mod record;
pub mod redact;
pub mod verify;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use record::{Gate, Outcome, Record};

use crate::world::World;
use file::Locked;
use redact::Redactor;

/// Where the trail is, below the account's home directory.
const FOLDER: &str = ".local/state/holdpoint";

/// The file that is written to.
pub const FILE: &str = "audit.jsonl";

/// The size, in bytes, from which on the file is put aside for a new one.
const ROTATE_AT: u64 = 16 * 1024 * 1024;

/// Why a record could not be written or read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditError {
    /// The account has no home directory in the user database.
    NoHome,
    /// Something stands where the trail should be that is not ours to write:
    /// the path, and what is wrong with it.
    Unsafe(PathBuf, String),
    /// Others kept the file locked for too long.
    Busy(PathBuf),
    /// The system refused: what was done to which file, and what it said.
    Io(&'static str, PathBuf, String),
}

impl AuditError {
    fn io(doing: &'static str, path: &Path, error: &io::Error) -> AuditError {
        AuditError::Io(doing, path.to_owned(), error.to_string())
    }
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuditError::NoHome => f.write_str("the account has no home directory"),
            AuditError::Unsafe(path, why) => write!(f, "{} {why}", path.display()),
            AuditError::Busy(path) => write!(f, "{} is locked by somebody else", path.display()),
            AuditError::Io(doing, path, said) => write!(f, "{doing} {}: {said}", path.display()),
        }
    }
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The id by which `log show` finds everything of one invocation.
    pub id: String,
    /// Its number in the trail, from 1.
    pub seq: u64,
}

/// The trail of an account.
pub struct Log<'a> {
    world: &'a dyn World,
    folder: PathBuf,
    rotate_at: u64,
}

impl<'a> Log<'a> {
    /// The trail of the account. Nothing is created or opened yet.
    ///
    /// # Errors
    /// The account has no home directory.
    pub fn open(world: &'a dyn World) -> Result<Log<'a>, AuditError> {
        Ok(Log { world, folder: folder(world)?, rotate_at: ROTATE_AT })
    }

    /// The same, with the file put aside from `bytes` on.
    #[must_use]
    pub fn rotating_at(self, bytes: u64) -> Log<'a> {
        Log { rotate_at: bytes, ..self }
    }

    /// Appends a record: redacted, chained, in one write. What asks or refuses
    /// is on the disk before this returns.
    ///
    /// # Errors
    /// It could not be written whole (then nothing of it stays), or not be put
    /// on the disk.
    pub fn append(&self, record: &Record) -> Result<Entry, AuditError> {
        let mut locked = Locked::take(&self.folder, self.world.uid())?;
        if locked.size() >= self.rotate_at {
            locked.rotate(self.world.now())?;
            drop(locked);
            locked = Locked::take(&self.folder, self.world.uid())?;
        }
        let redactor = Redactor::of(locked.key(self.world)?);
        let mut state = locked.state()?;
        let mut text = state.mend(record.time);
        let line = record.line(state.seq + 1, &state.hash, &redactor);
        state.follow(&line);
        text.push_str(&line);
        text.push('\n');
        locked.write(&text, record.is_durable())?;
        locked.receipt(&state)?;
        Ok(Entry { id: record.id.clone(), seq: state.seq })
    }
}

/// The folder of the account's trail.
///
/// # Errors
/// The account has no home directory.
pub fn folder(world: &dyn World) -> Result<PathBuf, AuditError> {
    Ok(world.account_home().ok_or(AuditError::NoHome)?.join(FOLDER))
}
