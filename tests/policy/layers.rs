//! How the files weigh against the table and against each other.

use holdpoint::action::{Action, Effect, Flag, Flags};
use holdpoint::actor::ActorKind;
use holdpoint::judgement::Verdict::{self, Allow, Confirm, Refuse};
use holdpoint::policy::layer::Owned;
use holdpoint::policy::{Classified, Policy};
use holdpoint::target::{Class, Kind, Target};

use crate::{CLASSES, action, layer, named, on, policy, user};

const ALLOW_ALL: &str = "[[rule]]\nverdict = 'allow'\nwhen = { flag = ['irreversible', 'backups', \
    'opaque', 'irreplaceable', 'disarm'] }\n[[rule]]\nverdict = 'allow'\n\
    when = { effect = ['write', 'disrupt', 'destroy'] }\n";

/// The verdicts for a person and for anybody else.
fn verdicts(policy: &Policy, action: &Action, class: Class) -> (Verdict, Verdict) {
    let decision = policy.decide(action, &Classified::of(class), "psql");
    (decision.human, decision.other)
}

#[test]
fn nothing_that_a_file_allows_goes_below_the_floor() {
    let policy = policy(&[(Owned::System, ALLOW_ALL), (Owned::User, ALLOW_ALL)]);
    let verdicts = |effect, flags: &[Flag], class| verdicts(&policy, &action(effect, flags), class);
    for class in [Class::Production, Class::Unknown] {
        assert_eq!(verdicts(Effect::Destroy, &[], class), (Allow, Refuse));
        assert_eq!(verdicts(Effect::Destroy, &[Flag::Irreversible], class), (Confirm, Refuse));
        assert_eq!(verdicts(Effect::Destroy, &[Flag::Backups], class), (Confirm, Refuse));
        assert_eq!(verdicts(Effect::Write, &[Flag::Backups], class), (Confirm, Refuse));
        assert_eq!(verdicts(Effect::Read, &[Flag::Opaque], class), (Allow, Refuse));
        assert_eq!(verdicts(Effect::Disrupt, &[], class), (Allow, Allow));
    }
    for class in CLASSES {
        assert_eq!(verdicts(Effect::Write, &[Flag::Disarm], class), (Confirm, Refuse));
        assert_eq!(verdicts(Effect::Write, &[Flag::Irreplaceable], class), (Allow, Allow));
    }
    assert_eq!(verdicts(Effect::Destroy, &[Flag::Irreversible], Class::Staging), (Allow, Allow));
    let destroy = action(Effect::Destroy, &[]);
    let floored = policy.decide(&destroy, &Classified::of(Class::Production), "psql");
    assert_eq!(floored.decided_by, "builtin: destroy on production, which no file can allow");
    assert!(!floored.why.is_empty() && floored.record);
}

#[test]
fn an_allow_covers_no_grave_flag_that_it_does_not_name() {
    let policy = user("[[rule]]\nverdict = 'allow'\nwhen = { class = 'staging' }");
    let other =
        |flags: &[Flag]| verdicts(&policy, &action(Effect::Destroy, flags), Class::Staging).1;
    assert_eq!(other(&[]), Allow);
    assert_eq!(other(&[Flag::Irreversible]), Refuse);
    assert_eq!(other(&[Flag::Irreplaceable]), Refuse);
}

#[test]
fn an_allow_rests_on_no_hint() {
    let policy = user("[[rule]]\nverdict = 'allow'\nwhen = { target = '*calm*' }");
    let disrupt = |kind| on(named(&[(kind, "calm-1")]), Effect::Disrupt);
    assert_eq!(verdicts(&policy, &disrupt(Kind::Host), Class::Production), (Allow, Allow));
    assert_eq!(verdicts(&policy, &disrupt(Kind::User), Class::Production), (Confirm, Refuse));
}

#[test]
fn a_users_allow_yields_to_a_floor_of_the_machine_and_to_nothing_softer() {
    let allow = "[[rule]]\nverdict = 'allow'\nwhen = { effect = 'disrupt' }";
    let decide = |floor: bool| {
        let rule = format!(
            "[[rule]]\nname = 'calm'\nfloor = {floor}\nverdict = 'refuse'\n\
             when = {{ effect = 'disrupt' }}\nwhy = 'Ask the team.'"
        );
        let policy = policy(&[(Owned::System, &rule), (Owned::User, allow)]);
        let disrupt = action(Effect::Disrupt, &[]);
        policy.decide(&disrupt, &Classified::of(Class::Development), "psql")
    };
    let hard = decide(true);
    assert_eq!((hard.human, hard.other), (Refuse, Refuse));
    assert_eq!(hard.decided_by, "system policy (calm)");
    assert_eq!(hard.why, ["Ask the team."]);
    let soft = decide(false);
    assert_eq!((soft.human, soft.other), (Allow, Allow));
    assert_eq!(soft.decided_by, "user policy, line 2");
}

#[test]
fn within_a_file_the_strictest_rule_wins() {
    let allow = "[[rule]]\nverdict = 'allow'\nwhen = { tool = 'psql' }\n";
    let confirm = "[[rule]]\nverdict = 'confirm'\nwhen = { tool = 'p*' }\n";
    for text in [format!("{allow}{confirm}"), format!("{confirm}{allow}")] {
        let write = action(Effect::Write, &[]);
        assert_eq!(verdicts(&user(&text), &write, Class::Local), (Confirm, Refuse));
    }
}

#[test]
fn every_condition_of_a_rule_must_hold() {
    let policy = user(
        "[[rule]]\nverdict = 'refuse'\nwhen = { class = 'staging', effect = 'write', \
         flag = ['credential', 'permission'], actor = ['agent'], tool = 'ps*', \
         platform = 'postgres', operation = 'GRANT*', target = '*shop*' }",
    );
    let grant = Action {
        operation: "GRANT ALL".into(),
        target: named(&[(Kind::Database, "shop_staging")]),
        ..action(Effect::Write, &[Flag::Permission])
    };
    let decide = |action: &Action, class, tool, actor| {
        policy.decide(action, &Classified::of(class), tool).verdict(actor)
    };
    let (staging, agent) = (Class::Staging, ActorKind::Agent);
    assert_eq!(decide(&grant, staging, "psql", agent), Refuse);
    assert_eq!(decide(&grant, Class::Development, "psql", agent), Allow);
    assert_eq!(decide(&grant, staging, "mysql", agent), Allow);
    assert_eq!(decide(&grant, staging, "psql", ActorKind::Ci), Allow);
    let changed = |change: fn(&mut Action)| {
        let mut other = grant.clone();
        change(&mut other);
        decide(&other, staging, "psql", agent)
    };
    assert_eq!(changed(|_| ()), Refuse);
    assert_eq!(changed(|action| action.effect = Effect::Disrupt), Allow);
    assert_eq!(changed(|action| action.flags = Flags::of(&[Flag::Retarget])), Allow);
    assert_eq!(changed(|action| action.operation = "REVOKE".into()), Allow);
    assert_eq!(changed(|action| action.target.platform = "mysql".into()), Allow);
    assert_eq!(changed(|action| action.target = Target::of("postgres")), Allow);
    let decision = policy.decide(&grant, &Classified::of(staging), "psql");
    assert_eq!((decision.human, decision.other), (Allow, Refuse), "the strictest of the others");
    assert_eq!(decision.verdict(ActorKind::Human), Allow);
}

#[test]
fn protected_objects_stay_in_every_environment() {
    let policy = policy(&[(
        Owned::Project,
        "[[protect]]\nobject = '3d2c42fb-*'\nwhy = 'Use runbook 7.'\n\
         [[protect]]\ntarget = 'ledger'\nverdict = 'confirm'",
    )]);
    let decide = |effect, object: &str, target: Target| {
        let action = Action { object: Some(object.to_owned()), ..on(target, effect) };
        verdicts(&policy, &action, Class::Local)
    };
    let nowhere = Target::default;
    for object in ["volume 3d2c42fb-11", "3d2c42fb-11", "volume `3d2c42fb-11`, mounted"] {
        assert_eq!(decide(Effect::Destroy, object, nowhere()), (Refuse, Refuse));
        assert_eq!(decide(Effect::Disrupt, object, nowhere()), (Refuse, Refuse));
        assert_eq!(decide(Effect::Write, object, nowhere()), (Allow, Allow));
    }
    assert_eq!(decide(Effect::Destroy, "volume 77", nowhere()), (Allow, Allow));
    let resource = named(&[(Kind::Resource, "3d2c42fb-11")]);
    assert_eq!(decide(Effect::Destroy, "", resource), (Refuse, Refuse));
    let ledger = named(&[(Kind::Database, "ledger")]);
    assert_eq!(decide(Effect::Destroy, "table t", ledger), (Confirm, Refuse));
}

#[test]
fn an_unusable_file_makes_things_stricter_and_says_so() {
    for (owned, human) in
        [(Owned::System, Refuse), (Owned::User, Refuse), (Owned::Project, Confirm)]
    {
        let policy = Policy::of(vec![layer(owned, b"version = 1\nmoed = 'strict'\n")]);
        let human_on = |effect, class| verdicts(&policy, &action(effect, &[]), class).0;
        for class in [Class::Development, Class::Staging, Class::Unknown, Class::Production] {
            for action in [action(Effect::Destroy, &[]), action(Effect::Read, &[Flag::Opaque])] {
                assert_eq!(verdicts(&policy, &action, class), (human, Refuse), "{owned:?} {class}");
                let decision = policy.decide(&action, &Classified::of(class), "psql");
                let why = decision.why.join(" ");
                assert!(why.contains("toml:2:1: unknown field `moed`"), "{why}");
            }
        }
        assert_eq!(human_on(Effect::Destroy, Class::Local), Allow);
        assert_eq!(human_on(Effect::Write, Class::Unknown), Allow);
        assert_eq!(human_on(Effect::Write, Class::Production), Confirm, "it counts as strict");
        let staging = named(&[(Kind::Host, "staging")]);
        assert_eq!(policy.classify(&staging).class, Class::Unknown, "it counts as strict");
        let disrupts = if owned == Owned::Project { Confirm } else { Allow };
        assert_eq!(human_on(Effect::Disrupt, Class::Unknown), disrupts);
    }
}

#[test]
fn no_allow_reaches_below_an_unusable_file_above_it() {
    let layers = vec![
        layer(Owned::System, b"version = 1\nbroken"),
        layer(Owned::User, format!("version = 1\n{ALLOW_ALL}").as_bytes()),
    ];
    let destroy = action(Effect::Destroy, &[]);
    assert_eq!(verdicts(&Policy::of(layers), &destroy, Class::Development), (Refuse, Refuse));
}

#[test]
fn raising_a_class_slips_out_of_no_stricter_rule() {
    let rule = "[[rule]]\nverdict = 'refuse'\nwhen = { class = 'staging', effect = 'write' }";
    let raise = "[[environment]]\nclass = 'production'\nhost = 'stg*'";
    let write = on(named(&[(Kind::Host, "stg-1")]), Effect::Write);
    for files in [
        &[(Owned::User, rule)][..],
        &[(Owned::User, rule), (Owned::Project, raise)],
        &[(Owned::User, rule), (Owned::Project, "mode = 'strict'")],
        &[(Owned::System, "mode = 'strict'"), (Owned::User, rule)],
    ] {
        let policy = policy(files);
        let decision = policy.decide(&write, &policy.classify(&write.target), "psql");
        assert_eq!((decision.human, decision.other), (Refuse, Refuse), "{files:?}");
    }
}

#[test]
fn actors_are_added_up_and_only_the_user_trusts_terminals() {
    let actors = policy(&[
        (Owned::System, "[actors]\nagent_env = 'ACME_*'"),
        (Owned::User, "[actors]\ntrust_ide_terminals = true\nagent_processes = ['bot']"),
        (Owned::Project, "[actors]\nci_env = 'BUILDER'\nagent_env = ['X']"),
    ])
    .actors()
    .clone();
    assert_eq!(actors.extra_agent_env, ["ACME_*", "X"]);
    assert_eq!(actors.extra_agent_processes, ["bot"]);
    assert_eq!(actors.extra_ci_env, ["BUILDER"]);
    assert!(actors.trust_ide_terminals);
    let forbidden = policy(&[
        (Owned::System, "[actors]\ntrust_ide_terminals = false"),
        (Owned::User, "[actors]\ntrust_ide_terminals = true"),
    ]);
    assert!(!forbidden.actors().trust_ide_terminals);
    assert!(!Policy::builtin().actors().trust_ide_terminals);
}

#[test]
fn a_file_can_have_every_write_recorded() {
    let record = |policy: &Policy| {
        let write = action(Effect::Write, &[]);
        policy.decide(&write, &Classified::of(Class::Local), "psql").record
    };
    assert!(record(&policy(&[(Owned::Project, "[audit]\nwrites = true")])));
    assert!(!record(&Policy::builtin()));
}
