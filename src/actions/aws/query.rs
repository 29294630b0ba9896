//! SQL among an operation's parameters: what a text given on the command line
//! would do, where PostgreSQL's grammar can say so. The engines behind are
//! several (Aurora, Redshift, Athena); a text that another of them could read
//! otherwise stays unread.

use crate::action::{Effect, Flag, Flags};
use crate::parse::sql;

use super::params::Params;

/// Operations that run one text of SQL, and the parameter that holds it.
const TEXTS: &[(&str, &str, &str)] = &[
    ("rds-data", "execute-statement", "sql"),
    ("redshift-data", "execute-statement", "sql"),
    ("athena", "start-query-execution", "query-string"),
];

/// What the text does; none if there is none that can be read.
pub fn read(params: &Params<'_>, service: &str, operation: &str) -> Option<(Effect, Flags)> {
    let known = |entry: &&(&str, &str, &str)| entry.0 == service && entry.1 == operation;
    let text = params.literal(TEXTS.iter().find(known)?.2)?;
    // MySQL's escapes, names, comments and the code in them.
    if text.contains(['\\', '`', '#']) || text.contains("/*") {
        return None;
    }
    let found = sql::read(text.as_bytes());
    let effect = found.iter().map(|statement| statement.effect).max()?;
    let flags = found.iter().fold(Flags::NONE, |flags, found| flags.union(found.flags));
    (!flags.has(Flag::Opaque)).then_some((effect, flags))
}
