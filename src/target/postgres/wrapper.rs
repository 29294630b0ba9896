//! Debian's pg_wrapper (postgresql-common 248), which stands behind
//! /usr/bin/psql and its siblings there: it takes `--cluster` out of the words
//! and chooses host, port and database from it, PGCLUSTER, `~/.postgresqlrc`
//! and user_clusters, before the real program sees them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::invocation::Context;

/// Where Debian installs it.
const WRAPPER: &str = "/usr/share/postgresql-common/pg_wrapper";
/// Bytes of its files that are read.
const LIMIT: usize = 1 << 20;

/// The variables that it sets for the real program.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chosen {
    /// PGHOST, replacing any.
    pub host: Option<String>,
    /// PGPORT, unless that is set.
    pub port: Option<String>,
    /// PGDATABASE, unless that is set.
    pub database: Option<String>,
    /// The cluster's own name, if it is one of this machine's.
    pub cluster: Option<String>,
    /// What said so.
    pub source: String,
}

/// What pg_wrapper would set, if it stands in front of this invocation and has
/// anything to say.
pub fn chosen(context: &Context<'_>) -> Option<Chosen> {
    let words = Words::read(context);
    let map = || (!words.host && !words.port).then(|| user_cluster(context)).flatten();
    let (cluster, database, source) = match words.cluster.clone() {
        Some((cluster, source)) => (cluster, None, source.to_owned()),
        None => map()?,
    };
    if !stands_in_front(context) {
        return None;
    }
    let place = cluster.split_once('/').map_or(cluster.as_str(), |(_, place)| place);
    let network = place
        .rsplit_once(':')
        .filter(|(host, port)| !host.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = network.is_none().then(|| place.to_owned());
    let (host, port) = match network {
        Some((host, "")) => (host.to_owned(), "5432".to_owned()),
        Some((host, port)) => (host.to_owned(), port.to_owned()),
        None => local(context, &cluster),
    };
    Some(Chosen { host: Some(host), port: Some(port), database, cluster: name, source })
}

/// What pg_wrapper finds in the words and variables.
struct Words {
    cluster: Option<(String, &'static str)>,
    host: bool,
    port: bool,
}

impl Words {
    fn read(context: &Context<'_>) -> Words {
        let mut words = Words {
            cluster: None,
            host: context.var("PGHOST").is_some(),
            port: context.text_var("PGPORT").is_some(),
        };
        if !words.host {
            words.cluster = context.text_var("PGCLUSTER").map(|value| (value, "PGCLUSTER"));
        }
        let mut argv = context.invocation.argv.iter().skip(1);
        while let Some(word) = argv.next() {
            let bytes = word.as_bytes();
            if bytes == b"--" {
                break;
            }
            let value = match bytes.strip_prefix(b"--cluster") {
                Some(b"") => argv.next().map(|word| word.as_bytes()),
                Some([b'=', value @ ..]) => Some(value),
                _ => None,
            };
            if let Some(value) = value {
                let value = String::from_utf8_lossy(value).into_owned();
                words.cluster = Some((value, "--cluster"));
                break;
            }
            if names_host(bytes) {
                words.cluster = None;
                words.host = true;
            }
            words.port |= names_port(bytes);
        }
        words
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `/^--host\b/ || /^-\w*h\w*$/`
fn names_host(word: &[u8]) -> bool {
    if let Some(rest) = word.strip_prefix(b"--host") {
        return rest.first().is_none_or(|byte| !is_word(*byte));
    }
    word.strip_prefix(b"-")
        .is_some_and(|rest| rest.contains(&b'h') && rest.iter().all(|byte| is_word(*byte)))
}

/// `/^--port\b/ || /^-\w*p(\d+)?$/`
fn names_port(word: &[u8]) -> bool {
    if let Some(rest) = word.strip_prefix(b"--port") {
        return rest.first().is_none_or(|byte| !is_word(*byte));
    }
    let Some(rest) = word.strip_prefix(b"-") else { return false };
    let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let letters = rest.get(..rest.len() - digits).unwrap_or_default();
    letters.last() == Some(&b'p') && letters.iter().all(|byte| is_word(*byte))
}

/// The entry of `~/.postgresqlrc` or user_clusters that applies: its cluster,
/// its database, and the file.
fn user_cluster(context: &Context<'_>) -> Option<(String, Option<String>, String)> {
    let own = context.home().map(|home| home.join(".postgresqlrc"));
    if let Some(found) = own.and_then(|path| entry(context, &path, 0)) {
        return Some((found.0, found.1, "~/.postgresqlrc".to_owned()));
    }
    let dir =
        context.text_var("PGSYSCONFDIR").unwrap_or_else(|| "/etc/postgresql-common".to_owned());
    let path = format!("{dir}/user_clusters");
    let found = entry(context, Path::new(&path), 2)?;
    Some((found.0, found.1, path))
}

/// The first line that applies, `skip` fields (user and group) in front of the
/// version, cluster and database. A group other than `*` is taken to be ours.
fn entry(context: &Context<'_>, path: &Path, skip: usize) -> Option<(String, Option<String>)> {
    let bytes = context.read(path, LIMIT).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    text.lines().find_map(|line| {
        let line = line.split('#').next().unwrap_or_default();
        let mut fields = line.split_ascii_whitespace();
        if skip > 0 {
            let user = fields.next()?;
            let _group = fields.next()?;
            if user != "*" && user != context.world.account_name() {
                return None;
            }
        }
        let (version, cluster, database) = (fields.next()?, fields.next()?, fields.next()?);
        let network = cluster.contains(':');
        let known = network || context.world.exists(&config(context, version, cluster));
        known.then(|| {
            (format!("{version}/{cluster}"), (database != "*").then(|| database.to_owned()))
        })
    })
}

fn config(context: &Context<'_>, version: &str, cluster: &str) -> PathBuf {
    let root = context.text_var("PG_CLUSTER_CONF_ROOT");
    Path::new(root.as_deref().unwrap_or("/etc/postgresql"))
        .join(version)
        .join(cluster)
        .join("postgresql.conf")
}

/// The socket directory and port of a cluster of this machine.
fn local(context: &Context<'_>, cluster: &str) -> (String, String) {
    let (version, name) = cluster.split_once('/').unwrap_or((cluster, "main"));
    let bytes = context.read(config(context, version, name), LIMIT).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let setting = |key: &str| {
        text.lines().rev().find_map(|line| {
            let rest = line.trim_ascii_start().strip_prefix(key)?;
            let rest = rest.trim_ascii_start().trim_start_matches('=').split('#').next()?;
            Some(rest.trim_ascii().trim_matches('\'').to_owned())
        })
    };
    let socket = setting("unix_socket_directories")
        .and_then(|dirs| dirs.split(',').next().map(|dir| dir.trim_ascii().to_owned()))
        .filter(|dir| dir.starts_with(['/', '@']));
    let port = setting("port").filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    (
        socket.unwrap_or_else(|| "/var/run/postgresql".to_owned()),
        port.filter(|port| !port.is_empty()).unwrap_or_else(|| "5432".to_owned()),
    )
}

/// Whether the program that would run is a link to pg_wrapper: the first of
/// that name on PATH that is not ours. Where that cannot be told, whether it is
/// installed at all.
fn stands_in_front(context: &Context<'_>) -> bool {
    let installed = || context.world.exists(Path::new(WRAPPER));
    let Some(word) = context.invocation.argv.first() else { return false };
    let canonical = |path: &Path| context.world.canonical(&context.resolve(path));
    let is = |path: &Path, name: &str| path.file_name() == Some(OsStr::new(name));
    if word.as_bytes().contains(&b'/') {
        let path = canonical(Path::new(word));
        return path
            .is_none_or(|path| is(&path, "pg_wrapper") || (is(&path, "holdpoint") && installed()));
    }
    let path = context.var("PATH").unwrap_or_default();
    let first = std::env::split_paths(&path)
        .filter_map(|dir| canonical(&dir.join(word)))
        .find(|path| !is(path, "holdpoint"));
    first.map_or_else(installed, |path| is(&path, "pg_wrapper"))
}
