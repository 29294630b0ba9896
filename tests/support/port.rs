//! Ports for servers that have to be told theirs. One that the kernel gave out
//! and got back may be anybody's by the time the server starts; these lie below
//! those that it gives out, and this process keeps each for itself until it ends.

// Each test uses its part of this.
#![allow(dead_code)]

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Mutex;

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
        let listens = |address: &str| {
            TcpListener::bind((address, port))
                .is_err_and(|error| error.kind() == ErrorKind::AddrInUse)
        };
        if !listens("0.0.0.0") && !listens("::") {
            KEPT.lock().expect("no holder panics").push(mark);
            return port;
        }
    }
    panic!("every port is taken");
}

/// Whether somebody listens on a port of 127.0.0.1.
pub fn is_open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}
