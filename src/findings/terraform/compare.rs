//! A folder before and after → findings. Only what was there before can lose
//! something: a new resource that has no protection loses none.

use crate::findings::{Finding, shown};
use crate::parse::hcl::Value;

use super::folder::{Folder, Item};

const KEEP: &str = "Keep it on. To take the resource down on purpose, do that in a change of its \
    own, after a copy is made.";
const KEEP_COPY: &str = "Keep the copies that there are. To need fewer of them, say in the change \
    why, and let a person who owns the data review it.";
const MOVE_IT: &str = "If it only moved, write a `moved` block. If it is to live on unmanaged, \
    write a `removed` block with `lifecycle { destroy = false }`.";

/// Settings that protect where they are true: the rule, the name, and what it
/// means that one is off.
const BRAKES: &[(&str, &str, &str)] = &[
    ("terraform/prevent-destroy", "lifecycle.prevent_destroy", "a plan may destroy it again"),
    ("terraform/deletion-protection", "deletion_protection", ""),
    ("terraform/deletion-protection", "deletion_protection_enabled", ""),
    ("terraform/deletion-protection", "enable_deletion_protection", ""),
    ("terraform/deletion-protection", "settings.deletion_protection_enabled", ""),
    ("terraform/deletion-protection", "termination_protection", ""),
    ("terraform/deletion-protection", "disable_api_termination", ""),
    ("terraform/deletion-protection", "purge_protection_enabled", "a deletion is final"),
    ("terraform/recovery", "point_in_time_recovery.enabled", NO_WAY_BACK),
    ("terraform/recovery", "point_in_time_recovery_enabled", NO_WAY_BACK),
    ("terraform/recovery", "settings.backup_configuration.enabled", NO_WAY_BACK),
    (
        "terraform/recovery",
        "settings.backup_configuration.point_in_time_recovery_enabled",
        NO_WAY_BACK,
    ),
    ("terraform/recovery", "versioning.enabled", NO_VERSIONS),
    ("terraform/recovery", "blob_properties.versioning_enabled", NO_VERSIONS),
];
const NO_WAY_BACK: &str = "there is no way back to an earlier moment";
const NO_VERSIONS: &str = "what is overwritten or deleted is gone";

/// Settings that are texts, with the one that protects.
const STATES: &[(&str, &str)] =
    &[("versioning_configuration.status", "Enabled"), ("backup_policy.status", "ENABLED")];

/// Settings that take the data along where they are true.
const TAKES_ALONG: &[(&str, &str, &str)] = &[
    ("terraform/final-snapshot", "skip_final_snapshot", "no last copy is made when it is deleted"),
    ("terraform/force-destroy", "force_destroy", "it can be deleted with everything in it"),
    ("terraform/force-destroy", "force_delete", "it can be deleted with everything in it"),
    (
        "terraform/force-destroy",
        "delete_contents_on_destroy",
        "it can be deleted with everything in it",
    ),
    ("terraform/backup-retention", "delete_automated_backups", "its backups go with it"),
];

/// Settings that say how long or how many copies are kept, and what the
/// providers take where nothing is said.
const RETENTION: &[(&str, f64)] = &[
    ("automated_snapshot_retention_period", 1.0),
    ("automatic_backup_retention_days", 0.0),
    ("backup_retention_days", 7.0),
    ("backup_retention_period", 1.0),
    ("deletion_window_in_days", 30.0),
    ("point_in_time_recovery.recovery_period_in_days", 35.0),
    ("recovery_window_in_days", 30.0),
    ("retention_in_days", FOR_EVER),
    ("settings.backup_configuration.backup_retention_settings.retained_backups", 7.0),
    ("settings.backup_configuration.transaction_log_retention_days", 7.0),
    ("snapshot_retention_limit", 0.0),
    ("soft_delete_retention_days", 90.0),
];
const FOR_EVER: f64 = f64::INFINITY;

/// Resources that hold nothing, and whose end switches copies off.
const COPIERS: &[&str] = &[
    "aws_backup_plan",
    "aws_backup_selection",
    "aws_dlm_lifecycle_policy",
    "aws_efs_backup_policy",
    "aws_s3_bucket_versioning",
];

/// What one folder's change takes away.
pub fn folders(before: &Folder<'_>, after: &Folder<'_>, found: &mut Vec<Finding>) {
    for (address, item) in &before.items {
        let moved = after.moved.iter().find(|(from, _)| from == address).map(|(_, to)| to);
        match after.items.get(moved.unwrap_or(address)) {
            Some(now) => changed(moved.unwrap_or(address), item, now, after, found),
            None if moved.is_some() => {}
            None if after.removed.iter().any(|it| it.from == *address) => {}
            None => gone(address, item, found),
        }
    }
    for removed in after.removed.iter().filter(|it| it.destroys) {
        let known = before.removed.iter().any(|it| it.from == removed.from && it.destroys);
        let harmless = before.items.get(&removed.from).is_some_and(|item| !item.holds_data);
        if known || harmless {
            continue;
        }
        found.push(Finding {
            rule: "terraform/removed-block",
            path: removed.path.to_owned(),
            line: removed.line,
            removed: false,
            says: format!(
                "{} is taken out and destroyed: `removed` without `destroy = false`.",
                shown(&removed.from)
            ),
            instead: MOVE_IT,
        });
    }
}

/// A file that could not be read after the change.
pub fn unread(path: &str, why: &str) -> Finding {
    Finding {
        rule: "terraform/unread",
        path: path.to_owned(),
        line: 1,
        removed: false,
        says: format!(
            "The file held resources with data, and cannot be read any more: {}.",
            shown(why)
        ),
        instead: "See what Terraform says of it: terraform validate.",
    }
}

fn gone(address: &str, item: &Item<'_>, found: &mut Vec<Finding>) {
    let says = if item.kind == "module" && item.holds_data {
        format!("{} is removed: the next apply destroys everything in it.", shown(address))
    } else if item.holds_data {
        format!("{} is removed: the next apply destroys it and its data.", shown(address))
    } else if COPIERS.contains(&item.kind.as_str()) {
        format!("{} is removed: no more copies are made.", shown(address))
    } else {
        return;
    };
    found.push(Finding {
        rule: "terraform/resource-removed",
        path: item.path.to_owned(),
        line: item.line,
        removed: true,
        says,
        instead: MOVE_IT,
    });
}

/// A setting of a resource, before and after.
struct Pair<'a> {
    address: &'a str,
    name: &'static str,
    before: Option<&'a (Value, usize)>,
    after: Option<&'a (Value, usize)>,
    paths: (&'a str, &'a str),
    line: usize,
}

impl Pair<'_> {
    fn value(side: Option<&(Value, usize)>) -> Option<&Value> {
        side.map(|(value, _)| value).filter(|value| **value != Value::Null)
    }

    fn was(&self) -> Option<&Value> {
        Pair::value(self.before)
    }

    fn is(&self) -> Option<&Value> {
        Pair::value(self.after)
    }

    /// A finding where the setting stands now, or stood.
    fn finding(&self, rule: &'static str, what: &str, instead: &'static str) -> Finding {
        let (path, line, removed) = match (self.after, self.before) {
            (Some((_, line)), _) => (self.paths.1, *line, false),
            (None, Some((_, line))) => (self.paths.0, *line, true),
            (None, None) => (self.paths.1, self.line, false),
        };
        let says = format!("{} of {} {what}.", self.name, shown(self.address));
        Finding { rule, path: path.to_owned(), line, removed, says, instead }
    }
}

fn changed(
    address: &str,
    was: &Item<'_>,
    now: &Item<'_>,
    after: &Folder<'_>,
    found: &mut Vec<Finding>,
) {
    let pair = |name| Pair {
        address,
        name,
        before: was.settings.get(name),
        after: now.settings.get(name),
        paths: (was.path, now.path),
        line: now.line,
    };
    // Providers' defaults: Google's protect where nothing is said.
    let is_on_by_default = |name| was.kind.starts_with("google_") && name == "deletion_protection";
    for (rule, name, means) in BRAKES {
        let pair = pair(name);
        let on = |value: Option<&Value>| match value {
            None => is_on_by_default(*name),
            Some(value) => value.truth() != Some(false),
        };
        // AWS's provider 4 took versioning out of the bucket's own block.
        let elsewhere = *name == "versioning.enabled"
            && pair.is().is_none()
            && after.items.values().any(|it| it.kind == "aws_s3_bucket_versioning");
        if on(pair.was()) && !on(pair.is()) && !elsewhere {
            let means = if means.is_empty() { "it can be deleted" } else { means };
            let how = if pair.is().is_none() { "is removed" } else { "is switched off" };
            found.push(pair.finding(rule, &format!("{how}: {means}"), KEEP));
        }
    }
    for (name, on) in STATES {
        let pair = pair(name);
        let is_on =
            |value: Option<&Value>| value.is_some_and(|it| it.text().is_none_or(|it| it == *on));
        if is_on(pair.was()) && !is_on(pair.is()) {
            let what = format!("is no longer {on}: {NO_VERSIONS}");
            found.push(pair.finding("terraform/recovery", &what, KEEP));
        }
    }
    for (rule, name, means) in TAKES_ALONG {
        let pair = pair(name);
        let truth = |value: Option<&Value>| value.and_then(Value::truth);
        // Only automated backups are deleted unless something is said.
        let by_default = *name == "delete_automated_backups";
        let was = pair.was().map_or(Some(by_default), Value::truth);
        let is = if pair.is().is_none() { Some(by_default) } else { truth(pair.is()) };
        if was != Some(true) && is == Some(true) {
            found.push(pair.finding(rule, &format!("is switched on: {means}"), KEEP));
        }
    }
    let pair_of_snapshot = pair("final_snapshot_identifier");
    let skips = now.value("skip_final_snapshot").and_then(Value::truth) == Some(true);
    if pair_of_snapshot.was().is_some() && pair_of_snapshot.is().is_none() && !skips {
        let what = "is removed: no last copy is named that would be made when it is deleted";
        found.push(pair_of_snapshot.finding("terraform/final-snapshot", what, KEEP));
    }
    for (name, default) in RETENTION {
        // A module's own defaults are not known, and an RDS instance keeps none.
        let default = match was.kind.as_str() {
            "module" => None,
            "aws_db_instance" => Some(0.0),
            _ => Some(*default),
        };
        retention(&pair(name), default, found);
    }
    emptied(&pair("count"), was.holds_data, found);
    emptied(&pair("for_each"), was.holds_data, found);
}

/// Copies that are kept for less long than before.
fn retention(pair: &Pair<'_>, default: Option<f64>, found: &mut Vec<Finding>) {
    // In CloudWatch 0 days mean for ever.
    let days = |days: f64| match pair.name {
        "retention_in_days" if days == 0.0 => FOR_EVER,
        _ => days,
    };
    let number = |value: Option<&Value>| match value {
        Some(value) => value.number().map(days),
        None => default,
    };
    let shown = |days: f64| match days {
        FOR_EVER => "for ever".to_owned(),
        days => days.to_string(),
    };
    let what = match (number(pair.was()), number(pair.is())) {
        (Some(was), Some(is)) if is < was => format!("goes from {} to {}", shown(was), shown(is)),
        (None, Some(0.0)) => "is 0 now: nothing is kept".to_owned(),
        _ => return,
    };
    found.push(pair.finding("terraform/backup-retention", &what, KEEP_COPY));
}

/// A resource of which no instance is left.
fn emptied(pair: &Pair<'_>, holds_data: bool, found: &mut Vec<Finding>) {
    let is_none = |value: Option<&Value>| match value {
        Some(Value::Map(entries)) => entries.is_empty(),
        Some(Value::List(list)) => list.is_empty(),
        Some(value) => value.number() == Some(0.0),
        None => false,
    };
    if holds_data && is_none(pair.is()) && !is_none(pair.was()) {
        let what = "leaves no instance: the next apply destroys it and its data";
        found.push(pair.finding("terraform/resource-removed", what, MOVE_IT));
    }
}
