//! Reads sqlite3: the database's file, the SQL and dot-commands on its command
//! line, in its files and on standard input.

mod litecli;

use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::TEXT_LIMIT;
use super::sql_steps::{Steps, Written, filled, names_any};
use super::{By, Call, Handed, INTERACTIVE, Name, Pinned, Place as Stands, Reading};
use crate::action::{Effect, Flag, Flags};
use crate::invocation::{Input, Invocation, Stdin};
use crate::parse::dialect::{self, Dialect};
use crate::parse::sql::Statement;
use crate::parse::sqlite::{self, Item};
use crate::rules::Arity;
use crate::target::{Class, Evidence, Kind, Target};

/// How deep files may include each other.
const MAX_DEPTH: usize = 16;

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
        _ => shell(call),
    }
}

/// Reads a call of sqlite3.
fn shell(call: &Call<'_>) -> Reading {
    let invocation = call.context.invocation;
    let mut texts: Vec<(OsString, usize, bool)> = Vec::new();
    let (mut first, mut init, mut file) = (Vec::new(), None, None);
    let mut unknown = None;
    let mut archive = false;
    let mut words = invocation.argv.iter().enumerate().skip(1);
    while let Some((at, word)) = words.next() {
        let bytes = word.as_bytes();
        let dynamic = invocation.is_dynamic(at);
        if bytes.first() != Some(&b'-') || dynamic && file.is_none() {
            match file {
                None => file = Some((word.clone(), dynamic)),
                Some(_) => texts.push((word.clone(), at, dynamic)),
            }
            continue;
        }
        let bare = bytes.strip_prefix(b"--").or(bytes.strip_prefix(b"-")).unwrap_or_default();
        if bare.first() == Some(&b'A') {
            archive = true;
            break;
        }
        let mut options = call.tool.options.iter();
        let found = options.find(|option| {
            option.names.iter().any(|name| name.trim_start_matches('-').as_bytes() == bare)
        });
        let Some(option) = found else {
            unknown = Some(format!("it has no option {}", word.to_string_lossy()));
            continue;
        };
        let count = match option.arity {
            Arity::Flag => 0,
            Arity::Words(count) => count,
            _ => 1,
        };
        let mut value = None;
        for _ in 0..count {
            value = words.next();
        }
        match (bare, value) {
            (b"help" | b"version", _) => return Reading::default(),
            (b"cmd", Some((at, text))) => {
                first.push((text.clone(), at, invocation.is_dynamic(at)));
            }
            (b"init", Some((at, path))) => init = Some((path.clone(), at)),
            _ => {}
        }
    }
    let mut place = Place::memory();
    if let Some((name, dynamic)) = file {
        place.file = (name.to_string_lossy().into_owned(), "argument");
        place.gap = dynamic.then(|| "which file it opens is computed at run time".to_owned());
    }
    let mut session = Session::new(call, place);
    if let Some(why) = unknown {
        session.opaque(&why);
    }
    session.start(init);
    let by_stdin = texts.is_empty() && !archive;
    for (text, at, dynamic) in first.into_iter().chain(texts) {
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

struct Session<'a> {
    call: &'a Call<'a>,
    place: Rc<Place>,
    steps: Steps<Place>,
    /// The names in the text that is being read that give way.
    names: Vec<Name>,
    depth: usize,
    on_stdin: bool,
}

impl<'a> Session<'a> {
    fn new(call: &'a Call<'a>, place: Place) -> Session<'a> {
        let steps = Steps::new(call.tool.name);
        Session { call, place: Rc::new(place), steps, names: Vec::new(), depth: 0, on_stdin: false }
    }

    fn finish(self) -> Reading {
        let last = self.call.full.then_some(&self.place);
        self.steps.finish(target, last)
    }

    fn opaque(&mut self, why: &str) {
        self.steps.opaque(why, &self.place);
    }

    fn simple(&mut self, effect: Effect, operation: &'static str, says: &str, flags: &[Flag]) {
        let statement = Statement {
            summary: says.to_owned(),
            flags: Flags::of(flags),
            lasting: true,
            ..Statement::new(effect, operation)
        };
        self.steps.push(statement.into(), &self.place);
    }

    /// The file that the shell runs at its start.
    fn start(&mut self, init: Option<(OsString, usize)>) {
        if let Some((path, at)) = init {
            self.include(&path, 0..path.len());
            let names = std::mem::take(&mut self.names);
            let handed = Handed::names(Stands::Word(at), path.as_bytes(), names);
            return self.steps.handed.extend(handed);
        }
        let context = &self.call.context;
        // The shell asks the user database first, and only then HOME.
        let home = context.world.account_home().or_else(|| context.home());
        let own = home.map(|home| home.join(".sqliterc"));
        if let Some(path) = own.filter(|path| context.world.exists(path)) {
            self.include(path.as_os_str(), 0..0);
            let place = Stands::Added { behind: 0, words: &["-init"] };
            let names = std::mem::take(&mut self.names);
            self.steps.handed.extend(Handed::names(place, b"", names));
        }
        // What these run has no business with scripts.
        self.steps.written = Written::default();
    }

    fn standard_input(&mut self) {
        match self.call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => self.steps.interactive(INTERACTIVE, &self.place),
            Input::Text(text) => {
                self.on_stdin = true;
                let names = self.script(&text);
                self.steps.handed.extend(Handed::names(Stands::Stdin, &text, names));
            }
            Input::Opaque(why) => self.opaque(&why),
        }
    }

    /// A word of the command line: one dot-command, or SQL.
    fn argument(&mut self, text: &[u8], at: usize) {
        match text.strip_prefix(b".") {
            Some(line) => self.dot(line, 1),
            None => self.send(text),
        }
        let names = std::mem::take(&mut self.names);
        self.steps.handed.extend(Handed::names(Stands::Word(at), text, names));
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

    /// Reads a script, and gives the names in it that give way.
    fn script(&mut self, text: &[u8]) -> Vec<Name> {
        if self.depth >= MAX_DEPTH {
            self.opaque("it includes files too deeply");
            return Vec::new();
        }
        self.depth += 1;
        let outer = std::mem::take(&mut self.names);
        for item in sqlite::scan(text) {
            match item {
                Item::Text(text) => self.send(&text),
                Item::Dot { line, at } => self.dot(&line, at),
            }
        }
        self.depth -= 1;
        std::mem::replace(&mut self.names, outer)
    }

    /// The absolute path of a file.
    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        let path = self.call.context.resolve(name);
        self.call.context.cwd().map_or_else(|| path.clone(), |cwd| cwd.join(&path))
    }

    /// Includes a file whose name stands at `span`.
    fn include(&mut self, path: &OsStr, span: Range<usize>) {
        if self.steps.written.has(&self.path(path)) {
            return self.opaque("it includes a file that it writes");
        }
        match self.call.context.read(path, TEXT_LIMIT) {
            Ok(bytes) => {
                let stale = self.steps.written.any;
                let names = self.script(&bytes);
                // What has run may have written the file anew.
                if !stale {
                    let by = By::Copy(Pinned { bytes: bytes.into(), names });
                    self.names.push(Name { span, by });
                }
            }
            Err(error) => {
                let why = format!("the file {} cannot be read: {error}", path.to_string_lossy());
                self.opaque(&why);
            }
        }
    }

    /// A dot-command, whose line begins at `at` in the text.
    fn dot(&mut self, line: &[u8], at: usize) {
        let spans = sqlite::spans(line);
        let words: Vec<String> = spans.iter().map(|(word, _)| word.clone()).collect();
        let Some((name, args)) = words.split_first() else { return };
        let exact = OTHERS.iter().chain(READS).find(|known| *known == name);
        let Some(known) =
            exact.or_else(|| OTHERS.iter().chain(READS).find(|known| known.starts_with(name)))
        else {
            return self.opaque("it has no such dot-command");
        };
        let files: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
        let pipe = files.first().and_then(|file| file.strip_prefix('|'));
        let rest = line.trim_ascii_start().get(name.len()..).unwrap_or_default();
        match *known {
            "shell" | "system" => self.shell(rest, false),
            "load" | "imposter" | "testctrl" => self.opaque("it loads or pokes at code"),
            "read" => match (pipe, files.first()) {
                (Some(_), _) => self.opaque("it runs what a program prints"),
                (None, Some(file)) => {
                    let place = spans.iter().skip(1).find(|(word, _)| word == *file);
                    let span = place.map_or(0..0, |(_, span)| at + span.start..at + span.end);
                    self.include(OsStr::new(file), span);
                }
                (None, None) => {}
            },
            "import" | "output" | "once" if pipe.is_some() => {
                let from = rest.iter().position(|byte| *byte == b'|').unwrap_or(rest.len());
                self.shell(rest.get(from + 1..).unwrap_or_default(), true);
                self.simple(Effect::Write, known, "Moves rows through a program.", &[]);
            }
            "output" | "once" | "log" | "trace" => {
                self.steps.written.any |=
                    args.iter().any(|arg| matches!(arg.trim_start_matches('-'), "e" | "x" | "w"));
                if let Some(file) = files.last() {
                    self.steps.written.add(self.path(file));
                }
            }
            "excel" | "www" | "edit" | "session" | "testcase" => self.steps.written.any = true,
            "restore" => self.simple(
                Effect::Destroy,
                "restore",
                "Replaces the whole database by what is in a file.",
                &[Flag::Irreversible],
            ),
            "open" => {
                let file = files.first().map_or(":memory:".to_owned(), |file| (*file).clone());
                self.place = Rc::new(Place { file: (file, ".open"), ..Place::default() });
                if args.iter().any(|arg| arg.trim_start_matches('-') == "new") {
                    let says = "Empties the database's file.";
                    self.simple(Effect::Destroy, "open --new", says, &[Flag::Irreversible]);
                }
            }
            "save" | "backup" | "clone" => self.copy(known, files.last().map(|file| file.as_str())),
            "import" => self.simple(Effect::Write, "import", "Inserts the rows of a file.", &[]),
            "archive" => {
                self.steps.written.any = true;
                self.simple(Effect::Write, "archive", "Writes an archive's files.", &[]);
            }
            "cd" => {
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
        self.steps.written.add(self.path(file));
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

    /// A shell command, as the shell hands it to `sh -c`.
    fn shell(&mut self, text: &[u8], fed: bool) {
        let text = text.trim_ascii();
        let stdin = match (fed, self.on_stdin) {
            (true, _) => Stdin::Opaque("what sqlite3 writes".to_owned()),
            (_, true) => Stdin::Opaque("what sqlite3 leaves of its own input".to_owned()),
            _ => self.call.context.invocation.stdin.clone(),
        };
        self.steps.run(Invocation {
            argv: vec!["sh".into(), "-c".into(), OsString::from_vec(text.to_vec())],
            dynamic: Vec::new(),
            templates: Vec::new(),
            stdin,
            ..self.call.context.invocation.clone()
        });
    }
}

#[cfg(test)]
mod tests;
