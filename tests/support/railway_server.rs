//! A local stand-in for Railway's GraphQL API, for the real command line to
//! talk to: one project with two environments, a few services and volumes.
//! It answers any query by walking its selections over what it has (what it
//! lacks is null, or an empty list of edges), accepts every mutation, and
//! keeps what it was sent.

// Each test uses its part of this.
#![allow(dead_code)]

#[path = "serve.rs"]
mod serve;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use apollo_parser::cst::{self, CstNode};
use serde_json::{Map, Value as Json, json};

/// The one project's id.
pub const PROJECT: &str = "33333333-3333-4333-8333-333333333333";
/// The id of its environment `staging`.
pub const STAGING: &str = "11111111-1111-4111-8111-111111111111";
/// The id of its environment `production`.
pub const PRODUCTION: &str = "22222222-2222-4222-8222-222222222222";
/// The id of the service `api`.
pub const API: &str = "44444444-4444-4444-8444-444444444444";
/// The id of the volume `data`, which both environments share.
pub const VOLUME: &str = "3d2c42fb-6c1e-4f0b-9d0a-52a1d6f8c7e4";
/// The id of `api`'s deployment.
pub const DEPLOYMENT: &str = "55555555-5555-4555-8555-555555555555";
/// The id of the bucket `uploads`.
pub const BUCKET: &str = "66666666-6666-4666-8666-666666666666";
/// The id of the domain `app.example.com`.
pub const DOMAIN: &str = "77777777-7777-4777-8777-777777777777";
/// The id of the function `hello`.
pub const FUNCTION: &str = "88888888-8888-4888-8888-888888888888";

/// A GraphQL request as it came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, as sent.
    pub body: Vec<u8>,
    /// The body's `variables`.
    pub variables: Json,
    /// The root fields that this server took it for.
    pub fields: Vec<String>,
    /// Whether it is a mutation.
    pub is_mutation: bool,
}

/// The server; it stops with the process.
pub struct Server {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    /// Starts one on a free port of the loopback.
    pub fn start() -> Server {
        let received = Arc::new(Mutex::new(Vec::new()));
        let log = received.clone();
        let address = serve::serve("127.0.0.1", move |stream| {
            let _ = answer(&stream, &log);
        });
        Server { address, received }
    }

    /// The address to give a debug build as RAILWAY_BACKBOARD_URL.
    pub fn url(&self) -> String {
        format!("http://{}/graphql/v2", self.address)
    }

    /// What came in since the last call.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().expect("no holder panics"))
    }
}

fn answer(mut stream: &TcpStream, log: &Mutex<Vec<Received>>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let json: Json = serde_json::from_slice(&body).unwrap_or_default();
    let query = json["query"].as_str().unwrap_or_default().to_owned();
    let variables = json["variables"].clone();
    let gone = log.lock().expect("no holder panics").iter().any(|one| one.is_mutation);
    let name = json["operationName"].as_str();
    let (data, fields, is_mutation) = execute(&query, name, &variables, gone);
    log.lock().expect("no holder panics").push(Received {
        headers,
        body,
        variables,
        fields,
        is_mutation,
    });
    let text = json!({ "data": data }).to_string();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{text}",
        text.len()
    )
}

/// The data for an operation, its root fields, and whether it is a mutation.
/// Once something is `gone`, domains and proxies are.
fn execute(
    query: &str,
    name: Option<&str>,
    variables: &Json,
    gone: bool,
) -> (Json, Vec<String>, bool) {
    let document = apollo_parser::Parser::new(query).parse().document();
    let mut fragments = Vec::new();
    let mut operations = Vec::new();
    for definition in document.definitions() {
        match definition {
            cst::Definition::FragmentDefinition(fragment) => fragments.push(fragment),
            cst::Definition::OperationDefinition(operation) => operations.push(operation),
            _ => {}
        }
    }
    let named = |one: &&cst::OperationDefinition| {
        one.name().map(|own| own.text().to_string()).as_deref() == name
    };
    let operation = operations.iter().find(named).or(operations.first());
    let Some(operation) = operation else { return (Json::Null, Vec::new(), false) };
    let is_mutation =
        operation.operation_type().is_some_and(|kind| kind.mutation_token().is_some());
    let known = if is_mutation { Json::Null } else { world(variables, gone) };
    let mut fields = Vec::new();
    let mut data = Map::new();
    let set = operation.selection_set().expect("an operation has selections");
    for field in flatten(&set, &fragments) {
        let own = field.name().expect("a field has a name").text().to_string();
        let key = field.alias().and_then(|alias| alias.name()).map(|one| one.text().to_string());
        let value = match is_mutation {
            true => mutated(&own, &field, &fragments),
            false => filled(known.get(&own), &own, &field, &fragments),
        };
        data.insert(key.unwrap_or_else(|| own.clone()), value);
        fields.push(own);
    }
    (Json::Object(data), fields, is_mutation)
}

fn flatten(set: &cst::SelectionSet, fragments: &[cst::FragmentDefinition]) -> Vec<cst::Field> {
    let mut fields = Vec::new();
    for selection in set.selections() {
        match selection {
            cst::Selection::Field(field) => fields.push(field),
            cst::Selection::InlineFragment(inline) => {
                fields
                    .extend(inline.selection_set().iter().flat_map(|set| flatten(set, fragments)));
            }
            cst::Selection::FragmentSpread(spread) => {
                let name = spread.fragment_name().map(|name| name.syntax().text().to_string());
                let found = fragments.iter().filter(|one| {
                    one.fragment_name()
                        .map(|name| name.syntax().text().to_string().trim().to_owned())
                        == name.as_deref().map(|name| name.trim().to_owned())
                });
                for set in found.filter_map(cst::FragmentDefinition::selection_set) {
                    fields.extend(flatten(&set, fragments));
                }
            }
        }
    }
    fields
}

/// What a field's selections ask for, out of what is known.
fn filled(
    known: Option<&Json>,
    name: &str,
    field: &cst::Field,
    fragments: &[cst::FragmentDefinition],
) -> Json {
    let Some(set) = field.selection_set() else {
        return known.cloned().unwrap_or_else(|| scalar(name));
    };
    match known {
        Some(Json::Array(items)) => {
            items.iter().map(|item| filled(Some(item), name, field, fragments)).collect()
        }
        Some(Json::Null) => Json::Null,
        known => {
            let inside = flatten(&set, fragments);
            let is_list = inside.iter().any(|one| own_name(one) == "edges");
            if known.is_none() && !is_list && name != "pageInfo" {
                return Json::Null;
            }
            let object = inside.iter().map(|one| {
                let own = own_name(one);
                let alias = one.alias().and_then(|alias| alias.name());
                let key = alias.map_or_else(|| own.clone(), |alias| alias.text().to_string());
                let value = known.and_then(|known| known.get(&own));
                let value = match (value, own.as_str()) {
                    (None, "edges") => json!([]),
                    (None, "hasNextPage") => json!(false),
                    (value, _) => filled(value, &own, one, fragments),
                };
                (key, value)
            });
            Json::Object(object.collect())
        }
    }
}

fn own_name(field: &cst::Field) -> String {
    field.name().map_or_else(String::new, |name| name.text().to_string())
}

/// A value for a field that is not known.
fn scalar(name: &str) -> Json {
    match name {
        "id" => json!("99999999-9999-4999-8999-999999999999"),
        "createdAt" | "updatedAt" => json!("2026-01-01T00:00:00Z"),
        "canAccess" => json!(true),
        "numReplicas" => json!(1),
        _ if name.starts_with("is") || name.starts_with("has") || name.ends_with("Enabled") => {
            json!(false)
        }
        _ => Json::Null,
    }
}

/// What a mutation answers with.
fn mutated(name: &str, field: &cst::Field, fragments: &[cst::FragmentDefinition]) -> Json {
    let workflow = json!({
        "workflowId": "w1", "id": "x", "status": "DESTROYED", "name": "x", "owner": "o",
        "type": "bool", "default": false, "version": 1,
    });
    match name {
        _ if field.selection_set().is_some() => filled(Some(&workflow), name, field, fragments),
        "environmentPatchCommit" | "environmentPatchCommitStaged" => json!("patch"),
        _ => json!(true),
    }
}

fn edges(nodes: &[Json]) -> Json {
    let edges: Vec<Json> = nodes.iter().map(|node| json!({ "node": node })).collect();
    json!({ "edges": edges, "pageInfo": { "hasNextPage": false, "endCursor": null } })
}

fn environment(id: &str) -> Json {
    let name = if id == STAGING { "staging" } else { "production" };
    let domain = json!({ "id": DOMAIN, "domain": "app.example.com", "targetPort": 80 });
    let deployment = json!({
        "id": DEPLOYMENT, "status": "SUCCESS", "canRedeploy": true, "meta": {},
        "createdAt": "2026-01-01T00:00:00Z", "deploymentStopped": false, "instances": [],
    });
    let instance = |service: &str, name: &str, start: Json| {
        json!({
            "id": format!("i-{name}"), "serviceId": service, "serviceName": name,
            "environmentId": id, "numReplicas": 1, "latestDeployment": deployment,
            "activeDeployments": [deployment], "source": { "repo": null,
            "image": if start.is_null() { json!("nginx") } else {
                json!("ghcr.io/railwayapp/function-bun:1") } },
            "domains": { "serviceDomains": [], "customDomains": [domain] },
            "startCommand": start, "tracingEnabled": false, "autoInstrumentationEnabled": false,
        })
    };
    let volume = json!({
        "id": format!("vi-{name}"), "serviceId": API, "mountPath": "/data", "environmentId": id,
        "currentSizeMB": 1.0, "sizeMB": 500, "state": "READY", "isPendingDeletion": false,
        "deletedAt": null, "volume": { "id": VOLUME, "name": "data" },
    });
    json!({
        "id": id, "name": name, "canAccess": true, "unmergedChangesCount": 0, "deletedAt": null,
        "serviceInstances": edges(&[
            instance(API, "api", Json::Null),
            instance(FUNCTION, "hello", json!("./run.sh aGVsbG8=")),
        ]),
        "volumeInstances": edges(&[volume]),
        "config": { "services": {}, "buckets": { BUCKET: { "isCreated": true } } },
    })
}

/// What the queries find.
fn world(variables: &Json, gone: bool) -> Json {
    let asked = variables["environmentId"].as_str().or(variables["id"].as_str());
    let here = asked.filter(|id| *id == STAGING).unwrap_or(PRODUCTION);
    let service = |id: &str, name: &str| json!({ "id": id, "name": name });
    let project = json!({
        "id": PROJECT, "name": "acme", "workspaceId": "w1", "deletedAt": null,
        "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
        "workspace": { "name": "Acme" },
        "buckets": edges(&[service(BUCKET, "uploads")]),
        "environments": edges(&[environment(STAGING), environment(PRODUCTION)]),
        "services": edges(&[service(API, "api"), service(FUNCTION, "hello")]),
    });
    let domain = json!({
        "id": DOMAIN, "domain": "app.example.com", "targetPort": 80, "environmentId": here,
        "projectId": PROJECT, "serviceId": API, "syncStatus": "ACTIVE",
        "status": { "dnsRecords": [], "certificateStatus": "CERTIFICATE_STATUS_TYPE_VALID",
                    "verified": true },
    });
    let proxy = json!({
        "id": "tp1", "domain": "roundhouse.proxy.rlwy.net", "proxyPort": 15432,
        "applicationPort": 5432, "environmentId": here, "serviceId": API,
        "syncStatus": "ACTIVE", "createdAt": null, "updatedAt": null, "deletedAt": null,
    });
    let deployment = json!({
        "id": DEPLOYMENT, "status": "SUCCESS", "createdAt": "2026-01-01T00:00:00Z", "meta": {},
    });
    let agent = json!({
        "id": "ca1", "name": "worker", "status": "RUNNING", "projectId": PROJECT,
        "environmentId": here, "createdAt": "2026-01-01T00:00:00Z",
    });
    json!({
        "project": project,
        "deployments": edges(&[deployment]),
        "environment": environment(here),
        "environmentStagedChanges": { "id": "s1", "status": "STAGED", "patch": {} },
        "projectToken": {
            "id": "t1", "projectId": PROJECT, "environmentId": PRODUCTION,
            "project": { "id": PROJECT, "name": "acme" },
            "environment": { "id": PRODUCTION, "name": "production" },
        },
        "externalWorkspaces": [],
        "me": {
            "id": "u1", "name": "Ana", "email": "ana@example.com",
            "workspaces": [{ "id": "w1", "name": "Acme", "team": null,
                             "projects": edges(&[project]) }],
        },
        "domains": {
            "serviceDomains": [], "customDomains": if gone { json!([]) } else { json!([domain]) },
        },
        "tcpProxies": if gone { json!([]) } else { json!([proxy]) },
        "variablesForServiceDeployment": { "DATABASE_URL": "postgres://u:p@db.internal/railway" },
        "sandboxes": [],
        "egressGateways": [{ "ipv4": "192.0.2.1", "region": "eu", "zone": "a" }],
        "myCloudAgents": [agent], "cloudAgents": [agent],
        "twoFactorInfo": { "isVerified": false, "hasRecoveryCodes": false },
    })
}
