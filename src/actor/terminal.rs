//! Whose terminal this is. A terminal alone proves nothing: `script`, expect
//! and six lines of Python make one. What counts is who owns it: the parent of
//! its session's leader, which for a person is sshd, login or a terminal
//! emulator. What runs inside (make, npm, watch, a script) does not matter.
//!
//! Names can be faked, so a name must come with something that the caller's
//! account cannot make: sshd and login run as root; an emulator's executable
//! lies where the account cannot write. tmux and screen run as the account and
//! outlive the terminal they were started in, so they count only while the
//! terminal of somebody attached to them counts: a detached session has nobody
//! in front of it, and one inside an IDE's terminal is the IDE's.
//!
//! What remains: a program of the same account that types into a person's
//! terminal (`tmux send-keys`, a remote-controlled emulator), that opens an
//! emulator under a display of its own, or that logs in over ssh with the
//! account's own key, is not told from the person; and root can fake it all.

use std::collections::BTreeMap;

use super::ancestry::{self, exe_name};
use super::markers::{AGENTS, EMULATORS, LOGIN, MULTIPLEXERS, RELAYS, SHARED};
use super::{ActorPolicy, MAX_ANCESTORS};
use crate::text;
use crate::world::{Process, World};

/// How many terminals may lie inside one another (tmux in ssh in tmux).
const MAX_NESTING: usize = 4;

/// How many clients of a multiplexer are looked at.
const MAX_CLIENTS: usize = 64;

/// What owns a terminal.
#[derive(Debug, PartialEq, Eq)]
pub enum Owner {
    /// A person sits in front of it; what says so.
    Person(String),
    /// An IDE whose agents type into it too; its name, and what says so.
    Shared(&'static str, String),
    /// Nothing that speaks for a person; why, as a clause.
    Nobody(String),
}

/// Who owns the terminal of the first process of `chain` (itself and its
/// ancestors, nearest first).
pub fn owner(chain: &[Process], world: &dyn World, policy: &ActorPolicy) -> Owner {
    nested_owner(chain, world, policy, 0)
}

fn nested_owner(chain: &[Process], world: &dyn World, policy: &ActorPolicy, depth: usize) -> Owner {
    let nobody = |why: &str| Owner::Nobody(why.to_owned());
    if depth > MAX_NESTING {
        return nobody("there are more terminals inside one another than are followed");
    }
    let Some(own) = chain.first() else { return nobody("its processes cannot be seen") };
    let Some(at) = chain.iter().position(|process| process.pid == own.session) else {
        return nobody("the leader of the terminal's session is not among its ancestors");
    };
    let above = chain.get(at + 1..).unwrap_or_default();
    let Some(parent) = above.first() else {
        return nobody("nothing that can be seen started the terminal's session");
    };
    let name = exe_name(parent).unwrap_or(&parent.comm);
    let signal = format!("terminal of {} (pid {})", text::visible(name, 40), parent.pid);
    if named(parent, RELAYS) && world.is_protected(parent) {
        return nested_owner(above, world, policy, depth + 1);
    }
    if named(parent, LOGIN) {
        return match is_login(above, world, own.uid) {
            true => Owner::Person(signal),
            false => Owner::Nobody(format!("{signal}, which does not run as root")),
        };
    }
    if named(parent, MULTIPLEXERS) && is_genuine(parent, world, policy) {
        return attached(parent, world, policy, depth)
            .map(|outer| Owner::Person(format!("{signal}, attached from the {outer}")))
            .unwrap_or_else(|| {
                Owner::Nobody(format!("{signal}, to which nobody's own terminal is attached"))
            });
    }
    if let Some(ide) = ancestry::find(parent, SHARED) {
        return Owner::Shared(ide.name, signal);
    }
    if named(parent, EMULATORS) {
        return match is_genuine(parent, world, policy) {
            true => Owner::Person(signal),
            false => Owner::Nobody(format!("{signal}, whose program this account could replace")),
        };
    }
    match is_trusted(parent, policy) {
        true => Owner::Person(signal),
        false => Owner::Nobody(format!("{signal}, which is no person's terminal")),
    }
}

/// Whether a process goes by a name of the list: its executable's where that
/// can be seen, else the kernel's.
fn named(process: &Process, list: &[&str]) -> bool {
    let own = exe_name(process).unwrap_or(&process.comm);
    list.iter().any(|name| *name == own || own.len() == 15 && name.starts_with(own))
}

/// Whether a login program has root's rights: it, or the process that split it
/// off, which sshd does to drop them. For root itself this proves nothing, so
/// there the executable counts as well.
fn is_login(chain: &[Process], world: &dyn World, account: u32) -> bool {
    let [own, rest @ ..] = chain else { return false };
    if is_roots(own, world, account) {
        return true;
    }
    rest.first().is_some_and(|parent| named(parent, LOGIN) && is_roots(parent, world, account))
}

fn is_roots(process: &Process, world: &dyn World, account: u32) -> bool {
    process.uid == 0 && (account != 0 || world.is_protected(process))
}

/// Whether a program that runs as the account is what its name says.
fn is_genuine(process: &Process, world: &dyn World, policy: &ActorPolicy) -> bool {
    world.is_protected(process) || is_trusted(process, policy)
}

/// Whether the user's policy names the program: by its path or, where /proc
/// hides that (xterm is set-group-id), by its name.
fn is_trusted(process: &Process, policy: &ActorPolicy) -> bool {
    policy.trusted_terminals.iter().any(|trusted| match &process.exe {
        Some(exe) => text::glob(trusted, &exe.to_string_lossy()),
        None => text::glob(trusted, &process.comm),
    })
}

/// What owns the terminal of somebody attached to a multiplexer, if a person's
/// is among them. The terminals that the server holds open are those of its
/// clients; a client is a process of the same program on such a terminal. One
/// that only opens a detached session, sends a command or waits leaves the
/// terminal's modes alone; one that shows a session takes every key.
fn attached(
    server: &Process,
    world: &dyn World,
    policy: &ActorPolicy,
    depth: usize,
) -> Option<String> {
    let held = world.terminals_held_by(server.pid);
    let processes: BTreeMap<i32, Process> =
        world.processes().into_iter().map(|process| (process.pid, process)).collect();
    let clients = processes.values().filter(|process| {
        process.tty != 0
            && held.contains(&process.tty)
            && process.exe == server.exe
            && process.pid != server.pid
            && world.takes_every_key(process.tty)
    });
    clients.take(MAX_CLIENTS).find_map(|client| {
        let chain = ancestors(client, &processes);
        if chain.iter().any(|process| is_agent(process, policy)) {
            return None;
        }
        match nested_owner(&chain, world, policy, depth + 1) {
            Owner::Person(outer) => Some(outer),
            Owner::Shared(_, outer) if policy.trust_ide_terminals => Some(outer),
            _ => None,
        }
    })
}

/// Whether a process is an agent's by its names.
pub fn is_agent(process: &Process, policy: &ActorPolicy) -> bool {
    ancestry::find(process, AGENTS).is_some()
        || ancestry::has_name(process, &policy.extra_agent_processes)
}

fn ancestors(process: &Process, processes: &BTreeMap<i32, Process>) -> Vec<Process> {
    let mut chain = vec![process.clone()];
    while let Some(parent) = chain.last().and_then(|last| processes.get(&last.ppid)) {
        if chain.len() >= MAX_ANCESTORS {
            break;
        }
        chain.push(parent.clone());
    }
    chain
}
