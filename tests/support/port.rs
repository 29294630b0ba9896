//! Ports for servers that have to be told theirs. One that the kernel gave out
//! and got back may be anybody's by the time the server starts; these lie below
//! those that it gives out, and this process keeps each for itself until it ends.

// Each test uses its part of this.
#![allow(dead_code)]

use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Mutex;

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrStorage, bind, setsockopt, socket, sockopt,
};

/// None of them is one by which a tool is known.
const FIRST: u16 = 18_000;
const COUNT: u16 = 8_000;

/// A port of the loopback that nobody listens on, and no other test will.
pub fn free() -> u16 {
    // A name that one process in the network can have: the kernel takes it back
    // however the process ends.
    static KEPT: Mutex<Vec<UnixDatagram>> = Mutex::new(Vec::new());
    let from = std::process::id() % u32::from(COUNT);
    let from = u16::try_from(from).expect("less than COUNT");
    for port in (0..COUNT).map(|at| FIRST + (from + at) % COUNT) {
        let name = SocketAddr::from_abstract_name(format!("holdpoint's test on port {port}"));
        let Ok(mark) = UnixDatagram::bind_addr(&name.expect("a name")) else { continue };
        let port_of = |address: &str| format!("{address}:{port}").parse().expect("an address");
        if !is_taken(port_of("0.0.0.0")) && !is_taken(port_of("[::]")) {
            KEPT.lock().expect("no holder panics").push(mark);
            return port;
        }
    }
    panic!("every port is taken");
}

/// Whether somebody listens there. It is asked for without listening: a program
/// that another test starts meanwhile has this socket until it is itself, and
/// would answer for the server.
fn is_taken(address: std::net::SocketAddr) -> bool {
    let family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let flags = SockFlag::SOCK_CLOEXEC;
    let Ok(socket) = socket(family, SockType::Stream, flags, None) else { return false };
    setsockopt(&socket, sockopt::ReuseAddr, &true).expect("it is a socket");
    bind(socket.as_raw_fd(), &SockaddrStorage::from(address)) == Err(Errno::EADDRINUSE)
}

/// Whether somebody listens on a port of 127.0.0.1.
pub fn is_open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}
