//! An endpoint that writes down what the CLI sends and refuses everything.

#[path = "../support/serve.rs"]
mod serve;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

/// One request, as far as the tests care.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The first line without the version: `POST /path`.
    pub line: String,
    /// `X-Amz-Target`.
    pub target: String,
    /// `Authorization`.
    pub authorization: String,
    /// The body.
    pub body: String,
}

impl Request {
    /// The operation, where the protocol names it: in the body of a query or
    /// in a header of a JSON call.
    pub fn operation(&self) -> String {
        let query = self.body.split('&').find_map(|pair| pair.strip_prefix("Action="));
        let header = self.target.rsplit('.').next();
        query.or(header).unwrap_or_default().to_lowercase()
    }

    /// The parts of the credential that signed it: key, date, region, service.
    pub fn credential(&self) -> Vec<&str> {
        let found = self.authorization.split_once("Credential=");
        let scope = found.and_then(|(_, rest)| rest.split(',').next());
        scope.unwrap_or_default().split('/').collect()
    }
}

/// A running recorder.
pub struct Recorder {
    /// The address that it listens on.
    pub address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Recorder {
    /// Starts one on an address of the loopback network.
    pub fn start(host: &str) -> Recorder {
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let shared = Arc::clone(&requests);
        let address = serve::serve(host, move |stream| answer(stream, &shared)).to_string();
        Recorder { address, requests }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came since the last call.
    pub fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

fn answer(stream: TcpStream, requests: &Mutex<Vec<Request>>) {
    let mut answers = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|length| length > 0) {
        let front = line.trim().rsplit_once(' ').map_or("", |(front, _)| front).to_owned();
        let mut request = Request { line: front, ..Request::default() };
        let mut length = 0;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).is_err() {
                return;
            }
            let Some((name, value)) = header.trim().split_once(':') else { break };
            let value = value.trim();
            match name.to_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap_or(0),
                "x-amz-target" => request.target = value.to_owned(),
                "authorization" => request.authorization = value.to_owned(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        request.body = String::from_utf8_lossy(&body).into_owned();
        requests.lock().unwrap().push(request);
        let answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
        if answers.write_all(answer).is_err() {
            return;
        }
        line.clear();
    }
}
