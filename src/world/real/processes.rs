//! The processes above this one, from /proc. What a process says about itself
//! (its command line) can be forged by it; ids, sessions and terminals cannot.
//! Where there is no /proc there are no processes, and so no person.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;

use nix::sys::termios::{LocalFlags, tcgetattr};

use crate::system;
use crate::world::{Process, terminal_path};

/// How much of a command line is kept, in bytes and in words.
const MAX_CMDLINE: usize = 4096;
const MAX_WORDS: usize = 64;

/// How many processes, and how many of one's descriptors, are looked at.
const MAX_PROCESSES: usize = 10_000;
const MAX_DESCRIPTORS: usize = 10_000;

/// This process and the ones above it, nearest first.
pub(super) fn ancestors(limit: usize) -> Vec<Process> {
    let mut chain: Vec<Process> = Vec::new();
    let mut next = i32::try_from(std::process::id()).unwrap_or(0);
    while chain.len() < limit && next > 0 && chain.iter().all(|process| process.pid != next) {
        let Some(process) = read(next) else { break };
        next = process.ppid;
        chain.push(process);
    }
    chain
}

/// Every process that /proc shows, at most [`MAX_PROCESSES`].
pub(super) fn all() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(read)
        .take(MAX_PROCESSES)
        .collect()
}

/// The terminals that a process holds open, as /proc/PID/stat numbers them.
/// Other character devices are among them; nobody's terminal has their number.
pub(super) fn terminals_held_by(pid: i32) -> Vec<i32> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    entries
        .flatten()
        .take(MAX_DESCRIPTORS)
        .filter_map(|entry| fs::metadata(entry.path()).ok())
        .filter(|found| found.file_type().is_char_device())
        .map(|found| system::device(found.rdev()))
        .map(|(major, minor)| terminal_number(major, minor))
        .collect()
}

/// See [`crate::world::World::takes_every_key`].
pub(super) fn takes_every_key(terminal: i32) -> bool {
    let Some(path) = terminal_path(terminal) else { return false };
    let flags = libc::O_NOCTTY | libc::O_NONBLOCK;
    let opened = fs::OpenOptions::new().read(true).custom_flags(flags).open(path);
    opened.is_ok_and(|file| {
        tcgetattr(&file).is_ok_and(|modes| !modes.local_flags.contains(LocalFlags::ICANON))
    })
}

/// A device as /proc/PID/stat has it: the minor number's low byte, the major
/// number, the rest of the minor one (proc_pid_stat(5)).
fn terminal_number(major: u32, minor: u32) -> i32 {
    let number = minor & 0xff | major << 8 | (minor & !0xff) << 12;
    i32::from_ne_bytes(number.to_ne_bytes())
}

/// A process by its id.
pub(super) fn read(pid: i32) -> Option<Process> {
    let of = |name: &str| PathBuf::from(format!("/proc/{pid}/{name}"));
    let mut process = stat(pid, &fs::read(of("stat")).ok()?)?;
    process.uid = real_uid(&fs::read(of("status")).ok()?)?;
    process.cmdline = words(&fs::read(of("cmdline")).unwrap_or_default());
    process.exe = fs::read_link(of("exe")).ok();
    Some(process)
}

/// The fields of /proc/PID/stat. The name stands in parentheses and may hold
/// any bytes, parentheses included, so the fields behind it are found from the
/// last one.
fn stat(pid: i32, text: &[u8]) -> Option<Process> {
    let open = text.iter().position(|byte| *byte == b'(')?;
    let close = text.iter().rposition(|byte| *byte == b')')?;
    let comm = text.get(open.checked_add(1)?..close)?;
    let rest = std::str::from_utf8(text.get(close.checked_add(1)?..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace().skip(1);
    let mut number = || fields.next()?.parse().ok();
    let ppid = number()?;
    let _group: i32 = number()?;
    let session = number()?;
    let tty = number()?;
    let comm = String::from_utf8_lossy(comm).into_owned();
    Some(Process { pid, ppid, session, tty, comm, ..Process::default() })
}

/// The real user id, from /proc/PID/status. (The owner of /proc/PID is the
/// effective one, and root for a process that may not be dumped.)
fn real_uid(status: &[u8]) -> Option<u32> {
    let line = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"Uid:"))?;
    std::str::from_utf8(line).ok()?.split_ascii_whitespace().next()?.parse().ok()
}

fn words(cmdline: &[u8]) -> Vec<String> {
    let kept = cmdline.get(..MAX_CMDLINE).unwrap_or(cmdline);
    let kept = kept.strip_suffix(b"\0").unwrap_or(kept);
    if kept.is_empty() {
        return Vec::new();
    }
    kept.split(|byte| *byte == 0)
        .take(MAX_WORDS)
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_bytes_does_not_shift_the_fields() {
        let process = stat(7, b"7 (a) R 1 2) x) S 42 7 6 34816 7 4194304").unwrap();
        assert_eq!(process.comm, "a) R 1 2) x");
        assert_eq!((process.ppid, process.session, process.tty), (42, 6, 34816));
        for broken in [&b""[..], b"7 (a", b"7 a) S 1 2 3 4", b"7 )(", b"7 (a) S 1 2", b"7 (a) S x"]
        {
            assert_eq!(stat(7, broken), None, "{broken:?}");
        }
    }

    #[test]
    fn the_real_uid_is_the_first() {
        assert_eq!(real_uid(b"Name:\tx\nUid:\t1000\t0\t0\t0\nGid:\t5\n"), Some(1000));
        assert_eq!(real_uid(b"Name:\tx\n"), None);
    }

    #[test]
    fn words_are_split_and_bounded() {
        assert_eq!(words(b"psql\0-c\0\0"), ["psql", "-c", ""]);
        assert!(words(b"").is_empty());
        assert_eq!(words(&b"a\0".repeat(MAX_CMDLINE)).len(), MAX_WORDS);
        assert_eq!(words(&[b'a'; 2 * MAX_CMDLINE]).concat().len(), MAX_CMDLINE);
    }

    #[test]
    fn a_held_terminal_has_the_number_that_processes_have() {
        // pts/0, pts/300 and tty1, as `cat /proc/self/stat` shows them.
        assert_eq!(terminal_number(136, 0), 34816);
        assert_eq!(terminal_number(136, 300), 1_083_436);
        assert_eq!(terminal_number(4, 1), 1025);
        let own = i32::try_from(std::process::id()).unwrap();
        let pair = nix::pty::openpty(None, None).unwrap();
        let slave = nix::sys::stat::fstat(&pair.slave).unwrap().st_rdev;
        let number = terminal_number(libc::major(slave), libc::minor(slave));
        assert!(terminals_held_by(own).contains(&number));
        assert_eq!(terminal_path(number), nix::unistd::ttyname(&pair.slave).ok());
        assert!(!takes_every_key(number));
        let mut modes = tcgetattr(&pair.slave).unwrap();
        modes.local_flags.remove(LocalFlags::ICANON);
        let now = nix::sys::termios::SetArg::TCSANOW;
        nix::sys::termios::tcsetattr(&pair.slave, now, &modes).unwrap();
        assert!(takes_every_key(number));
        drop(pair);
        assert!(terminals_held_by(i32::MAX).is_empty());
    }

    #[test]
    fn this_process_is_among_all() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(all().iter().any(|process| process.pid == own));
    }

    #[test]
    fn this_process_comes_first_and_its_parent_next() {
        let chain = ancestors(64);
        assert_eq!(chain[0].pid, std::process::id() as i32);
        assert_eq!(chain[0].uid, nix::unistd::getuid().as_raw());
        assert_eq!(chain[0].ppid, nix::unistd::getppid().as_raw());
        assert_eq!(chain[0].exe, std::env::current_exe().ok());
        assert!(chain[0].cmdline.len() == std::env::args().count());
        assert!(chain.windows(2).all(|pair| pair[0].ppid == pair[1].pid));
        assert_eq!(ancestors(1).len(), 1);
        assert!(ancestors(0).is_empty());
    }
}
