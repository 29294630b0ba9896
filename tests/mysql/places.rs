//! Where mysql connects: option files, variables and words in many mixtures,
//! each asked of my_print_defaults or of the client itself.

use std::fs;
use std::path::Path;
use std::process::Command;

use holdpoint::actions::{Call, mysql};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::table;
use holdpoint::target::mysql::options;
use holdpoint::target::{Kind, Target};
use holdpoint::world::real::RealWorld;

use crate::mariadb_server::MariadbServer;

/// The groups that the client reads.
const GROUPS: &[&str] = &["mysql", "mariadb-client", "client", "client-server", "client-mariadb"];

fn invocation(home: &Path, words: &[String], suffix: Option<&str>) -> Invocation {
    let mut invocation = Invocation::new(words.iter().map(String::as_str));
    invocation.env = [("HOME".into(), Some(home.into()))].into();
    invocation.env_cleared = true;
    if let Some(suffix) = suffix {
        invocation.env.push(("MYSQL_GROUP_SUFFIX".into(), Some(suffix.into())));
    }
    invocation
}

#[test]
fn option_files_say_what_my_print_defaults_says() {
    let world = RealWorld::new();
    let files = [
        "[client]\nhost=a\nport = 1\n[mysql]\ndatabase=b\n[other]\nhost=c\n",
        "[mysql]\nhost = \"q d\" # comment\nsocket='/x y'\n; note\n#[client]\nuser=z\n",
        "[client]\npassword=a\\sb\\tc\\\\d\nhost=x#y\nloose-foo\nskip-auto-rehash\n",
        "  [client]  \n  host  =  spaced  \n[clientprod]\nhost=prod\n[mysqlprod]\ndatabase=p\n",
        "[client]\nhost=one\nhost=two\n[client]\nhost=three\n",
        "[client]\nuser=\n[client-mariadb]\nhost=m\n[mariadb-client]\nhost=n\n",
        "[client]\nhost=\"a'b\"\nuser='c\"d'\ndatabase=\"x\\\"y\"\n",
        "[client]\r\nhost=crlf\r\n",
        "[client]\n!include INC\nhost=after\n",
        "!includedir DIR\n[client]\nhost=last\n",
    ];
    let mut compared = 0;
    for text in files {
        let home = tempfile::tempdir().expect("a folder");
        let inc = home.path().join("inc.cnf");
        let dir = home.path().join("conf.d");
        fs::create_dir(&dir).expect("a folder");
        fs::write(&inc, "[client]\nhost=included\n[mysql]\nuser=i\n").expect("written");
        fs::write(dir.join("b.cnf"), "[client]\nport=2\n").expect("written");
        fs::write(dir.join("a.cnf"), "[client]\nport=1\n").expect("written");
        fs::write(dir.join("c.txt"), "[client]\nport=3\n").expect("written");
        let text = text
            .replace("INC", inc.to_str().expect("text"))
            .replace("DIR", dir.to_str().expect("text"));
        let file = home.path().join("x.cnf");
        fs::write(&file, &text).expect("written");
        fs::write(home.path().join(".my.cnf"), "[client]\nuser=own\n").expect("written");
        for suffix in [None, Some("prod")] {
            for option in ["--defaults-file", "--defaults-extra-file"] {
                let word = format!("{option}={}", file.display());
                let words = ["mysql".to_owned(), word.clone()];
                let ours = invocation(home.path(), &words, suffix);
                let found = options::read(&Context { invocation: &ours, world: &world }, GROUPS);
                assert_eq!(found.gap, None, "{text}");
                let ours: Vec<String> = found
                    .options
                    .iter()
                    .map(|option| option.word.to_string_lossy().into_owned())
                    .collect();
                let mut oracle = Command::new("/usr/bin/my_print_defaults");
                oracle.env_clear().env("HOME", home.path()).arg(&word);
                if let Some(suffix) = suffix {
                    oracle.env("MYSQL_GROUP_SUFFIX", suffix);
                }
                let said = oracle.arg("--show").args(GROUPS).output();
                let said = said.expect("my_print_defaults starts");
                let mut said_text = String::from_utf8_lossy(&said.stdout).into_owned();
                if said_text.is_empty() {
                    // Older ones know no --show and hide no password.
                    let mut plain = Command::new("/usr/bin/my_print_defaults");
                    plain.env_clear().env("HOME", home.path()).arg(&word).args(GROUPS);
                    if let Some(suffix) = suffix {
                        plain.env("MYSQL_GROUP_SUFFIX", suffix);
                    }
                    let said = plain.output().expect("it starts");
                    said_text = String::from_utf8_lossy(&said.stdout).into_owned();
                }
                let theirs: Vec<&str> = said_text.lines().collect();
                assert_eq!(ours, theirs, "{option} {suffix:?}\n{text}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 40);
}

fn target(home: &Path, words: &[String]) -> Target {
    let world = RealWorld::new();
    let invocation = invocation(home, words, None);
    let tool = table::find("mysql").expect("mysql has rules");
    let call =
        Call { tool, context: Context { invocation: &invocation, world: &world }, full: true };
    mysql::read(&call).actions.first().expect("an action").target.clone()
}

#[test]
fn the_client_connects_where_we_say() {
    let server = MariadbServer::start();
    server.sql("create database one; create database two");
    let socket = server.socket().display().to_string();
    let port = server.port().to_string();
    let home = tempfile::tempdir().expect("a folder");
    fs::write(
        home.path().join(".my.cnf"),
        format!("[client]\nuser=root\nsocket={socket}\nport={port}\n[mysql]\ndatabase=two\n"),
    )
    .expect("written");
    for words in [
        &["one"][..],
        &[],
        &["-D", "one"],
        &["-D", "one", "two"],
        &["-h", "127.0.0.1", "one"],
        &["-h127.0.0.1", "-Done"],
        &["-h", "localhost", "one"],
        &["-h", "localhost", "--protocol=tcp", "one"],
        &["--host=127.0.0.1", "--data=one"],
        &["-h", "nosuch.invalid", "-h", "127.0.0.1"],
        &["-A", "one", "-N"],
    ] {
        let sql = "select database()";
        let all: Vec<String> =
            ["mysql"].iter().chain(words).chain(&["-e", sql]).map(|it| (*it).to_owned()).collect();
        let output = Command::new("/usr/bin/mysql")
            .env_clear()
            .env("HOME", home.path())
            .args(all.get(1..).expect("words"))
            .args(["-N", "-B"])
            .output()
            .expect("mysql starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        let database = said.trim();
        let log = server.log();
        let entry = log.lines().rfind(|line| line.contains("Connect\t")).expect("a connection");
        let target = target(home.path(), &all);
        let value = |kind: Kind| {
            target.evidence.iter().find(|it| it.kind == kind).map(|it| it.value.clone())
        };
        assert_eq!(value(Kind::Database).as_deref(), Some(database), "{words:?}");
        let by_socket = value(Kind::Socket).is_some();
        assert_eq!(by_socket, entry.ends_with("using Socket"), "{words:?}: {entry} {target:?}");
        if by_socket {
            assert_eq!(value(Kind::Socket), Some(socket.clone()), "{words:?}");
        }
    }
}
