//! One simple command: its words expanded, then a function, an alias, a
//! builtin, or an invocation of a program.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::rc::Rc;

use super::expand::Field;
use super::line::{Keep, Lines, MAX_DEPTH, Origin};
use super::script;
use super::state::{Template, Words, is_computed};
use super::unlisted;
use crate::action::Effect;
use crate::actions::http_api::mutation::deletes;
use crate::invocation::{Context, HOLE, Invocation};
use crate::parse::shell::{Command, Simple, Word};
use crate::parse::sql;
use crate::retarget::{self, After, Wake};
use crate::rules;
use crate::target::tunnel::may_carry;

/// The most commands that later ones are read after, one by one; and of those
/// that only may run others which change something.
pub(super) const MAX_AFTER: usize = 1_000;
const MAX_WRAPPERS: usize = 200;

/// What an invocation costs beside the bytes of its words.
const COMMAND: usize = 50;

impl Lines<'_> {
    pub(super) fn simple(&mut self, simple: &Simple) {
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
            let name = assignment.name.as_str();
            kept.push((name, self.state.vars.get(name).cloned()));
            self.assign(assignment);
            if let Some(variable) = self.state.change(name) {
                variable.exported = true;
            }
        }
        self.run(&fields, &simple.words);
        for (name, old) in kept.into_iter().rev() {
            self.state.put(name, old);
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
            if let Some(bodies) = self.state.functions.get(&*name).cloned() {
                let arguments: Vec<Template> =
                    fields.iter().skip(1).map(|field| field.text.clone()).collect();
                return self.call_bodies(&name, &bodies, Some(arguments.into()));
            }
        }
        if !self.builtin(&name, fields, words) {
            self.program_writes(&name, fields);
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
        let mut text = value.to_vec();
        for field in fields.iter().skip(1) {
            text.push(b' ');
            text.extend(field.raw.bytes());
        }
        self.state.aliases.remove(name);
        self.run_text(&String::from_utf8_lossy(&text));
        self.state.aliases.push((name.into(), value));
    }

    pub(super) fn call_bodies(
        &mut self,
        name: &str,
        bodies: &[Rc<Command>],
        arguments: Option<Words>,
    ) {
        self.called.insert(name.to_owned());
        if self.calling.iter().any(|calling| calling == name) || self.depth >= MAX_DEPTH {
            return;
        }
        self.calling.push(name.to_owned());
        self.depth += 1;
        let positional = std::mem::replace(&mut self.state.positional, arguments);
        self.locals.push(Vec::new());
        match bodies {
            [body] => self.command(body),
            several => {
                let start = self.copy();
                let mut ends = Vec::new();
                for body in several {
                    self.command(body);
                    ends.push(std::mem::replace(&mut self.state, start.clone()));
                }
                ends.reverse();
                self.join(&start, ends);
            }
        }
        for (name, old) in self.locals.pop().unwrap_or_default().into_iter().rev() {
            self.state.put(&name, old);
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
            None if self.is_set_elsewhere(first) => {
                if let Some(default) = default(&first.raw) {
                    let mut fields = fields.to_vec();
                    if let Some(first) = fields.first_mut() {
                        first.text = default;
                    }
                    return self.emit(&fields);
                }
                let rest = fields.get(1..).unwrap_or_default();
                if takes_away(rest) {
                    self.unknown_command(&first.raw);
                }
            }
            None => {
                let raw = first.raw.clone();
                self.unknown_command(&raw);
            }
        }
    }

    fn unknown_command(&mut self, raw: &str) {
        let spelled = crate::text::visible(raw, 60);
        self.opaque(
            "computed command",
            &format!("the command `{spelled}` is computed at run time"),
        );
    }

    /// Whether a command's name is a variable that this line never sets, and
    /// the environment does not have (`$EDITOR`): nothing says that a guarded
    /// tool is in it.
    fn is_set_elsewhere(&self, first: &Field) -> bool {
        let name = variable(&first.raw);
        self.origin == Origin::Line
            && name.is_some_and(|name| {
                !self.state.vars.contains_key(name) && self.context.var(name).is_none()
            })
    }

    /// Adds a command to what was found.
    fn emit(&mut self, fields: &[Field]) {
        let name = fields.first().map(|field| OsString::from_vec(field.text.clone()));
        let named = Invocation::new(name);
        let guard = rules::find(named.tool(), self.context.world);
        let guarded = guard.is_some() || may_carry(named.tool());
        if self.keep == Keep::Guarded && !guarded {
            if let Some(fields) = self.script(fields) {
                self.push(&fields, true, Some(false));
            } else if self.runs_a_tool(fields) {
                self.push(fields, true, Some(false));
            }
            return;
        }
        let changes = guard.and_then(|guard| {
            let words = fields.iter().skip(1).map(|field| field.text.as_slice());
            let all = guard.tools().filter_map(|tool| retarget::may_change(tool, words.clone()));
            all.max()
        });
        self.push(fields, self.context.invocation.loosely, changes);
    }

    /// Adds an invocation of these words, which may change where later ones
    /// land: by itself, or by what it runs.
    fn push(&mut self, fields: &[Field], loosely: bool, changes: Option<bool>) {
        let bytes: usize = fields.iter().map(|field| field.text.len()).sum();
        let place = self.state.cwd.as_ref().map_or(0, |cwd| cwd.as_os_str().len());
        let after = self.state.after.len() * 4;
        if !self.spend(COMMAND + fields.len() + bytes + place + after) {
            return;
        }
        let mut invocation = Invocation { loosely, ..self.surroundings() };
        for (index, field) in fields.iter().enumerate() {
            if is_computed(&field.text) {
                invocation.dynamic.push(index);
                invocation.templates.push((index, OsString::from_vec(field.text.clone())));
                invocation.argv.push(OsString::from(spelled(field)));
            } else {
                invocation.argv.push(OsString::from_vec(field.text.clone()));
            }
        }
        if let Some(inside) = changes.map(|itself| !itself) {
            let wake = Wake::default();
            // What an alias means depends on the shell's options.
            let sure = fields.first().is_none_or(|name| {
                !self.state.aliases.contains_key(&*String::from_utf8_lossy(&name.text))
            });
            let count = self.state.after.len();
            match self.state.after.last_mut() {
                // What one of them leaves is as good as another's, and may be
                // there or not.
                Some(last) if count >= MAX_AFTER || (inside && count >= MAX_WRAPPERS) => {
                    last.sure = false;
                    invocation.wake = Some(last.wake.clone());
                }
                _ => {
                    self.state.after.push(After { wake: wake.clone(), sure });
                    invocation.wake = Some(wake);
                }
            }
        }
        self.out.inner.push(invocation);
    }

    /// Whether a command without rules has a guarded tool's call behind it.
    fn runs_a_tool(&self, fields: &[Field]) -> bool {
        let words = fields.iter().map(|field| OsString::from_vec(field.text.clone()));
        let all = fields.iter().enumerate();
        let computed = all.filter(|(_, field)| is_computed(&field.text));
        let invocation =
            Invocation { dynamic: computed.map(|(at, _)| at).collect(), ..Invocation::new(words) };
        unlisted::inner(Context { invocation: &invocation, ..self.context }).is_some()
    }

    /// The interpreter's words, where a command is a script by its path.
    fn script(&mut self, fields: &[Field]) -> Option<Vec<Field>> {
        let (first, rest) = fields.split_first()?;
        let name = std::str::from_utf8(&first.text).ok()?;
        let path = match name.contains('/') {
            true => name.to_owned(),
            false => self.on_own_path(name)?,
        };
        let invocation = self.surroundings();
        let words = script::front(&path, Context { invocation: &invocation, ..self.context })?;
        let word = |text: &String| Field { text: text.clone().into_bytes(), raw: text.clone() };
        let front = words.iter().chain([&path]).map(word);
        Some(front.chain(rest.iter().cloned()).collect())
    }

    /// The file of this name on a PATH that the line itself, or what stands
    /// around it, sets.
    fn on_own_path(&self, name: &str) -> Option<String> {
        let context = self.context;
        match self.state.vars.get("PATH").and_then(|path| path.value.as_ref()) {
            Some(path) => script::on_path(path, name, &self.cwd()?, context.world),
            None => script::on_own_path(name, context),
        }
    }

    /// An invocation without words, in the surroundings of this place.
    pub(super) fn surroundings(&mut self) -> Invocation {
        let outer = self.context.invocation;
        Invocation {
            env: self.environment(),
            env_cleared: outer.env_cleared,
            env_unknown: outer.env_unknown,
            cwd: self.state.cwd.clone().or_else(|| outer.cwd.clone()),
            stdin: self.state.stdin.clone(),
            written: self.state.written.clone(),
            after: outer.after.iter().chain(&self.state.after).cloned().collect(),
            scripts: outer.scripts.clone(),
            loosely: outer.loosely,
            place: outer.place.clone(),
            ..Invocation::default()
        }
    }
}

/// The variable that a word is, with or without a default.
fn variable(raw: &str) -> Option<&str> {
    let inner = raw.trim_matches('"').strip_prefix('$')?;
    let inner = match inner.strip_prefix('{') {
        Some(inner) => inner.strip_suffix('}')?,
        None => inner,
    };
    let name = inner.split_once(":-").map_or(inner, |(name, _)| name);
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let starts = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    (starts && name.chars().all(word)).then_some(name)
}

/// The plain word that stands in for a variable that is not set.
fn default(raw: &str) -> Option<Template> {
    let inner = raw.trim_matches('"').strip_prefix("${")?.strip_suffix('}')?;
    let (_, word) = inner.split_once(":-")?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./+".contains(letter);
    (!word.is_empty() && word.chars().all(plain)).then(|| word.as_bytes().to_vec())
}

/// Whether words by themselves say that something is taken away: SQL that
/// does, a verb, or a text for an interpreter of which nothing is known.
fn takes_away(fields: &[Field]) -> bool {
    const LONGEST: usize = 4_096;
    const VERBS: &[&str] = &["rb", "rm", "flushall", "flushdb"];
    const TEXTS: &[&[u8]] = &[b"-c", b"-e", b"--command", b"--execute", b"--eval"];
    let unread = fields.windows(2).any(|pair| {
        matches!(pair, [option, text]
            if TEXTS.contains(&option.text.as_slice()) && text.text == HOLE.as_bytes())
    });
    let says = |field: &Field| {
        let word = String::from_utf8_lossy(&field.text).replace(HOLE, "hole");
        if !word.contains(char::is_whitespace) {
            return VERBS.contains(&word.to_lowercase().as_str()) || deletes(&word);
        }
        let statements = || sql::read(word.as_bytes());
        word.len() > LONGEST
            || statements().iter().any(|statement| statement.effect >= Effect::Disrupt)
    };
    unread || fields.iter().any(says)
}

fn first_word_quoted(fields: &[Field]) -> bool {
    fields.first().is_none_or(|first| first.raw.as_bytes() != first.text.as_slice())
}

/// How a computed word is shown, and how options in it are told apart: by its
/// text, where nothing of it is known by how the line spells it.
fn spelled(field: &Field) -> String {
    if field.text == HOLE.as_bytes() {
        let spelled = field.raw.trim_matches('"');
        let plain = spelled.starts_with(['$', '`', '<', '*', '?', '[']);
        return if plain { spelled.to_owned() } else { "…".to_owned() };
    }
    let text = String::from_utf8_lossy(&field.text);
    // A wildcard is known for one: it stands behind the mark.
    text.replace(&format!("{HOLE}*"), "*").replace(&format!("{HOLE}?"), "?").replace(HOLE, "…")
}
