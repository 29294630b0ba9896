//! Turns `rules/api/*.toml`, the operations of control planes that are spoken
//! to over HTTP, into constants, and checks them on the way.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::source::{ContrastSource, EFFECTS, FLAGS, SCOPES};
use crate::tools::{capital, contrast, effect, flags};

/// A file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiSource {
    api: String,
    about: String,
    checked: String,
    #[serde(default)]
    operation: Vec<OperationSource>,
    #[serde(default)]
    platform: String,
    #[serde(default)]
    whose: String,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    ports: Vec<u16>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    names_operations: bool,
    #[serde(default)]
    live_keys: Vec<String>,
    #[serde(default)]
    test_keys: Vec<String>,
    #[serde(default)]
    request: Vec<RequestSource>,
    contrast: Option<ContrastSource>,
}

/// A request as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestSource {
    method: String,
    path: String,
    #[serde(default)]
    query: BTreeMap<String, String>,
    query_only: Option<Vec<String>>,
    #[serde(default)]
    body: BTreeMap<String, String>,
    sql: Option<SqlSource>,
    effect: String,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default = "environment")]
    scope: String,
    #[serde(default)]
    object: String,
    #[serde(default)]
    says: String,
    #[serde(default)]
    instead: String,
    #[serde(default)]
    destroys: Vec<String>,
    #[serde(default)]
    harmless: Vec<String>,
}

/// Where SQL stands, as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SqlSource {
    dialect: String,
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    parameter: String,
    #[serde(default)]
    whole: bool,
}

/// An operation as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperationSource {
    name: String,
    effect: String,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default = "environment")]
    scope: String,
    object: Option<ObjectSource>,
    #[serde(default)]
    environment: String,
    #[serde(default)]
    project: String,
    #[serde(default)]
    patch: String,
    #[serde(default)]
    changes: String,
    #[serde(default)]
    says: String,
    #[serde(default)]
    instead: String,
    #[serde(default)]
    when: Vec<CaseSource>,
}

fn environment() -> String {
    "environment".to_owned()
}

/// An object as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectSource {
    kind: String,
    from: String,
}

/// A condition as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseSource {
    argument: String,
    is: String,
    effect: Option<String>,
    #[serde(default)]
    flags: Vec<String>,
    scope: Option<String>,
    #[serde(default)]
    says: String,
}

/// The constants for every file in `folder`, as Rust text.
pub fn generate(folder: &str) -> String {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("rules/api/ is there")
        .map(|entry| entry.expect("rules/api/ can be listed").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    paths.sort();
    let mut out = String::from(
        "/// Every control plane, in the order of their names.\npub static APIS: &[Api] = &[\n",
    );
    let mut planes = String::from(
        "/// Every API that is told by its requests, in the order of their names.\n\
         pub static PLANES: &[Plane] = &[\n",
    );
    for path in paths {
        let text = fs::read_to_string(&path).expect("a rule file can be read");
        let mut api: ApiSource =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        check(&path, &api);
        if !api.whose.is_empty() {
            write_plane(&mut planes, &path, &api);
        }
        if api.operation.is_empty() {
            continue;
        }
        api.operation.sort_by(|one, other| one.name.cmp(&other.name));
        let _ = writeln!(
            out,
            "Api {{ name: {:?}, about: {:?}, checked: {:?}, operations: &[",
            api.api, api.about, api.checked
        );
        for operation in &api.operation {
            write_operation(&mut out, operation);
        }
        out.push_str("] },\n");
    }
    out.push_str("];\n");
    planes.push_str("];\n");
    out + &planes
}

fn write_plane(out: &mut String, path: &Path, api: &ApiSource) {
    let _ = writeln!(
        out,
        "Plane {{ name: {:?}, platform: {:?}, about: {:?}, checked: {:?}, whose: {:?}, hosts: &{:?}, ports: &{:?}, \
         paths: &{:?}, names_operations: {}, live_keys: &{:?}, test_keys: &{:?}, contrast: {}, requests: &[",
        api.api,
        if api.platform.is_empty() { &api.api } else { &api.platform },
        api.about,
        api.checked,
        api.whose,
        api.hosts,
        api.ports,
        api.paths,
        api.names_operations,
        api.live_keys,
        api.test_keys,
        contrast(api.contrast.as_ref()),
    );
    for request in &api.request {
        check_request(path, request);
        write_request(out, request);
    }
    out.push_str("] },\n");
}

fn check_request(path: &Path, request: &RequestSource) {
    let at = format!("{}: request `{} {}`", path.display(), request.method, request.path);
    assert!(EFFECTS.contains(&request.effect.as_str()), "{at}: `{}` is no effect", request.effect);
    assert!(SCOPES.contains(&request.scope.as_str()), "{at}: `{}` is no scope", request.scope);
    for word in &request.flags {
        assert!(FLAGS.contains(&word.as_str()), "{at}: `{word}` is no flag");
    }
    let destroys = request.effect == "destroy";
    assert!(!destroys || !request.says.is_empty(), "{at}: it must say what it does (`says`)");
    assert!(
        !destroys || !request.destroys.is_empty(),
        "{at}: a request that destroys needs examples in `destroys`"
    );
    if let Some(sql) = &request.sql {
        let known = ["clickhouse", "postgres", "mysql", "sqlite"].contains(&sql.dialect.as_str());
        assert!(known, "{at}: `{}` is no dialect", sql.dialect);
    }
}

fn steps(key: &str) -> Vec<&str> {
    key.split('.').filter(|step| !step.is_empty()).collect()
}

fn write_request(out: &mut String, request: &RequestSource) {
    let methods: Vec<&str> = request.method.split('|').collect();
    let query: Vec<(&String, &String)> = request.query.iter().collect();
    let only =
        request.query_only.as_ref().map_or("None".to_owned(), |only| format!("Some(&{only:?})"));
    let body: Vec<String> =
        request.body.iter().map(|(key, value)| format!("(&{:?}, {value:?})", steps(key))).collect();
    let sql = request.sql.as_ref().map_or("None".to_owned(), |sql| {
        let keys: Vec<String> = sql.keys.iter().map(|key| format!("&{:?}", steps(key))).collect();
        format!(
            "Some(ApiSql {{ dialect: SqlDialect::{}, keys: &[{}], parameter: {:?}, whole: {} }})",
            capital(&sql.dialect),
            keys.join(", "),
            sql.parameter,
            sql.whole,
        )
    });
    let _ = writeln!(
        out,
        "ApiRequest {{ methods: &{methods:?}, path: {:?}, query: &{query:?}, query_only: {only}, \
         body: &[{}], sql: {sql}, effect: Effect::{}, flags: {}, scope: Scope::{}, object: {:?}, \
         says: {:?}, instead: {:?}, destroys: &{:?}, harmless: &{:?} }},",
        request.path,
        body.join(", "),
        capital(&request.effect),
        flags(&request.flags),
        capital(&request.scope),
        request.object,
        request.says,
        request.instead,
        request.destroys,
        request.harmless,
    );
}

fn check(path: &Path, api: &ApiSource) {
    let mut names: Vec<&str> = api.operation.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        panic!("{}: `{}` is listed twice", path.display(), twice[0]);
    }
    let rows = api.contrast.as_ref().map_or(Ok(()), ContrastSource::check);
    rows.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for operation in &api.operation {
        let at = format!("{}: operation `{}`", path.display(), operation.name);
        let cases = &operation.when;
        let effects = cases.iter().filter_map(|case| case.effect.as_ref());
        for word in effects.chain([&operation.effect]) {
            assert!(EFFECTS.contains(&word.as_str()), "{at}: `{word}` is no effect");
        }
        for word in operation.flags.iter().chain(cases.iter().flat_map(|case| &case.flags)) {
            assert!(FLAGS.contains(&word.as_str()), "{at}: `{word}` is no flag");
        }
        let scopes = cases.iter().filter_map(|case| case.scope.as_ref());
        for word in scopes.chain([&operation.scope]) {
            assert!(SCOPES.contains(&word.as_str()), "{at}: `{word}` is no scope");
        }
        assert!(
            operation.effect != "destroy" || !operation.says.is_empty(),
            "{at}: an operation that destroys must say what it does (`says`)"
        );
        for case in cases {
            assert!(
                case.effect.as_deref() != Some("destroy") || !case.says.is_empty(),
                "{at}: a case that destroys must say what it does (`says`)"
            );
        }
        assert!(
            operation.patch.is_empty() || operation.changes.is_empty(),
            "{at}: `patch` and `changes` exclude each other"
        );
    }
}

fn write_operation(out: &mut String, operation: &OperationSource) {
    let object = operation.object.as_ref().map_or("None".to_owned(), |object| {
        format!("Some(ApiObject {{ kind: {:?}, from: {:?} }})", object.kind, object.from)
    });
    let inspects = match (&*operation.patch, &*operation.changes) {
        ("", "") => "Inspects::Nothing".to_owned(),
        ("", changes) => format!("Inspects::Changes({changes:?})"),
        (patch, _) => format!("Inspects::Patch({patch:?})"),
    };
    let cases: Vec<String> = operation
        .when
        .iter()
        .map(|case| {
            format!(
                "ApiCase {{ argument: {:?}, is: {}, effect: {}, flags: {}, scope: {}, says: {:?} }}",
                case.argument,
                condition(&case.is),
                effect(case.effect.as_deref()),
                flags(&case.flags),
                case.scope.as_ref().map_or("None".to_owned(), |scope| format!(
                    "Some(Scope::{})",
                    capital(scope)
                )),
                case.says,
            )
        })
        .collect();
    let _ = writeln!(
        out,
        "Operation {{ name: {:?}, effect: Effect::{}, flags: {}, scope: Scope::{}, \
         object: {object}, environment: {:?}, project: {:?}, inspects: {inspects}, \
         says: {:?}, instead: {:?}, cases: &[{}] }},",
        operation.name,
        capital(&operation.effect),
        flags(&operation.flags),
        capital(&operation.scope),
        operation.environment,
        operation.project,
        operation.says,
        operation.instead,
        cases.join(", "),
    );
}

fn condition(is: &str) -> String {
    match is {
        "null" => "Condition::Null".to_owned(),
        "given-null" => "Condition::GivenNull".to_owned(),
        "empty" => "Condition::Empty".to_owned(),
        "true" => "Condition::True".to_owned(),
        text => format!("Condition::Is({text:?})"),
    }
}
