//! Hands text that was judged on to the tool from the same copy: a sealed
//! file in memory in the place of a file, or of standard input. What is still
//! to come on standard input is passed through by a process of its own.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, SealFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Whence, dup2_stdin, dup2_stdout, fork, lseek, pipe2};

use crate::actions::Handed;
use crate::world::real::TakenStdin;

/// How much is passed on at a time.
const CHUNK: usize = 64 * 1024;

/// The word that leads the tool to the judged copy of a file. The copy's
/// descriptor is left open for the tool.
///
/// # Errors
/// Where the system will not hold the copy.
pub(super) fn word(handed: &Handed) -> io::Result<OsString> {
    let copy = sealed(&handed.bytes)?;
    fcntl(&copy, FcntlArg::F_SETFD(FdFlag::empty()))?;
    let folder = if Path::new("/dev/fd").exists() { "/dev/fd" } else { "/proc/self/fd" };
    let mut word = handed.before.clone();
    word.push(format!("{folder}/{}", copy.into_raw_fd()));
    Ok(word)
}

/// Puts what was taken from standard input back in front of it.
///
/// # Errors
/// Where the system will not hold the copy or start the process.
pub(super) fn standard_input(taken: &TakenStdin) -> io::Result<()> {
    if taken.complete {
        dup2_stdin(sealed(&taken.bytes)?)?;
        return Ok(());
    }
    let (tool_end, our_end) = pipe2(OFlag::O_CLOEXEC)?;
    // Twice, so that the tool has no child that it did not start.
    // SAFETY: this process has one thread, so its copy may go on as it is.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            // A caller that ignores SIGCHLD leaves nothing to wait for.
            let _ = waitpid(child, None);
        }
        ForkResult::Child => {
            drop(tool_end);
            // SAFETY: as above.
            if let Ok(ForkResult::Child) = unsafe { fork() } {
                let _ = feed(&taken.bytes, our_end);
            }
            // SAFETY: ends this copy without running what belongs to the
            // original (buffers, exit handlers).
            unsafe { libc::_exit(0) }
        }
    }
    dup2_stdin(tool_end)?;
    Ok(())
}

/// A file in memory that holds these bytes and can never hold others.
fn sealed(bytes: &[u8]) -> io::Result<OwnedFd> {
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let copy = above_standard(memfd_create(c"holdpoint", flags)?)?;
    let mut rest = bytes;
    while !rest.is_empty() {
        match nix::unistd::write(&copy, rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    lseek(&copy, 0, Whence::SeekSet)?;
    let seals = SealFlag::F_SEAL_WRITE
        | SealFlag::F_SEAL_GROW
        | SealFlag::F_SEAL_SHRINK
        | SealFlag::F_SEAL_SEAL;
    fcntl(&copy, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(copy)
}

/// The same file under a number that no program takes for its input or output.
fn above_standard(fd: OwnedFd) -> io::Result<OwnedFd> {
    if fd.as_raw_fd() > 2 {
        return Ok(fd);
    }
    let number = fcntl(&fd, FcntlArg::F_DUPFD_CLOEXEC(3))?;
    // SAFETY: fcntl has just made this descriptor, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// The life of the process that passes standard input on: first what was
/// taken, then whatever still comes, until it ends or nobody reads it.
fn feed(taken: &[u8], out: OwnedFd) -> io::Result<()> {
    dup2_stdout(&out)?;
    close_from(2);
    let input = io::stdin();
    let output = io::stdout();
    pass_on(taken, output.as_fd())?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let mut both = [
            PollFd::new(input.as_fd(), PollFlags::POLLIN),
            // Asked for nothing, it still tells when nobody reads any more.
            PollFd::new(output.as_fd(), PollFlags::empty()),
        ];
        match poll(&mut both, PollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            other => other?,
        };
        let [_, unread] = both;
        if unread.revents().is_some_and(|found| !found.is_empty()) {
            return Ok(());
        }
        match nix::unistd::read(input.as_fd(), &mut chunk) {
            Ok(0) => return Ok(()),
            Ok(count) => pass_on(chunk.get(..count).unwrap_or_default(), output.as_fd())?,
            Err(Errno::EINTR | Errno::EAGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn pass_on(mut bytes: &[u8], output: BorrowedFd<'_>) -> io::Result<()> {
    while !bytes.is_empty() {
        match nix::unistd::write(output, bytes) {
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Closes every descriptor from this one on, so that no pipe of the caller's
/// stays open for the sake of the process that passes input on.
fn close_from(first: u32) {
    // SAFETY: whoever calls this uses no descriptor from `first` on any more.
    let closed = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) };
    if closed == 0 {
        return;
    }
    // Before Linux 5.9.
    for entry in std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten() {
        let number = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok());
        if let Some(number) = number.filter(|number| *number >= first)
            && let Ok(number) = i32::try_from(number)
        {
            // SAFETY: as above.
            unsafe { libc::close(number) };
        }
    }
}
