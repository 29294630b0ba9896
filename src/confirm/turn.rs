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
    let path = world.ancestors(1).first()?.terminal()?;
    let flags = nix::libc::O_NOCTTY | nix::libc::O_NONBLOCK;
    OpenOptions::new().read(true).custom_flags(flags).open(path).ok()
}
