//! The rules compiled into the binary, found by a program's name.

// A table without a certain kind of rule leaves its type's name unused.
#[allow(unused_imports)]
use super::{
    Arity, Case, Command, Contrast, Inner, Object, Opt, Order, Reader, Retarget, Search, Session,
    SettingsFile, Source, Style, TargetSource, Tool, Wrapper,
};
#[allow(unused_imports)]
use crate::action::{Effect, Flag, Flags, Scope};
#[allow(unused_imports)]
use crate::parse::settings::Format;
#[allow(unused_imports)]
use crate::target::Kind;

use super::source::key;

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

/// A table is searched by what lies in it; the names themselves lie elsewhere,
/// and each would be another page of the program to touch.
fn look_up(programs: &[(u64, &str, u16)], program: &str) -> Option<&'static Tool> {
    let key = key(program.as_bytes());
    let order = |at: &(u64, &str, u16)| at.0.cmp(&key).then_with(|| at.1.cmp(program));
    let at = programs.binary_search_by(order).ok()?;
    let (_, _, tool) = programs.get(at)?;
    TOOLS.get(usize::from(*tool))
}

/// Every tool, in the order of their names.
pub fn all() -> &'static [Tool] {
    TOOLS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_and_every_first_word_is_found_by_its_key() {
        for tool in all() {
            for program in tool.programs {
                let found = [find(program), find_files(program)];
                assert!(found.into_iter().flatten().any(|one| one.name == tool.name), "{program}");
            }
            for (index, command) in tool.commands.iter().enumerate() {
                let keys: Vec<u64> = match command.path.first() {
                    Some(names) => names.iter().map(|name| key(name.as_bytes())).collect(),
                    None => vec![0],
                };
                let is_there = |key| tool.firsts.contains(&(key, index as u16));
                assert!(keys.into_iter().all(is_there), "{} {}", tool.name, command.operation());
            }
            assert!(tool.firsts.is_sorted_by_key(|(_, index)| *index), "{}", tool.name);
            let wraps = tool.commands.iter().any(|command| command.wrapper.is_some());
            assert_eq!(tool.wraps, wraps, "{}", tool.name);
        }
        assert!(find("gizmo").is_none() && find("").is_none());
    }
}
