//! The commands of migration tools that run SQL which stands in the words, in
//! a file or on standard input: `prisma db execute`, `typeorm query`,
//! `liquibase execute-sql`, `doctrine:query:sql`, `kysely sql`, `graphile-migrate run`,
//! `mikro-orm database:import`.

use std::ffi::OsStr;
use std::path::Path;

use super::TEXT_LIMIT;
use crate::action::{Action, Effect};
use crate::actions::Call;
use crate::invocation::Input;
use crate::parse::argv::Parsed;
use crate::parse::sql;
use crate::rules::Command;

/// What a command's text would do, if it is one that has a text.
pub(super) fn read(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    command: &'static Command,
) -> Option<Action> {
    let operation = command.operation();
    let (word, file, stdin) = match (call.tool.name, operation.as_str()) {
        ("prisma", "db execute") => (None, "--file", parsed.has("--stdin")),
        ("liquibase", "execute-sql") => (parsed.value("--sql"), "--sql-file", false),
        ("kysely", "sql")
        | ("typeorm", "query")
        | ("doctrine", "doctrine:query:sql" | "dbal:run-sql") => {
            let word = parsed.positionals.first()?;
            if word.dynamic {
                return Some(Action::opaque(operation, "its text is computed at run time"));
            }
            return Some(judge(word.text.as_encoded_bytes(), operation));
        }
        // The shadow database is made anew all the time.
        ("graphile-migrate", "run") if parsed.has("--shadow") => return None,
        ("graphile-migrate", "run") | ("mikro-orm", "database:import") => {
            let Some(word) = parsed.positionals.first() else {
                return Some(from_stdin(call, operation));
            };
            return Some(from_file(call, word.text, word.dynamic, operation));
        }
        _ => return None,
    };
    if let Some(value) = word {
        return Some(match value.dynamic {
            true => Action::opaque(operation, "its text is computed at run time"),
            false => judge(value.text.as_encoded_bytes(), operation),
        });
    }
    if let Some(value) = parsed.value(file) {
        return Some(from_file(call, value.text, value.dynamic, operation));
    }
    stdin.then(|| from_stdin(call, operation))
}

fn from_file(call: &Call<'_>, name: &OsStr, dynamic: bool, operation: String) -> Action {
    if dynamic {
        return Action::opaque(operation, "which file it runs is computed at run time");
    }
    match call.context.read(Path::new(name), TEXT_LIMIT) {
        Ok(bytes) => judge(&bytes, operation),
        Err(error) => {
            let name = name.to_string_lossy();
            Action::opaque(operation, format_args!("{name} cannot be read: {error}"))
        }
    }
}

fn from_stdin(call: &Call<'_>, operation: String) -> Action {
    match call.context.stdin(TEXT_LIMIT) {
        Input::Text(text) => judge(&text, operation),
        Input::Terminal => Action::new(Effect::Write, operation),
        Input::Opaque(why) => Action::opaque(operation, why),
    }
}

/// The worst that a text's statements do, as one action.
fn judge(text: &[u8], operation: String) -> Action {
    let statements = sql::read(text);
    let worst = statements
        .into_iter()
        .max_by_key(|statement| (statement.effect, statement.flags.iter().count()));
    let Some(worst) = worst else { return Action::new(Effect::Read, operation) };
    Action {
        flags: worst.flags,
        summary: worst.summary,
        instead: worst.instead.map(Into::into),
        ..Action::new(worst.effect, operation)
    }
}
