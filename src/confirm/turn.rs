//! One question at a time: parallel children (`xargs -P8`, `make -j`) share a
//! terminal, and take turns by a lock on its device.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::terminal::Terminal;
use crate::world::World;

/// How often the lock is tried.
const PAUSE: Duration = Duration::from_millis(50);

/// A turn at the terminal, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    _lock: File,
}

impl Turn {
    /// Waits until `deadline` for a turn; none if another question is still
    /// open then, or the system does not lock.
    pub fn wait(terminal: &Terminal, world: &dyn World, deadline: Instant) -> Option<Turn> {
        let lock = device(world).or_else(|| terminal.file().try_clone().ok())?;
        loop {
            match lock.try_lock() {
                Ok(()) => return Some(Turn { _lock: lock }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(PAUSE),
                Err(_) => return None,
            }
        }
    }
}

/// The terminal's own device. `/dev/tty` is one file for every terminal of the
/// machine, so its lock would make strangers wait for each other.
fn device(world: &dyn World) -> Option<File> {
    let number = world.ancestors(1).first()?.tty;
    let number = u32::from_ne_bytes(number.to_ne_bytes());
    let (major, minor) = ((number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xfff00));
    // Linux's device numbers: 136 are pseudo-terminals, 4 consoles.
    let path = match major {
        136 => format!("/dev/pts/{minor}"),
        4 if minor < 64 => format!("/dev/tty{minor}"),
        4 => format!("/dev/ttyS{}", minor - 64),
        _ => return None,
    };
    let flags = nix::libc::O_NOCTTY | nix::libc::O_NONBLOCK;
    OpenOptions::new().read(true).custom_flags(flags).open(path).ok()
}
