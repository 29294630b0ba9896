//! One session of a database client on paper: its texts in their order, the
//! files that they include, the copies that are to be handed on, and the shell
//! commands on the way. What a text says is for each client to read
//! ([`Client`]). Bounds how deep and how many; runs nothing.

use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::sql_steps::Steps;
use super::{By, Call, Handed, Name, Pinned, Place, Reading, TEXT_LIMIT};
use crate::action::{Effect, Flag, Flags};
use crate::invocation::{Input, Invocation, Stdin};
use crate::parse::sql::Statement;
use crate::target::{Evidence, Kind, Target};

/// How deep files may include each other.
const MAX_DEPTH: usize = 16;
/// How many files one session may include.
const MAX_FILES: usize = 1_000;

/// A client that sends SQL: what is its own in a session.
pub trait Client: Sized {
    /// Where its statements go.
    type Place;
    /// Names of files under which it includes its standard input.
    const STDIN: &'static [&'static str] = &[];

    /// Reads a text, from its first statement or command to its last.
    fn read(session: &mut Session<'_, Self>, text: &[u8]);

    /// Where a statement goes that names these databases.
    fn target(place: &Self::Place, databases: &[String]) -> Target;

    /// The operation of its interactive session.
    fn interactive(call: &Call<'_>) -> &'static str {
        call.session(false)
    }
}

/// A target, with the databases that a statement itself names.
pub fn naming(mut target: Target, databases: &[String]) -> Target {
    for name in databases {
        target.evidence.push(Evidence::name(Kind::Database, "the statement", name));
    }
    target
}

/// A session of a client.
pub struct Session<'a, C: Client> {
    /// The call that opens it.
    pub call: &'a Call<'a>,
    /// Where the next statement goes.
    pub place: Rc<C::Place>,
    /// What it has done so far.
    pub steps: Steps<C::Place>,
    /// What the client itself keeps.
    pub client: C,
    /// The names in the text that is being read that give way.
    names: Vec<Name>,
    depth: usize,
    files: usize,
    /// Whether standard input is the script itself.
    on_stdin: bool,
}

impl<'a, C: Client> Session<'a, C> {
    /// A session that begins at `place`.
    pub fn new(call: &'a Call<'a>, place: C::Place, client: C) -> Session<'a, C> {
        Session {
            call,
            place: Rc::new(place),
            steps: Steps::new(call.tool.name),
            client,
            names: Vec::new(),
            depth: 0,
            files: 0,
            on_stdin: false,
        }
    }

    /// Something is run that cannot be read.
    pub fn opaque(&mut self, why: &str) {
        self.steps.opaque(why, &self.place);
    }

    /// A command of the client's own that a ROLLBACK does not take back.
    pub fn simple(&mut self, effect: Effect, operation: &'static str, says: &str, flags: &[Flag]) {
        let statement = Statement {
            summary: says.to_owned(),
            flags: Flags::of(flags),
            lasting: true,
            ..Statement::new(effect, operation)
        };
        self.steps.push(statement.into(), &self.place);
    }

    /// A person, or something that looks like one, types what is run.
    pub fn interactive(&mut self) {
        self.steps.interactive(C::interactive(self.call), &self.place);
    }

    /// Reads standard input as a script.
    pub fn standard_input(&mut self) {
        match self.call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => self.interactive(),
            Input::Text(text) => {
                self.reads_stdin();
                let names = self.script(&text);
                self.hand(Place::Stdin, &text, names);
            }
            Input::Opaque(why) => self.opaque(&why),
        }
    }

    /// Standard input is the script itself.
    pub fn reads_stdin(&mut self) {
        self.on_stdin = true;
    }

    /// Reads a script, and gives the names in it that give way.
    pub fn script(&mut self, text: &[u8]) -> Vec<Name> {
        if self.depth >= MAX_DEPTH {
            self.opaque("it includes files too deeply");
            return Vec::new();
        }
        self.depth += 1;
        let outer = std::mem::take(&mut self.names);
        C::read(self, text);
        self.depth -= 1;
        std::mem::replace(&mut self.names, outer)
    }

    /// The names in the text that is being read that give way, as far as they
    /// are known.
    pub fn take_names(&mut self) -> Vec<Name> {
        std::mem::take(&mut self.names)
    }

    /// A text that the client is to have from the judged copies.
    pub fn hand(&mut self, place: Place, text: &[u8], names: Vec<Name>) {
        self.steps.handed.extend(Handed::names(place, text, names));
    }

    /// Includes a file, whose name stands at `span` of the text that is being
    /// read if it can give way there. Says whether the file could be read.
    pub fn include(&mut self, path: &Path, span: Option<Range<usize>>) -> bool {
        self.files += 1;
        if self.files > MAX_FILES {
            self.opaque("it includes too many files");
            return false;
        }
        if C::STDIN.iter().any(|name| path.as_os_str() == *name) {
            self.standard_input();
            return false;
        }
        if self.steps.written.has(&self.absolute(path)) {
            self.opaque("it includes a file that it writes");
            return false;
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
                true
            }
            Err(error) => {
                let name = crate::text::visible(&path.to_string_lossy(), 200);
                self.opaque(&format!("the file {name} cannot be read: {error}"));
                false
            }
        }
    }

    /// The absolute path of a file, as the client would open it.
    pub fn absolute(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = self.call.context.resolve(path);
        self.call.context.cwd().map_or_else(|| path.clone(), |cwd| cwd.join(&path))
    }

    /// A shell command, as the client hands it to `sh -c`. `fed` says that it
    /// reads what the client writes.
    pub fn shell(&mut self, text: &[u8], fed: bool) {
        let client = self.call.tool.name;
        let stdin = match (fed, self.on_stdin) {
            (true, _) => Stdin::Opaque(format!("what {client} writes")),
            (_, true) => Stdin::Opaque(format!("what {client} leaves of its own input")),
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

    /// Everything that was found, the worst first.
    pub fn finish(self) -> Reading {
        let last = self.call.full.then_some(&self.place);
        self.steps.finish(C::target, last)
    }
}
