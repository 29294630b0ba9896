//! Which refs of a transaction a policy protects, so that nothing is asked
//! about the others. Reads the transaction from standard input, where the
//! reader finds it again; decides nothing.

use std::ffi::OsString;

use crate::invocation::{Context, Input, Invocation};
use crate::parse::ref_updates::{self, Order};
use crate::policy::Policy;
use crate::target::{Class, Evidence, Kind, Target};
use crate::world::World;

/// The most bytes of a transaction that are read.
const MAX_INPUT: usize = 4 << 20;

/// The names of the refs that a policy file protects beyond the built-in ones.
pub(super) fn refs(world: &dyn World) -> Vec<OsString> {
    let policy = Policy::load(world);
    if policy.layers().is_empty() {
        return Vec::new();
    }
    let invocation = Invocation::default();
    let context = Context { invocation: &invocation, world };
    let Input::Text(text) = context.stdin(MAX_INPUT) else { return Vec::new() };
    let updates = ref_updates::parse(&String::from_utf8_lossy(&text), Order::Change);
    let named = updates.unwrap_or_default().into_iter().filter(|update| {
        update.branch().is_some_and(|branch| {
            let mut target = Target::of("git");
            let evidence = Evidence::name(Kind::Branch, "what git is about to change", branch);
            target.evidence = vec![evidence.asserting(Class::Development)];
            policy.classify(&target).class >= Class::Production
        })
    });
    named.map(|update| update.name.into()).collect()
}
