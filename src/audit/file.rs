//! The trail's files: opened without following links, locked with a bounded
//! wait, appended to in one write, put aside when they are large. Knows bytes
//! and places; what the lines say is [`super::chain`]'s and
//! [`super::record`]'s.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::resource::{Resource, getrlimit};

use super::chain::{GENESIS, State};
use super::{AuditError, FILE};
use crate::world::World;

/// How much of a file's end is searched for its last whole line, in bytes:
/// first a little, then twice the longest record.
const TAILS: [u64; 2] = [8 * 1024, 128 * 1024];

/// How long a record waits for others that are being written.
const PATIENCE: Duration = Duration::from_secs(2);

/// The receipt of the last write.
const RECEIPT: &str = "audit.head";

/// The key under which redacted secrets leave a fingerprint.
const KEY: &str = "audit.key";

/// How often the file may turn out to have been put aside while we waited.
const ATTEMPTS: usize = 16;

/// The current file, locked.
pub struct Locked {
    folder: PathBuf,
    path: PathBuf,
    file: File,
    is_new: bool,
}

impl Locked {
    /// Opens and locks the current file; makes folder and file if they are not
    /// there.
    pub fn take(folder: &Path, uid: u32) -> Result<Locked, AuditError> {
        prepare(folder, uid)?;
        let path = folder.join(FILE);
        let deadline = Instant::now() + PATIENCE;
        for _ in 0..ATTEMPTS {
            let file = open(&path, uid)?;
            lock(|| file.try_lock(), &path, deadline)?;
            let own = file.metadata().map_err(|error| AuditError::io("reading", &path, &error))?;
            // Between opening and locking, the file may have been put aside.
            let there = fs::symlink_metadata(&path).ok();
            if there.is_some_and(|there| (there.dev(), there.ino()) == (own.dev(), own.ino())) {
                let is_new = own.len() == 0;
                return Ok(Locked { folder: folder.to_owned(), path, file, is_new });
            }
        }
        Err(AuditError::Busy(path))
    }

    /// The file's size in bytes; 0 if it cannot be told.
    pub fn size(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }

    /// Where the chain stands, by the file's end, the file before it and the
    /// receipt of the last write.
    pub fn state(&self) -> Result<State, AuditError> {
        let before = match self.size() {
            0 => self.predecessor()?,
            _ => State::at(0, GENESIS.to_owned()),
        };
        let mut state = end_of(&self.file, &self.path, &before)?;
        state.heed(receipt(&self.folder));
        Ok(state)
    }

    /// Where the chain stood when the newest file that was put aside ended.
    fn predecessor(&self) -> Result<State, AuditError> {
        let before = State::at(0, GENESIS.to_owned());
        let Some(path) = put_aside(&self.folder)?.pop() else { return Ok(before) };
        let file = open_to_read(&path)?;
        end_of(&file, &path, &before)
    }

    /// Appends `text` in one write, or nothing of it.
    pub fn write(&self, text: &str, durable: bool) -> Result<(), AuditError> {
        let size = self.size();
        let failed = |error: io::Error| AuditError::io("writing", &self.path, &error);
        // Over the limit, the kernel would end the process with a signal.
        if let Ok((limit, _)) = getrlimit(Resource::RLIMIT_FSIZE)
            && size + text.len() as u64 > limit
        {
            return Err(failed(io::ErrorKind::FileTooLarge.into()));
        }
        let written = (&self.file).write(text.as_bytes());
        if !matches!(written, Ok(length) if length == text.len()) {
            let error = written.err().unwrap_or_else(|| io::ErrorKind::StorageFull.into());
            // If this fails too, the next record states what is torn.
            let _ = self.file.set_len(size);
            return Err(failed(error));
        }
        if durable {
            self.file.sync_data().map_err(failed)?;
        }
        if durable && self.is_new {
            let folder = File::open(&self.folder).and_then(|folder| folder.sync_all());
            folder.map_err(|error| AuditError::io("writing", &self.folder, &error))?;
        }
        Ok(())
    }

    /// Notes which record was the last, so that it is missed if it goes.
    pub fn receipt(&self, state: &State) -> Result<(), AuditError> {
        let path = self.folder.join(RECEIPT);
        let text = format!("{:020} {}\n", state.seq, state.hash);
        let written = private(OpenOptions::new().write(true).create(true).truncate(false))
            .open(&path)
            .and_then(|file| file.write_all_at(text.as_bytes(), 0));
        written.map_err(|error| AuditError::io("writing", &path, &error))
    }

    /// Puts the file aside under the numbers that it holds. The lock goes with
    /// it: the next record takes a new file.
    pub fn rotate(&self, now: SystemTime) -> Result<(), AuditError> {
        let mut state = self.state()?;
        let first = first_of(&self.file).unwrap_or(state.seq);
        let mut text = state.mend(now);
        text.push_str(&state.rotation(now));
        self.write(&text, true)?;
        self.receipt(&state)?;
        let name = format!("audit-{first:012}-{:012}.jsonl", state.seq);
        let aside = self.folder.join(name);
        if aside.exists() {
            return Err(AuditError::Unsafe(aside, "is already there".to_owned()));
        }
        fs::rename(&self.path, &aside).map_err(|error| AuditError::io("moving", &self.path, &error))
    }

    /// The key for fingerprints, made anew if there is none.
    pub fn key(&self, world: &dyn World) -> Result<[u8; 32], AuditError> {
        let path = self.folder.join(KEY);
        if let Ok(file) = open_to_read(&path) {
            let mut key = [0; 32];
            if file.read_exact_at(&mut key, 0).is_ok() {
                return Ok(key);
            }
        }
        let mut key = [0; 32];
        let halves = world.random().into_iter().chain(world.random());
        key.iter_mut().zip(halves).for_each(|(to, from)| *to = from);
        let fresh = self.folder.join("audit.key.new");
        let failed = |error: io::Error| AuditError::io("writing", &fresh, &error);
        let _ = fs::remove_file(&fresh);
        let mut file = private(OpenOptions::new().write(true).create_new(true))
            .open(&fresh)
            .map_err(failed)?;
        file.write_all(&key).map_err(failed)?;
        fs::rename(&fresh, &path).map_err(failed)?;
        Ok(key)
    }
}

/// Makes the folder, private to the account, if it is not there.
fn prepare(folder: &Path, uid: u32) -> Result<(), AuditError> {
    let failed = |error: io::Error| AuditError::io("making", folder, &error);
    let found = match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
            fs::symlink_metadata(folder)
        }
        found => found,
    };
    let found = found.map_err(failed)?;
    let wrong = |why: &str| Err(AuditError::Unsafe(folder.to_owned(), why.to_owned()));
    if !found.is_dir() {
        return wrong("is no folder");
    }
    if found.uid() != uid {
        return wrong("belongs to somebody else");
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

/// Options for a file of ours alone, no link followed.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
}

/// Opens the current file for appending; makes it if it is not there.
fn open(path: &Path, uid: u32) -> Result<File, AuditError> {
    let wrong = |why: &str| AuditError::Unsafe(path.to_owned(), why.to_owned());
    let failed = |error: io::Error| match error.raw_os_error() {
        Some(libc::ELOOP) => wrong("is a link"),
        _ => AuditError::io("opening", path, &error),
    };
    let file = private(OpenOptions::new().read(true).append(true).create(true))
        .open(path)
        .map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(wrong("is no regular file"));
    }
    if metadata.uid() != uid {
        return Err(wrong("belongs to somebody else"));
    }
    if metadata.mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600)).map_err(failed)?;
    }
    Ok(file)
}

/// Opens a file of the trail for reading, if it is a regular one.
pub fn open_to_read(path: &Path) -> Result<File, AuditError> {
    let failed = |error: io::Error| AuditError::io("reading", path, &error);
    let flags = libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(failed)?;
    match file.metadata().map_err(failed)?.is_file() {
        true => Ok(file),
        false => Err(AuditError::Unsafe(path.to_owned(), "is no regular file".to_owned())),
    }
}

/// Locks a file of the trail against writing.
pub fn lock_to_read(file: &File, path: &Path) -> Result<(), AuditError> {
    lock(|| file.try_lock_shared(), path, Instant::now() + PATIENCE)
}

/// Tries to lock until `deadline`.
fn lock(
    attempt: impl Fn() -> Result<(), TryLockError>,
    path: &Path,
    deadline: Instant,
) -> Result<(), AuditError> {
    let mut pause = Duration::from_micros(100);
    loop {
        match attempt() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => {
                return Err(AuditError::io("locking", path, &error));
            }
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(AuditError::Busy(path.to_owned()));
            }
            Err(TryLockError::WouldBlock) => {
                thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(2));
            }
        }
    }
}

/// The files that were put aside, the oldest first.
pub fn put_aside(folder: &Path) -> Result<Vec<PathBuf>, AuditError> {
    let entries =
        fs::read_dir(folder).map_err(|error| AuditError::io("reading", folder, &error))?;
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.strip_prefix("audit-").is_some_and(|rest| rest.ends_with(".jsonl"))
    };
    let mut found: Vec<PathBuf> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_ours).collect();
    found.sort();
    Ok(found)
}

/// What the receipt of the last write says, if it can be read.
pub fn receipt(folder: &Path) -> Option<State> {
    let file = open_to_read(&folder.join(RECEIPT)).ok()?;
    let mut bytes = [0; 86];
    file.read_exact_at(&mut bytes, 0).ok()?;
    let (seq, hash) = std::str::from_utf8(&bytes).ok()?.trim_end().split_once(' ')?;
    Some(State::at(seq.parse().ok()?, hash.to_owned()))
}

/// Where the chain stands at a file's end.
fn end_of(file: &File, path: &Path, before: &State) -> Result<State, AuditError> {
    let failed = |error: io::Error| AuditError::io("reading", path, &error);
    let size = file.metadata().map_err(failed)?.len();
    for length in TAILS {
        let from = size.saturating_sub(length);
        let mut tail = vec![0; usize::try_from(size - from).unwrap_or_default()];
        file.read_exact_at(&mut tail, from).map_err(failed)?;
        if let Some(state) = State::of(&tail, from == 0, before) {
            return Ok(state);
        }
    }
    Err(AuditError::Unsafe(path.to_owned(), "ends in what is no record".to_owned()))
}

/// The number of a file's first line, if it has one.
fn first_of(file: &File) -> Option<u64> {
    let [_, length] = TAILS;
    let mut head = vec![0; usize::try_from(length).unwrap_or_default()];
    let length = file.read_at(&mut head, 0).unwrap_or_default();
    let first = head.get(..length)?.split(|byte| *byte == b'\n').next()?;
    super::chain::Link::of(first).map(|link| link.seq)
}
