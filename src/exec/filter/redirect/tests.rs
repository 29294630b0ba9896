//! Redirects as nodes write them, and what is said to the next node.

use super::*;

fn led(line: &str) -> Option<(Option<String>, u16, bool)> {
    Redirect::read(line.as_bytes()).map(|it| (it.host, it.port, it.asks))
}

#[test]
fn a_redirect_names_a_host_and_a_port() {
    let at = |host: &str, port, asks| Some((Some(host.to_owned()), port, asks));
    assert_eq!(led("-MOVED 3999 127.0.0.1:6381\r\n"), at("127.0.0.1", 6381, false));
    assert_eq!(led("-ASK 0 node.acme.com:7\r\n"), at("node.acme.com", 7, true));
    assert_eq!(led("-MOVED 16383 2001:db8::1:6381\r\n"), at("2001:db8::1", 6381, false));
    // A node whose name the others do not know, and one that has none.
    assert_eq!(led("-MOVED 1 ?:6381\r\n"), at("?", 6381, false));
    assert_eq!(led("-MOVED 1 :6381\r\n"), Some((None, 6381, false)));
    for line in [
        "-MOVED 1 host:6381",
        "-MOVED 1 host\r\n",
        "-MOVED 1 host:0\r\n",
        "-MOVED 1 host:65536\r\n",
        "-MOVED 1 host:x\r\n",
        "-MOVED x host:1\r\n",
        "-MOVED 1 host:1 more\r\n",
        "-MOVED 1\r\n",
        "-MOVED\r\n",
        "+MOVED 1 host:1\r\n",
        "-TRYAGAIN Multiple keys request during rehashing of slot\r\n",
        "-ERR x\r\n",
        "\r\n",
    ] {
        assert_eq!(led(line), None, "{line:?}");
    }
    assert_eq!(led(&format!("-MOVED 1 {}:1\r\n", "h".repeat(256))), None);
    assert_eq!(Redirect::read(b"-MOVED 1 \xff:1\r\n"), None);
}

#[test]
fn what_the_server_confirmed_is_said_again() {
    let mut settings = Settings::default();
    let words = |line: &str| -> Vec<Vec<u8>> {
        line.split(' ').map(|word| word.as_bytes().to_vec()).collect()
    };
    let mut note = |line: &str, kind: u8, head: &str| {
        let reply = Reply { kind, head: head.as_bytes().to_vec(), number: None };
        settings.note(&words(line), &reply);
        let said = settings.requests();
        let said = said.iter().map(|it| String::from_utf8_lossy(&it.join(&b' ')).into_owned());
        said.collect::<Vec<_>>()
    };
    let none = Vec::<String>::new();
    assert_eq!(note("auth wrong", b'-', "WRONGPASS"), none);
    assert_eq!(note("AUTH ana s3cret", b'+', "OK"), ["AUTH ana s3cret"]);
    assert_eq!(note("auth wrong", b'-', "WRONGPASS"), ["AUTH ana s3cret"]);
    // Queued in a transaction, it has not happened.
    assert_eq!(note("select 3", b'+', "QUEUED"), ["AUTH ana s3cret"]);
    assert_eq!(note("Select 3", b'+', "OK"), ["AUTH ana s3cret", "SELECT 3"]);
    assert_eq!(note("hello", b'*', ""), ["AUTH ana s3cret", "SELECT 3"]);
    let all = ["AUTH ana s3cret", "HELLO 3", "SELECT 3"];
    assert_eq!(note("hello 3", b'%', ""), all);
    for line in ["readonly", "client setname x", "get a"] {
        assert_eq!(note(line, b'+', "OK"), all, "{line}");
    }
    let all = ["auth eva x", "HELLO 2", "SELECT 3"];
    assert_eq!(note("hello 2 setname n auth eva x", b'*', ""), all);
    assert_eq!(note("hello 2 setname auth", b'-', "ERR"), all);
    assert_eq!(note("reset", b'+', "RESET"), none);
    assert_eq!(note("HELLO 3 AUTH eva y", b'%', ""), ["AUTH eva y", "HELLO 3"]);
}
