//! What holds for any action, any target, any caller and any files.

use holdpoint::action::{Action, Effect, Flag};
use holdpoint::policy::Policy;
use holdpoint::policy::layer::Owned;
use holdpoint::target::{Evidence, Grade, Kind, Target};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::{ACTORS, CLASSES, action, layer};

const NAMES: &[&str] = &["acme-prod", "acme-staging", "acme-staging", "db-dev", "orders"];
const GLOBS: &[&str] = &["acme*", "*-staging", "orders", "psql", "op", "postgres", "db*"];
const KINDS: &[Kind] = &[Kind::Host, Kind::Host, Kind::Database, Kind::User, Kind::Setting];
const GRADES: &[Grade] = &[Grade::Hint, Grade::Name, Grade::Identity];
const EFFECTS: &[Effect] = &[Effect::Read, Effect::Write, Effect::Disrupt, Effect::Destroy];

prop_compose! {
    fn any_evidence()(
        grade in select(GRADES),
        kind in select(KINDS),
        value in select(NAMES),
        asserts in prop::option::of(select(&CLASSES[..])),
    ) -> Evidence {
        Evidence { grade, asserts, ..Evidence::name(kind, "test", value) }
    }
}

prop_compose! {
    fn any_action()(
        effect in select(EFFECTS),
        flags in prop::collection::vec(select(&Flag::ALL[..]), 0..3),
        evidence in prop::collection::vec(any_evidence(), 0..3),
        object in prop::option::of(select(NAMES)),
        gap in any::<bool>(),
    ) -> Action {
        let gap = gap.then(|| "a gap".to_owned());
        let target = Target { evidence, gap, ..Target::of("postgres") };
        Action { object: object.map(str::to_owned), target, ..action(effect, &flags) }
    }
}

/// A condition, or nothing.
fn any_condition(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::option::weighted(0.4, select(values))
        .prop_map(|value| value.map(|value| format!("{value}, ")).unwrap_or_default())
}

prop_compose! {
    fn any_rule()(
        effect in any_condition(&["effect = 'write'", "effect = ['write', 'destroy']", "effect = 'disrupt'"]),
        class in any_condition(&["class = 'staging'", "class = ['unknown', 'local']", "class = 'production'"]),
        flag in any_condition(&["flag = 'opaque'", "flag = ['irreversible', 'backups']", "flag = 'irreplaceable'"]),
        actor in any_condition(&["actor = 'agent'", "actor = ['human', 'ci']", "actor = 'unknown'"]),
        key in select(&["tool", "platform", "operation", "target"][..]),
        glob in select(GLOBS),
        verdict in select(&["allow", "confirm", "refuse"][..]),
        floor in prop::bool::weighted(0.2),
    ) -> String {
        let floor = floor && verdict != "allow";
        format!(
            "[[rule]]\nverdict = '{verdict}'\nfloor = {floor}\n\
             when = {{ {effect}{class}{flag}{actor}{key} = '{glob}' }}\n"
        )
    }
}

prop_compose! {
    fn any_environment()(
        class in select(&["local", "development", "staging", "production", "production"][..]),
        key in select(&["host", "host", "database", "ids"][..]),
        glob in select(&["acme*", "*-staging", "acme-staging", "orders", "db*"][..]),
    ) -> String {
        format!("[[environment]]\nclass = '{class}'\n{key} = '{glob}'\n")
    }
}

fn any_entry() -> impl Strategy<Value = String> {
    let protect = (select(&["object", "target"][..]), select(GLOBS))
        .prop_map(|(key, glob)| format!("[[protect]]\n{key} = '{glob}'\n"));
    let odd = select(&["[actors]\nhumans = 'x'\n", "[audit]\nwrites = true\n", "]]] = '\n"][..]);
    prop_oneof![
        4 => any_environment(),
        6 => any_rule(),
        2 => protect,
        1 => odd.prop_map(str::to_owned),
    ]
}

prop_compose! {
    /// A file that may or may not be right.
    fn any_file()(
        mode in select(&["", "", "mode = 'strict'\n"][..]),
        entries in prop::collection::vec(any_entry(), 0..4),
    ) -> String {
        format!("version = 1\n{mode}{}", entries.concat())
    }
}

fn files(list: &[(Owned, &[u8])]) -> Policy {
    Policy::of(list.iter().map(|(owned, bytes)| layer(*owned, bytes)).collect())
}

/// Fails where `tighter` is looser than `base` on anything.
fn assert_tighter(base: &Policy, tighter: &Policy, action: &Action) -> Result<(), TestCaseError> {
    let classes = (base.classify(&action.target), tighter.classify(&action.target));
    prop_assert!(classes.1.class >= classes.0.class, "{classes:?}");
    let before = base.decide(action, &classes.0, "psql");
    let after = tighter.decide(action, &classes.1, "psql");
    for actor in ACTORS {
        let pair = (before.verdict(actor), after.verdict(actor));
        prop_assert!(pair.1 >= pair.0, "{actor:?}: {before:?} {after:?}");
    }
    prop_assert!(after.other >= before.other, "{before:?} {after:?}");
    prop_assert!(after.record >= before.record, "{before:?} {after:?}");
    prop_assert!(after.long_phrase >= before.long_phrase, "{before:?} {after:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_project_file_never_loosens(
        action in any_action(),
        system in any_file(),
        user in any_file(),
        projects in prop::collection::vec(any_file(), 1..3),
    ) {
        let base = [(Owned::System, system.as_bytes()), (Owned::User, user.as_bytes())];
        let projects = projects.iter().map(|text| (Owned::Project, text.as_bytes()));
        let projects: Vec<_> = projects.collect();
        let all: Vec<_> = base.iter().chain(&projects).copied().collect();
        assert_tighter(&files(&base), &files(&all), &action)?;
        assert_tighter(&files(&[]), &files(&projects), &action)?;
    }

    #[test]
    fn bytes_that_are_no_policy_never_loosen_and_never_panic(
        action in any_action(),
        system in any_file(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let base = (Owned::System, system.as_bytes());
        for owned in [Owned::User, Owned::Project] {
            let with = files(&[base, (owned, &bytes)]);
            prop_assert!(with.problems().count() > 0);
            assert_tighter(&files(&[base]), &with, &action)?;
        }
    }

    #[test]
    fn a_file_with_one_bad_byte_never_loosens(
        action in any_action(),
        system in any_file(),
        file in any_file(),
        at in any::<Index>(),
    ) {
        let mut broken = file.into_bytes();
        broken.insert(at.index(broken.len()), 1);
        let base = (Owned::System, system.as_bytes());
        for owned in [Owned::User, Owned::Project] {
            let with = files(&[base, (owned, &broken)]);
            prop_assert!(with.layers().iter().any(|layer| layer.owned == owned && layer.content.is_err()));
            assert_tighter(&files(&[base]), &with, &action)?;
        }
    }

    #[test]
    fn unknown_keys_are_errors(
        key in "[a-z]{3,12}",
        table in select(&[
            "",
            "[actors]\n",
            "[audit]\n",
            "[[environment]]\nclass = 'production'\nhost = 'x'\n",
            "[[protect]]\nobject = 'x'\n",
            "[[rule]]\nverdict = 'refuse'\nwhen.tool = 'x'\n",
            "[[rule]]\nverdict = 'refuse'\n[rule.when]\ntool = 'x'\n",
            "[[test]]\ncommand = 'x'\nclass = 'local'\n",
        ][..]),
    ) {
        const KNOWN: &[&str] = &[
            "version", "mode", "environment", "rule", "protect", "actors", "audit", "test", "name",
            "class", "platform", "ids", "host", "port", "database", "service", "user", "profile",
            "account", "project", "app", "context", "cluster", "namespace", "workspace",
            "resource", "url", "server", "path", "when", "verdict", "why", "floor", "object",
            "target", "writes", "command", "effect", "flag", "actor", "tool", "operation",
        ];
        prop_assume!(!KNOWN.contains(&key.as_str()));
        let text = format!("version = 1\n{table}{key} = 'x'\n");
        for owned in [Owned::System, Owned::User, Owned::Project] {
            let policy = files(&[(owned, text.as_bytes())]);
            let problem = policy.problems().next().map(ToString::to_string).unwrap_or_default();
            prop_assert!(problem.contains(&format!("unknown field `{key}`")), "{problem}");
        }
    }
}

/// The strategies above must reach what they are for: right project files
/// that change a verdict.
#[test]
fn the_properties_are_not_vacuous() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut right, mut tightened) = (0, 0);
    for _ in 0..2000 {
        let file = any_file().new_tree(&mut runner).unwrap().current();
        let action = any_action().new_tree(&mut runner).unwrap().current();
        let project = files(&[(Owned::Project, file.as_bytes())]);
        let human = |policy: &Policy| {
            policy.decide(&action, &policy.classify(&action.target), "psql").human
        };
        let is_right = project.problems().count() == 0;
        right += usize::from(is_right);
        tightened += usize::from(is_right && human(&project) > human(&Policy::builtin()));
    }
    assert!(right > 400 && tightened > 40, "{right} right, {tightened} of them tightened");
}
