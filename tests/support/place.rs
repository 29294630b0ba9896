//! A folder with a shim folder and folders of tools in it, and commands that
//! run in it through a PATH of those folders.

// Each test uses its part of this.
#![allow(dead_code)]

#[path = "program.rs"]
mod program;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The program under test.
pub const HOLDPOINT: &str = env!("CARGO_BIN_EXE_holdpoint");

/// The place.
pub struct Place {
    dir: TempDir,
}

impl Place {
    /// A place with `shims/probe`, a link to the program under test, and an
    /// empty folder `real`.
    pub fn new() -> Place {
        let place = Place { dir: tempfile::tempdir().expect("a temporary folder") };
        place.link("shims/probe", HOLDPOINT);
        fs::create_dir(place.at("real")).expect("a folder");
        place
    }

    /// The same with `real/probe`, a link to `program`.
    pub fn with_real(program: &str) -> Place {
        let place = Place::new();
        place.link("real/probe", program);
        place
    }

    /// A path in it.
    pub fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Makes a link, with the folders above it.
    pub fn link(&self, path: &str, to: impl AsRef<Path>) {
        self.folder_of(path);
        symlink(to, self.at(path)).expect("a link");
    }

    /// Makes a file with this mode.
    pub fn file(&self, path: &str, mode: u32, text: impl AsRef<[u8]>) {
        self.folder_of(path);
        program::write(&self.at(path), mode, text.as_ref());
    }

    fn folder_of(&self, path: &str) {
        fs::create_dir_all(self.at(path).parent().expect("a folder")).expect("a folder");
    }

    /// A value of PATH made of folders in it, and the system's behind them.
    pub fn path(&self, folders: &[&str]) -> OsString {
        let own = folders.iter().map(|folder| self.at(folder));
        std::env::join_paths(own.chain(["/usr/bin".into(), "/bin".into()])).expect("a PATH")
    }

    /// `shims/probe` with `shims` and `real` on PATH, as a shell that found it
    /// there would start it.
    pub fn probe(&self) -> Command {
        self.shim("shims/probe", &["shims", "real"])
    }

    /// A shim with these folders on PATH.
    pub fn shim(&self, shim: &str, folders: &[&str]) -> Command {
        self.shim_with_path(shim, &self.path(folders))
    }

    /// A shim with this PATH.
    pub fn shim_with_path(&self, shim: &str, path: &OsStr) -> Command {
        let mut command = Command::new(self.at(shim));
        command.env("PATH", path).current_dir(self.dir.path()).stdin(Stdio::null());
        command
    }

    /// A shell line with `shims` and `real` on PATH.
    pub fn bash(&self, line: &str) -> Command {
        let mut command = Command::new("/bin/bash");
        command.args(["-c", line]).env("PATH", self.path(&["shims", "real"]));
        command.current_dir(self.dir.path()).stdin(Stdio::null());
        command
    }
}

/// Runs to the end.
pub fn run(command: &mut Command) -> Output {
    command.output().expect("it starts")
}

/// Runs to the end, which must be a good one, and gives standard output.
pub fn stdout(command: &mut Command) -> String {
    let output = run(command);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{:?}: {said}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs to the end, which must have this status and nothing on standard
/// output, and gives standard error.
pub fn failure(command: &mut Command, status: i32) -> String {
    let output = run(command);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert_eq!(output.stdout, b"");
    said
}

/// The same where it is holdpoint that speaks, in the place where a shell
/// names itself.
pub fn ours(command: &mut Command, status: i32) -> String {
    let said = failure(command, status);
    said.strip_prefix("holdpoint: ").map(str::to_owned).expect("it says who speaks")
}
