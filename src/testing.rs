//! What the unit tests of readers and resolvers have in common: one call, read
//! by its tool's reader, and one line, judged for an agent. Compiled into tests
//! alone.

use crate::action::{Effect, Flag};
use crate::actions::{self, Call, Reading};
use crate::actor::ActorKind;
use crate::invocation::{Context, Invocation};
use crate::judgement::Judgement;
use crate::pipeline::{self, Options, Subject};
use crate::policy::Policy;
use crate::rules::table;
use crate::target::Class;
use crate::world::fake::FakeWorld;

/// What the tool's reader makes of these words.
pub fn reading(world: &FakeWorld, argv: &[&str]) -> Reading {
    reading_of(world, &Invocation::new(argv.iter().copied()))
}

/// What the tool's reader makes of an invocation.
pub fn reading_of(world: &FakeWorld, invocation: &Invocation) -> Reading {
    let tool = table::find(invocation.tool()).expect("the program has rules");
    actions::read(&Call { tool, context: Context { invocation, world }, full: true })
}

/// The worst effect of these words, and whether anything about them is opaque.
pub fn judged(world: &FakeWorld, argv: &[&str]) -> (Effect, bool) {
    let actions = reading(world, argv).actions;
    let opaque = actions.iter().any(|action| action.flags.has(Flag::Opaque));
    (actions.iter().map(|action| action.effect).max().unwrap_or(Effect::Read), opaque)
}

/// The same, and the class of where the worst lands.
pub fn placed(world: &FakeWorld, argv: &[&str]) -> (Effect, bool, Class) {
    let actions = reading(world, argv).actions;
    let worst = actions.iter().max_by_key(|action| action.effect).expect("an action");
    let (effect, opaque) = judged(world, argv);
    (effect, opaque, Policy::default().classify(&worst.target).class)
}

/// What the pipeline makes of a line for an agent.
pub fn judge(line: &str, world: &FakeWorld) -> Judgement {
    let options = Options { actor: Some(ActorKind::Agent), full: false };
    pipeline::judge(Subject::Line(line, &Invocation::default()), world, options).judgement
}
