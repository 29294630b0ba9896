//! Where psql is after a `\connect`, by its own `\conninfo`.

use std::fs;
use std::process::Command;

use holdpoint::actions::{Call, postgres};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::table;
use holdpoint::target::Kind;
use holdpoint::world::fake::FakeWorld;

use crate::places::{is_same, value};
use crate::server::{BIN, server};

#[test]
fn psql_reconnects_where_we_say() {
    let server = server();
    let socket = server.dir.to_str().unwrap().to_owned();
    let port = server.port.to_string();
    let fill = |text: &str| text.replace("{S}", &socket).replace("{P}", &port);
    let connects = [
        "\\c other",
        "\\c - alice",
        "\\c other alice",
        "\\c - - 127.0.0.1",
        "\\c - - localhost {P}",
        "\\c \"d b\"",
        "\\c",
        "\\c - - -",
        "\\connect other - - -",
        "\\c -reuse-previous=on \"dbname=other\"",
        "\\c -reuse-previous=off other",
        "\\c \"host={S} port={P} dbname=other user=bob\"",
        "\\c \"dbname=other user=bob\"",
        "\\c postgresql://alice@localhost:{P}/other",
        "\\c -reuse-previous=on postgresql://bob@/app",
        "\\c -reuse-previous=on \"host=localhost\"",
        "\\c 'other' 'bob'",
        "\\c other \\c - alice",
        "\\set d other\n\\c :d",
        "\\set d 'd b'\n\\c :\"d\"",
        "\\c other\n\\c - bob\n\\c app",
        "\\setenv PGDATABASE other\n\\c -reuse-previous=off -",
        "\\setenv PGHOST 127.0.0.1\n\\c other",
        "\\c service=svc",
        "\\setenv PGSERVICE svc\n\\c -reuse-previous=off -",
    ];
    let starts = [
        vec!["-h", &socket, "-p", &port, "-U", "postgres", "app"],
        vec!["host=localhost hostaddr=127.0.0.1 dbname=app user=alice"],
        vec!["postgresql://alice@127.0.0.1/app"],
    ];
    let own = tempfile::tempdir().unwrap();
    let home = own.path();
    let services = format!("[svc]\nhost={socket}\nuser=bob\ndbname=other\n");
    fs::write(home.join(".pg_service.conf"), &services).unwrap();
    let vars = [
        ("PGPORT", port.as_str()),
        ("PGUSER", "postgres"),
        ("PGHOST", &socket),
        ("HOME", home.to_str().unwrap()),
    ];
    for start in &starts {
        for connect in connects {
            let text = fill(&format!("{connect}\n\\conninfo\n"));
            let mut command = Command::new(format!("{BIN}/psql"));
            command.env_clear().envs(vars).args(["-X", "-q"]).args(start);
            let output = server.feed(command, text.as_bytes());
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let errors = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().last().unwrap_or_else(|| panic!("{start:?} {text}: {errors}"));
            let part = |mark: &str| {
                let at = said.find(mark).map(|at| at + mark.len());
                at.map(|at| said[at..].split('"').next().unwrap().to_owned())
            };
            let mut world =
                FakeWorld::new().with_stdin(&fill(&format!("{connect}\ndrop table t;")));
            for (name, value) in vars {
                world = world.with_var(name, value);
            }
            world = world.with_file(home.join(".pg_service.conf").to_str().unwrap(), &services);
            let argv = ["psql", "-X", "-q"].into_iter().chain(start.iter().copied());
            let invocation = Invocation::new(argv);
            let context = Context { invocation: &invocation, world: &world };
            let reading =
                postgres::read(&Call { tool: table::find("psql").unwrap(), context, full: true });
            let dropped = reading.actions.iter().find(|action| action.operation == "DROP TABLE");
            let target = &dropped.unwrap_or_else(|| panic!("{text}: {reading:?}")).target;
            let why = format!("{start:?} {text} {said} {target:?}");
            assert_eq!(value(target, &[Kind::Database]), [part("database \"").unwrap()], "{why}");
            assert_eq!(value(target, &[Kind::User]), [part("user \"").unwrap()], "{why}");
            let host = part("in \"")
                .or_else(|| part("on host \""))
                .or_else(|| part("on address \""))
                .unwrap();
            let hosts = value(target, &[Kind::Host, Kind::Socket]);
            assert!(hosts.iter().any(|have| is_same(have, &host)), "{why}");
        }
    }
}
