//! What makes a class.

use holdpoint::policy::Policy;
use holdpoint::policy::layer::Owned;
use holdpoint::target::{Class, Evidence, Grade, Kind, Target};

use crate::{named, policy, user};

fn class(policy: &Policy, names: &[(Kind, &str)]) -> Class {
    policy.classify(&named(names)).class
}

/// The class of a target with this evidence alone.
fn class_of(policy: &Policy, evidence: Evidence) -> Class {
    policy.classify(&Target { evidence: vec![evidence], ..Target::default() }).class
}

#[test]
fn names_count_where_the_tool_resolves_them() {
    let policy = Policy::builtin();
    for kind in [
        Kind::Host,
        Kind::Database,
        Kind::Service,
        Kind::Profile,
        Kind::Account,
        Kind::Project,
        Kind::Environment,
        Kind::App,
        Kind::Context,
        Kind::Cluster,
        Kind::Namespace,
        Kind::Workspace,
        Kind::Resource,
        Kind::Url,
        Kind::Path,
    ] {
        assert_eq!(class(&policy, &[(kind, "acme-prod")]), Class::Production, "{kind:?}");
        assert_eq!(class(&policy, &[(kind, "acme-stg")]), Class::Staging, "{kind:?}");
        assert_eq!(class(&policy, &[(kind, "acme-dev")]), Class::Development, "{kind:?}");
        assert_eq!(class(&policy, &[(kind, "acme")]), Class::Unknown, "{kind:?}");
    }
    for kind in [Kind::Region, Kind::Port, Kind::Socket] {
        assert_eq!(class(&policy, &[(kind, "prod")]), Class::Unknown, "{kind:?}");
    }
}

#[test]
fn hints_only_make_unknown_production() {
    let policy = Policy::builtin();
    for word in ["prod", "dev", "staging"] {
        for hint in [
            Evidence::name(Kind::User, "PGUSER", word),
            Evidence::name(Kind::Setting, "NODE_ENV", word),
            Evidence::hint(Kind::Path, "cwd", word),
            Evidence::hint(Kind::Path, "cwd", "x").asserting(Class::from_word("staging").unwrap()),
        ] {
            let with = |name| {
                let mut target = named(&[(Kind::Host, name)]);
                target.evidence.push(hint.clone());
                policy.classify(&target).class
            };
            let raises = hint.value == "prod";
            let raised = if raises { Class::Production } else { Class::Unknown };
            assert_eq!(with("a"), raised, "{hint:?}");
            assert_eq!(with("a-dev"), Class::Development, "{hint:?}");
            assert_eq!(with("a-stg"), Class::Staging, "{hint:?}");
            assert_eq!(with("a-prod"), Class::Production, "{hint:?}");
        }
    }
    let mut target = named(&[(Kind::User, "app_prod")]);
    let local = Evidence::name(Kind::Host, "-h", "127.0.0.1").asserting(Class::Local);
    target.evidence.push(local);
    assert_eq!(policy.classify(&target).class, Class::Local);
}

#[test]
fn a_production_name_beats_a_local_address_and_the_conflict_is_told() {
    let local = Evidence::name(Kind::Host, "-h", "127.0.0.1").asserting(Class::Local);
    let mut target = named(&[(Kind::Database, "shop_prod")]);
    target.evidence.insert(0, local);
    let classified = Policy::builtin().classify(&target);
    assert_eq!((classified.class, classified.conflict), (Class::Production, true));
    assert_eq!(
        classified.reasons,
        ["the database `shop_prod` says \"prod\"", "the host `127.0.0.1` is local"]
    );
}

#[test]
fn what_a_resolver_knows_counts_beside_the_words() {
    let policy = Policy::builtin();
    let main = Evidence::name(Kind::Environment, "link", "main").asserting(Class::Production);
    assert_eq!(class_of(&policy, main), Class::Production);
    let live = Evidence::name(Kind::Host, "-h", "prod.localhost").asserting(Class::Local);
    assert_eq!(class_of(&policy, live), Class::Production);
    let plain = Evidence::name(Kind::Path, "file", "/tmp/x.db").asserting(Class::Local);
    assert_eq!(class_of(&policy, plain), Class::Local);
}

#[test]
fn a_gap_is_at_least_unknown_and_says_why() {
    let policy = Policy::builtin();
    let mut target = named(&[(Kind::Database, "shop_dev")]);
    target.gap = Some("the host is computed at run time".to_owned());
    let classified = policy.classify(&target);
    assert_eq!(classified.class, Class::Unknown);
    assert!(classified.reasons[0].contains("computed at run time"));
    target.evidence.push(Evidence::name(Kind::Host, "-h", "prod"));
    assert_eq!(policy.classify(&target).class, Class::Production);
    let nothing = policy.classify(&Target::default());
    assert_eq!(nothing.class, Class::Unknown);
    assert_eq!(nothing.reasons, ["nothing says what it is"]);
}

#[test]
fn reasons_show_no_escape_codes_and_are_bounded() {
    let policy = Policy::builtin();
    let names: Vec<String> = (0..200).map(|n| format!("prod-{n}\u{1b}]0;x\u{7}")).collect();
    let pairs: Vec<_> = names.iter().map(|name| (Kind::Resource, name.as_str())).collect();
    let reasons = policy.classify(&named(&pairs)).reasons;
    assert!(reasons.len() < 20, "{}", reasons.len());
    assert!(!reasons.concat().contains('\u{1b}'));
}

#[test]
fn patterns_of_the_user_lower_what_is_unknown_and_no_name() {
    let policy = user("[[environment]]\nclass = 'development'\nhost = '*.internal.acme'");
    assert_eq!(class(&policy, &[(Kind::Host, "db1.internal.acme")]), Class::Development);
    assert_eq!(class(&policy, &[(Kind::Database, "db1.internal.acme")]), Class::Unknown);
    assert_eq!(class(&policy, &[(Kind::Host, "db1.acme")]), Class::Unknown);
    assert_eq!(class(&policy, &[(Kind::Host, "prod.internal.acme")]), Class::Production);
    assert_eq!(class(&policy, &[(Kind::Host, "qa.internal.acme")]), Class::Staging);
    let policy = user("[[environment]]\nclass = 'staging'\nplatform = 'aws'\nhost = 'h*'");
    assert_eq!(class(&policy, &[(Kind::Host, "h1")]), Class::Unknown, "another platform");
    let hint = Evidence::hint(Kind::Host, "branch", "h1");
    assert_eq!(
        class_of(&user("[[environment]]\nclass = 'staging'\nhost = 'h*'"), hint),
        Class::Unknown
    );
}

#[test]
fn patterns_raise_names() {
    let policy = policy(&[(
        Owned::Project,
        "[[environment]]\nclass = 'production'\nhost = ['db.acme.com']\nport = '6432'\n\
         user = 'app_rw'\nserver = 'https://api.acme.com/*'",
    )]);
    for name in [
        (Kind::Host, "DB.acme.com"),
        (Kind::Port, "6432"),
        (Kind::User, "app_rw"),
        (Kind::Url, "https://api.acme.com/v1"),
    ] {
        assert_eq!(
            class(&policy, &[name, (Kind::Database, "test")]),
            Class::Production,
            "{name:?}"
        );
    }
    assert_eq!(class(&policy, &[(Kind::Database, "test")]), Class::Development);
}

#[test]
fn a_pinned_id_silences_the_words_of_that_value_only() {
    let policy = user("[[environment]]\nclass = 'staging'\nids = ['prod-copy', '1F0C-77']");
    assert_eq!(class(&policy, &[(Kind::Project, "1f0c-77")]), Class::Staging);
    assert_eq!(class(&policy, &[(Kind::Database, "prod-copy")]), Class::Staging);
    assert_eq!(class(&policy, &[(Kind::Database, "prod-copy-2")]), Class::Production);
    let disputed = [(Kind::Project, "1f0c-77"), (Kind::Environment, "production")];
    let classified = policy.classify(&named(&disputed));
    assert_eq!((classified.class, classified.conflict), (Class::Production, true));

    let primary = Evidence::name(Kind::Environment, "link", "1F0C-77").asserting(Class::Production);
    assert_eq!(class_of(&policy, primary.clone()), Class::Staging);
    assert_eq!(class_of(&Policy::builtin(), primary), Class::Production);
    let hint = Evidence::hint(Kind::Path, "cwd", "prod-copy");
    assert_eq!(class_of(&policy, hint), Class::Production, "a hint cannot be pinned down");
}

#[test]
fn a_project_pins_production_and_silences_nothing() {
    let policy = policy(&[
        (Owned::User, "[[environment]]\nclass = 'staging'\nids = '1f0c'"),
        (Owned::Project, "[[environment]]\nclass = 'production'\nids = '1f0c'"),
    ]);
    assert_eq!(class(&policy, &[(Kind::Project, "1f0c")]), Class::Production);
}

#[test]
fn files_that_disagree_leave_the_more_dangerous_class() {
    let policy = policy(&[
        (Owned::System, "[[environment]]\nclass = 'production'\nhost = 'db*'"),
        (Owned::User, "[[environment]]\nclass = 'development'\nids = 'db1'\nhost = 'db2'"),
    ]);
    for host in ["db1", "db2"] {
        let classified = policy.classify(&named(&[(Kind::Host, host)]));
        assert_eq!((classified.class, classified.conflict), (Class::Production, true), "{host}");
        assert_eq!(
            classified.reasons[0],
            format!("the host `{host}` matches `db*`, production by the system policy")
        );
    }
}

#[test]
fn strict_mode_believes_in_staging_only_on_an_id() {
    let strict =
        user("mode = 'strict'\n[[environment]]\nclass = 'staging'\nids = 'pinned'\nhost = 'h'");
    for (name, expected) in [
        ("acme-staging", Class::Unknown),
        ("h", Class::Unknown),
        ("pinned", Class::Staging),
        ("acme-prod", Class::Production),
        ("acme-dev", Class::Development),
    ] {
        assert_eq!(class(&strict, &[(Kind::Host, name)]), expected, "{name}");
    }
    let asked = Evidence { grade: Grade::Identity, ..Evidence::name(Kind::Host, "x", "staging") };
    assert_eq!(class_of(&strict, asked), Class::Staging);
    let doubted = strict.classify(&named(&[(Kind::Host, "acme-staging")]));
    assert!(doubted.reasons[0].contains("strict") && !doubted.conflict, "{doubted:?}");
}
