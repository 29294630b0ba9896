//! macOS, in plain POSIX where that will do: files that have lost their name,
//! signals that are asked for. No file in memory, no /proc.

use std::io;
use std::os::fd::OwnedFd;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl, open};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::stat::Mode;
use nix::unistd::{mkstemp, unlink};

use super::{above_standard, fill};

/// Whether a descriptor that is opened by its path is read from its beginning,
/// each time anew: here it is the same descriptor again (fd(4)), and whoever
/// reads a copy twice needs two.
#[cfg_attr(target_os = "linux", allow(dead_code))]
pub const COPIES_ARE_REOPENED: bool = false;

/// A file without a name, open for reading alone, that holds these bytes.
///
/// # Errors
/// What the system said.
pub fn copy(bytes: &[u8]) -> io::Result<OwnedFd> {
    // Not in $TMPDIR: whoever sets that could choose a place that loses files.
    let (writable, path) = mkstemp("/tmp/holdpoint-XXXXXX")?;
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
    let readable = open(&path, flags, Mode::empty());
    unlink(&path)?;
    let readable = readable?;
    // Somebody may have put another file in its place in between.
    let (one, two) = (nix::sys::stat::fstat(&writable)?, nix::sys::stat::fstat(&readable)?);
    if (one.st_dev, one.st_ino) != (two.st_dev, two.st_ino) {
        return Err(Errno::ESTALE.into());
    }
    fill(&writable, bytes)?;
    Ok(above_standard(readable)?)
}

/// An empty file that a program can write to by the path of its descriptor,
/// and that is then read by the same path: not to be had here.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn scratch() -> io::Result<OwnedFd> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A pipe whose ends close themselves on exec.
///
/// # Errors
/// What the system said.
pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read, write) = nix::unistd::pipe()?;
    // Nothing is started in between: there is one thread.
    fcntl(&read, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    fcntl(&write, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    Ok((read, write))
}

/// Closes every descriptor from this one on.
///
/// # Safety
/// Nobody may use a descriptor from `first` on any more.
#[cfg(not(target_os = "linux"))]
pub unsafe fn close_from(first: u32) {
    // SAFETY: the caller's promise.
    unsafe { super::close_listed("/dev/fd", first) };
}

/// The path that was executed, as the loader noted it down.
#[cfg(target_os = "macos")]
pub fn executed() -> Option<std::ffi::OsString> {
    use std::os::unix::ffi::OsStringExt;
    unsafe extern "C" {
        // <mach-o/dyld.h>; libc's own declaration is deprecated.
        fn _NSGetExecutablePath(buffer: *mut std::ffi::c_char, size: *mut u32) -> i32;
    }
    let mut bytes = vec![0u8; 4096];
    let mut size = u32::try_from(bytes.len()).ok()?;
    // SAFETY: the pointer and the size are those of one live buffer.
    let told = unsafe { _NSGetExecutablePath(bytes.as_mut_ptr().cast(), &raw mut size) };
    let end = bytes.iter().position(|byte| *byte == 0)?;
    bytes.truncate(end);
    (told == 0).then(|| std::ffi::OsString::from_vec(bytes))
}

/// The file that this process runs.
#[cfg(target_os = "macos")]
pub fn own_file() -> Option<nix::sys::stat::FileStat> {
    nix::sys::stat::stat(executed()?.as_os_str()).ok()
}

/// Fills with bytes from the kernel's random source; false if it cannot.
#[cfg(target_os = "macos")]
pub fn random(bytes: &mut [u8; 16]) -> bool {
    // SAFETY: the pointer and the length are those of one live buffer.
    unsafe { libc::getentropy(bytes.as_mut_ptr().cast(), bytes.len()) == 0 }
}

/// A device's numbers, the major one first.
#[cfg(target_os = "macos")]
pub fn device(number: u64) -> (u32, u32) {
    let number = i32::try_from(number).unwrap_or(-1);
    let part = |part: i32| u32::try_from(part).unwrap_or(0);
    (part(libc::major(number)), part(libc::minor(number)))
}

/// The signals that came while they were blocked.
#[derive(Debug)]
pub struct Signals(SigSet);

impl Signals {
    /// Watches signals, which have to be blocked.
    ///
    /// # Errors
    /// None here.
    pub fn watch(watched: &SigSet) -> io::Result<Signals> {
        Ok(Signals(*watched))
    }

    /// The next signal that came, if one did.
    ///
    /// # Errors
    /// What the system said.
    pub fn next(&self) -> io::Result<Option<Signal>> {
        let mut pending = SigSet::empty();
        for signal in self.0.iter().filter(|signal| is_pending(*signal)) {
            pending.add(signal);
        }
        if pending.iter().next().is_none() {
            return Ok(None);
        }
        // One of them is there already: this does not wait.
        Ok(Some(pending.wait()?))
    }

    /// Nothing becomes readable here when one comes.
    #[cfg(not(target_os = "linux"))]
    pub fn descriptor(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        None
    }
}

fn is_pending(signal: Signal) -> bool {
    // SAFETY: the set is filled by sigpending before it is looked at.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigpending(&raw mut set) == 0 && libc::sigismember(&raw const set, signal as i32) == 1
    }
}
