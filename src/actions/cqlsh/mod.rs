//! Reads cqlsh: the CQL and commands on its command line, in its files and on
//! standard input, and the host that would get them.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::sql_steps::Steps;
use super::{By, Call, Handed, Name, Pinned, Place, Reading};
use crate::action::Effect;
use crate::invocation::Input;
use crate::parse::argv::{self, Parsed};
use crate::parse::cqlsh::{self, Item};
use crate::parse::dialect::{self, Dialect};
use crate::parse::ini::Ini;
use crate::parse::sql::Statement;
use crate::target::database_url::host_target;
use crate::target::{Evidence, Kind, Target};

/// Bytes of a script, or of standard input, that are read.
const TEXT_LIMIT: usize = 64 << 20;
/// Bytes of a cqlshrc that are read.
const RC_LIMIT: usize = 1 << 20;
/// How deep files may include each other.
const MAX_DEPTH: usize = 16;
/// How many files one session may include.
const MAX_FILES: usize = 1_000;

/// Reads a call of cqlsh.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    let place = Rc::new(place(call, &parsed));
    let mut session = Session {
        call,
        place,
        steps: Steps::new("cqlsh"),
        keyspace: None,
        names: Vec::new(),
        depth: 0,
        files: 0,
    };
    if let Some(word) = parsed.unknown.first() {
        session.opaque(&format!("it has no option {}", word.text.to_string_lossy()));
    }
    let mut any = false;
    for option in ["--execute", "--file"] {
        let Some(value) = parsed.value(option) else { continue };
        any = true;
        let names = match (value.dynamic, option) {
            (true, _) => {
                session.opaque("its text is computed at run time");
                continue;
            }
            (_, "--execute") => session.script(value.text.as_encoded_bytes()),
            _ => {
                session.include(Path::new(value.text), Some(0..value.text.len()));
                std::mem::take(&mut session.names)
            }
        };
        // Spans are of the value, which may be the end of a word.
        let word = call.context.invocation.argv.get(value.index);
        let moved = names.into_iter().map(|name| Name {
            span: name.span.start + value.offset..name.span.end + value.offset,
            ..name
        });
        let handed = word.and_then(|word| {
            Handed::names(Place::Word(value.index), word.as_encoded_bytes(), moved.collect())
        });
        session.steps.handed.extend(handed);
    }
    if !any {
        match call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => session.steps.interactive(call.session(false), &session.place),
            Input::Text(text) => {
                let names = session.script(&text);
                session.steps.handed.extend(Handed::names(Place::Stdin, &text, names));
            }
            Input::Opaque(why) => session.opaque(&why),
        }
    }
    let last = call.full.then_some(&session.place);
    session.steps.finish(named, last)
}

fn named(place: &Target, databases: &[String]) -> Target {
    let mut target = place.clone();
    for name in databases {
        target.evidence.push(Evidence::name(Kind::Database, "the statement", name));
    }
    if let (Some(database), Some(host)) = (databases.first(), &place.name)
        && !host.contains('@')
    {
        target.name = Some(format!("{database}@{host}"));
    }
    target
}

/// Where it connects: the first positional over CQLSH_HOST over `hostname`
/// of cqlshrc over this machine; `-k` over cqlshrc's keyspace.
fn place(call: &Call<'_>, parsed: &Parsed<'_>) -> Target {
    let context = &call.context;
    let rc = match parsed.value("--cqlshrc") {
        Some(value) => Some(expanded(call, Path::new(value.text))),
        None => context.home().map(|home| {
            let new = home.join(".cassandra/cqlshrc");
            let old = home.join(".cqlshrc");
            if !context.world.exists(&new) && context.world.exists(&old) { old } else { new }
        }),
    };
    let text = rc.filter(|path| context.world.exists(&context.resolve(path))).map(|path| {
        let bytes = context.read(path, RC_LIMIT);
        bytes.ok().and_then(|bytes| crate::parse::ini::parse(&String::from_utf8_lossy(&bytes)).ok())
    });
    let gap = text.as_ref().is_some_and(Option::is_none);
    let ini: Option<Ini> = text.flatten();
    let setting = |section: &str, key: &str| {
        let found = ini.as_ref()?.sections().find(|it| it.name == section)?;
        found.get(key).map(str::to_owned).filter(|value| !value.is_empty())
    };
    let word = |at: usize| parsed.positionals.get(at);
    let first = word(0).map(|word| (word.text.to_string_lossy().into_owned(), "argument"));
    let host = first
        .or_else(|| Some((context.text_var("CQLSH_HOST")?, "CQLSH_HOST")))
        .or_else(|| Some((setting("connection", "hostname")?, "cqlshrc")))
        .unwrap_or_else(|| ("127.0.0.1".to_owned(), "cqlsh's default"));
    let keyspace = parsed
        .value("--keyspace")
        .map(|value| (value.text.to_string_lossy().into_owned(), "--keyspace"))
        .or_else(|| Some((setting("authentication", "keyspace")?, "cqlshrc")));
    let named = keyspace.as_ref().map(|(name, source)| (name.as_str(), *source));
    let mut target = host_target("cassandra", (&host.0, host.1), named);
    if let Some(port) = word(1) {
        let port = port.text.to_string_lossy().into_owned();
        target.evidence.push(Evidence::name(Kind::Port, "argument", port));
    }
    if gap {
        target.gap = Some("its cqlshrc cannot be read".to_owned());
    }
    if word(0).is_some_and(|word| word.dynamic) {
        target.gap = Some("the host is computed at run time".to_owned());
    }
    target
}

/// A path with `~` in front, as cqlsh expands it.
fn expanded(call: &Call<'_>, path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), call.context.home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

struct Session<'a> {
    call: &'a Call<'a>,
    place: Rc<Target>,
    steps: Steps<Target>,
    keyspace: Option<String>,
    /// The names in the text that is being read that give way.
    names: Vec<Name>,
    depth: usize,
    files: usize,
}

impl Session<'_> {
    fn opaque(&mut self, why: &str) {
        self.steps.opaque(why, &self.place);
    }

    /// Reads a script, and gives the names in it that give way.
    fn script(&mut self, text: &[u8]) -> Vec<Name> {
        if self.depth >= MAX_DEPTH {
            self.opaque("it includes files too deeply");
            return Vec::new();
        }
        self.depth += 1;
        let outer = std::mem::take(&mut self.names);
        for item in cqlsh::scan(text) {
            match item {
                Item::Text(text) => self.send(&text),
                Item::Command { name, rest, at } => self.command(&name, &rest, at),
            }
        }
        self.depth -= 1;
        std::mem::replace(&mut self.names, outer)
    }

    fn send(&mut self, text: &[u8]) {
        for mut found in dialect::read(text, Dialect::Cql) {
            if found.statement.operation == "USE" {
                self.keyspace = found.statement.object.take();
                continue;
            }
            if found.databases.is_empty() && !found.statement.is_harmless() {
                found.databases.extend(self.keyspace.clone());
            }
            self.steps.push(found, &self.place);
        }
    }

    /// A command of the shell's own, the rest of whose line begins at `at`.
    fn command(&mut self, name: &str, rest: &[u8], at: usize) {
        let word = String::from_utf8_lossy(rest);
        let word = word.trim().trim_matches(|letter| matches!(letter, '\'' | '"'));
        match name {
            "source" if word.is_empty() => {}
            "source" => {
                // What stands between the quotes gives way.
                let quoted = rest.strip_prefix(b"'").and_then(|rest| rest.strip_suffix(b"'"));
                let span = quoted.map(|name| at + 1..at + 1 + name.len());
                self.include(&expanded(self.call, Path::new(word)), span);
            }
            // CAPTURE and LOGIN write a file of output and ask for a password.
            "capture" => {
                self.steps.written.any = true;
                let summary = "Writes its output to a file.".to_owned();
                let statement = Statement { summary, ..Statement::new(Effect::Write, "CAPTURE") };
                self.steps.push(statement.into(), &self.place);
            }
            _ => {}
        }
    }

    /// Includes a file whose name stands at `span`, where that can give way.
    fn include(&mut self, path: &Path, span: Option<Range<usize>>) {
        self.files += 1;
        if self.files > MAX_FILES {
            return self.opaque("it includes too many files");
        }
        match self.call.context.read(path, TEXT_LIMIT) {
            Ok(bytes) => {
                // What has run may have written the file anew.
                let span = span.filter(|_| !self.steps.written.any);
                let names = self.script(&bytes);
                if let Some(span) = span {
                    let by = By::Copy(Pinned { bytes: bytes.into(), names });
                    self.names.push(Name { span, by });
                }
            }
            Err(error) => {
                let why = format!("the file {} cannot be read: {error}", path.display());
                self.opaque(&why);
            }
        }
    }
}

#[cfg(test)]
mod tests;
