//! What `delete`, `replace --force` and `apply --force` take away: by types
//! and names, by files, by a path of the API.

use super::files::{self, Files};
use super::{Call, Parsed, Reading, deletes, is_on, kinds, place};
use crate::action::{Action, Effect, Flag, Flags};
use crate::target::{Evidence, Kind, Target};

/// The most actions that a reading lists.
const MAX_ACTIONS: usize = 50;

/// Selectors of what has run to its end.
const ENDED: &[&str] = &[
    "status.phase=Failed",
    "status.phase==Failed",
    "status.phase=Succeeded",
    "status.phase==Succeeded",
    "status.successful=1",
    "status.successful==1",
];

/// Objects of one kind that a command would delete.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Doomed {
    /// The kind, as the command or the file names it, with its group.
    pub kind: String,
    /// Their names, as far as they are known.
    pub names: Vec<String>,
    /// Whether it is all that match.
    pub many: bool,
    /// Whether their volumes' claims go with them.
    pub takes_claims: bool,
    /// What named them.
    pub source: &'static str,
}

/// Reads `kubectl delete`.
pub fn read(call: &Call<'_>, parsed: &Parsed<'_>, base: Action) -> Reading {
    let mut reading = Reading::default();
    if let Some(path) = parsed.value("--raw") {
        let text = path.text.to_string_lossy();
        reading.actions.push(match path.dynamic {
            true => unreadable(call, parsed, &base, "its path is computed at run time"),
            false => raw(call, parsed, &text, &base),
        });
        return reading;
    }
    if parsed.has("--filename") || parsed.has("--kustomize") {
        let found = files::read(call, parsed);
        by_files(call, parsed, found, &base, &mut reading);
        return reading;
    }
    match named(parsed) {
        Ok(all) => {
            let target = place(call, parsed, false);
            let all = all.iter().map(|doomed| deletes(doomed, target.clone(), &base));
            reading.actions = worst(all.collect());
        }
        Err(why) => reading.actions.push(unreadable(call, parsed, &base, why)),
    }
    reading
}

/// What the words name. None of it where kubectl would refuse them.
///
/// # Errors
/// A clause: the kind is computed at run time.
fn named(parsed: &Parsed<'_>) -> Result<Vec<Doomed>, &'static str> {
    const COMPUTED: &str = "what it deletes is computed at run time";
    let words = &parsed.positionals;
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    // Of a computed word, the text is how the line spells it.
    let is_open = |word: &str| word.contains(['$', '`', '<']) || word.starts_with('…');
    let text = first.text.to_string_lossy();
    if first.dynamic && is_open(text.split('/').next().unwrap_or_default()) {
        return Err(COMPUTED);
    }
    let mut found: Vec<Doomed> = Vec::new();
    if text.contains('/') {
        for word in words.iter().take(2_000) {
            let text = word.text.to_string_lossy();
            let Some((kind, name)) = text.split_once('/') else {
                if word.dynamic {
                    return Err(COMPUTED);
                }
                continue;
            };
            if word.dynamic && is_open(kind) {
                return Err(COMPUTED);
            }
            add(&mut found, kind, name, word.dynamic);
        }
        return Ok(found);
    }
    let names: Vec<_> = words.iter().skip(1).take(2_000).collect();
    let chosen = is_on(parsed, "--all")
        || parsed.has("--selector")
        || parsed.has("--field-selector")
        || is_on(parsed, "--all-namespaces");
    if names.is_empty() && !chosen {
        return Ok(found);
    }
    let ended = parsed.value("--field-selector").is_some_and(|value| {
        let text = value.text.to_string_lossy();
        !value.dynamic && text.split(',').any(|one| ENDED.contains(&one))
    });
    for kind in text.split(',').take(200) {
        match names.is_empty() {
            true => found.push(Doomed {
                kind: kind.to_owned(),
                many: !ended,
                source: "argument",
                ..Doomed::default()
            }),
            false => {
                for word in &names {
                    add(&mut found, kind, &word.text.to_string_lossy(), word.dynamic);
                }
            }
        }
    }
    Ok(found)
}

/// Adds an object; a namespace stands alone, since its name is a place.
fn add(found: &mut Vec<Doomed>, kind: &str, name: &str, computed: bool) {
    let meaning = kinds::find(kind);
    let alone = meaning.noun == "namespace";
    let slot = found.iter_mut().rev().find(|have| !alone && have.kind == kind);
    let names: Vec<String> = if computed { Vec::new() } else { vec![name.to_owned()] };
    match slot {
        Some(have) => have.names.extend(names),
        None => found.push(Doomed {
            kind: kind.to_owned(),
            names,
            source: "argument",
            ..Doomed::default()
        }),
    }
}

/// Adds what files hold.
fn by_files(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    found: Files,
    base: &Action,
    reading: &mut Reading,
) {
    if let Some(why) = &found.unread {
        reading.actions.push(unreadable(call, parsed, base, why));
    }
    let (asked, here) = (parsed.has("--namespace"), place(call, parsed, false));
    let all = grouped(&found).into_iter().map(|(doomed, namespace)| {
        let mut target = here.clone();
        in_namespace(&mut target, namespace, asked);
        deletes(&doomed, target, base)
    });
    reading.actions.extend(worst(all.collect()));
    reading.handed.extend(found.handed);
    tell(found.is_open, reading);
}

/// The worst of them, as many as are listed.
fn worst(mut all: Vec<Action>) -> Vec<Action> {
    if all.len() > MAX_ACTIONS {
        all.sort_by_key(|action| std::cmp::Reverse((action.effect, action.flags.iter().count())));
        all.truncate(MAX_ACTIONS);
    }
    all
}

/// Says of what is deleted that its files are not held as they were read.
fn tell(is_open: bool, reading: &mut Reading) {
    for action in reading.actions.iter_mut().filter(|one| is_open && one.effect > Effect::Write) {
        action.summary.push_str(" Its folder's files may still change before it runs.");
    }
}

/// A file's own namespace counts over the context's.
fn in_namespace(target: &mut Target, namespace: &str, asked: bool) {
    if !asked && !namespace.is_empty() {
        target.evidence.retain(|one| one.kind != Kind::Namespace);
        target.evidence.push(Evidence::name(Kind::Namespace, "-f", namespace));
    }
}

/// Files' objects by kind and namespace.
fn grouped(found: &Files) -> Vec<(Doomed, &str)> {
    let mut groups: Vec<(Doomed, &str)> = Vec::new();
    for object in &found.objects {
        let kind = match object.group.is_empty() {
            true => object.kind.clone(),
            false => format!("{}.{}", object.kind, object.group),
        };
        let alone = kinds::find(&kind).noun == "namespace";
        let slot = groups.iter_mut().find(|(have, namespace)| {
            !alone && have.kind == kind && *namespace == object.namespace
        });
        match slot {
            Some((have, _)) => {
                have.names.push(object.name.clone());
                have.takes_claims |= object.takes_claims;
            }
            None => groups.push((
                Doomed {
                    kind,
                    names: vec![object.name.clone()],
                    takes_claims: object.takes_claims,
                    source: "-f",
                    many: false,
                },
                &object.namespace,
            )),
        }
    }
    groups
}

/// Deletes what could not be read.
fn unreadable(call: &Call<'_>, parsed: &Parsed<'_>, base: &Action, why: &str) -> Action {
    let wide = !parsed.has("--namespace");
    Action {
        effect: Effect::Destroy,
        flags: Flags::of(&[Flag::Opaque]),
        summary: format!("Deletes objects that could not be read: {why}."),
        target: place(call, parsed, wide),
        ..base.clone()
    }
}

/// `delete --raw PATH`.
fn raw(call: &Call<'_>, parsed: &Parsed<'_>, path: &str, base: &Action) -> Action {
    let mut target = place(call, parsed, true);
    match at_path(path) {
        Some((doomed, namespace)) => {
            if let Some(namespace) = namespace {
                target.evidence.push(Evidence::name(Kind::Namespace, "--raw", namespace));
            }
            deletes(&doomed, target, base)
        }
        None => Action {
            summary: format!("Sends a DELETE for {}.", crate::text::visible(path, 200)),
            target,
            ..base.clone()
        },
    }
}

/// The objects that a path of the API leads to, and their namespace.
pub fn at_path(path: &str) -> Option<(Doomed, Option<String>)> {
    let path = crate::parse::url::without_dots(path.split('?').next()?);
    let decoded = crate::parse::url::percent_decode(&path);
    let path = String::from_utf8_lossy(&decoded).into_owned();
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let group = match parts.next()? {
        "api" => "",
        "apis" => parts.next()?,
        _ => return None,
    };
    parts.next()?;
    let mut rest: Vec<&str> = parts.collect();
    let mut namespace = None;
    if let ["namespaces", name, _, ..] = rest.as_slice()
        && !matches!(rest.get(2), Some(&"finalize" | &"status"))
    {
        namespace = Some((*name).to_owned());
        rest.drain(..2);
    }
    let kind = rest.first()?;
    let kind = if group.is_empty() { (*kind).to_owned() } else { format!("{kind}.{group}") };
    let names: Vec<String> = rest.get(1).map(|name| (*name).to_owned()).into_iter().collect();
    let many = names.is_empty();
    Some((Doomed { kind, names, many, source: "--raw", takes_claims: false }, namespace))
}

/// `replace` and `apply`: with `--force`, what stands in the files is deleted
/// and made anew.
pub fn recreated(call: &Call<'_>, parsed: &Parsed<'_>, mut base: Action) -> Reading {
    let replaces = parsed.path.first().is_some_and(|word| word.text == "replace");
    if let Some(path) = parsed.value("--raw") {
        let text = path.text.to_string_lossy();
        base.target = place(call, parsed, true);
        if let Some((doomed, _)) = at_path(&text)
            && text.trim_end_matches('/').ends_with("/finalize")
        {
            base.effect = Effect::Destroy;
            base.flags = kinds::find(&doomed.kind).flags;
            base.summary = "Takes the finalizers off: what waits for them is deleted at once, \
                            before its parts are cleaned up."
                .to_owned();
            base.instead = Some("Find out what the finalizers wait for.".into());
        }
        return Reading::of(base);
    }
    if !is_on(parsed, "--force") {
        base.target = place(call, parsed, false);
        return Reading::of(base);
    }
    let found = files::read(call, parsed);
    let mut reading = Reading::default();
    let (asked, here) = (parsed.has("--namespace"), place(call, parsed, false));
    let verb = if replaces { "Deletes and makes anew" } else { "Deletes where it must" };
    let all = grouped(&found).into_iter().map(|(doomed, namespace)| {
        let mut target = here.clone();
        in_namespace(&mut target, namespace, asked);
        let mut action = deletes(&doomed, target, &base);
        let instead = "Leave --force out: the objects are then changed where they are.";
        action.instead = Some(instead.into());
        // What is made anew at once is away for a moment only.
        if action.effect == Effect::Destroy && !action.flags.has(Flag::Irreversible) {
            action.effect = Effect::Disrupt;
            action.flags = Flags::NONE;
        }
        action.summary = action.summary.replacen("Deletes", verb, 1);
        action
    });
    reading.actions = worst(all.collect());
    if let Some(why) = &found.unread {
        let mut action = unreadable(call, parsed, &base, why);
        if !replaces {
            action.effect = Effect::Disrupt;
            action.flags = Flags::NONE;
        }
        reading.actions.push(action);
    }
    reading.handed = found.handed;
    tell(found.is_open, &mut reading);
    reading
}
