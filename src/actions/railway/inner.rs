//! The commands inside Railway's: `railway run CMD` runs one here with the
//! variables of a linked environment, which only Railway knows; `railway ssh`
//! and its like run one inside a container of it. Either way what it does
//! counts at both places, its own and Railway's.

use super::Found;
use crate::action::{Action, Effect, Flag, Flags};
use crate::actions::{Call, Reading, read as read_any};
use crate::invocation::{Context, Invocation, Stdin};
use crate::rules::{self, Guard, Reader};
use crate::target::{Class, Kind, Target};
use crate::text::visible;
use crate::unwrap;
use crate::world::World;

/// More commands inside one another than this are not followed.
const COMMANDS: usize = 200;

/// Programs without rules that run whatever they are given.
const INTERPRETERS: &[&str] = &[
    "ash",
    "bun",
    "busybox",
    "deno",
    "irb",
    "lua",
    "mariadb",
    "mongo",
    "mongosh",
    "mysql",
    "node",
    "perl",
    "php",
    "psql",
    "python",
    "python3",
    "rails",
    "redis-cli",
    "ruby",
    "sqlite3",
];

/// Programs that overwrite or remove what they are given.
const REMOVERS: &[&str] = &["dd", "rm", "rmdir", "shred", "truncate", "unlink", "wipefs"];

/// `railway run`: the inner command, as it would be here and as it would be
/// with the environment's variables.
pub fn run(found: &Found<'_>) -> Reading {
    let Some(first) = found.parsed.positionals.first() else { return Reading::default() };
    let inner = found.call.context.invocation.tail(first.index);
    let mut inside = Inside::new(found, false);
    if inner.is_dynamic(0) {
        inside.opaque("the command is computed at run time");
    } else if guard(&inner, found.call.context.world).is_none() {
        inside.reading.inner.push(inner);
    } else {
        inside.follow(inner, Some(first.index));
    }
    inside.reading
}

/// The rules that say what a command does.
fn guard(command: &Invocation, world: &dyn World) -> Option<Guard> {
    rules::find(command.tool(), world).filter(Guard::says_all)
}

/// `railway ssh` and its like: the remote shell's line; a session without one
/// is opaque.
pub fn ssh(found: &Found<'_>) -> Reading {
    let skip = usize::from(found.command.wrapper.map_or(0, |wrapper| wrapper.skip));
    let words = found.parsed.positionals.get(skip..).unwrap_or_default();
    let mut inside = Inside::new(found, true);
    let line: Vec<&str> = words.iter().filter_map(|word| word.text.to_str()).collect();
    if words.is_empty() {
        let session = found.opaque("it opens a session");
        let session = Action { operation: found.session_name(), ..session };
        inside.reading.actions.push(session);
    } else if words.iter().any(|word| word.dynamic) {
        inside.opaque("the command is computed at run time");
    } else if line.len() < words.len() {
        inside.opaque("the command is no text");
    } else {
        inside.line(&line.join(" "));
    }
    inside.reading
}

/// What is found inside, as it is followed.
struct Inside<'a> {
    found: &'a Found<'a>,
    /// Whether it runs in a container, whose files and variables cannot be
    /// seen from here.
    is_away: bool,
    place: Target,
    reading: Reading,
    count: usize,
}

impl<'a> Inside<'a> {
    fn new(found: &'a Found<'a>, is_away: bool) -> Inside<'a> {
        let actions = found.action().into_iter().collect();
        let reading = Reading { actions, ..Reading::default() };
        Inside { found, is_away, place: found.target(), reading, count: 0 }
    }

    /// Follows a command and those inside it. `from` is where its words begin
    /// in the outer argv, where they stand there as they are.
    fn follow(&mut self, command: Invocation, from: Option<usize>) {
        let mut waiting = vec![(command, from)];
        while let Some((command, from)) = waiting.pop() {
            self.count += 1;
            if self.count > COMMANDS {
                return self.opaque("it holds more commands than are followed");
            }
            waiting.extend(self.one(&command, from).into_iter().map(|inner| (inner, None)));
        }
    }

    /// What one command does itself; gives the commands that it would run.
    fn one(&mut self, command: &Invocation, from: Option<usize>) -> Vec<Invocation> {
        let context = Context { invocation: command, world: self.found.call.context.world };
        if self.is_away && command.is_dynamic(0) {
            self.opaque("a command is computed at run time");
            return Vec::new();
        }
        let Some(guard) = guard(command, context.world) else {
            self.unguarded(command);
            return Vec::new();
        };
        if let Some(error) = &guard.error {
            self.opaque(error);
        }
        let mut inner = Vec::new();
        for tool in guard.tools() {
            if self.is_away && tool.reader == Reader::Shell {
                self.shell(command);
                continue;
            }
            let call = Call { tool, context, full: self.found.call.full };
            let own = unwrap::read(&call).unwrap_or_else(|| read_any(&call));
            if self.is_away && tool.reader.is_wrapper() && own.inner.is_empty() {
                // An interpreter with a program of its own, as if without rules.
                self.unguarded(command);
            }
            if self.is_away && !own.handed.is_empty() {
                self.opaque("it reads a file there, out of sight");
                continue;
            }
            let actions = own.actions.into_iter().map(|action| match action.is_harmless() {
                true => action,
                false => Action { target: self.both(&action.target), ..action },
            });
            let actions: Vec<Action> = actions.collect();
            self.reading.actions.extend(actions);
            if let Some(from) = from {
                let handed = own.handed.into_iter().filter_map(|text| text.within(from));
                self.reading.handed.extend(handed);
            }
            inner.extend(own.inner);
        }
        inner
    }

    /// A shell in the container: what its `-c` says, if that is all.
    fn shell(&mut self, command: &Invocation) {
        let words: Option<Vec<&str>> = command.argv.iter().map(|word| word.to_str()).collect();
        match words.as_deref() {
            Some([_, "-c", text, ..]) if command.dynamic.is_empty() => self.line(text),
            _ => self.opaque("a shell runs there, out of sight"),
        }
    }

    /// A line of the container's shell.
    fn line(&mut self, text: &str) {
        self.count += 1;
        if self.count > COMMANDS {
            return self.opaque("it holds more commands than are followed");
        }
        let surroundings = Invocation {
            env_cleared: true,
            stdin: Stdin::Opaque("the session's standard input".to_owned()),
            ..Invocation::default()
        };
        let world = self.found.call.context.world;
        let own = unwrap::commands(text, Context { invocation: &surroundings, world });
        let actions = own.actions.into_iter().map(|action| {
            let target = self.both(&action.target);
            Action { target, ..action }
        });
        let actions: Vec<Action> = actions.collect();
        self.reading.actions.extend(actions);
        for command in own.inner {
            self.follow(command, None);
        }
    }

    /// A program that no rule knows. Here it is nobody's business; in the
    /// container it has the environment's data before it.
    fn unguarded(&mut self, command: &Invocation) {
        if !self.is_away {
            return;
        }
        let name = command.tool();
        if REMOVERS.contains(&name) || name.starts_with("mkfs") {
            let action = self.remover(name, command);
            self.reading.actions.push(action);
        } else if INTERPRETERS.contains(&name) {
            self.opaque(format_args!("{name} runs there, out of sight"));
        }
    }

    fn remover(&self, name: &str, command: &Invocation) -> Action {
        let mut action = Action::new(Effect::Destroy, format!("{} {name}", self.found.name));
        let words = command.argv.iter().skip(1).map(|word| word.to_string_lossy());
        let (options, paths): (Vec<_>, Vec<_>) = words.partition(|word| word.starts_with('-'));
        let shown: Vec<String> = paths.iter().take(5).map(|path| visible(path, 100)).collect();
        let shown = shown.join(", ");
        action.summary = format!("Runs {name} on {shown} inside the container.");
        action.object = Some(format!("path {shown}"));
        if options.iter().any(|word| !word.starts_with("--") && word.contains(['r', 'R'])) {
            action.flags = Flags::of(&[Flag::Irreversible]);
        }
        self.found.place(action)
    }

    fn opaque(&mut self, why: impl std::fmt::Display) {
        let action = self.found.opaque(why);
        self.reading.actions.push(action);
    }

    /// Both targets as one, so that the more dangerous counts; the name is that
    /// of Railway's environment. An address that is this machine's only because
    /// nothing names another is not known to be: the environment's variables
    /// do, and a container's own is the container's.
    fn both(&self, own: &Target) -> Target {
        let mut target = own.clone();
        for evidence in &mut target.evidence {
            let address = matches!(evidence.kind, Kind::Host | Kind::Socket | Kind::Url);
            if self.is_away || (address && !evidence.source.starts_with('-')) {
                evidence.asserts = evidence.asserts.filter(|class| *class != Class::Local);
            }
        }
        target.evidence.extend(self.place.evidence.iter().cloned());
        target.gap = target.gap.or_else(|| self.place.gap.clone());
        target.name = self.place.name.clone().or(target.name);
        target
    }
}
