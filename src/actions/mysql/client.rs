//! One session of mysql on paper: the texts in their order, the connection
//! that each statement would go to, and the shell commands on the way.

use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::rc::Rc;

use super::words::Words;
use super::{TEXT_LIMIT, parameters};
use crate::actions::sql_steps::{Steps, filled, names_any};
use crate::actions::{By, Call, Handed, Name, Pinned, Place, ReadOnly, Reading};
use crate::invocation::{Input, Invocation, Stdin};
use crate::parse::argv::{Parsed, Value};
use crate::parse::dialect::{self, Dialect};
use crate::parse::mysql::{Item, Scanner};
use crate::target::mysql::{self, Parameters, Setting};
use crate::target::{Evidence, Kind, Target};

/// How deep files may include each other.
const MAX_DEPTH: usize = 16;
/// How many files one session may include.
const MAX_FILES: usize = 1_000;

/// Encodings in which a backslash or quote may be half of another letter.
const HIDING: &[&str] = &["gbk", "gb18030", "gb2312", "big5", "sjis", "cp932", "euckr"];

/// Reads a call of mysql.
pub fn read(
    call: &Call<'_>,
    words: &Words,
    parsed: &Parsed<'_>,
    unknown: Option<String>,
) -> Reading {
    let mut session = Session::new(call, parameters(call, words, parsed));
    if let Some(why) = unknown {
        session.opaque(&why);
    }
    let text = |name: &str| parsed.value(name).map(|value| value.text.to_string_lossy());
    if let Some(name) = text("--default-character-set") {
        session.encoding(&name);
    }
    if let Some(value) = parsed.value("--delimiter") {
        session.delimiter = value.text.as_bytes().to_vec();
    }
    for option in ["--init-command", "--init-command-add"] {
        for value in parsed.all(option).filter_map(|given| given.value) {
            match value.dynamic {
                true => session.opaque("its first text is computed at run time"),
                false => session.send(value.text.as_bytes()),
            }
        }
    }
    let mut read_only = None;
    let texts: Vec<_> = parsed.all("--execute").filter_map(|given| given.value).collect();
    if texts.is_empty() {
        match call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => {
                session.interactive();
                read_only = self::read_only(call, parsed);
            }
            Input::Text(text) => {
                session.reads_stdin();
                session.stdin_script(&text);
            }
            Input::Opaque(why) => session.opaque(&why),
        }
    } else if texts.iter().any(|value| value.dynamic) {
        let invocation = call.context.invocation;
        let parts: Option<Vec<Vec<u8>>> = texts
            .iter()
            .map(|value| match value.dynamic {
                true => filled(invocation, value.index, value.offset),
                false => Some(value.text.as_bytes().to_vec()),
            })
            .collect();
        match parts {
            Some(parts) => {
                session.script(&parts.join(&b' '));
            }
            None => session.opaque("its text is computed at run time"),
        }
    } else {
        // The client makes one line of them (MariaDB 10.11).
        let parts: Vec<&[u8]> = texts.iter().map(|value| value.text.as_bytes()).collect();
        let names = session.script(&parts.join(&b' '));
        hand_words(call, words, &mut session, &texts, names);
    }
    Reading { read_only, ..session.finish() }
}

/// What opens the session read-only. The words are run in front of those that
/// an option or a file has run already: where one of those fails, the client
/// goes on without the rest (MariaDB 10.11).
fn read_only(call: &Call<'_>, parsed: &Parsed<'_>) -> Option<ReadOnly> {
    let text = call.tool.session.and_then(|session| session.read_only)?;
    let mut word = OsString::from(format!("--init-command={text}"));
    let before = parsed.value("--init-command").filter(|value| !value.text.is_empty());
    if let Some(before) = before {
        word.push("; ");
        word.push(before.text);
    }
    (!call.context.invocation.writes).then_some(ReadOnly::Option(word))
}

/// Hands on the words of `-e`, whose texts are one script.
fn hand_words(
    call: &Call<'_>,
    words: &Words,
    session: &mut Session<'_>,
    texts: &[Value<'_>],
    names: Vec<Name>,
) {
    let mut from = 0;
    for value in texts {
        let until = from + value.text.len();
        let here = names.iter().filter(|name| from <= name.span.start && name.span.end <= until);
        // A word of an option file is not in argv.
        let place = words.original(value.index);
        let word = place.and_then(|place| call.context.invocation.argv.get(place));
        if let (Some(place), Some(word)) = (place, word) {
            // Another spelling of the option may be longer: the text is its end.
            let offset = word.len().saturating_sub(value.text.len());
            let here = here.map(|name| Name {
                span: name.span.start - from + offset..name.span.end - from + offset,
                by: name.by.clone(),
            });
            let handed = Handed::names(Place::Word(place), word.as_bytes(), here.collect());
            session.steps.handed.extend(handed);
        }
        from = until + 1;
    }
}

/// Where a statement goes that names these databases.
fn target(place: &Parameters, databases: &[String]) -> Target {
    let mut target = mysql::target(place);
    for name in databases {
        target.evidence.push(Evidence::name(Kind::Database, "the statement", name));
    }
    if target.name.is_none() {
        target.name = databases.first().cloned();
    }
    target
}

/// A session of mysql, or of a client that reads texts as mysql does.
pub(super) struct Session<'a> {
    call: &'a Call<'a>,
    place: Rc<Parameters>,
    steps: Steps<Parameters>,
    /// The names in the text that is being read that give way.
    names: Vec<Name>,
    delimiter: Vec<u8>,
    depth: usize,
    files: usize,
    /// Whether standard input is the script itself.
    on_stdin: bool,
}

impl<'a> Session<'a> {
    /// A session that begins at `place`.
    pub(super) fn new(call: &'a Call<'a>, place: Parameters) -> Session<'a> {
        Session {
            call,
            place: Rc::new(place),
            steps: Steps::new(call.tool.name),
            names: Vec::new(),
            delimiter: Vec::new(),
            depth: 0,
            files: 0,
            on_stdin: false,
        }
    }

    /// Something is run that cannot be read.
    pub(super) fn opaque(&mut self, why: &str) {
        self.steps.opaque(why, &self.place);
    }

    /// A person, or something that looks like one, types what is run.
    pub(super) fn interactive(&mut self) {
        let operation = self.call.session(true);
        self.steps.interactive(operation, &self.place);
    }

    /// A text that the client is to have from the judged copy.
    pub(super) fn hand(&mut self, handed: Option<Handed>) {
        self.steps.handed.extend(handed);
    }

    /// Standard input is the script itself.
    pub(super) fn reads_stdin(&mut self) {
        self.on_stdin = true;
    }

    /// Everything that was found, the worst first.
    pub(super) fn finish(self) -> Reading {
        let last = self.call.full.then_some(&self.place);
        self.steps.finish(target, last)
    }

    fn encoding(&mut self, name: &str) {
        let name = name.to_ascii_lowercase();
        if HIDING.iter().any(|hiding| name.starts_with(hiding)) {
            self.opaque("it is read in an encoding that hides quotes");
        }
    }

    /// Sends a text to the server.
    fn send(&mut self, text: &[u8]) {
        // The server may run on this machine.
        self.steps.written.any |= names_any(text, &[b"outfile", b"dumpfile"]);
        for found in dialect::read(text, Dialect::Mysql) {
            if found.statement.operation == "USE" {
                let name = found.statement.object.clone();
                self.connect(name, None, "USE");
                continue;
            }
            self.steps.push(found, &self.place);
        }
    }

    /// A script on standard input.
    fn stdin_script(&mut self, text: &[u8]) {
        self.on_stdin = true;
        let names = self.script(text);
        self.steps.handed.extend(Handed::names(Place::Stdin, text, names));
    }

    /// Reads a script, and gives the names in it that give way.
    pub(super) fn script(&mut self, text: &[u8]) -> Vec<Name> {
        if self.depth >= MAX_DEPTH {
            self.opaque("it includes files too deeply");
            return Vec::new();
        }
        self.depth += 1;
        let outer = std::mem::take(&mut self.names);
        for item in Scanner::new(&self.delimiter).scan(text) {
            match item {
                Item::Text(text) => self.send(&text),
                Item::Command { letter, rest, at } => self.command(letter, &rest, at),
                Item::Unread => self.opaque("it holds too many commands on one line"),
            }
        }
        self.depth -= 1;
        std::mem::replace(&mut self.names, outer)
    }

    fn command(&mut self, letter: u8, rest: &[u8], at: Option<Range<usize>>) {
        let rest = rest.trim_ascii();
        match letter {
            b'!' | b'P' if !rest.is_empty() => self.shell(rest, letter == b'P'),
            b'.' => self.include(rest, at),
            b'u' => self.connect(word(rest, 0), None, "USE"),
            b'r' => self.connect(word(rest, 0), word(rest, 1), "connect"),
            b'e' => self.opaque("it is written in an editor"),
            b'C' => self.encoding(&String::from_utf8_lossy(rest)),
            _ => {}
        }
    }

    fn connect(&mut self, database: Option<String>, host: Option<String>, source: &'static str) {
        let mut next = Parameters::clone(&self.place);
        if let Some(name) = database {
            next.database = Some(Setting::new(name, source));
        }
        if let Some(host) = host {
            next.host = Some(Setting::new(host, source));
        }
        if next != *self.place {
            self.place = Rc::new(next);
        }
    }

    /// The path of a file by its name in the script.
    fn path(&self, name: &[u8]) -> PathBuf {
        let context = &self.call.context;
        let home = context.home().filter(|_| name == b"~" || name.starts_with(b"~/"));
        let path = match (home, name.get(2..)) {
            (Some(home), rest) => home.join(OsStr::from_bytes(rest.unwrap_or_default())),
            (None, _) => PathBuf::from(OsStr::from_bytes(name)),
        };
        let path = context.resolve(path);
        context.cwd().map_or_else(|| path.clone(), |cwd| cwd.join(&path))
    }

    fn include(&mut self, name: &[u8], at: Option<Range<usize>>) {
        self.files += 1;
        if self.files > MAX_FILES {
            return self.opaque("it includes too many files");
        }
        let path = self.path(name);
        if path.as_os_str() == "/dev/stdin" {
            return match self.call.context.stdin(TEXT_LIMIT) {
                Input::Text(text) => self.stdin_script(&text),
                Input::Terminal => self.interactive(),
                Input::Opaque(why) => self.opaque(&why),
            };
        }
        match self.call.context.read(&path, TEXT_LIMIT) {
            Ok(bytes) => {
                let stale = self.steps.written.any;
                let names = self.script(&bytes);
                match at {
                    // What has run may have written the file anew.
                    _ if stale => {}
                    Some(span) => {
                        let by = By::Copy(Pinned { bytes: bytes.into(), names });
                        self.names.push(Name { span, by });
                    }
                    None => self.opaque("a comment or a line's end is in the name of a file"),
                }
            }
            Err(error) => {
                let why = format!("the file {} cannot be read: {error}", path.display());
                self.opaque(&why);
            }
        }
    }

    /// A shell command, as the client hands it to `sh -c`. `fed` says that it
    /// reads what the client writes.
    fn shell(&mut self, text: &[u8], fed: bool) {
        let stdin = match (fed, self.on_stdin) {
            (true, _) => Stdin::Opaque("what mysql writes".to_owned()),
            (_, true) => Stdin::Opaque("what mysql leaves of its own input".to_owned()),
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

/// A word of a client command, without its quotes and the `;` at its end.
fn word(rest: &[u8], place: usize) -> Option<String> {
    let mut words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let text = String::from_utf8_lossy(words.nth(place)?);
    let text = text.trim_end_matches(';');
    let quoted =
        ['`', '\'', '"'].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    Some(quoted.unwrap_or(text).to_owned()).filter(|text| !text.is_empty())
}
