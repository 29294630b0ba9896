//! Invocation × rules → actions. One reader a tool family lives beside this
//! file, and `table/` reads every tool whose rule file says it all. Readers
//! look at words, files and standard input through [`Context`]; they never
//! decide, ask or run anything.

pub mod ansible;
pub mod aws;
pub mod backups;
pub mod bq;
pub mod clickhouse;
pub mod cloud;
pub mod cqlsh;
pub mod curl;
pub mod docker;
pub mod duckdb;
pub mod files;
pub mod git;
pub mod handed;
pub mod hosted;
pub mod http_api;
pub mod httpie;
pub mod hurl;
pub mod kube;
pub mod mcp;
pub mod migration;
pub mod mongo;
pub mod mysql;
pub mod postgres;
pub mod pulumi;
pub mod railway;
pub mod railway_api;
pub mod redis;
pub mod rest_api;
pub mod rsync;
pub mod session;
pub mod sftp;
pub mod sql_client;
pub mod sql_session;
pub mod sql_steps;
pub mod sqlite;
pub mod sqlite_shell;
pub mod sqlserver;
pub mod stacks;
pub mod table;
pub mod terraform;
pub mod terragrunt;
pub mod usql;
pub mod wget;

use std::ffi::OsString;

use crate::action::Action;
use crate::invocation::{Context, Invocation};
use crate::retarget::After;
use crate::rules::{Reader, Tool};

pub use handed::{By, Handed, Name, Pinned, Place};
pub use session::{INTERACTIVE, ReadOnly, WRITING};

/// Bytes of a script, from a file or standard input, that are read. A longer
/// one is opaque: nothing of it is held beyond this.
pub const TEXT_LIMIT: usize = 16 << 20;

/// A guarded command: the invocation in its world, and its tool's rules.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The rules.
    pub tool: &'static Tool,
    /// The command and what it would see.
    pub context: Context<'a>,
    /// Whether harmless actions are wanted too, with their targets resolved:
    /// `check` and `where` show them, a shim has no use for them.
    pub full: bool,
}

/// What a reader made of a call.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Everything it would do, targets resolved. Harmless reads may be left
    /// out when there is nothing else to say of them.
    pub actions: Vec<Action>,
    /// Commands that it would run, to be judged by the same pipeline.
    pub inner: Vec<Invocation>,
    /// Texts that were read from files and must be handed on from this copy.
    pub handed: Vec<Handed>,
    /// Where in argv the words of its one inner command begin, if they stand
    /// there to the end and it is started with every descriptor that is open.
    pub tail: Option<usize>,
    /// Those of its inner commands that may change where later ones land, in
    /// their order, as far as a shell line says what becomes of them.
    pub leaves: Vec<After>,
    /// Whether each of its inner commands runs only if those before it did not
    /// fail, as a recipe's lines do.
    pub in_turn: bool,
    /// Lines to show on stderr whatever the verdict.
    pub notes: Vec<String>,
    /// What opens its interactive session read-only.
    pub read_only: Option<ReadOnly>,
    /// How the tool itself can tell beforehand what it would do, where its
    /// words do not.
    pub preview: Option<Preview>,
}

/// A command that can be asked for its plan first: what makes the plan, and
/// what carries out that very plan. Nothing is run unless a person would be
/// asked about the command.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// The words that make the plan; the last one lacks the file's name.
    pub plan: Vec<OsString>,
    /// The words that carry it out, the file's name apart, which is the last.
    pub apply: Vec<OsString>,
    /// Variables that are in `plan` and `apply` already, and must not come in
    /// a second time.
    pub spent: Vec<OsString>,
    /// Whether the caller wants no question of the tool's own.
    pub unasked: bool,
}

impl Reading {
    /// A reading of one action.
    pub fn of(action: Action) -> Reading {
        Reading { actions: vec![action], ..Reading::default() }
    }

    /// Adds another reading's findings to this one's.
    pub fn absorb(&mut self, other: Reading) {
        self.tail = match (self.inner.is_empty(), other.inner.is_empty()) {
            (true, _) => other.tail,
            (false, true) => self.tail,
            (false, false) => None,
        };
        self.in_turn = other.in_turn && (self.inner.is_empty() || self.in_turn);
        self.actions.extend(other.actions);
        // What stands side by side is run in this order.
        let before = &self.leaves;
        self.inner.extend(other.inner.into_iter().map(|mut inner| {
            if !before.is_empty() {
                inner.after = before.iter().cloned().chain(inner.after).collect();
            }
            inner
        }));
        self.leaves.extend(other.leaves);
        self.handed.extend(other.handed);
        self.notes.extend(other.notes);
        self.read_only = self.read_only.take().or(other.read_only);
        self.preview = self.preview.take().or(other.preview);
    }
}

/// Reads a call with its tool's reader.
pub fn read(call: &Call<'_>) -> Reading {
    match call.tool.reader {
        Reader::Table => table::read(call),
        Reader::Ansible => ansible::read(call),
        Reader::Aws => aws::read(call),
        Reader::Backups => backups::read(call),
        Reader::Clickhouse => clickhouse::read(call),
        Reader::Cqlsh => cqlsh::read(call),
        Reader::Bq => bq::read(call),
        Reader::Cloud => cloud::read(call),
        Reader::Curl => curl::read(call),
        Reader::Docker => docker::read(call),
        Reader::Files => files::read(call),
        Reader::Duckdb => duckdb::read(call),
        Reader::Mcp => mcp::read(call),
        Reader::Httpie => httpie::read(call),
        Reader::Kube => kube::read(call),
        Reader::Git => git::read(call),
        Reader::Hurl => hurl::read(call),
        Reader::Migration => migration::read(call),
        Reader::Mongo => mongo::read(call),
        Reader::Mysql => mysql::read(call),
        Reader::Postgres => postgres::read(call),
        Reader::Pulumi => pulumi::read(call),
        Reader::Railway => railway::read(call),
        Reader::Redis => redis::read(call),
        Reader::Api => rest_api::read(call),
        Reader::Rsync => rsync::read(call),
        Reader::Sftp => sftp::read(call),
        Reader::Sqlclient => sql_client::read(call),
        Reader::Sqlite => sqlite::read(call),
        Reader::Sqlserver => sqlserver::read(call),
        Reader::Stacks => stacks::read(call),
        Reader::Usql => usql::read(call),
        Reader::Terraform => terraform::read(call),
        Reader::Terragrunt => terragrunt::read(call),
        Reader::Wget => wget::read(call),
        // unwrap::read has it.
        Reader::Find
        | Reader::Just
        | Reader::Launcher
        | Reader::Little
        | Reader::Make
        | Reader::Packages
        | Reader::Parallel
        | Reader::Shell => Reading::default(),
    }
}
