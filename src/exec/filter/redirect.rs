//! What a filter in front of a cluster knows: where a node says that an answer
//! is to be had, which requests wait meanwhile, and what a session has set and
//! the next node must be told first. Bytes in, values out; nothing is sent or
//! received here.

use std::collections::VecDeque;

use crate::parse::resp::Reply;

/// How often one request is led on. redis-cli 7.0.15 knows no end.
pub const MAX_FOLLOWED: usize = 16;
/// The most bytes of a host's name.
const MAX_HOST: usize = 255;

/// A node's word that another one has the answer (`-MOVED`, `-ASK`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// The other's host; none where it is the one that says so.
    pub host: Option<String>,
    /// The other's port.
    pub port: u16,
    /// Whether it answers this one request only, and wants to be told so.
    pub asks: bool,
}

impl Redirect {
    /// Reads an error's line, as Redis 7.0.15 writes it: what stands behind
    /// the last colon is the port, so that an IPv6 address needs no brackets.
    pub fn read(line: &[u8]) -> Option<Redirect> {
        let text = std::str::from_utf8(line).ok()?.strip_suffix("\r\n")?;
        let mut words = text.split(' ');
        let asks = match words.next()? {
            "-MOVED" => false,
            "-ASK" => true,
            _ => return None,
        };
        words.next()?.parse::<u16>().ok()?;
        let (host, port) = words.next()?.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port > 0)?;
        if words.next().is_some() || host.len() > MAX_HOST {
            return None;
        }
        let host = Some(host.to_owned()).filter(|host| !host.is_empty());
        Some(Redirect { host, port, asks })
    }
}

/// One request of the client's.
#[derive(Debug)]
pub struct Request {
    /// Its words.
    pub words: Vec<Vec<u8>>,
    /// Whether it makes sense on its own connection only: it belongs to a
    /// transaction, or something is monitored there.
    pub stays: bool,
}

/// A connection to a cluster, one node at a time.
#[derive(Debug, Default)]
pub struct Cluster {
    /// What the session has set on its connection.
    pub settings: Settings,
    /// Requests that wait for the answers to those in front of them: only one
    /// is on its way, so that none overtakes one that is led on.
    waiting: VecDeque<Request>,
    /// The bytes of those.
    pub size: usize,
    /// The one that is on its way.
    pub asked: Option<Request>,
    /// How often it was led on.
    pub followed: usize,
    /// Where it is to be sent next.
    pub redirect: Option<Redirect>,
}

impl Cluster {
    /// Takes a request that is to be sent.
    pub fn push(&mut self, request: Request) {
        self.size += size(&request);
        self.waiting.push_back(request);
    }

    /// The next request, if none is on its way: it is from now on.
    pub fn next_request(&mut self) -> Option<&Request> {
        if self.asked.is_some() {
            return None;
        }
        let next = self.waiting.pop_front()?;
        self.size = self.size.saturating_sub(size(&next));
        self.followed = 0;
        Some(self.asked.insert(next))
    }

    /// Takes the answer to the request that is on its way.
    pub fn answered(&mut self, reply: &Reply) {
        if let Some(asked) = self.asked.take() {
            self.settings.note(&asked.words, reply);
        }
    }

    /// Forgets what was to be sent.
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.size = 0;
        self.asked = None;
        self.redirect = None;
    }
}

fn size(request: &Request) -> usize {
    request.words.iter().map(Vec::len).sum()
}

/// What a session has set on its connection, as the server has confirmed it:
/// what redis-cli says to each new node (who it is, the database, the
/// protocol), be it from its words or typed.
#[derive(Debug, Default)]
pub struct Settings {
    login: Option<Vec<Vec<u8>>>,
    protocol: Option<Vec<u8>>,
    database: Option<Vec<u8>>,
}

impl Settings {
    /// Takes a request and its answer.
    fn note(&mut self, words: &[Vec<u8>], reply: &Reply) {
        let done = reply.kind == b'+' && reply.head == b"OK";
        let is = |name: &str| {
            words.first().is_some_and(|first| first.eq_ignore_ascii_case(name.as_bytes()))
        };
        if is("auth") && done {
            self.login = Some(words.to_vec());
        } else if is("select") && done {
            self.database = words.get(1).cloned();
        } else if is("hello") && matches!(reply.kind, b'*' | b'%') {
            self.protocol = words.get(1).cloned().or(self.protocol.take());
            self.login = login(words).or(self.login.take());
        } else if is("reset") && reply.head == b"RESET" {
            *self = Settings::default();
        }
    }

    /// The requests that set the same on a new connection, in their order.
    pub fn requests(&self) -> Vec<Vec<Vec<u8>>> {
        let with = |name: &str, value: &Vec<u8>| vec![name.as_bytes().to_vec(), value.clone()];
        let protocol = self.protocol.iter().map(|version| with("HELLO", version));
        let database = self.database.iter().map(|number| with("SELECT", number));
        self.login.iter().cloned().chain(protocol).chain(database).collect()
    }
}

/// The AUTH that a HELLO holds: `HELLO 3 AUTH user password SETNAME name`.
fn login(words: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let at = match words.get(2)? {
        word if word.eq_ignore_ascii_case(b"auth") => 2,
        word if word.eq_ignore_ascii_case(b"setname") => 4,
        _ => return None,
    };
    let login = words.get(at..at + 3)?;
    login.first()?.eq_ignore_ascii_case(b"auth").then(|| login.to_vec())
}

#[cfg(test)]
mod tests;
