//! Reads curl: argv, `~/.curlrc` and `-K` files → the requests that curl would
//! send → [`super::http_api`], which knows what they do. curl's own order counts:
//! all words first, then the transfers, each `--next` with a set of options of
//! its own. A plain GET ends early: nothing is expanded, parsed or built.

mod body;
mod config;
mod globs;
mod rc;
mod schemes;
mod scope;
mod sources;
mod transfers;
mod variables;
mod words;

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use super::{Call, Reading};
use crate::action::Action;
use crate::parse::http::Request;
use crate::rules::{Arity, Opt};
use crate::target::Target;
use scope::Scope;
use sources::{Config, From, Site, Text};
use variables::Variables;
use words::{Arg, Origin};

/// The most that is read of a body, a config file or a variable's file.
const LIMIT: usize = 1 << 20;
/// How deep config files may name each other.
const DEPTH: usize = 8;
/// The most sets of options and the most URLs of one set that are followed.
const MOST: usize = 100;

/// Reads a call of curl.
pub fn read(call: &Call<'_>) -> Reading {
    let first = Run::of(call, false);
    if !first.met_unknown {
        return first.reading();
    }
    // curl of another version may know the word, as a flag or with a value:
    // it does the worse of both.
    let mut reading = first.reading();
    let second = Run::of(call, true).reading();
    for action in second.actions {
        if !reading.actions.contains(&action) {
            reading.actions.push(action);
        }
    }
    reading
}

/// Every request that a call of curl sends, in order, those that only look
/// included.
pub fn requests(call: &Call<'_>) -> Vec<Request> {
    let mut run = Run::of(call, false);
    run.sent = Some(Vec::new());
    run.transfers(&mut Reading::default());
    run.sent.unwrap_or_default()
}

/// One walk through everything that tells curl what to do.
struct Run<'a> {
    call: &'a Call<'a>,
    /// The set of options that is being filled, and those before it.
    scope: Scope<'a>,
    done: Vec<Scope<'a>>,
    variables: Variables,
    /// The config files, and what is to be put into them and into argv.
    configs: Vec<Config>,
    names: Vec<Site>,
    /// Whether what a body or query says was looked at.
    judged_body: bool,
    /// What could not be read and may hold any option.
    unread: Option<String>,
    /// Whether an option stood there that is not in the rules.
    met_unknown: bool,
    /// Whether such an option is taken to have a value.
    unknown_takes_value: bool,
    /// Whether it only prints something and sends nothing (`--version`).
    only_prints: bool,
    depth: usize,
    /// The requests, where somebody wants them.
    sent: Option<Vec<Request>>,
}

impl<'a> Run<'a> {
    fn of(call: &'a Call<'a>, unknown_takes_value: bool) -> Run<'a> {
        let mut run = Run {
            call,
            scope: Scope::default(),
            done: Vec::new(),
            variables: Variables::default(),
            configs: Vec::new(),
            names: Vec::new(),
            judged_body: false,
            unread: None,
            met_unknown: false,
            unknown_takes_value,
            only_prints: false,
            depth: 0,
            sent: None,
        };
        let argv = &call.context.invocation.argv;
        let first = argv.get(1).map(|word| word.as_bytes()).unwrap_or_default();
        if !first.starts_with(b"-q") && first != b"--disable" {
            run.rc();
        }
        if argv.len() == 1 && run.done.is_empty() && run.scope.nodes.is_empty() {
            // curl has nothing to do, and says so in other words to those who
            // name a config file.
            run.configs.clear();
        }
        run.argv();
        run
    }

    fn rc(&mut self) {
        match rc::read(self.call.context, LIMIT) {
            None => {}
            Some((_, Ok(text))) => self.config_text(text.into(), From::Start),
            Some((path, Err(error))) => {
                self.unread = Some(format!("{} cannot be read: {error}", path.display()));
            }
        }
    }

    fn argv(&mut self) {
        let invocation = self.call.context.invocation;
        let arg = |index: usize| {
            let word = invocation.argv.get(index)?;
            let dynamic = !invocation.dynamic.is_empty() && invocation.is_dynamic(index);
            Some(Arg {
                text: Cow::Borrowed(word.as_bytes()),
                origin: Origin::Word(index),
                offset: 0,
                dynamic,
            })
        };
        let mut at = 1;
        let mut flags = true;
        while let Some(word) = arg(at) {
            at += 1;
            if !flags || word.text.first() != Some(&b'-') {
                self.scope.add_url(word);
            } else if *word.text == *b"--" {
                flags = false;
            } else if self.option(&word, arg(at)) {
                at += 1;
            }
            if self.only_prints {
                return;
            }
        }
    }

    /// Applies one option word, with or (in a config file) without dashes.
    /// Says whether `next` was taken as its value.
    fn option(&mut self, word: &Arg<'a>, next: Option<Arg<'a>>) -> bool {
        let long_name = match &*word.text {
            [b'-', b'-', ..] => Some(word.behind(2)),
            [b'-', ..] => None,
            _ => Some(word.clone()),
        };
        match long_name {
            Some(name) => self.long(&name, next),
            None => self.cluster(word, next),
        }
    }

    fn long(&mut self, name: &Arg<'a>, next: Option<Arg<'a>>) -> bool {
        let Some(found) = words::long(self.call.tool, &name.text) else {
            self.met_unknown = true;
            return self.unknown_takes_value;
        };
        if found.option.arity == Arity::Flag {
            self.flag(found.option, found.on, found.exact);
            return false;
        }
        let Some(value) = next else { return false };
        let value = if found.expand { self.filled(value) } else { value };
        self.value(found.option, value);
        true
    }

    /// `-sXDELETE`: flags up to the first letter that takes a value.
    fn cluster(&mut self, word: &Arg<'a>, next: Option<Arg<'a>>) -> bool {
        for (place, letter) in word.text.iter().enumerate().skip(1) {
            let option = words::short(self.call.tool, *letter);
            self.met_unknown |= option.is_none();
            let takes_value = match option {
                Some(option) => option.arity != Arity::Flag,
                None => self.unknown_takes_value,
            };
            if !takes_value {
                if let Some(option) = option {
                    self.flag(option, true, true);
                }
                continue;
            }
            let attached = place + 1 < word.text.len();
            let value = if attached { Some(word.behind(place + 1)) } else { next };
            let taken = !attached && value.is_some();
            if let (Some(option), Some(value)) = (option, value) {
                self.value(option, value);
            }
            return taken;
        }
        false
    }

    fn flag(&mut self, option: &'static Opt, on: bool, exact: bool) {
        match words::name(option) {
            "--next" => self.next_scope(),
            // A prefix of these may be another option to another version.
            "--help" | "--manual" | "--version" | "--dump-ca-embed" => {
                self.only_prints |= on && exact && self.depth == 0;
            }
            name => self.scope.flag(name, on),
        }
    }

    /// Begins a new set of options. 7.88.1 passes over a `--next` without a
    /// URL before it, which newer versions reject.
    fn next_scope(&mut self) {
        if self.scope.nodes.first().is_none_or(|node| node.url.is_none()) {
            return;
        }
        if self.done.len() < MOST {
            self.done.push(std::mem::take(&mut self.scope));
        } else {
            self.unread = Some("it has too many --next".to_owned());
        }
    }

    fn value(&mut self, option: &'static Opt, value: Arg<'a>) {
        match words::name(option) {
            "--config" => self.config(&value),
            "--variable" => self.variable(&value),
            "--url" => self.url(value),
            "--header" => self.header(&value),
            "--data" | "--data-ascii" => self.data(&value, body::Style::Plain),
            "--data-binary" => self.data(&value, body::Style::Binary),
            "--data-raw" => self.data(&value, body::Style::Raw),
            "--data-urlencode" => self.data(&value, body::Style::Encoded),
            "--json" => {
                self.scope.json = true;
                self.data(&value, body::Style::Json);
            }
            "--url-query" => self.url_query(&value),
            "--form" => self.form(&value, false),
            "--form-string" => self.form(&value, true),
            name => self.scope.value(name, value),
        }
    }

    /// A value with variables filled in.
    fn filled(&mut self, value: Arg<'a>) -> Arg<'a> {
        match self.variables.expand(&value.text) {
            Ok(Cow::Borrowed(_)) => value,
            Ok(Cow::Owned(text)) => Arg { dynamic: value.dynamic, ..Arg::loose(text) },
            Err(_) => Arg { dynamic: true, ..Arg::loose(value.text.into_owned()) },
        }
    }

    fn variable(&mut self, value: &Arg<'a>) {
        let Some((name, source)) = variables::parse(&value.text) else { return };
        let content = if value.dynamic {
            Err("it is computed at run time".to_owned())
        } else {
            let at = value.text.iter().position(|byte| *byte == b'@').unwrap_or_default();
            self.content(source, &value.behind(at + 1))
        };
        self.variables.set(name, content);
    }

    /// `--url`, which since 8.13 takes a file of URLs as well.
    fn url(&mut self, value: Arg<'a>) {
        if value.text.first() != Some(&b'@') {
            return self.scope.add_url(value);
        }
        match self.text(&value.behind(1)) {
            Text::Opaque(why) => self.unread = Some(why),
            Text::Known(text) => {
                for line in text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
                    if !line.is_empty() && !line.starts_with(b"#") {
                        self.scope.add_url(Arg::loose(line.to_vec()));
                    }
                }
            }
        }
    }

    fn header(&mut self, value: &Arg<'a>) {
        if value.text.first() != Some(&b'@') {
            return self.scope.add_header(value);
        }
        match self.text(&value.behind(1)) {
            Text::Opaque(why) => self.scope.headers_unread = Some(why),
            Text::Known(text) => {
                for line in text.split(|byte| matches!(byte, b'\r' | b'\n')) {
                    self.scope.add_header(&Arg::loose(line.to_vec()));
                }
            }
        }
    }

    fn config(&mut self, name: &Arg<'a>) {
        if self.configs.len() >= MOST {
            self.unread = Some("it has too many config files".to_owned());
            return;
        }
        if self.depth >= DEPTH {
            self.unread = Some("its config files name each other too deeply".to_owned());
            return;
        }
        match self.look(name) {
            (Text::Opaque(why), _) => self.unread = Some(why),
            (Text::Known(text), false) => self.config_text(text, From::Stdin),
            (Text::Known(text), true) => {
                self.config_text(text, From::Name(name.origin, name.span()));
            }
        }
    }

    fn config_text(&mut self, text: Arc<[u8]>, from: From) {
        self.depth += 1;
        let config = self.configs.len();
        self.configs.push(Config { text: text.clone(), from });
        for line in config::lines(&text) {
            let origin = Origin::Line { config, start: line.start };
            let value = line.value.map(|value| Arg { origin, ..Arg::loose(value) });
            self.option(&Arg::loose(line.option), value);
        }
        self.depth -= 1;
    }

    /// Everything that was found, as actions.
    fn reading(mut self) -> Reading {
        let mut reading = Reading::default();
        self.unread(&mut reading);
        self.transfers(&mut reading);
        self.unread(&mut reading);
        if !self.only_prints {
            let judged = self.judged_body || !reading.actions.is_empty();
            reading.handed = self.handed(judged);
        }
        reading
    }

    /// What could not be read so far, as an action.
    fn unread(&mut self, reading: &mut Reading) {
        let Some(why) = self.unread.take().filter(|_| !self.only_prints) else { return };
        let mut action = Action::opaque("curl", why);
        action.rule = Cow::Borrowed("curl/unread");
        action.target = Target {
            gap: Some("the URL may stand in what could not be read".to_owned()),
            ..Target::of("http")
        };
        reading.actions.push(action);
    }

    fn transfers(&mut self, reading: &mut Reading) {
        let mut scopes = std::mem::take(&mut self.done);
        scopes.push(std::mem::take(&mut self.scope));
        if self.only_prints {
            return;
        }
        for scope in scopes {
            transfers::read(self, scope, reading);
        }
    }
}

#[cfg(test)]
mod tests;
