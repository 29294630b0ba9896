//! The documents say what the program says: the table of tools in the README,
//! and the reference of rule files.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::fs;
use std::process::Command;

use holdpoint::rules::examples;
use holdpoint::rules::overlay;
use holdpoint::rules::source::{self, ToolSource};
use holdpoint::world::fake::FakeWorld;

fn page(name: &str) -> String {
    let path = format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).expect("the page is there")
}

/// Set HOLDPOINT_WRITE_DOCS to write the table anew.
#[test]
fn the_readme_s_table_of_tools_is_that_of_the_rules() {
    let output = Command::new(env!("CARGO_BIN_EXE_holdpoint"))
        .args(["rules", "list", "--table"])
        .output()
        .expect("it starts");
    let table = String::from_utf8(output.stdout).expect("text");
    let readme = page("README.md");
    let (before, rest) = readme.split_once("<!-- tools -->\n").expect("the table's place");
    let (found, after) = rest.split_once("<!-- /tools -->").expect("its end");
    if std::env::var_os("HOLDPOINT_WRITE_DOCS").is_some() {
        let whole = format!("{before}<!-- tools -->\n{table}<!-- /tools -->{after}");
        fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"), whole).expect("written");
        return;
    }
    let differs = found.lines().zip(table.lines()).find(|(found, right)| found != right);
    let same = found == table;
    assert!(same, "{differs:?}: HOLDPOINT_WRITE_DOCS=1 cargo test --test docs writes it anew");
}

/// The keys that a table of a rule file may have, by what the reader says of
/// a key that it does not know.
fn keys(before: &str) -> Vec<String> {
    let text = format!("tool = 'x'\nabout = ''\nchecked = ''\nstyle = 'clap'\n{before}");
    let error = toml::from_str::<ToolSource>(&text).expect_err("no such key").message().to_owned();
    let (_, list) = error.split_once("expected").unwrap_or_else(|| panic!("{before}: {error}"));
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_of_a_rule_file_is_documented() {
    let page = page("docs/rules.md");
    let mut sections = Vec::new();
    for (heading, before) in [
        ("## The tool", "zzz = 1"),
        ("## The tool", "[search]\nzzz = 1"),
        ("## Where its target stands", "target = [{ zzz = 1 }]"),
        ("## Options", "[options]\nzzz = 1"),
        ("## A command", "[[command]]\nzzz = 1"),
        ("## A command", "[[command]]\n[[command.when]]\nzzz = 1"),
        ("## A command", "[[command]]\nobject = { zzz = 1 }"),
        ("## A wrapper", "[wrapper]\nzzz = 1"),
        ("## The same lines in every place", "[contrast]\nzzz = 1"),
        ("## What it changes for later commands", "[[retarget]]\nzzz = 1"),
    ] {
        let (_, section) = page.split_once(heading).expect("the heading");
        let section = section.split("\n## ").next().unwrap_or_default();
        let keys = keys(before);
        assert!(keys.len() > 1, "{before}: {keys:?}");
        for key in &keys {
            let named =
                section.contains(&format!("`{key}`")) || section.contains(&format!("{key} ="));
            assert!(named, "docs/rules.md says nothing of `{key}` in {heading}");
        }
        sections.push(keys.len());
    }
    assert!(sections.iter().sum::<usize>() > 45, "{sections:?}");
}

#[test]
fn every_word_of_a_rule_file_is_documented() {
    let page = page("docs/rules.md");
    let lists = [
        source::EFFECTS,
        source::FLAGS,
        source::SCOPES,
        source::STYLES,
        source::FORMATS,
        source::SETTINGS,
    ];
    for word in lists.into_iter().flatten().filter(|word| !["yml", "cfg"].contains(word)) {
        assert!(page.contains(&format!("`{word}`")), "docs/rules.md says nothing of `{word}`");
    }
}

#[test]
fn the_rule_file_in_the_reference_holds() {
    let page = page("docs/rules.md");
    let (_, text) = page.split_once("```toml\n").expect("an example");
    let (text, _) = text.split_once("```").expect("its end");
    let tool = overlay::compile(text).expect("a rule file");
    let world = FakeWorld::new().with_file("/home/ana/.config/holdpoint/rules/acmectl.toml", text);
    let held: Vec<_> = examples::of(tool).map(|one| examples::run_in(one, &world)).collect();
    assert_eq!(held, vec![Ok(()); 7]);
}
