//! What data cannot say of gcloud: objects by prefix and wildcard, SQL among
//! the options, sessions, and what changes where later commands land.

use super::Reader;
use super::line::Line;
use crate::action::{Effect, Flag, Flags};
use crate::actions::{Call, INTERACTIVE, Reading};
use crate::invocation::Input;
use crate::parse::argv::{Parsed, Value};
use crate::parse::googlesql;
use crate::target::gcloud::{self as target, Asked, Named};
use crate::target::{Evidence, Kind, Target};

/// Commands that run SQL, and the option that holds it.
const TEXTS: &[(&str, &str)] =
    &[("spanner databases execute-sql", "--sql"), ("spanner databases ddl update", "--ddl")];

/// A command that needs more than the tables; none if they say it all.
pub(super) fn special(reader: &Reader<'_>) -> Option<Reading> {
    let operation = reader.line.operation.as_str();
    match operation {
        "storage rm" => {
            let many = reader.parsed.has("--recursive")
                || reader.parsed.has("--read-paths-from-stdin")
                || reader.line.rest.iter().any(|word| is_many(&word.text.to_string_lossy()));
            let computed = reader.line.rest.iter().any(|word| word.dynamic);
            let whole = reader.line.rest.iter().any(|word| is_whole(&word.text.to_string_lossy()));
            let mut flags = match whole && many {
                true => Flags::of(&[Flag::Irreversible]),
                false => Flags::NONE,
            };
            if reader.parsed.has("--all-versions") {
                flags = flags.with(Flag::Backups);
            }
            if computed && !many {
                flags = flags.with(Flag::Opaque);
            }
            let effect = match many || reader.parsed.has("--all-versions") {
                true => Effect::Destroy,
                false => Effect::Write,
            };
            Some(reader.by_table(effect, flags))
        }
        "storage mv" => {
            let from = reader.line.rest.split_last().map(|(_, from)| from).unwrap_or_default();
            let many = from.iter().any(|word| {
                let text = word.text.to_string_lossy();
                text.starts_with("gs://") && (is_many(&text) || text.ends_with('/'))
            });
            Some(reader.by_table(if many { Effect::Destroy } else { Effect::Write }, Flags::NONE))
        }
        "config set" => Some(set(reader)),
        "config configurations activate" => {
            let name = reader.line.rest.first();
            let name = name.map(|word| word.text.to_string_lossy().into_owned());
            Some(retarget(reader, Kind::Profile, name))
        }
        "sql connect" | "spanner cli" | "alloydb connect" => {
            Some(match reader.call.context.stdin(1) {
                Input::Terminal => reader.opaque(INTERACTIVE, "it will be typed"),
                _ => reader.opaque(operation.to_owned(), "its SQL comes by standard input"),
            })
        }
        _ => {
            let (_, option) = TEXTS.iter().find(|(name, _)| *name == operation)?;
            Some(match reader.parsed.value(option) {
                Some(value) if !value.dynamic => {
                    let (effect, flags) = googlesql::read(&value.text.to_string_lossy());
                    reader.by_table(effect, flags)
                }
                Some(_) => reader.opaque(operation.to_owned(), "its SQL is computed at run time"),
                None if reader.parsed.has("--ddl-file") => {
                    let file = reader.parsed.value("--ddl-file");
                    let file = file.map(|value| value.text.to_string_lossy().into_owned());
                    match reader.call.context.read(file.unwrap_or_default(), 1 << 20) {
                        Ok(bytes) => {
                            let (effect, flags) = googlesql::read(&String::from_utf8_lossy(&bytes));
                            reader.by_table(effect, flags)
                        }
                        Err(_) => reader.opaque(operation.to_owned(), "its file cannot be read"),
                    }
                }
                None => reader.by_table(Effect::Read, Flags::NONE),
            })
        }
    }
}

/// Whether a URL stands for more than one object.
pub fn is_many(url: &str) -> bool {
    url.contains(['*', '?', '[']) || is_whole(url)
}

/// Whether a URL stands for a whole bucket or everything in it.
pub fn is_whole(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("gs://") else { return false };
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    bucket.contains('*') || key.trim_matches('*').is_empty()
}

fn set(reader: &Reader<'_>) -> Reading {
    let mut words = reader.line.rest.iter();
    let key = words.next().map(|word| word.text.to_string_lossy().into_owned());
    let value = words.next().map(|word| word.text.to_string_lossy().into_owned());
    match key.as_deref() {
        Some("project" | "core/project") => retarget(reader, Kind::Project, value),
        Some("account" | "core/account") => retarget(reader, Kind::User, value),
        _ => reader.by_table(Effect::Write, Flags::NONE),
    }
}

/// What changes where later commands land: the new place is its target.
fn retarget(reader: &Reader<'_>, kind: Kind, name: Option<String>) -> Reading {
    let mut reading = reader.by_table(Effect::Write, Flags::of(&[Flag::Retarget]));
    let mut new = Target::of("gcp");
    if let Some(name) = name {
        new.evidence.push(match kind {
            Kind::User => Evidence::hint(kind, "argument", name.clone()),
            _ => Evidence::name(kind, "argument", name.clone()),
        });
        new.name = Some(name);
    }
    for action in &mut reading.actions {
        action.target = new.clone();
    }
    reading
}

/// Where a gcloud command lands.
pub fn target(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    line: &Line<'_>,
    named: &[Named],
    bounded: bool,
) -> Target {
    let value = |name: &str| -> Option<Value<'_>> { parsed.value(name) };
    let mut named = named.to_vec();
    for name in &mut named {
        if line.operation.starts_with("projects ") && name.source == "argument" {
            name.kind = Kind::Project;
        }
    }
    let asked = Asked {
        project: value("--project"),
        configuration: value("--configuration"),
        account: value("--account"),
        impersonate: value("--impersonate-service-account"),
        service: line.operation.split(' ').next().unwrap_or_default(),
        bounded,
        named: &named,
    };
    target::resolve(call.context, &asked)
}
