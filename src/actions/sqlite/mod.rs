//! Reads sqlite3: the database's file, the SQL and dot-commands on its command
//! line, in its files and on standard input.

mod litecli;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::rc::Rc;

use super::sql_steps::Steps;
use super::{Call, Reading};
use crate::action::{Effect, Flag, Flags};
use crate::invocation::{Input, Invocation, Stdin};
use crate::parse::dialect::{self, Dialect};
use crate::parse::sql::Statement;
use crate::parse::sqlite::{self, Item};
use crate::rules::Arity;
use crate::target::{Class, Evidence, Kind, Target};

/// Bytes of a script, or of standard input, that are read.
const TEXT_LIMIT: usize = 64 << 20;
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
    let mut texts: Vec<(OsString, bool)> = Vec::new();
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
                Some(_) => texts.push((word.clone(), dynamic)),
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
            (b"cmd", Some((at, text))) => first.push((text.clone(), invocation.is_dynamic(at))),
            (b"init", Some((_, path))) => init = Some(path.clone()),
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
    session.start(init.as_deref());
    let by_stdin = texts.is_empty() && !archive;
    for (text, dynamic) in first.into_iter().chain(texts) {
        match dynamic {
            true => session.opaque("its text is computed at run time"),
            false => session.argument(text.as_bytes()),
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
    depth: usize,
    on_stdin: bool,
}

impl<'a> Session<'a> {
    fn new(call: &'a Call<'a>, place: Place) -> Session<'a> {
        let steps = Steps::new(call.tool.name);
        Session { call, place: Rc::new(place), steps, depth: 0, on_stdin: false }
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
    fn start(&mut self, init: Option<&OsStr>) {
        if let Some(path) = init {
            return self.include(path);
        }
        let context = &self.call.context;
        let own = context.home().map(|home| home.join(".sqliterc"));
        if let Some(path) = own.filter(|path| context.world.exists(path)) {
            self.include(path.as_os_str());
        }
    }

    fn standard_input(&mut self) {
        match self.call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => self.steps.interactive(&self.place),
            Input::Text(text) => {
                self.on_stdin = true;
                self.script(&text);
            }
            Input::Opaque(why) => self.opaque(&why),
        }
    }

    /// A word of the command line: one dot-command, or SQL.
    fn argument(&mut self, text: &[u8]) {
        match text.strip_prefix(b".") {
            Some(line) => self.dot(line),
            None => self.send(text),
        }
    }

    fn send(&mut self, text: &[u8]) {
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

    fn script(&mut self, text: &[u8]) {
        if self.depth >= MAX_DEPTH {
            return self.opaque("it includes files too deeply");
        }
        self.depth += 1;
        for item in sqlite::scan(text) {
            match item {
                Item::Text(text) => self.send(&text),
                Item::Dot(line) => self.dot(&line),
            }
        }
        self.depth -= 1;
    }

    fn include(&mut self, path: &OsStr) {
        match self.call.context.read(path, TEXT_LIMIT) {
            Ok(bytes) => self.script(&bytes),
            Err(error) => {
                let why = format!("the file {} cannot be read: {error}", path.to_string_lossy());
                self.opaque(&why);
            }
        }
    }

    fn dot(&mut self, line: &[u8]) {
        let words = sqlite::words(line);
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
                (None, Some(file)) => self.include(OsStr::new(file)),
                (None, None) => {}
            },
            "import" | "output" | "once" if pipe.is_some() => {
                let from = rest.iter().position(|byte| *byte == b'|').unwrap_or(rest.len());
                self.shell(rest.get(from + 1..).unwrap_or_default(), true);
                self.simple(Effect::Write, known, "Moves rows through a program.", &[]);
            }
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
            "archive" => self.simple(Effect::Write, "archive", "Writes an archive's files.", &[]),
            "cd" => self.opaque("it changes the directory from which files are read"),
            _ => {}
        }
    }

    /// A copy of the database to a file: over one that is there, it destroys.
    fn copy(&mut self, known: &'static str, file: Option<&str>) {
        let Some(file) = file else { return };
        let context = &self.call.context;
        let there = context.world.exists(&context.resolve(file));
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
