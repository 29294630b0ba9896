//! Agents' hooks: what an agent is about to call, judged by the same pipeline
//! as a shim's command, and the answer in the words that this agent obeys.
//! A hook only ever stops: what may run gets no answer, so that the agent's
//! own permissions go on as if nothing had been asked. Reads a payload, never
//! standard input; records, never runs.

pub mod agent;
pub mod call;
mod changes;
mod edit;
mod others;
pub mod reply;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::action::Effect;
use crate::actor::{Actor, ActorKind};
use crate::audit::{Gate, Outcome as Recorded};
use crate::confirm::card::{self, Color, Width};
use crate::gate;
use crate::invocation::{Invocation, Stdin};
use crate::judgement::{Judgement, Verdict};
use crate::pipeline::{self, Options, Outcome, Subject};
use crate::target::Class;
use crate::text::visible;
use crate::world::World;
use agent::Agent;
use call::{Call, Payload, Unreadable};
pub use reply::Answer;

/// The longest payload that is read, in bytes. A longer one is refused.
pub const LIMIT: usize = 8 << 20;

/// The longest part of a payload that a record or a signal repeats.
const SHOWN: usize = 80;

/// What is on the standard input of a command that an agent runs: agents keep
/// terminals open and type into them what no hook gets to see.
const TYPED: &str = "what is typed into it while it runs";

/// How a card for an agent is laid out: without a terminal to fit.
const COLUMNS: usize = 84;

/// Judges what `payload` says is about to be called, records it, and gives the
/// answer for `agent`.
pub fn answer(agent: &Agent, payload: &[u8], world: &dyn World) -> Answer {
    let form = reply::Form::of(agent, payload);
    let whole = named(agent, payload, world);
    let judged = match judge(agent, whole.as_deref().unwrap_or(payload), world) {
        Ok(judged) => judged,
        Err(why) => return form.deny(&unreadable(&why.to_string())),
    };
    for judged in &judged {
        if let Err(reason) = judged.record(world) {
            return form.deny(&reason);
        }
    }
    form.pass()
}

/// Amp sends a tool's arguments alone, and its name in a variable
/// (0.0.1790142911): the payload with both. None where there is no such name,
/// or no such arguments.
fn named(agent: &Agent, payload: &[u8], world: &dyn World) -> Option<Vec<u8>> {
    let tool = world.var("AGENT_TOOL_NAME".as_ref()).filter(|_| agent.word == "amp")?;
    let arguments = serde_json::from_slice::<serde_json::Map<String, Value>>(payload).ok()?;
    let whole = json!({"tool_name": tool.to_string_lossy(), "tool_input": arguments});
    Some(whole.to_string().into_bytes())
}

/// A call, judged.
pub struct Judged {
    /// What was seen, as the trail has it.
    seen: Invocation,
    /// What came of it.
    pub outcome: Outcome,
}

/// Judges the calls that `payload` announces. Records nothing.
///
/// # Errors
/// The payload is malformed.
pub fn judge(agent: &Agent, payload: &[u8], world: &dyn World) -> Result<Vec<Judged>, Unreadable> {
    let payload = Payload::read(payload)?;
    let kept = |call: &&Call| !matches!(call, Call::Tool { server, tool, .. } if server.is_empty() && agent.keeps(tool));
    let calls = payload.calls.iter().filter(kept);
    Ok(calls.map(|call| judge_one(agent, &payload, call, world)).collect())
}

/// Whether a payload is longer than what is read: the answer to it.
pub fn too_long(agent: &Agent) -> Answer {
    let why = format!("it is longer than the {} that are read", crate::text::size(LIMIT));
    reply::Form::of(agent, b"").deny(&unreadable(&why))
}

/// What is said of a call that could not be read.
fn unreadable(why: &str) -> String {
    format!(
        "holdpoint: this call was refused. Nothing was run.\n\
         What the agent is about to do could not be read: {}.\n\
         Do not try it another way: tell the person you work for. \
         `holdpoint doctor` says whether this hook and this agent fit together.\n",
        visible(why, 300)
    )
}

/// Judges one call.
fn judge_one(agent: &Agent, payload: &Payload, call: &Call, world: &dyn World) -> Judged {
    let surroundings = Invocation {
        cwd: payload.cwd.clone(),
        stdin: Stdin::Opaque(TYPED.to_owned()),
        ..Invocation::default()
    };
    let (line, invocation) = match call {
        Call::Line { text, dir } => (Some(text.as_str()), inside(surroundings, dir.as_ref())),
        Call::Words { words, dir } => {
            let argv = words.iter().map(Into::into).collect();
            (None, Invocation { argv, ..inside(surroundings, dir.as_ref()) })
        }
        Call::Edit(edit) => (None, edit::invocation(edit, surroundings, world)),
        Call::Tool { server, tool, arguments } => {
            let words = ["mcp-call", server, tool, arguments];
            let argv = words.iter().map(Into::into).collect();
            (None, Invocation { argv, ..surroundings })
        }
    };
    let subject = match line {
        Some(text) => Subject::Line(text, &invocation),
        None => Subject::Command(&invocation),
    };
    let options = Options { actor: Some(ActorKind::Agent), full: false };
    let mut outcome = pipeline::judge(subject, world, options);
    let judgement = &mut outcome.judgement;
    match call {
        // Not the name under which it was judged, but the one that it has.
        Call::Tool { tool, .. } if judgement.tool == "mcp-call" => {
            judgement.tool = visible(tool, SHOWN);
        }
        Call::Edit(_) => "edit".clone_into(&mut judgement.tool),
        _ => {}
    }
    if judgement.actor.is_some() {
        judgement.actor = Some(who(agent, payload));
    }
    if judgement.verdict != Verdict::Allow {
        refuse(judgement);
    }
    let seen = match line {
        // As a shell gets it: the trail redacts a text as such.
        Some(text) => {
            Invocation { argv: vec!["sh".into(), "-c".into(), text.into()], ..invocation }
        }
        None => invocation,
    };
    Judged { seen, outcome }
}

impl Judged {
    /// Records it; the refusal's text if it may not run.
    fn record(&self, world: &dyn World) -> Result<(), String> {
        let Outcome { judgement, handed, .. } = &self.outcome;
        let allowed = judgement.verdict == Verdict::Allow;
        if allowed && !judgement.is_recorded() {
            return Ok(());
        }
        let recorded = if allowed { Recorded::Allowed } else { Recorded::Refused };
        let written = gate::record(&self.seen, judgement, handed, recorded, Gate::Hook, world);
        match (allowed, written) {
            (true, Err(error)) if destroys(judgement) => Err(format!(
                "holdpoint: this call was refused. Nothing was run.\n\
                 The audit trail could not be written: {}.\n",
                visible(&error.to_string(), 300)
            )),
            (true, _) => Ok(()),
            (false, _) => Err(card::render(judgement, Width::columns(COLUMNS), Color::Off)),
        }
    }
}

/// The surroundings in a directory that the call itself names.
fn inside(surroundings: Invocation, dir: Option<&PathBuf>) -> Invocation {
    let Some(dir) = dir else { return surroundings };
    let cwd = surroundings.cwd.as_ref().map_or_else(|| dir.clone(), |cwd| cwd.join(dir));
    Invocation { cwd: Some(cwd), ..surroundings }
}

/// There is nobody to ask behind a hook: what a person would confirm at a
/// terminal of their own is refused here.
fn refuse(judgement: &mut Judgement) {
    judgement.verdict = Verdict::Refuse;
    judgement.phrase = None;
    for judged in &mut judgement.actions {
        if judged.verdict == Verdict::Confirm {
            judged.verdict = Verdict::Refuse;
        }
    }
}

fn destroys(judgement: &Judgement) -> bool {
    judgement
        .actions
        .iter()
        .any(|judged| judged.action.effect == Effect::Destroy && judged.class >= Class::Unknown)
}

/// Who asks: a hook is only ever an agent's.
fn who(agent: &Agent, payload: &Payload) -> Actor {
    let mut signals = vec![format!("hook of {}", agent.name)];
    let ids = [("session", &payload.session), ("call", &payload.call)];
    signals.extend(
        ids.into_iter()
            .filter_map(|(what, id)| Some(format!("{what} {}", visible(id.as_deref()?, SHOWN)))),
    );
    Actor { kind: ActorKind::Agent, name: Some(agent.actor.to_owned()), signals }
}

#[cfg(test)]
mod tests;
