//! The words of npm, npx, pnpm, yarn and bun, told apart as far as they
//! matter: which options take the next word, which verbs are the tools' own.
//! Reads argv only.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::invocation::Invocation;

/// Options that take the next word, of any of the four.
const VALUES: &[&str] = &[
    "-C",
    "--prefix",
    "--dir",
    "--cwd",
    "-w",
    "--workspace",
    "-F",
    "--filter",
    "-p",
    "--package",
    "--loglevel",
    "--cache",
    "--registry",
    "--userconfig",
    "--script-shell",
    "--env-file",
    "--workspace-concurrency",
    "--node-options",
    "--config",
    "--shell",
    "--reporter",
    "-c",
    "--call",
];

/// Commands of pnpm, yarn and bun that run no script of the user's: any other
/// word is a script's or a program's name to them.
const OWN: &[&str] = &[
    "a",
    "add",
    "audit",
    "autoclean",
    "bin",
    "build",
    "cache",
    "check",
    "ci",
    "completion",
    "config",
    "constraints",
    "create",
    "dedupe",
    "deploy",
    "doctor",
    "env",
    "explain",
    "fetch",
    "generate-lock-entry",
    "global",
    "help",
    "i",
    "import",
    "info",
    "init",
    "install",
    "install-test",
    "licenses",
    "link",
    "list",
    "ln",
    "login",
    "logout",
    "ls",
    "node",
    "npm",
    "outdated",
    "owner",
    "pack",
    "patch",
    "patch-commit",
    "plugin",
    "pm",
    "prune",
    "publish",
    "rb",
    "rebuild",
    "remove",
    "repl",
    "rm",
    "root",
    "search",
    "server",
    "set",
    "setup",
    "store",
    "tag",
    "team",
    "un",
    "uninstall",
    "unlink",
    "unplug",
    "up",
    "update",
    "upgrade",
    "upgrade-interactive",
    "version",
    "versions",
    "view",
    "whoami",
    "why",
];

/// A call's words, told apart as far as they matter.
#[derive(Default)]
pub(super) struct Words<'a> {
    /// Positionals up to the first that begins another program's words.
    pub(super) positionals: Vec<usize>,
    /// The directory that an option names.
    pub(super) dir: Option<&'a OsStr>,
    /// Workspaces that options name.
    pub(super) workspaces: Vec<&'a OsStr>,
    /// `.env` files that options name, as bun reads them for a script.
    pub(super) env_files: Vec<&'a OsStr>,
    /// Whether every workspace is meant.
    pub(super) all: bool,
    /// A shell line's place.
    pub(super) line: Option<(usize, usize)>,
    /// Whether a program's words begin at the first positional.
    pub(super) executes: bool,
}

pub(super) fn words<'a>(invocation: &'a Invocation, tool: &str) -> Words<'a> {
    let mut out = Words { executes: matches!(tool, "npx" | "pnpx" | "bunx"), ..Words::default() };
    let mut at = 1;
    while let Some(word) = invocation.argv.get(at) {
        let bytes = word.as_bytes();
        at += 1;
        if bytes == b"--" {
            out.positionals.extend(at..invocation.argv.len());
            break;
        }
        if !bytes.starts_with(b"-") || bytes == b"-" {
            let first = out.positionals.is_empty();
            out.positionals.push(at - 1);
            let verb = word.to_str().unwrap_or_default();
            let ends =
                if first { out.executes } else { out.executes || runs(tool, &out, invocation) };
            if ends || (first && tool != "npm" && is_script_name(tool, verb)) {
                out.positionals.extend(at..invocation.argv.len());
                break;
            }
            if first && matches!(verb, "exec" | "x" | "dlx") {
                out.executes = true;
            }
            continue;
        }
        let (name, attached) = match bytes.iter().position(|byte| *byte == b'=') {
            Some(equals) if bytes.starts_with(b"--") => {
                bytes.split_at_checked(equals).unwrap_or_default()
            }
            _ => (bytes, &b""[..]),
        };
        let name = std::str::from_utf8(name).unwrap_or_default();
        let short_all = tool == "npm" && matches!(name, "-ws" | "--workspaces");
        out.all |= short_all || matches!(name, "-r" | "--recursive");
        if !VALUES.contains(&name) || (tool == "pnpm" && name == "-w") {
            continue;
        }
        let shell = matches!(name, "-c" | "--call" | "--shell-mode");
        // pnpm exec -c is a flag: its words are a shell line.
        if shell && tool == "pnpm" {
            continue;
        }
        let (index, offset) = match attached.is_empty() {
            true => (at, 0),
            false => (at - 1, name.len() + 1),
        };
        at += usize::from(attached.is_empty());
        let value = invocation.argv.get(index).map(|word| word.as_bytes()).unwrap_or_default();
        let value = OsStr::from_bytes(value.get(offset..).unwrap_or_default());
        match name {
            "-C" | "--prefix" | "--dir" | "--cwd" => out.dir = Some(value),
            "-w" | "--workspace" | "-F" | "--filter" => out.workspaces.push(value),
            "--env-file" => out.env_files.push(value),
            "-c" | "--call" => out.line = Some((index, offset)),
            _ => {}
        }
    }
    let verb = out.positionals.first().and_then(|at| invocation.argv.get(*at));
    out.all |= verb.is_some_and(|verb| is_everywhere(tool, verb.to_str().unwrap_or_default()));
    out
}

/// Whether a verb runs what follows it in every package: `yarn workspaces
/// foreach`, `pnpm recursive`.
pub(super) fn is_everywhere(tool: &str, verb: &str) -> bool {
    matches!(
        (tool, verb),
        ("yarn" | "yarnpkg", "workspaces") | ("pnpm", "recursive" | "m" | "multi")
    )
}

/// Whether the words behind the positionals so far are a script's own, so
/// that no option among them is the tool's. npm takes its options anywhere.
fn runs(tool: &str, words: &Words<'_>, invocation: &Invocation) -> bool {
    let first = words.positionals.first().and_then(|at| invocation.argv.get(*at));
    tool != "npm" && first.is_some_and(|verb| verb == "run" || verb == "run-script")
}

/// Whether a first word is a script's or program's name to this tool.
pub(super) fn is_script_name(tool: &str, verb: &str) -> bool {
    let verbs = ["run", "run-script", "exec", "x", "dlx", "workspace", "workspaces", "recursive"];
    matches!(tool, "pnpm" | "yarn" | "yarnpkg" | "bun")
        && !OWN.contains(&verb)
        && !verbs.contains(&verb)
}
