//! Reads migration tools and ORMs: which of their commands run, what those
//! would do, and every place where they may land. A prompt of the tool's own
//! makes no difference, and neither does a flag that skips it.

mod code;
mod layout;
mod names;
mod pending;
mod several;
mod text;

use super::{Call, INTERACTIVE, Reading, table};
use crate::action::{Action, Effect, Flag};
use crate::invocation::{Context, Input, Invocation};
use crate::parse::argv::{self, Parsed, Word};
use crate::rules::{Arity, Command, Tool, table as builtin};
use crate::target::{Target, database_url, migration};

/// Bytes of standard input or of a file that are read for SQL.
const TEXT_LIMIT: usize = 4 << 20;

/// The drivers that goose takes in front of a connection string.
const GOOSE_DRIVERS: &[&str] = &[
    "clickhouse",
    "duckdb",
    "mssql",
    "mysql",
    "pgx",
    "postgres",
    "redshift",
    "spanner",
    "sqlite3",
    "tidb",
    "turso",
    "vertica",
    "ydb",
];

/// Reads a call of a migration tool.
pub fn read(call: &Call<'_>) -> Reading {
    match moved(call) {
        Some(inner) => {
            let context = Context { invocation: &inner, ..call.context };
            one_of_them(&Call { context, ..*call })
        }
        None => one_of_them(call),
    }
}

/// The invocation in the directory that its own options move it to.
fn moved(call: &Call<'_>) -> Option<Invocation> {
    let options = call.tool.search.as_ref().map_or(&[][..], |search| search.chdir);
    if options.is_empty() {
        return None;
    }
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let value = options.iter().find_map(|option| parsed.value(option))?;
    let cwd = match (&call.context.invocation.cwd, value.dynamic) {
        // Which directory is not known: nothing is there to be read.
        (_, true) => std::path::PathBuf::from("/nonexistent"),
        (Some(cwd), false) => cwd.join(value.text),
        (None, false) => value.text.into(),
    };
    Some(Invocation { cwd: Some(cwd), ..call.context.invocation.clone() })
}

fn one_of_them(call: &Call<'_>) -> Reading {
    match call.tool.name {
        "flyway" | "mix" => several::read(call),
        "goose" => goose(call),
        "rails" => rails(call),
        "atlas" if is_mongodbs(call) => {
            let mut inner = call.context.invocation.clone();
            if let Some(first) = inner.argv.first_mut() {
                *first = "mongocli".into();
            }
            Reading { inner: vec![inner], ..Reading::default() }
        }
        _ => {
            let parsed = argv::parse(call.tool, call.context.invocation, false);
            let command = match parsed.command.filter(|command| command.effect.is_some()) {
                Some(command) => Some((command, 0)),
                None => names::abbreviated(call.tool, &parsed).map(|command| (command, 1)),
            };
            one(call, &parsed, command, None)
        }
    }
}

/// Whether `atlas` is MongoDB's and not Ariga's, by the first word that begins a
/// command of either: their rule files share none of these.
fn is_mongodbs(call: &Call<'_>) -> bool {
    let begins = |tool: &Tool, word: &str| {
        let mut heads = tool.commands.iter().filter_map(|command| command.path.first());
        heads.any(|names| names.contains(&word))
    };
    let Some(mongodbs) = builtin::find("mongocli") else { return false };
    let mut words = call.context.invocation.argv.iter().skip(1).filter_map(|word| word.to_str());
    let first = words.find(|word| begins(call.tool, word) || begins(mongodbs, word));
    first.is_some_and(|word| begins(mongodbs, word))
}

/// Reads one command. The number beside it is how many of the positionals are
/// its own words.
fn one(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    command: Option<(&'static Command, usize)>,
    place: Option<Target>,
) -> Reading {
    if helps(parsed) {
        return Reading::default();
    }
    let Some((command, words)) = command else {
        let first = parsed.positionals.first().filter(|word| word.dynamic && is_guarding(call));
        return first.map_or_else(Reading::default, |word| computed(call, parsed, word, place));
    };
    let mut shifted;
    let parsed = if words > 0 {
        shifted = parsed.clone();
        shifted.positionals.drain(..words.min(shifted.positionals.len()));
        &shifted
    } else {
        parsed
    };
    let Some(mut action) = table::action(call, parsed, command) else {
        return Reading::default();
    };
    // A word that is computed may be the option or the name that makes the
    // difference. Of a build tool's words few are about a database: those are
    // left to the shim, which sees what they became.
    let builds = command.path.is_empty();
    let varies = !builds && command.cases.iter().any(|case| case.effect == Some(Effect::Destroy));
    let loose = parsed.positionals.iter().find(|word| word.dynamic);
    if let Some(word) = loose.filter(|_| varies && action.effect < Effect::Destroy) {
        return computed(call, parsed, word, place);
    }
    let text = text::read(call, parsed, command);
    let has_text = text.is_some();
    if let Some(found) = text {
        action = Action { object: action.object, rule: action.rule, ..found };
    }
    if action.flags.has(Flag::Opaque)
        && let Some(found) = code::read(call, parsed, command)
    {
        action = Action { rule: action.rule, ..found };
    }
    if action.effect == Effect::Write
        && let Some(found) = pending::read(call, parsed, &command.operation())
    {
        action = Action { rule: action.rule, ..found };
    }
    if action.is_harmless() && !call.full {
        return Reading::default();
    }
    let session = action.flags.has(Flag::Opaque) && !has_text && parsed.positionals.is_empty();
    if session && is_session(call, parsed) {
        action.operation = INTERACTIVE.into();
    }
    let targets = place.map_or_else(|| migration::resolve(call, parsed), |place| vec![place]);
    let actions = targets.into_iter().map(|target| Action { target, ..action.clone() });
    Reading { actions: actions.collect(), ..Reading::default() }
}

/// Whether it only shows how it is called. `-h` is a host to Sqitch.
fn helps(parsed: &Parsed<'_>) -> bool {
    let names = ["-h", "--help", "-help"];
    let mut flags = parsed.options.iter().filter(|given| given.option.arity == Arity::Flag);
    flags.any(|given| names.iter().any(|name| given.option.is(name)))
}

/// Whether any command of a tool destroys: all that have this reader, but it
/// is the rule file that says so.
fn is_guarding(call: &Call<'_>) -> bool {
    call.tool.commands.iter().any(|command| command.effect == Some(Effect::Destroy))
}

/// A command whose words are computed at run time.
fn computed(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    word: &Word<'_>,
    place: Option<Target>,
) -> Reading {
    let spelled = crate::text::visible(&word.text.to_string_lossy(), 60);
    let mut action =
        Action::opaque("computed command", format_args!("`{spelled}` is computed at run time"));
    action.rule = format!("{}/opaque", call.tool.name).into();
    let targets = place.map_or_else(|| migration::resolve(call, parsed), |place| vec![place]);
    let actions = targets.into_iter().map(|target| Action { target, ..action.clone() });
    Reading { actions: actions.collect(), ..Reading::default() }
}

/// Whether a console would be written by whoever sits at the terminal.
fn is_session(call: &Call<'_>, parsed: &Parsed<'_>) -> bool {
    let given = ["--command", "--execute"].iter().any(|option| parsed.has(option));
    !given && call.context.stdin(TEXT_LIMIT) == Input::Terminal
}

/// Rails and rake take several tasks, with variables among them.
fn rails(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let mut reading = Reading::default();
    if parsed.has("--dry-run") || parsed.has("--tasks") {
        return reading;
    }
    let words = parsed.path.iter().chain(&parsed.positionals);
    for word in words {
        if word.dynamic {
            reading.absorb(one(call, &only(&parsed, *word), None, None));
            continue;
        }
        let text = word.text.to_string_lossy();
        let Some(command) = names::task(call.tool, &text) else { continue };
        reading.absorb(one(call, &parsed, Some((command, 0)), None));
        // What follows is the program's or the console's own.
        if command.flags.has(Flag::Opaque) {
            break;
        }
    }
    reading
}

fn only<'a>(parsed: &Parsed<'a>, word: Word<'a>) -> Parsed<'a> {
    Parsed { positionals: vec![word], command: None, ..parsed.clone() }
}

/// `goose [OPTIONS] [DRIVER DBSTRING] COMMAND`.
fn goose(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if helps(&parsed) {
        return Reading::default();
    }
    let words = &parsed.positionals;
    let driver = words.first().map(|word| word.text.to_string_lossy()).unwrap_or_default();
    let (Some(place), Some(verb)) = (words.get(1), words.get(2)) else {
        let command = parsed.command.map(|command| (command, 0));
        return one(call, &parsed, command, None);
    };
    if parsed.command.is_some() || !GOOSE_DRIVERS.contains(&driver.as_ref()) {
        let command = parsed.command.map(|command| (command, 0));
        return one(call, &parsed, command, None);
    }
    let text = place.text.to_string_lossy();
    let target = match (place.dynamic, driver.as_ref()) {
        (true, _) => Target {
            gap: Some("its connection string is computed at run time".to_owned()),
            ..Target::of("postgres")
        },
        (false, "sqlite3" | "duckdb") => database_url::file_target(&text, "DBSTRING"),
        // ClickHouse's driver has a scheme of its own.
        (false, "clickhouse") => {
            let text = text.replacen("tcp://", "clickhouse://", 1);
            database_url::resolve(&text, "DBSTRING")
        }
        (false, _) => database_url::resolve(&text, "DBSTRING"),
    };
    let inner = call.context.invocation.tail(verb.index);
    let inner = Invocation {
        argv: std::iter::once("goose".into()).chain(inner.argv.iter().cloned()).collect(),
        dynamic: inner.dynamic.iter().map(|at| at + 1).collect(),
        ..inner
    };
    let call = Call { context: Context { invocation: &inner, ..call.context }, ..*call };
    let parsed = argv::parse(call.tool, &inner, false);
    one(&call, &parsed, parsed.command.map(|command| (command, 0)), Some(target))
}

#[cfg(test)]
mod tests;
