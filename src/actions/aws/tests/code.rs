//! Code inside operations: SQL, commands for machines, steps of clusters, and
//! words computed at run time.

use super::*;
use crate::judgement::Verdict;

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
        (format!("{send} AWS-RunShellScript --parameters 'commands=[\"ls\",\"reboot\"]'"), "write"),
        (format!("{send} AWS-RunShellScript --parameters commands=ls,reboot"), "write"),
        (
            format!("{send} AWS-RunShellScript --parameters commands=ls,workingDirectory=/srv"),
            "write",
        ),
        (format!("{send} AWS-RunShellScript --parameters commands=ls,commands=df"), "write opaque"),
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
        (format!("{exec} 'rake db:drop' --interactive"), "write"),
        (format!("{exec} './reset db:drop' --interactive"), "write opaque"),
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
fn a_line_for_a_machine_is_judged_in_that_place() {
    let send = "aws ssm send-command --document-name AWS-RunShellScript --profile";
    let open = "aws ssm start-session --target i-1 --document-name AWS-StartInteractiveCommand";
    let exec = "aws ecs execute-command --interactive --task t --cluster";
    let world = FakeWorld::new()
        .with_file("lines.json", "{\"commands\":[\"cd /srv\",\"dropdb shop\"]}")
        .with_file("in.json", "{\"DocumentName\":\"AWS-RunShellScript\",\"Parameters\":{\"commands\":[\"dropdb shop\"]}}");
    for (line, refused, operation) in [
        (format!("{send} prod --parameters commands=reboot"), true, "reboot"),
        (format!("{send} staging --parameters commands=reboot"), false, "reboot"),
        (format!("{send} dev --parameters commands=reboot"), false, "reboot"),
        (format!("{send} prod --parameters 'commands=[\"sudo dropdb shop\"]'"), true, "dropdb"),
        (format!("{send} dev --parameters 'commands=[\"sudo dropdb shop\"]'"), false, "dropdb"),
        (
            "aws ssm send-command --document-name AWS-RunShellScript --targets \
             Key=tag:env,Values=web,prod --parameters commands=reboot"
                .to_owned(),
            true,
            "reboot",
        ),
        (
            "aws ecs execute-command --interactive --task t --command 'tail /var/log/prod.log'"
                .to_owned(),
            false,
            "ecs execute-command",
        ),
        (format!("{send} other --parameters 'commands=[sudo dropdb shop]'"), true, "dropdb"),
        (format!("{send} prod --parameters file://lines.json"), true, "dropdb"),
        (format!("{send} dev --parameters file://lines.json"), false, "dropdb"),
        (
            "aws ssm send-command --cli-input-json file://in.json --profile prod".to_owned(),
            true,
            "dropdb",
        ),
        (
            format!("{send} prod --parameters 'commands=[\"psql -c \\\"select 1\\\"\"]'"),
            false,
            "ssm send-command",
        ),
        (
            format!(
                "{send} dev --parameters 'commands=[\"psql -h db.prod.acme.com -c \\\"drop table t\\\"\"]'"
            ),
            true,
            "DROP TABLE",
        ),
        (
            format!("{send} prod --parameters 'commands=[\"psql -c \\\"{{{{ssm:q}}}}\\\"\"]'"),
            true,
            "psql",
        ),
        (
            format!("{open} --profile prod --parameters 'command=[\"redis-cli flushall\"]'"),
            true,
            "FLUSHALL",
        ),
        (
            format!("{open} --profile dev --parameters 'command=[\"redis-cli flushall\"]'"),
            false,
            "FLUSHALL",
        ),
        (format!("{exec} prod --command 'redis-cli flushall'"), true, "FLUSHALL"),
        (format!("{exec} dev --command 'redis-cli flushall'"), false, "FLUSHALL"),
    ] {
        let judgement = judged(&line, &world);
        let actions = judgement.actions.iter();
        let operations: Vec<&str> = actions.map(|judged| &*judged.action.operation).collect();
        let verdict = judgement.verdict;
        assert_eq!(verdict == Verdict::Refuse, refused, "{line}: {operations:?}");
        assert!(operations.contains(&operation), "{line}: {operations:?}");
    }
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
