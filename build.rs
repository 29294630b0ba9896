//! Turns what lies in `rules/` into constants, one module of `build/` a kind of
//! file. A rule that is not well-formed fails the build with the file's name and
//! TOML's line and column.

// Stopping is how a build script says that the build cannot go on.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "build/actors.rs"]
mod actors;
#[path = "build/api.rs"]
mod api;
#[path = "src/rules/source/mod.rs"]
#[allow(dead_code)]
mod source;
#[path = "build/tools.rs"]
mod tools;

#[path = "src/actor/source.rs"]
#[allow(dead_code)]
mod actors_source;
#[path = "src/actions/aws/source.rs"]
mod aws_source;
#[path = "src/actions/cloud/source.rs"]
mod cloud_source;
#[path = "src/actions/operation_source.rs"]
mod operation_source;

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    order_functions();
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/rules/source");
    println!("cargo::rerun-if-changed=src/actor/source.rs");
    println!("cargo::rerun-if-changed=src/actions/aws/source.rs");
    println!("cargo::rerun-if-changed=src/actions/cloud/source.rs");
    println!("cargo::rerun-if-changed=src/actions/operation_source.rs");
    let mut tools = Vec::new();
    let mut names: Vec<_> = fs::read_dir("rules")
        .expect("rules/ is there")
        .map(|entry| entry.expect("rules/ can be listed").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    names.sort();
    if env::var_os("CARGO_FEATURE_QUARTER_OF_RULES").is_some() {
        leave_a_quarter(&mut names);
    }
    for path in names {
        let text = fs::read_to_string(&path).expect("a rule file can be read");
        match source::parse(&text) {
            Ok(tool) if path.file_stem().is_some_and(|stem| stem == tool.tool.as_str()) => {
                tools.push(tool);
            }
            Ok(tool) => panic!("{}: it says tool = \"{}\"", path.display(), tool.tool),
            Err(error) => panic!("{}: {error}", path.display()),
        }
    }
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("tools.rs"), tools::generate(&tools))
        .expect("OUT_DIR is writable");
    let path = "rules/actors/markers.toml";
    let text = fs::read_to_string(path).expect("the markers can be read");
    let markers = actors_source::parse(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    fs::write(Path::new(&out).join("actors.rs"), actors::generate(&markers))
        .expect("OUT_DIR is writable");
    let path = "rules/aws/operations.toml";
    let text = fs::read_to_string(path).expect("the operations of AWS can be read");
    let operations = aws_source::generate(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    fs::write(Path::new(&out).join("aws.rs"), operations).expect("OUT_DIR is writable");
    let path = "rules/postgres/functions.txt";
    let text = fs::read_to_string(path).expect("PostgreSQL's functions can be read");
    let mut functions: Vec<&str> = text.lines().collect();
    functions.sort_unstable();
    fs::write(
        Path::new(&out).join("functions.rs"),
        format!("static COMES_ALONG: &[&str] = &{functions:?};"),
    )
    .expect("OUT_DIR is writable");
    let mut clouds = String::new();
    for (name, path) in [("AZ", "rules/cloud/az.toml"), ("GCLOUD", "rules/cloud/gcloud.toml")] {
        let text = fs::read_to_string(path).expect("the operations of a cloud can be read");
        clouds +=
            &cloud_source::generate(name, &text).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    fs::write(Path::new(&out).join("clouds.rs"), clouds).expect("OUT_DIR is writable");
    fs::write(Path::new(&out).join("apis.rs"), api::generate("rules/api"))
        .expect("OUT_DIR is writable");
}

/// Leaves every fourth of the rule files, for benches/breadth, and those whose
/// commands it measures.
fn leave_a_quarter(names: &mut Vec<PathBuf>) {
    const MEASURED: [&str; 7] = ["aws", "curl", "mysql", "npm", "psql", "railway", "redis-cli"];
    let mut at = 0;
    names.retain(|path| {
        at += 1;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        at % 4 == 0 || MEASURED.contains(&&*name)
    });
}

/// Has the linker put side by side what a harmless command runs through.
fn order_functions() {
    println!("cargo::rerun-if-changed=build/shim.ld");
    let musl = env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "musl");
    if let (true, Ok(root)) = (musl, env::var("CARGO_MANIFEST_DIR")) {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{root}/build/shim.ld");
        // One segment for code and constants: two mappings fewer at each start.
        println!("cargo::rustc-link-arg-bins=-Wl,-z,noseparate-code");
    }
}
