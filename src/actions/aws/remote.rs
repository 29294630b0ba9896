//! Commands for machines of the account (`ssm send-command`, `ssm
//! start-session`, `ecs execute-command`, `ecs run-task`): whether they open a tunnel, are a
//! session that somebody types in, or are a line for the machine's shell, which
//! is then judged in that place like the line that ssh is given. No shim stands
//! on those machines and a role of the account's runs the line there, so that a
//! program that nobody knows anything of is code that cannot be read. Never runs
//! or looks up anything.

use crate::invocation::{Context, HOLE, Invocation};
use crate::rules::{self, Guard};
use crate::unwrap;
use crate::world::World;

use super::params::Params;

/// What an operation has a machine do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remote {
    /// Passes a port through; runs no code.
    Tunnel,
    /// One of AWS's own documents that keep a machine up to date.
    Upkeep,
    /// A session that somebody types in.
    Session,
    /// Runs this shell line there.
    Line {
        /// The line, with a hole for each part that is computed.
        text: String,
        /// Whether the caller's own standard input reaches it.
        typed: bool,
        /// Whether something is known of every program in it.
        known: bool,
    },
}

/// Documents of AWS's own that pass ports through. Names that begin with
/// `AWS-` are AWS's alone. Source: session-manager-plugin's port sessions and
/// the Systems Manager manual; none was run.
const TUNNELS: &[&str] = &[
    "AWS-StartPortForwardingSession",
    "AWS-StartPortForwardingSessionToRemoteHost",
    "AWS-StartPortForwardingSessionToSocket",
    "AWS-StartSSHSession",
];

/// Documents that patch, update or list what is installed.
const UPKEEP: &[&str] = &[
    "AWS-ConfigureAWSPackage",
    "AWS-GatherSoftwareInventory",
    "AWS-RunPatchBaseline",
    "AWS-UpdateSSMAgent",
    "AmazonCloudWatch-ManageAgent",
];

/// Programs that change nothing, whatever their words are.
const LOOKERS: &[&str] = &[
    "cat",
    "cd",
    "cut",
    "df",
    "dig",
    "du",
    "echo",
    "egrep",
    "false",
    "fgrep",
    "free",
    "getent",
    "grep",
    "head",
    "id",
    "ls",
    "lsblk",
    "lscpu",
    "lsof",
    "md5sum",
    "netstat",
    "nproc",
    "nslookup",
    "ping",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "sha256sum",
    "sleep",
    "stat",
    "tail",
    "test",
    "tr",
    "true",
    "uname",
    "uptime",
    "vmstat",
    "w",
    "wc",
    "who",
    "whoami",
];

/// Programs that only look with one of these words behind them.
const LOOKING_WORDS: &[(&str, &[&str])] = &[
    ("docker", &["images", "info", "inspect", "logs", "ps", "stats", "top", "version"]),
    (
        "systemctl",
        &[
            "cat",
            "is-active",
            "is-enabled",
            "is-failed",
            "list-timers",
            "list-units",
            "show",
            "status",
        ],
    ),
];

/// Shells, which as a command of their own are sessions.
const SHELLS: &[&str] = &["ash", "bash", "dash", "sh", "zsh"];

/// What the operation would do; none if that cannot be read.
pub fn read(
    params: &mut Params<'_>,
    service: &str,
    operation: &str,
    context: Context<'_>,
) -> Option<Remote> {
    match (service, operation) {
        ("ssm", "start-session") => {
            let documents = params.texts("document-name", context);
            match documents.as_deref() {
                None => (!params.is_named("document-name")).then_some(Remote::Session),
                Some([name]) if TUNNELS.contains(&name.as_str()) => Some(Remote::Tunnel),
                Some([name]) if name == "SSM-SessionManagerRunShell" => Some(Remote::Session),
                Some([name]) if is_command_document(name) => {
                    let text = params.list_under("parameters", "command", context)?.join("\n");
                    typed(&text, context.world)
                }
                Some(_) => None,
            }
        }
        ("ssm", "send-command") => {
            let documents = params.texts("document-name", context)?;
            match documents.as_slice() {
                [name] if UPKEEP.contains(&name.as_str()) => Some(Remote::Upkeep),
                [name] if name == "AWS-RunShellScript" => {
                    let text = params.list_under("parameters", "commands", context)?.join("\n");
                    line(&text, false, context.world)
                }
                _ => None,
            }
        }
        ("ecs", "execute-command") => {
            let commands = params.texts("command", context)?;
            let [command] = commands.as_slice() else { return None };
            typed(command, context.world)
        }
        // What stands in the image is the account's own: only a program that
        // something is known of says more than that a task is started.
        ("ecs", "run-task") => {
            let overrides = params.texts("overrides", context)?;
            let lines = task_lines(overrides.first()?)?;
            Some(Remote::Line { text: with_holes(&lines), typed: false, known: true })
        }
        _ => None,
    }
}

/// The words that containers get in the place of their own, a line for each.
fn task_lines(overrides: &str) -> Option<String> {
    let overrides: serde_json::Value = serde_json::from_str(overrides).ok()?;
    let containers = overrides.get("containerOverrides")?.as_array()?;
    let commands = containers.iter().filter_map(|container| container.get("command")?.as_array());
    let line = |words: &Vec<serde_json::Value>| {
        shell_words::join(words.iter().filter_map(serde_json::Value::as_str))
    };
    let lines: Vec<String> = commands.map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn is_command_document(name: &str) -> bool {
    ["AWS-StartInteractiveCommand", "AWS-StartNonInteractiveCommand"].contains(&name)
}

/// The name of a program that stands where the system keeps them.
fn base(program: &str) -> &str {
    let folders = ["/bin/", "/usr/bin/", "/usr/sbin/", "/sbin/"];
    folders.iter().find_map(|folder| program.strip_prefix(folder)).unwrap_or(program)
}

/// A command that somebody has before them: a shell alone is a session.
fn typed(text: &str, world: &dyn World) -> Option<Remote> {
    match SHELLS.contains(&base(text.trim())) {
        true => Some(Remote::Session),
        false => line(text, true, world),
    }
}

/// A line for the machine's shell; none for one that another interpreter gets.
fn line(text: &str, typed: bool, world: &dyn World) -> Option<Remote> {
    if text.trim().is_empty() {
        return None;
    }
    // The agent saves the commands as a script and runs that.
    if let Some(rest) = text.strip_prefix("#!") {
        let first = rest.lines().next().unwrap_or_default();
        let mut words = first.split_whitespace().map(base);
        let program = match words.next() {
            Some("env") => words.next(),
            program => program,
        };
        program.filter(|program| SHELLS.contains(program))?;
    }
    let text = with_holes(text);
    let known = knows(&text, world);
    Some(Remote::Line { text, typed, known })
}

/// Whether something is known of every program in a line: it has rules, or
/// changes nothing.
fn knows(text: &str, world: &dyn World) -> bool {
    let surroundings = Invocation { env_cleared: true, ..Invocation::default() };
    let found = unwrap::commands(text, Context { invocation: &surroundings, world });
    found.inner.iter().all(|command| {
        let Some(Some(program)) = command.argv.first().map(|word| word.to_str()) else {
            return false;
        };
        let program = base(program);
        let own_path = command.env.contains_key(std::ffi::OsStr::new("PATH"));
        if program.contains('/') || own_path || command.is_dynamic(0) {
            return false;
        }
        let word = command.argv.get(1).and_then(|word| word.to_str());
        LOOKERS.contains(&program)
            || LOOKING_WORDS.iter().any(|(name, verbs)| {
                *name == program && word.is_some_and(|word| verbs.contains(&word))
            })
            || rules::find(program, world).is_some_and(|guard| Guard::says_all(&guard))
    })
}

/// Systems Manager puts the text of a stored parameter in place of
/// `{{ssm:NAME}}`.
fn with_holes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((front, behind)) = rest.split_once("{{") {
        out.push_str(front);
        out.push_str(HOLE);
        rest = behind.split_once("}}").map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::fake::FakeWorld;

    #[test]
    fn a_line_is_one_for_a_shell() {
        let text = |text: &str| match line(text, false, &FakeWorld::new()) {
            Some(Remote::Line { text, .. }) => Some(text),
            _ => None,
        };
        assert_eq!(text("ls; df").as_deref(), Some("ls; df"));
        assert_eq!(text("#!/bin/bash -e\nls").as_deref(), Some("#!/bin/bash -e\nls"));
        assert!(text("#!/usr/bin/env bash\nls").is_some());
        assert_eq!(text("#!/usr/bin/env python3\nimport x"), None);
        assert_eq!(text(" \n"), None);
        assert_eq!(text("ls {{ssm:a}} b {{").as_deref(), Some("ls \u{FFFC} b \u{FFFC}"));
        assert_eq!(typed("/bin/bash ", &FakeWorld::new()), Some(Remote::Session));
    }

    #[test]
    fn something_is_known_of_every_program_or_the_line_is_not() {
        for text in [
            "uptime",
            "df -h; free -m",
            "tail -n 100 /var/log/app.log | grep ERROR",
            "systemctl status nginx 2>/dev/null && docker ps",
            "cat \"$HOME/x\" 2>&1",
            "/usr/bin/uptime",
            "for f in a b; do cat $f; done",
            "psql -c 'select 1' | head",
            "sudo systemctl stop nginx",
            "ls {{ssm:more}}",
        ] {
            assert!(knows(text, &FakeWorld::new()), "{text}");
        }
        for text in [
            "./ls",
            "/tmp/ls",
            "/bin/../tmp/ls",
            "rm -rf /data",
            "echo $(rm -rf /data)",
            "cat <(rm x)",
            "PATH=/tmp ls",
            "ls && ./deploy.sh",
            "ls | ./sh",
        ] {
            assert!(!knows(text, &FakeWorld::new()), "{text}");
        }
    }
}
