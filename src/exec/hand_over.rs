//! Hands text that was judged on to the tool from the same copy: a sealed
//! file in memory in the place of a file, or of standard input. What is still
//! to come on standard input is passed through by a process of its own.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, SealFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Whence, dup2_stdin, dup2_stdout, fork, lseek, pipe2};

use super::Plan;
use crate::actions::{By, Handed, Pinned, Place};
use crate::world::real::TakenStdin;

/// How much is passed on at a time.
const CHUNK: usize = 64 * 1024;

/// Puts judged texts in their places in the plan. The copies' descriptors are
/// left open for the tool.
///
/// # Errors
/// Where the system will not hold a copy, or a text has no such place: what
/// was judged would not be what runs.
pub(super) fn texts(handed: &[Handed], plan: &mut Plan) -> io::Result<()> {
    if handed.is_empty() {
        return Ok(());
    }
    let folder = if Path::new("/dev/fd").exists() { "/dev/fd" } else { "/proc/self/fd" };
    let mut copies = Copies { folder, known: HashMap::new() };
    let nowhere = || io::Error::from(Errno::EINVAL);
    for handed in handed {
        let text = copies.filled(&handed.text)?;
        match handed.place {
            Place::Word(index) => {
                *plan.argv.get_mut(index).ok_or_else(nowhere)? = OsString::from_vec(text);
            }
            Place::Stdin => {
                let taken = plan.stdin.as_mut().ok_or_else(nowhere)?;
                if taken.bytes != handed.text.bytes {
                    return Err(nowhere());
                }
                taken.bytes = text.into();
            }
            Place::Variable(name) => {
                plan.env.push((name.into(), Some(OsString::from_vec(text))));
            }
            Place::Added { .. } => {}
        }
    }
    // Words that are put in move those behind them.
    for handed in handed {
        let Place::Added { behind, words } = handed.place else { continue };
        let rest = behind + 1..behind + 1;
        plan.argv.get(rest.clone()).ok_or_else(nowhere)?;
        let last = OsString::from_vec(copies.filled(&handed.text)?);
        plan.argv.splice(rest, words.iter().map(OsString::from).chain([last]));
    }
    Ok(())
}

/// The sealed copies so far.
struct Copies {
    folder: &'static str,
    /// The path of each, by what it holds: a file that is named often takes
    /// one descriptor.
    known: HashMap<Vec<u8>, String>,
}

impl Copies {
    /// A text with the paths of copies in the place of files' names.
    fn filled(&mut self, text: &Pinned) -> io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(text.bytes.len());
        let mut at = 0;
        for name in &text.names {
            let between = text.bytes.get(at..name.span.start);
            out.extend_from_slice(between.ok_or_else(|| io::Error::from(Errno::EINVAL))?);
            match &name.by {
                By::Copy(file) => out.extend_from_slice(self.path(file)?.as_bytes()),
                By::Text(text) => out.extend_from_slice(text),
            }
            at = name.span.end;
        }
        let rest = text.bytes.get(at..).ok_or_else(|| io::Error::from(Errno::EINVAL))?;
        out.extend_from_slice(rest);
        Ok(out)
    }

    /// The path of a sealed copy of a text. Texts name one another only as
    /// deep as a reader follows them.
    fn path(&mut self, text: &Pinned) -> io::Result<String> {
        let bytes = self.filled(text)?;
        if let Some(path) = self.known.get(&bytes) {
            return Ok(path.clone());
        }
        let copy = sealed(&bytes)?;
        fcntl(&copy, FcntlArg::F_SETFD(FdFlag::empty()))?;
        let path = format!("{}/{}", self.folder, copy.into_raw_fd());
        self.known.insert(bytes, path.clone());
        Ok(path)
    }
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
