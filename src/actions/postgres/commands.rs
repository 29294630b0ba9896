//! psql's backslash commands: where they move the session, what they include
//! and what they hand to a shell.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::session::{Place, Session};
use super::{TEXT_LIMIT, copy};
use crate::action::{Effect, Flag, Flags};
use crate::actions::{By, Name};
use crate::invocation::Input;
use crate::parse::psql_script::{Arg, Command, Scanner};
use crate::parse::sql::{Statement, lex};
use crate::target::postgres::{self, Reconnect};

/// How many files one session may include.
const MAX_FILES: usize = 1_000;
/// Bytes of included files that one session may read.
const MAX_INCLUDED: usize = 256 << 20;
/// Connections that a statement may have, where `\if` leaves it open.
const MAX_PLACES: usize = 8;
/// How often one session may connect anew; what follows counts as unreadable.
const MAX_CONNECTS: usize = 1_000;

impl Session<'_> {
    /// What a backslash command that sends nothing does.
    pub(super) fn command(
        &mut self,
        command: &Command,
        dir: Option<&Path>,
        script: Option<&mut Scanner>,
    ) {
        self.run_args(command);
        let first = command.args.list.first();
        let text = |arg: Option<&Arg>| arg.and_then(|arg| arg.text.clone());
        match command.name.as_str() {
            "if" | "elif" | "else" | "endif" => self.branch(command),
            "c" | "connect" => self.connect(&command.args.list),
            "i" | "include" | "ir" | "include_relative" => {
                let relative = command.name.starts_with("ir") || command.name.ends_with("relative");
                self.include(first, dir.filter(|_| relative));
            }
            name if name.eq_ignore_ascii_case("copy") => {
                self.copy(command.args.line.as_deref().unwrap_or_default(), script)
            }
            "!" => self.shell(command.args.line.as_deref(), false),
            "o" | "out" | "w" | "write" | "s" => self.writes(command),
            "lo_export" => self.writes_file(text(command.args.list.get(1))),
            "set" => self.set(&command.args.list),
            "unset" => match text(first) {
                Some(name) if self.branches == 0 => self.variables.unset(name),
                Some(name) => self.variables.set(name, None),
                None => self.variables.forget(b""),
            },
            "getenv" => self.getenv(&command.args.list),
            "prompt" => match text(command.args.list.last()) {
                Some(name) => self.variables.set(name, None),
                None => self.variables.forget(b""),
            },
            "setenv" => self.setenv(&command.args.list),
            "cd" => {
                let dir = text(first).map(|dir| PathBuf::from(OsString::from_vec(dir)));
                let dir = dir.or_else(|| self.context().home());
                self.invocation.cwd = dir.map(|dir| self.context().resolve(dir));
            }
            "e" | "edit" | "ef" | "ev" => {
                self.opaque("it is written in an editor".to_owned());
            }
            "encoding" => {
                self.encoding(&text(first).unwrap_or_default());
            }
            "password" => self.push(Statement {
                flags: Flags::of(&[Flag::Permission]),
                summary: "Sets a role's password.".to_owned(),
                ..Statement::new(Effect::Write, "\\password")
            }),
            "lo_import" | "lo_unlink" => self.push(Statement {
                summary: "Creates or deletes one large object.".to_owned(),
                ..Statement::new(Effect::Write, format!("\\{}", command.name))
            }),
            name if is_harmless(name) => {}
            name => {
                let name: String = name.chars().take(40).collect();
                self.opaque(format!("the backslash command \\{name} is not known"));
            }
        }
    }

    /// The texts that follow are in this encoding.
    pub(super) fn encoding(&mut self, name: &[u8]) {
        let name = String::from_utf8_lossy(name).to_ascii_uppercase();
        if lex::BACKSLASH_HIDERS.iter().any(|hider| name.starts_with(hider)) {
            self.opaque("the encoding of what follows can hide a backslash".to_owned());
        }
    }

    /// Both sides of every `\if` count.
    fn branch(&mut self, command: &Command) {
        self.split |= command.pending;
        self.push(Statement::barrier());
        match command.name.as_str() {
            "if" => self.branches += 1,
            "endif" => self.branches = self.branches.saturating_sub(1),
            _ => {}
        }
    }

    fn connect(&mut self, args: &[Arg]) {
        self.push(Statement::barrier());
        self.connects += 1;
        if self.connects > MAX_CONNECTS {
            return self.opaque("it connects too often".to_owned());
        }
        let mut words = Reconnect::default();
        let mut args = args.iter().peekable();
        let mut gap = false;
        let first = args.peek().and_then(|arg| arg.text.as_deref());
        if let Some(value) = first.and_then(|first| first.strip_prefix(b"-reuse-previous=")) {
            let on: [&[u8]; 6] = [b"on", b"true", b"yes", b"1", b"t", b"y"];
            words.reuse = Some(on.iter().any(|on| value.eq_ignore_ascii_case(on)));
            args.next();
        }
        for (slot, arg) in [&mut words.dbname, &mut words.user, &mut words.host, &mut words.port]
            .into_iter()
            .zip(args)
        {
            gap |= arg.text.is_none();
            let name = arg.text.as_deref().map(unquoted).unwrap_or_default();
            if !name.is_empty() && name != "-" {
                *slot = Some(name);
            }
        }
        let context = self.context();
        let mut next: Vec<Place> = Vec::new();
        for place in self.places.iter() {
            let mut found = postgres::reconnect(&context, &self.resolved(place), &words);
            if gap {
                found.gap = Some("where \\connect goes is computed at run time".to_owned());
            }
            next.push(Some(Rc::new(found)));
        }
        if self.branches > 0 {
            next.extend(self.places.iter().cloned());
        }
        next.dedup();
        if next.len() > MAX_PLACES {
            next.truncate(MAX_PLACES);
            self.opaque("it may connect to too many places".to_owned());
        }
        self.places = Rc::new(next);
    }

    fn include(&mut self, arg: Option<&Arg>, dir: Option<&Path>) {
        let span = arg.and_then(|arg| arg.span.clone());
        self.files += 1;
        let name = arg.and_then(Arg::without_semicolons).filter(|_| self.files <= MAX_FILES);
        let Some(name) = name else {
            self.sites.stays |= dir.is_some();
            return self.opaque("which file it includes is computed at run time".to_owned());
        };
        if name == b"-" || name == b"/dev/stdin" {
            return match self.call.context.stdin(TEXT_LIMIT) {
                Input::Text(text) => self.script_from_stdin(text),
                Input::Terminal => self.interactive(),
                Input::Opaque(why) => self.opaque(why),
            };
        }
        let name = PathBuf::from(OsString::from_vec(name));
        let home = self.context().home();
        let moves = dir.is_some() && name.is_relative();
        let path = match (name.strip_prefix("~"), home, dir) {
            (Ok(rest), Some(home), _) => home.join(rest),
            (_, _, Some(dir)) => dir.join(&name),
            _ => name,
        };
        let by = match self.context().read(&path, TEXT_LIMIT) {
            Ok(bytes) if self.included + bytes.len() > MAX_INCLUDED => {
                self.opaque("it includes too much".to_owned());
                None
            }
            Ok(bytes) => {
                self.included += bytes.len();
                // What has run may have written the file anew.
                let stale = self.has_run;
                let pinned = self.script(bytes.into(), path.parent().map(Path::to_path_buf));
                pinned.filter(|_| !stale).map(By::Copy)
            }
            Err(error) => {
                self.opaque(format!("the file {} cannot be read: {error}", path.display()));
                None
            }
        };
        let by = by.or_else(|| {
            // A copy of this text has another directory.
            let path = self.context().cwd()?.join(self.context().resolve(&path));
            moves.then(|| By::Text(quoted(path.as_os_str().as_bytes())))
        });
        match (span, by) {
            (Some(span), Some(by)) => self.sites.names.push(Name { span, by }),
            (None, Some(_)) => {
                self.sites.stays |= moves;
                self.opaque("the value of a variable includes a file".to_owned());
            }
            (_, None) => self.sites.stays |= moves,
        }
    }

    /// A command whose argument is a file that it writes, or a shell command
    /// that reads what it writes.
    pub(super) fn writes(&mut self, command: &Command) {
        match &command.args.line {
            Some(line) => self.shell(Some(line), true),
            None => {
                let name = command.args.list.first().map(Arg::without_semicolons);
                if let Some(name) = name {
                    self.writes_file(name);
                }
            }
        }
    }

    /// What is included from a file that is written on the way is not what is
    /// in it now.
    fn writes_file(&mut self, name: Option<Vec<u8>>) {
        let place = name.filter(|_| self.invocation.written.len() < MAX_FILES);
        let path = place.and_then(|name| {
            let path = PathBuf::from(OsString::from_vec(name));
            Some(self.context().cwd()?.join(self.context().resolve(path)))
        });
        match path {
            Some(path) if self.invocation.written.contains_key(&path) => {}
            Some(path) => self.invocation.written.push((path, None)),
            None => self.has_run = true,
        }
    }

    fn copy(&mut self, line: &[u8], script: Option<&mut Scanner>) {
        let Some(copy) = copy::parse(line) else {
            return self.opaque("its \\copy cannot be read".to_owned());
        };
        for statement in self.sql.read(&copy.sql) {
            self.push(statement);
        }
        if let Some(program) = &copy.program {
            self.shell(Some(program), true);
        } else if let Some(file) = copy.writes {
            self.writes_file(Some(file));
        }
        if let Some(script) = script.filter(|_| copy.inline) {
            script.take_data();
        }
    }

    fn set(&mut self, args: &[Arg]) {
        let Some((name, values)) = args.split_first() else { return };
        let Some(name) = name.text.clone() else { return self.variables.forget(b"") };
        let value: Option<Vec<u8>> = values
            .iter()
            .map(|arg| arg.text.clone())
            .collect::<Option<Vec<Vec<u8>>>>()
            .map(|parts| parts.concat())
            .filter(|_| self.branches == 0);
        if name == b"SINGLELINE" && value.as_deref().is_none_or(|value| value != b"off") {
            self.opaque("it is sent a line at a time from here on".to_owned());
        }
        self.variables.set(name, value);
    }

    fn getenv(&mut self, args: &[Arg]) {
        let [Arg { text: Some(name), .. }, Arg { text, .. }, ..] = args else {
            return self.variables.forget(b"");
        };
        let name = name.clone();
        let variable = text.as_deref().map(String::from_utf8_lossy);
        let value = variable.and_then(|variable| self.context().var(&variable));
        match value.filter(|_| self.branches == 0) {
            Some(value) => self.variables.set(name, Some(value.as_bytes().to_vec())),
            None => self.variables.set(name, None),
        }
    }

    fn setenv(&mut self, args: &[Arg]) {
        let known: Option<Vec<Vec<u8>>> = args.iter().map(|arg| arg.text.clone()).collect();
        match known.as_deref() {
            Some([name, rest @ ..]) if self.branches == 0 => {
                let value = rest.first().map(|value| OsString::from_vec(value.clone()));
                let name = OsString::from_vec(name.clone());
                self.invocation.env.push((name, value));
            }
            Some([]) => {}
            _ => self.opaque("the environment that it sets is not known".to_owned()),
        }
    }
}

/// A word of `\connect` without its double quotes.
fn unquoted(word: &[u8]) -> String {
    let text = String::from_utf8_lossy(word);
    match text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => text.replace('"', ""),
    }
}

/// A file's name as an argument that stands for it.
fn quoted(name: &[u8]) -> Vec<u8> {
    let doubled = name.iter().flat_map(|byte| {
        std::iter::repeat_n(*byte, if matches!(byte, b'\'' | b'\\') { 2 } else { 1 })
    });
    [b'\''].into_iter().chain(doubled).chain([b'\'']).collect()
}

/// Backslash commands that neither run nor redirect anything, of psql 15 to 18
/// (its command.c).
fn is_harmless(name: &str) -> bool {
    #[rustfmt::skip]
    const NAMES: &[&str] = &[
        "", ".", "?", "C", "H", "T", "a", "bind", "bind_named", "close", "close_prepared", "conninfo",
        "copyright", "echo", "errverbose", "f", "getresults", "h", "help", "html", "lo_list",
        "lo_list+", "p", "print", "pset", "q", "qecho", "quit", "r", "reset", "restrict", "sf",
        "sf+", "sv", "sv+", "t", "timing", "unrestrict", "warn", "x", "z",
    ];
    let letters = name.trim_end_matches(['+', 'S', 'x']);
    NAMES.contains(&name) || name.starts_with('d') || matches!(letters, "l" | "list" | "z")
}
