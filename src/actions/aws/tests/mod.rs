//! The reader as a whole: lines in, actions out, in a world of maps.

mod brakes;
mod code;
mod properties;

use super::*;
use crate::action::Flag;
use crate::actions::read as read_call;
use crate::actor::ActorKind;
use crate::invocation::Invocation;
use crate::judgement::Judgement;
use crate::pipeline;
use crate::rules::table as rules;
use crate::world::fake::FakeWorld;

/// The invocation of a line; words with a `$` in them are computed.
fn invocation(line: &str) -> Invocation {
    let words = shell_words::split(line).unwrap();
    let dynamic = words.iter().enumerate().filter(|(_, word)| word.contains('$'));
    let dynamic = dynamic.map(|(at, _)| at).collect();
    Invocation { dynamic, ..Invocation::new(words) }
}

fn reading(line: &str, world: &FakeWorld) -> Reading {
    let invocation = invocation(line);
    let tool = rules::find("aws").unwrap();
    let call = Call { tool, context: Context { invocation: &invocation, world }, full: false };
    read_call(&call)
}

/// The one action of a line: its effect, then its flags.
fn said(line: &str) -> String {
    said_in(line, &FakeWorld::new())
}

fn said_in(line: &str, world: &FakeWorld) -> String {
    let reading = reading(line, world);
    let actions: Vec<String> = reading
        .actions
        .iter()
        .map(|action| {
            let flags: Vec<&str> = action.flags.iter().map(Flag::word).collect();
            [vec![action.effect.word()], flags].concat().join(" ")
        })
        .collect();
    actions.join("; ")
}

/// What the pipeline makes of a line for an agent, the commands inside it
/// followed.
fn judged(line: &str, world: &FakeWorld) -> Judgement {
    let options = pipeline::Options { actor: Some(ActorKind::Agent), full: false };
    let invocation = invocation(line);
    pipeline::judge(pipeline::Subject::Command(&invocation), world, options).judgement
}

fn all(cases: &[(&str, &str)]) {
    for (line, want) in cases {
        assert_eq!(said(line), *want, "{line}");
    }
}

#[test]
fn the_examples_of_the_rule_file_read_as_they_say() {
    let tool = rules::find("aws").unwrap();
    let commands = || tool.commands.iter();
    let stopped = commands().flat_map(|command| command.destroys).chain(tool.destroys);
    let mut count = 0;
    for line in stopped {
        let actions = judged(line, &FakeWorld::new()).actions;
        let held = actions
            .iter()
            .map(|judged| &judged.action)
            .any(|action| action.effect == Effect::Destroy || action.flags.has(Flag::Opaque));
        assert!(held, "{line}: {actions:?}");
        count += 1;
    }
    for line in commands().flat_map(|command| command.harmless).chain(tool.harmless) {
        let reading = reading(line, &FakeWorld::new());
        let held = reading.actions.iter().any(|action| {
            let local = action
                .target
                .evidence
                .iter()
                .any(|evidence| evidence.asserts.is_some() || evidence.value.contains("dev"));
            (action.effect == Effect::Destroy && !local) || action.flags.has(Flag::Opaque)
        });
        assert!(!held, "{line}: {:?}", reading.actions);
        count += 1;
    }
    assert!(count > 50);
}

#[test]
fn reads_are_known_without_a_look_at_the_world() {
    let world = FakeWorld::new()
        .with_file("/home/ana/.aws/config", "not a config file")
        .with_var("AWS_PROFILE", "prod");
    for line in [
        "aws s3 ls",
        "aws ec2 describe-instances --instance-ids i-1",
        "aws --profile prod ec2 describe-instances",
        "aws help",
        "aws ec2 help",
        "aws",
        "aws --version",
        "aws ec2 terminate-instances --instance-ids i-1 --version",
        "aws ec2 wait instance-terminated --instance-ids i-1",
        "aws configure list",
    ] {
        let reading = reading(line, &world);
        assert!(reading.actions.is_empty() && reading.notes.is_empty(), "{line}");
    }
}

#[test]
fn deleting_is_destroying_unless_it_is_bounded() {
    all(&[
        ("aws ec2 terminate-instances --instance-ids i-1", "destroy"),
        ("aws sqs delete-queue --queue-url q", "destroy"),
        ("aws neweservice delete-thing --thing-id x", "destroy"),
        ("aws dynamodb delete-table --table-name t", "destroy irreversible"),
        ("aws ec2 delete-snapshot --snapshot-id s", "destroy backups"),
        ("aws rds delete-db-snapshot --db-snapshot-identifier s", "destroy backups"),
        ("aws kms schedule-key-deletion --key-id k", "destroy irreversible backups"),
        ("aws sqs purge-queue --queue-url q", "destroy irreversible"),
        ("aws dynamodb delete-item --table-name t --key {}", "write"),
        ("aws sqs delete-message --queue-url q --receipt-handle r", "write"),
        ("aws s3api delete-object --bucket b --key k", "write"),
        ("aws ec2 delete-tags --resources i-1", "write"),
        ("aws ec2 stop-instances --instance-ids i-1", "disrupt"),
        ("aws elbv2 deregister-targets --target-group-arn a", "disrupt"),
        (
            "aws route53 change-resource-record-sets --hosted-zone-id z \
             --change-batch 'Changes=[{Action=DELETE,ResourceRecordSet={Name=a}}]'",
            "disrupt",
        ),
        (
            "aws route53 change-resource-record-sets --hosted-zone-id z \
             --change-batch 'Changes=[{Action=UPSERT,ResourceRecordSet={Name=a}}]'",
            "write",
        ),
        ("aws ec2 run-instances --image-id a", "write"),
        ("aws lambda update-function-code --function-name f", "write"),
    ]);
}

#[test]
fn restores_in_place_destroy_and_others_do_not() {
    all(&[
        ("aws ds restore-from-snapshot --snapshot-id s", "destroy irreversible"),
        ("aws rds restore-db-instance-from-db-snapshot --db-instance-identifier n", "write"),
        ("aws secretsmanager restore-secret --secret-id s", "write"),
    ]);
}

#[test]
fn what_only_pretends_is_harmless_and_what_pretends_to_pretend_is_not() {
    let stop = "aws ec2 terminate-instances --instance-ids i-1";
    for tail in [
        "--dry-run",
        "--dry",
        "--no-dry-run --dry-run",
        "--generate-cli-skeleton",
        "--generate-cli-skeleton output",
        "--gener",
    ] {
        assert_eq!(said(&format!("{stop} {tail}")), "", "{tail}");
    }
    for tail in
        ["--dry-run --no-dry-run", "-- --dry-run", "--dry-run $MORE", "--description --dry-running"]
    {
        assert_eq!(said(&format!("{stop} {tail}")), "destroy", "{tail}");
    }
    all(&[
        ("aws ec2 terminate-instances help --instance-ids i-1", ""),
        ("aws ec2 --dry-run terminate-instances --instance-ids i-1", ""),
        ("aws cloudwatch delete-alarms --alarm-names a help", "destroy"),
        ("aws s3 rm s3://b --recursive --generate-cli-skeleton", "destroy irreversible"),
    ]);
}

#[test]
fn s3_commands_land_where_they_take_away() {
    all(&[
        ("aws s3 rm s3://b/k", "write"),
        ("aws s3 rm s3://b/p/ --recursive", "destroy"),
        ("aws s3 rm s3://b --recursive", "destroy irreversible"),
        ("aws s3 rm s3://b/ --recursive --exclude '*' --include 'a*'", "destroy"),
        ("aws s3 rb s3://b", "destroy"),
        ("aws s3 rb s3://b --force", "destroy irreversible"),
        ("aws s3 sync . s3://b", "write"),
        ("aws s3 sync . s3://b --delete", "destroy"),
        ("aws s3 sync --del . s3://b", "destroy"),
        ("aws s3 sync . s3://b --delete --dryr", ""),
        ("aws s3 cp --recursive s3://a s3://b", "write"),
        ("aws s3 mv s3://a/k s3://b/k", "write"),
        ("aws s3 mv s3://a s3://b --recursive", "destroy"),
        ("aws s3 mv . s3://b --recursive", "write"),
        ("aws s3 mb s3://b --tags k v", "write"),
        ("aws s3 presign s3://b/k", ""),
        ("aws s3 rm $URI", "write opaque"),
        ("aws s3 rm s3://b/$KEY", "write"),
        ("aws s3 sync $DIR s3://b", "write"),
    ]);
    let place = |line: &str| {
        let reading = reading(line, &FakeWorld::new());
        reading.actions[0].target.name.clone().unwrap_or_default()
    };
    assert_eq!(place("aws s3 sync s3://a s3://b/x --delete"), "b");
    assert_eq!(place("aws s3 sync --grants r=x --delete s3://a s3://b/x"), "b");
    assert_eq!(place("aws s3 mv s3://a s3://b --recursive"), "a");
    assert_eq!(place("aws s3 mv ./a s3://b"), "b");
    assert_eq!(place("aws s3 sync s3://a ./dir --delete"), "./dir");
}

#[test]
fn input_files_are_read_and_handed_on() {
    let world = FakeWorld::new()
        .with_file("in.json", r#"{"DBInstanceIdentifier":"main","SkipFinalSnapshot":true}"#);
    let line = "aws rds delete-db-instance --cli-input-json=file://in.json";
    assert_eq!(said_in(line, &world), "destroy irreversible backups");
    let reading = reading(line, &world);
    assert_eq!(reading.actions[0].object.as_deref(), Some("db instance main"));
    assert_eq!(reading.handed[0].word(), Some(3));
    let shown = reading.handed[0].text.show();
    assert!(shown.starts_with("--cli-input-json=file://<{\"DB"), "{shown}");
    // The command line overrides the file.
    assert_eq!(
        said_in(&format!("{line} --no-skip-final-snapshot"), &world),
        "destroy irreversible"
    );
    let modify = "aws rds modify-db-instance --cli-input-json";
    assert_eq!(said_in(&format!("{modify} file://in.json"), &world), "write");
    assert_eq!(said_in(&format!("{modify} file://none.json"), &world), "write opaque");
    assert_eq!(said_in(&format!("{modify} 'not json'"), &world), "write opaque");
    assert_eq!(said_in(&format!("{modify} $INPUT"), &world), "write opaque");
    assert_eq!(
        said_in(&format!(r#"{modify} '{{"DeletionProtection":false}}'"#), &world),
        "destroy backups"
    );
    assert_eq!(said("aws ec2 run-instances --cli-input-yaml file://x.yml"), "write");
    assert_eq!(said("aws rds modify-db-instance --cli-input-yaml file://x"), "write opaque");
    for (text, want) in [
        ("DeletionProtection: false", "destroy backups"),
        ("{DeletionProtection: false}", "destroy backups"),
        ("A: &x false\nDeletionProtection: *x", "destroy backups"),
        ("DBInstanceIdentifier: main", "write"),
        ("A: &x {DeletionProtection: false}\n<<: *x", "write opaque"),
        ("a: b: c", "write opaque"),
    ] {
        let world = FakeWorld::new().with_file("in.yml", text);
        assert_eq!(said_in(&format!("{modify} x"), &world), "write opaque");
        let line = "aws rds modify-db-instance --cli-input-y file://in.yml";
        assert_eq!(said_in(line, &world), want, "{text}");
    }
}

#[test]
fn an_input_on_standard_input_is_read_by_the_systems_names_of_it() {
    let line = "aws rds modify-db-instance --cli-input-json";
    let world = FakeWorld::new().with_stdin(r#"{"DeletionProtection":false}"#);
    for name in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        assert_eq!(said_in(&format!("{line} file://{name}"), &world), "destroy backups");
    }
    let world = FakeWorld::new().with_stdin(r#"{"AllocatedStorage":20}"#);
    assert_eq!(said_in(&format!("{line} file:///dev/stdin"), &world), "write");
    assert_eq!(said(&format!("{line} file:///dev/stdin")), "write opaque");
}

fn aliases(text: &str) -> FakeWorld {
    FakeWorld::new().with_file("/home/ana/.aws/cli/alias", text)
}

#[test]
fn aliases_are_expanded_and_may_shadow() {
    let world = aliases(
        "[toplevel]\nkill = ec2 terminate-instances --instance-ids\nk2 = kill\n\
         s3 = s3 --region eu-west-1\nec2 = rds\nloop = loop2\nloop2 = loop\n\
         drop = --region us-east-1 rds delete-db-instance --skip-final-snapshot\n",
    );
    assert_eq!(said_in("aws kill i-1", &world), "destroy");
    assert_eq!(said_in("aws k2 i-1", &world), "destroy");
    assert_eq!(said_in("aws s3 ls", &world), "");
    assert_eq!(said_in("aws s3 rb s3://b", &world), "destroy");
    assert_eq!(said_in("aws ec2 describe-instances", &world), "");
    assert_eq!(said_in("aws loop x", &world), "write opaque");
    let reading = reading("aws --region r drop --db-instance-identifier $DB", &world);
    assert_eq!(reading.actions[0].operation, "rds delete-db-instance");
    let region = reading.actions[0].target.evidence.iter().find(|e| e.value == "us-east-1");
    assert!(region.is_some());
}

#[test]
fn a_file_behind_an_alias_is_handed_on_from_where_it_stands() {
    let world = aliases("[toplevel]\nmod = m2 --no-paginate\nm2 = rds modify-db-instance\n")
        .with_file("in.json", r#"{"DeletionProtection":false}"#);
    let reading = reading("aws --region r mod --cli-input-json=file://in.json", &world);
    let [handed] = reading.handed.as_slice() else { panic!("{:?}", reading.handed) };
    assert_eq!(handed.word(), Some(4));
    assert!(handed.text.show().starts_with("--cli-input-json=file://<{"));
    let world =
        aliases("[toplevel]\nmod = rds modify-db-instance --cli-input-json file://in.json\n")
            .with_file("in.json", r#"{"DeletionProtection":false}"#);
    let reading = self::reading("aws mod", &world);
    assert_eq!(reading.actions[0].effect, Effect::Destroy);
    assert!(reading.handed.is_empty());
}

#[test]
fn aliases_with_a_bang_are_shell_lines() {
    let world = aliases("[toplevel]\nnuke = !rm -rf\n  \"$@\"\n");
    let reading = reading("aws nuke 'a b' --force", &world);
    assert!(reading.actions.is_empty());
    assert_eq!(reading.inner[0].argv, ["sh", "-c", "rm -rf\n\"$@\" 'a b' --force"]);
}

#[test]
fn aliases_below_a_service_count_beside_the_service() {
    let world = aliases("[command ec2]\nls = describe-instances\nkill = terminate-instances\n");
    assert_eq!(said_in("aws ec2 kill --instance-ids i-1", &world), "destroy; write");
    assert_eq!(said_in("aws ec2 describe-instances", &world), "");
}

#[test]
fn settings_on_this_machine_say_what_they_change() {
    all(&[
        ("aws configure set region eu-west-1", "write retarget"),
        ("aws configure set profile.prod.region eu-west-1", "write retarget"),
        ("aws configure set aws_secret_access_key $KEY", "write credential retarget"),
        ("aws configure set output json", "write"),
        ("aws configure get region", ""),
        ("aws configure get aws_secret_access_key", "read credential"),
        ("aws configure", "write credential retarget"),
        ("aws configure sso", "write credential retarget"),
        ("aws configure list-profiles", ""),
        ("aws sso login", "write retarget"),
        ("aws ecr get-login-password", "read credential"),
        ("aws eks update-kubeconfig --name c", "write retarget"),
    ]);
}

#[test]
fn secrets_are_in_no_string() {
    let world = FakeWorld::new()
        .with_var("AWS_ACCESS_KEY_ID", "ASIAY34FZKBOKMUTVV7A")
        .with_var("AWS_SECRET_ACCESS_KEY", "hunter2");
    for line in [
        "aws configure set aws_secret_access_key hunter2",
        "aws rds modify-db-instance --db-instance-identifier d --master-user-password hunter2",
        "aws ec2 terminate-instances --instance-ids i-1 --endpoint-url http://u:hunter2@h/",
    ] {
        let text = format!("{:?}", reading(line, &world).actions);
        assert!(!text.contains("hunter2") && !text.contains("ASIAY34"), "{line}: {text}");
    }
}
