//! What is wrong with a policy file, and where. Says it; does nothing about
//! it.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// One thing wrong with a policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; 0 if the file as a whole is meant.
    pub line: usize,
    /// The column in characters, from 1; 0 if the file as a whole is meant.
    pub column: usize,
    /// What is wrong: a clause without full stop.
    pub message: String,
}

impl Problem {
    /// A problem with the file as a whole.
    pub fn of_file(path: &Path, message: impl Into<String>) -> Problem {
        Problem { path: path.to_owned(), line: 0, column: 0, message: message.into() }
    }

    /// A problem at the bytes `span` of `text`, the file's content.
    pub fn at(path: &Path, text: &str, span: Range<usize>, message: impl Into<String>) -> Problem {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
        Problem { path: path.to_owned(), line, column, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if self.line > 0 {
            write!(f, "{}:{}:", self.line, self.column)?;
        }
        write!(f, " {}", self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_and_a_column_of_characters() {
        let problem = Problem::at(Path::new("p.toml"), "a = 1\né = x\n", 11..12, "no");
        assert_eq!(problem.to_string(), "p.toml:2:5: no");
        let problem = Problem::at(Path::new("p.toml"), "ab", 99..100, "no");
        assert_eq!((problem.line, problem.column), (1, 3));
        assert_eq!(Problem::of_file(Path::new("p.toml"), "no").to_string(), "p.toml: no");
    }
}
