//! What lsof and ps print, taken apart: who holds which socket, and with which
//! words a program was started. Text in, values out; asks nobody. Checked
//! against lsof 4.95.0 (`-F`) and procps 4.0.2 on Linux; macOS's lsof 4.91 is
//! of the same sources and documents the same fields.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;

use crate::world::Process;

/// The most sockets and processes that are taken over.
const MAX_SOCKETS: usize = 10_000;

/// The most words of a command line.
const MAX_WORDS: usize = 64;

/// The fields to ask lsof for: process, parent, name, account, descriptor,
/// type, state and address.
pub const FIELDS: &str = "-FpRcuftTn";

/// A socket that a process holds, as lsof tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The process, without its words.
    pub process: Process,
    /// The address that it is bound to; none for a unix socket.
    pub address: Option<IpAddr>,
    /// The port that it is bound to; none for a unix socket.
    pub port: Option<u16>,
    /// The path that a unix socket was bound to.
    pub path: Option<PathBuf>,
}

/// The sockets in what lsof prints with [`FIELDS`]: TCP sockets that listen,
/// and unix sockets. One that says of itself that it does not listen is left
/// out; macOS's lsof says nothing of that.
pub fn sockets(text: &str) -> Vec<Held> {
    let mut found: Vec<Held> = Vec::new();
    let mut process = Process::default();
    let mut file = File::default();
    let mut take = |file: &mut File<'_>, process: &Process| {
        let held = std::mem::take(file).held(process);
        found.extend(held.filter(|_| found.len() < MAX_SOCKETS));
    };
    for line in text.lines() {
        let Some((field, value)) = line.split_at_checked(1) else { continue };
        match field {
            "p" => {
                take(&mut file, &process);
                process = Process { pid: value.parse().unwrap_or(0), ..Process::default() };
            }
            "f" => take(&mut file, &process),
            "R" => process.ppid = value.parse().unwrap_or(0),
            "u" => process.uid = value.parse().unwrap_or(0),
            "c" => value.clone_into(&mut process.comm),
            "t" => file.kind = value,
            "n" => file.name = Some(value),
            "T" => file.state = value.strip_prefix("ST=").or(file.state),
            _ => {}
        }
    }
    take(&mut file, &process);
    found
}

/// What lsof said of one descriptor so far.
#[derive(Default)]
struct File<'a> {
    kind: &'a str,
    name: Option<&'a str>,
    state: Option<&'a str>,
}

impl File<'_> {
    fn held(self, process: &Process) -> Option<Held> {
        let name = self.name.filter(|_| process.pid > 0)?;
        if self.state.is_some_and(|state| !state.starts_with("LISTEN")) {
            return None;
        }
        let held = Held { process: process.clone(), ..Held::default() };
        if self.kind == "unix" {
            // Linux's lsof adds what kind of socket it is.
            let path = name.split_once(" type=").map_or(name, |(path, _)| path);
            return Some(Held { path: Some(path.into()), ..held });
        }
        let (host, port) = name.rsplit_once(':')?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let address = match (self.kind, host) {
            ("IPv4", "*") => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            ("IPv6", "*") => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            // A scope behind an address says which interface.
            _ => host.split('%').next()?.parse().ok()?,
        };
        Some(Held { address: Some(address), port: Some(port.parse().ok()?), ..held })
    }
}

/// The processes in what `ps -o pid= -o ppid= -o uid= -o command=` prints. How
/// the words were parted is not told: spaces part them here, but for those in
/// a JSON object, as Amazon's session plugin takes one.
pub fn processes(text: &str) -> Vec<Process> {
    let found = text.lines().filter_map(|line| {
        let mut rest = line;
        let mut number = || {
            let (field, behind) = rest.trim_start().split_once(' ')?;
            rest = behind;
            Some(field)
        };
        let pid = number()?.parse().ok()?;
        let ppid = number()?.parse().ok()?;
        let uid = number()?.parse().ok()?;
        Some(Process { pid, ppid, uid, cmdline: words(rest.trim()), ..Process::default() })
    });
    found.take(MAX_SOCKETS).collect()
}

fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut depth = 0usize;
    for word in line.split(' ') {
        let (open, close) = (word.matches(['{', '[']).count(), word.matches(['}', ']']).count());
        match words.last_mut().filter(|_| depth > 0) {
            Some(last) => {
                last.push(' ');
                last.push_str(word);
                depth = (depth + open).saturating_sub(close);
            }
            None if word.is_empty() => {}
            None => {
                if words.len() == MAX_WORDS {
                    break;
                }
                words.push(word.to_owned());
                depth = if word.starts_with('{') { open.saturating_sub(close) } else { 0 };
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_sockets_are_told_with_their_holders() {
        let found = sockets(
            "p946\nR941\ncpython3\nu501\nf3\ntIPv4\nn127.0.0.1:5433\nTST=LISTEN\nTQR=0\n\
             f4\ntIPv6\nn*:5433\nTST=LISTEN\nf5\ntIPv4\nn127.0.0.1:5433->127.0.0.1:9\n\
             TST=ESTABLISHED\np947\nR1\ncssh\nu0\nf5\ntIPv6\nn[::1]:5433\nf6\ntIPv6\n\
             n[fe80:1::1%lo0]:5433\n",
        );
        let told: Vec<(i32, i32, u32, &str, String)> = found
            .iter()
            .map(|held| {
                let address = held.address.map(|address| address.to_string()).unwrap_or_default();
                let process = &held.process;
                (process.pid, process.ppid, process.uid, &*process.comm, address)
            })
            .collect();
        assert_eq!(
            told,
            [
                (946, 941, 501, "python3", "127.0.0.1".to_owned()),
                (946, 941, 501, "python3", "::".to_owned()),
                (947, 1, 0, "ssh", "::1".to_owned()),
                (947, 1, 0, "ssh", "fe80:1::1".to_owned()),
            ]
        );
        assert!(found.iter().all(|held| held.port == Some(5433)));
    }

    #[test]
    fn unix_sockets_have_no_address() {
        let linux = "p9\nR1\ncsocat\nu0\nf5\ntunix\nn/tmp/s type=STREAM\nTST=LISTEN\n\
                     f6\ntunix\nn/tmp/s type=STREAM\nTST=CONNECTED\n";
        let mac = "p9\nR1\ncsocat\nu0\nf5\ntunix\nn/tmp/s\n";
        for text in [linux, mac] {
            let found = sockets(text);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].process.pid, found[0].address, found[0].port), (9, None, None));
            assert_eq!(found[0].path, Some("/tmp/s".into()));
        }
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        for text in ["", "\n", "p\nf\nn", "pX\nf1\ntIPv4\nn*:1", "p1\nf1\ntIPv4\nnx", "é\nü"] {
            assert_eq!(sockets(text), [], "{text:?}");
        }
        let many = "f1\ntunix\nnx\n".repeat(2 * MAX_SOCKETS);
        assert_eq!(sockets(&format!("p1\n{many}")).len(), MAX_SOCKETS);
    }

    #[test]
    fn processes_have_their_words() {
        let found = processes(
            "    7     1   501 ssh -N -L 5433:db.internal:5432 prod-bastion\n\
             \x20  8     7     0 session-manager-plugin {\"Target\": \"i-1\", \"a\": [1, 2]} eu StartSession\n\
             \x20  9     7     0 postgres: ana shop [local] idle\nbroken\n 1 2\n",
        );
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].pid, found[0].ppid, found[0].uid), (7, 1, 501));
        assert_eq!(found[0].cmdline.last().unwrap(), "prod-bastion");
        assert_eq!(found[1].cmdline[1], "{\"Target\": \"i-1\", \"a\": [1, 2]}");
        assert_eq!(found[1].cmdline[3], "StartSession");
        assert_eq!(found[2].cmdline, ["postgres:", "ana", "shop", "[local]", "idle"]);
        assert_eq!(processes(&format!("1 2 3 {}", "a ".repeat(200)))[0].cmdline.len(), MAX_WORDS);
    }
}
