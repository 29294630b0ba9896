//! What follows a judgement: ask, record, and become the tool or not (or, for
//! a command of holdpoint's own, go on or not). The only place where asking,
//! the trail and running meet; it decides nothing itself but what to do when
//! the trail cannot be written.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;

use crate::action::{Effect, Flag};
use crate::actions::{Handed, Preview, ReadOnly, WRITING};
use crate::audit::{AuditError, Gate, Log, Outcome as Recorded, Record};
use crate::confirm::{self, Answer, card};
use crate::exec::preview::PreviewError;
use crate::exec::{self, Plan};
use crate::invocation::Invocation;
use crate::judgement::{Judged, Judgement, Verdict};
use crate::pipeline::{self, Options, Outcome, Subject};
use crate::target::Class;
use crate::text::visible;
use crate::world::World;
use crate::world::real::RealWorld;

/// The exit status of what was refused or declined (EX_NOPERM).
pub const STOPPED: i32 = 77;

/// The exit status of a usage error.
const USAGE: i32 = 2;

/// The exit status where a command that may run cannot be started.
const FAILED: i32 = 126;

/// The most characters of a line on standard error.
const SHOWN: usize = 2_000;

/// Judges `invocation`, asks and records as the verdict wants it, and becomes
/// the program `name`. Gives an exit status only if it did not.
pub fn pass(invocation: Invocation, name: &OsStr, world: &RealWorld) -> i32 {
    let found = match exec::find(name, world) {
        Ok(found) => found,
        Err(error) => {
            complain(&error.to_string());
            return error.status();
        }
    };
    let judged = called(&invocation, name);
    let Held { outcome: Outcome { handed, read_only, .. }, planned } =
        match hold(&judged, Some(&found), world) {
            Ok(held) => held,
            Err(status) => return status,
        };
    let (argv, spent) = planned.unwrap_or((invocation.argv, Vec::new()));
    let env = spent.into_iter().map(|name| (name, None)).collect();
    let mut plan = Plan { handed, env, stdin: world.taken_stdin(), ..Plan::new(found, argv) };
    match read_only {
        None => {}
        Some(ReadOnly::Variable(name, value)) => plan.env.push((name.into(), Some(value))),
        Some(ReadOnly::Option(word)) => add_option(&mut plan.argv, word),
        Some(ReadOnly::Word(name, value, index, word)) => {
            plan.env.push((name.into(), Some(value)));
            match index {
                Some(index) => plan.change_words(vec![(index, Some(word))]),
                None => add_option(&mut plan.argv, word),
            }
        }
        Some(ReadOnly::Text(text)) => plan.handed.push(text),
        Some(ReadOnly::Filter { option, server, cluster, tls, changes }) => {
            match exec::filter::start(&server, cluster.as_deref(), tls.as_ref(), world) {
                Ok(socket) => {
                    plan.change_words(changes);
                    plan.argv.extend([option.into(), socket.into()]);
                }
                Err(error) => {
                    complain(&format!(
                        "nothing was run: the session could not be opened read-only: {error}"
                    ));
                    return FAILED;
                }
            }
        }
    }
    let error = exec::become_tool(plan);
    complain(&error.to_string());
    error.status()
}

/// Puts a word at the end of a command's options.
fn add_option(argv: &mut Vec<OsString>, word: OsString) {
    let end = argv.iter().position(|word| word == "--");
    argv.insert(end.unwrap_or(argv.len()), word);
}

/// Judges one of holdpoint's own commands, which this process would carry out
/// itself, or what something else is about to do (a git hook's event), and
/// asks and records as for any other. Says whether it may.
pub fn permits(invocation: &Invocation, world: &RealWorld) -> bool {
    hold(invocation, None, world).is_ok()
}

/// A command that may run.
struct Held {
    outcome: Outcome,
    /// The words that carry out the plan that was judged, and the variables
    /// that are in them already, where the tool was asked for one.
    planned: Option<(Vec<OsString>, Vec<OsString>)>,
}

/// Judges, asks and records; an exit status if it may not run. `found` is the
/// program that can be asked for its plan first.
fn hold(
    invocation: &Invocation,
    found: Option<&exec::Found>,
    world: &RealWorld,
) -> Result<Held, i32> {
    let mut outcome = pipeline::judge(Subject::Command(invocation), world, Options::default());
    let judged = &outcome.judgement.actions;
    if invocation.writes && !judged.iter().any(|judged| judged.action.operation == WRITING) {
        complain(
            "--write is for the interactive session of a database client; what a command's own \
             words say is judged by itself. Nothing was run.",
        );
        return Err(USAGE);
    }
    let mut planned = None;
    if let Some((preview, found)) = outcome.preview.take().zip(found) {
        match plan_first(&preview, found, world) {
            Ok(seen) => {
                outcome = seen.outcome;
                planned = Some((seen.invocation.argv, preview.spent));
            }
            Err(Unplanned::Failed(status)) => return Err(status),
            Err(Unplanned::Unread(why)) => {
                complain(&format!("the plan could not be read: {why}"));
            }
        }
    }
    for note in &outcome.judgement.notes {
        complain(note);
    }
    let case = Case { invocation, outcome: &outcome, planned: planned.is_some(), world };
    let runs = match outcome.judgement.verdict {
        Verdict::Allow => case.allow(),
        Verdict::Confirm => case.ask(),
        Verdict::Refuse => case.refuse(),
    };
    runs.then_some(Held { outcome, planned }).ok_or(STOPPED)
}

/// A command that was asked for its plan first: the judgement on that plan,
/// and the words that carry out that very plan.
struct Planned {
    outcome: Outcome,
    invocation: Invocation,
}

/// Why there is no plan to be judged.
enum Unplanned {
    /// The tool made none, and what it ended with.
    Failed(i32),
    /// It made one that says nothing.
    Unread(String),
}

/// Has the tool make its plan, as a person would see it anyway, and judges
/// what the plan holds. What is carried out later is that plan and no other.
fn plan_first(
    preview: &Preview,
    found: &exec::Found,
    world: &RealWorld,
) -> Result<Planned, Unplanned> {
    let made = exec::preview::plan(preview, found);
    let (path, _copy) = made.map_err(|error| match error {
        PreviewError::Ended(status) => Unplanned::Failed(status),
        PreviewError::Failed(error) => Unplanned::Unread(error.to_string()),
    })?;
    let mut argv = preview.apply.clone();
    argv.push(path.into());
    let invocation = Invocation {
        env: preview.spent.iter().map(|name| (name.clone(), None)).collect(),
        ..Invocation::new(argv)
    };
    let mut outcome = pipeline::judge(Subject::Command(&invocation), world, Options::default());
    let judgement = &mut outcome.judgement;
    let opaque = |judged: &Judged| judged.action.flags.has(Flag::Opaque);
    if outcome.handed.is_empty() || judgement.actions.iter().any(opaque) {
        return Err(Unplanned::Unread("the tool saved none that holdpoint knows".to_owned()));
    }
    // The tool asks nothing when it is given a plan: somebody has to, unless
    // nobody wanted that, or nothing changes.
    if !preview.unasked && !judgement.actions.is_empty() {
        pipeline::hold(judgement, world);
    }
    Ok(Planned { outcome, invocation })
}

/// The invocation by the name of the program that it becomes: `argv[0]` is
/// whatever the caller says (`exec -a`), and not what runs.
fn called<'a>(invocation: &'a Invocation, name: &OsStr) -> Cow<'a, Invocation> {
    let program = Path::new(name).file_name().unwrap_or(name);
    if program == invocation.tool() {
        return Cow::Borrowed(invocation);
    }
    let mut called = invocation.clone();
    match called.argv.first_mut() {
        Some(first) => name.clone_into(first),
        None => called.argv.push(name.to_owned()),
    }
    Cow::Owned(called)
}

/// Records what is about to become of a judged invocation, and gives the
/// record's id.
///
/// # Errors
/// The trail cannot be written.
pub fn record(
    invocation: &Invocation,
    judgement: &Judgement,
    handed: &[Handed],
    recorded: Recorded,
    gate: Gate,
    world: &dyn World,
) -> Result<String, AuditError> {
    let mut record = Record::new(invocation, judgement, recorded, world).at(gate);
    for handed in handed {
        let word = handed.word().and_then(|index| invocation.argv.get(index));
        for (name, file) in handed.text.files() {
            // The word itself is the better name for the file that ends it.
            let word = word.filter(|_| name.is_empty()).map(|word| word.to_string_lossy());
            let name = word.unwrap_or_else(|| String::from_utf8_lossy(name));
            record = record.with_input(&name, &file.bytes);
        }
    }
    if let Some(text) = world.stdin_so_far() {
        record = record.with_input("standard input", &text);
    }
    Ok(Log::open(world)?.append(&record)?.id)
}

/// A judged invocation on its way.
struct Case<'a> {
    invocation: &'a Invocation,
    outcome: &'a Outcome,
    /// Whether what is handed on is the plan that was made for it.
    planned: bool,
    world: &'a RealWorld,
}

impl Case<'_> {
    fn record(&self, recorded: Recorded) -> Result<String, AuditError> {
        let Outcome { judgement, handed, .. } = self.outcome;
        if !self.planned {
            let at = Gate::Command;
            return record(self.invocation, judgement, handed, recorded, at, self.world);
        }
        let mut record = Record::new(self.invocation, judgement, recorded, self.world);
        for (_, file) in handed.iter().flat_map(|handed| handed.text.files()) {
            record = record.with_input("plan", &file.bytes);
        }
        Ok(Log::open(self.world)?.append(&record)?.id)
    }

    /// Records what the policy wants recorded. Says whether it runs.
    fn allow(&self) -> bool {
        let judgement = &self.outcome.judgement;
        if !judgement.is_recorded() {
            return true;
        }
        let Err(error) = self.record(Recorded::Allowed) else { return true };
        let destroys = judgement.actions.iter().any(|judged| {
            judged.action.effect == Effect::Destroy && judged.class >= Class::Unknown
        });
        if destroys {
            return not_recorded(&error);
        }
        complain(&format!("the audit trail could not be written: {error}"));
        true
    }

    /// Records the question, asks it, and records the answer. Says whether it
    /// runs.
    fn ask(&self) -> bool {
        let id = match self.record(Recorded::Asked) {
            Ok(id) => id,
            Err(error) => return not_recorded(&error),
        };
        let answer = confirm::ask(&self.outcome.judgement, self.world);
        let recorded = match &answer {
            Answer::Confirmed => Recorded::Confirmed,
            Answer::Declined(why) => Recorded::Declined(why.to_string()),
        };
        let record = Record::result(&id, recorded, self.world);
        let written = Log::open(self.world).and_then(|log| log.append(&record));
        match (answer, written) {
            (Answer::Confirmed, Ok(_)) => true,
            (Answer::Confirmed, Err(error)) => not_recorded(&error),
            (Answer::Declined(why), _) => {
                complain(&format!("not confirmed: {why}. Nothing was run."));
                if let Some(signal) = why.signal() {
                    confirm::end_by(signal, STOPPED);
                }
                false
            }
        }
    }

    /// Shows the card on standard error and records the refusal.
    fn refuse(&self) -> bool {
        let judgement = &self.outcome.judgement;
        let text = card::render(judgement, card::Width::of_stderr(), card::Color::of_stderr());
        let _ = io::stderr().write_all(text.as_bytes());
        if let Err(error) = self.record(Recorded::Refused) {
            complain(&format!("the refusal could not be recorded: {error}"));
        }
        false
    }
}

/// Says that what must be recorded could not be, and so does not run.
fn not_recorded(error: &AuditError) -> bool {
    complain(&format!("nothing was run: the audit trail could not be written: {error}"));
    false
}

/// A line on standard error; failure to write it is no error.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "holdpoint: {}", visible(text, SHOWN));
}
