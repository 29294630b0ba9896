//! SQL among an operation's parameters: what its texts would do, where
//! PostgreSQL's grammar can say so. The engines behind are several (Aurora,
//! Redshift, Athena); a text that another of them could read otherwise stays
//! unread. DynamoDB's PartiQL is not here: its statements change one item each
//! and are writes by the table.

use crate::action::{Effect, Flag, Flags};
use crate::invocation::Context;
use crate::parse::sql;

use super::params::Params;

/// Operations that run SQL, and the parameter that holds it.
const TEXTS: &[(&str, &str, &str)] = &[
    ("athena", "start-query-execution", "query-string"),
    ("rds-data", "batch-execute-statement", "sql"),
    ("rds-data", "execute-sql", "sql-statements"),
    ("rds-data", "execute-statement", "sql"),
    ("redshift-data", "batch-execute-statement", "sqls"),
    ("redshift-data", "execute-statement", "sql"),
];

/// What an operation's SQL does.
#[derive(Debug)]
pub struct Query {
    /// How much it takes away.
    pub effect: Effect,
    /// What else matters about it.
    pub flags: Flags,
    /// A sentence without its full stop; empty: nothing to say.
    pub says: String,
}

/// What the texts do; none if there are none that can be read.
pub fn read(
    params: &mut Params<'_>,
    service: &str,
    operation: &str,
    context: Context<'_>,
) -> Option<Query> {
    let known = |entry: &&(&str, &str, &str)| entry.0 == service && entry.1 == operation;
    let texts = params.texts(TEXTS.iter().find(known)?.2, context)?;
    let mut all = Query { effect: Effect::Read, flags: Flags::NONE, says: String::new() };
    for text in &texts {
        let query = match service {
            "athena" => athena(text).or_else(|| one(text))?,
            _ => one(text)?,
        };
        if all.says.is_empty() || query.effect > all.effect {
            all.says = query.says;
        }
        all.effect = all.effect.max(query.effect);
        all.flags = all.flags.union(query.flags);
    }
    Some(all)
}

fn one(text: &str) -> Option<Query> {
    // MySQL's escapes, names, comments and the code in them.
    if text.contains(['\\', '`', '#']) || text.contains("/*") {
        return None;
    }
    let found = sql::read(text.as_bytes());
    let worst = found.iter().max_by_key(|statement| statement.effect)?;
    let flags = found.iter().fold(Flags::NONE, |flags, found| flags.union(found.flags));
    let says = worst.summary.trim_end_matches('.').to_owned();
    (!flags.has(Flag::Opaque)).then_some(Query { effect: worst.effect, flags, says })
}

/// Statements of Athena's own, which are Hive's: one to a text, and known by
/// their first words. Source: the list of DDL statements in Athena's manual;
/// none was run.
fn athena(text: &str) -> Option<Query> {
    if text.contains("--") || text.contains("/*") || text.trim_end_matches([';', ' ']).contains(';')
    {
        return None;
    }
    let words: Vec<String> = text.split_whitespace().take(8).map(str::to_ascii_uppercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (effect, says) = match words.as_slice() {
        ["SHOW" | "DESCRIBE" | "DESC", ..] => (Effect::Read, ""),
        ["MSCK", "REPAIR", "TABLE", _] => (Effect::Write, "Adds a table's partitions"),
        ["CREATE", "EXTERNAL", "TABLE", ..] => (Effect::Write, "Creates a table"),
        ["ALTER", "TABLE", _, "ADD", ..] => (Effect::Write, "Adds to a table"),
        ["ALTER", "TABLE", _, "DROP", ..] => (Effect::Destroy, "Drops partitions of a table"),
        _ => return None,
    };
    Some(Query { effect, flags: Flags::NONE, says: says.to_owned() })
}
