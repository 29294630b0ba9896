//! Reads mysql, mariadb and their siblings: the words that option files put
//! in front of the command line, the texts that would run, and where.

mod admin;
mod client;
mod mycli;
mod online;
mod shell;
mod words;

use super::{Call, Reading, TEXT_LIMIT, table};
use crate::action::{Action, Effect};
use crate::parse::argv::{self, Parsed};
use crate::target::mysql::{self, Parameters, Setting};
use crate::target::{Evidence, Kind, Target};
use words::Words;

/// Groups of option files that every client reads.
const CLIENT: &[&str] = &["client", "client-server", "client-mariadb"];

/// Reads a call of a MySQL program.
pub fn read(call: &Call<'_>) -> Reading {
    let own: &[&str] = match call.tool.name {
        "mycli" => return mycli::read(call),
        "mysqlsh" => return shell::read(call),
        "gh-ost" | "pt-archiver" | "pt-online-schema-change" => return online::read(call),
        "mysql" => &["mysql", "mariadb-client"],
        "mysqladmin" => &["mysqladmin", "mariadb-admin"],
        "mysqlimport" => &["mysqlimport", "mariadb-import"],
        _ => &["mysqldump", "mariadb-dump"],
    };
    if call.context.invocation.argv.get(1).is_some_and(|word| word == "--print-defaults") {
        return Reading::default();
    }
    let groups: Vec<&str> = own.iter().chain(CLIENT).copied().collect();
    let words = Words::new(call, &groups);
    let parsed = argv::parse(call.tool, &words.invocation, false);
    // --help and --version make all of them print and end.
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    let unknown = parsed.unknown.iter().find(|word| words.is_typed(word.index));
    let why = unknown.map(|word| format!("it has no option {}", word.text.to_string_lossy()));
    match call.tool.name {
        "mysql" => client::read(call, &words, &parsed, why),
        "mysqladmin" => admin::read(call, &words, &parsed, why),
        _ => program(call, &words, &parsed, why),
    }
}

/// mysqldump and mysqlimport: what their rule files say.
fn program(
    call: &Call<'_>,
    words: &Words,
    parsed: &Parsed<'_>,
    unknown: Option<String>,
) -> Reading {
    let mut reading = Reading::default();
    reading.actions.extend(unknown.map(|why| Action::opaque(call.tool.name, why)));
    if let Some(command) = parsed.command {
        reading.actions.extend(table::action(call, parsed, command));
    }
    if reading.actions.iter().all(Action::is_harmless) && !call.full {
        return Reading::default();
    }
    let target = target(call, words, parsed);
    for action in &mut reading.actions {
        action.target = target.clone();
        if action.operation.is_empty() {
            action.operation = call.tool.name.into();
        }
        action.rule = call.tool.name.into();
        if call.tool.name == "mysqlimport" && action.effect == Effect::Destroy {
            action.object = parsed.positionals.get(1).map(|file| {
                let name = std::path::Path::new(file.text).file_stem().unwrap_or(file.text);
                format!("table {}", name.to_string_lossy())
            });
        }
    }
    reading
}

/// Where such a program connects, with the databases that its words name.
fn target(call: &Call<'_>, words: &Words, parsed: &Parsed<'_>) -> Target {
    let found = parameters(call, words, parsed);
    let mut target = mysql::target(&found);
    let several = parsed.has("--databases");
    for word in parsed.positionals.iter().skip(1).filter(|_| several) {
        let name = word.text.to_string_lossy().into_owned();
        target.evidence.push(Evidence::name(Kind::Database, "argument", name));
    }
    target
}

/// The connection that the words make; the first positional is the database.
fn parameters(call: &Call<'_>, words: &Words, parsed: &Parsed<'_>) -> Parameters {
    let mut found = Parameters { gap: words.gap.clone(), ..Parameters::default() };
    let login = words.login.as_ref().map(|name| Setting::new(name.clone(), "--login-path"));
    found.login = login;
    for (name, slot) in [
        ("--host", &mut found.host),
        ("--port", &mut found.port),
        ("--socket", &mut found.socket),
        ("--protocol", &mut found.protocol),
        ("--user", &mut found.user),
        ("--database", &mut found.database),
    ] {
        let Some(given) = parsed.last(name) else { continue };
        let Some(value) = given.value else { continue };
        if value.dynamic {
            found.gap = Some(format!("the value of {name} is computed at run time"));
        }
        let source = words.source(value.index).unwrap_or_else(|| name.to_owned());
        *slot = Some(Setting::new(value.text.to_string_lossy(), source));
    }
    if let Some(word) = parsed.positionals.first().filter(|_| call.tool.name != "mysqladmin") {
        if word.dynamic {
            found.gap = Some("the database is computed at run time".to_owned());
        }
        found.database = Some(Setting::new(word.text.to_string_lossy(), "argument"));
    }
    // MySQL's own clients read an encoded file last; MariaDB's do not.
    let typed_host = parsed.last("--host").is_some_and(|given| words.source(given.index).is_none());
    let logins = call.context.home().map(|home| home.join(".mylogin.cnf"));
    if !typed_host && logins.is_some_and(|path| call.context.world.exists(&path)) {
        found.gap = Some("~/.mylogin.cnf, an encoded file, may say where it goes".to_owned());
    }
    found.fill(&call.context, call.tool.name);
    found
}

#[cfg(test)]
mod tests;
