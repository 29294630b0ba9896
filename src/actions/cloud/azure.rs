//! What data cannot say of az: raw requests, and what changes where later
//! commands land.

use super::Reader;
use crate::action::{Effect, Flag, Flags};
use crate::actions::{Call, Reading, http_api};
use crate::parse::argv::Parsed;
use crate::parse::dialect::{self, Dialect, Found};
use crate::parse::http::{Body, Request};
use crate::parse::sql;
use crate::target::azure as target;
use crate::target::gcloud::Named;
use crate::target::{Evidence, Kind, Target};

/// The longest body that is read from a file, in bytes.
const MAX_BODY: usize = 1 << 20;

/// A command that needs more than the tables; none if they say it all.
pub(super) fn special(reader: &Reader<'_>) -> Option<Reading> {
    match reader.line.operation.as_str() {
        "rest" => Some(rest(reader)),
        "account set" => Some(set(reader)),
        "postgres flexible-server execute" | "mysql flexible-server execute" => {
            Some(execute(reader))
        }
        // Of several lines, the wrapper hands on the first.
        "vm run-command invoke" | "vmss run-command invoke" if !reader.line.rest.is_empty() => {
            Some(reader.by_table(Effect::Write, Flags::of(&[Flag::Opaque])))
        }
        _ => None,
    }
}

/// SQL for a server that is named: a statement, or a file of them.
fn execute(reader: &Reader<'_>) -> Reading {
    let either = |names: [&str; 2]| names.into_iter().find_map(|name| reader.parsed.value(name));
    let operation = reader.line.operation.clone();
    let bytes = match (either(["--querytext", "-q"]), either(["--file-path", "-f"])) {
        (Some(text), _) if !text.dynamic => text.text.to_string_lossy().into_owned().into_bytes(),
        (None, Some(file)) if !file.dynamic => {
            match reader.call.context.read(file.text.to_string_lossy().into_owned(), MAX_BODY) {
                Ok(bytes) => bytes,
                Err(_) => return reader.opaque(operation, "its file cannot be read"),
            }
        }
        (None, None) => return reader.by_table(Effect::Read, Flags::NONE),
        _ => return reader.opaque(operation, "its SQL is computed at run time"),
    };
    let found: Vec<Found> = match operation.starts_with("mysql") {
        true => dialect::read(&bytes, Dialect::Mysql),
        false => sql::read(&bytes).into_iter().map(Found::from).collect(),
    };
    let Some(worst) = found.iter().map(|found| &found.statement).max_by_key(|one| one.effect)
    else {
        return reader.by_table(Effect::Read, Flags::NONE);
    };
    let flags = found.iter().fold(Flags::NONE, |flags, found| flags.union(found.statement.flags));
    let mut reading = reader.by_table(worst.effect, flags);
    for action in reading.actions.iter_mut().filter(|_| !worst.summary.is_empty()) {
        action.summary.clone_from(&worst.summary);
        action.operation = worst.operation.clone();
        action.object.clone_from(&worst.object);
        action.instead = worst.instead.map(Into::into);
    }
    reading
}

/// `az rest`: a request to Azure's own API with the person's credentials.
fn rest(reader: &Reader<'_>) -> Reading {
    let parsed = reader.parsed;
    let text = |name: &str| {
        parsed.value(name).map(|value| (value.text.to_string_lossy().into_owned(), value.dynamic))
    };
    let method = text("--method").unwrap_or(("get".to_owned(), false));
    if method.1 {
        return reader.opaque("rest", "its method is computed at run time");
    }
    let Some((url, dynamic)) = text("--url") else { return Reading::default() };
    let url = match url.starts_with('/') {
        true => format!("https://management.azure.com{url}"),
        false => url,
    };
    let body = match text("--body") {
        None => Body::None,
        Some((_, true)) => Body::Opaque("it is computed at run time".to_owned()),
        Some((text, false)) => match text.strip_prefix('@') {
            None => Body::Known(text.into_bytes().into()),
            Some(file) => match reader.call.context.read(file, MAX_BODY) {
                Ok(bytes) => Body::Known(bytes.into()),
                Err(error) => Body::Opaque(error.to_string()),
            },
        },
    };
    let request = Request {
        method: method.0.to_uppercase(),
        url: url.clone(),
        authenticated: true,
        body,
        gap: dynamic.then(|| "part of the URL is computed at run time".to_owned()),
        ..Request::default()
    };
    let mut reading = http_api::read(&request, reader.call.context);
    // The path names the subscription and the group, where it goes to them.
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    let path = path.map(|(_, path)| path.split(['?', '#']).next().unwrap_or_default());
    let mut parts = path.unwrap_or_default().split('/');
    while let Some(part) = parts.next() {
        let kind = match part.to_ascii_lowercase().as_str() {
            "subscriptions" => Kind::Account,
            "resourcegroups" => Kind::Resource,
            _ => continue,
        };
        let Some(name) = parts.next().filter(|name| !name.is_empty()) else { break };
        for action in &mut reading.actions {
            action.target.evidence.push(Evidence::name(kind, "--url", name));
        }
    }
    reading
}

/// `az account set`: the new subscription is where later commands land.
fn set(reader: &Reader<'_>) -> Reading {
    let mut reading = reader.by_table(Effect::Write, Flags::of(&[Flag::Retarget]));
    let spelled = ["--subscription", "-s", "--name"];
    let named = spelled.iter().find_map(|name| reader.parsed.value(name));
    for action in &mut reading.actions {
        action.target = target::resolve(reader.call.context, named, &[], true);
    }
    reading
}

/// Where an az command lands.
pub fn target(call: &Call<'_>, parsed: &Parsed<'_>, named: &[Named], bounded: bool) -> Target {
    target::resolve(call.context, parsed.value("--subscription"), named, bounded)
}
