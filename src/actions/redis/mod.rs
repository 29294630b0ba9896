//! Reads redis-cli: its words from left to right, the commands on its command
//! line, on standard input and in a `--pipe`, and where each would land.

mod tls;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::{Call, INTERACTIVE, ReadOnly, Reading, TEXT_LIMIT};
use crate::action::{Action, Effect};
use crate::invocation::Input;
use crate::parse::redis::{self, commands};
use crate::rules::Arity;
use crate::target::redis::{Place, Server, Tls};

/// Actions that a reading lists.
const MAX_ACTIONS: usize = 50;

/// Modes in which redis-cli runs no commands of the caller's, and what they do.
const MODES: &[(&str, Effect, &str)] = &[
    ("--scan", Effect::Read, ""),
    ("--stat", Effect::Read, ""),
    ("--bigkeys", Effect::Read, ""),
    ("--memkeys", Effect::Read, ""),
    ("--hotkeys", Effect::Read, ""),
    ("--latency", Effect::Read, ""),
    ("--latency-history", Effect::Read, ""),
    ("--latency-dist", Effect::Read, ""),
    ("--intrinsic-latency", Effect::Read, ""),
    ("--rdb", Effect::Read, ""),
    ("--functions-rdb", Effect::Read, ""),
    ("--replica", Effect::Read, ""),
    ("--lru-test", Effect::Write, "Fills the server with keys of its own."),
];

/// Reads a call of redis-cli.
pub fn read(call: &Call<'_>) -> Reading {
    let mut session = Session {
        call,
        place: Place::default(),
        actions: Vec::new(),
        left_out: 0,
        redirected: Vec::new(),
        tls: tls::Words::default(),
        read_only: None,
    };
    session.run();
    let Session { mut actions, place, left_out, read_only, .. } = session;
    if actions.is_empty() && call.full {
        let mut action = Action::new(Effect::Read, "redis-cli");
        action.target = place.target();
        actions.push(action);
    }
    for action in &mut actions {
        action.rule = format!("redis-cli/{}", action.operation).into();
    }
    let mut reading = Reading { actions, read_only, ..Reading::default() };
    if left_out > 0 {
        reading.notes.push(format!("holdpoint: {left_out} more commands of this kind follow."));
    }
    reading
}

struct Session<'a> {
    call: &'a Call<'a>,
    place: Place,
    actions: Vec<Action>,
    left_out: usize,
    /// The places of the words that let other servers be named (a cluster's).
    redirected: Vec<usize>,
    tls: tls::Words,
    read_only: Option<ReadOnly>,
}

impl Session<'_> {
    fn push(&mut self, mut action: Action) {
        if action.is_harmless() {
            return;
        }
        if action.effect == Effect::Write
            && action.flags.is_empty()
            && self.actions.iter().any(|have| have.operation == action.operation)
        {
            return;
        }
        if self.actions.len() >= MAX_ACTIONS {
            self.left_out += 1;
            return;
        }
        action.target = self.place.target();
        self.actions.push(action);
    }

    fn opaque(&mut self, why: &str) {
        self.push(Action::opaque("redis-cli", why));
    }

    fn run(&mut self) {
        let invocation = self.call.context.invocation;
        let mut at = 1;
        let mut mode = None;
        let (mut pipe, mut cluster, mut eval, mut last_from_stdin) = (false, false, false, false);
        while let Some(word) = invocation.argv.get(at) {
            let mut options = self.call.tool.options.iter();
            let found = options.find(|option| option.names.iter().any(|it| word == *it));
            let Some(option) = found else {
                if word.as_bytes().first() == Some(&b'-') && !invocation.is_dynamic(at) {
                    // redis-cli refuses it, or a newer one knows it.
                    if self.call.tool.name != "redis-cli" {
                        self.place.gap = Some("an option of it is not known".to_owned());
                    }
                    self.opaque("it has no such option");
                }
                break;
            };
            let name = option.names.last().copied().unwrap_or_default();
            at += 1;
            if option.arity != Arity::Flag {
                let value = invocation.argv.get(at).map_or(OsStr::new(""), |value| value);
                let dynamic = invocation.is_dynamic(at);
                self.option(name, &value.to_string_lossy(), dynamic);
                self.tls.value(name, value, at);
                at += 1;
            }
            match name {
                "--help" | "--version" => return,
                "--pipe" => pipe = true,
                "--cluster" => {
                    cluster = true;
                    at -= 1;
                    break;
                }
                "--eval" => {
                    eval = true;
                    break;
                }
                "-x" | "-X" => last_from_stdin = true,
                "-c" => self.redirected.push(at - 1),
                "--tls" => self.tls.ask_for(at - 1),
                "--insecure" => self.tls.believe_anybody(),
                _ => mode = MODES.iter().find(|(known, ..)| *known == name).or(mode),
            }
        }
        if eval {
            return self.opaque("a Lua script may do anything");
        }
        let rest = invocation.argv.get(at..).unwrap_or_default();
        let dynamic: Vec<usize> =
            invocation.dynamic.iter().filter_map(|place| place.checked_sub(at)).collect();
        if cluster {
            return self.cluster(rest, at);
        }
        if let Some((name, effect, says)) = mode {
            let summary = (*says).to_owned();
            return self.push(Action { summary, ..Action::new(*effect, *name) });
        }
        if pipe {
            return self.pipe();
        }
        if rest.is_empty() {
            return self.lines();
        }
        let words: Vec<Vec<u8>> = rest.iter().map(|word| word.as_bytes().to_vec()).collect();
        let quoted = invocation.argv.get(..at).unwrap_or_default();
        if dynamic.contains(&0) {
            return self.opaque("its command is computed at run time");
        }
        let words = match quoted.iter().any(|word| word == "--quoted-input") {
            true => words.iter().map(|word| decoded(word)).collect(),
            false => words,
        };
        self.command(&words, !dynamic.is_empty() || last_from_stdin);
    }

    fn option(&mut self, name: &'static str, value: &str, dynamic: bool) {
        let tells = ["-h", "-p", "-s", "-n", "-u"].contains(&name);
        if dynamic && tells {
            self.place.gap = Some(format!("the value of {name} is computed at run time"));
        }
        match name {
            "-h" => self.place.host = (value.to_owned(), name.into()),
            "-p" => self.place.port = Some((value.to_owned(), name.into())),
            "-s" => self.place.socket = Some(value.to_owned()),
            "-n" => self.place.database = Some((value.to_owned(), name.into())),
            "-u" => self.place.take_url(value, name),
            _ => {}
        }
    }

    fn command(&mut self, words: &[Vec<u8>], computed: bool) {
        let word = |at: usize| {
            let word = words.get(at).map(Vec::as_slice).unwrap_or_default();
            String::from_utf8_lossy(word).to_ascii_lowercase()
        };
        match word(0).as_str() {
            "select" => self.place.database = Some((word(1), "SELECT".into())),
            "connect" => {
                self.place.host = (word(1), "connect".into());
                self.place.port = Some((word(2), "connect".into()));
                self.place.socket = None;
            }
            // A leading number repeats the command behind it.
            number if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
                if words.len() > 1 {
                    self.command(words.get(1..).unwrap_or_default(), computed);
                }
            }
            _ => self.push(commands::read(words, computed)),
        }
    }

    fn lines(&mut self) {
        let text = match self.call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => return self.typed(),
            Input::Opaque(why) => return self.opaque(&why),
            Input::Text(text) => text,
        };
        for line in text.split(|byte| *byte == b'\n') {
            // redis-cli refuses a line whose quotes do not match.
            if let Some(words) = redis::words(line).filter(|words| !words.is_empty()) {
                self.command(&words, false);
            }
        }
    }

    /// A session that will be typed: read-only through a filter, where one can
    /// stand in between.
    fn typed(&mut self) {
        let way = self.way();
        let operation = self.call.session(way.is_ok());
        let mut action = Action::opaque(operation, "it will be typed");
        match way {
            Ok((option, server, tls)) if operation == INTERACTIVE => {
                let cluster = (!self.redirected.is_empty()).then(|| self.place.host.0.clone());
                let mut changes = self.tls.changes();
                changes.extend(self.redirected.iter().map(|at| (*at, None)));
                changes.sort_by_key(|(at, _)| *at);
                self.read_only = Some(ReadOnly::Filter { option, server, cluster, tls, changes });
            }
            Ok(_) => {}
            Err(why) => action.instead = why.map(Into::into),
        }
        self.push(action);
    }

    /// The option that leads to a filter, the server, and TLS on the way there,
    /// where a filter can stand in between; else what stands in the way, if
    /// there is more to say than the rules do.
    fn way(&self) -> Result<(&'static str, Server, Option<Tls>), Option<String>> {
        let context = &self.call.context;
        let option = self.call.tool.session.and_then(|session| session.read_only).ok_or(None)?;
        let mut server = self.place.server().ok_or(None)?;
        if let Server::Socket(path) = &mut server {
            // The filter has a directory of its own.
            *path = context.whole(&*path).to_string_lossy().into_owned();
        }
        // Nothing need be looked for where nobody wants it read-only.
        let wanted = self.tls.is_wanted() && !context.invocation.writes;
        let tls = wanted.then(|| self.tls.spoken(context)).transpose()?;
        Ok((option, server, tls))
    }

    fn pipe(&mut self) {
        let text = match self.call.context.stdin(TEXT_LIMIT) {
            Input::Terminal => return self.opaque("what it sends will be typed"),
            Input::Opaque(why) => return self.opaque(&why),
            Input::Text(text) => text,
        };
        match redis::protocol(&text) {
            Some(commands) => {
                for words in commands {
                    self.command(&words, false);
                }
            }
            None => self.opaque("what it sends does not follow the protocol"),
        }
    }

    /// `--cluster SUBCOMMAND HOST:PORT …`, whose words begin at `from`: the
    /// first address that it names says which cluster (redis-cli 7.0.15).
    fn cluster(&mut self, words: &[OsString], from: usize) {
        let invocation = self.call.context.invocation;
        let command = words.first().map(|word| word.to_string_lossy());
        if let Some(word) = words.get(1) {
            let text = word.to_string_lossy();
            if invocation.is_dynamic(from + 1) {
                self.place.gap = Some("the cluster's address is computed at run time".to_owned());
            } else if let Some((host, port)) = text.rsplit_once(':') {
                self.place.host = (host.to_owned(), "--cluster".into());
                self.place.port = Some((port.to_owned(), "--cluster".into()));
            } else {
                self.place.host = (text.into_owned(), "--cluster".into());
            }
        }
        if command.as_deref() == Some("call") {
            let rest = words.get(2..).unwrap_or_default();
            let computed = (from + 2..from + words.len()).any(|at| invocation.is_dynamic(at));
            let words: Vec<Vec<u8>> = rest.iter().map(|word| word.as_bytes().to_vec()).collect();
            let known = words.first().is_some_and(|word| !word.starts_with(b"-"));
            if known && !invocation.is_dynamic(from + 2) {
                return self.command(&words, computed);
            }
        }
        let action = match command.as_deref() {
            Some("info" | "check" | "help" | "backup") => Action::new(Effect::Read, "--cluster"),
            Some("create" | "add-node" | "set-timeout" | "import") => Action {
                summary: "Changes the cluster.".to_owned(),
                ..Action::new(Effect::Write, "--cluster")
            },
            Some("fix" | "reshard" | "rebalance") => Action {
                summary: "Moves slots between the nodes of the cluster.".to_owned(),
                ..Action::new(Effect::Disrupt, "--cluster")
            },
            Some("del-node") => Action {
                summary: "Takes a node out of the cluster and resets it.".to_owned(),
                ..Action::new(Effect::Destroy, "--cluster del-node")
            },
            // `call` runs a command on every node.
            _ => Action::opaque("--cluster", "it runs on every node of the cluster"),
        };
        self.push(action);
    }
}

/// A word of `--quoted-input`.
fn decoded(word: &[u8]) -> Vec<u8> {
    match redis::words(word) {
        Some(words) if words.len() == 1 => words.into_iter().next().unwrap_or_default(),
        _ => word.to_vec(),
    }
}

#[cfg(test)]
mod tests;
