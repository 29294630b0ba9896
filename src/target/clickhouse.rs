//! Where clickhouse-client connects: a connection string over the command
//! line over its configuration. Gives evidence, never a class beyond "this is
//! this machine".

use super::database_url::{self, host_target};
use super::{Evidence, Kind, Target};
use crate::invocation::Context;
use crate::parse::argv::Parsed;
use crate::parse::xml;

/// Bytes of a configuration that are read.
const CONFIG_LIMIT: usize = 1 << 20;

/// Where a client's words lead; `url` is a connection string among them.
pub fn resolve(context: &Context<'_>, parsed: &Parsed<'_>, url: Option<&str>) -> Target {
    let text = |name: &str| parsed.value(name).map(|it| it.text.to_string_lossy().into_owned());
    if let Some(url) = url {
        // `clickhouse:` alone and with a path are allowed; the host is then
        // this machine.
        return match url.split_once(':') {
            Some((_, rest)) if !rest.starts_with("//") => {
                host_target("clickhouse", ("localhost", "connection string"), None)
            }
            _ => database_url::resolve(url, "connection string"),
        };
    }
    let config = Config::read(context, text("--config-file").as_deref());
    let hosts: Vec<String> = parsed
        .all("--host")
        .filter_map(|given| given.value)
        .map(|value| value.text.to_string_lossy().into_owned())
        .collect();
    let connection = text("--connection");
    let wanted = connection.clone().or_else(|| hosts.first().cloned());
    let entry = config.connections.iter().find(|entry| Some(&entry.name) == wanted.as_ref());
    let database = text("--database")
        .map(|name| (name, "--database"))
        .or_else(|| Some((entry?.database.clone()?, "the configuration")));
    let named = database.as_ref().map(|(name, source)| (name.as_str(), *source));
    let mut target = match (hosts.first(), entry.and_then(|entry| entry.host.as_deref())) {
        (Some(host), _) => host_target("clickhouse", (without_port(host), "--host"), named),
        (None, Some(host)) => host_target("clickhouse", (host, "--connection"), named),
        (None, None) => match (context.text_var("CLICKHOUSE_HOST"), &config.host) {
            (Some(host), _) => host_target("clickhouse", (&host, "CLICKHOUSE_HOST"), named),
            (None, Some(host)) => host_target("clickhouse", (host, "the configuration"), named),
            (None, None) => host_target("clickhouse", ("localhost", "the client's default"), named),
        },
    };
    // Several hosts are tried in turn; an entry of the same name may say that
    // the host is another.
    let behind_name = entry.and_then(|entry| entry.host.as_deref()).filter(|_| !hosts.is_empty());
    for (host, source) in hosts
        .iter()
        .skip(1)
        .map(|host| (without_port(host), "--host"))
        .chain(behind_name.map(|host| (host, "the configuration")))
    {
        let other = host_target("clickhouse", (host, source), None);
        if other.evidence.iter().any(|it| it.asserts.is_none()) {
            target.evidence.iter_mut().for_each(|it| it.asserts = None);
        }
        target.evidence.extend(other.evidence);
    }
    if let Some(name) = connection {
        target.evidence.push(Evidence::name(Kind::Service, "--connection", name));
        if entry.is_none() && hosts.is_empty() {
            target.gap = Some("the connection that it names is in no configuration".to_owned());
        }
    }
    if let Some(port) = text("--port") {
        target.evidence.push(Evidence::name(Kind::Port, "--port", port));
    }
    if let Some(why) = config.problem {
        target.gap = target.gap.or(Some(why));
    }
    for name in ["--host", "--connection", "--port", "--config-file"] {
        if parsed.all(name).filter_map(|given| given.value).any(|value| value.dynamic) {
            target.gap = Some(format!("the value of {name} is computed at run time"));
        }
    }
    target
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|it| it.is_ascii_digit()) => {
            name
        }
        _ => host,
    }
}

/// What a client's configuration says about where it connects.
#[derive(Debug, Default)]
struct Config {
    host: Option<String>,
    connections: Vec<Entry>,
    problem: Option<String>,
}

/// A named connection.
#[derive(Debug, Default)]
struct Entry {
    name: String,
    host: Option<String>,
    database: Option<String>,
}

impl Config {
    /// The file that `--config-file` names, else the first of those that the
    /// client looks for.
    fn read(context: &Context<'_>, named: Option<&str>) -> Config {
        let mut config = Config::default();
        let home = context.home().map(|home| home.join(".clickhouse-client"));
        let mut places = vec![context.resolve("clickhouse-client")];
        places.extend(home.map(|home| home.join("config")));
        places.push("/etc/clickhouse-client/config".into());
        let found = match named {
            Some(path) => Some(context.resolve(path)),
            None => places
                .iter()
                .flat_map(|place| {
                    ["xml", "yaml", "yml"].iter().map(|end| place.with_extension(end))
                })
                .find(|path| context.world.exists(path)),
        };
        let Some(path) = found else { return config };
        let bytes = match context.read(&path, CONFIG_LIMIT) {
            Ok(bytes) => bytes,
            Err(error) => {
                config.problem = Some(format!("{} cannot be read: {error}", path.display()));
                return config;
            }
        };
        if path.extension().is_some_and(|end| end != "xml") {
            let text = String::from_utf8_lossy(&bytes);
            if text.lines().any(|line| line.starts_with("host:") || line.contains("hostname:")) {
                config.problem = Some(format!("{} is YAML, which is not read", path.display()));
            }
            return config;
        }
        let leaves = xml::leaves(&String::from_utf8_lossy(&bytes));
        for (path, text) in leaves {
            let names: Vec<&str> = path.iter().map(String::as_str).collect();
            match names.as_slice() {
                [_, "host"] => config.host = Some(text),
                [_, "connections_credentials", "connection", field] => {
                    if *field == "name" {
                        config.connections.push(Entry { name: text, ..Entry::default() });
                    } else if let Some(entry) = config.connections.last_mut() {
                        match *field {
                            "hostname" => entry.host = Some(text),
                            "database" => entry.database = Some(text),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        config
    }
}
