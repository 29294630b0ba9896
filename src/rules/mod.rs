//! What a tool's commands mean, as data: the types of a rule, and the table
//! compiled in from `rules/*.toml`. Nothing here reads a file at run time (the
//! user's own rule files are [`overlay`]'s) and nothing judges.

pub mod api;
pub mod contrast;
pub mod examples;
pub mod overlay;
pub mod source;
pub mod table;
pub mod words;
pub mod wrapper;

pub use self::contrast::Contrast;
pub use self::words::{Arity, Opt, Order, Style};
pub use self::wrapper::{Inner, Wrapper};

use crate::action::{Effect, Flags, Scope};
use crate::world::World;

/// The rules that apply to a program: the compiled-in ones, the user's own,
/// or both.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The compiled-in rules.
    pub builtin: Option<&'static Tool>,
    /// Those about holdpoint's own files.
    pub files: Option<&'static Tool>,
    /// The user's own.
    pub own: Option<&'static Tool>,
    /// What is wrong with the user's own rule file, if something is.
    pub error: Option<String>,
}

impl Guard {
    /// The rules, the compiled-in ones first.
    pub fn tools(&self) -> impl Iterator<Item = &'static Tool> + use<> {
        self.builtin.into_iter().chain(self.files).chain(self.own)
    }

    /// Whether the rules say what the program does, and not only whether it
    /// touches holdpoint's own files.
    pub fn says_all(&self) -> bool {
        self.error.is_some() || self.tools().any(|tool| tool.reader != Reader::Files)
    }
}

/// The rules for a program of this name, if it is guarded.
pub fn find(program: &str, world: &dyn World) -> Option<Guard> {
    let builtin = table::find(program);
    let (own, error) = match overlay::find(program, world) {
        Ok(own) => (own, None),
        Err(error) => (None, Some(error)),
    };
    let files = table::find_files(program);
    let guarded = builtin.is_some() || files.is_some() || own.is_some() || error.is_some();
    guarded.then_some(Guard { builtin, files, own, error })
}

/// One rule file: a tool, or a family of programs with one grammar.
#[derive(Debug)]
pub struct Tool {
    /// The file's name, and the first part of a rule's id: `railway`.
    pub name: &'static str,
    /// The program names that it covers.
    pub programs: &'static [&'static str],
    /// One line: what the tool is.
    pub about: &'static str,
    /// Which version the facts were checked against, and how.
    pub checked: &'static str,
    /// How its effect can be seen before anything is done; empty if it cannot.
    pub preview: &'static str,
    /// Whether `holdpoint shims install` makes a shim for its programs.
    pub shim: bool,
    /// How its words are split into options, values and positionals.
    pub style: Style,
    /// Who reads it: the table below alone, or Rust code with its help.
    pub reader: Reader,
    /// The platform of its targets.
    pub platform: &'static str,
    /// Where the target's names stand, for tools that take them from an
    /// option, a variable or a settings file. Of each kind of name, the first
    /// found wins.
    pub target: &'static [TargetSource],
    /// Options accepted in front of and behind every command word.
    pub options: &'static [Opt],
    /// The commands.
    pub commands: &'static [Command],
    /// The key of each word that may stand first, with the index of its
    /// command; 0 for a command without words. In the commands' order, and side
    /// by side: of three hundred commands, those that were not typed are not
    /// even looked at.
    pub firsts: &'static [(u64, u16)],
    /// Whether one of the commands is a wrapper.
    pub wraps: bool,
    /// What it hands on, if it is a wrapper at its top level.
    pub wrapper: Option<Wrapper>,
    /// Its interactive session, if it is a client whose sessions on production
    /// are not opened as they come.
    pub session: Option<Session>,
    /// Where it looks for its database, if it is a migration tool with nothing
    /// peculiar.
    pub search: Option<Search>,
    /// What its commands change for those after them.
    pub retargets: &'static [Retarget],
    /// Shell lines that must be read as destroying (or opaque), from the top
    /// level of the file.
    pub destroys: &'static [&'static str],
    /// Shell lines that must be read as harmless (read or write, no flag that
    /// could stop them).
    pub harmless: &'static [&'static str],
    /// Shell lines that are judged in every place.
    pub contrast: &'static Contrast,
}

/// A key of a settings file that a command sets, and by which the commands
/// after it land elsewhere. Texts are templates: `{#1}` stands for a word,
/// `{--name}` for an option's value; see docs/rules.md.
#[derive(Debug, PartialEq, Eq)]
pub struct Retarget {
    /// The command's words, each with its aliases.
    pub path: &'static [&'static [&'static str]],
    /// Options with a value that the tool's own list lacks.
    pub options: &'static [&'static [&'static str]],
    /// Options of which one must be given, if there are any.
    pub with: &'static [&'static str],
    /// Options of which none may be given.
    pub without: &'static [&'static str],
    /// What the first word behind the command's may be, as globs; empty: any.
    pub only: &'static [&'static str],
    /// What it may not be.
    pub except: &'static [&'static str],
    /// The file's path, or a name of [`source::SETTINGS`].
    pub file: &'static str,
    /// How it is written.
    pub format: crate::parse::settings::Format,
    /// The steps of the key.
    pub key: &'static [&'static str],
    /// Whether the file may lie in a directory above.
    pub above: bool,
    /// The value; none where nobody can tell it.
    pub value: Option<&'static str>,
}

/// Which files and names a migration tool reads to find its database.
#[derive(Debug)]
pub struct Search {
    /// Its `.env` files, the first winning; `{}` stands for the environment.
    pub dotenv: &'static [&'static str],
    /// Whether the `.env` is looked for in the folders above too.
    pub upward: bool,
    /// Options and (with a dollar sign) variables that name `.env` files instead.
    pub env_files: &'static [&'static str],
    /// Its configuration files, in the order in which it tries them.
    pub configs: &'static [&'static str],
    /// Whether it reads all of those that are there.
    pub merges: bool,
    /// Options and (with a dollar sign) variables that name the configuration
    /// instead.
    pub config_options: &'static [&'static str],
    /// Options, words (`#1`) and (with a dollar sign) variables that choose an
    /// environment.
    pub environment: &'static [&'static str],
    /// The environment that it takes if nothing chooses one.
    pub default: Option<&'static str>,
    /// Options that name the directory to work in.
    pub chdir: &'static [&'static str],
    /// Variables of its target that win over its configuration.
    pub over: &'static [&'static str],
    /// Keys of its configuration, in lower case, that choose an environment
    /// where neither an option nor a variable does.
    pub default_keys: &'static [&'static str],
}

/// A client's interactive session on production.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// What opens it read-only, for its reader to put where the client looks;
    /// none where the client has no such mode.
    pub read_only: Option<&'static str>,
    /// What stands in the way of that, as it follows "Open it without
    /// --write": ` and without …`; empty where nothing does.
    pub unless: &'static str,
    /// One sentence: what read-only does not stop.
    pub not_stopped: &'static str,
    /// One sentence: what to do instead.
    pub instead: &'static str,
}

/// Who reads a tool's invocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The command table says it all.
    Table,
    /// `actions/ansible`.
    Ansible,
    /// `actions/sftp.rs`.
    Sftp,
    /// `actions/aws`.
    Aws,
    /// `actions/clickhouse`.
    Clickhouse,
    /// `actions/cqlsh`.
    Cqlsh,
    /// `actions/backups`.
    Backups,
    /// `actions/bq.rs`.
    Bq,
    /// `actions/cloud`: a cloud's CLI whose last command word is a verb.
    Cloud,
    /// `actions/curl`.
    Curl,
    /// `actions/docker.rs`: docker, Compose and podman.
    Docker,
    /// `actions/files`: everyday programs that could touch holdpoint's own
    /// files.
    Files,
    /// `actions/kube`: kubectl and what goes out to the same servers.
    Kube,
    /// `unwrap/find.rs`: find and fd.
    Find,
    /// `actions/httpie`: httpie and xh.
    Httpie,
    /// `actions/hurl.rs`.
    Hurl,
    /// `unwrap/just.rs`: recipes of a justfile.
    Just,
    /// `actions/duckdb`.
    Duckdb,
    /// `actions/git`.
    Git,
    /// `unwrap/launcher.rs`: an interpreter or launcher that runs a program
    /// which a word names (`python -m`, `bundle exec`).
    Launcher,
    /// `unwrap/little`: a program whose own little language can run a command
    /// (awk, sed, vim).
    Little,
    /// `unwrap/make.rs`: a runner of recipes.
    Make,
    /// `actions/mcp`: an agent's call of another server's tool.
    Mcp,
    /// `actions/migration`: a migration tool or ORM.
    Migration,
    /// `actions/mongo`.
    Mongo,
    /// `unwrap/packages`: npm and its like.
    Packages,
    /// `unwrap/parallel.rs`: GNU parallel.
    Parallel,
    /// `actions/mysql`.
    Mysql,
    /// `actions/postgres`.
    Postgres,
    /// `actions/pulumi.rs`.
    Pulumi,
    /// `actions/rsync.rs`.
    Rsync,
    /// `actions/railway`.
    Railway,
    /// `actions/redis`.
    Redis,
    /// `actions/rest_api.rs`: a platform's client that sends any request to its
    /// API, too (`gh api`).
    Api,
    /// `actions/sql_client.rs`.
    Sqlclient,
    /// `actions/sqlite`.
    Sqlite,
    /// `actions/sqlserver`.
    Sqlserver,
    /// `actions/stacks.rs`.
    Stacks,
    /// `actions/terragrunt.rs`.
    Terragrunt,
    /// `actions/usql.rs`.
    Usql,
    /// `unwrap/shell.rs`: a shell, whose `-c` text is a program.
    Shell,
    /// `actions/terraform`.
    Terraform,
    /// `actions/wget.rs`.
    Wget,
}

impl Reader {
    /// Whether what it reads only holds other commands.
    pub const fn is_wrapper(self) -> bool {
        matches!(
            self,
            Reader::Find
                | Reader::Just
                | Reader::Launcher
                | Reader::Little
                | Reader::Make
                | Reader::Packages
                | Reader::Parallel
                | Reader::Shell
        )
    }
}

/// One command of a tool.
#[derive(Debug)]
pub struct Command {
    /// The words that lead to it, each with its aliases; empty for a tool
    /// without command words.
    pub path: &'static [&'static [&'static str]],
    /// Options that it accepts beside the tool's.
    pub options: &'static [Opt],
    /// What it does; `None` for a group that needs a subcommand.
    pub effect: Option<Effect>,
    /// What else matters about it.
    pub flags: Flags,
    /// How far its object reaches.
    pub scope: Scope,
    /// What it does it to.
    pub object: Option<Object>,
    /// One sentence with `{object}` and `{target}` in it.
    pub says: &'static str,
    /// One sentence: what to do instead.
    pub instead: &'static str,
    /// Conditions that change what it does; the first that holds counts.
    pub cases: &'static [Case],
    /// What it hands on, if it is a wrapper.
    pub wrapper: Option<Wrapper>,
    /// Shell lines that must be read as destroying (or opaque).
    pub destroys: &'static [&'static str],
    /// Shell lines that must be read as harmless.
    pub harmless: &'static [&'static str],
}

impl Command {
    /// Its words without aliases: `volume delete`.
    pub fn operation(&self) -> String {
        let words: Vec<&str> = self.path.iter().filter_map(|word| word.first().copied()).collect();
        words.join(" ")
    }
}

/// What a command's object is and where its name stands.
#[derive(Debug, PartialEq, Eq)]
pub struct Object {
    /// The noun: `volume`.
    pub kind: &'static str,
    /// Where its name stands; the first found wins.
    pub from: &'static [Source],
}

/// A place in an invocation where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The value of an option, by one of its spellings.
    Option(&'static str),
    /// The n-th positional behind the command words, from 1.
    Positional(u8),
    /// Every positional behind the command words.
    Positionals,
    /// A variable.
    Variable(&'static str),
    /// A key of a settings file.
    File(&'static SettingsFile),
    /// What the tool takes where nothing names it.
    Default(&'static str),
    /// The name of the machine that it runs on.
    Hostname,
}

/// A settings file in which a tool keeps what it points at.
#[derive(Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// Its path: `~/…`, `$VARIABLE/…`, else relative to the directory.
    pub path: &'static str,
    /// How it is written.
    pub format: crate::parse::settings::Format,
    /// The steps of the key.
    pub key: &'static [&'static str],
    /// Whether the directories above are looked through, too.
    pub above: bool,
}

/// A place where a target's name stands, and what kind of name it is.
#[derive(Debug, PartialEq, Eq)]
pub struct TargetSource {
    /// The kind of name.
    pub kind: crate::target::Kind,
    /// The place.
    pub from: Source,
    /// A variable with credentials of its own: where it is set, the name does
    /// not say where they lead. Empty if there is none.
    pub unless: &'static str,
}

/// A condition on the options given, and what it changes.
#[derive(Debug)]
pub struct Case {
    /// The option, by one of its spellings.
    pub option: &'static str,
    /// The values that count, as globs; empty: any.
    pub values: &'static [&'static str],
    /// Whether the case holds when the option is *not* given so.
    pub absent: bool,
    /// The effect then, if it differs.
    pub effect: Option<Effect>,
    /// The flags then, if they differ.
    pub flags: Option<Flags>,
    /// The sentence then, if it differs.
    pub says: Option<&'static str>,
}
