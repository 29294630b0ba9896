//! One psql session on paper: texts in their order, the connection that each
//! statement would go to, the variables known, and the shell commands on the
//! way. Nothing is run.

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::rc::Rc;
use std::sync::Arc;

use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::{Call, Handed, INTERACTIVE, Name, Place as Stands, ReadOnly, Reading};
use crate::invocation::{Context, Invocation, Stdin};
use crate::parse::psql_script::{self, Command, Query, Variables};
use crate::parse::sql::{self, Role, Statement};
use crate::target::Target;
use crate::target::postgres::{self, Parameters, conninfo};

/// Shell commands that one session may run.
const MAX_SHELLS: usize = 500;
/// Steps of a script's first reading that the second leaves out if it finds
/// them too.
pub(super) const MAX_COMPARED: usize = 1_000;
/// Steps beyond which a session is not followed: what is kept of a script is
/// bounded, however long it is.
const MAX_STEPS: usize = 20_000;
/// Actions that a reading lists.
const MAX_ACTIONS: usize = 50;

/// A connection that a `\connect` made; none for the one that the words make,
/// which is resolved only when something asks where it leads.
pub(super) type Place = Option<Rc<Parameters>>;

/// The places that a statement may go to.
pub(super) type Places = Rc<Vec<Place>>;

/// A plain write: operation, flags and places.
type Write = (Cow<'static, str>, Flags, Places);
/// Reads one statement that PostgreSQL does not have; none for those it has.
pub(super) type ReadsOwn = fn(&[u8]) -> Option<Statement>;

/// A psql session.
pub struct Session<'a> {
    pub(super) call: &'a Call<'a>,
    /// The invocation as `\setenv` and `\cd` change it.
    pub(super) invocation: Invocation,
    /// The connection as given.
    start: Parameters,
    /// Where the database stands, if that is known and may be said anew.
    database: Option<Database>,
    pub(super) places: Places,
    pub(super) variables: Variables,
    pub(super) sql: sql::Reader,
    /// Reads the statements that PostgreSQL has not.
    own: Option<ReadsOwn>,
    pub(super) steps: Vec<(Statement, Places)>,
    /// The plain writes among them: operation and place.
    writes: Vec<Write>,
    /// How many of its statements took data from standard input.
    pub(super) copies: usize,
    pub(super) inner: Vec<Invocation>,
    handed: Vec<Handed>,
    /// What is to be put into the text that is being read.
    pub(super) sites: Sites,
    /// Whether it has run a shell, which may have written any file.
    pub(super) has_run: bool,
    read_only: Option<ReadOnly>,
    pub(super) depth: usize,
    pub(super) files: usize,
    /// How often it connected anew.
    pub(super) connects: usize,
    /// Bytes of included files.
    pub(super) included: usize,
    /// How many `\if` are open.
    pub(super) branches: usize,
    /// Whether a query was begun on one side of an `\if` and ends on another.
    pub(super) split: bool,
    pub(super) single_line: bool,
    script_on_stdin: bool,
}

/// Where the words say which database.
#[derive(Clone, Copy, Debug)]
pub(super) enum Database {
    /// Nowhere: it is the default, and `--dbname` may be added.
    Default,
    /// In a word, behind so many bytes of it.
    Word {
        /// The word's place in argv.
        index: usize,
        /// The bytes in front of it, an option's name.
        offset: usize,
    },
}

/// Names of files in a text.
#[derive(Debug, Default)]
pub(super) struct Sites {
    /// Those that give way.
    pub names: Vec<Name>,
    /// Whether the text must stay where it is: it includes a file whose name
    /// is not known, relative to itself.
    pub stays: bool,
}

impl<'a> Session<'a> {
    /// A session that begins where `start`, the words, leads.
    pub fn new(call: &'a Call<'a>, start: Parameters, variables: Variables) -> Session<'a> {
        Session {
            call,
            invocation: call.context.invocation.clone(),
            start,
            database: None,
            places: Rc::new(vec![None]),
            variables,
            sql: sql::Reader::default(),
            own: None,
            steps: Vec::new(),
            writes: Vec::new(),
            copies: 0,
            inner: Vec::new(),
            handed: Vec::new(),
            sites: Sites::default(),
            has_run: false,
            read_only: None,
            depth: 0,
            files: 0,
            connects: 0,
            included: 0,
            branches: 0,
            split: false,
            single_line: false,
            script_on_stdin: false,
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

    /// The database, or a connection string, stands at a place that may be
    /// written anew.
    pub(super) fn set_database(&mut self, database: Database) {
        self.database = Some(database);
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
        let text = self.call.tool.session.and_then(|session| session.read_only);
        let read_only = text.and_then(|text| self.read_only(text));
        let operation = self.call.session(read_only.is_some());
        self.read_only = read_only.filter(|_| operation == INTERACTIVE);
        self.push(Statement::opaque(operation, "it will be typed"));
    }

    /// What adds `text` to the start-up options. Those of the connection
    /// string or of the service hide PGOPTIONS, and those that a reconnect
    /// asks for may not.
    fn read_only(&self, text: &str) -> Option<ReadOnly> {
        let mut value = self.call.context.var("PGOPTIONS").unwrap_or_default();
        if !value.is_empty() {
            value.push(" ");
        }
        value.push(text);
        let Some(given) = self.resolved(&None).options else {
            return Some(ReadOnly::Variable("PGOPTIONS", value));
        };
        let options = format!("{} {text}", given.value);
        let (index, word) = match self.database.as_ref()? {
            Database::Default => {
                (None, format!("--dbname={}", conninfo::with_options("", &options)?))
            }
            Database::Word { index, offset } => {
                let word = self.call.context.invocation.argv.get(*index)?.to_str()?;
                let (option, name) = word.split_at_checked(*offset)?;
                (Some(*index), format!("{option}{}", conninfo::with_options(name, &options)?))
            }
        };
        Some(ReadOnly::Word("PGOPTIONS", value, index, word.into()))
    }

    /// Something is run that cannot be read.
    pub fn opaque(&mut self, why: String) {
        self.push(Statement { lasting: true, ..Statement::opaque("psql", &why) });
    }

    /// A `-c` text: SQL as it stands, or one backslash command. Gives the
    /// names in it that give way.
    pub fn command_text(&mut self, text: &[u8], dynamic: bool) -> Vec<Name> {
        if dynamic {
            self.opaque("its text is computed at run time".to_owned());
            return Vec::new();
        }
        match text.strip_prefix(b"\\") {
            Some(line) => {
                let (mut command, _) = psql_script::command(line, &self.variables);
                for span in command.args.list.iter_mut().filter_map(|arg| arg.span.as_mut()) {
                    *span = span.start + 1..span.end + 1;
                }
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
        std::mem::take(&mut self.sites).names
    }

    /// A script on standard input.
    pub fn script_from_stdin(&mut self, text: Arc<[u8]>) {
        self.reads_stdin();
        let names = self.script(text.clone(), None).map(|pinned| pinned.names);
        let handed = Handed::names(Stands::Stdin, &text, names.unwrap_or_default());
        self.handed.extend(handed);
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

    /// Adds a step, if it can make a difference: of plain writes to one place,
    /// one stands for all, and a transaction with nothing in it is none.
    pub(super) fn push(&mut self, statement: Statement) {
        self.copies += usize::from(statement.role == Role::CopyIn);
        let plain = statement.role == Role::Plain && !statement.flags.has(Flag::Opaque);
        if plain && statement.is_harmless() {
            return;
        }
        if plain && statement.effect == Effect::Write {
            let alike = |(operation, flags, at): &Write| {
                *operation == statement.operation && *flags == statement.flags && at == &self.places
            };
            if self.writes.iter().any(alike) {
                return;
            }
            if self.writes.len() < MAX_COMPARED {
                let operation = statement.operation.clone();
                self.writes.push((operation, statement.flags, Rc::clone(&self.places)));
            }
        }
        if statement.role == Role::Commit && statement.flags.is_empty() {
            while self.steps.last().is_some_and(|(last, _)| last.role == Role::Begin) {
                self.steps.pop();
            }
            if self.steps.last().is_some_and(|(last, _)| last.role == Role::Commit) {
                return;
            }
        }
        if self.steps.len() == MAX_STEPS {
            let why = "it has more statements than holdpoint lists";
            let rest = Statement { lasting: true, ..Statement::opaque("psql", why) };
            self.steps.push((rest, Rc::clone(&self.places)));
        } else if self.steps.len() < MAX_STEPS {
            self.steps.push((statement, Rc::clone(&self.places)));
        }
    }

    pub(super) fn query(&mut self, query: Query) {
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
            _ => self.writes(command),
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
        self.has_run = true;
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
        let (inner, handed, read_only) = (self.inner, self.handed, self.read_only);
        Reading { actions, inner, handed, notes, read_only, ..Reading::default() }
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
        unknown_function: statement.unknown_function.clone(),
        ..Action::new(statement.effect, statement.operation.clone())
    }
}
