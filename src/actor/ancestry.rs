//! Who is among the ancestors of this process, by the names of processes: of
//! the executable, of argv\[0\], the kernel's, and, under an interpreter, of
//! the script. A process can give itself another name; so a name found here
//! can only take a caller's standing away.

use std::path::Path;

use super::markers::Caller;
use crate::text;
use crate::world::Process;

/// The kernel's limit for a process's short name, in bytes.
const COMM_LIMIT: usize = 15;

/// Programs whose first word that is no option is the script that they run.
const INTERPRETERS: &[&str] = &[
    "node", "nodejs", "bun", "deno", "python", "python2", "python3", "ruby", "perl", "php", "uv",
    "uvx", "npx", "tsx", "sh", "bash", "zsh", "dash", "ksh", "fish", "env",
];

/// The name of a file in a path, without an interpreter's line in front.
pub fn base_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}

/// The name of a process's executable, where it can be seen.
pub fn exe_name(process: &Process) -> Option<&str> {
    let name = process.exe.as_ref()?.file_name()?.to_str()?;
    // The kernel says so once a package upgrade has replaced the file.
    Some(name.strip_suffix(" (deleted)").unwrap_or(name))
}

/// The first caller of the table that is this process.
pub fn find<'a>(process: &Process, table: &'a [Caller]) -> Option<&'a Caller> {
    let names = names(process);
    table.iter().find(|caller| {
        caller.processes.iter().any(|name| names.iter().any(|own| same(own, name)))
            || caller.scripts.iter().any(|part| runs_from(process, part))
    })
}

/// Whether a process has one of a policy's names (globs).
pub fn has_name(process: &Process, globs: &[String]) -> bool {
    names(process).iter().any(|own| globs.iter().any(|glob| text::glob(glob, own)))
}

/// Every name that a process goes by.
fn names(process: &Process) -> Vec<&str> {
    let mut names = vec![process.comm.as_str()];
    names.extend(exe_name(process));
    if let Some(word) = process.cmdline.first() {
        let own = base_name(word);
        names.push(own.strip_prefix('-').unwrap_or(own));
    }
    if let Some(script) = script(process) {
        let own = base_name(script);
        names.push(own);
        names.extend(own.rsplit_once('.').map(|(stem, _)| stem));
    }
    names
}

/// The script that an interpreter runs: its first word that is no option, or
/// the module after Python's `-m`.
fn script(process: &Process) -> Option<&str> {
    if !is_interpreter(process) {
        return None;
    }
    process.cmdline.iter().skip(1).take(8).map(String::as_str).find(|word| !word.starts_with('-'))
}

fn is_interpreter(process: &Process) -> bool {
    let own = process.cmdline.first().map(|word| base_name(word));
    let known = |name: &str| {
        let stem =
            name.trim_start_matches('-').trim_end_matches(|c: char| "0123456789.".contains(c));
        INTERPRETERS.iter().any(|program| *program == name || *program == stem)
    };
    own.is_some_and(known) || exe_name(process).is_some_and(known)
}

/// Whether the executable's or the script's path holds `part`.
fn runs_from(process: &Process, part: &str) -> bool {
    let exe = process.exe.as_ref().and_then(|exe| exe.to_str());
    exe.is_some_and(|exe| exe.contains(part))
        || is_interpreter(process) && process.cmdline.iter().take(8).any(|word| word.contains(part))
}

/// Whether a process's own name is a name of the table, as far as the kernel
/// keeps it.
fn same(own: &str, name: &str) -> bool {
    own.eq_ignore_ascii_case(name)
        || own.len() == COMM_LIMIT && name.len() > COMM_LIMIT && name.starts_with(own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::markers::{AGENTS, SHARED};

    fn process(comm: &str, exe: &str, cmdline: &[&str]) -> Process {
        Process {
            comm: comm.to_owned(),
            exe: (!exe.is_empty()).then(|| exe.into()),
            cmdline: cmdline.iter().map(|&word| word.to_owned()).collect(),
            ..Process::default()
        }
    }

    fn agent(process: &Process) -> Option<&'static str> {
        find(process, AGENTS).map(|caller| caller.name)
    }

    #[test]
    fn agents_are_known_by_every_name_they_go_by() {
        let cases = [
            (process("claude", "/opt/claude/claude", &["claude"]), "claude-code"),
            (
                process("2.1.312", "/home/a/.local/share/claude/versions/2.1.312", &["x"]),
                "claude-code",
            ),
            (process("node", "/usr/bin/node", &["node", "/usr/local/bin/claude"]), "claude-code"),
            (
                process(
                    "node",
                    "/usr/bin/node",
                    &["node", "--no-warnings", "/x/node_modules/@anthropic-ai/claude-code/cli.js"],
                ),
                "claude-code",
            ),
            (process("MainThread", "/usr/bin/node", &["node", "/usr/bin/gemini"]), "gemini-cli"),
            (process("codex", "", &["codex", "exec"]), "codex"),
            (
                process("python3", "/usr/bin/python3.11", &["/usr/bin/python3", "/usr/bin/aider"]),
                "aider",
            ),
            (process("python3.11", "/usr/bin/python3.11", &["python3.11", "-m", "aider"]), "aider"),
            (process("droid", "/home/a/.local/bin/droid", &["droid"]), "droid"),
            (process("bash", "/usr/bin/bash", &["bash", "/home/a/bin/cursor-agent"]), "cursor"),
            (process("x", "", &["/home/a/bin/OpenCode"]), "opencode"),
        ];
        for (process, name) in cases {
            assert_eq!(agent(&process), Some(name), "{process:?}");
        }
    }

    #[test]
    fn words_that_only_mention_an_agent_are_none() {
        let cases = [
            process("vim", "/usr/bin/vim", &["vim", "claude"]),
            process("bash", "/usr/bin/bash", &["-bash"]),
            process("sshd", "", &["sshd: claude [priv]"]),
            process("sshd", "", &["sshd: codex@pts/0"]),
            process("tmux: server", "/usr/bin/tmux", &["tmux", "new", "-s", "claude"]),
            process("make", "/usr/bin/make", &["make", "codex"]),
            process("python3", "/usr/bin/python3", &["python3", "manage.py", "goose"]),
            process("node", "/usr/bin/node", &["node", "server.js"]),
            process("less", "/usr/bin/less", &["less", "/src/@openai/codex/README.md"]),
        ];
        for process in cases {
            assert_eq!(agent(&process), None, "{process:?}");
        }
    }

    #[test]
    fn another_argv0_does_not_hide_an_executable() {
        let hidden = process("bash", "/opt/claude", &["-bash"]);
        assert_eq!(agent(&hidden), Some("claude-code"));
        let renamed = process("claude", "/usr/bin/python3", &["-bash"]);
        assert_eq!(agent(&renamed), Some("claude-code"));
    }

    #[test]
    fn ides_are_known_by_what_their_interpreter_runs() {
        let node = "/home/a/.vscode-server/cli/servers/Stable-1/server/node";
        let host = process("node", node, &[node, "out/bootstrap-fork", "--type=ptyHost"]);
        assert_eq!(find(&host, SHARED).map(|caller| caller.name), Some("VS Code"));
        let idea = process("idea", "/opt/idea/bin/idea", &["/opt/idea/bin/idea"]);
        assert_eq!(find(&idea, SHARED).map(|caller| caller.name), Some("a JetBrains IDE"));
    }

    #[test]
    fn a_name_cut_by_the_kernel_still_counts() {
        assert!(same("kiro-cli-chat-x", "kiro-cli-chat-xyz"));
        assert!(!same("kiro", "kiro-cli-chat-xyz"));
    }

    #[test]
    fn a_policys_names_are_globs() {
        let bot = process("acme-bot-7", "", &[]);
        assert!(has_name(&bot, &["acme-bot*".to_owned()]));
        assert!(!has_name(&bot, &["acme".to_owned()]));
    }
}
