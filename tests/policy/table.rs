//! The built-in table, field by field.

use holdpoint::action::{Action, Effect, Flag};
use holdpoint::actor::ActorKind;
use holdpoint::judgement::Verdict;
use holdpoint::policy::{Classified, Decision, Policy};
use holdpoint::target::{Class, Kind};

use crate::{ACTORS, CLASSES, action, named, on, user};

/// DESIGN.md's table; the classes are local, development, staging, production,
/// unknown. `record`: allowed and recorded; `note`: also one line on stderr;
/// `stop`: a person confirms, others are refused; `long`: the same with the
/// longer phrase.
const BALANCED: &str = "
    read                         | allow  | allow  | allow  | allow  | allow
    write                        | allow  | allow  | allow  | record | allow
    disrupt                      | allow  | allow  | record | stop   | note
    destroy                      | record | record | note   | stop   | stop
    destroy irreversible         | record | record | stop   | long   | long
    destroy backups              | record | record | stop   | long   | long
    destroy irreversible backups | record | record | stop   | long   | long
    write irreversible           | record | record | stop   | long   | long
    disrupt backups              | record | record | stop   | long   | long
    read opaque                  | allow  | allow  | record | stop   | stop
    write opaque                 | allow  | allow  | record | stop   | stop
    destroy opaque               | record | record | note   | stop   | stop
    read irreplaceable           | stop   | stop   | stop   | stop   | stop
    write irreplaceable          | stop   | stop   | stop   | stop   | stop
    destroy irreplaceable        | stop   | stop   | stop   | stop   | stop
    read disarm                  | stop   | stop   | stop   | stop   | stop
    write disarm                 | stop   | stop   | stop   | stop   | stop
    read credential              | record | record | record | record | record
    write credential             | record | record | record | record | record
    write permission             | record | record | record | record | record
    write retarget               | record | record | record | note   | record
    disrupt permission           | record | record | record | stop   | note
";

/// The same in strict mode.
const STRICT: &str = "
    read                         | allow  | allow  | allow  | allow  | allow
    write                        | allow  | allow  | allow  | stop   | allow
    disrupt                      | allow  | allow  | record | stop   | note
    destroy                      | record | record | note   | stop   | stop
    destroy irreversible         | record | record | stop   | long   | long
    read opaque                  | allow  | allow  | record | stop   | stop
    read credential              | record | record | record | record | record
    read permission              | record | record | record | stop   | record
    write permission             | record | record | record | stop   | record
    write credential             | record | record | record | stop   | record
    write disarm                 | stop   | stop   | stop   | stop   | stop
";

/// What a decision is called in the table.
fn field(decision: &Decision, actor: ActorKind) -> &'static str {
    let stopped = decision.verdict(actor) != Verdict::Allow;
    match (stopped, decision.long_phrase, decision.note.is_some(), decision.record) {
        (true, true, _, true) => "long",
        (true, false, _, true) => "stop",
        (false, _, true, true) => "note",
        (false, _, false, true) => "record",
        (false, _, false, false) => "allow",
        _ => "a note or a stop without a record",
    }
}

fn check(policy: &Policy, table: &str) {
    for row in table.trim().lines() {
        let mut fields = row.split('|').map(str::trim);
        let mut words = fields.next().unwrap().split(' ');
        let effect = Effect::from_word(words.next().unwrap()).unwrap();
        let flags: Vec<Flag> = words.map(|word| Flag::from_word(word).unwrap()).collect();
        let action = action(effect, &flags);
        for class in CLASSES {
            let expected = fields.next().unwrap();
            let verdicts = match expected {
                "stop" | "long" => (Verdict::Confirm, Verdict::Refuse),
                _ => (Verdict::Allow, Verdict::Allow),
            };
            let decision = policy.decide(&action, &Classified::of(class), "psql");
            assert_eq!((decision.human, decision.other), verdicts, "{row} on {class}");
            assert_eq!(decision.why.is_empty(), verdicts.0 == Verdict::Allow, "{row}");
            for actor in ACTORS {
                assert_eq!(field(&decision, actor), expected, "{row} on {class} by {actor}");
            }
        }
        assert_eq!(fields.next(), None, "{row}");
    }
}

#[test]
fn the_default_table_holds() {
    check(&Policy::builtin(), BALANCED);
}

#[test]
fn the_strict_table_holds() {
    check(&user("mode = 'strict'"), STRICT);
}

#[test]
fn a_decision_says_what_it_rests_on() {
    let decide = |effect, flags: &[Flag], class| {
        let classified = Classified::of(class);
        Policy::builtin().decide(&action(effect, flags), &classified, "psql")
    };
    let decision = decide(Effect::Destroy, &[], Class::Production);
    assert_eq!(decision.decided_by, "builtin: destroy on production");
    let decision = decide(Effect::Destroy, &[Flag::Backups, Flag::Opaque], Class::Unknown);
    assert_eq!(decision.decided_by, "builtin: destroy with backups on unknown");
    assert_eq!(decision.why.len(), 2, "{:?}", decision.why);
    let decision = decide(Effect::Write, &[Flag::Credential], Class::Local);
    assert_eq!(decision.decided_by, "builtin: credential or permission on local");
    assert_eq!(decision.why, Vec::<String>::new());
}

#[test]
fn notes_name_the_target_and_show_no_escape_codes() {
    let mut target = named(&[(Kind::Database, "app_staging")]);
    target.name = Some("app_\u{1b}[2Jstaging".to_owned());
    let action = Action { summary: "Drops table users.".to_owned(), ..on(target, Effect::Destroy) };
    let policy = Policy::builtin();
    let decision = policy.decide(&action, &policy.classify(&action.target), "psql");
    assert_eq!(
        decision.note.as_deref(),
        Some("allowed on staging `app_\\u{1b}[2Jstaging`: Drops table users.")
    );
}
