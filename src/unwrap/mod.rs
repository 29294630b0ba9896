//! Wrappers → the commands inside them: `sudo`, `env`, `xargs` and their kin
//! by their rule files, shells and shell lines by a real shell grammar. What
//! is found is handed back as invocations in the surroundings that they would
//! see; nothing here says what they do, and nothing is run.

mod appended;
mod assigned;
mod away;
mod builtin;
mod companions;
mod compound;
mod expand;
mod fields;
mod find;
mod folders;
mod inline;
mod input;
mod input_words;
mod join;
mod just;
mod launcher;
mod line;
mod little;
mod make;
mod mention;
mod outcome;
mod packages;
mod parallel;
mod paths;
mod printf;
mod program;
mod run;
mod sample;
mod script;
mod seen;
mod sequence;
mod shell;
mod split;
mod state;
mod unlisted;
mod variables;
mod workspaces;
mod wrapper;
mod writes;

use crate::action::{Action, Effect, Flag};
use crate::actions::{Call, Reading, kube};
use crate::invocation::{Context, Invocation};
use crate::rules::Reader;
pub use away::line_at;
pub use companions::companions;
use line::{Keep, Origin};
pub use wrapper::template;

/// The longest script that is read from a file, in bytes.
const MAX_SCRIPT: usize = 256 * 1024;

/// Reads a wrapper's call one level deep; none if the tool is no wrapper, or
/// if a reader of its own knows better what it hands on.
pub fn read(call: &Call<'_>) -> Option<Reading> {
    match call.tool.reader {
        Reader::Shell => Some(shell::read(call)),
        Reader::Find => Some(find::read(call)),
        Reader::Just => Some(just::read(call)),
        Reader::Launcher => Some(launcher::read(call)),
        Reader::Little => Some(little::read(call)),
        Reader::Make => Some(make::read(call)),
        Reader::Packages => Some(packages::read(call)),
        Reader::Parallel => Some(parallel::read(call)),
        Reader::Api | Reader::Docker | Reader::Table | Reader::Terragrunt => wrapper::read(call),
        // A command in a pod, beside what the call itself does.
        Reader::Kube => wrapper::read(call).map(|mut reading| {
            reading.absorb(kube::read(call));
            reading
        }),
        Reader::Ansible
        | Reader::Aws
        | Reader::Backups
        | Reader::Bq
        | Reader::Cloud
        | Reader::Curl
        | Reader::Files
        | Reader::Httpie
        | Reader::Mcp
        | Reader::Git
        | Reader::Hurl
        | Reader::Migration
        | Reader::Mysql
        | Reader::Postgres
        | Reader::Pulumi
        | Reader::Railway
        | Reader::Redis
        | Reader::Clickhouse
        | Reader::Cqlsh
        | Reader::Duckdb
        | Reader::Mongo
        | Reader::Rsync
        | Reader::Sftp
        | Reader::Sqlite
        | Reader::Sqlserver
        | Reader::Stacks
        | Reader::Terraform
        | Reader::Sqlclient
        | Reader::Usql
        | Reader::Wget => None,
    }
}

/// What a command that is listed as a wrapper hands on, for readers that look
/// at such a command themselves.
pub fn wrapped(call: &Call<'_>) -> Option<Reading> {
    wrapper::read(call)
}

/// Reads a shell line: every command in it that has rules, in its
/// surroundings. What could run such a command and cannot be read is an
/// opaque action.
pub fn line(text: &str, context: Context<'_>) -> Reading {
    line::read(text, context, Origin::Line, Keep::Guarded, None)
}

/// The same with the commands that no rule knows.
pub fn commands(text: &str, context: Context<'_>) -> Reading {
    line::read(text, context, Origin::Line, Keep::All, None)
}

/// The command that a program without rules of its own runs: its interpreter's,
/// where it is a script by its path, else the one that stands behind it.
pub fn unlisted(context: Context<'_>) -> Option<Invocation> {
    script::by_path(context).or_else(|| unlisted::inner(context))
}

/// Whether an action of a command in a program's file
/// ([`Invocation::loosely`]) is nothing but what could not be read, so that it
/// is no reason to stop the program.
pub fn is_left_to_shims(action: &Action, invocation: &Invocation) -> bool {
    let unread = action.flags.has(Flag::Opaque) && action.effect < Effect::Destroy;
    // Which work would be lost depends on the words.
    let computed = action.flags.has(Flag::Irreplaceable) && !invocation.dynamic.is_empty();
    (unread || computed) && action.rule != inline::RULE
}

#[cfg(test)]
mod tests;
