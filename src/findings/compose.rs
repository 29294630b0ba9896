//! Compose files that lose a volume: one that is no longer declared, no longer
//! mounted where it was, or no longer somebody else's. The data itself stays
//! until somebody prunes; the service that had it starts without.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Finding, about, is_made_up, line_where, parts, shown};
use crate::parse::settings;

const INSTEAD: &str = "Keep the volume under its name; when nothing uses it any more, copy its \
                       data away first and say so in the commit.";

/// Volumes that hold what is made anew, by a word of their names.
const CACHES: &[&str] = &[
    "cache", "caches", "modules", "tmp", "temp", "gems", "bundle", "bundler", "pip", "cargo",
    "yarn", "pnpm", "npm", "gradle", "maven", "m2", "venv", "target", "build", "dist", "next",
    "vendor", "logs", "log",
];

/// The most volumes, services and mounts of a file that are compared.
const MOST: usize = 500;

/// Whether a path is a compose file's, and not one that only tests start.
pub(super) fn concerns(path: &str) -> bool {
    let parts = parts(path);
    let Some(name) = parts.last().filter(|_| !is_made_up(path)) else { return false };
    let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"));
    stem.is_some_and(|stem| {
        ["compose", "docker-compose", "podman-compose", "container-compose"]
            .iter()
            .any(|base| stem == *base || stem.strip_prefix(base).is_some_and(is_variant))
    })
}

/// `.prod` of `compose.prod.yml`, `-dev` of `docker-compose-dev.yml`.
fn is_variant(rest: &str) -> bool {
    rest.starts_with(['.', '-', '_'])
}

/// What a compose file says of volumes.
#[derive(Default)]
struct Volumes {
    /// The declared volumes: the key, the name that it gives, whether it is
    /// external.
    declared: BTreeMap<String, (Option<String>, bool)>,
    /// Where a service mounts a named volume: (service, place) → volume.
    mounts: BTreeMap<(String, String), String>,
    /// The services.
    services: Vec<String>,
}

/// What a change takes away from a compose file's volumes.
pub(super) fn compose(path: &str, before: Option<&str>, after: Option<&str>) -> Vec<Finding> {
    let Some(text) = before else { return Vec::new() };
    let Some(old) = read(text) else { return Vec::new() };
    let new = match after.map(read) {
        Some(Some(new)) => new,
        // What is no compose file any more is somebody's mistake, and starts
        // nothing.
        Some(None) => return Vec::new(),
        None => Volumes::default(),
    };
    let finding = about(path, INSTEAD);
    let declared = old.declared.keys().filter(|key| !is_cache(key)).filter_map(|key| {
        let (rule, removed, says) = undeclared(&old, &new, key)?;
        let place = if removed { text } else { after.unwrap_or_default() };
        Some(finding(rule, line_of_volume(place, key), removed, says))
    });
    let mounted = old.mounts.iter().filter_map(|((service, place), volume)| {
        let says = unmounted(&old, &new, service, place)?;
        let line = line_where(text, line_of_service(text, service), |line| {
            line.contains(volume.as_str()) && line.contains(place.as_str())
        });
        Some(finding("compose/mount-removed", line, true, says))
    });
    declared.chain(mounted).collect()
}

/// What becomes of a declared volume: the rule, whether it is gone, and the
/// sentence.
fn undeclared(old: &Volumes, new: &Volumes, key: &str) -> Option<(&'static str, bool, String)> {
    let (name, external) = old.declared.get(key)?;
    let shown = shown(key);
    let Some((other, is_external)) = new.declared.get(key) else {
        // The same volume under another key keeps its data, one of somebody
        // else's keeps it anyway, and what nothing mounted was given up before.
        let kept = name.is_some() && new.declared.values().any(|(other, _)| other == name);
        let used = old.mounts.values().any(|volume| volume == key);
        let says = format!(
            "The volume `{shown}` is no longer declared: its data is left behind, and goes with \
             the next prune of unused volumes."
        );
        return (used && !kept && !external).then_some(("compose/volume-removed", true, says));
    };
    if *external {
        let says =
            format!("The volume `{shown}` becomes the project's own: `down --volumes` deletes it.");
        return (!is_external).then_some(("compose/volume-owned", false, says));
    }
    let says =
        format!("The volume `{shown}` gets another name: what uses it starts with an empty one.");
    (other != name).then_some(("compose/volume-renamed", false, says))
}

/// What a service that stays no longer keeps at a place.
fn unmounted(old: &Volumes, new: &Volumes, service: &str, place: &str) -> Option<String> {
    let volume = old.mounts.get(&(service.to_owned(), place.to_owned()))?;
    // The same volume elsewhere in the service is a move that the image asks
    // for.
    let still = new.mounts.iter().any(|((one, _), other)| one == service && other == volume);
    let gone = !new.declared.contains_key(volume);
    let stays = new.services.iter().any(|one| one == service);
    (stays && !still && !gone && !is_cache(volume)).then(|| {
        let (service, place, volume) = (shown(service), shown(place), shown(volume));
        format!(
            "The service `{service}` no longer keeps {place} in the volume `{volume}`: it starts \
             empty there."
        )
    })
}

fn is_cache(name: &str) -> bool {
    let small = name.to_ascii_lowercase();
    small.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| CACHES.contains(&word))
}

fn read(text: &str) -> Option<Volumes> {
    let tree = settings::yaml(text.as_bytes()).ok()?;
    let root = tree.as_object()?;
    let mut volumes = Volumes::default();
    for (key, volume) in
        root.get("volumes").and_then(Value::as_object).into_iter().flatten().take(MOST)
    {
        let external = volume.get("external").is_some_and(|it| *it != Value::Bool(false));
        let name = volume.get("name").and_then(Value::as_str).map(str::to_owned);
        volumes.declared.insert(key.clone(), (name, external));
    }
    for (service, body) in
        root.get("services").and_then(Value::as_object).into_iter().flatten().take(MOST)
    {
        volumes.services.push(service.clone());
        for mount in body.get("volumes").and_then(Value::as_array).into_iter().flatten().take(MOST)
        {
            if let Some((volume, place)) = mounted(mount)
                && volumes.declared.contains_key(&volume)
                && volumes.mounts.len() < MOST
            {
                volumes.mounts.insert((service.clone(), place), volume);
            }
        }
    }
    Some(volumes)
}

/// The volume and the place of `data:/var/lib/data:ro` or of its long form.
fn mounted(mount: &Value) -> Option<(String, String)> {
    if let Some(text) = mount.as_str() {
        let mut words = text.split(':');
        return Some((words.next()?.to_owned(), words.next()?.to_owned()));
    }
    let text = |key: &str| Some(mount.get(key)?.as_str()?.to_owned());
    Some((text("source")?, text("target")?))
}

/// The line of a volume's own declaration.
fn line_of_volume(text: &str, key: &str) -> usize {
    let top = line_where(text, 1, |line| line.starts_with("volumes:"));
    line_where(text, top + 1, |line| is_key(line, key)).max(top)
}

fn line_of_service(text: &str, service: &str) -> usize {
    let top = line_where(text, 1, |line| line.starts_with("services:"));
    line_where(text, top + 1, |line| is_key(line, service)).max(top)
}

fn is_key(line: &str, key: &str) -> bool {
    let rest = line.trim_start().trim_start_matches(['"', '\'']).strip_prefix(key);
    rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with(':'))
}
