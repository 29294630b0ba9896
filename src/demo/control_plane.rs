//! A tiny fake of Railway's control plane on the loopback: one project, its
//! environments, one volume with its backups, all in memory. It speaks enough
//! HTTP/1.1 and GraphQL to lose the volume as the real one did.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::parse::graphql::{self, Field, Kind, Operation, Payload};
use crate::parse::http::{Body, Request};

/// The most bytes of a request that are read.
const LIMIT: usize = 1 << 20;
/// How long a client may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most requests that are remembered.
const REMEMBERED: usize = 1_000;

/// A volume and what would be lost with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The environments that share it.
    pub environments: Vec<String>,
    /// The backups stored on it.
    pub backups: Vec<String>,
}

/// A request that came in, as far as a story needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The host that the client believed it spoke to.
    pub host: String,
    /// The body, as text.
    pub body: String,
}

/// The id of the one volume that there is at first.
pub const VOLUME: &str = "3d2c42fb-6c1e-4f0b-9d0a-52a1d6f8c7e4";

#[derive(Debug)]
struct State {
    volumes: Vec<Volume>,
    seen: Vec<Seen>,
}

/// A running control plane; it stops when dropped.
#[derive(Debug)]
pub struct ControlPlane {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ControlPlane {
    /// Starts one on a free port of the loopback.
    ///
    /// # Errors
    /// No port or no thread is to be had.
    pub fn start() -> io::Result<ControlPlane> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State { volumes: vec![first_volume()], seen: Vec::new() }));
        let stopping = Arc::new(AtomicBool::new(false));
        let (own_state, own_stopping) = (state.clone(), stopping.clone());
        let thread =
            std::thread::Builder::new().name("control-plane".to_owned()).spawn(move || {
                for stream in listener.incoming() {
                    if own_stopping.load(Ordering::SeqCst) {
                        return;
                    }
                    // A client that goes away is no concern of the next.
                    let _ = stream.and_then(|stream| answer(stream, &own_state));
                }
            })?;
        Ok(ControlPlane { address, state, stopping, thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The volumes that are left.
    pub fn volumes(&self) -> Vec<Volume> {
        locked(&self.state).volumes.clone()
    }

    /// The requests that came in, in order.
    pub fn requests(&self) -> Vec<Seen> {
        locked(&self.state).seen.clone()
    }

    /// A `.curlrc` by which curl reaches it under any host name, so that a
    /// command line can be the incident's own.
    pub fn curlrc(&self) -> String {
        format!("connect-to = \"::{}\"\n", self.address)
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Wakes the thread, which waits for a client.
        let _ = TcpStream::connect_timeout(&self.address, PATIENCE);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn first_volume() -> Volume {
    Volume {
        id: VOLUME.to_owned(),
        name: "postgres-data".to_owned(),
        environments: vec!["production".to_owned(), "staging".to_owned()],
        backups: vec!["2026-04-23 02:00".to_owned(), "2026-04-24 02:00".to_owned()],
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let (status, body) = match request(&mut stream)? {
        None => ("400 Bad Request", json!({ "error": "not a request" })),
        Some((request, path, host)) => {
            let mut state = locked(state);
            if state.seen.len() < REMEMBERED {
                state.seen.push(seen(&request, &path, host));
            }
            match path.split('?').next() {
                Some("/graphql/v2") => ("200 OK", graphql_answer(&request, &mut state.volumes)),
                _ => ("404 Not Found", json!({ "error": "not found" })),
            }
        }
    };
    let body = format!("{body}\n");
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )?;
    stream.shutdown(Shutdown::Write)
}

fn seen(request: &Request, path: &str, host: String) -> Seen {
    let body = match &request.body {
        Body::Known(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Body::None | Body::Opaque(_) => String::new(),
    };
    Seen { method: request.method.clone(), path: path.to_owned(), host, body }
}

/// Reads one request: itself, its path and its host. Nothing for what is none
/// or too long.
fn request(stream: &mut TcpStream) -> io::Result<Option<(Request, String, String)>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if !more(stream, &mut bytes)? {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(path)) = (first.next(), first.next()) else { return Ok(None) };
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    let mut request = Request { method: method.to_owned(), headers, ..Request::default() };
    let host = request.header("Host").unwrap_or_default().to_owned();
    request.url = format!("http://{host}{path}");
    let length = request.header("Content-Length").and_then(|text| text.parse().ok()).unwrap_or(0);
    if request.header("Expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let start = end + 4;
    while bytes.len() < start.saturating_add(length) {
        if !more(stream, &mut bytes)? {
            return Ok(None);
        }
    }
    let body = bytes.get(start..start.saturating_add(length)).unwrap_or_default();
    if !body.is_empty() {
        request.body = Body::Known(body.into());
    }
    Ok(Some((request, path.to_owned(), host)))
}

/// Reads on; says no at the end, and at the limit.
fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let mut buffer = [0; 8192];
    let count = stream.read(&mut buffer)?;
    bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
    Ok(count > 0 && bytes.len() <= LIMIT)
}

fn graphql_answer(request: &Request, volumes: &mut Vec<Volume>) -> Json {
    let payloads = match graphql::payloads(request) {
        Ok(payloads) => payloads,
        Err(why) => return errors(&why.to_string()),
    };
    let mut data = serde_json::Map::new();
    for payload in &payloads {
        for operation in payload.document.selected(payload.operation_name.as_deref()) {
            for field in &operation.fields {
                match field_answer(field, payload, operation, volumes) {
                    Ok(value) => data.insert(field.name.clone(), value),
                    Err(why) => return errors(&why),
                };
            }
        }
    }
    json!({ "data": data })
}

fn field_answer(
    field: &Field,
    payload: &Payload,
    operation: &Operation,
    volumes: &mut Vec<Volume>,
) -> Result<Json, String> {
    match (operation.kind, field.name.as_str()) {
        (Kind::Mutation, "volumeDelete") => {
            let arguments = graphql::argument::arguments(field, &payload.variables, operation);
            let id = arguments.at("volumeId").and_then(|id| id.text().map(str::to_owned));
            let before = volumes.len();
            volumes.retain(|volume| Some(&volume.id) != id.as_ref());
            if volumes.len() == before {
                Err("Volume not found".to_owned())
            } else {
                Ok(json!(true))
            }
        }
        (Kind::Query, "project") => {
            let nodes: Vec<Json> =
                volumes.iter().map(|volume| json!({ "node": node(volume) })).collect();
            let environments =
                ["production", "staging"].map(|name| json!({ "node": { "name": name } }));
            Ok(json!({
                "name": "acme",
                "environments": { "edges": environments },
                "volumes": { "edges": nodes },
            }))
        }
        (_, name) => Err(format!("Cannot query field \"{name}\"")),
    }
}

fn node(volume: &Volume) -> Json {
    json!({
        "id": volume.id,
        "name": volume.name,
        "environments": volume.environments,
        "backups": volume.backups,
    })
}

fn errors(why: &str) -> Json {
    json!({ "errors": [{ "message": why }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(plane: &ControlPlane, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(plane.address()).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: backboard.railway.app\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn the_incident_loses_the_volume_and_its_backups() {
        let plane = ControlPlane::start().unwrap();
        let asked = send(&plane, "/graphql/v2", r#"{"query":"{ project { volumes { id } } }"}"#);
        assert!(asked.contains(VOLUME) && asked.contains("2026-04-24"), "{asked}");
        assert_eq!(plane.volumes().len(), 1);
        let body = format!(r#"{{"query":"mutation {{ volumeDelete(volumeId: \"{VOLUME}\") }}"}}"#);
        let answer = send(&plane, "/graphql/v2", &body);
        assert!(answer.ends_with("{\"data\":{\"volumeDelete\":true}}\n"), "{answer}");
        assert_eq!(plane.volumes(), []);
        assert!(send(&plane, "/graphql/v2", &body).contains("Volume not found"));
        let seen = plane.requests();
        assert_eq!(seen.len(), 3);
        assert_eq!(seen[1].host, "backboard.railway.app");
        assert_eq!(seen[1].body, body);
    }

    #[test]
    fn what_it_does_not_know_is_an_error_and_changes_nothing() {
        let plane = ControlPlane::start().unwrap();
        assert!(send(&plane, "/graphql/v2", r#"{"query":"{ nonsense }"}"#).contains("errors"));
        assert!(send(&plane, "/graphql/v2", "garbage").contains("errors"));
        assert!(send(&plane, "/elsewhere", "{}").starts_with("HTTP/1.1 404"));
        assert_eq!(plane.volumes().len(), 1);
    }

    #[test]
    fn it_survives_bad_clients_and_stops_when_dropped() {
        let plane = ControlPlane::start().unwrap();
        let address = plane.address();
        drop(TcpStream::connect(address).unwrap());
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"\r\n\r\n").unwrap();
        drop(stream);
        assert!(send(&plane, "/graphql/v2", "{}").contains("errors"));
        drop(plane);
        assert!(TcpListener::bind(address).is_ok(), "the port is free again");
    }
}
