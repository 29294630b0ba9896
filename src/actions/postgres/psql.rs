//! psql's words: the connection, the texts in their order, the variables.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::session::{Database, Session};
use super::{TEXT_LIMIT, given, startup};
use crate::action::{Action, Effect};
use crate::actions::sql_steps::filled;
use crate::actions::{By, Call, Handed, Name, Place, Reading};
use crate::invocation::Input;
use crate::parse::argv::{Parsed, Value};
use crate::parse::psql_script::Variables;
use crate::target::postgres::{self, Parameters, Setting};

/// Reads a call of psql.
pub fn read(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let start = connection(parsed);
    if parsed.has("--list") {
        if !call.full {
            return Reading::default();
        }
        let connection = postgres::resolve(&call.context, &start, true);
        let mut action = Action::new(Effect::Read, "list databases");
        action.rule = "psql/list".into();
        action.target = postgres::target(&connection);
        return Reading::of(action);
    }
    let mut session = Session::new(call, start, variables(parsed));
    session.set_database(database(parsed));
    session.set_single_line(parsed.has("--single-line"));
    for unknown in &parsed.unknown {
        session.opaque(format!("psql has no option {}", unknown.text.to_string_lossy()));
    }
    if let Some(value) = parsed.value("--output")
        && let Some(command) = value.text.as_bytes().strip_prefix(b"|")
    {
        session.shell((!value.dynamic).then_some(command), true);
        session.has_run = false;
    }
    if let Some(encoding) = call.context.var("PGCLIENTENCODING") {
        session.encoding(encoding.as_bytes());
    }
    if !parsed.has("--no-psqlrc") {
        startup::run(&mut session);
        // What a psqlrc runs has no business with scripts.
        session.has_run = false;
    }
    let mut texts = 0_usize;
    for option in &parsed.options {
        let Some(value) = option.value else { continue };
        if option.option.is("--command") {
            texts += 1;
            let filled = match value.dynamic {
                true => filled(call.context.invocation, value.index, value.offset),
                false => None,
            };
            match filled {
                Some(text) => {
                    session.command_text(&text, false);
                }
                None => {
                    let names = session.command_text(value.text.as_bytes(), value.dynamic);
                    hand_word(call, &mut session, value, names);
                }
            }
        } else if option.option.is("--file") {
            texts += 1;
            file(call, &mut session, value);
        }
    }
    if texts == 0 {
        standard_input(call, &mut session);
    }
    session.finish()
}

/// Runs the files that `--file` names; the text on standard input where there
/// is none and the words `held_text` neither.
pub(super) fn files(
    call: &Call<'_>,
    session: &mut Session<'_>,
    parsed: &Parsed<'_>,
    held_text: bool,
) {
    let files: Vec<_> = parsed.all("--file").filter_map(|given| given.value).collect();
    if files.is_empty() && !held_text {
        standard_input(call, session);
    }
    for value in files {
        file(call, session, value);
    }
}

/// A file that the words name.
fn file(call: &Call<'_>, session: &mut Session<'_>, value: Value<'_>) {
    if value.dynamic {
        return session.opaque("which file it runs is computed at run time".to_owned());
    }
    if value.text == "-" || value.text == "/dev/stdin" {
        return standard_input(call, session);
    }
    let bytes = match session.context().read(value.text, TEXT_LIMIT) {
        Ok(bytes) => bytes,
        Err(error) => {
            let name = value.text.to_string_lossy();
            return session.opaque(format!("the file {name} cannot be read: {error}"));
        }
    };
    let dir = Path::new(value.text).parent().map(Path::to_path_buf);
    // What has run may have written the file anew.
    let stale = session.has_run;
    let pinned = session.script(bytes.into(), dir);
    if let Some(text) = pinned.filter(|_| !stale) {
        let end = value.text.len();
        let names = vec![Name { span: 0..end, by: By::Copy(text) }];
        hand_word(call, session, value, names);
    }
}

/// Hands on a word in which names of files give way.
fn hand_word(call: &Call<'_>, session: &mut Session<'_>, value: Value<'_>, names: Vec<Name>) {
    let Some(word) = call.context.invocation.argv.get(value.index) else { return };
    let mut names = names;
    for name in &mut names {
        name.span = name.span.start + value.offset..name.span.end + value.offset;
    }
    if let Some(handed) = Handed::names(Place::Word(value.index), word.as_bytes(), names) {
        session.hand(handed);
    }
}

/// The text on standard input.
fn standard_input(call: &Call<'_>, session: &mut Session<'_>) {
    match call.context.stdin(TEXT_LIMIT) {
        Input::Terminal => session.interactive(),
        Input::Text(text) => session.script_from_stdin(text),
        Input::Opaque(why) => session.opaque(why),
    }
}

/// The connection as the words give it. The first positional is the database
/// unless `-d` gave one, the next the user unless `-U` did; psql ignores the
/// rest.
fn connection(parsed: &Parsed<'_>) -> Parameters {
    let mut given = given(parsed);
    let mut gap = None;
    let mut take = |text: &OsStr, dynamic: bool, source: &'static str, what: &str| {
        if dynamic {
            gap = Some(format!("the {what} is computed at run time"));
        }
        Some(Setting::new(text.to_string_lossy(), source))
    };
    if let Some(value) = parsed.value("--dbname") {
        given.dbname = take(value.text, value.dynamic, "--dbname", "database");
    }
    for word in &parsed.positionals {
        if given.dbname.is_none() {
            given.dbname = take(word.text, word.dynamic, "argument", "database");
        } else if given.user.is_none() {
            given.user = take(word.text, word.dynamic, "argument", "user");
        }
    }
    given.gap = given.gap.take().or(gap);
    given
}

/// Where [`connection`] has the database from.
fn database(parsed: &Parsed<'_>) -> Database {
    let option = parsed.value("--dbname").map(|value| (value.index, value.offset));
    let place = option.or_else(|| parsed.positionals.first().map(|word| (word.index, 0)));
    place.map_or(Database::Default, |(index, offset)| Database::Word { index, offset })
}

/// The variables that `-v` sets and unsets.
fn variables(parsed: &Parsed<'_>) -> Variables {
    let mut variables = Variables::default();
    for value in parsed.all("--variable").filter_map(|given| given.value) {
        let bytes = value.text.as_bytes();
        let equals = bytes.iter().position(|byte| *byte == b'=');
        let name = bytes.get(..equals.unwrap_or(bytes.len())).unwrap_or_default();
        let text = equals.and_then(|at| bytes.get(at + 1..));
        let plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        match text {
            // The name is spelled out, only the value is computed.
            Some(_) if value.dynamic && plain => variables.set(name, None),
            _ if value.dynamic => variables.forget(b""),
            Some(text) => variables.set(name, Some(text.to_vec())),
            None => variables.unset(name),
        }
    }
    variables
}
