//! This machine as a target: how whoever types came to it. Its name is the
//! world's to say ([`crate::world::World::hostname`]); a session that came by
//! ssh is one in which people take one machine for another. Gives evidence that
//! is shown and proves nothing.

use super::{Evidence, Kind};
use crate::invocation::Context;

/// How many ancestors are looked at.
const MAX_ANCESTORS: usize = 32;

/// Programs under which a session from elsewhere runs. sudo takes
/// SSH_CONNECTION away, so that the variable alone would not do.
const DOORS: &[&str] = &["sshd", "sshd-session", "mosh-server"];

/// What says that this machine is reached from another one, if anything does.
pub fn reached(context: &Context<'_>) -> Option<Evidence> {
    let hint = |source: &'static str, value: String| Evidence::hint(Kind::Setting, source, value);
    if let Some(value) = context.text_var("SSH_CONNECTION") {
        let from = value.split(' ').next().unwrap_or_default();
        let from = crate::text::visible(from, 60);
        return Some(hint("SSH_CONNECTION", format!("reached by ssh from {from}")));
    }
    let ancestors = context.world.ancestors(MAX_ANCESTORS);
    let door = ancestors.iter().find(|process| DOORS.contains(&process.comm.as_str()))?;
    Some(hint("the processes above", format!("reached through {}", door.comm)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::Process;
    use crate::world::fake::FakeWorld;

    fn value(world: &FakeWorld) -> Option<String> {
        let invocation = Invocation::default();
        reached(&Context { invocation: &invocation, world }).map(|evidence| evidence.value)
    }

    #[test]
    fn a_session_from_elsewhere_is_seen() {
        assert_eq!(value(&FakeWorld::new()), None);
        let world = FakeWorld::new().with_var("SSH_CONNECTION", "10.0.0.7 50312 10.0.0.4 22");
        assert_eq!(value(&world).as_deref(), Some("reached by ssh from 10.0.0.7"));
        let mut world = FakeWorld::new();
        world.ancestors = vec![Process { comm: "sshd".to_owned(), ..Process::default() }];
        assert_eq!(value(&world).as_deref(), Some("reached through sshd"));
    }
}
