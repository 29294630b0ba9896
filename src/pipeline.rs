//! The pipeline: an invocation goes in at the top of [`judge`] and comes out
//! as a [`Judgement`]; each step is a call into its own module. Nothing here
//! parses, resolves, looks anything up or asks: it only puts the steps in
//! order. What follows a judgement (asking, recording, running) is
//! [`crate::gate`]'s.

use std::sync::Arc;

use crate::action::{Action, Effect, Flag};
use crate::actions::{self, Call, Handed, Preview, ReadOnly, Reading, session};
use crate::actor::{self, Actor, ActorKind};
use crate::approve;
use crate::confirm::phrase;
use crate::invocation::{Context, Invocation};
use crate::judgement::{Judged, Judgement, Verdict};
use crate::policy::source::Mode;
use crate::policy::{Decision, Policy};
use crate::retarget;
use crate::rules;
use crate::target::Class;
use crate::target::tunnel::{self, Tunnels};
use crate::unwrap;
use crate::work;
use crate::world::away::Away;
use crate::world::metered::Metered;
use crate::world::{Process, World};

/// How deep wrappers may hold one another before the rest is taken as code
/// that cannot be read.
const MAX_DEPTH: usize = 20;

/// The most commands of a subject that are kept as possible tunnels.
const MAX_STARTED: usize = 50;

/// What is to be judged.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A command's words, as a shim or `exec` has them.
    Command(&'a Invocation),
    /// A shell line, as `check --line` and agent hooks have it; the
    /// invocation holds its surroundings.
    Line(&'a str, &'a Invocation),
}

/// How much of a judgement the caller wants.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Judge as if this kind of caller asked (`check --as`).
    pub actor: Option<ActorKind>,
    /// Work out the actor, class and reasons even where nothing depends on
    /// them, as `check` shows them.
    pub full: bool,
}

/// A judgement, and the texts that must be handed on from the judged copy.
#[derive(Debug)]
pub struct Outcome {
    /// The judgement.
    pub judgement: Judgement,
    /// Files' texts, for the words of the judged command that name them.
    pub handed: Vec<Handed>,
    /// What opens the command's interactive session read-only, where it has to.
    pub read_only: Option<ReadOnly>,
    /// How the command itself can tell beforehand what it would do; only
    /// where somebody would be asked about it.
    pub preview: Option<Preview>,
}

/// Judges a command or a line.
pub fn judge(subject: Subject<'_>, world: &dyn World, options: Options) -> Outcome {
    let metered = Metered::new(world);
    let Found { tool, actions, mut notes, handed, read_only, preview, started } =
        read(subject, &metered, options.full);
    let harmless = actions.iter().all(|(_, action)| action.is_harmless());
    if harmless && !options.full {
        let judgement = passed(tool, notes);
        return Outcome { judgement, handed, read_only: None, preview: None };
    }
    let policy = Policy::load(world);
    let tunnels = Tunnels::new(&started, world);
    let mut decided: Vec<(Judged, Decision)> =
        actions.into_iter().map(|(tool, action)| weigh(action, &tool, &policy, &tunnels)).collect();
    let matters = decided.iter().any(|(_, decision)| depends_on_actor(decision));
    let actor = match options.actor {
        Some(kind) => Some(Actor { kind, name: None, signals: vec!["assumed by --as".to_owned()] }),
        None if matters || options.full => Some(actor::identify(world, policy.actors())),
        None => None,
    };
    for (judged, decision) in &mut decided {
        judged.verdict =
            actor.as_ref().map_or(decision.other, |actor| decision.verdict(actor.kind));
    }
    let opens_read_only = session::opens_read_only(decided.iter().map(|(judged, _)| judged));
    for (judged, _) in &mut decided {
        session::explain(judged, opens_read_only);
    }
    decided.sort_by_key(|(judged, _)| std::cmp::Reverse(severity(judged)));
    // What is stopped has a card, and nothing of it was "allowed".
    if decided.iter().all(|(judged, _)| judged.verdict == Verdict::Allow) {
        notes.extend(decided.iter().filter_map(|(_, decision)| decision.note.clone()));
    }
    let read_only = read_only.filter(|_| opens_read_only);
    if read_only.is_some() {
        notes.push(session::note(&tool));
    }
    notes.dedup();
    let reasons = reasons(&decided);
    let actions: Vec<Judged> = decided.into_iter().map(|(judged, _)| judged).collect();
    let mut judgement = Judgement {
        tool,
        verdict: actions.iter().map(|judged| judged.verdict).max().unwrap_or(Verdict::Allow),
        actor,
        actions,
        reasons,
        notes,
        phrase: None,
        request: None,
    };
    match judgement.verdict {
        Verdict::Allow => {}
        Verdict::Confirm => judgement.phrase = Some(phrase::for_judgement(&judgement, world)),
        Verdict::Refuse => {
            judgement.request = Some(approve::request_id(subject, &judgement, &handed, world))
        }
    }
    let preview = preview.filter(|_| judgement.verdict == Verdict::Confirm);
    Outcome { judgement, handed, read_only, preview }
}

/// Makes a question of what was allowed, in the place of one that the tool
/// would have asked.
pub fn hold(judgement: &mut Judgement, world: &dyn World) {
    if judgement.verdict == Verdict::Allow {
        judgement.verdict = Verdict::Confirm;
        judgement.phrase = Some(phrase::for_judgement(judgement, world));
    }
}

/// Commands that wait to be read: how deep each stands in others, and where
/// its words begin in the subject's.
type Queue = Vec<(Invocation, usize, Option<usize>)>;

/// What the first steps made of a subject.
struct Found {
    /// The tool's name: of several, the last that does anything.
    tool: String,
    /// The actions, each with the name of its own tool.
    actions: Vec<(String, Action)>,
    notes: Vec<String>,
    handed: Vec<Handed>,
    /// What the command itself, and none inside it, can be opened with.
    read_only: Option<ReadOnly>,
    /// The subject's own preview: one of a command inside is not the
    /// subject's to make.
    preview: Option<Preview>,
    /// The commands inside as the processes that they would be: one of them
    /// may open the tunnel that another goes through.
    started: Vec<Process>,
}

/// invocation → (unwrap) → actions: everything that the subject would do,
/// commands inside commands included.
fn read(subject: Subject<'_>, metered: &Metered<'_>, full: bool) -> Found {
    let (mut first, name) = match subject {
        Subject::Command(invocation) => (read_one(invocation, metered, full).0, invocation.tool()),
        Subject::Line(text, surroundings) => {
            let context = Context { invocation: surroundings, world: metered };
            (unwrap::line(text, context), "")
        }
    };
    let preview = match subject {
        Subject::Command(_) => first.preview.take(),
        Subject::Line(..) => None,
    };
    let mut found = Found {
        tool: name.to_owned(),
        actions: Vec::new(),
        notes: Vec::new(),
        handed: Vec::new(),
        read_only: first.read_only.clone(),
        preview,
        started: Vec::new(),
    };
    // What comes first is read first: it may change where the rest lands.
    let mut queue = found.take(first, name, 0, Some(0));
    while let Some((inner, depth, from)) = queue.pop() {
        let too_much = metered.work() > work::TOTAL;
        if depth > MAX_DEPTH || too_much {
            if inner.loosely {
                continue;
            }
            let why = match too_much {
                true => "it leads to more than holdpoint follows",
                false => "more commands inside one another than holdpoint follows",
            };
            let action = Action::opaque("nested commands", why);
            found.actions.push((inner.tool().to_owned(), action));
            break;
        }
        let name = inner.tool();
        if found.started.len() < MAX_STARTED && tunnel::may_carry(name) {
            let words = inner.argv.iter().map(|word| word.to_string_lossy().into_owned());
            found.started.push(Process { cmdline: words.collect(), ..Process::default() });
        }
        let words: usize = inner.argv.iter().map(|word| word.len()).sum();
        metered.spend(work::STEP.saturating_add(work::of_reading(words)));
        let (reading, states) = read_one(&inner, metered, full);
        metered.spend(work::STEP.saturating_mul(states));
        let acts = reading.actions.iter().any(|action| !action.is_harmless());
        if acts || (found.tool.is_empty() && rules::find(name, metered).is_some()) {
            name.clone_into(&mut found.tool);
        }
        queue.extend(found.take(reading, name, depth, from));
    }
    found
}

impl Found {
    /// Takes over what the tool `name` would do itself, and gives what it
    /// would run, one level deeper than itself. `from` is where its words
    /// begin in the subject's, if they stand there.
    fn take(&mut self, reading: Reading, name: &str, depth: usize, from: Option<usize>) -> Queue {
        self.actions.extend(reading.actions.into_iter().map(|action| (name.to_owned(), action)));
        self.notes.extend(reading.notes);
        if let Some(from) = from {
            let handed = reading.handed.into_iter().filter_map(|text| text.within(from));
            let new: Vec<Handed> = handed.filter(|text| !self.handed.contains(text)).collect();
            self.handed.extend(new);
        }
        let tail = from.zip(reading.tail).map(|(from, tail)| from + tail);
        reading.inner.into_iter().rev().map(|inner| (inner, depth + 1, tail)).collect()
    }
}

/// What one invocation would do itself, and the commands that it would run:
/// after what came before it, and without what of that may have failed. Says
/// in how many other states it was read.
fn read_one(invocation: &Invocation, world: &dyn World, full: bool) -> (Reading, usize) {
    let Some(views) = retarget::Views::of(invocation) else {
        return (read_now(invocation, world, full), 0);
    };
    let mut viewed = Invocation { after: invocation.after.clone(), ..invocation.clone() };
    let read = |viewed: &mut Invocation, state: &Arc<retarget::Earlier>| {
        viewed.earlier = Some(state.clone());
        let mut reading = read_now(viewed, world, full);
        reading.actions.iter_mut().for_each(|action| state.explain(&mut action.target));
        reading.inner.iter_mut().for_each(|inner| inner.earlier = None);
        reading
    };
    let first = views.all();
    let mut reading = read(&mut viewed, &first);
    // What it changes itself, it changes once.
    viewed.wake = None;
    let others = views.others(&first);
    let states = others.len();
    for (state, why) in others {
        let other = read(&mut viewed, &state);
        retarget::join(&mut reading, other, &why);
    }
    (reading, states)
}

/// The same in one state of the settings files.
fn read_now(invocation: &Invocation, world: &dyn World, full: bool) -> Reading {
    let mut reading = Reading::default();
    let guard = rules::find(invocation.tool(), world);
    let away = invocation.place.as_ref().map(|place| Away { world, place });
    let world = away.as_ref().map_or(world, |away| away);
    let context = Context { invocation, world };
    let Some(guard) = guard else {
        reading.inner.extend(unwrap::unlisted(context));
        retarget::hand_on(&mut reading, context.invocation);
        return reading;
    };
    for tool in guard.tools() {
        let call = Call { tool, context, full };
        reading.absorb(unwrap::read(&call).unwrap_or_else(|| actions::read(&call)));
    }
    if let Some(wake) = &invocation.wake {
        guard.tools().for_each(|tool| retarget::leave(tool, context, wake));
    }
    reading.inner.extend(unwrap::companions(context));
    retarget::hand_on(&mut reading, context.invocation);
    if invocation.loosely {
        reading.actions.retain(|action| !unwrap::is_left_to_shims(action, invocation));
    }
    if let Some(place) = &invocation.place {
        let computed = !invocation.dynamic.is_empty();
        reading.actions.iter_mut().for_each(|action| place.apply(&mut action.target, computed));
    }
    if let Some(error) = guard.error {
        let summary = format!("The rule file for it cannot be used: {error}.");
        reading.actions.push(Action { summary, ..Action::opaque("rule file", "") });
    }
    reading
}

/// target → class → verdict, for one action: of the places where it may land,
/// the one that matters most.
fn weigh(
    mut action: Action,
    tool: &str,
    policy: &Policy,
    tunnels: &Tunnels<'_>,
) -> (Judged, Decision) {
    let otherwise = std::mem::take(&mut action.otherwise);
    let plain = (!otherwise.is_empty()).then(|| action.clone());
    let mut worst = weigh_one(action, tool, policy, tunnels);
    for (other, action) in otherwise.into_iter().zip(plain.into_iter().cycle()) {
        let action = Action { target: other.target, ..action };
        let (mut judged, decision) = weigh_one(action, tool, policy, tunnels);
        if severity(&judged) > severity(&worst.0) {
            judged.class_reasons.push(other.why);
            worst = (judged, decision);
        }
    }
    worst
}

/// target → class → verdict, for one action and one place: in the world and
/// among the commands of the subject that may carry connections elsewhere.
fn weigh_one(
    action: Action,
    tool: &str,
    policy: &Policy,
    tunnels: &Tunnels<'_>,
) -> (Judged, Decision) {
    let mut action = if policy.mode() == Mode::Strict { action.doubted() } else { action };
    let mut classified = policy.classify(&action.target);
    if classified.class < Class::Unknown
        && matters(&action)
        && let Some(tunnel) = tunnels.find(&action.target)
    {
        let beyond = policy.classify(&tunnel.beyond(&action.target)).class;
        tunnel.lead(&mut action.target, beyond);
        classified = policy.classify(&action.target);
    }
    let mut decision = policy.decide(&action, &classified, tool);
    if session::is_free(&action, classified.class) && decision.decided_by.starts_with("builtin") {
        // A person's own session is not code that nobody can read: the person
        // writes it as it runs. A policy may say otherwise.
        decision.human = Verdict::Allow;
    }
    let judged = Judged {
        class: classified.class,
        class_reasons: classified.reasons,
        verdict: decision.other,
        record: decision.record,
        long_phrase: decision.long_phrase,
        decided_by: decision.decided_by.clone(),
        action,
    };
    (judged, decision)
}

/// Whether it makes a difference to an action that a tunnel may lead it away
/// from this machine.
fn matters(action: &Action) -> bool {
    action.effect >= Effect::Disrupt || action.flags.has(Flag::Opaque)
}

/// Whether it makes a difference who asks.
fn depends_on_actor(decision: &Decision) -> bool {
    [ActorKind::Agent, ActorKind::Ci, ActorKind::Unknown]
        .into_iter()
        .any(|kind| decision.verdict(kind) != decision.human)
}

/// The order of actions on a card: the strictest first, then the most
/// destroying, then the most dangerous place.
fn severity(judged: &Judged) -> (Verdict, Effect, usize, bool, Class) {
    let flags = judged.action.flags;
    (
        judged.verdict,
        judged.action.effect,
        flags.iter().count(),
        flags.has(Flag::Opaque),
        judged.class,
    )
}

/// Why the verdict is what it is: the reasons for the strictest actions.
fn reasons(decided: &[(Judged, Decision)]) -> Vec<String> {
    let worst = decided.iter().map(|(judged, _)| judged.verdict).max();
    let mut reasons = Vec::new();
    for (judged, decision) in decided.iter().filter(|(judged, _)| Some(judged.verdict) == worst) {
        for reason in decision.why.iter().chain(&judged.class_reasons) {
            if !reasons.contains(reason) && reasons.len() < 20 {
                reasons.push(reason.clone());
            }
        }
    }
    reasons
}

/// The judgement on what can take nothing away.
fn passed(tool: String, notes: Vec<String>) -> Judgement {
    Judgement {
        tool,
        verdict: Verdict::Allow,
        actor: None,
        actions: Vec::new(),
        reasons: Vec::new(),
        notes,
        phrase: None,
        request: None,
    }
}

#[cfg(test)]
mod tests;
