//! Bodies for texts in a language: SQL and the clients' scripts around it,
//! Redis's words and protocol, connection strings, `.env` files. What stands
//! in front is never hidden by what follows it.

use holdpoint::action::Effect;
use holdpoint::cli::hooks::{merge, places};
use holdpoint::exec::filter::exchange::Exchange;
use holdpoint::hook;
use holdpoint::parse::dialect::{self, Dialect};
use holdpoint::parse::patch::Change;
use holdpoint::parse::redis::reads;
use holdpoint::parse::resp::Replies;
use holdpoint::parse::{mysql, redis, sql, sqlite};
use holdpoint::target::postgres::conninfo;
use holdpoint::target::{database_url, dotenv};
use holdpoint::world::fake::FakeWorld;

use super::text;

const DROP: &[u8] = b"drop table zz;\n";

fn behind(front: &[u8], data: &[u8]) -> Vec<u8> {
    [front, data].concat()
}

/// The worst of PostgreSQL's statements in a text.
fn worst(text: &[u8]) -> Option<Effect> {
    sql::read(text).iter().map(|statement| statement.effect).max()
}

/// Text that is not blank is at least one statement, only what nobody can
/// object to is called harmless, a comment in front changes nothing, and no
/// text hides the statement in front of it.
pub fn sql_text(data: &[u8]) {
    for statement in sql::read(data) {
        assert!(!statement.is_harmless() || statement.effect == Effect::Read);
    }
    let commented = worst(&behind(b"/* a /* b */ ' */ -- \"\n", data));
    assert_eq!(worst(data), commented);
    assert_eq!(worst(&behind(DROP, data)), Some(Effect::Destroy));
}

/// The same for MySQL's and SQLite's SQL; without quotes, capitals change
/// nothing either.
pub fn dialect(data: &[u8]) {
    for dialect in [Dialect::Mysql, Dialect::Sqlite] {
        let worst = |text: &[u8]| {
            let found = dialect::read(text, dialect);
            found.iter().map(|found| found.statement.effect).max()
        };
        assert_eq!(worst(&behind(DROP, data)), Some(Effect::Destroy));
        let plain = worst(data);
        assert_eq!(plain, worst(&behind(b"/* ' */ -- \"\n\t", data)), "{dialect:?}");
        if !data.iter().any(|byte| b"'\"`[/\\".contains(byte)) {
            assert_eq!(plain, worst(&data.to_ascii_uppercase()), "{dialect:?}");
            assert_eq!(plain, worst(&data.to_ascii_lowercase()), "{dialect:?}");
        }
    }
}

/// A statement in front is sent whatever follows, and every line of a script
/// without commands of the client's own comes out again.
pub fn mysql_script(data: &[u8]) {
    let items = |text: &[u8]| mysql::Scanner::new(b"").scan(text);
    let bytes = |item: &mysql::Item| match item {
        mysql::Item::Text(text) => text.len(),
        mysql::Item::Command { rest, .. } => rest.len(),
        mysql::Item::Unread => 0,
    };
    let found = items(data);
    assert!(found.iter().map(bytes).sum::<usize>() <= 4 * data.len() + (1 << 17));
    let behind = items(&behind(DROP, data));
    let Some(mysql::Item::Text(first)) = behind.first() else { panic!("nothing is sent") };
    assert!(first.starts_with(b"drop table zz"));
    // A statement that no quote, comment or command stands near is one text.
    if !data.iter().any(|byte| b"'\"`\\#*-/".contains(byte)) && !data.contains(&b'\n') {
        let said: Vec<u8> = found
            .iter()
            .flat_map(|item| match item {
                mysql::Item::Text(text) => text.clone(),
                mysql::Item::Command { rest, .. } => rest.clone(),
                mysql::Item::Unread => Vec::new(),
            })
            .collect();
        let commands = found.iter().any(|item| matches!(item, mysql::Item::Command { .. }));
        let words = |text: &[u8]| -> Vec<u8> {
            text.iter().copied().filter(|b| !b.is_ascii_whitespace() && *b != b';').collect()
        };
        let client = ["clear", "c", "delimiter", "ego", "go", "g"];
        let first = data.split(|b| b.is_ascii_whitespace() || *b == b';').find(|w| !w.is_empty());
        let first = first.map(|word| String::from_utf8_lossy(word).to_lowercase());
        if !commands && !first.is_some_and(|word| client.contains(&word.as_str())) {
            assert_eq!(words(&said), words(data));
        }
    }
}

/// Every line that is not the shell's own comment comes out again.
pub fn sqlite_script(data: &[u8]) {
    let items = sqlite::scan(&behind(DROP, data));
    let Some(sqlite::Item::Text(first)) = items.first() else { panic!("nothing is run") };
    assert!(first.starts_with(DROP));
    let mut out: Vec<u8> = Vec::new();
    for item in sqlite::scan(data) {
        match item {
            sqlite::Item::Text(text) => out.extend(text),
            sqlite::Item::Dot { line, .. } => {
                let dot = sqlite::Dot::of(&line);
                let words = dot.iter().flat_map(sqlite::Dot::args).map(str::len).sum::<usize>();
                assert!(words <= 3 * line.len());
                out.extend(line);
                out.push(b'\n');
            }
        }
    }
    let mut rest = out.as_slice();
    for line in data.split(|byte| *byte == b'\n') {
        let bare = line.trim_ascii();
        let own = bare.is_empty() || line.first() == Some(&b'#') || bare == b"/";
        if own || bare.eq_ignore_ascii_case(b"go") {
            continue;
        }
        let line = line.strip_prefix(b".").unwrap_or(line);
        let at = find(rest, line);
        assert!(at.is_some(), "{:?} is lost", String::from_utf8_lossy(line));
        rest = rest.get(at.unwrap_or(0) + line.len()..).unwrap_or_default();
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.windows(part.len()).position(|window| window == part)
}

/// Words come back from quotes and from the protocol as they were, and a
/// command means the same in capitals.
pub fn redis_text(data: &[u8]) {
    let _ = redis::protocol(data);
    if let Some(words) = redis::words(data) {
        assert!(words.iter().map(Vec::len).sum::<usize>() <= data.len());
    }
    let words: Vec<Vec<u8>> = data.split(|byte| *byte == b' ').map(<[u8]>::to_vec).collect();
    let mut quoted = Vec::new();
    let mut stream = format!("*{}\r\n", words.len()).into_bytes();
    for word in &words {
        quoted.push(b'"');
        quoted.extend(word.iter().flat_map(|byte| format!("\\x{byte:02x}").into_bytes()));
        quoted.extend(b"\" ");
        stream.extend(format!("${}\r\n", word.len()).into_bytes());
        stream.extend(word);
        stream.extend(b"\r\n");
    }
    assert_eq!(redis::words(&quoted), Some(words.clone()));
    assert_eq!(redis::protocol(&stream), Some(vec![words.clone()]));
    let action = redis::commands::read(&words, false);
    let mut loud = words.clone();
    if let Some(first) = loud.first_mut() {
        first.make_ascii_uppercase();
    }
    let again = redis::commands::read(&loud, false);
    assert_eq!((action.effect, action.flags), (again.effect, again.flags));
    let computed = redis::commands::read(&words, true);
    assert!(computed.effect >= action.effect);
}

/// Whatever a client and a server say, nothing but requests that only read
/// goes on to the server or, in a cluster, to another node; and replies end at
/// the same places however they are cut into pieces.
pub fn resp(data: &[u8]) {
    let (client, server) = data.split_at(data.len() / 2);
    let mut cut = data.first().map_or(1, |byte| usize::from(*byte % 7) + 1);
    for mut exchange in [Exchange::default(), Exchange::in_cluster()] {
        let mut replies = server.chunks(cut);
        let mut sent = Vec::new();
        for piece in client.chunks(cut) {
            exchange.from_client(piece);
            sent.append(&mut exchange.to_server);
            if let Some(piece) = replies.next()
                && exchange.from_server(piece).is_err()
            {
                break;
            }
            match exchange.redirect().map(|redirect| redirect.port % 2 == 0) {
                Some(true) => exchange.follow(),
                Some(false) => exchange.stay("x"),
                None => {}
            }
            assert!(exchange.redirect().is_none());
        }
        sent.append(&mut exchange.to_server);
        let all = redis::protocol(&sent).expect("what is sent is the protocol");
        for words in &all {
            assert!(reads::only(words), "{words:?} was sent on");
        }
    }
    let ends = |cut: usize| {
        let mut replies = Replies::default();
        let (mut ends, mut at) = (Vec::new(), 0);
        for mut piece in data.chunks(cut) {
            while !piece.is_empty() {
                let Ok((used, reply)) = replies.read(piece) else { return ends };
                assert!(used > 0 && used <= piece.len());
                at += used;
                piece = piece.get(used..).unwrap_or_default();
                ends.extend(reply.map(|reply| (at, reply)));
            }
        }
        ends
    };
    let whole = ends(data.len().max(1));
    cut += 1;
    assert_eq!(ends(cut), whole);
}

/// Connection strings: what is recognised is read or refused, the password
/// never stands in the evidence, and what libpq's quotes hold comes back.
pub fn connection(data: &[u8]) {
    let text = text(data);
    let _ = conninfo::parse(&text);
    let _ = database_url::is_recognised(&text);
    let _ = database_url::resolve(&text, "x");
    let quoted = text.replace('\\', "\\\\").replace('\'', "\\'");
    if !text.contains('\0') {
        let given = conninfo::parse(&format!("dbname='{quoted}' host=db.example.com"));
        if let Ok(given) = given {
            assert!(given.contains(&("dbname", text.clone())), "{given:?}");
            assert!(given.contains(&("host", "db.example.com".to_owned())), "{given:?}");
        }
    }
    let secret = "s3cretpassw0rd";
    for scheme in ["postgres", "mysql", "redis", "mongodb"] {
        let url = format!("{scheme}://user:{secret}@db.example.com/{text}");
        let target = format!("{:?}", database_url::resolve(&url, "x"));
        assert!(!target.contains(secret), "{target}");
    }
}

/// A value in single quotes comes back as it was, whatever stands behind.
pub fn dotenv_file(data: &[u8]) {
    let text = text(data);
    let found = dotenv::parse(&text);
    assert!(found.len() <= text.len());
    let first = dotenv::parse(&format!("DATABASE_URL='postgres://db.prod.example.com/x'\n{text}"));
    let url = first.iter().find(|(name, _)| name == "DATABASE_URL");
    assert!(
        url.is_some_and(|(_, value)| format!("{value:?}").contains("db.prod.example.com")),
        "{first:?}"
    );
}

/// A payload of any agent's: whatever it is, it is answered, and no answer
/// permits.
pub fn hook(data: &[u8]) {
    let world = FakeWorld::new();
    for agent in hook::agent::ALL {
        let judged = hook::judge(agent, data, &world);
        let form = hook::reply::Form::of(agent, data);
        let answer = match judged {
            Ok(_) => form.pass(),
            Err(why) => form.deny(&why.to_string()),
        };
        assert!(!answer.stdout.contains("\"allow\""), "{answer:?}");
    }
}

/// An agent's settings: what is put in is found, and can be taken out again.
pub fn hooks_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    const CALL: &str = "/b/holdpoint hook cursor";
    for agent in ["cursor", "droid"] {
        let Some(place) = places::find(agent) else { return };
        let Ok(with) = merge::with(text, &place.entries(CALL), place.top()) else { continue };
        assert!(merge::commands(&with, place.top()).iter().any(|command| command == CALL));
        let _ = merge::without(&with, place.top());
    }
}

/// A patch of `apply_patch`.
pub fn patch(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let kept: usize = holdpoint::parse::patch::files(&text)
        .iter()
        .map(|file| match &file.change {
            Change::Add(lines) | Change::Cut(lines) => file.path.len() + lines.len(),
            Change::Remove => file.path.len(),
        })
        .sum();
    assert!(kept <= text.len() + 1);
}
