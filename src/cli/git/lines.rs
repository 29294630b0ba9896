//! Lines of holdpoint's in a file that belongs to somebody else: each ends
//! with a mark, so that taking them out leaves the file as it was, byte for
//! byte. Text in, text out; writing it is one step, and a link stays a link.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::target::git_hooks::LINE_MARK;

/// The text with these lines put in front of line `at` (counted from 0).
pub(super) fn with(text: &str, at: usize, lines: &[String]) -> String {
    let mut parts: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let end = match parts.last() {
        // What follows the last line's end is no line.
        Some(last) if last.is_empty() => parts.len() - 1,
        _ => parts.len(),
    };
    let cr = if parts.first().is_some_and(|line| line.ends_with('\r')) { "\r" } else { "" };
    let at = at.min(end);
    let marked = lines.iter().map(|line| format!("{line} {LINE_MARK}{cr}"));
    parts.splice(at..at, marked);
    parts.join("\n")
}

/// The text without any line of holdpoint's.
pub(super) fn without(text: &str) -> String {
    let kept = text.split('\n').filter(|line| !line.trim_end().ends_with(LINE_MARK));
    kept.collect::<Vec<&str>>().join("\n")
}

/// Replaces a file's text in one step, as git does: nobody finds half of it,
/// and no two write at once. Its mode stays.
pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    if let Some(folder) = real.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut name = real.as_os_str().to_owned();
    name.push(".lock");
    let lock = PathBuf::from(name);
    let mut file = OpenOptions::new().write(true).create_new(true).open(&lock).map_err(failed)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| {
        if let Ok(about) = fs::metadata(&real) {
            fs::set_permissions(&lock, about.permissions())?;
        }
        fs::rename(&lock, &real)
    });
    if written.is_err() {
        let _ = fs::remove_file(&lock);
    }
    written.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_out_leaves_what_was_there() {
        let ours = vec!["  a: 1".to_owned(), "  b: 2".to_owned()];
        for text in ["", "x:", "x:\n", "x:\r\n  y: 1\r\n", "\n\n", "x:\n  y"] {
            for at in 0..4 {
                let new = with(text, at, &ours);
                assert_eq!(without(&new), text, "{text:?} {at}: {new:?}");
                assert_eq!(new.matches(LINE_MARK).count(), 2, "{new:?}");
            }
        }
        assert_eq!(with("x:\r\n", 1, &ours[..1]), format!("x:\r\n  a: 1 {LINE_MARK}\r\n"));
    }
}
