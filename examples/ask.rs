//! Says who is asking and, if that is a person, asks them to confirm a made-up
//! DROP TABLE. For looking at the card and the prompt on a terminal, and for
//! the tests that do so. Runs nothing.
//!
//!     cargo run --example ask -- [--name TARGET] [--seconds N] [--trust-ide]

use std::process::exit;
use std::time::Duration;

use holdpoint::action::{Action, Effect};
use holdpoint::actor::{self, ActorKind, ActorPolicy};
use holdpoint::confirm::{self, Answer, card, phrase};
use holdpoint::judgement::{Judged, Judgement, Verdict};
use holdpoint::target::{Class, Evidence, Kind, Target};
use holdpoint::world::real::RealWorld;

fn main() {
    let mut words = std::env::args().skip(1);
    let (mut name, mut seconds) = ("acme-prod".to_owned(), 300);
    let mut policy = ActorPolicy::default();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--name" => name = words.next().unwrap_or_default(),
            "--seconds" => seconds = words.next().and_then(|n| n.parse().ok()).unwrap_or(seconds),
            "--trust-ide" => policy.trust_ide_terminals = true,
            other => {
                eprintln!("ask: what is {other}?");
                exit(2);
            }
        }
    }
    let world = RealWorld::new();
    let actor = actor::identify(&world, &policy);
    println!("kind={}", actor.kind);
    println!("signals={}", actor.signals.join("; "));
    let human = actor.kind == ActorKind::Human;
    let mut judgement = judgement(&name);
    judgement.actor = Some(actor);
    if !human {
        judgement.verdict = Verdict::Refuse;
        let (width, color) = (card::Width::of_stderr(), card::Color::of_stderr());
        eprint!("{}", card::render(&judgement, width, color));
        exit(77);
    }
    judgement.phrase = Some(phrase::for_judgement(&judgement, &world));
    match confirm::ask_for(Duration::from_secs(seconds), &judgement, &world) {
        Answer::Confirmed => println!("answer=confirmed"),
        Answer::Declined(reason) => {
            println!("answer=declined, {reason}");
            match reason.signal() {
                Some(signal) => confirm::end_by(signal, 77),
                None => exit(77),
            }
        }
    }
}

fn judgement(name: &str) -> Judgement {
    let target = Target {
        name: Some(name.to_owned()),
        evidence: vec![Evidence::name(Kind::Host, "--host", name)],
        ..Target::of("postgres")
    };
    let action = Action {
        object: Some("table users".to_owned()),
        summary: format!("Drops the table users of {name} and every row in it."),
        instead: Some("Rename it first, and drop it once nothing has missed it.".into()),
        target,
        ..Action::new(Effect::Destroy, "DROP TABLE")
    };
    let judged = Judged {
        action,
        class: Class::Production,
        class_reasons: vec![format!("the host `{name}` says \"prod\"")],
        verdict: Verdict::Confirm,
        record: true,
        long_phrase: false,
        decided_by: "builtin: destroy on production".to_owned(),
    };
    Judgement {
        tool: "psql".to_owned(),
        verdict: Verdict::Confirm,
        actor: None,
        actions: vec![judged],
        reasons: vec!["it destroys, and the target is production".to_owned()],
        notes: Vec::new(),
        phrase: None,
        request: None,
    }
}
