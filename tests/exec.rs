//! A shim is not there: what the tool gets, and what the caller gets back, is
//! what it would be without. One test a trap, on the built program; the tool
//! is called `probe`, which no rule knows, so that nothing is judged.

#[path = "support/place.rs"]
mod place;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, signal, sigprocmask};
use place::{HOLDPOINT, Place, failure, ours, run, stdout};

/// A shim of another program, as version managers have them: it looks past
/// its own folder and nothing else.
const VERSION_MANAGER: &str = r#"#!/bin/bash
echo manager
own=$(dirname "$0")
IFS=:
for folder in $PATH; do
    if [ "$folder" != "$own" ] && [ -x "$folder/probe" ]; then exec "$folder/probe" "$@"; fi
done
exit 127
"#;

// Finding the tool

#[test]
fn the_next_tool_on_path_is_run() {
    let place = Place::with_real("/bin/echo");
    assert_eq!(stdout(place.probe().args(["a", "b c", ""])), "a b c \n");
}

#[test]
fn two_shim_folders() {
    let place = Place::with_real("/bin/echo");
    place.link("more/probe", HOLDPOINT);
    assert_eq!(stdout(place.shim("shims/probe", &["shims", "more", "real"]).arg("x")), "x\n");
    assert_eq!(stdout(place.shim("more/probe", &["shims", "more", "real"]).arg("x")), "x\n");
}

#[test]
fn a_copied_shim() {
    let place = Place::with_real("/bin/echo");
    place.file("copy/probe", 0o755, fs::read(HOLDPOINT).unwrap());
    let output = run(place.shim("shims/probe", &["shims", "copy", "real"]).arg("x"));
    assert_eq!(output.stdout, b"x\n");
    assert_eq!(stdout(place.shim("copy/probe", &["shims", "copy", "real"]).arg("x")), "x\n");
    let said = ours(&mut place.shim("shims/probe", &["shims", "copy"]), 127);
    assert_eq!(said, "probe: command not found\n");
}

#[test]
fn a_copied_shim_is_skipped_not_met() {
    let place = Place::with_real("/usr/bin/env");
    place.file("copy/probe", 0o755, fs::read(HOLDPOINT).unwrap());
    let environment = stdout(&mut place.shim("shims/probe", &["shims", "copy", "real"]));
    let rounds = environment.lines().find_map(|line| line.strip_prefix("HOLDPOINT_LOOP="));
    let rounds: Vec<&str> = rounds.expect("the guard").split(':').collect();
    assert_eq!(rounds[1..], ["1", "1", "0", "probe"]);
}

#[test]
fn a_marked_folder_holds_no_tools() {
    let place = Place::with_real("/bin/echo");
    place.file("marked/probe", 0o755, "#!/bin/sh\necho not me\n");
    place.file("marked/.holdpoint-shims", 0o644, "");
    assert_eq!(stdout(place.shim("shims/probe", &["shims", "marked", "real"]).arg("x")), "x\n");
}

#[test]
fn symlinked_relative_duplicate_and_empty_path_entries() {
    let place = Place::with_real("/bin/echo");
    place.link("linked", place.at("shims"));
    let shims = place.at("shims").into_os_string().into_string().unwrap();
    let path = format!("{shims}:{shims}/:linked:./shims:shims/../shims:/nonexistent:real");
    assert_eq!(stdout(place.shim_with_path("shims/probe", path.as_ref()).arg("x")), "x\n");
    // Empty entries, in front, between and at the end, are the current folder.
    for path in [":shims", "shims::/none", "shims:"] {
        let mut command = place.shim_with_path("shims/probe", path.as_ref());
        assert_eq!(stdout(command.current_dir(place.at("real")).arg("x")), "x\n", "{path}");
        let mut command = place.shim_with_path("shims/probe", path.as_ref());
        assert_eq!(ours(&mut command, 127), "probe: command not found\n", "{path}");
    }
}

#[test]
fn without_a_path_the_system_s_folders_are_searched() {
    let place = Place::new();
    place.link("shims/cat", HOLDPOINT);
    let mut command = Command::new(place.at("shims/cat"));
    assert_eq!(stdout(command.env_remove("PATH").arg("/dev/null")), "");
}

#[test]
fn a_folder_or_a_file_without_the_bit_does_not_hide_the_tool() {
    let place = Place::with_real("/bin/echo");
    fs::create_dir_all(place.at("folder/probe")).unwrap();
    place.file("plain/probe", 0o644, "#!/bin/sh\necho not me\n");
    place.link("dangling/probe", "/nonexistent/probe");
    nix::unistd::mkfifo(&place.at("fifo"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    place.link("pipe/probe", place.at("fifo"));
    let folders = ["shims", "folder", "plain", "dangling", "pipe", "real"];
    assert_eq!(stdout(place.shim("shims/probe", &folders).arg("x")), "x\n");
}

#[test]
fn a_missing_tool_is_127_in_the_shell_s_words() {
    let place = Place::new();
    let said = ours(&mut place.probe(), 127);
    let shells = failure(&mut place.bash("rm shims/probe; probe"), 127);
    assert_eq!(said, "probe: command not found\n");
    assert!(shells.ends_with(&said), "{shells}");
    fs::create_dir_all(place.at("real/probe")).unwrap();
    place.link("shims/probe", HOLDPOINT);
    assert_eq!(ours(&mut place.probe(), 127), said);
}

#[test]
fn a_tool_that_may_not_be_run_is_126_in_the_shell_s_words() {
    let place = Place::new();
    place.file("real/probe", 0o644, "#!/bin/sh\n");
    let said = ours(&mut place.probe(), 126);
    let shells = failure(&mut place.bash("rm shims/probe; probe"), 126);
    assert!(said.ends_with("/real/probe: Permission denied\n"), "{said}");
    assert!(shells.ends_with(&said), "{shells}");
}

#[test]
fn a_script_whose_interpreter_is_missing_is_126() {
    let place = Place::new();
    place.file("real/probe", 0o755, "#!/nonexistent/interpreter\n");
    let said = ours(&mut place.probe(), 126);
    assert!(said.contains("real/probe: its interpreter: No such file"), "{said}");
}

#[test]
fn a_script_without_a_first_line_is_the_shell_s() {
    let place = Place::new();
    place.file("real/probe", 0o755, "echo \"$0: $# $1\"\nexit 5\n");
    let output = run(place.probe().args(["one two", "three"]));
    let said = format!("{}: 2 one two\n", place.at("real/probe").display());
    assert_eq!(String::from_utf8_lossy(&output.stdout), said);
    assert_eq!(output.status.code(), Some(5));
}

#[test]
fn a_file_of_no_known_format_is_126() {
    let place = Place::new();
    place.file("real/probe", 0o755, b"\x7fELF\x02\x01\x01\0garbage");
    let said = ours(&mut place.probe(), 126);
    let shells = failure(&mut place.bash("rm shims/probe; probe"), 126);
    assert!(
        said.ends_with("/real/probe: cannot execute binary file: Exec format error\n"),
        "{said}"
    );
    assert!(shells.ends_with(&said), "{shells}");
}

// Loops

#[test]
fn a_version_manager_that_looks_past_itself_only() {
    let place = Place::with_real("/bin/echo");
    place.file("manager/probe", 0o755, VERSION_MANAGER);
    let said = stdout(place.shim("shims/probe", &["shims", "manager", "real"]).arg("x"));
    assert!(said.ends_with("manager\nx\n"), "{said}");
    // Two of them, each of which finds the other.
    place.file("other/probe", 0o755, VERSION_MANAGER);
    let said = stdout(place.shim("shims/probe", &["shims", "manager", "other", "real"]).arg("x"));
    assert!(said.ends_with("\nx\n"), "{said}");
}

#[test]
fn a_version_manager_that_takes_itself_off_path() {
    let place = Place::with_real("/bin/echo");
    let rest = place.path(&["shims", "real"]).into_string().unwrap();
    let script = format!("#!/bin/sh\necho manager\nPATH={rest} exec probe \"$@\"\n");
    place.file("manager/probe", 0o755, script);
    let said = stdout(place.shim("shims/probe", &["shims", "manager", "real"]).arg("x"));
    assert_eq!(said, "manager\nx\n");
}

#[test]
fn a_script_that_runs_itself_once_more() {
    let place = Place::with_real("/bin/false");
    let script = "#!/bin/sh\n[ -n \"$AGAIN\" ] && exec echo second\nAGAIN=1 exec probe\n";
    place.file("script/probe", 0o755, script);
    let said = stdout(&mut place.shim("shims/probe", &["shims", "script", "real"]));
    assert_eq!(said, "second\n");
}

#[test]
fn an_exec_loop_ends() {
    let place = Place::new();
    place.file("real/probe", 0o755, "#!/bin/sh\nexec probe \"$@\"\n");
    let said = ours(&mut place.probe(), 126);
    assert!(said.starts_with("probe: found again and again"), "{said}");
    assert_eq!(said.lines().count(), 1);
}

#[test]
fn a_spawn_loop_ends() {
    let place = Place::new();
    place.file("real/probe", 0o755, "#!/bin/sh\nprobe \"$@\"\nexit $?\n");
    let said = ours(&mut place.probe(), 126);
    assert!(said.starts_with("probe: found again and again"), "{said}");
    assert_eq!(said.lines().count(), 1);
}

#[test]
fn tools_that_run_each_other_are_no_loop() {
    let place = Place::with_real("/bin/bash");
    place.link("shims/inner", HOLDPOINT);
    place.link("real/inner", "/bin/echo");
    let nested = "probe -c 'probe -c \"for i in 1 2 3; do inner \\$i; done\"'";
    assert_eq!(stdout(place.probe().args(["-c", nested])), "1\n2\n3\n");
}

// The name and the words

#[test]
fn a_changed_first_word_goes_on_unchanged() {
    let place = Place::with_real("/bin/bash");
    for first in ["zzz", "-probe", "holdpoint", "", "/usr/bin/psql"] {
        let mut command = place.probe();
        assert_eq!(
            stdout(command.arg0(first).args(["-c", "echo \"<$0>\""])),
            format!("<{first}>\n")
        );
    }
    assert_eq!(stdout(&mut place.bash("exec -a zzz probe -c 'echo $0'")), "zzz\n");
    assert_eq!(stdout(&mut place.bash("exec -l probe -c 'echo $0'")), "-probe\n");
}

#[test]
fn a_shim_as_a_script_s_interpreter() {
    let place = Place::with_real("/bin/cat");
    let script = format!("#!{}\ntext\n", place.at("shims/probe").display());
    place.file("script", 0o755, &script);
    assert_eq!(stdout(&mut place.bash("./script")), script);
}

#[test]
fn bytes_that_are_not_utf_8() {
    let place = Place::with_real("/bin/cat");
    let word = OsStr::from_bytes(b"\xff\xfe a\n\x80");
    let mut command = place.probe();
    command.arg0(OsStr::from_bytes(b"\xc3probe")).arg("/proc/self/cmdline").arg("--").arg(word);
    let output = run(command.env(OsStr::from_bytes(b"ODD\xff"), word));
    assert_eq!(output.stdout, b"\xc3probe\0/proc/self/cmdline\0--\0\xff\xfe a\n\x80\0");
    let output =
        run(place.probe().arg("/proc/self/environ").env(OsStr::from_bytes(b"ODD\xff"), word));
    let entry = b"ODD\xff=\xff\xfe a\n\x80\0";
    assert!(output.stdout.windows(entry.len()).any(|found| found == entry));
}

#[test]
fn thirty_two_thousand_arguments() {
    let place = Place::with_real("/bin/bash");
    let words = (0..32_000).map(|number| format!("word-{number}"));
    let script = "echo $# ${!#}";
    let said = stdout(place.probe().args(["-c", script, "probe"]).args(words));
    assert_eq!(said, "32000 word-31999\n");
}

#[test]
fn a_call_as_large_as_the_system_allows() {
    // The two paths are of one length, since the system counts them too.
    let place = Place::new();
    place.link("tools/probe", "/bin/true");
    let filled = |program: &str, size: usize| {
        let mut command = place.shim(program, &["shims", "tools"]);
        // One string may be 128 KiB at most.
        command.args((0..size / 1000).map(|_| "x".repeat(999))).arg("x".repeat(size % 1000));
        command.status().map(|status| status.code())
    };
    let (mut fits, mut fails) = (100_000, 8_000_000);
    while fails - fits > 1 {
        let size = (fits + fails) / 2;
        match filled("tools/probe", size) {
            Ok(_) => fits = size,
            Err(error) if error.kind() == std::io::ErrorKind::ArgumentListTooLong => fails = size,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(filled("shims/probe", fits).unwrap(), Some(0));
}

// What a process inherits

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

// What the caller gets back

#[test]
fn the_exit_status_is_the_tool_s() {
    let place = Place::with_real("/bin/bash");
    for status in [0, 1, 2, 77, 126, 127, 128, 255] {
        let output = run(place.probe().args(["-c", &format!("exit {status}")]));
        assert_eq!(output.status.code(), Some(status));
    }
}

#[test]
fn death_by_a_signal_is_the_tool_s() {
    let place = Place::with_real("/bin/bash");
    for signal in [libc::SIGTERM, libc::SIGKILL, libc::SIGUSR1, libc::SIGPIPE] {
        let output = run(place.probe().args(["-c", &format!("kill -{signal} $$; sleep 5")]));
        assert_eq!(output.status.signal(), Some(signal));
    }
}

#[test]
fn a_signal_to_the_shim_reaches_the_tool() {
    let place = Place::with_real("/bin/bash");
    let script = "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.05; done";
    let mut child = place.probe().args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut ready = [0; 6];
    out.read_exact(&mut ready).unwrap();
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(id, Signal::SIGTERM).unwrap();
    let mut said = String::new();
    out.read_to_string(&mut said).unwrap();
    assert_eq!((said.as_str(), child.wait().unwrap().code()), ("caught\n", Some(3)));
}

#[test]
fn standard_input_is_left_to_the_tool() {
    let place = Place::with_real("/bin/cat");
    let mut child = place.probe().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let text = vec![b'\xff'; 300_000];
    let mut input = child.stdin.take().unwrap();
    let given = text.clone();
    let writer = std::thread::spawn(move || input.write_all(&given).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.stdout == text);
    // Line by line: nothing reads ahead of the tool.
    let said = stdout(&mut place.bash("printf '1\\n2\\n3\\n' | { read a; probe | tail -1; }"));
    assert_eq!(said, "3\n");
    fs::remove_file(place.at("real/probe")).unwrap();
    place.link("real/probe", "/usr/bin/head");
    let said = stdout(&mut place.bash("printf '1\\n2\\n' > f; { probe -n1; cat; } < f"));
    assert_eq!(said, "1\n2\n");
}

#[test]
fn words_of_any_length() {
    let place = Place::with_real("/bin/bash");
    let long = OsString::from_vec(vec![b'x'; 100_000]);
    let said = stdout(place.probe().args(["-c", "echo ${#1}", "probe"]).arg(long));
    assert_eq!(said, "100000\n");
}
