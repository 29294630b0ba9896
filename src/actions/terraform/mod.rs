//! Reads terraform and tofu: `apply` and `destroy` by what would go, the rest
//! by their rule file. A saved plan is read from the file that the tool would
//! read, judged by what it deletes, and handed on from that copy; without
//! one, the reading says how the tool can be asked for its plan first.

pub mod kinds;
mod plan;
mod words;

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

use super::{Call, Handed, Preview, Reading, table};
use crate::action::{Action, Effect, Flag, Flags};
use crate::parse::argv::{self, Parsed};
use crate::parse::tfplan;
use crate::target::terraform::configuration::Configuration;
use crate::target::terraform::{self, Given, Place, Wanted};
use crate::target::{Evidence, Kind, Target};
use crate::text::visible;
use crate::world::ReadError;
use words::Words;

/// The longest plan file that is read, in bytes.
const MAX_PLAN_FILE: usize = 32 << 20;

/// How many resources of a state are named.
const NAMED: usize = 6;

/// What an agent is told to do where no plan is there to be read.
const SAVE_A_PLAN: &str = "Save a plan and apply that one: `terraform plan -out=tf.plan`, then \
    `terraform apply tf.plan`, each as a command of its own. A saved plan is judged by what it \
    would do.";

/// Options of `apply` that `plan` does not have.
const NOT_FOR_PLAN: &[&str] = &["-auto-approve", "-state-out", "-backup"];

/// Options of `apply` that it takes beside a saved plan.
const WITH_PLAN: &[&str] = &[
    "-backup",
    "-compact-warnings",
    "-concise",
    "-consolidate-errors",
    "-consolidate-warnings",
    "-input",
    "-json",
    "-lock",
    "-lock-timeout",
    "-no-color",
    "-parallelism",
    "-show-sensitive",
    "-state",
    "-state-out",
];

/// Reads a call of terraform or tofu.
pub fn read(call: &Call<'_>) -> Reading {
    let words = Words::of(call);
    let parsed = argv::parse(call.tool, &words.invocation, false);
    let mut reading = match parsed.command {
        _ if words.ask_for_help() => Reading::default(),
        Some(command) if ["apply", "destroy"].contains(&command.operation().as_str()) => {
            apply(call, &words, &parsed, command.operation() == "destroy")
        }
        Some(command) => match table::action(call, &parsed, command) {
            Some(action) if call.full || !action.is_harmless() => {
                let mut wanted = wanted(call, &parsed);
                wanted.deep = call.full || action.effect >= Effect::Disrupt;
                if action.operation == "workspace delete" {
                    let named = parsed.positionals.first();
                    wanted.workspace = named.map(|word| word.text.to_string_lossy().into_owned());
                }
                let target = terraform::resolve(&call.context, &wanted).target;
                Reading::of(Action { target, ..action })
            }
            _ => Reading::default(),
        },
        None => Reading::default(),
    };
    if let Some(why) = unread(&words, &parsed)
        && reading.actions.iter().all(|action| !action.flags.has(Flag::Opaque))
    {
        let wanted = Wanted { deep: true, ..wanted(call, &parsed) };
        let target = terraform::resolve(&call.context, &wanted).target;
        let action = Action::opaque("computed command", why);
        reading.actions.push(Action { target, ..action });
    }
    for action in &mut reading.actions {
        if action.rule.is_empty() {
            action.rule = Cow::Owned(format!("{}/{}", call.tool.name, action.operation));
        }
    }
    reading
}

/// Why what the words do cannot be told, where that may be more than their
/// command does. A plain read stays one whatever is added to it.
fn unread(words: &Words, parsed: &Parsed<'_>) -> Option<String> {
    let reads = parsed.command.is_some_and(|command| command.effect == Some(Effect::Read));
    if reads {
        return None;
    }
    if let Some(name) = &words.computed {
        return Some(format!("{name} is computed at run time"));
    }
    let grouped = parsed.command.is_none_or(|command| command.effect.is_none());
    let word = words::computed(parsed).filter(|_| grouped)?;
    let spelled = visible(&word.text.to_string_lossy(), 40);
    Some(format!("the command word `{spelled}` is computed at run time"))
}

/// What the options say of the place.
fn wanted(call: &Call<'_>, parsed: &Parsed<'_>) -> Wanted {
    let tofu = call.context.invocation.tool() == "tofu";
    let mut wanted = Wanted { tofu, ..Wanted::default() };
    for given in &parsed.options {
        let Some(value) = given.value else { continue };
        let text = || value.text.to_string_lossy().into_owned();
        let name = given.option.names.last().copied().unwrap_or_default();
        match name {
            "-chdir" | "-state" if value.dynamic => {
                wanted.gap = Some(format!("{name} is computed at run time"));
            }
            "-chdir" => wanted.chdir = Some(PathBuf::from(value.text)),
            "-state" => wanted.state = Some(PathBuf::from(value.text)),
            "-var-file" | "-var" if value.dynamic => wanted.variables.push(Given::Computed),
            "-var-file" => wanted.variables.push(Given::File(text())),
            "-var" => wanted.variables.push(Given::Variable(text())),
            _ => {}
        }
    }
    wanted
}

/// `apply` and `destroy`.
fn apply(call: &Call<'_>, words: &Words, parsed: &Parsed<'_>, destroys: bool) -> Reading {
    if let Some(word) = parsed.positionals.first().filter(|_| !destroys) {
        return saved(call, words, parsed, word);
    }
    let wanted = Wanted { deep: true, ..wanted(call, parsed) };
    let Place { mut target, state, remote, configuration } =
        terraform::resolve(&call.context, &wanted);
    let configuration = configuration.unwrap_or_default();
    if words::is_on(parsed, "-refresh-only") && !destroys {
        let mut action = Action::new(Effect::Write, "apply");
        "Brings the state in line with what is really there.".clone_into(&mut action.summary);
        return Reading::of(Action { target, ..action });
    }
    let held = state.map(|path| terraform::state(&call.context, &path, &mut target));
    let destroys = destroys || words::is_on(parsed, "-destroy");
    let mut action = match destroys {
        true => {
            let held = held.and_then(Result::ok).map(|state| state.resources);
            destroy(&held.unwrap_or_default(), &configuration, parsed, &mut target)
        }
        false => unplanned(parsed),
    };
    action.target = target;
    let mut reading = Reading::of(action);
    // A run elsewhere gives no plan file that could be read.
    if !remote && !words.invocation.dynamic.iter().any(|at| *at > 0) && words.computed.is_none() {
        reading.preview = Some(preview(words, parsed, destroys));
    }
    reading
}

/// What destroying everything means, as far as the local state tells, or else
/// the configuration.
fn destroy(
    held: &[String],
    configuration: &Configuration,
    parsed: &Parsed<'_>,
    target: &mut Target,
) -> Action {
    let targets: Vec<String> = parsed
        .all("-target")
        .filter_map(|given| given.value)
        .map(|value| value.text.to_string_lossy().into_owned())
        .collect();
    let written: Vec<String> = configuration
        .resources
        .iter()
        .filter(|it| kinds::of(&it.kind) == kinds::Kind::Data)
        .map(|it| format!("{}.{}", it.kind, it.name))
        .collect();
    let (known, from) = if held.is_empty() { (&*written, "*.tf") } else { (held, "state") };
    for address in known.iter().take(200) {
        let is_data = kinds::of(tfplan::resource_type(address)) == kinds::Kind::Data;
        if is_data {
            target.evidence.push(Evidence::hint(Kind::Resource, from, address.clone()));
        }
    }
    let what = match (targets.is_empty(), held, &*written) {
        (false, ..) => format!("{} and what depends on it", some(&targets)),
        (true, [], []) => "everything that this workspace manages".to_owned(),
        (true, [], written) => {
            format!("everything that this workspace manages, with {} among it", some(written))
        }
        (true, held, _) => format!("all that this workspace manages: {}", some(held)),
    };
    let kept: Vec<String> = configuration
        .resources
        .iter()
        .filter(|it| it.kept)
        .map(|it| format!("{}.{}", it.kind, it.name))
        .collect();
    let brake = match kept.is_empty() || !targets.is_empty() {
        true => String::new(),
        false => format!(" Terraform itself stops at {}: prevent_destroy.", some(&kept)),
    };
    Action {
        flags: Flags::of(&[Flag::Irreversible]),
        object: targets.first().cloned(),
        summary: format!("Destroys {what}.{brake}"),
        instead: Some(
            "See what would go: `terraform plan -destroy`. To remove one resource, take it out \
             of the configuration and apply a saved plan."
                .into(),
        ),
        ..Action::new(Effect::Destroy, "destroy")
    }
}

/// The first few of a list.
fn some(names: &[String]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let first = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{first} and {more} more") } else { first }
}

/// An `apply` that plans as it goes.
fn unplanned(parsed: &Parsed<'_>) -> Action {
    let replaced: Vec<String> = parsed
        .all("-replace")
        .filter_map(|given| given.value)
        .map(|value| value.text.to_string_lossy().into_owned())
        .collect();
    let opaque = Action::opaque("apply", "");
    let mut action = Action {
        summary: "Does whatever Terraform then plans, deletions included: there is no saved plan \
                  that could be read."
            .to_owned(),
        instead: Some(SAVE_A_PLAN.into()),
        ..opaque
    };
    let kind = |address: &String| kinds::of(tfplan::resource_type(address));
    if replaced.iter().any(|address| kind(address) != kinds::Kind::Version) {
        action.effect = Effect::Destroy;
        action.object = replaced.first().cloned();
        action.summary = format!(
            "Destroys {} and makes it anew, and does whatever else Terraform then plans.",
            some(&replaced)
        );
        if replaced.iter().any(|address| kind(address) == kinds::Kind::Data) {
            action.flags = action.flags.with(Flag::Irreversible);
        }
    }
    action
}

/// How the tool makes the plan first, and carries out that very plan.
fn preview(words: &Words, parsed: &Parsed<'_>, destroys: bool) -> Preview {
    let program = words.invocation.argv.first().cloned().unwrap_or_default();
    let chdir: Vec<OsString> = parsed.all("-chdir").map(words::spelled).collect();
    let start = |command: &str| -> Vec<OsString> {
        let front = std::iter::once(program.clone()).chain(chdir.iter().cloned());
        front.chain([OsString::from(command)]).collect()
    };
    let (mut plan, mut apply) = (start("plan"), start("apply"));
    if destroys {
        plan.push("-destroy".into());
    }
    for given in &parsed.options {
        let is = |names: &[&str]| names.iter().any(|name| given.option.is(name));
        if is(&["-chdir"]) {
            continue;
        }
        if !is(NOT_FOR_PLAN) {
            plan.push(words::spelled(given));
        }
        if is(WITH_PLAN) {
            apply.push(words::spelled(given));
        }
    }
    plan.push("-out=".into());
    let mut spent = words.spent.clone();
    spent.extend(["TF_CLI_ARGS", "TF_CLI_ARGS_plan", "TF_CLI_ARGS_apply"].map(OsString::from));
    Preview { plan, apply, spent, unasked: words::is_on(parsed, "-auto-approve") }
}

/// `apply PLAN`: what the plan holds is what would happen.
fn saved(call: &Call<'_>, words: &Words, parsed: &Parsed<'_>, word: &argv::Word<'_>) -> Reading {
    let wanted = wanted(call, parsed);
    let path = match &wanted.chdir {
        Some(dir) => dir.join(word.text),
        None => PathBuf::from(word.text),
    };
    let unread = |why: String, there: bool| {
        let mut target = terraform::resolve(&call.context, &wanted).target;
        if there {
            // It is carried out where it was made for, not where it lies.
            let why = "a plan is for the backend that it names itself".to_owned();
            target.gap.get_or_insert(why);
        }
        let shown = visible(&path.display().to_string(), 200);
        let summary = format!("Applies the plan {shown}, which could not be read: {why}.");
        let instead = Some(SAVE_A_PLAN.into());
        Reading::of(Action { summary, instead, target, ..Action::opaque("apply", "") })
    };
    if word.dynamic {
        return unread("its name is computed at run time".to_owned(), true);
    }
    if wanted.gap.is_some() {
        return unread("its directory is computed at run time".to_owned(), true);
    }
    let Some(own) = words.own_place(word.index) else {
        return unread("TF_CLI_ARGS names it".to_owned(), true);
    };
    let file = match call.context.read(&path, MAX_PLAN_FILE) {
        Ok(file) => file,
        Err(ReadError::Missing) => return unread("there is no such file yet".to_owned(), false),
        Err(why) => {
            // One that this very line makes is for the directory's backend.
            let whole = call.context.cwd().unwrap_or_default().join(&path);
            let made = call.context.invocation.written.contains_key(&whole);
            return unread(why.to_string(), !made);
        }
    };
    let plan = match tfplan::read(&file) {
        Ok(plan) => plan,
        Err(why) => return unread(why, true),
    };
    let mut target = Target::of("terraform");
    plan::place(&plan, &mut target);
    if let Some(path) = &wanted.state {
        let path = path.display().to_string();
        target.evidence.push(Evidence::name(Kind::Path, "-state", path));
    }
    terraform::hints(&call.context, &wanted, &mut target);
    let actions = plan::actions(&plan).into_iter();
    Reading {
        actions: actions.map(|action| Action { target: target.clone(), ..action }).collect(),
        handed: vec![Handed::file(own, OsString::new(), file)],
        ..Reading::default()
    }
}

#[cfg(test)]
mod tests;
