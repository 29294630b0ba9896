//! Splits a command's words into options, values and positionals, by the
//! style and the option tables of its rule file, and walks its command words.
//! Bytes in, structure out: no look-ups, no meaning.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use crate::invocation::Invocation;
use crate::rules::source::key;
use crate::rules::{Arity, Command, Inner, Opt, Order, Source, Tool};

/// A word that is no option.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Word<'a> {
    /// Its place in argv.
    pub index: usize,
    /// Its text.
    pub text: &'a OsStr,
    /// Whether it is computed at run time.
    pub dynamic: bool,
}

/// An option as it was given.
#[derive(Clone, Debug, PartialEq)]
pub struct Given<'a> {
    /// Which option it is.
    pub option: &'static Opt,
    /// Its (first) value, if it took one.
    pub value: Option<Value<'a>>,
    /// Its further values ([`Arity::Words`]).
    pub more: Vec<Value<'a>>,
    /// The place in argv of the word that it stands in.
    pub index: usize,
}

/// An option's value and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value<'a> {
    /// The place in argv of the word that it stands in.
    pub index: usize,
    /// How many bytes of that word precede it: 0 where it is the whole word.
    pub offset: usize,
    /// Its text.
    pub text: &'a OsStr,
    /// Whether it is computed at run time.
    pub dynamic: bool,
}

/// A word that looks like an option and is none that the rules know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unknown<'a> {
    /// Its place in argv.
    pub index: usize,
    /// Its text.
    pub text: &'a OsStr,
}

/// An invocation's words, told apart.
#[derive(Clone, Debug, Default)]
pub struct Parsed<'a> {
    /// The command that the leading positionals name, if any is listed. For a
    /// tool without command words, its one command.
    pub command: Option<&'static Command>,
    /// The command words, in order.
    pub path: Vec<Word<'a>>,
    /// The positionals behind them.
    pub positionals: Vec<Word<'a>>,
    /// The options, in order.
    pub options: Vec<Given<'a>>,
    /// What looks like an option and is none that is known.
    pub unknown: Vec<Unknown<'a>>,
    /// How many of `positionals` stand in front of a `--`; the rest, if any,
    /// behind it.
    pub before_dashes: Option<usize>,
}

impl<'a> Parsed<'a> {
    /// The last option given under one of whose spellings is `name`.
    pub fn last(&self, name: &str) -> Option<&Given<'a>> {
        self.options.iter().rev().find(|given| given.option.is(name))
    }

    /// Every option given under one of whose spellings is `name`, in order.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &Given<'a>> {
        self.options.iter().filter(move |given| given.option.is(name))
    }

    /// Whether the option of this spelling was given.
    pub fn has(&self, name: &str) -> bool {
        self.last(name).is_some()
    }

    /// The value of the last option of this spelling.
    pub fn value(&self, name: &str) -> Option<Value<'a>> {
        self.last(name).and_then(|given| given.value)
    }

    /// The value at a source that stands in the words.
    pub fn source(&self, source: Source) -> Option<String> {
        let lossy = |text: &OsStr| text.to_string_lossy().into_owned();
        match source {
            Source::Option(name) => self.value(name).map(|value| lossy(value.text)),
            Source::Positional(number) => {
                let at = usize::from(number).checked_sub(1)?;
                self.positionals.get(at).map(|word| lossy(word.text))
            }
            Source::Positionals if self.positionals.is_empty() => None,
            Source::Positionals => {
                let words: Vec<String> =
                    self.positionals.iter().take(20).map(|word| lossy(word.text)).collect();
                Some(words.join(", "))
            }
            Source::Default(value) => Some(value.to_owned()),
            Source::Variable(_) | Source::File(_) | Source::Hostname => None,
        }
    }
}

/// Splits an invocation's words by a tool's rules. `posixly` says whether
/// POSIXLY_CORRECT is set in its environment.
pub fn parse<'a>(tool: &'static Tool, invocation: &'a Invocation, posixly: bool) -> Parsed<'a> {
    let mut splitter = Splitter {
        tool,
        invocation,
        argv: &invocation.argv,
        at: 1,
        out: Parsed::default(),
        walking: true,
        near: Vec::new(),
        own: first(tool, 0).filter(|command| command.path.is_empty()).collect(),
    };
    splitter.out.command = splitter.own.first().copied();
    splitter.run(posixly);
    splitter.out
}

/// The commands whose first word has this key, in their order.
fn first(tool: &'static Tool, key: u64) -> impl Iterator<Item = &'static Command> {
    let known = tool.firsts.iter().filter(move |(known, _)| *known == key);
    known.filter_map(|(_, index)| tool.commands.get(usize::from(*index)))
}

struct Splitter<'a> {
    tool: &'static Tool,
    invocation: &'a Invocation,
    argv: &'a [OsString],
    at: usize,
    out: Parsed<'a>,
    /// Whether the next positional may still be a command word.
    walking: bool,
    /// The commands that the path walked so far leads to or through; empty
    /// where nothing has been walked.
    near: Vec<&'static Command>,
    /// The commands on the path itself, the outermost first.
    own: Vec<&'static Command>,
}

/// What a spelling stands for among the options known here.
enum Found {
    Option(&'static Opt),
    Ambiguous,
    Nothing,
}

impl<'a> Splitter<'a> {
    fn run(&mut self, posixly: bool) {
        let style = self.tool.style;
        while let Some(word) = self.argv.get(self.at) {
            let bytes = word.as_bytes();
            match bytes {
                b"--" => {
                    self.at += 1;
                    self.out.before_dashes = Some(self.out.positionals.len());
                    return self.take_rest();
                }
                [b'-', b'-', ..] => self.long(bytes),
                [b'-', _, ..] if style.single_dash => self.long(bytes),
                [b'-', _, ..] if style.bundle => self.cluster(bytes),
                [b'-', _, ..] => self.exact(word),
                _ => {
                    let in_front = match style.order {
                        Order::Anywhere => false,
                        Order::Posixly => posixly,
                        Order::Front => true,
                    };
                    let word = self.word();
                    let ended = !self.walk(word) && in_front;
                    let rest = self
                        .out
                        .options
                        .last()
                        .is_some_and(|given| given.option.arity == Arity::Rest)
                        || self.trailing();
                    if ended || (rest && !self.walking) {
                        return self.take_rest();
                    }
                }
            }
            if self.out.options.last().is_some_and(|given| given.option.arity == Arity::Rest) {
                return self.take_rest();
            }
        }
    }

    /// Whether the command takes everything from its first positional on, as
    /// wrappers do.
    fn trailing(&self) -> bool {
        let own = self.out.command.and_then(|command| command.wrapper);
        // ssh takes options on both sides of the host, and none behind the
        // first word of its command.
        let anywhere = self.tool.style.order == Order::Anywhere;
        let wrapper = own.or(self.tool.wrapper.filter(|wrapper| anywhere && wrapper.skip > 0));
        wrapper.filter(|wrapper| wrapper.inner != Inner::Rest).is_some_and(|wrapper| {
            let in_front = if wrapper.front { 0 } else { usize::from(wrapper.skip) };
            self.out.positionals.len() > in_front
        })
    }

    fn word(&mut self) -> Word<'a> {
        let index = self.at;
        self.at += 1;
        let text = self.argv.get(index).map_or(OsStr::new(""), OsString::as_os_str);
        Word { index, text, dynamic: self.invocation.is_dynamic(index) }
    }

    fn take_rest(&mut self) {
        while self.at < self.argv.len() {
            let word = self.word();
            self.out.positionals.push(word);
        }
    }

    /// Takes a positional: a command word if one of that name is next, else a
    /// plain positional. Says whether it was a command word.
    fn walk(&mut self, word: Word<'a>) -> bool {
        if self.walking && !word.dynamic {
            let depth = self.out.path.len();
            let is_next = |command: &&'static Command| {
                let names = command.path.get(depth);
                names.is_some_and(|names| names.iter().any(|name| word.text == *name))
            };
            let next: Vec<&'static Command> = match depth {
                0 => first(self.tool, key(word.text.as_bytes())).filter(is_next).collect(),
                _ => self.near.iter().copied().filter(is_next).collect(),
            };
            if !next.is_empty() {
                self.out.path.push(word);
                let here = depth + 1;
                let on_path = next.iter().copied().filter(|command| command.path.len() == here);
                self.out.command = on_path.clone().next().or(self.out.command);
                self.own.extend(on_path);
                self.near = next;
                return true;
            }
        }
        self.walking = false;
        self.out.positionals.push(word);
        false
    }

    /// The options known here: those of every command on the path, the
    /// innermost first (`compose rm -f` is not `compose -f`), and the tool's.
    fn known(&self) -> impl Iterator<Item = &'static Opt> + use<'a> {
        let own = self.own.clone();
        own.into_iter().rev().flat_map(|command| command.options).chain(self.tool.options)
    }

    fn find_long(&self, name: &[u8]) -> Found {
        let mut prefix: Option<&'static Opt> = None;
        let mut ambiguous = false;
        for option in self.known() {
            for spelling in option.names {
                let spelling = spelling.as_bytes();
                if same_long(spelling, name, self.tool.style.single_dash) {
                    return Found::Option(option);
                }
                if self.tool.style.prefixes
                    && spelling.starts_with(b"--")
                    && spelling.starts_with(name)
                {
                    ambiguous |= prefix.is_some_and(|other| !std::ptr::eq(other, option));
                    prefix = Some(option);
                }
            }
        }
        match prefix {
            _ if ambiguous => Found::Ambiguous,
            Some(option) => Found::Option(option),
            None => Found::Nothing,
        }
    }

    fn find_short(&self, letter: u8) -> Option<&'static Opt> {
        self.known()
            .find(|option| option.names.iter().any(|name| name.as_bytes() == [b'-', letter]))
    }

    fn long(&mut self, bytes: &'a [u8]) {
        let split = self.tool.style.long_equals || self.tool.style.single_dash;
        let equals = if split { bytes.iter().position(|byte| *byte == b'=') } else { None };
        let name = equals.and_then(|at| bytes.get(..at)).unwrap_or(bytes);
        match self.find_long(name) {
            Found::Option(option) => self.given(option, equals.map(|at| at + 1)),
            Found::Ambiguous | Found::Nothing => self.unknown(),
        }
    }

    fn exact(&mut self, word: &'a OsStr) {
        let found = self.known().find(|option| option.names.iter().any(|name| word == *name));
        match found {
            Some(option) => self.given(option, None),
            None => self.unknown(),
        }
    }

    /// `-abc`: flags up to the first letter that takes a value.
    fn cluster(&mut self, bytes: &'a [u8]) {
        let start = self.at;
        let mut place = 1;
        while let Some(letter) = bytes.get(place) {
            let Some(option) = self.find_short(*letter) else {
                self.at = start;
                return self.unknown();
            };
            place += 1;
            match option.arity {
                Arity::Flag | Arity::Rest => {
                    self.out.options.push(Given {
                        option,
                        value: None,
                        more: Vec::new(),
                        index: start,
                    });
                }
                _ => {
                    let equals = self.tool.style.short_equals && bytes.get(place) == Some(&b'=');
                    let from = if equals { place + 1 } else { place };
                    let attached = (equals || from < bytes.len()).then_some(from);
                    return self.given(option, attached);
                }
            }
        }
        self.at = start + 1;
    }

    /// Takes the option in the current word, whose value begins at byte
    /// `attached` of it or is the next word.
    fn given(&mut self, option: &'static Opt, attached: Option<usize>) {
        let index = self.at;
        self.at += 1;
        let mut given = Given { option, value: None, more: Vec::new(), index };
        if let Some(offset) = attached {
            given.value = self.part(index, offset);
        } else {
            match option.arity {
                Arity::Flag | Arity::Attached | Arity::Rest => {}
                Arity::Value => given.value = self.next_value(),
                Arity::Optional => {
                    let next = self.argv.get(self.at).map(|word| word.as_bytes());
                    if next.is_some_and(|next| next.first() != Some(&b'-')) {
                        given.value = self.next_value();
                    }
                }
                Arity::Words(count) => {
                    given.value = self.next_value();
                    for _ in 1..count {
                        given.more.extend(self.next_value());
                    }
                }
            }
        }
        self.out.options.push(given);
    }

    fn next_value(&mut self) -> Option<Value<'a>> {
        let value = self.part(self.at, 0)?;
        self.at += 1;
        Some(value)
    }

    fn part(&self, index: usize, offset: usize) -> Option<Value<'a>> {
        let text = OsStr::from_bytes(self.argv.get(index)?.as_bytes().get(offset..)?);
        Some(Value { index, offset, text, dynamic: self.invocation.is_dynamic(index) })
    }

    fn unknown(&mut self) {
        let word = self.word();
        self.out.unknown.push(Unknown { index: word.index, text: word.text });
    }
}

/// Whether two spellings of a long option are the same; in Go's style one or
/// two dashes make no difference.
fn same_long(spelling: &[u8], name: &[u8], single_dash: bool) -> bool {
    if !single_dash {
        return spelling == name;
    }
    let bare =
        |text: &'_ [u8]| -> usize { text.iter().take(2).take_while(|byte| **byte == b'-').count() };
    spelling.get(bare(spelling)..) == name.get(bare(name)..)
}
