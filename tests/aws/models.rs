//! Every operation that the installed AWS CLI offers, from its own command
//! tables and botocore's models: each is judged, none that deletes is waved
//! through, and every name in our tables exists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use holdpoint::action::Effect;
use holdpoint::actions::aws::table;

use crate::real::{self, Home};
use crate::server::{Cli, version_2};

const LIST: &str = r#"
import json
import awscli.clidriver
from botocore import xform_name
driver = awscli.clidriver.create_clidriver()
out = {}
for name, command in driver._get_command_table().items():
    operations = {}
    try:
        if hasattr(command, "_get_command_table"):
            model = command._get_service_model()
            for cli, operation in command._get_command_table().items():
                members = []
                shape = getattr(operation, "_operation_model", None)
                if shape is not None and shape.input_shape is not None:
                    members = [xform_name(m, "-") for m in shape.input_shape.members]
                operations[cli] = members
            identity = model.service_id.replace(" ", "_").lower()
        else:
            operations = {cli: [] for cli in command.subcommand_table}
            identity = None
    except AttributeError:
        identity = None
    out[name] = [identity, operations]
print(json.dumps(out))
"#;

/// The same of version 2, from the index that its prompt completes words by.
const LIST_2: &str = r#"
import json, sqlite3, sys
path = json.load(open(sys.argv[1]))
index = sqlite3.connect(path + "/awscli/data/ac.index")
out = {}
for name, parent in index.execute("select command, parent from command_table"):
    if parent == "aws":
        out.setdefault(name, [None, {}])
    elif parent.count(".") == 1:
        out.setdefault(parent[4:], [None, {}])[1].setdefault(name, [])
for name, operation, parent in index.execute("select argname, command, parent from param_table"):
    if parent.count(".") == 1 and operation in out[parent[4:]][1]:
        out[parent[4:]][1][operation].append(name)
print(json.dumps(out))
"#;

type Services = BTreeMap<String, (Option<String>, BTreeMap<String, Vec<String>>)>;

fn services(cli: Cli) -> &'static Services {
    static V1: OnceLock<Services> = OnceLock::new();
    static V2: OnceLock<Services> = OnceLock::new();
    let read = |text: String| serde_json::from_str(&text).unwrap();
    match cli {
        Cli::V1 => V1.get_or_init(|| read(real::python(LIST, ""))),
        Cli::V2 => V2.get_or_init(|| {
            let path = serde_json::to_string(version_2()).unwrap();
            read(real::python(LIST_2, &path))
        }),
    }
}

pub fn operations(
    cli: Cli,
) -> impl Iterator<Item = (&'static str, &'static str, &'static [String])> {
    services(cli).iter().flat_map(|(service, (_, operations))| {
        operations.iter().map(move |(name, members)| (&**service, &**name, &**members))
    })
}

fn of_both() -> impl Iterator<Item = (&'static str, &'static str, &'static [String])> {
    Cli::ALL.into_iter().flat_map(operations)
}

/// Operations whose first verb removes and which are less than destroying all
/// the same: one item, one key, one message, tags, sessions, targets.
fn is_bounded(service: &str, operation: &str) -> bool {
    table::rule(service, operation).is_some_and(|rule| rule.effect.is_some())
}

#[test]
fn every_operation_is_judged_and_none_that_removes_is_waved_through() {
    Cli::ALL.into_iter().for_each(is_judged);
}

fn is_judged(cli: Cli) {
    let removing = [
        "delete",
        "terminate",
        "purge",
        "deregister",
        "release",
        "expire",
        "deprovision",
        "destroy",
    ];
    let home = Home::new().with_keys();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut bounded = Vec::new();
    for (service, operation, _) in operations(cli).filter(|(_, operation, _)| *operation != "help")
    {
        let words = [service, operation, "--name", "x"];
        let reading = home.read(&words);
        let effect = reading.actions.iter().map(|action| action.effect).max();
        let Some(effect) = effect else { panic!("{service} {operation}: no action") };
        *counts.entry(effect.word()).or_default() += 1;
        assert!(!reading.actions[0].summary.is_empty(), "{service} {operation}");
        let verb = operation.split('-').next().unwrap();
        let removes = removing.contains(&verb) || operation.starts_with("batch-delete");
        if removes && effect < Effect::Destroy {
            assert!(is_bounded(service, operation), "{service} {operation}: {effect}");
            bounded.push(format!("{service} {operation}"));
        }
    }
    println!("{counts:?}; bounded: {}", bounded.join(", "));
    assert!(counts["destroy"] > 2_200 && counts["read"] > 7_000, "{counts:?}");
    assert!(counts.values().sum::<usize>() > 18_000, "{counts:?}");
    // Tag operations of many services share one name; the rest is few.
    let tags = bounded.iter().filter(|name| name.contains("tag")).count();
    assert!(bounded.len() - tags < 30, "{bounded:?}");
}

#[test]
fn every_name_in_our_tables_exists() {
    let text = std::fs::read_to_string("rules/aws/operations.toml").unwrap();
    let rules: toml::Table = text.parse().unwrap();
    let have: BTreeSet<String> = of_both()
        .map(|(service, operation, _)| format!("{service} {operation}"))
        .chain(Cli::ALL.into_iter().flat_map(|cli| services(cli).keys().cloned()))
        .collect();
    let mut missing = Vec::new();
    let named = |rule: &toml::Value, key: &str| -> Vec<String> {
        let names = rule.get(key).and_then(toml::Value::as_array).unwrap();
        names.iter().map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    for rule in rules["operation"].as_array().unwrap() {
        for name in named(rule, "names") {
            let known = match name.split_once(' ') {
                Some((service, pattern)) if name.contains('*') => of_both().any(|(of, op, _)| {
                    (service == "*" || of == service) && holdpoint::text::glob(pattern, op)
                }),
                _ => have.contains(&name),
            };
            if !known {
                missing.push(name);
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_parameter_in_our_tables_exists_and_no_other_begins_it() {
    let text = std::fs::read_to_string("rules/aws/operations.toml").unwrap();
    let rules: toml::Table = text.parse().unwrap();
    for rule in rules["parameter"].as_array().unwrap() {
        let name = rule["name"].as_str().unwrap();
        for pattern in rule["operations"].as_array().unwrap() {
            let (service, pattern) = pattern.as_str().unwrap().split_once(' ').unwrap();
            let matching: Vec<_> = of_both()
                .filter(|(of, op, _)| *of == service && holdpoint::text::glob(pattern, op))
                .collect();
            let with = matching.iter().filter(|(_, _, members)| members.iter().any(|m| m == name));
            // Customized commands take no model's members.
            let custom = matching.iter().any(|(_, _, members)| members.is_empty());
            assert!(with.count() > 0 || custom, "{service} {pattern} has no --{name}");
            for (_, operation, members) in matching {
                let shorter = members.iter().find(|m| *m != name && name.starts_with(m.as_str()));
                assert_eq!(shorter, None, "{service} {operation} --{name}");
            }
        }
    }
}

#[test]
fn a_dry_run_is_never_the_beginning_of_something_else() {
    let mut with = 0;
    for (service, operation, members) in of_both() {
        let own = members.iter().any(|member| member == "dry-run");
        with += usize::from(own);
        let alike = members.iter().find(|m| m.starts_with("dry") && *m != "dry-run");
        assert!(
            own || alike.is_none()
                || is_harmless(operation)
                || alike.is_some_and(|m| m == "dry-run-mode"),
            "{service} {operation}: {alike:?}"
        );
    }
    assert!(with > 700, "{with}");
}

fn is_harmless(operation: &str) -> bool {
    table::tier(operation).0.effect() <= Effect::Write
}

#[test]
fn services_are_called_by_the_names_that_botocore_uses() {
    let mut count = 0;
    for (service, (identity, _)) in services(Cli::V1) {
        let Some(identity) = identity else { continue };
        assert_eq!(&*table::endpoint_name(service), identity, "{service}");
        count += 1;
    }
    assert!(count > 400, "{count}");
}

/// Of `[service, pattern, parameter, member]`, those whose member stands
/// nowhere below the parameter in botocore's models.
const MISSING: &str = r#"
import fnmatch, json, sys
import awscli.clidriver
from botocore import xform_name
def below(shape, seen):
    if shape.name in seen:
        return
    seen.add(shape.name)
    for name, member in getattr(shape, "members", {}).items():
        yield name
        yield from below(member, seen)
    for part in ("member", "key", "value"):
        if hasattr(shape, part):
            yield from below(getattr(shape, part), seen)
def written(schema):
    for name, member in schema.get("properties", {}).items():
        yield name
        yield from written(member)
    if "items" in schema:
        yield from written(schema["items"])
commands = awscli.clidriver.create_clidriver()._get_command_table()
out = []
for row in json.load(open(sys.argv[1])):
    service, pattern, parameter, member = row
    names = set()
    for cli, operation in commands[service]._get_command_table().items():
        if not fnmatch.fnmatchcase(cli, pattern):
            continue
        # The CLI's own commands write their parameters down themselves.
        for row_of in getattr(operation, "ARG_TABLE", []):
            if row_of["name"] == parameter:
                names.update(written(row_of.get("schema", {})))
        model = getattr(operation, "_operation_model", None)
        if model is None or model.input_shape is None:
            continue
        for name, shape in model.input_shape.members.items():
            if xform_name(name, "-") == parameter:
                names.update(below(shape, set()))
    if member not in names:
        out.append(row)
print(json.dumps(out))
"#;

#[test]
fn every_member_in_our_tables_stands_below_its_parameter() {
    let text = std::fs::read_to_string("rules/aws/operations.toml").unwrap();
    let rules: toml::Table = text.parse().unwrap();
    let mut rows = Vec::new();
    for rule in rules["parameter"].as_array().unwrap() {
        let Some(member) = rule.get("member").and_then(toml::Value::as_str) else { continue };
        for pattern in rule["operations"].as_array().unwrap() {
            let (service, pattern) = pattern.as_str().unwrap().split_once(' ').unwrap();
            rows.push([service, pattern, rule["name"].as_str().unwrap(), member]);
        }
    }
    assert!(rows.len() > 15, "{rows:?}");
    let missing = real::python(MISSING, &serde_json::to_string(&rows).unwrap());
    assert_eq!(missing.trim(), "[]");
}
