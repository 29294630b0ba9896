//! Reads kubectl and what goes out to the same servers: which objects a
//! command would take away, by its words, files and patches, and which
//! cluster and namespace they are in. Commands in pods are the wrappers'.

mod delete;
mod files;
mod kinds;
mod kuberc;
mod patch;
#[cfg(test)]
mod tests;
mod words;

use super::{Call, INTERACTIVE, Reading, table};
use crate::action::{Action, Effect, Flag, Flags};
use crate::invocation::Stdin;
use crate::parse::argv::{self, Parsed};
use crate::rules::Command;
use crate::target::kube::{self, Asked};
use crate::target::{Evidence, Kind, Target};
use delete::Doomed;

/// Reads a call of kubectl or one of its kin.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if parsed.has("--help") && is_on(&parsed, "--help") {
        return Reading::default();
    }
    if call.tool.name != "kubectl" {
        return other(call, &parsed);
    }
    let Some(command) = parsed.command else { return words::unknown(call, &parsed) };
    let mut reading = own(call, &parsed, command);
    if command.effect.is_some_and(|effect| effect > Effect::Read) {
        reading.absorb(kuberc::defaults(call, &parsed));
    }
    reading
}

/// A tool whose rule file says all but where it goes.
fn other(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let mut reading = table::read(call);
    if !reading.actions.is_empty() {
        let target = kube::target(&call.context, &Asked::of(&call.context, parsed));
        for action in &mut reading.actions {
            action.target = target.clone();
        }
    }
    reading
}

/// What one of kubectl's own commands does.
fn own(call: &Call<'_>, parsed: &Parsed<'_>, command: &'static Command) -> Reading {
    let mut reading = Reading::default();
    let verb = parsed.path.first().map(|word| word.text.to_string_lossy()).unwrap_or_default();
    if &*verb == "exec" {
        return words::without_dashes(call, parsed);
    }
    let Some(mut action) = table::action(call, parsed, command) else { return reading };
    if is_dry(parsed) || (is_on(parsed, "--local") && action.effect == Effect::Write) {
        (action.effect, action.flags) = (Effect::Read, Flags::NONE);
    } else {
        match &*verb {
            "delete" => return delete::read(call, parsed, action),
            "apply" if parsed.path.len() == 1 && is_on(parsed, "--prune") => {
                prunes(call, parsed, &mut action, &mut reading);
            }
            "apply" | "replace" if parsed.path.len() == 1 => {
                return delete::recreated(call, parsed, action);
            }
            "patch" => return patch::read(call, parsed, action),
            "edit" => return edits(call, parsed, action),
            "config" => {
                action.target = later(call, parsed);
                reading.actions.push(action);
                return reading;
            }
            "scale" => scales(parsed, &mut action),
            "taint" => taints(parsed, &mut action),
            "attach" => attaches(call, parsed, &mut action),
            _ => {}
        }
    }
    let wide = matches!(&*verb, "drain" | "cordon" | "uncordon" | "taint");
    if call.full || !action.is_harmless() {
        action.target = place(call, parsed, wide);
        reading.actions.push(action);
    }
    reading
}

/// Where a command lands. `wide` says that no namespace bounds it.
fn place(call: &Call<'_>, parsed: &Parsed<'_>, wide: bool) -> Target {
    let asked = Asked::of(&call.context, parsed);
    let mut target = kube::target(&call.context, &asked);
    if wide || is_on(parsed, "--all-namespaces") {
        target.evidence.retain(|one| one.kind != Kind::Namespace);
    }
    target
}

/// Where commands would go from now on, by `config use-context` and its kin.
fn later(call: &Call<'_>, parsed: &Parsed<'_>) -> Target {
    let word = |at: usize| {
        let word = parsed.positionals.get(at)?;
        Some(("argument", word.text.to_string_lossy().into_owned(), word.dynamic))
    };
    let command = parsed.path.get(1).map(|word| word.text.to_string_lossy()).unwrap_or_default();
    let mut asked = Asked::of(&call.context, parsed);
    match &*command {
        "use-context" | "use" | "set-context" => asked.context = word(0).or(asked.context),
        "set-cluster" => asked.cluster = word(0).or(asked.cluster),
        "set" if word(0).is_some_and(|(_, key, _)| key == "current-context") => {
            asked.context = word(1);
        }
        _ => {}
    }
    kube::target(&call.context, &asked)
}

/// Whether a flag is on: given, and not switched off by its value.
fn is_on(parsed: &Parsed<'_>, name: &str) -> bool {
    parsed.last(name).is_some_and(|given| match given.value {
        Some(value) if !value.dynamic => !is_false(&value.text.to_string_lossy()),
        _ => true,
    })
}

/// Go's spellings of false.
fn is_false(text: &str) -> bool {
    matches!(text, "0" | "f" | "F" | "false" | "FALSE" | "False")
}

/// Whether it is a dry run: the last `--dry-run` counts, and one without a
/// value is one (kubectl 1.27 and 1.35).
fn is_dry(parsed: &Parsed<'_>) -> bool {
    parsed.last("--dry-run").is_some_and(|given| match given.value {
        Some(value) if value.dynamic => false,
        Some(value) => {
            let text = value.text.to_string_lossy();
            text != "none" && !is_false(&text)
        }
        None => true,
    })
}

/// `apply --prune`.
fn prunes(call: &Call<'_>, parsed: &Parsed<'_>, action: &mut Action, reading: &mut Reading) {
    let read = files::read(call, parsed);
    reading.handed.extend(read.handed);
    action.effect = Effect::Destroy;
    action.operation = "apply --prune".into();
    action.summary = "Deletes every object that its selector matches and its files do not hold, \
                      volumes' claims among them."
        .to_owned();
    action.instead = Some(
        "See what it would delete: the same command with --dry-run=server; delete by name what is \
         no longer wanted."
            .into(),
    );
    let allowed = parsed.all("--prune-allowlist").filter_map(|given| given.value);
    let gone = allowed.filter_map(|value| value.text.to_str()).any(|kinds| {
        kinds.split(',').any(|kind| {
            let kind = kind.rsplit('/').next().unwrap_or_default();
            kinds::find(kind).flags.has(Flag::Irreversible)
        })
    });
    if gone {
        action.flags = action.flags.with(Flag::Irreversible);
    }
}

/// `scale --replicas=0`.
fn scales(parsed: &Parsed<'_>, action: &mut Action) {
    let objects: Vec<String> = parsed
        .positionals
        .iter()
        .take(20)
        .map(|word| word.text.to_string_lossy().into_owned())
        .collect();
    let named = if objects.is_empty() { "its objects".to_owned() } else { objects.join(" ") };
    action.summary = action.summary.replace("scale", &named);
    let Some(replicas) = parsed.value("--replicas") else { return };
    let text = replicas.text.to_string_lossy();
    if replicas.dynamic || is_zero(&text) {
        action.effect = Effect::Disrupt;
        action.summary = match replicas.dynamic {
            true => format!("Sets how many replicas {named} has, perhaps to none."),
            false => format!("Takes {named} out of service: no replica is left."),
        };
        action.instead = Some("Leave one replica, or ask whoever depends on it.".into());
    }
}

/// Whether Go reads an integer as zero: `0`, `-0`, `0x0`, `00`.
fn is_zero(text: &str) -> bool {
    let bare = text.trim_start_matches(['-', '+']);
    let bare = bare.trim_start_matches("0x").trim_start_matches("0X");
    !bare.is_empty()
        && bare.chars().all(|letter| matches!(letter, '0' | '_' | 'b' | 'o' | 'B' | 'O'))
}

/// A taint that throws pods out.
fn taints(parsed: &Parsed<'_>, action: &mut Action) {
    let throws = parsed.positionals.iter().any(|word| {
        let text = word.text.to_string_lossy();
        text.contains("NoExecute") && !text.ends_with('-')
    });
    if throws {
        action.effect = Effect::Disrupt;
        action.summary = "Throws the pods off its nodes that do not tolerate it.".to_owned();
    }
}

/// `attach -i` with a text that is not read here.
fn attaches(call: &Call<'_>, parsed: &Parsed<'_>, action: &mut Action) {
    let sends = match &call.context.invocation.stdin {
        Stdin::Text(text) | Stdin::Sample(text) => !text.is_empty(),
        Stdin::Opaque(_) => true,
        Stdin::Inherited => false,
    };
    if sends && is_on(parsed, "--stdin") {
        let why = "it goes to the program that runs in the container";
        let opaque = Action::opaque("attach", why);
        action.flags = opaque.flags;
        action.summary = opaque.summary;
    }
}

/// `edit`: what comes out of the editor is not known.
fn edits(call: &Call<'_>, parsed: &Parsed<'_>, action: Action) -> Reading {
    let opaque = Action::opaque(INTERACTIVE, "an editor writes it");
    let target = place(call, parsed, false);
    Reading::of(Action { rule: action.rule, target, ..opaque })
}

/// The action of deleting these, in the place of `target`.
fn deletes(doomed: &Doomed, mut target: Target, base: &Action) -> Action {
    let kind = kinds::find(&doomed.kind);
    let effect = if doomed.many { kind.many } else { kind.one };
    let mut flags = kind.flags;
    if doomed.takes_claims {
        flags = flags.with(Flag::Irreversible);
    }
    if kind.wide {
        target.evidence.retain(|one| one.kind != Kind::Namespace);
    }
    if kind.noun == "namespace" {
        let names = doomed.names.iter();
        target
            .evidence
            .extend(names.map(|name| Evidence::name(Kind::Namespace, doomed.source, name.clone())));
    } else {
        let names = doomed.names.iter().take(20);
        target
            .evidence
            .extend(names.map(|name| Evidence::hint(Kind::Resource, doomed.source, name.clone())));
    }
    let noun = if kind.noun == "object" && !doomed.kind.is_empty() {
        crate::text::visible(&doomed.kind, 60)
    } else {
        kind.noun.to_owned()
    };
    let object = match (doomed.many, doomed.names.is_empty()) {
        (true, _) => format!("every {}", noun.strip_prefix("every ").unwrap_or(&noun)),
        (false, true) => noun,
        (false, false) => {
            let names: Vec<&str> = doomed.names.iter().take(20).map(String::as_str).collect();
            crate::text::visible(&format!("{noun} {}", names.join(", ")), 300)
        }
    };
    let chosen = if doomed.many { " that it chooses" } else { "" };
    let with = match (doomed.takes_claims, kind.with) {
        (true, _) => ", its pods and the data of its volumes",
        (false, "") => "",
        (false, _) => " and ",
    };
    let more = if doomed.takes_claims { "" } else { kind.with };
    Action {
        effect,
        flags,
        summary: format!("Deletes {object}{chosen}{with}{more}."),
        object: Some(object),
        target,
        instead: base.instead.clone().filter(|_| effect > Effect::Write),
        ..base.clone()
    }
}
