//! What a wrapper hands on, as data; `unwrap::wrapper` reads it.

use super::TargetSource;

/// What a wrapper hands on, and what it changes about its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrapper {
    /// Where the inner command stands.
    pub inner: Inner,
    /// How many positionals stand in front of it (`timeout 5 CMD`: 1).
    pub skip: u8,
    /// Whether NAME=VALUE words may stand in front of it (`env`, `sudo`).
    pub assignments: bool,
    /// Options that empty the environment first (`-i`).
    pub clears: &'static [&'static str],
    /// Options whose value is a variable to unset (`-u`).
    pub unsets: &'static [&'static str],
    /// Options whose value is the directory to run in (`-C`).
    pub chdir: &'static [&'static str],
    /// Options whose value is a whole command line to be split into words in
    /// front of the rest (`env -S`).
    pub splits: &'static [&'static str],
    /// Options that make it do something else than run a command
    /// (`command -v`, `sudo -l`): then there is no inner command.
    pub not_with: &'static [&'static str],
    /// Whether it appends words from its standard input (`xargs`).
    pub appends: bool,
    /// Options whose value (or `{}`) is replaced in the words instead, by
    /// words from its standard input (`xargs -I`).
    pub replaces: &'static [&'static str],
    /// Options that make words of what would otherwise be a shell line
    /// (`watch -x`) or a shell's own words (`runuser -u`).
    pub words_with: &'static [&'static str],
    /// Options that start a shell: the words are its command, and without any
    /// it reads its standard input (`sudo -s`).
    pub shells: &'static [&'static str],
    /// Whether it starts a shell where no command is given (`su`): the words
    /// behind the skipped ones are the shell's own.
    pub starts_shell: bool,
    /// Options that keep the environment though another user is chosen
    /// (`sudo -E`).
    pub keeps: &'static [&'static str],
    /// Whether it starts the command with every descriptor that is open, so
    /// that one may be named in its words (`env`; not `sudo`).
    pub keeps_open: bool,
    /// Whether it runs the command as another user (`sudo`), so that the
    /// home directory and most variables are not this user's.
    pub other_user: bool,
    /// Whether its options end at the first positional, though others of the
    /// tool's commands take theirs anywhere (`docker exec`).
    pub front: bool,
    /// Whether several words are a command's words where one is a shell line
    /// (`tmux new-session`).
    pub direct: bool,
    /// Options whose value is a shell line that is run in the command's place
    /// (`nix-shell --run`).
    pub lines: &'static [&'static str],
    /// Options whose value is a shell script's file in the command's place.
    pub scripts: &'static [&'static str],
    /// Whether it sets variables that cannot be seen from here (`direnv
    /// exec`).
    pub hides_env: bool,
    /// Settings files (TOML) here or above whose table `env` sets variables that
    /// are not looked at (`mise exec`).
    pub env_in: &'static [&'static str],
    /// Where else the command runs, if it does: on another machine or in a
    /// container, where this machine's variables, files and directory do not
    /// count.
    pub place: Option<&'static str>,
    /// Names that say where that is: a container's, a pod's, a host's.
    pub names: &'static [TargetSource],
    /// Options without which the command gets no standard input (`docker exec
    /// -i`); empty: it gets one.
    pub attaches: &'static [&'static str],
    /// Options with which the command gets no standard input (`ssh -n`).
    pub detaches: &'static [&'static str],
    /// Options whose value is a variable to set (`docker run -e NAME=VALUE`).
    pub sets: &'static [&'static str],
    /// The option that names the program in place of the image's own; where it
    /// has one, the last skipped positional is an image.
    pub entry: &'static [&'static str],
}

/// Where a wrapper's inner command stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inner {
    /// The positionals are the command and its arguments.
    Words,
    /// The positionals, joined by blanks, are a shell line (`watch`, `ssh`).
    Line,
    /// The value of this option is a shell line (`su -c`).
    Option(&'static str),
    /// Only behind `--`: the words there are the command (`kubectl exec`).
    Rest,
}
