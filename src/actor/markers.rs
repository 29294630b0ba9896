//! The compiled table of `rules/actors/markers.toml`: what agents, CI systems
//! and the owners of terminals look like. Constants only.

/// How a clause looks at a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// It is set, to whatever value.
    Present,
    /// A variable is set whose name begins so.
    Begins,
    /// It is exactly the value.
    Is,
    /// It contains the value.
    Contains,
}

/// One look at a variable.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// How it is looked at.
    pub test: Test,
    /// The variable's name, or how it begins.
    pub name: &'static str,
    /// The value to compare with, where one is.
    pub value: &'static str,
}

/// An agent, a CI system or an IDE, and what gives it away.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// Its name; `$VARIABLE` stands for that variable's value.
    pub name: &'static str,
    /// Conditions, any of which is enough; a condition is all its clauses.
    pub env: &'static [&'static [Clause]],
    /// Names of its processes.
    pub processes: &'static [&'static str],
    /// Parts of the paths that it runs from.
    pub scripts: &'static [&'static str],
    /// Files that exist only where it runs.
    pub paths: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/actors.rs"));
