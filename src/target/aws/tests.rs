//! The resolver as a whole: variables, files and words in, evidence out.

use super::*;
use crate::invocation::Invocation;
use crate::world::fake::FakeWorld;

const CONFIG: &str = "\
[default]\nregion = eu-west-1\n\
[profile prod]\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = hub\n\
[profile hub]\nregion = us-east-1\n\
[profile stack]\nendpoint_url = http://localhost:4566\n";

fn world() -> FakeWorld {
    FakeWorld::new().with_file("/home/ana/.aws/config", CONFIG)
}

/// The target of a command of `service` with these words: an option's value
/// behind its name.
fn target(world: &FakeWorld, service: &str, words: &[&str], named: &[Named]) -> Target {
    let invocation = Invocation::new(std::iter::once("aws").chain(words.iter().copied()));
    let value = |name: &str| {
        let at = words.iter().position(|word| *word == name)?;
        let text = invocation.argv.get(at + 2)?;
        Some(Value { index: at + 2, offset: 0, text, dynamic: text == "$X" })
    };
    let asked = Asked {
        profile: value("--profile"),
        region: value("--region"),
        endpoint: value("--endpoint-url"),
        service,
        service_id: service,
        named,
    };
    resolve(Context { invocation: &invocation, world }, &asked)
}

/// The evidence of a kind: grade, source and value.
fn of(target: &Target, kind: Kind) -> Vec<String> {
    let these = target.evidence.iter().filter(|evidence| evidence.kind == kind);
    these.map(|e| format!("{} {}: {}", e.grade.word(), e.source, e.value)).collect()
}

fn is_local(target: &Target) -> bool {
    target.evidence.iter().any(|evidence| evidence.asserts == Some(Class::Local))
}

const KEY: &str = "ASIAY34FZKBOKMUTVV7A";

#[test]
fn the_flag_beats_the_variables_and_the_default() {
    let world = world().with_var("AWS_PROFILE", "stack");
    let found = target(&world, "ec2", &["--profile", "prod"], &[]);
    assert_eq!(
        of(&found, Kind::Profile),
        ["name --profile: prod", "hint source_profile of profile prod in the config file: hub"]
    );
    assert_eq!(
        of(&found, Kind::Account),
        ["name role_arn of profile prod in the config file: 123456789012"]
    );
    assert_eq!(found.name.as_deref(), Some("prod"));
    let found = target(&world, "ec2", &[], &[]);
    assert_eq!(of(&found, Kind::Profile), ["name AWS_PROFILE: stack"]);
    assert!(is_local(&found));
}

#[test]
fn two_variables_that_differ_both_count() {
    let world = world().with_var("AWS_PROFILE", "dev").with_var("AWS_DEFAULT_PROFILE", "prod");
    let found = target(&world, "ec2", &[], &[]);
    let profiles = of(&found, Kind::Profile);
    assert!(profiles.contains(&"name AWS_PROFILE: dev".to_owned()), "{profiles:?}");
    assert!(profiles.contains(&"name AWS_DEFAULT_PROFILE: prod".to_owned()), "{profiles:?}");
}

#[test]
fn keys_in_variables_beat_a_profile_that_no_flag_names() {
    let world = world().with_var("AWS_ACCESS_KEY_ID", KEY).with_var("AWS_PROFILE", "prod");
    let found = target(&world, "ec2", &[], &[]);
    assert_eq!(of(&found, Kind::Account), ["name AWS_ACCESS_KEY_ID: 609629065308"]);
    assert_eq!(of(&found, Kind::Profile), ["hint AWS_PROFILE: prod"]);
    let found = target(&world, "ec2", &["--profile", "prod"], &[]);
    assert_eq!(
        of(&found, Kind::Account),
        ["name role_arn of profile prod in the config file: 123456789012"]
    );
}

#[test]
fn keys_in_the_credentials_file_name_the_account_and_stay_secret() {
    let world = FakeWorld::new()
        .with_file("/creds", &format!("[default]\naws_access_key_id = {KEY}\n"))
        .with_var("AWS_SHARED_CREDENTIALS_FILE", "/creds");
    let found = target(&world, "ec2", &[], &[]);
    assert!(of(&found, Kind::Account)[0].ends_with(": 609629065308"));
    assert!(!format!("{found:?}").contains(KEY));
    assert_eq!(found.name.as_deref(), Some("609629065308"));
}

#[test]
fn endpoints_on_this_machine_are_local() {
    let found = target(&world(), "s3", &["--endpoint-url", "http://localhost:4566"], &[]);
    assert!(is_local(&found));
    assert_eq!(of(&found, Kind::Host), ["name --endpoint-url: localhost"]);
    let local = world().with_var("AWS_ENDPOINT_URL", "http://127.0.0.1:4566");
    assert!(is_local(&target(&local, "s3", &[], &[])));
    let far = local.clone().with_var("AWS_ENDPOINT_URL_S3", "https://s3.prod.example");
    assert!(!is_local(&target(&far, "s3", &[], &[])));
    assert!(is_local(&target(&far, "ec2", &[], &[])));
    let ignored = local.with_var("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert!(!is_local(&target(&ignored, "s3", &[], &[])));
    assert!(is_local(&target(&ignored, "s3", &["--endpoint-url", "http://[::1]:1"], &[])));
}

#[test]
fn some_services_go_to_aws_whatever_the_variables_say() {
    let world = world().with_var("AWS_ENDPOINT_URL", "http://127.0.0.1:4566");
    for service in ["rds", "sqs", "docdb", "neptune", "emr"] {
        assert!(!is_local(&target(&world, service, &[], &[])), "{service}");
        let words = ["--endpoint-url", "http://127.0.0.1:4566"];
        assert!(is_local(&target(&world, service, &words, &[])), "{service}");
    }
}

#[test]
fn what_is_computed_leaves_a_gap() {
    assert!(target(&world(), "s3", &["--profile", "$X"], &[]).gap.is_some());
    assert!(target(&world(), "s3", &["--endpoint-url", "$X"], &[]).gap.is_some());
    assert!(target(&world(), "s3", &["--region", "$X"], &[]).gap.is_none());
    let broken = FakeWorld::new().with_file("/home/ana/.aws/config", "nonsense");
    assert!(target(&broken, "s3", &[], &[]).gap.is_some());
}

#[test]
fn names_count_by_what_they_say_about_the_object() {
    let name = |role, text: &str| Named { role, source: "--x".into(), text: text.to_owned() };
    let arn = "arn:aws:sns:eu-west-1:123456789012:alarms";
    let found = target(&world(), "sns", &[], &[name(Role::Object, arn)]);
    assert_eq!(of(&found, Kind::Account), ["name --x: 123456789012"]);
    let two = [name(Role::Object, "test-a"), name(Role::Object, "b")];
    assert_eq!(
        of(&target(&world(), "ec2", &[], &two), Kind::Resource),
        ["hint --x: test-a", "hint --x: b"]
    );
    let beside = [name(Role::Object, "main"), name(Role::Other, "test-snapshot")];
    assert_eq!(
        of(&target(&world(), "rds", &[], &beside), Kind::Resource),
        ["name --x: main", "hint --x: test-snapshot"]
    );
}

#[test]
fn a_web_identity_names_its_account() {
    let world = FakeWorld::new()
        .with_var("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci")
        .with_var("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
    assert_eq!(
        of(&target(&world, "s3", &[], &[]), Kind::Account),
        ["name AWS_ROLE_ARN: 123456789012"]
    );
}

/// Debian 12's package is 2.9.19, which was seen to ignore the variable.
#[test]
fn a_packaged_cli_too_old_for_endpoint_variables_is_not_believed_to_be_local() {
    let packaged = |version: &str| {
        world()
            .with_var("AWS_ENDPOINT_URL", "http://localhost:4566")
            .with_var("PATH", "/shims:/usr/bin")
            .with_file("/usr/bin/aws", "")
            .with_file(
                "/usr/lib/python3/dist-packages/awscli/__init__.py",
                &format!("import os\n__version__ = '{version}'\n"),
            )
    };
    let local = |world: &FakeWorld| is_local(&target(world, "dynamodb", &[], &[]));
    for (version, believed) in
        [("2.9.19", false), ("1.22.34", false), ("1.29.0", true), ("2.13.0", true), ("x", true)]
    {
        assert_eq!(local(&packaged(version)), believed, "{version}");
    }
    // Another one in front of it is another one; the option counts always.
    let other = packaged("2.9.19").with_file("/shims/aws", "");
    assert!(local(&other));
    let words = ["--endpoint-url", "http://localhost:4566"];
    assert!(is_local(&target(&packaged("2.9.19"), "dynamodb", &words, &[])));
}
