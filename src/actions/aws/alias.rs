//! The user's own commands in `~/.aws/cli/alias`: those that stand for other
//! commands of the CLI are expanded and read again, those that begin with `!`
//! are shell lines and handed on to the shell's reader. The path is fixed; an
//! alias may shadow a built-in command.

use std::ffi::OsString;

use crate::actions::{Place, Reading};
use crate::invocation::{Context, Invocation};
use crate::parse::ini::{self, Ini};

use super::Reader;
use super::grammar::Line;

/// The most bytes of the alias file that are read.
const LIMIT: usize = 1 << 18;

/// How many aliases may stand for one another.
const DEPTH: usize = 8;

/// The reading of a command that an alias changes; none if no alias does.
pub fn expand(reader: &Reader<'_>, line: &Line<'_>, service: &str) -> Option<Reading> {
    let context = reader.context;
    let path = context.home()?.join(".aws/cli/alias");
    if !context.world.exists(&path) {
        return None;
    }
    let aliases = match context.world.read(&path, LIMIT) {
        Ok(bytes) => ini::parse(&String::from_utf8_lossy(&bytes)).ok()?,
        Err(error) => {
            let why = format!("the alias file cannot be read: {error}");
            return Some(reader.opaque(line, service.to_owned(), &why));
        }
    };
    if reader.shadowed != Some(service)
        && let Some(value) = value(&aliases, "toplevel", service)
    {
        return Some(apply(reader, line, service, value, &[]));
    }
    let operation = line.operation.filter(|word| !word.dynamic)?.text.to_str()?;
    let group = format!("command {service}");
    let nested = line
        .rest
        .first()
        .and_then(|word| word.text.to_str())
        .and_then(|word| Some((word, value(&aliases, &format!("{group} {operation}"), word)?)));
    let (name, value, front) = match (value(&aliases, &group, operation), nested) {
        (Some(value), _) => (operation, value, vec![service]),
        (None, Some((word, value))) => (word, value, vec![service, operation]),
        (None, None) => return None,
    };
    if reader.shadowed == Some(name) {
        return None;
    }
    // Version 1 knows no aliases below a service: what it would do counts too.
    let mut reading = apply(reader, line, name, value, &front);
    let plain = Reader { shadowed: Some(name), ..*reader };
    reading.absorb(plain.named(line, service));
    Some(reading)
}

fn value<'i>(aliases: &'i Ini, section: &str, name: &str) -> Option<&'i str> {
    aliases.section(section)?.get(name).map(str::trim).filter(|value| !value.is_empty())
}

/// Reads the command again with the alias's words in place of its name.
/// `front` are the command words that stay in front of them.
fn apply(reader: &Reader<'_>, line: &Line<'_>, name: &str, value: &str, front: &[&str]) -> Reading {
    if reader.depth >= DEPTH {
        return reader.opaque(line, name.to_owned(), "aliases stand for one another too often");
    }
    let old = reader.context.invocation;
    let mut argv = Words { old, argv: Vec::new(), from: Vec::new(), dynamic: Vec::new() };
    let words = arguments(line, front.len());
    if let Some(shell) = value.strip_prefix('!') {
        return Reading { inner: vec![shell_line(old, shell, &words)], ..Reading::default() };
    }
    // An alias whose quotes do not match is an error of the tool's.
    let Ok(own) = shell_words::split(value) else { return Reading::default() };
    argv.take(0);
    for given in &line.options {
        argv.take(given.index);
        argv.take_if(given.value.map(|value| value.index).filter(|at| *at != given.index));
    }
    argv.add(front.iter().map(OsString::from));
    argv.add(own.into_iter().map(OsString::from));
    words.iter().for_each(|at| argv.take(*at));
    let Words { argv, from, dynamic, .. } = argv;
    let invocation = Invocation { argv, dynamic, ..old.clone() };
    let mut reading = Reader {
        call: reader.call,
        context: Context { invocation: &invocation, world: reader.context.world },
        depth: reader.depth + 1,
        shadowed: Some(name),
    }
    .read();
    // A word of the alias's own that names a file stands nowhere in the
    // command line, so it cannot lead to the copy.
    reading.handed.retain_mut(|handed| {
        let stood = handed.word().and_then(|index| from.get(index).copied().flatten());
        stood.inspect(|index| handed.place = Place::Word(*index)).is_some()
    });
    reading
}

/// A new command line made of words of the old one.
struct Words<'a> {
    old: &'a Invocation,
    argv: Vec<OsString>,
    /// Where each word stood in the old one.
    from: Vec<Option<usize>>,
    dynamic: Vec<usize>,
}

impl Words<'_> {
    fn take(&mut self, at: usize) {
        let Some(word) = self.old.argv.get(at) else { return };
        if self.old.is_dynamic(at) {
            self.dynamic.push(self.argv.len());
        }
        self.argv.push(word.clone());
        self.from.push(Some(at));
    }

    fn add(&mut self, words: impl Iterator<Item = OsString>) {
        self.argv.extend(words);
        self.from.resize(self.argv.len(), None);
    }

    fn take_if(&mut self, at: Option<usize>) {
        if let Some(at) = at {
            self.take(at);
        }
    }
}

/// Where the words behind the alias's name stand, in order.
fn arguments(line: &Line<'_>, front: usize) -> Vec<usize> {
    let operation = line.operation.filter(|_| front == 0).map(|word| word.index);
    let rest = line.rest.iter().skip(front.saturating_sub(1)).map(|word| word.index);
    let mut words: Vec<usize> = operation.into_iter().chain(rest).collect();
    words.sort_unstable();
    words
}

/// The shell line that an alias with `!` runs, the way Python's `subprocess`
/// runs it.
fn shell_line(old: &Invocation, shell: &str, words: &[usize]) -> Invocation {
    let mut text = OsString::from(shell);
    for word in words.iter().filter_map(|at| old.argv.get(*at)) {
        text.push(" ");
        text.push(shell_words::quote(&word.to_string_lossy()).as_ref());
    }
    let unsure = words.iter().any(|at| old.is_dynamic(*at));
    let argv = vec![OsString::from("sh"), OsString::from("-c"), text];
    Invocation { argv, dynamic: unsure.then_some(2).into_iter().collect(), ..old.clone() }
}
