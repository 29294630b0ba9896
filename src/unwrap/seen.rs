//! Whether a program in a scripting language both reaches a guarded place and
//! takes something away there, and which places it names. Neither alone is
//! anything, and nothing is followed.

use crate::action::{Effect, Flag};
use crate::actions::aws::table as aws;
use crate::actions::http_api::{self, mutation};
use crate::invocation::HOLE;
use crate::parse::calls::{Argument, Called, Program};
use crate::parse::sql;
use crate::parse::url;
use crate::target::dotenv::{Environment, Value};
use crate::target::{Class, Evidence, Kind, Target, database_url};

/// The most texts that are read as SQL.
const MAX_TEXTS: usize = 1_000;
/// The most addresses that are kept.
const MAX_PLACES: usize = 8;

/// Libraries by which code reaches a database or a platform.
const REACHES: &[&str] = &[
    "@aws-sdk",
    "activerecord",
    "aioredis",
    "asyncpg",
    "aws-sdk",
    "boto3",
    "dbi",
    "ioredis",
    "knex",
    "kubernetes",
    "mariadb",
    "mongoclient",
    "mongodb",
    "mongoose",
    "mysql",
    "mysql2",
    "mysqlclient",
    "mysqldb",
    "mysqli",
    "pdo",
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
    "sequel",
    "sequelize",
    "sqlalchemy",
    "typeorm",
];

/// Railway's GraphQL, which no REST rule has.
const RAILWAY: &[&str] = &["backboard.railway.app", "backboard.railway.com"];

/// Calls that take everything away, whatever they are given.
const WHOLE: &[&str] = &[
    "delete_all",
    "destroy_all",
    "drop_all",
    "drop_collection",
    "drop_database",
    "drop_table",
    "dropallschemas",
    "dropcollection",
    "dropdatabase",
    "dropschema",
    "droptable",
    "flushall",
    "flushdb",
];

/// Calls that do so where they get no filter.
const UNFILTERED: &[&str] = &["delete_many", "deletemany", "drop", "truncate", "update_many"];

/// Nouns of which many come and go.
const SMALL: &[&str] = &[
    "event", "item", "items", "job", "lease", "message", "metric", "object", "objects", "pod",
    "tag", "tags",
];

/// What a program was seen to do.
pub(super) struct Seen {
    /// The library or place.
    pub reaches: String,
    /// What takes something away.
    pub takes: String,
}

/// Looks for both; none where one is missing.
pub(super) fn find(program: &Program) -> Option<Seen> {
    by_library(program).or_else(|| by_address(program))
}

/// Whether a word is such a library's name.
pub(super) fn is_library(word: &str) -> bool {
    // What people call the servers when they write about them.
    if ["MYSQL", "MariaDB", "MongoDB", "MySQL", "PostgreSQL", "Postgres"].contains(&word) {
        return false;
    }
    let lower = word.to_lowercase();
    REACHES.contains(&lower.split('/').next().unwrap_or(&lower))
}

fn by_library(program: &Program) -> Option<Seen> {
    let reaches = program.words.iter().find(|word| is_library(word))?.to_owned();
    let takes = statement(program).or_else(|| operation(program))?;
    Some(Seen { reaches, takes })
}

/// SQL in it that destroys.
fn statement(program: &Program) -> Option<String> {
    program.texts.iter().take(MAX_TEXTS).find_map(|text| destroying(text))
}

/// What a text does that is SQL which destroys.
pub(super) fn destroying(text: &str) -> Option<String> {
    let first = text.trim_start_matches(|letter: char| !letter.is_alphabetic());
    let end = first.find(|letter: char| !letter.is_alphabetic()).unwrap_or(first.len());
    let word = first.get(..end).unwrap_or_default().to_ascii_lowercase();
    let verbs = ["alter", "begin", "delete", "drop", "truncate", "update", "with"];
    if !verbs.contains(&word.as_str()) {
        return None;
    }
    let text = text.replace(HOLE, "hole").replace("%s", "hole").replace("{}", "hole");
    let found = sql::read(text.as_bytes());
    let destroys =
        found.iter().find(|it| it.effect == Effect::Destroy && !it.flags.has(Flag::Opaque))?;
    Some(destroys.operation.to_string())
}

/// A call in it that takes something away.
fn operation(program: &Program) -> Option<String> {
    let has = |names: &[&str]| {
        program
            .words
            .iter()
            .any(|word| names.contains(&word.to_lowercase().split('/').next().unwrap_or_default()))
    };
    let amazon = has(&["boto3", "@aws-sdk", "aws-sdk"]);
    let alembic = has(&["alembic"]);
    let kubernetes = has(&["kubernetes", "@kubernetes"]);
    let takes = |call: &&Called| {
        let name = call.name.to_lowercase();
        let unfiltered = match call.arguments.first() {
            None => true,
            Some(Argument::Entries(entries)) => {
                let bare = |name: &&str| *name == "where" || *name == "filter";
                entries.iter().all(|entry| match entry {
                    Argument::Named(name, value) => {
                        bare(&name.as_str()) && **value == Argument::Entries(Vec::new())
                    }
                    _ => false,
                })
            }
            Some(_) => false,
        };
        // `User.where(…).delete_all`
        let filtered = call.on.iter().any(|it| it == "where" || it == "find_by");
        WHOLE.contains(&name.as_str()) && !filtered
            || UNFILTERED.contains(&name.as_str()) && unfiltered && !filtered
            || name == "downgrade" && alembic
            || name == "sync" && call.arguments.iter().any(forces)
            || amazon && is_amazons(&call.name, program)
            || kubernetes && is_large(&call.name) && is_kubernetes(&call.name)
    };
    program.calls.iter().find(takes).map(|call| call.name.clone())
}

/// `{ force: true }`
fn forces(argument: &Argument) -> bool {
    match argument {
        Argument::Entries(entries) => entries.iter().any(forces),
        Argument::Named(name, value) => {
            name == "force" && **value == Argument::Word("true".to_owned())
        }
        _ => false,
    }
}

/// Whether a name says that something goes, and not one of many.
pub(super) fn is_large(name: &str) -> bool {
    let small = |word: &String| SMALL.contains(&word.as_str());
    mutation::deletes(name) && !mutation::words(name).iter().any(small)
}

/// `delete_namespace`, `deleteCollectionNamespacedDeployment`
fn is_kubernetes(name: &str) -> bool {
    let words = mutation::words(name);
    words.first().is_some_and(|first| first == "delete")
        && words.len() > 1
        && words.get(1).is_none_or(|noun| noun != "options")
}

/// Whether a method or command of Amazon's library takes something away.
fn is_amazons(name: &str, program: &Program) -> bool {
    if !mutation::deletes(name) {
        return false;
    }
    let words = mutation::words(name.strip_suffix("Command").unwrap_or(name));
    let operation = words.join("-");
    let (tier, _) = aws::tier(&operation);
    let services = program.words.iter().filter(|word| word.len() < 32).map(|word| {
        let service = word.rsplit('/').next().unwrap_or(word);
        service.strip_prefix("client-").unwrap_or(service)
    });
    let listed = services.filter_map(|service| aws::rule(service, &operation)).next();
    match listed {
        Some(rule) => rule.effect.unwrap_or(tier.effect()) == Effect::Destroy,
        None => tier == aws::Tier::Destroy && is_large(name),
    }
}

/// A request to a guarded API that takes something away.
fn by_address(program: &Program) -> Option<Seen> {
    let guarded = |text: &String| {
        let address = text.split_whitespace().find(|word| word.contains("://"))?;
        let parsed = url::parse(&address.replace(HOLE, "hole"))?;
        let railways = RAILWAY.contains(&parsed.host.as_str());
        (railways || http_api::is_control_plane(&parsed)).then_some(parsed.host)
    };
    let reaches = program.texts.iter().take(MAX_TEXTS).find_map(guarded)?;
    let mutations = || {
        let text = program.texts.iter().take(MAX_TEXTS).find(|text| text.contains("mutation"))?;
        let mut words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.find(|word| mutation::deletes(word)).map(str::to_owned)
    };
    let method = || {
        let verb = |text: &Argument| match text {
            Argument::Text(text) => text == "DELETE",
            Argument::Named(name, value) => {
                name.eq_ignore_ascii_case("method")
                    && **value == Argument::Text("DELETE".to_owned())
            }
            Argument::Entries(entries) => entries.iter().any(|entry| {
                matches!(entry, Argument::Named(name, value) if name == "method"
                    && **value == Argument::Text("DELETE".to_owned()))
            }),
            _ => false,
        };
        let http = ["requests", "httpx", "session", "client", "axios", "http", "got", "ky"];
        let takes = |call: &&Called| {
            call.arguments.iter().any(verb)
                || call.name == "delete"
                    && call.on.iter().any(|it| http.contains(&it.to_lowercase().as_str()))
        };
        program.calls.iter().find(takes).map(|_| "DELETE".to_owned())
    };
    Some(Seen { reaches, takes: mutations().or_else(method)? })
}

/// Where it lands, by the addresses in it and by the variables that it names.
pub(super) fn target(program: &Program, env: &Environment<'_>) -> Target {
    let mut target = Target::of("code");
    let add = |host: &str, source: &str, target: &mut Target| {
        if host.is_empty() || host.contains(HOLE) || target.evidence.len() >= MAX_PLACES {
            return;
        }
        let found = Evidence::name(Kind::Host, source.to_owned(), crate::text::visible(host, 80));
        let local = url::is_loopback(host);
        let found = if local { found.asserting(Class::Local) } else { found };
        if !target.evidence.contains(&found) {
            target.evidence.push(found);
        }
    };
    for text in program.texts.iter().take(MAX_TEXTS).filter(|text| text.len() < 2_000) {
        for piece in text.split_whitespace() {
            if let Some(host) = piece.strip_prefix("host=") {
                add(host, "the code", &mut target);
            } else if piece.contains("://")
                && let Some(url) = url::parse(piece)
            {
                add(&url.host, "the code", &mut target);
            }
        }
    }
    for call in &program.calls {
        for argument in &call.arguments {
            if let Argument::Named(name, value) = argument
                && name.eq_ignore_ascii_case("host")
                && let Argument::Text(host) = &**value
            {
                add(host, "the code", &mut target);
            }
        }
    }
    let postgres = program.words.iter().any(|word| word.starts_with("psycopg") || word == "pg");
    let named = program.words.iter().filter(|word| {
        ["URL", "URI", "DSN", "HOST"].iter().any(|end| word.ends_with(end))
            && word.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_')
    });
    let implied = postgres.then(|| "PGHOST".to_owned());
    for (name, implied) in
        named.map(|name| (name, false)).chain(implied.iter().map(|it| (it, true)))
    {
        // Where an address is given, the library's own variable is not asked.
        if implied && !target.evidence.is_empty() {
            continue;
        }
        let Some(found) = env.get(name) else { continue };
        let Value::Text(value) = found.value else { continue };
        match database_url::is_recognised(&value) {
            true => {
                let other = database_url::resolve(&value, &found.source);
                target.evidence.extend(other.evidence.into_iter().take(MAX_PLACES));
            }
            false if name.ends_with("HOST") => add(&value, &found.source, &mut target),
            false => {}
        }
    }
    target
}
