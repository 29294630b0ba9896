//! curl behind its shim, with the real curl and servers that it reaches under
//! true host names: an agent's destroying request never arrives in any
//! spelling, a person's arrives as it was judged, and everything harmless is
//! sent, said and ended as without the shim.

#[path = "../support/http_server.rs"]
mod http_server;
mod lines;
#[path = "../support/port.rs"]
mod port;
#[path = "../support/sandbox.rs"]
mod sandbox;
#[path = "../support/terminal.rs"]
mod terminal;
#[path = "../support/wait.rs"]
mod wait;

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};

use holdpoint::demo::control_plane::{ControlPlane, VOLUME};
use http_server::Server;
use lines::{BODY, DELETIONS, HARMLESS, HARMLESS_BODY, INCIDENT, SPELLINGS};
use sandbox::{Sandbox, err, out, run_with};
use terminal::Login;

/// A TLS server in front of another on the loopback; gone when dropped.
struct Tls {
    child: Child,
    port: u16,
}

impl Tls {
    fn before(plane: &ControlPlane, sandbox: &Sandbox) -> Tls {
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=backboard.railway.app", "-keyout", "tls.pem", "-out", "cert.pem"])
            .current_dir(sandbox.path(""))
            .stderr(Stdio::null())
            .status()
            .expect("openssl is installed");
        assert!(made.success());
        let port = port::free();
        let child = Command::new("socat")
            .arg(format!(
                "OPENSSL-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,verify=0,cert={},key={}",
                sandbox.path("cert.pem").display(),
                sandbox.path("tls.pem").display(),
            ))
            .arg(format!("TCP:{}", plane.address()))
            .stderr(Stdio::null())
            .spawn()
            .expect("socat is installed");
        assert!(wait::until(|| port::is_open(port)), "socat does not answer");
        Tls { child, port }
    }

    /// A `.curlrc` by which curl reaches it under any host name.
    fn curlrc(&self) -> String {
        format!("insecure\nconnect-to = \"::127.0.0.1:{}\"\n", self.port)
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn words(line: &str) -> Vec<String> {
    shell_words::split(line).expect("quotes match")
}

/// The shim with a line's words, as an agent runs it.
fn agent(sandbox: &Sandbox, line: &str) -> Command {
    let words = words(line);
    let args: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    sandbox.agent("curl", &args)
}

/// curl itself with a line's words, in the same surroundings.
fn bare(sandbox: &Sandbox, line: &str) -> Command {
    let mut command = sandbox.command("/usr/bin/curl");
    command.args(&words(line)[1..]).env("CLAUDECODE", "1");
    command
}

#[track_caller]
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(77), "{}{}", out(output), err(output));
    assert_eq!(out(output), "");
    err(output)
}

#[test]
fn the_incident_is_refused_for_an_agent_and_confirmed_by_a_person() {
    let sandbox = Sandbox::new();
    let plane = ControlPlane::start().unwrap();
    let tls = Tls::before(&plane, &sandbox);
    sandbox.write("home/.curlrc", &tls.curlrc());
    let said = refused(&agent(&sandbox, INCIDENT).output().unwrap());
    assert!(said.contains("volume") && said.contains(VOLUME), "{said}");
    assert!(!said.contains("[token]"), "{said}");
    assert_eq!(plane.requests(), []);

    let mut login = Login::new();
    let terminal = &mut login.terminal;
    let line = person(&sandbox, INCIDENT);
    terminal.line(&line);
    let phrase = terminal.phrase();
    assert!(phrase.starts_with("destroy "), "{phrase}");
    terminal.send("\u{4}");
    terminal.expect("Nothing was run");
    terminal.prompt();
    assert_eq!(plane.requests(), []);
    assert_eq!(plane.volumes().len(), 1);

    terminal.line(&line);
    let phrase = terminal.phrase();
    let said = terminal.confirm(&phrase);
    assert!(said.contains(r#"{"data":{"volumeDelete":true}}"#), "{said}");
    assert_eq!(plane.volumes(), []);
    let requests = plane.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/graphql/v2"));
    assert_eq!(request.host, "backboard.railway.app");
    assert_eq!(request.body, BODY);
    let trail = sandbox.trail();
    for outcome in ["refused", "asked", "declined", "confirmed"] {
        assert!(trail.contains(&format!("\"outcome\":\"{outcome}\"")), "{trail}");
    }
    assert!(!trail.contains("[token]"), "{trail}");
}

/// A line as a person types it at a login, in the sandbox's surroundings.
fn person(sandbox: &Sandbox, line: &str) -> String {
    format!(
        "cd {} && env -i TERM=xterm LC_ALL=C.UTF-8 PATH={} HOME={home} HOLDPOINT_TEST_HOME={home} {line}",
        sandbox.path("work").display(),
        sandbox.search_path(),
        home = sandbox.home().display(),
    )
}

/// A sandbox with the files that the spellings name, in front of a fresh
/// control plane.
fn guarded() -> (Sandbox, ControlPlane) {
    let sandbox = Sandbox::new();
    let plane = ControlPlane::start().expect("it starts");
    sandbox.write("home/.curlrc", &plane.curlrc());
    sandbox.write("work/body.json", &format!("{BODY}\n"));
    sandbox.write(
        "work/request.cfg",
        "url = \"http://backboard.railway.app/graphql/v2\"\ndata = @body.json\n",
    );
    sandbox.write("work/data.cfg", &format!("data-raw = \"{}\"\n", BODY.escape_default()));
    (sandbox, plane)
}

#[test]
fn an_agent_cannot_send_it_in_any_spelling() {
    for (line, input) in SPELLINGS {
        let (sandbox, plane) = guarded();
        let port = plane.address().port().to_string();
        let line = line.replace("PORT", &port).replace("VOLUME", VOLUME);
        let output = run_with(&mut agent(&sandbox, &line), input);
        let said = refused(&output);
        assert!(said.contains("volume"), "{line}: {said}");
        assert_eq!(plane.requests(), [], "{line}");
        // The same words, past the shim, do destroy.
        let output = run_with(&mut bare(&sandbox, &line), input);
        assert_eq!(plane.volumes(), [], "{line}: {}{}", out(&output), err(&output));
    }
}

#[test]
fn an_agent_cannot_delete_elsewhere_either() {
    let (sandbox, server) = (Sandbox::new(), Server::start());
    sandbox.write("home/.curlrc", &format!("connect-to = \"::{}\"\n", server.address()));
    sandbox.write("work/delete.cfg", "request = DELETE\n");
    for line in DELETIONS {
        let line = line.replace("PORT", &server.address().port().to_string());
        refused(&agent(&sandbox, &line).output().unwrap());
        assert!(server.take().is_empty(), "{line}");
        let output = bare(&sandbox, &line).output().unwrap();
        let received = server.take();
        let taken = received.iter().any(|one| matches!(one.method.as_str(), "DELETE" | "POST"));
        assert!(taken, "{line}: {}", err(&output));
    }
    // Without credentials, to a host that no rule knows, it takes nothing.
    let free = "curl -s -X DELETE http://api.acme.example/v1/users";
    assert!(agent(&sandbox, free).output().unwrap().status.success());
    assert_eq!(server.take().len(), 1);
}

#[test]
fn a_file_that_changes_while_it_is_judged_is_sent_as_it_was_judged() {
    let (sandbox, plane) = guarded();
    let judged = format!("{HARMLESS_BODY}\r\n\n ");
    let file = sandbox.write("work/query.json", &judged);
    // The tool behind the shim swaps the file before curl reads it.
    sandbox.tool("curl", &format!("cp body.json {}\nexec /usr/bin/curl \"$@\"", file.display()));
    let url = "http://backboard.railway.app/graphql/v2";
    for line in [
        format!("curl -s {url} --data-binary @query.json"),
        format!("curl -s {url} --json @query.json"),
        format!("curl -s {url} --data-binary @{}", file.display()),
        format!("curl -sXPOST {url} -T query.json"),
    ] {
        sandbox.write("work/query.json", &judged);
        let output = agent(&sandbox, &line).output().unwrap();
        assert!(output.status.success(), "{line}: {}", err(&output));
        let requests = plane.requests();
        assert_eq!(requests.last().map(|last| last.body.as_str()), Some(&*judged), "{line}");
        assert_eq!(plane.volumes().len(), 1, "{line}");
        // What the file holds now is refused.
        refused(&agent(&sandbox, &line).output().unwrap());
        assert_eq!(plane.requests().len(), requests.len());
    }
    // The same for a person, the other way round.
    sandbox.write("work/body.json", HARMLESS_BODY);
    let judged = format!("  {BODY}\n\n");
    sandbox.write("work/query.json", &judged);
    let mut login = Login::new();
    let terminal = &mut login.terminal;
    terminal.line(&person(&sandbox, &format!("curl -s {url} --data-binary @query.json")));
    let phrase = terminal.phrase();
    terminal.confirm(&phrase);
    assert_eq!(plane.requests().last().map(|last| last.body.as_str()), Some(&*judged));
    assert_eq!(plane.volumes(), []);
}

#[test]
fn what_is_harmless_runs_as_before() {
    let (sandbox, plane) = guarded();
    let server = Server::start();
    let port = server.address().port().to_string();
    sandbox.write(
        "home/.curlrc",
        &format!(
            "resolve = \"acme.test:{port}:127.0.0.1\"\nconnect-to = \":80:{}\"\n",
            plane.address()
        ),
    );
    sandbox.write("work/query.json", HARMLESS_BODY);
    sandbox.write("work/plain.txt", "one two&three\n");
    sandbox.write("work/headers.txt", "Authorization: Bearer t\n");
    let sent = || {
        let received = server.take().into_iter();
        let seen = received.map(|one| {
            let boundary = one.header("content-type").and_then(|kind| kind.split_once("boundary="));
            let body = String::from_utf8_lossy(&one.body).into_owned();
            let body = boundary.map_or(body.clone(), |(_, boundary)| body.replace(boundary, ""));
            (one.method, one.target, body)
        });
        seen.collect::<Vec<_>>()
    };
    let mut arrived = 0;
    for line in HARMLESS {
        let line = line.replace("PORT", &port);
        let mut run = |mut command: Command| {
            let before = plane.requests().len();
            let output = command.output().expect("it starts");
            let (asked, sent) = (plane.requests().split_off(before), sent());
            arrived += asked.len() + sent.len();
            ((output.status.code(), out(&output), err(&output)), asked, sent)
        };
        let theirs = run(bare(&sandbox, &line));
        let ours = run(agent(&sandbox, &line));
        assert_eq!(ours, theirs, "{line}");
    }
    assert!(arrived > HARMLESS.len(), "{arrived}");
    assert_eq!(plane.volumes().len(), 1);
}

/// Every byte, many times over.
fn large(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n ^ n >> 8 ^ n >> 15) as u8).collect()
}

#[test]
fn bodies_arrive_byte_for_byte() {
    let (sandbox, server) = (Sandbox::new(), Server::start());
    let url = format!("http://{}", server.address());
    for (size, name) in [(0, "none"), (1, "one"), (70_000, "some"), (5_000_000, "many")] {
        let body = large(size);
        let file = sandbox.path("work").join(name);
        std::fs::write(&file, &body).expect("a file");
        for line in [
            format!("curl -sS {url}/a --data-binary @{name}"),
            format!("curl -sS {url}/a --data-binary @-"),
            format!("curl -sS {url}/graphql --data-binary @-"),
            format!("curl -sS {url}/a --json @-"),
            format!("curl -sS {url}/a -T {name}"),
            format!("curl -sS {url}/a -T -"),
        ] {
            // From a file, as `< file` has it, and from a program that writes.
            let from_file = agent(&sandbox, &line)
                .stdin(std::fs::File::open(&file).expect("a file"))
                .output()
                .expect("it starts");
            let mut child = agent(&sandbox, &line)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("it starts");
            // Where the body is a file's, nobody reads this.
            let _ = child.stdin.take().expect("a pipe").write_all(&body);
            let from_pipe = child.wait_with_output().expect("it ends");
            for output in [from_file, from_pipe] {
                assert_eq!(
                    (output.status.code(), err(&output)),
                    (Some(0), String::new()),
                    "{line}"
                );
            }
            let received = server.take();
            assert_eq!(received.len(), 2, "{line}");
            for one in received {
                assert!(one.body == body, "{line}: {} of {size} bytes", one.body.len());
            }
        }
    }
    // What `-d` leaves out of a file is left out as ever.
    std::fs::write(sandbox.path("work/lines"), "a\r\nb\n\nc").expect("a file");
    let line = format!("curl -sS {url}/a -d @lines");
    for mut command in [bare(&sandbox, &line), agent(&sandbox, &line)] {
        assert!(command.output().expect("it starts").status.success());
        assert_eq!(server.take()[0].body, b"abc");
    }
}

#[test]
fn standard_input_that_curl_does_not_read_is_left_to_others() {
    let (sandbox, server) = (Sandbox::new(), Server::start());
    let line = format!(
        "curl -s http://{address}/; curl -s -d a=1 http://{address}/; cat",
        address = server.address()
    );
    let mut shell = sandbox.command("/bin/sh");
    let output = run_with(shell.args(["-c", &line]).env("CLAUDECODE", "1"), "left alone\n");
    assert_eq!((out(&output), err(&output)), ("left alone\n".to_owned(), String::new()));
    assert_eq!(server.take().len(), 2);
}

#[test]
fn pipes_under_other_names_are_left_for_curl_to_read() {
    let (sandbox, server) = (Sandbox::new(), Server::start());
    let address = server.address();
    for (line, target, body) in [
        ("printf 'url = ADDRESS/k\ndata = x\n' | curl -sK -", "/k", "x"),
        ("printf a=1 | curl -s ADDRESS/s -d @/dev/stdin", "/s", "a=1"),
        ("printf '{ a }' | curl -s ADDRESS/graphql -d @/dev/fd/0 -d b", "/graphql", "{ a }&b"),
        ("curl -s ADDRESS/p --data-binary @<(printf a=2)", "/p", "a=2"),
        ("curl -s ADDRESS/h -H @<(printf 'Referer: x')", "/h", ""),
        ("mkfifo f; printf a=3 >f & curl -s ADDRESS/f -d @f", "/f", "a=3"),
    ] {
        let line = line.replace("ADDRESS", &format!("http://{address}"));
        let mut shell = sandbox.command("/bin/bash");
        let output = shell.args(["-c", &line]).env("CLAUDECODE", "1").output().expect("it starts");
        assert_eq!((output.status.code(), err(&output)), (Some(0), String::new()), "{line}");
        let received = server.take();
        let [one] = received.as_slice() else { panic!("{line}: {received:?}") };
        let sent = (one.target.as_str(), String::from_utf8_lossy(&one.body));
        assert_eq!(sent, (target, body.into()), "{line}");
    }
}
