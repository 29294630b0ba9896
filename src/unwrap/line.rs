//! Walks a shell program as the shell would run it: straight lines with what
//! is known, branches and loops with what is certain either way. Each simple
//! command becomes an invocation; what the shell itself would compute at run
//! time stays marked as such. Here are the walk's state, what it may cost, and
//! one command with its redirections; it never runs anything.

use std::collections::BTreeSet;

use super::folders::Folders;
use super::join::join;
use super::mention;
use super::state::{Before, State, Template, Variable};
use crate::action::Action;
use crate::actions::Reading;
use crate::actions::files::own::{Places, Touch};
use crate::invocation::{Context, Env, Stdin};
use crate::parse::shell::{self, Body, Command, Modifier, Part, Redirect, RedirectKind};
use crate::work;

/// How deep functions, `eval` and sourced files may call one another.
pub(super) const MAX_DEPTH: usize = 20;

/// What a copy of the shell costs.
pub(super) const COPY: usize = 20;

/// What reading a byte of shell text costs.
const PARSED: usize = 5;

/// The most different things that are said of one text. What comes after them
/// is of the same kinds and no better.
const MAX_SAID: usize = 200;

/// The most values of a `for` that are walked one by one.
pub(super) const MAX_TURNS: usize = 8;

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
    /// Whether a command that fails ends the shell (`-e`).
    pub stops: bool,
    /// Whether every assignment exports (`-a`).
    pub exports: bool,
}

/// Which commands a walk hands over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Those that have rules.
    Guarded,
    /// All.
    All,
}

/// Reads a text. `arguments` are its parameters, where they are known.
pub(super) fn read(
    text: &str,
    context: Context<'_>,
    origin: Origin,
    keep: Keep,
    arguments: Option<Arguments>,
) -> Reading {
    let mut lines = Lines::new(context, origin, keep);
    if let Some(arguments) = arguments {
        lines.state.stops = arguments.stops;
        lines.state.exports_all = arguments.exports;
        lines.state.zero = arguments.zero.into();
        lines.state.positional = Some(arguments.words.into());
    }
    lines.limit = work::BASE.saturating_add(text.len().saturating_mul(work::PER_BYTE));
    lines.run_text(text);
    lines.finish()
}

/// A walk in progress.
pub(super) struct Lines<'a> {
    pub(super) context: Context<'a>,
    pub(super) state: State,
    pub(super) depth: usize,
    /// Whether samples stand for what is computed and bounded.
    pub(super) samples: bool,
    /// Whether all that is in a folder (`x/*`) is taken file by file. What
    /// removes files has to see that it is everything.
    pub(super) spreads: bool,
    /// How deep known outputs are being put together.
    pub(super) outputs: usize,
    /// How many bytes of files were put together that are added to.
    pub(super) added: usize,
    /// How many names for new files were made up.
    pub(super) temporaries: usize,
    pub(super) out: Reading,
    pub(super) traps: Vec<String>,
    pub(super) origin: Origin,
    /// Whether a text from a file names a guarded tool.
    tools_named: bool,
    pub(super) keep: Keep,
    work: usize,
    limit: usize,
    pub(super) turns: usize,
    /// The functions being walked, and those that ever were.
    pub(super) calling: Vec<String>,
    pub(super) called: BTreeSet<String>,
    /// The folders that patterns were looked for in.
    pub(super) folders: Folders,
    /// Where holdpoint's own files are, once something is written.
    pub(super) places: Option<Places>,
    /// In how many places a command may fail without ending the shell.
    pub(super) tested: usize,
    /// The files that the program at hand writes, and what was written to them
    /// before.
    pub(super) noted: Vec<Before>,
    /// What `local` hides, a list a call.
    pub(super) locals: Vec<Vec<(String, Option<Variable>)>>,
}

impl<'a> Lines<'a> {
    fn new(context: Context<'a>, origin: Origin, keep: Keep) -> Lines<'a> {
        Lines {
            context,
            state: State::new(context.invocation),
            depth: 0,
            samples: false,
            spreads: false,
            outputs: 0,
            added: 0,
            temporaries: 0,
            out: Reading::default(),
            traps: Vec::new(),
            origin,
            tools_named: false,
            keep,
            work: 0,
            limit: work::BASE,
            turns: 0,
            calling: Vec::new(),
            called: BTreeSet::new(),
            folders: Folders::default(),
            places: None,
            tested: 0,
            noted: Vec::new(),
            locals: Vec::new(),
        }
    }

    /// Walks traps and functions that nothing called, and hands over.
    fn finish(mut self) -> Reading {
        self.out.leaves.clone_from(&self.state.after);
        for text in std::mem::take(&mut self.traps) {
            self.aside(|lines| lines.run_text(&text));
        }
        let functions = self.state.functions.clone();
        for (name, bodies) in functions.iter() {
            if !self.called.contains(&**name) {
                self.aside(|lines| {
                    lines.state.positional = None;
                    lines.call_bodies(name, bodies, None);
                });
            }
        }
        self.context.world.spend(self.work);
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
        if !self.spend(text.len().saturating_mul(PARSED)) {
            return;
        }
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
            self.say(shell_action(operation, why));
        }
    }

    /// Notes what a command of the shell's own does, once.
    pub(super) fn say(&mut self, action: Action) {
        if self.out.actions.len() < MAX_SAID && !self.out.actions.contains(&action) {
            self.out.actions.push(action);
        }
    }

    /// Pays for a piece of work; false if there was too much of it.
    pub(super) fn spend(&mut self, cost: usize) -> bool {
        let before = self.work;
        self.work = before.saturating_add(cost);
        if before <= self.limit && self.work > self.limit {
            let why = "it does more than holdpoint follows";
            self.out.actions.push(shell_action("shell line", why));
        }
        self.work <= self.limit
    }

    /// Does something in a copy of this shell.
    pub(super) fn aside(&mut self, walk: impl FnOnce(&mut Self)) {
        if !self.spend(COPY) {
            return;
        }
        let kept = self.copy();
        walk(self);
        let ended = std::mem::replace(&mut self.state, kept);
        self.state.written = ended.written;
        self.state.after = ended.after;
    }

    /// A copy of this shell. Its environment is put together first, so that
    /// this is not done again in every copy.
    pub(super) fn copy(&mut self) -> State {
        self.environment();
        self.state.clone()
    }

    /// What a command finds in its environment at this place.
    pub(super) fn environment(&mut self) -> Env {
        let (env, copied) = self.state.environment(&self.context.invocation.env);
        self.spend(copied);
        env
    }

    /// Goes on with what is known whichever of `ends` has come to be; each
    /// began as a copy of `base`.
    pub(super) fn join(&mut self, base: &State, ends: Vec<State>) {
        let (state, cost) = join(base, ends);
        self.state = state;
        self.spend(cost);
    }

    pub(super) fn command(&mut self, command: &Command) {
        if !self.spend(work::STEP) {
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
        for redirect in &command.redirects {
            let touch = match &redirect.kind {
                RedirectKind::Write(_) | RedirectKind::DuplicateOutput(_) => Touch::Replace(None),
                RedirectKind::Append(_) => Touch::Append,
                _ => continue,
            };
            let (RedirectKind::Write(word)
            | RedirectKind::Append(word)
            | RedirectKind::DuplicateOutput(word)) = &redirect.kind
            else {
                continue;
            };
            let path = self.text(&word.parts);
            self.overwritten("redirection", &path, touch);
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
        for (path, text) in writes {
            self.state.write(path, text);
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
