//! Walks a shell program as the shell would run it: straight lines with what
//! is known, branches and loops with what is certain either way. Each simple
//! command becomes an invocation; what the shell itself would compute at run
//! time stays marked as such.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use super::assigned::Assigned;
use super::expand::Field;
use super::mention;
use super::state::{State, Template, Variable, is_computed, unknown};
use crate::action::Action;
use crate::actions::Reading;
use crate::invocation::{COMPUTED, Context, HOLE, Invocation, Stdin};
use crate::parse::shell::{
    self, Assignment, Body, Command, Entry, Join, List, Modifier, Part, Pipeline, Redirect,
    RedirectKind, Simple, Word,
};

/// How deep functions, `eval` and sourced files may call one another.
pub(super) const MAX_DEPTH: usize = 20;

/// The most commands that are walked.
const MAX_STEPS: usize = 4_000;

/// The most values of a `for` that are walked one by one.
const MAX_TURNS: usize = 8;

/// Where a text comes from, which says how much an unreadable spot in it
/// matters: a line that computes a command's name does so for this one
/// command, a script on disk does it all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Typed, or an argument of `-c`.
    Line,
    /// A script file.
    File,
}

/// `$0`, and `$1` and on.
pub(super) struct Arguments {
    /// `$0`.
    pub zero: Template,
    /// `$1` and on.
    pub words: Vec<Template>,
}

/// Reads a text. `arguments` are its parameters, where they are known.
pub(super) fn read(
    text: &str,
    context: Context<'_>,
    origin: Origin,
    arguments: Option<Arguments>,
) -> Reading {
    let mut lines = Lines::new(context, origin);
    if let Some(arguments) = arguments {
        lines.state.zero = arguments.zero;
        lines.state.positional = Some(arguments.words);
    }
    lines.run_text(text);
    lines.finish()
}

/// A walk in progress.
pub(super) struct Lines<'a> {
    pub(super) context: Context<'a>,
    pub(super) state: State,
    pub(super) depth: usize,
    /// How deep known outputs are being put together.
    pub(super) outputs: usize,
    pub(super) out: Reading,
    pub(super) traps: Vec<String>,
    origin: Origin,
    /// Whether a text from a file names a guarded tool.
    tools_named: bool,
    steps: usize,
    turns: usize,
    /// The functions being walked, and those that ever were.
    calling: Vec<String>,
    called: Vec<String>,
    /// What `local` hides, a list a call.
    pub(super) locals: Vec<Vec<(String, Option<Variable>)>>,
}

impl<'a> Lines<'a> {
    fn new(context: Context<'a>, origin: Origin) -> Lines<'a> {
        let mut state = State::new(context.invocation.stdin.clone());
        state.written.clone_from(&context.invocation.written);
        Lines {
            context,
            state,
            depth: 0,
            outputs: 0,
            out: Reading::default(),
            traps: Vec::new(),
            origin,
            tools_named: false,
            steps: 0,
            turns: 0,
            calling: Vec::new(),
            called: Vec::new(),
            locals: Vec::new(),
        }
    }

    /// Walks traps and functions that nothing called, and hands over.
    fn finish(mut self) -> Reading {
        for text in std::mem::take(&mut self.traps) {
            self.aside(|lines| lines.run_text(&text));
        }
        let functions = self.state.functions.clone();
        for (name, bodies) in functions {
            if !self.called.contains(&name) {
                self.aside(|lines| {
                    lines.state.positional = None;
                    lines.call_bodies(&name, &bodies, None);
                });
            }
        }
        self.out
    }

    /// Walks a text in this shell.
    pub(super) fn run_text(&mut self, text: &str) {
        if self.depth >= MAX_DEPTH {
            return self.opaque("nested commands", "too many texts run one another");
        }
        let named = self.tools_named;
        self.tools_named |=
            self.origin == Origin::File && mention::names_a_tool(text, self.context.world);
        self.depth += 1;
        match shell::parse(text) {
            Ok(list) => self.list(&list),
            Err(error) if mention::could_run(text, self.context.world) => {
                self.out.actions.push(shell_action("shell line", &error.to_string()));
            }
            Err(_) => {}
        }
        self.depth -= 1;
        self.tools_named = named;
    }

    /// From here on, the text is a file's; gives what to come back to.
    pub(super) fn enter_file(&mut self) -> Origin {
        std::mem::replace(&mut self.origin, Origin::File)
    }

    /// Comes back from a file.
    pub(super) fn leave_file(&mut self, outer: Origin) {
        self.origin = outer;
    }

    /// Notes that something runs which cannot be read.
    pub(super) fn opaque(&mut self, operation: &'static str, why: &str) {
        if self.origin == Origin::Line || self.tools_named {
            let action = shell_action(operation, why);
            if !self.out.actions.contains(&action) {
                self.out.actions.push(action);
            }
        }
    }

    /// Does something in a copy of this shell.
    pub(super) fn aside(&mut self, walk: impl FnOnce(&mut Self)) {
        let kept = self.state.clone();
        walk(self);
        let written = std::mem::replace(&mut self.state, kept).written;
        self.state.written = written;
    }

    pub(super) fn list(&mut self, list: &List) {
        for entry in &list.entries {
            match entry.background {
                true => self.aside(|lines| lines.entry(entry)),
                false => self.entry(entry),
            }
        }
    }

    fn entry(&mut self, entry: &Entry) {
        let mut certain = true;
        let mut before: Option<State> = None;
        for (join, pipeline) in &entry.pipelines {
            let runs = *join == Join::First || (*join == Join::And && certain);
            if !runs && before.is_none() {
                before = Some(self.state.clone());
            }
            self.pipeline(pipeline);
            certain &= *join != Join::Or && succeeds(pipeline);
        }
        if let Some(before) = before {
            self.state.merge(before);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        if let [command] = pipeline.commands.as_slice() {
            return self.command(command);
        }
        let mut stdin = self.state.stdin.clone();
        let count = pipeline.commands.len();
        for (index, command) in pipeline.commands.iter().enumerate() {
            let own = stdin.clone();
            if index + 1 < count {
                stdin = self.piped(command, &own);
            }
            self.aside(|lines| {
                lines.state.stdin = own;
                lines.command(command);
            });
        }
    }

    pub(super) fn command(&mut self, command: &Command) {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            if self.steps == MAX_STEPS + 1 {
                self.opaque("shell line", "more commands than holdpoint follows");
            }
            return;
        }
        for redirect in &command.redirects {
            let (RedirectKind::Read(word)
            | RedirectKind::Write(word)
            | RedirectKind::Append(word)
            | RedirectKind::DuplicateInput(word)
            | RedirectKind::DuplicateOutput(word)
            | RedirectKind::Text(word)) = &redirect.kind;
            self.substitutions(&word.parts);
        }
        let writes = self.writes(command);
        let before = self.state.stdin.clone();
        self.state.stdin = self.redirected(&command.redirects, before.clone());
        self.body(command);
        let replaces = matches!(&command.body, Body::Simple(simple)
            if matches!(simple.words.as_slice(), [word] if word.raw == "exec"));
        let redirected = command.redirects.iter().any(|redirect| redirect.fd.unwrap_or(0) == 0);
        if redirected && !replaces && reads(&command.redirects) {
            self.state.stdin = before;
        }
        self.state.written.extend(writes);
    }

    fn body(&mut self, command: &Command) {
        match &command.body {
            Body::Simple(simple) => self.simple(simple),
            Body::Group(list) => self.list(list),
            Body::Subshell(list) => self.aside(|lines| lines.list(list)),
            Body::If(branches) => self.branches(branches),
            Body::While { condition, body } => {
                let both = [condition, body];
                self.repeat(&both, |lines| {
                    lines.list(condition);
                    lines.list(body);
                });
            }
            Body::Count { header, body } => {
                for word in header {
                    self.substitutions(&word.parts);
                    for name in word.raw.split(|c: char| !(c == '_' || c.is_ascii_alphanumeric())) {
                        self.state.forget(name);
                    }
                }
                self.repeat(&[body], |lines| lines.list(body));
            }
            Body::For { name, words, body } => self.each(name, words.as_deref(), body),
            Body::Case { word, arms } => {
                self.substitutions(&word.parts);
                for pattern in arms.iter().flat_map(|(patterns, _)| patterns) {
                    self.substitutions(&pattern.parts);
                }
                let start = self.state.clone();
                let mut end = start.clone();
                for (_, list) in arms {
                    self.state = start.clone();
                    self.list(list);
                    end.merge(std::mem::replace(&mut self.state, start.clone()));
                }
                self.state = end;
            }
            Body::Function { name, body } => {
                let body = Rc::new((**body).clone());
                self.called.retain(|called| *called != name.raw);
                self.state.functions.insert(name.raw.clone(), vec![body]);
            }
            Body::Coprocess(command) => self.aside(|lines| {
                lines.state.stdin = Stdin::Opaque("a coprocess's pipe".to_owned());
                lines.command(command);
            }),
        }
    }

    fn branches(&mut self, branches: &[(List, List)]) {
        let mut ends: Vec<State> = Vec::new();
        let mut complete = false;
        for (condition, list) in branches {
            complete |= condition.entries.is_empty();
            self.list(condition);
            let start = self.state.clone();
            self.list(list);
            ends.push(std::mem::replace(&mut self.state, start));
        }
        let mut ends = ends.into_iter();
        if complete {
            if let Some(first) = ends.next() {
                self.state = first;
            }
        }
        for end in ends {
            self.state.merge(end);
        }
    }

    /// Walks something that comes round any number of times.
    fn repeat(&mut self, lists: &[&List], walk: impl FnOnce(&mut Self)) {
        let forget = |lines: &mut Self| {
            for list in lists {
                let assigned = Assigned::by(list, &lines.state);
                let names = if assigned.everything {
                    lines.state.vars.keys().cloned().chain(assigned.names).collect()
                } else {
                    assigned.names
                };
                names.iter().for_each(|name| lines.state.forget(name));
                if assigned.cwd || assigned.everything {
                    lines.state.lose_cwd();
                }
            }
        };
        forget(self);
        walk(self);
        forget(self);
    }

    fn each(&mut self, name: &str, words: Option<&[Word]>, body: &List) {
        let values: Option<Vec<Template>> = match words {
            Some(words) => {
                words.iter().for_each(|word| self.substitutions(&word.parts));
                let fields = self.fields(words);
                Some(fields.into_iter().map(|field| field.text).collect())
            }
            None => self.state.positional.clone(),
        };
        let known = values
            .filter(|values| values.len() <= MAX_TURNS && !values.iter().any(|v| is_computed(v)));
        match known {
            Some(values) if self.turns < 2 => {
                self.turns += 1;
                for value in values {
                    self.set(name, Some(value));
                    self.list(body);
                }
                self.turns -= 1;
                // A `break` may have ended it anywhere.
                let assigned = Assigned::by(body, &self.state);
                assigned.names.iter().for_each(|name| self.state.forget(name));
                if assigned.cwd || assigned.everything {
                    self.state.lose_cwd();
                }
                self.state.forget(name);
            }
            _ => {
                self.state.forget(name);
                self.repeat(&[body], |lines| {
                    lines.state.forget(name);
                    lines.list(body);
                });
            }
        }
    }

    /// Walks the commands inside a word's substitutions.
    pub(super) fn substitutions(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Text { .. } | Part::Mark(_) | Part::Tilde(_) => {}
                Part::Command { list, .. } => self.aside(|lines| lines.list(list)),
                Part::Process { list, output } => self.aside(|lines| {
                    if *output {
                        let what = "what is written to a process substitution";
                        lines.state.stdin = Stdin::Opaque(what.to_owned());
                    }
                    lines.list(list);
                }),
                Part::Arithmetic(parts) => self.substitutions(parts),
                Part::Array(words) => {
                    words.iter().for_each(|word| self.substitutions(&word.parts));
                }
                Part::Parameter { modifier, .. } => match modifier {
                    Modifier::None => {}
                    Modifier::Default { word, .. }
                    | Modifier::Assign { word, .. }
                    | Modifier::Alternative { word, .. }
                    | Modifier::Required(word)
                    | Modifier::Other(word) => self.substitutions(word),
                },
            }
        }
    }

    fn simple(&mut self, simple: &Simple) {
        for assignment in &simple.assignments {
            self.substitutions(assignment.index.as_deref().unwrap_or_default());
            self.substitutions(&assignment.value.parts);
        }
        for word in &simple.words {
            self.substitutions(&word.parts);
        }
        let fields = self.fields(&simple.words);
        if fields.is_empty() {
            for assignment in &simple.assignments {
                self.assign(assignment);
            }
            return;
        }
        // Assignments in front of a command hold while it runs.
        let mut kept = Vec::new();
        for assignment in &simple.assignments {
            let old = self.state.vars.get(&assignment.name).cloned();
            kept.push((assignment.name.clone(), old));
            self.assign(assignment);
            self.state.vars.entry(assignment.name.clone()).or_default().exported = true;
        }
        self.run(&fields, &simple.words);
        for (name, old) in kept.into_iter().rev() {
            match old {
                Some(old) => self.state.vars.insert(name, old),
                None => self.state.vars.remove(&name),
            };
        }
    }

    fn run(&mut self, fields: &[Field], words: &[Word]) {
        let mut fields = fields;
        let mut functions = true;
        loop {
            let Some(first) = fields.first() else { return };
            if is_computed(&first.text) {
                return self.computed(fields);
            }
            let prefix = matches!(first.text.as_slice(), b"command" | b"builtin");
            let option = fields.get(1).is_none_or(|next| next.text.starts_with(b"-"));
            if !prefix || option {
                break;
            }
            functions = false;
            fields = fields.get(1..).unwrap_or_default();
        }
        let Some(first) = fields.first() else { return };
        let name = String::from_utf8_lossy(&first.text).into_owned();
        if functions {
            // Whether an alias counts depends on the shell's options: both
            // readings are taken.
            self.alias(&name, fields);
            if let Some(bodies) = self.state.functions.get(&name).cloned() {
                let arguments = fields.iter().skip(1).map(|field| field.text.clone()).collect();
                return self.call_bodies(&name, &bodies, Some(arguments));
            }
        }
        if !self.builtin(&name, fields, words) {
            self.emit(fields);
        }
    }

    /// Follows an alias that the text defines; its value may hold several
    /// commands, the last of which gets the words.
    fn alias(&mut self, name: &str, fields: &[Field]) {
        let Some(value) = self.state.aliases.get(name).cloned() else { return };
        if first_word_quoted(fields) || self.depth >= MAX_DEPTH {
            return;
        }
        let mut text = value;
        for field in fields.iter().skip(1) {
            text.push(b' ');
            text.extend(field.raw.bytes());
        }
        let kept = self.state.aliases.remove(name);
        self.run_text(&String::from_utf8_lossy(&text));
        if let Some(kept) = kept {
            self.state.aliases.insert(name.to_owned(), kept);
        }
    }

    fn call_bodies(
        &mut self,
        name: &str,
        bodies: &[Rc<Command>],
        arguments: Option<Vec<Template>>,
    ) {
        self.called.push(name.to_owned());
        if self.calling.iter().any(|calling| calling == name) || self.depth >= MAX_DEPTH {
            return;
        }
        self.calling.push(name.to_owned());
        self.depth += 1;
        let positional = std::mem::replace(&mut self.state.positional, arguments);
        self.locals.push(Vec::new());
        let start = self.state.clone();
        for (index, body) in bodies.iter().enumerate() {
            let before = (index > 0).then(|| std::mem::replace(&mut self.state, start.clone()));
            self.command(body);
            if let Some(before) = before {
                self.state.merge(before);
            }
        }
        for (name, old) in self.locals.pop().unwrap_or_default().into_iter().rev() {
            match old {
                Some(old) => self.state.vars.insert(name, old),
                None => self.state.vars.remove(&name),
            };
        }
        self.state.positional = positional;
        self.depth -= 1;
        self.calling.pop();
    }

    /// A command whose name is computed.
    fn computed(&mut self, fields: &[Field]) {
        let Some(first) = fields.first() else { return };
        // `"$dir"/psql` is psql wherever it lies.
        match super::wrapper::base_name(&first.text) {
            Some(name) => {
                let mut fields = fields.to_vec();
                if let Some(first) = fields.first_mut() {
                    first.text = name;
                }
                self.emit(&fields);
            }
            None => {
                let spelled = crate::text::visible(&first.raw, 60);
                self.opaque(
                    "computed command",
                    &format!("the command `{spelled}` is computed at run time"),
                );
            }
        }
    }

    /// Adds a command to what was found.
    fn emit(&mut self, fields: &[Field]) {
        let mut invocation = self.surroundings();
        for (index, field) in fields.iter().enumerate() {
            if is_computed(&field.text) {
                invocation.dynamic.push(index);
                invocation.templates.push((index, OsString::from_vec(field.text.clone())));
                invocation.argv.push(OsString::from(spelled(field, fields)));
            } else {
                invocation.argv.push(OsString::from_vec(field.text.clone()));
            }
        }
        self.out.inner.push(invocation);
    }

    /// An invocation without words, in the surroundings of this place.
    pub(super) fn surroundings(&self) -> Invocation {
        let outer = self.context.invocation;
        let mut env = outer.env.clone();
        for (name, variable) in self.state.vars.iter().filter(|(_, variable)| variable.exported) {
            let value = variable.value.as_ref().map(|value| {
                if is_computed(value) {
                    OsString::from(COMPUTED)
                } else {
                    OsString::from_vec(value.clone())
                }
            });
            env.push((OsString::from(name), value));
        }
        Invocation {
            env,
            env_cleared: outer.env_cleared,
            cwd: self.state.cwd.clone().or_else(|| outer.cwd.clone()),
            stdin: self.state.stdin.clone(),
            written: self.state.written.clone(),
            ..Invocation::default()
        }
    }

    /// The directory at this place.
    pub(super) fn cwd(&self) -> Option<PathBuf> {
        match (&self.state.cwd, self.context.cwd()) {
            (Some(dir), Some(own)) => Some(own.join(dir)),
            (Some(dir), None) => Some(dir.clone()),
            (None, own) => own,
        }
    }

    /// Assigns a variable of the shell.
    pub(super) fn set(&mut self, name: &str, value: Option<Template>) {
        let exported = self.is_exported(name);
        let variable = self.state.vars.entry(name.to_owned()).or_default();
        *variable = Variable { value, elements: None, exported };
        self.state.odd_ifs |= name == "IFS";
    }

    fn is_exported(&self, name: &str) -> bool {
        match self.state.vars.get(name) {
            Some(variable) => variable.exported || self.state.exports_all,
            None => self.state.exports_all || self.context.var(name).is_some(),
        }
    }

    /// Performs an assignment of the text.
    pub(super) fn assign(&mut self, assignment: &Assignment) {
        let name = assignment.name.as_str();
        if assignment.index.is_some() {
            self.state.forget(name);
            return;
        }
        if let [Part::Array(words)] = assignment.value.parts.as_slice() {
            let fields = self.fields(words);
            let mut elements: Vec<Template> = match self.state.vars.get(name) {
                Some(variable) if assignment.append => match &variable.elements {
                    Some(elements) => elements.clone(),
                    None => variable.value.iter().cloned().collect(),
                },
                None if assignment.append => vec![unknown()],
                _ => Vec::new(),
            };
            elements.extend(fields.into_iter().map(|field| field.text));
            self.set(name, None);
            if let Some(variable) = self.state.vars.get_mut(name) {
                variable.elements = Some(elements);
            }
            return;
        }
        let mut value = self.text(&assignment.value.parts);
        if assignment.append {
            let mut whole = self.value(name).unwrap_or_default();
            whole.append(&mut value);
            value = whole;
        }
        self.set(name, Some(value));
    }

    /// The files that a command's redirections write, and what.
    fn writes(&mut self, command: &Command) -> Vec<(PathBuf, Option<Arc<[u8]>>)> {
        let mut out = Vec::new();
        for redirect in &command.redirects {
            let (word, append) = match &redirect.kind {
                RedirectKind::Write(word) => (word, false),
                RedirectKind::Append(word) => (word, true),
                _ => continue,
            };
            let path = self.text(&word.parts);
            if is_computed(&path) || path.starts_with(b"/dev/") {
                continue;
            }
            let path = PathBuf::from(OsString::from_vec(path));
            let Some(path) = self.cwd().map(|cwd| cwd.join(path)) else { continue };
            let plain = Command {
                body: command.body.clone(),
                redirects: command
                    .redirects
                    .iter()
                    .filter(|other| {
                        !matches!(other.kind, RedirectKind::Write(_) | RedirectKind::Append(_))
                    })
                    .cloned()
                    .collect(),
            };
            let kept = self.state.clone();
            let text =
                if redirect.fd.unwrap_or(1) == 1 { self.command_output(&plain) } else { None };
            self.state = kept;
            let before = match append {
                false => Some(Vec::new()),
                true => match self.state.file(&path) {
                    Some(text) => text.as_ref().map(|text| text.to_vec()),
                    None => self.context.world.read(&path, super::MAX_SCRIPT).ok(),
                },
            };
            let text = before.zip(text).map(|(before, text)| [before, text].concat());
            out.push((path, text.filter(|text| !is_computed(text)).map(Into::into)));
        }
        out
    }
}

/// An action of a shell that runs what cannot be read.
pub(super) fn shell_action(operation: &'static str, why: &str) -> Action {
    Action { rule: "shell/opaque".into(), ..Action::opaque(operation, why) }
}

fn reads(redirects: &[Redirect]) -> bool {
    redirects.iter().any(|redirect| {
        matches!(
            redirect.kind,
            RedirectKind::Read(_) | RedirectKind::Text(_) | RedirectKind::DuplicateInput(_)
        ) || redirect.fd == Some(0)
    })
}

/// Whether a pipeline is one that does not fail for reasons that matter here.
fn succeeds(pipeline: &Pipeline) -> bool {
    let [Command { body: Body::Simple(simple), .. }] = pipeline.commands.as_slice() else {
        return false;
    };
    match simple.words.first() {
        None => true,
        Some(name) => matches!(
            name.raw.as_str(),
            "cd" | "export"
                | "echo"
                | "printf"
                | "set"
                | "true"
                | ":"
                | "unset"
                | "declare"
                | "local"
                | "readonly"
                | "alias"
                | "umask"
                | "shopt"
                | "typeset"
                | "source"
                | "."
        ),
    }
}

fn first_word_quoted(fields: &[Field]) -> bool {
    fields.first().is_none_or(|first| first.raw.as_bytes() != first.text.as_slice())
}

/// How the line spells a computed word; where one word made several fields,
/// what is known of this one.
fn spelled(field: &Field, fields: &[Field]) -> String {
    let alone = fields.iter().filter(|other| other.raw == field.raw).count() == 1;
    if alone {
        return field.raw.clone();
    }
    String::from_utf8_lossy(&field.text).replace(HOLE, "…")
}
