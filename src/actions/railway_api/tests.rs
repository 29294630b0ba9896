//! Requests to Railway's API, field by field.

use super::*;
use crate::invocation::Invocation;
use crate::rules::api::Condition;
use crate::target::Class;
use crate::world::fake::FakeWorld;

const LINKS: &str = r#"{"projects":{
    "/a":{"name":"acme","project":"p1","environment":"e-stage","environmentName":"staging"},
    "/b":{"name":"acme","project":"p1","environment":"e-live","environmentName":"production"}}}"#;

fn request(body: &str) -> Request {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Request {
        method: "POST".to_owned(),
        url: "https://backboard.railway.app/graphql/v2".to_owned(),
        headers: vec![header("Authorization", "Bearer s3cret")],
        authenticated: true,
        body: crate::parse::http::Body::Known(body.as_bytes().into()),
        ..Request::default()
    }
}

fn send(request: &Request) -> Vec<Action> {
    let world = FakeWorld::new().with_file("/home/ana/.railway/config.json", LINKS);
    let invocation = Invocation::new(["curl"]);
    let reading = read(request, Context { invocation: &invocation, world: &world });
    assert!(!format!("{reading:?}").contains("s3cret"));
    reading.actions
}

fn run(query: &str, variables: &str) -> Vec<Action> {
    let variables: serde_json::Value = serde_json::from_str(variables).unwrap();
    let body = serde_json::json!({ "query": query, "variables": variables });
    send(&request(&body.to_string()))
}

#[test]
fn the_incident_is_what_it_was() {
    let body = r#"{"query":"mutation { volumeDelete(volumeId: \"3d2c42fb-x\") }"}"#;
    let actions = send(&request(body));
    assert_eq!(actions.len(), 1);
    let action = &actions[0];
    assert_eq!(action.effect, Effect::Destroy);
    assert_eq!(action.flags, Flags::of(&[Flag::Irreversible, Flag::Backups]));
    assert_eq!(action.scope, Scope::Project);
    assert_eq!(action.operation, "volumeDelete");
    assert_eq!(action.object.as_deref(), Some("volume 3d2c42fb-x"));
    assert_eq!(action.rule, "railway-api/volumeDelete");
    assert_eq!(
        action.summary,
        "Deletes volume 3d2c42fb-x and every backup stored on it, in every environment that \
         shares it."
    );
    assert!(action.target.gap.is_some());
    assert_eq!(action.target.name, None);
    let first = &action.target.evidence[0];
    assert_eq!((first.source.as_ref(), first.value.as_str()), ("url", "backboard.railway.app"));
}

#[test]
fn ids_come_from_variables() {
    let query = "mutation($v: String!) { x: volumeDelete(volumeId: $v) }";
    let actions = run(query, r#"{"v": "3d2c42fb"}"#);
    assert_eq!(actions[0].object.as_deref(), Some("volume 3d2c42fb"));
    let nameless = run(query, "{}");
    assert_eq!(nameless[0].object.as_deref(), Some("volume"));
    assert!(nameless[0].summary.starts_with("Deletes the volume and"), "{}", nameless[0].summary);
}

#[test]
fn every_listed_mutation_is_read_by_its_own_rule() {
    for operation in table().unwrap().operations {
        let actions = run(&format!("mutation {{ {} }}", operation.name), "{}");
        let action = &actions[0];
        assert_eq!(action.operation, operation.name);
        assert_eq!(action.effect, operation.effect, "{}", operation.name);
        assert!(action.flags.iter().all(|flag| {
            operation.flags.has(flag) || operation.cases.iter().any(|case| case.flags.has(flag))
        }));
        assert!(!action.summary.contains(['{', '}']), "{}", action.summary);
        assert!(action.summary.ends_with('.'), "{}", action.summary);
    }
}

#[test]
fn every_case_makes_its_mutation_worse() {
    let mut seen = 0;
    for operation in table().unwrap().operations {
        for case in operation.cases {
            seen += 1;
            let value = match case.is {
                Condition::Null | Condition::GivenNull => "null",
                Condition::Empty => "[]",
                Condition::True => "true",
                Condition::Is(word) => word,
            };
            let argument = match case.argument.split_once('.') {
                Some((outer, inner)) => format!("{outer}: {{ {inner}: {value} }}"),
                None => format!("{}: {value}", case.argument),
            };
            let held = run(&format!("mutation {{ {}({argument}) }}", operation.name), "{}");
            let held = &held[0];
            assert!(case.effect.is_none_or(|effect| held.effect >= effect), "{}", operation.name);
            assert!(case.flags.iter().all(|flag| held.flags.has(flag)), "{}", operation.name);
            assert!(case.scope.is_none_or(|scope| held.scope >= scope), "{}", operation.name);
        }
    }
    assert!(seen >= 10, "{seen}");
}

#[test]
fn unknown_mutations_count_by_their_names() {
    let effect = |name: &str| run(&format!("mutation {{ {name} }}"), "{}")[0].effect;
    assert_eq!(effect("volumesBulkDelete"), Effect::Destroy);
    assert_eq!(effect("regionWipe"), Effect::Destroy);
    assert_eq!(effect("regionCreate"), Effect::Write);
    assert_eq!(effect("presetUpdate"), Effect::Write);
}

#[test]
fn arguments_change_what_a_mutation_does() {
    let upsert = "mutation($r: Boolean) { variableCollectionUpsert(input: {replace: $r, \
                  environmentId: \"e-live\", projectId: \"p1\", variables: {}}) }";
    assert_eq!(run(upsert, r#"{"r": true}"#)[0].effect, Effect::Destroy);
    assert_eq!(run(upsert, r#"{"r": false}"#)[0].effect, Effect::Write);
    let unknown = run(upsert, "[]");
    assert!(unknown[0].flags.has(Flag::Opaque));
    let detach = "mutation { volumeInstanceUpdate(volumeId: \"v\", environmentId: \"e-stage\", \
                  input: {serviceId: null}) }";
    assert_eq!(run(detach, "{}")[0].effect, Effect::Disrupt);
    assert_eq!(run(detach, "{}")[0].scope, Scope::Environment);
    let everywhere = "mutation { volumeInstanceUpdate(volumeId: \"v\", input: {state: DELETED}) }";
    let action = &run(everywhere, "{}")[0];
    assert_eq!((action.effect, action.scope), (Effect::Destroy, Scope::Project));
    assert!(action.flags.has(Flag::Irreversible));
    let stop = "mutation { serviceInstanceUpdate(serviceId: \"s\", input: {numReplicas: 0}) }";
    assert_eq!(run(stop, "{}")[0].effect, Effect::Disrupt);
}

#[test]
fn an_environment_argument_is_the_target() {
    let delete = |id: &str| run(&format!("mutation {{ environmentDelete(id: \"{id}\") }}"), "{}");
    let known = &delete("e-live")[0];
    assert_eq!(known.target.name.as_deref(), Some("production"));
    assert_eq!(known.target.gap, None);
    let unknown = &delete("11111111-1111-4111-8111-111111111111")[0];
    assert_eq!(unknown.target.name, None);
    let main = &delete("main")[0];
    assert!(main.target.evidence.iter().any(|one| one.asserts == Some(Class::Production)));
}

#[test]
fn a_project_reaches_all_its_environments() {
    let actions = run("mutation { projectDelete(id: \"p1\") }", "{}");
    let target = &actions[0].target;
    assert_eq!(target.name.as_deref(), Some("acme"));
    assert!(target.evidence.iter().any(|one| one.value == "production"), "{target:?}");
    assert!(target.gap.is_some());
    let service = "mutation { serviceDelete(id: \"s\", environmentId: \"e-stage\") }";
    assert!(run(service, "{}")[0].target.gap.is_some());
}

#[test]
fn the_header_says_what_a_token_reaches() {
    let source = |header: &str| {
        let mut request = request(r#"{"query":"mutation { deploymentRemove(id: \"d\") }"}"#);
        request.headers = vec![(header.to_owned(), "s3cret".to_owned())];
        send(&request)[0].target.evidence[1].source.to_string()
    };
    assert_eq!(source("project-access-token"), "Project-Access-Token");
    assert_eq!(source("Authorization"), "Bearer token");
    assert_eq!(source("Team-Access-Token"), "Bearer token");
}

#[test]
fn patches_are_looked_into() {
    let query = "mutation($p: EnvironmentConfig) { environmentPatchCommit(environmentId: \
                 \"e-live\", patch: $p) }";
    let actions = run(query, r#"{"p": {"volumes": {"v": {"isDeleted": true}}}}"#);
    assert!(actions.iter().any(|one| one.effect == Effect::Destroy
        && one.object.as_deref() == Some("volume v")
        && one.target.name.as_deref() == Some("production")));
    let harmless = run(query, r#"{"p": {"services": {"s": {"deploy": {"startCommand": "x"}}}}}"#);
    assert!(harmless.iter().all(|one| one.effect == Effect::Write && one.flags.is_empty()));
    assert!(run(query, "[]").iter().any(|one| one.flags.has(Flag::Opaque)));
    let staged = run("mutation { environmentPatchCommitStaged(environmentId: \"e-live\") }", "{}");
    assert!(staged[0].flags.has(Flag::Opaque));
    let stage = "mutation { environmentStageChanges(environmentId: \"e-live\", input: {services: \
                 {s: {isDeleted: true}}}) }";
    assert!(run(stage, "{}").iter().any(|one| one.effect == Effect::Destroy));
}

#[test]
fn queries_are_harmless_but_secrets_are_marked() {
    assert!(run("query { me { id } }", "{}")[0].is_harmless());
    assert!(run("{ project(id: \"volumeDelete\") { name } }", "{}")[0].is_harmless());
    let secret = run("query { variables(projectId: \"p\") }", "{}");
    assert_eq!(secret[0].effect, Effect::Read);
    assert!(secret[0].flags.has(Flag::Credential));
    assert!(run("mutation { __typename }", "{}")[0].is_harmless());
}

#[test]
fn all_operations_of_a_document_count_unless_one_is_chosen() {
    let query = "query A { me { id } } mutation B { userDelete }";
    let all = run(query, "{}");
    assert!(all.iter().any(|one| one.operation == "userDelete"));
    let body = serde_json::json!({ "query": query, "operationName": "A" });
    assert!(send(&request(&body.to_string()))[0].is_harmless());
}

#[test]
fn what_cannot_be_read_is_opaque() {
    for body in [
        r#"{"query":"mutation { volumeDelete"}"#,
        r#"{"extensions":{"persistedQuery":{"sha256Hash":"ab"}}}"#,
        "{",
        "nonsense",
    ] {
        assert!(send(&request(body))[0].flags.has(Flag::Opaque), "{body}");
    }
    let mut request = request("");
    request.body = crate::parse::http::Body::Opaque("the output of ./make".to_owned());
    let action = &send(&request)[0];
    assert!(action.flags.has(Flag::Opaque));
    assert!(action.summary.contains("./make"), "{}", action.summary);
}

#[test]
fn requests_beside_graphql_count_by_method() {
    let plain = |method: &str, url: &str| {
        let request =
            Request { method: method.to_owned(), url: url.to_owned(), ..Request::default() };
        send(&request).remove(0)
    };
    assert!(plain("GET", "https://backboard.railway.com/graphql/v2").is_harmless());
    let delete = plain("DELETE", "https://backboard.railway.com/project/p");
    assert_eq!(delete.effect, Effect::Destroy);
    let up = plain("POST", "https://backboard.railway.com/project/p/environment/e/up");
    assert_eq!(up.effect, Effect::Write);
    let agent = plain("POST", "https://backboard.railway.com/api/v1/agent");
    assert!(agent.flags.has(Flag::Opaque));
    assert!(plain("POST", "https://mcp.railway.com/").flags.has(Flag::Opaque));
}

#[test]
fn the_api_is_known_by_its_hosts() {
    for host in [
        "backboard.railway.app",
        "backboard.railway.com",
        "BACKBOARD.Railway.App",
        "backboard.railway.app.",
        "eu.backboard.railway.com",
        "backboard.railway-staging.com",
        "backboard.railway-develop.app",
        "mcp.railway.com",
    ] {
        assert!(is_api(host, "/graphql/v2"), "{host}");
    }
    for host in [
        "railway.app",
        "myapp.up.railway.app",
        "backboard.railway.app.evil.example",
        "notbackboard.railway.app",
        "backboard.railway.org",
        "backboard.myrailway.app",
        "roundhouse.proxy.rlwy.net",
        "",
    ] {
        assert!(!is_api(host, "/graphql/v2"), "{host}");
    }
    assert!(!is_api("backboard.railway.com", "/oauth/token"));
    assert!(is_api("backboard.railway.com", "/oauth/../graphql/v2"));
    assert!(is_api("backboard.railway.com", "/oauth/%2e%2e/graphql/v2"));
}

#[test]
fn an_unknown_part_of_the_url_may_hold_a_document() {
    let mut unclear = request(r#"{"query":"{ me { id } }"}"#);
    unclear.gap = Some("part of the URL is computed at run time".to_owned());
    assert!(send(&unclear).iter().any(|one| one.flags.has(Flag::Opaque)));
    unclear.body = crate::parse::http::Body::None;
    assert!(send(&unclear).iter().any(|one| one.flags.has(Flag::Opaque)));
}

#[test]
fn railways_own_staging_is_not_the_users() {
    let mut request = request(r#"{"query":"mutation { deploymentRemove(id: \"d\") }"}"#);
    request.url = "https://backboard.railway-staging.com/graphql/v2".to_owned();
    let target = send(&request).remove(0).target;
    assert_eq!(target.evidence[0].grade, crate::target::Grade::Hint);
    assert!(target.gap.is_some());
}
