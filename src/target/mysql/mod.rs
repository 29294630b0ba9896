//! Where a MySQL or MariaDB client connects: command line over option files
//! over variables over defaults, and `localhost` for the socket. Gives
//! evidence, never a class beyond "this is this machine".

pub mod options;

pub use super::Setting;
use super::{Class, Evidence, Kind, Target};
use crate::invocation::Context;
use crate::parse::url::is_loopback;

/// The parameters that say where a connection goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters {
    /// The host; `localhost` is the socket.
    pub host: Option<Setting>,
    /// The port.
    pub port: Option<Setting>,
    /// The socket's path.
    pub socket: Option<Setting>,
    /// TCP, SOCKET, PIPE or MEMORY.
    pub protocol: Option<Setting>,
    /// The database.
    pub database: Option<Setting>,
    /// The account.
    pub user: Option<Setting>,
    /// A named connection in `~/.mylogin.cnf`.
    pub login: Option<Setting>,
    /// Why some of it could not be resolved: a clause.
    pub gap: Option<String>,
}

impl Parameters {
    /// Fills what is not given from the variables. `program` is the client's
    /// rule: only mysql itself reads MYSQL_HOST.
    pub fn fill(&mut self, context: &Context<'_>, program: &str) {
        let variable =
            |name: &'static str| context.text_var(name).map(|value| Setting::new(value, name));
        if program == "mysql" {
            self.host = self.host.take().or_else(|| variable("MYSQL_HOST"));
        }
        self.port = self.port.take().or_else(|| variable("MYSQL_TCP_PORT"));
        self.socket = self.socket.take().or_else(|| variable("MYSQL_UNIX_PORT"));
    }

    /// Whether the connection goes through a socket of this machine.
    pub fn is_socket(&self) -> bool {
        let tcp = self.protocol.as_ref().is_some_and(|protocol| {
            protocol.value.get(..1).is_some_and(|letter| letter.eq_ignore_ascii_case("t"))
        });
        let here = self.host.as_ref().is_none_or(|host| {
            host.value.is_empty() || host.value.eq_ignore_ascii_case("localhost")
        });
        here && !tcp
    }
}

/// Where clients of Debian look for a server if nothing names one.
const DEFAULT_SOCKET: &str = "/run/mysqld/mysqld.sock";

/// Where resolved parameters lead, with the evidence.
pub fn target(found: &Parameters) -> Target {
    let mut target = Target::of("mysql");
    target.gap = found.gap.clone();
    let host = found.host.as_ref().filter(|host| !host.value.is_empty());
    let mut shown = None;
    if let Some(host) = host {
        // MariaDB tries each of a list of hosts.
        for name in host.value.split(',').map(str::trim) {
            let evidence = Evidence::name(Kind::Host, host.source.clone(), name);
            let local = is_loopback(name);
            target.evidence.push(if local { evidence.asserting(Class::Local) } else { evidence });
        }
        if !found.is_socket() {
            shown = Some(host.value.clone());
        }
    }
    if found.is_socket() {
        let socket = match &found.socket {
            Some(socket) => Evidence::name(Kind::Socket, socket.source.clone(), &*socket.value),
            None => Evidence::name(Kind::Socket, "the client's default", DEFAULT_SOCKET),
        };
        target.evidence.push(socket.asserting(Class::Local));
    }
    let kinds = [
        (Kind::Database, &found.database),
        (Kind::Port, &found.port),
        (Kind::Service, &found.login),
    ];
    for (kind, setting) in kinds {
        if let Some(setting) = setting.as_ref().filter(|setting| !setting.value.is_empty()) {
            target.evidence.push(Evidence::name(kind, setting.source.clone(), &*setting.value));
        }
    }
    if let Some(user) = &found.user {
        target.evidence.push(Evidence::hint(Kind::User, user.source.clone(), &*user.value));
    }
    let database = found.database.as_ref().map(|database| database.value.clone());
    target.name = match (database.filter(|name| !name.is_empty()), shown) {
        (Some(database), Some(host)) => Some(format!("{database}@{host}")),
        (Some(database), None) => Some(database),
        (None, host) => host,
    };
    target
}
