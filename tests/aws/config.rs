//! Profiles, keys, endpoints and INI text: botocore is the judge.

use std::fmt::Write as _;

use holdpoint::parse::ini;
use holdpoint::target::{Class, Grade, Kind};

use crate::real::{self, Home};
use crate::recorder::Recorder;
use crate::server::Cli;

/// A key id that holds an account, as AWS has made them since 2019.
fn key(account: u64) -> String {
    let bits = (u128::from(account) << 7 | 1 << 47) << 32;
    let letters = (0..16).rev().map(|at| {
        let digit = (bits >> (at * 5) & 31) as u8;
        char::from(if digit < 26 { b'A' + digit } else { b'2' + digit - 26 })
    });
    format!("AKIA{}", letters.collect::<String>())
}

const CREDENTIALS: &str = "aws_secret_access_key = s\n";

fn home() -> Home {
    let entry = |name: &str, account: u64| {
        format!("[{name}]\naws_access_key_id = {}\n{CREDENTIALS}", key(account))
    };
    let credentials = entry("default", 100) + &entry("one", 101) + &entry("both", 102);
    let config = entry("profile two", 201) + &entry("profile both", 202) + &entry("loose", 203);
    Home::new().with_file(".aws/credentials", &credentials).with_file(".aws/config", &config)
}

/// Which key signs, by flag and variables, and which account we name.
#[test]
fn the_account_that_we_name_is_the_one_whose_key_signs() {
    let keyed =
        || home().with_var("AWS_ACCESS_KEY_ID", &key(300)).with_var("AWS_SECRET_ACCESS_KEY", "s");
    let cases: Vec<(Home, Vec<&str>)> = vec![
        (home(), vec![]),
        (home(), vec!["--profile", "one"]),
        (home(), vec!["--profile", "two"]),
        (home(), vec!["--profile", "both"]),
        (home(), vec!["--profile", "one", "--prof=two"]),
        (home().with_var("AWS_PROFILE", "one"), vec![]),
        (home().with_var("AWS_DEFAULT_PROFILE", "two"), vec![]),
        (home().with_var("AWS_PROFILE", "one"), vec!["--profile", "two"]),
        (keyed(), vec![]),
        (keyed().with_var("AWS_PROFILE", "one"), vec![]),
        (keyed(), vec!["--profile", "one"]),
        (home().with_var("AWS_CONFIG_FILE", "~/.aws/none"), vec!["--profile", "both"]),
        (
            home().with_var("AWS_SHARED_CREDENTIALS_FILE", "$HOME/.aws/none"),
            vec!["--profile", "both"],
        ),
    ];
    let recorder = Recorder::start("127.0.0.1");
    let each = cases.into_iter().flat_map(|(home, flags)| {
        let other = home.clone().of(Cli::V2);
        [(home, flags.clone()), (other, flags)]
    });
    for (home, flags) in each {
        let url = recorder.url();
        let mut words = vec!["--endpoint-url", &url];
        words.extend(&flags);
        words.extend(["dynamodb", "delete-table", "--table-name", "ttt"]);
        let output = home.run(&words);
        let requests = recorder.take();
        assert_eq!(requests.len(), 1, "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        let signer = requests[0].credential()[0].to_owned();
        let reading = home.read(&words);
        let target = &reading.actions[0].target;
        let named: Vec<&str> = target
            .evidence
            .iter()
            .filter(|evidence| evidence.kind == Kind::Account && evidence.grade == Grade::Name)
            .map(|evidence| evidence.value.as_str())
            .collect();
        let [account] = named.as_slice() else { panic!("{words:?}: {target:?}") };
        assert_eq!(key(account.parse().unwrap()), signer, "{words:?}");
        assert!(!format!("{target:?}").contains(&signer), "{words:?}");
    }
}

/// Of the two variables version 1 takes one and version 2 the other: both
/// accounts are named.
#[test]
fn two_variables_that_disagree_name_both_accounts() {
    let home = home().with_var("AWS_DEFAULT_PROFILE", "two").with_var("AWS_PROFILE", "one");
    let recorder = Recorder::start("127.0.0.1");
    let url = recorder.url();
    let words = ["--endpoint-url", &url, "dynamodb", "delete-table", "--table-name", "ttt"];
    let target = home.read(&words).actions[0].target.clone();
    let named = |account: u64| {
        target.evidence.iter().any(|evidence| {
            evidence.kind == Kind::Account
                && evidence.grade == Grade::Name
                && evidence.value == format!("{account:012}")
        })
    };
    for (cli, account) in [(Cli::V1, 201), (Cli::V2, 101)] {
        home.clone().of(cli).run(&words);
        assert_eq!(recorder.take()[0].credential()[0], key(account), "{cli:?}");
        assert!(named(account), "{cli:?}: {target:?}");
    }
}

#[test]
fn the_endpoint_that_we_name_is_the_one_that_is_asked() {
    let [near, other] = ["127.0.0.1", "127.0.0.2"].map(Recorder::start);
    let (one, two) = (near.url(), other.url());
    let services = |url: &str, all: &str| {
        format!(
            "[default]\nservices = x\nendpoint_url = {all}\n[services x]\n\
             dynamodb =\n  endpoint_url = {url}\n"
        )
    };
    let home = || Home::new().with_keys();
    let cases: Vec<(Home, Vec<&str>)> = vec![
        (home().with_var("AWS_ENDPOINT_URL", &one), vec![]),
        (home().with_var("AWS_ENDPOINT_URL", &one), vec!["--endpoint-url", &two]),
        (
            home().with_var("AWS_ENDPOINT_URL", &one).with_var("AWS_ENDPOINT_URL_DYNAMODB", &two),
            vec![],
        ),
        (home().with_file(".aws/config", &services(&one, &two)), vec![]),
        (
            home()
                .with_file(".aws/config", &services(&one, &one))
                .with_var("AWS_ENDPOINT_URL", &two),
            vec![],
        ),
        (
            home().with_file(
                ".aws/config",
                &format!("[default]\nendpoint_url = {two}\n[profile p]\nendpoint_url = {one}\n"),
            ),
            vec!["--profile", "p", "--no-sign-request"],
        ),
    ];
    let each = cases.into_iter().flat_map(|(home, flags)| {
        let other = home.clone().of(Cli::V2);
        [(home, flags.clone()), (other, flags)]
    });
    for (home, flags) in each {
        let mut words = flags.clone();
        words.extend(["dynamodb", "delete-table", "--table-name", "ttt"]);
        let output = home.run(&words);
        let asked: Vec<&str> = [(&near, "127.0.0.1"), (&other, "127.0.0.2")]
            .into_iter()
            .filter(|(recorder, _)| !recorder.take().is_empty())
            .map(|(_, host)| host)
            .collect();
        assert_eq!(asked.len(), 1, "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        let reading = home.read(&words);
        let evidence = &reading.actions[0].target.evidence;
        let host = evidence.iter().find(|evidence| evidence.kind == Kind::Host).unwrap();
        assert_eq!(host.value, asked[0], "{words:?}");
        assert_eq!(host.asserts, Some(Class::Local), "{words:?}");
    }
}

/// Version 1 sends some services to AWS whatever the variables say; the proxy
/// that is asked to go there is the proof.
#[test]
fn a_local_endpoint_variable_is_not_believed_where_the_cli_ignores_it() {
    let [near, proxy] = ["127.0.0.1", "127.0.0.2"].map(Recorder::start);
    let home = Home::new()
        .with_keys()
        .with_var("AWS_ENDPOINT_URL", &near.url())
        .with_var("HTTPS_PROXY", &proxy.url());
    let words = ["rds", "delete-db-instance", "--db-instance-identifier", "d"];
    home.run(&words);
    assert_eq!(near.take().len(), 0);
    let asked = proxy.take();
    assert!(asked[0].line.starts_with("CONNECT rds.amazonaws.com"), "{asked:?}");
    // Version 2 believes it.
    home.clone().of(Cli::V2).run(&words);
    assert_eq!((near.take().len(), proxy.take().len()), (1, 0));
    let reading = home.read(&words);
    let local = reading.actions[0].target.evidence.iter().any(|e| e.asserts.is_some());
    assert!(!local);
}

/// Texts that the two readers must take alike, errors included.
fn texts() -> Vec<String> {
    let pieces = [
        "[a]",
        "[profile b]",
        "[DEFAULT]",
        "[a] x",
        "[]",
        "[x",
        "key = value",
        "Key=1",
        "k: v",
        "key",
        " indented = 1",
        "  more",
        "\tmore",
        "",
        " ",
        "# comment",
        "  ; comment",
        "k2 = a # b",
        "= x",
        "nested =",
        "  s3 = t",
        "[c]]",
        "key  :  =x",
    ];
    // A small linear congruence is enough to mix the pieces.
    let mut state: u64 = 20_260_425;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let mut texts: Vec<String> = Vec::new();
    for _ in 0..1_500 {
        let lines = next() % 8;
        let mut text = if next() % 3 == 0 { String::new() } else { "[first]\n".to_owned() };
        for _ in 0..lines {
            text.push_str(pieces[next() % pieces.len()]);
            text.push_str(["\n", "\n", "\n", "\r\n"][next() % 4]);
        }
        texts.push(text);
    }
    texts
}

const PARSE: &str = r#"
import sys, json, tempfile, os
from botocore.configloader import raw_config_parse
out = []
path = os.path.join(tempfile.mkdtemp(), "f")
for text in json.load(open(sys.argv[1])):
    with open(path, "w", newline="") as f:
        f.write(text)
    try:
        out.append(raw_config_parse(path, parse_subsections=False))
    except Exception:
        out.append(None)
print(json.dumps(out))
"#;

#[test]
fn ini_texts_are_read_as_botocore_reads_them() {
    let texts = texts();
    let answers = real::python(PARSE, &serde_json::to_string(&texts).unwrap());
    let answers: Vec<serde_json::Value> = serde_json::from_str(&answers).unwrap();
    assert_eq!(answers.len(), texts.len());
    let (mut good, mut bad) = (0, 0);
    for (text, answer) in texts.iter().zip(answers) {
        match ini::parse(text) {
            Ok(ini) => {
                good += 1;
                let ours: serde_json::Map<String, serde_json::Value> = ini
                    .sections()
                    .map(|section| {
                        let entries = section.entries().map(|(k, v)| (k.to_owned(), v.into()));
                        (section.name.clone(), serde_json::Value::Object(entries.collect()))
                    })
                    .collect();
                assert_eq!(serde_json::Value::Object(ours), answer, "{text:?}");
            }
            Err(_) => {
                bad += 1;
                assert!(answer.is_null(), "{text:?}: {answer}");
            }
        }
    }
    let mut counts = String::new();
    let _ = write!(counts, "{good} read, {bad} refused");
    assert!(good > 100 && bad > 100, "{counts}");
}
