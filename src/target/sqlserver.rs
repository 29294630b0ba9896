//! Where a client of SQL Server connects: `-S`, SQLCMDSERVER or this machine;
//! the spellings of a server (`tcp:host\instance,port`). Gives evidence, never
//! a class beyond "this is this machine".

use std::borrow::Cow;

use super::{Class, Evidence, Kind, Target, database_url};

/// Where a connection goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// The server as written, and what said so.
    pub server: Option<(String, Cow<'static, str>)>,
    /// The database.
    pub database: Option<(String, Cow<'static, str>)>,
    /// The login.
    pub user: Option<(String, Cow<'static, str>)>,
    /// Why some of it is not known: a clause.
    pub gap: Option<String>,
}

impl Place {
    /// The target, with the databases that a statement itself names.
    pub fn target(&self, databases: &[String]) -> Target {
        let (server, source) = match &self.server {
            Some((server, source)) if !server.is_empty() => (server.as_str(), source.as_ref()),
            _ => (".", "sqlcmd's default"),
        };
        let database =
            self.database.as_ref().map(|(name, source)| (name.as_str(), source.as_ref()));
        let host = host(server);
        let mut target = match is_here(&host) {
            false => database_url::host_target("sqlserver", (&host, source), database),
            true => {
                let mut target = Target::of("sqlserver");
                let evidence = Evidence::name(Kind::Host, source.to_owned(), server);
                target.evidence.push(evidence.asserting(Class::Local));
                if let Some((name, source)) = database {
                    target.evidence.push(Evidence::name(Kind::Database, source.to_owned(), name));
                }
                target.name = Some(database.map_or(server, |(name, _)| name).to_owned());
                target
            }
        };
        if let Some((_, instance)) = server.split_once('\\')
            && !server.contains("\\pipe\\")
        {
            let instance = instance.split(',').next().unwrap_or_default();
            target.evidence.push(Evidence::name(Kind::Service, source.to_owned(), instance));
        }
        for name in databases {
            target.evidence.push(Evidence::name(Kind::Database, "the statement", name));
        }
        if let Some((user, source)) = &self.user {
            target.evidence.push(Evidence::hint(Kind::User, source.clone(), user));
        }
        target.gap = target.gap.or_else(|| self.gap.clone());
        target
    }
}

/// The host of `tcp:host\instance,port`, `np:\\host\pipe\sql\query`.
fn host(server: &str) -> String {
    let bare = match server.split_once(':') {
        Some((protocol, rest))
            if ["tcp", "np", "lpc", "admin"].iter().any(|it| protocol.eq_ignore_ascii_case(it)) =>
        {
            rest
        }
        _ => server,
    };
    // `admin:tcp:host`
    let bare = bare.strip_prefix("tcp:").unwrap_or(bare);
    let bare = bare.strip_prefix("\\\\").unwrap_or(bare);
    let end = bare.find(['\\', ',']).unwrap_or(bare.len());
    bare.get(..end).unwrap_or_default().trim().to_owned()
}

fn is_here(host: &str) -> bool {
    matches!(host, "" | "." | "(local)")
        || host.eq_ignore_ascii_case("(localdb)")
        || crate::parse::url::is_loopback(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn class(server: &str) -> Class {
        let place = Place { server: Some((server.to_owned(), "-S".into())), ..Place::default() };
        Policy::builtin().classify(&place.target(&[])).class
    }

    #[test]
    fn the_spellings_of_a_server() {
        for server in [
            "",
            ".",
            "(local)",
            "localhost",
            "127.0.0.1,1433",
            "tcp:localhost,1433",
            ".\\SQLEXPRESS",
            "(localdb)\\MSSQLLocalDB",
            "np:\\\\.\\pipe\\sql\\query",
        ] {
            assert_eq!(class(server), Class::Local, "{server}");
        }
        for server in ["db.acme.com", "tcp:db.acme.com,1433", "db\\sql2019", "10.0.0.4"] {
            assert_eq!(class(server), Class::Unknown, "{server}");
        }
        for server in ["tcp:db.prod.acme.com,1433", "db\\PROD", "acme-prod.database.windows.net"] {
            assert_eq!(class(server), Class::Production, "{server}");
        }
        assert_eq!(class("db-staging.acme.com"), Class::Staging);
    }
}
