//! What a saved plan would do: its changes as actions, the worst first. A
//! deletion is judged by what is deleted, a change in place by whether it
//! takes a recovery path away.

use crate::action::{Action, Effect, Flag, Flags};
use crate::parse::tfplan::{Change, Kind, Plan, Simple};
use crate::target::Kind as Named;
use crate::target::{Evidence, Target, terraform};

use super::kinds;

/// How many addresses a sentence names.
const NAMED: usize = 6;

/// What to do instead of what destroys.
const KEEP: &str = "Take what destroys out of the plan: let the configuration keep those \
    resources, plan anew, and apply that.";

/// Everything that a plan would do, without its target.
pub fn actions(plan: &Plan) -> Vec<Action> {
    let (mut data, mut others, mut weakened) = (Vec::new(), Vec::new(), Vec::new());
    let (mut made, mut changed, mut replaced, mut removed) = (0, 0, 0, 0);
    let mut last_copy = false;
    for change in &plan.changes {
        match (change.kind, kinds::of(change.resource_type())) {
            (Kind::Delete | Kind::Replace, kinds::Kind::Data) => {
                last_copy |= skips_snapshot(change);
                data.push(change);
            }
            (Kind::Replace, kinds::Kind::Version) => replaced += 1,
            (Kind::Delete | Kind::Replace, kinds::Kind::State) => removed += 1,
            (Kind::Delete | Kind::Replace, _) => others.push(change),
            (Kind::Update, _) => {
                changed += 1;
                weakened.extend(weakens(change).map(|what| (change, what)));
            }
            (Kind::Create, _) => made += 1,
            (Kind::Forget, _) => removed += 1,
            (Kind::Nothing, _) => {}
        }
    }
    for list in [&mut data, &mut others] {
        list.sort_by(|one, other| one.address.cmp(&other.address));
    }
    let mut actions = Vec::new();
    if !data.is_empty() {
        let mut flags = Flags::of(&[Flag::Irreversible]);
        let mut summary = format!("Destroys {}", listed(&data));
        if last_copy {
            flags = flags.with(Flag::Backups);
            summary.push_str(", without a final snapshot");
        }
        actions.push(destroying(flags, "delete", &data, summary + "."));
    }
    if !others.is_empty() {
        // A whole place goes, whatever it is made of.
        let flags = if plan.destroys_all { Flags::of(&[Flag::Irreversible]) } else { Flags::NONE };
        let summary = format!("Destroys {}.", listed(&others));
        actions.push(destroying(flags, "delete", &others, summary));
    }
    if let Some((change, what)) = weakened.first() {
        let changes: Vec<&Change> = weakened.iter().map(|(change, _)| *change).collect();
        let summary = format!("{what} of {}.", listed(&changes));
        let flags = Flags::of(&[Flag::Backups]);
        let mut action = destroying(flags, "update", &[*change], summary);
        action.instead = Some("Keep the protection on, and change the rest.".into());
        actions.push(action);
    }
    let written = made + changed + replaced + removed + plan.invocations;
    if written > 0 || plan.outputs {
        let mut action = Action::new(Effect::Write, "apply");
        action.summary = counted(&[
            (made, "creates"),
            (changed, "changes"),
            (replaced, "puts a new version in the place of"),
            (removed, "takes out of the state"),
            (plan.invocations, "runs actions of providers:"),
        ]);
        actions.push(action);
    }
    actions
}

fn destroying(
    flags: Flags,
    operation: &'static str,
    changes: &[&Change],
    summary: String,
) -> Action {
    Action {
        flags,
        object: changes.first().map(|change| change.address.clone()),
        summary,
        instead: Some(KEEP.into()),
        ..Action::new(Effect::Destroy, operation)
    }
}

/// The addresses, the first few by name.
fn listed(changes: &[&Change]) -> String {
    let names: Vec<String> = changes
        .iter()
        .take(NAMED)
        .map(|change| match change.kind {
            Kind::Replace => format!("{} (and makes another)", change.address),
            _ => change.address.clone(),
        })
        .collect();
    let more = changes.len().saturating_sub(NAMED);
    match more {
        0 => names.join(", "),
        _ => format!("{} and {more} more", names.join(", ")),
    }
}

/// `Creates 2, changes 1.`
fn counted(counts: &[(usize, &str)]) -> String {
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, verb)| format!("{verb} {count}"))
        .collect();
    let text = if parts.is_empty() { "changes outputs".to_owned() } else { parts.join(", ") };
    let mut letters = text.chars();
    let first: String = letters.next().map(|it| it.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// Whether a database goes without a last copy of it being made.
fn skips_snapshot(change: &Change) -> bool {
    change.simple("skip_final_snapshot", false) == Some(Simple::Bool(true))
}

/// What a change in place takes away of a resource's protection.
fn weakens(change: &Change) -> Option<&'static str> {
    let turns = |name: &str, to: bool| {
        change.simple(name, false) == Some(Simple::Bool(!to))
            && change.simple(name, true) == Some(Simple::Bool(to))
    };
    let zeroed = |name: &str| {
        matches!(change.simple(name, false), Some(Simple::Number(1..)))
            && change.simple(name, true) == Some(Simple::Number(0))
    };
    for name in [
        "deletion_protection",
        "deletion_protection_enabled",
        "enable_deletion_protection",
        "disable_api_termination",
        "purge_protection_enabled",
    ] {
        if turns(name, false) {
            return Some("Switches off the deletion protection");
        }
    }
    if turns("force_destroy", true) {
        return Some("Lets it be destroyed with everything in it: force_destroy");
    }
    let retention =
        ["backup_retention_period", "backup_retention_days", "snapshot_retention_limit"];
    retention.into_iter().any(zeroed).then_some("Switches off the backups")
}

/// Adds what the plan says of its place, which is what Terraform takes: the
/// directory's own backend does not count then.
pub fn place(plan: &Plan, target: &mut Target) {
    if !plan.workspace.is_empty() && plan.workspace != "default" {
        target.name.get_or_insert_with(|| plan.workspace.clone());
        target.evidence.push(Evidence::name(Named::Workspace, "plan", plan.workspace.clone()));
    }
    terraform::settings(target, &plan.backend, &plan.settings);
    let texts = plan.changes.iter().flat_map(Change::raw);
    terraform::accounts(target, "plan", texts);
    let gone = plan.changes.iter().filter(|it| matches!(it.kind, Kind::Delete | Kind::Replace));
    for change in gone.take(10) {
        target.evidence.push(Evidence::hint(Named::Resource, "plan", change.address.clone()));
    }
}
