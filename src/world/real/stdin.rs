//! Standard input, read once into memory and remembered, so that what is
//! judged can be handed on to the tool from the same copy. Reads no further
//! than a caller's limit, and does not wait for ever.

use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{SFlag, fstat};

use crate::invocation::Input;
use crate::text::size;

/// How long a stream may stay silent before it counts as a program that goes
/// on writing (somebody who types, a co-process that waits for an answer).
const IDLE: Duration = Duration::from_secs(3);

/// How long a stream that never falls silent is followed.
const TOTAL: Duration = Duration::from_secs(30);

/// How much is read at a time.
const CHUNK: usize = 64 * 1024;

/// What was taken from standard input before the tool could have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenStdin {
    /// The bytes, from the beginning.
    pub bytes: Arc<[u8]>,
    /// Whether that was everything; if not, more is still to come from
    /// descriptor 0.
    pub complete: bool,
}

/// A standard input, and what has been read of it.
#[derive(Debug)]
pub(super) struct Stream {
    kind: Kind,
    fd: BorrowedFd<'static>,
    bytes: Arc<[u8]>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Terminal,
    /// Handed over closed.
    Closed,
    Regular,
    /// A pipe, a socket, a device.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// There may be more.
    Open,
    /// It ended.
    Ended,
    /// It neither ended nor went on.
    Silent,
    /// It could not be read, and what the system said.
    Broken(String),
}

impl Stream {
    /// Descriptor 0.
    pub fn standard_input() -> Stream {
        // SAFETY: this process never closes its descriptor 0. Where it was
        // handed over closed, every use of it is an error, which is dealt with.
        Stream::on(unsafe { BorrowedFd::borrow_raw(0) })
    }

    fn on(fd: BorrowedFd<'static>) -> Stream {
        Stream { kind: kind(fd), fd, bytes: Arc::from([]), state: State::Open }
    }

    /// Everything on it, if that is no more than `limit` bytes. Called again
    /// it gives the same, or with a greater limit reads on.
    pub fn read(&mut self, limit: usize) -> Input {
        match self.kind {
            Kind::Terminal => return Input::Terminal,
            Kind::Closed => return Input::Text(Arc::from([])),
            // Not even begun, so that the tool can have the file as it is.
            Kind::Regular if self.bytes.is_empty() && self.rest() > limit => {
                return too_long(limit);
            }
            Kind::Regular | Kind::Other => self.fill(limit),
        }
        match &self.state {
            _ if self.bytes.len() > limit => too_long(limit),
            State::Open => too_long(limit),
            State::Ended => Input::Text(self.bytes.clone()),
            State::Silent => Input::Opaque("a program that is still writing".to_owned()),
            State::Broken(said) => {
                Input::Opaque(format!("a standard input that cannot be read ({said})"))
            }
        }
    }

    /// What has been taken, if the tool would miss it or could find something
    /// else in its place.
    pub fn taken(&self) -> Option<TakenStdin> {
        let complete = self.state == State::Ended;
        let untouched = match self.kind {
            Kind::Terminal | Kind::Closed => true,
            Kind::Regular => self.state == State::Open && self.bytes.is_empty(),
            // /dev/null and its like stay what they are.
            Kind::Other => self.bytes.is_empty() && (!complete || self.is_device()),
        };
        (!untouched).then(|| TakenStdin { bytes: self.bytes.clone(), complete })
    }

    fn is_device(&self) -> bool {
        fstat(self.fd).is_ok_and(|found| file_type(found.st_mode) == SFlag::S_IFCHR)
    }

    /// How many bytes a regular file still has behind its offset.
    fn rest(&self) -> usize {
        let size = fstat(self.fd).map_or(0, |found| found.st_size);
        let at = nix::unistd::lseek(self.fd, 0, nix::unistd::Whence::SeekCur).unwrap_or(0);
        usize::try_from(size.saturating_sub(at)).unwrap_or(0)
    }

    /// Reads until it ends, falls silent, or is longer than `limit`.
    fn fill(&mut self, limit: usize) {
        if self.state != State::Open || self.bytes.len() > limit {
            return;
        }
        let mut bytes = self.bytes.to_vec();
        let mut chunk = vec![0; CHUNK];
        let end = Instant::now() + TOTAL;
        while bytes.len() <= limit {
            match read_some(self.fd, &mut chunk, end) {
                Ok(0) => {
                    self.state = State::Ended;
                    break;
                }
                Ok(count) => bytes.extend_from_slice(chunk.get(..count).unwrap_or_default()),
                Err(Errno::ETIMEDOUT) => {
                    self.state = State::Silent;
                    break;
                }
                Err(error) => {
                    self.state = State::Broken(error.desc().to_owned());
                    break;
                }
            }
        }
        self.bytes = bytes.into();
    }
}

fn too_long(limit: usize) -> Input {
    let most = size(limit);
    Input::Opaque(format!("it is longer than the {most} that are read; shorter parts are judged"))
}

/// Reads what is there, waiting for it no longer than the idle bound.
fn read_some(fd: BorrowedFd<'_>, chunk: &mut [u8], end: Instant) -> Result<usize, Errno> {
    let mut until = (Instant::now() + IDLE).min(end);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        match poll(&mut [PollFd::new(fd, PollFlags::POLLIN)], timeout) {
            Ok(0) => return Err(Errno::ETIMEDOUT),
            Ok(_) => {}
            Err(Errno::EINTR) => continue,
            Err(error) => return Err(error),
        }
        match nix::unistd::read(fd, chunk) {
            // Another reader of the same pipe was quicker, or the descriptor
            // was handed over in non-blocking mode.
            Err(Errno::EAGAIN) => until = until.min(end),
            Err(Errno::EINTR) => {}
            other => return other,
        }
    }
}

fn kind(fd: BorrowedFd<'_>) -> Kind {
    // An inherited descriptor never has this flag: it is the stand-in that
    // `exec::start` puts where a descriptor was closed.
    let flags = fcntl(fd, FcntlArg::F_GETFD).map(FdFlag::from_bits_retain);
    if !flags.is_ok_and(|flags| !flags.contains(FdFlag::FD_CLOEXEC)) {
        return Kind::Closed;
    }
    if nix::unistd::isatty(fd).unwrap_or(false) {
        return Kind::Terminal;
    }
    match fstat(fd) {
        Ok(found) if file_type(found.st_mode) == SFlag::S_IFREG => Kind::Regular,
        _ => Kind::Other,
    }
}

fn file_type(mode: libc::mode_t) -> SFlag {
    SFlag::from_bits_truncate(mode) & SFlag::S_IFMT
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::{Seek, SeekFrom, Write};
    use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd};

    fn stream(fd: impl Into<OwnedFd>) -> Stream {
        let fd: OwnedFd = fd.into();
        fcntl(&fd, FcntlArg::F_SETFD(FdFlag::empty())).unwrap();
        // SAFETY: into_raw_fd gives the descriptor away, so it stays open.
        Stream::on(unsafe { BorrowedFd::borrow_raw(fd.into_raw_fd()) })
    }

    fn file(text: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    fn text(input: Input) -> Vec<u8> {
        match input {
            Input::Text(text) => text.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    fn complete(bytes: &[u8]) -> Option<TakenStdin> {
        Some(TakenStdin { bytes: bytes.into(), complete: true })
    }

    #[test]
    fn a_pipe_is_read_to_its_end_and_remembered() {
        let (reader, writer) = nix::unistd::pipe().unwrap();
        let mut input = stream(reader);
        assert_eq!(input.taken(), None);
        let feeder = std::thread::spawn(move || {
            let mut writer = File::from(writer);
            for piece in [&b"select"[..], b" 1;"] {
                writer.write_all(piece).unwrap();
                std::thread::sleep(Duration::from_millis(30));
            }
        });
        assert_eq!(text(input.read(100)), b"select 1;");
        feeder.join().unwrap();
        assert_eq!(text(input.read(100)), b"select 1;");
        assert_eq!(input.taken(), complete(b"select 1;"));
        assert!(matches!(input.read(8), Input::Opaque(_)));
    }

    #[test]
    fn a_pipe_over_the_limit_keeps_what_was_read() {
        let (reader, writer) = nix::unistd::pipe().unwrap();
        let mut input = stream(reader);
        nix::unistd::write(&writer, b"0123456789").unwrap();
        assert_eq!(input.read(9), too_long(9));
        let taken = input.taken().unwrap();
        assert_eq!((&*taken.bytes, taken.complete), (&b"0123456789"[..], false));
        nix::unistd::write(&writer, b"ab").unwrap();
        drop(writer);
        assert_eq!(text(input.read(12)), b"0123456789ab");
        assert_eq!(input.taken(), complete(b"0123456789ab"));
    }

    #[test]
    fn a_silent_pipe_is_a_program_that_still_writes() {
        let (reader, writer) = nix::unistd::pipe().unwrap();
        let mut input = stream(reader);
        nix::unistd::write(&writer, b"begin;").unwrap();
        let start = Instant::now();
        assert_eq!(input.read(100), Input::Opaque("a program that is still writing".into()));
        // poll counts whole milliseconds.
        let waited = start.elapsed() + Duration::from_millis(10);
        assert!(waited >= IDLE && waited < TOTAL, "{waited:?}");
        let taken = input.taken().unwrap();
        assert_eq!((&*taken.bytes, taken.complete), (&b"begin;"[..], false));
    }

    #[test]
    fn a_silent_pipe_with_nothing_on_it_is_left_alone() {
        let (reader, _writer) = nix::unistd::pipe().unwrap();
        let mut input = stream(reader);
        assert!(matches!(input.read(100), Input::Opaque(_)));
        assert_eq!(input.taken(), None);
    }

    #[test]
    fn a_file_is_read_from_where_it_stands() {
        let mut opened = file(b"skipped;kept");
        opened.seek(SeekFrom::Start(8)).unwrap();
        let mut input = stream(opened);
        assert_eq!(text(input.read(4)), b"kept");
        assert_eq!(input.taken(), complete(b"kept"));
    }

    #[test]
    fn a_file_over_the_limit_is_not_touched() {
        let opened = file(b"0123456789");
        let again = opened.try_clone().unwrap();
        let mut input = stream(opened);
        assert_eq!(input.read(9), too_long(9));
        assert_eq!(input.taken(), None);
        assert_eq!((&again).stream_position().unwrap(), 0);
        assert_eq!(text(input.read(10)), b"0123456789");
    }

    #[test]
    fn an_empty_file_is_handed_on_as_empty() {
        let mut input = stream(file(b""));
        assert_eq!(text(input.read(9)), b"");
        assert_eq!(input.taken(), complete(b""));
    }

    #[test]
    fn devices_stay_what_they_are() {
        let mut null = stream(File::open("/dev/null").unwrap());
        assert_eq!(text(null.read(9)), b"");
        assert_eq!(null.taken(), None);
        let mut zero = stream(File::open("/dev/zero").unwrap());
        assert!(matches!(zero.read(9), Input::Opaque(_)));
    }

    #[test]
    fn a_directory_cannot_be_read() {
        let mut input = stream(File::open("/").unwrap());
        assert!(matches!(input.read(9), Input::Opaque(said) if said.contains("directory")));
        assert_eq!(input.taken(), None);
    }

    #[test]
    fn a_stand_in_for_a_closed_descriptor_is_empty() {
        let held = File::open("/dev/zero").unwrap();
        // SAFETY: `held` lives to the end of the test.
        let mut input = Stream::on(unsafe { BorrowedFd::borrow_raw(held.as_raw_fd()) });
        assert_eq!(text(input.read(9)), b"");
        assert_eq!(input.taken(), None);
    }

    #[test]
    fn a_descriptor_in_non_blocking_mode_is_waited_for() {
        let (reader, writer) = nix::unistd::pipe().unwrap();
        fcntl(&reader, FcntlArg::F_SETFL(nix::fcntl::OFlag::O_NONBLOCK)).unwrap();
        let mut input = stream(reader);
        let feeder = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            nix::unistd::write(&writer, b"late").unwrap();
        });
        assert_eq!(text(input.read(9)), b"late");
        feeder.join().unwrap();
    }
}
