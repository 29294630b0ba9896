//! Connection strings as .NET's drivers take them: `Server=…;Database=…` (SQL
//! Server), `Host=…;Database=…` (Npgsql), `Data Source=app.db` (SQLite).

use super::{file_target, host_target};
use crate::target::Target;
use crate::target::sqlserver;

/// The words for a server, in lower case and without spaces.
const SERVERS: &[&str] = &["server", "datasource", "host", "addr", "address", "networkaddress"];
const DATABASES: &[&str] = &["database", "initialcatalog"];

/// Settings of one string that are looked at.
const MAX_PARTS: usize = 100;

/// Where a connection string leads; none for a text that is not one.
pub(super) fn target(text: &str, source: &str) -> Option<Target> {
    let pairs: Vec<(String, &str)> = parts(text)
        .into_iter()
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
    // Keywords of libpq's, with a semicolon in a password.
    let plain = |value: &&str| !(value.contains('=') && value.contains(char::is_whitespace));
    let server = value(SERVERS).filter(plain)?;
    let database = value(DATABASES).filter(plain);
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

/// What stands between semicolons, those in quotes left alone.
fn parts(text: &str) -> Vec<&str> {
    let mut quote = None;
    let split = |letter: char| {
        match (quote, letter) {
            (None, ';') => return true,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
        false
    };
    text.split(split).take(MAX_PARTS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use crate::target::Class;

    fn class(text: &str) -> Option<Class> {
        Some(Policy::builtin().classify(&target(text, "x")?).class)
    }

    #[test]
    fn the_strings_of_each_driver() {
        for (text, platform, name) in [
            ("Server=db.acme.com;Database=shop", "sqlserver", "shop@db.acme.com"),
            (
                "Data Source=tcp:db.acme.com,1433; Initial Catalog = shop",
                "sqlserver",
                "shop@db.acme.com",
            ),
            (
                "HOST=db.acme.com;Port=5432;Database=shop;Username=app",
                "postgres",
                "shop@db.acme.com",
            ),
            ("Server=db.acme.com;Uid=app;Pwd=x;Database=shop", "mysql", "shop@db.acme.com"),
            ("Data Source=app.db", "sqlite", "app.db"),
        ] {
            let found = target(text, "x").unwrap();
            assert_eq!((&*found.platform, found.name.as_deref()), (platform, Some(name)), "{text}");
        }
        assert_eq!(class("Server=(localdb)\\MSSQLLocalDB;Database=shop"), Some(Class::Local));
        assert_eq!(class("Server=.;Database=shop_prod"), Some(Class::Production));
        assert_eq!(class("Server=db.acme.com;Database=shop"), Some(Class::Unknown));
        for none in ["", ";", "Server=", "host=db.acme.com", "Database=shop;User=x", "a=b;c"] {
            assert_eq!(target(none, "x"), None, "{none}");
        }
    }

    #[test]
    fn a_password_is_never_taken_for_a_host() {
        for text in [
            "Server=db.acme.com;Password=\"a;Server=SECRET\";Database=shop",
            "Server=db.acme.com;Password='SECRET;x=SECRET';Database=shop",
            "host=db.acme.com password=SECRET;x=SECRET",
            "host=db.acme.com dbname=x password='SECRET;SECRET'",
        ] {
            let shown = format!("{:?}", crate::target::database_url::resolve(text, "x"));
            assert!(shown.contains("db.acme.com"), "{text} → {shown}");
            let place = format!("{:?}", target(text, "x"));
            assert!(!place.contains("SECRET"), "{text} → {place}");
        }
    }
}
