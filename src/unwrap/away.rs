//! Wrappers that run their command somewhere else: docker and podman, kubectl,
//! ssh. Puts the inner invocation into that place: its environment, directory
//! and files are not this machine's, and the place's names are evidence. Finds
//! the program that an image starts; never asks a daemon, a cluster or a host.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Arc;

use super::launcher;
use crate::actions::{Call, table};
use crate::invocation::{COMPUTED, HOLE, Invocation, Stdin, Written};
use crate::parse::argv::Parsed;
use crate::parse::url;
use crate::rules::{Source, Wrapper};
use crate::target::docker::{self, Said};
use crate::target::place::{self, Place};
use crate::target::{Evidence, Kind, compose, kube, ssh};

/// Images that start a program of their own, whose words follow the image's
/// name: by the image's last component, from their published Dockerfiles.
const ENTRIES: &[(&str, &[&str])] = &[
    ("aws-cli", &["aws"]),
    ("flyway", &["flyway"]),
    ("helm", &["helm"]),
    ("kubectl", &["kubectl"]),
    ("liquibase", &["liquibase"]),
    ("migrate", &["migrate"]),
    ("terraform", &["terraform"]),
    ("opentofu", &["tofu"]),
    ("curl", &["curl"]),
    ("dbmate", &["dbmate"]),
];

/// How the variables end that tell programs where their database is.
const NAMING: &[&str] = &[
    "DATABASE_URL",
    "DB_HOST",
    "DB_URL",
    "MONGODB_URI",
    "MONGO_URL",
    "MYSQL_HOST",
    "PGHOST",
    "PGHOSTADDR",
    "POSTGRES_HOST",
    "POSTGRES_URL",
    "REDIS_HOST",
    "REDIS_URL",
];

/// Sends an invocation without words to the place of `kind`. Where that place
/// is, is found out only if it `matters`.
pub(super) fn send(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    wrapper: Wrapper,
    kind: &str,
    inner: &mut Invocation,
    matters: bool,
) {
    let mut place = match matters {
        true => place_of(call, parsed, wrapper, kind),
        false => Place::default(),
    };
    let service = if matters { composed(call, parsed) } else { Vec::new() };
    inner.env = service.into_iter().chain(settings(call, parsed, wrapper)).collect();
    inner.env_cleared = true;
    inner.env_unknown = false;
    inner.written = Written::default();
    inner.cwd = Some(PathBuf::from(COMPUTED));
    for given in parsed.all("--env-file") {
        if let Some(value) = given.value.filter(|_| matches!(kind, "docker" | "podman")) {
            launcher::load(call, inner, value.text, true);
        }
    }
    // Which variable a program over there goes by cannot be seen from here.
    let databases: Vec<Evidence> = inner.env.iter().filter_map(database).collect();
    place.local &= databases.is_empty();
    place.evidence.extend(databases);
    inner.place = Some(Arc::new(place));
    inner.env.push(("HOME".into(), Some(COMPUTED.into())));
    let attached =
        wrapper.attaches.is_empty() || wrapper.attaches.iter().any(|option| parsed.has(option));
    let detached = wrapper.detaches.iter().any(|option| parsed.has(option));
    if !attached || detached {
        inner.stdin = Stdin::Text(Arc::from(&b""[..]));
    }
}

/// The variables that a compose file gives the service of a `compose exec` or
/// `compose run`.
fn composed(call: &Call<'_>, parsed: &Parsed<'_>) -> Vec<(OsString, Option<OsString>)> {
    let composes = call.tool.name == "docker-compose"
        || parsed.path.first().is_some_and(|word| word.text == "compose");
    let service = parsed.positionals.first().filter(|word| !word.dynamic);
    let Some(service) = service.and_then(|word| word.text.to_str()).filter(|_| composes) else {
        return Vec::new();
    };
    let said = compose::Said::of(parsed);
    let variables = compose::variables(&call.context, &said, service);
    variables.into_iter().map(|(name, value)| (name.into(), Some(value.into()))).collect()
}

/// A shell line that runs in a place for which a reader has found the names:
/// nothing of this machine's environment is there, and its standard input is
/// `outer`'s. A part of the text that is computed is a [`HOLE`].
pub fn line_at(text: String, mut place: Place, outer: &Invocation) -> Invocation {
    if let Some(around) = &outer.place {
        place.put_into(around);
    }
    let computed = text.contains(HOLE);
    let text = OsString::from(text);
    Invocation {
        argv: vec!["sh".into(), "-c".into(), text.clone()],
        dynamic: computed.then_some(2).into_iter().collect(),
        templates: computed.then_some((2, text)).into_iter().collect(),
        env: [("HOME".into(), Some(COMPUTED.into()))].into(),
        env_cleared: true,
        cwd: Some(PathBuf::from(COMPUTED)),
        stdin: outer.stdin.clone(),
        place: Some(Arc::new(place)),
        ..Invocation::default()
    }
}

/// The host that a variable names, if it is one by which programs find a
/// database and leads beyond the container's own machine.
fn database((name, value): (&OsString, &Option<OsString>)) -> Option<Evidence> {
    let (name, value) = (name.to_str()?, value.as_ref()?.to_str()?);
    if !NAMING.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    let host = match value.contains("://") {
        true => url::parse(value)?.host,
        false => value.to_owned(),
    };
    let named = !host.is_empty() && place::is_away(&host);
    named.then(|| Evidence::name(Kind::Host, format!("the container's {name}"), host))
}

/// Variables that options set: `NAME=VALUE`, or `NAME` from here.
pub(super) fn settings(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    wrapper: Wrapper,
) -> Vec<(OsString, Option<OsString>)> {
    let mut env = Vec::new();
    let given = parsed.options.iter();
    for given in given.filter(|given| wrapper.sets.iter().any(|name| given.option.is(name))) {
        let Some(value) = given.value else { continue };
        let text = value.text.as_bytes();
        let at = text.iter().position(|byte| *byte == b'=');
        let name = OsStr::from_bytes(at.and_then(|at| text.get(..at)).unwrap_or(text));
        let set = match at {
            _ if value.dynamic => Some(OsString::from(COMPUTED)),
            Some(at) => text.get(at + 1..).map(|set| OsStr::from_bytes(set).to_owned()),
            None => name.to_str().and_then(|name| call.context.var(name)),
        };
        if set.is_some() {
            env.push((name.to_owned(), set));
        }
    }
    env
}

fn place_of(call: &Call<'_>, parsed: &Parsed<'_>, wrapper: Wrapper, kind: &str) -> Place {
    let said = |name: &'static str| -> Option<Said> {
        let value = parsed.value(name)?;
        Some((name, value.text.to_string_lossy().into_owned(), value.dynamic))
    };
    let mut place = Place::default();
    match kind {
        "docker" | "podman" => {
            let engine = match kind {
                "docker" => docker::docker(&call.context, said("--context"), said("--host")),
                _ => docker::podman(&call.context, said("--connection"), said("--url")),
            };
            place.evidence = engine.evidence;
            place.local = engine.local;
            place.gap = engine.gap;
        }
        "kubernetes" => {
            let found = kube::cluster(&call.context, &kube::Asked::of(&call.context, parsed));
            place.evidence = found.evidence;
            // The API server's port is not one of the pod's.
            place.evidence.retain(|one| one.kind != Kind::Port);
            place.local = found.local;
            place.gap = found.gap;
        }
        "app" => {}
        _ => to_host(call, parsed, &mut place),
    }
    let mut settled = Vec::new();
    for source in wrapper.names {
        let (value, dynamic, from) = match source.from {
            Source::Option(name) => match parsed.value(name) {
                Some(value) => (value.text, value.dynamic, name),
                None => continue,
            },
            Source::Positional(number) => {
                let at = usize::from(number).saturating_sub(1);
                match parsed.positionals.get(at) {
                    Some(word) => (word.text, word.dynamic, "argument"),
                    None => continue,
                }
            }
            // The first of its kind counts, as in a tool's own target.
            other if !settled.contains(&source.kind) => {
                let Some(value) = table::found(call, parsed, other) else { continue };
                settled.push(source.kind);
                place.name.get_or_insert_with(|| value.clone());
                place.evidence.push(Evidence::name(source.kind, "settings", value));
                continue;
            }
            _ => continue,
        };
        settled.push(source.kind);
        if dynamic {
            place.gap.get_or_insert_with(|| format!("{from} is computed at run time"));
            continue;
        }
        let value = value.to_string_lossy().into_owned();
        if matches!(source.kind, Kind::App | Kind::Resource | Kind::Host) {
            place.name.get_or_insert_with(|| value.clone());
        }
        if kind != "ssh" {
            place.evidence.push(Evidence::name(source.kind, from, value));
        }
    }
    let name = place.name.as_deref().map(|name| crate::text::visible(name, 60));
    place.what = match (kind, name) {
        ("ssh", Some(name)) => format!("the host {name}"),
        ("app", Some(name)) => format!("the app {name}"),
        ("kubernetes", Some(name)) => format!("the pod {name}"),
        (_, Some(name)) => format!("the container {name}"),
        (_, None) => "another place".to_owned(),
    };
    if let Some(outer) = &call.context.invocation.place {
        place.put_into(outer);
    }
    place
}

fn to_host(call: &Call<'_>, parsed: &Parsed<'_>, place: &mut Place) {
    let Some(word) = parsed.positionals.first() else { return };
    if word.dynamic {
        place.gap = Some("ssh's host is computed at run time".to_owned());
        return;
    }
    let all = |name: &str| -> Vec<String> {
        let values = parsed.all(name).filter_map(|given| given.value);
        values.map(|value| value.text.to_string_lossy().into_owned()).collect()
    };
    let file = parsed.value("-F").map(|value| value.text.to_string_lossy().into_owned());
    let destination = word.text.to_string_lossy();
    let (evidence, local) =
        ssh::evidence(&call.context, &destination, &all("-o"), &all("-J"), file.as_deref());
    place.evidence = evidence;
    place.local = local;
}

/// The words that an image starts with, in front of those given: the program
/// of `--entrypoint`, or the image's own where it is known.
pub(super) fn entry(wrapper: Wrapper, parsed: &Parsed<'_>) -> Option<Vec<OsString>> {
    let option = wrapper.entry.first()?;
    if let Some(value) = parsed.value(option) {
        return (!value.dynamic && !value.text.is_empty()).then(|| vec![value.text.to_owned()]);
    }
    let image = parsed.positionals.get(usize::from(wrapper.skip).checked_sub(1)?)?;
    let name = image.text.to_str()?;
    let name = name.split('@').next()?.rsplit('/').next()?;
    let name = name.split(':').next()?;
    let (_, words) = ENTRIES.iter().find(|(known, _)| *known == name)?;
    Some(words.iter().map(OsString::from).collect())
}
