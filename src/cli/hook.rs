//! `holdpoint hook AGENT`: what an agent calls before it calls anything else.
//! Reads the payload from standard input, once and bounded, and says the
//! answer as the agent obeys it.

use std::io::{self, Read, Write};

use super::{USAGE, complain};
use crate::hook::{self, Answer, agent};
use crate::text::visible;
use crate::world::World;

/// Answer an agent's hook.
///
/// Reads what the agent is about to call from standard input, as the agent
/// itself sends it. What may run gets no answer; what may not is refused in
/// the form that the agent obeys.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The agent: claude, codex, cursor, gemini …
    #[arg(value_name = "AGENT")]
    agent: String,
}

/// Answers. Returns the exit status.
pub fn run(args: &Args, world: &dyn World) -> i32 {
    let Some(agent) = agent::find(&args.agent) else {
        // Status 2 with a reason also blocks: a hook that is misspelt must not
        // let everything pass.
        let name = visible(&args.agent, 40);
        complain(&format!("there is no hook for {name:?}; known are {}", agent::words()));
        return USAGE;
    };
    let answer = match payload() {
        Ok(Some(payload)) => hook::answer(agent, &payload, world),
        Ok(None) => hook::too_long(agent),
        Err(_) => hook::answer(agent, b"", world),
    };
    say(&answer)
}

/// Standard input; none if it is longer than what is read.
fn payload() -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(hook::LIMIT).unwrap_or(u64::MAX);
    io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= hook::LIMIT).then_some(bytes))
}

fn say(answer: &Answer) -> i32 {
    let out = io::stdout().write_all(answer.stdout.as_bytes());
    let _ = io::stderr().write_all(answer.stderr.as_bytes());
    // A refusal that could not be said is still one.
    if out.is_err() && !answer.stdout.is_empty() { USAGE } else { answer.status }
}
