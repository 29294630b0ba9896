//! What the shell of SQLite and that of DuckDB, which began as a copy of it,
//! have in common: how their words stand, and the file that they run first.
//! Reads words; what they mean is for the readers.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::sql_session::{Client, Session};
use super::sql_steps::Written;
use super::{Call, Place};
use crate::action::{Effect, Flag};
use crate::parse::sqlite::Dot;
use crate::rules::Arity;

/// A word's text, where it stands in argv, and whether it is computed at run
/// time.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// The text.
    pub text: &'a OsStr,
    /// Its place in argv.
    pub at: usize,
    /// Whether it is computed at run time.
    pub dynamic: bool,
}

/// One of the words, or an option with its values.
#[derive(Clone, Copy, Debug)]
pub enum Word<'a> {
    /// The database's file: the first word that is no option.
    File(Text<'a>),
    /// Any further word: a text to run.
    Text(Text<'a>),
    /// An option without its dashes, and its last value.
    Option(&'a [u8], Option<Text<'a>>),
    /// What looks like an option, and is none that the tool's rules know.
    Unknown(&'a OsStr),
}

/// The words of a call, in order. Options may have one dash or two, and stand
/// anywhere.
pub fn words<'a>(call: &Call<'a>) -> impl Iterator<Item = Word<'a>> {
    let (tool, invocation) = (call.tool, call.context.invocation);
    let mut texts = invocation.argv.iter().enumerate().skip(1).map(|(at, text)| Text {
        text,
        at,
        dynamic: invocation.is_dynamic(at),
    });
    let mut has_file = false;
    std::iter::from_fn(move || {
        let word = texts.next()?;
        if word.text.as_bytes().first() != Some(&b'-') || word.dynamic && !has_file {
            let file = !std::mem::replace(&mut has_file, true);
            return Some(if file { Word::File(word) } else { Word::Text(word) });
        }
        let bare = bare(word.text);
        let named = |name: &&str| name.trim_start_matches('-').as_bytes() == bare;
        let known = tool.options.iter().find(|option| option.names.iter().any(named));
        let Some(option) = known else { return Some(Word::Unknown(word.text)) };
        let count = match option.arity {
            Arity::Flag => 0,
            Arity::Words(count) => count.into(),
            _ => 1,
        };
        Some(Word::Option(bare, texts.by_ref().take(count).last()))
    })
}

/// An option without its dashes.
pub fn bare(word: &OsStr) -> &[u8] {
    let bytes = word.as_bytes();
    bytes.strip_prefix(b"--").or(bytes.strip_prefix(b"-")).unwrap_or(bytes)
}

/// Runs the file that the shell runs first: the one that `-init` names, else
/// `own`, the user's, if it is there.
pub fn start<C: Client>(
    session: &mut Session<'_, C>,
    init: Option<Text<'_>>,
    own: Option<PathBuf>,
) {
    if let Some(Text { text, at, .. }) = init {
        session.include(Path::new(text), Some(0..text.len()));
        let names = session.take_names();
        return session.hand(Place::Word(at), text.as_bytes(), names);
    }
    let world = session.call.context.world;
    if let Some(path) = own.filter(|path| world.exists(path)) {
        session.include(&path, Some(0..0));
        let names = session.take_names();
        session.hand(Place::Added { behind: 0, words: &["-init"] }, b"", names);
    }
    // What these run has no business with scripts.
    session.steps.written = Written::default();
}

/// `.open --new` empties the file that it opens.
pub fn emptied<C: Client>(session: &mut Session<'_, C>, dot: &Dot<'_>) {
    if dot.has("new") {
        let says = "Empties the database's file.";
        session.simple(Effect::Destroy, "open --new", says, &[Flag::Irreversible]);
    }
}
