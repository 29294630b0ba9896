//! What platforms' own clients hand on to a database or an app of theirs: SQL
//! (`heroku pg:psql -c`, `wrangler d1 execute --command`, `turso db shell`)
//! and commands (`heroku run`). Each becomes a command of its own, seen as
//! running where the platform's names say. Never says what it does.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Call, Reading, TEXT_LIMIT, table};
use crate::action::Action;
use crate::invocation::{COMPUTED, Input, Invocation, Stdin, Written};
use crate::parse::argv::{Parsed, Value, Word};
use crate::target::place::Place;
use crate::target::{Evidence, Kind};

/// A command that hands SQL to a database.
struct Sql {
    tool: &'static str,
    operation: &'static str,
    /// The client that it stands for, with the option that takes a statement.
    client: &'static [&'static str],
    /// The option with a statement, and the option with a file.
    options: [&'static str; 2],
    /// Which positional is a statement.
    word: Option<usize>,
    /// Which positional names the database.
    database: Option<usize>,
    /// Without this option, it is a database of this machine, or none.
    remote: Option<&'static str>,
}

const PSQL: &[&str] = &["psql", "-c"];
const SQLITE: &[&str] = &["sqlite3", "database"];
const REDIS: &[&str] = &["redis-cli"];

const CLIENTS: &[Sql] = &[
    Sql {
        tool: "heroku",
        operation: "pg:psql",
        client: PSQL,
        options: ["--command", "--file"],
        word: None,
        database: Some(0),
        remote: None,
    },
    Sql {
        tool: "fly",
        operation: "mpg connect",
        client: PSQL,
        options: ["", ""],
        word: None,
        database: None,
        remote: None,
    },
    Sql {
        tool: "fly",
        operation: "postgres connect",
        client: PSQL,
        options: ["", ""],
        word: None,
        database: None,
        remote: None,
    },
    Sql {
        tool: "wrangler",
        operation: "d1 execute",
        client: SQLITE,
        options: ["--command", "--file"],
        word: None,
        database: Some(0),
        remote: Some("--remote"),
    },
    Sql {
        tool: "turso",
        operation: "db shell",
        client: SQLITE,
        options: ["", ""],
        word: Some(1),
        database: Some(0),
        remote: None,
    },
    Sql {
        tool: "pscale",
        operation: "shell",
        client: &["mysql", "-e"],
        options: ["", ""],
        word: None,
        database: Some(0),
        remote: None,
    },
    Sql {
        tool: "heroku",
        operation: "redis:cli",
        client: REDIS,
        options: ["", ""],
        word: None,
        database: None,
        remote: None,
    },
    Sql {
        tool: "render",
        operation: "kv-cli",
        client: REDIS,
        options: ["", ""],
        word: None,
        database: Some(0),
        remote: None,
    },
    Sql {
        tool: "render",
        operation: "psql",
        client: PSQL,
        options: ["--command", ""],
        word: None,
        database: Some(0),
        remote: None,
    },
    Sql {
        tool: "netlify",
        operation: "database connect",
        client: PSQL,
        options: ["--query", ""],
        word: None,
        database: None,
        remote: Some("--branch"),
    },
    Sql {
        tool: "neonctl",
        operation: "connection-string",
        client: PSQL,
        options: ["", ""],
        word: None,
        database: None,
        remote: Some("--psql"),
    },
    Sql {
        tool: "neonctl",
        operation: "psql",
        client: PSQL,
        options: ["", ""],
        word: None,
        database: None,
        remote: None,
    },
];

/// Reads what is handed on; none where the command hands nothing on.
pub fn read(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<Reading> {
    let operation = parsed.command?.operation();
    if call.tool.name == "heroku" && matches!(operation.as_str(), "run" | "run:detached") {
        return Some(command(call, parsed));
    }
    let fits = |sql: &&Sql| sql.tool == call.tool.name && sql.operation == operation;
    let sql = CLIENTS.iter().find(fits)?;
    if sql.remote.is_some_and(|remote| !parsed.has(remote)) {
        return Some(Reading::default());
    }
    let mut place = place(call, parsed);
    // `neonctl psql BRANCH`; a branch may be given with a time.
    let front = parsed.before_dashes.unwrap_or(parsed.positionals.len());
    let branch = parsed.positionals.first().filter(|_| sql.tool == "neonctl" && front > 0);
    if let Some(word) = branch {
        let name = word.text.to_string_lossy();
        let name = name.split('@').next().unwrap_or_default().to_owned();
        match word.dynamic {
            true => place.gap = Some("the branch is computed at run time".to_owned()),
            false => {
                place.name.get_or_insert_with(|| name.clone());
                place.evidence.push(Evidence::name(Kind::Resource, "argument", name));
            }
        }
    }
    let named = sql.database.and_then(|at| parsed.positionals.get(at));
    if let Some(word) = named {
        match word.dynamic {
            true => place.gap = Some("the database is computed at run time".to_owned()),
            false => {
                let name = word.text.to_string_lossy().into_owned();
                place.name.get_or_insert_with(|| name.clone());
                place.evidence.push(Evidence::name(Kind::Database, "argument", name));
            }
        }
    }
    let mut inner = Invocation {
        argv: sql.client.iter().map(OsString::from).collect(),
        dynamic: Vec::new(),
        templates: Vec::new(),
        ..at(call, place)
    };
    let [statement, file] = sql.options;
    let word = sql.word.and_then(|at| parsed.positionals.get(at));
    let dashes = parsed.before_dashes.filter(|_| sql.operation == "psql" || sql.tool == "neonctl");
    if let Some(text) = parsed.value(statement) {
        push(&mut inner, text.text.to_owned(), text.dynamic);
    } else if let Some(text) = word {
        push(&mut inner, text.text.to_owned(), text.dynamic);
    } else if let Some(before) = dashes {
        // `neonctl psql BRANCH -- ARGUMENTS OF PSQL`.
        inner.argv.truncate(1);
        for word in parsed.positionals.iter().skip(before) {
            push(&mut inner, word.text.to_owned(), word.dynamic);
        }
    } else {
        inner.argv.truncate(if sql.client == SQLITE { 2 } else { 1 });
        match parsed.value(file) {
            Some(file) => inner.stdin = script(call, file),
            // A person's own session.
            None if call.context.stdin(TEXT_LIMIT) == Input::Terminal => {
                return Some(Reading::default());
            }
            None => {}
        }
    }
    Some(Reading { inner: vec![inner], ..Reading::default() })
}

/// `heroku run`: the words that are none of its own options, wherever those
/// stand.
fn command(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let outer = call.context.invocation;
    let unknown = parsed.unknown.iter().map(|word| Word {
        index: word.index,
        text: word.text,
        dynamic: outer.is_dynamic(word.index),
    });
    let mut words: Vec<Word<'_>> = parsed.positionals.iter().copied().chain(unknown).collect();
    words.sort_by_key(|word| word.index);
    let Some(first) = words.first() else { return Reading::default() };
    let place = place(call, parsed);
    if first.dynamic {
        let action = Action::opaque("run", "the command is computed at run time");
        return Reading::of(Action { target: table::target(call, parsed), ..action });
    }
    let empty = Invocation { argv: Vec::new(), ..at(call, place) };
    let mut inner = Invocation { dynamic: Vec::new(), templates: Vec::new(), ..empty };
    // A single word is a line: `heroku run "rails db:reset"`.
    if words.len() == 1 {
        inner.argv.extend(["sh".into(), "-c".into()]);
    }
    for word in &words {
        push(&mut inner, word.text.to_owned(), word.dynamic);
    }
    Reading { inner: vec![inner], ..Reading::default() }
}

fn push(inner: &mut Invocation, text: OsString, dynamic: bool) {
    if dynamic {
        inner.dynamic.push(inner.argv.len());
    }
    inner.argv.push(text);
}

fn script(call: &Call<'_>, file: Value<'_>) -> Stdin {
    let shown = crate::text::visible(&file.text.to_string_lossy(), 60);
    if file.dynamic {
        return Stdin::Opaque(format!("{shown} is computed at run time"));
    }
    match call.context.read(PathBuf::from(file.text), TEXT_LIMIT) {
        Ok(bytes) => Stdin::Text(Arc::from(bytes)),
        Err(why) => Stdin::Opaque(format!("{shown}: {why}")),
    }
}

/// Where it goes, as the platform's own names say.
fn place(call: &Call<'_>, parsed: &Parsed<'_>) -> Place {
    let target = table::target(call, parsed);
    let name = target.name.as_deref().map(|name| crate::text::visible(name, 60));
    Place {
        what: name.map_or_else(|| "another place".to_owned(), |name| format!("the app {name}")),
        name: target.name,
        evidence: target.evidence,
        local: false,
        gap: target.gap,
    }
}

/// This call's surroundings, seen from there.
fn at(call: &Call<'_>, place: Place) -> Invocation {
    Invocation {
        env: [("HOME".into(), Some(COMPUTED.into()))].into(),
        env_cleared: true,
        env_unknown: false,
        written: Written::default(),
        cwd: Some(PathBuf::from(COMPUTED)),
        place: Some(Arc::new(place)),
        ..call.context.invocation.clone()
    }
}
