//! Shells at a terminal, with real bash, zsh and fish and real version
//! managers (direnv, rbenv, Python's venv, mise): whatever is put in front of
//! PATH, the shim answers at the next prompt. Lines are typed, and a tool's
//! answer says whether the shim or the tool was run.

#[path = "shells/doctor.rs"]
mod doctor;
#[path = "support/home.rs"]
mod home;
#[path = "support/installed.rs"]
mod installed;
#[path = "shells/managers.rs"]
mod managers;
#[path = "support/shell.rs"]
mod shell;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use home::{Home, said};
use shell::{SHELLS, Shell, prepare};

/// In front of PATH, in a start-up file of this shell.
fn front(shell: &str, folder: &Path) -> String {
    match shell {
        "fish" => format!("set -gx PATH {} $PATH\n", folder.display()),
        _ => format!("export PATH={}:$PATH\n", folder.display()),
    }
}

// start-up

#[test]
fn a_line_behind_ours_in_the_start_up_file() {
    for shell in SHELLS {
        let home = prepare(shell);
        home.tool("mine/psql");
        home.append(shell::rc(shell), &front(shell, &home.path("mine")));
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        assert!(terminal.is_guarded(), "{shell}: {}", terminal.all());
        assert_eq!(terminal.shims_on_path(), [0], "{shell}");
    }
}

#[test]
fn a_login_whose_profile_sets_path_anew() {
    // Debian's own /etc/profile does it for bash; where zsh and fish read no
    // such file, one of the person's own stands for it.
    for shell in SHELLS {
        let home = prepare(shell);
        home.tool("mine/psql");
        let mine = home.path("mine");
        let mine = mine.display();
        match shell {
            "zsh" => home.append(".zprofile", &format!("PATH={mine}:/usr/bin:/bin\n")),
            "fish" => home.append(shell::rc(shell), &format!("set PATH {mine} /usr/bin /bin\n")),
            _ => {}
        }
        let mut terminal = Shell::start(&home, shell, &["-l", "-i"]);
        assert!(terminal.is_guarded(), "{shell}: {}", terminal.all());
        assert_eq!(terminal.shims_on_path(), [0], "{shell}");
    }
}

#[test]
fn a_path_helper_that_sorts_the_system_s_folders_to_the_front() {
    // What macOS's path_helper prints, in the files that a login reads last
    // before the rc file. The tool in front of the shim is the system's own.
    let sort = "PATH=/usr/local/bin:/usr/bin:/bin:$PATH; export PATH\n";
    for (shell, file) in [("bash", ".bash_profile"), ("zsh", ".zprofile")] {
        let home = prepare(shell);
        let rc = if shell == "bash" { ". ~/.bashrc\n" } else { "" };
        home.append(file, &format!("{rc}{sort}"));
        let mut terminal = Shell::start(&home, shell, &["-l", "-i"]);
        assert!(terminal.is_guarded(), "{shell}: {}", terminal.all());
        assert_eq!(terminal.shims_on_path(), [0], "{shell}");
    }
}

#[test]
fn a_login_of_a_plain_posix_shell() {
    let home = prepare("bash");
    let mut terminal = Shell::start(&home, "dash", &["-l", "-i"]);
    assert!(terminal.is_guarded(), "{}", terminal.all());
}

#[test]
fn sourcing_it_again_and_again_adds_nothing() {
    for shell in SHELLS {
        let home = prepare(shell);
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        let line = format!("source {}", shell::activation(&home, shell).display());
        for _ in 0..3 {
            terminal.run(&line);
        }
        assert!(terminal.is_guarded(), "{shell}");
        assert_eq!(terminal.shims_on_path(), [0], "{shell}");
        let hooks = match shell {
            "bash" => terminal.run("echo \"${PROMPT_COMMAND[*]}\""),
            "zsh" => terminal.run("echo $precmd_functions"),
            _ => continue,
        };
        let hooks = hooks.lines().filter(|line| !line.contains("echo")).collect::<String>();
        assert_eq!(hooks.matches("__holdpoint_prompt").count(), 1, "{shell}: {hooks}");
    }
}

// other users of bash's prompt

#[test]
fn somebody_assigns_prompt_command_behind_ours() {
    for line in ["PROMPT_COMMAND='echo mine'", "PROMPT_COMMAND=\"echo mine;$PROMPT_COMMAND\""] {
        let home = prepare("bash");
        home.tool("mine/psql");
        home.append(".bashrc", &format!("{line}\n"));
        let mut terminal = Shell::start(&home, "bash", &["-i"]);
        terminal.run(&format!("PATH={}:$PATH", home.path("mine").display()));
        assert!(terminal.is_guarded(), "{line}: {}", terminal.all());
        assert!(terminal.all().contains("\nmine\r\n"), "{line}: {}", terminal.all());
    }
}

/// What bash-preexec leaves in a shell, by two of its versions: the older
/// looks at PROMPT_COMMAND as one string. What is run behind the last function
/// counts as typed, and switches it off for the line that really is.
fn preexec(list: bool) -> String {
    let last = match list {
        true => "PROMPT_COMMAND+=(__bp_interactive_mode)",
        false => "PROMPT_COMMAND+=$'\\n__bp_interactive_mode'",
    };
    let all = if list { "${PROMPT_COMMAND[*]}" } else { "${PROMPT_COMMAND-}" };
    format!(
        "__bp_imported=defined\n\
         __bp_precmd_invoke_cmd() {{ ended=${{PIPESTATUS[*]}}; }}\n\
         __bp_interactive_mode() {{ typed=on; }}\n\
         __bp_debug() {{\n\
         [[ $typed ]] || return 0; typed=\n\
         [[ \"{all}\" == *\"$BASH_COMMAND\"* ]] && return 0\n\
         echo \"about to run [$BASH_COMMAND] after [$ended]\"\n\
         }}\n\
         __bp_install() {{\n\
         PROMPT_COMMAND=\"${{PROMPT_COMMAND//__bp_install[;$'\\n']}}\"\n\
         PROMPT_COMMAND=\"${{PROMPT_COMMAND//__bp_install}}\"\n\
         PROMPT_COMMAND=$'__bp_precmd_invoke_cmd\\n'\"${{PROMPT_COMMAND%;}}\"\n\
         {last}\n\
         trap __bp_debug DEBUG; __bp_interactive_mode\n\
         }}\n\
         PROMPT_COMMAND=\"${{PROMPT_COMMAND:+$PROMPT_COMMAND;}}__bp_install\"\n"
    )
}

#[test]
fn with_bash_preexec_before_ours_and_behind() {
    for (list, behind) in [(false, false), (false, true), (true, false), (true, true)] {
        let home = Home::new();
        let text = format!("{}PROMPT_COMMAND='true'\n", shell::plain("bash"));
        let first = if behind { text.clone() } else { text + &preexec(list) };
        home.write(".bashrc", first.as_bytes());
        home.install("bash", &[]);
        if behind {
            home.append(".bashrc", &preexec(list));
        }
        home.tool("mine/psql");
        let mut terminal = Shell::start(&home, "bash", &["-i"]);
        terminal.run(":");
        terminal.run(&format!("PATH={}:$PATH", home.path("mine").display()));
        assert!(terminal.is_guarded(), "{list} {behind}: {}", terminal.all());
        terminal.run("false | true");
        let text = terminal.run("printf 'x%sx' 1");
        assert!(
            text.contains("about to run [printf 'x%sx' 1] after [1 0]"),
            "{list} {behind}: {}",
            terminal.all()
        );
        // By hand, when bash-preexec has long been there.
        terminal.run(&format!("source {}", shell::activation(&home, "bash").display()));
        let text = terminal.run("printf 'x%sx' 2");
        assert!(text.contains("about to run [printf 'x%sx' 2]"), "{list} {behind}: {text}");
    }
}

// what a shell remembers, and its options

#[test]
fn a_shim_that_appears_later_is_found() {
    for shell in SHELLS {
        let home = prepare(shell);
        let shim = home.path(".local/share/holdpoint/shims/psql");
        let program = fs::read_link(&shim).unwrap();
        fs::remove_file(&shim).unwrap();
        home.tool("tools/psql");
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        assert!(!terminal.is_guarded(), "{shell}: {}", terminal.all());
        // A second: the clock of files is no finer, for zsh.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        symlink(&program, &shim).unwrap();
        terminal.run("true");
        assert!(terminal.is_guarded(), "{shell}: {}", terminal.all());
    }
}

#[test]
fn a_path_that_bash_was_told_to_remember_is_forgotten() {
    let home = prepare("bash");
    home.tool("tools/psql");
    let mut terminal = Shell::start(&home, "bash", &["-i"]);
    terminal.run(&format!("hash -p {} psql", home.path("tools/psql").display()));
    assert!(terminal.is_guarded(), "{}", terminal.all());
}

#[test]
fn status_and_options_are_left_as_they_are() {
    let options = [
        ("bash", ":"),
        ("bash", "set -u"),
        ("bash", "set -e"),
        ("bash", "set -o posix"),
        ("bash", "set +h"),
        ("bash", "IFS=:/; set -f"),
        ("zsh", ":"),
        ("zsh", "setopt no_unset"),
        ("zsh", "setopt err_exit"),
        ("zsh", "setopt ksh_arrays"),
        ("zsh", "setopt sh_word_split glob_subst"),
        ("zsh", "setopt sh_glob posix_builtins"),
        ("fish", "true"),
    ];
    for (shell, option) in options {
        let (status, pipe) = match shell {
            "bash" => ("$?", "${PIPESTATUS[@]}"),
            "zsh" => ("$?", "${pipestatus[@]}"),
            _ => ("$status", "$pipestatus"),
        };
        let home = prepare(shell);
        home.tool("mine/psql");
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        terminal.run(option);
        let mine = front(shell, &home.path("mine"));
        let mine = mine.trim_end();
        for change in ["true", mine] {
            terminal.run(&format!("{change}; ! true"));
            let text = terminal.run(&format!("echo \"status={status}=\""));
            assert!(text.contains("status=1="), "{shell} {option}: {}", terminal.all());
            terminal.run(&format!("{change}; true | false | true"));
            let text = terminal.run(&format!("echo \"pipe={pipe}=\""));
            assert!(text.contains("pipe=0 1 0="), "{shell} {option}: {}", terminal.all());
        }
        assert!(terminal.is_guarded(), "{shell} {option}: {}", terminal.all());
        let all = terminal.all();
        for complaint in ["unbound", "parameter not set", "disabled", "holdpoint_", "bad "] {
            assert!(!all.contains(complaint), "{shell} {option}: {all}");
        }
    }
}

#[test]
fn a_prompt_starts_no_process() {
    let home = prepare("bash");
    let activation = |shell| shell::activation(&home, shell);
    let runs = [
        ("bash", "__holdpoint_prompt; PATH=/x:$PATH; __holdpoint_prompt"),
        ("zsh", "__holdpoint_prompt; PATH=/x:$PATH; __holdpoint_prompt"),
        ("fish", "emit fish_prompt; set -gx PATH /x $PATH; emit fish_prompt"),
    ];
    for (shell, lines) in runs {
        let bare: &[&str] = match shell {
            "bash" => &["--norc", "-i", "-c"],
            "zsh" => &["-f", "-i", "-c"],
            _ => &["--no-config", "-c"],
        };
        let mut command = Command::new("strace");
        home.surround(&mut command, shell);
        let log = home.path("log");
        command.args(["-f", "-qq", "-e", "trace=process", "-o"]).arg(&log).arg(shell).args(bare);
        let line = format!("source {}; {lines}; echo $PATH", activation(shell).display());
        let output = command.arg(line).output().expect("strace is installed");
        assert!(said(&output.stdout).contains("/shims"), "{shell}: {output:?}");
        let trace = fs::read_to_string(&log).unwrap();
        let started = trace.lines().filter(|line| {
            ["fork(", "clone(", "clone3("].iter().any(|call| line.contains(call))
                && !line.contains("CLONE_THREAD")
        });
        assert_eq!(started.collect::<Vec<_>>(), Vec::<&str>::new(), "{shell}");
    }
}

// the end

#[test]
fn uninstalled_under_an_open_shell_and_installed_again() {
    for shell in SHELLS {
        let home = prepare(shell);
        home.tool("tools/psql");
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        assert!(terminal.is_guarded(), "{shell}: {}", terminal.all());
        home.unguard(".local");
        home.run(shell, &["--uninstall"]);
        let before = terminal.all().len();
        terminal.run("true");
        assert!(!terminal.is_guarded(), "{shell}: {}", terminal.all());
        assert_eq!(terminal.shims_on_path(), [0; 0], "{shell}");
        terminal.run("true");
        let after = terminal.all().split_off(before);
        for complaint in ["No such file", "not found", "holdpoint"] {
            assert!(!after.contains(complaint), "{shell}: {after}");
        }
        home.install(shell, &[]);
        terminal.run("true");
        assert!(terminal.is_guarded(), "{shell}: {}", terminal.all());
        assert_eq!(terminal.shims_on_path(), [0], "{shell}");
    }
}

#[test]
fn a_start_up_file_that_outlives_the_shims_is_silent() {
    for shell in SHELLS {
        let home = prepare(shell);
        fs::remove_dir_all(home.path(".local/share/holdpoint/shims")).unwrap();
        let output = home.fresh(shell).args(["-i", "-c", "echo up"]).output().unwrap();
        let complaints = said(&output.stderr);
        assert!(!complaints.contains("holdpoint"), "{shell}: {complaints}");
        fs::remove_dir_all(home.path(".local")).unwrap();
        let output = home.fresh(shell).args(["-i", "-c", "echo up"]).output().unwrap();
        assert!(!said(&output.stderr).contains("holdpoint"), "{shell}: {output:?}");
        assert!(said(&output.stdout).contains("up"), "{shell}");
    }
}
