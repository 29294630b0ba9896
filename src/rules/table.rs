//! The rules compiled into the binary, found by a program's name.

// A table without a certain kind of rule leaves its type's name unused.
#[allow(unused_imports)]
use super::{
    Arity, Case, Command, Inner, Object, Opt, Order, Reader, Search, Session, SettingsFile, Source,
    Style, TargetSource, Tool, Wrapper,
};
#[allow(unused_imports)]
use crate::action::{Effect, Flag, Flags, Scope};
#[allow(unused_imports)]
use crate::parse::settings::Format;
#[allow(unused_imports)]
use crate::target::Kind;

include!(concat!(env!("OUT_DIR"), "/tools.rs"));

/// The rules for a program of this name, if it is guarded.
pub fn find(program: &str) -> Option<&'static Tool> {
    look_up(PROGRAMS, program)
}

/// The rules for a program that could touch holdpoint's own files, beside
/// those that say what else it does.
pub fn find_files(program: &str) -> Option<&'static Tool> {
    look_up(FILES, program)
}

fn look_up(programs: &[(&str, u16)], program: &str) -> Option<&'static Tool> {
    let at = programs.binary_search_by(|(name, _)| (*name).cmp(program)).ok()?;
    let (_, tool) = programs.get(at)?;
    TOOLS.get(usize::from(*tool))
}

/// Every tool, in the order of their names.
pub fn all() -> &'static [Tool] {
    TOOLS
}
