//! Reads the DuckDB shell: the database's file or service, the SQL and
//! dot-commands on its command line, in its files and on standard input, and
//! the other systems' databases that it attaches.

use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::rc::Rc;

use super::sql_steps::{Steps, Written, names_any};
use super::{By, Call, Handed, Name, Pinned, Place as Stands, Reading};
use crate::action::{Effect, Flag, Flags};
use crate::invocation::{Input, Invocation, Stdin};
use crate::parse::dialect::{self, Dialect};
use crate::parse::sql::Statement;
use crate::parse::sqlite::{self, Item};
use crate::rules::Arity;
use crate::target::duckdb;
use crate::target::{Evidence, Kind, Target};

/// Bytes of a script, or of standard input, that are read.
const TEXT_LIMIT: usize = 64 << 20;
/// How deep files may include each other.
const MAX_DEPTH: usize = 16;
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
    let invocation = call.context.invocation;
    let mut texts: Vec<(Text, usize, bool)> = Vec::new();
    let (mut init, mut skip, mut file, mut unknown) = (None, false, None, None);
    let mut ends = false;
    let mut trailing = Vec::new();
    let mut words = invocation.argv.iter().enumerate().skip(1);
    while let Some((at, word)) = words.next() {
        let bytes = word.as_bytes();
        let dynamic = invocation.is_dynamic(at);
        if bytes.first() != Some(&b'-') || dynamic && file.is_none() {
            match file {
                None => file = Some((word.clone(), dynamic)),
                Some(_) => trailing.push((Text::Sql(word.clone()), at, dynamic)),
            }
            continue;
        }
        let bare = bytes.strip_prefix(b"--").or(bytes.strip_prefix(b"-")).unwrap_or_default();
        let mut options = call.tool.options.iter();
        let found = options.find(|option| {
            option.names.iter().any(|name| name.trim_start_matches('-').as_bytes() == bare)
        });
        let Some(option) = found else {
            unknown = Some(format!("it has no option {}", word.to_string_lossy()));
            continue;
        };
        let value = if option.arity == Arity::Flag { None } else { words.next() };
        match (bare, value) {
            (b"h" | b"help" | b"version", _) => return Reading::default(),
            (b"cmd", Some((at, text))) => {
                texts.push((Text::Sql(text.clone()), at, invocation.is_dynamic(at)));
            }
            (b"c" | b"s", Some((at, text))) => {
                ends = true;
                texts.push((Text::Sql(text.clone()), at, invocation.is_dynamic(at)));
            }
            (b"f", Some((at, path))) => {
                ends = true;
                texts.push((Text::File(path.clone()), at, invocation.is_dynamic(at)));
            }
            (b"init", Some((at, path))) => init = Some((path.clone(), at)),
            (b"no-init", _) => skip = true,
            (b"no-stdin", _) => ends = true,
            (b"ui", _) => unknown = Some("it starts a web page that runs SQL".to_owned()),
            _ => {}
        }
    }
    let mut main = match &file {
        Some((name, _)) => duckdb::target(&name.to_string_lossy(), "argument"),
        None => duckdb::target(":memory:", "default"),
    };
    if file.is_some_and(|(_, dynamic)| dynamic) {
        main.gap = Some("which database it opens is computed at run time".to_owned());
    }
    let place = Rc::new(Place { main, attached: Vec::new(), used: None });
    let steps = Steps::new("duckdb");
    let mut session = Session { call, place, steps, names: Vec::new(), depth: 0, on_stdin: false };
    if let Some(why) = unknown {
        session.opaque(&why);
    }
    session.start(init, skip);
    let by_stdin = trailing.is_empty() && !ends;
    for (text, at, dynamic) in texts.into_iter().chain(trailing) {
        let (word, names) = match (text, dynamic) {
            (_, true) => {
                session.opaque("its text is computed at run time");
                continue;
            }
            (Text::Sql(text), _) => {
                let names = session.script(text.as_bytes());
                (text, names)
            }
            (Text::File(path), _) => {
                session.include(&path, 0..path.len());
                let names = std::mem::take(&mut session.names);
                (path, names)
            }
        };
        session.steps.handed.extend(Handed::names(Stands::Word(at), word.as_bytes(), names));
    }
    if by_stdin {
        session.standard_input();
    }
    let last = call.full.then_some(&session.place);
    session.steps.finish(target, last)
}

/// A text on the command line, or the file that holds it.
enum Text {
    Sql(OsString),
    File(OsString),
}

/// Where a statement goes that names these databases: those of them that are
/// attached, else the one in use.
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

struct Session<'a> {
    call: &'a Call<'a>,
    place: Rc<Place>,
    steps: Steps<Place>,
    /// The names in the text that is being read that give way.
    names: Vec<Name>,
    depth: usize,
    on_stdin: bool,
}

impl Session<'_> {
    fn opaque(&mut self, why: &str) {
        self.steps.opaque(why, &self.place);
    }

    /// The file that the shell runs at its start.
    fn start(&mut self, init: Option<(OsString, usize)>, skip: bool) {
        if let Some((path, at)) = init {
            self.include(&path, 0..path.len());
            let names = std::mem::take(&mut self.names);
            let handed = Handed::names(Stands::Word(at), path.as_bytes(), names);
            return self.steps.handed.extend(handed);
        }
        let context = &self.call.context;
        let own = context.home().map(|home| home.join(".duckdbrc"));
        if let Some(path) = own.filter(|path| !skip && context.world.exists(path)) {
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
            Input::Terminal => self.steps.interactive(self.call.session(false), &self.place),
            Input::Text(text) => {
                self.on_stdin = true;
                let names = self.script(&text);
                self.steps.handed.extend(Handed::names(Stands::Stdin, &text, names));
            }
            Input::Opaque(why) => self.opaque(&why),
        }
    }

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

    /// Includes a file whose name stands at `span`.
    fn include(&mut self, path: &OsStr, span: Range<usize>) {
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
        let known = COMMANDS.iter().find(|known| *known == name);
        let known = known.or_else(|| COMMANDS.iter().find(|known| known.starts_with(name)));
        let Some(known) = known else { return };
        let files: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
        let pipe = files.first().is_some_and(|file| file.starts_with('|'));
        let rest = line.trim_ascii_start().get(name.len()..).unwrap_or_default();
        match *known {
            "shell" | "system" => self.shell(rest, false),
            "read" if pipe => self.opaque("it runs what a program prints"),
            "read" => {
                if let Some(file) = files.first() {
                    let place = spans.iter().skip(1).find(|(word, _)| word == *file);
                    let span = place.map_or(0..0, |(_, span)| at + span.start..at + span.end);
                    self.include(OsStr::new(file), span);
                }
            }
            "import" | "output" | "once" if pipe => {
                let from = rest.iter().position(|byte| *byte == b'|').unwrap_or(rest.len());
                self.shell(rest.get(from + 1..).unwrap_or_default(), true);
            }
            "output" | "once" | "excel" => self.steps.written.any = true,
            "import" => self.simple(Effect::Write, "import", "Inserts the rows of a file.", &[]),
            "open" => {
                let file = files.first().map_or(":memory:", |file| file.as_str());
                let main = duckdb::target(file, ".open");
                self.place = Rc::new(Place { main, attached: Vec::new(), used: None });
                if args.iter().any(|arg| arg.trim_start_matches('-') == "new") {
                    let says = "Empties the database's file.";
                    self.simple(Effect::Destroy, "open --new", says, &[Flag::Irreversible]);
                }
            }
            "edit" | "pager" | "ui_command" | "cd" => {
                self.opaque("it runs a program, or moves to where files are read");
            }
            _ => {}
        }
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

    /// A shell command, as the shell hands it to `sh -c`.
    fn shell(&mut self, text: &[u8], fed: bool) {
        let stdin = match (fed, self.on_stdin) {
            (true, _) => Stdin::Opaque("what duckdb writes".to_owned()),
            (_, true) => Stdin::Opaque("what duckdb leaves of its own input".to_owned()),
            _ => self.call.context.invocation.stdin.clone(),
        };
        self.steps.run(Invocation {
            argv: vec!["sh".into(), "-c".into(), OsString::from_vec(text.trim_ascii().to_vec())],
            dynamic: Vec::new(),
            templates: Vec::new(),
            stdin,
            ..self.call.context.invocation.clone()
        });
    }
}

#[cfg(test)]
mod tests;
