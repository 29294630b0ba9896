//! The table of what is covered, how deeply, and checked against what: one
//! row a rule file that has shims, for the README.

use std::fmt::Write as _;

use crate::rules::{Reader, Tool, table};

/// The table, in Markdown.
pub fn table() -> String {
    let mut out = String::from(
        "| tool | commands | how it is read | target | preview | checked against |\n\
         | --- | ---: | --- | --- | --- | --- |\n",
    );
    for tool in table::all().iter().filter(|tool| tool.shim) {
        let commands = tool.commands.iter().filter(|command| command.effect.is_some()).count();
        let commands = if commands == 0 { String::new() } else { commands.to_string() };
        let _ = writeln!(
            out,
            "| {} | {commands} | {} | {} | {} | {} |",
            programs(tool),
            depth(tool),
            target(tool),
            tool.preview,
            tool.checked.replace('|', "\\|"),
        );
    }
    out
}

fn programs(tool: &Tool) -> String {
    let names: Vec<String> = tool.programs.iter().map(|name| format!("`{name}`")).collect();
    names.join(" ")
}

/// How deeply a tool is read.
fn depth(tool: &Tool) -> &'static str {
    match tool.reader {
        Reader::Table if tool.wrapper.is_some() => "its words; the command inside",
        Reader::Table => "its words",
        Reader::Launcher | Reader::Little | Reader::Make | Reader::Packages | Reader::Shell => {
            "the command inside"
        }
        _ => "its words and the texts in them",
    }
}

/// Where its target comes from.
fn target(tool: &Tool) -> &'static str {
    match tool.reader {
        Reader::Table if tool.target.is_empty() => "",
        Reader::Table => "options, variables, settings",
        reader if reader.is_wrapper() => "that of the command inside",
        _ => "as the tool resolves it",
    }
}
