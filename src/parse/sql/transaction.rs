//! Transactions that the text itself provably takes back: what destroys
//! inside BEGIN … ROLLBACK is only a write.

use super::{Role, Statement};
use crate::action::{Effect, Flag, Flags};

/// Lowers to a write everything that destroys or disrupts between a BEGIN and
/// the ROLLBACK that ends the same transaction, if nothing between them could
/// end it otherwise.
pub fn settle(statements: &mut [Statement]) {
    let mut begun: Option<usize> = None;
    for at in 0..statements.len() {
        match statements.get(at).map(|statement| &statement.role) {
            Some(Role::Begin) if begun.is_none() => begun = Some(at),
            Some(Role::Rollback) => {
                if let Some(span) = begun.and_then(|from| statements.get_mut(from..at)) {
                    span.iter_mut().for_each(lower);
                }
                begun = None;
            }
            Some(Role::Commit | Role::Barrier) => begun = None,
            _ => {}
        }
    }
}

fn lower(statement: &mut Statement) {
    if statement.lasting || statement.effect <= Effect::Write {
        return;
    }
    statement.effect = Effect::Write;
    let kept = statement.flags.iter().filter(|flag| *flag != Flag::Irreversible);
    statement.flags = kept.fold(Flags::NONE, Flags::with);
    statement.summary.push_str(" The same text rolls it back.");
}
