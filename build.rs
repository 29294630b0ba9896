//! Turns `rules/*.toml` into constants. A rule that is not well-formed fails
//! the build with the file's name and TOML's line and column.

// Stopping is how a build script says that the build cannot go on.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "src/actor/source.rs"]
#[allow(dead_code)]
mod actors;
#[path = "build/api.rs"]
mod api;
#[path = "src/rules/source/mod.rs"]
#[allow(dead_code)]
mod source;

#[path = "src/actions/aws/source.rs"]
mod aws_source;
#[path = "src/actions/cloud/source.rs"]
mod cloud_source;
#[path = "src/actions/operation_source.rs"]
mod operation_source;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use source::{
    CommandSource, ContrastSource, OptionsSource, RetargetSource, SearchSource, SessionSource,
    TargetSourceSource, ToolSource, WrapperSource,
};

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
    fs::write(Path::new(&out).join("tools.rs"), generate(&tools)).expect("OUT_DIR is writable");
    let path = "rules/actors/markers.toml";
    let text = fs::read_to_string(path).expect("the markers can be read");
    let markers = actors::parse(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    fs::write(Path::new(&out).join("actors.rs"), generate_actors(&markers))
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

fn generate_actors(markers: &actors::MarkersSource) -> String {
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
    let clauses: Vec<String> = actors::clauses(text)
        .into_iter()
        .map(|(test, name, value)| {
            format!("Clause {{ test: Test::{test}, name: {name:?}, value: {value:?} }}")
        })
        .collect();
    format!("&[{}]", clauses.join(", "))
}

fn generate(tools: &[ToolSource]) -> String {
    let mut out = String::from(
        "/// Every rule file, in the order of their names.\npub static TOOLS: &[Tool] = &[\n",
    );
    for tool in tools {
        write_tool(&mut out, tool);
    }
    out.push_str("];\n");
    // What touches holdpoint's own files is asked beside a program's own rules.
    let (files, others): (Vec<_>, Vec<_>) =
        tools.iter().enumerate().partition(|(_, tool)| tool.reader == "files");
    for (name, tools) in [("PROGRAMS", others), ("FILES", files)] {
        let mut programs: Vec<(u64, &str, usize)> = Vec::new();
        for (index, tool) in tools {
            let entry = |program| (source::key(str::as_bytes(program)), program, index);
            programs.extend(tool.programs.iter().map(|program| entry(program.as_str())));
        }
        programs.sort();
        if let Some(twice) = programs.windows(2).find(|pair| pair[0].1 == pair[1].1) {
            panic!("two rule files cover the program `{}`", twice[0].1);
        }
        let _ = writeln!(out, "static {name}: &[(u64, &str, u16)] = &{programs:?};");
    }
    out
}

fn write_tool(out: &mut String, tool: &ToolSource) {
    let _ = writeln!(
        out,
        "Tool {{ name: {:?}, programs: &{:?}, about: {:?}, checked: {:?}, preview: {:?}, shim: {}, \
         style: Style::{}, reader: Reader::{}, platform: {:?}, target: &[{}], options: {}, \
         wrapper: {}, session: {}, search: {}, retargets: &[{}], destroys: &{:?}, harmless: &{:?}, \
         contrast: {}, firsts: &{:?}, wraps: {}, commands: &[",
        tool.tool,
        tool.programs,
        tool.about,
        tool.checked,
        tool.preview,
        tool.shim,
        tool.style.to_uppercase(),
        capital(&tool.reader),
        tool.platform,
        targets(&tool.target),
        options(&tool.options),
        wrapper(tool.wrapper.as_ref()),
        session(tool.session.as_ref()),
        search(tool.search.as_ref()),
        retargets(&tool.retarget),
        tool.destroys,
        tool.harmless,
        contrast(tool.contrast.as_ref()),
        source::firsts(&tool.command),
        tool.command.iter().any(|command| command.wrapper.is_some()),
    );
    for command in &tool.command {
        write_command(out, command);
    }
    out.push_str("] },\n");
}

fn write_command(out: &mut String, command: &CommandSource) {
    let path: Vec<String> =
        source::path_words(&command.path).iter().map(|word| format!("&{word:?}")).collect();
    let object = command.object.as_ref().map_or("None".to_owned(), |object| {
        let from: Vec<String> = object.from.iter().map(|from| source_of(from)).collect();
        format!("Some(Object {{ kind: {:?}, from: &[{}] }})", object.kind, from.join(", "))
    });
    let cases: Vec<String> = command
        .when
        .iter()
        .map(|case| {
            format!(
                "Case {{ option: {:?}, values: &{:?}, absent: {}, effect: {}, flags: {}, says: {} }}",
                case.option.split('/').next_back().unwrap_or_default(),
                case.values,
                case.absent,
                effect(case.effect.as_deref()),
                case.flags.as_ref().map_or("None".to_owned(), |list| format!("Some({})", flags(list))),
                case.says.as_ref().map_or("None".to_owned(), |says| format!("Some({says:?})")),
            )
        })
        .collect();
    let _ = writeln!(
        out,
        "Command {{ path: &[{}], options: {}, effect: {}, flags: {}, scope: Scope::{}, \
         object: {object}, says: {:?}, instead: {:?}, cases: &[{}], wrapper: {}, \
         destroys: &{:?}, harmless: &{:?} }},",
        path.join(", "),
        options(&command.options),
        effect(command.effect.as_deref()),
        flags(&command.flags),
        capital(command.scope.as_deref().unwrap_or("environment")),
        command.says,
        command.instead,
        cases.join(", "),
        wrapper(command.wrapper.as_ref()),
        command.destroys,
        command.harmless,
    );
}

fn options(options: &OptionsSource) -> String {
    let list: Vec<String> = options
        .all()
        .map(|(spec, arity)| {
            let names: Vec<&str> = spec.split('/').collect();
            format!("Opt {{ names: &{names:?}, arity: Arity::{arity} }}")
        })
        .collect();
    format!("&[{}]", list.join(", "))
}

fn effect(effect: Option<&str>) -> String {
    effect.map_or("None".to_owned(), |word| format!("Some(Effect::{})", capital(word)))
}

fn flags(list: &[String]) -> String {
    let list: Vec<String> = list.iter().map(|word| format!("Flag::{}", capital(word))).collect();
    format!("Flags::of(&[{}])", list.join(", "))
}

fn targets(sources: &[TargetSourceSource]) -> String {
    let sources: Vec<String> = sources
        .iter()
        .map(|source| {
            let from = if source.file.is_empty() {
                source_of(&source.from)
            } else {
                format!(
                    "Source::File(&SettingsFile {{ path: {:?}, format: Format::{}, key: &{:?}, above: {} }})",
                    source.file,
                    capital(format_of(source.format_word())),
                    source.steps(),
                    source.above,
                )
            };
            format!(
                "TargetSource {{ kind: Kind::{}, from: {from}, unless: {:?} }}",
                capital(&source.kind),
                source.unless.trim_start_matches('$'),
            )
        })
        .collect();
    sources.join(", ")
}

fn retargets(list: &[RetargetSource]) -> String {
    let list: Vec<String> = list
        .iter()
        .map(|retarget| {
            let path: Vec<String> = source::path_words(&retarget.path)
                .iter()
                .map(|word| format!("&{word:?}"))
                .collect();
            let options: Vec<String> = retarget
                .options
                .iter()
                .map(|spec| format!("&{:?}", spec.split('/').collect::<Vec<_>>()))
                .collect();
            format!(
                "Retarget {{ path: &[{}], options: &[{}], with: &{:?}, without: &{:?}, \
                 only: &{:?}, except: &{:?}, file: {:?}, \
                 format: Format::{}, key: &{:?}, above: {}, value: {:?} }}",
                path.join(", "),
                options.join(", "),
                retarget.with,
                retarget.without,
                retarget.only,
                retarget.except,
                retarget.file,
                capital(format_of(retarget.format_word())),
                retarget.steps(),
                retarget.above,
                retarget.value,
            )
        })
        .collect();
    list.join(", ")
}

/// The name of a format that has two.
fn format_of(word: &str) -> &str {
    match word {
        "yml" => "yaml",
        "cfg" => "ini",
        word => word,
    }
}

fn wrapper(wrapper: Option<&WrapperSource>) -> String {
    let Some(wrapper) = wrapper else { return "None".to_owned() };
    let inner = match wrapper.inner.as_str() {
        "words" => "Inner::Words".to_owned(),
        "line" => "Inner::Line".to_owned(),
        "rest" => "Inner::Rest".to_owned(),
        option => format!("Inner::Option({option:?})"),
    };
    format!(
        "Some(Wrapper {{ inner: {inner}, skip: {}, assignments: {}, clears: &{:?}, unsets: &{:?}, \
         chdir: &{:?}, splits: &{:?}, not_with: &{:?}, appends: {}, replaces: &{:?}, words_with: &{:?}, shells: &{:?}, \
         starts_shell: {}, keeps: &{:?}, keeps_open: {}, other_user: {}, front: {}, direct: {}, lines: &{:?}, scripts: &{:?}, hides_env: {}, \
         env_in: &{:?}, \
         place: {:?}, names: &[{}], attaches: &{:?}, \
         detaches: &{:?}, sets: &{:?}, entry: &{:?} }})",
        wrapper.skip,
        wrapper.assignments,
        wrapper.clears,
        wrapper.unsets,
        wrapper.chdir,
        wrapper.splits,
        wrapper.not_with,
        wrapper.appends,
        wrapper.replaces,
        wrapper.words_with,
        wrapper.shells,
        wrapper.starts_shell,
        wrapper.keeps,
        wrapper.keeps_open,
        wrapper.other_user,
        wrapper.front,
        wrapper.direct,
        wrapper.lines,
        wrapper.scripts,
        wrapper.hides_env,
        wrapper.env_in,
        wrapper.place,
        targets(&wrapper.names),
        wrapper.attaches,
        wrapper.detaches,
        wrapper.sets,
        wrapper.entry,
    )
}

fn session(session: Option<&SessionSource>) -> String {
    let Some(session) = session else { return "None".to_owned() };
    format!(
        "Some(Session {{ read_only: {:?}, unless: {:?}, not_stopped: {:?}, instead: {:?} }})",
        session.read_only, session.unless, session.not_stopped, session.instead,
    )
}

fn search(search: Option<&SearchSource>) -> String {
    let Some(search) = search else { return "None".to_owned() };
    format!(
        "Some(Search {{ dotenv: &{:?}, upward: {}, env_files: &{:?}, configs: &{:?}, merges: {}, \
         config_options: &{:?}, environment: &{:?}, default: {:?}, chdir: &{:?}, over: &{:?}, \
         default_keys: &{:?} }})",
        search.dotenv,
        search.upward,
        search.env_files,
        search.configs,
        search.merges,
        search.config_options,
        search.environment,
        search.default,
        search.chdir,
        search.over,
        search.default_keys,
    )
}

fn contrast(contrast: Option<&ContrastSource>) -> String {
    let Some(contrast) = contrast else { return "&Contrast::NONE".to_owned() };
    let files: Vec<(&String, &String)> = contrast.files.iter().collect();
    let rows: Vec<(&str, &str)> = contrast.rows().collect();
    let none = &contrast.none;
    format!("&Contrast {{ files: &{files:?}, none: {none:?}, rows: &{rows:?} }}")
}

fn source_of(from: &str) -> String {
    if let Some(name) = from.strip_prefix('$') {
        return format!("Source::Variable({name:?})");
    }
    if let Some(value) = from.strip_prefix('=') {
        return format!("Source::Default({value:?})");
    }
    if from == "@hostname" {
        return "Source::Hostname".to_owned();
    }
    match from.strip_prefix('#') {
        Some("*") => "Source::Positionals".to_owned(),
        Some(number) => format!("Source::Positional({number})"),
        None => format!("Source::Option({:?})", from.split('/').next_back().unwrap_or_default()),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
        .unwrap_or_default()
}
