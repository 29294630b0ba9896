//! Connection strings as .NET's drivers take them: `Server=…;Database=…` (SQL
//! Server), `Host=…;Database=…` (Npgsql), `Data Source=app.db` (SQLite).

use super::{file_target, host_target};
use crate::target::Target;
use crate::target::sqlserver;

/// The words for a server, in lower case and without spaces.
const SERVERS: &[&str] = &["server", "datasource", "host", "addr", "address", "networkaddress"];
const DATABASES: &[&str] = &["database", "initialcatalog"];

/// Where a connection string leads; none for a text that is not one.
pub(super) fn target(text: &str, source: &str) -> Option<Target> {
    let pairs: Vec<(String, &str)> = text
        .split(';')
        .take(100)
        .filter_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            let key = key.chars().filter(|letter| !letter.is_whitespace());
            let value = value.trim().trim_matches(['"', '\'']);
            Some((key.collect::<String>().to_ascii_lowercase(), value))
        })
        .collect();
    let value = |names: &[&str]| {
        let mut own = pairs.iter().filter(|(key, _)| names.contains(&key.as_str()));
        own.next_back().map(|(_, value)| *value).filter(|value| !value.is_empty())
    };
    let server = value(SERVERS)?;
    let database = value(DATABASES);
    let file = [".db", ".sqlite", ".sqlite3", ".mdf"].iter().any(|end| server.ends_with(end));
    if database.is_none() && (file || server == ":memory:") {
        return Some(file_target(server, source));
    }
    // One word with an equals sign is no string of these.
    if pairs.len() < 2 {
        return None;
    }
    let named = |name: &str| pairs.iter().any(|(key, _)| key == name);
    let database = database.map(|name| (name, source));
    Some(match (named("host") || named("username"), named("uid")) {
        (true, _) => host_target("postgres", (server, source), database),
        // MySQL's drivers have `Server` and `Uid`, SQL Server's take `uid` too:
        // the host is spelled alike.
        (false, true) => host_target("mysql", (server, source), database),
        (false, false) => {
            let place = sqlserver::Place {
                server: Some((server.to_owned(), source.to_owned().into())),
                database: database
                    .map(|(name, source)| (name.to_owned(), source.to_owned().into())),
                ..sqlserver::Place::default()
            };
            place.target(&[])
        }
    })
}
