//! SECURITY.md names tests: they exist, and no test of a bypass is left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The rows of SECURITY.md's table of bypasses: bypass, layer, tests.
fn rows() -> Vec<[String; 3]> {
    let text = read(Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md"));
    let section = text.split("\n## Bypasses\n").nth(1).expect("the section");
    let section = section.split("\n## ").next().expect("its text");
    let rows = section.lines().filter(|line| line.starts_with('|'));
    rows.filter(|row| {
        !["| ---", "| bypass", "| what others do"].iter().any(|head| row.starts_with(head))
    })
    .map(|row| {
        // A bar in a command is written `\|`.
        let row = row.replace("\\|", "\u{0}");
        let cells: Vec<String> = row
            .trim_matches('|')
            .split('|')
            .map(|cell| cell.trim().replace('\u{0}', "|"))
            .collect();
        <[String; 3]>::try_from(cells).unwrap_or_else(|row| panic!("three cells: {row:?}"))
    })
    .collect()
}

/// The names of tests in a cell.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The names of the test functions below a folder.
fn tests_in(folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    found
}

fn collect(path: &Path, found: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder") {
            collect(&entry.expect("an entry").path(), found);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        let text = read(path);
        for test in text.split("#[test]\n").skip(1) {
            let test = test.split("fn ").nth(1).expect("a function");
            found.insert(test.split('(').next().expect("its name").to_owned());
        }
    }
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|error| panic!("{:?}: {error}", path.as_ref()))
}

#[test]
fn every_test_that_security_md_names_exists() {
    let mut tests = tests_in("tests");
    tests.extend(tests_in("src"));
    let rows = rows();
    assert!(rows.len() >= 60, "{} rows", rows.len());
    for [bypass, layer, cell] in &rows {
        assert!(!bypass.is_empty() && !layer.is_empty(), "{bypass} | {layer}");
        let names = names(cell);
        for name in &names {
            assert!(tests.contains(name), "{bypass}: no test is called {name}");
        }
        let open = layer.starts_with("**not stopped**") && cell.starts_with("no test");
        assert!(open || !names.is_empty(), "{bypass}: {layer}, and no test shows it");
    }
}

#[test]
fn every_bypass_that_is_tested_is_in_security_md() {
    let named: BTreeSet<String> = rows().iter().flat_map(|[_, _, cell]| names(cell)).collect();
    let own = [
        "every_test_that_security_md_names_exists",
        "every_bypass_that_is_tested_is_in_security_md",
    ];
    for test in tests_in("tests/bypasses") {
        assert!(named.contains(&test) || own.contains(&test.as_str()), "{test} is in no row");
    }
}
