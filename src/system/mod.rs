//! What one kernel gives and another does not: copies of texts that nobody can
//! change, the signals that came, the path that was executed, chance. Linux's
//! way is in `linux`, everybody else's in `other`; what is the same everywhere
//! is not here. Decides nothing.
//!
//! holdpoint is built, tested and installed on Linux. For macOS it is kept
//! compiling (`cargo check --target x86_64-apple-darwin`), and of `other` what
//! is plain POSIX runs in the tests on Linux; nothing was run on macOS.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(not(target_os = "linux"), test))]
mod other;

#[cfg(target_os = "linux")]
pub use linux::{
    COPIES_ARE_REOPENED, Signals, close_from, copy, device, executed, own_file, pipe, random,
    scratch,
};
#[cfg(not(target_os = "linux"))]
pub use other::{
    COPIES_ARE_REOPENED, Signals, close_from, copy, device, executed, own_file, pipe, random,
    scratch,
};

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};

/// The same file under a number that no program takes for its input or output.
fn above_standard(fd: OwnedFd) -> nix::Result<OwnedFd> {
    if fd.as_raw_fd() > 2 {
        return Ok(fd);
    }
    let number = fcntl(&fd, FcntlArg::F_DUPFD_CLOEXEC(3))?;
    // SAFETY: fcntl has just made this descriptor, and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Writes all of it.
fn fill(file: &OwnedFd, bytes: &[u8]) -> nix::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match nix::unistd::write(file, rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Closes what a folder of descriptors lists from `first` on.
///
/// # Safety
/// Nobody may use a descriptor from `first` on any more.
unsafe fn close_listed(folder: &str, first: u32) {
    let listed = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let numbers: Vec<i32> = listed
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|number| u32::try_from(*number).is_ok_and(|number| number >= first))
        .collect();
    for number in numbers {
        // SAFETY: the caller's promise.
        unsafe { libc::close(number) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::{SigSet, SigmaskHow, Signal, raise};
    use std::io::Read;

    fn holds_and_keeps(copy: OwnedFd, bytes: &[u8]) {
        assert!(copy.as_raw_fd() > 2);
        assert!(nix::unistd::write(&copy, b"more").is_err());
        assert!(nix::unistd::ftruncate(&copy, 1).is_err());
        let mut read = Vec::new();
        std::fs::File::from(copy).read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes);
    }

    #[test]
    fn a_copy_holds_its_bytes_and_takes_no_others() {
        for bytes in [&b""[..], b"drop table t", &[7; 3_000_000]] {
            holds_and_keeps(copy(bytes).unwrap(), bytes);
            holds_and_keeps(other::copy(bytes).unwrap(), bytes);
        }
    }

    #[test]
    fn a_copy_of_the_other_kind_has_no_name() {
        let copy = other::copy(b"x").unwrap();
        assert_eq!(nix::sys::stat::fstat(&copy).unwrap().st_nlink, 0);
    }

    #[test]
    fn signals_that_came_are_told_once() {
        let watched: SigSet = [Signal::SIGUSR1, Signal::SIGUSR2].into_iter().collect();
        let before = watched.thread_swap_mask(SigmaskHow::SIG_BLOCK).unwrap();
        let ours = Signals::watch(&watched).unwrap();
        let others = other::Signals::watch(&watched).unwrap();
        for next in [&|| ours.next(), &|| others.next()]
            as [&dyn Fn() -> std::io::Result<Option<Signal>>; 2]
        {
            assert_eq!(next().unwrap(), None);
            raise(Signal::SIGUSR2).unwrap();
            assert_eq!(next().unwrap(), Some(Signal::SIGUSR2));
            assert_eq!(next().unwrap(), None);
        }
        before.thread_set_mask().unwrap();
    }

    #[test]
    fn chance_differs() {
        let (mut one, mut two) = ([0; 16], [0; 16]);
        assert!(random(&mut one) && random(&mut two));
        assert_ne!(one, two);
    }

    #[test]
    fn a_pipe_closes_itself_on_exec() {
        for (read, write) in [pipe().unwrap(), other::pipe().unwrap()] {
            for end in [read, write] {
                assert_eq!(fcntl(&end, FcntlArg::F_GETFD).unwrap(), libc::FD_CLOEXEC);
            }
        }
    }
}
