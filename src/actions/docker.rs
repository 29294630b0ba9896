//! docker, Compose and podman: what a command does is the rule files'; here is
//! where it lands (the daemon, the compose project, the names in it), and
//! whether the volumes that would go belong to the compose project in the
//! current directory. Those that do not are irreplaceable. Reads files, never
//! asks a daemon: what a name stands for there is not known here.

use super::{Call, Reading, table};
use crate::action::{Action, Effect, Flag};
use crate::parse::argv::{self, Parsed};
use crate::target::compose::{self, Project, Said};
use crate::target::{Evidence, Kind, Target, docker};

/// The label by which Compose knows a project's volumes.
const LABEL: &str = "label=com.docker.compose.project=";

/// Reads a call of docker, docker-compose or podman.
pub fn read(call: &Call<'_>) -> Reading {
    let mut reading = table::read(call);
    if reading.actions.is_empty() {
        return reading;
    }
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let composes = call.tool.name == "docker-compose"
        || parsed.path.first().is_some_and(|word| word.text == "compose");
    let project = composes.then(|| compose::resolve(&call.context, &Said::of(&parsed)));
    for action in &mut reading.actions {
        action.target = target(call, &parsed, project.as_ref(), action);
        if action.flags.has(Flag::Irreplaceable) && is_own(call, &parsed, project.as_ref(), action)
        {
            action.flags = action.flags.without(Flag::Irreplaceable);
        }
    }
    reading
}

fn target(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    project: Option<&Project>,
    action: &Action,
) -> Target {
    let said = |name: &'static str| {
        let value = parsed.value(name)?;
        Some((name, value.text.to_string_lossy().into_owned(), value.dynamic))
    };
    let engine = match call.tool.name {
        "podman" => docker::podman(&call.context, said("--connection"), said("--url")),
        _ => docker::docker(&call.context, said("--context"), said("--host")),
    };
    let mut target = Target::of(call.tool.platform);
    target.gap = engine.gap;
    if let Some(project) = project {
        named(project, action, &mut target);
    }
    let object = parsed.command.and_then(|command| command.object.as_ref());
    if object.is_some_and(|object| object.kind != "image") {
        for word in parsed.positionals.iter().filter(|word| !word.dynamic) {
            let name = word.text.to_string_lossy().into_owned();
            target.name.get_or_insert_with(|| name.clone());
            target.evidence.push(Evidence::name(Kind::Resource, "argument", name));
        }
    }
    let place = engine.evidence.first().map(|evidence| evidence.value.clone());
    target.name = target.name.take().or(place);
    target.evidence.extend(engine.evidence);
    target
}

/// What a compose project's names say of where it is. The current directory's
/// name is a hint, as everywhere. A file's name (`docker-compose.prod.yml`) is
/// one too, but for what destroys: the same file is tried out on every
/// machine, and used in production on one of them.
fn named(project: &Project, action: &Action, target: &mut Target) {
    if let Some(name) = &project.name {
        let evidence = match project.source {
            "" => Evidence::hint(Kind::Project, "the directory", name),
            source => Evidence::name(Kind::Project, source, name),
        };
        target.evidence.push(evidence);
        target.name = Some(name.clone());
    }
    for file in &project.files {
        target.evidence.push(match action.effect {
            Effect::Destroy => Evidence::name(Kind::Path, "-f", file),
            _ => Evidence::hint(Kind::Path, "-f", file),
        });
    }
}

/// Whether every volume that would go belongs to the compose project in the
/// current directory, or to no project and no name.
fn is_own(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    project: Option<&Project>,
    action: &Action,
) -> bool {
    if let Some(project) = project {
        return project.own;
    }
    match &*action.operation {
        "volume rm" => {
            let named = !parsed.positionals.is_empty() && !parsed.has("--all");
            let own = compose::own(&call.context);
            named
                && parsed.positionals.iter().all(|word| {
                    let name = word.text.to_string_lossy();
                    !word.dynamic && (is_anonymous(&name) || own.declares(&name))
                })
        }
        "volume prune" => {
            let own = compose::own(&call.context);
            let mut filters = parsed.all("--filter").filter_map(|given| given.value);
            filters.any(|value| {
                let text = value.text.to_string_lossy();
                let name = text.strip_prefix(LABEL);
                !value.dynamic && name.is_some() && name == own.name.as_deref()
            })
        }
        _ => false,
    }
}

/// Whether docker made the name up: 64 hexadecimal digits.
fn is_anonymous(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
