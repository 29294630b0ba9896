//! `install.sh --uninstall`: every byte is put back, and who may ask for it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::RC_FILES;
use crate::home::{Home, said};
use crate::terminal::Login;

#[test]
fn uninstall_restores_every_byte() {
    let files = [
        ("bash", [".bashrc", ".profile"]),
        ("bash", [".bashrc", ".bash_profile"]),
        ("zsh", [".zshrc", ".zshenv"]),
        ("zsh", [".zshrc", ".zprofile"]),
        ("fish", [".config/fish/config.fish", ".config/fish/conf.d/other.fish"]),
    ];
    for (shell, names) in files {
        for text in RC_FILES {
            let home = Home::new();
            for name in names {
                if let Some(text) = text {
                    home.write(name, text);
                }
            }
            let before = home.files();
            home.install(shell, &[]);
            assert_ne!(home.files(), before);
            home.unguard(".local");
            home.run(shell, &["--uninstall"]);
            assert_eq!(home.files(), before, "{shell} {text:?}");
            home.run(shell, &["--uninstall"]);
            assert_eq!(home.files(), before, "{shell} {text:?}, twice");
        }
    }
}

#[test]
fn uninstall_keeps_what_was_written_around_the_line() {
    for (before, behind) in [("a\n", "z\n"), ("a", "z\n"), ("a\n", "z"), ("a", "z"), ("", "z")] {
        let home = Home::new();
        home.write(".bashrc", before.as_bytes());
        home.install("bash", &[]);
        let with_line = fs::read_to_string(home.path(".bashrc")).unwrap();
        home.write(".bashrc", format!("{with_line}{behind}").as_bytes());
        home.unguard(".local");
        home.run("bash", &["--uninstall"]);
        let between = if before == "a" { "\n" } else { "" };
        let left = fs::read_to_string(home.path(".bashrc")).unwrap();
        assert_eq!(left, format!("{before}{between}{behind}"));
    }
}

#[test]
fn a_file_that_only_held_the_line_is_kept_if_something_was_added() {
    let home = Home::new();
    home.install("bash", &[]);
    let with_line = fs::read_to_string(home.path(".bashrc")).unwrap();
    home.write(".bashrc", format!("{with_line}export MINE=1\n").as_bytes());
    home.unguard(".local");
    home.run("bash", &["--uninstall"]);
    assert_eq!(fs::read_to_string(home.path(".bashrc")).unwrap(), "export MINE=1\n");
    assert!(!home.path(".profile").exists());
}

#[test]
fn uninstall_leaves_a_folder_of_somebody_else_s() {
    let home = Home::new();
    home.write(".local/share/holdpoint/shims/curl", b"mine");
    home.write(".local/bin/other", b"mine");
    let output = home.command("bash", &[]).output().unwrap();
    assert!(!output.status.success());
    home.run("bash", &["--uninstall"]);
    assert_eq!(home.files().len(), 2);
}

/// install.sh as an agent runs it.
fn as_agent(home: &Home, options: &[&str]) -> std::process::Output {
    home.command("bash", options).env("CLAUDECODE", "1").output().unwrap()
}

#[test]
fn an_agent_takes_nothing_away() {
    let home = Home::new();
    home.write(".bashrc", b"export A=1\n");
    home.install("bash", &[]);
    // The refusals are recorded; everything else stays.
    let kept = |home: &Home| {
        let mut files = home.everything();
        files.retain(|path, _| !path.starts_with(".local/state"));
        files
    };
    let before = kept(&home);
    for options in [&["--uninstall"][..], &["--uninstall", "--no-modify-rc"]] {
        let output = as_agent(&home, options);
        assert_eq!(output.status.code(), Some(77), "{output:?}");
        let text = said(&output.stderr);
        assert!(text.contains("was refused") && text.contains("claude-code"), "{text}");
        assert!(text.contains("Nothing was removed."), "{text}");
        assert_eq!(kept(&home), before);
    }
    // Nor by way of a prefix where nothing is.
    let elsewhere = home.path("nowhere");
    let output = as_agent(&home, &["--uninstall", "--prefix", elsewhere.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(kept(&home), before);
    // Nor with the installed program itself.
    let binary = home.path(".local/bin/holdpoint");
    for words in [&["shims", "remove"][..], &["shims", "remove", "--dir", "."]] {
        let mut command = Command::new(&binary);
        home.surround(&mut command, "bash");
        command.current_dir(home.path(".local/share/holdpoint/shims"));
        let output = command.args(words).env("CLAUDECODE", "1").output().unwrap();
        assert_eq!(output.status.code(), Some(77), "{output:?}");
        assert_eq!(kept(&home), before);
    }
    let trail = fs::read_to_string(home.path(".local/state/holdpoint/audit.jsonl")).unwrap();
    assert_eq!(trail.matches("\"refused\"").count(), 4, "{trail}");
    // An update asks nobody.
    assert_eq!(as_agent(&home, &[]).status.code(), Some(0));
}

#[test]
fn another_copy_does_not_take_the_shims_over() {
    let home = Home::new();
    home.install("bash", &[]);
    let shims = home.path(".local/share/holdpoint/shims");
    let leads = || fs::read_link(shims.join("curl")).unwrap();
    let before = leads();
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
        home.surround(&mut command, "bash");
        command.args(words).arg("--dir").arg(&shims).env("CLAUDECODE", "1").output().unwrap()
    };
    let output = run(&["shims", "install"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(said(&output.stderr).contains("--relink"), "{output:?}");
    let output = run(&["shims", "install", "--relink"]);
    assert_eq!(output.status.code(), Some(77), "{output:?}");
    assert_eq!(leads(), before);
    // Where the other copy is gone, there is nobody to be asked about.
    fs::remove_file(home.path(".local/bin/holdpoint")).unwrap();
    assert_eq!(run(&["shims", "install"]).status.code(), Some(0));
    assert_ne!(leads(), before);
}

#[test]
fn a_person_takes_it_away_with_the_phrase_and_not_without() {
    let home = Home::new();
    home.write(".bashrc", b"export A=1\n");
    let before = home.files();
    home.install("bash", &[]);
    let installed = home.everything();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh");
    let folder = home.path("").display().to_string();
    let line = format!(
        "env HOME={folder} HOLDPOINT_TEST_HOME={folder} SHELL=/usr/bin/bash \
         sh {script} --uninstall; echo status=$?"
    );
    let mut login = Login::new();
    let terminal = &mut login.terminal;
    terminal.line(&line);
    let phrase = terminal.phrase();
    assert!(phrase.starts_with("shims-"), "{phrase}");
    terminal.type_by_hand("yes\ryes\ryes\r");
    let text = terminal.prompt();
    assert!(text.contains("status=77") && text.contains("Nothing was removed."), "{text}");
    let mut left = home.everything();
    left.retain(|path, _| !path.starts_with(".local/state"));
    assert_eq!(left, installed);

    terminal.line(&line);
    terminal.phrase();
    terminal.send("\u{3}");
    let text = terminal.prompt();
    assert!(text.contains("not confirmed: it was interrupted"), "{text}");
    assert!(home.path(".local/share/holdpoint/shims/curl").exists());

    terminal.line(&line);
    let phrase = terminal.phrase();
    let text = terminal.confirm(&phrase);
    assert!(text.contains("status=0"), "{text}");
    let mut left = home.files();
    left.retain(|path, _| !path.starts_with(".local/state"));
    assert_eq!(left, before);
}

#[test]
fn a_program_that_does_not_run_is_told_what_to_remove_by_hand() {
    let home = Home::new();
    home.install("bash", &[]);
    let before = home.files();
    let binary = home.path(".local/bin/holdpoint");
    let program = fs::read(&binary).unwrap();
    fs::remove_file(&binary).unwrap();
    fs::write(&binary, "not a program").unwrap();
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
    let output = home.command("bash", &["--uninstall"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = said(&output.stderr);
    assert!(text.contains("Nothing was removed.") && text.contains("/holdpoint/shims"), "{text}");
    fs::remove_file(&binary).unwrap();
    fs::write(&binary, program).unwrap();
    assert_eq!(home.files(), before);
    // Without it the shims lead nowhere, and nothing is guarded.
    fs::remove_file(&binary).unwrap();
    home.run("bash", &["--uninstall"]);
    assert!(home.files().is_empty(), "{:?}", home.files());
}
