//! Writes a program that is about to be run. Another process does the
//! writing: while one thread of a test holds the file open to write, a child
//! that another thread forks inherits that, and until it execs nobody can run
//! the file ("Text file busy").

#![allow(clippy::expect_used)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Writes `text` to `path` and gives it this mode.
pub fn write(path: &Path, mode: u32, text: &[u8]) {
    let mut child = Command::new("/bin/sh")
        .args(["-c", "cat >\"$1\"", "sh"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell");
    child.stdin.take().expect("a pipe").write_all(text).expect("it reads");
    assert!(child.wait().expect("it ends").success(), "{}", path.display());
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}
