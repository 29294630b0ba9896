//! Finds the tool that a name stands for, as the shell would without
//! holdpoint: the next executable of that name on PATH, past every copy of
//! holdpoint itself. Looks at files' status only; runs nothing.

use std::ffi::{CStr, OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::stat::{FileStat, SFlag, stat};
use nix::unistd::{AccessFlags, access};

use super::own;

/// Where tools are looked for when there is no PATH: what a shell falls back
/// to (musl's and Debian's default).
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Why there is nothing to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindError {
    /// Nothing has that name.
    Missing(OsString),
    /// Something has, and cannot be run.
    NotRunnable(PathBuf, Errno),
    /// The tool and holdpoint call each other without end.
    Loop(OsString),
}

impl FindError {
    /// The status that a shell ends with in the same case.
    pub fn status(&self) -> i32 {
        match self {
            FindError::Missing(_) => 127,
            FindError::NotRunnable(..) | FindError::Loop(_) => 126,
        }
    }
}

impl fmt::Display for FindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FindError::Missing(name) if is_path(name) => {
                write!(f, "{}: No such file or directory", name.display())
            }
            FindError::Missing(name) => write!(f, "{}: command not found", name.display()),
            FindError::NotRunnable(path, errno) => {
                write!(f, "{}: {}", path.display(), errno.desc())
            }
            FindError::Loop(name) => write!(
                f,
                "{}: found again and again by the program that it stands for; \
                 `holdpoint doctor` shows which programs of that name are on PATH",
                name.display()
            ),
        }
    }
}

impl std::error::Error for FindError {}

/// The file to run for `name`: a name with a slash is that file, any other is
/// looked for on `path` (the value of PATH, if there is one). `executed` is the
/// path that this process was started by: never the tool, and mostly the first
/// candidate. `past` leaves out that many of the tools found, as long as there
/// is another behind them.
///
/// # Errors
/// Says why there is none.
pub(super) fn find(
    name: &OsStr,
    path: Option<&OsStr>,
    executed: Option<&OsStr>,
    past: usize,
) -> Result<PathBuf, FindError> {
    if !is_path(name) {
        return on_path(name, path, executed, past);
    }
    let file = PathBuf::from(name);
    let found = stat(&file).map_err(|errno| match errno {
        Errno::ENOENT => FindError::Missing(name.to_owned()),
        other => FindError::NotRunnable(file.clone(), other),
    })?;
    if is_type(&found, SFlag::S_IFDIR) {
        return Err(FindError::NotRunnable(file, Errno::EISDIR));
    }
    access(&file, AccessFlags::X_OK)
        .map_err(|errno| FindError::NotRunnable(file.clone(), errno))?;
    match file.file_name() {
        // The path of a shim stands for the tool that the shim stands for.
        Some(base) if is_ours(&file, &found) => on_path(base, path, executed, past),
        _ => Ok(file),
    }
}

fn on_path(
    name: &OsStr,
    path: Option<&OsStr>,
    executed: Option<&OsStr>,
    mut past: usize,
) -> Result<PathBuf, FindError> {
    let path = path.unwrap_or(OsStr::new(DEFAULT_PATH));
    let mut denied = None;
    let mut passed = None;
    // One buffer for every candidate: PATH may be long, and this is run in
    // front of every command.
    let mut buffer = Vec::with_capacity(256);
    for folder in path.as_bytes().split(|byte| *byte == b':') {
        let Some(candidate) = candidate(&mut buffer, folder, name) else { continue };
        if executed.is_some_and(|executed| executed.as_bytes() == candidate.to_bytes()) {
            continue;
        }
        let Ok(found) = stat(candidate) else { continue };
        if !is_type(&found, SFlag::S_IFREG) {
            continue;
        }
        let file = PathBuf::from(OsStr::from_bytes(candidate.to_bytes()));
        if let Err(errno) = access(candidate, AccessFlags::X_OK) {
            denied.get_or_insert(FindError::NotRunnable(file, errno));
            continue;
        }
        if is_ours(&file, &found) {
            continue;
        }
        if past == 0 {
            return Ok(file);
        }
        past -= 1;
        passed = Some(file);
    }
    passed.ok_or_else(|| denied.unwrap_or_else(|| FindError::Missing(name.to_owned())))
}

/// The path of `name` in a folder of PATH, spelled as shells spell it. An
/// empty entry is the current folder.
fn candidate<'a>(buffer: &'a mut Vec<u8>, folder: &[u8], name: &OsStr) -> Option<&'a CStr> {
    buffer.clear();
    buffer.extend_from_slice(if folder.is_empty() { b"." } else { folder });
    if !buffer.ends_with(b"/") {
        buffer.push(b'/');
    }
    buffer.extend_from_slice(name.as_bytes());
    buffer.push(0);
    CStr::from_bytes_with_nul(buffer).ok()
}

/// Whether a file that could be run is holdpoint itself.
fn is_ours(file: &Path, found: &FileStat) -> bool {
    file.parent().is_some_and(own::is_shim_folder) || own::is_holdpoint(file, found)
}

fn is_type(found: &FileStat, kind: SFlag) -> bool {
    SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT == kind
}

fn is_path(name: &OsStr) -> bool {
    name.as_bytes().contains(&b'/')
}
