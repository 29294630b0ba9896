//! install.sh in a home of its own: what it writes, that shells then find the
//! shims first, that a second run changes nothing, and that --uninstall puts
//! every byte back, and who may ask for it. The program that it installs is the built one.

#[path = "support/home.rs"]
mod home;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;

use home::{Home, said};
use terminal::Login;

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
fn uninstall_leaves_a_folder_of_somebody_else_s() {
    let home = Home::new();
    home.write(".local/share/holdpoint/shims/curl", b"mine");
    home.write(".local/bin/other", b"mine");
    let output = home.command("bash", &[]).output().unwrap();
    assert!(!output.status.success());
    home.run("bash", &["--uninstall"]);
    assert_eq!(home.files().len(), 2);
}

// who may take it away

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

// doctor

fn doctor(home: &Home, shell: &str, path: &str) -> (String, Option<i32>) {
    let mut command = Command::new(home.path(".local/bin/holdpoint"));
    home.surround(&mut command, shell);
    let output = command.arg("doctor").env("PATH", path).output().unwrap();
    assert_eq!(said(&output.stderr), "");
    (said(&output.stdout), output.status.code())
}

fn with_shims(home: &Home, behind: &str) -> String {
    format!("{}:{behind}", home.path(".local/share/holdpoint/shims").display())
}

#[test]
fn doctor_is_content_with_what_install_sh_did() {
    let home = Home::new();
    home.install("bash", &[]);
    let path = with_shims(&home, "/usr/bin:/bin");
    let (text, status) = doctor(&home, "bash", &path);
    assert_eq!(status, Some(0), "{text}");
    for line in [
        "ok    new shells   bash, login, interactive: the shims come first",
        "ok    new shells   bash, login, not interactive: the shims come first",
        "ok    new shells   bash, interactive: the shims come first",
        "ok    path         the shims come first on PATH",
        "/usr/bin/curl",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn doctor_finds_what_is_in_front() {
    let home = Home::new();
    home.install("bash", &[]);
    home.tool(".pyenv/shims/curl");
    let front = home.path(".pyenv/shims");
    home.write(".bash_login", format!("PATH={}:/usr/bin:/bin\n", front.display()).as_bytes());
    let path = format!("{}:{}", front.display(), with_shims(&home, "/usr/bin:/bin"));
    let (text, status) = doctor(&home, "bash", &path);
    assert_eq!(status, Some(1), "{text}");
    let hidden = format!("curl ({}/curl)", front.display());
    assert!(text.contains(&format!("FIX   path         found in front of its shim: {hidden}")));
    assert!(text.contains("note  path         pyenv stands in front of the shims"), "{text}");
    // The login file resets PATH: there the shims are not hidden but gone.
    let gone = "FIX   new shells   bash, login, interactive: the shims are not on PATH";
    assert!(text.contains(gone), "{text}");
    assert!(text.contains("ok    new shells   bash, interactive"), "{text}");
}

#[test]
fn doctor_sees_the_real_tool_behind_a_version_manager_s_shim() {
    let home = Home::new();
    home.install("bash", &[]);
    home.tool(".asdf/shims/curl");
    let behind = format!("{}:/usr/bin:/bin", home.path(".asdf/shims").display());
    let (text, status) = doctor(&home, "bash", &with_shims(&home, &behind));
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains(".asdf/shims/curl") && !text.contains("asdf stands in front"), "{text}");
}

#[test]
fn doctor_misses_shims_that_are_gone() {
    let home = Home::new();
    home.install("bash", &[]);
    fs::remove_file(home.path(".local/share/holdpoint/shims/curl")).unwrap();
    let (text, status) = doctor(&home, "bash", &with_shims(&home, "/usr/bin:/bin"));
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains("curl (missing)") && text.contains("→ holdpoint shims install"),
        "{text}"
    );
    home.run("bash", &["--no-modify-rc"]);
    assert_eq!(doctor(&home, "bash", &with_shims(&home, "/usr/bin:/bin")).1, Some(0));
}

#[test]
fn doctor_does_not_wait_for_a_shell_that_hangs() {
    let home = Home::new();
    home.install("bash", &[]);
    home.write(".bash_login", b"sleep 1000\n");
    let start = std::time::Instant::now();
    let (text, status) = doctor(&home, "bash", &with_shims(&home, "/usr/bin:/bin"));
    assert_eq!(status, Some(1));
    assert!(text.contains("bash, login, interactive: it did not answer"), "{text}");
    assert!(start.elapsed().as_secs() < 300);
}

#[test]
fn doctor_as_json() {
    let home = Home::new();
    home.install("bash", &[]);
    let mut command = Command::new(home.path(".local/bin/holdpoint"));
    home.surround(&mut command, "bash");
    let output = command.args(["doctor", "--json"]).env("PATH", "/usr/bin:/bin").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["fine"], false);
    let checks = report["checks"].as_array().unwrap();
    let path = checks.iter().find(|check| check["check"] == "path").unwrap();
    assert_eq!(path["status"], "finding");
    assert!(path["fix"].as_str().unwrap().contains("export PATH="));
}
