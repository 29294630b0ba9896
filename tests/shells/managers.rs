//! Version managers and environments that change PATH at the prompt, by a
//! function or in the start-up file: direnv, rbenv, venv and mise themselves;
//! nvm, conda and pyenv-virtualenv by what they do to PATH.

use std::path::PathBuf;
use std::process::Command;

use crate::front;
use crate::installed::installed;
use crate::shell::{self, SHELLS, Shell, prepare};

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
    installed("mise/node_modules/.bin/mise")
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
        let function = format!(
            "sooner() {{ case $PATH in {0}:*) ;; *) PATH={0}:$PATH ;; esac; }}\n",
            py.display()
        );
        home.append(shell::rc(shell), &(function + hook));
        let mut terminal = Shell::start(&home, shell, &["-i"]);
        for _ in 0..2 {
            assert!(terminal.is_guarded(), "{shell} {hook}: {}", terminal.all());
        }
    }
}
