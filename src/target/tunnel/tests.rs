use super::*;
use crate::judgement::Verdict;
use crate::testing::judge;
use crate::world::fake::FakeWorld;

const DROP: &str = "psql -h 127.0.0.1 -p 5433 -d shop -c 'drop table t'";

/// The verdict for an agent, and the class.
fn judged(line: &str, world: &FakeWorld) -> (Verdict, Class) {
    let judgement = judge(line, world);
    (judgement.verdict, judgement.actions[0].class)
}

fn class(words: &[&str]) -> Class {
    let world = FakeWorld::new().with_listener(Endpoint::Port(5433), words);
    judged(DROP, &world).1
}

#[test]
fn whoever_carries_connections_elsewhere_makes_the_place_unknown() {
    for words in [
        &["ssh", "-N", "-L", "5433:localhost:5432", "bastion"][..],
        &["/usr/bin/ssh", "-fNL5433:10.0.0.4:5432", "ana@bastion"],
        &["ssh: /home/ana/.ssh/cm-x [mux]"],
        &["sshd: ana@notty"],
        &["kubectl", "port-forward", "svc/db", "5433:5432"],
        &["socat", "TCP-LISTEN:5433,fork", "TCP:10.0.0.4:5432"],
        &["socat", "TCP-LISTEN:5433,fork", "TCP:127.0.0.1:5432"],
        &["cloud-sql-proxy", "acme:europe-west1:db", "--port", "5433"],
        &["flyctl", "proxy", "5433:5432", "-a", "shop"],
        &["python3", "-S", "/opt/sdk/lib/gcloud.py", "compute", "start-iap-tunnel", "db", "5432"],
        &["session-manager-plugin", "{}", "eu-west-1", "StartSession", "", "{\"Target\":\"i-1\"}"],
        &["pgbouncer", "/etc/pgbouncer/none.ini"],
    ] {
        assert_eq!(class(words), Class::Unknown, "{words:?}");
    }
}

#[test]
fn names_in_its_command_line_say_where_it_leads() {
    for (words, expected) in [
        (&["ssh", "-L", "5433:db.internal:5432", "prod-bastion"][..], Class::Production),
        (&["ssh", "-L", "5433:db.prod.acme.com:5432", "-J", "x", "bastion"], Class::Production),
        (&["ssh", "-L", "5433:localhost:5432", "staging.acme.com"], Class::Staging),
        (&["kubectl", "--context", "prod", "port-forward", "svc/db", "5433"], Class::Production),
        (&["kubectl", "--context=staging", "port-forward", "db-0", "5433"], Class::Staging),
        (&["cloud_sql_proxy", "-instances=acme:eu:prod-db=tcp:5433"], Class::Production),
        (&["socat", "TCP-LISTEN:5433", "OPENSSL:db.prod.acme.com:5432"], Class::Production),
        (&["fly", "proxy", "5433", "-a", "shop-prod"], Class::Production),
        (&["fly", "proxy", "5433", "-a", "shop-dev"], Class::Unknown),
        (
            &[
                "session-manager-plugin",
                "{\"TokenValue\":\"x\"}",
                "eu-west-1",
                "StartSession",
                "acme-prod",
                "{\"Target\":\"i-1\",\"Parameters\":{\"host\":[\"db.internal\"]}}",
            ],
            Class::Production,
        ),
    ] {
        assert_eq!(class(words), expected, "{words:?}");
    }
}

#[test]
fn what_is_this_machines_own_stays_local() {
    for words in [
        &["postgres", "-D", "/var/lib/postgresql"][..],
        &[
            "/usr/bin/docker-proxy",
            "-proto",
            "tcp",
            "-host-port",
            "5433",
            "-container-port",
            "5432",
        ],
        &["rootlessport"],
        &["kubectl", "--context", "kind-x", "port-forward", "svc/db", "5433:5432"],
        &["python3", "-m", "http.server", "5433"],
        &["ssh: /Users/ana/.lima/default/ssh.sock [mux]"],
        &[],
    ] {
        assert_eq!(class(words), Class::Local, "{words:?}");
    }
    assert_eq!(judged(DROP, &FakeWorld::new()), (Verdict::Allow, Class::Local));
}

#[test]
fn a_pooler_is_what_its_configuration_says() {
    let pooled = |config: &str| {
        let world = FakeWorld::new()
            .with_file("/etc/pgbouncer.ini", config)
            .with_listener(Endpoint::Port(5433), &["pgbouncer", "-d", "/etc/pgbouncer.ini"]);
        judged(DROP, &world).1
    };
    assert_eq!(pooled("[databases]\nshop = host=127.0.0.1 port=5432\n"), Class::Local);
    assert_eq!(pooled("[databases]\nshop = dbname=x\n"), Class::Local);
    assert_eq!(pooled("[databases]\nshop = host=db.prod.acme.com\n"), Class::Production);
    assert_eq!(pooled("[databases]\nshop = port=1 host=10.0.0.4\n"), Class::Unknown);
}

#[test]
fn the_database_and_the_far_end_count_together() {
    let to = |words: &[&str]| FakeWorld::new().with_listener(Endpoint::Port(5433), words);
    let line = |name: &str| DROP.replace("shop", name);
    let staging = to(&["ssh", "-L", "5433:localhost:5432", "staging.acme.com"]);
    assert_eq!(judged(&line("shop_prod"), &staging).1, Class::Production);
    assert_eq!(judged(&line("shop_dev"), &staging).1, Class::Staging);
    let somewhere = to(&["ssh", "-L", "5433:localhost:5432", "bastion"]);
    assert_eq!(judged(&line("shop_dev"), &somewhere), (Verdict::Refuse, Class::Unknown));
}

#[test]
fn sockets_and_urls_are_looked_up_too() {
    let socket = Endpoint::Socket("/tmp/x/.s.PGSQL.5432".into());
    let world = FakeWorld::new()
        .with_listener(socket, &["socat", "UNIX-LISTEN:/tmp/x/.s.PGSQL.5432", "TCP:10.0.0.4:5432"])
        .with_listener(Endpoint::Port(6379), &["ssh", "-L", "6379:redis:6379", "bastion"]);
    assert_eq!(judged("psql -h /tmp/x -c 'drop table t'", &world).1, Class::Unknown);
    assert_eq!(judged("psql -h /tmp/y -c 'drop table t'", &world).1, Class::Local);
    assert_eq!(judged("redis-cli flushall", &world).1, Class::Unknown);
    assert_eq!(judged("redis-cli -p 6380 flushall", &world).1, Class::Local);
}

#[test]
fn another_accounts_tunnel_is_known_by_its_words() {
    let listener = Listener { address: None, uid: 0, processes: Vec::new() };
    let mut world = FakeWorld::new();
    world.listeners.push((Endpoint::Port(5433), listener));
    assert_eq!(judged(DROP, &world).1, Class::Local);
    let process = |uid, words: &[&str]| Process {
        pid: 7,
        uid,
        cmdline: words.iter().map(|word| (*word).to_owned()).collect(),
        ..Process::default()
    };
    world.processes = vec![
        process(0, &["ssh", "-N", "-L", "9999:localhost:5432", "bastion"]),
        process(1, &["ssh", "-N", "-L", "5433:localhost:5432", "bastion"]),
    ];
    assert_eq!(judged(DROP, &world).1, Class::Local);
    world.processes.push(process(0, &["ssh", "-N", "-L", "5433:localhost:5432", "bastion"]));
    assert_eq!(judged(DROP, &world).1, Class::Unknown);
}

#[test]
fn a_harmless_command_asks_nobody() {
    let world = FakeWorld::new();
    for line in
        ["psql -h 127.0.0.1 -c 'select 1'", "psql -h 127.0.0.1 -c 'insert into t values (1)'"]
    {
        let _ = judge(line, &world);
    }
    assert_eq!(world.listener_reads.get(), 0);
    let _ = judged(DROP, &world);
    assert!(world.listener_reads.get() > 0);
}

#[test]
fn no_secret_of_a_command_line_is_shown() {
    let words =
        ["ssh", "-L", "5433:db:5432", "-o", "Password=hunter2", "bastion", "--token=hunter3"];
    let world = FakeWorld::new().with_listener(Endpoint::Port(5433), &words);
    let judgement = judge(DROP, &world);
    let shown = format!("{:?}", judgement.actions);
    assert!(shown.contains("bastion") && !shown.contains("hunter"), "{shown}");
}

#[test]
fn a_place_whose_listener_cannot_be_told_is_unknown() {
    let mut world = FakeWorld::new();
    world.listeners_hidden = Some("lsof shows nobody who listens there".to_owned());
    assert_eq!(judged(DROP, &world), (Verdict::Refuse, Class::Unknown));
    let judgement = judge(DROP, &world);
    let said = judgement.reasons.join(" ");
    let why = "who listens on port 5433 cannot be told: lsof shows nobody who listens there";
    assert!(said.contains(why), "{said}");
    for harmless in ["select 1", "insert into t values (1)"] {
        let line = DROP.replace("drop table t", harmless);
        assert_eq!(judge(&line, &world).verdict, Verdict::Allow);
    }
    // A production name still says more.
    let line = DROP.replace("shop", "shop_prod");
    assert_eq!(judged(&line, &world), (Verdict::Refuse, Class::Production));
}

#[test]
fn any_command_line_is_read() {
    let pieces = [
        "-",
        "-L",
        "ssh",
        ":",
        "[",
        "]:",
        "{",
        "é",
        "-o",
        "=",
        "kubectl",
        "port-forward",
        "--context",
        "socat",
        "/",
    ];
    for first in pieces {
        for second in pieces {
            for program in
                ["ssh", "socat", "kubectl", "cloud-sql-proxy", "session-manager-plugin", "haproxy"]
            {
                let _ = class(&[program, first, second]);
            }
        }
    }
}

#[test]
fn a_tunnel_that_the_same_line_opens_counts() {
    let world = FakeWorld::new();
    for (opens, expected) in [
        ("ssh -fNL 5433:10.0.0.4:5432 prod-bastion", Class::Production),
        ("ssh -f -N -L 5433:10.0.0.4:5432 bastion", Class::Unknown),
        ("kubectl --context prod port-forward svc/db 5433:5432 & sleep 2", Class::Production),
        ("cloud_sql_proxy -instances=acme:eu:db=tcp:5433 & true", Class::Unknown),
        ("sudo socat TCP-LISTEN:5433,fork TCP:db.prod.acme.com:5432 & true", Class::Production),
        // Another port, no tunnel, and a cluster of this machine's by its name.
        ("ssh -fNL 6000:10.0.0.4:5432 prod-bastion", Class::Local),
        ("ssh prod-bastion uptime", Class::Local),
        ("kubectl --context kind-dev port-forward svc/db 5433:5432 & true", Class::Development),
    ] {
        let judgement = judge(&format!("{opens}; {DROP}"), &world);
        let class = judgement.actions.iter().map(|it| it.class).max();
        assert_eq!(class, Some(expected), "{opens}: {judgement:?}");
    }
}
