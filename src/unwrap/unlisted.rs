//! A program that no rule knows, with a guarded tool's call behind it:
//! `perf stat psql …`, `valgrind psql …`, `fish -c 'psql …'`. Most likely it
//! runs what stands there, so that is read as a command of its own; where it
//! cannot be read, nothing is said of it. Programs that do something else with
//! words are left out. Looks at words alone, never at the program.

use std::ffi::OsString;

use super::mention;
use crate::invocation::{Context, Invocation};

/// How many of a program's words are looked at.
const LOOKED_AT: usize = 50;

/// Names that people give to tools, in files that a hook does not read.
const SHORT: &[(&str, &str)] = &[("k", "kubectl"), ("tf", "terraform"), ("tg", "terragrunt")];

/// The longest text that is looked at for a tool's name, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// Options whose value is a command line, of most programs that run one.
const LINES: &[&str] =
    &["-c", "-e", "-x", "-Command", "--command", "--cmd", "--exec", "--execute", "--run"];

/// Programs whose words are names, patterns or text to be shown: those that
/// people look things up with, install with, write and say things with.
const NO_RUNNERS: &[&str] = &[
    "[",
    "ack",
    "ag",
    "alternatives",
    "apk",
    "apropos",
    "apt",
    "apt-cache",
    "apt-get",
    "aptitude",
    "banner",
    "basename",
    "bat",
    "brew",
    "cargo",
    "cat",
    "choco",
    "chmod",
    "chown",
    "cmp",
    "code",
    "comm",
    "complete",
    "cowsay",
    "cp",
    "cursor",
    "curlie",
    "cut",
    "dialog",
    "diff",
    "dirname",
    "dnf",
    "dpkg",
    "dpkg-query",
    "echo",
    "egrep",
    "emacs",
    "espeak",
    "eza",
    "false",
    "fd",
    "fdfind",
    "fgrep",
    "figlet",
    "file",
    "fzf",
    "gem",
    "getopt",
    "getopts",
    "go",
    "grep",
    "gum",
    "head",
    "hash",
    "help",
    "idea",
    "info",
    "jq",
    "kill",
    "killall",
    "ldd",
    "less",
    "ln",
    "locate",
    "logger",
    "ls",
    "lsof",
    "man",
    "mkdir",
    "more",
    "mv",
    "nano",
    "notify-send",
    "nvim",
    "open",
    "pacman",
    "pgrep",
    "pip",
    "pip3",
    "pipx",
    "pkg",
    "pkill",
    "pidof",
    "port",
    "printf",
    "ps",
    "readlink",
    "realpath",
    "rg",
    "rm",
    "say",
    "scoop",
    "sed",
    "seq",
    "sleep",
    "snap",
    "sort",
    "stat",
    "strings",
    "subl",
    "tail",
    "tar",
    "tee",
    "test",
    "tldr",
    "toilet",
    "touch",
    "tr",
    "tree",
    "trash",
    "true",
    "type",
    "unalias",
    "uniq",
    "unset",
    "unzip",
    "update-alternatives",
    "vi",
    "view",
    "vim",
    "wall",
    "wc",
    "whatis",
    "whereis",
    "which",
    "whiptail",
    "winget",
    "write",
    "xdg-open",
    "yq",
    "yum",
    "zed",
    "zip",
];

/// The command that a program without rules most likely runs.
pub(super) fn inner(context: Context<'_>) -> Option<Invocation> {
    let outer = context.invocation;
    if outer.is_dynamic(0) || NO_RUNNERS.contains(&outer.tool()) {
        return None;
    }
    if let Some((_, tool)) = SHORT.iter().find(|(short, _)| *short == outer.tool()) {
        let mut inner = outer.clone();
        if let Some(first) = inner.argv.first_mut() {
            *first = OsString::from(*tool);
        }
        return Some(Invocation { loosely: true, ..inner });
    }
    let words = outer.argv.iter().take(LOOKED_AT).map(|word| word.to_str()).enumerate().skip(1);
    let mut before = "";
    for (at, word) in words {
        let Some(word) = word.filter(|_| !outer.is_dynamic(at)) else {
            before = "";
            continue;
        };
        if mention::is_program(word, context.world) {
            return Some(Invocation { loosely: true, ..outer.tail(at) });
        }
        let is_text = word.contains(char::is_whitespace) && word.len() <= MAX_TEXT;
        if is_text && LINES.contains(&before) && mention::names_a_tool(word, context.world) {
            let mut shell = outer.tail(at);
            shell.argv.truncate(1);
            shell.argv.splice(0..0, ["sh", "-c"].map(OsString::from));
            shell.dynamic.clear();
            shell.templates.clear();
            return Some(Invocation { loosely: true, ..shell });
        }
        before = word;
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::actor::ActorKind;
    use crate::judgement::Verdict;
    use crate::pipeline::{self, Options, Subject};
    use crate::world::fake::FakeWorld;

    use super::*;

    fn verdict(line: &str) -> Verdict {
        let options = Options { actor: Some(ActorKind::Agent), full: false };
        let world = FakeWorld::new().with_var("PGHOST", "db.prod.acme.com");
        let subject = Subject::Line(line, &Invocation::default());
        pipeline::judge(subject, &world, options).judgement.verdict
    }

    #[test]
    fn a_tool_behind_a_program_that_nobody_knows_is_read() {
        for line in [
            "acme-bench --runs 1 -- psql -c 'drop table users'",
            "valgrind -q /usr/bin/psql -c 'drop table users'",
            "fish -c \"psql -c 'drop table users'\"",
            "pwsh -NoProfile -Command \"psql -c 'drop table users'\"",
            "sudo -E acme-run --as app psql -c 'drop table users'",
            "k --context prod delete ns shop",
            "tf destroy -auto-approve",
            "acme-run sudo -u app psql -c 'drop table users'",
            "bash -c 'acme-run kubectl --context prod delete ns shop'",
            "acme-run --exec \"cd /srv && psql -c 'drop table users'\"",
        ] {
            assert_eq!(verdict(line), Verdict::Refuse, "{line}");
        }
    }

    #[test]
    fn a_tool_s_name_among_words_is_no_call() {
        for line in [
            "grep -rn -e 'psql -c \"drop table users\"' docs",
            "echo psql -c 'drop table users'",
            "apt-get install psql -c 'drop table users'",
            "acme-run psql -c 'select 1'",
            "acme-run psql",
            "k --context prod get pods",
            "tf plan",
            "acme-run psql -f missing.sql",
            "acme-run psql -h localhost -c 'drop table users'",
            "slack-say 'terraform destroy is done'",
            "slack-say -m 'kubectl delete ns prod'",
            "acme-run $TOOL psql_backup 'drop table users'",
        ] {
            assert_eq!(verdict(line), Verdict::Allow, "{line}");
        }
    }
}
