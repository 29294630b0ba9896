//! Reads sqlite3: the database's file, the SQL and dot-commands on its command
//! line, in its files and on standard input.

mod litecli;

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;

use super::sql_session::{self, Client};
use super::sql_steps::{filled, names_any};
use super::sqlite_shell::{self, Text, Word};
use super::{Call, INTERACTIVE, Place as Stands, Reading};
use crate::action::{Effect, Flag};
use crate::parse::dialect::{self, Dialect};
use crate::parse::sqlite::{self, Dot, Item};
use crate::target::{Class, Evidence, Kind, Target};

/// Dot-commands that neither run nor overwrite anything.
const READS: &[&str] = &[
    "auth",
    "bail",
    "binary",
    "changes",
    "check",
    "connection",
    "databases",
    "dbconfig",
    "dbinfo",
    "dump",
    "echo",
    "eqp",
    "exit",
    "expert",
    "explain",
    "filectrl",
    "fullschema",
    "headers",
    "help",
    "indexes",
    "indices",
    "intck",
    "limit",
    "lint",
    "log",
    "mode",
    "nonce",
    "nullvalue",
    "parameter",
    "print",
    "progress",
    "prompt",
    "quit",
    "recover",
    "scanstats",
    "schema",
    "selftest",
    "separator",
    "session",
    "sha3sum",
    "show",
    "stats",
    "tables",
    "testcase",
    "timeout",
    "timer",
    "trace",
    "version",
    "vfsinfo",
    "vfslist",
    "vfsname",
    "width",
    "www",
];

/// The others; where a prefix fits several, the first of these counts.
const OTHERS: &[&str] = &[
    "shell", "system", "load", "restore", "read", "open", "save", "backup", "clone", "import",
    "output", "once", "excel", "archive", "cd", "imposter", "testctrl", "edit",
];

/// Where statements go: the files that are open.
#[derive(Clone, Debug, Default, PartialEq)]
struct Place {
    /// The database's file, and what named it.
    file: (String, &'static str),
    /// Files that were attached to it.
    attached: Vec<String>,
    gap: Option<String>,
}

impl Place {
    /// A database in memory, which is opened where no file is named.
    fn memory() -> Place {
        Place { file: (":memory:".to_owned(), "default"), ..Place::default() }
    }
}

/// Reads a call of a SQLite client.
pub fn read(call: &Call<'_>) -> Reading {
    match call.tool.name {
        "litecli" => litecli::read(call),
        _ => sqlite3(call),
    }
}

/// Reads a call of sqlite3.
fn sqlite3(call: &Call<'_>) -> Reading {
    let (mut first, mut texts, mut init) = (Vec::new(), Vec::new(), None);
    let mut place = Place::memory();
    let mut unknown = None;
    let mut archive = false;
    for word in sqlite_shell::words(call) {
        match word {
            Word::File(Text { text, dynamic, .. }) => {
                place.file = (text.to_string_lossy().into_owned(), "argument");
                place.gap =
                    dynamic.then(|| "which file it opens is computed at run time".to_owned());
            }
            Word::Text(text) => texts.push(text),
            Word::Option(b"help" | b"version", _) => return Reading::default(),
            Word::Option(b"cmd", Some(text)) => first.push(text),
            Word::Option(b"init", path) => init = path.or(init),
            Word::Option(..) => {}
            // What follows is an archiver's.
            Word::Unknown(word) if sqlite_shell::bare(word).first() == Some(&b'A') => {
                archive = true;
                break;
            }
            Word::Unknown(word) => {
                unknown = Some(format!("it has no option {}", word.to_string_lossy()));
            }
        }
    }
    let mut session = session(call, place);
    if let Some(why) = unknown {
        session.opaque(&why);
    }
    // The shell asks the user database first, and only then HOME.
    let home = call.context.world.account_home().or_else(|| call.context.home());
    sqlite_shell::start(&mut session, init, home.map(|home| home.join(".sqliterc")));
    let by_stdin = texts.is_empty() && !archive;
    for Text { text, at, dynamic } in first.into_iter().chain(texts) {
        match dynamic {
            true => match filled(call.context.invocation, at, 0) {
                Some(text) => session.argument(&text, at),
                None => session.opaque("its text is computed at run time"),
            },
            false => session.argument(text.as_bytes(), at),
        }
    }
    if archive {
        session.simple(Effect::Write, "archive", "Writes files or rows of an archive.", &[]);
    }
    if by_stdin {
        session.standard_input();
    }
    session.finish()
}

/// What is SQLite's own in a session.
struct Sqlite;

type Session<'a> = sql_session::Session<'a, Sqlite>;

fn session<'a>(call: &'a Call<'a>, place: Place) -> Session<'a> {
    Session::new(call, place, Sqlite)
}

impl Client for Sqlite {
    type Place = Place;

    fn read(session: &mut Session<'_>, text: &[u8]) {
        for item in sqlite::scan(text) {
            match item {
                Item::Text(text) => session.send(&text),
                Item::Dot { line, at } => session.dot(&line, at),
            }
        }
    }

    fn target(place: &Place, _: &[String]) -> Target {
        let mut target = Target::of("sqlite");
        target.gap = place.gap.clone();
        let (file, source) = &place.file;
        target.name = Some(file.clone());
        let attached = place.attached.iter().map(|file| (file, "ATTACH"));
        for (file, source) in std::iter::once((file, *source)).chain(attached) {
            let path = file.strip_prefix("file:").unwrap_or(file);
            let path = path.split('?').next().unwrap_or(path);
            target.evidence.push(Evidence::name(Kind::Path, source, path).asserting(Class::Local));
        }
        target
    }

    fn interactive(_: &Call<'_>) -> &'static str {
        INTERACTIVE
    }
}

impl Session<'_> {
    /// A word of the command line: one dot-command, or SQL.
    fn argument(&mut self, text: &[u8], at: usize) {
        match text.strip_prefix(b".") {
            Some(line) => self.dot(line, 1),
            None => self.send(text),
        }
        let names = self.take_names();
        self.hand(Stands::Word(at), text, names);
    }

    fn send(&mut self, text: &[u8]) {
        self.steps.written.any |= names_any(text, &[b"writefile", b"edit"]);
        for found in dialect::read(text, Dialect::Sqlite) {
            if found.statement.operation == "ATTACH" {
                let mut next = Place::clone(&self.place);
                next.attached.extend(found.databases);
                self.place = Rc::new(next);
                continue;
            }
            self.steps.push(found, &self.place);
        }
    }

    /// A dot-command, whose line begins at `at` in the text.
    fn dot(&mut self, line: &[u8], at: usize) {
        let Some(dot) = Dot::of(line) else { return };
        let Some(known) = dot.command(&[OTHERS, READS]) else {
            return self.opaque("it has no such dot-command");
        };
        let last = dot.files().last().map(|(file, _)| file);
        match (known, dot.piped()) {
            ("shell" | "system", _) => self.shell(dot.rest, false),
            ("load" | "imposter" | "testctrl", _) => self.opaque("it loads or pokes at code"),
            ("read", Some(_)) => self.opaque("it runs what a program prints"),
            ("read", None) => {
                if let Some((file, span)) = dot.files().next() {
                    self.include(Path::new(file), Some(at + span.start..at + span.end));
                }
            }
            ("import" | "output" | "once", Some(command)) => {
                self.shell(command, true);
                self.simple(Effect::Write, known, "Moves rows through a program.", &[]);
            }
            ("output" | "once" | "log" | "trace", _) => {
                self.steps.written.any |= ["e", "x", "w"].iter().any(|option| dot.has(option));
                if let Some(file) = last {
                    self.steps.written.add(self.absolute(file));
                }
            }
            ("excel" | "www" | "edit" | "session" | "testcase", _) => {
                self.steps.written.any = true;
            }
            ("restore", _) => self.simple(
                Effect::Destroy,
                "restore",
                "Replaces the whole database by what is in a file.",
                &[Flag::Irreversible],
            ),
            ("open", _) => {
                let file = dot.files().next().map_or(":memory:", |(file, _)| file);
                self.place =
                    Rc::new(Place { file: (file.to_owned(), ".open"), ..Place::default() });
                sqlite_shell::emptied(self, &dot);
            }
            ("save" | "backup" | "clone", _) => self.copy(known, last),
            ("import", None) => {
                self.simple(Effect::Write, "import", "Inserts the rows of a file.", &[]);
            }
            ("archive", _) => {
                self.steps.written.any = true;
                self.simple(Effect::Write, "archive", "Writes an archive's files.", &[]);
            }
            ("cd", _) => {
                self.steps.written.any = true;
                self.opaque("it changes the directory from which files are read");
            }
            _ => {}
        }
    }

    /// A copy of the database to a file: over one that is there, it destroys.
    fn copy(&mut self, known: &'static str, file: Option<&str>) {
        let Some(file) = file else { return };
        let context = &self.call.context;
        let there = context.world.exists(&context.resolve(file));
        self.steps.written.add(self.absolute(file));
        let place = Rc::new(Place { file: (file.to_owned(), known), ..Place::default() });
        let before = std::mem::replace(&mut self.place, place);
        match there {
            true => {
                let says = "Overwrites a database's file with a copy of another.";
                self.simple(Effect::Destroy, known, says, &[Flag::Irreversible]);
            }
            false => self.simple(Effect::Write, known, "Copies the database to a file.", &[]),
        }
        self.place = before;
    }
}

#[cfg(test)]
mod tests;
