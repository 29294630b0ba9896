//! Our reading of Railway's command line against the command line itself: a
//! debug build of railwayapp 5.71.0 (`./tests/run --all` builds it), which can
//! be pointed at a local server. Its clap tree is compared with our table
//! node by node, and what it sends with what we say it would do.

#[path = "support/railway_rig.rs"]
mod railway_rig;
#[path = "support/railway_server.rs"]
mod railway_server;

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command as Process, Stdio};

use holdpoint::action::{Action, Effect, Flags, Scope};
use holdpoint::actions::railway_api;
use holdpoint::invocation::{Context, Invocation};
use holdpoint::parse::http::{Body, Request};
use holdpoint::rules::{self, Arity, Command, Opt};
use holdpoint::target::{Grade, Kind};
use holdpoint::world::fake::FakeWorld;
use railway_rig::{Rig, program, read, recorder, text};
use railway_server::{
    API, BUCKET, DEPLOYMENT, DOMAIN, FUNCTION, PRODUCTION, PROJECT, Received, STAGING, VOLUME,
};

/// What our reader of requests makes of one that arrived.
fn of_request(received: &Received) -> Vec<Action> {
    let request = Request {
        method: "POST".to_owned(),
        url: "https://backboard.railway.com/graphql/v2".to_owned(),
        headers: received.headers.clone(),
        authenticated: true,
        body: Body::Known(received.body.clone().into()),
        ..Request::default()
    };
    let (invocation, world) = (Invocation::new(["curl"]), FakeWorld::new());
    railway_api::read(&request, Context { invocation: &invocation, world: &world }).actions
}

fn words(command: &'static Command) -> Vec<&'static str> {
    command.path.iter().map(|names| names[0]).collect()
}

fn help(words: &[&str]) -> (bool, String) {
    let output = Process::new(program())
        .args(words)
        .arg("--help")
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("RAILWAY_NO_AUTO_UPDATE", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The lines of a section of clap's help, by its heading.
fn section<'t>(help: &'t str, heading: &str) -> Vec<&'t str> {
    help.lines()
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with(' '))
        .filter(|line| !line.is_empty())
        .collect()
}

/// The options that a help text lists: every spelling, and what it takes.
fn listed_options(help: &str) -> Vec<(Vec<String>, &'static str)> {
    let is_option = |line: &&str| line.trim_start().starts_with('-');
    let lines = section(help, "Options:").into_iter().filter(is_option).filter(|line| {
        // Descriptions may begin with a dash, further in.
        line.len() - line.trim_start().len() <= 6
    });
    lines
        .map(|line| {
            let spec = line.trim().split("  ").next().unwrap();
            let mut names = Vec::new();
            let mut value = None;
            for word in spec.split([' ', ',']).filter(|word| !word.is_empty()) {
                match word.starts_with('-') {
                    true => names.push(word.trim_end_matches("...").to_owned()),
                    false => value = value.or(Some(word)),
                }
            }
            let takes = match value {
                None => "nothing",
                Some(value) if value.starts_with("[<") => "an optional value",
                Some(_) => "values",
            };
            (names, takes)
        })
        .collect()
}

fn takes(option: &Opt) -> &'static str {
    match option.arity {
        Arity::Flag => "nothing",
        Arity::Optional => "an optional value",
        _ => "values",
    }
}

#[test]
fn every_node_is_a_command_with_these_options() {
    let tool = rules::table::find("railway").unwrap();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for command in tool.commands.iter().filter(|one| one.path != [&["help"][..]]) {
        let path = words(command);
        let (ok, help) = help(&path);
        assert!(ok && !help.is_empty(), "railway {}", path.join(" "));
        let usage = format!("railway {}", path.join(" "));
        assert!(help.contains(&usage), "{usage}: {help}");
        seen += 1;
        let parents: Vec<&Command> = tool
            .commands
            .iter()
            .filter(|one| {
                one.path.len() <= command.path.len() && command.path.starts_with(one.path)
            })
            .collect();
        let known: Vec<&Opt> =
            parents.iter().flat_map(|one| one.options).chain(tool.options).collect();
        for (names, takes_there) in listed_options(&help) {
            for name in &names {
                match known.iter().find(|option| option.is(name)) {
                    None => wrong.push(format!("{usage} {name} is not known")),
                    Some(ours) if takes(ours) == takes_there => {}
                    Some(_) => wrong.push(format!("{usage} {name} takes {takes_there}")),
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(seen, 314);
}

#[test]
fn every_subcommand_and_alias_is_in_the_table() {
    let tool = rules::table::find("railway").unwrap();
    let mut groups: Vec<Vec<&str>> = vec![Vec::new()];
    groups.extend(tool.commands.iter().map(words));
    let mut wrong = Vec::new();
    for path in groups {
        let (_, help) = help(&path);
        for line in section(&help, "Commands:") {
            let indent = line.len() - line.trim_start().len();
            let name = line.trim().split(' ').next().unwrap();
            if indent != 2 || name == "help" {
                continue;
            }
            let child = tool.commands.iter().find(|one| {
                let own = words(one);
                own.len() == path.len() + 1 && own.starts_with(&path) && own.last() == Some(&name)
            });
            let child = child.unwrap_or_else(|| panic!("{path:?} {name} is not in the table"));
            let aliases = line.split_once("[alias").and_then(|(_, rest)| {
                rest.split_once(": ").map(|(_, rest)| rest.trim_end_matches(']'))
            });
            let theirs: BTreeSet<&str> =
                aliases.into_iter().flat_map(|list| list.split(", ")).chain([name]).collect();
            let ours: BTreeSet<&str> = child.path.last().unwrap().iter().copied().collect();
            if !theirs.is_subset(&ours) {
                wrong.push(format!("{path:?} {name}: {theirs:?}, not {ours:?}"));
            }
            for hidden in ours.difference(&theirs) {
                let spelled: Vec<&str> = path.iter().copied().chain([*hidden]).collect();
                let canonical = format!("railway {}", words(child).join(" "));
                let (ok, text) = self::help(&spelled);
                if !ok || !text.contains(&canonical) {
                    wrong.push(format!("{path:?} {hidden} is no alias of {name}"));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// A command line, the mutation that it must send, the id that must be in it,
/// and the environments among its variables.
type Case = (&'static str, &'static str, &'static str, &'static [&'static str]);

const DESTROYS: &[Case] = &[
    ("volume delete -v data --yes --json", "volumeDelete", VOLUME, &[]),
    ("volume -e production delete -v data -y", "volumeDelete", VOLUME, &[]),
    ("volumes -e=staging rm -vdata -y", "volumeDelete", VOLUME, &[]),
    ("service delete --yes", "serviceDelete", API, &[STAGING]),
    ("service delete -s api -e production -y", "serviceDelete", API, &[PRODUCTION]),
    ("service other delete -s api -y", "serviceDelete", API, &[STAGING]),
    ("environment delete production --yes", "environmentDelete", PRODUCTION, &[]),
    ("env rm PRODUCTION -y", "environmentDelete", PRODUCTION, &[]),
    ("environment staging delete production -y", "environmentDelete", PRODUCTION, &[]),
    ("delete -p acme --yes", "projectScheduleDelete", PROJECT, &[]),
    ("projects rm --project=ACME -y", "projectScheduleDelete", PROJECT, &[]),
    ("down --yes", "deploymentRemove", DEPLOYMENT, &[]),
    ("down -s api -e production -y", "deploymentRemove", DEPLOYMENT, &[]),
    ("bucket delete -b uploads --yes", "environmentPatchCommit", BUCKET, &[STAGING]),
    ("bucket -e production rm -b uploads -y", "environmentPatchCommit", BUCKET, &[PRODUCTION]),
    ("domain delete app.example.com --yes", "customDomainDelete", DOMAIN, &[]),
    ("functions delete -f hello --yes", "serviceDelete", FUNCTION, &[STAGING]),
    ("tcp-proxy delete 15432 --yes", "tcpProxyDelete", "tp1", &[]),
    ("sandbox destroy --id sb1", "sandboxDestroy", "sb1", &[STAGING]),
    ("sandbox -e production rm sb1", "sandboxDestroy", "sb1", &[PRODUCTION]),
    ("sandbox checkpoint delete base", "sandboxCheckpointDelete", "base", &[STAGING]),
    ("flag delete checkout", "signalDelete", "checkout", &[]),
    (
        "outbound-network static-ip disable -s api",
        "egressGatewayAssociationsClear",
        API,
        &[STAGING],
    ),
    ("ca delete worker --yes", "cloudAgentDelete", "ca1", &[]),
    ("postgres pitr backup delete b1 -s api --yes", "volumeInstanceBackupDelete", "b1", &[]),
    (
        "postgres pitr schedule set --none -s api",
        "volumeInstanceBackupScheduleUpdate",
        "vi-staging",
        &[],
    ),
];

#[test]
fn what_is_said_to_be_destroyed_is_what_is_sent() {
    let rig = Rig::new();
    for (line, mutation, id, environments) in DESTROYS {
        let words: Vec<&str> = line.split(' ').collect();
        let (output, received) = rig.run(&words, "", &[]);
        let sent: Vec<&Received> = received.iter().filter(|one| one.is_mutation).collect();
        let names: Vec<&str> =
            sent.iter().flat_map(|one| &one.fields).map(String::as_str).collect();
        let asked: Vec<&String> = received.iter().flat_map(|one| &one.fields).collect();
        assert!(output.status.success(), "{line}: {}\n{asked:?}", text(&output));
        assert_eq!(names, [*mutation], "{line}: {}", text(&output));
        let variables = sent[0].variables.to_string();
        assert!(variables.contains(id), "{line}: {variables}");
        let of = |place: &serde_json::Value| place["environmentId"].as_str().map(str::to_owned);
        let found = of(&sent[0].variables).or_else(|| of(&sent[0].variables["input"]));
        let found: Vec<String> = found.into_iter().collect();
        assert_eq!(found, *environments, "{line}");

        // We say of the words what they do, and of the request the same.
        let ours = rig.read(&words, "", &[]).actions;
        assert_eq!(ours.len(), 1, "{line}: {ours:?}");
        assert_eq!(ours[0].effect, Effect::Destroy, "{line}");
        let request = of_request(sent[0]);
        let worst = request.iter().max_by_key(|action| action.effect).unwrap();
        assert_eq!(worst.operation, *mutation, "{line}");
        assert_eq!(worst.effect, ours[0].effect, "{line}");
        assert_eq!(worst.flags, ours[0].flags, "{line}");
        assert_eq!(worst.scope, ours[0].scope, "{line}");
        if ours[0].scope == Scope::Environment && !environments.is_empty() {
            assert_eq!(environment_of(&ours[0]), found[0], "{line}");
        }
    }
}

/// The id of the environment that we take an action to land in. The link
/// tells staging's; production is known here by its name alone.
fn environment_of(action: &Action) -> &str {
    let names = action
        .target
        .evidence
        .iter()
        .filter(|one| one.kind == Kind::Environment && one.grade == Grade::Name);
    let names: Vec<&str> = names.map(|one| one.value.as_str()).collect();
    match names.contains(&"production") || names.contains(&PRODUCTION) {
        true => PRODUCTION,
        false if names.contains(&"staging") || names.contains(&STAGING) => STAGING,
        false => panic!("{names:?}"),
    }
}

/// Where each way of naming an environment really leads: a command with a
/// variable in its request, what is set around it, and the environment that
/// arrives.
#[test]
fn the_environment_that_arrives_is_the_one_we_resolve() {
    let rig = Rig::new();
    let both: &[(&str, &str)] =
        &[("RAILWAY_PROJECT_ID", PROJECT), ("RAILWAY_ENVIRONMENT_ID", PRODUCTION)];
    let name: &[(&str, &str)] = &[("RAILWAY_ENVIRONMENT_NAME", "production")];
    let project: &[(&str, &str)] = &[("RAILWAY_PROJECT_ID", PROJECT)];
    let cases: &[(&str, &[(&str, &str)], &str)] = &[
        ("variable set A=1", &[], STAGING),
        ("variable set A=1 -e production", &[], PRODUCTION),
        ("variable set A=1 --environment=production", &[], PRODUCTION),
        ("variable set -eproduction A=1", &[], PRODUCTION),
        ("variable set A=1 -e 22222222-2222-4222-8222-222222222222", &[], PRODUCTION),
        ("variable -e production set A=1", &[], STAGING),
        ("variable -e production --set A=1", &[], PRODUCTION),
        ("variable set A=1", both, PRODUCTION),
        ("variable set A=1 -e staging", both, STAGING),
        ("variable set A=1", project, STAGING),
        ("variable set A=1", name, STAGING),
        ("outbound-network -e production static-ip disable", &[], PRODUCTION),
        ("outbound-network static-ip -e production disable", &[], PRODUCTION),
        ("outbound-network static-ip disable -e production", &[], PRODUCTION),
        ("outbound-network static-ip disable", &[], STAGING),
        ("variable set A=1 -p acme -e production", &[], PRODUCTION),
    ];
    for (line, vars, environment) in cases {
        let words: Vec<&str> = line.split(' ').collect();
        // Without a service of its own the command asks for one.
        let spelled: Vec<&str> = words.iter().copied().chain(["-s", "api"]).collect();
        let (output, received) = rig.run(&spelled, "", vars);
        let sent = received.iter().find(|one| one.is_mutation);
        let sent = sent.unwrap_or_else(|| panic!("{line}: {}", text(&output)));
        let arrived = sent.variables.to_string();
        assert!(arrived.contains(environment), "{line}: {arrived}");
        let ours = rig.read(&spelled, "", vars).actions;
        assert_eq!(environment_of(&ours[0]), *environment, "{line}");
    }
}

#[test]
fn a_project_token_hides_its_environment_from_us() {
    let rig = Rig::new();
    for token in ["token", ""] {
        let vars = [("RAILWAY_TOKEN", token)];
        let (_, received) = rig.run(&["down", "--yes", "-s", "api"], "", &vars);
        assert_eq!(received[0].fields, ["projectToken"], "{token:?}");
        let header = received[0].headers.iter().find(|(name, _)| name == "project-access-token");
        assert_eq!(header.map(|(_, value)| value.as_str()), Some(token));
        let ours = rig.read(&["down", "--yes", "-s", "api"], "", &vars).actions;
        assert!(ours[0].target.gap.is_some());
        assert_eq!(ours[0].target.name, None);
    }
}

#[test]
fn an_environment_id_without_a_project_is_refused_by_the_tool() {
    let rig = Rig::new();
    let (output, received) =
        rig.run(&["down", "--yes"], "", &[("RAILWAY_ENVIRONMENT_ID", PRODUCTION)]);
    assert!(!output.status.success());
    assert!(received.iter().all(|one| !one.is_mutation));
}

/// Words that clap rejects or takes for a plea for help send nothing; where
/// they cannot do harm we do not have to agree on why.
#[test]
fn what_the_tool_does_not_run_sends_nothing() {
    let rig = Rig::new();
    for line in [
        "volume delete -e staging -v data --yes",
        "volume delete -v data --yes --help",
        "volume delete -hyv data",
        "volume delete -v data --version",
        "help volume delete",
        "volume help delete",
        "environment help delete production",
        "environment production --help delete staging",
        "volume -- delete -v data",
        "-e staging volume delete -v data -y",
        "volume dele -v data -y",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let (_, received) = rig.run(&words, "", &[]);
        assert!(received.iter().all(|one| !one.is_mutation), "{line}: {received:?}");
    }
    for line in [
        "volume delete -v data --yes --help",
        "volume delete -v data --version",
        "help volume delete",
        "volume help delete",
        "environment help delete production",
        "environment production --help delete staging",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        assert!(rig.read(&words, "", &[]).actions.is_empty(), "{line}");
    }
}

#[test]
fn documents_are_read_as_they_are_sent() {
    let rig = Rig::new();
    let fragments = "mutation Drop($v: String!) { ...F } fragment F on Mutation {                      gone: volumeDelete(volumeId: $v) ... on Mutation { userDelete } }";
    let two = "query Look { me { id } } mutation Drop { projectDelete(id: \"p\") }";
    fs::write(rig.cwd().join("drop.graphql"), fragments).unwrap();
    fs::write(rig.cwd().join("vars.json"), r#"{"v": "v7"}"#).unwrap();
    let cases: &[(&[&str], &str, &[&str])] = &[
        (&["api", "mutation { volumeDelete(volumeId: \"v\") }"], "", &["volumeDelete"]),
        (&["api", fragments, "--var", "v=v7"], "", &["volumeDelete", "userDelete"]),
        (&["api", fragments, "--raw-var=v=v7"], "", &["volumeDelete", "userDelete"]),
        (
            &["api", "-f", "drop.graphql", "--variables", "@vars.json"],
            "",
            &["volumeDelete", "userDelete"],
        ),
        (
            &["api", "--file=drop.graphql", "--variables={\"v\":\"v7\"}"],
            "",
            &["volumeDelete", "userDelete"],
        ),
        (&["api"], "mutation { environmentDelete(id: \"e\") }", &["environmentDelete"]),
        (&["api", "--file=-"], "mutation { me: userDelete }", &["userDelete"]),
        (&["api", two, "--operation-name", "Drop"], "", &["projectDelete"]),
        (&["api", "--compact", "--", "mutation { userDelete }"], "", &["userDelete"]),
    ];
    for (words, stdin, fields) in cases {
        let (output, received) = rig.run(words, stdin, &[]);
        assert_eq!(received.len(), 1, "{words:?}: {}", text(&output));
        assert_eq!(received[0].fields, *fields, "{words:?}");
        let mut world = FakeWorld::new().with_stdin(stdin);
        world.cwd = rig.cwd();
        for name in ["drop.graphql", "vars.json"] {
            world.files.insert(rig.cwd().join(name), fs::read(rig.cwd().join(name)).unwrap());
        }
        let invocation = Invocation::new(["railway"].iter().chain(*words));
        let ours = read(&invocation, &world).actions;
        let said = |actions: &[Action]| -> Vec<(String, Effect, Option<String>)> {
            let told = actions
                .iter()
                .map(|one| (one.operation.to_string(), one.effect, one.object.clone()));
            told.collect()
        };
        let names: Vec<&str> = ours.iter().map(|one| one.operation.as_ref()).collect();
        assert_eq!(names, *fields, "{words:?}");
        assert_eq!(said(&ours), said(&of_request(&received[0])), "{words:?}");
        assert!(ours.iter().all(|one| one.effect == Effect::Destroy));
    }
    let harmless = rig.run(&["api", two, "--operation-name", "Look"], "", &[]).1;
    assert_eq!(harmless[0].fields, ["me"]);
    let ours = rig.read(&["api", two, "--operation-name", "Look"], "", &[]).actions;
    assert!(ours.iter().all(Action::is_harmless));
}

#[test]
fn an_edit_is_what_standard_input_says() {
    let rig = Rig::new();
    let patch = format!(r#"{{"volumes":{{"{VOLUME}":{{"isDeleted":true}}}}}}"#);
    let words = ["environment", "edit", "-e", "production", "--json"];
    let (output, received) = rig.run(&words, &patch, &[]);
    let sent = received.iter().find(|one| one.is_mutation);
    let sent = sent.unwrap_or_else(|| panic!("{}", text(&output)));
    assert_eq!(sent.fields, ["environmentPatchCommit"]);
    assert_eq!(sent.variables["environmentId"], PRODUCTION);
    assert_eq!(sent.variables["patch"]["volumes"][VOLUME]["isDeleted"], true);
    let destroyed = |actions: Vec<Action>| -> Vec<(Option<String>, Flags)> {
        let worst = actions.into_iter().filter(|one| one.effect == Effect::Destroy);
        worst.map(|one| (one.object, one.flags)).collect()
    };
    let ours = destroyed(rig.read(&words, &patch, &[]).actions);
    assert_eq!(ours.len(), 1);
    assert_eq!(ours, destroyed(of_request(sent)));
    // With a pipe on standard input, the words are not looked at.
    let flags = ["environment", "edit", "-s", "api", "isDeleted", "true", "-m", "x"];
    assert!(rig.run(&flags, "", &[]).1.iter().all(|one| !one.is_mutation));
}

#[test]
fn zero_replicas_arrive_as_zero() {
    let rig = Rig::new();
    for line in ["scale eu-west=0 -s api", "scale --eu-west 0 -s api", "scale --eu-west=0 -s api"] {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(rig.read(&words, "", &[]).actions[0].effect, Effect::Disrupt, "{line}");
        let (output, _) = rig.run(&words, "", &[]);
        assert_ne!(output.status.code(), Some(2), "{line}: {}", text(&output));
    }
}

#[test]
fn run_hands_on_the_words_that_we_hand_on() {
    let rig = Rig::new();
    recorder(&rig, "recorder");
    for line in [
        "run -s api recorder -e production --help",
        "run -s api -- recorder -- x",
        "local -e production -s api recorder -s y",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let (output, _) = rig.run(&words, "", &[]);
        let out = text(&output);
        assert!(output.status.success(), "{line}: {out}");
        assert!(out.contains("url=postgres://"), "{line}: {out}");
        let theirs: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("word=")).collect();
        let inner = &rig.read(&words, "", &[]).inner[0];
        assert_eq!(inner.argv[0], "recorder", "{line}");
        assert_eq!(inner.argv[1..], theirs, "{line}");
    }
}
