//! `.env` files as the dotenv packages of JavaScript, Ruby, Python, PHP, Go
//! and Rust read them: what all of them agree on, and where they differ the
//! value counts as not known. Also the order in which a tool looks through
//! several such files. Nothing is set and nothing is decided here.

use std::path::{Path, PathBuf};

use crate::invocation::{COMPUTED, Context};
use crate::world::ReadError;

/// The longest `.env` file that is read, in bytes.
const MAX_FILE: usize = 256 * 1024;

/// A variable's value as a tool would find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The text.
    Text(String),
    /// It is there, and what it comes to cannot be told: why.
    Unclear(String),
}

/// A value and what said so: `DATABASE_URL → .env`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The value.
    pub value: Value,
    /// Where it was found.
    pub source: String,
}

/// The variables that a tool has: its real environment, and the `.env` files
/// that it loads, the first file that has a variable winning.
pub struct Environment<'a> {
    context: Context<'a>,
    files: Vec<(PathBuf, Vec<(String, Value)>)>,
    /// Whether the files win over the real environment (`override: true`).
    files_win: bool,
    /// Why a file could not be read, if one could not.
    gap: Option<String>,
}

impl<'a> Environment<'a> {
    /// The real environment alone.
    pub fn real(context: Context<'a>) -> Environment<'a> {
        Environment { context, files: Vec::new(), files_win: false, gap: None }
    }

    /// The same with a further file, which those before it win over. Gives
    /// whether the file is there.
    pub fn load(&mut self, path: impl AsRef<Path>) -> bool {
        let path = path.as_ref();
        if self.files.iter().any(|(loaded, _)| loaded == path) {
            return true;
        }
        match self.context.read(path, MAX_FILE) {
            Ok(bytes) => {
                let pairs = parse(&String::from_utf8_lossy(&bytes));
                self.files.push((path.to_owned(), pairs));
                true
            }
            Err(ReadError::Missing | ReadError::NotRegular) => false,
            Err(error) => {
                self.gap = Some(format!("{} cannot be read: {error}", path.display()));
                true
            }
        }
    }

    /// The same with the last file winning over the first: what counts where
    /// nobody can tell which of two is loaded first.
    pub fn reverse(&mut self) {
        self.files.reverse();
    }

    /// The same with the files winning over the real environment.
    pub fn let_files_win(&mut self) {
        self.files_win = true;
    }

    /// The value of a variable; none if it is nowhere, or empty.
    pub fn get(&self, name: &str) -> Option<Found> {
        self.look_up(name, 0)
    }

    fn look_up(&self, name: &str, depth: usize) -> Option<Found> {
        let real = || self.real_value(name);
        let file = || self.file_value(name, depth);
        let found = if self.files_win { file().or_else(real) } else { real().or_else(file) };
        found.or_else(|| {
            let why = match &self.gap {
                Some(gap) => gap.clone(),
                None if self.context.invocation.env_unknown => {
                    format!("a secret store may set {name}")
                }
                None => return None,
            };
            Some(Found { value: Value::Unclear(why), source: name.to_owned() })
        })
    }

    fn real_value(&self, name: &str) -> Option<Found> {
        let value = self.context.text_var(name)?;
        let value = match value == COMPUTED {
            true => Value::Unclear(format!("{name} is computed at run time")),
            false => Value::Text(value),
        };
        Some(Found { value, source: name.to_owned() })
    }

    fn file_value(&self, name: &str, depth: usize) -> Option<Found> {
        // A secret store's variables win over any file's.
        if self.context.invocation.env_unknown && !self.files_win {
            return None;
        }
        self.files.iter().find_map(|(path, pairs)| {
            let (_, value) = pairs.iter().rev().find(|(key, _)| key == name)?;
            let source = format!("{name} → {}", path.display());
            let value = match value {
                Value::Text(text) if text.is_empty() => return None,
                Value::Text(text) if text.contains('$') => self.expand(text, depth, &source),
                other => other.clone(),
            };
            Some(Found { value, source })
        })
    }

    /// `${NAME}` and `$NAME` in a file's value, which most packages expand. A
    /// dollar sign in a password is one that some take for itself, so a name
    /// that is nowhere leaves the value unclear.
    fn expand(&self, text: &str, depth: usize, source: &str) -> Value {
        let unclear = || Value::Unclear(format!("the value of {source} is built from others"));
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let (name, behind) = match after.strip_prefix('{').and_then(|a| a.split_once('}')) {
                Some((name, behind)) => (name, behind),
                None => {
                    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                    let end = after.find(|letter| !word(letter)).unwrap_or(after.len());
                    after.split_at_checked(end).unwrap_or((after, ""))
                }
            };
            if depth >= 4 || out.len() > MAX_FILE {
                return unclear();
            }
            match self.look_up(name, depth + 1) {
                Some(Found { value: Value::Text(value), .. }) => out.push_str(&value),
                _ => return unclear(),
            }
            rest = behind;
        }
        out.push_str(rest);
        Value::Text(out)
    }
}

/// The names and values of a `.env` file, in order.
pub fn parse(text: &str) -> Vec<(String, Value)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut pairs = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let body = line.trim();
        let body = body.strip_prefix("export ").unwrap_or(body).trim_start();
        rest = after;
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let Some((name, value)) = body.split_once('=') else { continue };
        let name = name.trim();
        let value = value.trim();
        match value.chars().next() {
            Some(quote @ ('"' | '\'' | '`')) => {
                let inside = value.get(1..).unwrap_or_default();
                let text = match inside.split_once(quote) {
                    Some((text, _)) => text.to_owned(),
                    None => {
                        // A value over several lines ends at its quote.
                        let Some((more, behind)) = after.split_once(quote) else {
                            pairs.push((name.to_owned(), Value::Text(value.to_owned())));
                            continue;
                        };
                        rest = behind.split_once('\n').map_or("", |(_, next)| next);
                        format!("{inside}\n{more}")
                    }
                };
                let value = match quote {
                    // Nothing is expanded between these.
                    '\'' if text.contains('$') => {
                        Value::Unclear(format!("{name} has a dollar sign in it"))
                    }
                    _ => Value::Text(text),
                };
                pairs.push((name.to_owned(), value));
            }
            _ => {
                let value = value.split(" #").next().unwrap_or_default().trim_end();
                pairs.push((name.to_owned(), Value::Text(value.to_owned())));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::fake::FakeWorld;

    fn text(pairs: &[(String, Value)], name: &str) -> Option<String> {
        let (_, value) = pairs.iter().rev().find(|(key, _)| key == name)?;
        match value {
            Value::Text(text) => Some(text.clone()),
            Value::Unclear(_) => None,
        }
    }

    #[test]
    fn the_lines_of_a_file() {
        let pairs = parse(
            "\u{feff}A=1\n# B=2\n  export C = three # said\nD=\"fo#ur\" # x\nE='fi\"ve'\r\n\
             F=\"two\nlines\"\nG=`g`\nH\nI=\nJ=x#y\nA=last\n",
        );
        for (name, expected) in [
            ("A", "last"),
            ("C", "three"),
            ("D", "fo#ur"),
            ("E", "fi\"ve"),
            ("F", "two\nlines"),
            ("G", "g"),
            ("I", ""),
            ("J", "x#y"),
        ] {
            assert_eq!(text(&pairs, name).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(text(&pairs, "B"), None);
        assert_eq!(text(&pairs, "H"), None);
    }

    #[test]
    fn broken_files_do_not_panic() {
        for bytes in ["", "=", "A=\"", "A='", "\n\n=x", "A=\"é", "A=${", "export ", "A=$"] {
            let _ = parse(bytes);
        }
    }

    fn found(world: &FakeWorld, files: &[&str], name: &str) -> Option<Found> {
        let invocation = Invocation::default();
        let mut environment = Environment::real(Context { invocation: &invocation, world });
        for file in files {
            environment.load(file);
        }
        environment.get(name)
    }

    #[test]
    fn the_real_environment_wins_and_then_the_first_file() {
        let world = FakeWorld::new()
            .with_var("A", "real")
            .with_file(".env", "A=file\nB=base\nC=base\n")
            .with_file(".env.local", "B=local\nC=\n");
        let files = [".env.local", ".env"];
        let value = |name: &str| found(&world, &files, name).map(|found| found.value);
        assert_eq!(value("A"), Some(Value::Text("real".to_owned())));
        assert_eq!(value("B"), Some(Value::Text("local".to_owned())));
        assert_eq!(value("C"), Some(Value::Text("base".to_owned())));
        assert_eq!(value("D"), None);
        let source = found(&world, &files, "B").map(|found| found.source);
        assert_eq!(source.as_deref(), Some("B → .env.local"));
    }

    #[test]
    fn values_built_from_others() {
        let world = FakeWorld::new().with_var("HOST_NAME", "db.prod.acme.com").with_file(
            ".env",
            "URL=postgres://${HOST_NAME}/app\nODD=postgres://u:pa$$w@localhost/app\nLOOP=${LOOP}\n",
        );
        let url = found(&world, &[".env"], "URL").map(|found| found.value);
        assert_eq!(url, Some(Value::Text("postgres://db.prod.acme.com/app".to_owned())));
        for name in ["ODD", "LOOP"] {
            let value = found(&world, &[".env"], name).map(|found| found.value);
            assert!(matches!(value, Some(Value::Unclear(_))), "{name}: {value:?}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_leaves_everything_unclear() {
        let big = "A=1\n".repeat(MAX_FILE);
        let world = FakeWorld::new().with_file(".env", &big);
        let value = found(&world, &[".env"], "DATABASE_URL").map(|found| found.value);
        assert!(matches!(value, Some(Value::Unclear(_))), "{value:?}");
    }
}
