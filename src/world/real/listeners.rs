//! Who listens on a port or a socket of this machine, from /proc: the tables
//! of sockets, which every account may read, and the descriptors of processes,
//! which only their owner may.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use super::processes;
use crate::world::{Endpoint, Listener, Process};

/// The longest table that is read, in bytes.
const MAX_TABLE: u64 = 16 * 1024 * 1024;

/// How many sockets of one place, processes, and descriptors of one process
/// are looked at.
pub(super) const MAX_LISTENERS: usize = 16;
const MAX_PROCESSES: usize = 10_000;
const MAX_DESCRIPTORS: usize = 10_000;

/// A line of a table.
#[derive(Debug, PartialEq)]
struct Row {
    address: Option<IpAddr>,
    uid: u32,
    inode: u64,
    /// A unix socket's path, as it was bound.
    path: Option<PathBuf>,
}

/// See [`crate::world::World::listeners`].
///
/// # Errors
/// There is no /proc.
pub fn at(endpoint: &Endpoint) -> Result<Vec<Listener>, String> {
    let mut rows: Vec<Row> = match endpoint {
        Endpoint::Port(port) => {
            let mut rows = tcp(&read("/proc/net/tcp")?, *port);
            // A kernel without IPv6 has no such table.
            rows.extend(read("/proc/net/tcp6").iter().flat_map(|text| tcp(text, *port)));
            rows
        }
        Endpoint::Socket(path) => unix(&read("/proc/net/unix")?, path),
    };
    rows.truncate(MAX_LISTENERS);
    let holders = holders(&rows);
    let listeners = rows.into_iter().filter_map(|row| {
        let pids: Vec<i32> =
            holders.iter().filter(|(inode, _)| *inode == row.inode).map(|(_, pid)| *pid).collect();
        // A relative path is one of the process's own folder.
        if let (Endpoint::Socket(path), Some(bound)) = (endpoint, &row.path)
            && bound.is_relative()
            && !pids.iter().any(|pid| is_bound_there(*pid, bound, path))
        {
            return None;
        }
        let processes: Vec<Process> = pids.into_iter().filter_map(processes::read).collect();
        Some(Listener { address: row.address, uid: row.uid, processes })
    });
    Ok(listeners.collect())
}

fn read(path: &str) -> Result<String, String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let file = fs::File::open(path);
    file.and_then(|file| file.take(MAX_TABLE).read_to_end(&mut bytes))
        .map_err(|error| format!("{path}: {error}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Which processes hold which of the sockets.
fn holders(rows: &[Row]) -> Vec<(u64, i32)> {
    let mut found = Vec::new();
    if rows.is_empty() {
        return found;
    }
    let Ok(entries) = fs::read_dir("/proc") else { return found };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    for pid in pids.take(MAX_PROCESSES) {
        let pid: i32 = pid;
        let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { continue };
        for descriptor in descriptors.flatten().take(MAX_DESCRIPTORS) {
            let Ok(link) = fs::read_link(descriptor.path()) else { continue };
            let inode = link
                .to_str()
                .and_then(|link| link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
            if let Some(inode) = inode
                && rows.iter().any(|row| row.inode == inode)
                && !found.contains(&(inode, pid))
            {
                found.push((inode, pid));
            }
        }
    }
    found
}

fn is_bound_there(pid: i32, bound: &Path, path: &Path) -> bool {
    let folder = fs::read_link(format!("/proc/{pid}/cwd"));
    folder.is_ok_and(|folder| is_same(&folder.join(bound), path))
}

pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    one == other
        || fs::canonicalize(one)
            .is_ok_and(|one| fs::canonicalize(other).is_ok_and(|other| one == other))
}

/// The rows of /proc/net/tcp and tcp6 that listen (state 0A) on a port.
fn tcp(text: &str, port: u16) -> Vec<Row> {
    let rows = text.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().take(10).collect();
        let [_, local, _, "0A", _, _, _, uid, _, inode] = fields.as_slice() else { return None };
        let (address, at) = local.split_once(':')?;
        if u16::from_str_radix(at, 16).ok()? != port {
            return None;
        }
        Some(Row {
            address: Some(parse_address(address)?),
            uid: uid.parse().ok()?,
            inode: inode.parse().ok()?,
            path: None,
        })
    });
    rows.collect()
}

/// An address as the kernel prints it: 32-bit words of the machine's own order.
fn parse_address(text: &str) -> Option<IpAddr> {
    let word = |from: usize| -> Option<[u8; 4]> {
        Some(u32::from_str_radix(text.get(from..from + 8)?, 16).ok()?.to_ne_bytes())
    };
    match text.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?))),
        32 => {
            let mut bytes = [0; 16];
            for (at, chunk) in bytes.chunks_mut(4).enumerate() {
                chunk.copy_from_slice(&word(at * 8)?);
            }
            Some(IpAddr::V6(Ipv6Addr::from(bytes)))
        }
        _ => None,
    }
}

/// The rows of /proc/net/unix that listen at a path (flag 00010000): those
/// bound to it, and those bound to a relative path of the same last name.
fn unix(text: &str, path: &Path) -> Vec<Row> {
    let rows = text.lines().skip(1).filter_map(|line| {
        let mut rest = line;
        let mut fields = Vec::new();
        for _ in 0..7 {
            let (field, after) = rest.trim_start().split_once(' ')?;
            fields.push(field);
            rest = after;
        }
        let [_, _, _, "00010000", _, _, inode] = fields.as_slice() else { return None };
        let bound = Path::new(rest);
        let fits = match bound.is_absolute() {
            true => bound.file_name() == path.file_name() && is_same(bound, path),
            false => bound.file_name() == path.file_name() && !rest.starts_with('@'),
        };
        // The table has no owner; the socket's file has.
        let uid = fs::metadata(path).map_or(0, |found| std::os::unix::fs::MetadataExt::uid(&found));
        fits.then_some(Row {
            address: None,
            uid,
            inode: inode.parse().ok()?,
            path: Some(bound.to_owned()),
        })
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
        \x20  0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0\n\
        \x20  1: 0100007F:1538 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0 100 0\n\
        \x20  2: 00000000000000000000000001000000:1538 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4713\n\
        broken\n  3: x:1538 y 0A\n";

    #[test]
    fn listening_rows_are_found() {
        let rows = tcp(TCP, 5432);
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert_eq!((rows[0].uid, rows[0].inode), (1000, 4711));
        if cfg!(target_endian = "little") {
            assert_eq!(rows[0].address, Some(IpAddr::V4(Ipv4Addr::LOCALHOST)));
            assert_eq!(rows[1].address, Some(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        }
        assert_eq!(tcp(TCP, 5433), []);
    }

    #[test]
    fn this_process_is_found_by_what_it_listens_on() {
        let own = i32::try_from(std::process::id()).unwrap();
        let is_own = |found: &[Listener]| {
            found.iter().any(|one| one.processes.iter().any(|process| process.pid == own))
        };
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = tcp.local_addr().unwrap().port();
        let found = at(&Endpoint::Port(port)).unwrap();
        assert!(is_own(&found), "{found:?}");
        assert_eq!(found[0].address, Some(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        assert_eq!(found[0].uid, nix::unistd::getuid().as_raw());
        drop(tcp);
        assert_eq!(at(&Endpoint::Port(port)), Ok(vec![]));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a socket");
        let unix = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert!(is_own(&at(&Endpoint::Socket(path.clone())).unwrap()));
        assert_eq!(at(&Endpoint::Socket(dir.path().join("other"))), Ok(vec![]));
        drop(unix);
        assert_eq!(at(&Endpoint::Socket(path)), Ok(vec![]));
    }
}
