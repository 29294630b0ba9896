//! Reads usql, the client of many databases: its connection's URL says which
//! client's language its texts are in, and that client's reader reads them.
//! By usql's sources (run.go); the program itself was not run.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::{Call, Reading, TEXT_LIMIT};
use crate::action::Action;
use crate::invocation::{Input, Invocation};
use crate::parse::{argv, url};
use crate::target::database_url;

/// Reads a call of usql.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    let mut texts: Vec<(bool, &OsStr)> = Vec::new();
    let mut computed = parsed.positionals.first().is_some_and(|word| word.dynamic);
    for given in &parsed.options {
        let Some(value) = given.value else { continue };
        let command = given.option.is("--command");
        if command || given.option.is("--file") {
            computed |= value.dynamic;
            texts.push((command, value.text));
        }
    }
    let dsn = parsed.positionals.first().map(|word| word.text.to_string_lossy());
    let dsn = plain(dsn.unwrap_or_default());
    let mut target = database_url::resolve(&dsn, "argument");
    if dsn.is_empty() {
        target.gap = Some("nothing names the connection".to_owned());
    }
    let place = target.clone();
    let refuse = |why: &str| {
        let action = Action::opaque("usql", why);
        let target = place.clone();
        Reading::of(Action { target, ..action })
    };
    if computed {
        return refuse("its words are computed at run time");
    }
    if let Some(unknown) = parsed.unknown.first() {
        return refuse(&format!("it has no option {}", unknown.text.to_string_lossy()));
    }
    let platform = target.platform.clone();
    if platform != "postgres" && moves(call, &texts) {
        target.gap = Some("a text of its own connects elsewhere".to_owned());
        let action = Action::opaque("usql", "it connects elsewhere by \\c");
        return Reading::of(Action { target, ..action });
    }
    let words = match &*platform {
        "postgres" => postgres(&dsn, &texts),
        "mysql" => mysql(&dsn, &texts),
        "sqlite" => sqlite(target.name.as_deref(), &texts),
        "sqlserver" => sqlserver(&dsn, &texts),
        _ => None,
    };
    let Some(words) = words else {
        return refuse("the language of its database is not one that holdpoint reads");
    };
    let inner = Invocation {
        argv: words,
        dynamic: Vec::new(),
        templates: Vec::new(),
        ..call.context.invocation.clone()
    };
    Reading { inner: vec![inner], ..Reading::default() }
}

/// Whether one of the texts holds `\c`, which psql's reader alone follows.
fn moves(call: &Call<'_>, texts: &[(bool, &OsStr)]) -> bool {
    let holds = |text: &[u8]| text.windows(2).any(|pair| pair == b"\\c");
    let found = texts.iter().any(|(command, text)| match command {
        true => holds(text.as_bytes()),
        false => call.context.read(text, TEXT_LIMIT).is_ok_and(|bytes| holds(&bytes)),
    });
    let piped = || match call.context.stdin(TEXT_LIMIT) {
        Input::Text(text) => holds(&text),
        _ => false,
    };
    found || (texts.is_empty() && piped())
}

/// The connection with its scheme's usual name, for those that have several
/// (dburl's `scheme.go`, 2026).
fn plain(dsn: Cow<'_, str>) -> Cow<'_, str> {
    let Some((scheme, rest)) = dsn.split_once("://") else { return dsn };
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "aurora" | "maria" | "mariadb" | "my" | "percona" => "mysql",
        "cdb" | "cockroach" | "cockroachdb" | "cr" | "crdb" | "pgsql" | "pgx" | "px" => "postgres",
        "azuresql" | "ms" | "mssql" => "sqlserver",
        "sq" => "sqlite3",
        _ => return dsn,
    };
    format!("{scheme}://{rest}").into()
}

/// What stands behind the scheme.
fn rest(dsn: &str) -> Option<&str> {
    dsn.split_once("://").map(|(_, rest)| rest)
}

fn owned(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

fn postgres(dsn: &str, texts: &[(bool, &OsStr)]) -> Option<Vec<OsString>> {
    let url = format!("postgresql://{}", rest(dsn)?);
    let mut words = owned(&["psql", "-X", "-d", &url]);
    for (command, text) in texts {
        words.push(if *command { "-c" } else { "-f" }.into());
        words.push((*text).to_owned());
    }
    Some(words)
}

fn mysql(dsn: &str, texts: &[(bool, &OsStr)]) -> Option<Vec<OsString>> {
    let url = url::parse(&format!("mysql://{}", rest(dsn)?))?;
    let mut words = owned(&["mysql", "--no-defaults", "--protocol=tcp", "-h", &url.host]);
    let database = url.path.trim_start_matches('/');
    if !database.is_empty() {
        words.extend(owned(&["-D", database]));
    }
    for (command, text) in texts {
        words.push("-e".into());
        let mut given = if *command { OsString::new() } else { OsString::from("source ") };
        given.push(text);
        given.push("\n;");
        words.push(given);
    }
    Some(words)
}

fn sqlite(file: Option<&str>, texts: &[(bool, &OsStr)]) -> Option<Vec<OsString>> {
    let mut words = owned(&["sqlite3", "-batch", file?]);
    for (command, text) in texts {
        let mut given = if *command { OsString::new() } else { OsString::from(".read ") };
        given.push(text);
        words.push(given);
    }
    Some(words)
}

fn sqlserver(dsn: &str, texts: &[(bool, &OsStr)]) -> Option<Vec<OsString>> {
    let url = url::parse(&format!("sqlserver://{}", rest(dsn)?))?;
    let mut words = owned(&["sqlcmd", "-X", "-S", &url.host]);
    // `host/instance/database` or `?database=`.
    let named = url.pairs().find(|(name, _)| name.eq_ignore_ascii_case("database"));
    let path = url.path.rsplit('/').next().unwrap_or_default().to_owned();
    let database = named.map_or(path, |(_, value)| value);
    if !database.is_empty() {
        words.extend(owned(&["-d", &database]));
    }
    for (command, text) in texts {
        words.push(if *command { "-Q" } else { "-i" }.into());
        words.push((*text).to_owned());
    }
    Some(words)
}
