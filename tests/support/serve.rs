//! A listener of the test's own process: each client gets a thread, for as long
//! as the process lives. What it is answered is for each server to say.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::spawn;

/// Has `answer` deal with whoever connects to a free port of `host`, an address
/// of the loopback.
pub fn serve(host: &str, answer: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind((host, 0)).expect("a loopback port is free");
    let address = listener.local_addr().expect("a listener has an address");
    let answer = Arc::new(answer);
    spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            spawn(move || answer(stream));
        }
    });
    address
}
