//! Temporary tables that one text makes and takes away again: no persistent
//! object. A text sent as one query is one transaction, so where the CREATE
//! fails, a DROP of the same name behind it does not run.

use super::lex::{Kind, Token};
use super::{Role, Statement, name};
use crate::action::Effect;

/// The temporary tables that a text has made so far.
#[derive(Debug, Default)]
pub struct Temporary(Vec<String>);

impl Temporary {
    /// Notes what the next statement makes, and lowers it to a write if it
    /// empties or drops only what is noted. What could give a name another
    /// meaning ends what is known.
    pub fn settle(&mut self, text: &[u8], tokens: &[Token], statement: &mut Statement) {
        if let Some(name) = created(text, tokens) {
            self.0.push(name);
            return;
        }
        let behind = match &*statement.operation {
            "DROP TABLE" => 2,
            "TRUNCATE" => 1,
            "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "COPY" | "ANALYZE" | "CREATE INDEX" => {
                return;
            }
            _ => return self.0.clear(),
        };
        let quoted =
            tokens.iter().any(|token| token.kind != Kind::Word && token.kind != Kind::Comma);
        let names = name::listed(text, tokens, behind);
        let known = |name: &String| self.0.iter().any(|own| own.eq_ignore_ascii_case(name));
        let plain = statement.role == Role::Plain && statement.flags.is_empty() && !quoted;
        if self.0.is_empty() || names.is_empty() || !plain || !names.iter().all(known) {
            return self.0.clear();
        }
        statement.effect = Effect::Write;
        statement.summary.push_str(" The same text made it, as a temporary table.");
        if behind == 2 {
            self.0.retain(|own| !names.iter().any(|name| own.eq_ignore_ascii_case(name)));
        }
    }
}

/// The table of a CREATE TEMPORARY TABLE, if its name stands without quotes
/// and schema.
fn created(text: &[u8], tokens: &[Token]) -> Option<String> {
    let mut words = tokens.iter().peekable();
    let mut next = |options: &[&str]| {
        words.next_if(|token| options.iter().any(|word| token.is(text, word))).is_some()
    };
    if !next(&["create"]) {
        return None;
    }
    next(&["local", "global"]);
    if !next(&["temp", "temporary"]) || !next(&["table"]) {
        return None;
    }
    if next(&["if"]) && !(next(&["not"]) && next(&["exists"])) {
        return None;
    }
    let name = words.next().filter(|token| token.kind == Kind::Word)?;
    if words.peek().is_some_and(|token| token.kind == Kind::Dot) {
        return None;
    }
    name::decoded(text, name)
}
