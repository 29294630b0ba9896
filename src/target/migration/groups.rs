//! What the findings in a configuration come to: which of its blocks count,
//! and the URLs, hosts and databases in one. Nothing is read here.

use super::literals::{Pair, Said};
use super::search::Search;
use crate::target::database_url;
use crate::target::dotenv::{Found, Value};

impl Search<'_> {
    /// Adds what the findings in a configuration say, those of the chosen
    /// environment where it has blocks of that name.
    pub fn pairs(&mut self, pairs: &[Pair], environment: Option<&str>, file: &str) {
        let of = |pair: &&Pair| match environment {
            Some(name) => pair
                .path
                .iter()
                .any(|block| block == name || block.rsplit([' ', '.']).next() == Some(name)),
            None => false,
        };
        let chosen: Vec<&Pair> = pairs.iter().filter(of).collect();
        let pairs = if chosen.is_empty() { pairs.iter().collect() } else { chosen };
        let mut paths: Vec<&Vec<String>> = pairs.iter().map(|pair| &pair.path).collect();
        paths.dedup();
        let mut seen: Vec<&Vec<String>> = Vec::new();
        for path in paths {
            if !seen.contains(&path) {
                seen.push(path);
                let group: Vec<&Pair> =
                    pairs.iter().copied().filter(|pair| pair.path == *path).collect();
                self.group(&group, file);
            }
        }
    }

    /// Adds what one block says: URLs, or a host with a database.
    fn group(&mut self, group: &[&Pair], file: &str) {
        let mut urls: Vec<(String, String)> = Vec::new();
        let mut literal: Vec<(String, String)> = Vec::new();
        let (mut host, mut database, mut engine) = (None, None, String::new());
        let (mut unset, mut computed) = (false, false);
        for pair in group {
            let about = About::of(pair);
            let (text, source) = match &pair.said {
                Said::Text(text) if about == About::Variable => match self.env.get(text) {
                    Some(Found { value: Value::Text(value), source }) => (value, source),
                    _ => {
                        unset = true;
                        continue;
                    }
                },
                Said::Text(text) => (text.clone(), file.to_owned()),
                Said::Computed => {
                    computed |= matches!(about, About::Url | About::Host);
                    continue;
                }
                Said::Variable(name) => match self.env.get(name) {
                    Some(Found { value: Value::Text(text), source }) => (text, source),
                    Some(Found { value: Value::Unclear(why), .. }) => {
                        if about != About::Nothing {
                            self.gap(&why);
                        }
                        continue;
                    }
                    None => {
                        unset |= matches!(about, About::Url | About::Host);
                        continue;
                    }
                },
            };
            let is_url = database_url::is_recognised(&text)
                || (about == About::Url && text.starts_with("http"));
            match (about, is_url) {
                (_, true) if matches!(pair.said, Said::Text(_)) && about != About::Variable => {
                    literal.push((text, source));
                }
                (_, true) => urls.push((text, source)),
                (About::Host, _) => {
                    host.get_or_insert((text, source));
                }
                (About::Database, _) => {
                    database.get_or_insert((text, source));
                }
                (About::Engine, _) => engine.push_str(&text.to_lowercase()),
                _ => {}
            }
        }
        // A literal beside a variable is what counts where that is not set.
        if urls.is_empty() {
            urls = literal;
        }
        let file_engine = engine.contains("sqlite") || engine.contains("duckdb");
        for (text, source) in &urls {
            self.url(text, source);
        }
        let database = database.as_ref().map(|(name, source)| (name.as_str(), source.as_str()));
        match (host, database) {
            _ if !urls.is_empty() => {}
            (_, name) if file_engine || name.is_some_and(|(name, _)| is_file(name)) => {
                let (name, source) = name.unwrap_or(("a file", file));
                self.add(database_url::file_target(name, source));
            }
            (Some((host, source)), database) => {
                let target = database_url::host_target(self.platform(), (&host, &source), database);
                self.add(target);
            }
            (None, Some(database)) if !unset && !computed => self.without_host(database, &engine),
            _ if computed => self.gap(&format!("{file} puts it together as it runs")),
            _ if unset => self.gap(&format!("a variable that {file} names is not set")),
            _ => {}
        }
    }

    /// A connection that names a database and no host: the drivers' default
    /// is this machine, unless libpq's own variables lead elsewhere.
    pub fn without_host(&mut self, database: (&str, &str), engine: &str) {
        // `pg` to Node's tools and Sqitch, `pgsql` to PHP's.
        let postgres =
            engine.is_empty() || ["postg", "pg"].iter().any(|name| engine.contains(name));
        let elsewhere = ["PGHOSTADDR", "PGHOST", "PGSERVICE"]
            .into_iter()
            .find_map(|name| Some((self.context.text_var(name)?, name)));
        let (host, source) = match elsewhere {
            Some((host, name)) if postgres => (host, name),
            _ => ("localhost".to_owned(), "the driver's default"),
        };
        self.add(database_url::host_target(self.platform(), (&host, source), Some(database)));
    }
}

fn is_file(name: &str) -> bool {
    [".db", ".sqlite", ".sqlite3"].iter().any(|ending| name.ends_with(ending)) || name == ":memory:"
}

/// What a key is about.
#[derive(Clone, Copy, Debug, PartialEq)]
enum About {
    Url,
    Host,
    Database,
    Engine,
    /// The name of a variable that has the URL.
    Variable,
    Nothing,
}

impl About {
    fn of(pair: &Pair) -> About {
        let key = pair.key.rsplit('.').next().unwrap_or_default();
        let about = About::of_key(key);
        match (&pair.said, about) {
            (Said::Variable(name), About::Nothing) => {
                let name = name.to_lowercase();
                let last = name.rsplit('_').next().unwrap_or_default();
                match last {
                    "url" | "uri" | "dsn" => About::Url,
                    "host" | "hostname" | "server" | "pghost" => About::Host,
                    "database" | "dbname" | "pgdatabase" => About::Database,
                    _ => About::Nothing,
                }
            }
            (_, about) => about,
        }
    }

    fn of_key(key: &str) -> About {
        match key {
            "url" | "uri" | "dsn" | "connectionstring" | "connection" | "directurl" | "jdbcurl"
            | "shadowdatabaseurl" | "database_url" | "endpoint" | "clienturl"
            | "sqlalchemy_url" | "set_main_option" | "create_engine" => About::Url,
            "host" | "hostname" | "server" | "hosts" | "socket" => About::Host,
            "database" | "dbname" | "db" | "name" | "filename" | "storage" => About::Database,
            "engine" | "adapter" | "dialect" | "client" | "driver" | "provider" | "type" => {
                About::Engine
            }
            "use_env_variable" => About::Variable,
            _ => About::Nothing,
        }
    }
}
