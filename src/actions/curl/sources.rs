//! The texts that curl's words name: files, standard input, variables'
//! contents. Each is read once and bounded; a file that argv or a config file
//! names is handed on from the copy that was read.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::Arc;

use super::variables::{self, Source};
use super::words::{Arg, Origin};
use super::{LIMIT, Run, config};
use crate::actions::{By, Handed, Name, Pinned, Place};
use crate::invocation::Input;
use crate::world::ReadError;

/// The names of standard input: curl's own, and the system's.
const STANDARD_INPUT: [&[u8]; 4] = [b"-", b"/dev/stdin", b"/dev/fd/0", b"/proc/self/fd/0"];

/// The most files that are handed on.
const FILES: usize = 500;

/// A text that a word names.
pub enum Text {
    /// All of it.
    Known(Arc<[u8]>),
    /// It cannot be read, and why.
    Opaque(String),
}

/// A config file that was read.
pub struct Config {
    /// What it says.
    pub text: Arc<[u8]>,
    /// What led to it.
    pub from: From,
}

/// What led to a config file.
pub enum From {
    /// Nothing: curl looks for it.
    Start,
    /// It is standard input.
    Stdin,
    /// A name, and which bytes of the word or value that it stands in.
    Name(Origin, Range<usize>),
}

/// A part of a word or a config file's value that gives way.
pub struct Site {
    origin: Origin,
    /// Which bytes of the word or value.
    span: Range<usize>,
    by: By,
    /// Whether it is of use only where a request's body is judged.
    is_body: bool,
}

impl<'a> Run<'a> {
    /// The text of the file that a word names, `-` being standard input. A
    /// file that argv or a config file names is handed on from this copy.
    pub fn text(&mut self, name: &Arg<'a>) -> Text {
        let (text, is_file) = self.look(name);
        if let (Text::Known(bytes), true) = (&text, is_file) {
            self.hand(name, bytes, false);
        }
        text
    }

    /// The same for a file that is sent, and handed on where it counts.
    pub fn body(&mut self, name: &Arg<'a>) -> Text {
        let (text, is_file) = self.look(name);
        if let (Text::Known(bytes), true) = (&text, is_file) {
            self.hand(name, bytes, true);
        }
        text
    }

    /// The text that a word names, and whether it is a file's.
    pub fn look(&mut self, name: &Arg<'a>) -> (Text, bool) {
        let context = self.call.context;
        if name.dynamic {
            return (Text::Opaque("the file's name is computed at run time".to_owned()), false);
        }
        if STANDARD_INPUT.contains(&&*name.text) {
            let text = match context.stdin(LIMIT) {
                Input::Text(text) => Text::Known(text),
                Input::Terminal => Text::Opaque("it comes from a terminal".to_owned()),
                Input::Opaque(why) => Text::Opaque(format!("it comes from {why}")),
            };
            return (text, false);
        }
        let path = Path::new(OsStr::from_bytes(&name.text));
        match context.read(path, LIMIT) {
            Ok(text) => (Text::Known(text.into()), true),
            Err(ReadError::Missing) => {
                (Text::Opaque(format!("there is no {}", path.display())), true)
            }
            Err(error) => (Text::Opaque(format!("{}: {error}", path.display())), true),
        }
    }

    /// Hands on the file that `name` stands for.
    pub fn hand(&mut self, name: &Arg<'a>, bytes: &Arc<[u8]>, is_body: bool) {
        let file = Pinned { bytes: bytes.clone(), names: Vec::new() };
        self.put(name.origin, name.span(), By::Copy(file), is_body);
    }

    /// Puts something in the place of a part of a word or value. Several URLs
    /// may be sent the same file.
    pub fn put(&mut self, origin: Origin, span: Range<usize>, by: By, is_body: bool) {
        let same = |have: &Site| have.origin == origin && have.span == span;
        if origin == Origin::Nowhere || self.names.iter().any(same) {
            return;
        }
        if self.names.len() >= FILES {
            self.unread = Some("it names more files than holdpoint hands on".to_owned());
        } else {
            self.names.push(Site { origin, span, by, is_body });
        }
    }

    /// Everything that is handed on, config files with what they name.
    pub fn handed(&mut self, bodies: bool) -> Vec<Handed> {
        let mut sites = std::mem::take(&mut self.names);
        sites.retain(|site| bodies || !site.is_body);
        let mut handed = Vec::new();
        // A config file that another names comes behind it.
        for (id, Config { text, from }) in
            std::mem::take(&mut self.configs).iter().enumerate().rev()
        {
            let mut names = Vec::new();
            for site in &sites {
                let Origin::Line { config, start } = site.origin else { continue };
                if config == id
                    && let Some(span) = config::place(text, start, site.span.clone())
                {
                    let by = match &site.by {
                        By::Text(say) => By::Text(config::quoted(text, start, say)),
                        copy => copy.clone(),
                    };
                    names.push(Name { span, by });
                }
            }
            names.sort_by_key(|name| (name.span.start, name.span.end));
            let file = Pinned { bytes: text.clone(), names };
            match from {
                From::Stdin if file.names.is_empty() => {}
                From::Stdin => handed.push(Handed { place: Place::Stdin, text: file }),
                From::Start => {
                    let place = Place::Added { behind: 0, words: &["-q", "-K"] };
                    handed.push(Handed { place, ..Handed::file(0, "".into(), file) });
                }
                From::Name(origin, span) => {
                    let (origin, span) = (*origin, span.clone());
                    sites.push(Site { origin, span, by: By::Copy(file), is_body: false });
                }
            }
        }
        let word = |site: &Site| match site.origin {
            Origin::Word(index) => Some(index),
            _ => None,
        };
        let indexes: BTreeSet<usize> = sites.iter().filter_map(word).collect();
        for index in indexes {
            let Some(word) = self.call.context.invocation.argv.get(index) else { continue };
            let here = sites.iter().filter(|site| site.origin == Origin::Word(index));
            let mut names: Vec<Name> =
                here.map(|site| Name { span: site.span.clone(), by: site.by.clone() }).collect();
            names.sort_by_key(|name| (name.span.start, name.span.end));
            if !names.is_empty() {
                let text = Pinned { bytes: Arc::from(word.as_bytes()), names };
                handed.push(Handed { place: Place::Word(index), text });
            }
        }
        handed
    }

    /// What a variable is set to; `rest` is what stands where a file's name
    /// would begin.
    pub fn content(&mut self, source: Source, rest: &Arg<'a>) -> variables::Content {
        match source {
            Source::Literal(content) => Ok(content),
            Source::Environment(name, default) => match (self.call.context.var(&name), default) {
                (Some(content), _) => Ok(content.into_vec()),
                (None, Some(default)) => self.content(*default, rest),
                (None, None) => Ok(Vec::new()),
            },
            Source::File(name, range) => match self.text(&rest.first(name.len())) {
                Text::Opaque(why) => Err(why),
                Text::Known(text) => {
                    let (low, high) = range.unwrap_or((0, usize::MAX));
                    let high = high.saturating_add(1).min(text.len());
                    Ok(text.get(low.min(high)..high).unwrap_or_default().to_vec())
                }
            },
        }
    }
}
