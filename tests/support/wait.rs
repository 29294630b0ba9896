//! Waiting for what other processes do, on a machine that may be slow and busy:
//! long enough that only what hangs is given up, and no longer than it takes.

// Each test uses its part of this.
#![allow(dead_code)]

use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long anything may take. Nothing that works waits for its end.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until something is so; says whether it came to be.
#[must_use]
pub fn until(mut is_so: impl FnMut() -> bool) -> bool {
    first(|| is_so().then_some(())).is_some()
}

/// Waits for something, and gives it if it came.
pub fn first<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if begun.elapsed() > PATIENCE {
            return None;
        }
        sleep(Duration::from_millis(20));
    }
}
