//! What follows a judgement: ask, record, and become the tool or not. The
//! only place where asking, the log and running meet; it decides nothing
//! itself but what to do when the log cannot be written.

use std::ffi::OsStr;
use std::io::{self, Write};

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
use crate::world::real::RealWorld;

/// The exit status of what was refused or declined (EX_NOPERM).
pub const STOPPED: i32 = 77;

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
    let outcome = pipeline::judge(Subject::Command(&invocation), world, Options::default());
    let Outcome { judgement, handed } = outcome;
    for note in &judgement.notes {
        complain(note);
    }
    let go = match judgement.verdict {
        Verdict::Allow => allow(&invocation, &judgement, &handed, world),
        Verdict::Confirm => ask(&invocation, &judgement, &handed, world),
        Verdict::Refuse => refuse(&invocation, &judgement, &handed, world),
    };
    if !go {
        return STOPPED;
    }
    let stdin = world.taken_stdin();
    let plan = Plan { handed, stdin, ..Plan::new(found, invocation.argv) };
    let error = exec::become_tool(plan);
    complain(&error.to_string());
    error.status()
}

/// Records what the policy wants recorded. Says whether it may run.
fn allow(
    invocation: &Invocation,
    judgement: &Judgement,
    handed: &[Handed],
    world: &RealWorld,
) -> bool {
    if !judgement.is_recorded() {
        return true;
    }
    let Err(error) = record(invocation, judgement, handed, Recorded::Allowed, world) else {
        return true;
    };
    let stops = judgement
        .actions
        .iter()
        .any(|judged| judged.action.effect == Effect::Destroy && judged.class >= Class::Unknown);
    if stops {
        complain(&format!("not run: the audit trail could not be written ({error})"));
        return false;
    }
    complain(&format!("the audit trail could not be written ({error})"));
    true
}

/// Shows the card, asks for the phrase, and records both. Says whether it may
/// run.
fn ask(
    invocation: &Invocation,
    judgement: &Judgement,
    handed: &[Handed],
    world: &RealWorld,
) -> bool {
    let id = match record(invocation, judgement, handed, Recorded::Asked, world) {
        Ok(id) => id,
        Err(error) => {
            complain(&format!("not run: the audit trail could not be written ({error})"));
            return false;
        }
    };
    let answer = confirm::ask(judgement, world);
    let recorded = match &answer {
        Answer::Confirmed => Recorded::Confirmed,
        Answer::Declined(why) => Recorded::Declined(why.to_string()),
    };
    let written = conclude(&id, recorded, world);
    match (answer, written) {
        (Answer::Confirmed, Ok(())) => true,
        (Answer::Confirmed, Err(error)) => {
            complain(&format!("not run: the audit trail could not be written ({error})"));
            false
        }
        (Answer::Declined(why), _) => {
            complain(&format!("not run: {why}"));
            false
        }
    }
}

/// Shows the card on standard error and records the refusal.
fn refuse(
    invocation: &Invocation,
    judgement: &Judgement,
    handed: &[Handed],
    world: &RealWorld,
) -> bool {
    let text = card::render(judgement, card::Width::of_stderr(), card::Color::of_stderr());
    let _ = io::stderr().write_all(text.as_bytes());
    if let Err(error) = record(invocation, judgement, handed, Recorded::Refused, world) {
        complain(&format!("the refusal could not be recorded ({error})"));
    }
    false
}

/// Records a judgement and the texts that it was of, and gives the id under which its outcome belongs.
fn record(
    invocation: &Invocation,
    judgement: &Judgement,
    handed: &[Handed],
    outcome: Recorded,
    world: &RealWorld,
) -> Result<String, AuditError> {
    let mut record = Record::new(invocation, judgement, outcome, world);
    for file in handed {
        let word = invocation.argv.get(file.index).map(|word| word.to_string_lossy());
        record = record.with_input(&word.unwrap_or_default(), &file.bytes);
    }
    Ok(Log::open(world)?.append(&record)?.id)
}

/// Records what came of the question that was recorded under `id`.
fn conclude(id: &str, outcome: Recorded, world: &RealWorld) -> Result<(), AuditError> {
    Log::open(world)?.append(&Record::result(id, outcome, world)).map(drop)
}

/// A line on standard error; failure to write it is no error.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "holdpoint: {}", visible(text, 2000));
}
