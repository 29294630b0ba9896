//! One command about to run, exactly as handed over, and the view of the
//! world that it would have. Holds bytes and looks values up; never parses a
//! tool's grammar and never decides.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::retarget::{After, Earlier, Wake};
use crate::target::place::Place;
use crate::text::size;
use crate::tracked::Tracked;
use crate::work;
use crate::world::{ReadError, World};

/// Stands for the value of a variable that is computed at run time, and for a
/// directory that is. It says nothing about any place.
pub const COMPUTED: &str = "<computed at run time>";

/// Stands, in [`Invocation::templates`], for a part of a word that is computed
/// at run time: OBJECT REPLACEMENT CHARACTER.
pub const HOLE: &str = "\u{FFFC}";

/// What an invocation would find on its standard input.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Stdin {
    /// This process's own standard input, not yet read.
    #[default]
    Inherited,
    /// A text known from the shell line or script around it.
    Text(Arc<[u8]>),
    /// Such a text in which samples stand for values that are computed at run
    /// time and made of few letters (`$(date +%F)`): for whoever reads what it
    /// does, never to be handed on.
    Sample(Arc<[u8]>),
    /// What cannot be read, and why: `the output of ./generate`.
    Opaque(String),
}

/// What was found on standard input when somebody asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A terminal: an interactive session.
    Terminal,
    /// Everything that was on it, within the limit.
    Text(Arc<[u8]>),
    /// It cannot be read, and why.
    Opaque(String),
}

/// Variables that the words around a command set (`Some`) or unset (`None`).
pub type Env = Tracked<OsString, Option<OsString>>;

/// Files that the commands in front of one write, by absolute path, with the
/// text where that is known.
pub type Written = Tracked<PathBuf, Option<Arc<[u8]>>>;

/// One command about to run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Invocation {
    /// The words, argv\[0\] included, as bytes.
    pub argv: Vec<OsString>,
    /// Indexes into `argv` of words that are computed at run time: the text
    /// there is only how the shell line spells them.
    pub dynamic: Vec<usize>,
    /// For words of `dynamic` whose form is known, the text with [`HOLE`] for
    /// each part that is computed: what a shell inside would parse.
    pub templates: Vec<(usize, OsString)>,
    /// Variables that the words around it set or unset.
    pub env: Env,
    /// Whether the environment was emptied first (`env -i`).
    pub env_cleared: bool,
    /// Whether a secret store (`doppler run`) sets variables that cannot be
    /// seen from here, over those that can.
    pub env_unknown: bool,
    /// The directory it would run in, where the words around it change that.
    pub cwd: Option<PathBuf>,
    /// What is on its standard input.
    pub stdin: Stdin,
    /// Whether its interactive session is to have write access (`exec
    /// --write`).
    pub writes: bool,
    /// Files that the commands in front of it write. They hide the files that
    /// are there now.
    pub written: Written,
    /// The commands in front of it that may change where it lands.
    pub after: Vec<After>,
    /// Where it leaves what it changes itself, if anything comes after it.
    pub wake: Option<Wake>,
    /// The settings files as those commands leave them.
    pub earlier: Option<Arc<Earlier>>,
    /// Script files that it stands in, by path: none is read inside itself.
    pub scripts: Vec<PathBuf>,
    /// Whether it stands in such a file that a person would call a program:
    /// run by its path, or in another language than the shell's. What cannot
    /// be read there is left to the shims, which see the words as they became.
    pub loosely: bool,
    /// Where else it would run: in a container, on another machine.
    pub place: Option<Arc<Place>>,
}

impl Invocation {
    /// An invocation of these words in the process's own surroundings.
    pub fn new(argv: impl IntoIterator<Item = impl Into<OsString>>) -> Invocation {
        Invocation { argv: argv.into_iter().map(Into::into).collect(), ..Invocation::default() }
    }

    /// The tool's name: the last path component of argv\[0\], without a login
    /// shell's leading dash. Empty if there are no words.
    pub fn tool(&self) -> &str {
        let Some(word) = self.argv.first() else { return "" };
        let name = Path::new(word).file_name().and_then(OsStr::to_str).unwrap_or("");
        name.strip_prefix('-').unwrap_or(name)
    }

    /// Whether word `index` is computed at run time.
    pub fn is_dynamic(&self, index: usize) -> bool {
        self.dynamic.contains(&index)
    }

    /// A new invocation of `argv[from..]` in the same surroundings: what a
    /// wrapper hands on.
    pub fn tail(&self, from: usize) -> Invocation {
        Invocation {
            argv: self.argv.get(from..).unwrap_or_default().to_vec(),
            dynamic: self.dynamic.iter().filter_map(|at| at.checked_sub(from)).collect(),
            templates: self
                .templates
                .iter()
                .filter_map(|(at, text)| Some((at.checked_sub(from)?, text.clone())))
                .collect(),
            ..self.clone()
        }
    }
}

/// An invocation together with the world that it would see: what readers and
/// resolvers are given. All look-ups are the tool's own (its variables after
/// wrappers changed them, its directory).
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The command.
    pub invocation: &'a Invocation,
    /// What it would see.
    pub world: &'a dyn World,
}

impl<'a> Context<'a> {
    /// The value of a variable in the invocation's environment.
    pub fn var(&self, name: &str) -> Option<OsString> {
        match self.invocation.env.get(OsStr::new(name)) {
            Some(value) => value.clone(),
            None if self.invocation.env_cleared => None,
            None => self.world.var(OsStr::new(name)),
        }
    }

    /// The same as text; a value that is not UTF-8 is given with replacement
    /// characters, an empty one as `None`.
    pub fn text_var(&self, name: &str) -> Option<String> {
        self.var(name)
            .filter(|value| !value.is_empty())
            .map(|value| value.to_string_lossy().into_owned())
    }

    /// The directory that the tool would run in.
    pub fn cwd(&self) -> Option<PathBuf> {
        let own = self.world.cwd();
        match (&self.invocation.cwd, own) {
            (Some(dir), Some(own)) => Some(own.join(dir)),
            (Some(dir), None) => Some(dir.clone()),
            (None, own) => own,
        }
    }

    /// The home directory as tools see it: `$HOME`, else the account's.
    pub fn home(&self) -> Option<PathBuf> {
        match self.var("HOME") {
            Some(home) if !home.is_empty() => Some(PathBuf::from(home)),
            _ => self.world.account_home(),
        }
    }

    /// `path` as the tool would open it: relative to its directory.
    pub fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        match (&self.invocation.cwd, path.is_absolute()) {
            (Some(_), false) => self.cwd().map_or_else(|| path.to_owned(), |cwd| cwd.join(path)),
            _ => path.to_owned(),
        }
    }

    /// A path from the root on, as files that the line writes are noted.
    pub fn whole(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.cwd().map_or_else(|| path.to_owned(), |cwd| cwd.join(path))
    }

    /// The bytes of a regular file, at most `limit` of them.
    ///
    /// # Errors
    /// Says why it cannot be read; a file over the limit is an error.
    pub fn read(&self, path: impl AsRef<Path>, limit: usize) -> Result<Vec<u8>, ReadError> {
        let path = path.as_ref();
        if let Some(earlier) = &self.invocation.earlier
            && let Some(text) = earlier.read(&self.whole(path), limit, self)
        {
            return text;
        }
        self.read_now(path, limit)
    }

    /// The same without what earlier commands change by their settings.
    ///
    /// # Errors
    /// As [`Context::read`].
    pub fn read_now(&self, path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
        let path = self.resolve(path);
        let written = match &self.invocation.written {
            files if files.is_empty() => None,
            files => files.get(&self.whole(&path)),
        };
        match written {
            None => self.world.read(&path, limit),
            Some(Some(text)) if text.len() <= limit => {
                self.world.spend(work::of_reading(text.len()));
                Ok(text.to_vec())
            }
            Some(Some(_)) => Err(ReadError::TooLarge(limit)),
            Some(None) => Err(ReadError::Failed("an earlier command writes it".to_owned())),
        }
    }

    /// The first bytes of a regular file, at most `count`; none of a file that
    /// an earlier command writes.
    ///
    /// # Errors
    /// Says why they cannot be read.
    pub fn read_start(&self, path: impl AsRef<Path>, count: usize) -> Result<Vec<u8>, ReadError> {
        let path = self.resolve(path);
        match self.invocation.written.contains_key(&self.whole(&path)) {
            true => Err(ReadError::Failed("an earlier command writes it".to_owned())),
            false => self.world.read_start(&path, count),
        }
    }

    /// What is on the invocation's standard input, at most `limit` bytes; a
    /// longer one is opaque. Inherited input is read once and remembered.
    pub fn stdin(&self, limit: usize) -> Input {
        match &self.invocation.stdin {
            Stdin::Inherited => self.world.stdin(limit),
            Stdin::Text(text) | Stdin::Sample(text) if text.len() <= limit => {
                self.world.spend(work::of_reading(text.len()));
                Input::Text(text.clone())
            }
            Stdin::Text(_) | Stdin::Sample(_) => {
                Input::Opaque(format!("it is longer than the {} that are read", size(limit)))
            }
            Stdin::Opaque(why) => Input::Opaque(why.clone()),
        }
    }
}
