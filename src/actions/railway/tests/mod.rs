mod inner;
mod texts;

use super::*;
use crate::action::{Flag, Flags, Scope};
use crate::actions::Handed;
use crate::invocation::{Invocation, Stdin};
use crate::rules;
use crate::target::Class;
use crate::world::fake::FakeWorld;

const LINKS: &str = r#"{"projects":{
    "/app":{"name":"acme","project":"p1","environment":"e1","environmentName":"staging"},
    "/live":{"name":"acme","project":"p1","environment":"e2","environmentName":"production"}}}"#;

fn world() -> FakeWorld {
    FakeWorld::new().with_file("/home/ana/.railway/config.json", LINKS)
}

fn judge(world: &FakeWorld, invocation: &Invocation) -> Reading {
    let tool = rules::table::find("railway").unwrap();
    read(&Call { tool, context: Context { invocation, world }, full: true })
}

fn words(line: &str) -> Invocation {
    Invocation::new(shell_words::split(line).unwrap())
}

fn reading(line: &str) -> Reading {
    judge(&world(), &words(line))
}

fn only(line: &str) -> Action {
    let mut actions = reading(line).actions;
    assert_eq!(actions.len(), 1, "{line}: {actions:?}");
    actions.remove(0)
}

/// Whether the policy would stop it on production.
fn stops(reading: &Reading) -> bool {
    reading
        .actions
        .iter()
        .any(|action| action.effect >= Effect::Disrupt || action.flags.has(Flag::Opaque))
}

fn name(action: &Action) -> &str {
    action.target.name.as_deref().unwrap_or("")
}

#[test]
fn the_tables_own_examples_hold() {
    let tool = rules::table::find("railway").unwrap();
    let wrong: Vec<String> =
        rules::examples::of(tool).filter_map(|one| rules::examples::run(one).err()).collect();
    assert_eq!(wrong, Vec::<String>::new());
    assert!(rules::examples::of(tool).count() > 100);
}

#[test]
fn all_the_nodes_are_there() {
    let tool = rules::table::find("railway").unwrap();
    // 314 of clap's, and `help`.
    assert_eq!(tool.commands.len(), 315);
    for (at, command) in tool.commands.iter().enumerate() {
        let same = tool.commands.iter().skip(at + 1).find(|other| other.path == command.path);
        assert!(same.is_none(), "{}", command.operation());
        if command.effect == Some(Effect::Destroy) {
            assert!(
                !command.says.is_empty() && !command.instead.is_empty(),
                "{}",
                command.operation()
            );
        }
    }
}

#[test]
fn deleting_a_volume_is_not_bounded_by_staging() {
    for line in [
        "railway volume -e staging delete -v data --yes",
        "railway volumes --environment=staging rm -vdata -y",
        "railway volume -e=staging remove --volume data",
        "/usr/local/bin/railway volume delete -yv data",
    ] {
        let action = only(line);
        assert_eq!(action.effect, Effect::Destroy, "{line}");
        assert_eq!(action.flags, Flags::of(&[Flag::Irreversible, Flag::Backups]));
        assert_eq!(action.scope, Scope::Project);
        assert_eq!(action.object.as_deref(), Some("volume data"));
        assert_eq!(action.rule, "railway/volume delete");
        assert_eq!(name(&action), "acme");
        assert!(action.target.gap.is_some());
        assert!(action.target.evidence.iter().any(|one| one.value == "production"));
    }
}

#[test]
fn the_summary_names_the_object_or_says_whose_it_is() {
    let said = |line: &str| only(line).summary;
    assert!(said("railway service delete -s api -y").starts_with("Deletes service api, in every"));
    assert!(said("railway service delete -y").starts_with("Deletes the linked service, in every"));
    assert!(said("railway volume delete -y").starts_with("Deletes the volume and every backup"));
    assert!(
        said("railway down").starts_with("Removes the latest deployment of the linked service")
    );
}

#[test]
fn an_environment_is_named_by_its_word() {
    let action = only("railway environment delete production --yes");
    assert_eq!(name(&action), "acme/production");
    assert_eq!(action.object.as_deref(), Some("environment production"));
    assert_eq!(name(&only("railway env rm -y staging")), "acme/staging");
    assert!(only("railway environment delete -y").target.gap.is_some());
    let link = only("railway environment production");
    assert!(link.flags.has(Flag::Retarget));
    assert_eq!(name(&link), "acme/production");
    assert_eq!(name(&only("railway link -p acme -e production")), "acme/production");
}

#[test]
fn a_subcommand_is_found_behind_a_positional() {
    for line in [
        "railway environment staging delete production -y",
        "railway environment staging --json delete production -y",
        "railway service worker delete -s api -y",
        "railway domain app.example.com delete app.example.com -y",
        "railway env a b delete production",
    ] {
        assert_eq!(only(line).effect, Effect::Destroy, "{line}");
    }
    assert_eq!(name(&only("railway environment staging delete production -y")), "acme/production");
    assert_eq!(only("railway environment -- delete").operation, "environment");
}

#[test]
fn an_option_of_the_group_does_not_reach_a_command_with_its_own() {
    let mut world = world();
    world.cwd = "/live".into();
    let line = words("railway variable -e staging set A=1");
    let action = judge(&world, &line).actions.remove(0);
    assert_eq!(name(&action), "acme/production");
    let line = words("railway variable set -e staging A=1");
    assert_eq!(name(&judge(&world, &line).actions[0]), "acme/staging");
    let line = words("railway cdn -e staging purge all");
    assert_eq!(name(&judge(&world, &line).actions[0]), "acme/staging");
    let line = words("railway functions -e staging push");
    assert_eq!(name(&judge(&world, &line).actions[0]), "acme/staging");
}

#[test]
fn help_and_version_are_harmless_in_front_of_dashes() {
    for line in [
        "railway volume delete --help",
        "railway volume delete -v data -yh",
        "railway --version",
        "railway volume delete --version",
        "railway help volume delete",
        "railway volume help delete",
        "railway environment help delete",
        "railway ssh help",
        "railway",
        "railway volume",
    ] {
        assert!(reading(line).actions.is_empty(), "{line}");
    }
    assert!(stops(&reading("railway ssh -- sh --help")));
}

#[test]
fn words_computed_at_run_time_are_never_taken_literally() {
    let dynamic = |line: &str, at: usize| {
        let mut invocation = words(line);
        invocation.dynamic = vec![at];
        judge(&world(), &invocation)
    };
    assert!(dynamic("railway VERB x", 1).actions[0].flags.has(Flag::Opaque));
    assert!(dynamic("railway volume VERB -v x", 2).actions[0].flags.has(Flag::Opaque));
    assert!(dynamic("railway environment delete", 2).actions[0].flags.has(Flag::Opaque));
    let place = dynamic("railway down -e staging", 3);
    assert!(place.actions[0].target.gap.is_some());
    assert_eq!(name(&place.actions[0]), "acme");
    let text = dynamic("railway api 'query { me }'", 2);
    assert!(text.actions.iter().any(|action| action.flags.has(Flag::Opaque)));
    assert!(dynamic("railway run CMD", 2).actions.iter().any(|one| one.flags.has(Flag::Opaque)));
    assert!(
        dynamic("railway ssh -- ls x", 4).actions.iter().any(|one| one.flags.has(Flag::Opaque))
    );
    assert!(!stops(&dynamic("railway logs ID", 2)));
}

#[test]
fn commands_that_are_not_known_are_opaque_only_if_they_say_so() {
    assert!(stops(&reading("railway widget delete x")));
    assert!(stops(&reading("railway volume widgets purge")));
    assert!(!stops(&reading("railway widget list")));
    assert!(stops(&reading("railway volume --new-option x delete -v data")));
    assert!(stops(&reading("railway volume delete --new-option -v data")));
}

#[test]
fn options_choose_among_the_effects() {
    assert!(!stops(&reading("railway flag set a true")));
    assert_eq!(only("railway flag set a true --force").effect, Effect::Destroy);
    assert_eq!(only("railway variable --set A=1").effect, Effect::Write);
    assert_eq!(only("railway variable").flags, Flags::of(&[Flag::Credential]));
    assert_eq!(only("railway bucket credentials --reset -y").effect, Effect::Disrupt);
    assert_eq!(only("railway volume update -v data -m /other").effect, Effect::Disrupt);
    assert_eq!(only("railway volume update -v data -n other").effect, Effect::Write);
    let apply = only("railway config apply --yes --confirm-destructive");
    assert_eq!(apply.effect, Effect::Destroy);
    assert!(!stops(&reading("railway config apply --yes")));
    assert!(stops(&reading("railway config apply")));
    assert!(stops(&reading("railway agent -p 'tidy up'")));
    assert!(!stops(&reading("railway agent --list")));
}

#[test]
fn scaling_to_zero_disrupts_however_it_is_written() {
    for line in [
        "railway scale eu-west=0",
        "railway scale us-east=2 eu-west=0 -s api",
        "railway scale --eu-west 0",
        "railway scale --eu-west=0",
        "railway service scale eu-west=0",
    ] {
        assert_eq!(only(line).effect, Effect::Disrupt, "{line}");
    }
    for line in ["railway scale eu-west=2", "railway scale --eu-west 10", "railway scale x=10"] {
        assert_eq!(only(line).effect, Effect::Write, "{line}");
    }
}

#[test]
fn what_stays_on_this_machine_is_local() {
    let action = only("railway dev clean");
    assert!(action.target.evidence.iter().all(|one| one.asserts == Some(Class::Local)));
    assert_eq!(action.target.gap, None);
}

#[test]
fn no_secret_is_ever_repeated() {
    for line in [
        "railway variable set TOKEN=s3cret",
        "railway variable --set TOKEN=s3cret",
        "railway add -v TOKEN=s3cret",
        "railway api 'mutation { variableUpsert(input: {name: \"A\", value: \"s3cret\"}) }'",
        "railway volume delete -v data --2fa-code s3cret",
        "railway ssh -- env TOKEN=s3cret ls",
    ] {
        for action in reading(line).actions {
            assert!(!format!("{action:?}").contains("s3cret"), "{line}");
        }
    }
}

#[test]
fn no_words_make_it_panic() {
    let pieces = [
        "volume",
        "delete",
        "-v",
        "--volume=",
        "-",
        "--",
        "-e",
        "environment",
        "edit",
        "-s",
        "api",
        "-f",
        "--variables",
        "@",
        "@-",
        "run",
        "ssh",
        "\u{202e}",
        "",
        "=0",
        "--var",
        "scale",
        "nice",
        "-n",
    ];
    let mut seed = 7_u32;
    for _ in 0..3_000 {
        let mut argv = vec!["railway".to_owned()];
        for _ in 0..7 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            argv.push(pieces[(seed >> 16) as usize % pieces.len()].to_owned());
        }
        let mut invocation = Invocation::new(argv);
        invocation.dynamic = vec![(seed >> 8) as usize % 8];
        judge(&world(), &invocation);
    }
}
