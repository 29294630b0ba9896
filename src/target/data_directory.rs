//! A database's own files on this machine: whether a directory holds a
//! server's data, what its configuration calls it, and whether the server
//! runs; and which single files are a database by themselves. Reads small files
//! of known names and the front of others; decides nothing. PostgreSQL's files
//! checked against 15.18, MariaDB's against 10.11, SQLite's against 3.40, all of
//! Debian 12; MongoDB's, Redis's and DuckDB's are named from memory of their
//! documentation.

use std::path::{Path, PathBuf};

use super::{Evidence, Kind};
use crate::invocation::Context;
use crate::text::glob;
use crate::world::Process;

/// The most bytes of one of its files that are read.
const LIMIT: usize = 256 * 1024;

/// The file or folder by which each server's directory is known.
const MARKS: &[(&str, &str)] = &[
    ("PG_VERSION", "PostgreSQL"),
    ("ibdata1", "MySQL or MariaDB"),
    ("WiredTiger", "MongoDB"),
    ("appendonlydir", "Redis"),
];

/// Where packages of Linux distributions have servers keep their data, and
/// other accounts may mostly not look.
const PLACES: &[(&str, &str)] = &[
    ("/var/lib/cassandra", "Cassandra"),
    ("/var/lib/clickhouse", "ClickHouse"),
    ("/var/lib/elasticsearch", "Elasticsearch"),
    ("/var/lib/etcd", "etcd"),
    ("/var/lib/influxdb", "InfluxDB"),
    ("/var/lib/mongo", "MongoDB"),
    ("/var/lib/mongodb", "MongoDB"),
    ("/var/lib/mysql", "MySQL or MariaDB"),
    ("/var/lib/pgsql", "PostgreSQL"),
    ("/var/lib/postgresql", "PostgreSQL"),
    ("/var/lib/redis", "Redis"),
];

/// The programs that serve such a directory.
const SERVERS: &[(&str, &[&str])] = &[
    ("MongoDB", &["mongod"]),
    ("MySQL or MariaDB", &["mariadbd", "mysqld"]),
    ("PostgreSQL", &["postgres", "postmaster"]),
    ("Redis", &["redis-server", "valkey-server"]),
];

/// Names of what lies in a data directory and is none of its data.
const BESIDE: &[&str] = &[
    "*.cnf",
    "*.conf",
    "*.err",
    "*.lock",
    "*.log",
    "*.log.*",
    "*.opts",
    "*.pem",
    "*.pid",
    "*.sock",
    "current_logfiles",
    "diagnostic.data",
    "log",
    "logs",
    "lost+found",
    "pg_log",
    "pg_stat_tmp",
    "pgsql_tmp*",
];

/// How many folders above a path are looked at for the directory that it lies
/// in.
const MAX_UP: usize = 4;

/// What the files of databases begin with: at which byte, and whose it is.
const MAGIC: &[(usize, &[u8], &str)] =
    &[(0, b"SQLite format 3\0", "SQLite"), (0, b"REDIS0", "Redis"), (8, b"DUCK", "DuckDB")];

/// The endings by which such files are looked at.
const ENDINGS: &[&str] = &["db", "db3", "ddb", "duckdb", "rdb", "s3db", "sqlite", "sqlite3"];

/// Words in a folder's name for which the folders in it are looked at too.
const KNOWN: &[&str] = &["postgres", "pgsql", "pgdata", "mysql", "mariadb", "mongo", "redis"];

/// The most folders in such a folder that are looked at.
const MAX_BELOW: usize = 20;

/// A data directory.
#[derive(Clone, Debug, PartialEq)]
pub struct DataDirectory {
    /// Where it is.
    pub path: PathBuf,
    /// Whose it is: `PostgreSQL`.
    pub server: &'static str,
    /// What is known of it beside its path.
    pub evidence: Vec<Evidence>,
    /// Whether its server runs, as far as that can be seen.
    pub runs: bool,
}

/// Where Debian's tools keep a cluster: what its configuration says, else their
/// own place (postgresql-common 248).
pub fn cluster(context: &Context<'_>, version: &str, name: &str) -> PathBuf {
    let root = context.text_var("PG_CLUSTER_CONF_ROOT");
    let root = root.unwrap_or_else(|| "/etc/postgresql".to_owned());
    let file = Path::new(&root).join(version).join(name).join("postgresql.conf");
    let text = context.read(file, LIMIT).unwrap_or_default();
    setting(&String::from_utf8_lossy(&text), "data_directory")
        .map_or_else(|| Path::new("/var/lib/postgresql").join(version).join(name), PathBuf::from)
}

/// What is at `path`, if a server keeps its data there.
pub fn look(context: &Context<'_>, path: &Path) -> Option<DataDirectory> {
    let path = context.resolve(path);
    let there = |name: &str| context.world.exists(&path.join(name));
    let (_, server) = MARKS.iter().find(|(mark, _)| there(mark))?;
    let mut found = DataDirectory { path, server, evidence: Vec::new(), runs: false };
    match *server {
        "PostgreSQL" => postgres(context, &mut found),
        server => found.runs = serves(context, server, &found.path),
    }
    Some(found)
}

/// The first data directory at `path` or, where its name says that it is a
/// database's, up to two folders below it.
pub fn look_below(context: &Context<'_>, path: &Path) -> Option<DataDirectory> {
    let own = || look(context, path);
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    if !KNOWN.iter().any(|known| name.contains(known)) {
        return own();
    }
    own().or_else(|| {
        let below = |folder: &Path| -> Vec<PathBuf> {
            let names = context.world.list(folder);
            names.into_iter().take(MAX_BELOW).map(|name| folder.join(name)).collect()
        };
        let first = below(&context.resolve(path));
        let second: Vec<PathBuf> = first.iter().flat_map(|folder| below(folder)).collect();
        first.iter().chain(&second).find_map(|folder| look(context, folder))
    })
}

/// The data directory that a path lies in, where what is there is of its data:
/// `pgdata/base`, and not `pgdata/log`. A path may end in a pattern.
pub fn around(context: &Context<'_>, path: &Path) -> Option<DataDirectory> {
    let whole = context.resolve(path);
    let ancestors = whole.ancestors().skip(1).take(MAX_UP);
    let mut found = ancestors.filter_map(|folder| {
        let inside = whole.strip_prefix(folder).ok()?;
        look(context, folder).filter(|_| !inside.iter().any(is_beside))
    });
    found.next()
}

/// The place of a package's server that a path is, or lies in, where nobody
/// but the server's account may look.
pub fn by_name(context: &Context<'_>, path: &Path) -> Option<DataDirectory> {
    let path = context.resolve(path);
    let (place, server) = PLACES.iter().find(|(place, _)| path.starts_with(place))?;
    let inside = path.strip_prefix(place).ok()?;
    let there = context.world.exists(&path) && !inside.iter().any(is_beside);
    let found = DataDirectory { path: path.clone(), server, evidence: Vec::new(), runs: false };
    there.then(|| DataDirectory { runs: serves(context, server, &path), ..found })
}

fn is_beside(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    is_beside_data(&name)
}

/// Whether a name is of what lies beside the data: a log, a setting.
pub fn is_beside_data(name: &str) -> bool {
    BESIDE.iter().any(|pattern| glob(pattern, name))
}

/// Whether a process serves what lies at `path`: one whose words name it, or
/// one that names no other place where packages put its data.
fn serves(context: &Context<'_>, server: &str, path: &Path) -> bool {
    let Some((_, programs)) = SERVERS.iter().find(|(of, _)| *of == server) else { return false };
    // PostgreSQL's is always told its directory but in a container.
    let usual = server != "PostgreSQL"
        && PLACES.iter().any(|(place, of)| *of == server && path.starts_with(place));
    let keys = ["-D", "--datadir", "--dbpath", "--dir", "data_directory"];
    let moved = |word: &String| {
        ["-D", "--datadir", "--dbpath", "--dir", "--config", "--defaults", "-f"]
            .iter()
            .any(|option| word.starts_with(option))
    };
    let named = |word: &String| {
        let value = match word.split_once('=') {
            Some((key, value)) if keys.contains(&key) => value,
            Some(_) => return false,
            None => word.as_str(),
        };
        let value = Path::new(value);
        value.components().count() > 2 && (value.starts_with(path) || path.starts_with(value))
    };
    context.world.processes().iter().any(|process| {
        let program = process.cmdline.first().map_or("", String::as_str);
        let program = program.split(':').next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        let mut words = process.cmdline.iter().skip(1);
        let is_one = programs.iter().any(|name| *name == program || process.comm == *name);
        is_one && (words.clone().any(named) || (usual && !words.any(moved)))
    })
}

/// Whose database a file is, if it is one by itself.
pub fn file(context: &Context<'_>, path: &Path) -> Option<&'static str> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    if ending == "aof" {
        return context.world.exists(&context.resolve(path)).then_some("Redis");
    }
    if !ENDINGS.contains(&ending.as_str()) {
        return None;
    }
    // As it is now: what the command itself writes into it comes later.
    let front = context.world.read_start(&context.resolve(path), 16).ok()?;
    let is_so = |(at, magic, _): &&(usize, &[u8], &str)| {
        front.get(*at..).is_some_and(|front| front.starts_with(magic))
    };
    MAGIC.iter().find(is_so).map(|(_, _, server)| *server)
}

/// What PostgreSQL's files say: `cluster_name` of its configuration, where
/// postmaster.opts says that lies, and the process and port of postmaster.pid.
/// Files that the configuration includes are not read.
fn postgres(context: &Context<'_>, found: &mut DataDirectory) {
    let text = |path: PathBuf| -> Option<String> {
        let bytes = context.read(path, LIMIT).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let options = text(found.path.join("postmaster.opts")).unwrap_or_default();
    let elsewhere = option(&options, "config_file=").map(PathBuf::from);
    let main = elsewhere.unwrap_or_else(|| found.path.join("postgresql.conf"));
    let files = [found.path.join("postgresql.auto.conf"), main];
    let named = option(&options, "cluster_name=").map(|name| ("postmaster.opts".to_owned(), name));
    let named = named.or_else(|| {
        files.into_iter().find_map(|file| {
            let name = setting(&text(file.clone())?, "cluster_name")?;
            Some((file.display().to_string(), name))
        })
    });
    if let Some((source, name)) = named.filter(|(_, name)| !name.is_empty()) {
        let source = format!("cluster_name of {source}");
        found.evidence.push(Evidence::name(Kind::Cluster, source, name));
    }
    let pid = text(found.path.join("postmaster.pid")).unwrap_or_default();
    let mut lines = pid.lines();
    let Some(pid) = lines.next().and_then(|line| line.trim().parse::<i32>().ok()) else { return };
    let Some(process) = context.world.processes().into_iter().find(|it| it.pid == pid) else {
        return;
    };
    if !is_postgres(&process) {
        return;
    }
    found.runs = true;
    if let Some(port) = lines.nth(2).filter(|port| port.trim().parse::<u16>().is_ok()) {
        found.evidence.push(Evidence::hint(Kind::Port, "postmaster.pid", port.trim().to_owned()));
    }
}

fn is_postgres(process: &Process) -> bool {
    let words = process.cmdline.first().into_iter().chain([&process.comm]);
    words.into_iter().any(|word| word.contains("postgres") || word.contains("postmaster"))
}

/// The value of a server option in postmaster.opts, where each stands in
/// quotes: `"-c" "config_file=/etc/…"`. The last counts.
fn option(text: &str, start: &str) -> Option<String> {
    let mut values = text
        .split('"')
        .filter_map(|word| word.trim_start_matches('-').strip_prefix(start).map(str::to_owned));
    values.next_back()
}

/// A setting of a postgresql.conf; the last counts.
fn setting(text: &str, key: &str) -> Option<String> {
    let mut values = text.lines().filter_map(|line| {
        let rest = line.trim_start();
        let name = rest.get(..key.len()).filter(|name| name.eq_ignore_ascii_case(key))?;
        let rest = rest.get(name.len()..)?;
        if !rest.starts_with([' ', '\t', '=']) {
            return None;
        }
        let value = rest.trim_start().trim_start_matches('=').trim_start();
        Some(match value.strip_prefix('\'') {
            Some(quoted) => quoted.split('\'').next().unwrap_or_default().to_owned(),
            None => value.split(['#', ' ', '\t']).next().unwrap_or_default().to_owned(),
        })
    });
    values.next_back()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::Invocation;
    use crate::world::fake::FakeWorld;

    fn looked(world: &FakeWorld, path: &str) -> Option<DataDirectory> {
        let invocation = Invocation::default();
        look_below(&Context { invocation: &invocation, world }, Path::new(path))
    }

    #[test]
    fn a_directory_is_known_by_what_is_in_it() {
        let world = FakeWorld::new()
            .with_file("/srv/pg/PG_VERSION", "15")
            .with_file("/srv/my/ibdata1", "")
            .with_file("/srv/mongo/db/WiredTiger", "")
            .with_file("/srv/other/x/PG_VERSION", "15")
            .with_file("/var/lib/postgresql/15/main/PG_VERSION", "15");
        let server = |path: &str| looked(&world, path).map(|found| found.server);
        assert_eq!(server("/srv/pg"), Some("PostgreSQL"));
        assert_eq!(server("/srv/my"), Some("MySQL or MariaDB"));
        assert_eq!(server("/srv/mongo"), Some("MongoDB"));
        assert_eq!(server("/srv/other"), None);
        assert_eq!(server("/srv/none"), None);
        assert_eq!(server("/"), None);
        let below = looked(&world, "/var/lib/postgresql").expect("two below");
        assert_eq!(below.path, Path::new("/var/lib/postgresql/15/main"));
    }

    #[test]
    fn its_name_and_its_server_are_told() {
        let pid = "77\n/srv/pg\n1\n5433\n/tmp\n127.0.0.1\n";
        let mut world = FakeWorld::new()
            .with_file("/srv/pg/PG_VERSION", "15")
            .with_file("/srv/pg/postmaster.pid", pid)
            .with_file("/srv/pg/postmaster.opts", "/x/postgres \"-D\" \"/srv/pg\" \"-c\" \"config_file=/etc/p.conf\"\n")
            .with_file("/etc/p.conf", "#cluster_name = 'a'\ncluster_name='b' # c\nCluster_Name 'prod-main'\ncluster_names = 'x'\n");
        let found = looked(&world, "/srv/pg").unwrap();
        assert!(!found.runs);
        assert_eq!(found.evidence.len(), 1);
        assert_eq!(found.evidence[0].value, "prod-main");
        let process = |name: &str| Process { pid: 77, comm: name.to_owned(), ..Process::default() };
        world.processes = vec![process("cat")];
        assert!(!looked(&world, "/srv/pg").unwrap().runs);
        world.processes = vec![process("postgres")];
        let found = looked(&world, "/srv/pg").unwrap();
        assert!(found.runs);
        assert_eq!(found.evidence[1].value, "5433");
        let world = world.with_file("/srv/pg/postgresql.auto.conf", "cluster_name = 'auto'\n");
        assert_eq!(looked(&world, "/srv/pg").unwrap().evidence[0].value, "auto");
        for odd in ["", "x", "77", "99999999999\n", "77\n\n\nx\n"] {
            let _ = looked(&world.clone().with_file("/srv/pg/postmaster.pid", odd), "/srv/pg");
        }
    }
}
