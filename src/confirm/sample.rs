//! Judgements for tests.

use crate::action::{Action, Effect, Flag, Flags, Scope};
use crate::actor::{Actor, ActorKind};
use crate::judgement::{Judged, Judgement, Verdict};
use crate::target::{Class, Evidence, Kind, Target};

/// A person's DROP TABLE on production.
pub fn production_drop() -> Judgement {
    let target = Target {
        name: Some("db.prod.acme.com".to_owned()),
        evidence: vec![Evidence::name(Kind::Host, "--host", "db.prod.acme.com")],
        ..Target::of("postgres")
    };
    let action = Action {
        object: Some("table users".to_owned()),
        summary: "Drops the table users and every row in it.".to_owned(),
        instead: Some("Rename it first, and drop it once nothing has missed it.".into()),
        target,
        ..Action::new(Effect::Destroy, "DROP TABLE")
    };
    Judgement {
        tool: "psql".to_owned(),
        verdict: Verdict::Confirm,
        actor: Some(Actor {
            kind: ActorKind::Human,
            name: None,
            signals: vec!["terminal of sshd (pid 812)".to_owned()],
        }),
        actions: vec![Judged {
            action,
            class: Class::Production,
            class_reasons: vec!["the host `db.prod.acme.com` says \"prod\"".to_owned()],
            verdict: Verdict::Confirm,
            record: true,
            long_phrase: false,
            decided_by: "builtin: destroy on production".to_owned(),
        }],
        reasons: vec![
            "it destroys, and the target is production".to_owned(),
            "the host `db.prod.acme.com` says \"prod\"".to_owned(),
        ],
        notes: Vec::new(),
        phrase: Some("db.prod.acme.com-7QK2".to_owned()),
        request: None,
    }
}

/// The incident: an agent's volumeDelete at Railway.
pub fn volume_delete() -> Judgement {
    let target = Target {
        evidence: vec![Evidence::name(Kind::Host, "url", "backboard.railway.app")],
        gap: Some("the volume's project is not in the command".to_owned()),
        ..Target::of("railway")
    };
    let action = Action {
        flags: Flags::of(&[Flag::Irreversible, Flag::Backups]),
        object: Some("volume 3d2c42fb".to_owned()),
        scope: Scope::Project,
        summary: "Deletes volume 3d2c42fb and every backup stored on it, in every environment \
                  that shares it."
            .to_owned(),
        instead: Some("Detach it instead: railway volume detach.".into()),
        target,
        ..Action::new(Effect::Destroy, "volumeDelete")
    };
    Judgement {
        tool: "curl".to_owned(),
        verdict: Verdict::Refuse,
        actor: Some(Actor {
            kind: ActorKind::Agent,
            name: Some("claude-code".to_owned()),
            signals: vec!["env CLAUDECODE".to_owned(), "ancestor claude-code (pid 812)".to_owned()],
        }),
        actions: vec![Judged {
            action,
            class: Class::Unknown,
            class_reasons: vec!["nothing says which environment the volume belongs to".to_owned()],
            verdict: Verdict::Refuse,
            record: true,
            long_phrase: true,
            decided_by: "builtin: destroy on unknown".to_owned(),
        }],
        reasons: vec!["it destroys, and an unknown target counts as production".to_owned()],
        notes: Vec::new(),
        phrase: None,
        request: Some("A7KQ-93FX-2M4T".to_owned()),
    }
}
