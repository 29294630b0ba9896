//! What the environment says about the caller. It can say that a caller is
//! not a person; nothing in it can say that one is.

use std::ffi::OsStr;

use super::markers::{Caller, Clause, Test};
use crate::text;
use crate::world::World;

/// The process's variables, as text.
pub struct Environment(Vec<(String, String)>);

/// A caller that the environment gave away.
#[derive(Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Its name.
    pub name: String,
    /// The variables that said so: `TERM_PROGRAM + GIT_PAGER`.
    pub signal: String,
}

impl Environment {
    /// Reads the variables.
    pub fn of(world: &dyn World) -> Environment {
        let lossy = |text: &OsStr| text.to_string_lossy().into_owned();
        Environment(world.vars().iter().map(|(name, value)| (lossy(name), lossy(value))).collect())
    }

    /// Every caller of the table that gives itself away, in the table's order.
    pub fn sightings(&self, table: &[Caller]) -> Vec<Sighting> {
        table
            .iter()
            .filter_map(|caller| {
                let clauses = caller.env.iter().find(|clauses| self.holds(clauses))?;
                Some(Sighting { name: self.name_of(caller), signal: self.signal(clauses) })
            })
            .collect()
    }

    /// The first variable that matches one of a policy's names (globs).
    pub fn matching(&self, names: &[String]) -> Option<&str> {
        self.0
            .iter()
            .map(|(variable, _)| variable.as_str())
            .find(|variable| names.iter().any(|name| text::glob(name, variable)))
    }

    fn holds(&self, clauses: &[Clause]) -> bool {
        !clauses.is_empty() && clauses.iter().all(|clause| self.find(clause).is_some())
    }

    /// The variable that makes a clause hold.
    fn find(&self, clause: &Clause) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, value)| match clause.test {
                Test::Present => name == clause.name,
                Test::Begins => name.starts_with(clause.name),
                Test::Is => name == clause.name && value == clause.value,
                Test::Contains => name == clause.name && value.contains(clause.value),
            })
            .map(|(name, _)| name.as_str())
    }

    fn signal(&self, clauses: &[Clause]) -> String {
        let names: Vec<&str> = clauses.iter().filter_map(|clause| self.find(clause)).collect();
        format!("env {}", names.join(" + "))
    }

    fn name_of(&self, caller: &Caller) -> String {
        let Some(variable) = caller.name.strip_prefix('$') else { return caller.name.to_owned() };
        let value = self.0.iter().find(|(name, _)| name == variable).map(|(_, value)| value);
        match value {
            Some(value) if value.chars().any(char::is_alphabetic) => text::visible(value, 40),
            _ => "an agent".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::markers::{AGENTS, CI, SHARED};
    use crate::world::fake::FakeWorld;

    fn first(world: &FakeWorld, table: &[Caller]) -> Option<Sighting> {
        Environment::of(world).sightings(table).into_iter().next()
    }

    #[test]
    fn every_single_marker_of_the_table_is_seen() {
        for (table, count) in [(AGENTS, 25), (CI, 10), (SHARED, 5)] {
            assert!(table.len() > count);
            for caller in table {
                for clauses in caller.env {
                    let world = clauses.iter().fold(FakeWorld::new(), |world, clause| {
                        let name = match clause.test {
                            Test::Begins => format!("{}ANYTHING", clause.name),
                            _ => clause.name.to_owned(),
                        };
                        let value = match clause.test {
                            Test::Contains => format!("x {} y", clause.value),
                            _ => clause.value.to_owned(),
                        };
                        world.with_var(&name, &value)
                    });
                    assert!(
                        Environment::of(&world)
                            .sightings(table)
                            .iter()
                            .any(|sighting| sighting.name == caller.name
                                || caller.name.starts_with('$') && sighting.name == "an agent"),
                        "{}: {clauses:?}",
                        caller.name
                    );
                }
            }
        }
    }

    #[test]
    fn a_value_never_takes_a_marker_back() {
        for value in ["0", "false", "", "human", "no"] {
            let world = FakeWorld::new().with_var("CLAUDECODE", value);
            assert_eq!(first(&world, AGENTS).unwrap().name, "claude-code", "{value:?}");
            let world = FakeWorld::new().with_var("AI_AGENT", value);
            assert!(first(&world, AGENTS).is_some(), "{value:?}");
        }
    }

    #[test]
    fn a_combination_needs_all_its_parts() {
        let world = FakeWorld::new().with_var("TERM_PROGRAM", "vscode");
        assert_eq!(first(&world, AGENTS), None);
        let world = world.with_var("GIT_PAGER", "cat");
        let sighting = first(&world, AGENTS).unwrap();
        assert_eq!(sighting.name, "copilot");
        assert_eq!(sighting.signal, "env TERM_PROGRAM + GIT_PAGER");
        let zed = FakeWorld::new().with_var("TERM_PROGRAM", "zed").with_var("GIT_PAGER", "cat");
        assert_eq!(first(&zed, AGENTS), None);
        assert_eq!(first(&zed.with_var("PAGER", ""), AGENTS).unwrap().name, "zed");
    }

    #[test]
    fn settings_that_people_have_are_no_markers() {
        let world = FakeWorld::new()
            .with_var("CODEX_HOME", "/home/ana/.codex")
            .with_var("CLAUDE_CODE_USE_BEDROCK", "1")
            .with_var("GEMINI_API_KEY", "x")
            .with_var("EDITOR", "vim")
            .with_var("PAGER", "less")
            .with_var("TERM_PROGRAM", "iTerm.app");
        assert_eq!(first(&world, AGENTS), None);
        assert_eq!(first(&world, CI), None);
        assert_eq!(first(&world, SHARED), None);
    }

    #[test]
    fn the_agreed_names_carry_the_agents_name_without_its_escapes() {
        let world = FakeWorld::new().with_var("AI_AGENT", "acme-bot@2\u{1b}[2J");
        assert_eq!(first(&world, AGENTS).unwrap().name, "acme-bot@2\\u{1b}[2J");
        let world = FakeWorld::new().with_var("AGENT", "1");
        assert_eq!(first(&world, AGENTS).unwrap().name, "an agent");
    }

    #[test]
    fn a_policys_names_are_globs() {
        let world = FakeWorld::new().with_var("ACME_BOT_SESSION", "1");
        let environment = Environment::of(&world);
        assert_eq!(environment.matching(&["ACME_BOT_*".to_owned()]), Some("ACME_BOT_SESSION"));
        assert_eq!(environment.matching(&["ACME_BOT".to_owned()]), None);
    }
}
