//! The PostgreSQL programs beside psql: what their rule file says, with the
//! target that libpq would resolve, or the data directory.

use std::borrow::Cow;
use std::path::Path;

use super::{TEXT_LIMIT, given};
use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::{Call, Reading, table};
use crate::parse::argv::{Parsed, Value};
use crate::parse::pg_archive;
use crate::parse::sql::lex::{Kind, Lexer, Mode};
use crate::parse::sql::{self, Statement};
use crate::target::postgres::{self, Setting};
use crate::target::{self, Class, Evidence, Target, data_directory};

/// Reads a call of one of them.
pub fn read(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let mut reading = Reading::default();
    // A program that only reads may have learned an option since.
    let reads = parsed
        .command
        .is_some_and(|command| command.effect == Some(Effect::Read) && command.cases.is_empty());
    for unknown in parsed.unknown.iter().filter(|_| !reads) {
        let why = format!("it has no option {}", unknown.text.to_string_lossy());
        reading.actions.push(Action::opaque(call.tool.name, why));
    }
    if let Some(command) = parsed.command {
        reading.actions.extend(table::action(call, parsed, command));
    }
    if call.tool.name == "pg_restore" {
        reading.actions.iter_mut().for_each(|action| restored(call, parsed, action));
    }
    if call.tool.name == "pgbench" && !parsed.has("--initialize") {
        for value in parsed.all("--file").filter_map(|given| given.value) {
            reading.actions.extend(benchmark(call, value));
        }
    }
    let harmless = reading.actions.iter().all(Action::is_harmless);
    if harmless && !call.full {
        return Reading::default();
    }
    let target = target(call, parsed);
    let rule = call.tool.name;
    for action in &mut reading.actions {
        action.target = target.clone();
        if action.operation.is_empty() {
            action.operation = Cow::Borrowed(rule);
        }
        action.rule = Cow::Borrowed(rule);
    }
    reading
}

/// pg_restore without `-d` prints SQL; with `--clean` it drops what it is about
/// to restore, and with `--create` the database that the archive names.
fn restored(call: &Call<'_>, parsed: &Parsed<'_>, action: &mut Action) {
    if !parsed.has("--dbname") || parsed.has("--list") {
        action.effect = Effect::Read;
        action.summary.clear();
        return;
    }
    if !parsed.has("--clean") {
        return;
    }
    action.effect = Effect::Destroy;
    action.instead = Some("Restore into a new, empty database first.".into());
    if parsed.has("--create") {
        action.flags = Flags::of(&[Flag::Irreversible]);
        let object = match archived(call, parsed) {
            Some(name) => format!("database {name}"),
            None => "the database that the archive names".to_owned(),
        };
        action.summary = format!("Drops {object}, with everything in it, and restores it.");
        action.object = Some(object);
    } else {
        action.object = Some("what the archive holds".to_owned());
        action.summary =
            "Drops every object that the archive holds, with its rows, and restores it.".to_owned();
    }
}

/// The database that an archive names, which `--create` is about: `-d` names
/// only the one that pg_restore first connects to.
fn archived(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<String> {
    if !parsed.has("--create") {
        return None;
    }
    let word = parsed.positionals.first().filter(|word| !word.dynamic)?;
    let path = Path::new(word.text);
    let directory = call.context.world.is_dir(&call.context.resolve(path));
    let path = if directory { path.join("toc.dat") } else { path.to_owned() };
    let bytes = call.context.read_start(path, pg_archive::HEAD).ok()?;
    pg_archive::database(&bytes)
}

/// What one of pgbench's scripts would do: SQL, backslash lines for values, and
/// variables that stand for values.
fn benchmark(call: &Call<'_>, value: Value<'_>) -> Vec<Action> {
    let text = value.text.to_string_lossy();
    // FILE@WEIGHT
    let name = match text.rsplit_once('@') {
        Some((name, weight)) if weight.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => &*text,
    };
    if value.dynamic {
        return vec![Action::opaque("pgbench", "its script is computed at run time")];
    }
    let bytes = match call.context.read(name, TEXT_LIMIT) {
        Ok(bytes) => bytes,
        Err(error) => return vec![Action::opaque("pgbench", format!("its script: {error}"))],
    };
    let mut sql = Vec::with_capacity(bytes.len());
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.trim_ascii_start().first() == Some(&b'\\') {
            continue;
        }
        let mut at = 0;
        for token in Lexer::new(line, 0, Mode { backslashes: false, psql: true }) {
            if token.kind == Kind::Variable {
                sql.extend_from_slice(line.get(at..token.start).unwrap_or_default());
                sql.push(b'1');
                at = token.end;
            }
        }
        sql.extend_from_slice(line.get(at..).unwrap_or_default());
        sql.push(b'\n');
    }
    let worse = |found: &Statement| found.effect > Effect::Write || !found.flags.is_empty();
    let found = sql::read(&sql).into_iter().filter(worse).take(50);
    found
        .map(|found| Action {
            flags: found.flags,
            object: found.object,
            summary: found.summary,
            ..Action::new(found.effect, found.operation)
        })
        .collect()
}

fn target(call: &Call<'_>, parsed: &Parsed<'_>) -> Target {
    match call.tool.platform {
        "postgres" => server(call, parsed),
        _ => directory(call, parsed),
    }
}

/// The server that libpq would connect to.
fn server(call: &Call<'_>, parsed: &Parsed<'_>) -> Target {
    let mut given = given(parsed);
    let named = || {
        let option = ["--maintenance-db", "--dbname"]
            .into_iter()
            .find_map(|name| parsed.value(name).map(|value| (name, value.text, value.dynamic)));
        option.or_else(|| {
            parsed.positionals.first().map(|word| ("argument", word.text, word.dynamic))
        })
    };
    let own = matches!(call.tool.name, "dropdb" | "createdb");
    let maintenance = parsed
        .value("--maintenance-db")
        .map(|value| ("--maintenance-db", value.text, value.dynamic));
    let database = if own { maintenance } else { named() };
    let is_role = matches!(call.tool.name, "dropuser" | "createuser");
    let is_archive = call.tool.name == "pg_restore";
    let database = match database {
        Some(("argument", ..)) if is_role || is_archive => None,
        other => other,
    };
    if let Some((source, text, dynamic)) = database {
        if dynamic {
            given.gap = Some("the database is computed at run time".to_owned());
        }
        given.dbname = Some(Setting::new(text.to_string_lossy(), source));
    }
    let mut found = postgres::resolve(&call.context, &given, true);
    if let Some(name) = archived(call, parsed).filter(|_| is_archive) {
        found.dbname = Some(Setting::new(name, "the archive's head"));
    }
    if let Some(word) = parsed.positionals.first().filter(|_| own) {
        if word.dynamic {
            found.gap = Some("the database is computed at run time".to_owned());
        }
        found.dbname = Some(Setting::new(word.text.to_string_lossy(), "argument"));
    }
    postgres::target(&found)
}

/// The data directory of programs that work on files.
fn directory(call: &Call<'_>, parsed: &Parsed<'_>) -> Target {
    let mut place = Target::of("files");
    let option = ["--target-pgdata", "--new-datadir", "--pgdata"]
        .into_iter()
        .find_map(|name| parsed.value(name).map(|value| (name, value.text, value.dynamic)));
    if matches!(call.tool.name, "pg_ctlcluster" | "pg_dropcluster") {
        return debian_cluster(call, parsed, place);
    }
    let word = parsed.positionals.first().map(|word| ("argument", word.text, word.dynamic));
    // pg_ctl's first word is what it does.
    let word = word.filter(|_| call.tool.name != "pg_ctl");
    let (source, path) = match option.or(word) {
        Some((source, text, dynamic)) => {
            if dynamic {
                place.gap = Some("the directory is computed at run time".to_owned());
            }
            (source, text.to_string_lossy().into_owned())
        }
        None => match call.context.text_var("PGDATA") {
            Some(path) => ("PGDATA", path),
            None => return place,
        },
    };
    place.name = Some(path.clone());
    let known = data_directory::look(&call.context, Path::new(&path));
    place.evidence.push(Evidence::name(target::Kind::Path, source, path).asserting(Class::Local));
    place.evidence.extend(known.into_iter().flat_map(|known| known.evidence));
    place
}

/// The data directory of a cluster that Debian's tools name by version and name.
fn debian_cluster(call: &Call<'_>, parsed: &Parsed<'_>, mut place: Target) -> Target {
    let mut words = parsed.positionals.iter();
    let (Some(version), Some(name)) = (words.next(), words.next()) else { return place };
    if version.dynamic || name.dynamic {
        place.gap = Some("which cluster it is about is computed at run time".to_owned());
        return place;
    }
    let (version, name) = (version.text.to_string_lossy(), name.text.to_string_lossy());
    let path = data_directory::cluster(&call.context, &version, &name);
    let known = data_directory::look(&call.context, &path);
    let cluster = format!("{version}/{name}");
    place.name = Some(cluster.clone());
    place.evidence.push(Evidence::name(target::Kind::Cluster, "argument", cluster));
    let path = path.display().to_string();
    let source = "the cluster's data_directory";
    place.evidence.push(Evidence::name(target::Kind::Path, source, path).asserting(Class::Local));
    place.evidence.extend(known.into_iter().flat_map(|known| known.evidence));
    place
}
