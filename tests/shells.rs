//! Shells at a terminal, with real bash, zsh and fish and real version
//! managers (direnv, rbenv, Python's venv, mise): whatever is put in front of
//! PATH, the shim answers at the next prompt. Lines are typed, and a tool's
//! answer says whether the shim or the tool was run.

#[path = "support/home.rs"]
mod home;
#[path = "support/shell.rs"]
mod shell;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;

use home::{Home, said};
use shell::{SHELLS, Shell, prepare};

/// In front of PATH, in a start-up file of this shell.
fn front(shell: &str, folder: &std::path::Path) -> String {
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

// version managers and environments

#[test]
fn a_virtual_environment_and_its_end() {
    for shell in SHELLS {
        let home = prepare(shell);
        let venv = home.path("venv");
        let made =
            Command::new("python3").args(["-m", "venv", "--without-pip"]).arg(&venv).status();
        assert!(made.expect("python3 is installed").success());
        home.tool("venv/bin/psql");
        let file = if shell == "fish" { "activate.fish" } else { "activate" };
        // Activated while the shims were not first, so that its end brings
        // such a PATH back.
        home.tool("mine/psql");
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        let before = front(shell, &home.path("mine"));
        terminal.run(&format!("{}; source venv/bin/{file}", before.trim_end()));
        assert!(terminal.is_guarded(), "{shell}: {}", terminal.all());
        terminal.run("deactivate");
        assert!(terminal.is_guarded(), "{shell}: {}", terminal.all());
        assert_eq!(terminal.shims_on_path(), [0], "{shell}");
    }
}

#[test]
fn direnv_in_and_out_of_a_project() {
    for shell in SHELLS {
        let home = prepare(shell);
        home.tool("project/bin/psql");
        home.write("project/.envrc", b"PATH_add bin\n");
        let hook = match shell {
            "fish" => "direnv hook fish | source\n".to_owned(),
            _ => format!("eval \"$(direnv hook {shell})\"\n"),
        };
        home.append(shell::rc(shell), &hook);
        let mut allow = Command::new("direnv");
        home.surround(&mut allow, shell);
        let allowed = allow.args(["allow", "project/.envrc"]).status();
        assert!(allowed.expect("direnv is installed").success());
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        for folder in ["project", "..", "project", ".."] {
            terminal.run(&format!("cd {folder}"));
            assert!(terminal.is_guarded(), "{shell} {folder}: {}", terminal.all());
            assert_eq!(terminal.shims_on_path(), [0], "{shell} {folder}");
            let inside = terminal.path().iter().any(|entry| entry.ends_with("project/bin"));
            assert_eq!(inside, folder == "project", "{shell} {folder}: {}", terminal.all());
        }
    }
}

#[test]
fn rbenv_s_own_shims_come_behind() {
    for shell in SHELLS {
        let home = prepare(shell);
        home.tool(".rbenv/shims/psql");
        let hook = match shell {
            "fish" => "rbenv init - fish | source\n".to_owned(),
            _ => format!("eval \"$(rbenv init - {shell})\"\n"),
        };
        home.append(shell::rc(shell), &hook);
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        assert!(terminal.is_guarded(), "{shell}: {}", terminal.all());
        let path = terminal.path();
        assert!(path.iter().any(|entry| entry.ends_with("/.rbenv/shims")), "{shell}: {path:?}");
        assert_eq!(terminal.shims_on_path(), [0], "{shell}");
        terminal.run("rbenv rehash");
        assert!(terminal.is_guarded(), "{shell}");
    }
}

#[test]
fn mise_in_and_out_of_a_project() {
    let mise = mise();
    for shell in SHELLS {
        let home = prepare(shell);
        home.tool("project/bin/psql");
        home.write("project/mise.toml", b"[env]\n_.path = [\"bin\"]\n");
        let hook = match shell {
            "fish" => format!("{} activate fish | source\n", mise.display()),
            _ => format!("eval \"$({} activate {shell})\"\n", mise.display()),
        };
        home.append(shell::rc(shell), &hook);
        let mut trust = Command::new(&mise);
        home.surround(&mut trust, shell);
        let trusted = trust.args(["trust", "-q", "project/mise.toml"]).status();
        assert!(trusted.expect("./tests/run installs mise").success());
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        let mut lengths = Vec::new();
        for folder in ["project", "..", "project", "..", "project", ".."] {
            terminal.run(&format!("cd {folder}"));
            assert!(terminal.is_guarded(), "{shell} {folder}: {}", terminal.all());
            assert_eq!(terminal.shims_on_path(), [0], "{shell} {folder}");
            let path = terminal.path();
            let inside = path.iter().any(|entry| entry.ends_with("project/bin"));
            assert_eq!(inside, folder == "project", "{shell} {folder}: {path:?}");
            lengths.push(path.len());
        }
        assert_eq!(lengths[..2], lengths[4..], "{shell}: PATH grows");
    }
}

/// The real mise.
fn mise() -> PathBuf {
    let cache = std::env::var_os("HOLDPOINT_TEST_CACHE").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/test-cache"),
        PathBuf::from,
    );
    let mise = cache.join("mise/node_modules/.bin/mise");
    assert!(mise.exists(), "./tests/run installs {}", mise.display());
    mise
}

#[test]
fn a_function_that_changes_path_as_nvm_and_conda_do() {
    for shell in SHELLS {
        let home = prepare(shell);
        home.tool("node/bin/psql");
        let node = home.path("node/bin");
        let node = node.display();
        // One saves PATH and brings it back, the other cuts itself out again.
        let functions = match shell {
            "fish" => format!(
                "function use; set -g OLD $PATH; set -gx PATH {node} $PATH; end\n\
                 function leave; set -gx PATH {node} $OLD; set -gx PATH $OLD; end\n"
            ),
            _ => format!(
                "use() {{ OLD=$PATH; export PATH={node}:$PATH; hash -r; }}\n\
                 leave() {{ export PATH=\"${{PATH#*:}}\"; PATH=\"$OLD\"; hash -r; }}\n"
            ),
        };
        home.append(shell::rc(shell), &functions);
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        for word in ["use", "use", "leave", "use", "leave"] {
            terminal.run(word);
            assert!(terminal.is_guarded(), "{shell} {word}: {}", terminal.all());
            assert_eq!(terminal.shims_on_path(), [0], "{shell} {word}");
        }
    }
}

#[test]
fn a_manager_whose_prompt_hook_goes_in_front() {
    // pyenv-virtualenv's hook stands in front of the others and changes PATH
    // at each prompt; so does the second, which comes last.
    let hooks = [
        ("bash", "PROMPT_COMMAND=\"sooner;${PROMPT_COMMAND-}\"\n"),
        ("zsh", "precmd_functions=(sooner $precmd_functions)\n"),
        ("zsh", "autoload -Uz add-zsh-hook; add-zsh-hook precmd sooner\n"),
    ];
    for (shell, hook) in hooks {
        let home = prepare(shell);
        home.tool("py/psql");
        let py = home.path("py");
        let function =
            format!("sooner() {{ case $PATH in {0}:*) ;; *) PATH={0}:$PATH ;; esac; }}\n", py.display());
        home.append(shell::rc(shell), &(function + hook));
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        for _ in 0..2 {
            assert!(terminal.is_guarded(), "{shell} {hook}: {}", terminal.all());
        }
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
