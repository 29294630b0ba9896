//! One psql session on paper: texts in their order, the connection that each
//! statement would go to, the variables known, and the shell commands on the
//! way. Nothing is run.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::action::{Action, Effect, Flag};
use crate::actions::{Call, Handed, INTERACTIVE, Reading};
use crate::invocation::{Context, Invocation, Stdin};
use crate::parse::psql_script::{self, Command, Item, Query, Scanner, Variables};
use crate::parse::sql::{self, Role, Statement};
use crate::target::Target;
use crate::target::postgres::{self, Parameters};

/// How deep files may include each other.
const MAX_DEPTH: usize = 16;
/// Shell commands that one session may run.
const MAX_SHELLS: usize = 500;
/// Steps of a script's first reading that the second leaves out if it finds
/// them too.
const MAX_COMPARED: usize = 1_000;
/// Actions that a reading lists.
const MAX_ACTIONS: usize = 50;

/// A connection that a `\connect` made; none for the one that the words make,
/// which is resolved only when something asks where it leads.
pub(super) type Place = Option<Rc<Parameters>>;

/// The places that a statement may go to.
type Places = Rc<Vec<Place>>;

/// Reads one statement that PostgreSQL does not have; none for those it has.
pub(super) type ReadsOwn = fn(&[u8]) -> Option<Statement>;

/// A psql session.
pub struct Session<'a> {
    pub(super) call: &'a Call<'a>,
    /// The invocation as `\setenv` and `\cd` change it.
    pub(super) invocation: Invocation,
    /// The connection as given.
    start: Parameters,
    pub(super) places: Places,
    pub(super) variables: Variables,
    pub(super) sql: sql::Reader,
    /// Reads the statements that PostgreSQL has not.
    own: Option<ReadsOwn>,
    steps: Vec<(Statement, Places)>,
    inner: Vec<Invocation>,
    handed: Vec<Handed>,
    depth: usize,
    pub(super) files: usize,
    /// How often it connected anew.
    pub(super) connects: usize,
    /// Bytes of included files.
    pub(super) included: usize,
    /// How many `\if` are open.
    pub(super) branches: usize,
    /// Whether a query was begun on one side of an `\if` and ends on another.
    pub(super) split: bool,
    single_line: bool,
    script_on_stdin: bool,
    /// Whether the files read so far include others relative to themselves.
    pub(super) relative: bool,
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
            own: None,
            steps: Vec::new(),
            inner: Vec::new(),
            handed: Vec::new(),
            depth: 0,
            files: 0,
            connects: 0,
            included: 0,
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

    /// Statements that `own` knows are not read as PostgreSQL's: those of a
    /// server that speaks its protocol.
    pub(super) fn reads_also(&mut self, own: ReadsOwn) {
        self.own = Some(own);
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
                && !first
                    .iter()
                    .take(MAX_COMPARED)
                    .any(|(have, at)| have == statement && at == places)
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
        if let Some(statement) = self.own.and_then(|own| own(text)) {
            return self.push(statement);
        }
        for statement in self.sql.read(text) {
            self.push(statement);
        }
    }

    pub(super) fn push(&mut self, statement: Statement) {
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
    pub(super) fn run_args(&mut self, command: &Command) {
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
        if self.inner.len() >= MAX_SHELLS {
            return self.opaque("it runs too many shell commands".to_owned());
        }
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

    /// Where a connection leads.
    pub(super) fn resolved(&self, place: &Place) -> Parameters {
        match place {
            None => postgres::resolve(&self.call.context, &self.start, true),
            Some(found) => Parameters::clone(found),
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
                actions.push(action(self.call.tool.name, &statement, target));
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

fn action(tool: &str, statement: &Statement, target: Target) -> Action {
    let rule = match statement.effect {
        Effect::Read if statement.flags.is_empty() => format!("{tool}/read").into(),
        _ => format!("{tool}/{}", statement.operation).into(),
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
