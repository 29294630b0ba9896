//! However a statement is spelled and handed over — comments, blanks, casing,
//! quotes, escapes, variables, files, pipes — its verdict is the same: in
//! PostgreSQL's, MySQL's and SQLite's SQL and in Redis's commands.

use holdpoint::actor::ActorKind;
use holdpoint::invocation::{Input, Invocation};
use holdpoint::judgement::Verdict;
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::world::fake::FakeWorld;
use proptest::prelude::*;
use proptest::sample::Index;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Postgres,
    Mysql,
    Sqlite,
}

const ENGINES: [Engine; 3] = [Engine::Postgres, Engine::Mysql, Engine::Sqlite];

/// Statements that an agent may not send to production, word by word: `~`
/// stands in front of a name, which may be quoted.
const DESTROYS: &[&str] = &[
    "drop table ~users",
    "drop table if exists ~users , ~orders",
    "delete from ~users",
    "delete from ~users where 1 = 1",
    "update ~users set ~name = 'a;b'",
    "alter table ~users drop column ~email",
    "with ~x as ( select 1 ) delete from ~users",
];

/// Statements that pass.
const HARMLESS: &[&str] = &[
    "select 'drop table users; --' from ~users",
    "delete from ~users where ~id = 7",
    "insert into ~notes values ( 'delete from users' )",
    "update ~users set ~name = 'drop' where ~id = 7",
];

/// What may stand between two words.
const GAPS: &[&str] = &[" ", "\n", "\t ", "/**/", " /* ; ' */ ", "\n-- it's \" ;\n", "\r\n"];

/// The same for MySQL alone.
const MYSQL_GAPS: &[&str] = &[" # don't ;\n", "/*+ x */ "];

fn cased(word: &str, style: u8) -> String {
    match style % 3 {
        0 => word.to_owned(),
        1 => word.to_uppercase(),
        _ => {
            let flip = |(at, letter): (usize, char)| match at % 2 {
                0 => letter.to_ascii_uppercase(),
                _ => letter,
            };
            word.chars().enumerate().map(flip).collect()
        }
    }
}

fn named(name: &str, engine: Engine, style: u8) -> String {
    match (style % 3, engine) {
        (1, Engine::Mysql) => format!("`{name}`"),
        (1, _) => format!("\"{name}\""),
        (2, Engine::Sqlite) => format!("[{name}]"),
        _ => name.to_owned(),
    }
}

/// A statement in another spelling.
fn spelled(statement: &str, engine: Engine, choices: &[(Index, u8)]) -> String {
    let mut text = String::new();
    // A string is one word, blanks and all.
    let mut inside = false;
    let mut words: Vec<String> = Vec::new();
    for word in statement.split(' ') {
        match (inside, words.last_mut()) {
            (true, Some(last)) => *last = format!("{last} {word}"),
            _ => words.push(word.to_owned()),
        }
        inside ^= word.matches('\'').count() % 2 == 1;
    }
    for (at, word) in words.iter().enumerate() {
        let (gap, style) = &choices[at % choices.len()];
        if at > 0 {
            let own = if engine == Engine::Mysql { MYSQL_GAPS } else { &[] };
            let at = gap.index(GAPS.len() + own.len());
            text.push_str(GAPS.get(at).unwrap_or_else(|| &own[at - GAPS.len()]));
        }
        match word.strip_prefix('~') {
            Some(name) => text.push_str(&named(name, engine, *style)),
            None if word.starts_with('\'') => text.push_str(word),
            None => text.push_str(&cased(word, *style)),
        }
    }
    text
}

/// The client with a text, handed over in one of its ways.
fn handed(engine: Engine, text: &str, way: u8) -> (Vec<String>, FakeWorld) {
    let world = FakeWorld::new().with_file("/app/a.sql", &format!("{text};\n"));
    let (client, option, include): (&[&str], &str, &str) = match engine {
        Engine::Postgres => (&["psql", "-h", "db.prod.acme.com"], "-c", "\\i a.sql"),
        Engine::Mysql => (&["mysql", "-h", "db.prod.acme.com"], "-e", "source a.sql"),
        Engine::Sqlite => (&["sqlite3", "/srv/prod/app.db"], "", ".read a.sql"),
    };
    let mut words: Vec<String> = client.iter().map(|word| (*word).to_owned()).collect();
    let mut input = None;
    match way % 5 {
        0 => {
            words.extend((!option.is_empty()).then(|| option.to_owned()));
            words.push(text.to_owned());
        }
        1 => {
            words.extend((!option.is_empty()).then(|| option.to_owned()));
            words.push(format!("select 1; {text}; select 2"));
        }
        2 => input = Some(format!("select 1;\n{text};\n")),
        3 => input = Some(format!("{include}\n")),
        _ => input = Some(text.to_owned()),
    }
    let world = match input {
        Some(input) => FakeWorld { stdin: Input::Text(input.into_bytes().into()), ..world },
        None => world,
    };
    (words, world)
}

fn verdict(words: &[String], world: &FakeWorld) -> Verdict {
    let options = Options { actor: Some(ActorKind::Agent), full: false };
    let invocation = Invocation::new(words);
    pipeline::judge(Subject::Command(&invocation), world, options).judgement.verdict
}

/// Redis's commands that destroy, and that do not.
const REDIS_DESTROYS: &[&str] =
    &["flushall", "flushdb async", "function flush", "xgroup destroy s g"];
const REDIS_HARMLESS: &[&str] = &["get flushall", "set a flushall", "dbsize", "ping flushdb"];

fn redis_word(word: &str, style: u8) -> String {
    let word = cased(word, style);
    match style / 3 % 3 {
        0 => word,
        1 => format!("'{word}'"),
        _ => {
            let hex: String = word.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("\"{hex}\"")
        }
    }
}

fn redis(command: &str, choices: &[(Index, u8)], way: u8) -> (Vec<String>, FakeWorld) {
    let mut words: Vec<String> =
        ["redis-cli", "-h", "redis.prod.acme.com"].map(String::from).into();
    let parts: Vec<&str> = command.split(' ').collect();
    let style = |at: usize| choices[at % choices.len()].1;
    let world = FakeWorld::new();
    if way.is_multiple_of(3) {
        let cased = parts.iter().enumerate().map(|(at, part)| cased(part, style(at)));
        words.extend(cased);
        return (words, world);
    }
    let input = if way % 3 == 1 {
        let parts = parts.iter().enumerate().map(|(at, part)| redis_word(part, style(at)));
        format!("  {}  \r\n", parts.collect::<Vec<_>>().join(" \t"))
    } else {
        words.push("--pipe".to_owned());
        let mut stream = format!("*{}\r\n", parts.len());
        for (at, part) in parts.iter().enumerate() {
            let part = cased(part, style(at));
            stream.push_str(&format!("${}\r\n{part}\r\n", part.len()));
        }
        stream
    };
    (words, FakeWorld { stdin: Input::Text(input.into_bytes().into()), ..world })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn spelling_changes_no_verdict(
        at in any::<Index>(),
        choices in prop::collection::vec((any::<Index>(), any::<u8>()), 1..9),
        way in any::<u8>(),
    ) {
        for engine in ENGINES {
            for (list, expected) in [(DESTROYS, Verdict::Refuse), (HARMLESS, Verdict::Allow)] {
                let statement = at.get::<&str>(list);
                // SQLite's engine alone runs a CTE in front of DELETE like the others.
                let text = spelled(statement, engine, &choices);
                let (words, world) = handed(engine, &text, way);
                prop_assert_eq!(
                    verdict(&words, &world), expected, "{:?} {:?} {:?}", engine, words, world.stdin
                );
            }
        }
        for (list, expected) in [(REDIS_DESTROYS, Verdict::Refuse), (REDIS_HARMLESS, Verdict::Allow)] {
            let (words, world) = redis(at.get::<&str>(list), &choices, way);
            prop_assert_eq!(verdict(&words, &world), expected, "{:?} {:?}", words, world.stdin);
        }
    }

    /// MySQL's code in comments, and a delimiter of the script's own.
    #[test]
    fn mysql_comments_and_delimiters_hide_nothing(
        at in any::<Index>(),
        choices in prop::collection::vec((any::<Index>(), any::<u8>()), 1..9),
        way in 0..5u8,
    ) {
        let text = spelled(at.get::<&str>(&DESTROYS[..6]), Engine::Mysql, &choices);
        let text = match way {
            0 if !text.contains("/*") && !text.contains("--") => format!("/*!50701 {text}*/"),
            1 if !text.contains("/*") && !text.contains("--") => format!("/*! {text} */"),
            2 => format!("select 1;;{text}"),
            3 => format!("delimiter //\n{text}//\ndelimiter ;\nselect 1"),
            _ => format!("prepare s from 'select 1'; {text}"),
        };
        let world = FakeWorld { stdin: Input::Text(format!("{text};\n").into_bytes().into()), ..FakeWorld::new() };
        let words: Vec<String> = ["mysql", "-h", "db.prod.acme.com"].map(String::from).into();
        prop_assert_eq!(verdict(&words, &world), Verdict::Refuse, "{}", text);
    }

    /// psql's variables, and its `\g` in place of a semicolon.
    #[test]
    fn psql_variables_hide_nothing(
        at in any::<Index>(),
        choices in prop::collection::vec((any::<Index>(), any::<u8>()), 1..9),
        way in 0..4u8,
    ) {
        let text = spelled(at.get::<&str>(DESTROYS), Engine::Postgres, &choices);
        let quoted = text.replace('\\', "\\\\").replace('\'', "''").replace('\n', "\\n").replace('\r', "\\r");
        let script = match way {
            0 => format!("\\set x '{quoted}'\n:x;\n"),
            1 => format!("select 1 \\g\n{text}\n\\g\n"),
            2 => format!("\\set x '{quoted}'\n\\set y :x\n:y\n\\;\nselect 1;\n"),
            _ => format!("\\if true\n{text};\n\\else\nselect 1;\n\\endif\n"),
        };
        let world = FakeWorld { stdin: Input::Text(script.clone().into_bytes().into()), ..FakeWorld::new() };
        let words: Vec<String> = ["psql", "-h", "db.prod.acme.com"].map(String::from).into();
        prop_assert_eq!(verdict(&words, &world), Verdict::Refuse, "{}", script);
    }
}
