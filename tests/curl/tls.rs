//! A TLS server for one client, by OpenSSL's own test server.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::port;

/// A TLS server for one client, by OpenSSL's own test server: what the client
/// sends comes out decrypted.
pub struct TlsServer {
    child: Child,
    /// Where it listens.
    pub port: u16,
}

impl TlsServer {
    /// Starts one, with a certificate of its own in `dir`.
    pub fn start(dir: &Path) -> TlsServer {
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=backboard.railway.app", "-keyout", "key.pem", "-out", "cert.pem"])
            .current_dir(dir)
            .stderr(Stdio::null())
            .status()
            .expect("openssl is installed (apt: openssl)");
        assert!(made.success());
        let port = port::free();
        let mut child = Command::new("openssl")
            .args(["s_server", "-quiet", "-naccept", "1", "-cert", "cert.pem", "-key", "key.pem"])
            .args(["-accept", &format!("127.0.0.1:{port}")])
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        child.stdin.as_mut().unwrap().write_all(answer).unwrap();
        TlsServer { child, port }
    }

    /// Everything that the client sent.
    pub fn received(mut self) -> String {
        let mut text = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        let _ = self.child.wait();
        text
    }
}
