//! aws behind its shim, with the real CLI and moto's server: what an agent
//! would destroy by a production profile is still there afterwards, a
//! person's command runs once the phrase is typed, and on a development
//! profile, as with everything harmless, nobody notices the shim.

#[path = "support/moto.rs"]
mod moto;
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terminal.rs"]
mod terminal;

use std::io::Write;
use std::os::unix::fs::symlink;
use std::process::{Command, Output, Stdio};

use moto::{Cli, Moto, venv};
use sandbox::{Sandbox, err, out, run_with};
use terminal::Login;

/// Makes database `users-N`, bucket `uploads-N` with three objects, table
/// `orders-N` with one item and a machine tagged `worker-N`, for each N below
/// the number given.
const MAKE: &str = r#"
import sys, boto3
url, count = sys.argv[1], int(sys.argv[2])
rds, s3, ec2, ddb = (boto3.client(n, endpoint_url=url) for n in ("rds", "s3", "ec2", "dynamodb"))
for n in range(count):
    rds.create_db_instance(DBInstanceIdentifier=f"users-{n}", DBInstanceClass="db.t3.micro",
        Engine="postgres", MasterUsername="u", MasterUserPassword="secret99", AllocatedStorage=5)
    s3.create_bucket(Bucket=f"uploads-{n}")
    for key in ("a", "p/b", "p/c"):
        s3.put_object(Bucket=f"uploads-{n}", Key=key, Body=b"x" * 10)
    ddb.create_table(TableName=f"orders-{n}", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    ddb.put_item(TableName=f"orders-{n}", Item={"id": {"S": "1"}})
    made = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
    print(made["Instances"][0]["InstanceId"])
"#;

/// Prints what is there, a line each.
const LEFT: &str = r#"
import sys, boto3
url = sys.argv[1]
rds, s3, ec2, ddb = (boto3.client(n, endpoint_url=url) for n in ("rds", "s3", "ec2", "dynamodb"))
for one in rds.describe_db_instances()["DBInstances"]:
    print("database", one["DBInstanceIdentifier"])
for one in s3.list_buckets()["Buckets"]:
    print("bucket", one["Name"])
    for found in s3.list_objects_v2(Bucket=one["Name"]).get("Contents", []):
        print("object", one["Name"] + "/" + found["Key"])
for name in ddb.list_tables()["TableNames"]:
    print("table", name, ddb.scan(TableName=name)["Count"])
for group in ec2.describe_instances()["Reservations"]:
    for one in group["Instances"]:
        if one["State"]["Name"] == "running":
            print("machine", one["InstanceId"])
"#;

/// A sandbox in front of a server, with the profiles `prod` and `dev`.
struct Guarded {
    cli: Cli,
    moto: Moto,
    sandbox: Sandbox,
    /// The ids of the machines, by number.
    machines: Vec<String>,
}

impl Guarded {
    /// With so many of each resource.
    fn new(cli: Cli, count: usize) -> Guarded {
        let (moto, sandbox) = (Moto::start(), Sandbox::new());
        let mut guarded = Guarded { cli, moto, sandbox, machines: Vec::new() };
        let sandbox = &guarded.sandbox;
        symlink(cli.program(), sandbox.path("tools/aws")).expect("a link");
        let profile = |name: &str| format!("[profile {name}]\nregion = us-east-1\n");
        sandbox.write("home/.aws/config", &["prod", "dev"].map(profile).concat());
        let keys = |name: &str| {
            format!("[{name}]\naws_access_key_id = testing\naws_secret_access_key = testing\n")
        };
        sandbox.write("home/.aws/credentials", &["prod", "dev"].map(keys).concat());
        let made = guarded.python(MAKE, &[&count.to_string()]);
        guarded.machines = made.lines().map(str::to_owned).collect();
        assert_eq!(guarded.machines.len(), count);
        guarded
    }

    /// Runs a Python program with the server's URL and these words.
    fn python(&self, program: &str, words: &[&str]) -> String {
        let mut command = self.sandbox.command(venv().join("bin/python"));
        command.args(["-c", program, self.moto.url()]).args(words).env("AWS_PROFILE", "dev");
        let output = command.output().expect("it starts");
        assert!(output.status.success(), "{}", err(&output));
        out(&output)
    }

    fn left(&self) -> Vec<String> {
        self.python(LEFT, &[]).lines().map(str::to_owned).collect()
    }

    /// The words of a line in which `URL`, `PROFILE`, `N` and `MACHINE` stand
    /// for the server, a profile, a number and that machine.
    fn words(&self, line: &str, profile: &str, number: usize) -> Vec<String> {
        line.split(' ')
            .map(|word| {
                word.replace("URL", self.moto.url())
                    .replace("PROFILE", profile)
                    .replace("-N", &format!("-{number}"))
                    .replace("MACHINE", &self.machines[number])
            })
            .collect()
    }

    /// The shim with these words, as an agent runs it.
    fn agent(&self, words: &[String]) -> Command {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.sandbox.agent("aws", &words)
    }

    /// The CLI itself with these words, in the same surroundings.
    fn bare(&self, words: &[String]) -> Command {
        let mut command = self.sandbox.command(self.cli.program());
        command.args(words).env("CLAUDECODE", "1");
        command
    }

    #[track_caller]
    fn refused(&self, command: &mut Command) -> String {
        let output = command.output().expect("it starts");
        assert_eq!(output.status.code(), Some(77), "{command:?}: {}{}", out(&output), err(&output));
        assert_eq!(out(&output), "");
        err(&output)
    }
}

/// One destroying command each, and what it takes away.
const SPELLINGS: &[(&str, &str)] = &[
    (
        "--profile PROFILE --endpoint-url URL rds delete-db-instance \
         --db-instance-identifier users-N --skip-final-snapshot",
        "database users-N",
    ),
    (
        "--no-pag rds --endpoint URL delete-db-instance --region us-east-1 --ski --prof PROFILE \
         --db-instance-id=users-N",
        "database users-N",
    ),
    (
        "rds delete-db-instance --cli-input-json file://in.json --db-instance-identifier users-N \
         --profile PROFILE --endpoint-url URL",
        "database users-N",
    ),
    ("s3 rb s3://uploads-N --force --profile PROFILE --endpoint-url URL", "bucket uploads-N"),
    ("--endpoint-url URL s3 --prof=PROFILE rb --forc s3://uploads-N", "bucket uploads-N"),
    ("s3 rm s3://uploads-N --recursive --profile PROFILE --endpoint-url URL", "object uploads-N/a"),
    (
        "--profile PROFILE s3 --endpoint-url URL rm --recu --only-show-errors s3://uploads-N/p/",
        "object uploads-N/p/b",
    ),
    (
        "--profile PROFILE --endpoint-url URL s3 sync nothing s3://uploads-N --del",
        "object uploads-N/a",
    ),
    (
        "--prof PROFILE ec2 --endpoint-url URL --output text terminate-instances --inst MACHINE \
         --dry-run --no-dry-run",
        "machine MACHINE",
    ),
    (
        "--profile PROFILE --endpoint-url URL -- ec2 terminate-instances --instance-ids MACHINE",
        "machine MACHINE",
    ),
    (
        "dynamodb --profile PROFILE --endpoint-url URL delete-table --tab=orders-N",
        "table orders-N 1",
    ),
    (
        "--profile dev dynamodb delete-table --profile PROFILE --table-name orders-N \
         --endpoint-url URL",
        "table orders-N 1",
    ),
    ("--profile PROFILE --endpoint-url URL drop --table-name orders-N", "table orders-N 1"),
    ("wipe s3://uploads-N PROFILE URL", "object uploads-N/a"),
    ("as PROFILE URL dynamodb delete-table --table-name orders-N", "table orders-N 1"),
];

/// The files that the spellings name.
fn write_files(sandbox: &Sandbox) {
    sandbox.write("work/in.json", r#"{"SkipFinalSnapshot": true}"#);
    // What stands in front of such an alias is not handed to its shell.
    sandbox.write(
        "home/.aws/cli/alias",
        "[toplevel]\n\
         drop = dynamodb delete-table\n\
         wipe = !f() { aws s3 rm --recursive $1 --profile $2 --endpoint-url $3; }; f\n\
         as = !f() { p=$1 u=$2; shift 2; aws --profile $p --endpoint-url $u \"$@\"; }; f\n",
    );
}

#[test]
fn an_agent_destroys_nothing_on_production_and_everything_on_development() {
    Cli::ALL.into_iter().for_each(production_stays_and_development_goes);
}

fn production_stays_and_development_goes(cli: Cli) {
    let guarded = Guarded::new(cli, SPELLINGS.len());
    write_files(&guarded.sandbox);
    std::fs::create_dir(guarded.sandbox.path("work/nothing")).unwrap();
    let before = guarded.left();
    for (number, (line, _)) in SPELLINGS.iter().enumerate() {
        let words = guarded.words(line, "prod", number);
        let said = guarded.refused(&mut guarded.agent(&words));
        assert!(said.contains("production"), "{line}: {said}");
    }
    // The profile by a variable.
    for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        let line = "dynamodb delete-table --table-name orders-N --endpoint-url URL";
        let mut command = guarded.agent(&guarded.words(line, "", 0));
        let said = guarded.refused(command.env(variable, "prod"));
        assert!(said.contains("prod"), "{said}");
    }
    assert_eq!(guarded.left(), before);
    assert!(!guarded.sandbox.trail().contains("\"outcome\":\"allowed\""));
    // The same words do destroy, where they may.
    for (number, (line, _)) in SPELLINGS.iter().enumerate() {
        let output = guarded.agent(&guarded.words(line, "dev", number)).output().unwrap();
        assert!(output.status.success(), "{line}: {}", err(&output));
        assert!(!err(&output).contains("holdpoint"), "{line}: {}", err(&output));
    }
    let after = guarded.left();
    for (number, (line, what)) in SPELLINGS.iter().enumerate() {
        let what = guarded.words(what, "", number).join(" ");
        assert!(before.contains(&what), "{line}: {what} in {before:?}");
        assert!(!after.contains(&what), "{line}: {what} in {after:?}");
    }
    let trail = guarded.sandbox.trail();
    let allowed = trail.matches("\"outcome\":\"allowed\"").count();
    assert!(allowed >= SPELLINGS.len(), "{allowed} of {}", SPELLINGS.len());
}

#[test]
fn a_person_confirms_and_it_is_gone() {
    let guarded = Guarded::new(Cli::V1, 1);
    let before = guarded.left();
    let mut login = Login::new();
    let terminal = &mut login.terminal;
    let surroundings = format!(
        "cd {} && env -i TERM=xterm LC_ALL=C.UTF-8 PATH={} HOME={home} HOLDPOINT_TEST_HOME={home} aws",
        guarded.sandbox.path("work").display(),
        guarded.sandbox.search_path(),
        home = guarded.sandbox.home().display(),
    );
    let line = |words: &str| {
        let words = guarded.words(words, "prod", 0);
        format!("{surroundings} --profile prod --endpoint-url URL {}", words.join(" "))
            .replace("URL", guarded.moto.url())
    };
    let delete = line("rds delete-db-instance --db-instance-identifier users-N --ski");
    // A wrong phrase first: nothing runs.
    terminal.line(&delete);
    let phrase = terminal.phrase();
    assert!(phrase.contains("prod"), "{phrase}");
    terminal.type_by_hand("users-0\r");
    terminal.expect("not the phrase");
    terminal.send("\u{4}");
    terminal.expect("Nothing was run");
    terminal.prompt();
    assert_eq!(guarded.left(), before);
    // Then the right ones, by hand.
    for words in [
        "rds delete-db-instance --db-instance-identifier users-N --ski",
        "s3 rb s3://uploads-N --force",
        "dynamodb delete-table --table-name orders-N",
        "ec2 terminate-instances --instance-ids MACHINE",
    ] {
        terminal.line(&line(words));
        let phrase = terminal.phrase();
        terminal.confirm(&phrase);
    }
    assert_eq!(guarded.left(), [""; 0], "{}", terminal.all());
    let trail = guarded.sandbox.trail();
    for (outcome, count) in [("asked", 5), ("declined", 1), ("confirmed", 4)] {
        let found = trail.matches(&format!("\"outcome\":\"{outcome}\"")).count();
        assert_eq!(found, count, "{outcome}: {trail}");
    }
}

/// Lines that take away nothing, or one object; each can be run twice.
const HARMLESS: &[&str] = &[
    "s3 ls s3://uploads-N --recursive --human-readable",
    "s3 cp s3://uploads-N/a -",
    "s3 rm s3://uploads-N --recursive --dryrun",
    "s3 rm s3://uploads-N/a",
    "s3api delete-object --bucket uploads-N --key p/b",
    "dynamodb delete-item --table-name orders-N --key {\"id\":{\"S\":\"1\"}}",
    "rds delete-db-instance --generate-cli-skeleton",
    "ec2 terminate-instances --instance-ids MACHINE --dry-run",
    "ec2 describe-everything",
];

#[test]
fn what_is_harmless_runs_as_before() {
    Cli::ALL.into_iter().for_each(runs_as_before);
}

fn runs_as_before(cli: Cli) {
    let guarded = Guarded::new(cli, 3);
    let same = |mut bare: Command, mut ours: Command, line: &str| {
        let (bare, ours) = (bare.output().expect("it starts"), ours.output().expect("it starts"));
        let said = |output: &Output| (output.status.code(), out(output), err(output));
        assert_eq!(said(&ours), said(&bare), "{line}");
    };
    for line in HARMLESS {
        let line = format!("{line} --profile PROFILE --endpoint-url URL");
        let words = guarded.words(&line, "prod", 0);
        same(guarded.bare(&words), guarded.agent(&words), &line);
    }
    let left = guarded.left();
    assert!(!left.contains(&"object uploads-0/a".to_owned()), "{left:?}");
    assert!(!left.contains(&"object uploads-0/p/b".to_owned()), "{left:?}");
    assert!(left.contains(&"table orders-0 0".to_owned()), "{left:?}");
    assert!(left.contains(&"database users-0".to_owned()), "{left:?}");
    let machine = format!("machine {}", guarded.machines[0]);
    assert!(left.contains(&machine), "{left:?}");
    // A body on standard input arrives byte for byte.
    let body: Vec<u8> = (0..300_000_u32).map(|n| ((n * 31) >> 3) as u8).collect();
    let up = "s3 cp - s3://uploads-N/new --profile PROFILE --endpoint-url URL";
    let mut child = guarded
        .agent(&guarded.words(up, "prod", 1))
        .stdin(Stdio::piped())
        .spawn()
        .expect("it starts");
    child.stdin.take().expect("a pipe").write_all(&body).expect("it reads");
    assert!(child.wait().expect("it ends").success());
    let down = "s3 cp s3://uploads-N/new - --profile PROFILE --endpoint-url URL";
    let output = guarded.agent(&guarded.words(down, "prod", 1)).output().expect("it starts");
    assert!(output.stdout == body, "{} bytes: {}", output.stdout.len(), err(&output));
    an_input_file_is_the_one_that_was_judged(&guarded);
}

/// The CLI behind the shim finds another file than the one that was judged,
/// and sends what was judged.
fn an_input_file_is_the_one_that_was_judged(guarded: &Guarded) {
    let sandbox = &guarded.sandbox;
    let judged = r#"{"TableName": "orders-2", "BillingMode": "PAY_PER_REQUEST"}"#;
    let swapped = r#"{"TableName": "orders-2", "DeletionProtectionEnabled": false}"#;
    let input = sandbox.write("work/in.json", judged);
    std::fs::remove_file(sandbox.path("tools/aws")).expect("a link");
    let real = guarded.cli.program();
    sandbox.tool(
        "aws",
        &format!("echo '{swapped}' > {}\nexec {} \"$@\"", input.display(), real.display()),
    );
    let words = |line: &str| {
        let line = format!("{line} --profile PROFILE --endpoint-url URL");
        guarded.words(&line, "prod", 2)
    };
    let on = "dynamodb update-table --table-name orders-N --deletion-protection-enabled";
    assert!(guarded.bare(&words(on)).output().expect("it starts").status.success());
    let update = words("dynamodb update-table --cli-input-json file://in.json");
    let output = guarded.agent(&update).output().expect("it starts");
    assert!(output.status.success(), "{}", err(&output));
    assert!(out(&output).contains("\"DeletionProtectionEnabled\": true"), "{}", out(&output));
    assert_eq!(std::fs::read_to_string(input).expect("a file").trim(), swapped);
    // From a pipe, by the only name that the CLI knows for it.
    let piped = words("dynamodb update-table --cli-input-json file:///dev/stdin");
    let output = run_with(&mut guarded.agent(&piped), judged);
    assert!(out(&output).contains("PAY_PER_REQUEST"), "{}", err(&output));
    assert_eq!(run_with(&mut guarded.agent(&piped), swapped).status.code(), Some(77));
    // The file as it is now is refused.
    let said = guarded.refused(&mut guarded.agent(&update));
    assert!(said.contains("orders-2"), "{said}");
}
