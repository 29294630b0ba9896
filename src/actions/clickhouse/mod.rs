//! Reads clickhouse-client, and `clickhouse` with a subcommand: the SQL on
//! its command line, in its files and on standard input, and the server that
//! would get it.

use std::path::Path;

use super::sql_session::{self, Client};
use super::{Call, Reading};
use crate::action::Action;
use crate::parse::argv::{self, Parsed};
use crate::parse::dialect::{self, Dialect};
use crate::target::{Target, clickhouse};

/// Subcommands of `clickhouse` that talk to a server as the client does.
const CLIENTS: &[&str] = &["client", "benchmark", "clickhouse-client", "clickhouse-benchmark"];
/// Those that only look, or run something that no client tells what to do.
const OTHERS: &[&str] = &[
    "compressor",
    "disks",
    "extract-from-config",
    "format",
    "git-import",
    "hash-binary",
    "help",
    "install",
    "keeper",
    "keeper-converter",
    "obfuscator",
    "server",
    "start",
    "status",
    "stop",
    "restart",
    "su",
    "static-files-disk-uploader",
    "library-bridge",
    "odbc-bridge",
];

/// Reads a call of clickhouse-client, or of clickhouse.
pub fn read(call: &Call<'_>) -> Reading {
    let invocation = call.context.invocation;
    let several = invocation.tool() == "clickhouse";
    let word = invocation.argv.get(1).map(|word| word.to_string_lossy()).unwrap_or_default();
    let word = word.trim_start_matches("--");
    let local = invocation.tool() == "clickhouse-local" || several && word == "local";
    let command = several && !word.starts_with('-') && (local || CLIENTS.contains(&word));
    if several && OTHERS.contains(&word) {
        return Reading::default();
    }
    if several && word == "keeper-client" {
        return Reading::of(Action::opaque("keeper-client", "its commands are not known"));
    }
    let own = match command {
        true => crate::invocation::Invocation {
            argv: invocation
                .argv
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != 1)
                .map(|(_, word)| word.clone())
                .collect(),
            dynamic: invocation
                .dynamic
                .iter()
                .filter(|at| **at != 1)
                .map(|at| if *at > 1 { at - 1 } else { *at })
                .collect(),
            ..invocation.clone()
        },
        false => invocation.clone(),
    };
    let parsed = argv::parse(call.tool, &own, false);
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    // Without a subcommand, `clickhouse` is the local engine unless a server
    // is named.
    let local = local || several && !command && parsed.last("--host").is_none();
    session(call, &parsed, local)
}

fn session(call: &Call<'_>, parsed: &Parsed<'_>, local: bool) -> Reading {
    let (words, clear) = sorted(parsed);
    let url = words.iter().find(|word| is_url(word)).cloned();
    let place = match local {
        true => crate::target::database_url::file_target("clickhouse-local", "clickhouse-local"),
        false => clickhouse::resolve(&call.context, parsed, url.as_deref()),
    };
    let mut session = Session::new(call, place, Clickhouse { database: None });
    if !clear {
        session.opaque("its options cannot be told from its values");
    }
    let mut any = false;
    for value in parsed.all("--query").filter_map(|given| given.value) {
        any = true;
        match value.dynamic {
            true => session.opaque("its text is computed at run time"),
            false => {
                session.script(value.text.to_string_lossy().as_bytes());
            }
        }
    }
    let files = parsed
        .all("--queries-file")
        .flat_map(|given| given.value.iter().chain(&given.more).copied().collect::<Vec<_>>());
    for value in files {
        any = true;
        match value.dynamic {
            true => session.opaque("which file it runs is computed at run time"),
            false => {
                session.include(Path::new(value.text), None);
            }
        }
    }
    // Newer clients take a query as a word.
    for word in words.iter().filter(|word| !is_url(word)) {
        any = true;
        session.script(word.as_bytes());
    }
    if parsed.positionals.iter().any(|word| word.dynamic) {
        session.opaque("its words are computed at run time");
    }
    if !any {
        session.standard_input();
    }
    session.finish()
}

/// The positionals that are no values of settings: every setting of the
/// server is an option too, and takes a value.
fn sorted(parsed: &Parsed<'_>) -> (Vec<String>, bool) {
    let mut words = Vec::new();
    for word in &parsed.positionals {
        let of_setting = parsed.unknown.iter().any(|unknown| {
            unknown.index + 1 == word.index && !unknown.text.to_string_lossy().contains('=')
        });
        if !of_setting && !word.dynamic {
            words.push(word.text.to_string_lossy().into_owned());
        }
    }
    let odd =
        parsed.unknown.iter().any(|unknown| !unknown.text.to_string_lossy().starts_with("--"));
    (words, !odd)
}

fn is_url(word: &str) -> bool {
    word.starts_with("clickhouse:") || word.starts_with("clickhouses:")
}

/// What the client keeps in a session.
struct Clickhouse {
    database: Option<String>,
}

type Session<'a> = sql_session::Session<'a, Clickhouse>;

impl Client for Clickhouse {
    type Place = Target;

    fn read(session: &mut Session<'_>, text: &[u8]) {
        for mut found in dialect::read(text, Dialect::Clickhouse) {
            if found.statement.operation == "USE" {
                session.client.database = found.statement.object.take();
                continue;
            }
            if !found.statement.is_harmless() {
                found.databases.extend(session.client.database.clone());
            }
            session.steps.push(found, &session.place);
        }
    }

    fn target(place: &Target, databases: &[String]) -> Target {
        sql_session::naming(place.clone(), databases)
    }
}

#[cfg(test)]
mod tests;
