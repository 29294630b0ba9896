//! mysqladmin: several commands in a row, each by a prefix of its name.

use super::parameters;
use super::words::Words;
use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::{Call, Reading};
use crate::parse::argv::{Parsed, Word};
use crate::target::mysql::{self};
use crate::target::{Evidence, Kind};

/// Name, how many words follow it, what it does, and one sentence.
const COMMANDS: &[(&str, usize, Effect, &str)] = &[
    ("create", 1, Effect::Write, "Creates the database {}."),
    ("debug", 0, Effect::Write, "Writes debug information to the server's log."),
    ("drop", 1, Effect::Destroy, "Drops the database {} with everything in it."),
    ("extended-status", 0, Effect::Read, ""),
    ("flush-all-statistics", 0, Effect::Write, "Resets statistics."),
    ("flush-all-status", 0, Effect::Write, "Resets status counters."),
    ("flush-binary-log", 0, Effect::Write, "Begins a new binary log."),
    ("flush-client-statistics", 0, Effect::Write, "Resets statistics."),
    ("flush-engine-log", 0, Effect::Write, "Begins new logs."),
    ("flush-error-log", 0, Effect::Write, "Begins a new log."),
    ("flush-general-log", 0, Effect::Write, "Begins a new log."),
    ("flush-hosts", 0, Effect::Write, "Flushes the host cache."),
    ("flush-index-statistics", 0, Effect::Write, "Resets statistics."),
    ("flush-logs", 0, Effect::Write, "Begins new logs."),
    ("flush-privileges", 0, Effect::Write, "Reloads the accounts."),
    ("flush-relay-log", 0, Effect::Write, "Begins a new log."),
    ("flush-slow-log", 0, Effect::Write, "Begins a new log."),
    ("flush-ssl", 0, Effect::Write, "Reloads certificates."),
    ("flush-status", 0, Effect::Write, "Resets status counters."),
    ("flush-table-statistics", 0, Effect::Write, "Resets statistics."),
    ("flush-tables", 0, Effect::Write, "Closes the open tables."),
    ("flush-threads", 0, Effect::Write, "Empties the thread cache."),
    ("flush-user-resources", 0, Effect::Write, "Resets the limits of accounts."),
    ("flush-user-statistics", 0, Effect::Write, "Resets statistics."),
    ("kill", 1, Effect::Disrupt, "Ends connections of other clients."),
    ("local", 0, Effect::Read, ""),
    ("old-password", 1, Effect::Write, "Sets an account's password."),
    ("password", 1, Effect::Write, "Sets an account's password."),
    ("ping", 0, Effect::Read, ""),
    ("processlist", 0, Effect::Read, ""),
    ("refresh", 0, Effect::Write, "Closes the open tables and begins new logs."),
    ("reload", 0, Effect::Write, "Reloads the accounts."),
    ("shutdown", 0, Effect::Disrupt, "Stops the database server."),
    ("start-all-slaves", 0, Effect::Write, "Starts replication."),
    ("start-replica", 0, Effect::Write, "Starts replication."),
    ("start-slave", 0, Effect::Write, "Starts replication."),
    ("status", 0, Effect::Read, ""),
    ("stop-all-slaves", 0, Effect::Disrupt, "Stops replication."),
    ("stop-replica", 0, Effect::Disrupt, "Stops replication."),
    ("stop-slave", 0, Effect::Disrupt, "Stops replication."),
    ("variables", 0, Effect::Read, ""),
    ("version", 0, Effect::Read, ""),
];

/// Reads a call of mysqladmin.
pub fn read(
    call: &Call<'_>,
    words: &Words,
    parsed: &Parsed<'_>,
    unknown: Option<String>,
) -> Reading {
    let mut actions: Vec<Action> = Vec::new();
    let mut databases = Vec::new();
    actions.extend(unknown.map(|why| Action::opaque("mysqladmin", why)));
    let mut rest = parsed.positionals.as_slice();
    while let [name, after @ ..] = rest {
        rest = after;
        if name.dynamic {
            actions.push(Action::opaque("mysqladmin", "its command is computed at run time"));
            break;
        }
        let name = name.text.to_string_lossy().to_ascii_lowercase().replace('_', "-");
        let exact = COMMANDS.iter().find(|(known, ..)| *known == name);
        // An ambiguous prefix ends the program; the worst of what it may mean
        // is what counts.
        let worst = || {
            let begins = COMMANDS.iter().filter(|(known, ..)| known.starts_with(&name));
            begins.max_by_key(|(.., effect, _)| *effect)
        };
        let Some((known, count, effect, says)) = exact.or_else(worst) else {
            actions.push(Action::opaque("mysqladmin", "it has no such command"));
            continue;
        };
        let object: Option<&Word<'_>> = if *count > 0 { rest.first() } else { None };
        rest = rest.get(*count..).unwrap_or_default();
        actions.push(action(known, *effect, says, object));
        if let Some(object) = object.filter(|_| matches!(*known, "drop" | "create")) {
            databases.push((object.text.to_string_lossy().into_owned(), object.dynamic));
        }
    }
    if actions.iter().all(Action::is_harmless) && !call.full {
        return Reading::default();
    }
    let mut target = mysql::target(&parameters(call, words, parsed));
    for (name, dynamic) in databases {
        if dynamic {
            target.gap = Some("the database is computed at run time".to_owned());
        }
        target.name = Some(match &target.name {
            Some(host) => format!("{name}@{host}"),
            None => name.clone(),
        });
        target.evidence.push(Evidence::name(Kind::Database, "argument", name));
    }
    for action in &mut actions {
        action.target = target.clone();
        action.rule = format!("mysqladmin/{}", action.operation).into();
    }
    Reading { actions, ..Reading::default() }
}

fn action(name: &'static str, effect: Effect, says: &str, object: Option<&Word<'_>>) -> Action {
    let shown = object.map(|object| object.text.to_string_lossy().into_owned());
    let mut action = Action::new(effect, name);
    let is_password = name.ends_with("password");
    if is_password {
        action.flags = Flags::of(&[Flag::Permission]);
    }
    action.summary = says.replace("{}", shown.as_deref().unwrap_or("that it names"));
    if name == "drop" {
        action.flags = Flags::of(&[Flag::Irreversible]);
        action.instead = Some("Dump it and have the dump checked first.".into());
    }
    if matches!(name, "drop" | "create") {
        action.object = shown.map(|name| format!("database {name}"));
    }
    action
}
