//! A command that is a script by its path: `./deploy.sh a` is `sh ./deploy.sh
//! a`, by the file's first line. Reads the front of that file, never more.

use std::ffi::OsString;
use std::path::Path;

use super::MAX_SCRIPT;
use crate::invocation::{Context, Invocation};
use crate::rules::{Reader, table};

/// How much of a program is looked at to see what runs it, in bytes.
const HEAD: usize = 256;

/// The words that stand in front of a script's path when it runs. None for
/// what no rule's program runs, and for a script that is too long to be
/// followed.
pub(super) fn front(path: &str, context: Context<'_>) -> Option<Vec<String>> {
    if !path.contains('/') {
        return None;
    }
    let head = match context.read_start(path, HEAD) {
        Ok(head) => head,
        Err(_) => context.read(path, MAX_SCRIPT).ok()?,
    };
    if head.contains(&0) {
        return None;
    }
    let words = interpreter(&head);
    let program = Path::new(words.first()?).file_name()?.to_str()?;
    let rule = table::find(program)?;
    matches!(rule.reader, Reader::Shell | Reader::Launcher).then_some(words)
}

/// The interpreter's invocation, where a command without rules of its own
/// (`nohup ./deploy.sh`, seen from `nohup`) is a script.
pub fn by_path(context: Context<'_>) -> Option<Invocation> {
    let outer = context.invocation;
    if outer.is_dynamic(0) {
        return None;
    }
    let words = front(outer.argv.first()?.to_str()?, context)?;
    let count = words.len();
    let mut inner = Invocation { loosely: true, ..outer.clone() };
    inner.argv.splice(0..0, words.into_iter().map(OsString::from));
    inner.dynamic.iter_mut().for_each(|at| *at += count);
    inner.templates.iter_mut().for_each(|(at, _)| *at += count);
    Some(inner)
}

/// The words of a script's first line that name what runs it; a shell runs
/// what has none.
fn interpreter(head: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(head);
    let line = text.lines().next().unwrap_or_default();
    let Some(line) = line.strip_prefix("#!") else { return vec!["sh".to_owned()] };
    let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    if words.first().is_some_and(|word| word.ends_with("/env")) {
        words.remove(0);
        let front = |word: &String| word.starts_with('-') || word.contains('=');
        let count = words.iter().take_while(|word| front(word)).count();
        words.drain(..count);
    }
    words
}
