//! What a newly started shell of the account finds: login and not, interactive
//! and not. Each is started in a session of its own, with the environment of a
//! fresh login and a bounded wait, and asked for its PATH and what goes past it.

use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, Uid, User, setsid};

use super::probe::{self, Answer};
use super::{Check, path};
use crate::cli::shims::Shims;
use crate::world::World;

/// How long a shell may take to start.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a login starts with before any rc file is read.
const FRESH_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A way of starting a shell.
struct Mode {
    name: &'static str,
    options: &'static [&'static str],
}

const LOGIN: [Mode; 2] = [
    Mode { name: "login, interactive", options: &["-l", "-i"] },
    Mode { name: "login, not interactive", options: &["-l"] },
];
const PLAIN: Mode = Mode { name: "interactive", options: &["-i"] };
/// bash reads no file for it, so that it has whatever PATH it is given.
const BARE: Mode = Mode { name: "not interactive", options: &[] };

/// Whether each shell of the account finds the shims first.
pub(super) fn new_shells(shims: &Shims, world: &dyn World) -> Vec<Check> {
    let mut checks = Vec::new();
    for shell in shells(world) {
        let modes = LOGIN.iter().chain([&PLAIN]);
        let all: Vec<&Mode> = match name(&shell) {
            "bash" => modes.collect(),
            "zsh" | "fish" => modes.chain([&BARE]).collect(),
            _ => {
                let says = format!("{}: only bash, zsh and fish are looked at", shell.display());
                checks.push(Check::note("new shells", says));
                continue;
            }
        };
        checks.extend(all.into_iter().flat_map(|mode| check(&shell, mode, shims, world)));
        if name(&shell) == "bash" {
            checks.push(Check::note(
                "new shells",
                "bash, neither login nor interactive (cron, ssh HOST COMMAND, a service): reads \
                 no file, so it finds the shims only if its parent did",
            ));
        }
    }
    checks
}

/// The account's shell, and the one that $SHELL names if that is another.
fn shells(world: &dyn World) -> Vec<PathBuf> {
    let user = User::from_uid(Uid::current()).ok().flatten();
    let said = world.var(OsStr::new("SHELL")).map(PathBuf::from);
    let mut shells: Vec<PathBuf> = Vec::new();
    for shell in user.map(|user| user.shell).into_iter().chain(said) {
        if shells.iter().all(|known| name(known) != name(&shell)) && shell.exists() {
            shells.push(shell);
        }
    }
    shells
}

fn name(shell: &Path) -> &str {
    shell.file_name().and_then(OsStr::to_str).unwrap_or_default()
}

fn check(shell: &Path, mode: &Mode, shims: &Shims, world: &dyn World) -> Vec<Check> {
    let what = format!("{}, {}", name(shell), mode.name);
    let fix = "Run install.sh again, or add to the end of the shell's start-up file what \
               `holdpoint activate` prints for it.";
    let Some(answer) = ask(shell, mode, shims, world) else {
        return vec![Check::finding(
            "new shells",
            format!("{what}: it did not answer within {} s", PATIENCE.as_secs()),
            "See what its start-up files wait for.",
        )];
    };
    if let Some(wrong) = path::wrong(shims, &answer.path) {
        return vec![Check::finding("new shells", format!("{what}: {wrong}"), fix)];
    }
    let mut checks = vec![Check::fine("new shells", format!("{what}: the shims come first"))];
    if mode.options.contains(&"-i") {
        checks.extend(answer.checks(&what, |file| path::is_shim(Path::new(file))));
    }
    checks
}

/// The answer of a shell that was just started.
fn ask(shell: &Path, mode: &Mode, shims: &Shims, world: &dyn World) -> Option<Answer> {
    let names: Vec<&str> = shims.guarded.iter().map(String::as_str).collect();
    let print = probe::script(name(shell), &names);
    let home = world.account_home()?;
    let mut command = Command::new(shell);
    command.args(mode.options).args(["-c", &print]).env_clear();
    command.env("HOME", &home).env("PATH", FRESH_PATH).env("SHELL", shell).env("TERM", "dumb");
    command.env("USER", world.account_name()).env("LOGNAME", world.account_name());
    #[cfg(feature = "test-home")]
    command.env("HOLDPOINT_TEST_HOME", &home);
    command.current_dir(&home).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    // SAFETY: between fork and exec this makes one system call. Without a
    // terminal an interactive shell cannot take this one's.
    unsafe { command.pre_exec(|| setsid().map(drop).map_err(Into::into)) };
    let mut child = command.spawn().ok()?;
    let mut out = child.stdout.take()?;
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = out.read_to_end(&mut text);
        text
    });
    let ended = wait(&mut child);
    // Whatever the start-up files left running holds the pipe.
    let group = Pid::from_raw(i32::try_from(child.id()).ok()?);
    let _ = killpg(group, Signal::SIGKILL);
    let _ = child.wait();
    let text = reader.join().ok()?;
    ended.then(|| probe::answer(&text)).flatten()
}

fn wait(child: &mut Child) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        match child.try_wait() {
            Ok(Some(_)) => return true,
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Err(_) => return false,
        }
    }
    false
}
