//! What reaches the endpoint is what we read: operation, object, region.

use holdpoint::action::{Effect, Flag, Flags};
use holdpoint::target::Kind;

use crate::real::Home;
use crate::recorder::Recorder;
use crate::server::Cli;

/// Words, and what the request must hold. Our reading must name the same.
const SENT: &[(&str, &[&str])] = &[
    ("ec2 terminate-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("--region eu-west-1 ec2 terminate-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("ec2 --region=eu-west-1 terminate-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("ec2 terminate-instances --instance-ids i-1 --reg eu-west-1 i-2", &["InstanceId.2=i-2"]),
    ("ec2 terminate-instances --region a --inst i-1 --region eu-west-3", &["InstanceId.1=i-1"]),
    ("--query x ec2 --instance-ids terminate-instances i-1", &["InstanceId.1=i-1"]),
    ("-- ec2 terminate-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("ec2 -- terminate-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("--debug ec2 stop-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("--no-pag ec2 stop-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("ec2 terminate-instances --instance-ids i-1 --dry-run --no-dry-run", &["DryRun=false"]),
    ("ec2 terminate-instances --no-dry --inst i-1", &["DryRun=false"]),
    ("rds delete-db-instance --db-i d --ski", &["SkipFinalSnapshot=true"]),
    (
        "rds delete-db-instance --db-i d --ski --no-skip-final-snapshot",
        &["SkipFinalSnapshot=false"],
    ),
    ("rds modify-db-instance --db-instance-identifier d --no-del", &["DeletionProtection=false"]),
    (
        "rds modify-db-instance --db-instance-identifier d --backup-ret=00",
        &["BackupRetentionPeriod=0"],
    ),
    (
        "rds delete-db-instance --cli-input-json file://in.json --db-instance-identifier b",
        &["DBInstanceIdentifier=b", "SkipFinalSnapshot=true"],
    ),
    ("ec2 terminate-instances --cli-input-json file://i.json", &["InstanceId.1=i-9"]),
    (
        "ec2 modify-instance-attribute --instance-id i-1 --no-disable-api-term",
        &["DisableApiTermination.Value=false"],
    ),
    (
        "ec2 modify-instance-attribute --instance-id i-1 --disable-api-termination Value=false",
        &["DisableApiTermination.Value=false"],
    ),
    ("cloudwatch delete-alarms --alarm-names a help", &[r#""AlarmNames": ["a", "help"]"#]),
    ("dynamodb delete-table --table-name t", &[r#""TableName": "t""#]),
    ("dynamodb describe-table --table-name t", &[r#""TableName": "t""#]),
    ("kill i-7", &["InstanceId.1=i-7"]),
    ("kill2 --region eu-west-1", &["InstanceId.1=i-8"]),
];

fn home() -> Home {
    Home::new()
        .with_keys()
        .with_file("in.json", r#"{"DBInstanceIdentifier":"a","SkipFinalSnapshot":true}"#)
        .with_file("i.json", r#"{"InstanceIds":["i-9"]}"#)
        .with_file(
            ".aws/cli/alias",
            "[toplevel]\nkill = ec2 terminate-instances --instance-ids\n\
             kill2 = kill i-8 --region us-west-2\ns3 = s3 --region eu-west-1\n\
             say = !printf '%s,'\n[command ec2]\nbye = terminate-instances --instance-ids\n",
        )
}

#[test]
fn the_operation_that_we_read_is_the_one_that_is_sent() {
    for cli in Cli::ALL {
        for (line, holds) in SENT {
            is_sent_as_read(cli, line, holds);
        }
    }
}

fn is_sent_as_read(cli: Cli, line: &str, holds: &[&str]) {
    let home = home().of(cli);
    let recorder = Recorder::start("127.0.0.1");
    let url = recorder.url();
    let mut words: Vec<&str> = vec!["--endpoint-url", &url];
    words.extend(line.split(' '));
    let output = home.run(&words);
    let requests = recorder.take();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(requests.len(), 1, "{cli:?} {line}: {errors}");
    let sent = &requests[0];
    for part in holds {
        assert!(sent.body.contains(part), "{cli:?} {line}: {}", sent.body);
    }
    let reading = home.read(&words);
    assert_eq!(reading.actions.len(), 1, "{line}");
    let action = &reading.actions[0];
    let operation = action.operation.rsplit(' ').next().unwrap().replace('-', "");
    assert_eq!(operation, sent.operation(), "{cli:?} {line}");
    let region = action.target.evidence.iter().find(|e| e.kind == Kind::Region).unwrap();
    assert_eq!(region.value, sent.credential()[2], "{cli:?} {line}");
    let local = action.target.evidence.iter().any(|evidence| evidence.asserts.is_some());
    assert!(local, "{line}");
    // The objects that were sent are the ones that we name.
    let ids = sent.body.split('&').filter_map(|pair| pair.strip_prefix("InstanceId"));
    for id in ids.filter_map(|pair| pair.split('=').nth(1)) {
        assert!(action.object.as_deref().unwrap_or_default().contains(id), "{line}: {action:?}");
    }
}

/// Words that only version 2 takes, and what the request must hold.
const SENT_BY_V2: &[(&str, &[&str])] = &[
    ("--no-cli-pager ec2 terminate-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("--no-cli-p ec2 terminate-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("--cli-b base64 ec2 terminate-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("ec2 --cli-binary-format base64 stop-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("ec2 stop-instances --cli-binary-format base64 --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("--cli-e json ec2 stop-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
    ("--no-cli-a ec2 stop-instances --instance-ids i-1", &["InstanceId.1=i-1"]),
];

#[test]
fn what_only_version_2_takes_is_read_as_it_takes_it() {
    for (line, holds) in SENT_BY_V2 {
        is_sent_as_read(Cli::V2, line, holds);
    }
}

/// Version 2 has aliases below a service; version 1 would call it an error,
/// or run the operation whose name the alias takes.
#[test]
fn an_alias_below_a_service_counts_beside_what_version_1_would_do() {
    for (line, sent, read) in [
        ("ec2 bye i-3", "terminateinstances", &["ec2 terminate-instances", "ec2 bye"][..]),
        (
            "ec2 --region eu-west-1 bye i-3",
            "terminateinstances",
            &["ec2 terminate-instances", "ec2 bye"],
        ),
    ] {
        let home = home().of(Cli::V2);
        let recorder = Recorder::start("127.0.0.1");
        let url = recorder.url();
        let mut words: Vec<&str> = vec!["--endpoint-url", &url];
        words.extend(line.split(' '));
        let output = home.run(&words);
        let requests = recorder.take();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(requests.len(), 1, "{line}: {errors}");
        assert_eq!(requests[0].operation(), sent, "{line}");
        let reading = home.read(&words);
        let operations: Vec<&str> = reading.actions.iter().map(|a| &*a.operation).collect();
        assert_eq!(operations, read, "{line}");
    }
}

/// Version 2 takes YAML too: what it sends is what we read, in whatever form
/// of YAML it stands; what it merges makes the command opaque.
#[test]
fn yaml_input_is_read_as_it_is_sent() {
    let both = Flags::of(&[Flag::Irreversible, Flag::Backups]);
    let irreversible = Flags::of(&[Flag::Irreversible]);
    for (text, sent, flags) in [
        ("SkipFinalSnapshot: true\n", true, both),
        ("{SkipFinalSnapshot: true}", true, both),
        ("\"SkipFinalSnapshot\": True", true, both),
        ("FinalDBSnapshotIdentifier: s\n", false, irreversible),
        ("SkipFinalSnapshot: false\n", false, irreversible),
    ] {
        let home = home().of(Cli::V2).with_file("i.yaml", text);
        let recorder = Recorder::start("127.0.0.1");
        let url = recorder.url();
        let line =
            "rds delete-db-instance --db-instance-identifier b --cli-input-yaml file://i.yaml";
        let mut words: Vec<&str> = vec!["--endpoint-url", &url];
        words.extend(line.split(' '));
        let output = home.run(&words);
        let requests = recorder.take();
        let errors = String::from_utf8_lossy(&output.stderr);
        let [request] = requests.as_slice() else { panic!("{text}: {errors}") };
        assert_eq!(request.body.contains("SkipFinalSnapshot=true"), sent, "{text}: {errors}");
        let reading = home.read(&words);
        assert_eq!(reading.actions[0].effect, Effect::Destroy);
        assert_eq!(reading.actions[0].flags, flags, "{text}");
    }
    let home = home().with_file("i.yaml", "a: &a {VersionId: v}\n<<: *a\n");
    let words = ["s3api", "delete-object", "--cli-input-yaml", "file://i.yaml"];
    assert!(home.read(&words).actions[0].flags.has(Flag::Opaque));
}

#[test]
fn what_we_pass_as_harmless_sends_nothing_or_a_dry_run() {
    Cli::ALL.into_iter().for_each(sends_nothing_or_a_dry_run);
}

fn sends_nothing_or_a_dry_run(cli: Cli) {
    let home = home().of(cli);
    let recorder = Recorder::start("127.0.0.1");
    for line in [
        "ec2 terminate-instances --instance-ids i-1 --dry-run",
        "ec2 terminate-instances --instance-ids i-1 --no-dry-run --dry-run",
        "--dry-run ec2 terminate-instances --instance-ids i-1",
        "ec2 --dry terminate-instances --instance-ids i-1",
        "ec2 terminate-instances --generate-cli-skeleton",
        "ec2 terminate-instances --instance-ids i-1 --generate-cli-skel output",
        "ec2 terminate-instances --gener input --instance-ids i-1",
        "ec2 terminate-instances help --instance-ids i-1",
        "ec2 terminate-instances --instance-ids i-1 --version",
        "s3 rb help",
    ] {
        let url = recorder.url();
        let mut words: Vec<&str> = vec!["--endpoint-url", &url];
        words.extend(line.split(' '));
        let reading = home.read(&words);
        assert!(reading.actions.iter().all(|action| action.effect == Effect::Read), "{line}");
        home.run(&words);
        for request in recorder.take() {
            assert!(request.body.contains("DryRun=true"), "{cli:?} {line}: {}", request.body);
        }
    }
}

#[test]
fn an_operation_behind_a_computed_or_unknown_word_is_not_invented() {
    Cli::ALL.into_iter().for_each(invents_nothing);
}

fn invents_nothing(cli: Cli) {
    let home = home().of(cli);
    let recorder = Recorder::start("127.0.0.1");
    // Each is an error of the CLI's: nothing is sent.
    for line in [
        "ec2 terminate-inst --instance-ids i-1",
        "--c x ec2 terminate-instances --instance-ids i-1",
        "ec2 terminate-instances --instance-ids i-1 -- --dry-run",
        "s3 rm s3://b help",
    ] {
        let url = recorder.url();
        let mut words: Vec<&str> = vec!["--endpoint-url", &url];
        words.extend(line.split(' '));
        assert!(!home.run(&words).status.success(), "{cli:?} {line}");
        assert_eq!(recorder.take().len(), 0, "{cli:?} {line}");
    }
}

/// The request that an s3 command begins with, and where we say it lands.
#[test]
fn the_bucket_that_we_name_is_the_one_that_is_asked() {
    Cli::ALL.into_iter().for_each(asks_the_bucket_that_we_name);
}

fn asks_the_bucket_that_we_name(cli: Cli) {
    let home = home().of(cli).with_file("x.txt", "x");
    let recorder = Recorder::start("127.0.0.1");
    let cases = [
        ("s3 rm s3://one/a", "DELETE /one/a", "one"),
        ("s3 rm --quiet s3://one/a", "DELETE /one/a", "one"),
        ("s3 --recu rm s3://one/p", "GET /one?list-type=2&prefix=p", "one"),
        ("s3 rb s3://one", "DELETE /one", "one"),
        ("s3 rb --fo s3://one", "GET /one?list-type=2&", "one"),
        ("s3 cp --sse AES256 x.txt s3://one/x", "PUT /one/x", "one"),
        ("s3 cp x.txt --grants read=x full=y --region r s3://one/x", "", ""),
        ("s3 cp --region us-west-2 --exclude a x.txt s3://one/x", "PUT /one/x", "one"),
        ("s3 mb --tags k v s3://one", "PUT /one", "one"),
    ];
    for (line, begins, bucket) in cases {
        let url = recorder.url();
        let mut words: Vec<&str> = line.split(' ').collect();
        words.extend(["--endpoint-url", &url]);
        let output = home.run(&words);
        let requests = recorder.take();
        let errors = String::from_utf8_lossy(&output.stderr);
        if begins.is_empty() {
            // The option takes every word behind it: an error of the tool's.
            assert_eq!(requests.len(), 0, "{line}");
            continue;
        }
        let sent = &requests.first().unwrap_or_else(|| panic!("{line}: {errors}"));
        assert!(sent.line.starts_with(begins), "{line}: {}", sent.line);
        // The alias for s3 sets the region, whatever stood in front of it.
        assert_eq!(sent.credential()[2], "eu-west-1", "{line}");
        let target = &home.read(&words).actions[0].target;
        assert_eq!(target.name.as_deref(), Some(bucket), "{line}");
        let region = target.evidence.iter().find(|e| e.kind == Kind::Region).unwrap();
        assert_eq!(region.value, "eu-west-1", "{line}");
    }
}

#[test]
fn the_shell_line_of_an_alias_is_the_one_that_runs() {
    Cli::ALL.into_iter().for_each(runs_the_shell_line);
}

fn runs_the_shell_line(cli: Cli) {
    let home = home().of(cli);
    let words = ["--region", "x", "say", "a b", "--flag", "it's", "$HOME"];
    let said = home.ask(&words);
    let reading = home.read(&words);
    let [inner] = reading.inner.as_slice() else { panic!("{reading:?}") };
    let ours = std::process::Command::new(&inner.argv[0]).args(&inner.argv[1..]).output().unwrap();
    assert_eq!(String::from_utf8(ours.stdout).unwrap(), said);
    assert_eq!(said, "a b,--flag,it's,$HOME,");
}
