//! Where a MongoDB client connects: a connection string or address, `--host`
//! and `--port`, the database. Gives evidence, never a class beyond "this is
//! this machine".

use super::database_url;
use super::{Evidence, Kind, Target};

/// What a client's words say about where it connects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// The server, without the database of later `use`s.
    pub server: Target,
    /// The database, and what named it.
    pub database: Option<(String, &'static str)>,
    /// Other servers that a script names.
    pub others: Vec<Target>,
}

/// Servers beyond the first that are kept.
const MAX_OTHERS: usize = 10;

impl Place {
    /// The place of an address as mongosh takes it (mongosh 2.12's
    /// `generateUri`): a connection string; `host`, `host:port` or
    /// `host:port/database` where a dot, colon or slash is in it; else a
    /// database on `hosts` (this machine by default).
    pub fn new(
        address: Option<(&str, &'static str)>,
        hosts: &[String],
        port: Option<&str>,
    ) -> Place {
        let mut place = Place::default();
        if let Some((text, source)) = address.filter(|(text, _)| is_url(text)) {
            place.server = database_url::resolve(text, source);
            place.take_database(source);
            return place;
        }
        let (mut host, mut database) = (None, None);
        if let Some((text, source)) = address {
            let (front, path) = match text.split_once('/') {
                Some((front, path)) => (front, Some(path)),
                None => (text, None),
            };
            if path.is_none() && !text.contains(['.', ':']) {
                database = Some((text.to_owned(), source));
            } else {
                host = Some((front.to_owned(), source));
                let path = path.map(|path| path.split('?').next().unwrap_or_default().to_owned());
                database = path.filter(|path| !path.is_empty()).map(|path| (path, source));
            }
        }
        place.server = match (host, hosts) {
            (Some((host, source)), []) => of_host(&host, source),
            (Some((host, source)), _) => {
                let mut target = of_host(&host, source);
                target.evidence.extend(of_hosts(hosts).evidence);
                target
            }
            (None, []) => of_host("127.0.0.1", "the client's default"),
            (None, hosts) => of_hosts(hosts),
        };
        if let Some(port) = port {
            place.server.evidence.push(Evidence::name(Kind::Port, "--port", port));
        }
        place.database = database;
        place
    }

    /// Moves the connection string's database to where a `use` replaces it.
    fn take_database(&mut self, source: &'static str) {
        let named = self.server.evidence.iter().position(|it| it.kind == Kind::Database);
        if let Some(at) = named {
            let evidence = self.server.evidence.remove(at);
            let host = self.server.name.as_deref().and_then(|name| name.rsplit_once('@'));
            let host = host.map(|(_, host)| host.to_owned());
            self.server.name = host.filter(|host| !host.is_empty()).or(self.server.name.take());
            self.database = Some((evidence.value, source));
        }
    }

    /// The same with another server that a script names.
    pub fn connect(&mut self, address: &str) {
        let other = Place::new(Some((address, "the script")), &[], None);
        if self.others.len() < MAX_OTHERS {
            self.others.push(other.target(&[]));
        } else {
            self.server.gap = Some("it names too many servers".to_owned());
        }
    }

    /// The target, given the databases that a statement itself names, which
    /// then count instead.
    pub fn target(&self, databases: &[String]) -> Target {
        let mut target = self.server.clone();
        let own = self.database.iter().map(|(name, source)| (name.as_str(), *source));
        let named = databases.iter().map(|name| (name.as_str(), "the script"));
        let names: Vec<(&str, &str)> =
            if databases.is_empty() { own.collect() } else { named.collect() };
        for (name, source) in &names {
            target.evidence.push(Evidence::name(Kind::Database, (*source).to_owned(), *name));
        }
        for other in &self.others {
            target.evidence.extend(other.evidence.clone());
            target.gap = target.gap.take().or_else(|| other.gap.clone());
        }
        if !self.others.iter().all(is_here) || !is_here(&self.server) {
            target.evidence.iter_mut().for_each(|it| it.asserts = None);
        }
        let host = target.name.take();
        target.name = match (names.first(), host) {
            (Some((database, _)), Some(host)) => Some(format!("{database}@{host}")),
            (Some((database, _)), None) => Some((*database).to_owned()),
            (None, host) => host,
        };
        target
    }
}

fn is_here(target: &Target) -> bool {
    let places = |it: &&Evidence| matches!(it.kind, Kind::Host | Kind::Socket);
    target.evidence.iter().filter(places).all(|it| it.asserts.is_some())
}

/// Whether a text is a connection string.
pub fn is_url(text: &str) -> bool {
    ["mongodb://", "mongodb+srv://"]
        .iter()
        .any(|start| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
}

/// The server that one `host` or `host:port` names.
fn of_host(text: &str, source: &'static str) -> Target {
    database_url::resolve(&format!("mongodb://{text}/"), source)
}

/// The servers of `--host`, which may be `set/a:1,b:2`.
fn of_hosts(hosts: &[String]) -> Target {
    let plain: Vec<&str> =
        hosts.iter().map(|host| host.rsplit('/').next().unwrap_or_default()).collect();
    let mut target = of_host(&plain.join(","), "--host");
    for set in hosts.iter().filter_map(|host| host.rsplit_once('/')) {
        target.evidence.push(Evidence::name(Kind::Cluster, "--host", set.0));
    }
    target
}
