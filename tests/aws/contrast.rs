//! The same command on production, on a place nobody knows, on staging, on
//! this machine and in an account that the policy names: what an agent is told.

use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::Verdict;
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::world::fake::FakeWorld;

const CONFIG: &str = "[profile prod]\nregion = eu-west-1\n[profile staging]\nregion = eu-west-1\n\
    [profile shop]\nrole_arn = arn:aws:iam::111122223333:role/admin\nsource_profile = base\n";

const POLICY: &str = "version = 1\n[[environment]]\nname = \"the shop\"\nclass = \"production\"\n\
    account = \"111122223333\"\n";

fn verdict(line: &str, place: &str) -> Verdict {
    let line = match place {
        "local" => format!("{line} --endpoint-url http://localhost:4566"),
        _ => line.to_owned(),
    };
    let mut world = FakeWorld::new()
        .with_file("/home/ana/.aws/config", CONFIG)
        .with_file("/home/ana/.config/holdpoint/policy.toml", POLICY);
    match place {
        "production" => world = world.with_var("AWS_PROFILE", "prod"),
        "staging" => world = world.with_var("AWS_PROFILE", "staging"),
        "account" => world = world.with_var("AWS_PROFILE", "shop"),
        _ => {}
    }
    let options = Options { actor: Some(ActorKind::Agent), full: false };
    let surroundings = Invocation::default();
    pipeline::judge(Subject::Line(&line, &surroundings), &world, options).judgement.verdict
}

#[test]
fn the_same_command_is_judged_by_where_it_lands() {
    // Where the agent is refused; anywhere else it is allowed.
    let free = "";
    let outage = "production account";
    let loss = "production account unknown";
    let whole = "production account unknown staging";
    for (line, refused) in [
        ("aws ec2 describe-instances", free),
        ("aws ec2 reboot-instances --instance-ids i-1", free),
        ("aws ec2 stop-instances --instance-ids i-1", outage),
        ("aws ec2 terminate-instances --instance-ids i-1", loss),
        ("aws ec2 --instance-ids terminate-instances i-1", loss),
        ("aws --debug ec2 --region=eu-west-1 terminate-instances --inst i-1", loss),
        ("aws dynamodb put-item --table-name orders --item '{}'", free),
        ("aws dynamodb delete-item --table-name orders --key '{}'", free),
        ("aws dynamodb delete-table --table-name orders", whole),
        (
            "aws rds modify-db-instance --db-instance-identifier a --backup-retention-period 0",
            whole,
        ),
        ("aws rds modify-db-instance --db-instance-identifier a --backup-retention-period 7", free),
        ("aws rds delete-db-instance --db-instance-identifier a --skip-final-snapshot", whole),
        ("aws ec2 delete-snapshot --snapshot-id snap-1", whole),
        ("aws s3 rm s3://data/one", free),
        ("aws s3 rm s3://data/p --recursive", loss),
        ("aws s3 rb s3://data --force", whole),
        ("aws rds-data execute-statement --sql 'select 1'", free),
        ("aws rds-data execute-statement --sql 'drop table orders'", loss),
        ("aws athena start-query-execution --query-string 'DROP TABLE orders'", loss),
        ("aws dynamodb execute-statement --statement \"DELETE FROM t WHERE id = '1'\"", free),
        (
            "aws ssm send-command --document-name AWS-RunShellScript --parameters commands=uptime",
            free,
        ),
        (
            "aws ssm send-command --document-name AWS-RunShellScript --parameters commands=./wipe",
            loss,
        ),
        ("aws ssm start-session --target i-1", loss),
        ("aws ssm start-session --target i-1 --document-name AWS-StartSSHSession", free),
        ("aws ecs execute-command --cluster c --task t --interactive --command sh", loss),
        ("aws cloudformation deploy --stack-name s --template-file t.yml", free),
        ("aws cloudformation delete-stack --stack-name s", whole),
        ("aws cloudformation execute-change-set --change-set-name c", loss),
        ("aws kms schedule-key-deletion --key-id k", whole),
    ] {
        for place in ["production", "account", "unknown", "staging", "local"] {
            let want = match refused.split(' ').any(|refused| refused == place) {
                true => Verdict::Refuse,
                false => Verdict::Allow,
            };
            assert_eq!(verdict(line, place), want, "{place}: {line}");
        }
    }
}
