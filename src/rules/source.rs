//! How a rule is written: the serde types of `rules/*.toml`, their checks, and
//! the strings in them taken apart. Shared by `build.rs`, which turns the
//! files into constants, and by the reader of the user's own rule files, so
//! it depends on nothing else of holdpoint.

use serde::Deserialize;

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
}

/// A client's interactive session as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSource {
    /// The words that open it read-only; absent where nothing does.
    pub read_only: Option<String>,
    /// What read-only does not stop.
    #[serde(default)]
    pub not_stopped: String,
    /// What whoever may not open one does instead.
    pub instead: String,
}

/// What one of a tool's commands changes for those after it, as written: a key
/// of a settings file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetargetSource {
    /// The command's words, aliases joined by bars.
    #[serde(default)]
    pub path: String,
    /// Options with a value that the tool's own list lacks.
    #[serde(default)]
    pub options: Vec<String>,
    /// Options of which one must be given.
    #[serde(default)]
    pub with: Vec<String>,
    /// Options of which none may be given.
    #[serde(default)]
    pub without: Vec<String>,
    /// What the first word behind the command's may be, as globs.
    #[serde(default)]
    pub only: Vec<String>,
    /// What it may not be.
    #[serde(default)]
    pub except: Vec<String>,
    /// The file: `~/…`, `$VARIABLE/…`, one of [`SETTINGS`], else relative to
    /// the directory.
    pub file: String,
    /// The key in it; without one the whole text.
    #[serde(default)]
    pub key: String,
    /// How the file is written, where its ending does not say it.
    #[serde(default)]
    pub format: String,
    /// Whether the file may lie in a directory above.
    #[serde(default)]
    pub above: bool,
    /// The value; absent where nobody can tell it.
    pub value: Option<String>,
}

/// The words for settings files that no plain path leads to.
pub const SETTINGS: &[&str] = &[
    "@firebase",
    "@gcloud",
    "@git",
    "@git-global",
    "@git-head",
    "@kubeconfig",
    "@pulumi",
    "@railway",
];

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
}

fn table() -> String {
    "table".to_owned()
}

/// Options, by what they take. Each is written as its spellings joined by
/// slashes: `-p/--project`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionsSource {
    /// Those without a value.
    #[serde(default)]
    pub flag: Vec<String>,
    /// Those with one.
    #[serde(default)]
    pub value: Vec<String>,
    /// Those with a value only if attached.
    #[serde(default)]
    pub attached: Vec<String>,
    /// Those that take the next word unless it begins with `-`.
    #[serde(default)]
    pub optional: Vec<String>,
    /// Those that take two words.
    #[serde(default)]
    pub two: Vec<String>,
    /// Those that take three words.
    #[serde(default)]
    pub three: Vec<String>,
    /// Those that end the options.
    #[serde(default)]
    pub rest: Vec<String>,
}

/// A place where a target's name stands: `{ kind = "app", from = "-a/--app" }`,
/// or `{ kind = "app", file = "fly.toml", key = "app" }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSourceSource {
    /// The kind of name.
    pub kind: String,
    /// The place: an option, `$VARIABLE`, or `#1` for the first positional.
    #[serde(default)]
    pub from: String,
    /// A settings file: `~/…`, `$VARIABLE/…`, else relative to the directory.
    #[serde(default)]
    pub file: String,
    /// The key in it, steps joined by dots; a step that is quoted may hold
    /// dots itself.
    #[serde(default)]
    pub key: String,
    /// How the file is written, where its ending does not say it: `json`,
    /// `toml`, `yaml`, `ini` or `text`.
    #[serde(default)]
    pub format: String,
    /// Whether the directories above are looked through, too.
    #[serde(default)]
    pub above: bool,
}

impl TargetSourceSource {
    /// The word for the file's format: what is said, else its ending.
    pub fn format_word(&self) -> &str {
        format_word(&self.format, &self.file)
    }

    /// The steps of the key.
    pub fn steps(&self) -> Vec<&str> {
        steps(&self.key)
    }
}

impl RetargetSource {
    /// The word for the file's format: what is said, else its ending; a text
    /// where nothing says it.
    pub fn format_word(&self) -> &str {
        match format_word(&self.format, &self.file) {
            word if FORMATS.contains(&word) => word,
            _ => "text",
        }
    }

    /// The steps of the key.
    pub fn steps(&self) -> Vec<&str> {
        steps(&self.key)
    }
}

fn format_word<'a>(said: &'a str, file: &'a str) -> &'a str {
    if said.is_empty() {
        return file.rsplit_once('.').map_or("", |(_, ending)| ending);
    }
    said
}

/// A key taken apart at its dots; a step in double quotes may hold dots.
fn steps(key: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut rest = key;
    while !rest.is_empty() {
        let (step, behind) = match rest.strip_prefix('"').and_then(|text| text.split_once('"')) {
            Some((step, behind)) => (step, behind.strip_prefix('.').unwrap_or(behind)),
            None => rest.split_once('.').unwrap_or((rest, "")),
        };
        steps.push(step);
        rest = behind;
    }
    steps
}

/// A command as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandSource {
    /// Its words, aliases joined by bars: `volume delete|rm`.
    #[serde(default)]
    pub path: String,
    /// Its own options.
    #[serde(default)]
    pub options: OptionsSource,
    /// Its effect; absent for a group.
    pub effect: Option<String>,
    /// Its flags.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Its scope.
    pub scope: Option<String>,
    /// Its object.
    pub object: Option<ObjectSource>,
    /// Its sentence.
    #[serde(default)]
    pub says: String,
    /// What to do instead.
    #[serde(default)]
    pub instead: String,
    /// Conditions.
    #[serde(default)]
    pub when: Vec<CaseSource>,
    /// What it hands on.
    pub wrapper: Option<WrapperSource>,
    /// Lines that destroy.
    #[serde(default)]
    pub destroys: Vec<String>,
    /// Lines that do not.
    #[serde(default)]
    pub harmless: Vec<String>,
}

/// An object as written: `{ kind = "volume", from = ["-v/--volume", "#1"] }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectSource {
    /// The noun.
    pub kind: String,
    /// The places; `#1` is the first positional, `#*` all of them.
    #[serde(default)]
    pub from: Vec<String>,
}

/// A condition as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseSource {
    /// The option.
    pub option: String,
    /// The values that count, as globs.
    #[serde(default)]
    pub values: Vec<String>,
    /// Whether it holds when the option is not given so.
    #[serde(default)]
    pub absent: bool,
    /// The effect then.
    pub effect: Option<String>,
    /// The flags then.
    pub flags: Option<Vec<String>>,
    /// The sentence then.
    pub says: Option<String>,
}

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
    /// Whether it sets variables that cannot be seen from here.
    #[serde(default)]
    pub hides_env: bool,
    /// Its settings files (TOML) whose table `env` sets variables.
    #[serde(default)]
    pub env_in: Vec<String>,
    /// Where else the command runs: one of [`PLACES`].
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

/// The effects' words.
pub const EFFECTS: &[&str] = &["read", "write", "disrupt", "destroy"];
/// The flags' words.
pub const FLAGS: &[&str] = &[
    "irreversible",
    "backups",
    "irreplaceable",
    "opaque",
    "disarm",
    "credential",
    "permission",
    "retarget",
];
/// The scopes' words.
pub const SCOPES: &[&str] = &["environment", "project", "account", "host"];
/// The argv styles' words.
pub const STYLES: &[&str] =
    &["getopt_long", "getopt", "clap", "pflag", "argparse", "go", "yargs", "curl", "exact"];
/// The words for places where a wrapper's command runs.
pub const PLACES: &[&str] = &["app", "docker", "kubernetes", "podman", "railway", "ssh"];
/// The readers' words.
pub const READERS: &[&str] = &[
    "table",
    "ansible",
    "api",
    "aws",
    "backups",
    "clickhouse",
    "cqlsh",
    "bq",
    "cloud",
    "curl",
    "duckdb",
    "docker",
    "files",
    "find",
    "httpie",
    "hurl",
    "just",
    "kube",
    "git",
    "launcher",
    "make",
    "mcp",
    "migration",
    "mongo",
    "mysql",
    "packages",
    "parallel",
    "postgres",
    "pulumi",
    "railway",
    "redis",
    "rsync",
    "sftp",
    "shell",
    "sqlite",
    "sqlserver",
    "usql",
    "terraform",
    "wget",
];
/// The words for formats of settings files.
pub const FORMATS: &[&str] = &["json", "toml", "yaml", "yml", "ini", "cfg", "text", "git"];
/// The words for kinds of names.
pub const KINDS: &[&str] = &[
    "host",
    "socket",
    "port",
    "database",
    "service",
    "user",
    "profile",
    "account",
    "region",
    "project",
    "environment",
    "app",
    "context",
    "cluster",
    "namespace",
    "workspace",
    "resource",
    "url",
    "path",
    "setting",
    "branch",
];

/// Reads and checks a rule file.
///
/// # Errors
/// A sentence with the line and column where TOML has them.
pub fn parse(text: &str) -> Result<ToolSource, String> {
    let mut tool: ToolSource = toml::from_str(text).map_err(|error| placed(text, &error))?;
    if tool.programs.is_empty() {
        tool.programs.push(tool.tool.clone());
    }
    check(&tool)?;
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

fn check(tool: &ToolSource) -> Result<(), String> {
    one_of("style", &tool.style, STYLES)?;
    one_of("reader", &tool.reader, READERS)?;
    check_options(&tool.options)?;
    for source in &tool.target {
        one_of("target kind", &source.kind, KINDS)?;
        if source.from.is_empty() == source.file.is_empty() {
            return Err("a target stands in either `from` or `file`".to_owned());
        }
        if !source.file.is_empty() {
            one_of("format of a settings file", source.format_word(), FORMATS)?;
        }
    }
    check_wrapper(tool.wrapper.as_ref())?;
    for retarget in &tool.retarget {
        check_retarget(retarget)
            .map_err(|error| format!("retarget `{}`: {error}", retarget.path))?;
    }
    if tool.search.is_some() && tool.reader != "migration" {
        return Err("only `reader = \"migration\"` has a [search]".to_owned());
    }
    for command in &tool.command {
        check_command(command).map_err(|error| format!("command `{}`: {error}", command.path))?;
    }
    Ok(())
}

fn check_wrapper(wrapper: Option<&WrapperSource>) -> Result<(), String> {
    let Some(wrapper) = wrapper else { return Ok(()) };
    if let Some(place) = &wrapper.place {
        one_of("place", place, PLACES)?;
    }
    wrapper.names.iter().try_for_each(|source| one_of("target kind", &source.kind, KINDS))
}

fn check_retarget(retarget: &RetargetSource) -> Result<(), String> {
    if retarget.file.starts_with('@') {
        one_of("settings file", &retarget.file, SETTINGS)?;
    }
    if !retarget.format.is_empty() {
        one_of("format of a settings file", &retarget.format, FORMATS)?;
    }
    let options = [&retarget.options, &retarget.with, &retarget.without];
    match options.into_iter().flatten().find(|name| !name.starts_with('-')) {
        Some(name) => Err(format!("`{name}` is no option")),
        None => Ok(()),
    }
}

fn check_command(command: &CommandSource) -> Result<(), String> {
    check_options(&command.options)?;
    check_wrapper(command.wrapper.as_ref())?;
    if let Some(effect) = &command.effect {
        one_of("effect", effect, EFFECTS)?;
    }
    if let Some(scope) = &command.scope {
        one_of("scope", scope, SCOPES)?;
    }
    for flag in &command.flags {
        one_of("flag", flag, FLAGS)?;
    }
    for case in &command.when {
        if let Some(effect) = &case.effect {
            one_of("effect", effect, EFFECTS)?;
        }
        for flag in case.flags.iter().flatten() {
            one_of("flag", flag, FLAGS)?;
        }
    }
    let destroys = command.effect.as_deref() == Some("destroy");
    if destroys && command.says.is_empty() {
        return Err("a command that destroys must say what it does (`says`)".to_owned());
    }
    if destroys && (command.destroys.is_empty() || command.harmless.is_empty()) {
        return Err(
            "a command that destroys needs examples in `destroys` and `harmless`".to_owned()
        );
    }
    Ok(())
}

fn check_options(options: &OptionsSource) -> Result<(), String> {
    for (spec, _) in options.all() {
        if spec.split('/').any(|name| !name.starts_with('-') || name.len() < 2) {
            return Err(format!("`{spec}` is no option"));
        }
    }
    Ok(())
}

fn one_of(what: &str, word: &str, words: &[&str]) -> Result<(), String> {
    if words.contains(&word) {
        return Ok(());
    }
    Err(format!("`{word}` is no {what}; it is one of {}", words.join(", ")))
}

impl OptionsSource {
    /// Every option with the name of its arity.
    pub fn all(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.flag
            .iter()
            .map(|spec| (spec.as_str(), "Flag"))
            .chain(self.value.iter().map(|spec| (spec.as_str(), "Value")))
            .chain(self.attached.iter().map(|spec| (spec.as_str(), "Attached")))
            .chain(self.optional.iter().map(|spec| (spec.as_str(), "Optional")))
            .chain(self.two.iter().map(|spec| (spec.as_str(), "Words(2)")))
            .chain(self.three.iter().map(|spec| (spec.as_str(), "Words(3)")))
            .chain(self.rest.iter().map(|spec| (spec.as_str(), "Rest")))
    }
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
