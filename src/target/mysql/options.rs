//! my.cnf: the words that option files put in front of the command line, in
//! the client's order of files and groups (MariaDB 10.11 and MySQL 8, checked
//! against my_print_defaults).

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::invocation::Context;
use crate::world::ReadError;

/// Bytes of an option file that are read.
const LIMIT: usize = 1 << 20;
/// How deep files may include each other.
const MAX_DEPTH: usize = 10;
/// Files that are read in all.
const MAX_FILES: usize = 200;

/// A word from an option file, as the client sees it: `--host=db1`.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The word.
    pub word: OsString,
    /// `[client] in ~/.my.cnf`.
    pub source: String,
}

/// What option files say, and what the first words say of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// The words, later ones over earlier ones.
    pub options: Vec<Given>,
    /// How many words of argv, behind the program's name, were about files.
    pub used: usize,
    /// The name that `--login-path` gave.
    pub login: Option<String>,
    /// Why some of it could not be read.
    pub gap: Option<String>,
}

/// Reads the option files that a client with these `groups` would.
pub fn read(context: &Context<'_>, groups: &[&str]) -> Defaults {
    let mut found = Defaults::default();
    let mut files = true;
    let mut only: Option<PathBuf> = None;
    let mut extra: Option<PathBuf> = None;
    let mut suffix = context
        .text_var("MARIADB_GROUP_SUFFIX")
        .or_else(|| context.text_var("MYSQL_GROUP_SUFFIX"))
        .unwrap_or_default();
    for (at, word) in context.invocation.argv.iter().enumerate().skip(1) {
        let bytes = word.as_bytes();
        let value = |name: &str| {
            let rest = bytes.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
            Some(OsString::from_vec(rest.to_vec()))
        };
        if bytes == b"--no-defaults" {
            files = false;
        } else if let Some(path) = value("--defaults-file") {
            only = Some(tilde(context, path));
        } else if let Some(path) = value("--defaults-extra-file") {
            extra = Some(tilde(context, path));
        } else if let Some(text) = value("--defaults-group-suffix") {
            suffix = text.to_string_lossy().into_owned();
        } else if let Some(name) = value("--login-path") {
            found.login = Some(name.to_string_lossy().into_owned());
        } else if bytes != b"--no-login-paths" {
            break;
        }
        if context.invocation.is_dynamic(at) {
            found.gap = Some("which option file it reads is computed at run time".to_owned());
        }
        found.used = at;
    }
    if found.login.is_some() {
        found.gap = Some("the login path is stored in an encoded file".to_owned());
    }
    let mut reader = Reader { context, groups, suffix, files: 0, found };
    if let Some(path) = only {
        reader.file(&path, 0, true);
    } else if files {
        let home = context.home();
        let own = |name: &str| context.text_var(name).map(|dir| PathBuf::from(dir).join("my.cnf"));
        reader.file(Path::new("/etc/my.cnf"), 0, false);
        reader.file(Path::new("/etc/mysql/my.cnf"), 0, false);
        if let Some(path) = own("MARIADB_HOME").or_else(|| own("MYSQL_HOME")) {
            reader.file(&path, 0, false);
        }
        if let Some(path) = extra {
            reader.file(&path, 0, true);
        }
        if let Some(home) = home {
            reader.file(&home.join(".my.cnf"), 0, false);
        }
    }
    reader.found
}

fn tilde(context: &Context<'_>, path: OsString) -> PathBuf {
    let path = PathBuf::from(path);
    match (path.strip_prefix("~"), context.home()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

struct Reader<'a> {
    context: &'a Context<'a>,
    groups: &'a [&'a str],
    suffix: String,
    files: usize,
    found: Defaults,
}

impl Reader<'_> {
    /// Whether a group of this name is read.
    fn wants(&self, name: &str) -> bool {
        self.groups.iter().any(|group| {
            name == *group
                || !self.suffix.is_empty()
                    && name.strip_prefix(group).is_some_and(|rest| rest == self.suffix)
        })
    }

    fn file(&mut self, path: &Path, depth: usize, needed: bool) {
        self.files += 1;
        if depth > MAX_DEPTH || self.files > MAX_FILES {
            self.found.gap = Some("its option files include too many others".to_owned());
            return;
        }
        let bytes = match self.context.read(path, LIMIT) {
            Ok(bytes) => bytes,
            Err(ReadError::Missing) if !needed => return,
            Err(error) => {
                let gap = format!("the option file {} cannot be read: {error}", path.display());
                self.found.gap = Some(gap);
                return;
            }
        };
        let mut inside: Option<String> = None;
        let mut trusted = false;
        for line in bytes.split(|byte| *byte == b'\n') {
            let line = line.trim_ascii();
            // Most lines are comments, or other programs' business: only what
            // counts is decoded, and only for that the file's mode looked up.
            match line {
                [] | [b'#' | b';', ..] => continue,
                [b'[', header @ ..] => {
                    let header = String::from_utf8_lossy(header);
                    let name = header.split(']').next().unwrap_or_default().trim();
                    inside = self.wants(name).then(|| name.to_owned());
                    continue;
                }
                [b'!', ..] => {}
                _ if inside.is_some() => {}
                _ => continue,
            }
            trusted = trusted || !self.is_anyones(path);
            if !trusted {
                return;
            }
            let line = String::from_utf8_lossy(line);
            if let Some(directive) = line.strip_prefix('!') {
                self.directive(directive, depth);
            } else if let (Some(group), Some(word)) = (&inside, word(&line)) {
                let source = format!("[{group}] in {}", self.shown(path));
                self.found.options.push(Given { word: word.into(), source });
            }
        }
    }

    /// Whether everyone may write a file: the client ignores such a one.
    fn is_anyones(&self, path: &Path) -> bool {
        let owner = self.context.world.owner(&self.context.resolve(path));
        owner.is_some_and(|owner| owner.mode & 0o002 != 0)
    }

    /// A path as messages have it.
    fn shown(&self, path: &Path) -> String {
        match self.context.home().map(|home| path.strip_prefix(home).map(Path::to_owned)) {
            Some(Ok(rest)) => format!("~/{}", rest.display()),
            _ => path.display().to_string(),
        }
    }

    fn directive(&mut self, text: &str, depth: usize) {
        if let Some(dir) = text.strip_prefix("includedir") {
            let dir = PathBuf::from(dir.trim());
            for name in self.context.world.list(&self.context.resolve(&dir)) {
                let ending = Path::new(&name).extension().is_some_and(|ending| ending == "cnf");
                if ending {
                    self.file(&dir.join(name), depth + 1, false);
                }
            }
        } else if let Some(path) = text.strip_prefix("include") {
            self.file(Path::new(path.trim()), depth + 1, false);
        }
    }
}

/// A line as a word: `host = "db1" # x` is `--host=db1`.
fn word(line: &str) -> Option<String> {
    let line = without_comment(line);
    let (name, value) = match line.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim())),
        None => (line.trim(), None),
    };
    if name.is_empty() {
        return None;
    }
    let Some(value) = value else { return Some(format!("--{name}")) };
    let quoted =
        ['\'', '"'].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let mut out = format!("--{name}=");
    let mut letters = quoted.unwrap_or(value).chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('s') => out.push(' '),
            Some(quote @ ('\'' | '"' | '\\')) => out.push(quote),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    Some(out)
}

/// A line without the comment at its end.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut escaped = false;
    for (at, letter) in line.char_indices() {
        match (letter, quote) {
            ('\'' | '"', None) if !escaped => quote = Some(letter),
            (letter, Some(open)) if letter == open && !escaped => quote = None,
            ('#', None) => return line.get(..at).unwrap_or(line),
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    line
}
