//! Secrets in a command, and everywhere else in a record, never reach the
//! disk.

use std::fs;

use holdpoint::audit::{Outcome, Record, redact};
use holdpoint::target::{Evidence, Kind};

use crate::{Account, invocation, judgement};

/// What is secret in every command below.
const SECRET: &str = "Hunter2Zx9";

/// Tokens with well-known shapes, put together at run time so that no scanner
/// takes this file for a leak.
fn tokens() -> Vec<String> {
    let fill = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0";
    let prefixes = ["ghp_", "github_pat_", "glpat-", "sk-", "sk_live_", "xoxb-", "npm_", "hf_"];
    let mut tokens: Vec<String> = prefixes.iter().map(|prefix| format!("{prefix}{fill}")).collect();
    tokens.push(format!("AKIA{}", &fill.to_uppercase()[..16]));
    tokens.push(format!("eyJ{fill}.{fill}.{fill}"));
    tokens.push(format!("-----BEGIN PRIVATE KEY-----\n{fill}\n-----END PRIVATE KEY-----"));
    tokens
}

/// Everything that the trail's folder holds.
fn disk(account: &Account) -> String {
    let files = fs::read_dir(account.folder()).unwrap();
    let read = |entry: std::io::Result<fs::DirEntry>| fs::read(entry.unwrap().path()).unwrap();
    files.map(|entry| String::from_utf8_lossy(&read(entry)).into_owned()).collect()
}

#[test]
fn secrets_in_commands_never_reach_the_disk() {
    let lines = [
        "psql postgres://app:§@db.prod/shop",
        "psql host=db password=§",
        "env PGPASSWORD=§ psql",
        "env MYSQL_PWD=§ mysql",
        "mysql -u root -p§",
        "sudo mysqldump --password=§ shop",
        "mongosh -p §",
        "redis-cli -a § flushall",
        "curl -u me:§ https://x",
        "curl --oauth2-bearer § https://x",
        "sshpass -p § ssh db",
        "docker login -p §",
        "tool --token §",
        "tool --api-key=§",
        "aws --secret-access-key §",
        "railway --project-access-token §",
    ];
    let account = Account::new();
    for line in lines {
        let line = line.replace('§', SECRET);
        let words: Vec<&str> = line.split(' ').collect();
        let nested = ["bash", "-c", line.as_str()];
        for words in [&words[..], &nested[..]] {
            let record =
                Record::new(&invocation(words), &judgement(), Outcome::Refused, &account.world);
            account.log().append(&record).unwrap();
            assert!(!disk(&account).contains(SECRET), "{words:?}");
        }
    }
    for words in [
        &["curl", "-H", "Authorization: Bearer Hunter2Zx9", "https://x"][..],
        &["curl", "-HProject-Access-Token: Hunter2Zx9"],
        &["curl", "-b", "session=Hunter2Zx9"],
        &["curl", "-d", "{\"password\": \"Hunter2Zx9\"}"],
        &["curl", "https://x/?access_token=Hunter2Zx9&a=b"],
        &["psql", "-c", "ALTER ROLE app PASSWORD 'Hunter2Zx9'"],
        &["mysql", "-e", "CREATE USER a IDENTIFIED BY 'Hunter2Zx9'"],
        &["x", "--password", "a b Hunter2Zx9 & c"],
    ] {
        let record =
            Record::new(&invocation(words), &judgement(), Outcome::Refused, &account.world);
        account.log().append(&record).unwrap();
        assert!(!disk(&account).contains(SECRET), "{words:?}");
    }
    account.assert_intact();
}

#[test]
fn tokens_never_reach_the_disk_wherever_they_stand() {
    let account = Account::new();
    for token in tokens() {
        let words = ["echo", token.as_str(), "-n"];
        let mut judgement = judgement();
        let action = &mut judgement.actions[0].action;
        action.summary = format!("Sends {token}.");
        action.object = Some(token.clone());
        action.operation = token.clone().into();
        action.target.name = Some(token.clone());
        action.target.gap = Some(token.clone());
        action.target.evidence.push(Evidence::name(Kind::Url, token.clone(), token.clone()));
        judgement.actions[0].class_reasons.push(token.clone());
        judgement.reasons.push(token.clone());
        let record = Record::new(
            &invocation(&words),
            &judgement,
            Outcome::Declined(token.clone()),
            &account.world,
        );
        account.log().append(&record.with_input(&token, b"x")).unwrap();
        let disk = disk(&account);
        let secret = token.lines().nth(1).unwrap_or(&token);
        assert!(!disk.contains(secret), "{token}");
        assert!(!redact::text(&token).contains(secret), "{token}");
    }
    assert!(account.lines()[0].contains("‹redacted:token:"));
}

#[test]
fn equal_secrets_of_one_account_have_equal_prints() {
    let print = |account: &Account, secret: &str| {
        let words = ["x", "--token", secret];
        let record =
            Record::new(&invocation(&words), &judgement(), Outcome::Allowed, &account.world);
        account.log().append(&record).unwrap();
        let line = account.lines().pop().unwrap();
        line.split("‹redacted:").nth(1).unwrap().split('›').next().unwrap().to_owned()
    };
    let account = Account::new();
    assert_eq!(print(&account, "one"), print(&account, "one"));
    assert_ne!(print(&account, "one"), print(&account, "two"));
    let before = print(&account, "one");
    fs::write(account.folder().join("audit.key"), "short").unwrap();
    account.fill(1);
    assert_eq!(fs::read(account.folder().join("audit.key")).unwrap().len(), 32);
    assert_eq!(before.len(), "option:00000000".len());
}

#[test]
fn nothing_in_a_line_acts_on_a_terminal() {
    let account = Account::new();
    let odd = "a\u{1b}[2Jb\u{202e}c\u{9b}d\u{7}e\u{e0041}";
    let words = ["psql", odd];
    let record = Record::new(&invocation(&words), &judgement(), Outcome::Allowed, &account.world);
    account.log().append(&record).unwrap();
    let line = &account.lines()[0];
    assert!(!line.chars().any(|c| c.is_control() || "\u{202e}\u{e0041}".contains(c)), "{line}");
}
