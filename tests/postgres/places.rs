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
pub struct Start {
    pub words: Vec<String>,
    pub vars: BTreeMap<String, String>,
    pub service: Vec<(String, String)>,
    pub wrapped: bool,
    pub files: Vec<(String, String)>,
}

/// A place as both sides can name it.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub database: String,
    pub user: String,
    pub hosts: Vec<String>,
    pub port: String,
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

pub fn home(start: &Start) -> TempDir {
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
pub fn asked(start: &Start, home: &Path) -> Place {
    let program = if start.wrapped { "/usr/bin/psql".to_owned() } else { format!("{BIN}/psql") };
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home)
        .env("PGCONNECT_TIMEOUT", "30");
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

pub fn value(target: &Target, kinds: &[Kind]) -> Vec<String> {
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
pub fn agree(start: &Start) -> Result<(), String> {
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

pub fn is_same(ours: &str, theirs: &str) -> bool {
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
