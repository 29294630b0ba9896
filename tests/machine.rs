//! Taking this machine down: which machine that is, by its own name, and what
//! whoever types has to type (what molly-guard asks on a session by ssh).

use std::process::Command;

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::{Judgement, Verdict};
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::rules::{Arity, table};
use holdpoint::target::Class;
use holdpoint::world::fake::FakeWorld;
use holdpoint::world::real::RealWorld;
use holdpoint::world::{Process, World};

fn judge(line: &str, kind: ActorKind, world: &FakeWorld) -> Judgement {
    let options = Options { actor: Some(kind), full: false };
    pipeline::judge(Subject::Line(line, &Invocation::default()), world, options).judgement
}

const STOPPING: &[&str] = &[
    "shutdown",
    "shutdown -r now",
    "shutdown -h +5 'back soon'",
    "sudo reboot",
    "reboot -f",
    "poweroff",
    "halt -p",
    "init 0",
    "init 6",
    "sudo telinit 6",
    "telinit S",
    "systemctl reboot",
    "systemctl poweroff -i",
    "systemctl kexec",
    "systemctl halt --force --force",
    "systemctl stop nginx",
    "systemctl disable --now nginx",
    "systemctl disable nginx",
    "systemctl mask nginx",
    "systemctl isolate rescue.target",
    "bash -c 'sleep 1; reboot'",
];

const HARMLESS: &[&str] = &[
    "shutdown -c",
    "shutdown --show",
    "shutdown --help",
    "shutdown -k now",
    "reboot --help",
    "halt -w",
    "init q",
    "telinit u",
    "init",
    "systemctl status nginx",
    "systemctl",
    "systemctl list-units --failed",
    "systemctl restart nginx",
    "systemctl reboot --dry-run",
    "systemctl --user stop pipewire",
    "echo reboot",
];

#[test]
fn a_production_machine_is_asked_about_by_its_name() {
    let mut world = FakeWorld::new()
        .with_hostname("web-prod-1")
        .with_var("SSH_CONNECTION", "10.0.0.7 50312 10.0.0.4 22");
    // sudo takes the variable away.
    world.ancestors = vec![Process { comm: "sshd".to_owned(), ..Process::default() }];
    for line in STOPPING {
        let asked = judge(line, ActorKind::Human, &world);
        assert_eq!(asked.verdict, Verdict::Confirm, "{line}");
        let phrase = asked.phrase.clone().unwrap_or_default();
        assert!(phrase.starts_with("web-prod-1-"), "{line}: {phrase}");
        let action = &asked.worst().expect("an action").action;
        let shown = |text: &str| action.target.evidence.iter().any(|one| one.value.contains(text));
        assert!(
            shown("web-prod-1") && (shown("by ssh from 10.0.0.7") || shown("sshd")),
            "{line}: {action:?}"
        );
        assert!(!action.operation.is_empty(), "{line}");
        assert_eq!(judge(line, ActorKind::Agent, &world).verdict, Verdict::Refuse, "{line}");
    }
    for line in HARMLESS {
        assert_eq!(judge(line, ActorKind::Agent, &world).verdict, Verdict::Allow, "{line}");
    }
}

#[test]
fn any_other_machine_is_only_named() {
    for (name, class) in [
        ("thinkpad", Class::Unknown),
        ("ci-dev-3", Class::Development),
        ("db-stage", Class::Staging),
    ] {
        let world = FakeWorld::new().with_hostname(name);
        for line in STOPPING {
            let judgement = judge(line, ActorKind::Agent, &world);
            assert_eq!(judgement.verdict, Verdict::Allow, "{name}: {line}");
            assert_eq!(judgement.worst().map(|judged| judged.class), Some(class), "{name}: {line}");
        }
        let notes = judge("sudo reboot", ActorKind::Agent, &world).notes;
        assert_eq!(notes.len(), usize::from(class == Class::Unknown), "{name}: {notes:?}");
    }
}

#[test]
fn a_machine_behind_ssh_is_that_machine() {
    for (here, there, verdict) in [
        ("web-prod-1", "ci-dev-3", Verdict::Allow),
        ("thinkpad", "web-prod-1", Verdict::Refuse),
        ("web-prod-1", "box", Verdict::Allow),
    ] {
        let world = FakeWorld::new().with_hostname(here);
        for line in ["sudo reboot", "systemctl stop nginx", "init 6"] {
            let line = format!("ssh {there} {line}");
            assert_eq!(judge(&line, ActorKind::Agent, &world).verdict, verdict, "{here}: {line}");
        }
    }
    let world = FakeWorld::new().with_hostname("thinkpad");
    let judged = judge("systemctl -H web-prod-1 stop nginx", ActorKind::Human, &world);
    assert!(judged.phrase.is_some_and(|phrase| phrase.starts_with("web-prod-1-")));
}

#[test]
fn the_real_name_is_the_one_that_uname_tells() {
    let output = Command::new("uname").arg("-n").output().expect("uname");
    let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert_eq!(RealWorld::new().hostname(), Some(name));
}

/// An option without a value that took one, or one with a value that took none,
/// would move the command word.
#[test]
fn the_options_are_those_of_the_real_programs() {
    for (program, tool) in
        [("systemctl", "systemctl"), ("shutdown", "shutdown"), ("reboot", "shutdown")]
    {
        let output = Command::new(program).arg("--help").output().expect(program);
        let help = String::from_utf8_lossy(&output.stdout);
        let options = table::find(tool).expect(tool).options;
        let mut seen = 0;
        for line in help.lines() {
            // `  -H --host=[USER@]HOST  Operate on…`, `     --wait  For…`
            let words = line.split("  ").find(|part| !part.is_empty()).unwrap_or_default();
            let spelled = words.split(' ').filter(|word| word.starts_with('-') && word.len() > 1);
            if !line.starts_with("  ") {
                continue;
            }
            for word in spelled {
                let (name, value) = match word.split_once('=') {
                    Some((name, _)) => (name, true),
                    None => (word, words.contains('=') || words == "-P NAME"),
                };
                let option = options.iter().find(|option| option.names.contains(&name));
                let option = option.unwrap_or_else(|| panic!("{program} has {name}"));
                assert_eq!(option.arity == Arity::Value, value, "{program} {name}");
                seen += 1;
            }
        }
        assert!(seen > 7, "{program}: {help}");
    }
}
