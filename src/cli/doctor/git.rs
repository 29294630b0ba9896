//! Whether the hooks of the repository around the current directory stop git,
//! where holdpoint has put any.

use super::Check;
use crate::cli::git::status;
use crate::world::World;

/// One check for the repository, if it has hooks of holdpoint's.
pub(super) fn hooks(world: &dyn World) -> Vec<Check> {
    let events = status::events(world).unwrap_or_default();
    let mut checks = Vec::new();
    for event in &events {
        if let Some(why) = &event.dead {
            let says = format!("git: {} is not live ({}): {why}", event.event, event.by);
            checks.push(Check::finding("git", says, "holdpoint git install"));
        }
    }
    let live: Vec<&str> =
        events.iter().filter(|event| event.dead.is_none()).map(|event| event.event).collect();
    match live.as_slice() {
        [] => {}
        [one] => checks.push(Check::fine("git", format!("git: {one} is live"))),
        [front @ .., last] => {
            let front = front.join(", ");
            checks.push(Check::fine("git", format!("git: {front} and {last} are live")));
        }
    }
    checks
}
