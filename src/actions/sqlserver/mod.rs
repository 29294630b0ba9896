//! Reads the clients of SQL Server: sqlcmd in both editions, with its queries,
//! scripts and commands, and bcp.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;

use super::sql_session::{self, Client};
use super::sql_steps::Steps;
use super::{Call, Reading, table};
use crate::parse::argv::{self, Parsed, Value};
use crate::parse::dialect::{self, Dialect};
use crate::parse::sqlcmd::{self, Item, Variables};
use crate::target::Target;
use crate::target::sqlserver::Place;

/// Reads a call of one of them.
pub fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    match call.tool.name {
        "bcp" => bcp(call, &parsed),
        _ => cmd(call, &parsed),
    }
}

/// bcp: `bcp TABLE in|out|queryout|format FILE`.
fn bcp(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let mut steps = Steps::new("bcp");
    let place = Rc::new(place(call, parsed));
    let word = |at: usize| parsed.positionals.get(at);
    let direction = word(1).map(|word| word.text.to_string_lossy().to_ascii_lowercase());
    match (direction.as_deref(), word(0)) {
        (Some("in"), _) => {
            let mut action =
                parsed.command.and_then(|command| table::action(call, parsed, command));
            if let Some(action) = &mut action {
                action.target = place.target(&[]);
            }
            return Reading { actions: action.into_iter().collect(), ..Reading::default() };
        }
        (Some("queryout"), Some(query)) if query.dynamic => {
            steps.opaque("its query is computed at run time", &place);
        }
        (Some("queryout"), Some(query)) => {
            for found in dialect::read(query.text.as_bytes(), Dialect::Tsql) {
                steps.push(found, &place);
            }
        }
        _ => {}
    }
    let last = call.full.then_some(&place);
    steps.finish(|place, databases| place.target(databases), last)
}

fn given(value: Value<'_>, source: &'static str) -> (String, std::borrow::Cow<'static, str>) {
    (value.text.to_string_lossy().into_owned(), source.into())
}

fn place(call: &Call<'_>, parsed: &Parsed<'_>) -> Place {
    let context = &call.context;
    let mut found = Place::default();
    let own = call.tool.name != "bcp";
    for (name, variable, slot) in [
        ("--server", "SQLCMDSERVER", &mut found.server),
        ("--database-name", "SQLCMDDBNAME", &mut found.database),
        ("--user-name", "SQLCMDUSER", &mut found.user),
    ] {
        let value = parsed.value(name);
        if value.is_some_and(|value| value.dynamic) {
            found.gap = Some(format!("the value of {name} is computed at run time"));
        }
        *slot = value.map(|value| given(value, name)).or_else(|| {
            let value = context.text_var(variable).filter(|_| own)?;
            Some((value, variable.into()))
        });
    }
    // -D of the ODBC edition: -S names an entry of odbc.ini.
    if parsed.has("--dsn") {
        found.gap = Some("the server is what an ODBC data source says".to_owned());
    }
    // The Go edition keeps contexts, of which one is the current one.
    let contexts = context.home().map(|home| home.join(".sqlcmd/sqlconfig"));
    if own && found.server.is_none() && contexts.is_some_and(|path| context.world.exists(&path)) {
        found.gap = Some("~/.sqlcmd/sqlconfig may name the server".to_owned());
    }
    found
}

fn cmd(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let client = Sqlcmd {
        variables: Variables::new(),
        terminator: "GO".to_owned(),
        substitutes: !parsed.has("--disable-variable-substitution"),
    };
    let mut session = Session::new(call, place(call, parsed), client);
    // -? and -L print and end.
    if parsed.has("-?") || parsed.has("--list-servers") {
        return Reading::default();
    }
    for unknown in &parsed.unknown {
        session.opaque(&format!("it has no option {}", unknown.text.to_string_lossy()));
    }
    if let Some(value) = parsed.value("--batch-terminator") {
        session.client.terminator = value.text.to_string_lossy().into_owned();
    }
    session.settings(parsed);
    // The startup script, unless -X switches commands off.
    let disabled = parsed.has("--disable-cmd-and-warn");
    if let Some(path) = call.context.text_var("SQLCMDINI").filter(|_| !disabled) {
        session.source(path.as_bytes());
    }
    let mut texts = 0_usize;
    for given in &parsed.options {
        let Some(value) = given.value else { continue };
        let query = given.option.is("--query") || given.option.is("--initial-query");
        if !query && !given.option.is("--input-file") {
            continue;
        }
        texts += 1;
        match (value.dynamic, query) {
            (true, _) => session.opaque("its text is computed at run time"),
            (_, true) => {
                session.script(value.text.as_bytes());
            }
            // -i a,b
            _ => value.text.as_bytes().split(|byte| *byte == b',').for_each(|file| {
                session.source(file);
            }),
        }
    }
    let mut words = parsed.positionals.iter();
    if words.next().is_some_and(|word| word.text == "query") {
        // The Go edition's `sqlcmd query TEXT`, in its current context.
        session.unplaced();
        if let Some(word) = words.next() {
            texts += 1;
            match word.dynamic {
                true => session.opaque("its text is computed at run time"),
                false => {
                    session.script(word.text.as_bytes());
                }
            }
        }
    } else {
        // `-i a b`, as the Go edition has it too.
        let files = parsed.has("--input-file");
        for word in parsed.positionals.iter().filter(|_| files) {
            session.source(word.text.as_bytes());
        }
    }
    if texts == 0 && !parsed.has("--initial-query") {
        session.standard_input();
    }
    session.finish()
}

/// What sqlcmd keeps in a session.
struct Sqlcmd {
    variables: Variables,
    terminator: String,
    substitutes: bool,
}

type Session<'a> = sql_session::Session<'a, Sqlcmd>;

impl Client for Sqlcmd {
    type Place = Place;
    const STDIN: &'static [&'static str] = &["/dev/stdin", "-"];

    fn read(session: &mut Session<'_>, text: &[u8]) {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
            session.opaque("it is written in UTF-16");
        }
        let context = session.call.context;
        let Sqlcmd { variables, terminator, substitutes } = &mut session.client;
        let variable = |name: &str| match substitutes {
            // Any variable of the environment counts.
            true => context.var(name).map(|value| value.as_bytes().to_vec()),
            false => Some(format!("$({name})").into_bytes()),
        };
        for item in sqlcmd::scan(text, variables, variable, terminator) {
            match item {
                Item::Batch(batch) => session.send(&batch),
                Item::Command(name, rest) => session.command(&name, rest.trim_ascii()),
                Item::Unreadable(why) => session.opaque(&why),
            }
        }
    }

    fn target(place: &Place, databases: &[String]) -> Target {
        place.target(databases)
    }
}

impl Session<'_> {
    /// Where it goes is a context's to say.
    fn unplaced(&mut self) {
        let gap = "the server is what the current context says".to_owned();
        self.place = Rc::new(Place { gap: Some(gap), ..Place::clone(&self.place) });
    }

    /// `-v name=value`, and further ones behind it.
    fn settings(&mut self, parsed: &Parsed<'_>) {
        let typed = parsed.all("--variables").filter_map(|given| given.value);
        let words = parsed.positionals.iter().map(|word| (word.text, word.dynamic));
        for (text, dynamic) in typed.map(|value| (value.text, value.dynamic)).chain(words) {
            let bytes = text.as_bytes();
            let Some(at) = bytes.iter().position(|byte| *byte == b'=') else { continue };
            let (name, value) = bytes.split_at_checked(at).unwrap_or((bytes, b""));
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            if dynamic {
                self.opaque("the value of a variable is computed at run time");
            }
            let value = sqlcmd::unquoted(value.get(1..).unwrap_or_default()).to_vec();
            self.client.variables.insert(name, value);
        }
    }

    fn send(&mut self, batch: &[u8]) {
        for found in dialect::read(batch, Dialect::Tsql) {
            if found.statement.operation == "USE" {
                let mut next = Place::clone(&self.place);
                next.database = found.statement.object.map(|name| (name, "USE".into()));
                self.place = Rc::new(next);
                continue;
            }
            self.steps.push(found, &self.place);
        }
    }

    fn command(&mut self, name: &str, rest: &[u8]) {
        match name {
            "r" => self.source(rest),
            "!!" => self.shell(rest, false),
            "ed" => self.opaque("it is written in an editor"),
            "connect" => self.connect(rest),
            _ => {}
        }
    }

    /// `:connect server [-D database] [-U user]`.
    fn connect(&mut self, rest: &[u8]) {
        let text = String::from_utf8_lossy(rest);
        let mut words = text.split_whitespace();
        let mut next = Place::default();
        next.server =
            words.next().map(|word| (word.trim_matches('"').to_owned(), ":connect".into()));
        while let Some(option) = words.next() {
            let value = || words.clone().next().map(|word| (word.to_owned(), ":connect".into()));
            match option {
                "-D" | "-d" => next.database = value(),
                "-U" => next.user = value(),
                _ => {}
            }
        }
        self.place = Rc::new(next);
    }

    /// Includes a file by its name in the script.
    fn source(&mut self, name: &[u8]) {
        let name = sqlcmd::unquoted(name.trim_ascii());
        if !name.is_empty() {
            self.include(Path::new(OsStr::from_bytes(name)), None);
        }
    }
}

#[cfg(test)]
mod tests;
