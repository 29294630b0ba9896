//! The texts that curl's words name: files, standard input, variables'
//! contents. Each is read once and bounded; a file that argv names is handed
//! on from the copy that was read.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::Arc;

use super::variables::{self, Source};
use super::words::Arg;
use super::{LIMIT, Run};
use crate::actions::Handed;
use crate::invocation::Input;
use crate::world::ReadError;

/// The names of standard input: curl's own, and the system's.
const STANDARD_INPUT: [&[u8]; 4] = [b"-", b"/dev/stdin", b"/dev/fd/0", b"/proc/self/fd/0"];

/// A text that a word names.
pub enum Text {
    /// All of it.
    Known(Arc<[u8]>),
    /// It cannot be read, and why.
    Opaque(String),
}

impl<'a> Run<'a> {
    /// The text of the file that a word names, `-` being standard input. A
    /// file that argv names is handed on from this copy.
    pub fn text(&mut self, name: &Arg<'a>) -> Text {
        let context = self.call.context;
        if name.dynamic {
            return Text::Opaque("the file's name is computed at run time".to_owned());
        }
        if STANDARD_INPUT.contains(&&*name.text) {
            return match context.stdin(LIMIT) {
                Input::Text(text) => Text::Known(text),
                Input::Terminal => Text::Opaque("it comes from a terminal".to_owned()),
                Input::Opaque(why) => Text::Opaque(format!("it comes from {why}")),
            };
        }
        let path = Path::new(OsStr::from_bytes(&name.text));
        match context.read(path, LIMIT) {
            Ok(text) => {
                let bytes: Arc<[u8]> = text.into();
                self.hand(name, &bytes);
                Text::Known(bytes)
            }
            Err(ReadError::Missing) => Text::Opaque(format!("there is no {}", path.display())),
            Err(error) => Text::Opaque(format!("{}: {error}", path.display())),
        }
    }

    fn hand(&mut self, name: &Arg<'a>, bytes: &Arc<[u8]>) {
        let Some(index) = name.index else { return };
        let word = self.call.context.invocation.argv.get(index).map(|word| word.as_bytes());
        let before = word.and_then(|word| word.get(..name.offset)).unwrap_or_default();
        let before = OsString::from_vec(before.to_vec());
        // Several URLs may be sent the same file.
        if !self.handed.iter().any(|one| one.index == index) {
            self.handed.push(Handed { index, before, bytes: bytes.clone() });
        }
    }

    /// What a variable is set to.
    pub fn content(&mut self, source: Source) -> variables::Content {
        match source {
            Source::Literal(content) => Ok(content),
            Source::Environment(name, default) => match (self.call.context.var(&name), default) {
                (Some(content), _) => Ok(content.into_vec()),
                (None, Some(default)) => self.content(*default),
                (None, None) => Ok(Vec::new()),
            },
            Source::File(name, range) => match self.text(&Arg::loose(name)) {
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
