//! Which daemon docker talks to: `--context` over `-H` over `DOCKER_HOST` over
//! `DOCKER_CONTEXT` over the configuration's current context over the default
//! socket (the order of docker CLI 28.2.2, by running `docker context show`), and where a context leads by its stored endpoint. podman
//! has its own variables. Gives evidence, never asks a daemon.

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Class, Evidence, Kind};
use crate::invocation::{COMPUTED, Context};
use crate::parse::url;

/// The longest configuration file that is read, in bytes.
const MAX_FILE: usize = 256 * 1024;

/// What an option said: its name, its value, and whether that is computed.
pub type Said = (&'static str, String, bool);

/// A daemon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Engine {
    /// What says which one it is.
    pub evidence: Vec<Evidence>,
    /// Whether it runs on this machine.
    pub local: bool,
    /// Why it is not known: a clause.
    pub gap: Option<String>,
}

/// docker's daemon. `context` and `host` are what its options say.
pub fn docker(call: &Context<'_>, context: Option<Said>, host: Option<Said>) -> Engine {
    if let Some((option, name, computed)) = context {
        return match computed {
            true => unknown(option),
            false => named(call, option, &name),
        };
    }
    if let Some((option, address, computed)) = host {
        return match computed {
            true => unknown(option),
            false => at(option, &address),
        };
    }
    if let Some(address) = call.text_var("DOCKER_HOST") {
        return at("DOCKER_HOST", &address);
    }
    if let Some(name) = call.text_var("DOCKER_CONTEXT") {
        return named(call, "DOCKER_CONTEXT", &name);
    }
    let config = folder(call).and_then(|folder| read(call, folder.join("config.json")));
    match config.as_ref().and_then(|config| config.get("currentContext")?.as_str()) {
        Some(name) if !name.is_empty() => named(call, "docker's current context", name),
        _ => here("docker's default"),
    }
}

/// podman's: on Linux this machine, unless it is told to go elsewhere.
pub fn podman(call: &Context<'_>, connection: Option<Said>, host: Option<Said>) -> Engine {
    let variable = |name: &'static str| call.text_var(name).map(|value| (name, value, false));
    if let Some((source, address, computed)) = host.or_else(|| variable("CONTAINER_HOST")) {
        return if computed { unknown(source) } else { at(source, &address) };
    }
    match connection.or_else(|| variable("CONTAINER_CONNECTION")) {
        Some((source, _, true)) => unknown(source),
        Some((source, name, false)) => Engine {
            evidence: vec![Evidence::name(Kind::Context, source, name)],
            ..Engine::default()
        },
        None => here("podman's default"),
    }
}

fn here(source: &'static str) -> Engine {
    let evidence = Evidence::name(Kind::Context, source, "default").asserting(Class::Local);
    Engine { evidence: vec![evidence], local: true, gap: None }
}

fn unknown(source: &str) -> Engine {
    Engine { gap: Some(format!("{source} is computed at run time")), ..Engine::default() }
}

/// The daemon at an address: a socket, or a host.
fn at(source: &'static str, address: &str) -> Engine {
    if address == COMPUTED {
        return unknown(source);
    }
    let socket = ["unix://", "npipe://", "fd://"].iter().any(|scheme| address.starts_with(scheme));
    if socket {
        let evidence = Evidence::name(Kind::Socket, source, address).asserting(Class::Local);
        return Engine { evidence: vec![evidence], local: true, gap: None };
    }
    // `tcp://host:2375`, `ssh://user@host`, or a bare `host:port`.
    let written = match address.contains("://") {
        true => address.to_owned(),
        false => format!("tcp://{address}"),
    };
    match url::parse(&written) {
        Some(url) => {
            let local = url::is_loopback(&url.host);
            let evidence = Evidence::name(Kind::Host, source, url.host);
            let evidence = if local { evidence.asserting(Class::Local) } else { evidence };
            Engine { evidence: vec![evidence], local, gap: None }
        }
        None => Engine { gap: Some(format!("{source} cannot be read")), ..Engine::default() },
    }
}

/// The daemon of a stored context.
fn named(call: &Context<'_>, source: &'static str, name: &str) -> Engine {
    if name == "default" {
        return match call.text_var("DOCKER_HOST") {
            Some(address) => at("DOCKER_HOST", &address),
            None => here(source),
        };
    }
    if name == COMPUTED {
        return unknown(source);
    }
    let mut id = String::new();
    for byte in Sha256::digest(name.as_bytes()) {
        let _ = write!(id, "{byte:02x}");
    }
    let meta = folder(call)
        .and_then(|folder| read(call, folder.join("contexts/meta").join(id).join("meta.json")));
    let host = meta.as_ref().and_then(|meta| meta.pointer("/Endpoints/docker/Host")?.as_str());
    let mut engine = match host {
        Some(address) => at("docker's context", address),
        None => Engine::default(),
    };
    let evidence = Evidence::name(Kind::Context, source, name);
    engine.evidence.insert(0, evidence);
    engine
}

fn folder(call: &Context<'_>) -> Option<PathBuf> {
    match call.text_var("DOCKER_CONFIG") {
        Some(folder) => Some(PathBuf::from(folder)),
        None => Some(call.home()?.join(".docker")),
    }
}

fn read(call: &Context<'_>, path: PathBuf) -> Option<Value> {
    serde_json::from_slice(&call.read(path, MAX_FILE).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::fake::FakeWorld;

    /// What docker CLI 28.2.2 said in each case (`docker context show` and
    /// `docker context inspect`).
    #[test]
    fn the_engine_is_the_one_that_docker_chooses() {
        let stored = |world: FakeWorld, name: &str, host: &str| {
            let id: String =
                Sha256::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            let path = format!("/home/ana/.docker/contexts/meta/{id}/meta.json");
            let text = format!("{{\"Endpoints\":{{\"docker\":{{\"Host\":\"{host}\"}}}}}}");
            world.with_file(&path, &text)
        };
        let current = |name: &str| {
            let text = format!("{{\"currentContext\":\"{name}\"}}");
            let world = FakeWorld::new().with_file("/home/ana/.docker/config.json", &text);
            stored(stored(world, "prod", "ssh://ana@10.0.0.4"), "near", "unix:///run/x.sock")
        };
        let ask = |world: &FakeWorld, context: Option<&str>, host: Option<&str>| {
            let invocation = Invocation::default();
            let call = Context { invocation: &invocation, world };
            let said = |name, value: Option<&str>| value.map(|text| (name, text.to_owned(), false));
            let engine = docker(&call, said("--context", context), said("--host", host));
            let values: Vec<String> = engine.evidence.into_iter().map(|one| one.value).collect();
            (values.join(" "), engine.local)
        };
        let plain = FakeWorld::new();
        assert_eq!(ask(&plain, None, None), ("default".to_owned(), true));
        let prod = current("prod");
        assert_eq!(ask(&prod, None, None), ("prod 10.0.0.4".to_owned(), false));
        assert_eq!(ask(&prod, Some("default"), None), ("default".to_owned(), true));
        assert_eq!(ask(&prod, Some("near"), None), ("near unix:///run/x.sock".to_owned(), true));
        assert_eq!(ask(&prod, None, Some("tcp://1.2.3.4:1")), ("1.2.3.4".to_owned(), false));
        assert_eq!(ask(&prod, None, Some("1.2.3.4")), ("1.2.3.4".to_owned(), false));
        let variable = current("prod").with_var("DOCKER_CONTEXT", "near");
        assert_eq!(ask(&variable, None, None), ("near unix:///run/x.sock".to_owned(), true));
        let both = variable.with_var("DOCKER_HOST", "tcp://5.5.5.5:1");
        assert_eq!(ask(&both, None, None), ("5.5.5.5".to_owned(), false));
        assert_eq!(ask(&both, Some("default"), None), ("5.5.5.5".to_owned(), false));
        assert_eq!(ask(&both, Some("prod"), None), ("prod 10.0.0.4".to_owned(), false));
        assert_eq!(ask(&both, None, Some("unix:///x")), ("unix:///x".to_owned(), true));
    }
}
