//! Linux: files in memory, signals as a descriptor, what the kernel noted down.

use std::ffi::{CStr, OsStr, OsString, c_char};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use nix::fcntl::{FcntlArg, OFlag, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::stat::{FileStat, stat};
use nix::unistd::{Whence, lseek, pipe2};

use super::{above_standard, close_listed, fill};

/// Whether a descriptor that is opened by its path is read from its beginning,
/// each time anew.
pub const COPIES_ARE_REOPENED: bool = true;

/// A file in memory that holds these bytes and can never hold others.
///
/// # Errors
/// What the system said.
pub fn copy(bytes: &[u8]) -> io::Result<OwnedFd> {
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let copy = above_standard(memfd_create(c"holdpoint", flags)?)?;
    fill(&copy, bytes)?;
    lseek(&copy, 0, Whence::SeekSet)?;
    let seals = SealFlag::F_SEAL_WRITE
        | SealFlag::F_SEAL_GROW
        | SealFlag::F_SEAL_SHRINK
        | SealFlag::F_SEAL_SEAL;
    fcntl(&copy, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(copy)
}

/// An empty file without a name that a program can write to by the path of
/// its descriptor.
///
/// # Errors
/// What the system said.
pub fn scratch() -> io::Result<OwnedFd> {
    Ok(memfd_create(c"holdpoint-plan", MFdFlags::MFD_CLOEXEC)?)
}

/// A pipe whose ends close themselves on exec.
///
/// # Errors
/// What the system said.
pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(pipe2(OFlag::O_CLOEXEC)?)
}

/// Closes every descriptor from this one on.
///
/// # Safety
/// Nobody may use a descriptor from `first` on any more.
pub unsafe fn close_from(first: u32) {
    // SAFETY: the caller's promise.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) };
    if closed != 0 {
        // Before Linux 5.9.
        // SAFETY: the caller's promise.
        unsafe { close_listed("/proc/self/fd", first) };
    }
}

/// The path that was given to execve, as the kernel noted it down.
pub fn executed() -> Option<OsString> {
    // SAFETY: getauxval reads the vector that the kernel gave this process.
    let path = unsafe { libc::getauxval(libc::AT_EXECFN) } as *const c_char;
    if path.is_null() {
        return None;
    }
    // SAFETY: where it is there, it points to a string on the initial stack.
    let path = unsafe { CStr::from_ptr(path) };
    Some(OsStr::from_bytes(path.to_bytes()).to_owned())
}

/// The file that this process runs. `None` where /proc is not mounted.
pub fn own_file() -> Option<FileStat> {
    stat("/proc/self/exe").ok()
}

/// Fills with bytes from the kernel's random source; false if it cannot.
pub fn random(bytes: &mut [u8; 16]) -> bool {
    // SAFETY: the pointer and the length are those of one live buffer. A read
    // of up to 256 bytes is never cut short by a signal (getrandom(2)).
    let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    usize::try_from(got) == Ok(bytes.len())
}

/// A device's numbers, the major one first.
pub fn device(number: u64) -> (u32, u32) {
    (libc::major(number), libc::minor(number))
}

/// The signals that came while they were blocked.
#[derive(Debug)]
pub struct Signals(SignalFd);

impl Signals {
    /// Watches signals, which have to be blocked.
    ///
    /// # Errors
    /// What the system said.
    pub fn watch(watched: &SigSet) -> io::Result<Signals> {
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        Ok(Signals(SignalFd::with_flags(watched, flags)?))
    }

    /// The next signal that came, if one did.
    ///
    /// # Errors
    /// What the system said.
    pub fn next(&self) -> io::Result<Option<Signal>> {
        while let Some(info) = self.0.read_signal()? {
            if let Ok(Ok(signal)) = i32::try_from(info.ssi_signo).map(Signal::try_from) {
                return Ok(Some(signal));
            }
        }
        Ok(None)
    }

    /// What becomes readable when one comes. Where there is nothing of the
    /// kind, [`Signals::next`] has to be asked every few moments.
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}
