//! Asks the `openssl` that would run which options its `s_client` has. Checked
//! against OpenSSL 3.0.19; one that cannot say (1.1.1's `list` has no
//! `-options`, by its manual) counts as one that lacks them.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::child::{self, Bounds};
use crate::world::World;

/// The longest that openssl may take, and the most bytes of its answer.
const BOUNDS: Bounds = Bounds { patience: Duration::from_secs(10), bytes: 1 << 16 };

/// See [`crate::world::World::openssl`].
pub(super) fn find(options: &[&str], world: &dyn World) -> Result<PathBuf, String> {
    let found = crate::exec::find(OsStr::new("openssl"), world);
    let mut file = found.map_err(|error| error.to_string())?.file;
    if let Some(folder) = world.cwd() {
        // PATH may have relative folders.
        file = folder.join(file);
    }
    let mut command = Command::new(&file);
    command.args(["list", "-options", "s_client"]);
    let answer = child::ask(command, "openssl", b"", BOUNDS)?;
    let text = String::from_utf8_lossy(&answer.out);
    // A line is an option's name without its dash, and what its value is.
    let knows = |option: &str| {
        let name = option.trim_start_matches('-');
        text.lines().any(|line| line.split(' ').next() == Some(name))
    };
    match options.iter().find(|option| !knows(option)) {
        None => Ok(file),
        Some(option) => Err(format!(
            "{} is not known to have s_client {option}, as OpenSSL 3 has it",
            file.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::world::fake::FakeWorld;

    #[test]
    fn an_openssl_is_taken_by_its_options() {
        let dir = tempfile::tempdir().unwrap();
        let world = FakeWorld::new().with_var("PATH", &dir.path().display().to_string());
        let none = find(&["-quiet"], &world).unwrap_err();
        assert!(none.contains("openssl") && none.contains("not found"), "{none}");
        let program = dir.path().join("openssl");
        let holds = |script: &str| {
            fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
            find(&["-quiet", "-nocommands"], &world)
        };
        let list = "[ \"$*\" = 'list -options s_client' ] && printf 'quiet -\\nnocommands -\\n'";
        assert_eq!(holds(list), Ok(program.clone()));
        let old = holds("printf 'quiet -\\nnocommands2 -\\n'").unwrap_err();
        assert!(old.contains("s_client -nocommands"), "{old}");
        assert!(holds("echo unknown >&2; exit 1").is_err());
    }
}
