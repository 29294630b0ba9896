use super::*;
use crate::action::{Flag, Flags, Scope};
use crate::actions::Handed;
use crate::invocation::{Invocation, Stdin};
use crate::rules;
use crate::target::Class;
use crate::world::fake::FakeWorld;

const LINKS: &str = r#"{"projects":{
    "/work":{"name":"acme","project":"p1","environment":"e1","environmentName":"staging"},
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
fn the_api_reads_documents_from_everywhere() {
    let drop = "mutation { volumeDelete(volumeId: \"v1\") }";
    let world = world().with_file("/work/drop.graphql", drop).with_stdin(drop);
    let mut quiet = world.clone();
    quiet.stdin = crate::invocation::Input::Terminal;
    for (world, line) in [
        (&quiet, format!("railway api '{drop}'")),
        (&quiet, format!("railway api --compact -- '{drop}'")),
        (&quiet, "railway api -f drop.graphql".to_owned()),
        (&quiet, "railway api --file=/work/drop.graphql".to_owned()),
        (&world, "railway api -f -".to_owned()),
        (&world, "railway api".to_owned()),
    ] {
        let actions = judge(world, &words(&line)).actions;
        assert_eq!(actions.len(), 1, "{line}");
        assert_eq!(actions[0].rule, "railway-api/volumeDelete", "{line}");
        assert_eq!(actions[0].object.as_deref(), Some("volume v1"), "{line}");
    }
    assert!(judge(&quiet, &words("railway api")).actions.is_empty());
    assert!(!stops(&judge(&quiet, &words("railway api 'query { me { id } }'"))));
    assert!(stops(&judge(&quiet, &words("railway api -f missing.graphql"))));
    assert!(stops(&judge(&quiet, &words("railway api 'mutation { volumeDelete'"))));
}

#[test]
fn files_are_handed_on_from_the_copy_that_was_read() {
    let drop = "mutation($v: ID!) { volumeDelete(volumeId: $v) }";
    let world =
        world().with_file("/work/d.graphql", drop).with_file("/work/v.json", r#"{"v": "v9"}"#);
    let reading = judge(&world, &words("railway api --file=d.graphql --variables=@v.json"));
    assert_eq!(reading.actions[0].object.as_deref(), Some("volume v9"));
    let handed = |index, before: &str, text: &str| Handed {
        index,
        before: before.into(),
        bytes: text.as_bytes().into(),
    };
    let expected = [handed(2, "--file=", drop), handed(3, "--variables=@", r#"{"v": "v9"}"#)];
    assert_eq!(reading.handed, expected);
}

#[test]
fn variables_come_in_their_order() {
    let line = "railway api 'mutation($v: ID!) { volumeDelete(volumeId: $v) }'";
    let object = |rest: &str| only(&format!("{line} {rest}")).object.unwrap();
    assert_eq!(object("--variables '{\"v\": \"a\"}'"), "volume a");
    assert_eq!(object("--variables '{\"v\": \"a\"}' --var v=b"), "volume b");
    assert_eq!(object("--raw-var v=c --var v=b"), "volume c");
    assert_eq!(object("--variables nonsense"), "volume");
    assert_eq!(object("--variables @missing.json"), "volume");
}

#[test]
fn an_operation_name_chooses() {
    let line = "railway api 'query A { me } mutation B { userDelete }' --operation-name";
    assert!(!stops(&reading(&format!("{line} A"))));
    assert!(stops(&reading(&format!("{line} B"))));
    let mut invocation = words(&format!("{line} A"));
    invocation.dynamic = vec![4];
    assert!(stops(&judge(&world(), &invocation)));
}

#[test]
fn edits_are_read_from_standard_input() {
    let patch = r#"{"volumes":{"v1":{"isDeleted":true}}}"#;
    let world = world().with_stdin(patch);
    let line = words("railway environment edit -e production --json");
    let actions = judge(&world, &line).actions;
    let worst = actions.iter().find(|action| action.effect == Effect::Destroy).unwrap();
    assert_eq!(worst.object.as_deref(), Some("volume v1"));
    assert_eq!(name(worst), "acme/production");
    assert!(worst.flags.has(Flag::Backups));
    let harmless = world.clone().with_stdin(r#"{"services":{"s":{"source":{"image":"x"}}}}"#);
    assert!(!stops(&judge(&harmless, &line)));
    assert!(stops(&judge(&world.clone().with_stdin("not json"), &line)));
    assert!(!stops(&judge(&world.with_stdin("\n"), &line)));
    let mut piped = line.clone();
    piped.stdin = Stdin::Opaque("the output of ./generate".to_owned());
    assert!(stops(&judge(&FakeWorld::new(), &piped)));
}

#[test]
fn edits_are_read_from_the_words() {
    for line in [
        "railway environment edit -s api isDeleted true -m x",
        "railway env update --service-config api isDeleted true",
        "railway environment edit -s api source.image redis -s db isDeleted true",
        "railway environment edit -s api networking.tcpProxies.5432 null",
        "railway environment edit -s api deploy.numReplicas 0",
    ] {
        assert!(stops(&reading(line)), "{line}");
    }
    for line in [
        "railway environment edit -s api deploy.startCommand ./run",
        "railway environment edit -s api isDeleted false",
        "railway environment edit",
    ] {
        assert!(!stops(&reading(line)), "{line}");
    }
}

#[test]
fn what_run_hands_on_is_judged_at_both_places() {
    let reading = reading("railway run -e production railway down -e staging -y");
    let down = reading.actions.iter().find(|one| one.rule == "railway/down").unwrap();
    let names: Vec<&str> = down.target.evidence.iter().map(|one| one.value.as_str()).collect();
    assert!(names.contains(&"production") && names.contains(&"staging"), "{names:?}");
    assert_eq!(name(down), "acme/production");
    assert!(reading.inner.is_empty());
}

#[test]
fn run_passes_on_what_has_no_rules() {
    for line in ["railway run npm start", "railway local -- npm test --help"] {
        let reading = reading(line);
        assert!(!stops(&reading), "{line}");
        assert_eq!(reading.inner.len(), 1, "{line}");
    }
    for line in [
        "railway run nice npm start",
        "railway run env A=1 npm start",
        "railway run sh -c 'echo hi; npm start'",
        "railway run env",
    ] {
        assert!(!stops(&reading(line)), "{line}: {:?}", reading(line));
    }
    let inner = &reading("railway run -s api -- npm start -e production").inner[0];
    assert_eq!(inner.argv, ["npm", "start", "-e", "production"]);
    assert!(reading("railway run").inner.is_empty());
}

#[test]
fn run_sees_through_plain_wrappers() {
    for line in [
        "railway run nice -n 5 railway volume delete -v data -y",
        "railway run -e production bash -c 'railway volume delete -v data -y'",
        "railway run env A=1 railway volume delete -v data -y",
    ] {
        let reading = reading(line);
        assert!(reading.actions.iter().any(|one| one.rule == "railway/volume delete"), "{line}");
    }
    let file = world().with_file("/work/d.graphql", "mutation { userDelete }");
    let handed = judge(&file, &words("railway run nice railway api -f d.graphql")).handed;
    assert!(handed.is_empty(), "only a command's own words can be handed on");
    let handed = judge(&file, &words("railway run railway api -f d.graphql")).handed;
    assert_eq!(handed[0].index, 5);
}

#[test]
fn harmless_commands_inside_run_stay_so() {
    assert!(!stops(&reading("railway run -e production railway status")));
    assert!(!stops(&reading("railway run -e production railway volume delete --help")));
}

#[test]
fn remote_commands_are_read_where_they_are_plain() {
    for line in [
        "railway ssh",
        "railway ssh -e production",
        "railway ssh --session",
        "railway ssh 'ls; rm -rf /data'",
        "railway ssh 'ls $(rm x)'",
        "railway ssh ls '|' xargs rm",
        "railway ssh rm -rf /data",
        "railway ssh /bin/rm /data/app.db",
        "railway ssh python manage.py flush",
        "railway ssh railway volume delete -v data -y",
        "railway ssh sudo rm -rf /data",
        "railway ssh 'cd /data && rm -r backups'",
        "railway ssh sh -c \"sh -c 'rm x'\"",
        "railway ssh bash script.sh",
        "railway ssh nice bash",
        "railway sandbox exec -- rm -rf /",
        "railway ca ssh worker bash",
        "railway ca ssh worker",
        "railway sbx ssh",
        "railway connect Postgres",
        "railway shell",
        "railway mcp",
    ] {
        assert!(stops(&reading(line)), "{line}");
    }
    for line in [
        "railway ssh ls -la /data",
        "railway ssh -s api -e production -- cat /proc/version",
        "railway ssh env",
        "railway ssh 'ls /data | wc -l'",
        "railway ssh -- sh -c 'echo hi'",
        "railway ssh bin/migrate",
        "railway sandbox exec ls",
        "railway ca ssh worker ls",
        "railway ssh keys list",
        "railway connect Postgres --tunnel-only",
    ] {
        assert!(!stops(&reading(line)), "{line}: {:?}", reading(line));
    }
}

#[test]
fn a_deployment_instance_is_nowhere_that_is_known() {
    let action = only("railway ssh -d abc ls");
    assert!(action.target.gap.is_some());
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
