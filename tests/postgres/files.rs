//! The files that choose a connection: pg_service.conf, and those of Debian's
//! pg_wrapper.

use std::fs;

use holdpoint::actions::{Call, postgres};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::table;
use holdpoint::target::Kind;
use holdpoint::world::fake::FakeWorld;

use crate::places::{Start, agree, asked, home, value};
use crate::server::server;

#[test]
fn services_are_found_where_libpq_finds_them() {
    let server = server();
    let socket = server.dir.to_str().unwrap();
    let entry = |database: &str| {
        format!("[svc]\nhost={socket}\nport={}\nuser=alice\ndbname={database}\n", server.port)
    };
    let system = tempfile::tempdir().unwrap();
    let dir = system.path();
    fs::write(dir.join("pg_service.conf"), entry("other")).unwrap();
    fs::write(
        dir.join("own.conf"),
        format!("[svcs]\nhost=never\n\n  # x\n  {}dbname=app\n", entry("d b")),
    )
    .unwrap();
    let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    let var = |name: &str, value: String| (name.to_owned(), value);
    let service = var("PGSERVICE", "svc".to_owned());
    let mut cases = Vec::new();
    for vars in [
        vec![service.clone(), var("PGSYSCONFDIR", dir.to_str().unwrap().to_owned())],
        vec![service.clone(), var("PGSERVICEFILE", path("own.conf"))],
        vec![
            service.clone(),
            var("PGSERVICEFILE", path("own.conf")),
            var("PGDATABASE", "app".to_owned()),
        ],
    ] {
        cases.push(Start { vars: vars.into_iter().collect(), ..Start::default() });
    }
    let mut own = cases[0].clone();
    own.files.push((".pg_service.conf".to_owned(), entry("bob")));
    cases.push(own);
    let mut words = cases[1].clone();
    words.words = vec!["app".to_owned()];
    cases.push(words);
    for case in &cases {
        let own = home(case);
        let home = own.path();
        let asked = asked(case, home);
        let mut vars = case.vars.clone();
        let mut world = FakeWorld::new().with_var("HOME", home.to_str().unwrap());
        for entry in fs::read_dir(dir).unwrap().chain(fs::read_dir(home).unwrap()) {
            let path = entry.unwrap().path();
            world = world.with_file(path.to_str().unwrap(), &fs::read_to_string(&path).unwrap());
        }
        while let Some((name, value)) = vars.pop_first() {
            world = world.with_var(&name, &value);
        }
        let argv = ["psql"]
            .into_iter()
            .chain(case.words.iter().map(String::as_str))
            .chain(["-c", "select 1"]);
        let invocation = Invocation::new(argv);
        let context = Context { invocation: &invocation, world: &world };
        let reading =
            postgres::read(&Call { tool: table::find("psql").unwrap(), context, full: true });
        let target = &reading.actions[0].target;
        assert_eq!(
            value(target, &[Kind::Database]),
            std::slice::from_ref(&asked.database),
            "{case:?}"
        );
        assert_eq!(value(target, &[Kind::User]), std::slice::from_ref(&asked.user), "{case:?}");
        assert_eq!(value(target, &[Kind::Port]), std::slice::from_ref(&asked.port), "{case:?}");
    }
}

#[test]
fn debians_pg_wrapper_is_followed() {
    assert!(
        fs::read_link("/usr/bin/psql").is_ok_and(|link| link.ends_with("pg_wrapper")),
        "this test needs Debian's postgresql-client-common"
    );
    let server = server();
    let port = server.port.to_string();
    let network = |host: &str| format!("15/{host}:{port}");
    let rc = (".postgresqlrc".to_owned(), format!("# mine\n15 127.0.0.1:{port} other\n"));
    let socket = server.dir.to_str().unwrap().to_owned();
    let wrapped =
        |words: &[String], vars: &[(&str, String)], rc: Option<&(String, String)>| Start {
            words: words.to_vec(),
            vars: vars.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            wrapped: true,
            files: rc.cloned().into_iter().collect(),
            ..Start::default()
        };
    let user = ("PGUSER", "postgres".to_owned());
    let word = |text: &str| text.to_owned();
    let cases = [
        wrapped(
            &[word("--cluster"), network("127.0.0.1"), word("app")],
            std::slice::from_ref(&user),
            None,
        ),
        wrapped(
            &[word("app"), format!("--cluster={}", network("127.0.0.1"))],
            std::slice::from_ref(&user),
            None,
        ),
        wrapped(&[word("app")], &[user.clone(), ("PGCLUSTER", network("localhost"))], None),
        wrapped(
            &[word("app")],
            &[
                user.clone(),
                ("PGCLUSTER", network("localhost")),
                ("PGHOST", socket.clone()),
                ("PGPORT", port.clone()),
            ],
            None,
        ),
        wrapped(
            &[word("-h"), socket.clone(), word("-p"), port.clone()],
            &[user.clone(), ("PGCLUSTER", network("localhost"))],
            None,
        ),
        wrapped(&[], std::slice::from_ref(&user), Some(&rc)),
        wrapped(&[word("app")], std::slice::from_ref(&user), Some(&rc)),
        wrapped(&[], &[user.clone(), ("PGDATABASE", word("app"))], Some(&rc)),
        wrapped(
            &[],
            &[user.clone(), ("PGHOST", socket.clone()), ("PGPORT", port.clone())],
            Some(&rc),
        ),
        wrapped(&[format!("host={socket}")], std::slice::from_ref(&user), Some(&rc)),
        wrapped(
            &[word("--cluster"), network("127.0.0.1"), word("-h"), socket.clone(), word("app")],
            std::slice::from_ref(&user),
            None,
        ),
    ];
    let mut wrong = Vec::new();
    for case in &cases {
        if let Err(error) = agree(case) {
            wrong.push(error);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
