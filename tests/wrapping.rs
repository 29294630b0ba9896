//! However a command is quoted, wrapped and nested, exactly that command is
//! found, word for word.

#[path = "lines/oracle.rs"]
#[allow(dead_code)]
mod oracle;

use holdpoint::invocation::{Context, Invocation};
use holdpoint::world::fake::FakeWorld;
use proptest::prelude::*;

/// Words in front of a command that leave it what it is.
const WRAPPERS: &[&[&str]] = &[
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
];

/// How a command's words become one shell text.
const SHELLS: &[&[&str]] = &[
    &["bash", "-c"],
    &["sh", "-ec"],
    &["bash", "-lc"],
    &["zsh", "-c", "-l"],
    &["/bin/bash", "--norc", "-euo", "pipefail", "-c", "--"],
    &["dash", "-c"],
    &["watch", "-d"],
    &["su", "-", "ana", "-c"],
    &["eval"],
];

/// Shell text around a command.
const AROUND: &[(&str, &str)] = &[
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

fn quoted(word: &str, style: u8) -> String {
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

fn line(words: &[String], style: u8) -> String {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn wrapping_never_hides_a_command(
        arguments in prop::collection::vec("[ -~\n\té✓]{0,12}", 0..4),
        layers in prop::collection::vec((0..3u8, any::<prop::sample::Index>(), any::<u8>()), 0..5),
        around in any::<prop::sample::Index>(),
        style in any::<u8>(),
    ) {
        let mut original = vec!["psql".to_owned()];
        original.extend(arguments);
        let mut words = original.clone();
        for (kind, index, style) in layers {
            words = match kind {
                0 | 1 => {
                    let wrapper = WRAPPERS[index.index(WRAPPERS.len())];
                    wrapper.iter().map(|word| (*word).to_owned()).chain(words).collect()
                }
                _ => {
                    let shell = SHELLS[index.index(SHELLS.len())];
                    let text = line(&words, style);
                    shell.iter().map(|word| (*word).to_owned()).chain([text]).collect()
                }
            };
            // `eval` is the shell's own: only a shell can run it.
            if words[0] == "eval" {
                let text = line(&words, style);
                words = vec!["bash".to_owned(), "-c".to_owned(), text];
            }
        }
        let (before, after) = AROUND[around.index(AROUND.len())];
        let text = format!("{before}{}{after}", line(&words, style));
        let world = FakeWorld::new();
        let surroundings = Invocation::default();
        let reading = oracle::found(&text, Context { invocation: &surroundings, world: &world });
        prop_assert!(reading.actions.is_empty(), "{text}\n{:?}", reading.actions);
        let found: Vec<Vec<String>> = reading
            .inner
            .iter()
            .map(|found| found.argv.iter().map(|word| word.to_string_lossy().into_owned()).collect())
            .collect();
        prop_assert_eq!(&found, &vec![original], "{}", text);
        prop_assert!(reading.inner[0].dynamic.is_empty(), "{}", text);
    }
}
