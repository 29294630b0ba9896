//! A filter between a client and its server, for a session that a person
//! opened on production: redis-cli is led to a socket of the filter's, which
//! sends on what only reads (`exchange` says what) and answers the rest itself.
//!
//! The client is still the process that the caller started, so that terminal,
//! signals and exit status are its own. The filter is a process beside it, in
//! a session of its own, that ends when the client does: it holds the reading
//! end of a pipe whose other end only the client has. It keeps and writes
//! nothing; what it asks of a server, the client has asked. Where the client
//! was to speak TLS, the filter has another program speak it (`tls`).

pub mod exchange;
pub mod redirect;
mod stream;
mod tls;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::sys::stat::Mode;
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, dup2_stderr, dup2_stdin, dup2_stdout, fork, mkdtemp, setsid};

use crate::system;
use crate::target::redis::{Server, Tls};
use crate::world::World;
use exchange::Exchange;
use stream::Stream;
use tls::Speaker;

/// The most bytes of a socket's path: the kernel's 108, one of them NUL.
const MAX_PATH: usize = 107;
/// The end of a socket's name, which redis-cli's prompt shows.
const ENDING: &str = ".read-only";
/// The fewest bytes of a socket's name that tell where it leads.
const MIN_NAME: usize = 30;
/// Connections that one filter has at a time. A client has one.
const MAX_CONNECTIONS: usize = 16;
/// How much is read at a time.
const CHUNK: usize = 64 * 1024;

/// Starts a filter in front of `server`, with `tls` on the way there, and gives
/// the path of its socket.
/// Where the server is one of a `cluster`, on that host, it follows redirects.
/// This process is the client from now on: what it becomes keeps the filter
/// alive.
///
/// # Errors
/// The system will not hold a socket or start a process.
pub fn start(
    server: &Server,
    cluster: Option<&str>,
    tls: Option<&Tls>,
    world: &dyn World,
) -> io::Result<PathBuf> {
    let (folder, socket) = place(&name(server), world)?;
    let started = UnixListener::bind(&socket).and_then(|listener| {
        listener.set_nonblocking(true)?;
        let (ends, lives) = system::pipe()?;
        let speaker = tls.map(|tls| Speaker { tls, folder: &folder });
        let front = Front { server, cluster, speaker };
        beside(|| serve(&listener, &ends, &folder, &socket, front))?;
        // The client's from here on, to its end.
        fcntl(&lives, FcntlArg::F_SETFD(FdFlag::empty()))?;
        let _ = lives.into_raw_fd();
        Ok(())
    });
    match started {
        Ok(()) => Ok(socket),
        Err(error) => {
            clear(&folder, &socket);
            Err(error)
        }
    }
}

/// A name for the server's socket: letters of a file's name alone.
fn name(server: &Server) -> String {
    let text = match server {
        Server::Address(host, port) => format!("{host}:{port}"),
        Server::Socket(path) => path.trim_start_matches('/').to_owned(),
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_:".contains(letter);
    text.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect()
}

/// A folder of this account's alone, and the socket's path in it, which the
/// kernel must be able to hold.
fn place(name: &str, world: &dyn World) -> io::Result<(PathBuf, PathBuf)> {
    let named = ["XDG_RUNTIME_DIR", "TMPDIR"].map(|it| world.var(OsStr::new(it)));
    let folders = named.into_iter().flatten().chain([OsString::from("/tmp")]);
    let mut last = io::Error::from(Errno::ENAMETOOLONG);
    for folder in folders {
        let template = Path::new(&folder).join("holdpoint-XXXXXX");
        let room = MAX_PATH.saturating_sub(template.as_os_str().len() + 1);
        if room < MIN_NAME || !template.is_absolute() {
            continue;
        }
        // Only its owner may enter what mkdtemp makes.
        match mkdtemp(&template) {
            Ok(folder) => {
                let name: String = name.chars().take(room - ENDING.len()).collect();
                let socket = folder.join(format!("{name}{ENDING}"));
                return Ok((folder, socket));
            }
            Err(error) => last = error.into(),
        }
    }
    Err(last)
}

/// Runs `life` in a process that is nobody's child and on no terminal.
fn beside(life: impl FnOnce()) -> io::Result<()> {
    // Twice, so that the client has no child that it did not start.
    // SAFETY: this process has one thread, so its copy may go on as it is.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            // A caller that ignores SIGCHLD leaves nothing to wait for.
            let _ = waitpid(child, None);
            return Ok(());
        }
        ForkResult::Child => {
            // Signals of the terminal are the client's.
            let _ = setsid();
            // SAFETY: as above.
            if let Ok(ForkResult::Child) = unsafe { fork() } {
                life();
            }
        }
    }
    // SAFETY: ends this copy without running what belongs to the original
    // (buffers, exit handlers).
    unsafe { libc::_exit(0) }
}

/// What a filter stands in front of.
#[derive(Clone, Copy)]
struct Front<'a> {
    server: &'a Server,
    /// The server's host, if redirects are followed.
    cluster: Option<&'a str>,
    /// What speaks TLS on the way there.
    speaker: Option<Speaker<'a>>,
}

/// The filter's life.
fn serve(listener: &UnixListener, ends: &OwnedFd, folder: &Path, socket: &Path, front: Front<'_>) {
    // SAFETY: no handler is set that could run anything.
    let _ = unsafe { signal(Signal::SIGPIPE, SigHandler::SigIgn) };
    if alone(&[listener.as_raw_fd(), ends.as_raw_fd()]).is_ok() {
        let _ = pass(listener, ends.as_fd(), front);
    }
    clear(folder, socket);
}

/// Lets go of everything that was the caller's but these two descriptors: a
/// pipe of theirs may wait for its end.
fn alone(kept: &[i32; 2]) -> io::Result<()> {
    std::env::set_current_dir("/")?;
    let nothing = open("/dev/null", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty())?;
    dup2_stdin(&nothing)?;
    dup2_stdout(&nothing)?;
    dup2_stderr(&nothing)?;
    let last = kept.iter().copied().max().unwrap_or_default();
    for number in 3..last {
        if !kept.contains(&number) {
            // SAFETY: nobody here uses a descriptor other than the two kept.
            unsafe { libc::close(number) };
        }
    }
    let next = u32::try_from(last + 1).unwrap_or(3);
    // SAFETY: as above.
    unsafe { system::close_from(next) };
    // Closed by number above, wherever it was.
    let _ = nothing.into_raw_fd();
    Ok(())
}

fn clear(folder: &Path, socket: &Path) {
    // What is not there any more needs no clearing.
    let _ = fs::remove_file(socket);
    let _ = fs::remove_dir(folder);
}

/// One connection of the client's, and the server's side of it.
struct Connection {
    client: Stream,
    server: Option<Stream>,
    /// Where the server is.
    place: Server,
    /// Its host, for a node that is named by its port alone.
    host: String,
    exchange: Exchange,
    /// Whether the server has said its last.
    ended: bool,
}

/// Passes on between clients and the server until the client's process ends.
fn pass(listener: &UnixListener, ends: BorrowedFd<'_>, front: Front<'_>) -> io::Result<()> {
    let mut open: Vec<Connection> = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let ready = wait(listener, ends, &open)?;
        let mut ready = ready.into_iter();
        if ready.next().is_some_and(|it| !it.is_empty()) {
            return Ok(());
        }
        if ready.next().is_some_and(|it| !it.is_empty())
            && let Ok((client, _)) = listener.accept()
        {
            client.set_nonblocking(true)?;
            let client = Stream::Unix(client);
            open.push(Connection::new(client, front));
        }
        open.retain_mut(|connection| {
            let client = ready.next().unwrap_or_else(PollFlags::empty);
            let from_server = ready.next().unwrap_or_else(PollFlags::empty);
            connection.step(client, from_server, front, &mut chunk)
        });
    }
}

/// Waits until something can be done, and gives what: for the client's end,
/// the listener, and of each connection the client and the server.
fn wait(
    listener: &UnixListener,
    ends: BorrowedFd<'_>,
    open: &[Connection],
) -> io::Result<Vec<PollFlags>> {
    let hears = if open.len() < MAX_CONNECTIONS { PollFlags::POLLIN } else { PollFlags::empty() };
    let mut asked =
        vec![PollFd::new(ends, PollFlags::POLLIN), PollFd::new(listener.as_fd(), hears)];
    for connection in open {
        let exchange = &connection.exchange;
        let mut client = PollFlags::empty();
        client.set(PollFlags::POLLIN, exchange.takes_requests() && !connection.ended);
        client.set(PollFlags::POLLOUT, !exchange.to_client.is_empty());
        asked.push(PollFd::new(connection.client.as_fd(), client));
        let mut server = PollFlags::empty();
        server.set(PollFlags::POLLIN, exchange.takes_replies());
        server.set(PollFlags::POLLOUT, !exchange.to_server.is_empty());
        // One that is not there is looked at as the client's end.
        let (stream, server) = match &connection.server {
            Some(stream) if !connection.ended => (stream.as_fd(), server),
            _ => (ends, PollFlags::empty()),
        };
        asked.push(PollFd::new(stream, server));
    }
    loop {
        match poll(&mut asked, PollTimeout::NONE) {
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => break,
        }
    }
    Ok(asked.iter().map(|it| it.revents().unwrap_or_else(PollFlags::empty)).collect())
}

impl Connection {
    fn new(client: Stream, front: Front<'_>) -> Connection {
        Connection {
            client,
            server: None,
            place: front.server.clone(),
            host: front.cluster.unwrap_or_default().to_owned(),
            exchange: match front.cluster {
                Some(_) => Exchange::in_cluster(),
                None => Exchange::default(),
            },
            ended: false,
        }
    }

    /// Does what can be done now. Says whether the connection goes on.
    fn step(
        &mut self,
        client: PollFlags,
        server: PollFlags,
        front: Front<'_>,
        chunk: &mut [u8],
    ) -> bool {
        if !self.ended
            && server.intersects(PollFlags::POLLIN | PollFlags::POLLHUP | PollFlags::POLLERR)
            && let Some(stream) = &mut self.server
        {
            match receive(stream, chunk) {
                Received::Bytes(bytes) if self.exchange.from_server(bytes).is_ok() => {}
                Received::Nothing => {}
                _ => self.end(),
            }
            self.go_where_it_is_led(front.speaker);
        }
        if client.intersects(PollFlags::POLLERR | PollFlags::POLLNVAL) {
            return false;
        }
        if client.intersects(PollFlags::POLLIN | PollFlags::POLLHUP) {
            match receive(&mut self.client, chunk) {
                Received::Bytes(bytes) => self.exchange.from_client(bytes),
                Received::Nothing => {}
                Received::End => return false,
            }
        }
        if !self.exchange.to_server.is_empty() && !self.ended {
            if self.server.is_none() {
                match connect(&self.place, front.speaker) {
                    Ok(stream) => self.server = Some(stream),
                    Err(why) => self.exchange.fail(&why),
                }
            }
            if let Some(stream) = &mut self.server
                && send(stream, &mut self.exchange.to_server).is_err()
            {
                self.end();
            }
        }
        let sent = send(&mut self.client, &mut self.exchange.to_client).is_ok();
        let rests = !self.exchange.to_client.is_empty();
        sent && (rests || !(self.ended || self.exchange.is_over()))
    }

    /// Connects to the node that is said to have the answer. One that cannot
    /// be reached leaves the session where it is.
    fn go_where_it_is_led(&mut self, speaker: Option<Speaker<'_>>) {
        let Some(redirect) = self.exchange.redirect() else { return };
        let host = redirect.host.clone().unwrap_or_else(|| self.host.clone());
        let place = Server::Address(host.clone(), redirect.port);
        match connect(&place, speaker) {
            Ok(stream) => {
                self.server = Some(stream);
                self.place = place;
                self.host = host;
                self.exchange.follow();
            }
            Err(why) => self.exchange.stay(&why),
        }
    }

    /// The server has said its last. A connection that never came to be has a
    /// reason.
    fn end(&mut self) {
        self.ended = true;
        if let Some(why) = self.server.as_mut().and_then(Stream::complaint) {
            self.exchange.fail(&unreachable(&self.place, &why));
        }
    }
}

/// A connection to a server, or why there is none.
fn connect(place: &Server, speaker: Option<Speaker<'_>>) -> Result<Stream, String> {
    Stream::open(place, speaker).map_err(|error| unreachable(place, &error.to_string()))
}

/// What is said of a server that cannot be reached.
fn unreachable(place: &Server, why: &str) -> String {
    let place = match place {
        Server::Address(host, port) => format!("{host}:{port}"),
        Server::Socket(path) => path.clone(),
    };
    format!("could not connect to {place}: {why}")
}

/// What came.
enum Received<'a> {
    Bytes(&'a [u8]),
    /// Nothing yet.
    Nothing,
    /// Nothing any more.
    End,
}

fn receive<'a>(stream: &mut Stream, chunk: &'a mut [u8]) -> Received<'a> {
    match stream.read(chunk) {
        Ok(0) => Received::End,
        Ok(count) => Received::Bytes(chunk.get(..count).unwrap_or_default()),
        Err(error) if is_soon(&error) => Received::Nothing,
        Err(_) => Received::End,
    }
}

/// Sends as much as goes without waiting.
fn send(stream: &mut Stream, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut sent = 0;
    while let Some(rest) = bytes.get(sent..).filter(|rest| !rest.is_empty()) {
        match stream.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => sent += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if is_soon(&error) => break,
            Err(error) => return Err(error),
        }
    }
    bytes.drain(..sent);
    Ok(())
}

fn is_soon(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests;
