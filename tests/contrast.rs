//! The same commands on production, on a place that nobody can name, on
//! staging, on development and on this machine: each row of
//! tests/contrast/rows.txt is judged in all of them, for an agent and for a
//! person, and the verdicts are the default policy's table in DESIGN.md.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::fs;

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::Verdict;
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::world::fake::FakeWorld;
use libtest_mimic::{Arguments, Trial};

/// Where a command points: its word, the host and the name that stand for it,
/// and which effects are stopped there.
struct Place {
    word: &'static str,
    host: &'static str,
    name: &'static str,
    stopped: &'static [&'static str],
}

const PLACES: &[Place] = &[
    Place {
        word: "production",
        host: "db.prod.acme.com",
        name: "shop-prod",
        stopped: &["disrupt", "destroy", "irreversible", "irreplaceable", "opaque"],
    },
    Place {
        word: "unknown",
        host: "db.acme.com",
        name: "shop-acme",
        stopped: &["destroy", "irreversible", "irreplaceable", "opaque"],
    },
    Place {
        word: "staging",
        host: "db.staging.acme.com",
        name: "shop-staging",
        stopped: &["irreversible", "irreplaceable"],
    },
    Place {
        word: "development",
        host: "db.dev.acme.com",
        name: "shop-dev",
        stopped: &["irreplaceable"],
    },
    Place { word: "local", host: "localhost", name: "", stopped: &["irreplaceable"] },
];

const EFFECTS: &[&str] =
    &["read", "write", "disrupt", "destroy", "irreversible", "irreplaceable", "opaque"];

fn main() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contrast/rows.txt");
    let text = fs::read_to_string(path).expect("the rows");
    let mut trials = Vec::new();
    for row in text.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let (effect, line) = row.split_once(" | ").expect("an effect and a command");
        assert!(EFFECTS.contains(&effect), "{row}");
        for place in PLACES {
            if place.name.is_empty() && line.contains("{name}") {
                continue;
            }
            let line = line.replace("{host}", place.host).replace("{name}", place.name);
            assert!(line.contains(place.host) || line.contains(place.name), "{row}");
            let stopped = place.stopped.contains(&effect);
            let (word, effect) = (place.word, effect.to_owned());
            trials.push(Trial::test(format!("{word}: {line}"), move || {
                let agent = if stopped { Verdict::Refuse } else { Verdict::Allow };
                let human = if stopped { Verdict::Confirm } else { Verdict::Allow };
                is(&line, ActorKind::Agent, agent, &effect)?;
                is(&line, ActorKind::Human, human, &effect).map_err(Into::into)
            }));
        }
    }
    assert!(trials.len() > 500, "only {} trials", trials.len());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn is(line: &str, actor: ActorKind, wanted: Verdict, effect: &str) -> Result<(), String> {
    let options = Options { actor: Some(actor), full: true };
    let surroundings = Invocation::default();
    let world = world();
    let judged = pipeline::judge(Subject::Line(line, &surroundings), &world, options).judgement;
    if judged.verdict == wanted {
        return Ok(());
    }
    let found: Vec<String> = judged
        .actions
        .iter()
        .map(|it| {
            let action = &it.action;
            format!("{} {} ({})", action.effect, action.operation, it.class)
        })
        .collect();
    Err(format!("{line}: {effect} is to be {wanted} and is {}: {found:?}", judged.verdict))
}

/// A machine that knows each of the places by its name.
fn world() -> FakeWorld {
    let names = ["shop-prod", "shop-acme", "shop-staging", "shop-dev"];
    let clusters: String = names
        .iter()
        .map(|name| {
            format!("- {{name: {name}, cluster: {{server: \"https://{name}.example.com\"}}}}\n")
        })
        .collect();
    let contexts: String = names
        .iter()
        .map(|name| format!("- {{name: {name}, context: {{cluster: {name}, user: ana}}}}\n"))
        .collect();
    let kubeconfig = format!(
        "apiVersion: v1\nkind: Config\nclusters:\n{clusters}contexts:\n{contexts}users:\n\
         - {{name: ana, user: {{}}}}\n"
    );
    let profiles: String =
        names.iter().map(|name| format!("[profile {name}]\nregion = eu-west-1\n")).collect();
    FakeWorld::new()
        .with_file("/home/ana/.kube/config", &kubeconfig)
        .with_file("/home/ana/.aws/config", &profiles)
}
