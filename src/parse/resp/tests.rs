//! Requests and replies, in one piece and in any pieces.

use super::*;

fn requests(stream: &[u8], piece: usize) -> (Vec<String>, Option<Malformed>) {
    let mut found = Vec::new();
    let mut requests = Requests::default();
    for piece in stream.chunks(piece) {
        requests.push(piece);
        loop {
            match requests.next_request() {
                Ok(None) => break,
                Ok(Some(words)) => {
                    let words = words.iter().map(|word| String::from_utf8_lossy(word));
                    found.push(words.collect::<Vec<_>>().join(" "));
                }
                Err(why) => return (found, Some(why)),
            }
        }
    }
    (found, None)
}

#[test]
fn requests_come_in_any_pieces() {
    let stream = b"*2\r\n$3\r\nGET\r\n$1\r\na\r\nping\r\n\r\n*0\r\n*-1\r\nset 'a b' \"\\x41\"\n*1\r\n$0\r\n\r\n";
    for piece in 1..stream.len() {
        let (found, error) = requests(stream, piece);
        assert_eq!(found, ["GET a", "ping", "set a b A", ""], "{piece}");
        assert_eq!(error, None);
    }
}

#[test]
fn what_is_no_request_is_told_as_redis_tells_it() {
    for (stream, why) in [
        (&b"*1\r\n$999999999999\r\n"[..], "invalid bulk length"),
        (b"*1\r\n$536870912\r\n", "invalid bulk length"),
        (b"*1\r\n$-1\r\n", "invalid bulk length"),
        (b"*1\r\n$03\r\nGET\r\n", "invalid bulk length"),
        (b"*1\r\n$+3\r\nGET\r\n", "invalid bulk length"),
        (b"*1048577\r\n", "invalid multibulk length"),
        (b"*x\r\n", "invalid multibulk length"),
        (b"*1\r\n:3\r\n", "expected '$'"),
        (b"*1\r\n$3\nGET\r\n", "expected a line's end"),
        (b"*1\r\n$3\r\nGETX\r\n", "expected a line's end"),
        (b"get \"a\r\n", "unbalanced quotes in request"),
    ] {
        assert_eq!(requests(stream, stream.len()).1, Some(why), "{stream:?}");
    }
    let long = vec![b'a'; MAX_LINE + 2];
    assert_eq!(requests(&long, 4096).1, Some("too big inline request"));
    let mut many = b"*3\r\n".to_vec();
    for _ in 0..3 {
        many.extend(format!("${}\r\n", MAX_REQUEST / 2).into_bytes());
        many.extend(vec![b'x'; MAX_REQUEST / 2]);
        many.extend(b"\r\n");
    }
    assert_eq!(requests(&many, 65_536).1, Some("invalid bulk length"));
}

#[test]
fn a_request_that_is_written_is_read_again() {
    let words = vec![b"GET".to_vec(), b"a\r\nb".to_vec(), Vec::new()];
    let mut stream = Vec::new();
    write_request(&words, &mut stream);
    assert_eq!(stream, b"*3\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n$0\r\n\r\n");
    let mut requests = Requests::default();
    requests.push(&stream);
    assert_eq!(requests.next_request(), Ok(Some(words)));
    assert_eq!(requests.next_request(), Ok(None));
}

/// The ends of replies, and what is known of each.
fn replies(stream: &[u8], piece: usize) -> Result<Vec<(usize, char, String)>, Malformed> {
    let mut found = Vec::new();
    let mut replies = Replies::default();
    let mut seen = 0;
    for mut piece in stream.chunks(piece) {
        while !piece.is_empty() {
            let (used, reply) = replies.read(piece)?;
            seen += used;
            piece = &piece[used..];
            if let Some(reply) = reply {
                let head = String::from_utf8_lossy(&reply.head).into_owned();
                found.push((seen, char::from(reply.kind), head));
            }
        }
    }
    Ok(found)
}

#[test]
fn a_reply_ends_where_its_last_value_does() {
    for (reply, kind, head) in [
        (&b"+OK\r\n"[..], '+', "OK"),
        (b"-ERR no\r\n", '-', "ERR no"),
        (b":1\r\n", ':', ""),
        (b"$-1\r\n", '$', ""),
        (b"$5\r\na\r\nb\r\r\n", '$', "a\r\nb"),
        (b"$0\r\n\r\n", '$', ""),
        (b"*-1\r\n", '*', ""),
        (b"*0\r\n", '*', ""),
        (b"*2\r\n*2\r\n:1\r\n$1\r\nx\r\n*0\r\n", '*', ""),
        (b"*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n", '*', "subscribe"),
        (b">2\r\n+message\r\n_\r\n", '>', "message"),
        (b"%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n#t\r\n", '%', "a"),
        (b"%0\r\n", '%', ""),
        (b"~1\r\n,1.5\r\n", '~', ""),
        (b"(12345678901234567890\r\n", '(', ""),
        (b"=7\r\ntxt:abc\r\n", '=', "txt:abc"),
        (b"!5\r\nERR x\r\n", '!', "ERR x"),
        (b"|1\r\n+ttl\r\n:1\r\n+OK\r\n", '|', "ttl"),
        (b"*1\r\n|1\r\n+ttl\r\n:1\r\n+OK\r\n", '*', ""),
    ] {
        let stream = [reply, b"+next\r\n"].concat();
        for piece in 1..=stream.len() {
            let found = replies(&stream, piece).expect("the protocol");
            let text = String::from_utf8_lossy(reply);
            assert_eq!(found.len(), 2, "{text} in pieces of {piece}: {found:?}");
            assert_eq!((found[0].0, found[0].1), (reply.len(), kind), "{text}");
            if !text.contains('|') {
                assert_eq!(
                    found[0].2.trim_end_matches('\r'),
                    head.trim_end_matches('\r'),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn what_is_no_reply_is_found_out() {
    let deep = b"*1\r\n".repeat(MAX_DEPTH + 1);
    for stream in [
        &b"HTTP/1.1 400\r\n"[..],
        b"$x\r\n",
        b"$-2\r\n",
        b"*99999999999999\r\n",
        b":1111111111111111111111111\r\n",
        &deep,
    ] {
        assert!(replies(stream, 7).is_err(), "{}", String::from_utf8_lossy(stream));
    }
}
