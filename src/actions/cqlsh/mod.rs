//! Reads cqlsh: the CQL and commands on its command line, in its files and on
//! standard input, and the host that would get them.

use std::path::{Path, PathBuf};

use super::sql_session::{self, Client};
use super::{Call, Name, Place, Reading};
use crate::action::Effect;
use crate::parse::argv::{self, Parsed};
use crate::parse::cqlsh::{self, Item};
use crate::parse::dialect::{self, Dialect};
use crate::parse::ini::Ini;
use crate::target::database_url::host_target;
use crate::target::{Evidence, Kind, Target};

/// Bytes of a cqlshrc that are read.
const RC_LIMIT: usize = 1 << 20;

/// Reads a call of cqlsh.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    let mut session = Session::new(call, place(call, &parsed), Cqlsh { keyspace: None });
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
                session.take_names()
            }
        };
        // Spans are of the value, which may be the end of a word.
        let word = call.context.invocation.argv.get(value.index);
        let moved = names.into_iter().map(|name| Name {
            span: name.span.start + value.offset..name.span.end + value.offset,
            ..name
        });
        if let Some(word) = word {
            session.hand(Place::Word(value.index), word.as_encoded_bytes(), moved.collect());
        }
    }
    if !any {
        session.standard_input();
    }
    session.finish()
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

/// What cqlsh keeps in a session.
struct Cqlsh {
    keyspace: Option<String>,
}

type Session<'a> = sql_session::Session<'a, Cqlsh>;

impl Client for Cqlsh {
    type Place = Target;

    fn read(session: &mut Session<'_>, text: &[u8]) {
        for item in cqlsh::scan(text) {
            match item {
                Item::Text(text) => session.send(&text),
                Item::Command { name, rest, at } => session.command(&name, &rest, at),
            }
        }
    }

    fn target(place: &Target, databases: &[String]) -> Target {
        let mut target = sql_session::naming(place.clone(), databases);
        if let (Some(database), Some(host)) = (databases.first(), &place.name)
            && !host.contains('@')
        {
            target.name = Some(format!("{database}@{host}"));
        }
        target
    }
}

impl Session<'_> {
    fn send(&mut self, text: &[u8]) {
        for mut found in dialect::read(text, Dialect::Cql) {
            if found.statement.operation == "USE" {
                self.client.keyspace = found.statement.object.take();
                continue;
            }
            if found.databases.is_empty() && !found.statement.is_harmless() {
                found.databases.extend(self.client.keyspace.clone());
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
                self.simple(Effect::Write, "CAPTURE", "Writes its output to a file.", &[]);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
