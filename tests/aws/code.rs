//! Code inside operations: what the CLI sends is what we read.

use holdpoint::action::{Effect, Flag};

use crate::real::Home;
use crate::recorder::Recorder;
use crate::server::Cli;

/// Words, what the request must hold, and whether we call it unreadable.
const SENT: &[(&[&str], &str, bool)] = &[
    (&["commands=uptime"], r#""commands": ["uptime"]"#, false),
    (&["commands=df -h; free -m"], r#""commands": ["df -h; free -m"]"#, false),
    (&[r#"commands=["ls -l","ps"]"#], r#""commands": ["ls -l", "ps"]"#, false),
    (&[r#"{"commands":["uptime"]}"#], r#""commands": ["uptime"]"#, false),
    (&["file://commands.json"], r#""commands": ["uptime"]"#, false),
    (&["commands=ls,reboot"], r#""commands": ["ls", "reboot"]"#, false),
    (
        &["commands=[ls -l,\"df -h\"],workingDirectory=/srv"],
        r#""commands": ["ls -l", "df -h"]"#,
        false,
    ),
    (&["commands='./a b',executionTimeout=60"], r#""commands": ["./a b"]"#, true),
    (&[r"commands=ls a\,b,df"], r#""commands": ["ls a,b", "df"]"#, false),
    (&["commands=uptime", "--parameters", "commands=./a"], r#""commands": ["./a"]"#, true),
];

fn home(cli: Cli) -> Home {
    Home::new()
        .of(cli)
        .with_keys()
        .with_file("commands.json", r#"{"commands":["uptime"]}"#)
        .with_file("q.sql", "drop table orders")
}

/// The body of the one request that these words send, and our reading's
/// effect and whether it is opaque.
fn sent(home: &Home, words: &[&str]) -> (String, Effect, bool) {
    let recorder = Recorder::start("127.0.0.1");
    let url = recorder.url();
    let mut words = words.to_vec();
    words.extend(["--endpoint-url", &url]);
    let output = home.run(&words);
    let requests = recorder.take();
    let errors = String::from_utf8_lossy(&output.stderr);
    let [request] = requests.as_slice() else { panic!("{words:?}: {errors}") };
    let reading = home.read(&words);
    let [action] = reading.actions.as_slice() else { panic!("{words:?}: {reading:?}") };
    (request.body.clone(), action.effect, action.flags.has(Flag::Opaque))
}

#[test]
fn the_commands_that_we_read_are_those_that_are_sent() {
    for cli in Cli::ALL {
        let home = home(cli);
        for (parameters, holds, opaque) in SENT {
            let mut words = vec!["ssm", "send-command", "--instance-ids", "i-1"];
            words.extend(["--document-name", "AWS-RunShellScript", "--parameters"]);
            words.extend(*parameters);
            let (body, effect, unread) = sent(&home, &words);
            assert!(body.contains(holds), "{cli:?} {words:?}: {body}");
            assert_eq!((effect, unread), (Effect::Write, *opaque), "{cli:?} {words:?}");
        }
    }
}

#[test]
fn the_texts_that_we_read_are_those_that_are_sent() {
    let session = "ssm start-session --target i-1 --document-name AWS-StartPortForwardingSession \
                   --parameters portNumber=80,localPortNumber=8080";
    let data = "rds-data execute-statement --resource-arn arn:aws:rds:us-east-1:1:cluster:c \
                --secret-arn arn:aws:secretsmanager:us-east-1:1:secret:s --sql";
    let attribute = "elbv2 modify-load-balancer-attributes --load-balancer-arn a --attributes \
                     Key=idle_timeout.timeout_seconds,Value=30 \
                     Key=deletion_protection.enabled,Value=false";
    for (line, holds, effect, opaque) in [
        (session.to_owned(), r#""portNumber": ["80"]"#, Effect::Write, false),
        (format!("{data} file://q.sql"), r#""drop table orders""#, Effect::Destroy, false),
        (attribute.to_owned(), "Attributes.member.2.Value=false", Effect::Destroy, false),
        (
            "efs put-backup-policy --file-system-id fs-1 --backup-policy Status=DISABLED"
                .to_owned(),
            r#""Status": "DISABLED""#,
            Effect::Destroy,
            false,
        ),
    ] {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (body, does, unread) = sent(&home(Cli::V1), &words);
        assert!(body.contains(holds), "{line}: {body}");
        assert_eq!((does, unread), (effect, opaque), "{line}");
    }
}
