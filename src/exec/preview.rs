//! Runs a tool for its plan, before a person is asked about the command: the
//! one program that holdpoint starts and waits for. The plan goes into a file
//! in memory, for plans hold secrets. Judges nothing.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};

use nix::fcntl::{FcntlArg, fcntl};

use super::{Found, rounds};
use crate::actions::Preview;
use crate::system;

/// Why there is no plan.
#[derive(Debug)]
pub enum PreviewError {
    /// The tool ended with this status, having said why.
    Ended(i32),
    /// The system failed.
    Failed(io::Error),
}

impl fmt::Display for PreviewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PreviewError::Ended(status) => write!(f, "the tool ended with status {status}"),
            PreviewError::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PreviewError {}

impl From<io::Error> for PreviewError {
    fn from(error: io::Error) -> PreviewError {
        PreviewError::Failed(error)
    }
}

/// Has the tool make its plan, on this process's own input and output, and
/// gives the path of the file that it wrote, which lives as long as its
/// descriptor.
///
/// # Errors
/// The tool made none, or the system failed.
pub fn plan(preview: &Preview, found: &Found) -> Result<(String, OwnedFd), PreviewError> {
    let file = system::scratch()?;
    // Out of the way of descriptors that the tool takes for its own.
    let number = fcntl(&file, FcntlArg::F_DUPFD(10)).map_err(io::Error::from)?;
    // SAFETY: fcntl has just made this descriptor, and nobody else knows it.
    let file = unsafe { <OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(number) };
    let path = format!("/dev/fd/{}", file.as_raw_fd());
    let mut words = preview.plan.clone();
    if let Some(last) = words.last_mut() {
        last.push(&path);
    }
    let mut words = words.into_iter();
    let mut command = Command::new(&found.file);
    command.arg0(words.next().unwrap_or_default()).args(words);
    for name in &preview.spent {
        command.env_remove(name);
    }
    if let Some((name, value)) = found.guard().and_then(pair) {
        command.env(name, value);
    }
    let status = command.status()?;
    match status.code() {
        Some(0) => Ok((path, file)),
        _ => Err(PreviewError::Ended(of(status))),
    }
}

/// `NAME=value` as a pair.
fn pair(entry: std::ffi::CString) -> Option<(OsString, OsString)> {
    let bytes = entry.into_bytes();
    let value = bytes.strip_prefix(rounds::VARIABLE.as_bytes())?.strip_prefix(b"=")?;
    Some((rounds::VARIABLE.into(), OsStr::from_bytes(value).to_owned()))
}

/// The status as a shell tells it.
fn of(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}
