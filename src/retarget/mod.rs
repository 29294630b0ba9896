//! What a command changes for those after it in the same line: the context
//! that it selects, the project that it links. Such a command writes a
//! settings file of its tool's, so what is kept is the change to that file, and
//! later commands of the line read the file as it would be then. Where the
//! command may have failed and the line goes on all the same, both readings
//! count. Nothing here writes, and nothing decides.

mod change;
mod place;
mod view;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::actions::Reading;
use crate::invocation::{Context, Invocation};
use crate::parse::settings::Format;
use crate::parse::settings_edit::{self, Edit};
use crate::target::place::Place;
use crate::world::ReadError;

pub use change::{leave, may_change};
pub use view::{Views, join};

/// One key of a settings file that a command sets.
#[derive(Debug)]
pub struct Change {
    path: PathBuf,
    format: Format,
    key: Vec<String>,
    /// The value; none where nobody can tell it.
    value: Option<String>,
    /// The command, for messages: `kubectl config use-context prod`.
    by: String,
    /// Where else it ran, if it did.
    place: Option<Arc<Place>>,
    /// What the line itself had written to the file before.
    before: Option<Option<Arc<[u8]>>>,
    /// Whether it is certain that the command does this if it succeeds.
    sure: bool,
    /// Whether it is the whole file, which the line's own list of written
    /// files has already: only what was there before is of interest.
    whole: bool,
}

/// Hands on what the commands inside one leave behind, to what comes after it
/// and, where no shell line says what follows what, to one another.
#[inline]
pub fn hand_on(reading: &mut Reading, invocation: &Invocation) {
    if invocation.wake.is_some() || reading.inner.len() > 1 {
        link(reading, invocation);
    }
}

fn link(reading: &mut Reading, invocation: &Invocation) {
    if let Some(wake) = &invocation.wake {
        wake.add(reading.leaves.iter().cloned());
    }
    if reading.leaves.is_empty() && reading.inner.len() > 1 {
        let wake = invocation.wake.clone().unwrap_or_default();
        for inner in &mut reading.inner {
            inner.after.push(After { wake: wake.clone(), sure: reading.in_turn });
            inner.wake = Some(wake.clone());
        }
    }
}

/// What a command leaves behind, filled in once it has been read: those after
/// it hold on to this before anybody knows.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Mutex<Vec<Left>>>);

#[derive(Clone, Debug)]
enum Left {
    Change(Arc<Change>),
    /// What a command inside leaves.
    Inner(After),
}

/// A command that ran before.
#[derive(Clone, Debug, PartialEq)]
pub struct After {
    /// What it left behind.
    pub wake: Wake,
    /// Whether it is certain that it did not fail.
    pub sure: bool,
}

/// Which wake it is says nothing about a command.
impl PartialEq for Wake {
    fn eq(&self, _: &Wake) -> bool {
        true
    }
}

impl Change {
    /// A file that a program writes as a whole (`cp`), over what the line had
    /// written there before. `by` is the command for messages.
    pub fn of_file(path: PathBuf, before: Option<Option<Arc<[u8]>>>, by: &str) -> Change {
        Change {
            path,
            format: Format::Text,
            key: Vec::new(),
            value: Some(String::new()),
            by: by.to_owned(),
            place: None,
            before,
            sure: true,
            whole: true,
        }
    }
}

impl Wake {
    /// Whether both are the same command's.
    pub fn is(&self, other: &Wake) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Adds what commands inside this one leave behind.
    pub fn add(&self, inner: impl IntoIterator<Item = After>) {
        // A command handed on by a wrapper fills the wrapper's own.
        let inner = inner.into_iter().filter(|after| !after.wake.is(self)).map(Left::Inner);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(inner);
    }

    /// Adds a change.
    pub fn push(&self, change: Change) {
        let left = Left::Change(Arc::new(change));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(left);
    }

    fn left(&self) -> Vec<Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The settings files as earlier commands leave them, for one command.
#[derive(Debug, Default)]
pub struct Earlier {
    files: Vec<File>,
}

/// One of them.
#[derive(Debug)]
struct File {
    path: PathBuf,
    /// What the line had written to it when a later program failed to; none
    /// if none failed.
    before: Option<Option<Option<Arc<[u8]>>>>,
    changes: Vec<Arc<Change>>,
    /// Whether the command looked at it.
    seen: AtomicBool,
    text: OnceLock<Result<Arc<[u8]>, ReadError>>,
}

impl PartialEq for Earlier {
    fn eq(&self, other: &Earlier) -> bool {
        let files = |all: &Earlier| -> Vec<(PathBuf, usize)> {
            all.files.iter().map(|file| (file.path.clone(), file.changes.len())).collect()
        };
        files(self) == files(other)
    }
}

/// The longest settings file that is changed, in bytes.
const MAX_FILE: usize = 4 << 20;
/// The longest file that is handed on as it was, in bytes.
const MAX_TEXT: usize = crate::actions::TEXT_LIMIT;

impl Earlier {
    /// The text of a file that an earlier command changes, at most `limit`
    /// bytes; none if no command does.
    pub fn read(
        &self,
        path: &Path,
        limit: usize,
        context: &Context<'_>,
    ) -> Option<Result<Vec<u8>, ReadError>> {
        let file = self.files.iter().find(|file| file.path == path)?;
        file.seen.store(true, Ordering::Relaxed);
        let text = file.text.get_or_init(|| file.work_out(context));
        Some(match text {
            Ok(text) if text.len() > limit => Err(ReadError::TooLarge(limit)),
            Ok(text) => Ok(text.to_vec()),
            Err(error) => Err(error.clone()),
        })
    }
}

impl File {
    fn work_out(&self, context: &Context<'_>) -> Result<Arc<[u8]>, ReadError> {
        let there = match &self.before {
            None => context.read_now(&self.path, MAX_TEXT),
            Some(None) => context.world.read(&self.path, MAX_TEXT),
            Some(Some(Some(text))) => Ok(text.to_vec()),
            Some(Some(None)) => Err(ReadError::Failed("an earlier command writes it".to_owned())),
        };
        if self.changes.is_empty() {
            return there.map(Into::into);
        }
        let mut text = match there {
            Ok(text) if text.len() > MAX_FILE => Err(ReadError::TooLarge(MAX_FILE)),
            Ok(text) => Ok(text),
            Err(ReadError::Missing) => Ok(Vec::new()),
            Err(error) => Err(error),
        };
        for group in self.changes.chunk_by(|one, next| {
            one.format == next.format && one.value.is_some() && next.value.is_some()
        }) {
            let Some(last) = group.last() else { continue };
            let failed = |why: &str| {
                let by = &last.by;
                ReadError::Failed(format!("`{by}`, earlier in this line, writes it{why}"))
            };
            let edits: Option<Vec<Edit<'_>>> = group
                .iter()
                .map(|change| Some((change.key.as_slice(), change.value.as_deref()?)))
                .collect();
            let Some(edits) = edits else {
                text = Err(failed(""));
                continue;
            };
            // A text of one value is what it is, whatever was there.
            let before = match last.format {
                Format::Text => Vec::new(),
                _ => text?,
            };
            text = settings_edit::set_all(&before, last.format, &edits)
                .map_err(|why| failed(&format!(", and {why}")));
        }
        text.map(Into::into)
    }
}
