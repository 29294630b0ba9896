//! The code of `python -c`, `node -e`, `ruby -e`, `php -r`, and of a
//! here-document into one of them: not read as a program, only looked through
//! for a database's or a platform's library beside something that takes away.
//! Both together are code that could not be read; neither alone is anything.

use crate::action::{Action, Effect};
use crate::actions::Call;
use crate::actions::http_api::mutation::deletes;
use crate::invocation::{HOLE, Input, Stdin};
use crate::parse::argv::Parsed;
use crate::parse::sql;
use crate::parse::url;
use crate::target::{Class, Evidence, Kind, Target};

/// The longest code that is looked through, in bytes.
const LIMIT: usize = 64 * 1024;

/// The most texts in it that are read as SQL.
const MAX_TEXTS: usize = 200;

/// Libraries and hosts by which code reaches a database or a platform.
const REACHES: &[&str] = &[
    "activerecord",
    "aioredis",
    "asyncpg",
    "backboard.railway.app",
    "backboard.railway.com",
    "boto3",
    "ioredis",
    "knex",
    "kubernetes",
    "mariadb",
    "mongoclient",
    "mysql",
    "mysql2",
    "mysqlclient",
    "mysqldb",
    "mysqli",
    "pg",
    "pg8000",
    "pg_connect",
    "pg_query",
    "pgconn",
    "postgres",
    "postgresql",
    "prismaclient",
    "psql",
    "psycopg",
    "psycopg2",
    "pymongo",
    "pymysql",
    "redis",
    "sequelize",
    "sqlalchemy",
    "@aws-sdk",
    "aws-sdk",
];

/// What the code of a call could do.
pub(super) fn read(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<Action> {
    let invocation = call.context.invocation;
    let letters: &[&str] = match call.tool.name {
        "python" => &["-c"],
        "php" => &["-r"],
        _ => &["-e"],
    };
    let mut code = String::new();
    for value in letters.iter().flat_map(|letter| parsed.all(letter)).filter_map(|one| one.value) {
        let known = invocation.templates.iter().find(|(at, _)| *at == value.index);
        let text = match (value.dynamic, known) {
            (true, Some((_, template))) => template.to_string_lossy().replace(HOLE, "hole"),
            _ => value.text.to_string_lossy().into_owned(),
        };
        code.push_str(&text);
        code.push('\n');
    }
    let by_stdin = parsed.positionals.first().is_none_or(|word| word.text == "-");
    let fed = !matches!(invocation.stdin, Stdin::Inherited);
    if code.is_empty()
        && by_stdin
        && fed
        && let Input::Text(text) = call.context.stdin(LIMIT)
    {
        code = String::from_utf8_lossy(&text).into_owned();
    }
    if code.is_empty() || code.len() > LIMIT {
        return None;
    }
    let reaches = words(&code).find(|word| REACHES.contains(&word.to_lowercase().as_str()))?;
    let takes = takes_away(&code)?;
    let why = format!("it uses {reaches} and says {takes}");
    Some(Action {
        rule: "code/inline".into(),
        target: target(&code),
        instead: Some(
            "Give the statement to the platform's own client, whose words are judged one by one."
                .into(),
        ),
        ..Action::opaque("inline code", crate::text::visible(&why, 200))
    })
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !(letter.is_alphanumeric() || "._-@".contains(letter)))
        .flat_map(|word| std::iter::once(word).chain(word.split('.')))
        .filter(|word| !word.is_empty())
}

/// The first thing in it that takes something away: a text that is such SQL,
/// or such a name.
fn takes_away(code: &str) -> Option<String> {
    let mut names = String::new();
    let mut rest = code;
    let mut count = 0;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let (front, quoted) = rest.split_at_checked(at)?;
        names.push_str(front);
        names.push(' ');
        let quote = quoted.chars().next()?;
        let inside = quoted.get(1..)?;
        // A text in three quotes begins with an empty one.
        let end = inside.find(quote).unwrap_or(inside.len());
        let text = inside.get(..end)?;
        rest = inside.get((end + 1).min(inside.len())..)?;
        count += 1;
        if count > MAX_TEXTS {
            return Some("more than is looked at".to_owned());
        }
        let statements = sql::read(text.as_bytes());
        let destroys = statements.iter().find(|statement| statement.effect == Effect::Destroy);
        if let Some(statement) = destroys {
            return Some(statement.operation.to_string());
        }
    }
    names.push_str(rest);
    let name = |word: &&str| {
        deletes(word)
            || ["flushall", "flushdb", "downgrade"].contains(&word.to_lowercase().as_str())
    };
    words(&names).filter(|word| !word.contains('.')).find(name).map(str::to_owned)
}

/// Where it lands, by the addresses in it.
fn target(code: &str) -> Target {
    let mut evidence = Vec::new();
    let pieces = code.split(|letter: char| letter.is_whitespace() || "\"'`,;()".contains(letter));
    for piece in pieces.take(2_000) {
        let host = match piece.strip_prefix("host=") {
            Some(host) => Some(host.to_owned()),
            None if piece.contains("://") => url::parse(piece).map(|url| url.host),
            None => None,
        };
        let Some(host) = host.filter(|host| !host.is_empty()) else { continue };
        let local = matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1" | "[::1]");
        let found = Evidence::name(Kind::Host, "the code", crate::text::visible(&host, 80));
        evidence.push(if local { found.asserting(Class::Local) } else { found });
        if evidence.len() == 8 {
            break;
        }
    }
    Target { evidence, ..Target::of("code") }
}
