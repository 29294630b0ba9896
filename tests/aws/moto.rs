//! moto's server as the place where things are really lost: what we call
//! destroying is gone afterwards, what we call harmless is still there.

use holdpoint::action::{Effect, Flag};

use crate::real::Home;
use crate::server::{Cli, Moto as Server};

/// A server and the CLI that talks to it.
struct Moto {
    server: Server,
    home: Home,
}

impl Moto {
    fn start(cli: Cli) -> Moto {
        Moto { server: Server::start(), home: Home::new().of(cli).with_keys() }
    }

    fn words<'a>(&'a self, line: &'a str) -> Vec<&'a str> {
        line.split(' ').chain(["--endpoint-url", self.server.url()]).collect()
    }

    /// What the CLI prints for a line, which must succeed.
    fn ask(&self, line: &str) -> String {
        self.home.ask(&self.words(line)).trim().to_owned()
    }

    /// Our reading of a line must be this; then it is run, and succeeds.
    fn run(&self, line: &str, effect: Effect, flags: &[Flag]) {
        let reading = self.home.read(&self.words(line));
        let action = &reading.actions[0];
        assert_eq!(action.effect, effect, "{line}");
        assert_eq!(action.flags.iter().collect::<Vec<_>>(), flags, "{line}");
        self.ask(line);
    }
}

const NONE: &[Flag] = &[];
const WHOLE: &[Flag] = &[Flag::Irreversible];
const BACKUPS: &[Flag] = &[Flag::Backups];
const BOTH: &[Flag] = &[Flag::Irreversible, Flag::Backups];

// The s3 commands are the CLI's own, so each version's are tried; what the
// rest does is the service's doing.
#[test]
fn buckets_and_objects_are_lost_as_we_say() {
    Cli::ALL.into_iter().for_each(buckets_and_objects);
}

fn buckets_and_objects(cli: Cli) {
    let moto = Moto::start(cli);
    let home = moto.home.path().to_owned();
    std::fs::write(home.join("x.txt"), "x").unwrap();
    std::fs::create_dir(home.join("empty")).unwrap();
    let keys = |bucket: &str| {
        let line =
            format!("s3api list-objects-v2 --bucket {bucket} --query length(Contents||`[]`)");
        moto.ask(&line).parse::<usize>().unwrap()
    };
    let fill = |bucket: &str| {
        for key in ["a", "p/b", "p/c"] {
            moto.ask(&format!("s3 cp x.txt s3://{bucket}/{key}"));
        }
    };
    let buckets = || moto.ask("s3api list-buckets --query Buckets[].Name --output text");
    moto.run("s3 mb s3://one", Effect::Write, NONE);
    moto.run("s3 mb s3://two", Effect::Write, NONE);
    fill("one");
    moto.run("s3 rm s3://one --recursive --dryrun", Effect::Read, NONE);
    moto.run("s3 sync empty s3://one --delete --dryr", Effect::Read, NONE);
    moto.run("s3 sync empty s3://one", Effect::Write, NONE);
    assert_eq!(keys("one"), 3);
    moto.run("s3 rm s3://one/a", Effect::Write, NONE);
    assert_eq!(keys("one"), 2);
    moto.run("s3 rm --recu s3://one/p/", Effect::Destroy, NONE);
    assert_eq!(keys("one"), 0);
    fill("one");
    moto.run("s3 mv s3://one s3://two --recursive", Effect::Destroy, NONE);
    assert_eq!((keys("one"), keys("two")), (0, 3));
    moto.run("s3 sync s3://one s3://two --del", Effect::Destroy, NONE);
    assert_eq!(keys("two"), 0);
    fill("one");
    moto.run("s3api delete-object --bucket one --key a", Effect::Write, NONE);
    assert_eq!(keys("one"), 2);
    moto.run(
        "s3api delete-objects --bucket one --delete Objects=[{Key=p/b},{Key=p/c}]",
        Effect::Destroy,
        NONE,
    );
    assert_eq!(keys("one"), 0);
    fill("two");
    moto.run("s3 rm s3://two --recursive", Effect::Destroy, WHOLE);
    assert_eq!(keys("two"), 0);
    fill("two");
    moto.run("s3 rb s3://two --force", Effect::Destroy, WHOLE);
    moto.run("s3 rb s3://one", Effect::Destroy, NONE);
    assert_eq!(buckets(), "");
}

#[test]
fn versions_that_are_suspended_or_deleted_are_lost_as_we_say() {
    let moto = Moto::start(Cli::V1);
    std::fs::write(moto.home.path().join("x.txt"), "x").unwrap();
    let status =
        || moto.ask("s3api get-bucket-versioning --bucket bucket --query Status --output text");
    let versions = || {
        let query = "s3api list-object-versions --bucket bucket --query length(Versions||`[]`)";
        moto.ask(query).parse::<usize>().unwrap()
    };
    moto.ask("s3 mb s3://bucket");
    let put = "s3api put-bucket-versioning --bucket bucket --versioning-configuration";
    moto.run(&format!("{put} Status=Enabled"), Effect::Write, NONE);
    moto.ask("s3 cp x.txt s3://bucket/k");
    moto.ask("s3 cp x.txt s3://bucket/k");
    moto.run("s3 rm s3://bucket/k", Effect::Write, NONE);
    assert_eq!(versions(), 2);
    let id = moto.ask(
        "s3api list-object-versions --bucket bucket --query Versions[0].VersionId --output text",
    );
    let line = format!("s3api delete-object --bucket bucket --key k --version-id {id}");
    moto.run(&line, Effect::Destroy, BACKUPS);
    assert_eq!(versions(), 1);
    moto.run(&format!("{put} Status=Suspended"), Effect::Destroy, BACKUPS);
    assert_eq!(status(), "Suspended");
}

#[test]
fn machines_volumes_and_snapshots_are_lost_as_we_say() {
    let moto = Moto::start(Cli::V1);
    let id = moto.ask(
        "ec2 run-instances --image-id ami-12c6146b --query Instances[0].InstanceId --output text",
    );
    let state = || {
        moto.ask(&format!(
            "ec2 describe-instances --instance-ids {id} \
             --query Reservations[0].Instances[0].State.Name --output text"
        ))
    };
    moto.run(&format!("ec2 stop-instances --instance-ids {id}"), Effect::Disrupt, NONE);
    assert_eq!(state(), "stopped");
    moto.ask(&format!(
        "ec2 modify-instance-attribute --instance-id {id} --disable-api-termination"
    ));
    let kill = format!("ec2 terminate-instances --instance-ids {id}");
    assert!(!moto.home.run(&moto.words(&kill)).status.success());
    let brake = format!("ec2 modify-instance-attribute --instance-id {id} --no-disable-api-term");
    moto.run(&brake, Effect::Destroy, BACKUPS);
    moto.run(&kill, Effect::Destroy, NONE);
    assert_eq!(state(), "terminated");
    let make = "ec2 create-volume --size 1 --availability-zone us-east-1a";
    let volume = moto.ask(&format!("{make} --query VolumeId --output text"));
    let make = format!("ec2 create-snapshot --volume-id {volume}");
    let snapshot = moto.ask(&format!("{make} --query SnapshotId --output text"));
    moto.run(&format!("ec2 delete-snapshot --snapshot-id {snapshot}"), Effect::Destroy, BACKUPS);
    moto.run(&format!("ec2 delete-volume --volume-id {volume}"), Effect::Destroy, WHOLE);
    let count = |what: &str, of: &str, id: &str| {
        let line = format!("ec2 describe-{what} --query length({of}[?contains(values(@),'{id}')])");
        moto.ask(&line)
    };
    assert_eq!(count("volumes", "Volumes", &volume), "0");
    assert_eq!(count("snapshots", "Snapshots", &snapshot), "0");
}

#[test]
fn tables_and_databases_are_lost_as_we_say() {
    let moto = Moto::start(Cli::V1);
    moto.run(
        "dynamodb create-table --table-name t --attribute-definitions \
         AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH \
         --billing-mode PAY_PER_REQUEST",
        Effect::Write,
        NONE,
    );
    moto.run(r#"dynamodb put-item --table-name t --item {"id":{"S":"1"}}"#, Effect::Write, NONE);
    moto.run(r#"dynamodb delete-item --table-name t --key {"id":{"S":"1"}}"#, Effect::Write, NONE);
    let recovery = "dynamodb update-continuous-backups --table-name t \
                    --point-in-time-recovery-specification PointInTimeRecoveryEnabled";
    moto.run(&format!("{recovery}=true"), Effect::Write, NONE);
    moto.run(&format!("{recovery}=false"), Effect::Destroy, BACKUPS);
    moto.run("dynamodb delete-table --table-name t", Effect::Destroy, WHOLE);
    assert_eq!(moto.ask("dynamodb list-tables --query length(TableNames)"), "0");

    moto.ask(
        "rds create-db-instance --db-instance-identifier d --db-instance-class db.t3.micro \
         --engine postgres --master-username u --master-user-password secret99 \
         --allocated-storage 5 --deletion-protection",
    );
    let delete = "rds delete-db-instance --db-i d --ski";
    assert!(!moto.home.run(&moto.words(delete)).status.success());
    let brake = "rds modify-db-instance --db-instance-identifier d --no-deletion-protection";
    moto.run(brake, Effect::Destroy, BACKUPS);
    moto.run(delete, Effect::Destroy, BOTH);
    assert_eq!(moto.ask("rds describe-db-instances --query length(DBInstances)"), "0");
}

#[test]
fn queues_keys_and_stacks_are_lost_as_we_say() {
    let moto = Moto::start(Cli::V1);
    let url = moto.ask("sqs create-queue --queue-name q --query QueueUrl --output text");
    let waiting = || {
        moto.ask(&format!(
            "sqs get-queue-attributes --queue-url {url} --attribute-names \
             ApproximateNumberOfMessages --query Attributes.ApproximateNumberOfMessages \
             --output text"
        ))
    };
    moto.run(&format!("sqs send-message --queue-url {url} --message-body m"), Effect::Write, NONE);
    assert_eq!(waiting(), "1");
    moto.run(&format!("sqs purge-queue --queue-url {url}"), Effect::Destroy, WHOLE);
    assert_eq!(waiting(), "0");
    moto.run(&format!("sqs delete-queue --queue-url {url}"), Effect::Destroy, NONE);
    let key = moto.ask("kms create-key --query KeyMetadata.KeyId --output text");
    moto.run(&format!("kms schedule-key-deletion --key-id {key}"), Effect::Destroy, BOTH);
    let state = "--query KeyMetadata.KeyState --output text";
    assert_eq!(moto.ask(&format!("kms describe-key --key-id {key} {state}")), "PendingDeletion");
    let template = r#"{"Resources":{"Q":{"Type":"AWS::SQS::Queue"}}}"#;
    moto.ask(&format!("cloudformation create-stack --stack-name s --template-body {template}"));
    moto.run("cloudformation delete-stack --stack-name s", Effect::Destroy, WHOLE);
    assert_eq!(moto.ask("sqs list-queues --query length(QueueUrls||`[]`)"), "0");
}
