//! Reads the trail: its lines in the order in which they were written, the
//! files that were put aside first. Streams, bounded; writes nothing.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::file::{open_to_read, put_aside};
use super::{AuditError, FILE};

/// The longest line that is taken in one piece, in bytes: far over what
/// records have.
const LINE_LIMIT: u64 = 1024 * 1024;

/// A line of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in its file, from 1.
    pub number: u64,
    /// Its bytes, without the line end.
    pub bytes: Vec<u8>,
    /// Whether it ends in a line end.
    pub whole: bool,
}

/// The lines of one file.
pub struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    number: u64,
}

impl Lines {
    /// The lines of the file at `path`.
    ///
    /// # Errors
    /// It cannot be opened, or is no regular file.
    pub fn open(path: &Path) -> Result<Lines, AuditError> {
        Ok(Lines::of(open_to_read(path)?, path))
    }

    /// The lines of an open file.
    pub(super) fn of(file: File, path: &Path) -> Lines {
        Lines { path: path.to_owned(), reader: BufReader::new(file), number: 0 }
    }
}

impl Iterator for Lines {
    type Item = Result<Line, AuditError>;

    fn next(&mut self) -> Option<Result<Line, AuditError>> {
        let mut bytes = Vec::new();
        let read = self.reader.by_ref().take(LINE_LIMIT).read_until(b'\n', &mut bytes);
        if let Err(error) = read {
            return Some(Err(AuditError::io("reading", &self.path, &error)));
        }
        if bytes.is_empty() {
            return None;
        }
        self.number += 1;
        let whole = bytes.pop_if(|last| *last == b'\n').is_some();
        Some(Ok(Line { number: self.number, bytes, whole }))
    }
}

/// The trail's files in the order in which they were written: those that were
/// put aside, and the current one if there is one.
///
/// # Errors
/// The folder is there and cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, AuditError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = put_aside(folder)?;
    let current = folder.join(FILE);
    if current.exists() {
        files.push(current);
    }
    Ok(files)
}

/// All lines of the trail.
///
/// # Errors
/// A file cannot be opened; a line that cannot be read is an error of its own.
pub fn lines(folder: &Path) -> Result<impl Iterator<Item = Result<Line, AuditError>>, AuditError> {
    let files: Result<Vec<Lines>, AuditError> =
        files(folder)?.iter().map(|path| Lines::open(path)).collect();
    Ok(files?.into_iter().flatten())
}
