//! Finding the tool: past every shim, and without end in no case.

use std::fs;
use std::process::Command;

use crate::place::{HOLDPOINT, Place, failure, ours, run, stdout};

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
