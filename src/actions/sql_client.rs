//! Reads clients of other SQL databases (Snowflake's, Trino's, Spark's and
//! Hive's, Oracle's SQL*Plus): the texts in their words, files and on standard
//! input, by the dialect that is nearest. Their rule files say where they
//! connect. What no dialect here knows is opaque, but for a list of words.

use std::borrow::Cow;
use std::path::Path;

use super::sql_session::{self, Client};
use super::{Call, Reading, table};
use crate::action::{Effect, Flag, Flags};
use crate::parse::argv::{self, Parsed, Word};
use crate::parse::dialect::{self, Dialect, Found};
use crate::parse::sql::Statement;
use crate::parse::url;
use crate::target::{Class, Evidence, Kind, Target};

/// Options with a text, and with a file's name.
const TEXTS: &[&str] = &["--query", "--execute", "-e"];
const FILES: &[&str] = &["--file", "-f", "-i"];

/// First words that the dialects do not know, and what they do (from memory of the references
/// of Snowflake, Trino, Spark SQL and Hive, 2026).
const WORDS: &[(&str, Effect)] = &[
    ("ADD", Effect::Read),
    ("ANALYZE", Effect::Write),
    ("CACHE", Effect::Read),
    ("COMMENT", Effect::Write),
    ("COPY", Effect::Write),
    ("DESC", Effect::Read),
    ("DESCRIBE", Effect::Read),
    ("EXIT", Effect::Read),
    ("EXPLAIN", Effect::Read),
    ("GET", Effect::Read),
    ("GRANT", Effect::Write),
    ("LIST", Effect::Read),
    ("LS", Effect::Read),
    ("MSCK", Effect::Write),
    ("PUT", Effect::Write),
    ("QUIT", Effect::Read),
    ("REFRESH", Effect::Read),
    ("RESET", Effect::Read),
    ("REVOKE", Effect::Write),
    ("SET", Effect::Read),
    ("SHOW", Effect::Read),
    ("UNCACHE", Effect::Read),
    ("UNDROP", Effect::Write),
    ("UNSET", Effect::Read),
    ("USE", Effect::Read),
];

/// First words of SQL*Plus's own lines that set or print something (from memory of its
/// reference, 23ai).
const SETTINGS: &[&str] = &[
    "/",
    "accept",
    "acc",
    "append",
    "archive",
    "break",
    "btitle",
    "change",
    "clear",
    "cl",
    "column",
    "col",
    "compute",
    "define",
    "def",
    "del",
    "desc",
    "describe",
    "disconnect",
    "exit",
    "get",
    "help",
    "history",
    "input",
    "list",
    "password",
    "pause",
    "print",
    "prompt",
    "pro",
    "quit",
    "rem",
    "remark",
    "repfooter",
    "repheader",
    "run",
    "save",
    "set",
    "show",
    "sho",
    "spool",
    "spo",
    "store",
    "timing",
    "ttitle",
    "undefine",
    "variable",
    "var",
    "whenever",
];

/// Reads a call of one of them.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    // One command of Snowflake's newer CLI takes SQL, the others have words.
    let is_sql = |word: &Word<'_>| word.text == "sql";
    if call.tool.name == "snow" && !parsed.path.first().is_some_and(is_sql) {
        return table::read(call);
    }
    let mut session = Session::new(call, target(call, &parsed), Other);
    let mut any = false;
    for given in &parsed.options {
        let Some(value) = given.value else { continue };
        let text = TEXTS.iter().any(|name| given.option.is(name));
        if !text && !FILES.iter().any(|name| given.option.is(name)) {
            continue;
        }
        any = true;
        match (value.dynamic, text) {
            (true, _) => session.opaque("what it runs is computed at run time"),
            (false, true) => {
                session.script(value.text.to_string_lossy().as_bytes());
            }
            (false, false) if value.text == "-" => session.standard_input(),
            (false, false) => {
                session.include(Path::new(value.text), None);
            }
        }
    }
    // `sqlplus app/pw@prod @script.sql 1 2`
    let script = parsed
        .positionals
        .iter()
        .find(|word| call.tool.name == "sqlplus" && word.text.to_string_lossy().starts_with('@'));
    if let Some(word) = script {
        any = true;
        let name = word.text.to_string_lossy();
        match word.dynamic {
            true => session.opaque("which script it runs is computed at run time"),
            false => include(&mut session, name.trim_start_matches('@')),
        }
    }
    if !any {
        session.standard_input();
    }
    session.finish()
}

/// Where it connects: what the rule file says, or SQL*Plus's first word.
fn target(call: &Call<'_>, parsed: &Parsed<'_>) -> Target {
    let mut target = table::target(call, parsed);
    for evidence in &mut target.evidence {
        let jdbc = evidence.value.strip_prefix("jdbc:");
        let address = jdbc.and_then(url::parse);
        if address.is_some_and(|address| url::is_loopback(&address.host)) {
            evidence.asserts = Some(Class::Local);
        }
    }
    if call.tool.name != "sqlplus" {
        return target;
    }
    let word =
        parsed.positionals.first().filter(|word| !word.text.to_string_lossy().starts_with('@'));
    let Some(word) = word else { return target };
    if word.dynamic {
        target.gap = Some("its connection is computed at run time".to_owned());
        return target;
    }
    let text = word.text.to_string_lossy();
    // What stands in front of the last `@` is the account and its password.
    let Some((_, place)) = text.rsplit_once('@') else { return target };
    let place = place.rsplit("//").next().unwrap_or(place);
    let (host, rest) = place.split_once([':', '/']).unwrap_or((place, ""));
    let kind = if rest.is_empty() { Kind::Service } else { Kind::Host };
    let evidence = Evidence::name(kind, "argument", host);
    let local = kind == Kind::Host && url::is_loopback(host);
    target.evidence.push(if local { evidence.asserting(Class::Local) } else { evidence });
    if let Some((_, name)) = place.rsplit_once('/') {
        target.evidence.push(Evidence::name(Kind::Database, "argument", name));
    }
    target.name = Some(host.to_owned());
    target
}

struct Other;

type Session<'a> = sql_session::Session<'a, Other>;

impl Client for Other {
    type Place = Target;

    fn read(session: &mut Session<'_>, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        let mut sql = String::new();
        for line in text.lines() {
            if !own_line(session, line.trim()) {
                sql.push_str(line);
                sql.push('\n');
            }
        }
        // Hive's and Spark's strings have backslashes, and names backticks.
        let dialect = match session.call.tool.name {
            "hive" => Dialect::Mysql,
            _ => Dialect::Duckdb,
        };
        for found in dialect::read(sql.as_bytes(), dialect) {
            let found = known(found);
            session.steps.push(found, &session.place);
        }
    }

    fn target(place: &Target, databases: &[String]) -> Target {
        sql_session::naming(place.clone(), databases)
    }
}

/// A statement that only this list knows.
fn known(mut found: Found) -> Found {
    let statement = &mut found.statement;
    if statement.operation == "CALL" {
        return Statement::opaque("CALL", "a procedure may do anything").into();
    }
    if statement.flags.has(Flag::Opaque)
        && statement.effect < Effect::Destroy
        && let Some((_, effect)) = WORDS.iter().find(|(word, _)| *word == statement.operation)
    {
        statement.effect = *effect;
        statement.flags = Flags::default();
        statement.summary = "Runs a statement that changes no table's rows.".to_owned();
    }
    found
}

/// Whether a line is the client's own, which is then read.
fn own_line(session: &mut Session<'_>, line: &str) -> bool {
    let oracle = session.call.tool.name == "sqlplus";
    let word: Cow<'_, str> = line.split([' ', '\t', ';']).next().unwrap_or_default().into();
    let word = word.to_ascii_lowercase();
    let rest = line.get(word.len()..).unwrap_or_default().trim().trim_end_matches(';');
    match word.as_str() {
        "!source" | "!load" | "!run" => include(session, rest),
        "!system" | "!sh" => session.shell(rest.as_bytes(), false),
        "!set" | "!quit" | "!exit" | "!q" | "!print" | "!spool" | "!help" | "!queries" => {}
        "source" if session.call.tool.name == "hive" => include(session, rest),
        "host" | "ho" if oracle => session.shell(rest.as_bytes(), false),
        "start" | "sta" if oracle => include(session, rest),
        "connect" | "conn" if oracle => session.opaque("it connects elsewhere"),
        word if oracle && word.starts_with('@') => include(session, line.trim_start_matches('@')),
        word if oracle && SETTINGS.contains(&word) => {}
        word if word.starts_with('!') && (oracle || session.call.tool.name == "hive") => {
            session.shell(line.get(1..).unwrap_or_default().as_bytes(), false);
        }
        word if word.starts_with('!') => session.opaque("it has a command that is not known"),
        _ => return false,
    }
    true
}

/// Includes a script, whose words for it stand behind its name.
fn include(session: &mut Session<'_>, text: &str) {
    let name = text.split_whitespace().next().unwrap_or_default().trim_matches(['"', '\'']);
    let ends = Path::new(name).extension().is_some();
    let name = if ends { name.to_owned() } else { format!("{name}.sql") };
    session.include(Path::new(&name), None);
}
