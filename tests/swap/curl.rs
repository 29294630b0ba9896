//! curl: bodies, forms, uploads, config files and what they name. What arrives
//! must be byte for byte what the real curl sends when nobody swaps.

use crate::Swap;
use crate::http_server::{Received, Server};
use crate::sandbox::err;

/// A request without what curl makes up anew each time.
fn plain(mut request: Received) -> String {
    let boundary = request
        .header("content-type")
        .and_then(|kind| kind.split_once("boundary=").map(|(_, boundary)| boundary.to_owned()));
    let body = String::from_utf8_lossy(&request.body).into_owned();
    let head = format!("{} {}", request.method, request.target);
    request.headers.sort();
    let text = format!("{head}\n{:?}\n{body}", request.headers);
    boundary.map_or(text.clone(), |boundary| text.replace(&boundary, "BOUNDARY"))
}

/// Both ways to the same server, and what came in each time.
#[track_caller]
fn same(swap: &Swap, server: &Server, line: &str, input: &str) {
    let took = || server.take().into_iter().map(plain).collect::<Vec<_>>();
    let output = swap.bare(line, input);
    assert!(output.status.success(), "{line}: {}", err(&output));
    let bare = took();
    assert!(!bare.is_empty(), "{line}");
    let output = swap.guarded(line, input);
    assert!(output.status.success(), "{line}: {}", err(&output));
    assert_eq!(took(), bare, "{line}");
    swap.unguarded(line, input);
    assert_ne!(took(), bare, "nothing was swapped: {line}");
}

fn started() -> (Server, Swap, String) {
    let server = Server::start();
    let mut swap = Swap::new("curl");
    let query = r#"{"query":"{ me { id } }"}"#;
    for (name, judged) in [
        ("work/q.json", query),
        ("work/sub/page.xml", "<judged/>"),
        ("work/a b.txt", "judged\n text"),
        ("work/plain", "judged plain"),
        ("work/x;\"y, z", "judged odd"),
        ("work/headers", "X-One: judged\nX-Two: 2\n"),
    ] {
        swap.file(name, judged, format!("swapped {name}"));
    }
    let address = server.address().to_string();
    (server, swap, address)
}

#[test]
fn what_is_sent_is_what_was_judged() {
    let (server, mut swap, address) = started();
    let url = format!("http://{address}");
    for (name, text) in [
        ("work/a.cfg", format!("url = {url}/a\ndata = @q.json # why\n-K \"b.cfg\"\n")),
        ("work/b.cfg", "header = \"X-\\\"B\\\": judged\"\r\nheader: @headers\n".to_owned()),
        (
            "work/form.cfg",
            format!(
                "url={url}/form\n  form = \"n\\\"=@a b.txt;type=x/y\"\nform=p=@plain\n\
                 form = \"q=<sub/page.xml\"\nform = \"r=@\\\"x;\\\\\\\"y, z\\\"\"\n"
            ),
        ),
    ] {
        swap.file(name, text, format!("url = {url}/swapped\ndata = swapped\n"));
    }
    let railway =
        format!("curl -s --connect-to ::{address} -X POST http://backboard.railway.app/graphql");
    for line in [
        format!("curl -s -d @q.json {url}/x"),
        format!("curl -s --data-binary @plain -d@q.json {url}/x"),
        format!("curl -s --data-urlencode n@'a b.txt' {url}/x"),
        format!("curl -s --json @q.json {url}/x"),
        format!("curl -s -H @headers {url}/x"),
        format!("curl -s -H @headers -X POST {url}/x"),
        format!("curl -s -F a=@q.json {url}/x"),
        format!("curl -s -F a=@sub/page.xml {url}/x"),
        format!("curl -s -F a=@plain -F 'b=<plain' {url}/x"),
        format!("curl -s -F 'b=<sub/page.xml' {url}/x"),
        format!("curl -s -F 'b=<q.json;type=a/b' {url}/x"),
        format!("curl -s -F 'a=@sub/page.xml;type=a/b' {url}/x"),
        format!("curl -s -F 'a=@sub/page.xml;filename=z.png' {url}/x"),
        format!("curl -s -F 'a=@\"plain\";headers=\"X-A: b\"' {url}/x"),
        format!("curl -s -F 'a=@\"a b.txt\"' {url}/x"),
        format!("curl -s -F 'a=@\"x;\\\"y, z\"' {url}/x"),
        format!("{railway}/v2 -T q.json"),
        format!("{railway}/ -T q.json"),
        format!("{railway}/v2 -d @q.json"),
        "curl -s -K a.cfg".to_owned(),
        "curl -sKa.cfg".to_owned(),
        "curl -s -K form.cfg".to_owned(),
        format!("curl -s {url}/x -K b.cfg"),
    ] {
        same(&swap, &server, &line, "");
    }
    same(&swap, &server, "curl -s -K -", &format!("url = {url}/x\nconfig = a.cfg\n"));
}

#[test]
fn a_curlrc_is_what_was_judged() {
    let (server, mut swap, address) = started();
    let url = format!("http://{address}");
    let rc = "header = @headers\nuser-agent = \"judged agent\"\n";
    swap.file("home/.curlrc", rc, "user-agent = swapped\nrequest = DELETE\n");
    for line in [
        format!("curl -s {url}/x"),
        format!("curl -s {url}/x --next -s {url}/y"),
        format!("curl -s -X POST -d @q.json {url}/x"),
    ] {
        same(&swap, &server, &line, "");
    }
    // A URL in it is all that a curl without words needs.
    swap.file(
        "home/.curlrc",
        format!("silent\nurl = {url}/rc\n"),
        format!("url = {url}/swapped\n"),
    );
    same(&swap, &server, "curl", "");
    // Without it nothing changes.
    let output = swap.guarded(&format!("curl -q -s {url}/only"), "");
    assert!(output.status.success());
    assert_eq!(server.take().len(), 1);
}

#[test]
fn files_that_cannot_be_pinned_are_read_again() {
    let (server, swap, address) = started();
    let url = format!("http://{address}");
    let line = format!("curl -s -F 'a=@q.json,plain' {url}/x");
    swap.guarded(&line, "");
    let sent = server.take();
    let body = sent.first().map(|request| String::from_utf8_lossy(&request.body).into_owned());
    assert!(body.as_deref().is_some_and(|body| body.contains("swapped")), "{line}: {body:?}");
}
