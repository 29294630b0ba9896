//! Requests and replies through the filter, in one piece and byte by byte.

use super::super::redirect::MAX_FOLLOWED;
use super::*;

fn sent(exchange: &mut Exchange) -> String {
    String::from_utf8(std::mem::take(&mut exchange.to_server)).expect("text")
}

fn given(exchange: &mut Exchange) -> Vec<String> {
    let bytes = std::mem::take(&mut exchange.to_client);
    let text = String::from_utf8(bytes).expect("text");
    text.lines().map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
}

const REFUSED: &str = "-READONLY holdpoint opened this session read-only";

#[test]
fn what_reads_goes_on_and_the_rest_is_answered_in_its_place() {
    let mut it = Exchange::default();
    it.from_client(b"get a\r\nset a 1\r\nget b\r\ndel a\r\n");
    assert_eq!(sent(&mut it), "*2\r\n$3\r\nget\r\n$1\r\na\r\n*2\r\n$3\r\nget\r\n$1\r\nb\r\n");
    assert_eq!(given(&mut it), Vec::<String>::new());
    it.from_server(b"+first\r\n$6\r\nsec").expect("replies");
    assert_eq!(given(&mut it), ["+first", REFUSED, "$6", "sec"]);
    it.from_server(b"ond\r\n").expect("replies");
    assert_eq!(given(&mut it), ["ond", REFUSED]);
    it.from_client(b"flushall\r\n");
    assert_eq!(sent(&mut it), "");
    assert_eq!(given(&mut it), [REFUSED]);
}

#[test]
fn a_transaction_with_something_refused_in_it_is_given_up() {
    let mut it = Exchange::default();
    it.from_client(b"multi\r\nget a\r\nset a 1\r\nexec\r\nget b\r\n");
    assert!(sent(&mut it).contains("DISCARD"));
    it.from_server(b"+OK\r\n+QUEUED\r\n+OK\r\n$1\r\nb\r\n").expect("replies");
    let abort = "-EXECABORT Transaction discarded because of previous errors.";
    assert_eq!(given(&mut it), ["+OK", "+QUEUED", REFUSED, abort, "$1", "b"]);
    it.from_client(b"multi\r\nget a\r\nexec\r\n");
    assert!(sent(&mut it).contains("exec"));
}

#[test]
fn messages_are_no_answers() {
    let mut it = Exchange::default();
    it.from_client(b"subscribe a b\r\n");
    it.from_server(b"*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n").expect("replies");
    it.from_client(b"ping\r\nset a 1\r\n");
    it.from_server(b"*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n").expect("replies");
    it.from_server(b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n").expect("replies");
    assert!(!given(&mut it).contains(&REFUSED.to_owned()));
    it.from_server(b"*2\r\n$4\r\npong\r\n$0\r\n\r\n").expect("replies");
    assert_eq!(given(&mut it).last().map(String::as_str), Some(REFUSED));
    // Once nothing is subscribed to, a list may begin as a message does.
    it.from_client(b"unsubscribe a b\r\nlrange l 0 9\r\nset a 1\r\n");
    it.from_server(b"*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n").expect("replies");
    it.from_server(b"*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:0\r\n").expect("replies");
    given(&mut it);
    it.from_server(b"*1\r\n$7\r\nmessage\r\n").expect("replies");
    assert_eq!(given(&mut it).last().map(String::as_str), Some(REFUSED));
}

#[test]
fn messages_of_resp3_are_no_answers() {
    let mut it = Exchange::default();
    it.from_client(b"hello 3\r\nsubscribe a\r\nget a\r\nset a 1\r\n");
    it.from_server(b"%1\r\n+proto\r\n:3\r\n>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n").expect("");
    it.from_server(b">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n").expect("replies");
    assert!(!given(&mut it).contains(&REFUSED.to_owned()));
    it.from_server(b"*1\r\n$7\r\nmessage\r\n").expect("replies");
    assert_eq!(given(&mut it).last().map(String::as_str), Some(REFUSED));
    // A subscription that the server refuses has one answer.
    it.from_client(b"subscribe a b c\r\nget a\r\nset a 1\r\n");
    it.from_server(b"-NOPERM no\r\n").expect("replies");
    assert_eq!(given(&mut it), ["-NOPERM no"]);
    it.from_server(b"$-1\r\n").expect("replies");
    assert_eq!(given(&mut it), ["$-1", REFUSED]);
}

#[test]
fn what_a_monitor_sees_is_no_answer_until_it_is_reset() {
    let mut it = Exchange::default();
    it.from_client(b"monitor\r\n");
    it.from_server(b"+OK\r\n+1795351931.43 [0 x] \"get\" \"a\"\r\n").expect("replies");
    given(&mut it);
    it.from_client(b"reset\r\nset a 1\r\n");
    it.from_server(b"+1795351932.43 [0 x] \"get\" \"a\"\r\n").expect("replies");
    assert_eq!(given(&mut it).len(), 1);
    it.from_server(b"+RESET\r\n").expect("replies");
    assert_eq!(given(&mut it), ["+RESET", REFUSED]);
    it.from_client(b"time\r\nset a 1\r\n");
    it.from_server(b"+1\r\n").expect("replies");
    assert_eq!(given(&mut it), ["+1", REFUSED]);
}

#[test]
fn a_stream_that_is_no_protocol_ends() {
    let mut it = Exchange::default();
    it.from_client(b"get a\r\n*1\r\n$99999999999\r\nset a 1\r\n");
    assert!(!it.takes_requests() && !it.is_over());
    it.from_server(b"$-1\r\n").expect("replies");
    assert_eq!(given(&mut it), ["$-1", "-ERR Protocol error"]);
    assert!(it.is_over());
    assert!(Exchange::default().from_server(b"HTTP/1.1 200\r\n").is_err());
}

#[test]
fn a_server_that_is_not_there_is_told_of() {
    let mut it = Exchange::default();
    it.from_client(b"get a\r\nset a 1\r\n");
    it.fail("could not connect to x");
    assert_eq!(given(&mut it), ["-ERR holdpoint", REFUSED]);
    assert!(it.is_over() && it.to_server.is_empty());
}

#[test]
fn a_name_cannot_make_lines_of_its_own() {
    let mut it = Exchange::default();
    it.from_client(b"*1\r\n$9\r\nx\r\n+OK\r\ny\r\n");
    let text = String::from_utf8(std::mem::take(&mut it.to_client)).expect("text");
    assert_eq!(text.matches("\r\n").count(), 1, "{text:?}");
}

#[test]
fn requests_wait_while_answers_do() {
    let mut it = Exchange::default();
    for _ in 0..MAX_WAITING {
        assert!(it.takes_requests());
        it.from_client(b"ping\r\n");
    }
    assert!(!it.takes_requests());
    it.from_server(&b"+PONG\r\n".repeat(MAX_WAITING)).expect("replies");
    assert!(it.expected.is_empty());
}

/// One in a cluster, with what it was asked on the way to the server.
fn asked(requests: &str) -> Exchange {
    let mut it = Exchange::in_cluster();
    it.from_client(requests.as_bytes());
    it
}

/// The words that were sent, request by request.
fn requests(exchange: &mut Exchange) -> Vec<String> {
    let mut sent = Requests::default();
    sent.push(&std::mem::take(&mut exchange.to_server));
    let mut all = Vec::new();
    while let Some(words) = sent.next_request().expect("the protocol") {
        all.push(String::from_utf8_lossy(&words.join(&b' ')).into_owned());
    }
    all
}

/// Where it is led, as `host:port`.
fn place(exchange: &Exchange) -> Option<String> {
    exchange.redirect().map(|it| format!("{}:{}", it.host.as_deref().unwrap_or_default(), it.port))
}

#[test]
fn a_request_is_sent_again_where_its_node_says() {
    let mut it = asked("get a\r\nset a 1\r\nget b\r\nget c\r\n");
    // One at a time: what is behind waits for its node.
    assert_eq!(requests(&mut it), ["get a"]);
    for byte in b"-MOVED 3999 10.0.0.2:7002\r\n" {
        it.from_server(&[*byte]).expect("replies");
    }
    assert_eq!(place(&it).as_deref(), Some("10.0.0.2:7002"));
    it.follow();
    assert_eq!((place(&it), requests(&mut it)), (None, vec!["get a".to_owned()]));
    it.from_server(b"$1\r\n1\r\n").expect("replies");
    assert_eq!(requests(&mut it), ["get b"]);
    it.from_server(b"-ASK 1 :7003\r\n").expect("replies");
    assert_eq!(place(&it).as_deref(), Some(":7003"));
    it.follow();
    assert_eq!(requests(&mut it), ["ASKING", "get b"]);
    it.from_server(b"+OK\r\n$1\r\n2\r\n").expect("replies");
    assert_eq!(requests(&mut it), ["get c"]);
    it.from_server(b"-ERR no\r\n").expect("replies");
    assert_eq!(given(&mut it), ["$1", "1", REFUSED, "$1", "2", "-ERR no"]);
    // Outside of a cluster the client is told, and what it is told counts.
    let mut it = Exchange::default();
    it.from_client(b"get a\r\nget b\r\n");
    it.from_server(b"-MOVED 3999 10.0.0.2:7002\r\n").expect("replies");
    assert_eq!((place(&it), given(&mut it)), (None, vec!["-MOVED 3999 10.0.0.2".to_owned()]));
}

#[test]
fn a_new_node_is_told_what_the_session_has_set() {
    let mut it = asked("hello 3 auth ana s3cret\r\nselect 2\r\nget a\r\nget b\r\n");
    it.from_server(b"%1\r\n+proto\r\n:3\r\n").expect("replies");
    it.from_server(b"+OK\r\n").expect("replies");
    requests(&mut it);
    given(&mut it);
    it.from_server(b"-ASK 1 h:1\r\n").expect("replies");
    it.follow();
    let told = ["auth ana s3cret", "HELLO 3", "SELECT 2", "ASKING", "get a"];
    assert_eq!(requests(&mut it), told);
    // A message of the new node's own comes through in between.
    it.from_server(b"+OK\r\n%1\r\n+proto\r\n:3\r\n+OK\r\n>1\r\n$1\r\nx\r\n+OK\r\n$1\r\n1\r\n")
        .expect("replies");
    assert_eq!(given(&mut it), [">1", "$1", "x", "$1", "1"]);
    assert_eq!(requests(&mut it), ["get b"]);
    // One that refuses it gets and gives nothing more.
    it.from_server(b"-MOVED 1 h:2\r\n").expect("replies");
    it.follow();
    requests(&mut it);
    it.from_client(b"get c\r\nset c 1\r\n");
    it.from_server(b"-WRONGPASS no such user\r\n-NOAUTH Authentication required.\r\n").expect("");
    let text = String::from_utf8(std::mem::take(&mut it.to_client)).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].contains("refuses what this session has set elsewhere: WRONGPASS no such"));
    assert!(lines.len() == 3 && lines[2].starts_with(REFUSED), "{text}");
    assert!(it.is_over() && it.to_server.is_empty());
}

#[test]
fn a_request_is_led_on_only_so_often() {
    let mut it = asked("get a\r\nget b\r\n");
    for _ in 0..MAX_FOLLOWED {
        it.from_server(b"-MOVED 1 h:1\r\n").expect("replies");
        assert!(place(&it).is_some());
        it.follow();
    }
    requests(&mut it);
    it.from_server(b"-MOVED 1 h:1\r\n").expect("replies");
    assert_eq!((place(&it), given(&mut it)), (None, vec!["-ERR holdpoint".to_owned()]));
    // The next one is counted by itself.
    assert_eq!(requests(&mut it), ["get b"]);
    it.from_server(b"-MOVED 1 h:1\r\n").expect("replies");
    assert!(place(&it).is_some());
    // A node that cannot be reached: the session stays where it is.
    it.stay("could not connect to h:1");
    it.from_client(b"get c\r\n");
    assert_eq!(given(&mut it), ["-ERR holdpoint"]);
    assert_eq!(requests(&mut it), ["get c"]);
}

#[test]
fn what_belongs_to_a_connection_keeps_to_it() {
    const MOVED: &[u8] = b"-MOVED 1 h:1\r\n";
    let mut it = asked("multi\r\nget a\r\nexec\r\nget a\r\n");
    it.from_server(b"+OK\r\n").expect("replies");
    it.from_server(MOVED).expect("replies");
    it.from_server(MOVED).expect("replies");
    assert_eq!((place(&it), given(&mut it)), (None, vec!["+OK".to_owned(), moved(), moved()]));
    it.from_server(MOVED).expect("replies");
    assert!(place(&it).is_some());
    // What is subscribed to would be lost.
    for (subscribes, confirmation) in [
        ("subscribe x\r\n", &b"*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n"[..]),
        ("ssubscribe x y\r\n", b"*3\r\n$10\r\nssubscribe\r\n$1\r\nx\r\n:1\r\n*3\r\n$10\r\nssubscribe\r\n$1\r\ny\r\n:2\r\n"),
        ("monitor\r\n", b"+OK\r\n"),
    ] {
        let mut it = asked(subscribes);
        it.from_client(b"get a\r\nget b\r\n");
        // A subscription itself may be sent to where it belongs.
        if subscribes.starts_with("ssub") {
            it.from_server(MOVED).expect("replies");
            it.follow();
            assert_eq!(given(&mut it), Vec::<String>::new());
        }
        requests(&mut it);
        it.from_server(confirmation).expect("replies");
        given(&mut it);
        assert_eq!(requests(&mut it), ["get a"], "{subscribes}");
        it.from_server(MOVED).expect("replies");
        assert_eq!((place(&it), given(&mut it)), (None, vec![moved()]), "{subscribes}");
        assert_eq!(requests(&mut it), ["get b"], "{subscribes}");
    }
}

fn moved() -> String {
    "-MOVED 1 h".to_owned()
}

#[test]
fn a_subscription_in_a_transaction_is_queued() {
    let mut it = Exchange::default();
    it.from_client(b"multi\r\nsubscribe a b\r\nget a\r\nset a 1\r\nget b\r\n");
    it.from_server(b"+OK\r\n+QUEUED\r\n").expect("replies");
    assert_eq!(given(&mut it), ["+OK", "+QUEUED"]);
    it.from_server(b"+QUEUED\r\n+QUEUED\r\n").expect("replies");
    assert_eq!(given(&mut it), ["+QUEUED", REFUSED, "+QUEUED"]);
}

#[test]
fn requests_wait_for_a_cluster_too() {
    let mut it = Exchange::in_cluster();
    let value = "x".repeat(64 << 10);
    let mut sent = 0;
    while it.takes_requests() {
        it.from_client(format!("*2\r\n$4\r\necho\r\n${}\r\n{value}\r\n", value.len()).as_bytes());
        sent += value.len();
    }
    assert!(sent <= 2 * MAX_BYTES, "{sent}");
}
