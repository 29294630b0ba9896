//! Whole lines, from the words to the verdict.

use super::*;
use crate::confirm::card::{self, Color, Width};
use crate::world::fake::FakeWorld;

fn verdict(line: &str, world: &FakeWorld) -> Verdict {
    let options = Options { actor: Some(ActorKind::Agent), full: false };
    judge(Subject::Line(line, &Invocation::default()), world, options).judgement.verdict
}

#[test]
fn a_rule_for_a_tool_is_about_the_tool_inside() {
    let policy = "version = 1\n[[rule]]\nwhen = { tool = \"psql\", effect = \"write\" }\n\
                  verdict = \"refuse\"\nwhy = \"Use the admin console.\"\n";
    let world = FakeWorld::new().with_file("/home/ana/.config/holdpoint/policy.toml", policy);
    let update = "psql -h db.acme.com -c 'update t set a = 1 where id = 2'";
    let harmless = "aws dynamodb put-item --table-name t --item '{}'";
    assert_eq!(verdict(update, &world), Verdict::Refuse);
    assert_eq!(verdict(&format!("sudo {update}"), &world), Verdict::Refuse);
    assert_eq!(verdict(&format!("{update} && {harmless}"), &world), Verdict::Refuse);
    assert_eq!(verdict(harmless, &world), Verdict::Allow);
    assert_eq!(verdict(update, &FakeWorld::new()), Verdict::Allow);
}

#[test]
fn functions_that_nobody_knows_stop_a_read_in_strict_mode_only() {
    let policy = "version = 1\nmode = \"strict\"\n";
    let strict = FakeWorld::new().with_file("/home/ana/.config/holdpoint/policy.toml", policy);
    let known = "psql -h db.prod.acme.com -c 'select max(lower(a)), st_area(b) from t'";
    let own = "psql -h db.prod.acme.com -c 'select pay_out(7)'";
    assert_eq!(verdict(known, &strict), Verdict::Allow);
    assert_eq!(verdict(own, &strict), Verdict::Refuse);
    assert_eq!(verdict(own, &FakeWorld::new()), Verdict::Allow);
    assert_eq!(verdict(&own.replace("prod", "dev"), &strict), Verdict::Allow);
}

#[test]
fn a_card_says_what_is_disrupted_and_what_is_permitted() {
    let judged = |sql: &str| {
        let line = format!("psql -h db.prod.acme.com -c '{sql}'");
        let options = Options { actor: Some(ActorKind::Agent), full: true };
        let subject = Subject::Line(&line, &Invocation::default());
        judge(subject, &FakeWorld::new(), options).judgement
    };
    for (sql, operation) in [
        ("vacuum full t", "VACUUM FULL"),
        ("lock table t", "LOCK"),
        ("reindex table t", "REINDEX"),
        ("select pg_terminate_backend(7)", "pg_terminate_backend"),
    ] {
        let judgement = judged(sql);
        let action = &judgement.actions[0].action;
        assert_eq!((action.effect, &*action.operation), (Effect::Disrupt, operation));
        assert_eq!(judgement.verdict, Verdict::Refuse, "{sql}");
        let card = card::render(&judgement, Width::columns(80), Color::Off);
        assert!(card.contains(&*action.summary) && card.contains("disrupt"), "{card}");
    }
    let judgement = judged("grant all on t to everybody");
    let action = &judgement.actions[0].action;
    assert!(action.flags.has(Flag::Permission) && judgement.is_recorded());
    assert_eq!(judgement.verdict, Verdict::Allow);
}

#[test]
fn commands_inside_one_another_end() {
    let line = format!("{}psql -h db.prod.acme.com -c 'drop table t'", "env ".repeat(100));
    assert_eq!(verdict(&line, &FakeWorld::new()), Verdict::Refuse);
}
