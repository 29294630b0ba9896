//! Every way to wrap a command that leaves it what it is: words in front of
//! it, shells around its text, lines around both. One list for all tests.

// Each test uses its part of this.
#![allow(dead_code)]

use proptest::prelude::*;
use proptest::sample::Index;

/// Words in front of a command that leave it what it is.
pub const WRAPPERS: &[&[&str]] = &[
    &["sudo"],
    &["sudo", "-n", "-u", "ana", "A=b"],
    &["sudo", "-Eu", "ana", "--"],
    &["doas", "-u", "ana"],
    &["env"],
    &["env", "-u", "X", "A=b c", "B="],
    &["env", "-i", "-C", "/tmp"],
    &["/usr/bin/env", "-", "A=b"],
    &["command"],
    &["command", "-p"],
    &["exec", "-a", "name"],
    &["nice"],
    &["nice", "-n", "3"],
    &["nice", "-7"],
    &["time", "-v"],
    &["time", "-o", "log", "-a"],
    &["timeout", "5"],
    &["timeout", "-k", "1s", "--signal", "KILL", "5m"],
    &["nohup"],
    &["setsid", "-w"],
    &["stdbuf", "-oL", "--error", "0"],
    &["ionice", "-c2", "-n", "0"],
    &["chrt", "-i", "0"],
    &["taskset", "-c", "0,1"],
    &["watch", "-n", "1", "-x"],
    &["/bin/nice", "--adjustment=3"],
    &["cross-env", "A=b", "B="],
    &["builtin", "command"],
    &["arch", "-x86_64"],
    &["asdf", "exec"],
    &["etcdctl", "lock", "deploy", "--"],
    &["caffeinate", "-i"],
    &["firejail", "--quiet"],
    &["flock", "-n", "lock"],
    &["gosu", "ana"],
    &["nsenter", "-t", "1", "-m", "--"],
    &["pkexec", "--user", "ana"],
    &["screen", "-dmS", "name"],
    &["sshpass", "-p", "x"],
    &["strace", "-f", "-o", "log"],
    &["systemd-run", "--user", "--wait"],
    &["tini", "--"],
    &["tsp", "-n"],
    &["unbuffer", "-p"],
    &["unshare", "-r"],
];

/// How a command's words become one shell text.
pub const SHELLS: &[&[&str]] = &[
    &["bash", "-c"],
    &["sh", "-ec"],
    &["bash", "-lc"],
    &["zsh", "-c", "-l"],
    &["/bin/bash", "--norc", "-euo", "pipefail", "-c", "--"],
    &["dash", "-c"],
    &["watch", "-d"],
    &["cross-env-shell", "A=b"],
    &["sg", "docker"],
    &["sops", "exec-file", "x.json"],
    &["su", "-", "ana", "-c"],
    &["eval"],
];

/// Shell text around a command.
pub const AROUND: &[(&str, &str)] = &[
    ("", ""),
    ("true && ", ""),
    ("{ ", "; }"),
    ("( ", " )"),
    ("( ( ", " ) )"),
    ("if true; then ", "; fi"),
    ("for i in 1; do ", "; done"),
    ("while true; do ", "\ndone"),
    ("case x in x) ", " ;; esac"),
    ("case x in (x) ", "\nesac"),
    ("f() { ", "; }; f"),
    ("echo \"$( ", " )\""),
    ("x=$(", ")"),
    ("! ", " &"),
    ("time ", "; wait"),
    ("cat <<EOF\n$( ", " )\nEOF\n"),
    ("coproc { ", "; }"),
    ("cat <( ", " )"),
    ("echo hi | ", " | cat"),
    ("# a comment with ' and \"\n", " # and another"),
    ("git commit -m \"$(cat <<'EOF'\nit's \" a ` message\nEOF\n)\"; ", ""),
];

/// A word in one of the ways in which a shell reads it back.
pub fn quoted(word: &str, style: u8) -> String {
    match style % 4 {
        0 => format!("'{}'", word.replace('\'', "'\\''")),
        1 => {
            let mut out = String::from("\"");
            for letter in word.chars() {
                if "$`\"\\".contains(letter) {
                    out.push('\\');
                }
                out.push(letter);
            }
            out + "\""
        }
        2 => {
            let mut out = String::from("$'");
            for letter in word.chars() {
                match letter {
                    '\'' | '\\' => out.extend(['\\', letter]),
                    '\n' => out.push_str("\\n"),
                    letter if letter.is_ascii_alphabetic() => {
                        out.push_str(&format!("\\x{:02x}", u32::from(letter)));
                    }
                    letter => out.push(letter),
                }
            }
            out + "'"
        }
        _ => {
            let mut out = String::new();
            for letter in word.chars() {
                match letter {
                    '\n' => out.push_str("'\n'"),
                    letter if letter.is_alphanumeric() => out.push(letter),
                    letter => out.extend(['\\', letter]),
                }
            }
            if out.is_empty() { "''".to_owned() } else { out }
        }
    }
}

/// A command's words as shell text.
pub fn line(words: &[String], style: u8) -> String {
    let words: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(at, word)| {
            // An option or an assignment of the wrapper stays readable too.
            let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "-/_.".contains(c));
            match (plain && !word.is_empty(), style & 16 == 0) {
                (true, true) => word.clone(),
                _ => quoted(word, style.wrapping_add(u8::try_from(at).unwrap())),
            }
        })
        .collect();
    words.join(" ")
}

/// Layers of wrappers (kind 1 and 2) and shells (kind 0), from the inside out.
pub type Layers = Vec<(u8, Index, u8)>;

/// Any layers.
pub fn layers() -> impl Strategy<Value = Layers> {
    prop::collection::vec((0..3u8, any::<Index>(), any::<u8>()), 0..6)
}

/// The command in its layers.
pub fn wrap(command: Vec<String>, layers: &Layers) -> Vec<String> {
    let mut words = command;
    for (kind, index, style) in layers {
        let around = if *kind == 0 { index.get(SHELLS) } else { index.get(WRAPPERS) };
        let mut outer: Vec<String> = around.iter().map(|word| (*word).to_owned()).collect();
        match kind {
            0 => outer.push(line(&words, *style)),
            _ => outer.append(&mut words),
        }
        // Only a shell has these.
        words = match outer[0].as_str() {
            "eval" | "exec" | "command" | "builtin" => {
                vec!["bash".to_owned(), "-c".to_owned(), line(&outer, *style)]
            }
            _ => outer,
        };
    }
    words
}

/// Every program that is named as a wrapper here.
pub fn programs() -> impl Iterator<Item = &'static str> {
    let all = WRAPPERS.iter().chain(SHELLS).map(|words| words[0]);
    all.map(|program| program.rsplit('/').next().unwrap_or(program))
}
