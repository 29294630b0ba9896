//! Who listens on a port or a socket of this machine where there is no /proc,
//! as on macOS: lsof is asked, and ps for the words of whoever it names. Both
//! are the system's own programs, by their paths, in an emptied environment.
//! Without root, lsof tells of the account's own programs alone: that it shows
//! nobody does not mean that nobody listens.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::child::{self, Bounds};
use super::listeners::{MAX_LISTENERS, is_same};
use crate::parse::lsof::{self, Held};
use crate::world::{Endpoint, Listener};

/// Where the system keeps its programs: macOS, Linux.
const FOLDERS: [&str; 4] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// The longest that each may take, and the most that it may say.
const BOUNDS: Bounds = Bounds { patience: Duration::from_secs(10), bytes: 1 << 20 };

/// See [`crate::world::World::listeners`].
///
/// # Errors
/// Says why nobody can be named, which includes that lsof shows nobody.
pub fn at(endpoint: &Endpoint) -> Result<Vec<Listener>, String> {
    let mut ask = system("lsof")?;
    // No names for numbers, no warnings, no more than the kernel knows.
    ask.args(["-n", "-P", "-w", lsof::FIELDS, "-a"]);
    match endpoint {
        Endpoint::Port(port) => {
            ask.arg(format!("-iTCP:{port}")).arg("-sTCP:LISTEN");
        }
        // All of them: lsof 4.95.0, given a path, shows others too, and knows
        // no second name of it.
        Endpoint::Socket(_) => {
            ask.arg("-U");
        }
    }
    // Its status says only whether it found any.
    let answer = child::ask(ask, "lsof", b"", BOUNDS)?;
    let mut held = lsof::sockets(&String::from_utf8_lossy(&answer.out));
    if let Endpoint::Socket(path) = endpoint {
        held.retain(|held| held.path.as_deref().is_some_and(|bound| is_bound(bound, path)));
    }
    held.truncate(MAX_LISTENERS);
    if held.is_empty() {
        return Err("lsof shows nobody who listens there".to_owned());
    }
    Ok(listeners(held))
}

/// Whether a socket of this name is the one at `path`. Whose folder a relative
/// name is in, nobody says: there the last part counts.
fn is_bound(bound: &Path, path: &Path) -> bool {
    bound.file_name() == path.file_name() && (bound.is_relative() || is_same(bound, path))
}

/// A program of the system's, not of PATH's.
fn system(name: &str) -> Result<Command, String> {
    let file: PathBuf = FOLDERS
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|file| file.is_file())
        .ok_or_else(|| format!("there is no {name}"))?;
    let mut command = Command::new(file);
    command.env_clear().env("LC_ALL", "C");
    Ok(command)
}

/// The sockets, each with everybody who holds it, with their words.
fn listeners(held: Vec<Held>) -> Vec<Listener> {
    let words = words(&held);
    let mut found: Vec<Listener> = Vec::new();
    for Held { mut process, address, .. } in held {
        if let Some((_, cmdline)) = words.iter().find(|(pid, _)| *pid == process.pid) {
            process.cmdline.clone_from(cmdline);
        }
        let same = |one: &&mut Listener| one.address == address && one.uid == process.uid;
        match found.iter_mut().find(same) {
            Some(one) if one.processes.contains(&process) => {}
            Some(one) => one.processes.push(process),
            None => {
                found.push(Listener { address, uid: process.uid, processes: vec![process] });
            }
        }
    }
    found
}

/// The words of each, as far as ps tells.
fn words(held: &[Held]) -> Vec<(i32, Vec<String>)> {
    let Ok(mut ask) = system("ps") else { return Vec::new() };
    // One option a column: in POSIX, what follows a `=` is all a heading.
    ask.args(["-ww", "-o", "pid=", "-o", "ppid=", "-o", "uid=", "-o", "command=", "-p"]);
    let pids: Vec<String> = held.iter().map(|held| held.process.pid.to_string()).collect();
    ask.arg(pids.join(","));
    let Ok(answer) = child::ask(ask, "ps", b"", BOUNDS) else { return Vec::new() };
    let found = lsof::processes(&String::from_utf8_lossy(&answer.out));
    found.into_iter().map(|process| (process.pid, process.cmdline)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_named_is_an_error_and_not_an_empty_place() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        for place in [Endpoint::Port(free), Endpoint::Socket("/nowhere/-x".into())] {
            let said = at(&place).unwrap_err();
            assert_eq!(said, "lsof shows nobody who listens there");
        }
        assert_eq!(system("no-such-program").unwrap_err(), "there is no no-such-program");
    }
}
