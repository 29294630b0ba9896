//! Where psql connects: several hundred combinations of words, connection
//! strings, services and variables, each asked of psql itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use holdpoint::actions::{Call, postgres};
use holdpoint::invocation::{Context, Invocation};
use holdpoint::rules::table;
use holdpoint::target::{Kind, Target};
use holdpoint::world::fake::FakeWorld;
use tempfile::TempDir;

use crate::server::{BIN, server};

/// One way to start psql.
#[derive(Clone, Debug, Default)]
struct Start {
    words: Vec<String>,
    vars: BTreeMap<String, String>,
    service: Vec<(String, String)>,
    wrapped: bool,
    files: Vec<(String, String)>,
}

/// A place as both sides can name it.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    database: String,
    user: String,
    hosts: Vec<String>,
    port: String,
}

/// A small generator of choices, the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.roll(list.len())]
    }
}

fn home(start: &Start) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path();
    if !start.service.is_empty() {
        let lines: Vec<String> =
            start.service.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        let text = format!("# services\n[elsewhere]\nhost=never\n[svc]\n{}", lines.concat());
        fs::write(home.join(".pg_service.conf"), text).unwrap();
    }
    for (name, text) in &start.files {
        fs::write(home.join(name), text).unwrap();
    }
    dir
}

/// What psql itself says.
fn asked(start: &Start, home: &Path) -> Place {
    let program = if start.wrapped { "/usr/bin/psql".to_owned() } else { format!("{BIN}/psql") };
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home)
        .env("PGCONNECT_TIMEOUT", "3");
    command.envs(&start.vars).args(["-X", "-w", "-c", "\\conninfo"]).args(&start.words);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let behind = |text: &str, mark: &str| -> Option<String> {
        let from = text.find(mark)? + mark.len();
        text[from..].split('"').next().map(str::to_owned)
    };
    if let Some(database) = behind(&said, "connected to database \"") {
        let host = behind(&said, "via socket in \"").or_else(|| behind(&said, "on host \""));
        let address = behind(&said, "(address \"").or_else(|| behind(&said, "on address \""));
        return Place {
            database,
            user: behind(&said, "as user \"").unwrap(),
            hosts: host.into_iter().chain(address).collect(),
            port: behind(&said, "at port \"").unwrap(),
        };
    }
    // It says in its errors where it tried: the last place counts.
    let last =
        errors.lines().rfind(|line| line.contains("connection to server")).unwrap_or_else(|| {
            panic!("psql said nothing of use: {start:?}\n{said}{errors}");
        });
    let socket = behind(last, "on socket \"");
    let (hosts, port) = match &socket {
        Some(path) => {
            let (dir, file) = path.rsplit_once('/').unwrap();
            (vec![dir.to_owned()], file.strip_prefix(".s.PGSQL.").unwrap().to_owned())
        }
        None => {
            let host = behind(last, "at \"").unwrap();
            let address = last.split_once(" (").and_then(|(_, rest)| rest.split_once(')'));
            let port = last.split("port ").nth(1).unwrap();
            let port: String = port.chars().take_while(char::is_ascii_digit).collect();
            let address = address.map(|(address, _)| address.to_owned());
            ([Some(host), address].into_iter().flatten().collect(), port)
        }
    };
    let database = behind(last, "database \"").unwrap_or_default();
    Place { database, user: behind(last, "role \"").unwrap_or_default(), hosts, port }
}

/// What we say of the same.
fn resolved(start: &Start, home: &Path) -> Target {
    let mut world = FakeWorld::new();
    world.vars.clear();
    world.user = "root".to_owned();
    for (name, value) in &start.vars {
        world = world.with_var(name, value);
    }
    world = world.with_var("HOME", home.to_str().unwrap()).with_var("PATH", "/usr/bin:/bin");
    for entry in fs::read_dir(home).unwrap() {
        let path = entry.unwrap().path();
        world = world.with_file(path.to_str().unwrap(), &fs::read_to_string(&path).unwrap());
    }
    if start.wrapped {
        let link = "/usr/share/postgresql-common/pg_wrapper";
        world = world.with_file(link, "").with_var("PATH", "/nowhere");
        for (name, text) in local_clusters() {
            world = world.with_file(&name, &text);
        }
    }
    let argv = ["psql", "-X", "-w", "-c", "\\conninfo"].map(str::to_owned).into_iter();
    let argv = argv.chain(start.words.clone());
    let invocation = Invocation::new(argv);
    let context = Context { invocation: &invocation, world: &world };
    let call = Call { tool: table::find("psql").unwrap(), context, full: true };
    let reading = postgres::read(&call);
    assert_eq!(reading.actions.len(), 1, "{start:?}: {reading:?}");
    reading.actions[0].target.clone()
}

/// The configurations of this machine's own clusters, which pg_wrapper reads.
fn local_clusters() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in ["/etc/postgresql/15/main/postgresql.conf", "/etc/postgresql-common/user_clusters"]
    {
        if let Ok(text) = fs::read_to_string(file) {
            found.push((file.to_owned(), text));
        }
    }
    found
}

fn value(target: &Target, kinds: &[Kind]) -> Vec<String> {
    let mut values: Vec<String> = target
        .evidence
        .iter()
        .filter(|evidence| kinds.contains(&evidence.kind))
        .map(|evidence| evidence.value.clone())
        .collect();
    values.dedup();
    values
}

/// Compares both on what psql told.
fn agree(start: &Start) -> Result<(), String> {
    let dir = home(start);
    let asked = asked(start, dir.path());
    let target = resolved(start, dir.path());
    let hosts = value(&target, &[Kind::Host, Kind::Socket]);
    let database = value(&target, &[Kind::Database]);
    let user = value(&target, &[Kind::User]);
    let port = value(&target, &[Kind::Port]);
    let port = port.first().map_or("5432", String::as_str);
    // An address that psql looked up for a name is no fact of ours.
    let addressed = hosts.len() > 1 || !asked.hosts.iter().any(|host| hosts.contains(host));
    let same_hosts = match asked.hosts.as_slice() {
        [] => true,
        [host] => hosts.contains(host) || (hosts.len() == 1 && is_same(&hosts[0], host)),
        [host, ..] if !addressed => hosts.contains(host),
        both => both
            .iter()
            .all(|host| hosts.contains(host) || hosts.iter().any(|have| is_same(have, host))),
    };
    let same_port =
        port.split(',').any(|port| port == asked.port || (port.is_empty() && asked.port == "5432"));
    let same_database = asked.database.is_empty() || database == [asked.database.clone()];
    let same_user = asked.user.is_empty() || user == [asked.user.clone()];
    let gapless = target.gap.is_none();
    if same_hosts && same_port && same_database && same_user && gapless {
        return Ok(());
    }
    Err(format!(
        "{start:?}\n  psql: {asked:?}\n  we: {hosts:?} {port} {database:?} {user:?} {:?}\n",
        target.gap
    ))
}

fn is_same(ours: &str, theirs: &str) -> bool {
    ours == theirs || (ours == "localhost" && (theirs == "127.0.0.1" || theirs == "::1"))
}

#[test]
fn psql_connects_where_we_say_for_three_hundred_mixtures() {
    let server = server();
    let socket = server.dir.to_str().unwrap();
    let port = server.port.to_string();
    let hosts = [socket, "localhost", "127.0.0.1"];
    let databases = ["app", "other", "d b", "postgres"];
    let users = ["postgres", "alice", "bob"];
    let mut dice = Dice(15);
    let mut wrong = Vec::new();
    for _ in 0..300 {
        let mut start = Start::default();
        let mut string: Vec<(&str, String)> = Vec::new();
        // Every source may give every parameter.
        for (key, flag, variable) in [
            ("host", "-h", "PGHOST"),
            ("port", "-p", "PGPORT"),
            ("dbname", "-d", "PGDATABASE"),
            ("user", "-U", "PGUSER"),
        ] {
            let draw = |dice: &mut Dice| match key {
                "host" => dice.pick(&hosts).to_owned(),
                // A wrong port now and then, which psql then names.
                "port" => {
                    if dice.roll(6) == 0 {
                        "1".to_owned()
                    } else {
                        port.clone()
                    }
                }
                "dbname" => dice.pick(&databases).to_owned(),
                _ => dice.pick(&users).to_owned(),
            };
            if dice.roll(3) == 0 && key != "dbname" {
                let value = draw(&mut dice);
                start.words.extend([flag.to_owned(), value]);
            }
            if dice.roll(3) == 0 {
                string.push((key, draw(&mut dice)));
            }
            if dice.roll(3) == 0 {
                start.service.push((key.to_owned(), draw(&mut dice)));
            }
            if dice.roll(2) == 0 || key == "port" {
                start.vars.insert(variable.to_owned(), draw(&mut dice));
            }
        }
        if dice.roll(5) == 0 {
            start.vars.insert("PGHOSTADDR".to_owned(), "127.0.0.1".to_owned());
            // Without a host there is no socket to name beside the address.
        }
        if !start.service.is_empty() {
            if dice.roll(2) == 0 {
                start.vars.insert("PGSERVICE".to_owned(), "svc".to_owned());
            } else {
                string.push(("service", "svc".to_owned()));
            }
        }
        let database = match dice.roll(4) {
            0 if !string.is_empty() => Some(keywords(&string)),
            1 if !string.is_empty() => Some(uri(&string)),
            2 => Some(dice.pick(&databases).to_owned()),
            _ => {
                string.clear();
                None
            }
        };
        if let Some(database) = database {
            match dice.roll(3) {
                0 => start.words.extend(["-d".to_owned(), database]),
                1 => start.words.push(format!("--dbname={database}")),
                _ => start.words.insert(0, database),
            }
        }
        if let Err(error) = agree(&start) {
            wrong.push(error);
        }
    }
    assert!(wrong.is_empty(), "{} of 300 differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn keywords(pairs: &[(&str, String)]) -> String {
    let quoted = pairs.iter().map(|(key, value)| format!("{key} = '{value}'"));
    quoted.collect::<Vec<_>>().join(" ")
}

fn uri(pairs: &[(&str, String)]) -> String {
    let find = |key: &str| pairs.iter().find(|(have, _)| *have == key).map(|(_, value)| value);
    let encode = |text: &str| text.replace('/', "%2F").replace(' ', "%20");
    let user = find("user").map_or(String::new(), |user| format!("{}@", encode(user)));
    let host = find("host").map_or(String::new(), |host| encode(host));
    let port = find("port").map_or(String::new(), |port| format!(":{port}"));
    let path = find("dbname").map_or(String::new(), |name| format!("/{}", encode(name)));
    let service = find("service").map_or(String::new(), |name| format!("?service={name}"));
    format!("postgresql://{user}{host}{port}{path}{service}")
}

#[test]
fn psql_connects_where_we_say_in_the_corners() {
    let server = server();
    let socket = server.dir.to_str().unwrap().to_owned();
    let port = server.port.to_string();
    let start = |words: &[&str], vars: &[(&str, &str)]| {
        let fill = |text: &str| {
            text.replace("{S}", &socket)
                .replace("{P}", &port)
                .replace("{E}", &socket.replace('/', "%2F"))
        };
        Start {
            words: words.iter().map(|word| fill(word)).collect(),
            vars: vars.iter().map(|(name, value)| ((*name).to_owned(), fill(value))).collect(),
            ..Start::default()
        }
    };
    let user = ("PGUSER", "postgres");
    let cases = [
        // The second positional is the user, and what -d gave moves it up.
        start(&["-h", "{S}", "-p", "{P}", "app", "alice"], &[]),
        start(&["-d", "app", "alice", "-h{S}", "-p{P}"], &[]),
        start(&["app", "alice", "bob", "-h{S}", "-p{P}"], &[]),
        start(&["-d", "other", "-d", "app", "-h", "nowhere", "-h", "{S}", "-p{P}"], &[user]),
        start(&["-h", "nowhere.invalid", "host={S} port={P} user=postgres dbname=app"], &[]),
        start(&["-U", "bob", "postgresql://alice@{E}:{P}/app"], &[]),
        start(&["-p", "1", "postgresql://alice@%2Ftmp:9/app?host={E}&port={P}"], &[]),
        // A variable's value is never a connection string.
        start(&["-h", "{S}", "-p", "{P}"], &[user, ("PGDATABASE", "app")]),
        // Empty words are not given; empty variables are.
        start(&["-h", "", "-p", "{P}"], &[user, ("PGHOST", "{S}")]),
        start(&["-p", "{P}"], &[user, ("PGHOST", "")]),
        start(&["-p", "1"], &[user, ("PGHOST", "127.0.0.1")]),
        start(&["host='' port={P}"], &[user, ("PGHOST", "{S}")]),
        // The database's name is the user's where nothing names it.
        start(&["-h", "{S}", "-p", "{P}", "-U", "alice"], &[]),
        start(&["postgresql://bob@{E}:{P}"], &[]),
        start(&["postgresql://bob@{E}:{P}"], &[("PGDATABASE", "app")]),
        // An address wins over the host's name.
        start(&["-h", "prod.invalid", "-p", "{P}"], &[user, ("PGHOSTADDR", "127.0.0.1")]),
        start(&["host=prod.invalid hostaddr=127.0.0.1 port={P}"], &[user]),
        start(&["hostaddr=127.0.0.1 port={P} host=''"], &[user]),
        // Lists.
        start(&["host=127.0.0.1,{S} port=1,{P}"], &[user]),
        start(&["-h", "{S},127.0.0.1", "-p", "{P}"], &[user]),
        start(&["postgresql://postgres@127.0.0.1:1,127.0.0.1:{P}/app"], &[]),
        start(&["postgresql://postgres@[::1]:1,localhost:{P}/app"], &[]),
        start(&["-h", "127.0.0.1", "-p", "1"], &[user]),
        // Quotes, percent signs and escapes.
        start(&["dbname='d b' host={S} port={P}"], &[user]),
        start(&["dbname=d\\ b host={S} port={P}"], &[user]),
        start(&["postgres://{E}:{P}/d%20b"], &[user]),
        start(&["postgres:///app?host={E}&port={P}&user=alice"], &[]),
        start(&["postgres://alice:p%40ss@{E}:{P}/app?application_name=x"], &[]),
        // getopt_long.
        start(&["--ho={S}", "--po={P}", "--db=app", "--us", "bob"], &[]),
        start(&["-XAth{S}", "-qp{P}", "-dapp", "-Ubob"], &[]),
        start(&["app", "-h", "{S}", "-p{P}", "--", "bob"], &[]),
    ];
    let mut wrong = Vec::new();
    for case in &cases {
        if let Err(error) = agree(case) {
            wrong.push(error);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

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
        assert_eq!(value(target, &[Kind::Database]), [asked.database.clone()], "{case:?}");
        assert_eq!(value(target, &[Kind::User]), [asked.user.clone()], "{case:?}");
        assert_eq!(value(target, &[Kind::Port]), [asked.port.clone()], "{case:?}");
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
