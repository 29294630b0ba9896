//! A home directory of its own to install into, and shells that start in it
//! as they do at a login: with nothing of this process's environment.

// Each test uses its part of this.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The home.
pub struct Home {
    dir: TempDir,
}

/// Mode, time of change and content (or the target of a link), by path.
pub type Everything = BTreeMap<String, (u32, i64, Vec<u8>)>;

impl Home {
    /// An empty home, but for what keeps a first fish from reading every manual
    /// page in the background.
    pub fn new() -> Home {
        let home = Home { dir: tempfile::tempdir().expect("a temporary folder") };
        let read = home.path(".local/share/fish/generated_completions");
        fs::create_dir_all(read).expect("folders");
        home
    }

    /// A path in it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, path: &str, text: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    /// Adds to the end of a file, which need not be there.
    pub fn append(&self, path: &str, text: &str) {
        let old = fs::read(self.path(path)).unwrap_or_default();
        self.write(path, &[&old, text.as_bytes()].concat());
    }

    /// Makes a program that does nothing.
    pub fn tool(&self, path: &str) {
        self.write(path, b"#!/bin/sh\necho ran\n");
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(0o755)).expect("a mode");
    }

    /// Puts a link in the place of a file.
    pub fn link(&self, path: &str, to: &str) {
        fs::remove_file(self.path(path)).expect("a file");
        symlink(to, self.path(path)).expect("a link");
    }

    /// install.sh for a user of this shell, not yet run.
    pub fn command(&self, shell: &str, options: &[&str]) -> Command {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh");
        let mut command = Command::new("/bin/sh");
        self.surround(&mut command, shell);
        command.arg(script).args(options);
        command.env("HOLDPOINT_INSTALL_BINARY", env!("CARGO_BIN_EXE_holdpoint"));
        command
    }

    /// Runs install.sh, which must succeed.
    pub fn run(&self, shell: &str, options: &[&str]) -> Output {
        let output = self.command(shell, options).output().expect("it starts");
        assert!(output.status.success(), "{}{}", said(&output.stdout), said(&output.stderr));
        output
    }

    /// Takes the shims below a prefix away by hand, so that nothing is
    /// guarded and `--uninstall` has nothing to ask.
    pub fn unguard(&self, prefix: &str) {
        let shims = self.path(prefix).join("share/holdpoint/shims");
        fs::remove_dir_all(shims).expect("a folder of shims");
    }

    /// Installs, and sees that there is something to run.
    pub fn install(&self, shell: &str, options: &[&str]) -> Output {
        let output = self.run(shell, options);
        assert_eq!(said(&output.stderr), "");
        assert!(said(&output.stdout).contains("holdpoint doctor"));
        output
    }

    /// A shell as a login starts it.
    pub fn fresh(&self, shell: &str) -> Command {
        let mut command = Command::new(format!("/usr/bin/{shell}"));
        self.surround(&mut command, shell);
        command
    }

    /// An interactive shell into which these lines are typed.
    pub fn typed(&self, shell: &str, lines: &str) -> Output {
        let mut command = self.fresh(shell);
        command.arg("-i").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // SAFETY: one system call. Without a terminal it cannot take ours.
        unsafe { command.pre_exec(|| nix::unistd::setsid().map(drop).map_err(Into::into)) };
        let mut child = command.spawn().expect("it starts");
        child.stdin.take().expect("a pipe").write_all(lines.as_bytes()).expect("it reads");
        child.wait_with_output().expect("it ends")
    }

    /// Gives a command the environment of a fresh login, in this home.
    pub fn surround(&self, command: &mut Command, shell: &str) {
        command
            .env_clear()
            .env("HOME", self.dir.path())
            .env("HOLDPOINT_TEST_HOME", self.dir.path())
            .env("SHELL", format!("/usr/bin/{shell}"))
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("TERM", "dumb")
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
    }

    /// Everything in it but what fish notes down for itself.
    pub fn everything(&self) -> Everything {
        let mut found = BTreeMap::new();
        collect(self.dir.path(), self.dir.path(), &mut found);
        found.retain(|path, _| !path.contains("fish_variables") && !path.contains("/fish_history"));
        found
    }

    /// The content of every file in it.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.everything().into_iter().map(|(path, (_, _, content))| (path, content)).collect()
    }
}

fn collect(root: &Path, dir: &Path, found: &mut Everything) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        let about = fs::symlink_metadata(&path).expect("a file");
        let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
        if about.is_dir() {
            collect(root, &path, found);
            continue;
        }
        let content = match fs::read_link(&path) {
            Ok(target) => target.into_os_string().into_encoded_bytes(),
            Err(_) => fs::read(&path).expect("a file"),
        };
        found.insert(name, (about.mode(), about.mtime_nsec(), content));
    }
}

/// Output as text.
pub fn said(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}
