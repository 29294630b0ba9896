//! Connections to a server, by its host and port or through a socket, with or
//! without TLS on the way. Nothing is read or written here but what the caller
//! asks for.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::tls::{Secured, Speaker};
use crate::target::redis::Server;

/// How long one of a server's addresses may take to answer.
const CONNECT: Duration = Duration::from_secs(10);
/// How soon an idle connection is kept alive, as redis-cli keeps its own.
#[cfg(target_os = "linux")]
const KEEP_ALIVE: u32 = 15;

/// A connection to a server.
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    Tls(Secured),
}

impl Stream {
    /// Connects, through TLS if there is a speaker of it, and waits no more
    /// from then on.
    ///
    /// # Errors
    /// None of its addresses answers, or the speaker does not start.
    pub(super) fn open(server: &Server, speaker: Option<Speaker<'_>>) -> io::Result<Stream> {
        Ok(match (server, speaker) {
            (Server::Socket(path), None) => {
                let stream = UnixStream::connect(path)?;
                stream.set_nonblocking(true)?;
                Stream::Unix(stream)
            }
            (Server::Address(host, port), None) => {
                let stream = connect(host, *port)?;
                stream.set_nonblocking(true)?;
                Stream::Tcp(stream)
            }
            (Server::Socket(path), Some(speaker)) => {
                Stream::Tls(speaker.secure(UnixStream::connect(path)?.into())?)
            }
            (Server::Address(host, port), Some(speaker)) => {
                Stream::Tls(speaker.secure(connect(host, *port)?.into())?)
            }
        })
    }

    /// Why nothing ever came from the server, where that can be told. The
    /// connection is over then.
    pub(super) fn complaint(&mut self) -> Option<String> {
        match self {
            Stream::Tls(stream) => stream.complaint(),
            Stream::Tcp(_) | Stream::Unix(_) => None,
        }
    }
}

fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    // IPv4 first, as redis-cli has it.
    let mut all: Vec<SocketAddr> = (host, port).to_socket_addrs()?.collect();
    all.sort_by_key(SocketAddr::is_ipv6);
    let mut last = io::Error::other("its name leads nowhere");
    let opened = all.iter().find_map(|address| {
        TcpStream::connect_timeout(address, CONNECT).map_err(|error| last = error).ok()
    });
    let stream = opened.ok_or(last)?;
    stream.set_nodelay(true)?;
    keep_alive(&stream)?;
    Ok(stream)
}

/// What a network drops for being idle would end the session.
fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt};
    setsockopt(stream, sockopt::KeepAlive, &true)?;
    #[cfg(target_os = "linux")]
    {
        setsockopt(stream, sockopt::TcpKeepIdle, &KEEP_ALIVE)?;
        setsockopt(stream, sockopt::TcpKeepInterval, &(KEEP_ALIVE / 3))?;
        setsockopt(stream, sockopt::TcpKeepCount, &3)?;
    }
    Ok(())
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Stream::Tcp(stream) => stream.as_fd(),
            Stream::Unix(stream) => stream.as_fd(),
            Stream::Tls(stream) => stream.as_fd(),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.read(buffer),
            Stream::Unix(stream) => stream.read(buffer),
            Stream::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.write(bytes),
            Stream::Unix(stream) => stream.write(bytes),
            Stream::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
