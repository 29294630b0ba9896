//! Wrappers whose rule file says where the inner command stands: the words
//! are split by the wrapper's own grammar, and the rest is the command, in
//! the surroundings that the wrapper gives it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use super::line::shell_action;
use super::state::{is_computed, unknown};
use super::{appended, away, launcher, mention, split};
use crate::actions::{Call, Reading};
use crate::invocation::{COMPUTED, Context, Invocation};
use crate::parse::argv::{self, Parsed, Word};
use crate::rules::{self, Arity, Inner, Wrapper};

/// Reads a call of a tool that is a wrapper, or whose command is one.
pub(super) fn read(call: &Call<'_>) -> Option<Reading> {
    let own = call.tool.wrapper;
    if own.is_none() && !call.tool.wraps {
        return None;
    }
    let posixly = call.context.var("POSIXLY_CORRECT").is_some();
    let parsed = argv::parse(call.tool, call.context.invocation, posixly);
    let wrapper = parsed.command.and_then(|command| command.wrapper).or(own)?;
    if wrapper.not_with.iter().any(|option| parsed.has(option)) {
        return Some(Reading::default());
    }
    Some(Unwrapping { call, parsed: &parsed, wrapper }.read())
}

struct Unwrapping<'a> {
    call: &'a Call<'a>,
    parsed: &'a Parsed<'a>,
    wrapper: Wrapper,
}

impl Unwrapping<'_> {
    fn read(&self) -> Reading {
        let context = self.call.context;
        let given = self.parsed.options.iter();
        let split = given
            .rev()
            .find(|given| self.wrapper.splits.iter().any(|option| given.option.is(option)));
        if let Some(value) = split.and_then(|given| given.value) {
            return self.split(value.text, value.dynamic);
        }
        if let Some(text) = self.wrapper.lines.iter().find_map(|name| self.parsed.value(name)) {
            return self.line(template(context.invocation, text.index, text.offset));
        }
        if let Some(file) = self.wrapper.scripts.iter().find_map(|name| self.parsed.value(name)) {
            let mut inner = self.surroundings();
            inner.argv = vec!["sh".into(), file.text.to_owned()];
            if file.dynamic {
                inner.dynamic = vec![1];
            }
            return Reading { inner: vec![inner], ..Reading::default() };
        }
        let shell = self.wrapper.shells.iter().any(|option| self.parsed.has(option));
        match self.wrapper.inner {
            Inner::Option(name) => match self.parsed.value(name) {
                Some(value) => {
                    let text = template(context.invocation, value.index, value.offset);
                    self.line(text)
                }
                // `flock FILE -c LINE`: no option to its getopt.
                None => match self.command_words() {
                    [option, line] if option.text == name => {
                        self.line(template(context.invocation, line.index, 0))
                    }
                    // `gcloud compute ssh VM -- -t LINE`: options of ssh's, and
                    // words that the shell over there gets as one line.
                    words if self.wrapper.place.is_some() && !words.is_empty() => {
                        let is_option = |word: &&Word<'_>| {
                            word.text.to_str().is_some_and(|text| text.starts_with('-'))
                        };
                        let words = words.iter().skip_while(is_option);
                        let texts: Vec<Vec<u8>> =
                            words.map(|word| template(context.invocation, word.index, 0)).collect();
                        match texts.is_empty() {
                            true => Reading::default(),
                            false => self.line(texts.join(&b' ')),
                        }
                    }
                    _ => self.words(shell || self.wrapper.starts_shell),
                },
            },
            Inner::Line
                if self.wrapper.words_with.iter().all(|option| !self.parsed.has(option)) =>
            {
                let words = self.command_words();
                if words.is_empty() {
                    // `ssh HOST`: the login shell reads the standard input.
                    let shell = self.wrapper.starts_shell && !self.is_forge();
                    return match shell && self.is_placed() {
                        true => self.shell(self.surroundings(), words),
                        false => Reading::default(),
                    };
                }
                if self.wrapper.direct && words.len() > 1 {
                    return self.words(false);
                }
                let texts: Vec<Vec<u8>> =
                    words.iter().map(|word| template(context.invocation, word.index, 0)).collect();
                self.line(texts.join(&b' '))
            }
            Inner::Rest if self.rest().is_none() => Reading::default(),
            Inner::Line | Inner::Words | Inner::Rest => self.words(shell),
        }
    }

    /// Whether the positionals in front of the command are there.
    fn is_placed(&self) -> bool {
        self.parsed.positionals.len() >= usize::from(self.wrapper.skip)
    }

    /// `ssh -T git@github.com`: the account under which a public forge serves
    /// repositories gives no shell.
    fn is_forge(&self) -> bool {
        const FORGES: &[&str] = &["bitbucket.org", "codeberg.org", "github.com", "gitlab.com"];
        let host = self.parsed.positionals.first().and_then(|word| word.text.to_str());
        let host = host.and_then(|host| host.strip_prefix("git@"));
        host.is_some_and(|host| FORGES.contains(&host))
    }

    /// How many positionals stand in front of `--`, or of an option that ends
    /// the options.
    fn rest(&self) -> Option<usize> {
        let ends = self.parsed.options.iter().find(|given| given.option.arity == Arity::Rest);
        let in_front = |given: &argv::Given<'_>| {
            self.parsed.positionals.iter().take_while(|word| word.index < given.index).count()
        };
        self.parsed.before_dashes.or_else(|| ends.map(in_front))
    }

    /// The positionals from the command on.
    fn command_words(&self) -> &[Word<'_>] {
        let from = match (self.wrapper.inner, self.rest()) {
            (Inner::Rest, Some(before)) => before,
            _ => usize::from(self.wrapper.skip),
        };
        self.parsed.positionals.get(from..).unwrap_or_default()
    }

    /// A shell line inside.
    fn line(&self, text: Vec<u8>) -> Reading {
        let mut inner = self.surroundings();
        inner.argv = vec!["sh".into(), "-c".into(), OsString::from_vec(text.clone())];
        if is_computed(&text) {
            inner.dynamic = vec![2];
            inner.templates = vec![(2, OsString::from_vec(text))];
        }
        Reading { inner: vec![inner], ..Reading::default() }
    }

    /// A command's words inside.
    fn words(&self, shell: bool) -> Reading {
        let mut surroundings = self.surroundings();
        let mut words = self.command_words();
        if words.is_empty() && !self.wrapper.entry.is_empty() {
            // `docker run IMAGE`: the image's own command, or a program that
            // an option names without words.
            return match away::entry(self.wrapper, self.parsed) {
                Some(argv) => Reading {
                    inner: vec![Invocation { argv, ..surroundings }],
                    ..Reading::default()
                },
                None => Reading::default(),
            };
        }
        let as_words = self.wrapper.words_with.iter().any(|option| self.parsed.has(option));
        if self.wrapper.starts_shell && !as_words {
            // `su - ana -c …`: the dash and the user are not the shell's.
            let dash = words.first().is_some_and(|word| word.text == "-");
            words = words.get(usize::from(dash) + 1..).unwrap_or_default();
            return self.shell(surroundings, words);
        }
        if self.wrapper.assignments {
            words = self.assignments(&mut surroundings, words);
        }
        if words.is_empty() {
            return match shell {
                true => self.shell(surroundings, words),
                false => Reading::default(),
            };
        }
        if self.parsed.unknown.is_empty() {
            return self.command(&surroundings, words, shell);
        }
        // An option that nobody knows may have a value: the command is then
        // one word further on, unless the word here is a tool's name.
        let mut reading = Reading::default();
        for at in 0..words.len().min(2) {
            let rest = words.get(at..).unwrap_or_default();
            reading.absorb(self.command(&surroundings, rest, shell));
            let tool = Invocation::new(rest.first().map(|word| word.text));
            if rules::find(tool.tool(), self.call.context.world)
                .is_some_and(|guard| guard.says_all())
            {
                break;
            }
        }
        reading
    }

    /// Takes NAME=VALUE words, and env's lone dash; gives the rest.
    fn assignments<'w>(&self, inner: &mut Invocation, words: &'w [Word<'w>]) -> &'w [Word<'w>] {
        let mut words = words;
        while let Some((word, rest)) = words.split_first() {
            let text = word.text.as_bytes();
            if text == b"-" && !self.wrapper.clears.is_empty() {
                inner.env_cleared = true;
                inner.env.clear();
                words = rest;
                continue;
            }
            let Some(at) = text.iter().position(|byte| *byte == b'=') else {
                // `env $(sed … .env) npm test`: variables that cannot be seen.
                let command = rest.first().filter(|next| !next.dynamic);
                let named = command.is_some_and(|next| !next.text.as_bytes().starts_with(b"-"));
                if word.dynamic && named && word.text.to_string_lossy().contains(".env") {
                    launcher::hide(inner);
                    words = rest;
                    continue;
                }
                break;
            };
            let (name, value) = text.split_at_checked(at).unwrap_or_default();
            let value = match word.dynamic {
                true => OsString::from(COMPUTED),
                false => OsStr::from_bytes(value.get(1..).unwrap_or_default()).to_owned(),
            };
            inner.env.push((OsStr::from_bytes(name).to_owned(), Some(value)));
            words = rest;
        }
        words
    }

    fn command(&self, surroundings: &Invocation, words: &[Word<'_>], shell: bool) -> Reading {
        let outer = self.call.context.invocation;
        let Some(first) = words.first() else { return Reading::default() };
        if first.dynamic {
            let base = first.text.as_bytes();
            let text = template(outer, first.index, 0);
            let named = base_name(&text);
            if named.is_none() {
                let spelled = crate::text::visible(&String::from_utf8_lossy(base), 60);
                let why = format!("the command `{spelled}` is computed at run time");
                return Reading::of(shell_action("computed command", &why));
            }
        }
        let mut inner = Invocation {
            argv: words.iter().map(|word| word.text.to_owned()).collect(),
            dynamic: Vec::new(),
            templates: Vec::new(),
            ..surroundings.clone()
        };
        let front = away::entry(self.wrapper, self.parsed).unwrap_or_default();
        for (at, word) in words.iter().enumerate() {
            let text = template(outer, word.index, 0);
            // A shell in between expands what is left of a dollar sign.
            let expands = shell && text.contains(&b'$');
            if at == 0 && word.dynamic {
                if let (Some(name), Some(slot)) = (base_name(&text), inner.argv.first_mut()) {
                    *slot = OsString::from_vec(name);
                }
            } else if word.dynamic || expands {
                inner.dynamic.push(at);
                inner
                    .templates
                    .push((at, OsString::from_vec(if expands { unknown() } else { text })));
            }
        }
        if !front.is_empty() {
            let count = front.len();
            inner.argv.splice(0..0, front);
            inner.dynamic.iter_mut().for_each(|at| *at += count);
            inner.templates.iter_mut().for_each(|(at, _)| *at += count);
        }
        // A copy's path in the outer words reaches the command as it stands.
        let stands = self.wrapper.keeps_open && !shell;
        let tail = first.index;
        let stands = stands && outer.argv.get(tail..).is_some_and(|rest| rest == inner.argv);
        let inner = appended::with_words(self.wrapper, self.parsed, inner, &outer.stdin);
        if !first.dynamic && inner.iter().any(|inner| inner.is_dynamic(0)) {
            let why = "the command that xargs runs is read from its standard input";
            return Reading::of(shell_action("computed command", why));
        }
        let tail = stands.then_some(tail);
        Reading { inner, tail, ..Reading::default() }
    }

    /// A shell with these words of its own.
    fn shell(&self, surroundings: Invocation, words: &[Word<'_>]) -> Reading {
        let outer = self.call.context.invocation;
        let mut inner = Invocation { argv: vec!["sh".into()], ..surroundings };
        for (at, word) in words.iter().enumerate() {
            inner.argv.push(word.text.to_owned());
            if word.dynamic {
                let text = template(outer, word.index, 0);
                inner.dynamic.push(at + 1);
                inner.templates.push((at + 1, OsString::from_vec(text)));
            }
        }
        Reading { inner: vec![inner], ..Reading::default() }
    }

    /// `env -S TEXT …`: env again, with the words of the text in front.
    fn split(&self, text: &OsStr, dynamic: bool) -> Reading {
        let words = match dynamic {
            true => None,
            false => split::split(text.as_bytes(), self.call.context),
        };
        let Some(words) = words else {
            return match dynamic {
                true => Reading::of(shell_action(
                    "env -S",
                    "the words of `env -S` are computed at run time",
                )),
                false => Reading::default(),
            };
        };
        let outer = self.call.context.invocation;
        let mut inner = self.surroundings();
        inner.argv = outer.argv.iter().take(1).cloned().collect();
        for word in words {
            if is_computed(&word) {
                inner.dynamic.push(inner.argv.len());
                inner.templates.push((inner.argv.len(), OsString::from_vec(word.clone())));
            }
            inner.argv.push(OsString::from_vec(word));
        }
        for word in self.command_words() {
            if word.dynamic {
                let text = template(outer, word.index, 0);
                inner.dynamic.push(inner.argv.len());
                inner.templates.push((inner.argv.len(), OsString::from_vec(text)));
            }
            inner.argv.push(word.text.to_owned());
        }
        Reading { inner: vec![inner], ..Reading::default() }
    }

    /// An invocation without words, in the surroundings that the wrapper
    /// gives its command.
    fn surroundings(&self) -> Invocation {
        let outer = self.call.context.invocation;
        let mut inner = Invocation {
            argv: Vec::new(),
            dynamic: Vec::new(),
            templates: Vec::new(),
            ..outer.clone()
        };
        let wrapper = &self.wrapper;
        let clears = wrapper.clears.iter().any(|option| self.parsed.has(option));
        let keeps = wrapper.keeps.iter().any(|option| self.parsed.has(option));
        if clears || (wrapper.other_user && !keeps) {
            inner.env_cleared = true;
            inner.env.clear();
        }
        if wrapper.other_user {
            inner.env.push(("HOME".into(), Some(COMPUTED.into())));
        }
        let sets = |file: &&str| launcher::sets_env(&self.call.context, file);
        if wrapper.hides_env || wrapper.env_in.iter().any(sets) {
            launcher::hide(&mut inner);
        }
        inner.env.extend(away::settings(self.call, self.parsed, *wrapper));
        if let Some(kind) = wrapper.place {
            let words = self.command_words().iter();
            let texts: Vec<Vec<u8>> = words.map(|word| template(outer, word.index, 0)).collect();
            let text = texts.join(&b' ');
            let text = String::from_utf8_lossy(&text);
            // `ssh HOST uptime` needs nobody to know where the host is.
            let front = away::entry(*wrapper, self.parsed).is_some();
            let matters = text.is_empty()
                || front
                || mention::names_a_program(&text, self.call.context.world);
            away::send(self.call, self.parsed, *wrapper, kind, &mut inner, matters);
        }
        for given in &self.parsed.options {
            let Some(value) = given.value else { continue };
            if wrapper.unsets.iter().any(|option| given.option.is(option)) {
                inner.env.push((value.text.to_owned(), None));
            }
            if wrapper.chdir.iter().any(|option| given.option.is(option)) {
                let dir = if value.dynamic { OsStr::new(COMPUTED) } else { value.text };
                let context = Context { invocation: &inner, ..self.call.context };
                inner.cwd =
                    Some(context.cwd().map_or_else(|| PathBuf::from(dir), |cwd| cwd.join(dir)));
            }
        }
        inner
    }
}

/// Word `index` from byte `offset` on, with holes for what is computed.
pub fn template(invocation: &Invocation, index: usize, offset: usize) -> Vec<u8> {
    let known = invocation.templates.iter().find(|(at, _)| *at == index);
    let text = match (known, invocation.is_dynamic(index)) {
        (Some((_, text)), _) => text.as_bytes().to_vec(),
        (None, true) => return unknown(),
        (None, false) => {
            invocation.argv.get(index).map_or_else(Vec::new, |word| word.as_bytes().to_vec())
        }
    };
    text.get(offset..).unwrap_or_default().to_vec()
}

/// The last component of a path whose folder alone is computed.
pub(super) fn base_name(text: &[u8]) -> Option<Vec<u8>> {
    let at = text.iter().rposition(|byte| *byte == b'/')?;
    let base = text.get(at + 1..)?;
    (!base.is_empty() && !is_computed(base)).then(|| base.to_vec())
}
