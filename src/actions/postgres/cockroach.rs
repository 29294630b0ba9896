//! CockroachDB's program: `cockroach sql` with its texts, read as psql's
//! scripts and its own statements, and the commands that drain, remove or
//! reset nodes. By its sources (pkg/cli); the program itself was not run.

use std::rc::Rc;

use super::session::Session;
use super::{given, psql};
use crate::action::{Effect, Flag, Flags};
use crate::actions::{Call, Reading, table};
use crate::parse::argv::Parsed;
use crate::parse::psql_script::Variables;
use crate::parse::sql::Statement;
use crate::parse::sql::lex::{Kind, Lexer, Mode};
use crate::target::postgres::{self, Parameters, Setting, conninfo};

/// Reads a call of cockroach.
pub fn read(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let place = connection(call, parsed);
    if parsed.path.first().is_some_and(|word| word.text == "sql") {
        return sql(call, parsed, place);
    }
    let Some(mut action) = parsed.command.and_then(|command| table::action(call, parsed, command))
    else {
        return Reading::default();
    };
    if action.is_harmless() && !call.full {
        return Reading::default();
    }
    action.target = postgres::target(&place);
    Reading::of(action)
}

fn sql(call: &Call<'_>, parsed: &Parsed<'_>, place: Parameters) -> Reading {
    let mut session = Session::new(call, Parameters::default(), Variables::default());
    session.places = Rc::new(vec![Some(Rc::new(place))]);
    session.reads_also(statement);
    for unknown in &parsed.unknown {
        session.opaque(format!("it has no option {}", unknown.text.to_string_lossy()));
    }
    let held_text = parsed.all("--execute").any(|given| given.value.is_some());
    for name in ["--set", "--execute"] {
        for value in parsed.all(name).filter_map(|given| given.value) {
            match value.dynamic {
                true => session.opaque("its text is computed at run time".to_owned()),
                false if name == "--set" => {}
                false => {
                    session.script(value.text.as_encoded_bytes().into(), None);
                }
            }
        }
    }
    psql::files(call, &mut session, parsed, held_text);
    session.finish()
}

/// The connection: options over the URL, both over their variables, and this
/// machine if nothing names a host. Where the URL and an option disagree, each
/// counts.
fn connection(call: &Call<'_>, parsed: &Parsed<'_>) -> Parameters {
    let mut found = given(parsed);
    let typed = parsed.value("--url").map(|value| {
        if value.dynamic {
            found.gap = Some("the value of --url is computed at run time".to_owned());
        }
        (value.text.to_string_lossy().into_owned(), "--url")
    });
    // `workload init` takes URLs as its last words.
    let word = parsed.positionals.iter().find(|word| word.text.to_string_lossy().contains("://"));
    let word = word.map(|word| (word.text.to_string_lossy().into_owned(), "argument"));
    let url = typed
        .or(word)
        .or_else(|| call.context.text_var("COCKROACH_URL").map(|url| (url, "COCKROACH_URL")));
    if let Some(value) = parsed.value("--database") {
        found.dbname = Some(Setting::new(value.text.to_string_lossy(), "--database"));
    }
    let mut from_url = Parameters::default();
    if let Some((url, source)) = url {
        match conninfo::parse(&url) {
            Ok(pairs) => {
                for (key, value) in pairs {
                    let setting = Some(Setting::new(value, source));
                    match key {
                        "host" => from_url.host = setting,
                        "port" => from_url.port = setting,
                        "dbname" => from_url.dbname = setting,
                        "user" => from_url.user = setting,
                        _ => {}
                    }
                }
            }
            Err(why) => found.gap = Some(why.to_owned()),
        }
    }
    // host:port in one word.
    if let Some(host) = &mut found.host {
        bare(host);
    }
    match (&mut found.host, from_url.host) {
        (Some(typed), Some(other)) if typed.value != other.value => {
            typed.value = format!("{},{}", typed.value, other.value);
        }
        (None, other) => found.host = other,
        _ => {}
    }
    found.port = found.port.or(from_url.port);
    found.dbname = found.dbname.or(from_url.dbname);
    found.user = found.user.or(from_url.user);
    let variable = |name: &'static str| {
        call.context.text_var(name).map(|value| {
            let mut setting = Setting::new(value, name);
            bare(&mut setting);
            setting
        })
    };
    found.host = found.host.or_else(|| variable("COCKROACH_HOST"));
    found.host = found.host.or_else(|| Some(Setting::new("localhost", "cockroach's default")));
    found.port = found.port.or_else(|| variable("COCKROACH_PORT"));
    found.dbname = found.dbname.or_else(|| variable("COCKROACH_DATABASE"));
    found.user = found.user.or_else(|| variable("COCKROACH_USER"));
    found.user = found.user.or_else(|| Some(Setting::new("root", "cockroach's default")));
    found.dbname = found.dbname.or_else(|| Some(Setting::new("defaultdb", "cockroach's default")));
    found
}

/// Takes the port off `host:port` and the brackets off an address.
fn bare(host: &mut Setting) {
    let text = host.value.as_str();
    let bare = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => match text.rsplit_once(':') {
            Some((name, port))
                if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.contains(':') =>
            {
                name
            }
            _ => text,
        },
    };
    host.value = bare.to_owned();
}

/// First words of statements that only CockroachDB has.
const OWN: &[(&str, Effect, &str)] = &[
    ("backup", Effect::Write, "Takes a backup."),
    ("restore", Effect::Write, "Restores objects that are not there."),
    ("upsert", Effect::Write, "Inserts or replaces rows."),
    ("import", Effect::Write, "Imports rows."),
    ("export", Effect::Write, "Exports rows to a file."),
    ("show", Effect::Read, ""),
    ("use", Effect::Read, ""),
    ("cancel", Effect::Disrupt, "Ends jobs, queries or sessions."),
    ("pause", Effect::Disrupt, "Pauses jobs or schedules."),
    ("resume", Effect::Write, "Resumes jobs or schedules."),
];

/// One of CockroachDB's own statements; none for what PostgreSQL has too.
fn statement(text: &[u8]) -> Option<Statement> {
    // `SHOW JOBS\; DROP TABLE t` is sent at once: each part is to be read.
    let tokens = Lexer::new(text, 0, Mode { backslashes: false, psql: false });
    if tokens.skip_while(|token| token.bytes(text) != b";").nth(1).is_some() {
        return None;
    }
    let words: Vec<String> = Lexer::new(text, 0, Mode { backslashes: false, psql: false })
        .filter(|token| token.kind == Kind::Word)
        .take(60)
        .map(|token| String::from_utf8_lossy(token.bytes(text)).to_ascii_lowercase())
        .collect();
    let has = |word: &str| words.iter().any(|found| found == word);
    let second = words.get(1).map_or("", String::as_str);
    let (effect, operation, flags, says) = match (words.first()?.as_str(), second) {
        ("drop", "schedule" | "schedules") => (
            Effect::Destroy,
            "DROP SCHEDULE",
            Flags::of(&[Flag::Backups]),
            "Drops a schedule, after which nothing takes the backups that it took.",
        ),
        ("drop", "external") => (
            Effect::Destroy,
            "DROP EXTERNAL CONNECTION",
            Flags::NONE,
            "Drops an external connection.",
        ),
        ("create", "schedule" | "changefeed" | "external" | "statistics") => {
            (Effect::Write, "CREATE", Flags::NONE, "Creates a schedule, changefeed or the like.")
        }
        ("set", "cluster") => {
            (Effect::Write, "SET CLUSTER SETTING", Flags::NONE, "Changes a setting of the cluster.")
        }
        ("alter", _) if has("configure") && has("zone") && has("ttlseconds") => (
            Effect::Destroy,
            "CONFIGURE ZONE",
            Flags::of(&[Flag::Backups]),
            "Changes how long old versions of rows are kept, to which a point in time can be restored.",
        ),
        ("alter", _) if has("configure") && has("zone") => {
            (Effect::Write, "CONFIGURE ZONE", Flags::NONE, "Changes how data is replicated.")
        }
        (first, _) => {
            let (word, effect, says) = OWN.iter().find(|(word, ..)| *word == first)?;
            return Some(Statement {
                summary: (*says).to_owned(),
                lasting: *effect >= Effect::Disrupt,
                ..Statement::new(*effect, word.to_ascii_uppercase())
            });
        }
    };
    let summary = says.to_owned();
    Some(Statement { summary, flags, lasting: true, ..Statement::new(effect, operation) })
}
