//! TLS between the filter and a server: `openssl s_client` speaks it, with the
//! library that redis-cli would speak it with, and what it was told to verify
//! is in its words. The connection itself is the filter's own, as without TLS;
//! s_client gets at it by a socket in the filter's folder, which is gone once
//! it has come. Holds no certificate and no key, and decides nothing.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{Shutdown, shutdown};
use std::os::fd::AsRawFd;

use crate::parse::openssl;
use crate::target::redis::Tls;

/// How long s_client may take to read its files and to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of what it says on standard error that are looked at.
const SAID: u64 = 16 * 1024;
/// The name of its socket in the filter's folder.
const NAME: &str = "tls";
/// The password, which is no business of s_client's.
const SECRET: &str = "REDISCLI_AUTH";

/// What speaks TLS, and the folder in which it meets the filter.
#[derive(Clone, Copy)]
pub(super) struct Speaker<'a> {
    pub tls: &'a Tls,
    pub folder: &'a Path,
}

/// A connection through TLS, seen from its clear side.
pub(super) struct Secured {
    speaker: Child,
    clear: UnixStream,
    says: UnixStream,
    /// Whether anything has come from the server.
    heard: bool,
}

impl Speaker<'_> {
    /// Puts TLS on a connection, which is ready to be written to before the
    /// server has answered.
    ///
    /// # Errors
    /// s_client does not start, or ends before it has come; then with what it
    /// said.
    pub(super) fn secure(self, connection: OwnedFd) -> io::Result<Secured> {
        let place = self.folder.join(NAME);
        let listener = UnixListener::bind(&place)?;
        let met = self.start(&place).and_then(|mut secured| {
            let coming = secured.comes(&listener)?;
            carry_both(File::from(connection), File::from(OwnedFd::from(coming)))?;
            Ok(secured)
        });
        // What is not there any more needs no clearing.
        let _ = fs::remove_file(&place);
        met
    }

    fn start(self, place: &Path) -> io::Result<Secured> {
        let (clear, inside) = UnixStream::pair()?;
        let (says, said) = UnixStream::pair()?;
        clear.set_nonblocking(true)?;
        says.set_nonblocking(true)?;
        let mut command = Command::new(&self.tls.program);
        command.args(&self.tls.words).arg("-unix").arg(place).env_remove(SECRET);
        command
            .current_dir(&self.tls.folder)
            .stdin(OwnedFd::from(inside.try_clone()?))
            .stdout(OwnedFd::from(inside));
        command.stderr(Stdio::from(OwnedFd::from(said)));
        let speaker = command.spawn()?;
        Ok(Secured { speaker, clear, says, heard: false })
    }
}

impl Secured {
    /// Waits until s_client comes for its connection.
    fn comes(&mut self, listener: &UnixListener) -> io::Result<UnixStream> {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            let mut asked = [
                PollFd::new(listener.as_fd(), PollFlags::POLLIN),
                PollFd::new(self.clear.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut asked, left) {
                Err(Errno::EINTR) => continue,
                Err(error) => return Err(error.into()),
                Ok(_) => {}
            }
            let [comes, ends] = asked;
            if comes.any().unwrap_or_default() {
                return listener.accept().map(|(stream, _)| stream);
            }
            if ends.any().unwrap_or_default() || left == PollTimeout::ZERO {
                let why = self.complaint().unwrap_or_default();
                return Err(io::Error::other(why));
            }
        }
    }

    /// Why nothing at all came from the server. s_client has ended, or is
    /// ended here.
    pub(super) fn complaint(&mut self) -> Option<String> {
        if self.heard {
            return None;
        }
        self.end();
        let mut said = Vec::new();
        // Up to its end, or to where it would have to be waited for.
        let _ = (&self.says).take(SAID).read_to_end(&mut said);
        Some(openssl::why(&String::from_utf8_lossy(&said)))
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.speaker.kill();
        let _ = self.speaker.wait();
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        self.end();
    }
}

/// Carries bytes in both directions until one of them ends, and then ends
/// both.
fn carry_both(one: File, other: File) -> io::Result<()> {
    let back = (other.try_clone()?, one.try_clone()?);
    for (from, to) in [(one, other), back] {
        thread::Builder::new().spawn(move || {
            // However it ends, the connection has ended.
            let _ = io::copy(&mut &from, &mut &to);
            for end in [&from, &to] {
                let _ = shutdown(end.as_raw_fd(), Shutdown::Both);
            }
        })?;
    }
    Ok(())
}

impl AsFd for Secured {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.clear.as_fd()
    }
}

impl Read for Secured {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.clear.read(buffer)?;
        self.heard |= count > 0;
        Ok(count)
    }
}

impl Write for Secured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.clear.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
