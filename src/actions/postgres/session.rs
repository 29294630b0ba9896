//! One psql session on paper: texts in their order, the connection that each
//! statement would go to, the variables known, and the shell commands on the
//! way. Nothing is run.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{TEXT_LIMIT, copy};
use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::{Call, Handed, INTERACTIVE, Reading};
use crate::invocation::{Context, Input, Invocation, Stdin};
use crate::parse::psql_script::{self, Arg, Command, Item, Query, Scanner, Variables};
use crate::parse::sql::{self, Role, Statement};
use crate::target::Target;
use crate::target::postgres::{self, Parameters, Reconnect};

/// How deep files may include each other.
const MAX_DEPTH: usize = 16;
/// How many files one session may include.
const MAX_FILES: usize = 1_000;
/// Actions that a reading lists.
const MAX_ACTIONS: usize = 50;
/// Connections that a statement may have, where `\if` leaves it open.
const MAX_PLACES: usize = 8;

/// A connection that a `\connect` made; none for the one that the words make,
/// which is resolved only when something asks where it leads.
type Place = Option<Rc<Parameters>>;

/// The places that a statement may go to.
type Places = Rc<Vec<Place>>;

/// A psql session.
pub struct Session<'a> {
    call: &'a Call<'a>,
    /// The invocation as `\setenv` and `\cd` change it.
    invocation: Invocation,
    /// The connection as given.
    start: Parameters,
    places: Places,
    variables: Variables,
    sql: sql::Reader,
    steps: Vec<(Statement, Places)>,
    inner: Vec<Invocation>,
    handed: Vec<Handed>,
    depth: usize,
    files: usize,
    /// How many `\if` are open.
    branches: usize,
    /// Whether a query was begun on one side of an `\if` and ends on another.
    split: bool,
    single_line: bool,
    script_on_stdin: bool,
    /// Whether the files read so far include others relative to themselves.
    relative: bool,
}

impl<'a> Session<'a> {
    /// A session that begins where `start`, the words, leads.
    pub fn new(call: &'a Call<'a>, start: Parameters, variables: Variables) -> Session<'a> {
        Session {
            call,
            invocation: call.context.invocation.clone(),
            start,
            places: Rc::new(vec![None]),
            variables,
            sql: sql::Reader::default(),
            steps: Vec::new(),
            inner: Vec::new(),
            handed: Vec::new(),
            depth: 0,
            files: 0,
            branches: 0,
            split: false,
            single_line: false,
            script_on_stdin: false,
            relative: false,
        }
    }

    /// What the session would look up.
    pub fn context(&self) -> Context<'_> {
        Context { invocation: &self.invocation, world: self.call.context.world }
    }

    /// `-S`: the end of a line sends the query.
    pub fn set_single_line(&mut self, on: bool) {
        self.single_line = on;
    }

    /// Standard input is the script itself.
    pub fn reads_stdin(&mut self) {
        self.script_on_stdin = true;
    }

    /// Keeps a file's bytes for psql.
    pub fn hand(&mut self, handed: Handed) {
        self.handed.push(handed);
    }

    /// A person, or something that looks like one, types what is run.
    pub fn interactive(&mut self) {
        let statement = Statement::opaque(INTERACTIVE, "it will be typed");
        self.push(statement);
    }

    /// Something is run that cannot be read.
    pub fn opaque(&mut self, why: String) {
        self.push(Statement { lasting: true, ..Statement::opaque("psql", &why) });
    }

    /// A `-c` text: SQL as it stands, or one backslash command.
    pub fn command_text(&mut self, text: &[u8], dynamic: bool) {
        if dynamic {
            return self.opaque("its text is computed at run time".to_owned());
        }
        match text.strip_prefix(b"\\") {
            Some(line) => {
                let (command, _) = psql_script::command(line, &self.variables);
                let query = Query { by: Some(command.clone()), ..Query::default() };
                match command.name.as_str() {
                    "g" | "gx" | "gset" | "gexec" | "watch" => self.query(query),
                    _ => {
                        self.command(&command, None, None);
                    }
                }
            }
            None => self.send(text),
        }
    }

    /// A script in psql's language, from a file in `dir`. Says whether it
    /// includes files relative to itself.
    pub fn script(&mut self, text: Vec<u8>, dir: Option<PathBuf>) -> bool {
        if self.depth >= MAX_DEPTH {
            self.opaque("it includes files too deeply".to_owned());
            return false;
        }
        let before = std::mem::take(&mut self.relative);
        self.depth += 1;
        let saved = (self.variables.clone(), self.places.clone(), self.sql.clone());
        let (from, inner, branches) = (self.steps.len(), self.inner.len(), self.branches);
        let tricky = self.scan(Scanner::new(text.clone(), false), dir.as_deref());
        if tricky {
            self.read_other_way(text, dir.as_deref(), saved, from, inner, branches);
        }
        self.depth -= 1;
        self.branches = branches;
        std::mem::replace(&mut self.relative, before)
    }

    /// Reads a script as psql does with standard_conforming_strings off, and
    /// adds what that finds.
    fn read_other_way(
        &mut self,
        text: Vec<u8>,
        dir: Option<&Path>,
        saved: (Variables, Places, sql::Reader),
        from: usize,
        inner: usize,
        branches: usize,
    ) {
        let now = (
            std::mem::replace(&mut self.variables, saved.0),
            std::mem::replace(&mut self.places, saved.1),
            std::mem::replace(&mut self.sql, saved.2),
        );
        let first = self.steps.split_off(from);
        let commands = self.inner.split_off(inner);
        self.branches = branches;
        self.scan(Scanner::new(text, true), dir);
        let mut other = self.steps.split_off(from);
        other.retain(|(statement, places)| {
            !statement.is_harmless()
                && !first.iter().any(|(have, at)| have == statement && at == places)
        });
        let mut runs = self.inner.split_off(inner);
        runs.retain(|run| !commands.contains(run));
        self.steps.extend(first);
        self.steps.extend(other);
        self.inner.extend(commands);
        self.inner.extend(runs);
        (self.variables, self.places, self.sql) = now;
    }

    fn scan(&mut self, scanner: Scanner, dir: Option<&Path>) -> bool {
        let mut scanner = scanner.single_line(self.single_line);
        while let Some(item) = scanner.next(&self.variables) {
            match item {
                Item::Query(query) => {
                    let from = self.steps.len();
                    self.query(query);
                    let data = self.steps.get(from..).unwrap_or_default();
                    for _ in data.iter().filter(|(step, _)| step.role == Role::CopyIn) {
                        scanner.take_data();
                    }
                }
                Item::Command(command) => {
                    let quits = matches!(command.name.as_str(), "q" | "quit");
                    if quits && self.branches == 0 {
                        break;
                    }
                    self.command(&command, dir, Some(&mut scanner));
                }
                Item::Unreadable(why) => self.opaque(why.to_owned()),
            }
        }
        scanner.is_tricky()
    }

    /// Sends a text to the server.
    fn send(&mut self, text: &[u8]) {
        for statement in self.sql.read(text) {
            self.push(statement);
        }
    }

    fn push(&mut self, statement: Statement) {
        self.steps.push((statement, Rc::clone(&self.places)));
    }

    fn query(&mut self, query: Query) {
        if let Some(name) = &query.unknown {
            self.opaque(format!("the value of its variable {name} is not known"));
        }
        if std::mem::take(&mut self.split) {
            self.opaque("parts of a query depend on an \\if".to_owned());
        }
        let Some(command) = &query.by else { return self.send(&query.text) };
        if command.name == "gdesc" {
            return;
        }
        self.send(&query.text);
        self.run_args(command);
        match command.name.as_str() {
            "gexec" => {
                let why = "the rows of a result are run as SQL";
                self.push(Statement { lasting: true, ..Statement::opaque("\\gexec", why) });
            }
            "gset" => {
                let prefix = command.args.list.first().and_then(|arg| arg.text.clone());
                self.variables.forget(&prefix.unwrap_or_default());
            }
            _ => {
                if let Some(line) = &command.args.line {
                    self.shell(Some(line), true);
                }
            }
        }
    }

    /// Runs what stands in backticks in a command's arguments.
    fn run_args(&mut self, command: &Command) {
        for run in command.args.list.iter().flat_map(|arg| &arg.runs) {
            self.shell(run.as_deref(), false);
        }
    }

    /// A shell command, as psql hands it to `sh -c`; none if only a run would
    /// tell its text. `fed` says that it reads psql's output.
    pub fn shell(&mut self, text: Option<&[u8]>, fed: bool) {
        let Some(text) = text.filter(|text| !text.trim_ascii().is_empty()) else {
            return self.opaque("it runs a shell whose commands are not in the text".to_owned());
        };
        let stdin = if fed {
            Stdin::Opaque("what psql writes".to_owned())
        } else if self.script_on_stdin {
            Stdin::Opaque("what psql leaves of its own input".to_owned())
        } else {
            self.invocation.stdin.clone()
        };
        self.inner.push(Invocation {
            argv: vec!["sh".into(), "-c".into(), OsString::from_vec(text.to_vec())],
            dynamic: Vec::new(),
            stdin,
            ..self.invocation.clone()
        });
    }

    fn command(&mut self, command: &Command, dir: Option<&Path>, script: Option<&mut Scanner>) {
        self.run_args(command);
        let first = command.args.list.first();
        let text = |arg: Option<&Arg>| arg.and_then(|arg| arg.text.clone());
        match command.name.as_str() {
            "if" | "elif" | "else" | "endif" => self.branch(command),
            "c" | "connect" => self.connect(&command.args.list),
            "i" | "include" | "ir" | "include_relative" => {
                let relative = command.name.starts_with("ir") || command.name.ends_with("relative");
                self.include(text(first), if relative { dir } else { None }, relative);
            }
            "copy" => self.copy(command.args.line.as_deref().unwrap_or_default(), script),
            "!" => self.shell(command.args.line.as_deref(), false),
            "o" | "out" | "w" | "write" => {
                if let Some(line) = &command.args.line {
                    self.shell(Some(line), true);
                }
            }
            "set" => self.set(&command.args.list),
            "unset" => match text(first) {
                Some(name) if self.branches == 0 => self.variables.unset(name),
                Some(name) => self.variables.set(name, None),
                None => self.variables.forget(b""),
            },
            "getenv" => self.getenv(&command.args.list),
            "prompt" => match text(command.args.list.last()) {
                Some(name) => self.variables.set(name, None),
                None => self.variables.forget(b""),
            },
            "setenv" => self.setenv(&command.args.list),
            "cd" => {
                let dir = text(first).map(|dir| PathBuf::from(OsString::from_vec(dir)));
                let dir = dir.or_else(|| self.context().home());
                self.invocation.cwd = dir.map(|dir| self.context().resolve(dir));
            }
            "e" | "edit" | "ef" | "ev" => {
                self.opaque("it is written in an editor".to_owned());
            }
            "encoding" => {
                let name = text(first).unwrap_or_default().to_ascii_uppercase();
                if !name.is_empty() && !is_ascii_superset(&name) {
                    self.opaque("it is read in an encoding that hides backslashes".to_owned());
                }
            }
            "password" => self.push(Statement {
                flags: Flags::of(&[Flag::Permission]),
                summary: "Sets a role's password.".to_owned(),
                ..Statement::new(Effect::Write, "\\password")
            }),
            "lo_import" | "lo_unlink" => self.push(Statement {
                summary: "Creates or deletes one large object.".to_owned(),
                ..Statement::new(Effect::Write, format!("\\{}", command.name))
            }),
            name if is_harmless(name) => {}
            name => {
                let name: String = name.chars().take(40).collect();
                self.opaque(format!("the backslash command \\{name} is not known"));
            }
        }
    }

    /// Both sides of every `\if` count.
    fn branch(&mut self, command: &Command) {
        self.split |= command.pending;
        self.push(Statement::barrier());
        match command.name.as_str() {
            "if" => self.branches += 1,
            "endif" => self.branches = self.branches.saturating_sub(1),
            _ => {}
        }
    }

    fn resolved(&self, place: &Place) -> Parameters {
        match place {
            None => postgres::resolve(&self.call.context, &self.start, true),
            Some(found) => Parameters::clone(found),
        }
    }

    fn connect(&mut self, args: &[Arg]) {
        self.push(Statement::barrier());
        let mut words = Reconnect::default();
        let mut args = args.iter().peekable();
        let mut gap = false;
        let first = args.peek().and_then(|arg| arg.text.as_deref());
        if let Some(value) = first.and_then(|first| first.strip_prefix(b"-reuse-previous=")) {
            let on: [&[u8]; 6] = [b"on", b"true", b"yes", b"1", b"t", b"y"];
            words.reuse = Some(on.iter().any(|on| value.eq_ignore_ascii_case(on)));
            args.next();
        }
        for (slot, arg) in [&mut words.dbname, &mut words.user, &mut words.host, &mut words.port]
            .into_iter()
            .zip(args)
        {
            gap |= arg.text.is_none();
            let name = arg.text.as_deref().map(unquoted).unwrap_or_default();
            if !name.is_empty() && name != "-" {
                *slot = Some(name);
            }
        }
        let context = self.context();
        let mut next: Vec<Place> = Vec::new();
        for place in self.places.iter() {
            let mut found = postgres::reconnect(&context, &self.resolved(place), &words);
            if gap {
                found.gap = Some("where \\connect goes is computed at run time".to_owned());
            }
            next.push(Some(Rc::new(found)));
        }
        if self.branches > 0 {
            next.extend(self.places.iter().cloned());
        }
        next.dedup();
        if next.len() > MAX_PLACES {
            next.truncate(MAX_PLACES);
            self.opaque("it may connect to too many places".to_owned());
        }
        self.places = Rc::new(next);
    }

    fn include(&mut self, name: Option<Vec<u8>>, dir: Option<&Path>, relative: bool) {
        self.relative |= relative;
        self.files += 1;
        let Some(name) = name.filter(|_| self.files <= MAX_FILES) else {
            return self.opaque("which file it includes is computed at run time".to_owned());
        };
        if name == b"-" || name == b"/dev/stdin" {
            return match self.call.context.stdin(TEXT_LIMIT) {
                Input::Text(text) => {
                    self.script(text.to_vec(), None);
                }
                Input::Terminal => self.interactive(),
                Input::Opaque(why) => self.opaque(why),
            };
        }
        let name = PathBuf::from(OsString::from_vec(name));
        let home = self.context().home();
        let path = match (name.strip_prefix("~"), home, dir) {
            (Ok(rest), Some(home), _) => home.join(rest),
            (_, _, Some(dir)) => dir.join(&name),
            _ => name,
        };
        match self.context().read(&path, TEXT_LIMIT) {
            Ok(bytes) => {
                self.script(bytes, path.parent().map(Path::to_path_buf));
            }
            Err(error) => {
                self.opaque(format!("the file {} cannot be read: {error}", path.display()));
            }
        }
    }

    fn copy(&mut self, line: &[u8], script: Option<&mut Scanner>) {
        let Some(copy) = copy::parse(line) else {
            return self.opaque("its \\copy cannot be read".to_owned());
        };
        for statement in self.sql.read(&copy.sql) {
            self.push(statement);
        }
        if let Some(program) = &copy.program {
            self.shell(Some(program), true);
        }
        if let Some(script) = script.filter(|_| copy.inline) {
            script.take_data();
        }
    }

    fn set(&mut self, args: &[Arg]) {
        let Some((name, values)) = args.split_first() else { return };
        let Some(name) = name.text.clone() else { return self.variables.forget(b"") };
        let value: Option<Vec<u8>> = values
            .iter()
            .map(|arg| arg.text.clone())
            .collect::<Option<Vec<Vec<u8>>>>()
            .map(|parts| parts.concat())
            .filter(|_| self.branches == 0);
        if name == b"SINGLELINE" && value.as_deref().is_none_or(|value| value != b"off") {
            self.opaque("it is sent a line at a time from here on".to_owned());
        }
        self.variables.set(name, value);
    }

    fn getenv(&mut self, args: &[Arg]) {
        let [Arg { text: Some(name), .. }, Arg { text, .. }, ..] = args else {
            return self.variables.forget(b"");
        };
        let name = name.clone();
        let variable = text.as_deref().map(String::from_utf8_lossy);
        let value = variable.and_then(|variable| self.context().var(&variable));
        match value.filter(|_| self.branches == 0) {
            Some(value) => self.variables.set(name, Some(value.as_bytes().to_vec())),
            None => self.variables.set(name, None),
        }
    }

    fn setenv(&mut self, args: &[Arg]) {
        let known: Option<Vec<Vec<u8>>> = args.iter().map(|arg| arg.text.clone()).collect();
        match known.as_deref() {
            Some([name, rest @ ..]) if self.branches == 0 => {
                let value = rest.first().map(|value| OsString::from_vec(value.clone()));
                self.invocation.env.push((OsString::from_vec(name.clone()), value));
            }
            Some([]) => {}
            _ => self.opaque("the environment that it sets is not known".to_owned()),
        }
    }

    /// Everything that was found, the worst first.
    pub fn finish(mut self) -> Reading {
        let (mut statements, places): (Vec<Statement>, Vec<Places>) =
            std::mem::take(&mut self.steps).into_iter().unzip();
        sql::settle(&mut statements);
        let mut steps: Vec<(Statement, Places)> = statements.into_iter().zip(places).collect();
        steps.retain(|(statement, _)| !statement.is_harmless());
        steps.sort_by_key(|(statement, _)| std::cmp::Reverse(weight(statement)));
        if steps.is_empty() && self.call.full {
            steps.push((Statement::new(Effect::Read, "SELECT"), Rc::clone(&self.places)));
        }
        let mut actions = Vec::new();
        let mut targets: Vec<(Place, Target)> = Vec::new();
        let mut left_out = 0_usize;
        let mut writes: Vec<(String, Places)> = Vec::new();
        for (statement, places) in steps {
            if weight(&statement) == (Effect::Write, false, false) {
                let alike = (statement.operation.to_string(), Rc::clone(&places));
                if writes.contains(&alike) {
                    continue;
                }
                writes.push(alike);
            }
            for place in places.iter() {
                if actions.len() == MAX_ACTIONS {
                    left_out += 1;
                    continue;
                }
                let known = targets.iter().find(|(have, _)| have == place);
                let target = match known {
                    Some((_, target)) => target.clone(),
                    None => {
                        let target = postgres::target(&self.resolved(place));
                        targets.push((place.clone(), target.clone()));
                        target
                    }
                };
                actions.push(action(&statement, target));
            }
        }
        let mut notes = Vec::new();
        if left_out > 0 {
            notes.push(format!("holdpoint: {left_out} more statements of this kind follow."));
        }
        Reading { actions, inner: self.inner, handed: self.handed, notes }
    }
}

fn weight(statement: &Statement) -> (Effect, bool, bool) {
    let flags = statement.flags;
    (statement.effect, flags.has(Flag::Opaque), flags.has(Flag::Irreversible))
}

fn action(statement: &Statement, target: Target) -> Action {
    let rule = match statement.effect {
        Effect::Read if statement.flags.is_empty() => "psql/read".into(),
        _ => format!("psql/{}", statement.operation).into(),
    };
    Action {
        flags: statement.flags,
        object: statement.object.clone(),
        summary: statement.summary.clone(),
        rule,
        instead: statement.instead.map(Into::into),
        target,
        ..Action::new(statement.effect, statement.operation.clone())
    }
}

/// A word of `\connect` without its double quotes.
fn unquoted(word: &[u8]) -> String {
    let text = String::from_utf8_lossy(word);
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => text.replace('"', ""),
    }
}

/// Whether every byte of ASCII means itself in an encoding, wherever it stands.
fn is_ascii_superset(name: &[u8]) -> bool {
    const OTHERS: &[&str] = &[
        "SJIS", "SHIFT", "MSKANJI", "BIG", "GBK", "GB18030", "JOHAB", "UHC", "WIN936", "WIN949",
        "WIN950", "WIN932",
    ];
    let name = String::from_utf8_lossy(name);
    !OTHERS.iter().any(|other| name.starts_with(other))
}

/// Backslash commands that neither run nor redirect anything.
fn is_harmless(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "",
        "?",
        "C",
        "H",
        "T",
        "a",
        "bind",
        "close",
        "conninfo",
        "copyright",
        "echo",
        "errverbose",
        "f",
        "h",
        "help",
        "html",
        "lo_export",
        "lo_list",
        "lo_list+",
        "p",
        "print",
        "pset",
        "q",
        "qecho",
        "quit",
        "r",
        "reset",
        "restrict",
        "s",
        "sf",
        "sf+",
        "sv",
        "sv+",
        "t",
        "timing",
        "unrestrict",
        "warn",
        "x",
        "z",
        "z+",
        "zS",
        ".",
    ];
    NAMES.contains(&name) || name.starts_with('d') || name.starts_with('l') && name.len() <= 3
}
