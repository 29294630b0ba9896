//! Requests and replies through the filter, in one piece and byte by byte.

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
