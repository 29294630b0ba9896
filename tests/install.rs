//! install.sh in a home of its own: what it writes, that shells then find the
//! shims first, that a second run changes nothing, that --uninstall puts every
//! byte back, and what doctor says of it. The program that it installs is the
//! built one.

#[path = "install/doctor.rs"]
mod doctor;
#[path = "support/home.rs"]
mod home;
#[path = "install/removal.rs"]
mod removal;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use home::{Home, said};

/// Start-up files as people have them, and none.
const RC_FILES: [Option<&[u8]>; 6] = [
    None,
    Some(b""),
    Some(b"export A=1\n"),
    Some(b"export A=1"),
    Some(b"\n\nexport B=\xff\xfe # not UTF-8\r\n\n"),
    Some(b"# >>> conda initialize >>>\nexport C=1\n# <<< conda initialize <<<\n"),
];

/// A shell, and the options with which it is started.
const SHELLS: [(&str, &[&[&str]]); 3] = [
    ("bash", &[&["-l", "-c"], &["-i", "-c"], &["-l", "-i", "-c"]]),
    ("zsh", &[&["-c"], &["-l", "-c"], &["-i", "-c"], &["-l", "-i", "-c"]]),
    ("fish", &[&["-c"], &["-l", "-c"], &["-i", "-c"], &["-l", "-i", "-c"]]),
];

#[test]
fn every_way_of_starting_a_shell_finds_the_shim_first() {
    for (shell, ways) in SHELLS {
        let home = Home::new();
        home.install(shell, &[]);
        let shim = home.path(".local/share/holdpoint/shims/curl");
        for options in ways {
            let mut command = home.fresh(shell);
            let output = command.args(*options).arg("command -v curl").output().unwrap();
            assert_eq!(
                said(&output.stdout),
                format!("{}\n", shim.display()),
                "{shell} {options:?}"
            );
        }
    }
}

#[test]
fn what_start_up_files_put_in_front_later_is_overtaken() {
    let front = |home: &Home, file: &str| {
        let tools = home.path("tools");
        home.write(file, format!("PATH={}:$PATH\n", tools.display()).as_bytes());
        home.tool("tools/curl");
    };
    let files =
        [("bash", ".bashrc"), ("bash", ".profile"), ("zsh", ".zprofile"), ("zsh", ".zshrc")];
    for (shell, file) in files {
        let home = Home::new();
        front(&home, file);
        home.install(shell, &[]);
        let options = if file.ends_with("rc") { "-ic" } else { "-lc" };
        let output = home.fresh(shell).args([options, "command -v curl"]).output().unwrap();
        assert!(said(&output.stdout).ends_with("/shims/curl\n"), "{shell} {file}: {output:?}");
    }
    let home = Home::new();
    home.tool("tools/curl");
    let tools = home.path("tools");
    let text = format!("set -gx PATH {} $PATH\n", tools.display());
    home.write(".config/fish/config.fish", text.as_bytes());
    home.install("fish", &[]);
    let output = home.fresh("fish").args(["-c", "command -v curl"]).output().unwrap();
    assert!(said(&output.stdout).ends_with("/shims/curl\n"), "fish: {output:?}");
}

#[test]
fn a_prompt_puts_the_shims_back_in_front() {
    let rc_files = [
        ("bash", ".bashrc", "PROMPT_COMMAND='echo mine; '\n"),
        ("bash", ".bashrc", "PROMPT_COMMAND=(true 'echo mine')\n"),
        ("zsh", ".zshrc", "precmd() { echo mine }\n"),
    ];
    for (shell, file, text) in rc_files {
        let home = Home::new();
        home.write(file, text.as_bytes());
        home.install(shell, &[]);
        home.tool("venv/bin/curl");
        let venv = home.path("venv/bin");
        let lines =
            format!("PATH={}:$PATH\nfalse\necho status $?\ncommand -v curl\n", venv.display());
        let output = home.typed(shell, &lines);
        let text = said(&output.stdout);
        assert!(text.contains("/shims/curl\n") && !text.contains("venv/bin/curl\n"), "{text}");
        assert!(text.contains("status 1\n") && text.contains("mine\n"), "{text}");
    }
}

#[test]
fn a_shell_that_remembers_the_real_tool_forgets_it() {
    let home = Home::new();
    home.tool("real/curl");
    home.install("bash", &["--no-modify-rc"]);
    let line = format!(
        "PATH={}:$PATH; curl; hash | grep -c real/curl; . {}; command -v curl",
        home.path("real").display(),
        home.path(".local/share/holdpoint/activate.bash").display()
    );
    let output = home.fresh("bash").args(["-c", &line]).output().unwrap();
    let text = said(&output.stdout);
    assert!(text.contains("\n1\n") && text.ends_with("/shims/curl\n"), "{text}");
}

#[test]
fn a_second_run_changes_nothing() {
    for (shell, _) in SHELLS {
        let home = Home::new();
        home.write(".bashrc", b"export A=1");
        home.write(".profile", b"export A=1\n");
        home.install(shell, &[]);
        let once = home.everything();
        home.install(shell, &[]);
        assert_eq!(home.everything(), once, "{shell}");
        // A line that was added behind ours stays there.
        if shell == "bash" {
            let bashrc = fs::read_to_string(home.path(".bashrc")).unwrap() + "export LATER=1\n";
            home.write(".bashrc", bashrc.as_bytes());
            home.install(shell, &[]);
            assert_eq!(fs::read_to_string(home.path(".bashrc")).unwrap(), bashrc);
        }
    }
}

#[test]
fn links_and_modes_of_start_up_files_are_kept_and_a_copy_is_left() {
    let home = Home::new();
    home.write("dotfiles/bashrc", b"export A=1\n");
    fs::set_permissions(home.path("dotfiles/bashrc"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink("dotfiles/bashrc", home.path(".bashrc")).unwrap();
    home.install("bash", &[]);
    assert_eq!(fs::read_link(home.path(".bashrc")).unwrap().to_str(), Some("dotfiles/bashrc"));
    assert_eq!(fs::metadata(home.path(".bashrc")).unwrap().mode() & 0o7777, 0o600);
    let copy = home.path("dotfiles/bashrc.holdpoint-backup");
    assert_eq!(fs::read(copy).unwrap(), b"export A=1\n");
    let text = fs::read_to_string(home.path(".bashrc")).unwrap();
    assert_eq!(text.lines().count(), 4, "{text}");
}

#[test]
fn another_prefix_with_a_difficult_name() {
    for (shell, _) in SHELLS {
        let home = Home::new();
        let prefix = home.path("a 'b' \\ $c");
        let before = home.files();
        home.install(shell, &["--prefix", prefix.to_str().unwrap()]);
        let output = home.fresh(shell).args(["-l", "-c", "command -v curl"]).output().unwrap();
        let shim = prefix.join("share/holdpoint/shims/curl");
        assert_eq!(said(&output.stdout), format!("{}\n", shim.display()), "{shell}");
        assert_eq!(fs::read_link(shim).unwrap(), prefix.join("bin/holdpoint"));
        assert!(!home.path(".local/share/holdpoint").exists());
        assert!(!home.path(".local/bin").exists());
        home.unguard("a 'b' \\ $c");
        home.run(shell, &["--uninstall", "--prefix", prefix.to_str().unwrap()]);
        assert_eq!(home.files(), before, "{shell}");
    }
}

#[test]
fn a_new_prefix_replaces_the_line() {
    let home = Home::new();
    home.write(".bashrc", b"export A=1\n");
    home.install("bash", &[]);
    home.install("bash", &["--prefix", home.path("other").to_str().unwrap()]);
    let text = fs::read_to_string(home.path(".bashrc")).unwrap();
    assert_eq!(text.matches(">>> holdpoint >>>").count(), 1, "{text}");
    assert!(text.starts_with("export A=1\n") && text.contains("/other/share/"), "{text}");
}

#[test]
fn start_up_files_are_left_alone_if_asked() {
    let home = Home::new();
    home.write(".bashrc", b"export A=1\n");
    let output = home.install("bash", &["--no-modify-rc"]);
    assert_eq!(fs::read(home.path(".bashrc")).unwrap(), b"export A=1\n");
    assert!(!home.path(".profile").exists());
    assert!(said(&output.stdout).contains("Put this line at the end"));
}

#[test]
fn an_unknown_shell_is_told_what_to_do() {
    let home = Home::new();
    let output = home.install("tcsh", &[]);
    assert!(said(&output.stdout).contains("Put this line at the end"));
    assert_eq!(home.files().keys().filter(|name| !name.starts_with(".local")).count(), 0);
}

#[test]
fn a_new_program_takes_the_place_of_the_old_one() {
    let home = Home::new();
    home.install("bash", &[]);
    let binary = home.path(".local/bin/holdpoint");
    fs::write(home.path("old"), fs::read(&binary).unwrap()).unwrap();
    fs::remove_file(&binary).unwrap();
    fs::write(&binary, "an older program").unwrap();
    home.install("bash", &[]);
    assert_eq!(fs::read(&binary).unwrap(), fs::read(home.path("old")).unwrap());
    assert_eq!(fs::metadata(&binary).unwrap().mode() & 0o7777, 0o755);
}

#[test]
fn it_ends_by_replaying_the_incident() {
    let home = Home::new();
    home.write("failing", b"#!/bin/sh\ncase $1 in demo) exit 1 ;; esac\n");
    fs::set_permissions(home.path("failing"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = home.command("bash", &[]);
    let output = command.env("HOLDPOINT_INSTALL_BINARY", home.path("failing")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output.stderr).contains("did not stop the replayed incident"));
}

#[test]
fn without_cargo_it_says_what_to_do() {
    let home = Home::new();
    // Everything that the script needs, but no cargo.
    for tool in ["sh", "uname", "dirname", "rustc", "cc"] {
        home.tool(&format!("few/{tool}"));
    }
    home.link("few/uname", "/bin/uname");
    home.link("few/dirname", "/usr/bin/dirname");
    let mut command = home.command("bash", &[]);
    command.env_remove("HOLDPOINT_INSTALL_BINARY").env("PATH", home.path("few"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output.stderr);
    assert!(text.contains("cargo is missing. Install Rust from"), "{text}");
    assert!(!home.path(".local/bin").exists() && !home.path(".local/share/holdpoint").exists());
}

#[test]
fn wrong_options_are_told() {
    let home = Home::new();
    for (options, says) in [(&["--what"][..], "unknown option --what"), (&["--prefix"], "a folder")]
    {
        let output = home.command("bash", options).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output.stderr).contains(says));
    }
    let output = home.command("bash", &["--prefix", "/a:b"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let help = said(&home.run("bash", &["--help"]).stdout);
    assert!(help.starts_with("Builds holdpoint") && help.contains("--no-modify-rc"), "{help}");
    assert!(home.files().is_empty());
}
