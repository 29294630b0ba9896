//! Programs whose own little language can run a command: awk, sed, the
//! editors, crontab and their kin. Finds the texts in a call's words, files
//! and standard input, and hands on the commands that the scanners see in
//! them. A text that starts what it computes is code that could not be read
//! only where it names a guarded tool and takes something away; all else that
//! such programs do is left alone.

mod editors;
mod files;
mod scripts;
mod sessions;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::packages::line;
use super::wrapper::template;
use super::{inline, mention};
use crate::actions::{Call, Reading};
use crate::invocation::{HOLE, Input, Invocation, Stdin};
use crate::parse::argv::{self, Parsed, Value, Word};
use crate::parse::little::{Fed, Found, Started, Words};
use crate::world::World;

/// The longest text that is read, in bytes.
const LIMIT: usize = 256 * 1024;

/// Reads a call.
pub(super) fn read(call: &Call<'_>) -> Reading {
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let reader = Reader { call, parsed: &parsed };
    match call.tool.name {
        "awk" => reader.awk(),
        "crontab" => reader.crontab(),
        "ed" => reader.ed(),
        "emacs" => reader.emacs(),
        "expect" => reader.expect(),
        "gdb" => reader.gdb(),
        "gnuplot" => reader.gnuplot(),
        "hyperfine" => reader.hyperfine(),
        "man" => reader.man(),
        "sed" => reader.sed(),
        "vim" => reader.vim(),
        _ => Reading::default(),
    }
}

/// A call at work.
struct Reader<'a> {
    call: &'a Call<'a>,
    parsed: &'a Parsed<'a>,
}

/// Texts that are one program, and the files that they come from.
#[derive(Default)]
struct Text {
    code: String,
    files: Vec<PathBuf>,
}

impl Text {
    fn add(&mut self, more: &str) {
        self.code.push_str(more);
        self.code.push('\n');
    }
}

impl Reader<'_> {
    /// An option's value, with holes for what is computed.
    fn value(&self, value: &Value<'_>) -> String {
        let text = template(self.call.context.invocation, value.index, value.offset);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// A word, with holes for what is computed.
    fn word(&self, word: &Word<'_>) -> String {
        let text = template(self.call.context.invocation, word.index, 0);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Adds a file's text, or standard input's where the file is that.
    fn file(&self, path: &str, text: &mut Text) {
        let context = self.call.context;
        if ["-", "/dev/stdin", "/dev/fd/0"].contains(&path) {
            return self.input(text);
        }
        let whole = context.resolve(path);
        if path.contains(HOLE) || context.invocation.scripts.contains(&whole) {
            return;
        }
        let Ok(bytes) = context.read(Path::new(path), LIMIT) else { return };
        if !bytes.contains(&0) {
            text.add(&String::from_utf8_lossy(&bytes));
            text.files.push(whole);
        }
    }

    /// Adds the text of standard input, where it is known.
    fn input(&self, text: &mut Text) {
        if let Input::Text(bytes) = self.call.context.stdin(LIMIT) {
            text.add(&String::from_utf8_lossy(&bytes));
        }
    }

    /// The texts that options give, of which `texts` hold them and `files` name
    /// their files, and whether there was such an option.
    fn options(&self, texts: &[&str], files: &[&str]) -> (Text, bool) {
        let mut text = Text::default();
        let mut given = false;
        for option in &self.parsed.options {
            let Some(value) = &option.value else { continue };
            let is = |names: &[&str]| names.iter().any(|name| option.option.is(name));
            if is(texts) {
                text.add(&self.value(value));
            } else if is(files) {
                self.file(&self.value(value), &mut text);
            } else {
                continue;
            }
            given = true;
        }
        (text, given)
    }

    /// The program that such options give, else the first positional. Says how
    /// many positionals it took.
    fn program(&self, texts: &[&str], files: &[&str]) -> (Text, usize) {
        let (mut text, given) = self.options(texts, files);
        match self.parsed.positionals.first() {
            Some(first) if !given => {
                text.add(&self.word(first));
                (text, 1)
            }
            _ => (text, 0),
        }
    }

    /// The command's surroundings, where it stands in these files.
    fn surroundings(&self, files: &[PathBuf]) -> Invocation {
        let mut outer = self.call.context.invocation.clone();
        outer.loosely |= !files.is_empty();
        outer.scripts.extend(files.iter().cloned());
        outer
    }

    /// What was found in a text, handed on.
    fn found(&self, found: &Found, text: &Text) -> Reading {
        let world = self.call.context.world;
        let outer = self.surroundings(&text.files);
        let started = found.started.iter().filter_map(|one| start(one, &outer, world));
        let mut reading = Reading { inner: started.collect(), ..Reading::default() };
        if found.computed {
            reading.actions.extend(inline::unread(&text.code, world));
        }
        reading
    }
}

/// The invocation of a command that a text starts; none for one that is
/// computed in part and names no guarded tool.
fn start(started: &Started, outer: &Invocation, world: &dyn World) -> Option<Invocation> {
    let computed = |text: &str| text.contains(HOLE);
    let named = |text: &str| mention::names_a_tool(&text.replace(HOLE, " "), world);
    let mut inner = match (&started.words, &started.fed) {
        // `print "psql " $1 | "sh"`: a line for a shell, too.
        (Words::Line(shell), Fed::Text(text)) if computed(text) && is_shell(shell) => {
            return named(text).then(|| line(outer, text.clone().into_bytes(), None));
        }
        (Words::Line(text), _) => {
            if computed(text) && !named(text) {
                return None;
            }
            line(outer, text.clone().into_bytes(), None)
        }
        (Words::List(words), _) => call_of(words.iter().map(String::as_str), outer),
    };
    if inner.argv.is_empty() || inner.is_dynamic(0) {
        return None;
    }
    match &started.fed {
        Fed::Inherited => {}
        Fed::Text(text) if !computed(text) => inner.stdin = Stdin::Text(Arc::from(text.as_bytes())),
        Fed::Text(_) | Fed::Computed => {
            inner.stdin = Stdin::Opaque(format!("what {} hands it", outer.tool()));
        }
    }
    Some(inner)
}

/// Whether a line is nothing but a shell that reads its standard input.
fn is_shell(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let name = words.next().and_then(|word| word.rsplit('/').next());
    name.is_some_and(|name| ["sh", "bash", "dash", "ksh", "zsh"].contains(&name))
        && words.all(|word| word.starts_with('-') && !word.contains('c'))
}

/// The invocation of these words, with holes for what is computed.
pub(super) fn call_of<'a>(
    words: impl IntoIterator<Item = &'a str>,
    outer: &Invocation,
) -> Invocation {
    let mut inner = Invocation {
        argv: Vec::new(),
        dynamic: Vec::new(),
        templates: Vec::new(),
        ..outer.clone()
    };
    for (at, text) in words.into_iter().enumerate() {
        if text.contains(HOLE) {
            inner.dynamic.push(at);
            inner.templates.push((at, text.into()));
            inner.argv.push(text.replace(HOLE, "…").into());
        } else {
            inner.argv.push(text.into());
        }
    }
    inner
}
