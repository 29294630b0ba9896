//! The argv splitter against getopt itself (Python's, which takes the same
//! tables and has GNU's clusters, unique prefixes and permutation), on words
//! made to collide with the tables.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use holdpoint::invocation::Invocation;
use holdpoint::parse::argv::{self, Parsed};
use holdpoint::rules::{Arity, Order, Tool, table};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const SCRIPT: &str = r#"
import getopt, json, sys
for line in sys.stdin:
    case = json.loads(line)
    parse = getopt.getopt if case["front"] else getopt.gnu_getopt
    try:
        options, rest = parse(case["words"], case["short"], case["long"])
        print(json.dumps([options, rest]))
    except getopt.GetoptError:
        print("null")
"#;

/// The tools with getopt's style, whose tables Python can be given.
fn tools() -> impl Iterator<Item = &'static Tool> {
    table::all().iter().filter(|tool| {
        let style = tool.style;
        let plain = style.bundle && style.prefixes && style.long_equals && !style.short_equals;
        let arities =
            tool.options.iter().all(|option| matches!(option.arity, Arity::Flag | Arity::Value));
        plain
            && arities
            // getopt knows no long name behind one dash (tclsh's -encoding).
            && tool.options.iter().flat_map(|option| option.names).all(|name| {
                name.starts_with("--") || name.chars().count() == 2
            })
            && tool.commands.iter().all(|command| command.options.is_empty())
            && !tool.options.is_empty()
            && matches!(style.order, Order::Front | Order::Posixly)
            && tool.commands.iter().all(|command| command.path.is_empty())
    })
}

/// Words that are likely to mean something to a tool.
fn word(tool: &'static Tool) -> BoxedStrategy<String> {
    let names: Vec<&'static str> =
        tool.options.iter().flat_map(|option| option.names.iter().copied()).collect();
    let letters: Vec<char> = names
        .iter()
        .filter(|name| !name.starts_with("--"))
        .filter_map(|name| name.chars().nth(1))
        .chain(['x', '='])
        .collect();
    prop_oneof![
        4 => prop::sample::select(names.clone()).prop_map(str::to_owned),
        2 => (prop::sample::select(names.clone()), 2..12_usize)
            .prop_map(|(name, length)| name.chars().take(length).collect()),
        2 => (prop::sample::select(names), "[a-z=-]{0,3}")
            .prop_map(|(name, value)| format!("{name}={value}")),
        3 => prop::collection::vec(prop::sample::select(letters), 1..4)
            .prop_map(|letters| format!("-{}", letters.into_iter().collect::<String>())),
        4 => "[a-z]{0,3}",
        1 => Just("-".to_owned()),
        1 => Just("--".to_owned()),
    ]
    .boxed()
}

/// The first spelling of each option given, with its value.
fn ours(parsed: &Parsed<'_>) -> Vec<(String, String)> {
    let options = parsed.options.iter().map(|given| {
        let value = given.value.map(|value| value.text.to_string_lossy().into_owned());
        (given.option.names[0].to_owned(), value.unwrap_or_default())
    });
    options.collect()
}

#[test]
fn words_are_told_apart_as_getopt_does() {
    let mut runner = TestRunner::deterministic();
    let mut cases = Vec::new();
    let mut input = String::new();
    let tools: Vec<&'static Tool> = tools().collect();
    assert!(tools.len() >= 10, "{}", tools.len());
    for tool in tools {
        let words = prop::collection::vec(word(tool), 0..6);
        let mut short = String::new();
        let mut long = Vec::new();
        for option in tool.options {
            let value = option.arity == Arity::Value;
            for name in option.names {
                match name.strip_prefix("--") {
                    Some(name) => long.push(format!("{name}{}", if value { "=" } else { "" })),
                    None => {
                        short.push(name.chars().nth(1).unwrap());
                        short.push_str(if value { ":" } else { "" });
                    }
                }
            }
        }
        for _ in 0..150 {
            let words = words.new_tree(&mut runner).unwrap().current();
            let front = tool.style.order == Order::Front;
            let case =
                serde_json::json!({"words": words, "short": short, "long": long, "front": front});
            input.push_str(&format!("{case}\n"));
            cases.push((tool, words));
        }
    }
    let mut child = Command::new("python3")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        std::io::Write::write_all(&mut stdin, input.as_bytes()).unwrap();
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers.len(), cases.len());
    let mut compared = 0;
    for ((tool, words), answer) in cases.iter().zip(answers) {
        let mut argv = vec![tool.name.to_owned()];
        argv.extend(words.iter().cloned());
        let invocation = Invocation::new(argv);
        let parsed = argv::parse(tool, &invocation, false);
        let Ok(Some((options, rest))) =
            serde_json::from_str::<Option<(Vec<(String, String)>, Vec<String>)>>(answer)
        else {
            // What getopt refuses, the tool refuses: how it is read matters
            // little, but it must not be read as quite regular.
            continue;
        };
        let canonical = |name: &str| {
            let option = tool.options.iter().find(|option| option.is(name)).unwrap();
            option.names[0].to_owned()
        };
        let real: Vec<(String, String)> =
            options.iter().map(|(name, value)| (canonical(name), value.clone())).collect();
        let positionals: Vec<String> = parsed
            .positionals
            .iter()
            .map(|word| word.text.to_string_lossy().into_owned())
            .collect();
        assert!(parsed.unknown.is_empty(), "{} {words:?}: {:?}", tool.name, parsed.unknown);
        assert_eq!(ours(&parsed), real, "{} {words:?}", tool.name);
        assert_eq!(positionals, rest, "{} {words:?}", tool.name);
        compared += 1;
    }
    assert!(compared > 500, "only {compared} compared");
}

fn parse<'a>(tool: &str, invocation: &'a Invocation) -> Parsed<'a> {
    argv::parse(table::find(tool).unwrap(), invocation, false)
}

#[test]
fn command_words_are_walked_past_options() {
    let invocation = Invocation::new([
        "railway",
        "volume",
        "-e",
        "staging",
        "--service=db",
        "delete",
        "-v",
        "data",
        "--yes",
    ]);
    let parsed = parse("railway", &invocation);
    let path: Vec<_> = parsed.path.iter().map(|word| word.text).collect();
    assert_eq!(path, ["volume", "delete"]);
    assert_eq!(parsed.value("--volume").unwrap().text, "data");
    assert_eq!(parsed.value("--volume").unwrap().index, 7);
    assert_eq!(parsed.value("-e").unwrap().text, "staging");
    assert!(parsed.positionals.is_empty(), "{parsed:?}");
}

#[test]
fn clap_takes_values_behind_an_equals_sign() {
    for words in
        [&["railway", "volume", "delete", "-v=data"][..], &["railway", "volume", "rm", "-vdata"]]
    {
        let invocation = Invocation::new(words.iter().copied());
        let parsed = parse("railway", &invocation);
        assert_eq!(parsed.value("--volume").unwrap().text, "data", "{words:?}");
        assert_eq!(parsed.command.unwrap().operation(), "volume delete", "{words:?}");
    }
}

#[test]
fn a_computed_word_is_no_command_word() {
    let mut invocation = Invocation::new(["railway", "volume", "delete", "list"]);
    invocation.dynamic = vec![2];
    let parsed = parse("railway", &invocation);
    assert_eq!(parsed.path.len(), 1);
    assert_eq!(parsed.command.unwrap().operation(), "volume");
    assert_eq!(parsed.positionals.len(), 2);
    assert!(parsed.positionals[0].dynamic && !parsed.positionals[1].dynamic);
}

#[test]
fn posixly_correct_ends_options_at_the_first_positional() {
    let invocation = Invocation::new(["psql", "db", "-c", "x"]);
    let tool = table::find("psql").unwrap();
    assert!(argv::parse(tool, &invocation, false).has("-c"));
    let parsed = argv::parse(tool, &invocation, true);
    assert!(!parsed.has("-c"));
    assert_eq!(parsed.positionals.len(), 3);
}

#[test]
fn two_dashes_end_options() {
    let invocation = Invocation::new(["psql", "a", "--", "-c", "--", "b"]);
    let parsed = parse("psql", &invocation);
    assert_eq!(parsed.before_dashes, Some(1));
    let words: Vec<_> = parsed.positionals.iter().map(|word| word.text).collect();
    assert_eq!(words, ["a", "-c", "--", "b"]);
}

#[test]
fn values_may_be_missing_and_names_ambiguous() {
    let invocation = Invocation::new(["psql", "--no", "-c"]);
    let parsed = parse("psql", &invocation);
    assert_eq!(parsed.unknown.len(), 1, "{parsed:?}");
    assert!(parsed.has("-c") && parsed.value("-c").is_none());
}

#[test]
fn options_of_every_tool_have_one_meaning() {
    for tool in table::all() {
        let mut seen = BTreeSet::new();
        for name in tool.options.iter().flat_map(|option| option.names) {
            assert!(seen.insert(name), "{}: {name} stands twice", tool.name);
        }
    }
}
