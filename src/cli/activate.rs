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

    const ODD: &str = "a 'b' \"c\" \\ $HOME `x` * [y]";

    /// A folder of that name, which is there while the first value lives.
    fn folder(name: &str) -> (tempfile::TempDir, String) {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join(name);
        fs::create_dir(&dir).unwrap();
        let dir = dir.into_os_string().into_string().unwrap();
        (place, dir)
    }

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
        let (_place, s) = folder("s");
        let rest = "/usr/bin:/bin";
        for (shell, kind) in SHELLS {
            for path in ["S:/usr/bin:/bin", "/usr/bin:S:/bin", "/usr/bin:S:S:/bin:S", rest] {
                let path = path.replace('S', &s);
                let found = sourced(shell, kind, &s, &path, "");
                assert_eq!(found, format!("{s}:/usr/bin:/bin"), "{shell}");
            }
        }
    }

    #[test]
    fn a_folder_that_is_gone_stands_there_no_more() {
        for (shell, kind) in SHELLS {
            let path = "/usr/bin:/gone:/bin:/gone";
            assert_eq!(sourced(shell, kind, "/gone", path, ""), "/usr/bin:/bin", "{shell}");
        }
        let usual = "/usr/local/bin:/usr/bin:/bin";
        assert_eq!(sourced("/bin/bash", Shell::Bash, "/gone", "/gone", ""), usual);
    }

    #[test]
    fn a_folder_of_any_name() {
        let (_place, odd) = folder(ODD);
        for (shell, kind) in SHELLS {
            let path = format!("/usr/bin:{odd}:/bin");
            assert_eq!(sourced(shell, kind, &odd, &path, ""), format!("{odd}:/usr/bin:/bin"));
        }
        assert_eq!(text(Shell::Bash, Path::new("/a:b")), None);
    }

    #[test]
    fn folders_whose_names_begin_or_end_alike_stay() {
        let (_place, s) = folder("s");
        for (shell, kind) in SHELLS {
            let path = format!("{s}/x:/x{s}:{s}s:/usr/bin");
            assert_eq!(sourced(shell, kind, &s, &path, ""), format!("{s}:{path}"), "{shell}");
        }
    }

    #[test]
    fn a_shell_that_is_blind_to_case_comes_to_an_end() {
        let (place, s) = folder("s");
        let path = format!("{}:/bin", place.path().join("S").display());
        let then = "shopt -s nocasematch; __holdpoint_first;";
        let found = sourced("/bin/bash", Shell::Bash, &s, &path, then);
        assert_eq!(found, format!("{s}:{path}"));
    }

    #[test]
    fn empty_entries_stay_and_none_is_added() {
        let (_place, s) = folder("s");
        for (shell, kind) in SHELLS.into_iter().filter(|(_, kind)| *kind != Shell::Fish) {
            assert_eq!(sourced(shell, kind, &s, ":/bin::", ""), format!("{s}::/bin::"), "{shell}");
            assert_eq!(sourced(shell, kind, &s, &s, ""), s, "{shell}");
        }
        assert_eq!(
            sourced("/bin/bash", Shell::Bash, &s, "", ""),
            format!("{s}:/usr/local/bin:/usr/bin:/bin")
        );
    }

    #[test]
    fn fish_keeps_it_in_front() {
        let (_place, s) = folder("s");
        let fish = |then| sourced("/usr/bin/fish", Shell::Fish, &s, "/bin", then);
        assert_eq!(fish("set -gx PATH /venv/bin $PATH"), format!("{s}:/venv/bin:/bin"));
        // A block's own PATH does not become everybody's.
        assert_eq!(fish("begin; set -lx PATH /venv/bin $PATH; end"), format!("{s}:/bin"));
        // Nor does it fight.
        let other = "function other --on-variable PATH; \
                     test $PATH[1] = /o; or set -gx PATH /o $PATH; end; set -gx PATH /v $PATH";
        assert_eq!(fish(other), format!("/o:{s}:/v:/bin"));
    }

    #[test]
    fn nothing_but_path_where_nobody_types() {
        let (_place, s) = folder("s");
        for (shell, kind, then) in [
            ("/bin/bash", Shell::Bash, "[ -z \"${PROMPT_COMMAND+set}\" ] || PATH=asked;"),
            ("/usr/bin/zsh", Shell::Zsh, "[ -z \"${precmd_functions+set}\" ] || PATH=asked;"),
        ] {
            assert_eq!(sourced(shell, kind, &s, "/bin", then), format!("{s}:/bin"), "{shell}");
        }
    }

    #[test]
    fn a_strict_shell_does_not_mind() {
        let (place, s) = folder("s");
        for (shell, kind) in SHELLS.into_iter().filter(|(_, kind)| *kind != Shell::Fish) {
            let file = place.path().join("activate");
            fs::write(&file, text(kind, Path::new(&s)).unwrap()).unwrap();
            let line = format!("set -eu; . {}; . {0}; echo ok", file.display());
            let output = Command::new(shell).args(["-c", &line]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), "ok\n", "{shell}");
            assert!(output.stderr.is_empty(), "{shell}: {output:?}");
        }
    }
}
