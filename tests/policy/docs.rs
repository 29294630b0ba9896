//! docs/policy.md tells the truth: every file in it is right, or wrong exactly
//! as it says, and every example in those files holds.

use std::path::PathBuf;

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::policy::layer::{Layer, Owned};
use holdpoint::policy::{Policy, examples};
use holdpoint::world::fake::FakeWorld;

const PAGE: &str = include_str!("../../docs/policy.md");

/// A file in the page: the words behind `toml`, and its text.
fn files() -> Vec<(Vec<&'static str>, &'static str)> {
    let mut files = Vec::new();
    let mut rest = PAGE;
    while let Some((_, behind)) = rest.split_once("```toml") {
        let (words, behind) = behind.split_once('\n').unwrap();
        let (text, behind) = behind.split_once("```\n").unwrap();
        files.push((words.split_whitespace().collect(), text));
        rest = behind;
    }
    files
}

#[test]
fn every_file_is_what_it_is_said_to_be() {
    let (mut examples, mut wrong) = (0, 0);
    for (words, text) in files() {
        let project = words.contains(&"project");
        let (owned, path) = match project {
            true => (Owned::Project, "/app/.holdpoint.toml"),
            false => (Owned::User, "/home/ana/.config/holdpoint/policy.toml"),
        };
        let policy =
            Policy::of(vec![Layer::new(owned, PathBuf::from(path), text.as_bytes().to_vec())]);
        let problems: Vec<String> = policy.problems().map(ToString::to_string).collect();
        if words.contains(&"wrong") {
            wrong += 1;
            for problem in &problems {
                let problem = problem.trim_start_matches("/app/");
                assert!(PAGE.contains(&format!("    {problem}\n")), "{problem}");
            }
            assert!(!problems.is_empty());
            continue;
        }
        assert_eq!(problems, Vec::<String>::new(), "{text}");
        let world = FakeWorld::new().with_file(path, text);
        let judge = |line: &str, actor: ActorKind| {
            let options = Options { actor: Some(actor), full: true };
            pipeline::judge(Subject::Line(line, &Invocation::default()), &world, options).judgement
        };
        for (place, test) in policy.tests() {
            let outcome = examples::outcome(test, &policy, &judge);
            assert_eq!(outcome, Ok(()), "{text}, line {}", place.line);
            examples += 1;
        }
    }
    assert!(examples >= 9 && wrong == 1, "{examples} examples, {wrong} wrong files");
}

#[test]
fn an_example_that_does_not_hold_says_what_was_found() {
    let text = "version = 1\n[[test]]\ntarget = { host = 'prod' }\nverdict = 'allow'\n\
        [[test]]\ntarget = { host = 'prod' }\nclass = 'staging'\n\
        [[test]]\ncommand = 'true'\nverdict = 'refuse'\n";
    let policy = crate::policy(&[(Owned::User, text.trim_start_matches("version = 1\n"))]);
    let world = FakeWorld::new();
    let judge = |line: &str, actor: ActorKind| {
        let options = Options { actor: Some(actor), full: true };
        pipeline::judge(Subject::Line(line, &Invocation::default()), &world, options).judgement
    };
    let said: Vec<String> = policy
        .tests()
        .map(|(_, test)| examples::outcome(test, &policy, &judge).unwrap_err())
        .collect();
    assert!(said[0].starts_with("allow expected, refuse found for agent: "), "{said:?}");
    assert!(said[1].starts_with("staging expected, production found: "), "{said:?}");
    assert!(said[2].starts_with("refuse expected, allow found for agent"), "{said:?}");
}
