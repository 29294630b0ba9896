//! Reads psql and the other PostgreSQL programs: which texts they would run,
//! in which order, and where each would land.

mod cockroach;
mod commands;
mod copy;
mod pgcli;
mod programs;
mod psql;
mod script;
mod session;
mod startup;

use super::{Call, Reading, TEXT_LIMIT};
use crate::parse::argv::{self, Parsed};
use crate::target::postgres::{Parameters, Setting};

/// Reads a call of a PostgreSQL program.
pub fn read(call: &Call<'_>) -> Reading {
    let posixly = call.context.var("POSIXLY_CORRECT").is_some();
    let parsed = argv::parse(call.tool, call.context.invocation, posixly);
    // --help and --version make all of them print and end.
    if parsed.has("--help") || parsed.has("--version") {
        return Reading::default();
    }
    match call.tool.name {
        "cockroach" => cockroach::read(call, &parsed),
        "pgcli" => pgcli::read(call, &parsed),
        "psql" => psql::read(call, &parsed),
        _ => programs::read(call, &parsed),
    }
}

/// The connection options as given, the database being left out: programs
/// differ in where it stands.
fn given(parsed: &Parsed<'_>) -> Parameters {
    let mut given = Parameters::default();
    for (name, slot) in
        [("--host", &mut given.host), ("--port", &mut given.port), ("--username", &mut given.user)]
    {
        let Some(value) = parsed.value(name) else { continue };
        if value.dynamic {
            given.gap = Some(format!("the value of {name} is computed at run time"));
        }
        *slot = Some(Setting::new(value.text.to_string_lossy(), name));
    }
    given
}

#[cfg(test)]
mod tests;
