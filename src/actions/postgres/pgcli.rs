//! pgcli's words: the connection (an alias of its configuration, a connection
//! string, or the options), the commands that its configuration runs first,
//! and its texts, which are read as psql's scripts: backslash commands stand
//! anywhere in them, standard input and `-c` included. Checked against pgcli
//! 4.7.1.

use std::path::PathBuf;

use super::session::Session;
use super::{given, psql};
use crate::actions::{Call, Reading};
use crate::parse::argv::Parsed;
use crate::parse::configobj::{self, Entry};
use crate::parse::psql_script::Variables;
use crate::target::postgres::{Parameters, Setting};

/// Bytes of the configuration file that are read.
const LIMIT: usize = 1 << 20;

/// Reads a call of pgcli.
pub fn read(call: &Call<'_>, parsed: &Parsed<'_>) -> Reading {
    if parsed.has("--list-dsn") {
        return Reading::default();
    }
    let config = Config::read(call, parsed);
    let (start, alias) = connection(call, parsed, &config);
    let mut session = Session::new(call, start, Variables::default());
    for unknown in &parsed.unknown {
        session.opaque(format!("pgcli has no option {}", unknown.text.to_string_lossy()));
    }
    for entry in &config.entries {
        let own = entry.section == "alias_dsn.init-commands" && Some(&entry.key) == alias.as_ref();
        if own || entry.section == "init-commands" {
            session.script(entry.value.as_bytes().into(), None);
        }
    }
    let mut text = |name: &str| -> usize {
        let values: Vec<_> = parsed.all(name).filter_map(|given| given.value).collect();
        for value in &values {
            match value.dynamic {
                true => session.opaque("its text is computed at run time".to_owned()),
                false => {
                    session.script(value.text.as_encoded_bytes().into(), None);
                }
            }
        }
        values.len()
    };
    text("--init-command");
    if parsed.has("--list") || parsed.has("--ping") {
        return session.finish();
    }
    let texts = text("--command");
    psql::files(call, &mut session, parsed, texts > 0);
    session.finish()
}

/// The configuration file, which names aliases and what runs first.
struct Config {
    entries: Vec<Entry>,
    shown: String,
    gap: Option<String>,
}

impl Config {
    fn read(call: &Call<'_>, parsed: &Parsed<'_>) -> Config {
        let context = &call.context;
        let typed = parsed.value("--pgclirc").map(|value| PathBuf::from(value.text));
        let xdg = || context.text_var("XDG_CONFIG_HOME").map(PathBuf::from);
        let folder = || xdg().or_else(|| context.home().map(|home| home.join(".config")));
        let path = typed
            .or_else(|| context.text_var("PGCLIRC").map(PathBuf::from))
            .or_else(|| folder().map(|folder| folder.join("pgcli/config")));
        let mut config = Config { entries: Vec::new(), shown: String::new(), gap: None };
        // The old place is moved to the new one at the next start.
        let old = context.home().map(|home| home.join(".pgclirc"));
        for path in path.into_iter().chain(old) {
            match context.read(&path, LIMIT) {
                Ok(bytes) => {
                    config.shown = path.display().to_string();
                    config.entries = configobj::entries(&String::from_utf8_lossy(&bytes));
                    break;
                }
                Err(crate::world::ReadError::Missing) => {}
                Err(error) => {
                    let gap = format!("{} cannot be read: {error}", path.display());
                    config.gap = Some(gap);
                }
            }
        }
        config
    }

    fn get(&self, section: &str, key: &str) -> Option<&str> {
        let mut entries = self.entries.iter().rev();
        let found = entries.find(|entry| entry.section == section && entry.key == key);
        found.map(|entry| entry.value.as_str())
    }
}

/// The connection, and the alias that named it.
fn connection(
    call: &Call<'_>,
    parsed: &Parsed<'_>,
    config: &Config,
) -> (Parameters, Option<String>) {
    let context = &call.context;
    let mut found = given(parsed);
    let mut gap = config.gap.clone();
    let mut words = parsed.positionals.iter();
    let option = parsed.value("--dbname").map(|value| (value.text, value.dynamic, "--dbname"));
    let mut word = || words.next().map(|word| (word.text, word.dynamic, "argument"));
    let database = option.or_else(&mut word);
    if found.user.is_none() {
        found.user = word().map(|(text, ..)| Setting::new(text.to_string_lossy(), "argument"));
    }
    if database.is_some_and(|(_, dynamic, _)| dynamic) {
        gap = Some("the database is computed at run time".to_owned());
    }
    let named = database.map(|(text, _, source)| Setting::new(text.to_string_lossy(), source));
    let named = named
        .or_else(|| context.text_var("PGDATABASE").map(|value| Setting::new(value, "PGDATABASE")));
    let dsn = parsed.value("--dsn").map(|value| {
        if value.dynamic {
            gap = Some("the alias is computed at run time".to_owned());
        }
        (value.text.to_string_lossy().into_owned(), "--dsn")
    });
    let dsn = dsn.or_else(|| context.text_var("DSN").map(|value| (value, "DSN")));
    let dsn = dsn.filter(|(name, _)| !name.is_empty());
    let text = named.as_ref().map(|name| name.value.clone()).unwrap_or_default();
    let service = context.text_var("PGSERVICE");
    let user = found.user.clone();
    if let Some((name, source)) = &dsn {
        match config.get("alias_dsn", name) {
            Some(uri) => {
                let source = format!("{source} {name} → {}", config.shown);
                found =
                    Parameters { dbname: Some(Setting::new(uri, source)), ..Parameters::default() };
            }
            None => gap = Some(format!("pgcli's configuration has no alias {name}")),
        }
    } else if text.contains("://") || (text.contains('=') && service.is_none()) {
        found = Parameters { dbname: named, user, ..Parameters::default() };
    } else if let Some(service) = service {
        // Neither the database nor the host of the words counts then.
        let dbname = Some(Setting::new(format!("service='{service}'"), "PGSERVICE"));
        found = Parameters { dbname, user, ..Parameters::default() };
    } else {
        found.dbname = named;
    }
    let tunnels =
        |entry: &&Entry| matches!(entry.section.as_str(), "ssh tunnels" | "dsn ssh tunnels");
    if parsed.has("--ssh-tunnel") || config.entries.iter().any(|entry| tunnels(&entry)) {
        gap = Some("an SSH tunnel leads to where the host is looked up".to_owned());
    }
    found.gap = found.gap.take().or(gap);
    (found, dsn.map(|(name, _)| name))
}
