//! Commands for machines of the account (`ssm send-command`, `ssm
//! start-session`, `ecs execute-command`): whether they only look, open a
//! tunnel, or are a session that somebody types in. Anything else is code that
//! cannot be read: no shim stands on those machines, so a command counts as
//! harmless only if it is one of a few programs that change nothing whatever
//! their words are. Never runs or looks up anything.

use crate::invocation::Context;
use crate::parse::shell::{self, Body, Command, List, Modifier, Part, RedirectKind, Word};

use super::params::Params;

/// What an operation has a machine do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    /// Only looks.
    Looks,
    /// Passes a port through; runs no code.
    Tunnel,
    /// One of AWS's own documents that keep a machine up to date.
    Upkeep,
    /// A session that somebody types in.
    Session,
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
                    look(&params.list_under("parameters", "command", context)?.join("\n"))
                }
                Some(_) => None,
            }
        }
        ("ssm", "send-command") => {
            let documents = params.texts("document-name", context)?;
            match documents.as_slice() {
                [name] if UPKEEP.contains(&name.as_str()) => Some(Remote::Upkeep),
                [name] if name == "AWS-RunShellScript" => {
                    look(&params.list_under("parameters", "commands", context)?.join("\n"))
                }
                _ => None,
            }
        }
        ("ecs", "execute-command") => {
            let commands = params.texts("command", context)?;
            let [command] = commands.as_slice() else { return None };
            match SHELLS.contains(&base(command.trim())) {
                true => Some(Remote::Session),
                false => look(command),
            }
        }
        _ => None,
    }
}

fn is_command_document(name: &str) -> bool {
    ["AWS-StartInteractiveCommand", "AWS-StartNonInteractiveCommand"].contains(&name)
}

/// The name of a program that stands where the system keeps them.
fn base(program: &str) -> &str {
    let folders = ["/bin/", "/usr/bin/", "/usr/sbin/", "/sbin/"];
    folders.iter().find_map(|folder| program.strip_prefix(folder)).unwrap_or(program)
}

fn look(text: &str) -> Option<Remote> {
    // Systems Manager puts the text of a stored parameter in its place.
    if text.contains("{{") {
        return None;
    }
    let list = shell::parse(text).ok()?;
    (!list.entries.is_empty() && looks(&list)).then_some(Remote::Looks)
}

fn looks(list: &List) -> bool {
    let pipelines = list.entries.iter().flat_map(|entry| &entry.pipelines);
    pipelines.flat_map(|(_, pipeline)| &pipeline.commands).all(command_looks)
}

fn command_looks(command: &Command) -> bool {
    let Body::Simple(simple) = &command.body else { return false };
    let [program, words @ ..] = simple.words.as_slice() else { return false };
    let Some(program) = program.bare().map(base) else { return false };
    let word = words.first().and_then(Word::bare);
    let known = LOOKERS.contains(&program)
        || LOOKING_WORDS.iter().any(|(name, verbs)| {
            *name == program && word.is_some_and(|word| verbs.contains(&word))
        });
    let quiet = command.redirects.iter().all(|redirect| match &redirect.kind {
        RedirectKind::Read(word) | RedirectKind::Text(word) => is_value(word),
        RedirectKind::DuplicateInput(_) => true,
        RedirectKind::DuplicateOutput(word) => {
            word.bare().is_some_and(|fd| fd.bytes().all(|byte| byte.is_ascii_digit()))
        }
        RedirectKind::Write(word) | RedirectKind::Append(word) => word.bare() == Some("/dev/null"),
    });
    known && quiet && simple.assignments.is_empty() && words.iter().all(is_value)
}

/// Whether nothing runs to make this word.
fn is_value(word: &Word) -> bool {
    word.parts.iter().all(|part| match part {
        Part::Text { .. } | Part::Mark(_) | Part::Tilde(_) => true,
        Part::Parameter { modifier, .. } => *modifier == Modifier::None,
        Part::Command { .. } | Part::Process { .. } | Part::Arithmetic(_) | Part::Array(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_nothing_looks() {
        for text in [
            "uptime",
            "df -h; free -m",
            "tail -n 100 /var/log/app.log | grep ERROR",
            "systemctl status nginx 2>/dev/null && docker ps",
            "cat \"$HOME/x\" 2>&1",
            "/usr/bin/uptime",
        ] {
            assert_eq!(look(text), Some(Remote::Looks), "{text}");
        }
        for text in [
            "",
            "ls {{ssm:more}}",
            "./ls",
            "/tmp/ls",
            "/bin/../tmp/ls",
            "rm -rf /data",
            "echo x > /data/file",
            "echo $(rm -rf /data)",
            "cat <(rm x)",
            "PATH=/tmp ls",
            "$CMD",
            "ls && ./deploy.sh",
            "ls; sudo reboot",
            "ls | sh",
            "systemctl stop nginx",
            "docker rm -f db",
            "grep x y &> /etc/passwd",
            "for f in *; do cat $f; done",
            "ls '",
            "ls() { rm x; }; ls",
            "find / -delete",
        ] {
            assert_eq!(look(text), None, "{text}");
        }
    }
}
