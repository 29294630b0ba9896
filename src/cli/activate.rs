//! `holdpoint activate SHELL`: prints what a shell sources to have the shims
//! first on PATH. The text itself is in `shims/`, one file a shell.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::paths;
use crate::world::real::RealWorld;

/// Print what makes a shell find the shims first.
///
/// bash, zsh: eval "$(holdpoint activate bash)"; fish: holdpoint activate fish | source
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The shell.
    shell: Shell,
    /// The folder of the shims, if it is not the usual one.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// A shell that shims can be activated in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

/// Prints the lines. Returns the exit status.
pub fn run(args: Args) -> i32 {
    let program = std::env::current_exe().ok();
    let Some(dir) = args.dir.or_else(|| paths::shims(&RealWorld::new(), program.as_deref())) else {
        let _ = writeln!(std::io::stderr(), "holdpoint: {}", paths::NO_HOME);
        return 1;
    };
    match text(args.shell, &dir) {
        Some(text) => i32::from(std::io::stdout().write_all(text.as_bytes()).is_err()),
        None => {
            let _ = writeln!(
                std::io::stderr(),
                "holdpoint: {}: PATH cannot hold a folder whose name is not UTF-8 or has a colon",
                dir.display()
            );
            1
        }
    }
}

/// What the shell sources. `None` for a folder that PATH cannot hold.
fn text(shell: Shell, dir: &Path) -> Option<String> {
    let dir = dir.to_str().filter(|dir| !dir.contains(':'))?;
    let (text, quoted) = match shell {
        Shell::Bash => (include_str!("../../shims/activate.bash"), shell_words::quote(dir)),
        Shell::Zsh => (include_str!("../../shims/activate.zsh"), shell_words::quote(dir)),
        Shell::Fish => (
            include_str!("../../shims/activate.fish"),
            format!("'{}'", dir.replace('\\', "\\\\").replace('\'', "\\'")).into(),
        ),
    };
    Some(text.replace("@SHIMS@", &quoted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::process::Command;

    const ODD: &str = "/tmp/a 'b' \"c\" \\ $HOME `x` * [y]";

    /// Sources the text in a shell that starts with `path`, and gives the
    /// value of PATH behind it.
    fn sourced(shell: &str, kind: Shell, dir: &str, path: &str, then: &str) -> String {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("activate");
        fs::write(&file, text(kind, Path::new(dir)).unwrap()).unwrap();
        let file = file.display();
        let print = if kind == Shell::Fish {
            format!("source {file}; {then}; string join : $PATH")
        } else {
            format!(". {file}; {then} :; printf '%s\\n' \"$PATH\"")
        };
        let mut command = Command::new(shell);
        match kind {
            Shell::Zsh => command.arg("-f"),
            Shell::Fish => command.arg("--no-config"),
            Shell::Bash => &mut command,
        };
        let output =
            command.args(["-c", &print]).env("PATH", path).env("HOME", place.path()).output();
        let output = output.unwrap_or_else(|error| panic!("{shell}: {error}"));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{shell}");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    const SHELLS: [(&str, Shell); 4] = [
        ("/bin/bash", Shell::Bash),
        ("/bin/dash", Shell::Bash),
        ("/usr/bin/zsh", Shell::Zsh),
        ("/usr/bin/fish", Shell::Fish),
    ];

    #[test]
    fn the_folder_goes_in_front_and_stands_there_once() {
        let rest = "/usr/bin:/bin";
        for (shell, kind) in SHELLS {
            for path in ["/s:/usr/bin:/bin", "/usr/bin:/s:/bin", "/usr/bin:/s:/s:/bin:/s", rest] {
                assert_eq!(sourced(shell, kind, "/s", path, ""), "/s:/usr/bin:/bin", "{shell}");
            }
        }
    }

    #[test]
    fn a_folder_of_any_name() {
        for (shell, kind) in SHELLS {
            let path = format!("/usr/bin:{ODD}:/bin");
            assert_eq!(sourced(shell, kind, ODD, &path, ""), format!("{ODD}:/usr/bin:/bin"));
        }
        assert_eq!(text(Shell::Bash, Path::new("/a:b")), None);
    }

    #[test]
    fn folders_whose_names_begin_or_end_alike_stay() {
        for (shell, kind) in SHELLS {
            let path = "/s/x:/x/s:/ss:/usr/bin";
            assert_eq!(sourced(shell, kind, "/s", path, ""), format!("/s:{path}"), "{shell}");
        }
    }

    #[test]
    fn empty_entries_stay_and_none_is_added() {
        for (shell, kind) in SHELLS.into_iter().filter(|(_, kind)| *kind != Shell::Fish) {
            assert_eq!(sourced(shell, kind, "/s", ":/bin::", ""), "/s::/bin::", "{shell}");
            assert_eq!(sourced(shell, kind, "/s", "/s", ""), "/s", "{shell}");
        }
        assert_eq!(
            sourced("/bin/bash", Shell::Bash, "/s", "", ""),
            "/s:/usr/local/bin:/usr/bin:/bin"
        );
    }

    #[test]
    fn fish_keeps_it_in_front() {
        let then = "set -gx PATH /venv/bin $PATH";
        assert_eq!(sourced("/usr/bin/fish", Shell::Fish, "/s", "/bin", then), "/s:/venv/bin:/bin");
    }

    #[test]
    fn a_strict_shell_does_not_mind() {
        let place = tempfile::tempdir().unwrap();
        for (shell, kind) in SHELLS.into_iter().filter(|(_, kind)| *kind != Shell::Fish) {
            let file = place.path().join("activate");
            fs::write(&file, text(kind, Path::new("/s")).unwrap()).unwrap();
            let line = format!("set -eu; . {}; . {0}; echo ok", file.display());
            let output = Command::new(shell).args(["-c", &line]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), "ok\n", "{shell}");
            assert!(output.stderr.is_empty(), "{shell}: {output:?}");
        }
    }
}
