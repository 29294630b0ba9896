//! The code that a framework's console is given: `rails runner`, `manage.py
//! shell -c`, `artisan tinker --execute`. What only queries and prints reads;
//! what plainly takes away destroys; everything else stays what it was, code
//! that was not read.

use std::path::Path;

use crate::action::{Action, Effect, Flag};
use crate::actions::Call;
use crate::actions::http_api::mutation::deletes;
use crate::invocation::Input;
use crate::parse::argv::Parsed;
use crate::parse::calls::{self, Argument, Called, Program};
use crate::parse::code::Syntax;
use crate::parse::queries::{self, Language};
use crate::parse::sql::{self, Statement};
use crate::rules::Command;

/// The longest code that is read, in bytes.
const LIMIT: usize = 64 * 1024;
/// The most texts in it that are read as SQL.
const MAX_TEXTS: usize = 200;

/// Calls that take away every row or table that they are called for.
const WHOLE: &[&str] = &[
    "_raw_delete",
    "delete_all",
    "destroy_all",
    "drop",
    "dropAllTables",
    "dropIfExists",
    "drop_table",
    "forceDelete",
    "truncate",
    "truncate_tables",
];
/// Words that bound what is taken away.
const FILTERS: &[&str] = &[
    "exclude",
    "filter",
    "find",
    "find_by",
    "first",
    "get",
    "last",
    "limit",
    "not",
    "take",
    "where",
    "whereIn",
    "whereNull",
    "find_or_fail",
    "findOrFail",
];

/// What a command's code would do, where that could be read.
pub(super) fn read(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    command: &'static Command,
) -> Option<Action> {
    let operation = command.operation();
    if call.tool.name == "mix" {
        return elixir(parsed, operation);
    }
    let language = match (call.tool.name, operation.as_str()) {
        ("rails", "runner" | "console") => Language::Ruby,
        ("django-admin", "shell") => Language::Python,
        ("artisan", "tinker") => Language::Php,
        _ => return None,
    };
    let code = code(call, parsed, command, language)?;
    if queries::only_reads(&code, language) {
        return Some(Action::new(Effect::Read, operation));
    }
    let syntax = match language {
        Language::Php => Syntax::Php,
        Language::Python => Syntax::Python,
        Language::Ruby => Syntax::Ruby,
    };
    destroys(&calls::read(&code, syntax)).map(|found| destroying(found, operation))
}

/// What `mix run -e` and `mix eval` are given. Elixir is not read as the
/// others are: code in which nothing is named that takes away passes, as
/// files do.
fn elixir(parsed: &Parsed<'_>, operation: String) -> Option<Action> {
    let values = parsed.all("--eval").filter_map(|given| given.value);
    let words = parsed.positionals.iter().take(usize::from(operation == "eval"));
    let given: Vec<_> = values
        .map(|value| (value.text, value.dynamic))
        .chain(words.map(|word| (word.text, word.dynamic)))
        .collect();
    let mut code = String::new();
    for (text, dynamic) in given {
        let text = text.to_str().filter(|text| !dynamic && text.len() <= LIMIT)?;
        code.push_str(text);
        code.push('\n');
    }
    // Their texts, comments and calls are written alike.
    let program = calls::read(&code, Syntax::Ruby);
    let bounded = program.words.contains("where");
    if let Some(found) = destroys(&program).filter(|(_, statement)| !bounded || statement.is_some())
    {
        return Some(destroying(found, operation));
    }
    let takes = program.calls.iter().any(|call| deletes(&call.name) || call.name == "update_all");
    (!takes).then(|| Action::new(Effect::Write, operation))
}

/// The action of code that destroys.
fn destroying((said, statement): (String, Option<Statement>), operation: String) -> Action {
    let said = crate::text::visible(&said, 80);
    let summary = match &statement {
        Some(statement) => {
            format!("Runs code in the application that says `{said}`: {}", statement.summary)
        }
        None => {
            format!("Runs code in the application that says `{said}`, which takes all of it away.")
        }
    };
    Action {
        flags: statement.map(|it| it.flags.without(Flag::Opaque)).unwrap_or_default(),
        summary,
        instead: Some(
            "Look at the rows first, and take away those that you mean by a condition.".into(),
        ),
        ..Action::new(Effect::Destroy, operation)
    }
}

/// The code that stands in the words, in a file or on standard input.
fn code(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    command: &'static Command,
    language: Language,
) -> Option<String> {
    let given = match language {
        Language::Ruby if command.operation() == "console" => None,
        // The word behind the command's own.
        Language::Ruby => {
            let known = |text: &str| command.path.iter().any(|names| names.contains(&text));
            let words = parsed.path.iter().chain(&parsed.positionals);
            let mut words = words.skip_while(|word| !word.text.to_str().is_some_and(known)).skip(1);
            Some(words.next()?)
        }
        Language::Python | Language::Php => {
            // Files that tinker includes.
            if language == Language::Php && !parsed.positionals.is_empty() {
                return None;
            }
            let option = if language == Language::Php { "--execute" } else { "--command" };
            if let Some(value) = parsed.value(option) {
                let text = value.text.to_str().filter(|_| !value.dynamic)?;
                return Some(text.to_owned());
            }
            None
        }
    };
    if let Some(word) = given {
        let text = word.text.to_str().filter(|_| !word.dynamic)?;
        if text != "-" {
            return match call.context.read(Path::new(text), LIMIT) {
                // Below its application's folder, Rails goes there first.
                Ok(_) if is_below(call) => None,
                Ok(bytes) => String::from_utf8(bytes).ok(),
                Err(crate::world::ReadError::Missing) => Some(text.to_owned()),
                Err(_) => None,
            };
        }
    }
    match call.context.stdin(LIMIT) {
        Input::Text(text) => String::from_utf8(text.to_vec()).ok(),
        Input::Terminal | Input::Opaque(_) => None,
    }
}

/// Whether a directory above is that of a Rails application, and this is none.
fn is_below(call: &Call<'_>) -> bool {
    let Some(cwd) = call.context.cwd() else { return true };
    let mut folders = cwd.ancestors().map(|folder| folder.join("bin/rails"));
    folders.position(|program| call.context.world.exists(&program)).is_some_and(|at| at > 0)
}

/// What in the code takes away everything, and the statement if it is one.
fn destroys(program: &Program) -> Option<(String, Option<Statement>)> {
    for text in program.texts.iter().take(MAX_TEXTS).filter(|text| text.contains(' ')) {
        let worst = sql::read(text.replace(crate::invocation::HOLE, "hole").as_bytes());
        let worst = worst
            .into_iter()
            .find(|it| it.effect == Effect::Destroy && !it.flags.has(Flag::Opaque));
        if let Some(statement) = worst {
            return Some((text.clone(), Some(statement)));
        }
    }
    let call = program.calls.iter().find(|call| takes_all(call))?;
    let on = call.on.iter().rev().cloned().collect::<Vec<_>>().join(".");
    let name = if on.is_empty() { call.name.clone() } else { format!("{on}.{}", call.name) };
    Some((name, None))
}

/// Whether a call takes away everything of what it is called on.
fn takes_all(call: &Called) -> bool {
    let name = call.name.as_str();
    if call.on.iter().any(|on| FILTERS.contains(&on.as_str())) {
        return false;
    }
    let commands =
        ["flush", "reset_db", "migrate:fresh", "migrate:reset", "db:wipe", "migrate:refresh"];
    match name {
        "call_command" | "call" | "callSilent" => matches!(
            call.arguments.first(),
            Some(Argument::Text(text)) if commands.contains(&text.as_str())
        ),
        // `User.objects.all().delete()`, `DB::table('users')->delete()`
        "delete" => {
            call.on.iter().any(|on| matches!(on.as_str(), "all" | "objects" | "table" | "query"))
        }
        name => WHOLE.contains(&name) && !call.on.is_empty(),
    }
}

#[cfg(test)]
mod tests;
