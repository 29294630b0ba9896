//! The shell's own commands that change what later commands see, or run text.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::expand::Field;
use super::line::Lines;
use super::state::{Template, is_computed, unknown};
use crate::invocation::Stdin;
use crate::invocation::{Context, Input};
use crate::parse::shell::{Part, Word};

/// Programs whose output is meant for `eval` or `source` and only sets up a
/// shell, with the word that must follow, if one must.
const SET_UP: &[(&str, &str)] = &[
    ("ssh-agent", ""),
    ("gpg-agent", ""),
    ("keychain", ""),
    ("direnv", "export"),
    ("direnv", "hook"),
    ("mise", "activate"),
    ("mise", "env"),
    ("mise", "hook-env"),
    ("asdf", ""),
    ("pyenv", "init"),
    ("rbenv", "init"),
    ("nodenv", "init"),
    ("goenv", "init"),
    ("fnm", "env"),
    ("opam", "env"),
    ("brew", "shellenv"),
    ("/opt/homebrew/bin/brew", "shellenv"),
    ("/home/linuxbrew/.linuxbrew/bin/brew", "shellenv"),
    ("dircolors", ""),
    ("minikube", "docker-env"),
    ("minikube", "podman-env"),
    ("lesspipe", ""),
    ("starship", "init"),
    ("zoxide", "init"),
    ("atuin", "init"),
    ("fzf", "--bash"),
    ("kubectl", "completion"),
    ("helm", "completion"),
    ("gh", "completion"),
    ("register-python-argcomplete", ""),
    ("holdpoint", "activate"),
];

/// The longest path of a directory that is followed, in bytes: Linux's own
/// bound for one that a program names.
const MAX_PATH: usize = 4_096;

impl Lines<'_> {
    /// Runs a builtin; false if `name` is none that matters here.
    pub(super) fn builtin(&mut self, name: &str, fields: &[Field], words: &[Word]) -> bool {
        let arguments = fields.get(1..).unwrap_or_default();
        match name {
            "cd" | "pushd" => self.change_directory(arguments),
            "popd" => self.state.lose_cwd(),
            "export" | "declare" | "typeset" | "local" | "readonly" => self.declare(name, words),
            "unset" => {
                for field in arguments.iter().filter(|field| !field.text.starts_with(b"-")) {
                    let name = String::from_utf8_lossy(&field.text).into_owned();
                    let functions = arguments.first().is_some_and(|first| first.text == b"-f");
                    if functions || self.state.functions.contains_key(&*name) {
                        self.state.functions.remove(&*name);
                    }
                    if !functions {
                        self.set(&name, None);
                        if let Some(variable) = self.state.change(&name) {
                            variable.exported = true;
                        }
                    }
                }
            }
            "set" => self.set_options(arguments),
            "shopt" | "setopt" | "unsetopt" => {
                let odd = |field: &Field| {
                    let name = field.text.as_slice();
                    name != b"extglob" && name.windows(4).any(|part| part == b"glob")
                };
                self.state.odd_patterns |=
                    arguments.iter().any(|field| odd(field) || is_computed(&field.text));
            }
            "shift" => {
                let count = match arguments.first() {
                    None => Some(1),
                    Some(field) => String::from_utf8_lossy(&field.text).parse().ok(),
                };
                self.state.positional = match (self.state.positional.take(), count) {
                    (Some(words), Some(count)) => words.shifted(count),
                    _ => None,
                };
            }
            "read" | "mapfile" | "readarray" | "getopts" => {
                for field in arguments {
                    self.state.forget(&String::from_utf8_lossy(&field.text));
                }
                if name != "getopts" {
                    let left = "what an earlier command leaves of it";
                    self.state.stdin = Stdin::Opaque(left.to_owned());
                }
            }
            "let" => {
                for field in arguments {
                    let text = String::from_utf8_lossy(&field.text).into_owned();
                    for name in text.split(|c: char| !(c == '_' || c.is_ascii_alphanumeric())) {
                        self.state.forget(name);
                    }
                }
            }
            "((" => {
                let text: String = words.iter().map(|word| word.raw.as_str()).collect();
                for name in text.split(|c: char| !(c == '_' || c.is_ascii_alphanumeric())) {
                    if self.state.vars.contains_key(name) {
                        self.state.forget(name);
                    }
                }
            }
            "printf" if arguments.first().is_some_and(|first| first.text == b"-v") => {
                if let Some(field) = arguments.get(1) {
                    self.state.forget(&String::from_utf8_lossy(&field.text));
                }
            }
            "eval" => self.evaluate(arguments, words),
            "source" | "." => self.source(arguments, words),
            "alias" => {
                for field in arguments {
                    let at = field.text.iter().position(|byte| *byte == b'=');
                    let Some((name, value)) = at.and_then(|at| field.text.split_at_checked(at))
                    else {
                        continue;
                    };
                    let name = String::from_utf8_lossy(name).into_owned();
                    let value = value.get(1..).unwrap_or_default();
                    self.state.aliases.push((name.into(), value.into()));
                }
            }
            "unalias" => {
                for field in arguments {
                    self.state.aliases.remove(&*String::from_utf8_lossy(&field.text));
                }
            }
            "trap" => self.trap(arguments),
            "exec" if arguments.is_empty() => {}
            _ => return false,
        }
        true
    }

    fn change_directory(&mut self, arguments: &[Field]) {
        let place = arguments.iter().find(|field| {
            !field.text.starts_with(b"-") || field.text == b"-" || is_computed(&field.text)
        });
        let dir = match place {
            None => self.value("HOME"),
            Some(field) if field.text == b"-" => None,
            Some(field) => Some(field.text.clone()),
        };
        let dir = dir.filter(|dir| !is_computed(dir) && !dir.is_empty());
        let dir = dir.map(|dir| PathBuf::from(OsString::from_vec(dir)));
        let place = dir.and_then(|dir| Some(self.cwd()?.join(dir)));
        match place.filter(|place| place.as_os_str().len() <= MAX_PATH) {
            Some(place) => self.state.cwd = Some(place),
            None => self.state.lose_cwd(),
        }
    }

    fn declare(&mut self, builtin: &str, words: &[Word]) {
        let mut exports = builtin == "export";
        let mut unexports = false;
        let mut functions = false;
        let mut converts = false;
        let mut pieces = Vec::new();
        for word in words.iter().skip_while(|word| word.raw != builtin).skip(1) {
            match word.assignment() {
                Some(assignment) => pieces.push((Some(assignment), Template::new())),
                // `export $(cat .env | xargs)`: as many words as it splits into.
                None => {
                    let fields = self.fields(std::slice::from_ref(word));
                    pieces.extend(fields.into_iter().map(|field| (None, field.text)));
                }
            }
        }
        for (assignment, text) in pieces {
            if text == unknown() {
                self.forget_databases(builtin == "export");
                continue;
            }
            if let Some(options) = text.strip_prefix(b"-") {
                exports |= options.contains(&b'x');
                unexports |= builtin == "export" && options.contains(&b'n');
                functions |= options.contains(&b'f');
                converts |= options.iter().any(|option| b"inulc".contains(option));
                continue;
            }
            if functions {
                continue;
            }
            // A computed word may hold assignments of its own.
            let (name, value) = match &assignment {
                Some(assignment) => (assignment.name.clone(), None),
                None => match text.iter().position(|byte| *byte == b'=') {
                    Some(at) => {
                        let (name, value) = text.split_at_checked(at).unwrap_or_default();
                        let value = value.get(1..).unwrap_or_default().to_vec();
                        (String::from_utf8_lossy(name).into_owned(), Some(value))
                    }
                    None => (String::from_utf8_lossy(&text).into_owned(), None),
                },
            };
            if builtin == "local" || (builtin != "export" && !self.locals.is_empty()) {
                let old = self.state.vars.get(&*name).cloned();
                if let Some(hidden) = self.locals.last_mut() {
                    hidden.push((name.clone(), old));
                }
            }
            match (&assignment, value) {
                (Some(assignment), _) => self.assign(assignment),
                (None, Some(value)) => self.set(&name, Some(value)),
                (None, None) => {
                    if !self.state.vars.contains_key(&*name) {
                        let value = self.value(&name);
                        self.set(&name, value);
                    }
                }
            }
            if converts {
                self.state.forget(&name);
            }
            if (exports || unexports)
                && let Some(variable) = self.state.change(&name)
            {
                variable.exported |= exports;
                variable.exported &= !unexports;
            }
        }
    }

    /// What a computed word may have set: any variable, and so those that say
    /// where a database is.
    fn forget_databases(&mut self, exports: bool) {
        for name in super::launcher::SECRETS {
            let outside = self.context.var(name).is_some();
            self.state.forget(name);
            if let Some(variable) = self.state.change(name) {
                variable.exported |= exports || outside;
            }
        }
    }

    fn set_options(&mut self, arguments: &[Field]) {
        let mut rest = arguments.iter();
        while let Some(field) = rest.next() {
            let text = field.text.as_slice();
            if text == b"--" {
                let words: Vec<Template> = rest.map(|field| field.text.clone()).collect();
                self.state.positional = Some(words.into());
                return;
            }
            let on = text.starts_with(b"-");
            if is_computed(text) || !(on || text.starts_with(b"+")) {
                let first = std::iter::once(field.text.clone());
                let words: Vec<Template> =
                    first.chain(rest.map(|field| field.text.clone())).collect();
                self.state.positional = Some(words.into());
                return;
            }
            if text.contains(&b'a') {
                self.state.exports_all = on;
            }
            if text.contains(&b'e') {
                self.state.stops = on;
            }
            if text.contains(&b'f') {
                self.state.no_patterns = on;
            }
            let named = text.ends_with(b"o").then(|| rest.next()).flatten();
            match named.map(|named| named.text.as_slice()) {
                Some(b"allexport") => self.state.exports_all = on,
                Some(b"errexit") => self.state.stops = on,
                Some(b"noglob") => self.state.no_patterns = on,
                _ => {}
            }
        }
    }

    /// Whether mise would set variables here.
    fn mise_sets(&mut self) -> bool {
        let invocation = self.surroundings();
        let context = Context { invocation: &invocation, ..self.context };
        let tool = crate::rules::table::find("mise");
        let wrappers = tool.into_iter().flat_map(|tool| tool.commands).filter_map(|it| it.wrapper);
        let mut files = wrappers.flat_map(|wrapper| wrapper.env_in);
        files.any(|file| super::launcher::sets_env(&context, file))
    }

    fn evaluate(&mut self, arguments: &[Field], words: &[Word]) {
        if words.iter().any(|word| sets_up(&word.parts)) && arguments.len() <= 1 {
            let says = |text: &str| words.iter().any(|word| word.raw.contains(text));
            if says("direnv export") || (says("mise ") && self.mise_sets()) {
                self.forget_databases(true);
            }
            return;
        }
        let arguments = match arguments {
            [dashes, rest @ ..] if dashes.text == b"--" => rest,
            all => all,
        };
        let texts: Vec<&[u8]> = arguments.iter().map(|field| field.text.as_slice()).collect();
        let text = texts.join(&b' ');
        if is_computed(&text) && text.trim_ascii() == crate::invocation::HOLE.as_bytes() {
            return self.opaque("eval", "the text that `eval` runs is computed at run time");
        }
        self.run_text(&String::from_utf8_lossy(&text));
    }

    fn source(&mut self, arguments: &[Field], words: &[Word]) {
        let Some(file) = arguments.first() else { return };
        if words.iter().any(|word| sets_up(&word.parts)) {
            return;
        }
        if let Some(Word { parts, .. }) = words.iter().find(|word| word.raw == file.raw)
            && let [Part::Process { list, output: false }] = parts.as_slice()
        {
            return match self.output(list) {
                Some(text) if !is_computed(&text) => {
                    self.run_text(&String::from_utf8_lossy(&text));
                }
                _ => self.opaque("source", "a program's output is sourced"),
            };
        }
        if is_computed(&file.text) {
            return self.opaque("source", "the name of a sourced file is computed at run time");
        }
        let path = PathBuf::from(OsString::from_vec(file.text.clone()));
        let probe = self.surroundings();
        let context = crate::invocation::Context { invocation: &probe, ..self.context };
        if STDIN.iter().any(|name| path.as_os_str() == *name) {
            return match context.stdin(super::MAX_SCRIPT) {
                Input::Terminal => {}
                Input::Text(text) => self.run_text(&String::from_utf8_lossy(&text)),
                Input::Opaque(why) => self.opaque("source", &format!("it runs {why}")),
            };
        }
        match context.read(&path, super::MAX_SCRIPT) {
            Ok(bytes) => {
                let outer = self.enter_file();
                self.run_text(&String::from_utf8_lossy(&bytes));
                self.leave_file(outer);
            }
            // The shell would find nothing to run either.
            Err(crate::world::ReadError::Missing) => {}
            Err(error) => {
                let name = crate::text::visible(&path.to_string_lossy(), 60);
                self.opaque("source", &format!("{name} ({error})"));
            }
        }
    }

    fn trap(&mut self, arguments: &[Field]) {
        let action = match arguments {
            [dashes, action, _, ..] if dashes.text == b"--" => action,
            [action, _, ..] if !action.text.starts_with(b"-") => action,
            _ => return,
        };
        if is_computed(&action.text) && action.text == crate::invocation::HOLE.as_bytes() {
            return self.opaque("trap", "the command of a trap is computed at run time");
        }
        self.traps.push(String::from_utf8_lossy(&action.text).into_owned());
    }
}

/// Names of standard input.
const STDIN: &[&str] = &["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Whether a word is the output of a program that only sets up a shell.
fn sets_up(parts: &[Part]) -> bool {
    use crate::parse::shell::{Body, Command};
    let ([Part::Command { list, .. }]
    | [Part::Text { .. }, Part::Command { list, .. }]
    | [Part::Process { list, output: false }]) = parts
    else {
        return false;
    };
    let [entry] = list.entries.as_slice() else { return false };
    let [(_, pipeline)] = entry.pipelines.as_slice() else { return false };
    let [Command { body: Body::Simple(simple), .. }] = pipeline.commands.as_slice() else {
        return false;
    };
    let mut words = simple.words.iter().filter_map(Word::bare);
    let (Some(program), argument) = (words.next(), words.next()) else { return false };
    SET_UP
        .iter()
        .any(|(name, must)| *name == program && (must.is_empty() || argument == Some(*must)))
}
