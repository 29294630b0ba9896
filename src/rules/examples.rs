//! Runs the examples that stand beside the rules: each line under `destroys`
//! must be stopped for an agent, each under `harmless` must pass. The world
//! around them is empty: no policy, no variables, no files.

use crate::actor::ActorKind;
use crate::invocation::Invocation;
use crate::judgement::Verdict;
use crate::pipeline::{self, Options, Subject};
use crate::rules::Tool;
use crate::rules::api::Plane;
use crate::world::fake::FakeWorld;

/// One example line of a rule file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// The shell line.
    pub line: &'static str,
    /// Whether it must be stopped.
    pub destroys: bool,
}

/// Every example in a tool's rule file.
pub fn of(tool: &'static Tool) -> impl Iterator<Item = Example> {
    let commands = tool.commands.iter();
    let stopped = commands.clone().flat_map(|command| command.destroys).chain(tool.destroys);
    let passed = commands.flat_map(|command| command.harmless).chain(tool.harmless);
    stopped
        .map(|line| Example { line, destroys: true })
        .chain(passed.map(|line| Example { line, destroys: false }))
}

/// Every example beside the requests of an API.
pub fn of_plane(plane: &'static Plane) -> impl Iterator<Item = Example> {
    let requests = plane.requests.iter();
    let stopped = requests.clone().flat_map(|request| request.destroys);
    stopped.map(|line| Example { line, destroys: true }).chain(
        requests.flat_map(|request| request.harmless).map(|line| Example { line, destroys: false }),
    )
}

/// Judges an example as an agent would have it judged.
///
/// # Errors
/// One sentence that says how the verdict differs from what the rule claims.
pub fn run(example: Example) -> Result<(), String> {
    run_in(example, &FakeWorld::new())
}

/// The same in a world of the caller's.
///
/// # Errors
/// As [`run`].
pub fn run_in(example: Example, world: &FakeWorld) -> Result<(), String> {
    let surroundings = Invocation::default();
    let options = Options { actor: Some(ActorKind::Agent), full: false };
    let outcome = pipeline::judge(Subject::Line(example.line, &surroundings), world, options);
    let verdict = outcome.judgement.verdict;
    if (verdict != Verdict::Allow) == example.destroys {
        return Ok(());
    }
    let wanted = if example.destroys { "stopped" } else { "allowed" };
    let found: Vec<String> = outcome
        .judgement
        .actions
        .iter()
        .map(|judged| {
            format!("{} {} on {}", judged.action.effect, judged.action.operation, judged.class)
        })
        .collect();
    Err(format!("`{}` is to be {wanted} and was: {verdict} ({})", example.line, found.join("; ")))
}
