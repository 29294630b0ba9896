//! `[wrapper]` of a rule file: what is handed on, and what changes about it.

use serde::Deserialize;

use super::TargetSourceSource;

/// A wrapper as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrapperSource {
    /// `words`, `line`, `rest`, or the option whose value is a shell line.
    pub inner: String,
    /// Positionals in front of the command.
    #[serde(default)]
    pub skip: u8,
    /// NAME=VALUE words in front of the command.
    #[serde(default)]
    pub assignments: bool,
    /// Options that empty the environment.
    #[serde(default)]
    pub clears: Vec<String>,
    /// Options that unset a variable.
    #[serde(default)]
    pub unsets: Vec<String>,
    /// Options that change the directory.
    #[serde(default)]
    pub chdir: Vec<String>,
    /// Options whose value is split into words.
    #[serde(default)]
    pub splits: Vec<String>,
    /// Options with which no command is run.
    #[serde(default)]
    pub not_with: Vec<String>,
    /// Whether words from standard input are appended.
    #[serde(default)]
    pub appends: bool,
    /// Options that replace their value by words from standard input.
    #[serde(default)]
    pub replaces: Vec<String>,
    /// Options that make words of a shell line.
    #[serde(default)]
    pub words_with: Vec<String>,
    /// Options that start a shell.
    #[serde(default)]
    pub shells: Vec<String>,
    /// Whether it starts a shell where no command is given.
    #[serde(default)]
    pub starts_shell: bool,
    /// Options that keep the environment.
    #[serde(default)]
    pub keeps: Vec<String>,
    /// Whether it starts the command with every descriptor that is open.
    #[serde(default)]
    pub keeps_open: bool,
    /// Whether the command runs as another user.
    #[serde(default)]
    pub other_user: bool,
    /// Whether its options end at the first positional.
    #[serde(default)]
    pub front: bool,
    /// Whether a line of several words is a command's words.
    #[serde(default)]
    pub direct: bool,
    /// Options whose value is a shell line in the command's place.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Options whose value is a shell script's file in the command's place.
    #[serde(default)]
    pub scripts: Vec<String>,
    /// Whether it sets variables that cannot be seen from here.
    #[serde(default)]
    pub hides_env: bool,
    /// Its settings files (TOML) whose table `env` sets variables.
    #[serde(default)]
    pub env_in: Vec<String>,
    /// Where else the command runs: one of [`super::PLACES`].
    pub place: Option<String>,
    /// Names that say where that is.
    #[serde(default)]
    pub names: Vec<TargetSourceSource>,
    /// Options without which the command gets no standard input.
    #[serde(default)]
    pub attaches: Vec<String>,
    /// Options with which the command gets no standard input.
    #[serde(default)]
    pub detaches: Vec<String>,
    /// Options that set a variable.
    #[serde(default)]
    pub sets: Vec<String>,
    /// The option that names the program in place of the image's own.
    #[serde(default)]
    pub entry: Vec<String>,
}
