//! What is installed for the tests, below one folder: by `./tests/run` before
//! they start, or by the test that needs it first.

// Each test uses its part of this.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder; a variable names another one.
pub fn cache() -> PathBuf {
    std::env::var_os("HOLDPOINT_TEST_CACHE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-cache"),
        PathBuf::from,
    )
}

/// What `./tests/run` has installed there under this name.
pub fn installed(name: &str) -> PathBuf {
    let found = cache().join(name);
    assert!(found.exists(), "./tests/run installs {}", found.display());
    found
}

/// A virtual environment there with these packages, made if one of the files
/// is missing from it. The file `complete` is put in at the end.
pub fn venv(name: &str, files: &[&str], packages: &[&str]) -> PathBuf {
    let venv = cache().join(name);
    if !files.iter().all(|file| venv.join(file).exists()) {
        fs::create_dir_all(cache()).expect("a folder for what tests install");
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
        run(Command::new(venv.join("bin/pip")).args(["install", "-q"]).args(packages));
        fs::write(venv.join("complete"), "").expect("a mark");
    }
    venv
}

/// Runs a command that must succeed.
pub fn run(command: &mut Command) {
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
