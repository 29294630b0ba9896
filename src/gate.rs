//! What follows a judgement: ask, record, and become the tool or not. The
//! only place where asking, the trail and running meet; it decides nothing
//! itself but what to do when the trail cannot be written.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;

use crate::action::Effect;
use crate::actions::Handed;
use crate::audit::{AuditError, Log, Outcome as Recorded, Record};
use crate::confirm::{self, Answer, card};
use crate::exec::{self, Plan};
use crate::invocation::Invocation;
use crate::judgement::{Judgement, Verdict};
use crate::pipeline::{self, Options, Outcome, Subject};
use crate::target::Class;
use crate::text::visible;
use crate::world::World;
use crate::world::real::RealWorld;

/// The exit status of what was refused or declined (EX_NOPERM).
pub const STOPPED: i32 = 77;

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
    let outcome = pipeline::judge(Subject::Command(&judged), world, Options::default());
    for note in &outcome.judgement.notes {
        complain(note);
    }
    let case = Case { invocation: &judged, outcome: &outcome, world };
    let runs = match outcome.judgement.verdict {
        Verdict::Allow => case.allow(),
        Verdict::Confirm => case.ask(),
        Verdict::Refuse => case.refuse(),
    };
    if !runs {
        return STOPPED;
    }
    let Outcome { handed, .. } = outcome;
    let plan = Plan { handed, stdin: world.taken_stdin(), ..Plan::new(found, invocation.argv) };
    let error = exec::become_tool(plan);
    complain(&error.to_string());
    error.status()
}

/// Judges what something else is about to do (a git hook's event), asks and
/// records as the verdict wants it, and says whether it may.
pub fn may(invocation: &Invocation, world: &RealWorld) -> bool {
    let outcome = pipeline::judge(Subject::Command(invocation), world, Options::default());
    for note in &outcome.judgement.notes {
        complain(note);
    }
    let case = Case { invocation, outcome: &outcome, world };
    match outcome.judgement.verdict {
        Verdict::Allow => case.allow(),
        Verdict::Confirm => case.ask(),
        Verdict::Refuse => case.refuse(),
    }
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
    world: &dyn World,
) -> Result<String, AuditError> {
    let mut record = Record::new(invocation, judgement, recorded, world);
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
    world: &'a RealWorld,
}

impl Case<'_> {
    fn record(&self, recorded: Recorded) -> Result<String, AuditError> {
        let Outcome { judgement, handed } = self.outcome;
        record(self.invocation, judgement, handed, recorded, self.world)
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
