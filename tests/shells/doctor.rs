//! What doctor says of shells whose start-up files go past the shims.

use std::process::Command;

use crate::front;
use crate::home::{Home, said};
use crate::shell::{self, SHELLS, prepare};

/// What doctor says of an interactive shell of this kind.
fn doctor(home: &Home, shell: &str) -> Vec<String> {
    let mut command = Command::new(home.path(".local/bin/holdpoint"));
    home.surround(&mut command, shell);
    let shims = home.path(".local/share/holdpoint/shims");
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", shims.display());
    let output = command.arg("doctor").env("PATH", path).output().unwrap();
    assert_eq!(said(&output.stderr), "");
    let about = format!("{shell}, interactive: ");
    let text = said(&output.stdout);
    text.lines().filter_map(|line| Some(line.split_once(&about)?.1.to_owned())).collect()
}

#[test]
fn doctor_sees_a_shell_as_it_stands_at_its_prompt() {
    for shell in SHELLS {
        let home = prepare(shell);
        home.tool("mine/psql");
        home.append(shell::rc(shell), &front(shell, &home.path("mine")));
        assert_eq!(doctor(&home, shell), ["the shims come first"], "{shell}");
    }
}

#[test]
fn doctor_finds_what_goes_past_the_shims() {
    for shell in SHELLS {
        let home = prepare(shell);
        let (alias, function) = match shell {
            "fish" => ("", "function psql; command psql $argv; end\n"),
            _ => ("alias psql='PGUSER=me /usr/bin/psql -X' curl='curl -s'\n", "aws() { :; }\n"),
        };
        home.append(shell::rc(shell), &format!("{alias}{function}"));
        let found = doctor(&home, shell);
        assert_eq!(found[0], "the shims come first", "{shell}");
        let function = if shell == "fish" { "psql" } else { "aws" };
        let function = format!("functions of its own bear the names {function}:");
        assert!(found.iter().any(|line| line.starts_with(&function)), "{shell}: {found:?}");
        let alias = "psql is an alias for PGUSER=me /usr/bin/psql -X, which goes past the shim";
        let told = found.iter().any(|line| line == alias);
        assert_eq!(told, shell != "fish", "{shell}: {found:?}");
        assert_eq!(found.len(), if shell == "fish" { 2 } else { 3 }, "{shell}: {found:?}");
    }
}

#[test]
fn doctor_finds_a_shell_that_nothing_keeps_in_order() {
    let cases = [
        ("bash", "unset PROMPT_COMMAND; hash -p /usr/bin/curl curl\n"),
        ("zsh", "precmd_functions=(); hash curl=/usr/bin/curl\n"),
        ("fish", "functions -e __holdpoint_kept\n"),
    ];
    for (shell, line) in cases {
        let home = prepare(shell);
        home.append(shell::rc(shell), line);
        let found = doctor(&home, shell);
        let kept = "nothing puts the shims back in front when PATH is changed later";
        assert!(found.iter().any(|line| line == kept), "{shell}: {found:?}");
        let hashed = "remembers curl as /usr/bin/curl, which goes past the shim";
        let told = found.iter().any(|line| line == hashed);
        assert_eq!(told, shell != "fish", "{shell}: {found:?}");
    }
}
