//! Where redis-cli connects: its words from left to right, the last of each
//! field counting; a socket over host and port. Gives evidence, never a class
//! beyond "this is this machine".

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

use super::{Class, Evidence, Kind, Target};
use crate::parse::url::{self, is_loopback};

/// A server that a filter can stand in front of.
#[derive(Clone, Debug, PartialEq)]
pub enum Server {
    /// A host and a port.
    Address(String, u16),
    /// A socket's path.
    Socket(String),
}

/// TLS in front of a server, as the client's words ask for it, and the program
/// that speaks it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tls {
    /// The `openssl` program.
    pub program: PathBuf,
    /// The words of its `s_client`, all but those that say where to connect.
    pub words: Vec<OsString>,
    /// The directory that it runs in, the client's: variables may name files
    /// from there.
    pub folder: PathBuf,
}

/// The beginnings of a server's URL; letters count in either case (redis-cli
/// 7.0.15; the last two are valkey-cli's, by its source).
const SCHEMES: [&str; 4] = ["redis://", "rediss://", "valkey://", "valkeys://"];

/// The port that redis-cli takes if nothing names one.
const PORT: u16 = 6379;

/// Where a connection goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The host, and what said so.
    pub host: (String, Cow<'static, str>),
    /// The port, if something said so.
    pub port: Option<(String, Cow<'static, str>)>,
    /// The socket's path.
    pub socket: Option<String>,
    /// The database's number.
    pub database: Option<(String, Cow<'static, str>)>,
    /// Why some of it is not known: a clause.
    pub gap: Option<String>,
}

impl Default for Place {
    fn default() -> Place {
        Place {
            host: ("127.0.0.1".to_owned(), Cow::Borrowed("redis-cli's default")),
            port: None,
            socket: None,
            database: None,
            gap: None,
        }
    }
}

impl Place {
    /// Takes what a `redis://` URL says.
    pub fn take_url(&mut self, text: &str, source: &'static str) {
        let starts = |scheme: &&str| {
            text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        let known = SCHEMES.iter().any(starts);
        let Some(url) = url::parse(text).filter(|_| known) else {
            self.gap = Some("its URL cannot be read".to_owned());
            return;
        };
        self.host = (url.host.clone(), source.into());
        if let Some(port) = url.port {
            self.port = Some((port.to_string(), source.into()));
        }
        let database = url.path.trim_start_matches('/');
        if !database.is_empty() {
            self.database = Some((database.to_owned(), source.into()));
        }
    }

    /// The server, if all of it is known.
    pub fn server(&self) -> Option<Server> {
        if self.gap.is_some() {
            return None;
        }
        if let Some(path) = &self.socket {
            return Some(Server::Socket(path.clone()));
        }
        let port = match &self.port {
            Some((port, _)) => port.parse().ok()?,
            None => PORT,
        };
        let host = &self.host.0;
        (!host.is_empty() && port > 0).then(|| Server::Address(host.clone(), port))
    }

    /// The target, with the evidence.
    pub fn target(&self) -> Target {
        let mut target = Target::of("redis");
        target.gap = self.gap.clone();
        let (host, source) = &self.host;
        match &self.socket {
            Some(path) => {
                let socket = Evidence::name(Kind::Socket, "-s", path.clone());
                target.evidence.push(socket.asserting(Class::Local));
                target.name = Some(path.clone());
            }
            None => {
                let evidence = Evidence::name(Kind::Host, source.clone(), host.clone());
                let local = is_loopback(host);
                target.evidence.push(if local {
                    evidence.asserting(Class::Local)
                } else {
                    evidence
                });
                target.name = Some(host.clone());
            }
        }
        for (kind, value) in [(Kind::Port, &self.port), (Kind::Database, &self.database)] {
            if let Some((value, source)) = value {
                target.evidence.push(Evidence::name(kind, source.clone(), value.clone()));
            }
        }
        target
    }
}
