//! One session of mysql on paper: the texts in their order, the connection
//! that each statement would go to, and the shell commands on the way.

use std::ffi::{OsStr, OsString};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::rc::Rc;

use super::words::Words;
use super::{TEXT_LIMIT, parameters};
use crate::actions::sql_session::{self, Client};
use crate::actions::sql_steps::{filled, names_any};
use crate::actions::{Call, Name, Place, ReadOnly, Reading};
use crate::invocation::Input;
use crate::parse::argv::{Parsed, Value};
use crate::parse::dialect::{self, Dialect};
use crate::parse::mysql::{Item, Scanner};
use crate::target::Target;
use crate::target::mysql::{self, Parameters, Setting};

/// Encodings in which a backslash or quote may be half of another letter.
const HIDING: &[&str] = &["gbk", "gb18030", "gb2312", "big5", "sjis", "cp932", "euckr"];

/// Reads a call of mysql.
pub fn read(
    call: &Call<'_>,
    words: &Words,
    parsed: &Parsed<'_>,
    unknown: Option<String>,
) -> Reading {
    let mut session = Session::new(call, parameters(call, words, parsed), Mysql::default());
    if let Some(why) = unknown {
        session.opaque(&why);
    }
    let text = |name: &str| parsed.value(name).map(|value| value.text.to_string_lossy());
    if let Some(name) = text("--default-character-set") {
        session.encoding(&name);
    }
    if let Some(value) = parsed.value("--delimiter") {
        session.client.delimiter = value.text.as_bytes().to_vec();
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
        session.standard_input();
        if call.context.stdin(TEXT_LIMIT) == Input::Terminal {
            read_only = self::read_only(call, parsed);
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
            session.hand(Place::Word(place), word.as_bytes(), here.collect());
        }
        from = until + 1;
    }
}

/// What mysql keeps in a session, and a client that reads texts as mysql does.
#[derive(Default)]
pub(super) struct Mysql {
    delimiter: Vec<u8>,
}

/// A session of such a client.
pub(super) type Session<'a> = sql_session::Session<'a, Mysql>;

impl Client for Mysql {
    type Place = Parameters;
    const STDIN: &'static [&'static str] = &["/dev/stdin"];

    fn read(session: &mut Session<'_>, text: &[u8]) {
        for item in Scanner::new(&session.client.delimiter).scan(text) {
            match item {
                Item::Text(text) => session.send(&text),
                Item::Command { letter, rest, at } => session.command(letter, &rest, at),
                Item::Unread => session.opaque("it holds too many commands on one line"),
            }
        }
    }

    fn target(place: &Parameters, databases: &[String]) -> Target {
        let mut target = sql_session::naming(mysql::target(place), databases);
        if target.name.is_none() {
            target.name = databases.first().cloned();
        }
        target
    }

    fn interactive(call: &Call<'_>) -> &'static str {
        call.session(true)
    }
}

impl Session<'_> {
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

    fn command(&mut self, letter: u8, rest: &[u8], at: Option<Range<usize>>) {
        let rest = rest.trim_ascii();
        match letter {
            b'!' | b'P' if !rest.is_empty() => self.shell(rest, letter == b'P'),
            b'.' => self.source(rest, at),
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

    /// Includes a file by its name in the script.
    fn source(&mut self, name: &[u8], at: Option<Range<usize>>) {
        let home = self.call.context.home().filter(|_| name == b"~" || name.starts_with(b"~/"));
        let path = match (home, name.get(2..)) {
            (Some(home), rest) => home.join(OsStr::from_bytes(rest.unwrap_or_default())),
            (None, _) => PathBuf::from(OsStr::from_bytes(name)),
        };
        let (nowhere, stale) = (at.is_none(), self.steps.written.any);
        if self.include(&self.absolute(path), at) && nowhere && !stale {
            self.opaque("a comment or a line's end is in the name of a file");
        }
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
