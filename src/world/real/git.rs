//! Asks git itself about a repository. The git that is asked is the one that
//! would run; what a repository or its settings could have it run (hooks, the
//! file system monitor, filters, transports, pagers) is switched off first,
//! and nothing of the environment goes along but what says which repository
//! and which settings are meant. Checked against git 2.47.3.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::process::Command;
use std::time::Duration;

use super::child::{self, Bounds};
use crate::world::{Answer, Question, World};

/// The longest that git may take, and the most bytes of an answer.
const BOUNDS: Bounds = Bounds { patience: Duration::from_secs(30), bytes: 16 << 20 };

/// Settings under which git runs nothing but itself, and writes nothing.
const STILL: &[(&str, &str)] = &[
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.sshCommand", "false"),
    ("core.pager", "cat"),
    ("core.quotePath", "false"),
    ("diff.external", ""),
    ("diff.relative", "false"),
    ("status.submoduleSummary", "false"),
    ("submodule.recurse", "false"),
    ("credential.helper", ""),
    ("protocol.allow", "never"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
];

/// Asks.
pub(super) fn ask(question: &Question, world: &dyn World) -> Result<Answer, String> {
    let found = crate::exec::find(OsStr::new("git"), world).map_err(|error| error.to_string())?;
    let mut settings: Vec<(OsString, &OsStr)> = Vec::new();
    settings.extend(question.settings.iter().map(|(name, value)| (name.into(), value.as_ref())));
    settings.extend(STILL.iter().map(|(name, value)| (name.into(), value.as_ref())));
    let run = |words: &[&OsStr], settings: &[(OsString, &OsStr)], input: &[u8]| {
        let mut command = Command::new(&found.file);
        command.args(&question.globals).args(words).current_dir(&question.dir).env_clear();
        command.envs(question.vars.iter().map(|(name, value)| (name, value)));
        command.envs(world.var(OsStr::new("PATH")).map(|path| ("PATH", path)));
        command.envs([
            ("LC_ALL", "C"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
        ]);
        command.env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (place, (name, value)) in settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{place}"), name);
            command.env(format!("GIT_CONFIG_VALUE_{place}"), value);
        }
        child::ask(command, "git", input, BOUNDS)
    };
    // A filter is a program that the settings name; an emptied one is none.
    let filters = ["config", "-z", "--name-only", "--get-regexp", "^filter[.]"].map(OsStr::new);
    let named = run(&filters, &settings, &[])?;
    let filters: BTreeSet<&[u8]> = named
        .out
        .split(|byte| *byte == 0)
        .filter_map(|name| name.get(..name.iter().rposition(|byte| *byte == b'.')?))
        .collect();
    for filter in filters {
        for (key, value) in [("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")]
        {
            let name = [filter, b".", key.as_bytes()].concat();
            settings.push((OsString::from_vec(name), OsStr::new(value)));
        }
    }
    let words: Vec<&OsStr> = question.words.iter().map(AsRef::as_ref).collect();
    run(&words, &settings, &question.input)
}
