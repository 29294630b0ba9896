//! `DATABASE_URL` and its like → where they lead: PostgreSQL, MySQL and
//! MariaDB, MongoDB, Redis, SQLite, libSQL, ClickHouse and SQL Server, in
//! the spellings of JDBC, SQLAlchemy, Prisma, Go's and .NET's drivers. Text in,
//! evidence out; a password is never looked at and never kept.

mod ado;
mod provider;

use std::borrow::Cow;

use super::{Class, Evidence, Kind, Target, postgres};
use crate::parse::url::{self, is_loopback, percent_decode};

/// The longest text that is taken for a URL, in bytes.
const MAX_URL: usize = 8 * 1024;

/// The schemes, and the platform that each belongs to.
const SCHEMES: &[(&str, &str)] = &[
    ("asyncmy", "mysql"),
    ("asyncpg", "postgres"),
    ("azuresql", "sqlserver"),
    ("ch", "clickhouse"),
    ("clickhouse", "clickhouse"),
    ("clickhouses", "clickhouse"),
    ("cockroach", "postgres"),
    ("cockroachdb", "postgres"),
    ("crdb-postgres", "postgres"),
    ("duckdb", "sqlite"),
    ("ecto", "postgres"),
    ("file", "sqlite"),
    ("h2", "sqlite"),
    ("libsql", "libsql"),
    ("mariadb", "mysql"),
    ("mongodb", "mongodb"),
    ("mssql", "sqlserver"),
    ("mysql", "mysql"),
    ("mysql2", "mysql"),
    ("mysqlx", "mysql"),
    ("oracle", "oracle"),
    ("pg", "postgres"),
    ("pgsql", "postgres"),
    ("pgx", "postgres"),
    ("pgx4", "postgres"),
    ("pgx5", "postgres"),
    ("postgis", "postgres"),
    ("postgres", "postgres"),
    ("postgresql", "postgres"),
    ("prisma", "prisma"),
    ("psycopg", "postgres"),
    ("redis", "redis"),
    ("rediss", "redis"),
    ("redshift", "postgres"),
    ("sqlite", "sqlite"),
    ("sqlite3", "sqlite"),
    ("sqlserver", "sqlserver"),
    ("trilogy", "mysql"),
    ("valkey", "redis"),
    ("valkeys", "redis"),
];

/// Whether a text is a database's URL, as far as its beginning tells.
pub fn is_recognised(text: &str) -> bool {
    text.len() <= MAX_URL && split(text).is_some()
}

/// Where a URL leads. `source` says where it was found; a text that is no URL
/// of a database gives a target with a gap.
pub fn resolve(text: &str, source: &str) -> Target {
    let text = text.trim();
    let found = (text.len() <= MAX_URL).then(|| split(text)).flatten();
    let Some((platform, scheme, rest)) = found else {
        let ado = || (text.len() <= MAX_URL).then(|| ado::target(text, source)).flatten();
        let plain = || keywords(text, source).or_else(|| go_dsn(text, source));
        let mut target = match text.contains(';') {
            true => ado().or_else(plain),
            false => plain().or_else(ado),
        }
        .unwrap_or_default();
        if target.evidence.is_empty() {
            target.gap = Some(format!("what {source} says is no URL of a database"));
        }
        return target;
    };
    match platform {
        "sqlite" => file(scheme, rest, source),
        "postgres" => from_postgres(rest, source),
        _ => network(platform, rest, source),
    }
}

/// The target of a database that is a file (or in memory) at `path`.
pub fn file_target(path: &str, source: &str) -> Target {
    let mut target = Target::of("sqlite");
    let path = path.split('?').next().unwrap_or_default();
    let shown = if path.is_empty() { ":memory:" } else { path };
    target.name = Some(shown.to_owned());
    let evidence = Evidence::name(Kind::Path, source.to_owned(), shown);
    target.evidence.push(evidence.asserting(Class::Local));
    target
}

/// The target of a database server that separate settings name. A host that
/// is a path is a socket.
pub fn host_target(
    platform: &'static str,
    host: (&str, &str),
    database: Option<(&str, &str)>,
) -> Target {
    let mut target = Target::of(platform);
    let name = database.map(|(name, _)| name);
    add_host(&mut target, host.0, host.1, None);
    finish(&mut target, &[host.0.to_owned()], name, database.map_or("", |(_, source)| source));
    target
}

/// The platform, the scheme without driver, and what follows the colon.
fn split(text: &str) -> Option<(&'static str, &str, &str)> {
    // JDBC's, and Sqitch's database URIs.
    let text = ["jdbc:", "db:"].iter().find_map(|name| text.strip_prefix(name)).unwrap_or(text);
    if text == ":memory:" {
        return Some(("sqlite", "sqlite", ""));
    }
    let (scheme, rest) = text.split_once(':')?;
    let bare = scheme.split('+').next().unwrap_or_default();
    let known = SCHEMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(bare));
    let (name, platform) = *known?;
    let prisma = scheme.eq_ignore_ascii_case("prisma+postgres");
    let plain_file = platform == "sqlite" || platform == "oracle";
    (prisma || plain_file || rest.starts_with("//")).then_some((platform, name, rest))
}

/// `file:./dev.db`, `sqlite:///abs.db`, `h2:mem:test`.
fn file(scheme: &str, rest: &str, source: &str) -> Target {
    let server = rest.strip_prefix("tcp:").or_else(|| rest.strip_prefix("ssl:"));
    if let Some(server) = server.filter(|_| scheme == "h2") {
        return network("h2", server, source);
    }
    let path = rest.strip_prefix("//").unwrap_or(rest);
    // SQLAlchemy's third slash ends an empty host; the fourth is the root's.
    let path = match path.strip_prefix('/') {
        Some(path) if scheme == "sqlite" && rest.starts_with("///") => path,
        _ => path,
    };
    file_target(&String::from_utf8_lossy(&percent_decode(path)), source)
}

/// A PostgreSQL URL of whatever driver, by libpq's grammar.
fn from_postgres(rest: &str, source: &str) -> Target {
    let (rest, unclear) = host_part(rest, false);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    // Drivers have parameters of their own, which libpq would not know.
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            matches!(name, "host" | "hostaddr" | "port" | "dbname" | "user")
        })
        .collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    let mut target =
        postgres::resolve_url(&format!("postgresql://{place}{mark}{}", kept.join("&")), source);
    let parts = Parts::of(place, false);
    tell_provider(&mut target, parts.user.as_deref());
    if unclear {
        target.gap = Some(unclear_login(source));
    }
    target
}

/// Adds what the hosts' names tell; a socket of Cloud SQL is not this
/// machine's database.
fn tell_provider(target: &mut Target, user: Option<&str>) {
    let mut told = Vec::new();
    for evidence in &mut target.evidence {
        if matches!(evidence.kind, Kind::Host | Kind::Socket) {
            let found = provider::evidence(&evidence.value, user);
            if !found.is_empty() && evidence.kind == Kind::Socket {
                evidence.asserts = None;
            }
            told.extend(found);
        }
    }
    target.evidence.extend(told);
}

/// A URL's parts, as far as they say where it leads.
#[derive(Default)]
struct Parts<'a> {
    user: Option<String>,
    hosts: Vec<String>,
    path: &'a str,
    query: Cow<'a, str>,
    /// Whether drivers differ in where the host stands.
    unclear: bool,
}

impl<'a> Parts<'a> {
    /// Takes `//user:password@host:port,host/path?query` apart. `semicolons`
    /// says whether parameters stand behind them, as SQL Server has it; to
    /// the others they are letters of a password.
    fn of(rest: &'a str, semicolons: bool) -> Parts<'a> {
        let (rest, unclear) = host_part(rest, semicolons);
        let ends =
            |letter: char| matches!(letter, '/' | '?' | '#') || (semicolons && letter == ';');
        let end = rest.find(ends).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let rest = rest.split('#').next().unwrap_or_default();
        let cut = rest.find(['?', ';']).unwrap_or(rest.len());
        let (path, query) = rest.split_at_checked(cut).unwrap_or((rest, ""));
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((login, hosts)) => (login.split(':').next(), hosts),
            None => (None, authority),
        };
        let query = query.strip_prefix(['?', ';']).unwrap_or(query);
        Parts {
            user: user.map(decoded),
            hosts: hosts.split(',').map(|host| decoded(without_port(host))).collect(),
            path: path.strip_prefix('/').unwrap_or(path),
            query: if query.contains(';') { query.replace(';', "&").into() } else { query.into() },
            unclear,
        }
    }

    /// A parameter by one of its names, whatever the case.
    fn parameter(&self, names: &[&str]) -> Option<String> {
        url::pairs(&self.query)
            .find(|(name, _)| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
            .map(|(_, value)| value)
            .filter(|value| !value.is_empty())
    }
}

/// What stands behind the slashes. A password with an unescaped slash,
/// question mark or @ in it: some drivers look for the last @, others stop there,
/// and what stands in front of that @ is not for anybody's eyes.
fn host_part(rest: &str, semicolons: bool) -> (&str, bool) {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let end = rest.find(['/', '?', '#', ';']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
    // SQL Server's parameters: `;user=sa;password=a@b`.
    let parameters = semicolons
        && behind.starts_with(';')
        && behind.split('@').next().is_some_and(|before| before.contains('='));
    match !parameters && (behind.contains('@') || authority.matches('@').count() > 1) {
        true => (rest.rsplit_once('@').map_or(rest, |(_, last)| last), true),
        false => (rest, false),
    }
}

fn without_port(host: &str) -> &str {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn decoded(text: &str) -> String {
    String::from_utf8_lossy(&percent_decode(text)).into_owned()
}

/// A URL with hosts in it.
fn network(platform: &'static str, rest: &str, source: &str) -> Target {
    // Oracle's thin driver: `thin:@//host:1521/service`.
    let rest = rest.strip_prefix("thin:@").unwrap_or(rest);
    let parts = Parts::of(rest, platform == "sqlserver");
    let mut target = Target::of(platform);
    let mut hosts = parts.hosts.clone();
    hosts.retain(|host| !host.is_empty());
    hosts.extend(parts.parameter(&["host", "server", "serverName", "socket", "unix_socket"]));
    for host in &hosts {
        add_host(&mut target, host, source, parts.user.as_deref());
    }
    let named = parts.parameter(&["database", "databaseName", "initial catalog", "dbname"]);
    let path = decoded(parts.path);
    let database = named.or_else(|| (!path.is_empty() && platform != "prisma").then_some(path));
    finish(&mut target, &hosts, database.as_deref(), source);
    if hosts.is_empty() {
        target.gap = Some(format!("the URL in {source} names no host"));
    } else if parts.unclear {
        target.gap = Some(unclear_login(source));
    } else if platform == "prisma" && !hosts.iter().all(|host| is_loopback(host)) {
        target.gap = Some("the database behind Prisma's proxy is not named".to_owned());
    }
    target
}

fn unclear_login(source: &str) -> String {
    format!("the URL in {source} has an @ in its password, and drivers differ in what that means")
}

fn add_host(target: &mut Target, host: &str, source: &str, user: Option<&str>) {
    let kind = if host.starts_with('/') { Kind::Socket } else { Kind::Host };
    // The one spelling of a host: numeric addresses written out.
    let plain = match kind {
        Kind::Host => url::parse(&format!("http://{host}")).map_or_else(
            || host.to_owned(),
            |url| if host.contains(':') { host.to_owned() } else { url.host },
        ),
        _ => host.to_owned(),
    };
    let told = provider::evidence(&plain, user);
    let here = (kind == Kind::Socket && told.is_empty()) || is_loopback(&plain);
    let evidence = Evidence::name(kind, source.to_owned(), plain);
    target.evidence.push(if here { evidence.asserting(Class::Local) } else { evidence });
    target.evidence.extend(told);
}

/// Adds the database, and takes "this machine" away where one of several
/// hosts is another.
fn finish(target: &mut Target, hosts: &[String], database: Option<&str>, source: &str) {
    let places = |evidence: &&Evidence| matches!(evidence.kind, Kind::Host | Kind::Socket);
    let all_here =
        target.evidence.iter().filter(places).all(|found| found.asserts == Some(Class::Local));
    if !all_here {
        target.evidence.iter_mut().for_each(|found| found.asserts = None);
    }
    let shown = hosts.join(",");
    if let Some(database) = database {
        target.evidence.push(Evidence::name(Kind::Database, source.to_owned(), database));
        target.name = Some(format!("{database}@{shown}"));
    } else if !shown.is_empty() {
        target.name = Some(shown);
    }
}

/// `host=db.acme.com dbname=app`, as PostgreSQL's drivers take it too.
fn keywords(text: &str, source: &str) -> Option<Target> {
    let looks = text.contains("host=") || text.contains("dbname=");
    (looks && text.len() <= MAX_URL && !text.contains("://")).then(|| {
        let mut target = postgres::resolve_url(text, source);
        tell_provider(&mut target, None);
        target
    })
}

/// `user:password@tcp(host:3306)/app`, as Go's MySQL driver takes it.
fn go_dsn(text: &str, source: &str) -> Option<Target> {
    if text.len() > MAX_URL {
        return None;
    }
    let (login, place) = match text.rsplit_once('@') {
        Some((login, place)) => (Some(login), place),
        None => (None, text),
    };
    let (address, rest) = ["tcp(", "tcp6(", "unix("]
        .iter()
        .find_map(|network| place.strip_prefix(network))?
        .split_once(')')?;
    let mut target = Target::of("mysql");
    let host = without_port(address).to_owned();
    let user = login.and_then(|login| login.split(':').next());
    add_host(&mut target, &host, source, user);
    let database = rest.strip_prefix('/').map(|name| name.split('?').next().unwrap_or_default());
    finish(&mut target, &[host], database.filter(|name| !name.is_empty()), source);
    Some(target)
}

#[cfg(test)]
mod tests;
