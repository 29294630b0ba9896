//! One session of mongosh or mongo on paper: the scripts in their order and
//! the place that each step of them would go to.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;

use super::{TEXT_LIMIT, place};
use crate::actions::sql_steps::{Steps, names_any};
use crate::actions::{Call, Handed, INTERACTIVE, Place as Stands, ReadOnly, Reading};
use crate::invocation::Input;
use crate::parse::argv::{Parsed, Word};
use crate::parse::dialect::Found;
use crate::parse::mongosh::{self, Step};
use crate::target::mongo::{Place, is_url};

/// What opens a session read-only.
const GUARD: &str = include_str!("read_only.js");
/// How deep files may load each other.
const MAX_DEPTH: usize = 16;
/// How many files one session may load.
const MAX_FILES: usize = 1_000;

/// Reads a call of a shell.
pub fn read(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    let tool = call.tool.name;
    let mut words: Vec<&Word<'_>> = parsed.positionals.iter().collect();
    // yargs takes a `true` or `false` behind a flag for its value.
    words.retain(|word| {
        let before = word.index.checked_sub(1);
        let flag =
            parsed.options.iter().any(|given| Some(given.index) == before && given.value.is_none());
        !(tool == "mongosh" && flag && (word.text == "true" || word.text == "false"))
    });
    let is_address = words.first().is_some_and(|word| {
        let text = word.text.to_string_lossy();
        let script = [".js", ".mongodb"].iter().any(|end| text.ends_with(end));
        !parsed.has("--nodb") && (is_url(&text) || !script)
    });
    let address = is_address.then(|| words.remove(0));
    let text = address.map(|word| word.text.to_string_lossy().into_owned());
    let mut start = place(parsed, text.as_deref().map(|text| (text, "address")));
    if address.is_some_and(|word| word.dynamic) {
        start.server.gap = Some("the address is computed at run time".to_owned());
    }
    let mut session = Session {
        call,
        place: Rc::new(start),
        steps: Steps::new(tool),
        depth: 0,
        files: 0,
        read_only: None,
    };
    if let Some(word) = parsed.unknown.first() {
        session.opaque(&format!("it has no option {}", word.text.to_string_lossy()));
    }
    session.start(parsed);
    let mut any = false;
    for value in parsed.all("--eval").filter_map(|given| given.value) {
        any = true;
        match value.dynamic {
            true => session.opaque("its text is computed at run time"),
            false => session.script(value.text.as_bytes()),
        }
    }
    let named = parsed.all("--file").filter_map(|given| given.value);
    let named: Vec<_> = named.map(|it| (it.text, it.dynamic, it.index, Some(it.offset))).collect();
    // mongosh takes its first word for an address unless a script's ending
    // says otherwise, and a copy's path has none: there it becomes `--file`.
    let behind = address.is_some() || parsed.has("--nodb");
    let fits = tool == "mongosh" && (behind || named.is_empty());
    let plain = words.iter().map(|it| (it.text, it.dynamic, it.index, behind.then_some(0)));
    for (file, dynamic, index, offset) in named.iter().copied().chain(plain) {
        any = true;
        if dynamic {
            session.opaque("which file it runs is computed at run time");
            continue;
        }
        let read = session.load(file).filter(|_| fits);
        // The name of a script may be part of what it does.
        let own = |text: &[u8]| names_any(text, &[b"__filename", b"__dirname"]);
        let Some(bytes) = read.filter(|bytes| !own(bytes)) else { continue };
        let word = call.context.invocation.argv.get(index);
        session.steps.handed.extend(match offset {
            Some(offset) => Handed::part(index, word, offset, bytes),
            None => Some(Handed::file(index, "--file=".into(), bytes)),
        });
    }
    if !any {
        session.standard_input();
    } else if parsed.has("--shell") {
        session.interactive();
    }
    let last = call.full.then_some(&session.place);
    let read_only = session.read_only;
    Reading { read_only, ..session.steps.finish(Place::target, last) }
}

struct Session<'a> {
    call: &'a Call<'a>,
    place: Rc<Place>,
    steps: Steps<Place>,
    depth: usize,
    files: usize,
    read_only: Option<ReadOnly>,
}

impl Session<'_> {
    fn opaque(&mut self, why: &str) {
        self.steps.opaque(why, &self.place);
    }

    /// The file that the shell runs at its start.
    fn start(&mut self, parsed: &Parsed<'_>) {
        if parsed.has("--norc") {
            return;
        }
        let name = if self.call.tool.name == "mongo" { ".mongorc.js" } else { ".mongoshrc.js" };
        let context = &self.call.context;
        let own = context.home().map(|home| home.join(name));
        if let Some(path) = own.filter(|path| context.world.exists(path)) {
            self.load(path.as_os_str());
        }
    }

    /// A person, or something that looks like one, types what is run. The
    /// guard goes in front of every other word, so that all scripts come
    /// after it.
    fn interactive(&mut self) {
        let option = self.call.tool.session.and_then(|session| session.read_only);
        let operation = self.call.session(option.is_some());
        if let Some(option) = option.filter(|_| operation == INTERACTIVE) {
            let place = Stands::Added { behind: 0, words: &["--shell"] };
            let text = format!("{option}{GUARD}").into_bytes().into();
            self.read_only = Some(ReadOnly::Text(Handed { place, text }));
        }
        self.steps.interactive(operation, &self.place);
    }

    fn standard_input(&mut self) {
        match self.call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => self.interactive(),
            Input::Text(text) => self.script(&text),
            Input::Opaque(why) => self.opaque(&why),
        }
    }

    /// Reads a file that is run, and gives its text.
    fn load(&mut self, file: &OsStr) -> Option<Vec<u8>> {
        self.files += 1;
        if self.files > MAX_FILES {
            self.opaque("it loads too many files");
            return None;
        }
        match self.call.context.read(Path::new(file), TEXT_LIMIT) {
            Ok(bytes) => {
                self.script(&bytes);
                Some(bytes)
            }
            Err(error) => {
                let why = format!("the file {} cannot be read: {error}", file.to_string_lossy());
                self.opaque(&why);
                None
            }
        }
    }

    fn script(&mut self, text: &[u8]) {
        if self.depth >= MAX_DEPTH {
            return self.opaque("it loads files too deeply");
        }
        self.depth += 1;
        for step in mongosh::read(text) {
            match step {
                Step::Run(statement, at) => {
                    let databases = at.database.into_iter().collect();
                    let place = match at.server {
                        None => self.place.clone(),
                        Some(server) => {
                            let mut there = Place::clone(&self.place);
                            there.connect(&server);
                            Rc::new(there)
                        }
                    };
                    self.steps.push(Found { statement, databases }, &place);
                }
                Step::Use(name) => {
                    let database = Some((name, "use"));
                    self.place = Rc::new(Place { database, ..Place::clone(&self.place) });
                }
                Step::Connect(address) => {
                    let mut next = Place::clone(&self.place);
                    next.connect(&address);
                    self.place = Rc::new(next);
                }
                Step::Load(file) => {
                    self.load(OsStr::new(&file));
                }
            }
        }
        self.depth -= 1;
    }
}
