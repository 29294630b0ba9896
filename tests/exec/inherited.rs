//! What a process inherits from whoever starts it: the tool gets it unchanged.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, signal, sigprocmask};

use crate::place::{Place, run, stdout};

/// What the kernel says of the process that the tool became.
fn of_process(command: &mut Command, file: &str, lines: &[&str]) -> Vec<String> {
    let text = stdout(command.arg(format!("/proc/self/{file}")));
    let kept: Vec<String> = text
        .lines()
        .filter(|line| lines.iter().any(|name| line.starts_with(name)))
        .map(str::to_owned)
        .collect();
    assert_eq!(kept.len(), lines.len(), "{text}");
    kept
}

#[test]
fn ignored_and_blocked_signals_and_umask_are_inherited() {
    let place = Place::with_real("/bin/cat");
    let with_odd_signals = |mut command: Command| {
        // SAFETY: between fork and exec these make system calls only.
        unsafe {
            command.pre_exec(|| {
                for ignored in [Signal::SIGPIPE, Signal::SIGCHLD, Signal::SIGUSR2] {
                    signal(ignored, SigHandler::SigIgn)?;
                }
                let mut blocked = SigSet::empty();
                blocked.add(Signal::SIGUSR1);
                blocked.add(Signal::SIGTERM);
                sigprocmask(SigmaskHow::SIG_SETMASK, Some(&blocked), None)?;
                nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o027));
                Ok(())
            });
        }
        command
    };
    let lines = ["SigIgn", "SigBlk", "SigCgt", "Umask", "NoNewPrivs", "Threads"];
    let ours = of_process(&mut with_odd_signals(place.probe()), "status", &lines);
    assert!(ours.iter().any(|line| line == "Umask:\t0027"), "{ours:?}");
    let direct = place.shim("real/probe", &["real"]);
    assert_eq!(ours, of_process(&mut with_odd_signals(direct), "status", &lines));
}

#[test]
fn signals_left_alone_stay_so() {
    let place = Place::with_real("/bin/cat");
    let lines = ["SigIgn", "SigBlk", "SigCgt"];
    let ours = of_process(&mut place.probe(), "status", &lines);
    let direct = of_process(&mut place.shim("real/probe", &["real"]), "status", &lines);
    assert_eq!(ours, direct);
}

#[test]
fn limits_are_inherited() {
    let place = Place::with_real("/bin/cat");
    let ours =
        stdout(&mut place.bash("ulimit -S -n 77 -s 4096 -c 5; exec probe /proc/self/limits"));
    let direct = "ulimit -S -n 77 -s 4096 -c 5; exec real/probe /proc/self/limits";
    assert_eq!(ours, stdout(&mut place.bash(direct)));
    assert!(ours.lines().any(|line| line.starts_with("Max open files") && line.contains(" 77 ")));
}

#[test]
fn the_environment_goes_on_but_for_the_guard() {
    let place = Place::with_real("/bin/cat");
    let entries = |command: &mut Command| -> Vec<Vec<u8>> {
        let output = run(command.arg("/proc/self/environ").env("LD_PRELOAD", "").env("_", "x"));
        output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect()
    };
    let mut ours = entries(&mut place.probe());
    let guards = ours.iter().filter(|entry| entry.starts_with(b"HOLDPOINT_LOOP=")).count();
    assert_eq!(guards, 1);
    ours.retain(|entry| !entry.starts_with(b"HOLDPOINT_LOOP="));
    let direct = entries(&mut place.shim("real/probe", &["shims", "real"]));
    assert_eq!(ours, direct);
}

#[test]
fn a_forged_guard_changes_nothing_about_an_honest_tool() {
    let place = Place::with_real("/bin/echo");
    for value in ["", "x", "1:99:99:99999:probe", "1:1:1:1:probe", ":::::::"] {
        let output = run(place.probe().arg("x").env("HOLDPOINT_LOOP", value));
        let loops = value.contains("99999");
        assert_eq!(output.status.code(), Some(if loops { 126 } else { 0 }), "{value}");
    }
    // In the process that it names it may pass one tool over, if there is one.
    let line = "HOLDPOINT_LOOP=$$:9:9:0:probe exec probe x";
    assert_eq!(stdout(&mut place.bash(line)), "x\n");
}

#[test]
fn closed_descriptors_stay_closed() {
    let place = Place::with_real("/bin/bash");
    let script = "for fd in 0 1 2; do [ -e /proc/$$/fd/$fd ] && echo $fd >> open; done; : >> open";
    let closed =
        [("0<&-", "1\n2\n"), ("1>&-", "0\n2\n"), ("2>&-", "0\n1\n"), ("0<&- 1>&- 2>&-", "")];
    for (redirection, left) in closed {
        run(&mut place.bash(&format!("exec probe -c '{script}' {redirection}")));
        let open = fs::read_to_string(place.at("open")).expect("the tool ran");
        assert_eq!(open, left, "{redirection}");
        fs::remove_file(place.at("open")).unwrap();
    }
}

#[test]
fn a_missing_tool_with_closed_descriptors() {
    let place = Place::new();
    let output = run(&mut place.bash("exec probe 0<&- 1>&- 2>&-"));
    assert_eq!(output.status.code(), Some(127));
}

#[test]
fn no_descriptor_is_added() {
    let place = Place::with_real("/bin/ls");
    let ours = stdout(place.probe().arg("/proc/self/fd"));
    let direct = stdout(place.shim("real/probe", &["real"]).arg("/proc/self/fd"));
    assert_eq!(ours, direct);
    // And none is taken away.
    let given = stdout(&mut place.bash("exec probe /proc/self/fd 7</dev/null"));
    assert_eq!(given, format!("{}7\n", direct));
}

#[test]
fn process_session_and_directory_stay() {
    let place = Place::with_real("/bin/bash");
    let said = stdout(&mut place.bash("echo $$; cd real; exec probe -c 'echo $$; pwd'"));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], lines[1]);
    assert_eq!(lines[2], place.at("real").to_str().unwrap());
    let child = place.probe().args(["-c", "echo $$"]).stdout(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{id}\n"));
}
