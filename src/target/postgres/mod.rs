//! Where a PostgreSQL client connects, exactly as libpq 15 resolves it:
//! connection string over options over service over `PG*` variables over
//! defaults; lists of hosts, PGHOSTADDR, sockets, Debian's pg_wrapper, and
//! psql's `\c`. Gives evidence, never a class beyond "this is this machine".

pub mod conninfo;
mod service;
mod wrapper;

use std::net::IpAddr;

pub use super::Setting;
use super::{Class, Evidence, Grade, Kind, Target};
use crate::invocation::Context;

/// The parameters that say where a connection goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// Host names, addresses or socket directories, joined by commas.
    pub host: Option<Setting>,
    /// Addresses that are connected to whatever `host` says.
    pub hostaddr: Option<Setting>,
    /// Ports, joined by commas.
    pub port: Option<Setting>,
    /// The database.
    pub dbname: Option<Setting>,
    /// The role.
    pub user: Option<Setting>,
    /// A named connection.
    pub service: Option<Setting>,
    /// The name of one of this machine's own clusters.
    pub cluster: Option<Setting>,
    /// Start-up options; PGOPTIONS counts only where there are none.
    pub options: Option<Setting>,
    /// Why some of it could not be resolved: a clause.
    pub gap: Option<String>,
}

impl Parameters {
    fn slot(&mut self, key: &str) -> Option<&mut Option<Setting>> {
        Some(match key {
            "host" => &mut self.host,
            "hostaddr" => &mut self.hostaddr,
            "port" => &mut self.port,
            "dbname" => &mut self.dbname,
            "user" => &mut self.user,
            "service" => &mut self.service,
            "options" => &mut self.options,
            _ => return None,
        })
    }

    /// Puts a connection string's values over what is there.
    fn overlay(&mut self, text: &str, source: &str) {
        match conninfo::parse(text) {
            Ok(pairs) => {
                // A URL's parts have no names of their own in it.
                let url = text.contains("://");
                for (key, value) in pairs {
                    if let Some(slot) = self.slot(key) {
                        let key = if url { String::new() } else { format!(" {key}=") };
                        *slot = Some(Setting::new(value, format!("{source}{key}")));
                    }
                }
            }
            Err(why) => self.gap = Some(why.to_owned()),
        }
    }

    /// Fills an empty slot.
    fn fill(&mut self, key: &str, setting: impl FnOnce() -> Option<Setting>) {
        if let Some(slot) = self.slot(key).filter(|slot| slot.is_none()) {
            *slot = setting();
        }
    }
}

/// The connection that options make: `given` holds what the words said, the
/// database being a connection string or not. Empty words are as if not given.
/// `expands` says whether the program takes a connection string for a database.
pub fn resolve(context: &Context<'_>, given: &Parameters, expands: bool) -> Parameters {
    let mut found = Parameters { gap: given.gap.clone(), ..Parameters::default() };
    for (key, setting) in [
        ("host", &given.host),
        ("hostaddr", &given.hostaddr),
        ("port", &given.port),
        ("user", &given.user),
        ("dbname", &given.dbname),
    ] {
        let Some(setting) = setting.as_ref().filter(|setting| !setting.value.is_empty()) else {
            continue;
        };
        if key == "dbname" && expands && conninfo::is_recognised(&setting.value) {
            found.overlay(&setting.value, &setting.source);
        } else if let Some(slot) = found.slot(key) {
            *slot = Some(setting.clone());
        }
    }
    defaults(context, &mut found);
    found
}

/// Fills what is not given from the service, the variables and the defaults.
fn defaults(context: &Context<'_>, found: &mut Parameters) {
    let service = found.service.clone().or_else(|| {
        context.var("PGSERVICE").map(|name| Setting::new(name.to_string_lossy(), "PGSERVICE"))
    });
    if let Some(service) = service {
        match service::find(context, &service.value) {
            Ok(group) => {
                for (key, value) in group.pairs {
                    let source = format!("{} → {}", service.source, group.file);
                    found.fill(key, || Some(Setting::new(value, source)));
                }
            }
            Err(why) => found.gap = Some(why),
        }
        found.service = Some(service);
    }
    if let Some(chosen) = wrapper::chosen(context) {
        let says =
            |value: Option<String>| value.map(|value| Setting::new(value, chosen.source.clone()));
        if found.host.is_none() {
            found.cluster = says(chosen.cluster.clone());
        }
        found.fill("host", || says(chosen.host.clone()));
        found.fill("hostaddr", || variable(context, "PGHOSTADDR"));
        found.fill("port", || variable(context, "PGPORT"));
        found.fill("port", || says(chosen.port.clone()));
        found.fill("dbname", || variable(context, "PGDATABASE"));
        found.fill("dbname", || says(chosen.database.clone()));
    }
    for (key, name) in [
        ("host", "PGHOST"),
        ("hostaddr", "PGHOSTADDR"),
        ("port", "PGPORT"),
        ("dbname", "PGDATABASE"),
        ("user", "PGUSER"),
    ] {
        found.fill(key, || variable(context, name));
    }
    found.fill("user", || Some(Setting::new(context.world.account_name(), "the account")));
}

fn variable(context: &Context<'_>, name: &'static str) -> Option<Setting> {
    context.var(name).map(|value| Setting::new(value.to_string_lossy(), name))
}

/// The words of a `\connect`: each none where it was left out or `-`.
#[derive(Clone, Debug, Default)]
pub struct Reconnect {
    /// `-reuse-previous=`, where given.
    pub reuse: Option<bool>,
    /// The database or connection string.
    pub dbname: Option<String>,
    /// The role.
    pub user: Option<String>,
    /// The host.
    pub host: Option<String>,
    /// The port.
    pub port: Option<String>,
}

/// The connection that a `\connect` makes from the one before it.
pub fn reconnect(context: &Context<'_>, old: &Parameters, words: &Reconnect) -> Parameters {
    let source = "\\connect";
    let string = words.dbname.as_deref().filter(|name| conninfo::is_recognised(name));
    let reuse = words.reuse.unwrap_or(string.is_none());
    let mut found = if reuse { old.clone() } else { Parameters::default() };
    if string.is_some() {
        found.gap = None;
    }
    if let Some(string) = string {
        found.overlay(string, source);
    } else if !reuse {
        defaults(context, &mut found);
    }
    let same_host =
        words.host.is_none() || words.host.as_ref() == found.host.as_ref().map(|host| &host.value);
    if !same_host {
        found.hostaddr = None;
        found.cluster = None;
    }
    let name = words.dbname.as_ref().filter(|_| string.is_none());
    for (key, value) in [
        ("dbname", name),
        ("user", words.user.as_ref()),
        ("host", words.host.as_ref()),
        ("port", words.port.as_ref()),
    ] {
        if let (Some(value), Some(slot)) = (value, found.slot(key)) {
            *slot = Some(Setting::new(value.clone(), source));
        }
    }
    defaults(context, &mut found);
    found
}

/// Where resolved parameters lead, with the evidence.
pub fn target(found: &Parameters) -> Target {
    let mut target = Target::of("postgres");
    target.gap = found.gap.clone();
    let hosts = list(found.host.as_ref());
    let addresses = list(found.hostaddr.as_ref());
    let here = |text: &str| is_socket(text) || is_loopback(text);
    // A list with one place elsewhere may lead there.
    let all_here = match (addresses.is_empty(), hosts.is_empty()) {
        (true, true) => true,
        (true, false) => hosts.iter().all(|host| here(host)),
        (false, _) => {
            addresses.len() >= hosts.len()
                && addresses.iter().zip(hosts.iter().map(Some).chain(std::iter::repeat(None))).all(
                    |(address, host)| match (address.is_empty(), host) {
                        (true, Some(host)) => here(host),
                        (true, None) => true,
                        (false, _) => is_loopback(address),
                    },
                )
        }
    };
    let place = |kind: Kind, setting: &Setting, value: &str| {
        let evidence = Evidence::name(kind, setting.source.clone(), value);
        if all_here && here(value) { evidence.asserting(Class::Local) } else { evidence }
    };
    let mut shown: Vec<&str> = Vec::new();
    if let Some(setting) = &found.host {
        for host in &hosts {
            let kind = if is_socket(host) { Kind::Socket } else { Kind::Host };
            let value = if host.is_empty() { DEFAULT_SOCKET } else { *host };
            target.evidence.push(place(kind, setting, value));
            if !is_socket(host) {
                shown.push(host);
            }
        }
    }
    if let Some(setting) = &found.hostaddr {
        for address in addresses.iter().filter(|address| !address.is_empty()) {
            target.evidence.push(place(Kind::Host, setting, address));
            if hosts.is_empty() {
                shown.push(address);
            }
        }
    }
    if target.evidence.is_empty() {
        let socket = Evidence::name(Kind::Socket, "libpq's default", DEFAULT_SOCKET);
        target.evidence.push(socket.asserting(Class::Local));
    }
    let named = found.dbname.as_ref().filter(|name| !name.value.is_empty());
    if let Some(setting) = named.or(found.user.as_ref()) {
        let evidence = Evidence::name(Kind::Database, setting.source.clone(), &*setting.value);
        // libpq takes the user's name where no database is named; that a role
        // is called `dev` says nothing about where it is.
        let grade = if named.is_some() { Grade::Name } else { Grade::Hint };
        target.evidence.push(Evidence { grade, ..evidence });
        target.name = Some(match shown.is_empty() {
            true => setting.value.clone(),
            false => format!("{}@{}", setting.value, shown.join(",")),
        });
    }
    let named = [
        (Kind::Service, &found.service),
        (Kind::Cluster, &found.cluster),
        (Kind::Port, &found.port),
    ];
    for (kind, setting) in
        named.into_iter().filter_map(|(kind, at)| at.as_ref().map(|at| (kind, at)))
    {
        target.evidence.push(Evidence::name(kind, setting.source.clone(), &*setting.value));
    }
    if let Some(user) = &found.user {
        target.evidence.push(Evidence::hint(Kind::User, user.source.clone(), &*user.value));
    }
    target
}

/// Where a `postgres://` URL alone leads: for tools other than libpq's, whose
/// variables do not count. `source` says where the URL was found.
pub fn resolve_url(url: &str, source: &str) -> Target {
    let mut found = Parameters::default();
    found.overlay(url, source);
    let unnamed = found.host.is_none() && found.hostaddr.is_none();
    if unnamed && found.gap.is_none() {
        found.gap = Some("the URL names no host".to_owned());
    }
    let mut target = target(&found);
    if unnamed {
        target.evidence.retain(|evidence| evidence.kind != Kind::Socket);
    }
    target
}

/// Where the client looks for a server if nothing names a host (Debian).
const DEFAULT_SOCKET: &str = "/var/run/postgresql";

fn list(setting: Option<&Setting>) -> Vec<&str> {
    setting.map(|setting| setting.value.split(',').map(str::trim).collect()).unwrap_or_default()
}

/// Whether libpq takes a host for a socket's directory; an empty one is the
/// default socket.
fn is_socket(host: &str) -> bool {
    host.is_empty() || host.starts_with(['/', '@'])
}

/// Whether a host is this machine's loopback.
fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let local = name.len() >= 10
        && name.get(name.len() - 10..).is_some_and(|end| end.eq_ignore_ascii_case(".localhost"));
    if name.eq_ignore_ascii_case("localhost") || local {
        return true;
    }
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_unspecified(),
        Ok(IpAddr::V6(address)) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn a_role_that_is_called_dev_makes_no_development() {
        let class = |url: &str| Policy::builtin().classify(&resolve_url(url, "url")).class;
        assert_eq!(class("postgres://dev@10.0.0.4"), Class::Unknown);
        assert_eq!(class("postgres://dev@10.0.0.4/dev"), Class::Development);
        assert_eq!(class("postgres://prod@10.0.0.4"), Class::Production);
    }
}
