//! Brakes, recovery paths and what is less than it sounds.

use super::*;

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
