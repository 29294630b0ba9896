//! gh-ost, pt-online-schema-change and pt-archiver, which are given a part of a statement: the clauses
//! of an ALTER TABLE, the condition of a DELETE. The part is put into its
//! statement and judged as MySQL would read it; nothing is put together from
//! what is computed at run time.

use std::ffi::{OsStr, OsString};

use super::CLIENT;
use crate::action::{Action, Effect};
use crate::actions::{Call, Reading, table};
use crate::invocation::{Context, Invocation};
use crate::parse::argv::{self, Parsed, Value};
use crate::parse::dialect::{self, Dialect};
use crate::parse::sql::Statement;
use crate::target::mysql::{self, Parameters, Setting, options};
use crate::target::{Evidence, Kind, Target};

/// Reads a call of one of them.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let mut reading = Reading::default();
    let Some(mut action) = parsed.command.and_then(|command| table::action(call, &parsed, command))
    else {
        return reading;
    };
    let target = match call.tool.name {
        "gh-ost" => {
            altered(&parsed, "-alter", &mut action);
            ghost(&parsed)
        }
        "pt-online-schema-change" => {
            altered(&parsed, "--alter", &mut action);
            let dsn = parsed.positionals.first();
            source(call, &parsed, dsn.map(|word| (word.text, word.dynamic, "argument")))
        }
        _ => {
            archived(&parsed, &mut action);
            let dsn = parsed.value("--source");
            source(call, &parsed, dsn.map(|value| (value.text, value.dynamic, "--source")))
        }
    };
    if !action.is_harmless() || call.full {
        reading.actions.push(Action { target, ..action });
    }
    reading
}

/// The worst of what a text does.
fn worst(text: &str) -> Option<Statement> {
    let found = dialect::read(text.as_bytes(), Dialect::Mysql).into_iter();
    found
        .map(|found| found.statement)
        .max_by_key(|found| (found.effect, found.flags.iter().count()))
}

/// What is to be altered. The table is copied, so what would lock one is a
/// write; what drops a column loses it.
fn altered(parsed: &Parsed<'_>, option: &str, action: &mut Action) {
    if action.effect != Effect::Write {
        return;
    }
    let Some(value) = parsed.value(option) else { return };
    if value.dynamic {
        *action = computed(action, "what it alters is computed at run time");
        return;
    }
    let clauses = value.text.to_string_lossy();
    // It takes a whole statement too.
    let whole =
        clauses.trim_start().get(..5).is_some_and(|word| word.eq_ignore_ascii_case("alter"));
    let text = if whole { clauses.into_owned() } else { format!("ALTER TABLE t {clauses}") };
    if let Some(found) = worst(&text).filter(|found| found.effect == Effect::Destroy) {
        action.effect = Effect::Destroy;
        action.flags = found.flags;
    }
}

/// Which rows pt-archiver is told to take.
fn archived(parsed: &Parsed<'_>, action: &mut Action) {
    if action.effect != Effect::Write || parsed.has("--no-delete") {
        return;
    }
    let Some(value) = parsed.value("--where") else { return };
    if value.dynamic {
        *action = computed(action, "which rows it deletes is computed at run time");
        return;
    }
    let text = format!("DELETE FROM t WHERE ({})", value.text.to_string_lossy());
    if worst(&text).is_some_and(|found| found.effect == Effect::Destroy) {
        action.effect = Effect::Destroy;
        action.summary = "Moves or deletes every row of the table.".to_owned();
    }
}

fn computed(action: &Action, why: &str) -> Action {
    Action { rule: action.rule.clone(), ..Action::opaque(action.operation.clone(), why) }
}

fn setting(
    value: Option<Value<'_>>,
    name: &'static str,
    gap: &mut Option<String>,
) -> Option<Setting> {
    let value = value?;
    if value.dynamic {
        *gap = Some(format!("the value of {name} is computed at run time"));
    }
    Some(Setting::new(value.text.to_string_lossy(), name))
}

/// Where gh-ost connects: `-host`, or this machine; the master that is named
/// for it is altered too.
fn ghost(parsed: &Parsed<'_>) -> Target {
    let mut found = Parameters::default();
    let mut gap = None;
    for (name, slot) in [
        ("-host", &mut found.host),
        ("-port", &mut found.port),
        ("-database", &mut found.database),
        ("-user", &mut found.user),
    ] {
        *slot = setting(parsed.value(name), name, &mut gap);
    }
    let master = setting(parsed.value("-assume-master-host"), "-assume-master-host", &mut gap);
    found.gap = gap;
    let mut target = mysql::target(&found);
    if let Some(master) = master {
        let host = master.value.split(':').next().unwrap_or_default();
        if !crate::parse::url::is_loopback(host) {
            target.evidence.iter_mut().for_each(|it| it.asserts = None);
        }
        target.evidence.push(Evidence::name(Kind::Host, master.source, host));
    }
    target
}

/// Where Percona's tools connect: their DSN `h=…,P=…,D=…,F=FILE`, other options
/// for what that leaves out, then MySQL's option files (the documentation of
/// pt-archiver 3.2).
fn source(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    dsn: Option<(&OsStr, bool, &'static str)>,
) -> Target {
    let mut found = Parameters::default();
    let mut gap = None;
    if let Some((_, true, from)) = dsn {
        gap = Some(format!("the value of {from} is computed at run time"));
    }
    let (text, from) = match dsn {
        Some((text, _, from)) => (text.to_string_lossy().into_owned(), from),
        None => (String::new(), ""),
    };
    let part = |letter: &str| {
        text.split(',').find_map(|pair| pair.trim().strip_prefix(letter)?.strip_prefix('='))
    };
    for (letter, name, slot) in [
        ("h", "--host", &mut found.host),
        ("P", "--port", &mut found.port),
        ("S", "--socket", &mut found.socket),
        ("D", "--database", &mut found.database),
        ("u", "--user", &mut found.user),
    ] {
        *slot = part(letter)
            .map(|value| Setting::new(value, from))
            .or_else(|| setting(parsed.value(name), name, &mut gap));
    }
    found.gap = gap;
    if found.host.is_none() {
        // DBD::mysql reads the group `client`.
        let named = parsed.value("--defaults-file").map(|value| value.text.to_string_lossy());
        let file = part("F").map(str::to_owned).or_else(|| named.map(|name| name.into_owned()));
        let file = file.map(|file| OsString::from(format!("--defaults-file={file}")));
        let argv = [OsString::from("pt-archiver")].into_iter().chain(file).collect();
        let invocation = Invocation { argv, ..call.context.invocation.clone() };
        let context = Context { invocation: &invocation, ..call.context };
        let defaults = options::read(&context, CLIENT);
        for option in defaults.options {
            let word = option.word.to_string_lossy();
            if let Some(host) = word.strip_prefix("--host=") {
                found.host = Some(Setting::new(host, option.source));
            }
        }
        found.gap = found.gap.or(defaults.gap);
    }
    mysql::target(&found)
}
