//! How a rule is written: the serde types of `rules/*.toml`, their checks, and
//! the strings in them taken apart. Shared by `build.rs`, which turns the
//! files into constants, and by the reader of the user's own rule files, so
//! it depends on nothing else of holdpoint.

mod check;
mod command;
mod contrast;
mod place;
mod words;
mod wrapper;

use serde::Deserialize;

pub use self::command::{CaseSource, CommandSource, ObjectSource, OptionsSource};
pub use self::contrast::ContrastSource;
pub use self::place::{RetargetSource, SETTINGS, TargetSourceSource};
pub use self::words::{EFFECTS, FLAGS, FORMATS, KINDS, PLACES, READERS, SCOPES, STYLES};
pub use self::wrapper::WrapperSource;

/// A rule file as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolSource {
    /// The tool's name; the file is named after it.
    pub tool: String,
    /// The programs that it covers; the tool's name alone if absent.
    #[serde(default)]
    pub programs: Vec<String>,
    /// One line: what the tool is.
    pub about: String,
    /// Which version the facts were checked against, and how.
    pub checked: String,
    /// How its effect can be seen before anything is done: `terraform plan`.
    #[serde(default)]
    pub preview: String,
    /// Whether its programs get shims.
    #[serde(default)]
    pub shim: bool,
    /// The argv style's name.
    pub style: String,
    /// The reader's name.
    #[serde(default = "table")]
    pub reader: String,
    /// The platform of its targets.
    #[serde(default)]
    pub platform: String,
    /// Where the target is named: `{ app = "-a/--app" }` …
    #[serde(default)]
    pub target: Vec<TargetSourceSource>,
    /// Options accepted everywhere.
    #[serde(default)]
    pub options: OptionsSource,
    /// The commands.
    #[serde(default)]
    pub command: Vec<CommandSource>,
    /// What it hands on.
    pub wrapper: Option<WrapperSource>,
    /// Its interactive session.
    pub session: Option<SessionSource>,
    /// Which files and names it reads to find its database.
    pub search: Option<SearchSource>,
    /// What its commands change for those after them.
    #[serde(default)]
    pub retarget: Vec<RetargetSource>,
    /// Lines that destroy.
    #[serde(default)]
    pub destroys: Vec<String>,
    /// Lines that do not.
    #[serde(default)]
    pub harmless: Vec<String>,
    /// Lines that do the same in every place.
    pub contrast: Option<ContrastSource>,
}

/// A client's interactive session as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSource {
    /// The words that open it read-only; absent where nothing does.
    pub read_only: Option<String>,
    /// What stands in the way of that, as it follows "Open it without
    /// --write".
    #[serde(default)]
    pub unless: String,
    /// What read-only does not stop.
    #[serde(default)]
    pub not_stopped: String,
    /// What whoever may not open one does instead.
    pub instead: String,
}

/// Where a migration tool looks for its database, as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchSource {
    /// Its `.env` files, the first winning; `{}` stands for the environment.
    #[serde(default)]
    pub dotenv: Vec<String>,
    /// Whether the `.env` is looked for in the folders above too.
    #[serde(default)]
    pub upward: bool,
    /// Options that name `.env` files.
    #[serde(default)]
    pub env_files: Vec<String>,
    /// Its configuration files, in the order in which it tries them.
    #[serde(default)]
    pub configs: Vec<String>,
    /// Whether it reads all of those that are there.
    #[serde(default)]
    pub merges: bool,
    /// Options that name the configuration instead.
    #[serde(default)]
    pub config_options: Vec<String>,
    /// Options and (with a dollar sign) variables that choose an environment.
    #[serde(default)]
    pub environment: Vec<String>,
    /// The environment that it takes if nothing chooses one.
    pub default: Option<String>,
    /// Options that name the directory to work in.
    #[serde(default)]
    pub chdir: Vec<String>,
    /// Variables of its target that win over its configuration.
    #[serde(default)]
    pub over: Vec<String>,
    /// Keys of its configuration that choose an environment, where neither an
    /// option nor a variable does.
    #[serde(default)]
    pub default_keys: Vec<String>,
}

fn table() -> String {
    "table".to_owned()
}

/// Reads and checks a rule file.
///
/// # Errors
/// A sentence with the line and column where TOML has them.
pub fn parse(text: &str) -> Result<ToolSource, String> {
    let mut tool: ToolSource = toml::from_str(text).map_err(|error| placed(text, &error))?;
    if tool.programs.is_empty() {
        tool.programs.push(tool.tool.clone());
    }
    check::tool(&tool)?;
    Ok(tool)
}

/// A TOML error on one line, with its own line and column in front.
fn placed(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace('\n', ", ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return message };
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
    format!("line {line}, column {column}: {message}")
}

/// A word's first eight bytes as a number, in the words' own order: what a table
/// of words is searched by, so that the words themselves, which lie anywhere in
/// the program, are only looked at where these agree. 0 for an empty word.
pub fn key(word: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    bytes.iter_mut().zip(word).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(bytes)
}

/// For each word that may stand first in a command, its key and the command's
/// index; for a command without words, 0.
pub fn firsts(commands: &[CommandSource]) -> Vec<(u64, u16)> {
    let mut firsts = Vec::new();
    for (index, command) in (0..).zip(commands) {
        match path_words(&command.path).first() {
            Some(names) => firsts.extend(names.iter().map(|name| (key(name.as_bytes()), index))),
            None => firsts.push((0, index)),
        }
    }
    // Aliases that begin alike: once is enough.
    firsts.dedup();
    firsts
}

/// The words of a command's path, each with its aliases.
pub fn path_words(path: &str) -> Vec<Vec<&str>> {
    path.split_whitespace().map(|word| word.split('|').collect()).collect()
}
