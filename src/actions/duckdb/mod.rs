//! Reads the DuckDB shell: the database's file or service, the SQL and
//! dot-commands on its command line, in its files and on standard input, and
//! the other systems' databases that it attaches.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;

use super::sql_session::{self, Client};
use super::sql_steps::names_any;
use super::sqlite_shell::{self, Text, Word};
use super::{Call, Place as Stands, Reading};
use crate::action::Effect;
use crate::parse::dialect::{self, Dialect};
use crate::parse::sqlite::{self, Dot, Item};
use crate::target::duckdb;
use crate::target::{Evidence, Kind, Target};

/// Databases that one session attaches.
const MAX_ATTACHED: usize = 50;

/// Dot-commands that run something or move the target; all others set how
/// rows are shown.
const COMMANDS: &[&str] = &[
    "cd",
    "edit",
    "excel",
    "import",
    "once",
    "open",
    "output",
    "pager",
    "read",
    "shell",
    "system",
    "ui_command",
];

/// The databases that are open.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    /// The first.
    main: Target,
    /// Those that were attached to it, by their names; the target of one that
    /// can only be read is none.
    attached: Vec<(String, Option<Target>)>,
    /// The name that `USE` gave.
    used: Option<String>,
}

/// Reads a call of duckdb.
pub fn read(call: &Call<'_>) -> Reading {
    let (mut texts, mut trailing) = (Vec::new(), Vec::new());
    let (mut init, mut skip, mut unknown, mut ends) = (None, false, None, false);
    let mut main = duckdb::target(":memory:", "default");
    for word in sqlite_shell::words(call) {
        match word {
            Word::File(Text { text, dynamic, .. }) => {
                main = duckdb::target(&text.to_string_lossy(), "argument");
                if dynamic {
                    main.gap = Some("which database it opens is computed at run time".to_owned());
                }
            }
            Word::Text(text) => trailing.push((Holds::Sql, text)),
            Word::Option(b"h" | b"help" | b"version", _) => return Reading::default(),
            Word::Option(b"cmd", Some(text)) => texts.push((Holds::Sql, text)),
            Word::Option(b"c" | b"s", Some(text)) => {
                ends = true;
                texts.push((Holds::Sql, text));
            }
            Word::Option(b"f", Some(path)) => {
                ends = true;
                texts.push((Holds::File, path));
            }
            Word::Option(b"init", path) => init = path.or(init),
            Word::Option(b"no-init", _) => skip = true,
            Word::Option(b"no-stdin", _) => ends = true,
            Word::Option(b"ui", _) => {
                unknown = Some("it starts a web page that runs SQL".to_owned());
            }
            Word::Option(..) => {}
            Word::Unknown(word) => {
                unknown = Some(format!("it has no option {}", word.to_string_lossy()));
            }
        }
    }
    let place = Place { main, attached: Vec::new(), used: None };
    let mut session = Session::new(call, place, Duckdb);
    if let Some(why) = unknown {
        session.opaque(&why);
    }
    let own = call.context.home().filter(|_| !skip).map(|home| home.join(".duckdbrc"));
    sqlite_shell::start(&mut session, init, own);
    let by_stdin = trailing.is_empty() && !ends;
    for (holds, Text { text, at, dynamic }) in texts.into_iter().chain(trailing) {
        let names = match (holds, dynamic) {
            (_, true) => {
                session.opaque("its text is computed at run time");
                continue;
            }
            (Holds::Sql, _) => session.script(text.as_bytes()),
            (Holds::File, _) => {
                session.include(Path::new(text), Some(0..text.len()));
                session.take_names()
            }
        };
        session.hand(Stands::Word(at), text.as_bytes(), names);
    }
    if by_stdin {
        session.standard_input();
    }
    session.finish()
}

/// What a word of the command line holds.
enum Holds {
    /// A text to run.
    Sql,
    /// The name of a file with one.
    File,
}

/// What is DuckDB's own in a session.
struct Duckdb;

type Session<'a> = sql_session::Session<'a, Duckdb>;

impl Client for Duckdb {
    type Place = Place;

    fn read(session: &mut Session<'_>, text: &[u8]) {
        for item in sqlite::scan(text) {
            match item {
                Item::Text(text) => session.send(&text),
                Item::Dot { line, at } => session.dot(&line, at),
            }
        }
    }

    /// Those of the databases that are attached, else the one in use.
    fn target(place: &Place, databases: &[String]) -> Target {
        let find = |name: &String| place.attached.iter().find(|(alias, _)| alias == name);
        let mut named: Vec<&Target> = Vec::new();
        let mut elsewhere = false;
        for name in databases.iter().chain(&place.used) {
            if let Some((_, target)) = find(name) {
                named.extend(target);
                elsewhere = true;
            }
        }
        if !elsewhere {
            named.push(&place.main);
        }
        let mut out = named.first().map_or_else(|| Target::of("duckdb"), |first| (*first).clone());
        // MotherDuck opens every database of the account beside the one it is
        // given.
        if out.platform == "motherduck" {
            let others = databases.iter().filter(|name| find(name).is_none());
            let others = others.map(|name| Evidence::name(Kind::Database, "the statement", name));
            out.evidence.extend(others);
        }
        for other in named.iter().skip(1) {
            out.evidence.extend(other.evidence.iter().cloned());
            out.gap = out.gap.take().or_else(|| other.gap.clone());
        }
        out
    }
}

impl Session<'_> {
    fn send(&mut self, text: &[u8]) {
        self.steps.written.any |= names_any(text, &[b"copy", b"export"]);
        for found in dialect::read(text, Dialect::Duckdb) {
            match &*found.statement.operation {
                "ATTACH" => {
                    let mut next = Place::clone(&self.place);
                    if next.attached.len() >= MAX_ATTACHED {
                        self.opaque("it attaches too many databases");
                        continue;
                    }
                    if let [what, alias] = found.databases.as_slice() {
                        let writes = found.statement.object.is_none();
                        let target = writes.then(|| duckdb::target(what, "ATTACH"));
                        next.attached.push((alias.clone(), target));
                    }
                    self.place = Rc::new(next);
                }
                "USE" => {
                    let mut next = Place::clone(&self.place);
                    next.used.clone_from(&found.statement.object);
                    self.place = Rc::new(next);
                }
                _ => self.steps.push(found, &self.place),
            }
        }
    }

    /// A dot-command, whose line begins at `at` in the text.
    fn dot(&mut self, line: &[u8], at: usize) {
        let Some(dot) = Dot::of(line) else { return };
        let Some(known) = dot.command(&[COMMANDS]) else { return };
        match (known, dot.piped()) {
            ("shell" | "system", _) => self.shell(dot.rest, false),
            ("read", Some(_)) => self.opaque("it runs what a program prints"),
            ("read", None) => {
                if let Some((file, span)) = dot.files().next() {
                    self.include(Path::new(file), Some(at + span.start..at + span.end));
                }
            }
            ("import" | "output" | "once", Some(command)) => self.shell(command, true),
            ("output" | "once" | "excel", _) => self.steps.written.any = true,
            ("import", None) => {
                self.simple(Effect::Write, "import", "Inserts the rows of a file.", &[]);
            }
            ("open", _) => {
                let file = dot.files().next().map_or(":memory:", |(file, _)| file);
                let main = duckdb::target(file, ".open");
                self.place = Rc::new(Place { main, attached: Vec::new(), used: None });
                sqlite_shell::emptied(self, &dot);
            }
            ("edit" | "pager" | "ui_command" | "cd", _) => {
                self.opaque("it runs a program, or moves to where files are read");
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
