//! Turns the marks by which actors are known into constants. What the file may
//! say is checked where it is parsed.

use std::fmt::Write as _;

use crate::actors_source::{MarkersSource, clauses};

/// The constants of `rules/actors/markers.toml`.
pub fn generate(markers: &MarkersSource) -> String {
    let mut out = String::new();
    for (name, about, callers) in [
        ("AGENTS", "Coding agents.", &markers.agent),
        ("CI", "Continuous-integration systems.", &markers.ci),
        ("SHARED", "Programs whose terminals a person and an agent share.", &markers.shared),
    ] {
        let _ = writeln!(out, "/// {about}\npub static {name}: &[Caller] = &[");
        for caller in callers {
            let env: Vec<String> = caller.env.iter().map(|text| condition(text)).collect();
            let _ = writeln!(
                out,
                "Caller {{ name: {:?}, env: &[{}], processes: &{:?}, scripts: &{:?}, paths: &{:?} }},",
                caller.name,
                env.join(", "),
                caller.processes,
                caller.scripts,
                caller.paths,
            );
        }
        out.push_str("];\n");
    }
    let terminals = &markers.terminals;
    for (name, about, list) in [
        ("LOGIN", "Owners of terminals that run as root.", &terminals.login),
        ("EMULATORS", "Owners of terminals that run as the person.", &terminals.emulators),
        ("MULTIPLEXERS", "Those that people attach to.", &terminals.multiplexers),
        ("RELAYS", "Those that pass a person's terminal on.", &terminals.relays),
    ] {
        let _ = writeln!(out, "/// {about}\npub static {name}: &[&str] = &{list:?};");
    }
    out
}

fn condition(text: &str) -> String {
    let clauses: Vec<String> = clauses(text)
        .into_iter()
        .map(|(test, name, value)| {
            format!("Clause {{ test: Test::{test}, name: {name:?}, value: {value:?} }}")
        })
        .collect();
    format!("&[{}]", clauses.join(", "))
}
