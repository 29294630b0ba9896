//! Whether the program that a process runs is the system's, or one that this
//! account could have put in its place. Names and command lines prove nothing;
//! where a file lies and who can write there does.

use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access, getuid};

use crate::world::Process;

/// What the kernel puts behind the path of a file that was replaced.
const DELETED: &[u8] = b" (deleted)";

/// See [`crate::world::World::is_protected`].
pub(super) fn is_protected(process: &Process) -> bool {
    let Some(path) = process.exe.as_deref().and_then(installed) else { return false };
    let Ok(file) = fs::metadata(&path) else { return false };
    is_the_same(process, &file, &path) && path.ancestors().all(is_out_of_reach)
}

/// The path of an executable; where an upgrade has replaced it, that of what
/// stands there now.
fn installed(exe: &Path) -> Option<PathBuf> {
    let bytes = exe.as_os_str().as_bytes();
    let bytes = bytes.strip_suffix(DELETED).unwrap_or(bytes);
    let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
    path.is_absolute().then(|| path.to_owned())
}

/// Whether the path leads to the very file that runs: in a mount namespace of
/// its own, a process can have any file at any path.
fn is_the_same(process: &Process, file: &Metadata, path: &Path) -> bool {
    let replaced = process.exe.as_deref() != Some(path);
    let running = fs::metadata(format!("/proc/{}/exe", process.pid));
    running.is_ok_and(|running| {
        (running.dev(), running.ino()) == (file.dev(), file.ino())
            || replaced && running.uid() == file.uid()
    })
}

fn is_out_of_reach(path: &Path) -> bool {
    let Ok(found) = fs::metadata(path) else { return false };
    let own = getuid();
    if own.is_root() {
        return found.uid() == 0 && found.mode() & 0o022 == 0;
    }
    found.uid() != own.as_raw() && access(path, AccessFlags::W_OK).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(exe: &Path) -> Process {
        Process { pid: std::process::id() as i32, exe: Some(exe.into()), ..Process::default() }
    }

    #[test]
    fn the_systems_directories_are_out_of_reach_and_ours_are_not() {
        assert!(is_out_of_reach(Path::new("/usr/bin/env")));
        assert!(is_out_of_reach(Path::new("/")));
        assert!(!is_out_of_reach(Path::new("/tmp")));
        assert!(!is_out_of_reach(Path::new("/nowhere")));
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("kitty"), "").unwrap();
        assert!(!dir.path().join("kitty").ancestors().all(is_out_of_reach));
    }

    #[test]
    fn a_path_that_another_file_runs_from_proves_nothing() {
        assert!(!is_protected(&running(Path::new("/usr/bin/env"))));
        assert!(!is_protected(&Process::default()));
    }

    #[test]
    fn a_system_program_that_runs_is_protected() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        let exe = fs::read_link(format!("/proc/{}/exe", child.id())).unwrap();
        let process = Process { pid: child.id() as i32, exe: Some(exe), ..Process::default() };
        let protected = is_protected(&process);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(protected);
    }

    #[test]
    fn a_replaced_program_is_looked_for_at_its_path() {
        assert_eq!(installed(Path::new("/usr/bin/tmux (deleted)")), Some("/usr/bin/tmux".into()));
        assert_eq!(installed(Path::new("tmux")), None);
    }
}
