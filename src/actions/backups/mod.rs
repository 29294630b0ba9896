//! Reads the programs that keep backups (wal-g, pgBackRest, barman, restic,
//! borg, rclone): what their rule files say, with what the words say of how
//! much goes, and where the repository lies. Whoever deletes a backup takes
//! the way back with it.

use super::{Call, Reading, table};
use crate::action::{Action, Effect, Flag, Flags};
use crate::invocation::Invocation;
use crate::parse::argv::{self, Parsed};
use crate::target::{Evidence, Kind, Target, backups, rclone};

/// Options that are not known and are read both ways.
const MAX_UNKNOWN: usize = 20;

/// The parameters that name where a running rclone is to write or delete.
const FS: &[&str] = &["dstFs", "path2", "fs"];

/// Reads a call of one of them.
pub fn read(call: &Call<'_>) -> Reading {
    let effect = |reading: &Reading| reading.actions.iter().map(|action| action.effect).max();
    let mut reading = one(call, call.context.invocation);
    // An option that is not known here may or may not take the next word:
    // each reading counts, the worst of them first.
    let mut other = without_unknown(call, call.context.invocation);
    for _ in 0..MAX_UNKNOWN {
        let Some(invocation) = other else { break };
        let found = one(call, &invocation);
        if effect(&found) > effect(&reading) {
            reading = found;
        }
        other = without_unknown(call, &invocation);
    }
    if reading.actions.iter().all(Action::is_harmless) && !call.full {
        return Reading::default();
    }
    reading
}

/// The invocation without the first option that is not known and the word
/// behind it; none where all are known.
fn without_unknown(call: &Call<'_>, original: &Invocation) -> Option<Invocation> {
    let parsed = argv::parse(call.tool, original, false);
    let unknown = parsed.unknown.first()?;
    let attached = unknown.text.as_encoded_bytes().contains(&b'=');
    let taken = unknown.index..unknown.index + if attached { 1 } else { 2 };
    let kept: Vec<usize> = (0..original.argv.len()).filter(|at| !taken.contains(at)).collect();
    let argv = kept.iter().filter_map(|at| original.argv.get(*at).cloned()).collect();
    let dynamic = (0..kept.len())
        .filter(|at| kept.get(*at).is_some_and(|at| original.is_dynamic(*at)))
        .collect();
    Some(Invocation { argv, dynamic, templates: Vec::new(), ..original.clone() })
}

fn one(call: &Call<'_>, invocation: &Invocation) -> Reading {
    let parsed = argv::parse(call.tool, invocation, false);
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    let mut reading = Reading::default();
    if let Some(word) = parsed.positionals.first().filter(|word| word.dynamic)
        && parsed.path.is_empty()
        && parsed.command.is_none()
    {
        let spelled = crate::text::visible(&word.text.to_string_lossy(), 40);
        let why = format!("the command word `{spelled}` is computed at run time");
        reading.actions.push(Action::opaque("computed command", why));
    }
    let Some(mut action) = parsed.command.and_then(|command| table::action(call, &parsed, command))
    else {
        let target = target(call, &parsed, "");
        reading.actions.iter_mut().for_each(|action| action.target = target.clone());
        return reading;
    };
    adjust(call, &parsed, &mut action);
    if !action.is_harmless() || call.full {
        action.target = target(call, &parsed, &action.operation);
    }
    reading.actions.push(action);
    reading
}

/// What a table of options cannot say.
fn adjust(call: &Call<'_>, parsed: &Parsed<'_>, action: &mut Action) {
    let word = |at: usize| parsed.positionals.get(at).map(|word| word.text.to_string_lossy());
    match (call.tool.name, &*action.operation) {
        // `borg delete REPO` takes the repository, `REPO::ARCHIVE` one of it.
        ("borg", "delete") if action.effect == Effect::Destroy => {
            let first = word(0).unwrap_or_default();
            let archive = first.split_once("::").is_some_and(|(_, name)| !name.is_empty());
            let chosen = parsed.has("--prefix")
                || parsed.has("--glob-archives")
                || parsed.has("--first")
                || parsed.has("--last");
            if !archive && !chosen && parsed.positionals.len() < 2 {
                action.flags = Flags::of(&[Flag::Irreversible, Flag::Backups]);
                action.summary = "Deletes a whole repository with every archive in it.".to_owned();
            }
        }
        ("barman", "recover") => {
            let remote = parsed.has("--remote-ssh-command");
            let fresh = word(2).is_some_and(|path| {
                let path = call.context.resolve(&*path);
                !call.context.world.exists(&path) || call.context.world.list(&path).is_empty()
            });
            let computed = parsed.positionals.get(2).is_some_and(|word| word.dynamic);
            if !remote && fresh && !computed {
                action.effect = Effect::Write;
                action.flags = Flags::NONE;
                action.summary = "Recovers a server into an empty directory.".to_owned();
            }
        }
        _ => {}
    }
}

fn target(call: &Call<'_>, parsed: &Parsed<'_>, operation: &str) -> Target {
    let context = &call.context;
    match call.tool.name {
        "wal-g" => backups::walg(context, parsed),
        "pgbackrest" => backups::pgbackrest(context, parsed),
        "barman" => recovered(parsed, operation, backups::barman(context, parsed)),
        "restic" => backups::restic(context, parsed),
        "borg" => backups::borg(context, parsed),
        _ => {
            let word = |at: usize| {
                let word = parsed.positionals.get(at)?;
                Some((word.text.to_string_lossy().into_owned(), word.dynamic))
            };
            // What is copied to is the second word; what is deleted is the
            // first; a running rclone is told by `fs=`.
            let place = match operation {
                "sync" | "copy" | "copyto" | "bisync" | "backend" => word(1),
                "rc" => told(parsed).or_else(|| {
                    (1..parsed.positionals.len()).filter_map(word).find_map(|(text, dynamic)| {
                        let named = FS.iter().map(|name| format!("{name}="));
                        let place = named
                            .into_iter()
                            .find_map(|name| text.strip_prefix(&name).map(str::to_owned))?;
                        Some((place, dynamic))
                    })
                }),
                _ => word(0),
            };
            rclone::resolve(context, parsed, place)
        }
    }
}

/// What `--json` tells a running rclone to work on, and whether that is computed.
fn told(parsed: &Parsed<'_>) -> Option<(String, bool)> {
    let value = parsed.value("--json")?;
    let map: serde_json::Value = serde_json::from_str(&value.text.to_string_lossy()).ok()?;
    let place = FS.iter().find_map(|name| map.get(name)?.as_str())?;
    Some((place.to_owned(), value.dynamic))
}

/// `barman recover` lands on the host that its ssh command names, in the
/// directory of its last word.
fn recovered(parsed: &Parsed<'_>, operation: &str, mut target: Target) -> Target {
    if operation != "recover" {
        return target;
    }
    if let Some(value) = parsed.value("--remote-ssh-command") {
        match backups::ssh_host(&value.text.to_string_lossy()).filter(|_| !value.dynamic) {
            Some(host) => {
                target.evidence.push(Evidence::name(Kind::Host, "--remote-ssh-command", host));
            }
            None => target.gap = Some("the host that it recovers on is not named".to_owned()),
        }
    }
    if let Some(word) = parsed.positionals.get(2) {
        let path = word.text.to_string_lossy();
        target.evidence.push(Evidence::name(Kind::Path, "argument", path));
    }
    target
}

#[cfg(test)]
mod tests;
