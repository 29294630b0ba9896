//! Reads sftp: the commands of a batch (`-b`), or of standard input, on the
//! machine that it is pointed at. What somebody types is not read first. Looks
//! at the words, the batch and ssh's configuration only.
//!
//! Source: sftp(1) of OpenSSH 9.2p1; tests/copies.rs runs the real one.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::{Call, Handed, Reading, TEXT_LIMIT};
use crate::action::{Action, Effect};
use crate::invocation::{Input, Invocation};
use crate::parse::argv::{self, Parsed};
use crate::target::{Evidence, Kind, Target, ssh};
use crate::text::visible;
use crate::world::ReadError;

/// The most lines of a batch that are told apart.
const MAX_LINES: usize = 10_000;

/// Commands that change something over there.
const WRITES: &[&str] = &[
    "chgrp", "chmod", "chown", "copy", "cp", "ln", "mkdir", "mput", "put", "rename", "reput",
    "rmdir", "symlink",
];

/// Reads a call of sftp.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let Some(destination) = parsed.positionals.first() else { return Reading::default() };
    let mut reading = Reading::default();
    let (text, why) = match batch(call, &parsed, &mut reading) {
        Ok(Some(text)) => (text, None),
        Ok(None) => return reading,
        Err(why) => (String::new(), Some(why)),
    };
    let place = || target(call, &parsed, &destination.text.to_string_lossy(), destination.dynamic);
    if let Some(why) = why {
        let action = Action::opaque("sftp", why);
        reading.actions.push(Action { rule: "sftp/batch".into(), target: place(), ..action });
    }
    let mut worst: Option<Action> = None;
    for line in text.lines().take(MAX_LINES) {
        let line = line.trim();
        // A dash takes no error for the end, an at sign does not show it.
        let line = line.trim_start_matches(['-', '@']);
        if let Some(own) = line.strip_prefix('!').filter(|own| !own.trim().is_empty()) {
            reading.inner.push(Invocation {
                argv: vec!["sh".into(), "-c".into(), own.into()],
                dynamic: Vec::new(),
                templates: Vec::new(),
                ..call.context.invocation.clone()
            });
            continue;
        }
        let (verb, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let verb = verb.to_ascii_lowercase();
        let path = visible(rest.trim(), 100);
        let (effect, says) = match verb.as_str() {
            "rm" if rest.contains(['*', '?', '[']) => {
                (Effect::Destroy, format!("Removes every file that {path} stands for."))
            }
            "rm" => (Effect::Write, format!("Removes {path}.")),
            verb if WRITES.contains(&verb) => {
                (Effect::Write, format!("Changes files over there ({verb} {path})."))
            }
            _ => continue,
        };
        if worst.as_ref().is_none_or(|worst| worst.effect < effect) {
            let mut action = Action::new(effect, format!("sftp {verb}"));
            action.summary = says;
            action.object = Some(format!("files {path}"));
            action.rule = format!("sftp/{verb}").into();
            action.instead = (effect == Effect::Destroy)
                .then_some("List them first (ls), and remove those that are meant by name.".into());
            worst = Some(action);
        }
    }
    if let Some(mut action) = worst {
        action.target = place();
        reading.actions.push(action);
    }
    reading
}

/// The commands; none where somebody types them, or where there are none.
fn batch(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    out: &mut Reading,
) -> Result<Option<String>, String> {
    let named = parsed.value("-b").filter(|value| value.text != "-" || value.dynamic);
    let text = |bytes: &[u8]| Some(String::from_utf8_lossy(bytes).into_owned());
    let Some(value) = named else {
        return match call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => Ok(None),
            Input::Text(bytes) => Ok(text(&bytes)),
            // `sftp HOST:FILE` fetches the file and asks for nothing.
            Input::Opaque(_) if parsed.value("-b").is_none() && fetches(parsed) => Ok(None),
            Input::Opaque(why) => Err(format!("its commands come from {why}")),
        };
    };
    if value.dynamic {
        return Err("its batch is computed at run time".to_owned());
    }
    match call.context.read(value.text, TEXT_LIMIT) {
        Ok(bytes) => {
            let word = call.context.invocation.argv.get(value.index);
            let word = word.map_or(OsStr::new(""), OsString::as_os_str).as_bytes();
            let before = OsStr::from_bytes(word.get(..value.offset).unwrap_or_default()).to_owned();
            out.handed.push(Handed::file(value.index, before, bytes.clone()));
            Ok(text(&bytes))
        }
        // A command in front of this one may write it.
        Err(ReadError::Missing) => Err("its batch is not there yet".to_owned()),
        Err(why) => Err(format!("its batch cannot be read: {why}")),
    }
}

/// Whether the destination names a file, and not a machine alone.
fn fetches(parsed: &Parsed<'_>) -> bool {
    parsed.positionals.first().is_some_and(|word| {
        let text = word.text.to_string_lossy();
        let path = text.rsplit_once(':').map(|(_, path)| path);
        !word.dynamic && path.is_some_and(|path| !path.is_empty() && !path.ends_with('/'))
    })
}

/// Where a destination of sftp's or scp's leads: `user@host:path`.
pub fn target(call: &Call<'_>, parsed: &Parsed<'_>, destination: &str, computed: bool) -> Target {
    let mut target = Target::of("files");
    if computed {
        target.gap = Some("where it goes is computed at run time".to_owned());
        return target;
    }
    let bare =
        ["sftp://", "scp://"].into_iter().find_map(|scheme| destination.strip_prefix(scheme));
    let (host, path) = match bare {
        Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
        None => match destination.rsplit_once("]:") {
            Some((host, path)) => (host.trim_start_matches('['), path),
            None => destination.split_once(':').unwrap_or((destination, "")),
        },
    };
    let host = match bare {
        Some(_) => host.rsplit_once(':').map_or(host, |(host, _)| host),
        None => host,
    };
    let all = |name: &str| -> Vec<String> {
        let values = parsed.all(name).filter_map(|given| given.value);
        values.map(|value| value.text.to_string_lossy().into_owned()).collect()
    };
    let file = parsed.value("-F").map(|value| value.text.to_string_lossy().into_owned());
    let (evidence, _) = ssh::evidence(&call.context, host, &all("-o"), &all("-J"), file.as_deref());
    target.name = Some(ssh::host(host).to_owned());
    target.evidence = evidence;
    if !path.is_empty() {
        target.evidence.push(Evidence::name(Kind::Path, "argument", visible(path, 200)));
    }
    target
}
