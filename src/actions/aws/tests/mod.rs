//! The reader as a whole: lines in, actions out, in a world of maps.

mod properties;

use super::*;
use crate::action::Flag;
use crate::actions::read as read_call;
use crate::invocation::Invocation;
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
        let reading = reading(line, &FakeWorld::new());
        let held = reading
            .actions
            .iter()
            .any(|action| action.effect == Effect::Destroy || action.flags.has(Flag::Opaque));
        assert!(held, "{line}: {:?}", reading.actions);
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
fn switching_off_a_brake_destroys() {
    let want = "destroy backups";
    let modify = "aws rds modify-db-instance --db-instance-identifier d";
    let versioning = "aws s3api put-bucket-versioning --bucket b --versioning-configuration";
    let recovery = "aws dynamodb update-continuous-backups --table-name t \
                    --point-in-time-recovery-specification";
    let attribute = "aws ec2 modify-instance-attribute --instance-id i-1";
    let lines = [
        format!("{modify} --no-deletion-protection"),
        format!("{modify} --no-del"),
        format!("{modify} --backup-retention-period 0"),
        format!("{modify} --backup-ret=00"),
        format!("{modify} --deletion-protection --no-deletion-protection"),
        format!("{versioning} Status=Suspended"),
        format!("{versioning} 'MFADelete=Disabled,Status=Enabled'"),
        format!(r#"{versioning} '{{"Status":"\u0053uspended"}}'"#),
        format!("{recovery} PointInTimeRecoveryEnabled=false"),
        format!(r#"{recovery} '{{"PointInTimeRecoveryEnabled": false}}'"#),
        format!("{attribute} --no-disable-api-termination"),
        format!("{attribute} --disable-api-termination Value=false"),
        format!(r#"{attribute} --disable-api-termination '{{"Value":false}}'"#),
        "aws s3api delete-object --bucket b --key k --version-id v".to_owned(),
        "aws cloudformation update-termination-protection --stack-name s \
         --no-enable-termination-protection"
            .to_owned(),
    ];
    for line in &lines {
        assert_eq!(said(line), want, "{line}");
    }
    let harmless = [
        format!("{modify} --deletion-protection"),
        format!("{modify} --no-deletion-protection --deletion-protection"),
        format!("{modify} --backup-retention-period 7"),
        format!("{modify} --apply-immediately"),
        format!("{versioning} Status=Enabled"),
        format!("{recovery} PointInTimeRecoveryEnabled=true"),
        format!("{attribute} --disable-api-termination"),
        "aws rds create-db-instance --no-deletion-protection --backup-retention-period 0"
            .to_owned(),
    ];
    for line in &harmless {
        assert_eq!(said(line), "write", "{line}");
    }
}

#[test]
fn a_database_without_a_final_snapshot_takes_its_backups_with_it() {
    all(&[
        ("aws rds delete-db-instance --db-instance-identifier d", "destroy irreversible"),
        ("aws rds delete-db-instance --db-i d --ski", "destroy irreversible backups"),
        (
            "aws rds delete-db-cluster --db-cluster-identifier d --delete-automated-backups",
            "destroy irreversible backups",
        ),
        (
            "aws rds delete-db-instance --db-i d --ski --no-skip-final-snapshot",
            "destroy irreversible",
        ),
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
fn code_and_computed_words_are_opaque() {
    all(&[
        ("aws ssm send-command --document-name d", "write opaque"),
        ("aws rds-data execute-statement --sql 'DROP TABLE t'", "destroy"),
        ("aws rds-data execute-statement --sql 'select 1'", ""),
        ("aws rds-data execute-statement --sq 'delete from t where id = 5'", "write"),
        (
            "aws rds-data execute-statement --sql \"select '\\\\'; drop table t; -- '\"",
            "write opaque",
        ),
        (
            "aws rds-data execute-statement --sql 'select 1 /*! into outfile \"x\" */'",
            "write opaque",
        ),
        ("aws rds-data execute-statement --sql file://q.sql", "write opaque"),
        ("aws rds-data execute-statement --cli-input-json '{\"sql\":\"drop table t\"}'", "destroy"),
        ("aws rds-data execute-statement --cli-input-json '{\"sql\":\"select 1\"}'", ""),
        ("aws rds-data execute-statement --sql \"$SQL\"", "write opaque"),
        ("aws rds-data execute-statement $ARGS", "write opaque"),
        ("aws rds-data batch-execute-statement --sql 'select 1'", ""),
        ("aws rds-data batch-execute-statement --sql 'truncate t'", "destroy"),
        ("aws redshift-data batch-execute-statement --sqls 'select 1' 'select 2'", ""),
        ("aws redshift-data batch-execute-statement --sqls 'select 1' 'drop table t'", "destroy"),
        (
            "aws redshift-data batch-execute-statement --cli-input-json \
             '{\"Sqls\":[\"select 1\",\"drop schema s cascade\"]}'",
            "destroy irreversible",
        ),
        ("aws dynamodb execute-statement --statement 'DELETE FROM t WHERE id = 1'", "write"),
        ("aws athena start-query-execution --query-string 'select a from t'", ""),
        ("aws athena start-query-execution --query-string 'MSCK REPAIR TABLE t'", "write"),
        ("aws athena start-query-execution --query-string 'SHOW PARTITIONS t'", ""),
        ("aws athena start-query-execution --query-string 'DROP TABLE t'", "destroy"),
        (
            "aws athena start-query-execution --query-string \
             \"ALTER TABLE t DROP PARTITION (d = '1')\"",
            "destroy",
        ),
        ("aws athena start-query-execution --query-string 'SHOW TABLES; DROP TABLE t'", "destroy"),
        ("aws $SERVICE delete-it", "write opaque"),
        ("aws ec2 $OPERATION", "write opaque"),
        ("aws ec2 describe-instances $ARGS", ""),
        ("aws ec2 terminate-instances --instance-ids $ID", "destroy"),
        ("aws rds modify-db-instance --backup-retention-period $DAYS", "write opaque"),
        ("aws rds modify-db-instance $ARGS", "write opaque"),
        ("aws rds modify-db-instance --db-instance-identifier $DB", "write"),
        ("aws --cli-auto-prompt ec2 stop-instances", "disrupt opaque"),
        ("aws --cli-auto-prompt", "write opaque"),
        ("aws --cli-auto-prompt ec2 describe-instances", ""),
    ]);
    let world = FakeWorld::new().with_var("AWS_CLI_AUTO_PROMPT", "on-partial");
    assert_eq!(said_in("aws ec2 stop-instances", &world), "disrupt opaque");
    assert_eq!(said_in("aws ec2 stop-instances --no-cli-auto-prompt", &world), "disrupt");
    let world =
        FakeWorld::new().with_file("/home/ana/.aws/config", "[default]\ncli_auto_prompt = on\n");
    assert_eq!(said_in("aws ec2 stop-instances", &world), "disrupt opaque");
}

#[test]
fn a_file_of_sql_is_read_and_handed_on() {
    let world = FakeWorld::new().with_file("q.sql", "drop table orders");
    let line = "aws rds-data execute-statement --sql file://q.sql";
    assert_eq!(said_in(line, &world), "destroy");
    let reading = reading(line, &world);
    assert_eq!(reading.handed[0].word(), Some(4));
    assert!(reading.actions[0].summary.contains("orders"), "{:?}", reading.actions);
    // The one that only reads is handed on too.
    let world = FakeWorld::new().with_file("q.sql", "select 1");
    assert_eq!(said_in(line, &world), "");
    assert_eq!(self::reading(line, &world).handed.len(), 1);
}

#[test]
fn commands_for_machines_are_opaque_unless_they_only_look() {
    let send = "aws ssm send-command --instance-ids i-1 --document-name";
    let open = "aws ssm start-session --target i-1";
    let exec = "aws ecs execute-command --cluster c --task t --command";
    let cases = [
        (format!("{send} AWS-RunShellScript --parameters commands=uptime"), "write"),
        (format!("{send} AWS-RunShellScript --parameters 'commands=df -h; free'"), "write"),
        (format!("{send} AWS-RunShellScript --parameters 'commands=[\"ls -l\",\"ps\"]'"), "write"),
        (
            format!("{send} AWS-RunShellScript --parameters '{{\"commands\":[\"uptime\"]}}'"),
            "write",
        ),
        (format!("{send} AWS-UpdateSSMAgent"), "write"),
        (format!("{send} AWS-RunShellScript --parameters 'commands=rm -rf /data'"), "write opaque"),
        (
            format!("{send} AWS-RunShellScript --parameters 'commands=[\"ls\",\"reboot\"]'"),
            "write opaque",
        ),
        (format!("{send} AWS-RunShellScript --parameters commands=ls,reboot"), "write opaque"),
        (format!("{send} AWS-RunShellScript --parameters commands=$CMD"), "write opaque"),
        (format!("{send} AWS-RunShellScript --parameters file://none.json"), "write opaque"),
        (format!("{send} AWS-RunPowerShellScript --parameters commands=dir"), "write opaque"),
        (format!("{send} $DOCUMENT --parameters commands=ls"), "write opaque"),
        (format!("{send} AWS-UpdateSSMAgent $MORE"), "write opaque"),
        (open.to_owned(), "write opaque"),
        (format!("{open} --document-name AWS-StartSSHSession"), "write"),
        (
            format!(
                "{open} --document-name AWS-StartPortForwardingSessionToRemoteHost \
                 --parameters host=db,portNumber=5432,localPortNumber=5432"
            ),
            "write",
        ),
        (format!("{open} --document-name AWS-StartPortForwardingSession-mine"), "write opaque"),
        (
            format!("{open} --document-name AWS-StartInteractiveCommand --parameters command=top"),
            "write opaque",
        ),
        (
            format!(
                "{open} --document-name AWS-StartNonInteractiveCommand \
                 --parameters 'command=[\"tail -n 5 /var/log/syslog\"]'"
            ),
            "write",
        ),
        (format!("{exec} 'ls -la' --interactive"), "write"),
        (format!("{exec} 'rake db:drop' --interactive"), "write opaque"),
        (format!("{exec} ls --interactive --cluster $CLUSTER"), "write"),
        (format!("{exec} ls --interactive $MORE"), "write opaque"),
        (format!("{exec} ls --interactive --command 'rm -rf /'"), "write opaque"),
        (format!("{exec} 'rm -rf /' --interactive --comm ls"), "write"),
        (format!("{exec} /bin/bash --interactive"), "write opaque"),
    ];
    for (line, want) in &cases {
        assert_eq!(said(line), *want, "{line}");
    }
    let operation = |line: &str| reading(line, &FakeWorld::new()).actions[0].operation.clone();
    assert_eq!(operation(open), crate::actions::WRITING);
    assert_eq!(operation(&format!("{exec} sh --interactive")), crate::actions::WRITING);
    assert_eq!(operation(&format!("{exec} './deploy'")), "ecs execute-command");
}

#[test]
fn steps_of_a_cluster_that_start_a_shell_are_opaque() {
    let add = "aws emr add-steps --cluster-id j-1 --steps";
    let cases = [
        (format!("{add} Type=Spark,Name=a,Args=[--class,a.B,s3://code/a.jar]"), "write"),
        (
            format!("{add} Type=CUSTOM_JAR,Jar=command-runner.jar,Args=[spark-submit,s3://a.py]"),
            "write",
        ),
        (
            format!("{add} Type=CUSTOM_JAR,Jar=command-runner.jar,Args=[hadoop,fs,-rm,-r,/data]"),
            "write opaque",
        ),
        (
            format!(
                "{add} '[{{\"Type\":\"CUSTOM_JAR\",\"Jar\":\"command-runner.jar\",\
                 \"Args\":[\"bash\",\"-c\",\"x\"]}}]'"
            ),
            "write opaque",
        ),
        (
            format!(
                "{add} Type=CUSTOM_JAR,Jar=s3://r/libs/script-runner/script-runner.jar,Args=[x]"
            ),
            "write opaque",
        ),
        (format!("{add} file://none.json"), "write opaque"),
        (format!("{add} $STEPS"), "write opaque"),
    ];
    for (line, want) in &cases {
        assert_eq!(said(line), *want, "{line}");
    }
}

#[test]
fn recovery_paths_of_single_services_count() {
    let put =
        "aws s3api put-bucket-lifecycle-configuration --bucket data --lifecycle-configuration";
    let expire = r#"'{"Rules":[{"ID":"a","Status":"Enabled","Expiration":{"Days":1}}]}'"#;
    let older = r#"'{"Rules":[{"NoncurrentVersionExpiration":{"NoncurrentDays":1}}]}'"#;
    let tidy = r#"'{"Rules":[{"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":7},
        "Transitions":[{"Days":30,"StorageClass":"GLACIER"}]}]}'"#;
    let cases = [
        (format!("{put} {expire}"), "destroy backups"),
        (format!("{put} {older}"), "destroy backups"),
        (format!("{put} {tidy}"), "write"),
        (format!("{put} file://none.json"), "write opaque"),
        (
            "aws elbv2 modify-load-balancer-attributes --load-balancer-arn a --attributes \
             Key=idle_timeout.timeout_seconds,Value=30 Key=deletion_protection.enabled,Value=false"
                .to_owned(),
            "destroy backups",
        ),
        (
            "aws elbv2 modify-load-balancer-attributes --load-balancer-arn a --attributes \
             Key=deletion_protection.enabled,Value=true"
                .to_owned(),
            "write",
        ),
        (
            "aws efs put-backup-policy --file-system-id f --backup-policy Status=DISABLED".to_owned(),
            "destroy backups",
        ),
        (
            "aws backup update-region-settings --resource-type-opt-in-preference EBS=true,RDS=false"
                .to_owned(),
            "destroy backups",
        ),
        (
            "aws backup update-recovery-point-lifecycle --lifecycle DeleteAfterDays=1".to_owned(),
            "destroy backups",
        ),
        (
            "aws backup update-recovery-point-lifecycle --lifecycle DeleteAfterDays=-1".to_owned(),
            "write",
        ),
        (
            "aws fsx update-file-system --file-system-id f --windows-configuration \
             AutomaticBackupRetentionDays=0"
                .to_owned(),
            "destroy backups",
        ),
        (
            "aws fsx delete-file-system --file-system-id f --windows-configuration \
             SkipFinalBackup=true"
                .to_owned(),
            "destroy irreversible backups",
        ),
        (
            "aws dynamodb update-table --table-name t --replica-updates \
             Delete={RegionName=eu-west-1}"
                .to_owned(),
            "destroy backups",
        ),
        (
            "aws dynamodb update-table --table-name t --replica-updates \
             Create={RegionName=eu-west-1}"
                .to_owned(),
            "write",
        ),
        (
            "aws dynamodb update-table --table-name t --global-secondary-index-updates \
             '[{\"Delete\":{\"IndexName\":\"i\"}}]'"
                .to_owned(),
            "disrupt",
        ),
        ("aws dlm update-lifecycle-policy --policy-id p --state DISABLED".to_owned(), "destroy backups"),
        (
            "aws datasync start-task-execution --task-arn a --override-options \
             PreserveDeletedFiles=REMOVE"
                .to_owned(),
            "destroy",
        ),
    ];
    for (line, want) in &cases {
        assert_eq!(said(line), *want, "{line}");
    }
}

#[test]
fn restarts_and_single_runs_are_writes() {
    all(&[
        ("aws ec2 reboot-instances --instance-ids i-1", "write"),
        ("aws rds reboot-db-instance --db-instance-identifier d", "write"),
        ("aws ecs stop-task --task t", "write"),
        ("aws codebuild stop-build --id b", "write"),
        ("aws athena stop-query-execution --query-execution-id q", "write"),
        ("aws batch cancel-job --job-id j --reason r", "write"),
        ("aws ec2 stop-instances --instance-ids i-1", "disrupt"),
        ("aws rds stop-db-instance --db-instance-identifier d", "disrupt"),
        ("aws dms stop-replication-task --replication-task-arn a", "disrupt"),
        ("aws backup stop-backup-job --backup-job-id j", "destroy backups"),
        ("aws macie2 disable-macie", "destroy irreversible"),
        ("aws drs stop-replication --source-server-id s", "destroy backups"),
        ("aws ec2 cancel-spot-fleet-requests --spot-fleet-request-ids s", "disrupt"),
        (
            "aws ec2 cancel-spot-fleet-requests --spot-fleet-request-ids s --terminate-instances",
            "destroy",
        ),
        ("aws neptune-graph delete-graph --skip-snapshot", "destroy irreversible backups"),
        ("aws amplifybackend remove-all-backends --app-id a", "destroy irreversible"),
    ]);
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
